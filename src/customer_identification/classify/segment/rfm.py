"""RFM scores: how recently, how often and for how much a customer bought, in bins."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ByCustomer, array_field, position_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, read_new_ids, to_frame
from customer_identification.options import an_instance, number, whole, whole_field
from customer_identification.summary import Summary


__all__ = ["RFM", "RFMRule", "RFMScore", "RFMScorer", "RFMScores"]

RFM = ("recency", "frequency", "monetary")

# Fifths are customary: Hughes, "Strategic Database Marketing" (1994).
_CUSTOMARY = 5
_MOST_BINS = 9  # a score is one digit

Limits = tuple[float, ...]
Rows = tuple[Limits, ...]
Scores = NDArray[np.int8]


def _check_summary(summary: object) -> None:
    if not isinstance(summary, Summary):
        raise InvalidInputError(
            "summary must be of class Summary: segments are learnt from, and scored for, "
            "customers here; a fitted classifier runs in the batches of an engine",
            code="bad_option",
        )


def _bad(name: str) -> InvalidInputError:
    return InvalidInputError(
        f"{name} must be a number of bins from 2 to {_MOST_BINS}, or from 1 to "
        f"{_MOST_BINS - 1} limits that rise",
        code="bad_option",
    )


def _bins_field(name: str) -> Any:
    """Declare how one measure is cut: into how many bins, or at which limits."""

    def convert(value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            try:
                return whole(name, value, 2, _MOST_BINS)
            except InvalidInputError:
                raise _bad(name) from None
        try:
            known = [number(name, one, -math.inf) for one in value]
        except InvalidInputError:
            raise _bad(name) from None
        rising = all(low < high for low, high in pairwise(known))
        if not 1 <= len(known) < _MOST_BINS or not rising:
            raise _bad(name)
        return tuple(value)

    return field(default=_CUSTOMARY, converter=convert)


def _is_bool(_: object, __: object, value: object) -> None:
    an_instance("nested", value, bool)


# --- the result ---------------------------------------------------------------------


@frozen(kw_only=True)
class RFMScore:
    """The three scores of one customer, 1 to the number of bins; None is unknown."""

    recency: int | None
    frequency: int | None
    monetary: int | None

    def __str__(self) -> str:
        digits = (self.recency, self.frequency, self.monetary)
        return "".join("?" if one is None else str(one) for one in digits)


@frozen(kw_only=True, repr=False)
class RFMScores(ByCustomer):
    """The RFM scores of many customers.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted, as in the summary.
    recency, frequency, monetary : ndarray of int8, shape (n_customers,)
        1 to the number of bins, more is better; 0 is unknown.
    as_of : date
        The day they speak of.
    """

    customer_ids: NDArray[Any] = array_field()
    recency: Scores = array_field()
    frequency: Scores = array_field()
    monetary: Scores = array_field()
    as_of: date
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return f"RFMScores({len(self):,} customers, as of {self.as_of})"

    def __getitem__(self, customer_id: int | str) -> RFMScore:
        """Give the scores of a customer.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        return RFMScore(**{name: int(getattr(self, name)[at]) or None for name in RFM})

    def _digits(self) -> NDArray[np.int64]:
        """Give the three digits as one number; -1 where one of them is unknown."""
        known = (self.recency > 0) & (self.frequency > 0) & (self.monetary > 0)
        digits = (
            self.recency.astype(np.int64) * 100 + self.frequency * 10 + self.monetary
        )
        return np.where(known, digits, -1)

    def counts(self) -> dict[str, int]:
        """Give the number of customers by digits, as ``"543"``, and of those unknown."""
        digits = self._digits()
        counted = np.bincount(digits[digits >= 0], minlength=1)
        found = {str(one): int(counted[one]) for one in np.flatnonzero(counted)}
        return {**found, "unknown": int(np.count_nonzero(digits < 0))}

    def effective_bins(self) -> dict[str, int]:
        """Give by measure how many different scores occur; ties may leave fewer."""
        return {name: _distinct(getattr(self, name)) for name in RFM}

    def to_frame(self) -> Any:
        """Give ids, scores and digits as the kind of frame the host gave."""
        digits = self._digits()
        words = np.unique(digits[digits >= 0])
        codes = np.where(digits < 0, -1, np.searchsorted(words, digits))
        columns: dict[str, Any] = {"customer_id": self.customer_ids}
        for name in RFM:
            scores = getattr(self, name).astype(np.int64)
            columns[f"{name}_score"] = np.ma.MaskedArray(scores, scores == 0)
        names = tuple(str(word) for word in words.tolist())
        columns["rfm"] = Labels(codes=codes.astype(np.int32), words=names)
        return to_frame(columns, self.kind)

    def renamed(self, new_ids: object) -> RFMScores:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        order = np.argsort(new.codes)
        scores = {name: getattr(self, name)[order] for name in RFM}
        return evolve(self, customer_ids=new.unique, **scores)


def _limits_of(values: Any) -> Limits:
    if not isinstance(values, (list, tuple)):
        raise InvalidInputError("limits must be in lists", code="bad_option")
    for one in values:
        number("a limit", one, -math.inf)
    return tuple(values)


def _rows_of(values: Any) -> Rows:
    if not isinstance(values, (list, tuple)):
        raise InvalidInputError("limits must be in rows", code="bad_option")
    return tuple(map(_limits_of, values))


def _three(values: Any, low: int = 0) -> tuple[int, int, int]:
    if not isinstance(values, (list, tuple)) or len(values) != 3:
        raise InvalidInputError(
            "there must be three numbers of bins", code="bad_option"
        )
    first, second, third = (whole("bins", one, low, 9) for one in values)
    return first, second, third


def _bins_of(values: Any) -> tuple[int, int, int]:
    return _three(values, 2)


def _distinct(scores: Scores) -> int:
    return int(np.unique(scores[scores > 0]).size)


# --- the rule -----------------------------------------------------------------------


@frozen(kw_only=True)
class RFMRule:
    """Limits between the bins of recency, frequency and monetary value.

    A limit is the least value of a bin. Where nothing could be learnt there are none, and
    every score that needs them is unknown.

    Attributes
    ----------
    recency : tuple of float
        Rising; below the first is the best score. [days]
    frequency : tuple of tuple of float
        Rising; from the last on is the best score. One row for all, or with `nested`
        one for each score of recency. [purchases]
    monetary : tuple of tuple of float
        The same; with `nested` one row for each pair of scores of recency and
        frequency, the latter changing faster. [minor units]
    n_bins : (int, int, int)
        How many scores there can be.
    n_effective : (int, int, int)
        How many of them occur where the rule was learnt; ties may leave fewer.
    nested : bool
        Whether frequency is cut within each score of recency, and so on.
    minor_units : int
        Decimals of the money the limits are in.
    """

    recency: Limits = field(converter=_limits_of)
    frequency: Rows = field(converter=_rows_of)
    monetary: Rows = field(converter=_rows_of)
    n_bins: tuple[int, int, int] = field(converter=_bins_of)
    n_effective: tuple[int, int, int] = field(default=(0, 0, 0), converter=_three)
    nested: bool = False
    minor_units: int = whole_field(2, 0)

    def __attrs_post_init__(self) -> None:
        recency, frequency, _ = self.n_bins
        wanted = (recency, recency * frequency) if self.nested else (1, 1)
        rows = zip(
            self.n_bins, ((self.recency,), self.frequency, self.monetary), strict=True
        )
        is_right = all(
            len(one) in {0, n - 1}
            and all(math.isfinite(limit) for limit in one)
            and all(low <= high for low, high in pairwise(one))
            for n, several in rows
            for one in several
        )
        if not is_right or (len(self.frequency), len(self.monetary)) != wanted:
            raise InvalidInputError(
                "limits must be one fewer than bins and not fall, with one row of them "
                "for each cell of the scores before",
                code="bad_option",
            )

    @property
    def effective_bins(self) -> dict[str, int]:
        """By measure how many different scores occur where the rule was learnt."""
        return dict(zip(RFM, self.n_effective, strict=True))

    def limits(self, measure: str, cell: tuple[int, int] = (1, 1)) -> Limits:
        """Give the limits of a measure; with `nested`, in a cell of the scores before.

        Parameters
        ----------
        measure : {"recency", "frequency", "monetary"}
        cell : (int, int)
            Scores of recency and frequency.
        """
        if measure == "recency":
            return self.recency
        rows = self.frequency if measure == "frequency" else self.monetary
        if not self.nested:
            return rows[0]
        recency, frequency = cell
        if measure == "frequency":
            return rows[recency - 1]
        return rows[(recency - 1) * self.n_bins[1] + frequency - 1]

    def score(self, summary: Summary) -> RFMScores:
        """Score the customers of a summary.

        Parameters
        ----------
        summary : Summary
            Of any number of customers.

        Returns
        -------
        RFMScores
            Unknown where nothing was bought; recency where no dates, and monetary value
            where no amounts are known; and all that is cut within what is unknown.

        Raises
        ------
        InvalidInputError
            If the summary counts money in other units than the rule.
        """
        _check_summary(summary)
        if summary.minor_units != self.minor_units:
            raise InvalidInputError(
                f"the summary must have minor_units={self.minor_units}, as the rule "
                f"has; it has {summary.minor_units}",
                code="minor_units",
            )
        scores = _scores_by(summary, self.n_bins, self._cut, nested=self.nested)
        return RFMScores(
            customer_ids=summary.customer_ids,
            as_of=summary.as_of,
            kind=summary.kind,
            **dict(zip(RFM, scores, strict=True)),
        )

    def _cut(self, measure: int, row: int, _: NDArray[Any]) -> Limits:
        rows = ((self.recency,), self.frequency, self.monetary)[measure]
        return rows[row]


Cut = Callable[[int, int, NDArray[Any]], Limits]


def _measured(summary: Summary) -> tuple[NDArray[Any], ...]:
    """Give the three measures as numbers; nan where unknown, or nothing was bought."""
    bought = summary.purchases > 0
    value = np.full(len(summary), np.nan) if summary.value is None else summary.value
    return tuple(
        np.where(bought, one, np.nan)
        for one in (summary.recency, summary.purchases, value)
    )


def _scores_by(
    summary: Summary, n_bins: tuple[int, int, int], cut: Cut, *, nested: bool
) -> list[Scores]:
    """Score measure by measure; `cut` gives the limits in a row of earlier scores."""
    found: list[Scores] = []
    row = np.zeros(len(summary), dtype=np.int64)  # -1 is in none
    n_rows = 1
    for measure, values in enumerate(_measured(summary)):
        scores = np.zeros(len(summary), dtype=np.int8)
        for one in range(n_rows):
            inside = np.flatnonzero((row == one) & ~np.isnan(values))
            if limits := cut(measure, one, values[inside]):
                passed = np.searchsorted(limits, values[inside], side="right")
                scores[inside] = n_bins[0] - passed if measure == 0 else passed + 1
        found.append(scores)
        if nested:
            row = np.where(scores > 0, row * n_bins[measure] + scores - 1, -1)
            n_rows *= n_bins[measure]
    return found


# --- learning it --------------------------------------------------------------------


def _quantiles(values: NDArray[Any], n_bins: int) -> Limits:
    """Give the whole numbers next above the quantiles; none where there are no values."""
    if not values.size:
        return ()
    rising = np.sort(values)
    places = [-(-k * values.size // n_bins) - 1 for k in range(1, n_bins)]
    return tuple(int(rising[place]) + 1 for place in places)


@frozen(kw_only=True)
class RFMScorer:
    """How recency, frequency and monetary value are cut into bins.

    Parameters
    ----------
    recency, frequency, monetary : int or sequence of number
        The number of bins, 2 to 9, of equal numbers of customers but for ties; or your
        own limits, rising, in days, purchases and your money. Five is customary.
    nested : bool
        Whether frequency is cut within each score of recency, and monetary value within
        each pair of those; by default each is cut by itself.

    Notes
    -----
    Recency is `Summary.recency`, frequency `purchases`, monetary value `value` (profit
    where the data have it, else amount). Learnt from those who bought something.

    The limit above bin k of n is the next whole number (day, purchase, minor unit) above
    the smallest value that k/n of the customers do not exceed (Hyndman & Fan 1996,
    "Sample Quantiles in Statistical Packages", Am. Stat. 50(4), definition 1). So a limit
    is a value, and equal customers share a bin. The R package rfm has one above the
    interpolated quantile (definition 7) instead: ``bins`` in its R/utils.R; its custom
    thresholds are our limits.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, 7, one), amount=10 * one)
    ...         for one in range(1, 11)
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> rule = RFMScorer().fit(summary)
    >>> print(rule.score(summary)[10])
    515
    >>> rule.effective_bins  # everybody bought once
    {'recency': 5, 'frequency': 1, 'monetary': 5}
    """

    recency: int | tuple[float | Decimal, ...] = _bins_field("recency")
    frequency: int | tuple[float | Decimal, ...] = _bins_field("frequency")
    monetary: int | tuple[float | Decimal, ...] = _bins_field("monetary")
    nested: bool = field(default=False, validator=_is_bool)

    @property
    def n_bins(self) -> tuple[int, int, int]:
        """How many scores of each measure there can be."""
        recency, frequency, monetary = (
            one if isinstance(one, int) else len(one) + 1
            for one in (self.recency, self.frequency, self.monetary)
        )
        return recency, frequency, monetary

    def fit(self, summary: Summary) -> RFMRule:
        """Learn the limits from a population.

        Raises
        ------
        InvalidInputError
            If it is no Summary; that of an engine is to be collected first.
        """
        _check_summary(summary)
        rows: tuple[list[Limits], ...] = ([], [], [])
        scale = 10**summary.minor_units

        def cut(measure: int, _: int, values: NDArray[Any]) -> Limits:
            bins = (self.recency, self.frequency, self.monetary)[measure]
            if isinstance(bins, int):
                limits = _quantiles(values, bins)
            elif measure == 2:
                limits = tuple(math.ceil(Fraction(str(one)) * scale) for one in bins)
            else:
                limits = tuple(float(one) for one in bins)
            rows[measure].append(limits)
            return limits

        scores = _scores_by(summary, self.n_bins, cut, nested=self.nested)
        recency, frequency, monetary = (_distinct(one) for one in scores)
        return RFMRule(
            recency=rows[0][0],
            frequency=tuple(rows[1]),
            monetary=tuple(rows[2]),
            n_bins=self.n_bins,
            n_effective=(recency, frequency, monetary),
            nested=self.nested,
            minor_units=summary.minor_units,
        )
