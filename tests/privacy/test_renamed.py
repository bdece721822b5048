"""Other ids for everybody: the same as if the data had held them from the start."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Classification,
    InfluenceNetwork,
    LoyaltyClassifier,
    Override,
    Summary,
    Transaction,
    influence_network,
    stabilize,
    summarize,
)
from customer_identification.frames import read_new_ids
from customer_identification.privacy.pseudonyms import Pseudonyms, pseudonymize
from influence.networks import (
    AS_OF,
    edge_lists,
    network_of,
    objects_of,
    relationships,
)
from privacy.people import DAY, KEY, refused


NEW: dict[Any, Any] = {3: "z", 20: "b", 100: "a", -4: "ž", 7: "c", "c1": 9, "c10": -2}
NEW |= {"c2": 5, "ž": 0, "A": 7}


def new_of(ids: Any) -> list[Any]:
    return [NEW[one] for one in ids.tolist()]


@settings(max_examples=50)
@given(edge_lists())
def test_a_network_of_edges_is_that_of_new_ids(drawn: Any) -> None:
    network = network_of(drawn)
    edges = [(NEW[one], NEW[other], share) for one, other, share in drawn.edges]
    again = evolve(drawn, parties=[NEW[one] for one in drawn.parties], edges=edges)
    found = network.renamed(new_of(network.ids))
    assert found.ids.tolist() == network_of(again).ids.tolist()
    assert found.out == network_of(again).out
    assert found.self_ties == network.self_ties


@settings(max_examples=50)
@given(relationships(least=1))
def test_a_network_of_evidence_is_that_of_new_ids(rows: Any) -> None:
    network = influence_network(objects_of(rows), as_of=AS_OF, mutual=["friend"])
    renamed = [
        {**row, **{side: NEW[row[side]] for side in ("source_id", "target_id")}}
        for row in rows
    ]
    again = influence_network(objects_of(renamed), as_of=AS_OF, mutual=["friend"])
    assert network.renamed(new_of(network.ids)) == again


def test_sources_stay_unless_they_are_reworded() -> None:
    rows = [
        {
            "source_id": 1,
            "target_id": 2,
            "kind": "friend",
            "date": DAY,
            "source": "form",
            "strength": None,
            "until": None,
        }
    ]
    network = influence_network(objects_of(rows), as_of="2011-07-01").renamed([5, 4])
    assert network.evidence(5, 4)[0].source == "form"
    reworded = network.reworded(lambda words: [word.upper() for word in words])
    assert reworded.evidence(5, 4)[0].source == "FORM"
    nobody = influence_network([], as_of="2011-07-01")
    assert nobody.reworded(lambda words: words) is nobody
    bare = InfluenceNetwork.from_edges([1], [2], [0.5])
    assert bare.reworded(lambda words: words) is bare
    refused(lambda: network.reworded(lambda _: []), "shape")


# --- summaries and classifications ---------------------------------------------------


def sales_of(new: dict[Any, Any], seed: int = 1) -> list[Transaction]:
    rng = np.random.Generator(np.random.PCG64(seed))
    return [
        Transaction(
            customer_id=new.get(one, one),
            date=DAY + dt.timedelta(days=int(day)),
            amount=int(amount),
            discount=bool(amount % 2),
            category=f"k{day % 3}",
            order_id=f"o{day % 50}",
        )
        for one, day, amount in zip(
            rng.choice([3, 20, 100, -4, 7], 90).tolist(),
            rng.integers(0, 300, 90),
            rng.integers(-20, 300, 90),
            strict=True,
        )
    ]


def summary_of(new: dict[Any, Any], **options: Any) -> Summary:
    return summarize(sales_of(new), as_of="2011-12-31", mergeable=True, **options)


@pytest.mark.parametrize("period", ["week", "month", None])
def test_a_summary_is_that_of_new_ids(period: Any) -> None:
    summary = summary_of({}, period=period)
    assert summary.renamed(new_of(summary.customer_ids)) == summary_of(
        NEW, period=period
    )


def test_what_a_host_added_goes_with_its_customer() -> None:
    summary = summary_of({}).with_attitudes({3: 0.5, 7: -1})
    found = summary.renamed(new_of(summary.customer_ids))
    assert found == summary_of(NEW).with_attitudes({"z": 0.5, "c": -1})


def classes_of(summary: Summary, new: dict[Any, Any]) -> Classification:
    override = Override(
        customer_id=new.get(20, 20),
        label="A",
        reason="by hand",
        since=DAY,
        until=dt.date(2012, 1, 1),
    )
    fitted = ABCClassifier(computed=True).fit(summary).classify(summary)
    return stabilize(fitted, None, overrides=[override])


def test_a_classification_is_that_of_new_ids() -> None:
    summary, again = summary_of({}), summary_of(NEW)
    classes = classes_of(summary, {})
    found = classes.renamed(new_of(classes.customer_ids))
    assert found == classes_of(again, NEW)
    assert str(found["b"]) == str(classes[20])
    assert found.overrides["b"].customer_id == "b"


def test_a_classification_without_history_has_none_after() -> None:
    summary = summary_of({})
    classes = LoyaltyClassifier().fit(summary).classify(summary)
    found = classes.renamed(new_of(classes.customer_ids))
    again = summary_of(NEW)
    assert found == LoyaltyClassifier().fit(again).classify(again)
    assert found.since is None
    pseudonyms = Pseudonyms(KEY)
    hidden = pseudonymize(classes, pseudonyms)
    assert hidden.label_of(pseudonyms.of(3)) == classes.label_of(3)


@pytest.mark.parametrize(
    "as_column",
    [list, np.array, pd.Series, pl.Series, pd.Index],
    ids=["list", "numpy", "pandas", "polars", "index"],
)
def test_new_ids_may_come_as_any_column(as_column: Any) -> None:
    network = InfluenceNetwork.from_edges([1], [2], [0.5])
    assert network.renamed(as_column([8, 7])).strength(8, 7) == 0.5


@given(st.permutations(range(5)))
def test_names_back_and_forth_change_nothing(new: Any) -> None:
    summary = summary_of({})
    back = np.argsort(new)
    assert summary.renamed(new).renamed(summary.customer_ids[back]) == summary


@pytest.mark.parametrize(
    ("new_ids", "code"),
    [
        (["SECRET"], "shape"),
        (["SECRET", "SECRET"], "not_an_id"),
        (["SECRET", None], "not_an_id"),
        (["SECRET", " "], "not_an_id"),
        (["SECRET", 1], "not_an_id"),
        ([1, 1.5], "not_an_id"),
        ("SECRET", "not_a_column"),
        (None, "not_a_column"),
    ],
)
def test_new_ids_must_be_ids_that_differ(new_ids: Any, code: str) -> None:
    network = InfluenceNetwork.from_edges([1], [2], [0.5])
    refused(lambda: network.renamed(new_ids), code)


def test_the_second_of_two_equal_ids_is_at_fault() -> None:
    error = refused(lambda: read_new_ids(["a", "b", "a", None], 4), "not_an_id")
    assert error.positions == (2, 3)
