"""What a summary was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from attrs import frozen

from customer_identification.aggregate import Period


__all__ = ["Progress", "Terms"]

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
