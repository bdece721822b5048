"""What is at stake with every customer, and the bounds of what each may get."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, check_each, same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    is_by_id,
    read_column,
    read_ids,
    read_numbers_by_id,
    read_numbers_of,
)
from customer_identification.influence.parties import PartyValues
from customer_identification.options import an_instance, number
from customer_identification.summary import Summary


__all__ = [
    "MOST",
    "OFF",
    "Stakes",
    "check_ordered",
    "exact",
    "read_bound",
    "read_stakes",
]

# Units are counted exactly in floats as far as this (IEEE 754-2019, binary64).
MOST = 2**53
# Beyond this, numbers as floats; so that sums of int64 are never too large.
_LARGEST_SUM = 2.0**62
# So that a product with any number of units is a float still. Our choice.
_LARGEST = 1e100
# How far a bound divided by the unit may be off a whole number by float arithmetic
# alone, as a share of it; 0.3 hours are 3 units of 0.1. Our choice.
OFF = 1e-9


@frozen(kw_only=True)
class Stakes:
    """What is at stake with every customer.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted; positions where the host gives none.
    values : ndarray of int64 or float64, shape (n_customers,)
        At least 0.
    scale : int
        What to divide by for major units.
    order : ndarray of int or None
        Where each customer stands among the numbers as the host gave them.
    kind : str
        Of frames made of it.
    """

    customer_ids: NDArray[Any]
    values: NDArray[Any]
    scale: int = 1
    order: NDArray[np.intp] | None = None
    kind: str = "pandas"


def check_ordered(classes: Any) -> Classification:
    """Give classes that are best first.

    Raises
    ------
    InvalidInputError
        If they are kinds without an order, or no classes.
    """
    an_instance("classes", classes, Classification)
    if not classes.ordered:
        raise InvalidInputError(
            "classes must be ordered, best first, as classes by value and service "
            "levels are (ServicePlan.as_classes)",
            code="not_ordered",
        )
    return classes  # type: ignore[no-any-return]


def exact(value: Any) -> Fraction:
    """Read 0.1 as a tenth, not as its binary neighbour.

    Examples
    --------
    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(str(value))


def read_stakes(
    name: str,
    stake: Any,
    classes: Classification | None = None,
    customer_ids: Any = None,
) -> Stakes:
    """Read a number of at least 0 for every customer.

    Parameters
    ----------
    name : str
        What to call it in errors.
    stake : Summary, mapping of id to number, array or column
        Of a summary the value, of party values the number; below 0 counts as 0 in both.
        An array has one number for each of `customer_ids`, or of the customers of
        `classes`; pandas' Series is a mapping by its index, or with `customer_ids` an
        array.
    classes : Classification, optional
        Whose customers; others that a mapping names are left out.
    customer_ids : column, array or list, optional
        Ids to go with an array, in its order.

    Raises
    ------
    InvalidInputError
        If a number is missing, below 0 or not finite, or ids are of other customers.
    """
    if isinstance(stake, Summary):
        _refuse_ids(customer_ids)
        return _of_summary(stake, classes)
    kind = "pandas" if classes is None else classes.kind
    if isinstance(stake, PartyValues):
        _refuse_ids(customer_ids)
        check_each(name, np.isfinite(stake.value), "be finite", code="not_finite")
        ids, values = stake.ids, np.maximum(stake.value, 0)
        kind = stake.kind if classes is None else kind
    elif isinstance(stake, Mapping) or (customer_ids is None and is_by_id(stake)):
        _refuse_ids(customer_ids)
        ids, values = read_numbers_by_id(stake, name)
    else:
        return _of_array(name, stake, classes, customer_ids)
    values = _checked(name, values)
    if classes is None:
        return Stakes(customer_ids=ids, values=values, kind=kind)
    at, is_there = align(classes.customer_ids, ids)
    must = "be known of every customer of the classes"
    check_each(name, is_there, must, code="missing_value")
    values = values[at]
    return Stakes(customer_ids=classes.customer_ids, values=values, kind=kind)


def _refuse_ids(customer_ids: object) -> None:
    if customer_ids is not None:
        raise InvalidInputError(
            "customer_ids go with an array only; a summary or mapping has its own",
            code="bad_option",
        )


def _of_summary(summary: Summary, classes: Classification | None) -> Stakes:
    if summary.value is None:
        raise InvalidInputError(
            "the summary must have amounts", code="missing_column", column="amount"
        )
    ids = summary.customer_ids
    if classes is not None and not same_array(ids, classes.customer_ids):
        raise InvalidInputError(
            "summary and classes must be of the same customers", code="other_customers"
        )
    return Stakes(
        customer_ids=ids,
        values=_summable(np.maximum(summary.value, 0)),
        scale=10**summary.minor_units,
        kind=summary.kind,
    )


def _of_array(
    name: str, stake: Any, classes: Classification | None, customer_ids: Any
) -> Stakes:
    values = _checked(name, _numbers(name, stake))
    kind = "pandas" if classes is None else classes.kind
    ids: NDArray[Any] = np.arange(values.size)
    order = None
    if customer_ids is not None:
        read = read_ids(read_column(customer_ids), "customer_ids")
        if (read.codes < 0).any() or read.unique.size < read.codes.size:
            raise InvalidInputError(
                "customer_ids must be ids, each given once",
                code="not_an_id",
                column="customer_ids",
            )
        ids, order = read.unique, np.argsort(read.codes, kind="stable")
    elif classes is not None:
        ids = classes.customer_ids
    if ids.size != values.size:
        raise _wrong_size(name, ids.size)
    if classes is not None and not same_array(ids, classes.customer_ids):
        raise InvalidInputError(
            "customer_ids and classes must be of the same customers",
            code="other_customers",
        )
    values = values if order is None else values[order]
    return Stakes(customer_ids=ids, values=values, order=order, kind=kind)


def _wrong_size(name: str, n: int) -> InvalidInputError:
    return InvalidInputError(
        f"{name} must have one number for each of the {n:,} customers",
        code="shape",
        column=name,
    )


def _numbers(name: str, values: Any) -> NDArray[Any]:
    """Give a list, an array or a column of numbers as int64 or float64."""
    if isinstance(values, (list, tuple)):
        return read_numbers_of(list(values), name)
    if hasattr(values, "to_numpy") and not hasattr(values, "columns"):
        values = values.to_numpy()
    if not isinstance(values, np.ndarray) or values.ndim != 1:
        raise InvalidInputError(
            f"{name} must be numbers: of a Summary, a mapping of ids, or an array",
            code="not_numbers",
            column=name,
        )
    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind == "O":
        return read_numbers_of(values.tolist(), name)
    if kind not in "fiu":
        raise InvalidInputError(
            f"{name} must be numbers; these are {values.dtype}",
            code="wrong_type",
            column=name,
        )
    is_whole = kind == "i" or (kind == "u" and size < 8)
    return values.astype(np.int64 if is_whole else np.float64)


def _checked(name: str, values: NDArray[Any]) -> NDArray[Any]:
    check_each(name, np.isfinite(values), "be finite", code="not_finite")
    check_each(name, values >= 0, "be at least 0", code="below_0")
    must = f"be at most {_LARGEST:g}"
    check_each(name, values <= _LARGEST, must, code="too_large")
    return _summable(values)


def _summable(values: NDArray[Any]) -> NDArray[Any]:
    is_large = values.dtype.kind == "i" and values.sum(dtype=np.float64) > _LARGEST_SUM
    return values.astype(np.float64) if is_large else values


def read_bound(
    name: str,
    bound: Any,
    stakes: Stakes,
    classes: Classification | None,
    *,
    unit: Fraction,
    up: bool,
) -> NDArray[np.int64]:
    """Read the least or the most that every customer may get, in whole units.

    Parameters
    ----------
    name : str
        What to call it in errors.
    bound : number, array, mapping of class to number, pandas' Series, or None
        None, and a class that is not named, is no bound. A Series goes by its index,
        or by the order of `customer_ids` where these were given.
    stakes : Stakes
        Whose bounds.
    classes : Classification or None
        For bounds by class.
    unit : Fraction
        What a unit is.
    up : bool
        Whether parts of a unit are rounded up, as for the least.

    Raises
    ------
    InvalidInputError
        If a bound is below 0 or none at all, or a class is not there.
    """
    n = stakes.values.size
    none = 0 if up else MOST
    if isinstance(bound, Mapping):
        if classes is None:
            raise InvalidInputError(
                f"{name} by class needs classes", code="bad_option", column=name
            )
        if any(label not in classes.labels for label in bound):
            raise InvalidInputError(
                f"{name} must be for classes among {', '.join(classes.labels)}",
                code="unknown_class",
                column=name,
            )
        by_class = [
            _units(name, bound[label], unit, up=up) if label in bound else none
            for label in classes.labels
        ]
        return np.array(by_class, dtype=np.int64)[classes.codes]
    if is_by_id(bound) and stakes.order is None:
        ids, values = read_numbers_by_id(bound, name)
        at, is_there = align(stakes.customer_ids, ids)
        must = "be known of every customer"
        check_each(name, is_there, must, code="missing_value")
        return _many_units(_checked(name, values[at]) / float(unit), up=up)
    if isinstance(bound, (np.ndarray, list, tuple)) or hasattr(bound, "to_numpy"):
        values = _checked(name, _numbers(name, bound))
        if values.size != n:
            raise _wrong_size(name, n)
        many = _many_units(values / float(unit), up=up)
        return many if stakes.order is None else many[stakes.order]
    return np.full(n, none if bound is None else _units(name, bound, unit, up=up))


def _units(name: str, bound: Any, unit: Fraction, *, up: bool) -> int:
    number(name, bound, 0)
    units = exact(bound) / unit
    return min(math.ceil(units) if up else math.floor(units), MOST)


def _many_units(units: NDArray[np.float64], *, up: bool) -> NDArray[np.int64]:
    nearest = np.rint(units)
    is_near = np.abs(units - nearest) <= OFF * np.maximum(nearest, 1)
    rounded = np.where(is_near, nearest, np.ceil(units) if up else np.floor(units))
    return np.minimum(rounded, MOST).astype(np.int64)
