"""Tables of lines by array and one by one; what a classification shows."""

import math
import operator
import pickle
import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Classification,
    Condition,
    InvalidInputError,
    Line,
    LoyaltyClassifier,
    Measure,
    Override,
    Rule,
    Summary,
    Transaction,
    UnknownCustomerError,
    ValueTrajectoryClassifier,
    classes_from_frame,
    classify_by,
    measure_of,
    migrate,
    stabilize,
    summarize,
)
from customer_identification.classify.base import Classifier
from customer_identification.classify.table import decide, holds


few = settings(derandomize=True, max_examples=100, deadline=None)

RELATIONS: dict[Any, Any] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
NUMBER = st.sampled_from([math.nan, -2.0, -1.0, 0.0, 1.0, 2.0])
CONDITION = st.builds(
    Condition,
    measure=st.sampled_from(["one", "two"]),
    relation=st.sampled_from(list(RELATIONS)),
    limit=st.sampled_from([-1.0, 0.0, 1.0]),
)
LINES = st.lists(
    st.builds(
        Line,
        label=st.sampled_from(["x", "y", "z"]),
        conditions=st.lists(CONDITION, max_size=3).map(tuple),
    ),
    max_size=5,
)


def sales(values: dict[Any, Any], day: str = "2011-07-31") -> Summary:
    return summarize(
        [
            Transaction(customer_id=one, date=date(2011, 7, 1), amount=value)
            for one, value in values.items()
        ],
        as_of=day,
    )


@few
@given(lines=LINES, rows=st.lists(st.tuples(NUMBER, NUMBER), max_size=6))
def test_the_first_line_that_holds_gives_the_label(lines: Any, rows: Any) -> None:
    table = (*lines, Line("rest"))
    labels = ("rest", "z", "y", "x")
    measures = {
        name: Measure(np.array([row[i] for row in rows], dtype=float))
        for i, name in enumerate(("one", "two"))
    }
    codes = decide(table, labels, measures, len(rows))
    for at, row in enumerate(rows):
        values = dict(zip(("one", "two"), row, strict=True))
        true = [
            all(
                RELATIONS[c.relation](values[c.measure], c.limit)
                for c in line.conditions
            )
            for line in table
        ]
        assert labels[codes[at]] == table[true.index(True)].label
        assert [line.meets(values) for line in table] == true
        assert [bool(holds(one, measures, len(rows))[at]) for one in table] == true


def test_nan_meets_no_condition() -> None:
    for relation in RELATIONS:
        assert not Condition("one", relation, 0).meets({"one": math.nan})


@pytest.mark.parametrize(
    ("relation", "limit", "easier", "harder"),
    [
        (">=", 100.0, 90.0, 110.0),
        (">", -100.0, -110.0, -90.0),
        ("<=", 100.0, 110.0, 90.0),
        ("<", -100.0, -90.0, -110.0),
        (">=", 0.0, 0.0, 0.0),
    ],
)
def test_easier_is_on_the_open_side_of_a_limit(
    relation: Any, limit: float, easier: float, harder: float
) -> None:
    condition = Condition("one", relation, limit)
    assert condition.shifted(0.1).limit == pytest.approx(easier)
    assert condition.shifted(-0.1).limit == pytest.approx(harder)


@pytest.mark.parametrize(
    ("unit", "scale", "value", "text"),
    [
        ("money", 100, 1234.5, "1,234.50"),
        ("money", 1, 1234.0, "1,234"),
        ("days", 1, 1234.0, "1,234 days"),
        ("share", 1, 0.1234, "12.3%"),
        ("count", 1, 1234, "1,234"),
        ("gaps", 1, 1.26, "1.3 gaps"),
        ("score", 1, 0.126, "0.13"),
        ("score", 1, math.nan, "unknown"),
    ],
)
def test_measures_are_written_as_people_read_them(
    unit: Any, scale: int, value: float, text: str
) -> None:
    assert Measure(np.array([value]), unit, scale).read(value) == text


def test_a_column_that_is_not_there_is_unknown() -> None:
    summary = sales({1: 5, 2: 7})
    assert np.isnan(measure_of(summary, "categories", "count").values).all()
    money = measure_of(summary, "value", "money")
    assert (money.values.tolist(), money.scale) == ([500, 700], 100)
    assert money == measure_of(summary, "value", "money")
    assert money != measure_of(summary, "purchases", "count")
    assert money != 5
    with pytest.raises(ValueError, match="read-only"):
        money.values[0] = 1


def test_the_protocols_ask_for_a_shape_only() -> None:
    assert isinstance(ABCClassifier(), Classifier)
    assert isinstance(ABCClassifier().fit(sales({1: 5})), Rule)
    assert not isinstance(5, Classifier)


# --- a classification -----------------------------------------------------------------


def classes_of(values: dict[Any, Any]) -> Classification:
    summary = sales(values)
    return ABCClassifier(thresholds=(100, 10)).fit(summary).classify(summary)


def test_a_classification_is_asked_by_id() -> None:
    classes = classes_of({"a": 500, "b": 5, "c": 5, "d": -1})
    assert list(classes) == ["a", "b", "c", "d"]
    assert ("a" in classes, "z" in classes, 5 in classes) == (True, False, False)
    assert classes.label_of("b") == "C"
    assert classes.where("A", "none").tolist() == [True, False, False, True]
    assert classes.where().tolist() == [False] * 4
    assert len(classes) == sum(classes.counts().values()) == 4
    assert repr(classes) == "Classification(4 customers, as of 2011-07-31)"
    for missing in (classes.label_of, classes.__getitem__):
        with pytest.raises(UnknownCustomerError) as caught:
            missing("Müller")
        assert "Müller" not in str(caught.value)
    with pytest.raises(InvalidInputError, match="one of A, B, C"):
        classes.where("Z")


def test_a_classification_is_a_value() -> None:
    classes = classes_of({1: 500, 2: 5})
    again = pickle.loads(pickle.dumps(classes))  # noqa: S301
    assert again == classes
    assert hash(again) == hash(classes)
    assert classes != classes_of({1: 500, 2: 6})
    assert evolve(classes, codes=np.array([0, 0], np.int8)) != classes
    for array in (classes.codes, classes.customer_ids):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = array


def test_what_a_host_passes_in_can_be_changed_without_effect() -> None:
    measures = {"one": Measure(np.array([1.0]))}
    lines = [Line("x")]
    classes = classify_by(sales({1: 5}), lines, measures, labels=("x",))
    measures.clear()
    lines.clear()
    assert set(classes.measures) == {"one"}
    assert classes.lines == (Line("x"),)


def test_classes_may_come_without_a_table() -> None:
    plain = Classification(
        customer_ids=np.array([1, 2]),
        codes=np.array([0, 1], np.int8),
        labels=("x", "y"),
        as_of=date(2011, 7, 31),
    )
    verdict = plain[2]
    assert (verdict.label, verdict.rule_label, verdict.cause) == ("y", "y", "rule")
    assert (verdict.reasons, verdict.changes) == ((), ())
    assert (verdict.rank, verdict.tied, verdict.of) == (None, None, None)
    assert str(verdict).startswith("y")


def test_a_verdict_says_rank_and_ties() -> None:
    classes = classes_of({1: 5, 2: 500, 3: 5})
    assert (classes[1].rank, classes[1].tied, classes[1].of) == (2, 1, 3)
    assert "rank 2 of 3 by value, tied with 1" in str(classes[1])
    assert (classes[2].rank, classes[2].tied) == (1, 0)
    assert "tied" not in str(classes[2])


def test_what_is_unknown_has_no_rank() -> None:
    summary = evolve(sales({1: 5}), value=None)
    rule = ABCClassifier().fit(summary)
    verdict = rule.classify(summary)[1]
    assert (verdict.label, verdict.rank, verdict.of) == ("unknown", None, None)
    assert verdict.reasons[0].measure == "value"
    assert math.isnan(verdict.reasons[0].value)
    assert not verdict.reasons[0].is_known
    assert verdict == rule.classify(summary)[1]


def test_who_is_held_is_told_the_line_that_holds_them() -> None:
    july = classes_of({1: 500})
    august = sales({1: 95}, "2011-08-31")
    rule = ABCClassifier(thresholds=(100, 10)).fit(august)
    verdict = stabilize(rule.classify(august), july)[1]
    assert (verdict.label, verdict.rule_label, verdict.cause) == (
        "A",
        "B",
        "hysteresis",
    )
    reason = verdict.reasons[0]
    assert (reason.value, reason.limit, reason.margin) == (95.0, 100.0, -5.0)
    assert verdict.changes == ()


def test_set_apart_keeps_what_the_rule_says() -> None:
    classes = classes_of({1: 500, 2: 5})
    apart = classes.set_apart(np.array([True, False]))
    assert apart.labels == (*classes.labels, "apart")
    assert [apart.label_of(one) for one in (1, 2)] == ["apart", "C"]
    assert (apart[1].rule_label, apart[1].cause) == ("A", "apart")
    assert (apart[2].rule_label, apart[2].cause) == ("C", "rule")
    assert apart.counts() == {
        "A": 0,
        "B": 0,
        "C": 1,
        "none": 0,
        "unknown": 0,
        "apart": 1,
    }
    assert np.array_equal(apart.steady, classes.codes)
    assert classes.label_of(1) == "A"
    with pytest.raises(InvalidInputError, match="apart"):
        apart.set_apart(np.array([True, False]))


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_classification_is_shown_as_the_hosts_kind_of_frame(kind: str) -> None:
    override = Override(
        customer_id="b",
        label="A",
        reason="why not",
        since=date(2011, 7, 1),
        until=date(2011, 7, 31),
    )
    held = stabilize(classes_of({"a": 500, "b": 5}), overrides=[override])
    frame: Any = evolve(held, kind=kind).to_frame()
    kinds = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
    assert isinstance(frame, kinds[kind])
    as_lists = (
        frame.to_pydict()
        if kind == "pyarrow"
        else {name: list(frame[name]) for name in frame.columns}
    )
    assert as_lists["customer_id"] == ["a", "b"]
    assert as_lists["class"] == ["A", "A"]
    assert as_lists["rule_class"] == ["A", "C"]
    assert as_lists["steady_class"] == ["A", "C"]
    assert as_lists["cause"] == ["rule", "override"]
    assert as_lists["value"] == [500.0, 5.0]
    assert [str(day)[:10] for day in as_lists["since"]] == ["2011-07-31"] * 2
    plain: Any = evolve(classes_of({"a": 500}), kind=kind).to_frame()
    names = plain.column_names if kind == "pyarrow" else list(plain.columns)
    assert names == ["customer_id", "class", "value"]


# --- last time's classes from the host's own store -------------------------------------


def held(kind: str, ids: Any = "abcd") -> Classification:
    override = Override(
        customer_id=ids[1],
        label="A",
        reason="why not",
        since=date(2011, 7, 1),
        until=date(2011, 7, 31),
    )
    july = classes_of(dict(zip(ids, (500, 5, 50, 0), strict=True)))
    kept = stabilize(july, july, overrides=[override])
    apart = kept.set_apart(np.array([False, False, True, False]))
    return evolve(apart, kind=kind)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("ids", ["abcd", (7, 8, 30, 200)])
def test_classes_kept_in_a_frame_serve_as_those_in_memory(kind: str, ids: Any) -> None:
    before = held(kind, ids)
    frame: Any = before.to_frame()
    backwards = frame.take([3, 2, 1, 0]) if kind == "pyarrow" else frame[::-1]
    for stored in (frame, backwards):
        again = classes_from_frame(stored, as_of="2011-07-31", labels=before.labels)
        assert list(again) == list(before)
        for name in ("codes", "rule_codes", "steady_codes", "causes", "since"):
            assert np.array_equal(getattr(again, name), getattr(before, name)), name
        now = sales(dict(zip(ids, (95, 105, 105, 5), strict=True)), "2011-08-31")
        rule = ABCClassifier(thresholds=(100, 10)).fit(now)
        august = rule.classify(now)
        assert stabilize(august, again) == stabilize(august, before)
        moves, expected = migrate(again, august), migrate(before, august)
        assert np.array_equal(moves.matrix, expected.matrix)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_who_was_set_apart_may_stand_in_the_frame(kind: str) -> None:
    before = held(kind)
    labels = before.labels[:-1]
    assert before.labels == (*labels, "apart")
    again = classes_from_frame(before.to_frame(), as_of="2011-07-31", labels=labels)
    assert (again.labels, again.counts()) == (before.labels, before.counts())
    assert np.array_equal(again.steady, before.steady)
    kept = pd.DataFrame({"customer_id": [7, 3], "class": ["B", "A"]})
    nobody = classes_from_frame(kept, as_of="2011-07-31", labels=labels)
    assert nobody.labels == labels
    with pytest.raises(InvalidInputError) as caught:
        classes_from_frame(
            kept.assign(**{"class": ["B", "aparte"]}), as_of="2011-07-31", labels=labels
        )
    assert caught.value.column == "class"


def test_classes_may_be_kept_as_plain_words() -> None:
    plain = pd.DataFrame(
        {"customer_id": [7, 3], "class": pd.Series(["B", "A"], dtype=object)}
    )
    found = classes_from_frame(plain, as_of="2011-07-31", labels=("A", "B"))
    assert {one: found.label_of(one) for one in found} == {3: "A", 7: "B"}
    assert (found.rule_codes, found.since) == (None, None)
    numbers = plain.assign(**{"class": [1, 2]})
    strange = plain.assign(**{"class": ["B", "Z"]})
    hole = plain.assign(**{"class": pd.Series(["B", None], dtype=object)})
    for wrong in (numbers, strange, hole):
        with pytest.raises(InvalidInputError) as caught:
            classes_from_frame(wrong, as_of="2011-07-31", labels=("A", "B"))
        assert caught.value.column == "class"
    for ids in ([7, 7], [7, None]):
        twice = plain.assign(customer_id=pd.Series(ids, dtype="Int64"))
        with pytest.raises(InvalidInputError, match="once for every customer"):
            classes_from_frame(twice, as_of="2011-07-31", labels=("A", "B"))
    with pytest.raises(InvalidInputError, match="column"):
        classes_from_frame(plain[["class"]], as_of="2011-07-31", labels=("A", "B"))


def test_a_day_that_is_missing_is_not_the_first_of_1970() -> None:
    kept = pd.DataFrame(
        {
            "customer_id": [7, 3],
            "class": ["B", "A"],
            "since": pd.to_datetime(["2011-07-01", "NaT"]),
        }
    )
    with pytest.raises(InvalidInputError) as caught:
        classes_from_frame(kept, as_of="2011-07-31", labels=("A", "B"))
    assert caught.value.column == "since"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((), "last line"),
        ((Line("x", (Condition("one", ">=", 5),)),), "last line"),
        ((Line("y"),), "one of the labels x"),
    ],
)
def test_a_table_must_catch_everybody_with_labels_that_are_there(
    lines: Any, says: str
) -> None:
    measures = {"one": Measure(np.array([1.0, 9.0]))}
    with pytest.raises(InvalidInputError, match=says):
        decide(lines, ("x",), measures, 2)


def test_a_line_can_be_read() -> None:
    line = Line("x", (Condition("one", ">=", 5), Condition("two", "<", 0.25)))
    assert str(line) == "x: one >= 5 and two < 0.25"
    assert str(Line("rest")) == "rest: everybody else"


# --- what would change a class ----------------------------------------------------------


def histories() -> Summary:
    return summarize(
        [
            Transaction(
                customer_id=one,
                date=date(2011, month, 1 + one % 28),
                amount=max(0, 20 + one * (one % 5 - 2) * month),
                discount=(one % 3) * (month % 2),
            )
            for one in range(40)
            for month in range(1 + one % 7, 13 - one % 6)
        ],
        as_of="2011-12-31",
    )


@pytest.mark.parametrize(
    "classifier",
    [ABCClassifier(), ValueTrajectoryClassifier(), LoyaltyClassifier()],
    ids=lambda one: type(one).__name__,
)
def test_each_change_makes_the_class_it_names(classifier: Any) -> None:
    summary = histories()
    classes = classifier.fit(summary).classify(summary)
    tried = 0
    for one in classes:
        at = classes.customer_ids.tolist().index(one)
        verdict = classes[one]
        values = {name: m.values[at].item() for name, m in classes.measures.items()}
        for change in verdict.changes:
            measure = classes.measures[change.measure]
            before = values[change.measure]
            target = before + change.by * measure.scale
            if isinstance(before, int):
                target = round(target)
            assert change.label != verdict.label
            assert change.by != 0
            if change.label is None:
                assert measure.moves == "up"
                assert change.by > 0
                continue
            if measure.moves == "up or back to 0" and change.by < 0:
                assert target == pytest.approx(0)
                continue
            tried += 1
            near = target + math.copysign(1e-9 * max(abs(target), 1e-3), change.by)
            there = {**values, change.measure: target}
            beyond = {**values, change.measure: near}
            labels = {
                next(line.label for line in classes.lines if line.meets(changed))
                for changed in (there, beyond)
            }
            assert change.label in labels
            assert change.text
            assert str(change) == change.text
    assert tried > 10


def test_money_must_come_by_the_end_of_the_next_month() -> None:
    for day, end in (
        ("2011-07-31", "2011-08-31"),
        ("2011-08-15", "2011-08-31"),
        ("2011-12-31", "2012-01-31"),
        ("2012-01-31", "2012-02-29"),
    ):
        summary = sales({1: 100, 2: 5}, day)
        classes = ABCClassifier(thresholds=(100, 10)).fit(summary).classify(summary)
        assert f"5.00 more value by {end} makes B" in str(classes[2])


@pytest.mark.parametrize("unit", ["money", "days", "share", "count", "gaps", "score"])
@few
@given(limit=st.floats(0.1, 500), off=st.floats(1e-6, 1) | st.just(0.0))
def test_a_value_and_the_limit_it_misses_never_read_alike(
    unit: Any, limit: float, off: float
) -> None:
    lines = (Line("low", (Condition("one", "<=", limit),)), Line("rest"))
    measure = Measure(np.array([limit - off]), unit)
    summary = sales({1: 5})
    found = classify_by(summary, lines, {"one": measure}, labels=("low", "rest"))
    reason = found[1].reasons[0]
    read = re.fullmatch(r"one (.+), at most (.+)", reason.text)
    assert read is not None
    assert (read[1] == read[2]) == (reason.value == limit)


def test_a_score_just_below_one_half_is_not_one_half_below_one_half() -> None:
    lines = (Line("low", (Condition("loyalty", "<", 0.5),)), Line("rest"))
    for value, sentence in (
        (0.42, "loyalty 0.42, below 0.50"),
        (0.497, "loyalty 0.497, below 0.500"),
        (0.49996, "loyalty 0.49996, below 0.50000"),
    ):
        measure = Measure(np.array([value]), "score")
        found = classify_by(
            sales({1: 5}), lines, {"loyalty": measure}, labels=("low", "rest")
        )
        assert str(found[1].reasons[0]) == sentence


@few
@given(values=st.lists(st.integers(-5, 300), min_size=1, max_size=9))
def test_a_sentence_names_class_value_and_limit(values: Any) -> None:
    classes = classes_of(dict(enumerate(values)))
    for one, value in enumerate(values):
        verdict = classes[one]
        sentence = str(verdict)
        assert sentence.startswith(f"{verdict.label}: value {value:,.2f}, ")
        assert "nan" not in sentence
        reason = verdict.reasons[0]
        assert str(reason) == reason.text
        assert reason.text in sentence
