"""Parties with twenty attributes and an outcome that follows from some of them."""

from pathlib import Path

import numpy as np
import pandas as pd


__all__ = ["ATTRIBUTES", "write_parties"]

ATTRIBUTES = [f"a{at:02}" for at in range(20)]


def write_parties(store: Path, *, rows: int, seed: int) -> None:
    """Write one row a party: numbers of every shape, some of which tell nothing."""
    rng = np.random.Generator(np.random.PCG64(seed))
    weights = np.random.Generator(np.random.PCG64(1)).normal(0, 0.35, len(ATTRIBUTES))
    columns, odds = {"customer_id": np.arange(rows)}, np.full(rows, -1.5)
    for at, name in enumerate(ATTRIBUTES):
        values = rng.normal(size=rows)
        odds += weights[at] * values
        shape = at % 3
        if shape == 1:
            values = np.exp(values)
        elif shape == 2:
            values = np.round(3 * values)
        columns[name] = values
    columns["paid"] = rng.random(rows) < 1 / (1 + np.exp(-odds))
    store.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_feather(store)
