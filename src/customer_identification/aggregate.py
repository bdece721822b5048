"""Array kernels: customer codes, days and amounts to one row a customer.

Every kernel takes `codes`, whole numbers from 0 to `n_customers - 1` in any order, one
a row, and gives arrays with one entry a customer. All sums are of whole numbers, so
neither the order of the rows nor the number of threads can change a result.
"""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import blocks
from customer_identification.errors import InvalidInputError


__all__ = [
    "Period",
    "Visits",
    "check_cells",
    "complete_periods",
    "count_distinct",
    "distinct_pairs",
    "period_end",
    "sum_by_code",
    "sum_by_period",
    "visits",
]

Period = Literal["week", "month", "quarter"]

Ints = NDArray[np.int64]
Codes = NDArray[np.signedinteger[Any]]

_MOST_CELLS = 1 << 29  # 4 GiB of int64 in the table of periods; our choice
_MOST_PERIODS = 2_000  # 38 years of weeks, 166 years of months; our choice
_AT_A_TIME = 1 << 18  # pairs, so that they stay in the cache; our choice
_NO_DAY = np.iinfo(np.int64).min  # how numpy writes NaT


@frozen(kw_only=True)
class Visits:
    """Distinct days on which each customer bought."""

    count: Ints
    first: Ints
    last: Ints
    squared_gaps: Ints


def sum_by_code(codes: Codes, amounts: Ints, n_customers: int) -> Ints:
    """Add up whole amounts by customer, exactly.

    Examples
    --------
    >>> sum_by_code(np.array([1, 0, 1]), np.array([5, 7, -2]), 3)
    array([7, 3, 0])
    """
    totals = np.zeros(n_customers, dtype=np.int64)
    np.add.at(totals, codes, amounts)
    return totals


def distinct_pairs(codes: Codes, values: Codes, size: int) -> tuple[Ints, Ints]:
    """Give the distinct (customer, value) pairs in order, values below `size`.

    Both are packed into one whole number and sorted at once, which is many times
    faster than sorting rows or hashing pairs.

    Raises
    ------
    InvalidInputError
        If customers times `size` does not fit 63 bits.

    Examples
    --------
    >>> distinct_pairs(np.array([1, 0, 1, 1]), np.array([3, 2, 3, 0]), 4)
    (array([0, 1, 1]), array([2, 0, 3]))
    """
    bits = max(int(size - 1).bit_length(), 1)
    if codes.size and int(codes.max()).bit_length() + bits > 63:
        raise InvalidInputError(
            "customers times distinct values must stay below 2**63", code="too_large"
        )
    packed = codes.astype(np.int64) << bits
    packed |= values
    packed.sort()
    packed = packed[_starts(packed)]
    return packed >> bits, packed & ((1 << bits) - 1)


def _starts(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the first of each run of equal values."""
    starts = np.empty(ordered.size, dtype=np.bool_)
    starts[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    return starts


def count_distinct(codes: Codes, values: Codes, size: int, n_customers: int) -> Ints:
    """Count the distinct values, each from 0 to `size - 1`, of each customer.

    Examples
    --------
    >>> count_distinct(np.array([1, 0, 1, 1]), np.array([3, 2, 3, 0]), 4, 3)
    array([1, 2, 0])
    """
    owners, _ = distinct_pairs(codes, values, size)
    return np.bincount(owners, minlength=n_customers)


def visits(
    codes: Codes,
    days: Codes,
    n_customers: int,
    bought: NDArray[np.bool_] | None = None,
) -> Visits:
    """Count distinct days and square the gaps between them, by customer.

    Parameters
    ----------
    codes, days : ndarray of int, shape (n_rows,)
        Customer and day of each row, in any order.
    n_customers : int
        How many rows the result has.
    bought : ndarray of bool, shape (n_rows,), optional
        Which rows are purchases; all by default.

    Returns
    -------
    Visits
        `count` [days], `first` and `last` [days since 1970-01-01, NaT's value where
        there is no purchase], `squared_gaps` [days squared].

    Notes
    -----
    Customer and day are packed into one number and sorted: within a customer the
    differences are then the gaps, and 0 where a day comes twice.

    Examples
    --------
    >>> found = visits(np.array([0, 0, 0]), np.array([10, 13, 10]), 2)
    >>> found.count, found.squared_gaps
    (array([2, 0]), array([9, 0]))
    """
    count, squared_gaps = np.zeros((2, n_customers), dtype=np.int64)
    first, last = np.full((2, n_customers), _NO_DAY)
    seen = Visits(count=count, first=first, last=last, squared_gaps=squared_gaps)
    size = codes.size if bought is None else int(np.count_nonzero(bought))
    if size:
        origin = int(days.min())
        bits = (int(days.max()) - origin).bit_length()
        packed = _pack(codes, days, bought, size, origin, bits)
        for some in _whole_customers(packed, packed.dtype.type((1 << bits) - 1)):
            _read_packed(packed[some], origin, bits, seen)
    return seen


def _whole_customers(packed: NDArray[Any], mask: Any) -> Iterator[slice]:
    """Cut sorted pairs into pieces that stay in the cache and end with a customer."""
    begin = 0
    while begin < packed.size:
        end = min(begin + _AT_A_TIME, packed.size)
        end = int(np.searchsorted(packed, packed[end - 1] | mask, side="right"))
        yield slice(begin, end)
        begin = end


def _read_packed(packed: NDArray[Any], origin: int, bits: int, seen: Visits) -> None:
    """Read what is seen of some customers from their packed days, in order."""
    shift, mask = packed.dtype.type(bits), packed.dtype.type((1 << bits) - 1)
    owners = packed >> shift
    starts = np.flatnonzero(_starts(owners))
    ends = np.append(starts[1:], packed.size) - 1
    present = owners[starts]
    seen.first[present] = (packed[starts] & mask).astype(np.int64) + origin
    seen.last[present] = (packed[ends] & mask).astype(np.int64) + origin
    gaps = np.diff(packed, prepend=packed[:1])
    gaps[starts] = 0
    # A first day is no gap, and a day that comes twice is none either.
    is_gap = (gaps > 0).view(np.int8)
    seen.count[present] = np.add.reduceat(is_gap, starts, dtype=np.int32) + 1
    squares = np.square(gaps, dtype=np.int64, casting="unsafe")
    seen.squared_gaps[present] = np.add.reduceat(squares, starts)


def _pack(
    codes: Codes,
    days: Codes,
    bought: NDArray[np.bool_] | None,
    size: int,
    origin: int,
    bits: int,
) -> NDArray[Any]:
    """Pack customer and day of each purchase into as few bits as hold them, sorted."""
    # Half the bits sort in less than half the time. Codes and days have 53 at most.
    wide = int(codes.max()).bit_length() + bits
    packed = np.empty(size, dtype=np.uint32 if wide <= 32 else np.uint64)
    filled = 0
    for rows in blocks(codes.size):
        pairs = codes[rows].astype(packed.dtype)
        pairs <<= packed.dtype.type(bits)
        pairs += (days[rows] - origin).astype(packed.dtype)
        if bought is not None:
            pairs = pairs[bought[rows]]
        packed[filled : filled + pairs.size] = pairs
        filled += pairs.size
    packed.sort()
    return packed


def complete_periods(
    period: Period, first_day: int, last_day: int, *, whole_first: bool
) -> Ints:
    """Give where complete calendar periods start, and the day after the last ends.

    Parameters
    ----------
    period : {"week", "month", "quarter"}
        Weeks start on Monday (ISO 8601).
    first_day, last_day : int
        Days since 1970-01-01 that the data cover, both included.
    whole_first : bool
        Whether the period of the first day counts though it began before that day.

    Returns
    -------
    ndarray of int, shape (n_periods + 1,)
        Days since 1970-01-01; one entry, or none, where no period is complete.

    Raises
    ------
    InvalidInputError
        If there are more than 2,000.

    Examples
    --------
    >>> from datetime import date
    >>> day = lambda *ymd: date(*ymd).toordinal() - date(1970, 1, 1).toordinal()
    >>> edges = complete_periods(
    ...     "month", day(2011, 1, 5), day(2011, 3, 30), whole_first=True
    ... )
    >>> edges.astype("M8[D]").astype(str).tolist()
    ['2011-01-01', '2011-02-01', '2011-03-01']
    """
    span = np.array([first_day, last_day + 1], dtype="M8[D]")
    if period == "week":
        numbers = (span.astype(np.int64) + 3) // 7  # 1970-01-01 was a Thursday
        edges = np.arange(numbers[0], numbers[1] + 1) * 7 - 3
    else:
        months = 3 if period == "quarter" else 1
        numbers = span.astype("M8[M]").astype(np.int64) // months
        edges = (np.arange(numbers[0], numbers[1] + 1) * months).astype("M8[M]")
        edges = edges.astype("M8[D]").astype(np.int64)
    if edges.size > _MOST_PERIODS:
        raise InvalidInputError(
            f"the data must span at most {_MOST_PERIODS:,} periods; they span "
            f"{edges.size - 1:,}: give since=, or a longer period",
            code="too_large",
        )
    return edges if whole_first else edges[edges >= first_day]


def period_end(start: np.datetime64, period: Period | None) -> np.datetime64:
    """Give the day after a calendar period that starts on a day.

    Examples
    --------
    >>> period_end(np.datetime64("2011-12-01"), "month")
    np.datetime64('2012-01-01')
    """
    if period == "week":
        return start + np.timedelta64(7, "D")
    months = 3 if period == "quarter" else 1
    end: np.datetime64 = (start.astype("M8[M]") + months).astype("M8[D]")
    return end


def check_cells(n_customers: int, n_periods: int) -> None:
    """Make sure that a table of customers and periods stays within memory.

    Raises
    ------
    InvalidInputError
        If it would have more than 2**29 cells.
    """
    if n_customers * n_periods > _MOST_CELLS:
        raise InvalidInputError(
            f"{n_customers:,} customers times {n_periods:,} periods must be at most "
            f"{_MOST_CELLS:,}; give since=, or a longer period",
            code="too_large",
        )


def sum_by_period(
    codes: Codes, days: Codes, amounts: Ints, n_customers: int, edges: Ints
) -> Ints:
    """Add up whole amounts by customer and period.

    Parameters
    ----------
    codes, days, amounts : ndarray of int, shape (n_rows,)
        Customer, day and amount of each row; days outside the edges are left out.
    n_customers : int
        How many rows the table has.
    edges : ndarray of int, shape (n_periods + 1,)
        As :func:`complete_periods` gives them.

    Returns
    -------
    ndarray of int, shape (n_customers, n_periods)
        By columns in memory: rows mostly come in order of time.

    Raises
    ------
    InvalidInputError
        If the table would have more than 2**29 cells.

    Examples
    --------
    >>> sum_by_period(
    ...     np.array([0, 1, 0]),
    ...     np.array([3, 8, 9]),
    ...     np.array([5, 6, 7]),
    ...     2,
    ...     np.array([0, 5, 10]),
    ... )
    array([[5, 7],
           [0, 6]])
    """
    n_periods = max(edges.size - 1, 0)
    check_cells(n_customers, n_periods)
    totals = np.zeros(n_customers * n_periods, dtype=np.int64)
    if n_periods and days.size:
        origin = int(days.min())
        every_day = np.arange(origin, int(days.max()) + 1)
        column = np.searchsorted(edges, every_day, side="right") - 1
        column[(every_day < edges[0]) | (every_day >= edges[-1])] = -1
        for rows in blocks(days.size):
            cells = column[days[rows] - origin]
            inside = cells >= 0
            cells *= n_customers
            cells += codes[rows]
            if inside.all():
                np.add.at(totals, cells, amounts[rows])
            else:
                np.add.at(totals, cells[inside], amounts[rows][inside])
    return totals.reshape(n_periods, n_customers).T
