"""Groups: parties that belong together, such as households and corporate families."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, array_field, position_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.influence.evidence import KINDS, kinds_of
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.parties import (
    PartyValues,
    Values,
    read_values,
)
from customer_identification.influence.ties import Ties
from customer_identification.models import RelationshipKind


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "CORPORATE_KINDS",
    "HOUSEHOLD_KINDS",
    "Groups",
    "group_network",
    "groups_of",
]

# Who shares a home or a family budget: friends and payers may live apart. Our choice.
HOUSEHOLD_KINDS = (RelationshipKind.HOUSEHOLD, RelationshipKind.FAMILY)

# Who acts for a firm, and firms in the same hands: suppliers, customers and partners
# are other firms. Our choice.
CORPORATE_KINDS = (RelationshipKind.EMPLOYMENT, RelationshipKind.SHARED_INVESTOR)


@frozen(kw_only=True, repr=False)
class Groups:
    """Parties that belong together; who is tied to nobody is a group alone.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct.
    group : ndarray of int32, shape (n_parties,)
        Position of the group of each party; groups are in the order of their smallest
        members, whose ids are their own.
    kind : str
        Of frames made of it.

    Raises
    ------
    InvalidInputError
        If groups are numbered in another way.

    Examples
    --------
    >>> homes = Groups(ids=np.array([1, 2, 5]), group=np.array([0, 1, 0], np.int32))
    >>> homes
    Groups(3 parties, 2 groups)
    >>> homes.group_of(5), homes.members(1)
    (1, (1, 5))
    """

    ids: NDArray[Any] = array_field()
    group: NDArray[np.int32] = array_field()
    kind: str = field(default="pandas", eq=False)

    def __attrs_post_init__(self) -> None:
        highest = np.maximum.accumulate(self.group)
        steps = np.diff(highest, prepend=-1)
        is_one_each = self.group.shape == self.ids.shape
        if not is_one_each or (steps > 1).any() or (self.group < 0).any():
            raise InvalidInputError(
                "every party must have a group, and groups must be numbered from 0 in "
                "the order of their smallest members",
                code="bad_groups",
            )

    def __len__(self) -> int:
        return int(self.group.max(initial=-1)) + 1

    def __repr__(self) -> str:
        return f"Groups({self.ids.size:,} parties, {len(self):,} groups)"

    @cached_property
    def _heads(self) -> NDArray[np.int64]:
        """Position of the smallest member of every group."""
        return _first_of(self.group, len(self))

    @property
    def group_ids(self) -> NDArray[Any]:
        """The id of every group, sorted: that of its smallest member."""
        return self.ids[self._heads]

    def group_of(self, party_id: int | str) -> Any:
        """Give the id of the group of a party.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return self.ids.item(self._heads[self.group[position_of(self.ids, party_id)]])

    def members(self, party_id: int | str) -> tuple[Any, ...]:
        """Give the ids of all in the group of a party, itself included.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        own = self.group[position_of(self.ids, party_id)]
        return tuple(self.ids[self.group == own].tolist())

    def sizes(self) -> NDArray[np.int64]:
        """Count the members of every group, in the order of `group_ids`."""
        return np.bincount(self.group, minlength=len(self))

    def to_frame(self) -> Any:
        """Give one row a party: `party_id`, `group_id` and `size` of the group."""
        columns = {
            "party_id": self.ids,
            "group_id": self.group_ids[self.group],
            "size": self.sizes()[self.group],
        }
        return to_frame(columns, self.kind)

    def add_up(self, values: Values, *, default: float | None = None) -> PartyValues:
        """Add up a number of parties by group.

        Parameters
        ----------
        values : Summary, mapping of id to number, or array in the order of `ids`
            Parties that only `values` names are groups alone.
        default : float, optional
            Of parties that `values` does not name; without it they are an error.

        Returns
        -------
        values : PartyValues
            By the ids of groups.

        Raises
        ------
        InvalidInputError
            If a party has no number, or one that is not finite.

        Examples
        --------
        >>> homes = Groups(ids=np.array([1, 2, 5]), group=np.array([0, 1, 0], np.int32))
        >>> dict(homes.add_up({1: 10, 2: 20, 5: 30}))
        {1: 40.0, 2: 20.0}
        """
        known, value = read_values(_without_ties(self.ids), values, default=default)
        at, _ = align(self.ids, known.ids)
        heads = np.arange(len(known))
        heads[at] = at[self._heads[self.group]]
        is_head = heads == np.arange(len(known))
        sums = np.bincount(heads, weights=value, minlength=len(known))
        return PartyValues(ids=known.ids[is_head], value=sums[is_head], kind=known.kind)


def groups_of(
    network: InfluenceNetwork | nx.Graph[Any],
    kinds: Iterable[RelationshipKind | str] = HOUSEHOLD_KINDS,
) -> Groups:
    """Find who belongs together: all whom ties of some kinds join, either way.

    However long the way: one investor in many firms makes one family of all of them.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
        With evidence.
    kinds : iterable of RelationshipKind, or one
        Of which a tie needs evidence of at least one; `HOUSEHOLD_KINDS` or
        `CORPORATE_KINDS`, for example.

    Returns
    -------
    groups : Groups

    Raises
    ------
    InvalidInputError
        If the network has no evidence, or `kinds` are none of ours.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Relationship
    >>> from customer_identification import influence_network
    >>> ties = [
    ...     Relationship(
    ...         source_id=one,
    ...         target_id=other,
    ...         kind=kind,
    ...         date=date(2011, 5, 1),
    ...         source="form",
    ...     )
    ...     for one, other, kind in [(2, 1, "family"), (2, 3, "friend")]
    ... ]
    >>> groups_of(influence_network(ties, as_of="2011-12-01")).members(1)
    (1, 2)
    """
    network = as_network(network)
    table = network.evidence_table
    if table is None:
        raise InvalidInputError(
            "groups go by the kinds of ties, so the network must have evidence",
            code="no_evidence",
        )
    bits = sum(1 << KINDS.index(kind) for kind in kinds_of(kinds))
    joins = np.flatnonzero(table.kinds_of_ties() & bits)
    group = _components(len(network), network.out.own[joins], network.out.others[joins])
    return Groups(ids=network.ids, group=group, kind=network.kind)


def _components(
    n: int, one: NDArray[np.int32], other: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Give the component of every party, in the order of their smallest members."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not n:
        return np.empty(0, np.int32)
    pairs = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(n, n))
    count, labels = connected_components(pairs, directed=False)
    rank = np.empty(count, np.int32)
    rank[np.argsort(_first_of(labels, count))] = np.arange(count)
    return rank[labels]


def _first_of(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Give the first place of every label."""
    first = np.empty(count, np.int64)
    first[labels[::-1]] = np.arange(labels.size)[::-1]  # the last one written stays
    return first


def _without_ties(ids: NDArray[Any]) -> InfluenceNetwork:
    ties = Ties(
        start=np.zeros(ids.size + 1, np.int64),
        others=np.empty(0, np.int32),
        strength=np.empty(0),
    )
    return InfluenceNetwork(ids=ids, out=ties)


def group_network(
    network: InfluenceNetwork | nx.Graph[Any], groups: Groups
) -> InfluenceNetwork:
    """Make one party of every group, named by its smallest member.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    groups : Groups
        Of the parties of this network.

    Returns
    -------
    network : InfluenceNetwork
        One group influences another with the chance that at least one tie between their
        members carries over (noisy-or). Ties within a group are left out and counted in
        `self_ties`; evidence is left behind.

    Raises
    ------
    InvalidInputError
        If the groups are of other parties.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 2, 1], [3, 3, 2], [0.5, 0.5, 0.9])
    >>> homes = Groups(ids=network.ids, group=np.array([0, 0, 1], np.int32))
    >>> group_network(network, homes).strength(1, 3)
    0.75
    """
    network = as_network(network)
    if not np.array_equal(network.ids, groups.ids):
        raise InvalidInputError(
            "groups must be of the parties of this network", code="other_parties"
        )
    of_positions = InfluenceNetwork.from_edges(
        groups.group[network.out.own],
        groups.group[network.out.others],
        network.out.strength,
        parties=np.arange(len(groups)),
    )
    return evolve(of_positions, ids=groups.group_ids)
