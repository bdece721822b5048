"""Customers by position: ids that are coded once, and only looked up from then on."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, frozen_array, same_array, union
from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import fault, is_text
from customer_identification.frames.coding import Codes, coded_text, recode
from customer_identification.frames.ids import Ids, read_ids, read_whole


__all__ = ["CustomerIndex", "read_column", "read_indexed_ids"]


def _distinct(values: object) -> NDArray[Any]:
    return frozen_array(read_ids(read_column(values), "ids").unique)  # type: ignore[no-any-return]


def read_column(values: Any) -> Any:
    """Give a column or an array as the readers take it."""
    if isinstance(values, range):
        return np.arange(values.start, values.stop, values.step)
    if isinstance(values, (list, tuple)):
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return values.astype(object) if values.dtype.kind == "U" else values
    import narwhals.stable.v2 as nw

    if hasattr(values, "__arrow_c_array__"):  # which narwhals takes in chunks only
        import pyarrow as pa

        values = pa.chunked_array([pa.array(values)])
    if hasattr(values, "to_series") and hasattr(values, "nlevels"):  # pandas' Index
        values = values.to_series()
    try:
        return nw.from_native(values, series_only=True)
    except TypeError:
        raise InvalidInputError(
            "ids must be a column of a frame, an array or a list", code="not_a_column"
        ) from None


@frozen(repr=False)
class CustomerIndex:
    """All customers in order, to look up their ids from month to month.

    ``summarize(..., index=index)`` looks text up here instead of sorting it anew, and
    takes whole numbers in place of text for what :meth:`encode` gives.

    Parameters
    ----------
    ids : column, array or list
        Whole numbers or text, in any order; doublets, nulls and blanks are left out.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_customers,)
        Sorted and distinct; int64, or text.

    Raises
    ------
    InvalidInputError
        If ids are neither whole numbers nor text, or are both.

    Examples
    --------
    >>> index = CustomerIndex(["C2", "C1", "C7", "C1"])
    >>> index
    CustomerIndex(3 customers)
    >>> index.encode(["C7", None, "C1", "C3"])
    array([ 2, -1,  0, -1], dtype=int32)
    """

    ids: NDArray[Any] = field(
        converter=_distinct, eq=cmp_using(eq=same_array), hash=False
    )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"CustomerIndex({len(self):,} customers)"

    def encode(self, customers: object) -> Codes:
        """Give the position of each customer; -1 is null, blank or not in the index.

        Parameters
        ----------
        customers : column, array or list
            Ids, of the same kind as those in the index.

        Returns
        -------
        positions : ndarray of int32

        Raises
        ------
        InvalidInputError
            If they are no ids, or text here and whole numbers there.
        """
        column = read_column(customers)
        found = self._look_up(column)
        if found is not None:
            codes, _, places = found
            return places if codes is None else recode(codes, places)
        own = read_ids(column, "customers")
        at, is_known = align(own.unique, self.ids)
        return recode(own.codes, np.where(is_known, at, -1))

    def _look_up(self, column: Any) -> tuple[Codes | None, Any, Codes] | None:
        """Find each word of a column of text by one hash; None where Arrow cannot.

        Gives the codes of the rows into the words (None: the rows are the words), the
        words in Arrow, and their positions.
        """
        if self._words is None or not is_text(column):
            return None
        codes, words = coded_text(column)
        words = _to_arrow(words) if isinstance(words, list) else words
        if words is None:
            return None
        import pyarrow.compute as pc

        places = pc.index_in(words, value_set=self._words).fill_null(-1)
        return codes, words, places.to_numpy()

    @cached_property
    def _words(self) -> Any:
        """The ids as Arrow text; None for numbers, or without pyarrow."""
        return _to_arrow(self.ids.tolist()) if self.ids.dtype == object else None


def _to_arrow(words: list[Any]) -> Any:
    """Give words as Arrow text; None without pyarrow, or where they are no text."""
    try:
        import pyarrow as pa

        is_plain = set(map(type, words)) <= {str}
        return pa.array(words, pa.large_string()) if is_plain else None
    except (ImportError, UnicodeEncodeError):
        return None


def read_indexed_ids(column: Any, ours: str, index: CustomerIndex | None) -> Ids:
    """Read ids as positions in an index, to which ids that it lacks are added.

    Where the index holds text, whole numbers are positions in it; -1 is nobody.

    Raises
    ------
    InvalidInputError
        If the column holds no ids, numbers that are no position, or text where the
        index holds numbers.
    """
    if index is None:
        return read_ids(column, ours)
    found = index._look_up(column)  # noqa: SLF001 - its other half
    if found is not None:
        codes, words, places = found
        left = np.flatnonzero(places < 0)
        new = read_ids(read_column(words.take(left)), ours)
        unique = index.ids
        if new.unique.size:
            unique, before, after = union(index.ids, new.unique)
            places = recode(places, before)
            places[left] = recode(new.codes, after)
        return Ids(
            codes=places if codes is None else recode(codes, places), unique=unique
        )
    if index.ids.dtype == object and not is_text(column):
        numbers, missing = read_whole(column, ours)
        if numbers.dtype != object:
            return _at_positions(numbers, missing, ours, index)
    own = read_ids(column, ours)
    if index.ids.dtype == object and own.unique.dtype != object:
        numbers = np.append(own.unique, -1)[own.codes]
        return _at_positions(numbers, None, ours, index)
    unique, _, places = union(index.ids, own.unique)
    return Ids(codes=recode(own.codes, places), unique=unique)


def _at_positions(
    numbers: NDArray[Any],
    missing: NDArray[np.bool_] | None,
    ours: str,
    index: CustomerIndex,
) -> Ids:
    """Take whole numbers as positions in an index."""
    outside = (numbers < -1) | (numbers >= len(index))
    if missing is not None:
        numbers = np.where(missing, -1, numbers.astype(np.int64))
        outside &= ~missing
    wrong = np.flatnonzero(outside)
    if wrong.size:
        rule = "positions in the index, -1 for nobody"
        raise fault(ours, rule, wrong, numbers.size, "not_an_id")
    return Ids(codes=numbers.astype(np.int32, copy=False), unique=index.ids)
