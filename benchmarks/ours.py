"""The jobs in this library, from any kind of frame."""

from typing import Any

import numpy as np
import trend
from attrs import frozen
from ledger import AS_OF
from numpy.typing import NDArray
from route import Numbers, Route, days

from customer_identification import (
    ABCClassifier,
    CustomerIndex,
    identify,
    summarize,
)
from customer_identification.classify.base import Classification
from customer_identification.identification import Identification
from customer_identification.summary import Summary


__all__ = ["JOBS"]

CLASSES = ("A", "B", "C", "none")


def given(values: NDArray[Any] | None) -> NDArray[Any]:
    """Take a column that can only be absent where the data have no such column."""
    return np.asarray(values)


def summary(frame: Any) -> Summary:
    """Summarize without periods."""
    return summarize(frame, as_of=AS_OF, period=None)


def summary_numbers(found: Summary) -> Numbers:
    """Take out the columns every route has."""
    return {
        "customer_id": np.asarray(found.customer_ids.tolist()),
        "total": given(found.value),
        "purchase_days": given(found.purchase_days),
        "first": days(given(found.first_purchase)),
        "last": days(given(found.last_purchase)),
    }


def days_and_refunds(found: Summary) -> Numbers:
    """Take out what the longer jobs count besides."""
    return {
        "refunds": found.refunds,
        "refund_value": found.refund_value,
        "squared_gaps": given(found.squared_gaps),
    }


@frozen(eq=False)
class Core:
    """What the core job gives."""

    summary: Summary
    classes: Classification
    slope: NDArray[np.float64]


def core(frame: Any, index: CustomerIndex | None = None) -> Core:
    """Summarize by month, class by share of value, slope by least squares."""
    found = summarize(frame, as_of=AS_OF, period="month", index=index)
    rule = ABCClassifier(value_shares=trend.VALUE_SHARES).fit(found)
    return Core(found, rule.classify(found), given(found.period_values) @ trend.WEIGHTS)


@frozen(eq=False)
class Indexed:
    """A frame, and an index of its customers from before."""

    frame: Any
    index: CustomerIndex


def with_index(frame: Any) -> Indexed:
    """Index the customers before the clock starts, as of an earlier month."""
    return Indexed(frame, CustomerIndex(frame["customer_id"]))


def with_positions(frame: Any) -> Indexed:
    """Encode the customers before the clock starts, as one might store them."""
    index = CustomerIndex(frame["customer_id"])
    positions = index.encode(frame["customer_id"])
    return Indexed(frame.assign(customer_id=positions), index)


def core_indexed(given: Indexed) -> Core:
    """Do the core job with the index."""
    return core(given.frame, given.index)


def core_numbers(result: Core) -> Numbers:
    """Take out the columns every route has."""
    return {
        **summary_numbers(result.summary),
        **days_and_refunds(result.summary),
        "slope": result.slope,
        "abc": abc_codes(result.classes),
    }


def abc_codes(classes: Classification) -> NDArray[np.int8]:
    """Code A, B, C and none as 0 to 3."""
    places = np.array(
        [CLASSES.index(x) if x in CLASSES else -1 for x in classes.labels]
    )
    codes: NDArray[np.int8] = places.astype(np.int8)[classes.codes]
    return codes


def everything(frame: Any) -> Identification:
    """Identify in the one line a user writes."""
    return identify(frame, as_of=AS_OF)


def everything_numbers(result: Identification) -> Numbers:
    """Take out the columns every route has."""
    found = result.summary
    measures = result.classes["trajectory"].measures
    known = measures["history"].values >= 2  # the other routes leave the rest out
    numbers: dict[str, NDArray[Any]] = {
        **summary_numbers(found),
        **days_and_refunds(found),
        "months": given(found.period_values),
        "trend": np.where(known, measures["slope"].values, np.nan),
        "z": np.where(known, measures["trend"].values, np.nan),
    }
    if not result.classes["loyalty"].where("transactional").any():
        # Only then are the limits learnt from everybody, as the other routes do.
        numbers["abc"] = abc_codes(result.classes["value"])
    return numbers


JOBS = {
    "summary": Route(summary, summary_numbers),
    "core": Route(core, core_numbers),
    "core_index": Route(core_indexed, core_numbers, with_index),
    "core_positions": Route(core_indexed, core_numbers, with_positions),
    "identify": Route(everything, everything_numbers),
}
