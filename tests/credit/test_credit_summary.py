"""What every customer owes and how they pay, told again without any array."""

import copy
import pickle
import random
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit.credit_worlds import (
    DAYS,
    FORMS,
    LIMITS,
    books,
    figures,
    in_form,
    objects_of,
)
from customer_identification import (
    InvalidInputError,
    Invoice,
    UnknownCustomerError,
    erase,
)
from customer_identification.invoices.credit import summarize_credit
from customer_identification.invoices.summary import CreditSummary


def told(data: Any, as_of: Any = DAYS[-1], **terms: Any) -> CreditSummary:
    return summarize_credit(data, as_of=as_of, bucket_days=LIMITS, **terms)


def bill(number: int = 1, **fields: Any) -> Invoice:
    given_fields = {
        "invoice_id": number,
        "customer_id": "c1",
        "issued": date(2011, 5, 1),
        "due": date(2011, 5, 31),
        "amount": 100,
    }
    return Invoice(**{**given_fields, **fields})


def by_customer(credit: CreditSummary, names: list[str]) -> dict[Any, dict[str, Any]]:
    columns = {name: getattr(credit, name).tolist() for name in names}
    return {
        one: {name: values[at] for name, values in columns.items()}
        for at, one in enumerate(credit.customer_ids.tolist())
    }


# --- against the oracle --------------------------------------------------------------


@given(
    rows=books(),
    as_of=st.sampled_from(DAYS),
    disputes=st.sampled_from(["counted", "apart"]),
    recent=st.sampled_from([1, 4, 90]),
)
def test_every_figure_of_every_day_is_that_of_a_count_invoice_by_invoice(
    rows: Any, as_of: date, disputes: Any, recent: int
) -> None:
    credit = told(objects_of(rows), as_of, recent_days=recent, disputes=disputes)
    apart = disputes == "apart"
    expected = figures(rows, as_of, recent_days=recent, apart=apart)
    assert set(credit) == set(expected)
    names = list(next(iter(expected.values()))) if expected else []
    mine = by_customer(credit, names)
    for one, row in expected.items():
        for name, value in row.items():
            found = mine[one][name]
            both_unknown = value != value and found != found  # noqa: PLR0124
            assert found == value or both_unknown, name


@given(rows=books(), as_of=st.sampled_from(DAYS))
def test_money_is_conserved_to_the_cent_of_every_customer_on_every_day(
    rows: Any, as_of: date
) -> None:
    credit = told(objects_of(rows), as_of)
    left = credit.billed + credit.credited
    assert np.array_equal(left, credit.paid + credit.open - credit.credit)
    assert np.array_equal(credit.buckets.sum(axis=1), credit.open)
    assert np.array_equal(credit.bucket_invoices.sum(axis=1), credit.open_invoices)
    report = credit.report
    assert report.billed == report.paid + report.open - report.credit
    assert report.billed == left.sum()
    assert report.open == credit.open.sum()
    assert report.money_in == sum(row["amount"] for row in rows)
    assert report.read == len(rows) == report.used + sum(n for _, n in report.set_aside)


@given(rows=books(), seed=st.integers(0, 5))
def test_the_order_of_rows_does_not_matter(rows: Any, seed: int) -> None:
    mixed = random.Random(seed).sample(rows, len(rows))  # noqa: S311 - no secret
    assert told(objects_of(mixed)) == told(objects_of(rows))


@pytest.mark.parametrize("form", FORMS)
@given(rows=books().filter(bool))
@settings(max_examples=15)
def test_every_form_of_the_data_gives_the_same(form: str, rows: Any) -> None:
    assert told(in_form(rows, form)) == told(objects_of(rows))


# --- what is known on a day ----------------------------------------------------------


def test_a_payment_after_the_day_is_not_known_on_it() -> None:
    paid = bill(paid_on=date(2011, 6, 10))
    before = told([paid, bill(2, customer_id="c2")], "2011-06-09")
    assert (before.open[0], before.past_due[0], before.settled[0]) == (10000, 9, 0)
    assert before.report.paid_later == 1
    on_it = told([paid], "2011-06-10")
    assert (on_it.open[0], on_it.past_due[0], on_it.days_late[0]) == (0, 0, 10)
    assert on_it.report.paid_later == 0


def test_an_invoice_issued_after_the_day_is_set_aside_and_counted() -> None:
    credit = told([bill(), bill(2, issued=date(2011, 5, 2))], "2011-05-01")
    assert credit.report.set_aside == (("issued after as_of", 1),)
    assert (credit.report.used, credit.report.money_aside) == (1, 10000)


def test_on_the_due_day_nothing_is_overdue_yet_and_a_payment_is_in_time() -> None:
    assert told([bill()], "2011-05-31").overdue.tolist() == [0]
    assert told([bill()], "2011-06-01").overdue.tolist() == [10000]
    assert told([bill(paid_on=date(2011, 5, 31))], "2011-06-01").late.tolist() == [0]


def test_of_a_part_payment_the_rest_is_still_open() -> None:
    credit = told([bill(paid_on=date(2011, 5, 9), paid_amount=30)], "2011-06-05")
    assert (credit.paid[0], credit.open[0], credit.past_due[0]) == (3000, 7000, 5)
    assert credit.settled[0] == 0


def test_recent_are_the_days_up_to_the_day_itself() -> None:
    invoices = [bill(paid_on=date(2011, 6, 4)), bill(2, paid_on=date(2011, 6, 5))]
    for days, settled, late in ((1, 0, 0), (2, 1, 5), (3, 2, 9)):
        credit = told(invoices, "2011-06-06", recent_days=days)
        assert (credit.recent_settled[0], credit.recent_late_sum[0]) == (settled, late)


def test_what_is_paid_too_much_is_the_customers_credit() -> None:
    credit = told([bill(paid_on=date(2011, 5, 9), paid_amount=130)], "2011-06-05")
    assert (credit.open[0], credit.credit[0], credit.settled[0]) == (0, 3000, 1)


def test_a_credit_note_is_no_invoice_and_lowers_no_balance_unasked() -> None:
    note = bill(2, amount=-40)
    credit = told([bill(), note], "2011-06-05")
    assert (credit.invoices[0], credit.credit_notes[0]) == (1, 1)
    assert (credit.open[0], credit.credit[0]) == (10000, 4000)
    used = bill(2, amount=-40, paid_on=date(2011, 5, 9))
    assert told([bill(), used], "2011-06-05").credit[0] == 0


def test_a_credit_note_needs_no_due_day_but_an_invoice_does() -> None:
    frame = pd.DataFrame(
        {
            "invoice_id": [1, 2],
            "customer_id": [7, 7],
            "issued": pd.to_datetime(["2011-05-01"] * 2),
            "due": pd.to_datetime(["2011-05-31", None]),
            "amount": [100.0, -5.0],
            "paid_on": pd.to_datetime([None, None]),
        }
    )
    assert told(frame, "2011-06-30").credit.tolist() == [500]
    with pytest.raises(ValueError, match="no due"):
        told(frame.assign(amount=[100.0, 5.0]), "2011-06-30")


def test_prepaid_is_in_time_and_counts_as_days_below_0() -> None:
    credit = told([bill(paid_on=date(2011, 4, 21))], "2011-06-05")
    assert (credit.prepaid[0], credit.on_time[0]) == (1, 1)
    assert (credit.days_to_pay[0], credit.beyond_terms[0]) == (-10, -40)


def test_lateness_of_disputed_invoices_is_left_out_where_asked() -> None:
    invoices = [
        bill(paid_on=date(2011, 5, 20)),
        bill(2, disputed=True),
        bill(3, disputed=True, paid_on=date(2011, 6, 20)),
    ]
    held = told(invoices, "2011-06-30")
    assert (held.past_due[0], held.on_time[0], held.overdue_held[0]) == (
        30,
        1 / 3,
        10000,
    )
    spared = told(invoices, "2011-06-30", disputes="apart")
    assert (spared.past_due[0], spared.on_time[0], spared.overdue_held[0]) == (0, 1, 0)
    for name in ("open", "overdue", "disputed", "disputed_overdue", "buckets"):
        assert np.array_equal(getattr(held, name), getattr(spared, name)), name


def test_the_mean_beyond_terms_is_weighted_by_amount() -> None:
    # PAYDEX weighs payments by their dollars: 300 paid 4 days late and 100 paid
    # 10 days early are (300 * 4 - 100 * 10) / 400 = 0.5 days beyond terms.
    invoices = [
        bill(amount=300, paid_on=date(2011, 6, 4)),
        bill(2, paid_on=date(2011, 5, 21)),
    ]
    assert told(invoices, "2011-06-30").beyond_terms.tolist() == [0.5]


def test_sums_beyond_64_bits_are_exact() -> None:
    large, days = 2**53 // 100, 3_000  # cents that a float counts, for a long time
    invoices = [
        bill(
            number,
            issued=date(2001, 1, 1),
            due=date(2001, 1, 1),
            amount=large,
            paid_on=date.fromordinal(date(2001, 1, 1).toordinal() + days),
        )
        for number in range(400)
    ]
    assert told(invoices, "2011-06-30").beyond_terms.tolist() == [float(days)]


# --- unknown is not 0 ----------------------------------------------------------------


def test_no_invoices_make_an_empty_summary() -> None:
    credit = told([])
    assert len(credit) == 0
    assert str(credit.report) == (
        "0 invoices, 0 used; 0.00 billed = 0.00 paid + 0.00 open - 0.00 credit; "
        "0.00 set aside"
    )
    assert credit.to_frame().shape[0] == 0


def test_of_who_was_never_billed_nothing_is_known() -> None:
    credit = told([bill()], "2011-06-05").with_customers(["c0", "c1", "c2", None])
    assert credit.customer_ids.tolist() == ["c0", "c1", "c2"]
    assert credit.invoices.tolist() == [0, 1, 0]
    for name in ("past_due", "since_last_invoice", "beyond_terms", "days_late"):
        values = getattr(credit, name)
        assert np.isnan(values[[0, 2]]).all(), name
    assert np.isnat(credit.oldest_due).tolist() == [True, False, True]
    assert credit.buckets.sum() == 10000
    assert credit.take([1]) == told([bill()], "2011-06-05")


def test_before_the_due_day_lateness_is_unknown_and_nothing_is_past_due() -> None:
    credit = told([bill()], "2011-05-20")
    assert credit.past_due.tolist() == [0]
    assert np.isnan(credit.on_time).all()
    assert credit.known.tolist() == [0]


def test_new_customers_must_have_ids_of_the_same_kind() -> None:
    with pytest.raises(ValueError, match="text on both sides"):
        told([bill()], "2011-06-05").with_customers([1])


# --- rows set aside ------------------------------------------------------------------


def test_invoices_of_nobody_are_set_aside_and_valued() -> None:
    rows = pl.DataFrame(
        {
            "invoice_id": ["a", "b"],
            "customer_id": ["c1", None],
            "issued": [date(2011, 5, 1)] * 2,
            "due": [date(2011, 5, 31)] * 2,
            "amount": [1.25, 2.5],
        }
    )
    credit = told(rows, "2011-06-05", columns={"paid_on": None})
    assert credit.report.set_aside == (("no customer_id", 1),)
    assert (credit.report.money_in, credit.report.money_aside) == (375, 250)
    assert credit.open.tolist() == [125]
    assert isinstance(credit.to_frame(), pl.DataFrame)


def test_customers_of_whom_no_invoice_is_left_are_not_there() -> None:
    invoices = [bill(), bill(2, customer_id="c0", issued=date(2011, 5, 20))]
    assert list(told(invoices, "2011-05-10")) == ["c1"]


def test_amounts_finer_than_a_cent_are_rounded_and_counted() -> None:
    invoice = bill(amount=0.125, paid_on=date(2011, 5, 2), paid_amount=0.111)
    credit = told([invoice], "2011-06-05")
    assert (credit.report.rounded, credit.billed[0], credit.paid[0]) == (2, 12, 11)


def test_without_an_invoice_id_doublets_cannot_be_told() -> None:
    frame = pd.DataFrame(
        {
            "customer_id": [7, 7],
            "issued": pd.to_datetime(["2011-05-01"] * 2),
            "due": pd.to_datetime(["2011-05-31"] * 2),
            "amount": [100, 100],
            "paid_on": pd.to_datetime([None, None]),
        }
    )
    assert told(frame, "2011-06-30", columns={"invoice_id": None}).invoices[0] == 2


def test_stamps_with_a_zone_are_days_of_the_zone_asked_for() -> None:
    late = pd.Timestamp("2011-05-31 23:30", tz="UTC")  # the first of June in Prague
    frame = pd.DataFrame(
        {
            "invoice_id": [1],
            "customer_id": [7],
            "issued": [late],
            "due": [late],
            "amount": [1.0],
            "paid_on": [late],
        }
    )
    assert len(told(frame, "2011-05-31", tz="UTC")) == 1
    assert len(told(frame, "2011-05-31", tz="Europe/Prague")) == 0


# --- the value that is given ---------------------------------------------------------


def example() -> CreditSummary:
    invoices = [bill(), bill(2, customer_id="c2", paid_on=date(2011, 5, 9))]
    return told(invoices, "2011-06-05")


def test_one_customer_is_asked_by_id_in_major_units() -> None:
    row = example()["c1"]
    assert (row["open"], row["overdue"], row["past_due"]) == (100, 100, 5)
    assert row["due_4_6"] == 100
    with pytest.raises(UnknownCustomerError) as caught:
        example()["nobody"]
    assert caught.value.code == "unknown_customer"


def test_the_frame_holds_what_the_summary_says() -> None:
    frame = example().to_frame()
    assert frame["customer_id"].tolist() == ["c1", "c2"]
    assert frame["open"].tolist() == [100, 0]
    ages = ["not_due", "due_1_3", "due_4_6", "due_7_9", "due_over_9"]
    assert frame[ages].sum(axis=1).tolist() == frame["open"].tolist()


def test_summaries_pickle_compare_and_show_counts_only() -> None:
    credit = example()
    assert pickle.loads(pickle.dumps(credit)) == credit  # noqa: S301 - our own
    assert copy.deepcopy(credit) == credit != example().take([0])
    assert repr(credit) == "CreditSummary(2 customers, 2 invoices, as of 2011-06-05)"
    assert set(credit) == {"c1", "c2"}
    assert "c1" in credit
    assert 1 not in credit


def test_columns_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        example().open[0] = 1


def test_a_part_has_the_rows_asked_for() -> None:
    credit = example()
    assert list(credit.take([False, True])) == ["c2"]
    assert list(credit.take([])) == []
    assert credit.take([0, 1]) == credit
    for wrong in ([1, 0], [2], [-1], [True], [[0]], [0.5], ["c1"]):
        with pytest.raises(ValueError, match="rows must be") as caught:
            credit.take(wrong)
        assert caught.value.code == "bad_option"


def test_renamed_customers_are_in_the_order_of_their_new_ids() -> None:
    renamed = example().renamed(["z", "a"])
    assert list(renamed) == ["a", "z"]
    assert renamed["z"]["open"] == 100
    assert renamed.renamed(["c2", "c1"]) == example()


# --- one customer less ----------------------------------------------------------------------------


@given(rows=books(), as_of=st.sampled_from(DAYS), at=st.integers(0, 5))
def test_erasing_a_customer_leaves_the_others_as_they_were(
    rows: Any, as_of: date, at: int
) -> None:
    credit = summarize_credit(objects_of(rows), as_of=as_of)
    ids = list(credit)
    if not ids:
        return
    one = ids[at % len(ids)]
    gone = erase(credit, one)
    assert (gone.removed, gone.blanked) == (1, 0)
    assert list(gone.thing) == [other for other in ids if other != one]
    for other in gone.thing:
        assert repr(gone.thing[other]) == repr(credit[other])
    assert gone.thing.report == credit.report
    assert (
        gone.thing.billed.sum() == credit.billed.sum() - credit.billed[ids.index(one)]
    )
    nobody = erase(credit, "nobody" if isinstance(one, str) else 10**6)
    assert (nobody.removed, nobody.thing) == (0, credit)
    for strange in (7 if isinstance(one, str) else "7", True, None):
        with pytest.raises(InvalidInputError):
            erase(credit, strange)


def test_true_is_no_customer_to_leave_out() -> None:
    bills = [bill(customer_id=one, number=one) for one in (1, 2)]
    credit = told(bills, date(2011, 7, 31))
    assert list(credit.without_party(1)) == [2]
    for nobody in (True, "1", 3):
        assert credit.without_party(nobody) == credit
