"""What was read and what became of it: every row and every minor unit accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import evolve, frozen


__all__ = [
    "COUNTED",
    "REASONS",
    "Account",
    "DataReport",
    "SetAside",
    "add_up",
    "format_money",
    "report_of",
]

SetAside = tuple[tuple[str, int, int], ...]

_OF_ALL_ROWS = ("read", "money_in", "rounded")
_OF_USED_ROWS = {
    "used": "rows",
    "refunded": "refunds",
    "refunded_value": "refund_value",
    "free": "free",
    "discount_unknown": "discount_unknown",
}

COUNTED = tuple(_OF_USED_ROWS.values())

# Why a row is set aside, in the order in which the first reason wins. Those marked
# True are no fault of the data; the others raise unless on_bad_rows="report".
REASONS = {
    "no customer id": True,
    "no date": False,
    "no amount": False,
    "amount not finite": False,
    "no profit": False,
    "profit not finite": False,
    "discount below 0": False,
    "before since": True,
    "after as_of": True,
}


def add_up(*parts: Iterable[tuple[str, int, int]]) -> SetAside:
    """Add rows and money set aside, reason by reason, in the order of the reasons.

    Examples
    --------
    >>> add_up([("after as_of", 1, 50)], [("no date", 2, 0), ("after as_of", 1, 7)])
    (('no date', 2, 0), ('after as_of', 2, 57))
    """
    rows, money = dict.fromkeys(REASONS, 0), dict.fromkeys(REASONS, 0)
    for part in parts:
        for why, n_rows, minor in part:
            rows[why] += n_rows
            money[why] += minor
    return tuple((why, rows[why], money[why]) for why in REASONS if rows[why])


def format_money(minor: int, minor_units: int) -> str:
    """Write whole minor units as money.

    Examples
    --------
    >>> format_money(11028767, 2)
    '110,287.67'
    """
    return f"{Decimal(int(minor)).scaleb(-minor_units):,.{minor_units}f}"


@frozen(kw_only=True)
class DataReport:
    """What was read and what became of it; nothing is dropped uncounted.

    Attributes
    ----------
    read, used : int
        Rows. [rows]
    set_aside : tuple of (str, int, int)
        Reason, rows and their value in minor units (an unknown amount counts 0).
    money_in : int
        Value of all rows read. [minor units]
    refunded, refunded_value : int
        Used rows with an amount below 0, and what they add up to.
    merged : int
        Used purchase rows beyond the first of their purchase. [rows]
    free : int
        Used rows with an amount of 0. [rows]
    rounded : int
        Amounts with a part finer than the minor unit, rounded half to even. [rows]
    discount_unknown : int
        Purchase rows whose discount is missing, left out of the discount share. [rows]
    minor_units : int
        Decimals of the money.
    valued : bool
        Whether the data have amounts; without them all money here is 0.
    """

    read: int
    used: int
    set_aside: tuple[tuple[str, int, int], ...]
    money_in: int
    refunded: int
    refunded_value: int
    merged: int
    free: int
    rounded: int
    discount_unknown: int
    minor_units: int
    valued: bool = True

    @property
    def money_used(self) -> int:
        """Value of the rows used, in minor units."""
        return self.money_in - sum(money for _, _, money in self.set_aside)

    @property
    def unidentified(self) -> int:
        """Rows without a customer id."""
        return sum(n for why, n, _ in self.set_aside if why == "no customer id")

    @property
    def unidentified_value(self) -> int:
        """Value of the rows without a customer id, in minor units."""
        return sum(m for why, _, m in self.set_aside if why == "no customer id")

    @property
    def unidentified_share(self) -> float:
        """Share of all value whose customer is not known yet; nan without value."""
        return (
            self.unidentified_value / self.money_in if self.money_in else float("nan")
        )

    @property
    def conservation(self) -> str:
        """Rows in and money in, each accounted for, in one line."""
        aside = sum(n for _, n, _ in self.set_aside)
        if len(self.set_aside) == 1:
            why = f": {self.set_aside[0][0]}"
        else:
            why = "".join(
                f"{', ' if i else ': '}{n:,} {reason}"
                for i, (reason, n, _) in enumerate(self.set_aside)
            )
        rows = f"{self.read:,} rows, {self.used:,} used, {aside:,} set aside{why}"
        if not self.valued:
            return f"{rows}; no amounts"
        rest = self.money_in - self.money_used
        money_in, used, left = (
            format_money(minor, self.minor_units)
            for minor in (self.money_in, self.money_used, rest)
        )
        return f"{rows}; {money_in} in, {used} classified, {left} set aside"

    def __str__(self) -> str:
        return self.conservation

    def merge(self, later: DataReport) -> DataReport:
        """Add what was read of a later time; purchases are yet to be counted."""
        sums = {
            name: getattr(self, name) + getattr(later, name)
            for name in (*_OF_ALL_ROWS, *_OF_USED_ROWS)
        }
        aside = add_up(self.set_aside, later.set_aside)
        return evolve(self, set_aside=aside, **sums)

    def without(self, dropped: Mapping[str, int]) -> DataReport:
        """Set used rows aside as "before since"; purchases are yet to be counted.

        Parameters
        ----------
        dropped : mapping of str to int
            As :func:`report_of` takes it.
        """
        less = {
            name: getattr(self, name) - dropped.get(part, 0)
            for name, part in _OF_USED_ROWS.items()
        }
        value = dropped.get("profit", dropped.get("amount", 0))
        before = [("before since", dropped["rows"], value)]
        return evolve(self, set_aside=add_up(self.set_aside, before), **less)

    def counted(self, purchases: int) -> DataReport:
        """Tell how many rows were merged into purchases."""
        return evolve(self, merged=self.used - self.refunded - purchases)


@frozen(kw_only=True)
class Account:
    """What became of rows before any customer was looked at.

    Attributes
    ----------
    read, rounded : int
        As in the report.
    set_aside : tuple of (str, int, int)
        As in the report.
    money_in : int or None
        None where there are no amounts.
    """

    read: int
    set_aside: SetAside
    money_in: int | None
    rounded: int


def report_of(
    account: Account, sums: Mapping[str, int], purchases: int, minor_units: int
) -> DataReport:
    """Account for every row and every minor unit.

    Parameters
    ----------
    account : Account
        Of all rows.
    sums : mapping of str to int
        Over the used rows: rows, and refunds, refund_value, free and discount_unknown
        where the data can tell.
    purchases : int
        Of all customers.
    minor_units : int
        Decimals of the money.
    """
    used = {name: sums.get(part, 0) for name, part in _OF_USED_ROWS.items()}
    return DataReport(
        read=account.read,
        set_aside=account.set_aside,
        money_in=account.money_in or 0,
        merged=used["used"] - used["refunded"] - purchases,
        rounded=account.rounded,
        minor_units=minor_units,
        valued=account.money_in is not None,
        **used,
    )
