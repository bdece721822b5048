"""What cannot be right is told by code, and never with an id or an amount."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from customer_identification import (
    BadRowsError,
    InvalidInputError,
    Invoice,
    MissingColumnError,
)
from customer_identification.invoices.ageing import ageing
from customer_identification.invoices.credit import summarize_credit


SECRET_ID, SECRET_AMOUNT = "Kowalska-77", 4321.25


def frame(**columns: Any) -> pd.DataFrame:
    day = pd.Timestamp("2011-05-01")
    given = {
        "invoice_id": [1, 2],
        "customer_id": [SECRET_ID, "c2"],
        "issued": [day, day],
        "due": [day, day],
        "amount": [SECRET_AMOUNT, 20.0],
        "paid_on": [day, pd.NaT],
    }
    return pd.DataFrame({**given, **columns})


DAY = pd.Timestamp("2011-05-01")
BAD_ROWS: dict[str, dict[str, Any]] = {
    "no invoice_id": {"invoice_id": [None, "i2"]},
    "invoice_id more than once": {"invoice_id": [1, 1]},
    "no issued": {"issued": [pd.NaT, DAY]},
    "no due": {"due": [pd.NaT, DAY]},
    "due before issued": {"due": [pd.Timestamp("2011-04-30"), DAY]},
    "no amount": {"amount": [None, SECRET_AMOUNT]},
    "amount not finite": {"amount": [float("inf"), SECRET_AMOUNT]},
    "paid_amount not finite": {"paid_amount": [float("-inf"), None]},
    "paid_amount without paid_on": {"paid_amount": [None, SECRET_AMOUNT]},
    "paid_amount against amount": {"paid_amount": [-SECRET_AMOUNT, None]},
    "no word on disputed": {"disputed": pd.array([None, True], "boolean")},
    "disputed below 0": {"disputed": [-1, 0]},
}


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_a_row_that_cannot_be_used_is_an_error_with_its_reason(reason: str) -> None:
    data = frame(**BAD_ROWS[reason])
    with pytest.raises(BadRowsError) as caught:
        summarize_credit(data, as_of="2011-06-01")
    assert caught.value.code == "bad_rows"
    assert reason in str(caught.value)
    assert SECRET_ID not in str(caught.value)
    assert str(SECRET_AMOUNT) not in str(caught.value)


@pytest.mark.parametrize("reason", BAD_ROWS)
def test_such_a_row_is_set_aside_and_counted_where_asked(reason: str) -> None:
    data = frame(**BAD_ROWS[reason])
    credit = summarize_credit(data, as_of="2011-06-01", on_bad_rows="report")
    ((why, rows),) = credit.report.set_aside
    assert why == reason
    assert rows == (2 if reason == "invoice_id more than once" else 1)
    assert credit.report.used == 2 - rows


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"customer_id": [1.5, 2.5]}, "not_an_id"),
        ({"customer_id": ["c1", 7]}, "not_an_id"),
        ({"issued": ["2011-05-01", "2011-05-01"]}, "wrong_type"),
        ({"due": [1, 2]}, "wrong_type"),
        ({"amount": ["20", "30"]}, "wrong_type"),
        ({"amount": [1e17, 1.0]}, "too_large"),
        ({"paid_amount": ["20", "30"]}, "wrong_type"),
        ({"disputed": ["Yes", "No"]}, "wrong_type"),
        ({"paid_on": [DAY.tz_localize("UTC"), pd.NaT]}, "time_zone"),
    ],
)
def test_a_column_of_the_wrong_type_is_an_error(
    columns: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        summarize_credit(frame(**columns), as_of="2011-06-01", on_bad_rows="report")
    assert caught.value.code == code
    assert caught.value.column in columns


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"as_of": "June"}, "not_a_day"),
        ({"as_of": None}, "not_a_day"),
        ({"bucket_days": ()}, "bad_option"),
        ({"bucket_days": 30}, "bad_option"),
        ({"bucket_days": (30, 30)}, "bad_option"),
        ({"bucket_days": (0, 30)}, "bad_option"),
        ({"bucket_days": range(1, 102)}, "bad_option"),
        ({"recent_days": 0}, "bad_option"),
        ({"disputes": "ignored"}, "bad_option"),
        ({"minor_units": 7}, "bad_option"),
        ({"on_bad_rows": "skip"}, "bad_option"),
        ({"tz": "Nowhere/City"}, "unknown_time_zone"),
        ({"columns": {"sum": "amount"}}, "unknown_column"),
        ({"columns": {"due": None}}, "missing_column"),
        ({"columns": {"amount": "Gross"}}, "missing_column"),
    ],
)
def test_a_wrong_option_is_an_error(option: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        summarize_credit(frame(), **{"as_of": "2011-06-01", **option})
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["invoice_id", "customer_id", "due", "paid_on"])
def test_a_column_that_is_needed_must_be_there(name: str) -> None:
    with pytest.raises(MissingColumnError) as caught:
        summarize_credit(frame().drop(columns=name), as_of="2011-06-01")
    assert caught.value.column == name


@pytest.mark.parametrize("data", [None, "invoices", {"amount": [1]}, [1, 2], 7])
def test_data_must_be_a_table_or_invoices(data: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        summarize_credit(data, as_of="2011-06-01")
    assert caught.value.code == "not_a_table"


def test_amounts_that_no_sum_can_hold_are_an_error() -> None:
    day = date(2011, 5, 1)
    invoices = [
        Invoice(
            invoice_id=number, customer_id=7, issued=day, due=day, amount=2**53 // 100
        )
        for number in range(600)
    ]
    with pytest.raises(InvalidInputError) as caught:
        summarize_credit(invoices, as_of="2011-06-01")
    assert caught.value.code == "too_large"


def test_a_summary_brings_its_own_terms_to_the_table_of_ages() -> None:
    credit = summarize_credit(frame(), as_of="2011-06-01")
    with pytest.raises(InvalidInputError) as caught:
        ageing(credit, as_of="2011-06-01")
    assert caught.value.code == "bad_option"


@pytest.mark.parametrize(
    "rates",
    [None, [0.1] * 5, {"not_due": 0.1}, {"not_due": 2}],
)
def test_every_age_needs_a_rate_of_loss(rates: Any) -> None:
    owed = ageing(frame(), as_of="2011-06-01")
    if isinstance(rates, dict) and rates["not_due"] > 1:
        rates = dict.fromkeys(owed.names, 2)
    with pytest.raises(InvalidInputError) as caught:
        owed.expected_loss(rates)
    assert caught.value.code == "bad_option"
