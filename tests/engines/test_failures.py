"""What goes wrong in an engine is a clear error: nothing is lost, or wrong in silence."""

import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from customer_identification import (
    EngineError,
    InvalidInputError,
    MissingColumnError,
    summarize,
)
from engines.hard import NEW_YORK
from engines.makers import KINDS, frame_of
from engines.outcomes import (
    AS_OF,
    DAY,
    OF_OTHERS,
    SECRET,
    error_of,
    outcome,
    rows,
    zoned,
)


pytestmark = OF_OTHERS

LAZY = [
    kind
    for kind in KINDS
    if kind in {"polars lazy", "duckdb", "dask", "ibis", "pyspark"}
]
each_kind = pytest.mark.parametrize("kind", KINDS)
each_engine = pytest.mark.parametrize("kind", LAZY)


# --- values that cannot be right -------------------------------------------------------

BEYOND: dict[str, tuple[dict[str, Any], str, str]] = {
    "ids with parts": (
        {"customer_id": pa.array([1.0, 1.5, None])},
        "customer_id",
        "not_an_id",
    ),
    "endless ids": (
        {"customer_id": pa.array([1.0, float("inf"), 2.0])},
        "customer_id",
        "not_an_id",
    ),
    "ids no float can tell apart": (
        {"customer_id": pa.array([1.0, 2.0**53, 2.0])},
        "customer_id",
        "not_an_id",
    ),
    "ids above 2**63": (
        {"customer_id": pa.array([1, 2**63, 2], pa.uint64())},
        "customer_id",
        "not_an_id",
    ),
    "amounts above 2**53": (
        {"amount": pa.array([1.0, 9.1e13, None])},
        "amount",
        "too_large",
    ),
    "whole amounts above 2**53": (
        {"amount": pa.array([1, -(2**53), None])},
        "amount",
        "too_large",
    ),
    "profit above 2**53": (
        {"profit": pa.array([1.0, -9.1e13, 0.0])},
        "profit",
        "too_large",
    ),
    "text for amounts": ({"amount": pa.array([SECRET] * 3)}, "amount", "wrong_type"),
    "text for dates": ({"date": pa.array([SECRET] * 3)}, "date", "wrong_type"),
    "numbers for dates": ({"date": pa.array([1, 2, 3])}, "date", "wrong_type"),
    "true or false for amounts": (
        {"amount": pa.array([True, False, True])},
        "amount",
        "wrong_type",
    ),
    "text for discounts": (
        {"discount": pa.array([SECRET] * 3)},
        "discount",
        "wrong_type",
    ),
    "true or false for ids": (
        {"customer_id": pa.array([True, False, True])},
        "customer_id",
        "wrong_type",
    ),
    "rows without an amount": (
        {"amount": pa.array([1.0, None, 2.0])},
        "amount",
        "bad_rows",
    ),
}


@each_kind
@pytest.mark.parametrize("what", BEYOND)
def test_what_cannot_be_right_is_told_alike(what: str, kind: str) -> None:
    columns, column, code = BEYOND[what]
    if kind == "pyspark" and any(
        values.type == pa.uint64() for values in columns.values()
    ):
        pytest.skip("Spark has no unsigned numbers")
    error = error_of(frame_of(kind, rows(**columns)))
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.column) == (code, column)
    assert SECRET not in str(error)
    expected = outcome(frame_of("pandas", rows(**columns)), {"as_of": AS_OF})
    assert expected[:3] == (type(error), code, column)


@each_kind
def test_decimals_beyond_2_to_53_are_too_large(kind: str) -> None:
    amounts = pa.array([Decimal(1), Decimal(10) ** 20, None], pa.decimal128(38, 2))
    error = error_of(frame_of(kind, rows(amount=amounts)))
    assert (error.code, error.column) == ("too_large", "amount")


@each_engine
def test_decimals_of_too_many_places_are_refused(kind: str) -> None:
    if kind.startswith("dask"):
        pytest.skip("its parts are read as pandas is, which reckons with any decimals")
    amounts = pa.array([Decimal("0.5")] * 3, pa.decimal128(38, 20))
    error = error_of(frame_of(kind, rows(amount=amounts)))
    assert (error.code, error.column) == ("wrong_type", "amount")


def test_days_beyond_the_years_of_python_are_told() -> None:
    connection = duckdb.connect()
    for day in ("'0044-03-15 (BC)'::date", "'10000-01-01'::date", "'infinity'::date"):
        frame = connection.sql(f"select 1 customer_id, {day} date, 2 amount")
        error = error_of(frame, as_of="9999-12-31")
        assert (error.code, error.column) == ("not_a_day", "date"), day


def test_days_beyond_the_years_of_python_are_told_by_polars() -> None:
    days = pl.Series("date", [-800_000, 0, 5_000_000]).cast(pl.Date)
    frame = pl.DataFrame({"customer_id": [1, 2, 3], "amount": [1, 2, 3], "date": days})
    error = error_of(frame.lazy(), as_of="9999-12-31")
    assert (error.code, error.column) == ("not_a_day", "date")
    assert "2 of 3 rows" in str(error)


@each_kind
def test_the_first_and_the_last_day_are_days(kind: str) -> None:
    days = pa.array([date(1, 1, 1), date(9999, 12, 31), DAY], pa.date32())
    for period in (None, "week"):
        found = summarize(
            frame_of(kind, rows(date=days)),
            as_of=date(9999, 12, 31),
            since=None if period is None else date(9998, 12, 28),
            period=period,
        )
        assert found.last_purchase is not None
        assert str(found.last_purchase[-1 if period is None else 0])[:4] in {
            "2011",
            "9999",
        }
        assert len(found) == (3 if period is None else 1)


# --- sums that 64 bits cannot hold -----------------------------------------------------


@each_kind
@pytest.mark.parametrize("sign", [1, -1])
def test_money_beyond_64_bits_is_refused(kind: str, sign: int) -> None:
    amounts = pa.array([sign * 2**53] * 1100)
    table = rows(1100, amount=amounts, customer_id=pa.array([1] * 1100))
    error = error_of(frame_of(kind, table), minor_units=0)
    assert isinstance(error, InvalidInputError)
    assert error.code == "too_large"


@each_kind
def test_money_that_cancels_out_is_refused_all_the_same(kind: str) -> None:
    amounts = pa.array([2**53, -(2**53)] * 550)
    error = error_of(frame_of(kind, rows(1100, amount=amounts)), minor_units=0)
    assert error.code == "too_large"


@each_kind
def test_the_most_money_that_fits_is_exact(kind: str) -> None:
    amounts = pa.array([2**53] * 511 + [1])
    table = rows(512, amount=amounts, customer_id=pa.array([1] * 512))
    found = summarize(frame_of(kind, table), as_of=AS_OF, minor_units=0)
    assert found.value is not None
    assert found.value.tolist() == [511 * 2**53 + 1]


# --- time zones ------------------------------------------------------------------------


SESSIONS = [kind for kind in ("duckdb", "ibis", "pyspark") if kind in KINDS]


@pytest.mark.parametrize("kind", [kind for kind in SESSIONS if kind != "ibis"])
@pytest.mark.parametrize(("session", "tz"), [("UTC", NEW_YORK), (NEW_YORK, "UTC")])
def test_a_session_in_another_time_zone_is_told(
    kind: str, session: str, tz: str
) -> None:
    frame = frame_of(kind, zoned(), zone=session)
    error = error_of(frame, tz=tz, on_bad_rows="report")
    assert isinstance(error, InvalidInputError)
    assert (error.code, error.column) == ("time_zone", "date")
    assert session in str(error)


@pytest.mark.parametrize("kind", [kind for kind in SESSIONS if kind != "ibis"])
def test_a_session_in_the_same_time_zone_gives_its_days(kind: str) -> None:
    frame = frame_of(kind, zoned(), zone=NEW_YORK)
    found = summarize(frame, as_of=AS_OF, tz=NEW_YORK, on_bad_rows="report")
    assert [str(day) for day in found.first_purchase] == ["2011-03-31", "2011-04-01"]


@each_kind
def test_zones_and_tz_must_go_together(kind: str) -> None:
    without = rows(date=pa.array([datetime(2011, 4, 1)] * 3))  # noqa: DTZ001
    assert error_of(frame_of(kind, without), tz=NEW_YORK).code == "time_zone"
    if kind != "ibis":
        frame = frame_of(kind, zoned())
        assert error_of(frame, on_bad_rows="report").code == "time_zone"


# --- engines that fail -----------------------------------------------------------------


def left_behind(connection: Any) -> list[str]:
    """Name the tables and views that stand in a database."""
    found = connection.execute(
        "select table_name from duckdb_tables() union all "
        "select view_name from duckdb_views() where not internal"
    )
    return [name for (name,) in found.fetchall()]


ORDERS = (
    "select i % 3 customer_id, date '2011-02-03' date, i amount, 'o' || i order_id, "
    "'food' category from range({n}) t(i)"
)


def test_duckdb_is_left_as_it_was() -> None:
    connection = duckdb.connect()
    for mergeable in (False, True):
        frame = connection.sql(ORDERS.format(n=10))
        assert len(summarize(frame, as_of=AS_OF, mergeable=mergeable)) == 3
        assert left_behind(connection) == []
    connection.sql("create table given as " + ORDERS.format(n=10))
    assert len(summarize(connection.table("given"), as_of=AS_OF)) == 3
    assert left_behind(connection) == ["given"]


@pytest.mark.parametrize("name", ["rows", "classes", "transactions", "held", "frame"])
@pytest.mark.parametrize("what", ["table", "view", "temp table", "temp view"])
def test_a_table_of_the_host_may_have_any_name(what: str, name: str) -> None:
    connection = duckdb.connect()
    connection.execute(f'create {what} "{name}" as {ORDERS.format(n=10)}')
    given = connection.table(name)
    other = connection.sql(ORDERS.format(n=5))
    assert len(summarize(given, as_of=AS_OF)) == 3
    assert len(summarize(other, as_of=AS_OF)) == 3
    assert left_behind(connection) == [name]
    assert len(connection.table(name)) == 10


def test_duckdb_is_left_as_it_was_when_rows_are_bad() -> None:
    connection = duckdb.connect()
    frame = connection.sql(
        ORDERS.format(n=10) + " union all select 1, null, 1, 'x', ''"
    )
    assert error_of(frame).code == "bad_rows"
    assert left_behind(connection) == []


@pytest.mark.parametrize("columns", [{}, {"order_id": None, "category": None}])
def test_duckdb_failing_on_its_way_is_told_and_leaves_nothing(columns: Any) -> None:
    connection = duckdb.connect()
    frame = connection.sql(
        ORDERS.format(n=10).replace(
            "i amount", f"case when i < 9 then i else error('{SECRET}') end amount"
        )
    )
    error = error_of(frame, columns={"order_id": "order_id", **columns})
    assert isinstance(error, EngineError)
    assert error.code == "engine_failed"
    assert "duckdb" in str(error)
    assert SECRET not in str(error)
    assert error.__cause__ is not None
    assert SECRET in str(error.__cause__)
    assert left_behind(connection) == []
    assert len(summarize(connection.sql(ORDERS.format(n=3)), as_of=AS_OF)) == 3


def test_a_connection_that_is_closed_is_told() -> None:
    connection = duckdb.connect()
    frame = connection.sql(ORDERS.format(n=10))
    connection.close()
    assert isinstance(error_of(frame), EngineError)


def test_a_transaction_of_the_host_stays_open() -> None:
    connection = duckdb.connect()
    connection.execute("begin")
    connection.execute("create table given as " + ORDERS.format(n=10))
    assert len(summarize(connection.table("given"), as_of=AS_OF)) == 3
    connection.execute("rollback")
    assert left_behind(connection) == []


def test_polars_failing_on_its_way_is_told() -> None:

    def fail(frame: pl.DataFrame) -> pl.DataFrame:
        raise ValueError(SECRET)

    table = pl.DataFrame({"customer_id": [1], "date": [DAY], "amount": [1.0]})
    error = error_of(table.lazy().map_batches(fail))
    assert isinstance(error, EngineError)
    assert "polars" in str(error)
    assert SECRET not in str(error)


def test_a_polars_plan_that_cannot_be_made_is_told(tmp_path: Any) -> None:
    frame = pl.LazyFrame({"a": [1]}).select(pl.col("amount"))
    assert isinstance(error_of(frame), EngineError)
    frame = pl.scan_parquet(tmp_path / "not_here.parquet")
    assert isinstance(error_of(frame), EngineError)


@each_engine
def test_a_column_that_is_not_there_is_told(kind: str) -> None:
    frame = frame_of(kind, rows().drop_columns("amount"))
    error = error_of(frame)
    assert isinstance(error, MissingColumnError)
    assert (error.code, error.column) == ("missing_column", "amount")


NO_PYARROW = """
import sys
import duckdb
from datetime import date

import customer_identification as ci

frame = duckdb.sql("select 1 customer_id, date '2011-02-03' date, 1.5 amount")
sys.modules["pyarrow"] = None
try:
    ci.summarize(frame, as_of=date(2011, 5, 10))
except ci.EngineError as error:
    print(error.code, error)
"""


def test_a_package_that_is_missing_is_named() -> None:
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", NO_PYARROW],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.stdout.startswith("engine_missing frames of duckdb need a package")
    assert "pyarrow" in done.stdout
