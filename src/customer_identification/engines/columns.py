"""Columns that stay in their engine, and answer with counts and sums of groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import reduce
from operator import or_
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from customer_identification.engines.hooks import collect, ints
from customer_identification.frames import reporting


__all__ = ["EngineColumn", "distinct_counts", "weighted_median"]

Ints = NDArray[np.int64]

# Groups by e^(1/93): up to 2**63 there are 4062 of them, each about 1 % wide.
_STEPS = 93
_COLUMNS = ("low", "high", "count", "total")


@frozen(eq=False)
class EngineColumn:
    """A column of whole numbers in an engine; each question is one pass over it.

    Engines may differ in how they round a logarithm or a quotient. This moves values to
    a neighbouring group at most, and least, largest, count and sum are always those of
    the values that are in a group.

    Attributes
    ----------
    frame : LazyFrame
        Not computed before something is asked, and then every time.
    name : str
        Of the column; no value is missing, and they add up to less than 2**63.
    after_pass : callable, optional
        Called after every pass with the number of rows that came back.
    """

    frame: nw.LazyFrame[Any]
    name: str
    after_pass: Callable[[int], object] | None = None

    def spread(self) -> Ints:
        """Group all values by their logarithm; those at or below 0 are one group."""
        value = nw.col("value")
        # No logarithm is taken of what has none: DuckDB would not have it.
        size = nw.when(value > 0).then(value).otherwise(nw.lit(1)).cast(nw.Float64)
        step = (nw.col("size").log() * _STEPS).floor()
        key = nw.when(value > 0).then(step).otherwise(nw.lit(-1)).cast(nw.Int64)
        with self._reporting():
            rows = self._values().with_columns(size=size)
            table = _groups(rows.with_columns(key=key))
        return self._told(table)

    def split(self, ranges: Sequence[tuple[int, int, int]]) -> Ints:
        """Group the values in ranges (least, largest, width of groups), falling."""
        value = nw.col("value")
        inside = [(value >= low) & (value <= high) for low, high, _ in ranges]
        chain: Any = nw
        first = 0
        for low, high, width in ranges:
            chain = chain.when(value >= low).then(
                _place(value, low, high, width) + first
            )
            first += (high - low) // width + 2  # a quotient may be rounded up
        key = chain.otherwise(nw.lit(-1)).cast(nw.Int64)
        with self._reporting():
            rows = self._values().filter(reduce(or_, inside))
            table = _groups(rows.with_columns(key=key))
        return self._told(table)

    def _reporting(self) -> AbstractContextManager[None]:
        return reporting(self.frame.implementation.value)

    def _values(self) -> nw.LazyFrame[Any]:
        return self.frame.select(value=nw.col(self.name).cast(nw.Int64))

    def _told(self, table: nw.DataFrame[Any]) -> Ints:
        if self.after_pass is not None:
            self.after_pass(len(table))
        return np.column_stack([ints(table, name) for name in _COLUMNS])


def _groups(rows: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
    """Describe the values of each key."""
    value = nw.col("value")
    groups = rows.group_by("key").agg(
        value.min().alias("low"),
        value.max().alias("high"),
        nw.len().alias("count"),
        value.sum().alias("total"),
    )
    # Sums are made 64 bits again; DuckDB gives 128.
    whole = groups.select(*(nw.col(name).cast(nw.Int64) for name in _COLUMNS))
    return collect([whole])[0]


def _place(value: nw.Expr, low: int, high: int, width: int) -> nw.Expr:
    """Give the place of a value's group in its range."""
    if width > high - low:
        return nw.lit(0)
    if width == 1:
        return value - low
    return ((value - low) / width).floor().cast(nw.Int64)


def distinct_counts(
    frame: nw.LazyFrame[Any], name: str, where: nw.Expr | None = None
) -> tuple[Ints, Ints]:
    """Count how often each value of a column of few whole numbers occurs.

    Parameters
    ----------
    frame : LazyFrame
        In any engine.
    name : str
        Of the column; missing values are left out.
    where : Expr, optional
        The rows that count.

    Returns
    -------
    values, counts : ndarray of int
        Rising values, and how many rows have each.
    """
    known = ~nw.col(name).is_null()
    with reporting(frame.implementation.value):
        rows = frame.filter(known if where is None else known & where)
        (table,) = collect(
            [
                rows.select(value=nw.col(name).cast(nw.Int64))
                .group_by("value")
                .agg(nw.len().alias("count"))
            ]
        )
    values, counts = ints(table, "value"), ints(table, "count")
    order = np.argsort(values)
    return values[order], counts[order]


def weighted_median(values: ArrayLike, counts: ArrayLike) -> float:
    """Give the median of values that each occur so many times.

    Parameters
    ----------
    values : array_like, shape (n_values,)
        In any order; none is nan.
    counts : array_like of int, shape (n_values,)
        Not below 0.

    Returns
    -------
    float
        As ``np.median(np.repeat(values, counts))`` gives it; nan where all counts are
        0.

    Examples
    --------
    >>> weighted_median([1, 2, 5], [3, 1, 2])
    1.5
    """
    known = np.asarray(values)
    order = np.argsort(known)
    up_to = np.cumsum(np.asarray(counts, dtype=np.int64)[order])
    n = int(up_to[-1]) if up_to.size else 0
    if not n:
        return math.nan
    middle = np.searchsorted(up_to, [(n - 1) // 2, n // 2], side="right")
    return float(known[order[middle]].mean())
