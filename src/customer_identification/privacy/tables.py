"""Counts of parties that may be published: small ones, and what gives them away, held back."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_codes, read_ids, read_table, to_frame
from customer_identification.options import whole
from customer_identification.privacy.suppression import hold_back, with_margins


__all__ = ["ALL", "NULL", "DisclosureReport", "PublishedTable", "publish_counts"]

ALL = "(all)"  # the margin of an attribute
NULL = "(null)"  # the level of those of whom it is not known
_COUNT = "count"
_MOST_ATTRIBUTES = 4
_MOST_CELLS = 2**14  # seconds; the time grows with cells times small ones; our choice


@frozen(kw_only=True)
class DisclosureReport:
    """How much of a table is shown; which small counts made it so is not told.

    Attributes
    ----------
    cells : int
        With all margins.
    shown, held_back : int
        They add up to the cells.
    zeros : int
        Of those shown.
    """

    cells: int
    shown: int
    held_back: int
    zeros: int

    def __str__(self) -> str:
        return (
            f"{self.cells:,} cells: {self.shown:,} shown ({self.zeros:,} of them 0), "
            f"{self.held_back:,} held back"
        )


@frozen(kw_only=True, repr=False)
class PublishedTable:
    """Counts of parties by attributes with all margins, as they may be published.

    Attributes
    ----------
    by : tuple of str
        The attributes, one an axis.
    levels : tuple of tuple of str
        Of each attribute, in order of value; `ALL` is the last, and `NULL` before it
        where an attribute is not known of everybody.
    k : int
        Counts from 1 to k - 1 are held back.
    shown : ndarray of int
        One axis an attribute; -1 where a count is held back. [parties]
    suppressed : ndarray of bool
        Where counts are held back: small ones, and those that would give them away.
    """

    by: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    k: int
    shown: NDArray[np.int64] = array_field()
    suppressed: NDArray[np.bool_] = array_field()
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.shown.size)

    def __repr__(self) -> str:
        return f"PublishedTable({' by '.join(self.by)}, {self.report})"

    @property
    def counts(self) -> np.ma.MaskedArray[Any, np.dtype[np.int64]]:
        """The counts, masked where they are held back."""
        return np.ma.masked_array(self.shown, self.suppressed)

    @property
    def report(self) -> DisclosureReport:
        """How much is shown."""
        held_back = int(np.count_nonzero(self.suppressed))
        return DisclosureReport(
            cells=len(self),
            shown=len(self) - held_back,
            held_back=held_back,
            zeros=int(np.count_nonzero(self.shown == 0)),
        )

    def count(self, *levels: str) -> int | None:
        """Give the count of one cell; None where it is held back.

        Parameters
        ----------
        *levels : str
            One for each attribute, or `ALL`.

        Raises
        ------
        InvalidInputError
            If an attribute has no such level, or there are not as many.
        """
        if len(levels) != len(self.by) or any(
            level not in known for level, known in zip(levels, self.levels, strict=True)
        ):
            raise InvalidInputError(
                f"a cell must be named by one level for each of: {', '.join(self.by)}",
                code="unknown_level",
            )
        at = tuple(
            known.index(level) for level, known in zip(levels, self.levels, strict=True)
        )
        return None if self.suppressed[at] else int(self.shown[at])

    def to_frame(self) -> Any:
        """Give one row a cell: the level of each attribute, and `count`.

        Returns
        -------
        frame : of the host's kind
            In order of the levels; a count that is held back is null.
        """
        steps = np.indices(self.shown.shape).reshape(len(self.by), -1)
        columns: dict[str, Any] = {
            name: np.array(known, dtype=object)[step]
            for name, known, step in zip(self.by, self.levels, steps, strict=True)
        }
        return to_frame(columns | {_COUNT: self.counts.ravel()}, self.kind)


def publish_counts(
    data: object, by: Iterable[str], *, k: int = 5, party_id: str | None = None
) -> PublishedTable:
    """Count parties by attributes, so that nobody stands out.

    Counts from 1 to k - 1 are held back (k-anonymity: Sweeney 2002, Int. J. Uncertainty,
    Fuzziness and Knowledge-Based Systems 10(5), 557-570), in the cells and in all
    margins; and so are as many others as it takes that none of them follows from the
    rest (Hundepool et al. 2012, Statistical Disclosure Control, section 4.4).

    Parameters
    ----------
    data : frame
        pandas, Polars or PyArrow, or a lazy frame of which the columns named are
        collected; one row a party, in any order.
    by : iterable of str
        One to four columns with few distinct values each. Null, or blank
        text, is a level of its own.
    k : int
        The smallest count to publish, besides 0; at least 2. 5 is our choice.
    party_id : str, optional
        A column of ids in which every party must come once; without it rows are counted
        as they are.

    Returns
    -------
    PublishedTable
        No rows give one cell, the total, of 0.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InvalidInputError
        If an option is wrong, a party comes twice or has no id, levels do not differ as
        text, or the table would have more than 2**14 cells.

    Notes
    -----
    What is promised of each table alone: whoever knows the counts shown, how they add
    up and that zeros are never held back, finds a table with at least `k` in the place
    of each small count, and another count in the place of each other one held back. A
    level that is shown tells that somebody has it, and a zero that nobody does. Nothing
    is promised for those who know some of the parties, or who compare tables of the
    same parties by other attributes, or of another day.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"city": ["Bonn"] * 12 + ["Kiel"] * 3 + [None] * 9})
    >>> table = publish_counts(people, ["city"])
    >>> table
    PublishedTable(city, 4 cells: 2 shown (0 of them 0), 2 held back)
    >>> table.to_frame()
         city  count
    0    Bonn     12
    1    Kiel   <NA>
    2  (null)   <NA>
    3   (all)     24
    """
    names = _names(by)
    k = whole("k", k, 2)
    more = [] if party_id is None else [party_id]
    wanted = (*names, *more)
    table = read_table(
        data,
        {name: name for name in wanted},
        required=wanted,
        lazy="collected",
        hint=False,
    )
    if party_id is not None:
        _check_each_once(table.columns[party_id], party_id)
    codes, levels = [], []
    for name in names:
        code, known = _read_levels(table.columns[name], name)
        codes.append(code)
        levels.append((*known, ALL))
    shape = [len(known) for known in levels]
    if prod(shape) > _MOST_CELLS:
        raise InvalidInputError(
            f"the table must have at most {_MOST_CELLS:,} cells with its margins; these "
            f"attributes make {prod(shape):,}",
            code="too_large",
            column="by",
        )
    cells = np.zeros([size - 1 for size in shape], dtype=np.int64)
    np.add.at(cells, tuple(codes), 1)
    counts = with_margins(cells)
    suppressed = hold_back(counts, k)
    return PublishedTable(
        by=names,
        levels=tuple(levels),
        k=k,
        shown=np.where(suppressed, -1, counts),
        suppressed=suppressed,
        kind=table.kind,
    )


def _names(by: object) -> tuple[str, ...]:
    names = () if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    if (
        not 1 <= len(names) <= _MOST_ATTRIBUTES
        or not all(isinstance(name, str) for name in names)
        or len(set(names)) < len(names)
        or _COUNT in names
    ):
        raise InvalidInputError(
            f"by must list one to {_MOST_ATTRIBUTES} columns, each once, none of them "
            f"called {_COUNT}",
            code="bad_option",
            column="by",
        )
    return names


def _check_each_once(column: Any, name: str) -> None:
    codes = read_ids(column, name).codes
    order = np.argsort(codes, kind="stable")
    wrong = codes < 0
    wrong[order[1:]] |= codes[order[1:]] == codes[order[:-1]]
    if wrong.any():
        rows = np.flatnonzero(wrong)
        raise InvalidInputError(
            f"{name} must be there once for every party; {rows.size:,} of {codes.size:,} "
            f"rows have none, or one that came before, first at row {rows[0]}",
            code="not_an_id",
            column=name,
            positions=rows[:5],
        )


def _read_levels(column: Any, name: str) -> tuple[NDArray[np.int32], list[str]]:
    """Read a column as places among its levels, in order, null and blank the last."""
    coded = read_codes(column, name)
    ranks, words = coded.ranks()
    is_flag = str(column.dtype).lower().startswith("bool")
    found = [str(bool(word) if is_flag else word) for word in words.tolist()]
    known = [word for word in found if word.strip()]
    is_named = np.array([bool(word.strip()) for word in found], dtype=np.bool_)
    place = np.where(is_named, np.cumsum(is_named, dtype=np.int32) - 1, len(known))
    codes = np.append(place[ranks], len(known))[coded.codes].astype(np.int32)
    if (codes == len(known)).any():
        known.append(NULL)
    if len(set(known)) < len(known) or ALL in known:
        raise InvalidInputError(
            f"{name} must have levels that differ as text, and none called {ALL} or "
            f"{NULL}",
            code="bad_levels",
            column=name,
        )
    return codes, known
