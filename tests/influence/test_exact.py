"""Exact numbers: the sum over all worlds, against sums written down from scratch."""

from fractions import Fraction
from math import prod

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.influence.exact import (
    MOST_PARTIES,
    exact_reach,
    exact_split,
    exact_spread,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.spread import (
    expected_spread,
)
from customer_identification.influence.strengths import (
    uniform_strength,
)
from customer_identification.influence.value import (
    attributed_value,
    network_value,
)
from influence.networks import edge_lists, network_of, refused, strengths_of
from influence.oracles import (
    MODELS,
    chances,
    chances_by_thresholds,
    diamond,
    fitted,
    made,
    network_values,
    shapley,
)


SMALL = settings(max_examples=40, deadline=None)
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def tied(edges, model):
    """Make the network that a model allows of drawn edges, and its strengths."""
    ties = fitted(strengths_of(network_of(edges)), model)
    return made(ties, edges.parties), ties


# --- worked examples -----------------------------------------------------------------


def test_in_the_diamond_chances_are_those_worked_out_by_hand():
    # 2: 1 - .6 (1 - .5 * .2) = .46; 4: half of 3.
    chance = expected_spread(made(diamond()), [0], exact=True).chance
    assert [chance[party] for party in range(5)] == pytest.approx(
        [1, 0.5, 0.46, 0.3792, 0.1896]
    )


VALUES = dict(enumerate([10, 20, 30, 40, 50]))


def test_in_the_diamond_each_party_is_worth_itself_and_whom_it_would_bring():
    network = made(diamond())
    worth = network_value(network, VALUES, model="ic", exact=True)
    assert list(worth.values()) == pytest.approx([58.448, 50.96, 69, 65, 50])
    for seed, value in worth.items():
        spread = expected_spread(network, [seed], value=VALUES, exact=True)
        assert spread.total.value == pytest.approx(value)


def test_in_the_diamond_the_value_of_all_is_shared_out():
    split = attributed_value(made(diamond()), VALUES, exact=True)
    expected = [27.779, 24.498, 34.167, 30.242, 33.314]
    assert list(split.values()) == pytest.approx(expected)
    assert split.total == pytest.approx(150)


def test_the_worked_examples_agree_with_sums_of_fractions():
    ties = {pair: Fraction(str(chance)) for pair, chance in diamond().items()}
    by_hand = chances(ties, [0], "ic")
    assert [by_hand[party] for party in range(5)] == [
        Fraction(text) for text in ("1", ".5", ".46", ".3792", ".1896")
    ]
    split = shapley(ties, VALUES, "ic")
    assert sum(split.values()) == 150
    assert split[0] == Fraction("27.779")


# --- against all worlds --------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=8), data=st.data())
@SMALL
def test_chances_to_be_reached_are_those_of_all_worlds(model, edges, data):
    network, ties = tied(edges, model)
    ids = network.ids.tolist()
    seeds = data.draw(st.lists(st.sampled_from(ids), max_size=3)) if ids else []
    found = expected_spread(network, seeds, model=model, exact=True)
    expected = chances(ties, seeds, model)
    assert dict(found.chance) == pytest.approx(
        {party: expected[party] for party in ids}, **CLOSE
    )
    assert found.total.value == pytest.approx(sum(expected.values()), **CLOSE)
    assert found.total.low == found.total.value == found.total.high
    assert found.draws == 0
    at = np.array([ids.index(one) for one in set(seeds)], int)
    assert exact_spread(network, model, at) == pytest.approx(found.chance.value)


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=8))
@SMALL
def test_chances_are_never_above_1_and_those_of_seeds_are_1(model, edges):
    network, _ = tied(edges, model)
    reach = exact_reach(network, model)
    assert np.diag(reach).tolist() == [1] * len(network)
    assert ((reach >= 0) & (reach <= 1)).all()
    for party in network.ids.tolist():
        chance = expected_spread(network, [party], model=model, exact=True).chance
        assert chance[party] == 1
        assert max(chance.values()) == 1


@given(edges=edge_lists(most=4, repeats=False, loops=False), data=st.data())
@SMALL
def test_linear_thresholds_are_what_their_definition_says(edges, data):
    network, ties = tied(edges, "lt")
    ids = network.ids.tolist()
    seeds = data.draw(st.lists(st.sampled_from(ids), max_size=2)) if ids else []
    found = expected_spread(network, seeds, model="lt", exact=True).chance
    expected = chances_by_thresholds(ties, seeds)
    assert dict(found) == pytest.approx({one: expected[one] for one in ids}, **CLOSE)


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=7), data=st.data())
@SMALL
def test_network_values_are_those_of_all_worlds(model, edges, data):
    network, ties = tied(edges, model)
    values = {one: data.draw(st.integers(-50, 99)) for one in edges.parties}
    found = network_value(network, values, model=model, exact=True)
    assert dict(found) == pytest.approx(network_values(ties, values, model), **CLOSE)
    assert found.own.tolist() == [values[one] for one in found]
    assert (found.low, found.high, found.confidence) == (None, None, None)
    reach = exact_reach(network, model)
    assert reach @ found.own == pytest.approx(found.value)


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=6), data=st.data())
@SMALL
def test_the_split_is_what_each_adds_on_average_over_all_orders(model, edges, data):
    network, ties = tied(edges, model)
    values = {one: data.draw(st.integers(-50, 99)) for one in edges.parties}
    found = attributed_value(network, values, model=model, exact=True)
    assert dict(found) == pytest.approx(shapley(ties, values, model), **CLOSE)
    assert found.total == pytest.approx(sum(values.values()), **CLOSE)
    assert exact_split(network, model, found.own) == pytest.approx(found.value)


# --- limits and promises -------------------------------------------------------------


@given(edges=edge_lists())
@SMALL
def test_with_strength_1_everybody_within_reach_is_reached(edges):
    network = uniform_strength(network_of(edges), 1)
    graph = network.to_networkx()
    for party in graph:
        found = expected_spread(network, [party], exact=True).chance
        within = nx.descendants(graph, party) | {party}
        assert dict(found) == {one: float(one in within) for one in graph}


@given(edges=edge_lists())
@SMALL
def test_with_strength_1_of_one_influencer_a_threshold_is_always_passed(edges):
    first = {other: (one, other) for one, other, _ in edges.edges if one != other}
    network = made(dict.fromkeys(first.values(), 1.0), edges.parties)
    graph = network.to_networkx()
    for party in graph:
        found = expected_spread(network, [party], model="lt", exact=True).chance
        within = nx.descendants(graph, party) | {party}
        assert dict(found) == {one: float(one in within) for one in graph}


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(), data=st.data())
@SMALL
def test_with_strength_0_everybody_has_its_own_value(model, edges, data):
    network = uniform_strength(network_of(edges), 0)
    values = {one: data.draw(st.floats(-1e9, 1e9)) for one in edges.parties}
    assert dict(network_value(network, values, model=model, exact=True)) == values
    assert dict(attributed_value(network, values, model=model, exact=True)) == values


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=7), data=st.data())
@SMALL
def test_a_stronger_tie_never_makes_anybody_less_likely_to_be_reached(
    model, edges, data
):
    stronger, ties = tied(edges, model)
    shares = st.sampled_from([0.0, 0.3, 0.9, 1.0])
    network = made(
        {pair: p * data.draw(shares) for pair, p in ties.items()}, edges.parties
    )
    less, more = exact_reach(network, model), exact_reach(stronger, model)
    assert (more >= less - 1e-12).all()


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=7), data=st.data())
@SMALL
def test_more_seeds_never_reach_less_and_add_less_to_more(model, edges, data):
    network, _ = tied(edges, model)
    ids = network.ids.tolist()
    if not ids:
        return
    some = data.draw(st.sets(st.sampled_from(ids)))
    more = some | data.draw(st.sets(st.sampled_from(ids)))
    one = data.draw(st.sampled_from(ids))

    def spread(seeds):
        return expected_spread(network, seeds, model=model, exact=True).total.value

    assert spread(more) >= spread(some) - 1e-12
    # Submodular (Kempe, Kleinberg & Tardos 2003, theorems 2.2 and 2.5).
    assert spread(some | {one}) - spread(some) >= spread(more | {one}) - spread(
        more
    ) - (1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_circles_loops_and_lonely_parties_do_not_matter_more_than_they_should(model):
    network = InfluenceNetwork.from_edges(
        ["a", "b", "c", "c"],
        ["b", "c", "a", "c"],
        [0.5, 0.5, 0.5, 0.9],
        parties=["x", "y"],
    )
    found = expected_spread(network, ["a", "x"], model=model, exact=True)
    assert dict(found.chance) == {"a": 1, "b": 0.5, "c": 0.25, "x": 1, "y": 0}


def test_an_undirected_tie_goes_both_ways():
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 0.5, "strength")
    assert dict(expected_spread(graph, [2], exact=True).chance) == {
        2: 1,
        1: 0.5,
        0: 0.25,
    }


# --- how large -----------------------------------------------------------------------


def test_ties_of_strength_0_and_1_and_lonely_parties_make_no_network_too_large():
    n = MOST_PARTIES
    parties = list(range(n))
    ring = InfluenceNetwork.from_edges(
        parties, [*parties[1:], 0], 1.0, parties=list(range(1_000))
    )
    assert expected_spread(ring, [5], exact=True).total.value == n
    none = ring.with_strength(np.zeros(n))
    assert expected_spread(none, [5], exact=True).total.value == 1


def test_a_party_more_is_too_many():
    parties = [f"SECRET-{at}" for at in range(MOST_PARTIES + 1)]
    ring = InfluenceNetwork.from_edges(parties, [*parties[1:], parties[0]], 1.0)
    for ask in (
        lambda: expected_spread(ring, parties[:1], exact=True),
        lambda: network_value(ring, dict.fromkeys(parties, 1), model="ic", exact=True),
        lambda: attributed_value(ring, dict.fromkeys(parties, 1), exact=True),
    ):
        refused(ask, "too_large")


@pytest.mark.parametrize("model", MODELS)
def test_too_many_worlds_are_refused_before_they_are_counted(model):
    path = InfluenceNetwork.from_edges(list(range(21)), list(range(1, 22)), 0.5)
    error = refused(
        lambda: expected_spread(path, [0], model=model, exact=True), "too_large"
    )
    assert "1,048,576" in str(error)


def test_worlds_are_counted_in_batches_that_add_up():
    strength = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
    path = InfluenceNetwork.from_edges(list(range(13)), list(range(1, 14)), strength)
    found = expected_spread(path, [0], exact=True).chance
    expected = [prod(strength[:hops]) for hops in range(14)]
    assert list(found.values()) == pytest.approx(expected)


def test_strengths_written_down_with_six_digits_add_up_to_1():
    network = InfluenceNetwork.from_edges([1, 2, 3], [4, 4, 4], [0.333334] * 3)
    found = expected_spread(network, [1, 2, 3], model="lt", exact=True).chance
    assert found[4] == pytest.approx(1, abs=1e-9)
