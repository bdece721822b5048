"""What a summary was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, get_args
from zoneinfo import ZoneInfo

from attrs import frozen

from customer_identification.aggregate import Period
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_date, to_day, to_zone
from customer_identification.options import bad_rows_policy, whole


__all__ = ["Progress", "Terms", "terms_of"]

# Told of long work: what is being done, how much of it is done, and of how much.
Progress = Callable[[str, int, int], object]


@frozen(kw_only=True)
class Terms:
    """The days, periods and money that a summary speaks of, as `summarize` checked them.

    Attributes
    ----------
    since, as_of : date
        The first (None: not limited) and the last day that count.
    period : {"week", "month", "quarter"} or None
        Of values.
    minor_units : int
        Decimals of the money.
    tz : ZoneInfo or None
        Whose days are meant.
    on_bad_rows : {"raise", "report"}
        What becomes of rows that cannot be used.
    mergeable : bool
        Whether the history is kept.
    """

    since: date | None
    as_of: date
    period: Period | None
    minor_units: int
    tz: ZoneInfo | None = None
    on_bad_rows: str = "raise"
    mergeable: bool = False

    @property
    def weekly(self) -> bool:
        """Whether days are kept by ISO week, not by month."""
        return self.period == "week"


def terms_of(
    as_of: object,
    since: object,
    minor_units: int,
    tz: object,
    on_bad_rows: str,
    *,
    period: Any = None,
) -> Terms:
    """Check what is asked for.

    Raises
    ------
    InvalidInputError
        If an option is wrong, or `since` comes after `as_of`.
    """
    if period not in (None, *get_args(Period)):
        raise InvalidInputError(
            "period must be 'week', 'month', 'quarter' or None", code="bad_option"
        )
    zone = to_zone(tz)
    last_day = to_day(as_of, "as_of", zone)
    first_day = None if since is None else to_day(since, "since", zone)
    if first_day is not None and first_day > last_day:
        raise InvalidInputError("since must not be after as_of", code="since")
    return Terms(
        since=None if first_day is None else to_date(first_day),
        as_of=to_date(last_day),
        period=period,
        minor_units=whole("minor_units", minor_units, 0, 6),
        tz=zone,
        on_bad_rows=bad_rows_policy(on_bad_rows),
    )
