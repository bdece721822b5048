"""Classes that do not flicker: hysteresis, minimum dwell and overrides by hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, position_of
from customer_identification.classify.base import Classification
from customer_identification.classify.table import Line, holds
from customer_identification.classify.verdict import CAUSES, Override
from customer_identification.errors import InvalidInputError, UnknownCustomerError
from customer_identification.options import an_instance, number_field, whole_field


__all__ = ["StabilityPolicy", "stabilize"]


@frozen(kw_only=True)
class StabilityPolicy:
    """How hard it is to leave a class for another.

    Attributes
    ----------
    hysteresis : float
        Share of a limit by which it must be passed, 0 to 1; a tenth is our choice.
        Counts (of purchase days, of periods) are no matter of degree, and left alone.
    min_dwell : int
        Days in a class before the next move. [days]
    """

    hysteresis: float = number_field(0.10, 0, 0.99)
    min_dwell: int = whole_field(0, 0)


def stabilize(
    current: Classification,
    previous: Classification | None = None,
    *,
    policy: StabilityPolicy | None = None,
    overrides: Iterable[Override] = (),
) -> Classification:
    """Hold customers in last time's class until they clearly belong to another.

    A customer moves up the table as far as lines still hold with their limits made
    harder by the hysteresis, and down only as far as lines no longer hold with theirs
    made easier; and not before the minimum dwell. Only
    moves between sticky lines are held: to be in review, dormant, or known at last,
    takes effect at once. Overrides come last.

    Parameters
    ----------
    current : Classification
        What the rule says now.
    previous : Classification, optional
        What was said last time, itself stabilized or not.
    policy : StabilityPolicy, optional
        How hard it is to move.
    overrides : iterable of Override
        Those in force on the day of `current` are applied; those of customers who are
        not in it wait.

    Returns
    -------
    Classification
        With `rule_codes`, `steady_codes`, `causes`, `since` and `overrides` filled.

    Raises
    ------
    InvalidInputError
        If `previous` is later, an override names no class, or two overrides of one
        customer are in force at once.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import (
    ...     ABCClassifier,
    ...     Override,
    ...     StabilityPolicy,
    ...     Transaction,
    ...     stabilize,
    ...     summarize,
    ... )
    >>> def month(last, second):
    ...     return summarize(
    ...         [
    ...             Transaction(customer_id=one, date=date(2011, 7, 1), amount=amount)
    ...             for one, amount in [("c1", 1000), ("c2", second)]
    ...         ],
    ...         as_of=last,
    ...     )
    >>> rule = ABCClassifier(thresholds=(500, 100)).fit(month("2011-07-31", 520))
    >>> july = rule.classify(month("2011-07-31", 520))
    >>> august = stabilize(rule.classify(month("2011-08-31", 480)), july)
    >>> august["c2"].rule_label, august["c2"].label, august["c2"].cause
    ('B', 'A', 'hysteresis')
    """
    policy = policy or StabilityPolicy()
    steady, causes, since = _steady(current, previous, policy)
    result = evolve(
        current,
        codes=steady,
        rule_codes=current.by_rule,
        steady_codes=steady,
        causes=causes,
        since=since,
    )
    return _override(result, overrides)


def _steady(
    current: Classification, previous: Classification | None, policy: StabilityPolicy
) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.datetime64]]:
    """Give the class after hysteresis and dwell, why, and since when."""
    now = current.by_rule
    today = np.datetime64(current.as_of, "D")
    causes = np.zeros(len(current), dtype=np.int8)
    since = np.full(len(current), today)
    if previous is None:
        return now, causes, since
    if previous.as_of > current.as_of:
        raise InvalidInputError(
            "previous must not be later than current", code="bad_dates"
        )
    before, began = _before(current, previous)
    steady = _clear(current, before, policy.hysteresis)
    causes[steady != now] = CAUSES.index("hysteresis")
    sticky = _places(current) >= 0
    early = (before >= 0) & (before != steady) & sticky[before] & sticky[now]
    early &= (today - began).astype(np.int64) < policy.min_dwell
    causes[early] = CAUSES.index("dwell")
    steady = np.where(early, before, steady).astype(np.int8)
    kept = (before >= 0) & (steady == before)
    return steady, causes, np.where(kept, began, since)


def _before(
    current: Classification, previous: Classification
) -> tuple[NDArray[np.int8], NDArray[np.datetime64]]:
    """Give each customer's last steady class, -1 for none, and since when."""
    at, found = align(current.customer_ids, previous.customer_ids)
    code_of = np.array(
        [
            current.labels.index(label) if label in current.labels else -1
            for label in previous.labels
        ],
        dtype=np.int8,
    )
    before = np.full(len(current), -1, dtype=np.int8)
    began = np.full(len(current), np.datetime64(previous.as_of, "D"))
    before[found] = code_of[previous.steady[at[found]]]
    if previous.since is not None:
        began[found] = previous.since[at[found]]
    return before, began


def _places(current: Classification) -> NDArray[np.int64]:
    """Give the place in the table of each label's first sticky line; -1 for none.

    One entry more than labels, so that the code -1 finds -1.
    """
    places = np.full(len(current.labels) + 1, -1)
    for place, line in reversed(list(enumerate(current.lines))):
        if line.sticky:
            places[current.labels.index(line.label)] = place
    return places


def _clear(
    current: Classification, before: NDArray[np.int8], hysteresis: float
) -> NDArray[np.int8]:
    """Give the class that each customer belongs to clearly, boundary by boundary.

    On the way up it is the first line, from the rule's down to the last one held, that
    holds with harder limits; on the way down the first, from the one held to the
    rule's, that holds with easier limits.
    """
    places = _places(current)
    now = current.by_rule
    start, end = places[before], places[now]
    open_up = (start >= 0) & (end >= 0) & (end < start)
    open_down = (start >= 0) & (end > start)
    clear = np.where(open_up, before, now).astype(np.int8)
    for place, line in enumerate(current.lines):
        if not line.sticky:
            continue
        code = current.labels.index(line.label)
        up = open_up & (end <= place) & (place < start)
        up &= holds(
            _shifted(line, -hysteresis, current), current.measures, len(current)
        )
        down = open_down & (start <= place) & (place < end)
        down &= holds(
            _shifted(line, hysteresis, current), current.measures, len(current)
        )
        clear[up | down] = code
        open_up &= ~up
        open_down &= ~down
    return clear


def _shifted(line: Line, share: float, current: Classification) -> Line:
    """Make a line easier by a share of its limits; counts are not a matter of degree."""
    return evolve(
        line,
        conditions=tuple(
            one if current.measures[one.measure].unit == "count" else one.shifted(share)
            for one in line.conditions
        ),
    )


def _override(current: Classification, overrides: Iterable[Override]) -> Classification:
    in_force = {}
    codes = current.codes.copy()
    rows = np.zeros(len(current), dtype=np.bool_)
    for override in overrides:
        an_instance("an override", override, Override)
        if override.label not in current.labels:
            raise InvalidInputError(
                f"an override must name one of {', '.join(current.labels)}",
                code="unknown_class",
            )
        if not override.since <= current.as_of <= override.until:
            continue
        try:
            at = position_of(current.customer_ids, override.customer_id)
        except UnknownCustomerError:
            continue
        if rows[at]:
            raise InvalidInputError(
                "a customer must have at most one override in force; "
                f"the one at row {at} has more",
                code="overlapping_overrides",
                positions=(at,),
            )
        rows[at] = True
        codes[at] = current.labels.index(override.label)
        in_force[override.customer_id] = override
    changed = current.changed_to(codes, "override", rows)
    return evolve(changed, overrides=in_force)
