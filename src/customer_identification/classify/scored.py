"""Classes by scorecard, and what classifiers that learn a card share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable
from customer_identification.classify.base import Classification
from customer_identification.classify.caution import Caution
from customer_identification.classify.nearest import ScoreAdvice, ScoredRule, asked_of
from customer_identification.classify.table import Line, Measure, decide
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_float
from customer_identification.options import an_instance, words
from customer_identification.scorecard.binning import Direction
from customer_identification.scorecard.card import Scorecard
from customer_identification.scorecard.learn import (
    ScorecardPolicy,
    learn_quietly,
    warn_of_suspects,
)


__all__ = [
    "card_of",
    "cautions_of",
    "check_directions",
    "check_policy",
    "classify_by_card",
    "learn_card",
    "limit_of",
    "names_of",
]


def card_of(value: Any) -> Scorecard:
    """Give a scorecard; a converter of attrs."""
    card: Scorecard = an_instance("card", value, Scorecard)
    return card


def limit_of(value: Any) -> float:
    """Give a score that limits a class, which may be endless; a converter of attrs."""
    limit = to_float(value)
    if limit is None or math.isnan(limit):
        raise InvalidInputError("limits of classes must be numbers", code="bad_option")
    return limit


def cautions_of(values: Any) -> tuple[Caution, ...]:
    """Give cautions as a tuple; a converter of attrs."""
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(isinstance(one, Caution) for one in values):
        raise InvalidInputError(
            "cautions must be a list of Caution objects", code="bad_option"
        )
    return tuple(values)


def names_of(values: Any) -> tuple[str, ...]:
    """Give names of attributes as a tuple; a converter of attrs."""
    return words("trusted", values)


def check_directions(_: Any, attribute: Any, value: Any) -> None:
    """Make sure that a field holds directions by attribute, or None."""
    an_instance(attribute.name, value, Mapping, or_none=True)


def check_policy(_: Any, attribute: Any, value: Any) -> None:
    """Make sure that a field says how cards are learnt."""
    an_instance(attribute.name, value, ScorecardPolicy)


def learn_card(
    table: AttributeTable,
    directions: Mapping[str, Direction] | None,
    trusted: tuple[str, ...],
    policy: ScorecardPolicy,
) -> Scorecard:
    """Learn a card for a classifier, whose caller gets the warning."""
    card = learn_quietly(table, None, directions, trusted, policy)
    warn_of_suspects(card, policy, stacklevel=4)
    return card


def classify_by_card(
    rule: ScoredRule,
    table: AttributeTable,
    lines: Sequence[Line],
    labels: tuple[str, ...],
    *,
    chance: NDArray[np.float64] | None = None,
) -> Classification:
    """Classify parties by a table of lines on their score; what scored rules end in.

    The measures are score and chance, the one that the lines ask for first; known, the
    share of what the card asks that is known; and cautions, how many there are.

    Parameters
    ----------
    rule : ScoredRule
        Whose card gives the points.
    table : AttributeTable
        With its day.
    lines : sequence of Line
        First match wins; the last has no conditions.
    labels : tuple of str
        Best first.
    chance : ndarray of float, shape (n,), optional
        Of another model; that of the card by default.

    Raises
    ------
    InvalidInputError
        If the table does not say which day it speaks of.
    """
    an_instance("table", table, AttributeTable)
    day = table.day()
    scores = rule.card.score(table)
    own = {
        "score": Measure(scores.score),
        "chance": Measure(scores.chance if chance is None else chance, "share"),
    }
    first = "score" if chance is None else "chance"
    count = np.zeros(len(table), np.int64)
    for one in rule.cautions:
        count += one.holds(table)
    measures = {
        first: own.pop(first),
        **own,
        "known": Measure(scores.known, "share"),
        "cautions": Measure(count, "count"),
    }
    return Classification(
        customer_ids=table.customer_ids,
        codes=decide(lines, labels, measures, len(table)),
        labels=labels,
        as_of=day,
        lines=tuple(lines),
        measures=measures,
        ordered=True,
        advice=ScoreAdvice(
            rule=rule,
            table=evolve(table.only(asked_of(rule)), outcomes=None),
            scores=scores,
            adds_up=chance is None,
        ),
        kind=table.kind,
    )
