"""Agents: clients, cost, profit and teams, against plain sums and recursion."""

import copy
import math
import pickle
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
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
    Agreement,
    InvalidInputError,
    Role,
    Transaction,
    UnknownCustomerError,
    agent_book,
    agent_results,
    assign_roles,
    role_ledger,
)
from roles.ledger_worlds import (
    AS_OF,
    Rows,
    entries_of,
    ledger_of,
    sales,
    used_rows,
    value_name,
)
from roles.role_worlds import PARTY_IDS, book_of, lines_of, spells_of, worlds


few = settings(derandomize=True, max_examples=25, deadline=None)
JAN_1 = date(2011, 1, 1)
TOGETHER = st.sampled_from(["int", "text"]).flatmap(
    lambda ids: st.tuples(sales(ids=ids), worlds(ids=ids))
)


def oracle(
    rows: Rows,
    commission: Fraction = Fraction(0),
    cost: Mapping[Any, int] | None = None,
    principal: Mapping[Any, Any] | None = None,
) -> dict[Any, dict[str, int]]:
    """Recompute every agent by looking at every client and every row."""
    used, name = used_rows(rows), value_name(rows)
    ways = defaultdict(set)
    for row in used:
        ways[row["customer_id"]].add(row["agent_id"])
    agents = {row["agent_id"] for row in used} - {None}
    found: dict[Any, dict[str, int]] = {}
    for agent in agents:
        theirs = [row for row in used if row["agent_id"] == agent]
        clients = {row["customer_id"] for row in theirs}
        faithful = {one for one in clients if ways[one] == {agent}}
        value = sum(row[name] for row in theirs)
        spent = (cost or {}).get(agent, 0) + round(commission * value)
        found[agent] = {
            "clients": len(clients),
            "only_here": len(faithful),
            "value": value,
            "value_only_here": sum(
                row[name] for row in theirs if row["customer_id"] in faithful
            ),
            "cost": spent,
            "profit": value - spent,
        }
    below = {
        agent: [one for one in agents if (principal or {}).get(one) == agent]
        for agent in agents
    }

    def team(agent: Any, what: str) -> int:
        return found[agent][what] + sum(team(one, what) for one in below[agent])

    for agent in agents:
        for what in ("value", "profit"):
            found[agent][f"team_{what}"] = team(agent, what)
    return found


def told(results: Any) -> dict[Any, dict[str, int]]:
    names = (
        "clients",
        "only_here",
        "value",
        "value_only_here",
        "cost",
        "profit",
        "team_value",
        "team_profit",
    )
    return {
        one: {name: int(getattr(results, name)[at]) for name in names}
        for at, one in enumerate(results.ids.tolist())
    }


# --- what they bring -----------------------------------------------------------------


@few
@given(sales(), st.integers(0, 8))
def test_every_agent_has_the_clients_and_value_of_their_rows(rows, eighths):
    commission = Fraction(eighths, 8)  # exact in floats, and so are its halves
    results = agent_results(ledger_of(rows), commission=float(commission))
    wanted = oracle(rows, commission)
    assert told(results) == wanted
    order = sorted(wanted, key=lambda one: (-wanted[one]["profit"], one))
    assert results.ids.tolist() == order
    total = sum(row[value_name(rows)] for row in used_rows(rows))
    assert results.total_value == total
    assert results.direct_value == total - sum(one["value"] for one in wanted.values())
    assert not results.agreements.any()


@few
@given(sales(least=1), st.lists(st.integers(0, 500), min_size=5, max_size=5))
def test_costs_are_taken_from_the_profit_of_the_agent_they_name(rows, cents):
    ledger = ledger_of(rows)
    agents = sorted(oracle(rows))
    cost = dict(zip(agents, cents, strict=False))
    for money in (float, Decimal):
        given_cost = {one: money(minor) / 100 for one, minor in cost.items()}
        results = agent_results(ledger, cost=given_cost, commission=0.5)
        assert told(results) == oracle(rows, Fraction(1, 2), cost)


@few
@given(sales(), st.randoms(use_true_random=False))
def test_teams_add_up_to_whom_they_act_for(rows, dice):
    agents = sorted(oracle(rows))
    dice.shuffle(agents)
    principal = {
        one: dice.choice([None, *agents[:at]]) for at, one in enumerate(agents)
    }
    book = assign_roles(
        statements=[
            Role(party_id=one, kind="agent", scope="team", towards=other, since=JAN_1)
            for one, other in principal.items()
            if other is not None
        ]
    )
    results = agent_results(ledger_of(rows), book=book, commission=0.25)
    assert told(results) == oracle(rows, Fraction(1, 4), principal=principal)


def chain(n: int) -> tuple[Any, Any]:
    """Give a ledger of n agents with a client each, and those for whom each acts."""
    rows = [
        Transaction(customer_id=n + at, agent_id=at, date=JAN_1, amount=1)
        for at in range(n)
    ]
    stated = [
        Role(party_id=at, kind="agent", scope="team", towards=at - 1, since=JAN_1)
        for at in range(1, n)
    ]
    return role_ledger(rows, as_of=AS_OF), stated


def test_a_team_may_be_hundreds_of_agents_deep():
    ledger, stated = chain(300)
    results = agent_results(ledger, book=assign_roles(statements=stated))
    found = dict(zip(results.ids.tolist(), results.team_value.tolist(), strict=True))
    assert found == {at: 100 * (300 - at) for at in range(300)}


@pytest.mark.parametrize("n", [2, 3, 64])
def test_agents_in_a_circle_are_refused(n):
    ledger, stated = chain(n)
    back = Role(party_id=0, kind="agent", scope="team", towards=n - 1, since=JAN_1)
    with pytest.raises(InvalidInputError, match="circle") as caught:
        agent_results(ledger, book=assign_roles(statements=[*stated, back]))
    assert caught.value.code == "agent_cycle"


def test_who_acts_for_two_agents_at_once_is_refused():
    ledger, stated = chain(3)
    other = Role(party_id=2, kind="agent", scope="else", towards=0, since=JAN_1)
    with pytest.raises(InvalidInputError, match="at most one other") as caught:
        agent_results(ledger, book=assign_roles(statements=[*stated, other]))
    assert caught.value.code == "several_principals"


def test_who_acted_for_another_agent_before_is_not_refused():
    ledger, stated = chain(3)
    before = Role(
        party_id=2,
        kind="agent",
        scope="team",
        towards=0,
        since=JAN_1 - timedelta(days=9),
        until=JAN_1 - timedelta(days=1),
    )
    book = assign_roles(statements=[*stated, before])
    assert agent_results(ledger, book=book)[1]["team_value"] == 2
    then = role_ledger(
        [
            Transaction(customer_id=7, agent_id=at, date=JAN_1, amount=1)
            for at in (0, 2)
        ],
        as_of=JAN_1,
    )
    assert (
        agent_results(then, book=book.at(JAN_1 - timedelta(days=1)))[0]
        == (agent_results(then)[0])
    )


def test_the_same_principal_in_two_scopes_is_one():
    ledger, stated = chain(2)
    again = Role(party_id=1, kind="agent", scope="else", towards=0, since=JAN_1)
    book = assign_roles(statements=[*stated, again])
    assert agent_results(ledger, book=book)[0]["team_value"] == 2


def test_agents_who_buy_from_one_another_make_no_teams():
    rows = [
        Transaction(customer_id=one, agent_id=other, date=JAN_1, amount=1)
        for one, other in (
            ("a", "a"),
            ("a", "b"),
            ("b", "a"),
            ("c", "a"),
            ("x", "b"),
            ("x", "c"),
        )
    ]
    ledger = role_ledger(rows, as_of=AS_OF)
    results = agent_results(ledger, book=assign_roles(transactions=rows))
    assert results.team_value.tolist() == results.value.tolist() == [300, 200, 100]


def test_a_role_that_is_no_agents_makes_no_team():
    ledger, _ = chain(2)
    stated = Role(party_id=1, kind="chooser", towards=0, since=JAN_1)
    results = agent_results(ledger, book=assign_roles(statements=[stated]))
    assert results.team_value.tolist() == [100, 100]


def test_agents_who_sell_nothing_have_a_row_where_a_team_is_stated():
    ledger, _ = chain(2)
    stated = [
        Role(party_id=1, kind="agent", scope="team", towards=99, since=JAN_1),
        Role(party_id=99, kind="agent", scope="team", since=JAN_1),
        Role(party_id=98, kind="agent", scope="team", towards=0, since=JAN_1),
    ]
    results = agent_results(
        ledger, book=assign_roles(statements=stated), cost={98: 0.25}
    )
    team = dict(zip(results.ids.tolist(), results.team_profit.tolist(), strict=True))
    assert team == {0: 75, 1: 100, 98: -25, 99: 100}
    assert (results[99]["clients"], results[99]["value"]) == (0, 0.0)


def test_agents_stated_towards_their_customers_make_no_teams():
    stated = [
        Role(party_id="x", kind="agent", agreement_id=at, towards=one, since=JAN_1)
        for at, one in enumerate(("c1", "c2"))
    ] + [
        Role(party_id=one, kind="owner", agreement_id=at, since=JAN_1)
        for at, one in enumerate(("c1", "c2"))
    ]
    row = Transaction(customer_id="c1", agent_id="x", date=JAN_1, amount=1)
    ledger = role_ledger([row], as_of=AS_OF)
    results = agent_results(ledger, book=assign_roles(statements=stated))
    assert results.ids.tolist() == ["x"]
    assert results["x"]["agreements"] == 2


@few
@given(TOGETHER)
def test_agreements_are_those_they_act_in_on_the_day(both):
    rows, world = both
    world = {**world, "statements": []}
    ledger, book = ledger_of(rows), book_of(world)
    acts = defaultdict(set)
    for one in spells_of(lines_of(world)):
        is_now = one.since <= AS_OF <= one.until
        if is_now and one.kind == "agent" and one.agreement is not None:
            acts[one.party].add(one.agreement)
    results = agent_results(ledger, book=book)
    assert {
        one: int(n)
        for one, n in zip(results.ids.tolist(), results.agreements, strict=True)
    } == {one: len(acts[one]) for one in oracle(rows)}


def test_one_agent_is_found_by_id_with_money_in_major_units():
    rows = [
        Transaction(customer_id=c, agent_id=a, date=JAN_1, amount=amount)
        for c, a, amount in (("c", "z", 10), ("d", "z", 2.5), ("c", "y", 1))
    ]
    results = agent_results(role_ledger(rows, as_of=AS_OF), commission=0.1)
    assert results["z"] == {
        "clients": 2,
        "only_here": 1,
        "agreements": 0,
        "value": 12.5,
        "value_only_here": 2.5,
        "cost": 1.25,
        "profit": 11.25,
        "team_value": 12.5,
        "team_profit": 11.25,
    }
    assert list(results) == ["z", "y"]
    for asked in ("c", "nobody", 1, None, True):
        assert asked not in results
        with pytest.raises(UnknownCustomerError):
            results[asked]
    assert "y" in results


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_results_are_a_frame_of_the_hosts_kind(kind):
    rows = [
        dict.fromkeys(("payer_id", "beneficiary_id"))
        | {"customer_id": 1, "agent_id": agent, "date": JAN_1, "amount": 150}
        for agent in (7, None)
    ]
    ledger = ledger_of(rows, kind)
    for one in (agent_results(ledger), agent_book(ledger, 7)):
        frame = one.to_frame()
        assert type(frame).__module__.split(".")[0] == kind
        table = {
            "pandas": pa.Table.from_pandas,
            "polars": pl.DataFrame.to_arrow,
            "pyarrow": lambda frame: frame,
        }[kind](frame)
        assert table["value"].to_pylist() == [1.5]
        assert table.num_rows == len(one) == 1
    clients = agent_book(ledger, 7).to_frame()
    assert str(clients["first"][0]).startswith("2011-01-01")
    assert clients["share"][0].as_py() == 0.5 if kind == "pyarrow" else True


def test_no_agents_are_nobody():
    for rows in ([], [Transaction(customer_id=1, date=JAN_1, amount=5)]):
        results = agent_results(role_ledger(rows, as_of=AS_OF))
        assert (len(results), results.direct_value) == (0, 500 * len(rows))
        assert len(results.to_frame()) == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"commission": 1.1}, "bad_option"),
        ({"commission": -0.1}, "bad_option"),
        ({"commission": math.nan}, "bad_option"),
        ({"commission": "0.1"}, "bad_option"),
        ({"commission": True}, "bad_option"),
        ({"book": []}, "bad_option"),
        ({"cost": [1]}, "not_a_mapping"),
        ({"cost": {"ann": -1}}, "out_of_range"),
        ({"cost": {"ann": math.inf}}, "out_of_range"),
        ({"cost": {"ann": math.nan}}, None),
        ({"cost": {"ann": None}}, None),
        ({"cost": {"ann": "3"}}, None),
        ({"cost": {"ann": True}}, None),
        ({"cost": {"ann": 2.0**60}}, "out_of_range"),
        ({"cost": {"c1": 1}}, "unknown_party"),
        ({"cost": {"nobody": 1}}, "unknown_party"),
        ({"cost": {"ann": 1, "": 2}}, None),
        ({"cost": {"ann": 1, None: 2}}, None),
        ({"cost": {None: 2}}, None),
        ({"cost": {1: 2}}, "not_an_id"),
        ({"cost": {"ann": 1, 1: 2}}, "not_an_id"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, code):
    row = Transaction(customer_id="c1", agent_id="ann", date=JAN_1, amount=4711)
    ledger = role_ledger([row], as_of=AS_OF, minor_units=6)
    with pytest.raises(InvalidInputError) as caught:
        agent_results(ledger, **options)
    if code is not None:
        assert caught.value.code == code
    assert not any(word in str(caught.value) for word in ("ann", "c1", "4711"))


def test_only_ledgers_have_agents():
    for wrong in (None, [], pd.DataFrame()):
        with pytest.raises(InvalidInputError) as caught:
            agent_results(wrong)
        assert caught.value.code == "bad_option"
        with pytest.raises(InvalidInputError) as caught:
            agent_book(wrong, 1)
        assert caught.value.code == "bad_option"


def test_no_cost_at_all_is_none():
    row = Transaction(customer_id=1, agent_id=2, date=JAN_1, amount=5)
    ledger = role_ledger([row], as_of=AS_OF)
    assert agent_results(ledger, cost={}) == agent_results(ledger)
    assert agent_results(ledger, cost={2: 0}) == agent_results(ledger)


# --- one agent's book of clients -------------------------------------------------------


@few
@given(sales())
def test_a_book_has_the_clients_of_one_agent_most_value_first(rows):
    ledger, used, name = ledger_of(rows), used_rows(rows), value_name(rows)
    for agent in ledger.ids.tolist():
        theirs = defaultdict(list)
        for row in used:
            if row["agent_id"] == agent:
                theirs[row["customer_id"]].append(row)
        value = {one: sum(row[name] for row in some) for one, some in theirs.items()}
        order = sorted(value, key=lambda one: (-value[one], one))
        whole = Counter()
        for row in used:
            whole[row["customer_id"]] += row[name]
        clients = agent_book(ledger, agent)
        assert clients.ids.tolist() == order
        assert clients.value.tolist() == [value[one] for one in order]
        assert clients.client_value.tolist() == [whole[one] for one in order]
        assert clients.rows.tolist() == [len(theirs[one]) for one in order]
        for what, ends in ((min, clients.first), (max, clients.last)):
            wanted = [what(row["date"] for row in theirs[one]) for one in order]
            assert ends.tolist() == wanted
        for one, share in zip(order, clients.share.tolist(), strict=True):
            if whole[one] > 0:
                assert share == value[one] / whole[one]
            else:
                assert math.isnan(share)


@few
@given(TOGETHER)
def test_shared_agreements_are_owned_by_the_client_and_sold_by_the_agent(both):
    rows, world = both
    ledger, book = ledger_of(rows), book_of(world)
    spells = [
        one for one in spells_of(lines_of(world)) if one.since <= AS_OF <= one.until
    ]
    for agent in ledger.ids.tolist():
        sold = {
            one.agreement
            for one in spells
            if one.kind == "agent" and one.party == agent
        }
        clients = agent_book(ledger, agent, book=book)
        wanted = [
            len(
                {
                    one.agreement
                    for one in spells
                    if one.kind == "owner" and one.party == client
                }
                & sold - {None}
            )
            for client in clients.ids.tolist()
        ]
        assert clients.agreements.tolist() == wanted


def test_roles_stated_within_agreements_are_counted_too():
    agreement = Agreement(
        agreement_id="policy",
        opened=JAN_1,
        roles=[
            Role(party_id="c", kind="owner", since=JAN_1),
            Role(party_id="ann", kind="agent", since=JAN_1, towards="c"),
        ],
    )
    row = Transaction(customer_id="c", agent_id="ann", date=JAN_1, amount=1)
    ledger, book = role_ledger([row], as_of=AS_OF), assign_roles([agreement])
    assert agent_results(ledger, book=book)["ann"]["agreements"] == 1
    assert agent_book(ledger, "ann", book=book).agreements.tolist() == [1]


@pytest.mark.parametrize("ids", ["int", "text"])
def test_a_book_of_roles_that_knows_nobody_counts_no_agreements(ids):
    one, other, *_ = PARTY_IDS[ids]
    row = Transaction(customer_id=one, agent_id=other, date=JAN_1, amount=1)
    ledger = role_ledger([row], as_of=AS_OF)
    for book in (assign_roles(), assign_roles(parties=PARTY_IDS[ids][2:])):
        assert agent_book(ledger, other, book=book).agreements.tolist() == [0]
        assert agent_results(ledger, book=book).agreements.tolist() == [0]


@pytest.mark.parametrize(("ids", "others"), [("int", "text"), ("text", "int")])
def test_a_book_of_roles_with_ids_of_another_type_is_refused(ids, others):
    one, other, *_ = PARTY_IDS[ids]
    row = Transaction(customer_id=one, agent_id=other, date=JAN_1, amount=1)
    ledger = role_ledger([row], as_of=AS_OF)
    book = assign_roles(parties=PARTY_IDS[others])
    for ask in (
        lambda: agent_book(ledger, other, book=book),
        lambda: agent_results(ledger, book=book),
    ):
        with pytest.raises(InvalidInputError) as caught:
            ask()
        assert caught.value.code == "not_an_id"
        assert str(other) not in str(caught.value)


def test_a_party_who_sells_nothing_has_an_empty_book():
    row = Transaction(customer_id=1, agent_id=2, date=JAN_1, amount=1)
    ledger = role_ledger([row], as_of=AS_OF)
    clients = agent_book(ledger, 1, book=assign_roles())
    assert (len(clients), clients.share.tolist()) == (0, [])
    assert len(clients.to_frame()) == 0
    for asked in (3, "1", None):
        with pytest.raises(UnknownCustomerError):
            agent_book(ledger, asked)


def test_results_and_books_are_values_and_show_no_id():
    row = Transaction(customer_id="Zuse", agent_id="Turing", date=JAN_1, amount=4711)
    ledger = role_ledger([row], as_of=AS_OF)
    for one in (agent_results(ledger), agent_book(ledger, "Turing")):
        again = pickle.loads(pickle.dumps(one))  # noqa: S301 - ours
        assert again == one == copy.deepcopy(one)
        assert not any(word in repr(one) for word in ("Zuse", "Turing", "4711"))
        with pytest.raises(ValueError, match="read-only"):
            one.value[0] = np.int64(7)
    assert repr(agent_results(ledger)) == "AgentResults(1 agents)"
    assert repr(agent_book(ledger, "Turing")) == "AgentBook(1 clients)"


@few
@given(sales(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows, dice):
    other = dice.sample(rows, len(rows))
    assert agent_results(ledger_of(rows)) == agent_results(ledger_of(other))
    assert entries_of(rows) == entries_of(other)
