"""Competitors who are customers, and customers exposed to them, by double loops."""

import copy
import pickle
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    CUSTOMER_ROLES,
    EXPOSURES,
    InvalidInputError,
    Role,
    Transaction,
    assign_roles,
    competing_customers,
    exposed_customers,
    role_ledger,
)
from roles.ledger_worlds import AS_OF, entries_of, ledger_of, sales
from roles.role_worlds import (
    DAYS,
    Line,
    book_of,
    lines_of,
    shuffled,
    spells_of,
    worlds,
)


few = settings(derandomize=True, max_examples=20, deadline=None)
JAN_1 = date(2011, 1, 1)
PAYS, ACTS, SHARES, OFFERS = EXPOSURES
TOGETHER = st.sampled_from(["int", "text"]).flatmap(
    lambda ids: st.tuples(sales(ids=ids), worlds(ids=ids))
)


def held(world: Any, day: date | None) -> list[Line]:
    """Give the roles of a day, or of ever."""
    return [
        one
        for one in spells_of(lines_of(world))
        if day is None or one.since <= day <= one.until
    ]


def way_of(role: str, otherwise: str | None) -> str | None:
    return {"bill_payer": PAYS, "agent": ACTS}.get(role, otherwise)


def exposed(spells: Sequence[Line]) -> dict[tuple[Any, Any], tuple[str, str | None]]:
    """Look at every role of every customer beside every role of every competitor."""
    rivals = {one.party for one in spells if one.kind == "competitor"}
    ours = [one for one in spells if one.kind in CUSTOMER_ROLES]
    customers = {one.party for one in ours}
    found: dict[tuple[Any, Any], set[tuple[int, str]]] = {}

    def add(customer: Any, rival: Any, way: str | None, scope: str = "") -> None:
        if way is not None and customer != rival:
            where = EXPOSURES.index(way), scope
            found.setdefault((customer, rival), set()).add(where)

    for their in spells:
        if their.party not in rivals:
            continue
        for our in ours:
            if their.agreement is not None and their.agreement == our.agreement:
                add(our.party, their.party, way_of(their.kind, SHARES))
            is_offer = their.kind == "competitor" and their.scope is not None
            if is_offer and their.scope == our.scope:
                add(our.party, their.party, OFFERS, their.scope or "")
        if their.kind != "competitor" and their.towards in customers:
            add(their.towards, their.party, way_of(their.kind, None))
    return {
        pair: (EXPOSURES[min(ways)[0]], min(ways)[1] or None)
        for pair, ways in found.items()
    }


def told(exposure: Any) -> dict[tuple[Any, Any], tuple[str, str | None]]:
    return {
        (customer, rival): (EXPOSURES[way], scope)
        for customer, rival, way, scope in zip(
            exposure.customer_ids.tolist(),
            exposure.competitor_ids.tolist(),
            exposure.ways.tolist(),
            exposure.scope.tolist(),
            strict=True,
        )
    }


# --- the loops -----------------------------------------------------------------------


@few
@given(worlds(), st.sampled_from([None, None, *DAYS[::3]]))
def test_exposure_is_that_of_looking_at_every_two_roles(world, day):
    exposure = exposed_customers(book_of(world), as_of=day)
    wanted = exposed(held(world, day))
    assert told(exposure) == wanted
    pairs = list(
        zip(
            exposure.customer_ids.tolist(),
            exposure.competitor_ids.tolist(),
            strict=True,
        )
    )
    assert pairs == sorted(wanted)
    counted = Counter(way for way, _ in wanted.values())
    assert exposure.counts() == {way: counted[way] for way in EXPOSURES}
    assert exposure.value is None


@few
@given(worlds(), st.sampled_from([None, *DAYS[::3]]))
def test_competitors_everywhere_are_those_named_without_a_scope(world, day):
    wide = {
        one.party
        for one in held(world, day)
        if one.kind == "competitor" and one.scope is None and one.agreement is None
    }
    found = exposed_customers(book_of(world), as_of=day).everywhere.tolist()
    assert found == sorted(wide)


@few
@given(worlds(), st.sampled_from([None, *DAYS[::3]]))
def test_competing_customers_are_competitors_with_something_of_ours(world, day):
    spells = held(world, day)
    rivals = {one.party for one in spells if one.kind == "competitor"}
    ours = {one.party for one in spells if one.kind in CUSTOMER_ROLES}
    found = competing_customers(book_of(world), as_of=day)
    assert found.tolist() == sorted(rivals & ours)


@few
@given(TOGETHER)
def test_the_value_at_stake_is_that_of_the_customer_as_owner(both):
    rows, world = both
    ledger, book = ledger_of(rows), book_of(world)
    exposure = exposed_customers(book, ledger=ledger)
    owned: Counter[Any] = Counter()
    for (owner, *_), (value, *_) in entries_of(rows).items():
        owned[owner] += value
    ids = exposure.customer_ids.tolist()
    assert exposure.value.tolist() == [owned[one] for one in ids]
    assert told(exposure) == told(exposed_customers(book))


@few
@given(worlds(), st.integers(0, 10**6))
def test_the_order_of_rows_never_matters(world, seed):
    one, other = book_of(world), book_of(shuffled(world, seed))
    assert exposed_customers(one) == exposed_customers(other)


# --- told one by one -------------------------------------------------------------------


def stated(*roles: tuple[Any, ...]) -> Any:
    names = ("party_id", "kind", "agreement_id", "scope", "towards")
    return assign_roles(
        statements=[
            Role(since=JAN_1, **dict(zip(names, role, strict=False))) for role in roles
        ]
    )


RIVAL = ("rival", "competitor", None, "lines")


@pytest.mark.parametrize(
    ("roles", "way", "scope"),
    [
        ([("rival", "bill_payer", "a"), ("c", "owner", "a")], PAYS, None),
        (
            [("rival", "bill_payer", None, "x", "c"), ("c", "owner", None, "x")],
            PAYS,
            None,
        ),
        ([("rival", "agent", "a"), ("c", "beneficiary", "a")], ACTS, None),
        ([("rival", "agent", None, "x", "c"), ("c", "owner", None, "x")], ACTS, None),
        ([("rival", "owner", "a"), ("c", "bill_payer", "a")], SHARES, None),
        ([("rival", "spy", "a"), ("c", "owner", "a")], SHARES, None),
        ([("rival", "competitor", "a"), ("c", "owner", "a")], SHARES, None),
        ([("c", "owner", None, "lines")], OFFERS, "lines"),
        ([("c", "beneficiary", "a", "lines")], OFFERS, "lines"),
        (  # the closest way is told
            [
                ("rival", "bill_payer", "a"),
                ("rival", "agent", "a"),
                ("rival", "owner", "a"),
                ("c", "owner", "a", "lines"),
            ],
            PAYS,
            None,
        ),
        (
            [("rival", "owner", "a"), ("c", "owner", "a", "lines")],
            SHARES,
            None,
        ),
    ],
)
def test_each_way_is_told_by_hand(roles, way, scope):
    found = told(exposed_customers(stated(RIVAL, *roles)))
    assert found["c", "rival"] == (way, scope)


@pytest.mark.parametrize(
    "roles",
    [
        [("c", "owner", None, "phones")],  # where nobody competes
        [("c", "prospect", None, "lines")],  # has nothing of ours
        [("c", "agent", None, "lines")],
        [("rival", "owner", None, "lines")],  # itself
        [("rival", "spy", None, "x", "c"), ("c", "owner", None, "x")],
        [("rival", "agent", "a"), ("c", "owner", "b")],
        [("rival", "agent", None, "x", "c"), ("c", "prospect")],
    ],
)
def test_what_is_no_exposure(roles):
    assert told(exposed_customers(stated(RIVAL, *roles))) == {}


def test_competitors_are_exposed_to_one_another_but_not_to_themselves():
    book = stated(
        RIVAL,
        ("other", "competitor", None, "lines"),
        ("rival", "owner", None, "lines"),
        ("other", "owner", None, "phones"),
    )
    assert told(exposed_customers(book)) == {("rival", "other"): (OFFERS, "lines")}
    assert competing_customers(book).tolist() == ["other", "rival"]


def test_of_several_scopes_the_first_is_told():
    book = stated(
        *((("rival", "competitor", None, scope)) for scope in ("z", "b", "a")),
        *((("c", "owner", None, scope)) for scope in ("z", "b", "c")),
    )
    assert told(exposed_customers(book)) == {("c", "rival"): (OFFERS, "b")}


def test_roles_that_do_not_meet_in_time_expose_nobody_on_a_day():
    sale = Transaction(customer_id="c", date=AS_OF, amount=1, category="lines")
    rival = Role(
        party_id="rival",
        kind="competitor",
        scope="lines",
        since=JAN_1,
        until=date(2011, 1, 5),
    )
    book = assign_roles(transactions=[sale], statements=[rival])
    assert len(exposed_customers(book)) == 1
    for day in (JAN_1, AS_OF, "2011-01-05", "2010-12-31"):
        assert len(exposed_customers(book, as_of=day)) == 0


# --- a value, and what is refused ------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("worth", [False, True], ids=["alone", "with values"])
def test_exposure_is_a_frame_of_the_hosts_kind(kind, worth):
    table = pa.table(
        {
            "party_id": ["rival", "c"],
            "kind": ["competitor", "owner"],
            "scope": ["lines", "lines"],
            "since": [JAN_1, JAN_1],
        }
    )
    frames = {
        "pandas": table.to_pandas,
        "polars": lambda: pl.from_arrow(table),
        "pyarrow": lambda: table,
    }
    sale = Transaction(customer_id="c", date=JAN_1, amount=12.345)
    ledger = role_ledger([sale], as_of=AS_OF, minor_units=3) if worth else None
    exposure = exposed_customers(assign_roles(statements=frames[kind]()), ledger=ledger)
    frame = exposure.to_frame()
    assert type(frame).__module__.split(".")[0] == kind
    columns = {
        "pandas": lambda one: one.to_dict("list"),
        "polars": lambda one: one.to_dict(as_series=False),
        "pyarrow": lambda one: one.to_pydict(),
    }[kind](frame)
    assert columns == {
        "customer_id": ["c"],
        "competitor_id": ["rival"],
        "way": [OFFERS],
        "scope": ["lines"],
    } | ({"value": [12.345]} if worth else {})


def test_exposure_is_a_value_and_shows_no_id():
    book = stated(RIVAL, ("Zuse", "owner", None, "lines"), ("Turing", "competitor"))
    exposure = exposed_customers(book)
    again = pickle.loads(pickle.dumps(exposure))  # noqa: S301 - ours
    assert again == exposure == copy.deepcopy(exposure)
    assert repr(exposure) == "Exposure(1 customers, 1 pairs)"
    assert exposure.everywhere.tolist() == ["Turing"]
    with pytest.raises(ValueError, match="read-only"):
        exposure.ways[0] = 0


def test_an_empty_book_exposes_nobody():
    exposure = exposed_customers(assign_roles(), ledger=role_ledger([], as_of=AS_OF))
    assert (len(exposure), exposure.everywhere.size) == (0, 0)
    assert len(exposure.to_frame()) == 0
    assert set(exposure.counts().values()) == {0}
    assert competing_customers(assign_roles()).tolist() == []


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: competing_customers([]), "bad_option"),
        (lambda: competing_customers(None), "bad_option"),
        (lambda: exposed_customers({}), "bad_option"),
        (lambda: exposed_customers(assign_roles(), ledger=[]), "bad_option"),
        (lambda: exposed_customers(assign_roles(), as_of="soon"), "not_a_day"),
        (lambda: competing_customers(assign_roles(), as_of=7), "not_a_day"),
        (
            lambda: exposed_customers(
                assign_roles(parties=["Zuse"]),
                ledger=role_ledger(
                    [Transaction(customer_id=4711, date=JAN_1, amount=1)], as_of=AS_OF
                ),
            ),
            "not_an_id",
        ),
    ],
    ids=list("abcdefg"),
)
def test_what_makes_no_sense_is_refused(ask, code):
    with pytest.raises(InvalidInputError) as caught:
        ask()
    assert caught.value.code == code
    assert not any(word in str(caught.value) for word in ("Zuse", "4711"))
