"""What a verdict says would change the class is carried out on real data, and does.

The same fitted rule reads the same customers again, each with the one purchase, refund
or wait that was promised to be enough. Programs that set customers apart are left out:
being set apart is not among what a change speaks of. So are loyalty scores: no single
purchase moves them, which is why their changes are not `by_events`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

import datasets
from customer_identification import (
    ABCClassifier,
    Change,
    Classification,
    Rule,
    Summary,
    ValueTrajectoryClassifier,
    summarize,
)


# Days inside a month: the day after completes no period, so that a purchase on it moves
# value and the time since the last purchase, but no trend.
CASES = [
    (datasets.complete_journey_200, date(2017, 10, 11)),
    (datasets.cdnow_sample, date(1997, 11, 12)),
]
EACH = 8  # customers of each class


def rows_until(data: datasets.Dataset, as_of: date) -> pd.DataFrame:
    """Give the rows of one data set in our names, dates as local days."""
    rows = data.frame.rename(columns={str(v): k for k, v in data.columns.items()})
    rows = rows[list(data.columns)]
    if "tz" in data.keywords:
        local = rows["date"].dt.tz_convert(data.keywords["tz"])
        rows = rows.assign(date=local.dt.tz_localize(None).dt.normalize())
    return rows[rows["date"] <= pd.Timestamp(as_of)]


def with_row(rows: pd.DataFrame, day: date, amount: float) -> pd.DataFrame:
    """Add an order, or money back, like the customer's last row."""
    row = {**rows.iloc[-1].to_dict(), "date": pd.Timestamp(day), "amount": amount}
    if "order_id" in row:
        row["order_id"] = -1
    return pd.concat([rows, pd.DataFrame([row])], ignore_index=True)


def carried_out(
    change: Change, rows: pd.DataFrame, as_of: date
) -> tuple[str, Summary] | None:
    """Do to one customer what the change speaks of; None for what cannot be done."""
    day = as_of
    if change.measure == "value" and change.by > 0:
        kind, day = "more value", as_of + timedelta(days=1)
        rows = with_row(rows, day, round(change.by, 2))
    elif change.measure == "value":
        # Money back on the same day, so that nobody is a day later than before.
        kind, rows = "less value", with_row(rows, day, round(change.by, 2))
    elif change.measure in {"recency", "overdue"} and change.by < 0:
        # Free of charge: what an amount does besides is the business of `more value`.
        kind, day = "a purchase", as_of + timedelta(days=1)
        rows = with_row(rows, day, 0)
    elif change.measure in {"recency", "overdue"}:
        days = re.match(r"waiting ([\d,]+) more days without", change.text)
        assert days is not None, change.text
        kind, day = "wait", as_of + timedelta(days=int(days[1].replace(",", "")))
    elif change.measure == "history":
        ends = pd.Timestamp(as_of) + pd.offsets.MonthEnd(int(change.by))
        kind, day = "periods", ends.date()
    else:
        return None
    return kind, summarize(rows, as_of=day)


def some_of_each(classes: Classification) -> Iterator[Any]:
    """Give customers spread over the classes, and over the ids of each."""
    for label in classes.labels:
        ids = classes.customer_ids[classes.where(label)]
        places = np.linspace(0, ids.size - 1, min(EACH, ids.size)).astype(int)
        yield from ids[places].tolist()


def kept_promises(
    rule: Rule, classes: Classification, rows: pd.DataFrame, as_of: date
) -> Counter[str]:
    """Count the promises by kind; every one must be kept."""
    kept: Counter[str] = Counter()
    customers = dict(iter(rows.groupby("customer_id")))
    for one in some_of_each(classes):
        verdict = classes[one]
        for change in verdict.changes:
            done = carried_out(change, customers[one], as_of)
            if done is None:
                assert not change.by_events or change.measure == "purchase_days"
                continue
            kind, summary = done
            after = rule.classify(summary).label_of(one)
            if change.label is None:
                assert after not in {verdict.label, "unknown"}, (str(verdict), after)
            else:
                assert after == change.label, (str(verdict), change.text, after)
            kept[kind] += 1
    return kept


@pytest.mark.parametrize(("data", "as_of"), CASES)
def test_what_is_said_to_change_an_abc_class_does(
    data: Callable[[], datasets.Dataset], as_of: date
) -> None:
    rows = rows_until(data(), as_of)
    summary = summarize(rows, as_of=as_of)
    for classifier in (ABCClassifier(), ABCClassifier(customer_shares=(0.05, 0.2))):
        rule = classifier.fit(summary)
        kept = kept_promises(rule, rule.classify(summary), rows, as_of)
        assert kept.keys() == {"more value", "less value"}
        assert min(kept.values()) >= 2 * EACH


@pytest.mark.parametrize(("data", "as_of"), CASES)
def test_what_is_said_to_change_a_trajectory_does(
    data: Callable[[], datasets.Dataset], as_of: date
) -> None:
    rows = rows_until(data(), as_of)
    summary = summarize(rows, as_of=as_of)
    rule = ValueTrajectoryClassifier().fit(summary)
    kept = kept_promises(rule, rule.classify(summary), rows, as_of)
    assert kept["more value"] >= EACH
    assert kept["less value"] >= EACH
    assert kept["wait"] >= 3 * EACH
    assert kept["a purchase"] >= EACH / 2
