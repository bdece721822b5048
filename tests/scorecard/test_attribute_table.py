"""What is known of parties: the same from every kind of frame, objects and summaries."""

import datetime as dt
import math
import pickle
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification.frames import Labels
from scorecard.card_worlds import DAYS, refused, table_of


few = settings(max_examples=40)
ROWS: dict[str, list[Any]] = {
    "customer_id": ["b", "SECRET", "a"],
    "staff": [40, None, 7],
    "share": [0.25, math.nan, -0.0],
    "active": [True, None, False],
    "branch": ["trade", "  ", None],
    "good": [True, None, False],
}


def arrow() -> pa.Table:
    rows = {**ROWS, "share": [0.25, None, -0.0]}
    return pa.table(rows)


def lists(one: Any) -> Any:
    """Give a column as a list, words as words and unknown as None."""
    if isinstance(one, Labels):
        return [None if code < 0 else one.words[code] for code in one.codes.tolist()]
    return [None if math.isnan(x) else x for x in one.tolist()]


def duck() -> Any:
    return duckdb.connect().from_arrow(arrow())


FRAMES: dict[str, Any] = {
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas nullable": lambda: pd.DataFrame(ROWS).convert_dtypes(),
    "pandas by arrow": lambda: arrow().to_pandas(types_mapper=pd.ArrowDtype),
    "pandas by category": lambda: pd.DataFrame(ROWS).astype({"branch": "category"}),
    "polars": lambda: pl.from_arrow(arrow()),
    "polars lazy": lambda: pl.from_arrow(arrow()).lazy(),
    "polars by category": lambda: pl.from_arrow(arrow()).with_columns(
        pl.col("branch").cast(pl.Categorical)
    ),
    "arrow": arrow,
    "arrow by dictionary": lambda: arrow().set_column(
        4, "branch", arrow()["branch"].dictionary_encode()
    ),
    "duckdb": duck,
}


@pytest.mark.parametrize("kind", FRAMES)
def test_all_kinds_of_frames_give_the_same_table(kind: str) -> None:
    table = ci.attribute_table(FRAMES[kind](), outcome="good", later=["active"])
    assert table.customer_ids.tolist() == ["SECRET", "a", "b"]
    assert {name: lists(one) for name, one in table.columns.items()} == {
        "staff": [None, 7, 40],
        "share": [None, 0, 0.25],
        "active": [None, 0, 1],
        "branch": [None, None, "trade"],
    }
    assert lists(table.outcomes) == [None, 0, 1]
    assert table.row(0) == dict.fromkeys(table.names)
    assert table.later == ("active",)
    other = ci.attribute_table(FRAMES["pandas"](), outcome="good", later=["active"])
    assert table == other


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "polars lazy"])
def test_a_table_goes_back_to_the_kind_of_frame_it_came_from(kind: str) -> None:
    table = ci.attribute_table(FRAMES[kind](), outcome="good")
    frame = table.to_frame()
    expected = {"pandas": pd.DataFrame, "arrow": pa.Table}.get(kind, pl.DataFrame)
    assert isinstance(frame, expected)
    again = ci.attribute_table(frame)
    assert again.columns.keys() == table.columns.keys()
    for name in table.names:
        assert lists(again.columns[name]) == lists(table.columns[name])


def test_columns_of_objects_are_numbers_or_else_words() -> None:
    table = table_of(
        {
            "decimal": pd.Series([Decimal("1.5"), None, Decimal(2)], dtype=object),
            "mixed": pd.Series([1, 2.5, True], dtype=object),
            "nothing": pd.Series([None, math.nan, pd.NA], dtype=object),
            "text": pd.Series(["b", None, "a"], dtype=object),
        }
    )
    assert lists(table.columns["decimal"]) == [1.5, None, 2]
    assert lists(table.columns["mixed"]) == [1, 2.5, 1]
    assert lists(table.columns["nothing"]) == [None] * 3
    assert lists(table.columns["text"]) == ["b", None, "a"]


def test_one_word_has_one_code_however_it_is_written() -> None:
    try:
        table = table_of({"x": pd.Series([1, "1", "a", 1.0], dtype=object)})
    except ci.InvalidInputError as error:
        assert error.code == "wrong_type"  # noqa: PT017 - either way will do
    else:
        one = table.columns["x"]
        assert len(set(one.words)) == len(one.words)
        assert lists(one) == ["1", "1", "a", "1"]


def test_decimals_of_arrow_are_numbers() -> None:
    column = pa.array([Decimal("1.25"), None], pa.decimal128(9, 2))
    table = ci.attribute_table(pa.table({"customer_id": [1, 2], "x": column}))
    assert lists(table.columns["x"]) == [1.25, None]


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float32", "Int16", "Float32"])
def test_numbers_of_all_widths_are_floats(dtype: str) -> None:
    table = table_of({"x": pd.Series([3, 1], dtype=dtype)})
    assert table.columns["x"].dtype == np.float64
    assert table.columns["x"].tolist() == [3, 1]


# --- who is here ----------------------------------------------------------------------------


def test_a_table_knows_who_is_here_and_says_nothing_of_them() -> None:
    table = ci.attribute_table(FRAMES["pandas"](), outcome="good")
    assert len(table) == 3
    assert list(table) == ["SECRET", "a", "b"]
    assert "a" in table
    assert "c" not in table
    assert 0 not in table
    assert repr(table) == "AttributeTable(3 parties, 4 attributes, 2 outcomes)"
    assert table.names == ("staff", "share", "active", "branch")
    assert pickle.loads(pickle.dumps(table)) == table  # noqa: S301


def test_the_arrays_of_a_table_cannot_be_written_to() -> None:
    table = ci.attribute_table(FRAMES["pandas"](), outcome="good")
    for one in (table.customer_ids, table.outcomes, table.columns["staff"]):
        with pytest.raises(ValueError, match="read-only"):
            one[0] = one[1]


def test_nobody_is_a_table_too() -> None:
    frame = pd.DataFrame({"customer_id": [], "x": [], "good": []})
    table = ci.attribute_table(frame, outcome="good", as_of=DAYS)
    assert len(table) == len(table.to_frame()) == 0
    assert list(table) == []
    assert table.outcomes.size == 0
    assert len(ci.attribute_table([])) == 0
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="x", limits=[1], points=[0, 1])]
    )
    assert card.score(table).score.size == 0
    classes = ci.ProspectClassifier(card=card).fit(table).classify(table)
    assert sum(classes.counts().values()) == 0


def test_one_party_of_whom_nothing_is_known_can_be_scored_and_classed() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="staff", limits=[1], points=[0, 1]),
            ci.WordPoints(name="branch", words=[["trade"]], points=[1]),
        ]
    )
    rule = ci.ProspectRule(
        card=card,
        pursue=1,
        nurture=0,
        min_known=0,
        cautions=(
            ci.Caution(attribute="branch", words="crime"),
            ci.Caution(attribute="share", at_least=1),
        ),
    )
    nobody = {"customer_id": [1], "staff": [None], "branch": [None], "share": [None]}
    for frame in (pd.DataFrame(nobody), pl.DataFrame(nobody), pa.table(nobody)):
        table = ci.attribute_table(frame, as_of=DAYS)
        assert rule.classify(table).label_of(1) == "nurture"


# --- taking apart and putting together -------------------------------------------------------------


@st.composite
def tables(draw: Any) -> ci.AttributeTable:
    ids = draw(st.lists(st.integers(0, 30), min_size=1, max_size=8, unique=True))
    n = len(ids)
    numbers = draw(
        st.lists(st.one_of(st.none(), st.floats(-9, 9)), min_size=n, max_size=n)
    )
    words = draw(
        st.lists(st.sampled_from([None, "a", "b", " "]), min_size=n, max_size=n)
    )
    told = draw(st.lists(st.sampled_from([None, True, False]), min_size=n, max_size=n))
    frame = pd.DataFrame(
        {
            "customer_id": ids,
            "n": np.array(numbers, float),
            "w": pd.Series(words, dtype=object),
            "good": pd.Series(told, dtype="boolean"),
        }
    )
    groups = {"social": ["w"], "value": ["n"]}
    return ci.attribute_table(frame, outcome="good", groups=groups, as_of=DAYS)


@few
@given(tables(), st.randoms(use_true_random=False))
def test_taking_gives_the_rows_asked_for(table: Any, random: Any) -> None:
    rows = [row for row in range(len(table)) if random.random() < 0.5]
    part = table.take(np.array(rows, dtype=np.intp))
    assert part == table.take(np.isin(np.arange(len(table)), rows))
    assert [part.row(i) for i in range(len(part))] == [table.row(row) for row in rows]
    assert part.customer_ids.tolist() == table.customer_ids[rows].tolist()
    assert lists(part.outcomes) == [lists(table.outcomes)[row] for row in rows]


@few
@given(tables(), st.randoms(use_true_random=False))
def test_renaming_goes_by_the_order_of_ids_and_sorts_anew(
    table: Any, random: Any
) -> None:
    new = random.sample(range(1000), len(table))
    names = [f"party {one}" for one in new]
    again = table.renamed(names)
    assert again.customer_ids.tolist() == sorted(names)
    rows = dict(zip(names, range(len(table)), strict=True))
    for at, name in enumerate(again):
        assert again.row(at) == table.row(rows[name])
        assert lists(again.outcomes)[at] == lists(table.outcomes)[rows[name]]
    back = again.renamed([table.customer_ids[rows[one]] for one in again])
    assert back == table


@few
@given(tables(), st.integers(-1, 31))
def test_who_is_erased_leaves_the_others_as_they_were(table: Any, one: int) -> None:
    gone = ci.erase(table, one)
    assert gone.removed == (one in table)
    kept = [at for at, each in enumerate(table) if each != one]
    assert gone.thing == table.take(np.array(kept, dtype=np.intp))
    assert one not in gone.thing
    for strange in (True, "1", None):
        with pytest.raises(ci.InvalidInputError):
            ci.erase(table, strange)


def test_true_is_no_id_to_leave_out() -> None:
    table = table_of({"n": [1.0, 2.0]}, ids=[1, 2])
    assert list(table.without_party(1)) == [2]
    assert list(table.without_party("1")) == [1, 2]
    assert list(table.without_party(True)) == [1, 2]  # noqa: FBT003 - who might pass one


@few
@given(tables(), tables())
def test_joining_adds_what_is_known_elsewhere(table: Any, other: Any) -> None:
    other = ci.attribute_table(
        other.to_frame().rename(columns={"n": "m", "w": "v"}), as_of=DAYS
    )
    both = table.join(other)
    assert both.names == (*table.names, *other.names)
    assert both.customer_ids.tolist() == table.customer_ids.tolist()
    assert both.only(table.names) == table
    rows = {one: other.row(at) for at, one in enumerate(other)}
    for at, one in enumerate(both):
        there = rows.get(one, dict.fromkeys(other.names))
        assert both.row(at) == {**table.row(at), **there}


def test_only_some_attributes_keep_what_is_said_of_them() -> None:
    table = table_of(
        {"n": [1.0], "m": [2.0], "w": ["a"]},
        groups={"value": ["n"], "social": ["w"]},
        later=["m"],
    )
    assert table.only(["w", "m"]).names == ("w", "m")
    assert table.only(["w", "m"]).groups == {"w": "social"}
    assert table.only(["w", "m"]).later == ("m",)
    assert table.only(["n"]).later == ()
    assert table.of("value").names == ("n",)
    assert table.of("behavioural").names == ()
    with refused("bad_option"):
        table.of("economic")
    with refused("missing_column", kind=ci.MissingColumnError):
        table.only(["x"])
    with refused("bad_option"):
        table.only("n")
    with refused("missing_column", kind=ci.MissingColumnError):
        table.column("x")


def test_a_table_knows_its_day_or_takes_one() -> None:
    table = table_of({"n": [1.0]})
    assert table.day() == DAYS
    assert table.day("2012-01-05") == dt.date(2012, 1, 5)
    timeless = table_of({"n": [1.0]}, as_of=None)
    assert timeless.as_of is None
    assert timeless.day(DAYS) == DAYS
    with refused("no_day"):
        timeless.day()


def test_outcomes_come_from_a_mapping_or_a_series() -> None:
    table = table_of({"n": [1.0, 2.0, 3.0]}, ids=["c", "a", "b"])
    told = table.with_outcomes({"c": True, "a": False, "z": True})
    assert lists(told.outcomes) == [0, None, 1]
    again = table.with_outcomes(pd.Series([1, 0], index=["c", "a"]))
    assert again == told
    assert table.with_outcomes({"c": True, "a": False, "b": None}) == told
    assert table.with_outcomes({}).outcomes.tolist() != []
    assert table.outcomes is None


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([True, False], "not_a_mapping"),
        (None, "not_a_mapping"),
        ({"c": 2}, "bad_outcome"),
        ({"c": "yes"}, "wrong_type"),
        ({1: True}, "not_an_id"),
        ({None: True}, "not_an_id"),
    ],
)
def test_outcomes_that_cannot_be_are_refused(outcomes: Any, code: str) -> None:
    table = table_of({"n": [1.0, 2.0, 3.0]}, ids=["c", "a", "b"])
    with refused(code):
        table.with_outcomes(outcomes)


def test_joining_what_does_not_fit_is_refused() -> None:
    table = table_of({"n": [1.0]})
    with refused("duplicate_column"):
        table.join(table)
    with refused("not_an_id"):
        table.join(table_of({"m": [1.0]}, ids=["SECRET"]))


def test_nothing_of_a_later_day_is_joined() -> None:
    table, later = table_of({"n": [1.0]}), table_of({"m": [1.0]}, as_of="2012-01-01")
    for one in (table, table_of({"n": [1.0]}, as_of=None)):
        with refused("bad_dates"):
            one.join(later)
    assert later.join(table).names == ("m", "n")


def test_parties_are_asked_by_id_and_left_out_by_id() -> None:
    table = table_of({"n": [1.0, None, 3.0]}, ids=["c", "a", "b"])
    assert table["a"] == {"n": None}
    assert table["c"] == {"n": 1}
    for one in ("d", 0, True):
        with pytest.raises(ci.UnknownCustomerError):
            table[one]
    assert list(table.without(["b", "z"])) == ["a", "c"]
    assert list(table.without([])) == ["a", "b", "c"]
    with refused("not_an_id"):
        table.without([1])


@pytest.mark.parametrize("new", [["a"], ["a", "a"], ["a", None], [1.5, 2], "ab"])
def test_new_ids_that_cannot_be_are_refused(new: Any) -> None:
    with pytest.raises(ci.InvalidInputError):
        table_of({"n": [1.0, 2.0]}).renamed(new)


def test_tables_are_equal_where_all_is() -> None:
    columns = {"n": [1.0, np.nan], "w": ["a", "b"]}
    table = table_of(columns)
    assert table == table_of(columns)
    assert table != table_of({**columns, "n": [1.0, 2.0]})
    assert table != table_of({**columns, "w": [1.0, 2.0]})
    assert table != table_of({"n": columns["n"], "v": columns["w"]})
    assert table != table_of(columns, as_of="2011-12-30")
    assert table != table_of(columns, later=["n"])
    assert table != "a table"


# --- customers -----------------------------------------------------------------------------------


def attribute(name: str, value: Any, **more: Any) -> ci.Attribute:
    return ci.Attribute(
        **{
            "kind": "demographics",
            "name": name,
            "value": value,
            "observed_on": dt.date(2011, 3, 1),
            "source": "survey",
            **more,
        }
    )


def customer(one: Any, *attributes: ci.Attribute) -> ci.Customer:
    return ci.Customer(customer_id=one, kind="person", attributes=attributes)


PEOPLE = [
    customer(
        "b",
        attribute("age", 41),
        attribute("age", 42, observed_on=dt.date(2011, 9, 1)),
        attribute("home", "own"),
        attribute("late payments", 3, kind="credit_history"),
    ),
    customer("SECRET", attribute("home", "rent"), attribute("vip", value=True)),
    customer("a"),
]


def test_customers_give_the_newest_that_is_known_of_each() -> None:
    table = ci.attribute_table(PEOPLE)
    assert table.customer_ids.tolist() == ["SECRET", "a", "b"]
    assert {name: lists(one) for name, one in table.columns.items()} == {
        "age": [None, None, 42],
        "home": ["rent", None, "own"],
        "late payments": [None, None, 3],
        "vip": [1, None, None],
    }
    assert table.groups == {
        "age": "social",
        "home": "social",
        "late payments": "value",
        "vip": "social",
    }
    assert ci.attribute_table(iter(PEOPLE)) == table
    assert ci.attribute_table(tuple(PEOPLE[::-1])) == table
    assert isinstance(table.to_frame(), pd.DataFrame)


def test_customers_give_only_what_was_known_by_the_day() -> None:
    table = ci.attribute_table(PEOPLE, as_of="2011-08-31")
    assert lists(table.columns["age"]) == [None, None, 41]
    assert table.as_of == dt.date(2011, 8, 31)
    early = ci.attribute_table(PEOPLE, as_of="2011-02-28", attributes=["age"])
    assert lists(early.columns["age"]) == [None] * 3


def test_customers_give_what_consent_allows_for_the_purpose() -> None:
    consent = ci.Consent(purposes=["credit"], given_on=dt.date(2011, 1, 1))
    people = [
        customer(1, attribute("income", 900, consent=consent), attribute("age", 30))
    ]
    given_ = {"as_of": "2011-12-31"}
    assert ci.attribute_table(people, **given_).names == ("age",)
    assert ci.attribute_table(people, purpose="ads", **given_).names == ("age",)
    told = ci.attribute_table(people, purpose="credit", **given_)
    assert told.row(0) == {"age": 30, "income": 900}
    none = ci.attribute_table(people, attributes=["income"], purpose="ads", **given_)
    assert none.row(0) == {"income": None}


def test_customers_with_one_name_of_two_kinds_are_refused() -> None:
    money = {"kind": "credit_history"}
    for people in (
        [customer(1, attribute("x", 1), attribute("x", 2, **money))],
        [customer(1, attribute("x", 1)), customer(2, attribute("x", 2, **money))],
    ):
        with refused("ambiguous", "'x'"):
            ci.attribute_table(people)


def test_what_customers_say_newest_may_be_that_nobody_knows() -> None:
    newer = attribute("age", None, observed_on=dt.date(2011, 5, 1))
    people = [customer(1, attribute("age", 30), newer)]
    assert ci.attribute_table(people).row(0) == {"age": None}


def test_all_that_is_not_a_customer_is_refused() -> None:
    for data in ([1, 2], [*PEOPLE, None], [{"customer_id": 1}]):
        with refused("not_a_table"):
            ci.attribute_table(data)


def test_customers_twice_or_of_mixed_ids_are_refused() -> None:
    with refused("duplicate_id"):
        ci.attribute_table([PEOPLE[0], PEOPLE[0]])
    with refused("not_an_id"):
        ci.attribute_table([customer(1), customer("SECRET")])


# --- a summary --------------------------------------------------------------------------------------


def test_a_summary_gives_its_numbers_by_group() -> None:
    summary = ci.summarize(
        [
            ci.Transaction(
                customer_id=one, date=dt.date(2011, month, 5), amount=10 * one
            )
            for one in (2, 1)
            for month in (1, 5, 7)
        ],
        as_of="2011-07-31",
    )
    table = ci.attribute_table(summary)
    assert table.as_of == dt.date(2011, 7, 31)
    assert table.customer_ids.tolist() == [1, 2]
    assert table.columns["value"].tolist() == [30, 60]
    assert table.groups["value"] == "value"
    assert table.groups["recency"] == "behavioural"
    assert "customer_id" not in table.names
    some = ci.attribute_table(
        summary, attributes=["recency", "amount"], groups={"social": ["recency"]}
    )
    assert some.names == ("recency", "amount")
    assert some.groups == {"recency": "social", "amount": "value"}
    with refused("missing_column", kind=ci.MissingColumnError):
        ci.attribute_table(summary, attributes=["height"])
    known = table_of({"age": [30.0]}, ids=[2], as_of="2011-07-31")
    both = table.only(["value"]).join(known)
    assert both.row(0) == {"value": 30, "age": None}


# --- refused ------------------------------------------------------------------------------------------

LEADS = {"customer_id": ["a", "SECRET"], "x": [1.0, 2.0], "good": [0, 1]}


def leads(**changed: Any) -> pd.DataFrame:
    return pd.DataFrame({**LEADS, **changed})


def objects(*values: Any) -> pd.Series:
    return pd.Series(list(values), dtype=object)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (leads(customer_id=["SECRET", "SECRET"]), "duplicate_id"),
        (leads(customer_id=[1, 1]), "duplicate_id"),
        (leads(customer_id=["SECRET", None]), "not_an_id"),
        (leads(customer_id=["SECRET", "  "]), "not_an_id"),
        (leads(customer_id=[1.5, 2]), "not_an_id"),
        (leads(customer_id=[1.0, math.nan]), "not_an_id"),
        (leads(customer_id=objects("SECRET", 1)), "not_an_id"),
        (leads(customer_id=[True, False]), "wrong_type"),
        (leads(x=pd.to_datetime(["2011-01-01", "2011-01-02"])), "wrong_type"),
        (leads(x=pd.to_timedelta([1, 2], unit="D")), "wrong_type"),
        (leads(x=objects(dt.date(2011, 1, 1), None)), "wrong_type"),
        (leads(x=objects(b"a", b"b")), "wrong_type"),
        (leads(x=objects([1], [2])), "wrong_type"),
        (leads(x=objects({}, "SECRET")), "wrong_type"),
        (leads(x=objects(1 + 2j, 3)), "wrong_type"),
        (leads(x=[1 + 2j, 3]), "wrong_type"),
        (leads(x=[math.inf, 1]), "not_finite"),
        (leads(x=[1, -math.inf]), "not_finite"),
        (leads(x=objects(math.inf, 1)), "not_finite"),
        (leads(good=["yes", "no"]), "bad_outcome"),
        (leads(good=[0, 2]), "bad_outcome"),
        (leads(good=[0.5, 1]), "bad_outcome"),
        (leads(good=[math.inf, 1]), "bad_outcome"),
        (leads().drop(columns="customer_id"), "missing_column"),
        (leads().drop(columns="good"), "missing_column"),
        (leads().rename(columns={"x": 7}), "column_names"),
        (leads().rename(columns={"x": "good"}), "duplicate_column"),
        ({"customer_id": [1]}, "not_a_table"),
        (None, "not_a_table"),
        ("leads.csv", "not_a_table"),
        (np.zeros((2, 2)), "not_a_table"),
        (leads()["x"], "not_a_table"),
        ({1, 2}, "not_a_table"),
    ],
)
def test_data_that_cannot_be_attributes_are_refused(frame: Any, code: str) -> None:
    with refused(code):
        ci.attribute_table(frame, outcome="good")


def test_whole_numbers_beyond_all_floats_are_refused() -> None:
    with refused("too_large"):
        table_of({"x": objects(10**400, 1)})


def test_dates_of_customers_are_no_words() -> None:
    people = [customer(1, attribute("birth", dt.date(1980, 5, 1)))]
    with refused("wrong_type", "birth"):
        ci.attribute_table(people)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"customer_id": "id"}, "missing_column"),
        ({"customer_id": None}, "bad_option"),
        ({"customer_id": ["customer_id"]}, "bad_option"),
        ({"outcome": ["good"]}, "bad_option"),
        ({"outcome": 5}, "bad_option"),
        ({"attributes": "x"}, "bad_option"),
        ({"attributes": [1]}, "bad_option"),
        ({"attributes": ["y"]}, "missing_column"),
        ({"attributes": ["x", "good"], "outcome": "good"}, "bad_option"),
        ({"attributes": ["customer_id"]}, "bad_option"),
        ({"later": "x"}, "bad_option"),
        ({"later": ["y"]}, "missing_column"),
        ({"later": 5}, "bad_option"),
        ({"groups": ["x"]}, "bad_option"),
        ({"groups": {"economic": ["x"]}}, "bad_option"),
        ({"groups": {"social": "x"}}, "bad_option"),
        ({"groups": {"social": 5}}, "bad_option"),
        ({"groups": {"social": [["x"]]}}, "bad_option"),
        ({"groups": {"social": ["y"]}}, "missing_column"),
        ({"groups": {"social": ["x"], "value": ["x"]}}, "bad_option"),
    ],
)
def test_options_of_reading_are_checked(asked: Any, code: str) -> None:
    with refused(code):
        ci.attribute_table(leads(), **asked)


def test_an_attribute_never_takes_the_place_of_the_ids() -> None:
    frame = leads().rename(columns={"customer_id": "lead", "x": "customer_id"})
    with pytest.raises(ci.InvalidInputError):
        ci.attribute_table(frame, customer_id="lead")
    with pytest.raises(ci.InvalidInputError):
        ci.attribute_table([customer(1, attribute("customer_id", 7))])


def test_ids_are_no_outcomes() -> None:
    with refused("bad_option"):
        ci.attribute_table(leads(customer_id=[1, 0]), outcome="customer_id")


def test_blank_text_makes_no_words_of_numbers() -> None:
    table = table_of({"x": objects(1, "  ", None)})
    assert lists(table.columns["x"]) == [1, None, None]


@pytest.mark.parametrize("as_of", ["soon", 5, dt.date, ""])
def test_days_of_reading_are_checked(as_of: Any) -> None:
    with pytest.raises(ci.InvalidInputError):
        ci.attribute_table(leads(), as_of=as_of)


def test_an_outcome_is_a_column_of_frames_alone() -> None:
    summary = ci.summarize(
        [ci.Transaction(customer_id=1, date=dt.date(2011, 7, 1), amount=1)],
        as_of="2011-07-31",
    )
    for data in (PEOPLE, summary):
        with refused("bad_option"):
            ci.attribute_table(data, outcome="good")


def test_options_that_the_data_have_no_place_for_are_refused() -> None:
    summary = ci.summarize(
        [ci.Transaction(customer_id=1, date=dt.date(2011, 7, 1), amount=1)],
        as_of="2011-07-31",
    )
    for data, asked in (
        (PEOPLE, {"customer_id": "id"}),
        (summary, {"customer_id": "id"}),
        (summary, {"as_of": "2011-07-30"}),
        (summary, {"purpose": "credit"}),
        (leads(), {"purpose": "credit"}),
    ):
        with refused("bad_option"):
            ci.attribute_table(data, **asked)
    assert ci.attribute_table(summary, as_of="2011-07-31").as_of == summary.as_of


def test_attributes_that_no_customer_has_are_refused() -> None:
    with refused("missing_column", "'height'", ci.MissingColumnError):
        ci.attribute_table(PEOPLE, attributes=["age", "height"])


def test_what_was_withheld_is_counted() -> None:
    consent = ci.Consent(purposes=["credit"], given_on=dt.date(2011, 1, 1))
    people = [
        customer(1, attribute("income", 900, consent=consent), attribute("age", 30)),
        customer(2, attribute("age", 40, observed_on=dt.date(2012, 3, 1))),
    ]
    table = ci.attribute_table(people, as_of="2011-12-31")
    assert table.row(0) == {"age": 30}
    assert table.withheld == {"income": 1, "age": 1}
    assert repr(table).endswith("2 values withheld)")


def test_errors_say_where_and_not_who() -> None:
    frame = leads(customer_id=["SECRET", "SECRET"])
    with refused("duplicate_id", "fails for 2 of 2, first at position 0") as found:
        ci.attribute_table(frame)
    assert found.value.positions == (0, 1)
    assert found.value.column == "customer_id"


# --- who and what is left out --------------------------------------------------------------------


@few
@given(tables(), st.lists(st.integers(-1, 31), max_size=6))
def test_leaving_out_many_is_leaving_out_each(table: Any, others: Any) -> None:
    left = table.without(others)
    one_by_one = table
    for one in others:
        one_by_one = one_by_one.without_party(one)
    assert left == one_by_one
    assert list(left) == [one for one in table if one not in others]
    for one in left:
        assert left[one] == table[one]
    assert table.without(np.array(others, dtype=np.int64)) == left
    assert table.without(pl.Series(others, dtype=pl.Int64)) == left
    assert table.without([*others, *others]) == left


def test_buyers_are_left_out_of_leads_by_the_ids_of_a_summary() -> None:
    summary = ci.summarize(
        [ci.Transaction(customer_id=one, date=DAYS, amount=1) for one in ("a", "z")],
        as_of=DAYS,
    )
    leads_ = table_of({"n": [1.0, 2.0]}, ids=["a", "b"])
    assert list(leads_.without(summary.customer_ids)) == ["b"]
    for wrong in (None, "a", {"a"}, summary, [1], [1.5], [True]):
        with pytest.raises(ci.InvalidInputError):
            leads_.without(wrong)


def test_what_others_withheld_is_counted_too_after_joining() -> None:
    later = dt.date(2012, 1, 1)

    def people(*names: str) -> ci.AttributeTable:
        told = [attribute(name, 1, observed_on=later) for name in names]
        return ci.attribute_table([customer(1, *told)], as_of=DAYS)

    both = people("age", "size").join(people("age"))
    assert both.withheld == {"age": 2, "size": 1}
    assert both.names == ()
    with refused("bad_option"):
        both.join({})


def test_only_what_was_asked_for_is_counted_as_withheld() -> None:
    later = dt.date(2012, 1, 1)
    secret = ci.Consent(purposes=["credit"], given_on=dt.date(2011, 1, 1))
    people = [
        customer(
            1,
            attribute("age", 1, observed_on=later),
            attribute("age", 2, observed_on=later),
            attribute("income", 3, consent=secret),
            attribute("home", "own"),
        ),
        customer(2, attribute("age", 7), attribute("income", 4, consent=secret)),
    ]
    asked = {
        None: {"age": 2, "income": 2},
        ("home",): {},
        ("age",): {"age": 2},
        ("income", "home"): {"income": 2},
    }
    for attributes, expected in asked.items():
        table = ci.attribute_table(people, as_of=DAYS, attributes=attributes)
        assert table.withheld == expected
        is_told = "withheld" in repr(table)
        assert is_told == bool(expected)
    open_ = ci.attribute_table(people, as_of=DAYS, purpose="credit")
    assert open_.withheld == {"age": 2}
    assert open_[2] == {"age": 7, "home": None, "income": 4}
    assert ci.attribute_table(people, purpose="credit").withheld == {}
    assert "SECRET" not in repr(open_)


def test_a_mapping_by_id_leaves_those_of_others_out_and_says_how_many() -> None:
    table = table_of({"n": [1.0, 2.0]}, ids=["a", "b"])
    assert repr(table) == "AttributeTable(2 parties, 1 attributes)"
    assert repr(table.with_outcomes({"z": True})).endswith(", 0 outcomes)")
    assert repr(table.with_outcomes({"a": True})).endswith(", 1 outcomes)")
