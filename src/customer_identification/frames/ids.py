"""Ids and other columns of distinct values, read as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import (
    EXACT,
    any_of,
    either,
    fault,
    is_text,
    plain,
    wrong_type,
)
from customer_identification.frames.coding import (
    VALUES,
    Codes,
    encode_ints,
    encode_objects,
    encode_text,
    inverse,
    recode,
    words_of,
)


__all__ = ["Coded", "Ids", "read_codes", "read_ids", "read_whole", "read_words"]

_IDS = "whole numbers or text"


@frozen(kw_only=True, repr=False)
class Ids:
    """Who each row belongs to: `codes` point into `unique`, -1 is nobody."""

    codes: Codes
    unique: NDArray[Any]


@frozen(kw_only=True, repr=False)
class Coded:
    """Whole numbers that stand for distinct values, in no order; -1 is missing."""

    codes: Codes
    size: int
    words: Any

    def ranks(self) -> tuple[Codes, NDArray[Any]]:
        """Give the rank of each code, and the sorted values, numbers or text."""
        words = _plain_words(self.words)
        order = _order_of(words.tolist()) if words.dtype == object else words.argsort()
        return inverse(order), words[order]


def read_ids(column: Any, ours: str) -> Ids:
    """Read ids: whole numbers stay ints, text stays text; both come out sorted.

    Null and blank text are nobody (code -1). Whole-number floats, as pandas makes of
    ints with nulls, are read as ints.

    Raises
    ------
    InvalidInputError
        If ids are neither whole numbers nor text, or are both.
    """
    if is_text(column):
        codes, words = encode_text(column)
        return _text_ids(codes, words_of(words), ours)
    values, missing = read_whole(column, ours)
    if values.dtype == object:
        return _object_ids(*encode_objects(values, ours), ours)
    if missing is None:
        codes, unique = encode_ints(values)
        return Ids(codes=codes, unique=unique)
    codes = np.full(values.size, -1, dtype=np.int32)
    codes[~missing], unique = encode_ints(values[~missing])
    return Ids(codes=codes, unique=unique)


def read_whole(column: Any, ours: str) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Read whole numbers, and say where there is none; objects are left as they are.

    Raises
    ------
    InvalidInputError
        If the column holds other numbers, or no numbers.
    """
    values, missing = plain(column, ours, _IDS)
    if values.dtype == object:
        return values, missing
    if values.dtype.kind == "f":
        values = values.astype(np.float64)
        missing = either(missing, any_of(np.isnan(values)))
        whole = np.isfinite(values) & (values == np.floor(values))
        wrong = np.flatnonzero(
            ~(whole & (np.abs(values) < EXACT))
            & (True if missing is None else ~missing)
        )
        if wrong.size:
            raise fault(ours, _IDS, wrong, values.size, "not_an_id")
        values = np.where(np.isnan(values), 0, values).astype(np.int64)
    elif values.dtype.kind not in "iu":
        raise wrong_type(ours, _IDS, column)
    if values.dtype == np.uint64 and values.size and values.max() > 2**63 - 1:
        wrong = np.flatnonzero(values > 2**63 - 1)
        raise fault(ours, "below 2**63", wrong, values.size, "not_an_id")
    return values, missing


def _object_ids(codes: Codes, words: list[Any], ours: str) -> Ids:
    whole = [_whole(word) for word in words]
    n_text = sum(isinstance(word, str) for word in words)
    if n_text == 0 and all(number is not None for number in whole):
        return _sorted_ids(codes, whole, np.dtype(np.int64))
    if n_text == len(words):
        return _text_ids(codes, words, ours)
    is_odd = np.array(
        [
            not isinstance(word, str) and (n_text > 0 or number is None)
            for word, number in zip(words, whole, strict=True)
        ]
    )
    wrong = np.flatnonzero((codes >= 0) & is_odd[codes])
    raise fault(ours, "all whole numbers or all text", wrong, codes.size, "not_an_id")


def _whole(word: Any) -> int | None:
    return word if isinstance(word, int) and -(2**63) <= word < 2**63 else None


def _text_ids(codes: Codes, words: list[Any], ours: str) -> Ids:
    if not set(map(type, words)) <= {str}:
        return _object_ids(codes, words, ours)
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"{ours} must be text that can be written as UTF-8",
            code="not_an_id",
            column=ours,
        ) from None
    if not all(map(str.strip, words)):
        is_named = np.array([bool(word.strip()) for word in words])
        codes = recode(codes, np.where(is_named, np.cumsum(is_named) - 1, -1))
        words = [word for word in words if word.strip()]
    return _sorted_ids(codes, words, np.dtype(object))


def _order_of(words: list[Any]) -> NDArray[np.intp]:
    """Give the order of a list, many times faster than numpy does for objects."""
    return np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.intp)


def _sorted_ids(codes: Codes, words: list[Any], dtype: Any) -> Ids:
    """Put distinct ids in order."""
    order = _order_of(words)
    unique = np.empty(len(words), dtype=dtype)
    unique[:] = words
    if (order == np.arange(order.size)).all():
        return Ids(codes=codes, unique=unique)
    return Ids(codes=recode(codes, inverse(order)), unique=unique[order])


def read_words(column: Any, ours: str, words: Sequence[str]) -> NDArray[np.int8]:
    """Read a column of given words as their positions.

    Raises
    ------
    InvalidInputError
        If a row holds none of the words.
    """
    if is_text(column):
        codes, coded = encode_text(column)
        found = words_of(coded)
    else:
        codes, found = encode_objects(plain(column, ours, VALUES)[0], ours)
    place = [words.index(word) if word in words else -1 for word in found]
    positions = np.array([*place, -1], dtype=np.int8)[codes]
    wrong = np.flatnonzero(positions < 0)
    if wrong.size:
        raise fault(
            ours, f"one of {', '.join(words)}", wrong, codes.size, "unknown_class"
        )
    return positions


def read_codes(column: Any, ours: str) -> Coded:
    """Read any column of distinct values (orders, categories, channels) as codes."""
    if is_text(column):
        codes, words = encode_text(column)
        return Coded(codes=codes, size=len(words), words=words)
    values, missing = plain(column, ours, VALUES)
    if values.dtype == object:
        codes, words = encode_objects(values, ours)
        return Coded(codes=codes, size=len(words), words=words)
    dtype = values.dtype
    if dtype.kind == "f":
        dtype = np.dtype(np.float64)
        missing = either(missing, any_of(np.isnan(values)))
        values = (values.astype(dtype) + 0.0).view(np.int64)  # -0.0 is 0.0
    elif dtype.kind in "mM":
        missing = either(missing, any_of(np.isnat(values)))
        values = values.view(np.int64)
    elif dtype.kind not in "biu":
        raise wrong_type(ours, VALUES, column)
    if missing is None:
        codes, unique = encode_ints(values)
    else:
        codes = np.full(values.size, -1, dtype=np.int32)
        codes[~missing], unique = encode_ints(values[~missing])
    words = unique.view(dtype) if dtype.kind in "fmM" else unique
    return Coded(codes=codes, size=unique.size, words=words)


def _plain_words(words: Any) -> NDArray[Any]:
    """Give distinct values as whole numbers, else as floats, else as text."""
    if isinstance(words, np.ndarray):
        if words.dtype.kind in "mM":
            return words.astype(str).astype(object)
        if words.dtype.kind != "f":
            return words.astype(np.int64)
        is_whole = (np.floor(words) == words) & (np.abs(words) < EXACT)
        return words.astype(np.int64) if is_whole.all() else words
    listed = [word[1] if isinstance(word, tuple) else word for word in words_of(words)]
    kinds = set(map(type, listed))
    if kinds <= {int} and all(-(2**63) <= word < 2**63 for word in listed):
        return np.array(listed, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(listed, dtype=np.float64)
    array = np.empty(len(listed), dtype=object)
    array[:] = [str(word) for word in listed]
    return array
