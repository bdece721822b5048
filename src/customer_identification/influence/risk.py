"""What is lost if some parties leave, and may take others along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.parties import PartyValues, read_values
from customer_identification.influence.sampling import Model, check_model
from customer_identification.influence.spread import (
    Estimate,
    check_confidence,
    mean_of,
    play_out,
    reach_of,
)
from customer_identification.influence.ties import Ties, ties_of
from customer_identification.options import generator, whole
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "ValueAtRisk",
    "value_at_risk",
]

Floats = NDArray[np.float64]


@frozen(kw_only=True)
class ValueAtRisk:
    """What is lost if some parties leave; each party counts in one part only.

    Attributes
    ----------
    own : float
        Value of those who leave.
    dependent : float
        Value of the dependents.
    soft : Estimate
        Expected value of all others whom the leaving carries along.
    total : Estimate
        All three.
    dependents : tuple of id
        Those whom nobody holds but them and other dependents; hidden from `repr`.
    expected : PartyValues
        Expected loss of each party: its value times the chance that it leaves.
    confidence : float
        Of the intervals.
    """

    own: float
    dependent: float
    soft: Estimate
    dependents: tuple[Any, ...] = field(repr=len)  # type: ignore[arg-type]
    expected: PartyValues = field(repr=False)
    confidence: float

    @property
    def total(self) -> Estimate:
        """All that is expected to be lost."""
        return self.soft + (self.own + self.dependent)

    def __str__(self) -> str:
        return (
            f"{self.total}: own {self.own:,.6g}, {len(self.dependents):,} dependents "
            f"{self.dependent:,.6g}, carried along {self.soft}"
        )


def value_at_risk(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    value: Any,
    *,
    leaving: Iterable[int | str],
    model: Model = "ic",
    default: float | None = None,
    draws: int = 10_000,
    confidence: float = 0.95,
    rng: np.random.Generator | int,
    progress: Progress | None = None,
) -> ValueAtRisk:
    """Tell what is lost if some parties leave and may take others along.

    Parameters
    ----------
    network, value, default
        As for :func:`network_value`.
    leaving : iterable of int or str
        Ids of those who leave, at least one.
    model, draws, confidence, rng, progress
        As for :func:`expected_spread`.

    Returns
    -------
    risk : ValueAtRisk

    Raises
    ------
    UnknownCustomerError
        If one who leaves is not in the network.
    InvalidInputError
        If nobody leaves, or as :func:`network_value`.

    Notes
    -----
    Dependents are parties all of whose influencers leave, or are dependents themselves:
    nobody else holds them. Parties that influence one another, such as colleagues whose
    bills one firm pays, go together if all other influence on them comes from those who
    leave, unless they in turn influence those who leave; then what is lost is a matter of
    chance. Dependents are taken to go, and to carry others along.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges(
    ...     ["agent", "agent", "friend"], ["ann", "bob", "bob"], [0.5, 0.5, 0.5]
    ... )
    >>> own = {"agent": 0, "ann": 100, "bob": 60, "friend": 10}
    >>> risk = value_at_risk(network, own, leaving=["agent"], rng=1)
    >>> risk.own, risk.dependent, risk.dependents
    (0.0, 100.0, ('ann',))
    >>> risk.soft.low < 30 < risk.soft.high
    True
    """
    network, own = read_values(network, value, default=default)
    model, confidence = check_model(model, network), check_confidence(confidence)
    at = np.unique(network.positions(leaving))
    if not at.size:
        raise InvalidInputError("somebody must leave", code="nobody_leaves")
    held_by = _dependents(network, at)
    gone = np.concatenate([at, held_by])
    others = own.copy()
    others[gone] = 0
    chance, sums = play_out(
        network, model, gone, others, generator(rng), whole("draws", draws, 2), progress
    )
    return ValueAtRisk(
        own=float(own[at].sum()),
        dependent=float(own[held_by].sum()),
        soft=mean_of(sums, confidence, reach_of(network, gone, others, chance)),
        dependents=tuple(network.ids[held_by].tolist()),
        expected=PartyValues(
            ids=network.ids, value=chance * own, own=own, kind=network.kind
        ),
        confidence=confidence,
    )


def _dependents(
    network: InfluenceNetwork, leaving: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Find those who are held by nobody but those who leave, and by one another."""
    ties = network.out.positive
    group, together = _circles(network, ties, leaving)
    left, right = group[ties.own], group[ties.others]
    outside = np.flatnonzero(left != right)
    others = np.bincount(right[outside], minlength=group.size)  # ties from outside
    out = ties_of(
        np.sort(left[outside].astype(np.int64) * group.size + right[outside]),
        np.ones(outside.size),
        group.size,
    )
    leads_back = network.into.positive.reached(leaving)
    may_go = np.ones(group.size, dtype=np.bool_)
    may_go[group[together & leads_back]] = False
    is_gone = np.zeros(group.size, dtype=np.bool_)
    layer = np.unique(group[leaving])
    while layer.size:
        is_gone[layer] = True
        tie, _ = out.of(layer)
        reached = out.others[tie]
        np.subtract.at(others, reached, 1)
        layer = np.unique(reached)
        layer = layer[(others[layer] == 0) & may_go[layer] & ~is_gone[layer]]
    gone = is_gone[group]
    gone[leaving] = False
    return np.flatnonzero(gone)


def _circles(
    network: InfluenceNetwork, ties: Ties, leaving: NDArray[np.intp]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Give parties numbers by circles of influence without those who leave.

    Returns
    -------
    group : ndarray of int32, shape (n_parties,)
        Parties that influence one another, directly or through others, have one number.
    together : ndarray of bool, shape (n_parties,)
        Who shares a number.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(network)
    stays = np.ones(n, dtype=np.bool_)
    stays[leaving] = False
    inside = stays[ties.own] & stays[ties.others]
    pairs = coo_array(
        (
            np.ones(np.count_nonzero(inside), np.int8),
            (ties.own[inside], ties.others[inside]),
        ),
        shape=(n, n),
    )
    _, group = connected_components(pairs, connection="strong")
    return group, np.bincount(group)[group] > 1
