"""From transactions to a summary: every row is used, or set aside and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification.aggregate import (
    Period,
    Visits,
    complete_periods,
    count_distinct,
    sum_by_code,
    sum_by_period,
    visits,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    read_table,
    to_date,
    to_day,
    to_zone,
)
from customer_identification.models import Transaction
from customer_identification.options import whole
from customer_identification.rows import (
    REQUIRED,
    ReadRows,
    Rows,
    read_rows,
    set_aside,
)
from customer_identification.summary import DataReport, Summary


__all__ = ["summarize"]

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
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> Summary:
    """Summarize transactions: one row a customer, as of a day.

    Parameters
    ----------
    transactions : frame or iterable of Transaction
        pandas, Polars or PyArrow; one row a transaction, in any order. Never changed.
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

    Notes
    -----
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
    names = _check_options(columns, period, on_bad_rows)
    minor_units = whole("minor_units", minor_units, 0, 6)
    zone = to_zone(tz)
    last_day = to_day(as_of, "as_of", zone)
    first_day = None if since is None else to_day(since, "since", zone)
    if first_day is not None and first_day > last_day:
        raise InvalidInputError("since must not be after as_of", code="since")
    table = read_table(transactions, names, required=REQUIRED, objects=Transaction)
    read = read_rows(table, minor_units, zone)
    used, aside = set_aside(read, first_day, last_day, on_bad_rows)
    rows = read.rows.only(used)
    customer_ids = read.customer_ids
    if used is not None:
        codes, customer_ids = _present(rows["codes"], customer_ids)
        rows = evolve(rows, columns={**rows.columns, "codes": codes})
    statistics = _statistics(rows, customer_ids.size)
    starts, period_values = _by_period(
        rows, customer_ids.size, period, (first_day, last_day)
    )
    return Summary(
        customer_ids=customer_ids,
        as_of=to_date(last_day),
        since=None if first_day is None else to_date(first_day),
        period=period,
        minor_units=minor_units,
        periods=starts,
        period_values=period_values,
        report=_report(read, rows, aside, statistics, minor_units),
        kind=table.kind,
        **statistics,
    )


def _check_options(
    columns: Mapping[str, str | None] | None,
    period: object,
    on_bad_rows: object,
) -> dict[str, str | None]:
    if columns is not None and not isinstance(columns, Mapping):
        raise InvalidInputError(
            "columns must map our names to yours", code="bad_option"
        )
    columns = columns or {}
    if strange := [str(name) for name in columns if name not in _COLUMNS]:
        raise InvalidInputError(
            f"columns must map from {', '.join(_COLUMNS)}, not from "
            f"{', '.join(strange)}",
            code="unknown_column",
        )
    if "customer_id" in columns and columns["customer_id"] is None:
        raise InvalidInputError(
            "customer_id must be a column of the data", code="missing_column"
        )
    if period not in (None, *get_args(Period)):
        raise InvalidInputError(
            "period must be 'week', 'month', 'quarter' or None", code="bad_option"
        )
    if on_bad_rows not in ("raise", "report"):
        raise InvalidInputError(
            "on_bad_rows must be 'raise' or 'report'", code="bad_option"
        )
    return {name: columns.get(name, name) for name in _COLUMNS}


def _present(codes: Any, unique: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Leave out the customers that have no row left."""
    is_present = np.zeros(unique.size, dtype=np.bool_)
    is_present[codes] = True
    if is_present.all():
        return codes, unique
    return (np.cumsum(is_present, dtype=np.int32) - 1)[codes], unique[is_present]


def _statistics(rows: Rows, n: int) -> dict[str, Any]:
    """Count and add up by customer whatever the columns allow."""
    codes, amount = rows["codes"], rows["amount"]
    totals = {
        name: None if rows[name] is None else sum_by_code(codes, rows[name], n)
        for name in ("amount", "profit")
    }
    back = np.empty(0, np.intp) if rows.bought is None else np.flatnonzero(~rows.bought)
    days = rows["date"]
    seen = None if days is None else visits(codes, days, n, rows.bought)
    return {
        **totals,
        **_discounts(rows, n),
        "value": totals["amount"] if totals["profit"] is None else totals["profit"],
        "purchases": _count_purchases(rows, seen, n),
        "purchase_days": None if seen is None else seen.count,
        "first_purchase": None if seen is None else seen.first.view("M8[D]"),
        "last_purchase": None if seen is None else seen.last.view("M8[D]"),
        "squared_gaps": None if seen is None else seen.squared_gaps,
        "refunds": np.bincount(codes[back], minlength=n),
        "refund_value": np.zeros(n, np.int64)
        if amount is None
        else sum_by_code(codes[back], amount[back], n),
        "categories": _breadth(rows, "category", n),
        "channels": _breadth(rows, "channel", n),
    }


def _report(
    read: ReadRows,
    rows: Rows,
    aside: tuple[tuple[str, int, int], ...],
    statistics: Mapping[str, Any],
    minor_units: int,
) -> DataReport:
    """Account for every row and every minor unit."""
    amount, known = rows["amount"], rows.of_purchases("discount_known")
    used, refunded = rows["codes"].size, int(statistics["refunds"].sum())
    return DataReport(
        read=read.rows["codes"].size,
        used=used,
        set_aside=aside,
        money_in=0 if read.rows.value is None else int(read.rows.value.sum()),
        refunded=refunded,
        refunded_value=int(statistics["refund_value"].sum()),
        merged=used - refunded - int(statistics["purchases"].sum()),
        free=0 if amount is None else int(np.count_nonzero(amount == 0)),
        rounded=read.rounded,
        discount_unknown=0 if known is None else int(np.count_nonzero(~known)),
        minor_units=minor_units,
        valued=read.rows.value is not None,
    )


def _discounts(rows: Rows, n: int) -> dict[str, Ints | None]:
    """Add up what was bought at a discount, and what has a known discount."""
    if rows["discounted"] is None or rows["amount"] is None:
        return {"discounted": None, "discount_known": None}
    buyers, spent = rows.of_purchases("codes"), rows.of_purchases("amount")
    cheap, known = rows.of_purchases("discounted"), rows.of_purchases("discount_known")
    return {
        "discounted": sum_by_code(buyers[cheap], spent[cheap], n),
        "discount_known": sum_by_code(buyers, spent, n)
        if known is None
        else sum_by_code(buyers[known], spent[known], n),
    }


def _breadth(rows: Rows, name: str, n: int) -> Ints | None:
    """Count the distinct known values of each customer's purchases."""
    values = rows.of_purchases(name)
    if values is None:
        return None
    buyers = rows.of_purchases("codes")
    known = values >= 0
    if not known.all():
        buyers, values = buyers[known], values[known]
    return count_distinct(buyers, values, rows.sizes[name], n)


def _count_purchases(rows: Rows, seen: Visits | None, n: int) -> Ints:
    """Count distinct orders; rows without one are one purchase a day."""
    orders = rows.of_purchases("order_id")
    if orders is None and seen is not None:
        return seen.count
    buyers = rows.of_purchases("codes")
    if orders is None:
        return np.bincount(buyers, minlength=n)
    size = rows.sizes["order_id"]
    nameless = np.flatnonzero(orders < 0)
    if nameless.size:
        days = rows.of_purchases("date")
        stand_in = nameless if days is None else days[nameless] - days.min()
        orders = orders.astype(np.int64)
        orders[nameless] = size + stand_in
        size += int(stand_in.max()) + 1
    return count_distinct(buyers, orders, size, n)


def _by_period(
    rows: Rows,
    n: int,
    period: Period | None,
    span: tuple[int | None, int],
) -> tuple[NDArray[np.datetime64], Ints | None]:
    """Give where the complete periods start, and the value of each customer in each."""
    days, value = rows["date"], rows.value
    first_day, last_day = span
    if period is None or days is None:
        return np.empty(0, "M8[D]"), None
    if first_day is None and not days.size:
        no_values = None if value is None else np.zeros((n, 0), np.int64)
        return np.empty(0, "M8[D]"), no_values
    edges = complete_periods(
        period,
        int(days.min()) if first_day is None else first_day,
        last_day,
        whole_first=first_day is None,
    )
    starts = edges[:-1].view("M8[D]")
    if value is None:
        return starts, None
    return starts, sum_by_period(rows["codes"], days, value, n, edges)
