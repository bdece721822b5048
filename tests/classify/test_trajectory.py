"""Trends against scipy and double loops; the table of trajectories in plain words."""

import math
from datetime import date
from statistics import NormalDist, median
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

import datasets
from customer_identification import (
    Classification,
    InvalidInputError,
    Summary,
    Transaction,
    ValueTrajectoryClassifier,
    summarize,
)
from customer_identification.classify.trajectory import mann_kendall, theil_sen


few = settings(derandomize=True, max_examples=100, deadline=None)

Z = NormalDist().inv_cdf(0.95)  # 5 %, each direction by itself


# --- kernels ----------------------------------------------------------------------

NUMBER = st.integers(-3, 3) | st.integers(-10_000, 10_000)
SERIES = st.integers(2, 13).flatmap(
    lambda n: st.lists(st.lists(NUMBER, min_size=n, max_size=n), min_size=1, max_size=5)
)


def s_and_z(series: list[int]) -> tuple[int, float]:
    """Count rises less falls over all pairs, and draw in by one."""
    n = len(series)
    s = sum(
        (series[j] > series[i]) - (series[j] < series[i])
        for i in range(n)
        for j in range(i + 1, n)
    )
    ties = [series.count(value) for value in set(series)]
    variance = n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)
    if not variance:
        return s, 0.0
    drawn_in = s - (s > 0) + (s < 0)
    return s, drawn_in / math.sqrt(variance / 18)


@few
@given(many=SERIES)
def test_slopes_are_those_of_scipy(many: Any) -> None:
    found = theil_sen(many)
    expected = [theilslopes(series).slope for series in many]
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0)


@few
@given(many=SERIES)
def test_trends_are_those_of_a_double_loop(many: Any) -> None:
    found = mann_kendall(many)
    expected = [s_and_z(series)[1] for series in many]
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0)


@few
@given(many=SERIES)
def test_a_series_read_backwards_or_upside_down_has_the_opposite_trend(
    many: Any,
) -> None:
    series = np.array(many)
    for kernel in (theil_sen, mann_kendall):
        assert np.array_equal(kernel(series[:, ::-1]), -kernel(series))
        assert np.array_equal(kernel(-series), -kernel(series))
        assert np.array_equal(kernel(series[::-1]), kernel(series)[::-1])


def test_many_series_are_measured_as_one_by_one() -> None:
    # More than one block of each kernel.
    series = np.arange(3_000 * 24).reshape(3_000, 24) ** 2 % 1_009
    for kernel in (theil_sen, mann_kendall):
        together = kernel(series)
        alone = np.concatenate([kernel(series[i : i + 1]) for i in range(0, 3_000, 37)])
        assert np.array_equal(together[::37], alone)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0), (3, 1)])
def test_no_series_and_no_times(shape: Any) -> None:
    nothing = np.zeros(shape)
    assert theil_sen(nothing).shape == mann_kendall(nothing).shape == shape[:1]
    assert np.isnan(theil_sen(nothing)).all()
    assert not mann_kendall(nothing).any()


def test_two_points_make_a_slope_and_no_trend() -> None:
    assert theil_sen([[1, 5]]).tolist() == [4.0]
    assert mann_kendall([[1, 5]]).tolist() == [0.0]


def test_all_ties_are_flat() -> None:
    assert theil_sen([[4, 4, 4]]).tolist() == [0.0]
    assert mann_kendall([[4, 4, 4]]).tolist() == [0.0]


@pytest.mark.parametrize("at", range(5))
def test_an_unknown_value_makes_the_trend_unknown(at: int) -> None:
    series = np.array([[1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
    series[0, at] = np.nan
    assert np.isnan(theil_sen(series)).tolist() == [True, False]
    assert np.isnan(mann_kendall(series)).tolist() == [True, False]


# --- the table, customer by customer ---------------------------------------------------


def plain_measures(summary: Summary, at: int) -> dict[str, float]:
    """Measure one customer with scipy and plain Python."""
    nan = math.nan
    names = ("value", "recency", "overdue", "purchase_days")
    found = {name: getattr(summary, name)[at].item() for name in names}
    found.update(trend=nan, slope=nan, history=nan)
    assert summary.first_purchase is not None
    first = summary.first_purchase[at].item()
    if first is None or summary.period_values is None:
        return found
    starts = summary.periods.astype(object).tolist()
    past = [
        value
        for value, start in zip(summary.period_values[at].tolist(), starts, strict=True)
        if first < start
    ]
    found["history"] = len(past)
    if not past:
        return found
    usual = sum(map(abs, past)) / len(past)
    found["trend"] = s_and_z(past)[1]
    if len(past) > 1:
        found["slope"] = theilslopes(past).slope / (usual or 1)
    return found


def plain_class(
    m: dict[str, float], most: float, considerable: float, least: int = 4
) -> str:
    """Read the table of the docstring from the top, doubts first."""
    rises = m["trend"] >= Z and m["slope"] > 0
    falls = m["trend"] <= -Z
    lines = [
        ("dormant", m["recency"] > 180),
        ("new", m["history"] < least),
        ("unknown", math.isnan(m["history"]) or m["purchase_days"] < 3),
        ("review", m["value"] <= 0 or falls or m["overdue"] >= 3),
        ("retain", m["value"] >= most),
        ("win_share", m["value"] >= considerable and rises),
        ("rising", rises),
    ]
    return next((label for label, holds in lines if holds), "stable")


def upper(values: Any, share: float) -> float:
    falling = sorted((v for v in values.tolist() if v > 0), reverse=True)
    return float(falling[math.ceil(round(share * len(falling), 9)) - 1])


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("cdnow_sample", "month"),
        ("cdnow_sample", "quarter"),
        ("northwind", "month"),
        ("northwind", "week"),
        ("superstore", "month"),
        ("complete_journey_200", "month"),
        ("online_retail", "month"),
    ],
)
def test_every_class_follows_from_the_table_in_words(name: str, period: Any) -> None:
    data = getattr(datasets, name)()
    summary = summarize(data.frame, period=period, **data.call)
    classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
    most, considerable = upper(summary.value, 0.2), upper(summary.value, 0.5)
    for at in range(0, len(summary), max(len(summary) // 300, 1)):
        plain = plain_measures(summary, at)
        for measure, value in plain.items():
            found = classes.measures[measure].values[at]
            np.testing.assert_allclose(found, value, rtol=1e-12, atol=0)
        label = classes.labels[classes.codes[at]]
        assert label == plain_class(plain, most, considerable), plain


def months(amounts: dict[str, list[float]], first_month: int = 1) -> list[Transaction]:
    return [
        Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
        for one, series in amounts.items()
        for month, amount in enumerate(series, first_month)
    ]


def read(sales: Any, day: str = "2011-12-31", **options: Any) -> Classification:
    summary = summarize(sales, as_of=day)
    return ValueTrajectoryClassifier(**options).fit(summary).classify(summary)


STEADY: dict[str, list[float]] = {f"other {i}": [5 + i] * 12 for i in range(6)}


def test_each_kind_of_customer_is_told() -> None:
    sales = months(
        {
            "largest": [900] * 12,
            "grows": [10 + 12 * i for i in range(12)],
            "small and growing": [1 + i / 10 for i in range(12)],
            "falls": [2000 - 150 * i for i in range(12)],
            "steady": [12] * 12,
            **STEADY,
        }
    )
    sales += months({"new": [50] * 3}, first_month=10)
    sales += months({"gone": [50] * 5}, first_month=1)
    sales += months({"late": [700] * 9}, first_month=1)
    sales += months({"once": [50]}, first_month=7)
    classes = read(sales)
    told = {
        "largest": "retain",
        "grows": "win_share",
        "small and growing": "rising",
        "falls": "review",
        "steady": "stable",
        "new": "new",
        "gone": "dormant",
        "late": "review",
        "once": "unknown",
    }
    assert {one: classes.label_of(one) for one in told} == told


@few
@given(
    falls=st.lists(st.integers(1, 80), min_size=4, max_size=11),
    size=st.integers(1_000, 10**6),
)
def test_a_large_customer_who_declines_is_never_filed_as_safe(
    falls: Any, size: int
) -> None:
    series = [float(size - sum(falls[:i])) for i in range(len(falls) + 1)]
    first_month = 12 - len(falls)
    large = months({"large": series}, first_month=first_month)
    assert read([*large, *months(STEADY)]).label_of("large") == "review"


def test_the_least_history_is_the_least_that_can_pass_the_test() -> None:
    least = ValueTrajectoryClassifier().min_periods
    assert mann_kendall([range(least)])[0] >= Z > mann_kendall([range(least - 1)])[0]


@pytest.mark.parametrize("period", [None, "month"])
def test_an_unknown_direction_is_never_filed_as_safe(period: Any) -> None:
    sales = months({"large": [900.0] * 12, **STEADY})
    columns: dict[str, str | None] = {} if period is None else {"date": None}
    summary = summarize(sales, as_of="2011-12-31", period=period, columns=columns)
    classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
    assert set(classes.measures["history"].values.astype(str)) == {"nan"}
    assert classes.counts()["unknown"] == len(summary)


def test_without_amounts_the_direction_is_unknown() -> None:
    summary = summarize(
        months({"a": [1.0] * 12, "gone": [1.0] * 4}),
        as_of="2011-12-31",
        columns={"amount": None},
    )
    classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
    assert classes.label_of("a") == "unknown"
    assert classes.label_of("gone") == "dormant"


def test_periods_before_the_first_purchase_are_no_zeros() -> None:
    late_but_steady = months({"late": [100.0] * 6}, first_month=7)
    classes = read([*late_but_steady, *months(STEADY)])
    at = classes.customer_ids.tolist().index("late")
    assert classes.measures["history"].values[at] == 5
    assert classes.measures["trend"].values[at] == 0
    assert classes.measures["slope"].values[at] == 0


def test_who_buys_at_random_seems_neither_to_rise_nor_to_fall() -> None:
    """The period of the first purchase, never empty and cut short, would bias it."""
    random = np.random.Generator(np.random.PCG64(2011))
    n_customers, n_days, every = 4_000, 720, 60
    days = [
        np.cumsum(random.exponential(every, 3 * n_days // every)).astype(int)
        for _ in range(n_customers)
    ]
    rows = [(one, day) for one, own in enumerate(days) for day in own if day < n_days]
    sales = pd.DataFrame(rows, columns=["customer_id", "day"])
    sales["date"] = pd.Timestamp("2009-01-01") + pd.to_timedelta(sales["day"], "D")
    sales["amount"] = 10.0
    summary = summarize(sales, as_of="2010-12-21")
    classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
    trend = classes.measures["trend"].values
    known = classes.measures["history"].values >= 12
    for share in (np.mean(trend[known] >= Z), np.mean(trend[known] <= -Z)):
        # 5 % were asked for; many ties make the test a little cautious.
        assert 0.02 < share < 0.065


def test_a_first_purchase_after_the_last_whole_period_is_new() -> None:
    sales = [*months(STEADY), *months({"today": [9.0]}, first_month=12)]
    periods: list[Any] = ["month", "quarter"]
    for period in periods:
        summary = summarize(sales, as_of="2011-12-30", period=period)
        classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
        at = classes.customer_ids.tolist().index("today")
        assert classes.measures["history"].values[at] == 0
        assert classes.label_of("today") == "new"
    weekly = summarize(sales, as_of="2011-12-10", period="week")
    classes = ValueTrajectoryClassifier().fit(weekly).classify(weekly)
    at = classes.customer_ids.tolist().index("today")
    assert classes.measures["history"].values[at] == 0


def test_customers_from_before_the_first_whole_period_have_all_of_it() -> None:
    summary = summarize(
        months({"a": [5.0] * 12}), as_of="2011-12-31", since="2011-01-03"
    )
    classes = ValueTrajectoryClassifier().fit(summary).classify(summary)
    assert classes.measures["history"].values.tolist() == [11]


def test_only_refunds_have_no_history() -> None:
    refund = Transaction(customer_id="back", date=date(2011, 1, 5), amount=-5)
    classes = read([*months(STEADY), refund])
    assert classes.label_of("back") == "unknown"


@pytest.mark.parametrize("period", ["week", "month", "quarter"])
def test_the_season_is_the_base_over_its_own_mean(period: Any) -> None:
    data = datasets.superstore_sales()
    summary = summarize(data.frame, period=period, **data.call)
    rule = ValueTrajectoryClassifier(seasonal=True).fit(summary)
    assert summary.period_values is not None
    totals = summary.period_values.sum(axis=0).tolist()
    places = [
        {"week": day.isocalendar().week, "month": day.month}.get(
            period, (day.month + 2) // 3
        )
        for day in summary.periods.astype(object).tolist()
    ]
    average = sum(totals) / len(totals)
    by_place: dict[int, list[int]] = {}
    for place, total in zip(places, totals, strict=True):
        by_place.setdefault(place, []).append(total)
    for place, values in by_place.items():
        expected = sum(values) / len(values) / average
        np.testing.assert_allclose(rule.season[place - 1], expected, rtol=1e-12)
    classes = rule.classify(summary)
    for at in range(0, len(summary), 90):
        assert summary.first_purchase is not None
        first = summary.first_purchase[at]
        start = int(np.searchsorted(summary.periods, first, side="right"))
        adjusted = [
            int(summary.period_values[at, i]) / rule.season[places[i] - 1]
            for i in range(start, len(places))
        ]
        trend, slope = s_and_z(adjusted)[1], theilslopes(adjusted).slope
        usual = sum(map(abs, adjusted)) / len(adjusted)
        np.testing.assert_allclose(
            classes.measures["trend"].values[at], trend, rtol=1e-9
        )
        np.testing.assert_allclose(
            classes.measures["slope"].values[at], slope / usual, rtol=1e-9, atol=1e-12
        )


def test_a_season_is_at_least_a_tenth_and_at_most_ten() -> None:
    # January brings next to nothing, and December of the second year nearly all.
    amounts = [0.01, *[100.0] * 10, 1.0, *[100.0] * 11, 90_000.0]
    sales = [
        Transaction(
            customer_id="a", date=date(2010 + i // 12, 1 + i % 12, 5), amount=amount
        )
        for i, amount in enumerate(amounts)
    ]
    summary = summarize(sales, as_of="2011-12-31", since="2010-01-01")
    season = ValueTrajectoryClassifier(seasonal=True).fit(summary).season
    assert (min(season), max(season)) == (0.1, 10.0)
    by_profit = summarize(
        [evolve(one, profit=-5 if one.date.month == 3 else 1) for one in sales],
        as_of="2011-12-31",
    )
    assert ValueTrajectoryClassifier(seasonal=True).fit(by_profit).season[2] == 1.0


def test_whoever_follows_the_season_has_no_trend_of_their_own() -> None:
    rises = {
        f"c{i}": [10.0 * (i + 1) * month for month in range(1, 13)] for i in range(5)
    }
    plain, seasonal = read(months(rises)), read(months(rises), seasonal=True)
    assert plain.counts()["win_share"] + plain.counts()["rising"] > 0
    assert seasonal.counts()["win_share"] + seasonal.counts()["rising"] == 0


def test_a_season_cannot_be_learnt_from_nothing() -> None:
    nobody = summarize([], as_of="2011-12-31")
    assert ValueTrajectoryClassifier(seasonal=True).fit(nobody).season == ()
    free = summarize(months({"a": [0.0] * 12}), as_of="2011-12-31")
    rule = ValueTrajectoryClassifier(seasonal=True).fit(free)
    assert set(rule.season) == {1.0}
    assert rule.classify(free).label_of("a") == "review"


def test_the_slope_must_be_steep_enough_where_that_is_asked() -> None:
    gentle = months({"up": [100 + i / 10 for i in range(12)], **STEADY})
    assert read(gentle, most=0.01).label_of("up") == "retain"
    rising = {"up": [3 + i / 100 for i in range(12)], **STEADY}
    assert read(months(rising)).label_of("up") == "rising"
    assert read(months(rising), min_slope=0.05).label_of("up") == "stable"


def test_nothing_to_learn_levels_from_leaves_value_unjudged() -> None:
    summary = summarize(months({"a": [0.0] * 12}), as_of="2011-12-31")
    rule = ValueTrajectoryClassifier().fit(summary)
    assert (rule.most, rule.considerable) == (None, None)
    later = summarize(months({"a": [5.0] * 12}), as_of="2011-12-31")
    assert rule.classify(later).label_of("a") == "unknown"


def test_a_rule_reads_only_the_money_and_periods_it_was_learnt_from() -> None:
    summary = summarize(months(STEADY), as_of="2011-12-31")
    rule = ValueTrajectoryClassifier().fit(summary)
    for other in (
        summarize(months(STEADY), as_of="2011-12-31", period="week"),
        summarize(months(STEADY), as_of="2011-12-31", minor_units=3),
    ):
        with pytest.raises(InvalidInputError, match="minor_units=2"):
            rule.classify(other)


@pytest.mark.parametrize(
    "options",
    [
        {"most": 0},
        {"most": 1},
        {"most": 0.6},
        {"considerable": 0.1},
        {"significance": 0},
        {"significance": float("nan")},
        {"dormant_after": 0},
        {"min_periods": 1},
        {"min_purchase_days": 0},
        {"min_slope": -0.1},
        {"overdue": 0.5},
        {"overdue": float("nan")},
    ],
)
def test_options_that_cannot_be_right_are_refused(options: Any) -> None:
    with pytest.raises(InvalidInputError):
        ValueTrajectoryClassifier(**options)


def test_the_median_is_of_all_pairs() -> None:
    series = [3, 1, 4, 1, 5, 9, 2, 6]
    pairs = [
        (series[j] - series[i]) / (j - i) for i in range(8) for j in range(i + 1, 8)
    ]
    assert theil_sen([series])[0] == median(pairs)


def test_attitudes_and_other_columns_do_not_touch_the_trajectory() -> None:
    summary = summarize(months(STEADY), as_of="2011-12-31")
    rule = ValueTrajectoryClassifier().fit(summary)
    with_more = evolve(summary, attitude=np.ones(len(summary)))
    assert np.array_equal(rule.classify(with_more).codes, rule.classify(summary).codes)


def test_weeks_have_their_place_in_the_year() -> None:
    days = pd.date_range("2010-01-04", "2011-12-26", freq="7D")
    sales = [
        Transaction(customer_id="a", date=day.date(), amount=1 + (day.week == 30))
        for day in days
    ]
    summary = summarize(sales, as_of="2012-01-01", period="week")
    season = ValueTrajectoryClassifier(seasonal=True).fit(summary).season
    usual = (len(days) + 2) / len(days)  # two weeks of the 104 sold double
    assert season[29] == pytest.approx(2 / usual)
    assert season[:29] == pytest.approx([1 / usual] * 29)
    assert season[52] == 1  # there is no week 53 in these years
