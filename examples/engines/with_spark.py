"""Spark: its own summary is that of pandas, and it applies the rules by mapInArrow.

Install: pip install '.[engines]', and a Java that Spark runs on.
Run without -W error: Spark itself warns while it starts.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

import customer_identification as ci


DATA = Path(__file__).parents[1] / "data" / "complete_journey_200.csv.xz"
ZONE = "America/New_York"  # the clock was UTC, the shops are in New York

lines = pd.read_csv(DATA, parse_dates=["transaction_timestamp"])
lines["transaction_timestamp"] = lines["transaction_timestamp"].dt.tz_localize("UTC")
money_off = ["retail_disc", "coupon_disc", "coupon_match_disc"]
lines["discount"] = lines[money_off].sum(axis=1)
columns = {
    "customer_id": "household_id",
    "date": "transaction_timestamp",
    "amount": "sales_value",
    "discount": "discount",
}
lines = lines[list(columns.values())]

os.environ["PYSPARK_PYTHON"] = sys.executable  # the workers need this package, too
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.sql.session.timeZone", ZONE)  # Spark's days are those of its session
    .config("spark.sql.shuffle.partitions", "2")  # the data here are small
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
sales = spark.createDataFrame(pa.Table.from_pandas(lines, preserve_index=False))
sales = sales.cache()  # or each job is sent all rows anew

here = ci.summarize(lines, as_of="2017-12-31", columns=columns, tz=ZONE)
there = ci.summarize(sales, as_of="2017-12-31", columns=columns, tz=ZONE)
print(there.report)
print("the summary is that of pandas:", there == here)

with ci.summarize_in_engine(
    sales, as_of="2017-12-31", columns=columns, tz=ZONE
) as held:
    identifier = ci.IdentificationProgram().fit(held)
    print(
        "the rules are those of pandas:",
        identifier == ci.IdentificationProgram().fit(here),
    )
    held.identify(identifier).groupBy("value_class").count().orderBy(
        "value_class"
    ).show()

    # The same by hand; what is sent to the workers is the rules and the layout.
    classify = identifier.on_batches(held.layout)

    def over_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Classify batch after batch, on a worker."""
        return map(classify, batches)

    classes = held.frame.mapInArrow(over_batches, from_arrow_schema(classify.schema))
    by_hand = classes.toPandas().sort_values("customer_id", ignore_index=True)
    expected = identifier.identify(here).to_frame()[by_hand.columns]
    print(
        "by hand the same classes:",
        by_hand.eq(expected.astype(by_hand.dtypes)).all(axis=None),
    )

spark.stop()
