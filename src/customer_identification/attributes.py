"""What is known of parties beside their purchases: one column an attribute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeGuard, get_args

import numpy as np
from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    ByCustomer,
    align,
    array_field,
    check_each,
    frozen_array,
    position_of,
    same_array,
)
from customer_identification.errors import InvalidInputError, MissingColumnError
from customer_identification.frames import (
    Labels,
    is_by_id,
    is_missing,
    names_there,
    read_column,
    read_ids,
    read_mixed,
    read_new_ids,
    read_numbers_by_id,
    read_table,
    to_date,
    to_day,
    to_frame,
)
from customer_identification.models import Attribute, AttributeKind, Customer
from customer_identification.options import words
from customer_identification.summary import Summary


__all__ = [
    "ATTRIBUTE_GROUPS",
    "AttributeGroup",
    "AttributeTable",
    "attribute_table",
    "is_known",
    "numbers_of",
    "words_of",
]

AttributeGroup = Literal["social", "behavioural", "value"]
ATTRIBUTE_GROUPS: tuple[AttributeGroup, ...] = get_args(AttributeGroup)
Column = NDArray[np.float64] | Labels

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
_ID = "customer_id"  # what ids are called in frames
_VALUES_OF_SUMMARY = ("value", "amount", "profit", "refund_value", "network_value")


def _same_columns(one: Mapping[str, Column], other: Mapping[str, Column]) -> bool:
    def same(mine: Column, theirs: Column) -> bool:
        if isinstance(mine, Labels) and isinstance(theirs, Labels):
            return mine == theirs
        is_mixed = isinstance(mine, Labels) or isinstance(theirs, Labels)
        return not is_mixed and same_array(mine, theirs)

    return list(one) == list(other) and all(same(one[k], other[k]) for k in one)


def _frozen(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {
        name: one if isinstance(one, Labels) else frozen_array(one)
        for name, one in columns.items()
    }


@frozen(kw_only=True, repr=False)
class AttributeTable(ByCustomer):
    """One row a party and one column an attribute, numbers or words.

    Attributes
    ----------
    customer_ids : ndarray of int or object, shape (n,)
        Sorted and distinct; parties who never bought may be among them.
    columns : mapping of str to ndarray of float or Labels, shape (n,)
        nan, and -1 among the codes of words, is unknown.
    groups : mapping of str to {"social", "behavioural", "value"}
        Of the attributes that belong to one.
    later : tuple of str
        Attributes that only become known with the outcome: nothing learns from them.
    outcomes : ndarray of float, shape (n,), or None
        1 who turned out well, 0 who did not, nan not known.
    as_of : date or None
        The day it speaks of.
    withheld : mapping of str to int
        By name how many attributes of customers were not read: without consent for the
        purpose, or observed later.
    """

    customer_ids: NDArray[Any] = array_field()
    columns: Mapping[str, Column] = field(
        converter=_frozen, eq=cmp_using(eq=_same_columns), hash=False
    )
    groups: Mapping[str, AttributeGroup] = field(factory=dict, hash=False)
    later: tuple[str, ...] = ()
    outcomes: NDArray[np.float64] | None = array_field(default=None)
    as_of: dt.date | None = None
    withheld: Mapping[str, int] = field(factory=dict, hash=False)
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        known = ""
        if self.outcomes is not None:
            known = f", {np.count_nonzero(~np.isnan(self.outcomes)):,} outcomes"
        if hidden := sum(self.withheld.values()):
            known += f", {hidden:,} values withheld"
        return f"AttributeTable({len(self):,} parties, {len(self.columns)} attributes{known})"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(self.columns)

    def day(self, as_of: object = None) -> dt.date:
        """Give the day it speaks of, or the one that is said instead.

        Raises
        ------
        InvalidInputError
            If neither is there.
        """
        if as_of is not None:
            return to_date(to_day(as_of, "as_of"))
        if self.as_of is None:
            raise InvalidInputError(
                "the table must say which day it speaks of: attribute_table(..., as_of=)",
                code="no_day",
            )
        return self.as_of

    def column(self, name: str) -> Column:
        """Give the column of an attribute.

        Raises
        ------
        MissingColumnError
            If there is none of that name.
        """
        if name not in self.columns:
            raise MissingColumnError(
                f"the attributes must have one called {name!r}; there is none",
                code="missing_column",
                column=name,
            )
        return self.columns[name]

    def row(self, position: int) -> dict[str, float | str | None]:
        """Give what is known of one party by name; None is unknown."""
        found: dict[str, float | str | None] = {}
        for name, one in self.columns.items():
            if isinstance(one, Labels):
                code = int(one.codes[position])
                found[name] = None if code < 0 else one.words[code]
            else:
                value = float(one[position])
                found[name] = None if np.isnan(value) else value
        return found

    def take(self, rows: Any) -> AttributeTable:
        """Give some parties only.

        Parameters
        ----------
        rows : ndarray of bool, shape (n,), slice, or ndarray of rising positions
        """
        return evolve(
            self,
            customer_ids=self.customer_ids[rows],
            columns={
                name: one.take(rows) if isinstance(one, Labels) else one[rows]
                for name, one in self.columns.items()
            },
            outcomes=None if self.outcomes is None else self.outcomes[rows],
        )

    def without_party(self, party_id: int | str) -> AttributeTable:
        """Give the others; whoever is not here changes nothing."""
        if isinstance(party_id, bool):
            return self
        here = self.customer_ids == party_id
        return self.take(~here) if np.any(here) else self

    def without(self, customer_ids: Any) -> AttributeTable:
        """Give those who are not among some others: leads who have not bought yet.

        Parameters
        ----------
        customer_ids : column, array or list
            Whom to leave out, such as the `customer_ids` of a summary.

        Raises
        ------
        InvalidInputError
            If these are no ids, or of another kind.
        """
        others = read_ids(read_column(customer_ids), "customer_ids").unique
        return self.take(~align(self.customer_ids, others)[1])

    def __getitem__(self, customer_id: int | str) -> dict[str, float | str | None]:
        """Give what is known of one party by name; None is unknown.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return self.row(position_of(self.customer_ids, customer_id))

    @property
    def told(self) -> NDArray[np.float64]:
        """The outcomes.

        Raises
        ------
        InvalidInputError
            If there are none.
        """
        if self.outcomes is None:
            raise InvalidInputError(
                "the table must have outcomes; name their column by outcome=, or add them "
                "by with_outcomes()",
                code="no_outcomes",
            )
        return self.outcomes

    def only(self, names: Sequence[str]) -> AttributeTable:
        """Give some attributes only, in the order named.

        Raises
        ------
        MissingColumnError
            If there is none of that name.
        """
        columns = {name: self.column(name) for name in words("names", names)}
        return evolve(
            self,
            columns=columns,
            groups={name: one for name, one in self.groups.items() if name in columns},
            later=tuple(name for name in self.later if name in columns),
        )

    def of(self, group: str) -> AttributeTable:
        """Give the attributes of one kind: social, behavioural or value.

        Raises
        ------
        InvalidInputError
            If there is no such kind.
        """
        if group not in ATTRIBUTE_GROUPS:
            raise InvalidInputError(
                f"a group must be one of {', '.join(ATTRIBUTE_GROUPS)}",
                code="bad_option",
            )
        return self.only(
            [name for name in self.names if self.groups.get(name) == group]
        )

    def with_outcomes(self, outcomes: Mapping[Any, Any]) -> AttributeTable:
        """Say who turned out well; whoever is not named is not known.

        Parameters
        ----------
        outcomes : mapping of id to bool, or pandas' Series by its index
            Of these parties; those of others are left out.

        Raises
        ------
        InvalidInputError
            If it is none, an outcome is neither True nor False (or 1, 0), or ids are of
            another kind.
        """
        if is_by_id(outcomes):
            outcomes = {
                one: float(value) if isinstance(value, (bool, np.bool_)) else value
                for one, value in outcomes.items()
                if not is_missing(value)
            }
        ids, values = read_numbers_by_id(outcomes, "outcomes")
        _check_outcomes(values)
        at, is_known = align(self.customer_ids, ids)
        found = np.full(len(self), np.nan)
        found[is_known] = values[at[is_known]]
        return evolve(self, outcomes=found)

    def join(self, other: AttributeTable) -> AttributeTable:
        """Add the attributes of another table to these parties; unknown where not there.

        Raises
        ------
        InvalidInputError
            If both have an attribute of one name, ids are of different kinds, or the other
        table speaks of a later day, or of one where this does not say its own.
        """
        if other.as_of is not None and (self.as_of is None or other.as_of > self.as_of):
            raise InvalidInputError(
                "a table must not be joined with one of a later day, by which more is "
                "known",
                code="bad_dates",
            )
        if twice := sorted(set(self.columns) & set(other.columns)):
            raise InvalidInputError(
                f"both tables have {', '.join(twice)}; take the attributes of one with "
                "only()",
                code="duplicate_column",
            )
        at, is_there = align(self.customer_ids, other.customer_ids)
        return evolve(
            self,
            columns={
                **self.columns,
                **{k: _spread(one, at, is_there) for k, one in other.columns.items()},
            },
            groups={**self.groups, **other.groups},
            later=(*self.later, *other.later),
            withheld={**self.withheld, **other.withheld},
        )

    def renamed(self, new_ids: object) -> AttributeTable:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n,)
            Whole numbers or text, in the order of `customer_ids`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        return evolve(self.take(np.argsort(new.codes)), customer_ids=new.unique)

    def to_frame(self) -> Any:
        """Give one row a party as the host's kind of frame; unknown is null or nan."""
        columns: dict[str, Any] = {_ID: self.customer_ids, **self.columns}
        return to_frame(columns, self.kind)


def is_known(column: Column) -> NDArray[np.bool_]:
    """Tell where an attribute is known."""
    if isinstance(column, Labels):
        return np.asarray(column.codes >= 0)
    return ~np.isnan(column)


def numbers_of(column: Column, name: str) -> NDArray[np.float64]:
    """Give a column as numbers; one in which nothing is known is of either kind.

    Raises
    ------
    InvalidInputError
        If it holds words.
    """
    if not isinstance(column, Labels):
        return column
    if is_known(column).any():
        raise _other_kind(name, "numbers", "words")
    return np.full(column.codes.size, np.nan)


def words_of(column: Column, name: str) -> Labels:
    """Give a column as words; one in which nothing is known is of either kind.

    Raises
    ------
    InvalidInputError
        If it holds numbers.
    """
    if isinstance(column, Labels):
        return column
    if is_known(column).any():
        raise _other_kind(name, "words", "numbers")
    return Labels(codes=np.full(column.size, -1, np.int32), words=())


def _other_kind(name: str, wanted: str, found: str) -> InvalidInputError:
    return InvalidInputError(
        f"{name} must hold {wanted}, as what is asked of it; it holds {found}",
        code="wrong_type",
        column=name,
    )


def _spread(one: Column, at: NDArray[np.intp], is_there: NDArray[np.bool_]) -> Column:
    """Give the values at some positions; unknown where there is none."""
    if isinstance(one, Labels):
        codes = np.full(at.size, -1, np.int32)
        codes[is_there] = one.codes[at[is_there]]
        return evolve(one, codes=codes)
    values = np.full(at.size, np.nan)
    values[is_there] = one[at[is_there]]
    return values


def _check_outcomes(values: NDArray[np.float64]) -> None:
    check_each(
        "outcomes",
        np.isin(values, (0.0, 1.0)) | np.isnan(values),
        "be True or False, or 1 or 0",
        code="bad_outcome",
    )


# --- reading --------------------------------------------------------------------------


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
    if _ID in found.columns:
        raise InvalidInputError(
            f"no attribute may be called {_ID!r}; attributes= names those to read",
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
    if not is_frame and (outcome is not None or customer_id != _ID):
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
    _check_outcomes(values)
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
        withheld={name: withheld[name] for name in sorted(withheld)},
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
