"""What influence comes to, from first principles: dicts, sets and every possible world.

Nothing here looks at how the library counts. A network is a dict of pairs and chances,
and each number is a sum over all worlds, all thresholds or all orders of joining.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, pairwise, permutations, product
from math import factorial, prod
from typing import Any

import numpy as np

from customer_identification.influence.network import (
    InfluenceNetwork,
)


__all__ = [
    "KINDS",
    "MODELS",
    "Strengths",
    "adoption",
    "at_risk",
    "best_spread",
    "chances",
    "chances_by_thresholds",
    "changes",
    "dependents",
    "diamond",
    "drawn",
    "far_off",
    "fitted",
    "follow",
    "made",
    "network_values",
    "plain_greedy",
    "shapley",
    "value_reached",
    "worlds",
]

MODELS = ("ic", "lt")
# Ties that are drawn by points, all as likely or not; one by one; and both in turn.
KINDS = ("alike", "weak", "strong", "mixed")
Strengths = Mapping[tuple[Any, Any], Any]


# --- networks ------------------------------------------------------------------------


def diamond() -> dict[tuple[int, int], float]:
    """Give the network of the worked example: 0 reaches 4 over 1, 2 and 3."""
    return {
        (0, 1): 0.5,
        (0, 2): 0.4,
        (1, 2): 0.2,
        (1, 3): 0.3,
        (2, 3): 0.6,
        (3, 4): 0.5,
    }


def made(ties: Strengths, parties: Iterable[Any] = ()) -> InfluenceNetwork:
    """Make the network of ties."""
    return InfluenceNetwork.from_edges(
        [one for one, _ in ties],
        [other for _, other in ties],
        list(ties.values()),
        parties=list(parties),
    )


def fitted(ties: Strengths, model: str) -> dict[tuple[Any, Any], Any]:
    """Give strengths that the model allows: into a party at most 1 with "lt"."""
    if model == "ic":
        return dict(ties)
    total: dict[Any, Any] = defaultdict(int)
    for (_, other), chance in ties.items():
        total[other] += chance
    return {pair: chance / max(1, total[pair[1]]) for pair, chance in ties.items()}


def drawn(
    kind: str, seed: int, *, n_parties: int = 6, n_ties: int = 9
) -> dict[tuple[int, int], float]:
    """Draw a network of one kind of ties, circles and lonely parties as they come."""
    rng = np.random.Generator(np.random.PCG64(seed))
    pairs = list(permutations(range(n_parties), 2))
    chosen = sorted(rng.choice(len(pairs), n_ties, replace=False).tolist())
    low, high = {"weak": (0.001, 0.2), "strong": (0.3, 1)}.get(kind, (0, 0.6))
    strength = (
        np.full(n_ties, 0.15) if kind == "alike" else rng.uniform(low, high, n_ties)
    )
    if kind == "mixed":
        strength[:2] = 0, 1
    rng.shuffle(strength)
    return dict(zip([pairs[at] for at in chosen], strength.tolist(), strict=True))


def far_off(hits: Any, n: int, chance: Any) -> Any:
    """Tell counts of n draws that chance gives once in 100,000 times at most.

    Bernstein's inequality: 2 exp(-t^2 / (2 v + 2 t / 3)) with t = 5 sqrt(v) + 10.
    """
    p = np.clip(chance, 0, 1)
    return np.abs(np.asarray(hits) - n * p) > 5 * np.sqrt(n * p * (1 - p)) + 10


# --- cascades ------------------------------------------------------------------------


def worlds(ties: Strengths, model: str) -> Iterator[tuple[Any, list[tuple[Any, Any]]]]:
    """Go through all worlds: the chance of each, and the pairs that are alive in it."""
    choices: list[list[tuple[Any, tuple[Any, Any] | None]]]
    if model == "ic":
        choices = [[(p, pair), (1 - p, None)] for pair, p in ties.items()]
    else:
        heard: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        for pair, p in ties.items():
            heard[pair[1]].append((p, pair))
        choices = [[*own, (1 - sum(p for p, _ in own), None)] for own in heard.values()]
    for world in product(*choices):
        chance = prod(p for p, _ in world)
        if chance > 0:
            yield chance, [pair for _, pair in world if pair is not None]


def follow(alive: Iterable[tuple[Any, Any]], seeds: Iterable[Any]) -> set[Any]:
    """Give everybody whom seeds reach over the pairs that are alive."""
    after = defaultdict(set)
    for one, other in alive:
        after[one].add(other)
    found, waiting = set(seeds), list(seeds)
    while waiting:
        new = after[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def chances(ties: Strengths, seeds: Iterable[Any], model: str) -> dict[Any, Any]:
    """Give the chance that a decision of the seeds reaches each party."""
    seeds = list(seeds)
    total: dict[Any, Any] = defaultdict(int)
    for chance, alive in worlds(ties, model):
        for party in follow(alive, seeds):
            total[party] += chance
    return total


def chances_by_thresholds(ties: Strengths, seeds: Iterable[Any]) -> dict[Any, Any]:
    """Give the same for linear thresholds by their definition, without live ties.

    Of a threshold it matters only between which two sums of strengths it lies, so
    there are a few cases for each party, each as likely as the gap is wide.
    """
    seeds = set(seeds)
    into: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for (one, other), p in ties.items():
        into[other][one] = p
    cases = []
    for heard in into.values():
        sums = {
            sum(some)
            for n in range(len(heard) + 1)
            for some in combinations(heard.values(), n)
        }
        cuts = sorted({*sums, 0, 1})
        cases.append([(high - low, (low + high) / 2) for low, high in pairwise(cuts)])
    total: dict[Any, Any] = defaultdict(int)
    for case in product(*cases):
        threshold = dict(zip(into, (middle for _, middle in case), strict=True))
        active = set(seeds)
        while True:
            new = {
                party
                for party, heard in into.items()
                if sum(p for one, p in heard.items() if one in active)
                > threshold[party]
            }
            if new <= active:
                break
            active |= new
        for party in active:
            total[party] += prod(width for width, _ in case)
    return total


def value_reached(
    ties: Strengths, values: Mapping[Any, Any], model: str
) -> Callable[[Iterable[Any]], Any]:
    """Give the function from seeds to the expected value of all whom they reach."""
    all_worlds = list(worlds(ties, model))

    def spread(seeds: Iterable[Any]) -> Any:
        seeds = list(seeds)
        return sum(
            chance * sum(values[party] for party in follow(alive, seeds))
            for chance, alive in all_worlds
        )

    return spread


def network_values(
    ties: Strengths, values: Mapping[Any, Any], model: str
) -> dict[Any, Any]:
    """Give the expected value of all whom each party alone reaches, itself included."""
    spread = value_reached(ties, values, model)
    return {party: spread([party]) for party in values}


def shapley(ties: Strengths, values: Mapping[Any, Any], model: str) -> dict[Any, Any]:
    """Share value out by definition: what each adds, on average over all orders."""
    spread = value_reached(ties, values, model)
    known = {
        frozenset(some): spread(some)
        for n in range(len(values) + 1)
        for some in combinations(values, n)
    }
    split: dict[Any, Any] = dict.fromkeys(values, 0)
    for order in permutations(values):
        before: frozenset[Any] = frozenset()
        for party in order:
            split[party] += known[before | {party}] - known[before]
            before |= {party}
    return {party: share / factorial(len(values)) for party, share in split.items()}


# --- who leaves ----------------------------------------------------------------------


def dependents(
    ties: Strengths, parties: Iterable[Any], leaving: Iterable[Any]
) -> set[Any]:
    """Give those whom nobody holds but those who leave, and one another.

    A circle (all who reach one another without those who leave) goes if every tie into
    it from outside comes from who is gone, unless it is of several who can reach those
    who leave.
    """
    leaving = set(leaving)
    live = {pair for pair, p in ties.items() if p > 0 and pair[0] != pair[1]}
    among = {pair for pair in live if not leaving & set(pair)}
    others = set(parties) - leaving
    reach = {party: _reach(among, party) for party in others}
    circle = {
        party: frozenset(one for one in reach[party] if party in reach[one])
        for party in others
    }
    held: set[Any] = set()
    while True:
        new = set()
        for mates in set(circle.values()):
            by = {one for one, other in live if other in mates and one not in mates}
            may = len(mates) == 1 or not any(
                _reach(live, one) & leaving for one in mates
            )
            if by and by <= leaving | held and may:
                new |= mates
        if new <= held:
            return held
        held |= new


def _reach(pairs: Iterable[tuple[Any, Any]], start: Any) -> set[Any]:
    found, waiting = {start}, [start]
    while waiting:
        one = waiting.pop()
        for left, right in pairs:
            if left == one and right not in found:
                found.add(right)
                waiting.append(right)
    return found


def at_risk(
    ties: Strengths, values: Mapping[Any, Any], leaving: Iterable[Any], model: str
) -> tuple[Any, Any, Any]:
    """Give own, dependent and carried along value, from the chances of all worlds."""
    leaving = set(leaving)
    held = dependents(ties, values, leaving)
    gone = leaving | held
    soft = sum(
        p * values[party]
        for party, p in chances(ties, gone, model).items()
        if party not in gone
    )
    return sum(values[one] for one in leaving), sum(values[one] for one in held), soft


# --- the linear model ----------------------------------------------------------------


def _followed(
    ties: Strengths, reliance: Mapping[Any, float]
) -> tuple[list[Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Give parties, what each follows of each other (row i, column j), own shares."""
    parties = sorted(reliance)
    total: dict[Any, float] = defaultdict(float)
    for (_, other), strength in ties.items():
        total[other] += strength
    n = len(parties)
    matrix = np.zeros((n, n))
    beta = np.array([reliance[one] if total[one] > 0 else 1.0 for one in parties])
    for (one, other), strength in ties.items():
        if strength:
            i, j = parties.index(other), parties.index(one)
            matrix[i, j] = (1 - beta[i]) * strength / total[other]
    return parties, matrix, beta


def adoption(
    ties: Strengths, own: Mapping[Any, float], reliance: Mapping[Any, float]
) -> dict[Any, float]:
    """Solve P = beta P0 + (1 - beta) W P."""
    parties, matrix, beta = _followed(ties, reliance)
    minds = np.array([own[one] for one in parties])
    found = np.linalg.solve(np.eye(len(parties)) - matrix, beta * minds)
    return dict(zip(parties, found.tolist(), strict=True))


def changes(
    ties: Strengths, values: Mapping[Any, float], reliance: Mapping[Any, float]
) -> dict[Any, float]:
    """Give what all together gain for each unit that a party's own mind changes."""
    parties, matrix, _ = _followed(ties, reliance)
    worth = np.array([values[one] for one in parties])
    found = np.linalg.solve(np.eye(len(parties)) - matrix.T, worth)
    return dict(zip(parties, found.tolist(), strict=True))


# --- whom to treat -------------------------------------------------------------------


def best_spread(
    spread: Callable[[Iterable[Any]], Any], choices: Iterable[Iterable[Any]]
) -> Any:
    """Try all choices and give the most that one of them reaches."""
    return max(spread(choice) for choice in choices)


def plain_greedy(
    spread: Callable[[tuple[Any, ...]], Any], candidates: Iterable[Any], k: int
) -> tuple[list[Any], list[Any]]:
    """Choose one after the other, asking for every candidate each time."""
    left, chosen, gains = list(candidates), [], []
    for _ in range(k):
        so_far = spread(tuple(chosen)) if chosen else 0
        gain = {one: spread((*chosen, one)) - so_far for one in left}
        best = max(left, key=lambda one: gain[one])  # the first of the best
        chosen.append(best)
        gains.append(gain[best])
        left.remove(best)
    return chosen, gains
