"""Small classifications, and all ways to share units out between classes."""

import itertools
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from customer_identification import Classification, InvalidInputError


__all__ = ["AS_OF", "all_in_order", "classes_of", "ids_of", "in_order", "refused"]

AS_OF = date(2011, 7, 31)


def ids_of(ids: Sequence[Any]) -> Any:
    """Give sorted ids as the library keeps them."""
    is_text = any(isinstance(one, str) for one in ids)
    array = np.empty(len(ids), dtype=object if is_text else np.int64)
    array[:] = sorted(ids)
    return array


def classes_of(
    given: dict[Any, str] | Sequence[str],
    labels: Sequence[str],
    *,
    ordered: bool = True,
    **more: Any,
) -> Classification:
    """Give a classification of customers by id, or of customers 0, 1, 2 and so on."""
    by_id = given if isinstance(given, dict) else dict(enumerate(given))
    ids = ids_of(list(by_id))
    codes = [list(labels).index(by_id[one]) for one in ids.tolist()]
    return Classification(
        customer_ids=ids,
        codes=np.array(codes, dtype=np.int8),
        labels=tuple(labels),
        ordered=ordered,
        **{"as_of": AS_OF, **more},
    )


def refused(code: str, match: str | None = None) -> Any:
    """Expect an error of ours with a code."""

    def has_code(error: InvalidInputError) -> bool:
        return error.code == code

    return pytest.raises(InvalidInputError, match=match, check=has_code)


def in_order(units: Any, values: Any) -> bool:
    """Tell whether no class gets less per value than the one below it."""
    return all(
        units[i] * values[i + 1] >= units[i + 1] * values[i]
        for i in range(len(units) - 1)
    )


def all_in_order(values: list[int], bounds: list[tuple[int, int]]) -> list[Any]:
    """List all ways to give each class units within bounds, without an inversion."""
    each = [range(low, high + 1) for low, high in bounds]
    return [units for units in itertools.product(*each) if in_order(units, values)]
