"""Seeds chosen for a spread of the host's own, asked as rarely as can be."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_numbers_of
from customer_identification.influence.seeds import Problem, Seeds
from customer_identification.options import an_instance, number
from customer_identification.terms import Progress


if TYPE_CHECKING:
    pass


__all__ = [
    "maximize_spread",
]

Floats = NDArray[np.float64]


def maximize_spread(
    spread: Callable[[tuple[Any, ...]], float],
    candidates: Iterable[Any],
    *,
    k: int | None = None,
    budget: float | None = None,
    cost: Mapping[Any, float] | None = None,
    progress: Progress | None = None,
) -> Seeds:
    """Choose seeds for a spread function of your own, asking it as rarely as can be (CELF).

    Parameters
    ----------
    spread : callable
        From a tuple of candidates to a number; 0 for the empty one is taken for granted.
        It must not fall when one is added, and gains must not grow (submodular), or the
        choice is only what lazy evaluation finds. Equal questions need equal answers: a
        simulation should use the same draws each time.
    candidates : iterable
        Who may be chosen; of equals the first.
    k, budget, cost
        As for :func:`maximize_influence`; with a cost the better of gain per cost and
        gain alone.
    progress : callable, optional
        Told ``("seeds", chosen, of)`` along the way.

    Returns
    -------
    seeds : Seeds
        Without a certificate.

    Raises
    ------
    InvalidInputError
        As :func:`maximize_influence`; or if the spread is not a finite number.

    References
    ----------
    Leskovec et al. 2007, Cost-effective Outbreak Detection in Networks, algorithm 1.

    Examples
    --------
    >>> reach = {"a": {1, 2, 3}, "b": {3, 4}, "c": {4, 5}}
    >>> found = maximize_spread(
    ...     lambda seeds: len(set().union(*(reach[one] for one in seeds))),
    ...     ["a", "b", "c"],
    ...     k=2,
    ... )
    >>> found.seeds, found.gains.tolist()
    (('a', 'c'), [3.0, 2.0])
    """
    names = _names_of(candidates)
    prices = np.ones(len(names))
    if cost is not None:
        an_instance("cost", cost, Mapping)
        is_there = np.array([name in cost for name in names], dtype=np.bool_)
        must = "be known of every candidate"
        check_each("cost", is_there, must, code="missing_value")
        prices = read_numbers_of([cost[name] for name in names], "cost")
        check_each("cost", prices > 0, "be above 0", code="out_of_range")
    problem = Problem(
        worth=np.ones(len(names)),
        candidates=np.arange(len(names)),
        k=k,
        budget=None if budget is None else number("budget", budget, 0),
        costs=None if cost is None else prices,
    )

    def ask(at: list[int]) -> float:
        return number("spread", spread(tuple(names[one] for one in at)), -math.inf)

    choices = [_lazy(ask, problem, per_cost=False, progress=progress)]
    if cost is not None:
        choices.append(_lazy(ask, problem, per_cost=True, progress=progress))
    chosen, gains = max(choices, key=lambda choice: sum(choice[1]))
    return Seeds(
        seeds=tuple(names[one] for one in chosen),
        gains=np.array(gains, dtype=np.float64),
        costs=prices[chosen],
    )


def _names_of(candidates: object) -> list[Any]:
    if isinstance(candidates, Iterable) and not isinstance(candidates, str):
        try:
            return list(dict.fromkeys(candidates))
        except TypeError:
            pass
    raise InvalidInputError(
        "candidates must be a list of ids, not one", code="not_a_list"
    )


def _lazy(
    ask: Callable[[list[int]], float],
    problem: Problem,
    *,
    per_cost: bool,
    progress: Progress | None,
) -> tuple[list[int], list[float]]:
    """Choose by gains of earlier rounds, which can only have fallen, until one is fresh."""
    prices = problem.prices
    so_far = 0.0
    chosen: list[int] = []
    gains: list[float] = []
    heap = [(-math.inf, at, -1, 0.0) for at in range(prices.size)]
    while heap and len(chosen) < problem.most:
        _, at, asked, gain = heapq.heappop(heap)
        if problem.budget is not None and prices[at] > problem.left(chosen):
            continue
        if asked == len(chosen):
            if problem.budget is not None and gain <= 0:
                break
            chosen.append(at)
            gains.append(gain)
            so_far += gain
            if progress is not None:
                progress("seeds", len(chosen), problem.most)
            continue
        gain = ask([*chosen, at]) - so_far
        score = gain / prices[at] if per_cost else gain
        heapq.heappush(heap, (-score, at, len(chosen), gain))
    return chosen, gains
