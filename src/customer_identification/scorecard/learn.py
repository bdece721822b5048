"""Scorecards learnt from outcomes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import NamedTuple, get_args

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable
from customer_identification.errors import InvalidInputError, LeakWarning
from customer_identification.frames import Labels
from customer_identification.options import (
    an_instance,
    float_field,
    share_field,
    whole_field,
    words,
)
from customer_identification.scorecard.binning import (
    BinLimits,
    Counts,
    Direction,
    bin_numbers,
    bin_words,
    information_value,
    weight_of_evidence,
)
from customer_identification.scorecard.card import Scorecard
from customer_identification.scorecard.points import NumberPoints, WordPoints
from customer_identification.scorecard.scale import ScoreScale
from customer_identification.scorecard.weights import fit_intercept, fit_weights


__all__ = [
    "ScorecardPolicy",
    "learn_quietly",
    "learn_scorecard",
    "warn_of_suspects",
]

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class ScorecardPolicy:
    """How scorecards are learnt.

    Parameters
    ----------
    n_fine, n_bins : int
        Most bins to start from, and to end with; 20 and 8 are our choice.
    min_share : float
        Least share of the parties in a bin, of 5 parties at least; 2 % is our choice (Siddiqi 2006, p. 80, asks
        for 5 % and so loses rare answers that tell much).
    significance : float
        Neighbouring bins that do not differ at this level are merged; 30 % is our
        choice, as attributes together tell more of a bin than each alone.
    min_information : float
        Least information value of an attribute: below 0.02 it is "generally
        unpredictive" (Siddiqi 2006, p. 81).
    most_information : float
        Above 0.5 it is to be "checked for over-predicting" (the same).
    shrink : float
        How strongly the weight of an attribute is drawn to that of naive Bayes, as the
        inverse of the variance of a normal prior; 1 is our choice.
    scale : ScoreScale
        How scores read.
    """

    n_fine: int = whole_field(20, 2)
    n_bins: int = whole_field(8, 2)
    min_share: float = share_field(0.02)
    significance: float = share_field(0.3)
    min_information: float = float_field("min_information", 0.02, 0)
    most_information: float = float_field("most_information", 0.5, 0)
    shrink: float = float_field("shrink", 1.0, 0)
    scale: ScoreScale = field(
        factory=ScoreScale, validator=lambda _, a, v: an_instance(a.name, v, ScoreScale)
    )

    def __attrs_post_init__(self) -> None:
        if self.n_bins > self.n_fine or self.n_fine > _MOST:
            raise InvalidInputError(
                f"n_fine must be at least n_bins and at most {_MOST}", code="bad_option"
            )


# Learning from the same parties makes chances too bold by the share of chi2 that the
# number of fitted values makes up (van Houwelingen & le Cessie 1990, Stat. Med. 9,
# p. 1312), all that were tried counted; less than this share is left alone.
_LITTLE = 0.001
_ASKED = ("increasing", "decreasing")
_FEW = 5  # parties of whom no bin speaks alone, so that no word names one; our choice
_MOST = 200  # bins fit in a byte, with those of unknown and other ones


class _Binned(NamedTuple):
    """An attribute in bins: their limits or words, and good and bad by bin.

    `n_tried` is how many numbers were fitted to find them: bins less one, and for
    monotone ones as many as chance alone leaves, 1 + 1/2 + … of those started from
    (Barlow et al. 1972, "Statistical Inference under Order Restrictions").
    """

    name: str
    bins: Floats | list[tuple[str, ...]]
    counts: Counts
    min_rows: float
    n_tried: float

    @property
    def evidence(self) -> Floats:
        """Weight of evidence; 0 for unknown and other ones that are too few to tell."""
        evidence = weight_of_evidence(self.counts)
        n_known = len(self.bins) + isinstance(self.bins, np.ndarray)
        is_few = self.counts[n_known:].sum(axis=1) < self.min_rows
        evidence[n_known:][is_few] = 0
        return evidence

    def points(self, weight: float) -> NumberPoints | WordPoints:
        points = (weight * self.evidence).tolist()
        counts = self.counts.tolist()
        if isinstance(self.bins, np.ndarray):
            return NumberPoints(
                name=self.name,
                limits=self.bins.tolist(),
                points=points[:-1],
                unknown=points[-1],
                counts=counts,
            )
        return WordPoints(
            name=self.name,
            words=self.bins,
            points=points[:-2],
            unknown=points[-2],
            other=points[-1],
            counts=counts,
        )


def learn_scorecard(
    table: AttributeTable,
    *,
    attributes: Sequence[str] | None = None,
    directions: Mapping[str, Direction] | None = None,
    trusted: Sequence[str] = (),
    policy: ScorecardPolicy | None = None,
) -> Scorecard:
    """Learn points from outcomes, by weight of evidence.

    Each attribute is cut into bins; the points of a bin are its weight of evidence, by
    the attribute's weight in a logistic regression on the evidence of all, on the scale
    of the policy. An average party has no points for an attribute, and what is unknown
    has points of its own where outcomes tell, else none.

    Parameters
    ----------
    table : AttributeTable
        With outcomes; parties whose outcome is not known are left out.
    attributes : sequence of str, optional
        What to learn from; all but those known only later by default.
    directions : mapping of str to {"auto", "increasing", "decreasing", "any"}, optional
        How points must go with a number, by attribute. By default ("auto") they rise or
        fall, as fits better beside the others; "any" asks for neither.
    trusted : sequence of str
        Attributes that are known beforehand, however well they tell the outcome: no
        warning comes of them.
    policy : ScorecardPolicy, optional
        How it is done.

    Returns
    -------
    Scorecard
        Attributes with the largest information value first; whatever was left out is
        told in `left_out`. A card without attributes where none tells anything.

    Raises
    ------
    MissingColumnError
        If an attribute is not there.
    InvalidInputError
        If there are no good or no bad outcomes, or an attribute that is only known
        later is asked for.

    Warns
    -----
    LeakWarning
        If an attribute tells the outcome so well that it may only be known with it.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification.attributes import attribute_table
    >>> leads = pd.DataFrame({"staff": [3, 40] * 50, "call": range(100)})
    >>> leads["bought"] = (leads["call"] % 3 + leads["staff"] / 40) >= 2
    >>> table = attribute_table(leads, customer_id="call", outcome="bought")
    >>> card = learn_scorecard(table, trusted=["staff"])
    >>> print(card)
    base: 487.1
    staff below 40: -19.1
    staff at least 40: +19.1
    staff not known: +0.0
    """
    policy = policy or ScorecardPolicy()
    card = learn_quietly(table, attributes, directions, trusted, policy)
    warn_of_suspects(card, policy, stacklevel=3)
    return card


def warn_of_suspects(
    card: Scorecard, policy: ScorecardPolicy, *, stacklevel: int
) -> None:
    """Warn if attributes tell the outcome so well that they may be known too late."""
    if card.suspects:
        text = _suspicion(card.suspects, policy)
        warnings.warn(text, LeakWarning, stacklevel=stacklevel)


def learn_quietly(
    table: AttributeTable,
    attributes: Sequence[str] | None,
    directions: Mapping[str, Direction] | None,
    trusted: Sequence[str],
    policy: ScorecardPolicy,
) -> Scorecard:
    """Learn a card as `learn_scorecard` does, and leave the warning to the caller."""
    an_instance("table", table, AttributeTable)
    an_instance("policy", policy, ScorecardPolicy)
    names, left_out = _asked(table, attributes)
    ways = _directions(directions, table.only(names))
    table, good = _told(table.only(names), table.told)
    binned = [
        _bin(name, table.columns[name], good, ways.get(name, "auto"), policy)
        for name in names
    ]
    told = {one.name: information_value(one.counts) for one in binned}
    _check_trusted(trusted, table)
    suspects = [
        name
        for name in names
        if told[name] > policy.most_information and name not in trusted
    ]
    kept = sorted(
        (one for one in binned if told[one.name] >= policy.min_information),
        key=lambda one: -told[one.name],
    )
    n_tried = sum(one.n_tried for one in binned)
    weights, scale = _weigh(kept, table, good, ways, policy, n_tried)
    left_out += [
        (name, "tells too little")
        for name in names
        if told[name] < policy.min_information
    ] + [
        (one.name, "tells nothing beside the others")
        for one, weight in zip(kept, weights[1:], strict=True)
        if weight == 0
    ]
    scaled = (policy.scale.factor * weights).tolist()
    return Scorecard(
        attributes=tuple(
            one.points(weight)
            for one, weight in zip(kept, scaled[1:], strict=True)
            if weight != 0
        ),
        base=policy.scale.offset + scaled[0],
        scale=scale,
        left_out=tuple(left_out),
        suspects=tuple(suspects),
    )


def _weigh(
    kept: Sequence[_Binned],
    table: AttributeTable,
    good: NDArray[np.bool_],
    ways: Mapping[str, Direction],
    policy: ScorecardPolicy,
    n_tried: float,
) -> tuple[Floats, ScoreScale]:
    """Give the weights, and the scale with chances less bold where data were few."""
    codes = [one.points(1.0).codes(table.columns[one.name]) for one in kept]
    weights, chi2 = fit_weights(
        codes,
        [one.evidence for one in kept],
        good,
        is_bound=np.array([ways.get(one.name) in _ASKED for one in kept], np.bool_),
        shrink=policy.shrink,
    )
    if n_tried <= _LITTLE * chi2:
        return weights, policy.scale
    slope = max(0.0, 1 - n_tried / chi2) if chi2 > 0 else 0.0
    log_odds = np.full(good.size, weights[0])
    for one, weight, code in zip(kept, weights[1:], codes, strict=True):
        log_odds += (weight * one.evidence)[code]
    intercept = fit_intercept(slope * log_odds, good)
    return weights, evolve(policy.scale, slope=slope, intercept=intercept)


def _check_trusted(trusted: Sequence[str], table: AttributeTable) -> None:
    if not all(name in table.columns for name in words("trusted", trusted)):
        raise InvalidInputError(
            "trusted must be attributes that are learnt from", code="bad_option"
        )


def _suspicion(suspects: Sequence[str], policy: ScorecardPolicy) -> str:
    """Say what may be wrong, and what to do in either case."""
    return (
        f"attributes tell the outcome so well (information value above "
        f"{policy.most_information:g}) that they may only become known with it: "
        f"{', '.join(suspects)}; leave them out by later= where the table is read, or "
        "name them as trusted= if they are known beforehand"
    )


def _asked(
    table: AttributeTable, attributes: Sequence[str] | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Give what to learn from, and what must be left out."""
    if attributes is None:
        names = [name for name in table.names if name not in table.later]
        return names, [(name, "only known later") for name in table.later]
    for name in words("attributes", attributes):
        if name in table.later:
            raise InvalidInputError(
                f"what is only known with the outcome must not be learnt from; {name!r} "
                "is, as the table says",
                code="known_later",
                column=name,
            )
    return list(table.only(attributes).names), []


def _directions(directions: object, table: AttributeTable) -> dict[str, Direction]:
    if directions is None:
        return {}
    if not isinstance(directions, Mapping) or any(
        name not in table.columns
        or way not in get_args(Direction)
        or (way in _ASKED and isinstance(table.columns[name], Labels))
        for name, way in directions.items()
    ):
        raise InvalidInputError(
            "directions must map attributes that are learnt from to one of "
            f"{', '.join(get_args(Direction))}, and words to none of "
            f"{' and '.join(_ASKED)}",
            code="bad_option",
        )
    return dict(directions)


def _told(
    table: AttributeTable, outcomes: Floats
) -> tuple[AttributeTable, NDArray[np.bool_]]:
    """Give those whose outcome is known, and whether it was good."""
    told = ~np.isnan(outcomes)
    good = outcomes[told] == 1
    if not good.any() or good.all():
        raise InvalidInputError(
            "there must be at least one good and one bad outcome; of "
            f"{good.size:,} that are known, {int(good.sum()):,} are good",
            code="one_outcome",
        )
    return table if told.all() else table.take(told), good


def _bin(
    name: str,
    column: NDArray[np.float64] | Labels,
    good: NDArray[np.bool_],
    direction: Direction,
    policy: ScorecardPolicy,
) -> _Binned:
    from scipy.special import chdtri  # noqa: PLC0415 - dear

    limits = BinLimits(
        policy.n_bins,
        max(policy.min_share * good.size, _FEW),
        float(chdtri(1, policy.significance)),
    )
    if not isinstance(column, Labels):
        found, counts, n_fine = bin_numbers(
            column, good, limits, direction=direction, n_fine=policy.n_fine
        )
        n_free = n_fine if direction == "any" else _harmonic(n_fine)
        n_free += int(counts[-1].sum() >= limits.min_rows)
        return _Binned(name, found, counts, limits.min_rows, n_free - 1)
    n_words = len(column.words)
    cells = np.bincount(2 * (column.codes + 1) + ~good, minlength=2 * n_words + 2)
    by_word = cells.reshape(-1, 2)
    groups, others = bin_words(by_word[1:], limits)
    words = [tuple(column.words[at] for at in group.tolist()) for group in groups]
    known = [by_word[1:][group].sum(axis=0) for group in groups]
    counts = np.array([*known, by_word[0], others], np.int64)
    n_free = int((by_word[1:].sum(axis=1) >= limits.min_rows).sum())
    n_free += int((counts[-2:].sum(axis=1) >= limits.min_rows).sum())
    return _Binned(name, words, counts, limits.min_rows, max(n_free - 1, 0))


def _harmonic(n: int) -> float:
    return float((1 / np.arange(1, n + 1)).sum())
