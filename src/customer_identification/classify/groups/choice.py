"""How many groups there are: those that come out again, and stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from customer_identification.attributes import AttributeTable
from customer_identification.classify.groups.grouping import (
    k_means,
    known_points,
    scikit_learn,
    too_few,
)
from customer_identification.classify.groups.rule import MOST_GROUPS
from customer_identification.classify.groups.stability import stability_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.options import generator, whole


__all__ = ["GroupChoice", "choose_n_groups"]

_MOST_COMPARED = (
    5_000  # customers in a silhouette, which compares all pairs; our choice
)
_LEAST_JACCARD = 0.60  # below it a group is not to be trusted: Hennig (2007)


@frozen(kw_only=True)
class GroupChoice:
    """How well different numbers of groups do.

    Attributes
    ----------
    n_groups : tuple of int
        The numbers that were tried.
    silhouette : tuple of float
        How much nearer customers are to their own group than to the next, on average:
        -1 to 1 (Rousseeuw 1987, J. Comput. Appl. Math. 20).
    adjusted_rand : tuple of float
        How alike the groups come out again.
    lowest_jaccard : tuple of float
        Of the group that comes out least alike.
    suggested : int or None
        The number with the largest silhouette among those whose groups can all be
        trusted (Jaccard of at least 0.60); None where there is none. Our choice.
    """

    n_groups: tuple[int, ...]
    silhouette: tuple[float, ...]
    adjusted_rand: tuple[float, ...]
    lowest_jaccard: tuple[float, ...]
    suggested: int | None

    def to_frame(self) -> Any:
        """Give one row a number of groups, as a pandas frame."""
        columns: dict[str, Any] = {
            "n_groups": np.array(self.n_groups, dtype=np.int64),
            "silhouette": np.array(self.silhouette),
            "adjusted_rand": np.array(self.adjusted_rand),
            "lowest_jaccard": np.array(self.lowest_jaccard),
        }
        return to_frame(columns, "pandas")


def choose_n_groups(
    table: AttributeTable,
    candidates: Sequence[int] = (2, 3, 4, 5, 6, 7, 8),
    *,
    rng: object,
    logarithms: Sequence[str] = (),
    n_resamples: int = 20,
) -> GroupChoice:
    """Try several numbers of groups, and tell which come out again and stand apart.

    Parameters
    ----------
    table : AttributeTable
        As for :func:`group_customers`.
    candidates : sequence of int
        Numbers of groups, at least 2.
    rng : numpy Generator or int
    logarithms : sequence of str
        Attributes of which log(1 + x) is taken.
    n_resamples : int
        How often customers are drawn and grouped again, at least once.

    Returns
    -------
    GroupChoice

    Raises
    ------
    EngineError
        If scikit-learn is not installed.
    InvalidInputError
        If there are no candidates, or fewer customers differ than the largest has groups.
    """
    dice = generator(rng)
    tried = tuple(whole("candidates", one, 2, MOST_GROUPS) for one in candidates)
    if not tried:
        raise InvalidInputError("candidates must not be empty", code="bad_option")
    whole("n_resamples", n_resamples, 1)
    points = known_points(table, logarithms).points
    some = np.arange(points.shape[0])
    if some.size > _MOST_COMPARED:
        some = np.sort(dice.choice(some, _MOST_COMPARED, replace=False))
    metrics = scikit_learn().metrics
    silhouettes, found = [], []
    for n_groups in tried:
        group = k_means(n_groups, dice)
        codes = group(points)
        if codes is None or some.size <= n_groups:
            raise too_few(n_groups)
        silhouettes.append(float(metrics.silhouette_score(points[some], codes[some])))
        found.append(
            stability_of(points, codes, group, rng=dice, n_resamples=n_resamples)
        )
    lowest = [min(one.jaccard) for one in found]
    trusted = [at for at, low in enumerate(lowest) if low >= _LEAST_JACCARD]
    best = max(trusted, key=lambda at: silhouettes[at], default=None)
    return GroupChoice(
        n_groups=tried,
        silhouette=tuple(silhouettes),
        adjusted_rand=tuple(one.adjusted_rand for one in found),
        lowest_jaccard=tuple(lowest),
        suggested=None if best is None else tried[best],
    )
