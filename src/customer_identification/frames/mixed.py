"""Columns that may hold numbers or words: attributes of all sorts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.frames._common import is_missing, is_text, plain
from customer_identification.frames.coding import recode
from customer_identification.frames.ids import read_codes
from customer_identification.frames.numbers import read_numbers, to_float
from customer_identification.frames.table import Labels


__all__ = ["read_mixed"]

_RULE = "numbers, True and False, or text"


def read_mixed(column: Any, ours: str) -> NDArray[np.float64] | Labels:
    """Read numbers, True and False as floats, and text as words in order.

    Missing is nan, or -1; so is blank text. In a column of objects, anything that is no
    number makes all of them words.

    Raises
    ------
    InvalidInputError
        If the column holds anything else, such as dates.
    """
    if is_text(column):
        return _words(column, ours)
    values, missing = plain(column, ours, _RULE)
    if values.dtype == object:
        numbers = _numbers(values)
        return _words(column, ours) if numbers is None else numbers
    if values.dtype.kind == "b":
        numbers = values.astype(np.float64)
        if missing is not None:
            numbers[missing] = np.nan
        return numbers
    return read_numbers(column, ours)


def _numbers(values: NDArray[Any]) -> NDArray[np.float64] | None:
    """Give objects as numbers; None where one of them is no number."""
    numbers = np.full(values.size, np.nan)
    for row, value in enumerate(values):
        if is_missing(value):
            continue
        is_flag = isinstance(value, (bool, np.bool_))
        number = float(value) if is_flag else to_float(value)
        if number is None:
            return None
        numbers[row] = number
    return numbers


def _words(column: Any, ours: str) -> Labels:
    coded = read_codes(column, ours)
    ranks, values = coded.ranks()
    words = [str(one) for one in values.tolist()]
    is_named = np.array([bool(word.strip()) for word in words], dtype=np.bool_)
    places = np.where(is_named, np.cumsum(is_named) - 1, -1)
    return Labels(
        codes=recode(coded.codes, places[ranks]),
        words=tuple(word for word in words if word.strip()),
    )
