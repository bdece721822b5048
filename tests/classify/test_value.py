"""ABC limits: against their definitions in exact fractions, and what must not matter."""

import pickle
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    ABCRule,
    InvalidInputError,
    Summary,
    Transaction,
    summarize,
)
from customer_identification.classify.limits import (
    Limit,
    computed_limits,
    limit_at,
    limits_by_customers,
    limits_by_value,
)


few = settings(derandomize=True, max_examples=70, deadline=None)

CENTS = st.integers(-5, 12) | st.integers(-500, 20_000)
VALUES = st.lists(CENTS, max_size=25)
SHARES = st.lists(st.integers(1, 99), min_size=1, max_size=4, unique=True).map(
    lambda shares: tuple(share / 100 for share in sorted(shares))
)


def summary_of(values: list[int], minor_units: int = 2) -> Summary:
    return summarize(
        [
            Transaction(
                customer_id=one,
                date=date(2011, 7, 1),
                amount=cents / 10**minor_units,
            )
            for one, cents in enumerate(values)
        ],
        as_of="2011-07-31",
        minor_units=minor_units,
    )


def percent(share: float) -> Fraction:
    return Fraction(round(share * 100), 100)


def sizes_by_value(values: list[int], shares: tuple[float, ...]) -> list[int]:
    """Count the customers before whom the share is still below the class's share."""
    falling = sorted((v for v in values if v > 0), reverse=True)
    total = sum(falling)
    return [
        sum(
            Fraction(sum(falling[:place]), total) < percent(share)
            for place in range(len(falling))
        )
        for share in shares
    ]


def sizes_computed(values: list[int]) -> list[int]:
    """Find the points of the curve by exact distances, the first of equals."""
    falling = sorted((max(v, 0) for v in values), reverse=True)
    n, total = len(falling), sum(falling)
    missing = [1 - Fraction(sum(falling[: i + 1]), total) for i in range(n)]

    def nearest(x: Fraction) -> int:
        apart = [(Fraction(i + 1, n) - x) ** 2 + missing[i] ** 2 for i in range(n)]
        return apart.index(min(apart)) + 1

    pareto = nearest(Fraction(0))
    break_even = sum(value * n >= total for value in falling)
    first, second = sorted((pareto, break_even))
    submarginal = nearest(Fraction(second, n))
    some = sum(value > 0 for value in falling)
    return [first, min(max(first, submarginal), some)]


def assert_limits(
    found: tuple[Limit, ...], values: list[int], sizes: list[int]
) -> None:
    falling = sorted(values, reverse=True)
    assert [limit.size for limit in found] == sizes
    for limit in found:
        assert limit.value == falling[limit.size - 1]
        assert limit.at_least == sum(value >= limit.value for value in values)
        assert limit.above == sum(value > limit.value for value in values)
        assert limit.above < limit.size <= limit.at_least


@few
@given(values=VALUES, shares=SHARES)
def test_limits_by_value_are_the_definition(values: Any, shares: Any) -> None:
    found = limits_by_value(np.array(values, dtype=np.int64), shares)
    if not any(value > 0 for value in values):
        assert found == ()
        return
    assert_limits(found, values, sizes_by_value(values, shares))


@few
@given(values=VALUES, shares=SHARES)
def test_limits_by_customers_are_the_definition(values: Any, shares: Any) -> None:
    found = limits_by_customers(np.array(values, dtype=np.int64), shares)
    n = sum(value > 0 for value in values)
    if not n:
        assert found == ()
        return
    assert_limits(found, values, [ceil(percent(share) * n) for share in shares])


@few
@given(values=VALUES)
def test_computed_limits_are_the_definition(values: Any) -> None:
    found = computed_limits(np.array(values, dtype=np.int64))
    if not any(value > 0 for value in values):
        assert found == ()
        return
    assert_limits(found, values, sizes_computed(values))


@pytest.mark.parametrize(
    ("values", "sizes"),
    [
        ([2, 0, 6, 0, 2], [1, 3]),
        ([0, 6, 1, 1, 2], [1, 2]),
        ([4, 4, 1, 3, 5, 1, 4, 5, 3, 7, 7], [4, 8]),
    ],
)
def test_equal_distances_give_the_first_point(values: Any, sizes: Any) -> None:
    assert sizes_computed(values) == sizes
    assert [limit.size for limit in computed_limits(np.array(values))] == sizes


def test_very_large_values_are_compared_exactly() -> None:
    large = [2**61, 2**60 + 1, 2**60]
    found = limits_by_value(np.array(large), (0.5, 0.75))
    assert [limit.size for limit in found] == sizes_by_value(large, (0.5, 0.75))


def test_a_limit_counts_with_and_without_ties() -> None:
    assert limit_at(np.array([5, 3, 3, 1]), 3) == Limit(3, 3, 3, 1)
    assert limit_at(np.array([], dtype=np.int64), 3) == Limit(3, 0, 0, 0)


METHODS = st.sampled_from(
    [
        ABCClassifier(),
        ABCClassifier(value_shares=(0.3, 0.5, 0.9)),
        ABCClassifier(customer_shares=(0.05, 0.20)),
        ABCClassifier(thresholds=(20, 1)),
        ABCClassifier(computed=True),
    ]
)


@few
@given(values=st.lists(CENTS, min_size=1, max_size=20), classifier=METHODS)
def test_classes_follow_value_and_ties_share_them(values: Any, classifier: Any) -> None:
    summary = summary_of(values)
    classes = classifier.fit(summary).classify(summary)
    labels = [classes.label_of(one) for one in range(len(values))]
    for value, label in zip(values, labels, strict=True):
        assert (label == "none") == (value <= 0)
        for other, other_label in zip(values, labels, strict=True):
            if value >= other:
                assert classes.labels.index(label) <= classes.labels.index(other_label)
            if value == other:
                assert label == other_label
    if max(values) > 0 and classifier.thresholds is None:
        assert labels[values.index(max(values))] == "A"
    assert sum(classes.counts().values()) == len(values)


@few
@given(values=st.lists(CENTS, min_size=1, max_size=20), classifier=METHODS)
def test_the_unit_of_money_does_not_move_anybody(values: Any, classifier: Any) -> None:
    if classifier.thresholds is not None:
        return  # these are in the host's money
    in_cents = summary_of(values)
    in_mills = summary_of([10 * value for value in values], minor_units=3)
    times = summary_of([7 * value for value in values])
    codes = [
        classifier.fit(one).classify(one).codes.tolist()
        for one in (in_cents, in_mills, times)
    ]
    assert codes[0] == codes[1] == codes[2]


@few
@given(values=st.lists(CENTS, min_size=1, max_size=12), classifier=METHODS)
def test_what_would_change_the_class_does(values: Any, classifier: Any) -> None:
    summary = summary_of(values)
    rule = classifier.fit(summary)
    classes = rule.classify(summary)
    for one, value in enumerate(values):
        verdict = classes[one]
        for change in verdict.changes:
            assert change.measure == "value"
            cents = round(change.by * 100)
            assert cents == pytest.approx(change.by * 100, rel=1e-12)
            there = rule.classify(summary_of([value + cents]))
            assert there.label_of(0) == change.label != verdict.label
            nearly = value + cents - (1 if cents > 0 else -1)
            assert rule.classify(summary_of([nearly])).label_of(0) != change.label
        higher = classes.labels[: classes.codes[one]]
        if verdict.label in {"B", "C"} and higher:
            assert any(change.label in higher for change in verdict.changes)


@few
@given(values=st.lists(CENTS, min_size=1, max_size=12), classifier=METHODS)
def test_a_verdict_gives_value_limit_margin_and_place(
    values: Any, classifier: Any
) -> None:
    summary = summary_of(values)
    rule = classifier.fit(summary)
    classes = rule.classify(summary)
    for one, value in enumerate(values):
        verdict = classes[one]
        first = verdict.reasons[0]
        assert (first.measure, first.unit) == ("value", "money")
        assert first.value == value / 100
        assert first.limit is not None
        assert first.margin is not None
        assert first.margin == pytest.approx(abs(first.value - first.limit), abs=1e-9)
        assert first.margin >= 0
        if verdict.label == "none":
            continue
        assert verdict.rank == 1 + sum(other > value for other in values)
        assert verdict.tied == sum(other == value for other in values) - 1
        assert verdict.of == len(values)


def test_thresholds_are_in_the_hosts_money() -> None:
    rule = ABCClassifier(thresholds=(10.005, 1)).fit(summary_of([1000, 1001, 100, 99]))
    assert [limit.value for limit in rule.limits] == [1001, 100]
    assert [limit.at_least for limit in rule.limits] == [1, 3]
    in_mills = ABCClassifier(thresholds=(10.005, 1)).fit(summary_of([1], 3))
    assert [limit.value for limit in in_mills.limits] == [10_005, 1_000]


def test_januarys_limits_can_be_used_in_february() -> None:
    january = ABCClassifier().fit(summary_of([100, 50, 10, 5]))
    february = january.classify(summary_of([500, 49, 10, 0]))
    assert [february.label_of(one) for one in range(4)] == ["A", "B", "B", "none"]


def test_nothing_to_learn_from_leaves_value_unknown() -> None:
    rule = ABCClassifier().fit(summary_of([0, -5]))
    assert rule.limits == ()
    later = rule.classify(summary_of([5, 0, -1]))
    assert [later.label_of(one) for one in range(3)] == ["unknown", "none", "none"]


def test_a_rule_for_cents_refuses_whole_money() -> None:
    rule = ABCClassifier().fit(summary_of([500]))
    with pytest.raises(InvalidInputError, match="minor_units=2"):
        rule.classify(summary_of([500], minor_units=0))


@pytest.mark.parametrize(
    "options",
    [
        {"value_shares": ()},
        {"value_shares": (0.9, 0.8)},
        {"value_shares": (0.8, 0.8)},
        {"value_shares": (0.0, 0.8)},
        {"value_shares": (0.8, 1.0)},
        {"value_shares": (0.8, float("nan"))},
        {"value_shares": ("a",)},
        {"value_shares": 0.8},
        {"customer_shares": (1.2,)},
        {"thresholds": ()},
        {"thresholds": (1, 2)},
        {"thresholds": (1, 0)},
        {"thresholds": (float("inf"), 1)},
        {"thresholds": ("a",)},
        {"thresholds": 5},
        {"value_shares": (0.8,), "computed": True},
        {"thresholds": (5,), "customer_shares": (0.5,)},
        {"classes": ("A", "B")},
        {"classes": ("A", "A", "B")},
        {"classes": ("A", "unknown", "B")},
        {"classes": ("none", "B", "C")},
        {"measure": "purchases"},
        {"measure": ["value"]},
    ],
)
def test_options_that_cannot_be_right_are_refused(options: Any) -> None:
    with pytest.raises(InvalidInputError):
        ABCClassifier(**options)


def test_a_rule_holds_limits_and_no_customer() -> None:
    rule = ABCClassifier().fit(summary_of([123_456, 5]))
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301
    assert hash(pickle.loads(pickle.dumps(rule))) == hash(rule)  # noqa: S301
    assert isinstance(rule, ABCRule)
    assert rule.labels == ("A", "B", "C", "none", "unknown")
    with pytest.raises(AttributeError):
        rule.limits = ()  # type: ignore[misc]
