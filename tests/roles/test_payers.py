"""Bill payers: whom they pay for and what hangs on it, against naive double loops."""

import copy
import math
import pickle
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    InvalidInputError,
    MissingColumnError,
    Observation,
    Transaction,
    UnknownCustomerError,
    payer_book,
    payer_results,
    role_ledger,
)
from roles.ledger_worlds import AS_OF, Rows, entries_of, ledger_of, others_paid, sales
from roles.role_worlds import PARTY_IDS


few = settings(derandomize=True, max_examples=25, deadline=None)
JAN_1 = date(2011, 1, 1)


def oracle(rows: Rows) -> dict[Any, dict[str, Any]]:
    """Recompute every payer by looking at every party and every row."""
    paid = others_paid(entries_of(rows))
    found = {}
    for payer in {one for one, other, _ in paid if one != other}:
        others = {other for one, other, _ in paid if one == payer} - {payer}
        pays = sum(value for one, other, value in paid if one == payer != other)
        besides = sum(
            value
            for one, other, value in paid
            for user in others
            if other == user and one != payer
        )
        found[payer] = {
            "others": others,
            "beneficiaries": len(others),
            "pays": pays,
            "could_take_away": sum(value for one, _, value in paid if one == payer),
            "beside": besides,
        }
    usual = [one["pays"] / one["beneficiaries"] for one in found.values()]
    for one in found.values():
        missing = median(usual) - one["pays"] / one["beneficiaries"]
        one["could_add"] = max(missing, 0) * one["beneficiaries"]
    return found


@few
@given(sales())
def test_every_payer_is_recomputed_by_looking_at_every_row(rows):
    results, wanted = payer_results(ledger_of(rows)), oracle(rows)
    assert results.ids.tolist() == sorted(
        wanted, key=lambda one: (-wanted[one]["could_take_away"], one)
    )
    for at, payer in enumerate(results.ids.tolist()):
        for name in ("beneficiaries", "pays", "could_take_away", "beside"):
            assert getattr(results, name)[at] == wanted[payer][name]
        assert abs(results.could_add[at] - wanted[payer]["could_add"]) <= 0.5 + 1e-9
    assert not results.satisfaction_known.any()
    assert all(map(math.isnan, results.satisfaction.tolist()))
    assert all(map(math.isnan, results.least_satisfaction.tolist()))


@few
@given(sales(least=2), st.lists(st.integers(0, 8), min_size=5, max_size=5))
def test_satisfaction_is_that_of_the_beneficiaries_it_is_known_of(rows, eighths):
    ledger, wanted = ledger_of(rows), oracle(rows)
    parties = sorted(PARTY_IDS["int" if ledger.ids.dtype.kind == "i" else "text"])
    known = dict(zip(parties, (one / 8 for one in eighths[:3]), strict=False))
    results = payer_results(ledger, satisfaction=known)
    for at, payer in enumerate(results.ids.tolist()):
        theirs = [known[one] for one in wanted[payer]["others"] if one in known]
        assert results.satisfaction_known[at] == len(theirs)
        if theirs:
            assert results.satisfaction[at] == pytest.approx(sum(theirs) / len(theirs))
            assert results.least_satisfaction[at] == min(theirs)
        else:
            assert math.isnan(results.satisfaction[at])
            assert math.isnan(results.least_satisfaction[at])


@few
@given(sales(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows, dice):
    other = dice.sample(rows, len(rows))
    assert payer_results(ledger_of(rows)) == payer_results(ledger_of(other))


PHONES = [  # who owns, pays, uses, and what it costs
    ("boss", None, "ann", 30),
    ("boss", None, "bob", 10),
    ("boss", None, None, 7),
    ("ann", None, None, 5),
    ("eve", "dad", None, 60),
    ("eve", "dad", "dad", 1),
    ("kid", "mum", "pet", 4),
]


def phones(**options: Any) -> Any:
    rows = [
        Transaction(
            customer_id=owner,
            payer_id=payer,
            beneficiary_id=user,
            date=JAN_1,
            amount=amount,
        )
        for owner, payer, user, amount in PHONES
    ]
    return role_ledger(rows, as_of=AS_OF, **options)


def test_one_payer_is_told_by_hand():
    results = payer_results(phones(), satisfaction={"ann": 0.9, "bob": 0.2, "pet": 0})
    assert results.ids.tolist() == ["dad", "boss", "mum"]
    assert results["boss"] == {
        "beneficiaries": 2,
        "pays": 40.0,
        "could_take_away": 47.0,  # their own use too
        "beside": 5.0,  # what ann buys herself
        "could_add": 0.0,  # 20 a head is the median of 4, 20 and 61
        "satisfaction": 0.55,
        "least_satisfaction": 0.2,
        "satisfaction_known": 2,
    }
    assert results["dad"]["pays"] == 61.0  # what he uses himself, but eve owns
    assert results["mum"]["could_add"] == 16.0
    assert results["mum"]["least_satisfaction"] == 0.0
    assert list(results) == ["dad", "boss", "mum"]
    for asked in ("ann", "nobody", 1, None):
        assert asked not in results
        with pytest.raises(UnknownCustomerError):
            results[asked]


@pytest.mark.parametrize(
    ("typical", "adds"), [(0, [0, 0, 0]), (0.5, [0, 0, 16]), (1, [0, 82, 57])]
)
def test_the_typical_payer_may_be_another_than_the_median(typical, adds):
    results = payer_results(phones(), typical=typical)
    assert (results.could_add / 100).tolist() == adds


def test_money_is_in_the_minor_units_of_the_ledger():
    results = payer_results(phones(minor_units=3))
    assert results.pays.tolist() == [61_000, 40_000, 4_000]
    assert results["boss"]["pays"] == 40.0
    assert results.typical == 20_000


# --- one payer's book --------------------------------------------------------------


@few
@given(sales(), st.lists(st.integers(0, 8), min_size=3, max_size=3))
def test_a_book_has_those_whom_one_payer_pays_for_most_first(rows, eighths):
    ledger, paid = ledger_of(rows), others_paid(entries_of(rows))
    parties = PARTY_IDS["int" if ledger.ids.dtype.kind == "i" else "text"]
    known = dict(zip(parties, (one / 8 for one in eighths), strict=False))
    if not ledger.ids.size:
        known = {}
    for payer in ledger.ids.tolist():
        theirs = defaultdict(int)
        for one, other, value in paid:
            if one == payer != other:
                theirs[other] += value
        order = sorted(theirs, key=lambda one: (-theirs[one], one))
        book = payer_book(ledger, payer, satisfaction=known)
        assert book.ids.tolist() == order
        assert book.paid.tolist() == [theirs[one] for one in order]
        assert book.beside.tolist() == [
            sum(value for one, other, value in paid if other == user and one != payer)
            for user in order
        ]
        for user, found in zip(order, book.satisfaction.tolist(), strict=True):
            assert found == known[user] if user in known else math.isnan(found)


def test_books_add_up_to_the_results_of_their_payer():
    results = payer_results(phones())
    for payer in results:
        book = payer_book(phones(), payer)
        assert len(book) == results[payer]["beneficiaries"]
        assert book.paid.sum() / 100 == results[payer]["pays"]
        assert book.beside.sum() / 100 == results[payer]["beside"]
    assert len(payer_book(phones(), "ann")) == 0
    assert len(payer_book(phones(), "ann").to_frame()) == 0


def test_a_book_is_a_value_and_shows_no_id():
    book = payer_book(phones(), "boss", satisfaction={"ann": 0.5, "bob": 1})
    again = pickle.loads(pickle.dumps(book))  # noqa: S301 - ours
    assert again == book == copy.deepcopy(book)
    assert repr(book) == "PayerBook(2 beneficiaries)"
    frame = book.to_frame().to_dict("list")
    assert frame == {
        "beneficiary_id": ["ann", "bob"],
        "paid": [30.0, 10.0],
        "beside": [5.0, 0.0],
        "satisfaction": [0.5, 1.0],
    }
    for asked in ("nobody", 1, None):
        with pytest.raises(UnknownCustomerError):
            payer_book(phones(), asked)
    for ask in (
        lambda: payer_book([], "boss"),
        lambda: payer_book(phones(), "boss", satisfaction={"ann": 2}),
    ):
        with pytest.raises(InvalidInputError):
            ask()


# --- satisfaction ----------------------------------------------------------------------


def observation(customer_id: Any, satisfaction: float | None, day: date) -> Observation:
    return Observation(
        customer_id=customer_id,
        topic="phones",
        channel="survey_web",
        date=day,
        satisfaction=satisfaction,
    )


SAID = [
    ("ann", 0.25, JAN_1),
    ("ann", 0.75, AS_OF),
    ("ann", 0.0, AS_OF + timedelta(days=1)),  # not yet
    ("bob", None, JAN_1),
    (None, 0.0, JAN_1),
    ("stranger", 0.0, JAN_1),
    ("pet", 1, JAN_1),
]


def test_observations_up_to_the_day_count_with_their_mean():
    objects = [observation(*one) for one in SAID]
    frame = {
        name: [one[at] for one in SAID]
        for at, name in enumerate(("customer_id", "satisfaction", "date"))
    }
    dates = [pd.Timestamp(one) for one in frame["date"]]
    for said in (
        objects,
        iter(objects),
        pd.DataFrame({**frame, "date": dates}),
        pl.DataFrame({**frame}, strict=False),
    ):
        results = payer_results(phones(), satisfaction=said)
        assert results["boss"]["satisfaction"] == 0.5
        assert results["boss"]["satisfaction_known"] == 1
        assert results["mum"]["satisfaction"] == 1.0
        assert results["dad"]["satisfaction_known"] == 0


def test_observations_without_a_day_do_not_count():
    frame = pd.DataFrame(
        {
            "customer_id": ["ann", "bob"],
            "satisfaction": [0.5, 0.5],
            "date": pd.to_datetime(["2011-01-01", None]),
        }
    )
    results = payer_results(phones(), satisfaction=frame)
    assert results["boss"]["satisfaction_known"] == 1


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_nothing_said_is_nothing_known(nothing):
    results = payer_results(phones(), satisfaction=nothing)
    assert results == payer_results(phones())
    assert math.isnan(results["boss"]["satisfaction"])


def test_satisfaction_of_decimals_and_of_parties_elsewhere_is_read():
    said = {"ann": Decimal("0.5"), "bob": 1, "nobody": 0}
    assert payer_results(phones(), satisfaction=said)["boss"]["satisfaction"] == 0.75


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ann": 1.01}, "out_of_range"),
        ({"ann": -0.01}, "out_of_range"),
        ({"ann": math.inf}, "out_of_range"),
        ({"ann": "0.5"}, None),
        ({"ann": True}, None),
        ({"ann": None}, None),
        ({None: 0.5}, None),
        ({"": 0.5}, None),
        ({"ann": 0.5, " ": 0.5}, None),
        ({1: 0.5}, "not_an_id"),
        ({"ann": 0.5, 1: 0.5}, "not_an_id"),
        ({1.5: 0.5}, "not_an_id"),
        ("ann", "not_a_table"),
        ([0.5], "not_a_table"),
        (0.5, "not_a_table"),
    ],
)
def test_satisfaction_that_makes_no_sense_is_refused(wrong, code):
    with pytest.raises(InvalidInputError) as caught:
        payer_results(phones(), satisfaction=wrong)
    if code is not None:
        assert caught.value.code == code
    assert "ann" not in str(caught.value)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_the_row_at_fault_is_told_by_its_place_in_the_frame(make):
    frame = make(
        {
            "customer_id": [None, "ann", "bob", "pet"],
            "satisfaction": [0.5, None, 7.0, 0.5],
            "date": [pd.Timestamp("2011-01-01")] * 4,
        }
    )
    with pytest.raises(InvalidInputError, match="2") as caught:
        payer_results(phones(), satisfaction=frame)
    assert (caught.value.code, caught.value.positions) == ("out_of_range", (2,))
    assert "1 of 4" in str(caught.value)


def test_frames_that_lack_a_column_are_refused():
    frame = pl.DataFrame({"customer_id": ["ann"], "date": [JAN_1]})
    for one in (frame, frame.lazy()):
        with pytest.raises(MissingColumnError) as caught:
            payer_results(phones(), satisfaction=one)
        assert caught.value.column == "satisfaction"


def test_without_a_column_of_dates_all_that_was_said_counts():
    frame = pd.DataFrame({"who": ["ann", "bob"], "content": [0.5, 1.0]})
    names = {"customer_id": "who", "satisfaction": "content"}
    for columns in (names, names | {"date": None}):
        results = payer_results(phones(), satisfaction=frame, columns=columns)
        assert results["boss"]["satisfaction"] == 0.75
    with pytest.raises(InvalidInputError) as caught:
        payer_results(phones(), satisfaction=frame, columns={"topic": "who"})
    assert caught.value.code == "unknown_column"


def test_a_series_is_read_by_its_index():
    said = pd.Series([0.5, 1.0], index=["ann", "bob"])
    assert payer_results(phones(), satisfaction=said)["boss"]["satisfaction"] == 0.75


def test_a_lazy_frame_is_collected():
    frame = pl.DataFrame(
        {"customer_id": ["ann"], "satisfaction": [0.5], "date": [JAN_1]}
    )
    results = payer_results(phones(), satisfaction=frame.lazy())
    assert results == payer_results(phones(), satisfaction=frame)
    assert results["boss"]["satisfaction_known"] == 1


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan, "median", None, True])
def test_a_typical_payer_must_be_a_share(wrong):
    with pytest.raises(InvalidInputError) as caught:
        payer_results(phones(), typical=wrong)
    assert caught.value.code == "bad_option"


def test_only_ledgers_have_payers():
    with pytest.raises(InvalidInputError) as caught:
        payer_results([])
    assert caught.value.code == "bad_option"


# --- a value -------------------------------------------------------------------------


def test_nobody_who_pays_for_another_is_nobody():
    for rows in ([], [Transaction(customer_id=1, payer_id=1, date=JAN_1, amount=5)]):
        results = payer_results(role_ledger(rows, as_of=AS_OF), satisfaction={1: 0.5})
        assert len(results) == len(results.to_frame()) == 0
        assert results.typical is None
        assert results == pickle.loads(pickle.dumps(results))  # noqa: S301 - ours


def test_results_are_a_value_and_show_no_id():
    results = payer_results(phones(), satisfaction={"ann": 0.9})
    again = pickle.loads(pickle.dumps(results))  # noqa: S301 - ours
    assert again == results == copy.deepcopy(results)
    assert repr(results) == "PayerResults(3 bill payers)"
    with pytest.raises(ValueError, match="read-only"):
        results.pays[0] = 0


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_results_are_a_frame_of_the_hosts_kind(kind):
    rows: Rows = [
        {
            "customer_id": "boss",
            "payer_id": None,
            "beneficiary_id": "ann",
            "agent_id": None,
            "date": JAN_1,
            "amount": 150,
        }
    ]
    frame = payer_results(ledger_of(rows, kind), satisfaction={"ann": 0.5}).to_frame()
    assert type(frame).__module__.split(".")[0] == kind
    columns = {
        "pandas": lambda one: one.to_dict("list"),
        "polars": lambda one: one.to_dict(as_series=False),
        "pyarrow": lambda one: one.to_pydict(),
    }[kind](frame)
    assert columns == {
        "payer_id": ["boss"],
        "beneficiaries": [1],
        "pays": [1.5],
        "could_take_away": [1.5],
        "beside": [0.0],
        "could_add": [0.0],
        "satisfaction": [0.5],
        "least_satisfaction": [0.5],
        "satisfaction_known": [1],
    }


def test_the_mean_of_each_party_counts_once():
    said = defaultdict(list)
    for one, share in (("ann", 0.0), ("ann", 0.5), ("ann", 0.25), ("bob", 1.0)):
        said[one].append(observation(one, share, JAN_1))
    together = [one for some in said.values() for one in some]
    results = payer_results(phones(), satisfaction=together)
    assert results["boss"]["satisfaction"] == (0.25 + 1) / 2
    assert results["boss"]["least_satisfaction"] == 0.25
