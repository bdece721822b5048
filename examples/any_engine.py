"""One file read by pandas, Polars and DuckDB: each adds up its own rows, all agree."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "cdnow_sample.csv.gz"

frames = {
    "pandas": pd.read_csv(DATA, dtype={"sample_id": str}, parse_dates=["date"]),
    "Polars": pl.scan_csv(
        DATA, schema_overrides={"sample_id": pl.String}, try_parse_dates=True
    ),
    "DuckDB": duckdb.read_csv(str(DATA), dtype={"sample_id": "varchar"}),
}
summaries = {
    engine: ci.summarize(
        frame,
        as_of="1998-06-30",
        columns={"customer_id": "sample_id", "date": "date", "amount": "dollar_value"},
    )
    for engine, frame in frames.items()
}

print("WHAT WAS READ")
for engine, summary in summaries.items():
    print(f"{engine}: {summary.report}")

first = summaries["pandas"]
for engine, summary in summaries.items():
    print(f"\n{engine} gives the same summary as pandas: {summary == first}")
    frame = summary.to_frame()
    print(f"its frames come back as {type(frame).__module__.split('.')[0]}")

print("\nCLASSES")
identifier = ci.IdentificationProgram().fit(first)
for name, counts in identifier.identify(summaries["DuckDB"]).counts().items():
    print(name, counts)
