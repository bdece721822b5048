"""One route, once, in this process: its CPU seconds, wall seconds and peak memory.

``transactions.py`` starts this file anew for every measurement, so that neither the
caches nor the peak memory of one route reach another.
"""

import argparse
import gc
import json
import re
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

import ledger
import numpy as np


__all__: list[str] = []

MISSING_PACKAGE = 3  # the exit status that says: a package is not installed


def reset_peak() -> None:
    """Let the kernel forget the peak of loading (Linux; elsewhere it stays)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def kib(name: str) -> int:
    """Read one line of the process status, else the peak `getrusage` knows, in KiB."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(rf"^{name}:\s+(\d+) kB", status, flags=re.MULTILINE)
    return int(found[1]) if found else 0


def main() -> None:
    """Measure the route named on the command line and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("job")
    parser.add_argument("kind", choices=["pandas", "polars", "pyarrow"])
    parser.add_argument("store", type=Path)
    parser.add_argument("warm", type=Path)
    parser.add_argument("--numbers", type=Path)
    asked = parser.parse_args()
    try:
        route = import_module(asked.module).JOBS[asked.job]
        warm = route.prepare(ledger.load(asked.warm, asked.kind))
        frame = route.prepare(ledger.load(asked.store, asked.kind))
    except ModuleNotFoundError as missing:
        print(f"package {missing.name} is not installed")
        sys.exit(MISSING_PACKAGE)
    route.run(warm)  # whatever is imported or built on first use
    gc.collect()
    reset_peak()
    level = kib("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    result = route.run(frame)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = kib("VmHWM") - level
    if asked.numbers is not None:
        np.savez(asked.numbers, **route.numbers(result))
    print(json.dumps({"cpu": cpu, "wall": wall, "peak_mb": peak / 1024}))


if __name__ == "__main__":
    main()
