"""One party's book: the clients of an agent, and those whom a bill payer pays for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    align,
    array_field,
    position_of,
    run_starts,
)
from customer_identification.frames import to_frame
from customer_identification.models import RoleKind
from customer_identification.options import an_instance
from customer_identification.roles.book import RoleBook
from customer_identification.roles.ledger import RoleLedger
from customer_identification.roles.payers import (
    paid_for_others,
    satisfaction_of,
    users_of,
)


__all__ = ["AgentBook", "PayerBook", "agent_book", "payer_book"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@frozen(kw_only=True, repr=False)
class AgentBook:
    """The clients of one agent, most value through the agent first.

    Attributes
    ----------
    agent_id : int or str
        Hidden from `repr`.
    ids : ndarray of int or object, shape (n_clients,)
        Of equal value, in the order of ids.
    value : ndarray of int, shape (n_clients,)
        What each brought through this agent. [minor units]
    client_value : ndarray of int, shape (n_clients,)
        What each brought altogether. [minor units]
    rows : ndarray of int, shape (n_clients,)
        Transactions through this agent.
    first, last : ndarray of datetime64[D], shape (n_clients,)
        Days of the first and last of these; NaT where there are no dates.
    agreements : ndarray of int, shape (n_clients,)
        Of the client on the day, in which this agent acts; 0 without a book of roles.
    minor_units : int
    """

    agent_id: int | str = field(repr=False)
    ids: NDArray[Any] = array_field()
    value: Ints = array_field()
    client_value: Ints = array_field()
    rows: Ints = array_field()
    first: NDArray[np.datetime64] = array_field()
    last: NDArray[np.datetime64] = array_field()
    agreements: Ints = array_field()
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"AgentBook({len(self):,} clients)"

    @property
    def share(self) -> NDArray[np.float64]:
        """Share of each client's value that went through the agent; nan without any."""
        share = np.full(len(self), np.nan)
        positive = self.client_value > 0
        np.divide(self.value, self.client_value, out=share, where=positive)
        return share

    def to_frame(self) -> Any:
        """Give one row a client, in the order of the book, money in major units."""
        scale = 10**self.minor_units
        columns: dict[str, NDArray[Any]] = {
            "customer_id": self.ids,
            "value": self.value / scale,
            "client_value": self.client_value / scale,
            "share": self.share,
            "rows": self.rows,
            "first": self.first,
            "last": self.last,
            "agreements": self.agreements,
        }
        return to_frame(columns, self.kind)


def agent_book(
    ledger: RoleLedger, agent_id: int | str, *, book: RoleBook | None = None
) -> AgentBook:
    """Give an agent's book of clients: who buys through them, how much, since when.

    Parameters
    ----------
    ledger : RoleLedger
    agent_id : int or str
    book : RoleBook, optional
        Whose agreements are counted as of the ledger's day.

    Returns
    -------
    clients : AgentBook
        Empty for a party who is no agent.

    Raises
    ------
    UnknownCustomerError
        If nobody in the ledger has that id.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import agent_book, role_ledger
    >>> sales = pd.DataFrame(
    ...     {
    ...         "customer_id": ["c1", "c1", "c2"],
    ...         "agent_id": ["ann", None, "ann"],
    ...         "amount": [100.0, 300.0, 30.0],
    ...     }
    ... )
    >>> ledger = role_ledger(sales, as_of="2011-05-31", columns={"date": None})
    >>> clients = agent_book(ledger, "ann")
    >>> clients.ids.tolist(), clients.share.tolist()
    (['c1', 'c2'], [0.25, 1.0])
    """
    an_instance("ledger", ledger, RoleLedger)
    an_instance("book", book, RoleBook, or_none=True)
    at = position_of(ledger.ids, agent_id)
    rows = np.flatnonzero(ledger.agent == at)
    owner = ledger.owner[rows]  # in order, as the entries are
    starts = np.flatnonzero(run_starts(owner))

    def by_client(how: np.ufunc, name: str) -> NDArray[Any]:
        values = getattr(ledger, name)[rows]
        return how.reduceat(values, starts) if starts.size else values

    value = by_client(np.add, "value")
    clients = owner[starts]
    order = np.argsort(-value, kind="stable")
    ids = ledger.ids[clients]
    agreements = np.zeros(ids.size, dtype=np.int64)
    if book is not None:
        agreements = _shared(book.at(ledger.as_of), ledger.ids[at : at + 1], ids)
    first, last = (
        by_client(how, name).astype("datetime64[D]")
        if ledger.dated
        else np.full(starts.size, np.datetime64("NaT", "D"))
        for how, name in ((np.minimum, "first"), (np.maximum, "last"))
    )
    return AgentBook(
        agent_id=agent_id,
        ids=ids[order],
        value=value[order],
        client_value=ledger.value_of(ledger.owner)[clients][order],
        rows=by_client(np.add, "rows")[order],
        first=first[order],
        last=last[order],
        agreements=agreements[order],
        minor_units=ledger.minor_units,
        kind=ledger.kind,
    )


def _shared(book: RoleBook, own_id: NDArray[Any], ids: NDArray[Any]) -> Ints:
    """Count the agreements that each of some parties owns and the agent acts in."""
    spells = book.spells
    own, is_here = align(own_id, book.ids)
    acts = (spells.kind == book.kind_at(RoleKind.AGENT)) & (spells.party == own[0])
    theirs = np.zeros(book.agreement_ids.size + 1, dtype=np.bool_)
    if is_here[0]:
        theirs[spells.agreement[acts]] = True
    theirs[-1] = False
    owns = spells.kind == book.kind_at(RoleKind.OWNER)
    owned = owns & theirs[spells.agreement]
    party, agreement = spells.party[owned], spells.agreement[owned]
    first = run_starts(party, agreement)
    counted = np.bincount(party[first], minlength=book.ids.size + 1)
    at, is_there = align(ids, book.ids)
    return np.where(is_there, counted[at], 0)


@frozen(kw_only=True, repr=False)
class PayerBook:
    """Whom one bill payer pays for, most first.

    Attributes
    ----------
    payer_id : int or str
        Hidden from `repr`.
    ids : ndarray of int or object, shape (n_beneficiaries,)
        Of equal value, in the order of ids.
    paid : ndarray of int, shape (n_beneficiaries,)
        What the payer pays for each. [minor units]
    beside : ndarray of int, shape (n_beneficiaries,)
        What each uses besides, paid by themselves or others. [minor units]
    satisfaction : ndarray of float, shape (n_beneficiaries,)
        0 to 1; nan where it is not known.
    minor_units : int
    """

    payer_id: int | str = field(repr=False)
    ids: NDArray[Any] = array_field()
    paid: Ints = array_field()
    beside: Ints = array_field()
    satisfaction: Floats = array_field()
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"PayerBook({len(self):,} beneficiaries)"

    def to_frame(self) -> Any:
        """Give one row a beneficiary, in the order of the book, money in major units."""
        scale = 10**self.minor_units
        columns: dict[str, NDArray[Any]] = {
            "beneficiary_id": self.ids,
            "paid": self.paid / scale,
            "beside": self.beside / scale,
            "satisfaction": self.satisfaction,
        }
        return to_frame(columns, self.kind)


def payer_book(
    ledger: RoleLedger,
    payer_id: int | str,
    *,
    satisfaction: object = None,
    columns: Mapping[str, str | None] | None = None,
) -> PayerBook:
    """Give those whom a bill payer pays for, how much, and how content they are.

    Parameters
    ----------
    ledger : RoleLedger
    payer_id : int or str
    satisfaction, columns
        As for :func:`payer_results`.

    Returns
    -------
    book : PayerBook
        Empty for a party who pays for nobody else.

    Raises
    ------
    UnknownCustomerError
        If nobody in the ledger has that id.
    InvalidInputError
        If a satisfaction is no number from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import payer_book, role_ledger
    >>> phones = pd.DataFrame(
    ...     {
    ...         "customer_id": ["boss", "boss", "ann"],
    ...         "beneficiary_id": ["ann", "bob", None],
    ...         "amount": [10.0, 30.0, 5.0],
    ...     }
    ... )
    >>> ledger = role_ledger(phones, as_of="2011-05-31", columns={"date": None})
    >>> payer_book(ledger, "boss", satisfaction={"ann": 0.9}).to_frame()
      beneficiary_id  paid  beside  satisfaction
    0            bob  30.0     0.0           NaN
    1            ann  10.0     5.0           0.9
    """
    an_instance("ledger", ledger, RoleLedger)
    at = position_of(ledger.ids, payer_id)
    payer, used_by, paid = paid_for_others(ledger)
    rows = np.flatnonzero(payer == at)
    rows = rows[np.argsort(-paid[rows], kind="stable")]
    users, paid = used_by[rows], paid[rows]
    return PayerBook(
        payer_id=payer_id,
        ids=ledger.ids[users],
        paid=paid,
        beside=ledger.value_of(users_of(ledger))[users] - paid,
        satisfaction=satisfaction_of(satisfaction, columns, ledger)[users],
        minor_units=ledger.minor_units,
        kind=ledger.kind,
    )
