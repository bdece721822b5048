"""Measure the library beside pandas, Polars, lifetimes and pymc-marketing.

Every route reads the same generated transactions in a fresh process of its own, in
turn, round after round; see README.md for what each job is.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import imports
import ledger
from rounds import Entry, child, last_line, report, run_rounds


__all__ = ["JOBS"]

WARM_ROWS = 2_000
ONE_CUSTOMER_ROWS = 200_000
# What is of use for one kind of ids only.
ONLY_INT, ONLY_TEXT = ("packed",), ("categorical", "index")
OURS = "customer_identification"


def same_job(key: str) -> list[Entry]:
    """List the routes that every job has."""
    return [
        Entry(OURS, "ours", key),
        Entry("... Polars frame", "ours", key, "polars"),
        Entry("... PyArrow table", "ours", key, "pyarrow"),
        Entry("pandas", "with_pandas", key),
        Entry("Polars", "with_polars", key, "polars"),
    ]


JOBS: Mapping[str, list[Entry]] = {
    "summary": [
        *same_job("summary"),
        Entry("pymc-marketing", "with_pymc_marketing", "summary"),
        Entry("pymc-marketing, presorted", "with_pymc_marketing", "summary_presorted"),
        Entry("lifetimes", "with_lifetimes", "summary"),
    ],
    "core": [
        *same_job("core"),
        Entry("... categorical ids", "ours", "core", "categorical"),
        Entry("... index= of all customers", "ours", "core_index"),
        Entry("... index=, ids are positions", "ours", "core_positions"),
        Entry("pandas, categorical ids", "with_pandas", "core", "categorical"),
        Entry("DuckDB, Arrow table", "with_duckdb", "core", "pyarrow"),
        Entry("DuckDB, own table", "with_duckdb", "core_loaded", "pyarrow"),
        Entry("pandas, packed keys", "with_pandas", "core_packed"),
        Entry("Polars, packed keys", "with_polars", "core_packed", "polars"),
    ],
    "identify": same_job("identify"),
    "floor": [
        Entry("bincount of 3 columns, codes given", "floor", "codes_given"),
        Entry("factorize, bincount, sort totals", "floor", "factorize"),
    ],
}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ids", choices=["int", "text"], default="int")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--skip", action="append", default=[], help="part of a label")
    parser.add_argument("--only", action="append", choices=[*JOBS, "one", "import"])
    asked = parser.parse_args()
    jobs = asked.only or [*JOBS, "one", "import"]
    with tempfile.TemporaryDirectory() as directory:
        store, warm = Path(directory, "ledger.feather"), Path(directory, "warm.feather")
        ledger.write(warm, rows=WARM_ROWS, ids=asked.ids, seed=asked.seed + 1)
        customers = ledger.write(store, rows=asked.rows, ids=asked.ids, seed=asked.seed)
        print(f"{asked.rows:,} rows, {customers:,} customers, {asked.ids} ids")
        useless = ONLY_INT if asked.ids == "text" else ONLY_TEXT
        entries = [
            entry
            for job in JOBS
            if job in jobs
            for entry in JOBS[job]
            if not any(part in entry.label for part in (*asked.skip, *useless))
        ]
        found = run_rounds(entries, store, warm, asked.rounds)
        for job in JOBS:
            report(job, JOBS[job], found, store, JOBS["floor"])
        if "one" in jobs:
            small = Path(directory, "small.feather")
            ledger.write(small, rows=ONE_CUSTOMER_ROWS, ids=asked.ids, seed=asked.seed)
            done = child(["one_customer.py", small])
            failed = f"skipped: one customer: {last_line(done.stderr)}"
            print("\n" + (failed if done.returncode else done.stdout))
    if "import" in jobs:
        print(imports.report())


if __name__ == "__main__":
    main()
