"""The linter of segments finds every fault, and finds none that is not there."""

import itertools
import math
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import InvalidInputError
from customer_identification.classify.segment.check import check_segments
from customer_identification.classify.segment.table import (
    DEFAULT_SEGMENTS,
    PUBLISHED_SEGMENTS,
    Segment,
)


RFM = ("recency", "frequency", "monetary")


def refused(act: Any, *args: Any, **keywords: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        act(*args, **keywords)
    return str(caught.value.code)


# --- an oracle that looks at one value after another ------------------------------------


def holds(segment: Segment, values: dict[str, Any]) -> bool:
    for name, asked in segment.when.items():
        if isinstance(asked[0], str):
            if values[name] not in asked:
                return False
            continue
        low, high = asked
        if low is not None and values[name] < low:
            return False
        if high is not None and values[name] > high:
            return False
    return True


def told(segments: Any, worlds: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Find all faults by asking every segment of every possible customer."""
    takers = [
        [at for at, one in enumerate(segments) if holds(one, world)] for world in worlds
    ]
    rest = len(segments) - 1 if not segments[-1].when else None
    found: set[tuple[Any, ...]] = set()
    if gap := sum(not taker for taker in takers):
        found.add(("gap", None, (), gap))
    for at in range(len(segments)):
        asked = [taker for taker in takers if at in taker]
        lost = [taker[0] for taker in asked if taker[0] != at]
        if len(lost) == len(asked):
            found.add(("unreachable", at, tuple(sorted(set(lost))), len(lost)))
        elif lost and at != rest:
            found.add(("shadowed", at, tuple(sorted(set(lost))), len(lost)))
        for above in range(at):
            both = sum(above in taker for taker in asked)
            if both and at != rest:
                found.add(("overlapping", at, (above,), both))
    return found


def found_by(report: Any) -> set[tuple[Any, ...]]:
    return {(one.kind, one.segment, one.others, one.cells) for one in report.faults}


ranges = st.one_of(
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
    st.tuples(st.integers(0, 6), st.none()),
    st.tuples(st.none(), st.integers(0, 6)),
)
tables = st.lists(
    st.dictionaries(st.sampled_from(RFM), ranges, max_size=3), min_size=1, max_size=7
).map(
    lambda rules: [Segment(name=f"s{at}", when=when) for at, when in enumerate(rules)]
)


@settings(max_examples=150, deadline=None)
@given(segments=tables, n_bins=st.integers(2, 5))
def test_every_fault_of_a_table_of_scores_is_found_and_no_other(
    segments: Any, n_bins: int
) -> None:
    scores = range(1, n_bins + 1)
    worlds = [
        dict(zip(RFM, cell, strict=True))
        for cell in itertools.product(scores, repeat=3)
    ]
    report = check_segments(segments, n_bins)
    assert found_by(report) == told(segments, worlds)
    last = len(segments) - 1 if not segments[-1].when else None  # to catch the rest
    wrong = [
        one
        for one in report.faults
        if one.kind == "gap" or (one.kind == "unreachable" and one.segment != last)
    ]
    assert report.is_usable == (not wrong)


def test_a_last_segment_for_the_rest_need_not_take_anybody() -> None:
    every = [Segment(name="all", when={"recency": (1, 5)}), Segment(name="rest")]
    report = check_segments(every)
    assert [one.kind for one in report.faults] == ["unreachable"]
    assert report.faults[0].is_rest
    assert report.is_usable
    report.check()


@settings(max_examples=100, deadline=None)
@given(segments=tables)
def test_each_cell_goes_to_the_first_segment_that_matches_and_examples_are_true(
    segments: Any,
) -> None:
    report = check_segments(segments)
    n_cells = 0
    for at in (*range(len(segments)), None):
        for cell in report.cells(at):
            n_cells += 1
            world = {name: int(one) for name, one in cell.items()}
            takers = [i for i, one in enumerate(segments) if holds(one, world)]
            assert next(iter(takers), None) == at
    assert n_cells == 125
    for fault in report.faults:
        assert bool(fault.example) == (fault.cells > 0)
        if not fault.example:
            continue
        world = {name: int(one) for name, one in fault.example.items()}
        takers = [i for i, one in enumerate(segments) if holds(one, world)]
        if fault.kind == "gap":
            assert not takers
        elif fault.kind == "overlapping":
            assert {*fault.others, fault.segment} <= set(takers)
        else:
            assert fault.segment in takers
            assert takers[0] in fault.others


numbers = st.sampled_from([-1.5, 0.0, 1.0, 2.0, 3.5])
words = st.lists(st.sampled_from(["web", "shop", "phone"]), min_size=1).map(tuple)
mixed_tables = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "age": st.one_of(
                st.tuples(numbers, numbers),
                st.tuples(st.none(), numbers),
                st.tuples(numbers, st.none()),
            ),
            "channel": words,
            "visits": ranges,
        },
    ),
    min_size=1,
    max_size=5,
).map(lambda rules: [Segment(name=f"s{i}", when=one) for i, one in enumerate(rules)])


@settings(max_examples=100, deadline=None)
@given(segments=mixed_tables, top=st.sampled_from([None, 3.5, 9.0]))
def test_numbers_words_and_counts_are_looked_through_just_as_exactly(
    segments: Any, top: float | None
) -> None:
    """Between two limits that are named, nothing changes: a grid of halves sees it all."""
    domains = {
        "age": (-1.5, top),
        "channel": ("web", "shop", "phone"),
        "visits": range(4),
    }
    report = check_segments(segments, domains=domains)
    ages = [one / 4 for one in range(-6, 41) if top is None or one / 4 <= top]
    worlds = [
        dict(zip(domains, cell, strict=True))
        for cell in itertools.product(ages, domains["channel"], range(4))
    ]
    expected = {(kind, at, others) for kind, at, others, _ in told(segments, worlds)}
    assert {one[:3] for one in found_by(report)} == expected


# --- planted ---------------------------------------------------------------------------------


def test_what_is_planted_is_named_with_an_example() -> None:
    report = check_segments(
        [
            Segment(name="best", when={"recency": (4, 5)}),
            Segment(name="lost twice", when={"recency": (5, 5), "monetary": (2, 3)}),
            Segment(name="empty", when={"frequency": (3, 2)}),
            Segment(name="outside", when={"frequency": (6, 9)}),
            Segment(name="half", when={"recency": (3, 4)}),
            Segment(name="low", when={"recency": (1, 1)}),
        ]
    )
    assert [(one.kind, one.segment) for one in report.faults] == [
        ("unreachable", 1),
        ("unreachable", 2),
        ("unreachable", 3),
        ("shadowed", 4),
        ("overlapping", 1),
        ("overlapping", 4),
        ("gap", None),
    ]
    gap = report.of("gap")[0]
    assert gap.cells == 25
    assert gap.example == {"recency": "2", "frequency": "1", "monetary": "1"}
    assert str(report.of("unreachable")[1]) == (
        "unreachable: segment 3 (empty) takes nobody: it asks for what cannot be"
    )
    assert "segments 1 (best) and 5 (half) share 25 cells" in str(report)
    assert repr(report) == "SegmentReport(6 segments, 7 faults)"
    assert len(report) == 7
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301


def test_a_table_without_faults_is_silent() -> None:
    report = check_segments(
        [Segment(name="up", when={"recency": (3, None)}), Segment(name="rest")]
    )
    assert not report.faults
    assert str(report) == "2 segments on 125 cells"
    assert report.to_frame().shape == (0, 5)
    report.check()


def test_a_last_segment_for_everybody_else_that_nobody_is_left_for_is_told() -> None:
    report = check_segments([Segment(name="all"), Segment(name="rest")])
    assert [one.kind for one in report.faults] == ["unreachable"]


def test_between_two_ranges_that_do_not_meet_there_is_a_gap() -> None:
    report = check_segments(
        [
            Segment(name="young", when={"age": (None, 29)}),
            Segment(name="old", when={"age": (30, None)}),
        ],
        domains={"age": (None, None)},
    )
    assert report.cells(None) == ({"age": "between 29 and 30"},)
    whole_years = check_segments(
        [
            Segment(name="young", when={"age": (None, 29)}),
            Segment(name="old", when={"age": (30, None)}),
        ],
        domains={"age": range(130)},
    )
    assert whole_years.is_usable


def test_neighbours_among_floats_leave_nothing_between() -> None:
    end = math.nextafter(1.0, 2.0)
    report = check_segments(
        [
            Segment(name="low", when={"x": (None, 1.0)}),
            Segment(name="high", when={"x": (end, None)}),
        ],
        domains={"x": (None, None)},
    )
    assert report.is_usable


def test_a_measure_that_nobody_asks_for_is_one_piece() -> None:
    report = check_segments([Segment(name="all")], domains={"x": (None, None)})
    assert report.axes == {"x": ("any",)}
    assert check_segments([Segment(name="all")], domains={"x": (0, 1)}).axes == {
        "x": ("0", "between 0 and 1", "1")
    }


# --- the tables that come with the library -----------------------------------------------------


def test_four_of_the_eleven_published_segments_can_never_be_reached() -> None:
    report = check_segments(PUBLISHED_SEGMENTS)
    lost = [PUBLISHED_SEGMENTS[one.segment].name for one in report.of("unreachable")]
    assert lost == ["New Customers", "Promising", "Can't Lose Them", "Lost"]
    assert report.of("gap")[0].cells == 36
    assert not report.is_usable
    assert refused(report.check) == "bad_segments"


def test_the_default_segments_are_all_reached_and_leave_nobody() -> None:
    report = check_segments(DEFAULT_SEGMENTS)
    assert report.is_usable
    assert len(report.cells(len(DEFAULT_SEGMENTS) - 1)) == 36
    assert {one.name for one in DEFAULT_SEGMENTS} >= {
        one.name for one in PUBLISHED_SEGMENTS if one.name != "Hibernating"
    }


def test_faults_come_as_a_frame() -> None:
    frame = check_segments(PUBLISHED_SEGMENTS).to_frame()
    assert frame["kind"].value_counts()["unreachable"] == 4
    first = frame.iloc[0]
    assert first["segment"] == "New Customers"
    assert first["others"] == "Potential Loyalist"
    assert first["cells"] == 2


# --- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"name": " "},
        {"name": "unknown"},
        {"name": 5},
        {"name": "a", "source": ""},
        {"name": "a", "when": [("recency", (1, 2))]},
        {"name": "a", "when": {5: (1, 2)}},
        {"name": "a", "when": {"recency": ()}},
        {"name": "a", "when": {"recency": 5}},
        {"name": "a", "when": {"recency": (1, 2, 3)}},
        {"name": "a", "when": {"recency": (None, None)}},
        {"name": "a", "when": {"recency": (1, "b")}},
        {"name": "a", "when": {"recency": (True, 5)}},
        {"name": "a", "when": {"recency": (1, float("inf"))}},
        {"name": "a", "when": {"recency": (float("nan"), 5)}},
        {"name": "a", "when": {"channel": ("web", "")}},
    ],
)
def test_a_segment_that_says_nothing_clear_is_refused(fields: Any) -> None:
    assert refused(Segment, **fields) == "bad_option"


def test_a_segment_reads_as_a_sentence_and_takes_one_word_for_a_list() -> None:
    one = Segment(
        name="x", when={"a": "web", "b": (None, 3), "c": (2, None), "d": (1, 2)}
    )
    assert one.when["a"] == ("web",)
    assert str(one) == "x: a web, b up to 3, c from 2, d 1 to 2"
    assert str(Segment(name="rest")) == "rest: everybody else"


@pytest.mark.parametrize(
    ("segments", "keywords", "code"),
    [
        ([], {}, "bad_table"),
        ([Segment(name="a")] * 101, {}, "bad_table"),
        (["a"], {}, "bad_table"),
        ([Segment(name="a", when={"age": (1, 2)})], {}, "unknown_measure"),
        ([Segment(name="a", when={"recency": ("high",)})], {}, "wrong_type"),
        (
            [Segment(name="a", when={"word": (1, 2)})],
            {"domains": {"word": ("x", "y")}},
            "wrong_type",
        ),
        ([Segment(name="a")], {"n_bins": 1}, "bad_option"),
        ([Segment(name="a")], {"n_bins": 10}, "bad_option"),
        ([Segment(name="a")], {"domains": {"x": (1, 2, 3)}}, "bad_option"),
        ([Segment(name="a")], {"domains": {"x": (1, True)}}, "bad_option"),
        ([Segment(name="a")], {"domains": {"x": range(10**9)}}, "bad_option"),
        ([Segment(name="a")], {"domains": {"x": range(0)}}, "bad_option"),
        (
            [Segment(name="a")],
            {"domains": {name: range(100) for name in "abcd"}},
            "too_many_cells",
        ),
    ],
)
def test_a_table_that_cannot_be_looked_through_is_refused(
    segments: Any, keywords: Any, code: str
) -> None:
    assert refused(check_segments, segments, **keywords) == code


def test_only_kinds_of_faults_and_places_of_segments_can_be_asked_for() -> None:
    report = check_segments(DEFAULT_SEGMENTS)
    assert refused(report.of, "holes") == "bad_option"
    assert refused(report.cells, 11) == "bad_option"
