"""Who buys on price, who is loyal, and who pays for whom: 200 households of a grocer."""

from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "complete_journey_200.csv.xz"

lines = pd.read_csv(DATA, parse_dates=["transaction_timestamp"])
lines["transaction_timestamp"] = lines["transaction_timestamp"].dt.tz_localize("UTC")
lines["discount"] = lines[["retail_disc", "coupon_disc", "coupon_match_disc"]].sum(
    axis=1
)

found = ci.identify(
    lines,
    as_of="2017-12-31",
    tz="America/New_York",  # the clock was UTC, the shops are in New York
    columns={
        "customer_id": "household_id",
        "date": "transaction_timestamp",
        "amount": "sales_value",
        "order_id": "basket_id",
        "discount": "discount",
        "category": "department",
        "channel": "store_id",
    },
)
print(found.summary.report)

print("\nRELATIONAL OR TRANSACTIONAL")
print(found.subsidy())

loyalty = found.classes["loyalty"]
customers = found.to_frame().assign(score=loyalty.measures["loyalty"].values)
clear = customers.sort_values("score")
print("\nTHE CLEAREST CASE OF EACH")
for label, at in (("transactional", 0), ("relational", -1)):
    one = clear[clear["loyalty_class"] == label].iloc[at]
    verdict = loyalty[int(one["customer_id"])]
    print(f"\nhousehold {one['customer_id']} is {verdict.label}: {verdict.reasons[0]}")
    for reason in verdict.reasons[1:]:
        print(f"  {reason}")
    print(
        f"  bought {one['discount_share']:.0%} at a discount, in "
        f"{one['categories']} departments, every {one['mean_gap']:.1f} days, "
        f"last on {one['last_purchase']:%d %B}"
    )

print("\nSTARS OF TOMORROW")
for customer_id in found.stars().tolist():
    print(f"\nhousehold {customer_id}\n{found.explain(customer_id)}")
