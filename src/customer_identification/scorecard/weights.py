"""What each attribute adds beside the others: logistic regression on evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import blocks


__all__ = ["fit_intercept", "fit_logit", "fit_weights"]

Floats = NDArray[np.float64]

_STEPS = 50  # of Newton; it takes five or so
_CLOSE = 1e-7  # largest step of a weight that ends the search: the next is its square
_SAMPLE = 1 << 15  # rows that a first guess is made from; our choice
_BLOCK = 1 << 13  # rows at a time, so that they stay in the cache; our choice


class _State(NamedTuple):
    loss: float
    slope: Floats
    curve: Floats


class _Evidence(NamedTuple):
    """Columns that are looked up: the evidence of each party's bin."""

    codes: Sequence[NDArray[np.uint8]]
    evidence: Sequence[Floats]

    def into(self, rows: Floats, part: slice) -> None:
        for one, code, evidence in zip(rows, self.codes, self.evidence, strict=True):
            np.take(evidence, code[part], out=one, mode="clip")

    def every(self, step: int) -> _Evidence:
        return _Evidence([one[::step] for one in self.codes], self.evidence)


class _Numbers(NamedTuple):
    """One column as it is."""

    values: Floats

    def into(self, rows: Floats, part: slice) -> None:
        rows[0] = self.values[part]


def fit_weights(
    codes: Sequence[NDArray[np.uint8]],
    evidence: Sequence[Floats],
    good: NDArray[np.bool_],
    *,
    is_bound: NDArray[np.bool_],
    shrink: float,
) -> tuple[Floats, float]:
    """Fit the intercept and one weight for the evidence of each attribute.

    The most likely weights of a logistic regression, by Newton's method with bounds.
    They are drawn to 1, which they are where attributes are independent given the
    outcome (naive Bayes).

    Parameters
    ----------
    codes : sequence of ndarray of uint8, shape (n,)
        Bin of each party, by attribute.
    evidence : sequence of ndarray of float
        Weight of evidence of each bin, by attribute.
    good : ndarray of bool, shape (n,)
        The outcome; some are good and some are bad.
    is_bound : ndarray of bool, shape (n_attributes,)
        Whose weight must not be below 0, which would turn the evidence round.
    shrink : float
        How strongly weights are drawn to 1, as the inverse of the variance of a normal
        prior.

    Returns
    -------
    weights : ndarray of float, shape (1 + n_attributes,)
        The intercept first.
    chi2 : float
        Twice the gain in log-likelihood over the intercept alone.
    """
    columns = _Evidence(codes, evidence)
    low = np.where(np.append(False, is_bound), 0, -np.inf)
    start = _start(good, len(codes))
    step = max(1, good.size // _SAMPLE)
    some = good[::step]
    if step > 1 and some.any() and not some.all():
        few = columns.every(step)
        start, _ = _newton(few, some, start, shrink=shrink / step, low=low)
    weights, loss = _newton(columns, good, start, shrink=shrink, low=low)
    share = good.mean()
    alone = -good.size * float(share * np.log(share) + (1 - share) * np.log(1 - share))
    away = float(((weights[1:] - 1) ** 2).sum())
    return weights, max(0.0, 2 * (alone - loss + shrink * away / 2))


def fit_logit(values: Floats, good: NDArray[np.bool_]) -> tuple[float, float]:
    """Fit the intercept and slope of a logistic regression on one column.

    The slope is drawn to 1 as weakly as keeps it finite where the column alone tells
    good from bad.
    """
    start = _start(good, 1)
    found, _ = _newton(
        _Numbers(values), good, start, shrink=1e-4, low=np.full(2, -np.inf)
    )
    return float(found[0]), float(found[1])


def fit_intercept(log_odds: Floats, good: NDArray[np.bool_]) -> float:
    """Fit what must be added to log odds so that chances add up to the good ones."""
    from scipy.optimize import brentq  # noqa: PLC0415 - dear
    from scipy.special import expit  # noqa: PLC0415 - dear

    odds = float(_start(good, 0)[0])
    low, high = odds - float(log_odds.max()), odds - float(log_odds.min())
    share = good.mean()
    return float(
        brentq(lambda more: expit(log_odds + more).mean() - share, low - 1, high + 1)
    )


def _start(good: NDArray[np.bool_], n: int) -> Floats:
    start = np.ones(1 + n)
    start[0] = np.log(np.count_nonzero(good) / np.count_nonzero(~good))
    return start


def _newton(
    columns: _Evidence | _Numbers,
    good: NDArray[np.bool_],
    weights: Floats,
    *,
    shrink: float,
    low: Floats,
) -> tuple[Floats, float]:
    """Give the weights with the least penalized loss, and that loss."""
    now = _state(columns, good, weights, shrink)
    for _ in range(_STEPS):
        step = _minimum(now, weights, low) - weights
        while True:
            if np.abs(step).max() < _CLOSE:
                return weights + step, now.loss
            after = _state(columns, good, weights + step, shrink)
            if after.loss <= now.loss + 1e-12 * abs(now.loss):
                break
            step /= 2
        weights, now = weights + step, after
    return weights, now.loss


def _state(
    columns: _Evidence | _Numbers,
    good: NDArray[np.bool_],
    weights: Floats,
    shrink: float,
) -> _State:
    """Give the penalized loss with its slope and curvature, in one pass."""
    from scipy.special import expit  # noqa: PLC0415 - dear

    pull = np.full(weights.size, shrink, np.float64)
    pull[0] = 0
    away = weights - 1
    loss, slope, curve = 0.5 * float(pull @ away**2), pull * away, np.diag(pull)
    rows = np.ones((weights.size, min(_BLOCK, good.size)))
    for part in blocks(good.size, _BLOCK):
        is_good = good[part]
        some = rows[:, : is_good.size]
        columns.into(some[1:], part)
        chance = expit(weights @ some)
        right = np.where(is_good, chance, 1 - chance)
        loss -= float(np.log(np.maximum(right, np.finfo(float).tiny)).sum())
        slope += some @ (chance - is_good)
        curve += (some * (chance * (1 - chance))) @ some.T
    return _State(loss, slope, curve)


def _minimum(now: _State, weights: Floats, low: Floats) -> Floats:
    """Give where the parabola at this point is lowest, within the bounds."""
    from scipy.linalg import cholesky, solve_triangular  # noqa: PLC0415 - dear
    from scipy.optimize import lsq_linear  # noqa: PLC0415 - dear

    ridge = 1e-10 * max(1.0, float(np.trace(now.curve)) / weights.size)
    root = cholesky(now.curve + ridge * np.eye(weights.size))
    aim = root @ weights - solve_triangular(root, now.slope, trans="T")
    free: Floats = solve_triangular(root, aim)
    if (free >= low).all():
        return free
    found: Floats = lsq_linear(root, aim, bounds=(low, np.inf), method="bvls").x
    return found
