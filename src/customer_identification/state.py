"""A summary as one long frame that keeps all of it, and back.

The columns are the same for every summary, so that a host's table of them never changes.
`part` says what a row is:

========  ============================================================================
about     one row, whose `text` is JSON: what the other rows are
customer  one row a customer: the columns of the summary
period    value by customer and period; where it is not 0, and there are no cells
cell      sums and days of purchase by customer and month, or week
order_id  a distinct order of a customer in a month, or week: in `whole` if orders are
          whole numbers, in `number` if they are other numbers, else in `text`
category  the same of categories
channel   the same of channels
========  ============================================================================

Whole numbers are 0 where a row has none. Days are counted from 1970-01-01, and money in
minor units. Of `days` and `nameless`, bit `i` is day `i` of the block.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property
from typing import Any, NoReturn, get_args

import attrs
import numpy as np
from attrs import field, frozen
from attrs.converters import optional
from attrs.validators import deep_iterable, deep_mapping, in_, instance_of
from numpy.typing import NDArray

from customer_identification.aggregate import Period, period_end
from customer_identification.cells import Cells, block_starts, blocks_of, place_cells
from customer_identification.errors import InvalidInputError, SerializationError
from customer_identification.frames import (
    Table,
    plain,
    read_codes,
    read_ids,
    read_table,
    read_whole,
    read_words,
)
from customer_identification.history import DISTINCT, History, Pairs, pairs_of
from customer_identification.report import DataReport


__all__ = ["COLUMNS", "read_state", "write_state"]

Ints = NDArray[np.int64]
Rows = NDArray[np.intp]

_FORMAT = "customer_identification.Summary"
_VERSION = 1
_PARTS = ("about", "customer", "period", "cell", *DISTINCT)
_DATES = ("first_purchase", "last_purchase")
_ALWAYS = ("purchases", "refunds", "refund_value")
_STATISTICS = (
    "value",
    "amount",
    "profit",
    "purchases",
    "purchase_days",
    *_DATES,
    "squared_gaps",
    "refunds",
    "refund_value",
    "discounted",
    "discount_known",
    "categories",
    "channels",
    "network_value",
)
_COLUMNS = (*_STATISTICS, "period_values", "attitude")
_SUMS = (
    "rows",
    "amount",
    "profit",
    "refunds",
    "refund_value",
    "free",
    "discounted",
    "discount_known",
    "discount_unknown",
)
_WHOLE = tuple(dict.fromkeys(("start", *_STATISTICS, *_SUMS)))
_WHOLE = (*_WHOLE, "days", "nameless", "whole")
COLUMNS = ("part", "customer_id", *_WHOLE, "number", "text")
# Where ids and distinct values stand, by the kind of numpy's type.
_KINDS = {"O": "text", "i": "whole", "f": "number"}
_TYPES = {"text": np.object_, "whole": np.int64, "number": np.float64}


# --- what the other rows are --------------------------------------------------------


def _list_of(words: Iterable[str]) -> Any:
    return deep_iterable(in_(tuple(words)), instance_of(list))


def _table_of(words: Iterable[str], values: Any) -> Any:
    return deep_mapping(in_(tuple(words)), values, instance_of(dict))


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _dates(texts: Iterable[str]) -> NDArray[np.datetime64]:
    return np.array([date.fromisoformat(text) for text in texts], dtype="M8[D]")


def _report(data: Mapping[str, Any]) -> DataReport:
    aside = tuple((str(why), int(n), int(money)) for why, n, money in data["set_aside"])
    report = DataReport(**{**data, "set_aside": aside})
    others = attrs.asdict(report, filter=lambda a, _: a.name != "set_aside")
    if {name: type(one) for name, one in others.items()} != {
        **dict.fromkeys(others, int),
        "valued": bool,
    }:
        raise TypeError
    return report


@frozen(kw_only=True)
class _Kept:
    """What a history has."""

    sums: list[str] = field(validator=_list_of(_SUMS))
    nameless: bool = field(validator=instance_of(bool))
    words: dict[str, str] = field(validator=_table_of(DISTINCT, in_(_TYPES)))
    blank: list[str] = field(validator=_list_of(DISTINCT))


def _kept_in(data: Mapping[str, Any] | None) -> _Kept | None:
    return None if data is None else _Kept(**data)


@frozen(kw_only=True)
class _About:
    """What is told once for all rows."""

    ids: str = field(validator=in_(("text", "whole")))
    as_of: date = field(converter=_date)
    since: date | None = field(converter=optional(_date))
    period: Period | None = field(validator=in_((None, *get_args(Period))))
    minor_units: int = field(validator=in_(range(7)))
    periods: NDArray[np.datetime64] = field(converter=_dates)
    columns: list[str] = field(validator=_list_of(_COLUMNS))
    report: DataReport = field(converter=_report)
    history: _Kept | None = field(converter=_kept_in)
    rows: dict[str, int] = field(validator=_table_of(_PARTS, instance_of(int)))

    @property
    def edges(self) -> Ints:
        """Where periods begin, and the day after the last ends; none without periods."""
        ends = [period_end(start, self.period) for start in self.periods[-1:]]
        return np.append(self.periods, np.array(ends, "M8[D]")).view(np.int64)


def _bad(must: str) -> SerializationError:
    return SerializationError(f"state of a summary must {must}", code="bad_state")


def _must(holds: object, must: str) -> None:
    if not holds:
        raise _bad(must)


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def _read_about(text: str) -> _About:
    """Read the text of the row that is about all others."""
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        data = None
    _must(
        isinstance(data, dict) and data.pop("format", None) == _FORMAT,
        f"be told by its row 'about', in JSON of the format {_FORMAT}",
    )
    version = data.pop("version", None)
    if type(version) is not int or version != _VERSION:
        raise SerializationError(
            f"state of a summary must have the version {_VERSION}, which this release "
            "writes and reads",
            code="unknown_version",
        )
    try:
        about = _About(**data)
    except (AttributeError, LookupError, TypeError, ValueError):
        about = None
    if about is None:  # out here, so that the error holds no other, with its data
        raise _bad("have a row 'about' that is as it was written")
    _must(
        {*_ALWAYS} <= {*about.columns} and about.rows.keys() == {*_PARTS},
        f"have the columns {', '.join(_ALWAYS)}, and tell the rows of every part",
    )
    return about


# --- to columns ---------------------------------------------------------------------


def write_state(summary: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Give the columns of the frame.

    Parameters
    ----------
    summary : mapping
        The attributes of a :class:`Summary` by name.
    """
    ids, history = summary["customer_ids"], summary["history"]
    there = [name for name in _COLUMNS if summary[name] is not None]
    parts = {"customer": _customers(summary, there)}
    kept = None
    if history is not None:
        kept, more = _kept(history)
        parts |= more
    elif "period_values" in there:
        parts["period"] = _values(summary["periods"], summary["period_values"])
    sizes = {part: codes.size for part, (codes, _) in parts.items()}
    about = {
        "format": _FORMAT,
        "version": _VERSION,
        "ids": _KINDS[ids.dtype.kind],
        "as_of": summary["as_of"].isoformat(),
        "since": None if summary["since"] is None else summary["since"].isoformat(),
        "period": summary["period"],
        "minor_units": summary["minor_units"],
        "periods": summary["periods"].astype(str).tolist(),
        "columns": there,
        "report": attrs.asdict(summary["report"]),
        "history": kept,
        "rows": {**dict.fromkeys(_PARTS, 0), "about": 1, **sizes},
    }
    n_rows = 1 + sum(sizes.values())
    columns: dict[str, NDArray[Any]] = {
        "part": np.repeat(
            np.array(["about", *parts], dtype=object), [1, *sizes.values()]
        ),
        "customer_id": np.full(n_rows, None if ids.dtype == object else 0, ids.dtype),
        **{name: np.zeros(n_rows, dtype=np.int64) for name in _WHOLE},
        "number": np.full(n_rows, np.nan),
        "text": np.full(n_rows, None, dtype=object),
    }
    columns["text"][0] = json.dumps(about, allow_nan=False, sort_keys=True)
    begin = 1
    for codes, values in parts.values():
        rows = slice(begin, begin + codes.size)
        columns["customer_id"][rows] = ids[codes]
        for name, one in values.items():
            columns[name][rows] = one
        begin += codes.size
    return columns


Part = tuple[NDArray[Any], dict[str, NDArray[Any]]]


def _customers(summary: Mapping[str, Any], there: list[str]) -> Part:
    columns = {name: summary[name] for name in there if name in _STATISTICS}
    for name in columns.keys() & {*_DATES}:
        bought = ~np.isnat(columns[name])
        columns[name] = np.where(bought, columns[name].view(np.int64), 0)
    if "attitude" in there:
        columns["number"] = summary["attitude"]
    return np.arange(summary["customer_ids"].size), columns


def _values(periods: NDArray[np.datetime64], table: Ints) -> Part:
    customers, columns = np.nonzero(table)
    return customers, {
        "start": periods.view(np.int64)[columns],
        "value": table[customers, columns],
    }


def _kept(history: History) -> tuple[dict[str, Any], dict[str, Part]]:
    """Tell what a history has, and give its rows."""
    cells, pairs = history.cells, history.pairs
    columns: dict[str, NDArray[Any]] = {
        "start": block_starts(cells.blocks, weekly=history.weekly),
        **cells.sums,
        "days": cells.days,
    }
    if cells.nameless is not None:
        columns["nameless"] = cells.nameless
    words = {name: _KINDS[one.words.dtype.kind] for name, one in pairs.items()}
    for name in words:
        _check_text(name, pairs[name].words)
    kept = {
        "sums": [*cells.sums],
        "nameless": cells.nameless is not None,
        "words": words,
        "blank": [name for name, one in pairs.items() if "" in one.words[:1].tolist()],
    }
    return kept, {
        "cell": (cells.codes, columns),
        **{
            name: (
                one.codes,
                {
                    "start": block_starts(one.blocks, weekly=history.weekly),
                    words[name]: one.words[one.values],
                },
            )
            for name, one in pairs.items()
        },
    }


def _check_text(name: str, words: NDArray[Any]) -> None:
    if words.dtype == object:
        try:
            "".join(words.tolist()).encode()
        except UnicodeEncodeError:
            raise SerializationError(
                f"{name} must be text that can be written as UTF-8",
                code="not_portable",
                column=name,
            ) from None


# --- and back -----------------------------------------------------------------------


def read_state(frame: object) -> dict[str, Any]:
    """Give the attributes of a :class:`Summary` by name.

    Raises
    ------
    SerializationError
        If the frame is none that :func:`write_state` gives the columns of.
    """
    names = {name: name for name in COLUMNS}
    try:
        return _State(read_table(frame, names, required=COLUMNS)).summary()
    except SerializationError:
        raise
    except InvalidInputError as error:
        raise SerializationError(
            f"state of a summary must be as it was written: {error}",
            code=error.code,
            column=error.column,
            positions=error.positions,
        ) from None


@frozen
class _State:
    """The frame, read as far as it is asked for."""

    table: Table

    def summary(self) -> dict[str, Any]:
        about, n = self.about, self.customer_ids.size
        rows, there = self.rows["customer"][self.order], about.columns
        columns: dict[str, Any] = {
            name: self.whole(name, rows) if name in there else None
            for name in _STATISTICS
        }
        for name in _DATES:
            if columns[name] is not None:
                days = columns[name].view("M8[D]")
                days[columns["purchase_days"] == 0] = "NaT"
                columns[name] = days
        history = None if about.history is None else self.history(about.history)
        values = None
        if "period_values" in there:
            values = (
                self.values() if history is None else history.values(about.edges, n)
            )
        return {
            "customer_ids": self.customer_ids,
            "as_of": about.as_of,
            "since": about.since,
            "period": about.period,
            "minor_units": about.minor_units,
            "periods": about.periods,
            "report": about.report,
            "period_values": values,
            "attitude": self.numbers(rows) if "attitude" in there else None,
            "history": history,
            "kind": self.table.kind,
            **columns,
        }

    @cached_property
    def rows(self) -> dict[str, Rows]:
        """Where the rows of each part are."""
        codes = read_words(self.table.columns["part"], "part", _PARTS)
        return {part: np.flatnonzero(codes == at) for at, part in enumerate(_PARTS)}

    @cached_property
    def about(self) -> _About:
        at = self.rows["about"]
        _must(at.size == 1, f"have one row of part 'about'; it has {at.size:,}")
        codes, words = self.texts
        about = _read_about(words[codes[at]].item())
        for part, rows in self.rows.items():
            _must(
                rows.size == about.rows[part],
                f"have all its rows; of {about.rows[part]:,} of part {part!r} there "
                f"are {rows.size:,}",
            )
        return about

    # customers

    @cached_property
    def ids(self) -> tuple[NDArray[Any], Ints, Rows]:
        """Give ids in order, customers of all rows (-1: nobody) and rows of customers."""
        ids = read_ids(self.table.columns["customer_id"], "customer_id")
        rows = self.rows["customer"]
        codes = ids.codes[rows]
        row_of = np.full(ids.unique.size + 1, -1)  # the last is for nobody
        row_of[codes] = np.arange(rows.size)
        is_there = row_of[:-1] >= 0
        dtype = _TYPES[self.about.ids]
        _must(
            np.count_nonzero(is_there) == rows.size,
            "have one row of part 'customer' for each customer",
        )
        _must(
            not rows.size or ids.unique.dtype == dtype,
            f"have ids that are {self.about.ids}, as they were written",
        )
        customers = np.append(np.cumsum(is_there) - 1, -1)
        customers[:-1][~is_there] = -1
        return (
            ids.unique[is_there].astype(dtype),
            customers[ids.codes],
            row_of[:-1][is_there],
        )

    @property
    def customer_ids(self) -> NDArray[Any]:
        return self.ids[0]

    @property
    def order(self) -> Rows:
        """Which row of part customer each customer has."""
        return self.ids[2]

    def customers(self, part: str) -> Ints:
        codes = self.ids[1][self.rows[part]]
        _must(
            not (codes < 0).any(),
            f"have a row of part 'customer' for every customer of part {part!r}",
        )
        return codes

    # columns

    @cached_property
    def _columns(self) -> dict[str, Ints]:
        return {}

    def whole(self, name: str, rows: Rows) -> Ints:
        """Give whole numbers, which must be there in every row."""
        if name not in self._columns:
            self._columns[name] = _whole(self.table.columns[name], name)
        values: Ints = self._columns[name][rows]
        return values

    def numbers(self, rows: Rows) -> NDArray[np.float64]:
        """Give numbers; nan where there is none."""
        values, missing = plain(self.table.columns["number"], "number", "numbers")
        numbers = None
        if values.dtype.kind in "iufO":
            with suppress(TypeError, ValueError):
                numbers = np.array(values, dtype=np.float64)
        if numbers is None:
            raise _bad("hold numbers in the column number")
        if missing is not None:
            numbers[missing] = np.nan
        return numbers[rows]

    @cached_property
    def texts(self) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """Give the text of each row as a position in the sorted words; null is blank."""
        coded = read_codes(self.table.columns["text"], "text")
        words = coded.words
        is_text = not isinstance(words, np.ndarray)
        if isinstance(words, list):
            is_text = {*map(type, words)} <= {str}
        _must(is_text, "hold text in the column text, read as it was written")
        ranks, words = coded.ranks()
        if "" not in words[:1].tolist():
            blank = np.array([""], dtype=object)
            ranks, words = ranks + 1, np.concatenate([blank, words])
        return np.append(ranks, 0)[coded.codes], words

    # blocks and periods

    def blocks(self, part: str) -> Ints:
        starts = self.whole("start", self.rows[part])
        weekly = self.about.period == "week"
        blocks = blocks_of(starts, weekly=weekly)
        is_start = block_starts(blocks, weekly=weekly) == starts
        _must(
            is_start.all(),
            f"have the first day of a {'week' if weekly else 'month'} as start of every "
            f"row of part {part!r}",
        )
        return blocks

    def values(self) -> Ints:
        rows, customers = self.rows["period"], self.customers("period")
        edges, n = self.about.edges, self.customer_ids.size
        starts = self.whole("start", rows)
        table = np.zeros((n, edges[:-1].size), dtype=np.int64)
        periods = np.searchsorted(edges[:-1], starts)
        is_known = np.append(edges[:-1], np.iinfo(np.int64).min)[periods] == starts
        _must(is_known.all(), "have values of its own periods only")
        values = self.whole("value", rows)
        table[customers, periods] = values
        is_once = np.count_nonzero(table) == rows.size == np.count_nonzero(values)
        _must(is_once, "have one row for each customer and period with value")
        return table

    def history(self, kept: _Kept) -> History:
        return History(
            cells=self.cells(kept),
            pairs={name: self.pairs(name, kept) for name in kept.words},
            weekly=self.about.period == "week",
        )

    def cells(self, kept: _Kept) -> Cells:
        rows, n = self.rows["cell"], self.customer_ids.size
        codes, blocks = self.customers("cell"), self.blocks("cell")
        places = place_cells(codes, blocks, n)[0]
        order = np.argsort(places, kind="stable")  # one pass where they are in order
        _must(
            (np.diff(places[order]) > 0).all(),
            "have one row of part 'cell' for each customer and block",
        )
        rows = rows[order]
        return Cells(
            codes=codes[order].astype(np.int32),
            blocks=blocks[order],
            sums={name: self.whole(name, rows) for name in kept.sums},
            days=self.masks("days", rows),
            nameless=self.masks("nameless", rows) if kept.nameless else None,
        )

    def masks(self, name: str, rows: Rows) -> NDArray[np.uint32]:
        masks = self.whole(name, rows)
        _must(not (masks >> 32).any(), f"have 32 bits at most in the column {name}")
        return masks.astype(np.uint32)

    def pairs(self, name: str, kept: _Kept) -> Pairs:
        rows, kind = self.rows[name], kept.words[name]
        words = None
        if kind == "text":
            codes, words = self.texts
            values: NDArray[Any] = codes[rows]
            _must(
                name in kept.blank or values.all(),
                f"have the text of every row of part {name!r}, read as it was written",
            )
        elif kind == "whole":
            values = self.whole("whole", rows)
        else:
            values = self.numbers(rows)
            _must(
                not np.isnan(values).any(),
                f"have the number of every row of part {name!r}",
            )
        distinct, values = np.unique(values, return_inverse=True)
        found = pairs_of(
            self.customers(name),
            self.blocks(name),
            values.astype(np.int32),
            distinct if words is None else words[distinct],
            self.customer_ids.size,
        )
        _must(
            found.codes.size == rows.size,
            f"have one row of part {name!r} for each customer, block and value",
        )
        return found


def _whole(column: Any, name: str) -> Ints:
    values, missing = read_whole(column, name)
    if values.dtype == object:  # Python's own numbers, or no number at all
        ids = read_ids(column, name)
        missing = ids.codes < 0
        values = np.append(ids.unique, 0)[ids.codes]
        _must(ids.unique.dtype != object, f"hold whole numbers in the column {name}")
    n_missing = 0 if missing is None else int(np.count_nonzero(missing))
    _must(
        not n_missing,
        f"have a number in every row of the column {name}; {n_missing:,} are missing",
    )
    return values.astype(np.int64, copy=False)
