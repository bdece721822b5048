"""Roles from rows, against a replay of the rows day by day in dicts and dates."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    Agreement,
    Customer,
    Role,
    RoleKind,
    RoleRule,
    Transaction,
    assign_roles,
)
from customer_identification.roles.rules import check_rules
from roles.role_worlds import (
    DAYS,
    KINDS,
    Line,
    book_of,
    frames_of_world,
    keys_in,
    lines_of,
    objects_of_world,
    replay,
    shuffled,
    spells_of,
    spread_over,
    tables_of_rules,
    worlds,
)


few = settings(derandomize=True, max_examples=20, deadline=None)
LAPSES = st.sampled_from([None, None, 0, 1, 3, 40])
JAN_1 = date(2011, 1, 1)


def lines_in(book: Any) -> Counter[Line]:
    """Give every role of a book as the oracle writes it."""
    return Counter(
        Line(
            role.party_id,
            str(role.kind),
            role.agreement_id,
            role.scope,
            role.towards,
            role.rule,
            role.since or date.min,
            role.until or date.max,
            role.rows,
        )
        for party in book.ids.tolist()
        for role in book.roles_of(party)
    )


# --- the replay ----------------------------------------------------------------------


@few
@given(worlds(), LAPSES)
def test_every_day_is_as_a_replay_of_the_rows_known_by_then(world, lapse_days):
    book = book_of(world, lapse_days=lapse_days)
    lines = lines_of(world, lapse_days=lapse_days)
    for day in DAYS:
        assert keys_in(book.at(day)) == replay(lines, day)


@few
@given(worlds(), LAPSES, st.sampled_from(DAYS))
def test_a_day_is_the_same_without_the_rows_of_later_days(world, lapse_days, day):
    starts = {
        "agreements": "opened",
        "transactions": "date",
        "statements": "since",
        "parties": "since",
    }
    known = {
        name: [row for row in rows if row[starts[name]] <= day]
        for name, rows in world.items()
    }
    then = book_of(known, lapse_days=lapse_days)
    later = book_of(world, lapse_days=lapse_days)
    assert keys_in(then.at(day)) == keys_in(later.at(day))


@few
@given(worlds(), LAPSES)
def test_spells_have_the_first_and_last_days_and_rows_of_the_rows_they_join(
    world, lapse_days
):
    book = book_of(world, lapse_days=lapse_days)
    assert lines_in(book) == Counter(spells_of(lines_of(world, lapse_days=lapse_days)))


@few
@given(worlds(), tables_of_rules(), LAPSES)
def test_the_first_rule_that_matches_gives_the_role_and_is_named(
    world, rules, lapse_days
):
    try:
        check_rules(rules)
    except ValueError:
        return  # test_rules says which tables those are
    book = book_of(world, rules=rules, lapse_days=lapse_days)
    assert lines_in(book) == Counter(spells_of(lines_of(world, rules, lapse_days)))


@few
@given(worlds(), st.integers(0, 99))
def test_no_row_and_no_party_is_lost_from_the_account(world, seed):
    book = book_of(shuffled(world, seed))
    told = sum(
        row[name] is not None
        for table, names in (
            ("agreements", ("owner_id", "agent_id", "beneficiary_id", "payer_id")),
            ("transactions", ("customer_id", "agent_id", "beneficiary_id", "payer_id")),
            ("statements", ("party_id",)),
            ("parties", ("customer_id",)),
        )
        for row in world[table]
        for name in names
    )
    assert book.report.read == book.report.used == sum(map(len, world.values()))
    assert book.report.set_aside == ()
    assert book.report.lines == told
    assert book.report.without_role == told - len(lines_of(world))
    assert int(book.told.rows.sum()) == len(lines_of(world))


# --- in any form, in any order, in any number of parts ---------------------------------


@few
@given(worlds(), st.sampled_from([kind for kind in KINDS if kind != "pyarrow"]))
def test_every_kind_of_frame_gives_the_same_book(world, kind):
    book = book_of(world, kind)
    assert book == book_of(world, "pyarrow")
    assert book.report == book_of(world, "pyarrow").report
    assert book.kind == kind.split()[0]


@few
@given(worlds())
def test_objects_give_the_same_book_as_frames(world):
    frames = frames_of_world(world) | {
        "agreements": None,
        "parties": [row["customer_id"] for row in world["parties"]],
    }
    objects = objects_of_world(world)
    assert assign_roles(**objects) == assign_roles(**frames)
    assert assign_roles(**objects).kind == "pandas"


@few
@given(worlds(), st.integers(0, 10**6), LAPSES)
def test_the_order_of_rows_never_matters(world, seed, lapse_days):
    one = book_of(world, lapse_days=lapse_days)
    other = book_of(shuffled(world, seed), lapse_days=lapse_days)
    assert one == other
    assert one.report == other.report


@few
@given(worlds(), st.integers(2, 4), st.integers(0, 10**6), LAPSES)
def test_parts_merged_in_any_order_are_all_rows_at_once(world, n, seed, lapse_days):
    parts = [
        book_of(part, lapse_days=lapse_days) for part in spread_over(world, n, seed)
    ]
    whole = book_of(world, lapse_days=lapse_days)
    for order in (parts, parts[::-1]):
        merged = assign_roles()
        for part in order:
            merged = merged.merge(part)
        assert merged == whole
        assert merged.report == whole.report


@few
@given(worlds())
def test_columns_are_found_by_the_hosts_names(world):
    frames = frames_of_world(world)
    theirs = {
        name: frame.rename_columns([f"their {one}" for one in frame.column_names])
        for name, frame in frames.items()
    }
    names = {
        name: {one: f"their {one}" for one in frame.column_names}
        for name, frame in frames.items()
    }
    assert assign_roles(**theirs, columns=names) == assign_roles(**frames)


def test_a_column_mapped_to_none_is_not_read():
    sales = [
        Transaction(customer_id="a", payer_id="b", date=JAN_1, amount=1, category="x")
    ]
    names = {"transactions": {"payer_id": None, "category": None}}
    book = assign_roles(transactions=sales, columns=names)
    assert keys_in(book) == {("a", "owner", None, None, None, "bought")}


# --- agreements as objects -----------------------------------------------------------


def test_roles_in_agreement_objects_are_of_that_agreement_and_end_with_it():
    agreement = Agreement(
        agreement_id=7,
        opened=date(2011, 1, 1),
        closed=date(2011, 6, 30),
        roles=[
            Role(party_id="o", kind="owner", since=date(2011, 1, 1)),
            Role(
                party_id="p",
                kind="bill_payer",
                since=date(2011, 2, 1),
                until=date(2011, 2, 28),
                agreement_id=7,
                towards="o",
                scope="lines",
            ),
            Role(party_id="c", kind="chooser", since=date(2011, 6, 30)),
        ],
    )
    rule = "stated in the agreement"
    for given_as in ([agreement], (agreement,), iter([agreement])):
        book = assign_roles(given_as)
        assert lines_in(book) == Counter(
            [
                Line("o", "owner", 7, None, None, rule, JAN_1, date(2011, 6, 30)),
                Line(
                    "p",
                    "bill_payer",
                    7,
                    "lines",
                    "o",
                    rule,
                    date(2011, 2, 1),
                    date(2011, 2, 28),
                ),
                Line(
                    "c",
                    "chooser",
                    7,
                    None,
                    None,
                    rule,
                    date(2011, 6, 30),
                    date(2011, 6, 30),
                ),
            ]
        )
        assert book.agreement_ids.tolist() == [7]


def test_an_agreement_that_lasts_leaves_its_roles_open():
    agreement = Agreement(
        agreement_id="a",
        opened=JAN_1,
        roles=[Role(party_id=1, kind="owner", since=JAN_1)],
    )
    (role,) = assign_roles([agreement]).roles_of(1)
    assert (role.since, role.until, role.source) == (JAN_1, None, "agreement")


def test_an_agreement_without_roles_tells_of_nobody():
    book = assign_roles([Agreement(agreement_id="a", opened=JAN_1)])
    assert len(book) == 0
    assert book == assign_roles()


# --- days ----------------------------------------------------------------------------


def statement(kind: str = "competitor", **more: Any) -> Role:
    return Role(**{"party_id": "a", "kind": kind, "since": JAN_1, **more})


def test_both_ends_of_a_spell_are_included():
    book = assign_roles(statements=[statement(until=date(2011, 1, 3))])
    held = [
        day.day
        for day in DAYS
        if day.year == 2011 and book.at(day).counts()["competitor"]
    ]
    assert held == [1, 2, 3]


def test_a_role_of_one_day_holds_on_that_day():
    book = assign_roles(statements=[statement(until=JAN_1)])
    assert len(book.at(JAN_1)) == 1
    assert len(book.at(date(2010, 12, 31))) == len(book.at(date(2011, 1, 2))) == 0


@pytest.mark.parametrize(
    ("gap", "spells"), [(0, 1), (1, 1), (2, 2)], ids=["overlap", "meet", "apart"]
)
def test_spells_are_one_only_if_no_day_lies_between(gap, spells):
    end = date(2011, 1, 5)
    book = assign_roles(
        statements=[
            statement(until=end),
            statement(since=end + timedelta(days=gap), until=date(2011, 1, 9)),
        ]
    )
    assert len(book) == spells


@pytest.mark.parametrize(
    ("lapse_days", "last"), [(0, 5), (1, 6), (30, None)], ids=["0", "1", "30"]
)
def test_a_purchase_speaks_for_a_role_until_it_lapses(lapse_days, last):
    sale = Transaction(customer_id="a", date=date(2011, 1, 5), amount=1)
    book = assign_roles(transactions=[sale], lapse_days=lapse_days)
    (role,) = book.roles_of("a")
    days = date(2011, 1, 5) + timedelta(days=lapse_days)
    assert role.until == (date(2011, 1, last) if last else days)


def test_a_lapse_beyond_the_last_day_of_the_calendar_is_for_good():
    sale = Transaction(customer_id="a", date=date(2011, 1, 5), amount=1)
    book = assign_roles(transactions=[sale], lapse_days=2**31)
    assert book == assign_roles(transactions=[sale])


def test_a_prospect_is_one_until_the_day_before_the_first_purchase():
    listed = {"customer_id": "a", "since": date(2011, 1, 2)}
    world = {
        "agreements": [],
        "statements": [],
        "parties": [listed],
        "transactions": [
            {
                "customer_id": "a",
                "date": date(2011, 1, day),
                "category": None,
                "agent_id": None,
                "beneficiary_id": None,
                "payer_id": None,
            }
            for day in (9, 7, 12)
        ],
    }
    book = book_of(world, lapse_days=0)
    prospects = [
        day.day for day in DAYS if book.at(day).parties("prospect").tolist() == ["a"]
    ]
    assert prospects == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("place", ["beneficiary_id", "agent_id"])
def test_who_only_uses_or_sells_is_still_a_prospect(place):
    sale = Transaction(customer_id="a", date=JAN_1, amount=1, **{place: "b"})
    book = assign_roles(transactions=[sale], parties=["a", "b"])
    assert book.at("2010-12-31").parties("prospect").tolist() == ["a", "b"]
    assert book.at(JAN_1).parties("prospect").tolist() == ["b"]


def test_who_was_known_only_after_the_first_purchase_never_was_a_prospect():
    sale = Transaction(customer_id="a", date=JAN_1, amount=1)
    book = assign_roles(
        transactions=[sale],
        statements=[statement("prospect", since=date(2011, 1, 5))],
    )
    assert book.counts()["prospect"] == 0
    assert "prospect" not in book.explain("a")


def test_a_party_listed_without_a_day_is_a_prospect_since_ever():
    book = assign_roles(parties=[Customer(customer_id="a", kind="person")])
    (role,) = book.roles_of("a", "1066-10-14")
    assert (role.kind, role.since, role.until) == (RoleKind.PROSPECT, None, None)


def test_agreements_without_days_hold_for_ever():
    pl = pytest.importorskip("polars")
    book = assign_roles(pl.DataFrame({"agreement_id": [1], "owner_id": [2]}))
    (role,) = book.roles_of(2, "0001-01-01")
    assert (role.since, role.until) == (None, None)
    assert book.roles_of(2, "9999-12-31") == (role,)


def test_a_stamp_in_the_evening_counts_for_the_day_of_the_zone():
    pd = pytest.importorskip("pandas")
    sales = pd.DataFrame(
        {
            "customer_id": ["a"],
            "date": pd.to_datetime(["2011-01-05 23:30"]).tz_localize("UTC"),
        }
    )
    book = assign_roles(transactions=sales, tz="Europe/Prague")
    assert book.roles_of("a")[0].since == date(2011, 1, 6)


# --- who is another ------------------------------------------------------------------


def test_who_pays_for_and_uses_their_own_has_no_further_role():
    sale = Transaction(
        customer_id="a", payer_id="a", beneficiary_id="a", date=JAN_1, amount=1
    )
    book = assign_roles(transactions=[sale])
    assert keys_in(book) == {("a", "owner", None, None, None, "bought")}
    assert book.report.without_role == 2


def test_where_no_owner_is_named_everybody_is_another():
    pa = pytest.importorskip("pyarrow")
    table = pa.table(
        {
            "agreement_id": ["x", "y"],
            "owner_id": pa.array([None, None], pa.string()),
            "payer_id": ["p", "p"],
        }
    )
    for one in (table, table.drop_columns("owner_id")):
        book = assign_roles(one)
        assert keys_in(book) == {
            ("p", "bill_payer", agreement, None, None, "pays for another's agreement")
            for agreement in ("x", "y")
        }


def test_one_party_may_have_every_role_at_once():
    stated = [
        statement(kind, scope="lines", towards="b")
        for kind in (*RoleKind, "chooser", "guarantor")
    ]
    buyers = {"owner", "bill_payer"}
    kinds = [role.kind for role in assign_roles(statements=stated).roles_of("a")]
    assert kinds == [
        kind for kind in (*RoleKind, "chooser", "guarantor") if kind != "prospect"
    ]
    stated = [one for one in stated if one.kind not in buyers]
    assert len(assign_roles(statements=stated).roles_of("a")) == len(stated)


def test_sixty_three_roles_are_told_apart():
    kinds = [f"own {n:02}" for n in range(57)]
    book = assign_roles(statements=[statement(kind) for kind in kinds])
    assert book.kinds == (*RoleKind, *kinds)
    assert book.combinations() == {tuple(kinds): 1}
    assert book.with_several().tolist() == ["a"]


def test_ids_of_agreements_may_be_numbers_where_those_of_parties_are_text():
    book = assign_roles(statements=[statement("owner", agreement_id=7, towards="b")])
    (role,) = book.roles_of("a")
    assert (role.agreement_id, role.towards) == (7, "b")
    assert book.ids.tolist() == ["a", "b"]


def test_no_tables_make_an_empty_book():
    book = assign_roles()
    empty = {
        name: [] for name in ("agreements", "transactions", "statements", "parties")
    }
    assert book == book_of(empty) == assign_roles(agreements=[], parties=[])
    assert (len(book), book.ids.size, book.kinds) == (0, 0, tuple(RoleKind))
    assert len(book.at("2011-01-01")) == 0
    assert set(book.counts().values()) == {0}


def test_a_rule_of_the_hosts_own_gives_a_role_of_the_hosts_own():
    rules = [
        RoleRule(
            name="has leased",
            source="transaction",
            place="owner",
            scopes=("cars",),
            gives="lessee",
        ),
        RoleRule(name="has bought", source="transaction", place="owner", gives="owner"),
    ]
    sales = [
        Transaction(customer_id="a", date=JAN_1, amount=1, category="cars"),
        Transaction(customer_id="a", date=JAN_1, amount=1, category="bikes"),
        Transaction(customer_id="b", date=JAN_1, amount=1),
    ]
    assert keys_in(assign_roles(transactions=sales, rules=rules)) == {
        ("a", "lessee", None, "cars", None, "has leased"),
        ("a", "owner", None, "bikes", None, "has bought"),
        ("b", "owner", None, None, None, "has bought"),
    }
