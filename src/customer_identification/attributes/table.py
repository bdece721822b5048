"""One row a party and one column an attribute, numbers or words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

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
    read_column,
    read_ids,
    read_new_ids,
    read_numbers_by_id,
    to_date,
    to_day,
    to_frame,
)
from customer_identification.options import an_instance, words


__all__ = [
    "ATTRIBUTE_GROUPS",
    "ID",
    "AttributeGroup",
    "AttributeTable",
    "Column",
    "check_outcomes",
    "is_known",
    "numbers_of",
    "words_of",
]

AttributeGroup = Literal["social", "behavioural", "value"]
ATTRIBUTE_GROUPS: tuple[AttributeGroup, ...] = get_args(AttributeGroup)
Column = NDArray[np.float64] | Labels

ID = "customer_id"  # what ids are called in frames


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
        check_outcomes(values)
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
        an_instance("other", other, AttributeTable)
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
            withheld={
                name: self.withheld.get(name, 0) + other.withheld.get(name, 0)
                for name in (*self.withheld, *other.withheld)
            },
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
        columns: dict[str, Any] = {ID: self.customer_ids, **self.columns}
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


def check_outcomes(values: NDArray[np.float64]) -> None:
    """Make sure that outcomes are good, bad or not known."""
    check_each(
        "outcomes",
        np.isin(values, (0.0, 1.0)) | np.isnan(values),
        "be True or False, or 1 or 0",
        code="bad_outcome",
    )
