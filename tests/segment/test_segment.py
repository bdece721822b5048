"""Named segments: the published ones again, and promises that hold for any table."""

import json
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datasets
from classify.test_contract import mixed
from customer_identification import (
    IdentificationProgram,
    InvalidInputError,
    from_dict,
    summarize,
    to_dict,
)
from customer_identification.classify.segment.check import check_segments
from customer_identification.classify.segment.classifier import (
    SegmentClassifier,
    SegmentRule,
)
from customer_identification.classify.segment.rfm import RFM, RFMRule, RFMScorer
from customer_identification.classify.segment.table import (
    DEFAULT_SEGMENTS,
    PUBLISHED_SEGMENTS,
    Segment,
)
from customer_identification.testing import check_classifier
from segment.customers import summary_of
from segment.test_rfm import PUBLISHED, published, r_limits


TYPES = (Segment, RFMRule, RFMScorer, SegmentRule)


def refused(act: Any, *args: Any, **keywords: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        act(*args, **keywords)
    return str(caught.value.code)


def reached() -> list[Segment]:
    """Give the published segments that take anybody, and one for everybody else."""
    lost = {one.segment for one in check_segments(PUBLISHED_SEGMENTS).of("unreachable")}
    kept = [one for at, one in enumerate(PUBLISHED_SEGMENTS) if at not in lost]
    return [*kept, Segment(name="Others")]


# --- published --------------------------------------------------------------------------


def test_the_segments_of_the_r_package_come_out_on_its_own_data() -> None:
    names = zip(RFM, ("recency", "orders", "amount"), strict=True)
    scorer = RFMScorer(**{ours: r_limits(PUBLISHED[theirs]) for ours, theirs in names})
    rule = SegmentClassifier(segments=reached(), scorer=scorer).fit(published())
    counts = rule.classify(published()).counts()
    assert counts == {**PUBLISHED["counts"], "unknown": 0}


# --- the contract -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "classifier",
    [
        SegmentClassifier(),
        SegmentClassifier(scorer=RFMScorer(nested=True)),
        SegmentClassifier(scorer=RFMScorer(recency=(30, 90, 180, 300), monetary=5)),
        SegmentClassifier(
            segments=(
                Segment(name="often", when={"frequency": (3, None)}),
                Segment(name="once", when={"frequency": (None, 2)}),
            ),
            scorer=RFMScorer(frequency=3, nested=True),
        ),
    ],
    ids=["default", "nested", "limits", "frequency"],
)
def test_the_classifier_keeps_the_contract(classifier: SegmentClassifier) -> None:
    check_classifier(classifier, mixed())


def test_rules_and_classifiers_survive_json() -> None:
    for nested in (False, True):
        classifier = SegmentClassifier(scorer=RFMScorer(nested=nested))
        rule = classifier.fit(mixed())
        for one in (rule, classifier):
            text = json.dumps(to_dict(one), allow_nan=False)
            assert from_dict(json.loads(text), types=(*TYPES, type(one))) == one


def test_it_runs_in_a_program_beside_the_others() -> None:
    program = IdentificationProgram(
        classifiers={"segment": SegmentClassifier()}, set_apart=None
    )
    summary = mixed()
    found = program.fit(summary).identify(summary)
    assert sum(found.classes["segment"].counts().values()) == len(summary)
    assert "segment" in found.explain(7)


# --- by hand ------------------------------------------------------------------------------


def classes(segments: Any, some: Any, **options: Any) -> list[str]:
    rule = SegmentClassifier(segments=segments, scorer=RFMScorer(**options)).fit(some)
    found = rule.classify(some)
    return [found.label_of(one) for one in found]


def test_the_first_that_matches_wins() -> None:
    some = summary_of(range(4), range(1, 5), [10, 20, 30, 40])
    segments = [
        Segment(name="new", when={"recency": (2, 2)}),
        Segment(name="much", when={"monetary": (2, None)}),
        Segment(name="rest"),
    ]
    two = {"recency": 2, "frequency": 2, "monetary": 2}
    assert classes(segments, some, **two) == ["new", "new", "much", "much"]
    rest = [segments[1], segments[2]]
    assert classes(rest, some, **two) == ["rest", "rest", "much", "much"]


def test_only_what_a_segment_asks_for_needs_to_be_known() -> None:
    by_money = [Segment(name="rich", when={"monetary": (5, 5)}), Segment(name="rest")]
    by_recency = [Segment(name="new", when={"recency": (5, 5)}), Segment(name="rest")]
    everybody = [Segment(name="all")]
    without_money = summary_of([1, 9], [1, 2], None)
    for nested in (False, True):
        given = {"some": without_money, "nested": nested}
        assert classes(by_money, **given) == ["unknown", "unknown"]
        assert classes(by_recency, **given) == ["new", "rest"]
        assert classes(everybody, **given) == ["all", "all"]


def test_who_only_gave_something_back_is_unknown() -> None:
    some = summary_of([1, None], [1, 0], [10, 0])
    for nested in (False, True):
        assert classes([Segment(name="all")], some, nested=nested) == ["all", "unknown"]


def test_several_lines_may_share_a_name() -> None:
    some = summary_of(range(4), range(1, 5), [10, 20, 30, 40])
    segments = [
        Segment(name="good", when={"recency": (2, 2), "frequency": (2, 2)}),
        Segment(name="good", when={"monetary": (2, 2)}),
        Segment(name="other"),
    ]
    rule = SegmentClassifier(
        segments=segments, scorer=RFMScorer(recency=2, frequency=2, monetary=2)
    ).fit(some)
    assert rule.labels == ("good", "other", "unknown")
    assert rule.classify(some).counts() == {"good": 2, "other": 2, "unknown": 0}


def test_reasons_are_in_days_purchases_and_money() -> None:
    some = summary_of(range(10), range(10, 0, -1), range(100, 0, -10))
    found = SegmentClassifier().fit(some).classify(some)
    verdict = found[0]
    assert verdict.label == "Champions"
    told = {one.measure: one.limit for one in verdict.reasons}
    assert told == {"recency": 4.0, "purchases": 7.0, "value": 60.01}
    assert verdict.rank == 1
    change = next(one for one in verdict.changes if one.measure == "recency")
    assert (change.label, change.by) == ("Loyal Customers", 4.0)


# --- promises -------------------------------------------------------------------------------


customers = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 6), st.integers(-5, 40)),
    min_size=1,
    max_size=20,
)
conditions = st.dictionaries(
    st.sampled_from(RFM), st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=3
)


@settings(max_examples=80, deadline=None)
@given(
    rows=customers,
    rules=st.lists(conditions, min_size=1, max_size=5),
    nested=st.booleans(),
)
def test_the_lines_say_what_the_scores_say(
    rows: Any, rules: Any, *, nested: bool
) -> None:
    """Scores looked up in the grid of the linter are the other way to the same."""
    segments = [Segment(name=f"s{i}", when=one) for i, one in enumerate(rules)]
    segments.append(Segment(name="rest"))
    report = check_segments(segments, 4)
    lost = {one.segment for one in report.of("unreachable")}
    segments = [one for at, one in enumerate(segments) if at not in lost]
    some = summary_of(*zip(*rows, strict=True))
    scorer = RFMScorer(recency=4, frequency=4, monetary=4, nested=nested)
    rule = SegmentClassifier(segments=segments, scorer=scorer).fit(some)
    scores = rule.rfm.score(some)
    place = tuple(getattr(scores, name).astype(int) - 1 for name in RFM)
    taken_by = check_segments(segments, 4).taken_by[place]
    expected = [segments[at].name for at in taken_by.tolist()]
    found = rule.classify(some)
    assert [found.label_of(one) for one in found] == expected


# --- refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (PUBLISHED_SEGMENTS, "bad_segments"),
        ([Segment(name="top", when={"recency": (5, 5)})], "bad_segments"),
        (
            [Segment(name="all"), Segment(name="more", when={"recency": (1, 2)})],
            "bad_segments",
        ),
        (
            [Segment(name="six", when={"recency": (6, 6)}), Segment(name="r")],
            "bad_segments",
        ),
        (
            [Segment(name="a", when={"age": (1, 5)}), Segment(name="r")],
            "unknown_measure",
        ),
        ([], "bad_table"),
        (["all"], "bad_table"),
        ("all", "bad_option"),
        (None, "bad_option"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_at_once(
    segments: Any, code: str
) -> None:
    assert refused(SegmentClassifier, segments=segments) == code


def test_a_scorer_and_money_of_another_kind_are_refused() -> None:
    assert refused(SegmentClassifier, scorer=5) == "bad_option"
    rule = SegmentClassifier().fit(summary_of([1], [1], [1]))
    yen = summarize([], as_of=date(2011, 12, 31), minor_units=0)
    assert refused(rule.classify, yen) == "minor_units"


def test_the_error_of_a_refused_table_says_where() -> None:
    with pytest.raises(InvalidInputError, match=r"segment 4 \(New Customers\).*4 more"):
        SegmentClassifier(segments=PUBLISHED_SEGMENTS)


# --- real --------------------------------------------------------------------------------------


def test_segments_of_the_superstore_are_counted_again_in_sql() -> None:
    data = datasets.superstore_sales()
    summary = summarize(data.frame, **data.call)
    rule = SegmentClassifier().fit(summary)
    frame = data.frame[["Customer ID", "Order Date", "Order ID", "Sales"]]
    con = duckdb.connect()
    con.register("lines", frame)
    con.execute(
        """
        create table customers as
        select "Customer ID" as id,
            date '2020-12-31' - max("Order Date"::date) as recency,
            count(distinct "Order ID") as frequency,
            sum(round(Sales * 100)::bigint) as monetary
        from lines group by 1
        """
    )
    scored = ", ".join(
        f"1 + {' + '.join(f'({name} > {name}_{k})::int' for k in range(1, 5))} as {name}"
        for name in RFM
    ).replace("1 + (recency >", "5 - (recency >", 1)
    scored = scored.replace("+ (recency", "- (recency")
    cuts = ", ".join(
        f"quantile_disc({name}, {k}.0 / 5) as {name}_{k}"
        for name in RFM
        for k in range(1, 5)
    )
    cases = " ".join(
        "when "
        + (
            " and ".join(
                f"{n} between {lo} and {hi}" for n, (lo, hi) in one.when.items()
            )
            or "true"
        )
        + f" then '{one.name.replace(chr(39), chr(39) * 2)}'"
        for one in DEFAULT_SEGMENTS
    )
    found = con.execute(
        f"""
        with cuts as (select {cuts} from customers),
        scores as (select id, {scored} from customers, cuts)
        select id, case {cases} end from scores order by id
        """  # noqa: S608 - our own words
    ).fetchall()
    ours = rule.classify(summary)
    assert [(one, ours.label_of(one)) for one in ours] == found
    assert len(found) == 793


def test_where_half_of_a_shop_bought_once_nobody_scores_two() -> None:
    """CDNOW: 1,218 of 2,357 bought once, 69 % at most twice, 84 % at most four times."""
    data = datasets.cdnow_sample()
    summary = summarize(data.frame, **data.call)
    rule = RFMScorer().fit(summary)
    assert rule.effective_bins == {"recency": 5, "frequency": 4, "monetary": 5}
    assert rule.limits("frequency") == (2, 2, 3, 5)
    frequency = rule.score(summary).frequency
    assert np.bincount(frequency)[:3].tolist() == [0, 1218, 0]
