"""One row a customer: what all transactions up to a day say about each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from attrs import asdict, evolve, field, fields, frozen
from numpy.typing import NDArray

from customer_identification.aggregate import Period, Visits
from customer_identification.arrays import array_field, position_of, union
from customer_identification.cells import block_starts, blocks_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_new_ids, to_date, to_day, to_frame
from customer_identification.history import (
    SUMS,
    History,
    Pairs,
    no_visits,
    pairs_of,
    statistics_of,
    sums_of,
    visit_all,
)
from customer_identification.options import an_instance
from customer_identification.report import DataReport
from customer_identification.state import read_state, write_state


__all__ = ["Summary"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What a frame shows of each customer.
_MONEY = ("value", "amount", "profit", "refund_value", "network_value")
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
    network_value : ndarray of int, shape (n_customers,)
        Own value and the expected value of those influenced, where the host adds it by
        `with_network_value`. [minor units]
    report : DataReport
        What was read and what became of it.
    history : History or None
        By customer and month (or week), for :meth:`merge` and :meth:`drop_before`;
        where it was asked for.

    Examples
    --------
    >>> from datetime import date, timedelta
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
    network_value: Ints | None = _rows(default=None)
    report: DataReport
    history: History | None = field(default=None, repr=False, hash=False)
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

    # what classifiers ask of a population

    def period_totals(self) -> Ints | None:
        """Give the value of all customers by complete period, in minor units."""
        if self.period_values is None:
            return None
        totals: Ints = self.period_values.sum(axis=0)
        return totals

    def median(self, name: str, min_purchase_days: int = 0) -> float:
        """Give the median of those with enough days of purchase; nan without any.

        Parameters
        ----------
        name : str
            Of the column.
        min_purchase_days : int
            Least days with a purchase.
        """
        values, days = getattr(self, name), self.purchase_days
        if values is None or days is None:
            return float("nan")
        values = values[days >= min_purchase_days]
        known = values[~np.isnan(values)]
        return float(np.median(known)) if known.size else float("nan")

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
            Which customers to keep. The report stays that of all rows read, and the
            history is left behind.

        Raises
        ------
        InvalidInputError
            If it is neither.
        """
        if not isinstance(rows, slice):
            rows = self._check_rows(np.asarray(rows))
        return evolve(self, history=None, **self._at(rows))

    def _at(self, rows: Any) -> dict[str, Any]:
        """Give some rows of every column that has one a customer."""
        return {
            column.name: values[rows]
            for column in fields(Summary)
            if column.metadata.get("rows")
            and (values := getattr(self, column.name)) is not None
        }

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

    def renamed(self, new_ids: object) -> Summary:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Returns
        -------
        Summary
            In the order of the new ids: as if summarized with them. Orders in the
            history keep their ids, see :meth:`reworded`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.

        Examples
        --------
        >>> from datetime import date
        >>> from customer_identification import Transaction, summarize
        >>> sales = [
        ...     Transaction(customer_id=one, date=date(2011, 7, one), amount=one)
        ...     for one in (1, 2)
        ... ]
        >>> summary = summarize(sales, as_of="2011-07-31").renamed(["z", "a"])
        >>> summary.customer_ids.tolist(), summary.value.tolist()
        (['a', 'z'], [200, 100])
        """
        new = read_new_ids(new_ids, len(self))
        columns = self._at(np.argsort(new.codes))
        columns["customer_ids"] = new.unique
        history = self.history
        if history is not None:
            history = history.moved(new.codes)
            history = evolve(
                history,
                cells=tuple(
                    part.take(np.lexsort((part.codes, part.blocks)))
                    for part in history.parts
                ),
                pairs={
                    name: self._in_order(one, one.values, one.words)
                    for name, one in history.pairs.items()
                },
            )
        return evolve(self, history=history, **columns)

    def reworded(self, new_of: Callable[[list[Any]], list[Any]]) -> Summary:
        """Give the orders that the history remembers other ids.

        Parameters
        ----------
        new_of : callable
            Gives as many new ids, all distinct, for a list of distinct ones.

        Returns
        -------
        Summary
            As if summarized with them. Categories and channels keep their names.

        Raises
        ------
        InvalidInputError
            If new ids are not as many, not all distinct, or one is missing or no id.
        """
        if self.history is None or "order_id" not in self.history.pairs:
            return self
        orders = self.history.pairs["order_id"]
        new = read_new_ids(new_of(orders.words.tolist()), orders.words.size)
        renamed = self._in_order(orders, new.codes[orders.values], new.unique)
        pairs = {**self.history.pairs, "order_id": renamed}
        return evolve(self, history=evolve(self.history, pairs=pairs))

    def _in_order(self, pairs: Pairs, values: Any, words: NDArray[Any]) -> Pairs:
        """Sort pairs again after their customers or their values were renamed."""
        return pairs_of(pairs.codes, pairs.blocks, values, words, len(self))

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

    # time

    def merge(self, later: Summary) -> Summary:
        """Add what came after: the same as a summary of all transactions at once.

        Parameters
        ----------
        later : Summary
            Its `since` is the day after this one's `as_of`. Both were summarized with
            ``mergeable=True``, of the same columns, periods and minor units.

        Returns
        -------
        Summary
            Equal to the last cell, report included. Attitudes are left out: add them
            again. What a population decides (limits, medians) is fitted again.

        Raises
        ------
        InvalidInputError
            If the two do not fit together.

        Examples
        --------
        >>> from datetime import date, timedelta
        >>> from customer_identification import Transaction, summarize
        >>> may = [Transaction(customer_id=1, date=date(2011, 5, 31), amount=10)]
        >>> june = [Transaction(customer_id=1, date=date(2011, 6, 2), amount=20)]
        >>> summary = summarize(may, as_of="2011-05-31", mergeable=True)
        >>> new = summarize(
        ...     june, since="2011-06-01", as_of="2011-06-30", mergeable=True
        ... )
        >>> summary.merge(new) == summarize(
        ...     may + june, as_of="2011-06-30", mergeable=True
        ... )
        True
        """
        history, new = self._check_mergeable(later)
        customer_ids, at, later_at = union(self.customer_ids, later.customer_ids)
        n = customer_ids.size
        new = new.moved(later_at)
        seen = no_visits(n)
        for kept, values in (
            (seen.count, self.purchase_days),
            (seen.first, self.first_purchase),
            (seen.last, self.last_purchase),
            (seen.squared_gaps, self.squared_gaps),
        ):
            kept[at] = np.asarray(values).view(np.int64)
        visit_all(seen, new.cells, weekly=new.weekly)
        sums = {}
        for name in SUMS:
            if (values := getattr(self, name)) is not None:
                sums[name] = np.zeros(n, dtype=np.int64)
                sums[name][at] = values
                sums[name][later_at] += getattr(later, name)
        return self._of_history(
            history.moved(at).joined(new, n),
            customer_ids,
            (sums, seen),
            {"as_of": later.as_of, "report": self.report.merge(later.report)},
            values=None if self.period_values is None else (at, self.period_values),
        )

    def drop_before(self, day: object) -> Summary:
        """Let the window slide: leave out all transactions before a day.

        Parameters
        ----------
        day : date, datetime or text
            The first day of a month, or the Monday of a week where `period` is "week".

        Returns
        -------
        Summary
            As if summarized with ``since=day``, report included, of those customers
            who have a transaction left. Attitudes are left out: add them again.

        Raises
        ------
        InvalidInputError
            If the summary was not made with ``mergeable=True``, or the day is none
            that a month or week begins with, or comes after `as_of`.
        """
        history = self._own_history()
        first_day = to_day(day, "day")
        block = blocks_of(first_day, weekly=history.weekly)
        if block_starts(block, weekly=history.weekly) != first_day:
            raise InvalidInputError(
                f"day must be the first of a {'week' if history.weekly else 'month'}",
                code="bad_option",
            )
        since = to_date(first_day)
        if since > self.as_of:
            raise InvalidInputError("day must not be after as_of", code="bad_option")
        if self.since is not None and since <= self.since:
            return self
        cells = history.cells
        dropped = cells.take(cells.blocks < block)
        is_left = np.zeros(len(self), dtype=np.bool_)
        is_left[cells.codes[cells.blocks >= block]] = True
        n = int(np.count_nonzero(is_left))
        rest = history.since(int(block), len(self)).moved(
            np.cumsum(is_left, dtype=np.int32) - 1
        )
        seen = no_visits(n)
        visit_all(seen, rest.cells, weekly=rest.weekly)
        return self._of_history(
            rest,
            self.customer_ids[is_left],
            (sums_of(rest.cells, n), seen),
            {"since": since, "report": self.report.without(dropped.totals())},
        )

    def _own_history(self) -> History:
        if self.history is None:
            raise InvalidInputError(
                "the summary must keep its history: summarize with mergeable=True",
                code="no_history",
            )
        return self.history

    def _check_mergeable(self, later: Summary) -> tuple[History, History]:
        an_instance("later", later, Summary)
        history, new = self._own_history(), later._own_history()
        next_day = self.as_of + timedelta(days=1)
        if later.since != next_day:
            raise InvalidInputError(
                f"what is merged must begin where this ends: with since={next_day}",
                code="since",
            )
        if not history.fits(new) or (self.period, self.minor_units) != (
            later.period,
            later.minor_units,
        ):
            raise InvalidInputError(
                "what is merged must have the same columns, period and minor_units",
                code="other_units",
            )
        return history, new

    def _of_history(
        self,
        history: History,
        customer_ids: NDArray[Any],
        statistics: tuple[Mapping[str, Ints], Visits],
        changes: Mapping[str, Any],
        *,
        values: tuple[NDArray[Any], Ints] | None = None,
    ) -> Summary:
        """Give the summary that a history makes; values by period go on where known."""
        n = customer_ids.size
        sums, seen = statistics
        as_of, since = (
            changes.get("as_of", self.as_of),
            changes.get("since", self.since),
        )
        counts = history.counts(n)
        columns = statistics_of(sums, seen, counts, history.purchases(seen, counts))
        edges = history.edges(self.period, since, as_of)
        return evolve(
            self,
            customer_ids=customer_ids,
            periods=edges[:-1].view("M8[D]"),
            period_values=None
            if self.period_values is None
            else history.values(edges, n, values),
            attitude=None,
            network_value=None,
            history=history,
            **columns,
            **{
                **changes,
                "report": changes["report"].counted(int(columns["purchases"].sum())),
            },
        )

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

    def to_state_frame(self) -> Any:
        """Give all of the summary as one long frame, to write wherever the host can.

        Its columns are the same for every summary: text, whole numbers without nulls,
        and one of other numbers. The rows may be stored in any order.

        Returns
        -------
        frame
            Of the host's kind. As :mod:`customer_identification.state` describes it.

        Raises
        ------
        SerializationError
            If an order, category or channel is text that UTF-8 cannot hold.

        Notes
        -----
        Readers of CSV take "007" for a number and "NA" for a null unless they are told
        what is text: with pandas, ``dtype={"customer_id": str, "text": str}`` (without
        customer_id where ids are whole numbers), ``na_values={"number": [""]}`` and
        ``keep_default_na=False``.

        Examples
        --------
        >>> from customer_identification import summarize
        >>> summary = summarize([], as_of="2011-07-31")
        >>> Summary.from_state_frame(summary.to_state_frame()) == summary
        True
        """
        return to_frame(write_state(asdict(self, recurse=False)), self.kind)

    @classmethod
    def from_state_frame(cls, frame: object) -> Summary:
        """Read back what :meth:`to_state_frame` gave: an equal summary.

        Parameters
        ----------
        frame : frame
            pandas, Polars or PyArrow; in any order of rows. Other columns are left out.

        Raises
        ------
        SerializationError
            If a column or row is missing or not as it was written, or the version is
            another.
        """
        return cls(**read_state(frame))


def _attitude(value: Any) -> float:
    is_number = isinstance(value, (int, float, np.floating))
    return float(value) if is_number and not isinstance(value, bool) else np.inf


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Divide, giving nan where there is nothing to divide by."""
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result
