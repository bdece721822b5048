"""Where strengths come from: relationships fused, or who is tied to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification.frames import to_date, to_day, to_zone
from customer_identification.influence.evidence import Fusion, reliability_of
from customer_identification.influence.network import InfluenceNetwork, network_of_lines
from customer_identification.influence.relationships import read_lines
from customer_identification.models import RelationshipKind
from customer_identification.options import number


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "influence_network",
    "structure_of",
    "uniform_strength",
    "weighted_cascade",
]

Floats = NDArray[np.float64]


def influence_network(  # noqa: PLR0913 - one option for each thing a host may know better
    relationships: object,
    *,
    as_of: object,
    columns: Mapping[str, str | None] | None = None,
    reliability: Mapping[RelationshipKind | str, float] | None = None,
    half_life: float | None = None,
    distinct: Sequence[str] = ("kind", "source", "date"),
    mutual: Iterable[RelationshipKind | str] = (),
    parties: object = None,
    on_bad_rows: str = "raise",
    tz: object = None,
) -> InfluenceNetwork:
    """Fuse relationships into one strength for each directed pair.

    Each line of evidence makes a chance: its own `strength`, or the reliability of its
    kind, halved every `half_life` days. Those of a pair are fused by noisy-or, the
    chance that at least one of them carries a decision over, as if independent.

    Parameters
    ----------
    relationships : frame or iterable of Relationship
        One line a row: `source_id` (who influences), `target_id` (who is influenced),
        `kind`, `date` and `source`; where known `strength` and `until`.
    as_of : day
        The last day that counts: lines that begin later, and ties that were over by
        then, are kept for :meth:`InfluenceNetwork.at` and counted in the report.
    columns : mapping of str to str or None, optional
        Our names to the host's; ``{"source": None}`` where there is none.
    reliability : mapping of RelationshipKind to float, optional
        Instead of those in `RELIABILITY`, 0 to 1.
    half_life : float, optional
        Age at which a line counts half; without it lines do not age. [days]
    distinct : sequence of {"kind", "source", "date"}
        What makes a line of a pair evidence of its own. Of lines that agree in all of
        these only the strongest counts: ``("kind", "source")`` is right where each
        month's export repeats the ties of the month before.
    mutual : iterable of RelationshipKind
        Kinds whose lines tie both sides, such as `MUTUAL_KINDS`; by default every line
        speaks of the one direction it states.
    parties : column, array or list, optional
        Further parties, without ties, such as ``summary.customer_ids``.
    on_bad_rows : {"raise", "report"}
        What becomes of lines that cannot be used.
    tz : str or ZoneInfo, optional
        Whose days are meant where dates are stamps with a zone.

    Returns
    -------
    network : InfluenceNetwork
        Without parties where there are no lines. Its `report` accounts for every line.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    InvalidInputError
        If lines cannot be used: ids null, neither whole numbers nor text, or both; a
        kind that is none of ours; a party tied to itself; a strength not from 0 to 1.

    References
    ----------
    Noisy-or: Pearl 1988, Probabilistic Reasoning in Intelligent Systems, 4.3.2.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Relationship
    >>> ties = [
    ...     Relationship(
    ...         source_id="ann",
    ...         target_id="bob",
    ...         kind=kind,
    ...         date=date(2011, 5, 1),
    ...         source="form",
    ...     )
    ...     for kind in ("friend", "referral")
    ... ]
    >>> network = influence_network(ties, as_of="2011-12-01")
    >>> round(network.strength("ann", "bob"), 2)  # 1 - 0.8 * 0.7
    0.44
    >>> [str(line.kind) for line in network.evidence("ann", "bob")]
    ['referral', 'friend']
    >>> print(network.report)
    2 lines: 2 used
    """
    zone = to_zone(tz)
    fusion = Fusion(
        as_of=to_date(to_day(as_of, "as_of", zone)),
        reliability=reliability_of(reliability),
        half_life=half_life,
        distinct=distinct,
        mutual=mutual,
        tz=zone,
    )
    ids, lines, report, kind = read_lines(
        relationships, columns=columns, on_bad_rows=on_bad_rows, tz=zone
    )
    network = evolve(network_of_lines(ids, lines, fusion, report), kind=kind)
    return network if parties is None else network.with_parties(parties)


def weighted_cascade(network: InfluenceNetwork | nx.Graph[Any]) -> InfluenceNetwork:
    """Make every party equally open to all who influence it: 1 / in-degree.

    The weighted cascade model of Kempe, Kleinberg & Tardos 2003, Maximizing the Spread
    of Influence through a Social Network, section 4.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
        Only who is tied to whom is read; edges need no strength.

    Returns
    -------
    network : InfluenceNetwork

    Examples
    --------
    >>> import networkx as nx
    >>> weighted_cascade(nx.DiGraph([(1, 3), (2, 3)])).strength(1, 3)
    0.5
    """
    ties = structure_of(network)
    degree = np.bincount(ties.out.others, minlength=len(ties))
    return ties.with_strength(1 / degree[ties.out.others])


def uniform_strength(
    network: InfluenceNetwork | nx.Graph[Any], strength: float
) -> InfluenceNetwork:
    """Give every tie the same strength.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
        Only who is tied to whom is read; edges need no strength.
    strength : float
        From 0 to 1.

    Raises
    ------
    InvalidInputError
        If `strength` is not a number from 0 to 1.

    Examples
    --------
    >>> import networkx as nx
    >>> uniform_strength(nx.path_graph(3), 0.1).strength(1, 0)
    0.1
    """
    share = number("strength", strength, 0, 1)
    ties = structure_of(network)
    return ties.with_strength(np.full(ties.n_ties, share))


def structure_of(network: InfluenceNetwork | nx.Graph[Any]) -> InfluenceNetwork:
    """Give the array form of a network whose strengths do not matter."""
    if isinstance(network, InfluenceNetwork):
        return network
    return InfluenceNetwork.from_networkx(network, weight=None)
