"""Roles, ledgers and complaints are the same whatever holds the rows."""

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import customer_identification as ci
from engines.makers import KINDS, frame_of


pytestmark = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
]

AGREED = pa.table(
    {
        "agreement_id": ["a", "b", "c"],
        "owner_id": ["x", "y", "z"],
        "payer_id": ["y", None, "x"],
        "agent_id": ["ann", "ann", None],
        "kind_of_goods": ["lines", "phones", None],
        "opened": pa.array([date(2011, 1, day) for day in (1, 2, 3)], pa.date32()),
        "closed": pa.array([None, date(2011, 6, 30), None], pa.date32()),
        "premium": [10.25, 20.5, 30.0],
        "not_asked_for": [1, 2, 3],
    }
)
COLUMNS = {"agreements": {"scope": "kind_of_goods"}}
DEALT = {"customer_id": "owner_id", "date": "opened", "amount": "premium"}


def book_of(frame: Any) -> ci.RoleBook:
    return ci.assign_roles(frame, columns=COLUMNS)


def ledger_of(frame: Any) -> ci.RoleLedger:
    return ci.role_ledger(frame, as_of="2011-12-31", columns=DEALT)


@pytest.mark.parametrize("kind", KINDS)
def test_roles_and_value_are_those_of_pandas_in_every_engine(kind: str) -> None:
    frame = frame_of(kind, AGREED)
    by_pandas = AGREED.to_pandas()
    assert book_of(frame) == book_of(by_pandas)
    assert ledger_of(frame) == ledger_of(by_pandas)
    assert ledger_of(frame).by_role() == ledger_of(by_pandas).by_role()
    roles = book_of(frame).to_frame()
    assert len(roles) == len(book_of(by_pandas))


@pytest.mark.parametrize("kind", KINDS)
def test_complaints_are_in_the_same_order_in_every_engine(kind: str) -> None:
    table = pa.table(
        {
            "complaint_id": [1, 2, 3],
            "customer_id": ["x", "y", "z"],
            "received": pa.array(
                [date(2011, 5, day) for day in (3, 2, 1)], pa.date32()
            ),
        }
    )
    sales = pd.DataFrame(
        {
            "customer_id": ["x", "y", "z"],
            "date": pd.to_datetime(["2011-01-01"] * 3),
            "amount": [100.0, 1.0, 200.0],
        }
    )
    summary = ci.summarize(sales, as_of="2011-12-31")
    classes = ci.ABCClassifier(thresholds=(50,)).fit(summary).classify(summary)
    queue = ci.order_complaints(frame_of(kind, table), classes, as_of="2011-12-31")
    assert queue.complaint_ids.tolist() == [3, 1, 2]
