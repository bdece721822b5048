"""The generated transactions every route reads: drawn, written and loaded here."""

from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import feather


__all__ = ["AS_OF", "DAYS", "FIRST_DAY", "MONTHS", "FrameKind", "load", "write"]

FrameKind = Literal["pandas", "polars", "pyarrow"]

AS_OF = "2023-12-31"
FIRST_DAY = np.datetime64("2022-01-01", "D")
DAYS = 730  # 2022-01-01 to 2023-12-31
MONTHS = 24

# Our choices, close to what retail ledgers show: few customers hold most rows, few
# rows hold most money, some rows are money back, and most customers come later than
# the first day.
ROWS_PER_CUSTOMER = 20
ACTIVITY_SIGMA = 1.5
REFUND_SHARE = 0.03
FOUNDER_SHARE = 0.4
ID_SPREAD = 7


def write(path: Path, *, rows: int, ids: Literal["int", "text"], seed: int) -> int:
    """Write one ledger in the order of its days and tell its number of customers.

    Parameters
    ----------
    path : Path
        The feather file to write: customer_id, date, amount.
    rows : int
        Number of transactions.
    ids : {"int", "text"}
        int64 ids spread over seven times the number of customers, or text as
        ``C00012345``.
    seed : int
        Of the generator; equal seeds write equal files.

    Returns
    -------
    customers : int
        Customers that have at least one row.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    customers = max(rows // ROWS_PER_CUSTOMER, 1)
    activity = np.cumsum(rng.lognormal(sigma=ACTIVITY_SIGMA, size=customers))
    codes = np.searchsorted(activity, rng.random(rows) * activity[-1], side="right")
    founder = rng.random(customers) < FOUNDER_SHARE
    start = np.where(founder, 0, rng.integers(0, DAYS - 30, size=customers))
    day = start[codes] + (rng.random(rows) * (DAYS - start[codes])).astype(np.int64)
    amount = np.round(rng.lognormal(mean=3.0, sigma=1.0, size=rows), 2)
    amount[rng.random(rows) < REFUND_SHARE] *= -1
    order = np.argsort(day, kind="stable")
    codes, day, amount = codes[order], day[order], amount[order]
    numbers = rng.permutation(ID_SPREAD * customers)[:customers][codes]
    dates = (FIRST_DAY + day).astype("datetime64[us]")
    table = pa.table(
        {"customer_id": _ids(numbers, ids), "date": dates, "amount": amount}
    )
    feather.write_feather(table, str(path), compression="uncompressed")
    return int(np.unique(codes).size)


def _ids(numbers: NDArray[np.int64], ids: Literal["int", "text"]) -> pa.Array:
    if ids == "int":
        return pa.array(numbers)
    names, codes = np.unique(numbers, return_inverse=True)
    texts = pa.array([f"C{number:08d}" for number in names.tolist()], pa.large_string())
    return texts.take(pa.array(codes))


def load(path: Path, kind: FrameKind) -> Any:
    """Load the ledger as the kind of frame a route takes, in memory of its own."""
    table = feather.read_table(str(path), memory_map=False)
    if kind == "pyarrow":
        return table
    if kind == "polars":
        return import_module("polars").DataFrame(table).rechunk()
    return table.to_pandas()
