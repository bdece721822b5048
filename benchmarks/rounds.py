"""Every route in a fresh process, in turn, round after round, and the table of it."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import ledger
import numpy as np
from attrs import field, frozen
from measure import MISSING_PACKAGE
from numpy.typing import NDArray


__all__ = [
    "Entry",
    "Measured",
    "agreement",
    "child",
    "last_line",
    "report",
    "run_rounds",
]

HERE = Path(__file__).parent
FLOAT_TOLERANCE = 1e-9  # relative; money and days are compared exactly
OF_THE_WHOLE = "report"  # the column that is not one number a customer


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
        if not alike(
            expected[name] if name == OF_THE_WHOLE else expected[name][at], found[name]
        )
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


def report(
    job: str,
    entries: list[Entry],
    found: Mapping[Entry, Measured],
    store: Path,
    floors: list[Entry] | None = None,
) -> None:
    """Print one job's part of the table; with floors, as multiples of them too."""
    entries = [entry for entry in entries if entry in found]
    if not entries:
        return
    ours, measured = found[entries[0]], [found.get(floor) for floor in floors or ()]
    heads = ("x bincount", "x factorize") if floors else ()
    print(
        f"\n{job:<36} {'CPU s min':>9} {'median':>8} {'wall min':>9} {'peak MB':>8}"
        f" {'first/this':>10} {' '.join(f'{head:>11}' for head in heads)}  numbers"
    )
    for entry in entries:
        one = found[entry]
        low = min(one.cpu)
        ratios = (f"{low / min(floor.cpu):.1f}" if floor else "-" for floor in measured)
        line = (
            f"  {entry.label:<34} {low:9.3f} {median(one.cpu):8.3f} {min(one.wall):9.3f}"
            f" {max(one.peak_mb):8.0f} {min(ours.cpu) / low:10.2f}"
            f" {' '.join(f'{ratio:>11}' for ratio in ratios)}  "
        )
        print(line + agreement(store, entries[0], entry))
