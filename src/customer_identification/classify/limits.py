"""Where classes begin: limits that are values, so that equal customers move together."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.classify.selection import (
    Histogram,
    select_above,
    select_by_customers,
    select_by_value,
    select_computed,
)


__all__ = [
    "Limit",
    "computed_limits",
    "limit_at",
    "limits_at",
    "limits_by_customers",
    "limits_by_value",
]

Ints = NDArray[np.int64]


@frozen
class Limit:
    """The least value of a class, and how large the class is with and without ties.

    Attributes
    ----------
    value : int
        Customers at or above it are in the class, or a better one. [minor units]
    size : int
        How many customers the share asks for, cutting through ties.
    at_least : int
        How many there are, all that tie at the limit included.
    above : int
        How many there are without those who tie at the limit.
    """

    value: int
    size: int
    at_least: int
    above: int


def _exact(share: float) -> Fraction:
    """Read 0.8 as four fifths, not as its binary neighbour."""
    return Fraction(Decimal(repr(float(share))))


def limits_at(values: Ints | Histogram, limits: Sequence[int]) -> tuple[Limit, ...]:
    """Count who is at and above each of some limits."""
    if not isinstance(values, np.ndarray):
        return tuple(Limit(*one) for one in select_above(values, limits))
    return tuple(limit_at(values, limit) for limit in limits)


def limit_at(values: Ints | Histogram, value: int, size: int | None = None) -> Limit:
    """Count who is at and above a limit."""
    if isinstance(values, np.ndarray):
        at_least = int(np.count_nonzero(values >= value))
        above = int(np.count_nonzero(values > value))
    else:
        ((_, _, at_least, above),) = select_above(values, [value])
    return Limit(value, at_least if size is None else size, at_least, above)


def _falling(values: Ints) -> Ints:
    """Sort the values above 0, largest first."""
    return np.sort(values[values > 0])[::-1]


def _limits(falling: Ints, sizes: Sequence[int]) -> tuple[Limit, ...]:
    """Turn class sizes into the value of the last customer that each takes in."""
    return tuple(limit_at(falling, int(falling[size - 1]), size) for size in sizes)


def limits_by_value(
    values: Ints | Histogram, shares: Sequence[float]
) -> tuple[Limit, ...]:
    """Find the limits of classes that hold given shares of the positive total.

    A customer is in a class if the share of all larger customers together is below
    the class's share, so the largest customer is always in the first class.

    Parameters
    ----------
    values : ndarray of int, shape (n_customers,), or Histogram
        Those at or below 0 are left out. [minor units]
    shares : sequence of float
        Rising, between 0 and 1; read as decimals, compared exactly.

    Returns
    -------
    tuple of Limit
        One a share; none where no value is above 0.

    Examples
    --------
    >>> [
    ...     limit.value
    ...     for limit in limits_by_value(np.array([50, 30, 15, 5, -9]), (0.8, 0.95))
    ... ]
    [30, 15]
    """
    if not isinstance(values, np.ndarray):
        exact = [_exact(share) for share in shares]
        return tuple(Limit(*one) for one in select_by_value(values, exact))
    falling = _falling(values)
    if not falling.size:
        return ()
    before = np.cumsum(falling) - falling
    total = int(before[-1] + falling[-1])
    # Whole numbers lie below a limit exactly where they lie below its ceiling.
    sizes = [
        int(np.searchsorted(before, math.ceil(_exact(share) * total)))
        for share in shares
    ]
    return _limits(falling, sizes)


def limits_by_customers(
    values: Ints | Histogram, shares: Sequence[float]
) -> tuple[Limit, ...]:
    """Find the limits of classes that hold given shares of the customers.

    Parameters
    ----------
    values : ndarray of int, shape (n_customers,), or Histogram
        Those at or below 0 are left out, and not counted. [minor units]
    shares : sequence of float
        Rising, between 0 and 1; sizes are rounded up.

    Returns
    -------
    tuple of Limit
        One a share; none where no value is above 0.

    Examples
    --------
    >>> [
    ...     limit.value
    ...     for limit in limits_by_customers(np.array([4, 3, 2, 1]), (0.25, 0.6))
    ... ]
    [4, 2]
    """
    if not isinstance(values, np.ndarray):
        exact = [_exact(share) for share in shares]
        return tuple(Limit(*one) for one in select_by_customers(values, exact))
    falling = _falling(values)
    if not falling.size:
        return ()
    return _limits(
        falling, [math.ceil(_exact(share) * falling.size) for share in shares]
    )


def computed_limits(values: Ints | Histogram) -> tuple[Limit, ...]:
    """Compute the limits of A and B from the data alone (Ultsch & Lötsch 2015).

    On the curve of cumulative value over cumulative customers, largest first, the
    Pareto point is nearest to (0, 1), and the break-even point is the last customer at
    or above the mean. A ends at the first of the two. B ends at the submarginal point,
    the one nearest to (x, 1) with x that of the second of the two, and never before A.

    Parameters
    ----------
    values : ndarray of int, shape (n_customers,), or Histogram
        Those below 0 count as 0, and stay on the curve, as in the paper's own package.
        [minor units]

    Returns
    -------
    tuple of Limit
        Two; none where no value is above 0.

    Notes
    -----
    Ultsch & Lötsch, "Computed ABC Analysis for Rational Selection of Most Informative
    Variables in Multivariate Data", PLoS ONE 10(6): e0129767 (2015). Their R package
    ABCanalysis draws a spline through the curve and looks for the points on a grid;
    here the points are customers, so the result may differ by a customer or two.

    Examples
    --------
    >>> [limit.at_least for limit in computed_limits(np.arange(1, 101))]
    [41, 62]
    """
    if not isinstance(values, np.ndarray):
        return tuple(Limit(*one) for one in select_computed(values))
    falling = np.sort(np.maximum(values, 0))[::-1]
    n = falling.size
    total = int(falling.sum())
    if not total:
        return ()
    missing = total - np.cumsum(falling)
    sizes = np.arange(1, n + 1)

    def nearest(start: int) -> int:
        """Give the first point nearest to (start / n, 1), exactly."""
        distance = ((sizes - start) / n) ** 2 + (missing / total) ** 2
        close = np.flatnonzero(distance <= distance.min() * (1 + 1e-9))
        return 1 + min(
            close.tolist(),
            key=lambda i: ((i + 1 - start) * total) ** 2 + (n * int(missing[i])) ** 2,
        )

    pareto = nearest(0)
    break_even = int(np.count_nonzero(falling >= -(-total // n)))
    first, second = sorted((pareto, break_even))
    last = int(np.count_nonzero(falling))  # nobody worth nothing is in A or B
    return _limits(falling, [first, min(max(first, nearest(second)), last)])
