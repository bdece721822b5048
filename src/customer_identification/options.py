"""Options checked the same way everywhere, with the same words."""

from __future__ import annotations

import math
from decimal import Decimal
from operator import index
from typing import Any

import numpy as np
from attrs import field

from customer_identification.errors import InvalidInputError


__all__ = [
    "an_instance",
    "bad_rows_policy",
    "float_field",
    "generator",
    "number",
    "number_field",
    "share_field",
    "shares",
    "whole",
    "whole_field",
    "words",
]


def _bad(message: str) -> InvalidInputError:
    return InvalidInputError(message, code="bad_option")


def number(name: str, value: Any, low: float, high: float = math.inf) -> float:
    """Give a finite number between two limits, both included, as a float.

    Raises
    ------
    InvalidInputError
        If it is none, or lies outside.

    Examples
    --------
    >>> number("limit", 1, 0)
    1.0
    """
    is_number = isinstance(value, (int, float, Decimal, np.integer, np.floating))
    if is_number and not isinstance(value, bool):
        try:
            if low <= float(value) <= high and math.isfinite(value):
                return float(value)
        except (ValueError, OverflowError):  # a signalling nan; an endless int
            pass
    most = "" if high == math.inf else f" and at most {high:g}"
    raise _bad(f"{name} must be a number, at least {low:g}{most}")


def whole(name: str, value: Any, low: int, high: int = 2**31) -> int:
    """Give a whole number between two limits, both included, as an int.

    Raises
    ------
    InvalidInputError
        If it is none, or lies outside.

    Examples
    --------
    >>> whole("min_days", 180, 1)
    180
    """
    try:
        if not isinstance(value, bool) and low <= index(value) <= high:
            return index(value)
    except TypeError:
        pass
    most = "" if high == 2**31 else f" and at most {high}"
    raise _bad(f"{name} must be a whole number, at least {low}{most}")


def shares(name: str, values: Any) -> tuple[float, ...]:
    """Give shares as a tuple if they rise between 0 and 1.

    Raises
    ------
    InvalidInputError
        If they do not, or there are none.

    Examples
    --------
    >>> shares("value_shares", [0.8, 0.95])
    (0.8, 0.95)
    """
    try:
        given = [number(name, value, 0, 1) for value in values]
    except (TypeError, InvalidInputError):
        given = []
    pairs = zip([0.0, *given], [*given, 1.0], strict=True)
    if not given or not all(low < high for low, high in pairs):
        raise _bad(f"{name} must be numbers that rise between 0 and 1")
    return tuple(given)


def number_field(default: Any, low: float, high: float = math.inf) -> Any:
    """Declare a field that holds a :func:`number`."""
    return field(
        default=default, validator=lambda _, a, v: number(a.name, v, low, high)
    )


def float_field(name: str, default: float, low: float, high: float = math.inf) -> Any:
    """Declare a field that holds a :func:`number` of any make, as a float."""
    return field(
        default=default, converter=lambda value: number(name, value, low, high)
    )


def whole_field(default: int, low: int) -> Any:
    """Declare a field that holds a :func:`whole` number."""
    return field(default=default, validator=lambda _, a, v: whole(a.name, v, low))


def share_field(default: float) -> Any:
    """Declare a field that holds one share between 0 and 1."""
    return field(default=default, validator=lambda _, a, v: shares(a.name, (v,)))


def an_instance(name: str, value: Any, kind: type, *, or_none: bool = False) -> Any:
    """Give the value if it is of a class, or None where that is allowed.

    Raises
    ------
    InvalidInputError
        If it is not.
    """
    if isinstance(value, kind) or (or_none and value is None):
        return value
    raise _bad(f"{name} must be of class {kind.__name__}{' or None' * or_none}")


def bad_rows_policy(value: object) -> str:
    """Give what becomes of rows that cannot be used: ``"raise"`` or ``"report"``.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if value in ("raise", "report"):
        return str(value)
    raise _bad('on_bad_rows must be "raise" or "report"')


def generator(rng: object) -> np.random.Generator:
    """Give a generator of random numbers for one, or for a seed.

    Raises
    ------
    InvalidInputError
        If it is neither a Generator nor a whole number from 0.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return np.random.Generator(np.random.PCG64(int(rng)))
    raise InvalidInputError(
        "rng must be a numpy Generator or a whole number, at least 0", code="bad_rng"
    )


def words(name: str, values: Any) -> tuple[str, ...]:
    """Give a list of texts as a tuple.

    Raises
    ------
    InvalidInputError
        If it is none, or one of them is blank or no text.

    Examples
    --------
    >>> words("later", ["duration"])
    ('duration',)
    """
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(isinstance(one, str) and one.strip() for one in values):
        raise _bad(f"{name} must be a list of texts that are not blank")
    return tuple(values)
