"""Logistic regression by scikit-learn on the same parties."""

from typing import Any

import numpy as np
from attrs import frozen
from route import Numbers, Route
from scorecards_table import ATTRIBUTES
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


__all__ = ["JOBS"]


@frozen(eq=False)
class Learnt:
    """A model, and what it was learnt from."""

    model: Any
    rows: Any
    paid: Any


def read(frame: Any) -> Any:
    """Give numbers as one matrix, off the clock."""
    return np.ascontiguousarray(frame[ATTRIBUTES].to_numpy()), frame["paid"].to_numpy()


def fit(given: Any) -> Learnt:
    """Fit as it comes."""
    rows, paid = given
    return Learnt(LogisticRegression().fit(rows, paid), rows, paid)


def fit_scaled(given: Any) -> Learnt:
    """Scale the numbers first, as its guide says."""
    rows, paid = given
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return Learnt(model.fit(rows, paid), rows, paid)


def fit_frame(frame: Any) -> Learnt:
    """Take the numbers out of the frame, and fit as it comes."""
    return fit(read(frame))


def fit_off_the_clock(frame: Any) -> Learnt:
    """Fit before the clock starts."""
    return fit_scaled(read(frame))


def chances(learnt: Learnt) -> Any:
    """Give everybody's chance."""
    return learnt.model.predict_proba(learnt.rows)[:, 1]


def nothing(_: Any) -> Numbers:
    """Compare nothing: chances differ as models do."""
    return {}


JOBS = {
    "fit": Route(fit, nothing, read),
    "fit_scaled": Route(fit_scaled, nothing, read),
    "fit_frame": Route(fit_frame, nothing),
    "chances": Route(chances, nothing, fit_off_the_clock),
}
