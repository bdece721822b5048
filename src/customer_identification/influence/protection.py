"""Whom to hold so that least is lost: who stands between those who leave and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, distinct
from customer_identification.errors import InvalidInputError
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.parties import read_values
from customer_identification.influence.sampling import (
    Model,
    check_model,
    live_ties,
    steps_ahead,
)
from customer_identification.influence.seeds import candidates_of, check_k
from customer_identification.influence.spread import (
    Estimate,
    check_confidence,
    mean_of,
    reach_of,
)
from customer_identification.influence.ties import Ties, ties_of
from customer_identification.options import generator, whole
from customer_identification.terms import Progress


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["Protection", "protect"]

Floats = NDArray[np.float64]

# Draws that tell how many follow; then those who follow in the draws to choose by, as
# dominators are found one by one, and in a batch of the draws to judge by. Our choice.
_FEW = 16
_CHOOSE_BY = 100_000
_JUDGE_BY = 2_000_000


@frozen(kw_only=True)
class Protection:
    """Whom to protect, in the order of choice, and what that saves.

    Attributes
    ----------
    protected : tuple of id
        Hidden from `repr`; fewer than asked for where nobody else saves anything.
    gains : ndarray of float, shape (n_protected,)
        Expected value that each saves beyond those before it, as estimated apart from
        the choice.
    before, after : Estimate
        Expected loss, with nobody protected and with all of these.
    confidence : float
        Of the intervals.
    """

    protected: tuple[Any, ...] = field(repr=len)  # type: ignore[arg-type]
    gains: Floats = array_field()
    before: Estimate
    after: Estimate
    confidence: float

    def __len__(self) -> int:
        return len(self.protected)

    def __str__(self) -> str:
        return f"loss {self.before}, with {len(self):,} protected {self.after}"


@frozen(kw_only=True, init=False)
class _Follow:
    """Draws of who would follow those who leave, side by side as one graph.

    Attributes
    ----------
    key : ndarray of int64
        ``draw * n_parties + party`` of all who leave or follow, sorted.
    ties : Ties
        Along which they follow, between places among the keys.
    first : ndarray of int
        Places of those who leave on their own.
    draws, n_parties : int
    """

    key: NDArray[np.int64]
    ties: Ties
    first: NDArray[np.intp]
    draws: int
    n_parties: int

    def __init__(
        self,
        network: InfluenceNetwork,
        model: Model,
        leaving: NDArray[np.intp],
        draws: int,
        rng: np.random.Generator,
    ) -> None:
        n = len(network)
        step = steps_ahead(network, model, rng)
        left, right = live_ties(step, leaving.astype(np.int32)[None, :], n, draws)
        starts = (np.arange(draws)[:, None] * n + leaving).reshape(-1)
        key = distinct(np.concatenate([starts, left, right]))
        pair = np.searchsorted(key, left) * key.size + np.searchsorted(key, right)
        pair = distinct(pair)
        self.__attrs_init__(
            key=key,
            ties=ties_of(pair, np.ones(pair.size), key.size),
            first=np.searchsorted(key, starts),
            draws=draws,
            n_parties=n,
        )

    @property
    def party(self) -> NDArray[np.int64]:
        """Whose place each one is."""
        return self.key % self.n_parties

    def hits(self, protected: NDArray[np.intp]) -> NDArray[np.int64]:
        """Count the draws in which each party is lost if some are protected."""
        return np.bincount(self.party[self._lost(protected)], minlength=self.n_parties)

    def losses(self, worth: Floats, protected: NDArray[np.intp]) -> Floats:
        """Give what is lost in each draw if some are protected."""
        lost = self._lost(protected)
        sums = np.bincount(
            self.key[lost] // self.n_parties,
            weights=worth[self.party[lost]],
            minlength=self.draws,
        )
        return sums.astype(np.float64, copy=False)

    def _lost(self, protected: NDArray[np.intp]) -> NDArray[np.intp]:
        blocked = np.flatnonzero(np.isin(self.party, protected))
        return np.flatnonzero(self.ties.reached(self.first, without=blocked))

    def savings(self, worth: Floats, protected: NDArray[np.intp]) -> Floats:
        """Give what protecting each party as well would save, over all draws.

        Whoever can only be reached through a party is saved with it: those that it
        dominates (Xie et al. 2023, Minimizing the Influence of Misinformation via Vertex
        Blocking, theorem 6).
        """
        lost = self._lost(protected)
        is_lost = np.zeros(self.key.size, dtype=np.bool_)
        is_lost[lost] = True
        above = self._dominators(is_lost)[lost]
        place = np.full(self.key.size + 1, lost.size)  # the last is the common root
        place[lost] = np.arange(lost.size)
        saved = _add_upwards(place[above], worth[self.party[lost]])
        sums = np.bincount(self.party[lost], weights=saved, minlength=self.n_parties)
        return sums.astype(np.float64, copy=False)

    def _dominators(self, is_lost: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Give the place that every way to each place leads through last."""
        import networkx as nx

        root = self.key.size
        first = self.first[is_lost[self.first]]
        left, right = self.ties.own, self.ties.others
        alive = is_lost[left] & is_lost[right]
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_edges_from((root, one) for one in first.tolist())
        graph.add_edges_from(
            zip(left[alive].tolist(), right[alive].tolist(), strict=True)
        )
        above = np.full(root, root)
        if first.size:
            found = nx.immediate_dominators(graph, root)
            found.pop(root, None)
            above[list(found)] = list(found.values())
        return above


def _add_upwards(above: NDArray[np.intp], amounts: Floats) -> Floats:
    """Add what lies below each place of a forest to it; its roots hang on ``size``."""
    n = amounts.size
    depth = np.zeros(n, dtype=np.intp)
    parent = above.copy()
    while (inside := parent < n).any():
        depth[inside] += 1
        parent = np.where(inside, np.append(above, n)[parent], n)
    sums = np.append(amounts, 0.0)
    for level in range(int(depth.max(initial=0)), 0, -1):
        at = np.flatnonzero(depth == level)
        np.add.at(sums, above[at], sums[at])
    return sums[:n]


def protect(  # noqa: PLR0913 - each says one thing about one question
    network: InfluenceNetwork | nx.Graph[Any],
    value: Any,
    *,
    leaving: Iterable[int | str],
    k: int,
    model: Model = "ic",
    default: float | None = None,
    candidates: Iterable[int | str] | None = None,
    exclude: Iterable[int | str] = (),
    draws: int = 1000,
    confidence: float = 0.95,
    rng: np.random.Generator | int,
    progress: Progress | None = None,
) -> Protection:
    """Choose whom to protect, so that least value is lost when others leave.

    A protected party stays, and passes nothing on. Chosen greedily on some draws, by
    what only it can save, and judged on others. Only those who leave are taken
    to go for certain; :func:`value_at_risk` counts their dependents as well.

    Parameters
    ----------
    network, value, default
        As for :func:`network_value`.
    leaving : iterable of int or str
        Ids of those who leave, at least one.
    k : int
        How many to protect at most.
    model : {"ic", "lt"}
        As for :func:`expected_spread`.
    candidates, exclude : iterable of int or str
        Ids of those who may be protected, by default all but those who leave, and of
        those who may not.
    draws : int
        Cascades to judge by; as many to choose by, or fewer, as far as 100,000 parties
        follow in them together (our choice).
    confidence : float
        Of the intervals.
    rng : numpy.random.Generator or int
        Where chance comes from.
    progress : callable, optional
        Told ``("protected", chosen, of)`` along the way.

    Returns
    -------
    protection : Protection
        Of equals the one with the smaller id.

    Raises
    ------
    UnknownCustomerError
        If an id is not in the network.
    InvalidInputError
        If nobody leaves, `k` is above the number of candidates, or as
        :func:`network_value`.

    References
    ----------
    Xie, Zhang, Wang, Lin & Zhang 2023, Minimizing the Influence of Misinformation via
    Vertex Blocking, algorithm 2; dominators by Cooper, Harvey & Kennedy 2001.

    Examples
    --------
    The neighbour is the only bridge to the rest.

    >>> network = InfluenceNetwork.from_edges(
    ...     ["boss", "bridge", "bridge"], ["bridge", "ann", "bob"], [1.0, 1.0, 1.0]
    ... )
    >>> own = {"boss": 5, "bridge": 10, "ann": 20, "bob": 30}
    >>> found = protect(network, own, leaving=["boss"], k=1, rng=7)
    >>> found.protected, print(found)
    loss 65, with 1 protected 5
    (('bridge',), None)
    """
    network, worth = read_values(network, value, default=default)
    model, confidence = check_model(model, network), check_confidence(confidence)
    at = np.unique(network.positions(leaving))
    if not at.size:
        raise InvalidInputError("somebody must leave", code="nobody_leaves")
    open_to = candidates_of(network, candidates, exclude)
    if candidates is None:
        open_to = np.setdiff1d(open_to, at)
    k = check_k(k, open_to.size)
    dice, draws = generator(rng), whole("draws", draws, 2)
    few = _Follow(network, model, at, min(draws, _FEW), dice)
    each = few.key.size / few.draws
    n = int(min(draws, max(_FEW, _CHOOSE_BY / each)))
    choosing = few if n == few.draws else _Follow(network, model, at, n, dice)
    chosen = np.empty(0, dtype=np.intp)
    while chosen.size < k:
        savings = choosing.savings(worth, chosen)
        best = open_to[np.argmax(savings[open_to])]
        if savings[best] <= 0:
            break
        chosen = np.append(chosen, best)
        if progress is not None:
            progress("protected", chosen.size, k)
    judged = _Judged(network, worth, at, chosen)
    step = int(max(1, _JUDGE_BY / each))
    for begin in range(0, draws, step):
        n = min(step, draws - begin)
        judged.add(_Follow(network, model, at, n, dice))
    losses = judged.losses(confidence)
    return Protection(
        protected=tuple(network.ids[chosen].tolist()),
        gains=-np.diff([one.value for one in losses]),
        before=losses[0],
        after=losses[-1],
        confidence=confidence,
    )


class _Judged:
    """What is lost with the first none, one, two … protected, draw by draw."""

    def __init__(
        self,
        network: InfluenceNetwork,
        worth: Floats,
        leaving: NDArray[np.intp],
        chosen: NDArray[np.intp],
    ) -> None:
        self._network, self._worth, self._leaving = network, worth, leaving
        self._first = [chosen[:n] for n in range(chosen.size + 1)]
        self._sums: list[list[Floats]] = [[] for _ in self._first]
        self._hits = np.zeros((len(self._first), len(network)), dtype=np.int64)

    def add(self, follow: _Follow) -> None:
        """Add draws."""
        for at, protected in enumerate(self._first):
            self._sums[at].append(follow.losses(self._worth, protected))
            self._hits[at] += follow.hits(protected)

    def losses(self, confidence: float) -> list[Estimate]:
        """Estimate the loss with each number of protected parties."""
        found = []
        for protected, sums, hits in zip(
            self._first, self._sums, self._hits, strict=True
        ):
            lost = np.concatenate(sums)
            reach = reach_of(
                self._network,
                self._leaving,
                self._worth,
                hits / lost.size,
                without=protected,
            )
            found.append(mean_of(lost, confidence, reach))
        return found
