"""A file summarized in lazy Polars: by this library, and by a plan written by hand."""

from datetime import date
from pathlib import Path

import polars as pl
from lazy import PART, Collected, collected_numbers, held, held_numbers, numbers, ours
from ledger import AS_OF
from route import Route


__all__ = ["JOBS"]

LAST_DAY = date.fromisoformat(AS_OF)
CENTS, WHY, DAY = pl.col("cents"), pl.col("why"), pl.col("day")


def door(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Clean each row, and say why it cannot be used (0 where it can)."""
    owner, amount = pl.col("customer_id"), pl.col("amount")
    nobody = owner.is_null()
    if rows.collect_schema()["customer_id"] == pl.String:
        nobody |= owner.str.strip_chars() == ""
    is_finite = amount.is_finite().fill_null(value=False)
    scaled, whole = pl.col("scaled"), pl.col("whole")
    smallest = pl.max_horizontal(pl.lit(PART), whole.abs() * 2.0**-51)
    why = (
        pl.when(nobody)
        .then(1)
        .when(DAY.is_null())
        .then(2)
        .when("missing")
        .then(3)
        .when(~pl.col("ok"))
        .then(4)
        .when(LAST_DAY < DAY)
        .then(5)
        .otherwise(0)
        .cast(pl.Int8)
    )
    month = DAY.dt.year().cast(pl.Int32) * 12 + DAY.dt.month() - 1
    return (
        rows.select(
            "customer_id",
            day=pl.col("date").dt.date(),
            missing=amount.is_null() | amount.is_nan(),
            ok=is_finite,
            scaled=pl.when(is_finite).then(amount * 100).otherwise(0.0),
        )
        .with_columns(why=why, whole=scaled.round())
        .select(
            "day",
            "why",
            customer_id=pl.when(WHY == 0).then("customer_id"),
            month=pl.when(WHY == 0).then(month),
            cents=whole.cast(pl.Int64),
            off=(scaled - whole).abs() > smallest,
        )
    )


def cells(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Sum by customer and month; what is set aside, by reason."""
    return (
        rows.with_columns(refund=pl.when(CENTS < 0).then(CENTS))
        .group_by("customer_id", "why", "month")
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            CENTS.sum(),
            pl.col("refund").count().cast(pl.Int64).alias("refunds"),
            pl.col("refund").sum().alias("refund_value"),
            (CENTS == 0).sum().cast(pl.Int64).alias("free"),
            pl.col("off").sum().cast(pl.Int64).alias("rounded"),
        )
    )


def customers(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Count purchase days and square the gaps between them."""
    gap, day = pl.col("gap"), pl.col("day")
    return (
        rows.filter(WHY == 0, CENTS >= 0)
        .select("customer_id", day=DAY.to_physical())
        .sort("day")
        .with_columns(gap=day.diff().over("customer_id").cast(pl.Int64))
        .with_columns(new=gap.ne_missing(0), squared=gap * gap)
        .group_by("customer_id")
        .agg(
            pl.col("new").sum().cast(pl.Int64).alias("purchase_days"),
            day.min().alias("first"),
            day.max().alias("last"),
            pl.col("squared").sum().alias("squared_gaps"),
        )
    )


def by_hand(path: Path) -> Collected:
    """Let the streaming engine do both at once; holding the rows gains nothing."""
    rows = door(pl.scan_parquet(path))
    plans = [customers(rows), cells(rows)]
    seen, sums = pl.collect_all(plans, engine="streaming")
    return Collected(customers=seen.to_arrow(), cells=sums.to_arrow())


def eagerly(path: Path) -> pl.DataFrame:
    """Read the whole file first."""
    return pl.read_parquet(path)


JOBS = {
    "ours": Route(ours(pl.scan_parquet), numbers),
    "eager": Route(ours(eagerly), numbers),
    "held": Route(held(pl.scan_parquet), held_numbers),
    "by_hand": Route(by_hand, collected_numbers),
}
