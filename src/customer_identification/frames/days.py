"""Dates and stamps as days since 1970-01-01."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import blocks
from customer_identification.errors import InvalidInputError
from customer_identification.frames._common import (
    any_of,
    either,
    fault,
    is_missing,
    is_text,
    plain,
    wrong_type,
)


__all__ = ["check_zone", "read_days", "to_date", "to_day", "to_zone"]

_EPOCH = date(1970, 1, 1).toordinal()
_RULE = "dates or time stamps"
# The years 1 to 9999, which Python's own dates can hold.
_FIRST, _LAST = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH


_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000}
_PER_DAY["ns"] = 1000 * _PER_DAY["us"]

Days = NDArray[np.int32]


def to_zone(tz: object) -> ZoneInfo | None:
    """Give the time zone of a name.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    if tz is None or (isinstance(tz, ZoneInfo) and tz.key):
        return tz
    try:
        return ZoneInfo(tz)  # type: ignore[arg-type]
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError, AttributeError):
        raise InvalidInputError(
            "tz must be the name of a time zone, such as 'Europe/Prague'",
            code="unknown_time_zone",
        ) from None


def to_date(day: int) -> date:
    """Give the date of a number of days since 1970-01-01.

    Examples
    --------
    >>> to_date(30)
    datetime.date(1970, 1, 31)
    """
    return date.fromordinal(day + _EPOCH)


def to_day(value: object, name: str, tz: ZoneInfo | None = None) -> int:
    """Give a day as the number of days since 1970-01-01.

    Parameters
    ----------
    value : date, datetime, numpy datetime64 or text
        Text is an ISO 8601 date or stamp; a month or a year is no day.
    name : str
        What to call it in an error.
    tz : ZoneInfo, optional
        Whose day it is, for a stamp with a zone.

    Raises
    ------
    InvalidInputError
        If it is no day, or a stamp with a zone comes without `tz`.

    Examples
    --------
    >>> to_day("1970-01-31", "as_of")
    30
    """
    day = _parse(value)
    if isinstance(day, datetime) and not is_missing(day):
        if day.tzinfo is not None and tz is None:
            raise _no_zone(name)
        day = _local(day, tz)
    if isinstance(day, date) and not isinstance(day, datetime):
        return day.toordinal() - _EPOCH
    raise InvalidInputError(
        f"{name} must be a day: a date, a datetime, or text such as '2011-12-01'",
        code="not_a_day",
    )


def _parse(value: object) -> object:
    if isinstance(value, np.datetime64):
        is_day = np.datetime_data(value.dtype)[0] not in {"Y", "M", "W", "generic"}
        return value.astype("M8[D]").astype(object) if is_day else None
    if isinstance(value, str):
        for read in (date.fromisoformat, datetime.fromisoformat):
            try:
                return read(value)
            except ValueError:
                pass
    return value


def _local(stamp: datetime, zone: tzinfo | None) -> date | None:
    """Give the day of a stamp in a zone; None beyond the years 1 to 9999."""
    try:
        return (stamp if stamp.tzinfo is None else stamp.astimezone(zone)).date()
    except OverflowError:
        return None


def _no_zone(ours: str) -> InvalidInputError:
    return InvalidInputError(
        f"{ours} holds stamps with a time zone; give tz= to say whose days are meant",
        code="time_zone",
        column=ours,
    )


def _needless_zone(ours: str) -> InvalidInputError:
    return InvalidInputError(
        f"tz= needs stamps with a time zone, but {ours} has stamps without one; "
        "localize them first, or leave tz= out",
        code="time_zone",
        column=ours,
    )


def check_zone(ours: str, zone: str | None, tz: ZoneInfo | None) -> None:
    """Make sure that stamps with a zone, and only those, come with `tz`.

    Raises
    ------
    InvalidInputError
        If they do not.
    """
    if zone is None and tz is not None:
        raise _needless_zone(ours)
    if zone is not None and tz is None:
        raise _no_zone(ours)


def read_days(
    column: Any, ours: str, tz: ZoneInfo | None
) -> tuple[Days, NDArray[np.bool_] | None]:
    """Read dates or stamps as days since 1970-01-01, and say where there is none.

    Raises
    ------
    InvalidInputError
        If the column holds neither, zones and `tz` do not go together, or a date lies
        beyond the years 1 to 9999.
    """
    if isinstance(column, np.ndarray):
        days, missing = _days_of_objects(column, ours, tz)
    else:
        days, missing = _days_of_column(column, ours, tz)
    outside = (days < _FIRST) | (days > _LAST)
    if missing is not None:
        outside &= ~missing
        days[missing] = 0
    wrong = np.flatnonzero(outside)
    if wrong.size:
        rule = "dates of the years 1 to 9999"
        raise fault(ours, rule, wrong, days.size, "not_a_day")
    return days, missing


def _days_of_column(
    column: Any, ours: str, tz: ZoneInfo | None
) -> tuple[Days, NDArray[np.bool_] | None]:
    import narwhals.stable.v2 as nw

    dtype = column.dtype
    if isinstance(dtype, nw.Datetime) and not _is_unzoned_null(column, tz):
        check_zone(ours, dtype.time_zone, tz)
        if tz is not None:
            column = column.dt.convert_time_zone(tz.key).dt.replace_time_zone(None)
    elif is_text(column) and column.null_count() < len(column):
        raise wrong_type(ours, f"{_RULE}, as pandas.to_datetime makes of text", column)
    values, missing = plain(column, ours, _RULE)
    if values.dtype == object:
        return _days_of_objects(values, ours, tz)
    if values.dtype.kind != "M":
        raise wrong_type(ours, _RULE, column)
    return _floor_to_days(values), either(missing, any_of(np.isnat(values)))


def _is_unzoned_null(column: Any, tz: ZoneInfo | None) -> bool:
    """Tell a column in which there is no stamp whose zone could be wrong."""
    is_odd = tz is not None and column.dtype.time_zone is None
    return is_odd and bool(column.null_count() == len(column))


def _floor_to_days(stamps: NDArray[Any]) -> Days:
    unit, count = np.datetime_data(stamps.dtype)
    per_day = _PER_DAY.get(unit)
    if per_day is None or count != 1:
        stamps, per_day = stamps.astype("M8[D]"), 1
    days = np.empty(stamps.size, dtype=np.int32)
    for rows in blocks(stamps.size):
        exact = stamps[rows].view(np.int64) // per_day
        days[rows] = exact.clip(_FIRST - 1, _LAST + 1)  # what lies beyond stays beyond
    return days


def _days_of_objects(
    values: NDArray[Any], ours: str, tz: ZoneInfo | None
) -> tuple[Days, NDArray[np.bool_] | None]:
    missing = np.fromiter(map(is_missing, values), np.bool_, len(values))
    rows = np.flatnonzero(~missing)
    wrong = rows[[not isinstance(value, date) for value in values[rows]]]
    if wrong.size:
        raise fault(ours, _RULE, wrong, len(values), "wrong_type")
    stamps = [value for value in values[rows] if isinstance(value, datetime)]
    aware = sum(stamp.tzinfo is not None for stamp in stamps)
    if aware and tz is None:
        raise _no_zone(ours)
    if tz is not None and aware < len(stamps):
        raise _needless_zone(ours)
    days = np.zeros(len(values), dtype=np.int32)
    for row in rows:
        value = values[row]
        day = _local(value, tz) if isinstance(value, datetime) else value
        days[row] = _LAST + 1 if day is None else day.toordinal() - _EPOCH
    return days, any_of(missing)
