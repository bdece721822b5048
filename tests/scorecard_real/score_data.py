"""Real parties with outcomes, as a host would hand them over, and a model beside.

The only preparation is what a host must do itself: say which code means unknown, turn a
date into days, parse text that holds numbers, say which outcome is the good one.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from customer_identification import Scorecard
from customer_identification.attributes import AttributeTable, attribute_table
from customer_identification.scorecard.learn import learn_scorecard
from datasets import _folder, _read, _read_example


__all__ = [
    "ALL",
    "AS_OF",
    "World",
    "beforehand",
    "card",
    "file",
    "held_back",
    "logistic",
    "world",
]

AS_OF = "2012-12-31"  # the sets name no day that all of it is known on
DELAYS = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")

BANK = "bank_marketing/bank_marketing_4521.parquet"
CAMPAIGN = "marketing_campaign/marketing_campaign.parquet"
TELCO = "telco_churn/telco_churn.parquet"
CHURNERS = "bank_churners/bank_churners.parquet"
TAIWAN = "taiwan_credit/taiwan_credit_default.parquet"
GERMAN = "german_credit/south_german_credit.parquet"


@dataclass(frozen=True, kw_only=True)
class World:
    """Parties with an outcome; `codes` are numbers that a modeller may take as words."""

    frame: pd.DataFrame
    party: str = "party"
    later: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def split(self, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give two thirds to learn from, and a third held back."""
        rng = np.random.Generator(np.random.PCG64(seed))
        is_held = rng.permutation(len(self.frame)) < len(self.frame) / 3
        return self.frame[~is_held], self.frame[is_held]

    def table(
        self, frame: pd.DataFrame | None = None, **keywords: Any
    ) -> AttributeTable:
        """Read some of the rows, or all."""
        keywords = {"outcome": "good", "later": self.later, **keywords}
        rows = self.frame if frame is None else frame
        return attribute_table(rows, customer_id=self.party, **keywords)

    def for_a_model(
        self, frame: pd.DataFrame, codes: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        """Give the columns a model learns from; words as plain text."""
        left = frame.drop(columns=[self.party, "good", *self.later])
        words = [*left.select_dtypes(exclude="number").columns, *codes]
        return left.astype(dict.fromkeys(words, "str"))


@functools.cache
def card(name: str, seed: int) -> Scorecard:
    """Learn from two thirds; all is known beforehand here but what is only later."""
    one = world(name)
    table = one.table(one.split(seed)[0])
    return learn_scorecard(table, trusted=beforehand(table))


def beforehand(table: AttributeTable) -> list[str]:
    """Give the attributes that are known before the outcome."""
    return [name for name in table.names if name not in table.later]


@functools.cache
def held_back(name: str, seed: int) -> AttributeTable:
    """Give the third that is not learnt from."""
    one = world(name)
    return one.table(one.split(seed)[1], as_of=AS_OF)


def logistic(
    one: World,
    learnt: pd.DataFrame,
    held: pd.DataFrame,
    codes: tuple[str, ...] = (),
) -> Any:
    """Give chances by scikit-learn: scaled numbers, words (and codes) one by one."""
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            OneHotEncoder(handle_unknown="ignore"),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=1000))
    model.fit(one.for_a_model(learnt, codes), learnt["good"])
    return model.predict_proba(one.for_a_model(held, codes))[:, 1]


@functools.cache
def bank_marketing() -> World:
    """4,521 people a bank called; -1 for those never called before is made unknown."""
    raw = _read_example("bank_marketing.csv.xz")
    frame = raw.drop(columns="deposit").assign(
        pdays=raw["pdays"].where(raw["pdays"] >= 0),
        good=raw["deposit"] == "yes",
        party=range(len(raw)),
    )
    return World(frame=frame, later=("duration",))


@functools.cache
def marketing_campaign() -> World:
    """2,240 customers of a shop, by whether they took the last of six offers."""
    raw = _read(CAMPAIGN)
    since = pd.to_datetime(raw["Dt_Customer"], dayfirst=True)
    frame = raw.drop(columns=["Dt_Customer", "Response"]).assign(
        days_known=(since.max() - since).dt.days, good=raw["Response"] == 1
    )
    return World(frame=frame, party="ID")


@functools.cache
def telco_churn() -> World:
    """7,043 customers of a telephone company, by whether they stay."""
    raw = _read(TELCO)
    frame = raw.drop(columns="Churn").assign(
        TotalCharges=pd.to_numeric(raw["TotalCharges"], errors="coerce"),
        good=raw["Churn"] == "No",
    )
    return World(frame=frame, party="customerID")


@functools.cache
def bank_churners() -> World:
    """10,127 holders of a credit card, by whether they stay."""
    raw = _read(CHURNERS)
    frame = raw.drop(columns="churn").assign(good=raw["churn"] == "no")
    return World(frame=frame, party="customer_ID")


@functools.cache
def taiwan_credit() -> World:
    """30,000 holders of a credit card, by whether they pay next month; taken as is."""
    raw = _read(TAIWAN)
    frame = raw.drop(columns="default.payment.next.month").assign(
        good=raw["default.payment.next.month"] == 0
    )
    return World(frame=frame, party="ID", codes=DELAYS)


@functools.cache
def south_german_credit() -> World:
    """1,000 borrowers, by whether they paid back; the rarer bad ones are over-sampled."""
    raw = _read_example("south_german_credit.csv.xz")
    frame = raw.drop(columns="credit_risk").assign(
        good=raw["credit_risk"] == "good risk", party=range(len(raw))
    )
    return World(frame=frame)


ALL = (
    "bank_marketing",
    "marketing_campaign",
    "telco_churn",
    "bank_churners",
    "taiwan_credit",
    "south_german_credit",
)


def world(name: str) -> World:
    """Give a world by its name."""
    found: World = globals()[name]()
    return found


def file(relative: str) -> str:
    """Give the path of a file for SQL; skips where it is absent."""
    _read(relative)
    return f"'{_folder() / relative}'"
