"""Transactions added up by customer and month in their own engine.

Only by expressions that every engine computes alike: bare columns of whole numbers,
grouped and added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.cells import block_starts
from customer_identification.engines.door import (
    CODE_OF,
    MONTH,
    WEEK,
    WEEKS,
    Exprs,
    flag,
    is_text,
    key_of,
    read_columns,
    where,
)
from customer_identification.engines.hooks import add_up, session_zone
from customer_identification.history import DISTINCT
from customer_identification.report import REASONS
from customer_identification.terms import Terms


__all__ = ["NEVER", "Plan", "plan_rows"]

NEVER = 2**40  # later than any key: nothing was bought
_EPOCH_MONTH = 1970 * 12


def _whole(*names: str) -> Exprs:
    """Make sums 64 bits again; DuckDB gives 128."""
    return {name: nw.col(name).cast(nw.Int64) for name in names}


def _block(width: int) -> nw.Expr:
    return (nw.col("key") / width).floor().cast(nw.Int64)


def _bit(condition: nw.Expr) -> nw.Expr:
    """Give 2 to the power of the day where the condition holds: exact as a float."""
    bit = nw.lit(2.0) ** nw.col("day")
    return where(condition, bit, 0.0).cast(nw.Int64)


@frozen(kw_only=True, repr=False)
class Plan:
    """What an engine is asked for.

    Attributes
    ----------
    rows : LazyFrame
        One row a transaction: `customer_id`, `key` (block and day; below 0 where the
        row cannot be used, and then minus the code times `width`), what is added up.
    added : tuple of str
        The columns that are added up.
    flags : tuple of str
        Those that hold of a day if of any row: bought, nameless; where there are dates.
    distinct : tuple of str
        The columns whose distinct values are counted.
    width : int
        Days that a block has place for in `key`.
    is_text, guarded, held : bool
        Whether ids are text; whether there are amounts, whose size is looked at; and
        whether the result stays in the engine, where nobody reads bits.
    """

    rows: nw.LazyFrame[Any]
    added: tuple[str, ...]
    distinct: tuple[str, ...]
    flags: tuple[str, ...]
    width: int
    is_text: bool
    guarded: bool
    held: bool = False

    @property
    def dated(self) -> bool:
        """Whether there are dates."""
        return bool(self.flags)

    @property
    def first_block(self) -> int:
        """The block of 1970-01-01."""
        return _EPOCH_MONTH if self.width == MONTH else WEEKS

    def days_of(self, keys: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give days since 1970-01-01; nan where nothing was bought."""
        blocks = keys // self.width - self.first_block
        blocks[keys == NEVER] = 0
        starts = block_starts(blocks, weekly=self.width == WEEK)
        days = (starts + keys % self.width).astype(np.float64)
        days[keys == NEVER] = np.nan
        return days

    def cells(self) -> nw.LazyFrame[Any]:
        """Add up by customer and block; days of purchase become the bits of a number."""
        rows = self.rows.with_columns(block=_block(self.width))
        rows = rows.with_columns(day=nw.col("key") - nw.col("block") * self.width)
        maxima = ("largest",) if self.guarded else ()
        cells = None
        if not self.held:
            cells = add_up(rows, self.added, maxima, self.flags)
        if cells is None:
            cells = self._cells_by_way_of_days(rows, maxima)
        return cells.with_columns(**_whole("rows", *self.added, *self.flags))

    def _cells_by_way_of_days(
        self, rows: nw.LazyFrame[Any], maxima: tuple[str, ...]
    ) -> nw.LazyFrame[Any]:
        """Add up by day first, where bits that are there twice cannot be joined."""
        largest = [nw.col(name).max() for name in maxima]
        by_day = rows.group_by("customer_id", "block", "day").agg(
            nw.len().alias("rows"),
            *(nw.col(name).sum() for name in self.added),
            *(nw.col(name).max() for name in self.flags),
            *largest,
        )
        by_day = by_day.with_columns(**_whole("rows", *self.added))
        if self.held and self.dated:
            key = nw.col("block") * self.width + nw.col("day")
            first = nw.when(nw.col("bought") == 1).then(key).otherwise(nw.lit(NEVER))
            by_day = by_day.with_columns(
                purchase_days=nw.col("bought"), first_key=first.cast(nw.Int64)
            )
            largest += [nw.col("purchase_days").sum(), nw.col("first_key").min()]
        bits = self.flags[:1] if self.held else self.flags
        if bits:
            by_day = by_day.with_columns(
                **{name: _bit(nw.col(name) == 1) for name in bits}
            )
        summed = ("rows", *self.added, *self.flags)
        return by_day.group_by("customer_id", "block").agg(
            *(nw.col(name).sum() for name in summed), *largest
        )

    @property
    def sums(self) -> tuple[str, ...]:
        """What is added up by customer and kept."""
        added = [name for name in self.added if name != "rounded"]
        return ("rows", *added, *(name for name in self.flags if name == "nameless"))

    @property
    def value(self) -> str | None:
        """The column of value: profit where the data have it, else amount."""
        return next((name for name in ("profit", "amount") if name in self.added), None)

    def customers(
        self, cells: nw.LazyFrame[Any], blocks: Sequence[int]
    ) -> nw.LazyFrame[Any]:
        """Make one row a customer, with a column of value and of days for each block.

        Parameters
        ----------
        cells : LazyFrame
            As :meth:`cells` gives them.
        blocks : sequence of int
            Those that have columns.
        """
        by_block = {}
        for i, block in enumerate(blocks if self.dated else ()):
            here = nw.col("block") == block + self.first_block
            if self.value is not None:
                value = where(here, nw.col(self.value), 0)
                by_block[f"value_{i}"] = value.cast(nw.Int64)
            by_block[f"days_{i}"] = where(here, nw.col("bought"), 0).cast(nw.Int64)
        rows = cells.filter(nw.col("block") >= 0)
        if by_block:
            rows = rows.with_columns(**by_block)
        days = ["purchase_days"] if self.dated else []
        first = [nw.col("first_key").min()] if self.dated else []
        summed = (*self.sums, *days, *by_block)
        customers = rows.group_by("customer_id").agg(
            *(nw.col(name).sum() for name in summed), *first
        )
        return customers.with_columns(**_whole(*summed))

    def values(self, name: str) -> nw.LazyFrame[Any]:
        """Give the distinct known values of each customer's purchases, by block."""
        purchases = self.rows.filter(
            (nw.col("key") >= 0) & (nw.col("bought") == 1) & ~nw.col(name).is_null()
        )
        return purchases.select(
            "customer_id", nw.col(name).alias("value"), block=_block(self.width)
        ).unique()

    def counts(self, name: str) -> nw.LazyFrame[Any]:
        """Count the distinct known values of each customer's purchases."""
        values = self.values(name).select("customer_id", "value").unique()
        return values.group_by("customer_id").agg(nw.len().alias("n"))

    def magnitude(self) -> nw.LazyFrame[Any]:
        """Add up the sizes of all amounts as floats, which cannot overflow."""
        sizes = self.rows.select(size=nw.col("largest").cast(nw.Float64))
        return sizes.select(nw.col("size").sum())


def plan_rows(frame: nw.LazyFrame[Any], terms: Terms, *, held: bool = False) -> Plan:
    """Say how rows become customers, days and minor units, or are set aside.

    Parameters
    ----------
    frame : LazyFrame
        With our column names.
    terms : Terms
        What counts.
    held : bool
        Whether the result stays in the engine.

    Raises
    ------
    InvalidInputError
        If a column is of a type that cannot hold what it should.
    """
    dtypes = dict(frame.collect_schema())
    width = WEEK if terms.weekly else MONTH
    dated, distinct = "date" in dtypes, tuple(one for one in DISTINCT if one in dtypes)
    columns = list(
        read_columns(
            dtypes, terms, width, frame.implementation.value, session_zone(frame)
        )
    )
    for stage in zip_longest(*(one.stages for one in columns), fillvalue={}):
        frame = frame.with_columns(
            **{k: v for exprs in stage for k, v in exprs.items()}
        )
    faults = {code: why for one in columns for code, why in one.faults.items()}
    if dated:
        faults |= _outside(terms, width)
    used = nw.col("fault") == 0
    nobody = "" if is_text(dtypes["customer_id"]) else 0
    key = nw.col("key") if dated else nw.lit(0)
    frame = frame.with_columns(fault=_first_fault(faults)).with_columns(
        customer_id=where(used, nw.col("customer_id"), nobody),
        key=nw.when(used).then(key).otherwise(nw.col("fault") * -width).cast(nw.Int64),
    )
    made = {name for one in columns for stage in one.stages for name in stage}
    flags, added = _what_to_add(dtypes.keys(), made)
    frame = frame.with_columns(**flags)
    if added:
        frame = frame.with_columns(**added)
    kept = ("customer_id", "key", *flags, *added, *distinct)
    days = [name for name in ("bought", "nameless") if dated and name in kept]
    for name in days:  # a day without an order id counts once, a row without a date too
        added.pop(name, None)
    return Plan(
        rows=frame.select(*kept),
        added=tuple(added),
        distinct=distinct,
        flags=tuple(days),
        width=width,
        is_text=is_text(dtypes["customer_id"]),
        guarded="largest" in flags,
        held=held,
    )


def _outside(terms: Terms, width: int) -> dict[int, nw.Expr]:
    """Say which days do not count."""
    key = nw.col("key")
    outside = {CODE_OF["after as_of"]: key > key_of(terms.as_of, width)}
    if terms.since is not None:
        outside[CODE_OF["before since"]] = key < key_of(terms.since, width)
    return outside


def _what_to_add(
    names: AbstractSet[str], made: AbstractSet[str]
) -> tuple[Exprs, Exprs]:
    """Give the flags that are needed, and then what is added up.

    Parameters
    ----------
    names, made : set of str
        The columns that the data have, and those that the stages made.
    """
    amount, bought = nw.col("amount"), nw.col("bought") == 1
    money = [name for name in ("amount", "profit") if name in names]
    rounded = [flag(nw.col(one)) for one in sorted(made) if one.endswith("_rounded")]
    added: Exprs = {name: nw.col(name) for name in money}
    flags: Exprs = {"bought": nw.lit(1).cast(nw.Int64)}
    if rounded:
        added["rounded"] = sum(rounded[1:], rounded[0])
    if money:
        sizes = [nw.col(name).abs() for name in money]
        flags["largest"] = sizes[0] if len(sizes) == 1 else nw.max_horizontal(*sizes)
    if "amount" in names:
        flags["bought"] = flag(amount >= 0)
        added |= {
            "refunds": 1 - nw.col("bought"),
            "refund_value": where(amount < 0, amount, 0).cast(nw.Int64),
            "free": flag(amount == 0),
        }
    if {"amount", "discount"} <= names:
        known = nw.col("known")
        added |= {
            "discounted": where(bought & nw.col("cheap"), amount, 0).cast(nw.Int64),
            "discount_known": where(bought & known, amount, 0).cast(nw.Int64),
            "discount_unknown": flag(bought & ~known),
        }
    if "order_id" in names:
        added["nameless"] = flag(bought & nw.col("order_id").is_null())
    return flags, added


def _first_fault(faults: Mapping[int, nw.Expr]) -> nw.Expr:
    """Give the code of the first thing that is wrong with each row, or 0."""
    # What no option can mend comes first, then the reasons in their order.
    chain: Any = nw
    for code in sorted(faults, key=lambda code: (code <= len(REASONS), code)):
        chain = chain.when(faults[code]).then(nw.lit(code))
    fault: nw.Expr = chain.otherwise(nw.lit(0)).cast(nw.Int64)
    return fault
