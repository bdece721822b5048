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
MONTH_BITS, DAY_BITS = 5, 16  # room for 24 months, and for the days from 1970 to 2149
WHOLE = ("refunds", "refund_value", "purchase_days", "squared_gaps")


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


def cells_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum by customer and month: the one level from which totals follow."""
    by_month = rows.groupby(["customer_id", "month"], sort=False)
    return by_month["cents"].sum().reset_index()


def customers_of(rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Totals from the cells, refunds from the few such rows, days from a sort."""
    found = cells.groupby("customer_id").agg(total=("cents", "sum"))
    back = rows["cents"] < 0
    found = found.join(
        rows[back]
        .groupby("customer_id")
        .agg(refunds=("cents", "size"), refund_value=("cents", "sum"))
    )
    # Sorting by day alone and taking differences by group is several times quicker
    # than sorting by customer and day, or than dropping duplicates first.
    bought = rows.loc[~back, ["customer_id", "date"]]
    bought = bought.sort_values("date", kind="stable")
    day = bought["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    gap = bought.assign(day=day).groupby("customer_id")["day"].diff()
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
    return found.fillna(dict.fromkeys(WHOLE, 0))


def core(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells and customers, then classes and slope."""
    rows = with_cents(frame).assign(month=month_of(frame))
    cells = cells_of(rows)
    found = customers_of(rows, cells)
    weighted = cells["cents"] * trend.WEIGHTS[cells["month"].to_numpy()]
    slope = weighted.groupby(cells["customer_id"]).sum()
    return found.assign(slope=slope, abc=abc(found["total"])), cells


def core_packed(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Pack customer and month, customer and day into one number: for int ids only.

    No row is looked at by pandas' two-column groupby; days are sorted as numbers.
    """
    cents = (frame["amount"] * 100).round().astype("int64")
    ids = frame["customer_id"].to_numpy()
    by_month = cents.groupby((ids << MONTH_BITS) + month_of(frame), sort=False)
    cells = by_month.sum()
    keys = cells.index.to_numpy()
    month = keys & ((1 << MONTH_BITS) - 1)
    found = (
        pd.DataFrame({"total": cells, "slope": cells * trend.WEIGHTS[month]})
        .groupby(keys >> MONTH_BITS)
        .sum()
    )
    back = cents < 0
    refunds = cents[back].groupby(ids[back]).agg(["size", "sum"])
    found[["refunds", "refund_value"]] = refunds
    days = frame["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    packed = np.sort(((ids << DAY_BITS) + days)[~back])
    gap = np.diff(packed, prepend=0)
    gap[np.diff(packed >> DAY_BITS, prepend=-1) != 0] = 0
    by_customer = pd.DataFrame(
        {"day": packed & ((1 << DAY_BITS) - 1), "new": gap > 0, "squared": gap * gap}
    ).groupby(packed >> DAY_BITS)
    found = found.join(
        by_customer.agg(
            purchase_days=("new", "sum"),
            first=("day", "min"),
            last=("day", "max"),
            squared_gaps=("squared", "sum"),
        )
    )
    found["purchase_days"] += 1
    for name in ("first", "last"):
        found[name] = pd.to_datetime(found[name], unit="D")
    found = found.fillna(dict.fromkeys(WHOLE, 0)).assign(abc=abc(found["total"]))
    return found.rename_axis("customer_id"), cells


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
        **{name: found[name].to_numpy().astype(np.int64) for name in WHOLE},
        "slope": found["slope"].to_numpy(),
        "abc": found["abc"].to_numpy(),
    }


def everything(frame: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.int64], Any]:
    """Cells and customers, months as a matrix, trends, classes."""
    rows = with_cents(frame).assign(month=month_of(frame))
    cells = cells_of(rows)
    found = customers_of(rows, cells)
    months = (
        cells.set_index(["customer_id", "month"])["cents"]
        .unstack(fill_value=0)
        .reindex(columns=range(MONTHS), fill_value=0)
        .to_numpy()
    )
    trends = trend.trends(months, days(found["first"].to_numpy()))
    return found.assign(abc=abc(found["total"])), months, trends


def everything_numbers(result: tuple[pd.DataFrame, NDArray[np.int64], Any]) -> Numbers:
    """Take out the columns every route has."""
    found, months, trends = result
    return {
        **summary_numbers(found),
        **{name: found[name].to_numpy().astype(np.int64) for name in (*WHOLE, "abc")},
        "months": months,
        "trend": trends.slope,
        "z": trends.z,
    }


JOBS = {
    "summary": Route(summary, summary_numbers),
    "core": Route(core, core_numbers),
    "core_packed": Route(core_packed, core_numbers),
    "identify": Route(everything, everything_numbers),
}
