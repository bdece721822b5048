"""What a segment asks for, and tables of segments from the literature."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from customer_identification.classify.segment.rfm import RFM
from customer_identification.errors import InvalidInputError


__all__ = [
    "DEFAULT_SEGMENTS",
    "PUBLISHED_SEGMENTS",
    "Limits",
    "Segment",
    "bad_option",
    "is_limit",
    "is_words",
]

_TAKEN = frozenset({"unknown", "apart", "absent"})
Limits = tuple[float | str | None, ...]


def bad_option(message: str) -> InvalidInputError:
    """Give the error for an option that cannot be right."""
    return InvalidInputError(message, code="bad_option")


# --- one segment ----------------------------------------------------------------------


def _check_name(_: object, __: object, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or value in _TAKEN:
        raise bad_option(
            f"the name of a segment must be text, and none of {', '.join(sorted(_TAKEN))}"
        )


def _check_word(_: object, attribute: Any, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise bad_option(f"{attribute.name} must be text that is not blank")


def is_words(limits: Limits) -> bool:
    """Tell a choice of words from a range of numbers."""
    return isinstance(limits[0], str)


def is_limit(value: object) -> bool:
    """Tell whether a value can end a range: a finite number, or None for no limit."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (is_number and math.isfinite(value))  # type: ignore[arg-type]


def _limits(name: str, values: object) -> Limits:
    values = (values,) if isinstance(values, str) else values
    if isinstance(values, (list, tuple)) and values:
        if all(isinstance(one, str) and one for one in values):
            return tuple(dict.fromkeys(values))
        ends = sum(one is not None for one in values)
        if len(values) == 2 and ends and all(is_limit(one) for one in values):
            return tuple(values)
    raise bad_option(
        f"what a segment asks of {name} must be (lowest, highest), with None for no "
        "limit on one side, or a tuple of words"
    )


def _when(conditions: object) -> dict[str, Limits]:
    if not isinstance(conditions, Mapping) or not all(
        isinstance(name, str) and name for name in conditions
    ):
        raise bad_option("when must map names of measures to ranges or words")
    return {name: _limits(name, one) for name, one in conditions.items()}


@frozen(kw_only=True)
class Segment:
    """One line of a table of segments: a name, and all that must hold for it.

    Attributes
    ----------
    name : str
        Of the segment; several lines may share one.
    when : mapping of str to tuple
        By measure a range ``(lowest, highest)``, both included, with None for no limit
        on one side; or, of an attribute, a tuple of words. All must hold; with none, the
        segment takes everybody. For RFM the measures are recency, frequency and
        monetary, and the numbers are scores.
    source : str
        Where it comes from.

    Raises
    ------
    InvalidInputError
        If the name is blank or taken, or a condition is neither a range nor words.

    Examples
    --------
    >>> print(Segment(name="best", when={"recency": (4, 5), "monetary": (4, None)}))
    best: recency 4 to 5, monetary from 4
    """

    name: str = field(validator=_check_name)
    when: Mapping[str, Limits] = field(factory=dict, converter=_when, hash=False)
    source: str = field(default="our choice", validator=_check_word)

    def __str__(self) -> str:
        limits = ", ".join(f"{name} {_say(one)}" for name, one in self.when.items())
        return f"{self.name}: {limits or 'everybody else'}"


def _say(limits: Limits) -> str:
    if is_words(limits):
        return " or ".join(str(one) for one in limits)
    low, high = limits
    if low is None:
        return f"up to {high}"
    return f"from {low}" if high is None else f"{low} to {high}"


# --- tables ---------------------------------------------------------------------------

_R_PACKAGE = (
    "R package rfm, vignette RFM - Transaction Level Data, table of segments (2018)"
)
Scores = tuple[int, int]


def _published(name: str, recency: Scores, frequency: Scores, money: Scores) -> Segment:
    when = dict(zip(RFM, (recency, frequency, money), strict=True))
    return Segment(name=name, when=when, source=_R_PACKAGE)


# As published, in the order in which the vignette's case_when reads them; four of the
# eleven can never be reached there, and customers that none takes are "Others".
PUBLISHED_SEGMENTS = (
    _published("Champions", (4, 5), (4, 5), (4, 5)),
    _published("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    _published("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    _published("New Customers", (4, 5), (1, 1), (1, 1)),
    _published("Promising", (3, 4), (1, 1), (1, 1)),
    _published("Need Attention", (2, 3), (2, 3), (2, 3)),
    _published("About To Sleep", (2, 3), (1, 2), (1, 2)),
    _published("At Risk", (1, 2), (2, 5), (2, 5)),
    _published("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    _published("Hibernating", (1, 2), (1, 2), (1, 2)),
    _published("Lost", (1, 2), (1, 2), (1, 2)),
)

# The same boxes, the narrower before the wider, so that each is reached. Hibernating and
# Lost are one box there: what is lost is the lowest score of recency here, our choice.
DEFAULT_SEGMENTS = (
    _published("Champions", (4, 5), (4, 5), (4, 5)),
    _published("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    _published("New Customers", (4, 5), (1, 1), (1, 1)),
    _published("Promising", (3, 4), (1, 1), (1, 1)),
    _published("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    _published("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    _published("Need Attention", (2, 3), (2, 3), (2, 3)),
    _published("About To Sleep", (2, 3), (1, 2), (1, 2)),
    Segment(
        name="Lost", when={"recency": (1, 1), "frequency": (1, 2), "monetary": (1, 2)}
    ),
    _published("At Risk", (1, 2), (2, 5), (2, 5)),
    Segment(name="Others", source=_R_PACKAGE),
)
