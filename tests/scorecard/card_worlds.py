"""Made-up parties to learn cards from, and small cards to score them by."""

import warnings
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import customer_identification as ci
from customer_identification.errors import LeakWarning


__all__ = ["AS_OF", "DAYS", "learnt", "noisy", "refused", "rng_of", "table_of"]

AS_OF = "2011-12-31"
DAYS = date(2011, 12, 31)


def rng_of(seed: int) -> np.random.Generator:
    """Give dice of a seed."""
    return np.random.Generator(np.random.PCG64(seed))


def table_of(
    columns: Mapping[str, Any], *, ids: Any = None, **more: Any
) -> ci.AttributeTable:
    """Read columns, of parties 0, 1, 2 and so on unless ids are given."""
    n = max((len(one) for one in columns.values()), default=0)
    frame = pd.DataFrame({"customer_id": range(n) if ids is None else ids, **columns})
    return ci.attribute_table(frame, **{"as_of": AS_OF, **more})


def noisy(seed: int = 1, n: int = 400, **more: Any) -> pd.DataFrame:
    """Give parties whose outcome follows from two numbers and a word, with noise."""
    rng = rng_of(seed)
    size, age = rng.normal(0, 1, n), rng.integers(18, 80, n).astype(float)
    branch = rng.choice(["trade", "craft", "farm", "state"], n).astype(object)
    lift = np.select([branch == "trade", branch == "farm"], [0.8, -0.8], 0)
    odds = 0.9 * size - 0.02 * (age - 45) + lift
    good = rng.uniform(size=n) < 1 / (1 + np.exp(-odds))
    size[rng.uniform(size=n) < 0.1] = np.nan
    branch[rng.uniform(size=n) < 0.1] = None
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "size": size,
            "age": age,
            "branch": branch,
            "noise": rng.normal(0, 1, n),
            "good": good,
            **more,
        }
    )


def learnt(frame: pd.DataFrame | None = None, **more: Any) -> ci.Scorecard:
    """Learn a card from a frame with outcomes, whatever warning comes of it."""
    frame = noisy() if frame is None else frame
    table = ci.attribute_table(frame, outcome="good", as_of=AS_OF)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeakWarning)
        return ci.learn_scorecard(table, **more)


def refused(code: str, match: str | None = None, kind: Any = None) -> Any:
    """Expect an error of ours with a code, which holds no data."""

    def is_right(error: ci.InvalidInputError) -> bool:
        return error.code == code and "SECRET" not in str(error)

    return pytest.raises(kind or ci.InvalidInputError, match=match, check=is_right)
