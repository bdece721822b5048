"""One transaction at the door of an engine: its columns read as whole numbers.

Row by row, and only by expressions that every engine computes alike: who, which day,
how many minor units; and what is wrong with a row that cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
from attrs import field, frozen

from customer_identification.errors import InvalidInputError
from customer_identification.frames import check_zone, wrong_type
from customer_identification.history import DISTINCT
from customer_identification.report import REASONS
from customer_identification.terms import Terms


__all__ = [
    "BAD",
    "CODE_OF",
    "MONTH",
    "WEEK",
    "WEEKS",
    "Column",
    "Exprs",
    "flag",
    "is_text",
    "key_of",
    "read_columns",
    "where",
]

# Python's white space (str.isspace), as a class of characters.
_SPACE = "\t-\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_EXACT = 2**53  # a float64 holds every whole number up to here (IEEE 754-2019)
_OFF = 1e-6  # as frames.read_money counts what it rounds
_MOST_DECIMALS = 15  # so that the parts stay exact where an engine divides as floats

MONTH, WEEK = 32, 8  # days that a block has place for; dividing by them is exact
_MARCH = -date(1970, 1, 1).toordinal() - 305  # 0000-03-01, in days since 1970-01-01
WEEKS = 1 << 17  # added to the weeks since 1970, so that none is below 0

_KEEP_ZONES = {"dask", "polars"}

# What no option can mend, by code: of which column, what must hold, and its code.
BAD = {
    101: ("customer_id", "whole numbers or text", "not_an_id"),
    102: ("customer_id", "below 2**63", "not_an_id"),
    103: ("date", "dates of the years 1 to 9999", "not_a_day"),
    104: ("amount", "at most 2**53 minor units, to be exact", "too_large"),
    105: ("profit", "at most 2**53 minor units, to be exact", "too_large"),
}
CODE_OF = {why: code for code, why in enumerate(REASONS, 1)}

Exprs = dict[str, nw.Expr]


# --- expressions --------------------------------------------------------------------


def where(condition: nw.Expr, value: nw.Expr, otherwise: Any) -> nw.Expr:
    """Give a value where a condition holds; it does not where it is null."""
    return nw.when(condition).then(value).otherwise(nw.lit(otherwise))


def flag(condition: nw.Expr) -> nw.Expr:
    """Give 1 where a condition holds, else 0."""
    return where(condition, nw.lit(1), 0).cast(nw.Int64)


def _is_odd(whole: nw.Expr) -> nw.Expr:
    return whole - (whole / 2).floor() * 2 == 1


@frozen(kw_only=True)
class Column:
    """How a column of the host becomes ours: stage by stage, and what can be wrong.

    Attributes
    ----------
    stages : list of mappings of str to Expr
        New columns; a stage may use those of the stages before it.
    faults : mapping of int to Expr
        By code, what is wrong with a row.
    """

    stages: list[Exprs] = field(factory=list)
    faults: dict[int, nw.Expr] = field(factory=dict)


def _is_missing(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    missing = nw.col(name).is_null()
    return missing | nw.col(name).is_nan() if dtype.is_float() else missing


# --- one column each ----------------------------------------------------------------


def _read_id(dtype: nw.dtypes.DType) -> Column:
    """Read ids: whole numbers, or text; blank text is nobody."""
    name, nobody = "customer_id", CODE_OF["no customer id"]
    missing, raw = _is_missing(name, dtype), nw.col(name)
    if is_text(dtype):
        stages: list[Exprs] = [{name: raw.cast(nw.String)}]
        return Column(
            stages=stages,
            faults={nobody: missing | ~raw.str.contains(f"[^{_SPACE}]")},
        )
    given = nw.col("id_raw")
    if dtype == nw.UInt64:
        fits = given <= 2**63 - 1
        return Column(
            stages=[{"id_raw": raw}, {name: where(fits, given, 0).cast(nw.Int64)}],
            faults={nobody: given.is_null(), 102: given > 2**63 - 1},
        )
    if dtype.is_integer():
        whole = given.fill_null(0).cast(nw.Int64)
        # In Dask a part of the frame may hold floats where another holds ints.
        changed = ~given.is_null() & (given != nw.col(name))
        return Column(
            stages=[{"id_raw": raw}, {name: whole}],
            faults={nobody: given.is_null(), 101: changed},
        )
    if dtype.is_float():
        inside = where(given.abs() < _EXACT, given.cast(nw.Float64), 0.5)
        return Column(
            stages=[
                {"id_raw": raw},
                {"id_safe": inside},
                {name: nw.col("id_safe").floor().cast(nw.Int64)},
            ],
            faults={
                nobody: _is_missing("id_raw", dtype),
                101: ~_is_missing("id_raw", dtype)
                & (nw.col("id_safe") != nw.col("id_safe").floor()),
            },
        )
    raise wrong_type(name, "whole numbers or text", dtype)


def is_text(dtype: nw.dtypes.DType) -> bool:
    """Tell text, plain or coded, from all other types."""
    return any(dtype == text for text in (nw.String, nw.Categorical, nw.Enum))


def _read_day(
    dtype: nw.dtypes.DType,
    tz: ZoneInfo | None,
    width: int,
    engine: str,
    session: str | None,
) -> Column:
    """Read days as `key`: block times width, and the day of the block."""
    if not isinstance(dtype, nw.Date) and not isinstance(dtype, nw.Datetime):
        raise wrong_type("date", "dates or time stamps", dtype)
    raw = nw.col("date")
    stages: list[Exprs] = []
    zone = getattr(dtype, "time_zone", None)
    if zone is not None and session is not None:
        zone = session
    if isinstance(dtype, nw.Datetime):
        check_zone("date", zone, tz)
    if zone is not None and engine == "ibis":  # it does not tell the zone it reads in
        raise InvalidInputError(
            "Ibis reads stamps in a time zone that it does not tell: make dates of them "
            "first",
            code="time_zone",
            column="date",
        )
    if tz is not None and zone is not None and zone != tz.key:
        _check_session(engine, zone)
        stages.append({"date": raw.dt.convert_time_zone(tz.key)})
    parts = {"year": raw.dt.year(), "month": raw.dt.month(), "day": raw.dt.day()}
    missing = raw.is_null()
    outside = (nw.col("year") < 1) | (nw.col("year") > 9999)
    year, month, day = (nw.col(name) for name in parts)
    stages += [
        {name: part.fill_null(0).cast(nw.Int64) for name, part in parts.items()},
    ]
    if width == MONTH:
        stages.append({"key": (year * 12 + month - 1) * width + day - 1})
    else:
        stages += _week_keys()
    faults = {CODE_OF["no date"]: missing, 103: ~missing & outside}
    return Column(stages=stages, faults=faults)


def _check_session(engine: str, zone: str | None) -> None:
    """Make sure that an engine keeps the zone with the stamps, not with the session.

    Raises
    ------
    InvalidInputError
        If it does not.
    """
    if engine not in _KEEP_ZONES:
        raise InvalidInputError(
            f"{engine} reads stamps in the time zone of its session, {zone}: give the "
            "session the zone of tz=, or make dates of the stamps first",
            code="time_zone",
            column="date",
        )


def _week_keys() -> list[Exprs]:
    """Count days, and so weeks, from the parts of a date, all of them above 0.

    Years begin in March, so that a leap day is the last of its year; the months from
    March on then begin on day (153 m + 2) // 5 (Richards 2013, Explanatory Supplement
    to the Astronomical Almanac, 3rd ed., section 15.11).
    """
    year, month, day = nw.col("year"), nw.col("month"), nw.col("day")
    march_year, march_month = nw.col("march_year"), nw.col("march_month")

    def over(above: nw.Expr, below: int) -> nw.Expr:
        return (above / below).floor().cast(nw.Int64)

    leap_days = over(march_year, 4) - over(march_year, 100) + over(march_year, 400)
    since_march = over(march_month * 153 + 2, 5) + day - 1
    # 1970-01-01 was a Thursday: day 3 of its week.
    days = march_year * 365 + leap_days + since_march + (_MARCH + 3 + 7 * WEEKS)
    return [
        {
            "march_year": year - flag(month <= 2),
            "march_month": month + flag(month <= 2) * 12 - 3,
        },
        {"days": days},
        {
            "key": over(nw.col("days"), 7) * 8
            + nw.col("days")
            - over(nw.col("days"), 7) * 7
        },
    ]


def key_of(day: date, width: int) -> int:
    """Give the key of a day, as the engines compute it."""
    if width == MONTH:
        return (day.year * 12 + day.month - 1) * width + day.day - 1
    days = day.toordinal() - date(1970, 1, 1).toordinal() + 3 + 7 * WEEKS
    return days // 7 * width + days % 7


def _read_money(
    name: str, dtype: nw.dtypes.DType, minor_units: int, engine: str
) -> Column:
    """Read amounts as whole minor units, rounding each half to even."""
    scale = 10**minor_units
    raw = nw.col(name)
    missing, big = CODE_OF[f"no {name}"], 104 if name == "amount" else 105
    if dtype.is_integer() and engine != "dask":  # where parts may be of other types
        most = _EXACT // scale
        fits = (raw <= most) & (raw >= -most)
        minor = where(fits, raw, 0).cast(nw.Int64) * scale
        return Column(
            stages=[{f"{name}_raw": raw}, {name: minor}],
            faults={
                missing: nw.col(f"{name}_raw").is_null(),
                big: (nw.col(f"{name}_raw") > most) | (nw.col(f"{name}_raw") < -most),
            },
        )
    if isinstance(dtype, nw.Decimal):
        if engine == "dask":
            raise InvalidInputError(
                f"{name} must be floats or whole minor units in Dask, which cannot "
                "reckon with decimals",
                code="wrong_type",
                column=name,
            )
        return _read_decimals(name, dtype.scale, minor_units)
    if not dtype.is_float() and not dtype.is_integer():
        raise wrong_type(name, "numbers", dtype)
    given = nw.col(f"{name}_raw")
    most = _EXACT / scale
    below = nw.col(f"{name}_floor")
    scaled = nw.col(f"{name}_scaled")
    up = (scaled - below > 0.5) | ((scaled - below == 0.5) & _is_odd(below))
    off = (scaled - nw.col(name)).abs()
    return Column(
        stages=[
            {f"{name}_raw": raw.cast(nw.Float64)},
            {f"{name}_scaled": where(given.abs() <= most, given * scale, 0.0)},
            {f"{name}_floor": scaled.floor()},
            {name: below.cast(nw.Int64) + flag(up)},
            {f"{name}_rounded": (off > _OFF) & (off > nw.col(name).abs() * 2.0**-51)},
        ],
        faults={
            missing: given.is_null() | given.is_nan(),
            CODE_OF[f"{name} not finite"]: ~given.is_nan() & ~given.is_finite(),
            big: given.is_finite() & (given.abs() > most),
        },
    )


def _read_decimals(name: str, decimals: int, minor_units: int) -> Column:
    """Read decimals exactly: the whole part, then what is left in whole numbers."""
    if decimals > _MOST_DECIMALS:
        raise InvalidInputError(
            f"{name} must have at most {_MOST_DECIMALS} decimals; the column has "
            f"{decimals}",
            code="wrong_type",
            column=name,
        )
    big = 104 if name == "amount" else 105
    given, most = nw.col(f"{name}_raw"), _EXACT // 10**minor_units + 1
    fits = (given < most) & (given > -most)
    step = 10 ** max(decimals - minor_units, 0)
    units = 10 ** max(minor_units - decimals, 0)
    whole, rest = nw.col(f"{name}_whole"), nw.col(f"{name}_rest")
    below, parts = nw.col(f"{name}_floor"), nw.col(f"{name}_parts")
    up = (parts * 2 > step) | ((parts * 2 == step) & _is_odd(below))
    rest_of = nw.col(f"{name}_safe") - nw.col(f"{name}_lower")
    quotient = (rest / step).floor().cast(nw.Int64)
    return Column(
        stages=[
            {f"{name}_raw": nw.col(name)},
            {f"{name}_safe": where(fits, given, 0)},
            {f"{name}_lower": nw.col(f"{name}_safe").floor()},
            {
                f"{name}_whole": nw.col(f"{name}_lower").cast(nw.Int64),
                # The rest is below 1 and has 15 decimals at most: a float comes within
                # a fifth of the whole number that it is then, and rounding finds it.
                f"{name}_rest": (rest_of.cast(nw.Float64) * 10.0**decimals + 0.5)
                .floor()
                .cast(nw.Int64),
            },
            {
                f"{name}_floor": whole * 10**minor_units + quotient * units,
                f"{name}_parts": rest - quotient * step,
            },
            {name: below + flag(up), f"{name}_rounded": parts > 0},
        ],
        faults={
            CODE_OF[f"no {name}"]: given.is_null(),
            big: (given >= most) | (given <= -most) | (nw.col(name).abs() > _EXACT),
        },
    )


def _read_discount(dtype: nw.dtypes.DType) -> Column:
    """Read whether anything was taken off, and whether that is known."""
    raw = nw.col("discount")
    missing = _is_missing("discount", dtype)
    if isinstance(dtype, nw.Boolean):
        return Column(stages=[{"cheap": raw, "known": ~missing}])
    if not dtype.is_numeric():
        raise wrong_type("discount", "numbers or True and False", dtype)
    return Column(
        stages=[{"cheap": (raw > 0) & ~missing, "known": ~missing}],
        faults={CODE_OF["discount below 0"]: ~missing & (raw < 0)},
    )


def _read_value(name: str, dtype: nw.dtypes.DType) -> Column:
    """Read any distinct values; nan is missing, and -0.0 is 0.0."""
    raw = nw.col(name)
    if dtype.is_float():
        known = nw.when(~_is_missing(name, dtype)).then(raw.cast(nw.Float64) + 0.0)
        return Column(stages=[{name: known}])
    if isinstance(dtype, (nw.Categorical, nw.Enum)):
        return Column(stages=[{name: raw.cast(nw.String)}])
    if dtype.is_nested() or isinstance(dtype, nw.Binary):
        raise wrong_type(name, "numbers or text", dtype)
    return Column()


def read_columns(
    dtypes: Mapping[str, nw.dtypes.DType],
    terms: Terms,
    width: int,
    engine: str,
    session: str | None,
) -> Iterator[Column]:
    """Say how each column that is there is read."""
    for name, dtype in dtypes.items():
        if name == "customer_id":
            yield _read_id(dtype)
        elif name == "date":
            yield _read_day(dtype, terms.tz, width, engine, session)
        elif name == "discount":
            yield _read_discount(dtype)
        elif name in DISTINCT:
            yield _read_value(name, dtype)
        else:
            yield _read_money(name, dtype, terms.minor_units, engine)
