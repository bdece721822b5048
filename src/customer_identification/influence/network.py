"""Parties and the ties between them as frozen arrays, and as networkx graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from customer_identification.arrays import (
    array_field,
    check_same_kind,
    frozen_array,
    position_of,
    run_starts,
    union,
)
from customer_identification.errors import InvalidInputError, UnknownCustomerError
from customer_identification.frames import (
    Ids,
    Labels,
    read_column,
    read_ids,
    read_new_ids,
    read_numbers,
    to_frame,
)
from customer_identification.influence.evidence import (
    KINDS,
    Evidence,
    EvidenceReport,
    EvidenceTable,
    Fusion,
    Lines,
    any_of,
    check_share,
    fuse,
)
from customer_identification.influence.relationships import read_lines
from customer_identification.influence.ties import Ties, ties_of
from customer_identification.options import number


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["InfluenceNetwork", "as_network", "network_of_lines"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@frozen(kw_only=True, repr=False)
class InfluenceNetwork:
    """Who influences whom, and how strongly: one strength for each directed pair.

    Every function of this room takes one of these or a networkx graph; a graph is
    converted at each call, so convert it once where there are many calls.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct; int64, or text. Positions below speak of them.
    out : Ties
        From those who influence to those whom they influence.
    evidence_table : EvidenceTable or None
        What the strengths were fused from, tie by tie.
    self_ties : int
        Ties of a party to itself that were left out: they change nobody else.
    kind : str
        Of the frames made of results: as the relationships, or a summary, came.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges(
    ...     ["ann", "ann"], ["bob", "eve"], [0.5, 0.25]
    ... )
    >>> network
    InfluenceNetwork(3 parties, 2 ties)
    >>> network.strength("ann", "bob")
    0.5
    """

    ids: NDArray[Any] = array_field()
    out: Ties
    evidence_table: EvidenceTable | None = None
    self_ties: int = field(default=0, eq=False)
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"InfluenceNetwork({len(self):,} parties, {self.n_ties:,} ties)"

    @property
    def n_ties(self) -> int:
        """Number of directed pairs with a strength."""
        return int(self.out.others.size)

    @cached_property
    def _reversed(self) -> tuple[Ties, NDArray[np.int32]]:
        from scipy.sparse import csr_array

        n = len(self)
        places = np.arange(self.n_ties, dtype=np.int32)
        rows = csr_array(
            (places, self.out.others, self.out.start), shape=(n, n)
        ).tocsc()
        ties = Ties(
            start=rows.indptr.astype(np.int64),
            others=rows.indices.astype(np.int32, copy=False),
            strength=self.out.strength[rows.data],
        )
        return ties, frozen_array(rows.data)

    @property
    def into(self) -> Ties:
        """From those who are influenced to those who influence them."""
        return self._reversed[0]

    @property
    def into_out(self) -> NDArray[np.int32]:
        """For every tie of `into`, its place in `out`."""
        return self._reversed[1]

    @cached_property
    def share_before(self) -> Floats:
        """For every tie of `out`, the strengths into its target that come before it.

        Raises
        ------
        InvalidInputError
            If the strengths into a party add up to more than 1.
        """
        into = self.into
        before = into.shares.before[:-1]
        shares = np.empty(self.n_ties)
        shares[self.into_out] = before - before[into.start[into.own]]
        return shares

    @property
    def report(self) -> EvidenceReport | None:
        """What became of every line of evidence; None where there is none."""
        return None if self.evidence_table is None else self.evidence_table.report

    # parties and pairs

    def position(self, party_id: int | str) -> int:
        """Give the position of a party.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return position_of(self.ids, party_id)

    def positions(self, party_ids: Iterable[int | str]) -> NDArray[np.intp]:
        """Give the positions of some parties, in their order.

        Raises
        ------
        UnknownCustomerError
            If nobody here has one of the ids.
        """
        if isinstance(party_ids, (str, bytes)) or not isinstance(party_ids, Iterable):
            raise InvalidInputError(
                "parties must be a list of ids, not one", code="not_a_list"
            )
        return np.array([self.position(one) for one in party_ids], dtype=np.intp)

    def tie(self, source: int, target: int) -> int | None:
        """Give the place in `out` of the tie between two positions; None without."""
        begin, end = self.out.start[source], self.out.start[source + 1]
        at = int(begin + np.searchsorted(self.out.others[begin:end], np.int32(target)))
        return at if at < end and self.out.others[at] == target else None

    def strength(self, source_id: int | str, target_id: int | str) -> float:
        """Give the chance that a decision of the one carries over to the other.

        Returns
        -------
        strength : float
            0 where there is no tie.

        Raises
        ------
        UnknownCustomerError
            If nobody here has one of the ids.
        """
        at = self.tie(self.position(source_id), self.position(target_id))
        return 0.0 if at is None else float(self.out.strength[at])

    def evidence(
        self, source_id: int | str, target_id: int | str
    ) -> tuple[Evidence, ...]:
        """Give what the strength of a pair was fused from.

        Returns
        -------
        evidence : tuple of Evidence
            Strongest first, then by kind, source and date; empty where there is no tie,
            or no evidence of it.

        Raises
        ------
        UnknownCustomerError
            If nobody here has one of the ids.
        """
        at = self.tie(self.position(source_id), self.position(target_id))
        return () if at is None else self.evidence_at(at)

    def evidence_at(self, tie: int) -> tuple[Evidence, ...]:
        """Give the evidence of a tie by its place in `out`."""
        table = self.evidence_table
        return () if table is None else table.of_tie(tie)

    def kinds_at(self, tie: int) -> tuple[str, ...]:
        """Give the kinds of a tie by its place in `out`, each once, strongest first."""
        return tuple(dict.fromkeys(str(one.kind) for one in self.evidence_at(tie)))

    def with_parties(self, party_ids: object) -> InfluenceNetwork:
        """Add parties without ties; those that are here already stay as they are.

        Parameters
        ----------
        party_ids : column, array or list
            Whole numbers or text, as the ids here are.

        Raises
        ------
        InvalidInputError
            If ids are of another kind.
        """
        given = _read(party_ids, "parties").unique
        ids, places, _ = union(self.ids, given)
        if ids.size == self.ids.size:
            return self
        degree = np.zeros(ids.size, dtype=np.int64)
        degree[places] = self.out.degree
        out = Ties(
            start=np.concatenate([np.zeros(1, np.int64), np.cumsum(degree)]),
            others=places[self.out.others],
            strength=self.out.strength,
        )
        table = self.evidence_table
        if table is not None:
            table = evolve(table, lines=table.lines.moved(places))
        return evolve(self, ids=ids, out=out, evidence_table=table)

    def without_party(self, party_id: int | str) -> InfluenceNetwork:
        """Leave out a party, its ties and all evidence of them.

        Parameters
        ----------
        party_id : int or str
            Who goes; whoever is not here changes nothing.

        Returns
        -------
        InfluenceNetwork
            As if the party had never been seen; those who lose their last tie stay. In
            the report, lines of the party that were set aside or repeated another stay
            counted: whose they were is no longer known.

        Raises
        ------
        InvalidInputError
            If the id is text where ids here are whole numbers, or the other way.
        """
        own = np.array([party_id], dtype=object if isinstance(party_id, str) else None)
        check_same_kind(own, self.ids, "party ids")
        try:
            at = self.position(party_id)
        except UnknownCustomerError:
            return self
        places = np.arange(len(self), dtype=np.int32)
        places[at + 1 :] -= 1
        places[at] = -1
        return self._moved(np.delete(self.ids, at), places)

    def renamed(self, new_ids: object) -> InfluenceNetwork:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_parties,)
            Whole numbers or text, in the order of `ids`.

        Returns
        -------
        InfluenceNetwork
            In the order of the new ids: as if made of relationships with them. Sources
            of evidence keep their names, see :meth:`reworded`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.

        Examples
        --------
        >>> network = InfluenceNetwork.from_edges(["ann"], ["bob"], [0.5])
        >>> network.renamed(["p2", "p1"]).strength("p2", "p1")
        0.5
        """
        new = read_new_ids(new_ids, len(self))
        return self._moved(new.unique, new.codes)

    def reworded(self, new_of: Callable[[list[Any]], list[str]]) -> InfluenceNetwork:
        """Give the sources of evidence other names.

        Parameters
        ----------
        new_of : callable
            Gives as many new names, all distinct, for a list of distinct ones.

        Raises
        ------
        InvalidInputError
            If new names are not as many, not all distinct, or one is missing.
        """
        table = self.evidence_table
        if table is None or not table.lines.origins.size:
            return self
        lines = table.lines
        new = read_new_ids(new_of(lines.origins.tolist()), lines.origins.size)
        lines = evolve(lines, origin=new.codes[lines.origin], origins=new.unique)
        told = evolve(self, evidence_table=evolve(table, lines=lines))
        return told.renamed(self.ids)  # which puts the lines in order again

    def _moved(self, ids: NDArray[Any], places: NDArray[np.int32]) -> InfluenceNetwork:
        """Put parties in other places, and leave out those whose place is -1."""
        left, right = places[self.out.own], places[self.out.others]
        kept = np.flatnonzero((left >= 0) & (right >= 0))
        pair = left[kept].astype(np.int64) * ids.size + right[kept]
        order = np.argsort(pair)
        out = ties_of(pair[order], self.out.strength[kept[order]], ids.size)
        changed = evolve(self, ids=ids, out=out, evidence_table=None)
        table = self.evidence_table
        if table is None:
            return changed
        if table.fusion is None:
            return evolve(changed, evidence_table=table.of_ties(kept[order], places))
        lines, _ = table.lines.between(places)
        gone = len(table.lines) - len(lines)
        report = evolve(table.report, read=table.report.read - gone)
        fused = network_of_lines(ids, lines, table.fusion, report)
        return evolve(fused, self_ties=self.self_ties, kind=self.kind)

    def with_strength(self, strength: ArrayLike) -> InfluenceNetwork:
        """Give the same ties other strengths; the evidence stays, as what ties them.

        Parameters
        ----------
        strength : array_like of float, shape (n_ties,)
            Of the ties in the order of `out`.

        Raises
        ------
        InvalidInputError
            If one is not a number from 0 to 1, or they are not as many as the ties.
        """
        values = _shares(strength, self.n_ties)
        table = self.evidence_table
        if table is not None:  # which these strengths are no longer fused from
            table = evolve(table, fusion=None)
        return evolve(self, out=evolve(self.out, strength=values), evidence_table=table)

    # networkx and plain edges

    @classmethod
    def from_edges(
        cls,
        source: object,
        target: object,
        strength: ArrayLike,
        *,
        parties: object = None,
    ) -> InfluenceNetwork:
        """Make a network of pairs and given strengths.

        Parameters
        ----------
        source, target : column, array or list, shape (n_edges,)
            Who influences, and who is influenced.
        strength : array_like of float, shape (n_edges,), or float
            Chances, 0 to 1. A pair that comes more than once has one strength, by
            noisy-or: the chance that at least one of them carries over.
        parties : column, array or list, optional
            Further parties, without ties.

        Raises
        ------
        InvalidInputError
            If a strength is not a number from 0 to 1, or ids are null, neither whole
            numbers nor text, or both.
        """
        left, right = _read(source, "source"), _read(target, "target")
        if left.codes.size != right.codes.size:
            raise InvalidInputError(
                "source and target must be of one length", code="shape"
            )
        ids, of_left, of_right = union(left.unique, right.unique)
        network = cls._of_pairs(
            ids,
            of_left[left.codes],
            of_right[right.codes],
            _shares(strength, left.codes.size),
        )
        return network if parties is None else network.with_parties(parties)

    @classmethod
    def _of_pairs(
        cls,
        ids: NDArray[Any],
        source: NDArray[Any],
        target: NDArray[Any],
        strength: Floats,
    ) -> InfluenceNetwork:
        """Sort pairs of positions, and make one tie of those that are the same."""
        other = source != target
        source, target, strength = source[other], target[other], strength[other]
        pair = source.astype(np.int64) * ids.size + target
        order = np.argsort(pair)
        is_first = run_starts(pair[order])
        if is_first.all():
            pair, strength = pair[order], strength[order]
        else:  # equal pairs by strength, so that their order changes no last digit
            order = np.lexsort((strength, pair))
            pair = pair[order][is_first]
            strength = any_of(strength[order], np.flatnonzero(is_first))
        return cls(
            ids=ids,
            out=ties_of(pair, strength, ids.size),
            self_ties=int(other.size - np.count_nonzero(other)),
        )

    @classmethod
    def from_networkx(
        cls,
        graph: nx.Graph[Any],
        *,
        weight: str | None = "strength",
        default: float | None = None,
    ) -> InfluenceNetwork:
        """Read a networkx graph.

        Parameters
        ----------
        graph : networkx.DiGraph or networkx.Graph
            Nodes are ids: whole numbers or text. An edge of an undirected graph is a
            tie in both directions. Evidence that :meth:`to_networkx` put onto the edges
            of a DiGraph is taken over.
        weight : str or None
            Name of the edge attribute with the strength; None gives every edge
            `default`, or 1 without one.
        default : float, optional
            Strength of edges without the attribute; without it they are an error.

        Raises
        ------
        InvalidInputError
            If it is a multigraph, a strength is missing or not a number from 0 to 1, or
            nodes are neither whole numbers nor text, or both.
        """
        if not is_graph(graph):
            raise InvalidInputError(
                "the network must be an InfluenceNetwork, or a DiGraph or Graph of "
                "networkx",
                code="not_a_network",
            )
        if graph.is_multigraph():
            raise InvalidInputError(
                "a graph must have one edge a pair, and a multigraph may have more; "
                "influence_network fuses many lines of evidence into one strength",
                code="multigraph",
            )
        nodes = np.empty(len(graph), dtype=object)
        nodes[:] = list(graph)
        read = _read(nodes, "nodes")
        if default is not None:
            default = number("default", default, 0, 1)
        if weight is not None and not isinstance(weight, str):
            raise InvalidInputError(
                "weight must be the name of an edge attribute, or None",
                code="bad_option",
            )
        at = dict(zip(nodes.tolist(), read.codes.tolist(), strict=True))
        given: Iterable[Any]
        if weight is None:
            default = 1.0 if default is None else default
            given = ((one, other, default) for one, other in graph.edges())
        else:
            given = graph.edges(data=weight, default=default)
        edges = [(at[one], at[other], strength) for one, other, strength in given]
        strengths = _strengths([strength for _, _, strength in edges], str(weight))
        check_share("strength", strengths)
        pairs = np.array([edge[:2] for edge in edges], np.int64).reshape(-1, 2)
        if not graph.is_directed():
            loops = pairs[:, 0] == pairs[:, 1]
            pairs = np.concatenate([pairs, pairs[~loops, ::-1]])
            strengths = np.concatenate([strengths, strengths[~loops]])
        network = cls._of_pairs(read.unique, pairs[:, 0], pairs[:, 1], strengths)
        return _with_evidence_of(network, graph)

    def to_networkx(self, *, evidence: bool = True) -> nx.DiGraph[Any]:
        """Make a networkx graph.

        Parameters
        ----------
        evidence : bool
            Whether edges also get `kinds` and `evidence` (tuples), where there is any.

        Returns
        -------
        graph : networkx.DiGraph
            Nodes are ids, in order; edges have the attribute `strength`.
        """
        import networkx as nx

        graph: nx.DiGraph[Any] = nx.DiGraph()
        ids = self.ids.tolist()
        graph.add_nodes_from(ids)
        pairs = zip(
            self.out.own.tolist(),
            self.out.others.tolist(),
            self.out.strength.tolist(),
            strict=True,
        )
        with_lines = evidence and self.evidence_table is not None
        for at, (one, other, strength) in enumerate(pairs):
            more: dict[str, Any] = (
                {"kinds": self.kinds_at(at), "evidence": self.evidence_at(at)}
                if with_lines
                else {}
            )
            graph.add_edge(ids[one], ids[other], strength=strength, **more)
        return graph

    def to_frame(self) -> Any:
        """Give one row a tie: `source_id`, `target_id` and `strength`, in order."""
        columns: dict[str, NDArray[Any]] = {
            "source_id": self.ids[self.out.own],
            "target_id": self.ids[self.out.others],
            "strength": self.out.strength,
        }
        return to_frame(columns, self.kind)

    def evidence_to_frame(self) -> Any:
        """Give one row a line of evidence and tie, strongest first within each tie.

        Returns
        -------
        frame : of the host's kind
            `source_id`, `target_id`, `kind`, `date`, `source`, `strength` (what the line
            alone makes of the tie) and `counted`, as in :class:`Evidence`.

        Raises
        ------
        InvalidInputError
            If there is no evidence.
        """
        table = self.evidence_table
        if table is None:
            raise InvalidInputError(
                "the network must have evidence", code="no_evidence"
            )
        tie = np.repeat(np.arange(self.n_ties), np.diff(table.start))
        lines, row = table.lines, table.line
        columns: dict[str, NDArray[Any] | Labels] = {
            "source_id": self.ids[self.out.own[tie]],
            "target_id": self.ids[self.out.others[tie]],
            "kind": Labels(codes=lines.kind[row], words=tuple(map(str, KINDS))),
            "date": lines.day[row].astype("datetime64[D]"),
            "source": lines.origins[lines.origin[row]],
            "strength": table.chance,
            "counted": table.counted,
        }
        return to_frame(columns, self.kind)

    # evidence, month by month

    def merge(
        self,
        relationships: object,
        *,
        as_of: object = None,
        columns: dict[str, str | None] | None = None,
        on_bad_rows: str = "raise",
        tz: object = None,
    ) -> InfluenceNetwork:
        """Add relationships collected later; the same as a recount of all of them.

        Parameters
        ----------
        relationships : frame or iterable of Relationship
            As :func:`influence_network` takes them.
        as_of : day, optional
            The new last day that counts; as before if not given.
        columns, on_bad_rows, tz
            As for :func:`influence_network`.

        Raises
        ------
        InvalidInputError
            If this network was not made of relationships, or the lines cannot be used.
        """
        if self.evidence_table is None or self.evidence_table.fusion is None:
            raise _no_evidence()
        own, fusion = self.evidence_table, self.evidence_table.fusion.at(as_of, tz)
        others, more, report, _ = read_lines(
            relationships, columns=columns, on_bad_rows=on_bad_rows, tz=fusion.tz
        )
        ids, of_own, of_more = union(self.ids, others)
        lines = own.lines.moved(of_own).joined(more.moved(of_more))
        network = network_of_lines(ids, lines, fusion, own.report.with_read(report))
        return evolve(network, kind=self.kind)

    def at(self, as_of: object) -> InfluenceNetwork:
        """Give the strengths as of another day, from the same relationships.

        Parameters
        ----------
        as_of : day
            The last day that counts.

        Raises
        ------
        InvalidInputError
            If this network was not made of relationships.
        """
        if self.evidence_table is None or self.evidence_table.fusion is None:
            raise _no_evidence()
        table, fusion = self.evidence_table, self.evidence_table.fusion
        network = network_of_lines(
            self.ids, table.lines, fusion.at(as_of, None), table.report
        )
        return evolve(network, kind=self.kind)


def _no_evidence() -> InvalidInputError:
    return InvalidInputError(
        "only a network made by influence_network has relationships to count anew",
        code="no_evidence",
    )


def is_graph(thing: object) -> bool:
    """Tell a networkx graph without loading networkx."""
    return all(
        callable(getattr(thing, name, None))
        for name in ("is_multigraph", "is_directed", "edges")
    )


def as_network(network: InfluenceNetwork | nx.Graph[Any]) -> InfluenceNetwork:
    """Give the array form of a network; a networkx graph is converted.

    Raises
    ------
    InvalidInputError
        If it is neither, or the graph cannot be read.
    """
    if isinstance(network, InfluenceNetwork):
        return network
    return InfluenceNetwork.from_networkx(network)


def _with_evidence_of(
    network: InfluenceNetwork, graph: nx.Graph[Any]
) -> InfluenceNetwork:
    """Take over the evidence that `to_networkx` put onto edges."""
    found: list[tuple[int | None, Evidence]] = [
        (network.tie(network.position(one), network.position(other)), line)
        for one, other, lines in graph.edges(data="evidence", default=())
        for line in _as_lines(lines)
        if one != other
    ]
    if not found or not graph.is_directed():
        return network
    ties = np.array([tie for tie, _ in found], dtype=np.intp)
    order = np.argsort(ties, kind="stable")
    table = EvidenceTable.of_objects(
        ties[order], [found[at][1] for at in order], network.n_ties
    )
    return evolve(network, evidence_table=table)


def _as_lines(lines: Any) -> list[Evidence]:
    """Give what is ours of an edge attribute that may be anybody's."""
    given = lines if isinstance(lines, tuple) else ()
    return [line for line in given if isinstance(line, Evidence)]


def network_of_lines(
    ids: NDArray[Any], lines: Lines, fusion: Fusion, report: EvidenceReport
) -> InfluenceNetwork:
    """Fuse lines of evidence into a network."""
    pair, strength, table = fuse(lines, fusion, report, ids.size)
    return InfluenceNetwork(
        ids=ids, out=ties_of(pair, strength, ids.size), evidence_table=table
    )


def _read(values: object, ours: str) -> Ids:
    """Read ids of which none may be missing."""
    ids = read_ids(read_column(values), ours)
    nobody = np.flatnonzero(ids.codes < 0)
    if nobody.size:
        raise InvalidInputError(
            f"{ours} must be ids; {nobody.size:,} of {ids.codes.size:,} are null or "
            f"blank, first at position {nobody[0]}",
            code="not_an_id",
            column=ours,
            positions=nobody[:5],
        )
    return ids


def _shares(strength: Any, n: int) -> Floats:
    """Read one strength for all, or one for each; a copy, so that it stays."""
    if np.ndim(strength) == 0:
        one = strength.item() if hasattr(strength, "item") else strength
        return np.full(n, number("strength", one, 0, 1))
    column = read_column(strength)
    values = read_numbers(column, "strength")
    if values.size != n:
        raise InvalidInputError(
            f"there must be {n:,} strengths, one a tie; got {values.size:,}",
            code="shape",
            column="strength",
        )
    check_share("strength", values)
    return values


def _strengths(values: list[Any], weight: str) -> Floats:
    """Read edge attributes; what is missing or no number is counted."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    missing = np.flatnonzero([value is None for value in values])
    if missing.size:
        raise InvalidInputError(
            f"every edge must have {weight!r}; {missing.size:,} of {len(values):,} have "
            f"none, first at edge {missing[0]} (InfluenceNetwork.from_networkx(graph, default=...) gives edges without it one)",
            code="no_strength",
            column=weight,
            positions=missing[:5],
        )
    return read_numbers(column, "strength")
