"""Prospects: parties who never bought, and which of them to pursue."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable
from customer_identification.classify.base import Classification
from customer_identification.classify.caution import Caution
from customer_identification.classify.scored import (
    card_of,
    cautions_of,
    check_directions,
    check_policy,
    classify_by_card,
    learn_card,
    limit_of,
    names_of,
)
from customer_identification.classify.table import Condition, Line, table_field
from customer_identification.errors import InvalidInputError
from customer_identification.options import an_instance, float_field, number
from customer_identification.scorecard.binning import Direction
from customer_identification.scorecard.card import Scorecard
from customer_identification.scorecard.learn import ScorecardPolicy
from customer_identification.scorecard.points import NumberPoints
from customer_identification.scorecard.scale import ScoreScale


__all__ = [
    "ProspectClassifier",
    "ProspectCriteria",
    "ProspectRule",
    "relational_and_valuable",
]

# A prospect of whom less is known than this is not judged; our choice.
_MIN_KNOWN = 0.5
_STEPS = 5  # of a rating: very low, low, middle, high, very high; our choice
# Odds against those of an average party from which on it pays to pursue, and to nurture,
# somebody; our choice.
_PURSUE_ODDS, _NURTURE_ODDS = 2.0, 1.0
_CRITERIA = (
    "long_relation",
    "continuity",
    "adaptability",
    "cooperation",
    "financial_prospects",
)


@frozen(kw_only=True)
class ProspectCriteria:
    """What to look for in a potential customer, and how much each counts.

    The criteria are those of "What Is the Customer Identification Program?"; the weights
    are our choice. A rating is cut into five steps, and the best of all give 100 points.
    An unknown one gives half its points, and is told as unknown.

    Parameters
    ----------
    long_relation : float
        "concerned about the future and interested in long-term partnerships"
    continuity : float
        "customers with continuous characteristics"
    adaptability, cooperation : float
        "an adaptive attitude" and to "play a role in cooperation"
    financial_prospects : float
        "carefully consider the financial prospects of the partnership"
    low, high : float
        Worst and best rating.

    Raises
    ------
    InvalidInputError
        If no weight is above 0, or high is not above low.

    Examples
    --------
    >>> card = ProspectCriteria(low=1, high=5).card()
    >>> print(card.attributes[1].text(4), card.attributes[1].points)
    continuity at least 4.2 (0.0, 5.0, 10.0, 15.0, 20.0)
    """

    long_relation: float = float_field("long_relation", 0.30, 0)
    continuity: float = float_field("continuity", 0.20, 0)
    adaptability: float = float_field("adaptability", 0.10, 0)
    cooperation: float = float_field("cooperation", 0.15, 0)
    financial_prospects: float = float_field("financial_prospects", 0.25, 0)
    low: float = float_field("low", 0.0, -math.inf)
    high: float = float_field("high", 1.0, -math.inf)

    def __attrs_post_init__(self) -> None:
        if not any(getattr(self, name) > 0 for name in _CRITERIA):
            raise InvalidInputError("one weight must be above 0", code="bad_option")
        if self.high <= self.low:
            raise InvalidInputError("high must be above low", code="bad_option")

    def card(self) -> Scorecard:
        """Give the criteria as a scorecard from 0 to 100."""
        weights = {name: getattr(self, name) for name in _CRITERIA}
        total = sum(weights.values())
        steps = np.arange(1, _STEPS) / _STEPS
        limits = (self.low + steps * (self.high - self.low)).tolist()
        shares = np.linspace(0, 1, _STEPS)
        return Scorecard(
            attributes=tuple(
                NumberPoints(
                    name=name,
                    limits=limits,
                    points=(100 * weight / total * shares).tolist(),
                    unknown=50 * weight / total,
                    within=(self.low, self.high),
                )
                for name, weight in weights.items()
                if weight > 0
            )
        )


@frozen(kw_only=True)
class ProspectRule:
    """A scorecard, and the limits between whom to pursue, to nurture and to leave.

    Attributes
    ----------
    card : Scorecard
        Points for what is known.
    pursue, nurture : float
        Least score, or least chance where a model of the host's gives chances.
    cautions : tuple of Caution
        What calls for care.
    min_known : float
        Least share known of what the card asks.
    model : object or None
        The host's own fitted classifier, which reads the points of the card. Rules with
        one are equal where it is the same object, or says itself that it is equal.
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    card: Scorecard = field(converter=card_of)
    pursue: float = field(converter=limit_of)
    nurture: float = field(converter=limit_of)
    cautions: tuple[Caution, ...] = field(default=(), converter=cautions_of)
    min_known: float = float_field("min_known", _MIN_KNOWN, 0, 1)
    model: Any = None
    lines: tuple[Line, ...] = table_field()

    def __attrs_post_init__(self) -> None:
        if self.model is not None:
            _check_model(self.model)
        if self.pursue < self.nurture:
            raise InvalidInputError(
                "pursue must be at least nurture", code="bad_option"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """Whom to pursue first; `unknown` where too little is known to tell."""
        return ("pursue", "nurture", "careful", "no", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        by: Literal["score", "chance"] = "score" if self.model is None else "chance"
        enough = Condition(by, ">=", self.nurture)
        too_little = Condition("known", "<", self.min_known)
        no_chance = self.card.scale is None or self.model is not None
        shows = () if no_chance else ("chance",)
        return (
            Line("unknown", (too_little,)),
            Line("careful", (Condition("cautions", ">=", 1), enough), shows),
            Line("pursue", (Condition(by, ">=", self.pursue),), shows),
            Line("nurture", (enough, Condition(by, "<", self.pursue)), shows),
            Line("no", (Condition(by, "<", self.nurture),), shows),
            Line("unknown", (), ("known",)),
        )

    def chance(self, table: AttributeTable) -> NDArray[np.float64]:
        """Give everybody's chance to turn out well; nan where the card has no scale.

        Raises
        ------
        MissingColumnError
            If an attribute of the card is not there.
        """
        scores = self.card.score(table)
        return scores.chance if self.model is None else _chance(self.model, scores)

    def classify(self, table: AttributeTable) -> Classification:
        """Give every party a class, with the points that speak for it.

        Parameters
        ----------
        table : AttributeTable
            With its day, and all attributes of card and cautions.

        Raises
        ------
        MissingColumnError
            If an attribute is not there.
        InvalidInputError
            If the table does not say which day it speaks of, or an attribute holds
            words where the card has numbers, or the other way.
        """
        an_instance("table", table, AttributeTable)
        chance = None if self.model is None else self.chance(table)
        return classify_by_card(self, table, self.lines, self.labels, chance=chance)


@frozen(kw_only=True)
class ProspectClassifier:
    """Whom to pursue, to nurture, to be careful with, and to leave.

    By likeness to customers who turned out well, where outcomes are known; or by a card
    made by hand, such as that of :class:`ProspectCriteria`.

    Parameters
    ----------
    card : Scorecard or ProspectCriteria, optional
        Made by hand; learnt from outcomes by default.
    pursue, nurture : float, optional
        Least chance where chances are known, else least score. By default of a learnt
        card twice the odds of an average party, and these odds; of a card by hand 70
        and 50. All are our choice.
    cautions : sequence of Caution
        What calls for care, however good the score.
    min_known : float
        Least share known of what the card asks, attributes weighed by their points.
    model : object, optional
        A classifier of scikit-learn's shape (fit, predict_proba, ``classes_``) that gives
        the chances in place of the card, from the card's points for each attribute.
    directions, trusted, policy
        As for :func:`learn_scorecard`.

    Raises
    ------
    InvalidInputError
        If pursue is below nurture, or there are both a card and a model.

    Notes
    -----
    Average is the party with no points for any attribute. What only becomes known with
    the outcome is never learnt from: see `later` of :func:`attribute_table`.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> ratings = pd.DataFrame(
    ...     {
    ...         "customer_id": ["l1", "l2"],
    ...         "long_relation": [5, 2],
    ...         "continuity": [4, 2],
    ...         "adaptability": [4, None],
    ...         "cooperation": [5, 1],
    ...         "financial_prospects": [3, 1],
    ...     }
    ... )
    >>> table = attribute_table(ratings, as_of="2011-12-31")
    >>> rule = ProspectClassifier(card=ProspectCriteria(low=1, high=5)).fit(table)
    >>> classes = rule.classify(table)
    >>> classes.counts()
    {'pursue': 1, 'nurture': 0, 'careful': 0, 'no': 1, 'unknown': 0}
    """

    card: Scorecard | ProspectCriteria | None = None
    pursue: float | None = None
    nurture: float | None = None
    cautions: tuple[Caution, ...] = field(default=(), converter=cautions_of)
    min_known: float = float_field("min_known", _MIN_KNOWN, 0, 1)
    model: Any = None
    directions: Mapping[str, Direction] | None = field(
        default=None, hash=False, validator=check_directions
    )
    trusted: tuple[str, ...] = field(default=(), converter=names_of)
    policy: ScorecardPolicy = field(factory=ScorecardPolicy, validator=check_policy)

    def __attrs_post_init__(self) -> None:
        for name in ("pursue", "nurture"):
            if getattr(self, name) is not None:
                number(name, getattr(self, name), -math.inf)
        if (
            self.pursue is not None
            and self.nurture is not None
            and self.pursue < self.nurture
        ):
            raise InvalidInputError(
                "pursue must be at least nurture", code="bad_option"
            )
        if not isinstance(self.card, (Scorecard, ProspectCriteria, NoneType)):
            raise InvalidInputError(
                "card must be a Scorecard, ProspectCriteria or None", code="bad_option"
            )
        if self.card is not None and self.model is not None:
            raise InvalidInputError(
                "there must be a card or a model, not both", code="bad_option"
            )

    def fit(self, table: AttributeTable) -> ProspectRule:
        """Learn the card from outcomes, unless it is given.

        Parameters
        ----------
        table : AttributeTable
            Of parties whose outcome is known, among others; with a card by hand any.

        Raises
        ------
        InvalidInputError
            If there are no good or no bad outcomes to learn from.

        Warns
        -----
        LeakWarning
            If an attribute tells the outcome so well that it may only be known with it.
        """
        an_instance("table", table, AttributeTable)
        card, model = self.card, None
        if isinstance(card, ProspectCriteria):
            card = card.card()
        if card is None:
            card = learn_card(table, self.directions, self.trusted, self.policy)
            model = _fitted(self.model, card, table)
        pursue, nurture = self._limits(card, is_model=model is not None)
        return ProspectRule(
            card=card,
            pursue=pursue,
            nurture=nurture,
            cautions=self.cautions,
            min_known=self.min_known,
            model=model,
        )

    def _limits(self, card: Scorecard, *, is_model: bool) -> tuple[float, float]:
        if card.scale is None:
            pursue = 70.0 if self.pursue is None else self.pursue
            nurture = min(50.0, pursue) if self.nurture is None else self.nurture
            return max(pursue, nurture), nurture
        scale = card.scale
        more = (_PURSUE_ODDS, _NURTURE_ODDS)
        given = (self.pursue, self.nurture)
        if is_model:
            average = scale.log_odds_at(card.base)
            usual = [_chance_at(average + math.log(one)) for one in more]
            limits = [number("a limit", one, 0, 1) for one in given if one is not None]
        else:
            usual = [_score_at(card, scale, one) for one in more]
            limits = [scale.score_at(one) for one in given if one is not None]
        pursue = usual[0] if self.pursue is None else limits[0]
        nurture = usual[1] if self.nurture is None else limits[-1]
        if self.pursue is None:
            return max(pursue, nurture), nurture
        return pursue, min(pursue, nurture)


def _chance_at(log_odds: float) -> float:
    odds = math.exp(-abs(log_odds))  # which cannot overflow
    return (odds if log_odds < 0 else 1.0) / (1 + odds)


def _score_at(card: Scorecard, scale: ScoreScale, more: float) -> float:
    """Give the score with so many times the odds of an average party."""
    if scale.slope == 0:  # everybody is average
        return math.inf if more > 1 else -math.inf
    return card.base + scale.factor * math.log(more) / scale.slope


def _points(scores: Any) -> NDArray[np.float64]:
    """Give the points as a matrix, one row a party."""
    n = len(scores)
    return np.array([*scores.points.values()]).reshape(-1, n).T


def _check_model(model: Any) -> None:
    if isinstance(model, type) or not all(
        callable(getattr(model, name, None)) for name in ("fit", "predict_proba")
    ):
        raise InvalidInputError(
            "a model must have fit and predict_proba", code="not_a_classifier"
        )


def _fitted(model: Any, card: Scorecard, table: AttributeTable) -> Any:
    """Fit a copy of the host's classifier on the points of those who are told."""
    if model is None:
        return None
    _check_model(model)
    if not card.attributes:
        raise InvalidInputError(
            "a model must have attributes to learn from, and none tells anything",
            code="nothing_learnt",
        )
    told = ~np.isnan(table.told)
    scores = card.score(table.take(told))
    own = copy.deepcopy(model)
    own.fit(_points(scores), table.told[told] == 1)
    return own


def _chance(model: Any, scores: Any) -> NDArray[np.float64]:
    if not len(scores):
        return np.empty(0)
    at = [bool(one) for one in model.classes_].index(True)
    found: NDArray[np.float64] = np.asarray(
        model.predict_proba(_points(scores))[:, at], dtype=np.float64
    )
    return found


def relational_and_valuable(
    classes: Mapping[str, Classification],
    wanted: Mapping[str, Sequence[str]] | None = None,
) -> dict[Any, bool]:
    """Tell which customers turned out relational and valuable: outcomes to learn from.

    Parameters
    ----------
    classes : mapping of str to Classification
        By name of the rule, as :class:`Identification` has them.
    wanted : mapping of str to sequence of str, optional
        By name of the rule the classes that count as good; all must hold. By default
        loyalty relational, and value A or B.

    Returns
    -------
    dict of id to bool
        Without those who are unknown to a rule; for :meth:`AttributeTable.with_outcomes`.

    Raises
    ------
    InvalidInputError
        If there is no such rule or class, or the rules speak of different customers.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, identify
    >>> found = identify(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
    ...         for month in range(1, 9)
    ...         for one, amount in [("c1", 900), ("c2", 30), ("c3", 2)]
    ...     ],
    ...     as_of="2011-08-31",
    ... )
    >>> relational_and_valuable(found.classes, {"value": ["A"]})
    {'c1': True, 'c2': False, 'c3': False}
    """
    if wanted is None:
        wanted = {"loyalty": ("relational",), "value": ("A", "B")}
    strange = [name for name in wanted if name not in classes]
    if strange or not wanted:
        raise InvalidInputError(
            f"wanted must name rules, some of {', '.join(classes)}", code="unknown_rule"
        )
    some = [classes[name] for name in wanted]
    ids = some[0].customer_ids
    if any(not np.array_equal(one.customer_ids, ids) for one in some):
        raise InvalidInputError(
            "the rules must speak of the same customers", code="other_rules"
        )
    good = np.ones(ids.size, dtype=np.bool_)
    told = np.ones(ids.size, dtype=np.bool_)
    for one, labels in zip(some, wanted.values(), strict=True):
        good &= one.where(*labels)
        if "unknown" in one.labels:
            told &= ~one.where("unknown")
    return dict(zip(ids[told].tolist(), good[told].tolist(), strict=True))
