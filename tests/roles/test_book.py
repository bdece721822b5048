"""The book of roles asked in every way, against plain dicts; erased, renamed, merged."""

import copy
import json
import pickle
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    AssignedRole,
    BadRowsError,
    InvalidInputError,
    Role,
    RoleBook,
    RoleKind,
    RoleReport,
    RoleRule,
    Transaction,
    UnknownCustomerError,
    assign_roles,
)
from customer_identification.roles.assigned import in_short
from customer_identification.roles.spells import order_of
from roles.role_worlds import (
    AGREEMENT_IDS,
    DAYS,
    OURS,
    OWN,
    PARTY_IDS,
    Line,
    book_of,
    erased,
    keys_in,
    lines_of,
    renamed_world,
    spells_of,
    worlds,
)


few = settings(derandomize=True, max_examples=20, deadline=None)
KINDS_IN_ORDER = (*OURS, *OWN)
RULES_IN_ORDER = [
    "stated",
    "stated in the agreement",
    "owns an agreement",
    "agent of an agreement",
    "pays for their own agreement",
    "pays for another's agreement",
    "uses their own agreement",
    "uses another's agreement",
    "bought",
    "a purchase went through them",
    "paid for their own purchase",
    "paid for another's purchase",
    "uses what they bought",
    "uses what another bought",
    "known, and has bought nothing yet",
]
JAN_1 = date(2011, 1, 1)


def ids_of(spells: list[Line]) -> list[Any]:
    """Give all who have a role, or towards whom one is, in order."""
    return sorted(
        {one.party for one in spells} | {one.towards for one in spells} - {None}
    )


def in_order(spells: list[Line]) -> list[Line]:
    """Sort as a book does: what is not there comes first."""

    def first_none(one: Any) -> tuple[bool, Any]:
        return (one is not None, 0 if one is None else one)

    return sorted(
        spells,
        key=lambda one: (
            one.party,
            KINDS_IN_ORDER.index(one.kind),
            first_none(one.agreement),
            first_none(one.scope),
            first_none(one.towards),
            RULES_IN_ORDER.index(one.rule),
            one.since,
        ),
    )


def as_line(role: AssignedRole) -> Line:
    return Line(
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


def sentence(line: Line) -> str:
    parts = [line.kind]
    if line.agreement is not None:
        parts.append("in an agreement")
    if line.scope is not None:
        parts.append(f"in {line.scope}")
    if line.towards is not None:
        parts.append("towards another")
    if line.since != date.min:
        parts.append(f"since {line.since}")
    if line.until != date.max:
        parts.append(f"until {line.until}")
    rows = "1 row" if line.rows == 1 else f"{line.rows} rows"
    return f"{' '.join(parts)} ({line.rule}; {rows})"


# --- asked ---------------------------------------------------------------------------


@few
@given(worlds())
def test_the_roles_of_each_party_are_told_in_order_with_their_reasons(world):
    book, spells = book_of(world), in_order(spells_of(lines_of(world)))
    told = ids_of(lines_of(world))
    assert book.ids.tolist() == told
    for party in told:
        own = [one for one in spells if one.party == party]
        assert [as_line(role) for role in book.roles_of(party)] == own
        said = "\n".join(map(sentence, own)) or "no role of their own"
        assert book.explain(party) == said
    assert len(book) == len(spells)


@few
@given(worlds(), st.sampled_from(DAYS))
def test_the_roles_of_a_party_on_a_day_are_those_in_force(world, day):
    book = book_of(world)
    for party in book.ids.tolist():
        roles = book.roles_of(party)
        held = tuple(
            role
            for role in roles
            if (role.since or date.min) <= day <= (role.until or date.max)
        )
        assert book.roles_of(party, day) == held
        assert book.at(day).roles_of(party) == held
        assert book.explain(party, day.isoformat()) == book.at(day).explain(party)


@few
@given(worlds(), st.sampled_from([None, *DAYS]))
def test_counts_and_combinations_are_those_of_plain_sets(world, day):
    book = book_of(world)
    spells = spells_of(lines_of(world))
    if day is not None:
        book = book.at(day)
        spells = [one for one in spells if one.since <= day <= one.until]
    held = defaultdict(set)
    for one in spells:
        held[one.party].add(one.kind)
    counts = Counter(kind for kinds in held.values() for kind in kinds)
    assert {kind: n for kind, n in book.counts().items() if n} == counts
    assert list(book.counts())[: len(OURS)] == list(OURS)
    together = Counter(
        tuple(sorted(kinds, key=KINDS_IN_ORDER.index)) for kinds in held.values()
    )
    found = book.combinations()
    assert found == together
    assert list(found) == sorted(
        found, key=lambda one: (-found[one], [KINDS_IN_ORDER.index(k) for k in one])
    )
    several = sorted(party for party, kinds in held.items() if len(kinds) > 1)
    assert book.with_several().tolist() == several
    assert book.parties().tolist() == sorted(held)
    for kind in book.kinds:
        have = sorted(party for party, kinds in held.items() if kind in kinds)
        assert book.parties(kind).tolist() == have
        assert book.holds(book.ids, kind).tolist() == [
            party in have for party in book.ids.tolist()
        ]


def test_holds_is_asked_of_ids_that_are_not_here_too():
    book = assign_roles(parties=[3, 5, 9])
    asked = np.array([2, 3, 4, 9, 12])
    assert book.holds(asked, "prospect").tolist() == [False, True, False, True, False]
    assert book.holds(asked, RoleKind.OWNER).tolist() == [False] * 5
    assert book.holds(np.array([], dtype=object), "prospect").tolist() == []


def test_a_party_that_others_roles_are_towards_has_none_of_their_own():
    book = assign_roles(
        statements=[Role(party_id="a", kind="competitor", since=JAN_1, towards="b")]
    )
    assert book.roles_of("b") == ()
    assert book.explain("b") == "no role of their own"
    assert book.explain("a", "2010-12-31") == "no role of their own"
    assert book.parties().tolist() == ["a"]
    assert repr(book) == "RoleBook(1 roles of 1 parties)"


def test_kinds_of_ours_are_enums_and_those_of_the_host_are_text():
    book = assign_roles(
        statements=[
            Role(party_id="a", kind=kind, since=JAN_1) for kind in ("competitor", "spy")
        ]
    )
    ours, theirs = book.roles_of("a")
    assert ours.kind is RoleKind.COMPETITOR
    assert type(theirs.kind) is str


def test_what_a_role_speaks_of_is_plain_python():
    book = assign_roles(
        statements=[
            Role(party_id=1, kind="agent", since=JAN_1, towards=2, agreement_id=3)
        ]
    )
    (role,) = book.roles_of(1)
    assert json.dumps([role.party_id, role.towards, role.agreement_id]) == "[1, 2, 3]"


def test_a_role_shows_no_id():
    book = assign_roles(
        statements=[
            Role(
                party_id="Zuse",
                kind="agent",
                since=JAN_1,
                towards="Turing",
                agreement_id="policy-4711",
            )
        ]
    )
    (role,) = book.roles_of("Zuse")
    for said in (repr(role), str(role), repr(book), book.explain("Zuse"), str(book)):
        assert not any(id_ in said for id_ in ("Zuse", "Turing", "4711"))
    assert "repr" not in repr(book.report)
    assert "Zuse" not in repr(book.told)


def role(kind: str, rule: str, since: date | None) -> AssignedRole:
    return AssignedRole(
        party_id=1, kind=kind, rule=rule, since=since, source="statement", rows=1
    )


def test_roles_in_short_are_said_once_a_kind():
    later = date(2011, 2, 1)
    roles = [
        role("owner", "bought", later),
        role("owner", "bought", JAN_1),
        role("agent", "stated", None),
        role("agent", "stated", later),
        role("agent", "acted", None),
        role("payer", "paid", later),
    ]
    assert in_short(roles) == (
        "owner in 2 since 2011-01-01 (bought); agent in 3 (stated, acted); "
        "payer since 2011-02-01 (paid)"
    )
    assert not in_short([])


@pytest.mark.parametrize(
    ("ids", "asked"),
    [
        ("text", "nobody"),
        ("text", 1),
        ("int", 1),
        ("int", "3"),
        ("int", True),
        ("int", 2**70),
        ("text", None),
        ("text", ""),
    ],
)
def test_nobody_is_found_by_an_id_that_is_not_here(ids, asked):
    book = assign_roles(parties=[one for one in PARTY_IDS[ids] if one != 1])
    for ask in (book.roles_of, book.explain):
        with pytest.raises(UnknownCustomerError):
            ask(asked)


def test_a_role_that_nobody_has_is_had_by_nobody():
    book = assign_roles(parties=[1])
    assert book.parties("spy").tolist() == []
    assert book.holds(book.ids, "spy").tolist() == [False]
    assert book.kind_at("spy") == -1
    assert book.kind_at("prospect") == OURS.index("prospect")


@pytest.mark.parametrize("wrong", [None, 7, b"owner", ("owner",)])
def test_a_role_that_is_no_text_is_refused(wrong):
    book = assign_roles(parties=[1])
    with pytest.raises(InvalidInputError) as caught:
        book.kind_at(wrong)
    assert caught.value.code == "unknown_role"


@pytest.mark.parametrize("wrong", ["Owner", "bill payer", "Bill-Payer", "billpayer "])
def test_a_role_of_ours_written_otherwise_is_refused_everywhere(wrong):
    book = assign_roles(parties=[1])
    frame = pd.DataFrame(
        {"party_id": [1, 1], "kind": ["spy", wrong], "scope": ["x", "x"]}
    )
    rule = RoleRule(name="x", source="list", place="listed", gives="one")
    for ask in (
        lambda: book.parties(wrong),
        lambda: book.holds(book.ids, wrong),
        lambda: Role(party_id=1, kind=wrong, since=JAN_1),
        lambda: assign_roles(parties=[1], rules=[evolve(rule, gives=wrong)]),
    ):
        with pytest.raises(InvalidInputError) as caught:
            ask()
        assert caught.value.code in {"unknown_word", "bad_rule"}
    with pytest.raises(BadRowsError, match="written otherwise") as caught:
        assign_roles(statements=frame)
    assert caught.value.positions == (1,)
    report = assign_roles(statements=frame, on_bad_rows="report").report
    assert [n for _, n in report.set_aside] == [1]


def test_a_party_is_in_the_book_that_knows_it():
    book = assign_roles(parties=["a"])
    assert "a" in book
    for one in ("b", 1, None, True, ["a"]):
        assert one not in book


@pytest.mark.parametrize("wrong", [["a"], "a", None, {"a"}])
def test_holds_is_asked_of_an_array(wrong):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=["a"]).holds(wrong, "prospect")
    assert caught.value.code == "bad_option"


def test_an_agent_of_their_own_purchase_acts_towards_nobody_else():
    sale = Transaction(customer_id="a", agent_id="a", date=JAN_1, amount=1)
    book = assign_roles(transactions=[sale])
    assert "towards" not in book.explain("a")
    assert keys_in(book) == {
        ("a", "owner", None, None, None, "bought"),
        ("a", "agent", None, None, None, "a purchase went through them"),
    }


def test_ids_of_the_other_type_are_refused_by_holds():
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=[1]).holds(np.array(["a"], dtype=object), "prospect")
    assert caught.value.code == "not_an_id"


# --- a value -------------------------------------------------------------------------


@few
@given(worlds())
def test_a_book_is_a_value(world):
    book = book_of(world)
    again = pickle.loads(pickle.dumps(book))  # noqa: S301 - ours
    assert again == book == copy.deepcopy(book)
    assert hash(again) == hash(book)
    assert len(again) == len(book)
    assert pickle.loads(pickle.dumps(book)) == book  # noqa: S301 - with spells in it


def test_no_cell_of_a_book_can_be_written():
    book = assign_roles(parties=[1, 2])
    for array in (book.ids, book.agreement_ids, book.told.party, book.spells.until):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_books_that_differ_in_one_day_are_unequal():
    one, other = (
        assign_roles(statements=[Role(party_id=1, kind="competitor", since=since)])
        for since in (JAN_1, date(2011, 1, 2))
    )
    assert one != other


# --- frames --------------------------------------------------------------------------


def in_scopes(world: Any) -> Any:
    """Let every transaction name its scope, so that its roles can be stated."""
    sales = [
        {**row, "category": row["category"] or "other"} for row in world["transactions"]
    ]
    return {**world, "transactions": sales}


@few
@given(worlds(), st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_a_frame_of_a_book_read_as_statements_gives_the_same_roles(world, kind):
    book = book_of(in_scopes(world), kind)
    again = assign_roles(
        statements=book.to_frame(), columns={"statements": {"kind": "role"}}
    )
    for day in DAYS:
        wanted = {(*key[:5], "stated") for key in keys_in(book.at(day))}
        assert keys_in(again.at(day)) == wanted


@few
@given(worlds())
def test_a_frame_has_a_row_for_each_role_in_order(world):
    book, spells = book_of(world, "polars"), in_order(spells_of(lines_of(world)))
    frame = book.to_frame()
    assert isinstance(frame, pl.DataFrame)
    columns = ("party_id", "role", "agreement_id", "scope", "towards", "rule")
    assert frame.select(columns).rows() == [one[:6] for one in spells]
    assert frame["rows"].to_list() == [one.rows for one in spells]
    for name, without in (("since", date.min), ("until", date.max)):
        wanted = [getattr(one, name) for one in spells]
        assert frame[name].to_list() == [
            None if day == without else day for day in wanted
        ]
    sources = {"bought": "transaction", "stated": "statement"}
    for rule, source in frame.select("rule", "source").rows():
        assert sources.get(rule, source) == source


@pytest.mark.parametrize(
    ("kind", "of"),
    [("pandas", pd.DataFrame), ("polars", pl.DataFrame), ("pyarrow", pa.Table)],
)
@pytest.mark.parametrize("ids", ["int", "text"])
def test_a_frame_is_of_the_hosts_kind_and_ids_keep_their_type(kind, of, ids):
    one, other, *_ = PARTY_IDS[ids]
    world = {
        "agreements": [],
        "transactions": [],
        "statements": [
            {
                "party_id": one,
                "kind": "agent",
                "agreement_id": agreement,
                "scope": scope,
                "since": JAN_1,
                "until": None,
                "towards": towards,
            }
            for agreement, scope, towards in ((7, None, other), (None, "lines", None))
        ],
        "parties": [],
    }
    frame = book_of(world, kind).to_frame()
    assert isinstance(frame, of)
    table = pa.Table.from_pandas(frame) if kind == "pandas" else frame
    table = frame.to_arrow() if kind == "polars" else table
    assert table["party_id"].to_pylist() == [one, one]
    assert table["towards"].to_pylist() == [None, other]
    assert table["agreement_id"].to_pylist() == [None, 7]
    assert table["scope"].to_pylist() == ["lines", None]
    assert [str(word) for word in table["role"].to_pylist()] == ["agent", "agent"]


def test_days_far_from_now_are_in_the_frame():
    book = assign_roles(
        statements=[
            Role(
                party_id=1,
                kind="competitor",
                since=date(1, 1, 2),
                until=date(9999, 12, 30),
            )
        ]
    )
    frame = book.to_frame()
    assert frame["since"].astype(str).tolist() == ["0001-01-02"]
    assert frame["until"].astype(str).tolist() == ["9999-12-30"]


def rules_by_scope(n: int) -> list[RoleRule]:
    return [
        RoleRule(
            name=f"rule {at}",
            source="transaction",
            place="owner",
            scopes=(f"scope {at}",),
            gives="owner",
        )
        for at in range(n)
    ]


def test_a_book_of_very_many_rules_names_the_right_one():
    sales = [
        Transaction(customer_id=n, date=JAN_1, amount=1, category=f"scope {n}")
        for n in (0, 63, 64, 126)
    ]
    book = assign_roles(transactions=sales, rules=rules_by_scope(127))
    names = ["rule 0", "rule 63", "rule 64", "rule 126"]
    assert [book.roles_of(one)[0].rule for one in book.ids.tolist()] == names
    assert book.to_frame()["rule"].tolist() == names
    assert set(book.to_frame()["source"]) == {"transaction"}


def test_more_rules_than_a_frame_can_name_are_refused():
    with pytest.raises(InvalidInputError, match="at most 127 rules") as caught:
        assign_roles(rules=rules_by_scope(128))
    assert caught.value.code == "bad_rules"


# --- erased and renamed --------------------------------------------------------------


@few
@given(worlds(), st.sampled_from([None, 0, 3]), st.data())
def test_erasing_a_party_equals_never_having_seen_it(world, lapse_days, data):
    ids = PARTY_IDS["text"] + PARTY_IDS["int"]
    book = book_of(world, lapse_days=lapse_days)
    kind = "int" if book.ids.dtype.kind == "i" and book.ids.size else "text"
    party = data.draw(st.sampled_from(PARTY_IDS[kind]))
    if not book.ids.size:
        party = data.draw(st.sampled_from(ids))
    without = book.without_party(party)
    assert without == book_of(erased(world, party), lapse_days=lapse_days)
    assert party not in without.ids.tolist()
    assert without.without_party(party) == without
    assert without.report == book.report


@pytest.mark.parametrize(
    ("agreement", "scope", "stays"),
    [(None, None, False), (None, "x", True), (1, None, True), (1, "x", True)],
    ids=["nowhere", "scope", "agreement", "both"],
)
def test_a_role_towards_the_erased_stays_only_where_it_is_in_something(
    agreement, scope, stays
):
    role = Role(
        party_id="a",
        kind="competitor",
        agreement_id=agreement,
        scope=scope,
        since=JAN_1,
        towards="b",
    )
    left = assign_roles(statements=[role]).without_party("b")
    wanted = [("a", "competitor", agreement, scope, None, "stated")]
    assert keys_in(left) == set(wanted if stays else [])
    assert left.ids.tolist() == (["a"] if stays else [])


@few
@given(worlds(ids="int"))
def test_erasing_everybody_in_any_order_leaves_an_empty_book(world):
    book = book_of(world)
    for parties in (PARTY_IDS["int"], PARTY_IDS["int"][::-1]):
        left = book
        for party in parties:
            left = left.without_party(party)
        assert left == assign_roles()


def test_a_prospect_again_once_the_one_they_paid_for_is_erased():
    sale = Transaction(customer_id="a", payer_id="b", date=JAN_1, amount=1)
    book = assign_roles(transactions=[sale], parties=["b"])
    assert book.at(JAN_1).parties("prospect").tolist() == []
    assert book.without_party("a").at(JAN_1).parties("prospect").tolist() == ["b"]


@pytest.mark.parametrize("ids", ["int", "text"])
def test_erasing_somebody_who_is_not_here_changes_nothing(ids):
    book = assign_roles(parties=PARTY_IDS[ids])
    assert book.without_party({"int": 77, "text": "nobody"}[ids]) == book
    assert assign_roles().without_party("a") == assign_roles()
    assert assign_roles().without_party(7) == assign_roles()


def test_erasing_takes_the_ids_that_are_asked_for_elsewhere():
    book = assign_roles(parties=[1, 2])
    for one in (1, np.int64(1), np.int32(1), np.uint8(1)):
        assert book.roles_of(one) == book.roles_of(1)
        assert book.without_party(one) == assign_roles(parties=[2])
    text = assign_roles(parties=["a", "b"])
    assert text.without_party(np.str_("a")) == assign_roles(parties=["b"])


@pytest.mark.parametrize(
    ("ids", "wrong"),
    [
        ("int", "3"),
        ("int", 3.0),
        ("int", True),
        ("int", None),
        ("int", [3]),
        ("text", 3),
        ("text", None),
        ("text", 2**70),
        ("text", b"c1"),
        ("text", date(2011, 1, 1)),
        ("text", ["c1"]),
    ],
)
def test_erasing_by_what_is_no_id_of_this_kind_is_refused(ids, wrong):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=PARTY_IDS[ids]).without_party(wrong)
    assert caught.value.code == "not_an_id"


@few
@given(worlds(), st.permutations(range(5)), st.sampled_from(["int", "text"]))
def test_a_renamed_book_is_the_book_of_renamed_data(world, order, kind):
    names = {"int": [5, 50, -1, 7, 6], "text": ["b", "B", "ž", "b1", "a"]}[kind]
    book = book_of(world)
    new = {
        one: names[place]
        for ids in PARTY_IDS.values()
        for one, place in zip(ids, order, strict=True)
    }
    renamed = book.renamed([new[one] for one in book.ids.tolist()])
    assert renamed == book_of(renamed_world(world, new))
    back = {new[one]: one for one in book.ids.tolist()}
    assert renamed.renamed([back[one] for one in renamed.ids.tolist()]) == book


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (["x"], "shape"),
        (["x", "y", "z"], "shape"),
        (["x", "x"], "not_an_id"),
        (["x", None], "not_an_id"),
        (["x", " "], "not_an_id"),
        (["x", 1], "not_an_id"),
        ([1.5, 2], "not_an_id"),
    ],
)
def test_new_ids_must_be_as_many_and_all_different(wrong, code):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=["a", "b"]).renamed(np.array(wrong, dtype=object))
    assert caught.value.code == code


@few
@given(worlds(), st.permutations(range(6)))
def test_a_reworded_book_is_the_book_of_reworded_agreements(world, order):
    names = ["q", "Q", "q1", "ž", "p-1", "7"]
    ids = [one for some in AGREEMENT_IDS.values() for one in some]
    new = {one: names[place] for one, place in zip(ids, order, strict=True)}
    reworded = {
        name: [
            {
                column: new.get(one, one) if column == "agreement_id" else one
                for column, one in row.items()
            }
            for row in rows
        ]
        for name, rows in world.items()
    }
    book = book_of(world)
    asked = []

    def new_of(given_ids):
        asked.extend(given_ids)
        return [new[one] for one in given_ids]

    assert book.reworded(new_of) == book_of(reworded)
    assert asked == book.agreement_ids.tolist()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [([], "shape"), (["x", "x"], "not_an_id"), (["x", None], "not_an_id")],
)
def test_new_ids_of_agreements_must_be_as_many_and_all_different(wrong, code):
    book = assign_roles(
        statements=[
            Role(party_id="a", kind="owner", agreement_id=one, since=JAN_1)
            for one in (1, 2)
        ]
    )
    with pytest.raises(InvalidInputError) as caught:
        book.reworded(lambda _: wrong)
    assert caught.value.code == code


# --- merged --------------------------------------------------------------------------


def test_books_of_other_rules_do_not_merge():
    one = assign_roles(parties=[1])
    rule = RoleRule(name="a", source="list", place="listed", gives="known")
    with pytest.raises(InvalidInputError) as caught:
        one.merge(assign_roles(parties=[1], rules=[rule]))
    assert caught.value.code == "other_rules"


@pytest.mark.parametrize("wrong", [None, {}, "book", 1])
def test_only_books_merge(wrong):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles().merge(wrong)
    assert caught.value.code == "bad_option"


def test_books_of_text_and_of_whole_numbers_do_not_merge():
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(parties=[1]).merge(assign_roles(parties=["a"]))
    assert caught.value.code == "not_an_id"


def test_more_than_sixty_three_roles_do_not_merge_into_one_book():
    one, other = (
        assign_roles(
            statements=[
                Role(party_id=1, kind=f"{word} {n}", since=JAN_1) for n in range(40)
            ]
        )
        for word in ("own", "more")
    )
    with pytest.raises(InvalidInputError) as caught:
        one.merge(other)
    assert caught.value.code == "too_many_roles"


def test_a_purchase_merged_later_ends_a_prospect_of_the_first_book():
    listed = assign_roles(parties=["a"])
    bought = assign_roles(
        transactions=[Transaction(customer_id="a", date=JAN_1, amount=1)]
    )
    for book in (listed.merge(bought), bought.merge(listed)):
        assert book.at("2010-12-31").parties("prospect").tolist() == ["a"]
        assert book.at(JAN_1).parties("prospect").tolist() == []


def test_the_report_says_what_became_of_every_row():
    report = RoleReport(
        read=1200,
        used=1199,
        set_aside=(("agreement: no opened", 1),),
        lines=2000,
        without_role=7,
    )
    said = (
        "1,200 rows: 1,199 used, 1 set aside: agreement: no opened; 2,000 parties named "
        "in them, 7 without a role of their own"
    )
    assert str(report) == report.conservation == said
    later = RoleReport(
        read=3,
        used=1,
        set_aside=(("agreement: no opened", 1), ("agreement: nobody is named", 1)),
        lines=1,
        without_role=0,
    )
    both = report.merge(later)
    assert (both.read, both.used, both.lines, both.without_role) == (
        1203,
        1200,
        2001,
        7,
    )
    assert both.set_aside == (
        ("agreement: no opened", 2),
        ("agreement: nobody is named", 1),
    )


def test_the_first_frame_says_of_which_kind_results_are():
    sales = pl.DataFrame({"customer_id": [1], "date": [JAN_1]})
    listed = pa.table({"customer_id": [1]})
    assert isinstance(assign_roles(parties=listed).to_frame(), pa.Table)
    both = assign_roles(transactions=sales, parties=listed)
    assert isinstance(both.to_frame(), pl.DataFrame)
    stated = [Role(party_id=1, kind="competitor", since=JAN_1)]
    both = assign_roles(statements=stated, parties=listed)
    assert isinstance(both.to_frame(), pa.Table)
    assert isinstance(assign_roles(parties=[1]), RoleBook)
    assert isinstance(assign_roles(parties=[1]).to_frame(), pd.DataFrame)


@pytest.mark.parametrize("most", [0, 1, 7, 2**20, 2**30, 2**31 - 2])
@pytest.mark.parametrize("ties", [0, 1, 3])
def test_columns_of_any_width_sort_as_by_one_after_another(most, ties):
    dice = np.random.Generator(np.random.PCG64(most + ties))
    for n in (0, 1, 2, 40):
        few_values = [dice.integers(-1, ties + 1, n) for _ in range(2)]
        columns = [
            few_values[0],
            np.where(few_values[1] > 0, most, -1),
            *(dice.integers(-1, most + 1, n) for _ in range(3)),
            few_values[1],
        ]
        for order in (columns, columns[::-1], columns[:2] * 3, columns[:1]):
            rows = sorted(range(n), key=lambda row: [int(one[row]) for one in order])
            assert order_of(order).tolist() == rows
