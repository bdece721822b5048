"""Referral values against a hand-worked case, and what must hold for any referrals."""

import math
from collections import defaultdict

import attrs
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.errors import InvalidInputError, MissingColumnError
from customer_identification.influence.referral import (
    Referral,
    referral_value,
)


AMOUNTS = ("margin", "referral_cost", "marketing_cost", "saved_acquisition")

# By hand, with r = 0.1 and the equation of CRV in Kumar, Petersen & Leone 2010. Two of
# type one, with margins (50, 60) and (40, 40) in t = 1, 2; referral cost 10 and saved
# acquisition 20 each in t = 1; marketing 5 in each period. Two of type two, 20 each.
#   t = 1: (50 - 10 - 5 + 20) + (40 - 10 - 5 + 20) = 100, and 20 + 20 = 40: 140 / 1.1
#   t = 2: (60 - 5) + (40 - 5) = 90: 90 / 1.21
# Together 127.27 + 74.38 = 201.65. The margin of a type two must not matter.
BY_HAND = 201.653


def row(referred, period, *amounts, joins=False, referrer="ann"):
    """Give one row as a dict; amounts in the order of the equation."""
    padded = dict.fromkeys(AMOUNTS, 0) | dict(zip(AMOUNTS, amounts, strict=False))
    return {
        "referrer_id": referrer,
        "referred_id": referred,
        "period": period,
        "would_have_joined": joins,
        **padded,
    }


ROWS = [
    row("b1", 1, 50, 10, 5, 20),
    row("b1", 2, 60, 0, 5, 0),
    row("b2", 1, 40, 10, 5, 20),
    row("b2", 2, 40, 0, 5, 0),
    row("c1", 1, 500, 10, 5, 20, joins=True),
    row("c1", 2, 500, 0, 5, 0, joins=True),
    row("c2", 1, 0, 0, 0, 20, joins=True),
]


def with_one(at=0, **changes):
    """Give the rows with some cells of one of them changed."""
    return [{**one, **changes} if i == at else one for i, one in enumerate(ROWS)]


def test_the_case_worked_by_hand():
    value = referral_value(pd.DataFrame(ROWS), discount_rate=0.1)
    assert dict(value) == {"ann": pytest.approx(BY_HAND, abs=5e-4)}
    assert value.own is None


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (pd.DataFrame, "pandas"),
        (pl.DataFrame, "polars"),
        (lambda rows: pl.DataFrame(rows).to_arrow(), "pyarrow"),
        (lambda rows: [Referral(**one) for one in rows], "objects"),
        (lambda rows: (Referral(**one) for one in rows), "objects"),
    ],
    ids=["pandas", "Polars", "PyArrow", "list of objects", "stream of objects"],
)
def test_frames_and_objects_are_read_alike(make, kind):
    value = referral_value(make(ROWS), discount_rate=0.1)
    assert value["ann"] == referral_value(pl.DataFrame(ROWS), discount_rate=0.1)["ann"]
    assert value.kind == kind
    assert len(value.to_frame()) == 1


def test_who_refers_in_turn_has_the_value_of_its_own_referrals_only():
    rows = [row("bob", 1, 30), row("eve", 2, 12, referrer="bob")]
    value = referral_value(pd.DataFrame(rows), discount_rate=0.5)
    assert dict(value) == {"ann": pytest.approx(20), "bob": pytest.approx(12 / 2.25)}


def test_an_amount_without_a_column_is_nothing():
    bare = pd.DataFrame(ROWS).drop(columns=["referral_cost", "marketing_cost"])
    # 10 + 10 + 5 + 5 less is taken off in t = 1, and 5 + 5 in t = 2.
    more = BY_HAND + 30 / 1.1 + 10 / 1.21
    found = referral_value(bare, discount_rate=0.1)["ann"]
    assert found == pytest.approx(more, abs=5e-4)
    unused = {"referral_cost": None, "marketing_cost": None}
    same = referral_value(pd.DataFrame(ROWS), discount_rate=0.1, columns=unused)
    assert same["ann"] == found


def test_columns_may_have_other_names():
    frame = pd.DataFrame(ROWS).rename(columns={"referrer_id": "by", "period": "month"})
    names = {"referrer_id": "by", "period": "month"}
    value = referral_value(frame, discount_rate=0.1, columns=names)
    assert value["ann"] == pytest.approx(BY_HAND, abs=5e-4)


def test_what_is_left_out_of_type_two_need_not_be_known():
    unknown = {"margin": None, "referral_cost": math.nan, "marketing_cost": math.inf}
    for rows in (with_one(5, **unknown), with_one(6, **unknown)):
        value = referral_value(pd.DataFrame(rows), discount_rate=0.1)
        assert value["ann"] == pytest.approx(BY_HAND, abs=5e-4)


def test_a_period_beyond_all_counting_is_worth_nothing():
    value = referral_value(pd.DataFrame([row("bob", 10**6, 10)]), discount_rate=1)
    assert dict(value) == {"ann": 0}


@pytest.mark.parametrize(
    "empty",
    [
        [],
        pd.DataFrame(ROWS).iloc[:0],
        pl.DataFrame(ROWS).clear(),
        pd.DataFrame({name: [] for name in ROWS[0]}),
    ],
)
def test_no_rows_give_no_values(empty):
    value = referral_value(empty, discount_rate=0.1)
    assert (len(value), value.total, value.value.dtype.kind) == (0, 0, "f")


# --- what holds for any referrals -----------------------------------------------------

_CENTS = st.integers(-9_999, 99_999).map(lambda cents: cents / 100)


@st.composite
def referrals(draw):
    """Draw rows in which one flag holds for all rows of a pair."""
    pairs = draw(st.lists(st.tuples(st.integers(1, 4), st.integers(5, 9)), unique=True))
    joins = {pair: draw(st.booleans()) for pair in pairs}
    return [
        row(
            pair[1],
            draw(st.integers(1, 4)),
            *(draw(_CENTS) for _ in AMOUNTS),
            joins=joins[pair],
            referrer=pair[0],
        )
        for pair in pairs
        for _ in range(draw(st.integers(1, 3)))
    ]


def objects_of(rows):
    return [Referral(**one) for one in rows]


def values_of(rows, rate=0.0):
    return dict(referral_value(objects_of(rows), discount_rate=rate))


@given(referrals(), st.sampled_from([0, 0.1, 2]))
def test_values_are_the_sums_of_the_equation(rows, rate):
    parts = defaultdict(list)
    for one in rows:
        amount = one["saved_acquisition"]
        if not one["would_have_joined"]:
            amount += one["margin"] - one["referral_cost"] - one["marketing_cost"]
        parts[one["referrer_id"]].append(amount / (1 + rate) ** one["period"])
    sums = {who: pytest.approx(math.fsum(own), abs=1e-6) for who, own in parts.items()}
    assert values_of(rows, rate) == sums


@given(referrals(), st.integers(0, 3))
def test_without_a_discount_the_period_does_not_matter(rows, later):
    moved = [{**one, "period": one["period"] + later} for one in rows]
    assert values_of(moved) == values_of(rows)


@given(referrals(), st.sampled_from([-2.0, 0.5, 1024.0]))
def test_values_are_linear_in_money(rows, factor):
    scaled = [{**one, **{name: factor * one[name] for name in AMOUNTS}} for one in rows]
    expected = {who: factor * value for who, value in values_of(rows, 0.1).items()}
    assert values_of(scaled, 0.1) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=50)
@given(referrals(), st.data())
def test_the_order_of_rows_changes_no_digit(rows, data):
    mixed = data.draw(st.permutations(rows))
    assert values_of(mixed, 0.1) == values_of(rows, 0.1)


@given(referrals())
def test_a_row_cut_in_two_adds_up(rows):
    halves = [
        {**one, **{name: one[name] / 2 for name in AMOUNTS}}
        for one in rows
        for _ in range(2)
    ]
    assert values_of(halves, 0.1) == pytest.approx(values_of(rows, 0.1), abs=1e-6)


# --- what may not come in -------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "cell", "rule"),
    [
        (2, {"referrer_id": None}, "an id; 1 of 7 rows .* row 2"),
        (2, {"referred_id": None}, "an id; 1 of 7 rows .* row 2"),
        (2, {"referred_id": "ann"}, "another party than referrer_id; 1 of 7"),
        (3, {"period": 0}, "a whole number, at least 1; 1 of 7 rows .* row 3"),
        (3, {"period": 1.5}, "a whole number"),
        (3, {"period": math.nan}, "a whole number"),
        (3, {"period": math.inf}, "a whole number"),
        (0, {"margin": math.nan}, "a number, at most"),
        (0, {"margin": math.inf}, "a number, at most"),
        (0, {"referral_cost": math.nan}, "a number"),
        (0, {"marketing_cost": -math.inf}, "a number"),
        (4, {"saved_acquisition": math.nan}, "a number"),
        (5, {"saved_acquisition": 1e300}, "a number, at most"),
        (1, {"would_have_joined": None}, "True or False; 1 of 7 rows .* row 1"),
        (1, {"would_have_joined": -1}, "True or False; 1 of 7 rows .* row 1"),
        (1, {"would_have_joined": True}, "the same in all rows .*; 2 of 7 .* row 0"),
    ],
)
def test_rows_that_cannot_be_right_are_refused_by_number(at, cell, rule):
    (name,) = cell
    for make in (objects_of, pd.DataFrame):
        with pytest.raises(InvalidInputError, match=f"{name} must be {rule}") as caught:
            referral_value(make(with_one(at, **cell)), discount_rate=0.1)
        assert (caught.value.code, caught.value.column) == ("bad_rows", name)
        assert at in caught.value.positions


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"margin": "50"}, "wrong_type"),
        ({"period": "1"}, "wrong_type"),
        ({"would_have_joined": "no"}, "wrong_type"),
        ({"referrer_id": 7}, "not_an_id"),
    ],
)
def test_cells_of_another_kind_are_refused(cell, code):
    with pytest.raises(InvalidInputError) as caught:
        referral_value(objects_of(with_one(**cell)), discount_rate=0.1)
    assert caught.value.code == code


def test_referrers_and_referred_have_ids_of_one_kind():
    with pytest.raises(InvalidInputError, match="text on both sides"):
        referral_value(objects_of([row(7, 1)]), discount_rate=0.1)


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf, None, "0.1", True])
def test_a_discount_rate_is_a_number_from_0(rate):
    with pytest.raises(InvalidInputError, match="discount_rate must be a number"):
        referral_value(pd.DataFrame(ROWS), discount_rate=rate)


@pytest.mark.parametrize(
    "name", ["referrer_id", "referred_id", "period", "would_have_joined"]
)
def test_what_a_row_speaks_of_must_be_there(name):
    frame = pd.DataFrame(ROWS)
    with pytest.raises(MissingColumnError) as caught:
        referral_value(frame.drop(columns=name), discount_rate=0.1)
    assert caught.value.column == name
    with pytest.raises(InvalidInputError, match="must be a column"):
        referral_value(frame, discount_rate=0.1, columns={name: None})


@pytest.mark.parametrize("columns", [{"who": "referrer_id"}, "period", ["period"]])
def test_columns_must_map_names_of_ours(columns):
    with pytest.raises(InvalidInputError, match="columns must map"):
        referral_value(pd.DataFrame(ROWS), discount_rate=0.1, columns=columns)


@pytest.mark.parametrize("data", [None, "rows", ROWS, {"period": [1]}, 3])
def test_what_is_no_table_is_refused(data):
    with pytest.raises(InvalidInputError) as caught:
        referral_value(data, discount_rate=0.1)
    assert caught.value.code == "not_a_table"


def test_a_referral_shows_no_id_and_no_amount():
    shown = repr(Referral(**row("b1", 1, 51, 11, 5, 21)))
    assert shown == "Referral(period=1, would_have_joined=False)"


def test_a_referral_is_frozen():
    one = Referral(**ROWS[0])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.margin = 3
    assert one == Referral(**ROWS[0])
