"""Measure the library beside pandas, Polars, lifetimes and pymc-marketing.

Every route reads the same generated transactions in a fresh process of its own, in
turn, round after round; see README.md for what each job is.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import imports
import ledger
import numpy as np
from attrs import field, frozen
from measure import MISSING_PACKAGE
from numpy.typing import NDArray


__all__ = ["JOBS", "Entry", "Measured"]

HERE = Path(__file__).parent
WARM_ROWS = 2_000
ONE_CUSTOMER_ROWS = 200_000
FLOAT_TOLERANCE = 1e-9  # relative; money and days are compared exactly
OURS = "customer_identification"


@frozen
class Entry:
    """A line of the table: whose route it is, and where to find it."""

    label: str
    module: str
    key: str
    kind: ledger.FrameKind = "pandas"


@frozen
class Measured:
    """What the rounds gave for one entry."""

    cpu: list[float] = field(factory=list)
    wall: list[float] = field(factory=list)
    peak_mb: list[float] = field(factory=list)


def same_job(key: str) -> list[Entry]:
    """List the routes that every job has."""
    return [
        Entry(OURS, "ours", key),
        Entry(f"{OURS}, Polars frame", "ours", key, "polars"),
        Entry(f"{OURS}, PyArrow table", "ours", key, "pyarrow"),
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
    "core": same_job("core"),
    "identify": same_job("identify"),
    "floor": [
        Entry("bincount of 3 columns, codes given", "floor", "codes_given"),
        Entry("factorize, bincount, sort totals", "floor", "factorize"),
    ],
}


def child(arguments: Iterable[object]) -> subprocess.CompletedProcess[str]:
    """Run a file of this directory in a fresh Python."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )


def run_rounds(
    entries: list[Entry], store: Path, warm: Path, rounds: int
) -> dict[Entry, Measured]:
    """Measure every entry once a round; leave out what cannot run, saying why."""
    found = {entry: Measured() for entry in entries}
    for number in range(rounds):
        for entry in list(found):
            call: list[object] = ["measure.py", entry.module, entry.key, entry.kind]
            call += [store, warm]
            if number == 0:
                call += ["--numbers", numbers_path(store, entry)]
            done = child(call)
            if done.returncode:
                missing = done.returncode == MISSING_PACKAGE
                why = done.stdout if missing else done.stderr
                print(f"skipped: {entry.label} ({entry.key}): {last_line(why)}")
                del found[entry]
                continue
            line = json.loads(last_line(done.stdout))
            found[entry].cpu.append(line["cpu"])
            found[entry].wall.append(line["wall"])
            found[entry].peak_mb.append(line["peak_mb"])
    return found


def last_line(text: str) -> str:
    """Take what a child said last."""
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def numbers_path(store: Path, entry: Entry) -> Path:
    """Name the file in which an entry leaves its numbers."""
    return store.parent / f"{entry.module}-{entry.key}-{entry.kind}.npz"


def agreement(store: Path, reference: Entry, entry: Entry) -> str:
    """Compare an entry's numbers with those of the job's first route."""
    if entry == reference:
        return "reference"
    with np.load(numbers_path(store, reference)) as ours:
        expected = {name: ours[name] for name in ours.files}
    with np.load(numbers_path(store, entry)) as theirs:
        found = {name: theirs[name] for name in theirs.files}
    if not found:
        return ""
    at = np.searchsorted(expected["customer_id"], found["customer_id"])
    left_out = np.delete(expected["purchase_days"], at)
    wrong = [
        name
        for name in sorted(found.keys() & expected.keys())
        if not alike(expected[name][at], found[name])
    ]
    if left_out.any():
        wrong.append("customers left out")
    if wrong:
        return "DIFFER: " + ", ".join(wrong)
    return f"agree ({len(found.keys() & expected.keys()) - 1})"


def alike(expected: NDArray[Any], found: NDArray[Any]) -> bool:
    """Compare whole numbers exactly, others to the last few bits."""
    if expected.dtype.kind != "f" and found.dtype.kind != "f":
        return np.array_equal(expected, found)
    scale = float(np.nanmax(np.abs(expected), initial=1.0))
    return np.allclose(
        expected, found, rtol=FLOAT_TOLERANCE, atol=1e-12 * scale, equal_nan=True
    )


def report(job: str, found: Mapping[Entry, Measured], store: Path) -> None:
    """Print one job's part of the table."""
    entries = [entry for entry in JOBS[job] if entry in found]
    if not entries:
        return
    ours, floors = found[entries[0]], [found.get(entry) for entry in JOBS["floor"]]
    print(
        f"\n{job:<36} {'CPU s min':>9} {'median':>8} {'wall min':>9} {'peak MB':>8}"
        f" {'first/this':>10} {'x bincount':>10} {'x factorize':>11}  numbers"
    )
    for entry in entries:
        one = found[entry]
        low = min(one.cpu)
        ratios = (f"{low / min(floor.cpu):.1f}" if floor else "-" for floor in floors)
        line = (
            f"  {entry.label:<34} {low:9.3f} {median(one.cpu):8.3f} {min(one.wall):9.3f}"
            f" {max(one.peak_mb):8.0f} {min(ours.cpu) / low:10.2f}"
            f" {next(ratios):>10} {next(ratios):>11}  "
        )
        print(line + (agreement(store, entries[0], entry) if job != "floor" else ""))


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
        entries = [
            entry
            for job in JOBS
            if job in jobs
            for entry in JOBS[job]
            if not any(part in entry.label for part in asked.skip)
        ]
        found = run_rounds(entries, store, warm, asked.rounds)
        for job in JOBS:
            report(job, found, store)
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
