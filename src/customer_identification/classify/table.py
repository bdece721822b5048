"""Tables of lines, read from the top: what a rule is made of.

The first line whose conditions all hold gives the label, and a last line without
conditions catches the rest. The same table classifies a million customers by array and
explains one of them in words.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import frozen_array, same_array
from customer_identification.errors import InvalidInputError
from customer_identification.summary import Summary


__all__ = [
    "Condition",
    "Line",
    "Measure",
    "Moves",
    "Relation",
    "Unit",
    "decide",
    "holds",
    "line_of",
    "measure_of",
    "table_field",
]

Relation = Literal[">=", ">", "<=", "<"]
Moves = Literal["freely", "up", "up or back to 0"]
Unit = Literal["money", "days", "share", "count", "gaps", "score"]

_HOLDS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}
_FORMATS = {  # digits, kind, and what comes after
    "days": (0, "f", " days"),
    "share": (1, "%", ""),
    "count": (0, "f", ""),
    "gaps": (1, "f", " gaps"),
    "score": (2, "f", ""),
}
_NOISE = 6  # digits behind the last one read, which may come of working in floats
_MOVES: dict[str, Moves] = {
    "purchase_days": "up",
    "purchases": "up",
    "tenure": "up",
    "age_at_last_purchase": "up",
    "recency": "up or back to 0",
    "overdue": "up or back to 0",
}


@frozen
class Condition:
    """What must hold of one measure; never holds where the measure is nan.

    Attributes
    ----------
    measure : str
        Which measure.
    relation : {">=", ">", "<=", "<"}
        How the measure must lie to the limit.
    limit : int or float
        In the unit of the measure; money in minor units.
    """

    measure: str
    relation: Relation
    limit: float

    def __str__(self) -> str:
        return f"{self.measure} {self.relation} {self.limit:.6g}"

    def meets(self, values: Mapping[str, float]) -> bool:
        """Tell whether it holds of one customer."""
        return bool(_HOLDS[self.relation](values[self.measure], self.limit))

    def shifted(self, share: float) -> Condition:
        """Give the condition made easier by a share of its limit, harder if below 0."""
        easier = -1 if self.relation in {">=", ">"} else 1
        return evolve(self, limit=self.limit + easier * share * abs(self.limit))


@frozen
class Line:
    """One line of a table: the label, and all that must hold for it.

    Attributes
    ----------
    label : str
        The class this line gives.
    conditions : tuple of Condition
        All must hold; with none, the line catches everybody.
    shows : tuple of str
        Further measures that a reason should mention.
    sticky : bool
        Whether hysteresis and dwell may hold a customer between this class and another
        sticky one; the moves to and from all other classes take effect at once.
    """

    label: str
    conditions: tuple[Condition, ...] = ()
    shows: tuple[str, ...] = ()
    sticky: bool = False

    def __str__(self) -> str:
        limits = " and ".join(str(condition) for condition in self.conditions)
        return f"{self.label}: {limits or 'everybody else'}"

    def meets(self, values: Mapping[str, float]) -> bool:
        """Tell whether all conditions hold of one customer."""
        return all(condition.meets(values) for condition in self.conditions)


@frozen(eq=False, repr=False)
class Measure:
    """One number for every customer.

    Attributes
    ----------
    values : ndarray, shape (n_customers,)
        nan is unknown.
    unit : {"money", "days", "share", "count", "gaps", "score"}
        How it reads.
    scale : int
        What to divide by for the host's units; 100 for cents.
    moves : {"freely", "up", "up or back to 0"}
        How it can change: purchase days only go up, and the days since the last
        purchase go up until a purchase takes them back to 0.
    told : bool
        Whether it stands in frames; some only serve the lines.
    """

    values: NDArray[Any] = field(converter=frozen_array)
    unit: Unit = "score"
    scale: int = 1
    moves: Moves = "freely"
    told: bool = True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Measure):
            return NotImplemented
        same = (self.unit, self.scale) == (other.unit, other.scale)
        return same and same_array(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    def enough(self, step: float) -> float:
        """Give the least step that is at least as large, of those that can be read."""
        if self.unit == "money":
            return step
        digits, percent, _ = _FORMATS[self.unit]
        parts: int = 10 ** (digits + 2 * (percent == "%"))
        return math.ceil(round(step * parts, _NOISE)) / parts

    def read(self, value: float, more_digits: int = 0) -> str:
        """Write a value of this measure as people read it."""
        if value != value:  # noqa: PLR0124
            return "unknown"
        if self.unit == "money":
            return f"{value:,.{len(str(self.scale)) - 1 + more_digits}f}"
        digits, percent, after = _FORMATS[self.unit]
        text = f"{value:,.{digits + more_digits}{percent}}"
        return f"{text}{' day' if (text, self.unit) == ('1', 'days') else after}"


def table_field() -> Any:
    """Declare the table of a rule, built once from its other fields."""
    return field(init=False, eq=False, repr=False)


def measure_of(summary: Summary, name: str, unit: Unit) -> Measure:
    """Give a column of a summary as a measure; all nan where it is not there."""
    values = getattr(summary, name)
    if values is None:
        values = np.full(len(summary), np.nan)
    scale = 10**summary.minor_units if unit == "money" else 1
    return Measure(values, unit, scale, _MOVES.get(name, "freely"))


def holds(
    line: Line, measures: Mapping[str, Measure], n_customers: int
) -> NDArray[np.bool_]:
    """Tell for whom all conditions of a line hold."""
    result = np.ones(n_customers, dtype=np.bool_)
    for condition in line.conditions:
        values = measures[condition.measure].values
        result &= _HOLDS[condition.relation](values, condition.limit)
    return result


def line_of(lines: Sequence[Line], values: Mapping[str, float]) -> int:
    """Find the line that gives one customer the class."""
    return next(i for i, line in enumerate(lines) if line.meets(values))


def decide(
    lines: Sequence[Line],
    labels: Sequence[str],
    measures: Mapping[str, Measure],
    n_customers: int,
) -> NDArray[np.int8]:
    """Give the label of the first line that holds, as its position in `labels`.

    Parameters
    ----------
    lines : sequence of Line
        The table; the last line has no conditions.
    labels : sequence of str
        All labels of the lines.
    measures : mapping of str to Measure
        What the conditions speak of.
    n_customers : int
        Length of the measures.

    Returns
    -------
    ndarray of int8, shape (n_customers,)

    Raises
    ------
    InvalidInputError
        If the last line has conditions, or a line gives a label that is not there.

    Examples
    --------
    >>> table = (Line("big", (Condition("value", ">=", 10),)), Line("small"))
    >>> value = {"value": Measure(np.array([5, 10, float("nan")]))}
    >>> decide(table, ("big", "small"), value, 3)
    array([1, 0, 1], dtype=int8)
    """
    if not lines or lines[-1].conditions:
        raise InvalidInputError(
            "the last line of a table must have no conditions, to catch everybody else",
            code="bad_table",
        )
    if any(line.label not in labels for line in lines):
        raise InvalidInputError(
            f"every line must give one of the labels {', '.join(labels)}",
            code="bad_table",
        )
    if n_customers == 1:  # many times faster without arrays of one
        values = {name: measure.values.item() for name, measure in measures.items()}
        at = line_of(lines, values)
        return np.array([labels.index(lines[at].label)], dtype=np.int8)
    codes = np.empty(n_customers, dtype=np.int8)
    for line in reversed(lines):
        code = labels.index(line.label)
        if line.conditions:
            codes[holds(line, measures, n_customers)] = code
        else:
            codes[:] = code
    return codes
