"""Whom to treat: the question, and seeds as its answer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.options import whole


if TYPE_CHECKING:
    pass


__all__ = [
    "Certificate",
    "Problem",
    "Seeds",
    "candidates_of",
    "check_k",
    "seeds_of",
]

Floats = NDArray[np.float64]

# Part of a budget that sums of floats may be off by. Our choice.
_ROUNDING = 1e-9


@frozen(kw_only=True)
class Certificate:
    """What is known of the seeds' spread, apart from how they were chosen.

    Attributes
    ----------
    lower : float
        The expected spread of the seeds is at least this.
    upper : float
        No choice of as many seeds, or for the budget, can be expected to spread further.
    guarantee : float
        Lower over upper: at least this share of the best possible was reached.
    confidence : float
        That both bounds hold.
    sets : int
        Reachable sets drawn, half to choose by and half to judge by.
    """

    lower: float
    upper: float
    guarantee: float
    confidence: float
    sets: int


@frozen(kw_only=True)
class Seeds:
    """Whom to treat, in the order of choice.

    Attributes
    ----------
    seeds : tuple of id
        Hidden from `repr`.
    gains : ndarray of float, shape (n_seeds,)
        What each adds to those before it, as estimated apart from the choice.
    costs : ndarray of float, shape (n_seeds,)
        1 each where no cost was given.
    certificate : Certificate or None
        None where the spread function was the host's own; of 0 sets where there is
        nothing to gain.
    kind : str
        Of frames made of it.
    """

    seeds: tuple[Any, ...] = field(repr=len)  # type: ignore[arg-type]
    gains: Floats = array_field()
    costs: Floats = array_field()
    certificate: Certificate | None = None
    kind: str = field(default="pandas", eq=False, repr=False)

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def cumulative(self) -> Floats:
        """Spread of the first one, two, three … seeds."""
        return np.cumsum(self.gains)

    @property
    def spread(self) -> float:
        """Spread of all seeds together."""
        return float(self.gains.sum())

    @property
    def cost(self) -> float:
        """Cost of all seeds together."""
        return float(self.costs.sum())

    def to_frame(self) -> Any:
        """Give one row a seed, in the order of choice, as the host's kind of frame."""
        is_text = any(isinstance(one, str) for one in self.seeds)
        ids = np.empty(len(self), dtype=object if is_text else np.int64)
        ids[:] = self.seeds
        columns: dict[str, NDArray[Any]] = {
            "party_id": ids,
            "gain": self.gains,
            "cumulative": self.cumulative,
            "cost": self.costs,
        }
        return to_frame(columns, self.kind)


@frozen(kw_only=True)
class Problem:
    """Who may be chosen, how many or for how much, and what reaching whom is worth."""

    worth: Floats
    candidates: NDArray[np.intp]
    k: int | None
    budget: float | None
    costs: Floats | None  # of all parties

    def __attrs_post_init__(self) -> None:
        if (self.k is None) == (self.budget is None):
            raise InvalidInputError("give k or budget, one of them", code="bad_option")
        if self.costs is not None and self.budget is None:
            raise InvalidInputError("cost needs budget", code="bad_option")
        if self.k is not None:
            check_k(self.k, self.candidates.size)

    @cached_property
    def prices(self) -> Floats:
        """Cost of every party; 1 by default."""
        return np.ones(self.worth.size) if self.costs is None else self.costs

    @cached_property
    def most(self) -> int:
        """How many can be chosen at most."""
        if self.budget is None:
            return int(self.k or 0)
        prices = np.sort(self.prices[self.candidates])
        return int(np.searchsorted(np.cumsum(prices), self.limit, side="right"))

    @cached_property
    def limit(self) -> float:
        """What may be spent; k where each costs 1.

        A little more than the budget, since 0.1 + 0.1 + 0.1 is more than 0.3 in floats.
        """
        most = float(self.k or 0) if self.budget is None else self.budget
        return most * (1 + _ROUNDING)

    def left(self, chosen: list[int]) -> float:
        """Give what may still be spent."""
        return self.limit - math.fsum(self.prices[chosen].tolist())

    def without_sets(self, network: InfluenceNetwork) -> Seeds:
        """Choose where there is nothing to gain."""
        at = self.candidates[: self.most if self.budget is None else 0]
        certificate = Certificate(
            lower=0.0, upper=0.0, guarantee=1.0, confidence=1.0, sets=0
        )
        return seeds_of(network, at, np.zeros(len(at)), self.prices, certificate)


def check_k(k: int, n_candidates: int) -> int:
    """Give k if there are so many to choose from.

    Raises
    ------
    InvalidInputError
        If there are not, or it is no whole number from 1.
    """
    if whole("k", k, 1) > n_candidates:
        raise InvalidInputError(
            f"k must be at most the number of candidates, {n_candidates:,}",
            code="too_large",
            column="k",
        )
    return int(k)


def candidates_of(
    network: InfluenceNetwork,
    candidates: Iterable[int | str] | None,
    exclude: Iterable[int | str],
) -> NDArray[np.intp]:
    """Give the positions of those who may be chosen, rising.

    Raises
    ------
    UnknownCustomerError
        If an id is not in the network.
    """
    may = np.zeros(len(network), dtype=np.bool_)
    may[slice(None) if candidates is None else network.positions(candidates)] = True
    may[network.positions(exclude)] = False
    return np.flatnonzero(may)


def seeds_of(
    network: InfluenceNetwork,
    at: Any,
    gains: Floats,
    prices: Floats,
    certificate: Certificate | None,
) -> Seeds:
    """Make the seeds of positions."""
    return Seeds(
        seeds=tuple(network.ids[at].tolist()),
        gains=gains,
        costs=prices[at],
        certificate=certificate,
        kind=network.kind,
    )
