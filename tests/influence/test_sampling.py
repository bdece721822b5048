"""Reachable sets: each as likely as the worlds say, and the same at every call."""

from collections import Counter, defaultdict
from itertools import pairwise
from math import exp, inf, log

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.sampling import (
    ReachableSets,
    check_model,
    draw_sets,
    reachable_sets,
    reached,
)
from customer_identification.options import generator
from influence.networks import edge_lists, network_of, refused, strengths_of
from influence.oracles import (
    KINDS,
    MODELS,
    drawn,
    far_off,
    fitted,
    follow,
    made,
    worlds,
)


SMALL = settings(max_examples=40, deadline=None)


def sets_in(sets):
    """Give all sets as frozen sets of positions."""
    members = sets.members.tolist()
    start = sets.start.tolist()
    return [frozenset(members[begin:end]) for begin, end in pairwise(start)]


def chances_of_sets(ties, root, model):
    """Give the chance of each set of those who reach the root, over all worlds."""
    total = defaultdict(float)
    for chance, alive in worlds(ties, model):
        back = [(other, one) for one, other in alive]
        total[frozenset(follow(back, [root]))] += chance
    return total


# --- what is drawn -------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_set_is_as_likely_as_the_worlds_say(kind, model, seed):
    ties = fitted(drawn(kind, seed), model)
    network = made(ties, range(6))
    n = 20_000
    for root in range(3):
        found = Counter(sets_in(reachable_sets(network, [root] * n, root, model=model)))
        expected = chances_of_sets(ties, root, model)
        assert set(found) <= {one for one, chance in expected.items() if chance > 0}
        for one, chance in expected.items():
            assert not far_off(found[one], n, chance)


def test_weak_ties_of_many_strengths_are_hit_each_with_its_own():
    rng = np.random.Generator(np.random.PCG64(5))
    strength = rng.uniform(0, 0.2, 200)
    network = InfluenceNetwork.from_edges(list(range(1, 201)), [0] * 200, strength)
    n = 40_000
    sets = reachable_sets(network, np.zeros(n, int), 7)
    hits = np.bincount(sets.members, minlength=201)
    assert hits[0] == n
    assert not far_off(hits[1:], n, strength).any()
    # As they are independent, the sizes vary as a sum of dice does.
    variance = (strength * (1 - strength)).sum()
    assert sets.sizes.var() == pytest.approx(variance, rel=5 * (2 / n) ** 0.5)


@pytest.mark.parametrize("strong", [0.22, 0.3, 1.0])
def test_one_strong_tie_among_two_hundred_weak_ones_does_not_drown_them(strong):
    strength = np.array([strong] + [0.01] * 200)
    network = InfluenceNetwork.from_edges(list(range(1, 202)), [0] * 201, strength)
    n = 20_000
    hits = np.bincount(reachable_sets(network, np.zeros(n, int), 8).members)[1:]
    assert not far_off(hits, n, strength).any()
    assert not far_off(hits[1:].sum(), n * 200, 0.01)


def test_parties_with_weak_and_with_strong_ties_are_drawn_side_by_side():
    # 0 hears 1 (strong) and 2 (weak); both hear ten, 1 weakly and 2 strongly.
    ties = {(1, 0): 0.9, (2, 0): 0.15}
    ties |= {(10 + at, 1): 0.02 * (at + 1) for at in range(9)}
    ties |= {(20 + at, 2): 0.1 * (at + 1) for at in range(9)}
    network = made(ties)
    at = {party: network.position(party) for party in [*range(3), *range(10, 19)]}
    n = 50_000
    roots = np.full(n, at[0])
    hits = np.bincount(
        reachable_sets(network, roots, 9).members, minlength=len(network)
    )
    for (one, other), strength in ties.items():
        chance = strength * (ties[other, 0] if other else 1)
        assert not far_off(hits[network.position(one)], n, chance)


@given(edge_lists(), st.integers(0, 99))
@SMALL
def test_with_strengths_of_0_and_1_the_sets_are_those_who_can_reach_the_root(
    edges, seed
):
    network = network_of(edges)
    network = network.with_strength(network.out.strength.round())
    graph = nx.DiGraph()
    graph.add_nodes_from(network.ids.tolist())
    graph.add_edges_from(pair for pair, p in strengths_of(network).items() if p == 1)
    ids = network.ids.tolist()
    sets = reachable_sets(network, list(range(len(ids))), seed)
    for root, members in zip(ids, sets_in(sets), strict=True):
        assert {ids[at] for at in members} == nx.ancestors(graph, root) | {root}


@given(edge_lists(repeats=False), st.integers(0, 99), st.sampled_from(MODELS))
@SMALL
def test_a_set_has_its_root_and_each_member_once_in_order(edges, seed, model):
    network = network_of(edges)
    ties = fitted(strengths_of(network), model)
    network = made(ties, edges.parties)
    roots = [at for at in range(len(network)) for _ in range(3)]
    sets = reachable_sets(network, roots, seed, model=model)
    assert len(sets) == len(roots)
    assert sets.roots.tolist() == roots
    assert sets.start[0] == 0
    assert sets.start[-1] == sets.members.size == sets.sizes.sum()
    for at, root in enumerate(roots):
        members = sets.members[sets.start[at] : sets.start[at + 1]].tolist()
        assert root in members
        assert members == sorted(set(members))
    with_loops = InfluenceNetwork.from_edges(
        [*(one for one, _ in ties), *edges.parties],
        [*(other for _, other in ties), *edges.parties],
        [*ties.values(), *[0.5] * len(edges.parties)],
        parties=edges.parties,
    )
    assert reachable_sets(with_loops, roots, seed, model=model) == sets


def test_on_more_parties_than_bits_at_once_draws_go_in_batches_with_the_same_result():
    n = 300_000  # 2**31 bits are 7,158 draws; 9,000 need two batches
    network = InfluenceNetwork.from_edges(
        np.arange(0, n - 1, 2), np.arange(1, n, 2), np.ones(n // 2)
    )
    roots = np.arange(9_000) * 33
    sets = reachable_sets(network, roots, 3)
    assert np.array_equal(sets.sizes, 1 + roots % 2)
    assert sets.members[sets.start[1:] - 1].tolist() == roots.tolist()
    assert np.array_equal(sets.members[sets.start[:-1]], roots - roots % 2)


# --- always the same -----------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_sets_are_a_pure_function_of_network_roots_and_seed(model):
    ties = fitted(drawn("mixed", 4), model)
    network, roots = made(ties, range(6)), [5, 0, 3, 3, 1] * 20
    one = reachable_sets(network, roots, 11, model=model)
    np.random.seed(3)  # noqa: NPY002 - global state must not matter
    assert reachable_sets(network, tuple(roots), 11, model=model) == one
    backwards = dict(reversed(ties.items()))
    again = made(backwards, reversed(range(6)))
    assert reachable_sets(again, np.array(roots), 11, model=model) == one
    assert reachable_sets(network.to_networkx(), roots, 11, model=model) == one
    assert reachable_sets(network, roots, 12, model=model) != one
    assert reachable_sets(network, roots, [11, 1], model=model) != one
    assert roots == [5, 0, 3, 3, 1] * 20


@pytest.mark.parametrize("model", MODELS)
def test_blocks_are_drawn_apart_so_that_it_does_not_matter_where_they_run(model):
    network = made(fitted(drawn("mixed", 6), model), range(6))
    roots = np.arange(70_000, dtype=np.int32) % 6
    told = []

    def backwards(function, jobs):
        done = {at: function(job) for at, job in reversed(list(enumerate(jobs)))}
        return [done[at] for at in sorted(done)]

    def draw(mapper, progress=None):
        return draw_sets(network, roots, model, generator(5), mapper, progress)

    here = draw(map, lambda *args: told.append(args))
    assert here == draw(backwards)
    assert here.roots.tolist() == roots.tolist()
    done = [done for _, done, _ in told]
    assert done == sorted(set(done))
    assert len(done) > 1
    assert told[-1] == ("reachable sets", 70_000, 70_000)


def test_no_roots_and_no_parties_give_no_sets():
    nobody = InfluenceNetwork.from_edges([], [], [])
    for network in (nobody, made(drawn("weak", 1))):
        for roots in ([], np.empty(0, int)):
            sets = reachable_sets(network, roots, 1)
            assert len(sets) == 0
            assert sets.members.size == 0
            assert sets.start.tolist() == [0]
    assert len(draw_sets(nobody, np.empty(0, np.int32), "ic", generator(1))) == 0
    step = None
    assert list(reached(step, np.empty((0, 1), np.int32), 0)) == []


# --- sets as objects -----------------------------------------------------------------


def test_sets_drawn_apart_are_joined_in_order():
    network = made(drawn("strong", 2), range(6))
    parts = [reachable_sets(network, roots, 3) for roots in ([1, 2], [], [5, 5, 0])]
    joined = ReachableSets.joined(parts)
    assert sets_in(joined) == [one for part in parts for one in sets_in(part)]
    assert joined.roots.tolist() == [1, 2, 5, 5, 0]
    assert joined.n_parties == 6
    assert ReachableSets.joined(parts[:1]) == parts[0]


def test_sets_of_other_networks_or_no_sets_are_not_joined():
    one = reachable_sets(made(drawn("strong", 2), range(6)), [1], 3)
    other = reachable_sets(made(drawn("strong", 2), range(7)), [1], 3)
    refused(lambda: ReachableSets.joined([one, other]), "other_network")
    refused(lambda: ReachableSets.joined([]), "other_network")


@pytest.mark.parametrize(
    ("kind", "of"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)]
)
def test_a_frame_has_one_row_a_member(kind, of):
    network = InfluenceNetwork.from_edges([1, 2], [2, 3], [1.0, 1.0])
    sets = reachable_sets(network, [2, 0], 7)
    frame = sets.to_frame(kind)
    assert isinstance(frame, of)
    assert [frame[name].to_list() for name in ("set", "root", "party")] == [
        [0, 0, 0, 1],
        [2, 2, 2, 0],
        [0, 1, 2, 0],
    ]
    assert repr(sets) == "ReachableSets(2 sets, 4 members)"
    with pytest.raises(ValueError, match="read-only"):
        sets.members[0] = 1


# --- ties as draws need them ---------------------------------------------------------


@given(edge_lists(loops=False, repeats=False))
@SMALL
def test_ties_by_points_have_the_rates_of_their_strengths(edges):
    network = network_of(edges)
    strengths = strengths_of(network)
    ids = network.ids.tolist()
    ties = network.out.positive
    assert {
        (ids[one], ids[other]): p
        for one, other, p in zip(ties.own, ties.others, ties.strength, strict=True)
    } == {pair: p for pair, p in strengths.items() if p > 0}
    for at, party in enumerate(ids):
        own = [p for (one, _), p in strengths.items() if one == party and p > 0]
        assert network.out.added(network.out.strength)[at] == pytest.approx(sum(own))
        rates = [-log(1 - p) if p < 1 else inf for p in own]
        if max(rates, default=0) > 0.25:
            assert ties.rates.rate[at] == -1
        else:
            assert ties.rates.rate[at] == pytest.approx(
                max(rates, default=0) * len(own)
            )
            if ties.rates.height is not None:
                height = ties.rates.height[ties.start[at] : ties.start[at + 1]]
                # Points that stay hit a tie with its strength.
                hit = [1 - exp(-one * max(rates)) for one in height]
                assert hit == pytest.approx(own)


# --- what is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    "roots",
    [
        [6],
        [-1],
        [0, 1, 99],
        [0.0],
        ["c"],
        [True],
        [[0]],
        0,
        None,
        [None],
        [2**70],
        [[1], [2, 3]],
    ],
)
def test_roots_that_are_no_positions_are_refused(roots):
    network = made(drawn("weak", 1), range(6))
    refused(lambda: reachable_sets(network, roots, 1), "bad_roots")


def test_the_first_roots_at_fault_are_told():
    network = made(drawn("weak", 1), range(6))
    error = refused(lambda: reachable_sets(network, [0, 7, 1, -3], 1), "bad_roots")
    assert error.positions == (1, 3)


@pytest.mark.parametrize("rng", [None, "x", -1, 1.5, True, np.random, [1]])
def test_dice_that_are_no_dice_are_refused(rng):
    refused(lambda: generator(rng), "bad_rng")


def test_a_generator_is_used_as_it_is_and_a_seed_makes_one():
    own = np.random.Generator(np.random.PCG64(3))
    assert generator(own) is own
    assert generator(7).random() == generator(np.int64(7)).random()


@pytest.mark.parametrize("model", ["IC", "linear", "", None, 1, ["ic"]])
def test_models_that_are_none_are_refused(model):
    network = made(drawn("weak", 1), range(6))
    refused(lambda: check_model(model, network), "unknown_model")
    refused(lambda: reachable_sets(network, [1], 1, model=model), "unknown_model")


@pytest.mark.parametrize("seed", [None, "x", -1, 1.5, [], [1, -2], [1, None]])
def test_seeds_of_sets_that_do_not_say_which_are_refused(seed):
    network = made(drawn("weak", 1), range(6))
    refused(lambda: reachable_sets(network, [1], seed), "bad_rng")


def test_linear_threshold_refuses_strengths_that_add_up_to_more_than_1():
    network = InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2", "SECRET-1"],
        ["SECRET-3", "SECRET-3", "SECRET-2"],
        [0.6, 0.5, 0.9],
    )
    error = refused(lambda: reachable_sets(network, [2], 1, model="lt"), "too_strong")
    assert error.positions == (2,)
    by_digits = InfluenceNetwork.from_edges([1, 2, 3], [4, 4, 4], [0.333334] * 3)
    assert len(reachable_sets(by_digits, [3], 1, model="lt")) == 1
