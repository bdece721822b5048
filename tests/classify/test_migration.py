"""Two dates compared, against counting by hand."""

import pickle
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Classification,
    InvalidInputError,
    Line,
    Measure,
    Summary,
    Transaction,
    classify_by,
    migrate,
    stars_of_tomorrow,
    summarize,
)


few = settings(derandomize=True, max_examples=60, deadline=None)

JULY, AUGUST = date(2011, 7, 31), date(2011, 8, 31)
ALL_LABELS = ("A", "B", "C", "none", "unknown", "absent")


def summary_of(day: date, values: dict[Any, int], minor_units: int = 2) -> Summary:
    return summarize(
        [
            Transaction(customer_id=one, date=date(2011, 7, 1), amount=value)
            for one, value in values.items()
        ],
        as_of=day,
        minor_units=minor_units,
    )


RULE = ABCClassifier(thresholds=(100, 10)).fit(summary_of(JULY, {1: 1}))


def label_of(value: int) -> str:
    if value <= 0:
        return "none"
    return "A" if value >= 100 else "B" if value >= 10 else "C"


IDS = st.sampled_from(
    [st.integers(-3, 9), st.sampled_from(["a", "b", "c10", "c2", "ž"])]
)
VALUE = st.sampled_from([-5, 0, 1, 9, 10, 99, 100, 5000])
SIDES = IDS.flatmap(
    lambda ids: st.tuples(st.dictionaries(ids, VALUE), st.dictionaries(ids, VALUE))
)


@few
@given(sides=SIDES)
def test_every_cell_is_what_counting_finds(sides: Any) -> None:
    old, new = sides
    summaries = (summary_of(JULY, old), summary_of(AUGUST, new))
    before, after = (RULE.classify(one) for one in summaries)
    moves = migrate(before, after, summaries=summaries)
    everybody = sorted(old.keys() | new.keys())
    assert moves.customer_ids.tolist() == everybody
    assert moves.labels == ALL_LABELS
    cells: Counter[Any] = Counter()
    stake: Counter[Any] = Counter()
    for one in everybody:
        move = tuple(label_of(s[one]) if one in s else "absent" for s in sides)
        cells[move] += 1
        stake[move] += 100 * (old[one] if one in old else new[one])
    matrix, money = moves.matrix, moves.value_matrix
    for i, start in enumerate(ALL_LABELS):
        for j, end in enumerate(ALL_LABELS):
            assert matrix[i, j] == cells[start, end]
            assert money[i, j] == stake[start, end]
            found = moves.movers(start, end).tolist()
            assert len(found) == cells[start, end]
    assert matrix.sum() == len(everybody)
    assert matrix[-1, -1] == 0
    counts = moves.counts()
    assert {label: n for label, (n, _, _) in counts.items()} == before.counts()
    assert {label: n for label, (_, n, _) in counts.items()} == after.counts()
    for n_old, n_new, change in counts.values():
        assert change == n_new - n_old
    assert moves.entered.tolist() == sorted(new.keys() - old.keys())
    assert moves.left.tolist() == sorted(old.keys() - new.keys())
    assert sum(change for _, _, change in counts.values()) == len(new) - len(old)
    frame = moves.to_frame()
    shown = {
        (row["from"], row["to"]): (row["customers"], round(100 * row["value_at_stake"]))
        for _, row in frame.iterrows()
    }
    assert shown == {move: (n, stake[move]) for move, n in cells.items()}


def test_a_migration_is_a_value_without_anybody_in_its_repr() -> None:
    summaries = (summary_of(JULY, {"Müller": 5}), summary_of(AUGUST, {"Müller": 500}))
    before, after = (RULE.classify(one) for one in summaries)
    moves = migrate(before, after, summaries=summaries)
    assert repr(moves) == "Migration(1 of 1 customers moved, 2011-07-31 to 2011-08-31)"
    assert pickle.loads(pickle.dumps(moves)) == moves  # noqa: S301
    assert migrate(before, after) != moves
    with pytest.raises(ValueError, match="read-only"):
        moves.before[...] = 0


def test_without_values_nothing_is_said_to_be_at_stake() -> None:
    before, after = (RULE.classify(summary_of(day, {1: 5})) for day in (JULY, AUGUST))
    moves = migrate(before, after)
    assert "value_at_stake" not in moves.to_frame()
    with pytest.raises(InvalidInputError, match="both dates"):
        _ = moves.value_matrix
    unknown = evolve(summary_of(JULY, {1: 5}), value=None)
    half = migrate(before, after, summaries=(unknown, summary_of(AUGUST, {1: 5})))
    with pytest.raises(InvalidInputError, match="both dates"):
        _ = half.value_matrix


def test_classes_of_one_date_only_are_kept_apart() -> None:
    four = ABCClassifier(thresholds=(100, 10, 5)).fit(summary_of(JULY, {1: 1}))
    moves = migrate(
        four.classify(summary_of(JULY, {1: 1, 2: 50})),
        RULE.classify(summary_of(AUGUST, {1: 1, 2: 50})),
    )
    assert moves.labels == ("A", "B", "C", "none", "unknown", "D", "absent")
    assert moves.movers("D", "C").tolist() == [1]
    assert moves.counts()["D"] == (1, 0, -1)


def test_what_cannot_be_compared_is_refused() -> None:
    july, august = (RULE.classify(summary_of(day, {1: 5})) for day in (JULY, AUGUST))
    text = RULE.classify(summary_of(AUGUST, {"a": 5}))
    with pytest.raises(InvalidInputError, match="later"):
        migrate(august, july)
    with pytest.raises(InvalidInputError, match="text on both"):
        migrate(july, text)
    with pytest.raises(InvalidInputError, match="one of A"):
        migrate(july, august).movers("A", "Z")
    other = summary_of(AUGUST, {2: 5})
    with pytest.raises(InvalidInputError, match="its classification"):
        migrate(july, august, summaries=(summary_of(JULY, {1: 5}), other))
    in_dollars = summary_of(AUGUST, {1: 5}, minor_units=0)
    with pytest.raises(InvalidInputError, match="minor_units"):
        migrate(july, august, summaries=(summary_of(JULY, {1: 5}), in_dollars))
    taken = evolve(july, labels=("A", "B", "absent", "none", "unknown"))
    with pytest.raises(InvalidInputError, match="absent"):
        migrate(taken, august)
    assert len(migrate(july, july).customer_ids) == 1


def test_nobody_on_both_dates_is_nobody() -> None:
    nobody = migrate(
        RULE.classify(summary_of(JULY, {})), RULE.classify(summary_of(AUGUST, {}))
    )
    assert nobody.matrix.sum() == 0
    assert nobody.customer_ids.size == 0
    assert len(nobody.to_frame()) == 0


# --- stars of tomorrow --------------------------------------------------------------

TRAJECTORIES = ("retain", "win_share", "rising", "stable", "review")


def trajectories(summary: Summary, labels: Any, slopes: Any) -> Classification:
    codes = np.array([TRAJECTORIES.index(label) for label in labels], dtype=np.int8)
    plain = classify_by(
        summary,
        (Line(TRAJECTORIES[0]),),
        {"slope": Measure(np.array(slopes, dtype=float), "share")},
        labels=TRAJECTORIES,
    )
    return evolve(plain, codes=codes)


@few
@given(
    drawn=st.lists(
        st.tuples(VALUE, st.sampled_from(TRAJECTORIES), st.integers(-2, 3)), max_size=9
    )
)
def test_stars_are_smaller_customers_on_their_way_up_fastest_first(drawn: Any) -> None:
    summary = summary_of(JULY, {one: value for one, (value, _, _) in enumerate(drawn)})
    up = trajectories(summary, [d[1] for d in drawn], [d[2] for d in drawn])
    found = stars_of_tomorrow(RULE.classify(summary), up).tolist()
    expected = [
        (-speed, one)
        for one, (value, label, speed) in enumerate(drawn)
        if label_of(value) in {"B", "C"} and label in {"win_share", "rising"}
    ]
    assert found == [one for _, one in sorted(expected)]
    without = evolve(up, measures={})
    assert sorted(stars_of_tomorrow(RULE.classify(summary), without)) == sorted(found)


def test_stars_need_the_same_customers_and_known_classes() -> None:
    summary = summary_of(JULY, {1: 5, 2: 50})
    up = trajectories(summary, ["rising", "rising"], [1, 1])
    values = RULE.classify(summary)
    assert stars_of_tomorrow(values, up, classes=("B",)).tolist() == [2]
    with pytest.raises(InvalidInputError, match="same customers"):
        stars_of_tomorrow(RULE.classify(summary.take([0])), up)
    with pytest.raises(InvalidInputError, match="one of"):
        stars_of_tomorrow(values, up, classes=("Z",))
