"""Array kernels against loops over dicts."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import InvalidInputError
from customer_identification.aggregate import (
    complete_periods,
    count_distinct,
    distinct_pairs,
    period_end,
    sum_by_code,
    sum_by_period,
    visits,
)


few = settings(derandomize=True, max_examples=100, deadline=None)

N = 4  # customers
CODE = st.integers(0, N - 1)
AMOUNT = st.integers(-50, 50) | st.sampled_from([2**60, -(2**60)])
ROWS = st.lists(st.tuples(CODE, st.integers(-9, 30), AMOUNT), max_size=25)
NO_DAY = np.iinfo(np.int64).min


def columns(rows: Any) -> Any:
    return np.array(rows, dtype=np.int64).reshape(-1, 3).T.copy()


def ordinal(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


@few
@given(rows=ROWS)
def test_sums_are_exact(rows: Any) -> None:
    codes, _, amounts = columns(rows)
    expected = [0] * N
    for code, _, amount in rows:
        expected[code] += amount
    if all(abs(total) < 2**63 for total in expected):
        assert sum_by_code(codes, amounts, N).tolist() == expected


@few
@given(rows=ROWS)
def test_pairs_and_distinct_values_are_those_of_sets(rows: Any) -> None:
    codes, days, _ = columns(rows)
    values = days + 9
    pairs = sorted({(code, day + 9) for code, day, _ in rows})
    owners, found = distinct_pairs(codes, values, 40)
    assert list(zip(owners.tolist(), found.tolist(), strict=True)) == pairs
    counts = [sum(owner == one for owner, _ in pairs) for one in range(N)]
    assert count_distinct(codes, values, 40, N).tolist() == counts


@few
@given(rows=ROWS, some=st.booleans(), far=st.sampled_from([1, 10_000]))
def test_visits_are_those_of_sorted_days(rows: Any, some: Any, far: int) -> None:
    rows = [(code, day * far, amount) for code, day, amount in rows]
    codes, days, amounts = columns(rows)
    by_customer = defaultdict(set)
    for code, day, amount in rows:
        if not some or amount >= 0:
            by_customer[code].add(day)
    found = visits(codes, days, N, amounts >= 0 if some else None)
    for one in range(N):
        on = sorted(by_customer[one])
        assert found.count[one] == len(on)
        assert found.first[one] == (on[0] if on else NO_DAY)
        assert found.last[one] == (on[-1] if on else NO_DAY)
        gaps = [(b - a) ** 2 for a, b in zip(on, on[1:], strict=False)]  # noqa: RUF007
        assert found.squared_gaps[one] == sum(gaps)


@few
@given(
    rows=ROWS,
    edges=st.lists(st.integers(-12, 35), unique=True, max_size=6).map(sorted),
)
def test_sums_by_period_leave_out_what_lies_outside(rows: Any, edges: Any) -> None:
    rows = [(code, day, amount % 1000) for code, day, amount in rows]
    codes, days, amounts = columns(rows)
    found = sum_by_period(codes, days, amounts, N, np.array(edges, dtype=np.int64))
    periods = list(zip(edges, edges[1:], strict=False))  # noqa: RUF007
    assert found.shape == (N, len(periods))
    for one in range(N):
        for at, (start, end) in enumerate(periods):
            inside = [a for c, d, a in rows if c == one and start <= d < end]
            assert found[one, at] == sum(inside)


def test_tables_of_more_than_one_block_are_summed_and_visited_as_a_whole() -> None:
    rows = np.arange((1 << 20) + 5_000)
    codes, days, amounts = rows % 7, rows * 31 % 61, rows % 1_003
    bought = rows % 5 > 0
    edges = np.array([0, 10, 20])
    found = sum_by_period(codes, days, amounts, 7, edges)
    for one in range(7):
        for at in range(2):
            inside = (codes == one) & (days // 10 == at)
            assert found[one, at] == amounts[inside].sum()
    seen = visits(codes, days, 8, bought)
    for one in range(7):
        on = np.unique(days[(codes == one) & bought])
        assert (seen.count[one], seen.first[one], seen.last[one]) == (
            on.size,
            on[0],
            on[-1],
        )
        assert seen.squared_gaps[one] == (np.diff(on) ** 2).sum()
    assert seen.count[7] == 0


def test_tables_that_are_too_large_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"2\*\*63"):
        distinct_pairs(np.array([2**40]), np.array([1]), 2**30)
    none = np.array([], dtype=np.int64)
    with pytest.raises(InvalidInputError, match="longer period"):
        sum_by_period(none, none, none, 2**20, np.arange(2**10))


DAY = st.dates(date(1968, 1, 1), date(2032, 12, 31))


@few
@given(
    first=DAY,
    length=st.integers(0, 400),
    period=st.sampled_from(["week", "month", "quarter"]),
    whole_first=st.booleans(),
)
def test_periods_are_whole_and_follow_one_another(
    first: date, length: int, period: Any, whole_first: Any
) -> None:
    last = first + timedelta(days=length)
    edges = complete_periods(
        period, ordinal(first), ordinal(last), whole_first=whole_first
    )
    days = [date.fromordinal(e + date(1970, 1, 1).toordinal()) for e in edges.tolist()]
    for day in days:
        assert is_start(day, period)
    for start, end in zip(days, days[1:], strict=False):  # noqa: RUF007
        between = [start + timedelta(days=i) for i in range(1, (end - start).days)]
        assert not any(is_start(day, period) for day in between)
        assert period_end(np.datetime64(start), period).item() == end
    # Nothing that is whole is left out at either end.
    if days:
        assert days[-1] <= last + timedelta(days=1)
        after = [last + timedelta(days=i) for i in range(2)]
        assert not any(is_start(day, period) and day > days[-1] for day in after)
        if whole_first:
            assert days[0] <= first
            inside = [
                days[0] + timedelta(days=i)
                for i in range(1, (first - days[0]).days + 1)
            ]
        else:
            assert days[0] >= first
            inside = [first + timedelta(days=i) for i in range((days[0] - first).days)]
        assert not any(is_start(day, period) for day in inside)
    else:
        span = [first + timedelta(days=i) for i in range(length + 2)]
        assert not whole_first
        assert not any(is_start(day, period) for day in span)


def is_start(day: date, period: str) -> bool:
    if period == "week":
        return day.weekday() == 0
    return day.day == 1 and (period == "month" or day.month % 3 == 1)
