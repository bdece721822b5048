"""Kano's categories: whether a topic delights, is taken for granted, or leaves cold."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.needs.figures import ByTopic, same_number
from customer_identification.needs.groups import EVERYBODY, group_number
from customer_identification.needs.observations import NeedReport


__all__ = [
    "ANSWERS",
    "CATEGORIES",
    "KANO_TABLE",
    "Kano",
    "KanoTopic",
    "kano_category",
]

Floats = NDArray[np.float64]
Category = Literal["M", "O", "A", "I", "R", "Q"]

ANSWERS = ("like", "must_be", "neutral", "live_with", "dislike")

# Must-be, one-dimensional, attractive, indifferent, reverse, questionable; in the order
# in which ties are settled, "M > O > A > I" (Berger et al. 1993, section IIa; that R and
# Q come after them is our choice).
CATEGORIES: tuple[Category, ...] = ("M", "O", "A", "I", "R", "Q")

# By the answer to "how do you feel if it has it?" (rows) and to "... if it has it not?"
# (columns), both in the order of ANSWERS: Kano, Seraku, Takahashi & Tsuji 1984,
# "Attractive quality and must-be quality", Hinshitsu 14 (2), 39-48, as the evaluation
# table in Berger et al. 1993, "Kano's methods for understanding customer-defined
# quality", Center for Quality of Management Journal 2 (4), 3-36, section IIa.
KANO_TABLE = (
    "QAAAO",
    "RIIIM",
    "RIIIM",
    "RIIIM",
    "RRRRQ",
)

# Of the normal distribution; 90 % lie within (Fong 1996).
_FONG = 1.65


def kano_category(functional: str, dysfunctional: str) -> Category:
    """Give the category of a pair of answers.

    Parameters
    ----------
    functional, dysfunctional : {"like", "must_be", "neutral", "live_with", "dislike"}
        How they feel if it is there, and if it is not.

    Returns
    -------
    {"M", "O", "A", "I", "R", "Q"}
        Must-be, one-dimensional, attractive, indifferent, reverse or questionable.

    Raises
    ------
    InvalidInputError
        If an answer is none of the five.

    Examples
    --------
    >>> kano_category("like", "dislike"), kano_category("neutral", "dislike")
    ('O', 'M')
    >>> kano_category("like", "like")
    'Q'
    """
    for name, one in (("functional", functional), ("dysfunctional", dysfunctional)):
        if one not in ANSWERS:
            raise InvalidInputError(
                f"{name} must be one of {', '.join(ANSWERS)}",
                code="unknown_word",
                column=name,
            )
    letter = KANO_TABLE[ANSWERS.index(functional)][ANSWERS.index(dysfunctional)]
    return CATEGORIES["MOAIRQ".index(letter)]


def _figure() -> Any:
    return field(eq=cmp_using(eq=same_number), hash=False)


@frozen(kw_only=True)
class KanoTopic:
    """What a topic is to those who answered; str() is the sentence.

    Attributes
    ----------
    topic : str
        Hidden from `repr`.
    respondents : int
        Pairs of answers.
    counts : tuple of (str, int)
        Category, and answers of it.
    category : str
        The most frequent one, of tied ones the first of M, O, A, I, R, Q; ``"?"``
        without an answer.
    better, worse : float
        ``(A + O) / (A + O + M + I)`` and ``-(O + M) / (A + O + M + I)``: by how much it
        satisfies to have it, and dissatisfies not to (Timko, in Berger et al. 1993,
        section IVa). nan where all are R or Q.
    category_strength : float
        Share of the most frequent category less that of the next; nan without answers.
    total_strength : float
        Share of A, O and M (both Lee & Newcomb 1997, "Applying the Kano methodology to
        meet customer requirements: NASA's microgravity science program", Quality
        Management Journal 4 (3), 95-106).
    questionable : float
        Share of Q: many tell of a bad question.
    clear : bool
        Whether the two most frequent, a and b of n, differ by chance in less than 1 of
        10 cases: ``|a - b| >= 1.65 sqrt((a + b) (2 n - a - b) / (2 n))`` (Fong 1996,
        "Using the self-stated importance questionnaire to interpret Kano questionnaire
        results", Center for Quality of Management Journal 5 (3), 21-23, as others
        quote it).
    """

    topic: str = field(repr=False)
    respondents: int
    counts: tuple[tuple[str, int], ...]
    category: str
    better: float = _figure()
    worse: float = _figure()
    category_strength: float = _figure()
    total_strength: float = _figure()
    questionable: float = _figure()
    clear: bool

    def __str__(self) -> str:
        if not self.respondents:
            return f"{self.topic}: not enough evidence (0 respondents)"
        known = ""
        if not math.isnan(self.better):
            known = f", better {self.better:.2f}, worse {self.worse:.2f}"
        return (
            f"{self.topic}: {_NAMES[self.category]}"
            f"{'' if self.clear else ', though not clearly'}{known}; "
            f"{self.respondents:,} respondent{'s' * (self.respondents != 1)}"
        )


_NAMES = {
    "M": "must-be",
    "O": "one-dimensional",
    "A": "attractive",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}


@frozen(kw_only=True)
class Kano(ByTopic):
    """Categories of topics, for everybody and for groups; made by :func:`kano`.

    Attributes
    ----------
    topics : tuple of str
        Sorted.
    groups : tuple of str
        What the groups are called.
    tally : ndarray of int, shape (1 + n_groups, n_topics, 6)
        Answers by category, of everybody and then of each group.
    close : float
        Share of the answers by which categories may differ and still be tied.
    report : NeedReport
        What became of every row.
    """

    topics: tuple[str, ...]
    groups: tuple[str, ...]
    tally: NDArray[np.int64] = array_field()
    close: float = 0.0
    report: NeedReport
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return f"Kano({len(self):,} topics, {len(self.groups):,} groups)"

    def __getitem__(self, topic: str) -> KanoTopic:
        """Give what a topic is to everybody.

        Raises
        ------
        InvalidInputError
            If there is no such topic.
        """
        return self.of(EVERYBODY)[self.place(topic)]

    def of(self, group: str) -> tuple[KanoTopic, ...]:
        """Give what the topics are to a group, in order of topics.

        Raises
        ------
        InvalidInputError
            If there is no such group.
        """
        tally = self.tally[group_number(group, self.groups)]
        figures = {
            name: one.tolist() for name, one in _figures_of(tally, self.close).items()
        }
        return tuple(
            KanoTopic(
                topic=topic,
                counts=tuple(zip(CATEGORIES, tally[at].tolist(), strict=True)),
                **{name: values[at] for name, values in figures.items()},
            )
            for at, topic in enumerate(self.topics)
        )

    def to_frame(self) -> Any:
        """Give one row a group and topic, in the kind of frame the host gave."""
        n = 1 + len(self.groups)
        names = np.array([EVERYBODY, *self.groups, None], dtype=object)[:-1]
        topics = np.array([*self.topics, None], dtype=object)[:-1]
        flat = self.tally.reshape(-1, len(CATEGORIES))
        counts = {str(one): flat[:, at] for at, one in enumerate(CATEGORIES)}
        return to_frame(
            {
                "group": np.repeat(names, len(self)),
                "topic": np.tile(topics, n),
                **_figures_of(flat, self.close),
                **counts,
            },
            self.kind,
        )


def _figures_of(tally: NDArray[np.int64], close: float) -> dict[str, NDArray[Any]]:
    """Give category, coefficients and strengths of many tallies."""
    n = tally.sum(axis=1)
    is_tied = tally >= tally.max(axis=1, keepdims=True) - close * n[:, None]
    m, o, a, i, _, q = tally.T
    top = np.sort(tally, axis=1)[:, ::-1]
    first, second = top[:, 0], top[:, 1]
    both = first + second
    bound = _FONG * np.sqrt(both * (2 * n - both) / np.maximum(2 * n, 1))
    words = np.array([*CATEGORIES, "?"], dtype=object)
    return {
        "respondents": n,
        "category": words[np.where(n > 0, is_tied.argmax(axis=1), len(CATEGORIES))],
        "better": _share(a + o, a + o + m + i),
        "worse": 0 - _share(o + m, a + o + m + i),
        "category_strength": _share(first - second, n),
        "total_strength": _share(a + o + m, n),
        "questionable": _share(q, n),
        "clear": (n > 0) & (first - second >= bound),
    }


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> Floats:
    share: Floats = np.full(whole.size, np.nan)
    return np.asarray(np.divide(part, whole, out=share, where=whole > 0))
