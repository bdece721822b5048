"""Voices: what each respondent says of each topic, counted once however often it is said."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import run_starts
from customer_identification.errors import InvalidInputError
from customer_identification.needs.observations import ObservationRows
from customer_identification.needs.policy import NeedsPolicy


__all__ = ["Voices", "voices_of"]

Floats = NDArray[np.float64]


@frozen(kw_only=True, repr=False, eq=False)
class Voices:
    """One row for each respondent and topic, sorted by both.

    An answer is the weighted mean of what the respondent said; its weight is that of
    the best evidence for it, so that saying a thing twice does not count twice.

    Attributes
    ----------
    n_respondents, n_topics : int
    who, topic : ndarray of int, shape (n_pairs,)
    importance, satisfaction, sentiment : ndarray of float, shape (n_pairs,)
        nan where it is not told.
    importance_weight, satisfaction_weight, sentiment_weight : ndarray of float
        0 where it is not told. Shape (n_pairs,).
    mention_weight : ndarray of float, shape (n_pairs,)
        Above 0 where the topic was brought up unasked.
    whole, whole_weight : ndarray of float, shape (n_respondents,)
        Satisfaction with the whole, and its weight.
    """

    n_respondents: int
    n_topics: int
    who: NDArray[np.int64]
    topic: NDArray[np.int64]
    importance: Floats
    importance_weight: Floats
    satisfaction: Floats
    satisfaction_weight: Floats
    sentiment: Floats
    sentiment_weight: Floats
    mention_weight: Floats
    whole: Floats
    whole_weight: Floats

    def pair_weight(self) -> Floats:
        """Give the weight of a topic's satisfaction beside the whole; 0 without both."""
        return np.minimum(self.satisfaction_weight, self.whole_weight[self.who])

    def of(self, is_in: NDArray[np.bool_]) -> Voices:
        """Give the voices of some respondents, numbered anew."""
        rows = is_in[self.who]
        number = np.cumsum(is_in) - 1
        return Voices(
            n_respondents=int(np.count_nonzero(is_in)),
            n_topics=self.n_topics,
            who=number[self.who[rows]],
            whole=self.whole[is_in],
            whole_weight=self.whole_weight[is_in],
            **{name: getattr(self, name)[rows] for name in ("topic", *_PER_PAIR)},
        )


_ANSWERS = ("importance", "satisfaction", "sentiment")
_PER_PAIR = (*_ANSWERS, *(f"{name}_weight" for name in (*_ANSWERS, "mention")))


def voices_of(
    rows: ObservationRows, policy: NeedsPolicy, today: int, overall: str | None
) -> tuple[Voices, tuple[str, ...]]:
    """Give the voices in rows, and the topics without the whole."""
    if overall is not None and overall not in rows.topics:
        raise InvalidInputError(
            "overall must be a topic of the observations", code="unknown_topic"
        )
    weight = policy.weights_of(rows.channel, today - rows.day)
    starts = np.flatnonzero(run_starts(rows.who, rows.topic))
    pairs = {}
    for name in _ANSWERS:
        values = getattr(rows, name)
        known = np.where(np.isnan(values), 0, weight)
        best, total = (
            _reduced(np.maximum, known, starts),
            _reduced(np.add, known, starts),
        )
        said = _reduced(np.add, known * np.nan_to_num(values), starts)
        mean = np.full(starts.size, np.nan)
        pairs[name] = np.divide(said, total, out=mean, where=best > 0)
        pairs[f"{name}_weight"] = best
    is_mention = ~np.isnan(rows.sentiment) | (
        np.isnan(rows.importance) & np.isnan(rows.satisfaction)
    )
    unasked = np.where(is_mention, weight, 0)
    pairs["mention_weight"] = _reduced(np.maximum, unasked, starts)
    return _apart(rows, pairs, rows.who[starts], rows.topic[starts], overall)


def _reduced(by: np.ufunc, values: Floats, starts: NDArray[np.intp]) -> Floats:
    return np.asarray(by.reduceat(values, starts)) if starts.size else np.empty(0)


def _apart(
    rows: ObservationRows,
    pairs: dict[str, Floats],
    who: NDArray[np.int64],
    topic: NDArray[np.int64],
    overall: str | None,
) -> tuple[Voices, tuple[str, ...]]:
    """Set the whole apart from the topics."""
    n = len(rows.ids) + rows.report.anonymous
    whole, whole_weight = np.full(n, np.nan), np.zeros(n)
    topics = tuple(one for one in rows.topics if one != overall)
    kept = np.ones(who.size, dtype=np.bool_)
    if overall is not None:
        at = rows.topics.index(overall)
        kept = topic != at
        whole[who[~kept]] = pairs["satisfaction"][~kept]
        whole_weight[who[~kept]] = pairs["satisfaction_weight"][~kept]
        topic = topic - (topic > at)
    voices = Voices(
        n_respondents=n,
        n_topics=len(topics),
        who=who[kept],
        topic=topic[kept],
        whole=whole,
        whole_weight=whole_weight,
        **{name: values[kept] for name, values in pairs.items()},
    )
    return voices, topics
