"""Cascades played out: the right mean, an honest interval, the same dice."""

from math import inf, nan

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from customer_identification import UnknownCustomerError
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.spread import (
    Estimate,
    Reach,
    expected_spread,
    mean_of,
    play_out,
    quantile,
)
from customer_identification.influence.strengths import (
    uniform_strength,
)
from customer_identification.options import generator
from influence.networks import edge_lists, network_of, refused, strengths_of
from influence.oracles import KINDS, MODELS, chances, drawn, far_off, fitted, made


SMALL = settings(max_examples=40, deadline=None)


# --- against all worlds --------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_party_is_reached_as_often_as_all_worlds_say(model, kind, seed):
    ties = fitted(drawn(kind, seed), model)
    n = 30_000
    for seeds in ([seed], [0, 4]):
        found = expected_spread(
            made(ties, range(6)), seeds, model=model, draws=n, rng=seed
        )
        expected = chances(ties, seeds, model)
        chance = np.array([float(expected[party]) for party in range(6)])
        assert not far_off(found.chance.value * n, n, chance).any()
        half = (found.total.high - found.total.low) / 2
        assert abs(found.total.value - chance.sum()) <= 5 * half / 1.96 + 1e-12
        assert found.total.value == pytest.approx(found.chance.total)
        assert found.chance.value[seeds].tolist() == [1] * len(seeds)


def test_two_hundred_weak_ties_of_a_seed_are_each_hit_with_their_own_strength():
    rng = np.random.Generator(np.random.PCG64(6))
    strength = rng.uniform(0, 0.2, 200)
    strength[:3] = 0.2, 1e-4, 0
    network = InfluenceNetwork.from_edges([0] * 200, list(range(1, 201)), strength)
    n = 40_000
    chance, sums = play_out(network, "ic", np.array([0]), np.ones(201), generator(5), n)
    assert not far_off(chance[1:] * n, n, strength).any()
    # Each die is thrown apart from the others: the sum varies as a sum of dice does.
    variance = (strength * (1 - strength)).sum()
    assert sums.var() == pytest.approx(variance, rel=5 * (2 / n) ** 0.5)


@pytest.mark.parametrize("n_weak", [1, 5, 200])
def test_who_is_reached_over_many_weak_paths_is_reached_by_one_of_them_at_least(n_weak):
    rng = np.random.Generator(np.random.PCG64(7))
    first, second = rng.uniform(0, 0.2, (2, n_weak))
    between = list(range(1, n_weak + 1))
    network = InfluenceNetwork.from_edges(
        [0] * n_weak + between, between + [-1] * n_weak, [*first, *second]
    )
    n = 20_000
    found = expected_spread(network, [0], draws=n, rng=3).chance
    assert not far_off(found[-1] * n, n, 1 - np.prod(1 - first * second))


def test_parties_in_one_layer_keep_their_own_ties_whether_weak_or_strong():
    # Seeds 0 (weak and different), 1 (strong), 2 (weak and alike), 3 (nobody).
    ties = {(0, 10 + at): 0.01 * (at + 1) for at in range(20)}
    ties |= {(1, 40 + at): 0.05 * (at + 1) for at in range(20)}
    ties |= {(2, 70 + at): 0.1 for at in range(20)}
    n = 20_000
    found = expected_spread(made(ties, [3]), range(4), draws=n, rng=4).chance
    for (_, party), strength in ties.items():
        assert not far_off(found[party] * n, n, min(strength, 1))


# --- the interval --------------------------------------------------------------------


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_intervals_contain_the_truth_as_often_as_they_say(confidence):
    network = made(drawn("strong", 3), range(6))
    truth = expected_spread(network, [0], exact=True).total.value
    runs = 200
    covered = 0
    for rng in range(runs):
        total = expected_spread(
            network, [0], draws=400, confidence=confidence, rng=rng
        ).total
        covered += total.low <= truth <= total.high
    assert binom.cdf(covered, runs, confidence) > 1e-3
    assert binom.sf(covered - 1, runs, confidence) > 1e-3


def test_what_hardly_ever_happens_is_not_ruled_out_because_no_draw_hit_it():
    network = InfluenceNetwork.from_edges([1], [2], 1e-4)
    value = {1: 0, 2: 1e6}
    runs = 100
    totals = [
        expected_spread(network, [1], value=value, draws=2_000, rng=rng).total
        for rng in range(runs)
    ]
    covered = sum(total.low <= 100 <= total.high for total in totals)
    assert binom.cdf(covered, runs, 0.95) > 1e-3
    assert all(total.low < total.high for total in totals)


def test_what_is_certain_has_no_width():
    network = InfluenceNetwork.from_edges([1, 1, 2], [2, 3, 4], [1.0, 0.0, 1.0])
    total = expected_spread(network, [1], rng=1).total
    assert total == Estimate(3, 3, 3)
    assert str(total) == "3"
    everybody = expected_spread(network, [1, 2, 3, 4], rng=1).total
    assert everybody == Estimate(4, 4, 4)


def test_four_times_the_draws_make_half_the_interval():
    network = made(drawn("strong", 3), range(6))

    def width(draws):
        total = expected_spread(network, [0], draws=draws, rng=1).total
        return total.high - total.low

    assert width(40_000) == pytest.approx(width(10_000) / 2, rel=0.05)


def test_the_mean_of_draws_has_the_normal_interval():
    # By hand: mean 2, squares 2 of 3 draws, so 1.96 * sqrt(2 / 2 / 3).
    draws = np.array([1.0, 2.0, 3.0])
    found = mean_of(draws, 0.95, Reach(0, -9, 9))
    assert found.value == 2
    assert found.high - 2 == pytest.approx(1.959964 * 3**-0.5, rel=1e-6)
    assert 2 - found.low == pytest.approx(1.959964 * 3**-0.5, rel=1e-6)
    # No further than what can be reached, at worst and at best.
    assert mean_of(draws, 0.95, Reach(0, 1.5, 2.5)) == Estimate(2, 1.5, 2.5)
    # One imagined draw, 4 away: squares 2 + 16.
    wider = mean_of(draws, 0.95, Reach(4, -9, 9))
    assert wider.high - 2 == pytest.approx(1.959964 * 3**0.5, rel=1e-6)
    # Standard normal table: 1.645, 1.960, 2.576.
    assert [round(quantile(one), 3) for one in (0.9, 0.95, 0.99)] == [
        1.645,
        1.96,
        2.576,
    ]


def test_an_estimate_says_what_it_is():
    assert str(Estimate(1234.5678, 1200, 1300)) == "1,234.57 (1,200 to 1,300)"
    assert Estimate(1.0, 0.5, 2.0) + 10 == Estimate(11.0, 10.5, 12.0)
    spread = expected_spread(made(drawn("strong", 3), range(6)), [0], rng=1)
    assert str(spread) == str(spread.total)
    assert "chance" not in repr(spread)


# --- promises ------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(), data=st.data())
@SMALL
def test_the_same_answer_for_any_order_of_ties_seeds_and_values(model, edges, data):
    ties = fitted(strengths_of(network_of(edges)), model)
    values = {one: data.draw(st.integers(-9, 9)) for one in edges.parties}
    seeds = (
        data.draw(st.lists(st.sampled_from(edges.parties), max_size=4))
        if values
        else []
    )

    def ask(ties, parties, values, seeds):
        return expected_spread(
            made(dict(ties), parties),
            seeds,
            model=model,
            value=dict(values),
            draws=50,
            rng=3,
        )

    one = ask(ties.items(), edges.parties, values.items(), seeds)
    np.random.seed(1)  # noqa: NPY002 - global state must not matter
    other = ask(
        data.draw(st.permutations(list(ties.items()))),
        edges.parties[::-1],
        reversed(values.items()),
        [*seeds[::-1], *seeds],
    )
    assert one == other


@given(edges=edge_lists())
@SMALL
def test_with_strengths_of_0_and_1_everybody_within_reach_is_reached(edges):
    network = network_of(edges)
    network = network.with_strength(network.out.strength.round())
    graph = nx.DiGraph([pair for pair, p in strengths_of(network).items() if p == 1])
    graph.add_nodes_from(edges.parties)
    for party in edges.parties:
        found = expected_spread(network, [party], draws=3, rng=1).chance
        within = nx.descendants(graph, party) | {party}
        assert dict(found) == {one: float(one in within) for one in graph}


@given(edges=edge_lists())
@SMALL
def test_a_threshold_of_one_influencer_with_strength_1_is_always_passed(edges):
    first = {other: (one, other) for one, other, _ in edges.edges if one != other}
    network = made(dict.fromkeys(first.values(), 1.0), edges.parties)
    graph = network.to_networkx()
    for party in graph:
        found = expected_spread(network, [party], model="lt", draws=3, rng=1).chance
        within = nx.descendants(graph, party) | {party}
        assert dict(found) == {one: float(one in within) for one in graph}


@pytest.mark.parametrize("model", MODELS)
def test_with_strength_0_nobody_else_is_reached(model):
    network = uniform_strength(nx.complete_graph(5), 0)
    found = expected_spread(network, [1, 3], model=model, rng=1)
    assert dict(found.chance) == {0: 0, 1: 1, 2: 0, 3: 1, 4: 0}
    assert found.total == Estimate(2, 2, 2)


def test_more_strength_reaches_no_less_within_intervals():
    last = 0.0
    for strength in (0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1):
        network = uniform_strength(nx.karate_club_graph(), strength)
        total = expected_spread(network, [0], draws=1_000, rng=8).total
        assert total.high > last
        last = total.low
    assert total.value == 34


@pytest.mark.parametrize("model", MODELS)
def test_listeners_who_hear_several_follow_as_often_as_all_of_them_say(model):
    # Two seeds of strength .3 and .5: 1 - .7 * .5 = .65, or a threshold up to .8.
    network = InfluenceNetwork.from_edges([1, 2, 3], [9, 9, 9], [0.3, 0.5, 0.2])
    n = 50_000
    found = expected_spread(network, [1, 2], model=model, draws=n, rng=2).chance[9]
    assert not far_off(found * n, n, {"ic": 0.65, "lt": 0.8}[model])


@pytest.mark.parametrize("model", MODELS)
def test_no_seeds_no_parties_no_ties_and_one_party(model):
    nobody = InfluenceNetwork.from_edges([], [], [])
    alone = InfluenceNetwork.from_edges([], [], [], parties=["a"])
    for exact in (True, False):
        ask = {"model": model, "exact": exact, "rng": 1}
        assert expected_spread(nobody, [], **ask).total == Estimate(0, 0, 0)
        assert expected_spread(alone, [], **ask).total == Estimate(0, 0, 0)
        found = expected_spread(alone, ["a", "a"], value={"a": -3}, **ask)
        assert found.total == Estimate(-3, -3, -3)


def test_loops_double_edges_and_undirected_edges_are_read_as_networks_do():
    edges = [(1, 1, 0.9), (1, 2, 0.5), (1, 2, 0.5), (2, 1, 0.4)]
    network = InfluenceNetwork.from_edges(*zip(*edges, strict=True))
    n = 20_000
    found = expected_spread(network, [1], draws=n, rng=1).chance[2]
    assert not far_off(found * n, n, 0.75)
    graph = nx.Graph()
    graph.add_edge("a", "b", strength=0.5)
    for seed, other in ("ab", "ba"):
        found = expected_spread(graph, [seed], draws=n, rng=1).chance[other]
        assert not far_off(found * n, n, 0.5)


def test_values_of_those_reached_are_added_and_others_get_the_default():
    network = InfluenceNetwork.from_edges([1, 1], [2, 3], [1.0, 1.0], parties=[4])
    found = expected_spread(network, [1, 7], value={2: 10.5, 7: 100}, default=-1, rng=1)
    assert found.total.value == pytest.approx(-1 + 10.5 - 1 + 100)
    assert dict(found.chance) == {1: 1, 2: 1, 3: 1, 4: 0, 7: 1}


def test_progress_is_told_until_all_is_done():
    told = []
    network = made(drawn("strong", 3), range(6))
    expected_spread(
        network, [0], draws=20_000, rng=1, progress=lambda *args: told.append(args)
    )
    done = [done for _, done, _ in told]
    assert done == sorted(set(done))
    assert len(done) > 1
    assert told[-1] == ("cascades", 20_000, 20_000)


def test_one_generator_goes_on_and_equal_seeds_begin_again():
    network = made(drawn("strong", 3), range(6))
    dice = np.random.Generator(np.random.PCG64(5))
    first, second = (expected_spread(network, [0], rng=dice) for _ in range(2))
    assert first != second
    assert expected_spread(network, [0], rng=5) == first


# --- what is refused -----------------------------------------------------------------


def secret():
    """Make a network of parties whom no message may name."""
    return InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2"], ["SECRET-2", "SECRET-3"], [0.5, 0.9]
    )


@pytest.mark.parametrize("seeds", [["SECRET-9"], [7], [None], [("SECRET-1",)], [nan]])
def test_seeds_that_nobody_knows_are_refused(seeds):
    error = refused(lambda: expected_spread(secret(), seeds, rng=1), "unknown_customer")
    assert isinstance(error, UnknownCustomerError)


@pytest.mark.parametrize("seeds", ["SECRET-1", 7, None])
def test_seeds_are_a_list(seeds):
    refused(lambda: expected_spread(secret(), seeds, rng=1), "not_a_list")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rng": None}, "bad_rng"),
        ({"rng": "x"}, "bad_rng"),
        ({"rng": -1}, "bad_rng"),
        ({"model": "linear"}, "unknown_model"),
        ({"model": None}, "unknown_model"),
        ({"confidence": 0}, "bad_option"),
        ({"confidence": 1}, "bad_option"),
        ({"confidence": nan}, "bad_option"),
        ({"confidence": "95 %"}, "bad_option"),
        ({"draws": 0}, "bad_option"),
        ({"draws": 1}, "bad_option"),
        ({"draws": 10.5}, "bad_option"),
        ({"draws": None}, "bad_option"),
        ({"value": {"SECRET-1": 1}}, "missing_value"),
        ({"value": {"SECRET-1": inf}, "default": 0}, "not_finite"),
        ({"value": [1, 2, 3]}, "not_a_mapping"),
        ({"value": np.ones(2)}, "shape"),
        ({"value": {7: 1}, "default": 0}, "not_an_id"),
        ({"value": {}, "default": nan}, "bad_option"),
        ({"value": {"SECRET-1": 1e308}, "default": 0}, "too_large"),
        ({"value": {}, "default": 1e308}, "too_large"),
    ],
)
def test_options_out_of_range_are_refused(options, code):
    refused(
        lambda: expected_spread(secret(), ["SECRET-1"], **{"rng": 1, **options}), code
    )


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seeds", [[], ["SECRET-1"]])
def test_linear_threshold_refuses_strengths_above_1_together(exact, seeds):
    network = InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2"], ["SECRET-3", "SECRET-3"], [0.6, 0.5]
    )
    refused(
        lambda: expected_spread(network, seeds, model="lt", exact=exact, rng=1),
        "too_strong",
    )


def test_an_edge_without_a_strength_is_refused():
    graph = nx.DiGraph([("SECRET-1", "SECRET-2")])
    refused(lambda: expected_spread(graph, ["SECRET-1"], rng=1), "no_strength")
    multigraph = nx.MultiDiGraph([("SECRET-1", "SECRET-2")])
    refused(lambda: expected_spread(multigraph, ["SECRET-1"], rng=1), "multigraph")
    refused(lambda: expected_spread({"SECRET-1": 1}, [], rng=1), "not_a_network")
