"""From transactions to a summary: every row is used, or set aside and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve, frozen
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
from customer_identification.errors import BadRowsError, InvalidInputError
from customer_identification.frames import (
    Table,
    read_codes,
    read_days,
    read_flags,
    read_ids,
    read_money,
    read_table,
    to_date,
    to_day,
    to_zone,
)
from customer_identification.models import Transaction
from customer_identification.options import whole
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
_REQUIRED = ("customer_id", "date", "amount")

# Why a row is set aside, in the order in which the first reason wins. Those marked
# True are no fault of the data; the others raise unless on_bad_rows="report".
_REASONS = {
    "no customer id": True,
    "no date": False,
    "no amount": False,
    "amount not finite": False,
    "no profit": False,
    "profit not finite": False,
    "discount below 0": False,
    "before since": True,
    "after as_of": True,
}


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
        profit, order_id, discount (money taken off, or True), category, channel. None
        says that the data have no such column, for date and amount too.
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
    table = read_table(transactions, names, required=_REQUIRED, objects=Transaction)
    read = _read_rows(table, minor_units, zone)
    used, set_aside = _set_aside(read, first_day, last_day, on_bad_rows)
    rows = read.rows.only(used)
    codes, customer_ids = _present(rows["codes"], read.customer_ids)
    rows = evolve(rows, columns={**rows.columns, "codes": codes})
    n = customer_ids.size
    values = [
        one["amount"] if one["profit"] is None else one["profit"]
        for one in (read.rows, rows)
    ]
    statistics = _statistics(rows, n)
    starts, period_values = _by_period(
        rows, values[1], n, period, (first_day, last_day)
    )
    amount, known = rows["amount"], rows.of_purchases("discount_known")
    report = DataReport(
        read=table.n_rows,
        used=codes.size,
        set_aside=set_aside,
        money_in=0 if values[0] is None else int(values[0].sum()),
        refunded=int(statistics["refunds"].sum()),
        refunded_value=int(statistics["refund_value"].sum()),
        merged=codes.size
        - int(statistics["refunds"].sum() + statistics["purchases"].sum()),
        free=0 if amount is None else int(np.count_nonzero(amount == 0)),
        rounded=read.rounded,
        discount_unknown=0 if known is None else int(np.count_nonzero(~known)),
        minor_units=minor_units,
    )
    return Summary(
        customer_ids=customer_ids,
        as_of=to_date(last_day),
        since=None if first_day is None else to_date(first_day),
        period=period,
        minor_units=minor_units,
        periods=starts,
        period_values=period_values,
        report=report,
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
    strange = [name for name in columns if name not in _COLUMNS]
    if strange:
        raise InvalidInputError(
            f"columns must map from {', '.join(_COLUMNS)}; {len(strange)} other "
            "names are given",
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


@frozen(kw_only=True, repr=False)
class _Rows:
    """The columns of the transactions as arrays, one entry a row.

    Attributes
    ----------
    columns : mapping of str to ndarray
        codes (of customers), date [days], amount and profit [minor units], order_id,
        category and channel (codes, -1 unknown), discounted, discount_known; only those
        that the data have.
    sizes : mapping of str to int
        How many codes there are of order_id, category and channel.
    bought : ndarray of bool or None
        Which rows are purchases; None for all.
    """

    columns: Mapping[str, Any]
    sizes: Mapping[str, int]
    bought: NDArray[np.bool_] | None = None

    def __getitem__(self, name: str) -> Any:
        """Give a column; None where the data have none."""
        return self.columns.get(name)

    def of_purchases(self, name: str) -> Any:
        """Give a column for the purchase rows only."""
        values = self.columns.get(name)
        return values if values is None or self.bought is None else values[self.bought]

    def only(self, used: NDArray[np.bool_] | None) -> _Rows:
        """Leave rows out, and say which of the others are purchases."""
        columns = self.columns
        if used is not None:
            columns = {name: values[used] for name, values in columns.items()}
        amount = columns.get("amount")
        bought = None if amount is None else amount >= 0
        if bought is not None and bought.all():
            bought = None
        return evolve(self, columns=columns, bought=bought)


@frozen(kw_only=True, repr=False)
class _Read:
    """What the readers made of a table: the rows, and what is wrong with some."""

    rows: _Rows
    customer_ids: NDArray[Any]
    faults: tuple[tuple[str, NDArray[np.bool_]], ...]
    rounded: int


def _read_rows(table: Table, minor_units: int, tz: ZoneInfo | None) -> _Read:
    """Read every column that is there, and note the rows that cannot be used."""
    given = table.columns
    if table.kind == "objects":
        given = _without_empty(given)
    ids = read_ids(given["customer_id"], "customer_id")
    columns: dict[str, Any] = {"codes": ids.codes}
    nobody = ids.codes < 0
    faults: list[tuple[str, NDArray[np.bool_] | None]] = [
        ("no customer id", nobody if nobody.any() else None)
    ]
    rounded = 0
    if "date" in given:
        columns["date"], missing = read_days(given["date"], "date", tz)
        faults.append(("no date", missing))
    for name in ("amount", "profit"):
        if name in given:
            money = read_money(given[name], name, minor_units)
            _check_total(money.minor)
            columns[name] = money.minor
            rounded += money.rounded
            faults.append((f"no {name}", money.missing))
            faults.append((f"{name} not finite", money.infinite))
    if "discount" in given:
        flags, missing, below = read_flags(given["discount"], "discount")
        columns["discounted"] = flags
        if missing is not None:
            columns["discount_known"] = ~missing
        faults.append(("discount below 0", below))
    sizes = {}
    for name in ("order_id", "category", "channel"):
        if name in given:
            coded = read_codes(given[name], name)
            columns[name], sizes[name] = coded.codes, coded.size
    return _Read(
        rows=_Rows(columns=columns, sizes=sizes),
        customer_ids=ids.unique,
        faults=tuple((why, mask) for why, mask in faults if mask is not None),
        rounded=rounded,
    )


def _without_empty(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what no object says: None everywhere is a column that is not there."""
    return {
        name: values
        for name, values in columns.items()
        if name in _REQUIRED or any(value is not None for value in values)
    }


def _check_total(minor: Ints) -> None:
    """Make sure that no sum of amounts can leave 64 bits."""
    largest = max(int(minor.max()), -int(minor.min())) if minor.size else 0
    if largest * minor.size < 2**62:
        return
    if float(np.abs(minor).sum(dtype=np.float64)) > 2**62:
        raise InvalidInputError(
            "amounts must add up to less than 2**62 minor units", code="too_large"
        )


def _set_aside(
    read: _Read, first_day: int | None, last_day: int, on_bad_rows: str
) -> tuple[NDArray[np.bool_] | None, tuple[tuple[str, int, int], ...]]:
    """Tell which rows can be used (None: all), and why the others cannot."""
    bad = [(why, mask) for why, mask in read.faults if not _REASONS[why]]
    if on_bad_rows == "raise" and bad:
        raise _bad_rows(bad)
    masks = [*read.faults, *_outside(read.rows["date"], first_day, last_day)]
    if not masks:
        return None, ()
    value = read.rows["amount"] if read.rows["profit"] is None else read.rows["profit"]
    used = np.ones(masks[0][1].size, dtype=np.bool_)
    counted = []
    for why, mask in masks:
        first_reason = mask & used
        used &= ~mask
        if n_rows := int(np.count_nonzero(first_reason)):
            money = 0 if value is None else int(value[first_reason].sum())
            counted.append((why, n_rows, money))
    return used, tuple(counted)


def _outside(
    days: Any, first_day: int | None, last_day: int
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    if days is None or not days.size:
        return
    if first_day is not None and days.min() < first_day:
        yield "before since", days < first_day
    if days.max() > last_day:
        yield "after as_of", days > last_day


def _bad_rows(faults: list[tuple[str, NDArray[np.bool_]]]) -> BadRowsError:
    why, mask = faults[0]
    wrong = np.flatnonzero(mask)
    more = "".join(
        f"; {np.count_nonzero(other):,} rows: {reason}" for reason, other in faults[1:]
    )
    return BadRowsError(
        f"every row must be usable; {wrong.size:,} of {mask.size:,} rows: {why}, first "
        f'at row {wrong[0]}{more} (on_bad_rows="report" sets them aside and counts them)',
        code="bad_rows",
        column=why.removeprefix("no ").split()[0],
        positions=wrong[:5],
    )


def _present(codes: Any, unique: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Leave out the customers that have no row left."""
    is_present = np.zeros(unique.size, dtype=np.bool_)
    is_present[codes] = True
    if is_present.all():
        return codes, unique
    return (np.cumsum(is_present, dtype=np.int32) - 1)[codes], unique[is_present]


def _statistics(rows: _Rows, n: int) -> dict[str, Any]:
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


def _discounts(rows: _Rows, n: int) -> dict[str, Ints | None]:
    """Add up what was bought at a discount, and what has a known discount."""
    buyers, spent = rows.of_purchases("codes"), rows.of_purchases("amount")
    cheap, known = rows.of_purchases("discounted"), rows.of_purchases("discount_known")
    if cheap is None or spent is None:
        return {"discounted": None, "discount_known": None}
    return {
        "discounted": sum_by_code(buyers[cheap], spent[cheap], n),
        "discount_known": sum_by_code(buyers, spent, n)
        if known is None
        else sum_by_code(buyers[known], spent[known], n),
    }


def _breadth(rows: _Rows, name: str, n: int) -> Ints | None:
    """Count the distinct known values of each customer's purchases."""
    values = rows.of_purchases(name)
    if values is None:
        return None
    buyers = rows.of_purchases("codes")
    known = values >= 0
    if not known.all():
        buyers, values = buyers[known], values[known]
    return count_distinct(buyers, values, rows.sizes[name], n)


def _count_purchases(rows: _Rows, seen: Visits | None, n: int) -> Ints:
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
    rows: _Rows,
    value: Any,
    n: int,
    period: Period | None,
    span: tuple[int | None, int],
) -> tuple[NDArray[np.datetime64], Ints | None]:
    """Give where the complete periods start, and the value of each customer in each."""
    days = rows["date"]
    first_day, last_day = span
    if period is None or days is None or (first_day is None and not days.size):
        return np.empty(
            0, "M8[D]"
        ), None if period is None or days is None else np.zeros((n, 0), np.int64)
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
