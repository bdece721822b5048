"""Columns of whole values that are hard to cut: skewed, tied, narrow, empty, huge."""

import numpy as np
from numpy.typing import NDArray


__all__ = ["POPULATIONS"]

_N = 5000
_RNG = np.random.Generator(np.random.PCG64(20))


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(values).astype(np.int64)


_LOGNORMAL = _whole(_RNG.lognormal(9, 1.5, _N))
_MOST = 2**62 // _N

POPULATIONS: dict[str, NDArray[np.int64]] = {
    "lognormal": _LOGNORMAL,
    "Pareto": _whole(np.minimum(1000 * (1 + _RNG.pareto(1.05, _N)), 2.0**45)),
    "five distinct values": _RNG.choice([100, 250, 999, 1000, 70_000], _N),
    "all equal": np.full(_N, 4321),
    "two values": _RNG.choice([1, 2**40], _N),
    "negatives and zeros": _whole(_RNG.normal(2000, 9000, _N))
    * (np.arange(_N) % 9 > 0),
    "uniform up to 2**40": _RNG.integers(1, 2**40, _N),
    "narrow at 2**40": 2**40 + _RNG.integers(0, 2**21, _N),
    "one giant": np.append(_LOGNORMAL // 100, 2**60),
    "a giant of half": np.append(_LOGNORMAL, _LOGNORMAL.sum()),
    "up to 2**62 together": _RNG.integers(_MOST // 10 * 9, _MOST, _N),
    "one customer": np.array([77]),
    "one above 0": np.append(np.full(_N, -5), 9),
    "nobody above 0": np.array([0, -3, 0]),
    "nobody": np.array([], dtype=np.int64),
}
