"""Groups of similar customers, found by k-means or by a clusterer of the host's."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable, is_known
from customer_identification.classify.base import Classification
from customer_identification.classify.groups.result import CustomerGroups
from customer_identification.classify.groups.rule import (
    MOST_GROUPS,
    GroupAdvice,
    GroupAxis,
    GroupRule,
    axes_of,
    distances_to,
    labels_of,
    nearest,
    points_of,
)
from customer_identification.classify.groups.stability import stability_of
from customer_identification.errors import EngineError, InvalidInputError
from customer_identification.frames import Labels
from customer_identification.options import an_instance, generator, whole


__all__ = [
    "group_customers",
    "k_means",
    "known_points",
    "scikit_learn",
    "too_few",
]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Grouping = Callable[[Floats], Codes | None]

_STARTS = 10  # of k-means, from which the best is kept; customary
_LOOKED_AT = 100  # points for each group, before all are; our choice
_STEPS = 1_000  # of k-means at most, which ends when nobody moves; our choice


def scikit_learn() -> Any:
    """Import scikit-learn, which takes long, and only where it is asked for."""
    try:
        import sklearn.cluster  # noqa: PLC0415 - optional
        import sklearn.metrics  # noqa: PLC0415 - optional
    except ImportError as error:
        raise EngineError(
            "groups need scikit-learn, which is not here: install "
            "customer-identification[groups]",
            code="engine_missing",
        ) from error
    return sklearn


def _one_thread() -> Any:
    """Keep k-means to one thread: sums in one order, and no threads that wait and spin."""
    import threadpoolctl  # noqa: PLC0415 - comes with scikit-learn

    return threadpoolctl.threadpool_limits(1)


def _are_different(points: Floats, n: int) -> bool:
    """Tell whether at least so many points differ; most often a few show it."""
    few = points[: _LOOKED_AT * n]
    return any(np.unique(some, axis=0).shape[0] >= n for some in (few, points))


def k_means(n_groups: int, rng: np.random.Generator) -> Grouping:
    """Give what groups points by k-means; it gives None where fewer are different."""
    make = scikit_learn().cluster.KMeans

    def group(points: Floats) -> Codes | None:
        if not _are_different(points, n_groups):
            return None
        seed = int(rng.integers(2**31))
        with _one_thread():
            near = make(n_groups, n_init=_STARTS, random_state=seed).fit(points)
            found = make(
                n_groups, init=near.cluster_centers_, n_init=1, tol=0, max_iter=_STEPS
            ).fit(points)  # until nobody moves
        return np.asarray(found.labels_, dtype=np.int64)

    return group


def _host_s(clusterer: Any, n: int) -> Grouping:
    """Give what groups points by a clusterer of the host's, which is left as it was."""
    if not callable(getattr(clusterer, "fit_predict", None)) or isinstance(
        clusterer, type
    ):
        raise InvalidInputError(
            "clusterer must be an object with fit_predict(points)",
            code="not_a_clusterer",
        )

    def group(points: Floats) -> Codes:
        found = np.asarray(copy.deepcopy(clusterer).fit_predict(points))
        if found.shape != points.shape[:1] or found.dtype.kind not in "iu":
            raise InvalidInputError(
                f"clusterer must give {points.shape[0]:,} whole numbers, one each",
                code="not_a_clusterer",
            )
        if np.unique(found[found >= 0]).size > min(MOST_GROUPS, n):
            raise InvalidInputError(
                f"there must be at most {MOST_GROUPS} groups", code="too_many_groups"
            )
        return found.astype(np.int64)

    return group


@frozen
class KnownPoints:
    """Those of whom all is known, as points; without attributes known of nobody."""

    axes: tuple[GroupAxis, ...]
    points: Floats
    rows: NDArray[np.bool_]
    left_out: tuple[str, ...]


def known_points(table: AttributeTable, logarithms: Sequence[str]) -> KnownPoints:
    """Give those of whom all attributes are known as points.

    Raises
    ------
    MissingColumnError
        If an attribute whose logarithm is asked for is not there.
    InvalidInputError
        If it holds words, or no attribute differs between them.
    """
    an_instance("table", table, AttributeTable)
    if isinstance(logarithms, str) or not all(isinstance(x, str) for x in logarithms):
        raise InvalidInputError(
            "logarithms must be a list of attributes", code="bad_option"
        )
    for name in logarithms:
        if isinstance(table.column(name), Labels):
            raise InvalidInputError(
                f"{name} must hold numbers, for its logarithm to be taken; it holds words",
                code="wrong_type",
                column=name,
            )
    told = {name: is_known(column) for name, column in table.columns.items()}
    names = [name for name, one in told.items() if one.any()]
    every = np.ones(len(table), dtype=np.bool_)
    used: list[str] | None = None
    while used != names:  # what is the same for all takes nobody out
        used = names
        rows = np.all([every, *(told[name] for name in used)], axis=0)
        known = table.only(used).take(rows)
        axes = axes_of(known, [name for name in logarithms if name in used])
        names = [axis.name for axis in axes]
    left_out = tuple(name for name, one in told.items() if not one.any())
    return KnownPoints(axes, points_of(axes, known), rows, left_out)


def group_customers(  # noqa: PLR0913 - the data, what is looked for, and how
    table: AttributeTable,
    n_groups: int | None = None,
    *,
    as_of: object = None,
    rng: object,
    logarithms: Sequence[str] = (),
    clusterer: Any = None,
    n_resamples: int = 20,
) -> CustomerGroups:
    """Find groups of customers who are alike in all attributes of a table.

    Parameters
    ----------
    table : AttributeTable
        All its attributes are used; ``table.of("social")`` and ``table.only([...])`` take
        some. Customers of whom one is unknown are left out, and `unknown`.
    n_groups : int
        How many, for k-means; :func:`choose_n_groups` helps. Not with a clusterer.
    as_of : date, datetime or text, optional
        The day the attributes speak of.
    rng : numpy Generator or int
        Where k-means starts, and who is drawn to see whether groups are stable.
    logarithms : sequence of str
        Attributes of which log(1 + x) is taken: amounts and counts, of which few
        customers have very much.
    clusterer : object, optional
        Of scikit-learn or your own, with ``fit_predict(points)``; whom it gives a number
        below 0 is `ungrouped`. Its own dice are its own.
    n_resamples : int
        How often customers are drawn and grouped again, to tell how stable the groups
        are; 0 for not at all. 20 is our choice.

    Returns
    -------
    CustomerGroups
        The largest first; of equally large ones, the one with the lower centre. Neither
        the order of rows nor the scale of the attributes matters.

    Raises
    ------
    EngineError
        If scikit-learn is not installed; the extra `groups` brings it.
    InvalidInputError
        If fewer customers differ than groups are asked for, nobody is known in all
        attributes, or an option is wrong.

    Notes
    -----
    By default k-means (Lloyd 1982, "Least squares quantization in PCM", IEEE Trans. Inf.
    Theory 28(2)) with ten starts, on attributes scaled as :class:`GroupAxis` says: words
    become one coordinate each, and every attribute weighs about the same.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> frame = pd.DataFrame(
    ...     {
    ...         "customer_id": range(8),
    ...         "orders": [1, 2, 1, 2, 30, 32, 31, None],
    ...         "basket": [5.0, 6, 7, 5, 90, 95, 80, 85],
    ...     }
    ... )
    >>> groups = group_customers(attribute_table(frame), 2, as_of="2011-07-31", rng=7)
    >>> groups.counts()
    {'group 1': 4, 'group 2': 3, 'unknown': 1}
    >>> groups.stability.adjusted_rand
    1.0
    """
    if (n_groups is None) == (clusterer is None):
        raise InvalidInputError(
            "n_groups must be given, or a clusterer, and not both", code="bad_option"
        )
    dice = generator(rng)
    whole("n_resamples", n_resamples, 0)
    day = an_instance("table", table, AttributeTable).day(as_of)
    known = known_points(table, logarithms)
    if n_groups is None:
        group = _host_s(clusterer, known.points.shape[0])
    else:
        group = k_means(whole("n_groups", n_groups, 1, MOST_GROUPS), dice)
    codes = group(known.points)
    if codes is None:
        raise too_few(n_groups)
    codes, centres = _in_order(known.points, codes)
    rule = None
    if n_groups is not None:
        rule = GroupRule(axes=known.axes, centres=centres)
        codes = nearest(known.points, centres).astype(np.int64)
    stability = None
    if n_resamples:
        stability = stability_of(
            known.points, codes, group, rng=dice, n_resamples=n_resamples
        )
    inside = codes >= 0
    distances = np.full((len(table), len(centres)), np.nan)
    distances[known.rows] = distances_to(known.points, centres)
    classes = _classes(table, known.rows, codes, len(centres), day)
    advice = GroupAdvice(distances=distances, codes=classes.codes)
    return CustomerGroups(
        classes=evolve(classes, advice=advice),
        axes=known.axes,
        centres=centres,
        middle=known.points[inside].mean(axis=0),
        distances=distances,
        rule=rule,
        left_out=known.left_out,
        stability=stability,
    )


def too_few(n_groups: int | None) -> InvalidInputError:
    """Give the error for more groups than there are different customers."""
    return InvalidInputError(
        f"at least {n_groups} customers must differ, one for each group; fewer do",
        code="too_few",
    )


def _in_order(points: Floats, codes: Codes) -> tuple[Codes, Floats]:
    """Sort the groups by size, ties by their centres; give codes and centres."""
    found = np.unique(codes[codes >= 0])
    if not found.size:
        raise InvalidInputError(
            "clusterer must put somebody into a group; it puts nobody", code="no_groups"
        )
    sizes = [int(np.count_nonzero(codes == one)) for one in found]
    centres = [points[codes == one].mean(axis=0) for one in found]
    order = sorted(
        range(found.size), key=lambda one: (-sizes[one], centres[one].tolist())
    )
    new = np.full(
        int(found[-1]) + 2, -1, dtype=np.int64
    )  # the last is for those below 0
    new[found[order]] = np.arange(found.size)
    return new[np.maximum(codes, -1)], np.array([centres[one] for one in order])


def _classes(
    table: AttributeTable,
    rows: NDArray[np.bool_],
    codes: Codes,
    n_groups: int,
    day: Any,
) -> Classification:
    alone = ("ungrouped",) if (codes < 0).any() else ()
    labels = (*labels_of(n_groups), *alone, "unknown")
    every = np.full(len(table), len(labels) - 1, dtype=np.int8)
    every[rows] = np.where(codes < 0, n_groups, codes)
    return Classification(
        customer_ids=table.customer_ids,
        codes=every,
        labels=labels,
        as_of=day,
        kind=table.kind,
    )
