"""Real surveys and reviews as a host would hand them over to tell needs.

As in `datasets.py`, sets that are absent are skipped, and the only preparation is what a
host must do itself: name questions by their words, put answers into rows, map scales.
What a set does not tell is not made up; where a day or an id is needed all the same, it
is said at the reader.
"""

import functools
import re
from datetime import date

import pandas as pd
import pytest

from customer_identification.needs.scales import rescale
from datasets import _folder, _read


__all__ = ["SFO", "SFO_WORDS", "ecsi", "hu_liu", "sfo", "sfo_code_list", "yellow_pages"]

# The words of a question are the same in all years named here, by the code lists.
SFO_WORDS = {
    "art": "Artwork and exhibitions",
    "food": "Restaurants",
    "shops": "Retail shops and concessions",
    "signs": "Signs and directions inside SFO",
    "parking": "Airport parking facilities",
    "train": "AirTrain",
    "whole": "SFO Airport as a whole",
}
_NAMES = ("art", "food", "shops", "signs", "parking", "train", "whole")
SFO = {
    2011: dict(
        zip(_NAMES, ["Q8A", "Q8B", "Q8C", "Q8D", "Q8J", "Q8K", "Q8N"], strict=True)
    ),
    2013: dict(
        zip(
            _NAMES,
            [
                "Q7A_ART",
                "Q7B_FOOD",
                "Q7C_SHOPS",
                "Q7D_SIGNS",
                "Q7K_PARK",
                "Q7L_AIRTRAIN",
                "Q7O_WHOLE",
            ],
            strict=True,
        )
    ),
    **{
        year: dict(
            zip(
                _NAMES,
                [
                    "Q7ART",
                    "Q7FOOD",
                    "Q7STORE",
                    "Q7SIGN",
                    "Q7PARK",
                    "Q7AIRTRAIN",
                    "Q7ALL",
                ],
                strict=True,
            )
        )
        for year in (2014, 2015, 2016)
    },
}


def _long(ratings: pd.DataFrame, day: date, **scale: object) -> pd.DataFrame:
    """Put one row a respondent and topic, on our scale; no answer is no row."""
    ratings = ratings.rename_axis("customer_id").reset_index()
    frame = ratings.melt("customer_id", var_name="topic", value_name="rating")
    frame["satisfaction"] = rescale(frame["rating"].astype(float), **scale)  # type: ignore[arg-type]
    frame = frame.dropna(subset="satisfaction")
    return frame.assign(channel="survey_web", date=pd.Timestamp(day))


@functools.cache
def sfo(year: int) -> pd.DataFrame:
    """Passengers of San Francisco airport rate it, 1 to 5; 0 is a blank, 6 never used.

    Interviews were in May; the day is not told alike in all years, so the middle of the
    month stands for it. A respondent is a passenger of one day, not a customer.
    """
    frame = _read(f"sfo_survey_2010_2016/sfo_{year}.parquet")
    frame = frame.rename(columns={"*RESPNUM": "RESPNUM"})
    ratings = frame.set_index(frame["RESPNUM"].astype(int))[list(SFO[year].values())]
    ratings.columns = pd.Index(list(SFO[year]))
    ratings = ratings.astype(float)
    return _long(ratings, date(year, 5, 15), low=1, high=5, not_answers=(0, 6))


def sfo_code_list(year: int) -> str:
    """Give the City's own words on a year's questions."""
    path = _folder() / f"sfo_survey_2010_2016/codelist_{year}.txt"
    if not path.is_file():
        pytest.skip(f"codelist_{year}.txt is not here")
    return path.read_text(encoding="utf-8")


@functools.cache
def yellow_pages() -> pd.DataFrame:
    """Advertisers rate a directory, 1 to 10; words by the manual of the R package bayesm.

    Neither ids nor days are told: the row stands for the one, 1999-12-31 for the other.
    """
    frame = _read("survey_small/yellow_pages_satisfaction.parquet")
    words = {
        "q1": "whole",
        "q2": "competitive prices",
        "q3": "price increases",
        "q4": "price for volume",
        "q5": "effectiveness shown",
        "q6": "many customers reached",
        "q7": "reach of advertising",
        "q8": "long exposure",
        "q9": "distribution",
        "q10": "right places",
    }
    return _long(frame.rename(columns=words), date(1999, 12, 31), low=1, high=10)


@functools.cache
def ecsi() -> pd.DataFrame:
    """Customers of a mobile phone provider, 1 to 10: quality, value, and CUSA1, the whole."""
    frame = _read("survey_small/ecsi_mobile_phone.parquet")
    asked = [f"PERQ{i}" for i in range(2, 8)] + ["PERV1", "PERV2", "CUSA1"]
    return _long(frame[asked].astype(float), date(1999, 12, 31), low=1, high=10)


@functools.cache
def hu_liu() -> pd.DataFrame:
    """Opinions on features in reviews of five products: ``size[+2]`` is 2 of 3 in favour.

    A review is a respondent; lines before the first review of a product are left out.
    The day is not told, 2004-01-01 stands for it.
    """
    lines = _read("hu_liu_reviews/hu_liu_lines.parquet")
    lines = lines[lines["review_no"] > 0]
    rows = [
        (f"{product}/{review}", product, feature.strip(), int(strength) / 3)
        for product, review, said in lines[
            ["product", "review_no", "annotation"]
        ].itertuples(index=False)
        for feature, strength in re.findall(r"([^\[\],]+)\[([+-][1-3])\]", said)
        if feature.strip()
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "product", "topic", "sentiment"])
    return frame.assign(channel="social_media", date=pd.Timestamp(2004, 1, 1))
