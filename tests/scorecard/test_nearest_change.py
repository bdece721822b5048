"""The nearest change: what is said to flip a class flips it, and nothing smaller does."""

import itertools
import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import customer_identification as ci
from customer_identification.classify.verdict import Change, Verdict
from scorecard.card_worlds import AS_OF, DAYS, learnt, noisy, table_of


few, fewer = settings(max_examples=40), settings(max_examples=12)
LABELS = ("pursue", "nurture", "careful", "no", "unknown")
WORDS = ("a", "b", "c", "d")
ANOTHER = "a word that nobody has listed"
LISTED = [*WORDS, "strange", ANOTHER]
NUMBERS, TEXTS = ("n0", "n1"), ("w0", "w1")

points = st.integers(-30, 30)
# bins that are wider than the last digit of any value, which a change cannot hit else
limit_values = st.integers(-9, 9) | st.floats(-9, 9).map(lambda one: round(one, 3))


@st.composite
def number_points(draw: Any, name: str) -> ci.NumberPoints:
    limits = sorted(draw(st.sets(limit_values, min_size=1, max_size=4)))
    n = len(limits) + 1
    return ci.NumberPoints(
        name=name,
        limits=limits,
        points=draw(st.lists(points, min_size=n, max_size=n)),
        unknown=draw(points),
    )


@st.composite
def word_points(draw: Any, name: str) -> ci.WordPoints:
    words = draw(st.lists(st.sampled_from(WORDS), unique=True, min_size=1))
    cut = draw(st.integers(0, len(words)))
    groups = [part for part in (words[:cut], words[cut:]) if part]
    n = len(groups)
    return ci.WordPoints(
        name=name,
        words=groups,
        points=draw(st.lists(points, min_size=n, max_size=n)),
        unknown=draw(points),
        other=draw(points),
    )


@st.composite
def cautions(draw: Any) -> tuple[ci.Caution, ...]:
    found = []
    for name in draw(st.lists(st.sampled_from([*NUMBERS, *TEXTS]), max_size=3)):
        if name in TEXTS:
            words = draw(st.lists(st.sampled_from(WORDS), unique=True, min_size=1))
            found.append(ci.Caution(attribute=name, words=words))
            continue
        low, high = sorted(draw(st.tuples(st.integers(-9, 9), st.integers(-9, 9))))
        kind = draw(st.integers(0, 2))
        found.append(
            ci.Caution(
                attribute=name,
                at_least=None if kind == 0 else low,
                at_most=None if kind == 1 else high,
            )
        )
    return tuple(found)


@st.composite
def rules(draw: Any) -> ci.ProspectRule:
    attributes = [draw(number_points(name)) for name in NUMBERS]
    attributes += [draw(word_points(name)) for name in TEXTS]
    kept = draw(st.sets(st.sampled_from(range(4)), min_size=1))
    nurture = draw(st.integers(-20, 20))
    return ci.ProspectRule(
        card=ci.Scorecard(
            attributes=[one for i, one in enumerate(attributes) if i in kept]
        ),
        pursue=nurture + draw(st.integers(0, 30)),
        nurture=nurture,
        cautions=draw(cautions()),
        min_known=draw(st.sampled_from([0, 0.4, 0.9])),
    )


number = st.one_of(st.none(), st.integers(-11, 11), st.floats(-11, 11))
word = st.one_of(st.none(), st.sampled_from([*WORDS, "strange"]))
parties = st.fixed_dictionaries(
    {**dict.fromkeys(NUMBERS, number), **dict.fromkeys(TEXTS, word)}
)


def table_with(rows: list[dict[str, Any]]) -> ci.AttributeTable:
    """Read parties whose attributes may be unknown, one or all."""
    frame = pd.DataFrame({"customer_id": range(len(rows))})
    for name in NUMBERS:
        frame[name] = np.array([one[name] for one in rows], dtype=float)
    for name in TEXTS:
        frame[name] = pd.Categorical(
            [one[name] for one in rows], [*WORDS, "strange", ANOTHER]
        )
    return ci.attribute_table(frame, as_of=AS_OF)


def label_of(rule: Any, row: dict[str, Any], **changed: Any) -> str:
    return rule.classify(table_with([{**row, **changed}])).label_of(0)


def labels_of(rule: Any, rows: list[dict[str, Any]]) -> list[str]:
    found = rule.classify(table_with(rows))
    return [found.labels[code] for code in found.codes.tolist()]


def limits_of(rule: Any, name: str) -> list[float]:
    """Give every number at which anything may change."""
    own = [
        limit
        for one in rule.card.attributes
        if one.name == name
        for limit in one.limits
    ]
    feared = [
        edge
        for one in rule.cautions
        if one.attribute == name
        for edge in (one.at_least, one.at_most)
        if edge is not None
    ]
    return sorted({float(one) for one in (*own, *feared)})


def candidates(rule: Any, row: dict[str, Any], name: str) -> list[Any]:
    """Give values of every kind that an attribute may take, dense about every limit."""
    if row[name] is None:
        return []
    if name in TEXTS:
        return [one for one in (*WORDS, ANOTHER) if one != row[name]]
    limits = limits_of(rule, name)
    near = [
        value
        for limit in limits
        for value in (limit, math.nextafter(limit, -99), math.nextafter(limit, 99))
    ]
    middle = [(a + b) / 2 for a, b in itertools.pairwise([-99.0, *limits, 99.0])]
    return sorted({*near, *middle} - {float(row[name])})


def value_said(change: str, name: str) -> Any:
    """Read the value out of the words of a change; None where it names no value."""
    found = re.search(rf"\b{name} (at least|at most|above|below) (-?[\d.,e-]+)", change)
    if found is None:
        word = re.search(rf"\b{name} (\w+) (?:and|makes?)\b", change)
        is_listed = word is not None and word[1] in WORDS
        return word[1] if is_listed and word is not None else ANOTHER
    limit = float(found[2].replace(",", ""))
    beyond = {"above": math.inf, "below": -math.inf}.get(found[1])
    return limit if beyond is None else math.nextafter(limit, beyond)


def alone(verdict: Verdict) -> list[Change]:
    return [one for one in verdict.changes if " and " not in one.measure]


def together(verdict: Verdict) -> list[Change]:
    return [one for one in verdict.changes if " and " in one.measure]


@few
@given(rules(), parties)
def test_every_single_change_flips_the_class_and_no_smaller_one_does(
    rule: Any, row: dict[str, Any]
) -> None:
    verdict = rule.classify(table_with([row]))[0]
    for change in alone(verdict):
        name, now = change.measure, row[change.measure]
        assert change.label != verdict.label
        said = value_said(str(change), name)
        assert label_of(rule, row, **{name: said}) == change.label
        if name in TEXTS:
            assert math.isnan(change.by)
            continue
        assert label_of(rule, row, **{name: now + change.by}) == change.label
        assert change.distance > 0
        smaller = [
            {**row, name: other}
            for other in candidates(rule, row, name)
            if abs(Fraction(other) - Fraction(now))
            < abs(Fraction(said) - Fraction(now))
        ]
        assert not smaller or change.label not in labels_of(rule, smaller)


@few
@given(rules(), parties)
def test_every_class_that_one_attribute_can_reach_is_told_once(
    rule: Any, row: dict[str, Any]
) -> None:
    verdict = rule.classify(table_with([row]))[0]
    told = [(one.label, one.measure) for one in alone(verdict)]
    assert len(set(told)) == len(told)
    for name in (*NUMBERS, *TEXTS):
        rows = [{**row, name: other} for other in candidates(rule, row, name)]
        reached = set(labels_of(rule, rows)) if rows else set()
        assert {label for label, one in told if one == name} == reached - {
            verdict.label,
            "unknown",
        }


@few
@given(rules(), parties)
def test_changes_together_flip_the_class_and_no_fewer_do(
    rule: Any, row: dict[str, Any]
) -> None:
    verdict = rule.classify(table_with([row]))[0]
    rank = LABELS.index(verdict.label)
    choices = {
        name: found
        for name in (*NUMBERS, *TEXTS)
        if (found := representatives(rule, row, name))
    }
    fewest = None
    for n in range(1, len(choices) + 1):
        rows = [
            {**row, **dict(zip(names, values, strict=True))}
            for names in itertools.combinations(choices, n)
            for values in itertools.product(*(choices[name] for name in names))
        ]
        if any(LABELS.index(one) < rank for one in labels_of(rule, rows)):
            fewest = n
            break
    better = [one for one in verdict.changes if LABELS.index(one.label) < rank]
    if fewest is None:
        assert not better
    elif fewest == 1:
        assert better
        assert not together(verdict)
    else:
        assert better == together(verdict)
        (change,) = better
        names = change.measure.split(" and ")
        assert len(names) == fewest
        changed = {name: value_said(str(change), name) for name in names}
        assert label_of(rule, row, **changed) == change.label
        assert math.isnan(change.by)


def representatives(rule: Any, row: dict[str, Any], name: str) -> list[Any]:
    """Give one value of every bin."""
    if row[name] is None or name in TEXTS:
        return candidates(rule, row, name)
    limits = limits_of(rule, name)
    own = [math.nextafter(one, 99) for one in limits]
    return sorted({-99.0, *limits, *own})


@fewer
@given(rules(), st.lists(parties, min_size=2, max_size=5))
def test_a_party_gets_the_same_verdict_alone_as_among_all(
    rule: Any, rows: list[dict[str, Any]]
) -> None:
    among = rule.classify(table_with(rows))
    for at, row in enumerate(rows):
        by_itself = rule.classify(table_with([row]))
        assert by_itself[0] == among[at]
        table = table_with(rows).take(slice(at, at + 1))
        assert rule.classify(table)[at] == among[at]


@few
@given(rules(), parties)
def test_nearer_and_better_changes_come_first(rule: Any, row: dict[str, Any]) -> None:
    verdict = rule.classify(table_with([row]))[0]
    now = LABELS.index(verdict.label)
    places = [(LABELS.index(one.label) > now, one.distance) for one in verdict.changes]
    assert places == sorted(places)


# --- cases made by hand ------------------------------------------------------------------------


def rule_of(*attributes: Any, **more: Any) -> ci.ProspectRule:
    given_ = {"pursue": 70.0, "nurture": 50.0, "min_known": 0.0, **more}
    return ci.ProspectRule(card=ci.Scorecard(attributes=attributes), **given_)


SIZE = ci.NumberPoints(name="size", limits=[10, 20], points=[0, 60, 80])


def test_the_words_of_a_change_say_what_would_do() -> None:
    rule = rule_of(SIZE)
    verdict = rule.classify(table_of({"size": [4.0]}))[0]
    assert [str(one) for one in verdict.changes] == [
        "size at least 10 makes nurture",
        "size at least 20 makes pursue",
    ]
    assert [one.by for one in verdict.changes] == [6, 16]
    verdict = rule.classify(table_of({"size": [20.0]}))[0]
    assert [str(one) for one in verdict.changes] == [
        "size below 20 makes nurture",
        "size below 10 makes no",
    ]


def test_a_caution_of_numbers_says_on_which_side_care_ends() -> None:
    old = ci.Caution(attribute="age", at_most=100)
    rule = rule_of(SIZE, cautions=[old])
    told = {
        age: [
            str(one)
            for one in rule.classify(table_of({"size": [30.0], "age": [age]}))[
                0
            ].changes
            if one.measure == "age"
        ]
        for age in (80.0, 100.0, 120.0)
    }
    assert told == {
        80.0: ["age above 100 makes pursue"],
        100.0: ["age above 100 makes pursue"],
        120.0: ["age at most 100 makes careful"],
    }


def test_a_caution_of_words_ends_with_another_word() -> None:
    rule = rule_of(SIZE, cautions=[ci.Caution(attribute="default", words="yes")])
    table = table_of({"size": [30.0, 30.0], "default": ["yes", "no"]})
    classes = rule.classify(table)
    assert classes.label_of(0) == "careful"
    (change,) = (one for one in classes[0].changes if one.measure == "default")
    assert change.label == "pursue"
    assert classes.label_of(1) == "pursue"
    assert "default yes makes careful" in [str(one) for one in classes[1].changes]


def test_two_cautions_end_by_two_changes_and_not_by_three() -> None:
    rule = rule_of(
        SIZE,
        cautions=[
            ci.Caution(attribute="debt", at_least=5),
            ci.Caution(attribute="age", at_most=17),
        ],
    )
    table = table_of({"size": [15.0], "debt": [9.0], "age": [12.0]})
    classes = rule.classify(table)
    assert classes.label_of(0) == "careful"
    better = [one for one in classes[0].changes if one.label in {"pursue", "nurture"}]
    assert [sorted(one.measure.split(" and ")) for one in better] == [["age", "debt"]]
    assert better[0].label == "nurture"


def test_no_change_goes_where_a_number_cannot_go() -> None:
    rating = ci.NumberPoints(
        name="rating", limits=[-5, 3, 20], points=[99, 0, 60, 99], within=(0, 10)
    )
    feared = (
        ci.Caution(attribute="rating", at_most=10),
        ci.Caution(attribute="rating", at_least=0),
    )
    for cautions in ((), feared[:1], feared[1:], feared):
        rule = rule_of(rating, SIZE, cautions=cautions)
        classes = rule.classify(table_of({"rating": [0.0, 5, 10], "size": [4.0] * 3}))
        for one in classes:
            told = [str(change) for change in alone(classes[one])]
            assert not any("rating" in text and " 3 " not in text for text in told)


def test_numbers_that_cannot_be_are_refused() -> None:
    rating = ci.NumberPoints(name="rating", limits=[3], points=[0, 60], within=(0, 10))
    for wrong in (-0.5, 10.5):
        with pytest.raises(ci.InvalidInputError) as found:
            rule_of(rating).classify(table_of({"rating": [5.0, wrong]}))
        assert (found.value.code, found.value.positions) == ("out_of_range", (1,))


def test_what_is_unknown_cannot_change() -> None:
    rule = rule_of(SIZE, min_known=0.5)
    verdict = rule.classify(table_of({"size": [np.nan]}))[0]
    assert verdict.label == "unknown"
    assert verdict.changes == ()
    assert "known 0.0%, below 50.0%" in str(verdict)


def test_reasons_add_up_to_the_score_and_the_heaviest_come_first() -> None:
    card = learnt()
    rule = ci.ProspectClassifier(card=card).fit(table_of({}))
    table = ci.attribute_table(noisy(9, n=60), outcome="good", as_of=AS_OF)
    classes = rule.classify(table)
    scores = classes.measures["score"].values
    for at, one in enumerate(classes):
        reasons = [r for r in classes[one].reasons if r.unit == "score"]
        added = [r for r in reasons if r.measure not in {"score", "chance"}]
        assert added[0].measure == "base"
        assert sum(r.value for r in added) == pytest.approx(scores[at], abs=1e-9)
        sizes = [abs(r.value) for r in added[1:]]
        assert sizes == sorted(sizes, reverse=True)


# --- where another model gives the chances ------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        RandomForestClassifier(n_estimators=20, max_depth=4, random_state=3),
    ],
)
def test_changes_by_another_model_flip_its_class_and_none_smaller_does(
    model: Any,
) -> None:
    frame = noisy(4, n=300)
    table = ci.attribute_table(frame, outcome="good", as_of=AS_OF)
    rule = ci.ProspectClassifier(model=model, trusted=["size"]).fit(table)
    classes = rule.classify(table)
    limits = {one.name: getattr(one, "limits", ()) for one in rule.card.attributes}
    checked = 0
    for one in range(0, 300, 23):
        row = frame[frame["customer_id"] == one].copy()
        for change in alone(classes[one]):
            if not limits[change.measure]:
                continue
            now = float(row[change.measure].iloc[0])
            steps = [
                now + change.by,
                *(
                    value
                    for limit in limits[change.measure]
                    for value in (limit, math.nextafter(limit, -math.inf))
                    if abs(value - now) < abs(change.by)
                ),
            ]
            many = pd.concat([row] * len(steps), ignore_index=True)
            many["customer_id"], many[change.measure] = range(len(steps)), steps
            found = rule.classify(
                ci.attribute_table(
                    many.astype({"branch": table_words(frame)}), as_of=DAYS
                )
            )
            labels = [found.labels[code] for code in found.codes.tolist()]
            assert labels[0] == change.label
            ours = value_said_exactly(change, now, limits[change.measure])
            assert change.label not in [
                label
                for label, value in zip(labels[1:], steps[1:], strict=True)
                if value != ours
            ]
            checked += 1
    assert checked > 10


def table_words(frame: pd.DataFrame) -> Any:
    return pd.CategoricalDtype(sorted(frame["branch"].dropna().unique()))


def value_said_exactly(change: Change, now: float, limits: Any) -> float:
    """Give the value just beyond a limit that the change goes to."""
    ends = [x for one in limits for x in (one, math.nextafter(one, -math.inf))]
    return min(ends, key=lambda one: abs(one - (now + change.by)))
