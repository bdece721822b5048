"""What is known of whom: against plain sets, and what must always hold."""

import datetime as dt
import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    Attribute,
    AttributeKind,
    Consent,
    Customer,
    UnknownCustomerError,
)
from customer_identification.needs.coverage import attribute_coverage, coverage
from customer_identification.needs.known import KnowledgeCoverage
from needs.need_worlds import AS_OF, KINDS, arrow_of, objects_of, refused, row, worlds


FEW = settings(max_examples=60, deadline=None)
DAY = dt.timedelta(days=1)


def covered(rows: list[dict[str, Any]], **more: Any) -> KnowledgeCoverage:
    return coverage(objects_of(rows), **{"as_of": AS_OF, **more})


ROWS = [
    row(1, "price", age=10),
    row(1, "speed", age=500),
    row(2, "price", age=20),
    row(None, "speed"),
    row(3, "price", age=-5),
]


@FEW
@given(worlds(), st.none() | st.integers(0, 900))
def test_known_is_what_somebody_said_in_time(
    rows: list[dict[str, Any]], age: int | None
) -> None:
    found = covered(rows, max_age_days=age)
    newest: dict[Any, dt.date] = {}
    for one in rows:
        if one["customer_id"] is not None:
            key = one["customer_id"], one["topic"]
            newest[key] = max(newest.get(key, dt.date.min), one["date"])
    said = {k for k, day in newest.items() if age is None or (AS_OF - day).days <= age}
    topics = sorted({one["topic"] for one in rows})
    ids = sorted({one["customer_id"] for one in rows} - {None})
    assert found.items == tuple(topics)
    assert found.customer_ids.tolist() == ids
    for gap in found.gaps():
        lacking = [one for one in ids if (one, gap.item) not in said]
        assert found.lacking(gap.item).tolist() == lacking
        assert gap.lacking == len(lacking)
        days = [day for (_, topic), day in newest.items() if topic == gap.item]
        assert gap.newest == (max(days) if days else None)
    for one in ids:
        assert set(found[one]) == {t for t in topics if (one, t) not in said}


def test_what_is_asked_next_is_worth_most() -> None:
    rows = [row(1, "price"), row(2, "speed"), row(3, "speed")]
    values = {1: 100, 2: 10, 3: 20}
    found = covered(rows, values=values)
    assert [gap.item for gap in found.gaps()] == ["speed", "price"]  # 100 against 30
    assert [gap.value_lacking for gap in found.gaps()] == [100, 30]
    assert found.lacking("price").tolist() == [3, 2]
    without = covered(rows)
    assert [gap.item for gap in without.gaps()] == ["price", "speed"]  # 2 against 1
    assert math.isnan(without.gaps()[0].value_lacking)
    assert (
        str(without.gaps()[0]) == "price: not known of 2 (33% known), newest 2011-07-31"
    )


def test_customers_of_unknown_value_are_asked_last() -> None:
    rows = [row(one, "price") for one in (1, 2, 3)]
    found = covered(rows, topics=["speed"], values=pd.Series({3: 5.0}))
    assert found.lacking("speed").tolist() == [3, 1, 2]
    assert found.gaps()[0].value_lacking == 5


def test_later_words_and_words_of_nobody_cover_nobody() -> None:
    found = covered(ROWS)
    assert found.customer_ids.tolist() == [1, 2]
    assert found.lacking("speed").tolist() == [2]
    assert found.report is not None
    assert found.report.set_aside == (("after as_of", 1),)
    assert found[1] == ()


def test_what_is_too_old_is_asked_again() -> None:
    found = covered(ROWS, max_age_days=365)
    assert found[1] == ("speed",)
    assert found.age_days[0].tolist() == [10, 500]


def test_a_host_names_customers_and_topics() -> None:
    found = covered(ROWS, customers=[2, 9], topics=["price", "colour"])
    assert found.customer_ids.tolist() == [2, 9]
    assert found[9] == ("colour", "price")
    assert found.gaps()[0].newest is None
    with pytest.raises(UnknownCustomerError):
        found[1]


def test_nobody_and_nothing_are_covered() -> None:
    found = covered([], topics=["price"])
    assert math.isnan(found.gaps()[0].share)
    assert len(found) == 0
    assert covered([], customers=[1]).gaps() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_frames_say_the_same(kind: str) -> None:
    found = coverage(KINDS[kind](arrow_of(ROWS)), as_of=AS_OF)
    assert found == covered(ROWS)
    assert len(found.to_frame()) == 4


def test_a_result_tells_counts_and_no_ids() -> None:
    rows = [{**one, "customer_id": f"secret{one['customer_id']}"} for one in ROWS[:3]]
    found = covered(rows, values={"secret1": 3})
    assert repr(found) == "KnowledgeCoverage(2 customers, 2 items, as of 2011-07-31)"
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    renamed = found.renamed([7, 4])
    assert list(renamed) == [4, 7]
    assert renamed[4] == found["secret2"]
    assert renamed.value is not None
    assert np.isnan(renamed.value[0])
    assert 7 in renamed
    assert covered(ROWS).renamed(["b", "a"])["a"] == ("speed",)
    frame = found.to_frame()
    assert frame["known"].tolist() == [True, True, True, False]
    assert frame["newest"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"topics": "price"}, "bad_text"),
        ({"topics": 7}, "bad_text"),
        ({"topics": [" "]}, "bad_text"),
        ({"values": [1, 2]}, "not_a_mapping"),
        ({"values": {"a": 1}}, "not_an_id"),
        ({"max_age_days": -1}, "bad_option"),
        ({"customers": ["a"]}, "not_an_id"),
        ({"customers": [None]}, "not_an_id"),
        ({"as_of": "soon"}, "not_a_day"),
    ],
)
def test_what_cannot_be_right_is_refused(options: Any, code: str) -> None:
    with refused(code):
        covered(ROWS, **options)


def test_items_that_were_not_asked_for_are_refused() -> None:
    with refused("unknown_topic"):
        covered(ROWS).lacking("colour")


# --- what is recorded of customers -------------------------------------------------------


def known(kind: str, age: int = 0, **more: Any) -> Attribute:
    return Attribute(
        **{
            "kind": kind,
            "name": "x",
            "value": 1,
            "observed_on": AS_OF - age * DAY,
            "source": "form",
            **more,
        }
    )


def person(one: int, *attributes: Attribute) -> Customer:
    return Customer(customer_id=one, kind="person", attributes=attributes)


def test_kinds_of_attributes_are_covered_as_recorded() -> None:
    people = [
        person(
            2, known("demographics", 9), known("demographics", 3), known("channels", -1)
        ),
        person(1, known("expectations", value=None)),
    ]
    found = attribute_coverage(people, as_of=AS_OF)
    assert found.items == tuple(AttributeKind)
    assert (
        found.known.sum() == 1
    )  # the day after, and a value nobody knows, tell nothing
    at = found.items.index("demographics")
    assert found.age_days[1, at] == 3
    assert found.lacking("demographics").tolist() == [1]
    assert attribute_coverage(reversed(people), as_of=AS_OF) == found


def test_what_may_not_be_read_is_withheld() -> None:
    consent = Consent(purposes=["service"], given_on=AS_OF - DAY)
    people = [person(1, known("influences", consent=consent)), person(2)]
    keywords: dict[str, Any] = {"as_of": AS_OF, "kinds": ["influences"]}
    closed = attribute_coverage(people, **keywords)
    assert (
        str(closed.gaps()[0])
        == "influences: not known of 2 (0% known), 1 of them withheld"
    )
    opened = attribute_coverage(people, purpose="service", **keywords)
    assert opened.gaps()[0].lacking == 1
    assert opened.gaps()[0].withheld == 0
    assert closed.renamed([5, 4]).withheld.tolist() == [[False], [True]]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("people", "options", "code"),
    [
        ([1], {}, "not_a_table"),
        ([person(1), person(1)], {}, "not_an_id"),
        ([person(1)], {"kinds": ["taste"]}, "unknown_word"),
        ([person(1, known("channels"))], {"purpose": " "}, "bad_text"),
        ([person(1)], {"as_of": None}, "not_a_day"),
    ],
)
def test_records_that_cannot_be_right_are_refused(
    people: Any, options: Any, code: str
) -> None:
    with refused(code):
        attribute_coverage(people, **{"as_of": AS_OF, **options})
