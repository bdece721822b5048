"""Each month read once: merged into what is kept, the window slid, classes refitted."""

import io
from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "online_retail.csv.xz"
MONTHS_KEPT = 6

lines = pd.read_csv(
    DATA,
    dtype={"InvoiceNo": "str", "StockCode": "str", "CustomerID": "str"},
    parse_dates=["InvoiceDate"],
)
lines["Revenue"] = lines["Quantity"] * lines["UnitPrice"]
month_of = lines["InvoiceDate"].dt.to_period("M")


def summary_of(
    rows: pd.DataFrame,
    first: pd.Period,
    last: pd.Period,
    index: ci.CustomerIndex | None = None,
) -> ci.Summary:
    """Summarize some months, ready to be merged."""
    return ci.summarize(
        rows,
        since=first.start_time,
        as_of=last.end_time,
        columns={
            "customer_id": "CustomerID",
            "date": "InvoiceDate",
            "amount": "Revenue",
            "order_id": "InvoiceNo",
        },
        mergeable=True,
        index=index,
    )


def written(summary: ci.Summary) -> bytes:
    """Keep all of a summary as one file; yours goes to a disk, or into a table."""
    file = io.BytesIO()
    summary.to_state_frame().to_parquet(file)
    return file.getvalue()


def read_back(kept: bytes) -> ci.Summary:
    """Read an equal summary."""
    return ci.Summary.from_state_frame(pd.read_parquet(io.BytesIO(kept)))


program = ci.IdentificationProgram(
    classifiers={"value": ci.ABCClassifier()}, set_apart=None
)

# Once: the first half year.
first, last = pd.Period("2011-03"), pd.Period("2011-08")
summary = summary_of(lines[month_of.between(first, last)], first, last)
before = program.fit(summary).identify(summary)
kept = written(summary)
print(f"{summary}\n{summary.report}")
print(f"kept as {len(kept):,} bytes")

# Every month: its own rows only.
for month in pd.period_range("2011-09", "2011-11", freq="M"):
    summary = read_back(kept)
    known = ci.CustomerIndex(summary.customer_ids)  # looked up, not sorted anew
    new = summary_of(lines[month_of == month], month, month, known)
    window = month - MONTHS_KEPT + 1
    summary = summary.merge(new).drop_before(window.start_time)
    kept = written(summary)

    found = program.fit(summary).identify(summary)
    moves = found.compare(before)["value"]
    before = found
    print(f"\n{month}: {new.report.used:,} rows merged, from {window} on kept")
    print(summary)
    print(moves)
    table = moves.to_frame().query("`from` != `to`")
    print(table.nlargest(3, "value_at_stake").to_string(index=False))

anew = summary_of(lines[month_of.between(first, month)], window, month)
print("\nequal to a count of all rows anew, report included:", summary == anew)
