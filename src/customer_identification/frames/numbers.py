"""Columns of plain numbers."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.frames._common import (
    fault,
    is_missing,
    is_text,
    plain,
    wrong_type,
)


__all__ = ["read_numbers", "to_float"]

_RULE = "numbers"


def read_numbers(column: Any, ours: str) -> NDArray[np.float64]:
    """Read numbers as floats; missing is nan.

    Raises
    ------
    InvalidInputError
        If the column holds anything else.
    """
    if is_text(column) and column.null_count() < len(column):
        raise wrong_type(ours, _RULE, column)
    values, missing = plain(column, ours, _RULE)
    if values.dtype == object:
        return _of_objects(values, ours)
    if values.dtype.kind not in "fiu":
        raise wrong_type(ours, _RULE, column)
    numbers = values.astype(np.float64)
    if missing is not None:
        numbers[missing] = np.nan
    return numbers


def _of_objects(values: NDArray[Any], ours: str) -> NDArray[np.float64]:
    numbers = np.full(values.size, np.nan)
    wrong = []
    for row, value in enumerate(values):
        if is_missing(value):
            continue
        number = to_float(value)
        if number is None:
            wrong.append(row)
        else:
            numbers[row] = number
    if wrong:
        raise fault(ours, _RULE, np.array(wrong), values.size, "wrong_type")
    return numbers


def to_float(value: object) -> float | None:
    """Give a real number of any make as a float; None where it is none, or too large.

    Examples
    --------
    >>> to_float(Decimal("0.5")), to_float(True), to_float(10**400)
    (0.5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):  # a signalling nan; an endless int
        return None
