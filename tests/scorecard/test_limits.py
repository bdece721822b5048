"""Limits with few digits, bins of few parties, and cards moved to another place."""

import decimal
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification.scorecard.binning import _shortest
from scorecard.card_worlds import AS_OF, learnt, noisy, refused, rng_of, table_of


few = settings(max_examples=200)

LEAST = 5  # parties of whom a bin speaks, and that share a word that is named

finite = st.floats(allow_nan=False, allow_infinity=False)
tenths = st.integers(-40, 40).map(lambda n: n / 10)
pairs = (
    st.one_of(
        st.tuples(finite, finite),
        st.tuples(tenths, tenths),
        finite.map(lambda one: (math.nextafter(one, -math.inf), one)),
        st.integers(-(10**9), 10**9).map(lambda n: (n / 100, (n + 1) / 100)),
    )
    .filter(lambda one: one[0] != one[1] and math.isfinite(one[0]))
    .map(lambda one: (min(one), max(one)))
)


def digits_of(value: float) -> int:
    """Count the digits that a number is written with, without zeros at either end."""
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


@few
@given(pairs)
@example((0.2, 0.3))
@example((0.25, 0.3))
@example((-0.15, -0.1))
@example((0.0, 5e-324))
@example((-5e-324, 0.0))
@example((1.7976931348623155e308, 1.7976931348623157e308))
def test_a_shorter_limit_parts_the_same_numbers_in_no_more_digits(pair: Any) -> None:
    below, limit = pair
    found = _shortest(below, limit)
    assert below < found <= limit
    assert digits_of(found) <= digits_of(limit)


@few
@given(pairs)
def test_no_number_with_a_digit_less_parts_the_same_numbers(pair: Any) -> None:
    """A shorter one would be on the coarser grid, and none of it lies between."""
    below, limit = (Decimal(repr(one)) for one in pair)
    found = Decimal(repr(_shortest(*pair))).normalize()
    if not found:
        return
    places = found.as_tuple().exponent
    top = limit.adjusted() if limit else 0
    if not isinstance(places, int) or places >= top:
        return  # one digit of the size of the limit
    with decimal.localcontext(decimal.Context(prec=800)):
        step = Decimal(1).scaleb(places + 1)
        grid = (limit / step).to_integral_value(decimal.ROUND_FLOOR) * step
    assert not below < grid <= limit


@pytest.mark.parametrize("options", [{"prec": 4}, {"traps": [decimal.Inexact]}])
def test_limits_do_not_depend_on_how_the_host_counts_decimals(options: Any) -> None:
    card = learnt()
    with decimal.localcontext(decimal.Context(**options)):
        assert _shortest(1.2345678901234, 1.2345678901235) == 1.2345678901235
        assert learnt() == card


def test_limits_of_shares_in_tenths_are_tenths() -> None:
    x = np.tile(np.arange(10) / 10, 60)
    frame = pd.DataFrame(
        {
            "customer_id": range(600),
            "x": x,
            "good": rng_of(5).uniform(size=600) < 0.1 + 0.8 * x,
        }
    )
    (one,) = learnt(frame).attributes
    assert len(one.limits) > 2
    assert {round(limit, 1) for limit in one.limits} == set(one.limits)


# --- few parties -------------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    st.integers(0, 10**6),
    st.sampled_from([12, 20, 40, 90]),
    st.sampled_from([0.001, 0.02, 0.2]),
)
def test_no_bin_speaks_of_fewer_than_five_parties(
    seed: int, n: int, share: float
) -> None:
    rng = rng_of(seed)
    frame = pd.DataFrame(
        {
            "customer_id": range(n),
            "x": rng.normal(size=n),
            "name": [f"SECRET{one}" for one in range(n)],
            "word": rng.choice(["a", "b", "c", "d", "e", "f", "g"], n),
            "good": [True, False] * (n // 2),
        }
    )
    policy = ci.ScorecardPolicy(min_share=share, min_information=0, significance=0.99)
    card = learnt(frame, policy=policy)
    for one in card.attributes:
        known = one.counts[: len(one.points)]
        assert all(sum(counts) >= LEAST for counts in known) or len(known) == 1
        if isinstance(one, ci.WordPoints):
            words = frame[one.name].value_counts()
            assert all(words[word] >= LEAST for group in one.words for word in group)
    assert "SECRET" not in f"{card} {ci.to_dict(card)}"


def test_a_word_of_four_is_not_named_and_of_five_is() -> None:
    words = ["four"] * 4 + ["five"] * 5 + ["many"] * 31
    good = [True] * 9 + [False, True] * 15 + [False]
    frame = pd.DataFrame({"customer_id": range(40), "w": words, "good": good})
    policy = ci.ScorecardPolicy(min_information=0)
    (one,) = learnt(frame, policy=policy).attributes
    named = {word for group in one.words for word in group}
    assert named == {"five", "many"}
    assert one.counts[-1] == (4, 0)
    assert one.other == 0  # too few to tell


# --- cards moved -------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_moved_card_has_odds_moved_by_those_of_the_shares(
    here: float, there: float
) -> None:
    card = learnt(noisy(n=120))
    table = ci.attribute_table(noisy(7, n=60), outcome="good", as_of=AS_OF)
    moved = card.moved(here, there)
    before, after = card.score(table), moved.score(table)
    assert after.score.tolist() == before.score.tolist()
    assert moved.attributes == card.attributes
    p, q = before.chance, after.chance
    # Bayes' rule, with the share of good outcomes changed from here to there.
    good, bad = p * there / here, (1 - p) * (1 - there) / (1 - here)
    np.testing.assert_allclose(q, good / (good + bad), rtol=1e-9)
    back = moved.moved(there, here)
    np.testing.assert_allclose(back.score(table).chance, p, rtol=1e-9)
    assert card.moved(here, here) == card


@pytest.mark.parametrize(
    ("here", "there"),
    [(0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1), (0.5, math.nan), ("x", 0.5), (None, 0.5)],
)
def test_shares_that_no_card_can_be_moved_between_are_refused(
    here: Any, there: Any
) -> None:
    with refused("bad_option"):
        learnt(noisy(n=60)).moved(here, there)


def test_a_card_without_a_scale_cannot_be_moved() -> None:
    with refused("no_scale"):
        ci.Scorecard(attributes=[]).moved(0.5, 0.2)


# --- everybody average, models and limits ---------------------------------------------------------


def test_where_nothing_is_learnt_limits_say_what_they_say_of_everybody() -> None:
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="x", limits=[1], points=[0, 40])],
        base=500,
        scale=ci.ScoreScale(slope=0, intercept=math.log(0.25 / 0.75)),
    )
    table = table_of({"x": [0.0, 2.0]})

    def labels(**options: Any) -> list[str]:
        classifier = ci.ProspectClassifier(card=card, **options)
        classes = classifier.fit(table).classify(table)
        return [classes.label_of(one) for one in classes]

    assert labels() == ["nurture"] * 2
    assert labels(pursue=0.2, nurture=0.1) == ["pursue"] * 2
    assert labels(pursue=0.3, nurture=0.2) == ["nurture"] * 2
    assert labels(pursue=0.5, nurture=0.3) == ["no"] * 2
    assert labels(nurture=0.3) == ["no"] * 2
    assert labels(pursue=0.2) == ["pursue"] * 2


class Halves:
    """A model of the host's: one chance for who has more than no points, and another."""

    classes_ = (False, True)

    def fit(self, points: Any, good: Any) -> "Halves":
        assert points.shape[0] == len(good)
        return self

    def predict_proba(self, points: Any) -> Any:
        good = np.where(points.sum(axis=1) > 0, 0.9, 0.2)
        return np.stack([1 - good, good], axis=1)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"pursue": 0.9, "nurture": 0.2}, {"pursue", "nurture"}),
        ({"pursue": 0.95, "nurture": 0.5}, {"nurture", "no"}),
        ({"pursue": 0.1, "nurture": 0.1}, {"pursue"}),
        ({"pursue": 1, "nurture": 1}, {"no"}),
        ({"pursue": 0.15}, {"pursue"}),
        ({"nurture": 0.95}, {"no"}),
    ],
)
def test_limits_beside_a_model_are_chances(limits: Any, expected: set[str]) -> None:
    table = ci.attribute_table(noisy(3, n=200), outcome="good", as_of=AS_OF)
    rule = ci.ProspectClassifier(
        model=Halves(), trusted=table.names, min_known=0, **limits
    ).fit(table)
    classes = rule.classify(table)
    assert {classes.label_of(one) for one in classes} == expected
    chances = classes.measures["chance"].values
    np.testing.assert_array_equal(chances, rule.chance(table))
    assert set(chances.tolist()) == {0.9, 0.2}


@pytest.mark.parametrize("limit", [70, -1, 1.5])
def test_a_limit_that_is_no_chance_is_refused_beside_a_model(limit: float) -> None:
    table = ci.attribute_table(noisy(3, n=100), outcome="good", as_of=AS_OF)
    with refused("bad_option"):
        ci.ProspectClassifier(model=Halves(), pursue=limit, trusted=table.names).fit(
            table
        )


# --- rules made by hand, or from JSON, wrongly -----------------------------------------------------

CARD = ci.Scorecard(
    attributes=[ci.NumberPoints(name="x", limits=[1.0], points=[0.0, 1.0])],
    scale=ci.ScoreScale(),
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"good": 1, "fair": 5},
        {"good": math.nan},
        {"fair": math.nan},
        {"good": "x"},
        {"fair": None},
        {"good": True},
        {"card": None},
        {"card": "card"},
        {"cautions": "x"},
        {"cautions": [1]},
        {"min_known": 2},
        {"min_known": "x"},
    ],
)
def test_scored_rules_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with refused("bad_option"):
        ci.CreditScoreRule(**{"card": CARD, "good": 5, "fair": 1, **wrong})
    named = {"good": "pursue", "fair": "nurture"}
    same = {named.get(name, name): value for name, value in wrong.items()}
    with refused("bad_option"):
        ci.ProspectRule(**{"card": CARD, "pursue": 5, "nurture": 1, **same})


@pytest.mark.parametrize(
    "rule",
    [
        ci.CreditScoreRule(card=CARD, good=5, fair=1),
        ci.ProspectRule(card=CARD, pursue=5, nurture=1),
    ],
)
@pytest.mark.parametrize("value", [1e9, "x", None, [], True])
def test_scored_rules_from_plain_data_are_checked_like_those_by_hand(
    rule: Any, value: Any
) -> None:
    data = ci.to_dict(rule)
    data["fair" if "fair" in data else "nurture"] = value
    with pytest.raises(ci.InvalidInputError):
        ci.from_dict(data)


@pytest.mark.parametrize("model", ["x", 7, Halves])
def test_a_rule_by_hand_has_a_model_that_can_tell_chances(model: Any) -> None:
    with refused("not_a_classifier"):
        ci.ProspectRule(card=CARD, pursue=0.5, nurture=0.2, model=model)


# --- numbers that stay where they can be ----------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-5, 15), min_size=1, max_size=4, unique=True).map(sorted),
    st.lists(st.integers(-90, 90), min_size=5, max_size=5),
    st.integers(0, 10),
    st.sampled_from([None, {"at_most": 4}, {"at_least": 6}, {"at_most": 10}]),
)
def test_every_change_stays_within_and_makes_its_class(
    limits: list[int], points: list[int], value: int, feared: Any
) -> None:
    rating = ci.NumberPoints(
        name="rating", limits=limits, points=points[: len(limits) + 1], within=(0, 10)
    )
    cautions = [] if feared is None else [ci.Caution(attribute="rating", **feared)]
    rule = ci.ProspectRule(
        card=ci.Scorecard(attributes=[rating]), pursue=50, nurture=0, cautions=cautions
    )

    def label_at(one: float) -> str:
        return rule.classify(table_of({"rating": [one]})).label_of(0)

    verdict = rule.classify(table_of({"rating": [float(value)]}))[0]
    for change in verdict.changes:
        assert 0 <= value + change.by <= 10
        assert label_at(value + change.by) == change.label != verdict.label
    # Every class that a whole rating, or one a hair below, can have is told.
    there = [float(one) for one in range(11)]
    below = [math.nextafter(one, 0) for one in there[1:]]
    above = [math.nextafter(one, 99) for one in there[:-1]]
    reached = {label_at(one) for one in [*there, *below, *above]} - {verdict.label}
    assert {change.label for change in verdict.changes} == reached
