"""Pseudonyms: keyed, told apart by kind, and the same in every form data may have."""

import base64
import copy
import hashlib
import hmac
import json
import pickle
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import asdict, evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    Relationship,
    Role,
    Summary,
    Transaction,
    influence_network,
    summarize,
    to_dict,
)
from customer_identification.influence.evidence import Evidence
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.privacy.pseudonyms import (
    Pseudonyms,
    _check_distinct,
    _digest,
    _keyed,
    pseudonymize,
)
from influence.networks import AS_OF, objects_of, relationships
from privacy.people import DAY, KEY, one_of_each, people, pools, refused, transactions
from tables import KINDS


P = Pseudonyms(KEY)
IDS = st.integers(-(2**63), 2**63 - 1) | st.text(min_size=1, max_size=9).filter(
    lambda text: bool(text.strip())
)

# RFC 4231, section 4: key, data and HMAC-SHA-256 of test cases 1 to 7.
RFC_4231 = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than "
            b"block-size data. The key needs to be hashed before being used by the "
            b"HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


def recomputed(one: int | str) -> str:
    """Follow the docstring with the standard library, key and all."""
    kind, plain = ("int", str(one)) if isinstance(one, int) else ("text", one)
    message = f"id:{kind}:{plain}".encode()
    digest = hmac.new(KEY, message, hashlib.sha256).digest()[:16]
    check = hmac.new(KEY, b"check:" + digest, hashlib.sha256).digest()[:4]
    return "p-" + base64.b32encode(digest + check).decode("ascii").lower()


# --- one id --------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "data", "digest"), RFC_4231)
def test_digests_are_those_of_rfc_4231(key: bytes, data: bytes, digest: str) -> None:
    assert _digest(_keyed(key), data).hex().startswith(digest)


@given(IDS)
def test_a_host_can_recompute_a_pseudonym(one: Any) -> None:
    assert P.of(one) == recomputed(one)


@given(IDS)
def test_pseudonyms_of_pseudonyms_are_themselves(one: Any) -> None:
    once = P.of(one)
    assert P.of(once) == once != one
    assert P.knows(once)
    assert not Pseudonyms(KEY[::-1]).knows(once)


def test_a_number_and_its_text_are_two() -> None:
    assert len({P.of(1), P.of("1"), P.of("01"), P.of("Ann"), P.of("ann")}) == 5
    assert P.of(np.int64(1)) == P.of(1)


def test_other_keys_give_other_pseudonyms() -> None:
    assert Pseudonyms(KEY[::-1]).of("ann") != P.of("ann")


@given(st.integers(0, 31), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_nobody_makes_up_a_pseudonym_by_changing_a_letter(at: int, letter: str) -> None:
    real = P.of("ann")
    forged = real[: 2 + at] + letter + real[3 + at :]
    assert (P.of(forged) == forged) == (forged == real)


@pytest.mark.parametrize(
    "text",
    ["p-" + "a" * 32, P.of(1).upper(), P.of(1)[2:] + "p-", "p-" + "1" * 32, "p-", "x"],
)
def test_what_only_looks_like_a_pseudonym_gets_one(text: str) -> None:
    assert not P.knows(text)
    assert P.of(text) != text


def test_what_is_no_text_is_no_pseudonym() -> None:
    assert not P.knows(7)


# --- the key -------------------------------------------------------------------------


def test_the_key_is_nowhere_to_be_read() -> None:
    assert repr(P) == "Pseudonyms(key hidden)"
    assert not hasattr(P, "__dict__")
    held = [getattr(P, name) for name in Pseudonyms.__slots__]
    assert KEY not in held
    assert KEY.hex() not in repr(held)


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_pseudonyms_are_not_copied_or_pickled(way: Any) -> None:
    refused(lambda: way(P), "secret")


def test_pseudonyms_have_no_json() -> None:
    refused(lambda: to_dict(P), "misfit")
    with pytest.raises(TypeError):
        json.dumps(P)


def test_pseudonyms_of_one_key_are_equal_and_unhashable() -> None:
    assert Pseudonyms(bytes(KEY)) == P
    assert Pseudonyms(KEY[::-1]) != P
    assert P != KEY
    with pytest.raises(TypeError, match="unhashable"):
        hash(P)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("SECRET" * 10, "bad_key"),
        (bytearray(KEY), "bad_key"),
        (None, "bad_key"),
        (KEY[:31], "short_key"),
        (b"", "short_key"),
        (b"\x07" * 32, "weak_key"),
        (b"ab" * 16, "weak_key"),
    ],
)
def test_a_key_must_be_32_bytes_or_more(key: Any, code: str) -> None:
    assert refused(lambda: Pseudonyms(key), code).column == "key"


@pytest.mark.parametrize(
    "one", [None, True, 7.0, "", " ", 2**63, -(2**63) - 1, b"SECRET", "SECRET\ud800"]
)
def test_what_is_no_id_gets_no_pseudonym(one: Any) -> None:
    refused(lambda: P.of(one), "not_an_id")


def test_ids_that_share_a_pseudonym_are_counted() -> None:
    error = refused(lambda: _check_distinct(["p-a", "p-b", "p-a"]), "same_pseudonym")
    assert "1 of 3" in str(error)
    refused(lambda: P.of_all(["SECRET", P.of("SECRET")]), "same_pseudonym")


# --- frames --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_frames_get_pseudonyms_in_the_columns_named(kind: str) -> None:
    table = pa.table(
        {
            "whole": pa.array([7, None, 7, 8]),
            "text": pa.array(["7", "b", None, " "]),
            "amount": [1.5, 2.5, 3.5, 4.5],
        }
    )
    frame = KINDS[kind](table)
    before = list(frame["whole"])
    found = pseudonymize(frame, P, columns=["whole", "text"])
    assert type(found) is type(frame)
    columns = pl.from_arrow(found) if kind == "pyarrow" else pl.DataFrame(found)
    assert columns["whole"].to_list() == [P.of(7), None, P.of(7), P.of(8)]
    assert columns["text"].to_list() == [P.of("7"), P.of("b"), None, None]
    assert columns["amount"].to_list() == [1.5, 2.5, 3.5, 4.5]
    assert columns.columns == ["whole", "text", "amount"]
    assert repr(list(frame["whole"])) == repr(before)


def test_a_frame_twice_is_a_frame_once_and_keeps_its_index() -> None:
    frame = pd.DataFrame({"id": [2, 1, 2]}, index=[5, 5, 9])
    once = pseudonymize(frame, P, columns=("id",))
    assert pseudonymize(once, P, columns=("id",)).equals(once)
    assert once.index.tolist() == [5, 5, 9]
    assert frame["id"].tolist() == [2, 1, 2]


def test_unused_levels_of_categories_do_not_stay_behind() -> None:
    ids = pd.Categorical(["a", "b"], categories=["a", "b", "SECRET"])
    found = pseudonymize(pd.DataFrame({"id": ids}), P, columns=["id"])
    assert b"SECRET" not in pickle.dumps(found)
    polars = pl.DataFrame({"id": pl.Series(["a"], dtype=pl.Enum(["a", "SECRET"]))})
    assert pseudonymize(polars, P, columns=["id"]).schema == {"id": pl.String}


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_rows_stays_one(kind: str) -> None:
    frame = KINDS[kind](pa.table({"id": pa.array([], pa.int64())}))
    assert len(pseudonymize(frame, P, columns=["id"])) == 0


# --- objects -------------------------------------------------------------------------


def leaves(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return [leaf for one in thing.values() for leaf in leaves(one)]
    if isinstance(thing, (list, tuple)):
        return [leaf for one in thing for leaf in leaves(one)]
    return [thing]


def test_every_id_and_no_word_of_an_object_is_left() -> None:
    for model in one_of_each("SECRET 1", "SECRET 2"):
        found = pseudonymize(model, P)
        assert type(found) is type(model)
        texts = [one for one in leaves(asdict(found)) if isinstance(one, str)]
        personal = [one for one in texts if "SECRET" in one]
        assert personal == ["SECRET words"] * (2 if hasattr(found, "attributes") else 0)
        assert "a1" not in texts


def test_ids_of_all_objects_go_by_one_rule() -> None:
    transaction = pseudonymize(one_of_each(7, "7")[3], P)
    assert transaction.customer_id == transaction.beneficiary_id == P.of(7)
    assert transaction.payer_id == transaction.agent_id == P.of("7")
    assert transaction.order_id == P.of(5)
    agreement = pseudonymize(one_of_each(7, 8)[2], P)
    assert agreement.roles[0].agreement_id == agreement.agreement_id == P.of("a1")
    assert agreement.roles[0].towards == P.of(8)


@given(people())
def test_objects_twice_are_objects_once(drawn: Any) -> None:
    models, _ = drawn
    once = pseudonymize(models, P)
    assert pseudonymize(once, P) == once
    assert pseudonymize(tuple(models), P) == tuple(once)
    assert [pseudonymize(one, P) for one in models] == once


def test_none_stays_none() -> None:
    sale = pseudonymize(Transaction(customer_id=None, date=DAY, amount=1), P)
    assert (sale.customer_id, sale.order_id, sale.payer_id) == (None, None, None)
    role = Role(party_id=1, kind="owner", since=DAY)
    assert pseudonymize(role, P).towards is None


# --- summaries, networks and graphs --------------------------------------------------


@settings(max_examples=40)
@given(pools().flatmap(lambda pool: st.lists(transactions(pool), max_size=9)))
def test_a_summary_is_that_of_pseudonyms(sales: Any) -> None:
    """History and orders included, so that later months can be merged."""
    options = {"as_of": "2011-07-01", "mergeable": True}
    summary = summarize(sales, **options)
    found = pseudonymize(summary, P)
    assert found == summarize(pseudonymize(sales, P), **options)
    assert found.customer_ids.dtype == object or not len(summary)


def test_a_summary_of_pseudonyms_is_merged_with_later_months() -> None:
    def sales(month: int) -> list[Transaction]:
        return [
            Transaction(
                customer_id=one, date=DAY.replace(month=month), amount=1, order_id=one
            )
            for one in (1, 2, 30)
        ]

    march = summarize(sales(3), as_of="2011-03-31", mergeable=True)
    april = pseudonymize(sales(4), P)
    later = summarize(april, since="2011-04-01", as_of="2011-04-30", mergeable=True)
    both = summarize(
        pseudonymize(sales(3) + sales(4), P), as_of="2011-04-30", mergeable=True
    )
    assert pseudonymize(march, P).merge(later) == both


def test_a_summary_without_history_or_orders_has_nothing_to_reword() -> None:
    sale = Transaction(customer_id=1, date=DAY, amount=1)
    for mergeable in (False, True):
        summary = summarize([sale], as_of="2011-07-01", mergeable=mergeable)
        columns = {"customer_id": "customer_id", "order_id": None}
        assert isinstance(pseudonymize(summary, P), Summary)
        bare = summarize(
            [sale], as_of="2011-07-01", mergeable=mergeable, columns=columns
        )
        assert bare.reworded(P.of_all) is bare


@settings(max_examples=40)
@given(relationships())
def test_a_network_is_that_of_pseudonyms(rows: Any) -> None:
    options = {"as_of": AS_OF, "half_life": 3, "mutual": ["friend", "family"]}
    lines = objects_of(rows)
    network = influence_network(lines, **options)
    found = pseudonymize(network, P)
    if rows:
        assert found == influence_network(pseudonymize(lines, P), **options)
    assert pseudonymize(found, P) == found


@settings(max_examples=40)
@given(relationships(least=1))
def test_other_strengths_keep_their_evidence(rows: Any) -> None:
    network = influence_network(objects_of(rows), as_of=AS_OF)
    found = pseudonymize(network, P)
    halves = found.with_strength(found.out.strength / 2)
    assert pseudonymize(network.with_strength(network.out.strength / 2), P) == halves


@settings(max_examples=40)
@given(relationships(least=1))
def test_a_graph_is_that_of_its_network(rows: Any) -> None:
    network = influence_network(objects_of(rows), as_of=AS_OF)
    graph = pseudonymize(network.to_networkx(), P)
    assert list(graph) == sorted(graph)
    one = InfluenceNetwork.from_networkx(graph)
    other = pseudonymize(InfluenceNetwork.from_networkx(network.to_networkx()), P)
    for found in (one, other):
        assert found.out == pseudonymize(network, P).out
        assert told_of(found) == told_of(pseudonymize(network, P))


def told_of(network: InfluenceNetwork) -> dict[Any, Any]:
    """Give the evidence of each pair; of lines as strong, any may come first."""
    ids = network.ids.tolist()
    ties = zip(network.out.own.tolist(), network.out.others.tolist(), strict=True)
    return {
        (ids[one], ids[other]): sorted(
            network.evidence(ids[one], ids[other]),
            key=lambda line: (repr(line), line.source),
        )
        for one, other in ties
    } | {one: [] for one in ids}


def test_a_graph_keeps_what_is_on_edges_and_drops_what_is_on_nodes() -> None:
    line = Evidence(kind="friend", date=DAY, source="SECRET", strength=0.5)
    graph = nx.MultiDiGraph(name="SECRET")
    graph.add_node(2, name="SECRET", size=3)
    graph.add_edge(2, 1, key="k", strength=0.5, evidence=(line, "other"))
    graph.add_edge(1, 2, evidence=[line])
    found = pseudonymize(graph, P, keep_attributes=["size"])
    assert dict(found.nodes(data=True)) == {P.of(2): {"size": 3}, P.of(1): {}}
    assert found.edges[P.of(2), P.of(1), "k"] == {
        "strength": 0.5,
        "evidence": (evolve(line, source=P.of("SECRET")), "other"),
    }
    assert found.graph == {}
    assert graph.nodes[2]["name"] == "SECRET"
    assert line.source == "SECRET"


@pytest.mark.parametrize("make", [nx.Graph, nx.DiGraph, nx.MultiGraph])
def test_the_order_of_nodes_and_edges_does_not_matter(make: Any) -> None:
    edges = [(1, 2), (3, 1), (2, 3), (3, 3)]
    one, other = make(edges), make(edges[::-1])
    assert list(pseudonymize(one, P)) == list(pseudonymize(other, P))
    assert nx.utils.graphs_equal(
        pseudonymize(one, P), nx.relabel_nodes(one, {n: P.of(n) for n in one})
    )


# --- what is refused -----------------------------------------------------------------


def tie(one: Any, other: Any) -> Relationship:
    return Relationship(
        source_id=one, target_id=other, kind="friend", date=DAY, source="form"
    )


NETWORK = InfluenceNetwork.from_edges([1], [2], [0.5])
NO_ROWS = pd.DataFrame({"id": []})
REFUSED: dict[str, Any] = {
    "a key": (lambda: pseudonymize([], KEY), "bad_option"),
    "text": (lambda: pseudonymize("SECRET", P), "not_ours"),
    "no columns": (lambda: pseudonymize(NO_ROWS, P), "not_ours"),
    "a class": (lambda: pseudonymize(InfluenceNetwork, P), "not_ours"),
    "a list of days": (lambda: pseudonymize([DAY], P), "not_ours"),
    "a dict": (lambda: pseudonymize({"id": 1}, P, columns=["id"]), "not_a_table"),
    "a lazy frame": (
        lambda: pseudonymize(pl.LazyFrame({"a": [1]}), P, columns=["a"]),
        "lazy_frame",
    ),
    "no such column": (
        lambda: pseudonymize(NO_ROWS, P, columns=["a"]),
        "missing_column",
    ),
    "one column": (lambda: pseudonymize(NO_ROWS, P, columns="id"), "not_a_list"),
    "columns by number": (lambda: pseudonymize(NO_ROWS, P, columns=1), "not_a_list"),
    "one id": (lambda: P.of_all("SECRET"), "not_a_list"),
    "ties alone": (lambda: pseudonymize(NETWORK.out, P), "not_ours"),
    "none of the columns": (
        lambda: pseudonymize(NO_ROWS, P, columns=[]),
        "bad_option",
    ),
    "a number as column": (
        lambda: pseudonymize(NO_ROWS, P, columns=[1]),
        "bad_option",
    ),
    "one attribute": (
        lambda: pseudonymize(nx.Graph(), P, keep_attributes="name"),
        "not_a_list",
    ),
    "a column of halves": (
        lambda: pseudonymize(pd.DataFrame({"a": [1.5]}), P, columns=["a"]),
        "not_an_id",
    ),
    "a node of a half": (
        lambda: pseudonymize(nx.Graph([("SECRET", 1.5)]), P),
        "not_an_id",
    ),
    "a node beside its pseudonym": (
        lambda: pseudonymize(nx.Graph([("SECRET", P.of("SECRET"))]), P),
        "same_pseudonym",
    ),
    "a tie to its pseudonym": (
        lambda: pseudonymize(tie("SECRET", P.of("SECRET")), P),
        "self_relationship",
    ),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_get_pseudonyms_is_refused(call: Any, code: str) -> None:
    refused(call, code)
