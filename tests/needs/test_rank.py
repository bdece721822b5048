"""Needs against an oracle made of dicts, published numbers, and what must always hold."""

import datetime as dt
import json
import math
import pickle
import random
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from customer_identification import (
    BadRowsError,
    Classification,
    CustomerIdentificationError,
    MissingColumnError,
    Observation,
    ObservationChannel,
    UnknownCustomerError,
    erase,
    from_dict,
    to_dict,
)
from customer_identification.needs.figures import BASES
from customer_identification.needs.policy import RELIABILITY, NeedsPolicy
from customer_identification.needs.rank import rank_needs
from customer_identification.needs.ranking import NeedRanking
from customer_identification.needs.scales import opportunity, rescale
from customer_identification.needs.tallies import Tallies
from needs.need_worlds import (
    AS_OF,
    KINDS,
    arrow_of,
    objects_of,
    oracle,
    refused,
    row,
    worlds,
)


FEW = settings(max_examples=60, deadline=None)
QUICK = NeedsPolicy(n_bootstrap=20, min_effective=2, min_pairs=3)


def ranked(rows: list[dict[str, Any]], **more: Any) -> NeedRanking:
    keywords = {"as_of": AS_OF, "rng": 1, "policy": QUICK, **more}
    return rank_needs(objects_of(rows), **keywords)


def survey(n: int = 12, **more: Any) -> list[dict[str, Any]]:
    """Give n customers who rate two topics."""
    return [
        row(one, topic, importance=importance, satisfaction=0.25 * (one % 5), **more)
        for one in range(n)
        for topic, importance in [("delivery", 0.75), ("price", 0.5)]
    ]


# --- the formula, and scales -----------------------------------------------------------


def test_opportunity_is_ulwicks_worked_example() -> None:
    # Importance 9.5 and satisfaction 3.2 make 15.8, "the highest opportunity value of
    # all": Ulwick 2002, Harvard Business Review 80 (1), as quoted by others.
    assert 10 * opportunity([0.95], [0.32])[0] == pytest.approx(15.8, abs=1e-12)


def test_a_need_more_than_met_is_worth_its_importance() -> None:
    assert opportunity([0.4], [0.9])[0] == 0.4


@given(st.lists(st.integers(1, 7) | st.sampled_from([0, 9]), max_size=9))
def test_rescaled_answers_go_back(answers: list[int]) -> None:
    found = rescale(answers, low=1, high=7, not_answers=(0, 9))
    back = rescale(answers, low=7, high=1, not_answers=(0, 9))
    for answer, share, turned in zip(answers, found, back, strict=True):
        if answer in (0, 9):
            assert math.isnan(share)
        else:
            assert round(share * 6 + 1) == answer
            assert share + turned == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "options", "code"),
    [
        ([1, 8], {"low": 1, "high": 5}, "out_of_range"),
        ([1, math.inf], {"low": 1, "high": 5}, "out_of_range"),
        ([1], {"low": 3, "high": 3}, "bad_option"),
        ([1], {"low": "1", "high": 3}, "bad_option"),
        (["a"], {"low": 1, "high": 5}, "wrong_type"),
        (7, {"low": 1, "high": 5}, "not_a_column"),
    ],
)
def test_scales_that_cannot_be_right_are_refused(
    values: Any, options: Any, code: str
) -> None:
    with refused(code):
        rescale(values, **options)


# --- weights -----------------------------------------------------------------------------


def test_evidence_counts_half_after_a_half_life() -> None:
    policy = NeedsPolicy(half_life_days=100)
    found = policy.weights(["meeting"] * 4, [0, 100, 200, 300])
    assert found.tolist() == [1, 0.5, 0.25, 0.125]
    assert NeedsPolicy(half_life_days=None).weights(["meeting"], [9999]).tolist() == [1]


def test_every_channel_has_a_reliability() -> None:
    assert [name for name, _ in RELIABILITY] == [
        one.value for one in ObservationChannel
    ]


def test_a_policy_survives_json() -> None:
    policy = NeedsPolicy(
        reliability={"meeting": 0.3}, half_life_days=None, high_from=0.75
    )
    kept = json.loads(json.dumps(to_dict(policy)))
    assert from_dict(kept, types=[NeedsPolicy]) == policy
    assert dict(policy.reliability)["meeting"] == 0.3
    assert dict(policy.reliability)["survey_mail"] == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"reliability": {"pigeon": 1}}, "unknown_word"),
        ({"reliability": {"meeting": 2}}, "bad_option"),
        ({"reliability": 3}, "unknown_word"),
        ({"half_life_days": 0}, "bad_option"),
        ({"min_effective": 0}, "bad_option"),
        ({"high_from": 0}, "bad_option"),
        ({"confidence": 1}, "bad_option"),
        ({"derived_by": "magic"}, "bad_option"),
        ({"n_bootstrap": 0}, "bad_option"),
    ],
)
def test_policies_that_cannot_be_right_are_refused(options: Any, code: str) -> None:
    with refused(code):
        NeedsPolicy(**options)


def test_an_unreliable_channel_counts_for_less() -> None:
    rows = [
        row(1, "price", importance=1.0, satisfaction=0.0),
        row(2, "price", importance=0.0, satisfaction=1.0, channel="social_media"),
    ]
    found = ranked(rows, policy=NeedsPolicy(min_effective=1, n_bootstrap=9)).overall[0]
    assert found.importance == pytest.approx(1 / 1.5)  # weights 1 and 0.5
    assert found.effective == pytest.approx(1.5**2 / 1.25)


def test_nobody_counts_twice_for_saying_it_twice() -> None:
    once = survey()
    twice = once + [one for one in once if one["customer_id"] == 3]
    assert ranked(once).overall == ranked(twice).overall


def test_weight_below_any_number_is_no_evidence() -> None:
    rows = [row(1, "price", age=5000, importance=1.0, satisfaction=0.0)]
    found = ranked(
        rows, policy=NeedsPolicy(half_life_days=1, min_effective=1, n_bootstrap=9)
    )
    assert found.counts()["not enough evidence"] == 1
    assert not found[1][0].enough


# --- against the oracle ------------------------------------------------------------------


@FEW
@given(worlds())
def test_everybodys_needs_are_those_of_the_oracle(rows: list[dict[str, Any]]) -> None:
    found = {one.topic: one for one in ranked(rows).overall}
    wanted = oracle(rows, least=2)
    chances = [one.opportunity for one in found.values() if one.enough]
    assert chances == sorted(chances, reverse=True)
    assert found.keys() == wanted.keys()
    for topic, figures in wanted.items():
        for name, value in figures.items():
            got = getattr(found[topic], name)
            same = (
                got == value
                if isinstance(value, str)
                else got == pytest.approx(value, nan_ok=True)
            )
            assert same, (topic, name, got, value)


@FEW
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(
    rows: list[dict[str, Any]], dice: random.Random
) -> None:
    mixed = list(rows)
    dice.shuffle(mixed)
    options = (
        {"overall": "whole"} if any(one["topic"] == "whole" for one in rows) else {}
    )
    assert ranked(rows, **options) == ranked(mixed, **options)


@FEW
@given(worlds())
def test_equal_customers_have_equal_needs(rows: list[dict[str, Any]]) -> None:
    named = [one for one in rows if isinstance(one["customer_id"], int)]
    found = ranked(
        named + [{**one, "customer_id": 1000 + one["customer_id"]} for one in named]
    )
    for one in {one["customer_id"] for one in named}:
        assert found[one] == found[1000 + one]


@FEW
@given(worlds())
def test_every_observation_is_accounted_for(rows: list[dict[str, Any]]) -> None:
    later = [{**one, "date": AS_OF + dt.timedelta(days=1)} for one in rows[:3]]
    report = ranked(rows + later).report
    assert report.read == len(rows) + len(later)
    assert report.used + sum(n for _, n in report.set_aside) == report.read
    assert report.anonymous == sum(one["customer_id"] is None for one in rows)


@FEW
@given(worlds(least=1), st.sampled_from(["correlation", "relative_weights"]))
def test_figures_stay_in_their_bounds(rows: list[dict[str, Any]], method: Any) -> None:
    policy = NeedsPolicy(
        n_bootstrap=20, min_effective=1, min_pairs=3, derived_by=method
    )
    options = (
        {"overall": "whole"} if any(one["topic"] == "whole" for one in rows) else {}
    )
    found = ranked(rows, policy=policy, **options)
    for one in (*found.overall, *(need for who in found for need in found[who])):
        for name, most in (("importance", 1), ("satisfaction", 1), ("opportunity", 2)):
            value = getattr(one, name)
            assert math.isnan(value) or 0 <= value <= most
        assert math.isnan(one.low) or one.low <= one.high
        assert one.enough == (not math.isnan(one.importance + one.satisfaction))


def test_all_kinds_of_frames_say_the_same() -> None:
    rows = [
        *survey(),
        row(3, "support", sentiment=-0.5, channel="social_media"),
        row(None, "support", sentiment=0.25, channel="suggestion_box"),
    ]
    table = arrow_of(rows)
    wanted = ranked(rows)
    for kind, make in KINDS.items():
        found = rank_needs(make(table), as_of=AS_OF, rng=1, policy=QUICK)
        assert found == wanted, kind
        assert len(found.to_frame()) == 3
    lazy = pl.from_arrow(table).lazy()
    relation = duckdb.connect().from_arrow(table)
    for frame in (lazy, relation):
        assert rank_needs(frame, as_of=AS_OF, rng=1, policy=QUICK) == wanted


# --- bases ---------------------------------------------------------------------------------


def test_share_rating_high_is_ulwicks_estimator() -> None:
    # Ratings 5, 4, 3, 1 of 5: half of them are 4 or 5, so 5 of 10.
    ratings = rescale([5, 4, 3, 1], low=1, high=5)
    rows = [
        row(i, "price", importance=share, satisfaction=1 - share)
        for i, share in enumerate(ratings.tolist())
    ]
    policy = NeedsPolicy(high_from=0.75, min_effective=2, n_bootstrap=9)
    found = ranked(rows, policy=policy)
    assert 10 * found.overall[0].importance == 5
    assert 10 * found.overall[0].satisfaction == 2.5  # only the last one
    assert found.overall[0].opportunity_10 == pytest.approx(7.5)
    assert found[1][0].importance == 1
    assert found[2][0].importance == 0


def test_a_high_rating_is_high_however_it_is_averaged() -> None:
    ages = [1, 11, 77]
    rows = [
        row(i, "price", age=age, importance=0.75, satisfaction=0.75)
        for i in range(3)
        for age in ages
    ]
    policy = NeedsPolicy(high_from=0.75, min_effective=2, n_bootstrap=9)
    assert ranked(rows, policy=policy).overall[0].importance == 1


def rated(n: int, *, weights: bool = False) -> list[dict[str, Any]]:
    """Give customers who rate the whole, what makes it, and what goes against it."""
    dice = np.random.Generator(np.random.PCG64(5))
    found = []
    for one, (a, b) in enumerate(dice.integers(0, 5, size=(n, 2)).tolist()):
        whole = min(max((2 * a + (one % 3)) // 3, 0), 4)
        for topic, rating in [
            ("good", a),
            ("idle", b),
            ("bad", 4 - a),
            ("whole", whole),
        ]:
            age = 40 * (one % 4) if weights else 0
            found.append(row(one, topic, age=age, satisfaction=rating / 4))
    return found


def test_derived_importance_is_the_correlation_as_a_share_of_the_strongest() -> None:
    rows = rated(60, weights=True)
    found = {one.topic: one for one in ranked(rows, overall="whole").overall}
    assert set(found) == {"good", "idle", "bad"}
    frame = pd.DataFrame(rows).pivot_table(
        index="customer_id", columns="topic", values="satisfaction"
    )
    age = pd.DataFrame(rows).groupby("customer_id")["date"].first()
    weight = [0.5 ** ((AS_OF - day).days / 365) for day in age]
    cov = np.cov(frame.to_numpy().T, aweights=weight)
    root = np.sqrt(np.diag(cov))
    r = dict(
        zip(
            frame.columns,
            (cov / root / root[:, None])[list(frame.columns).index("whole")],
            strict=True,
        )
    )
    for topic, one in found.items():
        assert one.basis == "derived"
        assert one.driver == pytest.approx(r[topic])
        assert one.importance == pytest.approx(max(r[topic], 0) / r["good"])
    assert found["bad"].importance == 0
    assert found["bad"].driver < 0


def test_relative_weights_share_out_what_is_explained() -> None:
    rows = [one for one in rated(60) if one["topic"] != "bad"]
    policy = NeedsPolicy(n_bootstrap=20, derived_by="relative_weights")
    found = {
        one.topic: one for one in ranked(rows, overall="whole", policy=policy).overall
    }
    frame = pd.DataFrame(rows).pivot_table(
        index="customer_id", columns="topic", values="satisfaction"
    )
    x = np.column_stack([np.ones(len(frame)), frame[["good", "idle"]]])
    fitted = x @ np.linalg.lstsq(x, frame["whole"].to_numpy(), rcond=None)[0]
    r_squared = np.var(fitted) / np.var(frame["whole"].to_numpy())
    assert sum(one.driver**2 for one in found.values()) == pytest.approx(r_squared)
    assert found["good"].importance == 1


def test_relative_weights_need_respondents_who_rated_all() -> None:
    rows = [
        one
        for one in rated(60)
        if one["topic"] != ("good" if one["customer_id"] % 2 else "idle")
    ]
    policy = NeedsPolicy(n_bootstrap=9, derived_by="relative_weights", min_pairs=25)
    found = ranked(rows, overall="whole", policy=policy)
    assert found.counts()["not enough evidence"] == 3
    assert {one.respondents for one in found.overall} == {0}
    by_pairs = ranked(
        rows, overall="whole", policy=NeedsPolicy(n_bootstrap=9, min_pairs=25)
    )
    assert by_pairs.counts()["derived"] == 3


def test_too_few_pairs_are_not_enough_to_derive_from() -> None:
    found = ranked(rated(29), overall="whole", policy=NeedsPolicy(n_bootstrap=9))
    assert [one.enough for one in found.overall] == [False] * 3
    assert str(found.overall[0]).startswith("bad: not enough evidence (29 respondents")
    assert not math.isnan(found.overall[0].satisfaction)  # of which there is enough
    enough = ranked(rated(30), overall="whole", policy=NeedsPolicy(n_bootstrap=9))
    assert all(one.enough for one in enough.overall)


def test_ratings_that_never_vary_tell_no_importance() -> None:
    rows = [
        row(i, t, satisfaction=0.5 if t == "same" else (i % 5) / 4)
        for i in range(40)
        for t in ("same", "price", "whole")
    ]
    for method in ("correlation", "relative_weights"):
        policy = NeedsPolicy(n_bootstrap=9, derived_by=method)
        found = {
            one.topic: one
            for one in ranked(rows, overall="whole", policy=policy).overall
        }
        assert math.isnan(found["same"].importance)


def test_mentions_are_marked_as_such() -> None:
    rows = [row(i, "noise", channel="social_media", sentiment=-1.0) for i in range(12)]
    rows += [
        row(i, "food", channel="social_media", sentiment=0.5) for i in range(9, 21)
    ]
    found = {one.topic: one for one in ranked(rows).overall}
    assert found["noise"].basis == "mentions"
    assert found["noise"].importance == pytest.approx(12 / 21)
    assert found["noise"].satisfaction == 0
    assert found["food"].satisfaction == 0.75
    assert found["food"].sentiment == 0.5
    assert "importance by mentions" in str(found["food"])


def test_stated_importance_is_never_mixed_with_sentiment() -> None:
    rows = [row(i, "price", importance=0.5, sentiment=1.0) for i in range(12)]
    found = ranked(rows).overall[0]
    assert found.basis == "mentions"
    assert (found.importance, found.satisfaction) == (1, 1)


def test_a_remark_without_a_number_is_a_mention() -> None:
    rows = [row(None, "hours", channel="suggestion_box") for _ in range(12)]
    found = ranked(rows).overall[0]
    assert found.basis == "none"
    assert not found.enough
    rows += [row(i, "food", channel="suggestion_box", sentiment=0.0) for i in range(12)]
    found = next(one for one in ranked(rows).overall if one.topic == "food")
    assert found.importance == pytest.approx(0.5)


def test_ties_go_by_topic() -> None:
    rows = [
        row(i, t, importance=0.5, satisfaction=0.5) for i in range(12) for t in "cab"
    ]
    assert [one.topic for one in ranked(rows).overall] == ["a", "b", "c"]


# --- one customer ---------------------------------------------------------------------------


def test_one_customer_is_ranked_by_own_words() -> None:
    rows = [
        *survey(),
        row(3, "support", sentiment=0.5),
        row(3, "hours", channel="suggestion_box"),
    ]
    found = ranked(rows)[3]
    assert [one.topic for one in found] == ["delivery", "support", "price", "hours"]
    assert [one.opportunity for one in found[:3]] == [0.75, 0.625, 0.5]
    assert [one.basis for one in found] == ["stated", "mentions", "stated", "none"]
    assert found[1].importance == 1 / 1.6  # of two remarks, one believed by 0.6
    assert math.isnan(found[0].low)
    assert str(found[0]).startswith("delivery: opportunity 0.75, importance")


def test_one_customers_importance_may_be_everybodys() -> None:
    found = ranked(rated(60), overall="whole")
    everybody = {one.topic: one for one in found.overall}
    mine = {one.topic: one for one in found[7]}
    assert mine["idle"].basis == "derived"
    assert mine["idle"].importance == everybody["idle"].importance


def test_old_words_of_one_customer_are_not_enough() -> None:
    rows = [row(1, "price", age=365 * 4, importance=1.0, satisfaction=0.0)]
    assert "not enough evidence (1 respondent;" in str(ranked(rows)[1][0])


def test_customers_who_said_nothing_have_an_empty_ranking() -> None:
    found = ranked(survey(), customers=[3, 99])
    assert list(found) == [3, 99]
    assert found[99] == ()
    assert len(found[3]) == 2
    assert found.first(found.customer_ids).codes.tolist() == [0, -1]
    assert len(found.customers_to_frame()) == 2
    assert 5 not in found
    with pytest.raises(UnknownCustomerError):
        found[5]
    assert len(ranked([row(None, "price", sentiment=0.0)]).customer_ids) == 0


def test_no_observations_give_no_needs() -> None:
    found = rank_needs([], as_of=AS_OF, rng=1, customers=["a"], groups={"a": "key"})
    assert (found.overall, found.of("key"), found["a"]) == ((), (), ())
    assert found.counts()["not enough evidence"] == 0
    assert len(found.to_frame()) == 0
    assert found.first(found.customer_ids).codes.tolist() == [-1]


# --- groups ----------------------------------------------------------------------------------


def test_a_group_is_ranked_as_if_it_were_alone() -> None:
    rows = survey(40)
    of = {one: "key" if one % 2 else "plain" for one in range(38)}
    found = ranked(rows, groups=of)
    assert found.groups == ("key", "plain")
    alone = ranked([one for one in rows if of.get(one["customer_id"]) == "key"])
    for one, other in zip(found.of("key"), alone.overall, strict=True):
        assert (one.topic, one.importance, one.respondents) == (
            other.topic,
            other.importance,
            other.respondents,
        )
        assert one.satisfaction == pytest.approx(other.satisfaction)
    assert found.overall == ranked(rows).overall


def test_classes_are_groups_and_keep_their_order() -> None:
    classes = Classification(
        customer_ids=np.arange(40),
        codes=np.array([i % 2 for i in range(40)], np.int8),
        labels=("C", "A", "empty"),
        as_of=AS_OF,
    )
    found = ranked(survey(30), groups=classes)
    assert found.groups == ("C", "A", "empty")
    assert found.of("A")[0].respondents == 15
    assert [one.enough for one in found.of("empty")] == [False, False]
    frame = found.to_frame()
    assert (
        frame["group"].tolist()
        == ["everybody"] * 2 + ["C"] * 2 + ["A"] * 2 + ["empty"] * 2
    )
    assert frame["rank"].tolist() == [1, 2] * 4


# --- intervals, and change ---------------------------------------------------------------------


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    # 120 surveys of 40 people who state importance 1, and satisfaction 0 or 1 with a
    # chance of 0.3: the opportunity is 1.7. Of 90 % intervals 108 should hold it, and
    # with a chance of 0.999 between 95 and 118 of a binomial distribution do.
    dice = np.random.Generator(np.random.PCG64(11))
    policy = NeedsPolicy(n_bootstrap=200, confidence=0.9)
    hits = 0
    for met in (dice.random((120, 40)) < 0.3).astype(float):
        frame = pd.DataFrame(
            {
                "customer_id": range(40),
                "topic": "t",
                "channel": "meeting",
                "date": pd.Timestamp(AS_OF),
                "importance": 1.0,
                "satisfaction": met,
            }
        )
        one = rank_needs(frame, as_of=AS_OF, rng=dice, policy=policy).overall[0]
        hits += one.low <= 1.7 <= one.high
    assert 95 <= hits <= 118


def test_respondents_are_drawn_not_rows() -> None:
    # Ten people who say one thing each, a hundred times, are ten and not a thousand.
    rows = [
        row(i, "price", importance=1.0, satisfaction=float(i % 2)) for i in range(10)
    ]
    policy = NeedsPolicy(n_bootstrap=400)
    once, often = (ranked(rows * n, policy=policy).overall[0] for n in (1, 100))
    assert (once.low, once.high) == (often.low, often.high)
    assert once.high - once.low > 0.4


def test_the_same_seed_draws_the_same_samples() -> None:
    assert ranked(survey(), rng=3) == ranked(
        survey(), rng=np.random.Generator(np.random.PCG64(3))
    )
    assert ranked(survey(), rng=3) != ranked(survey(), rng=4)


def test_many_respondents_are_drawn_some_samples_at_a_time() -> None:
    n = 50_000
    frame = pd.DataFrame(
        {
            "customer_id": range(n),
            "topic": "t",
            "channel": "meeting",
            "date": pd.Timestamp(AS_OF),
            "importance": 1.0,
            "satisfaction": np.arange(n) % 2,
        }
    )
    policy = NeedsPolicy(n_bootstrap=100)
    found = rank_needs(frame, as_of=AS_OF, rng=1, policy=policy)
    one = found.overall[0]
    # The standard error of a share of a half among 50,000: 0.5 / sqrt(50,000) = 0.0022.
    assert (one.high - one.low) / 2 == pytest.approx(1.96 * 0.0022, rel=0.4)
    assert found.draws.shape == (3, 100, 1, 1)


def test_nothing_changes_between_a_ranking_and_itself() -> None:
    found = ranked(survey(60), policy=NeedsPolicy())
    change = found.compare(found)
    assert change.counts()["no clear change"] == 2
    assert change["price"].low < 0 < change["price"].high
    assert "price: opportunity no clear change: " in str(change["price"])


def test_a_clear_change_is_told() -> None:
    before = ranked(
        [
            row(i, t, importance=0.5, satisfaction=(i % 3) / 4)
            for i in range(60)
            for t in ("price", "speed")
        ]
    )
    after = ranked(
        [
            row(i, t, importance=0.5, satisfaction=(i % 3 + 2 * (t == "price")) / 4)
            for i in range(60)
            for t in ("price", "speed", "new")
        ]
    )
    change = after.compare(before, figure="satisfaction")
    assert change["price"].verdict == "higher"
    assert change["price"].difference == pytest.approx(0.5)
    assert change["speed"].verdict == "no clear change"
    assert change["new"].verdict == "not enough evidence"
    assert str(change["new"]) == "new: satisfaction not enough evidence"
    assert before.compare(after, figure="satisfaction")["price"].verdict == "lower"
    assert list(change) == ["new", "price", "speed"]
    assert "price" in change
    assert len(change.to_frame()) == len(change) == 3
    assert repr(change) == "NeedChanges(3 topics, satisfaction)"
    assert pickle.loads(pickle.dumps(change)) == change  # noqa: S301 - our own bytes
    with refused("unknown_topic"):
        change["nothing"]


def test_what_rests_on_other_grounds_is_not_compared() -> None:
    stated = ranked(
        [row(i, "price", importance=0.5, satisfaction=0.5) for i in range(12)]
    )
    mentions = ranked([row(i, "price", sentiment=0.5) for i in range(12)])
    change = mentions.compare(stated)["price"]
    assert change.verdict == "other basis"
    assert math.isnan(change.difference)


@pytest.mark.parametrize(
    ("options", "code"),
    [({"figure": "beauty"}, "bad_option"), ({"group": "nobody"}, "unknown_group")],
)
def test_comparisons_that_cannot_be_made_are_refused(options: Any, code: str) -> None:
    found = ranked(survey())
    with refused(code):
        found.compare(found, **options)
    with refused("bad_option"):
        found.compare("last year")


# --- as a result ----------------------------------------------------------------------------------


def test_a_ranking_pickles_and_tells_no_ids() -> None:
    rows = [{**one, "customer_id": f"secret-{one['customer_id']}"} for one in survey()]
    found = ranked(rows, groups={"secret-1": "key"})
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    assert (
        repr(found) == "NeedRanking(2 topics, 1 groups, 12 customers, as of 2011-07-31)"
    )
    assert "delivery" not in repr(found.overall[0])
    assert "secret" not in repr(found["secret-1"]) + str(found.report)
    assert found.overall[0] != found.overall[1]
    assert str(found.report) == "24 observations: 24 used"


def test_a_renamed_ranking_is_that_of_the_new_ids() -> None:
    found = ranked(survey())
    names = [f"n{11 - one:02}" for one in range(12)]
    renamed = found.renamed(names)
    assert list(renamed) == sorted(names)
    for one, name in enumerate(names):
        assert renamed[name] == found[one]
    assert renamed.overall == found.overall
    assert renamed.renamed([11 - one for one in range(12)]) == found


def test_frames_hold_what_the_objects_hold() -> None:
    found = ranked([*survey(), row(2, "support", sentiment=0.5)])
    frame = found.customers_to_frame()
    mine = frame[frame["customer_id"] == 2]
    assert mine["topic"].tolist() == [one.topic for one in found[2]]
    assert mine["rank"].tolist() == [1, 2, 3]
    assert found.to_frame()["topic"].tolist() == [one.topic for one in found.overall]
    assert set(found.to_frame()["basis"]) <= set(BASES)
    assert len(found.lines) == len(frame)
    firsts = found.first(np.array([-1, *found.customer_ids]))
    assert firsts.words == found.topics
    assert firsts.codes[0] == -1
    told = [found.topics[at] for at in firsts.codes[1:]]
    assert told == [found[one][0].topic for one in found]


# --- what cannot be right ---------------------------------------------------------------------------


BAD = {
    "no topic": {"topic": [None]},
    "blank topic": {"topic": [" "]},
    "no channel": {"channel": [None]},
    "unknown channel": {"channel": ["pigeon"]},
    "no date": {"date": [pd.NaT]},
    "importance too high": {"importance": [1.5]},
    "infinite satisfaction": {"satisfaction": [math.inf]},
    "sentiment too low": {"sentiment": [-2.0]},
}


def frame_of(**more: Any) -> pd.DataFrame:
    columns = {
        "customer_id": [1, 2],
        "topic": ["price", "speed"],
        "channel": ["meeting", "meeting"],
        "date": [pd.Timestamp(AS_OF)] * 2,
        "importance": [0.5, 0.5],
        "satisfaction": [0.5, 0.5],
        "sentiment": [0.5, 0.5],
    }
    for name, values in more.items():
        columns[name] = (
            [values[0], columns[name][1]] if isinstance(values, list) else values
        )
    return pd.DataFrame(columns)


@pytest.mark.parametrize("fault", BAD)
def test_bad_rows_raise_or_are_counted(fault: str) -> None:
    frame = frame_of(**BAD[fault])
    with pytest.raises(BadRowsError, match="first at row 0") as caught:
        rank_needs(frame, as_of=AS_OF, rng=1)
    assert caught.value.code == "bad_rows"
    found = rank_needs(frame, as_of=AS_OF, rng=1, on_bad_rows="report", policy=QUICK)
    assert found.topics == ("speed",)
    assert sum(n for _, n in found.report.set_aside) == 1
    assert list(found) == [2]


@pytest.mark.parametrize(
    ("frame", "options", "code"),
    [
        (frame_of(), {"as_of": "soon"}, "not_a_day"),
        (frame_of(), {"rng": -1}, "bad_rng"),
        (frame_of(), {"rng": None}, "bad_rng"),
        (frame_of(), {"policy": "strict"}, "bad_option"),
        (frame_of(), {"overall": "everything"}, "unknown_topic"),
        (frame_of(), {"groups": 7}, "not_a_mapping"),
        (frame_of(), {"groups": {1: 7}}, "bad_text"),
        (frame_of(), {"groups": {1: "everybody"}}, "unknown_group"),
        (frame_of(), {"groups": {"a": "key"}}, "not_an_id"),
        (frame_of(), {"groups": {None: "key"}}, "not_an_id"),
        (frame_of(), {"customers": ["a"]}, "not_an_id"),
        (frame_of(), {"customers": [1, None]}, "not_an_id"),
        (frame_of(), {"on_bad_rows": "ignore"}, "bad_option"),
        (frame_of(), {"columns": {"topic": None}}, "missing_column"),
        (frame_of(), {"columns": {"colour": "c"}}, "unknown_column"),
        (frame_of(), {"tz": "Nowhere"}, "unknown_time_zone"),
        (frame_of(topic=7), {}, "wrong_type"),
        (frame_of(date="today"), {}, "wrong_type"),
        (frame_of(importance="high"), {}, "wrong_type"),
        (frame_of(customer_id=0.5), {}, "not_an_id"),
        (frame_of()[["topic", "channel", "date"]], {}, "missing_column"),
        ("price", {}, "not_a_table"),
        ([1], {}, "not_a_table"),
    ],
)
def test_what_cannot_be_right_is_refused(frame: Any, options: Any, code: str) -> None:
    with refused(code):
        rank_needs(frame, **{"as_of": AS_OF, "rng": 1, **options})


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnError, match="channel"):
        rank_needs(frame_of().drop(columns="channel"), as_of=AS_OF, rng=1)


def test_a_host_may_call_the_columns_otherwise_and_leave_some_out() -> None:
    frame = (
        frame_of()
        .rename(columns={"topic": "about"})
        .drop(columns=["customer_id", "sentiment"])
    )
    found = rank_needs(
        frame, as_of=AS_OF, rng=1, columns={"topic": "about"}, policy=QUICK
    )
    assert found.topics == ("price", "speed")
    assert found.report.anonymous == 2
    assert str(found.report) == "2 observations: 2 used (2 of nobody named)"


def test_numbers_of_nobody_are_respondents_each() -> None:
    rows = [row(None, "price", importance=1.0, satisfaction=0.0) for _ in range(12)]
    assert ranked(rows).overall[0].respondents == 12


def test_observation_objects_refuse_what_lies_outside() -> None:
    with refused("out_of_range"):
        Observation(
            customer_id=1, topic="t", channel="meeting", date=AS_OF, sentiment=-2
        )


def test_importance_without_satisfaction_is_told_and_not_ranked() -> None:
    found = ranked([row(one, "price", importance=0.5) for one in range(20)])
    (need,) = found.overall
    assert (need.importance, need.basis, need.respondents) == (0.5, "stated", 20)
    assert not need.enough
    assert str(need) == (
        "price: not enough evidence of satisfaction (20 respondents; importance 0.50 as "
        "stated)"
    )
    assert (found[3][0].importance, found[3][0].basis) == (0.5, "stated")


# --- one customer less ----------------------------------------------------------------------------


TOPICS = ["delivery", "price", "service"]
UNEVEN = [row(one, topic, importance=1) for one in (3, 7, 20) for topic in TOPICS]


@FEW
@given(worlds(least=3), st.sampled_from([3, 20, -4, 7, "a", "b", "ž", "z"]))
@example(UNEVEN[2:], 3)
@example(UNEVEN[1:6], 3)
@example(UNEVEN[:4], 7)
@example(UNEVEN[:8], 7)
@example([UNEVEN[0], *UNEVEN[3:]], 7)
def test_without_a_customer_what_the_others_said_stays(rows: Any, gone: Any) -> None:
    ranking = ranked(rows)
    left = ranking.without_party(gone)
    kept = [one for one in ranking if one != gone]
    assert list(left) == kept
    assert gone not in left
    for one in kept:
        assert repr(left[one]) == repr(ranking[one])
    assert repr(left.overall) == repr(ranking.overall)
    assert left.who.size == sum(len(left[one]) for one in kept)
    assert left.first(left.customer_ids).codes.tolist() == [
        ranking.first(ranking.customer_ids).codes.tolist()[at]
        for at, one in enumerate(ranking)
        if one in kept
    ]
    if gone not in ranking:
        assert left == ranking


@FEW
@given(worlds())
def test_the_first_need_is_that_of_each_customers_own_list(rows: Any) -> None:
    ranking = ranked(rows)
    others = {str: ["", "zz"], int: [-99, 99]}
    is_text = ranking.customer_ids.dtype == object
    ids = [*ranking, *others[str if is_text else int]]
    asked = np.array([*sorted(ids), None], dtype=object)[:-1]
    asked = asked if is_text else asked.astype(np.int64)
    found = ranking.first(asked)
    words = [None if code < 0 else found.words[code] for code in found.codes.tolist()]
    said = {one: ranking[one] for one in ranking}
    expected = []
    for one in asked.tolist():
        told = [
            need.topic for need in said.get(one, ()) if not math.isnan(need.opportunity)
        ]
        expected.append(told[0] if told else None)
    assert words == expected
    nobody = ranking.first(asked[:0])
    assert nobody.codes.size == 0


def test_erasing_a_customer_takes_what_they_said_and_says_so() -> None:
    ranking = ranked([*survey(5), row(7, "price", importance=1.0, satisfaction=0.0)])
    gone = erase(ranking, 7)
    assert (gone.removed, gone.blanked) == (1, 0)
    assert gone.thing == ranking.without_party(7)
    assert 7 in ranking
    assert pickle.loads(pickle.dumps(gone.thing)) == gone.thing  # noqa: S301
    with pytest.raises(UnknownCustomerError):
        gone.thing[7]
    nobody = erase(ranking, 99)
    assert (nobody.removed, nobody.thing) == (0, ranking)
    for strange in ("7", True, None):
        with pytest.raises(CustomerIdentificationError):
            erase(ranking, strange)
    assert gone.thing.renamed([10, 11, 12, 13, 14])[10] == ranking[0]


def test_sums_of_very_many_are_those_of_few() -> None:
    """Tables too large to be held whole are sparse, and add up to the same."""
    n, n_sums = 40_000, 150  # more cells than are held at a time
    dice = np.random.Generator(np.random.PCG64(5))
    who = np.sort(dice.integers(n, size=500))
    which = dice.permutation(np.arange(500) % n_sums)
    added = dice.integers(1, 9, 500).astype(float)
    tallies = Tallies(n_respondents=n, n_sums=n_sums, who=who, which=which, added=added)
    assert n * n_sums > 1 << 22
    found = np.vstack(list(tallies.samples(4, np.random.Generator(np.random.PCG64(7)))))
    again = np.random.Generator(np.random.PCG64(7)).integers(n, size=(4, n))
    for sums, drawn in zip(found, again, strict=True):
        times = np.bincount(drawn, minlength=n)
        expected = np.bincount(which, added * times[who], minlength=n_sums)
        np.testing.assert_allclose(sums, expected)
