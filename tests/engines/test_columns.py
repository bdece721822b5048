"""Columns in their engine: exact limits, in few passes, from few rows that come back."""

import math
from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.classify.limits import (
    Limit,
    computed_limits,
    limits_at,
    limits_by_customers,
    limits_by_value,
)
from customer_identification.engines.columns import (
    EngineColumn,
    distinct_counts,
    weighted_median,
)
from customer_identification.errors import EngineError
from engines.makers import KINDS, LANE, frame_of
from populations import POPULATIONS


LAZY = [
    kind
    for kind in ("polars lazy", "duckdb", "dask", "ibis", "pyspark")
    if kind in KINDS
]

pytestmark = [
    pytest.mark.skipif(not LAZY, reason="this run has no engine that is lazy"),
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
]

# What takes these engines seconds is asked for less often.
NAMES = ["lognormal", "narrow at 2**40", "nobody"] if LANE else list(POPULATIONS)
few = settings(derandomize=True, max_examples=2 if LANE else 15, deadline=None)

MANY = tuple((place + 1) / 26 for place in range(25))
CUTS: dict[str, Callable[[Any], tuple[Limit, ...]]] = {
    "value shares": lambda values: limits_by_value(values, (0.8, 0.95)),
    "25 value shares": lambda values: limits_by_value(values, MANY),
    "customer shares": lambda values: limits_by_customers(values, (0.05, 0.2)),
    "25 customer shares": lambda values: limits_by_customers(values, MANY),
    "thresholds": lambda values: limits_at(values, [2**70, 2**63 - 1, 70_000, 1000, 1]),
    "computed": computed_limits,
}


def lazy(kind: str, values: Any, **others: Any) -> nw.LazyFrame[Any]:
    """Give columns as a frame of an engine, named as our own helper columns are."""
    table = pa.table({"key": pa.array(values, pa.int64()), **others})
    return nw.from_native(frame_of(kind, table)).lazy()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", LAZY)
def test_limits_are_those_of_the_sorted_column(kind: str, name: str) -> None:
    values = POPULATIONS[name]
    frame = lazy(kind, values)
    for cut, limits_of in CUTS.items():
        rows: list[int] = []
        assert limits_of(EngineColumn(frame, "key", rows.append)) == limits_of(values)
        assert len(rows) <= (5 if cut == "computed" else 3)
        assert max(rows, default=0) <= 4200


@few
@given(
    values=st.lists(
        st.integers(-3, 12) | st.integers(-500, 20_000) | st.integers(0, 2**57),
        max_size=25,
    ),
    share=st.integers(1, 99),
)
@pytest.mark.parametrize("kind", LAZY)
def test_limits_of_any_column_are_those_of_the_sorted_column(
    kind: str, values: Any, share: int
) -> None:
    array = np.array(values, dtype=np.int64)
    column = EngineColumn(lazy(kind, array), "key")
    for cut in (limits_by_value, limits_by_customers):
        assert cut(column, (share / 100,)) == cut(array, (share / 100,))
    assert computed_limits(column) == computed_limits(array)
    assert limits_at(column, [share, 7]) == limits_at(array, [share, 7])


@pytest.mark.parametrize("kind", LAZY)
def test_groups_do_not_overlap_and_hold_every_value_once(kind: str) -> None:
    for values in (POPULATIONS[name] for name in NAMES):
        column = EngineColumn(lazy(kind, values), "key")
        low, high = int(values.min(initial=1)), int(values.max(initial=1))
        width = (high - low) // 1000 + 1
        for groups in (column.spread(), column.split([(low, high, width)])):
            rising = groups[groups[:, 0].argsort()]
            assert (rising[1:, 0] > rising[:-1, 1]).all()
            assert groups[:, 2].sum() == values.size
            assert groups[:, 3].sum() == values.sum()


@pytest.mark.parametrize("kind", LAZY)
def test_neighbouring_ranges_do_not_mix(kind: str) -> None:
    # The quotient of 2**58 - 1 and 2**50 rounds up to 2**8: one more than it should be.
    values = np.array([5, 2**58 - 1, 2**58, 2**59 - 1])
    ranges = [(2**58, 2**59 - 1, 2**50), (5, 2**58 - 1, 2**50)]
    groups = EngineColumn(lazy(kind, values), "key").split(ranges)
    assert sorted(groups.tolist()) == [[one, one, 1, one] for one in values.tolist()]


@pytest.mark.parametrize("kind", LAZY)
def test_neighbours_are_told_apart_beyond_what_floats_hold(kind: str) -> None:
    values = np.array([1, 2**60, 2**60 + 1])
    groups = EngineColumn(lazy(kind, values), "key").split([(1, 2**60 + 1, 1)])
    assert sorted(groups.tolist()) == [[one, one, 1, one] for one in values.tolist()]


@pytest.mark.parametrize("kind", LAZY)
def test_distinct_values_are_counted_where_they_are_known(kind: str) -> None:
    frame = lazy(kind, [3, 1, None, 3, 2, 3, 1], days=[1, 5, 5, 5, 0, 5, 5])
    values, counts = distinct_counts(frame, "key")
    assert (values.tolist(), counts.tolist()) == ([1, 2, 3], [2, 1, 3])
    values, counts = distinct_counts(frame, "key", nw.col("days") >= 3)
    assert (values.tolist(), counts.tolist()) == ([1, 3], [2, 2])
    values, counts = distinct_counts(frame, "days", nw.col("days") > 5)
    assert values.size == counts.size == 0


def test_what_an_engine_raises_is_an_error_of_ours() -> None:
    frame = nw.from_native(pl.LazyFrame({"value": [1, 2]}))
    with pytest.raises(EngineError, match="polars failed"):
        EngineColumn(frame, "missing").spread()


@settings(derandomize=True, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.integers(-9, 9) | st.integers(-(2**60), 2**60), st.integers(0, 4)),
        max_size=12,
    )
)
def test_a_weighted_median_is_that_of_the_repeated_values(pairs: Any) -> None:
    values = np.array([value for value, _ in pairs], dtype=np.int64)
    counts = np.array([count for _, count in pairs], dtype=np.int64)
    found = weighted_median(values, counts)
    if counts.sum():
        assert found == np.median(np.repeat(values, counts))
    else:
        assert math.isnan(found)


def test_a_weighted_median_takes_floats() -> None:
    assert weighted_median([0.5, -1.0, 2.5], [1, 1, 2]) == 1.5
