"""Which counts of a table to hold back, so that none can be worked out from the rest.

Who reads a published table knows its counts, that cells add up to their margins, that
parties are whole, and that a count that is held back is at least 1, since zeros never
are. A count is safe if another table agrees with all of this in which it is another:
one of at least `k` for a count below `k`. Every count held back here has such a witness,
checked in whole numbers.

Complementary suppression is as in Hundepool et al. 2012, Statistical Disclosure Control,
section 4.4, after Willenborg & de Waal 2001, Elements of Statistical Disclosure Control,
chapter 6; the cheapest cells are found one at a time, by the linear cost of Kelly, Golden
& Assad 1992, Cell suppression: disclosure protection for sensitive tabular data, Networks
22(4), in whole numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


__all__ = ["hold_back", "with_margins"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# The solver stops within this share of the best it could find, and after so many
# branches: what counts is a witness, not the best one, and the answer must depend on
# the table and not on the time it takes. Our choice.
_GAP, _NODES = 0.3, 20
_SMALL = 1e-6  # parts of a party that are none: of the solver's own tolerance


def with_margins(counts: Ints) -> Ints:
    """Put the sum behind the levels of every attribute.

    Examples
    --------
    >>> with_margins(np.array([[1, 2], [3, 4]]))
    array([[ 1,  2,  3],
           [ 3,  4,  7],
           [ 4,  6, 10]])
    """
    for axis in range(counts.ndim):
        total = counts.sum(axis=axis, keepdims=True)
        counts = np.concatenate([counts, total], axis=axis)
    return counts


def hold_back(counts: Ints, k: int) -> Bools:
    """Tell which counts to hold back.

    Parameters
    ----------
    counts : ndarray of int, shape (n_levels + 1, ...)
        With the margins behind, as :func:`with_margins` gives them.
    k : int
        The smallest count that may be published, besides 0.

    Returns
    -------
    hidden : ndarray of bool
        Of the same shape. Counts from 1 to k - 1, and what else it takes.

    Examples
    --------
    >>> hold_back(with_margins(np.array([2, 30, 8])), 5)
    array([ True, False,  True, False])
    """
    table = _Table(counts)
    need = k - table.counts
    hidden = (table.counts > 0) & (need > 0)
    pending = hidden.copy()
    while pending.any():
        change = table.raised(need, pending, hidden)
        if not (pending & (change >= need)).any():
            change = table.raised_first(need, pending, hidden)
            hidden |= change != 0
        pending &= change < need
    return hidden.reshape(counts.shape)


class _Table:
    """A table as one row of cells, and how these add up."""

    def __init__(self, counts: Ints) -> None:
        self.counts = counts.ravel()
        self.places = np.arange(counts.size).reshape(counts.shape)
        self.sums = _sums(self.places)
        self.most = float(self.counts.max(initial=0))

    def raised(self, need: Ints, wanted: Bools, hidden: Bools) -> Ints:
        """Change hidden cells so that many rise as far as they need; 0 at worst.

        What each rises, as a share of what it needs, is added up, at most 1 each.
        """
        from scipy.sparse import eye_array, hstack  # noqa: PLC0415 - dear

        cells, rising = np.flatnonzero(hidden), np.flatnonzero(wanted)
        n, m, most = cells.size, rising.size, self.most + need.max()
        own = eye_array(n).tocsr()[np.searchsorted(cells, rising)]
        found = _solve(
            np.concatenate([np.zeros(n), -1 / need[rising]]),
            np.concatenate([1 - self.counts[cells], np.full(m, -most)]),
            np.concatenate([np.full(n, most), need[rising]]),
            hstack([self.sums[:, cells], 0 * self.sums[:, rising]]),
            hstack([own, -eye_array(m)]),
        )
        change = np.zeros_like(self.counts)
        change[cells] = np.rint(found[:n])
        return change if self.agrees(change) else np.zeros_like(change)

    def raised_first(self, need: Ints, pending: Bools, hidden: Bools) -> Ints:
        """Raise the first cell, changing few parties in cells that are shown."""
        at = int(np.flatnonzero(pending)[0])
        first = np.arange(need.size) == at
        more = hidden | self.cheapest(at, int(need[at]), hidden)
        change = self.raised(need, first, more)
        return change if change[at] >= need[at] else self.lifted(at, int(need[at]))

    def cheapest(self, at: int, need: int, hidden: Bools) -> Bools:
        """Tell which cells change if one rises, and parties could be divided."""
        from scipy.sparse import hstack  # noqa: PLC0415 - dear

        cells = np.flatnonzero(self.counts)
        n, of = cells.size, int(np.searchsorted(cells, at))
        cost = np.where(hidden[cells], 0.0, self.counts[cells])
        low, high = np.zeros(2 * n), np.full(2 * n, self.most + need)
        high[n:] = self.counts[cells] - 1
        low[of], high[n + of] = need, 0
        sums = self.sums[:, cells]
        found = _solve(np.append(cost, cost), low, high, hstack([sums, -sums]))
        changes = np.zeros(self.counts.size, dtype=np.bool_)
        changes[cells] = np.abs(found[:n] - found[n:]) > _SMALL
        return changes

    def agrees(self, change: Ints) -> bool:
        """Tell whether cells still add up, and those that change stay above 0."""
        stays = (change == 0) | (self.counts + change >= 1)
        return bool(stays.all()) and not (self.sums @ change).any()

    def lifted(self, at: int, need: int) -> Ints:
        """Raise a cell, the largest of those in it, and all that this one is in."""
        shape = self.places.shape
        inside = [
            range(size - 1) if step == size - 1 else [step]
            for step, size in zip(np.unravel_index(at, shape), shape, strict=True)
        ]
        cells = self.places[np.ix_(*inside)].ravel()
        best = np.unravel_index(cells[self.counts[cells].argmax()], shape)
        both = [[step, size - 1] for step, size in zip(best, shape, strict=True)]
        change = np.zeros_like(self.counts)
        change[self.places[np.ix_(*both)].ravel()] = need
        return change


def _sums(places: NDArray[np.intp]) -> Any:
    """Give one row for each margin, with 1 for it and -1 for its levels."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - dear

    lines = [
        np.moveaxis(places, axis, -1).reshape(-1, size)
        for axis, size in enumerate(places.shape)
    ]
    row = np.repeat(
        np.arange(sum(map(len, lines))),
        np.repeat(places.shape, [len(one) for one in lines]),
    )
    sign = [np.tile([-1] * (one.shape[1] - 1) + [1], len(one)) for one in lines]
    cell = [one.ravel() for one in lines]
    return csr_array((np.concatenate(sign), (row, np.concatenate(cell))))


def _solve(
    cost: Floats, low: Floats, high: Floats, sums: Any, above: Any = None
) -> Floats:
    """Give the cheapest numbers that add up; 0 where none were found.

    They are whole where some must be `above` 0.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - dear

    rules = [LinearConstraint(sums, 0, 0)]
    if above is not None:
        rules.append(LinearConstraint(above, 0, np.inf))
    found = milp(
        cost,
        integrality=np.full(cost.size, len(rules) - 1),
        bounds=Bounds(low, high),
        constraints=rules,
        options={"node_limit": _NODES, "mip_rel_gap": _GAP},
    ).x
    return np.zeros(cost.size) if found is None else found
