"""Cards and scikit-learn's logistic regression on the same real parties held back."""

import functools

import numpy as np
import pytest

from customer_identification.scorecard.assess import Assessment, assess
from scorecard_real.score_data import ALL, card, held_back, logistic, world


SEEDS = (0, 1, 2)
each = pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name in ALL for seed in SEEDS]
)


@functools.cache
def both(name: str, seed: int, *, by_codes: bool = False) -> tuple[Assessment, ...]:
    """Assess the card and the regression on the same third."""
    one = world(name)
    learnt, held = one.split(seed)
    chances = logistic(one, learnt, held, one.codes if by_codes else ())
    mine = card(name, seed).check(held_back(name, seed))
    return mine, assess(held["good"].to_numpy(), chances)


@each
def test_a_card_ranks_as_well_as_logistic_regression(name: str, seed: int) -> None:
    mine, theirs = both(name, seed)
    assert (mine.n_good, mine.n_bad) == (theirs.n_good, theirs.n_bad)
    assert mine.area >= theirs.area - 0.02
    assert 0.5 < mine.low < mine.area < mine.high < 1
    assert mine.high - mine.low <= theirs.high - theirs.low + 0.01


@pytest.mark.parametrize("seed", SEEDS)
def test_a_card_needs_nobody_to_say_which_numbers_are_codes(seed: int) -> None:
    # PAY_n is a delay in months, and below 1 a code. The regression ranks as well as
    # the card once it is told so, and worse by 0.04 when it is not.
    plain, told = (
        both("taiwan_credit", seed),
        both("taiwan_credit", seed, by_codes=True),
    )
    mine = plain[0]
    assert mine.area >= told[1].area - 0.02
    assert told[1].area - plain[1].area > 0.03
    assert mine.area - plain[1].area > 0.03


@pytest.mark.parametrize("seed", SEEDS)
def test_chances_of_default_come_true(seed: int) -> None:
    mine, theirs = both("taiwan_credit", seed)
    assert mine.calibration_error < 0.02 < theirs.calibration_error
    assert 0.95 < mine.slope < 1.05
    assert mine.brier < theirs.brier
    inside = (mine.chance >= mine.share_low) & (mine.chance <= mine.share_high)
    assert inside.sum() >= 7  # of ten; 9.5 could be hoped for of a perfect model
    assert mine.rows.sum() == 10_000


def test_chances_from_few_borrowers_are_less_bold_than_those_of_the_regression() -> (
    None
):
    pairs = [both("south_german_credit", seed) for seed in range(6)]
    slopes = np.array([[mine.slope, theirs.slope] for mine, theirs in pairs])
    errors = np.array([[one.calibration_error for one in pair] for pair in pairs])
    mine, theirs = slopes.mean(axis=0)
    assert abs(mine - 1) < abs(theirs - 1)
    assert errors.mean(axis=0)[0] < errors.mean(axis=0)[1] < 0.1


@pytest.mark.parametrize("name", ALL)
def test_a_card_has_the_reasons_that_the_regression_lacks(name: str) -> None:
    own, table = card(name, 0), held_back(name, 0)
    scores = own.score(table)
    total = np.zeros(len(table))
    for points in scores.points.values():
        total += points
    assert np.allclose(total + own.base, scores.score, rtol=0, atol=1e-9)
    for party in table.customer_ids[:20].tolist():
        points = scores.points_of(party)
        at = table.customer_ids.tolist().index(party)
        assert sum(points.values()) == pytest.approx(scores.score[at], abs=1e-9)
        assert set(points) == {"base", *own.names}


@pytest.mark.parametrize("name", ALL)
def test_equal_parties_score_alike_and_the_order_of_rows_is_nothing(name: str) -> None:
    one = world(name)
    learnt, held = one.split(0)
    again = one.table(learnt.sample(frac=1, random_state=1))
    assert again == one.table(learnt)
    alone = one.table(held.iloc[7:8])
    among = held_back(name, 0)
    at = among.customer_ids.tolist().index(alone.customer_ids[0])
    own = card(name, 0)
    assert own.score(alone).score[0] == own.score(among).score[at]
