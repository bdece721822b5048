"""Roles on data that nobody here made: each number is counted again by SQL.

DuckDB reads the files themselves, tells the roles and shares out the value in its own
way, and pandas counts. No set names competitors, and none says that one party pays for
another; what else is not told is said in `role_data.py`.
"""

import functools
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import customer_identification as ci
from roles import role_data
from roles.role_data import ENTRY, MONTH, QUARTER, ask


# --- the same evidence in SQL: a line for everyone named in a row ----------------------

# Null is no start and no end; LAPSE is how long a transaction speaks, or null.
EVIDENCE = {
    "berka": """
        with owner as (
            select account_id, 'client-' || client_id as client, cast(date as date) since
            from {berka/disp} join {berka/account} using (account_id)
            where type = 'OWNER'
        ), sent as (
            select *, 'order-' || order_id || coalesce(k_symbol, '') what
            from {berka/order} join owner using (account_id)
        )
        select client party, 'owner' kind, 'account-' || account_id what, since,
            null::date until from owner
        union all select client, 'owner', what, since, null from sent
        union all select bank_to || ':' || account_to, 'beneficiary', what, since, null
            from sent
        union all select 'client-' || client_id, 'disponent', 'account-' || account_id,
            since, null
            from {berka/disp} join owner using (account_id) where type = 'DISPONENT'
    """,
    "eu_direct_lapse": """
        with policy as (select *, file_row_number row from
            {eu_direct_lapse/eu_direct_lapse})
        select 'holder-' || row party, 'owner' kind, row::text what, null::date since,
            null::date until from policy
        union all select 'driver-' || row, 'beneficiary', row::text, null, null
            from policy
            where polholder_diffdriver in ('only partner', 'commercial', 'learner 17',
                'young drivers', 'all drivers > 24')
    """,
    "us_lapse_agent": f"""
        with policy as (
            select file_row_number::text row, "issue.date"::date since,
                case when allcause = 1 then
                    since + round_even(duration * {QUARTER}, 0)::integer end until
            from {{us_lapse_agent/us_lapse_agent}}
        )
        select 'holder-' || row party, 'owner' kind, row what, since, until from policy
        union all select 'tied agents', 'agent', row, since, until from policy
    """,
    "can_joint_annuity": f"""
        with lived as (
            select 'man-' || file_row_number party, file_row_number::text what,
                case IsDeadM when 1 then DeathTimeM end as years
            from {{can_joint_annuity/can_joint_annuity}}
            union all select 'woman-' || file_row_number, file_row_number::text,
                case IsDeadF when 1 then DeathTimeF end
            from {{can_joint_annuity/can_joint_annuity}}
        )
        select party, 'beneficiary' kind, what, date '{ENTRY:%Y-%m-%d}' since,
            since + round_even(years * 365.25, 0)::integer until from lived
    """,
    "northwind": """
        with line as (
            select *, left(orderDate, 10)::date since, 'category ' || categoryID what
            from {northwind/order_details}
            join {northwind/orders} using (orderID)
            join {northwind/products} using (productID)
        )
        select customerID party, 'owner' kind, what, since, since + LAPSE until from line
        union all select 'employee-' || employeeID, 'agent', what || customerID, since,
            since + LAPSE from line
        union all select shipName || ', ' || shipCity, 'beneficiary', what || customerID,
            since, since + LAPSE
            from line join {northwind/customers} using (customerID)
            where shipName <> companyName or shipCity <> city
        union all select 'employee-' || employeeID, 'agent', 'to ' || reportsTo,
            left(hireDate, 10)::date, null
            from {northwind/employees} where reportsTo is not null
        union all select customerID, 'prospect', '', null, min(since) - 1
            from {northwind/customers} left join line using (customerID) group by all
    """,
    "physician_detailing": f"""
        with month as (
            select *, date '{ENTRY:%Y-%m-%d}' + {MONTH} * (row_number() over (
                partition by id order by file_row_number)::integer - 1) since
            from {{physician_detailing/counts}}
        )
        select 'patients of-' || id party, 'owner' kind, '' what, since,
            since + LAPSE until from month where scripts > 0
        union all select 'physician-' || id, 'chooser', 'of-' || id, since, since + LAPSE
            from month where scripts > 0
        union all select 'physician-' || id, 'called on', '', since, since + {MONTH - 1}
            from month where detailing > 0
    """,
    # Summer time in New York in 2017: from 12 March, 7 h UTC, to 5 November, 6 h UTC.
    "complete_journey": """
        with line as (
            select household_id, coalesce(department, '') department,
                (transaction_timestamp - case when transaction_timestamp between
                    timestamp '2017-03-12 07:00:00' and timestamp '2017-11-05 05:59:59'
                    then interval 4 hours else interval 5 hours end)::date since
            from {complete_journey/transactions}
            left join {complete_journey/products} using (product_id)
        )
        select household_id party, 'owner' kind, department what, since,
            since + LAPSE until from line
        union all select household_id, 'prospect', '', null, min(since) - 1
            from line group by all
    """,
}

# Evidence that meets or overlaps is one role.
SPELLS = """
    with line as (
        select party, kind, what, coalesce(since, date '0001-01-01') since,
            coalesce(until, date '9999-12-31') until, count(*) n
        from (EVIDENCE) group by all
    ), latest as (
        select *, max(until) over (partition by party, kind, what order by since, until
            rows between unbounded preceding and 1 preceding) before from line
    ), numbered as (
        select *, sum(case when since <= before + 1 then 0 else 1 end) over (
            partition by party, kind, what order by since, until
            rows unbounded preceding) island from latest
    )
    select party, kind, what, min(since) since, max(until) until, sum(n) n
    from numbered group by party, kind, what, island having max(until) >= min(since)
"""


@functools.cache
def spells(name: str, lapse: int | None = None) -> pd.DataFrame:
    evidence = EVIDENCE[name].replace("LAPSE", str(lapse or "null::integer"))
    found = ask(SPELLS.replace("EVIDENCE", evidence))
    # Days as text sort as days do, and none is out of range.
    return found.assign(**{end: found[end].astype("str") for end in ("since", "until")})


def in_force(told: pd.DataFrame, day: date | None) -> pd.DataFrame:
    if day is None:
        return told
    return told[(told["since"] <= str(day)) & (told["until"] >= str(day))]


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
    assert len(book) == len(told)
    assert book.spells.rows.sum() == told["n"].sum()
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
    assert len(book) == len(told) > len(spells(name))
    lasting = (told["until"] > "9000").sum()
    assert np.isin(book.spells.until, ci.roles.spells.LAST_DAY).sum() == lasting
    kind = told["kind"].map({word: at for at, word in enumerate(book.kinds)})
    days = [
        pd.to_datetime(told.loc[told["since"] > "0001-01-01", "since"]),
        pd.to_datetime(told.loc[told["until"] < "9000", "until"]),
    ]
    assert sorted(book.spells.kind.tolist()) == sorted(kind.tolist())
    mine = book.to_frame()
    for name_of_end, theirs in zip(("since", "until"), days, strict=True):
        found = mine[name_of_end].dropna()
        assert found.sort_values().tolist() == theirs.sort_values().tolist()
    for day in DAYS[name]:
        check_counts(book.at(day), in_force(told, day))


# --- value by role ---------------------------------------------------------------------

# A line for every row that brings value. A half cent is none, as tests/golden has it.
WORTH = {
    "berka": """
        select 'client-' || client_id as owner, bank_to || ':' || account_to beneficiary,
            null::text agent, (amount * 100)::bigint cents
        from {berka/order} join {berka/disp} using (account_id) where type = 'OWNER'
    """,
    "eu_direct_lapse": """
        select 'holder-' || file_row_number as owner, case when polholder_diffdriver
            not in ('same', 'unknown') then 'driver-' || file_row_number end beneficiary,
            null::text agent, round(prem_final * 100)::bigint cents
        from {eu_direct_lapse/eu_direct_lapse}
    """,
    "us_lapse_agent": """
        select 'holder-' || file_row_number as owner, null::text beneficiary,
            'tied agents' agent, 100 cents from {us_lapse_agent/us_lapse_agent}
    """,
    "northwind": """
        select customerID as owner, case when shipName <> companyName or shipCity <> city
            then shipName || ', ' || shipCity end beneficiary,
            'employee-' || employeeID agent,
            round_even(round(unitPrice * 100)::bigint * quantity
                * (100 - round(discount * 100)::bigint) / 100.0, 0)::bigint cents
        from {northwind/order_details} join {northwind/orders} using (orderID)
        join {northwind/customers} using (customerID)
    """,
    "physician_detailing": """
        select 'patients of-' || id as owner, null::text beneficiary,
            'physician-' || id agent, scripts cents
        from {physician_detailing/counts} where scripts > 0
    """,
    "complete_journey": """
        select household_id as owner, null::bigint beneficiary, null::bigint agent,
            round(sales_value * 100)::bigint cents
        from {complete_journey/transactions}
    """,
}

ENTRIES = """
    select owner, agent, coalesce(beneficiary, owner) beneficiary, sum(cents) cents
    from (WORTH) group by all
"""

# Each part is rounded to the cent, half to even, and the owner has what is left.
BY_ROLE = f"""
    with entry as (
        select *,
            case when beneficiary <> owner
                then round_even(cents * BENEFICIARY, 0) else 0 end::bigint used,
            case when agent <> owner
                then round_even(cents * AGENT, 0) else 0 end::bigint sold
        from ({ENTRIES})
    ), part as (
        select owner party, cents - used - sold own, 0 used, 0 sold from entry
        union all select beneficiary, 0, used, 0 from entry
        union all select agent, 0, 0, sold from entry where agent is not null
    ), party as (
        select party, sum(own)::bigint as "owner", sum(used)::bigint beneficiary,
            sum(sold)::bigint agent, sum(own + used + sold)::bigint as value
        from part group by party
    ), larger as (
        select *, coalesce(sum(value) filter (value > 0) over (order by value desc
                range unbounded preceding exclude group), 0) larger,
            sum(value) filter (value > 0) over () total from party
    )
    select *, case when value <= 0 then 'none' when larger * 100 < total * 80 then 'A'
        when larger * 100 < total * 95 then 'B' else 'C' end class from larger
"""

# Eighths and quarters of cents have no rounding but the one that is meant.
EXACT = {"owner": 0.5, "bill_payer": 0.125, "beneficiary": 0.25, "agent": 0.125}
ALONE = {"owner": 1.0}


@functools.cache
def shared(name: str, beneficiary: float, agent: float) -> pd.DataFrame:
    query = BY_ROLE.replace("WORTH", WORTH[name])
    query = query.replace("BENEFICIARY", f"{beneficiary}::double")
    found = ask(query.replace("AGENT", f"{agent}::double"))
    return found.set_index("party").sort_index()


VALUED = tuple(WORTH)
WEIGHTS = {"exact": EXACT, "default": dict(ci.DEFAULT_WEIGHTS), "owner": ALONE}


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
    total = int(ask(f"select sum(cents) n from ({WORTH[name]})")["n"].item())
    assert values.total_minor == total == ledger.value.sum()
    assert total == sum(
        round(one * 10**values.minor_units) for one in values.totals().values()
    )


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
    n = ask(f"select count(*) n from ({ENTRIES.replace('WORTH', WORTH[name])})")
    assert len(ledger) == n["n"].item()
    assert ledger.value.sum() == TOTALS[name]
    rows = ask(f"select count(*) n from ({WORTH[name]})")["n"].item()
    assert ledger.rows.sum() == ledger.report.used == rows


# --- ABC by role next to ABC by owner --------------------------------------------------


def standing(ledger, weights):
    """Give the ABC classes of everyone by what is shared out to them."""
    summary = ledger.by_role(weights).summary()
    return ci.ABCClassifier().fit(summary).classify(summary), summary


@pytest.mark.parametrize("name", VALUED)
def test_whose_standing_changes_when_value_is_read_by_role(name):
    ledger = getattr(role_data, name)().ledger
    (alone, by_owner), (shared_out, by_role) = (
        standing(ledger, weights) for weights in (ALONE, EXACT)
    )
    plain = shared(name, 0, 0)["class"]
    role = shared(name, EXACT["beneficiary"], EXACT["agent"])["class"]
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
    changed = plain != role
    assert (moves.before != moves.after).tolist() == changed.tolist()
    print(
        "CH",
        name,
        (
            int((changed & (plain != "none")).sum()),
            int((changed & (plain == "none")).sum()),
        ),
        pairs,
    )
    assert not moves.entered.size
    assert not moves.left.size
