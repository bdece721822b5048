"""Cascades and seeds by cynetdiff, whose loop over one cascade is compiled C++."""

import heapq
from array import array
from pathlib import Path

import numpy as np
from cynetdiff.models import IndependentCascadeModel
from influence_graphs import read
from influence_ours import CASCADES, CHOSEN
from route import Numbers, Route


__all__ = ["JOBS"]

TRIALS = 1_000  # a candidate, as in the package's own examples
CASCADES_A_CALL = 100

Ready = tuple[IndependentCascadeModel, int, list[int]]


def ready(path: Path) -> Ready:
    """Make the model of a file, off the clock; it takes rows without their end."""
    graph = read(path)
    start = np.searchsorted(graph.source, np.arange(graph.n))
    model = IndependentCascadeModel(
        array("I", start.tolist()),
        array("I", graph.target.tolist()),
        activation_probs=array("f", graph.strength.tolist()),
        rng=5,
    )
    return model, graph.n, graph.seeds.tolist()


def celf(given: Ready) -> list[int]:
    """Choose greedily; gains found earlier are bounds (Leskovec et al. 2007)."""
    model, n, _ = given
    first = (model.compute_marginal_gains([], [one], TRIALS)[1] for one in range(n))
    heap = [(-gain, one, 0) for one, gain in enumerate(first)]
    heapq.heapify(heap)
    chosen: list[int] = []
    while len(chosen) < min(CHOSEN, n):
        _, one, asked = heapq.heappop(heap)
        if asked == len(chosen):
            chosen.append(one)
            continue
        gain = model.compute_marginal_gains(chosen, [one], TRIALS)[1]
        heapq.heappush(heap, (-gain, one, len(chosen)))
    return chosen


def play(given: Ready) -> list[float]:
    """Play cascades out, many a call: the loop over them is compiled too."""
    model, _, seeds = given
    return [
        model.compute_marginal_gains(seeds, [], CASCADES_A_CALL)[0]
        for _ in range(CASCADES // CASCADES_A_CALL)
    ]


def mean_numbers(means: list[float]) -> Numbers:
    """Give the mean and its standard error from means of equally many cascades."""
    found = np.array(means)
    return {
        "mean": found.mean(),
        "error": found.std(ddof=1) / found.size**0.5,
        "draws": np.array(found.size * CASCADES_A_CALL),
    }


JOBS = {
    "maximize": Route(celf, lambda seeds: {"seeds": np.array(seeds)}, ready),
    "cascades": Route(play, mean_numbers, ready),
}
