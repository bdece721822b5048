"""Classes of real prospects and borrowers, held against what became of them."""

import functools
import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from customer_identification.classify.base import Classification
from customer_identification.classify.caution import Caution
from customer_identification.classify.credit_score import CreditScoreClassifier
from customer_identification.classify.prospect import ProspectClassifier, ProspectRule
from customer_identification.frames import Labels
from customer_identification.scorecard.assess import assess
from scorecard_real.score_data import AS_OF, card, held_back, world


SEEDS = (0, 1, 2)
CAUTIONS = (Caution(attribute="default", words="yes", why="failed to pay before"),)


@functools.cache
def rule(seed: int) -> ProspectRule:
    bank = world("bank_marketing")
    table = bank.table(bank.split(seed)[0])
    return ProspectClassifier(cautions=CAUTIONS, trusted=["poutcome"]).fit(table)


@functools.cache
def called(seed: int) -> Classification:
    """Class the third that the rule did not learn from."""
    return rule(seed).classify(held_back("bank_marketing", seed))


def share(classes: Classification, good: np.ndarray, *labels: str) -> float:
    return float(good[classes.where(*labels)].mean())


# --- prospects ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_whom_to_pursue_comes_true_on_those_held_back(seed: int) -> None:
    classes, good = called(seed), held_back("bank_marketing", seed).outcomes
    average = good.mean()
    pursue, nurture, no = (
        share(classes, good, one) for one in ("pursue", "nurture", "no")
    )
    assert pursue > nurture > average > no
    assert pursue / (1 - pursue) > 2 * average / (1 - average)
    assert sum(classes.counts().values()) == good.size
    assert classes.counts()["unknown"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_who_failed_to_pay_before_is_never_pursued(seed: int) -> None:
    table, classes = held_back("bank_marketing", seed), called(seed)
    column = table.column("default")
    assert isinstance(column, Labels)
    failed = column.codes == column.words.index("yes")
    assert failed.sum() > 10
    assert not (failed & classes.where("pursue", "nurture")).any()
    assert (failed | ~classes.where("careful")).all()
    (one, *_) = table.customer_ids[classes.where("careful")].tolist()
    assert "caution: default yes: failed to pay before" in str(classes[one])


def test_those_with_the_best_chances_are_ranked_first() -> None:
    classes = called(0)
    chance = dict(
        zip(
            classes.customer_ids.tolist(),
            classes.measures["chance"].values.tolist(),
            strict=True,
        )
    )
    ranked = [chance[one] for one in classes.ranked().tolist()]
    assert ranked == sorted(ranked, reverse=True)
    table = held_back("bank_marketing", 0)
    place = {one: at for at, one in enumerate(classes.ranked().tolist())}
    best = np.array([place[one] < 150 for one in table.customer_ids.tolist()])
    # A tenth of all, who buy more than three times as often as the others.
    assert table.outcomes[best].mean() > 3 * table.outcomes[~best].mean()


def test_reasons_add_up_to_the_score_of_every_verdict() -> None:
    classes = called(0)
    for one in classes.customer_ids[::60].tolist():
        verdict = classes[one]
        points = [
            reason.value
            for reason in verdict.reasons
            if reason.measure == "base" or reason.measure.endswith("_points")
        ]
        at = classes.customer_ids.tolist().index(one)
        score = classes.measures["score"].values[at]
        assert math.fsum(points) == pytest.approx(score, abs=1e-9)
        assert len(points) == 1 + len(rule(0).card.attributes)


def test_the_change_told_of_a_number_makes_the_class_it_names() -> None:
    bank, classes, tried = world("bank_marketing"), called(0), 0
    rows = bank.frame.set_index("party", drop=False)
    for one in classes.customer_ids[::50].tolist():
        for change in classes[one].changes:
            if math.isnan(change.by):
                continue
            row = rows.loc[[one]]
            moved = np.nextafter(  # below a limit means past it, if only by a hair
                row[change.measure].astype(float) + change.by,
                math.copysign(math.inf, change.by),
            )
            table = bank.table(row.assign(**{change.measure: moved}), as_of=AS_OF)
            assert rule(0).classify(table).label_of(one) == change.label
            tried += 1
    assert tried > 20


def test_a_model_of_the_hosts_ranks_about_as_well_from_the_same_points() -> None:
    bank = world("bank_marketing")
    classifier = ProspectClassifier(
        model=LogisticRegression(max_iter=1000), trusted=["poutcome"]
    )
    theirs = classifier.fit(bank.table(bank.split(0)[0]))
    held = held_back("bank_marketing", 0)
    mine = card("bank_marketing", 0).check(held)
    assert assess(held.outcomes, theirs.chance(held)).area == pytest.approx(
        mine.area, abs=0.01
    )
    assert set(theirs.classify(held).counts()) == set(called(0).counts())


# --- credit ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["taiwan_credit", "south_german_credit"])
def test_credit_levels_come_true_on_those_held_back(name: str, seed: int) -> None:
    classifier = CreditScoreClassifier(card=card(name, seed))
    held = held_back(name, seed)
    classes = classifier.fit(held).classify(held)
    bad = 1 - held.outcomes
    good, fair, poor = (share(classes, bad, one) for one in ("good", "fair", "poor"))
    assert good < fair < 1 / 6 < poor
    assert good < bad.mean() < poor
    assert sum(classes.counts().values()) == bad.size


@pytest.mark.parametrize("seed", SEEDS)
def test_of_borrowers_called_good_no_more_than_told_fail_to_pay(seed: int) -> None:
    held = held_back("taiwan_credit", seed)
    classes = (
        CreditScoreClassifier(card=card("taiwan_credit", seed), good_default=0.1)
        .fit(held)
        .classify(held)
    )
    good = classes.where("good")
    assert good.sum() > 1000  # of 10,000
    assert 1 - held.outcomes[good].mean() < 0.1
