"""Months are added and dropped without reading a transaction again, to the last cell."""

import calendar
import itertools
import math
import pickle
from datetime import date, timedelta
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    IdentificationProgram,
    InvalidInputError,
    Summary,
    Transaction,
    summarize,
)
from customer_identification.aggregate import Visits
from customer_identification.arrays import union
from customer_identification.cells import (
    Cells,
    add_part,
    block_starts,
    blocks_of,
    cells_of,
    place_cells,
    total_of,
    visit,
)
from customer_identification.history import (
    History,
    no_visits,
    pairs_of,
    statistics_of,
    visit_all,
)
from tables import AS_OF, arrow_of, oracle, tables


few = settings(derandomize=True, max_examples=60, deadline=None)
fewer = settings(derandomize=True, max_examples=25, deadline=None)

EPOCH = date(1970, 1, 1)
ONE_DAY = timedelta(days=1)
PERIODS = ("month", "week", "quarter", None)
CUTS = st.dates(date(2011, 1, 10), AS_OF)
SINCE = st.none() | st.dates(date(2011, 1, 1), date(2011, 1, 31))


def day_of(moment: date) -> int:
    return (moment - EPOCH).days


def between(table: pa.Table, first: date, last: date) -> pa.Table:
    """Give the rows of some days."""
    days = table["date"].to_pylist()
    inside = [first <= day.date() <= last for day in days]
    return table.filter(pa.array(inside, pa.bool_()))


def stamps(*days: date) -> pa.Array:
    return pa.array(days, pa.date32()).cast(pa.timestamp("s"))


def parts_of(
    table: pa.Table,
    cuts: list[date],
    *,
    since: date | None,
    as_of: date,
    **options: Any,
) -> list[Summary]:
    """Summarize the days before the first cut, those from it to the next, and so on."""
    starts = [since, *cuts]
    ends = [*(cut - ONE_DAY for cut in cuts), as_of]
    read_from = [date.min, *cuts]
    read_to = [*ends[:-1], date.max]
    return [
        summarize(
            between(table, first, last),
            since=start,
            as_of=end,
            mergeable=True,
            **options,
        )
        for first, last, start, end in zip(
            read_from, read_to, starts, ends, strict=True
        )
    ]


def merged(parts: list[Summary]) -> Summary:
    return reduce(Summary.merge, parts)


def differences(one: Summary, other: Summary) -> list[str]:
    """Name the attributes that differ, for a readable failure."""
    return [
        field.name
        for field in fields(Summary)
        if field.eq and evolve(one, **{field.name: getattr(other, field.name)}) != one
    ]


def assert_same(found: Summary, expected: Summary) -> None:
    assert differences(found, expected) == []
    assert found == expected


def assert_agrees(found: Summary, rows: Any, **options: Any) -> None:
    """Compare with what plain Python finds, row by row."""
    expected = oracle(rows, **options)
    report = expected.pop("report")
    for name, values in expected.items():
        column = getattr(found, name)
        if (
            values is not None
            and any(isinstance(value, float) and math.isnan(value) for value in values)
        ) or (column is not None and column.dtype.kind == "f"):
            np.testing.assert_allclose(column, values, rtol=1e-15)
        else:
            assert (None if column is None else column.tolist()) == values, name
    aside = {why: (n, money) for why, n, money in found.report.set_aside}
    assert aside == report.pop("set_aside")
    assert {name: getattr(found.report, name) for name in report} == report


def sale(customer: Any, day: str, amount: Any = 1, **more: Any) -> Transaction:
    moment = date.fromisoformat(day)
    return Transaction(customer_id=customer, date=moment, amount=amount, **more)


# --- what is added ---------------------------------------------------------------------


@few
@given(rows=tables(), cut=CUTS, since=SINCE, period=st.sampled_from(PERIODS))
def test_two_parts_merge_into_what_one_reading_finds(
    rows: Any, cut: date, since: Any, period: Any
) -> None:
    options: Any = {"since": since, "as_of": AS_OF, "period": period}
    if since is not None and since >= cut:
        since = options["since"] = None
    table = arrow_of(rows)
    found = merged(parts_of(table, [cut], **options))
    assert_same(found, summarize(table, mergeable=True, **options))
    if period is not None:
        assert_agrees(found, rows, since=since, period=period)


@few
@given(
    rows=tables(most=30),
    cuts=st.lists(CUTS, min_size=2, max_size=8, unique=True).map(sorted),
    period=st.sampled_from(PERIODS),
)
def test_many_parts_merge_in_turn(rows: Any, cuts: Any, period: Any) -> None:
    options: Any = {"since": None, "as_of": AS_OF, "period": period}
    table = arrow_of(rows)
    found = merged(parts_of(table, cuts, **options))
    assert_same(found, summarize(table, mergeable=True, **options))


@fewer
@given(
    rows=tables(most=30, least=1),
    begin=CUTS.filter(lambda day: day < AS_OF - timedelta(days=12)),
    period=st.sampled_from(PERIODS),
)
def test_single_days_merge_in_turn(rows: Any, begin: date, period: Any) -> None:
    days = [begin + timedelta(days=i) for i in range(12)]
    options: Any = {"since": None, "as_of": AS_OF, "period": period}
    table = arrow_of(rows)
    found = merged(parts_of(table, days, **options))
    assert_same(found, summarize(table, mergeable=True, **options))


@fewer
@given(
    rows=tables(most=30),
    cuts=st.lists(CUTS, min_size=2, max_size=2, unique=True).map(sorted),
    period=st.sampled_from(PERIODS),
)
def test_it_does_not_matter_what_is_merged_first(
    rows: Any, cuts: Any, period: Any
) -> None:
    options: Any = {"since": date(2011, 1, 5), "as_of": AS_OF, "period": period}
    one, two, three = parts_of(arrow_of(rows), cuts, **options)
    assert_same(one.merge(two.merge(three)), one.merge(two).merge(three))


@fewer
@given(rows=tables(most=20), cut=CUTS, columns=st.sampled_from(["amount", "profit"]))
def test_merging_needs_no_amounts(rows: Any, cut: date, columns: str) -> None:
    options: Any = {
        "since": None,
        "as_of": AS_OF,
        "columns": {"amount": None, "discount": None, columns: None},
    }
    table = arrow_of(rows)
    found = merged(parts_of(table, [cut], **options))
    assert_same(found, summarize(table, mergeable=True, **options))


def test_an_order_on_both_sides_of_the_cut_is_one_purchase() -> None:
    sales = [
        sale(1, "2011-01-31", order_id="a"),
        sale(1, "2011-02-01", order_id="a"),
        sale(1, "2011-02-01", order_id="b"),
        sale(1, "2011-01-31"),
        sale(1, "2011-02-01"),
        sale(1, "2011-02-01"),
    ]
    early, late = (
        summarize(
            [one for one in sales if one.date.month == month],  # type: ignore[union-attr]
            since=date(2011, month, 1),
            as_of=date(2011, month, 1) + timedelta(days=30 if month == 1 else 27),
            mergeable=True,
        )
        for month in (1, 2)
    )
    found = early.merge(late)
    # Orders a and b, and one day without an order on either side.
    assert found.purchases.tolist() == [4]
    assert found.report.merged == 2
    assert (early.purchases + late.purchases).tolist() == [5]


@pytest.mark.parametrize("period", PERIODS)
def test_customers_may_come_and_go(period: Any) -> None:
    options: Any = {"period": period, "mergeable": True}
    early = [sale(one, "2011-01-10") for one in ("a", "c")]
    late = [sale(one, "2011-01-20") for one in ("b", "c", "d")]
    first = summarize(early, as_of="2011-01-15", **options)
    second = summarize(late, since="2011-01-16", as_of="2011-02-28", **options)
    found = first.merge(second)
    assert found.customer_ids.tolist() == ["a", "b", "c", "d"]
    assert found.purchase_days is not None
    assert found.purchase_days.tolist() == [1, 1, 2, 1]
    assert found.squared_gaps is not None
    assert found.squared_gaps.tolist() == [0, 0, 100, 0]
    assert_same(found, summarize(early + late, as_of="2011-02-28", **options))


@pytest.mark.parametrize("period", PERIODS)
def test_a_side_without_rows_adds_nothing_but_time(period: Any) -> None:
    options: Any = {"period": period, "mergeable": True}
    some = [sale("a", "2011-01-10"), sale("b", "2011-01-12", -2)]
    for early, late in ((some, []), ([], some), ([], [])):
        cut = "2011-01-31" if late is not some else "2011-01-09"
        first = summarize(early, as_of=cut, **options)
        since = date.fromisoformat(cut) + ONE_DAY
        second = summarize(late, since=since, as_of="2011-03-05", **options)
        everything = summarize(early + late, as_of="2011-03-05", **options)
        if early or late:
            assert_same(first.merge(second), everything)
        assert first.merge(second).report == everything.report


def test_a_side_whose_customers_are_all_set_aside_keeps_their_kind_of_id() -> None:
    nobody_yet = [sale("a", "2011-03-10")]
    options: Any = {"mergeable": True, "since": "2011-01-01"}
    first = summarize(nobody_yet, as_of="2011-01-31", **options)
    second = summarize([], as_of="2011-02-28", mergeable=True, since="2011-02-01")
    found = first.merge(second)
    assert_same(found, summarize(nobody_yet, as_of="2011-02-28", **options))


@pytest.mark.parametrize("since", [None, date(2011, 1, 5)])
@pytest.mark.parametrize("period", PERIODS)
def test_a_column_that_nobody_fills_in_one_part_merges(
    period: Any, since: date | None
) -> None:
    days = [date(2011, 1, 10), date(2011, 1, 11), date(2011, 2, 20), date(2011, 2, 21)]
    nothing: list[Any] = [None, None]
    for words in (["x", "y"], [1, 2], [0.5, 1.5]):
        for values in (nothing + words, words + nothing, words + words[::-1]):
            table = pa.table(
                {
                    "customer_id": [1, 2, 1, 2],
                    "date": stamps(*days),
                    "amount": [1, 2, 3, 4],
                    "order_id": values,
                    "category": values,
                    "channel": values,
                }
            )
            options: Any = {"since": since, "as_of": AS_OF, "period": period}
            found = merged(parts_of(table, [date(2011, 2, 1)], **options))
            assert_same(found, summarize(table, mergeable=True, **options))


@pytest.mark.parametrize("kind", ["pandas", "nullable", "polars", "pyarrow"])
def test_whole_numbers_merge_with_and_without_nulls_beside_them(kind: str) -> None:
    table = pa.table(
        {
            "customer_id": [1, 1, 2],
            "date": stamps(date(2011, 1, 10), date(2011, 1, 11), date(2011, 2, 20)),
            "amount": [1, 2, 3],
            "category": pa.array([7, None, 7], pa.int64()),
        }
    )
    make: Any = {
        "pandas": lambda one: one.to_pandas(),
        "nullable": lambda one: one.to_pandas(
            types_mapper={pa.int64(): pd.Int64Dtype()}.get
        ),
        "polars": pl.from_arrow,
        "pyarrow": lambda one: one,
    }[kind]
    early = summarize(make(table[:2]), as_of="2011-01-31", mergeable=True)
    late = summarize(
        make(table[2:]), since="2011-02-01", as_of="2011-02-28", mergeable=True
    )
    whole = summarize(make(table), as_of="2011-02-28", mergeable=True)
    assert_same(early.merge(late), whole)


def test_whole_numbers_and_others_merge() -> None:
    table = pa.table(
        {
            "customer_id": [1, 1, 2],
            "date": stamps(date(2011, 1, 10), date(2011, 1, 11), date(2011, 2, 20)),
            "amount": [1, 2, 3],
            "category": [1.0, 2.0, 2.5],
        }
    )
    options: Any = {"since": None, "as_of": date(2011, 2, 28)}
    found = merged(parts_of(table, [date(2011, 2, 1)], **options))
    assert_same(found, summarize(table, mergeable=True, **options))


def test_attitudes_are_left_out_of_what_is_merged() -> None:
    first = summarize([sale(1, "2011-01-10")], as_of="2011-01-31", mergeable=True)
    second = summarize([], since="2011-02-01", as_of="2011-02-28", mergeable=True)
    assert first.with_attitudes({1: 0.5}).merge(second).attitude is None


def test_neither_side_of_a_merge_is_changed() -> None:
    sales = [sale(1, "2011-01-10"), sale(1, "2011-01-20")]
    first, second = parts_of(
        pa.table(
            {
                "customer_id": [one.customer_id for one in sales],
                "date": stamps(*(one.date for one in sales)),
                "amount": [1, 1],
            }
        ),
        [date(2011, 1, 15)],
        since=None,
        as_of=AS_OF,
    )
    before = pickle.dumps((first, second))
    first.merge(second)
    first.merge(second)
    assert pickle.loads(before) == (first, second)  # noqa: S301


# --- what is dropped -------------------------------------------------------------------


def starts_of(period: Any) -> Any:
    """Draw first days of months; Mondays where values go by week."""
    if period == "week":
        return st.integers(-3, 17).map(lambda i: date(2011, 1, 3) + timedelta(weeks=i))
    return st.sampled_from(
        [date(2010, 12, 1), *(date(2011, i, 1) for i in range(1, 6))]
    )


@few
@given(data=st.data(), rows=tables(most=20, bad=True), period=st.sampled_from(PERIODS))
def test_dropping_days_finds_what_reading_without_them_does(
    data: Any, rows: Any, period: Any
) -> None:
    day = data.draw(starts_of(period))
    options: Any = {"as_of": AS_OF, "period": period, "on_bad_rows": "report"}
    options["mergeable"] = True
    table = arrow_of(rows)
    found = summarize(table, **options).drop_before(day)
    assert_same(found, summarize(table, since=day, **options))
    if period is not None:
        assert_agrees(found, rows, since=day, period=period)


@few
@given(data=st.data(), rows=tables(most=20), cut=CUTS, period=st.sampled_from(PERIODS))
def test_what_is_merged_can_be_dropped_and_merged_again(
    data: Any, rows: Any, cut: date, period: Any
) -> None:
    day = data.draw(starts_of(period).filter(lambda day: day < cut))
    options: Any = {"as_of": AS_OF, "period": period}
    table = arrow_of(rows)
    whole = summarize(table, since=day, mergeable=True, **options)
    early, late = parts_of(table, [cut], since=None, **options)
    assert_same(early.merge(late).drop_before(day), whole)
    assert_same(early.drop_before(day).merge(late), whole)


def test_dropping_nothing_gives_the_same() -> None:
    found = summarize(
        [sale(1, "2011-01-10")], since="2011-01-05", as_of="2011-01-31", mergeable=True
    )
    assert found.drop_before("2011-01-01") is found
    assert found.drop_before(date(1960, 5, 1)) is found


def test_attitudes_are_left_out_of_what_remains() -> None:
    found = summarize([sale(1, "2011-01-10")], as_of="2011-01-31", mergeable=True)
    assert found.with_attitudes({1: 0.5}).drop_before("2011-01-01").attitude is None


def random_rows(n: int, n_customers: int, first: date, last: date) -> pa.Table:
    """Give rows with every column, some back, free or nameless."""
    rng = np.random.default_rng(11)  # noqa: TID251 - a test's own dice
    days = rng.integers(day_of(first), day_of(last) + 1, n)

    def some(values: list[Any]) -> Any:
        return [values[i] for i in rng.integers(0, len(values), n)]

    return pa.table(
        {
            "customer_id": [f"c{i}" for i in rng.integers(0, n_customers, n)],
            "date": pa.array(days.astype("M8[D]").astype("M8[s]")),
            "amount": rng.integers(-30, 900, n) / 100,
            "profit": rng.integers(-30, 90, n) / 100,
            "order_id": some([None, *(f"o{i}" for i in range(40))]),
            "discount": some([None, 0.0, 0.5]),
            "category": some([None, "food", "toys", "tools"]),
            "channel": some(["shop", "web"]),
        }
    )


def next_month(day: date, months: int = 1) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@pytest.mark.parametrize("period", PERIODS)
def test_a_window_slides_for_two_years(period: Any) -> None:
    begin = date(2010, 1, 1)
    table = random_rows(3000, 120, begin, date(2012, 7, 31))
    if period == "week":
        begin = date(2010, 1, 4)
        starts = [begin + timedelta(weeks=4 * i) for i in range(31)]
    else:
        starts = [next_month(begin, i) for i in range(31)]
    options: Any = {"period": period, "mergeable": True}

    def read(first: date, end: date) -> pa.Table:
        return between(table, first, end - ONE_DAY)

    window = summarize(
        read(begin, starts[6]), as_of=starts[6] - ONE_DAY, since=begin, **options
    )
    for step in range(24):
        first, end = starts[step + 6], starts[step + 7]
        month = summarize(read(first, end), since=first, as_of=end - ONE_DAY, **options)
        window = window.merge(month).drop_before(starts[step + 1])
        if step % 5 == 3:
            recount = summarize(
                read(begin, end),
                since=starts[step + 1],
                as_of=end - ONE_DAY,
                **options,
            )
            assert_same(window, recount)


def test_rules_learned_from_a_merged_summary_are_those_of_a_recount() -> None:
    begin, end = date(2010, 1, 1), date(2011, 12, 31)
    table = random_rows(4000, 150, begin, end)
    cuts = [date(2010, 9, 14), date(2011, 3, 1), date(2011, 12, 31)]
    options: Any = {"since": begin, "as_of": end}
    found = merged(parts_of(table, cuts, **options))
    whole = summarize(table, **options)
    program = IdentificationProgram(set_apart=None)
    learned, expected = program.fit(found), program.fit(whole)
    assert learned == expected
    classes = learned.identify(found)
    again = expected.identify(whole)
    assert classes.classes == again.classes
    assert len(again.classes) > 0
    assert len({*next(iter(again.classes.values())).codes.tolist()}) > 1


# --- what is refused -------------------------------------------------------------------


def january(**options: Any) -> Summary:
    options = {"as_of": "2011-01-31", "mergeable": True, **options}
    return summarize([sale(1, "2011-01-10", profit=1)], **options)


def february(**options: Any) -> Summary:
    ids = options.pop("customer", 1)
    options = {
        "since": "2011-02-01",
        "as_of": "2011-02-28",
        "mergeable": True,
        **options,
    }
    return summarize([sale(ids, "2011-02-28", profit=1)], **options)


def test_what_is_merged_must_keep_its_history() -> None:
    for early, late in (
        (january(mergeable=False), february()),
        (january(), february(mergeable=False)),
    ):
        with pytest.raises(InvalidInputError, match="mergeable=True") as caught:
            early.merge(late)
        assert caught.value.code == "no_history"
    with pytest.raises(InvalidInputError, match="mergeable=True"):
        january(mergeable=False).drop_before("2011-01-01")


@pytest.mark.parametrize("since", [None, "2011-02-02", "2011-01-31", "2011-02-28"])
def test_what_is_merged_must_begin_where_the_other_ends(since: Any) -> None:
    with pytest.raises(InvalidInputError, match="since=2011-02-01") as caught:
        january().merge(february(since=since))
    assert caught.value.code == "since"


@pytest.mark.parametrize(
    "options",
    [
        {"period": "week"},
        {"period": None},
        {"minor_units": 0},
        {"columns": {"profit": None}},
        {"columns": {"amount": None}},
    ],
)
def test_what_is_merged_must_be_counted_alike(options: Any) -> None:
    for early, late in (
        (january(), february(**options)),
        (january(**options), february()),
    ):
        with pytest.raises(InvalidInputError, match="same columns, period") as caught:
            early.merge(late)
        assert caught.value.code == "other_units"


def test_what_is_merged_must_have_orders_on_both_sides_or_on_none() -> None:
    with_orders = summarize(
        [sale(1, "2011-02-28", profit=1, order_id="o")],
        since="2011-02-01",
        as_of="2011-02-28",
        mergeable=True,
    )
    with pytest.raises(InvalidInputError, match="same columns"):
        january().merge(with_orders)


def test_what_is_merged_must_have_ids_of_one_kind() -> None:
    with pytest.raises(InvalidInputError, match="text on both sides") as caught:
        january().merge(february(customer="1"))
    assert caught.value.code == "not_an_id"


@pytest.mark.parametrize("other", [None, "2011-02", 5])
def test_only_a_summary_can_be_merged(other: Any) -> None:
    with pytest.raises(InvalidInputError, match="Summary"):
        january().merge(other)


@pytest.mark.parametrize(
    ("period", "day", "message"),
    [
        ("month", "2011-01-02", "the first of a month"),
        ("quarter", "2010-12-31", "the first of a month"),
        (None, "2011-01-31", "the first of a month"),
        ("week", "2011-01-01", "the first of a week"),
        ("week", "2011-01-04", "the first of a week"),
        ("month", "2011-02-01", "after as_of"),
        ("month", "2011-01", "a day"),
        ("month", 5, "a day"),
    ],
)
def test_a_window_can_only_begin_where_days_are_kept_apart(
    period: Any, day: Any, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        january(period=period).drop_before(day)


def test_transactions_without_dates_cannot_be_merged() -> None:
    for rows in ([sale(1, "2011-01-10")], []):
        with pytest.raises(InvalidInputError, match="with dates") as caught:
            summarize(rows, as_of="2011-01-31", columns={"date": None}, mergeable=True)
        assert caught.value.code == "missing_column"


# --- history as a value ----------------------------------------------------------------


def test_nothing_in_a_history_can_be_changed() -> None:
    table = random_rows(50, 5, date(2011, 1, 1), date(2011, 4, 30))
    early, late = parts_of(table, [date(2011, 2, 15)], since=None, as_of=AS_OF)
    for found in (
        early,
        early.merge(late),
        early.merge(late).drop_before("2011-02-01"),
    ):
        assert found.history is not None
        cells = found.history.cells
        arrays = [cells.codes, cells.blocks, cells.days, cells.nameless]
        arrays += cells.sums.values()
        for pairs in found.history.pairs.values():
            arrays += [pairs.codes, pairs.blocks, pairs.values, pairs.words]
        for values in arrays:
            assert values is not None
            with pytest.raises(ValueError, match="read-only"):
                values[...] = values
        with pytest.raises(AttributeError):
            found.history.weekly = True  # type: ignore[misc]


def test_a_history_pickles_and_compares() -> None:
    table = random_rows(50, 5, date(2011, 1, 1), date(2011, 4, 30))
    early, late = parts_of(table, [date(2011, 2, 15)], since=None, as_of=AS_OF)
    found = early.merge(late)
    again = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert again == found
    assert hash(again) == hash(found)
    assert again.history == found.history != early.history
    assert evolve(found, history=None) != found
    assert found.history is not None
    cells = found.history.cells
    for name, values in cells.sums.items():
        fewer = {key: one for key, one in cells.sums.items() if key != name}
        assert evolve(cells, sums=fewer) != cells
        assert evolve(cells, sums={**cells.sums, name: values + 1}) != cells


def test_what_a_history_shows_is_a_count() -> None:
    found = summarize(
        [sale("Müller", "2011-01-10", order_id="o77")],
        as_of="2011-02-28",
        mergeable=True,
    )
    assert repr(found.history) == "History(1 cells)"
    assert found.history is not None
    shown = f"{found!r}{found.history.cells!r}{found.history.pairs!r}"
    for secret in ("Müller", "o77", "100"):
        assert secret not in shown
    assert len(found.history.cells) == 1


def test_some_customers_leave_history_behind() -> None:
    assert january().take([0]).history is None
    assert january().history is not None
    assert january(mergeable=False).history is None


def test_a_history_changes_nothing_else() -> None:
    table = random_rows(200, 9, date(2011, 1, 1), date(2011, 4, 30))
    for period in PERIODS:
        kept = summarize(table, as_of=AS_OF, period=period, mergeable=True)
        assert_same(
            evolve(kept, history=None), summarize(table, as_of=AS_OF, period=period)
        )


# --- kernels ---------------------------------------------------------------------------

DAYS = st.dates(date(1600, 1, 1), date(2400, 12, 31))


@few
@given(day=DAYS)
def test_blocks_are_calendar_months_and_weeks(day: date) -> None:
    number = day_of(day)
    [month] = blocks_of([number], weekly=False).tolist()
    assert month == (day.year - 1970) * 12 + day.month - 1
    assert block_starts([month], weekly=False).tolist() == [day_of(day.replace(day=1))]
    [week] = blocks_of([number], weekly=True).tolist()
    monday = day - timedelta(days=day.weekday())
    assert block_starts([week], weekly=True).tolist() == [day_of(monday)]
    assert monday.isocalendar()[:2] == day.isocalendar()[:2]


@pytest.mark.parametrize("year", [1968, 1969, 1970, 2004, 2010, 2015, 2020])
def test_weeks_go_on_over_the_end_of_a_year(year: int) -> None:
    days = [date(year, 12, 25) + timedelta(days=i) for i in range(14)]
    blocks = blocks_of([day_of(day) for day in days], weekly=True)
    weeks = [day.isocalendar()[:2] for day in days]
    for (one, week), (other, next_week) in itertools.combinations(
        zip(blocks.tolist(), weeks, strict=True), 2
    ):
        assert (one == other) == (week == next_week)


def by_days(bought: dict[int, set[int]], n: int) -> Visits:
    """Count and square gaps with nothing but sets of days."""
    seen = no_visits(n)
    for code, days in bought.items():
        ordered = sorted(days)
        gaps = [b - a for a, b in itertools.pairwise(ordered)]
        if ordered:
            seen.first[code], seen.last[code] = ordered[0], ordered[-1]
        seen.count[code] = len(ordered)
        seen.squared_gaps[code] = sum(gap**2 for gap in gaps)
    return seen


def assert_same_visits(found: Visits, expected: Visits) -> None:
    for name in ("count", "first", "last", "squared_gaps"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.parametrize(
    "start", [date(1969, 12, 1), date(2012, 2, 1), date(2011, 3, 1)]
)
def test_any_one_or_two_days_of_a_month_are_read(start: date) -> None:
    length = calendar.monthrange(start.year, start.month)[1]
    pairs = [*itertools.combinations_with_replacement(range(length), 2)]
    masks = np.array([1 << a | 1 << b for a, b in pairs], dtype=np.uint32)
    seen = no_visits(len(pairs))
    visit(seen, np.arange(len(pairs)), masks, day_of(start))
    bought = {
        i: {day_of(start) + a, day_of(start) + b} for i, (a, b) in enumerate(pairs)
    }
    assert_same_visits(seen, by_days(bought, len(pairs)))


@few
@given(
    first=st.integers(-30, 500),
    months=st.lists(
        st.lists(
            st.integers(0, 2**32 - 1)
            | st.sampled_from([0, 1, 1 << 15, 1 << 16, 1 << 30, 2**31 - 1]),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    ),
    weekly=st.booleans(),
)
def test_days_of_any_blocks_are_visited_in_turn(
    first: int, months: Any, weekly: Any
) -> None:
    n = 3
    bought: dict[int, set[int]] = {code: set() for code in range(n)}
    rows = []
    for block, masks in enumerate(months, first):
        start, end = block_starts([block, block + 1], weekly=weekly).tolist()
        for code, mask in enumerate(masks):
            days = [i for i in range(end - start) if mask >> i & 1]
            bought[code] |= {start + i for i in days}
            rows.append((code, block, sum(1 << i for i in days)))
    codes, blocks, days = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    cells = Cells(
        codes=codes.astype(np.int32),
        blocks=blocks,
        sums={},
        days=days.astype(np.uint32),
    )
    seen = no_visits(n)
    visit_all(seen, cells, weekly=weekly)
    assert_same_visits(seen, by_days(bought, n))


@few
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.dates(date(1969, 11, 20), date(1970, 3, 5)),
            st.integers(-5, 9),
            st.booleans(),
        ),
        max_size=25,
    ),
    weekly=st.booleans(),
    kinds=st.sampled_from(["all", "bought", "nameless"]),
)
def test_rows_add_up_by_customer_and_block(rows: Any, weekly: Any, kinds: str) -> None:
    codes = np.array([code for code, *_ in rows], dtype=np.int32)
    days = np.array([day_of(day) for _, day, *_ in rows], dtype=np.int32)
    amounts = np.array([amount for _, _, amount, _ in rows], dtype=np.int64)
    flags = np.array([flag for *_, flag in rows], dtype=np.bool_)
    bought = None if kinds == "all" else flags
    nameless = flags & (amounts > 0) if kinds == "nameless" else None
    found, cell_of = cells_of(
        codes,
        days,
        {"rows": (None, None), "amount": (None, amounts), "some": (flags, amounts)},
        (bought, nameless),
        4,
        weekly=weekly,
    )

    def start_of(day: date) -> date:
        back = day.weekday() if weekly else day.day - 1
        return day - timedelta(days=back)

    expected: dict[Any, Any] = {}
    for row, (code, day, amount, flag) in enumerate(rows):
        start = start_of(day)
        one = expected.setdefault((start, code), [0, 0, 0, 0, 0, []])
        bit = 1 << (day - start).days
        one[0] += 1
        one[1] += amount
        one[2] += amount if flag else 0
        one[3] |= bit if flag or kinds == "all" else 0
        one[4] |= bit if flag and amount > 0 else 0
        one[5].append(row)
    order = sorted(expected)
    starts = block_starts(found.blocks, weekly=weekly).tolist()
    assert list(zip(starts, found.codes.tolist(), strict=True)) == [
        (day_of(start), code) for start, code in order
    ]
    for name, at in (("rows", 0), ("amount", 1), ("some", 2)):
        assert found.sums[name].tolist() == [expected[key][at] for key in order]
    assert found.days.tolist() == [expected[key][3] for key in order]
    if kinds == "nameless":
        assert found.nameless is not None
        assert found.nameless.tolist() == [expected[key][4] for key in order]
    else:
        assert found.nameless is None
    for at, key in enumerate(order):
        assert {*cell_of[expected[key][5]].tolist()} == {at}
    assert found.totals() == {
        "rows": len(rows),
        "amount": int(amounts.sum()),
        "some": int(amounts[flags].sum()),
    }


def test_some_rows_add_up_however_they_are_named() -> None:
    codes, amounts = np.array([0, 1, 1]), np.array([5, 7, -2])
    mask, rows = np.array([True, False, True]), np.array([0, 2])
    for some in (mask, rows):
        assert add_part(codes, (some, amounts), 2).tolist() == [5, -2]
        assert add_part(codes, (some, None), 2).tolist() == [1, 1]
        assert total_of((some, amounts), 3) == 3
        assert total_of((some, None), 3) == 2
    assert add_part(codes, (None, amounts), 2).tolist() == [5, 5]
    assert add_part(codes, (None, None), 2).tolist() == [1, 2]
    assert total_of((None, amounts), 3) == 10
    assert total_of((None, None), 3) == 3


def test_places_that_do_not_fit_memory_are_refused() -> None:
    codes, blocks = np.array([0, 1]), np.array([0, 2**20])
    with pytest.raises(InvalidInputError, match="at most 536,870,912"):
        place_cells(codes, blocks, 1000)
    places, first, size = place_cells(codes, blocks - 2**20 + 1, 10)
    assert (places.tolist(), first, size) == ([0, 10_485_761], 1 - 2**20, 10_485_770)
    assert place_cells(codes[:0], blocks[:0], 0)[1:] == (0, 0)


@few
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.integers(-3, 3), st.integers(0, 4)), max_size=20
    )
)
def test_distinct_values_come_in_order_with_the_words_that_are_left(rows: Any) -> None:
    codes, blocks, values = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    words = np.array(list("abcde"), dtype=object)
    found = pairs_of(codes.astype(np.int32), blocks, values, words, 3)
    expected = sorted({(block, code, words[value]) for code, block, value in rows})
    assert [
        (block, code, found.words[value])
        for block, code, value in zip(
            found.blocks.tolist(),
            found.codes.tolist(),
            found.values.tolist(),
            strict=True,
        )
    ] == expected
    assert found.words.tolist() == sorted({word for *_, word in expected})
    counts = [len({w for _, c, w in expected if c == code}) for code in range(3)]
    assert found.count(3).tolist() == counts


def test_without_dates_or_amounts_columns_are_none() -> None:
    purchases = np.array([3, 0])
    columns = statistics_of({}, None, {}, purchases)
    absent = {name for name, values in columns.items() if values is None}
    assert columns.keys() - absent == {"purchases", "refunds", "refund_value"}
    assert columns["refunds"].tolist() == [0, 0]


def test_orders_without_nameless_rows_are_counted_alone() -> None:
    codes, blocks = np.array([0, 1], dtype=np.int32), np.array([0, 0])
    one_day = np.ones(2, dtype=np.uint32)
    words = np.array(["o"], dtype=object)
    pairs = pairs_of(codes, blocks, np.zeros(2, np.int64), words, 2)
    history = History(
        cells=Cells(codes=codes, blocks=blocks, sums={}, days=one_day),
        pairs={"order_id": pairs},
        weekly=False,
    )
    counts = history.counts(2)
    assert history.statistics(2, counts)["purchases"].tolist() == [1, 1]


def test_both_sides_go_into_one_order() -> None:
    ids, at, other_at = union(np.array([1, 3]), np.array([2, 3, 9]))
    assert ids.tolist() == [1, 2, 3, 9]
    assert (at.tolist(), other_at.tolist()) == ([0, 2], [1, 2, 3])
