"""Dask: its own summary is that of pandas, and it applies the rules by map_partitions.

Install: pip install '.[engines]'.
Run without -W error: narwhals says that its Dask part moves to a package of its own.
"""

from pathlib import Path

import dask.dataframe as dd
import pandas as pd
import pyarrow as pa

import customer_identification as ci


DATA = Path(__file__).parents[1] / "data" / "cdnow_sample.csv.gz"
columns = {"customer_id": "sample_id", "date": "date", "amount": "dollar_value"}

purchases = pd.read_csv(DATA, dtype={"sample_id": str}, parse_dates=["date"])
sales = dd.from_pandas(purchases, npartitions=3)

here = ci.summarize(purchases, as_of="1998-06-30", columns=columns)
there = ci.summarize(sales, as_of="1998-06-30", columns=columns)
print(there.report)
print("the summary is that of pandas:", there == here)

with ci.summarize_in_engine(sales, as_of="1998-06-30", columns=columns) as held:
    identifier = ci.IdentificationProgram().fit(held)
    print(
        "the rules are those of pandas:",
        identifier == ci.IdentificationProgram().fit(here),
    )
    print(held.identify(identifier)["value_class"].value_counts().compute())

    # The same by hand: a partition is a pandas frame, the rules take Arrow batches.
    classify = identifier.on_batches(held.layout)

    def over_partition(rows: pd.DataFrame) -> pd.DataFrame:
        """Classify one partition, on a worker."""
        batch = pa.RecordBatch.from_pandas(rows, preserve_index=False)
        found: pd.DataFrame = classify(batch).to_pandas()
        return found

    like = classify.schema.empty_table().to_pandas()
    classes = held.frame.map_partitions(over_partition, meta=like)
    by_hand = classes.compute().sort_values("customer_id", ignore_index=True)
    expected = identifier.identify(here).to_frame()[by_hand.columns]
    print("by hand the same classes:", by_hand.eq(expected.astype(str)).all(axis=None))
