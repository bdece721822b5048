"""Competitors: who of them is a customer too, and who of ours is exposed to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, array_field, distinct, run_starts
from customer_identification.frames import Labels, to_frame
from customer_identification.models import RoleKind
from customer_identification.options import an_instance
from customer_identification.roles.book import RoleBook
from customer_identification.roles.ledger import RoleLedger
from customer_identification.roles.spells import Spells, order_of


__all__ = [
    "CUSTOMER_ROLES",
    "EXPOSURES",
    "Exposure",
    "competing_customers",
    "exposed_customers",
]

# Who has something of ours.
CUSTOMER_ROLES = (RoleKind.OWNER, RoleKind.BILL_PAYER, RoleKind.BENEFICIARY)

# How a competitor comes close to a customer, the closest first; the order is our
# choice. Of one customer and one competitor the first that holds is told.
EXPOSURES = (
    "a competitor pays for them",
    "a competitor is their agent",
    "shares an agreement with a competitor",
    "buys in a scope where a competitor offers",
)
_PAYS, _ACTS, _SHARES, _OFFERS = range(len(EXPOSURES))
Rows = NDArray[np.intp]


def competing_customers(book: RoleBook, *, as_of: object = None) -> NDArray[Any]:
    """Give the ids of competitors who own, pay for or use something of ours.

    Parameters
    ----------
    book : RoleBook
    as_of : day, optional
        Both on that day; ever, if not given.

    Returns
    -------
    ids : ndarray of int or object
        In order. Their roles: :meth:`RoleBook.roles_of`.

    Notes
    -----
    "5 More Customers To Identify In CRM": you might be rendering your services to your
    competitors.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Role, assign_roles, competing_customers
    >>> day = dt.date(2011, 1, 1)
    >>> book = assign_roles(
    ...     statements=[
    ...         Role(party_id="rival", kind="competitor", since=day),
    ...         Role(party_id="rival", kind="owner", scope="lines", since=day),
    ...         Role(party_id="firm", kind="owner", scope="lines", since=day),
    ...     ]
    ... )
    >>> competing_customers(book).tolist()
    ['rival']
    """
    now = _now(book, as_of)
    rivals = now.parties(RoleKind.COMPETITOR)
    ours = np.zeros(rivals.size, dtype=np.bool_)
    for kind in CUSTOMER_ROLES:
        ours |= now.holds(rivals, kind)
    ids: NDArray[Any] = rivals[ours]
    return ids


def _now(book: RoleBook, as_of: object) -> RoleBook:
    an_instance("book", book, RoleBook)
    return book if as_of is None else book.at(as_of)


@frozen(kw_only=True, repr=False)
class Exposure:
    """Customers exposed to competitors, one entry for each two, and how.

    Attributes
    ----------
    customer_ids, competitor_ids : ndarray of int or object, shape (n_pairs,)
        In the order of customers, then competitors.
    ways : ndarray of int8, shape (n_pairs,)
        Positions in `EXPOSURES`.
    scope : ndarray of object, shape (n_pairs,)
        The first scope where the competitor offers, for that way; else None.
    value : ndarray of int or None, shape (n_pairs,)
        What the customer is worth as owner, where a ledger was given. [minor units]
    everywhere : ndarray of int or object
        Competitors named without a scope or agreement: all customers are exposed to
        them, and they make no pairs by scope.
    minor_units : int
    """

    customer_ids: NDArray[Any] = array_field()
    competitor_ids: NDArray[Any] = array_field()
    ways: NDArray[np.int8] = array_field()
    scope: NDArray[Any] = array_field()
    value: NDArray[np.int64] | None = array_field(default=None)
    everywhere: NDArray[Any] = array_field()
    minor_units: int = 2
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ways.size)

    def __repr__(self) -> str:
        n = int(np.count_nonzero(run_starts(self.customer_ids)))
        return f"Exposure({n:,} customers, {len(self):,} pairs)"

    def counts(self) -> dict[str, int]:
        """Give the number of pairs by way."""
        counted = np.bincount(self.ways, minlength=len(EXPOSURES))
        return dict(zip(EXPOSURES, counted.tolist(), strict=True))

    def to_frame(self) -> Any:
        """Give one row a pair: `customer_id`, `competitor_id`, `way`, `scope`, `value`."""
        columns: dict[str, Any] = {
            "customer_id": self.customer_ids,
            "competitor_id": self.competitor_ids,
            "way": Labels(codes=self.ways, words=EXPOSURES),
            "scope": self.scope,
        }
        if self.value is not None:
            columns["value"] = self.value / 10**self.minor_units
        return to_frame(columns, self.kind)


def exposed_customers(
    book: RoleBook, *, as_of: object = None, ledger: RoleLedger | None = None
) -> Exposure:
    """Tell which customers are exposed to which competitors, and how.

    Parameters
    ----------
    book : RoleBook
    as_of : day, optional
        On that day; ever, if not given.
    ledger : RoleLedger, optional
        To say what the customers are worth.

    Returns
    -------
    exposure : Exposure
        A competitor is not exposed to itself, but may be to another.

    Notes
    -----
    "5 More Customers To Identify In CRM": competitors may come up with products or
    services that drive customers away.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Role, assign_roles, exposed_customers
    >>> day = dt.date(2011, 1, 1)
    >>> book = assign_roles(
    ...     statements=[
    ...         Role(party_id="rival", kind="competitor", scope="lines", since=day),
    ...         Role(party_id="rival", kind="agent", agreement_id="a", since=day),
    ...         Role(party_id="firm", kind="owner", agreement_id="a", since=day),
    ...         Role(party_id="shop", kind="owner", scope="lines", since=day),
    ...     ]
    ... )
    >>> exposed_customers(book).to_frame()
      customer_id competitor_id                                        way  scope
    0        firm         rival                a competitor is their agent    NaN
    1        shop         rival  buys in a scope where a competitor offers  lines
    """
    now = _now(book, as_of)
    an_instance("ledger", ledger, RoleLedger, or_none=True)
    spells = now.spells
    competes = spells.kind == now.kind_at(RoleKind.COMPETITOR)
    is_rival = np.zeros(now.ids.size, dtype=np.bool_)
    is_rival[spells.party[competes]] = True
    ours = spells.only(
        np.isin(spells.kind, [now.kind_at(kind) for kind in CUSTOMER_ROLES])
    )
    theirs = spells.only(is_rival[spells.party] & (~competes | (spells.agreement >= 0)))
    offers = spells.only(competes & (spells.scope >= 0))
    customer, rival, way, scope = _closest(
        [
            *_by_agreement(now, ours, theirs),
            _by_scope(ours, offers),
            *_towards(now, theirs, ours),
        ]
    )
    names = np.append(np.array(now.scopes, dtype=object), [None])
    wide = distinct(
        spells.party[competes & (spells.scope < 0) & (spells.agreement < 0)]
    )
    found = Exposure(
        customer_ids=now.ids[customer],
        competitor_ids=now.ids[rival],
        ways=way.astype(np.int8),
        scope=names[scope],
        everywhere=now.ids[wide],
        kind=now.kind,
    )
    if ledger is None:
        return found
    at, is_there = align(now.ids, ledger.ids)
    worth = np.append(ledger.value_of(ledger.owner), 0)[np.where(is_there, at, -1)]
    return evolve(found, value=worth[customer], minor_units=ledger.minor_units)


Pairs = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


def _ways_of(book: RoleBook, kind: NDArray[Any], others: int) -> NDArray[np.int64]:
    """Give the way of each of a competitor's roles."""
    way = np.full(kind.size, others, dtype=np.int64)
    way[kind == book.kind_at(RoleKind.BILL_PAYER)] = _PAYS
    way[kind == book.kind_at(RoleKind.AGENT)] = _ACTS
    return way


def _by_agreement(book: RoleBook, ours: Spells, theirs: Spells) -> list[Pairs]:
    """Pair customers with competitors who stand in the same agreement."""
    left, right = _equal(ours.agreement, theirs.agreement)
    way = _ways_of(book, theirs.kind[right], _SHARES)
    return [(ours.party[left], theirs.party[right], way, np.full(left.size, -1))]


def _towards(book: RoleBook, theirs: Spells, ours: Spells) -> list[Pairs]:
    """Pair customers with competitors who pay or act for them outside agreements."""
    is_ours = np.zeros(book.ids.size + 1, dtype=np.bool_)
    is_ours[ours.party] = True
    way = _ways_of(book, theirs.kind, -1)
    close = is_ours[theirs.towards] & (theirs.towards >= 0) & (way >= 0)
    none = np.full(int(np.count_nonzero(close)), -1)
    return [(theirs.towards[close], theirs.party[close], way[close], none)]


def _by_scope(ours: Spells, offers: Spells) -> Pairs:
    """Pair customers with competitors who offer where they buy."""
    order = order_of([ours.scope, ours.party])
    first = order[run_starts(ours.scope[order], ours.party[order])]
    left, right = _equal(ours.scope[first], offers.scope)
    way = np.full(left.size, _OFFERS)
    return ours.party[first][left], offers.party[right], way, offers.scope[right]


def _equal(left: NDArray[Any], right: NDArray[Any]) -> tuple[Rows, Rows]:
    """Give all pairs of rows with the same number, but -1."""
    order = np.argsort(right, kind="stable")
    begin, end = (
        np.searchsorted(right[order], left, side=side) for side in ("left", "right")
    )
    n = np.where(left >= 0, end - begin, 0)
    rows = np.repeat(np.arange(left.size), n)
    within = np.arange(rows.size) - np.repeat(np.cumsum(n) - n, n)
    return rows, order[np.repeat(begin, n) + within]


def _closest(parts: Sequence[Pairs]) -> Pairs:
    """Keep of every customer and competitor the closest way, and its first scope."""
    customer, rival, way, scope = (
        np.concatenate(one) for one in zip(*parts, strict=True)
    )
    other = customer != rival
    customer, rival, way, scope = (one[other] for one in (customer, rival, way, scope))
    order = order_of([customer, rival, way, scope])
    order = order[run_starts(customer[order], rival[order])]
    return customer[order], rival[order], way[order], scope[order]
