"""ABC classes: key, major and ordinary customers by what they are worth."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from string import ascii_uppercase
from typing import Any

import numpy as np
from attrs import field, frozen

from customer_identification.classify.base import Classification, classify_by
from customer_identification.classify.limits import (
    Limit,
    computed_limits,
    limits_at,
    limits_by_customers,
    limits_by_value,
)
from customer_identification.classify.table import (
    Condition,
    Line,
    measure_of,
    table_field,
)
from customer_identification.errors import InvalidInputError
from customer_identification.options import an_instance, number, shares
from customer_identification.summary import Summary


__all__ = ["ABCClassifier", "ABCRule"]

# 80 and 95 % of value: the customary limits of ABC analysis (Dickie 1951, "ABC
# inventory analysis shoots for dollars, not pennies"; the shares are convention).
_CUSTOMARY = (0.80, 0.95)
_TAKEN = frozenset({"none", "unknown", "apart", "absent"})
_MOST_CLASSES = 26
_MEASURES = ("value", "network_value")


def _check_measure(_: object, __: object, measure: object) -> None:
    if measure not in _MEASURES:
        raise InvalidInputError(
            f"measure must be one of {', '.join(_MEASURES)}", code="bad_option"
        )


def _measure_field() -> Any:
    return field(default="value", validator=_check_measure)


@frozen(kw_only=True)
class ABCRule:
    """Limits of value between ABC classes.

    Attributes
    ----------
    limits : tuple of Limit
        The least value of each class but the last, falling; empty if nothing could be
        learnt, and then every value above 0 is unknown.
    classes : tuple of str
        Names of the classes, best first.
    minor_units : int
        Decimals of the money the limits are in.
    measure : {"value", "network_value"}
        Which value it is.
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    limits: tuple[Limit, ...]
    classes: tuple[str, ...] = ("A", "B", "C")
    minor_units: int = 2
    measure: str = _measure_field()
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, best first; then `none` (nothing or less) and `unknown`."""
        return (*self.classes, "none", "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        lines = [
            Line(label, (Condition(self.measure, ">=", limit.value),), sticky=True)
            for label, limit in zip(self.classes, self.limits, strict=False)
        ]
        if self.limits:
            rest = (Condition(self.measure, ">", 0),)
            lines.append(Line(self.classes[-1], rest, sticky=True))
        lines.append(Line("none", (Condition(self.measure, "<=", 0),)))
        return (*lines, Line("unknown", shows=(self.measure,)))

    def classify(self, summary: Summary) -> Classification:
        """Give every customer a class by value.

        Raises
        ------
        InvalidInputError
            If the summary counts money in other units than the rule.
        """
        if summary.minor_units != self.minor_units:
            raise InvalidInputError(
                f"the summary must have minor_units={self.minor_units}, as the rule "
                f"has; it has {summary.minor_units}",
                code="minor_units",
            )
        return classify_by(
            summary,
            self.lines,
            {self.measure: measure_of(summary, self.measure, "money")},
            labels=self.labels,
            ordered=True,
        )


def _shares(name: str) -> Any:
    def convert(values: Any) -> tuple[float, ...] | None:
        return None if values is None else shares(name, values)

    return field(default=None, converter=convert)


def _thresholds(values: Any) -> tuple[float | Decimal, ...] | None:
    """Check limits of value; ints and Decimals are kept exactly."""
    if values is None:
        return None
    try:
        falling = tuple(values)
        known = [number("thresholds", value, 0) for value in falling]
    except (TypeError, InvalidInputError):
        known = []
    if not known or not known[-1] > 0 or any(a <= b for a, b in pairwise(known)):
        raise InvalidInputError(
            "thresholds must be numbers above 0 that fall", code="bad_option"
        )
    return falling


def _names(values: Any) -> tuple[str, ...]:
    names = tuple(values) if isinstance(values, (list, tuple)) else (None,)
    if any(not isinstance(name, str) or name in _TAKEN for name in names):
        raise InvalidInputError(
            f"classes must be names, and none of {', '.join(sorted(_TAKEN))}",
            code="bad_option",
        )
    return names


@frozen(kw_only=True)
class ABCClassifier:
    """Key (A), major (B) and ordinary (C) customers, by one of four kinds of limit.

    Give one of the first four; with none, the customary shares of value (0.80, 0.95).

    Parameters
    ----------
    value_shares : sequence of float
        A customer is in a class if all larger customers together hold less than this
        share of the positive total; the largest customer is always in the first.
    customer_shares : sequence of float
        Shares of the customers with a value above 0, rounded up; (0.05, 0.20) makes
        the top 5 % class A.
    thresholds : sequence of number
        The least value of each class but the last, falling, in your money.
    computed : bool
        Limits from the data alone (Ultsch & Lötsch 2015).
    classes : sequence of str
        One name more than limits; A, B, C, … by default.
    measure : {"value", "network_value"}
        Own value, or value including influence, which :func:`with_network_value` adds to
        a summary; unknown without.

    Notes
    -----
    Customers of equal value share a class: a limit is the value of the last customer it
    takes in, and takes in everyone who ties with them. Totals of 0 and below are in the
    class `none`; unknown value is `unknown`.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, 7, 1), amount=100 * one)
    ...         for one in range(1, 11)
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> rule = ABCClassifier(customer_shares=(0.05, 0.20)).fit(summary)
    >>> rule.classify(summary).counts()
    {'A': 1, 'B': 1, 'C': 8, 'none': 0, 'unknown': 0}
    >>> [limit.value for limit in rule.limits]
    [100000, 90000]
    """

    value_shares: tuple[float, ...] | None = _shares("value_shares")
    customer_shares: tuple[float, ...] | None = _shares("customer_shares")
    thresholds: tuple[float | Decimal, ...] | None = field(
        default=None, converter=_thresholds
    )
    computed: bool = False
    classes: tuple[str, ...] = field(default=(), converter=_names)
    measure: str = _measure_field()

    def __attrs_post_init__(self) -> None:
        given = [self.value_shares, self.customer_shares, self.thresholds]
        an_instance("computed", self.computed, bool)
        n_given = sum(one is not None for one in given) + self.computed
        if n_given > 1:
            raise InvalidInputError(
                "give one of value_shares, customer_shares, thresholds and computed; "
                f"got {n_given}",
                code="bad_option",
            )
        if n_given == 0:
            object.__setattr__(self, "value_shares", _CUSTOMARY)
        cuts = self.value_shares or self.customer_shares or self.thresholds
        n_classes = 3 if cuts is None else len(cuts) + 1
        if n_classes > _MOST_CLASSES:
            raise InvalidInputError(
                f"there must be at most {_MOST_CLASSES} classes", code="bad_option"
            )
        if not self.classes:
            object.__setattr__(self, "classes", tuple(ascii_uppercase[:n_classes]))
        if len(self.classes) != n_classes or len(set(self.classes)) != n_classes:
            raise InvalidInputError(
                f"classes must be {n_classes} different names", code="bad_option"
            )

    def fit(self, summary: Summary) -> ABCRule:
        """Learn the limits from a population."""
        values = getattr(summary, self.measure)
        values = np.empty(0, np.int64) if values is None else values
        return ABCRule(
            limits=self._limits(values, summary.minor_units),
            classes=self.classes,
            minor_units=summary.minor_units,
            measure=self.measure,
        )

    def _limits(self, values: Any, minor_units: int) -> tuple[Limit, ...]:
        if self.thresholds is not None:
            scale = 10**minor_units
            least = [
                math.ceil(Fraction(str(limit)) * scale) for limit in self.thresholds
            ]
            return limits_at(values, least)
        if self.customer_shares is not None:
            return limits_by_customers(values, self.customer_shares)
        if self.value_shares is not None:
            return limits_by_value(values, self.value_shares)
        return computed_limits(values)
