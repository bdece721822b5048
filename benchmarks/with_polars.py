"""The jobs in Polars' lazy expressions, with numpy for the trends."""

from typing import Any

import numpy as np
import polars as pl
import trend
from ledger import FIRST_DAY, MONTHS
from numpy.typing import NDArray
from route import Numbers, Route, days


__all__ = ["JOBS"]

FIRST_MONTH = int(FIRST_DAY.astype("datetime64[M]").astype(np.int64))
DAY_SPAN = 1 << 16  # room for the days from 1970 to 2149
PURCHASES = (
    pl.col("cents").sum().alias("total"),
    pl.col("date").drop_nulls().n_unique().alias("purchase_days"),
    pl.col("date").min().alias("first"),
    pl.col("date").max().alias("last"),
)
OF_DAYS = (
    pl.col("new").sum().alias("purchase_days"),
    pl.col("day").min().cast(pl.Int32).cast(pl.Date).alias("first"),
    pl.col("day").max().cast(pl.Int32).cast(pl.Date).alias("last"),
    pl.col("squared").sum().alias("squared_gaps"),
)


def with_cents(frame: pl.DataFrame) -> pl.LazyFrame:
    """Add whole cents, and blank the day where the row is no purchase."""
    return frame.lazy().select(
        "customer_id",
        cents=(pl.col("amount") * 100).round().cast(pl.Int64),
        date=pl.when(pl.col("amount") >= 0).then(pl.col("date")),
        month=month_of(pl.col("date")),
    )


def month_of(day: pl.Expr) -> pl.Expr:
    """Count months from the first."""
    year = day.dt.year().cast(pl.Int64)
    return year * 12 + day.dt.month() - (1970 * 12 + FIRST_MONTH + 1)


def summary(frame: pl.DataFrame) -> pl.DataFrame:
    """One group_by; quicker than two levels, `unique` or a packed key."""
    return with_cents(frame).group_by("customer_id").agg(*PURCHASES).collect()


def summary_numbers(found: pl.DataFrame) -> Numbers:
    """Take out the columns every route has."""
    found = found.sort("customer_id")
    return {
        "customer_id": np.asarray(found["customer_id"].to_list()),
        "total": found["total"].to_numpy(),
        "purchase_days": found["purchase_days"].to_numpy(),
        "first": days(found["first"].to_numpy()),
        "last": days(found["last"].to_numpy()),
    }


def cells_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Sum by customer and month: the one level from which totals follow."""
    refund = pl.when(pl.col("cents") < 0).then(pl.col("cents"))
    return (
        rows.with_columns(refund=refund)
        .group_by("customer_id", "month")
        .agg(
            pl.col("cents").sum(),
            pl.col("refund").count().alias("refunds"),
            pl.col("refund").sum().alias("refund_value"),
        )
    )


def days_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Count purchase days and square the gaps between them.

    Sorting by day alone is quicker than `unique`, than sorting by customer and day, or
    than sorting within each group.
    """
    day = pl.col("date").dt.epoch("d").cast(pl.Int32)
    return (
        rows.filter(pl.col("date").is_not_null())
        .select("customer_id", day=day)
        .sort("day")
        .with_columns(gap=pl.col("day").diff().over("customer_id").cast(pl.Int64))
        .with_columns(
            new=pl.col("gap").ne_missing(0), squared=pl.col("gap") * pl.col("gap")
        )
        .group_by("customer_id")
        .agg(*OF_DAYS)
    )


def packed_days_of(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Do the same by sorting customer and day as one number: for int ids only."""
    day = pl.col("date").dt.epoch("d").cast(pl.Int64)
    key, owner = pl.col("key"), pl.col("customer_id")
    same = owner == owner.shift()
    return (
        rows.filter(pl.col("date").is_not_null())
        .select((owner * DAY_SPAN + day).sort().alias("key"))
        .with_columns(customer_id=key // DAY_SPAN, day=key % DAY_SPAN)
        .with_columns(gap=pl.when(same).then(key.diff()))
        .with_columns(
            new=pl.col("gap").ne_missing(0), squared=pl.col("gap") * pl.col("gap")
        )
        .group_by("customer_id")
        .agg(*OF_DAYS)
    )


def core(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells and days, joined by customer; then classes and slope."""
    return finished(cells_of(with_cents(frame)), days_of(with_cents(frame)))


def core_packed(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Do the same with packed days."""
    return finished(cells_of(with_cents(frame)), packed_days_of(with_cents(frame)))


def finished(
    cells: pl.LazyFrame, bought: pl.LazyFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put the core job together from its two passes over the rows."""
    weights = pl.lit(pl.Series(trend.WEIGHTS))
    sums, seen = pl.collect_all([cells, bought], engine="streaming")
    found = (
        sums.lazy()
        .with_columns(slope=pl.col("cents") * weights.gather(pl.col("month")))
        .group_by("customer_id")
        .agg(
            pl.col("cents").sum().alias("total"),
            pl.col("refunds", "refund_value", "slope").sum(),
        )
        .join(seen.lazy(), on="customer_id", how="left")
        .with_columns(pl.col("purchase_days", "squared_gaps").fill_null(0))
        .collect(engine="streaming")
    )
    return found.with_columns(abc=abc(found)), sums


def abc(found: pl.DataFrame) -> pl.Series:
    """Share the positive total out, largest first; code A, B, C, none as 0 to 3."""
    total = pl.col("total")
    largest_first = (
        found.lazy()
        .select("total")
        .filter(total > 0)
        .sort("total", descending=True)
        .with_columns(before=total.cum_sum() - total)
    )
    limits = largest_first.select(
        total.filter(pl.col("before") < share * total.sum()).min().alias(str(share))
        for share in trend.VALUE_SHARES
    )
    a, b = limits.collect().row(0)
    code = pl.when(total <= 0).then(3).when(total >= a).then(0).when(total >= b).then(1)
    return found.select(code.otherwise(2).cast(pl.Int8)).to_series()


def core_numbers(result: tuple[pl.DataFrame, pl.DataFrame]) -> Numbers:
    """Take out the columns every route has."""
    found, _ = result
    found = found.sort("customer_id")
    return {
        **summary_numbers(found),
        **whole_numbers(found),
        "slope": found["slope"].to_numpy(),
        "abc": found["abc"].to_numpy(),
    }


def whole_numbers(found: pl.DataFrame) -> Numbers:
    """Take out what the longer jobs count besides."""
    names = ("refunds", "refund_value", "squared_gaps")
    return {name: found[name].to_numpy().astype(np.int64) for name in names}


def everything(frame: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64], Any]:
    """Do the core job, put the months into a matrix, find trends."""
    found, sums = core(frame)
    found = found.sort("customer_id")
    months = np.zeros((found.height, MONTHS), dtype=np.int64)
    place = found.select("customer_id", row=pl.int_range(pl.len()))
    at = sums.join(place, on="customer_id")
    months[at["row"].to_numpy(), at["month"].to_numpy()] = at["cents"].to_numpy()
    trends = trend.trends(months, days(found["first"].to_numpy()))
    return found, months, trends


def everything_numbers(result: tuple[pl.DataFrame, NDArray[np.int64], Any]) -> Numbers:
    """Take out the columns every route has."""
    found, months, trends = result
    return {
        **summary_numbers(found),
        **whole_numbers(found),
        "abc": found["abc"].to_numpy(),
        "months": months,
        "trend": trends.slope,
        "z": trends.z,
    }


JOBS = {
    "summary": Route(summary, summary_numbers),
    "core": Route(core, core_numbers),
    "core_packed": Route(core_packed, core_numbers),
    "identify": Route(everything, everything_numbers),
}
