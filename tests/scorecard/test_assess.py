"""The area under the curve and calibration, held against other people's programs."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit
from scipy.stats import binomtest, norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

import customer_identification as ci
from scorecard.card_worlds import refused, rng_of


few = settings(max_examples=50)


@st.composite
def outcomes(draw: Any) -> tuple[Any, Any]:
    chances = st.sampled_from([0.0, 0.1, 0.25, 0.25001, 0.5, 0.9, 1.0])
    rows = draw(st.lists(st.tuples(st.booleans(), chances), min_size=2, max_size=40))
    good, chance = map(np.array, zip(*rows, strict=True))
    good[:2] = [True, False]
    return good, chance


def structural(good: Any, chance: Any) -> tuple[float, float]:
    """Give area and variance by DeLong's structural components, pair by pair."""
    pairs = [
        [1.0 if a > b else 0.5 if a == b else 0.0 for b in chance[~good]]
        for a in chance[good]
    ]
    by_good = [sum(row) / len(row) for row in pairs]
    by_bad = [sum(column) / len(column) for column in zip(*pairs, strict=True)]
    area = sum(by_good) / len(by_good)
    variance = sum(
        sum((one - area) ** 2 for one in part) / (len(part) - 1) / len(part)
        for part in (by_good, by_bad)
        if len(part) > 1
    )
    return area, variance


@few
@given(outcomes(), st.sampled_from([0.8, 0.95, 0.99]))
def test_area_and_interval_are_those_of_all_pairs(world: Any, level: float) -> None:
    good, chance = world
    found = ci.assess(good, chance, confidence=level)
    area, variance = structural(good, chance)
    assert found.area == pytest.approx(area, abs=1e-12)
    assert found.area == pytest.approx(roc_auc_score(good, chance), abs=1e-12)
    half = norm.ppf(0.5 + level / 2) * variance**0.5
    assert found.low == pytest.approx(max(0, area - half), abs=1e-9)
    assert found.high == pytest.approx(min(1, area + half), abs=1e-9)
    assert found.gini == pytest.approx(2 * area - 1, abs=1e-12)
    assert found.brier == pytest.approx(brier_score_loss(good, chance), abs=1e-12)
    assert (found.n_good, found.n_bad) == (good.sum(), (~good).sum())


@few
@given(outcomes(), st.integers(2, 12))
def test_bins_hold_everybody_once_with_the_interval_of_wilson(
    world: Any, n_bins: int
) -> None:
    good, chance = world
    found = ci.assess(good, chance, n_bins=n_bins)
    assert found.rows.sum() == good.size
    assert 1 <= found.rows.size <= n_bins
    assert (np.diff(found.chance) > 0).all()
    assert found.chance @ found.rows == pytest.approx(chance.sum())
    n_good = np.rint(found.share * found.rows).astype(int)
    assert n_good.sum() == good.sum()
    for k, n, low, high in zip(
        n_good, found.rows, found.share_low, found.share_high, strict=True
    ):
        test = binomtest(int(k), int(n)).proportion_ci(0.95, method="wilson")
        assert (low, high) == pytest.approx((test.low, test.high), abs=1e-9)
    error = (np.abs(found.chance - found.share) * found.rows).sum() / good.size
    assert found.calibration_error == pytest.approx(error)


@few
@given(outcomes(), st.integers(2, 12))
def test_equal_chances_share_a_bin(world: Any, n_bins: int) -> None:
    good, chance = world
    found = ci.assess(good, chance, n_bins=n_bins)
    # bins are runs of the sorted chances: the ends of no bin may cut through equal ones
    ends = np.cumsum(found.rows)[:-1]
    ordered = np.sort(chance)
    assert (ordered[ends - 1] < ordered[ends]).all()


def test_slope_and_intercept_are_those_of_cox_by_scikit_learn() -> None:
    rng = rng_of(8)
    chance = rng.uniform(0.02, 0.98, 800)
    good = rng.uniform(size=800) < chance**2
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(chance)[:, None], good)
    found = ci.assess(good, chance)
    assert found.slope == pytest.approx(theirs.coef_[0, 0], abs=1e-5)
    assert found.intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)


def test_a_made_up_variance_by_hand() -> None:
    # good at 3, 2; bad at 1, 2: pairs 1, 1 / 1, .5; by good 1, .75; by bad 1, .75
    found = ci.assess([1, 1, 0, 0], [0.3, 0.2, 0.1, 0.2])
    assert found.area == 0.875
    spread = (2 * 0.03125 / 2) ** 0.5
    assert found.low == pytest.approx(0.875 - 1.959963985 * spread)


def test_rows_without_outcome_are_left_out_and_order_never_matters() -> None:
    rng = rng_of(9)
    chance = rng.uniform(size=200).round(2)
    good = (rng.uniform(size=200) < chance).astype(float)
    expected = ci.assess(good, chance)
    more = ci.assess(np.append(good, [np.nan] * 3), np.append(chance, [0.1, 0.5, 0.9]))
    assert more == expected
    order = rng.permutation(200)
    shuffled = ci.assess(good[order], chance[order])
    assert shuffled.rows.tolist() == expected.rows.tolist()
    for name in ("area", "low", "high", "brier", "slope", "calibration_error"):
        assert getattr(shuffled, name) == pytest.approx(getattr(expected, name))


def test_sure_and_right_chances_are_an_area_of_one_with_finite_numbers() -> None:
    found = ci.assess([1, 1, 0, 0], [1.0, 1.0, 0.0, 0.0])
    assert (found.area, found.low, found.high, found.brier) == (1, 1, 1, 0)
    assert np.isfinite([found.slope, found.intercept]).all()
    assert found.calibration_error == 0


def test_one_of_each_has_an_interval_of_no_width() -> None:
    found = ci.assess([1, 0], [0.2, 0.2])
    assert (found.area, found.low, found.high) == (0.5, 0.5, 0.5)


def test_an_assessment_pickles_and_shows_its_bins_as_a_frame() -> None:
    found = ci.assess([1, 0, 1, 0], [0.9, 0.4, 0.6, 0.2], n_bins=2)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    frame = found.to_frame()
    assert list(frame.columns) == ["chance", "share", "share_low", "share_high", "rows"]
    assert frame["rows"].tolist() == found.rows.tolist()
    assert "2 good and 2 bad" in str(found)


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        (([1, 0], [0.5]), "bad_shape"),
        (([[1, 0]], [[0.5, 0.5]]), "bad_shape"),
        ((["yes", "no"], [0.5, 0.5]), "wrong_type"),
        (([1, 0], ["a", "b"]), "wrong_type"),
        (([1, 0], [None, object()]), "wrong_type"),
        (([1, 2], [0.5, 0.5]), "bad_outcome"),
        (([1, 0], [0.5, 1.1]), "out_of_range"),
        (([1, 0], [0.5, float("nan")]), "out_of_range"),
        (([1, 0], [float("-inf"), 0.5]), "out_of_range"),
        (([1, 1], [0.5, 0.5]), "one_outcome"),
        (([0, 0], [0.5, 0.5]), "one_outcome"),
        (([], []), "one_outcome"),
        (([float("nan"), 1], [0.5, 0.5]), "one_outcome"),
    ],
)
def test_outcomes_and_chances_that_cannot_be_assessed_are_refused(
    given_: Any, code: str
) -> None:
    with refused(code):
        ci.assess(*given_)


@pytest.mark.parametrize(
    "options",
    [{"n_bins": 1}, {"n_bins": 2.5}, {"confidence": 1}, {"confidence": float("nan")}],
)
def test_options_of_an_assessment_are_checked(options: Any) -> None:
    with refused("bad_option"):
        ci.assess([1, 0], [0.5, 0.5], **options)
