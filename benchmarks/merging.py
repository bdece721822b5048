"""Measure merging one month into 23 beside counting all 24 again.

All customers are there from the first day, so that each month has as many rows.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import ledger
from rounds import Entry, report, run_rounds


__all__ = ["JOBS"]

WARM_ROWS = 20_000
JOBS: Mapping[str, list[Entry]] = {
    "summary": [
        Entry("one month summarized and merged", "merge_months", "merge"),
        Entry("24 months, mergeable", "merge_months", "recount"),
        Entry("24 months", "merge_months", "recount_only"),
    ],
    "classes": [
        Entry("... and classes and slopes", "merge_months", "merge_classes"),
        Entry("24 months, and these", "merge_months", "recount_classes"),
    ],
}


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--ids", choices=["int", "text"], default="int")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        store, warm = Path(directory, "ledger.feather"), Path(directory, "warm.feather")
        for path, rows, seed in (
            (warm, WARM_ROWS, asked.seed + 1),
            (store, asked.rows, asked.seed),
        ):
            customers = ledger.write(
                path, rows=rows, ids=asked.ids, seed=seed, founder_share=1
            )
        print(f"{asked.rows:,} rows, {customers:,} customers, {asked.ids} ids")
        entries = [entry for job in JOBS.values() for entry in job]
        found = run_rounds(entries, store, warm, asked.rounds)
        for job, routes in JOBS.items():
            report(job, routes, found, store)


if __name__ == "__main__":
    main()
