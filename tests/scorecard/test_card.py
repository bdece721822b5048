"""Points of a card by hand: what adds up, what is unknown, and what is refused."""

import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from scorecard.card_worlds import refused, rng_of, table_of


few = settings(max_examples=40)
finite = st.floats(-1e6, 1e6)
WORDS = ("own", "rent", "free", "SECRET-home")


@st.composite
def number_points(draw: Any, name: str) -> ci.NumberPoints:
    limits = sorted(draw(st.sets(st.integers(-5, 5), max_size=4)))
    n = len(limits) + 1
    points = draw(st.lists(finite, min_size=n, max_size=n))
    return ci.NumberPoints(
        name=name, limits=limits, points=points, unknown=draw(finite)
    )


@st.composite
def word_points(draw: Any, name: str) -> ci.WordPoints:
    words = draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=4))
    cut = draw(st.integers(0, len(words)))
    groups = [part for part in (words[:cut], words[cut:]) if part]
    points = draw(st.lists(finite, min_size=len(groups), max_size=len(groups)))
    return ci.WordPoints(
        name=name, words=groups, points=points, unknown=draw(finite), other=draw(finite)
    )


@st.composite
def cards(draw: Any) -> ci.Scorecard:
    attributes = [draw(number_points(f"n{i}")) for i in range(draw(st.integers(0, 2)))]
    attributes += [draw(word_points(f"w{i}")) for i in range(draw(st.integers(0, 2)))]
    scale = draw(
        st.none()
        | st.builds(
            ci.ScoreScale,
            intercept=st.floats(-2, 2),
            slope=st.floats(0, 2),
            odds=st.floats(0.1, 100),
        )
    )
    return ci.Scorecard(attributes=attributes, base=draw(finite), scale=scale)


value = st.one_of(st.none(), st.integers(-6, 6), st.floats(-6, 6))
word = st.one_of(st.none(), st.sampled_from([*WORDS, "another", "  "]))


@st.composite
def scored(draw: Any) -> tuple[ci.Scorecard, pd.DataFrame]:
    n = draw(st.integers(1, 8))
    columns = {
        name: pd.Series(draw(st.lists(kind, min_size=n, max_size=n)), dtype=object)
        for name, kind in (("n0", value), ("n1", value), ("w0", word), ("w1", word))
    }
    ids = draw(st.lists(st.integers(0, 99), min_size=n, max_size=n, unique=True))
    return draw(cards()), pd.DataFrame({"customer_id": ids, **columns})


def plain_points(one: Any, given_: Any) -> float:
    """Look points up by hand."""
    is_blank = isinstance(given_, str) and not given_.strip()
    if given_ is None or is_blank or given_ != given_:  # noqa: PLR0124
        return one.unknown
    if isinstance(one, ci.NumberPoints):
        return one.points[sum(given_ >= limit for limit in one.limits)]
    for group, points in zip(one.words, one.points, strict=True):
        if given_ in group:
            return points
    return one.other


def read(frame: pd.DataFrame) -> ci.AttributeTable:
    return ci.attribute_table(frame, as_of="2011-12-31")


@few
@given(scored())
def test_points_are_those_looked_up_by_hand_and_add_up_to_the_score(
    world: tuple[ci.Scorecard, pd.DataFrame],
) -> None:
    card, frame = world
    scores = card.score(read(frame))
    assert list(scores.customer_ids) == sorted(frame["customer_id"])
    rows = frame.set_index("customer_id")
    for at, one in enumerate(scores.customer_ids.tolist()):
        expected = {
            a.name: plain_points(a, rows.loc[one, a.name]) for a in card.attributes
        }
        found = scores.points_of(one)
        assert found == {"base": card.base, **expected}
        assert sum(found.values()) == pytest.approx(
            scores.score[at], rel=1e-12, abs=1e-9
        )
        if card.scale is None:
            assert math.isnan(scores.chance[at])
        else:
            scale = card.scale
            factor = scale.points_to_double / math.log(2)
            odds = (scores.score[at] - scale.score) / factor + math.log(scale.odds)
            expected_chance = scale.intercept + scale.slope * odds
            assert scores.chance[at] == pytest.approx(
                0.5 + 0.5 * math.tanh(expected_chance / 2), abs=1e-9
            )


@few
@given(scored(), st.randoms(use_true_random=False))
def test_order_of_rows_and_company_never_matter(
    world: tuple[ci.Scorecard, pd.DataFrame], random: Any
) -> None:
    card, frame = world
    table = read(frame)
    scores = card.score(table)
    order = list(range(len(frame)))
    random.shuffle(order)
    assert card.score(read(frame.iloc[order])) == scores
    for at in range(len(table)):
        alone = card.score(table.take(slice(at, at + 1)))
        assert alone.score.tolist() == scores.score[at : at + 1].tolist()
        assert alone == scores.take(slice(at, at + 1))
        again = card.score(read(frame[frame["customer_id"] == table.customer_ids[at]]))
        assert again.score.tolist() == alone.score.tolist()
        assert again.known.tolist() == alone.known.tolist()


@few
@given(cards())
def test_cards_survive_plain_data_and_pickling(card: ci.Scorecard) -> None:
    assert ci.from_dict(ci.to_dict(card)) == card
    assert pickle.loads(pickle.dumps(card)) == card  # noqa: S301
    assert hash(card) == hash(ci.from_dict(ci.to_dict(card)))


@few
@given(scored())
def test_scores_pickle_and_show_points_as_a_frame(
    world: tuple[ci.Scorecard, pd.DataFrame],
) -> None:
    card, frame = world
    scores = card.score(read(frame))
    assert pickle.loads(pickle.dumps(scores)) == scores  # noqa: S301
    shown = scores.to_frame()
    points = [f"{one.name}_points" for one in card.attributes]
    assert list(shown.columns) == ["customer_id", "score", "chance", "known", *points]
    assert shown["score"].tolist() == scores.score.tolist()
    together = card.base + shown[points].to_numpy().sum(axis=1)
    np.testing.assert_allclose(together, scores.score, rtol=1e-9, atol=1e-9)


@few
@given(scored(), st.randoms(use_true_random=False))
def test_scores_of_other_ids_are_those_of_a_table_with_these(
    world: tuple[ci.Scorecard, pd.DataFrame], random: Any
) -> None:
    card, frame = world
    table = read(frame)
    new = [f"p{one}" for one in random.sample(range(1000), len(table))]
    scores = card.score(table)
    again = scores.renamed(new)
    assert again == card.score(table.renamed(new))
    for one, other in zip(table, new, strict=True):
        assert again.points_of(other) == scores.points_of(one)
    with pytest.raises(ci.InvalidInputError):
        scores.renamed([*new, "one more"])


def test_scores_come_in_the_kind_of_frame_that_was_given() -> None:
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="n0", limits=[], points=[3])], base=1
    )
    table = ci.attribute_table(pl.DataFrame({"customer_id": ["b", "a"], "n0": [1, 2]}))
    shown = card.score(table).to_frame()
    assert isinstance(shown, pl.DataFrame)
    assert shown["customer_id"].to_list() == ["a", "b"]
    assert shown["n0_points"].to_list() == [3.0, 3.0]


# --- what is known ------------------------------------------------------------------------


def test_known_weighs_attributes_by_how_far_their_points_go() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="n0", limits=[1], points=[0, 30], unknown=500),
            ci.WordPoints(name="w0", words=[["own"]], points=[10], other=0),
            ci.NumberPoints(name="n1", limits=[], points=[77]),
        ]
    )
    columns = {
        "n0": [None, 1, 2, None],
        "w0": ["own", None, "strange", None],
        "n1": [1, 1, None, None],
    }
    known = card.score(table_of(columns)).known
    assert known.tolist() == pytest.approx([0.25, 0.75, 1.0, 0.0])


def test_known_weighs_all_alike_where_no_points_differ() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="n0", limits=[], points=[1]),
            ci.NumberPoints(name="n1", limits=[], points=[5]),
        ]
    )
    assert card.score(table_of({"n0": [1.0], "n1": [np.nan]})).known.tolist() == [0.5]


def test_a_card_that_asks_nothing_knows_all_and_gives_the_base() -> None:
    scores = ci.Scorecard(attributes=[], base=7).score(table_of({"n0": [1, 2]}))
    assert scores.score.tolist() == [7, 7]
    assert scores.known.tolist() == [1, 1]
    assert scores.points == {}
    assert repr(scores) == "Scores(2 parties by 0 attributes)"


def test_nobody_gives_no_scores() -> None:
    table = table_of({"n0": [1.0]}).take(slice(0, 0))
    card = ci.Scorecard(attributes=[ci.NumberPoints(name="n0", limits=[], points=[3])])
    scores = card.score(table)
    assert len(scores) == 0
    assert scores.score.size == scores.chance.size == scores.known.size == 0
    assert len(scores.to_frame()) == 0


def test_unknown_everywhere_is_the_base_and_the_points_of_unknown() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="n0", limits=[1], points=[0, 30], unknown=4),
            ci.WordPoints(name="w0", words=[["own"]], points=[10], unknown=-2),
        ],
        base=50,
    )
    table = table_of({"n0": [None], "w0": [None]})  # no words at all: read as numbers
    assert card.score(table).score.tolist() == [52]


def test_words_of_others_leave_a_party_of_whom_no_word_is_known_unknown() -> None:
    numbers = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="n0", limits=[1], points=[0, 30], unknown=4),
        ]
    )
    table = table_of({"n0": ["a word", None]})
    with refused("wrong_type"):
        numbers.score(table)
    assert numbers.score(table.take(slice(1, 2))).score.tolist() == [4]


def test_minus_zero_and_limits_are_in_the_upper_bin() -> None:
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="n0", limits=[0, 1e300], points=[1, 2, 3])]
    )
    values = [-0.0, 0.0, -5e-324, 1e300, math.nextafter(1e300, 0), -1e308]
    assert card.score(table_of({"n0": values})).score.tolist() == [2, 2, 1, 3, 2, 1]


# --- the scale ------------------------------------------------------------------------------


def test_siddiqis_worked_example_of_scaling_comes_out() -> None:
    # Siddiqi 2006, p. 114: odds of 50:1 at 600 points, 20 points double the odds.
    # Factor = 20 / ln 2 = 28.8539; offset = 600 - 28.8539 ln 50 = 487.123
    scale = ci.ScoreScale()
    assert scale.factor == pytest.approx(28.8539, abs=5e-5)
    assert scale.offset == pytest.approx(487.123, abs=5e-4)
    odds = [scale.chance(s) / (1 - scale.chance(s)) for s in (600, 620, 640, 580)]
    assert odds == pytest.approx([50, 100, 200, 25])


@few
@given(
    st.floats(0.001, 0.999),
    st.builds(
        ci.ScoreScale,
        score=st.floats(-1000, 1000),
        odds=st.floats(0.01, 100),
        points_to_double=st.floats(1, 100),
        intercept=st.floats(-2, 2),
        slope=st.floats(0.1, 3),
    ),
)
def test_the_score_at_a_chance_has_that_chance(chance: float, scale: Any) -> None:
    assert scale.chance(scale.score_at(chance)) == pytest.approx(chance, abs=1e-9)
    assert scale.score_at(0) == -math.inf
    assert scale.score_at(1) == math.inf


def test_a_scale_that_knows_nothing_gives_one_chance_to_all() -> None:
    flat = ci.ScoreScale(slope=0, intercept=math.log(3))
    assert flat.chance(np.array([0.0, 900.0])).tolist() == pytest.approx([0.75, 0.75])
    assert flat.score_at(0.7) == -math.inf
    assert flat.score_at(0.8) == math.inf


@pytest.mark.parametrize("chance", [-0.1, 1.1, math.nan, "half", None])
def test_the_score_at_no_chance_is_refused(chance: Any) -> None:
    with refused("bad_option"):
        ci.ScoreScale().score_at(chance)


@pytest.mark.parametrize("name", ["score", "odds", "points_to_double", "slope"])
def test_options_of_a_scale_may_be_numbers_of_any_make(name: str) -> None:
    from decimal import Decimal  # noqa: PLC0415

    for make in (int, float, Decimal, np.float32, np.int64):
        scale = ci.ScoreScale(**{name: make(2)})
        assert scale.chance(500.0) == ci.ScoreScale(**{name: 2.0}).chance(500.0)
        assert ci.from_dict(ci.to_dict(scale)) == scale


@pytest.mark.parametrize(
    "wrong",
    [
        {"score": math.nan},
        {"score": math.inf},
        {"score": "600"},
        {"odds": 0},
        {"odds": -1},
        {"points_to_double": 0},
        {"slope": -0.1},
        {"intercept": None},
        {"score": True},
    ],
)
def test_scales_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.ScoreScale(**wrong)


# --- what a card says ----------------------------------------------------------------------


def test_a_card_reads_as_a_table() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(name="n", limits=[1, 2500], points=[-1, 0, 4], unknown=2),
            ci.NumberPoints(name="m", limits=[], points=[1]),
            ci.WordPoints(name="w", words=[["a", "b"], ["c"]], points=[5, 6], other=-3),
        ],
        base=100,
    )
    assert str(card).splitlines() == [
        "base: 100.0",
        "n below 1: -1.0",
        "n 1 to below 2,500: +0.0",
        "n at least 2,500: +4.0",
        "n not known: +2.0",
        "m known: +1.0",
        "m not known: +0.0",
        "w a or b: +5.0",
        "w c: +6.0",
        "w not known: +0.0",
        "w any other: -3.0",
    ]
    assert repr(card) == "Scorecard(3 attributes)"
    assert card.names == ("n", "m", "w")
    assert all(math.isnan(one) for one in card.information.values())
    assert card.turned == ()


def test_a_card_as_a_frame_has_a_row_a_bin() -> None:
    card = ci.Scorecard(
        attributes=[
            ci.NumberPoints(
                name="n",
                limits=[1],
                points=[5, -5],
                counts=[(10, 30), (30, 10), (0, 0)],
            ),
            ci.WordPoints(name="w", words=[["a"]], points=[1]),
        ]
    )
    frame = card.to_frame()
    assert frame["bin"].tolist() == [
        "n below 1",
        "n at least 1",
        "n not known",
        "w a",
        "w not known",
        "w any other",
    ]
    assert frame["good"].tolist() == [10, 30, 0, 0, 0, 0]
    assert frame["evidence"].tolist()[:3] == pytest.approx(
        [-math.log(3), math.log(3), 0]
    )
    assert frame["evidence"].isna().tolist() == [False] * 3 + [True] * 3
    assert frame["information"].tolist()[0] == pytest.approx(math.log(3))
    assert card.turned == ("n",)
    assert list(card.information) == ["n", "w"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"limits": [2, 1], "points": [0, 0, 0]},
        {"limits": [1, 1], "points": [0, 0, 0]},
        {"limits": [1], "points": [0]},
        {"limits": [1], "points": [0, 0, 0]},
        {"limits": [math.nan], "points": [0, 0]},
        {"limits": [math.inf], "points": [0, 0]},
        {"limits": 5, "points": [0, 0]},
        {"limits": "12", "points": [0, 0]},
        {"limits": [], "points": [math.nan]},
        {"limits": [], "points": ["one"]},
        {"limits": [], "points": None},
        {"limits": [], "points": [1], "unknown": math.nan},
        {"limits": [], "points": [1], "name": " "},
        {"limits": [], "points": [1], "name": 7},
        {"limits": [], "points": [1], "counts": [(1, 2)]},
        {"limits": [], "points": [1], "counts": [(1,), (2,)]},
        {"limits": [], "points": [1], "counts": [(-1, 2), (0, 0)]},
        {"limits": [], "points": [1], "counts": [("a", 2), (0, 0)]},
        {"limits": [], "points": [1], "counts": 3},
        {"limits": range(400), "points": range(401)},
        {"limits": [], "points": [1], "within": (2, 1)},
        {"limits": [], "points": [1], "within": (1,)},
        {"limits": [], "points": [1], "within": (1, math.nan)},
        {"limits": [], "points": [1], "within": 5},
    ],
)
def test_points_of_numbers_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.NumberPoints(**{"name": "x", **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"words": [["a"], ["a"]], "points": [0, 0]},
        {"words": [["a", "a"]], "points": [0]},
        {"words": [["a"]], "points": []},
        {"words": ["own"], "points": [0]},
        {"words": "own", "points": [0, 0, 0]},
        {"words": [[1]], "points": [0]},
        {"words": 3, "points": [0]},
        {"words": [3], "points": [0]},
        {"words": [["a"]], "points": [0], "other": math.nan},
        {"words": [["a"]], "points": [0], "unknown": "none"},
        {"words": [["a"]], "points": [0], "counts": [(1, 2), (0, 0)]},
        {"words": [[f"w{i}"] for i in range(300)], "points": [0] * 300},
    ],
)
def test_points_of_words_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.WordPoints(**{"name": "x", **wrong})


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"attributes": 5}, "bad_option"),
        ({"attributes": "ab"}, "bad_option"),
        ({"attributes": [None]}, "bad_option"),
        ({"attributes": [], "base": math.nan}, "bad_option"),
        ({"attributes": [], "base": "0"}, "bad_option"),
        ({"attributes": [], "scale": "x"}, "bad_option"),
        (
            {"attributes": [ci.NumberPoints(name="x", limits=[], points=[1])] * 2},
            "duplicate_column",
        ),
    ],
)
def test_cards_that_cannot_be_are_refused(wrong: Any, code: str) -> None:
    with refused(code):
        ci.Scorecard(**wrong)


def test_an_attribute_called_base_never_hides_the_base() -> None:
    try:
        card = ci.Scorecard(
            attributes=[ci.NumberPoints(name="base", limits=[], points=[3])], base=4
        )
    except ci.InvalidInputError as error:
        assert error.code == "bad_option"  # noqa: PT017 - either way will do
    else:
        points = card.score(table_of({"base": [1]})).points_of(0)
        assert sum(points.values()) == 7


NUMBERS = ci.Scorecard(
    attributes=[ci.NumberPoints(name="x", limits=[1], points=[0, 1])]
)
TEXT = ci.Scorecard(attributes=[ci.WordPoints(name="x", words=[["a"]], points=[1])])


def test_words_where_points_are_for_numbers_are_refused_and_the_other_way() -> None:
    with refused("wrong_type", "words"):
        NUMBERS.score(table_of({"x": ["SECRET", "b"]}))
    with refused("wrong_type", "numbers"):
        TEXT.score(table_of({"x": [1.0, None]}))


def test_an_attribute_that_is_not_there_is_refused() -> None:
    with refused("missing_column", "'x'", ci.MissingColumnError):
        NUMBERS.score(table_of({"y": [1.0]}))


@pytest.mark.parametrize("table", ["x", None, pd.DataFrame({"x": [1]})])
@pytest.mark.parametrize("how", ["score", "check", "calibrated"])
def test_only_attribute_tables_are_scored(how: str, table: Any) -> None:
    with refused("bad_option"):
        getattr(NUMBERS, how)(table)


def test_checking_asks_for_outcomes_and_chances() -> None:
    with refused("no_outcomes"):
        NUMBERS.check(table_of({"x": [1.0, 2.0]}))
    with refused("no_outcomes"):
        NUMBERS.calibrated(table_of({"x": [1.0, 2.0]}))
    told = table_of({"x": [1.0, 2.0], "y": [0, 1]}, outcome="y")
    with pytest.raises(ci.InvalidInputError):  # the card has no scale
        NUMBERS.check(told)
    with refused("one_outcome"):
        NUMBERS.calibrated(told.take(slice(0, 1)))
    nobody = table_of({"x": [1.0], "y": [None]}, outcome="y")
    with refused("one_outcome"):
        NUMBERS.calibrated(nobody)


def test_somebody_who_is_not_here_has_no_points() -> None:
    scores = NUMBERS.score(table_of({"x": [1.0]}, ids=["a"]))
    for one in ("b", 0, True, None):
        with pytest.raises(ci.UnknownCustomerError):
            scores.points_of(one)


def test_ten_thousand_words_are_scored_at_once() -> None:
    rng = rng_of(3)
    words = np.array([f"w{i}" for i in range(10_000)], dtype=object)
    card = ci.Scorecard(
        attributes=[
            ci.WordPoints(name="x", words=[words[:9000].tolist()], points=[2], other=-1)
        ]
    )
    given_ = words[rng.integers(0, 10_000, 20_000)]
    found = card.score(table_of({"x": given_})).score
    expected = [2 if int(one[1:]) < 9000 else -1 for one in given_]
    assert found.tolist() == expected
