"""Chains against every path listed one by one, and groups against plain components."""

import math
import time
from datetime import date
from itertools import islice, pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    CORPORATE_KINDS,
    HOUSEHOLD_KINDS,
    Groups,
    InfluenceNetwork,
    InvalidInputError,
    PartyValues,
    Relationship,
    RelationshipKind,
    UnknownCustomerError,
    group_network,
    groups_of,
    influence_network,
    influenced_by,
    influencers_of,
    strongest_paths,
)


few = settings(derandomize=True, max_examples=60, deadline=None)

# Halves multiply without rounding, so that equally strong paths are equal to the last
# digit; thirds and the like show what rounding does; 0 and 1 are the ends.
HALVES = (0.0, 0.125, 0.25, 0.5, 1.0)
ANY = (*HALVES, 0.1, 0.3, 0.7, 0.9, 1 / 3)
LIMITS = st.sampled_from((1e-9, 0.01, 0.125, 0.25, 0.3, 1.0))
HOPS = st.sampled_from((1, 2, 3, 4, None))


@st.composite
def graphs(draw: Any, strengths: Any = ANY, most: int = 6) -> Any:
    """Draw small graphs with loops, cycles, parties alone, directed or not."""
    n = draw(st.integers(1, most))
    no_tie = draw(st.integers(0, 2)) * len(strengths)  # dense ones, and sparse ones
    words = st.sampled_from((*strengths, *[None] * no_tie))
    drawn = draw(st.lists(words, min_size=n * n, max_size=n * n))
    edges = [(*divmod(at, n), one) for at, one in enumerate(drawn) if one is not None]
    graph = nx.DiGraph() if draw(st.booleans()) else nx.Graph()
    graph.add_nodes_from(draw(st.permutations(range(n))))
    graph.add_weighted_edges_from(edges, weight="strength")
    return graph


def product(graph: Any, path: Any, *, backwards: bool = False) -> float:
    """Multiply strengths one by one, from the first party or from the last."""
    ties = [graph.edges[pair]["strength"] for pair in pairwise(path)]
    return math.prod(ties[::-1] if backwards else ties, start=1.0)


def all_paths(
    graph: Any, source: Any, target: Any, floor: float, hops: int | None
) -> list[tuple[Any, ...]]:
    """List every simple path that is short enough and strong enough."""
    paths = nx.all_simple_paths(graph, source, target, cutoff=hops)
    return [tuple(one) for one in paths if product(graph, one) >= floor]


def best_of(paths: list[Any], graph: Any, *, backwards: bool) -> Any:
    """Take the strongest, then the shortest, then the smallest from the far end on."""

    def rank(path: tuple[Any, ...]) -> Any:
        strength = product(graph, path, backwards=backwards)
        return -strength, len(path), path if backwards else path[::-1]

    return min(paths, key=rank)


def relationship(source: Any, target: Any, kind: str, **more: Any) -> Relationship:
    given = {"date": date(2011, 5, 1), "source": "form"} | more
    return Relationship(source_id=source, target_id=target, kind=kind, **given)


def told(*lines: Any) -> InfluenceNetwork:
    return influence_network([relationship(*one) for one in lines], as_of="2011-12-01")


def network_of(*ties: Any, parties: Any = None) -> InfluenceNetwork:
    source, target, strength = zip(*ties, strict=True)
    return InfluenceNetwork.from_edges(
        list(source), list(target), strength, parties=parties
    )


# --- who influences whom ------------------------------------------------------------


def test_the_strongest_way_may_lead_over_others() -> None:
    network = network_of(
        ("ann", "bob", 0.5), ("bob", "eve", 0.5), ("ann", "eve", 0.125)
    )
    link = influencers_of(network, "eve")["ann"]
    assert link.path == ("ann", "bob", "eve")
    assert link.strengths == (0.5, 0.5)
    assert (link.party_id, link.strength, link.hops) == ("ann", 0.25, 2)


def test_a_limit_of_hops_finds_a_way_that_the_best_ways_hide() -> None:
    # 1 reaches 4 best over 2, 3, which leaves no hop to 5; the weak tie does.
    network = network_of(
        (1, 2, 0.9), (2, 3, 0.9), (3, 4, 0.9), (1, 4, 0.5), (4, 5, 0.9)
    )
    short = influenced_by(network, 1, max_hops=3)
    assert short[4].path == (1, 2, 3, 4)
    assert short[5].path == (1, 4, 5)
    assert influenced_by(network, 1)[5].path == (1, 2, 3, 4, 5)


@few
@given(graph=graphs(), floor=LIMITS, hops=HOPS, data=st.data())
def test_influencers_are_those_of_the_best_of_all_paths(
    graph: Any, floor: float, hops: Any, data: Any
) -> None:
    party = data.draw(st.sampled_from(sorted(graph)))
    chain = influencers_of(graph, party, min_strength=floor, max_hops=hops)
    expected = {}
    for other in set(graph) - {party}:
        paths = [
            path
            for path in all_paths(graph, other, party, 0.0, hops)
            if product(graph, path, backwards=True) >= floor
        ]
        if paths:
            best = best_of(paths, graph, backwards=True)
            expected[other] = (product(graph, best, backwards=True), len(best) - 1)
    assert {one: (link.strength, link.hops) for one, link in chain.items()} == expected
    for other, link in chain.items():
        assert link.path[0] == other
        assert link.path[-1] == party
        assert len(set(link.path)) == len(link.path)
        assert product(graph, link.path, backwards=True) == link.strength
        ties = [graph.edges[pair]["strength"] for pair in pairwise(link.path)]
        assert list(link.strengths) == ties
    ranks = [(-link.strength, link.hops, other) for other, link in chain.items()]
    assert ranks == sorted(ranks)


@few
@given(graph=graphs(strengths=HALVES), floor=LIMITS, hops=HOPS, data=st.data())
def test_of_equally_strong_paths_it_is_always_the_same(
    graph: Any, floor: float, hops: Any, data: Any
) -> None:
    party = data.draw(st.sampled_from(sorted(graph)))
    limits = {"min_strength": floor, "max_hops": hops}
    for other in set(graph) - {party}:
        paths = all_paths(graph, other, party, floor, hops)
        link = influencers_of(graph, party, **limits).get(other)
        assert (link is None) == (not paths)
        if link is not None:
            assert link.path == best_of(paths, graph, backwards=True)
        paths = all_paths(graph, party, other, floor, hops)
        link = influenced_by(graph, party, **limits).get(other)
        assert (link is None) == (not paths)
        if link is not None:
            assert link.path == best_of(paths, graph, backwards=False)


@few
@given(graph=graphs(), floor=LIMITS, hops=HOPS, data=st.data())
def test_whom_a_party_influences_is_who_it_influences_the_other_way_round(
    graph: Any, floor: float, hops: Any, data: Any
) -> None:
    party = data.draw(st.sampled_from(sorted(graph)))
    limits = {"min_strength": floor, "max_hops": hops}
    back = graph.reverse() if graph.is_directed() else graph
    there = influenced_by(graph, party, **limits)
    again = influencers_of(back, party, **limits)
    assert [(one, *link.path) for one, link in there.items()] == [
        (one, *link.path[::-1]) for one, link in again.items()
    ]
    assert all(link.path[0] == party for link in there.values())


@few
@given(graph=graphs(), data=st.data())
def test_the_order_of_parties_and_ties_never_matters(graph: Any, data: Any) -> None:
    party, other = (data.draw(st.sampled_from(sorted(graph))) for _ in range(2))
    shuffled = graph.__class__()
    shuffled.add_nodes_from(data.draw(st.permutations(list(graph))))
    shuffled.add_edges_from(
        data.draw(st.permutations(list(graph.edges(data=True)))),
    )
    assert influencers_of(shuffled, party) == influencers_of(graph, party)
    assert influenced_by(shuffled, party) == influenced_by(graph, party)
    if party != other:
        found = strongest_paths(graph, party, other, 4)
        assert strongest_paths(shuffled, party, other, 4) == found


def test_of_equal_ways_the_one_over_the_smaller_party_counts() -> None:
    ties = [(1, 3, 0.5), (1, 2, 0.5), (3, 9, 0.5), (2, 9, 0.5), (9, 5, 0.5)]
    assert influenced_by(network_of(*ties), 1)[5].path == (1, 2, 9, 5)
    assert influencers_of(network_of(*ties), 5)[1].path == (1, 2, 9, 5)
    links = strongest_paths(network_of(*ties), 1, 5, 3)
    assert [link.path for link in links] == [(1, 2, 9, 5), (1, 3, 9, 5)]


def test_equally_strong_paths_come_in_the_order_of_their_ends() -> None:
    ways = [(0, 2, 6, 9), (0, 3, 5, 9), (0, 2, 4, 9)]
    ties = {(*pair, 0.5) for way in ways for pair in pairwise(way)}
    links = strongest_paths(network_of(*ties), 0, 9, 3)
    assert [link.path for link in links] == [(0, 2, 4, 9), (0, 3, 5, 9), (0, 2, 6, 9)]


def test_of_equally_strong_links_those_over_fewer_ties_come_first() -> None:
    network = network_of((1, 5, 0.5), (5, 2, 0.5), (1, 4, 0.25), (1, 3, 0.25))
    assert list(influenced_by(network, 1)) == [5, 3, 4, 2]


def test_certain_ties_in_a_circle_lead_nowhere_twice() -> None:
    circle = network_of((1, 2, 1.0), (2, 3, 1.0), (3, 1, 1.0), (3, 2, 1.0))
    chain = influenced_by(circle, 1, max_hops=None, min_strength=1)
    assert {one: link.path for one, link in chain.items()} == {2: (1, 2), 3: (1, 2, 3)}


def test_ties_without_strength_lead_nowhere() -> None:
    network = network_of((1, 2, 0.0), (2, 3, 0.5))
    assert len(influenced_by(network, 1, min_strength=1e-300)) == 0
    assert strongest_paths(network, 1, 3, min_strength=1e-300) == ()


def test_a_party_alone_has_an_empty_chain() -> None:
    network = network_of((1, 2, 0.5), parties=[9])
    chain = influencers_of(network, 9)
    assert (list(chain), chain.top(3), len(chain)) == ([], [], 0)
    assert len(chain.to_frame()) == 0


def test_who_is_in_no_chain_is_told_apart_from_nobody() -> None:
    chain = influencers_of(network_of((1, 2, 0.5), (3, 1, 0.5), (2, 9, 0.5)), 1)
    assert 3 in chain
    for absent in (1, 2, 9):  # itself, whom it influences, the largest id of all
        assert absent not in chain
        with pytest.raises(UnknownCustomerError, match="none of the 1 in this chain"):
            chain[absent]
    with pytest.raises(UnknownCustomerError, match="no customer of these 4"):
        chain[77]


def test_a_long_row_is_followed_to_its_end_without_a_limit() -> None:
    row = InfluenceNetwork.from_edges(np.arange(3000), np.arange(1, 3001), 1.0)
    assert influenced_by(row, 0, max_hops=None)[3000].hops == 3000
    assert len(influenced_by(row, 0)) == 6


def test_a_star_of_many_parties_takes_no_time() -> None:
    n = 200_000
    star = InfluenceNetwork.from_edges(np.zeros(n, np.int64), np.arange(1, n + 1), 0.5)
    started = time.process_time()
    chain = influenced_by(star, 0)
    assert [one.party_id for one in chain.top(2)] == [1, 2]
    assert len(influencers_of(star, n)) == 1
    assert len(strongest_paths(star, 0, n, 3)) == 1
    assert len(chain) == n
    assert time.process_time() - started < 1.5  # a loop over links takes ten times more


# --- what a chain shows -------------------------------------------------------------

FAMILY = (
    ("ann", "bob", "referral"),
    ("ann", "bob", "friend"),
    ("bob", "eve", "family"),
    ("zoe", "eve", "agent_of"),
)


def test_every_tie_of_a_path_brings_its_evidence() -> None:
    network = told(*FAMILY)
    link = influencers_of(network, "eve")["ann"]
    assert link.kinds == (("referral", "friend"), ("family",))
    assert link.evidence == (
        network.evidence("ann", "bob"),
        network.evidence("bob", "eve"),
    )
    assert str(link) == (
        "influences with strength 0.13 over 2 ties: referral+friend, then family"
    )
    same = influenced_by(network, "ann")["eve"]
    assert (same.path, same.evidence) == (link.path, link.evidence)
    assert str(same).startswith("is influenced with strength 0.13")
    assert strongest_paths(network, "ann", "eve") == (same,)


def test_a_tie_without_evidence_says_so() -> None:
    link = influenced_by(network_of((1, 2, 0.5)), 1)[2]
    assert (link.kinds, link.evidence) == (((),), ((),))
    assert str(link) == "is influenced with strength 0.5 over 1 tie: unknown"


def test_no_repr_and_no_sentence_shows_an_id() -> None:
    chain = influencers_of(told(*FAMILY), "eve")
    shown = repr(chain) + repr(chain["ann"]) + str(chain["ann"])
    assert repr(chain) == "Chain(3 influencers)"
    assert not any(name in shown for name in ("ann", "bob", "eve", "zoe", "form"))


def test_the_frame_has_one_row_a_party() -> None:
    frame = influencers_of(told(*FAMILY), "eve").to_frame()
    assert frame.columns.tolist() == [
        "party_id",
        "strength",
        "hops",
        "through",
        "kinds",
    ]
    assert frame.drop(columns="strength").to_numpy().tolist() == [
        ["zoe", 1, "zoe", "agent_of"],
        ["bob", 1, "bob", "family"],
        ["ann", 2, "bob", "referral+friend > family"],
    ]
    assert frame["strength"].tolist() == pytest.approx([0.5, 0.3, 0.3 * 0.44])


@few
@given(
    lines=st.lists(
        st.tuples(
            st.integers(1, 5),
            st.integers(1, 5),
            st.sampled_from(list(RelationshipKind)),
        ).filter(lambda line: line[0] != line[1]),
        min_size=1,
        max_size=14,
    ),
    side=st.sampled_from([influencers_of, influenced_by]),
    party=st.integers(1, 5),
)
def test_the_frame_says_what_the_links_say(lines: Any, side: Any, party: int) -> None:
    chain = side(told(*lines).with_parties([party]), party, min_strength=1e-6)
    near = -2 if side is influencers_of else 1
    assert chain.to_frame().to_numpy().tolist() == [
        [
            link.party_id,
            link.strength,
            link.hops,
            link.path[near],
            " > ".join("+".join(words) for words in link.kinds),
        ]
        for link in chain.top(len(chain))
    ]


# --- several paths ------------------------------------------------------------------


def test_paths_come_strongest_first_and_only_as_many_as_there_are() -> None:
    network = network_of(
        (1, 2, 0.5), (2, 4, 0.5), (1, 3, 0.5), (3, 4, 0.25), (1, 4, 0.125), (2, 3, 1.0)
    )
    links = strongest_paths(network, 1, 4, k=9)
    assert [(link.path, link.strength) for link in links] == [
        ((1, 2, 4), 0.25),
        ((1, 4), 0.125),
        ((1, 3, 4), 0.125),
        ((1, 2, 3, 4), 0.125),
    ]
    assert {link.party_id for link in links} == {4}
    assert strongest_paths(network, 1, 4, k=2) == links[:2]
    assert strongest_paths(network, 4, 1, k=2) == ()


def test_a_detour_has_only_the_hops_that_are_left() -> None:
    network = network_of(
        (1, 2, 0.9), (2, 4, 0.9), (2, 3, 0.9), (3, 4, 0.9), (1, 4, 0.1)
    )
    links = strongest_paths(network, 1, 4, 3, max_hops=2)
    assert [link.path for link in links] == [(1, 2, 4), (1, 4)]
    assert len(strongest_paths(network, 1, 4, 3, max_hops=3)) == 3


@few
@given(graph=graphs(), floor=LIMITS, hops=HOPS, data=st.data())
def test_the_k_best_paths_are_the_best_of_all_paths(
    graph: Any, floor: float, hops: Any, data: Any
) -> None:
    for source, target in islice(
        ((one, other) for one in graph for other in graph if one != other), 6
    ):
        paths = all_paths(graph, source, target, floor, hops)
        ranks = sorted((-product(graph, one), len(one)) for one in paths)
        k = data.draw(st.integers(1, 5))
        limits = {"min_strength": floor, "max_hops": hops}
        links = strongest_paths(graph, source, target, k, **limits)
        found = [link.path for link in links]
        assert [(-link.strength, link.hops + 1) for link in links] == ranks[:k]
        assert set(found) <= set(paths)  # simple, and made of ties that are there
        assert len(set(found)) == len(found)
        assert all(link.strength == product(graph, link.path) for link in links)


@few
@given(graph=graphs(strengths=HALVES), hops=HOPS, k=st.integers(1, 5))
def test_equally_strong_paths_come_in_one_order(graph: Any, hops: Any, k: int) -> None:
    source, target = min(graph), max(graph)
    if source != target:
        paths = all_paths(graph, source, target, 1e-9, hops)
        paths.sort(key=lambda one: (-product(graph, one), len(one), one[::-1]))
        limits = {"min_strength": 1e-9, "max_hops": hops}
        links = strongest_paths(graph, source, target, k, **limits)
        assert [link.path for link in links] == paths[:k]


@few
@given(graph=graphs(strengths=(0.125, 0.5, 0.3, 0.9), most=7), k=st.integers(1, 5))
def test_networkx_finds_the_same_paths_by_their_lengths(graph: Any, k: int) -> None:
    source, target = min(graph), max(graph)
    for *_, tie in graph.edges(data=True):
        tie["length"] = -math.log(tie["strength"])
    if source != target and nx.has_path(graph, source, target):
        paths = nx.shortest_simple_paths(graph, source, target, weight="length")
        expected = [product(graph, one) for one in islice(paths, k)]
        links = strongest_paths(
            graph, source, target, k, min_strength=1e-12, max_hops=None
        )
        assert [link.strength for link in links] == pytest.approx(expected)


@few
@given(graph=graphs(), floor=LIMITS, hops=HOPS)
def test_the_first_path_is_the_link_of_the_chain(
    graph: Any, floor: float, hops: Any
) -> None:
    limits = {"min_strength": floor, "max_hops": hops}
    source, target = min(graph), max(graph)
    if source != target:
        link = influenced_by(graph, source, **limits).get(target)
        paths = strongest_paths(graph, source, target, **limits)
        assert paths == (() if link is None else (link,))


def test_many_paths_of_a_dense_network_are_not_all_listed() -> None:
    # 40 parties all tied to one another have some 10^46 paths between two of them.
    n = 40
    ties = np.random.Generator(np.random.PCG64(7)).random(n * n)
    one, other = np.divmod(np.arange(n * n), n)
    full = InfluenceNetwork.from_edges(one, other, ties)
    links = strongest_paths(full, 0, 1, 25, max_hops=None)
    strengths = [link.strength for link in links]
    assert len({link.path for link in links}) == 25
    assert strengths == sorted(strengths, reverse=True)


# --- what is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"min_strength": 0},
        {"min_strength": 1.01},
        {"min_strength": math.nan},
        {"max_hops": 0},
        {"max_hops": 2.5},
    ],
)
def test_limits_out_of_range_are_refused(options: Any) -> None:
    network = network_of((1, 2, 0.5))
    for ask in (influencers_of, influenced_by):
        with pytest.raises(InvalidInputError) as caught:
            ask(network, 1, **options)
        assert caught.value.code == "bad_option"
    with pytest.raises(InvalidInputError, match=next(iter(options))):
        strongest_paths(network, 1, 2, **options)


def test_paths_need_two_parties_that_are_there() -> None:
    network = network_of((1, 2, 0.5))
    with pytest.raises(InvalidInputError) as caught:
        strongest_paths(network, 1, 1)
    assert caught.value.code == "same_party"
    with pytest.raises(InvalidInputError, match="k must be a whole number"):
        strongest_paths(network, 1, 2, 0)
    for pair in ((1, 7), (7, 1), ("1", 2)):
        with pytest.raises(UnknownCustomerError):
            strongest_paths(network, *pair)
    for ask in (influencers_of, influenced_by):
        with pytest.raises(UnknownCustomerError):
            ask(network, 7)
    with pytest.raises(InvalidInputError, match="n must be a whole number"):
        influencers_of(network, 1).top(-1)


# --- groups -------------------------------------------------------------------------

HOMES = told(
    (5, 2, "household"),
    (5, 9, "family"),
    (9, 1, "friend"),
    (1, 3, "employment"),
    (3, 4, "shared_investor"),
    (4, 2, "supplier"),
)


def test_groups_are_all_whom_ties_of_the_kinds_join() -> None:
    homes = groups_of(HOMES)
    assert homes.members(9) == homes.members(2) == (2, 5, 9)
    assert [homes.group_of(one) for one in (1, 2, 3, 4, 5, 9)] == [1, 2, 3, 4, 2, 2]
    assert homes.group.tolist() == [0, 1, 2, 3, 1, 1]
    assert homes.group.dtype == np.int32
    assert homes.sizes().tolist() == [1, 3, 1, 1]
    assert repr(homes) == "Groups(6 parties, 4 groups)"
    firms = groups_of(HOMES, CORPORATE_KINDS)
    assert firms.members(4) == (1, 3, 4)
    assert len(firms) == 4


def test_a_kind_may_come_alone_and_as_a_word() -> None:
    only = groups_of(HOMES, "family")
    assert only == groups_of(HOMES, [RelationshipKind.FAMILY])
    assert only == groups_of(HOMES, RelationshipKind.FAMILY)
    assert only.members(5) == (5, 9)
    assert len(groups_of(HOMES, ())) == 6
    with pytest.raises(InvalidInputError, match="RelationshipKind must be one of"):
        groups_of(HOMES, ["cousin"])
    with pytest.raises(InvalidInputError, match="RelationshipKind must be one of"):
        groups_of(HOMES, 7)  # type: ignore[arg-type]


def test_a_graph_with_evidence_has_the_same_groups() -> None:
    assert groups_of(HOMES.to_networkx()) == groups_of(HOMES)


def test_groups_need_evidence() -> None:
    with pytest.raises(InvalidInputError) as caught:
        groups_of(network_of((1, 2, 0.5)))
    assert caught.value.code == "no_evidence"


def test_nobody_makes_no_groups() -> None:
    nobody = groups_of(influence_network([], as_of="2011-12-01"))
    assert (len(nobody), nobody.sizes().tolist(), len(nobody.to_frame())) == (0, [], 0)


@few
@given(
    lines=st.lists(
        st.tuples(
            st.integers(0, 9),
            st.integers(0, 9),
            st.sampled_from(["household", "family", "friend", "referral"]),
        ).filter(lambda line: line[0] != line[1]),
        max_size=16,
    ),
    data=st.data(),
)
def test_groups_are_the_components_that_networkx_finds(lines: Any, data: Any) -> None:
    network = told(*lines).with_parties(list(range(10)))
    groups = groups_of(network, HOUSEHOLD_KINDS)
    graph = nx.Graph([line[:2] for line in lines if line[2] in {"household", "family"}])
    graph.add_nodes_from(range(10))
    expected = {tuple(sorted(one)) for one in nx.connected_components(graph)}
    assert {groups.members(one) for one in range(10)} == expected
    assert groups.group_ids.tolist() == sorted(min(one) for one in expected)
    again = told(*data.draw(st.permutations(lines))).with_parties([*range(9, -1, -1)])
    assert groups_of(again) == groups


def test_the_frame_of_groups_has_one_row_a_party() -> None:
    frame = groups_of(HOMES).to_frame()
    assert frame.columns.tolist() == ["party_id", "group_id", "size"]
    assert frame.to_numpy().tolist() == [
        [1, 1, 1],
        [2, 2, 3],
        [3, 3, 1],
        [4, 4, 1],
        [5, 2, 3],
        [9, 2, 3],
    ]


def test_groups_numbered_otherwise_are_refused() -> None:
    ids = np.array([1, 2, 5])
    for group in ([1, 0, 0], [0, 2, 1], [0, -1, 0], [0, 0]):
        with pytest.raises(InvalidInputError) as caught:
            Groups(ids=ids, group=np.array(group, np.int32))
        assert caught.value.code == "bad_groups"
    with pytest.raises(UnknownCustomerError):
        Groups(ids=ids, group=np.array([0, 1, 0], np.int32)).members(3)


def test_a_network_of_groups_has_the_chance_that_any_tie_carries_over() -> None:
    network = network_of(
        ("ann", "eve", 0.5),
        ("bob", "eve", 0.5),
        ("bob", "zoe", 0.5),
        ("eve", "ann", 0.2),
        ("ann", "bob", 0.9),
        parties=["tom"],
    )
    homes = Groups(ids=network.ids, group=np.array([0, 0, 1, 2, 1], np.int32))
    whole = group_network(network, homes)
    assert whole.ids.tolist() == ["ann", "eve", "tom"]
    assert whole.strength("ann", "eve") == 1 - 0.5**3
    assert whole.strength("eve", "ann") == 0.2
    assert (whole.n_ties, whole.self_ties) == (2, 1)
    assert group_network(network.to_networkx(), homes) == whole
    with pytest.raises(InvalidInputError) as caught:
        group_network(network.with_parties(["uwe"]), homes)
    assert caught.value.code == "other_parties"


def test_parties_alone_keep_the_network_as_it_is() -> None:
    alone = groups_of(HOMES, ())
    same = group_network(HOMES, alone)
    assert same == evolve(HOMES, evidence_table=None)


def test_values_add_up_by_group() -> None:
    homes = groups_of(HOMES)
    sums = homes.add_up({1: 1.0, 2: 2.0, 3: 4.0, 4: 8.0, 5: 16.0, 9: 32.0})
    assert dict(sums) == {1: 1.0, 2: 50.0, 3: 4.0, 4: 8.0}
    assert sums.total == 63.0
    assert homes.add_up(sums, default=0) == sums
    assert homes.add_up(PartyValues(ids=homes.ids, value=2.0 ** np.arange(6)))[2] == 50
    assert homes.add_up(np.ones(6))[2] == 3
    with pytest.raises(InvalidInputError) as caught:
        homes.add_up({1: 1.0})
    assert caught.value.code == "missing_value"


def test_who_has_a_value_but_no_tie_is_a_group_alone() -> None:
    homes = groups_of(HOMES)
    sums = homes.add_up({0: 7, 5: 1, 6: 3, 9: 2}, default=0)
    assert dict(sums) == {0: 7, 1: 0, 2: 3, 3: 0, 4: 0, 6: 3}
