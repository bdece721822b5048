"""Weighted sums over respondents, and the samples of respondents to take them over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.needs.voices import Voices


__all__ = ["N_SUMS", "Tallies", "tallies_of"]

Floats = NDArray[np.float64]

N_SUMS = 13  # for each topic; what they are stands in _pair_sums
_CELLS = 1 << 22  # of the matrices held at a time, 32 MiB; our choice


@frozen(kw_only=True, repr=False, eq=False)
class Tallies:
    """What each respondent adds to each sum, where that is not 0; sorted by respondent.

    Attributes
    ----------
    n_respondents, n_sums : int
    who, which : ndarray of int
        Respondent and sum.
    added : ndarray of float
    """

    n_respondents: int
    n_sums: int
    who: NDArray[np.int64]
    which: NDArray[np.int64]
    added: Floats

    def total(self) -> Floats:
        """Give the sums over all respondents, shape (1, n_sums)."""
        sums = np.bincount(self.which, self.added, minlength=self.n_sums)
        return sums.astype(np.float64, copy=False)[None]

    def samples(self, n_samples: int, dice: np.random.Generator) -> Iterator[Floats]:
        """Give the sums over samples of as many respondents, drawn with replacement.

        The bootstrap over respondents (Efron 1979, Annals of Statistics 7, 1-26): all
        that somebody said is drawn together.

        Yields
        ------
        ndarray of float, shape (n_of_them, n_sums)
            Some samples at a time, `n_samples` in all.
        """
        n = self.n_respondents
        there, which = np.unique(self.which, return_inverse=True)
        if not there.size:
            yield np.zeros((n_samples, self.n_sums))
            return
        step = max(1, _CELLS // max(n, there.size))
        table = self._table(which, there.size)
        for begin in range(0, n_samples, step):
            size = min(step, n_samples - begin)
            times = np.empty((n, size))
            for at, drawn in enumerate(dice.integers(n, size=(size, n))):
                times[:, at] = np.bincount(drawn, minlength=n)
            sums = np.zeros((size, self.n_sums))
            sums[:, there] = (table @ times).T
            yield sums

    def _table(self, which: NDArray[np.int64], n_sums: int) -> Any:
        """Give what each respondent adds, a row a sum; sparse where it is large."""
        shape = n_sums, self.n_respondents
        if n_sums * self.n_respondents <= _CELLS:
            table = np.zeros(shape)
            table[which, self.who] = self.added
            return table
        from scipy.sparse import csr_array  # noqa: PLC0415 - dear

        return csr_array((self.added, (which, self.who)), shape=shape)


def tallies_of(
    voices: Voices, high_from: float | None, driven: NDArray[np.intp]
) -> Tallies:
    """Give what each respondent adds to the sums.

    Parameters
    ----------
    voices : Voices
    high_from : float or None
        Whether to count high ratings instead of adding ratings up, and from where.
    driven : ndarray of int
        Topics whose relative weights are asked for.

    Returns
    -------
    Tallies
        `N_SUMS` for each topic, one block of topics after the other; then one for all
        who bring something up unasked; then the products of 1, the ratings of `driven`
        and the overall rating, of those who gave all of them.
    """
    t = voices.n_topics
    blocks = _pair_sums(voices, high_from)
    unasked = np.zeros(voices.n_respondents)
    np.maximum.at(unasked, voices.who, voices.mention_weight)
    crowd, products = _products(voices, driven)
    k = products.shape[1]
    who = [np.tile(voices.who, N_SUMS), np.arange(voices.n_respondents)]
    which = [
        np.concatenate([voices.topic + t * i for i in range(N_SUMS)]),
        np.full(voices.n_respondents, N_SUMS * t),
    ]
    who.append(np.repeat(crowd, k))
    which.append(np.tile(N_SUMS * t + 1 + np.arange(k), crowd.size))
    added = np.concatenate([*blocks, unasked, products.ravel()])
    some = np.flatnonzero(added)
    every = np.concatenate(who)[some]
    order = some[np.argsort(every, kind="stable")]
    return Tallies(
        n_respondents=voices.n_respondents,
        n_sums=N_SUMS * t + 1 + k,
        who=np.concatenate(who)[order],
        which=np.concatenate(which)[order],
        added=added[order],
    )


def _pair_sums(voices: Voices, high_from: float | None) -> list[Floats]:
    matters, met = (
        values
        if high_from is None
        else (values >= high_from - 1e-9).astype(np.float64)  # 1e-9 against rounding
        for values in (voices.importance, voices.satisfaction)
    )
    feels, both, one = voices.sentiment, voices.pair_weight(), np.ones(voices.who.size)
    x, y = voices.satisfaction, voices.whole[voices.who]
    columns = [
        (voices.importance_weight, one, one),
        (voices.importance_weight, matters, one),
        (voices.satisfaction_weight, one, one),
        (voices.satisfaction_weight, met, one),
        (voices.mention_weight, one, one),
        (voices.sentiment_weight, one, one),
        (voices.sentiment_weight, feels, one),
        (both, one, one),
        (both, x, one),
        (both, y, one),
        (both, x, x),
        (both, y, y),
        (both, x, y),
    ]
    return [np.where(w > 0, w * a * b, 0) for w, a, b in columns]


def _products(
    voices: Voices, driven: NDArray[np.intp]
) -> tuple[NDArray[np.int64], Floats]:
    """Give who rated all, and weighted products of their ratings."""
    if not driven.size:
        return np.empty(0, np.int64), np.empty((0, 0))
    place = np.full(voices.n_topics, -1)
    place[driven] = np.arange(driven.size)
    both = voices.pair_weight()
    rows = np.flatnonzero((place[voices.topic] >= 0) & (both > 0))
    whose = voices.who[rows]
    given = np.bincount(whose, minlength=voices.n_respondents)
    crowd = np.flatnonzero(given == driven.size)
    rows = rows[given[whose] == driven.size]
    shape = crowd.size, driven.size  # rows are sorted by respondent, then topic
    ratings = voices.satisfaction[rows].reshape(shape)
    weight = both[rows].reshape(shape).min(axis=1)
    z = np.column_stack([np.ones(crowd.size), ratings, voices.whole[crowd]])
    products = weight[:, None, None] * z[:, :, None] * z[:, None, :]
    return crowd, products.reshape(crowd.size, -1)
