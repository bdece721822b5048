"""The same answer for any order of nodes and edges, hash seed and global chance.

Run as a script it prints a digest of what each public function makes of one network,
built in one of several orders; the tests below run it under several hash seeds.
"""

import hashlib
import random
import subprocess
import sys
from datetime import date

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import customer_identification as ci


NAMES = ["ann", "Bob", "ž", "c1", "c10", "c2", "eve", "fay", "gus", "lone"]
ORDERS = range(4)
# One row a tie, with strengths weak and strong, in circles and both ways.
TIES = [
    ("ann", "Bob", 0.5),
    ("Bob", "ann", 0.25),
    ("ann", "ž", 0.1),
    ("ann", "c1", 0.05),
    ("Bob", "c10", 0.3),
    ("ž", "c10", 0.3),
    ("c10", "c2", 1.0),
    ("c2", "eve", 0.15),
    ("eve", "c10", 0.2),
    ("c1", "fay", 0.4),
    ("fay", "gus", 0.4),
    ("c1", "gus", 0.16),
    ("gus", "ann", 0.1),
]


def graph_in(order):
    """Build the graph with nodes and edges in another order, or the other way round."""
    nodes, ties = list(NAMES), list(TIES)
    dice = random.Random(order)  # noqa: S311 - an order, not a secret
    if order:
        dice.shuffle(nodes)
        dice.shuffle(ties)
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    for one, other, strength in ties:
        graph.add_edge(one, other, strength=strength)
    return graph


def relationships_in(order):
    """Give the same ties as lines of evidence, some of them twice over."""
    lines = [
        ci.Relationship(
            source_id=one,
            target_id=other,
            kind=kind,
            date=date(2011, 1 + at % 9, 1),
            source="form",
            strength=strength if kind == "friend" else None,
        )
        for at, (one, other, strength) in enumerate(TIES)
        for kind in (["friend", "family"] if at % 3 else ["friend"])
    ]
    random.Random(order).shuffle(lines)  # noqa: S311
    return lines


def log_in(order):
    """Give a log of who did what and when."""
    rows = [
        (name, f"a{action}", pd.Timestamp(2011, 1, 1 + (at * 7 + action * 5) % 11))
        for at, name in enumerate(NAMES)
        for action in range(3)
    ]
    random.Random(order).shuffle(rows)  # noqa: S311
    return pd.DataFrame(rows, columns=["party_id", "action", "date"])


def pictures(values):
    """Give exact texts of numbers by party."""
    parts = [getattr(values, name) for name in ("value", "own", "low", "high")]
    return [list(values), *[None if part is None else part.tolist() for part in parts]]


def answers(order):
    """Ask every public function that takes a network."""
    graph = graph_in(order)
    dice = random.Random(order)  # noqa: S311
    names = dice.sample(NAMES, len(NAMES))
    value = {name: 10.5 * len(name) + ord(name[0]) for name in names}
    cost = {name: 1 + NAMES.index(name) % 3 for name in names}
    some = [name for name in names if name in {"ann", "c1", "eve"}]
    lt = ci.weighted_cascade(graph)
    fused = ci.influence_network(relationships_in(order), as_of="2011-12-31")
    for which in (graph, ci.InfluenceNetwork.from_networkx(graph), fused):
        network = ci.InfluenceNetwork.from_networkx(graph) if which is graph else which
        yield network.ids.tolist()
        yield network.out.others.tolist()
        yield network.out.strength.tolist()
    yield [str(line) for line in fused.evidence("Bob", "ann")]
    for name in NAMES:
        for ask in (ci.influencers_of, ci.influenced_by):
            yield [
                (link.party_id, link.path, link.strength)
                for link in ask(graph, name, min_strength=0.001).values()
            ]
    paths = ci.strongest_paths(graph, "ann", "eve", 3, min_strength=1e-6)
    yield [(link.path, link.strength) for link in paths]
    homes = ci.groups_of(fused, ["family"])
    yield [homes.group_of(name) for name in sorted(NAMES) if name != "lone"]
    yield ci.group_network(fused, homes).out.strength.tolist()
    yield ci.learn_strength(graph, log_in(order)).out.strength.tolist()
    yield ci.uniform_strength(graph, 0.3).out.others.tolist()
    yield pictures(ci.network_value(graph, value))
    minds = {name: 0.1 * len(name) for name in names}
    yield pictures(ci.adoption_probability(graph, minds))
    for model, network in (("ic", graph), ("lt", lt)):
        how = {"model": model, "rng": 5}
        yield pictures(ci.network_value(network, value, samples=500, **how))
        yield pictures(ci.attributed_value(network, value, samples=500, **how))
        yield pictures(ci.network_value(network, value, exact=True, model=model))
        yield pictures(ci.attributed_value(network, value, exact=True, model=model))
        for exact in (False, True):
            spread = ci.expected_spread(
                network, some, value=value, draws=300, exact=exact, **how
            )
            yield str(spread.total), pictures(spread.chance)
        risk = ci.value_at_risk(network, value, leaving=some, draws=300, **how)
        yield str(risk), risk.dependents, pictures(risk.expected)
        few = {"min_sets": 500, "max_sets": 1_000, **how}
        for seeds in (
            ci.maximize_influence(network, k=3, exclude=some, **few),
            ci.maximize_influence(network, budget=5, cost=cost, value=value, **few),
        ):
            yield seeds.seeds, seeds.gains.tolist(), str(seeds.certificate)
        saved = ci.protect(network, value, leaving=["ann"], k=2, draws=200, **how)
        yield saved.protected, saved.gains.tolist(), str(saved.after)
        sets = ci.reachable_sets(network, list(range(10)), 7, model=model)
        yield sets.members.tolist(), sets.start.tolist()
    own = ci.maximize_spread(
        lambda seeds: ci.expected_spread(graph, seeds, exact=True).total.value,
        NAMES,
        k=1,
    )
    yield own.seeds, own.gains.tolist()


def digest(order):
    """Give a short text that differs as soon as one answer does in its last digit."""
    random.seed(order + 1)
    np.random.seed(order + 1)  # noqa: NPY002 - global state must not matter
    said = "\n".join(repr(answer) for answer in answers(order))
    return hashlib.sha256(said.encode()).hexdigest()


def test_in_any_order_the_answers_are_the_same_to_the_last_digit():
    assert len({digest(order) for order in ORDERS}) == 1


@pytest.mark.parametrize("hash_seed", range(6))
def test_under_any_hash_seed_the_answers_are_the_same(hash_seed):
    done = subprocess.run(  # noqa: S603 - our own interpreter and file
        [sys.executable, __file__, *map(str, ORDERS)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONHASHSEED": str(hash_seed), "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [digest(0)] * len(ORDERS)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        sys.stdout.write(digest(int(given)) + "\n")
