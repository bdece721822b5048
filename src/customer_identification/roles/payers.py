"""Bill payers: whom they pay for, how content these are, and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    ById,
    align,
    array_field,
    check_each,
    distinct,
    position_of,
    run_starts,
)
from customer_identification.frames import (
    is_by_id,
    names_of,
    read_days,
    read_ids,
    read_numbers,
    read_numbers_by_id,
    read_table,
    to_day,
    to_frame,
)
from customer_identification.models import Observation
from customer_identification.options import an_instance, number
from customer_identification.roles.ledger import RoleLedger
from customer_identification.roles.spells import order_of
from customer_identification.roles.values import sums_at


__all__ = [
    "PayerResults",
    "paid_for_others",
    "payer_results",
    "satisfaction_of",
    "users_of",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_SATISFIED = ("customer_id", "satisfaction", "date")


@frozen(kw_only=True, repr=False)
class PayerResults(ById):
    """What hangs on every bill payer, most that could be taken away first.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_payers,)
        All who pay for another; of equal value, in the order of ids.
    beneficiaries : ndarray of int, shape (n_payers,)
        Others whom they pay for.
    pays : ndarray of int, shape (n_payers,)
        For others. [minor units]
    could_take_away : ndarray of int, shape (n_payers,)
        All they pay, for themselves too. [minor units]
    beside : ndarray of int, shape (n_payers,)
        What those whom they pay for bring besides, and could take along or add to.
        [minor units]
    could_add : ndarray of int, shape (n_payers,)
        More by so much they would pay, if they paid for each beneficiary as the typical
        payer does; 0 where they pay that or more. [minor units]
    satisfaction, least_satisfaction : ndarray of float, shape (n_payers,)
        Mean, and least, of the beneficiaries whose satisfaction is known, 0 to 1; nan
        where none is.
    satisfaction_known : ndarray of int, shape (n_payers,)
        Of how many beneficiaries it is known.
    typical : float or None
        What the typical payer pays for a beneficiary; None without payers. [minor units]
    minor_units : int
    """

    ids: NDArray[Any] = array_field()
    beneficiaries: Ints = array_field()
    pays: Ints = array_field()
    could_take_away: Ints = array_field()
    beside: Ints = array_field()
    could_add: Ints = array_field()
    satisfaction: Floats = array_field()
    least_satisfaction: Floats = array_field()
    satisfaction_known: Ints = array_field()
    typical: float | None = field(repr=False)
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"PayerResults({len(self):,} bill payers)"

    def __getitem__(self, payer_id: int | str) -> dict[str, float]:
        """Give the figures of one bill payer by name, money in major units.

        Raises
        ------
        UnknownCustomerError
            If no bill payer has that id.
        """
        order = np.argsort(self.ids, kind="stable")
        at = order[position_of(self.ids[order], payer_id)]
        return {name: values[at].item() for name, values in self._columns().items()}

    def _columns(self) -> dict[str, NDArray[Any]]:
        scale = 10**self.minor_units
        return {
            "beneficiaries": self.beneficiaries,
            **{name: getattr(self, name) / scale for name in _MONEY},
            "satisfaction": self.satisfaction,
            "least_satisfaction": self.least_satisfaction,
            "satisfaction_known": self.satisfaction_known,
        }

    def to_frame(self) -> Any:
        """Give one row a bill payer, in order, money in major units."""
        return to_frame({"payer_id": self.ids, **self._columns()}, self.kind)


_MONEY = ("pays", "could_take_away", "beside", "could_add")


def payer_results(
    ledger: RoleLedger,
    *,
    satisfaction: object = None,
    columns: Mapping[str, str | None] | None = None,
    typical: float = 0.5,
) -> PayerResults:
    """Tell what every bill payer could take away or add, and how content theirs are.

    Parameters
    ----------
    ledger : RoleLedger
    satisfaction : mapping of id to number, frame or iterable of Observation, optional
        0 (none) to 1 (full), by party; of observations (customer_id, satisfaction, and
        date where there is one) up to the ledger's day, the mean of each party. Parties
        who are not in the ledger do not matter.
    columns : mapping of str to str or None, optional
        Our names of the columns of that frame to yours.
    typical : float
        Which payer is the typical one, by what they pay for a beneficiary: 0.5 is the
        median (our choice).

    Returns
    -------
    results : PayerResults

    Raises
    ------
    InvalidInputError
        If a satisfaction is no number from 0 to 1.

    Notes
    -----
    "5 More Customers To Identify In CRM": the bill payer may use nothing of ours and
    still take customers away or buy more; beneficiaries who are content buy themselves.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import payer_results, role_ledger
    >>> phones = pd.DataFrame(
    ...     {
    ...         "customer_id": ["boss", "boss", "ann", "eve"],
    ...         "beneficiary_id": ["ann", "bob", None, None],
    ...         "payer_id": [None, None, None, "dad"],
    ...         "amount": [30.0, 10.0, 5.0, 60.0],
    ...     }
    ... )
    >>> ledger = role_ledger(phones, as_of="2011-05-31", columns={"date": None})
    >>> results = payer_results(ledger, satisfaction={"ann": 0.9, "bob": 0.2})
    >>> results["boss"]["could_take_away"], results["boss"]["beside"]
    (40.0, 5.0)
    >>> results["boss"]["could_add"], results["boss"]["least_satisfaction"]
    (40.0, 0.2)
    """
    an_instance("ledger", ledger, RoleLedger)
    share = number("typical", typical, 0, 1)
    payer, used_by, paid = paid_for_others(ledger)
    payers = distinct(payer)
    at = np.searchsorted(payers, payer)
    n = payers.size
    brings = ledger.value_of(users_of(ledger))
    found = {
        "beneficiaries": np.bincount(at, minlength=n),
        "pays": sums_at(at, paid, n),
        "could_take_away": ledger.value_of(ledger.payer)[payers],
        "beside": sums_at(at, brings[used_by] - paid, n),
    }
    per_head = found["pays"] / np.maximum(found["beneficiaries"], 1)
    usual = float(np.quantile(per_head, share)) if n else None
    missing = np.maximum((usual or 0) - per_head, 0) * found["beneficiaries"]
    found["could_add"] = np.rint(missing).astype(np.int64)
    content = satisfaction_of(satisfaction, columns, ledger)[used_by]
    rank = np.argsort(-found["could_take_away"], kind="stable")
    return PayerResults(
        ids=ledger.ids[payers][rank],
        **{name: values[rank] for name, values in found.items()},
        **{name: values[rank] for name, values in _content(at, content, n).items()},
        typical=usual,
        minor_units=ledger.minor_units,
        kind=ledger.kind,
    )


def users_of(ledger: RoleLedger) -> NDArray[np.int32]:
    """Give who uses what is paid: the beneficiary, or the owner if that pays."""
    return np.where(
        ledger.beneficiary == ledger.payer, ledger.owner, ledger.beneficiary
    )


def paid_for_others(ledger: RoleLedger) -> tuple[NDArray[Any], NDArray[Any], Ints]:
    """Add up what is paid for others, by payer and user, in their order."""
    user = users_of(ledger)
    order = order_of([ledger.payer, user])
    order = order[ledger.payer[order] != user[order]]
    payer, used_by, paid = ledger.payer[order], user[order], ledger.value[order]
    starts = np.flatnonzero(run_starts(payer, used_by))
    paid = np.add.reduceat(paid, starts) if starts.size else paid
    return payer[starts], used_by[starts], paid


def _content(at: NDArray[Any], content: Floats, n: int) -> dict[str, NDArray[Any]]:
    """Give mean and least satisfaction by payer, and of how many it is known."""
    known = ~np.isnan(content)
    number_known = np.bincount(at[known], minlength=n)
    total = np.bincount(at[known], weights=content[known], minlength=n)
    mean, least = np.full(n, np.nan), np.full(n, np.inf)
    np.divide(total, number_known, out=mean, where=number_known > 0)
    np.minimum.at(least, at[known], content[known])
    least[number_known == 0] = np.nan
    return {
        "satisfaction": mean,
        "least_satisfaction": least,
        "satisfaction_known": number_known,
    }


def satisfaction_of(
    given: Any, columns: Mapping[str, str | None] | None, ledger: RoleLedger
) -> Floats:
    """Read the satisfaction of every party of the ledger; nan where it is not known."""
    if given is None:
        return np.full(ledger.ids.size, np.nan)
    if is_by_id(given):
        ids, values = read_numbers_by_id(given, "satisfaction")
        codes = np.arange(ids.size, dtype=np.int32)
        known = np.ones(ids.size, dtype=np.bool_)
    else:
        names = names_of(columns, _SATISFIED, needed=_SATISFIED[:2])
        table = read_table(
            given, names, required=_SATISFIED[:2], objects=Observation, lazy="collected"
        )
        read = read_ids(table.columns["customer_id"], "customer_id")
        values = read_numbers(table.columns["satisfaction"], "satisfaction")
        ids, codes = read.unique, read.codes
        known = (codes >= 0) & ~np.isnan(values)
        if "date" in table.columns:
            days, undated = read_days(table.columns["date"], "date", None)
            known &= days <= to_day(ledger.as_of, "as_of")
            known = known if undated is None else known & ~undated
    is_share = ~known | ((values >= 0) & (values <= 1))
    must = "be a number from 0 to 1"
    check_each("satisfaction", is_share, must, code="out_of_range")
    codes, values, n = codes[known], values[known], ids.size
    mean = np.full(n, np.nan)
    counted = np.bincount(codes, minlength=n)
    total = np.bincount(codes, weights=values, minlength=n)
    np.divide(total, counted, out=mean, where=counted > 0)
    at, is_there = align(ledger.ids, ids)
    return np.where(is_there, np.append(mean, np.nan)[at], np.nan)
