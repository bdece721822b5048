"""Roles on data that nobody here made: each number is counted again by SQL.

DuckDB reads the files themselves, tells the roles and shares out the value in its own
way, and pandas counts. No set names competitors, and none says that one party pays for
another's agreement; what else is not told is said in `role_data.py`.
"""

import functools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import customer_identification as ci
from roles import role_data, role_sql
from roles.role_data import ENTRY, MONTH, QUARTER
from roles.role_sql import ask


DAY_0 = date(1970, 1, 1)
WORDS = {"QUARTER": QUARTER, "MONTH": MONTH, "ENTRY": ENTRY.date()}


@functools.cache
def spells(name: str, lapse: int | None = None) -> pd.DataFrame:
    return ask(
        role_sql.SPELLS,
        EVIDENCE=role_sql.EVIDENCE[name],
        LAPSE="null::integer" if lapse is None else lapse,
        **WORDS,
    )


def in_force(told: pd.DataFrame, day: date) -> pd.DataFrame:
    at = (day - DAY_0).days
    return told[(told["since"] <= at) & (told["until"] >= at)]


def check_spells(book: ci.RoleBook, told: pd.DataFrame) -> None:
    """Compare who is what, from when to when, and by how many lines."""
    kinds = {kind: at for at, kind in enumerate(book.kinds)}
    theirs = pd.DataFrame(
        {
            "party": np.searchsorted(book.ids, told["party"].to_numpy(book.ids.dtype)),
            "kind": told["kind"].map(kinds),
            **{name: told[name] for name in ("since", "until", "n")},
        }
    )
    told_by_us = book.spells
    mine = np.array(
        [
            told_by_us.party,
            told_by_us.kind,
            told_by_us.since,
            told_by_us.until,
            told_by_us.rows,
        ],
        dtype=np.int64,
    )
    plain = theirs.to_numpy(dtype=np.int64).T
    assert np.array_equal(mine[:, np.lexsort(mine)], plain[:, np.lexsort(plain)])
    assert set(told["party"]) == set(book.parties().tolist())


def counted(told: pd.DataFrame) -> tuple[dict[str, int], dict[frozenset[str], int]]:
    """Count parties by kind, and by all of the kinds they have."""
    pairs = told[["party", "kind"]].drop_duplicates()
    codes, words = pd.factorize(pairs["kind"])
    masks = pairs.assign(bit=2**codes).groupby("party")["bit"].sum().value_counts()
    combined = {
        frozenset(word for at, word in enumerate(words) if mask >> at & 1): n
        for mask, n in masks.items()
    }
    return pairs["kind"].value_counts().to_dict(), combined


def check_counts(book: ci.RoleBook, told: pd.DataFrame) -> None:
    by_kind, combined = counted(told)
    assert {kind: n for kind, n in book.counts().items() if n} == by_kind
    found = {frozenset(kinds): n for kinds, n in book.combinations().items()}
    assert found == combined
    several = sum(n for kinds, n in combined.items() if len(kinds) > 1)
    assert book.with_several().size == several


NAMES = tuple(one.__name__ for one in role_data.ALL)

# Parties by role, as the files have them: so that nothing is compared with nothing.
PARTIES = {
    "berka": {"owner": 4500, "beneficiary": 6446, "disponent": 869},
    "eu_direct_lapse": {"owner": 23_060, "beneficiary": 11_893},
    "us_lapse_agent": {"owner": 29_317, "agent": 1},
    "can_joint_annuity": {"beneficiary": 29_778},
    "northwind": {"owner": 89, "beneficiary": 7, "agent": 9, "prospect": 91},
    "physician_detailing": {"owner": 994, "chooser": 994, "called on": 1000},
    "complete_journey": {"owner": 2469, "prospect": 2469},
}
SEVERAL = {"northwind": 89, "physician_detailing": 994, "complete_journey": 2469}


@pytest.mark.parametrize("name", NAMES)
def test_roles_are_those_that_sql_finds_in_the_files(name):
    book = getattr(role_data, name)().book
    told = spells(name)
    check_counts(book, told)
    assert {kind: n for kind, n in book.counts().items() if n} == PARTIES[name]
    assert book.with_several().size == SEVERAL.get(name, 0)
    check_spells(book, told)
    report = book.report
    assert report.read == report.used
    assert report.lines == report.without_role + told["n"].sum()


DAYS = {
    "berka": [date(1993, 1, 1), date(1995, 6, 30), date(1997, 12, 28)],
    "eu_direct_lapse": [date(1900, 1, 1), date(2100, 1, 1)],
    "us_lapse_agent": [date(1995, 1, 1), date(2001, 7, 1), date(2010, 5, 12)],
    "can_joint_annuity": [date(1999, 12, 31), date(2000, 1, 1), date(2003, 1, 1)],
    "northwind": [date(1993, 1, 1), date(1996, 12, 31), date(1998, 1, 31)],
    "physician_detailing": [date(2000, 1, 28), date(2000, 12, 1), date(2002, 1, 1)],
    "complete_journey": [date(2016, 12, 31), date(2017, 1, 31), date(2017, 12, 31)],
}


@pytest.mark.parametrize(
    ("name", "day"), [(name, day) for name, days in DAYS.items() for day in days]
)
def test_roles_of_a_day_are_those_that_sql_finds(name, day):
    book, told = getattr(role_data, name)().book, spells(name)
    check_counts(book.at(day), in_force(told, day))


@pytest.mark.parametrize(
    ("name", "lapse"),
    [("northwind", 30), ("physician_detailing", MONTH - 1), ("complete_journey", 28)],
)
def test_transactions_that_lapse_make_the_spells_that_sql_finds(name, lapse):
    book = ci.assign_roles(**getattr(role_data, name)().roles, lapse_days=lapse)
    told = spells(name, lapse)
    assert len(told) > len(spells(name))
    check_spells(book, told)
    for day in DAYS[name]:
        check_counts(book.at(day), in_force(told, day))


# --- value by role --------------------------------------------------------------------

WEIGHED = {"owner": 0.5, "bill_payer": 0.125, "beneficiary": 0.25, "agent": 0.125}
ALONE = {"owner": 1.0}


@functools.cache
def shared(name: str, beneficiary: float, agent: float) -> pd.DataFrame:
    found = ask(
        role_sql.BY_ROLE,
        ENTRIES=role_sql.ENTRIES,
        WORTH=role_sql.WORTH[name],
        BENEFICIARY=round(1000 * beneficiary),
        AGENT=round(1000 * agent),
    )
    return found.set_index("party").sort_index()


VALUED = tuple(role_sql.WORTH)
WEIGHTS = {"ours": WEIGHED, "default": dict(ci.DEFAULT_WEIGHTS), "owner": ALONE}


@pytest.mark.parametrize("name", VALUED)
@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS)
def test_value_by_role_is_conserved_to_the_cent(name, weights):
    ledger = getattr(role_data, name)().ledger
    values = ledger.by_role(weights)
    expected = shared(name, weights.get("beneficiary", 0), weights.get("agent", 0))
    assert values.ids.tolist() == expected.index.tolist()
    for kind in ("owner", "beneficiary", "agent"):
        mine = values.minor[:, values.kinds.index(kind)]
        assert (mine == expected[kind].to_numpy()).all()
    assert not values.minor[:, values.kinds.index("bill_payer")].any()  # none is named
    assert values.total_minor == expected["value"].sum() == TOTALS[name]
    in_money = values.totals().values()
    assert sum(round(one * 10**values.minor_units) for one in in_money) == TOTALS[name]


# What all transactions are worth, in cents, policies or prescriptions.
TOTALS = {
    "berka": 21_228_741_00,
    "eu_direct_lapse": 8_627_294_62,
    "us_lapse_agent": 29_317_00,
    "northwind": 1_265_793_02,
    "physician_detailing": 116_405,
    "complete_journey": 4_596_039_58,
}


@pytest.mark.parametrize("name", VALUED)
def test_one_entry_is_kept_for_all_who_come_together(name):
    ledger = getattr(role_data, name)().ledger
    count = "select count(*) as n, sum(cents)::bigint as cents from (LINES)"
    lines = ask(count, LINES=role_sql.WORTH[name])
    entries = ask(count, LINES=role_sql.ENTRIES, WORTH=role_sql.WORTH[name])
    assert len(ledger) == entries["n"].item() <= lines["n"].item()
    assert ledger.rows.sum() == ledger.report.used == lines["n"].item()
    assert ledger.value.sum() == lines["cents"].item() == TOTALS[name]


# --- ABC by role next to ABC by owner -------------------------------------------------


def standing(ledger, weights):
    """Give the ABC classes of everyone by what is shared out to them."""
    summary = ledger.by_role(weights).summary()
    return ci.ABCClassifier().fit(summary).classify(summary), summary


@pytest.mark.parametrize("name", VALUED)
def test_whose_standing_changes_when_value_is_read_by_role(name):
    ledger = getattr(role_data, name)().ledger
    (alone, by_owner), (shared_out, by_role) = (
        standing(ledger, weights) for weights in (ALONE, WEIGHED)
    )
    plain = shared(name, 0, 0)["class"]
    role = shared(name, WEIGHED["beneficiary"], WEIGHED["agent"])["class"]
    for mine, theirs in ((alone, plain), (shared_out, role)):
        words = np.array(mine.labels, dtype=object)[mine.codes]
        assert words.tolist() == theirs.tolist()
    moves = ci.migrate(alone, shared_out, summaries=(by_owner, by_role))
    pairs = pd.crosstab(plain, role)
    for before in pairs.index:
        for after in pairs.columns:
            who = plain.index[(plain == before) & (role == after)]
            assert moves.movers(before, after).tolist() == who.tolist()
            assert pairs.loc[before, after] == len(who)
    changed, owned = plain != role, plain != "none"
    assert (moves.before != moves.after).tolist() == changed.tolist()
    assert CHANGED[name] == ((changed & owned).sum(), (changed & ~owned).sum())
    assert not moves.entered.size
    assert not moves.left.size


# Whose class changes: of those who own anything, and of those who do not.
CHANGED = {
    "berka": (1621, 6446),
    "eu_direct_lapse": (5708, 11_893),
    "us_lapse_agent": (0, 1),
    "northwind": (4, 16),
    "physician_detailing": (290, 972),
    "complete_journey": (0, 0),  # the household is all there is
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("berka", "beneficiary"),
        ("eu_direct_lapse", "beneficiary"),
        ("northwind", "agent"),
        ("physician_detailing", "agent"),
    ],
)
def test_abc_of_all_who_have_one_role(name, kind):
    """Who stands between, or uses, all that others own: key parties of another kind."""
    summary = getattr(role_data, name)().ledger.by_role({kind: 1}).summary(kind)
    classes = ci.ABCClassifier().fit(summary).classify(summary)
    theirs = shared(name, kind == "beneficiary", kind == "agent")[kind]
    falling = theirs[theirs > 0].sort_values(ascending=False)
    larger = theirs.map(falling.groupby(falling, sort=False).sum().cumsum().shift())
    share = larger.fillna(0) / falling.sum()
    expected = pd.cut(share, [-1, 0.8, 0.95, 1], right=False, labels=["A", "B", "C"])
    words = expected.astype("object").where(theirs > 0, "none").tolist()
    assert np.array(classes.labels, dtype=object)[classes.codes].tolist() == words
    role = "chooser" if name == "physician_detailing" else kind
    parties = getattr(role_data, name)().book.parties(role)
    assert (theirs.index[theirs > 0] == parties).all()


# --- berka: accounts, their users, and whom standing orders pay -----------------------


def test_a_disponent_of_berka_uses_the_account_of_an_owner():
    book = role_data.berka().book
    users = ask("""
        select 'client-' || d.client_id as party, 'client-' || o.client_id as holder,
            'account-' || d.account_id as account, a.date as opened
        from {berka/disp} d join {berka/disp} o
            on o.account_id = d.account_id and o.type = 'OWNER'
        join {berka/account} a on a.account_id = d.account_id
        where d.type = 'DISPONENT' order by d.client_id
    """)
    assert len(users) == 869
    for user in users.iloc[::50].itertuples():
        (role,) = book.roles_of(user.party)
        assert (role.kind, role.towards) == ("disponent", user.holder)
        assert (role.agreement_id, str(role.since)) == (user.account, user.opened)
        assert (role.rule, role.source, role.until) == ("stated", "statement", None)


def test_beneficiaries_of_berka_are_counted_by_purpose():
    told = role_data.berka().book.to_frame()
    told = told[told["role"] == "beneficiary"].fillna({"scope": "not told"})
    found = told.groupby("scope").agg({"party_id": "nunique", "rows": "sum"})
    expected = ask("""
        select coalesce(k_symbol, 'not told') as purpose,
            count(distinct bank_to || ':' || account_to) as n, count(*) as orders
        from {berka/order} group by all order by purpose
    """)
    assert found.reset_index().to_numpy().tolist() == expected.to_numpy().tolist()
    assert len(expected) == 5


def test_what_owners_of_berka_pay_to_others():
    found = ci.payer_results(role_data.berka().ledger)
    expected = ask("""
        with paid as (
            select 'client-' || client_id as payer,
                bank_to || ':' || account_to as account, sum(amount) as paid
            from {berka/order} join {berka/disp} using (account_id)
            where type = 'OWNER' group by all
        ), gets as (select account, sum(paid) as gets from paid group by all)
        select payer, count(*) as beneficiaries, sum(paid) as pays,
            sum(gets - paid) as beside
        from paid join gets using (account) group by payer order by pays desc, payer
    """)
    mine = found.to_frame()
    assert mine["payer_id"].tolist() == expected["payer"].tolist()
    assert mine["beneficiaries"].tolist() == expected["beneficiaries"].tolist()
    assert mine["pays"].tolist() == expected["pays"].tolist()
    assert mine["could_take_away"].tolist() == expected["pays"].tolist()
    assert mine["beside"].tolist() == expected["beside"].tolist()
    head = expected["pays"] / expected["beneficiaries"]
    assert found.typical == pytest.approx(head.median() * 100)
    more = (head.median() - head).clip(lower=0) * expected["beneficiaries"]
    assert mine["could_add"].tolist() == pytest.approx(more.tolist(), abs=0.0051)
    assert expected["beside"].gt(0).sum() == 26  # others pay into the same account too


# --- northwind: employees sell, for others of them ------------------------------------


def test_what_employees_of_northwind_bring_alone_and_with_their_teams():
    handed = role_data.northwind()
    found = ci.agent_results(
        handed.ledger, book=handed.book, commission=0.125, cost={"employee-2": 250_000}
    )
    words = {"SALES": role_sql.SALES, "WORTH": role_sql.WORTH["northwind"]}
    alone, teams = ask("(SALES)", **words), ask(role_sql.TEAMS, **words)
    expected = alone.merge(teams, on="agent").set_index("agent")
    cost = (expected["value"] * 0.125).round()  # eighths: half to even, as numpy does
    cost["employee-2"] += 250_000_00
    profit = expected["value"] - cost
    mine = pd.DataFrame(
        {name: getattr(found, name) for name in ("profit", "cost", "team_value")},
        index=found.ids,
    )
    assert mine["profit"].is_monotonic_decreasing
    assert mine["profit"].to_dict() == profit.to_dict()
    assert mine["cost"].to_dict() == cost.to_dict()
    assert mine["team_value"].to_dict() == expected["team"].to_dict()
    for name in ("clients", "only_here", "value", "value_only_here"):
        assert (expected.loc[found.ids, name] == getattr(found, name)).all()
    top = found["employee-2"]  # to whom all others report in the end
    assert top["team_value"] == 1_265_793.02
    assert top["profit"] < 0 < top["team_profit"]
    assert found.direct_value == 0
    assert found.only_here.sum() == 1  # of 89 customers, one knows a single employee


def test_the_clients_of_an_employee_of_northwind():
    handed = role_data.northwind()
    for employee in (3, 9):
        clients = ci.agent_book(handed.ledger, f"employee-{employee}")
        expected = ask(
            """
                with total as (
                    select owner, sum(cents)::bigint as total
                    from (WORTH) group by owner
                )
                select owner, sum(cents)::bigint as value, total, count(*) as n
                from (WORTH) join total using (owner) where agent = 'employee-NUMBER'
                group by all order by value desc, owner
            """,
            WORTH=role_sql.WORTH["northwind"],
            NUMBER=employee,
        )
        days = ask(
            """
                select customerID, min(left(orderDate, 10)), max(left(orderDate, 10))
                from {northwind/orders} where employeeID = NUMBER group by all
            """,
            NUMBER=employee,
        ).set_index("customerID")
        assert clients.ids.tolist() == expected["owner"].tolist()
        assert clients.value.tolist() == expected["value"].tolist()
        assert clients.client_value.tolist() == expected["total"].tolist()
        assert clients.rows.tolist() == expected["n"].tolist()
        ends = np.array([clients.first, clients.last]).astype("datetime64[D]").T
        assert ends.astype("str").tolist() == days.loc[clients.ids].to_numpy().tolist()


def test_ship_to_of_northwind_is_another_name_or_town_than_bill_to():
    book = role_data.northwind().book
    towards = {
        address: {role.towards for role in book.roles_of(address)}
        for address in book.parties("beneficiary").tolist()
    }
    orders = ask("""
        select customerID, shipName || ', ' || shipCity as address, count(*) as n
        from {northwind/orders} join {northwind/customers} using (customerID)
        where shipName <> companyName or shipCity <> city group by all
    """)
    expected = dict(zip(orders["address"], orders["customerID"], strict=True))
    assert towards == {address: {one} for address, one in expected.items()}
    assert orders["n"].sum() == 56
    assert expected["Around the Horn, Colchester"] == "AROUT"  # in London else


# --- us_lapse_agent: policies that ended are in force no more -------------------------


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2005, 6, 30)])
def test_policies_of_tied_agents_end(day):
    handed = role_data.us_lapse_agent()
    ledger = ci.role_ledger(handed.worth, **{**handed.terms, "as_of": day})
    agents = ci.agent_results(ledger, book=handed.book)
    expected = ask(
        """
            select count(*) as sold, count(*) filter (allcause = 0 or "issue.date"::date
                + round_even(duration * QUARTER, 0)::integer >= date 'TODAY') as lasting
            from {us_lapse_agent/us_lapse_agent} where "issue.date" <= date 'TODAY'
        """,
        QUARTER=QUARTER,
        TODAY=day,
    )
    found = agents["tied agents"]
    assert found["agreements"] == expected["lasting"].item() < found["clients"]
    assert found["clients"] == found["only_here"] == expected["sold"].item()
    (later,) = ledger.report.set_aside
    unsold = 29_317 - expected["sold"].item()
    assert later == ("after as_of", unsold, unsold * 100)


# --- can_joint_annuity: who of a couple is still paid ---------------------------------


@pytest.mark.parametrize("years", [0, 1, 3, 5])
def test_annuities_are_paid_while_one_of_the_couple_lives(years):
    days = round(years * 365.25)
    day = ENTRY.date() + timedelta(days=days)
    book = role_data.can_joint_annuity().book.at(day)
    paid = pd.Series(book.agreement_ids[book.spells.agreement]).value_counts()
    expected = ask(
        """
            select (IsDeadM = 0 or round_even(DeathTimeM * 365.25, 0) >= DAYS)::integer
                + (IsDeadF = 0 or round_even(DeathTimeF * 365.25, 0) >= DAYS)::integer
                as living, count(*) as n
            from {can_joint_annuity/can_joint_annuity} group by all
        """,
        DAYS=days,
    ).set_index("living")["n"]
    assert (paid == 2).sum() == expected.get(2)
    assert (paid == 1).sum() == expected.get(1, 0)
    assert 14_889 - len(paid) == expected.get(0, 0)


# --- physician_detailing: those who choose and do not pay -----------------------------


def test_physicians_are_choosers_by_a_rule_of_the_host():
    handed = role_data.physician_detailing()
    book = handed.book
    months = ask("""
        select id, count(*) filter (scripts > 0) as prescribed,
            count(*) filter (detailing > 0) as called,
            sum(scripts)::bigint as scripts
        from {physician_detailing/counts} group by id order by id
    """)
    for one in months.iloc[::100].itertuples():
        roles = book.roles_of(f"physician-{one.id}")
        chooser = [role for role in roles if role.kind == "chooser"]
        assert sum(role.rows for role in chooser) == one.prescribed
        assert sum(role.rows for role in roles) == one.prescribed + one.called
        assert {role.rule for role in chooser} <= {"prescribed"}
        assert {role.towards for role in chooser} <= {f"patients of-{one.id}"}
    assert not book.parties("agent").size
    through = ci.agent_results(handed.ledger)
    sold = months[months["scripts"] > 0]
    assert dict(zip(through.ids, through.value, strict=True)) == {
        f"physician-{one.id}": one.scripts for one in sold.itertuples()
    }
    assert (through.only_here == 1).all()  # patients are told by their physician only
