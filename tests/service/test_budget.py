"""Budgets shared out: spent exactly, within bounds, and no class before a better one."""

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Transaction,
    UnknownCustomerError,
    summarize,
)
from customer_identification.influence.parties import PartyValues
from customer_identification.service.budget import share_budget
from customer_identification.service.inversion import check_no_inversion
from datasets import cdnow_sample
from service.makers import AS_OF, all_in_order, classes_of, ids_of, refused


FEW = settings(max_examples=120, deadline=None)
LABELS = ("A", "B", "C", "none")


@st.composite
def budgets(draw: Any) -> dict[str, Any]:
    """Draw few customers, so that all sharings between classes can be gone through."""
    n = draw(st.integers(1, 6))
    low = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    wide = draw(st.lists(st.integers(0, 6), min_size=n, max_size=n))
    return {
        "stake": draw(st.lists(st.integers(0, 12), min_size=n, max_size=n)),
        "classes": draw(st.lists(st.sampled_from(LABELS[:3]), min_size=n, max_size=n)),
        "low": low,
        "high": [a + b for a, b in zip(low, wide, strict=True)],
        "budget": draw(st.integers(0, 18)),
    }


def reason_to_refuse(case: dict[str, Any]) -> str | None:
    """Say why a budget cannot be shared out, by going through all sharings."""
    rows = list(
        zip(case["stake"], case["classes"], case["low"], case["high"], strict=True)
    )
    idle = sum(low for stake, _, low, _ in rows if not stake)
    if sum(case["low"]) > case["budget"]:
        return "minimums_above_budget"
    if idle + sum(high for stake, *_, high in rows if stake) < case["budget"]:
        return "maximums_below_budget"
    present = [[one for one in rows if one[0] and one[1] == label] for label in LABELS]
    present = [members for members in present if members]
    values = [sum(one[0] for one in members) for members in present]
    bounds = [
        (sum(one[2] for one in members), sum(one[3] for one in members))
        for members in present
    ]
    possible = {sum(units) for units in all_in_order(values, bounds)}
    return None if case["budget"] - idle in possible else "inversion"


@FEW
@given(budgets())
def test_the_budget_is_spent_exactly_within_bounds_and_never_less_for_a_better_class(
    case,
):
    classes = classes_of(case["classes"], LABELS)
    stake, low, high = (np.array(case[name]) for name in ("stake", "low", "high"))
    call = {"minimum": low, "maximum": high, "classes": classes}
    why = reason_to_refuse(case)
    if why:
        with refused(why):
            share_budget(stake, case["budget"], **call)
        return
    found = share_budget(stake, case["budget"], **call)
    units = found.units
    assert units.sum() == case["budget"]
    assert (low <= units).all()
    assert (units <= high).all()
    assert (units[stake == 0] == low[stake == 0]).all()
    assert found.without_stake == np.count_nonzero(stake == 0)
    rates = []
    for share in found.shares:
        mine = (stake > 0) & classes.where(share.label)
        value, amount = int(stake[mine].sum()), int(units[mine].sum())
        assert (share.customers, share.value) == (mine.sum(), value)
        assert share.amount == amount
        if value:
            rates.append(Fraction(amount, value))
    assert rates == sorted(rates, reverse=True)
    assert check_no_inversion(found, stake, classes).inverted == ()


@FEW
@given(budgets(), st.randoms(use_true_random=False))
def test_the_order_of_customers_does_not_matter(case, random):
    n = len(case["stake"])
    names = [f"c{i}" for i in range(n)]
    classes = classes_of(dict(zip(names, case["classes"], strict=True)), LABELS)
    order = random.sample(range(n), n)

    def shared(of: list[int]) -> Any:
        return share_budget(
            np.array([case["stake"][i] for i in of]),
            case["budget"],
            minimum=[case["low"][i] for i in of],
            maximum=[case["high"][i] for i in of],
            customer_ids=[names[i] for i in of],
            classes=classes,
        )

    if reason_to_refuse(case) is None:
        assert shared(order) == shared(list(range(n)))


# --- what may be given ------------------------------------------------------------------


def test_stakes_may_come_in_any_form():
    by_id = {"c1": 60, "c2": 30, "c3": 10, "c4": 0}
    summary = summarize(
        [
            Transaction(customer_id=one, date=AS_OF, amount=amount)
            for one, amount in [*by_id.items(), ("c4", -5)]
        ],
        as_of=AS_OF,
    )
    values = np.array([60, 30, 10, 0])
    ids = ids_of(list(by_id))
    forms = {
        "mapping": by_id,
        "decimals": {one: Decimal(n) for one, n in by_id.items()},
        "series": pd.Series(by_id),
        "summary": summary,
        "party values": PartyValues(ids=ids, value=np.array([60, 30, 10, -5.0])),
    }
    found = [share_budget(one, 10) for one in forms.values()]
    wide = pd.Series(["c4", "c3", "c2", "c1"]), pl.Series(["c4", "c3", "c2", "c1"])
    for dtype in (np.int8, np.uint32, np.uint64, np.float32, object):
        found += [
            share_budget(values[::-1].astype(dtype), 10, customer_ids=one)
            for one in wide
        ]
    found.append(
        share_budget([0, 10, 30, 60], 10, customer_ids=["c4", "c3", "c2", "c1"])
    )
    for one in found:
        assert one.customer_ids.tolist() == list(by_id)
        assert one.units.tolist() == [6, 3, 1, 0]
        assert one.without_stake == 1
        assert [(all_.value, all_.amount) for all_ in one.shares] == [(100.0, 10.0)]
        assert one["c1"] == 6


def test_classes_say_whose_stakes_count():
    classes = classes_of({1: "A", 2: "B"}, LABELS)
    more = {1: 50, 2: 50, 3: 900}
    values = PartyValues(ids=np.array([1, 2, 3]), value=np.array([50.0, 50, 900]))
    for stake in (more, values, np.array([50, 50]), [50.0, 50.0]):
        found = share_budget(stake, 9, classes=classes)
        assert found.units.tolist() == [5, 4]
    found = share_budget([5, 5], 9, classes=classes, customer_ids=[2, 1])
    assert found.units.tolist() == [5, 4]


def test_without_ids_customers_are_positions():
    found = share_budget(np.array([1, 3]), 4)
    assert found.customer_ids.tolist() == [0, 1]
    assert found[1] == 3


@pytest.mark.parametrize(
    ("budget", "unit", "units", "first"),
    [
        (10, 1, [6, 3, 1], 6),
        (2.5, 0.25, [6, 3, 1], 1.5),
        (0.3, 0.1, [2, 1, 0], 0.2),
        (Decimal("1.00"), Decimal("0.01"), [60, 30, 10], Decimal("0.60")),
        (np.float64(0.5), np.float64(0.05), [6, 3, 1], 0.3),
        (np.int64(20), np.int64(2), [6, 3, 1], 12),
        (0, 1, [0, 0, 0], 0),
    ],
)
def test_units_may_be_visits_quarters_of_hours_or_cents(budget, unit, units, first):
    found = share_budget([60, 30, 10], budget, unit=unit)
    assert found.units.tolist() == units
    assert found[0] == first
    assert type(found[0]) is type(first)
    assert found.amounts.sum() == pytest.approx(float(budget))
    assert found.amounts[0] == float(first)


@pytest.mark.parametrize(
    ("bounds", "amounts"),
    [
        ({}, [6, 2, 1, 1]),
        ({"maximum": None}, [6, 2, 1, 1]),
        ({"maximum": {"B": 1.8}}, [6, 1.5, 1.5, 1]),
        ({"minimum": 0.3, "maximum": 6.4}, [6, 2, 1, 1]),
        ({"minimum": {"B": 1.2}}, [6, 1.5, 1.5, 1]),
        ({"minimum": np.array([0.3, 0, 1.2, 0])}, [6, 1.5, 1.5, 1]),
        ({"minimum": [0, 0, Decimal("1.2"), 0]}, [6, 1.5, 1.5, 1]),
        ({"maximum": {"A": 99, "C": 0.9}}, [6.5, 2, 1, 0.5]),
        ({"minimum": {}, "maximum": {}}, [6, 2, 1, 1]),
    ],
)
def test_bounds_may_be_numbers_arrays_or_by_class(bounds, amounts):
    classes = classes_of("ABBC", LABELS)
    found = share_budget([60, 20, 10, 10], 10, unit=0.5, classes=classes, **bounds)
    assert found.amounts.tolist() == amounts


def test_bounds_that_float_arithmetic_moves_off_a_unit_are_still_units():
    # 0.3 / 0.1 is 2.9999999999999996
    for bound in (0.3, np.array([0.3, 0.3]), Decimal("0.3")):
        found = share_budget([1, 1], 0.6, unit=0.1, minimum=bound, maximum=bound)
        assert found.units.tolist() == [3, 3]


def test_bounds_of_an_array_go_with_its_ids():
    found = share_budget([1, 1], 9, minimum=[7, 0], customer_ids=["c2", "c1"])
    assert found.units.tolist() == [2, 7]


def test_very_large_values_and_bounds_are_no_matter():
    for stake in (
        np.array([2**62, 2**62, 2**62]),
        np.array([1e100] * 3),
        np.array([1e-300] * 3),
        np.array([2**64 - 1] * 3, np.uint64),
    ):
        found = share_budget(stake, 9, maximum=10**300)
        assert found.units.tolist() == [3, 3, 3]
    found = share_budget([1.0], 2**53, maximum=np.array([1e99]))
    assert found.units.tolist() == [2**53]


def test_nothing_can_be_shared_out_among_nobody():
    found = share_budget(np.zeros(0), 0)
    assert len(found) == 0
    assert str(found) == "nobody"
    with refused("maximums_below_budget"):
        share_budget({}, 1)


def test_who_has_nothing_at_stake_gets_the_minimum_and_stands_outside():
    classes = classes_of("AABB", LABELS)
    found = share_budget([50, 0, 25, 0], 10, minimum=2, classes=classes)
    assert found.units.tolist() == [4, 2, 2, 2]
    assert found.without_stake == 2
    assert [(one.customers, one.amount) for one in found.shares[:2]] == [(1, 4), (1, 2)]
    alone = share_budget([0, 0], 4, minimum=2)
    assert alone.units.tolist() == [2, 2]
    assert alone.shares[0].customers == 0
    with refused("maximums_below_budget"):
        share_budget([0, 0], 5, minimum=2)


# --- what is found ----------------------------------------------------------------------


def test_an_allocation_tells_by_class_and_by_customer():
    classes = classes_of({"c1": "A", "c2": "B", "c3": "none"}, LABELS, kind="polars")
    found = share_budget({"c1": 90, "c2": 10, "c3": 0}, 5, unit=0.5, classes=classes)
    assert repr(found) == "Allocation(10 units among 3 customers)"
    assert str(found).splitlines() == [
        "A: 1 customers, 4.5 in all, 4.5 each, 0.05 per value",
        "B: 1 customers, 0.5 in all, 0.5 each, 0.05 per value",
        "1 customers without value at stake",
    ]
    empty = found.shares[2]
    assert np.isnan([empty.per_value, empty.per_customer]).all()
    assert "90" not in repr(found.shares)
    frame = found.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.rows() == [
        ("c1", "A", 9, 4.5),
        ("c2", "B", 1, 0.5),
        ("c3", "none", 0, 0.0),
    ]
    assert list(share_budget([1], 1).to_frame().columns) == [
        "customer_id",
        "units",
        "amount",
    ]
    with pytest.raises(UnknownCustomerError):
        found["c4"]
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert hash(found.shares) == hash(found.shares[:])


def test_a_real_shop_shares_visits_by_class():
    data = cdnow_sample()
    summary = summarize(data.frame, **data.call)
    classes = ABCClassifier().fit(summary).classify(summary)
    found = share_budget(
        summary, 3_000, minimum={"A": 2}, maximum={"A": 40}, classes=classes
    )
    assert found.units.sum() == 3_000
    worth = np.maximum(summary.value, 0)
    rates = []
    for label in "ABC":
        mine = classes.where(label)
        rates.append(Fraction(int(found.units[mine].sum()), int(worth[mine].sum())))
    assert rates == sorted(rates, reverse=True)
    in_a = classes.where("A")
    assert found.units[in_a].min() >= 2
    assert found.units[in_a].max() <= 40
    assert check_no_inversion(found, summary, classes).is_fair
    assert found.shares[0].value == worth[in_a].sum() / 100


# --- what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"budget": -1}, "bad_option"),
        ({"budget": float("nan")}, "bad_option"),
        ({"budget": float("inf")}, "bad_option"),
        ({"budget": True}, "bad_option"),
        ({"budget": "10"}, "bad_option"),
        ({"budget": 2.5}, "not_whole"),
        ({"budget": 10, "unit": 0.3}, "not_whole"),
        ({"budget": 2**53 + 2}, "too_large"),
        ({"budget": 10**20, "unit": 0.01}, "too_large"),
        ({"unit": 0}, "bad_option"),
        ({"unit": -1}, "bad_option"),
        ({"unit": None}, "bad_option"),
        ({"minimum": 4}, "minimums_above_budget"),
        ({"minimum": {"A": 11}}, "minimums_above_budget"),
        ({"minimum": -1}, "bad_option"),
        ({"minimum": [0, 0, -1]}, "below_0"),
        ({"minimum": [0, 0]}, "shape"),
        ({"minimum": [0, 0, None]}, "wrong_type"),
        ({"minimum": [0, 0, float("nan")]}, "not_finite"),
        ({"minimum": "2"}, "bad_option"),
        ({"minimum": {"D": 1}}, "unknown_class"),
        ({"minimum": {"A": -1}}, "bad_option"),
        ({"minimum": {"A": 1}, "classes": None}, "bad_option"),
        ({"maximum": 3}, "maximums_below_budget"),
        ({"maximum": {"C": 0, "B": 0, "A": 9}}, "maximums_below_budget"),
        ({"maximum": {"A": 0}}, "inversion"),
        ({"minimum": {"C": 5}}, "inversion"),
        ({"minimum": 2, "maximum": 1}, "minimum_above_maximum"),
        ({"minimum": {"A": 2}, "maximum": {"A": 1.9}}, "minimum_above_maximum"),
        ({"stake": [1, 2]}, "shape"),
        ({"stake": [1, 2, -1]}, "below_0"),
        ({"stake": [1, 2, float("nan")]}, "not_finite"),
        ({"stake": [1, 2, float("inf")]}, "not_finite"),
        ({"stake": [1, 2, 1e101]}, "too_large"),
        ({"stake": [1, 2, "3"]}, "wrong_type"),
        ({"stake": [1, 2, True]}, "wrong_type"),
        ({"stake": np.array([True, True, False])}, "wrong_type"),
        ({"stake": np.ones((3, 1))}, "not_numbers"),
        ({"stake": "123"}, "not_numbers"),
        ({"stake": dict}, "not_numbers"),
        ({"stake": 3}, "not_numbers"),
        ({"stake": pd.DataFrame({"v": [1, 2, 3]})}, "not_numbers"),
        ({"stake": {0: 1, 1: 2}}, "missing_value"),
        ({"stake": {"0": 1, "1": 2, "2": 3}}, "not_an_id"),
        ({"stake": {0: 1, 1: 2, 2: None}}, "wrong_type"),
        ({"stake": {0: 1, 1: 2, "": 3}}, "not_an_id"),
        ({"stake": {0: 1, 1: 2, 2: 3}, "customer_ids": [0, 1, 2]}, "bad_option"),
        ({"customer_ids": [0, 1, 1]}, "not_an_id"),
        ({"customer_ids": [0, 1, None]}, "not_an_id"),
        ({"customer_ids": [0, 1]}, "shape"),
        ({"customer_ids": [0, 1, 3]}, "other_customers"),
        ({"customer_ids": 3}, "not_a_column"),
        ({"classes": "ABC"}, "bad_option"),
        ({"classes": classes_of("ABC", LABELS, ordered=False)}, "not_ordered"),
        ({"classes": classes_of("AB", LABELS)}, "shape"),
    ],
)
def test_malformed_input_is_refused(more, code):
    call = {"stake": [60, 30, 10], "budget": 10, "classes": classes_of("ABC", LABELS)}
    call |= more
    with refused(code) as told:
        share_budget(call.pop("stake"), call.pop("budget"), **call)
    assert not {"60", "30", "-1"} & {*str(told.value).split()}  # no amounts


def test_summaries_must_have_values_of_the_same_customers():
    none = summarize(
        pd.DataFrame({"customer_id": [1], "date": [pd.Timestamp("2011-07-01")]}),
        as_of=AS_OF,
        columns={"amount": None},
    )
    with refused("missing_column"):
        share_budget(none, 1)
    one = summarize([Transaction(customer_id=1, date=AS_OF, amount=5)], as_of=AS_OF)
    assert share_budget(one, 1, classes=classes_of({1: "A"}, LABELS)).units == [1]
    with refused("other_customers"):
        share_budget(one, 1, classes=classes_of({2: "A"}, LABELS))
    with refused("bad_option"):
        share_budget(one, 1, customer_ids=[1])
    values = PartyValues(ids=np.array([1]), value=np.array([np.nan]))
    with refused("not_finite"):
        share_budget(values, 1)
    with refused("bad_option"):
        share_budget(values, 1, customer_ids=[1])


def test_bounds_in_a_series_go_by_its_index_as_the_stakes_do():
    stake = pd.Series({"a": 800.0, "b": 150.0, "c": 50.0})
    least = pd.Series({"c": 2, "b": 0, "a": 1})
    shared = share_budget(stake, 10, minimum=least)
    assert shared["c"] == 2
    assert shared == share_budget(stake, 10, minimum=[1, 0, 2])
    with refused("missing_value"):
        share_budget(stake, 10, minimum=least.drop("a"))


def test_a_series_beside_ids_goes_by_position():
    frame = pd.DataFrame({"id": ["b", "a"], "value": [10.0, 30.0], "least": [1, 0]})
    shared = share_budget(
        frame["value"], 4, customer_ids=frame["id"], minimum=frame["least"]
    )
    assert (shared["a"], shared["b"]) == (3, 1)


@pytest.mark.parametrize("column", [pl.Series([10.0, 30.0]), pa.array([10.0, 30.0])])
def test_stakes_may_be_a_column_of_any_frame(column):
    assert share_budget(column, 4) == share_budget([10.0, 30.0], 4)


def test_a_budget_is_read_as_near_to_units_as_its_bounds_are():
    assert share_budget([1, 2], 0.1 + 0.2, unit=0.1).units.tolist() == [1, 2]
    with refused("not_whole"):
        share_budget([1, 2], 0.35, unit=0.1)
