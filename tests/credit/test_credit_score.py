"""Credit levels by a scorecard: learnt from payment histories, or made by hand."""

import functools
import math
import pickle
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import customer_identification as ci
from credit.credit_data import COLUMNS, invoices
from credit.credit_worlds import DAYS, books, objects_of
from customer_identification import Classification, InvalidInputError
from customer_identification.attributes import AttributeTable, attribute_table
from customer_identification.classify.caution import Caution
from customer_identification.classify.credit import combine_with_value
from customer_identification.classify.credit_score import (
    CreditScoreClassifier,
    CreditScoreRule,
    credit_attributes,
)
from customer_identification.invoices.credit import summarize_credit
from customer_identification.scorecard.card import (
    NumberPoints,
    Scorecard,
    ScoreScale,
    WordPoints,
)
from datasets import _read


AS_OF = date(2011, 12, 31)
CARD = Scorecard(
    attributes=[
        NumberPoints(name="days_late", limits=[1, 31], points=[40, 0, -60]),
        WordPoints(name="branch", words=[["trade"], ["craft"]], points=[10, -5]),
    ],
    base=540,
    scale=ScoreScale(),
)
BY_HAND = CreditScoreClassifier(card=CARD)


def parties(days_late: list[Any], branch: list[Any] | None = None) -> AttributeTable:
    n = len(days_late)
    return attribute_table(
        pd.DataFrame(
            {
                "customer_id": range(n),
                "days_late": np.array(days_late, float),
                "branch": ["trade"] * n if branch is None else branch,
            }
        ),
        as_of=AS_OF,
    )


def classes_of(table: AttributeTable, **options: Any) -> Classification:
    classifier = evolve(BY_HAND, **options)
    return classifier.fit(table).classify(table)


# --- the rule ------------------------------------------------------------------------


@given(
    days=st.lists(st.none() | st.integers(0, 99), min_size=1, max_size=5),
    good=st.floats(0.01, 0.2),
    more=st.floats(0, 0.5),
)
def test_levels_are_told_by_the_chance_of_default(
    days: list[Any], good: float, more: float
) -> None:
    table = parties(days)
    classes = classes_of(
        table, good_default=good, fair_default=good + more, min_known=0
    )
    default = 1 - CARD.score(table).chance
    for label, chance in zip(map(classes.label_of, classes), default, strict=True):
        if abs(chance - good) < 1e-9 or abs(chance - good - more) < 1e-9:
            continue  # to the last bit the score decides
        expected = "good" if chance < good else "fair"
        assert label == ("poor" if chance > good + more else expected)


def test_points_add_up_to_the_score_in_the_reasons() -> None:
    table = parties([0, 40, None], ["craft", "trade", None])
    classes = classes_of(table, min_known=0)
    for one in classes:
        verdict = classes[one]
        points = sum(
            reason.value
            for reason in verdict.reasons
            if reason.measure.endswith("_points") or reason.measure == "base"
        )
        assert points == pytest.approx(verdict.reasons[0].value, abs=1e-9)
        assert verdict.reasons[0].measure in {"score", "known"}


def test_the_change_that_is_told_makes_the_level_that_is_told() -> None:
    classes = classes_of(parties([40]))
    (change, *_) = classes[0].changes
    assert (classes.label_of(0), change.label) == ("poor", "fair")
    assert str(change) == "days_late below 31 makes fair"
    assert classes_of(parties([math.nextafter(31, 0)])).label_of(0) == "fair"


def test_where_too_little_is_known_the_level_is_unknown() -> None:
    table = parties([None, 0], ["trade", None])
    classes = classes_of(table)
    assert [classes.label_of(one) for one in classes] == ["unknown", "good"]
    assert str(classes[0]).startswith("unknown: known 13.0%, below 50.0%")


def test_who_calls_for_care_is_not_good_however_high_the_score() -> None:
    bankrupt = Caution(attribute="branch", words="craft", why="many failed last year")
    table = parties([0, 0], ["trade", "craft"])
    classes = classes_of(table, cautions=[bankrupt])
    assert [classes.label_of(one) for one in classes] == ["good", "fair"]
    assert "caution: branch craft: many failed last year" in str(classes[1])


def test_levels_by_score_go_with_value() -> None:
    credit = classes_of(parties([0, 99]))
    worth = Classification(
        customer_ids=np.array([1]),
        codes=np.array([0], np.int8),
        labels=("A", "unknown"),
        as_of=AS_OF,
    )
    both = combine_with_value(credit, worth)
    assert [both.label_of(one) for one in both] == ["unknown_good", "key_poor"]


def test_the_rule_is_plain_data() -> None:
    ours = (CreditScoreRule, Scorecard, NumberPoints, WordPoints, ScoreScale, Caution)
    rule = BY_HAND.fit(parties([0]))
    assert ci.from_dict(ci.to_dict(rule), types=ours) == rule
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"good_default": 0.3, "fair_default": 0.2}, "bad_option"),
        ({"good_default": 0}, "bad_option"),
        ({"fair_default": 1}, "bad_option"),
        ({"min_known": 2}, "bad_option"),
        ({"card": evolve(CARD, scale=None)}, "no_scale"),
        ({"card": None}, "no_outcomes"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        classes_of(parties([0]), **options)
    assert caught.value.code == code


def test_only_attributes_of_a_day_can_be_classified() -> None:
    rule = BY_HAND.fit(parties([0]))
    with pytest.raises(InvalidInputError) as caught:
        rule.classify(evolve(parties([0]), as_of=None))
    assert caught.value.code == "no_day"
    for wrong in (None, summarize_credit([], as_of=AS_OF)):
        with pytest.raises(InvalidInputError):
            BY_HAND.fit(wrong)


# --- invoices as attributes ----------------------------------------------------------


@given(rows=books(), as_of=st.sampled_from(DAYS))
def test_attributes_of_invoices_are_the_figures_of_the_summary(
    rows: Any, as_of: date
) -> None:
    credit = summarize_credit(objects_of(rows), as_of=as_of)
    table = credit_attributes(credit)
    assert (list(table), table.as_of) == (list(credit), as_of)
    for at, one in enumerate(credit):
        known = {
            name: value
            for name, value in credit[one].items()
            if value == value  # noqa: PLR0124
        }
        row = table.row(at)
        assert {name: value for name, value in row.items() if value is not None} == (
            known
        )
    assert table.of("value").names == credit.money
    assert set(table.of("behavioural").names).isdisjoint(credit.money)


def test_of_a_customer_never_billed_a_card_of_lateness_knows_nothing() -> None:
    credit = summarize_credit([], as_of=AS_OF).with_customers(["c1"])
    card = evolve(CARD, attributes=CARD.attributes[:1])
    rule = CreditScoreClassifier(card=card).fit(credit_attributes(credit))
    classes = rule.classify(credit_attributes(credit))
    assert classes.label_of("c1") == "unknown"


def test_attributes_are_made_of_a_credit_summary_only() -> None:
    with pytest.raises(InvalidInputError) as caught:
        credit_attributes(parties([0]))  # type: ignore[arg-type]
    assert caught.value.code == "bad_option"


# --- real data -----------------------------------------------------------------------


def late_after(day: str, until: str) -> AttributeTable:
    """Give how customers paid until a day, and who was late by 3 days or more after."""
    credit = summarize_credit(invoices(), as_of=day, columns=COLUMNS)
    issued = invoices()["InvoiceDate"]
    after = invoices()[(issued > day) & (issued <= until)]
    in_time = after.groupby("customerID")["DaysLate"].mean() < 3
    table = credit_attributes(credit).only(["days_late", "days_to_pay", "on_time"])
    return table.with_outcomes(in_time)


def test_levels_learnt_in_one_year_tell_who_pays_late_in_the_next() -> None:
    known = late_after("2012-06-30", "2012-12-31")
    rule = CreditScoreClassifier(
        trusted=known.names, good_default=0.3, fair_default=0.6
    ).fit(known)
    later = late_after("2012-12-31", "2013-12-31")
    classes = rule.classify(later)
    good, poor = (
        np.nanmean(1 - later.outcomes[classes.where(label)])
        for label in ("good", "poor")
    )
    assert poor - good > 0.5


@functools.cache
def taiwan() -> tuple[AttributeTable, AttributeTable]:
    """Taiwan 2005, 30,000 card holders: two thirds to learn from, and one third."""
    frame = _read("taiwan_credit/taiwan_credit_default.parquet")
    table = attribute_table(
        frame.assign(paid=1 - frame["default.payment.next.month"]),
        customer_id="ID",
        attributes=["PAY_0", *(f"PAY_{month}" for month in range(2, 7))],
        outcome="paid",
        as_of="2005-09-30",
    )
    held_back = np.arange(len(table)) % 3 == 0
    return table.take(~held_back), table.take(held_back)


def test_months_of_delay_make_levels_whose_defaults_are_as_many_as_told() -> None:
    known, held_back = taiwan()
    classifier = CreditScoreClassifier(trusted=known.names, good_default=0.15)
    rule = classifier.fit(known)
    classes = rule.classify(held_back)
    told = 1 - rule.card.score(held_back).chance
    by_level = {}
    for label in ("good", "fair", "poor"):
        rows = classes.where(label)
        share = 1 - held_back.outcomes[rows].mean()
        error = math.sqrt(share * (1 - share) / rows.sum())
        by_level[label] = share
        assert share == pytest.approx(told[rows].mean(), abs=4 * error + 0.01)
    assert by_level["good"] < 0.15 < by_level["fair"] < by_level["poor"]
