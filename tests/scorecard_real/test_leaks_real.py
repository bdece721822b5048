"""The length of a call is known when it has ended, and so is what came of it."""

import warnings

import pytest

from customer_identification.classify.prospect import ProspectClassifier
from customer_identification.errors import InvalidInputError, LeakWarning
from customer_identification.scorecard.learn import learn_scorecard
from scorecard_real.score_data import AS_OF, card, held_back, world


def test_the_length_of_a_call_is_told_as_a_leak() -> None:
    table = world("bank_marketing").table(later=())
    with pytest.warns(LeakWarning, match="duration") as told:
        found = learn_scorecard(table)
    assert len(told) == 1
    assert found.suspects == ("duration",)
    with pytest.warns(LeakWarning, match="later="):
        ProspectClassifier().fit(table)


def test_what_is_said_to_be_known_later_is_left_out_and_nothing_warns() -> None:
    bank = world("bank_marketing")
    found = card("bank_marketing", 1)
    assert ("duration", "only known later") in found.left_out
    assert "duration" not in found.names
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert learn_scorecard(bank.table()).suspects == ()


def test_who_asks_for_it_nevertheless_is_refused() -> None:
    table = world("bank_marketing").table()
    with pytest.raises(InvalidInputError, match="'duration'") as fault:
        learn_scorecard(table, attributes=["balance", "duration"])
    assert fault.value.code == "known_later"
    assert fault.value.column == "duration"


def test_the_leak_flatters_by_more_than_a_tenth_of_the_area() -> None:
    bank = world("bank_marketing")
    learnt, held = bank.split(0)
    with pytest.warns(LeakWarning, match="duration"):
        leaky = learn_scorecard(bank.table(learnt, later=()))
    flattered = leaky.check(bank.table(held, later=()))
    honest = card("bank_marketing", 0).check(held_back("bank_marketing", 0))
    assert flattered.low - honest.high > 0
    assert flattered.area - honest.area > 0.1


def test_those_not_called_yet_can_be_scored_without_it() -> None:
    bank = world("bank_marketing")
    rule = ProspectClassifier().fit(bank.table(as_of=AS_OF))
    new = bank.frame.drop(columns=["duration", "good"]).head(50)
    table = bank.table(new, later=(), outcome=None, as_of=AS_OF)
    assert table.names == tuple(one for one in new.columns if one != "party")
    among = rule.classify(bank.table(as_of=AS_OF))
    alone = rule.classify(table)
    for party in alone:
        assert alone.label_of(party) == among.label_of(party)
