"""Trends of many customers at once in plain numpy, for the routes of other engines."""

import numpy as np
from attrs import frozen
from ledger import FIRST_DAY, MONTHS
from numpy.typing import ArrayLike, NDArray


__all__ = ["VALUE_SHARES", "WEIGHTS", "Trends", "class_codes", "trends"]

VALUE_SHARES = (0.80, 0.95)

# Least squares over all months, months without a purchase as zeros:
# slope = sum of (m - mean m) * value / sum of (m - mean m)^2.
CENTRED = np.arange(MONTHS) - (MONTHS - 1) / 2
WEIGHTS: NDArray[np.float64] = CENTRED / (CENTRED @ CENTRED)

BLOCK = 1 << 17  # pairs held at a time: 1 MB of float64
MONTH_STARTS = np.arange(
    FIRST_DAY.astype("datetime64[M]"), FIRST_DAY.astype("datetime64[M]") + MONTHS
).astype("datetime64[D]")


def class_codes(total: ArrayLike, at_least: tuple[int, int]) -> NDArray[np.int8]:
    """Code A, B, C and none as 0, 1, 2 and 3."""
    value = np.asarray(total)
    a, b = at_least
    return np.select([value <= 0, value >= a, value >= b], [3, 0, 1], 2).astype(np.int8)


@frozen(eq=False)
class Trends:
    """One slope and one test a customer; nan where the history is too short.

    Attributes
    ----------
    slope
        Theil-Sen, as a share of the mean month without its sign. [1 / month]
    z
        Mann-Kendall's normal score, corrected for ties.
    """

    slope: NDArray[np.float64]
    z: NDArray[np.float64]


def trends(months: NDArray[np.int64], first_day: NDArray[np.int64]) -> Trends:
    """Take customers of equal history length together, block by block."""
    # The month of the first purchase is rarely a whole one: history begins after it.
    start = np.searchsorted(MONTH_STARTS.astype(np.int64), first_day, side="right")
    length = np.where(first_day < 0, 0, MONTHS - start)
    slope = np.full(len(months), np.nan)
    z = np.full(len(months), np.nan)
    for n in range(2, MONTHS):
        who = np.flatnonzero(length == n)
        step = max(BLOCK // (n * (n - 1) // 2), 1)
        for at in range(0, who.size, step):
            block = who[at : at + step]
            slope[block], z[block] = kernel(months[block, MONTHS - n :])
    return Trends(slope, z)


def kernel(
    value: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and score of customers whose histories are equally long."""
    n = value.shape[1]
    early, late = np.triu_indices(n, k=1)
    rise = value[:, late] - value[:, early]
    # Sorting whole rows in the cache is several times quicker than `np.median`.
    pairs = np.sort(rise / (late - early), axis=1)
    slope = (pairs[:, (early.size - 1) // 2] + pairs[:, early.size // 2]) / 2
    score = np.sign(rise).sum(axis=1)
    usual = np.abs(value).mean(axis=1)
    slope = np.divide(slope, usual, out=np.zeros(len(value)), where=usual > 0)
    ordered = np.sort(value, axis=1)
    # t equal values take t(t-1)(2t+5)/18 from the variance; the k-th of them adds
    # k(k-1)(2k+5) - (k-1)(k-2)(2k+3) = 6(k^2 - 1) to the eighteenths.
    run = np.ones(len(value), dtype=np.int64)
    tied = np.zeros(len(value), dtype=np.int64)
    for column in range(1, n):
        run = np.where(ordered[:, column] == ordered[:, column - 1], run + 1, 1)
        tied += 6 * (run * run - 1)
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (score - np.sign(score)) / np.sqrt(variance)
    return slope, np.where(variance > 0, z, 0.0)
