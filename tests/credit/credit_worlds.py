"""Small random books of invoices, in every form a host may have them.

Beside them the oracle: what `summarize_credit` should tell of such a book on a day,
told invoice by invoice with nothing but dicts, dates and fractions.
"""

import math
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from hypothesis import strategies as st

from customer_identification import Invoice
from tables import KINDS


__all__ = ["DAYS", "FORMS", "LIMITS", "books", "figures", "in_form", "objects_of"]

FIRST = date(2011, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(-2, 30)]
LIMITS = (3, 6, 9)  # of age; the days of a book are few
FORMS = (*KINDS, "polars lazy", "duckdb", "objects")

_TYPES = {
    "issued": pa.timestamp("us"),
    "due": pa.timestamp("us"),
    "paid_on": pa.timestamp("us"),
    "amount": pa.float64(),
    "paid_amount": pa.float64(),
    "disputed": pa.bool_(),
}


@st.composite
def books(draw: Any) -> list[dict[str, Any]]:
    """Draw invoices; money is in whole cents."""
    ids = draw(st.sampled_from([["c1", "c10", "c2", "ž"], [3, 20, 100, -4]]))
    rows = []
    for number in range(draw(st.integers(0, 14))):
        issued = FIRST + timedelta(days=draw(st.integers(0, 15)))
        amount = draw(st.integers(1, 900) | st.sampled_from([0, 1, 100, -1, -100]))
        paid_on = draw(
            st.none() | st.integers(-3, 28).map(lambda n: FIRST + timedelta(days=n))
        )
        part = st.sampled_from([None, amount, amount // 2, amount + 7 * amount, 0])
        rows.append(
            {
                "invoice_id": f"i{number}",
                "customer_id": draw(st.sampled_from(ids)),
                "issued": issued,
                "due": issued + timedelta(days=draw(st.integers(0, 9))),
                "amount": amount,
                "paid_on": paid_on,
                "paid_amount": None if paid_on is None else draw(part),
                "disputed": draw(st.sampled_from([False, False, True])),
            }
        )
    return rows


def _in_money(name: str, value: Any) -> Any:
    is_money = name in {"amount", "paid_amount"} and value is not None
    return value / 100 if is_money else value


def _at_noon(value: Any) -> Any:
    return datetime.combine(value, time(12)) if isinstance(value, date) else value


def objects_of(rows: list[dict[str, Any]]) -> list[Invoice]:
    """Give the rows as objects."""
    return [
        Invoice(**{name: _in_money(name, one) for name, one in row.items()})
        for row in rows
    ]


def _table_of(rows: list[dict[str, Any]]) -> pa.Table:
    is_text = any(isinstance(row["customer_id"], str) for row in rows)
    types = {
        "invoice_id": pa.string(),
        "customer_id": pa.string() if is_text else pa.int64(),
        **_TYPES,
    }
    return pa.table(
        {
            name: pa.array([_at_noon(_in_money(name, row[name])) for row in rows], kind)
            for name, kind in types.items()
        }
    )


def in_form(rows: list[dict[str, Any]], form: str) -> Any:
    """Give the rows in one of the forms."""
    if form == "objects":
        return objects_of(rows)
    table = _table_of(rows)
    if form == "polars lazy":
        return pl.from_arrow(table).lazy()
    return (
        duckdb.connect().from_arrow(table) if form == "duckdb" else KINDS[form](table)
    )


# --- the oracle ----------------------------------------------------------------------


def figures(
    rows: list[dict[str, Any]], as_of: date, *, recent_days: int, apart: bool
) -> dict[Any, dict[str, Any]]:
    """Tell by customer every column of the summary, money in cents."""
    by_customer = defaultdict(list)
    for row in rows:
        if row["issued"] <= as_of:
            by_customer[row["customer_id"]].append(_stand(row, as_of))
    return {
        one: _add_up(invoices, as_of, recent_days, apart=apart)
        for one, invoices in by_customer.items()
    }


def _stand(row: dict[str, Any], as_of: date) -> dict[str, Any]:
    """Tell how one invoice stands on a day."""
    is_paid = row["paid_on"] is not None and row["paid_on"] <= as_of
    paid = 0
    if is_paid:
        paid = row["amount"] if row["paid_amount"] is None else row["paid_amount"]
    rest = row["amount"] - paid
    past = (as_of - row["due"]).days
    return {
        **row,
        "paid": paid,
        "rest": rest,
        "past": past,
        "is_settled": row["amount"] > 0 >= rest,
        "is_overdue": rest > 0 and past > 0,
        "late": (row["paid_on"] - row["due"]).days if is_paid else None,
    }


def _mean(values: list[Any]) -> float:
    return float(Fraction(sum(values), len(values))) if values else math.nan


def _add_up(
    invoices: list[dict[str, Any]], as_of: date, recent_days: int, *, apart: bool
) -> dict[str, Any]:
    bills = [one for one in invoices if one["amount"] >= 0]
    told = [one for one in invoices if not (apart and one["disputed"])]
    settled = [one for one in told if one["is_settled"]]
    late = [one for one in settled if one["late"] > 0]
    overdue = [one for one in told if one["is_overdue"]]
    since = as_of - timedelta(days=recent_days)
    recent = [max(one["late"], 0) for one in settled if one["paid_on"] > since]
    weighted = [(one["amount"], one["late"]) for one in settled]
    weighted += [(one["rest"], one["past"]) for one in overdue]
    weight = sum(amount for amount, _ in weighted)
    buckets: list[list[int]] = [[] for _ in range(len(LIMITS) + 2)]
    for one in invoices:
        if one["rest"] > 0:
            place = 0 if one["past"] <= 0 else 1 + sum(one["past"] > n for n in LIMITS)
            buckets[place].append(one["rest"])
    past_due = 0 if bills else math.nan
    oldest = min((one["due"] for one in overdue), default=None)
    last = max(one["issued"] for one in invoices)
    return {
        "invoices": len(bills),
        "credit_notes": len(invoices) - len(bills),
        "billed": sum(one["amount"] for one in bills),
        "credited": sum(min(one["amount"], 0) for one in invoices),
        "paid": sum(one["paid"] for one in invoices),
        "open": sum(max(one["rest"], 0) for one in invoices),
        "credit": sum(max(-one["rest"], 0) for one in invoices),
        "open_invoices": sum(one["rest"] > 0 for one in invoices),
        "overdue": sum(sum(bucket) for bucket in buckets[1:]),
        "buckets": [sum(bucket) for bucket in buckets],
        "bucket_invoices": [len(bucket) for bucket in buckets],
        "disputed": sum(one["disputed"] for one in bills),
        "disputed_amount": sum(one["amount"] for one in bills if one["disputed"]),
        "disputed_overdue": sum(
            one["rest"] for one in invoices if one["is_overdue"] and one["disputed"]
        ),
        "overdue_held": sum(one["rest"] for one in overdue),
        "prepaid": sum(
            one["is_settled"] and one["paid_on"] < one["issued"] for one in invoices
        ),
        "settled": len(settled),
        "late": len(late),
        "settled_amount": sum(one["amount"] for one in settled),
        "late_amount": sum(one["amount"] for one in late),
        "overdue_invoices": len(overdue),
        "known": len(settled) + len(overdue),
        "on_time": _mean([one["late"] <= 0 for one in settled] + [0 for _ in overdue]),
        "paid_late": _mean([one["late"] > 0 for one in settled]),
        "paid_late_share": float(
            Fraction(
                sum(one["amount"] for one in late),
                sum(one["amount"] for one in settled),
            )
        )
        if settled
        else math.nan,
        "days_late": _mean([max(one["late"], 0) for one in settled]),
        "max_days_late": max(
            (max(one["late"], 0) for one in settled), default=math.nan
        ),
        "recent_days_late": _mean(recent),
        "days_to_pay": _mean(
            [(one["paid_on"] - one["issued"]).days for one in settled]
        ),
        "beyond_terms": float(
            Fraction(sum(amount * days for amount, days in weighted), weight)
        )
        if weighted
        else math.nan,
        "past_due": past_due if oldest is None else (as_of - oldest).days,
        "since_last_invoice": (as_of - last).days,
        "oldest_due": oldest,
        "last_invoice": last,
    }
