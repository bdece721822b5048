"""Chains: the strongest paths by which parties influence one another, and groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heappop, heappush, nsmallest
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, array_field, position_of
from customer_identification.errors import InvalidInputError, UnknownCustomerError
from customer_identification.frames import to_frame
from customer_identification.influence.evidence import Evidence
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.parties import (
    PartyValues,
    Values,
    read_values,
)
from customer_identification.influence.ties import Ties
from customer_identification.models import RelationshipKind
from customer_identification.options import number, whole


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "CORPORATE_KINDS",
    "HOUSEHOLD_KINDS",
    "Chain",
    "Groups",
    "Link",
    "group_network",
    "groups_of",
    "influenced_by",
    "influencers_of",
    "strongest_paths",
]

# Who shares a home or a family budget: friends and payers may live apart. Our choice.
HOUSEHOLD_KINDS = (RelationshipKind.HOUSEHOLD, RelationshipKind.FAMILY)

# Who acts for a firm, and firms in the same hands: suppliers, customers and partners
# are other firms. Our choice.
CORPORATE_KINDS = (RelationshipKind.EMPLOYMENT, RelationshipKind.SHARED_INVESTOR)

_KINDS = tuple(RelationshipKind)
_WORDS = np.array([str(kind) for kind in _KINDS], dtype=object)
_NO_KIND = "unknown"  # of a tie without evidence

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


# --- the search ---------------------------------------------------------------------


@frozen(kw_only=True, repr=False)
class _Records:
    """Parties reached, each time more strongly than before, hop by hop.

    The first record is where the search began. `parent` is the record before, and
    `tie` the place of the tie between the two.
    """

    party: NDArray[np.int32] = array_field()
    strength: Floats = array_field()
    parent: Places = array_field()
    tie: NDArray[np.int64] = array_field()
    hop: NDArray[np.int32] = array_field()

    @classmethod
    def joined(cls, layers: Sequence[_Records]) -> _Records:
        """Put layers one behind the other."""
        names = ("party", "strength", "parent", "tie", "hop")
        return cls(
            **{n: np.concatenate([getattr(one, n) for one in layers]) for n in names}
        )

    def back_from(self, record: int) -> list[int]:
        """List the records from one back to the first, which is left out."""
        trace = []
        while record:
            trace.append(record)
            record = int(self.parent[record])
        return trace


@frozen(kw_only=True)
class _Search:
    """How weak and how far a search may go, and where it must not.

    Hop by hop, as Bellman 1958 (On a routing problem): the best path of at most h ties
    need not begin with the best path of any length, so Dijkstra's search would be wrong
    under a limit of hops. Strengths are multiplied from the start on, and rounding keeps
    their order, so that the strongest is exact to the last digit.

    A party is recorded again only when it is reached more strongly. Along a path
    strengths never grow, so no path comes back to a party, whatever the strengths.
    """

    ties: Ties
    floor: float
    max_hops: int
    target: int | None = None
    closed: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()

    def run(self, start: int, strength: float = 1.0) -> tuple[_Records, Places]:
        """Search from a party; give the records, and the place of each party's best."""
        best = np.zeros(self.ties.degree.size)
        best[[start, *self.closed]] = np.inf
        layer = _Records(
            party=np.array([start], np.int32),
            strength=np.array([strength]),
            parent=np.array([-1], np.intp),
            tie=np.array([-1], np.int64),
            hop=np.array([0], np.int32),
        )
        layers, first = [layer], 0
        for hop in range(1, self.max_hops + 1):
            size = layer.party.size
            layer = self._next(layer, best, hop, first)
            if not layer.party.size:
                break
            best[layer.party] = layer.strength
            layers.append(layer)
            first += size
        records = _Records.joined(layers)
        return records, np.flatnonzero(records.strength == best[records.party])

    def _next(self, layer: _Records, best: Floats, hop: int, first: int) -> _Records:
        """Take one hop; of equal ways to a party, that over the smallest position."""
        tie, own = self.ties.of(layer.party)
        party = self.ties.others[tie]
        strength = layer.strength[own] * self.ties.strength[tie]
        is_open = (strength >= self.floor) & (strength > best[party])
        if self.target is not None:  # what is weaker cannot get there more strongly
            is_open &= strength > best[self.target]
        if hop == 1 and self.barred:
            is_open &= ~np.isin(party, self.barred)
        at = np.flatnonzero(is_open)
        at = at[np.lexsort((-strength[at], party[at]))]
        is_first = np.ones(at.size, dtype=np.bool_)
        np.not_equal(party[at[1:]], party[at[:-1]], out=is_first[1:])
        at = at[is_first]
        return _Records(
            party=party[at],
            strength=strength[at],
            parent=first + own[at],
            tie=tie[at],
            hop=np.full(at.size, hop, np.int32),
        )


def _limits(
    network: InfluenceNetwork, min_strength: float, max_hops: int | None
) -> tuple[float, int]:
    floor = number("min_strength", min_strength, 0, 1)
    if floor == 0:
        raise InvalidInputError("min_strength must be above 0", code="bad_option")
    hops = len(network) if max_hops is None else whole("max_hops", max_hops, 1)
    return floor, hops


# --- one link, and the chain of a party ---------------------------------------------


@frozen(kw_only=True)
class Link:
    """The strongest path of influence between two parties.

    Attributes
    ----------
    party_id : int or str
        The other party; hidden from `repr`, as all ids are.
    strength : float
        Product of the strengths along the path.
    path : tuple of int or str
        From who influences to who is influenced, both included.
    strengths : tuple of float
        Of every tie of the path.
    kinds : tuple of tuple of str
        Kinds of every tie, each once, strongest first; empty without evidence.
    evidence : tuple of tuple of Evidence
        What the strength of every tie was fused from, strongest first.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 2], [2, 3], [0.5, 0.5])
    >>> print(influencers_of(network, 3)[1])
    influences with strength 0.25 over 2 ties: unknown, then unknown
    """

    party_id: Any = field(repr=False)
    strength: float
    path: tuple[Any, ...] = field(repr=False)
    strengths: tuple[float, ...]
    kinds: tuple[tuple[str, ...], ...]
    evidence: tuple[tuple[Evidence, ...], ...] = field(repr=False)

    @property
    def hops(self) -> int:
        """Number of ties along the path."""
        return len(self.strengths)

    def __str__(self) -> str:
        verb = "influences" if self.party_id == self.path[0] else "is influenced"
        over = "1 tie" if self.hops == 1 else f"{self.hops:,} ties"
        ways = ", then ".join("+".join(words) or _NO_KIND for words in self.kinds)
        return f"{verb} with strength {self.strength:.2g} over {over}: {ways}"


def _link_of(
    network: InfluenceNetwork,
    parties: Sequence[int],
    ties: Sequence[int],
    *,
    strength: float,
    is_influencer: bool,
) -> Link:
    """Make the link of a path of positions and ties, from who influences on."""
    path = tuple(network.ids[list(parties)].tolist())
    return Link(
        party_id=path[0] if is_influencer else path[-1],
        strength=strength,
        path=path,
        strengths=tuple(network.out.strength[list(ties)].tolist()),
        kinds=tuple(network.kinds_at(at) for at in ties),
        evidence=tuple(network.evidence_at(at) for at in ties),
    )


@frozen(kw_only=True, repr=False)
class Chain(Mapping[Any, Link]):
    """Who influences a party, or is influenced by it, as a mapping of ids to links.

    It goes from the strongest to the weakest; of equals those over fewer ties come
    first, then those of the smaller id. The party asked about is never in it. Links are
    made when they are asked for.

    Attributes
    ----------
    party_id : int or str
        Whose chain it is; hidden from `repr`.
    direction : {"influencers", "influenced"}
        Which side of the party it is.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges(
    ...     ["ann", "bob", "ann"], ["bob", "eve", "eve"], [0.5, 0.5, 0.125]
    ... )
    >>> chain = influencers_of(network, "eve")
    >>> chain
    Chain(2 influencers)
    >>> [(one, link.strength, link.path) for one, link in chain.items()]
    [('bob', 0.5, ('bob', 'eve')), ('ann', 0.25, ('ann', 'bob', 'eve'))]
    """

    party_id: Any
    direction: str
    _network: InfluenceNetwork
    _records: _Records
    _order: Places = array_field()

    @cached_property
    def _by_party(self) -> tuple[NDArray[np.int32], Places]:
        """The parties here in the order of positions, and the record of each."""
        party = self._records.party[self._order]
        order = np.argsort(party)
        return party[order], self._order[order]

    @cached_property
    def _out_ties(self) -> NDArray[np.int64]:
        """The tie of every record by its place in `out`; the first has none."""
        ties = self._records.tie.copy()
        if self._is_of_influencers:
            ties[1:] = self._network.into_out[ties[1:]]
        return ties

    def __len__(self) -> int:
        return int(self._order.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ids_of(self._order).tolist())

    def __getitem__(self, party_id: int | str) -> Link:
        position = self._network.position(party_id)
        parties, records = self._by_party
        at = int(np.searchsorted(parties, np.int32(position)))  # else it is copied
        if at == parties.size or parties[at] != position:
            raise UnknownCustomerError(
                f"that party is none of the {len(self):,} in this chain",
                code="unknown_customer",
            )
        return self._link(int(records[at]))

    def __repr__(self) -> str:
        return f"Chain({len(self):,} {self.direction})"

    def top(self, n: int) -> list[Link]:
        """List the links of the strongest.

        Raises
        ------
        InvalidInputError
            If `n` is not a whole number, at least 0.
        """
        most = whole("n", n, 0)
        return [self._link(record) for record in self._order[:most].tolist()]

    def to_frame(self) -> Any:
        """Give one row a party, strongest first.

        Returns
        -------
        frame : pandas.DataFrame
            `party_id`, `strength`, `hops`, `through` (who comes next to the party asked
            about, which may be the party of the row itself) and `kinds`: those of a tie
            joined by "+", and the ties of the path, from who influences on, by " > ".
        """
        records = self._records
        texts = self._kind_texts()
        through = records.party.copy()
        kinds = texts.copy()
        ends = np.searchsorted(records.hop, np.arange(2, records.hop[-1] + 2))
        for begin, end in pairwise(ends.tolist()):
            layer = slice(begin, end)
            before = records.parent[layer]
            through[layer] = through[before]
            pair = (texts[layer], kinds[before])
            first, then = pair if self._is_of_influencers else pair[::-1]
            kinds[layer] = first + " > " + then
        order = self._order
        return to_frame(
            {
                "party_id": self._ids_of(order),
                "strength": records.strength[order],
                "hops": records.hop[order],
                "through": self._network.ids[through[order]],
                "kinds": kinds[order],
            },
            "pandas",
        )

    @property
    def _is_of_influencers(self) -> bool:
        return self.direction == "influencers"

    def _ids_of(self, records: Places) -> NDArray[Any]:
        return self._network.ids[self._records.party[records]]

    def _link(self, record: int) -> Link:
        """Make the link of one record."""
        trace = self._records.back_from(record)
        if not self._is_of_influencers:
            trace.reverse()
        parties = self._records.party[trace].tolist()
        start = self._records.party[:1].tolist()
        return _link_of(
            self._network,
            parties + start if self._is_of_influencers else start + parties,
            self._out_ties[trace].tolist(),
            strength=float(self._records.strength[record]),
            is_influencer=self._is_of_influencers,
        )

    def _kind_texts(self) -> NDArray[Any]:
        """Give the kinds of every record's own tie as text, strongest first."""
        texts = np.full(self._records.tie.size, _NO_KIND, dtype=object)
        table = self._network.evidence_table
        if table is None:
            return texts
        lines_of = Ties(start=table.start, others=table.line, strength=table.chance)
        at, own = lines_of.of(self._out_ties[1:])
        kind = table.lines.kind[table.line[at]]
        _, first = np.unique(own * len(_KINDS) + kind, return_index=True)
        first.sort()
        own, words = own[first] + 1, _WORDS[kind[first]]
        rank = np.arange(own.size) - np.searchsorted(own, own)
        for place in range(len(_KINDS)):
            here = rank == place
            word = words[here]
            texts[own[here]] = texts[own[here]] + "+" + word if place else word
        return texts


def _chain_of(
    network: InfluenceNetwork, party_id: Any, direction: str, search: _Search
) -> Chain:
    start = network.position(party_id)
    records, best = search.run(start)
    keys = (records.party, records.hop, -records.strength)
    return Chain(
        party_id=network.ids.item(start),
        direction=direction,
        network=network,
        records=records,
        order=best[np.lexsort(tuple(key[best] for key in keys))],
    )


def influencers_of(
    network: InfluenceNetwork | nx.Graph[Any],
    party_id: int | str,
    *,
    min_strength: float = 0.01,
    max_hops: int | None = 6,
) -> Chain:
    """Tell who influences a party, each over the strongest path.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    party_id : int or str
    min_strength : float
        Paths whose strengths multiply to less do not count; above 0 and at most 1. 0.01
        is our choice.
    max_hops : int or None
        Longer paths do not count; None sets no limit. 6 is our choice. [ties]

    Returns
    -------
    chain : Chain
        Empty for a party whom nobody influences. Of equally strong paths it has one of
        the fewest ties, and of these the one over the smaller ids, next to the far end
        first.

    Raises
    ------
    UnknownCustomerError
        If nobody here has that id.
    InvalidInputError
        If an option is out of range, or the network cannot be read.

    References
    ----------
    Chen, Wang & Wang 2010, Scalable Influence Maximization for Prevalent Viral Marketing
    in Large-Scale Social Networks, section 3: the maximum influence paths into a node,
    with a threshold; the limit of hops is added here.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from(
    ...     [(1, 2, 0.5), (2, 3, 0.5), (1, 3, 0.125)], weight="strength"
    ... )
    >>> influencers_of(graph, 3)[1].path
    (1, 2, 3)
    >>> influencers_of(graph, 3, max_hops=1)[1].path
    (1, 3)
    """
    network = as_network(network)
    floor, hops = _limits(network, min_strength, max_hops)
    search = _Search(ties=network.into, floor=floor, max_hops=hops)
    return _chain_of(network, party_id, "influencers", search)


def influenced_by(
    network: InfluenceNetwork | nx.Graph[Any],
    party_id: int | str,
    *,
    min_strength: float = 0.01,
    max_hops: int | None = 6,
) -> Chain:
    """Tell whom a party influences, each over the strongest path.

    Parameters
    ----------
    network, party_id, min_strength, max_hops
        As for :func:`influencers_of`.

    Returns
    -------
    chain : Chain
        Empty for a party who influences nobody.

    Raises
    ------
    UnknownCustomerError
        If nobody here has that id.
    InvalidInputError
        If an option is out of range, or the network cannot be read.

    References
    ----------
    Chen, Wang & Wang 2010, section 3: the maximum influence paths out of a node.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 1, 2], [2, 3, 4], [0.5, 0.25, 0.125])
    >>> influenced_by(network, 1).to_frame()[["party_id", "strength", "through"]]
       party_id  strength  through
    0         2    0.5000        2
    1         3    0.2500        3
    2         4    0.0625        2
    """
    network = as_network(network)
    floor, hops = _limits(network, min_strength, max_hops)
    search = _Search(ties=network.out, floor=floor, max_hops=hops)
    return _chain_of(network, party_id, "influenced", search)


# --- several paths between two parties ----------------------------------------------


@frozen
class _Route:
    """A path, its running product, and where it left the path it was found from."""

    path: tuple[int, ...]
    products: tuple[float, ...] = (1.0,)
    ties: tuple[int, ...] = ()
    fork: int = 0
    barred: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[float, int, tuple[int, ...]]:
        """What comes first: strong, short, smaller positions from the target on."""
        return -self.products[-1], len(self.path), self.path[::-1]

    def extended(
        self, at: int, barred: frozenset[int], search: _Search
    ) -> list[_Route]:
        """Go on from the party at a place of this path; a list of one, or of none."""
        records, best = search.run(self.path[at], self.products[at])
        arrived = best[records.party[best] == search.target]
        if not arrived.size:
            return []
        trace = records.back_from(int(arrived[0]))[::-1]
        path = (*self.path[: at + 1], *records.party[trace].tolist())
        products = (*self.products[: at + 1], *records.strength[trace].tolist())
        ties = (*self.ties[:at], *records.tie[trace].tolist())
        return [_Route(path, products, ties, at, barred)]


def strongest_paths(
    network: InfluenceNetwork | nx.Graph[Any],
    source_id: int | str,
    target_id: int | str,
    k: int = 1,
    *,
    min_strength: float = 0.01,
    max_hops: int | None = 6,
) -> tuple[Link, ...]:
    """List the k strongest paths by which one party influences another.

    No party comes twice in a path. About k times as many searches as a path has ties
    are made, however many paths there are.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    source_id, target_id : int or str
        Who influences, and who is influenced.
    k : int
        How many at most, above 0.
    min_strength, max_hops
        As for :func:`influencers_of`; of each whole path.

    Returns
    -------
    links : tuple of Link
        Strongest first, of equals those of fewer ties; empty where no path is strong and
        short enough. `party_id` of each is the target.

    Raises
    ------
    UnknownCustomerError
        If nobody here has one of the ids.
    InvalidInputError
        If source and target are the same, an option is out of range, or the network
        cannot be read.

    References
    ----------
    Yen 1971, Finding the k shortest loopless paths in a network, Management Science 17,
    with the step of Lawler 1972, Management Science 18, that finds no path twice.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 2, 1], [2, 3, 3], [0.5, 0.5, 0.125])
    >>> [(link.path, link.strength) for link in strongest_paths(network, 1, 3, k=5)]
    [((1, 2, 3), 0.25), ((1, 3), 0.125)]
    """
    network = as_network(network)
    source, target = network.position(source_id), network.position(target_id)
    if source == target:
        raise InvalidInputError(
            "source and target must be two parties", code="same_party"
        )
    floor, hops = _limits(network, min_strength, max_hops)
    search = _Search(ties=network.out, floor=floor, max_hops=hops, target=target)
    return tuple(
        _link_of(
            network,
            route.path,
            route.ties,
            strength=route.products[-1],
            is_influencer=False,
        )
        for route in _routes(source, search, whole("k", k, 1))
    )


def _routes(source: int, search: _Search, k: int) -> list[_Route]:
    """Take the best route again and again, and search what is left of its way."""
    found: list[_Route] = []
    waiting = [
        (route.rank, route)
        for route in _Route((source,)).extended(0, frozenset(), search)
    ]
    while waiting:
        _, route = heappop(waiting)
        found.append(route)
        wanted = k - len(found)
        if not wanted:
            break
        for at in range(route.fork, len(route.path) - 1):
            barred = route.barred if at == route.fork else frozenset[int]()
            barred |= {route.path[at + 1]}
            detour = evolve(
                search,
                floor=_floor(waiting, wanted, search.floor),
                max_hops=search.max_hops - at,
                closed=route.path[:at],
                barred=tuple(barred),
            )
            for new in route.extended(at, barred, detour):
                heappush(waiting, (new.rank, new))
    return found


def _floor(waiting: list[tuple[Any, _Route]], wanted: int, floor: float) -> float:
    """Give the strength below which a new route would never have its turn."""
    if len(waiting) < wanted:
        return floor
    return nsmallest(wanted, waiting)[-1][1].products[-1]


# --- groups -------------------------------------------------------------------------


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
        return to_frame(columns, "pandas")

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
        return PartyValues(ids=known.ids[is_head], value=sums[is_head])


def groups_of(
    network: InfluenceNetwork | nx.Graph[Any],
    kinds: Iterable[RelationshipKind | str] = HOUSEHOLD_KINDS,
) -> Groups:
    """Find who belongs together: all whom ties of some kinds join, either way.

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
    >>> from customer_identification.influence.network import influence_network
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
    bits = sum(1 << _KINDS.index(kind) for kind in _kinds(kinds))
    joins = np.flatnonzero(table.kinds_of_ties() & bits)
    group = _components(len(network), network.out.own[joins], network.out.others[joins])
    return Groups(ids=network.ids, group=group)


def _kinds(kinds: Any) -> set[RelationshipKind]:
    is_one = isinstance(kinds, str) or not isinstance(kinds, Iterable)
    return {RelationshipKind(kind) for kind in ((kinds,) if is_one else kinds)}


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
