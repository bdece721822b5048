"""Options of all kinds of makes, checked with the same words everywhere."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification.arrays import ById
from customer_identification.options import float_field, number, words
from scorecard.card_worlds import refused


@frozen
class Share:
    share: float = float_field("share", 0.5, 0, 1)


@given(st.floats(0, 1))
def test_a_float_field_holds_a_float_of_whatever_make(value: float) -> None:
    for make in (float, Decimal, np.float64):
        one = Share(make(value))
        assert one == Share(value)
        assert type(one.share) is float
    assert Share().share == 0.5
    assert type(Share(np.int8(1)).share) is type(Share(1).share) is float


@pytest.mark.parametrize(
    "value",
    [
        -1e-9,
        1 + 1e-9,
        math.nan,
        math.inf,
        -math.inf,
        10**400,
        Decimal("nan"),
        Decimal("snan"),
        Decimal("inf"),
        "0.5",
        None,
        True,
        Fraction(1, 2),
        1j,
        [0.5],
    ],
)
def test_what_is_no_number_within_its_limits_is_refused(value: Any) -> None:
    with refused("bad_option", "share must be a number, at least 0 and at most 1"):
        Share(value)


@pytest.mark.parametrize("value", [Decimal("snan"), 10**400, -(10**400)])
def test_numbers_that_no_float_can_hold_are_refused(value: Any) -> None:
    with refused("bad_option"):
        number("limit", value, -math.inf)


@given(st.lists(st.text(min_size=1).filter(str.strip)))
def test_words_are_a_tuple_of_those_given(values: list[str]) -> None:
    assert words("names", values) == words("names", tuple(values)) == tuple(values)


@pytest.mark.parametrize(
    "values",
    ["ab", None, 7, {"a"}, {"a": 1}, [7], ["a", None], ["a", " "], [""], [["a"]]],
)
def test_what_is_no_list_of_words_is_refused(values: Any) -> None:
    with refused("bad_option", "names must be a list of texts that are not blank"):
        words("names", values)


def test_options_that_are_lists_of_words_are_checked_alike() -> None:
    for wrong in ("duration", [7], [" "], None):
        with refused("bad_option"):
            ci.ProspectClassifier(trusted=wrong)
        with refused("bad_option"):
            ci.CreditScoreClassifier(trusted=wrong)


def test_what_is_asked_by_id_must_say_which_ids_it_knows() -> None:
    with pytest.raises(NotImplementedError):
        ById().ids  # noqa: B018 - the question itself


def test_there_are_at_most_as_many_classes_as_letters() -> None:
    most = tuple(range(26, 1, -1))
    assert len(ci.ABCClassifier(thresholds=most).classes) == 26
    with refused("bad_option", "at most 26 classes"):
        ci.ABCClassifier(thresholds=(27, *most))
