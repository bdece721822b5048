"""Relationships read from frames and objects, as distinct lines of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import union, usable_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    names_of,
    read_codes,
    read_days,
    read_ids,
    read_numbers,
    read_table,
)
from customer_identification.influence.evidence import (
    KINDS,
    LAST_DAY,
    EvidenceReport,
    Lines,
)
from customer_identification.models import Relationship
from customer_identification.options import bad_rows_policy


__all__ = ["read_lines"]

_COLUMNS = ("source_id", "target_id", "kind", "date", "source", "strength", "until")
_REQUIRED = _COLUMNS[:5]


def read_lines(
    relationships: object,
    *,
    columns: Mapping[str, str | None] | None,
    on_bad_rows: str,
    tz: Any,
) -> tuple[NDArray[Any], Lines, EvidenceReport, str]:
    """Read relationships as distinct lines.

    Returns
    -------
    ids : ndarray of int or object
        Whom the positions in the lines speak of.
    lines : Lines
    report : EvidenceReport
        Of what was read and set aside.
    kind : str
        Of the frame.

    Raises
    ------
    InvalidInputError
        If the data are no table of relationships, or rows cannot be used.
    """
    bad_rows_policy(on_bad_rows)
    names = names_of(columns, _COLUMNS, needed=_REQUIRED[:-1])
    table = read_table(relationships, names, required=_REQUIRED, objects=Relationship)
    given, n = table.columns, table.n_rows
    left = read_ids(given["source_id"], "source_id")
    right = read_ids(given["target_id"], "target_id")
    ids, of_left, of_right = union(left.unique, right.unique)
    nobody = np.int32(-1)
    lefts = np.append(of_left, nobody)[left.codes]
    rights = np.append(of_right, nobody)[right.codes]
    day, no_day = read_days(given["date"], "date", tz)
    kind = _read_kinds(given["kind"])
    origin, origins, no_origin = _read_sources(given.get("source"), n)
    strength = np.full(n, np.nan)
    if "strength" in given:
        strength = read_numbers(given["strength"], "strength")
    until = np.full(n, LAST_DAY, dtype=np.int32)
    if "until" in given:
        last, open_end = read_days(given["until"], "until", tz)
        until = last if open_end is None else np.where(open_end, LAST_DAY, last)
    faults = {
        "no source_id": lefts < 0,
        "no target_id": rights < 0,
        "no kind": kind < 0,
        "no date": no_day,
        "no source": no_origin,
        "a party tied to itself": lefts == rights,
        "strength not from 0 to 1": (strength < 0) | (strength > 1),
        "until before date": until < day,
    }
    used, aside = usable_rows(faults, n, what="relationship", on_bad_rows=on_bad_rows)
    ids, lefts, rights = _of_those(ids, lefts[used], rights[used])
    lines = Lines(
        left=lefts,
        right=rights,
        kind=kind[used],
        day=day[used],
        until=until[used].astype(np.int32),
        origin=origin[used],
        given=strength[used],
        origins=origins,
    )
    report = EvidenceReport(read=n, set_aside=tuple(sorted(aside)))
    return ids, lines.sorted_distinct(), report, table.kind


def _of_those(
    ids: NDArray[Any], lefts: NDArray[np.int32], rights: NDArray[np.int32]
) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int32]]:
    """Leave out parties of whom no line is left."""
    is_named = np.zeros(ids.size, dtype=np.bool_)
    is_named[lefts] = is_named[rights] = True
    place = np.cumsum(is_named, dtype=np.int32) - np.int32(1)
    return ids[is_named], place[lefts], place[rights]


def _read_kinds(column: Any) -> NDArray[np.int8]:
    """Read kinds as their places, -1 for none; any other word is refused."""
    coded = read_codes(column, "kind")
    ranks, words = coded.ranks()
    place = np.array(
        [KINDS.index(word) if word in KINDS else -2 for word in words.tolist()] + [-1],
        dtype=np.int8,
    )
    kinds = place[np.append(ranks, np.int32(-1))[coded.codes]]
    wrong = np.flatnonzero(kinds == -2)
    if wrong.size:
        raise InvalidInputError(
            f"kind must be one of {', '.join(KINDS)}; {wrong.size:,} of {kinds.size:,} "
            f"rows are not, first at row {wrong[0]}",
            code="unknown_word",
            column="kind",
            positions=wrong[:5],
        )
    return kinds


def _read_sources(
    column: Any, n: int
) -> tuple[NDArray[np.int32], NDArray[Any], NDArray[np.bool_] | None]:
    if column is None:
        return np.zeros(n, np.int32), np.array(["unstated"], dtype=object), None
    coded = read_codes(column, "source")
    ranks, words = coded.ranks()
    told = [_as_source(word) for word in words.tolist()]
    names = sorted({name for name in told if name})
    place = {name: at for at, name in enumerate(names)}
    of_word = np.array([place.get(name, -1) for name in told], dtype=np.int32)
    origin = np.append(np.append(of_word, np.int32(-1))[ranks], np.int32(-1))[
        coded.codes
    ]
    origins = np.empty(len(names), dtype=object)
    origins[:] = names
    return origin, origins, origin < 0


def _as_source(word: Any) -> str:
    """Give a source as text; a whole number is the same whatever its type."""
    if isinstance(word, float) and word.is_integer():
        word = int(word)
    return str(word).strip() and str(word)
