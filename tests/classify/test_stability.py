"""Classes held over months, against a small machine that follows one customer."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Classification,
    InvalidInputError,
    LoyaltyClassifier,
    Override,
    StabilityPolicy,
    Transaction,
    ValueTrajectoryClassifier,
    stabilize,
    summarize,
)


few = settings(derandomize=True, max_examples=80, deadline=None)

JULY = date(2011, 7, 31)
MONTHS = [date(2011, 7, 31), date(2011, 8, 31), date(2011, 9, 30), date(2011, 10, 31)]
MONTHS += [date(2011, 11, 30), date(2011, 12, 31)]
LABELS = ("A", "B", "C", "none")
LIMITS = {"A": 1000, "B": 500, "C": 0}


def values_on(day: date, values: dict[Any, Any]) -> Any:
    return summarize(
        [
            Transaction(customer_id=one, date=date(2011, 7, 1), amount=value)
            for one, value in values.items()
        ],
        as_of=day,
    )


RULE = ABCClassifier(thresholds=(1000, 500)).fit(values_on(JULY, {0: 1}))


def on(day: date, values: Any) -> Classification:
    if not isinstance(values, dict):
        values = dict(enumerate(values))
    return RULE.classify(values_on(day, values))


def labels_of(classes: Classification) -> list[str]:
    return [classes.label_of(one) for one in classes]


# --- the machine ------------------------------------------------------------------------


def by_rule(value: int) -> str:
    if value <= 0:
        return "none"
    return next(label for label, limit in LIMITS.items() if value >= limit)


def clearly(value: int, label: str, share: Fraction) -> bool:
    if label == "C":
        return value > 0
    return value >= LIMITS[label] * (1 + share)


def step(
    before: Any, value: int, today: date, share: Fraction, dwell: int
) -> tuple[str, date, str]:
    """Give the class today, since when, and why, from yesterday's (label, since)."""
    now = by_rule(value)
    if before is None:
        return now, today, "rule"
    label, since = before
    steady = now
    if "none" not in (label, now):
        old, new = LABELS.index(label), LABELS.index(now)
        if new < old:
            passed = [one for one in LABELS[new:old] if clearly(value, one, share)]
            steady = passed[0] if passed else label
        elif new > old:
            held = [one for one in LABELS[old:new] if clearly(value, one, -share)]
            steady = held[0] if held else now
        if steady != label and (today - since).days < dwell:
            return label, since, "dwell"
    cause = "rule" if steady == now else "hysteresis"
    return steady, since if steady == label else today, cause


VALUE = st.sampled_from([-1, 0, 1, 449, 450, 451, 499, 500, 549, 550, 551, 700]) | (
    st.sampled_from([899, 900, 901, 999, 1000, 1099, 1100, 1101, 1300, 5000])
)


@few
@given(
    months=st.lists(
        st.lists(VALUE, min_size=4, max_size=4), min_size=2, max_size=len(MONTHS)
    ),
    share=st.sampled_from([Fraction(0), Fraction(1, 10), Fraction(3, 10)]),
    dwell=st.sampled_from([0, 31, 62, 100]),
)
def test_every_class_over_months_is_that_of_the_machine(
    months: Any, share: Fraction, dwell: int
) -> None:
    policy = StabilityPolicy(hysteresis=float(share), min_dwell=dwell)
    previous = None
    states: list[Any] = [None] * 4
    for day, values in zip(MONTHS, months, strict=False):
        previous = stabilize(on(day, values), previous, policy=policy)
        for one, value in enumerate(values):
            label, since, cause = step(states[one], value, day, share, dwell)
            states[one] = (label, since)
            verdict = previous[one]
            assert (verdict.label, verdict.since) == (label, since)
            assert verdict.rule_label == by_rule(value)
            if label != verdict.rule_label:
                assert verdict.cause == cause
                assert str(verdict).startswith(f"{label} (")
                assert f"the rule says {verdict.rule_label}, but" in str(verdict)


POSITIVE = VALUE.filter(lambda value: value > 0)


@few
@given(
    months=st.lists(POSITIVE, min_size=2, max_size=len(MONTHS)),
    share=st.sampled_from([0.0, 0.1, 0.3]),
    dwell=st.sampled_from([0, 31, 62]),
)
def test_no_boundary_is_crossed_more_often_than_by_the_rule_alone(
    months: Any, share: float, dwell: int
) -> None:
    policy = StabilityPolicy(hysteresis=share, min_dwell=dwell)
    previous = None
    raw, steady = [], []
    for day, value in zip(MONTHS, months, strict=False):
        previous = stabilize(on(day, [value]), previous, policy=policy)
        raw.append(int(previous.by_rule[0]))
        steady.append(int(previous.codes[0]))
    for boundary in (0, 1):
        crossed = [
            sum((a <= boundary) != (b <= boundary) for a, b in pairwise(s))
            for s in (steady, raw)
        ]
        assert crossed[0] <= crossed[1]


def test_who_clears_a_middle_class_does_not_stay_below_it() -> None:
    july = on(JULY, [400, 400, 5000, 600])
    august = stabilize(on(MONTHS[1], [1050, 600, 450, 450]), july)
    assert labels_of(august) == ["B", "B", "B", "B"]


@few
@given(values=st.lists(VALUE, min_size=2, max_size=8), before=VALUE)
def test_more_value_never_gives_a_worse_held_class(values: Any, before: int) -> None:
    july = on(JULY, [before] * len(values))
    august = stabilize(on(MONTHS[1], sorted(values)), july)
    assert august.codes.tolist() == sorted(august.codes.tolist(), reverse=True)


def test_without_hysteresis_and_dwell_the_rule_has_its_way() -> None:
    policy = StabilityPolicy(hysteresis=0, min_dwell=0)
    july = on(JULY, [999, 1000, 1])
    august = stabilize(on(MONTHS[1], [1000, 999, 500]), july, policy=policy)
    assert labels_of(august) == ["A", "B", "B"]
    assert august.causes is not None
    assert not august.causes.any()


def test_a_new_customer_takes_the_class_of_the_rule() -> None:
    august = stabilize(on(MONTHS[1], {1: 999, 2: 1001}), on(JULY, {1: 1000}))
    assert labels_of(august) == ["A", "A"]
    assert [august[one].since for one in (1, 2)] == [JULY, MONTHS[1]]


def test_leaving_for_nothing_takes_effect_at_once() -> None:
    policy = StabilityPolicy(hysteresis=0.5, min_dwell=1000)
    august = stabilize(on(MONTHS[1], [0, 1]), on(JULY, [1000, 0]), policy=policy)
    assert labels_of(august) == ["none", "C"]


def test_doubts_about_a_trajectory_take_effect_at_once() -> None:
    def until(day: date, amounts: list[int]) -> Any:
        sales = [
            Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
            for month, amount in enumerate(amounts, 1)
            for one in (1, 2)
            if one == 1 or month < 9
        ]
        return summarize(sales, as_of=day)

    summary = until(date(2011, 8, 31), [100] * 8)
    rule = ValueTrajectoryClassifier().fit(summary)
    policy = StabilityPolicy(hysteresis=0.5, min_dwell=1000)
    august = stabilize(rule.classify(summary), policy=policy)
    assert august.label_of(2) == "retain"
    later = until(date(2011, 12, 31), [100] * 12)
    december = stabilize(rule.classify(later), august, policy=policy)
    assert december.label_of(1) == "retain"
    assert december.label_of(2) == "review"


def bought(months: tuple[int, ...], amount: int, discount: int, day: date) -> Any:
    return summarize(
        [
            Transaction(
                customer_id=1,
                date=date(2011, month, 1),
                amount=amount,
                discount=discount,
            )
            for month in months
        ],
        as_of=day,
    )


def test_what_is_counted_is_not_made_harder() -> None:
    # Three days with a purchase are three, and not nearly 3.3.
    rule = LoyaltyClassifier().fit(bought((1, 2, 3), 1, 0, date(2011, 3, 31)))
    before = rule.classify(bought((1, 2, 3), 10, 1, date(2011, 11, 30)))
    now = rule.classify(bought((1, 2, 3), 10, 0, MONTHS[-1]))
    assert (before.label_of(1), now.label_of(1)) == ("transactional", "relational")
    score = now.measures["loyalty"].values[0]
    assert score > 0.55
    verdict = stabilize(now, before)[1]
    assert (verdict.label, verdict.cause) == ("relational", "rule")
    close = StabilityPolicy(hysteresis=0.98)
    assert stabilize(now, before, policy=close)[1].cause == "hysteresis"


@pytest.mark.parametrize("hysteresis", [0.1, 0.5, 0.9])
def test_the_least_history_stays_the_least(hysteresis: float) -> None:
    policy = StabilityPolicy(hysteresis=hysteresis)
    months, day = (1, 2, 3, 4, 5), date(2011, 5, 31)
    rule = ValueTrajectoryClassifier().fit(bought(months, 100, 0, day))
    before = rule.classify(bought(months, 99, 0, day))
    now = rule.classify(bought(months, 1000, 0, day))
    assert now.measures["history"].values.tolist() == [4]
    assert (before.label_of(1), now.label_of(1)) == ("stable", "retain")
    assert stabilize(now, before, policy=policy).label_of(1) == "retain"


# --- overrides ------------------------------------------------------------------------


def by_hand(one: Any, label: str, since: date, until: date) -> Override:
    return Override(
        customer_id=one, label=label, reason="strategic", since=since, until=until
    )


def test_an_override_holds_on_its_days_and_no_other() -> None:
    august = MONTHS[1]
    for since, until, label in (
        (august, august, "A"),
        (JULY, MONTHS[2], "A"),
        (JULY, august - timedelta(days=1), "C"),
        (august + timedelta(days=1), MONTHS[2], "C"),
    ):
        override = by_hand(0, "A", since, until)
        classes = stabilize(on(august, [1, 1]), on(JULY, [1, 1]), overrides=[override])
        verdict = classes[0]
        assert (verdict.label, verdict.rule_label) == (label, "C")
        assert (verdict.cause == "override") == (label == "A")
        assert verdict.override == (override if label == "A" else None)
        assert classes.label_of(1) == "C"
        assert ("strategic" in str(verdict)) == (label == "A")


@few
@given(
    months=st.lists(
        st.lists(VALUE, min_size=3, max_size=3), min_size=2, max_size=len(MONTHS)
    ),
    overridden=st.integers(0, 2),
)
def test_an_override_leaves_no_trace_when_it_ends(months: Any, overridden: int) -> None:
    override = by_hand(overridden, "B", MONTHS[1], MONTHS[2])
    plain, touched = None, None
    for day, values in zip(MONTHS, months, strict=False):
        plain = stabilize(on(day, values), plain)
        touched = stabilize(on(day, values), touched, overrides=[override])
        assert touched.steady.tolist() == plain.steady.tolist()
        assert np.array_equal(touched.by_rule, plain.by_rule)
        assert touched.since is not None
        assert np.array_equal(touched.since, plain.since)  # type: ignore[arg-type]
        in_force = MONTHS[1] <= day <= MONTHS[2]
        assert (touched.label_of(overridden) == "B") or not in_force
        if not in_force:
            assert np.array_equal(touched.codes, plain.codes)


def test_overrides_are_checked() -> None:
    now = on(MONTHS[1], [1, 1])
    twice = [by_hand(0, "A", JULY, MONTHS[2]), by_hand(0, "B", MONTHS[1], MONTHS[1])]
    with pytest.raises(InvalidInputError, match="at most one") as caught:
        stabilize(now, overrides=twice)
    assert caught.value.positions == (0,)
    apart = [by_hand(0, "A", JULY, JULY), by_hand(0, "B", MONTHS[1], MONTHS[1])]
    assert stabilize(now, overrides=apart).label_of(0) == "B"
    with pytest.raises(InvalidInputError, match="one of A, B, C"):
        stabilize(now, overrides=[by_hand(0, "Z", JULY, MONTHS[2])])
    stranger = stabilize(now, overrides=[by_hand(99, "A", JULY, MONTHS[2])])
    assert labels_of(stranger) == ["C", "C"]
    assert stranger.overrides == {}
    with pytest.raises(InvalidInputError, match="before it begins"):
        by_hand(0, "A", MONTHS[2], JULY)
    with pytest.raises(InvalidInputError, match="reason"):
        Override(customer_id=0, label="A", reason=" ", since=JULY, until=JULY)
    assert "strategic" not in repr(twice[0])


def test_an_override_of_a_customer_set_apart_wins() -> None:
    now = stabilize(on(JULY, [1, 1]), overrides=[by_hand(0, "A", JULY, JULY)])
    apart = now.set_apart(np.array([True, True]))
    assert labels_of(apart) == ["A", "apart"]
    assert apart[1].rule_label == "C"
    assert "set apart; the rule would say C" in str(apart[1])
    assert "set by hand until 2011-07-31" in str(apart[0])
    again = stabilize(on(MONTHS[1], [1, 1]), apart)
    assert labels_of(again) == ["C", "C"]


# --- what is refused, and the empty case ---------------------------------------------


def test_last_time_must_not_be_later() -> None:
    with pytest.raises(InvalidInputError, match="later"):
        stabilize(on(JULY, [1]), on(MONTHS[1], [1]))
    assert len(stabilize(on(JULY, [1]), on(JULY, [1]))) == 1


def test_ids_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="text on both"):
        stabilize(on(MONTHS[1], {1: 5}), on(JULY, {"a": 5}))


def test_nobody_stays_nobody() -> None:
    nobody = on(MONTHS[1], {})
    assert len(stabilize(nobody, on(JULY, {"a": 5}))) == 0
    assert labels_of(stabilize(on(MONTHS[1], {"a": 5}), on(JULY, {}))) == ["C"]


@pytest.mark.parametrize(
    "options",
    [
        {"hysteresis": -0.1},
        {"hysteresis": 1},
        {"hysteresis": float("nan")},
        {"min_dwell": -1},
        {"min_dwell": float("nan")},
    ],
)
def test_policies_that_cannot_be_right_are_refused(options: Any) -> None:
    with pytest.raises(InvalidInputError):
        StabilityPolicy(**options)


def test_a_class_of_last_time_that_is_no_more_counts_as_new() -> None:
    four = ABCClassifier(thresholds=(1000, 500, 100)).fit(values_on(JULY, {0: 1}))
    july = four.classify(values_on(JULY, {0: 50, 1: 1000}))
    assert labels_of(july) == ["D", "A"]
    august = stabilize(on(MONTHS[1], [50, 950]), july)
    assert labels_of(august) == ["C", "A"]
    assert august[0].since == MONTHS[1]
