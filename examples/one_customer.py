"""A service: the rules come from JSON, one customer's transactions come as objects."""

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data" / "cdnow_sample.csv.gz"

# Once a month, in a job: learn from everybody, keep a few numbers.
everybody = pd.read_csv(DATA, dtype={"sample_id": str}, parse_dates=["date"])
summary = ci.summarize(
    everybody,
    as_of="1998-06-30",
    columns={"customer_id": "sample_id", "date": "date", "amount": "dollar_value"},
)
job = ci.IdentificationProgram().fit(summary)
kept = json.dumps(ci.to_dict(job))

# In the service: no table, no fitting; one customer's own transactions.
identifier = ci.from_dict(json.loads(kept))
bought = [
    ci.Transaction(customer_id="new-17", date=day, amount=amount)
    for day, amount in [
        (date(1998, 1, 7), 14.37),
        (date(1998, 2, 20), 26.48),
        (date(1998, 4, 3), 42.10),
        (date(1998, 5, 19), 61.75),
        (date(1998, 6, 22), 80.02),
    ]
]
one = ci.summarize(bought, as_of="1998-06-30")
found = identifier.identify(one)
print(found.explain("new-17"))

# The verdict is the same as in the batch.
batch, alone = job.identify(summary), identifier.identify(summary.take([0]))
first = summary.customer_ids[0]
same = batch.profile(first).verdicts == alone.profile(first).verdicts
print(f"\nalone as in the batch of {len(summary):,}: {same}")

value = identifier.rules["value"]
steps: dict[str, Callable[[], object]] = {
    "classify by one rule": lambda: value.classify(one),
    "identify by all three rules": lambda: identifier.identify(one),
    "summarize five transactions": lambda: ci.summarize(bought, as_of="1998-06-30"),
}
for name, step in steps.items():
    times = []
    for _ in range(200):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    print(f"{name}: {sorted(times)[100] * 1e6:,.0f} microseconds")
