"""The scorecard itself, and what a party's points add up to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ByCustomer, array_field, position_of
from customer_identification.attributes import AttributeTable
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_new_ids, to_frame
from customer_identification.options import an_instance, float_field, shares
from customer_identification.scorecard.assess import Assessment, assess
from customer_identification.scorecard.points import (
    NumberPoints,
    WordPoints,
)
from customer_identification.scorecard.scale import ScoreScale
from customer_identification.scorecard.weights import fit_logit


__all__ = ["Scorecard", "Scores"]

Floats = NDArray[np.float64]

_BASE = "base"  # what the points of no attribute are called


def _all(values: Any) -> tuple[NumberPoints | WordPoints, ...]:
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(
        isinstance(one, (NumberPoints, WordPoints)) for one in values
    ):
        raise InvalidInputError(
            "attributes must be a list of NumberPoints and WordPoints",
            code="bad_option",
        )
    return tuple(values)


@frozen(kw_only=True, repr=False)
class Scorecard:
    """Points for every attribute; the base and the points of all add up to the score.

    Made by :func:`learn_scorecard`, or by hand.

    Attributes
    ----------
    attributes : tuple of NumberPoints or WordPoints
        Points by bin.
    base : float
        The score of a party without points.
    scale : ScoreScale or None
        How the score reads as a chance.
    left_out : tuple of (str, str)
        Attributes that were not taken, and why.
    suspects : tuple of str
        Attributes that tell the outcome so well that they may only be known with it.

    Raises
    ------
    InvalidInputError
        If two attributes share a name, or one is called base.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> card = Scorecard(
    ...     attributes=[
    ...         NumberPoints(name="staff", limits=[10], points=[0, 30]),
    ...         WordPoints(name="branch", words=[["trade"]], points=[20]),
    ...     ],
    ...     base=100,
    ... )
    >>> leads = pd.DataFrame(
    ...     {"customer_id": [1, 2], "staff": [40, 5], "branch": ["craft", "trade"]}
    ... )
    >>> scores = card.score(attribute_table(leads))
    >>> scores.score.tolist()
    [130.0, 120.0]
    >>> scores.points_of(2)
    {'base': 100.0, 'staff': 0.0, 'branch': 20.0}
    """

    attributes: tuple[NumberPoints | WordPoints, ...] = field(converter=_all)
    base: float = float_field("base", 0.0, -math.inf)
    scale: ScoreScale | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    suspects: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        an_instance("scale", self.scale, ScoreScale, or_none=True)
        if _BASE in self.names:
            raise InvalidInputError(
                f"no attribute of a card may be called {_BASE!r}", code="bad_option"
            )
        if len(set(self.names)) < len(self.attributes):
            raise InvalidInputError(
                "attributes of a card must have different names",
                code="duplicate_column",
            )

    def __repr__(self) -> str:
        return f"Scorecard({len(self.attributes)} attributes)"

    def __str__(self) -> str:
        lines = [f"base: {self.base:.1f}"]
        for one in self.attributes:
            lines += [
                f"{one.text(code)}: {points:+.1f}"
                for code, points in enumerate(one.all_points)
            ]
        return "\n".join(lines)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(one.name for one in self.attributes)

    @property
    def information(self) -> dict[str, float]:
        """Information value by attribute, largest first; nan where not learnt."""
        found = {one.name: one.information for one in self.attributes}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @property
    def turned(self) -> tuple[str, ...]:
        """Attributes whose points go against what each tells alone.

        Beside the others they tell the opposite, as income may at equal spending.
        """
        return tuple(
            one.name
            for one in self.attributes
            if one.counts and (one.all_points * one.evidence).sum() < 0
        )

    def score(self, table: AttributeTable) -> Scores:
        """Give every party their points.

        Parameters
        ----------
        table : AttributeTable
            With all attributes of the card; others are not looked at.

        Raises
        ------
        MissingColumnError
            If an attribute is not there.
        InvalidInputError
            If one holds words where the card has numbers, or the other way.
        """
        an_instance("table", table, AttributeTable)
        codes = np.empty((len(self.attributes), len(table)), np.uint8)
        for into, one in zip(codes, self.attributes, strict=True):
            into[:] = one.codes(table.column(one.name))
        return Scores(
            card=self, customer_ids=table.customer_ids, codes=codes, kind=table.kind
        )

    def check(self, table: AttributeTable, *, n_bins: int = 10) -> Assessment:
        """Hold the chances against outcomes, best of parties that were not learnt from.

        Raises
        ------
        InvalidInputError
            If the table has no outcomes, or the card has no scale.
        """
        outcomes, scores = self._told(table)
        return assess(outcomes, scores.chance, n_bins=n_bins)

    def calibrated(self, table: AttributeTable) -> Scorecard:
        """Give the card with chances fitted to outcomes (Platt 1999); points stay.

        Raises
        ------
        InvalidInputError
            If the table has no outcomes, good ones and bad ones; or higher scores go
            with fewer good ones there.
        """
        outcomes, scores = self._told(table)
        told = ~np.isnan(outcomes)
        good = outcomes[told] == 1
        if not good.any() or good.all():
            raise InvalidInputError(
                "there must be at least one good and one bad outcome",
                code="one_outcome",
            )
        scale = evolve(self.scale or ScoreScale(), intercept=0.0, slope=1.0)
        intercept, slope = fit_logit(scale.log_odds(scores.score[told]), good)
        if slope < 0:
            raise InvalidInputError(
                "higher scores must go with more good outcomes; here it is the other way",
                code="not_calibrated",
            )
        return evolve(self, scale=evolve(scale, intercept=intercept, slope=slope))

    def moved(self, here: float, there: float) -> Scorecard:
        """Give the card with chances for where another share turns out well.

        Points and scores stay; log odds move by those of the shares (King & Zeng 2001,
        "Logistic Regression in Rare Events Data", Political Analysis 9, section 4.1).

        Parameters
        ----------
        here, there : float
            Share of good outcomes where the card was learnt, and where it is used.

        Raises
        ------
        InvalidInputError
            If a share does not lie between 0 and 1, or the card has no scale.
        """
        shares("here", (here,))
        shares("there", (there,))
        if self.scale is None:
            raise InvalidInputError(
                "the card must have a scale, by which a score is a chance",
                code="no_scale",
            )
        shift = math.log(there / (1 - there)) - math.log(here / (1 - here))
        scale = evolve(self.scale, intercept=self.scale.intercept + shift)
        return evolve(self, scale=scale)

    def _told(self, table: AttributeTable) -> tuple[Floats, Scores]:
        an_instance("table", table, AttributeTable)
        return table.told, self.score(table)

    def to_frame(self) -> Any:
        """Give one row a bin: points, outcomes, weight of evidence, information value."""
        rows = [
            (one, code, points)
            for one in self.attributes
            for code, points in enumerate(one.all_points.tolist())
        ]
        counts = [one.counts[code] if one.counts else (0, 0) for one, code, _ in rows]
        return to_frame(
            {
                "attribute": _text([one.name for one, _, _ in rows]),
                "bin": _text([one.text(code) for one, code, _ in rows]),
                "points": np.array([points for _, _, points in rows], np.float64),
                "good": np.array([good for good, _ in counts], np.int64),
                "bad": np.array([bad for _, bad in counts], np.int64),
                "evidence": np.array(
                    [one.evidence[code] for one, code, _ in rows], np.float64
                ),
                "information": np.array(
                    [one.information for one, _, _ in rows], np.float64
                ),
            },
            "pandas",
        )


def _text(words: list[str]) -> NDArray[Any]:
    found = np.empty(len(words), dtype=object)
    found[:] = words
    return found


@frozen(kw_only=True, repr=False)
class Scores(ByCustomer):
    """The points of every party, by attribute.

    Attributes
    ----------
    card : Scorecard
        Where the points come from.
    customer_ids : ndarray, shape (n,)
        Sorted.
    codes : ndarray of uint8, shape (n_attributes, n)
        The bin of each.
    """

    card: Scorecard
    customer_ids: NDArray[Any] = array_field()
    codes: NDArray[np.uint8] = array_field()
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return (
            f"Scores({len(self):,} parties by {len(self.card.attributes)} attributes)"
        )

    @property
    def points(self) -> dict[str, Floats]:
        """Points of each party by attribute."""
        return {
            one.name: one.all_points[codes]
            for one, codes in zip(self.card.attributes, self.codes, strict=True)
        }

    @property
    def score(self) -> Floats:
        """Base and points of each party, added up."""
        total = np.full(len(self), self.card.base)
        for points in self.points.values():
            total += points
        return total

    @property
    def chance(self) -> Floats:
        """Chance of a good outcome; nan where the card has no scale."""
        scale = self.card.scale
        if scale is None:
            return np.full(len(self), np.nan)
        chance: Floats = scale.chance(self.score)
        return chance

    @property
    def known(self) -> Floats:
        """Share of what the card asks that is known, attributes weighed by their span.

        1 for a card that asks nothing.
        """
        spans = np.array([one.span for one in self.card.attributes])
        if not spans.sum():
            spans = np.ones(spans.size)
        is_known = [
            codes != len(one.points)
            for one, codes in zip(self.card.attributes, self.codes, strict=True)
        ]
        if not is_known:
            return np.ones(len(self))
        share: Floats = spans @ np.array(is_known) / spans.sum()
        return share

    def points_of(self, customer_id: int | str) -> dict[str, float]:
        """Give the base and the points of one party; they add up to the score.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        return {
            _BASE: self.card.base,
            **{
                one.name: float(one.all_points[codes[at]])
                for one, codes in zip(self.card.attributes, self.codes, strict=True)
            },
        }

    def renamed(self, new_ids: object) -> Scores:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n,)
            Whole numbers or text, in the order of `customer_ids`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        return evolve(self.take(np.argsort(new.codes)), customer_ids=new.unique)

    def take(self, rows: Any) -> Scores:
        """Give some parties only, or all in another order."""
        return evolve(
            self, customer_ids=self.customer_ids[rows], codes=self.codes[:, rows]
        )

    def to_frame(self) -> Any:
        """Give score, chance and points by attribute, one row a party."""
        columns: dict[str, Any] = {
            "customer_id": self.customer_ids,
            "score": self.score,
            "chance": self.chance,
            "known": self.known,
            **{f"{name}_points": one for name, one in self.points.items()},
        }
        return to_frame(columns, self.kind)
