"""A strategy of your own, in the program and under the same contract as ours."""

from pathlib import Path

import numpy as np
import pandas as pd
from attrs import frozen

import customer_identification as ci
from customer_identification.testing import check_classifier


def value_per_purchase(summary: ci.Summary) -> ci.Measure:
    """Divide value by purchases; nan, which is unknown, where there are none."""
    value = ci.measure_of(summary, "value", "money")
    baskets = np.full(len(summary), np.nan)
    bought = summary.purchases > 0
    np.divide(value.values, summary.purchases, out=baskets, where=bought)
    return ci.Measure(baskets, "money", value.scale)


@frozen
class BasketRule:
    """Large or small baskets: value per purchase, in minor units, against a limit."""

    limit: float
    labels = ("large", "small", "unknown")

    def classify(self, summary: ci.Summary) -> ci.Classification:
        """Read the table for every customer: the first line that holds wins."""
        lines = (
            ci.Line("large", (ci.Condition("basket", ">=", self.limit),)),
            ci.Line("small", (ci.Condition("basket", "<", self.limit),)),
            ci.Line("unknown", shows=("basket",)),
        )
        measures = {"basket": value_per_purchase(summary)}
        return ci.classify_by(
            summary, lines, measures, labels=self.labels, ordered=True
        )


class BasketClassifier:
    """Learns the basket of the customer in the middle."""

    def fit(self, summary: ci.Summary) -> BasketRule:
        """Take the median of the known baskets."""
        baskets = value_per_purchase(summary).values
        known = baskets[~np.isnan(baskets)]
        return BasketRule(float(np.median(known)) if known.size else np.inf)


# --- and that is all; now use it -------------------------------------------------

lines = pd.read_csv(
    Path(__file__).parent / "data" / "cdnow_sample.csv.gz",
    dtype={"sample_id": str},
    parse_dates=["date"],
)
summary = ci.summarize(
    lines,
    as_of="1998-06-30",
    columns={"customer_id": "sample_id", "date": "date", "amount": "dollar_value"},
)

check_classifier(BasketClassifier(), summary)
print("BasketClassifier keeps the contract of a classifier")

program = ci.IdentificationProgram(
    classifiers={
        "loyalty": ci.LoyaltyClassifier(),
        "value": ci.ABCClassifier(),
        "basket": BasketClassifier(),
    }
)
identifier = program.fit(summary)
found = identifier.identify(summary)
print("customers by basket:", found.counts()["basket"])
print("\ncustomer 0001")
print(found.explain("0001"))

again = ci.from_dict(ci.to_dict(identifier), types=[BasketRule])
print("\nJSON and back gives an equal identifier:", again == identifier)
