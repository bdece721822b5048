"""One row a customer: what all transactions up to a day say about each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from attrs import evolve, field, fields, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import Period
from customer_identification.arrays import array_field, position_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.options import an_instance


__all__ = ["DataReport", "Summary", "format_money"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What a frame shows of each customer.
_MONEY = ("value", "amount", "profit", "refund_value")
_NUMBERS = (
    "purchases",
    "purchase_days",
    "first_purchase",
    "last_purchase",
    "age_at_last_purchase",
    "recency",
    "tenure",
    "mean_gap",
    "regularity",
    "overdue",
    "refunds",
    "discount_share",
    "categories",
    "channels",
    "attitude",
)


def format_money(minor: int, minor_units: int) -> str:
    """Write whole minor units as money.

    Examples
    --------
    >>> format_money(11028767, 2)
    '110,287.67'
    """
    return f"{Decimal(int(minor)).scaleb(-minor_units):,.{minor_units}f}"


@frozen(kw_only=True)
class DataReport:
    """What was read and what became of it; nothing is dropped uncounted.

    Attributes
    ----------
    read, used : int
        Rows. [rows]
    set_aside : tuple of (str, int, int)
        Reason, rows and their value in minor units (an unknown amount counts 0).
    money_in : int
        Value of all rows read. [minor units]
    refunded, refunded_value : int
        Used rows with an amount below 0, and what they add up to.
    merged : int
        Used purchase rows beyond the first of their purchase. [rows]
    free : int
        Used rows with an amount of 0. [rows]
    rounded : int
        Amounts with a part finer than the minor unit, rounded half to even. [rows]
    discount_unknown : int
        Purchase rows whose discount is missing, left out of the discount share. [rows]
    minor_units : int
        Decimals of the money.
    valued : bool
        Whether the data have amounts; without them all money here is 0.
    """

    read: int
    used: int
    set_aside: tuple[tuple[str, int, int], ...]
    money_in: int
    refunded: int
    refunded_value: int
    merged: int
    free: int
    rounded: int
    discount_unknown: int
    minor_units: int
    valued: bool = True

    @property
    def money_used(self) -> int:
        """Value of the rows used, in minor units."""
        return self.money_in - sum(money for _, _, money in self.set_aside)

    @property
    def unidentified(self) -> int:
        """Rows without a customer id."""
        return sum(n for why, n, _ in self.set_aside if why == "no customer id")

    @property
    def unidentified_value(self) -> int:
        """Value of the rows without a customer id, in minor units."""
        return sum(m for why, _, m in self.set_aside if why == "no customer id")

    @property
    def unidentified_share(self) -> float:
        """Share of all value whose customer is not known yet; nan without value."""
        return (
            self.unidentified_value / self.money_in if self.money_in else float("nan")
        )

    @property
    def conservation(self) -> str:
        """Rows in and money in, each accounted for, in one line."""
        aside = sum(n for _, n, _ in self.set_aside)
        if len(self.set_aside) == 1:
            why = f": {self.set_aside[0][0]}"
        else:
            why = "".join(
                f"{', ' if i else ': '}{n:,} {reason}"
                for i, (reason, n, _) in enumerate(self.set_aside)
            )
        rows = f"{self.read:,} rows, {self.used:,} used, {aside:,} set aside{why}"
        if not self.valued:
            return f"{rows}; no amounts"
        rest = self.money_in - self.money_used
        money_in, used, left = (
            format_money(minor, self.minor_units)
            for minor in (self.money_in, self.money_used, rest)
        )
        return f"{rows}; {money_in} in, {used} classified, {left} set aside"

    def __str__(self) -> str:
        return self.conservation


def _rows(**keywords: Any) -> Any:
    """Declare an array with one entry a customer."""
    return array_field(metadata={"rows": True}, **keywords)


@frozen(kw_only=True)
class Summary:
    """One row a customer, in the order of `customer_ids`; made by `summarize`.

    Money is in whole minor units. A column that the data do not have is None, and the
    statistics that need it are nan.

    Attributes
    ----------
    customer_ids : ndarray of int or object, shape (n_customers,)
        Sorted and distinct; int64, or text.
    as_of, since : date
        The days covered, both included; `since` is None where not limited.
    period : {"week", "month", "quarter"} or None
        Of `period_values`.
    minor_units : int
        Decimals of the money; 2 makes cents.
    value : ndarray of int, shape (n_customers,)
        Profit where the data have it, else amount, refunds taken off. [minor units]
    amount, profit : ndarray of int, shape (n_customers,)
        Sums over all rows. [minor units]
    purchases : ndarray of int, shape (n_customers,)
        Distinct orders, or purchase days where no order id is given.
    purchase_days : ndarray of int, shape (n_customers,)
        Distinct days with a purchase. [days]
    first_purchase, last_purchase : ndarray of datetime64[D], shape (n_customers,)
        NaT where nothing was bought.
    squared_gaps : ndarray of int, shape (n_customers,)
        Sum of squared gaps between successive purchase days. [days squared]
    refunds, refund_value : ndarray of int, shape (n_customers,)
        Rows with an amount below 0, and their sum. [rows, minor units]
    discounted, discount_known : ndarray of int, shape (n_customers,)
        Amount bought at a discount, and amount whose discount is known. [minor units]
    categories, channels : ndarray of int, shape (n_customers,)
        Distinct ones bought from.
    periods : ndarray of datetime64[D], shape (n_periods,)
        Where each complete calendar period starts.
    period_values : ndarray of int, shape (n_customers, n_periods)
        Value by complete period. [minor units]
    attitude : ndarray of float, shape (n_customers,)
        What customers think of us, -1 to 1, where the host says so; nan unknown.
    report : DataReport
        What was read and what became of it.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id="c1", date=date(2011, 5, 1), amount=10),
    ...         Transaction(customer_id="c1", date=date(2011, 7, 1), amount=20),
    ...         Transaction(customer_id="c2", date=date(2011, 7, 3), amount=5),
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> summary
    Summary(2 customers, 3 months, as of 2011-07-31)
    >>> summary.value.tolist(), summary.recency.tolist()
    ([3000, 500], [30.0, 28.0])
    """

    customer_ids: NDArray[Any] = _rows()
    as_of: date
    since: date | None = None
    period: Period | None = None
    minor_units: int = 2
    value: Ints | None = _rows()
    amount: Ints | None = _rows()
    profit: Ints | None = _rows()
    purchases: Ints = _rows()
    purchase_days: Ints | None = _rows()
    first_purchase: NDArray[np.datetime64] | None = _rows()
    last_purchase: NDArray[np.datetime64] | None = _rows()
    squared_gaps: Ints | None = _rows()
    refunds: Ints = _rows()
    refund_value: Ints = _rows()
    discounted: Ints | None = _rows()
    discount_known: Ints | None = _rows()
    categories: Ints | None = _rows()
    channels: Ints | None = _rows()
    periods: NDArray[np.datetime64] = array_field()
    period_values: Ints | None = _rows()
    attitude: Floats | None = _rows(default=None)
    report: DataReport
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.customer_ids.size)

    def __repr__(self) -> str:
        periods = f"{self.periods.size} {self.period}s, " if self.period else ""
        return f"Summary({len(self):,} customers, {periods}as of {self.as_of})"

    # statistics that follow from the columns

    @property
    def recency(self) -> Floats:
        """Days from the last purchase to `as_of`; nan where nothing was bought."""
        return self._days_between(self.last_purchase, self.as_of)

    @property
    def tenure(self) -> Floats:
        """Days from the first purchase to `as_of`; nan where nothing was bought."""
        return self._days_between(self.first_purchase, self.as_of)

    @property
    def age_at_last_purchase(self) -> Floats:
        """Days from the first to the last purchase (the BTYD `t_x`)."""
        return self._days_between(self.first_purchase, self.last_purchase)

    def _days_between(self, start: Any, end: Any) -> Floats:
        if start is None or end is None:
            return np.full(len(self), np.nan)
        until = np.datetime64(end, "D") if isinstance(end, date) else end
        days: Floats = (until - start).astype(np.float64)
        days[np.isnat(start)] = np.nan
        return days

    @property
    def mean_gap(self) -> Floats:
        """Days between purchase days on average; nan with fewer than two."""
        if self.purchase_days is None:
            return np.full(len(self), np.nan)
        gaps = np.maximum(self.purchase_days - 1, 0)
        return _ratio(self.age_at_last_purchase, gaps)

    @property
    def overdue(self) -> Floats:
        """Time since the last purchase, in the customer's own mean gaps."""
        return self.recency / self.mean_gap

    @property
    def regularity(self) -> Floats:
        """Evenness of the gaps, 0 to 1: Jain's fairness index; nan with none.

        1 is clockwork and 1/2 is random (exponential gaps). Jain, Chiu & Hawe 1984,
        DEC-TR-301, equation 1: (sum x)^2 / (n sum x^2).
        """
        if self.purchase_days is None or self.squared_gaps is None:
            return np.full(len(self), np.nan)
        gaps = np.maximum(self.purchase_days - 1, 0)
        return _ratio(self.age_at_last_purchase**2, gaps * self.squared_gaps)

    @property
    def discount_share(self) -> Floats:
        """Share of the amount that was bought at a discount, where that is known."""
        if self.discounted is None or self.discount_known is None:
            return np.full(len(self), np.nan)
        return _ratio(self.discounted, self.discount_known)

    # customers

    def position(self, customer_id: int | str) -> int:
        """Give the row of a customer.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return position_of(self.customer_ids, customer_id)

    def take(self, rows: Any) -> Summary:
        """Give the summary of some customers only.

        Parameters
        ----------
        rows : array_like of bool, shape (n_customers,), or of rising positions
            Which customers to keep. The report stays that of all rows read.

        Raises
        ------
        InvalidInputError
            If it is neither.
        """
        if not isinstance(rows, slice):
            rows = self._check_rows(np.asarray(rows))
        changed = {
            column.name: values[rows]
            for column in fields(Summary)
            if column.metadata.get("rows")
            and (values := getattr(self, column.name)) is not None
        }
        return evolve(self, **changed)

    def _check_rows(self, rows: NDArray[Any]) -> NDArray[Any]:
        rows = rows.astype(np.intp) if not rows.size else rows
        n = len(self)
        is_mask = rows.dtype == np.bool_ and rows.shape == (n,)
        if not is_mask and (
            rows.dtype.kind not in "iu"
            or rows.ndim != 1
            or (rows.size and (rows[0] < 0 or rows[-1] >= n))
            or (rows[1:] <= rows[:-1]).any()
        ):
            raise InvalidInputError(
                f"rows must be a mask of {n:,} customers, or positions that rise",
                code="bad_option",
            )
        return rows

    def with_attitudes(self, attitudes: Mapping[Any, float]) -> Summary:
        """Add what customers think of us; parties without transactions are left out.

        Parameters
        ----------
        attitudes : mapping of id to float
            -1 (against us) to 1 (for us), as surveys or observations say it.

        Raises
        ------
        InvalidInputError
            If an attitude lies outside -1 to 1, or ids are of another kind.
        """
        an_instance("attitudes", attitudes, Mapping)
        is_text = self.customer_ids.dtype == object
        odd = sum(isinstance(one, str) != is_text for one in attitudes)
        if odd:
            raise InvalidInputError(
                f"attitudes must go by {'text' if is_text else 'whole numbers'}, as ids "
                f"here do; {odd:,} of {len(attitudes):,} do not",
                code="not_an_id",
            )
        values = [attitudes.get(one) for one in self.customer_ids.tolist()]
        attitude = np.array(
            [np.nan if one is None else _attitude(one) for one in values], np.float64
        )
        wrong = np.flatnonzero(np.abs(attitude) > 1)
        if wrong.size:
            raise InvalidInputError(
                f"an attitude must lie between -1 and 1; {wrong.size} of "
                f"{attitude.size} do not, first at row {wrong[0]}",
                code="out_of_range",
                column="attitude",
                positions=wrong[:5],
            )
        return evolve(self, attitude=attitude)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Give all numbers by name, money in major units, without absent ones."""
        scale = 10**self.minor_units
        columns = {"customer_id": self.customer_ids}
        for name in (*_MONEY, *_NUMBERS):
            if (values := getattr(self, name)) is not None:
                columns[name] = values / scale if name in _MONEY else values
        return columns

    def row(self, position: int) -> dict[str, Any]:
        """Give the numbers of one customer by name, without the id."""
        one = self.take(slice(position, position + 1))
        return {
            name: values[0].item() if isinstance(values[0], np.generic) else values[0]
            for name, values in one.columns().items()
            if name != "customer_id"
        }

    def to_frame(self) -> Any:
        """Give one row a customer, money in major units, as the host's kind of frame."""
        return to_frame(self.columns(), self.kind)

    def periods_to_frame(self) -> Any:
        """Give one row a customer and complete period in which there was value."""
        if self.period_values is None:
            raise InvalidInputError(
                "there are no values by period; summarize with period= and amounts",
                code="no_periods",
            )
        customers, periods = np.nonzero(self.period_values)
        return to_frame(
            {
                "customer_id": self.customer_ids[customers],
                "period": self.periods[periods],
                "value": self.period_values[customers, periods] / 10**self.minor_units,
            },
            self.kind,
        )


def _attitude(value: Any) -> float:
    is_number = isinstance(value, (int, float, np.floating))
    return float(value) if is_number and not isinstance(value, bool) else np.inf


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Divide, giving nan where there is nothing to divide by."""
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result
