"""Observations as the host has them, read into rows in one order that is always the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import usable_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Coded,
    names_of,
    read_codes,
    read_column,
    read_days,
    read_ids,
    read_numbers,
    read_table,
    to_zone,
)
from customer_identification.models import Observation, ObservationChannel
from customer_identification.options import bad_rows_policy


__all__ = [
    "NeedReport",
    "ObservationRows",
    "read_customers",
    "read_observations",
    "read_topics",
]

Floats = NDArray[np.float64]

_NEEDED = ("topic", "channel", "date")
_SCALES = {"importance": (0, 1), "satisfaction": (0, 1), "sentiment": (-1, 1)}
_COLUMNS = ("customer_id", *_NEEDED, *_SCALES)
_LATER = "after as_of"


@frozen(kw_only=True)
class NeedReport:
    """What became of every observation.

    Attributes
    ----------
    read, used : int
        Observations given, and those that count.
    anonymous : int
        Of those used the ones of nobody named; each is a respondent of its own.
    set_aside : tuple of (str, int)
        Reason, and observations that do not count for it.
    """

    read: int
    used: int
    anonymous: int = 0
    set_aside: tuple[tuple[str, int], ...] = ()

    @property
    def conservation(self) -> str:
        """All observations accounted for, in one sentence."""
        used = f"{self.used:,} used"
        if self.anonymous:
            used += f" ({self.anonymous:,} of nobody named)"
        parts = [used, *(f"{n:,} set aside: {why}" for why, n in self.set_aside)]
        return f"{self.read:,} observations: {', '.join(parts)}"

    def __str__(self) -> str:
        return self.conservation


@frozen(kw_only=True, repr=False, eq=False)
class ObservationRows:
    """Observations that count, sorted by respondent, topic and all else.

    Attributes
    ----------
    ids : ndarray, shape (n_named,)
        Sorted ids of those named.
    who : ndarray of int, shape (n_rows,)
        The respondent: places in `ids`, and then one number for each row of nobody.
    topics : tuple of str
        Sorted.
    topic : ndarray of int, shape (n_rows,)
        Places in `topics`.
    channel : ndarray of int8, shape (n_rows,)
        Places in the list of all channels.
    day : ndarray of int, shape (n_rows,)
        Days since 1970-01-01.
    importance, satisfaction, sentiment : ndarray of float, shape (n_rows,)
        nan where it is not told.
    report : NeedReport
    kind : str
        Which frames to make of results.
    """

    ids: NDArray[Any]
    who: NDArray[np.int64]
    topics: tuple[str, ...]
    topic: NDArray[np.int64]
    channel: NDArray[np.int8]
    day: NDArray[np.int64]
    importance: Floats
    satisfaction: Floats
    sentiment: Floats
    report: NeedReport
    kind: str


def read_observations(
    observations: object,
    *,
    today: int,
    columns: Mapping[str, str | None] | None,
    tz: object,
    on_bad_rows: str,
) -> ObservationRows:
    """Read observations, and put them in order."""
    bad_rows_policy(on_bad_rows)
    names = names_of(columns, _COLUMNS, needed=_NEEDED)
    table = read_table(
        observations, names, required=_NEEDED, objects=Observation, lazy="collected"
    )
    given, n = table.columns, table.n_rows
    if not _SCALES.keys() & given.keys():
        raise InvalidInputError(
            f"the data must have at least one of {', '.join(_SCALES)}",
            code="missing_column",
        )
    who, ids = np.full(n, -1, dtype=np.int64), np.empty(0, dtype=np.int64)
    if "customer_id" in given:
        read = read_ids(given["customer_id"], "customer_id")
        who, ids = read.codes.astype(np.int64), read.unique
    topic, topics = read_topics(given["topic"])
    channel, is_known = _channels(read_codes(given["channel"], "channel"))
    days, no_day = read_days(given["date"], "date", to_zone(tz))
    numbers = {
        name: read_numbers(given[name], name) if name in given else np.full(n, np.nan)
        for name in _SCALES
    }
    faults = {
        "no topic": topic < 0,
        "no channel": (channel < 0) & ~is_known,
        "unknown channel": (channel < 0) & is_known,
        "no date": no_day,
        **{
            f"{name} outside {low} to {high}": (numbers[name] < low)
            | (numbers[name] > high)
            for name, (low, high) in _SCALES.items()
        },
        _LATER: days > today,
    }
    used, aside = usable_rows(
        faults, n, what="observation", on_bad_rows=on_bad_rows, harmless=(_LATER,)
    )
    parts = {"who": who, "topic": topic, "channel": channel, "day": days, **numbers}
    parts = {name: values[used] for name, values in parts.items()}
    anonymous = int(np.count_nonzero(parts["who"] < 0))
    return _in_order(
        parts,
        ids,
        topics,
        NeedReport(
            read=n, used=parts["who"].size, anonymous=anonymous, set_aside=aside
        ),
        table.kind,
    )


def read_topics(column: Any) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Read a column of topics: places among the sorted words; -1 is none."""
    coded = read_codes(column, "topic")
    ranks, words = coded.ranks()
    if words.size and words.dtype != object:
        raise InvalidInputError(
            "topic must hold text; the column holds numbers",
            code="wrong_type",
            column="topic",
        )
    is_blank = np.array([not word.strip() for word in words.tolist()], dtype=np.bool_)
    place = np.append(np.where(is_blank[ranks], -1, ranks), -1)
    return place[coded.codes].astype(np.int64), words


def read_customers(customers: Any) -> NDArray[Any]:
    """Read the ids of customers: sorted, each once; none may be missing."""
    given = read_ids(read_column(customers), "customers")
    if (given.codes < 0).any():
        raise InvalidInputError(
            "customers must all have an id", code="not_an_id", column="customers"
        )
    return given.unique


def _channels(coded: Coded) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Give the place of each channel, -1 for none of ours, and where one is named."""
    ranks, words = coded.ranks()
    ours = list(ObservationChannel)
    place = [ours.index(one) if one in set(ours) else -1 for one in words.tolist()]
    codes = np.append(np.array(place, dtype=np.int8)[ranks], np.int8(-1))[coded.codes]
    return codes, coded.codes >= 0


def _in_order(
    parts: dict[str, NDArray[Any]],
    ids: NDArray[Any],
    words: NDArray[Any],
    report: NeedReport,
    kind: str,
) -> ObservationRows:
    """Sort rows, leave out ids and topics of which none is left, and number nobody."""
    who = np.where(parts["who"] < 0, ids.size, parts["who"])
    order = np.lexsort(
        (
            parts["sentiment"],
            parts["satisfaction"],
            parts["importance"],
            parts["day"],
            parts["channel"],
            parts["topic"],
            who,
        )
    )
    parts = {name: values[order] for name, values in parts.items()}
    here, who = np.unique(who[order], return_inverse=True)
    named = ids[here[here < ids.size]]
    is_nobody = who >= named.size
    who[is_nobody] = named.size + np.arange(np.count_nonzero(is_nobody))
    there, topic = np.unique(parts["topic"], return_inverse=True)
    return ObservationRows(
        ids=named,
        who=who,
        topics=tuple(words[there].tolist()),
        topic=topic,
        channel=parts["channel"],
        day=parts["day"].astype(np.int64),
        importance=parts["importance"],
        satisfaction=parts["satisfaction"],
        sentiment=parts["sentiment"],
        report=report,
        kind=kind,
    )
