"""Columns of plain numbers."""

from __future__ import annotations

from decimal import Decimal
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


__all__ = ["read_numbers"]

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
        if isinstance(value, (int, float, Decimal, np.number)) and not isinstance(
            value, bool
        ):
            numbers[row] = float(value)
        else:
            wrong.append(row)
    if wrong:
        raise fault(ours, _RULE, np.array(wrong), values.size, "wrong_type")
    return numbers
