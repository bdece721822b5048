"""The graphs that `influence.py` spreads decisions over, as files of plain arrays."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from numpy.typing import NDArray


__all__ = ["Graph", "nethept", "power_law", "read"]

# As in tests/datasets.py: named by the environment, or beside the repository.
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
NETHEPT = "graphs/nethept_undirected_multi.parquet"
# Party i stands at either end of a relation with a chance in proportion to this power
# of its rank: degrees follow a power law of exponent 3.
RANK_POWER = -0.5
WORTH_SIGMA = 1.5  # of lognormal own values, as in ledger.py


@frozen(eq=False)
class Graph:
    """Parties 0 to n - 1, and who influences whom: every pair once, none with itself.

    Attributes
    ----------
    n
        Parties.
    source, target
        Sorted by source, then target.
    seeds
        From where the cascades start.
    """

    n: int
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    seeds: NDArray[np.int64]

    @classmethod
    def of_pairs(
        cls, source: NDArray[Any], target: NDArray[Any], n: int, k: int
    ) -> "Graph":
        """Sort pairs, drop repeats and pairs with oneself; seeds are the most tied."""
        other = source != target
        pair = np.unique(source[other].astype(np.int64) * n + target[other])
        source, target = np.divmod(pair, n)
        most = np.argsort(-np.bincount(source, minlength=n), kind="stable")[:k]
        return cls(n=n, source=source, target=target, seeds=most)

    @property
    def strength(self) -> NDArray[np.float64]:
        """Weighted cascade: everybody is as open, 1 / in-degree for each tie."""
        return 1 / np.bincount(self.target, minlength=self.n)[self.target]

    @property
    def worth(self) -> NDArray[np.float64]:
        """Own values, few of them most of the money."""
        rng = np.random.Generator(np.random.PCG64(self.n))
        return np.round(rng.lognormal(4, WORTH_SIGMA, self.n), 2)

    def write(self, path: Path) -> None:
        """Keep the arrays."""
        np.savez(
            path, n=self.n, source=self.source, target=self.target, seeds=self.seeds
        )

    def __str__(self) -> str:
        return f"{self.n:,} parties, {self.source.size:,} ties"


def read(path: Path) -> Graph:
    """Read what `Graph.write` kept."""
    with np.load(path) as kept:
        return Graph(
            n=int(kept["n"]),
            source=kept["source"],
            target=kept["target"],
            seeds=kept["seeds"],
        )


def nethept(k: int) -> Graph | None:
    """Co-authors in high energy physics, each tie in both directions; None if absent.

    Chen, Wang & Yang 2009, Efficient Influence Maximization in Social Networks, section
    4.1: the graph on which this is usually measured.
    """
    path = Path(os.environ.get("CUSTOMER_DATA") or BESIDE, NETHEPT)
    if not path.is_file():
        print(f"skipped: {NETHEPT} is not here: set CUSTOMER_DATA to the data folder")
        return None
    pairs = pd.read_parquet(path)[["source", "target"]].to_numpy()
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    ids, codes = np.unique(pairs, return_inverse=True)
    one, other = codes.reshape(pairs.shape).T
    both = np.concatenate([one, other]), np.concatenate([other, one])
    return Graph.of_pairs(*both, ids.size, k)


def power_law(n: int, m: int, k: int, seed: int) -> Graph:
    """Draw m relations among n parties, few of whom have most; repeats are dropped."""
    rng = np.random.Generator(np.random.PCG64(seed))
    upto = np.cumsum((np.arange(n) + 1.0) ** RANK_POWER)
    upto /= upto[-1]
    of_rank = rng.permutation(n)
    source = of_rank[np.searchsorted(upto, rng.random(m), side="right")]
    target = of_rank[np.searchsorted(upto, rng.random(m), side="right")]
    return Graph.of_pairs(source, target, n, k)
