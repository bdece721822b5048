"""Bins by weight of evidence: where the chance of a good outcome changes, and how much.

Weight of evidence is the log of the share of all good outcomes in a bin over the share
of all bad ones; information value sums it up (Siddiqi 2006, "Credit Risk Scorecards",
p. 81-82). Bins start as quantiles, are made monotone by isotonic regression (Barlow et
al. 1972), and neighbours that do not differ are merged by chi-squared (Kerber 1992,
"ChiMerge", AAAI-92, p. 123-128).
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import blocks, run_starts


__all__ = [
    "BinLimits",
    "Counts",
    "Direction",
    "Grouped",
    "bin_codes",
    "bin_numbers",
    "bin_words",
    "information_value",
    "weight_of_evidence",
]

Direction = Literal["auto", "increasing", "decreasing", "any"]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]  # shape (n_bins, 2): good, bad

# Added to both counts of a bin that lacks one (Siddiqi 2006 has no zero cells; this is
# the adjustment of Haldane 1956 and Anscombe 1956 for the log of odds).
_HALF = 0.5
# Whatever the host's own context of decimals is; a float has 309 digits before its point
# and 17 that tell.
_EXACT = Context(prec=350, traps=[])


class BinLimits(NamedTuple):
    """What bins must keep to: how many, of how many rows, how far apart."""

    n_bins: int
    min_rows: float
    min_chi2: float


class Grouped(NamedTuple):
    """Neighbouring fine bins in one: the last fine bin of each, and the counts."""

    ends: tuple[int, ...]
    counts: Counts


def weight_of_evidence(counts: Counts, totals: Counts | None = None) -> Floats:
    """Give the weight of evidence of each bin: ln(share of good / share of bad).

    Parameters
    ----------
    counts : ndarray of int, shape (n_bins, 2)
        Good and bad outcomes by bin.
    totals : ndarray of int, shape (2,), optional
        Of all bins; their sum by default.

    Returns
    -------
    ndarray of float, shape (n_bins,)
        0 where a bin is empty; with half a case added to both where one count is 0.

    Examples
    --------
    >>> weight_of_evidence(np.array([[30, 10], [10, 30]])).round(4)
    array([ 1.0986, -1.0986])
    """
    all_of = counts.sum(axis=0) if totals is None else totals
    lacks = (counts == 0).any(axis=1)
    cells = counts + np.where(lacks, _HALF, 0.0)[:, None]
    result: Floats = np.log(cells[:, 0] / cells[:, 1]) - np.log(all_of[0] / all_of[1])
    result[(counts == 0).all(axis=1)] = 0
    return result


def information_value(counts: Counts) -> float:
    """Give the information value: sum of (share of good - share of bad) x weight.

    Examples
    --------
    >>> round(information_value(np.array([[30, 10], [10, 30]])), 4)
    1.0986
    """
    shares = counts / counts.sum(axis=0)
    return float(((shares[:, 0] - shares[:, 1]) * weight_of_evidence(counts)).sum())


# --- numbers --------------------------------------------------------------------------


def bin_codes(values: Floats, limits: Floats) -> NDArray[np.uint8]:
    """Give the bin of each value: how many limits it reaches; unknown comes last.

    Examples
    --------
    >>> bin_codes(np.array([1.0, 5.0, np.nan]), np.array([5.0]))
    array([0, 1, 2], dtype=uint8)
    """
    codes = np.zeros(values.size, np.uint8)
    for part in blocks(values.size, 1 << 15):
        some, into = values[part], codes[part]
        for limit in limits:
            into += some >= limit
        into[np.isnan(some)] = limits.size + 1
    return codes


def bin_numbers(
    values: Floats,
    good: NDArray[np.bool_],
    limits: BinLimits,
    *,
    direction: Direction = "auto",
    n_fine: int = 20,
) -> tuple[Floats, Counts, int]:
    """Find the limits between bins of a number.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        nan is unknown.
    good : ndarray of bool, shape (n,)
        The outcome.
    limits : BinLimits
        Most bins, least rows of a bin, and least chi-squared between neighbours.
    direction : {"auto", "increasing", "decreasing", "any"}
        How the chance of a good outcome must go with the number; auto takes the
        direction that fits better, any asks for none.
    n_fine : int
        Most bins to start from.

    Returns
    -------
    limits : ndarray of float
        Where each bin but the first begins; a value on a limit is in the upper bin.
    counts : ndarray of int, shape (limits + 2, 2)
        Good and bad by bin, unknown last.
    n_fine : int
        Bins that were started from.
    """
    known = ~np.isnan(values)
    everybody = np.sort(values[known])
    those_good = np.sort(values[good & known])
    fine = _fine_limits(everybody, n_fine)
    before = np.searchsorted(everybody, fine), np.searchsorted(those_good, fine)
    rows = np.diff(before[0], prepend=0, append=everybody.size)
    goods = np.diff(before[1], prepend=0, append=those_good.size)
    counts = np.stack([goods, rows - goods], axis=1).astype(np.int64)
    grouped = _merged(_monotone(counts, direction), limits)
    if direction != "any":
        grouped = _in_order(grouped)
    n_good = int(np.count_nonzero(good)) - those_good.size
    unknown = [n_good, values.size - everybody.size - n_good]
    cuts = fine[list(grouped.ends[:-1])]
    below = everybody[np.searchsorted(everybody, cuts) - 1]
    cuts = np.array([_shortest(*one) for one in zip(below, cuts, strict=True)])
    cells = np.vstack([grouped.counts, unknown]).astype(np.int64)
    return cuts, cells, fine.size + 1


def _shortest(below: float, limit: float) -> float:
    """Give of all limits that part the same numbers the one with the fewest digits."""
    low, high = Decimal(repr(float(below))), Decimal(repr(float(limit)))
    digits = -high.adjusted() if high else 0
    while True:
        unit = Decimal(1).scaleb(-digits, _EXACT)
        found = float(high.quantize(unit, ROUND_FLOOR, _EXACT))
        if low < Decimal(repr(found)) <= high:
            return found
        digits += 1


def _fine_limits(ordered: Floats, n_fine: int) -> Floats:
    """Give the quantiles, or all distinct values where these are few."""
    starts = np.flatnonzero(run_starts(ordered))
    if starts.size <= n_fine:
        return ordered[starts[1:]]
    quantiles = ordered[np.arange(1, n_fine) * ordered.size // n_fine]
    limits: Floats = quantiles[run_starts(quantiles) & (quantiles > ordered[0])]
    return limits


def _monotone(counts: Counts, direction: Direction) -> Grouped:
    """Pool neighbours until the share of good outcomes goes one way."""
    each = Grouped(tuple(range(counts.shape[0])), counts)
    if direction == "any" or counts.shape[0] == 1:
        return each
    ways = {"increasing": [True], "decreasing": [False], "auto": [True, False]}
    found = [_isotonic(counts, increasing=way) for way in ways[direction]]
    return max(found, key=lambda one: _log_likelihood(one.counts))


def _isotonic(counts: Counts, *, increasing: bool) -> Grouped:
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - dear

    rows = counts.sum(axis=1)
    shares = counts[:, 0] / rows
    # A run of one fitted share is one block; tied neighbours are pooled as well.
    blocks_at = isotonic_regression(shares, weights=rows, increasing=increasing).blocks
    ends = tuple(int(one) - 1 for one in blocks_at[1:])
    return Grouped(ends, np.add.reduceat(counts, blocks_at[:-1], axis=0))


def _log_likelihood(counts: Counts) -> float:
    rows = counts.sum(axis=1, keepdims=True)
    share = np.where(counts > 0, counts / rows, 1)
    return float((counts * np.log(share)).sum())


def _merged(parts: Grouped, limits: BinLimits) -> Grouped:
    """Merge neighbours that are too small, or do not differ, the most alike first."""
    ends, counts = list(parts.ends), parts.counts
    while len(ends) > 1:
        apart = _chi2(counts)
        small = counts.sum(axis=1) < limits.min_rows
        if small.any():
            beside = small[1:] | small[:-1]
            at = int(np.where(beside, apart, np.inf).argmin())
        elif len(ends) > limits.n_bins or apart.min() < limits.min_chi2:
            at = int(apart.argmin())
        else:
            break
        counts = _merge_at(ends, counts, at)
    return Grouped(tuple(ends), counts)


def _in_order(parts: Grouped) -> Grouped:
    """Merge neighbours whose evidence is out of order.

    That of a bin that lacks an outcome is drawn to the middle by half a case, the more
    the fewer rows it has, and so may lie inside that of its neighbour.
    """
    ends, counts = list(parts.ends), parts.counts
    while len(ends) > 1:
        shares = counts[:, 0] / counts.sum(axis=1)
        evidence = weight_of_evidence(counts, np.ones(2, np.int64))
        broken = np.diff(evidence) * np.sign(shares[-1] - shares[0]) < 0
        if not broken.any():
            break
        counts = _merge_at(ends, counts, int(broken.argmax()))
    return Grouped(tuple(ends), counts)


def _merge_at(ends: list[int], counts: Counts, at: int) -> Counts:
    """Merge a bin with the next one."""
    del ends[at]
    both = counts[at : at + 2].sum(axis=0)
    return np.vstack([counts[:at], both, counts[at + 2 :]])


def _chi2(counts: Counts) -> Floats:
    """Give Pearson's chi-squared of each pair of neighbours, from their 2 x 2 table."""
    a, b = counts[:-1].T.astype(np.float64)
    c, d = counts[1:].T.astype(np.float64)
    n = a + b + c + d
    below = (a + b) * (c + d) * (a + c) * (b + d)
    above = n * (a * d - b * c) ** 2
    found: Floats = np.divide(above, below, out=np.zeros_like(n), where=below > 0)
    return found


# --- words ----------------------------------------------------------------------------


def bin_words(
    counts: Counts, limits: BinLimits
) -> tuple[list[NDArray[np.intp]], Counts]:
    """Group words by their share of good outcomes; rare ones are kept apart.

    Parameters
    ----------
    counts : ndarray of int, shape (n_words, 2)
        Good and bad by word.
    limits : BinLimits
        Most groups, least rows of a word that can be judged by itself, and least
        chi-squared between groups next to one another.

    Returns
    -------
    groups : list of ndarray of int
        Words of each group, the group with the smallest share of good ones first.
    others : ndarray of int, shape (2,)
        Good and bad of all words that are in no group.
    """
    is_own = counts.sum(axis=1) >= limits.min_rows
    words = np.flatnonzero(is_own)
    others: Counts = counts[~is_own].sum(axis=0)
    if not words.size:
        return [], others
    own = counts[words]
    order = np.argsort(own[:, 0] / own.sum(axis=1), kind="stable")
    each = Grouped(tuple(range(words.size)), own[order])
    grouped = _merged(each, limits)
    cuts = [end + 1 for end in grouped.ends[:-1]]
    return [np.sort(part) for part in np.split(words[order], cuts)], others
