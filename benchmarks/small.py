"""Time a summary of few rows: what every call costs, however little there is to do."""

import argparse
import tempfile
import timeit
from functools import partial
from pathlib import Path
from statistics import median
from typing import get_args

import ledger

from customer_identification import IdentificationProgram, summarize


__all__: list[str] = []

CALLS = 20
KINDS = ("pandas", "polars", "pyarrow")


def show(label: str, runs: list[float]) -> None:
    """Print the best and the median run, for one call."""
    print(
        f"  {label:<34} {min(runs) * 1e3 / CALLS:8.3f} {median(runs) * 1e3 / CALLS:8.3f}"
    )


def main() -> None:
    """Read the command line, time, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    title = f"{asked.rows:,} rows, ms a call"
    print(f"{title:<36} {'min':>8} {'median':>8}")
    with tempfile.TemporaryDirectory() as directory:
        for ids in get_args(ledger.Ids):
            store = Path(directory, f"{ids}.feather")
            ledger.write(store, rows=asked.rows, ids=ids, seed=asked.seed)
            for kind in KINDS:
                frame = ledger.load(store, kind)
                call = partial(summarize, frame, as_of=ledger.AS_OF)
                runs = timeit.repeat(call, repeat=asked.repeats, number=CALLS)
                show(f"summarize, {kind}, {ids} ids", runs)
            found = call()
            identify = partial(IdentificationProgram().fit(found).identify, found)
            runs = timeit.repeat(identify, repeat=asked.repeats, number=CALLS)
            show(f"identify, {ids} ids", runs)


if __name__ == "__main__":
    main()
