"""Every kind of frame and objects say the same; each type of column is read exactly."""

import decimal
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from customer_identification import (
    InvalidInputError,
    MissingColumnError,
    Transaction,
    summarize,
)
from customer_identification.frames import Labels, to_day, to_frame
from tables import AS_OF, KINDS, frames_of, objects_of, tables


few = settings(derandomize=True, max_examples=40, deadline=None)


@few
@given(rows=tables(least=1))
def test_every_kind_of_frame_and_objects_give_the_same_summary(rows: Any) -> None:
    expected = summarize(objects_of(rows), as_of=AS_OF, on_bad_rows="report")
    for kind, frame in frames_of(rows).items():
        found = summarize(frame, as_of=AS_OF, on_bad_rows="report")
        assert found == expected, kind
        assert type(found.to_frame()) is type(frame)


@few
@given(rows=tables(bad=True))
def test_every_kind_of_frame_sets_the_same_rows_aside(rows: Any) -> None:
    frames = frames_of(rows)
    expected = summarize(frames.pop("pyarrow"), as_of=AS_OF, on_bad_rows="report")
    for kind, frame in frames.items():
        assert summarize(frame, as_of=AS_OF, on_bad_rows="report") == expected, kind


# --- one table, column by column -----------------------------------------------------

IDS = ["b", "a", None, "b"]
DAYS = [date(2011, 1, 5), date(2011, 1, 6), date(2011, 1, 7), date(2011, 1, 5)]
AMOUNTS = [1.25, 2.0, 4.0, -1.0]


def base(**changed: Any) -> pa.Table:
    columns = {
        "customer_id": pa.array(IDS),
        "date": pa.array(DAYS),
        "amount": pa.array(AMOUNTS),
        **changed,
    }
    return pa.table(columns)


def read(frame: Any, **keywords: Any) -> Any:
    return summarize(frame, **{"as_of": "2011-01-31", **keywords})


BASE = read(base())


def test_the_base_table_is_read_as_it_is_written() -> None:
    assert BASE.customer_ids.tolist() == ["a", "b"]
    assert BASE.value.tolist() == [200, 25]
    assert BASE.report.unidentified_value == 400


AMOUNT_TYPES = {
    "float32": pa.array(AMOUNTS, type=pa.float32()),
    "decimal": pa.array([Decimal(str(one)) for one in AMOUNTS], pa.decimal128(12, 3)),
}


@pytest.mark.parametrize("amounts", AMOUNT_TYPES.values(), ids=list(AMOUNT_TYPES))
@pytest.mark.parametrize("kind", KINDS)
def test_amounts_of_each_type_are_the_same_money(kind: str, amounts: Any) -> None:
    assert read(KINDS[kind](base(amount=amounts))) == BASE


@pytest.mark.parametrize("width", [pa.int8(), pa.int16(), pa.int32(), pa.uint64()])
@pytest.mark.parametrize("kind", KINDS)
def test_whole_amounts_are_exact_in_any_width(kind: str, width: Any) -> None:
    amounts = pa.array([120, 2, 4, 1], type=width)
    found = read(KINDS[kind](base(amount=amounts)))
    assert found.value.tolist() == [200, 12_100]


LAST_MOMENT = time(23, 59, 59, 999_999)
DAY_TYPES = {
    "date64": pa.array(DAYS, type=pa.date64()),
    "seconds": pa.array(DAYS).cast(pa.timestamp("s")),
    "nanoseconds": pa.array(DAYS).cast(pa.timestamp("ns")),
    "last moment": pa.array(
        [datetime.combine(one, LAST_MOMENT) for one in DAYS], type=pa.timestamp("us")
    ),
}


@pytest.mark.parametrize("days", DAY_TYPES.values(), ids=list(DAY_TYPES))
@pytest.mark.parametrize("kind", KINDS)
def test_days_of_each_type_are_the_same_days(kind: str, days: Any) -> None:
    assert read(KINDS[kind](base(date=days))) == BASE


@pytest.mark.parametrize("kind", KINDS)
def test_days_before_1970_are_floored_not_cut(kind: str) -> None:
    stamps = [
        datetime.combine(date(1969, 12, day), time(hour))
        for day, hour in ((30, 18), (31, 1))
    ] * 2
    frame = KINDS[kind](base(date=pa.array(stamps, type=pa.timestamp("us"))))
    found = read(frame, as_of="1970-01-31")
    assert found.last_purchase.astype(str).tolist() == ["1969-12-31", "1969-12-30"]
    assert found.purchase_days.tolist() == [1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_dictionaries_of_words_are_words(kind: str) -> None:
    unused = pa.DictionaryArray.from_arrays(
        pa.array([2, 1, None, 2]), pa.array(["zz", "a", "b", ""])
    )
    assert read(KINDS[kind](base(customer_id=unused))) == BASE


@pytest.mark.parametrize("kind", KINDS)
def test_blank_text_is_nobody(kind: str) -> None:
    for blank in ("", "  ", "\t"):
        ids = pa.array(["b", "a", blank, "b"])
        assert read(KINDS[kind](base(customer_id=ids))) == BASE


def test_chunks_do_not_matter() -> None:
    table = base()
    chunked = pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1)])
    assert read(chunked) == BASE
    assert read(table.slice(0, 0)).report.read == 0
    assert len(read(pa.Table.from_batches([], schema=table.schema))) == 0
    words = base(customer_id=pa.chunked_array([pa.array(IDS[:2]), pa.array(IDS[2:])]))
    assert read(words) == BASE
    coded = pa.chunked_array(
        [pa.array(IDS[:2]).dictionary_encode(), pa.array(IDS[2:]).dictionary_encode()]
    )
    assert read(base(customer_id=coded)) == BASE
    nothing = pa.chunked_array([], type=pa.dictionary(pa.int32(), pa.string()))
    empty = pa.table(
        {
            "customer_id": nothing,
            "date": pa.array([], pa.date32()),
            "amount": pa.array([], pa.float64()),
        }
    )
    assert len(read(empty)) == 0


def test_polars_categories_and_enums_are_words() -> None:
    frame = pl.from_arrow(base())
    assert isinstance(frame, pl.DataFrame)
    for words in (pl.Categorical(), pl.Enum(["zz", "b", "a"])):
        assert read(frame.with_columns(pl.col("customer_id").cast(words))) == BASE


def test_pandas_categories_may_be_ordered_or_unused() -> None:
    frame = base().to_pandas()
    for categories in (["zz", "b", "a"], ["a", "b"]):
        ids = pd.Categorical(frame["customer_id"], categories, ordered=True)
        assert read(frame.assign(customer_id=ids)) == BASE


@pytest.mark.parametrize("kind", KINDS)
def test_whole_number_ids_stay_numbers(kind: str) -> None:
    ids = pa.array([7, -3, None, 7])
    found = read(KINDS[kind](base(customer_id=ids)))
    assert found.customer_ids.dtype == np.int64
    assert found.customer_ids.tolist() == [-3, 7]
    assert found.value.tolist() == [200, 25]


@pytest.mark.parametrize("kind", KINDS)
def test_large_and_scattered_ids_are_exact(kind: str) -> None:
    big = [2**62 + 1, 2**62, -(2**62), 2**62 + 1]
    found = read(KINDS[kind](base(customer_id=pa.array(big))))
    assert found.customer_ids.tolist() == sorted(set(big))
    assert found.value.tolist() == [400, 200, 25]


def test_categorical_numbers_are_ids_too() -> None:
    frame = base().to_pandas()
    frame["customer_id"] = pd.Categorical([7, -3, None, 7], categories=[9, 7, -3])
    found = read(frame)
    assert found.customer_ids.tolist() == [-3, 7]
    assert found.value.tolist() == [200, 25]
    frame["customer_id"] = pd.Categorical([7.5, -3, None, 7.5])
    with pytest.raises(InvalidInputError):
        read(frame)


def test_objects_of_whole_numbers_are_ids() -> None:
    frame = base().to_pandas()
    ids = [7, np.int32(-3), None, 7.0]
    found = read(frame.assign(customer_id=pd.Series(ids, dtype=object)))
    assert found.customer_ids.tolist() == [-3, 7]
    assert found.value.tolist() == [200, 25]
    for wrong in ("7", 7.5, True, Decimal(7), 2**63, -(2**63) - 1, float(2**60)):
        mixed = pd.Series([7, wrong, None, 7], dtype=object)
        with pytest.raises(InvalidInputError) as caught:
            read(frame.assign(customer_id=mixed))
        assert caught.value.column == "customer_id"


def test_an_id_of_a_subclass_of_str_is_the_same_customer() -> None:
    class Word(str):
        __slots__ = ()

    sales = [
        Transaction(customer_id=one, date=date(2011, 1, 5), amount=1)
        for one in ("a", Word("a"), np.str_("a"))
    ]
    found = read(sales)
    assert found.customer_ids.tolist() == ["a"]
    assert found.value.tolist() == [300]


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_rows_has_no_customers_of_any_kind(kind: str) -> None:
    for ids in (pa.int64(), pa.float64(), pa.string()):
        nothing = base(customer_id=pa.array([None] * 4, type=ids)).slice(0, 0)
        found = read(KINDS[kind](nothing))
        assert (len(found), found.report.read) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_nan_is_nobody_though_it_is_no_null(kind: str) -> None:
    nobody = pa.array([float("nan")] * 4, from_pandas=False)
    found = read(KINDS[kind](base(customer_id=nobody)))
    assert (len(found), found.report.unidentified) == (0, 4)
    one = pa.array([float("nan"), 7.0, float("nan"), 7.0], from_pandas=False)
    assert read(KINDS[kind](base(customer_id=one))).customer_ids.tolist() == [7]


def test_text_that_is_no_unicode_is_no_id() -> None:
    frame = base().to_pandas()
    ids = pd.Series(["b", "a\ud800", None, "b"], dtype=object)
    with pytest.raises(InvalidInputError, match="UTF-8") as caught:
        read(frame.assign(customer_id=ids))
    assert caught.value.column == "customer_id"


@pytest.mark.parametrize("column", ["category", "order_id", "channel"])
def test_codes_of_each_type_are_counted_alike(column: str) -> None:
    frame = base(
        customer_id=pa.array(["a"] * 4), amount=pa.array([1.0] * 4)
    ).to_pandas()
    values = {
        "text": ["x", "y", "x", None],
        "int": pd.array([1, 2, 1, None], dtype="Int64"),
        "float": [1.5, 1.2, 1.5, np.nan],
        "float32": np.array([1.5, 1.2, 1.5, np.nan], dtype=np.float32),
        "nullable float": pd.array([1.5, 1.2, 1.5, None], dtype="Float64"),
        "arrow float": pd.array([1.5, 1.2, 1.5, None], dtype="float32[pyarrow]"),
        "bool": pd.array([True, False, True, None], dtype="boolean"),
        "day": pd.to_datetime(["2011-01-01", "2011-01-02", "2011-01-01", "NaT"]),
        "category": pd.Categorical(["x", "y", "x", None], categories=["q", "x", "y"]),
        "category of numbers": pd.Categorical([1, 2, 1, None]),
        "objects": pd.Series([("x",), 2, ("x",), None], dtype=object),
        "1 and 1.0": pd.Series([1, 2, 1.0, None], dtype=object),
        "-0.0": [0.0, 1.0, -0.0, np.nan],
        "large": pd.array([2**62, -(2**62), 2**62, None], dtype="Int64"),
    }
    for kind, codes in values.items():
        found = read(frame.assign(**{column: codes}))
        if column == "order_id":
            # Two orders; the row without one is a purchase of its own day.
            assert found.purchases.tolist() == [3], kind
        else:
            name = {"category": "categories", "channel": "channels"}[column]
            assert getattr(found, name).tolist() == [2], kind


def test_codes_that_cannot_be_compared_are_refused() -> None:
    lists = pd.Series([[1], [2], [1], [1]], dtype=object)
    with pytest.raises(InvalidInputError) as caught:
        read(base().to_pandas().assign(category=lists))
    assert caught.value.column == "category"


@pytest.mark.parametrize(
    "flags",
    [
        [1.0, 0.0, None, 0.5],
        [True, False, None, True],
        [Decimal("0.01"), Decimal(0), None, Decimal(3)],
        pd.Series([True, 0, None, 0.5], dtype=object),
        pd.array([2, 0, None, 1], dtype="Int64"),
        pd.array([True, False, None, True], dtype="boolean"),
        pd.array([True, False, None, True], dtype="bool[pyarrow]"),
        np.array([2.0, 0.0, np.nan, 1.0], dtype=np.float32),
    ],
    ids=lambda one: str(getattr(one, "dtype", type(one[0]).__name__)),
)
def test_discounts_may_be_money_or_flags(flags: Any) -> None:
    frame = base(customer_id=pa.array(["a"] * 4), amount=pa.array([1, 2, 4, 8]))
    found = read(frame.to_pandas().assign(discount=flags))
    assert found.discounted.tolist() == [900]
    assert found.discount_known.tolist() == [1100]
    assert found.report.discount_unknown == 1


def test_discounts_that_are_neither_are_refused() -> None:
    frame = base().to_pandas()
    for wrong in (["x", "y", "x", "y"], pd.Series([1, "x", None, 2], dtype=object)):
        with pytest.raises(InvalidInputError) as caught:
            read(frame.assign(discount=wrong))
        assert caught.value.column == "discount"


# --- money ---------------------------------------------------------------------------


def test_decimals_are_exact_whatever_the_context_of_the_host() -> None:
    amounts = [Decimal("90071992547409.91"), Decimal("0.005"), Decimal("0.015")]
    sales = [
        Transaction(customer_id=i, date=DAYS[0], amount=one)
        for i, one in enumerate(amounts)
    ]
    with decimal.localcontext(decimal.Context(prec=3)):
        found = read(sales)
    assert found.value.tolist() == [2**53 - 1, 0, 2]
    assert found.report.rounded == 2


def test_objects_may_mix_types_of_money() -> None:
    amounts = pd.Series([1.25, Decimal("2.0"), 4, np.float32(-1)], dtype=object)
    assert read(base().to_pandas().assign(amount=amounts)) == BASE
    for missing in (None, float("nan"), pd.NA, Decimal("nan")):
        holes = pd.Series([1.25, missing, 4, -1], dtype=object)
        found = read(base().to_pandas().assign(amount=holes), on_bad_rows="report")
        assert ("no amount", 1, 0) in found.report.set_aside
    for endless in (float("inf"), Decimal("-inf")):
        wild = pd.Series([1.25, endless, 4, -1], dtype=object)
        found = read(base().to_pandas().assign(amount=wild), on_bad_rows="report")
        assert ("amount not finite", 1, 0) in found.report.set_aside


def test_money_that_floats_cannot_hold_is_refused() -> None:
    for amounts in (
        [1e15, 1.0, 1.0, 1.0],
        [10**15, 1, 1, 1],
        pd.Series([10**15, 1, 1, Decimal(1)], dtype=object),
        pd.Series([Decimal("1e300"), 1, 1, 1], dtype=object),
    ):
        with pytest.raises(InvalidInputError, match=r"2\*\*53") as caught:
            read(base().to_pandas().assign(amount=amounts))
        assert caught.value.column == "amount"
        assert caught.value.positions == (0,)
    whole = base().to_pandas().assign(amount=[2**53, 1, 1, 1])
    assert read(whole, minor_units=0).value.tolist() == [1, 2**53 + 1]


def test_totals_that_do_not_fit_are_refused() -> None:
    n = 600
    frame = pd.DataFrame(
        {
            "customer_id": [1] * n,
            "date": pd.to_datetime(["2011-01-05"] * n),
            "amount": [2**53] * n,
        }
    )
    with pytest.raises(InvalidInputError, match="add up"):
        read(frame, minor_units=0)
    assert read(frame[:500], minor_units=0).value.tolist() == [500 * 2**53]
    small = frame.assign(amount=[2**53] + [1] * (n - 1))
    assert read(small, minor_units=0).value.tolist() == [2**53 + n - 1]


@pytest.mark.parametrize("units", range(7))
def test_minor_units_are_decimals(units: int) -> None:
    found = read(base(), minor_units=units)
    assert found.minor_units == units
    if units >= 2:
        assert found.value.tolist() == [2 * 10**units, 25 * 10 ** (units - 2)]
        assert found.report.rounded == 0


# --- zones ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_stamps_with_a_zone_are_days_of_the_zone_that_is_given(kind: str) -> None:
    stamps = pa.array(
        [datetime(2011, 1, 5, 2, tzinfo=UTC)] * 4,
        type=pa.timestamp("us", tz="UTC"),
    )
    frame = KINDS[kind](base(date=stamps))
    for tz, day in (
        ("America/New_York", "2011-01-04"),
        (ZoneInfo("America/New_York"), "2011-01-04"),
        ("UTC", "2011-01-05"),
        ("Asia/Tokyo", "2011-01-05"),
    ):
        assert str(read(frame, tz=tz).last_purchase[0]) == day
    with pytest.raises(InvalidInputError, match="tz=") as caught:
        read(frame)
    assert caught.value.code == "time_zone"


def test_a_fixed_offset_is_no_zone_that_has_a_name() -> None:
    with pytest.raises(InvalidInputError, match="name of a time zone"):
        read(base(), tz=timezone(timedelta(hours=-5)))
    west = timezone(timedelta(hours=-5))
    stamps = [
        datetime(2011, 1, 4, 22, tzinfo=west),
        datetime(2011, 1, 5, 2, tzinfo=UTC),
    ]
    sales = [Transaction(customer_id="a", date=stamp, amount=1) for stamp in stamps]
    assert read(sales, tz="America/New_York").purchase_days.tolist() == [1]
    assert read(sales, tz="UTC").purchase_days.tolist() == [1]
    assert read(sales[:1], tz="UTC").last_purchase.astype(str).tolist() == [
        "2011-01-05"
    ]


def test_a_zone_for_stamps_without_one_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="without one"):
        read(
            base(date=pa.array([datetime(2011, 1, 5)] * 4)),  # noqa: DTZ001
            tz="UTC",
        )
    sales = [Transaction(customer_id=1, date=datetime(2011, 1, 5, 1), amount=1)]  # noqa: DTZ001
    with pytest.raises(InvalidInputError, match="without one"):
        read(sales, tz="UTC")
    aware = datetime(2011, 1, 5, 1, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="tz="):
        read([Transaction(customer_id=1, date=aware, amount=1)])
    with pytest.raises(InvalidInputError, match="time zone"):
        read([Transaction(customer_id=1, date=aware, amount=1)], tz="Nowhere/Atall")


def test_objects_may_mix_dates_and_stamps() -> None:
    frame = base().to_pandas()
    days = [DAYS[0], datetime(2011, 1, 6, 5), pd.Timestamp("2011-01-07 09:00"), DAYS[3]]  # noqa: DTZ001
    assert read(frame.assign(date=pd.Series(days, dtype=object))) == BASE
    for wrong in ("2011-01-06", 5, 5.5):
        mixed = pd.Series([DAYS[0], wrong, None, DAYS[0]], dtype=object)
        with pytest.raises(InvalidInputError) as caught:
            read(frame.assign(date=mixed), on_bad_rows="report")
        assert caught.value.column == "date"
        assert caught.value.positions == (1,)


def test_a_day_may_be_said_in_many_ways() -> None:
    for day in (
        "2011-01-31",
        date(2011, 1, 31),
        datetime(2011, 1, 31, 23),  # noqa: DTZ001
        np.datetime64("2011-01-31T12:00"),
        pd.Timestamp("2011-01-31 12:00"),
    ):
        assert read(base(), as_of=day) == BASE
    utc = datetime(2011, 2, 1, 2, tzinfo=UTC)
    new_york = to_day("2011-01-31", "as_of")
    assert to_day(utc, "as_of", ZoneInfo("America/New_York")) == new_york
    with pytest.raises(InvalidInputError, match="tz="):
        to_day(utc, "as_of")
    for wrong in (None, 5, "soon", "2011-02-30", pd.NaT, np.datetime64("NaT"), 5.5):
        with pytest.raises(InvalidInputError, match="must be a day") as caught:
            read(base(), as_of=wrong)
        assert caught.value.code == "not_a_day"


# --- columns and tables ----------------------------------------------------------------


def test_the_hosts_own_names_are_mapped() -> None:
    frame = base().rename_columns(["Who", "amount", "date"])
    found = read(
        frame, columns={"customer_id": "Who", "date": "amount", "amount": "date"}
    )
    assert found == BASE


def test_a_column_that_is_not_there_is_named() -> None:
    for columns in ({"customer_id": "Who"}, {"profit": "Margin"}):
        with pytest.raises(MissingColumnError) as caught:
            read(base(), columns=columns)
        assert caught.value.column == next(iter(columns))
    with pytest.raises(MissingColumnError) as caught:
        read(base().drop_columns(["amount"]))
    assert caught.value.column == "amount"


def test_a_column_called_none_is_left_out_though_it_is_there() -> None:
    frame = base(profit=pa.array([1.0] * 4))
    assert read(frame, columns={"profit": None}) == BASE
    assert read(frame).value.tolist() == [100, 200]


def test_things_that_are_no_frame_are_refused() -> None:
    others: list[Any] = [None, "a", b"a", {}, 5, pd.Series([1]), pl.Series([1])]
    for wrong in others:
        with pytest.raises(InvalidInputError, match="iterable of Transaction"):
            read(wrong)
    with pytest.raises(InvalidInputError, match="first at position 0"):
        read([1, 2])


def test_objects_may_come_from_a_generator() -> None:
    sales = [
        Transaction(customer_id=one, date=day, amount=amount)
        for one, day, amount in zip(IDS, DAYS, AMOUNTS, strict=True)
    ]
    assert read(one for one in sales) == BASE
    without = read(iter(sales), columns={"amount": None, "date": None})
    assert without.purchases.tolist() == [1, 2]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "objects"])
def test_what_comes_out_is_what_went_in(kind: str) -> None:
    codes = np.array([1, 0, 1], dtype=np.int8)
    frame: Any = to_frame(
        {
            "id": np.array(["a", "b\0", ""], dtype=object),
            "class": Labels(codes=codes, words=("A", "B")),
            "value": np.array([0.5, np.nan, 2.0]),
            "day": np.array(["2011-01-05", "NaT", "1969-12-31"], dtype="M8[D]"),
            "n": np.array([3, -4, 2**62]),
        },
        kind,
    )
    kinds = {"polars": pl.DataFrame, "pyarrow": pa.Table}
    assert isinstance(frame, kinds.get(kind, pd.DataFrame))
    assert list(frame["id"].to_pylist() if kind == "pyarrow" else frame["id"]) == [
        "a",
        "b\0",
        "",
    ]
    assert [str(word) for word in frame["class"]] == ["B", "A", "B"]
    days = [str(day)[:10] for day in frame["day"]]
    assert (days[0], days[2]) == ("2011-01-05", "1969-12-31")
    assert [int(str(n)) for n in frame["n"]] == [3, -4, 2**62]
    empty = to_frame({"id": np.array([], dtype=object)}, kind)
    assert len(empty) == 0
