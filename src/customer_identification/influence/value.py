"""What parties are worth with those they influence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.influence.exact import exact_reach, exact_split
from customer_identification.influence.linear import coefficients, settle
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.parties import PartyValues, read_values
from customer_identification.influence.sampling import (
    Mapper,
    Model,
    ReachableSets,
    check_model,
    draw_sets,
)
from customer_identification.influence.spread import (
    check_confidence,
    quantile,
)
from customer_identification.options import generator, whole
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["attributed_value", "network_value"]

Floats = NDArray[np.float64]


def network_value(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    value: Any,
    *,
    model: Literal["linear", "ic", "lt"] = "linear",
    self_reliance: Any = None,
    default: float | None = None,
    exact: bool = False,
    samples: int = 100_000,
    confidence: float = 0.95,
    rng: np.random.Generator | int | None = None,
    mapper: Mapper = map,
    progress: Progress | None = None,
) -> PartyValues:
    """Give every party's own value plus the value of those it influences.

    With cascades, the expected value of all whom a decision of the party alone would
    reach. With the linear model, the effect of a small change of the party's mind: where
    influence runs in circles it comes back again and again, and can exceed the value of
    all, so it ranks parties rather than counts money.

    Whoever is influenced by several counts for each of them: network values do not add
    up to the value of all, see :func:`attributed_value` for what does.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    value : Summary, mapping of id to number, or array in the order of ids
        Own value, in major units. Parties that only `value` names have no ties.
    model : {"linear", "ic", "lt"}
        Linear: each party follows the others in proportion to their strength, as far as
        it does not rely on itself. Cascades: see :func:`expected_spread`.
    self_reliance : float, mapping of id to float, or array, optional
        For the linear model: how far each party follows its own mind, 0 to 1; by default
        the chance that nobody who influences it carries a decision over, the product of
        1 - strength. Parties whom nobody influences rely on themselves.
    default : float, optional
        Value of parties that `value` does not name; without it they are an error.
    exact : bool
        For cascades on a small network: go through all ways to play out.
    samples : int
        For cascades: reverse reachable sets to draw, their roots in proportion to value.
    confidence : float
        Of the interval of each party by itself (Clopper & Pearson 1934).
    rng : numpy.random.Generator or int
        Where chance comes from; needed for cascades unless `exact`.
    mapper : callable
        Like the builtin `map`; hands out the drawing of sets, such as
        ``executor.map``. The result is the same.
    progress : callable, optional
        Told ``("reachable sets", done, of)`` along the way.

    Returns
    -------
    worth : PartyValues
        `value` with influence, `own` without, and `low` and `high` where it was sampled.

    Raises
    ------
    InvalidInputError
        If a party has no value, or one that is not finite; in the linear model parties
        without any self-reliance only follow one another in a circle; the network is too
        large for `exact`.

    References
    ----------
    Linear: Richardson & Domingos 2002, Mining Knowledge-Sharing Sites for Viral
    Marketing, section 3: with P = beta P0 + (1 - beta) W P, a party's effect is Delta_i =
    1 + sum_k (1 - beta_k) w_ki Delta_k. Sets: Borgs et al. 2014, observation 3.2.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 1, 2], [2, 3, 3], [1.0, 0.5, 0.5])
    >>> worth = network_value(
    ...     network, {1: 1, 2: 1, 3: 1}, self_reliance={1: 1, 2: 0.5, 3: 0.5}
    ... )
    >>> dict(worth)
    {1: 1.875, 2: 1.25, 3: 1.0}
    """
    network, own = read_values(network, value, default=default)
    low = high = None
    if model == "linear":
        if exact or rng is not None:
            raise InvalidInputError(
                'the linear model is exact and has no rng; choose model="ic" or "lt" for '
                "cascades",
                code="bad_option",
            )
        worth = settle(coefficients(network, self_reliance), own)
    else:
        if self_reliance is not None:
            raise InvalidInputError(
                'self_reliance is for model="linear"', code="bad_option"
            )
        checked = check_model(model, network)
        confidence = check_confidence(confidence)
        if exact:
            worth = exact_reach(network, checked) @ own
        else:
            at = _Roots(own, whole("samples", samples, 1), generator(rng))
            sets = draw_sets(network, at.roots, checked, at.rng, mapper, progress)
            worth, low, high = _hits(sets, own, at, confidence)
    return PartyValues(
        ids=network.ids,
        kind=network.kind,
        value=worth,
        own=own,
        low=low,
        high=high,
        confidence=None if low is None else confidence,
    )


# --- cascades -------------------------------------------------------------------------


@frozen(init=False)
class _Roots:
    """Roots of draws in proportion to value, as even as can be, by sign.

    Systematic sampling: a comb of equal steps through the running sum of values, with
    one random start, so that each party comes as often as its share says, give or take
    one; draws with gains and with losses at the root are as many as their shares say.
    """

    roots: NDArray[np.int32]
    weight: Floats  # of each draw: what it stands for, below 0 for losses
    rng: np.random.Generator

    def __init__(self, own: Floats, samples: int, rng: np.random.Generator) -> None:
        size = np.abs(own)
        roots, weights = [np.empty(0, np.int32)], [np.empty(0)]
        for sign in (1, -1):
            part = np.where(own * sign > 0, size, 0.0)
            upto = np.cumsum(part)
            if not upto.size or upto[-1] == 0:
                continue
            n = max(1, round(samples * float(upto[-1] / size.sum())))
            comb = (np.arange(n) + rng.random()) * (upto[-1] / n)
            last = np.flatnonzero(part)[-1]
            at = np.minimum(np.searchsorted(upto, comb, side="right"), last)
            roots.append(at.astype(np.int32))
            weights.append(np.full(n, sign * float(upto[-1]) / n))
        self.__attrs_init__(
            roots=np.concatenate(roots), weight=np.concatenate(weights), rng=rng
        )


def _hits(
    sets: ReachableSets, own: Floats, at: _Roots, confidence: float
) -> tuple[Floats, Floats, Floats]:
    """Turn the sets that each party is in into value, with intervals.

    Intervals of gains and of losses are joined by Newcombe's method (1998, Interval
    estimation for the difference between independent proportions, method 10).
    """
    of_member = np.repeat(at.weight, sets.sizes)
    is_other = sets.members != np.repeat(sets.roots, sets.sizes)
    found = np.zeros(own.size)
    above, below = np.zeros(own.size), np.zeros(own.size)
    for sign in (1, -1):
        mine = at.weight * sign > 0
        if not (n := int(np.count_nonzero(mine))):
            continue
        total = float(np.abs(at.weight[mine]).sum())
        hits = np.bincount(
            sets.members[is_other & (of_member * sign > 0)], minlength=own.size
        )
        low, high = _proportions(hits, n, confidence)
        share = hits / n
        found += sign * total * share
        up, down = (
            (high - share, share - low) if sign > 0 else (share - low, high - share)
        )
        above += (total * up) ** 2
        below += (total * down) ** 2
    worth = own + found
    return worth, worth - np.sqrt(below), worth + np.sqrt(above)


def _proportions(
    hits: NDArray[np.int64], n: int, confidence: float
) -> tuple[Floats, Floats]:
    """Give Clopper and Pearson's intervals of proportions."""
    from scipy.special import betaincinv

    kinds, place = np.unique(hits, return_inverse=True)
    tail = (1 - confidence) / 2
    low, high = np.zeros(kinds.size), np.ones(kinds.size)
    some, not_all = kinds > 0, kinds < n
    low[some] = betaincinv(kinds[some], n - kinds[some] + 1, tail)
    high[not_all] = betaincinv(kinds[not_all] + 1, n - kinds[not_all], 1 - tail)
    return low[place], high[place]


def attributed_value(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    value: Any,
    *,
    model: Model = "ic",
    default: float | None = None,
    exact: bool = False,
    samples: int = 100_000,
    confidence: float = 0.95,
    rng: np.random.Generator | int | None = None,
    mapper: Mapper = map,
    progress: Progress | None = None,
) -> PartyValues:
    """Share the value of all out along the chain, so that nothing is counted twice.

    Each way that chance plays out, the value of a party is shared evenly among all who
    would have carried a decision to it, itself included: the Shapley value of the game in
    which parties join a campaign in random order. The shares add up to the value of all.

    Parameters
    ----------
    network, value, default, exact, samples, rng, mapper, progress
        As for :func:`network_value`.
    model : {"ic", "lt"}
        Of cascades.
    confidence : float
        Of the normal interval of each party by itself; one imagined set in which the
        party has one half stands for those that were not drawn (our choice).

    Returns
    -------
    worth : PartyValues
        `value` attributed, `own` alone, and `low` and `high` where it was sampled.

    Raises
    ------
    InvalidInputError
        As :func:`network_value`.

    References
    ----------
    Chen & Teng 2017, Interplay between Social Influence and Network Centrality,
    theorem 5 and algorithm 1.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1], [2], [0.5])
    >>> dict(attributed_value(network, {1: 10, 2: 20}, exact=True))
    {1: 15.0, 2: 15.0}
    """
    network, own = read_values(network, value, default=default)
    model, confidence = check_model(model, network), check_confidence(confidence)
    low = high = None
    if exact:
        worth = exact_split(network, model, own)
    else:
        at = _Roots(own, whole("samples", samples, 1), generator(rng))
        sets = draw_sets(network, at.roots, model, at.rng, mapper, progress)
        worth, squares = _split(sets, at)
        n = max(len(sets), 1)
        imagined = np.abs(at.weight).max(initial=0) ** 2 / 4
        error = np.sqrt(np.maximum(squares + imagined - worth**2 / n, 0))
        half = quantile(confidence) * error
        low, high = worth - half, worth + half
    return PartyValues(
        ids=network.ids,
        kind=network.kind,
        value=worth,
        own=own,
        low=low,
        high=high,
        confidence=None if low is None else confidence,
    )


def _split(sets: ReachableSets, at: _Roots) -> tuple[Floats, Floats]:
    """Share each set's weight out among its members; and add up the squared shares."""
    worth, squares = np.zeros(sets.n_parties), np.zeros(sets.n_parties)
    for weight in np.unique(at.weight).tolist():  # one for gains, one for losses
        share = np.where(at.weight == weight, 1 / np.maximum(sets.sizes, 1), 0)
        share = np.repeat(share, sets.sizes)
        worth += weight * _by_member(sets, share)
        squares += weight**2 * _by_member(sets, share**2)
    return worth, squares


def _by_member(sets: ReachableSets, weights: NDArray[Any]) -> Floats:
    sums = np.bincount(sets.members, weights=weights, minlength=sets.n_parties)
    return sums.astype(np.float64, copy=False)
