"""Other ids in the place of those that are there: in a host's frame, and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from customer_identification.errors import InvalidInputError
from customer_identification.frames.ids import Ids, read_ids
from customer_identification.frames.index import read_column
from customer_identification.frames.table import read_table


__all__ = ["read_new_ids", "replace_ids"]


def read_new_ids(new_ids: object, size: int) -> Ids:
    """Read new ids for those that are there, given in the order of these.

    Parameters
    ----------
    new_ids : column, array or list, shape (size,)
        Whole numbers or text.
    size : int
        How many there are.

    Returns
    -------
    Ids
        `unique` are the new ids in order, and `codes` the place of each among them.

    Raises
    ------
    InvalidInputError
        If they are not as many, not all distinct, or one is missing or no id.

    Examples
    --------
    >>> ids = read_new_ids(["z", "x", "y"], 3)
    >>> ids.unique.tolist(), ids.codes.tolist()
    (['x', 'y', 'z'], [2, 0, 1])
    """
    ids = read_ids(read_column(new_ids), "new_ids")
    if ids.codes.size != size:
        raise InvalidInputError(
            f"there must be {size:,} new ids, one for each that is here; got "
            f"{ids.codes.size:,}",
            code="shape",
            column="new_ids",
        )
    is_first = np.zeros(size, dtype=np.bool_)
    is_first[np.unique(ids.codes, return_index=True)[1]] = True
    wrong = np.flatnonzero(~is_first | (ids.codes < 0))
    if wrong.size:
        raise InvalidInputError(
            f"new ids must be there and all distinct; {wrong.size:,} of {size:,} are "
            f"not, first at position {wrong[0]}",
            code="not_an_id",
            column="new_ids",
            positions=wrong[:5],
        )
    return ids


def replace_ids(
    data: object, columns: Iterable[str], new_of: Callable[[list[Any]], list[str]]
) -> Any:
    """Put text in the place of ids in some columns of a frame.

    Parameters
    ----------
    data : frame
        pandas, Polars or PyArrow; never changed.
    columns : iterable of str
        Their names. They hold whole numbers or text; null and blank are nobody.
    new_of : callable
        Gives the new text of a list of distinct ids.

    Returns
    -------
    frame
        Of the same kind, with the same rows and columns in the same order. Nobody is
        null.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InvalidInputError
        If the data are no eager frame, or a column holds no ids.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"customer": [7, None, 7], "amount": [1, 2, 3]})
    >>> replace_ids(frame, ["customer"], lambda ids: [f"no {one}" for one in ids])
      customer  amount
    0     no 7       1
    1      NaN       2
    2     no 7       3
    """
    names = list(columns)
    table = read_table(data, {name: name for name in names}, required=names, hint=False)
    frame: Any = data
    for name in names:
        ids = read_ids(table.columns[name], name)
        words = np.full(ids.unique.size + 1, None, dtype=object)  # the last is nobody
        words[:-1] = new_of(ids.unique.tolist())
        frame = _with_text(frame, name, words[ids.codes], table.kind)
    return frame


def _with_text(frame: Any, name: str, values: Any, kind: str) -> Any:
    """Give a frame with other values, text or None, in one of its columns."""
    if kind == "polars":
        import polars as pl

        return frame.with_columns(pl.Series(name, values.tolist(), dtype=pl.String))
    if kind == "pyarrow":
        import pyarrow as pa

        at = frame.schema.get_field_index(name)
        return frame.set_column(at, name, pa.array(values, pa.large_string()))
    import pandas as pd

    return frame.assign(**{name: pd.Series(values.tolist(), index=frame.index)})
