"""Scales of the host's surveys, and Ulwick's opportunity on ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from customer_identification.arrays import check_each
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_column, read_numbers
from customer_identification.options import number


__all__ = ["opportunity", "rescale"]


def rescale(
    values: Any, *, low: float, high: float, not_answers: Sequence[float] = ()
) -> NDArray[np.float64]:
    """Map answers on a scale of the host's to 0 to 1.

    Parameters
    ----------
    values : column, array or list of numbers, shape (n,)
        Answers; missing is no answer.
    low, high : float
        The worst and the best answer; `low` may be the larger number, as where 1 is
        best.
    not_answers : sequence of float
        Codes that are none, such as 0 for a blank and 6 for "never used".

    Returns
    -------
    ndarray of float, shape (n,)
        nan where there is no answer.

    Raises
    ------
    InvalidInputError
        If `low` is `high`, or an answer lies outside the scale.

    Examples
    --------
    >>> rescale([1, 4, 5, 6, 0, None], low=1, high=5, not_answers=(0, 6))
    array([0.  , 0.75, 1.  ,  nan,  nan,  nan])
    >>> rescale([4, 9, 7], low=1, high=5)
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: values must lie between 1 and 5;
    this fails for 2 of 3, first at position 1 (not_answers= names codes that are none)
    """
    first, last = number("low", low, -np.inf), number("high", high, -np.inf)
    if first == last:
        raise InvalidInputError("low and high must differ", code="bad_option")
    given = read_numbers(read_column(values), "values")
    given[
        np.isin(given, [number("not_answers", one, -np.inf) for one in not_answers])
    ] = np.nan
    least, most = min(first, last), max(first, last)
    check_each(
        "values",
        np.isnan(given) | ((given >= least) & (given <= most)),
        f"lie between {least:g} and {most:g}",
        code="out_of_range",
        hint="not_answers= names codes that are none",
    )
    return np.asarray((given - first) / (last - first), dtype=np.float64)


def opportunity(importance: ArrayLike, satisfaction: ArrayLike) -> NDArray[np.float64]:
    """Give Ulwick's opportunity: importance, and the satisfaction that it lacks.

    ``I + max(I - S, 0)`` (Ulwick 2002, "Turn Customer Input into Innovation", Harvard
    Business Review 80 (1), 91-97). He rates both from 0 to 10; here both go from 0 to
    1, and so a tenth of his number comes out.

    Parameters
    ----------
    importance, satisfaction : array_like of float, shape (n,)
        0 to 1.

    Returns
    -------
    ndarray of float, shape (n,)
        0 to 2; nan where either is unknown.

    Examples
    --------
    His example, to keep a blocked artery from closing again: importance 9.5,
    satisfaction 3.2, opportunity 15.8 (as quoted by others from the article of 2002;
    the article itself was not at hand).

    >>> 10 * opportunity([0.95, 0.5, 0.5], [0.32, 0.9, float("nan")])
    array([15.8,  5. ,  nan])
    """
    matters = np.asarray(importance, dtype=np.float64)
    gap = matters - np.asarray(satisfaction, dtype=np.float64)
    return np.asarray(matters + np.maximum(gap, 0), dtype=np.float64)
