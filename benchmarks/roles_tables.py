"""The agreements and customers that `roles.py` has measured, drawn and written here."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from ledger import Ids
from numpy.typing import NDArray
from pyarrow import feather


__all__ = [
    "AS_OF",
    "BUDGET",
    "KEY",
    "LABELS",
    "LEAST",
    "MOST",
    "PLACES",
    "SCOPES",
    "write_agreements",
    "write_customers",
]

AS_OF = "2023-12-31"
FIRST_DAY = np.datetime64("2012-01-01", "D")
DAYS = 4383  # 2012-01-01 to 2023-12-31

# Where a party stands in an agreement, by the role it has there; the order is that of
# the library's roles.
PLACES = {
    "owner": "owner_id",
    "agent": "agent_id",
    "beneficiary": "beneficiary_id",
    "bill_payer": "payer_id",
}
SCOPES = ("health", "home", "life", "motor")

# Our choices: most pay and use what is their own, many agreements have no agent.
ROWS_PER_PARTY = 2.5
ROWS_PER_AGENT = 500
ID_SPREAD = 7
ACTIVITY_SIGMA = 1.0
OWN_SHARE = {"beneficiary_id": 0.5, "payer_id": 0.7}
NOBODY_SHARE = {"agent_id": 0.4, "beneficiary_id": 0.2, "payer_id": 0.1}
LASTING_SHARE = 0.5
LONGEST = 3650  # days

# The labels of the default rules (`IdentificationProgram`, which sets transactional
# customers apart), and shares of customers, our choice.
LABELS = {
    "value": {"A": 5, "B": 15, "C": 45, "none": 10, "unknown": 5, "apart": 20},
    "trajectory": {
        "retain": 5,
        "win_share": 5,
        "rising": 10,
        "stable": 25,
        "review": 10,
        "new": 5,
        "dormant": 10,
        "unknown": 10,
        "apart": 20,
    },
    "loyalty": {"relational": 60, "transactional": 20, "unknown": 20},
}
STAKE_SIGMA = 1.5  # of lognormal stakes, as in ledger.py

# Visits to share out: so many a customer on average, and so many at least and at most.
BUDGET = 1.5
LEAST = {"key": 2}
MOST = {"basic": 4, "minimal": 2}

KEY = bytes(range(32))  # of the pseudonyms; a host's is random, and secret


def write_agreements(
    path: Path, *, rows: int, ids: Ids, seed: int, is_full: bool = False
) -> None:
    """Write one table of agreements, in no order of parties.

    Parameters
    ----------
    path : Path
        The file: agreement_id, owner_id, payer_id, beneficiary_id, agent_id, scope,
        opened, closed (null while it lasts) and premium.
    rows : int
        Number of agreements.
    ids : {"int", "text"}
        int64 ids spread over seven times their number, or text as ``C00012345``.
    seed : int
        Of the generator; equal seeds write equal files.
    is_full : bool
        Whether every place is filled, by any party: the most that there can be to do.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    parties = max(int(rows / ROWS_PER_PARTY), 10)
    numbers = rng.permutation(ID_SPREAD * parties)[:parties]
    activity = np.cumsum(rng.lognormal(sigma=ACTIVITY_SIGMA, size=parties))

    def drawn() -> NDArray[np.int64]:
        return np.searchsorted(activity, rng.random(rows) * activity[-1], side="right")

    who = {name: drawn() for name in PLACES.values()}
    who["agent_id"] %= max(rows // ROWS_PER_AGENT, 1)
    nobody = {name: np.zeros(rows, np.bool_) for name in PLACES.values()}
    if not is_full:
        for name, share in OWN_SHARE.items():
            own = rng.random(rows) < share
            who[name] = np.where(own, who["owner_id"], who[name])
        for name, share in NOBODY_SHARE.items():
            nobody[name] = rng.random(rows) < share
    opened = FIRST_DAY + rng.integers(0, DAYS, size=rows)
    closed = opened + rng.integers(30, LONGEST, size=rows)
    lasting = rng.random(rows) < LASTING_SHARE
    scope = rng.integers(0, len(SCOPES), size=rows)
    columns = {
        "agreement_id": _ids(rng.permutation(rows), "A", ids),
        **{
            name: _ids(numbers[who[name]], "C", ids, nobody[name])
            for name in PLACES.values()
        },
        "scope": pa.array(np.array(SCOPES, dtype=object)[scope], pa.large_string()),
        "opened": pa.array(opened.astype("datetime64[us]")),
        "closed": pa.array(closed.astype("datetime64[us]"), mask=lasting),
        "premium": np.round(rng.lognormal(5, 1, size=rows), 2),
    }
    _write(columns, path)


def write_customers(path: Path, *, rows: int, seed: int) -> None:
    """Write one row a customer: customer_id, the three classes, and what is at stake."""
    rng = np.random.Generator(np.random.PCG64(seed))
    columns: dict[str, Any] = {"customer_id": np.arange(rows) * ID_SPREAD}
    for name, shares in LABELS.items():
        weights = np.array(list(shares.values()))
        codes = rng.choice(weights.size, size=rows, p=weights / weights.sum())
        columns[name] = pa.DictionaryArray.from_arrays(
            codes.astype(np.int8), list(shares)
        )
    columns["stake"] = np.round(rng.lognormal(5, STAKE_SIGMA, rows) * 100)
    columns["stake"] = columns["stake"].astype(np.int64)
    _write(columns, path)


def _ids(
    numbers: NDArray[np.int64],
    letter: str,
    ids: Ids,
    nobody: NDArray[np.bool_] | None = None,
) -> pa.Array:
    if ids == "int":
        return pa.array(numbers, mask=nobody)
    distinct, codes = np.unique(numbers, return_inverse=True)
    names = [f"{letter}{number:08d}" for number in distinct.tolist()]
    return pa.array(names, pa.large_string()).take(pa.array(codes, mask=nobody))


def _write(columns: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    feather.write_feather(pa.table(columns), str(path), compression="uncompressed")
