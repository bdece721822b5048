"""A sales team's story: which leads to pursue, by criteria and by what came of others.

The leads that are rated are made up; the people whom a bank called are real (UCI Bank
Marketing; Moro, Cortez & Rita 2014).
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "bank_marketing.csv.xz"

print("LEADS, AS THE SALES TEAM RATES THEM FROM 1 TO 5")
ratings = pd.DataFrame(
    [
        ("Alder", 5, 4, 4, 5, 4, 0),
        ("Beech", 2, 1, 3, 2, 3, 0),
        ("Cedar", 4, 5, 3, 4, 5, 2),
        ("Elm", 4, 3, None, 3, 3, 0),
        ("Fir", None, None, 4, 3, None, 0),
    ],
    columns=[
        "lead",
        "long_relation",
        "continuity",
        "adaptability",
        "cooperation",
        "financial_prospects",
        "unpaid_bills",
    ],
)
leads = ci.attribute_table(ratings, customer_id="lead", as_of="2011-12-31")
by_criteria = ci.ProspectClassifier(
    card=ci.ProspectCriteria(low=1, high=5),
    cautions=[ci.Caution(attribute="unpaid_bills", at_least=1, why="owes others")],
)
classes = by_criteria.fit(leads).classify(leads)
for lead in classes.ranked():
    score = classes[lead].reasons
    print(f"{lead}: {classes.label_of(lead)}; {score[0]}")
print("\nElm, in full:")
print(classes["Elm"])

print("\nPEOPLE A BANK CALLED, AND WHETHER THEY TOOK THE DEPOSIT")
called = pd.read_csv(DATA)
called["pdays"] = called["pdays"].where(called["pdays"] >= 0)  # -1: never called before
called["bought"] = called.pop("deposit") == "yes"
called["party"] = range(len(called))
table = ci.attribute_table(called, customer_id="party", outcome="bought")
print(f"{table}; {table.told.mean():.1%} took it")

rng = np.random.Generator(np.random.PCG64(2014))
held = rng.permutation(len(table)) < len(table) / 3  # not learnt from

print("\nA FIRST TRY WARNS")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    leaky = ci.learn_scorecard(table.take(~held))
print(caught[0].message)

print("\nWHAT IS KNOWN BEFORE THE CALL")
table = ci.attribute_table(
    called,
    customer_id="party",
    outcome="bought",
    later=["duration"],
    as_of="2010-12-31",
)
caution = ci.Caution(attribute="default", words="yes", why="failed to pay before")
rule = ci.ProspectClassifier(cautions=[caution]).fit(table.take(~held))
flattered = leaky.check(table.take(held))
print(f"with the length of the call, which is too late: area {flattered.area:.3f}")
print(f"without: {rule.card.check(table.take(held))}")

print("\nTHE THIRD HELD BACK, BY CLASS")
third = table.take(held)
found = rule.classify(third)
for label, n in found.counts().items():
    if n:
        share = third.told[found.where(label)].mean()
        print(f"{label}: {n:,} people, of whom {share:.0%} took the deposit")
print(f"everybody: {len(third):,} people, {third.told.mean():.0%}")

print("\nWHOM TO CALL FIRST")
chance = dict(zip(found, found.measures["chance"].values.tolist(), strict=True))
for party in found.ranked()[:5].tolist():
    print(f"party {party}: {found.label_of(party)}, chance {chance[party]:.0%}")
first = set(found.ranked()[: len(third) // 4].tolist())
bought = {one for one, good in zip(third, third.told, strict=True) if good}
print(
    f"calling the first quarter of the list reaches {len(bought & first) / len(bought):.0%}"
    " of those who took it"
)

print("\nONE OF THEM, IN FULL")
print(found[found.ranked()[100].item()])
