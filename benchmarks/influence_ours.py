"""What this library does with a network, job by job, each on one of the graphs."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from influence_graphs import Graph, read
from numpy.typing import NDArray
from route import Numbers, Route
from scipy.sparse import csr_array

from customer_identification.influence.linear import (
    coefficients,
    settle,
)
from customer_identification.influence.maximize import (
    maximize_influence,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.seeds import (
    Seeds,
)
from customer_identification.influence.spread import (
    Spread,
    expected_spread,
)
from customer_identification.influence.value import (
    attributed_value,
    network_value,
)


__all__ = ["CASCADES", "CHOSEN", "JOBS", "network_of"]

CHOSEN = 50  # the usual number in the literature
EPSILON = 0.1
CASCADES = 10_000
LARGE, CASCADES_IF_LARGE = 100_000, 200  # parties; there one cascade takes long
FEW_SETS = 100_000  # the least that the defaults draw
NORMAL_95 = 1.959964


@frozen(eq=False)
class Ready:
    """A network with its ties in both directions, and what goes with it."""

    network: InfluenceNetwork
    graph: Graph
    worth: NDArray[np.float64]


def network_of(graph: Graph) -> InfluenceNetwork:
    """Make the network of a graph."""
    return InfluenceNetwork.from_edges(
        graph.source, graph.target, graph.strength, parties=np.arange(graph.n)
    )


def ready(path: Path) -> Ready:
    """Make the network of a file, off the clock."""
    graph = read(path)
    network = network_of(graph)
    _ = network.into
    return Ready(network, graph, graph.worth)


def maximize(given: Ready, **options: Any) -> Seeds:
    """Choose seeds."""
    return maximize_influence(
        given.network,
        k=min(CHOSEN, len(given.network)),
        epsilon=EPSILON,
        rng=1,
        **options,
    )


def seed_numbers(found: Seeds) -> Numbers:
    """Give the choice, and what it knows of itself."""
    certificate = found.certificate
    if certificate is None:
        raise AssertionError
    return {
        "seeds": np.array(found.seeds),
        "sets": np.array(certificate.sets),
        "guarantee": np.array(certificate.guarantee),
    }


def play(given: Ready) -> Spread:
    """Play cascades out from the seeds that the file names."""
    draws = CASCADES if given.graph.n < LARGE else CASCADES_IF_LARGE
    return expected_spread(
        given.network, given.graph.seeds.tolist(), draws=draws, rng=2
    )


def spread_numbers(found: Spread) -> Numbers:
    """Give the mean and its standard error."""
    half = (found.total.high - found.total.low) / 2
    return {
        "mean": np.array(found.total.value),
        "error": np.array(half / NORMAL_95),
        "draws": np.array(found.draws),
    }


def edges_of(path: Path) -> tuple[Any, ...]:
    """Give what a host would have: two columns of ids, one of strengths."""
    graph = read(path)
    return graph.source, graph.target, graph.strength, np.arange(graph.n)


def shuffled_edges_of(path: Path) -> tuple[Any, ...]:
    """Give the same in no order."""
    graph = read(path)
    order = np.random.Generator(np.random.PCG64(3)).permutation(graph.source.size)
    return (
        graph.source[order],
        graph.target[order],
        graph.strength[order],
        np.arange(graph.n),
    )


def build(edges: tuple[Any, ...]) -> InfluenceNetwork:
    """Make a network of columns."""
    *columns, parties = edges
    return InfluenceNetwork.from_edges(*columns, parties=parties)


def not_reversed(path: Path) -> Callable[[], InfluenceNetwork]:
    """Give a maker of networks that know one direction only, at no cost."""
    network = network_of(read(path))
    return partial(InfluenceNetwork, ids=network.ids, out=network.out)


def reverse(make: Callable[[], InfluenceNetwork]) -> InfluenceNetwork:
    """Turn the ties around."""
    network = make()
    _ = network.into
    return network


class Counting(csr_array):
    """A matrix that counts the products asked of it."""

    passes = 0

    def __matmul__(self, vector: Any) -> Any:
        self.passes += 1
        return super().__matmul__(vector)


def products_of(path: Path) -> tuple[Any, NDArray[np.float64], int]:
    """Give the matrix and the vector of the linear model, and how many products."""
    given = ready(path)
    matrix = coefficients(given.network, None)
    counting = Counting(matrix)
    settle(counting, given.worth)
    return matrix, given.worth, counting.passes


def multiply(given: tuple[Any, NDArray[np.float64], int]) -> int:
    """Multiply, and nothing else."""
    matrix, vector, passes = given
    for _ in range(passes):
        vector = matrix @ vector
    return passes


def nothing(_: Any) -> Numbers:
    """Give no numbers."""
    return {}


def value_route(run: Callable[..., Any], **options: Any) -> Route:
    """Make a route that values all parties of a ready network."""
    return Route(
        lambda given: run(given.network, given.worth, **options), nothing, ready
    )


JOBS = {
    "maximize": Route(maximize, seed_numbers, ready),
    "maximize_fixed": Route(
        partial(maximize, min_sets=FEW_SETS),
        seed_numbers,
        ready,
    ),
    "cascades": Route(play, spread_numbers, ready),
    "build": Route(build, nothing, edges_of),
    "build_shuffled": Route(build, nothing, shuffled_edges_of),
    "reverse": Route(reverse, nothing, not_reversed),
    "linear": value_route(network_value),
    "products": Route(
        multiply, lambda passes: {"passes": np.array(passes)}, products_of
    ),
    "network_ic": value_route(network_value, model="ic", rng=4),
    "attributed": value_route(attributed_value, rng=5),
}
