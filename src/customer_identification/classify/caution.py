"""What calls for care, however good a score is."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable, numbers_of, words_of
from customer_identification.errors import InvalidInputError
from customer_identification.options import number, words
from customer_identification.scorecard.points import check_name, say_number, say_words


__all__ = ["Caution", "Edge"]


def _words(values: Any) -> tuple[str, ...]:
    return words("words", (values,) if isinstance(values, str) else values)


def _float_or_none(value: Any) -> float | None:
    return None if value is None else number("a limit", value, -math.inf)


@frozen(kw_only=True)
class Caution:
    """What calls for care, however good the score: an attribute and what it says.

    Parameters
    ----------
    attribute : str
        Which attribute.
    at_least, at_most : float, optional
        Numbers within these call for care.
    words : tuple of str
        Words that call for care.
    why : str
        What is to be feared, in words.

    Raises
    ------
    InvalidInputError
        If it has neither numbers nor words, or both, or they can never hold.

    Examples
    --------
    >>> print(Caution(attribute="default", words="yes", why="failed to pay before"))
    default yes: failed to pay before
    """

    attribute: str = field(validator=check_name)
    at_least: float | None = field(default=None, converter=_float_or_none)
    at_most: float | None = field(default=None, converter=_float_or_none)
    words: tuple[str, ...] = field(default=(), converter=_words)
    why: str = field(default="care is needed", validator=check_name)

    def __attrs_post_init__(self) -> None:
        low, high = self.at_least, self.at_most
        has_numbers = low is not None or high is not None
        if has_numbers == bool(self.words):
            raise InvalidInputError(
                "a caution must have at_least or at_most, or else words",
                code="bad_option",
            )
        if low is not None and high is not None and high < low:
            raise InvalidInputError(
                "at_most of a caution must not be below at_least", code="bad_option"
            )

    def __str__(self) -> str:
        return f"{self.attribute} {self.text}: {self.why}"

    @property
    def text(self) -> str:
        """Which values call for care."""
        if self.words:
            return say_words(self.words)
        low = "" if self.at_least is None else f"at least {say_number(self.at_least)}"
        high = "" if self.at_most is None else f"at most {say_number(self.at_most)}"
        return " and ".join(part for part in (low, high) if part)

    def holds(self, table: AttributeTable) -> NDArray[np.bool_]:
        """Tell of whom it holds; of nobody whose attribute is not known.

        Raises
        ------
        MissingColumnError
            If the attribute is not there.
        InvalidInputError
            If it holds words where the caution has numbers, or the other way.
        """
        column = table.column(self.attribute)
        if self.words:
            said = words_of(column, self.attribute)
            is_meant = np.array([*(one in self.words for one in said.words), False])
            found: NDArray[np.bool_] = is_meant[said.codes]
            return found
        numbers = numbers_of(column, self.attribute)
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return (numbers >= low) & (numbers <= high)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Where a rising number starts or stops to call for care."""
        low = () if self.at_least is None else (Edge(self.at_least, is_upper=True),)
        high = () if self.at_most is None else (Edge(self.at_most, is_upper=False),)
        return (*low, *high)


class Edge(NamedTuple):
    """A limit between two bins, and whether the limit itself is in the upper one."""

    limit: float
    is_upper: bool

    def is_above(self, value: float) -> bool:
        """Tell whether a number is in the upper bin."""
        return value >= self.limit if self.is_upper else value > self.limit

    def nearest(self, value: float) -> tuple[float, str]:
        """Give the nearest number on the other side, and how to say that."""
        up = not self.is_above(value)
        if up == self.is_upper:
            return self.limit, "at least" if up else "at most"
        beyond = math.nextafter(self.limit, math.inf if up else -math.inf)
        return beyond, "above" if up else "below"
