"""The rows of a table as arrays: read, and set aside by reason where they must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.cells import Part, cells_of
from customer_identification.errors import BadRowsError, InvalidInputError
from customer_identification.frames import (
    Coded,
    CustomerIndex,
    Table,
    read_codes,
    read_days,
    read_flags,
    read_indexed_ids,
    read_money,
    to_day,
)
from customer_identification.history import DISTINCT, History, pairs_of
from customer_identification.report import REASONS, Account, SetAside
from customer_identification.terms import Terms


__all__ = ["REQUIRED", "ReadRows", "Rows", "no_dates", "read_rows", "set_aside"]

REQUIRED = ("customer_id", "date", "amount")


@frozen(kw_only=True, repr=False)
class Rows:
    """The columns of the transactions as arrays, one entry a row.

    Attributes
    ----------
    columns : mapping of str to ndarray
        codes (of customers), date [days], amount and profit [minor units], order_id,
        category and channel (codes, -1 unknown), discounted, discount_known; only those
        that the data have.
    coded_as : mapping of str to Coded
        What the codes of order_id, category and channel stand for.
    bought : ndarray of bool or None
        Which rows are purchases; None for all.
    """

    columns: Mapping[str, Any]
    coded_as: Mapping[str, Coded]
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

    def parts(self) -> dict[str, Part]:
        """Say what to add up by customer: the amounts of which rows, or their number."""
        amount, profit = self["amount"], self["profit"]
        parts: dict[str, Part] = {"rows": (None, None)}
        if profit is not None:
            parts["profit"] = (None, profit)
        if amount is None:
            return parts
        back = np.empty(0, np.intp)
        if self.bought is not None:
            back = np.flatnonzero(~self.bought)
        parts |= {
            "amount": (None, amount),
            "refunds": (back, None),
            "refund_value": (back, amount),
            "free": (np.flatnonzero(amount == 0), None),
        }
        if (cheap := self["discounted"]) is not None:
            known = self["discount_known"]
            parts |= {
                "discounted": (self._and_bought(cheap), amount),
                "discount_known": (self._and_bought(known), amount),
                "discount_unknown": (
                    np.empty(0, np.intp) if known is None else self._and_bought(~known),
                    None,
                ),
            }
        return parts

    def _and_bought(self, rows: Any) -> Any:
        if rows is None or self.bought is None:
            return self.bought if rows is None else rows
        return rows & self.bought

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

    def history(self, n_customers: int, *, weekly: bool) -> History:
        """Keep what each customer did by month or week.

        Raises
        ------
        InvalidInputError
            If there are no dates.
        """
        days, orders, bought = self["date"], self["order_id"], self.bought
        if days is None:
            raise no_dates()
        nameless = None
        if orders is not None:
            nameless = orders < 0 if bought is None else bought & (orders < 0)
        cells, cell_of = cells_of(
            self["codes"],
            days,
            self.parts(),
            (bought, nameless),
            n_customers,
            weekly=weekly,
        )
        pairs = {}
        for name in DISTINCT:
            if (values := self[name]) is not None:
                known = values >= 0 if bought is None else bought & (values >= 0)
                at, (ranks, words) = cell_of[known], self.coded_as[name].ranks()
                pairs[name] = pairs_of(
                    cells.codes[at],
                    cells.blocks[at],
                    ranks[values[known]],
                    words,
                    n_customers,
                )
        return History(cells=cells, pairs=pairs, weekly=weekly)


def no_dates() -> InvalidInputError:
    """Say what merging needs."""
    return InvalidInputError(
        "only transactions with dates can be merged", code="missing_column"
    )


@frozen(kw_only=True, repr=False)
class ReadRows:
    """What the readers made of a table: the rows, and what is wrong with some."""

    rows: Rows
    customer_ids: NDArray[Any]
    faults: tuple[tuple[str, NDArray[np.bool_]], ...]
    rounded: int

    def only(self, used: NDArray[np.bool_] | None) -> tuple[Rows, NDArray[Any]]:
        """Leave out the rows set aside, and the customers that have no row left."""
        rows, customer_ids = self.rows.only(used), self.customer_ids
        is_present = np.zeros(customer_ids.size, dtype=np.bool_)
        is_present[rows["codes"]] = True
        if is_present.all():
            return rows, customer_ids
        codes = (np.cumsum(is_present, dtype=np.int32) - 1)[rows["codes"]]
        rows = evolve(rows, columns={**rows.columns, "codes": codes})
        return rows, customer_ids[is_present]

    def account(self, aside: SetAside) -> Account:
        """Tell what became of all rows."""
        value = self.rows.value
        return Account(
            read=self.rows["codes"].size,
            set_aside=aside,
            money_in=None if value is None else int(value.sum()),
            rounded=self.rounded,
        )


def read_rows(table: Table, terms: Terms, index: CustomerIndex | None) -> ReadRows:
    """Read every column that is there, and note the rows that cannot be used."""
    given = table.columns
    if table.kind == "objects":
        given = _without_empty(given)
    ids = read_indexed_ids(given["customer_id"], "customer_id", index)
    columns: dict[str, Any] = {"codes": ids.codes}
    nobody = ids.codes < 0
    faults: list[tuple[str, NDArray[np.bool_] | None]] = [
        ("no customer id", nobody if nobody.any() else None)
    ]
    rounded = 0
    if "date" in given:
        columns["date"], missing = read_days(given["date"], "date", terms.tz)
        faults.append(("no date", missing))
    for name in ("amount", "profit"):
        if name in given:
            money = read_money(given[name], name, terms.minor_units)
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
    coded_as = {}
    for name in ("order_id", "category", "channel"):
        if name in given:
            coded = read_codes(given[name], name)
            columns[name], coded_as[name] = coded.codes, coded
    return ReadRows(
        rows=Rows(columns=columns, coded_as=coded_as),
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
    read: ReadRows, terms: Terms
) -> tuple[NDArray[np.bool_] | None, SetAside]:
    """Tell which rows can be used (None: all), and why the others cannot."""
    masks = [*read.faults, *_outside(read.rows["date"], terms)]
    if not masks:
        return None, ()
    used = np.ones(masks[0][1].size, dtype=np.bool_)
    found = []
    for why, mask in masks:
        first_reason = mask & used
        used &= ~mask
        if first_reason.any():
            found.append((why, first_reason))
    bad = [(why, mask) for why, mask in found if not REASONS[why]]
    if terms.on_bad_rows == "raise" and bad:
        raise _bad_rows(bad)
    value = read.rows.value
    return used, tuple(
        (
            why,
            int(np.count_nonzero(mask)),
            0 if value is None else int(value[mask].sum()),
        )
        for why, mask in found
    )


def _outside(days: Any, terms: Terms) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    if days is None or not days.size:
        return
    if terms.since is not None:
        first_day = to_day(terms.since, "since")
        if days.min() < first_day:
            yield "before since", days < first_day
    last_day = to_day(terms.as_of, "as_of")
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
