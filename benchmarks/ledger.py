"""The generated transactions every route reads: drawn, written and loaded here."""

from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import feather, parquet


__all__ = ["AS_OF", "DAYS", "FIRST_DAY", "MONTHS", "FrameKind", "Ids", "load", "write"]

FrameKind = Literal["pandas", "categorical", "polars", "pyarrow", "path"]
Ids = Literal["int", "text"]

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

# What real ledgers hold besides: rows that must be set aside, and amounts to round.
FAULTS = {"nobody": 0.02, "blank": 0.005, "nan": 0.002, "inf": 0.001, "null": 0.002}
NO_DATE_SHARE = 0.002
LATE_SHARE = 0.01
HALF_CENT_SHARE = 0.01
LATE_DAYS = 60
ROW_GROUP = 122_880  # the size DuckDB writes, small enough for every engine's threads


def write(
    path: Path,
    *,
    rows: int,
    ids: Ids,
    seed: int,
    is_faulty: bool = False,
    founder_share: float = FOUNDER_SHARE,
) -> int:
    """Write one ledger in the order of its days and tell its number of customers.

    Parameters
    ----------
    path : Path
        The file to write, .feather or .parquet: customer_id, date, amount.
    rows : int
        Number of transactions.
    ids : {"int", "text"}
        int64 ids spread over seven times the number of customers, or text as
        ``C00012345``.
    seed : int
        Of the generator; equal seeds write equal files.
    is_faulty : bool
        Whether some rows have no customer, no date, no amount or an endless one, come
        after the last day, or hold parts of a cent.
    founder_share : float
        How many customers are there from the first day; with 1 every month has as many
        rows as the others.

    Returns
    -------
    customers : int
        Customers that have at least one row.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    customers = max(rows // ROWS_PER_CUSTOMER, 1)
    activity = np.cumsum(rng.lognormal(sigma=ACTIVITY_SIGMA, size=customers))
    codes = np.searchsorted(activity, rng.random(rows) * activity[-1], side="right")
    founder = rng.random(customers) < founder_share
    start = np.where(founder, 0, rng.integers(0, DAYS - 30, size=customers))
    day = start[codes] + (rng.random(rows) * (DAYS - start[codes])).astype(np.int64)
    amount = np.round(rng.lognormal(mean=3.0, sigma=1.0, size=rows), 2)
    amount[rng.random(rows) < REFUND_SHARE] *= -1
    order = np.argsort(day.astype(np.int16), kind="stable")
    codes, day, amount = codes[order], day[order], amount[order]
    del order
    numbers = rng.permutation(ID_SPREAD * customers)[:customers]
    columns = {
        "customer_id": _ids(numbers, codes, ids),
        "date": (FIRST_DAY + day).astype("datetime64[us]"),
        "amount": amount,
    }
    table = pa.table(with_faults(columns, ids, rng) if is_faulty else columns)
    if path.suffix == ".parquet":
        parquet.write_table(table, str(path), row_group_size=ROW_GROUP)
    else:
        feather.write_feather(table, str(path), compression="uncompressed")
    return int(np.count_nonzero(np.bincount(codes)))


def _ids(numbers: NDArray[np.int64], codes: NDArray[np.int64], ids: Ids) -> pa.Array:
    if ids == "int":
        return pa.array(numbers[codes])
    names = [f"C{number:08d}" for number in numbers.tolist()]
    return pa.array(names, pa.large_string()).take(pa.array(codes))


def with_faults(
    columns: dict[str, Any], ids: Ids, rng: np.random.Generator
) -> dict[str, Any]:
    """Spoil some rows of the columns, each fault on rows of its own or together."""
    amount, date = columns["amount"].copy(), columns["date"].copy()
    hit = {why: rng.random(amount.size) < share for why, share in FAULTS.items()}
    amount[rng.random(amount.size) < HALF_CENT_SHARE] += 0.005
    amount[hit["nan"]] = np.nan
    amount[hit["inf"]] = np.inf
    date[rng.random(amount.size) < LATE_SHARE] += np.timedelta64(LATE_DAYS, "D")
    owner = columns["customer_id"]
    nobody = pa.scalar(None, owner.type)
    if ids == "text":
        owner = pc.if_else(pa.array(hit["blank"]), pa.scalar("  ", owner.type), owner)
    return {
        "customer_id": pc.if_else(pa.array(hit["nobody"]), nobody, owner),
        "date": pa.array(date, mask=rng.random(amount.size) < NO_DATE_SHARE),
        "amount": pa.array(amount, mask=hit["null"]),
    }


def load(path: Path, kind: FrameKind) -> Any:
    """Load the ledger as the kind of frame a route takes, in memory of its own."""
    if kind == "path":
        return path
    if path.suffix == ".parquet":
        table = parquet.read_table(str(path))
    else:
        table = feather.read_table(str(path), memory_map=False)
    if kind == "pyarrow":
        return table
    if kind == "polars":
        return import_module("polars").DataFrame(table).rechunk()
    frame = table.to_pandas()
    if kind == "categorical":
        return frame.astype({"customer_id": "category"})
    return frame
