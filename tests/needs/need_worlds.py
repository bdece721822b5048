"""Small worlds of observations in every form, and an oracle made of dicts."""

import datetime as dt
import math
from collections import defaultdict
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from customer_identification import InvalidInputError, Observation
from tables import KINDS


__all__ = [
    "AS_OF",
    "KINDS",
    "arrow_of",
    "objects_of",
    "oracle",
    "refused",
    "row",
    "worlds",
]

AS_OF = dt.date(2011, 7, 31)
DAY = dt.timedelta(days=1)
TRUST = {"survey_mail": 1.0, "meeting": 1.0, "social_media": 0.5, "suggestion_box": 0.6}
HALF = 365.0

_TYPES = {
    "topic": pa.string(),
    "channel": pa.string(),
    "date": pa.date32(),
    "importance": pa.float64(),
    "satisfaction": pa.float64(),
    "sentiment": pa.float64(),
}


def row(who: Any, topic: str, age: int = 0, **more: Any) -> dict[str, Any]:
    """Give an observation as a dict."""
    return {
        "customer_id": who,
        "topic": topic,
        "channel": "survey_mail",
        "date": AS_OF - age * DAY,
        "importance": None,
        "satisfaction": None,
        "sentiment": None,
        **more,
    }


_SHARE = st.none() | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@st.composite
def worlds(draw: Any, *, least: int = 0, most: int = 16) -> list[dict[str, Any]]:
    """Draw observations of some named customers, and of nobody."""
    kind = draw(st.sampled_from([st.sampled_from([3, 20, -4]), st.sampled_from("abž")]))
    one = st.fixed_dictionaries(
        {
            "customer_id": st.none() | kind,
            "topic": st.sampled_from(["delivery", "price", "whole"]),
            "channel": st.sampled_from(sorted(TRUST)),
            "date": st.dates(AS_OF - 800 * DAY, AS_OF),
            "importance": _SHARE,
            "satisfaction": _SHARE,
            "sentiment": st.none() | st.sampled_from([-1.0, -0.5, 0.0, 1.0]),
        }
    )
    rows: list[dict[str, Any]] = draw(st.lists(one, min_size=least, max_size=most))
    return rows


def arrow_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Give the rows as an Arrow table."""
    is_text = any(isinstance(one["customer_id"], str) for one in rows)
    types = {"customer_id": pa.string() if is_text else pa.int64(), **_TYPES}
    return pa.table(
        {
            name: pa.array([one[name] for one in rows], type=kind)
            for name, kind in types.items()
        }
    )


def objects_of(rows: list[dict[str, Any]]) -> list[Observation]:
    """Give the rows as objects."""
    return [Observation(**one) for one in rows]


def refused(code: str, match: str | None = None) -> Any:
    """Expect an error of ours with a code."""

    def has_code(error: InvalidInputError) -> bool:
        return error.code == code

    return pytest.raises(InvalidInputError, match=match, check=has_code)


# --- the oracle ----------------------------------------------------------------------


def _voices(rows: list[dict[str, Any]]) -> dict[Any, Any]:
    """Give (weight, mean) by respondent, topic and kind of number."""
    parts: dict[Any, Any] = defaultdict(list)
    for at, one in enumerate(rows):
        who = ("nobody", at) if one["customer_id"] is None else one["customer_id"]
        weight = TRUST[one["channel"]] * 0.5 ** ((AS_OF - one["date"]).days / HALF)
        known = [
            k for k in ("importance", "satisfaction", "sentiment") if one[k] is not None
        ]
        for name in known:
            parts[who, one["topic"], name].append((weight, one[name]))
        if one["sentiment"] is not None or not known:
            parts[who, one["topic"], "mention"].append((weight, 1.0))
    return {
        key: (
            max(w for w, _ in said),
            sum(w * x for w, x in said) / sum(w for w, _ in said),
        )
        for key, said in parts.items()
    }


def _mean(said: list[tuple[float, float]]) -> float:
    total = sum(w for w, _ in said)
    return sum(w * x for w, x in said) / total if said else math.nan


def _effective(said: list[tuple[float, float]]) -> float:
    squares = sum(w * w for w, _ in said)
    return sum(w for w, _ in said) ** 2 / squares if said else 0.0


def oracle(rows: list[dict[str, Any]], *, least: float) -> dict[str, dict[str, Any]]:
    """Recompute what everybody needs, without a whole, from dicts alone."""
    voices = _voices(rows)
    crowd: dict[Any, float] = defaultdict(float)
    for (who, _, name), (weight, _) in voices.items():
        if name == "mention":
            crowd[who] = max(crowd[who], weight)
    found = {}
    for topic in sorted({one["topic"] for one in rows}):
        said = {
            name: [v for (_, t, k), v in voices.items() if (t, k) == (topic, name)]
            for name in ("importance", "satisfaction", "sentiment", "mention")
        }
        all_of = [(w, 1.0) for w in crowd.values()]
        options = {
            "stated": (
                said["importance"],
                said["satisfaction"],
                _mean(said["importance"]),
                _mean(said["satisfaction"]),
            ),
            "mentions": (
                all_of if said["sentiment"] else [],
                said["sentiment"],
                sum(w for w, _ in said["mention"]) / sum(crowd.values())
                if crowd
                else math.nan,
                (_mean(said["sentiment"]) + 1) / 2,
            ),
        }
        basis = next(
            (
                name
                for name, (one, other, *_) in options.items()
                if min(_effective(one), _effective(other)) >= least
            ),
            None,
        ) or next(
            (name for name, (one, other, *_) in options.items() if one and other),
            "stated" if said["importance"] else "none",  # importance alone is told
        )
        one, other, importance, satisfaction = options.get(
            basis, ([], said["satisfaction"], math.nan, _mean(said["satisfaction"]))
        )
        importance = importance if _effective(one) >= least else math.nan
        satisfaction = satisfaction if _effective(other) >= least else math.nan
        found[topic] = {
            "basis": basis,
            "importance": importance,
            "satisfaction": satisfaction,
            "opportunity": math.nan
            if math.isnan(importance + satisfaction)
            else importance + max(importance - satisfaction, 0),
            "respondents": min(len(one), len(other)) if other else len(one),
            "effective": min(_effective(one), _effective(other))
            if other
            else _effective(one),
        }
        if basis == "none":
            found[topic] |= {"respondents": 0, "effective": 0}
    return found
