"""Inversions and big pots, found by hand and by going through all pairs."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.service.budget import share_budget
from customer_identification.service.inversion import check_no_inversion
from service.makers import classes_of, refused


FEW = settings(max_examples=100, deadline=None)
LABELS = ("A", "B", "C")

ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(LABELS)), max_size=9
)


@FEW
@given(ROWS)
def test_every_pair_of_classes_is_compared(rows):
    report = check_no_inversion(
        [given_ for given_, _, _ in rows],
        [stake for _, stake, _ in rows],
        classes_of([label for *_, label in rows], LABELS),
    )
    rates = {}
    for label in LABELS:
        mine = [(g, v) for g, v, one in rows if one == label and v]
        if mine:
            rates[label] = Fraction(sum(g for g, _ in mine), sum(v for _, v in mine))
    assert report.inverted == tuple(
        (a, b)
        for a, b in combinations(LABELS, 2)
        if a in rates and b in rates
        if rates[b] > rates[a]
    )
    idle = [g for g, v, _ in rows if not v]
    assert (report.without_stake, report.amount_without_stake) == (len(idle), sum(idle))
    for share in report.shares:
        if share.label in rates:
            assert share.per_value == pytest.approx(float(rates[share.label]))


def checked(given_: Any, stake: Any, labels: str = "ABB", **more: Any) -> Any:
    return check_no_inversion(given_, stake, classes_of(labels, LABELS), **more)


def test_all_treated_alike_is_a_big_pot():
    report = checked([4, 4, 4], [800, 150, 50])
    assert report.big_pot
    assert not report.is_fair
    assert report.inverted == (("A", "B"),)
    assert str(report) == (
        "B gets more per value than A; big pot: every class gets the same per customer"
    )


def test_about_alike_is_a_big_pot_too():
    stake = [800, 150, 50]
    assert checked([100, 96, 97], stake).big_pot
    assert not checked([100, 94, 94], stake).big_pot
    assert checked([100, 94, 94], stake, alike=0.1).big_pot
    assert not checked([100, 96, 97], stake, alike=0).big_pot
    assert checked([0.1, 0.1, 0.1], stake, alike=0).big_pot


def test_alike_is_no_big_pot_where_customers_are_alike_or_nothing_is_shared_out():
    assert not checked([4, 4, 4], [100, 100, 100]).big_pot
    assert not checked([0, 0, 0], [800, 150, 50]).big_pot
    assert not checked(
        [4, 4, 4], [800, 0, 0]
    ).big_pot  # one class is compared with none
    assert not checked([4, 4, 4], [0, 0, 0]).big_pot
    assert checked([], [], labels="").is_fair


def test_a_fair_budget_says_so():
    report = checked([8, 2, 0], [800, 200, 0])
    assert report.is_fair
    assert str(report) == (
        "no class gets less per value than a lower one; 1 customers have no value at "
        "stake"
    )
    assert "800" not in repr(report)


def test_what_floats_make_of_equal_rates_is_no_inversion():
    stake = np.array([0.7, 0.1, 0.2])
    assert checked(stake * 0.1, stake).inverted == ()
    assert checked([0.07, 0.01, 0.0200001], stake).inverted == (("A", "B"),)


def test_an_allocation_is_compared_exactly():
    many = 2**45
    classes = classes_of("AB", LABELS)
    found = share_budget([many, many + 1], many, unit=0.25, classes=classes)
    assert found.units.tolist() == [2 * many, 2 * many]
    assert check_no_inversion(found, [1, 1], classes).is_fair
    assert check_no_inversion(found, [many, many + 1], classes).is_fair
    odd = check_no_inversion(found, [many + 1, many], classes)
    assert odd.inverted == (("A", "B"),)  # by one of 2**45
    assert odd.shares[0].amount == found.amounts[0]


def test_what_is_given_may_be_a_mapping():
    classes = classes_of({"c1": "A", "c2": "B"}, LABELS)
    report = check_no_inversion({"c2": 2, "c1": 1}, {"c1": 5, "c2": 5}, classes)
    assert report.inverted == (("A", "B"),)


def test_malformed_input_is_refused():
    classes = classes_of("AB", LABELS)
    allocation = share_budget({5: 1, 6: 2}, 3)
    for call, code in [
        (([1, 2], [1, 2], classes_of("AB", LABELS, ordered=False)), "not_ordered"),
        (([1, 2], [1, 2], None), "bad_option"),
        (([1, -2], [1, 2], classes), "below_0"),
        (([1], [1, 2], classes), "shape"),
        (({0: 1}, [1, 2], classes), "missing_value"),
        (([1, 2], [1, float("nan")], classes), "not_finite"),
        ((allocation, [1, 2], classes), "other_customers"),
        ((None, [1, 2], classes), "not_numbers"),
    ]:
        with refused(code):
            check_no_inversion(*call)
    for alike in (-0.1, 1.1, "0.1", None):
        with refused("bad_option"):
            check_no_inversion([1, 2], [1, 2], classes, alike=alike)
