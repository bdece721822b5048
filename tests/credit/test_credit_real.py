"""Real receivables as of several days, counted again by SQL from the file itself."""

import functools

import numpy as np
import pandas as pd
import pytest

from credit.credit_data import COLUMNS, ask, invoices
from customer_identification.classify.credit import CreditClassifier
from customer_identification.invoices.ageing import ageing
from customer_identification.invoices.credit import summarize_credit
from customer_identification.invoices.summary import CreditSummary


DAYS = [
    "2012-01-03",
    "2012-02-29",
    "2012-12-31",
    "2013-06-15",
    "2013-12-02",
    "2014-01-31",
]
SHORT = (5, 10, 20)  # most invoices are paid within days

STANDING = """
    with known as (
        select customerID as one, cast(round(InvoiceAmount * 100) as bigint) as cents,
            cast(InvoiceDate as date) as issued, cast(DueDate as date) as due,
            cast(SettledDate as date) as settled, Disputed = 'Yes' as disputed,
            SettledDate <= date 'DAY' as is_paid
        from read_parquet(FILE) where InvoiceDate <= date 'DAY'
    ), standing as (
        select *, date_diff('day', due, if(is_paid, settled, date 'DAY')) as past
        from known
    )
"""
BY_CUSTOMER = """STANDING
    select one, count(*) as invoices, sum(cents) as billed,
        coalesce(sum(cents) filter (is_paid), 0) as paid,
        coalesce(sum(cents) filter (not is_paid), 0) as open,
        coalesce(sum(cents) filter (not is_paid and past > 0), 0) as overdue,
        count(*) filter (is_paid) as settled,
        count(*) filter (is_paid and past > 0) as late,
        count(*) filter (not is_paid and past > 0) as overdue_invoices,
        count(*) filter (disputed) as disputed,
        coalesce(sum(cents) filter (disputed), 0) as disputed_amount,
        avg(greatest(past, 0)) filter (is_paid) as days_late,
        max(greatest(past, 0)) filter (is_paid) as max_days_late,
        avg(date_diff('day', issued, settled)) filter (is_paid) as days_to_pay,
        sum(cents * past) filter (is_paid or past > 0)
            / sum(cents) filter (is_paid or past > 0) as beyond_terms,
        greatest(coalesce(max(past) filter (not is_paid), 0), 0) as past_due,
        date_diff('day', max(issued), date 'DAY') as since_last_invoice
    from standing group by one order by one
"""
BY_AGE = """STANDING
    select case when past <= 0 then 0 when past <= 5 then 1 when past <= 10 then 2
        when past <= 20 then 3 else 4 end as bucket, sum(cents) as open, count(*) as n
    from standing where not is_paid group by bucket
"""


@functools.cache
def credit_on(day: str) -> CreditSummary:
    return summarize_credit(invoices(), as_of=day, columns=COLUMNS, bucket_days=SHORT)


@pytest.mark.parametrize("day", DAYS)
def test_each_customers_figures_are_those_that_sql_counts(day: str) -> None:
    credit, counted = credit_on(day), ask(BY_CUSTOMER, STANDING=STANDING, DAY=day)
    assert credit.customer_ids.tolist() == counted.pop("one").tolist()
    for name in counted:
        theirs = counted[name].to_numpy(np.float64)
        mine = getattr(credit, name).astype(np.float64)
        assert mine == pytest.approx(theirs, rel=1e-12, nan_ok=True), name


@pytest.mark.parametrize("day", DAYS)
def test_the_table_of_ages_is_the_one_that_sql_makes(day: str) -> None:
    counted = (
        ask(BY_AGE, STANDING=STANDING, DAY=day)
        .set_index("bucket")
        .reindex(range(5))
        .fillna(0)
    )
    table = ageing(credit_on(day))
    assert table.amounts.tolist() == counted["open"].tolist()
    assert table.invoices.tolist() == counted["n"].tolist()


def test_lateness_is_what_the_file_itself_says_once_all_is_settled() -> None:
    credit = credit_on(DAYS[-1])  # DaysLate is a column of the file
    told = invoices().groupby("customerID")["DaysLate"]
    assert credit.days_late == pytest.approx(told.mean().to_numpy())
    assert credit.max_days_late.tolist() == told.max().tolist()
    assert credit.open.sum() == 0
    assert credit.report.used == 1412


def test_every_day_accounts_for_all_invoices_and_all_money() -> None:
    total = round(invoices()["InvoiceAmount"].sum() * 100)
    for day in DAYS:
        report = credit_on(day).report
        assert report.money_in == total
        assert report.billed == report.paid + report.open - report.credit
        assert report.read == 1412 == report.used + sum(n for _, n in report.set_aside)


def test_levels_follow_from_the_figures_that_sql_counts() -> None:
    day = "2012-12-31"
    credit, counted = credit_on(day), ask(BY_CUSTOMER, STANDING=STANDING, DAY=day)
    enough = counted["settled"] + counted["overdue_invoices"] >= 3
    slow, late = counted["beyond_terms"] > 30, counted["past_due"] > 30
    poor = (counted["past_due"] > 90) | (enough & slow)
    label = pd.Series("fair", index=counted.index)
    label[enough & (counted["beyond_terms"] <= 0) & ~late] = "good"
    label[~enough & ~late] = "unknown"
    label[poor] = "poor"
    classes = CreditClassifier().fit(credit).classify(credit)
    assert [classes.label_of(one) for one in classes] == label.tolist()
    assert min(classes.counts()["good"], classes.counts()["fair"]) > 0
