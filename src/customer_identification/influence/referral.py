"""What the customers whom a party referred are worth, as the referrer's own value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import union
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Table,
    names_of,
    read_flags,
    read_ids,
    read_numbers,
    read_table,
)
from customer_identification.influence.parties import PartyValues
from customer_identification.options import number


__all__ = ["Referral", "referral_value"]

_AMOUNTS = ("margin", "referral_cost", "marketing_cost", "saved_acquisition")
_REQUIRED = ("referrer_id", "referred_id", "period", "would_have_joined")
# Amounts up to here cannot add up to infinity, however many there are; our choice.
_MOST = 2.0**53

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@frozen(kw_only=True)
class Referral:
    """One referred customer in one period, as :func:`referral_value` reads it.

    Values are checked where they are read, all rows at once.

    Attributes
    ----------
    referrer_id, referred_id
        Who referred, and who was referred: two parties; hidden from `repr`.
    period
        Which period after the referral this is, from 1.
    would_have_joined
        Whether the referred would have become a customer without the referral, the
        same in all periods.
    margin
        What the referred brought in. [money]
    referral_cost
        What the referral cost, such as a reward; taken off. [money]
    marketing_cost
        What marketing to the referred cost; taken off. [money]
    saved_acquisition
        What acquiring the referred otherwise would have cost, stated where it was
        saved, as a rule in the period of joining. [money]

    Examples
    --------
    >>> Referral(
    ...     referrer_id=1, referred_id=2, period=1, would_have_joined=False, margin=50
    ... )
    Referral(period=1, would_have_joined=False)
    """

    referrer_id: int | str = field(repr=False)
    referred_id: int | str = field(repr=False)
    period: int
    would_have_joined: bool
    margin: float = field(default=0, repr=False)
    referral_cost: float = field(default=0, repr=False)
    marketing_cost: float = field(default=0, repr=False)
    saved_acquisition: float = field(default=0, repr=False)


def referral_value(
    referrals: object,
    *,
    discount_rate: float,
    columns: Mapping[str, str | None] | None = None,
) -> PartyValues:
    """Give every referrer the present value of those whom it referred.

    The customer referral value: over all periods t, with r the discount rate, of every
    referred customer who would not have joined otherwise (type one)
    (A - a - M + ACQ1) / (1 + r)^t, and of every one who would (type two)
    ACQ2 / (1 + r)^t, where A is `margin`, a `referral_cost`, M `marketing_cost`, and
    ACQ1 and ACQ2 are `saved_acquisition`.

    Parameters
    ----------
    referrals : frame or iterable of Referral
        One referred customer in one period a row: `referrer_id`, `referred_id`,
        `period`, `would_have_joined` (bool, or a number that is above 0), and where
        known `margin`, `referral_cost`, `marketing_cost` and `saved_acquisition`
        [money, major units], else 0. More rows of the same customer and period add up.
    discount_rate : float
        For each period, at least 0.
    columns : mapping of str to str or None, optional
        Our names to the host's; None where there is no such amount.

    Returns
    -------
    value : PartyValues
        By referrer, in `discount_rate` terms as of period 0. Empty without rows; who
        referred nobody is not in it. [money, major units]

    Raises
    ------
    MissingColumnError
        If a column is not there.
    InvalidInputError
        If an id is null, or a party refers itself; a period is no whole number from 1;
        a needed amount is null, infinite or beyond 2**53; `would_have_joined` is null,
        below 0 or differs between the rows of a referrer and its referred; or the
        discount rate is below 0.

    Notes
    -----
    As in the paper, of customers of type two only `saved_acquisition` counts: their
    margin and costs are there without the referrer too, and are not looked at.

    References
    ----------
    Kumar, Petersen & Leone 2010, Driving Profitability by Encouraging Customer
    Referrals: Who, When, and How, Journal of Marketing 74(5), the equation of CRV.

    Examples
    --------
    >>> found = [
    ...     Referral(
    ...         referrer_id="ann",
    ...         referred_id=who,
    ...         period=1,
    ...         would_have_joined=would,
    ...         margin=100,
    ...         referral_cost=10,
    ...         saved_acquisition=20,
    ...     )
    ...     for who, would in (("bob", False), ("eve", True))
    ... ]
    >>> value = referral_value(found, discount_rate=0.1)
    >>> round(value["ann"], 2)  # (110 + 20) / 1.1
    118.18
    """
    rate = number("discount_rate", discount_rate, 0)
    table = read_table(
        referrals,
        names_of(columns, (*_REQUIRED, *_AMOUNTS), needed=_REQUIRED),
        required=_REQUIRED,
        objects=Referral,
    )
    ids, referrer, pair = _read_pairs(table)
    period = _read_periods(table)
    joins = _read_joins(table, pair)
    margin, cost, marketing, saved = (_read_amount(n, table, joins) for n in _AMOUNTS)
    worth = saved + np.where(joins, 0.0, margin - cost - marketing)
    with np.errstate(over="ignore"):  # so far off that it is worth nothing
        worth /= (1 + rate) ** period
    order = np.lexsort((worth, referrer))  # so that no order of rows changes a digit
    total = np.bincount(referrer[order], weights=worth[order], minlength=ids.size)
    return PartyValues(ids=ids, value=total.astype(np.float64), kind=table.kind)


def _read_pairs(
    table: Table,
) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int64]]:
    """Give the referrers' ids, each row's place among them, and a number a pair."""
    left = read_ids(table.columns["referrer_id"], "referrer_id")
    right = read_ids(table.columns["referred_id"], "referred_id")
    _refuse("referrer_id", left.codes < 0, "an id")
    _refuse("referred_id", right.codes < 0, "an id")
    both, of_left, of_right = union(left.unique, right.unique)
    lefts, rights = of_left[left.codes], of_right[right.codes]
    _refuse("referred_id", lefts == rights, "another party than referrer_id")
    return left.unique, left.codes, lefts * np.int64(both.size) + rights


def _read_periods(table: Table) -> Floats:
    period = read_numbers(table.columns["period"], "period")
    is_whole = (period >= 1) & (period == np.floor(period)) & (period <= _MOST)
    _refuse("period", ~is_whole, "a whole number, at least 1")
    return period


def _read_joins(table: Table, pair: NDArray[np.int64]) -> Flags:
    """Read who would have joined anyway, which is one thing for all rows of a pair."""
    name = "would_have_joined"
    joins, missing, below = read_flags(table.columns[name], name)
    for wrong in (missing, below):
        if wrong is not None:
            _refuse(name, wrong, "True or False")
    _, which = np.unique(pair, return_inverse=True)
    share = np.bincount(which, weights=joins) / np.bincount(which)
    is_mixed = (share > 0) & (share < 1)
    _refuse(name, is_mixed[which], "the same in all rows of a referrer and referred")
    return joins


def _read_amount(name: str, table: Table, joins: Flags) -> Floats:
    """Read an amount, 0 where the data have none; it must be known where it counts."""
    if name not in table.columns:
        return np.zeros(table.n_rows)
    amount = read_numbers(table.columns[name], name)
    counts = np.ones_like(joins) if name == "saved_acquisition" else ~joins
    _refuse(name, counts & ~(np.abs(amount) <= _MOST), "a number, at most 2**53")
    return np.where(counts, amount, 0.0)


def _refuse(name: str, is_wrong: Flags, rule: str) -> None:
    rows = np.flatnonzero(is_wrong)
    if rows.size:
        raise InvalidInputError(
            f"{name} must be {rule}; {rows.size:,} of {is_wrong.size:,} rows are not, "
            f"first at row {rows[0]}",
            code="bad_rows",
            column=name,
            positions=rows[:5],
        )
