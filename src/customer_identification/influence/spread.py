"""How far a decision spreads: cascades played out, with intervals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.influence.exact import exact_spread
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.parties import PartyValues, read_values
from customer_identification.influence.sampling import (
    Model,
    check_model,
    reached,
    steps_ahead,
)
from customer_identification.options import generator, number, whole
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "Estimate",
    "Reach",
    "Spread",
    "check_confidence",
    "expected_spread",
    "mean_of",
    "play_out",
    "quantile",
    "reach_of",
]

Floats = NDArray[np.float64]


@frozen
class Estimate:
    """A number with its interval.

    Attributes
    ----------
    value
        The estimate, or the number itself where it is exact.
    low, high
        Ends of the interval; the value twice where it is exact.

    Examples
    --------
    >>> print(Estimate(3.0, 2.5, 3.5))
    3 (2.5 to 3.5)
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.value:,.6g}"
        return f"{self.value:,.6g} ({self.low:,.6g} to {self.high:,.6g})"

    def __add__(self, more: float) -> Estimate:
        return Estimate(self.value + more, self.low + more, self.high + more)


@frozen(kw_only=True)
class Spread:
    """How many parties, or how much value, a decision of the seeds reaches.

    Attributes
    ----------
    total : Estimate
        Parties reached, seeds included, or what they are worth.
    chance : PartyValues
        Chance of each party to be reached; 1 for seeds.
    draws : int
        Cascades played out; 0 where every one was.
    confidence : float
        Of the interval.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([0, 0, 1], [1, 2, 2], [0.5, 0.4, 0.5])
    >>> spread = expected_spread(network, [0], exact=True)
    >>> print(spread.total)
    2.05
    >>> spread.chance[2]
    0.55
    """

    total: Estimate
    chance: PartyValues = field(repr=False)
    draws: int
    confidence: float

    def __str__(self) -> str:
        return str(self.total)


def check_confidence(confidence: float) -> float:
    """Give a confidence strictly between 0 and 1.

    Raises
    ------
    InvalidInputError
        If it is not.
    """
    if not 0 < number("confidence", confidence, 0, 1) < 1:
        raise InvalidInputError(
            "confidence must lie between 0 and 1", code="bad_option"
        )
    return float(confidence)


def quantile(confidence: float) -> float:
    """Give how many standard errors lie on either side; 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))


def expected_spread(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    seeds: Iterable[int | str],
    *,
    model: Model = "ic",
    value: Any = None,
    default: float | None = None,
    exact: bool = False,
    draws: int = 10_000,
    confidence: float = 0.95,
    rng: np.random.Generator | int | None = None,
    progress: Progress | None = None,
) -> Spread:
    """Tell how far a decision of some parties spreads.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    seeds : iterable of int or str
        Ids of those who decide; one that comes twice counts once. Without any nobody
        is reached.
    model : {"ic", "lt"}
        Independent cascade: who has decided sways each other party with the strength of
        the tie, once. Linear threshold: a party follows when the strengths of those
        around it who have decided exceed a threshold drawn from 0 to 1.
    value : Summary, mapping of id to number, or array in the order of ids, optional
        What parties are worth; by default they are counted.
    default : float, optional
        Value of parties that `value` does not name; without it they are an error.
    exact : bool
        Go through all ways to play out, on a small network, instead of drawing some.
    draws : int
        Cascades to play out; the interval narrows with their square root. Each costs what
        it reaches.
    confidence : float
        Of the normal interval of the mean; one imagined draw in which the most valuable
        party that was sometimes missed tips over widens it (our choice).
    rng : numpy.random.Generator or int
        Where chance comes from; needed unless `exact`.
    progress : callable, optional
        Told ``("cascades", done, of)`` along the way.

    Returns
    -------
    spread : Spread

    Raises
    ------
    UnknownCustomerError
        If a seed is not in the network.
    InvalidInputError
        If the network cannot be read, is too large for `exact`, or "lt" has strengths
        into a party that add up to more than 1.

    References
    ----------
    Kempe, Kleinberg & Tardos 2003, Maximizing the Spread of Influence through a Social
    Network, sections 2.1 and 2.2.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([0, 0, 1], [1, 2, 2], [0.5, 0.4, 0.5])
    >>> spread = expected_spread(network, [0], rng=7)
    >>> spread.total.low < 2.05 < spread.total.high
    True
    """
    network, worth = _valued(network, value, default)
    model, confidence = check_model(model, network), check_confidence(confidence)
    at = np.unique(network.positions(seeds))
    if exact:
        chance = exact_spread(network, model, at)
        total = float(chance @ worth)
        found, draws = Estimate(total, total, total), 0
    else:
        draws = whole("draws", draws, 2)
        chance, sums = play_out(
            network, model, at, worth, generator(rng), draws, progress
        )
        found = mean_of(sums, confidence, reach_of(network, at, worth, chance))
    return Spread(
        total=found,
        chance=PartyValues(ids=network.ids, value=chance, kind=network.kind),
        draws=draws,
        confidence=confidence,
    )


def _valued(
    network: InfluenceNetwork | nx.Graph[Any], value: Any, default: float | None
) -> tuple[InfluenceNetwork, Floats]:
    if value is None:
        known = as_network(network)
        return known, np.ones(len(known))
    return read_values(network, value, default=default)


def play_out(  # noqa: PLR0913, PLR0917
    network: InfluenceNetwork,
    model: Model,
    seeds: NDArray[np.intp],
    worth: Floats,
    rng: np.random.Generator,
    draws: int,
    progress: Progress | None = None,
) -> tuple[Floats, Floats]:
    """Play out cascades.

    Returns
    -------
    chance : ndarray of float, shape (n_parties,)
        Share of the draws that reached each party.
    sums : ndarray of float, shape (n_draws,)
        What those reached in each draw are worth.
    """
    hits = np.zeros(len(network), dtype=np.int64)
    sums, done = [], 0
    if not seeds.size:
        return hits.astype(np.float64), np.zeros(draws)
    step = steps_ahead(network, model, rng)
    first = seeds.astype(np.int32)[None, :]
    for draw, party, n in reached(step, first, len(network), draws):
        hits += np.bincount(party, minlength=hits.size)
        sums.append(np.bincount(draw, weights=worth[party], minlength=n))
        done += n
        if progress is not None:
            progress("cascades", done, draws)
    return hits / draws, np.concatenate(sums)


@frozen
class Reach:
    """What a decision of some parties can come to at all.

    Attributes
    ----------
    imagined
        The largest value of a party that some draw missed, though it may be reached. What
        all draws missed may still happen once in as many: an interval adds one imagined
        draw that differs by this (our choice), so that no draw that hit is not taken for
        certainty.
    low, high
        The least and the most that those who can be reached are worth.
    """

    imagined: float
    low: float
    high: float


def reach_of(
    network: InfluenceNetwork,
    seeds: NDArray[np.intp],
    worth: Floats,
    chance: Floats,
    without: NDArray[np.intp] | None = None,
) -> Reach:
    """Tell whom some parties can reach at all, and what that is worth."""
    may = network.out.positive.reached(seeds, without=without)
    sure = may & (chance == 1)
    open_to = worth[may & ~sure]
    certain = float(worth[sure].sum())
    return Reach(
        imagined=float(np.abs(open_to).max(initial=0)),
        low=certain + float(np.minimum(open_to, 0).sum()),
        high=certain + float(np.maximum(open_to, 0).sum()),
    )


def mean_of(sums: Floats, confidence: float, reach: Reach) -> Estimate:
    """Give the mean of independent draws with its normal interval.

    Parameters
    ----------
    sums : ndarray of float, shape (n_draws,)
    confidence : float
    reach : Reach
        What widens the interval, and what it cannot go beyond.
    """
    mean = float(sums.mean())
    squares = float(((sums - mean) ** 2).sum()) + reach.imagined**2
    error = (squares / (sums.size - 1) / sums.size) ** 0.5
    half = quantile(confidence) * error
    return Estimate(
        mean,
        min(mean, max(mean - half, reach.low)),
        max(mean, min(mean + half, reach.high)),
    )
