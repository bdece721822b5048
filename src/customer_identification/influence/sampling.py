"""Chance played out: whom a decision would reach, in thousands of draws at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import index
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, check_each, run_starts
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.ties import Ties
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "Mapper",
    "Model",
    "ReachableSets",
    "check_model",
    "draw_sets",
    "live_ties",
    "reachable_sets",
    "reached",
    "steps_ahead",
]

Model = Literal["ic", "lt"]
# Like the builtin `map`: takes a function and its arguments, gives the results in order.
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
Step = Callable[[NDArray[Any], NDArray[Any]], tuple[NDArray[Any], NDArray[Any]]]

# Sets that are drawn by one task, of those that a mapper hands out. Our choice.
_BLOCK = 2**15
# Draws that run at the same time: no more than this, and no more than reach so many
# parties together, which is known once a few have run. Our choice.
_BATCH = 2**13
_KEYS = 2**22
_FEW = 64
# A bit for each party in each draw that runs at the same time: 256 MiB. Our choice.
_BITS = 2**31
_BIT = np.left_shift(1, np.arange(8)).astype(np.uint8)


@frozen(kw_only=True, repr=False)
class ReachableSets:
    """For each of many random draws, who would have carried a decision to its root.

    A party is in the set of root v with the chance that a decision of the party reaches
    v (Borgs et al. 2014, Maximizing Social Influence in Nearly Optimal Time, section 3).

    Attributes
    ----------
    n_parties : int
        Of the network.
    roots : ndarray of int32, shape (n_sets,)
        Positions of the parties the draws started from; each is in its own set.
    start : ndarray of int, shape (n_sets + 1,)
        Members of set i are those from ``start[i]`` up to ``start[i + 1]``.
    members : ndarray of int32
        Positions of parties, rising within each set.
    """

    n_parties: int
    roots: NDArray[np.int32] = array_field()
    start: NDArray[np.int64] = array_field()
    members: NDArray[np.int32] = array_field()

    def __len__(self) -> int:
        return int(self.roots.size)

    def __repr__(self) -> str:
        return f"ReachableSets({len(self):,} sets, {self.members.size:,} members)"

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of members of every set."""
        return np.diff(self.start)

    @classmethod
    def joined(cls, parts: Sequence[ReachableSets]) -> ReachableSets:
        """Put sets drawn apart from one another, on one network, into one.

        Raises
        ------
        InvalidInputError
            If there are none, or networks are of different sizes.
        """
        if len({part.n_parties for part in parts}) != 1:
            raise InvalidInputError(
                "there must be sets, all of one network", code="other_network"
            )
        if len(parts) == 1:
            return parts[0]
        sizes = np.concatenate([part.sizes for part in parts])
        return cls(
            n_parties=parts[0].n_parties,
            roots=np.concatenate([part.roots for part in parts]),
            start=np.concatenate([[0], np.cumsum(sizes)]),
            members=np.concatenate([part.members for part in parts]),
        )

    def to_frame(self, kind: str = "pandas") -> Any:
        """Give one row a member: place of the set, its root, and the party.

        Parameters
        ----------
        kind : {"pandas", "polars", "pyarrow"}
            Of frame.
        """
        places = np.repeat(np.arange(len(self)), self.sizes)
        columns: dict[str, NDArray[Any]] = {
            "set": places,
            "root": self.roots[places],
            "party": self.members,
        }
        return to_frame(columns, kind)


def check_model(model: object, network: InfluenceNetwork) -> Model:
    """Give the model if there is one of that name, and the network is fit for it.

    Raises
    ------
    InvalidInputError
        If it is not.
    """
    if model == "lt":
        _ = network.into.shares  # refuses strengths that add up to more than 1
        return "lt"
    if isinstance(model, str) and model == "ic":
        return "ic"
    raise InvalidInputError(
        'model must be "ic" (independent cascade) or "lt" (linear threshold)',
        code="unknown_model",
    )


def reachable_sets(
    network: InfluenceNetwork | nx.Graph[Any],
    roots: Sequence[int] | NDArray[Any],
    seed: int | Sequence[int],
    *,
    model: Model = "ic",
) -> ReachableSets:
    """Draw one reverse reachable set for each root; a pure function of its arguments.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    roots : array_like of int, shape (n_sets,)
        Positions of parties in the network's ids; one may come many times.
    seed : int or sequence of int
        Equal seeds give equal sets, on any machine.
    model : {"ic", "lt"}
        Independent cascade: each tie carries over with its strength, by itself. Linear
        threshold: each party listens to at most one of those who influence it, to each
        with the strength of the tie (Kempe, Kleinberg & Tardos 2003, claim 2.6).

    Returns
    -------
    sets : ReachableSets

    Raises
    ------
    InvalidInputError
        If a root is no position, or with "lt" the strengths into a party add up to more
        than 1.

    Examples
    --------
    >>> network = InfluenceNetwork.from_edges([1, 2], [2, 3], [1.0, 1.0])
    >>> sets = reachable_sets(network, [2, 0], seed=7)
    >>> sets.members.tolist(), sets.sizes.tolist()
    ([0, 1, 2, 0], [3, 1])
    """
    network = as_network(network)
    model = check_model(model, network)
    at = _positions(roots)
    is_position = (at >= 0) & (at < len(network))
    must = f"be positions below {len(network):,}"
    check_each("roots", is_position, must, code="bad_roots")
    return _draw(network.into.positive, model, at.astype(np.int32), seed)


def _positions(roots: Any) -> NDArray[Any]:
    try:
        at = np.asarray(roots)
    except ValueError:  # lists of several lengths
        at = np.empty((0, 0))
    if at.ndim != 1 or (at.size and at.dtype.kind not in "iu"):
        raise InvalidInputError("roots must be a list of positions", code="bad_roots")
    return at


def _of_seed(seed: Any) -> np.random.Generator:
    try:
        words = [index(one) for one in (seed if np.iterable(seed) else [seed])]
    except TypeError:
        words = []
    if not words or min(words) < 0:
        raise InvalidInputError(
            "seed must be a whole number, at least 0, or several of them",
            code="bad_rng",
        )
    return np.random.Generator(np.random.SFC64(words))


def _draw(
    ties: Ties, model: Model, roots: NDArray[np.int32], seed: Any
) -> ReachableSets:
    rng, n_parties = _of_seed(seed), ties.degree.size
    step = partial(_cascade if model == "ic" else _threshold_back, ties, rng)
    sizes, members = [np.zeros(1, np.int64)], []
    for sample, party, n in reached(step, roots[:, None], n_parties):
        sizes.append(np.bincount(sample, minlength=n))
        members.append(party)
    return ReachableSets(
        n_parties=n_parties,
        roots=roots,
        start=np.cumsum(np.concatenate(sizes)),
        members=np.concatenate([np.empty(0, np.int32), *members]),
    )


def draw_sets(
    network: InfluenceNetwork,
    roots: NDArray[np.int32],
    model: Model,
    rng: np.random.Generator,
    mapper: Mapper = map,
    progress: Progress | None = None,
) -> ReachableSets:
    """Draw sets block by block, each block with a seed of its own, wherever it runs."""
    entropy = int(rng.integers(2**63))
    blocks = [
        (roots[begin : begin + _BLOCK], (entropy, at))
        for at, begin in enumerate(range(0, max(roots.size, 1), _BLOCK))
    ]
    parts = []
    ties = network.into.positive
    for part in mapper(partial(_draw_block, ties, model), blocks):
        parts.append(part)
        if progress is not None:
            done = sum(len(one) for one in parts)
            progress("reachable sets", done, int(roots.size))
    return ReachableSets.joined(parts)


def _draw_block(
    ties: Ties, model: Model, block: tuple[NDArray[np.int32], Sequence[int]]
) -> ReachableSets:
    return _draw(ties, model, *block)


# --- the closure of a random step -----------------------------------------------------


def reached(
    step: Step, first: NDArray[np.int32], n_parties: int, n_draws: int | None = None
) -> Iterable[tuple[NDArray[np.int32], NDArray[np.int32], int]]:
    """Follow random ties from where each draw starts until nobody new is reached.

    Parameters
    ----------
    step : callable
        From draws and parties that were just reached to the places among them whose
        tie carries over, and the parties at its other end.
    first : ndarray of int32, shape (n_draws, n_first)
        Where each draw starts; distinct in each row.
    n_parties : int
        Of the network.
    n_draws : int, optional
        Repeats the one row of `first` as many times.

    Yields
    ------
    draw, party : ndarray of int32
        All that were reached in some draws, sorted; draws count from 0 in each batch.
    n : int
        Draws in the batch.
    """
    row = np.int32((n_parties + 7) // 8 * 8)
    total = first.shape[0] if n_draws is None else n_draws
    most = max(1, min(total, _BATCH, (_BITS - 1) // max(int(row), 8)))
    seen = np.zeros(most * int(row) // 8, dtype=np.uint8)
    begin, n = 0, min(most, max(_FEW, _KEYS // max(n_parties, 1)))
    while begin < total:
        n = min(n, total - begin)
        starts = first[begin : begin + n] if n_draws is None else first
        bases = np.arange(n, dtype=np.int32) * row
        key = (bases[:, None] + starts).reshape(-1)
        if first.shape[1] > 1:
            key.sort()
        found = _closure(step, key, row, seen, begin)
        draw = found // row
        yield draw, found - draw * row, n
        begin += n
        n = min(most, max(_FEW, _KEYS * n // max(found.size, 1)))


def live_ties(
    step: Step, first: NDArray[np.int32], n_parties: int, n_draws: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the ties that carried a decision over, all draws side by side.

    Returns
    -------
    left, right : ndarray of int64
        ``draw * n_parties + party`` of both ends; one tie may come more than once.
    """
    lefts, rights = [], []

    def noted(
        draw: NDArray[Any], party: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        which, other = step(draw, party)
        base = draw[which].astype(np.int64) * n_parties
        lefts.append(base + party[which])
        rights.append(base + other)
        return which, other

    for _ in reached(noted, first, n_parties, n_draws):
        pass
    return np.concatenate(lefts), np.concatenate(rights)


def _closure(
    step: Step,
    key: NDArray[np.int32],
    row: np.int32,
    seen: NDArray[np.uint8],
    begin: int,
) -> NDArray[np.int32]:
    """Give all keys ``draw * row + party`` reached from some, sorted."""
    layers = [key]
    while key.size:
        np.bitwise_or.at(seen, key >> 3, _BIT[key & 7])
        draw = key // row
        base = draw * row
        which, other = step(draw + begin, key - base)
        key = base[which] + other
        key.sort()
        is_new = run_starts(key)
        is_new &= (seen[key >> 3] & _BIT[key & 7]) == 0
        key = key[is_new]
        layers.append(key)
    found = np.concatenate(layers)
    found.sort()
    seen[found >> 3] = 0
    return found


def steps_ahead(
    network: InfluenceNetwork, model: Model, rng: np.random.Generator
) -> Step:
    """Give the random step from those who decided to those who follow."""
    if model == "ic":
        return partial(_cascade, network.out.positive, rng)
    return partial(
        _threshold_ahead, network.out, network.share_before, int(rng.integers(2**63))
    )


# --- independent cascade: every tie carries over with its strength, by itself ---------


def _cascade(
    ties: Ties, rng: np.random.Generator, _: NDArray[Any], party: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    rate = ties.rates.rate[party]
    strong = np.flatnonzero(rate < 0)
    if not strong.size:
        return _by_points(ties, rng, party, rate)
    tie, whose = ties.of(party[strong])
    live = rng.random(tie.size) < ties.strength[tie]
    weak = np.flatnonzero(rate >= 0)
    which, other = _by_points(ties, rng, party[weak], rate[weak])
    return (
        np.concatenate([strong[whose[live]], weak[which]]),
        np.concatenate([ties.others[tie[live]], other]),
    )


def _by_points(
    ties: Ties,
    rng: np.random.Generator,
    party: NDArray[Any],
    rate: NDArray[np.float64],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Throw points at the ties of weak parties, instead of a die for each tie.

    A tie of strength p is hit by a Poisson process of rate -log(1 - p) with chance p,
    and apart from all others. So points are thrown on all ties laid end to end, each as
    wide as the strongest of its party; those beyond a tie's own rate are taken back.
    """
    rates = ties.rates
    ends = np.cumsum(rate)
    total = ends[-1] if ends.size else 0.0
    point = rng.random(rng.poisson(total))
    point.sort()
    point *= total
    which = np.searchsorted(ends, point, side="right")
    np.minimum(which, party.size - 1, out=which)  # where rounding went past the end
    hit = party[which]
    point -= (ends - rate)[which]
    point /= rates.peak[hit]
    place = np.minimum(point.astype(np.int32), ties.degree[hit] - 1)
    tie = ties.start[hit] + place
    if rates.height is not None:
        stays = point - place < rates.height[tie]
        which, tie = which[stays], tie[stays]
    return which, ties.others[tie]


# --- linear threshold: every party listens to at most one, to each with its strength --


def _threshold_back(
    ties: Ties, rng: np.random.Generator, _: NDArray[Any], party: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    shares = ties.shares
    share = rng.random(party.size)
    which = np.flatnonzero(share < shares.total[party])
    party = party[which]
    first = ties.start[party]
    tie = np.searchsorted(shares.before, shares.before[first] + share[which], "right")
    tie = np.clip(tie - 1, first, ties.start[party + 1] - 1)  # against rounding
    return which, ties.others[tie]


def _threshold_ahead(
    ties: Ties,
    before: NDArray[np.float64],
    seed: int,
    draw: NDArray[Any],
    party: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Reach those whose share of attention, drawn once for each draw, is this tie's."""
    tie, which = ties.of(party)
    other = ties.others[tie]
    share = _share_of(seed, draw[which], other)
    share -= before[tie]
    live = np.flatnonzero((share >= 0) & (share < ties.strength[tie]))
    return which[live], other[live]


def _share_of(
    seed: int, draw: NDArray[Any], party: NDArray[Any]
) -> NDArray[np.float64]:
    """Give each party in each draw its number from 0 to 1, the same at every look.

    SplitMix64 (Steele, Lea & Flood 2014, Fast Splittable Pseudorandom Number
    Generators, figure 16) of a counter made of the draw and the party.
    """
    z = draw.astype(np.uint64) << np.uint64(32)
    z |= party.astype(np.uint64)
    z *= np.uint64(0x9E3779B97F4A7C15)
    z += np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
