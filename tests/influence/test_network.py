"""Networks as arrays and as graphs: the same ties, whoever gave them in what order."""

import copy
import datetime as dt
import itertools
import math
import pickle
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import UnknownCustomerError
from customer_identification.influence.evidence import (
    Evidence,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
    as_network,
    is_graph,
)
from customer_identification.influence.strengths import (
    influence_network,
    uniform_strength,
    weighted_cascade,
)
from influence.networks import (
    AS_OF,
    DAYS,
    INT_IDS,
    Edges,
    any_of,
    edge_lists,
    graph_of,
    network_of,
    objects_of,
    options,
    refused,
    relationships,
    strengths_of,
)


SMALL = settings(max_examples=40, deadline=None)
NETWORKS = edge_lists().map(network_of)


def with_evidence() -> st.SearchStrategy[InfluenceNetwork]:
    """Draw networks made of relationships."""
    return st.builds(
        lambda rows, day, how: influence_network(objects_of(rows), as_of=day, **how),
        relationships(),
        DAYS,
        options(),
    )


def little() -> InfluenceNetwork:
    """Make a network of three parties and two ties."""
    return InfluenceNetwork.from_edges(
        ["SECRET-7", "SECRET-8"], ["SECRET-8", "SECRET-9"], [0.5, 0.25]
    )


def told() -> InfluenceNetwork:
    """Make a network with evidence of two ties."""
    row = {
        "source_id": "SECRET-7",
        "target_id": "SECRET-8",
        "kind": "friend",
        "date": dt.date(2011, 1, 1),
        "source": "SECRET-form",
    }
    more = {"kind": "family", "until": dt.date(2012, 1, 1)}
    rows = [row, row | more, row | {"target_id": "SECRET-9"}]
    return influence_network(objects_of(rows), as_of=AS_OF)


# --- edges ---------------------------------------------------------------------------


@SMALL
@given(edge_lists())
def test_edges_of_a_pair_become_one_tie_and_loops_are_left_out(drawn):
    found = network_of(drawn)
    chances: dict[Any, list[float]] = defaultdict(list)
    for one, other, strength in drawn.edges:
        if one != other:
            chances[one, other].append(strength)
    wanted = {pair: any_of(own) for pair, own in chances.items()}
    assert found.ids.tolist() == sorted(drawn.parties)
    assert strengths_of(found) == pytest.approx(wanted, abs=1e-12)
    assert list(strengths_of(found)) == sorted(wanted)
    assert found.n_ties == len(wanted)
    assert found.self_ties == sum(one == other for one, other, _ in drawn.edges)
    assert found.report is None
    single = {pair: own[0] for pair, own in chances.items() if len(own) == 1}
    assert single.items() <= strengths_of(found).items()  # to the last digit


@SMALL
@given(edge_lists(), st.randoms(use_true_random=False))
def test_the_order_of_edges_changes_no_last_digit(drawn, dice):
    mixed = Edges(
        parties=dice.sample(drawn.parties, len(drawn.parties)),
        edges=dice.sample(drawn.edges, len(drawn.edges)),
    )
    one, other = network_of(drawn), network_of(mixed)
    assert one == other
    assert one.out.strength.tobytes() == other.out.strength.tobytes()


def test_edges_of_a_pair_are_fused_in_the_order_of_their_strengths():
    some = (0.1, 0.15, 0.2, 0.3)
    orders = list(itertools.permutations(some))
    assert len({any_of(order) for order in orders}) > 1  # floats do care
    fused = {
        InfluenceNetwork.from_edges(["a"] * 4, ["b"] * 4, order).strength("a", "b")
        for order in orders
    }
    assert len(fused) == 1


@SMALL
@given(with_evidence(), st.randoms(use_true_random=False))
def test_evidence_of_a_graph_is_found_in_whatever_order_edges_come(found, dice):
    edges = list(found.to_networkx().edges(data=True))
    graph = nx.DiGraph()
    graph.add_edges_from(dice.sample(edges, len(edges)))
    back = as_network(graph)
    for one, other in strengths_of(found):
        assert back.evidence(one, other) == found.evidence(one, other)


@SMALL
@given(edge_lists())
def test_the_order_of_nodes_and_edges_of_a_graph_changes_nothing(drawn):
    graph = graph_of(drawn)
    turned = nx.DiGraph()
    turned.add_edges_from(reversed(list(graph.edges(data=True))))
    turned.add_nodes_from(reversed(list(graph)))
    assert as_network(turned) == as_network(graph)


@SMALL
@given(edge_lists(repeats=False))
def test_graphs_and_edges_make_the_same_network(drawn):
    found = as_network(graph_of(drawn))
    assert found == network_of(drawn)
    assert found.self_ties == network_of(drawn).self_ties


COLUMNS = {
    "lists": list,
    "tuples": tuple,
    "numpy": np.array,
    "objects": lambda values: np.array(values, dtype=object),
    "pandas": pd.Series,
    "nullable": lambda values: pd.Series(values).convert_dtypes(),
    "polars": pl.Series,
    "arrow": pa.array,
    "chunks": lambda values: pa.chunked_array([values[:1], values[1:]]),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("ids", [["a", "b", "c"], [7, 8, 9]], ids=["text", "whole"])
def test_edges_may_come_as_columns_of_any_make(name, ids):
    make = COLUMNS[name]
    found = InfluenceNetwork.from_edges(
        make(ids[:2]), make(ids[1:]), [0.5, 0.25], parties=make([ids[0], ids[2]])
    )
    assert found == InfluenceNetwork.from_edges(ids[:2], ids[1:], [0.5, 0.25])
    assert [type(one) for one in found.ids.tolist()] == [type(ids[0])] * 3


@pytest.mark.parametrize(
    "strength",
    [[0.5, 0.5], 0.5, np.array(0.5), pd.Series([0.5, 0.5]), pl.Series([0.5] * 2)],
)
def test_strengths_may_come_as_one_or_as_columns(strength):
    found = InfluenceNetwork.from_edges([1, 2], [2, 3], strength)
    assert found.out.strength.tolist() == [0.5, 0.5]


def test_an_index_of_pandas_and_a_range_are_ids_as_well():
    frame = pd.DataFrame({"strength": [0.5, 0.25]}, index=["a", "b"])
    found = InfluenceNetwork.from_edges(frame.index, ["b", "c"], frame["strength"])
    assert strengths_of(found) == {("a", "b"): 0.5, ("b", "c"): 0.25}
    chain = InfluenceNetwork.from_edges(range(1, 7, 2), range(3, 9, 2), 0.5)
    assert list(strengths_of(chain)) == [(1, 3), (3, 5), (5, 7)]


def test_no_edges_make_no_network():
    found = InfluenceNetwork.from_edges([], [], [])
    assert (len(found), found.n_ties) == (0, 0)
    assert found.into.others.size == 0
    assert found.with_parties(["a"]).ids.tolist() == ["a"]
    assert found.with_parties([3]).ids.tolist() == [3]
    assert found.with_parties([]) == found
    assert found.positions([]).tolist() == []
    assert found == as_network(nx.DiGraph())
    assert weighted_cascade(found) == found
    assert uniform_strength(nx.Graph(), 1).n_ties == 0
    alone = InfluenceNetwork.from_edges([], [], 0.5, parties=["a"])
    assert alone.strength("a", "a") == 0
    assert as_network(alone.to_networkx()) == alone


def test_a_node_without_edges_is_a_party_and_loops_are_no_ties():
    graph = nx.DiGraph([(1, 1, {"strength": 1.0})])
    found = as_network(graph)
    assert (len(found), found.n_ties, found.self_ties) == (1, 0, 1)
    assert as_network(found) is found


# --- both ways -----------------------------------------------------------------------


@SMALL
@given(NETWORKS)
def test_into_is_the_transpose_of_out(found):
    n = len(found)
    into: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one, other, strength in zip(
        found.out.own.tolist(),
        found.out.others.tolist(),
        found.out.strength.tolist(),
        strict=True,
    ):
        into[other].append((one, strength))
    for party in range(n):
        begin, end = found.into.start[party : party + 2]
        assert found.into.others[begin:end].tolist() == [
            one for one, _ in sorted(into[party])
        ]
        assert found.into.strength[begin:end].tolist() == [
            strength for _, strength in sorted(into[party])
        ]
    assert found.into.degree.tolist() == [len(into[party]) for party in range(n)]
    back = found.into_out
    assert found.out.own[back].tolist() == found.into.others.tolist()
    assert found.out.others[back].tolist() == found.into.own.tolist()
    assert found.out.strength[back].tolist() == found.into.strength.tolist()
    assert found.into.start.dtype == found.out.start.dtype
    assert found.into.others.dtype == found.out.others.dtype == np.int32


@SMALL
@given(NETWORKS, st.data())
def test_ties_of_some_parties_are_listed_party_by_party(found, data):
    party = st.integers(0, max(len(found) - 1, 0))
    some = data.draw(st.lists(party, max_size=6 if len(found) else 0))
    ties, whose = found.out.of(np.array(some, dtype=np.intp))
    wanted = [
        (tie, at)
        for at, one in enumerate(some)
        for tie in range(found.out.start[one], found.out.start[one + 1])
    ]
    assert list(zip(ties.tolist(), whose.tolist(), strict=True)) == wanted


@SMALL
@given(NETWORKS)
def test_a_pair_is_found_by_position_and_by_id(found):
    ids = found.ids.tolist()
    strengths = strengths_of(found)
    place = {pair: at for at, pair in enumerate(strengths)}
    for i, one in enumerate(ids):
        for j, other in enumerate(ids):
            assert found.tie(i, j) == place.get((one, other))
            assert found.strength(one, other) == strengths.get((one, other), 0)
            assert found.evidence(one, other) == ()
    assert found.positions(ids[::-1]).tolist() == list(range(len(ids)))[::-1]
    assert [found.position(one) for one in ids] == list(range(len(ids)))


@pytest.mark.parametrize(
    "party", ["SECRET-1", "", 7, None, 1.5, b"SECRET-7", True, ("SECRET-7",), math.nan]
)
def test_who_is_not_there_is_unknown(party):
    found = little()
    for ask in (
        lambda: found.position(party),
        lambda: found.positions(["SECRET-7", party]),
        lambda: found.strength("SECRET-7", party),
        lambda: found.strength(party, "SECRET-7"),
        lambda: found.evidence(party, "SECRET-7"),
    ):
        assert isinstance(refused(ask, "unknown_customer"), UnknownCustomerError)


@pytest.mark.parametrize("party", [True, "7", None, b"1", 2**70, 7.5, [7], math.nan])
def test_text_and_truth_are_no_whole_numbers(party):
    found = InfluenceNetwork.from_edges([1, 7], [7, 8], 0.5)
    refused(lambda: found.position(party), "unknown_customer")


@pytest.mark.parametrize("parties", ["SECRET-7", b"SECRET", 7, None])
def test_positions_are_asked_for_by_a_list(parties):
    refused(lambda: little().positions(parties), "not_a_list")


def test_positions_may_come_from_any_iterable():
    found = little()
    ids = ["SECRET-9", "SECRET-7", "SECRET-9"]
    for some in (ids, tuple(ids), iter(ids), pd.Series(ids), np.array(ids, object)):
        assert found.positions(some).tolist() == [2, 0, 2]


@SMALL
@given(edge_lists())
def test_strengths_into_a_party_are_added_up_in_the_order_of_sources(drawn):
    found = weighted_cascade(network_of(drawn))
    strengths = strengths_of(found)
    heard = [
        math.fsum(
            strengths.get((before, other), 0)
            for before in drawn.parties
            if before < one
        )
        for one, other in strengths
    ]
    assert found.share_before.tolist() == pytest.approx(heard, abs=1e-12)


def test_strengths_into_a_party_add_up_to_at_most_1_where_they_are_added():
    found = InfluenceNetwork.from_edges(["SECRET-1", "b"], ["c", "c"], [0.75, 0.5])
    assert refused(lambda: found.share_before, "too_strong").positions == (2,)


# --- networkx ------------------------------------------------------------------------


@SMALL
@given(st.one_of(NETWORKS, with_evidence()))
def test_a_network_comes_back_from_networkx_with_its_evidence(found):
    graph = found.to_networkx()
    assert list(graph) == found.ids.tolist()
    assert {
        (one, other): strength for one, other, strength in graph.edges(data="strength")
    } == strengths_of(found)
    back = InfluenceNetwork.from_networkx(graph)
    again = InfluenceNetwork.from_networkx(back.to_networkx())
    for one in (back, again):
        assert one.out == found.out
        assert one.ids.tolist() == found.ids.tolist()
        for tie in range(found.n_ties):
            assert one.evidence_at(tie) == found.evidence_at(tie)
            assert one.kinds_at(tie) == found.kinds_at(tie)
        for source, target in strengths_of(found):
            assert one.evidence(source, target) == found.evidence(source, target)
    if found.n_ties and found.evidence_table is not None:
        lines = int(found.evidence_table.line.size)
        assert (back.report.read, back.report.used) == (lines, lines)
        kinds = back.evidence_table.kinds_of_ties()
        assert kinds.tolist() == found.evidence_table.kinds_of_ties().tolist()


@SMALL
@given(with_evidence())
def test_edges_show_kinds_and_evidence_where_there_is_any(found):
    for (one, other), shown in zip(
        strengths_of(found), found.to_networkx().edges(data=True), strict=True
    ):
        assert shown[:2] == (one, other)
        lines = shown[2]["evidence"]
        assert lines == found.evidence(one, other)
        assert all(isinstance(line, Evidence) for line in lines)
        assert set(shown[2]["kinds"]) == {str(line.kind) for line in lines}
        assert Counter(shown[2]["kinds"]).most_common(1)[0][1] == 1
        assert shown[2]["kinds"][0] == str(lines[0].kind)
    for *_, plain in found.to_networkx(evidence=False).edges(data=True):
        assert set(plain) == {"strength"}


def test_ids_of_graphs_are_plain_python():
    graph = InfluenceNetwork.from_edges(np.array([1]), np.array([2]), 0.5).to_networkx()
    assert [type(node) for node in graph] == [int, int]
    assert type(graph[1][2]["strength"]) is float


@SMALL
@given(edge_lists(repeats=False))
def test_an_undirected_edge_is_a_tie_in_both_directions(drawn):
    graph = graph_of(drawn, make=nx.Graph)
    found = as_network(graph)
    wanted = {
        pair: strength
        for one, other, strength in graph.edges(data="strength")
        for pair in ((one, other), (other, one))
        if one != other
    }
    assert strengths_of(found) == wanted
    assert found.self_ties == nx.number_of_selfloops(graph)
    assert found == as_network(graph.to_directed())


def test_a_graph_stays_as_it_is():
    graph = told().to_networkx()
    before = copy.deepcopy((dict(graph.nodes), list(graph.edges(data=True))))
    for act in (as_network, weighted_cascade, lambda one: uniform_strength(one, 0.1)):
        act(graph)
    assert before == (dict(graph.nodes), list(graph.edges(data=True)))


def test_views_and_frozen_graphs_are_read_like_others():
    graph = little().to_networkx()
    wanted = little()
    assert as_network(nx.freeze(graph.copy())) == wanted
    assert as_network(graph.subgraph(list(graph))) == wanted
    turned = as_network(graph.reverse(copy=False))
    assert turned.out == wanted.into


def test_the_attribute_with_the_strength_may_have_another_name():
    graph = nx.DiGraph()
    graph.add_edge(1, 2, weight=0.5, strength=0.1)
    graph.add_edge(2, 3, strength=0.2)
    read = InfluenceNetwork.from_networkx
    found = read(graph, weight="weight", default=0.25)
    assert strengths_of(found) == {(1, 2): 0.5, (2, 3): 0.25}
    assert strengths_of(read(graph, weight=None)) == {(1, 2): 1, (2, 3): 1}
    assert strengths_of(read(graph, weight=None, default=0)) == {(1, 2): 0, (2, 3): 0}
    error = refused(lambda: read(graph, weight="weight"), "no_strength")
    assert (error.column, error.positions) == ("weight", (1,))


def test_without_a_weight_no_attribute_is_read():
    graph = nx.DiGraph()
    graph.add_edge(1, 2, **{"": 0.3})
    found = InfluenceNetwork.from_networkx(graph, weight=None)
    assert found.out.strength.tolist() == [1.0]


@pytest.mark.parametrize(
    "strength",
    [0.5, np.float64(0.5), np.float32(0.5), Decimal("0.5"), Fraction(1, 2)],
    ids=["float", "double", "single", "decimal", "fraction"],
)
def test_strengths_of_edges_are_numbers_of_any_make(strength):
    graph = nx.DiGraph([(1, 2, {"strength": strength}), (2, 3, {"strength": 1})])
    assert as_network(graph).out.strength.tolist() == [0.5, 1.0]


def test_nodes_may_be_whole_numbers_of_any_make():
    graph = nx.DiGraph()
    graph.add_edge(np.int64(5), 7.0, strength=0.5)
    found = as_network(graph)
    assert found.ids.dtype == np.int64
    assert strengths_of(found) == {(5, 7): 0.5}


@pytest.mark.parametrize("evidence", ["SECRET", 7, None, ("SECRET",), [], {"a": 1}])
def test_an_attribute_called_evidence_may_be_anybodys(evidence):
    graph = nx.DiGraph()
    graph.add_edge("a", "b", strength=0.5, evidence=evidence)
    assert as_network(graph) == InfluenceNetwork.from_edges(["a"], ["b"], 0.5)


def test_evidence_of_loops_and_of_undirected_graphs_is_left_behind():
    line = told().evidence_at(0)
    loops = nx.DiGraph([("a", "a", {"strength": 0.5, "evidence": line})])
    assert as_network(loops).report is None
    both_ways = told().to_networkx().to_undirected()
    assert as_network(both_ways).evidence_table is None


def test_evidence_of_some_edges_only_stays_with_them():
    graph = told().to_networkx()
    graph.add_edge("SECRET-9", "SECRET-7", strength=0.1)
    graph.add_edge("A", "SECRET-7", strength=0.1)
    del graph["SECRET-7"]["SECRET-8"]["evidence"]
    found = as_network(graph)
    assert found.evidence("A", "SECRET-7") == ()
    assert found.evidence("SECRET-7", "SECRET-8") == ()
    assert found.evidence("SECRET-7", "SECRET-9") == told().evidence_at(1)
    assert found.evidence_table.kinds_of_ties().tolist()[:2] == [0, 0]
    assert found.kinds_at(0) == ()


def graph_with(strength: Any) -> Any:
    graph = nx.DiGraph([("SECRET-1", "b", {"strength": 0.5})])
    graph.add_edge("b", "SECRET-2", strength=strength)
    return graph


def nodes_of(*nodes: Any) -> Any:
    return nx.DiGraph([(*nodes, {"strength": 0.5})])


BAD_GRAPHS = {
    "multigraph": (nx.MultiDiGraph([("SECRET-1", "b")]), "multigraph"),
    "undirected multigraph": (nx.MultiGraph([("SECRET-1", "b")]), "multigraph"),
    "no strength": (nx.DiGraph([("SECRET-1", "b")]), "no_strength"),
    "None for a strength": (graph_with(None), "no_strength"),
    "negative strength": (graph_with(-0.1), "out_of_range"),
    "strength above 1": (graph_with(1.0000001), "out_of_range"),
    "strength nan": (graph_with(math.nan), "out_of_range"),
    "endless strength": (graph_with(math.inf), "out_of_range"),
    "strength NaN": (graph_with(Decimal("nan")), "out_of_range"),
    "strength NA": (graph_with(pd.NA), "out_of_range"),
    "text strength": (graph_with("SECRET-0.5"), "wrong_type"),
    "True for a strength": (graph_with(True), "wrong_type"),  # noqa: FBT003
    "listed strength": (graph_with([0.5]), "wrong_type"),
    "array of strengths": (graph_with(np.array([0.5, 0.5])), "wrong_type"),
    "complex strength": (graph_with(1j), "wrong_type"),
    "signalling nan": (graph_with(Decimal("sNaN")), "out_of_range"),
    "huge strength": (graph_with(10**400), "wrong_type"),
    "loop with nan": (
        nx.DiGraph([("SECRET-1", "SECRET-1", {"strength": math.nan})]),
        "out_of_range",
    ),
    "mixed nodes": (nodes_of("SECRET-1", 2), "not_an_id"),
    "nodes of pairs": (nodes_of(("SECRET-1", 1), ("SECRET-1", 2)), "not_an_id"),
    "nodes of broken numbers": (nodes_of(1.5, 2), "not_an_id"),
    "nodes of truth": (nodes_of(True, 2), "not_an_id"),  # noqa: FBT003
    "nodes of bytes": (nodes_of(b"SECRET-1", b"b"), "not_an_id"),
    "nodes of dates": (nodes_of(dt.date(2011, 1, 1), "b"), "not_an_id"),
    "nan nodes": (nodes_of(math.nan, 2), "not_an_id"),
    "blank nodes": (nodes_of("SECRET-1", "  "), "not_an_id"),
    "empty nodes": (nodes_of("SECRET-1", ""), "not_an_id"),
    "huge nodes": (nodes_of(2**63, 1), "not_an_id"),
    "broken text": (nodes_of("SECRET-1", "\ud800"), "not_an_id"),
    "nothing": (None, "not_a_network"),
    "text": ("SECRET-1", "not_a_network"),
    "frame": (pd.DataFrame({"SECRET": [1]}), "not_a_network"),
    "mapping": ({"SECRET-1": {"b": 0.5}}, "not_a_network"),
    "matrix": (np.eye(2), "not_a_network"),
    "class of graphs": (nx.DiGraph, "not_a_network"),
    "class of networks": (InfluenceNetwork, "not_a_network"),
}


@pytest.mark.parametrize("name", BAD_GRAPHS)
def test_bad_graphs_are_refused_without_a_word_of_them(name):
    graph, code = BAD_GRAPHS[name]
    refused(lambda: as_network(graph), code)


@pytest.mark.parametrize(
    "act", [weighted_cascade, lambda one: uniform_strength(one, 0)]
)
@pytest.mark.parametrize("name", ["multigraph", "mixed nodes", "nan nodes", "text"])
def test_bad_graphs_are_refused_where_only_ties_are_read(name, act):
    graph, code = BAD_GRAPHS[name]
    refused(lambda: act(graph), code)


@pytest.mark.parametrize("default", [-0.1, 2, math.nan, "SECRET", True, [0.5]])
def test_a_default_is_a_probability(default):
    graph = nx.DiGraph([(1, 2)])
    read = InfluenceNetwork.from_networkx
    refused(lambda: read(graph, default=default), "bad_option")
    refused(lambda: read(graph, weight=None, default=default), "bad_option")
    refused(lambda: uniform_strength(graph, default), "bad_option")


@pytest.mark.parametrize("weight", [False, ["strength"], 3.5])
def test_a_weight_is_the_name_of_an_attribute(weight):
    graph = nx.DiGraph([(1, 2, {"strength": 0.5})])
    with pytest.raises(ValueError, match="must"):
        InfluenceNetwork.from_networkx(graph, weight=weight)


def test_faulty_edges_are_counted_and_the_first_is_named_by_its_place():
    graph = nx.DiGraph([(1, 2, {"strength": 0.5}), (2, 3), (3, 4)])
    error = refused(lambda: as_network(graph), "no_strength")
    assert "2 of 3" in str(error)
    assert error.positions == (1, 2)


def test_graphs_are_told_by_what_they_can_do():
    assert is_graph(nx.Graph())
    assert not is_graph(nx.Graph)
    assert not is_graph(None)


EDGES = (["SECRET-1", "b"], ["b", "SECRET-3"])
BAD_EDGES = {
    "negative strength": ((*EDGES, [0.5, -0.1]), "out_of_range"),
    "strength above 1": ((*EDGES, [0.5, 1.5]), "out_of_range"),
    "one strength above 1": ((*EDGES, 1.5), "bad_option"),
    "one strength True": ((*EDGES, True), "bad_option"),
    "strengths of truth": ((*EDGES, [True, False]), "wrong_type"),
    "strength nan": ((*EDGES, [math.nan, 0.5]), "out_of_range"),
    "strength None": ((*EDGES, [None, 0.5]), "out_of_range"),
    "text strength": ((*EDGES, ["SECRET-1", 0.5]), "wrong_type"),
    "too many strengths": ((*EDGES, [0.5] * 3), "shape"),
    "too few targets": ((EDGES[0], ["b"], 0.5), "shape"),
    "null id": ((["SECRET-1", None], EDGES[1], 0.5), "not_an_id"),
    "blank id": ((["SECRET-1", " "], EDGES[1], 0.5), "not_an_id"),
    "mixed ids": ((["SECRET-1", 2], EDGES[1], 0.5), "not_an_id"),
    "ids of two kinds": ((["SECRET-1", "a"], [1, 2], 0.5), "not_an_id"),
    "ids of pairs": (([("SECRET-1", 1)] * 2, EDGES[1], 0.5), "not_an_id"),
    "broken ids": (([1.5, 2.0], [3, 4], 0.5), "not_an_id"),
    "one id": (("SECRET-1", "SECRET-2", 0.5), "not_a_column"),
    "no column": ((1, 2, 0.5), "not_a_column"),
    "matrix of ids": ((np.ones((2, 2)), np.ones((2, 2)), 0.5), "not_a_column"),
}


@pytest.mark.parametrize("name", BAD_EDGES)
def test_bad_edges_are_refused_without_a_word_of_them(name):
    edges, code = BAD_EDGES[name]
    refused(lambda: InfluenceNetwork.from_edges(*edges), code)


# --- more parties, other strengths ---------------------------------------------------


@SMALL
@given(st.one_of(NETWORKS, with_evidence()), st.data())
def test_added_parties_have_no_ties_and_change_none(found, data):
    text = found.ids.dtype == object if len(found) else data.draw(st.booleans())
    pool = ["", "0", "c1", "c15", "zz", "ž"][1:] if text else [*INT_IDS, 0, 10**6]
    more = data.draw(st.lists(st.sampled_from(pool)))
    whole = found.with_parties(more)
    assert whole.ids.tolist() == sorted({*found.ids.tolist(), *more})
    assert strengths_of(whole) == strengths_of(found)
    assert whole.self_ties == found.self_ties
    assert whole.report == found.report
    for one, other in strengths_of(found):
        assert whole.evidence(one, other) == found.evidence(one, other)
    assert whole.with_parties(more) is whole
    assert int(whole.out.degree.sum()) == int(whole.into.degree.sum()) == whole.n_ties
    assert as_network(whole.to_networkx()).out == whole.out


@pytest.mark.parametrize(
    ("parties", "code"),
    [
        (["SECRET-1", None], "not_an_id"),
        (["SECRET-1", ""], "not_an_id"),
        ([1, 2], "not_an_id"),
        (["SECRET-1", 2], "not_an_id"),
        (np.array([1.5]), "not_an_id"),
        ("SECRET-1", "not_a_column"),
        (7, "not_a_column"),
        (None, "not_a_column"),
    ],
)
def test_parties_must_be_ids_as_those_that_are_there(parties, code):
    refused(lambda: little().with_parties(parties), code)


@SMALL
@given(st.one_of(NETWORKS, with_evidence()), st.data())
def test_other_strengths_keep_the_ties_and_their_evidence(found, data):
    some = st.floats(0, 1)
    given_strengths = data.draw(
        st.lists(some, min_size=found.n_ties, max_size=found.n_ties)
    )
    other = found.with_strength(given_strengths)
    assert other.out.strength.tolist() == given_strengths
    assert list(strengths_of(other)) == list(strengths_of(found))
    for tie in range(found.n_ties):
        assert other.evidence_at(tie) == found.evidence_at(tie)
        assert other.kinds_at(tie) == found.kinds_at(tie)
    if found.evidence_table is not None and found.evidence_table.fusion is not None:
        refused(lambda: other.at(AS_OF), "no_evidence")
    assert other.into.strength.tolist() == [
        given_strengths[at] for at in found.into_out
    ]


def test_a_network_owns_its_strengths():
    mine = np.array([0.1, 0.2])
    found = little().with_strength(mine)
    mine[0] = 0.9
    assert found.out.strength.tolist() == [0.1, 0.2]
    ids = np.array([1, 2]), np.array([2, 3])
    mine = np.array([0.1, 0.2])
    made = InfluenceNetwork.from_edges(*ids, mine)
    mine[:], ids[0][:], ids[1][:] = 1, 9, 8
    assert strengths_of(made) == {(1, 2): 0.1, (2, 3): 0.2}


@pytest.mark.parametrize(
    ("strength", "code"),
    [
        ([0.5], "shape"),
        ([0.5] * 3, "shape"),
        (1.5, "bad_option"),
        (math.nan, "bad_option"),
        (True, "bad_option"),
        (None, "bad_option"),
        ("SECRET", "bad_option"),
        (np.ones((2, 1)), "not_a_column"),
        ([[0.5], [0.5]], "wrong_type"),
        ([True, False], "wrong_type"),
        (np.array([True, False]), "wrong_type"),
        ([0.5, 1.5], "out_of_range"),
        ([0.5, -1e-9], "out_of_range"),
        ([0.5, math.nan], "out_of_range"),
        ([0.5, None], "out_of_range"),
        (["SECRET-1", 0.5], "wrong_type"),
        (np.array(["SECRET-1", "0.5"]), "wrong_type"),
    ],
)
def test_other_strengths_are_probabilities_one_a_tie(strength, code):
    refused(lambda: little().with_strength(strength), code)


@SMALL
@given(edge_lists())
def test_weighted_cascade_shares_each_party_among_its_influencers(drawn):
    # Kempe, Kleinberg & Tardos 2003, section 4: p = 1 / in-degree of the influenced.
    graph = graph_of(drawn)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    found = weighted_cascade(graph)
    wanted = {(one, other): 1 / graph.in_degree(other) for one, other in graph.edges}
    assert strengths_of(found) == wanted
    assert found == weighted_cascade(as_network(graph))
    for party in range(len(found)):
        begin, end = found.into.start[party : party + 2]
        shares = found.into.strength[begin:end]
        assert not shares.size or math.fsum(shares) == pytest.approx(1)


@SMALL
@given(edge_lists(), st.floats(0, 1))
def test_uniform_strength_is_that_of_every_tie(drawn, strength):
    found = uniform_strength(graph_of(drawn), strength)
    assert set(found.out.strength.tolist()) <= {strength}
    assert list(strengths_of(found)) == list(strengths_of(as_network(graph_of(drawn))))
    assert uniform_strength(as_network(graph_of(drawn)), strength) == found


def test_only_ties_of_graphs_without_strengths_are_read():
    graph = nx.DiGraph([("a", "c", {"strength": "none"}), ("b", "c")])
    assert strengths_of(weighted_cascade(graph)) == {("a", "c"): 0.5, ("b", "c"): 0.5}
    assert set(uniform_strength(graph, 0.25).out.strength.tolist()) == {0.25}
    assert weighted_cascade(told()).report == told().report


# --- values --------------------------------------------------------------------------


def copies(thing: Any) -> dict[str, Any]:
    """Give the same thing copied in every way."""
    return {
        "copy": copy.copy(thing),
        "deep": copy.deepcopy(thing),
        "pickle": pickle.loads(pickle.dumps(thing)),  # noqa: S301 - our own
    }


@SMALL
@given(st.one_of(NETWORKS, with_evidence()), st.booleans())
def test_copies_are_equal_and_of_one_hash(found, looked_at):
    if looked_at:
        assert found.into.own.size == found.n_ties
    for made in copies(found).values():
        assert made == found
        assert hash(made) == hash(found)
        assert made.into == found.into
        assert made.self_ties == found.self_ties
        assert made.report == found.report
        assert strengths_of(made) == strengths_of(found)


def test_copies_can_be_merged_and_moved_to_another_day():
    found = told()
    row = {"kind": "referral", "date": dt.date(2011, 1, 2), "source": "x"}
    more = objects_of([{"source_id": "SECRET-9", "target_id": "SECRET-7", **row}])
    for made in copies(found).values():
        assert made.merge(more) == found.merge(more)
        assert made.at("2013-01-01") == found.at("2013-01-01")


def test_networks_that_differ_are_not_equal():
    found = little()
    others = [
        found.with_parties(["SECRET-0"]),
        found.with_strength([0.5, 0.26]),
        InfluenceNetwork.from_edges([1, 2], [2, 3], [0.5, 0.25]),
        as_network(found.to_networkx().reverse()),
        told(),
        told().at("2012-06-01"),
        told().merge([]).with_strength(told().out.strength),
        None,
        "SECRET-7",
    ]
    assert [other == found for other in others] == [False] * len(others)
    assert told() != told().at("2011-01-09")
    assert len({found, little(), told(), told()}) == 2


def arrays_of(found: InfluenceNetwork) -> dict[str, np.ndarray]:
    """Give every array of a network by name."""
    arrays = {"ids": found.ids, "into_out": found.into_out}
    for name, ties in {"out": found.out, "into": found.into}.items():
        for part in ("start", "others", "strength", "degree", "own"):
            arrays[f"{name}.{part}"] = getattr(ties, part)
    table = found.evidence_table
    if table is not None:
        arrays |= {f"lines.{name}": of for name, of in table.lines.columns().items()}
        for part in ("start", "line", "chance", "counted"):
            arrays[f"table.{part}"] = getattr(table, part)
    return arrays


def test_no_array_of_a_network_can_be_written_to():
    found = told()
    made = {
        "made": found,
        "copied": copy.copy(found),
        "read from a graph": as_network(found.to_networkx()),
        "with parties": found.with_parties(["A"]),
        "with strengths": found.with_strength(np.array([0.5, 0.5])),
        "merged": found.merge([]),
        "empty": InfluenceNetwork.from_edges([], [], []),
    }
    writeable = {
        f"{how}: {name}"
        for how, one in made.items()
        for name, array in arrays_of(one).items()
        if array.flags.writeable
    }
    assert writeable == set()


def test_networks_are_frozen_and_show_no_ids():
    found = told()
    with pytest.raises(AttributeError):
        found.ids = found.ids[:1]
    assert repr(found) == str(found) == "InfluenceNetwork(3 parties, 2 ties)"
    for part in (found.out, found.evidence_table, found.evidence_table.lines):
        assert "SECRET" not in repr(part)
    for line in found.evidence_at(0):
        assert "SECRET" not in repr(line)
    many = nx.complete_graph(40, create_using=nx.DiGraph)
    assert repr(weighted_cascade(many)) == "InfluenceNetwork(40 parties, 1,560 ties)"


# --- frames --------------------------------------------------------------------------


@SMALL
@given(NETWORKS)
def test_a_frame_of_ties_makes_the_same_network(found):
    frame = found.to_frame()
    again = InfluenceNetwork.from_edges(
        frame["source_id"], frame["target_id"], frame["strength"], parties=found.ids
    )
    assert again == evolve(found, evidence_table=None)


@SMALL
@given(with_evidence())
def test_a_frame_of_evidence_has_every_line_of_every_tie(found):
    frame = found.evidence_to_frame()
    ids = found.ids.tolist()
    told = [
        (ids[one], ids[other], str(line.kind), line.date, line.source, line.strength)
        for one, other, tie in zip(
            found.out.own.tolist(),
            found.out.others.tolist(),
            range(found.n_ties),
            strict=True,
        )
        for line in found.evidence_at(tie)
    ]
    dates = [one.date() for one in frame["date"]]
    columns = [frame[name].tolist() for name in ("source_id", "target_id", "kind")]
    rest = [frame[name].tolist() for name in ("source", "strength")]
    assert list(zip(*columns, dates, *rest, strict=True)) == told


def test_without_evidence_there_is_no_frame_of_it():
    refused(lambda: little().evidence_to_frame(), "no_evidence")
