"""Ids of every type of column are coded as plain Python codes them, hashed or not."""

import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from customer_identification import InvalidInputError
from customer_identification.frames import read_codes, read_words
from customer_identification.frames.ids import Ids, read_ids
from customer_identification.frames.index import CustomerIndex, read_indexed_ids


few = settings(derandomize=True, max_examples=30, deadline=None)

Words = list[str | None]

# Digits, blanks of three kinds, NUL, and 1 to 4 bytes a letter.
LETTERS = st.sampled_from(["0", "1", "9", "C", " ", "\t", "\u3000", "\0", "é", "😀"])
words_of_any_width = st.lists(st.none() | st.text(LETTERS, max_size=3), max_size=12)
words_of_one_width = st.integers(1, 30).flatmap(
    lambda width: st.lists(
        st.none() | st.text(st.sampled_from("019Cz "), min_size=width, max_size=width),
        max_size=12,
    )
)
any_words = words_of_any_width | words_of_one_width


def levels_of(words: Words) -> list[str]:
    """Give each word once, last first, with one that no row has."""
    return [*dict.fromkeys(word for word in reversed(words) if word is not None), "~"]


def coded_by_arrow(words: Words) -> pa.Array:
    """Give a dictionary with a null, a doublet and an unused level."""
    levels = levels_of(words)
    codes = [None if word is None else levels.index(word) + 1 for word in words]
    twice = [None, *levels, levels[0]]
    codes = [
        len(levels) + 1 if code == 1 and row % 2 else code
        for row, code in enumerate(codes)
    ]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int16()), twice)


def in_chunks(words: Words) -> pa.ChunkedArray:
    """Give three chunks, one empty, none at the start of its buffers."""
    whole = pa.array(["before", *words], pa.string())
    half = 1 + len(words) // 2
    return pa.chunked_array([whole[1:half], whole[:0], whole[half:]])


def coded_in_chunks(words: Words) -> pa.ChunkedArray:
    chunks = in_chunks(words).chunks
    return pa.chunked_array([chunk.dictionary_encode() for chunk in chunks])


COLUMNS: Mapping[str, Callable[[Words], Any]] = {
    "pandas str": lambda words: pd.Series(words, dtype="str"),
    "pandas string": lambda words: pd.Series(words, dtype=pd.StringDtype("python")),
    "pandas object": lambda words: pd.Series(words, dtype=object),
    "pandas of Arrow": lambda words: pd.Series(in_chunks(words), dtype=pd.ArrowDtype(pa.string())),
    "pandas of Arrow's dictionary": lambda words: pd.Series(
        pd.arrays.ArrowExtensionArray(coded_in_chunks(words))
    ),
    "pandas category": lambda words: pd.Series(pd.Categorical(words, levels_of(words))),
    "pandas ordered category": lambda words: pd.Series(
        pd.Categorical(words, sorted(levels_of(words)), ordered=True)
    ),
    "Polars String": lambda words: pl.Series(words, dtype=pl.String),
    "Polars Categorical": lambda words: pl.Series(words, dtype=pl.Categorical()),
    "Polars Enum": lambda words: pl.Series(words, dtype=pl.Enum(levels_of(words))),
    "Polars part of a Categorical": lambda words: pl.Series(
        ["before", *words], dtype=pl.Categorical()
    ).slice(1),
    "Arrow string": lambda words: pa.chunked_array([pa.array(words, pa.string())]),
    "Arrow large_string": lambda words: pa.chunked_array([pa.array(words, pa.large_string())]),
    "Arrow string_view": lambda words: pa.chunked_array([pa.array(words, pa.string_view())]),
    "Arrow in chunks": in_chunks,
    "Arrow dictionary": lambda words: pa.chunked_array([coded_by_arrow(words)]),
    "Arrow dictionaries in chunks": coded_in_chunks,
}  # fmt: skip
every_column = pytest.mark.parametrize("make", COLUMNS.values(), ids=COLUMNS)


def column(values: Any) -> Any:
    return nw.from_native(values, series_only=True)


def by_plain_python(words: Words) -> tuple[list[int], list[str]]:
    unique = sorted({word for word in words if word is not None and word.strip()})
    places = {word: place for place, word in enumerate(unique)}
    return [places.get(word, -1) for word in words], unique


def check(found: Ids, words: Words, unique: list[str] | None = None) -> None:
    codes, named = by_plain_python(words)
    if unique is not None:
        codes = [unique.index(named[code]) if code >= 0 else -1 for code in codes]
    assert found.codes.dtype == np.int32
    assert found.codes.tolist() == codes
    assert found.unique.tolist() == (named if unique is None else unique)
    assert all(type(word) is str for word in found.unique)
    assert found.unique.dtype == object or not named


@every_column
@few
@given(words=any_words)
@example(words=[])
@example(words=[None])
@example(words=["", " ", None])
@example(words=["a", "a\0", "a ", "a"])
@example(words=["\uffff", "\U00010000", "z"])
@example(words=["C2", "C1", None, "C2", "  "])
def test_text_is_coded_as_plain_python_codes_it(
    make: Callable[[Words], Any], words: Words
) -> None:
    check(read_ids(column(make(words)), "customer_id"), words)


@pytest.mark.parametrize("name", ["pandas string", "pandas object", "Polars String"])
@few
@given(words=any_words)
@example(words=["b", "a", None, " "])
def test_text_is_coded_the_same_without_pyarrow(name: str, words: Words) -> None:
    ids = column(COLUMNS[name](words))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        check(read_ids(ids, "customer_id"), words)
        index = CustomerIndex(["a", "0"])
        both = read_indexed_ids(ids, "customer_id", index)
    check(both, words, sorted({"a", "0", *by_plain_python(words)[1]}))


def test_words_of_other_classes_are_plain_text_without_pyarrow_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Word(str):
        __slots__ = ()

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ids = pd.Series([Word("b"), np.str_("a"), "a", None], dtype=object)
    check(read_ids(column(ids), "customer_id"), ["b", "a", "a", None])


@every_column
def test_many_rows_of_one_width_are_coded_in_order(
    make: Callable[[Words], Any],
) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    for most in (900, 10**9):  # where the numbers are dense, and where they are not
        numbers = rng.integers(0, most, 1500).tolist()
        words: Words = [f"C-{number:09d}-é" for number in numbers]
        words[700] = None
        check(read_ids(column(make(words)), "customer_id"), words)


@pytest.mark.parametrize(
    "words",
    [
        ["ab", "c", "def", "gh"],  # as many letters as if all had two
        ["é" * 12, "a" * 24, "z" * 24],
        [f"{number:024x}" for number in range(0, 2**95, 2**95 // 7 + 1)],
        ["x" * 25, "y" * 25, "x" * 25],
        ["1", "12", "123", "12"],
    ],
)
def test_words_that_are_no_numbers_of_62_bits_are_hashed(words: Words) -> None:
    for make in COLUMNS.values():
        check(read_ids(column(make(words)), "customer_id"), words)


def test_a_width_that_breaks_between_two_blocks_of_rows_is_seen() -> None:
    words: Words = ["ab"] * 2**17
    words[2**16 - 1 : 2**16 + 1] = ["a", "abc"]
    check(read_ids(column(pa.chunked_array([words])), "customer_id"), words)


@every_column
def test_codes_and_known_words_are_read_alike(make: Callable[[Words], Any]) -> None:
    words: Words = ["no", "yes", None, "no"]
    coded = read_codes(column(make(words)), "order_id")
    assert coded.size == 2
    assert coded.codes[0] == coded.codes[3] != coded.codes[1]
    assert (coded.codes < 0).tolist() == [False, False, True, False]
    known = column(make(["no", "yes", "no"]))
    assert read_words(known, "class", ("yes", "no")).tolist() == [1, 0, 1]


def test_objects_that_are_no_text_are_no_text_ids() -> None:
    late = ["a"] * 200  # narwhals looks at the first 100 only
    for odd in (1, b"a", 1.5, True):
        with pytest.raises(InvalidInputError) as caught:
            read_ids(column(pd.Series([*late, odd], dtype=object)), "customer_id")
        assert caught.value.positions == (200,)
    blank = pd.Series([None] * 200 + [7, 7.0], dtype=object)
    assert read_ids(column(blank), "customer_id").unique.tolist() == [7]
    binary = pd.Series([None] * 200 + [b"a"], dtype=object)
    with pytest.raises(InvalidInputError):
        read_ids(column(binary), "customer_id")


def test_categories_need_not_be_plain_text() -> None:
    levels = pd.Index([np.str_("b"), 7, 8.0, "a"], dtype=object)
    texts = pd.Series(pd.Categorical.from_codes([3, 0, -1, 3], levels))
    check(read_ids(column(texts), "customer_id"), ["a", "b", None, "a"])
    numbers = pd.Series(pd.Categorical.from_codes([2, 1, -1, 2], levels))
    assert read_ids(column(numbers), "customer_id").unique.tolist() == [7, 8]


def test_faults_are_told_by_row() -> None:
    for odd, code in (("\ud800", None), (2**64 - 1, 1), (7.5, 1)):
        dtype = {str: object, int: "uint64", float: "float64"}[type(odd)]
        ids = pd.Series(["a" if isinstance(odd, str) else 7, odd], dtype=dtype)
        with pytest.raises(InvalidInputError) as caught:
            read_ids(column(ids), "customer_id")
        assert caught.value.code == "not_an_id"
        assert caught.value.positions == (() if code is None else (code,))


# The index.


@every_column
@few
@given(words=any_words, known=any_words)
@example(words=["b", "z", None, " ", "b"], known=["c", "b"])
@example(words=["b", "a"], known=["c", "b", "a"])
@example(words=["a", "c", "e"], known=["b", "d"])
@example(words=["a"], known=[])
def test_an_index_gives_the_same_customers(
    make: Callable[[Words], Any], words: Words, known: Words
) -> None:
    index = CustomerIndex(known)
    found = read_indexed_ids(column(make(words)), "customer_id", index)
    named = by_plain_python(known)[1]
    check(found, words, sorted({*named, *by_plain_python(words)[1]}))
    places = index.encode(make(words))
    assert places.dtype == np.int32
    assert places.tolist() == [
        named.index(word) if word in named else -1 for word in words
    ]


@every_column
@few
@given(words=any_words)
def test_an_index_is_made_of_any_column(
    make: Callable[[Words], Any], words: Words
) -> None:
    assert CustomerIndex(make(words)).ids.tolist() == by_plain_python(words)[1]


def test_an_index_is_made_of_lists_and_arrays_too() -> None:
    text = CustomerIndex(["b", "a", None])
    assert text == CustomerIndex(np.array(["a", "b"])) == CustomerIndex(text.ids)
    assert text == CustomerIndex(pa.array(["b", "a"])) == CustomerIndex(("a", "b"))
    assert text != CustomerIndex(["a"])
    assert text != CustomerIndex([1, 2])
    whole = CustomerIndex(np.array([7.0, -3.0, np.nan]))
    assert whole.ids.dtype == np.int64
    assert whole.ids.tolist() == [-3, 7]
    assert whole.encode([7, None, -3, 8]).tolist() == [1, -1, 0, -1]
    assert len(whole) == 2


@pytest.mark.parametrize("wrong", [None, 7, "a", {"a": 1}, np.zeros((2, 2)), object()])
def test_an_index_needs_a_column(wrong: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        CustomerIndex(wrong)
    assert caught.value.code == "not_a_column"


def test_an_index_shows_how_many_and_never_who() -> None:
    assert repr(CustomerIndex([f"C{n}" for n in range(1000)])) == (
        "CustomerIndex(1,000 customers)"
    )


def test_an_index_is_frozen_and_can_be_pickled() -> None:
    index = CustomerIndex(["b", "a"])
    for _ in range(2):  # before it was used, and after
        again = pickle.loads(pickle.dumps(index))  # noqa: S301 - our own
        assert again == index
        assert hash(again) == hash(index)
        for ids in (["c", "b"], pl.Series(["c", "b"])):
            assert again.encode(ids).tolist() == [-1, 1]
            assert index.encode(ids).tolist() == [-1, 1]
    with pytest.raises(ValueError, match="read-only"):
        index.ids[0] = "z"
    with pytest.raises(AttributeError):
        index.ids = np.array(["z"], dtype=object)


@pytest.mark.parametrize(
    "positions",
    [
        pd.Series([2, 0, -1, 2]),
        pd.Series([2, 0, None, 2]),
        pd.Series([2, 0, None, 2], dtype="UInt8"),
        pd.Series([2, 0, None, 2], dtype=object),
        pd.Series(pd.Categorical([2, 0, None, 2])),
        pl.Series([2, 0, None, 2], dtype=pl.Int8),
        pl.Series([2, 0, -1, 2], dtype=pl.Int32),
        pa.chunked_array([[2, 0, None, 2]]),
        np.array([2, 0, None, 2], dtype=object),
    ],
)
def test_whole_numbers_are_positions_in_an_index_of_text(positions: Any) -> None:
    index = CustomerIndex(["a", "b", "c"])
    ids = positions if isinstance(positions, np.ndarray) else column(positions)
    found = read_indexed_ids(ids, "customer_id", index)
    assert found.codes.dtype == np.int32
    assert found.codes.tolist() == [2, 0, -1, 2]
    assert found.unique is index.ids


@pytest.mark.parametrize("kind", ["int64", "Int64", object])
@pytest.mark.parametrize("wrong", [3, -2, 2**40])
def test_numbers_that_are_no_position_are_counted(kind: str, wrong: int) -> None:
    index = CustomerIndex(["a", "b", "c"])
    ids = pd.Series([0, wrong, 2, wrong], dtype=kind)
    with pytest.raises(InvalidInputError, match="2 of 4 rows are not") as caught:
        read_indexed_ids(column(ids), "customer_id", index)
    assert (caught.value.code, caught.value.column) == ("not_an_id", "customer_id")
    assert caught.value.positions == (1, 3)


def test_numbers_are_looked_up_in_an_index_of_numbers() -> None:
    index = CustomerIndex([7, 3, 2**40])
    found = read_indexed_ids(column(pl.Series([5, 7, None, 3])), "customer_id", index)
    assert found.unique.tolist() == [3, 5, 7, 2**40]
    assert found.codes.tolist() == [1, 2, -1, 0]


def test_text_and_an_index_of_numbers_do_not_go_together() -> None:
    index = CustomerIndex([7, 3])
    for text in (
        pl.Series(["7"]),
        pd.Series(["7"]),
        pd.Series(["7"]).astype("category"),
    ):
        for look_up in (
            index.encode,
            lambda ids: read_indexed_ids(column(ids), "customer_id", index),
        ):
            with pytest.raises(InvalidInputError) as caught:
                look_up(text)
            assert caught.value.code == "not_an_id"
    with pytest.raises(InvalidInputError):
        CustomerIndex(["a"]).encode([7])


def test_text_objects_are_looked_up_in_an_index_too() -> None:
    index = CustomerIndex(["b", "c"])
    texts = np.array(["c", None, "a"], dtype=object)
    check(
        read_indexed_ids(texts, "customer_id", index), texts.tolist(), ["a", "b", "c"]
    )


def test_no_index_is_as_good_as_none() -> None:
    ids = column(pd.Series(["b", "a"]))
    check(read_indexed_ids(ids, "customer_id", None), ["b", "a"])


@pytest.mark.parametrize("wrong", ["a\ud800", 7, b"a"])
def test_an_index_does_not_hide_what_is_no_id(wrong: object) -> None:
    index = CustomerIndex(["a"])
    for before in (1, 200):
        ids = pd.Series(["a"] * before + [wrong], dtype=object)
        with pytest.raises(InvalidInputError):
            read_indexed_ids(column(ids), "customer_id", index)
        with pytest.raises(InvalidInputError):
            index.encode(ids)
