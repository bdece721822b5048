"""Evidence and points counted again: by SQL from the files, and by hand from a card."""

import functools
import math
import re

import numpy as np
import pandas as pd
import pytest

from customer_identification import NumberPoints, Scorecard, WordPoints
from customer_identification.scorecard.learn import learn_scorecard
from scorecard_real.score_data import (
    BANK,
    GERMAN,
    TAIWAN,
    World,
    beforehand,
    card,
    file,
    held_back,
    world,
)


duckdb = pytest.importorskip("duckdb")

FILES = {
    "bank_marketing": (BANK, "deposit = 'yes'"),
    "taiwan_credit": (TAIWAN, '"default.payment.next.month" = 0'),
    "south_german_credit": (GERMAN, "credit_risk = 'good risk'"),
}
# Weight of evidence and information value (Siddiqi 2006, p. 81-82), by SQL.
EVIDENCE = """
    with rows as (select {bin} as bin, {good} as good from read_parquet({file})),
    all_of as (select count(*) filter (good) as g, count(*) filter (not good) as b
        from rows),
    bins as (select bin, count(*) filter (good) as good,
        count(*) filter (not good) as bad from rows group by bin)
    select bin, good, bad, ln((good / g) / (bad / b)) as evidence,
        sum((good / g - bad / b) * ln((good / g) / (bad / b))) over () as information
    from bins, all_of order by bin
"""
# The limits to start from: every twentieth part of the known values, in order.
FINE = """
    with rows as (select {name} as x, row_number() over (order by {name}) - 1 as place,
        count(*) over () as n from read_parquet({file}) where {known})
    select distinct x from rows
    where place in (select cast(floor(k * n / 20) as bigint) from range(1, 20) as r(k))
"""


def ask(query: str, **words: str) -> pd.DataFrame:
    """Ask DuckDB of the file itself."""
    answer: pd.DataFrame = (
        duckdb.connect(config={"threads": 1}).sql(query.format(**words)).df()
    )
    return answer


@functools.cache
def learnt(name: str) -> Scorecard:
    """Learn from everybody."""
    table = world(name).table()
    return learn_scorecard(table, trusted=beforehand(table))


def bins(one: NumberPoints | WordPoints, known: str) -> str:
    """Write the bins of an attribute as SQL."""
    name, unknown = f'"{one.name}"', len(one.points)
    if isinstance(one, NumberPoints):
        steps = " + ".join(f"({name} >= {limit!r})::int" for limit in one.limits)
        return f"case when {known} then {steps or '0'} else {unknown} end"
    places = " ".join(
        f"when '{word}' then {at}"
        for at, group in enumerate(one.words)
        for word in group
    )
    return f"case {name}::varchar {places} else {unknown + 1} end"


@pytest.mark.parametrize("name", FILES)
def test_counts_and_evidence_are_those_that_sql_counts(name: str) -> None:
    path, good = FILES[name]
    for one in learnt(name).attributes:
        known = "pdays >= 0" if one.name == "pdays" else "true"
        table = ask(EVIDENCE, bin=bins(one, known), good=good, file=file(path))
        for bin_ in table.itertuples():
            assert one.counts[bin_.bin] == (bin_.good, bin_.bad), one.name
            if bin_.good and bin_.bad:
                evidence = one.evidence[bin_.bin]
                assert evidence == pytest.approx(bin_.evidence, abs=1e-12)
        if (table[["good", "bad"]] > 0).all(axis=None):
            information = table["information"][0]
            assert one.information == pytest.approx(information, abs=1e-12)
        filled = [pair for pair in one.counts if pair != (0, 0)]
        assert len(filled) == len(table), one.name


@pytest.mark.parametrize("name", FILES)
def test_limits_are_twentieths_of_the_values_in_the_file(name: str) -> None:
    path, _ = FILES[name]
    frame, checked = world(name).frame, 0
    for one in learnt(name).attributes:
        if not isinstance(one, NumberPoints) or frame[one.name].nunique() <= 20:
            continue
        known = "pdays >= 0" if one.name == "pdays" else "true"
        fine = ask(FINE, name=f'"{one.name}"', known=known, file=file(path))
        values = np.sort(frame[one.name].dropna().to_numpy(np.float64))
        reached = values[np.searchsorted(values, one.limits)]
        assert set(reached.tolist()) <= set(fine["x"])
        checked += 1
    assert checked >= 3


# --- by hand --------------------------------------------------------------------------

BELOW = re.compile(r"below ([-\d,.e+]+)")
LEAST = re.compile(r"at least ([-\d,.e+]+)")
RANGE = re.compile(r"([-\d,.e+]+) to below ([-\d,.e+]+)")


def number(text: str) -> float:
    return float(text.replace(",", ""))


def holds(value: object, text: str, *, of_words: bool) -> bool:
    """Tell whether a value is in a bin, going by the words of the card alone."""
    if of_words:
        return f" or {value} or " in f" or {text} or "
    if math.isnan(value):
        return text == "not known"
    if found := RANGE.fullmatch(text):
        return number(found[1]) <= value < number(found[2])
    if found := BELOW.fullmatch(text):
        return value < number(found[1])
    if found := LEAST.fullmatch(text):
        return value >= number(found[1])
    return text == "known"


def by_hand(party: pd.Series, sheet: pd.DataFrame, base: float, one: World) -> float:
    """Add up the points of a party as a clerk would, with the printed card."""
    total = base
    for name, rows in sheet.groupby("attribute"):
        of_words = not pd.api.types.is_numeric_dtype(one.frame[name])
        found = [
            row.points
            for row in rows.itertuples()
            if holds(party[name], row.bin.removeprefix(f"{name} "), of_words=of_words)
        ]
        others = rows[rows["bin"] == f"{name} any other"]["points"].tolist()
        (points,) = found or others
        total += points
    return total


@pytest.mark.parametrize(
    "name", ["bank_marketing", "marketing_campaign", "taiwan_credit"]
)
def test_a_clerk_with_the_printed_card_finds_the_same_scores(name: str) -> None:
    one, own = world(name), card(name, 0)
    scores = own.score(held_back(name, 0))
    sheet, rows = own.to_frame(), one.frame.set_index(one.party)
    some = scores.customer_ids[:: len(scores) // 15].tolist()
    for party in some:
        at = scores.customer_ids.tolist().index(party)
        mine = by_hand(rows.loc[party], sheet, own.base, one)
        assert mine == pytest.approx(scores.score[at], abs=1e-9)
    assert len(set(scores.score[:: len(scores) // 15])) > 10


def test_points_are_evidence_times_one_weight_an_attribute() -> None:
    sheet = card("taiwan_credit", 0).to_frame()
    for _, rows in sheet[sheet["good"] > 0].groupby("attribute"):
        weights = rows["points"] / rows["evidence"]
        assert weights.max() == pytest.approx(weights.min(), rel=1e-9)
