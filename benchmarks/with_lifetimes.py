"""The summary as `lifetimes` makes it: frequency, recency, T and monetary value."""

import pandas as pd
from ledger import AS_OF
from lifetimes.utils import summary_data_from_transaction_data
from route import Numbers, Route, purchases_only, rfm_numbers


__all__ = ["JOBS"]


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Call it the way its documentation does."""
    found: pd.DataFrame = summary_data_from_transaction_data(
        frame,
        "customer_id",
        "date",
        monetary_value_col="amount",
        observation_period_end=AS_OF,
    )
    return found


def summary_numbers(found: pd.DataFrame) -> Numbers:
    """Turn frequency, recency and T into purchase days, first and last day."""
    return rfm_numbers(found.sort_index().rename_axis("customer_id").reset_index())


JOBS = {"summary": Route(summary, summary_numbers, purchases_only)}
