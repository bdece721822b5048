"""Points for one attribute, by bin of a number or group of words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.attributes import numbers_of, words_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels
from customer_identification.options import float_field, number, whole
from customer_identification.scorecard.binning import (
    bin_codes,
    information_value,
    weight_of_evidence,
)


__all__ = [
    "AttributePoints",
    "NumberPoints",
    "WordPoints",
    "check_name",
    "say_number",
    "say_words",
]

Floats = NDArray[np.float64]
Pair = tuple[int, int]

_MOST_BINS = 250  # a code is a byte
_WHOLE_DIGITS = 15  # written out; our choice


def _floats(name: str, values: Any) -> tuple[float, ...]:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise InvalidInputError(
            f"{name} must be a list of numbers", code="bad_option", column=name
        )
    return tuple(number(name, one, -math.inf) for one in values)


def _numbers(name: str) -> Any:
    return field(converter=lambda values: _floats(name, values))


def _within(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    found = _floats("within", value)
    if len(found) != 2 or found[0] > found[1]:
        raise InvalidInputError(
            "within must be the least and the largest number", code="bad_option"
        )
    return found[0], found[1]


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
    unknown: float = float_field("unknown", 0.0, -math.inf)
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
    within : (float, float) or None
        Least and largest number that there can be, as of a rating.

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
    within: tuple[float, float] | None = field(default=None, converter=_within)

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
            If the column holds words, and not all are unknown; or a number that cannot
            be.
        """
        numbers = numbers_of(column, self.name)
        if self.within is not None:
            low, high = self.within
            check_each(
                self.name,
                ~((numbers < low) | (numbers > high)),
                f"lie in {say_number(low)} to {say_number(high)}",
                code="out_of_range",
            )
        return bin_codes(numbers, np.array(self.limits))

    def text(self, code: int) -> str:
        """Say which values are in a bin."""
        if code > len(self.limits):
            return f"{self.name} not known"
        if not self.limits:
            return f"{self.name} known"
        if code == 0:
            return f"{self.name} below {say_number(self.limits[0])}"
        if code == len(self.limits):
            return f"{self.name} at least {say_number(self.limits[-1])}"
        low, high = self.limits[code - 1 : code + 1]
        return f"{self.name} {say_number(low)} to below {say_number(high)}"


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
    other: float = float_field("other", 0.0, -math.inf)

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
        unknown, column = len(self.words), words_of(column, self.name)
        places = {word: at for at, group in enumerate(self.words) for word in group}
        of_word = [places.get(word, unknown + 1) for word in column.words]
        found: NDArray[np.uint8] = np.array([*of_word, unknown], np.uint8)[column.codes]
        return found

    def text(self, code: int) -> str:
        """Say which words are in a group."""
        if code >= len(self.words):
            what = "not known" if code == len(self.words) else "any other"
            return f"{self.name} {what}"
        return f"{self.name} {say_words(self.words[code])}"


AttributePoints = NumberPoints | WordPoints


def say_words(words: Sequence[str]) -> str:
    """Write words of which one holds, so that no two lists read alike."""
    return " or ".join(repr(one) if " or " in one else one for one in words)


def say_number(value: float) -> str:
    """Write a number with as many digits as tell it from all others."""
    is_whole = value.is_integer() and abs(value) < 10**_WHOLE_DIGITS
    return f"{int(value):,}" if is_whole else f"{value:,}"
