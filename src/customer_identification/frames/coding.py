"""Distinct values as whole numbers: by look-up where they are dense, else by one hash."""

from __future__ import annotations

from itertools import compress
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import blocks
from customer_identification.frames._common import EXACT, fault, is_missing


__all__ = [
    "VALUES",
    "Codes",
    "coded_text",
    "encode_ints",
    "encode_objects",
    "encode_text",
    "inverse",
    "recode",
    "words_of",
]

VALUES = "numbers or text"

Codes = NDArray[np.int32]  # half the memory of int64, and enough for 2**31 customers

# Text wider than this is hashed: it hardly ever fits into 62 bits. Our choice. [bytes]
_WIDEST = 24
_TEXT = {"string", "large_string", "string_view", "null"}  # as Arrow calls its types
_PILE = 512  # rows side by side, so that numpy's loops are long; our choice


def encode_ints(values: NDArray[Any]) -> tuple[Codes, NDArray[np.int64]]:
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
    return inverse(order)[found], unique[order]


def inverse(order: NDArray[np.intp]) -> Codes:
    """Give the place of each entry in an order."""
    rank = np.empty(order.size, dtype=np.int32)
    rank[order] = np.arange(order.size)
    return rank


def recode(codes: Codes, new: NDArray[Any]) -> Codes:
    """Put a new code for each old one; nobody (-1) stays nobody.

    Examples
    --------
    >>> recode(np.array([0, 2, -1], dtype=np.int32), np.array([5, 6, 7]))
    array([ 5,  7, -1], dtype=int32)
    """
    return np.append(new, -1).astype(np.int32, copy=False)[codes]


def encode_text(column: Any) -> tuple[Codes, Any]:
    """Code a text column, -1 is null; the words are a list or an array of Arrow's."""
    codes, words = coded_text(column)
    if codes is not None:
        return codes, words
    coded = words.dictionary_encode()
    return coded.indices.fill_null(-1).to_numpy(), coded.dictionary


def words_of(words: Any) -> list[Any]:
    """Give what text was coded by as a list."""
    return words if isinstance(words, list) else words.to_pylist()


def coded_text(column: Any) -> tuple[Codes | None, Any]:
    """Code a text column as far as that takes no hash in Arrow.

    Returns
    -------
    codes : ndarray of int32 or None
        Places among the words, each of which some row has; -1 is null. None where the
        text has still to be hashed.
    words : list or pyarrow.Array
        Without codes, the text of every row.
    """
    kind = column.implementation.value
    if kind == "polars":
        return _of_polars(column.to_native())
    if kind == "pyarrow":
        return _of_arrow(column.to_native())
    import pandas as pd

    native = column.to_pandas()
    if isinstance(native.dtype, pd.CategoricalDtype):
        codes = native.cat.codes.to_numpy().astype(np.int32)
        return _tidy(codes, native.cat.categories.tolist())
    text = _arrow_of(native)
    if text is not None:
        return _of_arrow(text)
    codes, unique = pd.factorize(native)
    return codes.astype(np.int32), [key(word) for word in unique.tolist()]


def _arrow_of(native: Any) -> Any:
    """Give pandas' text as Arrow's; None without pyarrow, or where not all is text."""
    try:
        import pyarrow as pa
    except ImportError:
        return None
    try:
        text = pa.array(native, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    is_text = str(text.type) in _TEXT or pa.types.is_dictionary(text.type)
    return text if is_text else None


def _of_polars(native: Any) -> tuple[Codes | None, Any]:
    """Take the codes that Polars keeps of categories, and a row of each as its word."""
    import polars as pl

    if native.dtype == pl.String:
        try:
            import pyarrow  # noqa: F401, ICN001 - to_arrow needs it
        except ImportError:
            native = native.cast(pl.Categorical())
        else:
            return _of_arrow(native.to_arrow())
    codes = native.to_physical().cast(pl.Int32).fill_null(-1).to_numpy()
    row = np.full(codes.max(initial=-1) + 2, -1)  # the last is for nobody
    row[codes] = np.arange(codes.size)
    is_used = row[:-1] >= 0
    words = native.gather(row[:-1][is_used]).cast(pl.String).to_list()
    if not is_used.all():
        codes = recode(codes, np.cumsum(is_used) - 1)
    return codes, words


def _of_arrow(text: Any) -> tuple[Codes | None, Any]:
    import pyarrow as pa

    is_chunked = isinstance(text, pa.ChunkedArray)
    if pa.types.is_dictionary(text.type):
        array = text.unify_dictionaries().combine_chunks() if is_chunked else text
        codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy()
        return _tidy(codes, array.dictionary.to_pylist())
    text = text.cast(pa.large_string())  # which holds any number of bytes in one piece
    array = text.combine_chunks() if is_chunked else text
    return _by_letters(array) or (None, array)


def _tidy(codes: Codes, words: list[Any]) -> tuple[Codes, list[Any]]:
    """Leave out the levels of a dictionary that no row has, and join equal ones."""
    is_used = np.zeros(len(words) + 1, dtype=np.bool_)  # the last is for nobody
    is_used[codes] = True
    is_used = is_used[:-1]
    used = list(compress(words, is_used.tolist()))
    if not set(map(type, used)) <= {str}:
        used = [None if is_missing(word) else key(word) for word in used]
    distinct = dict.fromkeys(used)
    if len(distinct) == len(words) and None not in distinct:
        return codes, list(distinct)
    distinct.pop(None, None)
    code_of = {word: code for code, word in enumerate(distinct)} | {None: -1}
    new = np.full(len(words), -1)
    new[is_used] = [code_of[word] for word in used]
    return recode(codes, new), list(distinct)


def encode_objects(values: NDArray[Any], ours: str) -> tuple[Codes, list[Any]]:
    """Code a column of Python objects; equal numbers and equal texts are one."""
    code_of: dict[Any, int] = {}
    codes = np.full(len(values), -1, dtype=np.int32)
    wrong = []
    for row, value in enumerate(values):
        if not is_missing(value):
            try:
                codes[row] = code_of.setdefault(key(value), len(code_of))
            except TypeError:
                wrong.append(row)
    if wrong:
        raise fault(ours, VALUES, np.array(wrong), len(values), "wrong_type")
    return codes, list(code_of)


def key(value: Any) -> Any:
    """Give what makes a value itself: 7, 7.0 and numpy's 7 are one, True is not 1."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return value if type(value) in {int, float} else (type(value), value)


def _by_letters(text: Any) -> tuple[Codes, Any] | None:
    """Code text of one width, such as "C00123", in order: its letters are digits.

    At each place the letters lie between the lowest and the highest there, and so they
    are the digits of a whole number, which needs no hash where such numbers are dense.
    """
    solid = text.drop_null() if text.null_count else text
    letters = _letters(solid)
    if letters is None:
        return None
    low, high = _span(letters)
    bases = [int(base) for base in high.astype(np.int64) - low + 1]
    if prod(bases) >= 2**62:
        return None
    numbers = np.zeros(len(letters), dtype=np.int64)
    places = [place for place, base in enumerate(bases) if base > 1]
    for rows in blocks(len(letters)):
        number = numbers[rows]
        for place in places:
            number *= bases[place]
            number += letters[rows, place]
            number -= low[place]
    codes, unique = encode_ints(numbers)
    if text.null_count:
        found = codes
        codes = np.full(len(text), -1, dtype=np.int32)
        codes[text.is_valid().to_numpy(zero_copy_only=False)] = found
    return codes, _spell(unique, low, bases)


def _letters(text: Any) -> NDArray[np.uint8] | None:
    """Give the bytes of Arrow text without nulls, a row each, if all are of one width."""
    if not len(text):
        return None
    _, ends, data = text.buffers()
    ends = np.frombuffer(ends, np.int64)[text.offset : text.offset + len(text) + 1]
    begin, width = int(ends[0]), int(ends[1] - ends[0])
    if not 0 < width <= _WIDEST or ends[-1] - begin != width * len(text):
        return None
    for rows in blocks(len(text)):
        if (np.diff(ends[rows.start : rows.stop + 1]) != width).any():
            return None
    letters = np.frombuffer(data, np.uint8, width * len(text), begin)
    return letters.reshape(-1, width)


def _span(letters: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give the lowest and the highest letter at each place."""
    width = letters.shape[1]
    whole = len(letters) // _PILE * _PILE
    piles, rest = letters[:whole].reshape(-1, _PILE * width), letters[whole:]
    low = piles.min(axis=0, initial=255).reshape(_PILE, width).min(axis=0)
    high = piles.max(axis=0, initial=0).reshape(_PILE, width).max(axis=0)
    return (
        np.minimum(low, rest.min(axis=0, initial=255)),
        np.maximum(high, rest.max(axis=0, initial=0)),
    )


def _spell(numbers: NDArray[np.int64], low: NDArray[np.uint8], bases: list[int]) -> Any:
    """Write numbers as the text that they stand for."""
    import pyarrow as pa

    letters = np.empty((numbers.size, len(bases)), dtype=np.uint8)
    for place in reversed(range(len(bases))):
        numbers, digits = np.divmod(numbers, bases[place])
        letters[:, place] = digits + low[place]
    ends = np.arange(numbers.size + 1) * len(bases)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.large_string(), numbers.size, buffers)
