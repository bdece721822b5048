"""The chain of a party: who influences it, and whom it influences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import UnknownCustomerError
from customer_identification.frames import to_frame
from customer_identification.influence.evidence import KINDS
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.paths import (
    NO_KIND,
    Link,
    Places,
    Records,
    Search,
    limits,
    link_of,
)
from customer_identification.influence.ties import Ties
from customer_identification.options import whole


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["Chain", "influenced_by", "influencers_of"]

_WORDS = np.array([str(kind) for kind in KINDS], dtype=object)


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
    _records: Records
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
        frame : of the host's kind
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
            self._network.kind,
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
        return link_of(
            self._network,
            parties + start if self._is_of_influencers else start + parties,
            self._out_ties[trace].tolist(),
            strength=float(self._records.strength[record]),
            is_influencer=self._is_of_influencers,
        )

    def _kind_texts(self) -> NDArray[Any]:
        """Give the kinds of every record's own tie as text, strongest first."""
        texts = np.full(self._records.tie.size, NO_KIND, dtype=object)
        table = self._network.evidence_table
        if table is None:
            return texts
        lines_of = Ties(start=table.start, others=table.line, strength=table.chance)
        at, own = lines_of.of(self._out_ties[1:])
        kind = table.lines.kind[table.line[at]]
        _, first = np.unique(own * len(KINDS) + kind, return_index=True)
        first.sort()
        own, words = own[first] + 1, _WORDS[kind[first]]
        rank = np.arange(own.size) - np.searchsorted(own, own)
        for place in range(len(KINDS)):
            here = rank == place
            word = words[here]
            texts[own[here]] = texts[own[here]] + "+" + word if place else word
        return texts


def _chain_of(
    network: InfluenceNetwork, party_id: Any, direction: str, search: Search
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
    floor, hops = limits(network, min_strength, max_hops)
    search = Search(ties=network.into, floor=floor, max_hops=hops)
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
    floor, hops = limits(network, min_strength, max_hops)
    search = Search(ties=network.out, floor=floor, max_hops=hops)
    return _chain_of(network, party_id, "influenced", search)
