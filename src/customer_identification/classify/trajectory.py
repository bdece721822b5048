"""Value trajectories: who brings most, who is on the way there, who is losing value."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike, NDArray

from customer_identification.aggregate import Period
from customer_identification.arrays import blocks
from customer_identification.classify.base import Classification, classify_by
from customer_identification.classify.limits import limits_by_customers
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    measure_of,
    table_field,
)
from customer_identification.errors import InvalidInputError
from customer_identification.options import number_field, share_field, whole_field
from customer_identification.summary import Summary


__all__ = [
    "TrajectoryRule",
    "ValueTrajectoryClassifier",
    "history_of",
    "mann_kendall",
    "theil_sen",
    "trends",
]

Floats = NDArray[np.float64]

_LABELS = (
    "retain",
    "win_share",
    "rising",
    "stable",
    "review",
    "new",
    "dormant",
    "unknown",
)
# A period of next to no value, or of nearly all, says little of the season: our choice.
_SEASON = (0.1, 10.0)
_CELLS = 1 << 16  # numbers at a time, so that they stay in the cache; our choice


# --- kernels ----------------------------------------------------------------------


def trends(series: ArrayLike) -> tuple[Floats, Floats]:
    """Give Mann-Kendall z and Theil-Sen slope of many series, from the same pairs.

    Parameters
    ----------
    series : array_like, shape (n_series, n_times)
        Values at equal distances in time.

    Returns
    -------
    z, slope : ndarray of float, shape (n_series,)
        As :func:`mann_kendall` and :func:`theil_sen` give them; nan where a value is.

    Examples
    --------
    >>> z, slope = trends([[1, 2, 3, 4, 5]])
    >>> z.round(3), slope
    (array([2.205]), array([1.]))
    """
    values = np.asarray(series, dtype=np.float64)
    n_series, n_times = values.shape
    if n_times < 2:
        return np.zeros(n_series), np.full(n_series, np.nan)
    earlier, later, distance = _pairs(n_times)
    low, high = (distance.size - 1) // 2, distance.size // 2
    score, slopes = np.empty((2, n_series))
    for rows in blocks(n_series, max(_CELLS // distance.size, 1)):
        block = values[rows]
        changes = block.take(later, axis=1)
        changes -= block.take(earlier, axis=1)
        np.sign(changes).sum(axis=1, out=score[rows])
        changes /= distance
        changes.sort(axis=1)
        slopes[rows] = (changes[:, low] + changes[:, high]) / 2
    slopes[np.isnan(score)] = np.nan
    variance = n_times * (n_times - 1) * (2 * n_times + 5) / 18 - _tied(values)
    # Where it is not 0, with all values tied and no score, it is at least 1.
    return (score - np.sign(score)) / np.sqrt(np.maximum(variance, 1)), slopes


def theil_sen(series: ArrayLike) -> Floats:
    """Give the median slope between all pairs of points, for many series at once.

    Parameters
    ----------
    series : array_like, shape (n_series, n_times)
        Values at equal distances in time.

    Returns
    -------
    slope : ndarray of float, shape (n_series,)
        Change from one time to the next; nan with fewer than two times, or with a nan.

    Notes
    -----
    Theil (1950), Sen (1968), "Estimates of the Regression Coefficient Based on
    Kendall's Tau", J. Am. Stat. Assoc. 63(324), p. 1379. Up to 29 % of wild values
    cannot move it far.

    Examples
    --------
    >>> theil_sen([[1, 2, 3, 4, 100], [4, 4, 4, 4, 4]])
    array([1., 0.])
    """
    return trends(series)[1]


def mann_kendall(series: ArrayLike) -> Floats:
    """Test many series for a trend: the Mann-Kendall z, corrected for ties.

    Parameters
    ----------
    series : array_like, shape (n_series, n_times)
        Values in order of time.

    Returns
    -------
    z : ndarray of float, shape (n_series,)
        Standard normal where there is no trend; above 0 for a rise, and 0 where all
        values tie, or with fewer than two times; nan with a nan.

    Notes
    -----
    Gilbert (1987), *Statistical Methods for Environmental Pollution Monitoring*,
    equations 16.1 to 16.4 (pp. 209-212): S counts rises less falls over all pairs, its
    variance is corrected for ties, and S is drawn in by 1 for continuity.

    Examples
    --------
    >>> mann_kendall([[1, 2, 3, 4, 5], [2, 2, 2, 2, 2]]).round(3)
    array([2.205, 0.   ])
    """
    return trends(series)[0]


@lru_cache(maxsize=8)
def _pairs(n_times: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Give the places of all pairs of times, and how far they are apart."""
    earlier, later = np.triu_indices(n_times, 1)
    return earlier, later, (later - earlier).astype(np.float64)


def _tied(values: Floats) -> Floats:
    """Add t (t - 1) (2 t + 5) / 18 over the groups of t tied values in each row."""
    n_series, n_times = values.shape
    ordered = np.sort(values, axis=1)
    starts = np.ones((n_series, n_times), dtype=np.bool_)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=starts[:, 1:])
    at = np.flatnonzero(starts)
    size = np.empty(at.size)
    np.subtract(at[1:], at[:-1], out=size[:-1])
    size[-1:] = values.size - at[-1:]
    terms = size * (size - 1) * (2 * size + 5) / 18
    return np.bincount(at // n_times, terms, n_series).astype(np.float64)


# --- measures of a summary ----------------------------------------------------------


def history_of(summary: Summary) -> Floats | None:
    """Count the complete periods after that of each first purchase.

    The period of the first purchase is left out: it is cut short, and never empty, so
    with it even customers who buy at random would seem to decline.

    Returns
    -------
    ndarray of float, shape (n_customers,), or None
        nan where nothing was bought; None without dates. [periods]
    """
    first = summary.first_purchase
    if first is None:
        return None
    starts = summary.periods
    history = (starts.size - starts.searchsorted(first, side="right")).astype(
        np.float64
    )
    history[np.isnat(first)] = np.nan
    return history


def _trends(
    summary: Summary, season: tuple[float, ...]
) -> tuple[Floats, Floats, Floats]:
    """Measure trend, relative slope and length of history of every customer."""
    trend, slope = np.full((2, len(summary)), np.nan)
    history = history_of(summary)
    if history is None or summary.period_values is None:
        return trend, slope, np.full(len(summary), np.nan)
    values: NDArray[Any] = summary.period_values
    if season:
        values = values / _season_of(summary, season)
    lengths = np.bincount(history[history > 0].astype(np.intp))
    for length in np.flatnonzero(lengths):
        rows = np.flatnonzero(history == length)
        series = values[rows, values.shape[1] - length :]
        trend[rows], change = trends(series)
        usual = np.abs(series).sum(axis=1) / length
        usual[usual == 0] = 1
        slope[rows] = change / usual
    return trend, slope, history


def _place_in_year(
    periods: NDArray[np.datetime64], period: Period | None
) -> NDArray[np.int64]:
    """Give each period's place in its year: month 0-11, quarter 0-3, week 0-52."""
    if period == "week":
        days: list[date] = periods.astype(object).tolist()
        return np.array([day.isocalendar().week - 1 for day in days], dtype=np.int64)
    months = periods.astype("M8[M]").astype(np.int64) % 12
    return months // 3 if period == "quarter" else months


def _learn_season(summary: Summary) -> tuple[float, ...]:
    """Give each place in the year its share of an average period's value."""
    values = summary.period_totals()
    if values is None or not summary.periods.size:
        return ()
    place = _place_in_year(summary.periods, summary.period)
    size = {"week": 53, "month": 12, "quarter": 4}[summary.period or "month"]
    totals = values.astype(np.float64)
    times = np.bincount(place, minlength=size)
    sums = np.bincount(place, weights=totals, minlength=size)
    average = totals.mean()
    season = np.ones(size)
    usable = (times > 0) & (sums > 0) & (average > 0)
    season[usable] = sums[usable] / times[usable] / average
    season = season.clip(*_SEASON)
    return tuple(season.tolist())


def _season_of(summary: Summary, season: tuple[float, ...]) -> Floats:
    by_place: Floats = np.array(season)
    return by_place[_place_in_year(summary.periods, summary.period)]


# --- the rule -------------------------------------------------------------------------


@frozen(kw_only=True)
class TrajectoryRule:
    """Level by limits of value, direction by trend, read in one table.

    Attributes
    ----------
    most, considerable : int or None
        Least value of the most profitable, and of considerable ones. [minor units]
    dormant_after : int
        [days]
    min_periods, min_purchase_days : int
        Least history to speak of a direction: complete periods after that of the first
        purchase, and days with a purchase.
    trend : float
        Mann-Kendall z beyond which a trend is more than noise.
    min_slope : float
        Least change per period, as a share of the customer's own mean.
    overdue : float
        Own mean gaps without a purchase that count as losing value. [gaps]
    season : tuple of float
        Index by place in the year; empty for none.
    period : {"week", "month", "quarter"} or None
        Of the summary it was learnt from.
    minor_units : int
        Decimals of the money the limits are in.
    lines : tuple of Line
        The table, from the top; follows from the rest.
    """

    most: int | None
    considerable: int | None
    dormant_after: int
    min_periods: int
    min_purchase_days: int
    trend: float
    min_slope: float
    overdue: float
    season: tuple[float, ...]
    period: Period | None
    minor_units: int
    lines: tuple[Line, ...] = table_field()

    @property
    def labels(self) -> tuple[str, ...]:
        """The trajectories; they are kinds, not ranks."""
        return _LABELS

    @lines.default
    def _table(self) -> tuple[Line, ...]:
        falls = [Condition("trend", "<=", -self.trend)]
        if self.min_slope > 0:
            falls.append(Condition("slope", "<=", -self.min_slope))
        rises = (
            Condition("trend", ">=", self.trend),
            Condition("slope", ">", self.min_slope),
        )
        moves = ("trend", "slope")
        lines = [
            Line(
                "dormant",
                (Condition("recency", ">", self.dormant_after),),
                ("overdue",),
            ),
            Line("new", (Condition("history", "<", self.min_periods),)),
            Line(
                "unknown",
                (Condition("purchase_days", "<", self.min_purchase_days),),
                ("value",),
            ),
            Line("review", (Condition("value", "<=", 0),)),
            Line("review", tuple(falls), ("value", "slope")),
            Line(
                "review", (Condition("overdue", ">=", self.overdue),), ("value", *moves)
            ),
        ]
        if self.most is not None and self.considerable is not None:
            most = Condition("value", ">=", self.most)
            considerable = Condition("value", ">=", self.considerable)
            told = Condition("history", ">=", self.min_periods)
            some = Condition("value", ">", 0)
            lines += [
                Line("retain", (most, told), moves, sticky=True),
                Line("win_share", (considerable, *rises), sticky=True),
                Line("rising", rises, ("value",), sticky=True),
                Line("stable", (told, some), (*moves, "overdue"), sticky=True),
            ]
        return (*lines, Line("unknown", (), ("value", "recency", "history")))

    def classify(self, summary: Summary) -> Classification:
        """Give every customer a trajectory.

        Raises
        ------
        InvalidInputError
            If the summary counts money or periods otherwise than the rule.
        """
        if (summary.minor_units, summary.period) != (self.minor_units, self.period):
            raise InvalidInputError(
                f"the summary must have minor_units={self.minor_units} and "
                f"period={self.period!r}, as the rule has; it has "
                f"{summary.minor_units} and {summary.period!r}",
                code="other_units",
            )
        trend, slope, history = _trends(summary, self.season)
        recency = summary.recency
        return classify_by(
            summary,
            self.lines,
            {
                "value": measure_of(summary, "value", "money"),
                "trend": Measure(trend, "score"),
                "slope": Measure(slope, "share"),
                "history": Measure(history, "count", moves="up"),
                "recency": Measure(recency, "days", 1, "up or back to 0"),
                "overdue": Measure(
                    recency / summary.mean_gap, "gaps", 1, "up or back to 0"
                ),
                "purchase_days": measure_of(summary, "purchase_days", "count"),
            },
            labels=self.labels,
        )


@frozen(kw_only=True)
class ValueTrajectoryClassifier:
    """The three kinds of valuable customer, by level and direction of value.

    ===========  ==================================================  ===============
    class        who                                                 what to do
    ===========  ==================================================  ===============
    retain       brings the most, and is not losing value            keep
    win_share    brings considerable value, and more every period    win their share
    rising       grows, from a small value                           stars of tomorrow
    stable       none of these                                       serve
    review       losing value, late, or worth nothing                find out why
    new          too few complete periods after the first purchase   get to know
    dormant      no purchase for long                                win back, or let go
    unknown      too few purchases, or no value                      gather data
    ===========  ==================================================  ===============

    The table is read with doubts first: whoever is losing value is in review, however
    large, so a large customer who declines is never filed as safe.

    Parameters
    ----------
    most : float
        Share of the customers of positive value who bring the most; 0.2 follows the
        80/20 rule of thumb.
    considerable : float
        Share whose value is considerable; the upper half is our choice.
    dormant_after : int
        Days without a purchase; 180 is our choice. [days]
    min_periods : int
        Complete periods after that of the first purchase; 4 is the least with which a
        steady rise can pass the test at 5 %.
    min_purchase_days : int
        3 is the least with two gaps to compare.
    significance : float
        Level of the Mann-Kendall test, asked for each direction by itself (one-sided);
        0.05 is the convention.
    min_slope : float
        Theil-Sen slope, as a share of the customer's own mean per period, that a rise
        must exceed, and that a fall must reach. At 0 the test alone decides of a fall,
        since with many empty periods the median slope is 0. [1 / period]
    overdue : float
        Mean gaps since the last purchase. With exponential gaps only 5 % are longer
        than 3 (exp(-3) = 0.0498). [gaps]
    seasonal : bool
        Divide each period by the season of the whole base first, a factor between 0.1
        and 10. Learnt from less than two years it also takes out the trend of the base:
        who grows faster than all?

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> sales = [
    ...     Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
    ...     for month in range(1, 9)
    ...     for one, amount in [
    ...         ("flat", 900),
    ...         ("up", 100 * month),
    ...         ("down", 900 - 100 * month),
    ...     ]
    ... ]
    >>> summary = summarize(sales, as_of="2011-08-31")
    >>> rule = ValueTrajectoryClassifier().fit(summary)
    >>> classes = rule.classify(summary)
    >>> [classes.label_of(one) for one in ("flat", "up", "down")]
    ['retain', 'win_share', 'review']
    """

    most: float = share_field(0.2)
    considerable: float = share_field(0.5)
    dormant_after: int = whole_field(180, 1)
    min_periods: int = whole_field(4, 2)
    min_purchase_days: int = whole_field(3, 1)
    significance: float = share_field(0.05)
    min_slope: float = number_field(0.0, 0)
    overdue: float = number_field(3.0, 1)
    seasonal: bool = False

    def __attrs_post_init__(self) -> None:
        if self.most > self.considerable:
            raise InvalidInputError(
                "most must not be above considerable", code="bad_option"
            )

    def fit(self, summary: Summary) -> TrajectoryRule:
        """Learn the levels, and the season where asked, from a population."""
        values = np.empty(0, np.int64) if summary.value is None else summary.value
        shares = (self.most, self.considerable)
        limits = [limit.value for limit in limits_by_customers(values, shares)]
        most, considerable = limits or (None, None)
        return TrajectoryRule(
            most=most,
            considerable=considerable,
            dormant_after=self.dormant_after,
            min_periods=self.min_periods,
            min_purchase_days=self.min_purchase_days,
            trend=NormalDist().inv_cdf(1 - self.significance),
            min_slope=self.min_slope,
            overdue=self.overdue,
            season=_learn_season(summary) if self.seasonal else (),
            period=summary.period,
            minor_units=summary.minor_units,
        )
