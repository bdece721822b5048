"""Credit: who pays as agreed, who is late, and whose payment is in doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.arrays import union
from customer_identification.classify.base import Classification
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    decide,
    table_field,
)
from customer_identification.errors import InvalidInputError
from customer_identification.invoices.summary import CreditSummary
from customer_identification.options import an_instance, number_field, whole_field


__all__ = ["CreditClassifier", "CreditRule", "combine_with_value"]

# Past due more than 90 days is default: Basel Committee, "International Convergence of
# Capital Measurement and Capital Standards" (BCBS 128, 2006), paragraph 452; Regulation
# (EU) No 575/2013, article 178(1)(b).
_DEFAULT_DAYS = 90
# More than 30 days past due, the risk has increased significantly: IFRS 9, 5.5.11.
_LATE_DAYS = 30
# Dun & Bradstreet, PAYDEX key (dandb.com, business credit glossary): 80 to 100 is a low
# risk of late payment ("averages prompt to 30 days within terms"), 50 to 79 a medium one
# ("averages 30 or less beyond terms"), below that a high one.
_PROMPT_DAYS, _SLOW_DAYS = 0, 30
_FEW = 3  # invoices; our choice
_NAMES = {"A": "key", "B": "major", "C": "ordinary"}


def _check_limits(rule: CreditClassifier | CreditRule) -> None:
    if rule.late_days > rule.default_days or rule.prompt_days > rule.slow_days:
        raise InvalidInputError(
            "late_days must be at most default_days, and prompt_days at most slow_days",
            code="bad_option",
        )


@frozen(kw_only=True)
class CreditRule:
    """Limits between good, fair and poor credit.

    Attributes
    ----------
    default_days, late_days, slow_days, prompt_days, min_invoices
        As :class:`CreditClassifier` has them.
    min_overdue : int
        Least overdue amount that counts. [minor units]
    minor_units : int
        Decimals of the money.
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    default_days: int = whole_field(_DEFAULT_DAYS, 0)
    late_days: int = whole_field(_LATE_DAYS, 0)
    slow_days: float = number_field(_SLOW_DAYS, 0)
    prompt_days: float = number_field(_PROMPT_DAYS, -math.inf)
    min_invoices: int = whole_field(_FEW, 1)
    min_overdue: int = whole_field(0, 0)
    minor_units: int = whole_field(2, 0)
    lines: tuple[Line, ...] = table_field()

    def __attrs_post_init__(self) -> None:
        _check_limits(self)

    @property
    def labels(self) -> tuple[str, ...]:
        """Good first; `unknown` where there is too little to judge by."""
        return ("good", "fair", "poor", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        owed = (Condition("overdue_amount", ">=", self.min_overdue),) * bool(
            self.min_overdue
        )
        told = Condition("invoices_to_judge_by", ">=", self.min_invoices)
        shown = ("on_time", "overdue_amount", "open")
        return (
            Line("unknown", (Condition("invoices", "<", 1),)),
            Line("poor", (Condition("past_due", ">", self.default_days), *owed), shown),
            Line("poor", (Condition("beyond_terms", ">", self.slow_days), told), shown),
            Line("fair", (Condition("past_due", ">", self.late_days), *owed), shown),
            Line(
                "unknown",
                (Condition("invoices_to_judge_by", "<", self.min_invoices),),
                ("invoices", "open"),
            ),
            Line("good", (Condition("beyond_terms", "<=", self.prompt_days),), shown),
            Line("fair", (Condition("beyond_terms", ">", self.prompt_days),), shown),
            Line("unknown", (), ("beyond_terms",)),
        )

    def classify(self, credit: CreditSummary) -> Classification:
        """Give every customer a credit level.

        Raises
        ------
        InvalidInputError
            If it is no :class:`CreditSummary`, or counts money in other units than the
            rule.
        """
        an_instance("credit", credit, CreditSummary)
        if credit.minor_units != self.minor_units:
            raise InvalidInputError(
                f"the summary must have minor_units={self.minor_units}, as the rule "
                f"has; it has {credit.minor_units}",
                code="minor_units",
            )
        scale = 10**self.minor_units
        measures = {
            "on_time": Measure(credit.on_time, "share"),
            "past_due": Measure(credit.past_due, "days"),
            "beyond_terms": Measure(credit.beyond_terms, "days"),
            "overdue_amount": Measure(credit.overdue_held, "money", scale),
            "open": Measure(credit.open, "money", scale),
            "invoices_to_judge_by": Measure(credit.known, "count", moves="up"),
            "invoices": Measure(credit.invoices, "count"),
        }
        return Classification(
            customer_ids=credit.customer_ids,
            codes=decide(self.lines, self.labels, measures, len(credit)),
            labels=self.labels,
            as_of=credit.as_of,
            lines=self.lines,
            measures=measures,
            ordered=True,
            kind=credit.kind,
        )


@frozen(kw_only=True)
class CreditClassifier:
    """Good, fair and poor credit by how invoices are paid, and `unknown`.

    Poor is who has an invoice open for more than `default_days` past due, or pays more
    than `slow_days` beyond terms on average. Good is who pays within terms on average
    and has nothing open for more than `late_days`. Who was never billed, or has too few
    invoices to judge by, is `unknown`, not good; a default is one all the same.

    Parameters
    ----------
    default_days : int
        More days past due than these are a default: 90 by BCBS 128, paragraph 452, and
        Regulation (EU) No 575/2013, article 178. [days]
    late_days : int
        More days past due than these are a significantly higher risk: 30 by IFRS 9,
        paragraph 5.5.11. [days]
    slow_days, prompt_days : float
        Days beyond terms, weighted by amount: above `slow_days` is poor, and at most
        `prompt_days` good; 30 and 0 by the key to Dun & Bradstreet's PAYDEX. [days]
    min_overdue : float
        Least overdue amount that counts, in your money; 0 is our choice. Banks in the
        EU leave out up to 100 EUR of a private and 500 EUR of another customer
        (Regulation (EU) 2018/171, articles 1 and 2).
    min_invoices : int
        Least number of invoices paid in full or overdue to judge by; 3 is our choice.

    Notes
    -----
    "The benefits of customer classification management law" asks for a credit evaluation
    standard, and the customer's credit level by it. The limits are the same for every
    population, so nothing is learnt but in which units money is counted.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Invoice, summarize_credit
    >>> credit = summarize_credit(
    ...     [
    ...         Invoice(
    ...             invoice_id=f"{one}-{month}",
    ...             customer_id=one,
    ...             issued=date(2011, month, 1),
    ...             due=date(2011, month, 15),
    ...             amount=100,
    ...             paid_on=None if day is None else date(2011, month, day),
    ...         )
    ...         for one, day in [("prompt", 14), ("slow", 28), ("silent", None)]
    ...         for month in (1, 2, 3, 4)
    ...     ],
    ...     as_of="2011-04-30",
    ... ).with_customers(["new"])
    >>> classes = CreditClassifier().fit(credit).classify(credit)
    >>> [classes.label_of(one) for one in classes]
    ['unknown', 'good', 'poor', 'fair']
    >>> print(classes["silent"])
    poor: past due 105 days, above 90 days, on time 0.0%, overdue amount 400.00, open 400.00;
    rank 2 of 3 by on time, tied with 1
    """

    default_days: int = whole_field(_DEFAULT_DAYS, 0)
    late_days: int = whole_field(_LATE_DAYS, 0)
    slow_days: float = number_field(_SLOW_DAYS, 0)
    prompt_days: float = number_field(_PROMPT_DAYS, -math.inf)
    min_overdue: float = number_field(0, 0)
    min_invoices: int = whole_field(_FEW, 1)

    def __attrs_post_init__(self) -> None:
        _check_limits(self)

    def fit(self, credit: CreditSummary) -> CreditRule:
        """Give the rule, with its money in the units of a summary."""
        an_instance("credit", credit, CreditSummary)
        least = Fraction(str(self.min_overdue)) * 10**credit.minor_units
        return CreditRule(
            default_days=self.default_days,
            late_days=self.late_days,
            slow_days=self.slow_days,
            prompt_days=self.prompt_days,
            min_invoices=self.min_invoices,
            min_overdue=math.ceil(least),
            minor_units=credit.minor_units,
        )


# --- credit and value together --------------------------------------------------------


def combine_with_value(
    credit: Classification,
    value: Classification,
    *,
    names: Mapping[str, str] | None = None,
) -> Classification:
    """Show the credit level of every class by value: a key customer who does not pay.

    Parameters
    ----------
    credit : Classification
        By :class:`CreditRule`, or of any other levels.
    value : Classification
        By :class:`ABCRule`, or of any other classes, as of the same day.
    names : mapping of str to str, optional
        What to call the classes by value; by default A is key, B major and C ordinary.

    Returns
    -------
    Classification
        Of all customers in either, with labels such as ``"key_poor"`` and the reasons
        of both. Whoever is in one only is unknown to the other: ``"key_unknown"``,
        ``"unknown_poor"``; ``"unknown"`` is unknown to both. A class set by hand, or
        kept by hysteresis, is kept, with why.

    Raises
    ------
    InvalidInputError
        If they speak of different days, ids are text here and numbers there, both have
        a measure of the same name, or there are more than 127 pairs of classes.

    Examples
    --------
    >>> from datetime import date
    >>> def classes(ids, labels, codes):
    ...     return Classification(
    ...         customer_ids=np.array(ids),
    ...         codes=np.array(codes, np.int8),
    ...         labels=labels,
    ...         as_of=date(2011, 7, 31),
    ...     )
    >>> both = combine_with_value(
    ...     classes([1, 2], ("good", "poor", "unknown"), [1, 0]),
    ...     classes([1, 3], ("A", "B", "unknown"), [0, 1]),
    ... )
    >>> [both.label_of(one) for one in both]
    ['key_poor', 'unknown_good', 'major_unknown']
    """
    if credit.as_of != value.as_of:
        raise InvalidInputError(
            "credit and value must speak of the same day", code="bad_dates"
        )
    if set(credit.measures) & set(value.measures):
        raise InvalidInputError(
            "credit and value must not have measures of the same name",
            code="duplicate_column",
        )
    called = an_instance("names", _NAMES if names is None else names, Mapping)
    ids, places, others = union(credit.customer_ids, value.customer_ids)
    levels = _on_all(credit, places, ids.size, "has_credit_level")
    worth = _on_all(value, others, ids.size, "has_value_class")
    worth = evolve(worth, labels=tuple(called.get(one, one) for one in worth.labels))
    labels = tuple(
        dict.fromkeys(_joined(a, b) for a in worth.labels for b in levels.labels)
    )
    if len(labels) > np.iinfo(np.int8).max:
        raise InvalidInputError(
            "there must be at most 127 pairs of classes", code="bad_option"
        )
    of_pair = np.array(
        [[labels.index(_joined(a, b)) for b in levels.labels] for a in worth.labels],
        dtype=np.int8,
    )
    lines = tuple(
        Line(
            _joined(called.get(one.label, one.label), other.label),
            (*one.conditions, *other.conditions),
            (*one.shows, *other.shows),
        )
        for one in worth.lines
        for other in levels.lines
    )
    is_plain = credit.causes is None and value.causes is None
    return Classification(
        customer_ids=ids,
        codes=of_pair[worth.codes, levels.codes],
        labels=labels,
        as_of=credit.as_of,
        lines=lines,
        measures={**worth.measures, **levels.measures},
        rule_codes=None if is_plain else of_pair[worth.by_rule, levels.by_rule],
        causes=None if is_plain else np.maximum(_causes(worth), _causes(levels)),
        overrides={**value.overrides, **credit.overrides},
        kind=credit.kind,
    )


def _joined(worth: str, level: str) -> str:
    return worth if worth == level == "unknown" else f"{worth}_{level}"


def _causes(classes: Classification) -> NDArray[np.int8]:
    none = np.zeros(len(classes), np.int8)
    return none if classes.causes is None else classes.causes


def _on_all(
    classes: Classification, places: NDArray[np.int32], n: int, has_class: str
) -> Classification:
    """Spread classes over more customers, of whom the others are unknown."""
    if len(classes) == n:
        return classes
    labels = classes.labels
    if "unknown" not in labels:
        labels = (*labels, "unknown")
    code = labels.index("unknown")

    def spread(values: Any, without: Any, dtype: Any) -> Any:
        result = np.full(n, without, dtype=dtype)
        result[places] = values
        return result

    there = spread(1, 0, np.int64)
    measures = {
        name: evolve(one, values=spread(one.values, np.nan, np.float64))
        for name, one in classes.measures.items()
    }
    absent = Line("unknown", (Condition(has_class, "<", 1),))
    return evolve(
        classes,
        customer_ids=np.arange(n),
        codes=spread(classes.codes, code, np.int8),
        labels=labels,
        lines=(absent, *classes.lines) if classes.lines else (),
        measures={**measures, has_class: Measure(there, "count", told=False)},
        rule_codes=spread(classes.by_rule, code, np.int8),
        causes=None if classes.causes is None else spread(classes.causes, 0, np.int8),
        overrides={},
        since=None,
        steady_codes=None,
    )
