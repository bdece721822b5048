"""Complaints in order against a plain sort of the rows, in every form of frame."""

import datetime as dt
import pickle
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    BadRowsError,
    InvalidInputError,
    MissingColumnError,
    UnknownCustomerError,
)
from customer_identification.models import Complaint
from customer_identification.service.complaints import order_complaints
from customer_identification.service.queue import ComplaintReport
from service.makers import AS_OF, classes_of, refused
from tables import KINDS


FEW = settings(max_examples=60, deadline=None)
LABELS = ("A", "B", "none")
CUSTOMERS = {"c1": "B", "c2": "A", "c3": "none", "c4": "A"}
DAY = dt.timedelta(days=1)

DAYS = st.dates(AS_OF - 9 * DAY, AS_OF + 3 * DAY)


@st.composite
def rows(draw: Any, *, bad: bool = False) -> list[dict[str, Any]]:
    """Draw complaints with different ids; bad ones lack something, or come twice."""
    ids = st.sampled_from([f"q{i}" for i in range(12)])
    whose = st.sampled_from([*CUSTOMERS, "c5", "c10"])
    maybe = (lambda one: st.none() | one) if bad else (lambda one: one)
    columns = {
        "complaint_id": maybe(ids),
        "customer_id": maybe(whose),
        "received": maybe(DAYS),
        "resolved": st.none() | DAYS,
    }
    found = draw(
        st.lists(
            st.fixed_dictionaries(columns),
            max_size=9,
            unique_by=None if bad else lambda row: row["complaint_id"],
        )
    )
    if not bad:
        for row in found:
            if row["resolved"] is not None and row["resolved"] < row["received"]:
                row["resolved"] = row["received"]
    return found


def frame_of(rows: list[dict[str, Any]], kind: str = "pyarrow") -> Any:
    text, day = pa.string(), pa.date32()
    types = {
        "complaint_id": text,
        "customer_id": text,
        "received": day,
        "resolved": day,
    }
    return KINDS[kind](
        pa.table(
            {
                name: pa.array([row[name] for row in rows], type=one)
                for name, one in types.items()
            }
        )
    )


def fault(row: dict[str, Any], rows: list[dict[str, Any]]) -> str | None:
    named = [one["complaint_id"] for one in rows]
    if row["complaint_id"] is None:
        return "no complaint_id"
    if row["customer_id"] is None:
        return "no customer_id"
    if row["received"] is None:
        return "no day received"
    if named.count(row["complaint_id"]) > 1:
        return "complaint_id more than once"
    if row["resolved"] is not None and row["resolved"] < row["received"]:
        return "resolved before received"
    return None


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    """Sort the open complaints by class, day and id."""
    places = {one: LABELS.index(label) for one, label in CUSTOMERS.items()}
    waiting = [
        (places.get(row["customer_id"], 3), row["received"], row["complaint_id"])
        for row in rows
        if row["received"] <= AS_OF
        and (row["resolved"] is None or row["resolved"] > AS_OF)
    ]
    return [one for *_, one in sorted(waiting)]


CLASSES = classes_of(CUSTOMERS, LABELS)


@FEW
@given(rows(), st.sampled_from([*KINDS, "objects"]), st.randoms())
def test_open_complaints_come_by_class_then_waiting_time_then_id(rows, kind, random):
    random.shuffle(rows)
    data = (
        [Complaint(**row) for row in rows]
        if kind == "objects"
        else frame_of(rows, kind)
    )
    targets = {"A": 1, "none": 4}
    queue = order_complaints(data, CLASSES, as_of=AS_OF, targets=targets)
    assert list(queue) == in_order(rows)
    by_id = {row["complaint_id"]: row for row in rows}
    for place, one in enumerate(queue, start=1):
        row, found = by_id[one], queue[one]
        label = CUSTOMERS.get(row["customer_id"], "unclassified")
        assert (found.place, found.label) == (place, label)
        assert (found.complaint_id, found.customer_id) == (one, row["customer_id"])
        assert found.waiting_days == (AS_OF - row["received"]).days
        due = row["received"] + targets[label] * DAY if label in targets else None
        assert found.due == due
        assert found.is_overdue == (due is not None and due < AS_OF)
    is_later = [row["received"] > AS_OF for row in rows]
    strange = sum(by_id[one]["customer_id"] not in CUSTOMERS for one in queue)
    assert queue.report == ComplaintReport(
        read=len(rows),
        waiting=len(queue),
        resolved=len(rows) - len(queue) - sum(is_later),
        later=sum(is_later),
        unclassified=strange,
    )
    assert queue.counts()["unclassified"] == strange
    assert sum(queue.counts().values()) == len(queue)


@FEW
@given(rows(bad=True), st.sampled_from(list(KINDS)))
def test_every_row_is_used_or_counted_by_its_first_fault(rows, kind):
    told = [fault(row, rows) for row in rows]
    fine = [row for row, why in zip(rows, told, strict=True) if why is None]
    call = {"classes": CLASSES, "as_of": AS_OF}
    queue = order_complaints(frame_of(rows, kind), on_bad_rows="report", **call)
    assert list(queue) == in_order(fine)
    aside = dict(queue.report.set_aside)
    assert aside == {why: told.count(why) for why in told if why is not None}
    report = queue.report
    assert report.read == len(rows)
    assert report.read == (
        report.waiting + report.resolved + report.later + sum(aside.values())
    )
    if aside:
        with pytest.raises(
            BadRowsError, match="every complaint must be usable"
        ) as error:
            order_complaints(frame_of(rows, kind), **call)
        first = error.value.positions[0]
        assert told[first] in str(error.value)
        assert f"first at row {first}" in str(error.value)


def complaint(one: Any, whose: Any = "c1", days: int = 1, **more: Any) -> Complaint:
    received = AS_OF - days * DAY
    return Complaint(complaint_id=one, customer_id=whose, received=received, **more)


def ordered(*rows: Any, **more: Any) -> Any:
    return order_complaints(rows, **{"classes": CLASSES, "as_of": AS_OF, **more})


def test_a_complaint_says_why_it_stands_where_it_does():
    queue = ordered(
        complaint("old", "c1", 30),
        complaint("new", "c2", 1),
        complaint("mid", "c3", 7),
        complaint("who", "c9", 99),
        targets={"A": 2, "B": 14},
    )
    told = [str(queue[one]).removeprefix("place ") for one in queue]
    assert (
        told[0] == "1: class A, number 1 by waiting time (1 days); is due on 2011-08-01"
    )
    late = "; was due on 2011-07-15"
    behind = "after 1 of better classes"
    assert told[1] == f"2: class B, number 1 by waiting time (30 days), {behind}{late}"
    behind = "after 2 of better classes"
    assert told[2] == f"3: class none, number 1 by waiting time (7 days), {behind}"
    behind = "after 3 of better classes"
    assert (
        told[3]
        == f"4: class unclassified, number 1 by waiting time (99 days), {behind}"
    )
    assert str(queue) == "4 complaints: 4 waiting (1 of customers without a class)"
    assert repr(queue) == "ComplaintQueue(4 complaints, as of 2011-07-31)"
    assert queue.overdue.tolist() == [False, True, False, False]
    for one in queue:
        assert one not in repr(queue[one])
        assert "c1" not in repr(queue[one])
    for strange in ("other", 1, True, None):
        with pytest.raises(UnknownCustomerError) as error:
            queue[strange]
        assert error.value.code == "unknown_complaint"
    assert pickle.loads(pickle.dumps(queue)) == queue  # noqa: S301


def test_ids_may_be_numbers():
    classes = classes_of({1: "B", 2: "A"}, LABELS)
    queue = ordered(complaint(7, 1), complaint(11, 2), complaint(3, 1), classes=classes)
    assert list(queue) == [11, 3, 7]
    assert queue[3].place == 2
    for strange in ("7", True, 8):
        with pytest.raises(UnknownCustomerError):
            queue[strange]


def test_no_targets_no_due_days():
    queue = ordered(complaint("q"))
    assert queue.due is None
    assert not queue.overdue.any()
    assert queue["q"].due is None
    assert list(queue.to_frame().columns) == [
        "place",
        "complaint_id",
        "customer_id",
        "class",
        "received",
        "waiting_days",
    ]


def test_a_target_of_no_days_is_due_on_the_day_itself():
    queue = ordered(complaint("now", days=0), complaint("then"), targets={"B": 0})
    assert queue.overdue.tolist() == [True, False]
    assert [queue[one].due for one in queue] == [AS_OF - DAY, AS_OF]


def test_a_target_beyond_the_calendar_is_due_on_its_last_day():
    queue = ordered(complaint("q"), targets={"B": 2**31})
    assert queue["q"].due == dt.date.max


def test_open_is_as_of_the_day():
    rows = [complaint("q", days=5, resolved=AS_OF - 2 * DAY)]
    for back, n in [(6, 0), (5, 1), (3, 1), (2, 0), (0, 0)]:
        queue = ordered(*rows, as_of=AS_OF - back * DAY)
        assert len(queue) == n
    assert str(queue) == str(queue.report) == "1 complaints: 0 waiting, 1 resolved"
    early = ordered(*rows, as_of=AS_OF - 6 * DAY)
    assert str(early) == "1 complaints: 0 waiting, 1 received later"


def test_nobody_complains():
    for data in ([], frame_of([])):
        queue = order_complaints(data, CLASSES, as_of=AS_OF, targets={"A": 1})
        assert len(queue) == 0
        assert queue.to_frame().shape[0] == 0
        assert sum(queue.counts().values()) == 0
    nobody = classes_of({}, LABELS)
    assert ordered(complaint("q"), classes=nobody).counts()["unclassified"] == 1


def test_a_queue_as_a_frame_is_of_the_hosts_kind():
    rows = [
        {"no": 2, "who": "c2", "came": pd.Timestamp("2011-07-30 23:30")},
        {"no": 1, "who": "c9", "came": pd.Timestamp("2011-07-01 09:00")},
    ]
    columns = {"complaint_id": "no", "customer_id": "who", "received": "came"}
    call = {"as_of": AS_OF, "columns": columns, "targets": {"A": 3}}
    frame = order_complaints(pl.DataFrame(rows), CLASSES, **call).to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.rows() == [
        (1, 2, "c2", "A", dt.date(2011, 7, 30), 1, dt.date(2011, 8, 2), False),
        (2, 1, "c9", "unclassified", dt.date(2011, 7, 1), 30, None, False),
    ]
    of_pandas = order_complaints(pd.DataFrame(rows), CLASSES, **call).to_frame()
    assert of_pandas["complaint_id"].tolist() == [2, 1]
    assert of_pandas["due"].isna().tolist() == [False, True]


def test_a_zone_says_whose_days_are_meant():
    late = dt.datetime(2011, 7, 31, 23, 30, tzinfo=dt.UTC)
    rows = pd.DataFrame(
        {"complaint_id": [1], "customer_id": ["c1"], "received": [late]}
    )
    for tz in ("Europe/Berlin", ZoneInfo("Europe/Berlin")):
        queue = order_complaints(rows, CLASSES, as_of=AS_OF, tz=tz)
        assert queue.report.later == 1
    assert len(order_complaints(rows, CLASSES, as_of=AS_OF, tz="UTC")) == 1
    with refused("time_zone"):
        order_complaints(rows, CLASSES, as_of=AS_OF)


ROW = {"complaint_id": "SECRET", "customer_id": "c1", "received": AS_OF}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"complaint_id": None}, "no complaint_id"),
        ({"complaint_id": " "}, "no complaint_id"),
        ({"customer_id": None}, "no customer_id"),
        ({"received": None}, "no day received"),
        ({"resolved": AS_OF - DAY}, "resolved before received"),
    ],
)
def test_bad_rows_are_told_without_their_ids(row, why):
    data = pd.DataFrame([ROW, {**ROW, "complaint_id": "x", **row}])
    with pytest.raises(
        BadRowsError, match=f"1 of 2 rows: {why}, first at row 1"
    ) as error:
        order_complaints(data, CLASSES, as_of=AS_OF)
    assert error.value.positions == (1,)
    assert "SECRET" not in str(error.value)


def test_rows_that_share_an_id_are_all_set_aside():
    data = pd.DataFrame([ROW, {**ROW, "complaint_id": "x"}, ROW])
    with pytest.raises(BadRowsError, match="2 of 3 rows: complaint_id more than once"):
        order_complaints(data, CLASSES, as_of=AS_OF)
    queue = order_complaints(data, CLASSES, as_of=AS_OF, on_bad_rows="report")
    assert list(queue) == ["x"]
    assert str(queue) == (
        "3 complaints: 1 waiting, 2 set aside: complaint_id more than once"
    )


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"complaints": None}, "not_a_table"),
        ({"complaints": "SECRET"}, "not_a_table"),
        ({"complaints": [ROW]}, "not_a_table"),
        ({"complaints": pd.DataFrame([{**ROW, "customer_id": 1}])}, "not_an_id"),
        ({"complaints": pd.DataFrame([{**ROW, "customer_id": 1.5}])}, "not_an_id"),
        (
            {"complaints": pd.DataFrame([{**ROW, "received": "2011-07-01"}])},
            "wrong_type",
        ),
        ({"complaints": pd.DataFrame([{**ROW, "received": 3}])}, "wrong_type"),
        ({"columns": {"topic": "t"}}, "unknown_column"),
        ({"columns": {"received": None}}, "missing_column"),
        ({"columns": "received"}, "bad_option"),
        ({"classes": None}, "bad_option"),
        ({"classes": classes_of(CUSTOMERS, LABELS, ordered=False)}, "not_ordered"),
        (
            {"classes": classes_of({1: "A"}, ("A", "unclassified"))},
            "unknown_class",
        ),
        ({"as_of": "July"}, "not_a_day"),
        ({"as_of": None}, "not_a_day"),
        ({"targets": {"D": 1}}, "unknown_class"),
        ({"targets": [1, 2]}, "unknown_class"),
        ({"targets": {"A": -1}}, "bad_option"),
        ({"targets": {"A": 1.5}}, "bad_option"),
        ({"targets": {"A": None}}, "bad_option"),
        ({"on_bad_rows": "skip"}, "bad_option"),
    ],
)
def test_malformed_input_is_refused(more, code):
    call = {"complaints": pd.DataFrame([ROW]), "classes": CLASSES, "as_of": AS_OF}
    with refused(code) as error:
        order_complaints(**(call | more))
    assert "SECRET" not in str(error.value)


def test_missing_columns_are_named():
    for name in ("complaint_id", "customer_id", "received"):
        with pytest.raises(MissingColumnError) as error:
            order_complaints(
                pd.DataFrame([ROW]).drop(columns=name), CLASSES, as_of=AS_OF
            )
        assert error.value.column == name


def test_many_complaints_keep_their_order():
    n = 40_000
    whose = np.arange(n) * 7 % 5
    classes = classes_of({i: ("A", "B")[i % 2] for i in range(4)}, LABELS)
    days = np.datetime64(AS_OF) - (np.arange(n) % 90).astype("m8[D]")
    data = pd.DataFrame(
        {"complaint_id": np.arange(n), "customer_id": whose, "received": days}
    )
    queue = order_complaints(data, classes, as_of=AS_OF)
    code = np.where(whose == 4, 3, whose % 2)
    keys = list(zip(code.tolist(), days.tolist(), range(n), strict=True))
    order = [i for *_, i in sorted(keys)]
    assert queue.complaint_ids.tolist() == order
    assert isinstance(queue.report, ComplaintReport)
    with pytest.raises(InvalidInputError):
        order_complaints(data, CLASSES, as_of=AS_OF)
