"""What comes back from an engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.cells import Cells
from customer_identification.errors import BadRowsError
from customer_identification.history import Pairs
from customer_identification.report import REASONS, Account, SetAside


__all__ = ["Counted", "refuse_bad_rows"]

Ints = NDArray[np.int64]


@frozen(kw_only=True, repr=False)
class Counted:
    """What came back from an engine.

    Attributes
    ----------
    customer_ids : ndarray
        Sorted; of those with a row that counts.
    cells : Cells
        By customer and block.
    counts : mapping of str to ndarray of int, shape (n_customers,)
        Distinct order_id, category and channel; without `pairs`.
    pairs : mapping of str to Pairs
        The values themselves, where they are kept.
    account : Account
        What became of all rows.
    dated : bool
        Whether there are dates; without them all cells are of one block.
    """

    customer_ids: NDArray[Any]
    cells: Cells
    counts: Mapping[str, Ints]
    pairs: Mapping[str, Pairs]
    account: Account
    dated: bool


def refuse_bad_rows(aside: SetAside, n_rows: int) -> None:
    """Raise if rows cannot be used; an engine has no order of rows, so no position.

    Raises
    ------
    BadRowsError
        If some are bad, and not only of nobody or of another time.
    """
    bad = [(why, n) for why, n, _ in aside if not REASONS[why]]
    if bad:
        why, n = bad[0]
        more = "".join(f"; {other:,} rows: {reason}" for reason, other in bad[1:])
        raise BadRowsError(
            f"every row must be usable; {n:,} of {n_rows:,} rows: {why}{more} "
            '(on_bad_rows="report" sets them aside and counts them)',
            code="bad_rows",
            column=why.removeprefix("no ").split()[0],
        )
