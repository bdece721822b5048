"""What is fitted on people holds none of them: no id, name or amount in any bytes."""

import json
import pickle
from datetime import date
from typing import Any

import numpy as np
import pytest

from customer_identification import (
    ABCClassifier,
    AttitudeLoyaltyClassifier,
    IdentificationProgram,
    LoyaltyClassifier,
    StabilityPolicy,
    Summary,
    TermClassifier,
    Transaction,
    ValueTrajectoryClassifier,
    summarize,
    to_dict,
)
from customer_identification.privacy.pseudonyms import Pseudonyms, pseudonymize
from privacy.people import KEY


NAMES = [f"SECRET-{at}" for at in range(40)]


def summary() -> Summary:
    rng = np.random.Generator(np.random.PCG64(3))
    sales = [
        Transaction(
            customer_id=NAMES[one],
            date=date(2011, int(month), 1 + int(one) % 28),
            amount=int(amount),
            order_id=f"SECRET order {one}",
            discount=bool(amount % 3),
        )
        for one, month, amount in zip(
            rng.integers(0, 40, 600),
            rng.integers(1, 13, 600),
            rng.integers(1, 900, 600),
            strict=True,
        )
    ]
    made = summarize(sales, as_of="2011-12-31", mergeable=True)
    return made.with_attitudes(dict.fromkeys(NAMES, 0.5))


SUMMARY = summary()
FITTED: dict[str, Any] = {
    "value": ABCClassifier(),
    "value, computed": ABCClassifier(computed=True),
    "trajectory": ValueTrajectoryClassifier(),
    "loyalty": LoyaltyClassifier(),
    "loyalty by attitude": AttitudeLoyaltyClassifier(),
    "loyalty by term": TermClassifier(),
    "program": IdentificationProgram(stability=StabilityPolicy()),
}


@pytest.mark.parametrize("name", FITTED)
def test_a_rule_holds_nobody(name: str) -> None:
    rule = FITTED[name].fit(SUMMARY)
    held = pickle.dumps(rule) + json.dumps(to_dict(rule)).encode() + repr(rule).encode()
    assert b"SECRET" not in held


def test_the_summary_does_hold_them_until_it_has_pseudonyms() -> None:
    """The search of bytes is no yes-man."""
    assert b"SECRET" in pickle.dumps(SUMMARY)
    hidden = pseudonymize(SUMMARY, Pseudonyms(KEY))
    assert b"SECRET" not in pickle.dumps(hidden)
    assert KEY not in pickle.dumps(hidden)


def test_results_show_nobody() -> None:
    found = FITTED["program"].fit(SUMMARY).identify(SUMMARY)
    shown = repr(found) + repr(found.classes) + repr(SUMMARY)
    shown += str(found.profile(NAMES[0])) + repr(found.profile(NAMES[0]))
    assert "SECRET" not in shown
