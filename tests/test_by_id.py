"""Results that are asked by id can be walked through, and asked who is there."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

import customer_identification as ci
from customer_identification.arrays import ById


SALES = pd.DataFrame(
    {
        "customer_id": ["c1", "c2", "c3"],
        "payer_id": [None, "boss", None],
        "agent_id": ["ann", "bob", None],
        "date": pd.to_datetime(["2011-05-01", "2011-05-02", "2011-05-03"]),
        "amount": [300.0, 20.0, 10.0],
    }
)


def results() -> dict[str, tuple[Any, set[str]]]:
    summary = ci.summarize(SALES, as_of="2011-05-31")
    classes = ci.ABCClassifier().fit(summary).classify(summary)
    ledger = ci.role_ledger(SALES, as_of="2011-05-31")
    complaints = [
        ci.Complaint(complaint_id="p1", customer_id="c1", received=date(2011, 5, 9))
    ]
    customers = {"c1", "c2", "c3"}
    return {
        "agents": (ci.agent_results(ledger), {"ann", "bob"}),
        "payers": (ci.payer_results(ledger), {"boss"}),
        "values": (ledger.by_role(), {*customers, "boss", "ann", "bob"}),
        "budget": (ci.share_budget(summary, 5), customers),
        "plan": (
            ci.ServicePolicy.for_rules(["value"]).plan({"value": classes}),
            customers,
        ),
        "watched": (
            ci.watch_list(summary, classes, keys=("A", "B", "C")),
            customers,
        ),
        "complaints": (
            ci.order_complaints(complaints, classes, as_of="2011-05-31"),
            {"p1"},
        ),
    }


@pytest.mark.parametrize("name", list(results()))
def test_a_result_lists_just_those_whom_it_knows(name: str) -> None:
    result, known = results()[name]
    assert set(result) == known
    assert all(one in result for one in known)
    for stranger in ("nobody", 1, None, True, 0.5):
        assert stranger not in result
    for one in known:
        assert result[one] is not None


def test_a_result_without_ids_cannot_be_walked_through() -> None:
    with pytest.raises(NotImplementedError):
        list(ById())


def test_whole_numbers_are_no_text_and_no_flags() -> None:
    found = ci.share_budget({1: 10, 2: 20}, 3)
    assert 1 in found
    assert "1" not in found
    assert True not in found
