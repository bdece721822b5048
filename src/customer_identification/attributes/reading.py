"""Attributes read from frames, from customers with their consents, or from a summary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.attributes.table import (
    ATTRIBUTE_GROUPS,
    ID,
    AttributeGroup,
    AttributeTable,
    Column,
    check_outcomes,
)
from customer_identification.errors import InvalidInputError, MissingColumnError
from customer_identification.frames import (
    Labels,
    names_there,
    read_column,
    read_ids,
    read_mixed,
    read_table,
    to_date,
    to_day,
)
from customer_identification.models import Attribute, AttributeKind, Customer
from customer_identification.options import words
from customer_identification.summary import Summary


__all__ = ["attribute_table"]

# "Customer classifications usually based on customer social attributes, behavioral
# attributes, and value attributes" ("The benefits of customer classification management
# law"). Which kind of knowledge belongs where is our choice.
_GROUP_OF_KIND: dict[AttributeKind, AttributeGroup] = {
    AttributeKind.DEMOGRAPHICS: "social",
    AttributeKind.PERSONALITY_TYPE: "social",
    AttributeKind.VIEWS_OF_US: "social",
    AttributeKind.VIEWS_OF_COMPETITORS: "social",
    AttributeKind.PREFERENCES: "social",
    AttributeKind.EXPECTATIONS: "social",
    AttributeKind.INFLUENCES: "social",
    AttributeKind.CHANNELS: "behavioural",
    AttributeKind.PREFERRED_CONTACT: "behavioural",
    AttributeKind.SPECIAL_REQUIREMENTS: "behavioural",
    AttributeKind.CREDIT_HISTORY: "value",
}
_VALUES_OF_SUMMARY = ("value", "amount", "profit", "refund_value", "network_value")


def attribute_table(  # noqa: PLR0913 - each says one thing of the data
    data: object,
    *,
    customer_id: str = "customer_id",
    attributes: Sequence[str] | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    outcome: str | None = None,
    later: Sequence[str] = (),
    as_of: object = None,
    purpose: str | None = None,
) -> AttributeTable:
    """Read what is known of parties: from a frame, from customers or from a summary.

    Parameters
    ----------
    data : frame, iterable of Customer, or Summary
        One row a party. Frames that are still in an engine are collected, the columns
        asked for alone.
    customer_id : str
        Column of the ids in a frame.
    attributes : sequence of str, optional
        Which columns, or names of attributes; all by default.
    groups : mapping of {"social", "behavioural", "value"} to sequence of str, optional
        Which attributes are of which kind. Those of customers follow from their kind of
        knowledge, and those of a summary are value or behavioural.
    outcome : str, optional
        Column of a frame that says who turned out well: True and False, or 1 and 0;
        missing where that is not known yet.
    later : sequence of str
        Attributes that only become known with the outcome; nothing learns from them.
    as_of : date, datetime or text, optional
        The day the table speaks of; of customers only what was known by its end. A
        summary has its own.
    purpose : str, optional
        What attributes of customers are read for; without it, whatever has a consent is
        withheld.

    Returns
    -------
    AttributeTable

    Raises
    ------
    MissingColumnError
        If a column is not there.
    InvalidInputError
        If an id is missing or there twice, a column holds neither numbers nor words, a
        number is infinite, or customers have two attributes of one name.

    Examples
    --------
    >>> import pandas as pd
    >>> leads = pd.DataFrame(
    ...     {
    ...         "lead": ["l2", "l1"],
    ...         "staff": [40, None],
    ...         "branch": ["trade", "craft"],
    ...         "bought": [True, False],
    ...     }
    ... )
    >>> table = attribute_table(leads, customer_id="lead", outcome="bought")
    >>> table
    AttributeTable(2 parties, 2 attributes, 2 outcomes)
    >>> table.row(0), table.outcomes.tolist()
    ({'staff': None, 'branch': 'craft'}, [0.0, 1.0])
    """
    given = _groups(groups)
    later = words("later", later)
    attributes = None if attributes is None else words("attributes", attributes)
    day = None if as_of is None else to_date(to_day(as_of, "as_of"))
    _check_options(data, customer_id, outcome, day, purpose)
    if isinstance(data, Summary):
        day = data.as_of
        found = _of_summary(data, attributes)
    elif _has_objects(data):
        found = _of_customers(list(data), attributes, day, purpose)
    else:
        found = _of_frame(data, customer_id, attributes, outcome)
    if ID in found.columns:
        raise InvalidInputError(
            f"no attribute may be called {ID!r}; attributes= names those to read",
            code="bad_option",
        )
    strange = [name for name in (*given, *later) if name not in found.columns]
    if strange:
        raise MissingColumnError(
            f"groups and later must name attributes; there is none called {strange[0]!r}",
            code="missing_column",
            column=strange[0],
        )
    return evolve(found, groups={**found.groups, **given}, later=later, as_of=day)


def _has_objects(data: object) -> TypeGuard[Iterable[Any]]:
    """Tell customers, one by one, from frames and all else."""
    return isinstance(data, (list, tuple, Iterator))


def _check_options(
    data: object,
    customer_id: object,
    outcome: object,
    day: dt.date | None,
    purpose: object,
) -> None:
    """Make sure that no option is asked for that the data have no place for."""
    has_objects = _has_objects(data)
    is_frame = not has_objects and not isinstance(data, Summary)
    if not is_frame and (outcome is not None or customer_id != ID):
        raise InvalidInputError(
            "customer_id and outcome name columns of a frame; say outcomes of others by "
            "with_outcomes()",
            code="bad_option",
        )
    if purpose is not None and not has_objects:
        raise InvalidInputError(
            "purpose is asked of customers with consents, and not of frames",
            code="bad_option",
        )
    if isinstance(data, Summary) and day not in (None, data.as_of):
        raise InvalidInputError(
            "as_of must be the day of the summary, or be left out", code="bad_option"
        )


def _groups(groups: object) -> dict[str, AttributeGroup]:
    if groups is None:
        return {}
    if not isinstance(groups, Mapping) or any(
        one not in ATTRIBUTE_GROUPS for one in groups
    ):
        raise InvalidInputError(
            f"groups must map {', '.join(ATTRIBUTE_GROUPS)} to lists of attributes",
            code="bad_option",
        )
    found: dict[str, AttributeGroup] = {}
    for one, names in groups.items():
        for name in words("groups", names):
            if found.setdefault(name, one) != one:
                raise InvalidInputError(
                    f"an attribute must be in one group; {name!r} is in two",
                    code="bad_option",
                )
    return found


def _of_frame(
    data: object,
    customer_id: str,
    attributes: Sequence[str] | None,
    outcome: str | None,
) -> AttributeTable:
    named = [customer_id] if outcome is None else [customer_id, outcome]
    taken = set(words("customer_id and outcome", named))
    if attributes is None:
        attributes = [name for name in names_there(data) if name not in taken]
    if len(taken) < len(named) or not taken.isdisjoint(attributes):
        raise InvalidInputError(
            "ids, outcomes and attributes must be different columns", code="bad_option"
        )
    wanted = {name: name for name in (customer_id, *attributes)}
    if outcome is not None:
        wanted[outcome] = outcome
    table = read_table(
        data, wanted, required=tuple(wanted), lazy="collected", hint=False
    )
    ids = read_ids(table.columns[customer_id], customer_id)
    order = _order(ids.codes, ids.unique.size, customer_id)
    outcomes = None
    if outcome is not None:
        outcomes = _outcomes(table.columns[outcome], outcome)[order]
    return AttributeTable(
        customer_ids=ids.unique,
        columns={
            name: _known(read_mixed(table.columns[name], name), name, order)
            for name in attributes
        },
        outcomes=outcomes,
        kind=table.kind,
    )


def _order(codes: NDArray[np.int32], n: int, name: str) -> NDArray[np.intp]:
    """Give the row of each id, if there is one and only one."""
    check_each(name, codes >= 0, "be there in every row", code="not_an_id")
    seen = np.bincount(codes, minlength=n)
    check_each(
        name,
        seen[codes] == 1,
        "be there once, one row a party",
        code="duplicate_id",
        hint="take the newest row of each",
    )
    order = np.empty(n, dtype=np.intp)
    order[codes] = np.arange(n)
    return order


def _known(one: Column, name: str, order: NDArray[np.intp]) -> Column:
    if isinstance(one, Labels):
        return one.take(order)
    check_each(name, ~np.isinf(one), "be finite numbers", code="not_finite")
    return one[order]


def _outcomes(column: Any, name: str) -> NDArray[np.float64]:
    values = read_mixed(column, name)
    if isinstance(values, Labels):
        raise InvalidInputError(
            f"{name} must be True or False, or 1 or 0; the column holds text",
            code="bad_outcome",
            column=name,
        )
    check_outcomes(values)
    return values


def _of_summary(summary: Summary, attributes: Sequence[str] | None) -> AttributeTable:
    columns = {
        name: values.astype(np.float64)
        for name, values in summary.columns().items()
        if name != "customer_id" and values.dtype.kind in "iuf"
    }
    table = AttributeTable(
        customer_ids=summary.customer_ids,
        columns=columns,
        groups={
            name: "value" if name in _VALUES_OF_SUMMARY else "behavioural"
            for name in columns
        },
        kind=summary.kind,
    )
    return table if attributes is None else table.only(attributes)


def _of_customers(
    data: Sequence[Any],
    attributes: Sequence[str] | None,
    as_of: dt.date | None,
    purpose: str | None,
) -> AttributeTable:
    names = {one: one for one in ("customer_id", "attributes")}
    table = read_table(data, names, required=(), objects=Customer)
    ids = read_ids(read_column(table.columns["customer_id"].tolist()), "customer_id")
    order = _order(ids.codes, ids.unique.size, "customer_id")
    newest = [_newest(one, as_of, purpose) for one in data]
    kinds: dict[str, AttributeKind] = {}
    withheld: dict[str, int] = {}
    for one, found in zip(data, newest, strict=True):
        for attribute in one.attributes:
            name = attribute.name
            if kinds.setdefault(name, attribute.kind) is not attribute.kind:
                raise _ambiguous(name)
            if name not in found:
                withheld[name] = withheld.get(name, 0) + 1
    wanted = [name for name in sorted(kinds) if any(name in one for one in newest)]
    if attributes is not None:
        wanted = list(attributes)
        if strange := [name for name in wanted if name not in kinds]:
            raise MissingColumnError(
                f"attributes must be some that customers have; none has {strange[0]!r}",
                code="missing_column",
                column=strange[0],
            )
    return AttributeTable(
        customer_ids=ids.unique,
        columns={name: _known(_values(newest, name), name, order) for name in wanted},
        groups={name: _GROUP_OF_KIND[kinds[name]] for name in wanted},
        withheld={
            name: n
            for name, n in sorted(withheld.items())
            if attributes is None or name in attributes
        },
        kind=table.kind,
    )


def _newest(
    customer: Customer, as_of: dt.date | None, purpose: str | None
) -> dict[str, Attribute]:
    """Give by name the newest attribute that may be read."""
    kinds = dict.fromkeys(attribute.kind for attribute in customer.attributes)
    found: dict[str, Attribute] = {}
    for kind in kinds:
        for attribute in customer.known(kind, as_of=as_of, purpose=purpose):
            found[attribute.name] = attribute
    return found


def _ambiguous(name: str) -> InvalidInputError:
    return InvalidInputError(
        f"attributes of different kinds must have different names; {name!r} is of two",
        code="ambiguous",
        column=name,
    )


def _values(newest: Sequence[Mapping[str, Attribute]], name: str) -> Column:
    values = np.empty(len(newest), dtype=object)
    values[:] = [one[name].value if name in one else None for one in newest]
    return read_mixed(values, name)
