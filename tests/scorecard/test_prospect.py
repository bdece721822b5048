"""Whom to pursue: criteria made by hand, likeness to customers, and models of the host's."""

import copy
import math
import pickle
import warnings
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

import customer_identification as ci
from scorecard.card_worlds import AS_OF, DAYS, learnt, noisy, refused, rng_of, table_of


few = settings(max_examples=30)
CRITERIA = (
    "long_relation",
    "continuity",
    "adaptability",
    "cooperation",
    "financial_prospects",
)
WEIGHTS = (0.30, 0.20, 0.10, 0.15, 0.25)
LABELS = ("pursue", "nurture", "careful", "no", "unknown")


def read(frame: pd.DataFrame, **more: Any) -> ci.AttributeTable:
    return ci.attribute_table(frame, **{"outcome": "good", "as_of": AS_OF, **more})


def quiet(classifier: Any, table: Any) -> ci.ProspectRule:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return classifier.fit(table)


# --- the criteria -----------------------------------------------------------------------


def plain_score(ratings: dict[str, float | None], low: float, high: float) -> float:
    """Give each rating a step of 0 to 4 quarters of its weight; half where unknown."""
    total = 0.0
    for name, weight in zip(CRITERIA, WEIGHTS, strict=True):
        rating = ratings[name]
        if rating is None:
            total += 50 * weight
            continue
        step = sum(rating >= low + k / 5 * (high - low) for k in (1, 2, 3, 4))
        total += 100 * weight * step / 4
    return total


@few
@given(
    st.fixed_dictionaries(
        dict.fromkeys(CRITERIA, st.one_of(st.none(), st.integers(0, 100)))
    )
)
def test_criteria_score_as_they_are_weighed(ratings: dict[str, Any]) -> None:
    rule = ci.ProspectClassifier(card=ci.ProspectCriteria(high=100)).fit(table_of({}))
    table = table_of({name: [one] for name, one in ratings.items()})
    classes = rule.classify(table)
    score = plain_score(ratings, 0, 100)
    assert classes.measures["score"].values[0] == pytest.approx(score, abs=1e-9)
    known = sum(
        weight
        for name, weight in zip(CRITERIA, WEIGHTS, strict=True)
        if ratings[name] is not None
    )
    expected = (
        "unknown"
        if known < 0.5 - 1e-9
        else "pursue"
        if score >= 70
        else "nurture"
        if score >= 50
        else "no"
    )
    if abs(known - 0.5) > 1e-9 and min(abs(score - 70), abs(score - 50)) > 1e-9:
        assert classes.label_of(0) == expected


def test_the_best_and_the_worst_of_all_ratings_are_100_and_0() -> None:
    card = ci.ProspectCriteria(low=1, high=7).card()
    table = table_of({name: [7, 1, 6.9, None] for name in CRITERIA})
    assert card.score(table).score.tolist() == pytest.approx([100, 0, 100, 50])


def test_weights_of_criteria_are_shares_of_their_sum() -> None:
    card = ci.ProspectCriteria(
        long_relation=3,
        continuity=1,
        adaptability=0,
        cooperation=0,
        financial_prospects=0,
    ).card()
    assert card.names == ("long_relation", "continuity")
    assert card.attributes[0].points[-1] == pytest.approx(75)


@pytest.mark.parametrize(
    "wrong",
    [
        dict.fromkeys(CRITERIA, 0),
        {"long_relation": -0.1},
        {"continuity": math.nan},
        {"cooperation": "much"},
        {"low": 1, "high": 1},
        {"low": 2, "high": 1},
        {"high": math.inf},
    ],
)
def test_criteria_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.ProspectCriteria(**wrong)


# --- classes -----------------------------------------------------------------------------


CARD = ci.Scorecard(
    attributes=[
        ci.NumberPoints(name="size", limits=[1, 2, 3], points=[0, 50, 60, 90]),
        ci.WordPoints(name="branch", words=[["trade"]], points=[10], unknown=5),
    ]
)
DEFAULTED = ci.Caution(attribute="default", words="yes", why="failed to pay before")


def test_classes_follow_the_table_of_lines() -> None:
    rule = ci.ProspectClassifier(card=CARD, cautions=[DEFAULTED]).fit(table_of({}))
    columns = {
        "size": [3, 2, 1, 1, 0, 3, 0, None],
        "branch": ["x", "trade", "x", "x", "x", "trade", "trade", "trade"],
        "default": ["no", "no", "no", "yes", "yes", "yes", None, None],
    }
    classes = rule.classify(table_of(columns))
    assert [classes.label_of(one) for one in range(8)] == [
        "pursue",
        "pursue",
        "nurture",
        "careful",
        "no",
        "careful",
        "no",
        "unknown",
    ]
    assert classes.ordered
    assert classes.labels == LABELS
    assert "caution: default yes: failed to pay before" in str(classes[5])
    assert classes.counts() == {
        "pursue": 2,
        "nurture": 1,
        "careful": 2,
        "no": 2,
        "unknown": 1,
    }


def test_limits_by_default_follow_from_what_is_given() -> None:
    nobody = table_of({})
    assert ci.ProspectClassifier(card=CARD).fit(nobody).pursue == 70
    low = ci.ProspectClassifier(card=CARD, pursue=30).fit(nobody)
    assert (low.pursue, low.nurture) == (30, 30)
    high = ci.ProspectClassifier(card=CARD, nurture=90).fit(nobody)
    assert (high.pursue, high.nurture) == (90, 90)


@pytest.mark.parametrize("seed", range(4))
def test_limits_of_a_learnt_card_are_the_odds_of_an_average_party(seed: int) -> None:
    frame = noisy(seed)
    rule = quiet(ci.ProspectClassifier(min_known=0), read(frame))
    scale = rule.card.scale
    average = float(scale.chance(rule.card.base))
    chance = float(scale.chance(rule.pursue))
    assert chance / (1 - chance) == pytest.approx(2 * average / (1 - average))
    assert float(scale.chance(rule.nurture)) == pytest.approx(average)
    nobody = {"size": [None], "age": [None], "branch": [None], "noise": [None]}
    plain = ci.Scorecard(attributes=[], base=rule.card.base, scale=scale)
    by_hand = ci.ProspectClassifier(card=plain).fit(table_of({}))
    assert by_hand.classify(table_of(nobody)).label_of(0) == "nurture"


def test_limits_may_be_chances_where_chances_are_known() -> None:
    rule = quiet(ci.ProspectClassifier(pursue=0.7, nurture=0.4), read(noisy()))
    classes = rule.classify(read(noisy(2)))
    chance = classes.measures["chance"].values
    enough = classes.measures["known"].values >= 0.5
    assert (classes.where("pursue") == (enough & (chance >= 0.7))).all()
    assert (
        classes.where("nurture") == (enough & (chance >= 0.4) & (chance < 0.7))
    ).all()


@pytest.mark.parametrize("base", [-1e5, 5000, 1e5])
def test_a_base_far_away_gives_limits_all_the_same(base: float) -> None:
    card = ci.Scorecard(attributes=[], base=base, scale=ci.ScoreScale())
    rule = ci.ProspectClassifier(card=card).fit(table_of({}))
    assert rule.pursue >= rule.nurture
    assert rule.classify(table_of({"x": [1.0]})).label_of(0) == "nurture"


def test_noise_alone_gives_everybody_one_class() -> None:
    rng = rng_of(12)
    frame = pd.DataFrame(
        {
            "customer_id": range(200),
            "x": rng.normal(size=200),
            "good": [True, False] * 100,
        }
    )
    policy = ci.ScorecardPolicy(min_information=0, shrink=1000)
    rule = quiet(ci.ProspectClassifier(policy=policy, min_known=0), read(frame))
    classes = rule.classify(read(frame))
    if rule.card.scale.slope == 0:
        assert sum(count > 0 for count in classes.counts().values()) == 1
    for one in range(0, 200, 20):
        assert str(classes[one])


@few
@given(st.integers(0, 10**6))
def test_a_better_score_never_gives_a_worse_class(seed: int) -> None:
    rule = ci.ProspectClassifier(card=learnt(), pursue=0.6, nurture=0.3).fit(
        table_of({})
    )
    classes = rule.classify(read(noisy(seed, n=60)))
    enough = classes.measures["known"].values >= 0.5
    order = np.argsort(-classes.measures["score"].values[enough], kind="stable")
    ranks = classes.codes[enough][order]
    assert (np.diff(ranks) >= 0).all()


def test_results_rename_pickle_and_forget_the_old_ids() -> None:
    ids = [f"SECRET-{i}" for i in range(40)]
    frame = noisy(n=40).assign(customer_id=ids)
    rule = ci.ProspectClassifier(card=learnt()).fit(table_of({}))
    table = read(frame)
    classes = rule.classify(table)
    assert pickle.loads(pickle.dumps(classes)) == classes  # noqa: S301
    new = [f"p{97 * i % 101:03}" for i in range(40)]
    again = classes.renamed(new)
    assert again == rule.classify(table.renamed(new))
    assert b"SECRET" not in pickle.dumps(again)
    assert "SECRET" not in repr(again) + repr(again.advice) + repr(again[new[0]])
    for old, other in zip(classes, new, strict=True):
        assert again[other] == classes[old]
    assert pickle.loads(pickle.dumps(again[new[3]])) == again[new[3]]  # noqa: S301


def test_results_keep_no_more_than_card_and_cautions_ask() -> None:
    frame = noisy(n=30).assign(diary="SECRET thoughts")
    rule = ci.ProspectClassifier(card=CARD).fit(table_of({}))
    assert b"thoughts" not in pickle.dumps(rule.classify(read(frame)))


def test_the_order_of_rows_never_matters() -> None:
    frame = noisy(n=80)
    rule = ci.ProspectClassifier(card=learnt()).fit(table_of({}))
    classes = rule.classify(read(frame))
    assert rule.classify(read(frame.iloc[::-1])) == classes


def test_rules_and_classifiers_survive_plain_data() -> None:
    classifier = ci.ProspectClassifier(
        card=ci.ProspectCriteria(high=5),
        pursue=80,
        cautions=[DEFAULTED, ci.Caution(attribute="age", at_least=99)],
        trusted=("size",),
        directions={"size": "increasing"},
    )
    for one in (
        classifier,
        ci.ProspectClassifier(),
        classifier.fit(table_of({})),
        quiet(ci.ProspectClassifier(cautions=[DEFAULTED]), read(noisy())),
        ci.ProspectCriteria(low=-1),
        DEFAULTED,
    ):
        again = ci.from_dict(ci.to_dict(one))
        assert again == one
        assert hash(again) == hash(one)
        assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301


def test_a_rule_that_came_back_classifies_the_same() -> None:
    table = read(noisy(3))
    rule = quiet(ci.ProspectClassifier(), read(noisy()))
    assert ci.from_dict(ci.to_dict(rule)).classify(table) == rule.classify(table)


# --- models of the host's ----------------------------------------------------------------------

MODELS = [
    LogisticRegression(),
    RandomForestClassifier(n_estimators=10, max_depth=3, random_state=1),
    HistGradientBoostingClassifier(max_iter=10, random_state=1),
    make_pipeline(StandardScaler(), LogisticRegression()),
]


@pytest.mark.parametrize("model", MODELS)
def test_a_classifier_of_scikit_learn_drops_in(model: Any) -> None:
    frame = noisy(1, n=300)
    before = repr(copy.deepcopy(model))
    rule = quiet(ci.ProspectClassifier(model=model), read(frame))
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    assert repr(model) == before
    table = read(frame)
    classes = rule.classify(table)
    points = np.stack([*rule.card.score(table).points.values()], axis=1)
    expected = copy.deepcopy(model).fit(points, table.outcomes == 1)
    chance = expected.predict_proba(points)[:, 1]
    np.testing.assert_allclose(rule.chance(table), chance)
    np.testing.assert_allclose(classes.measures["chance"].values, chance)
    assert next(iter(classes.measures)) == "chance"
    enough = classes.measures["known"].values >= 0.5
    assert (classes.where("pursue") == (enough & (chance >= rule.pursue))).all()
    again = pickle.loads(pickle.dumps(rule))  # noqa: S301
    assert again.classify(table).codes.tolist() == classes.codes.tolist()
    verdict = classes[0]
    assert "points" not in str(verdict)
    assert "chance" in str(verdict)
    alone = rule.classify(table.take(slice(7, 8)))
    assert alone.label_of(7) == classes.label_of(7)
    assert len(rule.classify(table.take(slice(0, 0)))) == 0


def test_a_rule_with_a_model_has_no_plain_form() -> None:
    rule = quiet(ci.ProspectClassifier(model=LogisticRegression()), read(noisy()))
    with pytest.raises(ci.SerializationError):
        ci.to_dict(rule)


def test_a_model_is_learnt_from_those_who_are_told_alone() -> None:
    frame = noisy(1, n=200)
    more = noisy(2, n=50).assign(customer_id=lambda one: one["customer_id"] + 900)
    both = pd.concat([frame.astype({"good": object}), more.assign(good=None)])
    one = quiet(ci.ProspectClassifier(model=LogisticRegression()), read(frame))
    two = quiet(ci.ProspectClassifier(model=LogisticRegression()), read(both))
    np.testing.assert_array_equal(one.model.coef_, two.model.coef_)


class Half:
    """A model of the host's own, which is false and has no length."""

    classes_ = (0, 1)

    def __bool__(self) -> bool:
        return False

    def fit(self, points: Any, good: Any) -> None:
        self.seen = points.shape

    def predict_proba(self, points: Any) -> Any:
        return np.full((len(points), 2), 0.5)


def test_a_model_of_the_hosts_own_may_have_any_shape_but_must_fit_and_predict() -> None:
    rule = quiet(ci.ProspectClassifier(model=Half(), pursue=0.4), read(noisy()))
    classes = rule.classify(read(noisy()))
    told = classes.measures["known"].values >= 0.5
    assert (classes.where("pursue") == told).all()
    assert str(classes[0])


class WithoutChances:
    def fit(self, points: Any, good: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize("model", [WithoutChances(), object(), "forest", 7, Half])
def test_what_gives_no_chances_is_no_model(model: Any) -> None:
    with refused("not_a_classifier"):
        quiet(ci.ProspectClassifier(model=model), read(noisy()))


def test_a_model_without_anything_to_read_is_refused_or_left_out() -> None:
    frame = pd.DataFrame({"customer_id": range(40), "x": [0, 0, 1, 1] * 10})
    frame["good"] = [True, False] * 20
    try:
        rule = quiet(ci.ProspectClassifier(model=LogisticRegression()), read(frame))
    except ci.InvalidInputError:
        return
    assert sum(rule.classify(read(frame)).counts().values()) == 40


# --- relational and valuable -----------------------------------------------------------------------


def identified() -> ci.Identification:
    rng = rng_of(3)
    sales = [
        ci.Transaction(
            customer_id=one,
            date=date(2011, month, 1 + one % 28),
            amount=float(10 ** (one % 4)),
        )
        for one in range(60)
        for month in range(1, 13)
        if rng.uniform() < (0.9 if one % 3 else 0.2) or month == 1
    ]
    return ci.identify(sales, as_of="2011-12-31")


def test_outcomes_of_customers_are_those_read_off_their_classes() -> None:
    found = identified()
    good = ci.relational_and_valuable(found.classes)
    for one in found:
        loyalty = found.classes["loyalty"].label_of(one)
        value = found.classes["value"].label_of(one)
        if "unknown" in {loyalty, value}:
            assert one not in good
        else:
            assert good[one] is (loyalty == "relational" and value in {"A", "B"})
    some = ci.relational_and_valuable(found.classes, {"value": ["C"]})
    assert some == {
        one: found.classes["value"].label_of(one) == "C"
        for one in found
        if found.classes["value"].label_of(one) != "unknown"
    }


def test_groups_without_unknown_ones_count_too() -> None:
    found = identified()
    ids = found.summary.customer_ids
    group = ci.Classification(
        customer_ids=ids,
        codes=(ids % 2).astype(np.int8),
        labels=("even", "odd"),
        as_of=found.summary.as_of,
    )
    wanted = {"value": ["A", "B"], "group": ["odd"]}
    good = ci.relational_and_valuable({**found.classes, "group": group}, wanted)
    value = ci.relational_and_valuable(found.classes, {"value": ["A", "B"]})
    assert good == {one: is_good and one % 2 == 1 for one, is_good in value.items()}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"height": ["A"]}, "unknown_rule"),
        ({}, "unknown_rule"),
        ({"value": ["Z"]}, "unknown_class"),
    ],
)
def test_wanted_classes_that_are_not_there_are_refused(wanted: Any, code: str) -> None:
    with refused(code):
        ci.relational_and_valuable(identified().classes, wanted)


def test_rules_of_other_customers_are_refused() -> None:
    found = identified()
    other = ci.ProspectClassifier(card=CARD).fit(table_of({}))
    leads = other.classify(table_of({"size": [1], "branch": ["x"], "default": ["no"]}))
    classes = {**found.classes, "prospect": leads}
    with refused("other_rules"):
        ci.relational_and_valuable(classes, {"value": ["A"], "prospect": ["pursue"]})


# --- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"card": "x"},
        {"card": CARD, "model": Half()},
        {"pursue": math.nan},
        {"nurture": "much"},
        {"pursue": 0.2, "nurture": 0.3},
        {"min_known": 1.5},
        {"min_known": math.nan},
        {"cautions": "x"},
        {"cautions": ["x"]},
        {"cautions": 5},
        {"trusted": "size"},
        {"trusted": [5]},
        {"directions": "up"},
        {"policy": "x"},
        {"policy": None},
    ],
)
def test_classifiers_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.ProspectClassifier(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"card": None},
        {"pursue": math.nan},
        {"nurture": math.nan},
        {"pursue": "x"},
        {"pursue": 1, "nurture": 2},
        {"min_known": -1},
        {"cautions": [None]},
    ],
)
def test_rules_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.ProspectRule(**{"card": CARD, "pursue": 70, "nurture": 50, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"at_least": math.nan},
        {"at_most": math.inf},
        {"at_least": "5"},
        {"at_least": 5, "at_most": 1},
        {"at_least": 5, "words": ["a"]},
        {"words": [5]},
        {"words": []},
        {"words": [" "]},
        {"words": 5},
        {"attribute": 5, "at_least": 1},
        {"attribute": " ", "at_least": 1},
        {"words": "a", "why": ""},
        {"words": "a", "why": None},
    ],
)
def test_cautions_that_cannot_be_are_refused(wrong: Any) -> None:
    with refused("bad_option"):
        ci.Caution(**{"attribute": "x", **wrong})


def test_cautions_read_as_sentences() -> None:
    assert str(ci.Caution(attribute="debt", at_least=5000)) == (
        "debt at least 5,000: care is needed"
    )
    both = ci.Caution(attribute="age", at_least=1, at_most=17.5, why="a child")
    assert str(both) == "age at least 1 and at most 17.5: a child"
    assert (
        str(ci.Caution(attribute="w", words=("a", "b"))) == "w a or b: care is needed"
    )


def test_cautions_about_the_other_kind_of_column_are_refused() -> None:
    columns = {"size": [3.0], "branch": ["x"]}
    for caution in (
        ci.Caution(attribute="branch", at_least=1),
        ci.Caution(attribute="size", words="big"),
    ):
        rule = ci.ProspectClassifier(card=CARD, cautions=[caution]).fit(table_of({}))
        with refused("wrong_type"):
            rule.classify(table_of(columns))
    missing = ci.Caution(attribute="height", at_least=1)
    rule = ci.ProspectClassifier(card=CARD, cautions=[missing]).fit(table_of({}))
    with refused("missing_column", kind=ci.MissingColumnError):
        rule.classify(table_of(columns))


def test_classing_asks_for_a_day_and_for_what_the_card_asks() -> None:
    rule = ci.ProspectClassifier(card=CARD).fit(table_of({}))
    with refused("no_day"):
        rule.classify(table_of({"size": [1.0], "branch": ["x"]}, as_of=None))
    with refused("missing_column", kind=ci.MissingColumnError):
        rule.classify(table_of({"size": [1.0]}))
    with refused("wrong_type"):
        rule.classify(table_of({"size": ["SECRET"], "branch": ["x"]}))
    with refused("bad_option"):
        rule.classify(pd.DataFrame({"size": [1.0]}))
    with refused("bad_option"):
        ci.ProspectClassifier(card=CARD).fit("table")
    assert rule.classify(table_of({"size": [1.0], "branch": ["x"]})).as_of == DAYS
    assert np.isnan(rule.chance(table_of({"size": [1.0], "branch": ["x"]}))).all()


def test_learning_asks_for_outcomes() -> None:
    with refused("no_outcomes"):
        ci.ProspectClassifier().fit(table_of({"x": [1.0]}))
    with refused("one_outcome"):
        ci.ProspectClassifier().fit(read(noisy().assign(good=True)))


def test_a_chance_above_one_is_no_limit_of_a_learnt_card() -> None:
    for wrong in ({"pursue": 70}, {"nurture": -1}, {"pursue": 70, "nurture": 50}):
        with refused("bad_option"):
            quiet(ci.ProspectClassifier(**wrong), read(noisy()))
        with refused("bad_option"):
            quiet(ci.ProspectClassifier(model=Half(), **wrong), read(noisy()))
