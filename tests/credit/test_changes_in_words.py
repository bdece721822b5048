"""What a change says, done to the letter, makes the class that it says."""

import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    Unit,
    decide,
)


some = settings(max_examples=120, deadline=None)

DAY = date(2011, 7, 31)
SAID = re.compile(
    r"(?P<number>[\d.,]+)(?P<percent>%?)(?: days?| gaps)? (?P<way>more|less) "
    r"(?P<measure>.+?)(?: by \d{4}-\d\d-\d\d)? makes (?P<label>\w+)$"
)


def step_said(text: str) -> tuple[float, str]:
    """Read out of words by how much a measure must change, and what that makes."""
    found = SAID.match(text)
    assert found is not None, text
    step = float(found["number"].replace(",", "")) / (100 if found["percent"] else 1)
    return (step if found["way"] == "more" else -step), found["label"]


# --- tables made by hand ------------------------------------------------------------------------

LABELS = ("a", "b", "c")


def classes(
    values: Any, unit: Unit, limits: tuple[float, float], scale: int = 1
) -> ci.Classification:
    low, high = limits
    lines = (
        Line("a", (Condition("size", ">=", high),)),
        Line("b", (Condition("size", ">", low),)),
        Line("c"),
    )
    measures = {"size": Measure(np.array(values), unit, scale)}
    return ci.Classification(
        customer_ids=np.arange(len(values)),
        codes=decide(lines, LABELS, measures, len(values)),
        labels=LABELS,
        as_of=DAY,
        lines=lines,
        measures=measures,
        ordered=True,
    )


def labels_near(value: float, unit: Unit, limits: Any, scale: int) -> set[str]:
    """Give the class of a number, to the noise of floats."""
    noise = 0.0 if unit == "money" else 1e-9
    many = [value - noise, value, value + noise]
    found = classes(many, unit, limits, scale)
    return {found.label_of(one) for one in found}


@some
@given(
    st.sampled_from(["count", "days", "share", "score", "gaps", "money"]),
    st.floats(0, 9),
    st.floats(1.5, 4),
    st.floats(6, 8),
)
@example("days", 2.5, 2.0, 6.0)
@example("count", 3, 2.0, 6.0)
@example("share", 0.0, 1.52345, 6.0)
@example("share", 6.0, 2.0, 6.0)
@example("score", 6.0, 2.0, 6.0)
@example("gaps", 0.1, 2.0, 7.01)
def test_a_step_that_is_said_is_far_enough(
    unit: Unit, value: float, low: float, high: float
) -> None:
    if unit in {"count", "money"}:
        value, low, high = round(value), round(low), round(high)
    scale = 100 if unit == "money" else 1
    verdict = classes([value], unit, (low, high), scale)[0]
    assert verdict.changes
    for change in verdict.changes:
        step, label = step_said(str(change))
        assert label == change.label != verdict.label
        new = value + step * scale
        near = round(new) if unit == "money" else new
        assert label in labels_near(near, unit, (low, high), scale)
        # and no further than the last digit that is shown
        digit = {"share": 0.001, "score": 0.01, "gaps": 0.1, "money": 0.01}.get(unit, 1)
        assert abs(step) - abs(change.by) < digit + 1e-9


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("days", 1.0, "1 day"),
        ("days", 2.0, "2 days"),
        ("days", 0.0, "0 days"),
        ("days", 1.5, "2 days"),
        ("days", float("nan"), "unknown"),
        ("share", 0.5, "50.0%"),
        ("count", 1.0, "1"),
        ("count", 12345.0, "12,345"),
        ("gaps", 1.0, "1.0 gaps"),
        ("score", 1.0, "1.00"),
    ],
)
def test_a_measure_reads_as_people_say_it(unit: Unit, value: float, text: str) -> None:
    assert Measure(np.array([value]), unit).read(value) == text


def test_a_measure_that_only_serves_the_lines_stands_in_no_frame() -> None:
    measures = {
        "shown": Measure(np.array([1.0]), "score"),
        "hidden": Measure(np.array([1]), "count", told=False),
    }
    lines = (Line("a", (Condition("hidden", ">=", 1),)), Line("b"))
    found = ci.Classification(
        customer_ids=np.array([7]),
        codes=np.array([0], np.int8),
        labels=("a", "b"),
        as_of=DAY,
        lines=lines,
        measures=measures,
    )
    assert "shown" in found.to_frame()
    assert "hidden" not in found.to_frame()
    assert found[7].reasons[0].measure == "hidden"


# --- our own classifiers -------------------------------------------------------------------------


def sale(one: Any, amount: float, day: date = DAY) -> ci.Transaction:
    return ci.Transaction(customer_id=one, date=day, amount=amount)


AMOUNTS = st.integers(1, 300_000).map(lambda cents: cents / 100)


@some
@given(AMOUNTS, st.integers(1, 290_000), st.integers(1, 9_000))
def test_more_or_less_value_makes_the_class_it_says(
    amount: float, low: int, gap: int
) -> None:
    limits = ((low + gap) / 100, low / 100)
    rule = ci.ABCClassifier(thresholds=limits).fit(
        ci.summarize([sale(1, amount)], as_of=DAY)
    )

    def verdict_at(value: float) -> ci.Verdict:
        return rule.classify(ci.summarize([sale(1, value)], as_of=DAY))[1]

    verdict = verdict_at(amount)
    assert verdict.changes
    for change in verdict.changes:
        step, label = step_said(str(change))
        assert verdict_at(round(amount + step, 2)).label == label
        shorter = round(amount + step - np.sign(step) * 0.01, 2)
        if shorter > 0:
            assert verdict_at(shorter).label != label


def owing(days_late: int, open_since: int) -> ci.CreditSummary:
    """Give a customer who paid four bills late, and one who left one open."""
    paid = [
        ci.Invoice(
            invoice_id=at,
            customer_id=1,
            issued=date(2011, 1, 1),
            due=date(2011, 1, 31),
            amount=100,
            paid_on=date.fromordinal(date(2011, 1, 31).toordinal() + days_late),
        )
        for at in range(4)
    ]
    due = date.fromordinal(DAY.toordinal() - open_since)
    waiting = ci.Invoice(
        invoice_id=9, customer_id=2, issued=date(2010, 1, 1), due=due, amount=1
    )
    return ci.summarize_credit([*paid, waiting], as_of=DAY)


@some
@given(st.integers(-20, 90), st.integers(0, 200))
@example(1, 89)
@example(31, 91)
@example(30, 31)
def test_days_more_or_less_make_the_credit_level_they_say(
    late: int, since: int
) -> None:
    credit = owing(late, since)
    rule = ci.CreditClassifier(min_invoices=1).fit(credit)
    classes_ = rule.classify(credit)
    for one in (1, 2):
        for change in classes_[one].changes:
            if change.measure not in {"beyond_terms", "past_due"}:
                continue
            step, label = step_said(str(change))
            # by the same rule, with that one number changed in the summary's columns
            now = classes_.measures[change.measure].values[one - 1]
            measures = dict(classes_.measures)
            changed = measures[change.measure].values.copy()
            changed[one - 1] = now + step
            measures[change.measure] = Measure(changed, "days")
            codes = decide(rule.lines, rule.labels, measures, 2)
            assert rule.labels[codes[one - 1]] == label
            day = "1 day " in str(change)
            assert day == (abs(step) == 1)


@some
@given(st.lists(AMOUNTS, min_size=3, max_size=6), st.integers(0, 60))
def test_value_beside_credit_moves_by_the_same_steps_as_alone(
    amounts: list[float], late: int
) -> None:
    summary = ci.summarize(
        [sale(one, amount) for one, amount in enumerate(amounts)], as_of=DAY
    )
    value = ci.ABCClassifier(thresholds=(1000, 100)).fit(summary).classify(summary)
    credit = owing(late, 10)
    levels = ci.CreditClassifier(min_invoices=1).fit(credit).classify(credit)
    both = ci.combine_with_value(levels, value)
    assert not {"has_value_class", "has_credit_level"} & {*both.to_frame()}
    for one in value:
        alone = {
            change.by for change in value[one].changes if change.measure == "value"
        }
        beside = [change for change in both[one].changes if change.measure == "value"]
        assert {change.by for change in beside} == alone
        for change in beside:
            step, _ = step_said(str(change))
            assert step == pytest.approx(change.by, abs=1e-9)
