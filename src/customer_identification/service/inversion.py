"""Whether service follows value: what each class gets for it, and who gets too little."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
from attrs import field, frozen

from customer_identification.arrays import same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.options import number
from customer_identification.service.allocation import (
    Allocation,
    ClassShare,
    Rate,
    rates_of,
    total_of,
)
from customer_identification.service.stakes import check_ordered, exact, read_stakes


__all__ = ["InversionReport", "check_no_inversion"]

# What floats make of amounts in exact proportion to value differs by less than this, as
# a share of it. Our choice.
_OFF = Fraction(1, 10**9)


@frozen(kw_only=True)
class InversionReport:
    """Whether a budget follows value; str() says where it does not.

    Attributes
    ----------
    shares : tuple of ClassShare
        By class, best first.
    inverted : tuple of (str, str)
        Pairs of a class and a lower one that gets more per value.
    big_pot : bool
        Whether all classes get about the same per customer, though value differs.
    without_stake : int
        Customers without value at stake, who stand outside.
    amount_without_stake : float
        What they get.
    """

    shares: tuple[ClassShare, ...]
    inverted: tuple[tuple[str, str], ...]
    big_pot: bool
    without_stake: int
    amount_without_stake: float = field(repr=False)

    @property
    def is_fair(self) -> bool:
        """Whether there is neither an inversion nor a big pot."""
        return not self.inverted and not self.big_pot

    def __str__(self) -> str:
        found = [
            f"{lower} gets more per value than {better}"
            for better, lower in self.inverted
        ]
        if self.big_pot:
            found.append("big pot: every class gets the same per customer")
        found = found or ["no class gets less per value than a lower one"]
        if self.without_stake:
            found.append(f"{self.without_stake:,} customers have no value at stake")
        return "; ".join(found)


def check_no_inversion(
    given: Any, stake: Any, classes: Classification, *, alike: float = 0.05
) -> InversionReport:
    """Tell whether a budget that was shared out follows value, class by class.

    "Do not have the phenomenon of 'big pot rice' or 'inverted' in the allocation of
    service resources, that is, to treat all customers, so that important customers do
    not get more services" ("The benefits of customer classification management law").

    Parameters
    ----------
    given : Allocation, mapping of id to number, or array
        What every customer gets, at least 0; an array in the order of `classes`.
    stake : Summary, mapping of id to number, or array
        What is at stake with every customer, as for :func:`share_budget`.
    classes : Classification
        Ordered, best first; service levels by :meth:`ServicePlan.as_classes`.
    alike : float
        Share of the largest by which averages per customer may differ and still count
        as the same; a twentieth is our choice.

    Returns
    -------
    InversionReport
        Inverted are pairs where a lower class gets more per value; what float arithmetic
        may make of equal rates does not count. A big pot is where what a customer gets
        on average is the same in all classes with value at stake, and what is at stake
        with a customer is not.

    Raises
    ------
    InvalidInputError
        If classes have no order, or a number is missing or below 0.

    Examples
    --------
    >>> import datetime as dt
    >>> classes = Classification(
    ...     customer_ids=np.array([1, 2, 3]),
    ...     codes=np.array([0, 1, 1], np.int8),
    ...     labels=("A", "B"),
    ...     as_of=dt.date(2011, 7, 31),
    ...     ordered=True,
    ... )
    >>> print(check_no_inversion([4, 4, 4], [800, 150, 50], classes))
    B gets more per value than A; big pot: every class gets the same per customer
    >>> check_no_inversion([8, 1, 0], [800, 150, 50], classes).is_fair
    True
    """
    classes = check_ordered(classes)
    alike = number("alike", alike, 0, 1)
    stakes = read_stakes("stake", stake, classes)
    off, unit = _OFF, Fraction(1)
    if isinstance(given, Allocation):
        if not same_array(given.customer_ids, classes.customer_ids):
            raise InvalidInputError(
                "allocation and classes must be of the same customers",
                code="other_customers",
            )
        off, unit, amounts = Fraction(0), exact(given.unit), given.units
    else:
        amounts = read_stakes("given", given, classes).values
    idle = stakes.values == 0
    rates = [
        (label, n, value, units * unit)
        for label, n, value, units in rates_of(stakes, amounts, classes)
    ]
    return InversionReport(
        shares=tuple(ClassShare.of(*one) for one in rates),
        inverted=_inverted([one for one in rates if one[1]], off),
        big_pot=_is_big_pot([one for one in rates if one[1]], exact(alike)),
        without_stake=int(np.count_nonzero(idle)),
        amount_without_stake=float(total_of(amounts[idle]) * unit),
    )


def _inverted(rates: Sequence[Rate], off: Fraction) -> tuple[tuple[str, str], ...]:
    return tuple(
        (label, lower)
        for (label, _, value, amount), (lower, _, less, more) in combinations(rates, 2)
        if more * value > amount * less * (1 + off)
    )


def _is_big_pot(rates: Sequence[Rate], alike: Fraction) -> bool:
    worth = [value / n for _, n, value, _ in rates]
    given = [amount / n for _, n, _, amount in rates]
    return any(given) and not _differ(given, alike) and _differ(worth, alike)


def _differ(numbers: Sequence[Fraction], alike: Fraction) -> bool:
    return max(numbers) - min(numbers) > alike * max(numbers)
