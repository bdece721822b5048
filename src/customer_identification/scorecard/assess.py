"""How good chances are: whether they rank, and whether they come true.

The interval of the area under the curve is that of DeLong, DeLong & Clarke-Pearson 1988,
Biometrics 44, p. 837-845, by midranks (Sun & Xu 2014, IEEE Signal Process. Lett. 21,
p. 1389-1393); calibration is that of Cox 1958, Biometrika 45, p. 562-565.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, check_each
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.options import number, whole
from customer_identification.scorecard.weights import fit_logit


__all__ = ["Assessment", "assess"]

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class Assessment:
    """Chances held against what came true.

    Attributes
    ----------
    n_good, n_bad : int
        Outcomes.
    area : float
        Area under the ROC curve: the chance that a good one has more points than a bad
        one, half of it where they tie.
    low, high : float
        Its confidence interval.
    brier : float
        Mean squared distance of chance and outcome (Brier 1950).
    intercept, slope : float
        Of the logistic regression of outcomes on log odds of the chances: 0 and 1 where
        chances come true; a slope below 1 says they are too bold.
    calibration_error : float
        Mean distance of chance and share of good outcomes over bins, weighed by rows.
    chance, share, share_low, share_high : ndarray of float, shape (n_bins,)
        Mean chance and share of good outcomes by bin of the chance, with the interval
        of Wilson 1927.
    rows : ndarray of int, shape (n_bins,)
        In each bin.
    confidence : float
        Of the intervals.
    """

    n_good: int
    n_bad: int
    area: float
    low: float
    high: float
    brier: float
    intercept: float
    slope: float
    calibration_error: float
    chance: Floats = array_field()
    share: Floats = array_field()
    share_low: Floats = array_field()
    share_high: Floats = array_field()
    rows: NDArray[np.int64] = array_field()
    confidence: float = 0.95

    @property
    def gini(self) -> float:
        """Twice the area, less one."""
        return 2 * self.area - 1

    def __str__(self) -> str:
        return (
            f"area under the curve {self.area:.3f} ({self.low:.3f} to {self.high:.3f}); "
            f"calibration error {self.calibration_error:.3f}, slope {self.slope:.2f}; "
            f"{self.n_good:,} good and {self.n_bad:,} bad"
        )

    def to_frame(self) -> Any:
        """Give one row a bin: mean chance, and share of good outcomes with interval."""
        names = ("chance", "share", "share_low", "share_high", "rows")
        return to_frame({name: getattr(self, name) for name in names}, "pandas")


def assess(
    outcomes: Any, chances: Any, *, n_bins: int = 10, confidence: float = 0.95
) -> Assessment:
    """Hold chances against what came true.

    Parameters
    ----------
    outcomes : array_like of bool, shape (n,)
        Who turned out well; 1 and 0 will do, and where it is nan the row is left out.
    chances : array_like of float, shape (n,)
        From 0 to 1; any model's will do.
    n_bins : int
        Bins of about as many rows; equal chances share a bin.
    confidence : float
        Of the intervals.

    Raises
    ------
    InvalidInputError
        If they are not equally many, a chance lies outside 0 to 1, or there is not at
        least one good and one bad outcome.

    Examples
    --------
    >>> print(assess([1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.4, 0.2], n_bins=2))
    area under the curve 0.889 (0.581 to 1.000); calibration error 0.100, slope 2.24; 3 good and 3 bad
    """
    good, chance = _read(outcomes, chances)
    confidence = number("confidence", confidence, 0.5, 0.9999)
    whole("n_bins", n_bins, 2)
    area, spread = _area(good, chance)
    from scipy.special import logit, ndtri  # noqa: PLC0415 - dear

    z = float(ndtri(0.5 + confidence / 2))
    inside = np.clip(chance, 1e-12, 1 - 1e-12)  # sure chances have no log odds
    intercept, slope = fit_logit(logit(inside), good)
    bins = _bins(chance, n_bins)
    rows = np.bincount(bins)
    mean, share = (np.bincount(bins, weights=one) / rows for one in (chance, good))
    low, high = _wilson(share, rows, z)
    return Assessment(
        n_good=int(good.sum()),
        n_bad=int((~good).sum()),
        area=area,
        low=max(0.0, area - z * spread),
        high=min(1.0, area + z * spread),
        brier=float(np.mean((chance - good) ** 2)),
        intercept=intercept,
        slope=slope,
        calibration_error=float((np.abs(mean - share) * rows).sum() / rows.sum()),
        chance=mean,
        share=share,
        share_low=low,
        share_high=high,
        rows=rows,
        confidence=confidence,
    )


def _read(outcomes: Any, chances: Any) -> tuple[NDArray[np.bool_], Floats]:
    try:
        outcome = np.asarray(outcomes, dtype=np.float64)
        chance = np.asarray(chances, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidInputError(
            "outcomes and chances must be numbers", code="wrong_type"
        ) from None
    if outcome.ndim != 1 or outcome.shape != chance.shape:
        raise InvalidInputError(
            "outcomes and chances must be equally many, in one dimension",
            code="bad_shape",
        )
    told = ~np.isnan(outcome)
    outcome, chance = outcome[told], chance[told]
    check_each(
        "outcomes",
        np.isin(outcome, (0.0, 1.0)),
        "be True or False, or 1 or 0",
        code="bad_outcome",
    )
    check_each(
        "chances", (chance >= 0) & (chance <= 1), "lie in 0 to 1", code="out_of_range"
    )
    good = outcome == 1
    if not good.any() or good.all():
        raise InvalidInputError(
            "there must be at least one good and one bad outcome", code="one_outcome"
        )
    return good, chance


def _area(good: NDArray[np.bool_], chance: Floats) -> tuple[float, float]:
    """Give the area under the curve, and its standard error."""
    from scipy.stats import rankdata  # noqa: PLC0415 - dear

    n, m = int(good.sum()), int((~good).sum())
    ranks = rankdata(chance)
    above = (ranks[good] - rankdata(chance[good])) / m
    below = 1 - (ranks[~good] - rankdata(chance[~good])) / n
    var = sum(one.var(ddof=1) / one.size for one in (above, below) if one.size > 1)
    return float(above.mean()), float(np.sqrt(var))


def _bins(chance: Floats, n_bins: int) -> NDArray[np.intp]:
    """Cut chances into bins of about as many rows; equal ones stay together."""
    limits = np.unique(
        np.quantile(chance, np.arange(1, n_bins) / n_bins, method="higher")
    )
    found = np.searchsorted(limits, chance, side="right")
    return np.unique(found, return_inverse=True)[1]


def _wilson(share: Floats, rows: Any, z: float) -> tuple[Floats, Floats]:
    """Give the score interval of a share: Wilson 1927, J. Am. Stat. Assoc. 22, p. 209."""
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows**2))
    half = half / (1 + z * z / rows)
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)
