"""Own patterns of customers, and where their behaviour breaks from them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import align
from customer_identification.classify.base import APART, Classification
from customer_identification.classify.trajectory import history_of
from customer_identification.options import number_field, whole_field
from customer_identification.summary import Summary


__all__ = [
    "SIGNALS",
    "Found",
    "Signal",
    "WatchPolicy",
    "changes",
    "classes_before",
    "falls",
    "process_limits",
    "silences",
]

Floats = NDArray[np.float64]
Signal = Literal["silent", "drop", "surge", "falling"]
SIGNALS: tuple[Signal, ...] = ("silent", "drop", "surge", "falling")

# 3 / d2 with d2 = 1.128 for ranges of two: limits of single values (Wheeler & Chambers
# 1992, Understanding Statistical Process Control, 2nd ed., chapter 3, "XmR charts").
_NATURAL = 2.66


@frozen(kw_only=True)
class WatchPolicy:
    """When behaviour breaks from a customer's own pattern.

    Attributes
    ----------
    gaps : float
        Own mean gaps without a purchase that count as silence. With exponential gaps
        only 5 % are longer than 3 (exp(-3) = 0.0498). [gaps]
    min_purchase_days : int
        Least days with a purchase to speak of silence; 3 is the least with two gaps.
    min_periods : int
        Least complete periods, after that of the first purchase and before the last
        one, to speak of a drop or surge; 8 is our choice.
    limits : float
        Mean moving ranges from the mean that natural variation stays within; 2.66 is
        that of XmR charts.

    Raises
    ------
    InvalidInputError
        If a number is out of range.
    """

    gaps: float = number_field(3.0, 1)
    min_purchase_days: int = whole_field(3, 2)
    min_periods: int = whole_field(8, 2)
    limits: float = number_field(_NATURAL, 0)


def process_limits(
    series: NDArray[Any], limits: float = _NATURAL
) -> tuple[Floats, Floats, Floats]:
    """Give mean and natural process limits of many series: the XmR chart.

    Parameters
    ----------
    series : ndarray, shape (n_series, n_times)
        Values in order of time, at least two times.
    limits : float
        Mean moving ranges on each side of the mean.

    Returns
    -------
    mean, low, high : ndarray of float, shape (n_series,)
        ``mean -/+ limits * mean(abs(difference to the value before))``.

    Notes
    -----
    Shewhart (1931), *Economic Control of Quality of Manufactured Product*; in this form
    Wheeler & Chambers (1992), *Understanding Statistical Process Control*, chapter 3.

    Examples
    --------
    >>> process_limits(np.array([[10, 12, 10, 12]]))
    (array([11.]), array([5.68]), array([16.32]))
    """
    values = np.asarray(series, dtype=np.float64)
    mean = values.mean(axis=1)
    reach = limits * np.abs(np.diff(values, axis=1)).mean(axis=1)
    return mean, mean - reach, mean + reach


@frozen(kw_only=True)
class Found:
    """One kind of signal: whose it is, in figures.

    Attributes
    ----------
    signal : {"silent", "drop", "surge", "falling"}
        Which kind.
    rows : ndarray of int, shape (n_signals,)
        Positions of the customers.
    figure, usual, low, high : ndarray of float, shape (n_signals,)
        As in :class:`WatchSignal`; money in minor units.
    """

    signal: Signal
    rows: NDArray[np.intp]
    figure: Floats
    usual: Floats
    low: Floats
    high: Floats


def silences(summary: Summary, policy: WatchPolicy) -> tuple[Found, int]:
    """Find who has not bought for long, and count those of whom that is unknown."""
    recency, gap = summary.recency, summary.mean_gap
    is_known, is_silent = np.zeros((2, len(summary)), dtype=np.bool_)
    days = summary.purchase_days
    if days is not None:
        is_known = days >= policy.min_purchase_days
        # recency / mean gap, without the rounding of the division
        is_silent = recency * (days - 1) >= policy.gaps * summary.age_at_last_purchase
    rows = np.flatnonzero(is_known & is_silent)
    found = Found(
        signal="silent",
        rows=rows,
        figure=recency[rows],
        usual=gap[rows],
        low=np.full(rows.size, np.nan),
        high=policy.gaps * gap[rows],
    )
    return found, int(np.count_nonzero(~is_known))


def changes(summary: Summary, policy: WatchPolicy) -> tuple[Found, Found, int]:
    """Find drops and surges, and count those of whom they are unknown."""
    values, history = summary.period_values, history_of(summary)
    n = len(summary)
    last, mean, low, high = np.full((4, n), np.nan)
    if values is not None and history is not None:
        told = history[history > policy.min_periods]  # the last one, and enough before
        for length in np.flatnonzero(np.bincount(told.astype(np.intp))):
            rows = np.flatnonzero(history == length)
            series = values[rows, values.shape[1] - length :]
            last[rows] = series[:, -1]
            mean[rows], low[rows], high[rows] = process_limits(
                series[:, :-1], policy.limits
            )

    def at(signal: Signal, is_out: NDArray[np.bool_]) -> Found:
        rows = np.flatnonzero(is_out)
        return Found(
            signal=signal,
            rows=rows,
            figure=last[rows],
            usual=mean[rows],
            low=low[rows],
            high=high[rows],
        )

    unknown = int(np.count_nonzero(np.isnan(last)))
    return at("drop", last < low), at("surge", last > high), unknown


def classes_before(
    classes: Classification, previous: Classification
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Give last time's class of every customer, and who of last time is still there.

    Returns
    -------
    before : ndarray of int8, shape (n_customers,)
        Positions in the labels of today; -1 is none of these, or not there.
    is_there : ndarray of bool, shape (n_customers_of_last_time,)
    """
    at, was_there = align(classes.customer_ids, previous.customer_ids)
    code_of = np.array(
        [
            classes.labels.index(one) if one in classes.labels else -1
            for one in previous.labels
        ],
        dtype=np.int8,
    )
    before = np.full(len(classes), -1, dtype=np.int8)
    before[was_there] = code_of[previous.codes[at[was_there]]]
    is_there = np.zeros(len(previous), dtype=np.bool_)
    is_there[at[was_there]] = True
    return before, is_there


def falls(
    labels: tuple[str, ...], before: NDArray[np.int8], now: NDArray[np.int8]
) -> tuple[Found, int]:
    """Find who is in a lower class than before, and count those of whom it is unknown.

    Who is set apart by another rule has no class to compare.
    """
    nowhere = [-1] + [labels.index(one) for one in labels if one in {"unknown", APART}]
    is_known = ~np.isin(before, nowhere) & ~np.isin(now, nowhere)
    rows = np.flatnonzero(is_known & (now > before))
    nothing = np.full(rows.size, np.nan)
    found = Found(
        signal="falling",
        rows=rows,
        figure=nothing,
        usual=nothing,
        low=nothing,
        high=nothing,
    )
    return found, int(np.count_nonzero(~is_known))
