"""Coverage read from observations and from what is recorded of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import align
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    read_column,
    read_ids,
    read_numbers_by_id,
    to_date,
    to_day,
    to_zone,
)
from customer_identification.models import AttributeKind, Customer
from customer_identification.needs.known import NEVER, KnowledgeCoverage
from customer_identification.needs.observations import (
    read_customers,
    read_observations,
)
from customer_identification.options import whole


__all__ = ["attribute_coverage", "coverage"]

Floats = NDArray[np.float64]


def coverage(  # noqa: PLR0913 - each says one thing about one question
    observations: object,
    *,
    as_of: object,
    customers: Any = None,
    topics: Sequence[str] | None = None,
    values: Any = None,
    max_age_days: int | None = None,
    columns: Mapping[str, str | None] | None = None,
    tz: object = None,
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> KnowledgeCoverage:
    """Tell of whom nothing is known on which topic, and what to ask next.

    "This may require additional research beyond the information available in current
    systems" ("CRM: Identifying Customers & Their Characteristics").

    Parameters
    ----------
    observations : frame or iterable of Observation
        As for :func:`rank_needs`; any row tells something of its topic.
    as_of : date, datetime or text
        Later rows do not count.
    customers : ids, optional
        Of whom something should be known: a column, array or list. All who are named
        in the observations, if not given.
    topics : sequence of str, optional
        What should be known. All topics of the observations, if not given.
    values : mapping of id to number, or pandas' Series, optional
        What customers are worth.
    max_age_days : int, optional
        What is older counts as not known. [days]
    columns, tz, on_bad_rows
        As for :func:`rank_needs`.

    Returns
    -------
    KnowledgeCoverage

    Raises
    ------
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If ids are text here and numbers there, or an option is out of range.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Observation
    >>> known = coverage(
    ...     [
    ...         Observation(
    ...             customer_id=7,
    ...             topic="delivery",
    ...             channel="meeting",
    ...             date=dt.date(2011, 7, 1),
    ...         )
    ...     ],
    ...     customers=[7, 8],
    ...     topics=["delivery", "price"],
    ...     as_of="2011-07-31",
    ... )
    >>> for gap in known.gaps():
    ...     print(gap)
    price: not known of 2 (0% known)
    delivery: not known of 1 (50% known), newest 2011-07-01
    >>> known.lacking("delivery"), known[7]
    (array([8]), ('price',))
    """
    today = to_day(as_of, "as_of", to_zone(tz))
    rows = read_observations(
        observations, today=today, columns=columns, tz=tz, on_bad_rows=on_bad_rows
    )
    ids = rows.ids if customers is None else read_customers(customers)
    items = rows.topics if topics is None else _read_items(topics)
    place = np.array([items.index(t) if t in items else -1 for t in rows.topics] + [-1])
    named = np.flatnonzero(rows.who < rows.ids.size)
    at, is_there = align(rows.ids, ids)
    whose, item = rows.who[named], place[rows.topic[named]]
    kept = is_there[whose] & (item >= 0)
    newest = np.full((ids.size, len(items)), NEVER)
    np.maximum.at(newest, (at[whose[kept]], item[kept]), rows.day[named][kept])
    return KnowledgeCoverage(
        customer_ids=ids,
        items=items,
        newest=newest.view("M8[D]"),
        value=_read_values(values, ids),
        as_of=to_date(today),
        max_age_days=_read_age(max_age_days),
        report=rows.report,
        kind=rows.kind,
    )


def attribute_coverage(
    customers: Iterable[Customer],
    *,
    as_of: object,
    kinds: Sequence[AttributeKind | str] | None = None,
    purpose: str | None = None,
    values: Any = None,
    max_age_days: int | None = None,
) -> KnowledgeCoverage:
    """Tell of whom which kinds of data are not known, and what to ask next.

    Parameters
    ----------
    customers : iterable of Customer
    as_of : date, datetime or text
        Later attributes do not count, and consent must hold on it.
    kinds : sequence of AttributeKind or str, optional
        What should be known; all kinds, the traditional ones and the additional ones,
        if not given.
    purpose : str, optional
        What it is to be read for; without it, whatever has a consent is withheld.
    values : mapping of id to number, or pandas' Series, optional
        What customers are worth.
    max_age_days : int, optional
        What is older counts as not known. [days]

    Returns
    -------
    KnowledgeCoverage
        An attribute without a value tells nothing.

    Raises
    ------
    InvalidInputError
        If an item is no Customer, an id is there twice, or an option is out of range.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Attribute
    >>> likes_mail = Attribute(
    ...     kind="preferred_contact",
    ...     name="mode",
    ...     value="mail",
    ...     observed_on=dt.date(2011, 3, 1),
    ...     source="form",
    ... )
    >>> known = attribute_coverage(
    ...     [
    ...         Customer(customer_id=1, kind="person", attributes=[likes_mail]),
    ...         Customer(customer_id=2, kind="person"),
    ...     ],
    ...     kinds=["preferred_contact"],
    ...     as_of="2011-07-31",
    ... )
    >>> print(known.gaps()[0])
    preferred_contact: not known of 1 (50% known), newest 2011-03-01
    """
    today = to_day(as_of, "as_of")
    day = to_date(today)
    listed = list(customers)
    if not all(isinstance(one, Customer) for one in listed):
        raise InvalidInputError("every item must be a Customer", code="not_a_table")
    wanted = list(AttributeKind if kinds is None else map(AttributeKind, kinds))
    read = read_ids(read_column([one.customer_id for one in listed]), "customer_id")
    if read.unique.size < len(listed):
        raise InvalidInputError(
            "every customer must be there once", code="not_an_id", column="customer_id"
        )
    newest = np.full((len(listed), len(wanted)), NEVER)
    withheld = np.zeros(newest.shape, dtype=np.bool_)
    place = {kind: i for i, kind in enumerate(wanted)}
    for row, customer in zip(read.codes.tolist(), listed, strict=True):
        for one in customer.attributes:
            if one.kind not in place or one.value is None or one.observed_on > day:
                continue
            at = (row, place[one.kind])
            if one.is_open(purpose, day):
                newest[at] = max(newest[at], to_day(one.observed_on, "observed_on"))
            else:
                withheld[at] = True
    return KnowledgeCoverage(
        customer_ids=read.unique,
        items=tuple(str(kind) for kind in wanted),
        newest=newest.view("M8[D]"),
        withheld=withheld,
        value=_read_values(values, read.unique),
        as_of=day,
        max_age_days=_read_age(max_age_days),
        kind="objects",
    )


def _read_items(topics: Any) -> tuple[str, ...]:
    is_listed = not isinstance(topics, str) and isinstance(topics, Iterable)
    given: list[Any] = list(topics) if is_listed else [None]
    if not all(isinstance(one, str) and one.strip() for one in given):
        raise InvalidInputError(
            "topics must be a list of text that is not blank", code="bad_text"
        )
    return tuple(dict.fromkeys(given))


def _read_values(values: Any, ids: NDArray[Any]) -> Floats | None:
    if values is None:
        return None
    among, numbers = read_numbers_by_id(values, "values")
    at, is_there = align(ids, among)
    found = np.full(ids.size, np.nan)
    found[is_there] = numbers[at[is_there]]
    return found


def _read_age(days: int | None) -> int | None:
    return None if days is None else whole("max_age_days", days, 0)
