"""Measure the library's plans inside other engines beside plans written by hand.

Both read the same Parquet file with the same engine and bring back the same columns and
the same account of rows set aside; see README.md.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import ledger
from rounds import Entry, report, run_rounds


__all__ = ["JOBS"]

WARM_ROWS = 2_000
EAGER = Entry("customer_identification, all read", "lazy_polars", "eager", "path")


def both(name: str, module: str) -> list[Entry]:
    """List the plans of an engine, and the file read at once."""
    return [
        Entry(f"customer_identification on {name}", module, "ours", "path"),
        Entry(f"... held in {name}", module, "held", "path"),
        Entry(f"{name}, by hand", module, "by_hand", "path"),
        EAGER,
    ]


JOBS: Mapping[str, list[Entry]] = {
    "duckdb": both("DuckDB", "lazy_duckdb"),
    "polars": both("Polars", "lazy_polars"),
    "dask": both("Dask", "lazy_dask"),
    "spark": both("Spark", "lazy_spark"),
}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ids", choices=["int", "text"], default="int")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", action="append", choices=[*JOBS])
    asked = parser.parse_args()
    jobs = asked.only or [*JOBS]
    entries = list(dict.fromkeys(entry for job in jobs for entry in JOBS[job]))
    with tempfile.TemporaryDirectory() as directory:
        store, warm = Path(directory, "ledger.parquet"), Path(directory, "warm.parquet")
        for path, rows, seed in (
            (warm, WARM_ROWS, asked.seed + 1),
            (store, asked.rows, asked.seed),
        ):
            customers = ledger.write(
                path, rows=rows, ids=asked.ids, seed=seed, is_faulty=True
            )
        print(f"{asked.rows:,} rows, {customers:,} customers, {asked.ids} ids")
        found = run_rounds(entries, store, warm, asked.rounds)
        for job in jobs:
            report(job, JOBS[job], found, store)


if __name__ == "__main__":
    main()
