"""One row a customer: every column against a recomputation, and what must not matter."""

import math
import pickle
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    InvalidInputError,
    Summary,
    Transaction,
    UnknownCustomerError,
    summarize,
)
from customer_identification.report import DataReport
from tables import AS_OF, arrow_of, given_columns, objects_of, oracle, tables


few = settings(derandomize=True, max_examples=60, deadline=None)
fewer = settings(derandomize=True, max_examples=25, deadline=None)

ROWS = [field.name for field in fields(Summary) if field.metadata.get("rows")]
DERIVED = (
    "recency",
    "tenure",
    "age_at_last_purchase",
    "mean_gap",
    "overdue",
    "regularity",
    "discount_share",
)


def summary_of(rows: Any, **keywords: Any) -> Summary:
    return summarize(arrow_of(rows), **{"as_of": AS_OF, **keywords})


def sale(customer: Any, day: str, amount: Any, **more: Any) -> Transaction:
    moment = date.fromisoformat(day)
    return Transaction(customer_id=customer, date=moment, amount=amount, **more)


def as_plain(values: Any) -> Any:
    return None if values is None else values.tolist()


def rows_by_id(summary: Summary) -> dict[Any, dict[str, Any]]:
    """Give each customer's entry of every column, by id."""
    columns = {
        name: as_plain(getattr(summary, name))
        for name in ROWS
        if name != "customer_ids" and getattr(summary, name) is not None
    }
    return {
        one: {name: values[at] for name, values in columns.items()}
        for at, one in enumerate(summary.customer_ids.tolist())
    }


# --- every column against the oracle ---------------------------------------------------


@few
@given(
    rows=tables(bad=True),
    since=st.none() | st.dates(date(2011, 1, 1), date(2011, 5, 1)),
    period=st.sampled_from(["week", "month", "quarter"]),
)
def test_every_column_is_what_plain_python_finds(
    rows: Any, since: Any, period: Any
) -> None:
    found = summary_of(rows, since=since, period=period, on_bad_rows="report")
    expected = oracle(rows, since=since, period=period)
    report = expected.pop("report")
    for name, values in expected.items():
        column = getattr(found, name)
        if name in DERIVED:
            np.testing.assert_allclose(column, values, rtol=1e-15)
        elif name == "period_values":
            assert column.shape == (len(found), len(expected["periods"]))
            assert as_plain(column) == values
        else:
            assert as_plain(column) == values, name
    aside = {why: (n, money) for why, n, money in found.report.set_aside}
    assert aside == report.pop("set_aside")
    assert {name: getattr(found.report, name) for name in report} == report


@few
@given(rows=tables(bad=True), period=st.sampled_from(["week", "month", "quarter"]))
def test_rows_and_money_are_conserved(rows: Any, period: Any) -> None:
    found = summary_of(rows, period=period, on_bad_rows="report")
    report = found.report
    assert found.value is not None
    assert report.read == report.used + sum(n for _, n, _ in report.set_aside)
    aside = sum(money for _, _, money in report.set_aside)
    assert report.money_in == report.money_used + aside
    assert int(found.value.sum()) == report.money_used
    # What lies outside complete periods is what a second look finds there.
    assert found.period_values is not None
    outside = oracle(rows, period=period)
    starts = set(outside["periods"])
    in_periods = int(found.period_values.sum())
    partial = found.value - found.period_values.sum(axis=1)
    assert in_periods + int(partial.sum()) == report.money_used
    if not starts:
        assert in_periods == 0


@fewer
@given(rows=tables())
def test_the_conservation_line_is_true_and_in_money(rows: Any) -> None:
    report = summary_of(rows).report
    line = report.conservation
    assert str(report) == line
    assert line.startswith(f"{report.read:,} rows, {report.used:,} used, ")
    numbers = line.split("; ")[1].replace(",", "").split()
    money_in, used, aside = (round(100 * float(numbers[i])) for i in (0, 2, 4))
    assert money_in == used + aside
    assert (money_in, used) == (report.money_in, report.money_used)


# --- what must not matter -------------------------------------------------------------


@few
@given(rows=tables(bad=True), data=st.data())
def test_the_order_of_rows_never_matters(rows: Any, data: Any) -> None:
    shuffled = data.draw(st.permutations(rows))
    one = summary_of(rows, on_bad_rows="report")
    assert summary_of(shuffled, on_bad_rows="report") == one


RENAMED = [
    {3: -50, 20: 7, 100: 8, -4: 0, "c1": 4, "c10": 5, "c2": 2, "ž": 1},
    {3: "k", 20: "a", 100: "ž", -4: "b\0", "c1": "b", "c10": "Z", "c2": "a", "ž": "é"},
    {3: 30, 20: 40, 100: 50, -4: 6, "c1": "k1", "c10": "k10", "c2": "k2", "ž": "ž2"},
]


@fewer
@given(rows=tables(), names=st.sampled_from(RENAMED))
def test_ids_are_only_names(rows: Any, names: Any) -> None:
    one = summary_of(rows)
    renamed = [{**row, "customer_id": names.get(row["customer_id"])} for row in rows]
    other = summary_of(renamed)
    assert other.report == one.report
    expected = {names[one]: row for one, row in rows_by_id(one).items()}
    assert rows_by_id(other) == expected


@fewer
@given(rows=tables(least=1), data=st.data())
def test_a_transaction_split_in_two_on_the_same_day_is_the_same(
    rows: Any, data: Any
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    row = rows[at]
    if row["amount"] == -1:
        return  # a cent back cannot come in two parts
    parts = [row["amount"] // 2, row["amount"] - row["amount"] // 2]
    profit = row.get("profit") or 0
    halves = [{**row, "amount": part} for part in parts]
    if "profit" in row:
        halves[0]["profit"], halves[1]["profit"] = profit - 7, 7
    one = summary_of(rows)
    two = summary_of([*rows[:at], *halves, *rows[at + 1 :]])
    is_refund = row["amount"] < 0
    for name in ROWS:
        if name == "refunds" and is_refund:
            continue
        assert as_plain(getattr(two, name)) == as_plain(getattr(one, name)), name
    assert two.report.money_in == one.report.money_in
    assert two.report.money_used == one.report.money_used
    assert two.report.read == one.report.read + 1
    used = two.report.used - one.report.used
    assert two.report.merged == one.report.merged + (used and not is_refund)


@fewer
@given(rows=tables())
def test_the_unit_of_money_does_not_matter(rows: Any) -> None:
    in_dollars = summary_of(rows)
    in_cents = summarize(arrow_of(rows, scale=1), as_of=AS_OF, minor_units=0)
    same = evolve(
        in_cents, minor_units=2, report=evolve(in_cents.report, minor_units=2)
    )
    assert same == in_dollars


@fewer
@given(rows=tables(least=1))
def test_input_is_never_changed(rows: Any) -> None:
    frame = arrow_of(rows).to_pandas()
    before = frame.copy(deep=True)
    summarize(frame, as_of=AS_OF)
    pd.testing.assert_frame_equal(frame, before)


@fewer
@given(rows=tables(least=1))
def test_a_customer_alone_has_the_same_row(rows: Any) -> None:
    everybody = summary_of(rows)
    for at, one in enumerate(everybody.customer_ids.tolist()):
        alone = summarize(
            objects_of([row for row in rows if row["customer_id"] == one]),
            as_of=AS_OF,
        )
        taken = everybody.take([at])
        for name in ("value", "amount", "purchase_days", "squared_gaps", "recency"):
            left, right = getattr(alone, name), getattr(taken, name)
            assert np.array_equal(left, right, equal_nan=left.dtype.kind == "f"), name


# --- policies by example ----------------------------------------------------------------


def test_a_refund_lowers_value_and_is_no_purchase() -> None:
    found = summarize(
        [sale(1, "2011-01-05", 10), sale(1, "2011-02-05", -4)], as_of="2011-02-28"
    )
    assert found.value is not None
    assert found.last_purchase is not None
    assert found.value.tolist() == [600]
    assert found.purchases.tolist() == [1]
    assert str(found.last_purchase[0]) == "2011-01-05"
    assert (found.refunds.tolist(), found.refund_value.tolist()) == ([1], [-400])


def test_a_free_row_is_a_purchase() -> None:
    found = summarize([sale(1, "2011-01-05", 0)], as_of="2011-01-31")
    assert (found.purchases.tolist(), found.report.free) == ([1], 1)


def test_only_refunds_leave_the_days_unknown() -> None:
    found = summarize([sale(1, "2011-01-05", -4)], as_of="2011-01-31")
    for name in DERIVED:
        assert np.isnan(getattr(found, name)).all(), name
    assert found.purchases.tolist() == [0]
    assert found.first_purchase is not None
    assert np.isnat(found.first_purchase).all()


def test_one_purchase_day_has_no_gap() -> None:
    found = summarize([sale(1, "2011-01-05", 4)] * 2, as_of="2011-01-31")
    for name in ("mean_gap", "overdue", "regularity"):
        assert np.isnan(getattr(found, name)).all(), name
    assert found.age_at_last_purchase.tolist() == [0.0]
    assert found.recency.tolist() == found.tenure.tolist() == [26.0]


def test_even_gaps_are_wholly_regular_and_uneven_ones_are_not() -> None:
    even = [sale(1, f"2011-01-{day:02}", 4) for day in (1, 8, 15, 22)]
    uneven = [sale(1, f"2011-01-{day:02}", 4) for day in (1, 2, 3, 22)]
    assert summarize(even, as_of="2011-01-31").regularity.tolist() == [1.0]
    # Jain's index of the gaps 1, 1, 19: 21^2 / (3 x 363).
    assert summarize(uneven, as_of="2011-01-31").regularity[0] == 441 / 1089


def test_rounding_is_half_to_even_and_counted() -> None:
    amounts = pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "date": pd.to_datetime(["2011-01-05"] * 4),
            "amount": [0.125, 0.375, 0.25, 0.5],
        }
    )
    found = summarize(amounts, as_of="2011-01-31")
    assert found.value is not None
    assert found.value.tolist() == [12, 38, 25, 50]
    assert found.report.rounded == 2


@pytest.mark.parametrize("tiny", [0.0001, 0.001, 0.004])
def test_every_amount_finer_than_the_minor_unit_is_counted(tiny: float) -> None:
    sales = [sale(1, "2011-01-05", 1.23 + tiny), sale(1, "2011-01-06", 1234.56)]
    assert summarize(sales, as_of="2011-01-31").report.rounded == 1


def test_profit_is_the_value_where_there_is_one() -> None:
    found = summarize(
        [sale(1, "2011-01-05", 10, profit=-2), sale(2, "2011-01-05", 5, profit=3)],
        as_of="2011-01-31",
    )
    assert found.value is not None
    assert found.amount is not None
    assert found.value.tolist() == [-200, 300]
    assert found.amount.tolist() == [1000, 500]
    assert found.refunds.tolist() == [0, 0]
    assert found.report.money_in == 100


def test_orders_without_an_id_are_one_purchase_a_day() -> None:
    sales = [
        sale(1, "2011-01-05", 1, order_id="a"),
        sale(1, "2011-01-06", 1, order_id="a"),
        sale(1, "2011-01-06", 1),
        sale(1, "2011-01-06", 1),
        sale(1, "2011-01-07", 1),
    ]
    found = summarize(sales, as_of="2011-01-31")
    assert found.purchases.tolist() == [3]
    assert found.report.merged == 2


def test_without_dates_orders_and_rows_are_counted() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b"],
            "amount": [1.0, 2.0, 3.0, -1.0],
            "order_id": ["x", "x", None, None],
        }
    )
    columns: dict[str, str | None] = {"date": None}
    found = summarize(frame, as_of="2011-01-31", columns=columns)
    assert found.purchases.tolist() == [2, 0]
    assert found.periods.size == 0
    assert found.first_purchase is None
    assert found.purchase_days is None
    for name in DERIVED:
        assert np.isnan(getattr(found, name)).all(), name
    without_orders = summarize(
        frame.drop(columns="order_id"), as_of="2011-01-31", columns=columns
    )
    assert without_orders.purchases.tolist() == [3, 0]


def test_without_amounts_every_row_is_a_purchase_and_value_is_unknown() -> None:
    frame = pd.DataFrame(
        {"customer_id": ["a", "b"], "date": pd.to_datetime(["2011-01-05"] * 2)}
    )
    found = summarize(frame, as_of="2011-01-31", columns={"amount": None})
    assert found.value is None
    assert found.amount is None
    assert found.period_values is None
    assert found.periods.size == 1
    assert found.purchases.tolist() == [1, 1]
    assert found.report.money_in == 0
    assert math.isnan(found.report.unidentified_share)


def test_the_share_of_sales_without_a_customer_is_known() -> None:
    found = summarize(
        [sale(None, "2011-01-05", 1), sale(1, "2011-01-05", 3)], as_of="2011-01-31"
    )
    assert (found.report.unidentified, found.report.unidentified_value) == (1, 100)
    assert found.report.unidentified_share == 0.25


def test_the_first_reason_to_set_a_row_aside_wins() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": [None, "a", "a", "a", "a"],
            "date": pd.to_datetime(
                ["NaT", "NaT", "2011-01-05", "2012-01-05", "2010-01-05"]
            ),
            "amount": [np.nan, np.nan, np.inf, 3.0, 4.0],
        }
    )
    found = summarize(
        frame, as_of="2011-12-31", since="2011-01-01", on_bad_rows="report"
    )
    assert found.report.set_aside == (
        ("no customer id", 1, 0),
        ("no date", 1, 0),
        ("amount not finite", 1, 0),
        ("before since", 1, 400),
        ("after as_of", 1, 300),
    )
    assert len(found) == 0


@pytest.mark.parametrize("period", ["week", "month", "quarter", None])
def test_no_rows_give_an_empty_summary(period: Any) -> None:
    for since in (None, "2010-01-01"):
        found = summarize([], as_of="2011-01-31", since=since, period=period)
        assert len(found) == 0
        assert found.report.read == 0
        assert found.customer_ids.size == 0
        for name in DERIVED:
            assert getattr(found, name).size == 0
        assert len(found.to_frame()) == 0


def test_since_opens_only_whole_periods() -> None:
    sales = [sale(1, f"2011-{month:02}-20", 1) for month in range(1, 6)]
    found = summarize(sales, as_of="2011-05-30", since="2011-02-15")
    assert found.periods.astype(str).tolist() == ["2011-03-01", "2011-04-01"]
    assert found.period_values is not None
    assert found.period_values.tolist() == [[100, 100]]
    assert found.value is not None
    assert found.value.tolist() == [400]
    exactly = summarize(sales, as_of="2011-05-31", since="2011-03-01")
    starts = ["2011-03-01", "2011-04-01", "2011-05-01"]
    assert exactly.periods.astype(str).tolist() == starts


def test_weeks_start_on_monday() -> None:
    found = summarize(
        [sale(1, "2011-01-09", 1), sale(1, "2011-01-10", 2)],  # Sunday, Monday
        as_of="2011-01-16",
        period="week",
    )
    assert found.periods.astype(str).tolist() == ["2011-01-03", "2011-01-10"]
    assert found.period_values is not None
    assert found.period_values.tolist() == [[100, 200]]


def test_a_discount_that_is_not_known_is_left_out_of_the_share() -> None:
    sales = [
        sale(1, "2011-01-05", 6, discount=1),
        sale(1, "2011-01-06", 2, discount=0),
        sale(1, "2011-01-07", 90),
        sale(2, "2011-01-07", 90),
        sale(3, "2011-01-07", 0, discount=True),
    ]
    found = summarize(sales, as_of="2011-01-31")
    assert found.discount_share[0] == 0.75
    assert np.isnan(found.discount_share[1:]).all()
    assert found.report.discount_unknown == 2


# --- the summary as a value ------------------------------------------------------------


def test_nothing_in_a_summary_can_be_changed() -> None:
    found = summarize([sale("a", "2011-01-05", 6)], as_of="2011-01-31")
    for name in [*ROWS, "periods"]:
        values = getattr(found, name)
        if values is not None:
            with pytest.raises(ValueError, match="read-only"):
                values[...] = values
    with pytest.raises(AttributeError):
        found.value = None  # type: ignore[misc]


@fewer
@given(rows=tables())
def test_a_summary_pickles_and_compares(rows: Any) -> None:
    found = summary_of(rows)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert again == found
    assert hash(again) == hash(found)
    if found.value is not None and len(found):
        other = evolve(found, value=found.value + 1)
        assert other != found


def test_summaries_differ_where_a_column_is_missing_or_of_another_kind() -> None:
    one = summarize([sale(1, "2011-01-05", 6)], as_of="2011-01-31")
    assert evolve(one, value=None) != one
    assert one != evolve(one, value=None)
    assert evolve(one, customer_ids=np.array(["1"], dtype=object)) != one
    other: object = "a summary"
    assert one != other


def test_a_repr_counts_and_shows_nobody() -> None:
    found = summarize([sale("Müller", "2011-01-05", 612.34)], as_of="2011-02-28")
    assert repr(found) == "Summary(1 customers, 2 months, as of 2011-02-28)"
    assert "Müller" not in repr(found.report)
    without = summarize([sale("Müller", "2011-01-05", 6)], as_of=AS_OF, period=None)
    assert repr(without) == "Summary(1 customers, as of 2011-05-10)"


def test_customers_are_found_by_their_own_kind_of_id() -> None:
    found = summarize(
        [sale(one, "2011-01-05", 6) for one in (5, 7)], as_of="2011-01-31"
    )
    assert [found.position(one) for one in (5, 7)] == [0, 1]
    for stranger in (6, 8, "5", 5.5, True, None, 2**70, -(2**70)):
        with pytest.raises(UnknownCustomerError):
            found.position(stranger)  # type: ignore[arg-type]
    named = summarize(
        [sale(one, "2011-01-05", 6) for one in ("a", "b\0")], as_of="2011-01-31"
    )
    assert named.position("b\0") == 1
    for stranger in ("b", 0, "", None):
        with pytest.raises(UnknownCustomerError):
            named.position(stranger)  # type: ignore[arg-type]


def test_some_customers_can_be_taken() -> None:
    found = summarize(
        [sale(one, "2011-01-05", one) for one in (1, 2, 3)], as_of="2011-01-31"
    )
    for rows in ([0, 2], [True, False, True], slice(0, 3, 2), np.array([0, 2])):
        taken = found.take(rows)
        assert taken.customer_ids.tolist() == [1, 3]
        assert taken.value is not None
        assert taken.value.tolist() == [100, 300]
        assert taken.report == found.report
    assert len(found.take([])) == 0


@pytest.mark.parametrize("rows", [[2, 0], [1, 1], [7], [True], [-4], [0.5], ["0"]])
def test_taking_customers_that_are_not_there_is_refused(rows: Any) -> None:
    found = summarize(
        [sale(one, "2011-01-05", one) for one in (1, 2, 3)], as_of="2011-01-31"
    )
    with pytest.raises(InvalidInputError):
        found.take(rows)


def test_attitudes_are_added_and_checked() -> None:
    found = summarize(
        [sale(one, "2011-01-05", one) for one in (1, 2, 3)], as_of="2011-01-31"
    )
    with_them = found.with_attitudes({1: 0.5, 3: -1, 99: 0})
    assert with_them.attitude is not None
    np.testing.assert_array_equal(with_them.attitude, [0.5, np.nan, -1])
    assert found.attitude is None
    with pytest.raises(InvalidInputError) as caught:
        found.with_attitudes({2: 1.5})
    assert caught.value.positions == (1,)
    assert "1.5" not in str(caught.value)
    with pytest.raises(InvalidInputError, match="whole numbers"):
        found.with_attitudes({1: 0.5, "3": 0.5})


@fewer
@given(rows=tables(least=1))
def test_frames_show_the_numbers_in_major_units(rows: Any) -> None:
    found = summary_of(rows)
    shown = found.to_frame().to_pydict()
    assert shown["customer_id"] == found.customer_ids.tolist()
    assert found.value is not None
    assert shown["value"] == [cents / 100 for cents in found.value.tolist()]
    assert ("profit" in shown) == ("profit" in given_columns(rows))
    periods = found.periods_to_frame().to_pydict()
    assert found.period_values is not None
    total = sum(round(100 * value) for value in periods["value"])
    assert total == int(found.period_values.sum())
    assert 0 not in periods["value"]
    for at in range(len(found)):
        row = found.row(at)
        assert "customer_id" not in row
        assert row["value"] == shown["value"][at]
        assert row["purchases"] == shown["purchases"][at]


def test_periods_cannot_be_shown_where_there_are_none() -> None:
    found = summarize([sale(1, "2011-01-05", 6)], as_of="2011-01-31", period=None)
    with pytest.raises(InvalidInputError, match="period"):
        found.periods_to_frame()


def test_a_report_of_several_reasons_names_each() -> None:
    report = DataReport(
        read=5,
        used=2,
        set_aside=(("no date", 1, 100), ("no amount", 2, 0)),
        money_in=500,
        refunded=0,
        refunded_value=0,
        merged=0,
        free=0,
        rounded=0,
        discount_unknown=0,
        minor_units=2,
    )
    assert report.conservation == (
        "5 rows, 2 used, 3 set aside: 1 no date, 2 no amount; "
        "5.00 in, 4.00 classified, 1.00 set aside"
    )
    assert (report.unidentified, report.unidentified_value) == (0, 0)


def test_a_report_without_amounts_says_so() -> None:
    found = summarize(
        [sale(1, "2011-01-05", 6)], as_of="2011-01-31", columns={"amount": None}
    )
    assert str(found.report) == "1 rows, 1 used, 0 set aside; no amounts"
    assert not found.report.valued


def test_no_rows_and_no_amounts_make_no_values_by_period() -> None:
    found = summarize([], as_of="2011-01-31", columns={"amount": None})
    assert found.value is None
    assert found.period_values is None
    assert summarize([], as_of="2011-01-31").period_values.shape == (0, 0)  # type: ignore[union-attr]
