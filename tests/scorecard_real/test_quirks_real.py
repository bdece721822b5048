"""What is odd in real tables neither stops a card from being learnt nor bends it."""

import functools

import numpy as np
import pandas as pd
import pytest

from customer_identification import NumberPoints, Scorecard, WordPoints
from customer_identification.attributes import attribute_table
from customer_identification.frames import Labels
from customer_identification.scorecard.learn import learn_scorecard
from datasets import _read, _read_example
from scorecard_real.score_data import (
    BANK,
    DELAYS,
    GERMAN,
    TELCO,
    World,
    beforehand,
    world,
)


@functools.cache
def learnt(name: str) -> Scorecard:
    """Learn from everybody."""
    return of(world(name).frame, world(name))


def of(frame: pd.DataFrame, one: World) -> Scorecard:
    table = one.table(frame)
    return learn_scorecard(table, trusted=beforehand(table))


def numbers(card: Scorecard, name: str) -> NumberPoints:
    (found,) = [one for one in card.attributes if one.name == name]
    assert isinstance(found, NumberPoints)
    return found


def words(card: Scorecard, name: str) -> WordPoints:
    (found,) = [one for one in card.attributes if one.name == name]
    assert isinstance(found, WordPoints)
    return found


# --- marketing_campaign ---------------------------------------------------------------


@pytest.mark.parametrize("income", [7e6, 7e60])
def test_an_income_of_666_666_weighs_as_much_as_any_other_high_one(
    income: float,
) -> None:
    shop = world("marketing_campaign")
    assert (shop.frame["Income"] == 666_666).sum() == 1
    more = shop.frame.replace({"Income": {666_666: income}})
    assert of(more, shop) == learnt("marketing_campaign")


def test_incomes_that_are_missing_are_counted_apart_and_too_few_to_tell() -> None:
    income = numbers(learnt("marketing_campaign"), "Income")
    assert sum(income.counts[-1]) == 24
    assert income.unknown == 0  # 24 of 2,240 are fewer than 2 %
    assert np.abs(income.points).max() > 0


def test_people_born_before_1902_are_among_the_oldest_and_no_more() -> None:
    shop = world("marketing_campaign")
    is_odd = shop.frame["Year_Birth"] < 1902
    assert sorted(shop.frame["Year_Birth"][is_odd]) == [1893, 1899, 1900]
    later = shop.frame.assign(
        Year_Birth=shop.frame["Year_Birth"].where(~is_odd, 1939)  # still the oldest
    )
    assert of(later, shop) == learnt("marketing_campaign")


def test_rare_words_are_others_and_say_nothing() -> None:
    shop = world("marketing_campaign")
    status = words(learnt("marketing_campaign"), "Marital_Status")
    grouped = {word for group in status.words for word in group}
    assert grouped == {"Married", "Together", "Single", "Divorced", "Widow"}
    is_rare = shop.frame["Marital_Status"].isin(["YOLO", "Absurd", "Alone"])
    good = shop.frame["good"][is_rare]
    assert status.counts[-1] == (good.sum(), (~good).sum()) == (3, 4)
    assert status.other == 0
    scores = learnt("marketing_campaign").score(shop.table())
    parties = shop.frame["ID"][shop.frame["Marital_Status"] == "YOLO"]
    assert [scores.points_of(one)["Marital_Status"] for one in parties] == [0, 0]


def test_columns_of_one_value_are_left_out_with_the_reason() -> None:
    told = dict(learnt("marketing_campaign").left_out)
    assert told["Z_CostContact"] == told["Z_Revenue"] == "tells too little"


# --- telco_churn ----------------------------------------------------------------------


def test_numbers_that_a_file_holds_as_text_are_words_until_the_host_parses_them() -> (
    None
):
    raw = _read(TELCO)
    frame = raw.assign(good=raw["Churn"] == "No").drop(columns="Churn")
    table = attribute_table(frame, customer_id="customerID", outcome="good")
    assert isinstance(table.column("TotalCharges"), Labels)
    found = learn_scorecard(table, trusted=beforehand(table))
    assert dict(found.left_out)["TotalCharges"] == "tells too little"
    parsed = numbers(learnt("telco_churn"), "TotalCharges")
    assert sum(parsed.counts[-1]) == 11  # blank in the file: tenure is 0


def test_blank_text_is_not_known() -> None:
    raw = _read(TELCO)
    blank = attribute_table(
        raw[raw["TotalCharges"].str.strip() == ""],
        customer_id="customerID",
        attributes=["TotalCharges", "tenure"],
    )
    assert len(blank) == 11
    assert [blank.row(at) for at in range(11)] == 11 * [
        {"TotalCharges": None, "tenure": 0.0}
    ]


# --- bank_churners --------------------------------------------------------------------


def test_a_word_for_unknown_is_a_word_until_the_host_says_otherwise() -> None:
    cards = world("bank_churners")
    n = (cards.frame["income"] == "unknown").sum()
    column = cards.table().column("income")
    assert isinstance(column, Labels)
    assert (column.codes == column.words.index("unknown")).sum() == n == 1112
    said = cards.frame["income"].astype("str").replace("unknown", None)
    column = cards.table(cards.frame.assign(income=said)).column("income")
    assert isinstance(column, Labels)
    assert (column.codes == -1).sum() == n
    assert "unknown" not in column.words


# --- taiwan_credit --------------------------------------------------------------------


def test_delays_are_numbers_and_their_undocumented_codes_are_kept() -> None:
    clients = world("taiwan_credit")
    assert {-2, 0} <= set(clients.frame["PAY_0"])  # no use, and revolving
    for name in DELAYS:
        delay = numbers(learnt("taiwan_credit"), name)
        assert (np.diff(delay.points) < 0).all()  # more months late, fewer points
        assert delay.counts[-1] == (0, 0)
        assert sum(map(sum, delay.counts)) == 30_000
    # Below 1 the share of good ones does not go one way, so these codes are one bin.
    assert numbers(learnt("taiwan_credit"), "PAY_0").limits == (1, 2)


def test_delays_need_not_go_one_way_where_nobody_asks_for_it() -> None:
    table = world("taiwan_credit").table()
    free = learn_scorecard(
        table, directions={"PAY_0": "any"}, trusted=beforehand(table)
    )
    codes = numbers(free, "PAY_0")
    assert codes.limits == (-1, 0, 1, 2)
    revolving, duly = codes.evidence[2], codes.evidence[1]
    assert revolving > duly  # who revolves defaults less often than who pays in full


def test_negative_bills_are_lower_than_all_others() -> None:
    clients = world("taiwan_credit")
    bills = [f"BILL_AMT{month}" for month in range(1, 7)]
    is_owed = (clients.frame[bills] < 0).any(axis=1)
    assert is_owed.sum() == 1930
    table = clients.table()
    found = learn_scorecard(table.only(bills), attributes=bills, trusted=bills)
    for name in found.names:
        codes = numbers(found, name).codes(table.column(name))
        assert (codes[clients.frame[name].to_numpy() < 0] == 0).all()


def test_codes_of_education_that_nobody_explains_do_not_stop_it() -> None:
    clients = world("taiwan_credit")
    strange = clients.frame["EDUCATION"].isin([0, 5, 6])
    assert strange.sum() == 345
    as_words = clients.frame.assign(EDUCATION=clients.frame["EDUCATION"].astype("str"))
    table = clients.table(as_words)
    found = learn_scorecard(
        table.only(["EDUCATION"]), attributes=["EDUCATION"], trusted=["EDUCATION"]
    )
    (schooling,) = found.attributes
    assert isinstance(schooling, WordPoints)
    assert sum(map(sum, schooling.counts)) == 30_000
    assert {word for group in schooling.words for word in group} == {"1", "2", "3"}
    assert sum(schooling.counts[-1]) == 345 + (clients.frame["EDUCATION"] == 4).sum()


# --- south_german_credit --------------------------------------------------------------


def test_levels_nobody_has_are_not_there() -> None:
    raw = _read(GERMAN)
    assert "education" in raw["purpose"].cat.categories  # which no credit was for
    frame = raw.assign(
        good=raw["credit_risk"] == "good risk", party=range(len(raw))
    ).drop(columns="credit_risk")
    table = World(frame=frame).table()
    column = table.column("purpose")
    assert isinstance(column, Labels)
    assert "education" not in {column.words[code] for code in column.codes}
    found = learn_scorecard(table, trusted=["status"])
    assert found == learnt("south_german_credit")  # from text, which has no such level


@pytest.mark.parametrize(
    ("example", "source"),
    [("bank_marketing.csv.xz", BANK), ("south_german_credit.csv.xz", GERMAN)],
)
def test_the_data_of_the_examples_are_those_of_the_source(
    example: str, source: str
) -> None:
    original, shipped = _read(source), _read_example(example)
    assert list(shipped) == list(original)
    assert (shipped.astype("str") == original.astype("str")).all(axis=None)
