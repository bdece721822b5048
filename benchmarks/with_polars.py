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
PURCHASES = (
    pl.col("cents").sum().alias("total"),
    pl.col("date").drop_nulls().n_unique().alias("purchase_days"),
    pl.col("date").min().alias("first"),
    pl.col("date").max().alias("last"),
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


def core(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two levels: (customer, month) first, then customer; then classes and slope."""
    cells = with_cents(frame).group_by("customer_id", "month").agg(*PURCHASES).collect()
    weights = pl.lit(pl.Series(trend.WEIGHTS))
    found = (
        cells.lazy()
        .with_columns(slope=pl.col("total") * weights.gather(pl.col("month")))
        .group_by("customer_id")
        .agg(
            pl.col("total").sum(),
            pl.col("purchase_days").sum(),
            pl.col("first").min(),
            pl.col("last").max(),
            pl.col("slope").sum(),
        )
        .collect()
    )
    return found.with_columns(abc=abc(found)), cells


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
        "slope": found["slope"].to_numpy(),
        "abc": found["abc"].to_numpy(),
    }


def everything(frame: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64], Any]:
    """Summary with gaps and refunds, months as a matrix, trends, classes."""
    rows = with_cents(frame)
    cents, day = pl.col("cents"), pl.col("date")
    totals = rows.group_by("customer_id").agg(
        cents.sum().alias("total"),
        (cents < 0).sum().alias("refunds"),
        cents.filter(cents < 0).sum().alias("refund_value"),
    )
    # Sorting by day alone is quicker than `unique`, or than sorting by customer and day.
    gap = pl.col("day").diff().over("customer_id")
    bought = (
        rows.filter(day.is_not_null())
        .select("customer_id", date=day, day=day.dt.epoch("d").cast(pl.Int64))
        .sort("day")
        .with_columns(gap=gap)
        .with_columns(
            new_day=pl.col("gap").ne_missing(0), squared=pl.col("gap") * pl.col("gap")
        )
        .group_by("customer_id")
        .agg(
            pl.col("new_day").sum().alias("purchase_days"),
            day.min().alias("first"),
            day.max().alias("last"),
            pl.col("squared").sum().alias("squared_gaps"),
        )
    )
    cells = rows.group_by("customer_id", "month").agg(cents.sum())
    summaries, sums = pl.collect_all(
        [totals.join(bought, on="customer_id", how="left").sort("customer_id"), cells]
    )
    found = summaries.with_columns(pl.col("purchase_days", "squared_gaps").fill_null(0))
    months = np.zeros((found.height, MONTHS), dtype=np.int64)
    place = found.select("customer_id", row=pl.int_range(pl.len()))
    at = sums.join(place, on="customer_id")
    months[at["row"].to_numpy(), at["month"].to_numpy()] = at["cents"].to_numpy()
    trends = trend.trends(months, days(found["first"].to_numpy()))
    return found.with_columns(abc=abc(found)), months, trends


def everything_numbers(result: tuple[pl.DataFrame, NDArray[np.int64], Any]) -> Numbers:
    """Take out the columns every route has."""
    found, months, trends = result
    whole = ["refunds", "refund_value", "squared_gaps", "abc"]
    return {
        **summary_numbers(found),
        **{name: found[name].to_numpy().astype(np.int64) for name in whole},
        "months": months,
        "trend": trends.slope,
        "z": trends.z,
    }


JOBS = {
    "summary": Route(summary, summary_numbers),
    "core": Route(core, core_numbers),
    "identify": Route(everything, everything_numbers),
}
