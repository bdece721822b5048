"""What importing the library costs, and what comes along with it."""

import resource
import subprocess
import sys
from statistics import median


__all__ = ["report"]

ROUNDS = 10
FORBIDDEN = (
    "dask",
    "duckdb",
    "ibis",
    "matplotlib",
    "networkx",
    "pandas",
    "polars",
    "pyarrow",
    "pyspark",
    "scipy",
)
LIBRARY = "import customer_identification"


def cpu_of(code: str) -> float:
    """Count the CPU seconds of a fresh Python that runs the code and ends."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user = after.ru_utime - before.ru_utime
    return user + after.ru_stime - before.ru_stime


def loaded() -> list[str]:
    """List the packages that should wait for their user, and did not."""
    code = f"import sys; {LIBRARY}; print(*sys.modules)"
    names = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    return sorted(set(FORBIDDEN) & set(names))


def report() -> str:
    """Time the import in fresh processes beside a Python that does nothing."""
    title = f"import, {ROUNDS} fresh processes"
    lines = [f"{title:<36} {'CPU s min':>9} {'median':>8}"]
    try:
        unwanted = loaded()
    except subprocess.CalledProcessError:
        return "skipped: import: the library is not installed"
    for code in (LIBRARY, "import numpy", "pass"):
        seconds = [cpu_of(code) for _ in range(ROUNDS)]
        lines.append(f"  {code:<34} {min(seconds):9.3f} {median(seconds):8.3f}")
    came = ", ".join(unwanted) or "none"
    lines.append(f"  loaded of {', '.join(FORBIDDEN)}: {came}")
    return "\n".join(lines)
