"""A table of figures, and one line of it put into words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from attrs import cmp_using, field, fields, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError


__all__ = ["BASES", "Basis", "ByTopic", "Figures", "Need", "same_number"]

Basis = Literal["stated", "derived", "mentions", "none"]
BASES: tuple[Basis, ...] = ("stated", "derived", "mentions", "none")

_SAYS = {
    "stated": "importance as stated",
    "derived": "importance derived from the satisfaction with the whole",
    "mentions": "importance by mentions, satisfaction by sentiment",
    "none": "nothing tells how important it is",
}


def same_number(one: float, other: float) -> bool:
    """Tell whether numbers are equal, or both nan."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _figure() -> Any:
    return field(repr=False, eq=cmp_using(eq=same_number), hash=False)


class ByTopic:
    """Lets a result that is asked by topic be walked through, and asked what is there."""

    __slots__ = ()

    topics: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.topics)

    def __iter__(self) -> Iterator[str]:
        return iter(self.topics)

    def __contains__(self, topic: object) -> bool:
        return topic in self.topics

    def place(self, topic: str) -> int:
        """Give the place of a topic.

        Raises
        ------
        InvalidInputError
            If there is no such topic.
        """
        if topic not in self.topics:
            raise InvalidInputError(
                f"the topic must be one of the {len(self.topics):,} that are here",
                code="unknown_topic",
            )
        return self.topics.index(topic)


@frozen(kw_only=True)
class Need:
    """One topic, as important and as well met as it is; str() is the sentence.

    Attributes
    ----------
    topic : str
        Hidden from `repr`.
    importance, satisfaction : float
        0 to 1; nan without enough evidence.
    opportunity : float
        Importance, and the satisfaction that it lacks: 0 to 2; nan without enough
        evidence.
    low, high : float
        Interval of the opportunity; nan for one customer.
    respondents : int
        Whom it rests on.
    effective : float
        Their effective number; for one customer the weight of what was said.
    sentiment : float
        Mean of what was said of it unasked, -1 to 1; nan where nothing was.
    driver : float
        Correlation with the satisfaction with the whole, or the signed root of the
        relative weight; nan where it is not known.
    basis : {"stated", "derived", "mentions", "none"}
        What tells the importance.
    """

    topic: str = field(repr=False)
    importance: float = _figure()
    satisfaction: float = _figure()
    opportunity: float = _figure()
    low: float = _figure()
    high: float = _figure()
    respondents: int
    effective: float = _figure()
    sentiment: float = _figure()
    driver: float = _figure()
    basis: Basis

    @property
    def enough(self) -> bool:
        """Whether there is enough evidence to say how large the opportunity is."""
        return not math.isnan(self.opportunity)

    @property
    def opportunity_10(self) -> float:
        """The opportunity as Ulwick writes it, for ratings from 0 to 10."""
        return 10 * self.opportunity

    def __str__(self) -> str:
        n = f"{self.respondents:,} respondent{'s' * (self.respondents != 1)}"
        if not self.enough:
            what, says = "", _SAYS[self.basis]
            if not math.isnan(self.importance):
                known = f"importance {self.importance:.2f}"
                what, says = " of satisfaction", says.replace("importance", known, 1)
            return f"{self.topic}: not enough evidence{what} ({n}; {says})"
        within = f" ({self.low:.2f} to {self.high:.2f})"
        return (
            f"{self.topic}: opportunity {self.opportunity:.2f}"
            f"{'' if math.isnan(self.low) else within}, importance "
            f"{self.importance:.2f}, satisfaction {self.satisfaction:.2f}; {n}, "
            f"{_SAYS[self.basis]}"
        )


@frozen(kw_only=True, repr=False)
class Figures:
    """Figures of many needs, one row each; attributes are those of :class:`Need`.

    `topic` are places in the list of topics, `basis` places in
    ``("stated", "derived", "mentions", "none")``. None is nan in every row; for
    `respondents` it is 1.
    """

    topic: NDArray[np.int64] = array_field()
    importance: NDArray[np.float64] = array_field()
    satisfaction: NDArray[np.float64] = array_field()
    opportunity: NDArray[np.float64] = array_field()
    low: NDArray[np.float64] | None = array_field(default=None)
    high: NDArray[np.float64] | None = array_field(default=None)
    respondents: NDArray[np.int64] | None = array_field(default=None)
    effective: NDArray[np.float64] = array_field()
    sentiment: NDArray[np.float64] = array_field()
    driver: NDArray[np.float64] | None = array_field(default=None)
    basis: NDArray[np.int8] = array_field()

    def __len__(self) -> int:
        return int(self.topic.size)

    def take(self, rows: NDArray[Any]) -> Figures:
        """Give some rows."""
        return Figures(**{name: one[rows] for name, one in self.columns().items()})

    def columns(self) -> dict[str, NDArray[Any]]:
        """Give the columns that are there."""
        found = {one.name: getattr(self, one.name) for one in fields(Figures)}
        return {name: values for name, values in found.items() if values is not None}

    def need_at(self, row: int, topics: Sequence[str]) -> Need:
        """Give a row as an object."""
        values = {name: one[row].item() for name, one in self.columns().items()}
        values = dict.fromkeys(("low", "high", "driver"), math.nan) | values
        return Need(
            **{
                "respondents": 1,
                **values,
                "topic": topics[values["topic"]],
                "basis": BASES[values["basis"]],
            }
        )

    @staticmethod
    def joined(parts: Sequence[Figures]) -> Figures:
        """Give the rows of all parts, which have the same columns."""
        each = [one.columns() for one in parts]
        return Figures(
            **{name: np.concatenate([one[name] for one in each]) for name in each[0]}
        )
