"""A watch list: key customers whose behaviour breaks from their own pattern."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ById, array_field, position_of, same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, to_frame
from customer_identification.options import an_instance
from customer_identification.report import format_money
from customer_identification.service.patterns import (
    SIGNALS,
    Found,
    Signal,
    WatchPolicy,
    changes,
    classes_before,
    falls,
    silences,
)
from customer_identification.service.stakes import check_ordered
from customer_identification.summary import Summary


__all__ = ["WatchList", "WatchSignal", "watch_list"]

Floats = NDArray[np.float64]


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _figure() -> Any:
    """Declare a figure that may be nan, and is then like any other nan."""
    return field(repr=False, eq=cmp_using(eq=_same), hash=False)


@frozen(kw_only=True)
class WatchSignal:
    """One break from a customer's pattern; str() is the sentence.

    Attributes
    ----------
    signal : {"silent", "drop", "surge", "falling"}
        What it is.
    label : str
        The customer's class now.
    before : str or None
        Last time's class, for a fall.
    figure, usual : float
        For silence the days since the last purchase and the own mean gap [days]; for a
        drop or surge the value of the last complete period and the own mean [major
        units]; nan for a fall.
    low, high : float
        What the figure should lie between; nan where there is no such limit.
    value : float
        At stake; nan without amounts. [major units]
    text : str
        The sentence.
    """

    signal: Signal
    label: str
    before: str | None = None
    figure: float = _figure()
    usual: float = _figure()
    low: float = _figure()
    high: float = _figure()
    value: float = _figure()
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


@frozen(kw_only=True)
class WatchList(ById):
    """Signals of key customers, most value at stake first; made by :func:`watch_list`.

    Attributes
    ----------
    watched_ids : ndarray, shape (n_watched,)
        All key customers, sorted, whether there is a signal or not.
    customer_ids : ndarray, shape (n_signals,)
        Whose signal.
    signals : ndarray of int8, shape (n_signals,)
        Positions in ``("silent", "drop", "surge", "falling")``.
    codes : ndarray of int8, shape (n_signals,)
        The class now, as a position in `labels`.
    before : ndarray of int8, shape (n_signals,)
        Last time's class, as a position in `labels`; -1 where it is not told.
    figure, usual, low, high, value : ndarray of float, shape (n_signals,)
        As in :class:`WatchSignal`.
    unknown : tuple of (str, int)
        Pattern, and watched customers with too little history to speak of it.
    gone : int
        Last time's key customers who are not in the summary any more.
    labels : tuple of str
        The classes, best first.
    as_of : date
        The day it speaks of.
    last_period : date or None
        When the last complete period begins.
    minor_units : int
        Decimals of the money.
    """

    watched_ids: NDArray[Any] = array_field()
    customer_ids: NDArray[Any] = array_field()
    signals: NDArray[np.int8] = array_field()
    codes: NDArray[np.int8] = array_field()
    before: NDArray[np.int8] = array_field()
    figure: Floats = array_field()
    usual: Floats = array_field()
    low: Floats = array_field()
    high: Floats = array_field()
    value: Floats = array_field()
    unknown: tuple[tuple[str, int], ...]
    gone: int
    labels: tuple[str, ...]
    as_of: date
    last_period: date | None
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    @property
    def ids(self) -> NDArray[Any]:
        """All who are watched."""
        return self.watched_ids

    def __len__(self) -> int:
        return int(self.signals.size)

    def __repr__(self) -> str:
        return (
            f"WatchList({len(self):,} signals of {self.watched_ids.size:,} key "
            f"customers, as of {self.as_of})"
        )

    def __str__(self) -> str:
        found = [f"{n:,} {name}" for name, n in self.counts().items() if n]
        parts = [
            f"{self.watched_ids.size:,} key customers: {', '.join(found) or 'calm'}"
        ]
        parts += [f"{name} unknown of {n:,}" for name, n in self.unknown if n]
        if self.gone:
            parts.append(f"{self.gone:,} of last time's are gone")
        return "; ".join(parts)

    def counts(self) -> dict[str, int]:
        """Give the number of customers with each signal."""
        counted = np.bincount(self.signals, minlength=len(SIGNALS))
        return dict(zip(SIGNALS, counted.tolist(), strict=True))

    def __getitem__(self, customer_id: int | str) -> tuple[WatchSignal, ...]:
        """Give the signals of a key customer, none where all is as usual or unknown.

        Raises
        ------
        UnknownCustomerError
            If no key customer has that id.
        """
        one = self.watched_ids[position_of(self.watched_ids, customer_id)]
        places = np.flatnonzero(self.customer_ids == one).tolist()
        return tuple(map(self.signal_at, places))

    def signal_at(self, at: int) -> WatchSignal:
        """Give the signal at a place in the list, from 0."""
        before = int(self.before[at])
        numbers = {
            name: float(getattr(self, name)[at])
            for name in ("figure", "usual", "low", "high", "value")
        }
        signal = SIGNALS[self.signals[at]]
        label = self.labels[self.codes[at]]
        was = None if before < 0 else self.labels[before]
        if signal == "silent":
            text = (
                f"no purchase for {numbers['figure']:,.0f} days, "
                f"{numbers['figure'] / numbers['usual']:,.1f} times the usual gap of "
                f"{numbers['usual']:,.1f} days"
            )
        elif signal == "falling":
            text = f"fell from {was} to {label}"
        else:
            side = "low" if signal == "drop" else "high"
            text = (
                f"value {self._money(numbers['figure'])} in the period from "
                f"{self.last_period}, {'below' if signal == 'drop' else 'above'} "
                f"{self._money(numbers[side])}, the limit of what is natural around the "
                f"usual {self._money(numbers['usual'])}"
            )
        return WatchSignal(
            signal=signal,
            label=label,
            before=was,
            text=f"{signal}: {text}",
            **numbers,
        )

    def _money(self, amount: float) -> str:
        return format_money(round(amount * 10**self.minor_units), self.minor_units)

    def to_frame(self) -> Any:
        """Give one row a signal in order, as the kind of frame the host gave.

        Where last time's class is not told, `class_before` is blank.
        """
        words = (*self.labels, "")
        return to_frame(
            {
                "customer_id": self.customer_ids,
                "signal": Labels(codes=self.signals, words=SIGNALS),
                "class": Labels(codes=self.codes, words=self.labels),
                "class_before": Labels(
                    codes=self.before % np.int8(len(words)), words=words
                ),
                "figure": self.figure,
                "usual": self.usual,
                "low": self.low,
                "high": self.high,
                "value": self.value,
            },
            self.kind,
        )


def watch_list(
    summary: Summary,
    classes: Classification,
    *,
    keys: str | Sequence[str] = ("A",),
    policy: WatchPolicy | None = None,
    previous: Classification | None = None,
) -> WatchList:
    """List key customers who break from their own pattern, most value at stake first.

    "Pay close attention to other abnormal trends [...] of this type of customers" ("The
    benefits of customer classification management law").

    ========  ======================================================================
    silent    no purchase for at least so many of the own mean gaps
    drop      last complete period's value below the own natural process limits
    surge     the same above them
    falling   in a lower class than last time
    ========  ======================================================================

    Parameters
    ----------
    summary : Summary
        With dates, and values by period, for what is to be told from them.
    classes : Classification
        Of the same customers; ordered, best first.
    keys : sequence of str
        Classes that are watched; with `previous`, whoever was in one is watched too.
    policy : WatchPolicy, optional
        When a pattern is broken.
    previous : Classification, optional
        Last time's, for falls.

    Returns
    -------
    WatchList
        Equal values go by id, and one customer's signals in the order of the table.

    Raises
    ------
    InvalidInputError
        If the two are of different customers, classes have no order, a key is none of
        them, or `previous` is later.

    Notes
    -----
    Limits are those of an XmR chart of the customer's own complete periods between that
    of the first purchase, which is cut short, and the last one, which is held against
    them: :func:`~customer_identification.service.patterns.process_limits`. After equal
    values any change is outside. Of customers who leave many periods empty the lower
    limit is below 0, and no drop can be told: silence is what tells of them.

    A class named ``unknown`` on either side tells nothing of a fall.

    Examples
    --------
    >>> from customer_identification import ABCClassifier, Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(
    ...             customer_id="c1",
    ...             date=date(2010 + month // 12, month % 12 + 1, 5),
    ...             amount=20 if month == 19 else 100 + month % 3,
    ...         )
    ...         for month in range(20)
    ...     ],
    ...     as_of="2011-08-31",
    ... )
    >>> watched = watch_list(summary, ABCClassifier().fit(summary).classify(summary))
    >>> print(watched)
    1 key customers: 1 drop
    >>> print(watched["c1"][0])
    drop: value 20.00 in the period from 2011-08-01, below 97.40, the limit of what is
    natural around the usual 101.00
    """
    policy = an_instance("policy", policy, WatchPolicy, or_none=True) or WatchPolicy()
    keys = _check(summary, classes, keys)
    before = np.full(len(classes), -1, dtype=np.int8)
    is_key, gone = classes.where(*keys), 0
    if previous is not None:
        before, is_there = _check_previous(previous, classes)
        is_key |= np.isin(before, [classes.labels.index(one) for one in keys])
        was_key = [one in keys for one in previous.labels]
        gone = int(np.count_nonzero(~is_there & np.array(was_key)[previous.codes]))
    rows = np.flatnonzero(is_key)
    watched = summary.take(rows)
    silent, no_pace = silences(watched, policy)
    drop, surge, no_pattern = changes(watched, policy)
    found = [silent, drop, surge]
    unknown = [("silent", no_pace), ("drop or surge", no_pattern)]
    if previous is not None:
        falling, no_class = falls(classes.labels, before[rows], classes.codes[rows])
        found.append(falling)
        unknown.append(("falling", no_class))
    return WatchList(
        watched_ids=watched.customer_ids,
        unknown=tuple(unknown),
        gone=gone,
        labels=classes.labels,
        as_of=summary.as_of,
        last_period=summary.periods[-1].item() if summary.periods.size else None,
        minor_units=summary.minor_units,
        kind=summary.kind,
        **_columns(watched, found, classes.codes[rows], before[rows]),
    )


def _check(
    summary: Summary, classes: Classification, keys: str | Sequence[str]
) -> tuple[str, ...]:
    an_instance("summary", summary, Summary)
    check_ordered(classes)
    if not same_array(summary.customer_ids, classes.customer_ids):
        raise InvalidInputError(
            "summary and classes must be of the same customers", code="other_customers"
        )
    if summary.as_of != classes.as_of:
        raise InvalidInputError(
            "summary and classes must speak of the same day", code="bad_dates"
        )
    named = (keys,) if isinstance(keys, str) else tuple(keys)
    if not named or not all(one in classes.labels for one in named):
        raise InvalidInputError(
            f"keys must be one or more classes among {', '.join(classes.labels)}",
            code="unknown_class",
        )
    return named


def _check_previous(
    previous: Classification, classes: Classification
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    an_instance("previous", previous, Classification)
    if previous.as_of > classes.as_of:
        raise InvalidInputError(
            "previous must not be later than classes", code="bad_dates"
        )
    return classes_before(classes, previous)


def _columns(
    watched: Summary,
    found: Sequence[Found],
    now: NDArray[np.int8],
    before: NDArray[np.int8],
) -> dict[str, NDArray[Any]]:
    """Join signals, most value at stake first."""
    rows = np.concatenate([one.rows for one in found])
    signals = np.repeat(
        np.array([SIGNALS.index(one.signal) for one in found], np.int8),
        [one.rows.size for one in found],
    )
    worth = watched.value
    stake = np.zeros(rows.size, np.int64) if worth is None else worth[rows]
    order = np.lexsort((signals, rows, -stake))
    rows, signals = rows[order], signals[order]
    scale = 10**watched.minor_units
    figures = {
        name: np.concatenate(
            [
                getattr(one, name) / (1 if one.signal == "silent" else scale)
                for one in found
            ]
        )[order]
        for name in ("figure", "usual", "low", "high")
    }
    return {
        "customer_ids": watched.customer_ids[rows],
        "signals": signals,
        "codes": now[rows],
        "before": before[rows],
        "value": np.full(rows.size, np.nan) if worth is None else stake[order] / scale,
        **figures,
    }
