"""Rules fitted and applied in an engine, for more customers than fit this process."""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "online_retail.csv.xz"
AS_OF = "2011-11-30"
COLUMNS = {
    "customer_id": "CustomerID",
    "date": "InvoiceDate",
    "amount": "Revenue",
    "order_id": "InvoiceNo",
}


def read() -> pd.DataFrame:
    """Read all lines; your engine scans its own files or tables instead."""
    lines = pd.read_csv(
        DATA,
        dtype={"InvoiceNo": "str", "StockCode": "str", "CustomerID": "Int64"},
        parse_dates=["InvoiceDate"],
    )
    return lines.assign(Revenue=lines["Quantity"] * lines["UnitPrice"])


def tell(stage: str, done: int, of: int) -> None:
    """Show how far it is; nobody knows how many passes a fit will take."""
    print(f"  {done} of {of or '?'}: {stage}")


def in_polars(sales: pl.LazyFrame) -> ci.Identifier:
    """Fit by counts and sums of groups, pass by pass, and apply what was learnt."""
    with ci.summarize_in_engine(
        sales, as_of=AS_OF, columns=COLUMNS, progress=tell
    ) as held:
        print(f"{held}\n{held.report}")
        identifier = ci.IdentificationProgram().fit(held)
        classes = held.identify(identifier)
        print(classes.group_by("value_class").len().sort("value_class").collect())

        # The same by hand: a pure function of Arrow record batches.
        classify = identifier.on_batches(held.layout)
        by_hand = held.frame.map_batches(
            lambda frame: pl.from_arrow(classify(frame)),
            schema=pl.Schema(classify.schema),
            streamable=True,
        )
        ours, theirs = (one.collect().sort("customer_id") for one in (classes, by_hand))
        print("by hand the same classes:", ours.equals(theirs))
        return identifier


def in_duckdb(database: duckdb.DuckDBPyConnection, identifier: ci.Identifier) -> None:
    """Stream batches out and classes back: neither is ever here as a whole."""
    sales = database.table("sales")
    with ci.summarize_in_engine(sales, as_of=AS_OF, columns=COLUMNS) as held:
        print(held)
        classify = identifier.on_batches(held.layout)
        batches = map(classify, held.frame.to_arrow_reader(1000))
        classes = pa.RecordBatchReader.from_batches(classify.schema, batches)
        with database.cursor() as other:  # it writes while the first one reads
            other.register("classes", classes)
            other.execute("create table classes_of_november as from classes")
    found = database.table("classes_of_november")
    found.aggregate("value_class, count(*) customers").order("value_class").show()


lines = read()
table = pa.Table.from_pandas(lines, preserve_index=False)

print("POLARS")
identifier = in_polars(pl.DataFrame(table).lazy())

print("\nDUCKDB")
with duckdb.connect() as database:  # a file, where there is much
    database.from_arrow(table).create("sales")
    in_duckdb(database, identifier)

summary = ci.summarize(lines, as_of=AS_OF, columns=COLUMNS)
same = identifier == ci.IdentificationProgram().fit(summary)
print("the rules are the very same as of all customers at once:", same)
