"""Malformed and odd input works as documented, or raises the library's own error.

Every case is one line of a table and says which numbers, or which error, each kind of
input must give. Checks go through `must`, not `assert`, so that the whole table also
runs under ``python -O``, which a test at the end does.
"""

# mypy: disable-error-code="arg-type, list-item, misc"
# Wrong types are what these tests are about, and stamps without a zone are allowed.
# ruff: noqa: DTZ001

import contextlib
import copy
import datetime as dt
import io
import math
import os
import pickle
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification import (
    ABCClassifier,
    AttitudeLoyaltyClassifier,
    BadRowsError,
    CustomerIdentificationError,
    DataReport,
    IdentificationProgram,
    InvalidInputError,
    LoyaltyClassifier,
    LoyaltyWeights,
    MissingColumnError,
    Override,
    StabilityPolicy,
    TermClassifier,
    Transaction,
    UnknownCustomerError,
    ValueTrajectoryClassifier,
    identify,
    summarize,
)


EAGER = ("pandas", "polars", "pyarrow")
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
AS_OF = "2011-03-31"
NAN, INF = float("nan"), float("inf")

# Four rows of three customers, recomputed by hand below.
TEXT_IDS = ["Zuse-4711", "Lovelace-88", "Zuse-4711", "Hopper-53"]
INT_IDS = [880173, 880172, 880173, 880171]
STAMPS = [
    dt.datetime(2011, 1, 5, 10, 30),
    dt.datetime(2011, 2, 7, 23, 59, 59),
    dt.datetime(2011, 3, 9),
    dt.datetime(2011, 3, 20, 0, 0, 1),
]
DAYS = [stamp.date() for stamp in STAMPS]
AMOUNTS = [7319.37, 51.26, 840.55, 612.09]
BASE: dict[str, list[Any]] = {
    "customer_id": TEXT_IDS,
    "date": STAMPS,
    "amount": AMOUNTS,
}
NUMBERS = {
    "value": [61209, 5126, 815992],  # 7319.37 + 840.55 = 8159.92
    "purchases": [1, 1, 2],
    "recency": [11.0, 52.0, 22.0],
    "squared_gaps": [0, 0, 3969],  # 5 January to 9 March: 63 days
    "period_values": [[0, 0, 61209], [0, 5126, 0], [731937, 0, 84055]],
    "read": 4,
    "used": 4,
    "money_in": 882327,
    "set_aside": (),
}
# None of these may be in an error, in any form.
SECRETS = (
    "Zuse", "Lovelace", "Hopper", "Turing", "4711", "88017", "7319", "731937",
    "51.26", "5126", "840.55", "84055", "612.09", "61209", "toys-96", "order-77",
    "815992", "882327",
)  # fmt: skip


class UnmetError(AssertionError):
    """A promise that was not kept."""


def must(truth: object, promise: str) -> None:
    """Check like assert, but under ``python -O`` too."""
    if not truth:
        raise UnmetError(promise)


def same(found: object, wanted: object, promise: str) -> None:
    must(repr(found) == repr(wanted), f"{promise}: {found!r}, not {wanted!r}")


# --- cases ----------------------------------------------------------------------------


@attrs.frozen
class Good:
    """What the input gives, by attribute of the summary or of its report."""

    numbers: dict[str, Any]


@attrs.frozen
class Bad:
    """The error the input raises; positions None: every row, or the column's type."""

    error: type[CustomerIdentificationError]
    codes: tuple[str, ...]
    column: str | None = None  # "*": an option, in no column
    positions: tuple[int, ...] | None = ()
    says: tuple[str, ...] = ()


@attrs.frozen
class Per:
    """A column, or an outcome, that is another thing for each kind of frame."""

    by_kind: dict[str, Any]


def per(**by_kind: Any) -> Per:
    return Per(by_kind)


@attrs.frozen
class Case:
    name: str
    make: Callable[[str], Any]
    kinds: tuple[str, ...]
    options: dict[str, Any]
    wanted: Good | Bad | Per

    def outcome(self, kind: str) -> Good | Bad:
        wanted = self.wanted
        result = wanted.by_kind[kind] if isinstance(wanted, Per) else wanted
        must(isinstance(result, (Good, Bad)), "a case has an outcome")
        return result


CASES: list[Case] = []


def frame(kind: str, columns: Mapping[str, Any]) -> Any:
    chosen = {
        name: values.by_kind[kind] if isinstance(values, Per) else values
        for name, values in columns.items()
    }
    if kind == "objects":
        rows = zip(*chosen.values(), strict=True)
        return [Transaction(**dict(zip(chosen, row, strict=True))) for row in rows]
    if kind == "pyarrow":
        return pa.table(chosen)
    return FRAMES[kind](chosen)


def add(
    name: str,
    data: Mapping[str, Any],
    wanted: Good | Bad | Per,
    /,
    *,
    objects: bool = False,
    **options: Any,
) -> None:
    """Add a case of columns: lists for every kind, or `Per` for some."""
    kinds = tuple(
        kind
        for kind in (*EAGER, *(("objects",) if objects else ()))
        if all(
            kind in values.by_kind
            for values in data.values()
            if isinstance(values, Per)
        )
    )
    CASES.append(Case(name, lambda kind: frame(kind, data), kinds, options, wanted))


def add_made(
    name: str, wanted: Good | Bad | Per, options: dict[str, Any], **makers: Any
) -> None:
    """Add a case whose data are made by one function for each kind."""
    CASES.append(
        Case(name, lambda kind: makers[kind](), tuple(makers), options, wanted)
    )


def with_(**columns: Any) -> dict[str, Any]:
    return {**BASE, **columns}


def good(**changes: Any) -> Good:
    return Good({"customer_ids": sorted(set(TEXT_IDS)), **NUMBERS, **changes})


def some(**numbers: Any) -> Good:
    return Good(numbers)


def wrong_type(column: str, positions: tuple[int, ...] | None = None) -> Bad:
    codes = ("wrong_type", "not_an_id") if column == "customer_id" else ("wrong_type",)
    return Bad(InvalidInputError, codes, column, positions, _counted(positions))


def not_an_id(*positions: int) -> Bad:
    return Bad(
        InvalidInputError, ("not_an_id",), "customer_id", positions, _counted(positions)
    )


def too_large(column: str, *positions: int) -> Bad:
    return Bad(
        InvalidInputError, ("too_large",), column, positions, _counted(positions)
    )


def bad_rows(column: str, *positions: int, says: str = "") -> Bad:
    return Bad(
        BadRowsError,
        ("bad_rows",),
        column,
        positions,
        (*_counted(positions), says, "on_bad_rows"),
    )


def bad_option(*codes: str) -> Bad:
    return Bad(InvalidInputError, codes or ("bad_option",), "*", (), ("must",))


def _counted(positions: tuple[int, ...] | None) -> tuple[str, ...]:
    if not positions:
        return ()
    return (f"{len(positions)} of 4 ", f"first at row {positions[0]}")


INTS = good(customer_ids=sorted(set(INT_IDS)))


# One case a line, where it fits.
# fmt: off

# --- ids --------------------------------------------------------------------------------

add("text ids", BASE, good(), objects=True)
add("int ids", with_(customer_id=INT_IDS), INTS, objects=True)
add(
    "ints beyond 2**53 stay apart",
    with_(customer_id=[2**53 + 3, 2**53 + 2, 2**53 + 3, 2**53 + 1]),
    good(customer_ids=[2**53 + 1, 2**53 + 2, 2**53 + 3]),
    objects=True,
)
add(
    "the least and the greatest int",
    with_(customer_id=[2**63 - 1, 0, 2**63 - 1, -(2**63)]),
    good(customer_ids=[-(2**63), 0, 2**63 - 1]),
    objects=True,
)
_UNSIGNED = np.array([5, 2, 5, 1], dtype=np.uint64)
add("unsigned ids", with_(customer_id=_UNSIGNED), good(customer_ids=[1, 2, 5]))
add(
    "unsigned ids from 2**63 on",
    with_(customer_id=np.array([5, 2**63, 2**64 - 1, 1], dtype=np.uint64)),
    not_an_id(1, 2),
)
add(
    "ints from 2**63 on among objects",
    with_(customer_id=per(pandas=pd.Series([5, 2**70, 5, 1], dtype=object))),
    not_an_id(1),
)
add("128-bit ids", with_(customer_id=per(polars=pl.Series(INT_IDS, dtype=pl.Int128))), wrong_type("customer_id"))
add("float16 ids", with_(customer_id=np.array([5, 2, 5, 1], np.float16)), good(customer_ids=[1, 2, 5]))
add("whole floats are ints", with_(customer_id=[float(one) for one in INT_IDS]), INTS)
add(
    "whole floats with nulls",
    with_(customer_id=[880173.0, None, 880173.0, NAN]),
    some(customer_ids=[880173], value=[815992], money_in=882327, used=2,
         set_aside=(("no customer id", 2, 66335),)),
)
add("fractional ids", with_(customer_id=[1.0, 880171.5, 3.0, 880171.25]), not_an_id(1, 3))
add("float ids from 2**53 on", with_(customer_id=[1.0, 2.0, 2.0**53, -(2.0**60)]), not_an_id(2, 3))
add("infinite ids", with_(customer_id=[INF, 2.0, 3.0, -INF]), not_an_id(0, 3))
add(
    "ids of None are nobody",
    with_(customer_id=["Zuse-4711", None, "Zuse-4711", None]),
    some(customer_ids=["Zuse-4711"], value=[815992], money_in=882327, used=2,
         set_aside=(("no customer id", 2, 66335),), unidentified=2,
         unidentified_value=66335),
    objects=True,
)
add(
    "nobody has an id",
    with_(customer_id=[None] * 4),
    some(customer_ids=[], value=[], used=0, set_aside=(("no customer id", 4, 882327),)),
    objects=True,
)
add(
    "blank ids are nobody",
    with_(customer_id=["Zuse-4711", " \t", "Zuse-4711", "\u3000"]),
    some(customer_ids=["Zuse-4711"], value=[815992],
         set_aside=(("no customer id", 2, 66335),)),
)
add(
    "the words nan and None are ids",
    with_(customer_id=["nan", "None", "nan", "NULL"]),
    good(customer_ids=["NULL", "None", "nan"]),
    objects=True,
)
add(
    "None, NaN and NA among objects",
    with_(
        customer_id=per(
            pandas=pd.Series(["Zuse-4711", None, NAN, pd.NA], dtype=object)
        )
    ),
    some(customer_ids=["Zuse-4711"], value=[731937],
         set_aside=(("no customer id", 3, 150390),)),
)
add(
    "nullable ints",
    with_(
        customer_id=per(
            pandas=pd.array([2**53 + 1, None, 2**53 + 1, 7], dtype="Int64"),
            polars=[2**53 + 1, None, 2**53 + 1, 7],
            pyarrow=[2**53 + 1, None, 2**53 + 1, 7],
            objects=[2**53 + 1, None, 2**53 + 1, 7],
        )
    ),
    some(customer_ids=[7, 2**53 + 1], value=[61209, 815992],
         set_aside=(("no customer id", 1, 5126),)),
    objects=True,
)
add(
    "ints and text",
    with_(
        customer_id=per(
            pandas=pd.Series(["Zuse-4711", 7, "Zuse-4711", 8], dtype=object),
            polars=pl.Series(["Zuse-4711", 7, "Zuse-4711", 8], dtype=pl.Object),
            objects=["Zuse-4711", 7, "Zuse-4711", 8],
        )
    ),
    not_an_id(1, 3),
    objects=True,
)
add(
    "ints and whole floats among objects",
    with_(customer_id=per(pandas=pd.Series([880173, 880172.0, np.float64(880173), np.int8(5)], dtype=object))),
    good(customer_ids=[5, 880172, 880173]),
)
add(
    "text of two make is one id",
    with_(
        customer_id=per(
            pandas=pd.Series(["Zuse-4711", "Lovelace-88", np.str_("Zuse-4711"), "Hopper-53"], dtype=object),
            objects=["Zuse-4711", "Lovelace-88", np.str_("Zuse-4711"), "Hopper-53"],
        )
    ),
    good(),
    objects=True,
)


class Word(StrEnum):
    """Text of a host's own kind."""

    HOPPER = "Hopper-53"
    LOVELACE = "Lovelace-88"
    ZUSE = "Zuse-4711"


add(
    "words of an enum are plain text",
    with_(
        customer_id=per(
            pandas=pd.Series([Word(one) for one in TEXT_IDS], dtype=object), objects=[Word(one) for one in TEXT_IDS]
        )
    ),
    good(),
    objects=True,
)
add("bool ids", with_(customer_id=[True, False, True, True]), wrong_type("customer_id"))
add(
    "bool ids among ints",
    with_(customer_id=per(pandas=pd.Series([880173, True, 880173, 880171], dtype=object))),
    not_an_id(1),
)
add(
    "ids of bytes",
    with_(customer_id=[b"Zuse-4711", b"Lovelace-88", b"Zuse-4711", b"Hopper-53"]),
    wrong_type("customer_id"),
)
add("ids of dates", with_(customer_id=STAMPS), wrong_type("customer_id"))
add("ids of lists", with_(customer_id=[["Zuse-4711"], ["a"], ["b"], ["c"]]), wrong_type("customer_id"))
add("ids of mappings", with_(customer_id=[{"Zuse-4711": 1}] * 4), wrong_type("customer_id"))
add(
    "one id of a list",
    with_(customer_id=per(pandas=pd.Series([880173, [880172], 880173, 880171], dtype=object))),
    wrong_type("customer_id", (1,)),
)
add("ids of Decimal", with_(customer_id=[Decimal(one) for one in INT_IDS]), wrong_type("customer_id"))
add(
    "ids that differ by a trailing NUL",
    with_(customer_id=["a", "a\0", "a", "a\0\0"]),
    good(customer_ids=["a", "a\0", "a\0\0"], value=[815992, 5126, 61209],
         purchases=[2, 1, 1], recency=[22.0, 52.0, 11.0], squared_gaps=[3969, 0, 0],
         period_values=[[731937, 0, 84055], [0, 5126, 0], [0, 0, 61209]]),
    objects=True,
)
add(
    "ids that only look alike",
    with_(customer_id=["\u00e9", "e\u0301", "\u00e9", "\U0001f600"]),
    good(customer_ids=["e\u0301", "\u00e9", "\U0001f600"], value=[5126, 815992, 61209],
         purchases=[1, 2, 1], recency=[52.0, 22.0, 11.0], squared_gaps=[0, 3969, 0],
         period_values=[[0, 5126, 0], [731937, 0, 84055], [0, 0, 61209]]),
    objects=True,
)
_LEVELS = ["Hopper-53", "Turing-9", "Zuse-4711", "Lovelace-88"]
add(
    "categorical ids with unused levels",
    with_(
        customer_id=per(
            pandas=pd.Categorical(TEXT_IDS, categories=_LEVELS, ordered=True),
            polars=pl.Series(TEXT_IDS, dtype=pl.Enum(_LEVELS)),
            pyarrow=pa.DictionaryArray.from_arrays([2, 3, 2, 0], _LEVELS),
        )
    ),
    good(),
)
add("Polars categorical ids", with_(customer_id=per(polars=pl.Series(TEXT_IDS, dtype=pl.Categorical))), good())
add(
    "categorical ids with nulls",
    with_(
        customer_id=per(
            pandas=pd.Categorical([_LEVELS[2], None] * 2, categories=_LEVELS),
            polars=pl.Series([_LEVELS[2], None] * 2, dtype=pl.Enum(_LEVELS)),
            pyarrow=pa.DictionaryArray.from_arrays(pa.array([2, None, 2, None]), _LEVELS),
        )
    ),
    some(customer_ids=["Zuse-4711"], value=[815992], set_aside=(("no customer id", 2, 66335),)),
)
add(
    "categorical ids of ints, unused levels of another kind",
    with_(
        customer_id=per(
            pandas=pd.Categorical(INT_IDS, categories=[880173, "Turing-9", 880171, 880172, 2.5])
        )
    ),
    INTS,
)
add(
    "categorical ids of ints, an unused fractional level",
    with_(
        customer_id=per(
            pandas=pd.Categorical(INT_IDS, categories=[*sorted(set(INT_IDS)), 2.5]),
            pyarrow=pa.array(INT_IDS).dictionary_encode(),
        )
    ),
    INTS,
)
add(
    "a dictionary that holds a word twice",
    with_(
        customer_id=per(
            pyarrow=pa.DictionaryArray.from_arrays([0, 1, 2, 3], ["Zuse-4711", "Lovelace-88", "Zuse-4711", "Hopper-53"])
        )
    ),
    good(),
)
add(
    "a dictionary that holds a null",
    with_(
        customer_id=per(
            pyarrow=pa.DictionaryArray.from_arrays([0, 1, 0, 1], ["Zuse-4711", None])
        )
    ),
    some(customer_ids=["Zuse-4711"], value=[815992], set_aside=(("no customer id", 2, 66335),)),
)
add(
    "text of every make",
    with_(
        customer_id=per(
            pandas=pd.Series(TEXT_IDS, dtype="string[python]"), pyarrow=pa.array(TEXT_IDS, pa.large_string())
        )
    ),
    good(),
)
add(
    "Arrow-backed and view text",
    with_(
        customer_id=per(
            pandas=pd.Series(TEXT_IDS, dtype=pd.ArrowDtype(pa.large_string())),
            pyarrow=pa.array(TEXT_IDS, pa.string_view()),
        )
    ),
    good(),
)
add(
    "an Arrow-backed dictionary",
    with_(
        customer_id=per(
            pandas=pd.Series(TEXT_IDS, dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string())))
        )
    ),
    good(),
)
add(
    "chunks, some of them empty",
    with_(
        customer_id=per(
            pyarrow=pa.chunked_array([[], TEXT_IDS[:1], [], TEXT_IDS[1:], []], pa.string())
        ),
        amount=per(pyarrow=pa.chunked_array([[], AMOUNTS[:3], AMOUNTS[3:]], pa.float64())),
    ),
    good(),
)
add(
    "chunks with dictionaries of their own",
    with_(
        customer_id=per(
            pyarrow=pa.chunked_array(
                [pa.array(TEXT_IDS[:2]).dictionary_encode(), pa.array(TEXT_IDS[2:]).dictionary_encode()]
            )
        )
    ),
    good(),
)

# --- amounts ----------------------------------------------------------------------------

add("text amounts", with_(amount=[str(one) for one in AMOUNTS]), wrong_type("amount"))
add("bool amounts", with_(amount=[True, False, True, True]), wrong_type("amount"))
add("amounts of time", with_(amount=[dt.timedelta(1)] * 4), wrong_type("amount"))
add("amounts of dates", with_(amount=STAMPS), wrong_type("amount"))
add("amounts of lists", with_(amount=[[7319.37]] * 4), wrong_type("amount"))
add(
    "categorical text amounts",
    with_(
        amount=per(
            pandas=pd.Categorical([str(one) for one in AMOUNTS]),
            polars=pl.Series([str(one) for one in AMOUNTS], dtype=pl.Categorical),
            pyarrow=pa.array([str(one) for one in AMOUNTS]).dictionary_encode(),
        )
    ),
    wrong_type("amount"),
)
add("complex amounts", with_(amount=per(pandas=np.array(AMOUNTS, dtype=complex))), wrong_type("amount"))
for _name, _odd in {
    "text": "7319.37", "bool": True, "complex": 1j, "list": [51.26], "mapping": {},
}.items():
    add(
        f"one amount of {_name} among objects",
        with_(amount=per(pandas=pd.Series([7319.37, _odd, Decimal("840.55"), 612.09], dtype=object))),
        wrong_type("amount", (1,)),
    )
add(
    "amounts of every make among objects",
    with_(
        amount=per(
            pandas=pd.Series([Decimal("7319.37"), np.float64(51.26), 840.55, Decimal("612.090")], dtype=object),
            objects=[Decimal("7319.37"), np.float64(51.26), 840.55, Decimal("612.090")],
        )
    ),
    good(),
    objects=True,
)
add(
    "Decimal amounts",
    with_(
        amount=per(
            pandas=[Decimal(str(one)) for one in AMOUNTS],
            polars=[Decimal(str(one)) for one in AMOUNTS],
            pyarrow=pa.array([Decimal(str(one)) for one in AMOUNTS], pa.decimal128(20, 6)),
            objects=[Decimal(str(one)) for one in AMOUNTS],
        )
    ),
    good(rounded=0),
    objects=True,
)
_HALVES = [Decimal("0.005"), Decimal("0.015"), Decimal("-0.025"), Decimal("2.675")]
add(
    "Decimals are rounded half to even",
    with_(customer_id=[1, 2, 3, 4], amount=_HALVES),
    some(customer_ids=[1, 2, 3, 4], value=[0, 2, -2, 268], rounded=4, refunds=[0, 0, 1, 0]),
    objects=True,
)
add(
    "parts of a cent",
    with_(customer_id=[1, 2, 3, 4], amount=[0.125, 0.375, 19.999, 1.0]),
    some(value=[12, 38, 2000, 100], rounded=3),
    objects=True,
)
add(
    "money back smaller than half a cent is nothing, and counts as such",
    with_(customer_id=[1, 2, 3, 4], amount=[-0.004, 0.004, 0.0, -0.0]),
    some(value=[0, 0, 0, 0], purchases=[1, 1, 1, 1], refunds=[0, 0, 0, 0]),
    objects=True,
)
add(
    "32-bit floats",
    with_(amount=np.array([19.99, 51.26, 0.01, 612.09], np.float32)),
    some(value=[61209, 5126, 2000], money_in=66335 + 2000),
)
add(
    "8-bit ints",
    with_(amount=np.array([127, 0, 1, -128], np.int8)),
    some(value=[-12800, 0, 12800], refunds=[1, 0, 0], purchases=[0, 1, 2], free=1),
)
add(
    "nullable and Arrow-backed amounts",
    with_(
        amount=per(pandas=pd.array(AMOUNTS, dtype="Float64"), pyarrow=pa.array(AMOUNTS, pa.float64())),
        date=per(
            pandas=pd.Series(STAMPS, dtype=pd.ArrowDtype(pa.timestamp("ms"))),
            pyarrow=pa.array(STAMPS, pa.timestamp("ms")),
        ),
    ),
    good(),
)
add(
    "Arrow-backed Decimals and dates",
    with_(
        amount=per(
            pandas=pd.Series([Decimal(str(one)) for one in AMOUNTS], dtype=pd.ArrowDtype(pa.decimal128(20, 2)))
        ),
        date=per(pandas=pd.Series(DAYS, dtype=pd.ArrowDtype(pa.date32()))),
    ),
    good(),
)
add(
    "sparse columns",
    with_(customer_id=per(pandas=pd.arrays.SparseArray(INT_IDS)), amount=per(pandas=pd.arrays.SparseArray(AMOUNTS))),
    INTS,
)
_NO_AMOUNT = [7319.37, None, 840.55, None]
for _name, _columns in {
    "None": with_(amount=_NO_AMOUNT),
    "NaN": with_(amount=[7319.37, NAN, 840.55, NAN]),
    "None in Decimals": with_(amount=[Decimal("7319.37"), None, Decimal("840.55"), None]),
    "None in ints": with_(
        amount=per(
            pandas=pd.Series([7319, None, 840, None], dtype=pd.ArrowDtype(pa.int64())),
            polars=[7319, None, 840, None],
            pyarrow=[7319, None, 840, None],
        )
    ),
    "NA among objects": with_(
        amount=per(pandas=pd.Series([7319.37, pd.NA, 840.55, Decimal("NaN")], dtype=object))
    ),
}.items():
    _whole = "ints" in _name
    add(f"amounts of {_name} raise", _columns, bad_rows("amount", 1, 3, says="no amount"))
    add(
        f"amounts of {_name} are reported",
        _columns,
        some(customer_ids=["Zuse-4711"], value=[815900 if _whole else 815992],
             set_aside=(("no amount", 2, 0),), read=4, used=2,
             money_in=815900 if _whole else 815992),
        on_bad_rows="report",
    )
add(
    "an object without amount",
    with_(amount=per(objects=_NO_AMOUNT)),
    bad_rows("amount", 1, 3, says="no amount"),
    objects=True,
)
add("no amount at all", with_(amount=[None] * 4), bad_rows("amount", 0, 1, 2, 3))
add(
    "no amount at all, reported",
    with_(amount=[None] * 4),
    some(customer_ids=[], value=[], set_aside=(("no amount", 4, 0),), money_in=0),
    on_bad_rows="report",
)
_ENDLESS = [7319.37, INF, -INF, 612.09]
add("endless amounts raise", with_(amount=_ENDLESS), bad_rows("amount", 1, 2, says="not finite"))
add(
    "endless amounts are reported",
    with_(amount=_ENDLESS),
    some(customer_ids=["Hopper-53", "Zuse-4711"], value=[61209, 731937], money_in=793146,
         set_aside=(("amount not finite", 2, 0),)),
    on_bad_rows="report",
)
add(
    "endless Decimals",
    with_(amount=per(pandas=[Decimal("7319.37"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("612.09")])),
    bad_rows("amount", 1, 2, says="not finite"),
)
add(
    "a signalling NaN",
    with_(amount=per(pandas=[Decimal("7319.37"), Decimal("sNaN"), Decimal("840.55"), Decimal("612.09")])),
    bad_rows("amount", 1, says="no amount"),
)
add("no profit", with_(profit=[1.0, None, NAN, 2.0]), bad_rows("profit", 1, 2, says="no profit"))
add("endless profit", with_(profit=[1.0, 2.0, INF, 2.0]), bad_rows("profit", 2, says="profit not finite"))
add("text profit", with_(profit=["7319.37"] * 4), wrong_type("profit"))
add(
    "value is profit where there is one",
    with_(profit=[1.5, -2.5, 0.0, None]),
    some(customer_ids=["Lovelace-88", "Zuse-4711"], value=[-250, 150],
         amount=[5126, 815992], profit=[-250, 150], money_in=-100,
         set_aside=(("no profit", 1, 0),)),
    on_bad_rows="report",
    objects=True,
)
add(
    "the first reason wins",
    {
        "customer_id": [None, "Zuse-4711", "Zuse-4711", "Zuse-4711"],
        "date": [None, None, STAMPS[2], dt.datetime(2012, 1, 1)],
        "amount": [None, 51.26, INF, None],
    },
    some(customer_ids=[], money_in=5126,
         set_aside=(("no customer id", 1, 0), ("no date", 1, 5126),
                    ("no amount", 1, 0), ("amount not finite", 1, 0))),
    on_bad_rows="report",
)
add(
    "2**53 minor units",
    with_(amount=[2**53, 1, 2**53, -(2**53)]),
    some(value=[-(2**53), 1, 2**54], money_in=2**53 + 1),
    minor_units=0,
    objects=True,
)
add(
    "ints beyond 2**53 minor units",
    with_(amount=[7319, 2**60, 840, -(2**60)]),
    too_large("amount", 1, 3),
    minor_units=0,
    objects=True,
)
add("floats beyond 2**53 minor units", with_(amount=[1.0, 1e14, 2.0, 3.0]), too_large("amount", 1))
add("1e308", with_(amount=[1.0, 1e308, 2.0, -1e308]), too_large("amount", 1, 3), objects=True)
add("unsigned 2**64 - 1", with_(amount=np.array([1, 2**64 - 1, 1, 1], np.uint64)), too_large("amount", 1))
add("the least int", with_(amount=np.array([1, -(2**63), 1, 1])), too_large("amount", 1))
add(
    "a finite Decimal beyond any float",
    with_(amount=per(pandas=[Decimal(1), Decimal("1E+400"), Decimal(2), Decimal("9E+999999")])),
    too_large("amount", 1, 3),
)
add(
    "an int beyond any float",
    with_(amount=per(pandas=pd.Series([1, 10**400, 2, 3], dtype=object), objects=[1, 10**400, 2, 3])),
    too_large("amount", 1),
    objects=True,
)
add("128-bit amounts", with_(amount=per(polars=pl.Series([1, 2**100, 2, 3], dtype=pl.Int128))), wrong_type("amount"))
_MANY = 600
add(
    "a sum beyond 2**62",
    {"customer_id": [1] * _MANY, "date": [STAMPS[0]] * _MANY, "amount": [2**53] * _MANY},
    Bad(InvalidInputError, ("too_large",)),
    minor_units=0,
    objects=True,
)
add(
    "only zeros",
    with_(amount=[0.0] * 4),
    good(value=[0, 0, 0], period_values=[[0, 0, 0]] * 3, money_in=0, free=4),
    objects=True,
)
add(
    "only money back",
    with_(amount=[-7319.37, -51.26, -840.55, -612.09]),
    some(value=[-61209, -5126, -815992], purchases=[0, 0, 0], recency=[NAN] * 3,
         refunds=[1, 1, 2], refund_value=[-61209, -5126, -815992], money_in=-882327,
         refunded=4, refunded_value=-882327, discount_share=[NAN] * 3),
    objects=True,
)
add(
    "money of no decimals",
    with_(amount=[7319.37, 51.5, 840.55, 612.5]),
    some(value=[612, 52, 8160], rounded=4),  # 840.55 makes 841, halves go to even
    minor_units=0,
    objects=True,
)
add(
    "money of three decimals",
    with_(amount=[7319.375, 51.26, 840.55, 612.09]),
    some(value=[612090, 51260, 8159925], rounded=0, minor_units=3),
    minor_units=3,
    objects=True,
)

# --- days -------------------------------------------------------------------------------

add("dates", with_(date=DAYS), good(), objects=True)
add("text dates", with_(date=[str(day) for day in DAYS]), wrong_type("date"))
add("int dates", with_(date=[20110105, 20110207, 20110309, 20110320]), wrong_type("date"))
add("float dates", with_(date=[20110105.0] * 4), wrong_type("date"))
add("bool dates", with_(date=[True] * 4), wrong_type("date"))
add("times of day", with_(date=[dt.time(10)] * 4), wrong_type("date"))
add("categorical dates", with_(date=per(pandas=pd.Categorical([str(day) for day in DAYS]))), wrong_type("date"))
add(
    "calendar periods as dates",
    with_(date=per(pandas=pd.period_range("2011-01", periods=4, freq="M"))),
    wrong_type("date"),
)
for _unit in ("s", "ms", "us", "ns"):
    add(
        f"stamps in {_unit}",
        with_(
            date=per(
                pandas=np.array(STAMPS, dtype=f"M8[{_unit}]"),
                pyarrow=pa.array(np.array(STAMPS, dtype=f"M8[{_unit}]")),
                **({} if _unit == "s" else {"polars": np.array(STAMPS, dtype=f"M8[{_unit}]")}),
            )
        ),
        good(),
    )
add("64-bit dates", with_(date=per(pyarrow=pa.array(DAYS, pa.date64()))), good())
add(
    "dates among objects",
    with_(date=per(pandas=pd.Series(DAYS, dtype=object), polars=pl.Series(DAYS, dtype=pl.Object))),
    good(),
)
add(
    "stamps and dates among objects",
    with_(date=per(pandas=pd.Series([STAMPS[0], DAYS[1], STAMPS[2], pd.Timestamp(STAMPS[3])], dtype=object), objects=[STAMPS[0], DAYS[1], STAMPS[2], pd.Timestamp(STAMPS[3])])),
    good(),
    objects=True,
)
add(
    "one text date among objects",
    with_(date=per(pandas=pd.Series([STAMPS[0], "2011-02-07", STAMPS[2], 5], dtype=object))),
    wrong_type("date", (1, 3)),
)
_SOME_DAYS = [STAMPS[0], None, STAMPS[2], None]
add("no date", with_(date=_SOME_DAYS), bad_rows("date", 1, 3, says="no date"))
add(
    "no date among objects",
    with_(date=per(pandas=pd.Series([DAYS[0], None, DAYS[2], pd.NaT], dtype=object))),
    bad_rows("date", 1, 3, says="no date"),
)
add(
    "no date, reported",
    with_(date=_SOME_DAYS),
    some(customer_ids=["Zuse-4711"], value=[815992], set_aside=(("no date", 2, 66335),)),
    on_bad_rows="report",
)
add("no date at all", with_(date=[None] * 4), bad_rows("date", 0, 1, 2, 3, says="no date"))
add(
    "no date at all, reported",
    with_(date=[None] * 4),
    some(customer_ids=[], value=[], set_aside=(("no date", 4, 882327),), money_in=882327),
    on_bad_rows="report",
)
add(
    "no date at all among dates",
    with_(
        date=per(
            pandas=pd.Series([pd.NaT] * 4, dtype="M8[ns]"),
            polars=pl.Series([None] * 4, dtype=pl.Date),
            pyarrow=pa.array([None] * 4, pa.date32()),
        )
    ),
    bad_rows("date", 0, 1, 2, 3),
)
add(
    "the year 1 and before 1970",
    with_(date=[dt.datetime(1, 1, 1), dt.datetime(1969, 12, 31, 23, 59), dt.datetime(1970, 1, 1), dt.datetime(1900, 2, 28)]),
    some(recency=[float((dt.date(2011, 3, 31) - dt.date(1900, 2, 28)).days),
                  float((dt.date(2011, 3, 31) - dt.date(1969, 12, 31)).days),
                  float((dt.date(2011, 3, 31) - dt.date(1970, 1, 1)).days)],
         squared_gaps=[0, 0, (dt.date(1970, 1, 1) - dt.date(1, 1, 1)).days ** 2],
         value=[61209, 5126, 815992]),
    objects=True,
    period=None,
)
add(
    "the year 9999 is set aside",
    with_(date=[*STAMPS[:3], dt.datetime(9999, 12, 31, 23, 59)]),
    some(customer_ids=["Lovelace-88", "Zuse-4711"], value=[5126, 815992],
         set_aside=(("after as_of", 1, 61209),), money_in=882327),
    objects=True,
)
add(
    "dates outside the calendar",
    with_(
        date=per(
            pandas=np.array([0, -(2**60), 86400, 2**60], dtype="M8[s]"),
            polars=pl.Series([0, -(2**62), 86400, 2**62], dtype=pl.Datetime("ms")),
            pyarrow=pa.array([0, -(2**60), 86400, 2**60], pa.timestamp("s")),
        )
    ),
    Bad(InvalidInputError, ("not_a_day",), "date", (1, 3), _counted((1, 3))),
)
add(
    "Polars dates outside the calendar",
    with_(date=per(polars=pl.Series([0, -(2**31), 5, 2**31 - 1], dtype=pl.Int32).cast(pl.Date))),
    Bad(InvalidInputError, ("not_a_day",), "date", (1, 3), _counted((1, 3))),
)
add(
    "every row is in the future",
    with_(),
    some(customer_ids=[], set_aside=(("after as_of", 4, 882327),), used=0),
    objects=True,
    as_of="2010-12-31",
)
add(
    "every row is before since",
    with_(),
    some(customer_ids=[], set_aside=(("before since", 4, 882327),), used=0),
    objects=True,
    since="2011-03-21",
)
add(
    "a window of one day",
    with_(),
    some(customer_ids=["Lovelace-88"], value=[5126], recency=[0.0], period_values=[[]],
         set_aside=(("before since", 1, 731937), ("after as_of", 2, 145264))),
    objects=True,
    since="2011-02-07",
    as_of="2011-02-07",
)
add("since after as_of", with_(), bad_option("since"), objects=True, since="2011-04-01")

_AWARE = [stamp.replace(tzinfo=dt.UTC) for stamp in STAMPS]
add("zones without tz", with_(date=_AWARE), Bad(InvalidInputError, ("time_zone",), "date", (), ("tz=",)), objects=True)
add(
    "tz without zones",
    with_(),
    Bad(InvalidInputError, ("time_zone",), "date", (), ("tz=",)),
    objects=True,
    tz="Europe/Prague",
)
add("stamps with a zone", with_(date=_AWARE), good(), objects=True, tz="UTC")
# 23:59:59 in UTC is the next day in Prague (recency 51); the gap stays 63 days.
add("days of Prague", with_(date=_AWARE), good(recency=[11.0, 51.0, 22.0]), objects=True, tz="Europe/Prague")
add("a zone object", with_(date=_AWARE), good(recency=[11.0, 51.0, 22.0]), objects=True, tz=ZoneInfo("Europe/Prague"))
# An hour before UTC, midnight of 9 March is still the 8th, and 00:00:01 of the 20th the 19th.
add(
    "a fixed offset",
    with_(date=_AWARE),
    bad_option("unknown_time_zone"),
    objects=True,
    tz=dt.timezone(dt.timedelta(hours=-1)),
)
# With a zone an hour behind, midnight of 9 March is still the 8th, and so on.
add(
    "days of the Azores",
    with_(date=_AWARE),
    good(recency=[12.0, 52.0, 23.0], squared_gaps=[0, 0, 62**2]),
    objects=True,
    tz="Atlantic/Azores",
)
# RFC 8536, version 1: one kind of local time, at UTC, and no moves between kinds.
_ZONE_FILE = b"TZif" + bytes(32) + bytes([0, 0, 0, 1, 0, 0, 0, 4]) + bytes(6) + b"UTC\0"
_NAMELESS = ZoneInfo.from_file(io.BytesIO(_ZONE_FILE))
add("a zone without a name", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz=_NAMELESS)
add("an unknown zone", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz="Mars/Base")
add("an unknown zone nobody needs", with_(date=DAYS), bad_option("unknown_time_zone"), objects=True, tz="Mars/Base")
add("a folder of zones", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz="Europe")
add("a path as zone", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz="/etc/passwd")
add("a blank zone", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz="")
add("a number as zone", with_(date=_AWARE), bad_option("unknown_time_zone"), objects=True, tz=5)
_OFFSET = dt.timezone(dt.timedelta(hours=2))
_MIXED = [_AWARE[0], _AWARE[1].astimezone(_OFFSET), _AWARE[2], _AWARE[3].astimezone(ZoneInfo("Asia/Tokyo"))]
add(
    "mixed zones",
    with_(date=per(pandas=pd.Series(_MIXED, dtype=object), objects=_MIXED)),
    good(),
    objects=True,
    tz="UTC",
)
add(
    "mixed zones without tz",
    with_(date=per(pandas=pd.Series(_MIXED, dtype=object), objects=_MIXED)),
    Bad(InvalidInputError, ("time_zone",), "date", (), ("tz=",)),
    objects=True,
)
_HALF = [_AWARE[0], STAMPS[1], _AWARE[2], STAMPS[3]]
for _tz in (None, "UTC"):
    add(
        f"some zones, tz={_tz}",
        with_(date=per(pandas=pd.Series(_HALF, dtype=object), objects=_HALF)),
        Bad(InvalidInputError, ("time_zone",), "date", (), ("tz=",)),
        objects=True,
        tz=_tz,
    )
# In Sao Paulo the clock went from 23:59:59 on 3 November 2018 (02:59:59 UTC) to 01:00.
_NO_MIDNIGHT = [dt.datetime(2018, 11, 4, 2, 59, 59, tzinfo=dt.UTC), dt.datetime(2018, 11, 4, 3, tzinfo=dt.UTC)]
add(
    "a midnight that never was",
    {"customer_id": [1, 2], "date": _NO_MIDNIGHT, "amount": [1, 1]},
    some(recency=[1.0, 0.0]),
    objects=True,
    as_of="2018-11-04",
    tz="America/Sao_Paulo",
)
# In Havana the hour after midnight came twice on 4 November 2018 (04:00 and 05:00 UTC).
add(
    "a midnight that was twice",
    {"customer_id": [1, 1], "date": [dt.datetime(2018, 11, 4, 4, tzinfo=dt.UTC), dt.datetime(2018, 11, 4, 5, tzinfo=dt.UTC)], "amount": [1, 1]},
    some(purchases=[1], recency=[0.0]),
    objects=True,
    as_of="2018-11-04",
    tz="America/Havana",
)
add(
    "a zone that pushes a day out of the calendar",
    with_(date=per(
        pandas=pd.Series([_AWARE[0], dt.datetime(1, 1, 1, tzinfo=dt.UTC), _AWARE[2], _AWARE[3]], dtype=object),
        polars=[_AWARE[0], dt.datetime(1, 1, 1, tzinfo=dt.UTC), _AWARE[2], _AWARE[3]],
        pyarrow=[_AWARE[0], dt.datetime(1, 1, 1, tzinfo=dt.UTC), _AWARE[2], _AWARE[3]],
        objects=[_AWARE[0], dt.datetime(1, 1, 1, tzinfo=dt.UTC), _AWARE[2], _AWARE[3]],
    )),
    Bad(InvalidInputError, ("not_a_day",), "date", (1,), _counted((1,))),
    objects=True,
    tz="America/New_York",
)

for _name in ("amount", "date", "discount"):
    add(
        f"{_name} of words that are ids",
        with_(
            **{
                _name: per(
                    pandas=pd.Categorical(TEXT_IDS),
                    polars=pl.Series(TEXT_IDS, dtype=pl.Enum(_LEVELS)),
                    pyarrow=pa.array(TEXT_IDS).dictionary_encode(),
                )
            }
        ),
        wrong_type(_name),
    )

add(
    "categorical numbers are no amounts",
    with_(amount=per(pandas=pd.Categorical(AMOUNTS), pyarrow=pa.array(AMOUNTS).dictionary_encode())),
    wrong_type("amount"),
)
add(
    "more periods than anybody reads",
    with_(date=[dt.datetime(1, 1, 1), *STAMPS[1:]]),
    Bad(InvalidInputError, ("too_large",), "*", (), ("must", "since=")),
    objects=True,
)

# --- the other columns ------------------------------------------------------------------

add("negative discounts", with_(discount=[1.0, -1.0, 0.0, -0.5]), bad_rows("discount", 1, 3, says="discount below 0"))
add("text discounts", with_(discount=["order-77"] * 4), wrong_type("discount"))
add("dates as discounts", with_(discount=STAMPS), wrong_type("discount"))
add(
    "one text discount",
    with_(discount=per(pandas=pd.Series([1, "order-77", 0, True], dtype=object))),
    wrong_type("discount", (1,)),
)
add(
    "discounts of True",
    with_(discount=[True, False, False, True]),
    good(discount_share=[1.0, 0.0, 731937 / 815992]),
    objects=True,
)
add(
    "nullable discounts",
    with_(
        discount=per(
            pandas=pd.array([True, None, None, False], dtype="boolean"),
            polars=[True, None, None, False],
            pyarrow=[True, None, None, False],
            objects=[True, None, None, False],
        )
    ),
    good(discount_share=[0.0, NAN, 1.0], discount_unknown=2),
    objects=True,
)
add(
    "number discounts with NaN",
    with_(discount=[5.0, NAN, 0.0, None]),
    good(discount_share=[NAN, NAN, 731937 / 815992], discount_unknown=2),
)
add("no discount known", with_(discount=[None] * 4), good(discount_share=[NAN] * 3))
add(
    "huge discounts",
    with_(discount=per(pandas=pd.Series([10**400, 0, Decimal("1E+400"), Decimal("0.00")], dtype=object))),
    good(discount_share=[0.0, 0.0, 1.0]),
)
add("unhashable categories", with_(category=[["toys-96"], ["toys-96"], [], []]), wrong_type("category"))
add("mappings as categories", with_(category=[{"toys-96": 1}] * 4), wrong_type("category"))
add(
    "one unhashable category",
    with_(category=per(pandas=pd.Series(["toys-96", ["toys-96"], "b", "c"], dtype=object))),
    wrong_type("category", (1,)),
)
add(
    "null categories",
    with_(category=["toys-96", None, "b", None], channel=[None] * 4),
    good(categories=[0, 0, 2], channels=[0, 0, 0]),
)
for _type in ("float16", "float32", "float64"):
    add(
        f"categories of {_type}",
        with_(category=np.array([1.25, 1.5, 1.75, -1.5], _type), channel=np.array([0.0, NAN, -0.0, 1.0], _type)),
        good(categories=[1, 1, 2], channels=[1, 0, 1]),
    )
add(
    "categories of dates and bools",
    with_(category=[STAMPS[0], None, STAMPS[1], STAMPS[2]], channel=[True, None, False, True]),
    good(categories=[1, 0, 2], channels=[1, 0, 2]),
)
add(
    "categories of two kinds",
    with_(category=per(pandas=pd.Series([1, 1, "1", None], dtype=object))),
    good(categories=[0, 1, 2]),
)
add(
    "a dictionary of categories with a word twice",
    with_(category=per(pyarrow=pa.DictionaryArray.from_arrays([0, 1, 2, 1], ["toys-96", None, "toys-96"]))),
    good(categories=[0, 0, 1]),
)
add(
    "orders of one make",
    with_(customer_id=[1, 1, 1, 1], order_id=per(pandas=pd.Series([7, np.int64(7), 7.0, "order-77"], dtype=object))),
    some(purchases=[2], merged=2),
)
add(
    "orders without a number are one a day",
    with_(customer_id=[1, 1, 1, 1], date=[DAYS[0], DAYS[0], DAYS[0], DAYS[1]], order_id=[None, None, "order-77", None]),
    some(purchases=[3], purchase_days=[2], merged=1),
    objects=True,
)
add(
    "no order has a number",
    with_(customer_id=[1, 1, 1, 1], date=[DAYS[0], DAYS[0], DAYS[0], DAYS[1]], order_id=[None] * 4),
    some(purchases=[2], merged=2),
    objects=True,
)

add("complex categories", with_(category=per(pandas=np.array([1j, 2j, 0, 1]))), wrong_type("category"))
for _name in ("customer_id", "discount", "category"):
    add(
        f"a signalling NaN as {_name} is none",
        with_(**{_name: per(pandas=pd.Series([Decimal("sNaN"), *BASE.get(_name, [1] * 4)[1:]], dtype=object))}),
        some(read=4, money_in=882327),
    )
add(
    "a signalling NaN as date",
    with_(date=per(pandas=pd.Series([Decimal("sNaN"), *STAMPS[1:]], dtype=object))),
    Bad(InvalidInputError, ("bad_rows", "wrong_type"), "*", (0,)),
)

# --- the frame --------------------------------------------------------------------------

THEIRS = {"customer_id": "who", "date": "when", "amount": "how much"}
add("their names", {THEIRS[name]: values for name, values in BASE.items()}, good(), columns=THEIRS)
MISSING = Bad(MissingColumnError, ("missing_column",), "amount", (), ("must have a column", "'amount'"))
add("a missing column", {"customer_id": TEXT_IDS, "date": STAMPS}, MISSING)
add("a name in other letters", {"customer_id": TEXT_IDS, "date": STAMPS, "Amount": AMOUNTS}, MISSING)
add("a misspelt column", with_(), MISSING, columns={"amount": "amuont"})
add("a name that is no text", with_(), MISSING, columns={"amount": 5})
add(
    "an optional column that was promised",
    with_(),
    Bad(MissingColumnError, ("missing_column",), "category", (), ("'category'",)),
    columns={"category": "kind"},
)
add("an unknown name of ours", with_(), bad_option("unknown_column"), objects=True, columns={"customer": "customer_id"})
add("customer_id is needed", with_(), bad_option("missing_column"), objects=True, columns={"customer_id": None})
for _odd in (["amount"], "amount", 5, {"amount"}):
    add(f"columns={_odd!r}", with_(), bad_option(), objects=True, columns=_odd)
add(
    "without dates",
    {"customer_id": TEXT_IDS, "amount": AMOUNTS},
    some(value=[61209, 5126, 815992], purchases=[1, 1, 2], recency=[NAN] * 3, purchase_days=None, period_values=None),
    columns={"date": None},
)
add(
    "without amounts",
    {"customer_id": TEXT_IDS, "date": STAMPS},
    some(value=None, amount=None, purchases=[1, 1, 2], recency=[11.0, 52.0, 22.0], money_in=0),
    columns={"amount": None},
)
add(
    "with ids alone",
    {"customer_id": TEXT_IDS},
    some(value=None, purchases=[1, 1, 2]),
    columns={"date": None, "amount": None},
)
add(
    "one row",
    {"customer_id": [7], "date": [DAYS[0]], "amount": [19.99]},
    some(customer_ids=[7], value=[1999], purchases=[1], regularity=[NAN], mean_gap=[NAN]),
    objects=True,
)

NOBODY = some(customer_ids=[], value=[], purchases=[], recency=[], read=0, used=0, set_aside=(), money_in=0)
NO_COLUMNS = Bad(MissingColumnError, ("missing_column",), "customer_id", (), ("must have a column",))
add("no rows", {"customer_id": np.empty(0, np.int64), "date": np.empty(0, "M8[us]"), "amount": np.empty(0)}, NOBODY)
add(
    "no rows of text",
    {
        "customer_id": per(
            pandas=pd.Series([], dtype="str"), polars=pl.Series([], dtype=pl.String), pyarrow=pa.array([], pa.string())
        ),
        "date": np.empty(0, "M8[us]"),
        "amount": np.empty(0),
    },
    NOBODY,
)
add(
    "no rows of categories",
    {
        "customer_id": per(
            pandas=pd.Categorical([], categories=["Turing-9"]),
            polars=pl.Series([], dtype=pl.Enum(["Turing-9"])),
            pyarrow=pa.array([], pa.dictionary(pa.int8(), pa.string())),
        ),
        "date": np.empty(0, "M8[us]"),
        "amount": np.empty(0),
    },
    NOBODY,
)
add(
    "no rows and no types",
    {"customer_id": [], "date": [], "amount": [], "category": [], "order_id": [], "discount": []},
    NOBODY,
    objects=True,
)
add_made(
    "no rows, columns named",
    NOBODY,
    {},
    pandas=lambda: pd.DataFrame(columns=list(BASE)),
    polars=lambda: pl.DataFrame(schema=list(BASE)),
    pyarrow=lambda: pa.table({name: pa.chunked_array([], pa.null()) for name in BASE}),
)
add_made(
    "no rows and no columns",
    Per(dict.fromkeys(EAGER, NO_COLUMNS) | {"objects": NOBODY}),
    {},
    pandas=pd.DataFrame,
    polars=pl.DataFrame,
    pyarrow=lambda: pa.table({}),
    objects=list,
)

add_made("a shuffled index with repeats", good(), {}, pandas=lambda: pd.DataFrame(BASE, index=[9, 3, 9, -1]))
add_made(
    "a MultiIndex",
    good(),
    {},
    pandas=lambda: pd.DataFrame(BASE, index=pd.MultiIndex.from_tuples([(1, "a"), (1, "b"), (0, "a"), (0, "b")])),
)
add_made(
    "an index named as a column",
    good(),
    {},
    pandas=lambda: pd.DataFrame(BASE, index=pd.Index([1, 2, 3, 4], name="amount")),
)
add_made(
    "MultiIndex columns", bad_option("column_names"), {}, pandas=lambda: pd.concat({"Zuse": pd.DataFrame(BASE)}, axis=1)
)
add_made(
    "numbers as names",
    bad_option("column_names", "missing_column"),
    {},
    pandas=lambda: pd.DataFrame(dict(enumerate(BASE.values()))),
)


def _twice(name: str) -> dict[str, Callable[[], Any]]:
    names = [*BASE, name]
    values = [*BASE.values(), BASE.get(name, AMOUNTS)]
    if name not in BASE:
        names, values = [*names, name], [*values, AMOUNTS]
    return {
        "pandas": lambda: pd.concat([pd.Series(one, name=own) for own, one in zip(names, values, strict=True)], axis=1),
        "pyarrow": lambda: pa.Table.from_arrays([pa.array(one) for one in values], names=names),
    }


for _name in BASE:
    add_made(
        f"two columns called {_name}",
        Bad(InvalidInputError, ("duplicate_column",), None, (), ("must be unique",)),
        {},
        **_twice(_name),
    )


def _with_attrs() -> pd.DataFrame:
    data = pd.DataFrame(BASE)
    data.attrs["source"] = {"who": ["Zuse-4711"]}
    return data


def _read_only() -> pd.DataFrame:
    columns = {
        "customer_id": np.array(INT_IDS),
        "date": np.array(STAMPS, "M8[us]"),
        "amount": np.array(AMOUNTS),
        "order_id": np.array([1, 1, 2, 3]),
        "discount": np.array([0.0, 1.0, 0.0, NAN]),
    }
    for values in columns.values():
        values.flags.writeable = False
    return pd.DataFrame(columns, copy=False)


class OwnDate(dt.date):
    """A host's own kind of date."""


class OwnFrame(pd.DataFrame):
    """A host's own subclass."""


add_made("a frame with attrs", good(), {}, pandas=_with_attrs)
add_made("read-only arrays", INTS, {}, pandas=_read_only)
add_made("a subclass", good(), {}, pandas=lambda: OwnFrame(BASE))
add_made(
    "a frame in narwhals",
    good(),
    {},
    pandas=lambda: nw.from_native(pd.DataFrame(BASE)),
    polars=lambda: nw.from_native(pl.DataFrame(BASE)),
)
add_made(
    "a slice",
    good(),
    {},
    polars=lambda: pl.DataFrame({name: [values[0], *values] for name, values in BASE.items()}).slice(1),
    pyarrow=lambda: pa.table({name: [values[0], *values] for name, values in BASE.items()}).slice(1),
    pandas=lambda: pd.DataFrame({name: [values[0], *values] for name, values in BASE.items()}).iloc[1:],
)
add_made("a generator", good(), {}, objects=lambda: iter(frame("objects", BASE)))
add_made("a set", good(), {}, objects=lambda: set(frame("objects", BASE)))

NOT_A_TABLE: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "text": lambda: "Zuse-4711",
    "bytes": lambda: b"Zuse-4711",
    "a number": lambda: 7319.37,
    "a mapping": lambda: BASE,
    "a class": lambda: pd.DataFrame,
    "one transaction": lambda: frame("objects", BASE)[0],
    "mappings": lambda: [dict(zip(BASE, row, strict=True)) for row in zip(*BASE.values(), strict=True)],
    "tuples": lambda: list(zip(*BASE.values(), strict=True)),
    "a generator of numbers": lambda: iter(AMOUNTS),
    "a pandas Series": lambda: pd.Series(AMOUNTS),
    "an empty pandas Series": lambda: pd.Series([], dtype=float),
    "a Polars Series": lambda: pl.Series(AMOUNTS),
    "an empty Polars Series": lambda: pl.Series([], dtype=pl.Float64),
    "an Arrow array": lambda: pa.array(AMOUNTS),
    "an empty Arrow array": lambda: pa.chunked_array([], pa.int64()),
    "an Arrow batch": lambda: pa.table(BASE).to_batches()[0],
    "an array": lambda: np.array(AMOUNTS),
    "an array of two dimensions": lambda: np.array([AMOUNTS]),
    "an array of none": lambda: np.array(7319.37),
    "an empty array": lambda: np.empty(0),
}
for _name, _make in NOT_A_TABLE.items():
    add_made(
        f"{_name} instead of a table",
        Bad(InvalidInputError, ("not_a_table",), None, None, ("must be a", "Transaction")),
        {},
        objects=_make,
    )
add_made(
    "a number among transactions",
    Bad(InvalidInputError, ("not_a_table",), None, (1, 3), ("must be a Transaction", "2 of 4 are not", "position 1")),
    {},
    objects=lambda: [one if i in {0, 2} else AMOUNTS[i] for i, one in enumerate(frame("objects", BASE))],
)

# --- options of summarize ---------------------------------------------------------------

for _odd in (
    "today",
    "now",
    "2011",
    "2011-03",
    "31.3.2011",
    "2011-02-30",
    "",
    "NaT",
    "Zuse-4711",
    None,
    15064,
    15064.0,
    True,
    NAN,
    pd.NaT,
    pd.NA,
    dt.time(10),
    [AS_OF],
    b"2011-03-31",
    np.datetime64("NaT"),
    np.datetime64("2011-03"),
    np.datetime64("2011-03-31", "W"),
    np.datetime64("20000-01-01"),
    np.datetime64("0000-12-31"),
    np.datetime64("2011"),
    pd.Period("2011-03"),
    Decimal(2011),
):
    add(f"as_of={_odd!r} is no day", with_(), bad_option("not_a_day"), as_of=_odd)
    if _odd is not None:
        add(f"since={_odd!r} is no day", with_(), bad_option("not_a_day"), since=_odd)
for _day in (
    "2011-03-31",
    "2011-03-31T23:59",
    dt.date(2011, 3, 31),
    OwnDate(2011, 3, 31),
    dt.datetime(2011, 3, 31, 23, 59),
    np.datetime64("2011-03-31"),
    np.datetime64("2011-03-31T23:59"),
    np.datetime64("2011-03-31T23:59:59.999999999"),
    pd.Timestamp("2011-03-31 23:59"),
    np.str_("2011-03-31"),
):
    add(f"as_of={_day!r}", with_(), good(), as_of=_day)
for _day in (
    "2011-03-31T23:59+01:00",
    "2011-03-31T23:59Z",
    dt.datetime(2011, 3, 31, 23, 59, tzinfo=dt.UTC),
    pd.Timestamp("2011-03-31 23:59", tz="UTC"),
):
    add(
        f"as_of={_day!r} without tz",
        with_(date=DAYS),
        Bad(InvalidInputError, ("time_zone", "not_a_day"), "*"),
        as_of=_day,
    )
add(
    "as_of in a zone",
    with_(date=_AWARE),
    good(recency=[12.0, 52.0, 23.0], period_values=[[0, 0, 61209], [0, 5126, 0], [731937, 0, 84055]]),
    as_of=dt.datetime(2011, 3, 31, 22, 30, tzinfo=dt.UTC),
    tz="Europe/Prague",
)
add(
    "as_of at the end of the calendar in a zone",
    with_(date=_AWARE),
    bad_option("not_a_day"),
    as_of=dt.datetime.max.replace(tzinfo=dt.UTC),
    tz="Asia/Tokyo",
)
for _odd in (-1, 7, 2.5, 2.0, True, np.True_, "2", None, NAN, Decimal(2), [2]):
    add(f"minor_units={_odd!r}", with_(), bad_option(), objects=True, minor_units=_odd)
add("minor_units of numpy", with_(), good(minor_units=2), minor_units=np.int64(2))
for _odd in ("Raise", "reprot", "", None, True, ["raise"], {}):
    add(f"on_bad_rows={_odd!r}", with_(), bad_option(), objects=True, on_bad_rows=_odd)
for _odd in ("day", "Month", "", 1, True, ["month"], {}):
    add(f"period={_odd!r}", with_(), bad_option(), objects=True, period=_odd)

# fmt: on


# --- what is checked of every case -----------------------------------------------------


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Let nothing be warned of or printed."""
    out = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        warnings.simplefilter("error")
        yield
    must(not out.getvalue(), "nothing is printed")


def snapshot(data: Any) -> object:
    """Give all that an input holds, down to its index, types and attrs."""
    if isinstance(data, nw.DataFrame | nw.LazyFrame):
        data = data.to_native()
    if isinstance(data, Iterator):
        return None
    if isinstance(data, pd.DataFrame):
        cells = [data.iloc[:, i].tolist() for i in range(data.shape[1])]
        frame_of = [data.columns.tolist(), data.dtypes.tolist(), data.index, data.attrs]
        return repr([cells, frame_of, data.index.names, data.columns.names])
    try:
        return pickle.dumps(data)
    except Exception:  # noqa: BLE001  # Polars cannot write columns of objects
        return repr(data.to_dict(as_series=False))


def attempt(call: Callable[[], Any]) -> Any:
    """Give the result, or the library's own error; any other error is a fault."""
    with silence():
        try:
            return call()
        except CustomerIdentificationError as error:
            return error


def check(case: Case, kind: str) -> None:
    options = {"as_of": AS_OF, **case.options}
    data = case.make(kind)
    before = snapshot(data)
    summary = attempt(lambda: summarize(data, **options))
    same(snapshot(data), before, "the input is not changed")
    data = case.make(kind)
    found = attempt(lambda: identify(data, **options))
    wanted = case.outcome(kind)
    if isinstance(wanted, Bad):
        for error in (summary, found):
            check_error(error, wanted)
        same(str(found), str(summary), "identify says what summarize says")
    else:
        for result in (summary, found):
            if isinstance(result, Exception):
                raise result
        check_numbers(summary, wanted.numbers)
        with silence():
            check_promises(summary, found, kind)


def check_error(error: Any, wanted: Bad) -> None:
    must(isinstance(error, wanted.error), f"{wanted.error.__name__}, not {error!r}")
    if wanted.column != "*":
        same(type(error), wanted.error, "the type of the error")
        same(error.column, wanted.column, "the column")
    must(error.code in wanted.codes, f"the code {error.code} is one of {wanted.codes}")
    if wanted.positions is None:
        must(error.positions in {(), (0, 1, 2, 3)}, "every row, or the column")
    else:
        same(error.positions, wanted.positions, "the positions")
    for words in wanted.says:
        must(words in str(error), f"{words!r} is in {str(error)!r}")
    check_secrecy(error)


def check_secrecy(error: CustomerIdentificationError) -> None:
    stored = pickle.dumps(error)
    forms = [str(error), repr(error), repr(vars(error)), repr(error.args), repr(stored)]
    forms += traceback.TracebackException.from_exception(error).format_exception_only()
    if error.__cause__ is not None or not error.__suppress_context__:
        forms += [repr(error.__cause__), repr(error.__context__)]
    for secret in SECRETS:
        must(not any(secret in form for form in forms), "an error keeps a secret")
    copied = pickle.loads(stored)  # noqa: S301
    for name in ("args", "code", "column", "positions"):
        same(getattr(copied, name), getattr(error, name), f"{name} after a pickle")
    same(type(copied), type(error), "the type after a pickle")


_OF_REPORT = {one.name for one in attrs.fields(DataReport)} | {
    "unidentified",
    "unidentified_value",
}


def plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def check_numbers(summary: ci.Summary, numbers: Mapping[str, Any]) -> None:
    for name, wanted in numbers.items():
        source = summary.report if name in _OF_REPORT else summary
        same(plain(getattr(source, name)), wanted, name)


def check_promises(summary: ci.Summary, found: ci.Identification, kind: str) -> None:
    report, ids, n = summary.report, summary.customer_ids.tolist(), len(summary)
    same(
        report.read, report.used + sum(rows for _, rows, _ in report.set_aside), "rows"
    )
    if summary.value is not None:
        same(sum(summary.value.tolist()), report.money_used, "money")
    must(f"{report.read:,} rows" in str(report), "the line of conservation")
    same(ids, sorted(set(ids)), "ids are sorted and distinct")
    must(len({type(one) for one in ids} - {int}) == 0 or {type(one) for one in ids} == {str}, "ids are ints or text")  # fmt: skip
    same([summary.position(one) for one in ids], list(range(n)), "every id is found")
    must(found.summary == summary, "identify sees what summarize sees")
    for name, counts in found.counts().items():
        same(sum(counts.values()), n, f"everybody has a class of {name}")
    for one in ids[:3]:
        must(found.explain(one), "an explanation")
    for table in (summary.to_frame(), found.to_frame()):
        must(isinstance(table, FRAMES.get(kind, pd.DataFrame)), "the host's own frame")
        same(len(table), n, "one row a customer")


RUNS = [(case, kind) for case in CASES for kind in case.kinds]


@pytest.mark.parametrize(
    ("case", "kind"), RUNS, ids=[f"{case.name}-{kind}" for case, kind in RUNS]
)
def test_input_works_or_is_refused_by_us(case: Case, kind: str) -> None:
    check(case, kind)


def test_the_table_is_large() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


# --- options of classifiers, programs and results -----------------------------------------


def small(**changes: Any) -> ci.Summary:
    return summarize(pd.DataFrame(with_(**changes)), as_of=AS_OF)


def of_numbers() -> ci.Summary:
    return small(customer_id=INT_IDS)


def nobody() -> ci.Summary:
    return summarize([], as_of=AS_OF)


STEADY = IdentificationProgram(stability=StabilityPolicy())
A_DAY, NEXT_DAY = DAYS[0], DAYS[1]


def override(**changes: Any) -> Override:
    return Override(**{"customer_id": "Zuse-4711", "label": "A", "reason": "Turing", "since": A_DAY, "until": dt.date(2012, 1, 1), **changes})  # fmt: skip


def number_options(
    make: Callable[..., Any], *names: str
) -> dict[str, Callable[[], Any]]:
    """What no number of an option may be."""
    return {
        f"{make.__name__}({name}={odd!r})": lambda name=name, odd=odd: make(**{name: odd})
        for name in names
        for odd in ("7319.37", None, NAN, -1, [1], True)
        if not (make is AttitudeLoyaltyClassifier and (odd is None or (odd == -1 and name == "attitude")))
    }  # fmt: skip


OPTIONS: dict[str, Callable[[], Any]] = {
    **{
        f"{kind}={odd!r:.60}": lambda kind=kind, odd=odd: ABCClassifier(**{kind: odd})
        for kind in ("value_shares", "customer_shares")
        for odd in (
            (0.95, 0.8), (0.8, 0.8), (0.5, 1.0), (80, 95), (0, 0.5), (-0.1, 0.5), (NAN, 0.9),
            (0.5, INF), ("0.8", "0.95"), "80", 0.8, (), (None,), (10**400,), (0.5, True), {"a": 1},
        )
    },
    **{
        f"thresholds={odd!r:.60}": lambda odd=odd: ABCClassifier(thresholds=odd)
        for odd in (
            (500, 1000), (500, 500), (500, -1), (500, 0), (NAN,), (INF,), ("500", "100"), "500",
            500, (), (None,), (True,), (Decimal("NaN"),), (Decimal("sNaN"),), (1j,),
        )
    },
    "two kinds of limit": lambda: ABCClassifier(value_shares=(0.8,), thresholds=(500,)),
    "computed, and a limit": lambda: ABCClassifier(customer_shares=(0.05,), computed=True),
    "computed=no": lambda: ABCClassifier(computed="no"),
    "too few classes": lambda: ABCClassifier(classes=("gold", "iron")),
    "a class twice": lambda: ABCClassifier(classes=("gold", "gold", "iron")),
    "classes=5": lambda: ABCClassifier(classes=5),
    "classes of numbers": lambda: ABCClassifier(classes=(1, 2, 3)),
    "a class called none": lambda: ABCClassifier(classes=("gold", "none", "iron")),
    "a class called unknown": lambda: ABCClassifier(classes=("unknown", "b", "c")),
    "a class called apart": lambda: IdentificationProgram(classifiers={"loyalty": LoyaltyClassifier(), "value": ABCClassifier(classes=("apart", "b", "c"))}).fit(small()).identify(small()),
    "200 classes": lambda: ABCClassifier(
        value_shares=[i / 200 for i in range(1, 200)], classes=[f"c{i}" for i in range(200)]
    ),
    **number_options(ValueTrajectoryClassifier, "most", "considerable", "significance", "dormant_after", "min_periods", "min_purchase_days", "min_slope", "overdue"),
    "most above considerable": lambda: ValueTrajectoryClassifier(most=0.6),
    "significance=1": lambda: ValueTrajectoryClassifier(significance=1),
    "overdue below 1": lambda: ValueTrajectoryClassifier(overdue=0.5),
    "endless min_periods": lambda: ValueTrajectoryClassifier(min_periods=INF),
    **number_options(LoyaltyClassifier, "limit", "min_purchase_days"),
    **number_options(LoyaltyWeights, "price", "regularity", "pace", "breadth", "tenure"),
    "endless weight": lambda: LoyaltyWeights(price=INF),
    "no weight": lambda: LoyaltyWeights(price=0, regularity=0, pace=0, breadth=0, tenure=0),
    "weights of a mapping": lambda: LoyaltyClassifier(weights={"price": 1.0}),
    "limit=1.5": lambda: LoyaltyClassifier(limit=1.5),
    **number_options(TermClassifier, "min_days"),
    **number_options(AttitudeLoyaltyClassifier, "attitude", "patronage"),
    "attitude=2": lambda: AttitudeLoyaltyClassifier(attitude=2),
    **number_options(StabilityPolicy, "hysteresis", "min_dwell"),
    "hysteresis=1": lambda: StabilityPolicy(hysteresis=1),
    "min_dwell of time": lambda: StabilityPolicy(min_dwell=dt.timedelta(3)),
    "a classifier without fit": lambda: IdentificationProgram(classifiers={"x": object()}, set_apart=None),
    "a classifier that is a class": lambda: IdentificationProgram(classifiers={"x": ABCClassifier}, set_apart=None),
    "classifiers in a list": lambda: IdentificationProgram(classifiers=[ABCClassifier()]),
    "classifiers=5": lambda: IdentificationProgram(classifiers=5),
    "no classifiers": lambda: IdentificationProgram(classifiers={}, set_apart=None),
    "set_apart of nobody": lambda: IdentificationProgram(set_apart=("nothing", "A")),
    "set_apart of no class": lambda: IdentificationProgram(set_apart=("loyalty", "A")).fit(small()),
    **{
        f"set_apart={odd!r}": lambda odd=odd: IdentificationProgram(set_apart=odd)
        for odd in ("loyalty", (), ("loyalty",), ("loyalty", "transactional", "x"), 5, [["loyalty"], "x"])
    },
    "stability of text": lambda: IdentificationProgram(stability="much"),
    "program of text": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF, program="Zuse"),
    "other decimals": lambda: STEADY.fit(small()).identify(summarize(pd.DataFrame(BASE), as_of=AS_OF, minor_units=3)),
    "other periods": lambda: STEADY.fit(small()).identify(summarize(pd.DataFrame(BASE), as_of=AS_OF, period="week")),
    "previous of other ids": lambda: STEADY.fit(small()).identify(small(), previous=STEADY.fit(of_numbers()).identify(of_numbers())),
    "previous is later": lambda: STEADY.fit(small()).identify(small(), previous=STEADY.fit(small()).identify(summarize(pd.DataFrame(BASE), as_of="2011-04-30"))),
    "previous is a summary": lambda: STEADY.fit(small()).identify(small(), previous=small()),
    "previous is a summary, nothing is held": lambda: IdentificationProgram().fit(small()).identify(small(), previous=small()),
    "compared with other ids": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF).compare(STEADY.fit(of_numbers()).identify(of_numbers())),
    "compared with a later one": lambda: STEADY.fit(small()).identify(small()).compare(identify(pd.DataFrame(BASE), as_of="2012-01-01")),
    "compared with other rules": lambda: STEADY.fit(small()).identify(small()).compare(IdentificationProgram(classifiers={"value": ABCClassifier()}, set_apart=None).fit(small()).identify(small())),
    "compared with a summary": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF).compare(small()),
    "subsidy by nothing": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF).subsidy("nothing"),
    "subsidy without amounts": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF, columns={"amount": None}).subsidy(),
    "stars without a trajectory": lambda: IdentificationProgram(classifiers={"value": ABCClassifier()}, set_apart=None).fit(small()).identify(small()).stars(),
    "no such class": lambda: identify(pd.DataFrame(BASE), as_of=AS_OF).classes["value"].where("Z"),
    "periods of none": lambda: summarize(pd.DataFrame(BASE), as_of=AS_OF, period=None).periods_to_frame(),
    "override without reason": lambda: override(reason="  "),
    "override of a reason that is no text": lambda: override(reason=5),
    "override that ends first": lambda: override(until=dt.date(2010, 1, 1)),
    "override until text": lambda: override(until="2012-01-01"),
    "override until a stamp": lambda: override(until=dt.datetime(2012, 1, 1)),
    "override of a list": lambda: override(customer_id=["Zuse-4711"]),
    "override of no rule": lambda: STEADY.fit(small()).identify(small(), overrides={"nothing": [override()]}),
    "override of no class": lambda: STEADY.fit(small()).identify(small(), overrides={"value": [override(label="Z")]}),
    "two overrides at once": lambda: STEADY.fit(small()).identify(small(), overrides={"value": [override(), override(label="B")]}),
    "overrides in a list": lambda: STEADY.fit(small()).identify(small(), overrides=[override()]),
    "overrides of text": lambda: STEADY.fit(small()).identify(small(), overrides={"value": ["Zuse-4711"]}),
    **{
        f"attitude of {odd!r}": lambda odd=odd: small().with_attitudes({"Zuse-4711": odd})
        for odd in (2, -1.5, INF, "7319.37", [1])
    },
    "attitudes in a list": lambda: small().with_attitudes([("Zuse-4711", 1)]),
    **{
        f"take({odd!r})": lambda odd=odd: small().take(odd)
        for odd in ([1, 0], [0, 0], [7], [-9], [True], ["Zuse-4711"], [0.5], [[0, 1]], None)
    },
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_options_that_cannot_be_right_are_refused(name: str) -> None:
    error = attempt(OPTIONS[name])
    must(isinstance(error, InvalidInputError), f"an error of ours, not {error!r}")
    must(
        any(word in str(error) for word in ("must", "need", "give", "with")),
        "it says what must hold",
    )
    check_secrecy(error)


@pytest.mark.parametrize(
    "limits",
    [(np.int64(1000), np.float64(100)), (Decimal(1000), 100), [1000, 100]],
    ids=["numpy", "Decimal", "list"],
)
def test_limits_may_be_numbers_of_any_make(limits: Any) -> None:
    classes = ABCClassifier(thresholds=limits).fit(small()).classify(small())
    assert classes.counts() == {"A": 1, "B": 1, "C": 1, "none": 0, "unknown": 0}


def test_limits_nobody_can_reach_leave_everybody_below() -> None:
    classes = ABCClassifier(thresholds=(1e300, 100)).fit(small()).classify(small())
    assert classes.counts() == {"A": 0, "B": 2, "C": 1, "none": 0, "unknown": 0}
    assert str(classes["Zuse-4711"]).startswith("B")


UNKNOWN = ["Turing-9", "", "zuse-4711", 5, 2**70, -1, True, None, NAN, ["Zuse-4711"], b"Zuse-4711", STAMPS[0]]  # fmt: skip


@pytest.mark.parametrize("customer_id", UNKNOWN, ids=repr)
@pytest.mark.parametrize("ids", ["text", "ints", "none"])
def test_strangers_are_unknown_and_not_repeated(ids: str, customer_id: object) -> None:
    summary = {"text": small, "ints": of_numbers, "none": nobody}[ids]()
    found = IdentificationProgram().fit(summary).identify(summary)
    calls: list[Callable[[Any], Any]] = [
        summary.position,
        found.profile,
        found.explain,
        found.classes["value"].__getitem__,
        found.classes["value"].label_of,
    ]
    for call in calls:
        error = attempt(lambda call=call: call(customer_id))
        must(type(error) is UnknownCustomerError, f"unknown, not {error!r}")
        same(error.code, "unknown_customer", "the code")
        check_secrecy(error)


@pytest.mark.parametrize(
    "number", [880173, 880173.0, np.int32(880173), np.float64(880173)], ids=repr
)
def test_a_number_is_found_whatever_its_make(number: float) -> None:
    assert of_numbers().position(number) == 2


# --- what no table can say ----------------------------------------------------------------


@pytest.mark.parametrize("kind", EAGER)
def test_money_of_nobody_is_counted_or_refused_but_never_wraps(kind: str) -> None:
    n = 1100  # times 2**53 is beyond int64
    rows = {
        "customer_id": [None] * n + ["Zuse-4711"],
        "date": [STAMPS[0]] * (n + 1),
        "amount": [2**53] * n + [1],
    }
    found = attempt(lambda: summarize(frame(kind, rows), as_of=AS_OF, minor_units=0))
    if isinstance(found, Exception):
        check_error(found, Bad(InvalidInputError, ("too_large",), "*"))
    else:
        same(found.report.money_in, n * 2**53 + 1, "money in")
        same(found.report.unidentified_value, n * 2**53, "money of nobody")


def test_amounts_do_not_depend_on_the_host_s_decimal_context() -> None:
    rows = with_(amount=[Decimal(str(one)) for one in AMOUNTS])
    with localcontext(prec=2) as context:
        context.clear_traps()
        check_numbers(summarize(pd.DataFrame(rows), as_of=AS_OF), NUMBERS)


def test_a_summary_of_no_rows_has_the_types_of_any_other() -> None:
    inputs: list[Any] = [pd.DataFrame(columns=list(BASE)), []]
    for data in inputs:
        empty = summarize(data, as_of=AS_OF)
        assert empty.customer_ids.dtype in {np.dtype(np.int64), np.dtype(object)}
        assert empty.value is not None
        assert empty.value.dtype == np.int64
        assert empty.report.conservation.startswith(
            "0 rows, 0 used, 0 set aside; 0.00 in"
        )


def test_the_frame_shares_nothing_with_the_result() -> None:
    data = pd.DataFrame(with_(customer_id=INT_IDS))
    summary = summarize(data, as_of=AS_OF)
    before = pickle.dumps(summary)
    shown = summary.to_frame()
    data.loc[:, "amount"] = 0.0
    data.loc[:, "customer_id"] = 1
    shown.loc[:, "customer_id"] = 1
    assert pickle.dumps(summary) == before


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "a\0", "", " ", None, "\u00e9"]),
        st.sampled_from([None, *STAMPS, dt.datetime(2010, 12, 31), dt.datetime(2011, 4, 1)]),
        st.sampled_from([None, NAN, INF, -INF, 0.0, -0.0])
        | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
    ),
    max_size=12,
)  # fmt: skip


def by_hand(rows: list[tuple[Any, Any, Any]]) -> dict[str, Any]:
    """Summarize in plain Python, as slowly and simply as can be."""
    aside: dict[str, list[int]] = {}
    value: dict[str, int] = {}
    days: dict[str, set[dt.date]] = {}
    total = 0
    for who, when, amount in rows:
        known = amount is not None and math.isfinite(amount)
        cents = round(amount * 100) if known else 0
        total += cents
        reasons = {
            "no customer id": who is None or not who.strip(),
            "no date": when is None,
            "no amount": amount is None or math.isnan(amount),
            "amount not finite": not known,
            "before since": when is not None and when.date() < dt.date(2011, 1, 1),
            "after as_of": when is not None and when.date() > dt.date(2011, 3, 31),
        }
        why = next((reason for reason, holds in reasons.items() if holds), None)
        if why is not None:
            aside.setdefault(why, []).append(cents)
            continue
        value[who] = value.get(who, 0) + cents
        days.setdefault(who, set()).update({when.date()} if cents >= 0 else ())
    ids = sorted(value)
    return {
        "customer_ids": ids,
        "value": [value[who] for who in ids],
        "purchases": [len(days[who]) for who in ids],
        "money_in": total,
        "set_aside": tuple(
            (why, len(aside[why]), sum(aside[why]))
            for why in (
                "no customer id", "no date", "no amount", "amount not finite",
                "before since", "after as_of",
            )
            if why in aside
        ),
    }  # fmt: skip


@settings(max_examples=60)
@given(rows=_ROWS)
def test_every_kind_of_frame_gives_what_plain_python_gives(
    rows: list[tuple[Any, Any, Any]],
) -> None:
    who, when, amount = ([row[i] for row in rows] for i in range(3))
    frames = {
        "pandas": pd.DataFrame(
            {
                "customer_id": pd.Series(who, dtype="str"),
                "date": pd.Series(when, dtype="M8[us]"),
                "amount": pd.Series(amount, dtype="float64"),
            }
        ),
        "polars": pl.DataFrame(
            {"customer_id": who, "date": when, "amount": amount},
            schema={
                "customer_id": pl.String,
                "date": pl.Datetime,
                "amount": pl.Float64,
            },
        ),
        "pyarrow": pa.table(
            {
                "customer_id": pa.array(who, pa.string()),
                "date": pa.array(when, pa.timestamp("us")),
                "amount": pa.array(amount, pa.float64()),
            }
        ),
    }
    wanted = by_hand(rows)
    for data in frames.values():
        with silence():
            summary = summarize(
                data, as_of=AS_OF, since="2011-01-01", on_bad_rows="report"
            )
        check_numbers(summary, wanted)


# --- in a process of its own ----------------------------------------------------------------


def run_alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([os.path.dirname(__file__), *filter(None, sys.path)])  # noqa: PTH120
    return subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def check_everything() -> None:
    """Run every line of both tables, without pytest."""
    faults = []
    for case, kind in RUNS:
        try:
            check(case, kind)
        except Exception as error:  # noqa: BLE001
            faults.append(f"{case.name}-{kind}: {error!r}")
    for name, call in OPTIONS.items():
        try:
            must(isinstance(attempt(call), InvalidInputError), "an error of ours")
        except Exception as error:  # noqa: BLE001
            faults.append(f"{name}: {error!r}")
    if faults:
        raise SystemExit("\n".join(faults))


def test_the_table_holds_under_python_o() -> None:
    code = "import test_bad_input as t; assert not t.RUNS; t.check_everything()"
    done = run_alone("-O", "-c", code)
    assert done.returncode == 0, done.stderr[-4000:]
    assert not done.stdout


_SENTINEL = """
import resource, datetime as dt
import pandas as pd
from customer_identification import InvalidInputError, identify
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
rows = {"customer_id": [1, 1, 2], "amount": [1.0, 2.0, 3.0]}
days = {"sentinel": [dt.datetime(1, 1, 1)] + [dt.datetime(2011, 1, 5)] * 2,
        "horizon": [dt.datetime(2011, 1, 5)] * 3}
for name, last in (("sentinel", "2011-03-31"), ("horizon", "9999-12-31")):
    try:
        found = identify(pd.DataFrame({**rows, "date": days[name]}), as_of=last)
        print(found.counts()["value"], found.explain(1)[:0])
    except InvalidInputError as error:
        assert error.code in {"too_large", "out_of_range"}, error
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
def test_one_date_far_away_takes_no_more_than_its_share_of_memory() -> None:
    done = run_alone("-c", _SENTINEL)
    assert done.returncode == 0, done.stderr[-2000:]


def test_deep_copies_are_equal_and_independent() -> None:
    summary = small()
    assert copy.deepcopy(summary) == summary


if __name__ == "__main__":
    check_everything()
