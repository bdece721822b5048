"""Measure scorecards beside scikit-learn's logistic regression.

Both learn from the same parties with twenty attributes, each in a fresh process of its
own, in turn, round after round. See README.md.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from rounds import Entry, Measured, run_rounds
from scorecards_table import write_parties


__all__: list[str] = []

ROWS = 1_000_000
WARM_ROWS = 2_000
OURS, THEIRS = "scorecards_ours", "scorecards_with_sklearn"
JOBS = {
    "fit": (
        Entry("customer_identification", OURS, "fit"),
        Entry("scikit-learn, as it comes", THEIRS, "fit"),
        Entry("scikit-learn, scaled", THEIRS, "fit_scaled"),
    ),
    "fit, from a frame": (
        Entry("customer_identification", OURS, "fit_frame"),
        Entry("scikit-learn, as it comes", THEIRS, "fit_frame"),
    ),
    "chances": (
        Entry("customer_identification", OURS, "chances"),
        Entry("scikit-learn, scaled", THEIRS, "chances"),
    ),
}


def show(title: str, found: Mapping[Entry, Measured]) -> None:
    """Print one job's part of the table."""
    print(
        f"\n{title:<28} {'CPU s min':>9} {'median':>8} {'wall min':>9} {'peak MB':>8}"
        f" {'first/this':>10}"
    )
    first = min(next(iter(found.values())).cpu)
    for entry, one in found.items():
        low = min(one.cpu)
        print(
            f"  {entry.label:<26} {low:9.3f} {median(one.cpu):8.3f} {min(one.wall):9.3f}"
            f" {max(one.peak_mb):8.0f} {first / low:10.2f}"
        )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        store, warm = (Path(directory, f"{one}.feather") for one in ("all", "warm"))
        write_parties(store, rows=asked.rows, seed=asked.seed)
        write_parties(warm, rows=WARM_ROWS, seed=asked.seed + 1)
        for title, entries in JOBS.items():
            found = run_rounds(list(entries), store, warm, asked.rounds)
            if found:
                show(title, found)


if __name__ == "__main__":
    main()
