"""One party taken out, as if it had never been seen: what goes, and what is blanked."""

from __future__ import annotations

from typing import Any

from attrs import evolve, field, frozen

from customer_identification.errors import InvalidInputError
from customer_identification.models import Agreement, Role
from customer_identification.privacy.fields import (
    Fields,
    Parties,
    Renamable,
    an_id,
    fields_of,
    ids_of,
    is_graph,
    is_party_of,
)


__all__ = ["Erased", "erase"]


@frozen(kw_only=True)
class Erased:
    """What is left, and how much went.

    Attributes
    ----------
    thing
        As it came, without the party; None for a single object that was about it.
    removed : int
        Objects, and roles in agreements, that were about the party; 1 for a node or a
        party with an id in arrays.
    blanked : int
        References to the party that became None.
    """

    thing: Any = field(repr=False)
    removed: int
    blanked: int = 0


def erase(thing: Any, party_id: int | str) -> Erased:
    """Take one party out of objects, graphs and networks.

    ==============  ==================================================================
    our objects     what is about the party goes: the customer, transactions, invoices,
                    observations, complaints, relationships on either side, and roles,
                    those in agreements too. Where the party is only payer, beneficiary,
                    agent or the one towards whom a role is played, the reference becomes
                    None; a role towards the party in no agreement and no scope goes
    list or tuple   each of the objects
    networkx graph  the node and its edges; a new graph
    what has        networks, books of roles, and whatever else has ids and can leave
    ``without_``    one out
    ``party``
    ==============  ==================================================================

    What was learnt from the party among others (a summary's report, a fitted rule, a
    classification) is made anew from the data that are left. Words are not searched:
    see :func:`redact_text`.

    Parameters
    ----------
    thing : object
        One of the above; never changed.
    party_id : int or str
        Who goes; 1 and "1" are two. Somebody who is not there changes nothing, and
        `removed` and `blanked` are 0.

    Returns
    -------
    Erased
        The new thing, and how much went.

    Raises
    ------
    InvalidInputError
        If it is none of these, `party_id` is no id, or it is text where all ids are
        whole numbers, or the other way.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction
    >>> day = date(2011, 7, 1)
    >>> own = Transaction(customer_id=7, date=day, amount=10)
    >>> gift = Transaction(customer_id=8, date=day, amount=10, beneficiary_id=7)
    >>> left = erase([own, gift], 7)
    >>> left
    Erased(removed=1, blanked=1)
    >>> len(left.thing), left.thing[0].beneficiary_id is None
    (1, True)
    """
    party = an_id(party_id)
    if fields_of(thing) is not None or isinstance(thing, (list, tuple)):
        _check_kind(_ids_in(thing), party)
        return _of_objects(thing, party)
    if is_graph(thing):
        _check_kind(list(thing), party)
        return _of_graph(thing, party)
    if isinstance(thing, Parties) and not isinstance(thing, type):
        ids = ids_of(thing)
        _check_kind(ids, party)
        is_here = any(is_party_of(one, party) for one in ids)
        return Erased(thing=thing.without_party(party), removed=int(is_here))
    made = isinstance(thing, Renamable) and not isinstance(thing, type)
    raise InvalidInputError(
        "what others are measured by must be made anew, from data without the party"
        if made
        else "it must be an object that came in, a list of them, a networkx graph or have "
        "the method without_party; of a frame, leave out the rows, and make other results "
        "anew from data without the party",
        code="made_anew" if made else "not_ours",
    )


def _check_kind(ids: list[Any], party_id: int | str) -> None:
    """Refuse an id that cannot be meant: then nothing would be erased."""
    is_text = isinstance(party_id, str)
    if ids and all(isinstance(one, str) != is_text for one in ids):
        raise InvalidInputError(
            f"party_id must be {'a whole number' if is_text else 'text'}, as all ids "
            "here are",
            code="not_an_id",
            column="party_id",
        )


def _ids_in(thing: Any) -> list[Any]:
    """List the ids of parties in objects."""
    if isinstance(thing, (list, tuple)):
        return [one for item in thing for one in _ids_in(item)]
    said = _fields(thing)
    found = [getattr(thing, name) for name in (*said.about, *said.others)]
    if isinstance(thing, Agreement):
        found += _ids_in(thing.roles)
    return [one for one in found if one is not None]


def _fields(thing: object) -> Fields:
    said = fields_of(thing)
    if said is None:
        raise InvalidInputError("every item must be an object of ours", code="not_ours")
    return said


def _of_objects(thing: Any, party: int | str) -> Erased:
    if isinstance(thing, (list, tuple)):
        return _of_list(thing, party)
    said = _fields(thing)
    others = [name for name in said.others if is_party_of(getattr(thing, name), party)]
    if any(is_party_of(getattr(thing, name), party) for name in said.about) or (
        isinstance(thing, Role)
        and others
        and thing.agreement_id is None
        and thing.scope is None
    ):
        return Erased(thing=None, removed=1)
    if isinstance(thing, Agreement):
        return _of_agreement(thing, party)
    left = evolve(thing, **dict.fromkeys(others)) if others else thing
    return Erased(thing=left, removed=0, blanked=len(others))


def _of_list(things: Any, party: int | str) -> Erased:
    parts = [_of_objects(one, party) for one in things]
    left = [part.thing for part in parts if part.thing is not None]
    return Erased(
        thing=left if isinstance(things, list) else tuple(left),
        removed=sum(part.removed for part in parts),
        blanked=sum(part.blanked for part in parts),
    )


def _of_agreement(agreement: Agreement, party: int | str) -> Erased:
    """Keep the agreement, and in it the roles of others."""
    left = [one for one in agreement.roles if not is_party_of(one.party_id, party)]
    towards = [is_party_of(one.towards, party) for one in left]
    roles = [
        evolve(one, towards=None) if blank else one
        for one, blank in zip(left, towards, strict=True)
    ]
    return Erased(
        thing=evolve(agreement, roles=roles),
        removed=len(agreement.roles) - len(left),
        blanked=sum(towards),
    )


def _of_graph(graph: Any, party: int | str) -> Erased:
    new = graph.copy()
    found = [node for node in new if is_party_of(node, party)]
    new.remove_nodes_from(found)
    return Erased(thing=new, removed=len(found))
