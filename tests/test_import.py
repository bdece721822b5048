"""What importing the library, and using it in a service, brings along."""

import subprocess
import sys

import pytest


HEAVY = (
    "pandas",
    "networkx",
    "scipy",
    "matplotlib",
    "polars",
    "pyarrow",
    "narwhals",
    "cattrs",
    "duckdb",
    "dask",
    "pyspark",
)

ONE_CUSTOMER = """
from datetime import date
import customer_identification as ci
sales = [
    ci.Transaction(customer_id="c1", date=date(2011, month, 5), amount=9)
    for month in range(1, 9)
]
summary = ci.summarize(sales, as_of="2011-08-31")
found = ci.IdentificationProgram().fit(summary).identify(summary)
assert "retain" in found.explain("c1")
"""


@pytest.mark.parametrize("code", ["import customer_identification", ONE_CUSTOMER])
def test_nothing_heavy_comes_along(code: str) -> None:
    code += f"\nimport sys\nfound = set({HEAVY}) & sys.modules.keys()\nassert not found, found"
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
