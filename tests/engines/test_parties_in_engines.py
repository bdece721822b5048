"""Attributes, needs, Kano's answers and credit are the same whatever holds the rows."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

import customer_identification as ci
from engines.makers import KINDS, frame_of


pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
]

LEADS = pa.table(
    {
        "lead": ["d", "a", "c", "b"],
        "staff": [40, None, 3, 12],
        "branch": ["trade", "craft", None, "trade"],
        "is_member": [True, False, None, True],
        "bought": [True, False, True, None],
    }
)
BILLS = pa.table(
    {
        "invoice_id": [1, 2, 3, 4],
        "customer_id": ["a", "b", "a", "c"],
        "issued": pa.array([date(2011, month, 1) for month in (1, 2, 3, 4)]),
        "due": pa.array([date(2011, month, 28) for month in (1, 2, 3, 4)]),
        "amount": [10.25, 20.5, 30.0, 5.0],
        "paid_on": pa.array([date(2011, 2, 15), None, date(2011, 3, 5), None]),
    }
)
SAID = pa.table(
    {
        "customer_id": ["a", "b", "c", "a", None],
        "topic": ["price", "price", "advice", "advice", "price"],
        "channel": ["survey_web", "meeting", "survey_web", "meeting", "suggestion_box"],
        "date": pa.array([date(2011, 5, day) for day in (1, 2, 3, 4, 5)]),
        "importance": [1.0, 0.75, 0.5, None, 0.25],
        "satisfaction": [0.25, 0.5, None, 1.0, 0.0],
    }
)
ANSWERS = pa.table(
    {
        "customer_id": ["a", "b", "c"],
        "topic": ["tracking", "tracking", "tracking"],
        "functional": ["like", "must_be", "like"],
        "dysfunctional": ["dislike", "dislike", "neutral"],
    }
)
POLICY = ci.NeedsPolicy(min_effective=1, n_bootstrap=20)


def leads_of(frame: Any) -> ci.AttributeTable:
    return ci.attribute_table(
        frame, customer_id="lead", outcome="bought", as_of="2011-12-31"
    )


def needs_of(frame: Any) -> ci.NeedRanking:
    return ci.rank_needs(frame, as_of="2011-12-31", rng=7, policy=POLICY)


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_are_those_of_pandas_in_every_engine(kind: str) -> None:
    by_pandas = leads_of(LEADS.to_pandas())
    assert by_pandas.row(3) == {"staff": 40, "branch": "trade", "is_member": 1}
    assert leads_of(frame_of(kind, LEADS)) == by_pandas


@pytest.mark.parametrize("kind", KINDS)
def test_credit_is_that_of_pandas_in_every_engine(kind: str) -> None:
    by_pandas = ci.summarize_credit(BILLS.to_pandas(), as_of="2011-06-30")
    assert by_pandas.open.tolist() == [0, 2050, 500]
    found = ci.summarize_credit(frame_of(kind, BILLS), as_of="2011-06-30")
    assert found == by_pandas
    rule = ci.CreditClassifier().fit(found)
    assert rule.classify(found) == rule.classify(by_pandas)


@pytest.mark.parametrize("kind", KINDS)
def test_needs_are_those_of_pandas_in_every_engine(kind: str) -> None:
    by_pandas = needs_of(SAID.to_pandas())
    assert [one.topic for one in by_pandas.overall] == ["price", "advice"]
    assert needs_of(frame_of(kind, SAID)) == by_pandas


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_counted_alike_in_every_engine(kind: str) -> None:
    by_pandas = ci.kano(ANSWERS.to_pandas())
    assert dict(by_pandas["tracking"].counts)["O"] == 1
    assert ci.kano(frame_of(kind, ANSWERS)) == by_pandas
