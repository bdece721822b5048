"""Limits from counts and sums of groups: those of the sorted column, to the customer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_identification import InvalidInputError
from customer_identification.classify.limits import (
    Limit,
    computed_limits,
    limit_at,
    limits_at,
    limits_by_customers,
    limits_by_value,
)
from customer_identification.classify.selection import Histogram
from populations import POPULATIONS


Ints = NDArray[np.int64]

few = settings(derandomize=True, max_examples=150, deadline=None)

MANY = tuple((place + 1) / 26 for place in range(25))
CUTS: dict[str, Callable[[Any], tuple[Limit, ...]]] = {
    "value shares": lambda values: limits_by_value(values, (0.8, 0.95)),
    "25 value shares": lambda values: limits_by_value(values, MANY),
    "customer shares": lambda values: limits_by_customers(values, (0.05, 0.2)),
    "25 customer shares": lambda values: limits_by_customers(values, MANY),
    "thresholds": lambda values: limits_at(values, [2**70, 2**63 - 1, 70_000, 1000, 1]),
    "computed": computed_limits,
}


def groups_of(values: Ints, keys: Ints) -> Ints:
    """Give least, largest, number and sum of the values of each key."""
    rows = [
        [one.min(), one.max(), one.size, one.sum()]
        for key in np.unique(keys)
        for one in [values[keys == key]]
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


@frozen(eq=False)
class InMemory:
    """A column in memory; `rows` gets the number of groups of every answer."""

    values: Ints
    rows: list[int] = field(factory=list)

    def spread(self) -> Ints:
        lengths = [max(value, 0).bit_length() for value in self.values.tolist()]
        return self._told(groups_of(self.values, np.array(lengths, dtype=np.int64)))

    def split(self, ranges: Sequence[tuple[int, int, int]]) -> Ints:
        parts = []
        for low, high, width in ranges:
            inside = self.values[(self.values >= low) & (self.values <= high)]
            places = [(value - low) // width for value in inside.tolist()]
            parts.append(groups_of(inside, np.array(places, dtype=np.int64)))
        return self._told(np.concatenate(parts))

    def _told(self, groups: Ints) -> Ints:
        self.rows.append(len(groups))
        return groups


@frozen(eq=False)
class Blurred(InMemory):
    """A column whose first groups overlap, as of an engine with a poor logarithm."""

    def spread(self) -> Ints:
        odd = self.values % 2
        keys = np.where(self.values > 0, (self.values + 3 * odd) // 8, -1)
        return self._told(groups_of(self.values, keys))


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("name", POPULATIONS)
def test_limits_are_those_of_the_sorted_column(name: str, cut: str) -> None:
    values = POPULATIONS[name]
    column = InMemory(values)
    assert CUTS[cut](column) == CUTS[cut](values)
    assert len(column.rows) <= 7  # a group of a bit each is a coarse beginning
    assert max(column.rows) <= 4096 + 25


@few
@given(
    values=st.lists(
        st.integers(-3, 12) | st.integers(-500, 20_000) | st.integers(0, 2**55),
        max_size=40,
    ),
    shares=st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True),
    thresholds=st.lists(st.integers(1, 20_000) | st.integers(1, 2**64), max_size=4),
    kind=st.sampled_from([InMemory, Blurred]),
)
def test_limits_of_any_column_are_those_of_the_sorted_column(
    values: Any, shares: Any, thresholds: Any, kind: Any
) -> None:
    array = np.array(values, dtype=np.int64)
    parts = tuple(share / 100 for share in sorted(shares))
    for cut in (limits_by_value, limits_by_customers):
        assert cut(kind(array), parts) == cut(array, parts)
    assert computed_limits(kind(array)) == computed_limits(array)
    assert limits_at(kind(array), thresholds) == limits_at(array, thresholds)


@few
@given(
    values=st.lists(st.integers(0, 6), min_size=1, max_size=30),
    share=st.integers(1, 99),
)
def test_groups_of_many_equal_values_are_cut_within(values: Any, share: int) -> None:
    array = np.repeat(np.array(values, dtype=np.int64), 1000)
    for cut in (limits_by_value, limits_by_customers):
        assert cut(InMemory(array), (share / 100,)) == cut(array, (share / 100,))
    assert computed_limits(InMemory(array)) == computed_limits(array)


def test_groups_that_overlap_are_told_apart_later() -> None:
    values = np.arange(-5, 200)
    low, high = Blurred(values).spread()[1:, :2].T
    assert (low[1:] < high[:-1]).all()
    for cut in CUTS.values():
        assert cut(Blurred(values)) == cut(values)


def test_thresholds_are_one_question() -> None:
    column = InMemory(np.array([5, 3, 3, 1, -2]))
    assert limits_at(column, [5, 3, 2]) == (
        Limit(5, 1, 1, 0),
        Limit(3, 3, 3, 1),
        Limit(2, 3, 3, 3),
    )
    assert len(column.rows) == 1
    assert limit_at(column, 3) == Limit(3, 3, 3, 1)
    assert limits_at(column, []) == ()


def test_the_largest_threshold_of_all_can_be_met() -> None:
    most = 2**63 - 1
    column = InMemory(np.array([most, 4]))
    assert limits_at(column, [most, 3]) == (Limit(most, 1, 1, 0), Limit(3, 2, 2, 2))


def test_values_in_ever_narrower_clusters_take_more_questions_and_stay_exact() -> None:
    # Powers of 2 above 2**40: half of the customers are in the lowest part, always.
    values = 2**40 + 2 ** np.repeat(np.arange(40), 500)
    column = InMemory(values)
    assert CUTS["customer shares"](column) == CUTS["customer shares"](values)
    assert limits_by_customers(InMemory(values), MANY) == limits_by_customers(
        values, MANY
    )


def test_limits_hold_with_more_shares_than_groups() -> None:
    values = np.arange(1, 10_001) ** 2
    shares = tuple(np.arange(1, 4500) / 4500)
    column = InMemory(values)
    assert limits_by_customers(column, shares) == limits_by_customers(values, shares)


@frozen(eq=False)
class Shaken(InMemory):
    """A column that gains a customer after the first answer."""

    def split(self, ranges: Sequence[tuple[int, int, int]]) -> Ints:
        return InMemory(np.append(self.values, self.values[0])).split(ranges)


@frozen(eq=False)
class Stuck(InMemory):
    """A column that does not give smaller groups."""

    def split(self, ranges: Sequence[tuple[int, int, int]]) -> Ints:
        return InMemory(self.values).split(
            [(low, high, high) for low, high, _ in ranges]
        )


@pytest.mark.parametrize("kind", [Shaken, Stuck])
def test_a_column_that_gives_other_answers_is_an_error(kind: type[InMemory]) -> None:
    column: Histogram = kind(np.array([5, 6, 7]))
    with pytest.raises(InvalidInputError, match="the same values") as caught:
        limits_by_customers(column, (0.5,))
    assert caught.value.code == "changed"
