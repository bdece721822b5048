"""Small random networks and lines of evidence, in every form a host may have them.

Beside them the oracles: what a network is made of, recomputed pair by pair with nothing
but dicts, dates and floats.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import networkx as nx
import pyarrow as pa
import pytest
from attrs import frozen
from hypothesis import strategies as st

from customer_identification import CustomerIdentificationError, Relationship
from customer_identification.influence.evidence import (
    RELIABILITY,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from tables import KINDS


__all__ = [
    "AS_OF",
    "DAYS",
    "FORMS",
    "INT_IDS",
    "TEXT_IDS",
    "Edges",
    "Fused",
    "any_of",
    "arrow_of",
    "edge_lists",
    "form_of",
    "fused",
    "graph_of",
    "network_of",
    "objects_of",
    "options",
    "refused",
    "relationships",
    "strengths",
    "strengths_of",
]

INT_IDS = (3, 20, 100, -4, 7)
TEXT_IDS = ("c1", "c10", "c2", "ž", "A")


# --- errors --------------------------------------------------------------------------


def refused(call: Any, code: str) -> CustomerIdentificationError:
    """Make sure that a call is refused in our words, which repeat no SECRET."""
    with pytest.raises(CustomerIdentificationError) as caught:
        call()
    error = caught.value
    assert error.code == code
    told: BaseException | None = error
    while told is not None:
        assert "SECRET" not in str(told)
        told = told.__cause__ or (
            None if told.__suppress_context__ else told.__context__
        )
    return error


# --- networks with given strengths ---------------------------------------------------


@frozen(kw_only=True)
class Edges:
    """Parties, some of which may have no tie, and edges with strengths.

    Edges may come more than once, go in circles, or from a party to itself.
    """

    parties: list[Any]
    edges: list[tuple[Any, Any, float]]

    def columns(self) -> tuple[list[Any], list[Any], list[float]]:
        """Give sources, targets and strengths."""
        return (
            [one for one, _, _ in self.edges],
            [other for _, other, _ in self.edges],
            [strength for _, _, strength in self.edges],
        )


def strengths() -> st.SearchStrategy[float]:
    """Draw probabilities, often 0 and 1, and some that binary floats cannot hold."""
    return st.sampled_from([0.0, 1.0, 0.5, 0.1, 0.3, 0.7]) | st.floats(0, 1)


@st.composite
def edge_lists(
    draw: Any,
    *,
    most: int = 12,
    loops: bool = True,
    repeats: bool = True,
    chances: st.SearchStrategy[float] | None = None,
) -> Edges:
    """Draw edges between up to five parties, with text or whole numbers as ids."""
    pool = draw(st.sampled_from([INT_IDS, TEXT_IDS]))
    ids = draw(st.lists(st.sampled_from(pool), unique=True, max_size=5))
    if not ids:
        return Edges(parties=[], edges=[])
    one = st.sampled_from(ids)
    edge = st.tuples(one, one, chances or strengths())
    if not loops:
        edge = edge.filter(lambda drawn: drawn[0] != drawn[1])
    if not loops and len(ids) == 1:
        return Edges(parties=ids, edges=[])
    key = None if repeats else lambda drawn: drawn[:2]
    return Edges(
        parties=ids,
        edges=draw(st.lists(edge, max_size=most, unique_by=key)),
    )


def network_of(drawn: Edges) -> InfluenceNetwork:
    """Make the network of drawn edges."""
    return InfluenceNetwork.from_edges(*drawn.columns(), parties=drawn.parties)


def graph_of(drawn: Edges, *, make: Any = nx.DiGraph) -> Any:
    """Make a graph of drawn edges; of those that come more than once the last counts."""
    graph = make()
    graph.add_nodes_from(drawn.parties)
    for one, other, strength in drawn.edges:
        graph.add_edge(one, other, strength=strength)
    return graph


def any_of(chances: Sequence[float]) -> float:
    """Give the chance of at least one of some independent chances."""
    if len(chances) == 1:
        return chances[0]
    return 1 - math.prod(1 - chance for chance in chances)


def strengths_of(network: InfluenceNetwork) -> dict[tuple[Any, Any], float]:
    """Give the strength of every tie by its pair of ids."""
    ids = network.ids.tolist()
    out = network.out
    rows = zip(
        out.own.tolist(), out.others.tolist(), out.strength.tolist(), strict=True
    )
    return {(ids[one], ids[other]): strength for one, other, strength in rows}


# --- lines of evidence ---------------------------------------------------------------

FIRST = date(2011, 1, 1)
DAYS = st.dates(FIRST, FIRST + timedelta(days=12))
AS_OF = FIRST + timedelta(days=7)

_WORDS = ("family", "friend", "referral", "payer_of")
_NAMES = ("source_id", "target_id", "kind", "date", "source", "strength", "until")


@st.composite
def relationships(
    draw: Any, *, bad: bool = False, least: int = 0, most: int = 12
) -> list[dict[str, Any]]:
    """Draw rows of evidence, many alike; `bad` ones may be of no use."""
    pool = draw(st.sampled_from([INT_IDS, TEXT_IDS]))[:4]
    parties = st.sampled_from(pool)
    row = {
        "source_id": parties,
        "target_id": parties,
        "kind": st.sampled_from(_WORDS),
        "date": DAYS,
        "source": st.sampled_from(["form", "crm", "mail"]),
        "strength": st.none() | st.sampled_from([0.0, 0.25, 0.3, 1.0]),
        "until": st.none() | DAYS,
    }
    if bad:
        row |= {
            "source_id": st.none() | parties,
            "target_id": parties | st.none(),
            "kind": row["kind"] | st.none(),
            "date": st.none() | DAYS,
            "source": st.none() | row["source"],
            "strength": row["strength"] | st.sampled_from([-0.5, 1.5]),
        }
    rows = st.fixed_dictionaries(row)
    if not bad:
        rows = rows.filter(lambda drawn: _fault(drawn) is None)
    drawn: list[dict[str, Any]] = draw(st.lists(rows, min_size=least, max_size=most))
    return drawn


@st.composite
def options(draw: Any) -> dict[str, Any]:
    """Draw ways to fuse lines, each of which may be left out."""
    names = st.lists(st.sampled_from(["kind", "source", "date"]), unique=True)
    shares = st.sampled_from([0.0, 0.1, 0.5, 1.0])
    given = {
        "reliability": st.dictionaries(st.sampled_from(_WORDS), shares),
        "half_life": st.sampled_from([None, 0.5, 3, 1000.0]),
        "distinct": names,
        "mutual": st.lists(st.sampled_from(_WORDS), unique=True),
    }
    drawn: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=given))
    return drawn


def objects_of(rows: list[dict[str, Any]]) -> list[Relationship]:
    """Give usable rows as objects."""
    return [Relationship(**row) for row in rows]


def arrow_of(
    rows: list[dict[str, Any]], *, day: pa.DataType | None = None, clock: time = time(9)
) -> pa.Table:
    """Give rows as an Arrow table; dates are dates, or stamps of a type."""
    ids = [row[name] for row in rows for name in ("source_id", "target_id")]
    is_text = any(isinstance(one, str) for one in ids)
    types = {
        "source_id": pa.string() if is_text else pa.int64(),
        "target_id": pa.string() if is_text else pa.int64(),
        "kind": pa.string(),
        "date": day or pa.date32(),
        "source": pa.string(),
        "strength": pa.float64(),
        "until": day or pa.date32(),
    }
    columns = {}
    for name in _NAMES:
        values = [row[name] for row in rows]
        if day is not None and name in {"date", "until"}:
            values = [one and datetime.combine(one, clock) for one in values]
        columns[name] = pa.array(values, type=types[name])
    return pa.table(columns)


FORMS = (*KINDS, "objects")


def form_of(kind: str, rows: list[dict[str, Any]], **keywords: Any) -> Any:
    """Give rows as objects or as one kind of frame."""
    if kind == "objects":
        return objects_of(rows)
    return KINDS[kind](arrow_of(rows, **keywords))


# --- the oracle of fusion ------------------------------------------------------------


@frozen(kw_only=True)
class Fused:
    """What lines of evidence come to.

    Attributes
    ----------
    parties
        All whom a usable line names, sorted.
    strength
        By pair of ids.
    counted
        Strengths of the lines that count, falling, by pair.
    lines
        Kind, date, source, until and strength of every line, sorted, by pair.
    report
        Read, set aside by reason, identical, later, ended and used.
    """

    parties: list[Any]
    strength: dict[tuple[Any, Any], float]
    counted: dict[tuple[Any, Any], list[float]]
    lines: dict[tuple[Any, Any], list[tuple[Any, ...]]]
    report: dict[str, Any]


def _fault(row: dict[str, Any]) -> str | None:
    day, until, strength = row["date"], row["until"], row["strength"]
    in_order = {
        "no source_id": row["source_id"] is None,
        "no target_id": row["target_id"] is None,
        "no kind": row["kind"] is None,
        "no date": day is None,
        "no source": row["source"] is None,
        "a party tied to itself": row["source_id"] == row["target_id"],
        "strength not from 0 to 1": strength is not None and not 0 <= strength <= 1,
        "until before date": None not in (day, until) and until < day,
    }
    return next((why for why, holds in in_order.items() if holds), None)


def fused(
    rows: list[dict[str, Any]],
    *,
    as_of: date,
    reliability: dict[str, float] | None = None,
    half_life: float | None = None,
    distinct: Sequence[str] = ("kind", "source", "date"),
    mutual: Sequence[str] = (),
) -> Fused:
    """Recount what `influence_network` should make of rows."""
    reliable = {str(kind): share for kind, share in RELIABILITY.items()}
    reliable |= reliability or {}
    aside: dict[str, int] = defaultdict(int)
    lines = set()
    for row in rows:
        why = _fault(row)
        if why is None:
            lines.add(tuple(row[name] for name in _NAMES))
        else:
            aside[why] += 1
    later = {line for line in lines if line[3] > as_of}
    ended = {line for line in lines - later if line[6] and line[6] < as_of}
    shown = defaultdict(list)
    best: dict[Any, dict[Any, float]] = defaultdict(dict)
    for line in lines - later - ended:
        one, other, kind, day, source, given, until = line
        chance = reliable[kind] if given is None else given
        if half_life is not None:
            chance *= 0.5 ** ((as_of - day).days / half_life)
        told = {"kind": kind, "source": source, "date": day}
        key = tuple(told[name] for name in distinct)
        for pair in [(one, other), (other, one)][: 2 if kind in mutual else 1]:
            shown[pair].append((kind, day, source, str(until), chance))
            best[pair][key] = max(best[pair].get(key, 0.0), chance)
    counted = {pair: sorted(own.values(), reverse=True) for pair, own in best.items()}
    report = {
        "read": len(rows),
        "set_aside": tuple(sorted(aside.items())),
        "identical": len(rows) - sum(aside.values()) - len(lines),
        "later": len(later),
        "ended": len(ended),
        "used": len(lines) - len(later) - len(ended),
    }
    return Fused(
        parties=sorted({party for line in lines for party in line[:2]}),
        strength={pair: any_of(own) for pair, own in counted.items()},
        counted=counted,
        lines={pair: sorted(own) for pair, own in shown.items()},
        report=report,
    )
