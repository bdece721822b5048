"""Values of parties with those they influence, and what leaves with them."""

from math import inf, nan
from statistics import NormalDist

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from customer_identification import UnknownCustomerError
from customer_identification.influence.linear import (
    adoption_probability,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.risk import (
    value_at_risk,
)
from customer_identification.influence.strengths import (
    uniform_strength,
    weighted_cascade,
)
from customer_identification.influence.value import (
    attributed_value,
    network_value,
)
from influence.networks import edge_lists, network_of, refused, strengths_of
from influence.oracles import (
    KINDS,
    MODELS,
    adoption,
    at_risk,
    changes,
    dependents,
    diamond,
    drawn,
    far_off,
    fitted,
    made,
    network_values,
    shapley,
)


SMALL = settings(max_examples=40, deadline=None)
CLOSE = {"rel": 1e-9, "abs": 1e-9}
AMOUNTS = st.integers(-50, 99)


def amounts(data, parties):
    """Draw what parties are worth, or cost."""
    return {one: data.draw(AMOUNTS) for one in parties}


# --- the linear model ----------------------------------------------------------------

# C follows A and B alike, B follows A; A relies on itself, the others half.
WORKED = {("A", "B"): 1.0, ("A", "C"): 0.5, ("B", "C"): 0.5}
RELIANCE = {"A": 1.0, "B": 0.5, "C": 0.5}


def test_worked_example_of_the_linear_model():
    # P_B = .5 .4 + .5 .2 = .3; P_C = .5 .6 + .25 .2 + .25 .3 = .425.
    # D_C = 1; D_B = 1 + .25 D_C; D_A = 1 + .5 D_B + .25 D_C.
    network = made(WORKED)
    own = {"A": 0.2, "B": 0.4, "C": 0.6}
    found = adoption_probability(network, own, self_reliance=RELIANCE)
    assert list(found.values()) == pytest.approx([0.2, 0.3, 0.425])
    assert found.own.tolist() == [0.2, 0.4, 0.6]
    worth = network_value(network, dict.fromkeys("ABC", 1), self_reliance=RELIANCE)
    assert list(worth.values()) == pytest.approx([1.875, 1.25, 1.0])
    assert (worth.low, worth.high, worth.confidence) == (None, None, None)


@given(edges=edge_lists(), data=st.data())
@SMALL
def test_the_linear_model_solves_its_equations(edges, data):
    network = network_of(edges)
    ties = strengths_of(network)
    shares = st.sampled_from([0.01, 0.3, 0.999, 1.0]) | st.floats(0.001, 1)
    reliance = {one: data.draw(shares) for one in edges.parties}
    values = amounts(data, edges.parties)
    found = network_value(network, values, self_reliance=reliance)
    assert dict(found) == pytest.approx(
        changes(ties, values, reliance), rel=1e-7, abs=1e-7
    )
    own = {one: data.draw(st.floats(0, 1)) for one in edges.parties}
    chance = adoption_probability(network, own, self_reliance=reliance)
    assert dict(chance) == pytest.approx(adoption(ties, own, reliance), abs=1e-9)


@given(edges=edge_lists(), data=st.data())
@SMALL
def test_by_default_a_party_relies_on_itself_as_far_as_nobody_sways_it(edges, data):
    network = network_of(edges)
    network = network.with_strength(network.out.strength * 0.9)
    ties = strengths_of(network)
    reliance = dict.fromkeys(edges.parties, 1.0)
    for (_, other), strength in ties.items():
        reliance[other] *= 1 - strength
    values = amounts(data, edges.parties)
    found = network_value(network, values)
    assert dict(found) == pytest.approx(
        changes(ties, values, reliance), rel=1e-6, abs=1e-6
    )
    assert found == network_value(network, values, self_reliance=None)
    own = dict.fromkeys(edges.parties, 0.5)
    assert adoption_probability(network, own).value == pytest.approx(0.5)


@given(edges=edge_lists(), data=st.data())
@SMALL
def test_own_minds_weighted_by_network_values_are_the_sum_of_all_chances(edges, data):
    # Richardson & Domingos 2002: both are 1'(I - W)^-1 b, from the left and the right.
    network = network_of(edges)
    reliance = {one: data.draw(st.floats(0.05, 1)) for one in edges.parties}
    followers = {other for (_, other), p in strengths_of(network).items() if p > 0}
    relies = {one: reliance[one] if one in followers else 1 for one in reliance}
    own = {one: data.draw(st.floats(0, 1)) for one in edges.parties}
    chance = adoption_probability(network, own, self_reliance=reliance)
    worth = network_value(
        network, dict.fromkeys(edges.parties, 1), self_reliance=reliance
    )
    assert chance.total == pytest.approx(
        sum(relies[one] * own[one] * worth[one] for one in own), **CLOSE
    )


def test_two_who_all_but_follow_each_other_still_settle():
    for strength in (0.9, 0.98, 0.9999, 0.9999999):
        network = InfluenceNetwork.from_edges(["a", "b"], ["b", "a"], strength)
        worth = network_value(network, {"a": 1, "b": 0})
        # a + s b, b = s a: 1 / (1 - s^2) and s / (1 - s^2).
        assert worth["a"] == pytest.approx(1 / (1 - strength**2), rel=1e-6)
        assert worth["b"] == pytest.approx(strength / (1 - strength**2), rel=1e-6)


@pytest.mark.parametrize("strength", [0.3, 0.6, 0.8, 0.85])
def test_no_more_than_a_billionth_of_a_thousandth_of_all_value_is_missing(strength):
    network = InfluenceNetwork.from_edges(["a", "b"], ["b", "a"], strength)
    worth = network_value(network, {"a": 1, "b": 0})
    assert abs(worth.total - 1 / (1 - strength)) < 1.1e-12


def test_a_long_circle_of_followers_settles():
    n = 400
    ring = InfluenceNetwork.from_edges(list(range(n)), [*range(1, n), 0], 0.999)
    worth = network_value(ring, {0: 1.0}, default=0.0)
    # Around the circle once more: a factor of .999^400 each time.
    expected = 0.999 ** ((n - np.arange(n)) % n) / (1 - 0.999**n)
    assert worth.value == pytest.approx(expected, rel=1e-6)
    chance = adoption_probability(ring, {0: 1.0}, default=0.0)
    expected = 0.001 * 0.999 ** np.arange(n) / (1 - 0.999**n)
    assert chance.value == pytest.approx(expected, rel=1e-6)


def test_little_that_leaks_into_a_slow_circle_is_not_cut_short():
    network = InfluenceNetwork.from_edges(["b", "b", "c"], ["a", "c", "b"], 1.0)
    reliance = {"a": 1 - 1e-9, "b": 0.03, "c": 0.03}
    worth = network_value(
        network, {"a": 1.0, "b": 0.0, "c": 0.0}, self_reliance=reliance
    )
    assert worth["b"] == pytest.approx(1e-9 / (1 - 0.97**2), rel=1e-3)


def test_with_strength_1_down_a_tree_everybody_is_worth_all_below():
    tree = nx.balanced_tree(2, 4, create_using=nx.DiGraph)
    network = uniform_strength(tree, 1)
    values = {party: party + 1 for party in tree}
    found = network_value(network, values)
    for party in tree:
        below = nx.descendants(tree, party) | {party}
        assert found[party] == pytest.approx(sum(values[one] for one in below))
    chance = adoption_probability(network, {0: 0.25}, default=0.75)
    assert dict(chance) == pytest.approx(dict.fromkeys(tree, 0.25))


@given(edges=edge_lists(), data=st.data())
@SMALL
def test_with_strength_0_everybody_has_its_own_value_and_its_own_mind(edges, data):
    network = uniform_strength(network_of(edges), 0)
    values = amounts(data, edges.parties)
    for reliance in (None, 0, 0.5):
        found = network_value(network, values, self_reliance=reliance)
        assert dict(found) == values
        own = dict.fromkeys(edges.parties, 0.3)
        chance = adoption_probability(network, own, self_reliance=reliance)
        assert dict(chance) == own


def test_one_share_of_self_reliance_may_hold_for_all_or_be_an_array():
    network = made(WORKED)
    values = dict.fromkeys("ABC", 1)
    one = network_value(network, values, self_reliance=0.5)
    assert one == network_value(network, values, self_reliance=np.full(3, 0.5))
    each = dict.fromkeys("ABC", 0.5)
    assert one == network_value(network, values, self_reliance=each)
    whole = network_value(network, values, self_reliance=1)
    assert dict(whole) == values


@pytest.mark.parametrize("ask", [network_value, adoption_probability])
def test_a_circle_of_mere_followers_has_no_answer(ask):
    network = InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2", "SECRET-3"], ["SECRET-2", "SECRET-1", "SECRET-1"], 1.0
    )
    own = dict.fromkeys(network.ids.tolist(), 0.5)
    # 3 grounds the circle; without 3 nobody does.
    found = ask(network, own, self_reliance={**dict.fromkeys(own, 0), "SECRET-3": 1})
    assert all(np.isfinite(found.value))
    alone = InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2"], ["SECRET-2", "SECRET-1"], 1.0, parties=["SECRET-3"]
    )
    error = refused(lambda: ask(alone, own), "no_self_reliance")
    assert error.positions == (0, 1)


@pytest.mark.parametrize("ask", [network_value, adoption_probability])
@pytest.mark.parametrize(
    ("reliance", "code"),
    [
        (-0.1, "out_of_range"),
        (1.1, "out_of_range"),
        (nan, "not_finite"),
        ({"A": 1, "B": 2, "C": 0.5}, "out_of_range"),
        ({"A": 1}, "missing_value"),
        ({"A": 1, "B": 1, "C": 1, "SECRET": 1}, "unknown_party"),
        ({"A": "much", "B": 1, "C": 1}, "wrong_type"),
        (np.ones(2), "shape"),
        ("much", "not_a_mapping"),
        (True, "not_a_mapping"),
    ],
)
def test_self_reliance_is_a_share_of_each_party(ask, reliance, code):
    own = dict.fromkeys("ABC", 0.5)
    error = refused(lambda: ask(made(WORKED), own, self_reliance=reliance), code)
    assert "default" not in str(error)


@pytest.mark.parametrize("own", [-0.1, 1.1])
def test_chances_lie_between_0_and_1(own):
    values = {"A": 0.5, "B": own, "C": 0.5}
    error = refused(lambda: adoption_probability(made(WORKED), values), "out_of_range")
    assert error.positions == (1,)


# --- cascades, sampled ---------------------------------------------------------------

SIGNED = {0: 10, 1: -20, 2: 30, 3: 0, 4: 50, 5: -5}
POSITIVE = {0: 10, 1: 20, 2: 30, 3: 0, 4: 50, 5: 5}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [POSITIVE, SIGNED], ids=["positive", "signed"])
def test_sampled_network_values_are_those_of_all_worlds(model, kind, values):
    for seed in range(3):
        ties = fitted(drawn(kind, seed), model)
        found = network_value(
            made(ties, range(6)), values, model=model, samples=30_000, rng=seed
        )
        for party, expected in network_values(ties, values, model).items():
            low, high = found.interval(party)
            assert low <= found[party] <= high
            half = max((high - low) / 2, 1e-9)
            assert abs(found[party] - expected) <= 5 * half / 1.96


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
def test_sampled_network_values_of_gains_are_no_further_off_than_dice(model, kind):
    n, total = 50_000, sum(POSITIVE.values())
    for seed in range(3):
        ties = fitted(drawn(kind, seed), model)
        found = network_value(
            made(ties, range(6)), POSITIVE, model=model, samples=n, rng=seed
        )
        for party, expected in network_values(ties, POSITIVE, model).items():
            share = (expected - POSITIVE[party]) / total
            hits = (found[party] - POSITIVE[party]) / total * n
            assert not far_off(hits, n, share)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("values", [POSITIVE, SIGNED], ids=["positive", "signed"])
def test_the_sampled_split_is_that_of_all_orders(model, kind, values):
    ties = fitted(drawn(kind, 1), model)
    found = attributed_value(
        made(ties, range(6)), values, model=model, samples=30_000, rng=1
    )
    for party, expected in shapley(ties, values, model).items():
        low, high = found.interval(party)
        assert low <= found[party] <= high
        assert abs(found[party] - expected) <= 5 * (high - low) / 2 / 1.96
    assert found.total == pytest.approx(sum(values.values()), **CLOSE)


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(), data=st.data())
@SMALL
def test_the_split_conserves_value_to_the_last_digit(model, edges, data):
    ties = fitted(strengths_of(network_of(edges)), model)
    values = {one: data.draw(AMOUNTS | st.floats(-1e6, 1e6)) for one in edges.parties}
    samples = data.draw(st.sampled_from([1, 2, 7, 100]))
    found = attributed_value(
        made(ties, edges.parties), values, model=model, samples=samples, rng=1
    )
    size = sum(map(abs, values.values()))
    assert found.total == pytest.approx(sum(values.values()), rel=1e-9, abs=1e-9 * size)


def test_two_hundred_weak_ties_are_each_worth_their_strength():
    rng = np.random.Generator(np.random.PCG64(8))
    strength = rng.uniform(0, 0.2, 200)
    strength[:2] = 0, 1e-4
    network = InfluenceNetwork.from_edges(list(range(1, 201)), [0] * 200, strength)
    n = 50_000
    worth = network_value(network, {0: 1}, default=0, model="ic", samples=n, rng=5)
    assert not far_off(worth.value[1:] * n, n, strength).any()
    assert worth[0] == 1
    split = attributed_value(network, {0: 1}, default=0, samples=n, rng=5)
    assert split.total == pytest.approx(1)
    # Of k others who sway it each gets 1 / (k + 1): it keeps E[1 / (1 + sum of dice)].
    sizes = np.ones(1)
    for p in strength:
        sizes = np.convolve(sizes, [1 - p, p])
    expected = (sizes / np.arange(1, 202)).sum()
    low, high = split.interval(0)
    assert abs(split[0] - expected) < 5 * (high - low) / 2 / 1.96


@pytest.mark.parametrize("ask", [network_value, attributed_value])
@pytest.mark.parametrize("values", [POSITIVE, SIGNED], ids=["positive", "signed"])
def test_intervals_contain_the_truth_at_least_as_often_as_they_say(ask, values):
    ties = drawn("mixed", 5, n_ties=8)
    network = made(ties, range(6))
    truth = ask(network, values, model="ic", exact=True)
    runs = 200
    covered = np.zeros(6)
    for rng in range(runs):
        found = ask(network, values, model="ic", samples=300, rng=rng)
        covered += (found.low <= truth.value) & (truth.value <= found.high)
    # Roots are as even as can be, so intervals are wider than they need be.
    assert (binom.cdf(covered, runs, 0.95) > 1e-3).all()


def test_intervals_of_one_root_contain_the_truth_as_often_as_they_say():
    network = InfluenceNetwork.from_edges([1, 2], [3, 3], [0.3, 0.5])
    runs = 200
    truth = attributed_value(network, {3: 1}, default=0, exact=True).value
    covered = np.zeros(3)
    for rng in range(runs):
        found = attributed_value(network, {3: 1}, default=0, samples=400, rng=rng)
        covered += (found.low <= truth) & (truth <= found.high)
    assert (binom.cdf(covered, runs, 0.95) > 1e-3).all()
    assert (binom.sf(covered - 1, runs, 0.95) > 1e-3).all()


@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_intervals_of_network_values_are_those_of_clopper_and_pearson(confidence):
    network = InfluenceNetwork.from_edges([1, 2, 4], [3, 3, 3], [0.3, 1.0, 1e-9])
    n = 500
    found = network_value(
        network, {3: 10}, default=0, model="ic", samples=n, confidence=confidence, rng=3
    )
    for party in (1, 2, 4):
        hits = round(found[party] / 10 * n)
        tail = (1 - confidence) / 2
        low = beta.ppf(tail, hits, n - hits + 1) if hits else 0
        high = beta.ppf(1 - tail, hits + 1, n - hits) if hits < n else 1
        assert found.interval(party) == pytest.approx((10 * low, 10 * high))
    assert found.interval(3) == (10, pytest.approx(10 + 10 * (1 - tail ** (1 / n))))
    assert found.confidence == confidence


def test_a_party_that_no_set_has_may_still_have_a_share():
    network = InfluenceNetwork.from_edges([1], [2], [1e-9])
    found = attributed_value(network, {1: 0, 2: 10}, samples=100, rng=1)
    assert found[1] == 0
    low, high = found.interval(1)
    # One imagined set in which it has one half of 10 / 100.
    half = NormalDist().inv_cdf(0.975) * 10 / 100 / 2
    assert (low, high) == pytest.approx((-half, half))


@pytest.mark.parametrize("ask", [network_value, attributed_value])
@pytest.mark.parametrize("exact", [True, False])
def test_no_parties_no_ties_no_value(ask, exact):
    nobody = InfluenceNetwork.from_edges([], [], [])
    how = {"model": "ic", "exact": exact, "rng": 1}
    assert dict(ask(nobody, {}, **how)) == {}
    assert dict(ask(nobody, {"a": 3}, **how)) == {"a": 3}
    network = made(diamond())
    found = ask(network, dict.fromkeys(range(5), 0), **how)
    assert found.value.tolist() == [0] * 5
    if not exact:
        assert found.low.tolist() == found.high.tolist() == [0] * 5
    alone = InfluenceNetwork.from_edges(["a"], ["a"], [0.5])
    assert dict(ask(alone, {"a": -7.25}, **how)) == {"a": -7.25}


@pytest.mark.parametrize("model", ["linear", *MODELS])
@given(edges=edge_lists(), data=st.data())
@SMALL
def test_the_same_answer_for_any_order_of_ties_parties_and_values(model, edges, data):
    ties = fitted(strengths_of(network_of(edges)), "lt")
    ties = {pair: 0.9 * p for pair, p in ties.items()}
    values = amounts(data, edges.parties)
    one, other = (
        made(ties, edges.parties),
        made(dict(data.draw(st.permutations(list(ties.items())))), edges.parties[::-1]),
    )
    backwards = dict(reversed(values.items()))
    rng = None if model == "linear" else 3
    asks = [network_value] if model == "linear" else [network_value, attributed_value]
    for ask in asks:
        how = {"model": model, "rng": rng, "samples": 50}
        first = ask(one, values, **how)
        np.random.seed(1)  # noqa: NPY002 - global state must not matter
        assert ask(other, backwards, **how) == first
        assert ask(one, np.array([values[at] for at in first]), **how) == first


def test_the_values_given_are_left_as_they_were():
    network, values = made(diamond()), np.array([10.0, 20, 30, 40, 50])
    for model in ("linear", "ic"):
        rng = None if model == "linear" else 1
        network_value(network, values, model=model, rng=rng)
    attributed_value(network, values, exact=True)
    attributed_value(network, values, rng=1)
    value_at_risk(network, values, leaving=[1], rng=1)
    assert values.tolist() == [10, 20, 30, 40, 50]


@pytest.mark.parametrize("ask", [network_value, attributed_value])
def test_sets_may_be_drawn_anywhere_and_progress_is_told(ask):
    network, told = made(drawn("mixed", 5), range(6)), []
    how = {"model": "ic", "samples": 70_000, "rng": 4}

    def backwards(function, jobs):
        return reversed([function(job) for job in reversed(list(jobs))])

    one = ask(network, POSITIVE, **how, progress=lambda *args: told.append(args))
    assert one == ask(network, POSITIVE, **how, mapper=backwards)
    done = [done for _, done, _ in told]
    assert done == sorted(set(done))
    assert len(done) > 1
    assert told[-1] == ("reachable sets", 70_000, 70_000)


# --- who leaves ----------------------------------------------------------------------

# An agent with two clients of its own and one shared with a friend; one client sways
# the other, who sways a neighbour whom nobody else sways.
OFFICE = {
    ("agent", "ann"): 0.9,
    ("agent", "bob"): 0.5,
    ("agent", "cid"): 0.4,
    ("ann", "bob"): 0.3,
    ("bob", "dora"): 0.2,
    ("friend", "cid"): 0.7,
    ("cid", "eve"): 0.5,
}
WORTH = {
    "agent": 5, "ann": 100, "bob": 60, "cid": 80, "dora": 40, "eve": 30, "friend": 10
}  # fmt: skip


def test_those_whom_only_the_agent_holds_go_with_the_agent():
    risk = value_at_risk(made(OFFICE), WORTH, leaving=["agent"], rng=1)
    assert risk.own == 5
    assert risk.dependents == ("ann", "bob", "dora")
    assert risk.dependent == 200
    # cid with .4, and eve with half of that.
    assert risk.soft.low < 0.4 * 80 + 0.2 * 30 < risk.soft.high
    assert risk.total.value == pytest.approx(205 + risk.soft.value)
    assert risk.total.low == pytest.approx(205 + risk.soft.low)
    assert risk.expected.total == pytest.approx(risk.total.value)
    assert risk.expected["ann"] == 100
    assert risk.expected["friend"] == 0
    assert risk.expected.own.tolist() == [WORTH[one] for one in sorted(WORTH)]


def test_two_who_leave_together_hold_nobody_back_between_them():
    risk = value_at_risk(
        made(OFFICE), WORTH, leaving=["friend", "agent", "agent"], rng=1
    )
    assert risk.own == 15
    assert risk.dependents == ("ann", "bob", "cid", "dora", "eve")
    assert risk.total.value == sum(WORTH.values())
    assert risk.soft.low == risk.soft.high == 0


def test_a_dependent_who_leaves_counts_once():
    risk = value_at_risk(made(OFFICE), WORTH, leaving=["agent", "ann"], rng=1)
    assert (risk.own, risk.dependent) == (105, 100)
    # Whoever sways the agent does not hold clients: all would come over the agent.
    ties = {**OFFICE, ("boss", "agent"): 0.9}
    under = value_at_risk(made(ties), {**WORTH, "boss": 7}, leaving=["agent"], rng=1)
    assert under.dependents == ("ann", "bob", "dora")
    # A strength of 0 holds nobody.
    ties = {**OFFICE, ("friend", "ann"): 0.0}
    none = value_at_risk(made(ties), WORTH, leaving=["agent"], rng=1)
    assert none.dependents == ("ann", "bob", "dora")
    held = {**OFFICE, ("friend", "ann"): 0.01}
    some = value_at_risk(made(held), WORTH, leaving=["agent"], rng=1)
    assert some.dependents == ()


def test_two_who_hold_each_other_go_together_if_nobody_else_holds_them():
    ties = {**OFFICE, ("bob", "ann"): 0.3}
    risk = value_at_risk(made(ties), WORTH, leaving=["agent"], rng=1)
    assert risk.dependents == ("ann", "bob", "dora")
    own, dependent, soft = at_risk(ties, WORTH, ["agent"], "ic")
    assert (risk.own, risk.dependent) == (own, dependent)
    assert risk.soft.low <= soft <= risk.soft.high


def test_two_who_hold_each_other_and_sway_who_leaves_are_a_matter_of_chance():
    ties = {**OFFICE, ("bob", "ann"): 0.3, ("ann", "agent"): 0.1}
    risk = value_at_risk(made(ties), WORTH, leaving=["agent"], rng=1)
    assert risk.dependents == ()
    own, dependent, soft = at_risk(ties, WORTH, ["agent"], "ic")
    assert (risk.own, risk.dependent) == (own, dependent) == (5, 0)
    assert risk.soft.low < soft < risk.soft.high
    # Once one of them leaves as well, nobody holds the other.
    both = value_at_risk(made(ties), WORTH, leaving=["agent", "bob"], rng=1)
    assert both.dependents == ("ann", "dora")


def test_colleagues_whose_bills_one_firm_pays_all_hang_on_it():
    lines = [f"line {at}" for at in range(9)]
    ties = {("firm", one): 0.8 for one in lines}
    ties |= {(one, other): 0.1 for one in lines for other in lines if one != other}
    values = dict.fromkeys([*lines, "firm"], 10)
    risk = value_at_risk(made(ties), values, leaving=["firm"], rng=1)
    assert (risk.own, risk.dependent) == (10, 90)
    assert (risk.total.low, risk.total.high) == (100, 100)
    one_line = value_at_risk(made(ties), values, leaving=["line 3"], rng=1)
    assert one_line.dependents == ()


@pytest.mark.parametrize("model", MODELS)
@given(edges=edge_lists(most=7), data=st.data())
@SMALL
def test_dependents_and_what_is_carried_along_are_those_of_all_worlds(
    model, edges, data
):
    ties = fitted(strengths_of(network_of(edges)), model)
    values = amounts(data, edges.parties)
    if not values:
        return
    leaving = data.draw(st.lists(st.sampled_from(edges.parties), min_size=1))
    risk = value_at_risk(
        made(ties, edges.parties),
        values,
        leaving=leaving,
        model=model,
        draws=500,
        rng=1,
    )
    own, dependent, soft = at_risk(ties, values, leaving, model)
    assert set(risk.dependents) == dependents(ties, values, leaving)
    assert list(risk.dependents) == sorted(risk.dependents)
    assert (risk.own, risk.dependent) == (own, dependent)
    half = (risk.soft.high - risk.soft.low) / 2
    assert abs(risk.soft.value - soft) <= 5 * half / 1.96 + 1e-9
    assert risk.total.value == pytest.approx(risk.expected.total, **CLOSE)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_carried_along_agrees_with_all_worlds(model, kind):
    for seed in range(3):
        ties = fitted(drawn(kind, seed), model)
        risk = value_at_risk(
            made(ties, range(6)),
            SIGNED,
            leaving=[0, 2],
            model=model,
            draws=30_000,
            rng=2,
        )
        own, dependent, soft = at_risk(ties, SIGNED, [0, 2], model)
        assert (risk.own, risk.dependent) == (own, dependent)
        half = (risk.soft.high - risk.soft.low) / 2
        assert abs(risk.soft.value - soft) <= 5 * half / 1.96 + 1e-9


def test_the_interval_of_a_loss_contains_the_truth_as_often_as_it_says():
    runs = 200
    covered = 0
    for rng in range(runs):
        risk = value_at_risk(
            made(OFFICE), WORTH, leaving=["agent"], draws=300, confidence=0.9, rng=rng
        )
        covered += risk.total.low <= 205 + 38 <= risk.total.high
        assert risk.confidence == 0.9
    assert binom.cdf(covered, runs, 0.9) > 1e-3
    assert binom.sf(covered - 1, runs, 0.9) > 1e-3


def test_a_risk_says_sums_and_counts_and_no_ids():
    told = []
    risk = value_at_risk(
        made(OFFICE),
        WORTH,
        leaving=["agent"],
        draws=10_000,
        rng=1,
        progress=lambda *args: told.append(args),
    )
    assert str(risk).startswith(f"{risk.total}: own 5, 3 dependents 200, carried along")
    for text in (str(risk), repr(risk)):
        assert not any(party in text for party in WORTH)
    assert told[-1] == ("cascades", 10_000, 10_000)


# --- what is refused -----------------------------------------------------------------


def secret():
    """Make a network of parties whom no message may name."""
    return InfluenceNetwork.from_edges(
        ["SECRET-1", "SECRET-2"], ["SECRET-2", "SECRET-3"], [0.5, 0.9]
    )


OWN = {"SECRET-1": 31337, "SECRET-2": 31337, "SECRET-3": 31337}
BAD = [
    ({"rng": None}, "bad_rng"),
    ({"rng": "x"}, "bad_rng"),
    ({"rng": -1}, "bad_rng"),
    ({"model": "bass"}, "unknown_model"),
    ({"confidence": 0}, "bad_option"),
    ({"confidence": 1}, "bad_option"),
    ({"samples": 0}, "bad_option"),
    ({"samples": 2.5}, "bad_option"),
    ({"value": {"SECRET-1": 1}}, "missing_value"),
    ({"value": {**OWN, "SECRET-2": nan}}, "not_finite"),
    ({"value": {**OWN, "SECRET-2": inf}}, "not_finite"),
    ({"value": {**OWN, "SECRET-2": "31337 SECRET"}}, "wrong_type"),
    ({"value": [1, 2, 3]}, "not_a_mapping"),
    ({"value": np.ones(4)}, "shape"),
    ({"value": dict.fromkeys(OWN, 1e308)}, "too_large"),
    ({"value": {}, "default": -inf}, "bad_option"),
]


@pytest.mark.parametrize("ask", [network_value, attributed_value])
@pytest.mark.parametrize(("options", "code"), BAD)
def test_bad_options_of_values_are_refused(ask, options, code):
    how = {"model": "ic", "rng": 1, "value": OWN, **options}
    error = refused(lambda: ask(secret(), **how), code)
    assert "31337" not in str(error)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        *[one for one in BAD if "samples" not in one[0]],
        ({"draws": 0}, "bad_option"),
        ({"leaving": []}, "nobody_leaves"),
        ({"leaving": "SECRET-1"}, "not_a_list"),
        ({"leaving": None}, "not_a_list"),
        ({"leaving": ["SECRET-9"]}, "unknown_customer"),
    ],
)
def test_bad_options_of_a_risk_are_refused(options, code):
    how = {"leaving": ["SECRET-1"], "rng": 1, "value": OWN, **options}
    error = refused(lambda: value_at_risk(secret(), **how), code)
    assert "31337" not in str(error)
    assert isinstance(error, UnknownCustomerError) == (code == "unknown_customer")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rng": 1}, "bad_option"),
        ({"exact": True}, "bad_option"),
        ({"model": "ic", "rng": 1, "self_reliance": 0.5}, "bad_option"),
        ({"model": "lt", "exact": True, "self_reliance": 0.5}, "bad_option"),
        ({"model": "ic"}, "bad_rng"),
    ],
)
def test_options_of_another_model_are_refused(options, code):
    refused(lambda: network_value(secret(), OWN, **options), code)


@pytest.mark.parametrize("exact", [True, False])
def test_linear_threshold_refuses_strengths_above_1_together(exact):
    network = InfluenceNetwork.from_edges([1, 2], [3, 3], [0.6, 0.5])
    values = {1: 1, 2: 2, 3: 3}
    for ask in (network_value, attributed_value):
        refused(
            lambda ask=ask: ask(network, values, model="lt", exact=exact, rng=1),
            "too_strong",
        )
    refused(
        lambda: value_at_risk(network, values, leaving=[1], model="lt", rng=1),
        "too_strong",
    )
    found = attributed_value(weighted_cascade(network), values, model="lt", exact=True)
    assert found[1] == pytest.approx(1 + 3 / 4)
