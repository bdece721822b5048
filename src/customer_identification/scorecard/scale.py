"""How a score reads as a chance."""

from __future__ import annotations

import math
from typing import Any

from attrs import frozen

from customer_identification.options import float_field, number


__all__ = ["ScoreScale"]


@frozen(kw_only=True)
class ScoreScale:
    """How a score reads as the chance of a good outcome.

    Attributes
    ----------
    score, odds : float
        At this score the odds are so many good to one bad. 600 and 50 are those of the
        worked example in Siddiqi 2006, p. 114.
    points_to_double : float
        Points that double the odds; 20 there.
    intercept, slope : float
        Of the recalibration on log odds; 0 and 1 without any.

    Examples
    --------
    >>> scale = ScoreScale()
    >>> round(float(scale.chance(600)), 4), round(scale.score_at(0.5), 3)
    (0.9804, 487.123)
    """

    score: float = float_field("score", 600.0, -math.inf)
    odds: float = float_field("odds", 50.0, 1e-9)
    points_to_double: float = float_field("points_to_double", 20.0, 1e-9)
    intercept: float = float_field("intercept", 0.0, -math.inf)
    slope: float = float_field("slope", 1.0, 0)

    @property
    def factor(self) -> float:
        """Points for one unit of log odds: points to double the odds / ln 2."""
        return self.points_to_double / math.log(2)

    @property
    def offset(self) -> float:
        """Score at even odds."""
        return self.score - self.factor * math.log(self.odds)

    def log_odds(self, scores: Any) -> Any:
        """Give the log odds of scores before recalibration."""
        return (scores - self.offset) / self.factor

    def log_odds_at(self, scores: Any) -> Any:
        """Give the log odds of scores after recalibration."""
        return self.intercept + self.slope * self.log_odds(scores)

    def chance(self, scores: Any) -> Any:
        """Give the chance of a good outcome."""
        from scipy.special import expit  # noqa: PLC0415 - dear

        return expit(self.log_odds_at(scores))

    def score_at(self, chance: float) -> float:
        """Give the score that has a chance; -inf where every score has it, or more.

        Raises
        ------
        InvalidInputError
            If the chance does not lie between 0 and 1.
        """
        number("chance", chance, 0, 1)
        if not 0 < chance < 1:
            return math.inf if chance else -math.inf
        odds = math.log(chance / (1 - chance)) - self.intercept
        if self.slope == 0:
            return -math.inf if odds <= 0 else math.inf
        return self.offset + self.factor * odds / self.slope
