"""Every statistic and every class is the same, bit for bit, on every engine."""

import functools
import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import datasets
from customer_identification import (
    ABCClassifier,
    AttitudeLoyaltyClassifier,
    IdentificationProgram,
    LoyaltyClassifier,
    Summary,
    TermClassifier,
    ValueTrajectoryClassifier,
    identify,
    summarize,
)
from engines.hard import CATEGORIES, NEW_YORK, hard_table, hard_tables
from engines.makers import KINDS, LANE, frame_of, options_for
from engines.outcomes import OF_OTHERS, differences, outcome
from tables import AS_OF, arrow_of, oracle, tables


pytestmark = OF_OTHERS

# Tables to draw: as many as an engine can do in about two seconds.
EXAMPLES = {"polars lazy": 30, "duckdb": 12, "ibis": 10}
SLOW = ("dask", "dask pyarrow", "pyspark")  # a second or more a table, however small
RUNS = 3


def each_kind(*without: str) -> Any:
    kinds = [kind for kind in KINDS if kind not in without]
    return pytest.mark.parametrize("kind", kinds)


def drawn(kind: str, **strategies: Any) -> Any:
    """Draw as many examples as the engine has time for, the same on every run."""
    limits = settings(
        derandomize=True,
        deadline=None,
        max_examples=EXAMPLES.get(kind, 25),
        phases=(Phase.generate,) if LANE else tuple(Phase),  # shrinking takes minutes
        suppress_health_check=[HealthCheck.too_slow],
    )
    return lambda test: limits(given(**strategies)(test))


# --- random tables ---------------------------------------------------------------------


def check_against_plain_python(kind: str, rows: Any, since: Any, period: Any) -> None:
    frame = frame_of(kind, arrow_of(rows))
    found = summarize(
        frame, as_of=AS_OF, since=since, period=period, on_bad_rows="report"
    )
    expected = oracle(rows, since=since, period=period)
    report = expected.pop("report")
    for name, values in expected.items():
        column = getattr(found, name)
        if column is not None and column.dtype.kind == "f":
            np.testing.assert_allclose(column, values, rtol=1e-15)
        else:
            assert (None if column is None else column.tolist()) == values, name
    aside = {why: (n, money) for why, n, money in found.report.set_aside}
    assert aside == report.pop("set_aside")
    assert {name: getattr(found.report, name) for name in report} == report


@each_kind(*SLOW)
def test_every_column_is_what_plain_python_finds(kind: str) -> None:
    @drawn(
        kind,
        rows=tables(bad=True),
        since=st.none() | st.dates(date(2011, 1, 1), date(2011, 5, 1)),
        period=st.sampled_from(["week", "month", "quarter"]),
    )
    def check(rows: Any, since: Any, period: Any) -> None:
        check_against_plain_python(kind, rows, since, period)

    check()


@each_kind()
@pytest.mark.parametrize("period", ["month", "week"])
def test_many_rows_are_what_plain_python_finds(kind: str, period: str) -> None:
    rng = random.Random(period)  # noqa: S311 - of tables, not of secrets
    rows = [
        {
            "customer_id": rng.choice([*(f"c{i}" for i in range(30)), None]),
            "date": rng.choice(
                [None, *(date(2011, 1, 20) + timedelta(days=i) for i in range(115))]
            ),
            "amount": rng.choice([None, 0, 1, -1, *range(-300, 900, 50)]),
            "profit": rng.choice([None, *range(-300, 900, 7)]),
            "order_id": rng.choice([None, "o1", "o2", "o3"]),
            "discount": rng.choice([None, 0, 50, -50]),
            "category": rng.choice([None, "food", "toys", "tools"]),
            "channel": rng.choice([None, "shop", "web"]),
        }
        for _ in range(500)
    ]
    check_against_plain_python(kind, rows, date(2011, 1, 25), period)


@each_kind("pandas", *SLOW)
def test_hard_values_of_every_type_are_read_alike(kind: str) -> None:
    @drawn(kind, drawn_table=hard_tables())
    def check(drawn_table: Any) -> None:
        table, options = drawn_table
        zone = options["tz"] or "UTC"
        expected = outcome(frame_of("pandas", table, zone=zone), options)
        found = outcome(frame_of(kind, table, zone=zone), options_for(kind, options))
        assert differences(found, expected) == {}

    check()


# --- many customers at once, for engines that take a second a question ------------------

FLOAT, TEXT, WHOLE = pa.float64(), pa.string(), pa.int64()
PANELS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text ids, floats, every column": (
        {
            "customer_id": TEXT,
            "date": pa.timestamp("us"),
            "amount": FLOAT,
            "profit": FLOAT,
            "order_id": TEXT,
            "discount": FLOAT,
            "category": TEXT,
            "channel": WHOLE,
        },
        {"since": date(1950, 1, 1)},
    ),
    "whole numbers, dates, weeks": (
        {
            "customer_id": WHOLE,
            "date": pa.date32(),
            "amount": WHOLE,
            "order_id": WHOLE,
            "discount": pa.bool_(),
            "category": FLOAT,
            "channel": pa.bool_(),
        },
        {"since": date(2008, 1, 1), "period": "week"},
    ),
    "decimals, quarters": (
        {
            "customer_id": FLOAT,
            "date": pa.timestamp("ns"),
            "amount": pa.decimal128(12, 3),
            "profit": pa.decimal128(38, 15),
            "discount": pa.decimal128(9, 2),
        },
        {"period": "quarter"},
    ),
    "stamps of a time zone": (
        {
            "customer_id": CATEGORIES,
            "date": pa.timestamp("us", NEW_YORK),
            "amount": pa.float32(),
            "order_id": FLOAT,
        },
        {"tz": NEW_YORK, "minor_units": 0, "period": None},
    ),
    "seconds, tenths of a cent": (
        {
            "customer_id": pa.int32(),
            "date": pa.timestamp("s"),
            "amount": pa.int32(),
            "category": CATEGORIES,
        },
        {"minor_units": 3, "since": date(2010, 12, 31), "as_of": date(2011, 3, 31)},
    ),
    "no dates": (
        {"customer_id": TEXT, "amount": FLOAT, "order_id": TEXT},
        {"columns": {"date": None}},
    ),
    "no amounts": (
        {"customer_id": WHOLE, "date": pa.timestamp("ms"), "order_id": TEXT},
        {"columns": {"amount": None}},
    ),
}


@functools.cache
def panel(name: str, n_rows: int = 400) -> pa.Table:
    rng = random.Random(name)  # noqa: S311 - of tables, not of secrets
    return hard_table(rng, n_rows, PANELS[name][0])


def panel_options(name: str) -> dict[str, Any]:
    return {"as_of": AS_OF, "on_bad_rows": "report", **PANELS[name][1]}


@each_kind("pandas")
@pytest.mark.parametrize("name", PANELS)
def test_many_hard_rows_at_once_are_read_alike(name: str, kind: str) -> None:
    options = panel_options(name)
    zone = options.get("tz", "UTC")
    expected = outcome(frame_of("pandas", panel(name), zone=zone), options)
    assert isinstance(expected, Summary)
    assert len(expected) > 2
    assert len(expected.report.set_aside) > 1
    found = outcome(frame_of(kind, panel(name), zone=zone), options_for(kind, options))
    assert differences(found, expected) == {}


@each_kind("pandas")
@pytest.mark.parametrize("name", ["text ids, floats, every column", "no dates"])
def test_no_rows_are_an_empty_summary_everywhere(name: str, kind: str) -> None:
    options = panel_options(name)
    empty = panel(name).slice(0, 0)
    expected = outcome(frame_of("pandas", empty), options)
    assert len(expected) == 0
    assert differences(outcome(frame_of(kind, empty), options), expected) == {}


@each_kind("pandas", "dask pyarrow")
def test_bad_rows_are_told_alike(kind: str) -> None:
    name = "text ids, floats, every column"
    options = {**panel_options(name), "on_bad_rows": "raise"}
    expected = outcome(frame_of("pandas", panel(name)), options)
    assert expected[1] == "bad_rows"
    assert outcome(frame_of(kind, panel(name)), options) == expected


@each_kind("pandas")
def test_columns_go_by_the_names_of_the_host(kind: str) -> None:
    theirs = {"customer_id": "amount", "date": "Day of sale", "amount": "customer_id"}
    table = pa.table(
        {
            "amount": ["a", "b", "a"],
            "Day of sale": pa.array([15_000, 15_001, 15_040], pa.date32()),
            "customer_id": [1.0, 2.0, 3.5],
            "profit": [5, 6, 7],
            "key": [1, 1, 2],
        }
    )
    options = {"as_of": "2011-05-10", "columns": {**theirs, "profit": None}}
    expected = outcome(frame_of("pandas", table), options)
    assert expected.value.tolist() == [450, 200]
    assert differences(outcome(frame_of(kind, table), options), expected) == {}


# --- classes ---------------------------------------------------------------------------


@functools.cache
def shop() -> pa.Table:
    """Give a shop's two years: rising, falling, late and refunded customers, and ties."""
    rng = random.Random(3)  # noqa: S311
    rows = []
    for customer in range(150):
        day = date(2009, 1, 1) + timedelta(days=rng.randrange(500))
        pace, pattern = rng.choice([7, 20, 45, 120]), rng.choice([-2, 0, 0, 2])
        for visit in range(rng.randrange(1, 40)):
            day += timedelta(days=rng.randrange(1, 2 * pace))
            amount = max(rng.choice([5, 10, 10, 19.99]) + pattern * visit / 4, -3)
            rows.append(
                {
                    "customer_id": f"c{customer % 140}",
                    "date": day,
                    "amount": amount,
                    "order_id": f"o{customer}-{visit // 2}",
                    "discount": rng.choice([0.0, 0.0, 1.0, None]),
                    "category": rng.choice(["food", "toys", "tools"]),
                    "channel": rng.choice(["web", "shop"]),
                }
            )
    return pa.Table.from_pylist([row for row in rows if row["date"].year < 2011])


CLASSIFIERS: dict[str, Any] = {
    "by value": ABCClassifier(value_shares=(0.8, 0.95)),
    "by customers": ABCClassifier(customer_shares=(0.05, 0.20)),
    "by thresholds": ABCClassifier(thresholds=(300, 100)),
    "by computed limits": ABCClassifier(computed=True),
    "trajectory": ValueTrajectoryClassifier(),
    "trajectory, seasonal": ValueTrajectoryClassifier(seasonal=True, min_periods=3),
    "loyalty": LoyaltyClassifier(),
    "term": TermClassifier(),
    "attitude": AttitudeLoyaltyClassifier(),
}


def summary_of_shop(kind: str) -> Summary:
    summary = summarize(frame_of(kind, shop()), as_of="2010-12-31")
    return summary.with_attitudes({f"c{i}": (i % 5 - 2) / 2 for i in range(100)})


@functools.cache
def shop_in_pandas() -> Summary:
    return summary_of_shop("pandas")


@each_kind("pandas", "dask pyarrow")
def test_every_classifier_gives_equal_classes(kind: str) -> None:
    found, expected = summary_of_shop(kind), shop_in_pandas()
    assert differences(found, expected) == {}
    for name, classifier in CLASSIFIERS.items():
        rule = classifier.fit(found)
        assert rule == classifier.fit(expected), name
        classes = rule.classify(found)
        assert classes == classifier.fit(expected).classify(expected), name
        assert sum(n > 0 for n in classes.counts().values()) > 1, name


@each_kind("pandas", "dask pyarrow")
def test_the_whole_identification_is_the_same(kind: str) -> None:
    found = identify(frame_of(kind, shop()), as_of="2010-12-31")
    expected = identify(frame_of("pandas", shop()), as_of="2010-12-31")
    assert found == expected
    several = IdentificationProgram(classifiers=CLASSIFIERS, set_apart=None)
    rules = several.fit(shop_in_pandas())
    assert several.fit(summary_of_shop(kind)) == rules
    assert rules.identify(summary_of_shop(kind)) == rules.identify(shop_in_pandas())


@each_kind("dask pyarrow")
def test_every_run_gives_the_same(kind: str) -> None:
    name = "text ids, floats, every column"
    frame = frame_of(kind, panel(name))
    first = summarize(frame, **panel_options(name))
    rules = IdentificationProgram().fit(first)
    for _ in range(RUNS - 1):
        again = summarize(frame, **panel_options(name))
        assert differences(again, first) == {}
        assert IdentificationProgram().fit(again) == rules
        assert rules.identify(again) == rules.identify(first)


# --- what is kept for later ------------------------------------------------------------


@each_kind("pandas", "dask pyarrow")
def test_histories_are_equal_and_merge_with_those_of_others(kind: str) -> None:
    def keep(one: str, **dates: Any) -> Summary:
        return summarize(frame_of(one, shop()), mergeable=True, **dates)

    first = keep(kind, as_of="2010-06-17")
    assert first == keep("pandas", as_of="2010-06-17")
    later = keep("pandas", since="2010-06-18", as_of="2010-12-31")
    whole = keep("pandas", since=None, as_of="2010-12-31")
    merged = first.merge(later)
    assert merged.history == whole.history
    for name in ("value", "purchases", "squared_gaps", "categories", "period_values"):
        assert np.array_equal(getattr(merged, name), getattr(whole, name)), name


@each_kind("pandas")
@pytest.mark.parametrize("period", ["month", "week"])
def test_histories_of_hard_rows_are_equal(kind: str, period: str) -> None:
    name = "text ids, floats, every column"
    options = {**panel_options(name), "mergeable": True}
    options |= {"since": date(2008, 1, 1), "period": period}
    expected = outcome(frame_of("pandas", panel(name)), options)
    assert expected.history is not None
    assert differences(outcome(frame_of(kind, panel(name)), options), expected) == {}


# --- real data -------------------------------------------------------------------------


@functools.cache
def real(name: str) -> tuple[pa.Table, dict[str, Any], Summary]:
    data = getattr(datasets, name)()
    columns = {
        theirs for theirs in data.columns.values() if theirs in data.frame.columns
    }
    table = pa.Table.from_pandas(data.frame[sorted(columns)], preserve_index=False)
    return table, data.call, summarize(data.frame, **data.call)


REAL = ["online_retail", "complete_journey_200"]


@each_kind("pandas", "dask pyarrow")
@pytest.mark.parametrize("name", REAL if LANE else [*REAL, "online_retail_november"])
def test_real_data_give_the_same_summary_and_classes(name: str, kind: str) -> None:
    check_real(name, kind)


@each_kind("pandas", "dask pyarrow")
def test_a_year_of_a_grocer_gives_the_same_summary_and_classes(kind: str) -> None:
    check_real("complete_journey", kind)


def check_real(name: str, kind: str) -> None:
    table, call, expected = real(name)
    frame = frame_of(kind, table, zone=call.get("tz", "UTC"))
    found = summarize(frame, **options_for(kind, call))
    assert differences(found, expected) == {}
    program = IdentificationProgram()
    rules = program.fit(expected)
    assert program.fit(found) == rules
    assert rules.identify(found) == rules.identify(expected)
