"""Amounts as whole minor units, and flags."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import blocks
from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import (
    EXACT,
    any_of,
    either,
    fault,
    is_missing,
    is_text,
    plain,
    wrong_type,
)


__all__ = ["Money", "read_flags", "read_money"]

_NUMBERS = "numbers"
_FLAGS = "numbers or True and False"
# Enough digits for any amount we accept, whatever the host's decimal context is.
_DECIMALS = Context(prec=60, rounding=ROUND_HALF_EVEN)
_DIGITS = 20  # more than any amount we accept has
# A float times 100 is off a whole number by less than this below 10**9 (2**-52 of it).
_OFF = 1e-6


@frozen(kw_only=True, repr=False)
class Money:
    """Amounts in whole minor units, 0 where there is none to read."""

    minor: NDArray[np.int64]
    missing: NDArray[np.bool_] | None
    infinite: NDArray[np.bool_] | None
    rounded: int


def read_money(column: Any, ours: str, minor_units: int) -> Money:
    """Read amounts as whole minor units, rounding each half to even.

    Raises
    ------
    InvalidInputError
        If the column holds no numbers, or one beyond 2**53 minor units.
    """
    if is_text(column) and column.null_count() < len(column):
        raise wrong_type(ours, _NUMBERS, column)
    values, missing = plain(column, ours, _NUMBERS)
    if values.dtype == object:
        return _money_of_objects(values, ours, minor_units)
    if values.dtype.kind not in "iuf":
        raise wrong_type(ours, _NUMBERS, column)
    scale = 10**minor_units
    if values.dtype.kind != "f":
        _refuse_large(values.astype(np.float64), EXACT / scale, ours)
        minor = values.astype(np.int64) * scale
        if missing is not None:
            minor[missing] = 0
        return Money(minor=minor, missing=missing, infinite=None, rounded=0)
    unknown = endless = None
    if not np.isfinite(values).all():
        unknown, endless = any_of(np.isnan(values)), any_of(np.isinf(values))
        values = np.where(np.isfinite(values), values, 0)
    minor = np.empty(values.size, dtype=np.int64)
    rounded = 0
    for rows in blocks(values.size):
        with np.errstate(over="ignore"):
            scaled = np.multiply(values[rows], scale, dtype=np.float64)
        if max(scaled.max(), -scaled.min()) > EXACT:
            _refuse_large(values.astype(np.float64), EXACT / scale, ours)
        minor[rows] = np.rint(scaled)
        scaled -= minor[rows]
        rounded += _count_parts(scaled, minor[rows])
    return Money(
        minor=minor,
        missing=either(missing, unknown),
        infinite=endless,
        rounded=rounded,
    )


def _count_parts(parts: NDArray[np.float64], minor: NDArray[np.int64]) -> int:
    """Count what lies off a whole number by more than float arithmetic explains."""
    at = np.flatnonzero(np.abs(parts, out=parts) > _OFF)
    return int(np.count_nonzero(parts[at] > np.abs(minor[at]) * 2.0**-51))


def _refuse_large(values: NDArray[np.float64], most: float, ours: str) -> None:
    """Raise if an amount is beyond what a float can count exactly."""
    wrong = np.flatnonzero(np.abs(values) > most)
    if wrong.size:
        raise _too_large(ours, wrong, values.size)


def _too_large(ours: str, wrong: NDArray[np.intp], n_rows: int) -> InvalidInputError:
    return fault(
        ours, "at most 2**53 minor units, to be exact", wrong, n_rows, "too_large"
    )


def _money_of_objects(values: NDArray[Any], ours: str, minor_units: int) -> Money:
    missing = np.fromiter(map(is_missing, values), np.bool_, len(values))
    numbers = np.fromiter(map(_is_number, values), np.bool_, len(values))
    wrong = np.flatnonzero(~(missing | numbers))
    if wrong.size:
        raise fault(ours, _NUMBERS, wrong, len(values), "wrong_type")
    minor = np.zeros(len(values), dtype=np.int64)
    infinite = np.zeros(len(values), dtype=np.bool_)
    rounded = 0
    too_large = []
    for row in np.flatnonzero(~missing):
        value = values[row]
        if isinstance(value, (float, np.floating, Decimal)) and _is_endless(value):
            infinite[row] = True
            continue
        whole, has_parts = _in_minor_units(value, minor_units)
        if abs(whole) > EXACT:
            too_large.append(row)
            continue
        minor[row] = whole
        rounded += has_parts
    if too_large:
        raise _too_large(ours, np.array(too_large), len(values))
    return Money(
        minor=minor, missing=any_of(missing), infinite=any_of(infinite), rounded=rounded
    )


def _is_endless(value: Any) -> bool:
    return value.is_infinite() if isinstance(value, Decimal) else math.isinf(value)


def _is_number(value: object) -> bool:
    return isinstance(
        value, (int, float, Decimal, np.integer, np.floating)
    ) and not isinstance(value, (bool, np.bool_))


def _in_minor_units(value: Any, minor_units: int) -> tuple[int, bool]:
    """Round to whole minor units, and tell whether there was anything to round.

    Decimals and ints are read exactly, and floats as they are in frames.
    """
    if isinstance(value, Decimal):
        if value.adjusted() > _DIGITS:
            return EXACT + 1, False
        scaled = value.scaleb(minor_units, _DECIMALS)
        whole = int(scaled.to_integral_value(context=_DECIMALS))
        return whole, scaled != whole
    scale = 10**minor_units
    if not isinstance(value, (float, np.floating)):
        return int(value) * scale, False
    product = float(value) * scale
    whole = round(product) if math.isfinite(product) else EXACT + 1
    off = abs(product - whole)
    return whole, off > max(_OFF, abs(whole) * 2.0**-51)


def read_flags(
    column: Any, ours: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Read a bool or a number as "above zero", with where it is null or below 0.

    Raises
    ------
    InvalidInputError
        If the column holds neither numbers nor True and False.
    """
    if is_text(column) and column.null_count() < len(column):
        raise wrong_type(ours, _FLAGS, column)
    values, missing = plain(column, ours, _FLAGS)
    if values.dtype == object:
        return _flags_of_objects(values, ours)
    if values.dtype.kind not in "biuf":
        raise wrong_type(ours, _FLAGS, column)
    if values.dtype.kind == "f":
        missing = either(missing, any_of(np.isnan(values)))
    return values > 0, missing, any_of(values < 0) if values.dtype.kind != "b" else None


def _flags_of_objects(
    values: NDArray[Any], ours: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    missing = np.fromiter(map(is_missing, values), np.bool_, len(values))
    rows = np.flatnonzero(~missing)
    odd = [
        not (_is_number(value) or isinstance(value, (bool, np.bool_)))
        for value in values[rows]
    ]
    if any(odd):
        raise fault(ours, _FLAGS, rows[odd], len(values), "wrong_type")
    flags, below = np.zeros((2, len(values)), dtype=np.bool_)
    flags[rows] = [bool(value > 0) for value in values[rows]]
    below[rows] = [bool(value < 0) for value in values[rows]]
    return flags, any_of(missing), any_of(below)
