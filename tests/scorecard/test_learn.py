"""Learning a card: monotone points, unknown, leaks, order, and data that is hardly any."""

import itertools
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification.errors import LeakWarning
from scorecard.card_worlds import AS_OF, learnt, noisy, refused, rng_of


few = settings(max_examples=25)


def read(frame: pd.DataFrame, **more: Any) -> ci.AttributeTable:
    return ci.attribute_table(frame, **{"outcome": "good", "as_of": AS_OF, **more})


policies = st.builds(
    ci.ScorecardPolicy,
    n_fine=st.integers(8, 60),
    n_bins=st.integers(2, 8),
    min_share=st.sampled_from([0.001, 0.02, 0.1]),
    significance=st.sampled_from([0.05, 0.3, 0.9, 0.999]),
    min_information=st.sampled_from([0, 0.02]),
    shrink=st.sampled_from([0, 1, 0.5, 20]),
)


@st.composite
def worlds(draw: Any) -> pd.DataFrame:
    """Give few or many parties, with ties, gaps, rare words and outcomes of any skew."""
    rng = rng_of(draw(st.integers(0, 10**6)))
    n = draw(st.sampled_from([4, 30, 120, 400]))
    x = rng.choice(draw(st.sampled_from([3, 12, 500])), n).astype(float)
    y = rng.normal(0, 1, n).round(draw(st.integers(0, 3)))
    w = rng.choice(["a", "b", "c", "rare"], n, p=[0.5, 0.3, 0.18, 0.02]).astype(object)
    odds = draw(st.floats(-3, 3)) * (x / x.max() - 0.5 if x.max() else 0) * 4
    odds = odds + draw(st.floats(-2, 2)) * y + (w == "a") + draw(st.floats(-3, 3))
    good = rng.uniform(size=n) < 1 / (1 + np.exp(-odds))
    good[:2] = [True, False]
    hidden = rng.uniform(size=(3, n)) < draw(st.sampled_from([0, 0.1, 0.6]))
    x[hidden[0]], y[hidden[1]], w[hidden[2]] = np.nan, np.nan, None
    return pd.DataFrame(
        {"customer_id": rng.permutation(n), "x": x, "y": y, "w": w, "good": good}
    )


def rises(points: Any) -> bool:
    return all(a <= b + 1e-9 for a, b in itertools.pairwise(points))


@few
@given(worlds(), policies, st.sampled_from(["increasing", "decreasing"]))
def test_points_go_the_way_that_was_asked_for(
    frame: pd.DataFrame, policy: Any, way: Any
) -> None:
    card = learnt(frame, directions={"x": way}, policy=policy)
    for one in card.attributes:
        if isinstance(one, ci.NumberPoints):
            points = np.array(one.points)
            if one.name == "x":
                assert rises(points if way == "increasing" else -points)
            else:  # by default they go one way or the other
                assert rises(points) or rises(-points)


@few
@given(worlds(), policies)
def test_a_learnt_card_is_sound(frame: pd.DataFrame, policy: Any) -> None:
    table = read(frame)
    card = learnt(frame, policy=policy)
    assert set(card.names) | {name for name, _ in card.left_out} == set(table.names)
    told = table.outcomes
    for one in card.attributes:
        assert np.isfinite(one.all_points).all()
        assert len(one.points) <= policy.n_bins
        good, bad = map(sum, zip(*one.counts, strict=True))
        assert (good, bad) == ((told == 1).sum(), (told == 0).sum())
        known = one.counts[: len(one.points)]
        if len(known) > 1:
            assert all(sum(cell) >= policy.min_share * len(table) for cell in known)
        assert one.information >= policy.min_information
    scores = card.score(table)
    added = card.base + sum(scores.points.values(), np.zeros(len(table)))
    np.testing.assert_allclose(added, scores.score, rtol=0, atol=1e-9)
    assert scores.chance.mean() == pytest.approx(np.mean(told), abs=1e-6)
    inside = (scores.chance > 0) & (scores.chance < 1)
    assert inside.all() or policy.shrink == 0  # nothing then keeps weights small
    assert ci.from_dict(ci.to_dict(card)) == card
    assert pickle.loads(pickle.dumps(card)) == card  # noqa: S301


@few
@given(worlds(), st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(frame: pd.DataFrame, random: Any) -> None:
    order = list(range(len(frame)))
    random.shuffle(order)
    shuffled = frame.iloc[order]
    card = learnt(frame)
    assert learnt(shuffled) == card
    assert card.score(read(shuffled)) == card.score(read(frame))


@few
@given(worlds())
def test_other_ids_give_the_same_card_and_equal_parties_equal_scores(
    frame: pd.DataFrame,
) -> None:
    card = learnt(frame)
    turned = frame.assign(customer_id=-frame["customer_id"])
    again = learnt(turned)
    assert again.names == card.names
    for one, other in zip(card.attributes, again.attributes, strict=True):
        assert one.counts == other.counts
        np.testing.assert_allclose(one.all_points, other.all_points, atol=1e-6)
    twice = pd.concat([frame, frame.assign(customer_id=frame["customer_id"] + 10_000)])
    scores = card.score(read(twice)).score
    assert scores[: len(frame)].tolist() == scores[len(frame) :].tolist()


@few
@given(worlds())
def test_the_score_of_everybody_is_their_score_alone(frame: pd.DataFrame) -> None:
    card, table = learnt(frame), read(frame)
    scores = card.score(table)
    for at in range(0, len(table), 7):
        own = table.take(slice(at, at + 1))
        assert card.score(own).score[0] == scores.score[at]
        row = frame[frame["customer_id"] == table.customer_ids[at]]
        assert card.score(read(row)).score[0] == scores.score[at]


def test_evidence_of_a_learnt_card_is_recounted_from_the_rows() -> None:
    frame = noisy(2, n=500)
    card = learnt(frame)
    good = frame["good"]
    for one in card.attributes:
        column = frame[one.name]
        counts = []
        for code in range(len(one.points)):
            if isinstance(one, ci.WordPoints):
                here = column.isin(one.words[code])
            else:
                edges = [-math.inf, *one.limits, math.inf]
                here = (column >= edges[code]) & (column < edges[code + 1])
            counts.append((int((here & good).sum()), int((here & ~good).sum())))
        unknown = column.isna()
        counts.append((int((unknown & good).sum()), int((unknown & ~good).sum())))
        assert list(one.counts[: len(counts)]) == counts
        ratio = [
            math.log(a / good.sum() / (b / (~good).sum())) for a, b in counts if a and b
        ]
        found = [
            w for w, (a, b) in zip(one.evidence, one.counts, strict=True) if a and b
        ]
        np.testing.assert_allclose(found[: len(ratio)], ratio)


def test_attributes_stand_by_what_they_tell_and_the_rest_is_told() -> None:
    frame = noisy(1, n=900, one_value=5.0, nobody=np.nan, told=1.0)
    card = learnt(frame, policy=ci.ScorecardPolicy(significance=0.01))
    values = [one.information for one in card.attributes]
    assert values == sorted(values, reverse=True)
    assert list(card.information) == list(card.names)
    left_out = dict(card.left_out)
    assert left_out["one_value"] == left_out["nobody"] == "tells too little"
    assert set(card.names) >= {"size", "branch"}


def test_what_tells_nothing_makes_a_card_without_attributes() -> None:
    frame = pd.DataFrame({"customer_id": range(40), "x": [0, 0, 1, 1] * 10})
    frame["good"] = [True, False] * 20
    card = learnt(frame)
    assert card.names == ()
    chance = card.score(read(frame)).chance
    assert chance.tolist() == pytest.approx([0.5] * 40)
    assert str(card) == f"base: {card.base:.1f}"


def test_only_those_who_are_told_are_learnt_from() -> None:
    frame = noisy(5)
    more = noisy(6).assign(customer_id=lambda one: one["customer_id"] + 5000, good=None)
    both = pd.concat([frame.astype({"good": object}), more], ignore_index=True)
    assert learnt(both) == learnt(frame)


def test_attributes_may_be_chosen_by_name() -> None:
    card = learnt(noisy(), attributes=["age", "size"])
    assert set(card.names) <= {"age", "size"}
    with refused("missing_column", kind=ci.MissingColumnError):
        learnt(noisy(), attributes=["height"])


def test_a_number_has_no_direction_where_none_is_asked_for() -> None:
    x = np.tile(np.arange(10.0), 60)
    rng = rng_of(2)
    good = rng.uniform(size=600) < np.where((x > 2) & (x < 7), 0.85, 0.15)
    frame = pd.DataFrame({"customer_id": range(600), "x": x, "good": good})
    policy = ci.ScorecardPolicy(significance=0.001)
    curved = learnt(frame, directions={"x": "any"}, policy=policy)
    (one,) = curved.attributes
    assert not rises(one.points)
    assert not rises([-point for point in one.points])
    assert one.limits == (3.0, 7.0)


# --- leaks ---------------------------------------------------------------------------------


def leaky(kind: str) -> pd.DataFrame:
    frame = noisy(7, n=300).drop(columns="size")  # which tells much, and rightly so
    good = frame["good"].to_numpy()
    frame["leak"] = {
        "number": good.astype(float) * 100 + rng_of(1).uniform(size=300),
        "flag": good,
        "word": np.where(good, "won", "lost"),
        "known only then": np.where(good, 1.0, np.nan),
        "noisy": np.where(rng_of(2).uniform(size=300) < 0.9, good, ~good).astype(float),
    }[kind]
    return frame


LEAKS = ["number", "flag", "word", "known only then", "noisy"]


@pytest.mark.parametrize("kind", LEAKS)
def test_what_tells_the_outcome_too_well_is_warned_of(kind: str) -> None:
    table = read(leaky(kind))
    with pytest.warns(LeakWarning, match="leak") as told:
        card = ci.learn_scorecard(table)
    assert card.suspects == ("leak",)
    assert len(told) == 1
    assert told[0].filename == __file__
    assert np.isfinite(card.score(table).score).all()
    with pytest.warns(LeakWarning) as told:
        ci.ProspectClassifier().fit(table)
    assert told[0].filename == __file__


@pytest.mark.parametrize("kind", LEAKS)
def test_nothing_is_learnt_from_what_is_only_known_later(kind: str) -> None:
    frame = leaky(kind)
    table = read(frame, later=["leak"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = ci.learn_scorecard(table)
    assert "leak" not in card.names
    assert ("leak", "only known later") in card.left_out
    assert card.suspects == ()
    assert card.attributes == learnt(frame.drop(columns="leak")).attributes
    with refused("known_later", "'leak'"):
        ci.learn_scorecard(table, attributes=["leak", "age"])


def test_what_is_trusted_brings_no_warning() -> None:
    table = read(leaky("noisy"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        card = ci.learn_scorecard(table, trusted=["leak"])
        rule = ci.ProspectClassifier(trusted=("leak",)).fit(table)
    assert card.names[0] == "leak"
    assert card.suspects == ()
    assert rule.card == card


@pytest.mark.parametrize("trusted", ["leak", ["height"], [7], 7, None, {"leak": 1}])
def test_trust_in_what_is_not_there_is_refused(trusted: Any) -> None:
    with pytest.raises(ci.InvalidInputError):
        ci.learn_scorecard(read(leaky("noisy")), trusted=trusted)


# --- extreme data --------------------------------------------------------------------------------


def world(x: Any, good: Any, **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": range(len(x)), "x": x, "good": good, **more})


@pytest.mark.parametrize(
    ("x", "good"),
    [
        ([1.0, 2.0], [True, False]),
        ([1.0, 1.0], [True, False]),
        ([None, None], [True, False]),
        (["a", None], [True, False]),
        (["a", "b"], [True, False]),
        ([1e300, -1e300] * 20, [True, False] * 20),
        ([-0.0, 0.0] * 20, [True, False] * 20),
        ([5e-324, 0.0] * 20, [True, False] * 20),
        ([np.nan, 3.0] * 20, [True, False] * 20),
        ([1.0, 2.0, 3.0] * 30, [True, False, True, False, False, True] * 15),
        (["only"] * 30, [True, False] * 15),
        (["only", None] * 30, [True, False, False] * 20),
        ([True, False] * 30, [True, False, True] * 20),
    ],
)
def test_hardly_any_data_gives_finite_points_and_chances(x: Any, good: Any) -> None:
    frame = world(x, good)
    for policy in (
        ci.ScorecardPolicy(),
        ci.ScorecardPolicy(n_fine=2, n_bins=2, shrink=0, min_information=0),
    ):
        card = learnt(frame, policy=policy)
        scores = card.score(read(frame))
        assert np.isfinite(scores.score).all()
        assert ((scores.chance >= 0) & (scores.chance <= 1)).all()
        assert scores.chance.mean() == pytest.approx(np.mean(good), abs=1e-6)
        assert all(len(one.points) <= policy.n_bins for one in card.attributes)


def test_minus_zero_and_zero_are_one_value() -> None:
    frame = world([-0.0, 0.0] * 50, [True, False] * 50)
    assert learnt(frame).names == ()


def test_perfect_separation_gives_points_that_rank_perfectly() -> None:
    x = np.arange(200.0)
    frame = world(x, x >= 120)
    card = learnt(frame)
    (one,) = card.attributes
    assert 120.0 in one.limits or len(one.limits) > 0
    assert card.check(read(frame)).area > 0.99
    assert max(map(abs, one.points)) < 1000


def test_one_bad_of_ten_thousand_is_learnt_from_without_haste() -> None:
    good = np.ones(10_000, bool)
    good[1234] = False
    frame = world(rng_of(1).normal(size=10_000), good)
    card = learnt(frame)
    scores = card.score(read(frame))
    assert scores.chance.mean() == pytest.approx(0.9999, abs=1e-9)
    assert np.isfinite(scores.score).all()


def test_ten_thousand_words_are_learnt_from_in_one_go() -> None:
    rng = rng_of(6)
    n = 20_000
    codes = rng.integers(0, 10_000, n)
    words = np.array([f"w{i}" for i in range(10_000)], object)[codes]
    words[: n // 2] = np.where(codes[: n // 2] % 2, "often", "seldom")
    good = rng.uniform(size=n) < np.where(words == "often", 0.7, 0.4)
    frame = world(words, good)
    card = learnt(frame)
    (one,) = card.attributes
    assert {word for group in one.words for word in group} == {"often", "seldom"}
    assert sum(one.counts[-1]) == n // 2
    many = learnt(frame, policy=ci.ScorecardPolicy(min_share=0.0001, n_bins=5))
    assert len(many.attributes[0].words) <= 5


def test_words_that_are_all_rare_tell_nothing_each() -> None:
    words = np.array([f"w{i}" for i in range(300)], object)
    words[::3] = None
    card = learnt(world(words, np.arange(300) % 3 > 0))
    (one,) = card.attributes  # only whether anything is known at all
    assert one.words == ()
    assert sum(one.counts[0]) == 100
    assert sum(one.counts[1]) == 200
    assert one.other > one.unknown


def test_two_bins_are_enough_where_no_more_are_wanted() -> None:
    card = learnt(noisy(3, n=2000), policy=ci.ScorecardPolicy(n_bins=2, n_fine=100))
    assert {len(one.points) for one in card.attributes} == {2}


def test_what_is_unknown_counts_where_outcomes_tell() -> None:
    rng = rng_of(4)
    x = np.where(rng.uniform(size=600) < 0.4, np.nan, rng.normal(size=600))
    good = rng.uniform(size=600) < np.where(np.isnan(x), 0.85, 0.4)
    (one,) = learnt(world(x, good)).attributes
    assert one.unknown > 10
    rare = np.append(rng.normal(size=599), np.nan)
    good = rng.uniform(size=600) < 1 / (1 + np.exp(-np.nan_to_num(rare)))
    (one,) = learnt(world(rare, good)).attributes
    assert one.unknown == 0  # one of six hundred tells nothing


def test_whole_numbers_and_shrinkage_of_any_make_are_options() -> None:
    card = learnt(policy=ci.ScorecardPolicy(shrink=1))
    assert card == learnt(policy=ci.ScorecardPolicy(shrink=1.0))
    assert card == learnt(policy=ci.ScorecardPolicy(shrink=np.float32(1)))


def test_frames_of_all_kinds_give_the_same_card() -> None:
    frame = noisy()
    table = pl.from_pandas(frame)
    for one in (table, table.lazy(), table.to_arrow()):
        assert learnt(one) == learnt(frame)


# --- refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_bins": 1},
        {"n_bins": 30, "n_fine": 20},
        {"n_fine": 201},
        {"n_fine": 20.0},
        {"min_share": 0},
        {"min_share": 1},
        {"min_share": math.nan},
        {"significance": math.nan},
        {"significance": "0.3"},
        {"min_information": -1},
        {"most_information": math.nan},
        {"shrink": -1},
        {"shrink": math.inf},
        {"scale": 600},
        {"scale": None},
    ],
)
def test_policies_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.ScorecardPolicy(**wrong)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"directions": {"height": "any"}}, "bad_option"),
        ({"directions": {"age": "up"}}, "bad_option"),
        ({"directions": ["age"]}, "bad_option"),
        ({"directions": {"age": ["any"]}}, "bad_option"),
        ({"policy": {"n_bins": 3}}, "bad_option"),
        ({"attributes": ["height"]}, "missing_column"),
        ({"attributes": "age"}, "bad_option"),
        ({"attributes": [7]}, "bad_option"),
    ],
)
def test_learning_what_cannot_be_is_refused(asked: Any, code: str) -> None:
    with refused(code):
        ci.learn_scorecard(read(noisy()), **asked)


def test_a_direction_of_words_says_nothing_and_is_refused() -> None:
    with refused("bad_option"):
        learnt(noisy(), directions={"branch": "increasing"})


def test_learning_asks_for_outcomes_of_both_kinds() -> None:
    frame = noisy()
    with refused("no_outcomes"):
        ci.learn_scorecard(ci.attribute_table(frame.drop(columns="good")))
    for good in (True, False):
        with refused("one_outcome"):
            ci.learn_scorecard(read(frame.assign(good=good)))
    with refused("one_outcome"):
        ci.learn_scorecard(read(frame.assign(good=np.nan)))
    with refused("one_outcome"):
        ci.learn_scorecard(read(frame).take(slice(0, 0)))
    with refused("bad_option"):
        ci.learn_scorecard(frame)
