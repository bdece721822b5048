"""The same rows as a frame of every engine.

Without the environment variable CUSTOMER_ENGINES these are the frames that every run
tests. With it, say ``CUSTOMER_ENGINES=dask,ibis,pyspark``, they are those of the named
engines, which a run of their own tests in an environment of its own.
"""

# ruff: noqa: PLC0415 - each run has only the engines that it tests

import atexit
import functools
import os
import sys
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa


__all__ = ["KINDS", "LANE", "frame_of", "in_lane", "options_for", "spark_session"]

LANE = tuple(filter(None, os.environ.get("CUSTOMER_ENGINES", "").split(",")))


# --- pandas, Polars, PyArrow, DuckDB ---------------------------------------------------


def _pandas(table: pa.Table, zone: str) -> pd.DataFrame:
    return table.to_pandas()


_NULLABLE = {
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.float32(): pd.Float32Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.string(): pd.StringDtype(),
}


def _pandas_nullable(table: pa.Table, zone: str) -> pd.DataFrame:
    return table.to_pandas(types_mapper=_NULLABLE.get)


def _pandas_pyarrow(table: pa.Table, zone: str) -> pd.DataFrame:
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _polars(table: pa.Table, zone: str) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _polars_lazy(table: pa.Table, zone: str) -> pl.LazyFrame:
    return _polars(table, zone).lazy()


def _pyarrow(table: pa.Table, zone: str) -> pa.Table:
    return table


@functools.cache
def _duckdb_connection() -> Any:
    import duckdb

    return duckdb.connect()


def _in_session(table: pa.Table, zone: str) -> pa.Table:
    """Give zoned stamps the zone and unit that the session of a database has for them."""
    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            stamps = table.column(at).cast(pa.timestamp("us", zone))
            table = table.set_column(at, field.name, stamps)
    return table


def _duckdb(table: pa.Table, zone: str) -> Any:
    connection = _duckdb_connection()
    connection.execute(f"set TimeZone = '{zone}'")
    return connection.from_arrow(_in_session(table, zone))


# --- engines of the lane ---------------------------------------------------------------


def _no_numpy(kind: pa.DataType) -> Any:
    """Leave to Arrow, or to pandas' own types, what numpy has no type for."""
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    # Of pandas' own stamps on Dask, narwhals does not know a zone such as
    # America/New_York; of Arrow's it does.
    is_zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    if is_zoned or pa.types.is_decimal(kind) or pa.types.is_date(kind):
        return pd.ArrowDtype(kind)
    return None


def _dask(table: pa.Table, zone: str) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(table.to_pandas(types_mapper=_no_numpy), npartitions=3)


def _dask_pyarrow(table: pa.Table, zone: str) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(_pandas_pyarrow(table, zone), npartitions=3)


def _without_codes(table: pa.Table) -> pa.Table:
    """Write out coded text, for which Ibis has no type."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            words = table.column(at).cast(pa.string())
            table = table.set_column(at, field.name, words)
    return table


def _ibis(table: pa.Table, zone: str) -> Any:
    """Make dates of zoned stamps, in Ibis, which reads them in the session's zone."""
    import ibis

    ibis.get_backend().raw_sql(f"set TimeZone = '{zone}'")
    rows = ibis.memtable(_without_codes(_in_session(table, zone)))
    zoned = [
        name for name, kind in rows.schema().items() if getattr(kind, "timezone", None)
    ]
    return rows.mutate(**{name: rows[name].date() for name in zoned})


@functools.cache
def spark_session() -> Any:
    """Start Spark once, small: one machine, two cores, as little compiling as can be."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # for those that it starts
    os.environ.pop("COVERAGE_PROCESS_START", None)  # they would write over our data
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        # Rows that are handed over are a table, not a constant for the planner to fold.
        "spark.sql.execution.arrow.localRelationThreshold": "100k",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    atexit.register(session.stop)
    return session


def _pyspark(table: pa.Table, zone: str) -> Any:
    session = spark_session()
    session.conf.set("spark.sql.session.timeZone", zone)
    return session.createDataFrame(_without_codes(_in_session(table, zone)))


# --- by name ---------------------------------------------------------------------------

_MAKERS = {
    "pandas": _pandas,
    "pandas nullable": _pandas_nullable,
    "pandas pyarrow": _pandas_pyarrow,
    "polars": _polars,
    "polars lazy": _polars_lazy,
    "pyarrow": _pyarrow,
    "duckdb": _duckdb,
    "dask": _dask,
    "dask pyarrow": _dask_pyarrow,
    "ibis": _ibis,
    "pyspark": _pyspark,
}
_IN_LANE = ("dask", "dask pyarrow", "ibis", "pyspark")

KINDS = tuple(
    kind
    for kind in _MAKERS
    if (kind.split()[0] in LANE if LANE else kind not in _IN_LANE)
)


def in_lane(engine: str) -> bool:
    """Tell whether this run tests an engine of the lane."""
    return engine in LANE


def options_for(kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """Give the options that go with a frame: where it has dates, stamps have no zone."""
    return {**options, "tz": None} if kind == "ibis" else options


def frame_of(kind: str, table: pa.Table, *, zone: str = "UTC") -> Any:
    """Give a frame of a kind; the session of an engine that has one is in `zone`."""
    return _MAKERS[kind](table, zone)
