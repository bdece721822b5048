"""Strongest paths between parties: searched hop by hop, within limits."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, nsmallest
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, run_starts
from customer_identification.errors import InvalidInputError
from customer_identification.influence.evidence import Evidence
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.ties import Ties
from customer_identification.options import number, whole


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "NO_KIND",
    "Link",
    "Places",
    "Records",
    "Search",
    "limits",
    "link_of",
    "strongest_paths",
]

NO_KIND = "unknown"  # of a tie without evidence

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


# --- the search ---------------------------------------------------------------------


@frozen(kw_only=True, repr=False)
class Records:
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
    def joined(cls, layers: Sequence[Records]) -> Records:
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
class Search:
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

    def run(self, start: int, strength: float = 1.0) -> tuple[Records, Places]:
        """Search from a party; give the records, and the place of each party's best."""
        best = np.zeros(self.ties.degree.size)
        best[[start, *self.closed]] = np.inf
        layer = Records(
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
        records = Records.joined(layers)
        return records, np.flatnonzero(records.strength == best[records.party])

    def _next(self, layer: Records, best: Floats, hop: int, first: int) -> Records:
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
        at = at[run_starts(party[at])]
        return Records(
            party=party[at],
            strength=strength[at],
            parent=first + own[at],
            tie=tie[at],
            hop=np.full(at.size, hop, np.int32),
        )


def limits(
    network: InfluenceNetwork, min_strength: float, max_hops: int | None
) -> tuple[float, int]:
    """Check how weak and how long a path may be.

    Raises
    ------
    InvalidInputError
        If `min_strength` does not lie above 0 and up to 1, or `max_hops` below 1.
    """
    floor = number("min_strength", min_strength, 0, 1)
    if floor == 0:
        raise InvalidInputError("min_strength must be above 0", code="bad_option")
    hops = len(network) if max_hops is None else whole("max_hops", max_hops, 1)
    return floor, hops


# --- one link -----------------------------------------------------------------------


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
    >>> print(strongest_paths(network, 1, 3)[0])
    is influenced with strength 0.25 over 2 ties: unknown, then unknown
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
        ways = ", then ".join("+".join(words) or NO_KIND for words in self.kinds)
        return f"{verb} with strength {self.strength:.2g} over {over}: {ways}"


def link_of(
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

    def extended(self, at: int, barred: frozenset[int], search: Search) -> list[_Route]:
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
    floor, hops = limits(network, min_strength, max_hops)
    search = Search(ties=network.out, floor=floor, max_hops=hops, target=target)
    return tuple(
        link_of(
            network,
            route.path,
            route.ties,
            strength=route.products[-1],
            is_influencer=False,
        )
        for route in _routes(source, search, whole("k", k, 1))
    )


def _routes(source: int, search: Search, k: int) -> list[_Route]:
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
