"""Real invoices as a host would hand them over, and the same figures by SQL."""

import functools
from typing import Any

import pandas as pd
import pytest

from datasets import _folder, _read


__all__ = ["COLUMNS", "ask", "invoices"]

duckdb = pytest.importorskip("duckdb")

FILE = "ar_invoices_dev/ar_invoices_dev.parquet"
COLUMNS = {
    "invoice_id": "invoiceNumber",
    "customer_id": "customerID",
    "issued": "InvoiceDate",
    "due": "DueDate",
    "amount": "InvoiceAmount",
    "paid_on": "SettledDate",
    "disputed": "is_disputed",
}


@functools.cache
def invoices() -> pd.DataFrame:
    """Receivables of 2012 and 2013 from 57 customers; "Yes" of a dispute made True."""
    frame = _read(FILE)
    return frame.assign(is_disputed=frame["Disputed"] == "Yes")


def ask(query: str, **words: Any) -> pd.DataFrame:
    """Ask DuckDB of the file itself; words in capitals stand for what is given."""
    _read(FILE)  # skips where it is absent
    for word, meaning in {**words, "FILE": f"'{_folder() / FILE}'"}.items():
        query = query.replace(word, str(meaning))
    answer: pd.DataFrame = duckdb.connect(config={"threads": 1}).sql(query).df()
    return answer
