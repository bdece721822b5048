"""Real data from end to end, against numbers that were computed without the library.

The golden files say in themselves where their data come from and how they were
computed; numbers that somebody published stand here with their source.
"""

import json
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datasets
from customer_identification import (
    ABCClassifier,
    Identification,
    IdentificationProgram,
    Summary,
    TermClassifier,
    Transaction,
    identify,
    summarize,
)
from customer_identification.classify.limits import (
    computed_limits,
    limits_by_customers,
    limits_by_value,
)
from customer_identification.classify.trajectory import mann_kendall, theil_sen


GOLDEN = Path(__file__).parent / "golden"
EVERY = [one.__name__ for one in datasets.ALL]
SUMMED = (
    "value",
    "amount",
    "purchases",
    "purchase_days",
    "age_at_last_purchase",
    "recency",
    "tenure",
    "squared_gaps",
    "refunds",
    "refund_value",
    "discounted",
    "discount_known",
    "categories",
    "channels",
)


@cache
def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


@cache
def summary_of(name: str, period: Any = "month") -> Summary:
    data = getattr(datasets, name)()
    return summarize(data.frame, period=period, **data.call)


@pytest.fixture(params=EVERY)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def exact_sum(values: Any) -> int:
    known = values[~np.isnan(values)]
    assert (known == np.floor(known)).all()
    return sum(int(value) for value in known)


def plain(value: Any) -> Any:
    """Write a number or a day as the golden files do."""
    if value is None or value != value:  # noqa: PLR0124
        return None
    return value if isinstance(value, (int, float)) else str(value)


# --- summaries against the golden files -----------------------------------------------


def test_the_report_accounts_for_every_row_and_penny(name: str) -> None:
    expected = golden(name)["report"]
    report = summary_of(name).report
    assert (report.read, report.used) == (expected["read"], expected["used"])
    assert {why: rows for why, rows, _ in report.set_aside} == expected["set_aside"]
    assert report.merged == expected.get("merged", 0)
    if "money_in" in expected:
        assert report.money_in == expected["money_in"]
        assert report.money_used == expected["money_used"]
        aside = {why: money for why, _, money in report.set_aside}
        assert aside == expected["money_set_aside"]
        assert report.free == expected["free"]
        assert report.refunded == expected["refunded"]
        assert report.refunded_value == expected["refunded_value"]
    else:
        assert (report.money_in, report.money_used, report.free) == (0, 0, 0)
        assert (report.refunded, report.refunded_value) == (0, 0)


def test_the_columns_add_up_to_the_golden_sums(name: str) -> None:
    expected = golden(name)
    summary = summary_of(name)
    assert len(summary) == expected["customers"]
    found = {
        column: exact_sum(getattr(summary, column))
        for column in SUMMED
        if column in expected["sums"]
    }
    assert found == {k: v for k, v in expected["sums"].items() if k != "value_squared"}
    if "value_squared" in expected["sums"]:
        assert summary.value is not None
        squared = sum(value**2 for value in summary.value.tolist())
        assert squared == expected["sums"]["value_squared"]
    if "customers_with_purchase" in expected:
        assert summary.first_purchase is not None
        bought = int(np.count_nonzero(~np.isnat(summary.first_purchase)))
        assert bought == expected["customers_with_purchase"]


@pytest.mark.parametrize("period", ["month", "week", "quarter"])
def test_complete_periods_hold_the_golden_sums(name: str, period: Any) -> None:
    expected = golden(name).get("periods", {}).get(period)
    summary = summary_of(name, period)
    if expected is None:
        assert summary.periods.size == 0
        assert summary.period_values is None
        return
    starts = summary.periods.astype(str).tolist()
    assert len(starts) == expected["count"]
    assert (starts[0], starts[-1]) == (expected["first"], expected["last"])
    if "value" not in expected:
        assert summary.period_values is None
        return
    values = summary.period_values
    assert values is not None
    assert values.shape == (len(summary), len(starts))
    cells = values[values != 0].tolist()
    assert len(cells) == expected["cells_not_zero"]
    assert sum(cells) == expected["value"]
    assert sum(cell**2 for cell in cells) == expected["sum_of_squares"]
    if "by_period" in expected:
        assert values.sum(axis=0).tolist() == expected["by_period"]


def test_five_customers_have_their_golden_rows(name: str) -> None:
    summary = summary_of(name)
    for expected in golden(name)["customers_by_rank_of_value"]:
        row = dict(expected)
        rank, customer = row.pop("rank"), row.pop("customer_id")
        at = summary.position(customer)
        found = {column: plain(getattr(summary, column)[at].item()) for column in row}
        assert found == row
        if summary.value is not None:
            above = np.count_nonzero(summary.value > summary.value[at])
            ties = np.count_nonzero(summary.value == summary.value[at])
            assert above < rank <= above + ties


# --- ABC limits against the golden files ------------------------------------------------

METHODS = {
    "value_shares_80_95": ABCClassifier(value_shares=(0.80, 0.95)),
    "customers_5_20": ABCClassifier(customer_shares=(0.05, 0.20)),
    "thresholds_10000_1000": ABCClassifier(thresholds=(10_000, 1_000)),
    "computed_zeros_on_the_curve": ABCClassifier(computed=True),
}


@pytest.mark.parametrize("method", METHODS)
def test_abc_limits_and_sizes_are_the_golden_ones(name: str, method: str) -> None:
    expected = golden(name).get("abc", {}).get(method)
    summary = summary_of(name)
    rule = METHODS[method].fit(summary)
    counts = rule.classify(summary).counts()
    if expected is None:
        assert summary.value is None
        assert counts["unknown"] == len(summary)
        return
    assert [limit.value for limit in rule.limits] == expected["limits"]
    assert counts == {**expected["sizes"], "unknown": 0}
    if "heads" in expected:
        assert [limit.size for limit in rule.limits] == expected["heads"]
        with_ties = [limit.at_least for limit in rule.limits]
        assert with_ties == expected["heads_with_ties"]
    assert summary.value is not None
    for limit in rule.limits:
        assert limit.at_least == np.count_nonzero(summary.value >= limit.value)
        assert limit.above == np.count_nonzero(summary.value > limit.value)


@pytest.mark.parametrize(
    "case", golden("abc_cases")["cases"], ids=lambda case: str(case["name"])
)
def test_limits_of_small_cases_are_those_found_by_hand(case: Any) -> None:
    values = np.array(case["values"], dtype=np.int64)
    kernels: dict[str, Any] = {
        "value_shares_80_95": lambda v: limits_by_value(v, (0.80, 0.95)),
        "customers_5_20": lambda v: limits_by_customers(v, (0.05, 0.20)),
    }
    if (values > 0).all():  # the cases leave zeros out; ours stay on the curve
        kernels["computed"] = computed_limits
    for method, kernel in kernels.items():
        limits = kernel(values)
        if method not in case:
            assert limits == ()
            continue
        assert [limit.value for limit in limits] == case[method]["limits"]
        ends = [limit.at_least for limit in limits]
        sizes = case[method]["sizes"]
        assert ends == [sizes["A"], sizes["A"] + sizes["B"]]
        if "heads" in case[method]:
            assert [limit.size for limit in limits] == case[method]["heads"]
            assert ends == case[method]["heads_with_ties"]


def test_no_value_above_zero_gives_no_limits() -> None:
    values = np.array([0, -5, 0])
    assert limits_by_value(values, (0.8,)) == ()
    assert limits_by_customers(values, (0.8,)) == ()
    assert computed_limits(values) == ()


# --- numbers with a source of their own --------------------------------------------------


def test_cdnow_sample_totals_and_heads() -> None:
    # CDNOW 1/10 sample (Fader & Hardie): spend over all 78 weeks of 2,357 customers.
    summary = summary_of("cdnow_sample")
    assert summary.value is not None
    assert (len(summary), int(summary.value.sum())) == (2357, 24_409_194)
    falling = np.sort(summary.value)[::-1]

    def share_of(n_heads: int) -> float:
        return float(falling[:n_heads].sum() / falling.sum())

    # Of all 2,357, the top 5 % are 118 and hold 36.07 %, the top 20 % 471: 67.40 %.
    # Ours are shares of the 2,349 with a positive total: 118 and 470.
    assert round(100 * share_of(118), 2) == 36.07
    assert round(100 * share_of(471), 2) == 67.40
    gold = ABCClassifier(customer_shares=(0.05, 0.20)).fit(summary)
    assert gold.limits[0].size == gold.classify(summary).counts()["A"] == 118
    assert gold.limits[1].size == 470

    shares = ABCClassifier(value_shares=(0.80, 0.95)).fit(summary).limits
    assert (shares[0].size, shares[0].at_least) == (777, 777)
    assert (shares[1].size, shares[1].at_least) == (1578, 1581)
    assert share_of(776) < 0.80 <= share_of(777)
    assert share_of(1577) < 0.95 <= share_of(1578)


def test_cdnow_sample_computed_limits() -> None:
    # Ultsch & Lötsch (2015) in exact discrete form over all 2,357 spends: A 593, B 275,
    # C 1,489, the eight worth nothing among the last; limits 104.29 and 66.88.
    summary = summary_of("cdnow_sample")
    rule = ABCClassifier(computed=True).fit(summary)
    counts = rule.classify(summary).counts()
    assert (counts["A"], counts["B"], counts["C"] + counts["none"]) == (593, 275, 1489)
    assert counts["none"] == 8
    assert [limit.value for limit in rule.limits] == [104_29, 66_88]


def test_one_to_a_hundred_differs_from_the_spline_by_one_customer() -> None:
    """The R package gives 40/21/39 with limits 60 and 40; the exact form 41/21/38.

    The package draws a spline through the curve and looks along a grid, so that both
    its classes end one customer early. In exact fractions the point of 41 customers is
    nearer to (0, 1) than that of 40, and the point of 62 nearer to (0.5, 1) than that
    of 61: the customers at 60 and at 39 belong to A and to B.
    """
    limits = computed_limits(np.arange(1, 101))
    assert [limit.value for limit in limits] == [60, 39]
    ends = [limit.at_least for limit in limits]
    assert [ends[0], ends[1] - ends[0], 100 - ends[1]] == [41, 21, 38]
    # The point is truly nearest: exact squared distances, no float.
    total = 100 * 101 // 2
    falling = list(range(100, 0, -1))
    missing = [1 - Fraction(sum(falling[: i + 1]), total) for i in range(100)]
    pareto = [Fraction(i + 1, 100) ** 2 + missing[i] ** 2 for i in range(100)]
    assert pareto.index(min(pareto)) + 1 == 41
    assert sum(100 * value >= total for value in falling) == 50  # break-even
    after = [
        (Fraction(i + 1, 100) - Fraction(1, 2)) ** 2 + missing[i] ** 2
        for i in range(100)
    ]
    assert after.index(min(after)) + 1 == 62
    assert pareto[41 - 1] < pareto[40 - 1]
    assert after[62 - 1] < after[61 - 1]


@pytest.mark.parametrize(
    "classifier",
    [
        ABCClassifier(),
        ABCClassifier(value_shares=(0.5, 0.6)),
        ABCClassifier(customer_shares=(0.01, 0.2)),
        ABCClassifier(customer_shares=(0.05, 0.20)),
        ABCClassifier(thresholds=(1000, 1)),
        ABCClassifier(computed=True),
    ],
)
def test_the_one_large_customer_is_key_by_every_method(classifier: Any) -> None:
    sales = [
        Transaction(customer_id=one, date=date(2011, 7, 1), amount=a)
        for one, a in [(0, 1000), *((i, 1) for i in range(1, 100))]
    ]
    summary = summarize(sales, as_of="2011-07-31")
    classes = classifier.fit(summary).classify(summary)
    assert classes.label_of(0) == "A"


# --- trends ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "group", golden("trajectories")["sets"], ids=lambda one: str(one["dataset"])
)
def test_trends_of_real_customers_are_the_golden_ones(group: Any) -> None:
    summary = summary_of(group["dataset"])
    starts = summary.periods.astype(str).tolist()
    assert len(group["customers"]) > 20
    for customer in group["customers"]:
        series = np.array([customer["series"]])
        at = summary.position(customer["customer_id"])
        assert summary.period_values is not None
        first = starts.index(customer["first_month"])
        assert summary.period_values[at, first:].tolist() == customer["series"]
        assert summary.first_purchase is not None
        month = summary.first_purchase[at].astype("M8[M]").astype("M8[D]")
        assert str(month) == customer["first_month"]
        slope, z = theil_sen(series)[0], mann_kendall(series)[0]
        np.testing.assert_allclose(slope, customer["slope"], rtol=1e-14, atol=0)
        np.testing.assert_allclose(z, customer["z"], rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    "group", golden("trajectories")["sets"], ids=lambda one: str(one["dataset"])
)
def test_the_rule_measures_the_golden_trends(group: Any) -> None:
    summary = summary_of(group["dataset"])
    classes = whole(group["dataset"]).classes["trajectory"]
    for customer in group["customers"]:
        at = summary.position(customer["customer_id"])
        # The period of the first purchase is in the golden series, not in the rule's.
        series = customer["series"][1:]
        usual = sum(map(abs, series)) / len(series)
        slope = theil_sen([series])[0] / (usual or 1)
        z = mann_kendall([series])[0]
        found = {
            name: classes.measures[name].values[at]
            for name in ("trend", "slope", "history")
        }
        assert found["history"] == len(series)
        np.testing.assert_allclose(found["trend"], z, rtol=1e-14)
        np.testing.assert_allclose(found["slope"], slope, rtol=1e-14)


@pytest.mark.parametrize(
    "example",
    [one for one in golden("trends_published")["examples"] if "times" not in one],
    ids=lambda one: str(one["name"]),
)
def test_published_trends(example: Any) -> None:
    series = np.array([example["series"]])
    np.testing.assert_allclose(theil_sen(series)[0], example["slope"], rtol=1e-12)
    np.testing.assert_allclose(mann_kendall(series)[0], example["z"], rtol=1e-14)
    if "z" in example.get("published", {}):
        assert round(mann_kendall(series)[0], 4) == example["published"]["z"]


def test_uneven_times_are_read_as_the_periods_they_fall_in() -> None:
    """Sen's own example has uneven times; with nothing between them it is not ours."""
    uneven = golden("trends_published")["examples"][-1]
    pairs = [
        (later - earlier) / (end - start)
        for i, (start, earlier) in enumerate(
            zip(uneven["times"], uneven["series"], strict=True)
        )
        for end, later in list(zip(uneven["times"], uneven["series"], strict=True))[
            i + 1 :
        ]
    ]
    assert float(np.median(pairs)) == uneven["slope"]
    even = np.interp(np.arange(1, 19), uneven["times"], uneven["series"])
    assert 3.5 < theil_sen(even[None, :])[0] < 5


# --- what the descriptions of the data say ------------------------------------------------


def fact(dataset: str, what: str) -> Any:
    return next(
        one["found"]
        for one in golden("facts")["facts"]
        if (one["dataset"], one["what"]) == (dataset, what)
    )


def test_online_retail_is_as_its_description_says() -> None:
    report = summary_of("online_retail").report
    assert report.read == fact("online_retail", "lines")
    assert report.unidentified == fact("online_retail", "lines without CustomerID")
    returned = "lines with negative quantity and a CustomerID"
    assert report.refunded == fact("online_retail", returned)
    assert len(summary_of("online_retail")) == fact("online_retail", "customers")
    # Free: price zero, or worth less than half a penny.
    priced_zero = fact("online_retail", "lines with price zero and a CustomerID")
    assert report.free - priced_zero == 4
    assert report.conservation == (
        "541,909 rows, 406,829 used, 135,080 set aside: no customer id; "
        "9,747,747.93 in, 8,300,065.81 classified, 1,447,682.12 set aside"
    )


def test_the_partial_last_month_of_online_retail_is_no_period() -> None:
    by_day = summary_of("online_retail")
    november = summary_of("online_retail_november")
    assert str(by_day.periods[-1]) == str(november.periods[-1]) == "2011-11-01"
    assert by_day.period_values is not None
    assert november.period_values is not None
    assert by_day.period_values.sum() == november.period_values.sum()
    reasons = {why: rows for why, rows, _ in november.report.set_aside}
    assert reasons == {"no customer id": 135_080, "after as_of": 17_661}


def test_complete_journey_stamps_are_read_as_days_in_new_york() -> None:
    assert fact("complete_journey", "lines of 2018 in UTC") == 534
    report = summary_of("complete_journey").report
    assert report.read == report.used == fact("complete_journey", "lines")
    data = datasets.complete_journey()
    in_utc = summarize(data.frame, **{**data.call, "tz": "UTC"})
    aside = {why: rows for why, rows, _ in in_utc.report.set_aside}
    assert aside == {"after as_of": 534}
    ours = summary_of("complete_journey")
    assert in_utc.purchase_days is not None
    assert ours.purchase_days is not None
    assert in_utc.purchase_days.sum() != ours.purchase_days.sum()


def test_complete_journey_counts_free_lines_and_nameless_departments() -> None:
    summary = summary_of("complete_journey")
    exactly = fact("complete_journey", "lines with sales_value exactly 0")
    noise = "lines with a sales_value above 0 and below 1e-14: noise"
    assert summary.report.free == exactly + fact("complete_journey", noise)
    assert summary.report.rounded == 0
    missing = datasets.complete_journey().frame["department"].isna().sum()
    assert missing == fact(
        "complete_journey", "lines whose product is in no product row"
    )
    assert len(summary) == fact("complete_journey", "households")


def test_superstore_is_valued_by_profit_and_some_customers_cost_money() -> None:
    by_profit, by_sales = summary_of("superstore"), summary_of("superstore_sales")
    assert by_profit.profit is not None
    assert by_profit.value is not None
    assert by_sales.value is not None
    assert np.array_equal(by_profit.value, by_profit.profit)
    assert by_sales.profit is None
    assert np.array_equal(by_sales.value, by_profit.amount)  # type: ignore[arg-type]
    assert len(by_profit) == fact("superstore", "customers")
    # 1,871 lines lose money and yet none is a refund: refunds are read from amounts.
    assert by_profit.report.refunded == 0
    in_cents = np.rint(datasets.superstore().frame["Profit"].to_numpy() * 100)
    assert np.count_nonzero(in_cents < 0) > 1_800
    assert int(in_cents.sum()) == by_profit.report.money_in


def test_superstore_says_how_many_amounts_were_rounded() -> None:
    frame = datasets.superstore().frame
    off = {
        column: np.abs(frame[column] * 100 - np.rint(frame[column] * 100)) > 1e-6
        for column in ("Sales", "Profit")
    }
    expected = golden("superstore")["report"]["not_whole_cents_by_more_than_1e-6"]
    assert expected in {int(one.sum()) for one in off.values()}
    rounded = summary_of("superstore").report.rounded
    assert rounded == sum(int(one.sum()) for one in off.values())


def test_northwind_and_the_others_hold_the_customers_they_should() -> None:
    expected = {
        ("northwind", "customers who have ordered"),
        ("grocery_elog", "customers"),
        ("wholesale_customers", "clients"),
        ("cdnow_master", "customers"),
        ("cdnow_sample", "customers"),
    }
    for dataset, what in expected:
        assert len(summary_of(dataset)) == fact(dataset, what)
    purchases = summary_of("northwind").purchases
    assert purchases.sum() == fact("northwind", "orders")
    free = fact("cdnow_master", "purchases of value 0")
    assert summary_of("cdnow_master").report.free == free


# --- from end to end ------------------------------------------------------------------


@cache
def whole(name: str) -> Identification:
    summary = summary_of(name)
    return IdentificationProgram().fit(summary).identify(summary)


def test_identify_gives_every_customer_one_class_of_each_kind(name: str) -> None:
    found = whole(name)
    for counts in found.counts().values():
        assert sum(counts.values()) == len(found) == golden(name)["customers"]
    assert set(found.counts()) == {"loyalty", "value", "trajectory"}
    apart = found.counts()["loyalty"]["transactional"]
    assert found.counts()["value"]["apart"] == apart
    assert found.counts()["trajectory"]["apart"] == apart
    shown = found.to_frame()
    assert len(shown) == len(found)
    for kind, counts in found.counts().items():
        in_frame = shown[f"{kind}_class"].value_counts()
        assert {k: int(in_frame.get(k, 0)) for k in counts} == counts


def test_every_kind_of_verdict_can_be_said(name: str) -> None:
    found = whole(name)
    for kind, classes in found.classes.items():
        for code in np.unique(classes.codes):
            at = int(np.flatnonzero(classes.codes == code)[0])
            customer = found.summary.customer_ids[at]
            customer = customer.item() if hasattr(customer, "item") else customer
            verdict = classes[customer]
            assert verdict.label == classes.labels[code]
            assert verdict.reasons
            assert str(verdict).startswith(verdict.label)
            assert f"{kind}: {verdict}" in found.explain(customer)


def test_money_is_conserved_from_rows_to_classes(name: str) -> None:
    found = whole(name)
    summary = found.summary
    if summary.value is None:
        assert summary.report.money_in == 0
        return
    assert int(summary.value.sum()) == summary.report.money_used
    subsidy = found.subsidy()
    assert int(subsidy.value.sum()) == summary.report.money_used
    assert int(subsidy.customers.sum()) == len(summary)


def test_identify_in_one_line_is_the_same_as_step_by_step() -> None:
    data = datasets.northwind()
    found = identify(data.frame, **data.call)
    assert found == whole("northwind")


def test_without_dates_classes_are_known_by_value_alone() -> None:
    summary = summary_of("wholesale_customers")
    found = whole("wholesale_customers")
    assert found.counts()["loyalty"]["unknown"] == 440
    assert found.counts()["trajectory"]["unknown"] == 440
    assert found.counts()["value"]["unknown"] == 0
    term = TermClassifier().fit(summary).classify(summary)
    assert term.counts()["unknown"] == 440
    assert np.isnan(summary.recency).all()


def test_without_amounts_value_stays_unknown() -> None:
    found = whole("grocery_elog")
    assert found.counts()["value"]["unknown"] + found.counts()["value"]["apart"] == 1525
    assert found.counts()["loyalty"]["relational"] > 0
