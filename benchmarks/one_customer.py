"""One customer at a time: what a verdict costs once the rules are fitted."""

import argparse
import timeit
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import ledger
import numpy as np
from ledger import AS_OF, DAYS

from customer_identification import (
    ABCClassifier,
    IdentificationProgram,
    LoyaltyClassifier,
    Summary,
    Transaction,
    ValueTrajectoryClassifier,
    summarize,
)


__all__: list[str] = []

REPEATS = 30
CALLS = 200
PURCHASE_DAYS = 20
CLASSIFIERS = (ABCClassifier, ValueTrajectoryClassifier, LoyaltyClassifier)


def show(label: str, call: Callable[[], Any]) -> None:
    """Time a call often; print the best and the median run, for one call."""
    call()
    runs = timeit.repeat(call, repeat=REPEATS, number=CALLS)
    scale = 1e6 / CALLS
    print(f"  {label:<34} {min(runs) * scale:9.1f} {median(runs) * scale:8.1f}")


def ordinary(everybody: Summary) -> int:
    """Find somebody with the whole history and about 20 purchase days."""
    early = everybody.tenure > DAYS - 31
    away = np.abs(
        np.where(early, np.asarray(everybody.purchase_days), np.inf) - PURCHASE_DAYS
    )
    return int(np.argmin(away))


def main() -> None:
    """Fit on everybody, classify an ordinary customer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    frame = ledger.load(parser.parse_args().store, "pandas")
    everybody = summarize(frame, as_of=AS_OF)
    at = ordinary(everybody)
    customer_id = everybody.customer_ids[at]
    rows = frame[frame["customer_id"] == customer_id]
    transactions = [
        Transaction(
            customer_id=customer_id, date=day.date(), amount=Decimal(str(amount))
        )
        for day, amount in zip(rows["date"], rows["amount"], strict=True)
    ]
    one = everybody.take([at])
    identifier = IdentificationProgram().fit(everybody)
    print(f"{'one customer, microseconds a call':<36} {'min':>9} {'median':>8}")
    for classifier in CLASSIFIERS:
        rule = classifier().fit(everybody)
        show(f"{type(rule).__name__}.classify", partial(rule.classify, one))
    show("Identifier.identify", partial(identifier.identify, one))
    found = identifier.identify(one)
    show("Identification.explain", partial(found.explain, customer_id))
    show(
        f"summarize, {len(transactions)} transactions",
        partial(summarize, transactions, as_of=AS_OF),
    )


if __name__ == "__main__":
    main()
