"""Ibis: its backend adds up, and the rules go over the Arrow batches that it hands out.

Install: pip install '.[engines]'; Ibis 12 needs duckdb<2 and sqlglot<30.10.
"""

from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa

import customer_identification as ci


DATA = Path(__file__).parents[1] / "data" / "cdnow_sample.csv.gz"
columns = {"customer_id": "sample_id", "date": "date", "amount": "dollar_value"}

purchases = pd.read_csv(DATA, dtype={"sample_id": str}, parse_dates=["date"])
sales = ibis.duckdb.connect().create_table("sales", purchases)

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
    print(held.identify(identifier)["value_class"].value_counts().to_pandas())

    # The same by hand, batch after batch.
    classify = identifier.on_batches(held.layout)
    batches = map(classify, held.frame.to_pyarrow_batches(chunk_size=500))
    classes = pa.Table.from_batches(batches, classify.schema).to_pandas()
    by_hand = classes.sort_values("customer_id", ignore_index=True)
    expected = identifier.identify(here).to_frame()[by_hand.columns]
    print("by hand the same classes:", by_hand.eq(expected.astype(str)).all(axis=None))
