"""Who brings the value: each transaction's owner, payer, beneficiary and agent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    array_field,
    run_starts,
    union_of,
)
from customer_identification.cells import total_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    names_of,
    read_ids,
    read_table,
    to_frame,
)
from customer_identification.models import RoleKind, Transaction
from customer_identification.report import COUNTED, DataReport, report_of
from customer_identification.roles.spells import order_of, taken
from customer_identification.roles.values import (
    DEFAULT_WEIGHTS,
    SHARING,
    RoleValues,
    check_weights,
    parts_of,
    sums_at,
)
from customer_identification.rows import REQUIRED, Rows, read_rows, set_aside
from customer_identification.terms import terms_of


__all__ = ["RoleLedger", "role_ledger"]

_OURS = ("customer_id", "date", "amount", "profit")
_OTHERS = ("payer_id", "beneficiary_id", "agent_id")
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@frozen(kw_only=True, repr=False)
class RoleLedger:
    """Transactions added up by who owned, paid, used and stood between.

    Made by :func:`role_ledger`; one entry for each four who come together.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct: all who stand in a transaction.
    owner, payer, beneficiary, agent : ndarray of int32, shape (n_entries,)
        Positions among the ids. Where no payer or beneficiary is named it is the owner;
        where no agent is, -1.
    value : ndarray of int, shape (n_entries,)
        Profit where the data have it, else amount. [minor units]
    rows : ndarray of int, shape (n_entries,)
    first, last : ndarray of int32, shape (n_entries,)
        Days since 1970-01-01 of the first and last transaction; 0 without dates. [days]
    dated : bool
        Whether there are dates.
    minor_units : int
    as_of, since : date
        The days that count; `since` is None where not limited.
    report : DataReport
        What became of every transaction.
    """

    ids: NDArray[Any] = array_field()
    owner: Codes = array_field()
    payer: Codes = array_field()
    beneficiary: Codes = array_field()
    agent: Codes = array_field()
    value: Ints = array_field()
    rows: Ints = array_field()
    first: Codes = array_field()
    last: Codes = array_field()
    dated: bool = True
    minor_units: int
    as_of: date
    since: date | None = None
    report: DataReport = field(eq=False)
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.owner.size)

    def __repr__(self) -> str:
        return f"RoleLedger({self.ids.size:,} parties, {len(self):,} entries)"

    def value_of(self, codes: Codes) -> Ints:
        """Add up the value by party, in minor units; -1 is nobody."""
        known = codes >= 0
        return sums_at(codes[known], self.value[known], self.ids.size)

    def by_role(self, weights: Mapping[str, float] | None = None) -> RoleValues:
        """Share the value out to owner, bill payer, beneficiary and agent.

        Parameters
        ----------
        weights : mapping of role to share, optional
            At least 0, and 1 together; a role that is not named has 0.
            `DEFAULT_WEIGHTS` if not given.

        Returns
        -------
        values : RoleValues
            Nothing is lost: what a payer, beneficiary or agent has is their share of
            all that is theirs, rounded to minor units, half to even; the owners get what
            is left. An agent's part, where there is none, stays with the owner; so does
            what is paid or used by the owner.

        Raises
        ------
        InvalidInputError
            If a role is none of the four, or weights do not add up to 1.
        """
        given = check_weights(DEFAULT_WEIGHTS if weights is None else weights)
        minor = np.zeros((self.ids.size, len(SHARING)), dtype=np.int64)
        rest = self.value.copy()
        for at, kind in enumerate(SHARING[1:], start=1):
            codes = getattr(self, _COLUMN_OF[kind])
            rows = np.flatnonzero((codes >= 0) & (codes != self.owner))
            rows = rows[order_of([codes[rows]])]
            part = parts_of(self.value[rows], codes[rows], given[kind])
            np.add.at(minor[:, at], codes[rows], part)
            rest[rows] -= part
        np.add.at(minor[:, 0], self.owner, rest)
        return RoleValues(
            ids=self.ids,
            minor=minor,
            minor_units=self.minor_units,
            as_of=self.as_of,
            report=self.report,
            kind=self.kind,
        )

    def to_frame(self) -> Any:
        """Give one row an entry: the four ids, `value` in money, and `rows`."""
        columns: dict[str, Any] = {
            "owner_id": self.ids[self.owner],
            "payer_id": self.ids[self.payer],
            "beneficiary_id": self.ids[self.beneficiary],
            "agent_id": taken(self.ids, self.agent),
            "value": self.value / 10**self.minor_units,
            "rows": self.rows,
        }
        return to_frame(columns, self.kind)


_COLUMN_OF = {
    RoleKind.OWNER: "owner",
    RoleKind.BILL_PAYER: "payer",
    RoleKind.BENEFICIARY: "beneficiary",
    RoleKind.AGENT: "agent",
}


def role_ledger(  # noqa: PLR0913 - as summarize has them
    transactions: object,
    *,
    as_of: object,
    since: object = None,
    columns: Mapping[str, str | None] | None = None,
    minor_units: int = 2,
    tz: object = None,
    on_bad_rows: str = "raise",
) -> RoleLedger:
    """Add transactions up by who owned, paid, used and stood between.

    Parameters
    ----------
    transactions : frame or iterable of Transaction
        Or agreements, with what each is worth as its amount: customer_id (who owns it),
        date and amount or profit; and where you have them payer_id, beneficiary_id and
        agent_id.
    as_of, since : day
        The last, and the first, day that counts.
    columns : mapping of str to str or None, optional
        Our column names to yours; None says that the data have no such column, for
        date too, and for amount where there is only profit.
    minor_units, tz, on_bad_rows
        As for :func:`summarize`.

    Returns
    -------
    ledger : RoleLedger
        It answers by :meth:`RoleLedger.by_role`, :func:`agent_results` and
        :func:`payer_results`.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    BadRowsError
        If rows cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import role_ledger
    >>> sales = pd.DataFrame(
    ...     {
    ...         "customer_id": ["firm", "clerk"],
    ...         "payer_id": [None, "firm"],
    ...         "date": pd.to_datetime(["2011-05-01", "2011-05-02"]),
    ...         "amount": [100.0, 10.0],
    ...     }
    ... )
    >>> ledger = role_ledger(sales, as_of="2011-05-31")
    >>> ledger
    RoleLedger(2 parties, 2 entries)
    >>> ledger.by_role({"owner": 0.6, "bill_payer": 0.4})["firm"]
    {'owner': 100.0, 'bill_payer': 4.0, 'beneficiary': 0.0, 'agent': 0.0}
    """
    terms = terms_of(as_of, since, minor_units, tz, on_bad_rows)
    names = names_of(columns, (*_OURS, *_OTHERS), needed=_OURS[:1])
    table = read_table(
        transactions, names, required=REQUIRED, objects=Transaction, lazy="collected"
    )
    read = read_rows(table, terms, None)
    used, aside = set_aside(read, terms)
    rows, ids = read.only(used)
    if rows.value is None:
        raise InvalidInputError(
            "the data must have amount or profit", code="missing_column"
        )
    others = {
        name: read_ids(table.columns[name], name)
        for name in _OTHERS
        if name in table.columns
    }
    both, (places, *other_places) = union_of(
        [ids, *(one.unique for one in others.values())]
    )
    who = {"owner": places[rows["codes"]]}
    for name, place in zip(others, other_places, strict=True):
        codes = others[name].codes if used is None else others[name].codes[used]
        who[name.removesuffix("_id")] = np.append(place, np.int32(-1))[codes]
    counted = {
        name: total_of(part, who["owner"].size)
        for name, part in rows.parts().items()
        if name in COUNTED
    }
    purchases = counted["rows"] - counted.get("refunds", 0)
    account = report_of(read.account(aside), counted, purchases, terms.minor_units)
    return RoleLedger(
        **_added_up(both, who, rows),
        minor_units=terms.minor_units,
        as_of=terms.as_of,
        since=terms.since,
        report=account,
        kind=table.kind,
    )


def _added_up(ids: NDArray[Any], who: dict[str, Codes], rows: Rows) -> dict[str, Any]:
    """Make one entry of all rows of the same four, and leave out who stands in none."""
    owner = who["owner"]
    nobody = np.full(owner.size, -1, dtype=np.int32)
    four = {"owner": owner}
    for name in ("payer", "beneficiary"):
        codes = who.get(name, nobody)
        four[name] = np.where(codes < 0, owner, codes)
    four["agent"] = who.get("agent", nobody)
    order = order_of(list(four.values()))
    four = {name: codes[order] for name, codes in four.items()}
    starts = np.flatnonzero(run_starts(*four.values()))
    four = {name: codes[starts] for name, codes in four.items()}
    is_named = np.zeros(ids.size + 1, dtype=np.bool_)
    for codes in four.values():
        is_named[codes] = True
    place = np.cumsum(is_named, dtype=np.int32) - np.int32(1)
    place[-1] = -1
    dated = rows["date"] is not None
    days = rows["date"] if dated else np.zeros(owner.size, np.int32)
    return {
        "ids": ids[is_named[:-1]],
        **{name: place[codes] for name, codes in four.items()},
        "value": _by_entry(np.add, rows.value[order], starts),
        "rows": np.diff(starts, append=order.size),
        "first": _by_entry(np.minimum, days[order], starts),
        "last": _by_entry(np.maximum, days[order], starts),
        "dated": dated,
    }


def _by_entry(how: np.ufunc, values: Any, starts: NDArray[np.intp]) -> NDArray[Any]:
    return how.reduceat(values, starts) if starts.size else values[:0]
