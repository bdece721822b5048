"""What customers need: surveys, a suggestion box and social media, for 200 households.

The households and what they bought are real; what they say here is made up.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "complete_journey_200.csv.xz"
TODAY = date(2017, 12, 31)
TOPICS = ("checkout", "fresh food", "opening hours", "prices")

lines = pd.read_csv(DATA, parse_dates=["transaction_timestamp"])
lines["transaction_timestamp"] = lines["transaction_timestamp"].dt.tz_localize("UTC")
summary = ci.summarize(
    lines,
    as_of=TODAY,
    tz="America/New_York",  # the clock was UTC, the shops are in New York
    columns={
        "customer_id": "household_id",
        "date": "transaction_timestamp",
        "amount": "sales_value",
        "order_id": "basket_id",
    },
)
classes = ci.ABCClassifier().fit(summary).classify(summary)
is_key = classes.where("A")


def asked(day: date, seed: int, *, better: str = "") -> pd.DataFrame:
    """Make up a survey by mail: 1 to 5, 9 is "don't know"; 140 households answer."""
    dice = np.random.Generator(np.random.PCG64(seed))
    rows = np.sort(dice.choice(len(summary), size=140, replace=False))
    parts = []
    for topic in TOPICS:
        matters = np.where(is_key[rows], topic == "fresh food", topic == "prices")
        importance = np.minimum(3 + 2 * matters + dice.integers(-1, 2, rows.size), 5)
        met = 2 + (topic == "opening hours") + 2 * (topic == better)
        satisfaction = np.minimum(met + dice.integers(0, 3, rows.size), 5)
        satisfaction[dice.random(rows.size) < 0.1] = 9
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": summary.customer_ids[rows],
                    "topic": topic,
                    "channel": "survey_mail",
                    "date": pd.Timestamp(day),
                    "importance": ci.rescale(importance, low=1, high=5),
                    "satisfaction": ci.rescale(
                        satisfaction, low=1, high=5, not_answers=(9,)
                    ),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


survey = asked(TODAY - timedelta(days=60), seed=1)
heard = pd.DataFrame(  # nobody is named, and nobody was asked
    {
        "customer_id": [None] * 33,
        "topic": ["parking"] * 18 + ["music"] * 12 + ["recipes"] * 3,
        "channel": ["social_media"] * 30 + ["suggestion_box"] * 3,
        "date": pd.Timestamp(TODAY - timedelta(days=20)),
        "sentiment": [-0.8] * 15 + [0.2] * 9 + [-0.1] * 6 + [0.9] * 3,
    }
)
said = pd.concat([survey, heard.astype({"customer_id": "Int64"})], ignore_index=True)

print("WHAT EVERYBODY NEEDS, AND HOW SURE THAT IS")
found = ci.rank_needs(said, as_of=TODAY, rng=7, groups=classes)
print(found.report)
for need in found.overall:
    print(f"  {need}")

print("\nCLASS A WANTS SOMETHING ELSE THAN CLASS C")
for label in ("A", "C"):
    print(f"  {label}: {found.of(label)[0]}")

print("\nONE HOUSEHOLD, IN ITS OWN WORDS")
one = next(iter(survey["customer_id"]))
for need in found[one][:2]:
    print(f"  {need}")

print("\nWHAT CHANGED SINCE LAST YEAR")
before = ci.rank_needs(
    asked(date(2016, 11, 1), seed=2, better="checkout"), as_of="2016-12-31", rng=7
)
changes = found.compare(before, figure="satisfaction")
for topic in TOPICS:
    print(f"  {changes[topic]}")

print("\nWHOM TO ASK NEXT")
worth = summary.to_frame().set_index("customer_id")["value"]
known = ci.coverage(
    said, as_of=TODAY, customers=summary.customer_ids, topics=TOPICS, values=worth
)
gap = known.gaps()[0]
print(f"  {gap}")
print(f"  they spend {gap.value_lacking:,.0f}; {len(known.lacking(gap.item))} to ask")

print("\nWOULD THEY MISS IT?")
kano = ci.kano(
    [
        ci.KanoAnswer(topic=topic, functional=has, dysfunctional=lacks)
        for topic, has, lacks, n in [
            ("clean shop", "must_be", "dislike", 40),
            ("clean shop", "like", "dislike", 15),
            ("free coffee", "like", "neutral", 30),
            ("free coffee", "neutral", "neutral", 25),
        ]
        for _ in range(n)
    ]
)
for topic in kano:
    print(f"  {kano[topic]}")
