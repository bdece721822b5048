"""Cascades as most would write them: a loop over a networkx graph, one at a time."""

import random
from pathlib import Path

import networkx as nx
import numpy as np
from influence_graphs import Graph, read
from route import Numbers, Route


__all__ = ["JOBS", "digraph", "size_numbers"]

CASCADES = 500


def digraph(graph: Graph) -> "nx.DiGraph[int]":
    """Make a directed graph with a strength on each edge."""
    made: nx.DiGraph[int] = nx.DiGraph()
    made.add_nodes_from(range(graph.n))
    made.add_weighted_edges_from(
        zip(
            graph.source.tolist(),
            graph.target.tolist(),
            graph.strength.tolist(),
            strict=True,
        ),
        weight="strength",
    )
    return made


def ready(path: Path) -> "tuple[nx.DiGraph[int], list[int]]":
    """Make the graph of a file, off the clock."""
    graph = read(path)
    return digraph(graph), graph.seeds.tolist()


def cascade(graph: "nx.DiGraph[int]", seeds: list[int], dice: random.Random) -> int:
    """Count whom one decision reaches."""
    reached, layer = set(seeds), seeds
    while layer:
        following = []
        for one in layer:
            for other, tie in graph.adj[one].items():
                if other not in reached and dice.random() < tie["strength"]:
                    reached.add(other)
                    following.append(other)
        layer = following
    return len(reached)


def play(given: "tuple[nx.DiGraph[int], list[int]]") -> list[int]:
    """Play some cascades out."""
    dice = random.Random(3)
    return [cascade(*given, dice) for _ in range(CASCADES)]


def size_numbers(sizes: list[int]) -> Numbers:
    """Give the mean and its standard error."""
    found = np.array(sizes, dtype=np.float64)
    return {
        "mean": found.mean(),
        "error": found.std(ddof=1) / found.size**0.5,
        "draws": np.array(found.size),
    }


JOBS = {"cascades": Route(play, size_numbers, ready)}
