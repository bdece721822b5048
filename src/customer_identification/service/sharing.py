"""How whole units are shared in proportion: between classes, and within one."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError


__all__ = ["pegged", "share_between", "share_within", "whole_units"]

# Remainders count as equal within this: 1/3 of 1 and of 4 differ in floats. Our choice.
_SAME = 1e-9

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


# --- between classes, exactly -----------------------------------------------------------


def share_between(
    values: Sequence[Fraction],
    low: Sequence[int],
    high: Sequence[int],
    budget: int,
) -> list[int]:
    """Share units between classes by value, none with less per value than a lower one.

    Parameters
    ----------
    values : sequence of Fraction
        What is at stake in each class, above 0; best class first.
    low, high : sequence of int
        Least and most units of each class.
    budget : int
        Units to share out, all of them.

    Returns
    -------
    list of int
        Units of each class.

    Raises
    ------
    InvalidInputError
        If there is no such sharing.

    Notes
    -----
    1. Bounds are drawn in until they speak of the order too: upwards from the last
       class, no class may get less per value than the least of the one below; downwards
       from the first, none more than the most of the one above. Every total between the
       two is possible: from the least of all, raise the first class to its most unit by
       unit, then the second, and so on; no step turns the order round.
    2. From the last class upwards, each gets ``clip(rate * value, low, high)`` rounded
       down, with the one rate that would spend on it and the classes above what is left.
    3. It gets less where whole units for those above, who may not get less per value,
       would cost too much; more where those above cannot take the rest. By 1. there is
       always a number between the two, so the first class spends the budget exactly.

    With few units and a small class above a large one, the order costs a lot: one unit
    more for the large class asks for one for the small one, which then has very much per
    value, and so for very many above it. Smaller units help.

    Examples
    --------
    >>> values = [Fraction(800), Fraction(150), Fraction(50)]
    >>> share_between(values, [0, 0, 0], [99, 99, 99], 10)
    [9, 1, 0]
    >>> share_between(values, [0, 0, 1], [99, 99, 99], 30)
    [25, 4, 1]
    """
    least, most = _raised(low, values), list(high)
    for at, (above, below) in enumerate(pairwise(values), start=1):
        most[at] = min(most[at], math.floor(most[at - 1] * below / above))
    crossed = any(a > b for a, b in zip(least, most, strict=True))
    if crossed or not sum(least) <= budget <= sum(most):
        raise InvalidInputError(
            "minimums and maximums must let every class have at least as much per value "
            "as the classes below it; with these, and this budget, that cannot be (a "
            "minimum for higher classes only, or larger maximums for them, may help)",
            code="inversion",
        )
    units: list[int] = []
    for at in reversed(range(len(values))):
        own = _units_of_last(values[: at + 1], least, most[: at + 1], budget)
        least = _raised([*least[:at], own], values[: at + 1])[:at]
        units.insert(0, own)
        budget -= own
    return units


def _units_of_last(
    values: Sequence[Fraction], least: Sequence[int], most: Sequence[int], budget: int
) -> int:
    """Give what the last of some classes gets of what is left for them."""
    rate = _rate(values, least, most, budget)
    wanted = math.floor(_within(rate * values[-1], least[-1], most[-1]))
    wanted = max(wanted, budget - sum(most[:-1]))

    def cost(own: int) -> int:
        return sum(_raised([*least[:-1], own], values))

    possible = range(least[-1], wanted + 1)
    return possible[bisect_right(possible, budget, key=cost) - 1]


def _raised(units: Sequence[int], values: Sequence[Fraction]) -> list[int]:
    """Give every class at least as much per value as the one below it."""
    raised = list(units)
    for at, (above, below) in reversed(list(enumerate(pairwise(values)))):
        raised[at] = max(raised[at], math.ceil(raised[at + 1] * above / below))
    return raised


def _within(units: Fraction, low: int, high: int) -> Fraction:
    return min(max(units, Fraction(low)), Fraction(high))


def _rate(
    values: Sequence[Fraction], low: Sequence[int], high: Sequence[int], budget: int
) -> Fraction:
    """Give the units per value that spend the budget, within bounds."""
    classes = list(zip(values, low, high, strict=True))

    def spent(rate: Fraction) -> Fraction:
        return sum((_within(rate * v, a, b) for v, a, b in classes), Fraction(0))

    turns = sorted({Fraction(bound) / v for v, *bounds in classes for bound in bounds})
    at = bisect_right(turns, Fraction(budget), key=spent) - 1
    rest = budget - spent(turns[at])
    if not rest:
        return turns[at]
    growing = sum(v for v, a, b in classes if a <= turns[at] * v < b)
    return turns[at] + rest / growing


# --- within a class ---------------------------------------------------------------------


def share_within(values: NDArray[Any], low: Ints, high: Ints, total: int) -> Ints:
    """Share whole units in proportion to values, within bounds.

    Parameters
    ----------
    values : ndarray of int or float, shape (n_customers,)
        Above 0.
    low, high : ndarray of int, shape (n_customers,)
        Least and most units of each.
    total : int
        From the sum of `low` to that of `high`.

    Returns
    -------
    units : ndarray of int, shape (n_customers,)
        Adds up to `total`. Where bounds are equal more value never gets fewer units;
        equal remainders go to the larger value, then to the earlier position.

    Examples
    --------
    >>> none = np.zeros(3, np.int64)
    >>> share_within(np.array([6, 3, 1]), none, none + 4, 8)
    array([4, 3, 1])
    """
    return whole_units(pegged(values, low, high, total), values, (low, high), total)


def pegged(values: NDArray[Any], low: Ints, high: Ints, total: int) -> Floats:
    """Share in proportion to values within bounds, in parts of units.

    Bitran & Hax (1981), "Disaggregation and Resource Allocation Using Convex Knapsack
    Problems with Bounded Variables", Management Science 27(4), pp. 431-441: share in
    proportion; peg whoever is past a bound, on the side where more is past it; share
    what is left among the others.
    """
    shared = np.empty(values.size)
    free = np.arange(values.size)
    rest = total
    while free.size:
        own = values[free]
        part = own.astype(np.float64) * rest / float(own.sum())
        over, under = part - high[free], low[free] - part
        excess = float(np.maximum(over, 0).sum())
        deficit = float(np.maximum(under, 0).sum())
        if excess == deficit == 0:
            shared[free] = part
            break
        peg = np.zeros(free.size, dtype=np.bool_)
        for is_past, bound in (
            ((over > 0) & (excess >= deficit), high[free]),
            ((under > 0) & (deficit >= excess), low[free]),
        ):
            shared[free[is_past]] = bound[is_past]
            rest -= int(bound[is_past].sum())
            peg |= is_past
        free = free[~peg]
    return shared


def whole_units(
    shared: Floats,
    values: NDArray[Any],
    bounds: tuple[Ints, Ints],
    total: int,
) -> Ints:
    """Round down, and give the rest to the largest remainders.

    Examples
    --------
    >>> none = np.zeros(2, np.int64)
    >>> whole_units(np.array([1.5, 1.5]), np.array([1, 2]), (none, none + 9), 3)
    array([1, 2])
    """
    low, high = bounds
    down = np.floor(shared)
    part = np.rint((shared - down) / _SAME)
    units = np.clip(down.astype(np.int64), low, high)
    while (left := total - int(units.sum())) > 0:
        can = np.flatnonzero(units < high)
        units[can[_first(left, part[can], values[can])]] += 1
    while left < 0:  # where floats of very many units were a little too large
        can = np.flatnonzero(units > low)[::-1]
        units[can[_first(-left, -part[can], -values[can])]] -= 1
        left = total - int(units.sum())
    return units


def _first(k: int, part: Floats, values: NDArray[Any]) -> NDArray[np.intp]:
    """Give the places of the k largest parts; of equal ones those of larger values."""
    if k >= part.size:
        return np.arange(part.size)
    least = -np.partition(-part, k - 1)[k - 1]
    sure = np.flatnonzero(part > least)
    tied = np.flatnonzero(part == least)
    order = np.argsort(-values[tied], kind="stable")
    return np.concatenate([sure, tied[order[: k - sure.size]]])
