"""Complaints in order: the better class first, then whoever has waited longest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, usable_rows
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Ids,
    names_of,
    read_days,
    read_ids,
    read_table,
    to_date,
    to_day,
    to_zone,
)
from customer_identification.models import Complaint
from customer_identification.options import bad_rows_policy, whole
from customer_identification.service.queue import (
    UNCLASSIFIED,
    ComplaintQueue,
    ComplaintReport,
)
from customer_identification.service.stakes import check_ordered


__all__ = ["order_complaints"]

_COLUMNS = ("complaint_id", "customer_id", "received", "resolved")
_LAST_DAY = np.datetime64("9999-12-31")  # that a date can be


def order_complaints(  # noqa: PLR0913 - each says one thing about one question
    complaints: object,
    classes: Classification,
    *,
    as_of: object,
    columns: Mapping[str, str | None] | None = None,
    targets: Mapping[str, int] | None = None,
    tz: object = None,
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> ComplaintQueue:
    """Put open complaints in order: class A first, then the longest waiting.

    "Priority should be given to the complaints and complaints of Class A customers"
    ("The benefits of customer classification management law").

    Parameters
    ----------
    complaints : frame or iterable of Complaint
        One row a complaint: complaint_id, customer_id, received, and resolved where
        some are settled.
    classes : Classification
        Ordered, best first; service levels by :meth:`ServicePlan.as_classes`. Whoever
        is not in it comes last, as ``"unclassified"``.
    as_of : date, datetime or text
        The day of the queue: complaints received later and those resolved by then are
        left out, and counted.
    columns : mapping of str to str or None, optional
        Our names to yours; None where the data have no such column.
    targets : mapping of str to int, optional
        By class the days within which to settle a complaint. They do not change the
        order. [days]
    tz : zoneinfo.ZoneInfo or str, optional
        Whose days are meant, for stamps with a time zone.
    on_bad_rows : {"raise", "report"}
        Whether rows that cannot be used are an error, or are set aside and counted.
        These lack an id or the day they were received, were resolved before that, or
        share their complaint_id with another row.

    Returns
    -------
    ComplaintQueue
        Equal waiting times go by complaint_id.

    Raises
    ------
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If classes have no order, customer ids are text here and numbers there, or a
        target is for no class.

    Examples
    --------
    >>> import datetime as dt
    >>> classes = Classification(
    ...     customer_ids=np.array([1, 2]),
    ...     codes=np.array([0, 1], np.int8),
    ...     labels=("A", "B"),
    ...     as_of=dt.date(2011, 7, 31),
    ...     ordered=True,
    ... )
    >>> queue = order_complaints(
    ...     [
    ...         Complaint(complaint_id=7, customer_id=2, received=dt.date(2011, 7, 1)),
    ...         Complaint(complaint_id=8, customer_id=1, received=dt.date(2011, 7, 30)),
    ...     ],
    ...     classes,
    ...     as_of="2011-07-31",
    ...     targets={"A": 1, "B": 14},
    ... )
    >>> list(queue), queue.overdue
    ([8, 7], array([False,  True]))
    >>> print(queue[7])
    place 2: class B, number 1 by waiting time (30 days), after 1 of better classes; was
    due on 2011-07-15
    """
    check_ordered(classes)
    if UNCLASSIFIED in classes.labels:
        raise InvalidInputError(
            f"no class may be called {UNCLASSIFIED!r}", code="unknown_class"
        )
    labels = (*classes.labels, UNCLASSIFIED)
    days = _days_of(targets, labels)
    bad_rows_policy(on_bad_rows)
    zone = to_zone(tz)
    today = to_day(as_of, "as_of", zone)
    rows = _read(complaints, columns, zone, on_bad_rows)
    is_open = (rows.received <= today) & ~(rows.resolved <= today)
    later = int(np.count_nonzero(rows.received > today))
    codes = _codes_of(rows.customers, classes)[is_open]
    own, received = rows.complaints.codes[is_open], rows.received[is_open]
    order = np.lexsort((own, received, codes))
    codes = codes[order]
    begin: NDArray[np.datetime64] = received[order].view("M8[D]")
    return ComplaintQueue(
        complaint_ids=rows.complaints.unique[own[order]],
        customer_ids=rows.customers.unique[rows.customers.codes[is_open][order]],
        codes=codes,
        labels=labels,
        received=begin,
        due=None if days is None else np.minimum(begin + days[codes], _LAST_DAY),
        as_of=to_date(today),
        report=ComplaintReport(
            read=rows.read,
            waiting=codes.size,
            resolved=rows.received.size - codes.size - later,
            later=later,
            unclassified=int(np.count_nonzero(codes == len(labels) - 1)),
            set_aside=rows.set_aside,
        ),
        kind=rows.kind,
    )


def _days_of(targets: Any, labels: tuple[str, ...]) -> NDArray[np.timedelta64] | None:
    if targets is None:
        return None
    if not isinstance(targets, Mapping) or any(one not in labels for one in targets):
        raise InvalidInputError(
            f"targets must map classes among {', '.join(labels)} to days",
            code="unknown_class",
        )
    days = {label: whole("a target", one, 0) for label, one in targets.items()}
    return np.array([days.get(one, "NaT") for one in labels], dtype="m8[D]")


def _codes_of(customers: Ids, classes: Classification) -> NDArray[np.int8]:
    """Give the position of the class of each row, after all others where there is none."""
    at, is_known = align(customers.unique, classes.customer_ids)
    own = np.full(customers.unique.size, len(classes.labels), dtype=np.int8)
    own[is_known] = classes.codes[at[is_known]]
    return own[customers.codes]


# --- reading ----------------------------------------------------------------------------


@frozen(kw_only=True)
class _Rows:
    """The complaints that can be used, as arrays."""

    complaints: Ids
    customers: Ids
    received: NDArray[np.int64]
    resolved: NDArray[np.float64]
    read: int
    set_aside: tuple[tuple[str, int], ...]
    kind: str


def _read(
    complaints: object,
    columns: Mapping[str, str | None] | None,
    zone: Any,
    on_bad_rows: str,
) -> _Rows:
    names = names_of(columns, _COLUMNS, needed=_COLUMNS[:-1])
    table = read_table(
        complaints, names, required=_COLUMNS[:-1], objects=Complaint, lazy="collected"
    )
    given, n = table.columns, table.n_rows
    own = read_ids(given["complaint_id"], "complaint_id")
    customers = read_ids(given["customer_id"], "customer_id")
    received, no_day = read_days(given["received"], "received", zone)
    resolved = np.full(n, np.nan)  # nan is still open
    if "resolved" in given:
        last, is_open = read_days(given["resolved"], "resolved", zone)
        resolved = last.astype(np.float64)
        if is_open is not None:
            resolved[is_open] = np.nan
    times = np.bincount(own.codes[own.codes >= 0], minlength=own.unique.size)
    faults = {
        "no complaint_id": own.codes < 0,
        "no customer_id": customers.codes < 0,
        "no day received": np.zeros(n, np.bool_) if no_day is None else no_day,
        "complaint_id more than once": np.append(times, 0)[own.codes] > 1,
        "resolved before received": resolved < received,
    }
    used, aside = usable_rows(faults, n, what="complaint", on_bad_rows=on_bad_rows)
    return _Rows(
        complaints=Ids(codes=own.codes[used], unique=own.unique),
        customers=Ids(codes=customers.codes[used], unique=customers.unique),
        received=received[used].astype(np.int64),
        resolved=resolved[used],
        read=n,
        set_aside=aside,
        kind=table.kind,
    )
