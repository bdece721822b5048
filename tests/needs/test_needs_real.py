"""Needs in real surveys and reviews; key numbers are recomputed in SQL."""

import itertools
import re
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from customer_identification.needs.coverage import coverage
from customer_identification.needs.policy import NeedsPolicy
from customer_identification.needs.rank import rank_needs
from customer_identification.needs.ranking import NeedRanking
from needs.needs_data import (
    SFO,
    SFO_WORDS,
    ecsi,
    hu_liu,
    sfo,
    sfo_code_list,
    yellow_pages,
)


POLICY = NeedsPolicy(n_bootstrap=200)


def ranked(frame: pd.DataFrame, **more: Any) -> NeedRanking:
    keywords = {"as_of": frame["date"].max().date(), "rng": 5, "policy": POLICY, **more}
    return rank_needs(frame, **keywords)


def sql(frame: pd.DataFrame, query: str) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("said", frame)
        return connection.sql(query).df()


DRIVERS = """
    select topic.topic, avg(topic.satisfaction) as met,
        corr(topic.satisfaction, whole.satisfaction) as driver,
        count(whole.satisfaction) as pairs
    from said as topic
    left join said as whole
        on whole.customer_id = topic.customer_id and whole.topic = ?
    where topic.topic <> ?
    group by all order by all
"""


def by_sql(frame: pd.DataFrame, whole: str) -> dict[str, Any]:
    found = sql(frame, DRIVERS.replace("?", f"'{whole}'"))
    return {one.topic: one for one in found.itertuples(index=False)}


@pytest.mark.parametrize("year", SFO)
def test_questions_of_the_airport_are_asked_in_the_same_words(year: int) -> None:
    text = sfo_code_list(year)
    for name, column in SFO[year].items():
        assert re.search(
            rf"^{column}\s+{re.escape(SFO_WORDS[name])}", text, re.MULTILINE
        )


@pytest.mark.parametrize("year", SFO)
def test_the_airports_needs_are_those_of_sql(year: int) -> None:
    frame = sfo(year)
    found = ranked(frame, overall="whole")
    wanted = by_sql(frame, "whole")
    strongest = max(one.driver for one in wanted.values())
    assert {one.topic for one in found.overall} == set(wanted)
    for one in found.overall:
        assert one.basis == "derived"
        assert one.satisfaction == pytest.approx(wanted[one.topic].met, abs=1e-12)
        assert one.driver == pytest.approx(wanted[one.topic].driver, abs=1e-9)
        assert one.importance == pytest.approx(wanted[one.topic].driver / strongest)
        assert one.respondents == wanted[one.topic].pairs
        assert one.low <= one.opportunity <= one.high


def test_food_and_shops_are_least_well_met_at_the_airport_in_every_year() -> None:
    for year in SFO:
        worst = sorted(
            ranked(sfo(year), overall="whole").overall, key=lambda one: one.satisfaction
        )
        assert {one.topic for one in worst[:2]} == {"food", "shops"}


def test_what_changed_at_the_airport_between_years() -> None:
    rankings = {year: ranked(sfo(year), overall="whole") for year in SFO}
    verdicts = set()
    for before, after in itertools.pairwise(SFO):
        change = rankings[after].compare(rankings[before], figure="satisfaction")
        assert len(change) == 6
        for one in map(change.__getitem__, change):
            sides = [
                frame.loc[frame["topic"] == one.topic, "satisfaction"]
                for frame in (sfo(before), sfo(after))
            ]
            low, high = _welch(*sides)
            assert one.difference == pytest.approx(
                sides[1].mean() - sides[0].mean(), abs=1e-12
            )
            # 200 samples place a 2.5 % percentile to about 0.2 standard errors.
            room = 0.25 * (high - low)
            assert one.low == pytest.approx(low, abs=room)
            assert one.high == pytest.approx(high, abs=room)
            verdicts.add(one.verdict)
    assert verdicts >= {"higher", "no clear change"}
    years = rankings[2016].compare(rankings[2011], figure="satisfaction")
    for topic in ("art", "food", "shops"):
        assert years[topic].verdict == "higher", topic


def _welch(before: pd.Series, after: pd.Series) -> tuple[float, float]:
    error = np.sqrt(before.var() / before.size + after.var() / after.size)
    middle = after.mean() - before.mean()
    return middle - 1.96 * error, middle + 1.96 * error


def test_airport_passengers_who_were_not_asked_everything_are_counted() -> None:
    frame = sfo(2016)
    found = coverage(frame, as_of="2016-12-31")
    asked = sql(
        frame, "select topic, count(distinct customer_id) as n from said group by all"
    )
    n = frame["customer_id"].nunique()
    wanted = {one.topic: n - one.n for one in asked.itertuples()}
    assert {gap.item: gap.lacking for gap in found.gaps()} == wanted
    assert found.gaps()[0].item in ("parking", "train")  # few come by car or train


def test_the_directorys_needs_are_those_of_sql() -> None:
    frame = yellow_pages()
    found = ranked(frame, overall="whole")
    wanted = by_sql(frame, "whole")
    for one in found.overall:
        assert one.satisfaction == pytest.approx(wanted[one.topic].met, abs=1e-12)
        assert one.driver == pytest.approx(wanted[one.topic].driver, abs=1e-9)
        assert one.respondents == 1811
    # What is said of prices is met least, and goes most with the whole.
    worst = {
        one.topic for one in sorted(found.overall, key=lambda one: one.satisfaction)[:2]
    }
    assert worst == {"price for volume", "competitive prices"}


@pytest.mark.parametrize("survey", [yellow_pages, ecsi])
def test_relative_weights_share_out_what_regression_explains(survey: Any) -> None:
    frame = survey()
    whole = "whole" if survey is yellow_pages else "CUSA1"
    policy = NeedsPolicy(n_bootstrap=50, derived_by="relative_weights")
    found = ranked(frame, overall=whole, policy=policy)
    wide = frame.pivot_table(
        index="customer_id", columns="topic", values="satisfaction"
    ).dropna()
    x = np.column_stack([np.ones(len(wide)), wide.drop(columns=whole)])
    rest = wide[whole] - x @ np.linalg.lstsq(x, wide[whole], rcond=None)[0]
    r_squared = 1 - rest.var() / wide[whole].var()
    assert sum(one.driver**2 for one in found.overall) == pytest.approx(r_squared)
    assert all(one.driver > 0 for one in found.overall)
    assert max(one.importance for one in found.overall) == 1


REVIEWS = """
    with crowd as (select count(distinct customer_id) as n from said),
    voice as (
        select topic, customer_id, avg(sentiment) as feels from said group by all
    )
    select topic, count(*) / any_value(n) as share, avg(feels) as feels, count(*) as n
    from voice, crowd group by all
"""


def test_opinions_on_features_are_those_of_sql() -> None:
    frame = hu_liu()
    found = {one.topic: one for one in ranked(frame).overall}
    wanted = {one.topic: one for one in sql(frame, REVIEWS).itertuples(index=False)}
    assert set(found) == set(wanted)
    enough = {topic for topic, one in wanted.items() if one.n >= POLICY.min_effective}
    assert {topic for topic, one in found.items() if one.enough} == enough
    assert len(enough) > 20
    for topic in enough:
        one, sure = found[topic], wanted[topic]
        assert one.basis == "mentions"
        assert one.importance == pytest.approx(sure.share, abs=1e-12)
        assert one.sentiment == pytest.approx(sure.feels, abs=1e-12)
        assert one.satisfaction == pytest.approx((sure.feels + 1) / 2, abs=1e-12)


def test_each_product_has_needs_of_its_own() -> None:
    frame = hu_liu()
    of = dict(
        frame[["customer_id", "product"]].drop_duplicates().itertuples(index=False)
    )
    found = ranked(frame, groups=of, policy=NeedsPolicy(n_bootstrap=50))
    for product, rows in frame.groupby("product"):
        alone = {one.topic: one for one in sql(rows, REVIEWS).itertuples(index=False)}
        for one in found.of(str(product)):
            if one.enough:
                assert one.importance == pytest.approx(alone[one.topic].share)
                assert one.sentiment == pytest.approx(alone[one.topic].feels)
    nomad = [
        one
        for one in found.of("Creative Labs Nomad Jukebox Zen Xtra 40GB")
        if one.enough
    ]
    software = next(one for one in nomad if one.topic == "software")
    assert (
        software.sentiment
        < 0
        < next(one for one in nomad if one.topic == "size").sentiment
    )
