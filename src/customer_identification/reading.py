"""From transactions to a summary: every row is used, or set aside and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification import engines
from customer_identification.aggregate import (
    Period,
    Visits,
    count_distinct,
    sum_by_period,
    visits,
)
from customer_identification.cells import Part, add_part, total_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    CustomerIndex,
    Table,
    names_of,
    read_table,
)
from customer_identification.history import (
    SUMS,
    History,
    edges_of,
    purchases_of,
    statistics_of,
    sums_of,
)
from customer_identification.models import Transaction
from customer_identification.options import an_instance
from customer_identification.report import COUNTED, report_of
from customer_identification.rows import (
    REQUIRED,
    Rows,
    no_dates,
    read_rows,
    set_aside,
)
from customer_identification.summary import Summary
from customer_identification.terms import Progress, Terms, terms_of


__all__ = ["summarize", "summarize_in_engine"]

OnBadRows = Literal["raise", "report"]
Ints = NDArray[np.int64]

_COLUMNS = (
    "customer_id",
    "date",
    "amount",
    "profit",
    "order_id",
    "discount",
    "category",
    "channel",
)


def summarize(  # noqa: PLR0913 - one door, every option by name
    transactions: object,
    *,
    as_of: object,
    since: object = None,
    columns: Mapping[str, str | None] | None = None,
    period: Period | None = "month",
    minor_units: int = 2,
    tz: str | ZoneInfo | None = None,
    on_bad_rows: OnBadRows = "raise",
    mergeable: bool = False,
    index: CustomerIndex | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Summarize transactions: one row a customer, as of a day.

    Parameters
    ----------
    transactions : frame or iterable of Transaction
        pandas, Polars or PyArrow; or a Polars LazyFrame, a DuckDB relation, a Spark,
        Ibis or Dask frame, which their own engine adds up. One row a transaction, in
        any order. Never changed.
    as_of : date, datetime or text
        The last day that counts; later rows are set aside and counted.
    since : date, datetime or text, optional
        The first day that counts. Without it the data are taken to cover the whole
        period of their first row.
    columns : mapping of str to str or None, optional
        Our column names to yours: customer_id, date, amount; and where you have them
        profit, order_id, discount, category, channel. Anything above 0 in discount
        (money taken off, or a rate), or True, means bought at a discount; amounts are
        those paid. None says that the data have no such column, for date and amount
        too.
    period : {"month", "week", "quarter"} or None
        Complete calendar periods to keep values by.
    minor_units : int
        Decimals of your money, 0 to 6; amounts are rounded to them, half to even.
    tz : str or ZoneInfo, optional
        Whose days are meant where stamps carry a time zone.
    on_bad_rows : {"raise", "report"}
        Rows without a date or amount, or with an endless amount or a negative
        discount, raise; or are set aside and counted. Rows without a customer id are
        always set aside and counted.
    mergeable : bool
        Keep what is needed to :meth:`Summary.merge` what comes later, and to drop what
        is long ago.
    index : CustomerIndex, optional
        Customers of earlier months, so that text ids are looked up instead of sorted
        anew. Whole numbers are then positions in it, as ``index.encode`` gives them:
        of this very index, since those of another look alike.
    progress : callable, optional
        Called as ``progress(stage, done, of)`` whenever a part of the work is done.

    Returns
    -------
    Summary
        No rows give an empty summary.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    BadRowsError
        If rows cannot be used and `on_bad_rows` is "raise".
    InvalidInputError
        If a column holds something else than it should, or an option is wrong.
    EngineError
        If the engine of the frame fails, or a package for it is not here.

    Notes
    -----
    An engine gives back one row a customer and month, at most 2**27 of them (our
    choice); beyond that see :func:`summarize_in_engine`. It has no order of rows, so
    its errors name no positions.

    Money is summed in whole minor units, so totals do not depend on the order of rows.
    An amount below 0, once rounded, is money back: it lowers value and is never a
    purchase.

    Examples
    --------
    >>> import pandas as pd
    >>> sales = pd.DataFrame(
    ...     {
    ...         "CustomerID": [12347, 12347, 12348, None],
    ...         "InvoiceDate": pd.to_datetime(
    ...             ["2011-10-31", "2011-11-02", "2011-11-30", "2011-11-30"]
    ...         ),
    ...         "Revenue": [19.90, 5.10, 7.00, 3.00],
    ...     }
    ... )
    >>> summary = summarize(
    ...     sales,
    ...     as_of="2011-12-01",
    ...     columns={
    ...         "customer_id": "CustomerID",
    ...         "date": "InvoiceDate",
    ...         "amount": "Revenue",
    ...     },
    ... )
    >>> print(summary.report)
    4 rows, 3 used, 1 set aside: no customer id; 35.00 in, 32.00 classified, 3.00 set aside
    """
    an_instance("mergeable", mergeable, bool)
    an_instance("index", index, CustomerIndex, or_none=True)
    terms = evolve(
        terms_of(as_of, since, minor_units, tz, on_bad_rows, period=period),
        mergeable=mergeable,
    )
    tell = _teller(progress)
    table = _table(transactions, columns)
    if table.lazy is None:
        read = read_rows(table, terms, index)
        tell("read", 1, 3)
        used, aside = set_aside(read, terms)
        rows, customer_ids = read.only(used)
        tell("set aside", 2, 3)
        account = read.account(aside)
        totals, found = _of_rows(rows, customer_ids, terms)
    else:
        if index is not None:
            raise InvalidInputError(
                "an index is for frames in this process; an engine needs none",
                code="bad_option",
            )
        counted = engines.count_rows(table.lazy, terms)
        tell("add up in the engine", 2, 3)
        account = counted.account
        totals, found = _of_cells(counted, terms)
    purchases = int(found["purchases"].sum())
    tell("add up", 3, 3)
    return Summary(
        as_of=terms.as_of,
        since=terms.since,
        period=terms.period,
        minor_units=terms.minor_units,
        report=report_of(account, totals, purchases, terms.minor_units),
        kind=table.kind,
        **found,
    )


def summarize_in_engine(  # noqa: PLR0913 - one door, every option by name
    transactions: object,
    *,
    as_of: object,
    since: object = None,
    columns: Mapping[str, str | None] | None = None,
    period: Period | None = "month",
    minor_units: int = 2,
    tz: str | ZoneInfo | None = None,
    on_bad_rows: OnBadRows = "raise",
    progress: Progress | None = None,
) -> engines.EngineSummary:
    """Summarize more customers than fit this process: one row each stays in the engine.

    Parameters
    ----------
    transactions : Polars LazyFrame, DuckDB relation, Spark, Ibis or Dask frame
        One row a transaction, in any order. What Polars holds is in this process.
    as_of, since, columns, period, minor_units, tz, on_bad_rows, progress
        As for :func:`summarize`; `progress` is told of every pass, in fits too.

    Returns
    -------
    EngineSummary
        Classifiers and programs are fitted to it as to a :class:`Summary`, and
        fitted rules applied in the engine.

    Raises
    ------
    MissingColumnError, BadRowsError, InvalidInputError
        As :func:`summarize` does.
    EngineError
        If the engine fails.

    Examples
    --------
    >>> from datetime import date
    >>> import polars as pl
    >>> from customer_identification import IdentificationProgram
    >>> sales = pl.LazyFrame(
    ...     {
    ...         "customer_id": [1, 1, 2],
    ...         "date": [date(2011, 5, 1), date(2011, 7, 1), date(2011, 7, 3)],
    ...         "amount": [10.0, 20.0, 5.0],
    ...     }
    ... )
    >>> with summarize_in_engine(sales, as_of="2011-07-31") as held:
    ...     identifier = IdentificationProgram().fit(held)
    ...     classes = held.identify(identifier).collect()
    >>> classes.sort("customer_id")["value_class"].to_list()
    ['A', 'B']
    """
    terms = terms_of(as_of, since, minor_units, tz, on_bad_rows, period=period)
    table = _table(transactions, columns)
    if table.lazy is None:
        raise InvalidInputError(
            "the data must be in an engine: a Polars LazyFrame, or a DuckDB, Spark, "
            "Ibis or Dask frame; summarize takes all others",
            code="eager_frame",
        )
    return engines.hold_rows(table.lazy, terms, progress)


Found = tuple[dict[str, int], dict[str, Any]]


def _of_rows(rows: Rows, customer_ids: NDArray[Any], terms: Terms) -> Found:
    """Give totals over all customers, and columns of each, from rows."""
    n = customer_ids.size
    if terms.mergeable:
        history = rows.history(n, weekly=terms.weekly)
        return _of_history(customer_ids, history, history.counts(n), terms)
    parts = rows.parts()
    totals = {
        name: total_of(parts[name], rows["codes"].size)
        for name in COUNTED
        if name in parts
    }
    edges, values = _by_period(rows, n, terms)
    return totals, {
        "customer_ids": customer_ids,
        "periods": edges[:-1].view("M8[D]"),
        "period_values": values,
        **_statistics(rows, parts, n),
    }


def _of_history(
    customer_ids: NDArray[Any],
    history: History,
    counts: Mapping[str, Ints],
    terms: Terms,
) -> Found:
    """Give totals and columns from what customers did by block."""
    n = customer_ids.size
    edges = history.edges(terms.period, terms.since, terms.as_of)
    has_values = terms.period is not None and history.cells.value is not None
    return history.cells.totals(), {
        "customer_ids": customer_ids,
        "periods": edges[:-1].view("M8[D]"),
        "period_values": history.values(edges, n) if has_values else None,
        "history": history if terms.mergeable else None,
        **history.statistics(n, counts),
    }


def _of_cells(counted: engines.Counted, terms: Terms) -> Found:
    """Give totals and columns from what an engine added up."""
    n, cells, counts = counted.customer_ids.size, counted.cells, counted.counts
    if terms.mergeable and not counted.dated:
        raise no_dates()
    if counted.dated:
        history = History(cells=cells, pairs=counted.pairs, weekly=terms.weekly)
        counts = history.counts(n) if terms.mergeable else counts
        return _of_history(counted.customer_ids, history, counts, terms)
    sums = sums_of(cells, n)
    return cells.totals(), {
        "customer_ids": counted.customer_ids,
        "periods": np.empty(0, "M8[D]"),
        "period_values": None,
        **statistics_of(sums, None, counts, purchases_of(sums, None, counts)),
    }


def _teller(progress: object) -> Progress:
    if progress is None:
        return lambda *_: None
    if not callable(progress):
        raise InvalidInputError(
            "progress must be a function of stage, done and of", code="bad_option"
        )
    return progress


def _table(transactions: object, columns: object) -> Table:
    """Find our columns in what the host gives."""
    names = names_of(columns, _COLUMNS, needed=["customer_id"])
    return read_table(
        transactions, names, required=REQUIRED, objects=Transaction, lazy="kept"
    )


def _statistics(rows: Rows, parts: Mapping[str, Part], n: int) -> dict[str, Any]:
    """Count and add up by customer whatever the columns allow."""
    codes, days = rows["codes"], rows["date"]
    seen = None if days is None else visits(codes, days, n, rows.bought)
    sums = {
        name: add_part(codes, part, n) for name, part in parts.items() if name in SUMS
    }
    counts = {
        name: breadth
        for name in ("category", "channel")
        if (breadth := _breadth(rows, name, n)) is not None
    }
    return statistics_of(sums, seen, counts, _count_purchases(rows, seen, n))


def _breadth(rows: Rows, name: str, n: int) -> Ints | None:
    """Count the distinct known values of each customer's purchases."""
    values = rows.of_purchases(name)
    if values is None:
        return None
    buyers = rows.of_purchases("codes")
    known = values >= 0
    if not known.all():
        buyers, values = buyers[known], values[known]
    return count_distinct(buyers, values, rows.coded_as[name].size, n)


def _count_purchases(rows: Rows, seen: Visits | None, n: int) -> Ints:
    """Count distinct orders; rows without one are one purchase a day."""
    orders = rows.of_purchases("order_id")
    if orders is None and seen is not None:
        return seen.count
    buyers = rows.of_purchases("codes")
    if orders is None:
        return np.bincount(buyers, minlength=n)
    size = rows.coded_as["order_id"].size
    nameless = np.flatnonzero(orders < 0)
    if nameless.size:
        days = rows.of_purchases("date")
        stand_in = nameless if days is None else days[nameless] - days.min()
        orders = orders.astype(np.int64)
        orders[nameless] = size + stand_in
        size += int(stand_in.max()) + 1
    return count_distinct(buyers, orders, size, n)


def _by_period(rows: Rows, n: int, terms: Terms) -> tuple[Ints, Ints | None]:
    """Give the edges of the complete periods, and the value of each customer in each."""
    days, value = rows["date"], rows.value
    if terms.period is None or days is None:
        return np.empty(0, np.int64), None
    first_day = int(days.min()) if days.size else None
    edges = edges_of(first_day, terms.period, terms.since, terms.as_of)
    if value is None:
        return edges, None
    return edges, sum_by_period(rows["codes"], days, value, n, edges)
