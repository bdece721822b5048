"""Seeds chosen and judged on random reachable sets, with a certificate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import check_each
from customer_identification.errors import InvalidInputError
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.parties import read_values
from customer_identification.influence.sampling import (
    Mapper,
    Model,
    ReachableSets,
    check_model,
    draw_sets,
)
from customer_identification.influence.seeds import (
    Certificate,
    Problem,
    Seeds,
    candidates_of,
    seeds_of,
)
from customer_identification.options import generator, number, whole
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "maximize_influence",
]

Floats = NDArray[np.float64]

# The bounds may fail together with this chance; a guarantee holds in 999 runs of 1,000.
_FAILURE = 0.001
# A cost that was not given, and the least that can be told from nothing. Our choice.
_UNKNOWN, _LEAST = -1.0, 1e-100
# The guarantee that greedy choice can have at best (Nemhauser, Wolsey & Fisher 1978).
_GREEDY = 1 - 1 / math.e
# Sets by default: at least so many; then as many as each party is in so many of on
# average, but not more members than that. On NetHEPT this finds seeds within 1 % of the
# best known (benchmarks/influence.py).
_MIN_SETS = 100_000
_HITS = 250
_MEMBERS = 2**22
# Then sets are doubled up to so many members. Our choice: some ten seconds, 300 MB.
_MOST_MEMBERS = 2**25
_PILOT = 2048


def maximize_influence(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    *,
    k: int | None = None,
    budget: float | None = None,
    cost: Any = None,
    model: Model = "ic",
    value: Any = None,
    default: float | None = None,
    candidates: Iterable[int | str] | None = None,
    exclude: Iterable[int | str] = (),
    epsilon: float = 0.1,
    min_sets: int | None = None,
    max_sets: int = 10_000_000,
    rng: np.random.Generator | int,
    mapper: Mapper = map,
    progress: Progress | None = None,
) -> Seeds:
    """Choose whom to treat so that a decision spreads as far as it can.

    Seeds are chosen greedily on one half of many random reachable sets and judged on the
    other half; sets are doubled until the certificate reaches ``1 - 1/e - epsilon``.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    k : int
        How many to choose; or give `budget`.
    budget : float
        What they may cost together. Chosen by gain per cost or by gain alone, whichever
        spreads further; then there may be any number, and the guarantee is what the
        certificate says.
    cost : mapping of id to float, or array in the order of ids, optional
        Of each candidate, above 0; 1 by default. Needs `budget`. Others need none.
    model : {"ic", "lt"}
        As for :func:`expected_spread`.
    value : Summary, mapping of id to number, or array in the order of ids, optional
        What it is worth to reach a party, from 0; by default parties are counted.
    default : float, optional
        Value of parties that `value` does not name; without it they are an error.
    candidates, exclude : iterable of int or str
        Ids of those who may be chosen (by default all), and of those who may not.
    epsilon : float
        How far the guarantee may stay below ``1 - 1/e``, above 0 and below that.
    min_sets : int, optional
        Least sets to draw. By default 100,000, and where sets are small as many as each
        party is in 250 of on average, up to four million members (our choice): the
        guarantee alone is reached much sooner, with seeds that are worse than they need
        be. [sets]
    max_sets : int
        Most sets to draw, both halves together; unless `min_sets` is given, no more than
        have 33 million members either. Where candidates reach little the certificate may
        then stay below what was aimed at. [sets]
    rng : numpy.random.Generator or int
        Where chance comes from.
    mapper : callable
        Like the builtin `map`; hands out the drawing of sets, such as
        ``executor.map``. The result is the same.
    progress : callable, optional
        Told ``("reachable sets", done, of)`` along the way.

    Returns
    -------
    seeds : Seeds
        Of equals the one with the smaller id.

    Raises
    ------
    UnknownCustomerError
        If a candidate is not in the network.
    InvalidInputError
        If `k` is above the number of candidates, neither or both of `k` and `budget` are
        given, a cost is not above 0, a value is below 0, or as :func:`expected_spread`.

    References
    ----------
    Tang, Tang, Xiao & Yuan 2018, Online Processing Algorithms for Influence
    Maximization: algorithm 2 (OPIM-C), equations 5, 8 and 10; with value in place of the
    number of parties as in Nguyen, Thai & Dinh 2016, Stop-and-Stare, section 6. Budget:
    Leskovec et al. 2007, Cost-effective Outbreak Detection in Networks, section 3.2.

    Examples
    --------
    Of two stars the hubs are chosen.

    >>> network = InfluenceNetwork.from_edges(
    ...     [1, 1, 1, 5, 5], [2, 3, 4, 6, 7], [0.5, 0.5, 0.5, 0.5, 0.5]
    ... )
    >>> found = maximize_influence(network, k=2, rng=7)
    >>> found.seeds, found.certificate.guarantee > 0.9
    ((1, 5), True)
    """
    if value is None:
        known = as_network(network)
        worth = np.ones(len(known))
    else:
        known, worth = read_values(network, value, default=default)
        check_each("value", worth >= 0, "not be below 0", code="out_of_range")
    model = check_model(model, known)
    open_to = candidates_of(known, candidates, exclude)
    problem = Problem(
        worth=worth,
        candidates=open_to,
        k=k,
        budget=None if budget is None else number("budget", budget, 0),
        costs=_costs(known, cost, open_to),
    )
    epsilon = _checked_epsilon(epsilon)
    max_sets = whole("max_sets", max_sets, 2)
    least = _MIN_SETS if min_sets is None else whole("min_sets", min_sets, 2)
    dice = generator(rng)
    upto = np.cumsum(worth)
    if not problem.most or upto[-1] == 0:
        return problem.without_sets(known)

    def draw(n: int, done: int, of: int) -> ReachableSets:
        point = dice.random(n) * upto[-1]
        at = np.searchsorted(upto, point, side="right")
        at = np.minimum(at, np.flatnonzero(worth)[-1])  # where rounding went too far
        told = None if progress is None else _counting_on(progress, done, of)
        return draw_sets(known, at.astype(np.int32), model, dice, mapper, told)

    first, most = min(least, max_sets) // 2, max_sets // 2
    if min_sets is None:
        pilot = draw(min(_PILOT, first), 0, max_sets)
        first, most = _sizes(pilot, first, most)
    return _search(draw, problem, known, (first, most), _GREEDY - epsilon)


Draw = Callable[[int, int, int], ReachableSets]


def _sizes(pilot: ReachableSets, first: int, most: int) -> tuple[int, int]:
    """Give the first and the most sets of each half, as a few sets tell their size.

    These few are left at that, so that the bounds speak of sets drawn apart from them.
    """
    size = pilot.members.size / len(pilot)
    most = max(first, min(most, int(_MOST_MEMBERS / size / 2)))
    wanted = int(min(_HITS * pilot.n_parties, _MEMBERS) / size / 2)
    return min(max(wanted, first), most), most


def _search(
    draw: Draw,
    problem: Problem,
    network: InfluenceNetwork,
    sizes: tuple[int, int],
    aim: float,
) -> Seeds:
    """Double the sets until the guarantee is what was aimed at."""
    theta, most = sizes
    choosing, judging = draw(theta, 0, 2 * theta), draw(theta, theta, 2 * theta)
    # The bounds are asked for in each round, and hold in all of them together.
    rounds = 1 + math.ceil(math.log2(most / theta))
    while True:
        chosen = _choose(choosing, problem)
        gains, certificate = _judge(chosen, judging, problem, rounds)
        if certificate.guarantee >= aim or chosen.covered == 0 or len(choosing) == most:
            return seeds_of(network, chosen.at, gains, problem.prices, certificate)
        more = min(theta, most - theta)
        done, theta = 2 * theta, theta + more
        choosing = ReachableSets.joined([choosing, draw(more, done, 2 * theta)])
        judging = ReachableSets.joined([judging, draw(more, done + more, 2 * theta)])


def _counting_on(progress: Progress, done: int, of: int) -> Progress:
    return lambda what, now, _: progress(what, done + now, of)


def _costs(
    network: InfluenceNetwork, cost: Any, candidates: NDArray[np.intp]
) -> Floats | None:
    if cost is None:
        return None
    _, costs = read_values(
        network, cost, name="cost", default=_UNKNOWN, only_known=True
    )
    must = "be known of every candidate, and above 0"
    check_each("cost", costs[candidates] >= _LEAST, must, code="out_of_range")
    costs[costs < _LEAST] = math.inf  # of those who are none
    return costs


def _checked_epsilon(epsilon: float) -> float:
    if not 0 < number("epsilon", epsilon, 0) < _GREEDY:
        raise InvalidInputError(
            "epsilon must lie between 0 and 1 - 1/e", code="bad_option"
        )
    return float(epsilon)


# --- choosing -------------------------------------------------------------------------


@frozen(kw_only=True)
class _Chosen:
    """A choice in order, and how many sets no choice could cover more of."""

    at: NDArray[np.intp]
    covered: int
    most_covered: float


def _choose(sets: ReachableSets, problem: Problem) -> _Chosen:
    """Choose greedily; with a budget by gain per cost and by gain, the better one."""
    cover = _Cover(sets)
    by_gain = _greedy(cover, problem, per_cost=False)
    if problem.costs is None:
        return by_gain
    per_cost = _greedy(cover, problem, per_cost=True)
    best = by_gain if by_gain.covered > per_cost.covered else per_cost
    return _Chosen(
        at=best.at,
        covered=best.covered,
        most_covered=min(by_gain.most_covered, per_cost.most_covered),
    )


@frozen(kw_only=True, init=False)
class _Cover:
    """Which sets each party is in."""

    sets: ReachableSets
    start: NDArray[np.int64]
    places: NDArray[np.int32]

    def __init__(self, sets: ReachableSets) -> None:
        from scipy.sparse import csr_array

        ones = np.ones(sets.members.size, dtype=np.int8)
        by_party = csr_array(
            (ones, sets.members, sets.start), shape=(len(sets), sets.n_parties)
        ).tocsc()
        self.__attrs_init__(
            sets=sets,
            start=by_party.indptr.astype(np.int64),
            places=by_party.indices,
        )

    def of(self, party: int) -> NDArray[np.int32]:
        return self.places[self.start[party] : self.start[party + 1]]

    def members(self, places: NDArray[Any]) -> NDArray[np.int32]:
        """List the members of some sets, one after the other."""
        sizes = self.sets.sizes[places]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if ends.size else 0
        at = np.repeat(self.sets.start[places] - (ends - sizes), sizes)
        at += np.arange(total)
        members: NDArray[np.int32] = self.sets.members[at]
        return members


def _greedy(cover: _Cover, problem: Problem, *, per_cost: bool) -> _Chosen:
    gains = np.diff(cover.start)
    is_open = np.zeros(gains.size, dtype=np.bool_)
    is_open[problem.candidates] = True
    is_covered = np.zeros(len(cover.sets), dtype=np.bool_)
    chosen: list[int] = []
    covered, most_covered = 0, math.inf
    while True:
        if _worth_a_bound(len(chosen), problem):
            more = _most_more(gains, problem)
            most_covered = min(most_covered, covered + more)
        if problem.budget is not None:
            is_open &= (problem.prices <= problem.left(chosen)) & (gains > 0)
        if len(chosen) == problem.k or not is_open.any():
            break
        score = gains / problem.prices if per_cost else gains
        best = int(np.argmax(np.where(is_open, score, -1)))
        chosen.append(best)
        is_open[best] = False
        new = cover.of(best)
        new = new[~is_covered[new]]
        is_covered[new] = True
        covered += new.size
        gains = gains - np.bincount(cover.members(new), minlength=gains.size)
    return _Chosen(
        at=np.array(chosen, dtype=np.intp),
        covered=covered,
        most_covered=min(most_covered, float(len(cover.sets))),
    )


def _worth_a_bound(n_chosen: int, problem: Problem) -> bool:
    """Bound often where that is cheap; else after 0, 1, 2, 4, 8 … choices."""
    return problem.costs is None or n_chosen & (n_chosen - 1) == 0


def _most_more(gains: NDArray[Any], problem: Problem) -> float:
    """Give the most sets that any choice could cover beyond those covered.

    Tang et al. 2018, equation 10: the largest gains that could be had together; with
    costs those of the fractional knapsack, as marginal gains only fall.
    """
    open_gains = gains[problem.candidates]
    if problem.costs is None:
        k = min(problem.most, open_gains.size)
        top = np.partition(open_gains, open_gains.size - k)[open_gains.size - k :]
        return float(top.sum())
    prices = problem.costs[problem.candidates]
    gaining = (open_gains > 0) & (prices <= problem.limit)
    open_gains, prices = open_gains[gaining], prices[gaining]
    order = np.argsort(-open_gains / prices, kind="stable")
    spent = np.cumsum(prices[order])
    share = np.clip((problem.limit - (spent - prices[order])) / prices[order], 0, 1)
    return float((open_gains[order] * share).sum())


# --- judging --------------------------------------------------------------------------


def _judge(
    chosen: _Chosen,
    judging: ReachableSets,
    problem: Problem,
    rounds: int,
) -> tuple[Floats, Certificate]:
    """Estimate the spread on sets that had no say in the choice, and bound it.

    Tang et al. 2018, equation 5 (below) and 8 (above), with delta / (3 rounds) each.
    """
    n = len(judging)
    gains = _new_sets(chosen.at, judging)
    covered = int(gains.sum())
    sure = math.log(3 * rounds / _FAILURE)
    low = (math.sqrt(covered + 2 * sure / 9) - math.sqrt(sure / 2)) ** 2 - sure / 18
    high = (math.sqrt(chosen.most_covered + sure / 2) + math.sqrt(sure / 2)) ** 2
    low = low if covered else 0.0
    unit = float(problem.worth.sum()) / n
    lower = max(low, 0.0) * unit
    upper = min(high * unit, float(problem.worth.sum()))
    lower = max(lower, float(problem.worth[chosen.at].sum()))
    certificate = Certificate(
        lower=lower,
        upper=upper,
        guarantee=lower / upper if upper > 0 else 1.0,
        confidence=1 - _FAILURE,
        sets=2 * n,
    )
    return gains.astype(np.float64) * unit, certificate


def _new_sets(chosen: NDArray[np.intp], sets: ReachableSets) -> NDArray[np.int64]:
    """Count for each choice the sets it is in and none before it is."""
    rank = np.full(sets.n_parties, chosen.size)
    rank[chosen] = np.arange(chosen.size)
    first = np.minimum.reduceat(rank[sets.members], sets.start[:-1])
    return np.bincount(first, minlength=chosen.size + 1)[: chosen.size]
