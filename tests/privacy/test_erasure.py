"""Erasing a party is the same as never having seen it."""

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Agreement,
    Customer,
    Relationship,
    Role,
    Transaction,
    influence_network,
    summarize,
)
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.privacy.erasure import erase
from customer_identification.privacy.pseudonyms import Pseudonyms, pseudonymize
from influence.networks import (
    AS_OF,
    edge_lists,
    graph_of,
    network_of,
    objects_of,
    relationships,
)
from privacy.people import DAY, KEY, one_of_each, people, refused


# --- objects -------------------------------------------------------------------------


def never_seen(models: list[Any], party: Any) -> list[Any]:
    """Write down anew what would be there without a party, class by class."""
    left = [SEEN.get(type(one), of_one)(one, party) for one in models]
    return [one for one in left if one is not None]


def of_one(one: Any, party: Any) -> Any:
    return None if one.customer_id == party else one


def of_sale(one: Transaction, party: Any) -> Transaction | None:
    names = ("payer_id", "beneficiary_id", "agent_id")
    gone = [name for name in names if getattr(one, name) == party]
    return of_one(evolve(one, **dict.fromkeys(gone)), party)  # type: ignore[arg-type, no-any-return]


def of_tie(one: Relationship, party: Any) -> Relationship | None:
    return None if party in (one.source_id, one.target_id) else one


def of_role(one: Role, party: Any) -> Role | None:
    if one.party_id == party:
        return None
    if one.towards != party:
        return one
    return evolve(one, towards=None) if one.agreement_id or one.scope else None


def of_agreement(one: Agreement, party: Any) -> Agreement:
    roles = [role for role in one.roles if role.party_id != party]
    return evolve(
        one,
        roles=[
            evolve(role, towards=None if role.towards == party else role.towards)
            for role in roles
        ],
    )


SEEN: dict[type, Any] = {
    Transaction: of_sale,
    Relationship: of_tie,
    Role: of_role,
    Agreement: of_agreement,
}


@settings(max_examples=120)
@given(people())
def test_what_is_left_is_what_would_be_there(drawn: Any) -> None:
    models, party = drawn
    found = erase(models, party)
    expected = never_seen(models, party)
    assert found.thing == expected
    assert (found.removed + found.blanked > 0) == (models != expected)
    assert erase(found.thing, party).thing == expected
    assert erase(found.thing, party).removed == 0
    assert erase(tuple(models), party).thing == tuple(expected)


@given(people())
def test_nobody_is_left_by_the_id_of_the_party(drawn: Any) -> None:
    models, party = drawn
    left = erase(models, party).thing
    assert repr([evolve_all(one) for one in left]).count(f"<{party!r}>") == 0


def evolve_all(model: Any) -> list[str]:
    """Show every id of an object, roles in agreements included."""
    shown = [
        f"<{value!r}>"
        for name in type(model).__attrs_attrs__
        for value in [getattr(model, name.name)]
        if name.name.endswith("_id") or name.name == "towards"
    ]
    return shown + [
        text for role in getattr(model, "roles", ()) for text in evolve_all(role)
    ]


def test_counts_tell_what_went_and_what_was_blanked() -> None:
    owner = Role(party_id=1, kind="owner", since=DAY)
    agent = Role(party_id=2, kind="agent", since=DAY, towards=1)
    agreement = Agreement(agreement_id="a", roles=[owner, agent, owner], opened=DAY)
    found = erase(agreement, 1)
    assert (found.removed, found.blanked) == (2, 1)
    assert found.thing.roles == (evolve(agent, towards=None),)
    sale = Transaction(
        customer_id=2, date=DAY, amount=1, payer_id=1, beneficiary_id=1, agent_id=3
    )
    found = erase([sale, agreement, one_of_each(1, 2)[0]], 1)
    assert (found.removed, found.blanked) == (3, 3)
    assert len(found.thing) == 2


def test_a_single_object_about_the_party_is_gone() -> None:
    for model in one_of_each(1, 2):
        found = erase(model, 1)
        assert (found.thing is None) != isinstance(model, Agreement)
        assert found.removed == 1


def test_a_number_does_not_erase_its_text() -> None:
    models = [
        Customer(customer_id=1, kind="person"),
        Customer(customer_id="1", kind="person"),
    ]
    assert erase(models, "1").thing == models[:1]
    assert erase(models, np.int64(1)).thing == models[1:]
    graph = nx.DiGraph([(1, "1"), ("1", 2)])
    assert set(erase(graph, "1").thing) == {1, 2}


def test_whoever_is_not_there_changes_nothing() -> None:
    models = one_of_each(1, 2)
    found = erase(models, 3)
    assert (found.thing, found.removed, found.blanked) == (models, 0, 0)
    network = InfluenceNetwork.from_edges([1], [2], [0.5])
    assert erase(network, 3).thing == network
    assert erase(network, 3).removed == 0
    assert erase([], "anybody").thing == []


def test_what_is_erased_is_not_shown() -> None:
    assert "SECRET" not in repr(erase(one_of_each("SECRET", "x"), "x"))


# --- graphs and networks -------------------------------------------------------------


@settings(max_examples=60)
@given(edge_lists(), st.sampled_from([nx.Graph, nx.DiGraph]), st.data())
def test_a_graph_is_that_of_the_others(drawn: Any, make: Any, data: Any) -> None:
    graph = graph_of(drawn, make=make)
    party = data.draw(
        st.sampled_from([*drawn.parties, *(drawn.parties and [999])] or [1])
    )
    if any(isinstance(one, str) for one in drawn.parties) and party == 999:
        party = "nobody"
    before = graph.copy()
    found = erase(graph, party)
    others = [edge for edge in drawn.edges if party not in edge[:2]]
    left = [one for one in drawn.parties if one != party]
    again = graph_of(evolve(drawn, parties=left, edges=others), make=make)
    assert nx.utils.graphs_equal(found.thing, again)
    assert found.removed == int(party in drawn.parties)
    assert nx.utils.graphs_equal(graph, before)


@settings(max_examples=60)
@given(edge_lists(), st.data())
def test_a_network_of_edges_is_that_of_the_others(drawn: Any, data: Any) -> None:
    if not drawn.parties:
        return
    party = data.draw(st.sampled_from(drawn.parties))
    others = [edge for edge in drawn.edges if party not in edge[:2]]
    left = [one for one in drawn.parties if one != party]
    again = network_of(evolve(drawn, parties=left, edges=others))
    found = erase(network_of(drawn), party)
    assert found.removed == 1
    assert found.thing.ids.tolist() == again.ids.tolist()
    assert found.thing.out == again.out


def distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({repr(row): row for row in rows}.values())


@settings(max_examples=60)
@given(relationships(least=1), st.data(), st.sampled_from([(), ("friend", "family")]))
def test_a_network_of_evidence_is_that_of_the_others(
    rows: Any, data: Any, mutual: Any
) -> None:
    """Report included; who loses the last tie stays a party."""
    rows = distinct(rows)
    options = {"as_of": AS_OF, "half_life": 3, "mutual": mutual}
    network = influence_network(objects_of(rows), **options)
    party = data.draw(st.sampled_from(network.ids.tolist()))
    others = [row for row in rows if party not in (row["source_id"], row["target_id"])]
    left = [one for one in network.ids.tolist() if one != party]
    again = influence_network(objects_of(others), **options).with_parties(left)
    found = erase(network, party).thing
    assert found == again
    assert erase(found, party).removed == 0
    if not mutual:
        halves = network.with_strength(network.out.strength / 2)
        assert erase(halves, party).thing == again.with_strength(again.out.strength / 2)


@settings(max_examples=40)
@given(relationships(least=1), st.data())
def test_a_network_of_a_graph_is_that_of_the_others(rows: Any, data: Any) -> None:
    network = influence_network(objects_of(rows), as_of=AS_OF)
    graph = network.to_networkx()
    party = data.draw(st.sampled_from(network.ids.tolist()))
    found = erase(InfluenceNetwork.from_networkx(graph), party).thing
    assert found == InfluenceNetwork.from_networkx(erase(graph, party).thing)


def test_repeated_lines_stay_counted_as_read() -> None:
    line = {
        "source_id": 1,
        "target_id": 2,
        "kind": "friend",
        "date": DAY,
        "source": "form",
        "strength": None,
        "until": None,
    }
    network = influence_network(objects_of([line, line]), as_of=AS_OF)
    found = erase(network, 1).thing
    assert found.report.conservation == "1 lines: 0 used, 1 identical"
    assert found.evidence_table.lines.origins.size == 0


def test_the_source_that_told_only_of_the_party_goes() -> None:
    ties = [
        Relationship(source_id=one, target_id=2, kind="friend", date=DAY, source=told)
        for one, told in [(1, "SECRET"), (3, "form")]
    ]
    network = influence_network(ties, as_of=AS_OF)
    found = erase(network, 1).thing
    assert found.evidence_table.lines.origins.tolist() == ["form"]


def test_erasing_and_pseudonyms_go_in_either_order() -> None:
    pseudonyms = Pseudonyms(KEY)
    ties = [
        Relationship(source_id=one, target_id=2, kind="friend", date=DAY, source="s")
        for one in (1, 3)
    ]
    network = influence_network(ties, as_of=AS_OF)
    one = pseudonymize(erase(network, 1).thing, pseudonyms)
    assert one == erase(pseudonymize(network, pseudonyms), pseudonyms.of(1)).thing


# --- what is refused -----------------------------------------------------------------

SALE = Transaction(customer_id="SECRET", date=DAY, amount=1)
SUMMARY = summarize([SALE], as_of="2011-07-01")
NETWORK = InfluenceNetwork.from_edges([1], [2], [0.5])
REFUSED: dict[str, Any] = {
    "no id": (lambda: erase([], None), "not_an_id"),
    "a float": (lambda: erase([], 1.0), "not_an_id"),
    "a flag": (lambda: erase([], True), "not_an_id"),  # noqa: FBT003
    "blank": (lambda: erase([], " "), "not_an_id"),
    "a number among texts": (lambda: erase([SALE], 7), "not_an_id"),
    "text among numbers": (lambda: erase(NETWORK, "SECRET"), "not_an_id"),
    "text among numbers, by itself": (
        lambda: NETWORK.without_party("SECRET"),
        "not_an_id",
    ),
    "text among nodes": (lambda: erase(nx.Graph([(1, 2)]), "SECRET"), "not_an_id"),
    "no list of objects": (lambda: erase(["SECRET"], "a"), "not_ours"),
    "text": (lambda: erase("SECRET", "a"), "not_ours"),
    "a frame": (lambda: erase(pd.DataFrame({"a": [1]}), 1), "not_ours"),
    "a class": (lambda: erase(InfluenceNetwork, 1), "not_ours"),
    "a summary": (lambda: erase(SUMMARY, "SECRET"), "made_anew"),
    "a classification": (
        lambda: erase(ABCClassifier().fit(SUMMARY).classify(SUMMARY), "SECRET"),
        "made_anew",
    ),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_erased_is_refused(call: Any, code: str) -> None:
    refused(call, code)
