"""What a route is: one way of doing one job, and the numbers it is checked by."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import frozen
from ledger import AS_OF
from numpy.typing import ArrayLike, NDArray


__all__ = [
    "NO_DAY",
    "Numbers",
    "Route",
    "days",
    "purchases_only",
    "rfm_numbers",
    "same",
]

Numbers = Mapping[str, NDArray[Any]]

NO_DAY = -1


def same(frame: Any) -> Any:
    """Hand the frame on as it is: most routes need nothing prepared."""
    return frame


@frozen
class Route:
    """One way of doing one job.

    Attributes
    ----------
    run
        The work on the clock: a frame in, the engine's own result out.
    numbers
        Off the clock: the result as arrays by name, to compare with other routes.
    prepare
        Off the clock: what a route needs done to the frame before it can start.
    warm_runs
        Off the clock: how often it runs on the whole frame first.
    """

    run: Callable[[Any], Any]
    numbers: Callable[[Any], Numbers]
    prepare: Callable[[Any], Any] = same
    warm_runs: int = 0


def days(stamps: ArrayLike) -> NDArray[np.int64]:
    """Count days since 1970-01-01; -1 where there is none."""
    found = np.asarray(stamps).astype("datetime64[D]")
    return np.where(np.isnat(found), NO_DAY, found.astype(np.int64))


def purchases_only(frame: Any) -> Any:
    """Leave out the money back, which these summaries would count as purchases.

    In their favour it is done before the clock starts.
    """
    return frame[frame["amount"] >= 0].reset_index(drop=True)


def rfm_numbers(found: Any) -> Numbers:
    """Turn frequency, recency and T into purchase days, first and last day."""
    first = np.datetime64(AS_OF, "D").astype(np.int64) - found["T"].to_numpy()
    return {
        "customer_id": np.asarray(found["customer_id"].tolist()),
        "purchase_days": found["frequency"].to_numpy().astype(np.int64) + 1,
        "first": first.astype(np.int64),
        "last": (first + found["recency"].to_numpy()).astype(np.int64),
    }
