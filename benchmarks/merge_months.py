"""A month that comes in: merged into 23 months, or all 24 counted again."""

from typing import Any

import numpy as np
import trend
from attrs import frozen
from ledger import AS_OF
from numpy.typing import NDArray
from ours import abc_codes, summary_numbers
from route import Numbers, Route

from customer_identification import ABCClassifier, Summary, summarize
from customer_identification.classify.base import Classification


__all__ = ["JOBS"]

NEW_MONTH, DAY_BEFORE = "2023-12-01", "2023-11-30"


@frozen(eq=False)
class Incoming:
    """All rows, and what is there before the month: its rows, and the summary."""

    everything: Any
    month: Any
    earlier: Summary


@frozen(eq=False)
class Result:
    """The summary, who is in which class, and whether a recount says the same."""

    given: Incoming
    summary: Summary
    classes: Classification | None = None
    slope: NDArray[np.float64] | None = None


def incoming(frame: Any) -> Incoming:
    """Summarize 23 months before the clock starts."""
    is_new = (frame["date"] >= np.datetime64(NEW_MONTH)).to_numpy()
    earlier = summarize(frame[~is_new], as_of=DAY_BEFORE, mergeable=True)
    return Incoming(frame, frame[is_new].reset_index(drop=True), earlier)


def merge(given: Incoming) -> Result:
    """Summarize one month, and add it."""
    month = summarize(given.month, since=NEW_MONTH, as_of=AS_OF, mergeable=True)
    return Result(given, given.earlier.merge(month))


def recount(given: Incoming) -> Result:
    """Summarize all 24 months, ready to be merged again."""
    return Result(given, summarize(given.everything, as_of=AS_OF, mergeable=True))


def recount_only(given: Incoming) -> Result:
    """Summarize all 24 months, to be used as they are."""
    return Result(given, summarize(given.everything, as_of=AS_OF))


def classified(result: Result) -> Result:
    """Fit the classes again to all customers, and the slopes."""
    found = result.summary
    classes = ABCClassifier(value_shares=trend.VALUE_SHARES).fit(found).classify(found)
    slope = np.asarray(found.period_values) @ trend.WEIGHTS
    return Result(result.given, found, classes, slope)


def merge_and_classify(given: Incoming) -> Result:
    """Do the whole monthly job by merging."""
    return classified(merge(given))


def recount_and_classify(given: Incoming) -> Result:
    """Do the whole monthly job by counting again."""
    return classified(recount(given))


def numbers(result: Result) -> Numbers:
    """Take out the columns, and whether a recount gives an equal summary."""
    again = recount(result.given).summary
    is_kept = result.summary.history is not None
    numbers = {
        **summary_numbers(result.summary),
        "months": np.asarray(result.summary.period_values),
        "report": np.array([result.summary == again or not is_kept]),
    }
    if result.classes is not None:
        numbers["abc"] = abc_codes(result.classes)
    if result.slope is not None:
        numbers["slope"] = result.slope
    return numbers


JOBS = {
    "merge": Route(merge, numbers, incoming),
    "recount": Route(recount, numbers, incoming),
    "recount_only": Route(recount_only, numbers, incoming),
    "merge_classes": Route(merge_and_classify, numbers, incoming),
    "recount_classes": Route(recount_and_classify, numbers, incoming),
}
