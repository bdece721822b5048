"""Credit levels learnt from who paid before: a scorecard of the chance of default."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from customer_identification.attributes import AttributeGroup, AttributeTable
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
from customer_identification.invoices.summary import CreditSummary
from customer_identification.options import an_instance, float_field, share_field
from customer_identification.scorecard.binning import Direction
from customer_identification.scorecard.card import Scorecard
from customer_identification.scorecard.learn import ScorecardPolicy


__all__ = ["CreditScoreClassifier", "CreditScoreRule", "credit_attributes"]

_GOOD_DEFAULT = 0.05  # our choice
# Whoever lends loses five times as much by a default as by turning a good customer away:
# the cost matrix of the Statlog German credit data (Hofmann 1994). So it does not pay to
# lend above a chance of default of 1 / (1 + 5): Elkan 2001, "The Foundations of
# Cost-Sensitive Learning", equation 2.
_FAIR_DEFAULT = 1 / 6
_MIN_KNOWN = 0.5  # our choice


def credit_attributes(credit: CreditSummary) -> AttributeTable:
    """Give what invoices say of every customer as attributes to learn from.

    Parameters
    ----------
    credit : CreditSummary
        As of a day before the outcomes to learn from.

    Returns
    -------
    AttributeTable
        One attribute a figure, by the names of :meth:`CreditSummary.columns`; money in
        major units is a value attribute, and all else behavioural. nan is unknown.

    Raises
    ------
    InvalidInputError
        If it is no :class:`CreditSummary`.

    Examples
    --------
    >>> from customer_identification import summarize_credit
    >>> credit = summarize_credit([], as_of="2011-07-31").with_customers(["c7"])
    >>> table = credit_attributes(credit)
    >>> table.row(0)["past_due"], table.groups["open"], table.groups["past_due"]
    (None, 'value', 'behavioural')
    """
    an_instance("credit", credit, CreditSummary)
    columns = credit.columns()
    groups: dict[str, AttributeGroup] = {
        name: "value" if name in credit.money else "behavioural" for name in columns
    }
    return AttributeTable(
        customer_ids=credit.customer_ids,
        columns={name: one.astype(np.float64) for name, one in columns.items()},
        groups=groups,
        as_of=credit.as_of,
        kind=credit.kind,
    )


@frozen(kw_only=True)
class CreditScoreRule:
    """A scorecard, and the scores between good, fair and poor credit.

    Attributes
    ----------
    card : Scorecard
        Points for what is known.
    good, fair : float
        Least score of a good, and of a fair customer.
    cautions : tuple of Caution
        What forbids to call anybody good.
    min_known : float
        Least share known of what the card asks.
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    card: Scorecard = field(converter=card_of)
    good: float = field(converter=limit_of)
    fair: float = field(converter=limit_of)
    cautions: tuple[Caution, ...] = field(default=(), converter=cautions_of)
    min_known: float = float_field("min_known", _MIN_KNOWN, 0, 1)
    lines: tuple[Line, ...] = table_field()

    def __attrs_post_init__(self) -> None:
        if self.good < self.fair:
            raise InvalidInputError("good must be at least fair", code="bad_option")

    @property
    def labels(self) -> tuple[str, ...]:
        """Good first; `unknown` where too little is known to tell."""
        return ("good", "fair", "poor", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        shown = ("chance",)
        good = [Condition("score", ">=", self.good)]
        if self.cautions:
            good.append(Condition("cautions", "<", 1))
        return (
            Line("unknown", (Condition("known", "<", self.min_known),)),
            Line("good", tuple(good), shown, sticky=True),
            Line("fair", (Condition("score", ">=", self.fair),), shown, sticky=True),
            Line("poor", (Condition("score", "<", self.fair),), shown, sticky=True),
            Line("unknown", (), ("known",)),
        )

    def classify(self, table: AttributeTable) -> Classification:
        """Give every party a credit level, with the points that speak for it.

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
        return classify_by_card(self, table, self.lines, self.labels)


@frozen(kw_only=True)
class CreditScoreClassifier:
    """Good, fair and poor credit by the chance of default, learnt from outcomes.

    Parameters
    ----------
    card : Scorecard, optional
        Made by hand, with a scale; learnt from outcomes by default.
    good_default, fair_default : float
        Most chance of default of a good, and of a fair customer. 5 % is our choice;
        1/6 is where lending stops to pay if a default costs five times what a good
        customer brings, as in the cost matrix of the Statlog German credit data.
    cautions : sequence of Caution
        What forbids to call anybody good.
    min_known : float
        Least share known of what the card asks, attributes weighed by their points; a
        half is our choice.
    directions, trusted, policy
        As for :func:`learn_scorecard`.

    Raises
    ------
    InvalidInputError
        If `good_default` is above `fair_default`.

    Notes
    -----
    An outcome of 1 is a customer who paid, and of 0 one who did not. What is known of
    invoices comes by :func:`credit_attributes`, other payment histories by
    :func:`attribute_table`.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import attribute_table
    >>> history = pd.DataFrame(
    ...     {
    ...         "customer_id": range(400),
    ...         "months_late": ([0] * 15 + [2] * 5) * 20,
    ...         "paid": ([False] + [True] * 16 + [False] * 3) * 20,
    ...     }
    ... )
    >>> table = attribute_table(history, outcome="paid", as_of="2011-12-31")
    >>> classifier = CreditScoreClassifier(good_default=0.1, trusted=["months_late"])
    >>> classes = classifier.fit(table).classify(table)
    >>> classes.counts()
    {'good': 300, 'fair': 0, 'poor': 100, 'unknown': 0}
    """

    card: Scorecard | None = field(
        default=None,
        validator=lambda _, a, v: an_instance(a.name, v, Scorecard, or_none=True),
    )
    good_default: float = share_field(_GOOD_DEFAULT)
    fair_default: float = share_field(_FAIR_DEFAULT)
    cautions: tuple[Caution, ...] = field(default=(), converter=cautions_of)
    min_known: float = float_field("min_known", _MIN_KNOWN, 0, 1)
    directions: Mapping[str, Direction] | None = field(
        default=None, hash=False, validator=check_directions
    )
    trusted: tuple[str, ...] = field(default=(), converter=names_of)
    policy: ScorecardPolicy = field(factory=ScorecardPolicy, validator=check_policy)

    def __attrs_post_init__(self) -> None:
        if self.good_default > self.fair_default:
            raise InvalidInputError(
                "good_default must be at most fair_default", code="bad_option"
            )

    def fit(self, table: AttributeTable) -> CreditScoreRule:
        """Learn the card from outcomes, unless it is given.

        Raises
        ------
        InvalidInputError
            If there are no good or no bad outcomes to learn from, or a card by hand has
            no scale to tell chances by.

        Warns
        -----
        LeakWarning
            If an attribute tells the outcome so well that it may only be known with it.
        """
        an_instance("table", table, AttributeTable)
        card = self.card
        if card is None:
            card = learn_card(table, self.directions, self.trusted, self.policy)
        if card.scale is None:
            raise InvalidInputError(
                "the card must have a scale, by which a score is a chance",
                code="no_scale",
            )
        return CreditScoreRule(
            card=card,
            good=card.scale.score_at(1 - self.good_default),
            fair=card.scale.score_at(1 - self.fair_default),
            cautions=self.cautions,
            min_known=self.min_known,
        )
