"""Where our objects say who: the fields with ids, and those with words about people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import index
from typing import Any, Protocol, Self, runtime_checkable

from attrs import frozen

from customer_identification.errors import InvalidInputError
from customer_identification.models import (
    Agreement,
    Attribute,
    Complaint,
    Customer,
    Invoice,
    Observation,
    Relationship,
    Role,
    Transaction,
)


__all__ = [
    "FIELDS",
    "Fields",
    "Parties",
    "Renamable",
    "Rewordable",
    "an_id",
    "fields_of",
    "ids_of",
    "is_graph",
    "is_party_of",
]


@frozen(kw_only=True)
class Fields:
    """Which fields of one of our classes speak of people.

    Attributes
    ----------
    about
        Ids of those whom the object is about: it goes when they go.
    others
        Ids of further parties, who may be None.
    papers
        Ids of orders, invoices, complaints and agreements.
    words
        Free text or names, which may be None.
    source
        Who or what told it, in words that must be there.
    """

    about: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    source: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All fields with ids."""
        return (*self.about, *self.others, *self.papers)


FIELDS: Mapping[type, Fields] = {
    Attribute: Fields(),
    Customer: Fields(about=("customer_id",), words=("name",)),
    Role: Fields(about=("party_id",), others=("towards",), papers=("agreement_id",)),
    Agreement: Fields(papers=("agreement_id",)),
    Transaction: Fields(
        about=("customer_id",),
        others=("payer_id", "beneficiary_id", "agent_id"),
        papers=("order_id",),
    ),
    Relationship: Fields(about=("source_id", "target_id"), source=("source",)),
    Observation: Fields(about=("customer_id",), words=("text",)),
    Invoice: Fields(about=("customer_id",), papers=("invoice_id",)),
    Complaint: Fields(
        about=("customer_id",), papers=("complaint_id",), words=("text",)
    ),
}


def fields_of(thing: object) -> Fields | None:
    """Give the fields of one of our objects; None for anything else.

    A class that stands further up says its own in `PERSONAL`.
    """
    own = getattr(type(thing), "PERSONAL", None)
    if isinstance(own, Fields):
        return own
    return next((FIELDS[kind] for kind in type(thing).__mro__ if kind in FIELDS), None)


def an_id(value: Any) -> int | str:
    """Give an id as an int or text.

    Raises
    ------
    InvalidInputError
        If it is no whole number of 64 bits, and no text that is not blank.

    Examples
    --------
    >>> an_id(7), an_id("7")
    (7, '7')
    """
    if isinstance(value, str) and value.strip():
        return str.__str__(value)
    try:
        number = None if isinstance(value, (bool, str)) else index(value)
    except TypeError:
        number = None
    if number is None or not -(2**63) <= number < 2**63:
        raise InvalidInputError(
            "an id must be a whole number of 64 bits, or text that is not blank",
            code="not_an_id",
        )
    return number


def is_party_of(value: object, party_id: int | str) -> bool:
    """Tell whether an id in a field is that of a party; 1 and "1" are two."""
    return isinstance(value, str) == isinstance(party_id, str) and value == party_id


def is_graph(thing: object) -> bool:
    """Tell a networkx graph without loading networkx."""
    names = ("is_multigraph", "is_directed", "add_edges_from")
    return all(callable(getattr(thing, name, None)) for name in names)


@runtime_checkable
class Renamable(Protocol):
    """What has sorted ids, in `ids` or `customer_ids`, and can do with others."""

    def renamed(self, new_ids: Any) -> Self:
        """Give everybody another id; in the order of the ids that are here."""
        ...


@runtime_checkable
class Parties(Renamable, Protocol):
    """What can also leave out a party, as if it had never been seen."""

    def without_party(self, party_id: int | str) -> Self:
        """Leave out a party; whoever is not here changes nothing."""
        ...


@runtime_checkable
class Rewordable(Protocol):
    """What holds further names inside: sources of evidence, orders, agreements."""

    def reworded(self, new_of: Callable[[list[Any]], list[str]]) -> Self:
        """Give them other names."""
        ...


def ids_of(thing: object) -> list[int | str]:
    """Give the ids of what is `Renamable`, in order."""
    ids: Any = getattr(thing, "ids", None)
    if ids is None:
        ids = thing.customer_ids  # type: ignore[attr-defined]
    listed: list[int | str] = ids.tolist()
    return listed
