"""What each engine wants for itself: to hold a plan's result, and to hand it over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError


__all__ = [
    "MOST_ROWS",
    "add_up",
    "collect",
    "hold",
    "holding",
    "ints",
    "map_batches",
    "session_zone",
    "settled",
]

MOST_ROWS = 1 << 27  # of a result that comes to this process; our choice

_BATCH = 1 << 16  # rows at a time; our choice
_SPARK = {"pyspark", "pyspark[connect]", "sqlframe"}


def hold(
    frame: nw.LazyFrame[Any], root: nw.LazyFrame[Any]
) -> tuple[nw.LazyFrame[Any], Callable[[], object]]:
    """Compute a plan once, in its engine; give its result, and what lets go of it.

    Parameters
    ----------
    frame : LazyFrame
        The plan.
    root : LazyFrame
        The host's own frame, which outlives what is held.
    """
    native, engine = frame.to_native(), frame.implementation.value
    if engine == "duckdb":
        name, host = f"held_{uuid4().hex}", root.to_native()
        _ask_duckdb(native, f"create temp table {name} as from {{}}")
        held = _ask_duckdb(host, f"from {name}")
        return nw.from_native(held), partial(
            _ask_duckdb, host, f"drop table if exists {name}"
        )
    if engine == "polars":
        return nw.from_native(native.collect(engine="streaming").lazy()), _nothing
    if engine == "ibis":
        held = native.cache()
        return nw.from_native(held), held.release
    if engine == "dask":
        return nw.from_native(_persisted(native)), _nothing
    held = native.persist()
    return nw.from_native(held), held.unpersist


def _persisted(native: Any) -> Any:
    """Compute a Dask frame; fusing plans so long takes longer than computing them."""
    return native.persist(fuse=False)


def _ask_duckdb(relation: Any, statement: str) -> Any:
    """Run a statement in the relation's connection, where it is called {}."""
    name = f"view_{uuid4().hex}"  # of ours, so nobody can put SQL into it
    try:
        return relation.query(name, statement.format(name))
    finally:  # DuckDB 1 leaves the view there
        relation.query(name, f"drop view if exists {name}")


def _nothing() -> None:
    """Let go of what the process forgets by itself."""


def session_zone(frame: nw.LazyFrame[Any]) -> str | None:
    """Give the time zone in which Spark reads stamps now; None for other engines.

    The type of a column tells the zone that the session had when it was first looked at.
    """
    if not frame.implementation.value.startswith("pyspark"):
        return None
    zone: str = frame.to_native().sparkSession.conf.get("spark.sql.session.timeZone")
    return zone


def settled(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Compute a plan before more is built upon it, where long plans take long to make.

    Dask's take twice the time with every join.
    """
    if frame.implementation.value != "dask":
        return frame
    held: nw.LazyFrame[Any] = nw.from_native(_persisted(frame.to_native()))
    return held


@contextmanager
def holding(
    frame: nw.LazyFrame[Any], root: nw.LazyFrame[Any]
) -> Iterator[nw.LazyFrame[Any]]:
    """Hold a plan's result for several plans that build upon it."""
    held, release = hold(frame, root)
    try:
        yield held
    finally:
        release()


def collect(frames: Sequence[nw.LazyFrame[Any]]) -> list[nw.DataFrame[Any]]:
    """Hand over the results of plans, all of one engine.

    Raises
    ------
    InvalidInputError
        If one has more than `MOST_ROWS` rows.
    """
    engine = frames[0].implementation.value
    natives = [frame.to_native() for frame in frames]
    if engine == "polars":
        import polars as pl

        limited = [native.head(MOST_ROWS + 1) for native in natives]
        results = pl.collect_all(limited, engine="streaming")
    elif engine == "dask":
        from dask.base import compute

        plans = [native.optimize(fuse=False) for native in natives]
        results = list(compute(*plans, optimize_graph=False))
    else:
        results = [frame.collect(backend="pyarrow").to_native() for frame in frames]
    tables = [nw.from_native(result, eager_only=True) for result in results]
    for table in tables:
        _check_size(len(table))
    return tables


def ints(table: nw.DataFrame[Any], name: str) -> NDArray[np.int64]:
    """Give a column of whole numbers."""
    return table[name].to_numpy().astype(np.int64, copy=False)


def _check_size(n_rows: int) -> None:
    if n_rows > MOST_ROWS:
        raise InvalidInputError(
            f"at most {MOST_ROWS:,} rows, one a customer and month, can come from the "
            "engine; summarize_in_engine leaves them there",
            code="too_large",
        )


def add_up(
    frame: nw.LazyFrame[Any],
    sums: Sequence[str],
    maxima: Sequence[str],
    flags: Sequence[str],
) -> nw.LazyFrame[Any] | None:
    """Add up by customer and block, days with a flag as bits; None if it cannot.

    What all engines compute alike has no "or" of bits, but most engines have one; it
    saves them the way by (customer, day), which is half of the work.

    Parameters
    ----------
    frame : LazyFrame
        With `customer_id`, `block` and `day`, and columns of whole numbers.
    sums, maxima, flags : sequence of str
        Columns to add up, of which to take the largest, and of 1 where a day counts.
    """
    engine = frame.implementation.value
    add = {
        "duckdb": _add_up_in_duckdb,
        "polars": _add_up_in_polars,
        "pyspark": _add_up_in_spark,
        "pyspark[connect]": _add_up_in_spark,
        "ibis": _add_up_in_ibis,
    }.get(engine)
    if add is None:
        return None
    cells: nw.LazyFrame[Any] = nw.from_native(
        add(frame.to_native(), sums, maxima, flags)
    )
    return cells


def _add_up_in_duckdb(native: Any, sums: Any, maxima: Any, flags: Any) -> Any:
    parts = [
        'count(*) as "rows"',  # a word of SQL in DuckDB 1
        *(f"sum({name}) as {name}" for name in sums),
        *(f"max({name}) as {name}" for name in maxima),
        *(
            f"bit_or(case when {name} = 1 then 1::bigint << day else 0 end) as {name}"
            for name in flags
        ),
    ]
    keys = "customer_id, block"
    return native.aggregate(f"{keys}, {', '.join(parts)}", keys)


def _add_up_in_polars(native: Any, sums: Any, maxima: Any, flags: Any) -> Any:
    import polars as pl

    day = pl.lit(2, pl.Int64).pow(pl.col("day"))
    bits = [pl.when(pl.col(name) == 1).then(day).otherwise(0) for name in flags]
    rows = native.with_columns(
        bit.alias(name) for name, bit in zip(flags, bits, strict=True)
    )
    return rows.group_by("customer_id", "block").agg(
        pl.len().cast(pl.Int64).alias("rows"),
        *(pl.col(name).sum() for name in sums),
        *(pl.col(name).max() for name in maxima),
        *(pl.col(name).bitwise_or() for name in flags),
    )


def _add_up_in_spark(native: Any, sums: Any, maxima: Any, flags: Any) -> Any:
    from pyspark.sql import functions

    day = "bit_or(case when {0} = 1 then shiftleft(1L, cast(day as int)) else 0L end)"
    return native.groupBy("customer_id", "block").agg(
        functions.count("*").alias("rows"),
        *(functions.sum(name).alias(name) for name in sums),
        *(functions.max(name).alias(name) for name in maxima),
        *(functions.expr(day.format(name)).alias(name) for name in flags),
    )


def _add_up_in_ibis(native: Any, sums: Any, maxima: Any, flags: Any) -> Any:
    import ibis

    day = ibis.literal(1, "int64") << native["day"]
    return native.group_by("customer_id", "block").agg(
        native.count().name("rows"),
        *(native[name].sum().name(name) for name in sums),
        *(native[name].max().name(name) for name in maxima),
        *(
            ibis.ifelse(native[name] == 1, day, ibis.literal(0, "int64"))
            .bit_or()
            .name(name)
            for name in flags
        ),
    )


def map_batches(frame: nw.LazyFrame[Any], function: Any) -> nw.LazyFrame[Any]:
    """Have an engine run a function over Arrow record batches of a frame.

    DuckDB and Ibis hand their batches to this process, and take the results back.

    Parameters
    ----------
    frame : LazyFrame
        In any engine.
    function : BatchClassifier
        From batch to batch, with the `schema` of what comes out.
    """
    mapped: nw.LazyFrame[Any] = nw.from_native(
        _mapped(frame.to_native(), frame.implementation.value, function)
    )
    return mapped


def _mapped(native: Any, engine: str, function: Any) -> Any:
    if engine == "polars":
        return native.map_batches(
            partial(_over_polars, function), schema=_polars_schema(function.schema)
        )
    if engine == "dask":
        meta = _over_pandas(function, native._meta)  # noqa: SLF001 - Dask's own word
        return native.map_partitions(partial(_over_pandas, function), meta=meta)
    if engine in _SPARK:
        types = {"int64": "bigint", "string": "string"}
        schema = [f"`{one.name}` {types[str(one.type)]}" for one in function.schema]
        return native.mapInArrow(partial(_over_batches, function), ", ".join(schema))
    if engine == "duckdb":
        batches = native.to_arrow_reader(_BATCH)
        # DuckDB finds it by its name here, which no table of the host has.
        view = f"view_{uuid4().hex}"
        customer_identification_classes = _over_stream(function, batches)  # noqa: F841
        result = native.query(view, "from customer_identification_classes")
        native.query(view, f"drop view if exists {view}")  # DuckDB 1 leaves it there
        return result
    import ibis

    batches = native.to_pyarrow_batches(chunk_size=_BATCH)
    return ibis.memtable(_over_stream(function, batches))


def _over_batches(function: Any, batches: Any) -> Any:
    yield from map(function, batches)


def _over_stream(function: Any, batches: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_batches(map(function, batches), function.schema)


def _over_polars(function: Any, frame: Any) -> Any:
    import polars as pl

    return pl.from_arrow(_over_stream(function, frame.to_arrow().to_batches(_BATCH)))


def _polars_schema(schema: Any) -> dict[str, Any]:
    import polars as pl

    types = {"int64": pl.Int64, "string": pl.String}
    return {one.name: types[str(one.type)] for one in schema}


def _over_pandas(function: Any, frame: Any) -> Any:
    import pyarrow as pa

    batch = pa.RecordBatch.from_pandas(frame, preserve_index=False)
    classes = function(batch).to_pandas()
    return classes.astype({"customer_id": frame["customer_id"].dtype})
