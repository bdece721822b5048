"""Kano's categories: all 25 cells as published, and tallies against plain counting."""

import pickle
from collections import Counter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification import BadRowsError
from customer_identification.needs.answers import KanoAnswer, kano
from customer_identification.needs.kano import ANSWERS, CATEGORIES, Kano, kano_category
from needs.need_worlds import KINDS, refused


FEW = settings(max_examples=60, deadline=None)

# Berger et al. 1993, Center for Quality of Management Journal 2 (4), section IIa, "Kano
# evaluation table": rows functional, columns dysfunctional, both as in the first line;
# typed from the table as others print it, cell by cell.
PUBLISHED = """
           like  must_be  neutral  live_with  dislike
like       Q     A        A        A          O
must_be    R     I        I        I          M
neutral    R     I        I        I          M
live_with  R     I        I        I          M
dislike    R     R        R        R          Q
"""

# Five attributes of a maker of cleaning machines, simulated: the table in the README of
# the R package stp25kano, https://github.com/stp4/stp25kano at 13ebf74. Its Fong test
# leaves Q out of the two categories compared; here Q is never one of the two.
README = """
attribute            M   O   A   I  R Q max MOAI total strength plus  minus  fong
service_app          95 123  45  33 0 0 O   O    89    9        0.568 -0.736 sig
excellent_service   101  54  54  81 3 3 M   M    71    7        0.372 -0.534 sig
hotline              15  24 121 124 6 6 I   A    54    1        0.511 -0.137 ns
loan_machine         65  87  93  51 0 0 A   O    83    2        0.608 -0.514 ns
ready_to_use_return   9  18  83 177 6 3 I   I    37   32        0.352 -0.094 sig
"""

PAIRS = {kano_category(a, b): (a, b) for a in ANSWERS for b in ANSWERS}


def answers_of(counts: dict[str, int], topic: str = "t") -> list[KanoAnswer]:
    return [
        KanoAnswer(topic=topic, functional=PAIRS[one][0], dysfunctional=PAIRS[one][1])  # type: ignore[index]
        for one, n in counts.items()
        for _ in range(n)
    ]


def tallied(**counts: int) -> Any:
    return kano(answers_of(counts))["t"]


def test_all_25_cells_are_those_of_the_table() -> None:
    head, *lines = [line.split() for line in PUBLISHED.strip().splitlines()]
    found = {
        (row, column): kano_category(row, column)
        for row in ANSWERS
        for column in ANSWERS
    }
    wanted = {
        (row, column): letter
        for row, *letters in lines
        for column, letter in zip(head, letters, strict=True)
    }
    assert found == wanted
    assert len(found) == 25


@pytest.mark.parametrize("line", README.strip().splitlines()[1:])
def test_published_tallies_give_the_published_figures(line: str) -> None:
    name, *cells = line.split()
    counts = dict(zip(CATEGORIES, map(int, cells[:6]), strict=True))
    most, near, total, strength, plus, minus, fong = cells[6:]
    found = kano(answers_of(counts, name))[name]
    assert found.category == most
    assert kano(answers_of(counts, name), close=0.05)[name].category == near
    assert round(100 * found.total_strength) == int(total)
    assert round(100 * found.category_strength) == int(strength)
    assert found.better == pytest.approx(float(plus), abs=0.00051)
    assert found.worse == pytest.approx(float(minus), abs=0.00051)
    assert found.clear == (fong == "sig")


@pytest.mark.parametrize("tie", ["MO", "OA", "AI", "MOAI", "MI", "IR", "RQ", "MOAIRQ"])
def test_ties_go_to_the_first_of_moai(tie: str) -> None:
    assert tallied(**dict.fromkeys(tie, 3)).category == tie[0]
    assert tallied(**dict.fromkeys(reversed(tie), 3)).category == tie[0]


def test_strengths_are_differences_and_sums_of_shares() -> None:
    found = tallied(M=5, O=3, A=1, Q=1)
    assert found.category_strength == pytest.approx(0.2)
    assert found.total_strength == pytest.approx(0.9)
    assert found.questionable == pytest.approx(0.1)
    assert found.counts == (("M", 5), ("O", 3), ("A", 1), ("I", 0), ("R", 0), ("Q", 1))


def test_fongs_test_asks_for_more_than_chance() -> None:
    # 1.65 sqrt(100 * 100 / 200) = 11.67 for n = 100 answers of two categories only.
    assert not tallied(M=55, I=45).clear  # 10 apart
    assert tallied(M=56, I=44).clear  # 12 apart
    assert tallied(M=3).clear
    assert "though not clearly" in str(tallied(M=55, I=45))


def test_reverse_and_questionable_answers_have_no_coefficients() -> None:
    found = tallied(R=2, Q=1)
    assert np.isnan(found.better)
    assert np.isnan(found.worse)
    assert str(found) == "t: reverse, though not clearly; 3 respondents"
    assert found == tallied(R=2, Q=1)


def test_no_answers_have_no_category() -> None:
    found = kano(answers_of({"A": 1}), groups={1: "key"})
    empty = found.of("key")[0]
    assert empty.category == "?"
    assert str(empty) == "t: not enough evidence (0 respondents)"
    assert not empty.clear
    assert len(kano([])) == 0
    assert kano([]).of("everybody") == ()


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.none() | st.integers(1, 40),
            "topic": st.sampled_from(["price", "speed"]),
            "functional": st.sampled_from(ANSWERS),
            "dysfunctional": st.sampled_from(ANSWERS),
        }
    ),
    max_size=20,
    unique_by=lambda one: (
        (one["customer_id"], one["topic"]) if one["customer_id"] else id(one)
    ),
)


@FEW
@given(ROWS)
def test_tallies_are_those_of_plain_counting(rows: list[dict[str, Any]]) -> None:
    of = {one: "odd" if one % 2 else "even" for one in range(1, 30)}
    found = kano([KanoAnswer(**one) for one in rows], groups=of)
    for group in ("everybody", *found.groups):
        for one in found.of(group):
            wanted = Counter(
                kano_category(row["functional"], row["dysfunctional"])
                for row in rows
                if row["topic"] == one.topic
                and group in ("everybody", of.get(row["customer_id"]))
            )
            assert dict(one.counts) == {k: wanted[k] for k in CATEGORIES}
            assert one.respondents == wanted.total()
            if wanted:
                best = max(wanted.values())
                assert one.category == next(k for k in CATEGORIES if wanted[k] == best)
    assert kano([KanoAnswer(**one) for one in reversed(rows)], groups=of) == found


def frame_of(**more: Any) -> pd.DataFrame:
    columns: dict[str, Any] = {
        "customer_id": [1, 2, 3],
        "topic": ["price"] * 3,
        "functional": ["like", "like", "must_be"],
        "dysfunctional": ["dislike", "neutral", "dislike"],
        **more,
    }
    return pd.DataFrame(columns)


def test_all_kinds_of_frames_say_the_same() -> None:
    frame = frame_of()
    wanted = kano([KanoAnswer(**one) for one in frame.to_dict("records")])
    table = pa.Table.from_pandas(frame)
    assert wanted["price"].counts[:3] == (("M", 1), ("O", 1), ("A", 1))
    for make in KINDS.values():
        assert kano(make(table)) == wanted
    assert kano(pl.from_arrow(table).lazy()) == wanted
    assert kano(duckdb.connect().from_arrow(table)) == wanted


def test_a_host_may_use_numbers_for_answers() -> None:
    words = dict(enumerate(ANSWERS, start=1))
    numbers = frame_of(functional=[1, 1, 2], dysfunctional=[5, 3, 5])
    assert kano(numbers, words=words) == kano(frame_of())


def test_a_result_tells_topics_and_no_ids() -> None:
    found = kano(frame_of(), groups={1: "key", 2: "key"})
    assert repr(found) == "Kano(1 topics, 1 groups)"
    assert list(found) == ["price"]
    assert "price" in found
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    frame = found.to_frame()
    assert frame["group"].tolist() == ["everybody", "key"]
    assert frame["M"].tolist() == [1, 0]
    assert frame["respondents"].tolist() == [3, 2]
    assert isinstance(found, Kano)
    assert "price" not in repr(found["price"])
    with refused("unknown_topic"):
        found["speed"]
    with refused("unknown_group"):
        found.of("plain")


@pytest.mark.parametrize(
    ("more", "n"),
    [
        ({"topic": [None, "price", "price"]}, 1),
        ({"functional": ["like", None, "like"]}, 1),
        ({"dysfunctional": ["like", "so so", "like"]}, 1),
        ({"customer_id": [1, 2, 2]}, 2),
    ],
)
def test_bad_rows_raise_or_are_counted(more: Any, n: int) -> None:
    with pytest.raises(BadRowsError) as caught:
        kano(frame_of(**more))
    assert caught.value.code == "bad_rows"
    report = kano(frame_of(**more), on_bad_rows="report").report
    assert (report.read, report.used) == (3, 3 - n)


def test_answers_may_be_of_nobody() -> None:
    found = kano(frame_of().drop(columns="customer_id"))
    assert found.report.anonymous == 3
    assert (
        KanoAnswer(topic="t", functional="like", dysfunctional="dislike").category
        == "O"
    )


def test_an_unusable_answer_does_not_spoil_the_other() -> None:
    frame = frame_of(customer_id=[1, 2, 2], functional=["like", "like", None])
    report = kano(frame, on_bad_rows="report").report
    assert report.set_aside == (("no answer", 1),)


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (frame_of(), {"words": {1: "adore"}}, "unknown_word"),
        (frame_of(), {"words": ["like"]}, "unknown_word"),
        (frame_of(topic=7), {}, "wrong_type"),
        (frame_of(customer_id=0.5), {}, "not_an_id"),
        (frame_of(), {"on_bad_rows": "ignore"}, "bad_option"),
        (frame_of(), {"groups": {"a": "key"}}, "not_an_id"),
        (frame_of().drop(columns="topic"), {}, "missing_column"),
        ({"topic": []}, {}, "not_a_table"),
        (frame_of(), {"close": 2}, "bad_option"),
    ],
)
def test_what_cannot_be_right_is_refused(data: Any, options: Any, code: str) -> None:
    with refused(code):
        kano(data, **options)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"topic": " "}, "bad_text"),
        ({"functional": "adore"}, "unknown_word"),
        ({"dysfunctional": None}, "unknown_word"),
    ],
)
def test_objects_refuse_what_cannot_be_right(more: Any, code: str) -> None:
    with refused(code):
        KanoAnswer(
            **{"topic": "t", "functional": "like", "dysfunctional": "like", **more}
        )


# --- people in answers ---------------------------------------------------------------------------


def told_by(*ids: Any) -> list[KanoAnswer]:
    return [
        KanoAnswer(
            customer_id=one,
            topic="tracking",
            functional="like",
            dysfunctional="dislike",
        )
        for one in ids
    ]


@pytest.mark.parametrize("ids", [("SECRET-a", None, "b", "SECRET-a"), (7, None, 8, 7)])
def test_answers_of_one_person_are_erased_and_those_of_nobody_stay(ids: Any) -> None:
    gone = ci.erase(told_by(*ids), ids[0])
    assert gone.thing == told_by(None, ids[2])
    assert (gone.removed, gone.blanked) == (2, 0)
    alone = ci.erase(told_by(ids[0])[0], ids[0])
    assert (alone.thing, alone.removed) == (None, 1)
    nobody = told_by(None)[0]
    assert ci.erase(nobody, ids[0]).thing == nobody


def test_answers_get_pseudonyms_and_nobody_stays_nobody() -> None:
    names = ci.Pseudonyms(bytes(range(32)))
    told = told_by("SECRET-a", None, "b")
    hidden = ci.pseudonymize(told, names)
    assert [one.customer_id for one in hidden] == [
        names.of("SECRET-a"),
        None,
        names.of("b"),
    ]
    assert kano(hidden)["tracking"] == kano(told)["tracking"]
    assert "SECRET" not in repr(told) + str(hidden)


def test_answers_hold_no_words_to_be_redacted() -> None:
    told = told_by("SECRET-a", None)
    assert ci.redact(told) == told
