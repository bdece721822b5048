"""What goes wrong in Dask, Ibis and Spark is a clear error, too."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from customer_identification import (
    CustomerIdentificationError,
    EngineError,
    Summary,
    summarize,
)
from engines.hard import NEW_YORK
from engines.makers import KINDS, frame_of
from engines.outcomes import AS_OF, OF_OTHERS, SECRET, error_of, outcome, rows, zoned


pytestmark = OF_OTHERS


def needs(kind: str) -> None:
    if kind not in KINDS:
        pytest.skip(f"this run does not test {kind}")


# --- Ibis ---


def test_ibis_does_not_tell_its_time_zone() -> None:
    needs("ibis")
    import ibis  # noqa: PLC0415 - only where it is tested

    for zone in ("UTC", NEW_YORK):
        ibis.get_backend().raw_sql(f"set TimeZone = '{zone}'")
        error = error_of(ibis.memtable(zoned()), tz=zone, on_bad_rows="report")
        assert (error.code, error.column) == ("time_zone", "date")


# --- Dask ------------------------------------------------------------------------------


def dask_of(*parts: pd.DataFrame) -> Any:
    import dask.dataframe as dd  # noqa: PLC0415 - only where it is tested

    def give(at: int) -> pd.DataFrame:
        return parts[at]

    return dd.from_map(give, range(len(parts)), meta=parts[0].iloc[:0])


def part(customer_id: Any, amount: Any, day: str = "2011-02-03") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": customer_id,
            "date": pd.to_datetime([day] * len(amount)),
            "amount": amount,
        }
    )


def test_decimals_beside_orders_on_dask_are_refused() -> None:
    needs("dask")
    amounts = pa.array([Decimal("0.5"), Decimal("0.25"), None], pa.decimal128(9, 2))
    table = rows(amount=amounts, order_id=pa.array(["a", "b", "c"]))
    error = error_of(frame_of("dask", table))
    assert (error.code, error.column) == ("wrong_type", "amount")


def test_a_partition_that_raises_is_told() -> None:
    needs("dask")

    def fail(frame: pd.DataFrame) -> pd.DataFrame:
        if frame["amount"].max() > 1:
            raise ValueError(SECRET)
        return frame

    frame = dask_of(part([1, 2], [1.0, 1.0]), part([3], [2.0]))
    error = error_of(frame.map_partitions(fail, meta=part([1], [1.0]).iloc[:0]))
    assert isinstance(error, EngineError)
    assert "dask" in str(error)
    assert SECRET not in str(error)


CHANGED: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {
    "ids from numbers to text": (
        part([1, 2], [1.0, 2.0]),
        part(["3", SECRET], [3.0, 4.0]),
    ),
    "ids from text to numbers": (
        part(["a", SECRET], [1.0, 2.0]),
        part([3, 4], [3.0, 4.0]),
    ),
    "ids from whole to parts": (part([1, 2], [1.0, 2.0]), part([3.5, 4.0], [3.0, 4.0])),
    "amounts from numbers to text": (
        part([1, 2], [1.0, 2.0]),
        part([3, 4], ["5", SECRET]),
    ),
    "amounts from whole to floats": (part([1, 2], [1, 2]), part([3, 4], [0.5, 0.25])),
    "amounts from floats to whole": (part([1, 2], [0.5, 0.25]), part([3, 4], [1, 2])),
    "ids from whole to floats": (
        part([1, 2], [1.0, 2.0]),
        part([3.0, None], [3.0, 4.0]),
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_columns_that_change_type_are_told_or_read_right(what: str) -> None:
    needs("dask")
    one, other = CHANGED[what]
    found = outcome(dask_of(one, other), {"as_of": AS_OF})
    if isinstance(found, Summary):
        if isinstance(one["customer_id"][0], str):  # ids were promised as text
            other = other.assign(customer_id=other["customer_id"].astype("str"))
        assert found == summarize(pd.concat([one, other]), as_of=AS_OF)
    else:
        assert issubclass(found[0], CustomerIdentificationError)
        assert SECRET not in found[3]


# --- Spark -----------------------------------------------------------------------------


def test_spark_failing_on_its_way_is_told() -> None:
    needs("pyspark")
    from pyspark.sql import functions  # noqa: PLC0415 - only where it is tested

    def fail(amount):  # Spark would read the types of what is annotated
        raise ValueError(SECRET)

    frame = frame_of("pyspark", rows())
    error = error_of(
        frame.withColumn("amount", functions.udf(fail, "double")("amount"))
    )
    assert isinstance(error, EngineError)
    assert "pyspark" in str(error)
    assert SECRET not in str(error)


def test_a_spark_plan_that_fails_row_by_row_is_told() -> None:
    needs("pyspark")
    from pyspark.sql import functions  # noqa: PLC0415

    text = frame_of("pyspark", rows(amount=pa.array(["1", "2", SECRET])))
    error = error_of(
        text.withColumn("amount", functions.expr("cast(amount as double)"))
    )
    assert isinstance(error, EngineError)
    assert SECRET not in str(error)


def test_spark_holds_nothing_afterwards() -> None:
    needs("pyspark")
    frame = frame_of("pyspark", rows(order_id=pa.array(["a", "b", "c"])))
    assert len(summarize(frame, as_of=AS_OF)) == 3
    context = frame.sparkSession.sparkContext
    assert context._jsc.getPersistentRDDs().isEmpty()
    bad = frame_of(
        "pyspark", rows(order_id=pa.array(["a"] * 3), amount=pa.array([None, 1.0, 2.0]))
    )
    assert error_of(bad).code == "bad_rows"
    assert context._jsc.getPersistentRDDs().isEmpty()
