"""One route, once, in this process: its CPU seconds, wall seconds and peak memory.

The scripts start this file anew for every measurement, so that neither the caches nor
the peak memory of one route reach another.
"""

import argparse
import gc
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import get_args

import ledger
import numpy as np
from processes import cpu_seconds, peak_kib, reset_peak, resident_kib


__all__: list[str] = []

MISSING_PACKAGE = 3  # the exit status that says: a package is not installed


def main() -> None:
    """Measure the route named on the command line and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("job")
    parser.add_argument("kind", choices=get_args(ledger.FrameKind))
    parser.add_argument("store", type=Path)
    parser.add_argument("warm", type=Path)
    parser.add_argument("--numbers", type=Path)
    asked = parser.parse_args()
    try:
        route = import_module(asked.module).JOBS[asked.job]
        warm = route.prepare(ledger.load(asked.warm, asked.kind))
        route.run(warm)  # whatever is imported or built on first use
    except ModuleNotFoundError as missing:
        print(f"package {missing.name} is not installed")
        sys.exit(MISSING_PACKAGE)
    frame = route.prepare(ledger.load(asked.store, asked.kind))
    for _ in range(route.warm_runs):
        route.run(frame)
    gc.collect()
    reset_peak()
    level = resident_kib()
    wall, cpu = time.perf_counter(), cpu_seconds()
    result = route.run(frame)
    cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
    peak = peak_kib() - level
    if asked.numbers is not None:
        np.savez(asked.numbers, **route.numbers(result))
    print(json.dumps({"cpu": cpu, "wall": wall, "peak_mb": peak / 1024}))


if __name__ == "__main__":
    main()
