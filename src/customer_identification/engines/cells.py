"""What an engine has added up, as cells and a report in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from customer_identification.arrays import union
from customer_identification.cells import Cells, place_cells
from customer_identification.engines.counted import Counted, refuse_bad_rows
from customer_identification.engines.door import BAD
from customer_identification.engines.hooks import collect, holding, ints
from customer_identification.engines.parts import count_parts
from customer_identification.engines.plan import Plan, plan_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_codes, read_ids, reporting
from customer_identification.history import DISTINCT, Pairs, pairs_of
from customer_identification.report import REASONS, Account, SetAside
from customer_identification.terms import Terms


__all__ = ["count_rows", "read_account"]

Ints = NDArray[np.int64]

# How Spark, DuckDB and Arrow say that a sum has left 64 bits.
_TOO_LARGE = ("overflow", "out of range", "out of bounds")


def count_rows(frame: nw.LazyFrame[Any], terms: Terms) -> Counted:
    """Have an engine add up rows by customer and block, and read what it gives.

    Raises
    ------
    EngineError
        If the engine fails.
    BadRowsError, InvalidInputError
        As :func:`summarize` does; an engine has no order of rows, so no position.
    """
    engine = frame.implementation.value
    with reporting(engine):
        names = set(frame.collect_schema().names())
        if engine == "dask" and "date" in names and names.isdisjoint(DISTINCT):
            return count_parts(frame, terms)
        plan = plan_rows(frame, terms)
        if plan.distinct:
            with holding(plan.rows, frame) as rows:
                return _read(evolve(plan, rows=rows), terms)
        return _read(plan, terms)


def _read(plan: Plan, terms: Terms) -> Counted:
    """Run the plans, and put what they give in order."""
    ask = plan.values if terms.mergeable else plan.counts
    result, *others = _collected(plan, [plan.cells(), *map(ask, plan.distinct)])
    account = read_account(result, plan, terms)
    customer_ids, cells = _cells(result.filter(nw.col("block") >= 0), plan)
    n = customer_ids.size
    counts: dict[str, Ints] = {}
    pairs: dict[str, Pairs] = {}
    for name, table in zip(plan.distinct, others, strict=True):
        ids = read_ids(table["customer_id"], "customer_id")
        codes = union(customer_ids, ids.unique)[2][ids.codes]
        if terms.mergeable:
            pairs[name] = _pairs(table, codes, plan, n)
        else:
            counts[name] = np.zeros(n, dtype=np.int64)
            counts[name][codes] = ints(table, "n")
    return Counted(
        customer_ids=customer_ids,
        cells=cells,
        counts=counts,
        pairs=pairs,
        account=account,
        dated=plan.dated,
    )


def _collected(
    plan: Plan, frames: Sequence[nw.LazyFrame[Any]]
) -> list[nw.DataFrame[Any]]:
    """Collect plans; where an engine fails for sums of more than 64 bits, say so."""
    try:
        return collect(frames)
    except Exception as error:
        words = str(error).lower()
        if plan.guarded and any(word in words for word in _TOO_LARGE):
            _check_magnitude(plan)
        raise


def read_account(table: nw.DataFrame[Any], plan: Plan, terms: Terms) -> Account:
    """Account for all rows: what counts, by block, and what is set aside, below 0.

    Raises
    ------
    BadRowsError, InvalidInputError
        If rows cannot be used, or sums have left 64 bits.
    """
    block, rows = ints(table, "block"), ints(table, "rows")
    value = None if plan.value is None else ints(table, plan.value)
    account = Account(
        read=int(rows.sum()),
        set_aside=_set_aside(block, rows, value, terms.on_bad_rows),
        money_in=None if value is None else int(value.sum()),
        rounded=int(ints(table, "rounded").sum()) if "rounded" in plan.added else 0,
    )
    if plan.guarded:
        _check_total(plan, int(ints(table, "largest").max(initial=0)), account.read)
    return account


def _set_aside(
    block: Ints, rows: Ints, value: Ints | None, on_bad_rows: str
) -> SetAside:
    """Count the rows that cannot be used, by reason, or raise."""
    n_rows = int(rows.sum())
    counted = {
        int(-block[at]): (int(rows[at]), 0 if value is None else int(value[at]))
        for at in np.flatnonzero(block < 0)
    }
    for code in sorted(counted.keys() & BAD.keys()):
        column, rule, word = BAD[code]
        raise InvalidInputError(
            f"{column} must be {rule}; {counted[code][0]:,} of {n_rows:,} rows are not",
            code=word,
            column=column,
        )
    aside = tuple(
        (why, *counted[code]) for code, why in enumerate(REASONS, 1) if code in counted
    )
    if on_bad_rows == "raise":
        refuse_bad_rows(aside, n_rows)
    return aside


def _check_total(plan: Plan, largest: int, n_rows: int) -> None:
    """Make sure that no sum can have left 64 bits."""
    if largest * n_rows >= 2**62:
        _check_magnitude(plan)


def _check_magnitude(plan: Plan) -> None:
    """Make sure that no sum can leave 64 bits, by floats, which do not overflow.

    Raises
    ------
    InvalidInputError
        If one could.
    """
    (total,) = collect([plan.magnitude()])
    if float(total["size"][0]) > 2**62:
        raise InvalidInputError(
            "amounts must add up to less than 2**62 minor units", code="too_large"
        )


def _cells(table: nw.DataFrame[Any], plan: Plan) -> tuple[NDArray[Any], Cells]:
    """Put cells in order of block and customer."""
    ids = read_ids(table["customer_id"], "customer_id")
    n = ids.unique.size
    blocks = ints(table, "block") - plan.first_block
    places, _, size = place_cells(ids.codes, blocks, n)
    row_at = np.full(size, -1, dtype=np.int32)
    row_at[places] = np.arange(places.size)
    used = np.flatnonzero(row_at >= 0)
    rows = row_at[used]

    def bits(name: str) -> NDArray[np.uint32]:
        return ints(table, name)[rows].astype(np.uint32)

    return ids.unique, Cells(
        codes=ids.codes[rows],
        blocks=blocks[rows],
        sums={
            name: ints(table, name)[rows]
            for name in plan.sums
            if name not in plan.flags
        },
        days=bits("bought") if plan.dated else np.zeros(rows.size, dtype=np.uint32),
        nameless=bits("nameless") if "nameless" in plan.flags else None,
    )


def _pairs(table: nw.DataFrame[Any], codes: NDArray[Any], plan: Plan, n: int) -> Pairs:
    """Put the distinct values of customers in order."""
    found = read_codes(table["value"], "value")
    blocks = ints(table, "block") - plan.first_block
    ranks, words = found.ranks()
    return pairs_of(codes, blocks, ranks[found.codes], words, n)
