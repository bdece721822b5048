"""Sharing whole units against brute force over all sharings, and against fractions."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.service.sharing import (
    pegged,
    share_between,
    share_within,
    whole_units,
)
from service.makers import all_in_order, in_order, refused


FEW = settings(max_examples=150, deadline=None)


# --- between classes --------------------------------------------------------------------


def part_of_last(values: list[int], possible: list[Any], budget: int) -> Fraction:
    """Share in parts of units at one rate, found by halving; give that of the last."""
    bounds = [(min(one), max(one)) for one in zip(*possible, strict=True)]
    a, b = Fraction(0), Fraction(max(high for _, high in bounds) + 1)
    while True:  # no value is below 1
        rate = (a + b) / 2
        parts = [
            min(max(rate * v, Fraction(x)), Fraction(y))
            for v, (x, y) in zip(values, bounds, strict=True)
        ]
        if abs(sum(parts) - budget) < Fraction(1, 10**9):
            return parts[-1]
        a, b = (rate, b) if sum(parts) < budget else (a, rate)


def from_the_last(values: list[int], possible: list[Any], budget: int) -> list[int]:
    """Take from all sharings the one where each class, from the last, has its part.

    Among sharings that spend the budget: the most units that are not above the part, or
    else the fewest.
    """
    spending = [one for one in possible if sum(one) == budget]
    chosen: list[int] = []
    for at in reversed(range(len(values))):
        left = [one[: at + 1] for one in possible if list(one[at + 1 :]) == chosen]
        part = part_of_last(values[: at + 1], left, budget - sum(chosen))
        units = {one[at] for one in spending if list(one[at + 1 :]) == chosen}
        below = [n for n in units if n <= part + Fraction(1, 10**6)]
        chosen.insert(0, max(below) if below else min(units))
    return chosen


@st.composite
def classes(draw: Any) -> tuple[list[int], list[tuple[int, int]], int]:
    n = draw(st.integers(1, 4))
    values = draw(st.lists(st.integers(1, 30), min_size=n, max_size=n))
    low = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    width = draw(st.lists(st.integers(0, 7), min_size=n, max_size=n))
    bounds = [(a, a + b) for a, b in zip(low, width, strict=True)]
    return values, bounds, draw(st.integers(0, 25))


@FEW
@given(classes())
def test_classes_are_shared_out_in_order_wherever_that_can_be(case):
    values, bounds, budget = case
    exact = [Fraction(one) for one in values]
    low, high = zip(*bounds, strict=True)
    possible = all_in_order(values, bounds)
    if not any(sum(units) == budget for units in possible):
        with refused("inversion"):
            share_between(exact, low, high, budget)
        return
    units = share_between(exact, low, high, budget)
    assert sum(units) == budget
    assert tuple(units) in possible
    assert units == from_the_last(values, possible, budget)


@FEW
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=8), st.integers(0, 10**9))
def test_where_no_class_is_below_a_larger_one_each_is_next_to_its_share(values, budget):
    values.sort(reverse=True)
    exact = [Fraction(one) for one in values]
    units = share_between(exact, [0] * len(values), [budget] * len(values), budget)
    assert sum(units) == budget
    assert in_order(units, values)
    # Each class loses less than a unit, and no more than the one above on top of that.
    most = Fraction(len(values) * (len(values) + 1), 2)
    for got, value in zip(units, values, strict=True):
        assert abs(got - Fraction(budget * value, sum(values))) < most


@FEW
@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=8), st.integers(0, 10**15))
def test_any_values_and_budgets_are_shared_out_in_no_time(values, budget):
    exact = [Fraction(one) for one in values]
    units = share_between(exact, [0] * len(values), [budget] * len(values), budget)
    assert sum(units) == budget
    assert in_order(units, values)


def test_a_tiny_first_class_does_not_take_what_the_second_one_brings():
    # At one rate 0.9 and 899.1 units: rounded down, the first would have none, and so
    # the second nothing either.
    assert share_between([Fraction(1), Fraction(1000)], [0, 0], [900, 900], 900) == [
        1,
        899,
    ]


def test_a_small_class_above_a_large_one_costs_many_units():
    # Each unit of the last class asks for one of every other class.
    values = [Fraction(1), Fraction(1), Fraction(1), Fraction(1000)]
    assert share_between(values, [0] * 4, [10] * 4, 10) == [1, 1, 1, 7]
    # A unit of the second asks for 10,000 of the first.
    values = [Fraction(10**6), Fraction(100), Fraction(5 * 10**5)]
    assert share_between(values, [0] * 3, [150] * 3, 150) == [150, 0, 0]
    # 67 of the second would ask for 670,000 of the first; 66 allow 330,000 of the last.
    shared = share_between(values, [0] * 3, [10**6] * 3, 10**6)
    assert shared == [669_934, 66, 330_000]


def test_equal_classes_share_alike_and_the_first_gets_the_odd_unit():
    values = [Fraction(5)] * 3
    assert share_between(values, [0] * 3, [9] * 3, 9) == [3, 3, 3]
    assert share_between(values, [0] * 3, [9] * 3, 10) == [4, 3, 3]
    assert share_between(values, [0] * 3, [9] * 3, 11) == [4, 4, 3]


# --- within a class ---------------------------------------------------------------------


def in_fractions(
    values: list[int], low: list[int], high: list[int], total: int
) -> list[Fraction]:
    """Give clip(rate * value, low, high) that adds up, from the turns of the sum."""

    def parts(rate: Fraction) -> list[Fraction]:
        return [
            min(max(rate * v, Fraction(a)), Fraction(b))
            for v, a, b in zip(values, low, high, strict=True)
        ]

    turns = sorted(
        {
            Fraction(x, v)
            for v, *both in zip(values, low, high, strict=True)
            for x in both
        }
    )
    for here, there in itertools.pairwise([*turns, turns[-1]]):
        below, above = sum(parts(here)), sum(parts(there))
        if below <= total <= above:
            steep = (above - below) / (there - here) if there > here else Fraction(1)
            return parts(here + (total - below) / (steep or 1))
    raise AssertionError


def by_remainders(
    parts: list[Fraction], values: list[int], high: list[int], total: int
) -> list[int]:
    """Round down, then up by remainder, value and position, one after the other."""
    units = [math.floor(one) for one in parts]
    order = sorted(
        (i for i in range(len(units)) if units[i] < high[i]),
        key=lambda i: (units[i] - parts[i], -values[i], i),
    )
    for i in order[: total - sum(units)]:
        units[i] += 1
    return units


@st.composite
def customers(draw: Any) -> tuple[list[int], list[int], list[int], int]:
    n = draw(st.integers(1, 7))
    values = draw(st.lists(st.integers(1, 40), min_size=n, max_size=n))
    low = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    if draw(st.booleans()):
        low = [0] * n
    width = draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    high = [a + b for a, b in zip(low, width, strict=True)]
    return values, low, high, draw(st.integers(sum(low), sum(high)))


@FEW
@given(customers(), st.sampled_from([np.int64, np.float64]))
def test_customers_share_as_fractions_say(case, dtype):
    values, low, high, total = case
    given_ = np.array(values, dtype), np.array(low), np.array(high), total
    exact = in_fractions(*case)
    assert pegged(*given_) == pytest.approx([float(one) for one in exact], abs=1e-9)
    expected = by_remainders(exact, values, high, total)
    assert share_within(*given_).tolist() == expected


@FEW
@given(
    st.lists(st.floats(1e-300, 1e100), min_size=1, max_size=9),
    st.integers(0, 3),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
)
def test_more_value_never_gets_fewer_units_under_equal_bounds(values, low, width, rest):
    n = len(values)
    total = n * low + rest % (n * width + 1)
    bounds = np.full(n, low), np.full(n, low + width)
    units = share_within(np.array(values), *bounds, total)
    assert units.sum() == total
    assert (bounds[0] <= units).all()
    assert (units <= bounds[1]).all()
    assert (np.diff(units[np.argsort(values, kind="stable")]) >= -1).all()
    order = np.lexsort((-np.arange(n), values))  # of equal ones the first has most
    assert (np.diff(units[order]) >= 0).all()


def test_rounding_mends_what_floats_of_many_units_get_wrong():
    none, many = np.zeros(3, np.int64), np.full(3, 2**40)
    values = np.array([2, 1, 1])
    too_much = np.array([2.0**39, 3.5, 3.25])
    units = whole_units(too_much, values, (none, many), 2**39 + 4)
    assert units.tolist() == [2**39 - 1, 3, 2]
    too_little = np.array([5.0, 1.5, 1.25])
    units = whole_units(too_little, values, (none, many), 14)
    assert units.tolist() == [7, 4, 3]


def test_equal_customers_get_the_same_but_for_one_unit_by_position():
    none = np.zeros(4, np.int64)
    assert share_within(np.full(4, 7), none, none + 9, 10).tolist() == [3, 3, 2, 2]


def test_nobody_shares_nothing():
    nothing = np.zeros(0, np.int64)
    assert share_within(nothing, nothing, nothing, 0).size == 0
