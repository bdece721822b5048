"""What rows leave behind by customer and block of days, a month or an ISO week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import Visits, check_cells, sum_by_code
from customer_identification.arrays import array_field, frozen_array, same_array


__all__ = [
    "NO_DAY",
    "Cells",
    "Part",
    "add_part",
    "block_starts",
    "blocks_of",
    "cells_of",
    "joined_cells",
    "masks_of",
    "place_cells",
    "put_behind",
    "total_of",
    "visit",
]

Ints = NDArray[np.int64]
Codes = NDArray[np.signedinteger[Any]]
Masks = NDArray[np.uint32]
Part = tuple[NDArray[Any] | None, Ints | None]

NO_DAY = np.iinfo(np.int64).min  # how numpy writes NaT
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
    is_new = before == NO_DAY
    gap = first - before
    gap[is_new] = 0
    seen.squared_gaps[codes] += squares + gap**2
    seen.count[codes] += np.bitwise_count(masks)
    seen.first[codes[is_new]] = first[is_new]
    seen.last[codes] = last + start


# --- cells --------------------------------------------------------------------------


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


def put_behind(parts: Sequence[Cells]) -> Cells:
    """Make one of several, in the order in which they are given."""
    first, *others = parts
    if not others:
        return first
    nameless = [one.nameless for one in parts]
    return Cells(
        codes=np.concatenate([one.codes for one in parts]),
        blocks=np.concatenate([one.blocks for one in parts]),
        sums={
            name: np.concatenate([one.sums[name] for one in parts])
            for name in first.sums
        },
        days=np.concatenate([one.days for one in parts]),
        nameless=None if first.nameless is None else np.concatenate(nameless),  # type: ignore[arg-type]
    )


def joined_cells(cells: Cells, n_customers: int) -> Cells:
    """Put cells in order, and make one of all that a customer has in a block.

    Parameters
    ----------
    cells : Cells
        In any order.
    n_customers : int
        More than any code.
    """
    places, first, size = place_cells(cells.codes, cells.blocks, n_customers)
    is_used = np.zeros(size, dtype=np.bool_)
    is_used[places] = True
    used = np.flatnonzero(is_used)
    to = (np.cumsum(is_used, dtype=np.int32) - 1)[places]

    def join(masks: Masks | None) -> Any:
        if masks is None:
            return None
        days = np.zeros(used.size, dtype=np.uint32)
        np.bitwise_or.at(days, to, masks)
        return days

    return Cells(
        codes=(used % max(n_customers, 1)).astype(np.int32),
        blocks=used // max(n_customers, 1) + first,
        sums={
            name: sum_by_code(to, values, used.size)
            for name, values in cells.sums.items()
        },
        days=join(cells.days),
        nameless=join(cells.nameless),
    )


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
