"""A file summarized in Dask: by this library's plan, and by one written by hand."""

from pathlib import Path

import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
from lazy import PART, Collected, collected_numbers, held, held_numbers, numbers, ours
from ledger import AS_OF
from route import Route


__all__ = ["JOBS"]

ROW_GROUPS = 5  # of a file in one partition: 600,000 rows
KEYS = ["customer_id", "why", "month"]
SUMS = ["n", "cents", "refunds", "refund_value", "free", "rounded"]


def opened(path: Path) -> dd.DataFrame:
    """Name the file; nothing is read yet."""
    return dd.read_parquet(path, split_row_groups=ROW_GROUPS)


def door(rows: pd.DataFrame) -> pd.DataFrame:
    """Clean the rows of one partition with numpy, quicker than Dask's expressions."""
    amount = rows["amount"].to_numpy(dtype=np.float64, na_value=np.nan)
    is_finite = np.isfinite(amount)
    scaled = np.where(is_finite, amount, 0) * 100
    cents = np.rint(scaled).astype(np.int64)
    day = rows["date"].to_numpy().astype("datetime64[D]")
    nobody = rows["customer_id"].isna()
    if isinstance(rows["customer_id"].dtype, pd.StringDtype):
        nobody |= rows["customer_id"].str.strip() == ""
    faults = [
        nobody.to_numpy(dtype=np.bool_),
        np.isnat(day),
        np.isnan(amount),
        ~is_finite,
        day > np.datetime64(AS_OF),
    ]
    why = np.select(faults, [1, 2, 3, 4, 5], 0).astype(np.int8)
    month = day.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].where(why == 0),
            "day": np.where(np.isnat(day), 0, day.astype(np.int64)).astype(np.int32),
            "why": why,
            "month": np.where(why == 0, month, 0).astype(np.int32),
            "n": np.int64(1),
            "cents": cents,
            "refunds": (cents < 0).astype(np.int64),
            "refund_value": np.minimum(cents, 0),
            "free": ((cents == 0) & (why == 0)).astype(np.int64),
            "rounded": (
                np.abs(scaled - cents) > np.maximum(PART, np.abs(cents) * 2.0**-51)
            ).astype(np.int64),
        }
    )


def of_days(bought: pd.DataFrame) -> pd.DataFrame:
    """Count days and square gaps where all rows of a customer lie in one partition."""
    bought = bought.sort_values("day", kind="stable")
    gap = bought.groupby("customer_id")["day"].diff()
    squared = (gap * gap).fillna(0).astype(np.int64)
    return (
        bought.assign(new=(gap != 0).astype(np.int64), squared=squared)
        .groupby("customer_id")
        .agg(
            purchase_days=("new", "sum"),
            first=("day", "min"),
            last=("day", "max"),
            squared_gaps=("squared", "sum"),
        )
        .reset_index()
    )


def by_hand(rows: dd.DataFrame) -> Collected:
    """Cells by Dask's tree of groupbys, days after a shuffle, both in one graph."""
    clean = rows.map_partitions(door)
    cells = clean.groupby(KEYS, dropna=False, sort=False)[SUMS].sum().reset_index()
    bought = clean[(clean["why"] == 0) & (clean["refunds"] == 0)]
    customers = (
        bought[["customer_id", "day"]].shuffle("customer_id").map_partitions(of_days)
    )
    seen, sums = dask.compute(customers, cells)
    return Collected(customers=as_table(seen), cells=as_table(sums))


def as_table(frame: pd.DataFrame) -> pa.Table:
    """Turn pandas into Arrow; ids become whole numbers again."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    owner = table["customer_id"]
    if pa.types.is_floating(owner.type):
        table = table.set_column(0, "customer_id", owner.cast(pa.int64()))
    return table


JOBS = {
    "ours": Route(ours(lambda rows: rows), numbers, opened),
    "held": Route(held(lambda rows: rows), held_numbers, opened),
    "by_hand": Route(by_hand, collected_numbers, opened),
}
