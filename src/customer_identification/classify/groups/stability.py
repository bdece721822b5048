"""Whether groups are in the data or in the dice: how alike they come out again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray


__all__ = ["GroupStability", "jaccard", "stability_of"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_MOST_DRAWN = 10_000  # customers a time; our choice


@frozen(kw_only=True)
class GroupStability:
    """How alike groups come out when customers are drawn again.

    Attributes
    ----------
    adjusted_rand : float
        Mean adjusted Rand index between the groups and those of each resample: 1 the
        same, 0 as by chance; nan without a resample.
    jaccard : tuple of float
        By group the mean share that it has in common with the group most like it.
        Hennig (2007) and the manual of his ``clusterboot``: from 0.85 highly stable, from
        0.75 stable, from 0.60 a pattern whose members are doubtful, below that not to be
        trusted.
    n_resamples : int
        How often customers were drawn and grouped again.
    """

    adjusted_rand: float
    jaccard: tuple[float, ...]
    n_resamples: int

    def __str__(self) -> str:
        low = min(self.jaccard)
        return (
            f"adjusted Rand index {self.adjusted_rand:.2f}, lowest Jaccard "
            f"{low:.2f}, in {self.n_resamples} resamples"
        )


def jaccard(one: ArrayLike, other: ArrayLike, n_groups: int) -> Floats:
    """Give by group of the first its share in common with the group most like it.

    Parameters
    ----------
    one, other : array_like of int, shape (n,)
        Group of each, from 0; below 0 is in none.
    n_groups : int
        Of the first.

    Returns
    -------
    ndarray of float, shape (n_groups,)
        nan for a group that is not there.

    Examples
    --------
    >>> jaccard([0, 0, 1, 1], [0, 0, 1, 2], 2)
    array([1. , 0.5])
    """
    one, other = np.asarray(one, np.int64), np.asarray(other, np.int64)
    table = np.zeros((n_groups, int(other.max(initial=0)) + 1), dtype=np.int64)
    both = (one >= 0) & (other >= 0)
    np.add.at(table, (one[both], other[both]), 1)
    mine = np.bincount(one[one >= 0], minlength=n_groups)[:, None]
    theirs = np.bincount(other[other >= 0], minlength=table.shape[1])
    with np.errstate(invalid="ignore"):
        shares = table / (mine + theirs - table)
    found = shares.max(axis=1)
    found[mine[:, 0] == 0] = np.nan
    return np.asarray(found)


def stability_of(
    points: Floats,
    codes: Codes,
    group: Callable[[Floats], Codes | None],
    *,
    rng: np.random.Generator,
    n_resamples: int,
) -> GroupStability:
    """Draw customers with replacement, group them again, and compare on those drawn.

    Ben-Hur, Elisseeff & Guyon (2002), "A stability based method for discovering
    structure in clustered data", Pac. Symp. Biocomput. 7, compare groupings of resamples;
    that they are drawn with replacement and compared group by group is Hennig (2007),
    "Cluster-wise assessment of cluster stability", Comput. Stat. Data Anal. 52, 258-271.

    Parameters
    ----------
    points : ndarray of float, shape (n, n_coordinates)
    codes : ndarray of int, shape (n,)
        Their groups; below 0 is in none.
    group : callable
        Groups points; None where they are too few.
    rng : numpy Generator
    n_resamples : int
        How often. At most 10,000 customers are drawn a time.
    """
    from sklearn.metrics import adjusted_rand_score  # noqa: PLC0415 - optional

    n, n_groups = codes.size, int(codes.max()) + 1
    alike, shared = [], []
    for _ in range(n_resamples):
        drawn = np.sort(rng.integers(0, n, size=min(n, _MOST_DRAWN)))
        again = group(points[drawn])
        if again is None:
            continue
        once, at = np.unique(drawn, return_index=True)
        both = (codes[once] >= 0) & (again[at] >= 0)
        alike.append(adjusted_rand_score(codes[once][both], again[at][both]))
        shared.append(jaccard(codes[once], again[at], n_groups))
    return GroupStability(
        adjusted_rand=float(np.mean(alike)) if alike else float("nan"),
        jaccard=_means(np.array(shared).reshape(-1, n_groups)),
        n_resamples=len(alike),
    )


def _means(values: Floats) -> tuple[float, ...]:
    """Give the mean of each column, leaving out nan; nan where there is nothing else."""
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    means = np.full(n.size, np.nan)
    np.divide(total, n, out=means, where=n > 0)
    return tuple(means.tolist())
