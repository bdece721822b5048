"""What customers did by month or week: all that a summary is made of.

A summary is a fold over these cells in order of time, so months can be added and old
ones dropped without reading a transaction again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import (
    Period,
    Visits,
    complete_periods,
    count_distinct,
    distinct_pairs,
    sum_by_code,
    sum_by_period,
)
from customer_identification.arrays import array_field, union
from customer_identification.cells import (
    NO_DAY,
    Cells,
    block_starts,
    blocks_of,
    joined_cells,
    place_cells,
    put_behind,
    visit,
)
from customer_identification.frames import to_day


__all__ = [
    "DISTINCT",
    "SUMS",
    "History",
    "Pairs",
    "edges_of",
    "no_visits",
    "pairs_of",
    "purchases_of",
    "statistics_of",
    "sums_of",
    "visit_all",
]

Ints = NDArray[np.int64]
Codes = NDArray[np.signedinteger[Any]]

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


def _as_parts(cells: Cells | tuple[Cells, ...]) -> tuple[Cells, ...]:
    return cells if isinstance(cells, tuple) else (cells,)


def _same_cells(parts: tuple[Cells, ...], others: tuple[Cells, ...]) -> bool:
    return put_behind(parts) == put_behind(others)


@frozen(kw_only=True, repr=False)
class History:
    """All that is needed to add what comes later, and to drop what is long ago.

    Attributes
    ----------
    parts : tuple of Cells
        Of each customer and block; a later part begins in a later block than those
        before it end in. Given as `cells`, one or several.
    pairs : mapping of str to Pairs
        order_id, category and channel, where the data have them.
    weekly : bool
        ISO weeks instead of months.
    """

    parts: tuple[Cells, ...] = field(
        alias="cells", converter=_as_parts, eq=cmp_using(eq=_same_cells)
    )
    pairs: Mapping[str, Pairs] = field(hash=False)
    weekly: bool

    def __repr__(self) -> str:
        return f"History({sum(map(len, self.parts)):,} cells)"

    @property
    def cells(self) -> Cells:
        """All parts as one, which copies them where there are several."""
        return put_behind(self.parts)

    def moved(self, positions: Codes) -> History:
        """Give the same under new customer codes."""
        return evolve(
            self,
            cells=tuple(
                evolve(part, codes=positions[part.codes]) for part in self.parts
            ),
            pairs={
                name: evolve(one, codes=positions[one.codes])
                for name, one in self.pairs.items()
            },
        )

    def since(self, block: int, n_customers: int) -> History:
        """Leave out the blocks before one."""
        return evolve(
            self,
            cells=tuple(
                part.take(_from(part.blocks, block))
                for part in self.parts
                if len(part) and part.blocks[-1] >= block
            )
            or self.parts[-1].take(slice(0, 0)),
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
            cells=_join_parts(self.parts, later.parts, n_customers),
            pairs={
                name: _join_pairs(one, later.pairs[name], n_customers)
                for name, one in self.pairs.items()
            },
        )

    def fits(self, other: History) -> bool:
        """Tell whether both have the same columns."""
        return (
            self.parts[0].sums.keys() == other.parts[0].sums.keys()
            and self.pairs.keys() == other.pairs.keys()
        )

    def counts(self, n_customers: int) -> dict[str, Ints]:
        """Count the distinct orders, categories and channels of each customer."""
        return {name: pairs.count(n_customers) for name, pairs in self.pairs.items()}

    def purchases(self, seen: Visits, counts: Mapping[str, Ints]) -> Ints:
        """Count distinct orders; days where there is no order id."""
        if "order_id" not in counts:
            return seen.count
        cells = self.cells
        nameless = cells.sums.get("nameless")
        if cells.nameless is not None:
            nameless = np.bitwise_count(cells.nameless).astype(np.int64)
        if nameless is None:
            return counts["order_id"]
        return counts["order_id"] + sum_by_code(cells.codes, nameless, seen.count.size)

    def statistics(
        self, n_customers: int, counts: Mapping[str, Ints]
    ) -> dict[str, Any]:
        """Give the columns of a summary, from all cells and the distinct counts."""
        cells, seen = self.cells, no_visits(n_customers)
        visit_all(seen, cells, weekly=self.weekly)
        return statistics_of(
            sums_of(cells, n_customers),
            seen,
            counts,
            self.purchases(seen, counts),
        )

    def edges(self, period: Period | None, since: date | None, as_of: date) -> Ints:
        """Give where complete periods begin, and the day after the last ends."""
        starts = [int(part.blocks[0]) for part in self.parts if len(part)]
        first = int(block_starts(starts[0], weekly=self.weekly)) if starts else None
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
        for part in self.parts if n_new else ():
            first = int(blocks_of(edges[n_known], weekly=self.weekly))
            new = _from(part.blocks, first)
            days, value = block_starts(part.blocks[new], weekly=self.weekly), part.value
            if days.size and value is not None:
                table[n_known:] += sum_by_period(
                    part.codes[new], days, value[new], n_customers, edges[n_known:]
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


def _join_parts(
    earlier: tuple[Cells, ...], later: tuple[Cells, ...], n_customers: int
) -> tuple[Cells, ...]:
    """Put parts behind one another; cells of a block that two have become one."""
    some = [part for part in earlier if len(part)] or [earlier[0]]
    *rest, last = some
    first, *others = later
    if len(last) and len(first) and last.blocks[-1] == first.blocks[0]:
        last, first = _split(last, first, n_customers)
    return (*rest, last, *(part for part in (first, *others) if len(part)))


def _split(earlier: Cells, later: Cells, n_customers: int) -> tuple[Cells, Cells]:
    """Give the block that both have to the first."""
    block = later.blocks[0]
    end = int(np.searchsorted(later.blocks, block, side="right"))
    cut = int(np.searchsorted(earlier.blocks, block))
    both = (earlier.take(slice(cut, None)), later.take(slice(0, end)))
    whole = joined_cells(put_behind(both), n_customers)
    before = earlier.take(slice(0, cut))
    return put_behind((before, whole)), later.take(slice(end, None))


def _join_pairs(earlier: Pairs, later: Pairs, n_customers: int) -> Pairs:
    """Put pairs behind one another, under the words of both."""
    one, other = earlier.words, later.words
    if {one.dtype.kind, other.dtype.kind} == {"i", "f"}:
        one, other = one.astype(np.float64), other.astype(np.float64)
    words, place, later_place = union(one, other)
    return pairs_of(
        np.concatenate([earlier.codes, later.codes]),
        np.concatenate([earlier.blocks, later.blocks]),
        np.concatenate([place[earlier.values], later_place[later.values]]),
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
    first, last = np.full((2, n_customers), NO_DAY)
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


def purchases_of(
    sums: Mapping[str, Ints], seen: Visits | None, counts: Mapping[str, Ints]
) -> Ints:
    """Count distinct orders and what has none; else days; else rows not money back."""
    if "order_id" in counts:
        return counts["order_id"] + sums["nameless"]
    if seen is not None:
        return seen.count
    return sums["rows"] - sums.get("refunds", np.zeros_like(sums["rows"]))


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
