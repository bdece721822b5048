"""What the hand-written plans must give: the columns of a summary, and its report."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen
from ledger import AS_OF, MONTHS
from numpy.typing import ArrayLike, NDArray
from route import NO_DAY, Numbers, days

from customer_identification import (
    EngineSummary,
    Summary,
    summarize,
    summarize_in_engine,
)


__all__ = [
    "EVERY_REASON",
    "PART",
    "Collected",
    "collected_numbers",
    "held",
    "held_numbers",
    "numbers",
    "ours",
]

# Why a row cannot be used, in the order in which the first reason wins.
EVERY_REASON = (
    "no customer id",
    "no date",
    "no amount",
    "amount not finite",
    "after as_of",
)
PART = 1e-6  # beyond this (or 2**-51 of the cents) an amount has parts of a cent
LAST_MONTH = int(np.datetime64(AS_OF, "M").astype(np.int64)) + 1970 * 12
FIRST_MONTH = LAST_MONTH - MONTHS + 1


def ours(open_rows: Callable[[Any], Any]) -> Callable[[Any], Summary]:
    """Make the route of this library: open the file with its engine, summarize."""

    def run(source: Any) -> Summary:
        return summarize(open_rows(source), as_of=AS_OF, on_bad_rows="report")

    return run


def held(open_rows: Callable[[Any], Any]) -> Callable[[Any], EngineSummary]:
    """Make the route that leaves the summary in the engine."""

    def run(source: Any) -> EngineSummary:
        rows = open_rows(source)
        return summarize_in_engine(rows, as_of=AS_OF, on_bad_rows="report")

    return run


def held_numbers(found: EngineSummary) -> Numbers:
    """Bring the summary here, off the clock."""
    return numbers(found.collect())


def numbers(found: Summary) -> Numbers:
    """Take out every column, and the report as one array."""
    report = found.report
    aside = {why: (n, money) for why, n, money in report.set_aside}
    first_month = found.periods.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    months = np.zeros((len(found), MONTHS), dtype=np.int64)
    months[:, first_month - FIRST_MONTH] = np.asarray(found.period_values)
    return {
        "customer_id": np.asarray(found.customer_ids.tolist()),
        "total": np.asarray(found.value),
        "purchase_days": np.asarray(found.purchase_days),
        "first": days(np.asarray(found.first_purchase)),
        "last": days(np.asarray(found.last_purchase)),
        "squared_gaps": np.asarray(found.squared_gaps),
        "refunds": found.refunds,
        "refund_value": found.refund_value,
        "months": months,
        "report": as_array(
            aside,
            used=report.used,
            money_used=report.money_used,
            refunded=report.refunded,
            refunded_value=report.refunded_value,
            free=report.free,
            rounded=report.rounded,
        ),
    }


def as_array(aside: Mapping[str, Iterable[int]], **counts: int) -> NDArray[np.int64]:
    """Put the counts of a report in one order."""
    reasons = [aside.get(why, (0, 0)) for why in EVERY_REASON]
    return np.array([*counts.values(), *(one for pair in reasons for one in pair)])


@frozen(eq=False)
class Collected:
    """What a hand-written plan brings back.

    Attributes
    ----------
    customers
        customer_id, purchase_days, first, last, squared_gaps: of the purchases.
    cells
        customer_id (null where set aside), why, month (since the year 0), n, cents,
        refunds, refund_value, free, rounded.
    """

    customers: pa.Table
    cells: pa.Table


def collected_numbers(found: Collected) -> Numbers:
    """Put customers and cells together as a summary does, off the clock."""
    cells = {
        name: fill(found.cells[name])
        for name in found.cells.column_names
        if name != "why"
    }
    # Some engines write a code, 0 where the row is used, others the reason itself.
    why = [
        EVERY_REASON[one - 1] if isinstance(one, int) and one else one or None
        for one in found.cells["why"].to_pylist()
    ]
    is_used = np.array([one is None for one in why])
    ids = np.asarray(found.cells["customer_id"].filter(pa.array(is_used)).to_pylist())
    customer_id, codes = np.unique(ids, return_inverse=True)

    def added(name: str) -> NDArray[np.int64]:
        sums = np.zeros(customer_id.size, dtype=np.int64)
        np.add.at(sums, codes, cells[name][is_used])
        return sums

    months = np.zeros((customer_id.size, MONTHS), dtype=np.int64)
    column = cells["month"][is_used] - FIRST_MONTH
    np.add.at(months, (codes, column), cells["cents"][is_used])
    at = np.searchsorted(customer_id, found.customers["customer_id"].to_pylist())

    def placed(name: str, none: int) -> NDArray[np.int64]:
        values = np.full(customer_id.size, none)
        values[at] = fill(found.customers[name])
        return values

    aside = {
        reason: (int(cells["n"][rows].sum()), int(cells["cents"][rows].sum()))
        for reason in EVERY_REASON
        if (rows := np.array([one == reason for one in why])).any()
    }
    used = {name: int(cells[name][is_used].sum()) for name in cells if name != "month"}
    return {
        "customer_id": customer_id,
        "total": added("cents"),
        "purchase_days": placed("purchase_days", 0),
        "first": placed("first", NO_DAY),
        "last": placed("last", NO_DAY),
        "squared_gaps": placed("squared_gaps", 0),
        "refunds": added("refunds"),
        "refund_value": added("refund_value"),
        "months": months,
        "report": as_array(
            aside,
            used=used["n"],
            money_used=used["cents"],
            refunded=used["refunds"],
            refunded_value=used["refund_value"],
            free=used["free"],
            rounded=int(cells["rounded"].sum()),
        ),
    }


def fill(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Read whole numbers or dates, 0 where there is none."""
    if pa.types.is_temporal(column.type):
        return days(column.to_numpy())
    if not pa.types.is_integer(column.type):
        return np.zeros(len(column), dtype=np.int64)
    found: ArrayLike = column.fill_null(0).to_numpy()
    return np.asarray(found, dtype=np.int64)
