"""What the readers share: nulls as masks, and faults told without data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.errors import (
    CustomerIdentificationError,
    EngineError,
    InvalidInputError,
)


__all__ = [
    "EXACT",
    "any_of",
    "either",
    "fault",
    "is_missing",
    "is_text",
    "plain",
    "reporting",
    "wrong_type",
]

# A float64 holds every whole number up to here (IEEE 754-2019, binary64).
EXACT = 2**53


def plain(
    column: Any, ours: str, rule: str
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Give the values as numpy, and where they are null; text becomes objects."""
    if isinstance(column, np.ndarray):
        return column, None
    import narwhals.stable.v2 as nw

    native = column.to_native()
    if _is_numpy_backed(native):  # a null is nan or NaT there, which readers look for
        values = native.to_numpy()
        if (
            values.dtype.kind != "f"
            or not np.isnan(values[0])
            or not np.isnan(values).all()
        ):
            return values, None
    dtype = column.dtype
    if isinstance(dtype, (nw.Decimal, nw.Object)):
        values = np.empty(len(column), dtype=object)
        values[:] = column.to_list()
        return values, None
    if column.null_count() == len(column):
        return np.full(len(column), None, dtype=object), None
    if dtype.is_nested() or isinstance(dtype, (nw.Int128, nw.UInt128, nw.Binary)):
        raise wrong_type(ours, rule, column)
    if column.null_count() == 0:
        return column.to_numpy(), None
    missing = column.is_null().to_numpy()
    if dtype.is_integer():
        column = column.fill_null(0)
    elif dtype == nw.Boolean:
        column = column.fill_null(value=False)
    return column.to_numpy(), missing


def _is_numpy_backed(native: Any) -> bool:
    dtype = getattr(native, "dtype", None)
    return isinstance(dtype, np.dtype) and dtype.kind != "O" and bool(len(native))


def either(
    one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    if one is None or other is None:
        return one if other is None else other
    return one | other


def any_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return mask if mask.any() else None


def is_missing(value: object) -> bool:
    """Tell None, pandas' NA and NaT, and nan, in a column of objects."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, (float, np.floating)) and math.isnan(value)


def fault(
    ours: str, rule: str, wrong: NDArray[np.intp], n_rows: int, code: str
) -> InvalidInputError:
    return InvalidInputError(
        f"{ours} must be {rule}; {wrong.size} of {n_rows} rows are not, "
        f"first at row {wrong[0]}",
        code=code,
        column=ours,
        positions=wrong[:5],
    )


def is_text(column: Any) -> bool:
    """Tell a column of text, plain or coded, from all others."""
    if isinstance(column, np.ndarray):
        return False
    import narwhals.stable.v2 as nw

    dtype = column.dtype  # made anew at every look
    return any(dtype == text for text in (nw.String, nw.Categorical, nw.Enum))


@contextmanager
def reporting(engine: str) -> Iterator[None]:
    """Turn what an engine raises into an error of ours, with its own behind it.

    Raises
    ------
    EngineError
        If anything but our own errors comes up.
    """
    try:
        yield
    except (CustomerIdentificationError, MemoryError):
        raise
    except ImportError as error:
        raise EngineError(
            f"frames of {engine} need a package that is not here: {error.name}",
            code="engine_missing",
        ) from error
    except Exception as error:
        raise EngineError(
            f"{engine} failed while it aggregated, with {type(error).__name__} (its own "
            "error stands above); the versions that work are in the documentation",
            code="engine_failed",
        ) from error


def wrong_type(ours: str, rule: str, column: Any) -> InvalidInputError:
    """Say what a whole column, or its type, must hold."""
    kind = str(getattr(column, "dtype", column)).split("(", 1)[0]  # the rest is data
    return InvalidInputError(
        f"{ours} must hold {rule}; the column holds {kind}",
        code="wrong_type",
        column=ours,
    )
