"""Malformed rows and tables of roles raise errors that hold no id, or are set aside."""

# mypy: disable-error-code="arg-type"
# ruff: noqa: DTZ001 - stamps without a zone are allowed

import datetime as dt
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from customer_identification import (
    Agreement,
    BadRowsError,
    Customer,
    InvalidInputError,
    MissingColumnError,
    Role,
    RoleRule,
    Transaction,
    assign_roles,
)
from tables import KINDS


JAN_1, JAN_9 = dt.date(2011, 1, 1), dt.date(2011, 1, 9)
STAMP = dt.datetime(2011, 1, 1, 12)
LATER = dt.datetime(2011, 3, 1)
SECRETS = ("Zuse", "Lovelace", "Hopper", "4711", "880173", "Mrs Smith", "9431")

TYPES = {
    **dict.fromkeys(("opened", "closed", "date", "since", "until"), pa.timestamp("us")),
}


def table(**columns: list[Any]) -> pa.Table:
    """Make an Arrow table; what is all null is text."""
    arrays = {}
    for name, values in columns.items():
        known = [one for one in values if one is not None]
        kind = TYPES.get(name) or (None if known else pa.string())
        arrays[name] = pa.array(values, type=kind)
    return pa.table(arrays)


# Each: table, columns, what is wrong, first row of it, and how many.
AGREEMENTS = {
    "agreement_id": ["Zuse-4711", "b", "c"],
    "owner_id": ["Lovelace", "Hopper", "Mrs Smith"],
    "opened": [STAMP, STAMP, STAMP],
    "closed": [None, LATER, None],
}
TRANSACTIONS = {
    "customer_id": ["Lovelace", "Hopper", "Mrs Smith"],
    "agent_id": ["Zuse-4711", None, None],
    "date": [STAMP, STAMP, LATER],
}
STATEMENTS = {
    "party_id": ["Lovelace", "Hopper", "Mrs Smith"],
    "kind": ["competitor", "owner", "spy"],
    "scope": [None, "lines", None],
    "since": [STAMP, STAMP, LATER],
    "until": [None, LATER, LATER],
}
PARTIES = {
    "customer_id": ["Lovelace", "Hopper", "Mrs Smith"],
    "since": [STAMP, STAMP, STAMP],
}
TABLES = {
    "agreements": AGREEMENTS,
    "transactions": TRANSACTIONS,
    "statements": STATEMENTS,
    "parties": PARTIES,
}
BAD_ROWS = [
    ("agreements", {"agreement_id": ["a", None, "c"]}, "no agreement_id", [1]),
    ("agreements", {"agreement_id": ["a", " ", ""]}, "no agreement_id", [1, 2]),
    ("agreements", {"opened": [STAMP, None, None]}, "no opened", [1, 2]),
    ("agreements", {"opened": [LATER, LATER, LATER], "closed": [None, STAMP, None]},
     "closed before opened", [1]),
    ("agreements", {"owner_id": [None, "x", None]}, "nobody is named", [0, 2]),
    ("agreements", {"agreement_id": ["a", "b", "a"], "opened": [STAMP, STAMP, LATER]},
     "overlapping agreements", [0, 2]),
    ("agreements", {"agreement_id": ["b", "b", "a"], "opened": [LATER, STAMP, STAMP],
                    "closed": [None, LATER, None]}, "overlapping agreements", [0, 1]),
    ("transactions", {"date": [STAMP, None, LATER]}, "no date", [1]),
    ("statements", {"party_id": ["a", None, "c"]}, "no party_id", [1]),
    ("statements", {"kind": [None, "owner", " "]}, "no kind", [0, 2]),
    ("statements", {"since": [STAMP, STAMP, None]}, "no since", [2]),
    ("statements", {"since": [STAMP, LATER, LATER], "until": [None, STAMP, STAMP]},
     "until before since", [1, 2]),
    ("statements", {"scope": [None, None, None]}, "a role in no agreement or scope",
     [1]),
    ("statements", {"scope": [" ", "", "x"], "kind": ["agent", "bill_payer", "spy"]},
     "a role in no agreement or scope", [0, 1]),
    ("statements", {"towards": ["Lovelace", None, "Hopper"]},
     "a role towards oneself", [0]),
    ("parties", {"customer_id": ["a", "b", None]}, "no customer_id", [2]),
    ("parties", {"since": [None, STAMP, STAMP]}, "no since", [0]),
]  # fmt: skip
ROW_IDS = [f"{name}: {why}" for name, _, why, _ in BAD_ROWS]
ROW_IDS = [f"{at}, {one}" for at, one in enumerate(ROW_IDS)]


@pytest.mark.parametrize(("name", "wrong", "why", "rows"), BAD_ROWS, ids=ROW_IDS)
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_row_that_cannot_be_used_raises_or_is_set_aside(name, wrong, why, rows, kind):
    columns = TABLES[name] | wrong
    frame = KINDS[kind](table(**columns))
    with pytest.raises(BadRowsError) as caught:
        assign_roles(**{name: frame})
    error = caught.value
    assert error.code == "bad_rows"
    assert error.positions == tuple(rows)
    assert f"{len(rows)} of 3 rows: {why}, first at row {rows[0]}" in str(error)
    assert not any(word in str(error) for word in SECRETS)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - ours

    book = assign_roles(**{name: frame}, on_bad_rows="report")
    good = [at for at in range(3) if at not in rows]
    left = {column: [values[at] for at in good] for column, values in columns.items()}
    assert book == assign_roles(**{name: KINDS[kind](table(**left))})
    assert (book.report.read, book.report.used) == (3, len(good))
    ((reason, n),) = book.report.set_aside
    assert reason.endswith(f": {why}")
    assert n == len(rows)


def test_a_row_with_several_faults_is_counted_once_for_the_first():
    frame = table(
        party_id=[None, "a", "a"],
        kind=[None, None, "owner"],
        since=[None, None, None],
    )
    book = assign_roles(statements=frame, on_bad_rows="report")
    assert [n for _, n in book.report.set_aside] == [1, 1, 1]
    assert "3 rows: 0 used" in str(book.report)
    assert book == assign_roles()


def test_transactions_without_a_customer_are_always_set_aside_and_counted():
    frame = table(
        customer_id=[None, "a", " "], payer_id=["p", None, "p"], date=[STAMP] * 3
    )
    book = assign_roles(transactions=frame)
    assert book.ids.tolist() == ["a"]
    assert book.report.set_aside == (("transaction: no customer_id", 2),)


def test_of_agreements_that_overlap_the_same_are_kept_whatever_the_order():
    columns = {
        "agreement_id": ["a", "a", "a", "b"],
        "owner_id": ["x", "y", "z", "x"],
        "opened": [STAMP, STAMP, LATER, STAMP],
        "closed": [None, None, None, None],
    }
    books = []
    for order in ([0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0]):
        rows = {name: [values[at] for at in order] for name, values in columns.items()}
        books.append(assign_roles(table(**rows), on_bad_rows="report"))
    assert books[0] == books[1] == books[2]
    assert books[0].report == books[1].report == books[2].report


# --- agreements as objects -------------------------------------------------------------


def agreement(
    agreement_id: Any = "Zuse-4711", roles: Any = (), **more: Any
) -> Agreement:
    return Agreement(
        **{"agreement_id": agreement_id, "roles": roles, "opened": JAN_1, **more}
    )


def owner(**more: Any) -> Role:
    return Role(**{"party_id": "Lovelace", "kind": "owner", "since": JAN_1, **more})


EARLY = dt.date(2010, 12, 31)
OBJECTS = [
    ("outside", [agreement(roles=[owner(since=EARLY)])]),
    ("outside", [agreement(roles=[owner(until=JAN_9)], closed=JAN_1)]),
    ("before since", [agreement(roles=[owner(since=JAN_9)], closed=JAN_1)]),
    (
        "overlap",
        [
            agreement(roles=[owner()]),
            agreement(roles=[owner(since=JAN_9)], opened=JAN_9),
        ],
    ),
    ("overlap", [agreement(roles=[owner()]), agreement(roles=[], opened=JAN_9)]),
    ("overlap", [agreement(), agreement(roles=[owner(since=JAN_9)], opened=JAN_9)]),
]


@pytest.mark.parametrize(
    ("why", "given"), OBJECTS, ids=[f"{at}, {one[0]}" for at, one in enumerate(OBJECTS)]
)
def test_agreement_objects_that_contradict_themselves_are_refused(why, given):
    with pytest.raises(BadRowsError, match=why) as caught:
        assign_roles(given)
    assert caught.value.code == "bad_rows"
    assert not any(word in str(caught.value) for word in SECRETS)


def test_agreements_closed_and_opened_again_do_not_overlap():
    given = [
        agreement(roles=[owner(since=JAN_9)], opened=JAN_9),
        agreement(roles=[owner()], closed=dt.date(2011, 1, 8)),
    ]
    book = assign_roles(given)
    assert len(book) == 1  # one spell, with no day between
    assert book.roles_of("Lovelace")[0].since == JAN_1
    with pytest.raises(BadRowsError, match="overlap"):
        assign_roles([given[0], agreement(roles=[owner()], closed=JAN_9)])


# --- tables that are none, and ids that are none ---------------------------------------

NOT_TABLES: list[Any] = [
    {},
    {"agreement_id": [1]},
    "",
    "Lovelace",
    b"4711",
    7,
    1.5,
    object(),
    pd.Series(["Zuse"]),
    pl.Series(["Zuse"]),
    np.array([[1, 2]]),
    [7],
    ["Lovelace"],
    [None],
    [Customer(customer_id="Zuse", kind="person"), 7],
]


@pytest.mark.parametrize("wrong", NOT_TABLES, ids=[str(n) for n in range(15)])
@pytest.mark.parametrize("name", ["agreements", "transactions", "statements"])
def test_what_is_no_table_is_refused(name, wrong):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: wrong})
    assert caught.value.code == "not_a_table"
    assert not any(word in str(caught.value) for word in SECRETS)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "not_a_table"),
        ("", "not_a_table"),
        ("Zuse", "not_a_table"),
        (7, "not_a_table"),
        ([Customer(customer_id=1, kind="person"), "Zuse"], "not_an_id"),
        ([None, object()], "not_an_id"),
        ([1, "Zuse"], "not_an_id"),
        ([1.5], "not_an_id"),
        ([True, False], "not_an_id"),
        ([b"Zuse"], "not_an_id"),
        ([2**63], "not_an_id"),
        ([[1]], "wrong_type"),
        ([{}], "wrong_type"),
        (["\ud800"], "not_an_id"),
    ],
    ids=[str(n) for n in range(14)],
)
def test_a_list_of_parties_that_is_none_is_refused(wrong, code):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=wrong)
    assert caught.value.code == code
    assert not any(word in str(caught.value) for word in SECRETS)


@pytest.mark.parametrize("name", list(TABLES))
def test_a_lazy_frame_is_collected_without_a_warning(name):
    frame = pl.from_arrow(table(**TABLES[name]))
    book = assign_roles(**{name: frame.lazy()})
    assert book == assign_roles(**{name: frame})
    assert isinstance(book.to_frame(), pl.DataFrame)
    with pytest.raises(MissingColumnError):
        assign_roles(**{name: frame.drop(frame.columns[0]).lazy()})


@pytest.mark.parametrize("name", list(TABLES))
def test_a_generator_of_something_else_is_refused(name):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: (one for one in (7.5,))})
    wanted = "not_an_id" if name == "parties" else "not_a_table"
    assert caught.value.code == wanted


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("agreements", "agreement_id"),
        ("transactions", "customer_id"),
        ("transactions", "date"),
        ("statements", "party_id"),
        ("statements", "kind"),
        ("parties", "customer_id"),
    ],
)
def test_a_needed_column_must_be_there_and_not_be_none(name, column):
    full = table(**TABLES[name])
    with pytest.raises(MissingColumnError) as caught:
        assign_roles(**{name: full.drop_columns(column)})
    assert (caught.value.code, caught.value.column) == ("missing_column", column)
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: full}, columns={name: {column: None}})
    assert caught.value.code == "missing_column"


@pytest.mark.parametrize("name", list(TABLES))
def test_a_mapped_column_must_be_there_and_be_one_of_ours(name):
    full = table(**TABLES[name])
    ours = next(iter(TABLES[name]))
    with pytest.raises(MissingColumnError) as caught:
        assign_roles(**{name: full}, columns={name: {ours: "elsewhere"}})
    assert caught.value.code == "missing_column"
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: full}, columns={name: {"salary": "x"}})
    assert caught.value.code == "unknown_column"


def test_columns_that_share_a_name_are_refused():
    frame = pd.DataFrame([["a", "b"]], columns=["customer_id", "customer_id"])
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=frame)
    assert caught.value.code == "duplicate_column"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"columns": []}, "bad_option"),
        ({"columns": "parties"}, "bad_option"),
        ({"columns": {"people": {}}}, "bad_option"),
        ({"columns": {"parties": ["customer_id"]}}, "bad_option"),
        ({"columns": {"customer_id": "id"}}, "bad_option"),
        ({"on_bad_rows": "drop"}, "bad_option"),
        ({"on_bad_rows": None}, "bad_option"),
        ({"on_bad_rows": True}, "bad_option"),
        ({"lapse_days": -1}, "bad_option"),
        ({"lapse_days": 1.5}, "bad_option"),
        ({"lapse_days": "30"}, "bad_option"),
        ({"lapse_days": True}, "bad_option"),
        ({"lapse_days": dt.timedelta(days=3)}, "bad_option"),
        ({"tz": "Atlantis"}, "unknown_time_zone"),
        ({"tz": 7}, "unknown_time_zone"),
        ({"rules": []}, "bad_rules"),
        ({"rules": None}, "bad_rules"),
        ({"rules": [{"name": "x"}]}, "bad_rules"),
    ],
    ids=[str(n) for n in range(18)],
)
def test_options_that_make_no_sense_are_refused(options, code):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=[1], **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("agreements", "owner_id"),
        ("agreements", "agreement_id"),
        ("transactions", "agent_id"),
        ("transactions", "customer_id"),
        ("statements", "party_id"),
        ("parties", "customer_id"),
    ],
)
@pytest.mark.parametrize(
    "wrong",
    [
        [1.5, 2.0, 3.0],
        [True, False, True],
        [dt.date(2011, 1, 1)] * 3,
        [[1], [2], [3]],
        [float("inf"), 1.0, 2.0],
        [2.0**60, 1.0, 2.0],
    ],
    ids=["parts", "bools", "days", "lists", "endless", "large"],
)
def test_what_is_no_id_is_refused(name, column, wrong):
    frame = table(**(TABLES[name] | {column: wrong}))
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: frame})
    assert caught.value.code in {"not_an_id", "wrong_type"}
    assert caught.value.column == column
    assert not any(word in str(caught.value) for word in SECRETS)


def test_whole_floats_are_the_ids_that_pandas_made_of_ints_with_nulls():
    frame = pd.DataFrame(
        {
            "customer_id": [880173.0, 4711.0],
            "agent_id": [float("nan"), 9431.0],
            "date": [STAMP, STAMP],
        }
    )
    book = assign_roles(transactions=frame, parties=[880173])
    assert book.ids.tolist() == [4711, 9431, 880173]
    assert book.ids.dtype == np.int64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"parties": ["Zuse"]}, {"parties": pd.DataFrame({"customer_id": [4711]})}),
    ],
)
def test_one_table_may_be_given_once(one, other):
    both = assign_roles(**one).merge(assign_roles(**one))
    assert both.ids.tolist() == ["Zuse"]
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**one).merge(assign_roles(**other))
    assert caught.value.code == "not_an_id"


TEXT: dict[str, Any] = {
    "agreements": [agreement(roles=[owner()])],
    "transactions": [Transaction(customer_id="Zuse", date=JAN_1, amount=9431)],
    "statements": [owner(scope="x")],
    "parties": ["Hopper"],
}
NUMBERS: dict[str, Any] = {
    "agreements": [agreement(roles=[owner(party_id=4711)])],
    "transactions": [Transaction(customer_id=4711, date=JAN_1, amount=9431)],
    "statements": [owner(party_id=880173, scope="x")],
    "parties": [4711],
}


@pytest.mark.parametrize("one", list(TEXT))
@pytest.mark.parametrize("other", list(TEXT))
def test_ids_must_be_text_in_all_tables_or_numbers_in_all(one, other):
    if one == other:
        assert len(assign_roles(**TEXT)) == 4
        return
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{one: TEXT[one], other: NUMBERS[other]})
    assert caught.value.code == "not_an_id"
    assert not any(word in str(caught.value) for word in SECRETS)


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": ["a"], "payer_id": [1]},
        {"customer_id": [1], "agent_id": ["a"]},
        {"customer_id": ["1"], "beneficiary_id": [1.0]},
    ],
    ids=["payer", "agent", "beneficiary"],
)
def test_ids_must_be_of_one_type_in_all_columns_of_a_table(columns):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(transactions=table(date=[STAMP], **columns))
    assert caught.value.code == "not_an_id"


def test_text_and_numbers_mixed_in_one_column_are_refused_at_their_rows():
    frame = pd.DataFrame({"customer_id": ["Zuse", 4711, None, 880173]})
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=frame)
    assert (caught.value.code, caught.value.positions) == ("not_an_id", (1, 3))
    assert not any(word in str(caught.value) for word in SECRETS)


# --- days ------------------------------------------------------------------------------

DATED = [
    ("agreements", "opened"),
    ("agreements", "closed"),
    ("transactions", "date"),
    ("statements", "since"),
    ("statements", "until"),
    ("parties", "since"),
]


@pytest.mark.parametrize(("name", "column"), DATED)
def test_days_as_text_or_numbers_are_refused(name, column):
    for wrong in (["2011-01-01"] * 3, [20110101] * 3, [True] * 3):
        full = table(**TABLES[name]).drop_columns(column)
        frame = full.append_column(column, pa.array(wrong))
        with pytest.raises(InvalidInputError) as caught:
            assign_roles(**{name: frame})
        assert (caught.value.code, caught.value.column) == ("wrong_type", column)


@pytest.mark.parametrize(("name", "column"), DATED)
def test_stamps_with_a_zone_need_to_be_told_whose_days_are_meant(name, column):
    full = table(**TABLES[name])
    at = full.column_names.index(column)
    zoned = pa.array([STAMP.replace(tzinfo=dt.UTC)] * 3)
    frame = full.set_column(at, column, zoned)
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: frame})
    assert caught.value.code == "time_zone"
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(**{name: full}, tz="Europe/Prague")
    assert caught.value.code == "time_zone"


def test_nat_is_no_day():
    frame = pd.DataFrame(
        {"customer_id": ["a", "b"], "since": [pd.NaT, pd.Timestamp(STAMP)]}
    )
    for one in (frame, frame.astype({"since": object})):
        with pytest.raises(BadRowsError, match="no since") as caught:
            assign_roles(parties=one)
        assert caught.value.positions == (0,)


@pytest.mark.parametrize(
    "wrong", ["soon", "2011", 7, None, True, dt.datetime(2011, 1, 1, tzinfo=dt.UTC)]
)
def test_a_day_to_ask_for_must_be_one(wrong):
    book = assign_roles(parties=["Zuse"])
    with pytest.raises(InvalidInputError) as caught:
        book.at(wrong)
    assert caught.value.code in {"not_a_day", "time_zone"}
    if wrong is not None:
        with pytest.raises(InvalidInputError):
            book.roles_of("Zuse", wrong)


# --- roles -----------------------------------------------------------------------------


def test_sixty_four_roles_are_too_many():
    stated = [owner(kind=f"own {n}") for n in range(58)]
    assert len(assign_roles(statements=stated[:57]).kinds) == 63
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(statements=stated)
    assert caught.value.code == "too_many_roles"
    rule = RoleRule(name="x", source="statement", place="stated", gives="one more")
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(statements=stated[:57], rules=[rule])
    assert caught.value.code == "too_many_roles"


def test_words_of_any_make_are_read_as_roles():
    for kind in (
        pl.Series(["owner", "spy"], dtype=pl.Categorical),
        pl.Series(["owner", "spy"], dtype=pl.Enum(["spy", "none", "owner"])),
    ):
        frame = pl.DataFrame({"party_id": [1, 1], "kind": kind, "scope": ["x", "x"]})
        book = assign_roles(statements=frame)
        assert [str(role.kind) for role in book.roles_of(1)] == ["owner", "spy"]
    frame = pd.DataFrame({"party_id": [1, 1], "kind": [7, 8]})
    book = assign_roles(statements=frame)
    assert [role.kind for role in book.roles_of(1)] == ["7", "8"]


def test_scopes_may_be_numbers_and_blank_ones_are_none():
    sales = pd.DataFrame(
        {"customer_id": [1, 2, 3], "date": [STAMP] * 3, "category": [10, 9, np.nan]}
    )
    book = assign_roles(transactions=sales)
    assert book.scopes == ("10", "9")
    assert [book.roles_of(one)[0].scope for one in (1, 2, 3)] == ["10", "9", None]
    sales["category"] = ["x", " ", ""]
    book = assign_roles(transactions=sales)
    assert [book.roles_of(one)[0].scope for one in (1, 2, 3)] == ["x", None, None]


def test_frames_are_never_changed():
    frames = {name: pd.DataFrame(columns) for name, columns in TABLES.items()}
    before = {name: frame.copy(deep=True) for name, frame in frames.items()}
    book = assign_roles(**frames)
    assert len(book) > 0
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


@pytest.mark.parametrize("name", list(TABLES))
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_frame_without_rows_is_an_empty_book(name, kind):
    columns = {column: [] for column in TABLES[name]}
    book = assign_roles(**{name: KINDS[kind](table(**columns))})
    assert book == assign_roles()
    assert book.report.read == 0
    assert len(book.to_frame()) == 0


def test_parties_come_from_anything_that_lists_customers_or_ids():
    customers = [Customer(customer_id=one, kind="person") for one in ("b", "a")]
    wanted = assign_roles(parties=["a", "b"])
    assert assign_roles(parties=iter(customers)) == wanted
    assert assign_roles(parties=tuple(customers)) == wanted
    assert assign_roles(parties=[customers[0], "a"]) == wanted
    assert assign_roles(parties=iter(())) == assign_roles()
    for ids in ({"a", "b"}, np.array(["b", "a"]), pd.Series(["b", "a"])):
        assert assign_roles(parties=ids) == wanted
    with pytest.raises(BadRowsError, match="no customer_id") as caught:
        assign_roles(parties=["a", None, ""])
    assert caught.value.positions == (1, 2)
