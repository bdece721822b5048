"""Values of parties: what hosts give, and what they get back."""

import copy
import datetime as dt
import math
import pickle
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    CustomerIdentificationError,
    Transaction,
    UnknownCustomerError,
    summarize,
)
from customer_identification.frames import read_numbers_of
from customer_identification.influence.network import (
    InfluenceNetwork,
    as_network,
)
from customer_identification.influence.parties import (
    PartyValues,
    read_values,
    with_network_value,
)
from influence.networks import (
    INT_IDS,
    TEXT_IDS,
    edge_lists,
    graph_of,
    network_of,
    refused,
    strengths_of,
)


SMALL = settings(max_examples=40, deadline=None)


def little() -> InfluenceNetwork:
    """Make a network of three parties and two ties."""
    return InfluenceNetwork.from_edges(
        ["SECRET-7", "SECRET-8"], ["SECRET-8", "SECRET-9"], [0.5, 0.25]
    )


WORTH = {"SECRET-7": 10, "SECRET-8": 30.5, "SECRET-9": Decimal("-2.25")}


# --- reading -------------------------------------------------------------------------


@SMALL
@given(edge_lists(), st.data())
def test_values_stand_in_the_order_of_ids_and_new_parties_have_no_ties(drawn, data):
    found = network_of(drawn)
    text = any(isinstance(one, str) for one in drawn.parties)
    party = st.sampled_from([*(TEXT_IDS if text else INT_IDS), "q" if text else 17])
    number = st.floats(-1e99, 1e99) | st.integers(-9, 9)
    worth = data.draw(st.dictionaries(party, number))
    default = data.draw(st.sampled_from([0.0, -1.5, 7]))
    whole, values = read_values(found, worth, default=default)
    assert whole.ids.tolist() == sorted({*drawn.parties, *worth})
    assert values.tolist() == [worth.get(one, default) for one in whole.ids.tolist()]
    assert values.dtype == np.float64
    assert strengths_of(whole) == strengths_of(found)
    again, same = read_values(graph_of(drawn), worth, default=default)
    assert again.ids.tolist() == whole.ids.tolist()
    assert same.tolist() == values.tolist()


@SMALL
@given(edge_lists())
def test_what_is_read_can_be_read_again(drawn):
    found = network_of(drawn)
    values = np.arange(len(found)) * 1.5
    whole, read = read_values(found, values)
    assert whole is found
    read[:] = -1  # nobody else's array
    assert values.tolist() == [1.5 * at for at in range(len(found))]
    known = PartyValues(ids=found.ids, value=values)
    for one in (known, dict(known), pd.Series(dict(known), dtype=float)):
        if len(found):
            again, same = read_values(found, one)
            assert again is found
            assert same.tolist() == values.tolist()


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float32", "float64"])
def test_an_array_holds_numbers_of_any_width(dtype):
    _, values = read_values(little(), np.array([1, 2, 3], dtype=dtype))
    assert values.dtype == np.float64
    assert values.tolist() == [1, 2, 3]


def test_numbers_of_any_make_are_values():
    _, values = read_values(little(), WORTH)
    assert values.tolist() == [10, 30.5, -2.25]
    made = [np.float32(0.5), np.int8(3), Fraction(1, 4)]
    _, values = read_values(little(), dict(zip(WORTH, made, strict=True)))
    assert values.tolist() == [0.5, 3, 0.25]
    assert read_numbers_of([], "value").shape == (0,)


def test_ids_of_a_mapping_may_be_whole_numbers_of_any_make():
    found = InfluenceNetwork.from_edges([1, 2], [2, 3], 0.5)
    _, values = read_values(found, {3.0: 3, np.int64(1): 1, np.int8(2): 2})
    assert values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("minor", [0, 2])
def test_a_summary_is_read_in_major_units(minor):
    amounts = {"SECRET-7": 12.0, "SECRET-8": 3.0, "SECRET-5": 1.0}
    bought = [
        Transaction(customer_id=one, date=dt.date(2011, 1, 1), amount=amount)
        for one, amount in amounts.items()
    ]
    summary = summarize(bought, as_of="2011-02-01", minor_units=minor)
    refused(lambda: read_values(little(), summary), "missing_value")
    whole, values = read_values(little(), summary, default=0.25)
    assert whole.ids.tolist() == ["SECRET-5", "SECRET-7", "SECRET-8", "SECRET-9"]
    assert values.tolist() == [1, 12, 3, 0.25]


def test_a_summary_without_amounts_has_no_values():
    frame = pd.DataFrame({"customer_id": ["SECRET-7"], "date": [dt.date(2011, 1, 1)]})
    summary = summarize(frame, as_of="2011-02-01", columns={"amount": None})
    refused(lambda: read_values(little(), summary, default=0), "missing_column")


def test_no_parties_and_no_values_are_no_numbers():
    nobody = InfluenceNetwork.from_edges([], [], [])
    for worth in ({}, np.empty(0), pd.Series(dtype=float)):
        whole, values = read_values(nobody, worth)
        assert len(whole) == 0
        assert values.shape == (0,)
    whole, values = read_values(nobody, {"a": 2})
    assert (whole.ids.tolist(), values.tolist()) == (["a"], [2.0])
    _, values = read_values(little(), {}, default=4)
    assert values.tolist() == [4, 4, 4]


def test_a_missing_value_is_told_by_its_place():
    error = refused(
        lambda: read_values(little(), {"SECRET-7": 1}, name="cost"), "missing_value"
    )
    assert error.column == "cost"
    assert error.positions == (1, 2)
    assert "2 of 3" in str(error)


def with_one(value: Any) -> dict[Any, Any]:
    return {**WORTH, "SECRET-8": value}


BAD_VALUES: dict[str, tuple[Any, str]] = {
    "nan": (with_one(math.nan), "not_finite"),
    "endless": (with_one(-math.inf), "not_finite"),
    "Decimal nan": (with_one(Decimal("nan")), "not_finite"),
    "True": (with_one(value=True), "wrong_type"),
    "numpy's True": (with_one(np.True_), "wrong_type"),
    "text": (with_one("SECRET-1"), "wrong_type"),
    "text of a number": (with_one("30"), "wrong_type"),
    "None": (with_one(None), "wrong_type"),
    "NA": (with_one(pd.NA), "wrong_type"),
    "complex": (with_one(1j), "wrong_type"),
    "a list": (with_one([1]), "wrong_type"),
    "an array": (with_one(np.array([1])), "wrong_type"),
    "signalling nan": (with_one(Decimal("sNaN")), "wrong_type"),
    "huge": (with_one(10**400), "wrong_type"),
    "endless in all": (dict.fromkeys(WORTH, 1e308), "too_large"),
    "nobody's": ({}, "missing_value"),
    "whole numbers for ids": ({1: 1, 2: 2}, "not_an_id"),
    "mixed ids": ({"SECRET-7": 1, 2: 2}, "not_an_id"),
    "blank ids": ({"SECRET-7": 1, " ": 2}, "not_an_id"),
    "None for an id": ({"SECRET-7": 1, None: 2}, "not_an_id"),
    "pairs for ids": ({("SECRET-7", 1): 1, ("SECRET-7", 2): 2}, "not_an_id"),
    "True for an id": ({True: 1}, "not_an_id"),
    "an id twice": (pd.Series([1, 2], index=["SECRET-7"] * 2), "not_an_id"),
    "frame": (pd.DataFrame({"SECRET-7": [1]}), "not_a_mapping"),
    "Polars frame": (pl.DataFrame({"SECRET-7": [1]}), "not_a_mapping"),
    "list": ([1, 2, 3], "not_a_mapping"),
    "text for all": ("SECRET-7", "not_a_mapping"),
    "a number": (7.0, "not_a_mapping"),
    "nothing": (None, "not_a_mapping"),
    "set": ({"SECRET-7"}, "not_a_mapping"),
    "a class": (dict, "not_a_mapping"),
    "short array": (np.ones(2), "shape"),
    "long array": (np.ones(4), "shape"),
    "matrix": (np.ones((3, 1)), "shape"),
    "one number": (np.float64(3), "not_a_mapping"),
    "array of truth": (np.array([True] * 3), "shape"),
    "array of text": (np.array(["SECRET-7"] * 3), "shape"),
    "array of objects": (np.array([1, 2, 3], dtype=object), "shape"),
    "array endless in all": (np.array([1e308, -1e308, 1e308]), "too_large"),
    "array with nan": (np.array([1, np.nan, 2]), "not_finite"),
    "array without end": (np.array([1, np.inf, 2]), "not_finite"),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_bad_values_are_refused_without_a_word_of_them(name):
    worth, code = BAD_VALUES[name]
    refused(lambda: read_values(little(), worth), code)


@pytest.mark.parametrize(
    "default", [math.nan, math.inf, -math.inf, "SECRET", True, [1]]
)
def test_a_default_is_a_finite_number(default):
    refused(lambda: read_values(little(), {}, default=default), "bad_option")


def test_values_of_no_network_are_refused():
    refused(lambda: read_values(None, WORTH), "not_a_network")
    refused(lambda: read_values(nx.DiGraph([("SECRET-1", 2)]), {}), "not_an_id")


def test_what_is_given_stays_as_it_is():
    worth, graph = dict(WORTH), little().to_networkx()
    read_values(graph, worth, default=1)
    assert worth == WORTH
    assert as_network(graph) == little()


# --- what hosts get ------------------------------------------------------------------


@st.composite
def party_values(draw: Any) -> PartyValues:
    pool = draw(st.sampled_from([INT_IDS, TEXT_IDS]))
    ids = sorted(draw(st.sets(st.sampled_from(pool))))
    numbers = st.sampled_from([0.0, 1.5, 1.5, -3.0]) | st.floats(-1e6, 1e6)
    values = [draw(numbers) for _ in ids]
    return PartyValues(
        ids=np.array(ids, dtype=object if pool is TEXT_IDS else np.int64),
        value=np.array(values),
    )


@SMALL
@given(party_values(), st.integers(0, 7))
def test_values_are_a_mapping_of_ids(worth, n):
    plain = dict(zip(worth.ids.tolist(), worth.value.tolist(), strict=True))
    assert isinstance(worth, Mapping)
    assert dict(worth) == plain
    assert list(worth) == list(worth.keys()) == sorted(plain)
    assert list(worth.items()) == list(plain.items())
    assert list(worth.values()) == list(plain.values())
    assert len(worth) == len(plain)
    assert bool(worth) == bool(plain)
    assert worth.total == math.fsum(plain.values())
    wanted = sorted(plain.items(), key=lambda item: (-item[1], item[0]))
    assert worth.top(n) == wanted[:n]
    for one, value in plain.items():
        assert one in worth
        assert worth[one] == worth.get(one) == value
        assert type(worth[one]) is float
        assert worth.interval(one) == (value, value)
    assert worth.get("nobody", 5) == 5


def full() -> PartyValues:
    """Make values with everything there is."""
    return PartyValues(
        ids=np.array(["SECRET-7", "SECRET-8"], dtype=object),
        value=np.array([2.0, 3.0]),
        own=np.array([1.0, 1.5]),
        low=np.array([1.75, 2.5]),
        high=np.array([2.25, 3.5]),
        confidence=0.95,
    )


def test_values_go_onto_the_nodes_of_a_graph():
    graph = little().to_networkx()
    nx.set_node_attributes(graph, full(), "worth")
    assert dict(graph.nodes(data="worth")) == {
        "SECRET-7": 2.0,
        "SECRET-8": 3.0,
        "SECRET-9": None,
    }


def test_values_equal_a_mapping_with_the_same_numbers():
    worth = PartyValues(ids=np.array([1, 2]), value=np.array([10.0, 30.0]))
    assert worth == {1: 10.0, 2: 30.0}
    assert worth == {1: 10, 2: 30}
    assert worth != {1: 10.0, 2: 31.0}
    assert worth != {1: 10.0}
    assert worth != {"1": 10.0, "2": 30.0}
    assert worth != [10.0, 30.0]


def test_intervals_are_those_of_the_party():
    assert full().interval("SECRET-8") == (2.5, 3.5)
    assert full().interval("SECRET-7") == (1.75, 2.25)


@pytest.mark.parametrize("party", ["SECRET-1", 7, None, ("SECRET-7",), True])
def test_who_has_no_value_is_unknown(party):
    worth = full()
    for ask in (lambda: worth[party], lambda: worth.interval(party)):
        assert isinstance(refused(ask, "unknown_customer"), UnknownCustomerError)
    assert party not in worth
    assert worth.get(party) is None


def test_the_top_holds_whole_numbers_of_parties_only():
    worth = full()
    assert worth.top(0) == []
    assert worth.top(99) == [("SECRET-8", 3.0), ("SECRET-7", 2.0)]
    for n in (-1, 1.5, "SECRET", None, True):
        refused(lambda n=n: worth.top(n), "bad_option")


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("pandas", pd.DataFrame),
        ("objects", pd.DataFrame),
        ("polars", pl.DataFrame),
        ("pyarrow", pa.Table),
    ],
)
def test_a_frame_has_one_row_a_party_and_what_is_known(kind, make):
    worth = full()
    some = PartyValues(ids=worth.ids, value=worth.value, kind=kind)
    every = PartyValues(
        ids=worth.ids,
        value=worth.value,
        own=worth.own,
        low=worth.low,
        high=worth.high,
        kind=kind,
    )
    columns = {"party_id": ["SECRET-7", "SECRET-8"], "value": [2.0, 3.0]}
    for one, wanted in (
        (some, columns),
        (
            every,
            columns | {"own": [1.0, 1.5], "low": [1.75, 2.5], "high": [2.25, 3.5]},
        ),
    ):
        frame = one.to_frame()
        assert type(frame) is make
        names = getattr(frame, "column_names", None) or list(frame.columns)
        assert {name: list(map(_plain, frame[name])) for name in names} == wanted


def _plain(value: Any) -> Any:
    return value.as_py() if isinstance(value, pa.Scalar) else value


def test_values_of_nobody_are_an_empty_mapping():
    nobody = PartyValues(ids=np.empty(0, dtype=object), value=np.empty(0))
    assert dict(nobody) == {}
    assert nobody.total == 0
    assert nobody.top(3) == []
    assert len(nobody.to_frame()) == 0
    assert repr(nobody) == "PartyValues(0 parties)"


def test_values_are_frozen_and_show_no_ids():
    worth = full()
    assert repr(worth) == str(worth) == "PartyValues(2 parties)"
    with pytest.raises(AttributeError):
        worth.value = np.zeros(2)
    with pytest.raises(TypeError):
        worth["SECRET-7"] = 3.0


def test_copies_of_values_are_equal():
    worth = full()
    again = pickle.loads(pickle.dumps(worth))  # noqa: S301 - our own
    for made in (full(), copy.copy(worth), copy.deepcopy(worth), again):
        assert made == worth
        assert dict(made) == dict(worth)
        assert made.interval("SECRET-8") == (2.5, 3.5)
        assert made.confidence == 0.95


def test_no_array_of_values_can_be_written_to():
    worth = full()
    for array in (worth.ids, worth.value, worth.own, worth.low, worth.high):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


def test_values_that_differ_are_not_equal():
    worth = full()
    bare = PartyValues(ids=worth.ids, value=worth.value)
    assert worth != bare
    assert worth != PartyValues(ids=worth.ids[:1], value=worth.value[:1])
    assert bare != PartyValues(ids=worth.ids, value=worth.value + 1)
    assert bare == PartyValues(ids=worth.ids.copy(), value=worth.value.copy())
    assert worth != "SECRET-7"


# --- back into a summary -------------------------------------------------------------


def bought(**amounts: float) -> Any:
    """Summarize one purchase of each customer."""
    day = dt.date(2011, 1, 1)
    return summarize(
        [
            Transaction(customer_id=one, date=day, amount=amount)
            for one, amount in amounts.items()
        ],
        as_of="2011-02-01",
    )


def worth_of(**values: float) -> PartyValues:
    """Make values of parties."""
    ids = np.array(sorted(values), dtype=object)
    return PartyValues(ids=ids, value=np.array([values[one] for one in sorted(values)]))


def test_values_of_parties_join_a_summary_in_minor_units():
    summary = bought(a=1.0, c=2.0)
    joined = with_network_value(summary, worth_of(c=-3.018, b=7.0, a=1.004))
    assert joined.network_value.tolist() == [100, -302]
    assert summary.network_value is None
    assert joined.value.tolist() == summary.value.tolist() == [100, 200]
    again = with_network_value(joined, worth_of(a=0.0, c=0.0))
    assert again.network_value.tolist() == [0, 0]


def test_every_customer_needs_a_value_to_join():
    for worth in (worth_of(a=1.0), worth_of()):
        error = refused(
            lambda worth=worth: with_network_value(bought(a=1, SECRET=2), worth),
            "missing_value",
        )
        assert error.positions[0] == 0
    whole = PartyValues(ids=np.array([1, 2]), value=np.array([1.0, 2.0]))
    refused(lambda: with_network_value(bought(SECRET=2), whole), "not_an_id")


def test_nobody_can_join_values():
    nobody = summarize([], as_of="2011-02-01")
    for worth in (worth_of(), worth_of(a=1.0)):
        assert with_network_value(nobody, worth).network_value.shape == (0,)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e30])
def test_only_money_joins_a_summary(value):
    worth = worth_of(a=1.0, SECRET=value)
    with pytest.raises(CustomerIdentificationError, match="must"):
        with_network_value(bought(a=1, SECRET=2), worth)


@pytest.mark.parametrize("wrong", [None, {"SECRET": 1.0}, "SECRET", [1.0]])
def test_only_values_of_parties_join_a_summary(wrong):
    refused(lambda: with_network_value(bought(SECRET=1), wrong), "bad_option")
    refused(lambda: with_network_value(wrong, worth_of(a=1.0)), "bad_option")
