"""Columns that may hold numbers or words: attributes of all sorts."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.frames._common import fault, is_missing, is_text, plain
from customer_identification.frames.coding import recode
from customer_identification.frames.ids import read_codes
from customer_identification.frames.numbers import read_numbers, to_float
from customer_identification.frames.table import Labels


__all__ = ["read_mixed"]

_RULE = "numbers, True and False, or text"


def read_mixed(column: Any, ours: str) -> NDArray[np.float64] | Labels:
    """Read numbers, True and False as floats, and text as words in order.

    Missing is nan, or -1; so is blank text. In a column of objects, text makes words of
    the numbers beside it.

    Raises
    ------
    InvalidInputError
        If the column holds anything else, such as dates.
    """
    if is_text(column) and column.null_count() < len(column):
        coded = read_codes(column, ours)
        ranks, values = coded.ranks()
        return _words(recode(coded.codes, ranks), [str(one) for one in values.tolist()])
    values, missing = plain(column, ours, _RULE)
    if values.dtype == object:
        return _of_objects(values, ours)
    if values.dtype.kind == "b":
        numbers = values.astype(np.float64)
        if missing is not None:
            numbers[missing] = np.nan
        return numbers
    return read_numbers(column, ours)


def _of_objects(values: NDArray[Any], ours: str) -> NDArray[np.float64] | Labels:
    known = np.array([not _is_blank(one) for one in values], dtype=np.bool_)
    rows = np.flatnonzero(known)
    some = values[rows].tolist()
    odd = [not isinstance(one, (str, bool, np.bool_, Real, Decimal)) for one in some]
    if any(odd):
        raise fault(ours, _RULE, rows[odd], values.size, "wrong_type")
    if not any(isinstance(one, str) for one in some):
        return _numbers(some, rows, values.size, ours)
    codes = np.full(values.size, -1, np.int32)
    codes[rows] = np.arange(rows.size)
    return _words(codes, [_word(one) for one in some])


def _is_blank(one: Any) -> bool:
    return not one.strip() if isinstance(one, str) else is_missing(one)


def _word(one: Any) -> str:
    """Write equal numbers alike."""
    is_whole = isinstance(one, (float, Decimal)) and one == one // 1
    return str(int(one)) if is_whole else str(one)


def _numbers(
    some: list[Any], rows: NDArray[np.intp], size: int, ours: str
) -> NDArray[np.float64]:
    found = [
        float(one) if isinstance(one, (bool, np.bool_)) else to_float(one)
        for one in some
    ]
    large = [one is None for one in found]
    if any(large):
        raise fault(ours, "numbers a float can hold", rows[large], size, "too_large")
    numbers = np.full(size, np.nan)
    numbers[rows] = found
    return numbers


def _words(codes: NDArray[np.int32], words: list[str]) -> Labels:
    """Give words in order, each once and none blank, and the codes of the rows."""
    named = sorted({word for word in words if word.strip()})
    place = {word: at for at, word in enumerate(named)}
    places = np.array([place.get(word, -1) for word in words], dtype=np.int32)
    return Labels(codes=recode(codes, places), words=tuple(named))
