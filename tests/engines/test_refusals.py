"""What an engine cannot do, or may not: each a clear error, and nothing left behind."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import customer_identification
from customer_identification import (
    BadRowsError,
    CustomerIndex,
    EngineError,
    InvalidInputError,
    summarize,
    summarize_in_engine,
)
from customer_identification.engines import hooks
from customer_identification.frames import reporting
from engines.makers import KINDS, LANE


pytestmark = pytest.mark.skipif(
    bool(LANE), reason="asked of engines that are always there"
)

AS_OF = "2011-12-31"
DAY = date(2011, 5, 1)
PENNY = Decimal("0.01")


def frame(**columns: Any) -> pl.LazyFrame:
    base = {"customer_id": [1, 2], "date": [DAY, DAY], "amount": [5.0, 7.0]}
    return pl.LazyFrame({**base, **columns})


def in_duckdb(**columns: Any) -> tuple[Any, Any]:
    connection = duckdb.connect()
    return connection, connection.from_arrow(frame(**columns).collect().to_arrow())


def refused(data: Any, **options: Any) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        summarize(data, as_of=AS_OF, **options)
    return caught.value


# --- columns ---------------------------------------------------------------------------


def test_rows_that_cannot_be_used_are_counted_and_not_located() -> None:
    bad = frame(amount=[None, float("inf")])
    with pytest.raises(
        BadRowsError, match="1 of 2 rows: no amount; 1 rows: amount not"
    ):
        summarize(bad, as_of=AS_OF)


def test_an_index_is_for_frames_of_this_process() -> None:
    assert "engine needs none" in str(refused(frame(), index=CustomerIndex([1])))


def test_what_can_be_merged_has_dates() -> None:
    options = {"mergeable": True, "columns": {"date": None}}
    assert "dates" in str(refused(frame().drop("date"), **options))
    assert "dates" in str(refused(frame().drop("date").collect(), **options))


def test_progress_must_be_callable() -> None:
    assert "a function" in str(refused(frame(), progress=5))


def test_progress_tells_the_parts_of_the_work() -> None:
    for data in (frame(), frame().collect()):
        told: list[tuple[str, int, int]] = []
        summarize(data, as_of=AS_OF, progress=lambda *one: told.append(one))  # noqa: B023
        assert told[-1] == ("add up", 3, 3)


def test_decimals_are_exact_up_to_the_last_cent_that_is() -> None:
    for text in ("90071992547409.92", "-90071992547409.92"):
        cents = pl.Series([Decimal(text), Decimal("0.01")], dtype=pl.Decimal(18, 2))
        found = summarize(frame(amount=cents), as_of=AS_OF)
        assert found == summarize(frame(amount=cents).collect(), as_of=AS_OF)
    for text in ("90071992547409.93", "-90071992547409.93"):
        cents = pl.Series([Decimal(text), Decimal("0.01")], dtype=pl.Decimal(18, 2))
        assert refused(frame(amount=cents)).code == "too_large"


# --- time zones ------------------------------------------------------------------------

STAMPS = pa.table(
    {
        "customer_id": [1],
        "date": pa.array(
            [datetime(2011, 5, 1, 23, tzinfo=UTC)], pa.timestamp("us", "UTC")
        ),
        "amount": [5.0],
    }
)


def test_polars_keeps_the_zone_with_the_stamps() -> None:
    stamps = pl.from_arrow(STAMPS)
    assert isinstance(stamps, pl.DataFrame)
    found = summarize(stamps.lazy(), as_of=AS_OF, tz="Europe/Prague")
    assert str(found.first_purchase[0]) == "2011-05-02"
    assert refused(stamps.lazy()).code == "time_zone"
    naive = frame(date=[datetime(2011, 5, 1)] * 2)  # noqa: DTZ001  # that is the point
    assert refused(naive, tz="UTC").code == "time_zone"
    days = frame()  # have no zone, and need none
    assert summarize(days, as_of=AS_OF, tz="UTC") == summarize(days, as_of=AS_OF)


# --- sums ------------------------------------------------------------------------------


def test_one_giant_among_many_small_amounts_is_no_overflow() -> None:
    n = 1100
    amounts = [2.0**53 / 100, *[1.0] * (n - 1)]
    columns = {"customer_id": [1] * n, "date": [DAY] * n, "amount": amounts}
    lazy = summarize(frame(**columns), as_of=AS_OF)
    assert lazy == summarize(frame(**columns).collect(), as_of=AS_OF)


# --- engines ---------------------------------------------------------------------------


def tables_in(connection: Any) -> list[Any]:
    return list(connection.execute("select table_name from duckdb_tables()").fetchall())


def test_no_table_is_left_in_the_engine() -> None:
    connection, relation = in_duckdb(category=["a", "b"])
    summarize(relation, as_of=AS_OF)
    assert tables_in(connection) == []
    with summarize_in_engine(relation, as_of=AS_OF):
        assert len(tables_in(connection)) == 1
    assert tables_in(connection) == []


def test_no_table_is_left_after_a_failure() -> None:
    connection, relation = in_duckdb(category=["a", "b"], amount=[None, 5.0])
    with pytest.raises(BadRowsError):
        summarize(relation, as_of=AS_OF)
    with pytest.raises(BadRowsError):
        summarize_in_engine(relation, as_of=AS_OF)
    assert tables_in(connection) == []


@pytest.mark.parametrize(
    "kind", [one for one in KINDS if one in {"polars lazy", "duckdb"}]
)
def test_more_rows_than_are_stated_do_not_come_here(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "MOST_ROWS", 1)
    data = frame() if kind == "polars lazy" else in_duckdb()[1]
    wrong = refused(data)
    assert wrong.code == "too_large"
    assert "summarize_in_engine" in str(wrong)


def test_other_data_are_still_refused() -> None:
    assert "must be a pandas" in str(refused(5))


def test_values_that_are_no_values_are_refused() -> None:
    assert refused(frame(category=[[1], [2]])).code == "wrong_type"


def test_coded_text_is_text_here_too() -> None:
    coded = frame(category=pl.Series(["a", "b"], dtype=pl.Categorical))
    assert summarize(coded, as_of=AS_OF) == summarize(coded.collect(), as_of=AS_OF)


def test_what_is_kept_of_values_is_numbers_or_text() -> None:
    for values, kind in (
        ([DAY, None], "O"),
        ([1.5, 2.0], "f"),
        ([1.0, 2.0], "i"),
        ([True, False], "i"),
        (["a", "b"], "O"),
    ):
        for data in (frame(category=values), frame(category=values).collect()):
            found = summarize(data, as_of=AS_OF, mergeable=True)
            assert found.history is not None
            assert found.history.pairs["category"].words.dtype.kind == kind
    mixed = frame().collect().to_pandas().assign(category=[1, 1.5]).astype(object)
    mixed["customer_id"] = [1, 2]
    found = summarize(mixed, as_of=AS_OF, mergeable=True)
    assert found.history is not None
    assert found.history.pairs["category"].words.tolist() == [1.0, 1.5]


def test_rooms_have_only_the_names_they_tell() -> None:
    for room in (customer_identification, customer_identification.engines):
        assert room.EngineSummary.__name__ == "EngineSummary"
        with pytest.raises(AttributeError, match="nothing"):
            room.nothing  # noqa: B018


def test_a_package_that_an_engine_needs_is_named() -> None:
    with (
        pytest.raises(EngineError, match="not here: pyarrow") as caught,
        reporting("duckdb"),
    ):
        raise ImportError(name="pyarrow")
    assert caught.value.code == "engine_missing"
