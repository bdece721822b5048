"""The summary as `pymc-marketing` makes it: frequency, recency, T, monetary value."""

from functools import partial

import pandas as pd
from ledger import AS_OF
from pymc_marketing.clv.utils import rfm_summary
from route import Numbers, Route, purchases_only, rfm_numbers


__all__ = ["JOBS"]


def summary(frame: pd.DataFrame, *, sort_transactions: bool) -> pd.DataFrame:
    """Call it the way its documentation does."""
    found: pd.DataFrame = rfm_summary(
        frame,
        "customer_id",
        "date",
        "amount",
        observation_period_end=AS_OF,
        sort_transactions=sort_transactions,
    )
    return found


def summary_numbers(found: pd.DataFrame) -> Numbers:
    """Turn frequency, recency and T into purchase days, first and last day."""
    return rfm_numbers(found.sort_values("customer_id"))


JOBS = {
    "summary": Route(
        partial(summary, sort_transactions=True), summary_numbers, purchases_only
    ),
    "summary_presorted": Route(
        partial(summary, sort_transactions=False), summary_numbers, purchases_only
    ),
}
