"""Named segments by how recently, how often and for how much a customer buys."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, product
from typing import Any

import numpy as np
from attrs import field, frozen

from customer_identification.classify.base import Classification, classify_by
from customer_identification.classify.segment.check import (
    SegmentReport,
    check_segments,
)
from customer_identification.classify.segment.rfm import RFM, RFMRule, RFMScorer
from customer_identification.classify.segment.table import DEFAULT_SEGMENTS, Segment
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    measure_of,
    table_field,
)
from customer_identification.options import an_instance
from customer_identification.summary import Summary


__all__ = ["SegmentClassifier", "SegmentRule"]

_COLUMNS = {"recency": "recency", "frequency": "purchases", "monetary": "value"}
_UNDECIDED = "undecided"  # how many measures, or segments above, cannot be told
_SHOWN = tuple(_COLUMNS.values())
_NOT_TOLD = Line("unknown", (Condition(_UNDECIDED, ">=", 1),), _SHOWN)


def _tuple(values: object) -> Any:
    return tuple(values) if isinstance(values, (list, tuple)) else values


def _segments_field() -> Any:
    def check(_: object, __: object, value: object) -> None:
        an_instance("segments", value, tuple)

    return field(default=DEFAULT_SEGMENTS, converter=_tuple, validator=check)


def _check_rfm(
    segments: Sequence[Segment], n_bins: tuple[int, int, int]
) -> SegmentReport:
    domains = {name: range(1, n + 1) for name, n in zip(RFM, n_bins, strict=True)}
    report = check_segments(segments, domains=domains)
    report.check()
    return report


@frozen(kw_only=True)
class SegmentRule:
    """Segments by RFM scores, with the limits between the scores.

    Attributes
    ----------
    rfm : RFMRule
        The limits.
    segments : tuple of Segment
        From the top; the first that matches wins.
    lines : tuple of Line
        The table in days, purchases and money; follows from the rest.
    """

    rfm: RFMRule
    segments: tuple[Segment, ...] = _segments_field()
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """The segments from the top; `unknown` where a score that matters is."""
        return (*dict.fromkeys(one.name for one in self.segments), "unknown")

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        report = _check_rfm(self.segments, self.rfm.n_bins)
        make = _lines_by_cell if self.rfm.nested else _lines_by_segment
        return (_NOT_TOLD, *make(self, report), Line("unknown", (), _SHOWN))

    @property
    def asked(self) -> tuple[str, ...]:
        """The measures that any segment asks for, and those they are cut within."""
        names = [name for name in RFM if any(name in one.when for one in self.segments)]
        if self.rfm.nested and names:
            return RFM[: RFM.index(names[-1]) + 1]
        return tuple(names)

    def classify(self, summary: Summary) -> Classification:
        """Give every customer a segment.

        Raises
        ------
        InvalidInputError
            If the summary counts money in other units than the rule.
        """
        scores = self.rfm.score(summary)
        undecided = np.zeros(len(summary), dtype=np.int64)
        undecided[summary.purchases == 0] = 1
        for name in self.asked:
            undecided += getattr(scores, name) == 0
        measures = {
            "value": measure_of(summary, "value", "money"),
            "recency": measure_of(summary, "recency", "days"),
            "purchases": measure_of(summary, "purchases", "count"),
            _UNDECIDED: Measure(undecided, "count", told=False),
        }
        return classify_by(summary, self.lines, measures, labels=self.labels)


def _between(
    name: str, limits: Sequence[float], scores: tuple[int, int]
) -> tuple[Condition, ...]:
    """Say a range of scores in days, purchases or money."""
    n = len(limits) + 1
    low, high = scores
    if name == "recency":  # fewer days are better
        low, high = n + 1 - high, n + 1 - low
    column = _COLUMNS[name]
    found = []
    if low > 1:
        found.append(Condition(column, ">=", limits[low - 2]))
    if high < n:
        found.append(Condition(column, "<", limits[high - 1]))
    return tuple(found)


def _lines_by_segment(rule: SegmentRule, _: SegmentReport) -> list[Line]:
    """Give one line a segment, where each measure is cut by itself."""
    lines = []
    for one in rule.segments:
        conditions: list[Condition] = []
        for name, limits in one.when.items():
            n = rule.rfm.n_bins[RFM.index(name)]
            if cut := rule.rfm.limits(name):
                conditions += _between(name, cut, _whole_scores(limits, n))
        lines.append(Line(one.name, tuple(conditions), _SHOWN))
    return lines


def _whole_scores(limits: Sequence[Any], n: int) -> tuple[int, int]:
    """Give the lowest and the highest score within a range of numbers."""
    low, high = limits
    within = [
        score
        for score in range(1, n + 1)
        if (low is None or low <= score) and (high is None or score <= high)
    ]
    return within[0], within[-1]


def _lines_by_cell(rule: SegmentRule, report: SegmentReport) -> list[Line]:
    """Give a line for each run of scores of one segment, where measures are nested."""
    lines = []
    rfm = rule.rfm
    for recency, frequency in product(*(range(1, n + 1) for n in rfm.n_bins[:2])):
        cuts = {name: rfm.limits(name, (recency, frequency)) for name in rule.asked}
        if not all(cuts.values()):
            continue  # nobody was there to learn from
        taken = report.taken_by[recency - 1, frequency - 1].tolist()
        for at, run in groupby(enumerate(taken, start=1), key=lambda one: one[1]):
            money = [score for score, _ in run]
            spans = ((recency,) * 2, (frequency,) * 2, (money[0], money[-1]))
            conditions = [
                condition
                for name, span in zip(RFM, spans, strict=True)
                if name in cuts
                for condition in _between(name, cuts[name], span)
            ]
            lines.append(Line(rule.segments[at].name, tuple(conditions), _SHOWN))
    return list(dict.fromkeys(lines))


@frozen(kw_only=True)
class SegmentClassifier:
    """Customers in named segments, by how recently, how often and for how much they buy.

    Parameters
    ----------
    segments : sequence of Segment
        From the top; the first that matches wins. By default those of the R package rfm,
        the narrower first.
    scorer : RFMScorer
        How the three measures are cut into scores.

    Raises
    ------
    InvalidInputError
        If a segment takes nobody, or some scores have no segment; :func:`check_segments`
        tells where. Overlaps are allowed.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, 7, day), amount=10 * one)
    ...         for one in range(1, 11)
    ...         for day in range(1, one + 1)
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> classes = SegmentClassifier().fit(summary).classify(summary)
    >>> print(classes[9])
    Champions: recency 22 days, below 25 days, purchases 9, at least 7, value 810.00, at least 360.01; rank 2 of 10 by value; waiting 3 more days without a purchase makes Loyal Customers; 450.00 less value makes Loyal Customers
    """

    segments: tuple[Segment, ...] = _segments_field()
    scorer: RFMScorer = field(
        factory=RFMScorer, validator=lambda _, a, v: an_instance(a.name, v, RFMScorer)
    )

    def __attrs_post_init__(self) -> None:
        _check_rfm(self.segments, self.scorer.n_bins)

    def fit(self, summary: Summary) -> SegmentRule:
        """Learn the limits between the scores from a population."""
        return SegmentRule(rfm=self.scorer.fit(summary), segments=self.segments)
