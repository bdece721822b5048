"""Figures of a group of respondents: importance, satisfaction, and on what they rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.needs.drivers import correlations, signed_weights
from customer_identification.needs.figures import BASES, Figures
from customer_identification.needs.policy import NeedsPolicy
from customer_identification.needs.scales import opportunity
from customer_identification.needs.tallies import N_SUMS, Tallies, tallies_of
from customer_identification.needs.voices import Voices


__all__ = ["chosen", "evaluate"]

Floats = NDArray[np.float64]

_STATED, _DERIVED, _MENTIONS, _NONE = range(len(BASES))


@frozen(kw_only=True, repr=False, eq=False)
class _Evidence:
    """How much there is of each kind, by topic.

    Attributes
    ----------
    number, effective : ndarray, shape (4, 2, n_topics)
        Respondents by basis, for importance and for satisfaction.
    counted : ndarray of bool, shape (n_topics,)
        Topics whose importance can be derived.
    """

    number: Floats
    effective: Floats
    counted: NDArray[np.bool_]


def _kish(weight: Floats, topic: NDArray[Any], size: int) -> tuple[Floats, Floats]:
    """Give how many there are, and the effective number, 0 for none (Kish 1965)."""
    number = np.bincount(topic[weight > 0], minlength=size)
    total = np.bincount(topic, weight, minlength=size)
    squares = np.bincount(topic, weight**2, minlength=size)
    some = squares > 0
    effective = np.divide(total**2, squares, out=np.zeros(size), where=some)
    return number.astype(np.float64), effective


def _evidence(voices: Voices, policy: NeedsPolicy) -> _Evidence:
    t, topic = voices.n_topics, voices.topic
    unasked = np.zeros(voices.n_respondents)
    np.maximum.at(unasked, voices.who, voices.mention_weight)
    matters = _kish(voices.importance_weight, topic, t)
    met = _kish(voices.satisfaction_weight, topic, t)
    feels = _kish(voices.sentiment_weight, topic, t)
    pairs = _kish(voices.pair_weight(), topic, t)
    crowd = [
        np.broadcast_to(one, t)
        for one in _kish(unasked, np.zeros(unasked.size, np.int64), 1)
    ]
    nobody = (np.zeros(t), np.zeros(t))
    number, effective = (
        np.array(
            [
                (matters[i], met[i]),
                (pairs[i], met[i]),
                (np.where(feels[i] > 0, crowd[i], 0), feels[i]),
                (nobody[i], met[i]),
            ]
        )
        for i in (0, 1)
    )
    counted = (pairs[0] >= policy.min_pairs) & (pairs[1] >= policy.min_effective)
    if policy.derived_by == "relative_weights":
        n, worth = _complete(voices, counted)
        number[_DERIVED, 0, counted], effective[_DERIVED, 0, counted] = n, worth
        counted &= n >= policy.min_pairs and worth >= policy.min_effective
    effective[_DERIVED, 0, ~counted] = 0
    return _Evidence(number=number, effective=effective, counted=counted)


def _complete(voices: Voices, asked: NDArray[np.bool_]) -> tuple[float, float]:
    """Tell how many rated all topics asked for and the whole, and their effective number."""
    both = voices.pair_weight()
    rows = asked[voices.topic] & (both > 0)
    given = np.bincount(voices.who[rows], minlength=voices.n_respondents)
    weight = np.full(voices.n_respondents, np.inf)
    np.minimum.at(weight, voices.who[rows], both[rows])
    weight = weight[(given > 0) & (given == np.count_nonzero(asked))]
    number, effective = _kish(weight, np.zeros(weight.size, np.int64), 1)
    return number[0].item(), effective[0].item()


def chosen(present: NDArray[np.bool_], enough: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Give the first basis with enough evidence; without one the first with any.

    Parameters
    ----------
    present, enough : ndarray of bool, shape (3, n)
        Stated, derived, mentions.
    """
    basis = np.where(present.any(axis=0), present.argmax(axis=0), _NONE)
    return np.where(enough.any(axis=0), enough.argmax(axis=0), basis).astype(np.int8)


def _estimate(
    sums: Floats, n_topics: int, counted: NDArray[np.bool_], policy: NeedsPolicy
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give importance and satisfaction by basis, drivers and sentiment, by sample.

    Returns
    -------
    importance, satisfaction : ndarray of float, shape (4, n_samples, n_topics)
    driver, sentiment : ndarray of float, shape (n_samples, n_topics)
    """
    n = len(sums)
    each = sums[:, : N_SUMS * n_topics].reshape(n, N_SUMS, n_topics).swapaxes(0, 1)
    unasked = sums[:, N_SUMS * n_topics]
    driver = np.full((n, n_topics), np.nan)
    if policy.derived_by == "correlation":
        driver[:, counted] = correlations(each[7:][:, :, counted])
    elif counted.any():
        size = np.count_nonzero(counted) + 2
        moments = sums[:, N_SUMS * n_topics + 1 :].reshape(n, size, size)
        driver[:, counted] = signed_weights(moments)
    met, feels = _ratio(each[3], each[2]), _ratio(each[6], each[5])
    importance = np.array(
        [
            _ratio(each[1], each[0]),
            _relative(driver),
            _ratio(each[4], unasked[:, None]),
            np.full((n, n_topics), np.nan),
        ]
    )
    return importance, np.array([met, met, (feels + 1) / 2, met]), driver, feels


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide; nan where there is no whole, and never above 1 by rounding."""
    return np.clip(part / np.where(whole > 0, whole, np.nan), -1, 1)


def _relative(driver: Floats) -> Floats:
    """Give importance as a share of the strongest driver's; below 0 counts as 0."""
    most = np.max(np.nan_to_num(driver), axis=1, initial=0)[:, None]
    above = np.maximum(driver, 0)
    share: Floats = np.zeros_like(driver) * driver  # nan stays nan
    return np.asarray(np.divide(above, most, out=share, where=most > 0))


def evaluate(
    voices: Voices, policy: NeedsPolicy, dice: np.random.Generator
) -> tuple[Figures, Floats]:
    """Give the figures of every topic, and importance and satisfaction by sample.

    Returns
    -------
    figures : Figures
        One row for each topic.
    draws : ndarray of float32, shape (3, n_bootstrap, n_topics)
        Importance, satisfaction and opportunity.
    """
    t = voices.n_topics
    found = _evidence(voices, policy)
    is_enough = found.effective >= policy.min_effective
    basis = chosen(found.number[:3].min(axis=1) > 0, is_enough[:3].min(axis=1))
    alone = (basis == _NONE) & (found.number[_STATED, 0] > 0)
    basis[alone] = _STATED  # though nobody knows how content they are
    by_weights = policy.derived_by == "relative_weights"
    driven = np.flatnonzero(found.counted) if by_weights else np.empty(0, np.intp)
    tallies = tallies_of(voices, policy.high_from, driven)
    at = np.arange(t)
    shown = is_enough[basis, :, at].T  # (2, n_topics)

    def figures_of(sums: Floats) -> tuple[Floats, ...]:
        importance, satisfaction, driver, feels = _estimate(
            sums, t, found.counted, policy
        )
        matters = np.where(shown[0], importance[basis, :, at].T, np.nan)
        met = np.where(shown[1], satisfaction[basis, :, at].T, np.nan)
        return matters, met, opportunity(matters, met), driver, feels

    total = figures_of(tallies.total())
    draws = _draws(tallies, policy, dice, figures_of)
    low, high = _interval(draws[2], policy.confidence)
    matters, met, chance, driver, feels = (one[0] for one in total)
    return (
        Figures(
            topic=at,
            importance=matters,
            satisfaction=met,
            opportunity=chance,
            low=np.where(np.isnan(chance), np.nan, low),
            high=np.where(np.isnan(chance), np.nan, high),
            respondents=_fewest(found.number[basis, :, at], alone).astype(np.int64),
            effective=_fewest(found.effective[basis, :, at], alone),
            sentiment=feels,
            driver=driver,
            basis=basis,
        ),
        draws,
    )


def _fewest(figures: Floats, alone: NDArray[np.bool_]) -> Floats:
    """Give the smaller of both columns; the first where that alone is there."""
    return np.where(alone, figures[:, 0], figures.min(axis=1))


def _draws(
    tallies: Tallies, policy: NeedsPolicy, dice: np.random.Generator, figures_of: Any
) -> Floats:
    parts = [
        np.array(figures_of(sums)[:3], dtype=np.float32)
        for sums in tallies.samples(policy.n_bootstrap, dice)
    ]
    return np.concatenate(parts, axis=1)


def _interval(draws: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Give percentiles of samples; nan where there are none."""
    low, high = (np.full(draws.shape[1], np.nan) for _ in range(2))
    some = np.isfinite(draws).any(axis=0)
    if some.any():
        tail = (1 - confidence) / 2
        low[some], high[some] = np.nanquantile(
            draws[:, some].astype(np.float64), (tail, 1 - tail), axis=0
        )
    return low, high
