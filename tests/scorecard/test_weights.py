"""Weights against scipy's optimizer, and calibration against scikit-learn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

import customer_identification as ci
from customer_identification.scorecard.weights import (
    fit_intercept,
    fit_logit,
    fit_weights,
)
from scorecard.card_worlds import learnt, noisy, rng_of, table_of


few = settings(max_examples=25)


def loss(weights: Any, columns: Any, good: Any, shrink: float) -> float:
    """Give minus the log-likelihood, with a normal prior of each weight about 1."""
    odds = weights[0] + columns @ weights[1:]
    told = np.where(good, log_expit(odds), log_expit(-odds)).sum()
    return float(-told + shrink / 2 * ((weights[1:] - 1) ** 2).sum())


def slope(weights: Any, columns: Any, good: Any, shrink: float) -> Any:
    chance = expit(weights[0] + columns @ weights[1:])
    return np.append(
        (chance - good).sum(), columns.T @ (chance - good) + shrink * (weights[1:] - 1)
    )


@st.composite
def worlds(draw: Any) -> tuple[list[Any], list[Any], Any]:
    rng = rng_of(draw(st.integers(0, 10**6)))
    n, k = draw(st.integers(5, 150)), draw(st.integers(1, 4))
    evidence = [rng.normal(0, draw(st.sampled_from([0.3, 1, 3])), 5) for _ in range(k)]
    codes = [rng.integers(0, 5, n).astype(np.uint8) for _ in range(k)]
    odds = sum(rng.normal(0.5, 1) * e[c] for e, c in zip(evidence, codes, strict=True))
    good = rng.uniform(size=n) < expit(odds)
    good[:2] = [True, False]
    return codes, evidence, good


@few
@given(worlds(), st.sampled_from([0.1, 1.0, 10.0]), st.booleans())
def test_no_weights_are_likelier_than_ours_free_or_bounded(
    world: Any, shrink: float, bound: Any
) -> None:
    codes, evidence, good = world
    columns = np.stack([e[c] for e, c in zip(evidence, codes, strict=True)], axis=1)
    is_bound = np.full(len(codes), bound)
    found, chi2 = fit_weights(codes, evidence, good, is_bound=is_bound, shrink=shrink)
    given_ = (columns, good, shrink)
    lows = [(None, None), *[(0 if bound else None, None)] * len(codes)]
    other = minimize(
        loss,
        np.append(0, np.ones(len(codes))),
        args=given_,
        jac=slope,
        method="L-BFGS-B",
        bounds=lows,
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000},
    )
    assert loss(found, *given_) <= other.fun + 1e-9
    np.testing.assert_allclose(found, other.x, atol=1e-3)
    # where a weight is free the slope is 0; where it is held at 0 it points below
    rest = slope(found, *given_)
    at_bound = np.append(False, bound & (found[1:] == 0))
    np.testing.assert_allclose(rest[~at_bound], 0, atol=1e-5)
    assert (rest[at_bound] >= -1e-5).all()
    if bound:
        assert (found[1:] >= 0).all()
    share = good.mean()
    alone = good.size * (share * np.log(share) + (1 - share) * np.log(1 - share))
    told = -loss(found, columns, good, 0.0)
    assert chi2 == pytest.approx(max(0, 2 * (told - alone)), abs=1e-6)


def test_one_attribute_alone_has_the_weight_of_naive_bayes() -> None:
    frame = noisy(3, n=900)[["customer_id", "age", "good"]]
    card = learnt(frame)
    (age,) = card.attributes
    # its evidence is the log odds of its bins, so the likelihood is highest at 1
    np.testing.assert_allclose(
        age.points, card.scale.factor * age.evidence[:-1], rtol=1e-6
    )


def test_perfect_separation_gives_finite_weights() -> None:
    codes = [np.repeat([0, 1], 50).astype(np.uint8)]
    found, chi2 = fit_weights(
        codes,
        [np.array([-3.0, 3.0])],
        np.repeat([False, True], 50),
        is_bound=np.array([False]),
        shrink=1.0,
    )
    assert np.isfinite(found).all()
    assert 0 < chi2 < 100 * 2 * np.log(2) + 1e-9


def test_the_same_column_twice_shares_its_weight() -> None:
    rng = rng_of(4)
    code = rng.integers(0, 4, 500).astype(np.uint8)
    evidence = np.array([-1.0, -0.3, 0.4, 1.2])
    good = rng.uniform(size=500) < expit(evidence[code])
    once, _ = fit_weights(
        [code], [evidence], good, is_bound=np.array([False]), shrink=0.0
    )
    twice, _ = fit_weights(
        [code, code], [evidence] * 2, good, is_bound=np.zeros(2, bool), shrink=1e-3
    )
    assert twice[1] == pytest.approx(twice[2])
    assert twice[1:].sum() == pytest.approx(once[1], abs=1e-2)


def test_many_rows_end_at_the_same_weights_as_a_generic_optimizer() -> None:
    rng = rng_of(5)
    n = 70_000  # more than the sample that the search starts from
    codes = [rng.integers(0, 4, n).astype(np.uint8) for _ in range(2)]
    evidence = [np.array([-1.0, 0, 0.5, 1]), np.array([-0.5, -0.2, 0.1, 2])]
    columns = np.stack([e[c] for e, c in zip(evidence, codes, strict=True)], axis=1)
    good = rng.uniform(size=n) < expit(columns @ [0.5, 1.5] - 1)
    found, _ = fit_weights(codes, evidence, good, is_bound=np.zeros(2, bool), shrink=1)
    assert np.abs(slope(found, columns, good, 1.0)).max() < 1e-5 * n


# --- shrinkage, and calibration -------------------------------------------------------------


def degrees(frame: Any) -> float:
    """Count what was fitted to find the bins of all attributes, by the book.

    Of a number the levels of a monotone fit to noise, 1 + 1/2 + ... + 1/k for k bins to
    start from (Barlow et al. 1972); of words all that are frequent enough; one less.
    """
    enough = 0.02 * len(frame)
    total = 0.0
    for name in ("size", "age", "branch", "noise"):
        known = frame[name].dropna()
        more = len(frame) - len(known) >= enough
        if name == "branch":
            total += (known.value_counts() >= enough).sum() + more - 1
            continue
        ordered = np.sort(known)
        limits = {ordered[k * ordered.size // 20] for k in range(1, 20)}
        bins = len(limits - {ordered[0]}) + 1
        total += sum(1 / k for k in range(1, bins + 1)) + more - 1
    return total


@pytest.mark.parametrize("seed", range(5))
def test_chances_are_less_bold_by_the_heuristic_shrinkage_factor(seed: int) -> None:
    # van Houwelingen & le Cessie 1990: (chi2 of the model - degrees) / chi2
    frame = noisy(seed, n=300)
    card = learnt(frame)
    table = ci.attribute_table(frame, outcome="good")
    bold = card.scale.log_odds(card.score(table).score)
    good, share = frame["good"].to_numpy(), frame["good"].mean()
    model = np.where(good, log_expit(bold), log_expit(-bold)).sum()
    alone = good.size * (share * np.log(share) + (1 - share) * np.log(1 - share))
    chi2 = 2 * (model - alone)
    assert 0 < card.scale.slope < 1
    assert card.scale.slope == pytest.approx(1 - degrees(frame) / chi2, abs=1e-6)
    chance = card.score(table).chance
    assert chance.mean() == pytest.approx(share, abs=1e-9)


def test_the_intercept_makes_chances_add_up_to_the_good_ones() -> None:
    rng = rng_of(6)
    odds = rng.normal(0, 30, 500)
    good = rng.uniform(size=500) < 0.3
    more = fit_intercept(odds, good)
    assert expit(odds + more).sum() == pytest.approx(good.sum(), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_calibration_is_that_of_an_unpenalized_logistic_regression(seed: int) -> None:
    rng = rng_of(seed)
    odds = rng.normal(0.4, 1.5, 600)
    good = rng.uniform(size=600) < expit(0.3 + 0.6 * odds)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
        odds[:, None], good
    )
    intercept, steepness = fit_logit(odds, good)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert steepness == pytest.approx(theirs.coef_[0, 0], abs=1e-5)


def test_calibrating_on_new_parties_keeps_points_and_mends_chances() -> None:
    card = learnt(noisy(1, n=300))
    fresh = ci.attribute_table(noisy(2, n=2000), outcome="good")
    again = card.calibrated(fresh)
    assert again.attributes == card.attributes
    assert again.base == card.base
    before, after = card.check(fresh), again.check(fresh)
    assert after.area == before.area
    assert after.slope == pytest.approx(1, abs=1e-4)
    assert after.intercept == pytest.approx(0, abs=1e-4)
    odds = again.scale.log_odds(again.score(fresh).score)
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(
        odds[:, None], fresh.outcomes == 1
    )
    assert again.scale.slope == pytest.approx(theirs.coef_[0, 0], abs=1e-4)


def test_a_card_that_ranks_the_wrong_way_is_not_calibrated() -> None:
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="x", limits=[1], points=[100, 0])]
    )
    table = table_of({"x": [0, 0, 2, 2] * 20, "y": [0, 0, 1, 1] * 20}, outcome="y")
    with pytest.raises(ci.InvalidInputError) as found:
        card.calibrated(table)
    assert found.value.code == "not_calibrated"


def test_a_card_by_hand_gets_chances_by_calibration() -> None:
    card = ci.Scorecard(
        attributes=[ci.NumberPoints(name="x", limits=[1], points=[0, 40])]
    )
    table = table_of({"x": [0, 2] * 50, "y": [0, 1, 1, 1] * 25}, outcome="y")
    assert np.isnan(card.score(table).chance).all()
    chance = card.calibrated(table).score(table).chance
    assert chance[:2] == pytest.approx([0.5, 1.0], abs=2e-2)
