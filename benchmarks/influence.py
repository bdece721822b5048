"""Measure the influence room beside cynetdiff, ndlib and a plain networkx loop.

Every route runs on the same two graphs in a fresh process of its own, in turn, round
after round; whom a route chose is judged here, by one simulation. See README.md.
"""

import argparse
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen
from influence_graphs import Graph, nethept, power_law
from influence_ours import CHOSEN, network_of
from rounds import Entry, Measured, numbers_path, run_rounds

from customer_identification.influence.spread import (
    expected_spread,
)


__all__: list[str] = []

WARM_PARTIES, WARM_TIES = 300, 2_000
PARTIES, RELATIONS = 1_000_000, 10_000_000
JUDGED_BY = {"nethept": 50_000, "million": 200}  # cascades

OURS = Entry("customer_identification", "influence_ours", "maximize", "path")
FIXED = Entry("... of 100,000 sets", "influence_ours", "maximize_fixed", "path")
CELF = Entry("cynetdiff, CELF", "influence_cynetdiff", "maximize", "path")
CASCADES = [
    Entry("customer_identification", "influence_ours", "cascades", "path"),
    Entry("cynetdiff", "influence_cynetdiff", "cascades", "path"),
    Entry("networkx, a loop", "influence_networkx", "cascades", "path"),
    Entry("ndlib", "influence_ndlib", "cascades", "path"),
]
PRODUCTS = Entry("its matrix products alone", "influence_ours", "products", "path")
VALUES = [
    PRODUCTS,
    Entry("network_value, linear", "influence_ours", "linear", "path"),
    Entry("network_value, ic", "influence_ours", "network_ic", "path"),
    Entry("attributed_value, ic", "influence_ours", "attributed", "path"),
    Entry("from_edges, sorted", "influence_ours", "build", "path"),
    Entry("from_edges, shuffled", "influence_ours", "build_shuffled", "path"),
    Entry(".into", "influence_ours", "reverse", "path"),
]


@frozen
class Place:
    """A graph, the file it is kept in, and a small one to warm up with."""

    name: str
    graph: Graph
    store: Path
    warm: Path

    def run(self, entries: Iterable[Entry], rounds: int) -> Mapping[Entry, Measured]:
        """Measure in fresh processes."""
        return run_rounds(list(entries), self.store, self.warm, rounds)

    def numbers(self, entry: Entry) -> Mapping[str, Any]:
        """Read what a route left."""
        with np.load(numbers_path(self.store, entry)) as kept:
            return {name: kept[name] for name in kept.files}


def show(label: str, *cells: str) -> None:
    """Print a line of a table."""
    print(f"{label:<34}" + "".join(f" {cell:>11}" for cell in cells))


def cost(measured: Measured, ours: Measured) -> list[str]:
    """Give CPU seconds, peak and the multiple of ours."""
    low = min(measured.cpu)
    return [
        f"{low:.3f}",
        f"{max(measured.peak_mb):.0f}",
        f"{low / min(ours.cpu):.2f}",
    ]


def show_seeds(place: Place, rounds: int, slow: Iterable[Entry] = ()) -> None:
    """Print what choosing cost and what was found; leave our seeds for the cascades."""
    found = {**place.run([OURS, FIXED], rounds), **place.run(slow, 1)}
    network = network_of(place.graph)
    print()
    show(
        f"{CHOSEN} seeds", "CPU s", "peak MB", "x ours", "spread", "+-", "sets", "share"
    )
    for entry, measured in found.items():
        numbers = place.numbers(entry)
        judged = expected_spread(
            network, numbers["seeds"].tolist(), draws=JUDGED_BY[place.name], rng=11
        ).total
        known = (
            [f"{int(numbers['sets']):,}", f"{float(numbers['guarantee']):.3f}"]
            if "sets" in numbers
            else []
        )
        show(
            f"  {entry.label}",
            *cost(measured, found[OURS]),
            f"{judged.value:,.1f}",
            f"{(judged.high - judged.low) / 2:.1f}",
            *known,
        )
    seeds = place.numbers(OURS)["seeds"]
    evolve(place.graph, seeds=seeds).write(place.store)


def show_cascades(place: Place, entries: list[Entry], rounds: int) -> None:
    """Print what a cascade costs, and the mean of its reach with a standard error."""
    found = place.run(entries, rounds)
    numbers = {entry: place.numbers(entry) for entry in found}
    each = {
        entry: min(one.cpu) * 1e6 / int(numbers[entry]["draws"])
        for entry, one in found.items()
    }
    print()
    show("a cascade", "CPU us", "peak MB", "x ours", "mean reach", "error", "cascades")
    for entry, measured in found.items():
        show(
            f"  {entry.label}",
            f"{each[entry]:,.0f}",
            f"{max(measured.peak_mb):.0f}",
            f"{each[entry] / each[entries[0]]:.2f}",
            f"{float(numbers[entry]['mean']):,.1f}",
            f"{float(numbers[entry]['error']):.1f}",
            f"{int(numbers[entry]['draws']):,}",
        )


def show_values(place: Place, rounds: int) -> None:
    """Print what the value of all parties costs, and making the network."""
    found = place.run(VALUES, rounds)
    passes = int(place.numbers(PRODUCTS)["passes"])
    print()
    show("all parties", "CPU s", "peak MB", f"x {passes} passes")
    for entry, measured in found.items():
        show(f"  {entry.label}", *cost(measured, found[PRODUCTS]))


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["nethept", "million"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--parties", type=int, default=PARTIES)
    parser.add_argument("--relations", type=int, default=RELATIONS)
    parser.add_argument(
        "--skip-celf", action="store_true", help="spare a minute or two"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        warm = Path(directory, "warm.npz")
        power_law(WARM_PARTIES, WARM_TIES, CHOSEN, asked.seed + 1).write(warm)

        def place(name: str, graph: Graph) -> Place:
            store = Path(directory, name, "graph.npz")
            store.parent.mkdir()
            graph.write(store)
            print(f"\n{name}: {graph}")
            return Place(name, graph, store, warm)

        if asked.only != "million" and (graph := nethept(CHOSEN)):
            here = place("nethept", graph)
            show_seeds(here, asked.rounds, () if asked.skip_celf else (CELF,))
            show_cascades(here, CASCADES, asked.rounds)
        if asked.only != "nethept":
            here = place(
                "million", power_law(asked.parties, asked.relations, CHOSEN, asked.seed)
            )
            show_seeds(here, asked.rounds)
            show_cascades(here, CASCADES[:1], asked.rounds)
            show_values(here, asked.rounds)


if __name__ == "__main__":
    main()
