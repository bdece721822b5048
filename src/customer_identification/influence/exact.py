"""Every way that chance could play out on a small network, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.sampling import Model


__all__ = ["MOST_PARTIES", "MOST_WORLDS", "exact_reach", "exact_split", "exact_spread"]

MOST_WORLDS = 2**20  # some five seconds for 20 ties; our choice
MOST_PARTIES = 64  # with ties: those that a world reaches are the bits of one number
_AT_ONCE = 2**10  # worlds: 64 by 64 chances of each fit into 32 MiB

Floats = NDArray[np.float64]


@frozen(kw_only=True, repr=False)
class _Worlds:
    """Independent choices, each of which decides which of some ties is alive.

    Attributes
    ----------
    left, right : ndarray of int
        The ties, among the parties that have any.
    chooser, option : ndarray of int
        The choice that a tie hangs on, and the outcome that makes it alive.
    chances : tuple of ndarray of float
        Of the outcomes of each choice.
    parties : ndarray of int
        Positions in the network of the parties that have ties.
    """

    left: NDArray[np.intp] = array_field()
    right: NDArray[np.intp] = array_field()
    chooser: NDArray[np.intp] = array_field()
    option: NDArray[np.intp] = array_field()
    chances: tuple[Floats, ...]
    parties: NDArray[np.intp] = array_field()

    def reach(self) -> Iterator[tuple[Floats, NDArray[np.uint64]]]:
        """Give chances of worlds, and whom each party reaches in them, as bits."""
        radix = np.array([one.size for one in self.chances], dtype=np.int64)
        stride = np.concatenate([[1], np.cumprod(radix)])
        for begin in range(0, int(stride[-1]), _AT_ONCE):
            world = np.arange(begin, min(begin + _AT_ONCE, int(stride[-1])))
            chosen = world[:, None] // stride[:-1] % radix
            chance = np.ones(world.size)
            for choice, chances in enumerate(self.chances):
                chance *= chances[chosen[:, choice]]
            alive = chosen[:, self.chooser] == self.option
            yield chance, self._closure(alive)

    def _closure(self, alive: NDArray[np.bool_]) -> NDArray[np.uint64]:
        """Give for each world and party the parties it reaches, itself included."""
        own = np.left_shift(np.uint64(1), np.arange(self.parties.size, dtype=np.uint64))
        reach = np.tile(own, (alive.shape[0], 1))
        while True:
            before = reach.copy()
            for tie, (left, right) in enumerate(
                zip(self.left, self.right, strict=True)
            ):
                reach[:, left] |= np.where(alive[:, tie], reach[:, right], np.uint64(0))
            if (reach == before).all():
                return reach


def _too_large(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"exact=True needs a network with at most {what}; leave it out to sample",
        code="too_large",
    )


def _worlds(network: InfluenceNetwork, model: Model) -> _Worlds:
    ties = network.into.positive
    parties = np.unique(np.concatenate([ties.own, ties.others]).astype(np.intp))
    if parties.size > MOST_PARTIES:
        raise _too_large(f"{MOST_PARTIES} parties with ties")
    if model == "ic":
        chooser, option, chances = _choices_of_ties(ties.strength)
    else:
        chooser, option, chances = _choices_of_parties(ties)
    n_worlds = np.prod([float(one.size) for one in chances])
    if n_worlds > MOST_WORLDS:
        raise _too_large(f"{MOST_WORLDS:,} ways to play out (it has {n_worlds:.3g})")
    return _Worlds(
        left=np.searchsorted(parties, ties.others),
        right=np.searchsorted(parties, ties.own),
        chooser=chooser,
        option=option,
        chances=chances,
        parties=parties,
    )


Choices = tuple[NDArray[np.intp], NDArray[np.intp], tuple[Floats, ...]]


def _choices_of_ties(strength: Floats) -> Choices:
    """One die for each tie (independent cascade)."""
    chances = tuple(
        np.array([1.0]) if one == 1 else np.array([one, 1 - one])
        for one in strength.tolist()
    )
    return np.arange(strength.size), np.zeros(strength.size, np.intp), chances


def _choices_of_parties(ties: Any) -> Choices:
    """One choice for each party: to which tie it listens, if any (linear threshold)."""
    listeners = np.flatnonzero(ties.degree)
    totals = ties.shares.total
    chances = []
    for party in listeners:
        heard = ties.strength[ties.start[party] : ties.start[party + 1]]
        deaf = 1 - totals[party]
        chance = np.append(heard, deaf) if deaf > 0 else heard
        chances.append(chance / chance.sum())  # 1, give or take digits not written
    return (
        np.searchsorted(listeners, ties.own),
        np.arange(ties.others.size) - ties.start[ties.own],
        tuple(chances),
    )


def exact_reach(network: InfluenceNetwork, model: Model) -> Floats:
    """Give the chance that a decision of each party reaches each other.

    Parameters
    ----------
    network : InfluenceNetwork
    model : {"ic", "lt"}

    Returns
    -------
    chance : ndarray of float, shape (n_parties, n_parties)
        Row influences column; 1 on the diagonal.

    Raises
    ------
    InvalidInputError
        If more than 64 parties have ties, or there are more than 2**20 ways to play out.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([0, 0, 1], [1, 2, 2], [0.5, 0.4, 0.5])
    >>> exact_reach(network, "ic")[0]  # 1 - 0.6 * (1 - 0.5 * 0.5)
    array([1.  , 0.5 , 0.55])
    """
    chance = np.eye(len(network))
    worlds = _worlds(network, model)
    at = worlds.parties
    found = np.zeros((at.size, at.size))
    for weight, reach in worlds.reach():
        found += np.einsum("w,wij->ij", weight, _bits(reach, at.size))
    chance[np.ix_(at, at)] = np.minimum(found, 1)  # where rounding went past it
    np.fill_diagonal(chance, 1)
    return chance


def exact_spread(network: InfluenceNetwork, model: Model, seeds: Any) -> Floats:
    """Give the chance that a decision of all seeds together reaches each party."""
    chance = np.zeros(len(network))
    chance[seeds] = 1
    worlds = _worlds(network, model)
    at = worlds.parties
    own = np.isin(at, seeds)
    found = np.zeros(at.size)
    for weight, reach in worlds.reach():
        together = np.bitwise_or.reduce(reach[:, own], axis=1, initial=np.uint64(0))
        found += weight @ _bits(together, at.size)
    chance[at] = np.where(own, 1, np.minimum(found, 1))
    return chance


def exact_split(network: InfluenceNetwork, model: Model, value: Floats) -> Floats:
    """Give the Shapley split of all value among those who reach it.

    In each world the value of a party is shared evenly among those who reach it (Chen &
    Teng 2017, Interplay between Social Influence and Network Centrality, theorem 5).
    """
    split = value.astype(np.float64)
    worlds = _worlds(network, model)
    at = worlds.parties
    found = np.zeros(at.size)
    for weight, reach in worlds.reach():
        who = _bits(reach, at.size)
        found += np.einsum("w,wij,wj->i", weight, who, value[at] / who.sum(axis=1))
    split[at] = found
    return split


def _bits(numbers: NDArray[np.uint64], n: int) -> Floats:
    """Give the lowest bits as a last axis of 0 and 1."""
    places = np.arange(n, dtype=np.uint64)
    bits: Floats = (numbers[..., None] >> places & np.uint64(1)).astype(np.float64)
    return bits
