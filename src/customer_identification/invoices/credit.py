"""Invoices added up by customer as of a day: owed, overdue, and how late it was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_day
from customer_identification.invoices.rows import InvoiceRows, days_of, read_invoices
from customer_identification.invoices.summary import CreditSummary, Disputes
from customer_identification.options import whole
from customer_identification.terms import terms_of


__all__ = ["summarize_credit"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_LIMITS = 100  # of age; our choice


def summarize_credit(  # noqa: PLR0913 - each says one thing about one question
    invoices: object,
    *,
    as_of: object,
    columns: Mapping[str, str | None] | None = None,
    bucket_days: Sequence[int] = (30, 60, 90),
    recent_days: int = 90,
    disputes: Disputes = "counted",
    minor_units: int = 2,
    tz: object = None,
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> CreditSummary:
    """Tell of every customer what is owed, what is overdue, and how late they pay.

    It is told as known on the day: an invoice issued later is set aside and counted, and
    one paid later is open. Payment is known by its last day only, so an invoice that is
    paid in parts counts as not paid at all before that day.

    Parameters
    ----------
    invoices : frame or iterable of Invoice
        One row an invoice: invoice_id, customer_id, issued, due, amount, paid_on, and
        paid_amount and disputed where the data have them. An amount below 0 is a credit
        note. Without `paid_on` nothing is paid; without `paid_amount` all of it is.
    as_of : date, datetime or text
        The last day that counts.
    columns : mapping of str to str or None, optional
        Our names to yours; None where the data have no such column, which invoice_id
        and paid_on may lack too.
    bucket_days : sequence of int
        Days past due that part the buckets of age, rising; 30, 60 and 90 are those of
        IFRS 9, Illustrative Example 12. [days]
    recent_days : int
        What counts as paid of late; 90 is our choice. [days]
    disputes : {"counted", "apart"}
        Whether the lateness of disputed invoices is held against the customer. What is
        owed, its age and what is in dispute are told of all invoices either way.
    minor_units : int
        Decimals of the money.
    tz : zoneinfo.ZoneInfo or str, optional
        Whose days are meant, for stamps with a time zone.
    on_bad_rows : {"raise", "report"}
        Whether rows that cannot be used are an error, or are set aside and counted.
        These lack an id, a day or an amount, are due before they were issued, share
        their invoice_id with another row, or tell of a payment without a day or
        against the sign of the amount. Rows without a customer are always set aside.

    Returns
    -------
    CreditSummary
        Of the customers with an invoice by then;
        :meth:`CreditSummary.with_customers` adds others.

    Raises
    ------
    MissingColumnError
        If a column that is needed is not there.
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If an option is wrong, a column is of the wrong type, or amounts are too large
        to be added up.

    Examples
    --------
    >>> import pandas as pd
    >>> credit = summarize_credit(
    ...     pd.DataFrame(
    ...         {
    ...             "invoice_id": [1, 2, 3],
    ...             "customer_id": [7, 7, 8],
    ...             "issued": pd.to_datetime(
    ...                 ["2011-01-01", "2011-03-01", "2011-03-01"]
    ...             ),
    ...             "due": pd.to_datetime(["2011-01-31", "2011-03-31", "2011-03-31"]),
    ...             "amount": [100.0, 40.0, 60.0],
    ...             "paid_on": pd.to_datetime(["2011-02-10", None, "2011-03-20"]),
    ...         }
    ...     ),
    ...     as_of="2011-05-10",
    ... )
    >>> credit.open.tolist(), credit.past_due.tolist(), credit.on_time.tolist()
    ([4000, 0], [40.0, 0.0], [0.0, 1.0])
    >>> print(credit.report)
    3 invoices, 3 used; 200.00 billed = 160.00 paid + 40.00 open - 0.00 credit; 0.00 set
    aside
    """
    terms = terms_of(as_of, None, minor_units, tz, on_bad_rows)
    limits = _rising(bucket_days)
    recent = whole("recent_days", recent_days, 1)
    if disputes not in ("counted", "apart"):
        raise InvalidInputError(
            'disputes must be "counted" or "apart"', code="bad_option"
        )
    rows = read_invoices(invoices, columns, terms)
    day = to_day(terms.as_of, "as_of")
    return CreditSummary(
        customer_ids=rows.customer_ids,
        as_of=terms.as_of,
        minor_units=minor_units,
        bucket_days=limits,
        recent_days=recent,
        disputes=disputes,
        **_owed(rows, day, limits),
        **_lateness(rows, day, recent, apart=disputes == "apart"),
        report=rows.report,
        kind=rows.kind,
    )


def _rising(bucket_days: object) -> tuple[int, ...]:
    try:
        limits = tuple(whole("bucket_days", one, 1) for one in bucket_days)  # type: ignore[attr-defined]
    except TypeError:
        limits = ()
    is_rising = all(low < high for low, high in pairwise(limits))
    if not 0 < len(limits) <= _MOST_LIMITS or not is_rising:
        raise InvalidInputError(
            "bucket_days must be whole numbers that rise from 1 on, "
            f"{_MOST_LIMITS} at most",
            code="bad_option",
        )
    return limits


class _Sums:
    """Adds up rows by customer, exactly."""

    def __init__(self, rows: InvoiceRows) -> None:
        self.codes = rows.codes
        self.n = rows.customer_ids.size

    def count(self, where: NDArray[np.bool_]) -> Ints:
        return np.bincount(self.codes[where], minlength=self.n)

    def add(self, values: Ints, where: NDArray[np.bool_] | None = None) -> Ints:
        codes = self.codes if where is None else self.codes[where]
        sums = np.zeros(self.n, dtype=np.int64)
        np.add.at(sums, codes, values if where is None else values[where])
        return sums

    def most(self, days: Ints, where: NDArray[np.bool_]) -> Floats:
        """Give the largest; nan where there is none."""
        most = np.full(self.n, -np.inf)
        np.maximum.at(most, self.codes[where], days[where].astype(np.float64))
        most[np.isinf(most)] = np.nan
        return most


def _owed(rows: InvoiceRows, day: int, limits: tuple[int, ...]) -> dict[str, Any]:
    """Add up what was billed and paid, and part what is open by age."""
    by, amount = _Sums(rows), rows.amount
    rest = amount - rows.paid
    is_open, is_note = rest > 0, amount < 0
    past = is_open & (rows.due < day)
    disputed = rows.disputed & ~is_note
    bucket = np.searchsorted([0, *limits], day - rows.due[is_open], side="left")
    shape = (by.n, len(limits) + 2)
    cell = rows.codes[is_open] * shape[1] + bucket
    buckets = np.zeros(shape[0] * shape[1], dtype=np.int64)
    np.add.at(buckets, cell, rest[is_open])
    last = by.most(rows.issued, np.ones(amount.size, dtype=np.bool_))
    return {
        "invoices": by.count(~is_note),
        "credit_notes": by.count(is_note),
        "billed": by.add(amount, ~is_note),
        "credited": by.add(amount, is_note),
        "paid": by.add(rows.paid),
        "open": by.add(rest, is_open),
        "credit": by.add(-rest, rest < 0),
        "open_invoices": by.count(is_open),
        "buckets": buckets.reshape(shape),
        "bucket_invoices": np.bincount(cell, minlength=buckets.size).reshape(shape),
        "disputed": by.count(disputed),
        "disputed_amount": by.add(amount, disputed),
        "disputed_overdue": by.add(rest, past & rows.disputed),
        "last_invoice": _dates(last),
    }


def _lateness(
    rows: InvoiceRows, day: int, recent_days: int, *, apart: bool
) -> dict[str, Any]:
    """Add up how late invoices were paid, or are."""
    by, amount = _Sums(rows), rows.amount
    told = ~rows.disputed if apart else np.ones(amount.size, dtype=np.bool_)
    is_open = amount > rows.paid
    settled = told & ~is_open & (amount > 0)
    overdue = told & is_open & (rows.due < day)
    beyond = days_of(rows, day)
    late = np.maximum(beyond, 0)
    recent = settled & (rows.paid_on > day - recent_days)
    owed = np.where(is_open, amount - rows.paid, amount)
    return {
        "prepaid": by.count(~is_open & (amount > 0) & (rows.paid_on < rows.issued)),
        "settled": by.count(settled),
        "late": by.count(settled & (beyond > 0)),
        "settled_amount": by.add(amount, settled),
        "late_amount": by.add(amount, settled & (beyond > 0)),
        "overdue_invoices": by.count(overdue),
        "late_sum": by.add(late, settled),
        "pay_sum": by.add(rows.paid_on - rows.issued, settled),
        "recent_settled": by.count(recent),
        "recent_late_sum": by.add(late, recent),
        "max_days_late": by.most(late, settled),
        "beyond_terms": _weighted(by, owed, beyond, settled | overdue),
        "oldest_due": _dates(-by.most(-rows.due, overdue)),
    }


def _weighted(by: _Sums, amount: Ints, days: Ints, where: NDArray[np.bool_]) -> Floats:
    """Give the mean days by customer, weighted by amount, from exact sums."""
    weights = by.add(amount, where)
    products = float(np.abs(amount[where]).astype(np.float64) @ np.abs(days[where]))
    if products > 2**62:  # beyond 64 bits: Python's own whole numbers, which are slow
        amount = amount.astype(object)
        sums = np.zeros(by.n, dtype=object)
        np.add.at(sums, by.codes[where], (amount * days)[where])
    else:
        sums = by.add(amount * days, where)
    known = weights > 0
    mean = np.full(by.n, np.nan)
    mean[known] = (sums[known] / weights[known]).astype(np.float64)
    return mean


def _dates(days: Floats) -> NDArray[np.datetime64]:
    """Give days since 1970-01-01 as dates; NaT for nan."""
    missing = np.isnan(days)
    dates = np.where(missing, 0, days).astype(np.int64).view("M8[D]")
    dates[missing] = np.datetime64("NaT")
    return dates
