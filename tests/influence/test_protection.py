"""Whom to hold, against networks in which everybody's loss can be worked out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import InfluenceNetwork, UnknownCustomerError, protect
from customer_identification.influence.protection import (
    _Follow,
)
from influence.networks import edge_lists, network_of, refused


def expected_loss(edges, value, leaving, protected=()):
    """Add up what is lost over all ways to play out, by plain sets."""
    total = 0.0
    for alive in product((True, False), repeat=len(edges)):
        chance, lost = 1.0, set(leaving) - set(protected)
        for (_, _, strength), lives in zip(edges, alive, strict=True):
            chance *= strength if lives else 1 - strength
        while True:
            more = {
                two
                for (one, two, _), lives in zip(edges, alive, strict=True)
                if lives and one in lost and two not in protected
            }
            if more <= lost:
                break
            lost |= more
        total += chance * sum(value[one] for one in lost)
    return total


DIAMOND = [
    (0, 1, 0.5),
    (0, 2, 0.4),
    (1, 3, 0.3),
    (2, 3, 0.6),
    (1, 2, 0.2),
    (3, 4, 0.5),
]
VALUE = {0: 10, 1: 20, 2: 30, 3: 40, 4: 500}


def made_of(edges):
    return InfluenceNetwork.from_edges(*map(list, zip(*edges, strict=True)))


def test_the_bridge_is_protected_first_and_the_loss_is_that_of_all_worlds():
    found = protect(made_of(DIAMOND), VALUE, leaving=[0], k=2, draws=20_000, rng=3)
    before = expected_loss(DIAMOND, VALUE, [0])
    least = min(
        (expected_loss(DIAMOND, VALUE, [0], [one]), one) for one in (1, 2, 3, 4)
    )
    assert found.protected[0] == least[1]
    after = expected_loss(DIAMOND, VALUE, [0], found.protected)
    assert found.before.low < before < found.before.high
    assert found.after.low < after < found.after.high
    assert found.gains.sum() == pytest.approx(found.before.value - found.after.value)


def test_who_leaves_can_be_held_too_where_that_is_asked_for():
    found = protect(made_of(DIAMOND), VALUE, leaving=[0], k=2, candidates=[0, 1], rng=1)
    assert found.protected == (0,)  # then nobody leaves, and nobody else saves anything
    assert (found.after.value, found.after.high) == (0, 0)


def test_nobody_is_protected_where_nothing_can_be_saved():
    found = protect(made_of([(0, 1, 0.0)]), {0: 5, 1: 9}, leaving=[0], k=1, rng=1)
    assert (found.protected, len(found)) == ((), 0)
    assert str(found) == "loss 5, with 0 protected 5"


def test_those_excluded_are_left_out_and_ties_go_to_the_smaller_id():
    fan = made_of([(9, one, 1.0) for one in (1, 2, 3)])
    value = dict.fromkeys((1, 2, 3, 9), 1)
    assert protect(fan, value, leaving=[9], k=2, rng=1).protected == (1, 2)
    found = protect(fan, value, leaving=[9], k=2, exclude=[1], rng=1)
    assert found.protected == (2, 3)


def test_progress_is_told():
    told = []
    fan = made_of([(9, one, 1.0) for one in (1, 2, 3)])
    value = dict.fromkeys((1, 2, 3, 9), 1)
    protect(
        fan, value, leaving=[9], k=2, rng=1, progress=lambda *words: told.append(words)
    )
    assert told == [("protected", 1, 2), ("protected", 2, 2)]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(edge_lists().filter(lambda drawn: drawn.parties), st.integers(0, 2**20))
def test_what_a_party_saves_is_what_is_not_lost_without_it(edges, seed):
    """Dominators against removing each party in turn and playing out again."""
    network = network_of(edges)
    n = len(network)
    dice = np.random.Generator(np.random.PCG64(seed))
    worth = dice.integers(0, 9, n).astype(float)
    leaving = np.unique(dice.integers(0, n, 2))
    worlds = _Follow(network, "ic", leaving, 5, dice)
    nobody = np.empty(0, np.intp)
    savings = worlds.savings(worth, nobody)
    lost = worlds.losses(worth, nobody).sum()
    for party in range(n):
        less = worlds.losses(worth, np.array([party])).sum()
        assert savings[party] == pytest.approx(lost - less)
    once = np.array([0])
    for party in range(1, n):
        both = worlds.losses(worth, np.array([0, party])).sum()
        further = worlds.savings(worth, once)[party]
        assert further == pytest.approx(worlds.losses(worth, once).sum() - both)


@pytest.mark.parametrize("model", ["ic", "lt"])
def test_strengths_of_1_make_a_chain_that_breaks_at_its_first_link(model):
    chain = made_of([(1, 2, 1.0), (2, 3, 1.0), (3, 4, 1.0)])
    value = {1: 1, 2: 10, 3: 100, 4: 1000}
    found = protect(chain, value, leaving=[1], k=3, model=model, rng=1)
    assert found.protected == (2,)
    assert found.gains.tolist() == [1110.0]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"leaving": []}, "nobody_leaves"),
        ({"k": 4}, "too_large"),
        ({"k": 0}, "bad_option"),
        ({"draws": 1}, "bad_option"),
        ({"rng": None}, "bad_rng"),
        ({"model": "x"}, "unknown_model"),
        ({"confidence": 1}, "bad_option"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, code):
    fan = made_of([(9, one, 1.0) for one in (1, 2, 3)])
    value = dict.fromkeys((1, 2, 3, 9), 1)
    asked = {"leaving": [9], "k": 1, "rng": 1, **options}
    refused(lambda: protect(fan, value, **asked), code)


def test_nobody_unknown_can_leave():
    with pytest.raises(UnknownCustomerError):
        protect(made_of(DIAMOND), VALUE, leaving=[77], k=1, rng=1)


def test_repr_counts_and_names_nobody():
    found = protect(made_of(DIAMOND), VALUE, leaving=[0], k=2, rng=3)
    assert "protected=2" in repr(found)
