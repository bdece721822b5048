"""The table of aged receivables."""

import math
import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.credit_worlds import DAYS, LIMITS, books, figures, objects_of
from customer_identification import Invoice
from customer_identification.invoices.ageing import ageing
from customer_identification.invoices.credit import summarize_credit


AS_OF = date(2011, 12, 31)


def owed(amount: Any, days_past_due: int, number: int = 0) -> Invoice:
    due = AS_OF - timedelta(days=days_past_due)
    return Invoice(
        invoice_id=f"{days_past_due}-{number}",
        customer_id=7,
        issued=due - timedelta(days=30),
        due=due,
        amount=amount,
    )


# IFRS 9, Illustrative Example 12 (paragraphs IE74 to IE77): company M's receivables by
# age, the rates of its provision matrix, and the lifetime expected credit loss of each.
AGES = (0, 1, 31, 61, 91)
RECEIVABLES = (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)
RATES = (0.003, 0.016, 0.036, 0.066, 0.106)
LOSSES = (45_000, 120_000, 144_000, 165_000, 106_000)


def test_the_expected_loss_is_that_of_the_provision_matrix_of_ifrs_9() -> None:
    invoices = [
        owed(amount, days) for amount, days in zip(RECEIVABLES, AGES, strict=True)
    ]
    table = ageing(invoices, as_of=AS_OF)
    rates = dict(zip(table.names, RATES, strict=True))
    assert table.expected_loss(rates) == pytest.approx(580_000, abs=0.005)
    for name, rate, loss in zip(table.names, RATES, LOSSES, strict=True):
        only = dict.fromkeys(table.names, 0.0) | {name: rate}
        assert table.expected_loss(only) == pytest.approx(loss, abs=0.005)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-5, "not_due"),
        (0, "not_due"),
        (1, "due_1_30"),
        (30, "due_1_30"),
        (31, "due_31_60"),
        (60, "due_31_60"),
        (61, "due_61_90"),
        (90, "due_61_90"),
        (91, "due_over_90"),
    ],
)
def test_each_bucket_begins_and_ends_on_its_day(days: int, name: str) -> None:
    table = ageing([owed(10, days)], as_of=AS_OF)
    assert dict(zip(table.names, table.invoices, strict=True))[name] == 1
    assert table.open == 1000


@given(rows=books(), as_of=st.sampled_from(DAYS))
def test_the_table_adds_up_what_each_customer_owes(rows: Any, as_of: date) -> None:
    credit = summarize_credit(objects_of(rows), as_of=as_of, bucket_days=LIMITS)
    table = ageing(credit)
    each = figures(rows, as_of, recent_days=90, apart=False).values()
    for at in range(len(table)):
        assert table.amounts[at] == sum(one["buckets"][at] for one in each)
        assert table.invoices[at] == sum(one["bucket_invoices"][at] for one in each)
    assert table.open == sum(one["open"] for one in each) == credit.report.open
    assert table.credit == sum(one["credit"] for one in each)


def test_the_table_of_invoices_is_that_of_their_summary() -> None:
    invoices = [owed(10, 5), owed(20, 45)]
    credit = summarize_credit(invoices, as_of=AS_OF)
    table = ageing(invoices, as_of=AS_OF)
    assert table == ageing(credit)
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301 - our own
    assert ageing(credit.take([])).open == 0


def test_the_table_reads_as_one_line_a_bucket_and_a_total() -> None:
    table = ageing([owed(10.5, 5), owed(1000, 45), owed(20, 45, 1)], as_of=AS_OF)
    assert repr(table) == "Ageing(3 open invoices, as of 2011-12-31)"
    lines = [line.split() for line in str(table).splitlines()]
    assert lines == [
        ["not_due", "0.00", "0"],
        ["due_1_30", "10.50", "1"],
        ["due_31_60", "1,020.00", "2"],
        ["due_61_90", "0.00", "0"],
        ["due_over_90", "0.00", "0"],
        ["open", "1,030.50", "3"],
    ]


def test_the_frame_is_of_the_hosts_kind() -> None:
    invoices = pl.DataFrame(
        {
            "invoice_id": [1],
            "customer_id": [7],
            "issued": [AS_OF],
            "due": [AS_OF],
            "amount": [2.5],
        }
    )
    table = ageing(invoices, as_of=AS_OF, columns={"paid_on": None})
    frame = table.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame["open"].to_list() == [2.5, 0, 0, 0, 0]
    assert frame["share"].to_list() == [1, 0, 0, 0, 0]


def test_where_nothing_is_open_shares_are_unknown_and_no_loss_is_expected() -> None:
    table = ageing([], as_of=AS_OF)
    assert np.isnan(table.shares).all()
    assert table.expected_loss(dict.fromkeys(table.names, 0.5)) == 0
    assert not math.isnan(table.expected_loss(dict.fromkeys(table.names, 0)))
