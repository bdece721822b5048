"""From half a million invoice lines to a class with its reasons for every customer."""

from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "online_retail.csv.xz"

lines = pd.read_csv(
    DATA,
    dtype={"InvoiceNo": "str", "StockCode": "str", "CustomerID": "Int64"},
    parse_dates=["InvoiceDate"],
)
lines["Revenue"] = lines["Quantity"] * lines["UnitPrice"]

found = ci.identify(
    lines,
    as_of="2011-11-30",  # the data end on 9 December: the last complete month
    columns={
        "customer_id": "CustomerID",
        "date": "InvoiceDate",
        "amount": "Revenue",
        "order_id": "InvoiceNo",
    },
)

print("WHAT WAS READ")
report = found.summary.report
print(report)
print(f"{report.unidentified_share:.1%} of the value has no customer id yet")

customers = found.to_frame()  # pandas in, pandas out: one row a customer
for name in found.classes:
    print(f"\n{name.upper()}")
    by_class = customers.groupby(f"{name}_class", observed=True)["value"]
    for label, values in by_class:
        print(f"{label:14} {values.size:6,} customers {values.sum():14,.2f}")

print("\nWHY: THE LARGEST CUSTOMER OF FOUR KINDS")
largest_first = customers.sort_values("value", ascending=False)
for label in ("retain", "review", "new", "dormant"):
    one = largest_first[largest_first["trajectory_class"] == label].iloc[0]
    print(f"\ncustomer {one['customer_id']}")
    print(found.explain(int(one["customer_id"])))

print("\nSTARS OF TOMORROW: SMALLER CUSTOMERS WHO GROW, FASTEST FIRST")
stars = found.stars()
print(", ".join(str(one) for one in stars[:10]) or "none: no growth beyond chance")
