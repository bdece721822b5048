"""The jobs in plain pandas and numpy, as well as its own users would write them."""

from typing import Any

import numpy as np
import pandas as pd
import trend
from ledger import FIRST_DAY, MONTHS
from numpy.typing import NDArray
from route import Numbers, Route, days


__all__ = ["JOBS"]

FIRST_MONTH = FIRST_DAY.astype("datetime64[M]").astype(np.int64)


def with_cents(frame: pd.DataFrame) -> pd.DataFrame:
    """Add whole cents, and blank the day where the row is no purchase."""
    return frame.assign(
        cents=(frame["amount"] * 100).round().astype("int64"),
        date=frame["date"].where(frame["amount"] >= 0),
    )


def month_of(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Count months from the first; `astype` is the quickest way pandas has."""
    months = frame["date"].to_numpy().astype("datetime64[M]").astype(np.int64)
    return np.asarray(months - FIRST_MONTH)


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """One groupby; quicker than two levels or `drop_duplicates`."""
    return (
        with_cents(frame)
        .groupby("customer_id")
        .agg(
            total=("cents", "sum"),
            purchase_days=("date", "nunique"),
            first=("date", "min"),
            last=("date", "max"),
        )
    )


def summary_numbers(found: pd.DataFrame) -> Numbers:
    """Take out the columns every route has."""
    return {
        "customer_id": np.asarray(found.index.to_numpy().tolist()),
        "total": found["total"].to_numpy(),
        "purchase_days": found["purchase_days"].to_numpy(),
        "first": days(found["first"].to_numpy()),
        "last": days(found["last"].to_numpy()),
    }


def core(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two levels: (customer, month) first, then customer; then classes and slope."""
    cells = (
        with_cents(frame)
        .assign(month=month_of(frame))
        .groupby(["customer_id", "month"], sort=False)
        .agg(
            total=("cents", "sum"),
            purchase_days=("date", "nunique"),
            first=("date", "min"),
            last=("date", "max"),
        )
        .reset_index()
    )
    cells["slope"] = cells["total"] * trend.WEIGHTS[cells["month"].to_numpy()]
    found = cells.groupby("customer_id").agg(
        total=("total", "sum"),
        purchase_days=("purchase_days", "sum"),
        first=("first", "min"),
        last=("last", "max"),
        slope=("slope", "sum"),
    )
    return found.assign(abc=abc(found["total"])), cells


def abc(total: pd.Series) -> NDArray[np.int8]:
    """Share the positive total out, largest first; code A, B, C, none as 0 to 3."""
    positive = total[total > 0].sort_values(ascending=False)
    if positive.empty:
        return np.full(len(total), 3, dtype=np.int8)
    before = positive.cumsum() - positive
    a, b = (
        positive[before < share * positive.sum()].min() for share in trend.VALUE_SHARES
    )
    return trend.class_codes(total.to_numpy(), (a, b))


def core_numbers(result: tuple[pd.DataFrame, pd.DataFrame]) -> Numbers:
    """Take out the columns every route has."""
    found, _ = result
    return {
        **summary_numbers(found),
        "slope": found["slope"].to_numpy(),
        "abc": found["abc"].to_numpy(),
    }


def everything(frame: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64], Any]:
    """Summary with gaps and refunds, months as a matrix, trends, classes."""
    rows = with_cents(frame)
    back = rows["cents"] < 0
    found = rows.assign(refunds=back, refund_value=rows["cents"].where(back, 0))
    found = found.groupby("customer_id").agg(
        total=("cents", "sum"),
        refunds=("refunds", "sum"),
        refund_value=("refund_value", "sum"),
    )
    # Sorting by day alone and taking differences by group is several times quicker
    # than sorting by customer and day, or than dropping duplicates first.
    bought = rows.loc[~back, ["customer_id", "date"]]
    bought = bought.sort_values("date", kind="stable")
    gap = bought.groupby("customer_id")["date"].diff().dt.days
    found = found.join(
        bought.assign(new_day=gap != 0, squared_gap=gap * gap)
        .groupby("customer_id")
        .agg(
            purchase_days=("new_day", "sum"),
            first=("date", "min"),
            last=("date", "max"),
            squared_gaps=("squared_gap", "sum"),
        )
    )
    found = found.fillna({"purchase_days": 0, "squared_gaps": 0})
    months = (
        rows.assign(month=month_of(frame))
        .groupby(["customer_id", "month"])["cents"]
        .sum()
        .unstack(fill_value=0)
        .reindex(columns=range(MONTHS), fill_value=0)
        .to_numpy()
    )
    trends = trend.trends(months, days(found["first"].to_numpy()))
    return found.assign(abc=abc(found["total"])), months, trends


def everything_numbers(result: tuple[pd.DataFrame, NDArray[np.int64], Any]) -> Numbers:
    """Take out the columns every route has."""
    found, months, trends = result
    whole = ["refunds", "refund_value", "squared_gaps", "abc"]
    return {
        **summary_numbers(found),
        **{name: found[name].to_numpy().astype(np.int64) for name in whole},
        "months": months,
        "trend": trends.slope,
        "z": trends.z,
    }


JOBS = {
    "summary": Route(summary, summary_numbers),
    "core": Route(core, core_numbers),
    "identify": Route(everything, everything_numbers),
}
