"""The same roles and values by SQL, from the files as they are: queries for DuckDB.

Words in capitals stand for other queries, numbers or days; ``{berka/disp}`` for a file.
"""

import functools
import re
from typing import Any

import pandas as pd
import pytest

from datasets import _folder


__all__ = ["BY_ROLE", "ENTRIES", "EVIDENCE", "SALES", "SPELLS", "TEAMS", "WORTH", "ask"]

duckdb = pytest.importorskip("duckdb")


@functools.cache
def _connection() -> Any:
    return duckdb.connect(config={"threads": 1})


@functools.cache
def _view(file: str) -> str:
    path = _folder() / f"{file}.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not here: set CUSTOMER_DATA to the data folder")
    name = file.replace("/", "_of_")
    rows = _connection().read_parquet(str(path), file_row_number=True)
    rows.create_view(name)
    return name


def ask(query: str, **words: Any) -> pd.DataFrame:
    """Ask DuckDB; each row of a file has its number as `file_row_number`."""
    for word, meaning in words.items():
        query = re.sub(rf"\b{word}\b", str(meaning), query)
    query = re.sub(r"\{([a-z_]+/[a-z_]+)\}", lambda found: _view(found[1]), query)
    answer: pd.DataFrame = _connection().sql(query).df()
    return answer


# A line for everyone named in a row. Null is no start and no end; LAPSE is how long a
# transaction speaks, or null; QUARTER, ENTRY and MONTH are those of `role_data.py`.
EVIDENCE = {
    "berka": """
        with owner as (
            select account_id, 'client-' || client_id as client,
                cast(date as date) as since
            from {berka/disp} join {berka/account} using (account_id)
            where type = 'OWNER'
        ), sent as (
            select *, 'order-' || order_id || coalesce(k_symbol, '') as what
            from {berka/order} join owner using (account_id)
        )
        select client as party, 'owner' as kind, 'account-' || account_id as what, since,
            null::date as until from owner
        union all select client, 'owner', what, since, null from sent
        union all select bank_to || ':' || account_to, 'beneficiary', what, since, null
            from sent
        union all select 'client-' || client_id, 'disponent', 'account-' || account_id,
            since, null
            from {berka/disp} join owner using (account_id) where type = 'DISPONENT'
    """,
    "eu_direct_lapse": """
        with policy as (select *, file_row_number as row from
            {eu_direct_lapse/eu_direct_lapse})
        select 'holder-' || row as party, 'owner' as kind, row::text as what,
            null::date as since, null::date as until from policy
        union all select 'driver-' || row, 'beneficiary', row::text, null, null
            from policy
            where polholder_diffdriver in ('only partner', 'commercial', 'learner 17',
                'young drivers', 'all drivers > 24')
    """,
    "us_lapse_agent": """
        with policy as (
            select file_row_number::text as row, "issue.date"::date as since,
                case when allcause = 1 then
                    since + round_even(duration * QUARTER, 0)::integer end as until
            from {us_lapse_agent/us_lapse_agent}
        )
        select 'holder-' || row as party, 'owner' as kind, row as what, since, until
            from policy
        union all select 'tied agents', 'agent', row, since, until from policy
    """,
    "can_joint_annuity": """
        with lived as (
            select 'man-' || file_row_number as party, file_row_number::text as what,
                case IsDeadM when 1 then DeathTimeM end as years
            from {can_joint_annuity/can_joint_annuity}
            union all select 'woman-' || file_row_number, file_row_number::text,
                case IsDeadF when 1 then DeathTimeF end
            from {can_joint_annuity/can_joint_annuity}
        )
        select party, 'beneficiary' as kind, what, date 'ENTRY' as since,
            since + round_even(years * 365.25, 0)::integer as until from lived
    """,
    "northwind": """
        with line as (
            select *, left(orderDate, 10)::date as since,
                'category ' || categoryID as what
            from {northwind/order_details}
            join {northwind/orders} using (orderID)
            join {northwind/products} using (productID)
        )
        select customerID as party, 'owner' as kind, what, since, since + LAPSE as until
            from line
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
    "physician_detailing": """
        with month as (
            select *, date 'ENTRY' + MONTH * (row_number() over (
                partition by id order by file_row_number)::integer - 1) as since
            from {physician_detailing/counts}
        )
        select 'patients of-' || id as party, 'owner' as kind, '' as what, since,
            since + LAPSE as until from month where scripts > 0
        union all select 'physician-' || id, 'chooser', 'of-' || id, since, since + LAPSE
            from month where scripts > 0
        union all select 'physician-' || id, 'called on', '', since, since + MONTH - 1
            from month where detailing > 0
    """,
    # Summer time in New York in 2017: from 12 March, 7 h UTC, to 5 November, 6 h UTC.
    "complete_journey": """
        with line as (
            select household_id, coalesce(department, '') as department,
                (transaction_timestamp - case
                    when transaction_timestamp >= timestamp '2017-03-12 07:00:00'
                        and transaction_timestamp < timestamp '2017-11-05 06:00:00'
                    then interval 4 hours else interval 5 hours end)::date as since
            from {complete_journey/transactions}
            left join {complete_journey/products} using (product_id)
        )
        select household_id as party, 'owner' as kind, department as what, since,
            since + LAPSE as until from line
        union all select household_id, 'prospect', '', null, min(since) - 1
            from line group by all
    """,
}

# Evidence that meets or overlaps is one role. Days since 1970-01-01; those without a
# start or an end are the first and last that Python knows.
SPELLS = """
    with line as (
        select party, kind, what, coalesce(since, date '0001-01-01') as since,
            coalesce(until, date '9999-12-31') as until, count(*) as n
        from (EVIDENCE) group by all
    ), latest as (
        select *, max(until) over (partition by party, kind, what order by since, until
            rows between unbounded preceding and 1 preceding) as before from line
    ), numbered as (
        select *, sum(case when since <= before + 1 then 0 else 1 end) over (
            partition by party, kind, what order by since, until
            rows unbounded preceding) as island from latest
    )
    select party, kind, what, min(since) - date '1970-01-01' as since,
        max(until) - date '1970-01-01' as until, sum(n)::bigint as n
    from numbered group by party, kind, what, island having max(until) >= min(since)
"""

# A line for every row that brings value. Money is in cents.
WORTH = {
    "berka": """
        select 'client-' || client_id as owner,
            bank_to || ':' || account_to as beneficiary, null::text as agent, (amount * 100)::bigint as cents
        from {berka/order} join {berka/disp} using (account_id) where type = 'OWNER'
    """,
    "eu_direct_lapse": """
        select 'holder-' || file_row_number as owner, case when polholder_diffdriver
            not in ('same', 'unknown') then 'driver-' || file_row_number end
            as beneficiary, null::text as agent, round(prem_final * 100)::bigint as cents
        from {eu_direct_lapse/eu_direct_lapse}
    """,
    "us_lapse_agent": """
        select 'holder-' || file_row_number as owner, null::text as beneficiary,
            'tied agents' as agent, 100 as cents from {us_lapse_agent/us_lapse_agent}
    """,
    "northwind": """
        select customerID as owner, case when shipName <> companyName or shipCity <> city
            then shipName || ', ' || shipCity end as beneficiary,
            'employee-' || employeeID as agent,
            round_even(round(unitPrice * 100)::bigint * quantity
                * (100 - round(discount * 100)::bigint) / 100.0, 0)::bigint as cents
        from {northwind/order_details} join {northwind/orders} using (orderID)
        join {northwind/customers} using (customerID)
    """,
    "physician_detailing": """
        select 'patients of-' || id as owner, null::text as beneficiary,
            'physician-' || id as agent, scripts as cents
        from {physician_detailing/counts} where scripts > 0
    """,
    "complete_journey": """
        select household_id as owner, null::bigint as beneficiary,
            null::bigint as agent, round(sales_value * 100)::bigint as cents
        from {complete_journey/transactions}
    """,
}

ENTRIES = """
    select owner, agent, coalesce(beneficiary, owner) as beneficiary,
        sum(cents) as cents
    from (WORTH) group by all
"""

# What each has in a role is their share of all that is theirs, rounded half to even:
# the part of an entry is the difference of two such shares, of the entries up to it and of
# those before, and the owner has what is left. BENEFICIARY and AGENT are per mille.
BY_ROLE = """
    with entry as (
        select *,
            case when beneficiary <> owner then
                round_even(sum(cents) over uses * BENEFICIARY / 1000.0, 0)
                - round_even((sum(cents) over uses - cents) * BENEFICIARY / 1000.0, 0)
                else 0 end::bigint as used,
            case when agent <> owner then
                round_even(sum(cents) over sells * AGENT / 1000.0, 0)
                - round_even((sum(cents) over sells - cents) * AGENT / 1000.0, 0)
                else 0 end::bigint as sold
        from (ENTRIES)
        window uses as (partition by beneficiary, beneficiary <> owner
                order by owner, agent nulls first rows unbounded preceding),
            sells as (partition by agent, agent <> owner
                order by owner, beneficiary rows unbounded preceding)
    ), part as (
        select owner as party, cents - used - sold as own, 0 as used, 0 as sold
            from entry
        union all select beneficiary, 0, used, 0 from entry
        union all select agent, 0, 0, sold from entry where agent is not null
    ), party as (
        select party, sum(own)::bigint as "owner", sum(used)::bigint as beneficiary,
            sum(sold)::bigint as agent, sum(own + used + sold)::bigint as value
        from part group by party
    ), larger as (
        select *, coalesce(sum(value) filter (value > 0) over (order by value desc
                range unbounded preceding exclude group), 0) as larger,
            sum(value) filter (value > 0) over () as total from party
    )
    select *, case when value <= 0 then 'none' when larger * 100 < total * 80 then 'A'
        when larger * 100 < total * 95 then 'B' else 'C' end as class from larger
"""

# Of every agent: all they sold, and to those who know no other.
SALES = """
    with line as (
        select owner, agent, sum(cents) as cents from (WORTH) group by all
    ), ways as (select owner, count(*) as n from line group by owner)
    select agent, count(*) as clients, count(*) filter (n = 1) as only_here,
        sum(cents)::bigint as value,
        coalesce(sum(cents) filter (n = 1), 0)::bigint as value_only_here
    from line join ways using (owner) group by agent
"""

# Everyone's sales, and of all who report to them or to those.
TEAMS = """
    with recursive above as (
        select 'employee-' || employeeID as agent, 'employee-' || employeeID as boss,
            reportsTo as next from {northwind/employees}
        union all
        select agent, 'employee-' || next::integer, e.reportsTo
        from above join {northwind/employees} e on e.employeeID = above.next
    )
    select boss as agent, sum(value)::bigint as team from above
    join (SALES) using (agent) group by boss
"""
