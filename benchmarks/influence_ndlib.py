"""Cascades of ndlib, which looks at every node of the graph in every step."""

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

from influence_graphs import read
from influence_networkx import digraph, size_numbers
from ndlib.models import ModelConfig
from ndlib.models.epidemics import IndependentCascadesModel
from route import Route


__all__ = ["JOBS"]

CASCADES = 20
SPREADING, DONE = 1, 2  # ndlib's names: infected, removed


def ready(path: Path) -> tuple[Any, list[int]]:
    """Make the model, off the clock, as ndlib's documentation does."""
    graph = read(path)
    ties = digraph(graph)
    config = ModelConfig.Configuration()
    for one, other, strength in ties.edges(data="strength"):
        config.add_edge_configuration("threshold", (one, other), strength)
    config.add_model_initial_configuration("Infected", graph.seeds.tolist())
    model = IndependentCascadesModel(ties, seed=4)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        model.set_initial_status(config)
    return model, graph.seeds.tolist()


def play(given: tuple[Any, list[int]]) -> list[int]:
    """Play a few cascades out."""
    model, seeds = given
    sizes = []
    for _ in range(CASCADES):
        model.reset(infected_nodes=seeds)
        found = model.iteration(node_status=False)["node_count"]
        while found[SPREADING]:
            found = model.iteration(node_status=False)["node_count"]
        sizes.append(found[DONE])
    return sizes


JOBS = {"cascades": Route(play, size_numbers, ready)}
