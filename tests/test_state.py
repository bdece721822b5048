"""A summary comes back equal from whatever its state frame was written to."""

import io
import itertools
import json
import pickle
import random
import sqlite3
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    InvalidInputError,
    SerializationError,
    Summary,
    Transaction,
    summarize,
)
from customer_identification.state import COLUMNS
from tables import AS_OF, KINDS, arrow_of, tables


few = settings(derandomize=True, max_examples=60, deadline=None)
fewer = settings(derandomize=True, max_examples=25, deadline=None)

TEXT = ("part", "text")
WHOLE = [name for name in COLUMNS if name not in {*TEXT, "customer_id", "number"}]


def state_of(summary: Summary) -> pd.DataFrame:
    return evolve(summary, kind="pandas").to_state_frame()


def arrow_state_of(summary: Summary) -> pa.Table:
    return evolve(summary, kind="pyarrow").to_state_frame()


def sales(n: int = 60, *, text: bool = False, seed: int = 5) -> pd.DataFrame:
    """Give sales with every column, some back, free, nameless or at a discount."""
    dice = random.Random(seed)  # noqa: S311
    return pd.DataFrame(
        {
            "customer_id": f"ž{who}" if text else who,
            "date": pd.Timestamp(2011, 1, 3) + timedelta(days=dice.randrange(120)),
            "amount": dice.choice([-3, 0, 1.25, 10, 99.99]),
            "profit": dice.choice([-1, 0, 2.5]),
            "order_id": dice.choice([None, "o1", "o2", "o3"]),
            "discount": dice.choice([None, 0, 0.1]),
            "category": dice.choice([1, 2, 3]),
            "channel": dice.choice([None, "", "NA", "007", "web"]),
        }
        for who in (dice.randrange(-3, 7) for _ in range(n))
    )


def full(**options: Any) -> Summary:
    """Give a summary that has everything."""
    text = options.pop("text", False)
    options = {"as_of": AS_OF, "since": "2011-01-01", "mergeable": True, **options}
    found = summarize(sales(text=text), **options)
    ids = found.customer_ids.tolist()
    found = found.with_attitudes(
        dict(zip(ids[::2], itertools.cycle([0.1, -1, 0]), strict=False))
    )
    return evolve(found, network_value=found.value + 7)


def by_part(frame: pd.DataFrame, part: str) -> pd.DataFrame:
    return frame[frame["part"] == part]


# --- back, equal ---------------------------------------------------------------------


@st.composite
def summaries(draw: Any) -> Summary:
    rows = draw(tables())
    found = summarize(
        arrow_of(rows),
        as_of=AS_OF,
        since=draw(st.none() | st.dates(date(2011, 1, 1), date(2011, 5, 1))),
        period=draw(st.sampled_from(["week", "month", "quarter", None])),
        mergeable=draw(st.booleans()),
        minor_units=draw(st.sampled_from([0, 2, 6])),
    )
    if draw(st.booleans()):
        attitude = st.none() | st.floats(-1, 1)
        each = [draw(attitude) for _ in range(len(found))]
        known = {
            one: value
            for one, value in zip(found.customer_ids.tolist(), each, strict=True)
            if value is not None
        }
        found = found.with_attitudes(known)
    return found


@few
@given(summary=summaries(), seed=st.integers(0, 99))
def test_any_summary_comes_back_equal_from_rows_in_any_order(
    summary: Summary, seed: int
) -> None:
    frame = summary.to_state_frame()
    assert Summary.from_state_frame(frame) == summary
    shuffled = state_of(summary).sample(frac=1, random_state=seed)
    assert Summary.from_state_frame(shuffled) == summary


@fewer
@given(summary=summaries(), kind=st.sampled_from([*KINDS]))
def test_any_kind_of_frame_will_do(summary: Summary, kind: str) -> None:
    frame = KINDS[kind](arrow_state_of(summary))
    found = Summary.from_state_frame(frame)
    assert found == summary
    assert found.kind == kind.partition(" ")[0]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_frame_is_of_the_kind_that_was_summarized(kind: str) -> None:
    rows: Any = [
        {"customer_id": 3, "date": date(2011, 5, 1), "amount": 100},
    ]
    frame = summarize(KINDS[kind](arrow_of(rows)), as_of=AS_OF).to_state_frame()
    assert type(frame).__module__.startswith(kind)


def through_csv_of_pandas(summary: Summary) -> pd.DataFrame:
    text = state_of(summary).to_csv(index=False)
    types: Any = {"text": str}
    if summary.customer_ids.dtype == object:
        types["customer_id"] = str
    return pd.read_csv(
        io.StringIO(text),
        dtype=types,
        converters={"number": lambda one: float(one or "nan")},
        keep_default_na=False,
    )


def through_csv_of_polars(summary: Summary) -> pl.DataFrame:
    text = evolve(summary, kind="polars").to_state_frame().write_csv()
    types: Any = {"text": pl.String, "number": pl.Float64}
    if summary.customer_ids.dtype == object:
        types["customer_id"] = pl.String
    return pl.read_csv(io.StringIO(text), schema_overrides=types)


def through_csv_of_arrow(summary: Summary) -> pa.Table:
    sink = io.BytesIO()
    pa_csv.write_csv(arrow_state_of(summary), sink)
    types = {"text": pa.string()}
    if summary.customer_ids.dtype == object:
        types["customer_id"] = pa.string()
    options = pa_csv.ConvertOptions(column_types=types)
    return pa_csv.read_csv(io.BytesIO(sink.getvalue()), convert_options=options)


def through_parquet(summary: Summary) -> pa.Table:
    sink = io.BytesIO()
    pq.write_table(arrow_state_of(summary), sink)
    return pq.read_table(io.BytesIO(sink.getvalue()))


def through_sql(summary: Summary) -> pd.DataFrame:
    base = sqlite3.connect(":memory:")
    try:
        state_of(summary).to_sql("state", base, index=False)
        query = "SELECT * FROM state ORDER BY days, start, text DESC"
        return pd.read_sql(query, base)
    finally:
        base.close()


def through_objects(summary: Summary) -> pd.DataFrame:
    """Give what drivers of databases make of a table: Python objects, nulls None."""
    frame = state_of(summary).astype(object)
    return frame.where(frame.notna(), None)


def through_pickle(summary: Summary) -> pd.DataFrame:
    return pickle.loads(pickle.dumps(state_of(summary)))  # noqa: S301


ROUTES = [
    through_csv_of_pandas,
    through_csv_of_polars,
    through_csv_of_arrow,
    through_parquet,
    through_sql,
    through_objects,
    through_pickle,
]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("mergeable", [False, True])
def test_a_summary_comes_back_equal_from_files_and_databases(
    route: Any, *, text: bool, mergeable: bool
) -> None:
    for period in ("week", "month", "quarter", None):
        summary = full(text=text, mergeable=mergeable, period=period)
        assert Summary.from_state_frame(route(summary)) == summary
    nobody = summarize([], as_of=AS_OF, mergeable=mergeable)
    assert Summary.from_state_frame(route(nobody)) == nobody


@pytest.mark.parametrize("route", ROUTES)
def test_ids_and_orders_that_look_like_numbers_stay_text(route: Any) -> None:
    summary = summarize(
        pd.DataFrame(
            {
                "customer_id": ["007", "7", "1e5", "NA"],
                "date": pd.to_datetime(["2011-05-01"] * 4),
                "amount": [1.0, 2.0, 3.0, 4.0],
                "order_id": ["01", "1", "1.0", "null"],
                "category": [536365, 2**60, -1, 0],
                "channel": [0.1, 1.5, np.inf, None],
            }
        ),
        as_of=AS_OF,
        mergeable=True,
    )
    assert Summary.from_state_frame(route(summary)) == summary


def test_whole_numbers_may_come_back_as_floats() -> None:
    for text in (False, True):
        summary = full(text=text)
        frame = state_of(summary)
        floats = frame.astype(dict.fromkeys(WHOLE, float))
        assert Summary.from_state_frame(floats) == summary
    whole = state_of(full()).astype({"customer_id": float})
    assert Summary.from_state_frame(whole) == full()


def test_blank_text_may_come_back_as_null_and_null_as_blank() -> None:
    summary = full(text=True)
    assert summary.history is not None
    assert "" in summary.history.pairs["channel"].words
    frame = state_of(summary)
    blank = frame.fillna({"text": "", "customer_id": " "})
    assert Summary.from_state_frame(blank) == summary
    null = frame.assign(text=frame["text"].where(frame["text"] != ""))
    assert null["text"].isna().sum() > frame["text"].isna().sum()
    assert Summary.from_state_frame(null) == summary


@pytest.mark.parametrize("mergeable", [False, True])
def test_totals_beyond_what_floats_hold_are_exact(*, mergeable: bool) -> None:
    most = 2**53
    rows = {
        "customer_id": [1, 1, 1, 2**62],
        "date": pd.to_datetime(
            ["2011-04-01", "2011-04-02", "2011-05-01", "2011-05-02"]
        ),
        "amount": [most, most - 1, most - 3, 1 - most],
    }
    summary = summarize(
        pd.DataFrame(rows), as_of=AS_OF, minor_units=0, mergeable=mergeable
    )
    assert summary.value is not None
    assert summary.value.tolist() == [3 * most - 4, 1 - most]
    for route in ROUTES:
        assert Summary.from_state_frame(route(summary)) == summary


@pytest.mark.parametrize("mergeable", [False, True])
@pytest.mark.parametrize("period", ["week", "month", None])
def test_days_before_1970_come_back(*, mergeable: bool, period: Any) -> None:
    days = ["1900-02-28", "1969-12-31", "1970-01-01", "1969-12-01"]
    summary = summarize(
        [
            Transaction(customer_id=i % 2, date=date.fromisoformat(day), amount=i - 2)
            for i, day in enumerate(days * 2)
        ],
        as_of="1970-01-31",
        since="1900-01-01" if period == "month" else "1969-12-01",
        period=period,
        mergeable=mergeable,
    )
    assert Summary.from_state_frame(summary.to_state_frame()) == summary


@pytest.mark.parametrize("missing", [("date",), ("amount",), ("date", "amount")])
def test_a_summary_without_dates_or_amounts_comes_back(missing: Any) -> None:
    frame = pd.DataFrame(
        {"customer_id": [3, 3, 1], "order_id": ["a", "b", "a"], "amount": [1, -2, 3]}
    ).assign(date=pd.Timestamp("2011-05-01"))
    for mergeable in {False, "date" not in missing}:
        summary = summarize(
            frame,
            as_of=AS_OF,
            columns=dict.fromkeys(missing),
            mergeable=mergeable,
        )
        assert Summary.from_state_frame(summary.to_state_frame()) == summary


def test_those_who_only_gave_back_have_no_day_of_purchase() -> None:
    gone = Transaction(customer_id=1, date=date(2011, 5, 1), amount=-1)
    for mergeable in (False, True):
        summary = summarize([gone], as_of=AS_OF, mergeable=mergeable)
        found = Summary.from_state_frame(summary.to_state_frame())
        assert found == summary
        assert np.isnat(found.first_purchase).all()  # type: ignore[arg-type]


def test_some_customers_of_a_summary_come_back() -> None:
    taken = full().take([0, 2])
    assert Summary.from_state_frame(taken.to_state_frame()) == taken
    nobody = full(text=True).take([])
    assert Summary.from_state_frame(nobody.to_state_frame()) == nobody
    assert nobody.customer_ids.dtype == object


def test_a_summary_that_came_back_goes_on() -> None:
    early = full(as_of="2011-03-17", since=None)
    late = full(since="2011-03-18")
    kept = Summary.from_state_frame(early.to_state_frame())
    assert kept.merge(late) == early.merge(late)
    merged = kept.merge(Summary.from_state_frame(late.to_state_frame()))
    assert Summary.from_state_frame(merged.to_state_frame()) == merged
    slid = merged.drop_before("2011-03-01")
    assert Summary.from_state_frame(slid.to_state_frame()) == slid


def test_what_was_read_is_frozen() -> None:
    found = Summary.from_state_frame(full().to_state_frame())
    assert found.history is not None
    for values in (found.value, found.periods, found.history.cells.days):
        assert values is not None
        with pytest.raises(ValueError, match="read-only"):
            values[...] = values


# --- the frame -----------------------------------------------------------------------


def test_columns_and_their_types_are_always_the_same() -> None:
    schemas = {
        tuple(evolve(one, kind="polars").to_state_frame().schema.items())
        for one in (
            full(),
            full(mergeable=False),
            full(period=None).take([]),
            summarize([], as_of=AS_OF),
        )
    }
    assert len(schemas) == 1
    schema = dict(schemas.pop())
    assert tuple(schema) == COLUMNS
    assert schema["number"] == pl.Float64
    assert {schema[name] for name in WHOLE} == {pl.Int64}
    named = evolve(full(text=True), kind="polars").to_state_frame().schema
    assert dict(named) == {**schema, "customer_id": pl.String}


def test_whole_numbers_are_never_null() -> None:
    for text in (False, True):
        frame = state_of(full(text=text))
        assert not frame[WHOLE].isna().to_numpy().any()
    assert state_of(full())["customer_id"].dtype == np.int64


def test_rows_say_what_they_hold() -> None:
    summary = summarize(
        [
            Transaction(
                customer_id=8, date=date(2011, 4, day), amount=day, order_id=f"o{day}"
            )
            for day in (1, 30)
        ],
        as_of=AS_OF,
        mergeable=True,
    )
    frame = state_of(summary)
    assert frame["part"].tolist() == [
        "about",
        "customer",
        "cell",
        "order_id",
        "order_id",
    ]
    [customer] = by_part(frame, "customer").to_dict("records")
    assert (customer["customer_id"], customer["value"]) == (8, 3100)
    assert customer["last_purchase"] == (date(2011, 4, 30) - date(1970, 1, 1)).days
    [cell] = by_part(frame, "cell").to_dict("records")
    assert (cell["rows"], cell["amount"], cell["days"]) == (2, 3100, 1 + 2**29)
    orders = by_part(frame, "order_id")
    assert orders["text"].tolist() == ["o1", "o30"]
    start = (date(2011, 4, 1) - date(1970, 1, 1)).days
    assert {*orders["start"], cell["start"]} == {start}
    plain = state_of(evolve(summary, history=None))
    [value] = by_part(plain, "period").to_dict("records")
    assert (value["start"], value["value"]) == (start, 3100)


def test_what_is_told_once_is_strict_json_without_anybody() -> None:
    text = by_part(state_of(full(text=True)), "about")["text"].item()
    about = json.loads(text)
    assert (about["format"], about["version"]) == ("customer_identification.Summary", 1)
    assert list(about) == sorted(about)
    assert "ž" not in json.dumps(about, ensure_ascii=False)


def test_text_that_no_file_can_hold_is_refused() -> None:
    sold = Transaction(
        customer_id=1, date=date(2011, 5, 1), amount=1, channel="\ud800web"
    )
    summary = summarize([sold], as_of=AS_OF, mergeable=True)
    with pytest.raises(SerializationError, match="UTF-8") as caught:
        summary.to_state_frame()
    assert (caught.value.column, caught.value.code) == ("channel", "not_portable")
    assert "web" not in str(caught.value)


# --- what is refused -----------------------------------------------------------------


def told(frame: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """Change what the row about all others tells."""
    frame = frame.copy()
    is_about = frame["part"] == "about"
    about = json.loads(frame.loc[is_about, "text"].item())
    for key, value in changes.items():
        *path, last = key.split("__")
        place = about
        for step in path:
            place = place[step]
        place[last] = value
    frame.loc[is_about, "text"] = json.dumps(about)
    return frame


def refused(frame: Any) -> SerializationError:
    with pytest.raises(SerializationError) as caught:
        Summary.from_state_frame(frame)
    error = caught.value
    for secret in ("ž", "o1", "99.99"):
        assert secret not in str(error)
    assert error.__context__ is None or error.__suppress_context__
    return error


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_must_be_there(name: str) -> None:
    error = refused(state_of(full()).drop(columns=name))
    assert name in str(error)
    assert error.column == name


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0])
def test_another_version_is_refused(version: Any) -> None:
    error = refused(told(state_of(full()), version=version))
    assert error.code == "unknown_version"
    assert "version 1" in str(error)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", "null", '{"version": 1}', '{"format": NaN}', "[" * 100_000]
)
def test_what_is_no_json_of_ours_is_refused(text: str) -> None:
    frame = state_of(full())
    frame.loc[frame["part"] == "about", "text"] = text
    assert "format" in str(refused(frame))


def test_there_must_be_one_row_about_all_others() -> None:
    frame = state_of(full())
    is_about = frame["part"] == "about"
    assert "it has 0" in str(refused(frame[~is_about]))
    assert "it has 2" in str(refused(pd.concat([frame, frame[is_about]])))
    assert "it has 0" in str(refused(frame[:0].astype({"text": object})))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ids", "number"),
        ("as_of", "2011-13-01"),
        ("as_of", None),
        ("since", 5),
        ("period", "year"),
        ("period", ["month"]),
        ("minor_units", 7),
        ("periods", ["a month"]),
        ("periods", None),
        ("columns", "value"),
        ("columns", ["age"]),
        ("report", {}),
        ("report", None),
        ("report__read", "5"),
        ("report__valued", 1),
        ("report__read", 1.5),
        ("report__set_aside", [["no date", 1]]),
        ("report__more", 1),
        ("history", {}),
        ("history", []),
        ("history__sums", ["age"]),
        ("history__nameless", 1),
        ("history__words", {"order_id": "date"}),
        ("history__words", {"age": "text"}),
        ("history__blank", ["age"]),
        ("rows", [1, 2]),
        ("rows__cell", "3"),
        ("rows__age", 3),
        ("columns", ["value"]),
        ("rows", {"about": 1}),
        ("more", 1),
    ],
)
def test_what_is_told_must_be_as_it_was_written(key: str, value: Any) -> None:
    assert refused(told(state_of(full()), **{key: value})).code == "bad_state"


@pytest.mark.parametrize(
    "part", ["customer", "period", "cell", "order_id", "category", "channel"]
)
def test_every_row_must_be_there_once(part: str) -> None:
    frame = state_of(full(mergeable=part != "period"))
    rows = by_part(frame, part)
    assert len(rows) > 1
    error = refused(frame.drop(index=rows.index[1]))
    assert f"of {len(rows):,} of part {part!r} there are {len(rows) - 1:,}" in str(
        error
    )
    twice = frame.copy()
    twice.loc[rows.index[1]] = frame.loc[rows.index[0]]
    assert "one row" in str(refused(twice))


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("part", ["cell", "period", "order_id"])
def test_rows_must_be_of_customers_that_are_there(part: str, *, text: bool) -> None:
    frame = state_of(full(text=text, mergeable=part != "period"))
    at = by_part(frame, part).index[0]
    strangers: list[Any] = ["žz", None] if text else [99]
    for stranger in strangers:
        other = frame.copy()
        other.loc[at, "customer_id"] = stranger
        assert f"for every customer of part {part!r}" in str(refused(other))
    frame.loc[by_part(frame, "customer").index[0], "customer_id"] = None if text else 98
    assert "for every customer" in str(refused(frame)) or text


def test_a_customer_must_have_an_id_of_the_kind_that_was_written() -> None:
    named = state_of(full(text=True))
    first = by_part(named, "customer").index[0]
    lost = named.copy()
    lost.loc[first, "customer_id"] = None
    assert "one row of part 'customer'" in str(refused(lost))
    numbers = state_of(full())
    assert "ids that are text" in str(refused(told(numbers, ids="text")))
    assert "ids that are whole" in str(refused(told(named, ids="whole")))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_must_be_whole_and_there(name: str) -> None:
    frame = state_of(full())
    parts = {"rows", "free", "discount_unknown", "start", "days", "nameless"}
    part = "category" if name == "whole" else "cell" if name in parts else "customer"
    at = by_part(frame, part).index[0]
    for value in (0.5, np.nan, 2.0**53, np.inf):
        other = frame.astype({name: float})
        other.loc[at, name] = value
        assert name in str(refused(other))
    texts = frame.astype({name: str})
    assert name in str(refused(texts))
    objects = frame.astype({name: object})
    for wrong in ("1", None, 2**70, True):
        objects.loc[at, name] = wrong
        assert name in str(refused(objects))


def test_attitudes_must_be_numbers() -> None:
    frame = state_of(full())
    assert "number" in str(refused(frame.assign(number="much")))
    assert "number" in str(refused(frame.assign(number=pd.Timestamp(0))))


@pytest.mark.parametrize("wrong", [1, 2.5, b"x", date(2011, 5, 1)])
def test_text_must_be_text(wrong: Any) -> None:
    frame = state_of(full()).astype({"text": object})
    frame.loc[by_part(frame, "channel").index[0], "text"] = wrong
    refused(frame)
    refused(frame.assign(text=1.5))


def test_text_that_was_read_as_null_is_missed() -> None:
    frame = state_of(full(text=True)).astype({"text": object})
    frame.loc[by_part(frame, "order_id").index[0], "text"] = None
    assert "the text of every row of part 'order_id'" in str(refused(frame))


def test_numbers_that_were_read_as_null_are_missed() -> None:
    rows = pd.DataFrame(
        {"customer_id": [1, 1], "category": [0.5, 1.5], "amount": [1, 2]}
    ).assign(date=pd.Timestamp("2011-05-01"))
    summary = summarize(rows, as_of=AS_OF, mergeable=True)
    frame = state_of(summary)
    assert Summary.from_state_frame(frame) == summary
    frame.loc[by_part(frame, "category").index[0], "number"] = np.nan
    assert "the number of every row of part 'category'" in str(refused(frame))


@pytest.mark.parametrize("period", ["month", "week"])
def test_blocks_must_start_where_they_do(period: Any) -> None:
    frame = state_of(full(period=period))
    for part in ("cell", "order_id"):
        other = frame.copy()
        other.loc[by_part(frame, part).index[0], "start"] += 1
        assert f"the first day of a {period}" in str(refused(other))


def test_values_must_be_of_periods_that_are_there() -> None:
    frame = state_of(full(mergeable=False))
    at = by_part(frame, "period").index[0]
    for shift in (1, -10_000, 10_000):
        other = frame.copy()
        other.loc[at, "start"] += shift
        assert "own periods" in str(refused(other))
    frame.loc[at, "value"] = 0
    assert "with value" in str(refused(frame))


@pytest.mark.parametrize("name", ["days", "nameless"])
@pytest.mark.parametrize("mask", [2**32, -1])
def test_days_of_a_block_must_fit_their_bits(name: str, mask: int) -> None:
    frame = state_of(full())
    frame.loc[by_part(frame, "cell").index[0], name] = mask
    assert name in str(refused(frame))


def test_unknown_parts_are_refused() -> None:
    frame = state_of(full())
    frame.loc[3, "part"] = "visit"
    assert "part must be one of about, customer" in str(refused(frame))


@pytest.mark.parametrize("frame", [None, "state", [1], {"part": ["about"]}])
def test_what_is_no_frame_is_refused(frame: Any) -> None:
    with pytest.raises(InvalidInputError, match="frame"):
        Summary.from_state_frame(frame)


def test_a_lazy_frame_must_be_collected_first() -> None:
    lazy = evolve(full(), kind="polars").to_state_frame().lazy()
    assert "collect" in str(refused(lazy))
