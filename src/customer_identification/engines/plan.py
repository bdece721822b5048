"""Transactions added up by customer and month in their own engine.

Only expressions that every engine computes alike: whole numbers row by row, then bare
columns aggregated. Row by row, a transaction gets a customer, a day and amounts in
whole minor units, or a code that says why it cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.engines.hooks import add_up
from customer_identification.errors import InvalidInputError
from customer_identification.frames import check_zone, wrong_type
from customer_identification.history import DISTINCT, block_starts
from customer_identification.report import REASONS
from customer_identification.terms import Terms


__all__ = ["BAD", "NEVER", "Plan", "plan_rows"]

# Python's white space (str.isspace), as a class of characters.
_SPACE = "\t-\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_EXACT = 2**53  # a float64 holds every whole number up to here (IEEE 754-2019)
_OFF = 1e-6  # as frames.read_money counts what it rounds
_MOST_DECIMALS = 15  # so that the parts stay exact where an engine divides as floats

_MONTH, _WEEK = 32, 8  # days that a block has place for; dividing by them is exact
_EPOCH_MONTH = 1970 * 12
NEVER = 2**40  # later than any key: nothing was bought
_MARCH = -date(1970, 1, 1).toordinal() - 305  # 0000-03-01, in days since 1970-01-01
_WEEKS = 1 << 17  # added to the weeks since 1970, so that none is below 0

_KEEP_ZONES = {"dask", "polars"}

# What no option can mend, by code: of which column, what must hold, and its code.
BAD = {
    101: ("customer_id", "whole numbers or text", "not_an_id"),
    102: ("customer_id", "below 2**63", "not_an_id"),
    103: ("date", "dates of the years 1 to 9999", "not_a_day"),
    104: ("amount", "at most 2**53 minor units, to be exact", "too_large"),
    105: ("profit", "at most 2**53 minor units, to be exact", "too_large"),
}
_CODE_OF = {why: code for code, why in enumerate(REASONS, 1)}

Exprs = dict[str, nw.Expr]


# --- expressions --------------------------------------------------------------------


def _where(condition: nw.Expr, value: nw.Expr, otherwise: Any) -> nw.Expr:
    """Give a value where a condition holds; it does not where it is null."""
    return nw.when(condition).then(value).otherwise(nw.lit(otherwise))


def _flag(condition: nw.Expr) -> nw.Expr:
    return _where(condition, nw.lit(1), 0).cast(nw.Int64)


def _whole(*names: str) -> Exprs:
    """Make sums 64 bits again; DuckDB gives 128."""
    return {name: nw.col(name).cast(nw.Int64) for name in names}


def _block(width: int) -> nw.Expr:
    return (nw.col("key") / width).floor().cast(nw.Int64)


def _bit(condition: nw.Expr) -> nw.Expr:
    """Give 2 to the power of the day where the condition holds: exact as a float."""
    bit = nw.lit(2.0) ** nw.col("day")
    return _where(condition, bit, 0.0).cast(nw.Int64)


def _is_odd(whole: nw.Expr) -> nw.Expr:
    return whole - (whole / 2).floor() * 2 == 1


@frozen(kw_only=True)
class _Column:
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


def _read_id(dtype: nw.dtypes.DType) -> _Column:
    """Read ids: whole numbers, or text; blank text is nobody."""
    name, nobody = "customer_id", _CODE_OF["no customer id"]
    missing, raw = _is_missing(name, dtype), nw.col(name)
    if _is_text(dtype):
        stages: list[Exprs] = [{name: raw.cast(nw.String)}]
        return _Column(
            stages=stages,
            faults={nobody: missing | ~raw.str.contains(f"[^{_SPACE}]")},
        )
    given = nw.col("id_raw")
    if dtype == nw.UInt64:
        fits = given <= 2**63 - 1
        return _Column(
            stages=[{"id_raw": raw}, {name: _where(fits, given, 0).cast(nw.Int64)}],
            faults={nobody: given.is_null(), 102: given > 2**63 - 1},
        )
    if dtype.is_integer():
        return _Column(stages=[{name: raw.cast(nw.Int64)}], faults={nobody: missing})
    if dtype.is_float():
        inside = _where(given.abs() < _EXACT, given.cast(nw.Float64), 0.5)
        return _Column(
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


def _is_text(dtype: nw.dtypes.DType) -> bool:
    return any(dtype == text for text in (nw.String, nw.Categorical, nw.Enum))


def _read_day(
    dtype: nw.dtypes.DType, tz: ZoneInfo | None, width: int, engine: str
) -> _Column:
    """Read days as `key`: block times width, and the day of the block."""
    if not isinstance(dtype, nw.Date) and not isinstance(dtype, nw.Datetime):
        raise wrong_type("date", "dates or time stamps", dtype)
    raw = nw.col("date")
    stages: list[Exprs] = []
    zone = getattr(dtype, "time_zone", None)
    check_zone("date", zone, tz)
    if zone is not None and engine == "ibis":  # it does not tell the zone it reads in
        raise InvalidInputError(
            "Ibis reads stamps in a time zone that it does not tell: make dates of them "
            "first",
            code="time_zone",
            column="date",
        )
    if tz is not None and zone != tz.key:
        _check_session(engine, zone)
        stages.append({"date": raw.dt.convert_time_zone(tz.key)})
    parts = {"year": raw.dt.year(), "month": raw.dt.month(), "day": raw.dt.day()}
    missing = raw.is_null()
    outside = (nw.col("year") < 1) | (nw.col("year") > 9999)
    year, month, day = (nw.col(name) for name in parts)
    stages += [
        {name: part.fill_null(0).cast(nw.Int64) for name, part in parts.items()},
    ]
    if width == _MONTH:
        stages.append({"key": (year * 12 + month - 1) * width + day - 1})
    else:
        stages += _week_keys()
    faults = {_CODE_OF["no date"]: missing, 103: ~missing & outside}
    return _Column(stages=stages, faults=faults)


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
    days = march_year * 365 + leap_days + since_march + (_MARCH + 3 + 7 * _WEEKS)
    return [
        {
            "march_year": year - _flag(month <= 2),
            "march_month": month + _flag(month <= 2) * 12 - 3,
        },
        {"days": days},
        {
            "key": over(nw.col("days"), 7) * 8
            + nw.col("days")
            - over(nw.col("days"), 7) * 7
        },
    ]


def _key_of(day: date, width: int) -> int:
    """Give the key of a day, as the engines compute it."""
    if width == _MONTH:
        return (day.year * 12 + day.month - 1) * width + day.day - 1
    days = day.toordinal() - date(1970, 1, 1).toordinal() + 3 + 7 * _WEEKS
    return days // 7 * width + days % 7


def _read_money(name: str, dtype: nw.dtypes.DType, minor_units: int) -> _Column:
    """Read amounts as whole minor units, rounding each half to even."""
    scale = 10**minor_units
    raw = nw.col(name)
    missing, big = _CODE_OF[f"no {name}"], 104 if name == "amount" else 105
    if dtype.is_integer():
        most = _EXACT // scale
        fits = (raw <= most) & (raw >= -most)
        minor = _where(fits, raw, 0).cast(nw.Int64) * scale
        return _Column(
            stages=[{f"{name}_raw": raw}, {name: minor}],
            faults={
                missing: nw.col(f"{name}_raw").is_null(),
                big: (nw.col(f"{name}_raw") > most) | (nw.col(f"{name}_raw") < -most),
            },
        )
    if isinstance(dtype, nw.Decimal):
        return _read_decimals(name, dtype.scale, minor_units)
    if not dtype.is_float():
        raise wrong_type(name, "numbers", dtype)
    given = nw.col(f"{name}_raw")
    most = _EXACT / scale
    below = nw.col(f"{name}_floor")
    scaled = nw.col(f"{name}_scaled")
    up = (scaled - below > 0.5) | ((scaled - below == 0.5) & _is_odd(below))
    off = (scaled - nw.col(name)).abs()
    return _Column(
        stages=[
            {f"{name}_raw": raw.cast(nw.Float64)},
            {f"{name}_scaled": _where(given.abs() <= most, given * scale, 0.0)},
            {f"{name}_floor": scaled.floor()},
            {name: below.cast(nw.Int64) + _flag(up)},
            {f"{name}_rounded": (off > _OFF) & (off > nw.col(name).abs() * 2.0**-51)},
        ],
        faults={
            missing: given.is_null() | given.is_nan(),
            _CODE_OF[f"{name} not finite"]: ~given.is_nan() & ~given.is_finite(),
            big: given.is_finite() & (given.abs() > most),
        },
    )


def _read_decimals(name: str, decimals: int, minor_units: int) -> _Column:
    """Read decimals exactly: the whole part, then what is left in whole numbers."""
    if decimals > _MOST_DECIMALS:
        raise InvalidInputError(
            f"{name} must have at most {_MOST_DECIMALS} decimals; the column has "
            f"{decimals}",
            code="wrong_type",
            column=name,
        )
    big = 104 if name == "amount" else 105
    given, most = nw.col(f"{name}_raw"), _EXACT // 10**minor_units
    fits = (given < most) & (given > -most)
    step = 10 ** max(decimals - minor_units, 0)
    units = 10 ** max(minor_units - decimals, 0)
    whole, rest = nw.col(f"{name}_whole"), nw.col(f"{name}_rest")
    below, parts = nw.col(f"{name}_floor"), nw.col(f"{name}_parts")
    up = (parts * 2 > step) | ((parts * 2 == step) & _is_odd(below))
    rest_of = nw.col(f"{name}_safe") - nw.col(f"{name}_lower")
    quotient = (rest / step).floor().cast(nw.Int64)
    return _Column(
        stages=[
            {f"{name}_raw": nw.col(name)},
            {f"{name}_safe": _where(fits, given, 0)},
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
            {name: below + _flag(up), f"{name}_rounded": parts > 0},
        ],
        faults={
            _CODE_OF[f"no {name}"]: given.is_null(),
            big: (given >= most) | (given <= -most),
        },
    )


def _read_discount(dtype: nw.dtypes.DType) -> _Column:
    """Read whether anything was taken off, and whether that is known."""
    raw = nw.col("discount")
    missing = _is_missing("discount", dtype)
    if isinstance(dtype, nw.Boolean):
        return _Column(stages=[{"cheap": raw, "known": ~missing}])
    if not dtype.is_numeric():
        raise wrong_type("discount", "numbers or True and False", dtype)
    return _Column(
        stages=[{"cheap": (raw > 0) & ~missing, "known": ~missing}],
        faults={_CODE_OF["discount below 0"]: ~missing & (raw < 0)},
    )


def _read_value(name: str, dtype: nw.dtypes.DType) -> _Column:
    """Read any distinct values; nan is missing, and -0.0 is 0.0."""
    raw = nw.col(name)
    if dtype.is_float():
        known = nw.when(~_is_missing(name, dtype)).then(raw.cast(nw.Float64) + 0.0)
        return _Column(stages=[{name: known}])
    if isinstance(dtype, (nw.Categorical, nw.Enum)):
        return _Column(stages=[{name: raw.cast(nw.String)}])
    if dtype.is_nested() or isinstance(dtype, nw.Binary):
        raise wrong_type(name, "numbers or text", dtype)
    return _Column()


# --- all columns --------------------------------------------------------------------


@frozen(kw_only=True, repr=False)
class Plan:
    """What an engine is asked for.

    Attributes
    ----------
    rows : LazyFrame
        One row a transaction: `customer_id`, `key` (block and day; below 0 where the
        row cannot be used, and then minus the code times `width`), what is added up.
    added : tuple of str
        The columns that are added up.
    flags : tuple of str
        Those that hold of a day if of any row: bought, nameless; where there are dates.
    distinct : tuple of str
        The columns whose distinct values are counted.
    width : int
        Days that a block has place for in `key`.
    is_text, guarded, held : bool
        Whether ids are text; whether there are amounts, whose size is looked at; and
        whether the result stays in the engine, where nobody reads bits.
    """

    rows: nw.LazyFrame[Any]
    added: tuple[str, ...]
    distinct: tuple[str, ...]
    flags: tuple[str, ...]
    width: int
    is_text: bool
    guarded: bool
    held: bool = False

    @property
    def dated(self) -> bool:
        """Whether there are dates."""
        return bool(self.flags)

    @property
    def first_block(self) -> int:
        """The block of 1970-01-01."""
        return _EPOCH_MONTH if self.width == _MONTH else _WEEKS

    def days_of(self, keys: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give days since 1970-01-01; nan where nothing was bought."""
        blocks = keys // self.width - self.first_block
        blocks[keys == NEVER] = 0
        starts = block_starts(blocks, weekly=self.width == _WEEK)
        days = (starts + keys % self.width).astype(np.float64)
        days[keys == NEVER] = np.nan
        return days

    def cells(self) -> nw.LazyFrame[Any]:
        """Add up by customer and block; days of purchase become the bits of a number."""
        rows = self.rows.with_columns(block=_block(self.width))
        rows = rows.with_columns(day=nw.col("key") - nw.col("block") * self.width)
        maxima = ("largest",) if self.guarded else ()
        cells = None
        if not self.held:
            cells = add_up(rows, self.added, maxima, self.flags)
        if cells is None:
            cells = self._cells_by_way_of_days(rows, maxima)
        return cells.with_columns(**_whole("rows", *self.added, *self.flags))

    def _cells_by_way_of_days(
        self, rows: nw.LazyFrame[Any], maxima: tuple[str, ...]
    ) -> nw.LazyFrame[Any]:
        """Add up by day first, where bits that are there twice cannot be joined."""
        largest = [nw.col(name).max() for name in maxima]
        by_day = rows.group_by("customer_id", "block", "day").agg(
            nw.len().alias("rows"),
            *(nw.col(name).sum() for name in self.added),
            *(nw.col(name).max() for name in self.flags),
            *largest,
        )
        by_day = by_day.with_columns(**_whole("rows", *self.added))
        if self.held and self.dated:
            key = nw.col("block") * self.width + nw.col("day")
            first = nw.when(nw.col("bought") == 1).then(key).otherwise(nw.lit(NEVER))
            by_day = by_day.with_columns(
                purchase_days=nw.col("bought"), first_key=first.cast(nw.Int64)
            )
            largest += [nw.col("purchase_days").sum(), nw.col("first_key").min()]
        bits = self.flags[:1] if self.held else self.flags
        if bits:
            by_day = by_day.with_columns(
                **{name: _bit(nw.col(name) == 1) for name in bits}
            )
        summed = ("rows", *self.added, *self.flags)
        return by_day.group_by("customer_id", "block").agg(
            *(nw.col(name).sum() for name in summed), *largest
        )

    @property
    def sums(self) -> tuple[str, ...]:
        """What is added up by customer and kept."""
        added = [name for name in self.added if name != "rounded"]
        return ("rows", *added, *(name for name in self.flags if name == "nameless"))

    @property
    def value(self) -> str | None:
        """The column of value: profit where the data have it, else amount."""
        return next((name for name in ("profit", "amount") if name in self.added), None)

    def customers(
        self, cells: nw.LazyFrame[Any], blocks: Sequence[int]
    ) -> nw.LazyFrame[Any]:
        """Make one row a customer, with a column of value and of days for each block.

        Parameters
        ----------
        cells : LazyFrame
            As :meth:`cells` gives them.
        blocks : sequence of int
            Those that have columns.
        """
        by_block = {}
        for i, block in enumerate(blocks if self.dated else ()):
            here = nw.col("block") == block + self.first_block
            if self.value is not None:
                value = _where(here, nw.col(self.value), 0)
                by_block[f"value_{i}"] = value.cast(nw.Int64)
            by_block[f"days_{i}"] = _where(here, nw.col("bought"), 0).cast(nw.Int64)
        rows = cells.filter(nw.col("block") >= 0)
        if by_block:
            rows = rows.with_columns(**by_block)
        days = ["purchase_days"] if self.dated else []
        first = [nw.col("first_key").min()] if self.dated else []
        summed = (*self.sums, *days, *by_block)
        customers = rows.group_by("customer_id").agg(
            *(nw.col(name).sum() for name in summed), *first
        )
        return customers.with_columns(**_whole(*summed))

    def values(self, name: str) -> nw.LazyFrame[Any]:
        """Give the distinct known values of each customer's purchases, by block."""
        purchases = self.rows.filter(
            (nw.col("key") >= 0) & (nw.col("bought") == 1) & ~nw.col(name).is_null()
        )
        return purchases.select(
            "customer_id", nw.col(name).alias("value"), block=_block(self.width)
        ).unique()

    def counts(self, name: str) -> nw.LazyFrame[Any]:
        """Count the distinct known values of each customer's purchases."""
        values = self.values(name).select("customer_id", "value").unique()
        return values.group_by("customer_id").agg(nw.len().alias("n"))

    def magnitude(self) -> nw.LazyFrame[Any]:
        """Add up the sizes of all amounts as floats, which cannot overflow."""
        sizes = self.rows.select(size=nw.col("largest").cast(nw.Float64))
        return sizes.select(nw.col("size").sum())


def plan_rows(frame: nw.LazyFrame[Any], terms: Terms, *, held: bool = False) -> Plan:
    """Say how rows become customers, days and minor units, or are set aside.

    Parameters
    ----------
    frame : LazyFrame
        With our column names.
    terms : Terms
        What counts.
    held : bool
        Whether the result stays in the engine.

    Raises
    ------
    InvalidInputError
        If a column is of a type that cannot hold what it should.
    """
    dtypes = dict(frame.collect_schema())
    width = _WEEK if terms.weekly else _MONTH
    dated, distinct = "date" in dtypes, tuple(one for one in DISTINCT if one in dtypes)
    columns = list(_columns(dtypes, terms, width, frame.implementation.value))
    for stage in zip_longest(*(one.stages for one in columns), fillvalue={}):
        frame = frame.with_columns(
            **{k: v for exprs in stage for k, v in exprs.items()}
        )
    faults = {code: why for one in columns for code, why in one.faults.items()}
    if dated:
        faults |= _outside(terms, width)
    used = nw.col("fault") == 0
    nobody = "" if _is_text(dtypes["customer_id"]) else 0
    key = nw.col("key") if dated else nw.lit(0)
    frame = frame.with_columns(fault=_first_fault(faults)).with_columns(
        customer_id=_where(used, nw.col("customer_id"), nobody),
        key=nw.when(used).then(key).otherwise(nw.col("fault") * -width).cast(nw.Int64),
    )
    flags, added = _what_to_add(dtypes)
    frame = frame.with_columns(**flags)
    if added:
        frame = frame.with_columns(**added)
    kept = ("customer_id", "key", *flags, *added, *distinct)
    days = [name for name in ("bought", "nameless") if dated and name in kept]
    for name in days:  # a day without an order id counts once, a row without a date too
        added.pop(name, None)
    return Plan(
        rows=frame.select(*kept),
        added=tuple(added),
        distinct=distinct,
        flags=tuple(days),
        width=width,
        is_text=_is_text(dtypes["customer_id"]),
        guarded="largest" in flags,
        held=held,
    )


def _columns(
    dtypes: Mapping[str, nw.dtypes.DType], terms: Terms, width: int, engine: str
) -> Iterator[_Column]:
    """Say how each column that is there is read."""
    for name, dtype in dtypes.items():
        if name == "customer_id":
            yield _read_id(dtype)
        elif name == "date":
            yield _read_day(dtype, terms.tz, width, engine)
        elif name == "discount":
            yield _read_discount(dtype)
        elif name in DISTINCT:
            yield _read_value(name, dtype)
        else:
            yield _read_money(name, dtype, terms.minor_units)


def _outside(terms: Terms, width: int) -> dict[int, nw.Expr]:
    """Say which days do not count."""
    key = nw.col("key")
    outside = {_CODE_OF["after as_of"]: key > _key_of(terms.as_of, width)}
    if terms.since is not None:
        outside[_CODE_OF["before since"]] = key < _key_of(terms.since, width)
    return outside


def _what_to_add(dtypes: Mapping[str, nw.dtypes.DType]) -> tuple[Exprs, Exprs]:
    """Give the flags that are needed, and then what is added up."""
    amount, bought = nw.col("amount"), nw.col("bought") == 1
    money = [name for name in ("amount", "profit") if name in dtypes]
    exact = [name for name in money if dtypes[name].is_integer()]
    added: Exprs = {name: nw.col(name) for name in money}
    flags: Exprs = {"bought": nw.lit(1).cast(nw.Int64)}
    if len(exact) < len(money):
        rounded = [_flag(nw.col(f"{one}_rounded")) for one in money if one not in exact]
        added["rounded"] = sum(rounded[1:], rounded[0])
    if money:
        sizes = [nw.col(name).abs() for name in money]
        flags["largest"] = sizes[0] if len(sizes) == 1 else nw.max_horizontal(*sizes)
    if "amount" in dtypes:
        flags["bought"] = _flag(amount >= 0)
        added |= {
            "refunds": 1 - nw.col("bought"),
            "refund_value": _where(amount < 0, amount, 0).cast(nw.Int64),
            "free": _flag(amount == 0),
        }
    if {"amount", "discount"} <= dtypes.keys():
        known = nw.col("known")
        added |= {
            "discounted": _where(bought & nw.col("cheap"), amount, 0).cast(nw.Int64),
            "discount_known": _where(bought & known, amount, 0).cast(nw.Int64),
            "discount_unknown": _flag(bought & ~known),
        }
    if "order_id" in dtypes:
        added["nameless"] = _flag(bought & nw.col("order_id").is_null())
    return flags, added


def _first_fault(faults: Mapping[int, nw.Expr]) -> nw.Expr:
    """Give the code of the first thing that is wrong with each row, or 0."""
    # What no option can mend comes first, then the reasons in their order.
    chain: Any = nw
    for code in sorted(faults, key=lambda code: (code <= len(REASONS), code)):
        chain = chain.when(faults[code]).then(nw.lit(code))
    fault: nw.Expr = chain.otherwise(nw.lit(0)).cast(nw.Int64)
    return fault
