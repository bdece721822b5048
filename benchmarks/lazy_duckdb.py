"""A file summarized in DuckDB: by this library's plan, and by SQL written by hand."""

from pathlib import Path
from typing import Any

import duckdb
from attrs import frozen
from lazy import PART, Collected, collected_numbers, held, held_numbers, numbers, ours
from ledger import AS_OF
from route import Route


__all__ = ["CELLS", "DAYS", "JOBS"]

IS_BLANK = "or trim(customer_id) = ''"

# Held once: each of the two queries below would otherwise read and clean the file.
DOOR = f"""
create or replace temp table door as
select case when why is null then customer_id end as customer_id, why, day,
  case when why is null then (year(day) * 12 + month(day) - 1)::integer end as month,
  cents, off
from (
  select *,
    case when customer_id is null {{is_blank}} then 'no customer id'
      when day is null then 'no date' when missing then 'no amount'
      when not ok then 'amount not finite' when day > date '{AS_OF}' then 'after as_of'
    end as why,
    abs(scaled - cents) > greatest({PART}, abs(cents) * 2.0 ** -51) as off
  from (
    select *, round_even(scaled, 0)::bigint as cents
    from (
      select customer_id, date::date as day, amount is null or isnan(amount) as missing,
        coalesce(isfinite(amount), false) as ok,
        case when isfinite(amount) then amount * 100 else 0 end as scaled
      from ledger
    )
  )
)
"""
CELLS = """
select customer_id, why, month, count(*) as n, cast(sum(cents) as bigint) as cents,
  sum(case when cents < 0 then 1 else 0 end)::bigint as refunds,
  sum(case when cents < 0 then cents else 0 end)::bigint as refund_value,
  sum(case when cents = 0 and why is null then 1 else 0 end)::bigint as free,
  sum(case when off then 1 else 0 end)::bigint as rounded
from door group by customer_id, why, month
"""
DAYS = """
select customer_id,
  sum(case when gap is null or gap > 0 then 1 else 0 end)::bigint as purchase_days,
  min(day) as first, max(day) as last,
  coalesce(sum(gap * gap), 0)::bigint as squared_gaps
from (
  select customer_id, day,
    day - lag(day) over (partition by customer_id order by day) as gap
  from door where why is null and cents >= 0
) group by customer_id
"""


@frozen(eq=False)
class Source:
    """A connection of its own, and its relation over the file."""

    connection: Any
    rows: Any


def opened(path: Path) -> Source:
    """Connect, and name the file."""
    connection = duckdb.connect()
    rows = connection.read_parquet(str(path))
    rows.create_view("ledger")
    return Source(connection, rows)


def by_hand(source: Source) -> Collected:
    """Clean once into a table, then ask it twice."""
    is_text = str(source.rows.types[0]) == "VARCHAR"
    source.connection.execute(DOOR.format(is_blank=IS_BLANK if is_text else ""))
    return Collected(
        customers=source.connection.sql(DAYS).to_arrow_table(),
        cells=source.connection.sql(CELLS).to_arrow_table(),
    )


JOBS = {
    "ours": Route(ours(lambda source: source.rows), numbers, opened),
    "held": Route(held(lambda source: source.rows), held_numbers, opened),
    "by_hand": Route(by_hand, collected_numbers, opened),
}
