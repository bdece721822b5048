"""Limits of columns that are elsewhere: counts and sums of a few groups, then of fewer.

A limit lies where a condition that larger customers meet is met no longer. Groups of
neighbouring values tell between which values that is, and only those groups are looked
at again, until they are of one value. All is counted in whole numbers, so the limits
are those of the sorted column.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple, Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError


__all__ = [
    "Histogram",
    "Limited",
    "select_above",
    "select_by_customers",
    "select_by_value",
    "select_computed",
]

Ints = NDArray[np.int64]

_GROUPS = 4096  # that one question is answered with at most; our choice
_LARGEST = 2**63 - 1

# How many customers are above one, what they are worth together, and what it is worth:
# tells whether it is taken in. Whoever is above one that is taken in must be, too.
Takes = Callable[[int, int, int], bool]


class Histogram(Protocol):
    """A column of whole numbers that answers with groups of its values.

    Every answer has one row a group: the least and the largest value in it, how many
    there are, and their sum. Groups may not be empty. A group should hold values that
    no value of another lies between; groups that overlap are taken as one.
    """

    def spread(self) -> Ints:
        """Group all values, at most some 4096 groups, by their order of magnitude.

        Those at or below 0 are apart from those above.
        """
        ...

    def split(self, ranges: Sequence[tuple[int, int, int]]) -> Ints:
        """Group the values in ranges that do not overlap, largest first.

        Each is given by its least and largest value, and the width of its groups: what
        is less than that apart is in the same group, or in neighbouring ones. Width 1
        is a group for every value, and a width above the range is a single group.
        """
        ...


class Limited(NamedTuple):
    """A limit, in the order of :class:`Limit`."""

    value: int
    size: int
    at_least: int
    above: int


class _Group(NamedTuple):
    low: int
    high: int
    size: int
    total: int


def _in_order(rows: Iterable[tuple[int, int, int, int]]) -> list[_Group]:
    """Sort groups, largest values first, and take those that overlap as one."""
    groups: list[_Group] = []
    for group in sorted(_Group(*row) for row in rows):
        if groups and group.low <= groups[-1].high:
            last = groups.pop()
            high = max(group.high, last.high)
            size, total = group.size + last.size, group.total + last.total
            groups.append(_Group(last.low, high, size, total))
        else:
            groups.append(group)
    return groups[::-1]


def _count_first(n: int, holds: Callable[[int], bool]) -> int:
    """Count the places from 0 to n - 1 for which a condition holds, the first ones."""
    return bisect_left(range(n), 1, key=lambda place: not holds(place))


@frozen
class _Known:
    """What is known of the values above 0.

    Attributes
    ----------
    groups : list of _Group
        Of all of them, largest first.
    above, worth : list of int
        How many values are in the groups before each, and their sum; lastly, of all.
    """

    groups: list[_Group]
    above: list[int] = field(init=False)
    worth: list[int] = field(init=False)

    @above.default
    def _add_counts(self) -> list[int]:
        return list(accumulate((group.size for group in self.groups), initial=0))

    @worth.default
    def _add_totals(self) -> list[int]:
        return list(accumulate((group.total for group in self.groups), initial=0))

    def turn(self, takes: Takes) -> int:
        """Give the place of the group of the last customer that is taken in.

        The first customer of a group has its largest value, and all customers of the
        groups before it above: so it can be told whether it is taken in.
        """
        return _count_first(len(self.groups), lambda at: self._takes(takes, at)) - 1

    def _takes(self, takes: Takes, at: int) -> bool:
        return takes(self.above[at], self.worth[at], self.groups[at].high)

    def limit(self, at: int, takes: Takes) -> Limited:
        """Count who is taken in, where the last of them is in a group of one value."""
        value, _, size, _ = self.groups[at]
        above, worth = self.above[at], self.worth[at]
        within = _count_first(
            size, lambda more: takes(above + more, worth + more * value, value)
        )
        return Limited(value, above + within, above + size, above)

    def narrowed(self, column: Histogram, places: Sequence[int]) -> "_Known":
        """Ask for smaller groups in place of some.

        Raises
        ------
        InvalidInputError
            If the answer is not of the same values, or no group is smaller.
        """
        room = max(_GROUPS // len(places), 2)
        wide = [self.groups[at] for at in places]
        rows = column.split([(one.low, one.high, _width(one, room)) for one in wide])
        found = _in_order(rows.tolist())
        if _sums(found) != _sums(wide) or found == wide:
            raise InvalidInputError(
                "a column must answer every question with the same values, and in "
                "smaller groups where it is asked for them",
                code="changed",
            )
        kept = [one for at, one in enumerate(self.groups) if at not in places]
        return _Known(_in_order([*kept, *found]))


def _width(group: _Group, room: int) -> int:
    """Give the width with which a group becomes at most so many, and at least two."""
    return 1 if group.size <= room else -(-(group.high - group.low + 1) // room)


def _sums(groups: Sequence[_Group]) -> tuple[int, int]:
    return sum(group.size for group in groups), sum(group.total for group in groups)


def _find(
    column: Histogram, known: _Known, cuts: Sequence[Takes]
) -> tuple[_Known, list[Limited]]:
    """Ask on until the last customer taken in by each cut is found."""
    while True:
        turns = [known.turn(takes) for takes in cuts]
        wide = sorted(
            {at for at in turns if known.groups[at].low < known.groups[at].high}
        )
        if not wide:
            limits = [known.limit(*cut) for cut in zip(turns, cuts, strict=True)]
            return known, limits
        known = known.narrowed(column, wide)


def _begin(column: Histogram) -> tuple[_Known, int]:
    """Ask for the groups of the values above 0, and count all values."""
    groups = _in_order(column.spread().tolist())
    known = _Known([group for group in groups if group.low > 0])
    return known, sum(group.size for group in groups)


def select_by_value(
    column: Histogram, shares: Sequence[Fraction]
) -> tuple[Limited, ...]:
    """Find what :func:`limits_by_value` finds."""
    known, _ = _begin(column)
    if not known.groups:
        return ()
    total = known.worth[-1]

    def cut(share: Fraction) -> Takes:
        least = math.ceil(share * total)
        return lambda _, worth, __: worth < least

    return tuple(_find(column, known, [cut(share) for share in shares])[1])


def select_by_customers(
    column: Histogram, shares: Sequence[Fraction]
) -> tuple[Limited, ...]:
    """Find what :func:`limits_by_customers` finds."""
    known, _ = _begin(column)
    if not known.groups:
        return ()
    total = known.above[-1]

    def cut(share: Fraction) -> Takes:
        size = math.ceil(share * total)
        return lambda above, _, __: above < size

    return tuple(_find(column, known, [cut(share) for share in shares])[1])


def select_computed(column: Histogram) -> tuple[Limited, ...]:
    """Find what :func:`computed_limits` finds.

    Notes
    -----
    The curve of what is missing bends one way only, since values fall: it is convex,
    and so is the squared distance along it. So a customer is taken in, before the first
    nearest point, exactly if its point is nearer than the one before. With k customers
    above who are worth w, of n worth T, and its own value x, that is

    ((k + 1 - start)^2 - (k - start)^2) T^2 < n^2 ((T - w)^2 - (T - w - x)^2).
    """
    known, n = _begin(column)
    if not known.groups:
        return ()
    total = known.worth[-1]
    mean = -(-total // n)

    def nearest(start: int) -> Takes:
        return lambda above, worth, value: (
            above == 0
            or (2 * (above - start) + 1) * total**2
            < n**2 * value * (2 * (total - worth) - value)
        )

    known, both = _find(column, known, [nearest(0), lambda _, __, value: value >= mean])
    first, second = sorted(both, key=lambda limit: limit.size)
    _, (last,) = _find(column, known, [nearest(second.size)])
    return first, max(first, last, key=lambda limit: limit.size)


def select_above(column: Histogram, limits: Sequence[int]) -> tuple[Limited, ...]:
    """Count who is at and above limits that are given; one question for all of them."""
    edges = sorted(
        {edge for limit in limits for edge in (limit, limit + 1) if edge <= _LARGEST},
        reverse=True,
    )
    ranges = [
        (low, above - 1, above - low)
        for low, above in zip(edges, [_LARGEST + 1, *edges], strict=False)
    ]
    groups = _in_order(column.split(ranges).tolist()) if ranges else []

    def count(least: int) -> int:
        return sum(group.size for group in groups if group.low >= least)

    return tuple(
        Limited(limit, count(limit), count(limit), count(limit + 1)) for limit in limits
    )
