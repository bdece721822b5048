"""One row an invoice: what of it is paid and what is still open on a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import usable_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Ids,
    Money,
    Table,
    names_of,
    read_codes,
    read_days,
    read_flags,
    read_ids,
    read_money,
    read_table,
    to_day,
)
from customer_identification.models import Invoice
from customer_identification.report import format_money
from customer_identification.terms import Terms


__all__ = ["InvoiceReport", "InvoiceRows", "days_of", "read_invoices"]

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_COLUMNS = (
    "invoice_id",
    "customer_id",
    "issued",
    "due",
    "amount",
    "paid_on",
    "paid_amount",
    "disputed",
)
_NEEDED = ("customer_id", "issued", "due", "amount")
_REQUIRED = ("invoice_id", *_NEEDED, "paid_on")  # of which two may be mapped to None
# No fault of the data, so never an error.
_HARMLESS = ("no customer_id", "issued after as_of")
_HINTS = {
    "invoice_id more than once": "one row an invoice, with all its payments in it; ",
    "paid_amount without paid_on": "a payment counts from its day on; ",
}


@frozen(kw_only=True)
class InvoiceReport:
    """What became of every row and every minor unit of the invoices.

    Attributes
    ----------
    read, used : int
        Rows.
    set_aside : tuple of (str, int)
        Reason, and rows that were left out for it.
    money_in, money_aside : int
        Amounts of all rows, and of those set aside (an unknown one counts 0).
        [minor units]
    paid, open, credit : int
        Of the rows used: paid by the day, still owed to the host, and owed by the host
        (credit notes and what was paid too much). [minor units]
    paid_later : int
        Rows used whose payment came after the day, and is not known on it.
    rounded : int
        Amounts with a part finer than the minor unit, rounded half to even.
    minor_units : int
        Decimals of the money.

    Notes
    -----
    ``money_in - money_aside == paid + open - credit``, to the minor unit.
    """

    read: int
    used: int
    set_aside: tuple[tuple[str, int], ...]
    money_in: int
    money_aside: int
    paid: int
    open: int
    credit: int
    paid_later: int
    rounded: int
    minor_units: int

    @property
    def billed(self) -> int:
        """What the rows used add up to, credit notes taken off, in minor units."""
        return self.money_in - self.money_aside

    @property
    def conservation(self) -> str:
        """All invoices and all money accounted for, in one line."""
        aside = "".join(f", {n:,} set aside: {why}" for why, n in self.set_aside)
        billed, paid, owed, credit, left = (
            format_money(minor, self.minor_units)
            for minor in (
                self.billed,
                self.paid,
                self.open,
                self.credit,
                self.money_aside,
            )
        )
        return (
            f"{self.read:,} invoices, {self.used:,} used{aside}; {billed} billed = "
            f"{paid} paid + {owed} open - {credit} credit; {left} set aside"
        )

    def __str__(self) -> str:
        return self.conservation


@frozen(kw_only=True)
class InvoiceRows:
    """The invoices that are known on a day, and how each stands on it.

    Attributes
    ----------
    codes : ndarray of int, shape (n_invoices,)
        Positions of their customers in `customer_ids`.
    customer_ids : ndarray, shape (n_customers,)
        Sorted; all have an invoice.
    issued, due, paid_on : ndarray of int, shape (n_invoices,)
        Days since 1970-01-01; `paid_on` speaks where `has_paid`.
    amount, paid : ndarray of int, shape (n_invoices,)
        Billed, and paid by the day. [minor units]
    has_paid : ndarray of bool, shape (n_invoices,)
        Whether a payment is known on the day.
    disputed : ndarray of bool, shape (n_invoices,)
    report : InvoiceReport
    kind : str
        The kind of frame that it was.
    """

    codes: NDArray[np.intp]
    customer_ids: NDArray[Any]
    issued: Ints
    due: Ints
    paid_on: Ints
    amount: Ints
    paid: Ints
    has_paid: Mask
    disputed: Mask
    report: InvoiceReport
    kind: str


def days_of(invoices: InvoiceRows, day: int) -> Ints:
    """Give the days by which each invoice was paid late, or is late on a day.

    Below 0 where it was paid early, or is not due yet.
    """
    is_open = invoices.amount > invoices.paid
    return np.where(is_open, day, invoices.paid_on) - invoices.due


@frozen(kw_only=True)
class _Columns:
    """All rows as they were read, in the host's order."""

    customers: Ids
    issued: NDArray[np.int32]
    due: NDArray[np.int32]
    amount: Money
    paid_on: NDArray[np.int32]
    unpaid: Mask
    paid: Money | None
    disputed: Mask
    faults: Mapping[str, Mask | None]


def read_invoices(
    invoices: object,
    columns: Mapping[str, str | None] | None,
    terms: Terms,
) -> InvoiceRows:
    """Read a frame or `Invoice` objects, and tell how each invoice stands as of a day.

    Raises
    ------
    MissingColumnError
        If a column that is needed is not there.
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If the data are no table, a column is of the wrong type, or amounts are too
        large to be added up.
    """
    names = names_of(columns, _COLUMNS, needed=_NEEDED)
    table = read_table(
        invoices, names, required=_REQUIRED, objects=Invoice, lazy="collected"
    )
    read, day = _read_columns(table, terms), to_day(terms.as_of, "as_of")
    faults = {**read.faults, "issued after as_of": read.issued > day}
    used, aside = usable_rows(
        faults,
        table.n_rows,
        what="invoice",
        on_bad_rows=terms.on_bad_rows,
        harmless=_HARMLESS,
        hints=_HINTS,
    )
    has_paid = ~read.unpaid[used] & (read.paid_on[used] <= day)
    amount = read.amount.minor[used]
    paid = np.where(has_paid, _paid(read)[used], 0)
    rest = amount - paid
    money_in = int(read.amount.minor.sum())
    report = InvoiceReport(
        read=table.n_rows,
        used=amount.size,
        set_aside=aside,
        money_in=money_in,
        money_aside=money_in - int(amount.sum()),
        paid=int(paid.sum()),
        open=int(rest[rest > 0].sum()),
        credit=-int(rest[rest < 0].sum()),
        paid_later=int(np.count_nonzero(~read.unpaid[used] & ~has_paid)),
        rounded=read.amount.rounded + (0 if read.paid is None else read.paid.rounded),
        minor_units=terms.minor_units,
    )
    codes, customer_ids = _present(read.customers, used)
    return InvoiceRows(
        codes=codes,
        customer_ids=customer_ids,
        issued=read.issued[used].astype(np.int64),
        due=read.due[used].astype(np.int64),
        paid_on=read.paid_on[used].astype(np.int64),
        amount=amount,
        paid=paid,
        has_paid=has_paid,
        disputed=read.disputed[used],
        report=report,
        kind=table.kind,
    )


def _read_columns(table: Table, terms: Terms) -> _Columns:
    given, n = table.columns, table.n_rows
    none = np.zeros(n, dtype=np.bool_)
    customers = read_ids(given["customer_id"], "customer_id")
    faults: dict[str, Mask | None] = {"no customer_id": customers.codes < 0}
    if "invoice_id" in given:
        own = read_codes(given["invoice_id"], "invoice_id")
        times = np.bincount(own.codes[own.codes >= 0], minlength=own.size)
        faults["no invoice_id"] = own.codes < 0
        faults["invoice_id more than once"] = np.append(times, 0)[own.codes] > 1
    issued, faults["no issued"] = read_days(given["issued"], "issued", terms.tz)
    due, not_due = read_days(given["due"], "due", terms.tz)
    amount = read_money(given["amount"], "amount", terms.minor_units)
    if not_due is not None:  # a credit note is due from its day on
        due = np.where(not_due & (amount.minor < 0), issued, due)
        not_due = not_due & ~(amount.minor < 0)
    paid_on, unpaid = np.zeros(n, np.int32), ~none
    if "paid_on" in given:
        paid_on, missing = read_days(given["paid_on"], "paid_on", terms.tz)
        unpaid = none if missing is None else missing
    paid = None
    if "paid_amount" in given:
        paid = read_money(given["paid_amount"], "paid_amount", terms.minor_units)
    disputed = none
    if "disputed" in given:
        disputed, unknown, below = read_flags(given["disputed"], "disputed")
        faults["no word on disputed"] = unknown
        faults["disputed below 0"] = below
    faults |= {
        "no due": not_due,
        "due before issued": due < issued,
        "no amount": amount.missing,
        "amount not finite": amount.infinite,
        **({} if paid is None else _faults_of_payment(paid, amount.minor, unpaid)),
    }
    _check_totals(amount, paid)
    return _Columns(
        customers=customers,
        issued=issued,
        due=due,
        amount=amount,
        paid_on=paid_on,
        unpaid=unpaid,
        paid=paid,
        disputed=disputed,
        faults=faults,
    )


def _faults_of_payment(
    paid: Money, amount: Ints, unpaid: Mask
) -> dict[str, Mask | None]:
    other_way = np.sign(paid.minor) * np.sign(amount) < 0
    return {
        "paid_amount not finite": paid.infinite,
        "paid_amount without paid_on": unpaid & (paid.minor != 0),
        "paid_amount against amount": other_way,
    }


def _check_totals(amount: Money, paid: Money | None) -> None:
    """Make sure that no sum, also of what is still open, can leave 64 bits."""
    total = sum(
        float(np.abs(money.minor).sum(dtype=np.float64))
        for money in (amount, paid)
        if money is not None
    )
    if total > 2**62:
        raise InvalidInputError(
            "amounts must add up to less than 2**62 minor units", code="too_large"
        )


def _paid(read: _Columns) -> Ints:
    """Give what was paid of each invoice at all: all of it where no sum is told."""
    if read.paid is None:
        return read.amount.minor
    if read.paid.missing is None:
        return read.paid.minor
    return np.where(read.paid.missing, read.amount.minor, read.paid.minor)


def _present(customers: Ids, used: Mask) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Leave out the customers of whom no invoice is left."""
    codes = customers.codes[used].astype(np.intp)
    is_there = np.zeros(customers.unique.size, dtype=np.bool_)
    is_there[codes] = True
    if is_there.all():
        return codes, customers.unique
    place = np.cumsum(is_there) - 1
    return place[codes], customers.unique[is_there]
