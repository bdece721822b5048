"""The core job as one engineer's SQL on DuckDB."""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import trend
from attrs import frozen
from ledger import FIRST_DAY
from numpy.typing import NDArray
from route import Numbers, Route, days


__all__ = ["JOBS"]

FIRST_MONTH = int(FIRST_DAY.astype("datetime64[M]").astype(np.int64)) + 1970 * 12
MIDDLE = -trend.CENTRED[0]
SQUARES = trend.CENTRED @ trend.CENTRED

ROWS = f"""
select customer_id, date::date as day,
  (year(date) * 12 + month(date) - 1 - {FIRST_MONTH})::integer as month,
  round_even(amount * 100, 0)::bigint as cents
from ledger
"""
CELLS = f"""
select customer_id, month, sum(cents)::bigint as cents,
  count(*) filter (cents < 0) as refunds,
  coalesce(sum(cents) filter (cents < 0), 0)::bigint as refund_value
from ({ROWS}) group by all
"""
# The window over rows is quicker than over distinct days, or than sorted lists.
DAYS = f"""
select customer_id, count(*) filter (gap is null or gap > 0) as purchase_days,
  min(day) as first, max(day) as last,
  coalesce(sum(gap * gap), 0)::bigint as squared_gaps
from (
  select customer_id, day,
    day - lag(day) over (partition by customer_id order by day) as gap
  from ({ROWS}) where cents >= 0
) group by customer_id
"""
CUSTOMERS = f"""
select customer_id, sum(cents)::bigint as total, sum(refunds)::bigint as refunds,
  sum(refund_value)::bigint as refund_value,
  sum(cents * (month - {MIDDLE})) / {SQUARES} as slope
from cells group by customer_id
"""
ALL_CUSTOMERS = f"""
select *, coalesce(purchase_days, 0) as days, coalesce(squared_gaps, 0) as squared
from ({CUSTOMERS}) left join ({DAYS}) using (customer_id)
"""
A, B = trend.VALUE_SHARES
# Equal totals share a class: the running sum before a value is that of larger values.
LIMITS = f"""
with by_value as (
  select total, sum(total * n) over (order by total desc) - total * n as before
  from (select total, count(*) as n from customers where total > 0 group by total)
), everybody as (select sum(total) as money from customers where total > 0)
select min(total) filter (before < {A} * money) as a,
  min(total) filter (before < {B} * money) as b
from by_value, everybody
"""
CLASSES = f"""
select customers.*, case when total <= 0 then 3 when total >= a then 0
  when total >= b then 1 else 2 end::tinyint as abc
from customers, ({LIMITS})
"""


@frozen(eq=False)
class Held:
    """A connection that has the rows as `ledger`."""

    connection: Any
    rows: Any = None


def scanned(table: pa.Table) -> Held:
    """Let DuckDB read the Arrow table where it lies."""
    connection = duckdb.connect()
    connection.register("ledger", table)
    return Held(connection, table)


def loaded(table: pa.Table) -> Held:
    """Let DuckDB hold the rows itself before the clock starts."""
    connection = duckdb.connect()
    connection.register("given", table)
    connection.execute("create table ledger as select * from given")
    return Held(connection)


def core(held: Held) -> tuple[pa.Table, Any]:
    """Cells and customers as tables of their own, then the classes."""
    run = held.connection.execute
    run(f"create or replace temp table cells as {CELLS}")
    run(f"create or replace temp table customers as {ALL_CUSTOMERS}")
    return held.connection.sql(CLASSES).to_arrow_table(), held.connection


def core_numbers(result: tuple[pa.Table, Any]) -> Numbers:
    """Take out the columns every route has."""
    found = result[0].sort_by("customer_id")

    def column(name: str) -> NDArray[Any]:
        return np.asarray(found[name].to_numpy())

    return {
        "customer_id": np.asarray(found["customer_id"].to_pylist()),
        "total": column("total"),
        "refunds": column("refunds"),
        "refund_value": column("refund_value"),
        "purchase_days": column("days"),
        "squared_gaps": column("squared"),
        "first": days(column("first")),
        "last": days(column("last")),
        "slope": column("slope"),
        "abc": column("abc"),
    }


JOBS = {
    "core": Route(core, core_numbers, scanned),
    "core_loaded": Route(core, core_numbers, loaded),
}
