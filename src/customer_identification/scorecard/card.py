"""The scorecard itself: points by bin, and what a party's points add up to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, position_of
from customer_identification.attributes import AttributeTable
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, to_frame
from customer_identification.options import an_instance, number, number_field, whole
from customer_identification.scorecard.assess import Assessment, assess
from customer_identification.scorecard.binning import (
    bin_codes,
    information_value,
    weight_of_evidence,
)
from customer_identification.scorecard.weights import fit_logit


__all__ = [
    "AttributePoints",
    "NumberPoints",
    "ScoreScale",
    "Scorecard",
    "Scores",
    "WordPoints",
    "check_name",
]

Floats = NDArray[np.float64]
Pair = tuple[int, int]

_MOST_BINS = 250  # a code is a byte
_BASE = "base"  # what the points of no attribute are called


def _floats(name: str, values: Any) -> tuple[float, ...]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InvalidInputError(
            f"{name} must be a list of numbers", code="bad_option", column=name
        )
    return tuple(number(name, one, -math.inf) for one in values)


def _numbers(name: str) -> Any:
    return field(converter=lambda values: _floats(name, values))


def _groups(values: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(values, (list, tuple)) or not all(
        isinstance(group, (list, tuple))
        and all(isinstance(word, str) for word in group)
        for group in values
    ):
        raise InvalidInputError(
            "words must be a list of groups, each a list of words",
            code="bad_option",
            column="words",
        )
    return tuple(tuple(one) for one in values)


def _pairs(values: Any) -> tuple[Pair, ...]:
    try:
        found = tuple(
            (whole("counts", good, 0, 2**62), whole("counts", bad, 0, 2**62))
            for good, bad in values
        )
    except (TypeError, ValueError):
        found = ((0, 0),)
    if found and not all(map(sum, zip(*found, strict=True))):
        raise InvalidInputError(
            "counts must be pairs of whole numbers, at least one good and one bad in all",
            code="bad_option",
            column="counts",
        )
    return found


def check_name(_: Any, attribute: Any, value: Any) -> None:
    """Make sure that a field holds text that is not blank; a validator of attrs."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError(
            f"{attribute.name} must be text that is not blank", code="bad_option"
        )


@frozen(kw_only=True)
class _Points:
    """What number and word attributes share."""

    name: str = field(validator=check_name)
    points: tuple[float, ...] = _numbers("points")
    unknown: float = number_field(0.0, -math.inf)
    counts: tuple[Pair, ...] = field(default=(), converter=_pairs)

    @property
    def all_points(self) -> Floats:
        """Points of every bin, those of unknown and other ones last."""
        return np.array([*self.points, *self._more])

    @property
    def _more(self) -> tuple[float, ...]:
        return (self.unknown,)

    @property
    def span(self) -> float:
        """How far the points of the best bin lie above those of the worst."""
        return max(self.points) - min(self.points)

    @property
    def evidence(self) -> Floats:
        """Weight of evidence of every bin; nan where points were not learnt."""
        if not self.counts:
            return np.full(self.all_points.size, np.nan)
        return weight_of_evidence(np.array(self.counts))

    @property
    def information(self) -> float:
        """Information value; nan where points were not learnt."""
        return information_value(np.array(self.counts)) if self.counts else math.nan

    def _check_counts(self) -> None:
        if self.all_points.size > _MOST_BINS:
            raise InvalidInputError(
                f"an attribute must have at most {_MOST_BINS} bins",
                code="bad_option",
                column=self.name,
            )
        if self.counts and len(self.counts) != self.all_points.size:
            raise InvalidInputError(
                "counts must be those of every bin, with unknown and other ones last",
                code="bad_option",
                column=self.name,
            )


@frozen(kw_only=True)
class NumberPoints(_Points):
    """Points for a number, by bin.

    Attributes
    ----------
    name : str
        Of the attribute.
    limits : tuple of float
        Where each bin but the first begins, rising; a value on a limit is in the upper
        bin.
    points : tuple of float
        One more than limits.
    unknown : float
        Points where the number is not known.
    counts : tuple of (int, int)
        Good and bad outcomes by bin where the points were learnt, unknown last.

    Raises
    ------
    InvalidInputError
        If limits do not rise, or points are not one more.

    Examples
    --------
    >>> age = NumberPoints(name="age", limits=[30, 50], points=[-10, 0, 15])
    >>> [age.text(code) for code in range(4)]
    ['age below 30', 'age 30 to below 50', 'age at least 50', 'age not known']
    """

    limits: tuple[float, ...] = _numbers("limits")

    def __attrs_post_init__(self) -> None:
        rise = all(a < b for a, b in zip(self.limits, self.limits[1:], strict=False))
        if not rise or len(self.points) != len(self.limits) + 1:
            raise InvalidInputError(
                "limits must rise, and points must be one more than limits",
                code="bad_option",
                column=self.name,
            )
        self._check_counts()

    def codes(self, column: NDArray[np.float64] | Labels) -> NDArray[np.uint8]:
        """Give the bin of each value.

        Raises
        ------
        InvalidInputError
            If the column holds words.
        """
        if isinstance(column, Labels):
            raise InvalidInputError(
                f"{self.name} must hold numbers, as where the points come from; it "
                "holds words",
                code="wrong_type",
                column=self.name,
            )
        return bin_codes(column, np.array(self.limits))

    def text(self, code: int) -> str:
        """Say which values are in a bin."""
        if code > len(self.limits):
            return f"{self.name} not known"
        if not self.limits:
            return f"{self.name} known"
        if code == 0:
            return f"{self.name} below {_say(self.limits[0])}"
        if code == len(self.limits):
            return f"{self.name} at least {_say(self.limits[-1])}"
        low, high = self.limits[code - 1 : code + 1]
        return f"{self.name} {_say(low)} to below {_say(high)}"


@frozen(kw_only=True)
class WordPoints(_Points):
    """Points for a word, by group of words.

    Attributes
    ----------
    name : str
        Of the attribute.
    words : tuple of tuple of str
        Words of each group.
    points : tuple of float
        As many as groups.
    unknown, other : float
        Points where the word is not known, and of words in no group.
    counts : tuple of (int, int)
        Good and bad outcomes by group where the points were learnt, unknown and other
        ones last.

    Raises
    ------
    InvalidInputError
        If a word is in two groups, or points are not as many as groups.

    Examples
    --------
    >>> home = WordPoints(
    ...     name="home", words=[["own"], ["rent", "free"]], points=[5, -5]
    ... )
    >>> home.text(1), home.text(3)
    ('home rent or free', 'home any other')
    """

    words: tuple[tuple[str, ...], ...] = field(converter=_groups)
    other: float = number_field(0.0, -math.inf)

    def __attrs_post_init__(self) -> None:
        listed = [word for group in self.words for word in group]
        if len(set(listed)) < len(listed) or len(self.points) != len(self.words):
            raise InvalidInputError(
                "a word must be in one group, and points must be as many as groups",
                code="bad_option",
                column=self.name,
            )
        self._check_counts()

    @property
    def _more(self) -> tuple[float, ...]:
        return (self.unknown, self.other)

    @property
    def span(self) -> float:
        """How far the points of the best group lie above those of the worst."""
        points = (*self.points, self.other)
        return max(points) - min(points)

    def codes(self, column: NDArray[np.float64] | Labels) -> NDArray[np.uint8]:
        """Give the group of each word.

        Raises
        ------
        InvalidInputError
            If the column holds numbers, and not all are unknown.
        """
        unknown = len(self.words)
        if not isinstance(column, Labels):
            if np.isnan(column).all():
                return np.full(column.size, unknown, np.uint8)
            raise InvalidInputError(
                f"{self.name} must hold words, as where the points come from; it holds "
                "numbers",
                code="wrong_type",
                column=self.name,
            )
        places = {word: at for at, group in enumerate(self.words) for word in group}
        of_word = [places.get(word, unknown + 1) for word in column.words]
        found: NDArray[np.uint8] = np.array([*of_word, unknown], np.uint8)[column.codes]
        return found

    def text(self, code: int) -> str:
        """Say which words are in a group."""
        if code >= len(self.words):
            what = "not known" if code == len(self.words) else "any other"
            return f"{self.name} {what}"
        words = [repr(one) if " or " in one else one for one in self.words[code]]
        return f"{self.name} {' or '.join(words)}"


AttributePoints = NumberPoints | WordPoints


def _say(value: float) -> str:
    return f"{value:,.10g}"


@frozen(kw_only=True)
class ScoreScale:
    """How a score reads as the chance of a good outcome.

    Attributes
    ----------
    score, odds : float
        At this score the odds are so many good to one bad. 600 and 50 are those of the
        worked example in Siddiqi 2006, p. 114.
    points_to_double : float
        Points that double the odds; 20 there.
    intercept, slope : float
        Of the recalibration on log odds; 0 and 1 without any.

    Examples
    --------
    >>> scale = ScoreScale()
    >>> round(float(scale.chance(600)), 4), round(scale.score_at(0.5), 3)
    (0.9804, 487.123)
    """

    score: float = number_field(600.0, -math.inf)
    odds: float = number_field(50.0, 1e-9)
    points_to_double: float = number_field(20.0, 1e-9)
    intercept: float = number_field(0.0, -math.inf)
    slope: float = number_field(1.0, 0)

    @property
    def factor(self) -> float:
        """Points for one unit of log odds: points to double the odds / ln 2."""
        return self.points_to_double / math.log(2)

    @property
    def offset(self) -> float:
        """Score at even odds."""
        return self.score - self.factor * math.log(self.odds)

    def log_odds(self, scores: Any) -> Any:
        """Give the log odds of scores before recalibration."""
        return (scores - self.offset) / self.factor

    def chance(self, scores: Any) -> Any:
        """Give the chance of a good outcome."""
        from scipy.special import expit  # noqa: PLC0415 - dear

        return expit(self.intercept + self.slope * self.log_odds(scores))

    def score_at(self, chance: float) -> float:
        """Give the score that has a chance; -inf where every score has it, or more.

        Raises
        ------
        InvalidInputError
            If the chance does not lie between 0 and 1.
        """
        number("chance", chance, 0, 1)
        if not 0 < chance < 1:
            return math.inf if chance else -math.inf
        odds = math.log(chance / (1 - chance)) - self.intercept
        if self.slope == 0:
            return -math.inf if odds <= 0 else math.inf
        return self.offset + self.factor * odds / self.slope


def _all(values: Any) -> tuple[NumberPoints | WordPoints, ...]:
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(isinstance(one, _Points) for one in values):
        raise InvalidInputError(
            "attributes must be a list of NumberPoints and WordPoints",
            code="bad_option",
        )
    return tuple(values)


@frozen(kw_only=True, repr=False)
class Scorecard:
    """Points for every attribute; the base and the points of all add up to the score.

    Made by :func:`learn_scorecard`, or by hand.

    Attributes
    ----------
    attributes : tuple of NumberPoints or WordPoints
        Points by bin.
    base : float
        The score of a party without points.
    scale : ScoreScale or None
        How the score reads as a chance.
    left_out : tuple of (str, str)
        Attributes that were not taken, and why.
    suspects : tuple of str
        Attributes that tell the outcome so well that they may only be known with it.

    Raises
    ------
    InvalidInputError
        If two attributes share a name, or one is called base.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> card = Scorecard(
    ...     attributes=[
    ...         NumberPoints(name="staff", limits=[10], points=[0, 30]),
    ...         WordPoints(name="branch", words=[["trade"]], points=[20]),
    ...     ],
    ...     base=100,
    ... )
    >>> leads = pd.DataFrame(
    ...     {"customer_id": [1, 2], "staff": [40, 5], "branch": ["craft", "trade"]}
    ... )
    >>> scores = card.score(attribute_table(leads))
    >>> scores.score.tolist()
    [130.0, 120.0]
    >>> scores.points_of(2)
    {'base': 100.0, 'staff': 0.0, 'branch': 20.0}
    """

    attributes: tuple[NumberPoints | WordPoints, ...] = field(converter=_all)
    base: float = number_field(0.0, -math.inf)
    scale: ScoreScale | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    suspects: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not all(isinstance(one, _Points) for one in self.attributes):
            raise InvalidInputError(
                "attributes must be NumberPoints or WordPoints", code="bad_option"
            )
        if len({one.name for one in self.attributes}) < len(self.attributes):
            raise InvalidInputError(
                "attributes of a card must have different names",
                code="duplicate_column",
            )

    def __repr__(self) -> str:
        return f"Scorecard({len(self.attributes)} attributes)"

    def __str__(self) -> str:
        lines = [f"base: {self.base:.1f}"]
        for one in self.attributes:
            lines += [
                f"{one.text(code)}: {points:+.1f}"
                for code, points in enumerate(one.all_points)
            ]
        return "\n".join(lines)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(one.name for one in self.attributes)

    @property
    def information(self) -> dict[str, float]:
        """Information value by attribute, largest first; nan where not learnt."""
        found = {one.name: one.information for one in self.attributes}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def turned(self) -> tuple[str, ...]:
        """Attributes whose points go against what each tells alone.

        Beside the others they tell the opposite, as income may at equal spending.
        """
        return tuple(
            one.name
            for one in self.attributes
            if one.counts and (one.all_points * one.evidence).sum() < 0
        )

    def score(self, table: AttributeTable) -> Scores:
        """Give every party their points.

        Parameters
        ----------
        table : AttributeTable
            With all attributes of the card; others are not looked at.

        Raises
        ------
        MissingColumnError
            If an attribute is not there.
        InvalidInputError
            If one holds words where the card has numbers, or the other way.
        """
        an_instance("table", table, AttributeTable)
        codes = np.empty((len(self.attributes), len(table)), np.uint8)
        for into, one in zip(codes, self.attributes, strict=True):
            into[:] = one.codes(table.column(one.name))
        return Scores(
            card=self, customer_ids=table.customer_ids, codes=codes, kind=table.kind
        )

    def check(self, table: AttributeTable, *, n_bins: int = 10) -> Assessment:
        """Hold the chances against outcomes, best of parties that were not learnt from.

        Raises
        ------
        InvalidInputError
            If the table has no outcomes, or the card has no scale.
        """
        outcomes, scores = self._told(table)
        return assess(outcomes, scores.chance, n_bins=n_bins)

    def calibrated(self, table: AttributeTable) -> Scorecard:
        """Give the card with chances fitted to outcomes (Platt 1999); points stay.

        Raises
        ------
        InvalidInputError
            If the table has no outcomes, good ones and bad ones; or higher scores go
            with fewer good ones there.
        """
        outcomes, scores = self._told(table)
        told = ~np.isnan(outcomes)
        good = outcomes[told] == 1
        if not good.any() or good.all():
            raise InvalidInputError(
                "there must be at least one good and one bad outcome",
                code="one_outcome",
            )
        scale = evolve(self._scale, intercept=0.0, slope=1.0)
        intercept, slope = fit_logit(scale.log_odds(scores.score[told]), good)
        if slope < 0:
            raise InvalidInputError(
                "higher scores must go with more good outcomes; here it is the other way",
                code="not_calibrated",
            )
        return evolve(self, scale=evolve(scale, intercept=intercept, slope=slope))

    @property
    def _scale(self) -> ScoreScale:
        if self.scale is None:
            return ScoreScale()
        return self.scale

    def _told(self, table: AttributeTable) -> tuple[Floats, Scores]:
        an_instance("table", table, AttributeTable)
        if table.outcomes is None:
            raise InvalidInputError(
                "the table must have outcomes; name their column by outcome=, or add "
                "them by with_outcomes()",
                code="no_outcomes",
            )
        return table.outcomes, self.score(table)

    def to_frame(self) -> Any:
        """Give one row a bin: points, outcomes, weight of evidence, information value."""
        rows = [
            (one, code, points)
            for one in self.attributes
            for code, points in enumerate(one.all_points.tolist())
        ]
        counts = [one.counts[code] if one.counts else (0, 0) for one, code, _ in rows]
        return to_frame(
            {
                "attribute": _text([one.name for one, _, _ in rows]),
                "bin": _text([one.text(code) for one, code, _ in rows]),
                "points": np.array([points for _, _, points in rows], np.float64),
                "good": np.array([good for good, _ in counts], np.int64),
                "bad": np.array([bad for _, bad in counts], np.int64),
                "evidence": np.array(
                    [one.evidence[code] for one, code, _ in rows], np.float64
                ),
                "information": np.array(
                    [one.information for one, _, _ in rows], np.float64
                ),
            },
            "pandas",
        )


def _text(words: list[str]) -> NDArray[Any]:
    found = np.empty(len(words), dtype=object)
    found[:] = words
    return found


@frozen(kw_only=True, repr=False)
class Scores:
    """The points of every party, by attribute.

    Attributes
    ----------
    card : Scorecard
        Where the points come from.
    customer_ids : ndarray, shape (n,)
        Sorted.
    codes : ndarray of uint8, shape (n_attributes, n)
        The bin of each.
    """

    card: Scorecard
    customer_ids: NDArray[Any] = array_field()
    codes: NDArray[np.uint8] = array_field()
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.customer_ids.size)

    def __repr__(self) -> str:
        return (
            f"Scores({len(self):,} parties by {len(self.card.attributes)} attributes)"
        )

    @property
    def points(self) -> dict[str, Floats]:
        """Points of each party by attribute."""
        return {
            one.name: one.all_points[codes]
            for one, codes in zip(self.card.attributes, self.codes, strict=True)
        }

    @property
    def score(self) -> Floats:
        """Base and points of each party, added up."""
        total = np.full(len(self), self.card.base, np.float64)
        for points in self.points.values():
            total += points
        return total

    @property
    def chance(self) -> Floats:
        """Chance of a good outcome; nan where the card has no scale."""
        scale = self.card.scale
        if scale is None:
            return np.full(len(self), np.nan)
        chance: Floats = scale.chance(self.score)
        return chance

    @property
    def known(self) -> Floats:
        """Share of what the card asks that is known, attributes weighed by their span.

        1 for a card that asks nothing.
        """
        spans = np.array([one.span for one in self.card.attributes])
        if not spans.sum():
            spans = np.ones(spans.size)
        is_known = [
            codes != len(one.points)
            for one, codes in zip(self.card.attributes, self.codes, strict=True)
        ]
        if not is_known:
            return np.ones(len(self))
        share: Floats = spans @ np.array(is_known) / spans.sum()
        return share

    def points_of(self, customer_id: int | str) -> dict[str, float]:
        """Give the base and the points of one party; they add up to the score.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        return {
            _BASE: float(self.card.base),
            **{
                one.name: float(one.all_points[codes[at]])
                for one, codes in zip(self.card.attributes, self.codes, strict=True)
            },
        }

    def take(self, rows: Any) -> Scores:
        """Give some parties only, or all in another order."""
        return evolve(
            self, customer_ids=self.customer_ids[rows], codes=self.codes[:, rows]
        )

    def to_frame(self) -> Any:
        """Give score, chance and points by attribute, one row a party."""
        columns: dict[str, Any] = {
            "customer_id": self.customer_ids,
            "score": self.score,
            "chance": self.chance,
            "known": self.known,
            **{f"{name}_points": one for name, one in self.points.items()},
        }
        return to_frame(columns, self.kind)
