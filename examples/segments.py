"""Segments and groups: named ones by how customers buy, and those that are in the data.

A UK gift shop, as of the end of November 2011. Groups need scikit-learn, which comes with
the extra `groups`.
"""

import json
from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "online_retail.csv.xz"
TODAY = "2011-11-30"

lines = pd.read_csv(
    DATA,
    dtype={"InvoiceNo": "str", "StockCode": "str", "CustomerID": "Int64"},
    parse_dates=["InvoiceDate"],
)
lines["Revenue"] = (lines["Quantity"] * lines["UnitPrice"]).round(2)


def bought_by(day: str) -> ci.Summary:
    """Summarize what was bought up to a day."""
    return ci.summarize(
        lines,
        as_of=day,
        columns={
            "customer_id": "CustomerID",
            "date": "InvoiceDate",
            "amount": "Revenue",
            "order_id": "InvoiceNo",
            "category": "StockCode",
        },
    )


print("BEFORE USE: IS THE TABLE OF SEGMENTS SOUND?")
report = ci.check_segments(ci.PUBLISHED_SEGMENTS)
for fault in (*report.of("unreachable"), *report.of("gap")):
    print(f"- {fault}")
print(f"the default ones: usable is {ci.check_segments(ci.DEFAULT_SEGMENTS).is_usable}")

print("\nNAMED SEGMENTS, BY RECENCY, FREQUENCY AND MONEY")
summary = bought_by(TODAY)
rule = ci.SegmentClassifier().fit(summary)
print(
    "limits in days:", rule.rfm.recency, "in purchases:", rule.rfm.limits("frequency")
)
print("different scores that occur:", rule.rfm.effective_bins)
segments = rule.classify(summary)
print(segments.counts())
scores = rule.rfm.score(summary)
print(f"customer 12347 ({scores[12347]}): {segments[12347]}")

print("\nHOW MANY MORE THAN A MONTH AGO, BY THE SAME LIMITS")
before = rule.classify(bought_by("2011-10-31")).counts()
for name, count in segments.counts().items():
    print(f"{name:20} {count:5,} {count - before[name]:+5,}")

print("\nSEGMENTS OF ONE'S OWN, BY WHATEVER IS KNOWN: SCALE, LOYALTY, WHERE THEY ARE")
country = lines.dropna(subset="CustomerID").drop_duplicates("CustomerID", keep="last")
social = ci.attribute_table(
    country,
    customer_id="CustomerID",
    attributes=["Country"],
    groups={"social": ["Country"]},
)
known = ci.attribute_table(summary).join(social)
own = [
    ci.Segment(name="large", when={"amount": (10_000, None)}),
    ci.Segment(name="stable", when={"purchases": (6, None), "recency": (None, 90)}),
    ci.Segment(name="neighbours", when={"Country": ("EIRE", "France", "Belgium")}),
    ci.Segment(name="others"),
]
print(ci.segment_customers(known, own, as_of=TODAY).counts())

print("\nGROUPS OF SIMILAR CUSTOMERS: HOW MANY ARE THERE?")
behaviour = known.only(["recency", "purchases", "categories", "tenure"])
skewed = list(behaviour.names)  # a few customers have very much
choice = ci.choose_n_groups(
    behaviour, (2, 3, 4, 5), rng=7, logarithms=skewed, n_resamples=10
)
print(choice.to_frame().round(2).to_string(index=False))
print(f"suggested: {choice.suggested}")

print("\nGROUPS BY EACH KIND OF ATTRIBUTE")
by_kind = {
    "social": known.of("social"),
    "behavioural": behaviour,
    "value": known.of("value").only(["amount"]),
}
for kind, attributes in by_kind.items():
    logarithms = skewed if kind == "behavioural" else []
    groups = ci.group_customers(
        attributes, 3, as_of=TODAY, rng=7, logarithms=logarithms, n_resamples=10
    )
    print(f"{kind}: {groups}")
    if kind == "behavioural":
        print(f"customer 12347: {groups[12347]}")
        kept = json.dumps(ci.to_dict(groups.rule))

print("\nNEXT MONTH: THE NEAREST GROUP, BY THE RULE KEPT AS JSON")
later = ci.attribute_table(bought_by("2011-12-09"))
print(ci.from_dict(json.loads(kept)).classify(later, as_of="2011-12-09").counts())
