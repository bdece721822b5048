"""A budget shared out: what every customer gets, and every class for its value."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ById, array_field, position_of
from customer_identification.classify.base import Classification
from customer_identification.frames import Labels, to_frame
from customer_identification.service.stakes import Stakes, exact


__all__ = ["Allocation", "ClassShare", "Rate", "rates_of", "total_of"]

# Label, customers, value and amount of those of a class with value at stake.
Rate = tuple[str, int, Fraction, Fraction]


@frozen(kw_only=True)
class ClassShare:
    """What the customers of a class with value at stake get.

    Attributes
    ----------
    label : str
        The class.
    customers : int
        How many have value at stake.
    value : float
        What is at stake with them. [major units]
    amount : float
        What they get: visits, hours or money.
    """

    label: str
    customers: int
    value: float = field(repr=False)
    amount: float = field(repr=False)

    @classmethod
    def of(cls, label: str, n: int, value: Fraction, amount: Fraction) -> ClassShare:
        """Round exact numbers for people to read."""
        return cls(label=label, customers=n, value=float(value), amount=float(amount))

    @property
    def per_value(self) -> float:
        """What a unit of value gets; nan where there is none."""
        return self.amount / self.value if self.value else math.nan

    @property
    def per_customer(self) -> float:
        """What a customer gets on average; nan where there are none."""
        return self.amount / self.customers if self.customers else math.nan


@frozen(kw_only=True)
class Allocation(ById):
    """What every customer gets of a budget; made by :func:`share_budget`.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted; positions where the host gave no ids.
    units : ndarray of int, shape (n_customers,)
        Whole units; they add up to the budget. [units]
    unit : int, float or Decimal
        What a unit is: a visit, a quarter of an hour, a cent.
    budget : int, float or Decimal
        What was shared out.
    shares : tuple of ClassShare
        By class, best first, of the customers with value at stake.
    without_stake : int
        Customers without value at stake: they get their minimum.
    classes : Classification or None
        Those it was shared out by.

    Examples
    --------
    >>> from customer_identification.service.budget import share_budget
    >>> hours = share_budget({"c1": 60, "c2": 30, "c3": 10}, 5, unit=0.5)
    >>> hours, hours["c1"], hours.amounts
    (Allocation(10 units among 3 customers), 3.0, array([3. , 1.5, 0.5]))
    """

    customer_ids: NDArray[Any] = array_field()
    units: NDArray[np.int64] = array_field()
    unit: int | float | Decimal
    budget: int | float | Decimal
    shares: tuple[ClassShare, ...]
    without_stake: int
    classes: Classification | None = field(default=None, hash=False)
    kind: str = field(default="pandas", eq=False)

    @property
    def ids(self) -> NDArray[Any]:
        """Those of the customers."""
        return self.customer_ids

    def __len__(self) -> int:
        return int(self.customer_ids.size)

    def __repr__(self) -> str:
        units = int(self.units.sum())
        return f"Allocation({units:,} units among {len(self):,} customers)"

    def __str__(self) -> str:
        lines = [
            f"{one.label}: {one.customers:,} customers, {one.amount:,.15g} in all, "
            f"{one.per_customer:,.3g} each, {one.per_value:,.3g} per value"
            for one in self.shares
            if one.customers
        ]
        if self.without_stake:
            lines.append(f"{self.without_stake:,} customers without value at stake")
        return "\n".join(lines) or "nobody"

    def __getitem__(self, customer_id: int | str) -> int | float | Decimal:
        """Give what a customer gets, in the host's units and kind of number.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        units = int(self.units[position_of(self.customer_ids, customer_id)])
        if isinstance(self.unit, float):
            return float(units * exact(self.unit))
        return units * self.unit

    @property
    def amounts(self) -> NDArray[np.float64]:
        """What every customer gets, in the host's units."""
        unit = exact(self.unit)
        units = self.units.astype(np.float64)
        return units * float(unit.numerator) / float(unit.denominator)

    def to_frame(self) -> Any:
        """Give ids, classes, units and amounts as the host's kind of frame."""
        columns: dict[str, Any] = {"customer_id": self.customer_ids}
        if self.classes is not None:
            columns["class"] = Labels(
                codes=self.classes.codes, words=self.classes.labels
            )
        columns |= {"units": self.units, "amount": self.amounts}
        return to_frame(columns, self.kind)


def total_of(values: NDArray[Any]) -> Fraction:
    """Add up, the same in any order: whole numbers exactly, floats to the last digit.

    Examples
    --------
    >>> total_of(np.array([0.5, 0.25]))
    Fraction(3, 4)
    """
    if values.dtype.kind == "i":
        high, low = values >> 32, values & 0xFFFFFFFF  # so that no sum is too large
        return Fraction((int(high.sum()) << 32) + int(low.sum()))
    return Fraction(math.fsum(values.tolist()))


def rates_of(
    stakes: Stakes, amounts: NDArray[Any], classes: Classification | None
) -> list[Rate]:
    """Give label, customers, value and amount by class, of those with value at stake."""
    is_in = stakes.values > 0
    labels = ("all",) if classes is None else classes.labels
    rows = []
    for code, label in enumerate(labels):
        mine = is_in if classes is None else is_in & (classes.codes == code)
        rows.append(
            (
                label,
                int(np.count_nonzero(mine)),
                total_of(stakes.values[mine]) / stakes.scale,
                total_of(amounts[mine]),
            )
        )
    return rows
