"""Ties of all parties in one direction, and what draws from them need to know."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    array_field,
    check_each,
    distinct,
    frozen_array,
)


__all__ = ["Rates", "Shares", "Ties", "ties_of"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Strengths that are meant to add up to 1 do so within this, as those do that somebody
# wrote down with six digits (200 of them may be off by half a digit). Our choice.
_SLACK = 1e-4
# A party whose strongest tie is hit by less than this many points at a time is drawn by
# points, any other by one die a tie. Our choice.
_WEAK = 0.25


@frozen(kw_only=True, repr=False)
class Ties:
    """The ties of every party in one direction (compressed sparse rows).

    Attributes
    ----------
    start : ndarray of int, shape (n_parties + 1,)
        Ties of party i are those from ``start[i]`` up to ``start[i + 1]``.
    others : ndarray of int32, shape (n_ties,)
        The party at the other end, rising within each party.
    strength : ndarray of float, shape (n_ties,)
        Chance that a decision carries over, 0 to 1.
    """

    start: Ints = array_field()
    others: NDArray[np.int32] = array_field()
    strength: Floats = array_field()

    @cached_property
    def degree(self) -> Ints:
        """Number of ties of every party."""
        return frozen_array(np.diff(self.start))  # type: ignore[no-any-return]

    @cached_property
    def own(self) -> NDArray[np.int32]:
        """The party at this end of every tie."""
        parties = np.arange(self.degree.size, dtype=np.int32)
        return frozen_array(np.repeat(parties, self.degree))  # type: ignore[no-any-return]

    def of(self, parties: NDArray[Any]) -> tuple[Ints, NDArray[np.intp]]:
        """List the ties of some parties: their positions, and whose they are."""
        degree = self.degree[parties]
        ends = np.cumsum(degree)
        total = int(ends[-1]) if ends.size else 0
        ties = np.repeat(self.start[parties] - (ends - degree), degree)
        ties += np.arange(total)
        return ties, np.repeat(np.arange(parties.size), degree)

    def reached(
        self, first: NDArray[Any], without: NDArray[Any] | None = None
    ) -> NDArray[np.bool_]:
        """Tell who is reached from some parties, themselves included.

        Parameters
        ----------
        first : ndarray of int
            Positions to start from.
        without : ndarray of int, optional
            Positions that let nothing pass, and are not reached.
        """
        seen = np.zeros(self.degree.size, dtype=np.bool_)
        blocked = np.empty(0, np.intp) if without is None else without
        seen[blocked] = True
        layer = first[~seen[first]]
        while layer.size:
            seen[layer] = True
            tie, _ = self.of(layer)
            layer = self.others[tie]
            layer = layer[~seen[layer]]
            if layer.size * 8 > seen.size:  # then flags are quicker than sorting
                new = np.zeros(seen.size, dtype=np.bool_)
                new[layer] = True
                layer = np.flatnonzero(new)
            else:
                layer = distinct(layer)
        seen[blocked] = False
        return seen

    def added(self, values: Floats) -> Floats:
        """Add up a number of each tie by party."""
        sums = np.zeros(self.degree.size)
        has_ties = self.degree > 0
        if values.size:
            sums[has_ties] = np.add.reduceat(values, self.start[:-1][has_ties])
        return sums

    @cached_property
    def positive(self) -> Ties:
        """The ties with a strength above 0."""
        if not self.strength.size or self.strength.min() > 0:
            return self
        kept = self.strength > 0
        degree = np.bincount(self.own[kept], minlength=self.degree.size)
        return Ties(
            start=np.concatenate([[0], np.cumsum(degree)]),
            others=self.others[kept],
            strength=self.strength[kept],
        )

    @cached_property
    def rates(self) -> Rates:
        """Strengths as rates of points; of ties above 0."""
        has_ties = self.degree > 0
        first = self.start[:-1][has_ties]
        with np.errstate(divide="ignore"):
            rate = -np.log1p(-self.strength)
        peak, least = np.zeros(self.degree.size), np.zeros(self.degree.size)
        if first.size:
            peak[has_ties] = np.maximum.reduceat(rate, first)
            least[has_ties] = np.minimum.reduceat(rate, first)
        is_weak = peak <= _WEAK
        height = None
        if (least < peak)[is_weak].any():
            with np.errstate(divide="ignore", invalid="ignore"):
                height = np.where(is_weak[self.own], rate / peak[self.own], np.nan)
        return Rates(
            rate=np.where(is_weak, peak * self.degree, -1.0), peak=peak, height=height
        )

    @cached_property
    def shares(self) -> Shares:
        """Strengths as shares of a party's attention; ties of those who are influenced.

        Raises
        ------
        InvalidInputError
            If the strengths into a party add up to more than 1.
        """
        before = np.concatenate([[0.0], np.cumsum(self.strength)])
        total = self.added(self.strength)
        check_each(
            "strengths",
            total <= 1 + _SLACK,
            'add up to at most 1 into each party with model "lt"',
            code="too_strong",
            hint="weighted_cascade makes them add up to 1",
        )
        return Shares(before=before, total=np.minimum(total, 1))


def ties_of(pair: Ints, strength: Floats, n_parties: int) -> Ties:
    """Make ties of sorted ``left * n_parties + right``."""
    left, right = np.divmod(pair, max(n_parties, 1))
    degree = np.bincount(left, minlength=n_parties)
    return Ties(
        start=np.concatenate([np.zeros(1, np.int64), np.cumsum(degree)]),
        others=right.astype(np.int32),
        strength=strength,
    )


@frozen(kw_only=True)
class Rates:
    """Strengths as rates of Poisson points, -log(1 - strength).

    Attributes
    ----------
    rate : ndarray of float, shape (n_parties,)
        Points that are thrown at a party's ties on average; -1 where one die a tie is
        cheaper.
    peak : ndarray of float, shape (n_parties,)
        Rate of the strongest tie.
    height : ndarray of float, shape (n_ties,), or None
        Rate of each tie, as a share of the strongest of its party; None if all are 1.
    """

    rate: Floats = array_field()
    peak: Floats = array_field()
    height: Floats | None = array_field(default=None)


@frozen(kw_only=True)
class Shares:
    """Strengths as shares of what a party listens to.

    Attributes
    ----------
    before : ndarray of float, shape (n_ties + 1,)
        Sum of all strengths before each tie.
    total : ndarray of float, shape (n_parties,)
        Sum of the strengths into a party, at most 1.
    """

    before: Floats = array_field()
    total: Floats = array_field()
