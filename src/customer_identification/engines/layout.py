"""How one row a customer looks in an engine, and what rules make of Arrow batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.cells import Cells
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_ids, read_table, read_whole
from customer_identification.history import (
    SUMS,
    History,
    no_visits,
    purchases_of,
    statistics_of,
    visit_all,
)
from customer_identification.report import DataReport
from customer_identification.summary import Summary
from customer_identification.terms import Terms


if TYPE_CHECKING:
    import pyarrow as pa


__all__ = ["BatchClassifier", "Layout"]

Ints = NDArray[np.int64]


class _Identifier(Protocol):
    """What gives every customer of a summary their classes, by rule."""

    @property
    def columns(self) -> tuple[str, ...]: ...

    def identify(self, summary: Summary) -> Any: ...


@frozen(kw_only=True)
class Layout:
    """The columns of a frame with one row a customer, and what they speak of.

    Attributes
    ----------
    terms : Terms
        Days, periods and money.
    blocks : tuple of int
        Months, or ISO weeks, since 1970-01-01. Each has a column of value
        (``value_0``, …) and one of days of purchase (``days_0``, …), one bit a day.
    edges : tuple of int
        Where complete periods begin, and the day after the last ends, in days since
        1970-01-01.
    sums, distinct : tuple of str
        Columns of sums, and of numbers of distinct values.
    dated, is_text : bool
        Whether there are dates; whether ids are text.
    report : DataReport
        Of all rows.
    """

    terms: Terms
    blocks: tuple[int, ...]
    edges: tuple[int, ...]
    sums: tuple[str, ...]
    distinct: tuple[str, ...]
    dated: bool
    is_text: bool
    report: DataReport

    @property
    def value(self) -> str | None:
        """The column of value: profit where the data have it, else amount."""
        return next((name for name in ("profit", "amount") if name in self.sums), None)

    @property
    def by_block(self) -> tuple[str, ...]:
        """What there is a column of for each block."""
        if not self.dated:
            return ()
        return ("days",) if self.value is None else ("value", "days")

    def columns(self) -> tuple[str, ...]:
        """Name all columns but that of the customer."""
        by_block = (
            f"{name}_{i}" for name in self.by_block for i in range(len(self.blocks))
        )
        return (*self.sums, *self.distinct, *by_block)

    def summary(self, batch: Any) -> Summary:
        """Read some rows of the frame as a summary of these customers.

        Parameters
        ----------
        batch : Arrow record batch, or any eager frame
            With the columns of the layout; each customer once, in any order.

        Raises
        ------
        InvalidInputError
            If a column is missing, or a customer comes twice.
        """
        names = {name: name for name in ("customer_id", *self.columns())}
        table = read_table(_as_table(batch), names, required=tuple(names))
        ids = read_ids(table.columns["customer_id"], "customer_id")
        n = ids.unique.size
        order = np.argsort(ids.codes, kind="stable")
        if n != order.size or (ids.codes < 0).any():
            raise InvalidInputError(
                "every customer must come once", code="not_an_id", column="customer_id"
            )
        columns = {
            name: _whole(table.columns[name], name)[order] for name in self.columns()
        }
        history = History(
            cells=self._cells(columns, n), pairs={}, weekly=self.terms.weekly
        )
        seen = no_visits(n) if self.dated else None
        if seen is not None:
            visit_all(seen, history.cells, weekly=history.weekly)
        edges = np.array(self.edges, dtype=np.int64)
        counts = {name: columns[name] for name in self.distinct}
        return Summary(
            customer_ids=ids.unique,
            as_of=self.terms.as_of,
            since=self.terms.since,
            period=self.terms.period,
            minor_units=self.terms.minor_units,
            periods=edges[:-1].view("M8[D]"),
            period_values=history.values(edges, n)
            if self.dated and self.terms.period is not None and self.value
            else None,
            report=self.report,
            kind=table.kind,
            **statistics_of(
                {name: columns[name] for name in SUMS if name in columns},
                seen,
                counts,
                purchases_of(columns, seen, counts),
            ),
        )

    def _cells(self, columns: Mapping[str, Ints], n: int) -> Cells:
        """Give what there is by customer and block."""
        size = n * len(self.blocks)
        by_block = {
            name: np.concatenate(
                [columns[f"{name}_{i}"] for i in range(len(self.blocks))]
                or [np.empty(0, np.int64)]
            )
            for name in self.by_block
        }
        days = by_block.pop("days", np.zeros(size, dtype=np.int64))
        value = by_block.get("value", np.zeros(size, dtype=np.int64))
        used = np.flatnonzero((days != 0) | (value != 0))
        return Cells(
            codes=(used % max(n, 1)).astype(np.int32),
            blocks=np.repeat(np.array(self.blocks, dtype=np.int64), n)[used],
            sums={} if self.value is None else {self.value: value[used]},
            days=days[used].astype(np.uint32),
        )


def _whole(column: Any, name: str) -> Ints:
    """Read whole numbers, all of them there."""
    values, missing = read_whole(column, name)
    if not values.size:  # of any type
        return np.empty(0, dtype=np.int64)
    if missing is not None or values.dtype == object:
        raise InvalidInputError(
            f"{name} must be a whole number for every customer",
            code="wrong_type",
            column=name,
        )
    return values.astype(np.int64, copy=False)


def _as_table(batch: Any) -> Any:
    """Make a table of a record batch; leave anything else as it is."""
    if type(batch).__name__ != "RecordBatch":
        return batch
    import pyarrow as pa

    return pa.Table.from_batches([batch])


@frozen(kw_only=True)
class BatchClassifier:
    """Rules as a pure function from Arrow record batches to Arrow record batches.

    It can be pickled and sent to wherever the rows are: ``mapInArrow`` of Spark,
    ``map_partitions`` of Dask, ``map_batches`` of Polars, Arrow streams of DuckDB.

    Attributes
    ----------
    identifier : Identifier
        The fitted rules.
    layout : Layout
        Of the rows, one a customer.
    """

    identifier: _Identifier
    layout: Layout

    @property
    def schema(self) -> pa.Schema:
        """Of the batches that come out: customer_id, classes by rule, and service."""
        import pyarrow as pa

        ids = pa.string() if self.layout.is_text else pa.int64()
        names = ((name, pa.string()) for name in self.identifier.columns)
        return pa.schema([("customer_id", ids), *names])

    def __call__(self, batch: Any) -> pa.RecordBatch:
        """Classify the customers of a batch.

        Parameters
        ----------
        batch : Arrow record batch
            One row a customer, as the layout has them.

        Returns
        -------
        Arrow record batch
            One row a customer, in the order of the ids.
        """
        import pyarrow as pa

        summary = self.layout.summary(batch)
        labels = self.identifier.identify(summary).labels()
        words = [
            pa.DictionaryArray.from_arrays(one.codes, list(one.words)).cast(pa.string())
            for one in (labels[name] for name in self.identifier.columns)
        ]
        ids = pa.array(summary.customer_ids, type=self.schema.field(0).type)
        return pa.RecordBatch.from_arrays([ids, *words], schema=self.schema)
