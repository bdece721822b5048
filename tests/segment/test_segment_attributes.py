"""Segments by attributes: certain, or unknown."""

import itertools
import pickle
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datasets
from customer_identification import InvalidInputError, MissingColumnError, summarize
from customer_identification.attributes import AttributeTable, attribute_table
from customer_identification.classify.segment.attributes import segment_customers
from customer_identification.classify.segment.table import Segment


DAY = date(2011, 7, 31)


def table_of(**columns: Any) -> AttributeTable:
    n = len(next(iter(columns.values())))
    return attribute_table(pd.DataFrame({"customer_id": range(n), **columns}))


def labels(table: AttributeTable, segments: Any) -> list[str]:
    found = segment_customers(table, segments, as_of=DAY)
    return [found.label_of(one) for one in found]


def test_ranges_and_words_put_customers_into_segments() -> None:
    table = table_of(
        age=[25, 30, 70, 45],
        order_by=["web", "shop", "web", "phone"],
        staff=[1.5, 2, 3, 4],
    )
    segments = [
        Segment(name="young online", when={"age": (None, 30), "order_by": "web"}),
        Segment(
            name="by voice", when={"order_by": ("shop", "phone"), "staff": (2, None)}
        ),
        Segment(name="others"),
    ]
    assert labels(table, segments) == ["young online", "by voice", "others", "by voice"]
    classes = segment_customers(table, segments, as_of=DAY)
    assert classes.labels == ("young online", "by voice", "others", "unknown")
    assert classes.as_of == DAY
    assert str(classes[0]).startswith(
        "young online: age 25, at most 30, order by is web 1, at least 1"
    )
    assert not classes[0].changes
    renamed = classes.renamed(["d", "c", "b", "a"])
    assert renamed["d"] == classes[0]
    assert pickle.loads(pickle.dumps(classes)) == classes  # noqa: S301


def test_a_range_includes_both_its_ends() -> None:
    segments = [Segment(name="in", when={"x": (1, 2)}), Segment(name="out")]
    table = table_of(x=[0.99, 1, 2, 2.01])
    assert labels(table, segments) == ["out", "in", "in", "out"]


def test_unknown_matters_only_where_it_could_change_the_segment() -> None:
    table = table_of(age=[None, None, 50, 20], staff=[5, 500, None, None])
    segments = [
        Segment(name="large", when={"staff": (100, None)}),
        Segment(name="old", when={"age": (40, None), "staff": (None, 10)}),
        Segment(name="rest"),
    ]
    # Nothing is known to rule "large" out for the last two; the second is large for sure.
    assert labels(table, segments) == ["unknown", "large", "unknown", "unknown"]
    other_way = [segments[1], segments[0], segments[2]]
    assert labels(table, other_way) == ["unknown", "large", "unknown", "unknown"]


def test_a_verdict_says_what_is_not_known() -> None:
    table = table_of(age=[None, 50], order_by=["web", None])
    segments = [
        Segment(name="old", when={"age": (40, None)}),
        Segment(name="online", when={"order_by": ("web",)}),
        Segment(name="rest"),
    ]
    classes = segment_customers(table, segments, as_of=DAY)
    assert str(classes[0]).startswith("unknown: undecided 1, at least 1, age unknown")
    assert classes.label_of(1) == "old"


def test_nobody_has_no_segment() -> None:
    table = table_of(x=[1.0, 2.0]).take(slice(0, 0))
    assert len(segment_customers(table, [Segment(name="all")], as_of=DAY)) == 0


def test_a_word_that_only_a_segment_knows_is_no_fault() -> None:
    segments = [Segment(name="north", when={"region": "north"}), Segment(name="rest")]
    assert labels(table_of(region=["south"]), segments) == ["rest"]


values = st.one_of(st.none(), st.integers(0, 3).map(float))
words = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
rules = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "x": st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted).map(tuple),
            "w": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1).map(tuple),
        },
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(rows=st.lists(st.tuples(values, words), min_size=1, max_size=8), when=rules)
def test_a_segment_is_given_where_every_way_to_fill_in_what_is_unknown_gives_it(
    rows: Any, when: Any
) -> None:
    segments = [Segment(name=f"s{at}", when=one) for at, one in enumerate(when)]
    segments.append(Segment(name="rest"))
    x, w = (list(one) for one in zip(*rows, strict=True))
    # Two customers more tell that the columns hold numbers, and words.
    table = table_of(x=[*x, 0.0, 0.0], w=[*w, "a", "b"])

    def first(one: Any, word: Any) -> str:
        for segment in segments:
            low, high = segment.when.get("x", (0, 9))
            if low <= one <= high and word in segment.when.get("w", "abcd"):
                return segment.name
        raise AssertionError

    def expected(one: Any, word: Any) -> str:
        ways = {
            first(*way)
            for way in itertools.product(
                [0, 0.5, 1, 1.5, 2, 2.5, 3, 9] if one is None else [one],
                "abcd" if word is None else [word],
            )
        }
        return ways.pop() if len(ways) == 1 else "unknown"

    try:
        found = labels(table, segments)
    except InvalidInputError as error:
        assert error.code == "bad_segments"  # noqa: PT017
        return
    # Whoever is given a segment would have it however the unknown turns out. (Not the
    # other way round: "a or b" over "c" leaves an unknown word undecided.)
    for given_one, row in zip(found, rows, strict=False):
        if given_one != "unknown":
            assert given_one == expected(*row)
        if None not in row:
            assert given_one == expected(*row)


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        ([Segment(name="a", when={"age": ("x",)}), Segment(name="r")], "wrong_type"),
        ([Segment(name="a", when={"word": (1, 2)}), Segment(name="r")], "wrong_type"),
        ([Segment(name="a", when={"age": (9, 1)}), Segment(name="r")], "bad_segments"),
        ([Segment(name="a", when={"age": (1, 9)})], "bad_segments"),
        ([], "bad_table"),
        (["a"], "bad_option"),
    ],
)
def test_segments_that_cannot_be_used_are_refused(segments: Any, code: str) -> None:
    table = table_of(age=[1, 2], word=["x", "y"])
    with pytest.raises(InvalidInputError) as caught:
        segment_customers(table, segments, as_of=DAY)
    assert caught.value.code == code


def test_what_is_not_there_is_named() -> None:
    segments = [Segment(name="a", when={"height": (1, 2)}), Segment(name="r")]
    with pytest.raises(MissingColumnError) as caught:
        segment_customers(table_of(age=[1]), segments, as_of=DAY)
    assert caught.value.column == "height"
    with pytest.raises(InvalidInputError) as refused:
        segment_customers([1], segments, as_of=DAY)  # type: ignore[arg-type]
    assert refused.value.code == "bad_option"
    with pytest.raises(InvalidInputError):
        segment_customers(table_of(age=[1]), [Segment(name="r")], as_of="soon")


def test_the_columns_of_a_summary_are_attributes_too() -> None:
    """The sources' ways to divide: scale, loyalty, way of buying, as ranges."""
    data = datasets.superstore_sales()
    summary = summarize(data.frame, **data.call)
    segments = [
        Segment(name="large", when={"amount": (5000, None)}),
        Segment(name="stable", when={"purchase_days": (8, None)}),
        Segment(name="deals", when={"discount_share": (0.8, None)}),
        Segment(name="others"),
    ]
    classes = segment_customers(attribute_table(summary), segments, as_of=data.as_of)
    frame = summary.to_frame()
    large = frame["amount"] >= 5000
    stable = ~large & (frame["purchase_days"] >= 8)
    deals = ~large & ~stable & (frame["discount_share"] >= 0.8)
    assert classes.counts() == {
        "large": large.sum(),
        "stable": stable.sum(),
        "deals": deals.sum(),
        "others": (~large & ~stable & ~deals).sum(),
        "unknown": 0,
    }


# --- names that are taken, and who is alone -----------------------------------------------------


@pytest.mark.parametrize(
    "name", ["undecided", "class", "rule_class", "steady_class", "cause", "since"]
)
def test_attributes_called_as_our_own_columns_are_refused(name: str) -> None:
    table = table_of(**{name: [5.0, 50.0, None]})
    segments = [Segment(name="big", when={name: (10, None)}), Segment(name="rest")]
    with pytest.raises(InvalidInputError) as caught:
        segment_customers(table, segments, as_of=DAY)
    assert caught.value.code == "duplicate_column"
    assert labels(table, [Segment(name="rest")]) == ["rest"] * 3  # not asked for


SEGMENTS = [
    Segment(name="large", when={"staff": (100, None)}),
    Segment(name="online", when={"order_by": ("web", "app")}),
    Segment(name="both", when={"staff": (None, 5), "order_by": "phone"}),
    Segment(name="other"),
]


def rows_at(rows: Any, places: Any, make: Any) -> AttributeTable:
    columns = {
        "customer_id": list(places),
        "staff": [rows[at][0] for at in places],
        "order_by": [rows[at][1] for at in places],
    }
    return attribute_table(make(columns))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 3.0, 100.0, 7.0]),
            st.sampled_from([None, "web", "app", "phone", "strange"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([pd.DataFrame, pl.DataFrame]),
)
def test_one_party_alone_gets_the_segment_it_has_among_all(
    rows: Any, make: Any
) -> None:
    among = segment_customers(
        rows_at(rows, range(len(rows)), make), SEGMENTS, as_of=DAY
    )
    for at in range(len(rows)):
        alone = segment_customers(rows_at(rows, [at], make), SEGMENTS, as_of=DAY)
        assert alone.label_of(at) == among.label_of(at)
    empty = rows_at(rows, [], make)
    assert len(segment_customers(empty, SEGMENTS, as_of=DAY)) == 0


def test_words_where_numbers_are_asked_for_are_refused_and_the_other_way() -> None:
    for columns in (
        {"staff": ["a"], "order_by": ["web"]},
        {"staff": [1], "order_by": [1]},
    ):
        with pytest.raises(InvalidInputError) as caught:
            segment_customers(table_of(**columns), SEGMENTS, as_of=DAY)
        assert caught.value.code == "wrong_type"


def test_what_serves_the_lines_alone_stands_in_no_frame() -> None:
    table = table_of(staff=[5.0, None], order_by=["phone", "phone"])
    found = segment_customers(table, SEGMENTS, as_of=DAY)
    assert "undecided" not in found.to_frame()
    assert found.label_of(1) == "unknown"


def test_names_that_read_alike_are_two_things() -> None:
    table = table_of(**{"w": ["a", "b"], "w is a": [1.0, 5.0]})
    segments = [
        Segment(name="p", when={"w is a": (5, None)}),
        Segment(name="q", when={"w": ("a",)}),
        Segment(name="r"),
    ]
    assert labels(table, segments) == ["q", "p"]
    table = table_of(w=["a", "b", "a or b", "c"])
    segments = [
        Segment(name="both", when={"w": ("a or b",)}),
        Segment(name="either", when={"w": ("a", "b")}),
        Segment(name="rest"),
    ]
    assert labels(table, segments) == ["either", "either", "both", "rest"]
    table = table_of(**{"w": ["a is b", "c"], "w is a": ["c", "b"]})
    segments = [
        Segment(name="p", when={"w": ("a is b",)}),
        Segment(name="q", when={"w is a": ("b",)}),
        Segment(name="r"),
    ]
    assert labels(table, segments) == ["p", "q"]
