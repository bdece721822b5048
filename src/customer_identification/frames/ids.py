"""Ids and other distinct values as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import blocks
from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import (
    EXACT,
    any_of,
    either,
    fault,
    is_missing,
    is_text,
    plain,
    wrong_type,
)


__all__ = ["Coded", "Ids", "read_codes", "read_ids", "read_words"]


_IDS = "whole numbers or text"
_VALUES = "numbers or text"

Codes = NDArray[np.int32]  # half the memory of int64, and enough for 2**31 customers


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


def _encode_ints(values: NDArray[Any]) -> tuple[Codes, NDArray[np.int64]]:
    """Code whole numbers in rising order of value: by look-up where they are dense."""
    values = values.astype(np.int64, copy=False)
    if not values.size:
        return np.empty(0, np.int32), np.empty(0, np.int64)
    low, high = int(values.min()), int(values.max())
    if high - low <= max(8 * values.size, 1024):
        seen = np.zeros(high - low + 1, dtype=np.bool_)
        for rows in blocks(values.size):
            seen[values[rows] - low] = True
        code_of = np.cumsum(seen, dtype=np.int32)
        code_of -= 1
        codes = np.empty(values.size, dtype=np.int32)
        for rows in blocks(values.size):
            np.take(code_of, values[rows] - low, out=codes[rows], mode="clip")
        return codes, np.flatnonzero(seen) + low
    import pandas as pd

    found, unique = pd.factorize(values)
    order = np.argsort(unique)
    return _inverse(order)[found], unique[order]


def _inverse(order: NDArray[np.intp]) -> Codes:
    rank = np.empty(order.size, dtype=np.int32)
    rank[order] = np.arange(order.size)
    return rank


def _encode_text(column: Any) -> tuple[Codes, list[Any]]:
    """Code a text column by its own engine's hash; -1 is null."""
    kind = column.implementation.value
    native = column.to_native()
    if kind == "polars":
        import polars as pl

        if isinstance(native.dtype, (pl.Categorical, pl.Enum)):
            native = native.cast(pl.String)
        words = native.drop_nulls().unique().sort()
        codes = native.cast(pl.Enum(words)).to_physical().cast(pl.Int32)
        return codes.fill_null(-1).to_numpy(), words.to_list()
    if kind == "pyarrow":
        import pyarrow as pa

        given = pa.types.is_dictionary(native.type)
        # One dictionary for all chunks: Arrow makes it so by itself when it encodes.
        coded = native.unify_dictionaries() if given else native.dictionary_encode()
        array = coded.combine_chunks()
        codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy()
        words = array.dictionary.to_pylist()
        return _tidy(codes, words) if given else (codes, words)
    import pandas as pd

    native = column.to_pandas()
    if isinstance(native.dtype, pd.CategoricalDtype):
        codes = native.cat.codes.to_numpy().astype(np.int32)
        return _tidy(codes, native.cat.categories.tolist())
    codes, unique = pd.factorize(native)
    return codes.astype(np.int32), unique.tolist()


def _tidy(codes: Codes, words: list[Any]) -> tuple[Codes, list[Any]]:
    """Leave out the levels of a dictionary that no row has, and join equal ones."""
    is_used = np.bincount(codes[codes >= 0], minlength=len(words)) > 0
    code_of: dict[Any, int] = {}
    new_codes = [
        code_of.setdefault(_key(word), len(code_of))
        if used and not is_missing(word)
        else -1
        for word, used in zip(words, is_used.tolist(), strict=True)
    ]
    return np.array([*new_codes, -1], dtype=np.int32)[codes], list(code_of)


def _encode_objects(values: NDArray[Any], ours: str) -> tuple[Codes, list[Any]]:
    """Code a column of Python objects; equal numbers and equal texts are one."""
    code_of: dict[Any, int] = {}
    codes = np.full(len(values), -1, dtype=np.int32)
    wrong = []
    for row, value in enumerate(values):
        if not is_missing(value):
            try:
                codes[row] = code_of.setdefault(_key(value), len(code_of))
            except TypeError:
                wrong.append(row)
    if wrong:
        raise fault(ours, _VALUES, np.array(wrong), len(values), "wrong_type")
    return codes, list(code_of)


def _key(value: Any) -> Any:
    """Give what makes a value itself: 7, 7.0 and numpy's 7 are one, True is not 1."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return value if type(value) in {int, float} else (type(value), value)


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
        return _text_ids(*_encode_text(column), ours)
    values, missing = plain(column, ours, _IDS)
    if values.dtype == object:
        return _object_ids(*_encode_objects(values, ours), ours)
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
    if missing is None:
        codes, unique = _encode_ints(values)
        return Ids(codes=codes, unique=unique)
    codes = np.full(values.size, -1, dtype=np.int32)
    codes[~missing], unique = _encode_ints(values[~missing])
    return Ids(codes=codes, unique=unique)


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
    if any(not isinstance(word, str) for word in words):
        return _object_ids(codes, words, ours)
    words = [str.__str__(word) for word in words]
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"{ours} must be text that can be written as UTF-8",
            code="not_an_id",
            column=ours,
        ) from None
    blank = np.array([not word.strip() for word in words], dtype=np.bool_)
    if blank.any():
        to_code = np.where(blank, -1, np.cumsum(~blank) - 1).astype(np.int32)
        codes = np.where(codes >= 0, to_code[codes], -1)
        words = [word for word in words if word.strip()]
    return _sorted_ids(codes, words, np.dtype(object))


def _sorted_ids(codes: Codes, words: list[Any], dtype: Any) -> Ids:
    """Put distinct ids in order."""
    order = sorted(range(len(words)), key=words.__getitem__)
    unique = np.empty(len(words), dtype=dtype)
    unique[:] = words
    ranks = np.append(_inverse(np.array(order, dtype=np.intp)), np.int32(-1))
    return Ids(codes=ranks[codes], unique=unique[order])


def read_words(column: Any, ours: str, words: Sequence[str]) -> NDArray[np.int8]:
    """Read a column of given words as their positions.

    Raises
    ------
    InvalidInputError
        If a row holds none of the words.
    """
    if is_text(column):
        codes, found = _encode_text(column)
    else:
        codes, found = _encode_objects(plain(column, ours, _VALUES)[0], ours)
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
        codes, words = _encode_text(column)
        return Coded(codes=codes, size=len(words))
    values, missing = plain(column, ours, _VALUES)
    if values.dtype == object:
        codes, words = _encode_objects(values, ours)
        return Coded(codes=codes, size=len(words))
    if values.dtype.kind == "f":
        missing = either(missing, any_of(np.isnan(values)))
        values = (values.astype(np.float64) + 0.0).view(np.int64)  # -0.0 is 0.0
    elif values.dtype.kind in "mM":
        missing = either(missing, any_of(np.isnat(values)))
        values = values.view(np.int64)
    elif values.dtype.kind not in "biu":
        raise wrong_type(ours, _VALUES, column)
    codes, unique = _encode_ints(values)
    if missing is not None:
        codes = np.where(missing, -1, codes)
    return Coded(codes=codes, size=unique.size)
