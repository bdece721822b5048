"""What changed from one ranking of needs to another, and how sure that is."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.frames import Labels, to_frame
from customer_identification.needs.figures import BASES, ByTopic, same_number


__all__ = ["VERDICTS", "NeedChange", "NeedChanges", "changes_between"]

Floats = NDArray[np.float64]
Verdict = Literal[
    "higher", "lower", "no clear change", "not enough evidence", "other basis"
]
VERDICTS: tuple[Verdict, ...] = (
    "higher",
    "lower",
    "no clear change",
    "not enough evidence",
    "other basis",
)


def _figure() -> Any:
    return field(repr=False, eq=cmp_using(eq=same_number), hash=False)


@frozen(kw_only=True)
class NeedChange:
    """How one topic changed; str() is the sentence.

    Attributes
    ----------
    topic : str
        Hidden from `repr`.
    figure : str
        What is compared.
    before, after : float
        nan without enough evidence.
    difference, low, high : float
        After less before, and its interval; nan where they cannot be compared.
    verdict : str
        ``"higher"``, ``"lower"``, ``"no clear change"``, ``"not enough evidence"``, or
        ``"other basis"``.
    """

    topic: str = field(repr=False)
    figure: str
    before: float = _figure()
    after: float = _figure()
    difference: float = _figure()
    low: float = _figure()
    high: float = _figure()
    verdict: Verdict

    def __str__(self) -> str:
        text = f"{self.topic}: {self.figure} {self.verdict}"
        if math.isnan(self.difference):
            return text
        return (
            f"{text}: {self.before:.2f} to {self.after:.2f}, {self.difference:+.2f} "
            f"({self.low:+.2f} to {self.high:+.2f})"
        )


@frozen(kw_only=True)
class NeedChanges(ByTopic):
    """Changes of many topics, by name; made by :meth:`NeedRanking.compare`.

    Attributes
    ----------
    topics : tuple of str
        Of either ranking, sorted.
    figure : str
        What is compared.
    before, after, difference, low, high : ndarray of float, shape (n_topics,)
        As in :class:`NeedChange`.
    verdicts : ndarray of int8, shape (n_topics,)
        Places in :data:`VERDICTS`.
    """

    topics: tuple[str, ...]
    figure: str
    before: Floats = array_field()
    after: Floats = array_field()
    difference: Floats = array_field()
    low: Floats = array_field()
    high: Floats = array_field()
    verdicts: NDArray[np.int8] = array_field()
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return f"NeedChanges({len(self):,} topics, {self.figure})"

    def __getitem__(self, topic: str) -> NeedChange:
        """Say how a topic changed.

        Raises
        ------
        InvalidInputError
            If there is no such topic.
        """
        at = self.place(topic)
        return NeedChange(
            topic=topic,
            figure=self.figure,
            verdict=VERDICTS[self.verdicts[at]],
            **{name: getattr(self, name)[at].item() for name in _NUMBERS},
        )

    def counts(self) -> dict[str, int]:
        """Give the number of topics with each verdict."""
        counted = np.bincount(self.verdicts, minlength=len(VERDICTS))
        return dict(zip(VERDICTS, counted.tolist(), strict=True))

    def to_frame(self) -> Any:
        """Give one row a topic, in the kind of frame the host gave."""
        topics = np.array([*self.topics, None], dtype=object)[:-1]
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        verdicts = Labels(codes=self.verdicts, words=VERDICTS)
        return to_frame({"topic": topics, **numbers, "verdict": verdicts}, self.kind)


_NUMBERS = ("before", "after", "difference", "low", "high")


def changes_between(
    now: tuple[tuple[str, ...], Floats, Floats, NDArray[np.int8]],
    then: tuple[tuple[str, ...], Floats, Floats, NDArray[np.int8]],
    *,
    figure: str,
    confidence: float,
    kind: str,
) -> NeedChanges:
    """Compare two sides: topics, figures, samples by topic, and what they rest on."""
    topics = tuple(sorted({*now[0], *then[0]}))
    after, of_after, basis_after = _spread(now, topics)
    before, of_before, basis_before = _spread(then, topics)
    other = (basis_after >= 0) & (basis_before >= 0) & (basis_after != basis_before)
    other &= ~(np.isnan(after) | np.isnan(before))
    n = min(len(of_after), len(of_before))
    # Backwards, so that equal seeds do not pair the samples of the two sides.
    apart = of_after[:n] - of_before[:n][::-1]
    difference = np.where(other, np.nan, after - before)
    low, high = np.full((2, len(topics)), np.nan)
    some = ~np.isnan(difference) & np.isfinite(apart).any(axis=0)
    if some.any():
        tail = (1 - confidence) / 2
        low[some], high[some] = np.nanquantile(
            apart[:, some].astype(np.float64), (tail, 1 - tail), axis=0
        )
    verdicts = np.select(
        [other, np.isnan(difference), low > 0, high < 0],
        [4, 3, 0, 1],
        2,
    ).astype(np.int8)
    return NeedChanges(
        topics=topics,
        figure=figure,
        before=before,
        after=after,
        difference=difference,
        low=low,
        high=high,
        verdicts=verdicts,
        kind=kind,
    )


def _spread(
    side: tuple[tuple[str, ...], Floats, Floats, NDArray[np.int8]],
    topics: tuple[str, ...],
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Put one side's columns to the topics of both; nan, and no basis, elsewhere."""
    own, values, draws, basis = side
    at = [topics.index(one) for one in own]
    here = np.full(len(topics), np.nan)
    here[at] = values
    samples = np.full((len(draws), len(topics)), np.nan)
    samples[:, at] = draws
    rests = np.full(len(topics), -1)
    rests[at] = np.where(basis == BASES.index("none"), -1, basis)
    return here, samples, rests
