"""A summary that stays in its engine: one row a customer, of any number of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import Period
from customer_identification.cells import block_starts
from customer_identification.engines.cells import read_account
from customer_identification.engines.columns import (
    EngineColumn,
    distinct_counts,
    weighted_median,
)
from customer_identification.engines.hooks import (
    collect,
    hold,
    holding,
    ints,
    map_batches,
    settled,
)
from customer_identification.engines.layout import Layout
from customer_identification.engines.plan import Plan, plan_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import reporting, to_day
from customer_identification.history import edges_of
from customer_identification.report import Account, DataReport, report_of
from customer_identification.summary import Summary
from customer_identification.terms import Progress, Terms


__all__ = ["EngineSummary", "hold_rows"]

Ints = NDArray[np.int64]


@frozen(kw_only=True, eq=False)
class EngineSummary:
    """One row a customer, in the host's engine; made by :func:`summarize_in_engine`.

    Classifiers are fitted to it by a few passes that bring back counts and sums of
    groups, never a row of a customer. What is held in the engine is let go by
    :meth:`close`, or at the end of a ``with`` block.

    Attributes
    ----------
    layout : Layout
        The columns of the frame, and what they speak of.
    progress : callable or None
        Told of every pass of a fit; nobody knows how many it takes, so `of` is 0.
    """

    layout: Layout
    progress: Progress | None = field(default=None, repr=False)
    _customers: nw.LazyFrame[Any] = field(repr=False)
    _root: nw.LazyFrame[Any] = field(repr=False)
    _plan: Plan = field(repr=False)
    _release: Callable[[], object] = field(repr=False)
    _passes: Iterator[int] = field(factory=lambda: count(1), repr=False)

    def __repr__(self) -> str:
        engine = self._customers.implementation.value
        return f"EngineSummary(in {engine}, as of {self.as_of})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what the engine holds; the frame cannot be used any more."""
        self._release()

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return self.layout.terms.as_of

    @property
    def period(self) -> Period | None:
        """Of values."""
        return self.layout.terms.period

    @property
    def minor_units(self) -> int:
        """Decimals of the money."""
        return self.layout.terms.minor_units

    @property
    def report(self) -> DataReport:
        """What was read and what became of it."""
        return self.layout.report

    @property
    def frame(self) -> Any:
        """The engine's own frame, with the columns of the layout."""
        names = ("customer_id", *self.layout.columns())
        return self._customers.select(*names).to_native()

    @property
    def periods(self) -> NDArray[np.datetime64]:
        """Where each complete period starts."""
        starts: NDArray[np.datetime64] = np.array(self.layout.edges[:-1], dtype="M8[D]")
        return starts

    @property
    def value(self) -> EngineColumn | None:
        """Value of each customer, to find limits in; None without amounts."""
        if self.layout.value is None:
            return None
        return EngineColumn(self._customers, self.layout.value, self._tell_pass)

    def period_totals(self) -> Ints | None:
        """Give the value of all customers by complete period, in minor units."""
        name = self.layout.value
        if name is None or self.period is None or not self.layout.dated:
            return None
        columns = [f"value_{i}" for i in range(len(self.layout.blocks))]
        with reporting(self._customers.implementation.value):
            (table,) = collect(
                [self._customers.select(*(nw.col(one).sum() for one in columns))]
            )
        self._tell_pass(len(table))
        totals = np.array([int(table[one][0] or 0) for one in columns], dtype=np.int64)
        days = block_starts(self.layout.blocks, weekly=self.layout.terms.weekly)
        edges = np.array(self.layout.edges, dtype=np.int64)
        place = np.searchsorted(edges, days, side="right") - 1
        inside = (place >= 0) & (place < edges.size - 1)
        result = np.zeros(max(edges.size - 1, 0), dtype=np.int64)
        np.add.at(result, place[inside], totals[inside])
        return result

    def median(self, name: str, min_purchase_days: int = 0) -> float:
        """Give the median of those with enough days of purchase; nan without any.

        Parameters
        ----------
        name : {"tenure", "categories", "purchase_days"}
            Of the column.
        min_purchase_days : int
            Least days with a purchase.
        """
        source = {
            "tenure": "first_key",
            "categories": "category",
            "purchase_days": "purchase_days",
        }[name]
        is_there = source != "category" or source in self.layout.distinct
        if not is_there or not self.layout.dated:
            return float("nan")
        told = nw.col("purchase_days") >= min_purchase_days
        values, counts = distinct_counts(self._customers, source, told)
        self._tell_pass(values.size)
        known = values.astype(np.float64)
        if name == "tenure":
            known = to_day(self.as_of, "as_of") - self._plan.days_of(values)
        bought = ~np.isnan(known)
        return weighted_median(known[bought], counts[bought])

    def identify(self, identifier: Any) -> Any:
        """Apply fitted rules in the engine.

        Parameters
        ----------
        identifier : Identifier
            As :meth:`IdentificationProgram.fit` gives it.

        Returns
        -------
        frame
            The engine's own: customer_id, a class by each rule, and the service.

        Raises
        ------
        InvalidInputError
            If it is no identifier.
        EngineError
            If the engine fails, or has let go of what it held.
        """
        if not callable(getattr(identifier, "on_batches", None)):
            raise InvalidInputError(
                "identifier must be an Identifier, as a program's fit gives it",
                code="bad_option",
            )
        with reporting(self._customers.implementation.value):
            return self._classified(identifier).to_native()

    def _classified(self, identifier: Any) -> nw.LazyFrame[Any]:
        function = identifier.on_batches(self.layout)
        names = ("customer_id", *self.layout.columns())
        return map_batches(self._customers.select(*names), function)

    def without(self, identifier: Any, name: str, label: str) -> EngineSummary:
        """Leave out the customers of a class, for the fit of other rules.

        Parameters
        ----------
        identifier : Identifier
            With a rule of that name.
        name, label : str
            Rule and class.
        """
        with reporting(self._customers.implementation.value):
            classes = self._classified(identifier)
            apart = classes.filter(nw.col(f"{name}_class") == label)
            rest, release = hold(
                self._customers.join(
                    apart.select("customer_id"), on="customer_id", how="anti"
                ),
                self._root,
            )
        return evolve(self, customers=rest, release=release)

    def collect(self) -> Summary:
        """Bring one row a customer here.

        Raises
        ------
        InvalidInputError
            If there are more than 2**27 customers.
        """
        names = ("customer_id", *self.layout.columns())
        with reporting(self._customers.implementation.value):
            (table,) = collect([self._customers.select(*names)])
        return self.layout.summary(table.to_native())

    def _tell_pass(self, n_rows: int) -> None:
        if self.progress is not None:
            self.progress(f"fit: {n_rows:,} rows came back", next(self._passes), 0)


def hold_rows(
    frame: nw.LazyFrame[Any], terms: Terms, progress: Progress | None
) -> EngineSummary:
    """Have an engine make one row a customer, and keep it.

    Raises
    ------
    EngineError
        If the engine fails.
    BadRowsError, InvalidInputError
        As :func:`summarize_in_engine` does.
    """
    tell = progress or (lambda *_: None)
    with reporting(frame.implementation.value):
        plan = plan_rows(frame, terms, held=True)
        with holding(plan.rows, frame) as rows:
            plan = evolve(plan, rows=rows)
            tell("read in the engine", 1, 4)
            with holding(plan.cells(), frame) as cells:
                tell("add up by customer and month", 2, 4)
                account, blocks, totals = _look_over(cells, plan, terms)
                tell("account for all rows", 3, 4)
                customers = plan.customers(cells, blocks)
                held, release = hold(_with_counts(customers, plan), frame)
        purchases = _count_purchases(held, plan, totals)
        tell("one row a customer", 4, 4)
    first_day = block_starts(blocks[0], weekly=terms.weekly) if blocks else None
    edges = edges_of(
        None if first_day is None else int(first_day),
        terms.period if plan.dated else None,
        terms.since,
        terms.as_of,
    )
    return EngineSummary(
        layout=Layout(
            terms=terms,
            blocks=blocks,
            edges=tuple(edges.tolist()),
            sums=tuple(name for name in plan.sums if name != "bought"),
            distinct=plan.distinct,
            dated=plan.dated,
            is_text=plan.is_text,
            report=report_of(account, totals, purchases, terms.minor_units),
        ),
        progress=progress,
        customers=held,
        root=frame,
        plan=plan,
        release=release,
    )


def _look_over(
    cells: nw.LazyFrame[Any], plan: Plan, terms: Terms
) -> tuple[Account, tuple[int, ...], dict[str, int]]:
    """Account for all rows; give the blocks that there are, and totals of what counts."""
    days = ["purchase_days"] if plan.dated else []
    names = (*plan.sums, *(["rounded"] if "rounded" in plan.added else []), *days)
    largest = [nw.col("largest").max()] if plan.guarded else []
    (table,) = collect(
        [
            cells.group_by("block")
            .agg(*(nw.col(name).sum() for name in names), *largest)
            .with_columns(**{name: nw.col(name).cast(nw.Int64) for name in names})
        ]
    )
    account = read_account(table, plan, terms)
    block = ints(table, "block")
    used = block >= 0
    blocks = np.sort(block[used]) - plan.first_block
    totals = {name: int(ints(table, name)[used].sum()) for name in names}
    return account, tuple(blocks.tolist()), totals


def _with_counts(customers: nw.LazyFrame[Any], plan: Plan) -> nw.LazyFrame[Any]:
    """Add the numbers of distinct orders, categories and channels."""
    for name in plan.distinct:
        counts = plan.counts(name).rename({"n": name})
        customers = settled(customers).join(counts, on="customer_id", how="left")
        known = nw.col(name).fill_null(0).cast(nw.Int64)
        customers = customers.with_columns(**{name: known})
    return customers


def _count_purchases(
    customers: nw.LazyFrame[Any], plan: Plan, totals: Mapping[str, int]
) -> int:
    """Count the purchases of all customers."""
    if "order_id" in plan.distinct:
        (table,) = collect([customers.select(nw.col("order_id").sum())])
        return int(table["order_id"][0] or 0) + totals["nameless"]
    if plan.dated:
        return totals["purchase_days"]
    return totals["rows"] - totals.get("refunds", 0)
