"""Loyalty scores recomputed one by one; the tables of term and of attitude."""

import math
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import pytest

import datasets
from customer_identification import (
    AttitudeLoyaltyClassifier,
    InvalidInputError,
    LoyaltyClassifier,
    LoyaltyWeights,
    Summary,
    TermClassifier,
    Transaction,
    summarize,
)


WEIGHTS = {
    "price": 0.40,
    "regularity": 0.15,
    "pace": 0.20,
    "breadth": 0.10,
    "tenure": 0.15,
}


def real(name: str) -> Summary:
    data = getattr(datasets, name)()
    return summarize(data.frame, **data.call)


def plain_parts(summary: Summary, at: int, tenure: float, breadth: float) -> Any:
    """Give the parts of the score, None where the data cannot show it."""
    days = summary.purchase_days[at].item()  # type: ignore[index]
    gaps = days - 1
    recency = summary.recency[at]
    span = summary.age_at_last_purchase[at]
    parts: dict[str, float | None] = dict.fromkeys(WEIGHTS)
    if summary.discounted is not None and summary.discount_known[at]:  # type: ignore[index]
        parts["price"] = 1 - summary.discounted[at] / summary.discount_known[at]  # type: ignore[index]
    if gaps > 0:
        parts["regularity"] = span**2 / (gaps * summary.squared_gaps[at])  # type: ignore[index]
        late = 2 * (span / gaps)
        parts["pace"] = 1.0 if recency <= late else late / recency
    if summary.categories is not None:
        n = summary.categories[at]
        parts["breadth"] = n / (n + breadth)
    if not np.isnan(summary.tenure[at]):
        parts["tenure"] = summary.tenure[at] / (summary.tenure[at] + tenure)
    return parts


@pytest.mark.parametrize(
    "name", ["complete_journey_200", "cdnow_sample", "northwind", "superstore"]
)
@pytest.mark.parametrize("limit", [0.5, 0.7])
def test_every_score_is_the_weighted_mean_of_its_parts(name: str, limit: float) -> None:
    summary = real(name)
    rule = LoyaltyClassifier(limit=limit).fit(summary)
    assert summary.purchase_days is not None
    told = summary.purchase_days >= 3
    tenure = max(median(summary.tenure[told].tolist()), 1.0)
    breadth = 1.0
    if summary.categories is not None:
        breadth = max(median(summary.categories[told].tolist()), 1.0)
    assert (rule.typical_tenure, rule.typical_breadth) == (tenure, breadth)
    classes = rule.classify(summary)
    for at in range(0, len(summary), max(len(summary) // 200, 1)):
        parts = plain_parts(summary, at, tenure, breadth)
        known = {part: value for part, value in parts.items() if value is not None}
        total = sum(WEIGHTS[part] for part in known)
        score = sum(WEIGHTS[part] * value / total for part, value in known.items())
        np.testing.assert_allclose(
            classes.measures["loyalty"].values[at], score, rtol=1e-12
        )
        label = classes.labels[classes.codes[at]]
        if summary.purchase_days[at] < 3:
            assert label == "unknown"
        elif abs(score - limit) > 1e-12:
            low = "unknown" if parts["price"] is None else "transactional"
            assert label == ("relational" if score >= limit else low)


@pytest.mark.parametrize("name", ["complete_journey_200", "cdnow_sample"])
def test_the_points_of_the_reasons_add_up_to_the_score(name: str) -> None:
    summary = real(name)
    classes = LoyaltyClassifier().fit(summary).classify(summary)
    seen = set()
    for one in summary.customer_ids[:150].tolist():
        verdict = classes[one]
        seen.add(verdict.label)
        if verdict.label == "unknown":
            continue
        by_name = {reason.measure: reason.value for reason in verdict.reasons}
        points = [
            value
            for measure, value in by_name.items()
            if measure.endswith("_points") and not math.isnan(value)
        ]
        assert len(points) >= 3
        np.testing.assert_allclose(sum(points), by_name["loyalty"], rtol=1e-12)
    assert "relational" in seen


def test_weights_of_whole_numbers_are_weights() -> None:
    summary = real("complete_journey_200")
    only = {"regularity": 0, "pace": 0, "breadth": 0, "tenure": 0}
    by_price = LoyaltyClassifier(weights=LoyaltyWeights(price=1, **only))
    classes = by_price.fit(summary).classify(summary)
    np.testing.assert_allclose(
        classes.measures["loyalty"].values, 1 - summary.discount_share, rtol=1e-15
    )


def test_only_the_proportions_of_weights_matter() -> None:
    summary = real("complete_journey_200")
    times = LoyaltyWeights(**{name: 8 * weight for name, weight in WEIGHTS.items()})
    one = LoyaltyClassifier().fit(summary).classify(summary)
    other = LoyaltyClassifier(weights=times).fit(summary).classify(summary)
    np.testing.assert_allclose(
        one.measures["loyalty"].values, other.measures["loyalty"].values, rtol=1e-12
    )


def sale(one: Any, day: date, **more: Any) -> Transaction:
    return Transaction(customer_id=one, date=day, **{"amount": 20, **more})


def test_price_only_customers_are_told_from_those_who_stay() -> None:
    sales = [
        sale(one, date(2011, month, 5), discount=off)
        for one, months, off in [
            ("steady", range(1, 13), 0),
            ("sales only", (1, 2, 7), 5),
            ("twice", (1, 12), 0),
        ]
        for month in months
    ]
    summary = summarize(sales, as_of="2011-12-31")
    classes = LoyaltyClassifier().fit(summary).classify(summary)
    labels = {one: classes.label_of(one) for one in ("steady", "sales only", "twice")}
    assert labels == {
        "steady": "relational",
        "sales only": "transactional",
        "twice": "unknown",
    }


@pytest.mark.parametrize(
    "name", ["cdnow_sample", "online_retail_november", "grocery_elog"]
)
def test_without_discounts_nobody_is_said_to_follow_the_price(name: str) -> None:
    summary = real(name)
    classes = LoyaltyClassifier().fit(summary).classify(summary)
    assert summary.discounted is None
    assert classes.counts()["transactional"] == 0
    low = classes.measures["loyalty"].values < 0.5
    low &= classes.measures["purchase_days"].values >= 3
    assert low.any()
    assert classes.where("unknown")[low].all()
    verdict = classes[classes.customer_ids[low].tolist()[0]]
    assert "price points unknown" in str(verdict)


def test_one_known_discount_is_enough_to_be_judged_by() -> None:
    sales = [
        sale(one, date(2011, month, 5), discount=off)
        for one, off in [("told", 5), ("not told", None)]
        for month in (1, 2, 7)
    ]
    summary = summarize(sales, as_of="2011-12-31")
    classes = LoyaltyClassifier(limit=0.9).fit(summary).classify(summary)
    assert classes.label_of("told") == "transactional"
    assert classes.label_of("not told") == "unknown"


def test_where_price_has_no_weight_it_need_not_be_known() -> None:
    summary = real("cdnow_sample")
    weights = LoyaltyWeights(price=0)
    rule = LoyaltyClassifier(weights=weights).fit(summary)
    asked = {one.measure for line in rule.lines for one in line.conditions}
    assert "price_points" not in asked
    classes = rule.classify(summary)
    told = classes.measures["purchase_days"].values >= 3
    low = classes.measures["loyalty"].values < 0.5
    assert classes.where("transactional").tolist() == (told & low).tolist()
    assert low.any()


def test_a_rate_money_off_or_true_all_mean_bought_at_a_discount() -> None:
    shares = []
    for off in (0.2, 4.99, True):
        sales = [
            sale("a", date(2011, 1, 5), discount=off),
            sale("a", date(2011, 2, 5), discount=0),
        ]
        shares.append(summarize(sales, as_of="2011-12-31").discount_share.tolist())
    assert shares == [[0.5]] * 3


@pytest.mark.parametrize("period", ["month", None])
def test_no_dates_mean_no_history_and_no_guess(period: Any) -> None:
    sales = [
        sale("wide", date(2011, 1, 5), category=f"kind {i}", discount=0)
        for i in range(20)
    ]
    summary = summarize(
        sales, as_of="2011-12-31", columns={"date": None}, period=period
    )
    classes = LoyaltyClassifier().fit(summary).classify(summary)
    assert classes.label_of("wide") == "unknown"


def test_who_only_sent_goods_back_is_unknown() -> None:
    summary = summarize([sale("a", date(2011, 1, 5), amount=-5)], as_of="2011-12-31")
    classifiers: list[Any] = [LoyaltyClassifier(), TermClassifier()]
    for classifier in classifiers:
        classes = classifier.fit(summary).classify(summary)
        assert classes.label_of("a") == "unknown"


def test_term_is_by_the_days_between_purchases_then_by_acquaintance() -> None:
    sales = [
        sale("long", date(2011, 1, 1)),
        sale("long", date(2011, 6, 30)),
        sale("a day short", date(2011, 1, 1)),
        sale("a day short", date(2011, 6, 29)),
        sale("known since", date(2011, 7, 4)),
        sale("known a day less", date(2011, 7, 5)),
    ]
    summary = summarize(sales, as_of="2011-12-31")
    classes = TermClassifier(min_days=180).fit(summary).classify(summary)
    assert {one: classes.label_of(one) for one in classes} == {
        "long": "long_term",
        "a day short": "temporary",
        "known since": "temporary",
        "known a day less": "unknown",
    }


@pytest.mark.parametrize(
    ("attitude", "days", "label"),
    [
        (0.0, 2, "true"),
        (1.0, 3, "true"),
        (0.0, 1, "latent"),
        (-0.01, 2, "spurious"),
        (-1.0, 1, "none"),
        (None, 2, "unknown"),
    ],
)
def test_the_table_of_dick_and_basu(attitude: Any, days: int, label: str) -> None:
    # Dick & Basu (1994), figure 2: relative attitude by repeat patronage.
    sales = [sale("c", date(2011, 1, 1 + day)) for day in range(days)]
    given = {} if attitude is None else {"c": attitude}
    summary = summarize(sales, as_of="2011-12-31").with_attitudes(given)
    rule = AttitudeLoyaltyClassifier(patronage=2).fit(summary)
    verdict = rule.classify(summary)["c"]
    assert verdict.label == label
    assert {reason.measure for reason in verdict.reasons} == {
        "attitude",
        "purchase_days",
    }


def test_often_is_what_the_median_customer_does() -> None:
    sales = [
        sale(one, date(2011, 1, 1 + day)) for one in range(1, 6) for day in range(one)
    ]
    summary = summarize(sales, as_of="2011-12-31")
    assert AttitudeLoyaltyClassifier().fit(summary).patronage == 3.0
    nobody = summary.take(slice(0, 0))
    assert AttitudeLoyaltyClassifier().fit(nobody).patronage == 1.0
    without = AttitudeLoyaltyClassifier().fit(summary).classify(summary)
    assert without.counts()["unknown"] == 5


@pytest.mark.parametrize(
    ("classifier", "options"),
    [
        (LoyaltyWeights, {"price": -0.1}),
        (LoyaltyWeights, {"price": float("nan")}),
        (LoyaltyWeights, {"price": float("inf")}),
        (LoyaltyWeights, dict.fromkeys(WEIGHTS, 0)),
        (LoyaltyClassifier, {"limit": 0}),
        (LoyaltyClassifier, {"limit": 1}),
        (LoyaltyClassifier, {"min_purchase_days": 0}),
        (TermClassifier, {"min_days": 0}),
        (AttitudeLoyaltyClassifier, {"attitude": 1.1}),
        (AttitudeLoyaltyClassifier, {"attitude": float("nan")}),
    ],
)
def test_options_that_cannot_be_right_are_refused(
    classifier: Any, options: Any
) -> None:
    with pytest.raises(InvalidInputError):
        classifier(**options)
