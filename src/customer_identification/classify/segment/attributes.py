"""Segments by whatever is known of customers: ranges of numbers and choices of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.attributes import (
    AttributeTable,
    is_known,
    numbers_of,
    words_of,
)
from customer_identification.classify.base import Classification
from customer_identification.classify.segment.check import Domain, check_segments
from customer_identification.classify.segment.table import Segment, is_words
from customer_identification.classify.table import Condition, Line, Measure, decide
from customer_identification.classify.verdict import Change, Reason
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels
from customer_identification.options import an_instance
from customer_identification.scorecard.points import say_words


__all__ = ["segment_customers"]

_UNDECIDED = "undecided"  # how many segments further up cannot be told
_TAKEN = frozenset(
    {_UNDECIDED, "class", "rule_class", "steady_class", "cause", "since"}
)


def segment_customers(
    table: AttributeTable, segments: Sequence[Segment], *, as_of: object = None
) -> Classification:
    """Give everybody a segment by ranges and words of whatever is known of them.

    Parameters
    ----------
    table : AttributeTable
        Of customers, or of parties who never bought.
    segments : sequence of Segment
        From the top; the first that matches wins.
    as_of : date, datetime or text, optional
        The day the segments speak of.

    Returns
    -------
    Classification
        `unknown` where an attribute is unknown that could have put somebody into a
        segment further up than the one that would else be theirs.

    Raises
    ------
    MissingColumnError
        If a segment asks for an attribute that is not there.
    InvalidInputError
        If a segment takes nobody or somebody may have none, or it asks for words of a
        number or for numbers of a word.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> table = attribute_table(
    ...     pd.DataFrame(
    ...         {
    ...             "customer_id": [1, 2, 3],
    ...             "staff": [250, 4, None],
    ...             "order_by": ["web", "phone", "web"],
    ...         }
    ...     )
    ... )
    >>> segments = [
    ...     Segment(name="large", when={"staff": (100, None)}),
    ...     Segment(name="online", when={"order_by": ("web",)}),
    ...     Segment(name="other"),
    ... ]
    >>> classes = segment_customers(table, segments, as_of="2011-07-31")
    >>> [classes.label_of(one) for one in classes]
    ['large', 'other', 'unknown']
    """
    day = an_instance("table", table, AttributeTable).day(as_of)
    for one in segments:
        an_instance("every segment", one, Segment)
        if taken := _TAKEN.intersection(one.when):
            raise InvalidInputError(
                f"no segment may ask for an attribute called {min(taken)!r}, as a column "
                "of classes is",
                code="duplicate_column",
            )
    asked = dict.fromkeys(name for one in segments for name in one.when)
    domains = {name: _domain(table.column(name), name, segments) for name in asked}
    check_segments(segments, domains=domains).check()
    lines, measures = _attribute_lines(table, segments)
    undecided = _undecided(lines, measures, len(table))
    measures[_UNDECIDED] = Measure(undecided, "count", told=False)
    table_lines = (
        Line("unknown", (Condition(_UNDECIDED, ">=", 1),), tuple(measures)),
        *lines,
        Line("unknown", (), tuple(measures)),
    )
    labels = (*dict.fromkeys(one.name for one in segments), "unknown")
    return Classification(
        customer_ids=table.customer_ids,
        codes=decide(table_lines, labels, measures, len(table)),
        labels=labels,
        as_of=day,
        lines=table_lines,
        measures=measures,
        advice=_NoChanges(),
        kind=table.kind,
    )


@frozen
class _NoChanges:
    """Says nothing of what would change a segment: nobody can make customers younger."""

    def reasons(self, at: int) -> tuple[Reason, ...]:  # noqa: ARG002
        return ()

    def changes(self, at: int) -> tuple[Change, ...]:  # noqa: ARG002
        return ()

    def renamed(self, order: Any, new_ids: Any) -> _NoChanges:  # noqa: ARG002
        return self


def _domain(column: Any, name: str, segments: Sequence[Segment]) -> Domain:
    """Give what an attribute can be: any number; the words asked for, or any other.

    So a table of segments is right or wrong for every month's data alike.
    """
    asked = [one for segment in segments for one in segment.when.get(name, ())]
    words = [one for one in asked if isinstance(one, str)]
    is_of_words = isinstance(column, Labels)
    if not is_known(column).any():
        is_of_words = bool(words)
    if not is_of_words:
        return (None, None)
    return (*dict.fromkeys(words), "any other")


def _attribute_lines(
    table: AttributeTable, segments: Sequence[Segment]
) -> tuple[list[Line], dict[str, Measure]]:
    """Say each segment as conditions on measures; a choice of words is one that is 0 or 1."""
    measures: dict[str, Measure] = {}
    found: list[tuple[str, tuple[Condition, ...]]] = []
    for one in segments:
        conditions = []
        for name, limits in one.when.items():
            label, measure = _measure(table, name, limits)
            while label != name and label in table.columns:
                label += "'"  # so that two things never have one name
            while measures.setdefault(label, measure) != measure:
                label += "'"
            low, high = (1, None) if is_words(limits) else _range(limits)
            if low is not None:
                conditions.append(Condition(label, ">=", float(low)))
            if high is not None:
                conditions.append(Condition(label, "<=", float(high)))
        found.append((one.name, tuple(conditions)))
    shown = tuple(measures)
    return [Line(label, conditions, shown) for label, conditions in found], measures


def _range(limits: Any) -> tuple[Any, Any]:
    low, high = limits
    return low, high


def _measure(table: AttributeTable, name: str, limits: Any) -> tuple[str, Measure]:
    """Give what a segment asks of an attribute, and what that is called."""
    if not is_words(limits):
        return name, _number_measure(numbers_of(table.column(name), name))
    said = words_of(table.column(name), name)
    return f"{name} is {say_words(limits)}", Measure(_is_one_of(said, limits), "count")


def _is_one_of(column: Labels, words: Sequence[Any]) -> NDArray[np.float64]:
    chosen = np.array([word in words for word in column.words], dtype=np.float64)
    values = np.full(column.codes.size, np.nan)
    known = column.codes >= 0
    values[known] = chosen[column.codes[known]]
    return values


def _number_measure(values: NDArray[np.float64]) -> Measure:
    known = values[~np.isnan(values)]
    return Measure(values, "count" if (known == np.round(known)).all() else "score")


def _undecided(
    lines: Sequence[Line], measures: Mapping[str, Measure], n: int
) -> NDArray[np.int64]:
    """Count the segments, down to the first that surely holds, that cannot be told."""
    count = np.zeros(n, dtype=np.int64)
    is_open = np.ones(n, dtype=np.bool_)
    for line in lines:
        surely = np.ones(n, dtype=np.bool_)
        maybe = np.ones(n, dtype=np.bool_)
        for one in line.conditions:
            measure = {one.measure: measures[one.measure]}
            holds = decide(
                (Line("yes", (one,)), Line("no")), ("no", "yes"), measure, n
            ).astype(np.bool_)
            surely &= holds
            maybe &= holds | np.isnan(measure[one.measure].values)
        count += is_open & maybe & ~surely
        is_open &= ~surely
    return count
