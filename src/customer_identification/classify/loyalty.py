"""Loyalty: who values a long relation, and who only follows the price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.classify.base import Classification, classify_by
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    measure_of,
    table_field,
)
from customer_identification.errors import InvalidInputError
from customer_identification.options import (
    an_instance,
    number,
    number_field,
    share_field,
    whole_field,
)
from customer_identification.summary import Summary


__all__ = [
    "AttitudeLoyaltyClassifier",
    "AttitudeLoyaltyRule",
    "LoyaltyClassifier",
    "LoyaltyRule",
    "LoyaltyWeights",
    "TermClassifier",
    "loyalty_parts",
]

Floats = NDArray[np.float64]

# Being late counts from two own mean gaps on; our choice.
_PATIENCE = 2.0
_PARTS = ("price", "regularity", "pace", "breadth", "tenure")


@frozen(kw_only=True)
class LoyaltyWeights:
    """How much each part of behaviour says about loyalty; all are our choice.

    Parts that the data cannot show are left out, and the others share their weight.

    Attributes
    ----------
    price : float
        Of the share of the amount that was bought without a discount.
    regularity : float
        Of the evenness of the gaps between purchases.
    pace : float
        Of being on time against the customer's own pace.
    breadth : float
        Of the number of categories bought from.
    tenure : float
        Of the time since the first purchase.
    """

    price: float = number_field(0.40, 0)
    regularity: float = number_field(0.15, 0)
    pace: float = number_field(0.20, 0)
    breadth: float = number_field(0.10, 0)
    tenure: float = number_field(0.15, 0)

    def __attrs_post_init__(self) -> None:
        if not any(getattr(self, name) > 0 for name in _PARTS):
            raise InvalidInputError("one weight must be above 0", code="bad_option")


def _against(values: Floats, typical: float) -> Floats:
    """Map 0 to 0, the typical value to a half, and very much to nearly 1."""
    return values / (values + typical)


def loyalty_parts(
    summary: Summary, typical_tenure: float, typical_breadth: float
) -> dict[str, Floats]:
    """Give the parts of the loyalty score, each from 0 to 1; nan is unknown.

    ==========  =============================================================
    price       1 - share of the amount of purchases bought at a discount
    regularity  (sum of gaps)^2 / (number of gaps x sum of squared gaps)
    pace        min(1, 2 mean gaps / days since the last purchase)
    breadth     categories / (categories + typical number)
    tenure      days since the first purchase / (those + typical number)
    ==========  =============================================================

    Parameters
    ----------
    summary : Summary
        Of any number of customers.
    typical_tenure, typical_breadth : float
        Medians of those with enough history, where the rule was learnt.
        [days, categories]
    """
    recency, gap = summary.recency, summary.mean_gap
    pace = np.ones(len(summary))
    late = recency > _PATIENCE * gap
    pace[late] = _PATIENCE * gap[late] / recency[late]
    pace[np.isnan(gap)] = np.nan
    breadth = measure_of(summary, "categories", "count").values.astype(np.float64)
    breadth[breadth == 0] = np.nan  # no category of any purchase is known
    return {
        "price": 1 - summary.discount_share,
        "regularity": summary.regularity,
        "pace": pace,
        "breadth": _against(breadth, typical_breadth),
        "tenure": _against(summary.tenure, typical_tenure),
    }


def _points(
    parts: Mapping[str, Floats], weights: LoyaltyWeights
) -> tuple[Floats, dict[str, Floats]]:
    """Weigh the known parts so that their points add up to the score."""
    values = np.array([*parts.values()])
    weight = np.array([[float(getattr(weights, name))] for name in parts])
    weight = weight * ~np.isnan(values)
    total = weight.sum(axis=0)
    total[total == 0] = np.nan
    points = weight * values / total
    score = np.where(weight > 0, points, 0).sum(axis=0)
    score[np.isnan(total)] = np.nan
    return score, dict(zip(parts, points, strict=True))


@frozen(kw_only=True)
class LoyaltyRule:
    """Weights, typical values and the limit between relational and transactional.

    Attributes
    ----------
    limit : float
        Least score of a relational customer.
    min_purchase_days : int
        Least history to tell.
    weights : LoyaltyWeights
        Of the parts.
    typical_tenure, typical_breadth : float
        Medians of those with enough history in the population. [days, categories]
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    limit: float
    min_purchase_days: int
    weights: LoyaltyWeights
    typical_tenure: float
    typical_breadth: float
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """Relational first; `unknown` where the history is too short to tell."""
        return ("relational", "transactional", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        shown = tuple(f"{name}_points" for name in _PARTS)
        told = Condition("purchase_days", ">=", self.min_purchase_days)
        loyal = Condition("loyalty", ">=", self.limit)
        disloyal = [Condition("loyalty", "<", self.limit), told]
        if self.weights.price > 0:  # who only follows the price must be seen to do so
            disloyal.append(Condition("price_points", ">=", 0.0))
        too_short = Condition("purchase_days", "<", self.min_purchase_days)
        return (
            Line("unknown", (too_short,)),
            Line("relational", (loyal, told), shown, sticky=True),
            Line("transactional", tuple(disloyal), shown, sticky=True),
            Line("unknown", (), ("loyalty", "price_points", "purchase_days")),
        )

    def classify(self, summary: Summary) -> Classification:
        """Tell relational from transactional customers."""
        parts = loyalty_parts(summary, self.typical_tenure, self.typical_breadth)
        score, points = _points(parts, self.weights)
        measures = {
            "loyalty": Measure(score, "score"),
            **{f"{name}_points": Measure(one, "score") for name, one in points.items()},
            "purchase_days": measure_of(summary, "purchase_days", "count"),
        }
        return classify_by(
            summary, self.lines, measures, labels=self.labels, ordered=True
        )


@frozen(kw_only=True)
class LoyaltyClassifier:
    """Transactional customers (price only) told from relational ones, by behaviour.

    Parameters
    ----------
    weights : LoyaltyWeights
        Of the parts of the score; see :func:`loyalty_parts`.
    limit : float
        Least score, 0 to 1, of a relational customer; a half is our choice.
    min_purchase_days : int
        With fewer days of purchase the class is `unknown`; 3 is the least with two
        gaps to compare.

    Notes
    -----
    A transactional customer only follows the price, so without discounts in the data
    nobody can be called that: a low score is then `unknown`.

    The score is the weighted mean of the known parts, each between 0 and 1; the reasons
    of a verdict give every part's points, and these add up to the score.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> sales = [
    ...     Transaction(
    ...         customer_id=one, date=date(2011, month, 5), amount=20, discount=off
    ...     )
    ...     for one, months, off in [
    ...         ("steady", range(1, 9), 0),
    ...         ("deals", (1, 2, 7), 5),
    ...     ]
    ...     for month in months
    ... ]
    >>> summary = summarize(sales, as_of="2011-08-31")
    >>> classes = LoyaltyClassifier().fit(summary).classify(summary)
    >>> classes.label_of("steady"), classes.label_of("deals")
    ('relational', 'transactional')
    """

    weights: LoyaltyWeights = field(
        factory=LoyaltyWeights,
        validator=lambda _, a, v: an_instance(a.name, v, LoyaltyWeights),
    )
    limit: float = share_field(0.5)
    min_purchase_days: int = whole_field(3, 1)

    def fit(self, summary: Summary) -> LoyaltyRule:
        """Learn what is typical from those with enough history."""
        return LoyaltyRule(
            limit=self.limit,
            min_purchase_days=self.min_purchase_days,
            weights=self.weights,
            typical_tenure=_typical(summary, "tenure", self.min_purchase_days),
            typical_breadth=_typical(summary, "categories", self.min_purchase_days),
        )


def _typical(summary: Summary, name: str, min_purchase_days: int = 0) -> float:
    """Give the median of those with enough history, at least 1, and 1 where none has."""
    median = summary.median(name, min_purchase_days)
    return 1.0 if np.isnan(median) else max(median, 1.0)


@frozen(kw_only=True)
class TermClassifier:
    """Long-term customers told from temporary ones; its own rule, nothing is learnt.

    Long-term is who bought over at least `min_days`; temporary is who has been known
    that long without doing so; anybody known for less is `unknown`.

    Parameters
    ----------
    min_days : int
        Half a year is our choice. [days]

    Attributes
    ----------
    lines : tuple of Line
        The table, from the top; follows from the rest.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=1, date=date(2010, 1, 5), amount=20),
    ...         Transaction(customer_id=1, date=date(2011, 1, 5), amount=20),
    ...         Transaction(customer_id=2, date=date(2010, 1, 5), amount=20),
    ...         Transaction(customer_id=3, date=date(2011, 5, 5), amount=20),
    ...     ],
    ...     as_of="2011-06-30",
    ... )
    >>> TermClassifier().fit(summary).classify(summary).counts()
    {'long_term': 1, 'temporary': 1, 'unknown': 1}
    """

    min_days: int = whole_field(180, 1)
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """Long-term first."""
        return ("long_term", "temporary", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        return (
            Line(
                "long_term", (Condition("age_at_last_purchase", ">=", self.min_days),)
            ),
            Line("temporary", (Condition("tenure", ">=", self.min_days),)),
            Line("unknown", (), ("tenure",)),
        )

    def fit(self, summary: Summary) -> TermClassifier:  # noqa: ARG002
        """Give itself: the rule is the same for every population."""
        return self

    def classify(self, summary: Summary) -> Classification:
        """Tell long-term from temporary customers."""
        names = ("age_at_last_purchase", "tenure")
        measures = {name: measure_of(summary, name, "days") for name in names}
        return classify_by(
            summary, self.lines, measures, labels=self.labels, ordered=True
        )


@frozen(kw_only=True)
class AttitudeLoyaltyRule:
    """Attitude against repeat patronage, each high or low.

    Attributes
    ----------
    attitude : float
        Least attitude that counts as high, -1 to 1.
    patronage : float
        Least purchase days that count as high. [days]
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    attitude: float
    patronage: float
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """True, latent, spurious and no loyalty; `unknown` without an attitude."""
        return ("true", "latent", "spurious", "none", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        """Give the table of Dick & Basu (1994), figure 2."""
        liked = Condition("attitude", ">=", self.attitude)
        not_liked = Condition("attitude", "<", self.attitude)
        often = Condition("purchase_days", ">=", self.patronage)
        seldom = Condition("purchase_days", "<", self.patronage)
        return (
            Line("true", (liked, often)),
            Line("latent", (liked, seldom)),
            Line("spurious", (not_liked, often)),
            Line("none", (not_liked, seldom)),
            Line("unknown", (), ("attitude", "purchase_days")),
        )

    def classify(self, summary: Summary) -> Classification:
        """Give every customer with an attitude a kind of loyalty."""
        measures = {
            "attitude": measure_of(summary, "attitude", "score"),
            "purchase_days": measure_of(summary, "purchase_days", "count"),
        }
        return classify_by(summary, self.lines, measures, labels=self.labels)


@frozen(kw_only=True)
class AttitudeLoyaltyClassifier:
    """True, latent, spurious or no loyalty, where attitudes are given.

    Parameters
    ----------
    attitude : float
        Least attitude, -1 to 1, that counts as high; the middle is our choice.
    patronage : float, optional
        Least purchase days that count as high; by default the median customer's.

    Notes
    -----
    Dick & Basu (1994), "Customer Loyalty: Toward an Integrated Conceptual Framework",
    J. Acad. Mark. Sci. 22(2), p. 101, figure 2: relative attitude by repeat patronage.
    Attitudes come with :meth:`Summary.with_attitudes`.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=1, date=date(2011, 1, 5), amount=20),
    ...         Transaction(customer_id=1, date=date(2011, 2, 5), amount=20),
    ...         Transaction(customer_id=2, date=date(2011, 1, 5), amount=20),
    ...     ],
    ...     as_of="2011-06-30",
    ... ).with_attitudes({1: -0.5, 2: 0.8})
    >>> rule = AttitudeLoyaltyClassifier(patronage=2).fit(summary)
    >>> rule.classify(summary).counts()
    {'true': 0, 'latent': 1, 'spurious': 1, 'none': 0, 'unknown': 0}
    """

    attitude: float = number_field(0.0, -1, 1)
    patronage: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.patronage is not None:
            number("patronage", self.patronage, 0)

    def fit(self, summary: Summary) -> AttitudeLoyaltyRule:
        """Learn what is often, unless it is given."""
        patronage = self.patronage
        if patronage is None:
            patronage = _typical(summary, "purchase_days")
        return AttitudeLoyaltyRule(attitude=self.attitude, patronage=patronage)
