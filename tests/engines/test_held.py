"""Summaries that stay in their engine: fitted there, and classified there, the same."""

import json
import pickle
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from customer_identification import (
    ABCClassifier,
    AttitudeLoyaltyClassifier,
    BadRowsError,
    EngineError,
    EngineSummary,
    IdentificationProgram,
    Identifier,
    InvalidInputError,
    LoyaltyClassifier,
    TermClassifier,
    ValueTrajectoryClassifier,
    from_dict,
    summarize,
    summarize_in_engine,
    to_dict,
)
from customer_identification.engines import hooks
from engines.makers import KINDS, LANE, frame_of


LAZY = [
    kind
    for kind in ("polars lazy", "duckdb", "dask", "ibis", "pyspark")
    if kind in KINDS
]

pytestmark = [
    pytest.mark.skipif(not LAZY, reason="this run has no engine that is lazy"),
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    # A week a column is more than pandas likes to be given one by one, in Dask.
    pytest.mark.filterwarnings("ignore:DataFrame is highly fragmented"),
    # Ibis asks DuckDB for batches by a name that is going out of use.
    pytest.mark.filterwarnings("ignore:.*fetch_record_batch:DeprecationWarning"),
]

AS_OF = "2011-12-05"
PROGRAM = IdentificationProgram(
    classifiers={
        "loyalty": LoyaltyClassifier(),
        "value": ABCClassifier(),
        "computed": ABCClassifier(computed=True),
        "top": ABCClassifier(customer_shares=(0.05, 0.2)),
        "limits": ABCClassifier(thresholds=(200, 50)),
        "trajectory": ValueTrajectoryClassifier(seasonal=True),
        "term": TermClassifier(),
        "often": AttitudeLoyaltyClassifier(),
    }
)


def sales(case: str) -> pa.Table:
    """Make three thousand transactions of 150 customers, some rows of them bad."""
    rng = np.random.Generator(np.random.PCG64(11))
    n = 3000
    days = np.datetime64("2011-01-01", "D") + rng.integers(0, 345, n)
    ids = rng.integers(0, 150, n) ** 2 // 100
    amounts = np.round(rng.lognormal(3, 1, n), 2) * rng.choice([1, 1, 1, -1], n)
    columns: dict[str, Any] = {
        "customer_id": pa.array(ids),
        "date": pa.array(days),
        "amount": pa.array(np.where(rng.random(n) < 0.01, np.nan, amounts)),
        "discount": pa.array(rng.choice([0.0, 0.0, 1.0, np.nan], n)),
    }
    if case != "plain":
        text = [None if one % 40 == 7 else f"C{one}" for one in ids.tolist()]
        orders = [
            None if one % 9 == 0 else one for one in rng.integers(0, 900, n).tolist()
        ]
        columns["customer_id"] = pa.array(text)
        columns["order_id"] = pa.array(orders, pa.int64())
        columns["category"] = pa.array(rng.choice(["wine", "bread", "cheese"], n))
        columns["profit"] = pa.array(np.round(amounts / 3, 2))
    return pa.table(columns)


def options(case: str) -> dict[str, Any]:
    period = {"plain": "month", "rich": "week", "quarters": "quarter"}[case]
    return {"as_of": AS_OF, "period": period, "on_bad_rows": "report"}


def held_of(kind: str, case: str, **others: Any) -> EngineSummary:
    return summarize_in_engine(frame_of(kind, sales(case)), **options(case), **others)


def classes_of(frame: Any) -> pd.DataFrame:
    """Give the engine's own frame of classes as pandas, in order of the ids."""
    made = nw.from_native(frame)
    eager = made.collect() if isinstance(made, nw.LazyFrame) else made
    return eager.to_pandas().sort_values("customer_id").reset_index(drop=True)


def expected(identifier: Identifier, case: str) -> dict[str, list[Any]]:
    found = identifier.identify(summarize(sales(case), **options(case)))
    return {
        "customer_id": found.summary.customer_ids.tolist(),
        **{
            f"{name}_class": [one.labels[code] for code in one.codes]
            for name, one in found.classes.items()
        },
    }


def programs() -> IdentificationProgram:
    return IdentificationProgram() if LANE else PROGRAM


@pytest.mark.parametrize("kind", LAZY)
@pytest.mark.parametrize(
    "case", ["plain", "rich"] if LANE else ["plain", "rich", "quarters"]
)
def test_what_an_engine_holds_is_fitted_and_classified_as_if_it_were_here(
    kind: str, case: str
) -> None:
    here = summarize(sales(case), **options(case))
    with held_of(kind, case) as held:
        assert held.report == here.report
        assert held.collect() == here
        identifier = programs().fit(held)
        assert identifier == programs().fit(here)
        classes = classes_of(held.identify(identifier))
        assert classes.to_dict("list") == expected(identifier, case)


@pytest.mark.parametrize("kind", LAZY)
def test_a_year_without_dates_or_amounts_is_held_too(kind: str) -> None:
    rich, plain = sales("rich"), sales("plain")
    for table, columns in (
        (rich, {"date": None}),
        (plain, {"date": None}),
        (rich, {"amount": None, "profit": None}),
    ):
        asked = {"as_of": AS_OF, "columns": columns, "on_bad_rows": "report"}
        here = summarize(table, **asked)
        with summarize_in_engine(frame_of(kind, table), **asked) as held:
            assert held.report == here.report
            assert held.collect() == here
            program = IdentificationProgram(
                classifiers={
                    "value": ABCClassifier(),
                    "trajectory": ValueTrajectoryClassifier(seasonal=True),
                    "loyalty": LoyaltyClassifier(),
                },
                set_apart=None,
            )
            assert program.fit(held) == program.fit(here)


@pytest.mark.parametrize(
    "kind", [kind for kind in LAZY if kind in {"polars lazy", "duckdb"}]
)
class TestHere:
    """What is the same in every engine, asked of the two that are always there."""

    def test_a_fit_takes_few_passes_and_tells_of_each(self, kind: str) -> None:
        told: list[tuple[str, int, int]] = []
        with held_of(kind, "plain", progress=lambda *one: told.append(one)) as held:
            assert [done for _, done, _ in told] == [1, 2, 3, 4]
            assert {of for *_, of in told} == {4}
            told.clear()
            ABCClassifier(value_shares=(0.8, 0.95)).fit(held)  # type: ignore[arg-type]
        assert 1 <= len(told) <= 5
        assert [done for _, done, _ in told] == list(range(1, len(told) + 1))
        assert {of for *_, of in told} == {0}

    def test_nothing_counts_is_an_empty_summary(self, kind: str) -> None:
        table = sales("rich")
        asked = {"as_of": "2010-12-31", "on_bad_rows": "report"}
        with summarize_in_engine(frame_of(kind, table), **asked) as held:
            assert held.collect() == summarize(table, **asked)
            assert held.periods.size == 0
            identifier = IdentificationProgram().fit(held)
            assert classes_of(held.identify(identifier)).empty

    def test_since_begins_the_periods(self, kind: str) -> None:
        table = sales("plain")
        asked = {"as_of": AS_OF, "since": "2011-03-15", "on_bad_rows": "report"}
        here = summarize(table, **asked)
        with summarize_in_engine(frame_of(kind, table), **asked) as held:
            assert held.collect() == here
            assert held.periods.tolist() == here.periods.tolist()
            assert (held.period_totals() == here.period_totals()).all()

    def test_without_periods_there_are_no_values_by_period(self, kind: str) -> None:
        asked = {"as_of": AS_OF, "period": None, "on_bad_rows": "report"}
        with summarize_in_engine(frame_of(kind, sales("plain")), **asked) as held:
            assert held.period is None
            assert held.period_totals() is None
            assert held.collect() == summarize(sales("plain"), **asked)

    def test_its_repr_tells_the_engine_and_no_customer(self, kind: str) -> None:
        with held_of(kind, "rich") as held:
            engine = kind.split(maxsplit=1)[0]
            assert repr(held) == f"EngineSummary(in {engine}, as of {AS_OF})"
            assert held.minor_units == 2

    def test_what_is_let_go_cannot_be_asked_any_more(self, kind: str) -> None:
        held = held_of(kind, "plain")
        held.close()
        if kind == "duckdb":  # Polars forgets when nobody knows the frame any more
            with pytest.raises(EngineError):
                held.collect()
            with pytest.raises(EngineError):
                held.period_totals()

    def test_only_an_identifier_identifies(self, kind: str) -> None:
        with held_of(kind, "plain") as held:
            with pytest.raises(InvalidInputError, match="an Identifier"):
                held.identify(5)
            with pytest.raises(InvalidInputError, match="of class Summary"):
                IdentificationProgram().fit(held).identify(held)  # type: ignore[arg-type]

    def test_bad_rows_raise_as_elsewhere(self, kind: str) -> None:
        with pytest.raises(BadRowsError, match="no amount"):
            summarize_in_engine(frame_of(kind, sales("plain")), as_of=AS_OF)

    def test_a_batch_of_any_customers_in_any_order_has_the_same_classes(
        self, kind: str
    ) -> None:
        with held_of(kind, "rich") as held:
            identifier = PROGRAM.fit(held)
            function = identifier.on_batches(held.layout)
            frame = nw.from_native(held.frame).collect(backend="pyarrow").to_native()
        wanted = pd.DataFrame(expected(identifier, "rich"))
        again = pickle.loads(pickle.dumps(function))  # noqa: S301  # our own
        assert again == function
        backwards = frame.take(list(range(len(frame)))[::-1])
        some = backwards.slice(3, 40).combine_chunks().to_batches()[0]
        classes = again(some)
        assert classes.schema == function.schema
        assert list(hooks._over_batches(again, [some, some])) == [classes, classes]
        ids = sorted(some.column("customer_id").to_pylist())
        rows = wanted[wanted["customer_id"].isin(ids)].reset_index(drop=True)
        assert classes.to_pandas().to_dict("list") == rows.to_dict("list")

    def test_rules_kept_as_json_classify_in_the_engine(self, kind: str) -> None:
        with held_of(kind, "plain") as held:
            identifier = IdentificationProgram().fit(held)
            kept = from_dict(json.loads(json.dumps(to_dict(identifier))))
            assert held.layout.summary(_all(held)) == held.collect()
            assert classes_of(held.identify(kept)).equals(
                classes_of(held.identify(identifier))
            )

    def test_a_batch_must_have_every_column_and_each_customer_once(
        self, kind: str
    ) -> None:
        with held_of(kind, "plain") as held:
            frame, layout = _all(held), held.layout
        with pytest.raises(InvalidInputError, match="value_3"):
            layout.summary(frame.drop_columns("value_3"))
        with pytest.raises(InvalidInputError, match="once"):
            layout.summary(pa.concat_tables([frame, frame.slice(0, 1)]))
        rows = pa.array([None, *frame["rows"].to_pylist()[1:]], pa.int64())
        at = frame.column_names.index("rows")
        with pytest.raises(InvalidInputError, match="rows must be a whole number"):
            layout.summary(frame.set_column(at, "rows", rows))


def _all(held: EngineSummary) -> pa.Table:
    frame = nw.from_native(held.frame).collect(backend="pyarrow").to_native()
    assert isinstance(frame, pa.Table)
    return frame


def test_frames_of_this_process_are_sent_to_summarize() -> None:
    with pytest.raises(InvalidInputError, match="summarize takes all others"):
        summarize_in_engine(sales("plain").to_pandas(), as_of=AS_OF)
