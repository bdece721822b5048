"""Agents: whether they pay, alone and with those who act for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    ById,
    align,
    array_field,
    check_each,
    check_same_kind,
    distinct,
    position_of,
    run_starts,
    union_of,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_numbers_by_id, to_frame
from customer_identification.models import RoleKind
from customer_identification.options import an_instance, number
from customer_identification.roles.book import RoleBook
from customer_identification.roles.ledger import RoleLedger
from customer_identification.roles.spells import order_of
from customer_identification.roles.values import sums_at


__all__ = ["AgentResults", "agent_results"]

Ints = NDArray[np.int64]
_LARGEST = 2**53  # what a float holds exactly, in minor units


@frozen(kw_only=True, repr=False)
class AgentResults(ById):
    """What every agent brought and cost, best profit first.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_agents,)
        All who sold, and all for whom they are stated to act, up to the last. Of equal
        profit, in the order of ids.
    clients, only_here : ndarray of int, shape (n_agents,)
        Customers who bought through them; and those who bought no other way.
    value : ndarray of int, shape (n_agents,)
        Of what went through them. [minor units]
    value_only_here : ndarray of int, shape (n_agents,)
        Of that, what came from those who bought no other way, and would be hard to
        reach without them. [minor units]
    cost, profit : ndarray of int, shape (n_agents,)
        Commission and what the host says besides; value less cost. [minor units]
    agreements : ndarray of int, shape (n_agents,)
        In which they act as agent on the day; 0 without a book of roles.
    team_value, team_profit : ndarray of int, shape (n_agents,)
        With those who act for them, and for these in turn. [minor units]
    direct_value, total_value : int
        Value without an agent, and of all. [minor units]
    minor_units : int
    """

    ids: NDArray[Any] = array_field()
    clients: Ints = array_field()
    only_here: Ints = array_field()
    value: Ints = array_field()
    value_only_here: Ints = array_field()
    cost: Ints = array_field()
    profit: Ints = array_field()
    agreements: Ints = array_field()
    team_value: Ints = array_field()
    team_profit: Ints = array_field()
    direct_value: int = field(repr=False)
    total_value: int = field(repr=False)
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"AgentResults({len(self):,} agents)"

    def __getitem__(self, agent_id: int | str) -> dict[str, float]:
        """Give the figures of one agent by name, money in major units.

        Raises
        ------
        UnknownCustomerError
            If no agent has that id.
        """
        order = np.argsort(self.ids, kind="stable")
        at = order[position_of(self.ids[order], agent_id)]
        return {name: values[at].item() for name, values in self._columns().items()}

    def _columns(self) -> dict[str, NDArray[Any]]:
        scale = 10**self.minor_units
        counts = {name: getattr(self, name) for name in _COUNTS}
        return counts | {name: getattr(self, name) / scale for name in _MONEY}

    def to_frame(self) -> Any:
        """Give one row an agent, best profit first, money in major units."""
        return to_frame({"agent_id": self.ids, **self._columns()}, self.kind)


_COUNTS = ("clients", "only_here", "agreements")
_MONEY = ("value", "value_only_here", "cost", "profit", "team_value", "team_profit")


def agent_results(
    ledger: RoleLedger,
    *,
    book: RoleBook | None = None,
    commission: float = 0.0,
    cost: Any = None,
) -> AgentResults:
    """Tell what every agent brought, cost and earned us, alone and with their team.

    Parameters
    ----------
    ledger : RoleLedger
        Every agent in it has a row.
    book : RoleBook, optional
        Whose agreements count as of the ledger's day, and whose statements, in no
        agreement, of an agent towards another agent, for whom they act: both are of a
        team, and have a row. A head who sells nothing is stated to be an agent too.
    commission : float
        Share of the value that goes to the agent, 0 to 1.
    cost : mapping of agent id to number, or pandas' Series, optional
        What an agent costs besides; 0 for those it does not name. [money]

    Returns
    -------
    results : AgentResults

    Raises
    ------
    InvalidInputError
        If a cost is no number from 0 up or of somebody who is no agent of the ledger, an
        agent acts for two others at once, or agents act for one another in a circle.

    Notes
    -----
    "5 More Customers To Identify In CRM" asks for the profitability of the agent, and
    for the agent's relationship with their customers.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import agent_results, role_ledger
    >>> sales = pd.DataFrame(
    ...     {
    ...         "customer_id": ["c1", "c1", "c2", "c3"],
    ...         "agent_id": ["ann", "bob", "ann", None],
    ...         "amount": [100.0, 50.0, 30.0, 20.0],
    ...     }
    ... )
    >>> ledger = role_ledger(sales, as_of="2011-05-31", columns={"date": None})
    >>> results = agent_results(ledger, commission=0.1, cost={"bob": 60})
    >>> results.to_frame()[["agent_id", "clients", "only_here", "value", "profit"]]
      agent_id  clients  only_here  value  profit
    0      ann        2          1  130.0   117.0
    1      bob        1          0   50.0   -15.0
    """
    an_instance("ledger", ledger, RoleLedger)
    an_instance("book", book, RoleBook, or_none=True)
    if book is not None:
        check_same_kind(ledger.ids, book.ids, "ids of ledger and book")
    share = number("commission", commission, 0, 1)
    now = None if book is None else book.at(ledger.as_of)
    owner, agent, value = _clients(ledger)
    ways = np.bincount(owner, minlength=ledger.ids.size)  # each way, directly too
    through = agent >= 0
    owner, agent, value = owner[through], agent[through], value[through]
    sellers = distinct(agent)
    named, acts, for_whom = _team(now, ledger.ids[sellers])
    ids, (own, team) = union_of([ledger.ids[sellers], named])
    n, at = ids.size, own[np.searchsorted(sellers, agent)]
    only = ways[owner] == 1
    found = {
        "clients": np.bincount(at, minlength=n),
        "only_here": np.bincount(at[only], minlength=n),
        "value": sums_at(at, value, n),
        "value_only_here": sums_at(at[only], value[only], n),
        "agreements": np.zeros(n, np.int64) if now is None else _agreements(now, ids),
    }
    found["cost"] = _costs(ids, cost, ledger.minor_units) + np.rint(
        share * found["value"]
    ).astype(np.int64)
    found["profit"] = found["value"] - found["cost"]
    principal = _principals(team[acts], team[for_whom], n)
    depth = _depth(principal)
    for name in ("value", "profit"):
        found[f"team_{name}"] = _rolled_up(found[name], principal, depth)
    order = np.argsort(-found["profit"], kind="stable")
    total = int(ledger.value.sum())
    return AgentResults(
        ids=ids[order],
        **{name: values[order] for name, values in found.items()},
        direct_value=total - int(found["value"].sum()),
        total_value=total,
        minor_units=ledger.minor_units,
        kind=ledger.kind,
    )


def _clients(ledger: RoleLedger) -> tuple[NDArray[Any], NDArray[Any], Ints]:
    """Add up the value by owner and agent."""
    order = order_of([ledger.owner, ledger.agent])
    owner, agent = ledger.owner[order], ledger.agent[order]
    starts = np.flatnonzero(run_starts(owner, agent))
    value = ledger.value[order]
    if starts.size:
        value = np.add.reduceat(value, starts)
    return owner[starts], agent[starts], value


def _costs(ids: NDArray[Any], cost: Any, minor_units: int) -> Ints:
    """Read what agents cost besides, in minor units."""
    costs = np.zeros(ids.size, dtype=np.int64)
    if cost is None:
        return costs
    named, given = read_numbers_by_id(cost, "cost")
    at, is_agent = align(named, ids)
    check_each("cost", is_agent, "be of agents of the ledger", code="unknown_party")
    minor = given * 10.0**minor_units
    is_right = (minor >= 0) & (minor <= _LARGEST)
    must = "be numbers from 0 to 2**53 minor units"
    check_each("cost", is_right, must, code="out_of_range")
    costs[at] = np.rint(minor).astype(np.int64)
    return costs


def _agreements(book: RoleBook, ids: NDArray[Any]) -> Ints:
    """Count the agreements in which each acts as agent."""
    spells = book.spells
    acts = (spells.kind == book.kind_at(RoleKind.AGENT)) & (spells.agreement >= 0)
    party, agreement = spells.party[acts], spells.agreement[acts]
    first = run_starts(party, agreement)
    counted = np.bincount(party[first], minlength=book.ids.size + 1)
    at, is_there = align(ids, book.ids)
    return np.where(is_there, counted[at], 0)


def _team(
    book: RoleBook | None, sellers: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.intp], NDArray[np.intp]]:
    """Give the agents of whom it is stated that one acts for another, by statement.

    Statements of what one does in an agreement, or for a customer, make no team.

    Returns
    -------
    ids : ndarray of int or object
        Of all of them, in order.
    acts, for_whom : ndarray of int
        Positions among these.
    """
    none = np.empty(0, dtype=np.intp)
    if book is None:
        return np.empty(0, dtype=np.int64), none, none
    spells = book.spells
    stated = np.array([rule.source == "statement" for rule in book.rules], np.bool_)
    rows = (spells.kind == book.kind_at(RoleKind.AGENT)) & stated[spells.rule]
    is_agent = np.append(book.holds(book.ids, RoleKind.AGENT), False)
    is_agent[:-1] |= align(book.ids, sellers)[1]
    rows &= (spells.agreement < 0) & is_agent[spells.towards]
    acts, for_whom = spells.party[rows], spells.towards[rows]
    named = distinct(np.concatenate([acts, for_whom]))
    return (
        book.ids[named],
        np.searchsorted(named, acts),
        np.searchsorted(named, for_whom),
    )


def _principals(acts: NDArray[Any], for_whom: NDArray[Any], n: int) -> Ints:
    """Give the position of the agent for whom each acts, -1 for none."""
    principal = np.full(n, -1, dtype=np.int64)
    principal[acts] = for_whom
    check_each(
        "agents",
        principal[acts] == for_whom,
        "act for at most one other agent at a time",
        code="several_principals",
    )
    return principal


def _depth(principal: Ints) -> Ints:
    """Count the agents above each.

    Raises
    ------
    InvalidInputError
        If agents act for one another in a circle.
    """
    above = np.append(principal, -1)
    for _ in range(int(principal.size).bit_length()):
        above = above[above]  # twice as far up as before
    if (above >= 0).any():
        in_circle = np.flatnonzero(above[:-1] >= 0)
        raise InvalidInputError(
            f"agents must not act for one another in a circle; {in_circle.size:,} of "
            f"{principal.size:,} do, or act for some who do",
            code="agent_cycle",
        )
    depth = np.zeros(principal.size, dtype=np.int64)
    at = principal
    while (at >= 0).any():
        depth += at >= 0
        at = np.append(principal, -1)[at]
    return depth


def _rolled_up(values: Ints, principal: Ints, depth: Ints) -> Ints:
    """Add to every agent what those below bring."""
    total = values.copy()
    for level in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero(depth == level)
        np.add.at(total, principal[rows], total[rows])
    return total
