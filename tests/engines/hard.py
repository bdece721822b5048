"""Hard tables of transactions: every type a column may have, and its awkward values.

Ties at half cents, nulls, nan, infinities, refunds, blank and odd ids, stamps of every
unit at the edges of days and of summer time.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st


__all__ = ["NEW_YORK", "hard_table", "hard_tables", "hard_types"]

NEW_YORK = "America/New_York"

NAN, INF = float("nan"), float("inf")
CATEGORIES = pa.dictionary(pa.int8(), pa.string())

# --- values by type --------------------------------------------------------------------

_WORDS = ["a", "A", "a ", "é", "e\u0301", "\u200b", "ž", "\U0001f600", "0", "00", "nan"]
_BLANK = ["", " ", "\t\n", "\x1c", "\x85", "\xa0", "\u2003", "\u3000", None]
_IDS = {
    pa.int64(): [1, 7, -4, 2**53, 2**63 - 1, 0, None],
    pa.int32(): [1, 7, -4, 0, None],
    pa.uint64(): [1, 7, 2**63 - 1, 0, None],
    pa.float64(): [1.0, 7.0, -4.0, 2.0**53 - 1, 0.0, -0.0, NAN, None],
    pa.string(): [*_WORDS, *_BLANK],
    pa.large_string(): [*_WORDS, *_BLANK],
    CATEGORIES: ["a", "b", "", " ", "ž", None],
}

_NOON = timedelta(hours=12)
_DAYS = [
    date(2010, 12, 31),
    date(2011, 1, 1),
    date(2011, 1, 2),  # a Sunday
    date(2011, 1, 3),
    date(2011, 2, 28),
    date(2011, 3, 1),
    date(2011, 3, 31),
    date(2011, 4, 1),
    date(2011, 5, 10),
    date(2011, 5, 11),
    date(2008, 2, 29),
    date(1970, 1, 1),
    date(1969, 12, 31),
    date(1899, 12, 31),
    None,
]
_STAMPS = [
    one and datetime.combine(one, datetime.min.time()) + at
    for one in _DAYS
    for at in (timedelta(0), _NOON, timedelta(days=1, seconds=-1))
]
_ZONED = [
    *(one and one.replace(tzinfo=UTC) for one in _STAMPS),
    *(  # about midnight in New York, in winter and on the day that summer time begins
        datetime(2011, month, day, hour, 59, 59, tzinfo=UTC)
        for month, day in ((3, 13), (3, 14), (4, 1), (1, 1))
        for hour in (3, 4, 5, 6)
    ),
]
_DATES = {
    pa.date32(): _DAYS,
    **{pa.timestamp(unit): _STAMPS for unit in ("s", "ms", "us", "ns")},
}
_ZONED_DATES = {
    pa.timestamp(unit, zone): _ZONED
    for unit, zone in (("us", NEW_YORK), ("ns", "UTC"), ("ms", NEW_YORK), ("s", "UTC"))
}

_HALVES = [0.005, 0.015, 0.025, 1.005, 2.675, 0.125, 0.285, 0.5, 1.5, 2.5]
_FLOATS = [
    *_HALVES,
    *(-half for half in _HALVES),
    *(0.0, -0.0, 9.99, 1_000_000_000.01, 1e-9, 0.1 + 0.2, 1234.5678901, NAN, None),
    *(INF, -INF),
]
_PARTS = ["0.005", "0.015", "2.5", "3.5", "-0.005", "-1.015", "9.99", "0", "-7", None]
_MONEY = {
    pa.float64(): _FLOATS,
    pa.float32(): [*_FLOATS[:-6], None, NAN, INF],
    pa.int64(): [0, 1, -1, 250, 10**9, None],
    pa.int32(): [0, 1, -1, 250, None],
    pa.decimal128(12, 3): [one and Decimal(one) for one in _PARTS],
    pa.decimal128(38, 15): [one and Decimal(one) for one in _PARTS],
    pa.decimal128(9, 2): [Decimal("9.99"), Decimal(0), Decimal("-0.01"), None],
    pa.decimal128(9, 0): [Decimal(9), Decimal(0), Decimal(-1), None],
}
_DISCOUNTS = {
    pa.bool_(): [True, False, None],
    pa.float64(): [0.0, -0.0, 0.1, 5.0, NAN, None, INF],
    pa.int64(): [0, 1, 5, None],
    pa.decimal128(9, 2): [Decimal("0.5"), Decimal(0), None],
}
_BELOW = {
    pa.float64(): [-0.1, -INF],
    pa.int64(): [-1],
    pa.decimal128(9, 2): [Decimal(-1)],
}
_LABELS = {
    pa.string(): ["o1", "O1", "", "ž", None],
    pa.int64(): [0, 1, 2**60, None],
    pa.float64(): [0.0, -0.0, 1.0, 0.5, NAN, None],
    pa.bool_(): [True, False, None],
    CATEGORIES: ["x", "y", None],
}

_COLUMNS: dict[str, dict[Any, list[Any]]] = {
    "customer_id": _IDS,
    "date": _DATES,
    "amount": _MONEY,
    "profit": _MONEY,
    "discount": _DISCOUNTS,
    "order_id": _LABELS,
    "category": _LABELS,
    "channel": _LABELS,
}


def hard_types(name: str) -> list[pa.DataType]:
    """Give the types that a column is tested in."""
    return list(_COLUMNS[name])


def _values(name: str, kind: pa.DataType, *, bad: bool) -> list[Any]:
    if name == "date" and kind in _ZONED_DATES:
        values = _ZONED_DATES[kind]
    else:
        values = _COLUMNS[name][kind]
    if pa.types.is_integer(kind):  # pandas makes floats of whole numbers with nulls
        values = [
            x for x in values if (x is None or x < 2**53 if bad else x is not None)
        ]
    if bad:
        return [*values, *_BELOW.get(kind, [])] if name == "discount" else values
    if name == "customer_id":
        return values
    if name in {"amount", "profit"}:
        return [x for x in values if x is not None and x - x == 0]
    return [x for x in values if x is not None] if name == "date" else values


# --- tables ----------------------------------------------------------------------------


def hard_table(
    rng: random.Random, n_rows: int, types: dict[str, Any], *, bad: bool = True
) -> pa.Table:
    """Draw rows from the values of the given types, each column for itself."""
    columns = {}
    for name, kind in types.items():
        values = _values(name, kind, bad=bad)
        columns[name] = pa.array(rng.choices(values, k=n_rows), type=kind)
    return pa.table(columns)


@st.composite
def hard_tables(draw: Any, *, most: int = 12) -> tuple[pa.Table, dict[str, Any]]:
    """Draw a table of drawn types, and options to summarize it with."""
    zoned = draw(st.booleans())
    present = {"customer_id", "date", "amount"} | {
        name
        for name in ("profit", "discount", "order_id", "category", "channel")
        if draw(st.booleans())
    }
    columns: dict[str, Any] = {}
    for leave_out in ("date", "amount"):
        if draw(st.integers(0, 9)) == 0:
            present.discard(leave_out)
            columns[leave_out] = None
    bad = draw(st.booleans())
    n_rows = draw(st.integers(0, most))
    arrays = {}
    for name in sorted(present):
        kinds = _ZONED_DATES if name == "date" and zoned else _COLUMNS[name]
        kind = draw(st.sampled_from(list(kinds)))
        one = st.sampled_from(_values(name, kind, bad=bad))
        values = draw(st.lists(one, min_size=n_rows, max_size=n_rows))
        arrays[name] = pa.array(values, type=kind)
    since = draw(st.none() | st.sampled_from([date(2011, 1, 1), date(2011, 1, 2)]))
    return pa.table(arrays), {
        "as_of": draw(st.sampled_from([date(2011, 5, 10), date(2011, 3, 31)])),
        "since": since,
        "columns": columns,
        "period": draw(st.sampled_from(["month", "week", "quarter", None])),
        "minor_units": draw(st.sampled_from([2, 0, 3, 6])),
        "tz": NEW_YORK if zoned and "date" in present else None,
        "on_bad_rows": draw(st.sampled_from(["report", "raise"])),
    }
