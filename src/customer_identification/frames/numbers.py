"""Plain numbers: in columns, in lists, and by id in mappings."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import (
    fault,
    is_missing,
    is_text,
    plain,
    wrong_type,
)
from customer_identification.frames.ids import read_ids
from customer_identification.frames.index import read_column


__all__ = [
    "is_by_id",
    "read_numbers",
    "read_numbers_by_id",
    "read_numbers_of",
    "to_float",
]

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


def read_numbers_of(values: Sequence[Any], name: str) -> NDArray[np.float64]:
    """Read a list of numbers of any make; none may be missing.

    Raises
    ------
    InvalidInputError
        If one is no number at all.
    """
    numbers = [to_float(one) for one in values]
    is_number = np.array([one is not None for one in numbers], dtype=np.bool_)
    check_each(name, is_number, "be numbers", code="wrong_type")
    return np.array(numbers, dtype=np.float64)


def read_numbers_by_id(
    values: Any, name: str
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Read a mapping of ids to numbers: the ids in order, and the number of each.

    Parameters
    ----------
    values : mapping, or pandas' Series by its index
    name : str
        What to call it in errors.

    Raises
    ------
    InvalidInputError
        If it is neither, a key is no id, two keys are the same id, or a value is no
        number.

    Examples
    --------
    >>> read_numbers_by_id({7: 1, 3: 0.5}, "share")
    (array([3, 7]), array([0.5, 1. ]))
    """
    if not is_by_id(values):
        raise InvalidInputError(
            f"{name} must be a mapping of ids to numbers",
            code="not_a_mapping",
            column=name,
        )
    items = list(values.items())
    ids = read_ids(read_column([key for key, _ in items]), name)
    if (ids.codes < 0).any() or ids.unique.size < len(items):
        raise InvalidInputError(
            f"{name} must go by ids, each named once", code="not_an_id", column=name
        )
    numbers = np.empty(len(items))
    numbers[ids.codes] = read_numbers_of([one for _, one in items], name)
    return ids.unique, numbers


def is_by_id(values: object) -> bool:
    """Tell numbers by id, a mapping or pandas' Series, from frames and all else.

    Examples
    --------
    >>> is_by_id({7: 0.5}), is_by_id([0.5]), is_by_id(dict)
    (True, False, False)
    """
    kind = type(values)  # a lazy frame would have to look for its columns
    return hasattr(kind, "items") and not hasattr(kind, "columns") and kind is not type


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
