"""Small random tables of transactions, in every form a host may have them.

Beside them the oracle: what `summarize` should make of such a table, recomputed row by
row with nothing but dicts and dates.
"""

import itertools
import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from customer_identification import Transaction


__all__ = [
    "AS_OF",
    "COLUMNS",
    "KINDS",
    "arrow_of",
    "frames_of",
    "given_columns",
    "objects_of",
    "oracle",
    "tables",
]

AS_OF = date(2011, 5, 10)
COLUMNS = ("profit", "order_id", "discount", "category", "channel")

_TYPES = {
    "date": pa.timestamp("us"),
    "amount": pa.float64(),
    "profit": pa.float64(),
    "discount": pa.float64(),
    "order_id": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
}


# --- random tables -------------------------------------------------------------------

_DAYS = st.dates(date(2011, 1, 20), date(2011, 5, 14))
_CENTS = st.integers(-300, 900) | st.sampled_from([0, 0, 1, -1, 100])


def _maybe(one: Any, *, bad: bool) -> Any:
    return st.none() | one if bad else one


@st.composite
def tables(
    draw: Any,
    *,
    bad: bool = False,
    least: int = 0,
    most: int = 14,
    optional: tuple[str, ...] = COLUMNS,
) -> list[dict[str, Any]]:
    """Draw rows with amounts in whole cents; `bad` ones lack a date or an amount."""
    named = st.sampled_from(["c1", "c10", "c2", "ž"])
    ids = draw(st.sampled_from([st.sampled_from([3, 20, 100, -4]), named]))
    nobody = draw(st.booleans())
    columns = {
        "customer_id": st.none() | ids if nobody else ids,
        "date": _maybe(_DAYS, bad=bad),
        "amount": _maybe(_CENTS, bad=bad),
        "profit": _maybe(_CENTS, bad=bad),
        "order_id": st.none() | st.sampled_from(["o1", "o2", "o3"]),
        "discount": st.none() | st.sampled_from([0, 50, -50] if bad else [0, 50]),
        "category": st.none() | st.sampled_from(["food", "toys", "tools"]),
        "channel": st.none() | st.sampled_from(["shop", "web"]),
    }
    present = {"customer_id", "date", "amount"}
    present |= {name for name in optional if draw(st.booleans())}
    row = st.fixed_dictionaries({k: v for k, v in columns.items() if k in present})
    rows: list[dict[str, Any]] = draw(st.lists(row, min_size=least, max_size=most))
    return rows


def given_columns(rows: list[dict[str, Any]]) -> list[str]:
    """Name the optional columns in which something is said."""
    return [name for name in COLUMNS if any(r.get(name) is not None for r in rows)]


# --- the same table in every form ----------------------------------------------------


def _money(cents: int | None, scale: int) -> float | None:
    return None if cents is None else cents / scale


def arrow_of(rows: list[dict[str, Any]], *, scale: int = 100) -> pa.Table:
    """Give the rows as an Arrow table, money divided by the scale."""
    is_text = any(isinstance(row["customer_id"], str) for row in rows)
    types = {"customer_id": pa.string() if is_text else pa.int64(), **_TYPES}
    names = ["customer_id", "date", "amount", *given_columns(rows)]
    columns = {}
    for name in names:
        values: list[Any] = [row[name] for row in rows]
        if name in {"amount", "profit", "discount"}:
            values = [_money(cents, scale) for cents in values]
        elif name == "date":
            noon = datetime.min.time().replace(hour=12)
            values = [day and datetime.combine(day, noon) for day in values]
        columns[name] = pa.array(values, type=types[name])
    return pa.table(columns)


_NULLABLE = {
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.string(): pd.StringDtype(),
}

KINDS: dict[str, Any] = {
    "pandas": lambda table: table.to_pandas(),
    "pandas nullable": lambda table: table.to_pandas(types_mapper=_NULLABLE.get),
    "pandas pyarrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.from_arrow,
    "pyarrow": lambda table: table,
}


def frames_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the rows as each kind of frame."""
    table = arrow_of(rows)
    return {kind: make(table) for kind, make in KINDS.items()}


def objects_of(rows: list[dict[str, Any]]) -> list[Transaction]:
    """Give the rows as objects; every row must have a date."""
    return [
        Transaction(
            customer_id=row["customer_id"],
            date=row["date"],
            amount=_money(row["amount"], 100),
            profit=_money(row.get("profit"), 100),
            order_id=row.get("order_id"),
            discount=_money(row.get("discount"), 100),
            category=row.get("category"),
            channel=row.get("channel"),
        )
        for row in rows
    ]


# --- the oracle ----------------------------------------------------------------------


def _reason(row: dict[str, Any], columns: list[str], since: Any, as_of: date) -> Any:
    day = row["date"]
    in_order = {
        "no customer id": row["customer_id"] is None,
        "no date": day is None,
        "no amount": row["amount"] is None,
        "no profit": "profit" in columns and row["profit"] is None,
        "discount below 0": "discount" in columns and (row["discount"] or 0) < 0,
        "before since": None not in (day, since) and day < since,
        "after as_of": day is not None and day > as_of,
    }
    return next((why for why, holds in in_order.items() if holds), None)


def _period_start(day: date, period: str) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    month = day.month if period == "month" else (day.month - 1) // 3 * 3 + 1
    return date(day.year, month, 1)


def _next_period(start: date, period: str) -> date:
    days = {"week": 7, "month": 31, "quarter": 93}[period]
    return _period_start(start + timedelta(days=days), period)


def _complete_periods(
    days: list[date], since: date | None, as_of: date, period: str
) -> list[date]:
    if since is None and not days:
        return []
    start = _period_start(min(days) if since is None else since, period)
    if since is not None and start < since:
        start = _next_period(start, period)
    starts = []
    while _next_period(start, period) <= as_of + timedelta(days=1):
        starts.append(start)
        start = _next_period(start, period)
    return starts


def oracle(
    rows: list[dict[str, Any]],
    *,
    as_of: date = AS_OF,
    since: date | None = None,
    period: str = "month",
) -> dict[str, Any]:
    """Give every column of the summary, and the report, as plain lists and numbers."""
    columns = given_columns(rows)
    what = "profit" if "profit" in columns else "amount"
    aside: dict[str, list[int]] = {}
    used = []
    for row in rows:
        why = _reason(row, columns, since, as_of)
        if why is None:
            used.append(row)
        else:
            counted = aside.setdefault(why, [0, 0])
            counted[0] += 1
            counted[1] += row[what] or 0
    by_customer = defaultdict(list)
    for row in used:
        by_customer[row["customer_id"]].append(row)
    ids = sorted(by_customer)
    starts = _complete_periods([row["date"] for row in used], since, as_of, period)
    each = [_one(by_customer[one], columns, what, starts, period, as_of) for one in ids]
    result: dict[str, Any] = {
        name: [one[name] for one in each] for name in _one_names()
    }
    for name, needs in (
        ("profit", "profit"),
        ("discounted", "discount"),
        ("discount_known", "discount"),
        ("categories", "category"),
        ("channels", "channel"),
    ):
        if needs not in columns:
            result[name] = None
    bought = [row for row in used if row["amount"] >= 0]
    back = [row["amount"] for row in used if row["amount"] < 0]
    result["customer_ids"] = ids
    result["periods"] = starts
    result["report"] = {
        "read": len(rows),
        "used": len(used),
        "set_aside": {why: tuple(counted) for why, counted in aside.items()},
        "money_in": sum(row[what] or 0 for row in rows),
        "money_used": sum(row[what] for row in used),
        "refunded": len(back),
        "refunded_value": sum(back),
        "merged": len(bought) - sum(result["purchases"]),
        "free": sum(row["amount"] == 0 for row in used),
        "rounded": 0,
        "discount_unknown": sum(row["discount"] is None for row in bought)
        if "discount" in columns
        else 0,
    }
    return result


def _one_names() -> list[str]:
    return list(_one([], [], "amount", [], "month", AS_OF))


def _one(
    rows: list[dict[str, Any]],
    columns: list[str],
    what: str,
    starts: list[date],
    period: str,
    as_of: date,
) -> dict[str, Any]:
    """Recompute one customer's row."""
    bought = [row for row in rows if row["amount"] >= 0]
    back = [row["amount"] for row in rows if row["amount"] < 0]
    days = sorted({row["date"] for row in bought})
    gaps = [(b - a).days for a, b in itertools.pairwise(days)]
    if "order_id" in columns:
        orders = {
            ("order", row["order_id"])
            if row["order_id"] is not None
            else ("day", row["date"])
            for row in bought
        }
    else:
        orders = {("day", day) for day in days}
    known = [row for row in bought if row.get("discount") is not None]
    discounted = sum(row["amount"] for row in known if row["discount"] > 0)
    discount_known = sum(row["amount"] for row in known)
    nan = math.nan
    mean_gap = sum(gaps) / len(gaps) if gaps else nan
    recency = (as_of - days[-1]).days if days else nan
    by_period = [
        sum(row[what] for row in rows if _period_start(row["date"], period) == start)
        for start in starts
    ]
    return {
        "value": sum(row[what] for row in rows),
        "amount": sum(row["amount"] for row in rows),
        "profit": sum(row.get("profit") or 0 for row in rows),
        "purchases": len(orders),
        "purchase_days": len(days),
        "first_purchase": days[0] if days else None,
        "last_purchase": days[-1] if days else None,
        "squared_gaps": sum(gap**2 for gap in gaps),
        "refunds": len(back),
        "refund_value": sum(back),
        "discounted": discounted,
        "discount_known": discount_known,
        "categories": len({row.get("category") for row in bought} - {None}),
        "channels": len({row.get("channel") for row in bought} - {None}),
        "period_values": by_period,
        "age_at_last_purchase": (days[-1] - days[0]).days if days else nan,
        "recency": recency,
        "tenure": (as_of - days[0]).days if days else nan,
        "mean_gap": mean_gap,
        "overdue": recency / mean_gap if gaps else nan,
        "regularity": sum(gaps) ** 2 / (len(gaps) * sum(gap**2 for gap in gaps))
        if gaps
        else nan,
        "discount_share": discounted / discount_known
        if "discount" in columns and discount_known
        else nan,
    }
