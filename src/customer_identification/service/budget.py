"""A budget of visits, hours or money, shared out in proportion to what is at stake."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.options import number
from customer_identification.service.allocation import (
    Allocation,
    ClassShare,
    rates_of,
    total_of,
)
from customer_identification.service.sharing import share_between, share_within
from customer_identification.service.stakes import (
    MOST,
    OFF,
    Stakes,
    check_ordered,
    exact,
    read_bound,
    read_stakes,
)


__all__ = ["share_budget"]

Ints = NDArray[np.int64]


def share_budget(  # noqa: PLR0913 - each says one thing about one question
    stake: Any,
    budget: float | Decimal,
    *,
    minimum: Any = 0,
    maximum: Any = None,
    unit: float | Decimal = 1,
    classes: Classification | None = None,
    customer_ids: Any = None,
) -> Allocation:
    """Share a budget out in proportion to value at stake, within bounds.

    The budget is spent exactly, in whole units. Classes come first: none gets less per
    value than a lower one. Then each class is shared out among its customers.

    Parameters
    ----------
    stake : Summary, mapping of id to number, or array
        What is at stake with every customer, at least 0: of a summary its value, of
        :class:`PartyValues` the number, where below 0 counts as 0. An array goes by
        `customer_ids`, or by the customers of `classes`.
    budget : int, float or Decimal
        A whole number of units, at least 0: visits, hours or money.
    minimum, maximum : number, array, or mapping of class to number
        Least and most for every customer, as the budget is counted; parts of a unit are
        rounded up in the one and down in the other. An array has the order of `stake`,
        or of sorted ids where that is a mapping. None is no bound.
    unit : int, float or Decimal
        What is not divided further: 1 visit, 0.25 hours, 0.01 of money.
    classes : Classification, optional
        Ordered, best first; without it all customers are one class. Service levels by
        :meth:`ServicePlan.as_classes`.
    customer_ids : column, array or list, optional
        Ids of the customers of an array, in any order; their positions by default.

    Returns
    -------
    Allocation

    Raises
    ------
    InvalidInputError
        If the budget is below 0 or no whole number of units; minimums are above the
        budget or above maximums; maximums, or having nothing at stake, leave units over;
        or bounds force a lower class to get more per value (code ``inversion``).

    Notes
    -----
    Per value means per value of those customers of a class with value at stake. Whoever
    has none gets the minimum and stands outside.

    Classes are shared out in exact fractions: at one rate for all, within the sums of
    their bounds (see :func:`~customer_identification.service.sharing.share_between`).
    Within a class a customer gets ``clip(rate * value, minimum, maximum)`` with one rate
    (Bitran & Hax 1981), rounded by largest remainders; equal remainders go to the larger
    stake, then to the smaller id. With equal bounds, more at stake never gets less.

    Examples
    --------
    >>> import datetime as dt
    >>> classes = Classification(
    ...     customer_ids=np.array([1, 2, 3, 4]),
    ...     codes=np.array([0, 1, 1, 2], np.int8),
    ...     labels=("A", "B", "none"),
    ...     as_of=dt.date(2011, 7, 31),
    ...     ordered=True,
    ... )
    >>> visits = share_budget(
    ...     {1: 700, 2: 200, 3: 100, 4: 0}, 20, minimum={"B": 3}, classes=classes
    ... )
    >>> visits.units, visits[1]
    (array([14,  3,  3,  0]), 14)
    >>> [(one.label, one.amount, one.per_value) for one in visits.shares[:2]]
    [('A', 14.0, 0.02), ('B', 6.0, 0.02)]
    """
    if classes is not None:
        check_ordered(classes)
    stakes = read_stakes("stake", stake, classes, customer_ids)
    of_unit, total = _units_of(budget, unit)
    low, high = (
        read_bound(name, bound, stakes, classes, unit=of_unit, up=name == "minimum")
        for name, bound in (("minimum", minimum), ("maximum", maximum))
    )
    check_each(
        "minimum", low <= high, "not be above the maximum", code="minimum_above_maximum"
    )
    sharing = _Sharing(stakes=stakes, low=low, high=np.minimum(high, total))
    sharing.check(total)
    units = sharing.units(total, classes)
    return Allocation(
        customer_ids=stakes.customer_ids,
        units=units,
        unit=_plain(unit),
        budget=_plain(budget),
        shares=tuple(
            ClassShare.of(label, n, value, amount * of_unit)
            for label, n, value, amount in rates_of(stakes, units, classes)
        ),
        without_stake=int(np.count_nonzero(stakes.values == 0)),
        classes=classes,
        kind=stakes.kind,
    )


def _plain(value: Any) -> int | float | Decimal:
    """Give a number of numpy's as Python's."""
    plain: int | float | Decimal = (
        value.item() if isinstance(value, np.generic) else value
    )
    return plain


def _units_of(budget: Any, unit: Any) -> tuple[Fraction, int]:
    """Give a unit, and the budget in units."""
    number("unit", unit, 0)
    of_unit = exact(unit)
    if not of_unit:
        raise InvalidInputError("unit must be above 0", code="bad_option")
    number("budget", budget, 0)
    units = exact(budget) / of_unit
    if abs(units - round(units)) <= OFF and isinstance(budget, float):
        units = Fraction(round(units))
    if units.denominator != 1:
        raise InvalidInputError(
            "budget must be a whole number of units (unit= says what a unit is)",
            code="not_whole",
            column="budget",
        )
    if units > MOST:
        raise InvalidInputError(
            "budget must be at most 2**53 units, to be exact", code="too_large"
        )
    return of_unit, int(units)


@frozen(kw_only=True)
class _Sharing:
    """Who is to share, and within what bounds; in whole units."""

    stakes: Stakes
    low: Ints
    high: Ints

    def check(self, total: int) -> None:
        """Make sure that bounds alone let the budget be spent."""
        if int(total_of(self.low)) > total:
            raise InvalidInputError(
                "minimums must not add up to more than the budget",
                code="minimums_above_budget",
            )
        most = np.where(self.stakes.values > 0, self.high, self.low)
        if int(total_of(most)) < total:
            raise InvalidInputError(
                "maximums must add up to the budget at least, of the customers with "
                "value at stake and the minimums of the others; without value at stake "
                "nobody gets more than their minimum",
                code="maximums_below_budget",
            )

    def units(self, total: int, classes: Classification | None) -> Ints:
        """Share between classes, then within each; without stake is the minimum."""
        units = self.low.copy()
        has_stake = self.stakes.values > 0
        total -= int(units[~has_stake].sum())
        codes = np.zeros(units.size, np.int8) if classes is None else classes.codes
        present = np.flatnonzero(np.bincount(codes[has_stake])).tolist()
        members = [np.flatnonzero(has_stake & (codes == code)) for code in present]
        if not members:
            return units
        shares = share_between(
            [total_of(self.stakes.values[one]) for one in members],
            [int(total_of(self.low[one])) for one in members],
            [min(int(total_of(self.high[one])), total) for one in members],
            total,
        )
        for one, share in zip(members, shares, strict=True):
            units[one] = share_within(
                self.stakes.values[one], self.low[one], self.high[one], share
            )
        return units
