"""What transactions leave behind by customer and calendar block, month or week.

A summary is a fold over these cells in order of time, so months can be added and old
ones dropped without reading a transaction again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import (
    Period,
    Visits,
    check_cells,
    complete_periods,
    count_distinct,
    distinct_pairs,
    sum_by_code,
    sum_by_period,
)
from customer_identification.arrays import (
    array_field,
    frozen_array,
    same_array,
    union,
)
from customer_identification.frames import to_day


__all__ = [
    "DISTINCT",
    "SUMS",
    "Cells",
    "History",
    "Pairs",
    "Part",
    "add_part",
    "block_starts",
    "blocks_of",
    "cells_of",
    "edges_of",
    "masks_of",
    "no_visits",
    "pairs_of",
    "place_cells",
    "statistics_of",
    "sums_of",
    "total_of",
    "visit",
    "visit_all",
]

Ints = NDArray[np.int64]
Codes = NDArray[np.signedinteger[Any]]
Masks = NDArray[np.uint32]
Part = tuple[NDArray[Any] | None, Ints | None]

# What is counted by its distinct values.
DISTINCT = ("order_id", "category", "channel")
# What a summary has of each customer that is a sum over cells.
SUMS = (
    "amount",
    "profit",
    "refunds",
    "refund_value",
    "discounted",
    "discount_known",
)
_NO_DAY = np.iinfo(np.int64).min  # how numpy writes NaT
_HALF = 16  # the days of a month in two halves, each a place in a table


# --- blocks of days -----------------------------------------------------------------


def blocks_of(days: Any, *, weekly: bool) -> Ints:
    """Give the month, or the ISO week, of each day, counted from that of 1970-01-01.

    Examples
    --------
    >>> blocks_of([0, 31, -1], weekly=False)
    array([ 0,  1, -1])
    """
    days = np.asarray(days, dtype=np.int64)
    if weekly:
        numbers = (days + 3) // 7  # 1970-01-01 was a Thursday
    else:
        numbers = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    blocks: Ints = numbers
    return blocks


def block_starts(blocks: Any, *, weekly: bool) -> Ints:
    """Give the first day of each block, in days since 1970-01-01.

    Examples
    --------
    >>> block_starts([0, 1], weekly=False), block_starts([0], weekly=True)
    (array([ 0, 31]), array([-3]))
    """
    numbers = np.asarray(blocks, dtype=np.int64)
    if weekly:
        days = numbers * 7 - 3
    else:
        days = numbers.astype("M8[M]").astype("M8[D]").astype(np.int64)
    starts: Ints = days
    return starts


# --- days of purchase, packed into one number a block -------------------------------


@lru_cache(maxsize=1)
def _half_months() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give first day, last day and sum of squared gaps of every set of 16 days."""
    sets = np.arange(1 << _HALF)
    first, last = np.full((2, sets.size), -1)
    squares = np.zeros(sets.size, dtype=np.int64)
    for day in range(_HALF):
        bought = (sets >> day & 1).astype(np.bool_)
        again = bought & (last >= 0)
        squares[again] += (day - last[again]) ** 2
        first[bought & (first < 0)] = day
        last[bought] = day
    return first, last, squares


def _read_masks(masks: Masks) -> tuple[Ints, Ints, Ints]:
    """Give first day, last day and sum of squared gaps of sets that are not empty."""
    first_of, last_of, squares_of = _half_months()
    early, late = masks & ((1 << _HALF) - 1), masks >> _HALF
    first, last = first_of[early], last_of[late]
    only_late = early == 0
    only_early = late == 0
    between = _HALF + first_of[late] - last_of[early]
    between[only_late | only_early] = 0
    first[only_late] = _HALF + first_of[late[only_late]]
    last += _HALF
    last[only_early] = last_of[early[only_early]]
    return first, last, squares_of[early] + squares_of[late] + between**2


def visit(seen: Visits, codes: Codes, masks: Masks, start: int) -> None:
    """Add a later block's days of purchase to what is seen of each customer, in place.

    Parameters
    ----------
    seen : Visits
        Arrays that may be written to.
    codes : ndarray of int, shape (n_cells,)
        Customers, each once.
    masks : ndarray of uint32, shape (n_cells,)
        Bit `i` is day `i` of the block.
    start : int
        First day of the block.
    """
    active = masks != 0
    codes, masks = codes[active], masks[active]
    first, last, squares = _read_masks(masks)
    first += start
    before = seen.last[codes]
    is_new = before == _NO_DAY
    gap = first - before
    gap[is_new] = 0
    seen.squared_gaps[codes] += squares + gap**2
    seen.count[codes] += np.bitwise_count(masks)
    seen.first[codes[is_new]] = first[is_new]
    seen.last[codes] = last + start


# --- cells --------------------------------------------------------------------------


@frozen(kw_only=True)
class Pairs:
    """Which values each customer has in each block: an order, a category, a channel.

    Attributes
    ----------
    codes : ndarray of int32, shape (n_pairs,)
        Customers.
    blocks : ndarray of int64, shape (n_pairs,)
        Rising.
    values : ndarray of int32, shape (n_pairs,)
        Positions in `words`.
    words : ndarray
        The distinct values, sorted.
    """

    codes: NDArray[np.int32] = array_field()
    blocks: Ints = array_field()
    values: NDArray[np.int32] = array_field()
    words: NDArray[Any] = array_field()

    def count(self, n_customers: int) -> Ints:
        """Count the distinct values of each customer."""
        return count_distinct(self.codes, self.values, self.words.size, n_customers)


def _frozen_arrays(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {name: frozen_array(values) for name, values in arrays.items()}


def _same_arrays(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        same_array(one[name], other[name]) for name in one
    )


@frozen(kw_only=True)
class Cells:
    """One entry for each customer and block with a transaction, by block and customer.

    Attributes
    ----------
    codes : ndarray of int32, shape (n_cells,)
        Customers.
    blocks : ndarray of int64, shape (n_cells,)
        Rising.
    sums : mapping of str to ndarray of int64, shape (n_cells,)
        rows, amount, profit, refunds, refund_value, free, discounted, discount_known,
        discount_unknown; those that the data have.
    days : ndarray of uint32, shape (n_cells,)
        Bit `i` is a purchase on day `i` of the block.
    nameless : ndarray of uint32 or None
        The same for purchases without an order id, where the others have one.
    """

    codes: NDArray[np.int32] = array_field()
    blocks: Ints = array_field()
    sums: Mapping[str, Ints] = field(
        converter=_frozen_arrays,
        eq=cmp_using(eq=_same_arrays),
        repr=False,
        hash=False,
    )
    days: Masks = array_field()
    nameless: Masks | None = array_field(default=None)

    def __len__(self) -> int:
        return int(self.codes.size)

    @property
    def value(self) -> Ints | None:
        """Profit where the data have it, else amount; None where they have neither."""
        return self.sums.get("profit", self.sums.get("amount"))

    def totals(self) -> dict[str, int]:
        """Add up all cells."""
        return {name: int(values.sum()) for name, values in self.sums.items()}

    def take(self, cells: Any) -> Cells:
        """Give some cells only, or all in another order."""
        return Cells(
            codes=self.codes[cells],
            blocks=self.blocks[cells],
            sums={name: values[cells] for name, values in self.sums.items()},
            days=self.days[cells],
            nameless=None if self.nameless is None else self.nameless[cells],
        )


def place_cells(codes: Codes, blocks: Ints, n_customers: int) -> tuple[Ints, int, int]:
    """Give each row its place among all customers and blocks.

    Returns
    -------
    places : ndarray of int64, shape (n_rows,)
        Of each row.
    first_block, n_places : int
        Of the first place, and how many there are.

    Raises
    ------
    InvalidInputError
        If there are more than 2**29.
    """
    if not blocks.size:
        return np.empty(0, np.int64), 0, 0
    first, last = int(blocks.min()), int(blocks.max())
    check_cells(n_customers, last - first + 1)
    places = (blocks - first) * n_customers
    places += codes
    return places, first, (last - first + 1) * n_customers


def masks_of(cells: Codes, places: Ints, n_cells: int) -> Masks:
    """Pack the days of each cell, places from 0 to 30 in any order, into one number.

    Examples
    --------
    >>> masks_of(np.array([1, 0, 1, 1]), np.array([0, 2, 3, 0]), 2)
    array([4, 9], dtype=uint32)
    """
    # Half the bits sort in less than half the time.
    packed: NDArray[Any] = cells.astype(np.uint32 if n_cells <= 1 << 27 else np.uint64)
    packed <<= packed.dtype.type(5)
    packed |= places.astype(packed.dtype)
    packed.sort()
    masks = np.zeros(n_cells, dtype=np.uint32)
    owners = packed >> packed.dtype.type(5)
    days = np.uint32(1) << (packed & packed.dtype.type(31)).astype(np.uint32)
    starts = np.flatnonzero(np.diff(owners, prepend=owners[:1] + 1))
    if starts.size:
        masks[owners[starts]] = np.bitwise_or.reduceat(days, starts)
    return masks


def add_part(codes: Codes, part: Part, size: int) -> Ints:
    """Add up the amounts of some rows, or count them, by code."""
    rows, amounts = part
    if rows is not None:
        codes = codes[rows]
        amounts = None if amounts is None else amounts[rows]
    if amounts is None:
        return np.bincount(codes, minlength=size)
    return sum_by_code(codes, amounts, size)


def total_of(part: Part, n_rows: int) -> int:
    """Add up the amounts of some rows, or count them."""
    rows, amounts = part
    if amounts is not None:
        return int(amounts.sum() if rows is None else amounts[rows].sum())
    if rows is None:
        return n_rows
    return int(np.count_nonzero(rows) if rows.dtype == np.bool_ else rows.size)


def cells_of(
    codes: Codes,
    days: Codes,
    parts: Mapping[str, Part],
    bought: tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None],
    n_customers: int,
    *,
    weekly: bool,
) -> tuple[Cells, NDArray[np.int32]]:
    """Add up rows by customer and block.

    Parameters
    ----------
    codes, days : ndarray of int, shape (n_rows,)
        Customer and day of each row.
    parts : mapping of str to (rows or None, amounts or None)
        What to add up: amounts of some rows (None: all), or how many there are.
    bought : (ndarray of bool or None, ndarray of bool or None)
        Which rows are purchases (None: all), and which of those have no order id (None:
        orders are not known of any).
    n_customers : int
        More than any code.
    weekly : bool
        ISO weeks instead of months.

    Returns
    -------
    cells : Cells
    cell_of : ndarray of int32, shape (n_rows,)
        The cell of each row.
    """
    every_day = np.arange(days.min(), days.max() + 1) if days.size else np.empty(0, int)
    block_of_day = blocks_of(every_day, weekly=weekly)
    since = days - every_day[:1]
    places, first, size = place_cells(codes, block_of_day[since], n_customers)
    is_used = np.zeros(size, dtype=np.bool_)
    is_used[places] = True
    cell_of = (np.cumsum(is_used, dtype=np.int32) - 1)[places]
    used = np.flatnonzero(is_used)
    blocks = used // max(n_customers, 1) + first
    place_of_day = every_day - block_starts(block_of_day, weekly=weekly)
    rows, nameless = bought

    def mask(which: NDArray[np.bool_] | None) -> Masks:
        picked = slice(None) if which is None else which
        return masks_of(cell_of[picked], place_of_day[since[picked]], used.size)

    return Cells(
        codes=(used % max(n_customers, 1)).astype(np.int32),
        blocks=blocks,
        sums={name: add_part(cell_of, part, used.size) for name, part in parts.items()},
        days=mask(rows),
        nameless=None if nameless is None else mask(nameless),
    ), cell_of


# --- history ------------------------------------------------------------------------


@frozen(kw_only=True, repr=False)
class History:
    """All that is needed to add what comes later, and to drop what is long ago.

    Attributes
    ----------
    cells : Cells
        Of each customer and block.
    pairs : mapping of str to Pairs
        order_id, category and channel, where the data have them.
    weekly : bool
        ISO weeks instead of months.
    """

    cells: Cells
    pairs: Mapping[str, Pairs] = field(hash=False)
    weekly: bool

    def __repr__(self) -> str:
        return f"History({len(self.cells):,} cells)"

    def moved(self, positions: Codes) -> History:
        """Give the same under new customer codes."""
        return evolve(
            self,
            cells=evolve(self.cells, codes=positions[self.cells.codes]),
            pairs={
                name: evolve(one, codes=positions[one.codes])
                for name, one in self.pairs.items()
            },
        )

    def since(self, block: int, n_customers: int) -> History:
        """Leave out the blocks before one."""
        return evolve(
            self,
            cells=self.cells.take(_from(self.cells.blocks, block)),
            pairs={
                name: pairs_of(
                    one.codes[rest],
                    one.blocks[rest],
                    one.values[rest],
                    one.words,
                    n_customers,
                )
                for name, one in self.pairs.items()
                for rest in [_from(one.blocks, block)]
            },
        )

    def joined(self, later: History, n_customers: int) -> History:
        """Add a history that begins in the last block of this one, or later."""
        return evolve(
            self,
            cells=_join_cells(self.cells, later.cells, n_customers),
            pairs={
                name: _join_pairs(one, later.pairs[name], n_customers)
                for name, one in self.pairs.items()
            },
        )

    def fits(self, other: History) -> bool:
        """Tell whether both have the same columns."""
        return (
            self.cells.sums.keys() == other.cells.sums.keys()
            and self.pairs.keys() == other.pairs.keys()
        )

    def counts(self, n_customers: int) -> dict[str, Ints]:
        """Count the distinct orders, categories and channels of each customer."""
        return {name: pairs.count(n_customers) for name, pairs in self.pairs.items()}

    def purchases(self, seen: Visits, counts: Mapping[str, Ints]) -> Ints:
        """Count distinct orders; days where there is no order id."""
        if "order_id" not in counts:
            return seen.count
        nameless = self.cells.sums.get("nameless")
        if self.cells.nameless is not None:
            nameless = np.bitwise_count(self.cells.nameless).astype(np.int64)
        if nameless is None:
            return counts["order_id"]
        n_customers = seen.count.size
        return counts["order_id"] + sum_by_code(self.cells.codes, nameless, n_customers)

    def statistics(
        self, n_customers: int, counts: Mapping[str, Ints]
    ) -> dict[str, Any]:
        """Give the columns of a summary, from all cells and the distinct counts."""
        seen = no_visits(n_customers)
        visit_all(seen, self.cells, weekly=self.weekly)
        return statistics_of(
            sums_of(self.cells, n_customers),
            seen,
            counts,
            self.purchases(seen, counts),
        )

    def edges(self, period: Period | None, since: date | None, as_of: date) -> Ints:
        """Give where complete periods begin, and the day after the last ends."""
        blocks = self.cells.blocks
        first = (
            int(block_starts(blocks[0], weekly=self.weekly)) if blocks.size else None
        )
        return edges_of(first, period, since, as_of)

    def values(
        self, edges: Ints, n_customers: int, known: tuple[Codes, Ints] | None = None
    ) -> Ints:
        """Add up value by customer and period; periods that are known go on.

        Parameters
        ----------
        edges : ndarray of int, shape (n_periods + 1,)
            As :meth:`edges` gives them.
        n_customers : int
            How many rows the table has.
        known : (ndarray of int, ndarray of int), optional
            Rows of the table, and what the first periods have in them.
        """
        n_known = 0 if known is None else known[1].shape[1]
        n_new = max(edges.size - 1 - n_known, 0)
        table = np.zeros((n_known + n_new, n_customers), dtype=np.int64)
        if known is not None:
            codes, values = known
            table[:n_known, codes] = values.T
        value = self.cells.value
        if n_new and value is not None:
            first = int(blocks_of(edges[n_known], weekly=self.weekly))
            new = _from(self.cells.blocks, first)
            days = block_starts(self.cells.blocks[new], weekly=self.weekly)
            table[n_known:] = sum_by_period(
                self.cells.codes[new], days, value[new], n_customers, edges[n_known:]
            ).T
        return table.T


def edges_of(
    first_day: int | None, period: Period | None, since: date | None, as_of: date
) -> Ints:
    """Give where complete periods begin, and the day after the last ends.

    Parameters
    ----------
    first_day : int or None
        Of the data, or of its month or week; None where there are no data.
    period, since, as_of
        As for :func:`summarize`.
    """
    if since is not None:
        first_day = to_day(since, "since")
    if period is None or first_day is None:
        return np.empty(0, np.int64)
    last_day = to_day(as_of, "as_of")
    return complete_periods(period, first_day, last_day, whole_first=since is None)


def _from(blocks: Ints, block: int) -> slice:
    return slice(int(np.searchsorted(blocks, block)), None)


def _join(one: Any, other: Any) -> Any:
    return None if one is None else np.concatenate([one, other])


def _join_cells(earlier: Cells, later: Cells, n_customers: int) -> Cells:
    """Put cells behind one another; those of a block that both have become one."""
    if len(earlier) and len(later) and earlier.blocks[-1] == later.blocks[0]:
        cut = int(np.searchsorted(earlier.blocks, later.blocks[0]))
        end = int(np.searchsorted(later.blocks, later.blocks[0], side="right"))
        both = _put_behind(earlier.take(slice(cut, None)), later.take(slice(0, end)))
        middle = _add_up(both, n_customers)
        earlier = _put_behind(earlier.take(slice(0, cut)), middle)
        later = later.take(slice(end, None))
    return _put_behind(earlier, later)


def _put_behind(earlier: Cells, later: Cells) -> Cells:
    return Cells(
        codes=_join(earlier.codes, later.codes),
        blocks=_join(earlier.blocks, later.blocks),
        sums={
            name: _join(values, later.sums[name])
            for name, values in earlier.sums.items()
        },
        days=_join(earlier.days, later.days),
        nameless=_join(earlier.nameless, later.nameless),
    )


def _add_up(cells: Cells, n_customers: int) -> Cells:
    """Make one cell of all that a customer has in the one block of these cells."""
    places = np.zeros(n_customers, dtype=np.int32)
    places[cells.codes] = 1
    codes = np.flatnonzero(places).astype(np.int32)
    np.cumsum(places, out=places)
    to = places[cells.codes] - 1

    def add(values: Any) -> Any:
        if values is None:
            return None
        totals = np.zeros(codes.size, dtype=values.dtype)
        np.add.at(totals, to, values)  # no two cells have the same day
        return totals

    return Cells(
        codes=codes,
        blocks=np.full(codes.size, cells.blocks[0]),
        sums={name: add(values) for name, values in cells.sums.items()},
        days=add(cells.days),
        nameless=add(cells.nameless),
    )


def _join_pairs(earlier: Pairs, later: Pairs, n_customers: int) -> Pairs:
    """Put pairs behind one another, under the words of both."""
    one, other = earlier.words, later.words
    if {one.dtype.kind, other.dtype.kind} == {"i", "f"}:
        one, other = one.astype(np.float64), other.astype(np.float64)
    words, place, later_place = union(one, other)
    return pairs_of(
        _join(earlier.codes, later.codes),
        _join(earlier.blocks, later.blocks),
        _join(place[earlier.values], later_place[later.values]),
        words,
        n_customers,
    )


def pairs_of(
    codes: Codes, blocks: Ints, values: Codes, words: NDArray[Any], n_customers: int
) -> Pairs:
    """Give the distinct triples in order, and only the words that are left."""
    places, first, _ = place_cells(codes, blocks, n_customers)
    places, values = distinct_pairs(places, values, words.size)
    is_used = np.zeros(words.size, dtype=np.bool_)
    is_used[values] = True
    left = words[is_used]
    return Pairs(
        codes=(places % max(n_customers, 1)).astype(np.int32),
        blocks=places // max(n_customers, 1) + first,
        values=(np.cumsum(is_used, dtype=np.int32) - 1)[values],
        words=left if left.size else left.astype(object),  # of no kind at all
    )


# --- the fold -----------------------------------------------------------------------


def no_visits(n_customers: int) -> Visits:
    """Give what is seen of customers before any purchase."""
    count, squared_gaps = np.zeros((2, n_customers), dtype=np.int64)
    first, last = np.full((2, n_customers), _NO_DAY)
    return Visits(count=count, first=first, last=last, squared_gaps=squared_gaps)


def visit_all(seen: Visits, cells: Cells, *, weekly: bool) -> None:
    """Add all days of purchase, block by block, to what is seen; in place."""
    edges = np.flatnonzero(np.diff(cells.blocks, prepend=np.nan, append=np.nan))
    starts = block_starts(cells.blocks[edges[:-1]], weekly=weekly)
    for start, begin, end in zip(starts.tolist(), edges, edges[1:], strict=False):
        visit(seen, cells.codes[begin:end], cells.days[begin:end], start)


def sums_of(cells: Cells, n_customers: int) -> dict[str, Ints]:
    """Add up the cells of each customer."""
    return {
        name: sum_by_code(cells.codes, values, n_customers)
        for name, values in cells.sums.items()
    }


def statistics_of(
    sums: Mapping[str, Ints],
    seen: Visits | None,
    counts: Mapping[str, Ints],
    purchases: Ints,
) -> dict[str, Any]:
    """Give the columns of a summary by name.

    Parameters
    ----------
    sums : mapping of str to ndarray of int, shape (n_customers,)
        Those of `SUMS` that the data have.
    seen : Visits or None
        Days of purchase; None where there are no dates.
    counts : mapping of str to ndarray of int, shape (n_customers,)
        Distinct categories and channels, where the data have them.
    purchases : ndarray of int, shape (n_customers,)
        As :class:`Summary` counts them.
    """
    amount, profit = sums.get("amount"), sums.get("profit")
    nothing = np.zeros(purchases.size, dtype=np.int64)
    return {
        "value": amount if profit is None else profit,
        "amount": amount,
        "profit": profit,
        "purchases": purchases,
        "purchase_days": None if seen is None else seen.count,
        "first_purchase": None if seen is None else seen.first.view("M8[D]"),
        "last_purchase": None if seen is None else seen.last.view("M8[D]"),
        "squared_gaps": None if seen is None else seen.squared_gaps,
        "refunds": sums.get("refunds", nothing),
        "refund_value": sums.get("refund_value", nothing),
        "discounted": sums.get("discounted"),
        "discount_known": sums.get("discount_known"),
        "categories": counts.get("category"),
        "channels": counts.get("channel"),
    }
