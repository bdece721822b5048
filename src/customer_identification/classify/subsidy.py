"""Who pays for whom: what classes bring, against what they would at one margin."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.report import format_money
from customer_identification.summary import Summary


__all__ = ["Subsidy", "subsidy_of"]


@frozen(kw_only=True)
class Subsidy:
    """What classes would bring at everybody's margin, against what they do bring.

    Attributes
    ----------
    labels : tuple of str
        The classes compared.
    as_of : date
        The day they speak of.
    customers, amount, value : ndarray of int, shape (n_labels,)
        Of each class. [customers, minor units, minor units]
    margin : ndarray of float, shape (n_labels,)
        Value by amount; nan where there is no profit to tell, or no amount.
    received : ndarray of float, shape (n_labels,)
        What the class falls short of the margin of all, above 0 for those who are paid
        for and below 0 for those who pay; adds up to 0. nan without profit.
        [minor units]
    discount_share : ndarray of float, shape (n_labels,)
        Share of the amount that was bought at a discount; nan unknown.
    minor_units : int
        Decimals of the money.
    """

    labels: tuple[str, ...]
    as_of: date
    customers: NDArray[np.int64] = array_field()
    amount: NDArray[np.int64] = array_field()
    value: NDArray[np.int64] = array_field()
    margin: NDArray[np.float64] = array_field()
    received: NDArray[np.float64] = array_field()
    discount_share: NDArray[np.float64] = array_field()
    minor_units: int = 2
    kind: str = field(default="pandas", eq=False, repr=False)

    def __str__(self) -> str:
        total, people = self.value.sum(), self.customers.sum()
        lines = []
        for i in np.flatnonzero(self.customers):
            label = self.labels[i]
            text = (
                f"{label}: {_share(self.customers[i], people)} of the customers, "
                f"{_share(self.value[i], total)} of the value"
            )
            if np.isfinite(self.discount_share[i]):
                text += f", {self.discount_share[i]:.1%} bought at a discount"
            if np.isfinite(self.received[i]):
                minor = round(self.received[i])
                verb = "receives" if minor > 0 else "pays"
                money = (
                    format_money(abs(minor), self.minor_units) if minor else "nothing"
                )
                if np.isfinite(self.margin[i]):
                    text += f", margin {self.margin[i]:.1%}"
                text += f", {verb} {money}"
            lines.append(text)
        if not np.isfinite(self.received).any():
            lines.append("who pays for whom is unknown: the data have no profit")
        return "\n".join(lines)

    def to_frame(self) -> Any:
        """Give one row a class, money in major units."""
        scale = 10**self.minor_units
        return to_frame(
            {
                "class": np.array(self.labels, dtype=object),
                "customers": self.customers,
                "amount": self.amount / scale,
                "value": self.value / scale,
                "margin": self.margin,
                "received": self.received / scale,
                "discount_share": self.discount_share,
            },
            self.kind,
        )


def _share(part: Any, whole: Any) -> str:
    return f"{part / whole:.1%}" if whole > 0 else "unknown share"


def subsidy_of(summary: Summary, classes: Classification) -> Subsidy:
    """Tell how far some classes pay for others.

    Parameters
    ----------
    summary : Summary
        With amounts; with profit where margins are to be told.
    classes : Classification
        Of the same customers.

    Raises
    ------
    InvalidInputError
        If there are no amounts, or the two speak of different customers.
    """
    if not same_array(summary.customer_ids, classes.customer_ids):
        raise InvalidInputError(
            "summary and classes must be of the same customers", code="other_customers"
        )
    n = len(classes.labels)

    def by_class(values: NDArray[np.int64] | None) -> NDArray[np.int64]:
        totals = np.zeros(n, dtype=np.int64)
        if values is not None:
            np.add.at(totals, classes.codes, values)
        return totals

    if summary.amount is None or summary.value is None:
        raise InvalidInputError("a subsidy needs amounts", code="no_value")
    amount, value = by_class(summary.amount), by_class(summary.value)
    margin, received = np.full(n, np.nan), np.full(n, np.nan)
    if summary.profit is not None and amount.sum() > 0:
        np.divide(value, amount, out=margin, where=amount > 0)
        received = amount * (value.sum() / amount.sum()) - value
    discount_share = np.full(n, np.nan)
    known = by_class(summary.discount_known)
    np.divide(by_class(summary.discounted), known, out=discount_share, where=known > 0)
    return Subsidy(
        labels=classes.labels,
        as_of=summary.as_of,
        customers=np.bincount(classes.codes, minlength=n),
        amount=amount,
        value=value,
        margin=margin,
        received=received,
        discount_share=discount_share,
        minor_units=summary.minor_units,
        kind=summary.kind,
    )
