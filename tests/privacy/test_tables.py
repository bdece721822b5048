"""Published counts: no small one is shown, and none can be worked out from the others."""

import itertools
import pickle
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_identification.privacy.suppression import hold_back, with_margins
from customer_identification.privacy.tables import (
    ALL,
    NULL,
    PublishedTable,
    publish_counts,
)
from privacy.people import refused
from tables import KINDS


Ints = NDArray[np.int64]


# --- the oracle: every table that agrees with what is shown ---------------------------


def possible(shown: Ints, hidden: Any, k: int) -> dict[Any, set[int]]:
    """Give all that each hidden count can be, by trying all tables, cell by cell.

    What is hidden is at least 1; where nothing shown limits it, `k` is tried at most.
    The search ends where nothing more can be learnt.
    """
    cells = list(itertools.product(*(range(size - 1) for size in shown.shape)))
    parts = {
        total: [cell for cell in cells if is_in(cell, total, shown.shape)]
        for total in itertools.product(*map(range, shown.shape))
    }
    limits = {total: int(shown[total]) for total in parts if not hidden[total]}
    above = {
        cell: [total for total in limits if cell in parts[total]] for cell in cells
    }
    last = {total: of[-1] for total, of in parts.items() if of}
    found: dict[Any, set[int]] = {total: set() for total in parts if hidden[total]}
    left = {
        total: sum(int(shown[cell]) or int(hidden[cell]) for cell in parts[total])
        for total in limits
    }  # the least that is in each of the totals shown
    values: dict[Any, int] = {}

    def fill(at: int) -> bool:
        """Try all values from a cell on; True where all is learnt."""
        if at == len(cells):
            for total, known in found.items():
                known.add(sum(values[cell] for cell in parts[total]))
            return all(len(of) > 1 and max(of) >= k for of in found.values())
        cell = cells[at]
        least = int(shown[cell]) or int(hidden[cell])
        room = min((limits[total] - left[total] for total in above[cell]), default=k)
        done = False
        for more in range(room + 1 if hidden[cell] else 1):
            values[cell] = least + more
            for total in above[cell]:
                left[total] += more
            full = (total for total in above[cell] if last[total] == cell)
            if all(left[total] == limits[total] for total in full):
                done = fill(at + 1)
            for total in above[cell]:
                left[total] -= more
            if done:
                return True
        return False

    fill(0)
    return found


def is_in(cell: Any, total: Any, shape: Any) -> bool:
    steps = zip(cell, total, shape, strict=True)
    return all(one in (own, size - 1) for own, one, size in steps)


def given_away(counts: Ints, hidden: Any, k: int) -> list[Any]:
    """List hidden counts that are certain, or are certain to be below `k`."""
    shown = np.where(hidden, 0, counts)
    found = possible(shown, hidden, k)
    return [cell for cell, of in found.items() if len(of) < 2 or max(of) < k]


SHAPES = [(1,), (2,), (3,), (4,), (2, 2), (2, 3), (3, 3), (2, 2, 2), (1, 2, 2)]


@st.composite
def small_tables(draw: Any) -> Ints:
    shape = draw(st.sampled_from(SHAPES))
    count = st.integers(0, 6) | st.sampled_from([0, 1, 1, 2, 3, 9])
    size = int(np.prod(shape))
    drawn = draw(st.lists(count, min_size=size, max_size=size))
    return with_margins(np.array(drawn).reshape(shape))


@settings(max_examples=120)
@given(small_tables(), st.integers(2, 4))
def test_no_hidden_count_can_be_worked_out(counts: Ints, k: int) -> None:
    hidden = hold_back(counts, k)
    small = (counts > 0) & (counts < k)
    assert hidden[small].all()
    assert not hidden[counts == 0].any()
    assert hidden.any() == small.any()
    assert given_away(counts, hidden, k) == []


def test_small_counts_alone_are_found_out_by_subtraction() -> None:
    """The oracle is no yes-man: without complements it tells who is given away."""
    counts = with_margins(np.array([[2, 9], [7, 8]]))
    small = counts == 2
    assert given_away(counts, small, 5) == [(0, 0)]
    counts = with_margins(np.array([1, 1, 20]))
    assert given_away(counts, counts == 1, 5) == [(0,), (1,)]
    row = np.array([[True, True, False], [False] * 3, [False] * 3])
    counts = with_margins(np.array([[2, 9], [7, 8]]))
    assert given_away(counts, row, 5) == [(0, 0), (0, 1)]


@settings(max_examples=40)
@given(small_tables(), st.data())
def test_the_order_of_levels_changes_no_promise(counts: Ints, data: Any) -> None:
    """Which of two equal counts goes with a small one may differ, and nothing else."""
    axis = data.draw(st.integers(0, counts.ndim - 1))
    order = data.draw(st.permutations(range(counts.shape[axis] - 1)))
    moved = np.take(counts, [*order, counts.shape[axis] - 1], axis=axis)
    assert hold_back(moved, 3).any() == hold_back(counts, 3).any()
    assert given_away(moved, hold_back(moved, 3), 3) == []


def test_larger_tables_hold_little_back_in_little_time() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    cells = rng.poisson(rng.gamma(1, 15, size=(30, 30)))
    counts = with_margins(cells)
    hidden = hold_back(counts, 5)
    small = (counts > 0) & (counts < 5)
    assert np.count_nonzero(hidden) < 1.6 * np.count_nonzero(small)
    assert not hidden[-1, -1]


# --- tables of parties ---------------------------------------------------------------

PEOPLE = {
    "city": ["Bonn"] * 12 + ["Kiel"] * 10 + [None] * 9,
    "size": [1, 1, 2] * 10 + [None],
    "id": list(range(31)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_gives_its_kind(kind: str) -> None:
    frame = KINDS[kind](pa.table(PEOPLE))
    table = publish_counts(frame, ["city", "size"], k=3, party_id="id")
    found = table.to_frame()
    assert type(found) is type(frame)
    rows = found.to_pylist() if kind == "pyarrow" else pl.DataFrame(found).to_dicts()
    assert [*rows[0]] == ["city", "size", "count"]
    known = [row["count"] for row in rows]
    assert known == [
        None if one is np.ma.masked else int(one) for one in table.counts.flat
    ]
    assert len(rows) == len(table) == 16
    assert None in known
    again = publish_counts(pa.table(PEOPLE), ["city", "size"], k=3)
    assert again == table


def test_counts_are_those_of_the_rows_with_nulls_as_a_level() -> None:
    table = publish_counts(pd.DataFrame(PEOPLE), ["city", "size"], k=2)
    assert table.levels == (("Bonn", "Kiel", NULL, ALL), ("1", "2", NULL, ALL))
    pairs = Counter(zip(PEOPLE["city"], PEOPLE["size"], strict=True))
    for (city, size), n in pairs.items():
        found = table.count(city or NULL, NULL if size is None else str(size))
        assert found in {n, None}
    assert table.count("Bonn", ALL) == 12
    assert table.count("Bonn", "1") == 8
    assert table.count("Bonn", NULL) == 0
    assert table.count(NULL, NULL) is None
    assert table.count(ALL, ALL) == 31
    assert table.report.held_back == np.count_nonzero(table.suppressed) > 1


def test_a_lazy_frame_gives_the_same() -> None:
    frame = pl.DataFrame(PEOPLE)
    table = publish_counts(frame.lazy(), ["city", "size"], party_id="id")
    assert table == publish_counts(frame, ["city", "size"], party_id="id")


@pytest.mark.parametrize("kind", KINDS)
def test_blank_text_is_null_and_flags_are_words(kind: str) -> None:
    rows = {"city": ["a", "", None, " ", "b"] * 3, "flag": [True, False, None] * 5}
    table = publish_counts(KINDS[kind](pa.table(rows)), ["city"], k=2)
    assert table.levels == (("a", "b", NULL, ALL),)
    assert table.shown.tolist() == [3, 3, 9, 15]
    frame = KINDS[kind](pa.table(rows))
    assert set(publish_counts(frame, ["flag"], k=2).levels[0]) >= {NULL, ALL}


def test_true_and_false_are_levels() -> None:
    frame = pd.DataFrame({"flag": [True, False] * 5})
    table = publish_counts(frame, ["flag"])
    assert table.levels == (("False", "True", ALL),)
    assert table.count("True") == 5


def test_nobody_is_counted_as_nobody() -> None:
    table = publish_counts(pd.DataFrame({"city": []}), ["city"])
    assert table.levels == ((ALL,),)
    assert table.count(ALL) == 0
    assert (
        repr(table)
        == "PublishedTable(city, 1 cells: 1 shown (1 of them 0), 0 held back)"
    )


def test_a_population_below_k_is_not_shown_at_all() -> None:
    table = publish_counts(pd.DataFrame({"city": ["Bonn", "Kiel"]}), ["city"])
    assert table.suppressed.all()
    assert table.to_frame()["count"].isna().all()
    assert table.report.shown == 0


def test_one_level_of_enough_is_shown_with_its_total() -> None:
    table = publish_counts(pd.DataFrame({"city": ["Bonn"] * 5}), ["city"])
    assert table.shown.tolist() == [5, 5]
    assert not table.suppressed.any()


def test_what_is_held_back_is_not_in_the_table() -> None:
    """Two populations that differ only in what is hidden cannot be told apart."""
    tables = [
        publish_counts(pd.DataFrame({"city": ["a"] * n + ["b"] * (14 - n)}), ["city"])
        for n in (2, 4)
    ]
    assert tables[0] == tables[1]
    assert pickle.dumps(tables[0]) == pickle.dumps(tables[1])
    assert (tables[0].shown[tables[0].suppressed] == -1).all()
    assert (tables[0].counts.data >= -1).all()
    assert tables[0].count("a") is None


def test_the_total_does_not_tell_the_only_small_one() -> None:
    table = publish_counts(pd.DataFrame({"city": ["a"] * 2 + ["b"] * 14}), ["city"])
    assert np.count_nonzero(table.suppressed) == 2


@settings(max_examples=40)
@given(st.permutations(range(31)))
def test_the_order_of_rows_does_not_matter(order: Any) -> None:
    frame = pd.DataFrame(PEOPLE)
    assert publish_counts(frame.iloc[order], ["size", "city"]) == publish_counts(
        frame, ["size", "city"]
    )


def test_the_data_stay_as_they_are() -> None:
    frame = pd.DataFrame(PEOPLE)
    before = frame.copy()
    publish_counts(frame, ["city"])
    assert frame.equals(before)


def test_four_attributes_have_all_their_margins() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    frame = pd.DataFrame({name: rng.integers(0, 2, 99) for name in "abcd"})
    table = publish_counts(frame, list("abcd"), k=4)
    assert len(table) == 81
    for levels in itertools.product(["0", "1", ALL], repeat=4):
        n = len(
            frame.query(
                " and ".join(
                    f"{name} == {level}"
                    for name, level in zip("abcd", levels, strict=True)
                    if level != ALL
                )
                or "a >= 0"
            )
        )
        assert table.count(*levels) in {n, None}
        assert n == 0 or n >= 4 or table.count(*levels) is None


FRAME = pd.DataFrame(PEOPLE)
REFUSED: dict[str, Any] = {
    "no frame": (lambda: publish_counts({"a": ["SECRET"]}, ["a"]), "not_a_table"),
    "no such column": (lambda: publish_counts(FRAME, ["a"]), "missing_column"),
    "no such ids": (
        lambda: publish_counts(FRAME, ["city"], party_id="a"),
        "missing_column",
    ),
    "one name": (lambda: publish_counts(FRAME, "city"), "bad_option"),
    "a number": (lambda: publish_counts(FRAME, 7), "bad_option"),
    "no attribute": (lambda: publish_counts(FRAME, []), "bad_option"),
    "five attributes": (lambda: publish_counts(FRAME, list("abcde")), "bad_option"),
    "an attribute twice": (lambda: publish_counts(FRAME, ["a", "a"]), "bad_option"),
    "numbers as names": (lambda: publish_counts(FRAME, [1]), "bad_option"),
    "a name of ours": (lambda: publish_counts(FRAME, ["count"]), "bad_option"),
    "k of 1": (lambda: publish_counts(FRAME, ["city"], k=1), "bad_option"),
    "k of a half": (lambda: publish_counts(FRAME, ["city"], k=2.5), "bad_option"),
    "a party twice": (
        lambda: publish_counts(FRAME, ["city"], party_id="size"),
        "not_an_id",
    ),
    "levels alike as text": (
        lambda: publish_counts(pd.DataFrame({"a": [1, "1"]}), ["a"]),
        "bad_levels",
    ),
    "a level of ours": (
        lambda: publish_counts(pd.DataFrame({"a": [ALL]}), ["a"]),
        "bad_levels",
    ),
    "a level like null": (
        lambda: publish_counts(pd.DataFrame({"a": [NULL, None]}), ["a"]),
        "bad_levels",
    ),
    "too many cells": (
        lambda: publish_counts(
            pd.DataFrame({"a": range(999), "b": range(999)}), ["a", "b"]
        ),
        "too_large",
    ),
    "no such level": (
        lambda: publish_counts(FRAME, ["city"]).count("SECRET"),
        "unknown_level",
    ),
    "too few levels": (
        lambda: publish_counts(FRAME, ["city"]).count(),
        "unknown_level",
    ),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_counted_is_refused(call: Any, code: str) -> None:
    refused(call, code)


def test_parties_that_come_twice_are_counted() -> None:
    frame = pd.DataFrame({"city": ["a"] * 4, "id": [7, None, 7, 8]})
    error = refused(lambda: publish_counts(frame, ["city"], party_id="id"), "not_an_id")
    assert error.positions == (1, 2)
    assert "2 of 4" in str(error)


def test_a_table_hides_its_counts_in_its_repr() -> None:
    table = publish_counts(pd.DataFrame({"city": ["SECRET"] * 77}), ["city"])
    assert isinstance(table, PublishedTable)
    assert "SECRET" not in repr(table)
    assert "77" not in repr(table)
