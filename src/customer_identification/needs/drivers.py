"""Derived importance: how far the satisfaction with a topic goes with that with the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from customer_identification.arrays import check_each
from customer_identification.errors import InvalidInputError


__all__ = ["correlations", "relative_weights", "signed_weights"]

Floats = NDArray[np.float64]

_NO_SPREAD = 1e-12  # variances of ratings from 0 to 1 that are rounding; our choice


def correlations(sums: Floats) -> Floats:
    """Give weighted correlations from weighted sums of pairs.

    Parameters
    ----------
    sums : ndarray of float, shape (6, ...)
        Of w, w x, w y, w x x, w y y and w x y.

    Returns
    -------
    ndarray of float, shape (...)
        -1 to 1; nan where either side does not vary.
    """
    w, x, y, xx, yy, xy = sums
    one = np.where(w > 0, w, np.nan)
    x, y = x / one, y / one
    spread_x, spread_y = xx / one - x * x, yy / one - y * y
    varies = (spread_x > _NO_SPREAD) & (spread_y > _NO_SPREAD)
    root = np.sqrt(np.where(varies, spread_x * spread_y, np.nan))
    return np.asarray(np.clip((xy / one - x * y) / root, -1, 1))


def relative_weights(
    ratings: ArrayLike, overall: ArrayLike, weights: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Share out what ratings explain of the overall rating: Johnson's relative weights.

    The ratings are replaced by the orthogonal variables nearest to them, on which both
    sides are regressed (Johnson 2000, "A heuristic method for estimating the relative
    weight of predictor variables in multiple regression", Multivariate Behavioral
    Research 35, 1-19, equations 2 to 7). Unlike regression weights, they are not below
    0, and share out R squared where ratings go together. Thomas, Zumbo, Kwan &
    Schweitzer 2014 (same journal, 49, 329-338) doubt that they have more to them.

    Parameters
    ----------
    ratings : array_like of float, shape (n_respondents, n_topics)
        Complete.
    overall : array_like of float, shape (n_respondents,)
    weights : array_like of float, shape (n_respondents,), optional
        Above 0; equal ones if not given.

    Returns
    -------
    shares : ndarray of float, shape (n_topics,)
        They sum to R squared; all nan where something does not vary.
    signs : ndarray of float, shape (n_topics,)
        -1 where a rating goes against the overall one, else 1.

    Raises
    ------
    InvalidInputError
        If shapes do not match, a number is missing, or a weight is not above 0.

    Examples
    --------
    >>> shares, signs = relative_weights([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 3, 4])
    >>> shares, signs
    (array([0.9, 0.1]), array([1., 1.]))
    """
    x, y = np.asarray(ratings, dtype=np.float64), np.asarray(overall, dtype=np.float64)
    w = np.ones(y.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 2 or y.shape != x.shape[:1] or w.shape != y.shape:
        raise InvalidInputError(
            "ratings must have one row for every overall rating and weight",
            code="shape",
        )
    both = np.column_stack([np.ones(y.size), x, y])
    check_each(
        "ratings",
        np.asarray(np.isfinite(both).all(axis=1)),
        "be complete",
        code="not_finite",
    )
    check_each("weights", w > 0, "be above 0", code="out_of_range")
    shift = np.zeros(both.shape[1])
    shift[1:] = both[:, 1:].mean(axis=0) if y.size else 0  # far ones would cancel
    scaled = both - shift
    signed = signed_weights(((scaled * w[:, None]).T @ scaled)[None])[0]
    return signed**2, np.where(np.signbit(signed), -1.0, 1.0)


def signed_weights(moments: NDArray[Any]) -> Floats:
    """Give the root of each topic's relative weight, with the sign of its correlation.

    Parameters
    ----------
    moments : ndarray of float, shape (n_samples, n_topics + 2, n_topics + 2)
        Weighted sums of products of 1, the ratings, and the overall rating.

    Returns
    -------
    ndarray of float, shape (n_samples, n_topics)
        On the scale of a correlation, which it is where topics are uncorrelated; nan
        where something does not vary.
    """
    total = np.where(moments[:, :1, :1] > 0, moments[:, :1, :1], np.nan)
    mean = moments / total
    first = mean[:, 0, 1:]
    spread = mean[:, 1:, 1:] - first[:, :, None] * first[:, None, :]
    variance = np.diagonal(spread, axis1=1, axis2=2)
    right = (variance > _NO_SPREAD).all(axis=1)
    signed = np.full((len(moments), moments.shape[1] - 2), np.nan)
    root = np.sqrt(variance[right])
    r = spread[right] / (root[:, :, None] * root[:, None, :])
    values, vectors = np.linalg.eigh(r[:, :-1, :-1])
    values = np.sqrt(np.maximum(values, 0))  # rounding may put one below 0
    # The matrix square root: correlations of the ratings with the orthogonal ones.
    loading = (vectors * values[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    inverse = np.divide(1, values, out=np.zeros_like(values), where=values > 1e-7)
    back = (vectors * inverse[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    beta = back @ r[:, :-1, -1:]
    shares = (loading**2 @ beta**2)[:, :, 0]
    signed[right] = np.copysign(np.sqrt(shares), r[:, :-1, -1])
    return signed
