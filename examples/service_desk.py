"""A service team's story: rules kept as JSON, and a month's work with 200 households.

The households and what they bought are real; the complaints are made up.
"""

import json
from datetime import date
from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "complete_journey_200.csv.xz"
TODAY = date(2017, 11, 30)
VISITS = 600  # this month's

lines = pd.read_csv(DATA, parse_dates=["transaction_timestamp"])
lines["transaction_timestamp"] = lines["transaction_timestamp"].dt.tz_localize("UTC")
lines["discount"] = lines[["retail_disc", "coupon_disc", "coupon_match_disc"]].sum(
    axis=1
)


def bought_by(day: str | date, rows: pd.DataFrame = lines) -> ci.Summary:
    """Summarize what was bought up to a day."""
    return ci.summarize(
        rows,
        as_of=day,
        tz="America/New_York",  # the clock was UTC, the shops are in New York
        columns={
            "customer_id": "household_id",
            "date": "transaction_timestamp",
            "amount": "sales_value",
            "order_id": "basket_id",
            "discount": "discount",
            "category": "department",
        },
    )


print("ONCE: LEARN THE RULES, KEEP THEM AS JSON")
october = bought_by("2017-10-31")
program = ci.IdentificationProgram(service=ci.ServicePolicy())
kept = json.dumps(ci.to_dict(program.fit(october)))
print(f"{len(kept):,} characters, of which none is about a household")

print("\nEVERY MONTH: WHO GETS WHICH SERVICE")
identifier = ci.from_dict(json.loads(kept))
before, found = identifier.identify(october), identifier.identify(bought_by(TODAY))
levels = found.service.as_classes()  # key, major, basic, minimal
print(found.service.counts())
for line, n in enumerate(found.service.counts_by_line()[:4], start=1):
    print(f"line {line} takes {n}: {found.service.lines[line - 1].treatment[:60]}...")

print(f"\n{VISITS} VISITS, BY VALUE AT STAKE")
visits = ci.share_budget(
    found.summary, VISITS, classes=levels, minimum={"key": 2}, maximum=20
)
print(visits)
print("fair:", ci.check_no_inversion(visits, found.summary, levels))
alike = dict.fromkeys(found.summary.customer_ids.tolist(), VISITS // len(found))
print("\nand three for everybody, as until now:")
for fault in str(ci.check_no_inversion(alike, found.summary, levels)).split("; "):
    print(f"- {fault}")

print("\nCOMPLAINTS, BY LEVEL AND WAITING TIME")
received = {  # household, day; 900001 is no household of ours
    501: (2440, date(2017, 11, 3)),
    502: (39, date(2017, 11, 28)),
    503: (146, date(2017, 11, 10)),
    504: (49, date(2017, 11, 21)),
    505: (900001, date(2017, 10, 2)),
}
complaints = [
    ci.Complaint(complaint_id=number, customer_id=household, received=day)
    for number, (household, day) in received.items()
]
queue = ci.order_complaints(
    complaints, levels, as_of=TODAY, targets={"key": 2, "major": 7, "basic": 14}
)
print(queue)
for number in queue:
    print(f"complaint {number}, {queue[number]}")

print("\nKEY HOUSEHOLDS TO WATCH")
value = found.classes["value"]
watched = ci.watch_list(found.summary, value, previous=before.classes["value"])
print(watched)
for at in range(min(4, len(watched))):
    print(f"household {watched.customer_ids[at]}: {watched.signal_at(at)}")

print("\nA HOUSEHOLD ASKS WHAT IS KNOWN OF IT, AND WHY")
one = found.profile(2440)
numbers = one.numbers
print(
    f"{numbers['purchases']} purchases from {numbers['first_purchase']} to "
    f"{numbers['last_purchase']} for {numbers['amount']:,.2f}, "
    f"{numbers['discount_share']:.0%} of it at a discount"
)
print(one)
print(f"visits: {visits[2440]}; source of its line: {one.service.source}")

print("\nFOR THE REPORT TO THE PUBLIC")
public = ci.publish_counts(found.to_frame(), ["service_level", "trajectory_class"], k=5)
cells = public.to_frame().pivot(
    index="trajectory_class", columns="service_level", values="count"
)
print(cells.to_string(na_rep="..."))
print(public.report)

print("\nFOR AN ANALYST")
names = ci.Pseudonyms(key=b"32 random bytes, kept elsewhere!")
hidden, hidden_before = (ci.pseudonymize(one, names) for one in (found, before))
print(hidden.to_frame()[["customer_id", "value_class"]].head(2).to_string(index=False))
print(hidden.compare(hidden_before)["value"])

print("\nA HOUSEHOLD ASKS TO BE FORGOTTEN")
erased = ci.erase(complaints, 2440)
print(f"complaints erased: {erased.removed}")
left = bought_by(TODAY, lines[lines["household_id"] != 2440])
anew = program.fit(left).identify(left)  # rules are learnt without it, too
print(f"{anew}; still there: {2440 in anew}")
