"""The floor: what no summary of these columns can do without."""

from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray
from route import Numbers, Route


__all__ = ["JOBS"]


@frozen(eq=False)
class Coded:
    """The frame's columns with customers already numbered from 0."""

    codes: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]


def coded(frame: pd.DataFrame) -> Coded:
    """Give each customer a number before the clock starts."""
    codes, _ = pd.factorize(frame["customer_id"], sort=True)
    day = frame["date"].to_numpy().view("int64")
    return Coded(codes, day, frame["amount"].to_numpy())


def one_pass_a_column(columns: Coded) -> list[NDArray[Any]]:
    """One `np.bincount` a column."""
    return [
        np.bincount(columns.codes),
        np.bincount(columns.codes, weights=columns.day),
        np.bincount(columns.codes, weights=columns.amount),
    ]


def numbered_and_sorted(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Factorize the ids, one `np.bincount` of the amounts, sort the totals."""
    codes, _ = pd.factorize(frame["customer_id"])
    return np.sort(np.bincount(codes, weights=frame["amount"].to_numpy()))


def nothing(_: Any) -> Numbers:
    """Tell nothing: the floor is no summary."""
    return {}


JOBS = {
    "codes_given": Route(one_pass_a_column, nothing, coded),
    "factorize": Route(numbered_and_sorted, nothing),
}
