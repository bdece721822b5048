"""A file summarized in Spark: by this library's plan, and by SQL written by hand.

Each route has a session of its own and runs a few times before the clock starts.
"""

from pathlib import Path
from typing import Any

from lazy import PART, Collected, collected_numbers, held, held_numbers, numbers, ours
from ledger import AS_OF
from pyspark.sql import SparkSession
from route import Route


__all__ = ["JOBS"]

WARM_RUNS = 3
IS_BLANK = "or trim(customer_id) = ''"
OPTIONS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.driver.memory": "4g",
    "spark.log.level": "ERROR",
}

# Not cached: the two queries below take less than they and `cache table` do.
DOOR = f"""
select case when why is null then customer_id end as customer_id, why, day,
  case when why is null then year(day) * 12 + month(day) - 1 end as month, cents,
  abs(scaled - cents) > greatest({PART}D, abs(cents) * power(2.0D, -51)) as off
from (
  select *,
    case when customer_id is null {{is_blank}} then 'no customer id'
      when day is null then 'no date' when missing then 'no amount'
      when not ok then 'amount not finite' when day > date '{AS_OF}' then 'after as_of'
    end as why
  from (
    select *, cast(rint(scaled) as bigint) as cents
    from (
      select *, case when ok then amount * 100 else 0.0D end as scaled
      from (
        select customer_id, cast(date as date) as day, amount,
          amount is null or isnan(amount) as missing,
          coalesce(abs(amount) < double('Infinity'), false) as ok
        from ledger
      )
    )
  )
)
"""
CELLS = """
select customer_id, why, month, count(*) as n, sum(cents) as cents,
  count_if(cents < 0) as refunds,
  sum(case when cents < 0 then cents else 0 end) as refund_value,
  count_if(cents = 0 and why is null) as free, count_if(off) as rounded
from door group by customer_id, why, month
"""
DAYS = """
select customer_id, count_if(gap is null or gap > 0) as purchase_days,
  min(day) as first, max(day) as last, coalesce(sum(gap * gap), 0) as squared_gaps
from (
  select customer_id, day, cast(datediff(day, lag(day) over (
    partition by customer_id order by day)) as bigint) as gap
  from door where why is null and cents >= 0
) group by customer_id
"""


def opened(path: Path) -> Any:
    """Start a session, or take the one that runs, and name the file."""
    builder = SparkSession.builder.master("local[2]")
    session = builder.config(map=OPTIONS).getOrCreate()
    rows = session.read.parquet(str(path))
    rows.createOrReplaceTempView("ledger")
    return rows


def by_hand(rows: Any) -> Collected:
    """Ask twice, and bring both answers back as Arrow."""
    is_text = rows.schema["customer_id"].dataType.typeName() == "string"
    session = rows.sparkSession
    session.sql(
        DOOR.format(is_blank=IS_BLANK if is_text else "")
    ).createOrReplaceTempView("door")
    return Collected(
        customers=session.sql(DAYS).toArrow(), cells=session.sql(CELLS).toArrow()
    )


JOBS = {
    "ours": Route(ours(lambda rows: rows), numbers, opened, WARM_RUNS),
    "held": Route(held(lambda rows: rows), held_numbers, opened, WARM_RUNS),
    "by_hand": Route(by_hand, collected_numbers, opened, WARM_RUNS),
}
