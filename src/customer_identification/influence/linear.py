"""The linear model: parties that follow one another in proportion, until all settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.parties import PartyValues, read_values


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "adoption_probability",
    "coefficients",
    "settle",
]

Floats = NDArray[np.float64]

# What may be missing of the linear model, as a share of all value; passes over all ties
# after which a solver takes over; and the slowest that passes are thought to shrink by.
# Our choice.
_TOLERANCE = 1e-12
_MOST_PASSES = 10_000
_SLOWEST = 1 - 1e-6


def coefficients(network: InfluenceNetwork, self_reliance: Any) -> Any:
    """Give how much of each party's change each other one takes over, as a matrix.

    Row influences column; no column adds up to more than 1.

    Raises
    ------
    InvalidInputError
        If a self-reliance does not lie between 0 and 1, or parties without any only
        follow one another in a circle.
    """
    from scipy.sparse import csr_array

    strength = network.out.strength
    into = network.into
    total = into.added(into.strength)
    if self_reliance is None:
        with np.errstate(divide="ignore"):
            open_minded = -np.expm1(into.added(np.log1p(-into.strength)))
    else:
        open_minded = 1 - _reliance(network, self_reliance)
    open_minded = np.where(total > 0, open_minded, 0.0)
    _check_grounded(network, open_minded)
    others, n = network.out.others, len(network)
    share = strength / np.where(total > 0, total, 1)[others]
    return csr_array(
        (share * open_minded[others], others, network.out.start),
        shape=(n, n),
    )


def _reliance(network: InfluenceNetwork, self_reliance: Any) -> Floats:
    if isinstance(self_reliance, (int, float)) and not isinstance(self_reliance, bool):
        self_reliance = np.full(len(network), float(self_reliance))
    _, given = read_values(
        network, self_reliance, name="self_reliance", only_known=True
    )
    _check_shares("self_reliance", given)
    return given


def _check_shares(name: str, given: Floats) -> None:
    is_share = (given >= 0) & (given <= 1)
    check_each(name, is_share, "lie between 0 and 1", code="out_of_range")


def _check_grounded(network: InfluenceNetwork, open_minded: Floats) -> None:
    """Make sure that every change comes to rest: with somebody who relies on itself."""
    grounded = np.flatnonzero(open_minded < 1)
    check_each(
        "self_reliance",
        network.out.positive.reached(grounded),
        "let no circle of parties follow one another only, in the linear model",
        code="no_self_reliance",
        hint="strengths of 1 do; a self_reliance above 0 does not",
    )


def settle(matrix: Any, first: Floats) -> Floats:
    """Add up first, matrix @ first, matrix @ matrix @ first, … until nothing is left.

    Passes shrink at least as the norm of the matrix says. Where that is close to 1, they
    are left after a while to a solver (GMRES, Saad & Schultz 1986).
    """
    size = float(np.abs(first).sum())
    norm = min(float(abs(matrix).sum(axis=0).max(initial=0)), _SLOWEST)
    enough = _TOLERANCE * size * (1 - norm)
    total, change = first.copy(), first
    for _ in range(_MOST_PASSES):
        change = matrix @ change
        total += change
        if float(np.abs(change).sum()) <= enough:
            return total
    return _solve(matrix, first, total)


def _solve(matrix: Any, first: Floats, guess: Floats) -> Floats:
    from scipy.sparse import eye_array
    from scipy.sparse.linalg import gmres, spsolve

    system = (eye_array(first.size) - matrix).tocsr()
    found, failed = gmres(
        system, first, x0=guess, rtol=_TOLERANCE, restart=50, maxiter=20
    )
    if failed:
        found = spsolve(system, first)
    return np.asarray(found, dtype=np.float64)


def adoption_probability(
    network: InfluenceNetwork | nx.Graph[Any],
    own: Any,
    *,
    self_reliance: Any = None,
    default: float | None = None,
) -> PartyValues:
    """Give each party's chance to buy once all have swayed each other (linear model).

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    own : mapping of id to float, or array in the order of ids
        Chance that the party would buy by its own mind, 0 to 1.
    self_reliance, default
        As for :func:`network_value`.

    Returns
    -------
    chance : PartyValues

    Raises
    ------
    InvalidInputError
        If a chance or a self-reliance does not lie between 0 and 1, or parties without
        any self-reliance only follow one another in a circle.

    References
    ----------
    Richardson & Domingos 2002, section 3: P_i = beta_i P0_i + (1 - beta_i) sum_j w_ij
    P_j, with w_ij the strength of j on i as a share of all strengths on i.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 1, 2], [2, 3, 3], [1.0, 0.5, 0.5])
    >>> chance = adoption_probability(
    ...     network,
    ...     {1: 0.2, 2: 0.4, 3: 0.6},
    ...     self_reliance={1: 1, 2: 0.5, 3: 0.5},
    ... )
    >>> [round(one, 3) for one in chance.values()]
    [0.2, 0.3, 0.425]
    """
    network, minds = read_values(network, own, default=default, name="own")
    _check_shares("own", minds)
    matrix = coefficients(network, self_reliance)
    relies = minds * (1 - matrix.sum(axis=0))
    return PartyValues(
        ids=network.ids,
        value=settle(matrix.T.tocsr(), relies),
        own=minds,
        kind=network.kind,
    )
