"""One customer's class in numbers and words: why, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from attrs import field, frozen

from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    Relation,
    Unit,
    line_of,
)
from customer_identification.errors import InvalidInputError


__all__ = [
    "CAUSES",
    "Cause",
    "Change",
    "Override",
    "Reason",
    "Verdict",
    "changes_of",
    "reasons_of",
]

Cause = Literal["rule", "hysteresis", "dwell", "override", "apart"]
CAUSES: tuple[Cause, ...] = ("rule", "hysteresis", "dwell", "override", "apart")

_MOST_DIGITS = 6
_NOUNS = {
    "purchase_days": ("day with a purchase", "days with a purchase"),
    "history": ("complete period", "complete periods"),
    "purchases": ("purchase", "purchases"),
}
_WORDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}


@frozen
class Reason:
    """One measure of one customer, and the limit it was held against.

    Attributes
    ----------
    measure : str
        What was measured.
    value : float
        In the host's units; nan unknown.
    relation, limit
        What had to hold; None where the measure is only shown.
    margin : float or None
        How far the value is on the good side of the limit.
    unit : str
        Of value, limit and margin.
    text : str
        The reason in words.
    """

    measure: str
    value: float = field(eq=repr, repr=False)
    relation: Relation | None
    limit: float | None
    margin: float | None = field(eq=repr, repr=False)
    unit: Unit
    text: str = field(repr=False)

    @property
    def is_known(self) -> bool:
        """Whether the value is not nan."""
        return self.value == self.value

    def __str__(self) -> str:
        return self.text


@frozen
class Change:
    """What would give the customer another class, everything else being equal.

    Among the rest is whether the customer is set apart: the same purchase or wait may
    also tell that a customer is transactional.

    Attributes
    ----------
    label : str or None
        The class it would make; None where other measures would change with it, so
        that only time will tell.
    measure : str
        What would have to change.
    by : float
        By how much, below 0 for less, in the host's units; nan for words, and where
        several measures change.
    distance : float
        How far that is, as a share of the larger of the values before and after.
    by_events : bool
        Whether purchases, refunds or time can bring it about directly; a trend or a
        score follows from many things.
    text : str
        The change in words.
    """

    label: str | None
    measure: str
    by: float = field(repr=False, eq=repr)
    distance: float = field(repr=False)
    by_events: bool
    text: str = field(repr=False)

    def __str__(self) -> str:
        return self.text


@frozen(kw_only=True)
class Override:
    """A class set by hand, with the reason and until when.

    Attributes
    ----------
    customer_id : int or str
        Whose class.
    label : str
        Which class.
    reason : str
        Why; kept out of repr.
    since, until : date
        First and last day on which it holds.

    Raises
    ------
    InvalidInputError
        If the reason is blank, or `until` is before `since`.
    """

    customer_id: int | str = field(repr=False)
    label: str
    reason: str = field(repr=False)
    since: date
    until: date

    def __attrs_post_init__(self) -> None:
        if isinstance(self.customer_id, bool) or not isinstance(
            self.customer_id, (int, str)
        ):
            raise InvalidInputError(
                "an override must have a customer's id", code="not_an_id"
            )
        if type(self.since) is not date or type(self.until) is not date:
            raise InvalidInputError(
                "since and until of an override must be dates", code="bad_dates"
            )
        reason: object = self.reason
        if not isinstance(reason, str) or not reason.strip():
            raise InvalidInputError("an override must have a reason", code="no_reason")
        if self.until < self.since:
            raise InvalidInputError(
                "an override must not end before it begins", code="bad_dates"
            )


@frozen(kw_only=True)
class Verdict:
    """One customer's class, why, and what would change it; str() is the sentence.

    Attributes
    ----------
    label : str
        The class.
    reasons : tuple of Reason
        The measures and limits that gave it; those of the class kept where hysteresis
        keeps one, with a margin below 0.
    changes : tuple of Change
        The single changes that would give another class, nearest first; none where
        something else than the rule has set the class.
    rule_label : str
        What the rule alone says.
    cause : {"rule", "hysteresis", "dwell", "override", "apart"}
        Why `label` may differ from `rule_label`.
    override : Override or None
        The override in force.
    since : date or None
        First day in this class, where that is followed up.
    ranked_by : str
        The measure that ranks.
    rank, tied, of : int or None
        Place among those classified together, how many others share the value, and how
        many have one; no part of equality. None where the class is `unknown`.
    """

    label: str
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]
    rule_label: str
    cause: Cause
    override: Override | None
    since: date | None
    ranked_by: str = field(eq=False)
    rank: int | None = field(eq=False)
    tied: int | None = field(eq=False)
    of: int | None = field(eq=False)

    def __str__(self) -> str:
        told = [
            one
            for one in self.reasons
            if one.limit is not None or one.is_known or self.label == "unknown"
        ]
        parts = [", ".join(reason.text for reason in told)]
        if self.rank is not None and self.of != 1:
            tie = f", tied with {self.tied:,}" if self.tied else ""
            parts.append(
                f"rank {self.rank:,} of {self.of:,} by {_say(self.ranked_by)}{tie}"
            )
        by_events = [one.text for one in self.changes if one.by_events]
        parts.extend(by_events[:2] or [one.text for one in self.changes[:1]])
        return f"{self._head()}: " + "; ".join(part for part in parts if part)

    def _head(self) -> str:
        if self.cause == "override" and self.override is not None:
            return (
                f"{self.label} (set by hand until {self.override.until}: "
                f"{self.override.reason}; the rule says {self.rule_label})"
            )
        explanation = {
            "rule": "",
            "hysteresis": f" (the rule says {self.rule_label}, but not clearly enough)",
            "dwell": f" (here since {self.since}; the rule says {self.rule_label}, but it "
            "is too soon to move)",
            "apart": f" (set apart; the rule would say {self.rule_label})",
            "override": "",
        }
        return f"{self.label}{explanation[self.cause]}"


# --- reasons and changes, made for one customer when asked ---------------------------


def reasons_of(
    line: Line, measures: Mapping[str, Measure], values: Mapping[str, float]
) -> tuple[Reason, ...]:
    """Give the conditions of a line that held, and the measures it shows.

    Limits without an end are left out: they limit nothing.
    """
    held = [
        _reason(one.measure, measures, values, one)
        for one in line.conditions
        if not math.isinf(one.limit)  # which limits nothing
    ]
    told = {one.measure for one in line.conditions}
    shown = [
        _reason(name, measures, values, None) for name in line.shows if name not in told
    ]
    return (*held, *shown)


def _reason(
    name: str,
    measures: Mapping[str, Measure],
    values: Mapping[str, float],
    condition: Condition | None,
) -> Reason:
    measure = measures[name]
    value = values[name] / measure.scale
    if condition is None:
        text = f"{_say(name)} {measure.read(value)}"
        return Reason(name, value, None, None, None, measure.unit, text)
    limit = condition.limit / measure.scale
    gap = (values[name] - condition.limit) / measure.scale
    margin = gap if condition.relation in {">=", ">"} else -gap
    digits = 0  # as many as it takes to tell the value from the limit
    while (
        gap
        and digits < _MOST_DIGITS
        and measure.read(value, digits) == measure.read(limit, digits)
    ):
        digits += 1
    word = _WORDS[condition.relation] if condition.meets(values) else "near"
    text = f"{_say(name)} {measure.read(value, digits)}, {word} {measure.read(limit, digits)}"
    return Reason(name, value, condition.relation, limit, margin, measure.unit, text)


def changes_of(
    lines: Sequence[Line],
    at: int,
    measures: Mapping[str, Measure],
    values: Mapping[str, float],
    as_of: date,
) -> tuple[Change, ...]:
    """Try each limit that stands alone between a customer and another class.

    Limits of the lines above come first, then those that hold the customer where they
    are. No measure is asked to move as it cannot, and no customer to lose everything.
    """
    into = [
        failed[0]
        for line in lines[:at]
        if len(failed := [one for one in line.conditions if not one.meets(values)]) == 1
    ]
    targets = [(one, _just(one, measures, values, inside=True)) for one in into]
    targets += [
        (one, _just(one, measures, values, inside=False))
        for one in lines[at].conditions
    ]
    found: dict[tuple[str | None, str], Change] = {}
    for condition, limit in targets:
        name = condition.measure
        measure, value = measures[name], values[name]
        target = _reachable(measure, value, limit)
        if target is None:
            continue
        label = _label_at(lines, measures, values, name, target)
        if label in {lines[at].label, "unknown"}:
            continue
        by = (target - value) / measure.scale
        change = Change(
            label,
            name,
            by,
            distance=abs(target - value) / max(abs(target), abs(value)),
            by_events=measure.unit == "money" or measure.moves != "freely",
            text=_move(name, by * _days_each(name, values), measure, as_of, label),
        )
        # What counts from the last purchase moves in step: the first wait says it all.
        how = measure.moves if measure.moves != "freely" else name
        found.setdefault((label, how), change)
    return tuple(found.values())


def _label_at(
    lines: Sequence[Line],
    measures: Mapping[str, Measure],
    values: Mapping[str, float],
    name: str,
    target: float,
) -> str | None:
    """Give the class with a measure changed; None where only time will tell which."""
    changed = {**values, name: target}
    if measures[name].moves == "up or back to 0" and values[name]:
        # They all count from the last purchase, so they grow and fall in step.
        for one, measure in measures.items():
            if measure.moves == "up or back to 0":
                changed[one] = values[one] * target / values[name]
    label = lines[line_of(lines, changed)].label
    return None if measures[name].moves == "up" and label != "unknown" else label


def _reachable(measure: Measure, value: float, limit: float) -> float | None:
    """Give where a measure must go to pass a limit, if it can go there."""
    if value != value or limit == value:  # noqa: PLR0124
        return None
    if limit < value and measure.moves == "up":
        return None
    if measure.moves == "up or back to 0":
        if value == 0 and measure.unit == "gaps":
            return None  # bought today: how long a gap is cannot be read off
        return 0 if limit < value else limit
    return None if limit <= 0 < value and measure.unit == "money" else limit


def _days_each(name: str, values: Mapping[str, float]) -> float:
    """Give the length of a usual gap, for what is measured in gaps; else 1."""
    if name != "overdue" or "recency" not in values:
        return 1
    return values["recency"] / values["overdue"]


def _move(
    name: str, by: float, measure: Measure, as_of: date, label: str | None
) -> str:
    """Say what would have to happen, and what it would make."""
    if name in _NOUNS:
        return f"{by:,.0f} more {_NOUNS[name][by != 1]} will tell"
    if measure.moves == "up or back to 0":
        wait = f"waiting {math.ceil(by):,} more days without a purchase"
        return f"{'a purchase' if by < 0 else wait} makes {label}"
    more = "more" if by > 0 else "less"
    when = ""
    if measure.unit == "money" and by > 0:
        when = f" by {_end_of_month(as_of)}"
    return f"{measure.read(measure.enough(abs(by)))} {more} {_say(name)}{when} makes {label or 'another class'}"


def _say(name: str) -> str:
    return name.replace("_", " ")


def _just(
    condition: Condition,
    measures: Mapping[str, Measure],
    values: Mapping[str, float],
    *,
    inside: bool,
) -> float:
    """Give the first value on one side of a limit; what is counted stays whole."""
    upwards = (condition.relation in {">=", ">"}) == inside
    on_limit = (condition.relation in {">=", "<="}) == inside
    limit, value = condition.limit, values[condition.measure]
    is_whole = measures[condition.measure].unit in {"money", "days", "count"}
    if isinstance(value, int) or (is_whole and value.is_integer()):
        edge = math.ceil(limit) if upwards else math.floor(limit)
        return edge if on_limit or edge != limit else edge + (1 if upwards else -1)
    return (
        limit if on_limit else math.nextafter(limit, math.inf if upwards else -math.inf)
    )


def _end_of_month(as_of: date) -> date:
    """Give the next end of a month after a day: when classes are read again."""
    day = min(as_of, date.max - timedelta(days=1)) + timedelta(days=1)
    if day.month == 12:  # there is no January after the year 9999
        return day.replace(day=31)
    return day.replace(month=day.month + 1, day=1) - timedelta(days=1)
