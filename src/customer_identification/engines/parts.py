"""Dask's parts, each added up by the kernels for frames of this process.

A part is a pandas frame, so nothing has to be said in expressions, of which Dask makes
a task and a copy each. What comes back is one row a customer and month of each part.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.arrays import union_of
from customer_identification.cells import Cells, joined_cells, put_behind
from customer_identification.engines.counted import Counted, refuse_bad_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_table
from customer_identification.report import Account, add_up
from customer_identification.rows import read_rows, set_aside
from customer_identification.terms import Terms


__all__ = ["count_parts"]


@frozen(kw_only=True, repr=False)
class _Part:
    """What one part of the frame comes to."""

    customer_ids: NDArray[Any]
    cells: Cells
    account: Account
    magnitude: float


def count_parts(frame: nw.LazyFrame[Any], terms: Terms) -> Counted:
    """Add up every part where it is, and join what comes back.

    Parameters
    ----------
    frame : LazyFrame
        Of Dask, with dates, and without columns of distinct values.
    terms : Terms
        What counts.

    Raises
    ------
    BadRowsError, InvalidInputError
        As :func:`summarize` does; positions are those in a part, so none is told.
    """
    from dask import delayed
    from dask.base import compute

    count = delayed(_count_part)
    try:
        parts = compute(*[count(one, terms) for one in frame.to_native().to_delayed()])
    except InvalidInputError as error:
        raise InvalidInputError(
            f"in a part of the frame: {error}", code=error.code, column=error.column
        ) from None
    accounts = [one.account for one in parts]
    read = sum(one.read for one in accounts)
    aside = add_up(*(one.set_aside for one in accounts))
    if terms.on_bad_rows == "raise":
        refuse_bad_rows(aside, read)
    if sum(one.magnitude for one in parts) > 2**62:
        raise InvalidInputError(
            "amounts must add up to less than 2**62 minor units", code="too_large"
        )
    customer_ids, places = union_of([one.customer_ids for one in parts])
    cells = put_behind(
        [
            evolve(one.cells, codes=at[one.cells.codes])
            for one, at in zip(parts, places, strict=True)
        ]
    )
    money = [one.money_in for one in accounts if one.money_in is not None]
    return Counted(
        customer_ids=customer_ids,
        cells=joined_cells(cells, customer_ids.size),
        counts={},
        pairs={},
        account=Account(
            read=read,
            set_aside=aside,
            money_in=sum(money) if money else None,
            rounded=sum(one.rounded for one in accounts),
        ),
        dated=True,
    )


def _count_part(part: Any, terms: Terms) -> _Part:
    """Add up the rows of a pandas frame; bad ones are counted, whatever is asked."""
    names = {str(name): str(name) for name in part.columns}
    table = read_table(part, names, required=tuple(names))
    read = read_rows(table, terms, None)
    used, aside = set_aside(read, evolve(terms, on_bad_rows="report"))
    rows, customer_ids = read.only(used)
    history = rows.history(customer_ids.size, weekly=terms.weekly)
    money = [read.rows[name] for name in ("amount", "profit")]
    return _Part(
        customer_ids=customer_ids,
        cells=history.cells,
        account=read.account(aside),
        magnitude=max(
            float(np.abs(one).sum(dtype=np.float64)) if one is not None else 0.0
            for one in money
        ),
    )
