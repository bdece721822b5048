"""The rows of a table as arrays: read, and set aside by reason where they must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.errors import BadRowsError, InvalidInputError
from customer_identification.frames import (
    Table,
    read_codes,
    read_days,
    read_flags,
    read_ids,
    read_money,
)


__all__ = ["REQUIRED", "ReadRows", "Rows", "read_rows", "set_aside"]

REQUIRED = ("customer_id", "date", "amount")

# Why a row is set aside, in the order in which the first reason wins. Those marked
# True are no fault of the data; the others raise unless on_bad_rows="report".
_REASONS = {
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


@frozen(kw_only=True, repr=False)
class Rows:
    """The columns of the transactions as arrays, one entry a row.

    Attributes
    ----------
    columns : mapping of str to ndarray
        codes (of customers), date [days], amount and profit [minor units], order_id,
        category and channel (codes, -1 unknown), discounted, discount_known; only those
        that the data have.
    sizes : mapping of str to int
        How many codes there are of order_id, category and channel.
    bought : ndarray of bool or None
        Which rows are purchases; None for all.
    """

    columns: Mapping[str, Any]
    sizes: Mapping[str, int]
    bought: NDArray[np.bool_] | None = None

    def __getitem__(self, name: str) -> Any:
        """Give a column; None where the data have none."""
        return self.columns.get(name)

    @property
    def value(self) -> Any:
        """Profit where the data have it, else amount; None where they have neither."""
        return self["amount"] if self["profit"] is None else self["profit"]

    def of_purchases(self, name: str) -> Any:
        """Give a column for the purchase rows only."""
        values = self.columns.get(name)
        return values if values is None or self.bought is None else values[self.bought]

    def only(self, used: NDArray[np.bool_] | None) -> Rows:
        """Leave rows out, and say which of the others are purchases."""
        columns = self.columns
        if used is not None:
            columns = {name: values[used] for name, values in columns.items()}
        amount = columns.get("amount")
        bought = None if amount is None else amount >= 0
        if bought is not None and bought.all():
            bought = None
        return evolve(self, columns=columns, bought=bought)


@frozen(kw_only=True, repr=False)
class ReadRows:
    """What the readers made of a table: the rows, and what is wrong with some."""

    rows: Rows
    customer_ids: NDArray[Any]
    faults: tuple[tuple[str, NDArray[np.bool_]], ...]
    rounded: int


def read_rows(table: Table, minor_units: int, tz: ZoneInfo | None) -> ReadRows:
    """Read every column that is there, and note the rows that cannot be used."""
    given = table.columns
    if table.kind == "objects":
        given = _without_empty(given)
    ids = read_ids(given["customer_id"], "customer_id")
    columns: dict[str, Any] = {"codes": ids.codes}
    nobody = ids.codes < 0
    faults: list[tuple[str, NDArray[np.bool_] | None]] = [
        ("no customer id", nobody if nobody.any() else None)
    ]
    rounded = 0
    if "date" in given:
        columns["date"], missing = read_days(given["date"], "date", tz)
        faults.append(("no date", missing))
    for name in ("amount", "profit"):
        if name in given:
            money = read_money(given[name], name, minor_units)
            _check_total(money.minor)
            columns[name] = money.minor
            rounded += money.rounded
            faults.append((f"no {name}", money.missing))
            faults.append((f"{name} not finite", money.infinite))
    if "discount" in given:
        flags, missing, below = read_flags(given["discount"], "discount")
        columns["discounted"] = flags
        if missing is not None:
            columns["discount_known"] = ~missing
        faults.append(("discount below 0", below))
    sizes = {}
    for name in ("order_id", "category", "channel"):
        if name in given:
            coded = read_codes(given[name], name)
            columns[name], sizes[name] = coded.codes, coded.size
    return ReadRows(
        rows=Rows(columns=columns, sizes=sizes),
        customer_ids=ids.unique,
        faults=tuple((why, mask) for why, mask in faults if mask is not None),
        rounded=rounded,
    )


def _without_empty(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what no object says: None everywhere is a column that is not there."""
    return {
        name: values
        for name, values in columns.items()
        if name in REQUIRED or any(value is not None for value in values)
    }


def _check_total(minor: NDArray[np.int64]) -> None:
    """Make sure that no sum of amounts can leave 64 bits."""
    largest = max(int(minor.max()), -int(minor.min())) if minor.size else 0
    if largest * minor.size < 2**62:
        return
    if float(np.abs(minor).sum(dtype=np.float64)) > 2**62:
        raise InvalidInputError(
            "amounts must add up to less than 2**62 minor units", code="too_large"
        )


def set_aside(
    read: ReadRows, first_day: int | None, last_day: int, on_bad_rows: str
) -> tuple[NDArray[np.bool_] | None, tuple[tuple[str, int, int], ...]]:
    """Tell which rows can be used (None: all), and why the others cannot."""
    bad = [(why, mask) for why, mask in read.faults if not _REASONS[why]]
    if on_bad_rows == "raise" and bad:
        raise _bad_rows(bad)
    masks = [*read.faults, *_outside(read.rows["date"], first_day, last_day)]
    if not masks:
        return None, ()
    value = read.rows.value
    used = np.ones(masks[0][1].size, dtype=np.bool_)
    counted = []
    for why, mask in masks:
        first_reason = mask & used
        used &= ~mask
        if n_rows := int(np.count_nonzero(first_reason)):
            money = 0 if value is None else int(value[first_reason].sum())
            counted.append((why, n_rows, money))
    return used, tuple(counted)


def _outside(
    days: Any, first_day: int | None, last_day: int
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    if days is None or not days.size:
        return
    if first_day is not None and days.min() < first_day:
        yield "before since", days < first_day
    if days.max() > last_day:
        yield "after as_of", days > last_day


def _bad_rows(faults: list[tuple[str, NDArray[np.bool_]]]) -> BadRowsError:
    why, mask = faults[0]
    wrong = np.flatnonzero(mask)
    more = "".join(
        f"; {np.count_nonzero(other):,} rows: {reason}" for reason, other in faults[1:]
    )
    return BadRowsError(
        f"every row must be usable; {wrong.size:,} of {mask.size:,} rows: {why}, first "
        f'at row {wrong[0]}{more} (on_bad_rows="report" sets them aside and counts them)',
        code="bad_rows",
        column=why.removeprefix("no ").split()[0],
        positions=wrong[:5],
    )
