"""One row a customer: what their invoices up to a day say of how they pay."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, fields, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ByCustomer, array_field, position_of, union
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    read_column,
    read_ids,
    read_new_ids,
    to_frame,
)
from customer_identification.invoices.rows import InvoiceReport


__all__ = ["CreditSummary", "Disputes", "bucket_names"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Disputes = Literal["counted", "apart"]

_MONEY = (
    "billed",
    "credited",
    "paid",
    "open",
    "credit",
    "overdue",
    "disputed_amount",
    "disputed_overdue",
)
_NUMBERS = (
    "invoices",
    "credit_notes",
    "open_invoices",
    "overdue_invoices",
    "disputed",
    "prepaid",
    "on_time",
    "paid_late",
    "paid_late_share",
    "days_late",
    "max_days_late",
    "recent_days_late",
    "days_to_pay",
    "beyond_terms",
    "past_due",
    "since_last_invoice",
)


def bucket_names(bucket_days: tuple[int, ...]) -> tuple[str, ...]:
    """Name the buckets of age that rising numbers of days part.

    Examples
    --------
    >>> bucket_names((30, 60))
    ('not_due', 'due_1_30', 'due_31_60', 'due_over_60')
    """
    starts = (1, *(days + 1 for days in bucket_days))
    spans = [
        f"due_{first}_{last}" for first, last in zip(starts, bucket_days, strict=False)
    ]
    return ("not_due", *spans, f"due_over_{bucket_days[-1]}")


@frozen(kw_only=True)
class CreditSummary(ByCustomer):
    """What every customer owes and how they pay, in the order of `customer_ids`.

    Made by :func:`summarize_credit`. Money is in whole minor units. Whatever nobody can
    know yet is nan: who has no invoice has no lateness, which is not the same as 0.

    Attributes
    ----------
    customer_ids : ndarray of int or object, shape (n_customers,)
        Sorted and distinct; int64, or text.
    as_of : date
        The last day that counts.
    minor_units : int
        Decimals of the money; 2 makes cents.
    bucket_days : tuple of int
        Days past due that part the buckets of age.
    recent_days : int
        What `recent_days_late` calls recent. [days]
    disputes : {"counted", "apart"}
        Whether lateness is told of disputed invoices too, or of the others only.
    invoices, credit_notes : ndarray of int, shape (n_customers,)
        With an amount of at least 0, and below 0.
    billed, credited : ndarray of int, shape (n_customers,)
        Their amounts; `credited` is below 0. [minor units]
    paid : ndarray of int, shape (n_customers,)
        What was paid by `as_of`. [minor units]
    open, credit : ndarray of int, shape (n_customers,)
        What the customer still owes (what banks call exposure), and what the host owes them: credit
        notes not used yet and what was paid too much. [minor units]
    open_invoices : ndarray of int, shape (n_customers,)
    buckets, bucket_invoices : ndarray of int, shape (n_customers, n_buckets)
        `open` by age, and of how many invoices: not due, then by days past due; a row
        adds up to `open` and `open_invoices`. [minor units]
    disputed, disputed_amount : ndarray of int, shape (n_customers,)
        Invoices in dispute, and their amounts. [minor units]
    disputed_overdue : ndarray of int, shape (n_customers,)
        Part of `overdue` that is in dispute. [minor units]
    prepaid : ndarray of int, shape (n_customers,)
        Invoices paid in full before they were issued.
    settled, late : ndarray of int, shape (n_customers,)
        Invoices above 0 paid in full, and those of them paid after their due day.
    settled_amount, late_amount : ndarray of int, shape (n_customers,)
        Their amounts. [minor units]
    overdue_invoices : ndarray of int, shape (n_customers,)
        Open invoices past their due day.
    late_sum, pay_sum : ndarray of int, shape (n_customers,)
        Days late, and from issue to payment, over the settled invoices. [days]
    recent_settled, recent_late_sum : ndarray of int, shape (n_customers,)
        Those settled within the last `recent_days`, and their days late. [days]
    max_days_late : ndarray of float, shape (n_customers,)
        Latest of the settled invoices; nan without any. [days]
    beyond_terms : ndarray of float, shape (n_customers,)
        Days past due, weighted by amount, over all settled and overdue invoices; early
        payments count below 0, overdue ones up to `as_of`; nan without any. [days]
    oldest_due : ndarray of datetime64[D], shape (n_customers,)
        Due day of the oldest overdue invoice; NaT without any.
    last_invoice : ndarray of datetime64[D], shape (n_customers,)
        When one was last issued; NaT for who was never billed.
    report : InvoiceReport
        What was read and what became of it.

    Notes
    -----
    ``billed + credited == paid + open - credit`` for every customer, to the minor unit.
    With ``disputes="apart"`` the columns from `settled` to `oldest_due` are of the
    invoices that are not in dispute.

    Examples
    --------
    >>> from customer_identification import Invoice, summarize_credit
    >>> credit = summarize_credit(
    ...     [
    ...         Invoice(
    ...             invoice_id=1,
    ...             customer_id="c1",
    ...             issued=date(2011, 5, 1),
    ...             due=date(2011, 5, 31),
    ...             amount=80,
    ...             paid_on=date(2011, 6, 4),
    ...         ),
    ...         Invoice(
    ...             invoice_id=2,
    ...             customer_id="c1",
    ...             issued=date(2011, 6, 1),
    ...             due=date(2011, 7, 1),
    ...             amount=50,
    ...         ),
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> credit
    CreditSummary(1 customers, 2 invoices, as of 2011-07-31)
    >>> row = credit["c1"]
    >>> row["open"], row["past_due"], row["days_late"]
    (50.0, 30.0, 4.0)
    """

    customer_ids: NDArray[Any] = array_field()
    as_of: date
    minor_units: int = 2
    bucket_days: tuple[int, ...] = (30, 60, 90)
    recent_days: int = 90
    disputes: Disputes = "counted"
    invoices: Ints = array_field()
    credit_notes: Ints = array_field()
    billed: Ints = array_field()
    credited: Ints = array_field()
    paid: Ints = array_field()
    open: Ints = array_field()
    credit: Ints = array_field()
    open_invoices: Ints = array_field()
    buckets: Ints = array_field()
    bucket_invoices: Ints = array_field()
    disputed: Ints = array_field()
    disputed_amount: Ints = array_field()
    disputed_overdue: Ints = array_field()
    prepaid: Ints = array_field()
    settled: Ints = array_field()
    late: Ints = array_field()
    settled_amount: Ints = array_field()
    late_amount: Ints = array_field()
    overdue_invoices: Ints = array_field()
    late_sum: Ints = array_field()
    pay_sum: Ints = array_field()
    recent_settled: Ints = array_field()
    recent_late_sum: Ints = array_field()
    max_days_late: Floats = array_field()
    beyond_terms: Floats = array_field()
    oldest_due: NDArray[np.datetime64] = array_field()
    last_invoice: NDArray[np.datetime64] = array_field()
    report: InvoiceReport
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        invoices = int(self.invoices.sum() + self.credit_notes.sum())
        return (
            f"CreditSummary({len(self):,} customers, {invoices:,} invoices, "
            f"as of {self.as_of})"
        )

    # what follows from the columns

    @property
    def overdue(self) -> Ints:
        """What is owed past its due day, disputed or not, in minor units."""
        past: Ints = self.buckets[:, 1:].sum(axis=1)
        return past

    @property
    def overdue_held(self) -> Ints:
        """What is overdue and held against the customer, in minor units.

        All of it; without what is in dispute where disputes are told apart.
        """
        apart = self.disputed_overdue if self.disputes == "apart" else 0
        return self.overdue - apart

    @property
    def known(self) -> Ints:
        """Invoices whose lateness is known: paid in full, or open past due."""
        return self.settled + self.overdue_invoices

    @property
    def on_time(self) -> Floats:
        """Share of the invoices of known lateness that were paid in time."""
        return _ratio(self.settled - self.late, self.known)

    @property
    def paid_late(self) -> Floats:
        """Share of the settled invoices that was paid late; nan without any."""
        return _ratio(self.late, self.settled)

    @property
    def paid_late_share(self) -> Floats:
        """Share of the settled amount that was paid late; nan without any."""
        return _ratio(self.late_amount, self.settled_amount)

    @property
    def days_late(self) -> Floats:
        """Mean days late of the settled invoices, 0 where in time; nan without any."""
        return _ratio(self.late_sum, self.settled)

    @property
    def recent_days_late(self) -> Floats:
        """Mean days late of those settled of late; nan without any."""
        return _ratio(self.recent_late_sum, self.recent_settled)

    @property
    def days_to_pay(self) -> Floats:
        """Mean days from issue to payment; below 0 where prepaid, nan without any."""
        return _ratio(self.pay_sum, self.settled)

    @property
    def past_due(self) -> Floats:
        """Days past due of the oldest open invoice.

        0 where nothing is overdue; nan for who was never billed.
        """
        days = self._days_since(self.oldest_due)
        return np.where(np.isnan(days) & (self.invoices > 0), 0, days)

    @property
    def since_last_invoice(self) -> Floats:
        """Days since the last invoice; nan for who was never billed."""
        return self._days_since(self.last_invoice)

    def _days_since(self, day: NDArray[np.datetime64]) -> Floats:
        days = (np.datetime64(self.as_of, "D") - day).astype(np.float64)
        days[np.isnat(day)] = np.nan
        return days

    # customers

    def position(self, customer_id: int | str) -> int:
        """Give the row of a customer.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return position_of(self.customer_ids, customer_id)

    def __getitem__(self, customer_id: int | str) -> dict[str, Any]:
        """Give the figures of one customer by name, money in major units.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = self.position(customer_id)
        figures = self.take([at]).columns()
        return {name: values[0].item() for name, values in figures.items()}

    def take(self, rows: Any) -> CreditSummary:
        """Give the summary of some customers only; the report stays that of all rows.

        Parameters
        ----------
        rows : array_like of bool, shape (n_customers,), or of rising positions
            Which customers to keep.

        Raises
        ------
        InvalidInputError
            If it is neither.
        """
        at = np.asarray(rows)
        if at.dtype == np.bool_ and at.shape == (len(self),):
            at = np.flatnonzero(at)
        at = at.astype(np.intp) if not at.size else at
        edges = at.ravel()[[0, -1]] if at.size else np.zeros(2)
        if (
            at.dtype.kind not in "iu"
            or at.ndim != 1
            or (at.size and not 0 <= edges[0] <= edges[1] < len(self))
            or (at[1:] <= at[:-1]).any()
        ):
            raise InvalidInputError(
                f"rows must be a mask of {len(self):,} customers, or positions that rise",
                code="bad_option",
            )
        return self._moved(at)

    def _moved(self, order: NDArray[np.intp], **more: Any) -> CreditSummary:
        columns = {name: values[order] for name, values in self._arrays().items()}
        return evolve(self, **{**columns, **more})

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Give all columns: each array has one row a customer."""
        named = {one.name: getattr(self, one.name) for one in fields(CreditSummary)}
        return {
            name: values
            for name, values in named.items()
            if isinstance(values, np.ndarray)
        }

    def with_customers(self, customer_ids: object) -> CreditSummary:
        """Add customers who were never billed: of them nothing is known.

        Parameters
        ----------
        customer_ids : column, array or list
            Whole numbers or text, in any order; those that are here already, nulls and
            blanks are left out.

        Raises
        ------
        InvalidInputError
            If they are no ids, or text here and whole numbers there.

        Examples
        --------
        >>> from customer_identification import summarize_credit
        >>> credit = summarize_credit([], as_of="2011-07-31").with_customers(["c7"])
        >>> credit["c7"]["invoices"], credit["c7"]["past_due"]
        (0, nan)
        """
        asked = read_ids(read_column(customer_ids), "customer_ids").unique
        ids, places, _ = union(self.customer_ids, asked)
        columns: dict[str, Any] = {}
        nothing = {"f": np.nan, "M": np.datetime64("NaT")}
        for name, values in self._arrays().items():
            shape = (ids.size, *values.shape[1:])
            without = nothing.get(values.dtype.kind, 0)
            columns[name] = np.full(shape, without, dtype=values.dtype)
            columns[name][places] = values
        return evolve(self, **{**columns, "customer_ids": ids})

    def without_party(self, party_id: int | str) -> CreditSummary:
        """Give the others; whoever is not here changes nothing."""
        if isinstance(party_id, bool):
            return self
        here = self.customer_ids == party_id
        return self.take(~here) if np.any(here) else self

    def renamed(self, new_ids: object) -> CreditSummary:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Returns
        -------
        CreditSummary
            In the order of the new ids: as if summarized with them.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        return self._moved(np.argsort(new.codes), customer_ids=new.unique)

    # the table

    @property
    def money(self) -> tuple[str, ...]:
        """Names of the columns that are money."""
        return (*_MONEY, *bucket_names(self.bucket_days))

    def columns(self) -> dict[str, Any]:
        """Give all that is shown of customers by name, money in major units."""
        scale = 10**self.minor_units
        buckets = zip(bucket_names(self.bucket_days), self.buckets.T, strict=True)
        return {
            **{name: getattr(self, name) / scale for name in _MONEY},
            **{name: values / scale for name, values in buckets},
            **{name: getattr(self, name) for name in _NUMBERS},
        }

    def to_frame(self) -> Any:
        """Give one row a customer, money in major units, as the host's kind of frame."""
        return to_frame({"customer_id": self.customer_ids, **self.columns()}, self.kind)


def _ratio(sums: Ints, numbers: Ints) -> Floats:
    """Divide where there is something to divide by; else nan."""
    known = numbers > 0
    result = np.full(sums.shape, np.nan)
    np.divide(sums, numbers, out=result, where=known)
    return result
