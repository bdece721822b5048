"""Limits learnt in October, kept as JSON, applied in November: who moved, and why."""

import json
from datetime import date
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


def last_six_months(since: str, as_of: str) -> ci.Summary:
    """Summarize windows of one length, so that both months are judged alike."""
    return ci.summarize(
        lines,
        since=since,
        as_of=as_of,
        columns={
            "customer_id": "CustomerID",
            "date": "InvoiceDate",
            "amount": "Revenue",
            "order_id": "InvoiceNo",
        },
    )


program = ci.IdentificationProgram(
    classifiers={"value": ci.ABCClassifier()},
    set_apart=None,
    stability=ci.StabilityPolicy(hysteresis=0.10),
)

# End of October: learn the limits and keep them.
summary = last_six_months("2011-05-01", "2011-10-31")
identifier = program.fit(summary)
october = identifier.identify(summary)
kept_rules = json.dumps(ci.to_dict(identifier))
kept_classes = {name: one.to_frame() for name, one in october.classes.items()}
print(
    f"kept: the rules as {len(kept_rules)} characters of JSON, and a table of classes"
)

# End of November: the same limits, last month's classes, and a word from the sales team.
by_hand = ci.Override(
    customer_id=12348,
    label="A",
    reason="opens three new shops in spring",
    since=date(2011, 11, 1),
    until=date(2012, 4, 30),
)
identifier = ci.from_dict(json.loads(kept_rules))
last_month = {
    name: ci.classes_from_frame(
        table, as_of="2011-10-31", labels=identifier.rules[name].labels
    )
    for name, table in kept_classes.items()
}
november = identifier.identify(
    last_six_months("2011-06-01", "2011-11-30"),
    previous=last_month,
    overrides={"value": [by_hand]},
)

changes = november.compare(october)
print("\nCUSTOMERS IN NOVEMBER, AND THE CHANGE SINCE OCTOBER")
print(changes)

moves = changes["value"].to_frame().sort_values("value_at_stake", ascending=False)
print("\nTHE MOVES WITH THE MOST VALUE AT STAKE")
print(moves[moves["from"] != moves["to"]].head(6).to_string(index=False))

classes = november.classes["value"]
causes = classes.to_frame()["cause"].value_counts()
print(
    f"\nheld by hysteresis: {causes['hysteresis']}, set by hand: {causes['override']}"
)
held = classes.to_frame().query("cause == 'hysteresis'")["customer_id"].iloc[0]
for customer_id in (held, by_hand.customer_id):
    print(f"\ncustomer {customer_id}\n{november.explain(int(customer_id))}")
