"""An accountant's story: who owes what, who pays late, and a key customer who does not.

A wholesaler's invoices of a year, made up here: 40 customers, most of them prompt.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

import customer_identification as ci


TODAY = date(2011, 12, 31)
TERMS = 30  # days to pay
rng = np.random.Generator(np.random.PCG64(2011))

# Customers 1 to 3 buy much. Customer 2 stopped to pay in August, customer 7 contests
# everything since September, and the last ten are slow.
rows: list[dict[str, object]] = []
for customer in range(1, 41):
    usual = 2_000 if customer <= 3 else 100
    pace = 45 if customer > 30 else 22  # days from invoice to payment
    for week in range(0, 52, 4 if customer <= 3 else 6):
        issued = date(2011, 1, 3) + timedelta(weeks=week)
        stopped = customer == 2 and issued >= date(2011, 8, 1)
        contested = customer == 7 and issued >= date(2011, 9, 1)
        took = timedelta(days=max(int(rng.normal(pace, 6)), 0))
        rows.append(
            {
                "invoice": len(rows) + 1,
                "customer": customer,
                "issued": issued,
                "due": issued + timedelta(days=TERMS),
                "amount": round(float(rng.gamma(9, usual / 9)), 2),
                "paid_on": None if stopped or contested else issued + took,
                "disputed": contested,
            }
        )
days = dict.fromkeys(("issued", "due", "paid_on"), "datetime64[us]")
invoices = pd.DataFrame(rows).astype(days)
columns = {"invoice_id": "invoice", "customer_id": "customer"}

print("WHAT IS OPEN, BY AGE")
credit = ci.summarize_credit(invoices, as_of=TODAY, columns=columns)
print(credit.report)
print(ci.ageing(credit))
halfway = ci.ageing(invoices, as_of="2011-06-30", columns=columns)
print(f"half a year before, {halfway.shares[0]:.0%} of what was open was not due yet")

print("\nWHO PAYS, AND WHO DOES NOT")
credit = credit.with_customers([41])  # asked for an offer, was never billed
levels = ci.CreditClassifier().fit(credit).classify(credit)
print(levels.counts())
for customer in (1, 2, 7, 35, 41):
    print(f"- customer {customer} is {levels[customer]}")

print("\nWHO IS A KEY CUSTOMER AND DOES NOT PAY")
sales = ci.summarize(
    invoices,
    as_of=TODAY,
    columns={"customer_id": "customer", "date": "issued", "order_id": "invoice"},
)
worth = ci.ABCClassifier(thresholds=(5_000, 1_000)).fit(sales).classify(sales)
both = ci.combine_with_value(levels, worth)
print({label: n for label, n in both.counts().items() if n})
for customer in both.customer_ids[both.where("key_poor")].tolist():
    print(f"- customer {customer} is {both[customer]}")

print("\nWHAT IS IN DISPUTE IS NOT HELD AGAINST THEM")
spared = ci.summarize_credit(invoices, as_of=TODAY, columns=columns, disputes="apart")
without = ci.CreditClassifier().fit(spared).classify(spared)
print(f"- customer 7 is {levels.label_of(7)} with it, {without.label_of(7)} without")

print("\nA CREDIT LEVEL LEARNT FROM 3,000 WHO PAID, OR DID NOT")
n = 3_000
known = pd.DataFrame(
    {
        "customer_id": range(n),
        "months_late": rng.poisson(0.6, n),
        "years_known": rng.integers(0, 15, n),
        "branch": rng.choice(["trade", "craft", "farming"], n),
    }
)
strain = 0.9 * known["months_late"] - 0.15 * known["years_known"] - 1.2
known["paid"] = rng.random(n) > 1 / (1 + np.exp(-strain))
table = ci.attribute_table(known, outcome="paid", as_of=TODAY)
rule = ci.CreditScoreClassifier(trusted=["months_late", "years_known"]).fit(table)
learnt = rule.classify(table)
print(learnt.counts())
print(f"- somebody is {learnt[3]}")
