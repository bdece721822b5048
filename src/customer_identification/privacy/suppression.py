"""Which counts of a table to hold back, so that none can be worked out from the rest.

Who reads a published table knows its counts, that cells add up to their margins, that
parties are whole, and that what is held back is at least 1, since zeros never are. A
count below `k` is safe if it is at least `k` in some other table that agrees with all of
this, and any other count held back if it is another one there. Such a table, a witness,
is found here for each of them, in whole numbers.

Witnesses are made of boxes: two steps on every axis, whose corners go up and down by the
same number, so that no sum changes. That is the hypercube method of Repsilber and
Giessing in Hundepool et al. 2012, Statistical Disclosure Control, section 4.4, for the
complementary suppression of Willenborg & de Waal 2001, Elements of Statistical
Disclosure Control, chapter 6. It may hold back more than the least that would do.
"""

from __future__ import annotations

from functools import reduce
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray


__all__ = ["hold_back", "with_margins"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Cell = tuple[int, ...]

_ENDLESS = np.iinfo(np.int64).max


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
        Of the same shape: counts from 1 to k - 1, and what else it takes.

    Examples
    --------
    >>> hold_back(with_margins(np.array([2, 30, 8])), 5)
    array([ True, False,  True, False])
    """
    hidden = (counts > 0) & (counts < k)
    pending = hidden.copy()
    cells = np.argwhere(hidden)
    for at in cells[np.argsort(counts[hidden], kind="stable")]:
        if pending[cell := tuple(at.tolist())]:
            witness = _witness(counts, hidden, cell, k)
            hidden |= witness != counts
            pending &= witness < k
    return hidden


def _witness(counts: Ints, hidden: Bools, cell: Cell, k: int) -> Ints:
    """Give a table that agrees with what is shown, where one cell is at least `k`.

    Boxes of hidden cells are used as far as they go, and then the one that hides the
    fewest parties more. There always is one: all sums that a cell is in can rise.
    """
    witness = counts.copy()
    while (need := k - int(witness[cell])) > 0:
        room, cost = _boxes(counts, witness, hidden, cell)
        at = int(np.where(cost == 0, room, 0).argmax())
        if cost.flat[at] or not room.flat[at]:
            at = int(np.where(room >= need, cost, _ENDLESS).argmin())
        opposite = [int(step) for step in np.unravel_index(at, counts.shape)]
        lines = []
        for size, own, other in zip(counts.shape, cell, opposite, strict=True):
            line = np.zeros(size, dtype=np.int64)
            line[own], line[other] = 1, _signs(size, own)[other]
            lines.append(line)
        witness += min(need, int(room.flat[at])) * reduce(np.multiply.outer, lines)
    return witness


def _signs(size: int, own: int) -> Ints:
    """Tell which steps of an axis rise with one: a sum does with its levels."""
    signs = np.full(size, 1 if own == size - 1 else -1)
    signs[-1] = 1
    return signs


def _boxes(counts: Ints, witness: Ints, hidden: Bools, cell: Cell) -> tuple[Ints, Ints]:
    """Look at all boxes with one corner in a cell, by the opposite corner.

    Returns
    -------
    room : ndarray of int
        How far the cell can rise by each; 0 where there is no such box, or a corner
        would fall below 1.
    cost : ndarray of int
        Parties in corners that are still shown.
    """
    room, cost = np.full(counts.shape, _ENDLESS), np.zeros_like(counts)
    axes = range(counts.ndim)
    every = np.ix_(
        *[_signs(size, own) for size, own in zip(counts.shape, cell, strict=True)]
    )
    for is_other in product((False, True), repeat=counts.ndim):
        corner = tuple(
            slice(None) if other else slice(own, own + 1)
            for own, other in zip(cell, is_other, strict=True)
        )
        sign = prod(every[axis] for axis in axes if is_other[axis])
        falls = np.where(sign > 0, _ENDLESS, witness[corner] - 1)
        room = np.minimum(room, np.where(counts[corner] > 0, falls, 0))
        cost += np.where(hidden[corner], 0, counts[corner])
    for axis in axes:
        np.moveaxis(room, axis, 0)[cell[axis]] = 0
    return room, cost
