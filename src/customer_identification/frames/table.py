"""The host's frame or objects: columns found by name, and frames made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError, MissingColumnError
from customer_identification.frames._common import reporting


if TYPE_CHECKING:
    import narwhals.stable.v2 as nw


__all__ = ["Labels", "Table", "names_of", "names_there", "read_table", "to_frame"]


@frozen(kw_only=True, repr=False)
class Table:
    """The host's columns under our names, still in the host's types.

    Attributes
    ----------
    columns : mapping of str to column
        Empty for a lazy frame.
    n_rows : int
        0 for a lazy frame, which has not been counted.
    kind : str
        Which frames to make of results.
    lazy : LazyFrame or None
        A frame of ours names that is still in its engine.
    """

    columns: Mapping[str, Any]
    n_rows: int
    kind: str
    lazy: nw.LazyFrame[Any] | None = None


@frozen(kw_only=True, repr=False)
class Labels:
    """A column of few words: `codes` point into `words`, -1 is none of them."""

    codes: NDArray[Any] = array_field()
    words: tuple[str, ...]

    def take(self, rows: Any) -> Labels:
        """Give some rows only, or all in another order."""
        return evolve(self, codes=self.codes[rows])


def names_of(
    columns: object, ours: Sequence[str], *, needed: Sequence[str]
) -> dict[str, str | None]:
    """Give the host's name of each of our columns: its own where none is mapped.

    Parameters
    ----------
    columns : mapping of str to str or None, or None
        What the host maps; None says that the data have no such column.
    ours : sequence of str
        All our names.
    needed : sequence of str
        Those that the data must have.

    Raises
    ------
    InvalidInputError
        If it maps other names, or a needed one to None.
    """
    if columns is not None and not isinstance(columns, Mapping):
        raise InvalidInputError(
            "columns must map our names to yours", code="bad_option"
        )
    given = columns or {}
    if strange := [str(name) for name in given if name not in ours]:
        raise InvalidInputError(
            f"columns must map from {', '.join(ours)}, not from {', '.join(strange)}",
            code="unknown_column",
        )
    for name in needed:
        if given.get(name, name) is None:
            raise InvalidInputError(
                f"{name} must be a column of the data", code="missing_column"
            )
    return {name: given.get(name, name) for name in ours}


def read_table(
    data: object,
    names: Mapping[str, str | None],
    *,
    required: Sequence[str],
    objects: type | None = None,
    lazy: Literal["refused", "kept", "collected"] = "refused",
    hint: bool = True,
) -> Table:
    """Find our columns in a frame, or in an iterable of our own objects.

    Parameters
    ----------
    data : frame or iterable of `objects`
        pandas, Polars or PyArrow; or instances of `objects`.
    names : mapping of str to str or None
        Our name to the host's; None says that the data have no such column.
    required : sequence of str
        Of our names, those that must be found or be None.
    objects : type, optional
        The attrs class whose attributes are the columns; without it only frames will do.
    lazy : {"refused", "kept", "collected"}
        Whether a lazy frame stays in its engine, or the columns named come from there.
    hint : bool
        Whether an error may say that `columns=` names the host's columns.

    Raises
    ------
    MissingColumnError
        If a mapped or required column is not there.
    InvalidInputError
        If the data are neither, or two columns share a name.
    """
    if isinstance(data, (str, bytes, Mapping)) or data is None:
        raise _not_a_table(objects)
    if isinstance(data, (list, tuple)) and objects is not None:
        return _table_of_objects(data, names, objects)
    import narwhals.stable.v2 as nw

    try:
        frame = nw.from_native(data, pass_through=True, allow_series=True)
    except nw.exceptions.DuplicateError:
        raise _same_names() from None
    if isinstance(frame, nw.LazyFrame):
        if lazy == "kept":
            return _lazy_table(frame, names, required)
        if lazy == "collected":
            return _collected_table(frame, names, required)
        raise InvalidInputError(
            "the data must be an eager frame; collect a lazy one first",
            code="lazy_frame",
        )
    if isinstance(frame, (nw.Series, np.ndarray)):
        raise _not_a_table(objects)
    if isinstance(frame, nw.DataFrame):
        return _table_of_frame(frame, names, required, hint=hint)
    if isinstance(data, Iterable) and objects is not None:
        return _table_of_objects(data, names, objects)
    raise _not_a_table(objects)


def names_there(data: object) -> list[str]:
    """List the columns of a frame, eager or in its engine.

    Raises
    ------
    InvalidInputError
        If it is none, or two columns share a name.
    """
    import narwhals.stable.v2 as nw

    try:
        frame = nw.from_native(data, pass_through=True)
    except nw.exceptions.DuplicateError:
        raise _same_names() from None
    if not isinstance(frame, (nw.DataFrame, nw.LazyFrame)):
        raise _not_a_table(None)
    with reporting(frame.implementation.value):
        return list(frame.collect_schema().names())


def _same_names() -> InvalidInputError:
    return InvalidInputError("column names must be unique", code="duplicate_column")


def _not_a_table(objects: type | None) -> InvalidInputError:
    also = "" if objects is None else f" or an iterable of {objects.__name__}"
    return InvalidInputError(
        f"the data must be a pandas, Polars or PyArrow frame{also}",
        code="not_a_table",
    )


def _table_of_frame(
    frame: nw.DataFrame[Any],
    names: Mapping[str, str | None],
    required: Sequence[str],
    *,
    hint: bool,
) -> Table:
    found = _find(names, list(frame.columns), required, hint=hint)
    columns = {ours: frame.get_column(theirs) for ours, theirs in found.items()}
    return Table(columns=columns, n_rows=len(frame), kind=frame.implementation.value)


def _lazy_table(
    frame: nw.LazyFrame[Any], names: Mapping[str, str | None], required: Sequence[str]
) -> Table:
    import narwhals.stable.v2 as nw

    engine = frame.implementation.value
    with reporting(engine):
        found = _find(names, frame.collect_schema().names(), required)
        renamed = frame.select(
            *(nw.col(theirs).alias(ours) for ours, theirs in found.items())
        )
    kind = {"duckdb": "pyarrow", "ibis": "pyarrow"}.get(engine, engine)
    return Table(columns={}, n_rows=0, kind=kind, lazy=renamed)


def _collected_table(
    frame: nw.LazyFrame[Any], names: Mapping[str, str | None], required: Sequence[str]
) -> Table:
    """Take the columns named out of their engine, and no other."""
    table = _lazy_table(frame, names, required)
    with reporting(table.kind):
        ours: Any = table.lazy
        found = ours.collect("polars" if table.kind == "polars" else "pyarrow")
    return Table(
        columns={name: found.get_column(name) for name in found.columns},
        n_rows=len(found),
        kind=table.kind,
    )


def _find(
    names: Mapping[str, str | None],
    found: list[str],
    required: Sequence[str],
    *,
    hint: bool = True,
) -> dict[str, str]:
    """Give the host's names of the columns that are there, by ours."""
    if any(not isinstance(name, str) for name in found):
        raise InvalidInputError(
            "column names must be text, one level deep", code="column_names"
        )
    columns = {}
    for ours, theirs in names.items():
        if theirs is None:
            continue
        if theirs in found:
            columns[ours] = theirs
        elif theirs != ours or ours in required:
            is_ours = hint and theirs == ours
            names_it = f" (columns={{{ours!r}: ...}} names it)" * is_ours
            raise MissingColumnError(
                f"the data must have a column for {ours!r}; there is none called "
                f"{theirs!r}{names_it}",
                code="missing_column",
                column=ours,
            )
    return columns


def _table_of_objects(
    data: Iterable[Any], names: Mapping[str, str | None], objects: type
) -> Table:
    rows = list(data)
    wrong = [i for i, row in enumerate(rows) if not isinstance(row, objects)]
    if wrong:
        raise InvalidInputError(
            f"every item must be a {objects.__name__}; {len(wrong)} of {len(rows)} "
            f"are not, first at position {wrong[0]}",
            code="not_a_table",
            positions=wrong[:5],
        )
    columns = {}
    for ours, theirs in names.items():
        if theirs is None:
            continue
        values = np.empty(len(rows), dtype=object)
        values[:] = [getattr(row, ours) for row in rows]
        columns[ours] = values
    return Table(columns=columns, n_rows=len(rows), kind="objects")


def to_frame(columns: Mapping[str, NDArray[Any] | Labels], kind: str) -> Any:
    """Make a frame of the kind the host gave; pandas for objects.

    Parameters
    ----------
    columns : mapping of str to ndarray or Labels
        Equally long columns. What a masked array of whole numbers masks is null.
    kind : {"pandas", "polars", "pyarrow", "objects", ...}
        As :class:`Table` names it.
    """
    makers: dict[str, Callable[[Mapping[str, NDArray[Any] | Labels]], Any]] = {
        "polars": _polars_frame,
        "pyarrow": _pyarrow_table,
    }
    return makers.get(kind, _pandas_frame)(columns)


def _pandas_frame(columns: Mapping[str, NDArray[Any] | Labels]) -> Any:
    import pandas as pd

    return pd.DataFrame(
        {
            name: pd.Categorical.from_codes(
                values.codes.astype(np.intp), pd.Index(values.words)
            )
            if isinstance(values, Labels)
            else pd.array(values, dtype="str")
            if values.dtype == object
            else pd.array(values.tolist(), dtype="Int64")
            if isinstance(values, np.ma.MaskedArray)
            else values
            for name, values in columns.items()
        }
    )


def _polars_frame(columns: Mapping[str, NDArray[Any] | Labels]) -> Any:
    import polars as pl

    return pl.DataFrame(
        [
            pl.Series(name, values.words, pl.Enum(values.words)).gather(
                pl.Series(values.codes).replace(-1, None)
                if (values.codes < 0).any()
                else values.codes
            )
            if isinstance(values, Labels)
            else pl.Series(name, values.tolist(), dtype=pl.String)
            if values.dtype == object
            else pl.Series(name, values.tolist(), dtype=pl.Int64)
            if isinstance(values, np.ma.MaskedArray)
            else pl.Series(name, values)
            for name, values in columns.items()
        ]
    )


def _pyarrow_table(columns: Mapping[str, NDArray[Any] | Labels]) -> Any:
    import pyarrow as pa

    return pa.table(
        {
            name: pa.DictionaryArray.from_arrays(
                pa.array(values.codes, mask=values.codes < 0),
                pa.array(values.words, pa.string()),
            )
            if isinstance(values, Labels)
            else pa.array(values, type=pa.string() if values.dtype == object else None)
            for name, values in columns.items()
        }
    )
