"""Measure roles, values by role, services, visits and pseudonyms beside pandas.

Every route runs on the same million agreements, customers or ids, in a fresh process of
its own, in turn, round after round; all must give the same answer. See README.md.
"""

import argparse
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from attrs import frozen
from roles_tables import write_agreements, write_customers
from rounds import Entry, Measured, numbers_path, run_rounds


__all__: list[str] = []

ROWS = 1_000_000
WARM_ROWS = 2_000
OURS = "customer_identification"

ROLES = (
    Entry(OURS, "roles_ours", "roles"),
    Entry("pandas", "roles_with_pandas", "roles"),
    Entry("pandas, as it comes", "roles_with_pandas", "roles_in_words"),
    Entry("pandas, counts alone", "roles_with_pandas", "counts"),
)
VALUES = (
    Entry(OURS, "roles_ours", "values"),
    Entry("pandas", "roles_with_pandas", "values"),
    Entry("pandas, rounded by row", "roles_with_pandas", "values_by_row"),
)
SERVICE = (
    Entry(OURS, "roles_ours", "plan"),
    Entry("... and as a frame", "roles_ours", "plan_framed"),
    Entry("pandas, join of text", "service_with_pandas", "merge"),
    Entry("pandas, join of categories", "service_with_pandas", "merge_categories"),
    Entry("np.select over text", "service_with_pandas", "select"),
    Entry("np.select over categories", "service_with_pandas", "select_categories"),
    Entry("numpy, one look-up by code", "service_with_pandas", "look_up"),
)
VISITS = (
    Entry(OURS, "roles_ours", "visits"),
    Entry("pandas", "service_with_pandas", "visits"),
)
VISITS_WITHIN = (
    Entry(OURS, "roles_ours", "visits_within"),
    Entry("pandas, clipped and rounded", "service_with_pandas", "visits_within"),
)
NAMES = (
    Entry(OURS, "roles_ours", "names"),
    Entry("the same by hand", "names_by_hand", "names"),
    Entry("hashes by hand", "names_by_hand", "hashes"),
)
NAMES_OF_TEXT = (
    Entry(OURS, "roles_ours", "names_of_text"),
    Entry("hashes by hand", "names_by_hand", "hashes_of_text"),
)


@frozen
class Job:
    """A heading, the routes that share a task, and which table they read."""

    title: str
    entries: tuple[Entry, ...]
    table: str


JOBS = {
    "roles": (
        Job("roles, int ids", ROLES, "int"),
        Job("roles, text ids", ROLES, "text"),
        Job("roles, int ids, every place filled", ROLES, "full"),
    ),
    "values": (
        Job("values by role, int ids", VALUES, "int"),
        Job("values by role, text ids", VALUES, "text"),
    ),
    "service": (Job("service of customers", SERVICE, "customers"),),
    "visits": (
        Job("visits, all alike", VISITS, "customers"),
        Job("visits, by level, within bounds", VISITS_WITHIN, "customers"),
    ),
    "names": (
        Job("pseudonyms, int ids", NAMES, "customers"),
        Job("pseudonyms, text ids", NAMES_OF_TEXT, "customers"),
    ),
}
WRITERS = {
    "int": partial(write_agreements, ids="int"),
    "text": partial(write_agreements, ids="text"),
    "full": partial(write_agreements, ids="int", is_full=True),
    "customers": write_customers,
}


def differing(store: Path, reference: Entry, entry: Entry) -> str:
    """Compare an entry's numbers with those of the job's first route, exactly."""
    with (
        np.load(numbers_path(store, reference)) as ours,
        np.load(numbers_path(store, entry)) as theirs,
    ):
        both = sorted({*ours.files} & {*theirs.files})
        wrong = [name for name in both if not np.array_equal(ours[name], theirs[name])]
    if wrong:
        return "DIFFER: " + ", ".join(wrong)
    return f"agree ({len(both)})" if both else ""


def show(job: Job, found: Mapping[Entry, Measured], store: Path) -> None:
    """Print one job's part of the table."""
    if (ours := found.get(job.entries[0])) is None:
        return
    print(
        f"\n{job.title:<36} {'CPU s min':>9} {'median':>8} {'peak MB':>8}"
        f" {'first/this':>10}  numbers"
    )
    for entry, one in found.items():
        low = min(one.cpu)
        same = (
            "reference"
            if entry == job.entries[0]
            else differing(store, job.entries[0], entry)
        )
        print(
            f"  {entry.label:<34} {low:9.3f} {median(one.cpu):8.3f}"
            f" {max(one.peak_mb):8.0f} {min(ours.cpu) / low:10.2f}  {same}"
        )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(JOBS), action="append")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    jobs = [job for name in asked.only or JOBS for job in JOBS[name]]
    with tempfile.TemporaryDirectory() as directory:
        for table in dict.fromkeys(job.table for job in jobs):
            store = Path(directory, table, "table.feather")
            warm = Path(directory, table, "warm.feather")
            WRITERS[table](store, rows=asked.rows, seed=asked.seed)
            WRITERS[table](warm, rows=WARM_ROWS, seed=asked.seed + 1)
            for job in jobs:
                if job.table == table:
                    found = run_rounds(list(job.entries), store, warm, asked.rounds)
                    show(job, found, store)


if __name__ == "__main__":
    main()
