"""Small tables of sales with payer, beneficiary and agent, and what they come to.

Money is in whole minor units throughout, so that every sum of the oracle is exact.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from customer_identification import RoleLedger, Transaction, role_ledger
from roles.role_worlds import PARTY_IDS
from tables import KINDS


__all__ = [
    "AS_OF",
    "FOUR",
    "SINCE",
    "Entry",
    "Rows",
    "arrow_of_sales",
    "entries_in",
    "entries_of",
    "ledger_of",
    "others_paid",
    "sales",
    "sales_objects",
    "shares_of",
    "used_rows",
    "value_name",
]

Row = dict[str, Any]
Rows = list[Row]
Entry = tuple[Any, Any, Any, Any]

FIRST = date(2011, 1, 1)
SINCE, AS_OF = date(2011, 1, 4), date(2011, 1, 20)
FOUR = ("owner", "bill_payer", "beneficiary", "agent")
NAMES = ("customer_id", "payer_id", "beneficiary_id", "agent_id")


@st.composite
def sales(
    draw: Any,
    *,
    ids: str | None = None,
    known: bool = False,
    profit: bool | None = None,
    least: int = 0,
    most: int = 12,
) -> Rows:
    """Draw rows; amounts may be refunds, and customers, if not `known`, nobody."""
    who = st.sampled_from(PARTY_IDS[ids or draw(st.sampled_from(["text", "int"]))])
    cents = st.integers(-300, 900) | st.sampled_from([0, 1, -1, 5, 15, 25, 35])
    has_profit = draw(st.booleans()) if profit is None else profit
    row = {
        "customer_id": who if known else st.none() | who | who,
        "payer_id": st.none() | who,
        "beneficiary_id": st.none() | who,
        "agent_id": st.none() | who,
        "date": st.integers(0, 25).map(lambda n: FIRST + timedelta(days=n)),
        "amount": cents,
    }
    if has_profit:
        row["profit"] = cents
    return draw(st.lists(st.fixed_dictionaries(row), min_size=least, max_size=most))


def value_name(rows: Rows) -> str:
    """Give the column that is the value."""
    return "profit" if any("profit" in row for row in rows) else "amount"


# --- the same rows in every form -------------------------------------------------------


def arrow_of_sales(rows: Rows, minor_units: int = 2) -> pa.Table:
    """Give the rows as an Arrow table, with floats of money."""
    columns = {}
    names = [*NAMES, "date", "amount"]
    if value_name(rows) == "profit":
        names.append("profit")
    for name in names:
        values: list[Any] = [row[name] for row in rows]
        is_text = any(isinstance(one, str) for one in values)
        kind = pa.string() if is_text else pa.int64()
        if name == "date":
            values = [datetime.combine(day, time(12)) for day in values]
            kind = pa.timestamp("us")
        if name in {"amount", "profit"}:
            values, kind = [minor / 10**minor_units for minor in values], pa.float64()
        columns[name] = pa.array(values, type=kind)
    return pa.table(columns)


def sales_objects(rows: Rows, minor_units: int = 2) -> list[Transaction]:
    """Give the rows as objects, with Decimals of money."""
    money = ("amount", "profit")
    return [
        Transaction(
            **{
                name: Decimal(one).scaleb(-minor_units) if name in money else one
                for name, one in row.items()
            }
        )
        for row in rows
    ]


def ledger_of(
    rows: Rows, kind: str = "pyarrow", minor_units: int = 2, **options: Any
) -> RoleLedger:
    """Make a ledger of the rows given as one kind of frame, or as objects."""
    options = {"as_of": AS_OF, "minor_units": minor_units, **options}
    if kind == "objects":
        return role_ledger(sales_objects(rows, minor_units), **options)
    return role_ledger(KINDS[kind](arrow_of_sales(rows, minor_units)), **options)


# --- the oracle ----------------------------------------------------------------------


def used_rows(rows: Rows, since: date | None = None, as_of: date = AS_OF) -> Rows:
    """Give the rows that count."""
    return [
        row
        for row in rows
        if row["customer_id"] is not None
        and (since or date.min) <= row["date"] <= as_of
    ]


def entries_of(
    rows: Rows, since: date | None = None, as_of: date = AS_OF
) -> dict[Entry, tuple[int, int, date, date]]:
    """Add up value and rows, and find the first and last day, by the four."""
    name = value_name(rows)
    groups: dict[Entry, Rows] = defaultdict(list)
    for row in used_rows(rows, since, as_of):
        owner, payer, beneficiary, agent = (row[one] for one in NAMES)
        payer = owner if payer is None else payer
        beneficiary = owner if beneficiary is None else beneficiary
        groups[owner, payer, beneficiary, agent].append(row)
    return {
        four: (
            sum(row[name] for row in group),
            len(group),
            min(row["date"] for row in group),
            max(row["date"] for row in group),
        )
        for four, group in groups.items()
    }


def entries_in(ledger: RoleLedger) -> dict[Entry, tuple[int, int, date, date]]:
    """Write the entries of a ledger as the oracle does."""
    ids = [*ledger.ids.tolist(), None]  # at -1
    return {
        (ids[owner], ids[payer], ids[beneficiary], ids[agent]): (
            value,
            rows,
            FIRST + timedelta(days=first - _EPOCH),
            FIRST + timedelta(days=last - _EPOCH),
        )
        for owner, payer, beneficiary, agent, value, rows, first, last in zip(
            *(
                getattr(ledger, name).tolist()
                for name in (
                    "owner",
                    "payer",
                    "beneficiary",
                    "agent",
                    "value",
                    "rows",
                    "first",
                    "last",
                )
            ),
            strict=True,
        )
    }


_EPOCH = (FIRST - date(1970, 1, 1)).days


def shares_of(
    entries: Mapping[Entry, tuple[int, int, date, date]],
    weights: Mapping[str, Fraction],
) -> dict[str, dict[Any, int]]:
    """Give what each is worth as payer, beneficiary and agent, and all owners together.

    A share of all that is theirs, rounded half to even, as Python rounds fractions.
    """
    found: dict[str, dict[Any, int]] = {}
    total = sum(value for value, *_ in entries.values())
    for place, role in enumerate(FOUR[1:], start=1):
        theirs: dict[Any, int] = defaultdict(int)
        for four, (value, *_) in entries.items():
            if four[place] is not None and four[place] != four[0]:
                theirs[four[place]] += value
        weight = weights.get(role, Fraction(0))
        found[role] = {one: round(weight * value) for one, value in theirs.items()}
    rest = total - sum(sum(one.values()) for one in found.values())
    return {**found, "owner": {"all": rest}}


def others_paid(
    entries: Mapping[Entry, tuple[int, int, date, date]],
) -> Sequence[tuple[Any, Any, int]]:
    """Give for whom each payer pays, and what: who uses it, or else who owns it."""
    return [
        (payer, owner if beneficiary == payer else beneficiary, value)
        for (owner, payer, beneficiary, _), (value, *_) in entries.items()
    ]
