"""Roles and values by role with pandas: stacked, sorted and grouped."""

from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from roles_ours import plain
from roles_tables import AS_OF, PLACES, SCOPES
from route import Numbers, Route, days

from customer_identification import DEFAULT_WEIGHTS


__all__ = ["JOBS"]

OWN = ("beneficiary", "bill_payer")  # no role of one's own in one's own agreement
DAY = pd.Timestamp(AS_OF)
OTHERS = ("bill_payer", "beneficiary", "agent")
ROLES = list(PLACES)
KEPT = ["agreement_id", "scope", "opened", "closed"]


@frozen(eq=False)
class Resolved:
    """The roles as rows, parties by role, who has several, and parties on the day."""

    roles: pd.DataFrame | None
    counts: pd.Series
    several: pd.Index
    on_the_day: pd.Series


def counted(roles: pd.DataFrame) -> tuple[pd.Series, pd.Index]:
    """Count the parties of each role, and find those with several.

    Twice as quick as ``groupby(...).nunique()``, which gives the same.
    """
    pairs = roles[["party_id", "role"]].drop_duplicates()
    of_party = pairs["party_id"].value_counts()
    return pairs["role"].value_counts(), of_party.index[of_party > 1]


def on_the_day(roles: pd.DataFrame) -> pd.DataFrame:
    """Keep what is in force."""
    return roles[(roles["opened"] <= DAY) & ~(roles["closed"] < DAY)]


def stacked(frame: pd.DataFrame, kept: list[str], *, towards: bool) -> pd.DataFrame:
    """Put the four columns of parties under one another, roles as categories."""
    is_int = frame["owner_id"].dtype == np.int64
    parts = []
    for at, (role, column) in enumerate(PLACES.items()):
        named = frame[column].notna()
        if role in OWN:
            named &= frame[column] != frame["owner_id"]
        rows = frame if named.all() else frame[named]
        part = rows[kept].copy()
        part["party_id"] = rows[column].astype("int64") if is_int else rows[column]
        if towards:
            nobody = np.nan if is_int else None
            owner = nobody if role == "owner" else rows["owner_id"]
            if role == "agent":  # nobody acts towards themselves
                owner = owner.where(rows[column] != owner)
            part["towards"] = owner
        codes = np.full(len(part), at, np.int8)
        part["role"] = pd.Categorical.from_codes(codes, ROLES)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def resolve(frame: pd.DataFrame) -> Resolved:
    """Give the roles in order, counts, parties with several, and counts of the day."""
    roles = stacked(frame, KEPT, towards=True)
    roles = roles.sort_values(["party_id", "role", "agreement_id"])
    return Resolved(roles, *counted(roles), counted(on_the_day(roles))[0])


def resolve_in_words(frame: pd.DataFrame) -> Resolved:
    """Do the same without dtypes chosen by hand."""
    parts = []
    for role, column in PLACES.items():
        part = frame[KEPT].assign(
            party_id=frame[column], towards=frame["owner_id"], role=role
        )
        part = part[part["party_id"].notna()]
        other = part["party_id"] != part["towards"]
        part = part[other] if role in OWN else part
        part["towards"] = part["towards"].where(other)
        if role == "owner":
            part = part.drop(columns="towards")
        parts.append(part)
    roles = pd.concat(parts, ignore_index=True)
    roles = roles.sort_values(["party_id", "role", "agreement_id"])
    counts = roles.groupby("role")["party_id"].nunique()
    kinds = roles.groupby("party_id")["role"].nunique()
    today = on_the_day(roles).groupby("role")["party_id"].nunique()
    return Resolved(roles, counts, kinds.index[kinds > 1], today)


def count_only(frame: pd.DataFrame) -> Resolved:
    """Count, without a table of the roles."""
    roles = stacked(frame, ["opened", "closed"], towards=False)
    return Resolved(None, *counted(roles), counted(on_the_day(roles))[0])


def role_numbers(found: Resolved) -> Numbers:
    """Give what was found as plain arrays."""
    numbers = {
        "counts": found.counts.reindex(ROLES).to_numpy(),
        "several": np.sort(whole(found.several)),
        "on the day": found.on_the_day.reindex(ROLES).to_numpy(),
    }
    if (roles := found.roles) is None:
        return numbers
    role = pd.Categorical(roles["role"], ROLES).codes.astype(np.int64)
    party, agreement = whole(roles["party_id"]), whole(roles["agreement_id"])
    order = np.lexsort([agreement, role, party])
    return numbers | {
        "party": party,
        "role": role[order],
        "agreement": agreement[order],
        "towards": whole(roles["towards"])[order],
        "scope": pd.Categorical(roles["scope"], SCOPES).codes.astype(np.int64)[order],
        "since": days(roles["opened"])[order],
        "until": days(roles["closed"])[order],
    }


def whole(ids: Any) -> Any:
    """Give ids as whole numbers, -1 for nobody."""
    if ids.dtype.kind == "f":
        ids = ids.fillna(-1).astype("int64")
    return plain(ids.to_numpy() if ids.dtype.kind == "i" else to_objects(ids))


def to_objects(ids: Any) -> Any:
    """Give text with None for nobody."""
    return np.where(ids.isna(), None, ids.astype(object))


def entries(frame: pd.DataFrame) -> pd.DataFrame:
    """Give owner, payer, beneficiary and agent of each agreement, and its cents."""
    rows = frame[frame["opened"] <= DAY]
    owner = rows["owner_id"]
    who = {"owner": owner}
    for role in OTHERS:
        who[role] = rows[PLACES[role]]
        if role != "agent":
            who[role] = who[role].fillna(owner).astype(owner.dtype)
    cents = (rows["premium"] * 100).round().astype("int64")
    return pd.DataFrame({**who, "cents": cents})


def rounded(cents: pd.Series, role: str) -> pd.Series:
    """Take a role's share, half a cent to even; tenths keep the halves exact."""
    return (cents * round(DEFAULT_WEIGHTS[role] * 10) / 10).round().astype("int64")


def of_others(rows: pd.DataFrame, role: str) -> pd.DataFrame:
    """Keep the agreements where somebody else than the owner has a role."""
    other = rows[role].notna() & (rows[role] != rows["owner"])
    return rows[other].astype({role: rows["owner"].dtype})


def together(parts: dict[str, pd.Series]) -> pd.DataFrame:
    """Give one row a party, one column a role."""
    return pd.concat(parts, axis=1).fillna(0).astype("int64")


def values_by_role(frame: pd.DataFrame) -> pd.DataFrame:
    """Round what each has with all owners together, and leave these the rest."""
    rows = entries(frame)
    rest = rows.groupby("owner")["cents"].sum()
    parts = {}
    for role in OTHERS:
        pairs = of_others(rows, role).groupby([role, "owner"])["cents"].sum()
        upto = rounded(pairs.groupby(level=0).cumsum(), role)
        part = upto.groupby(level=0).diff().fillna(upto).astype("int64")
        parts[role] = part.groupby(level=0).sum()
        rest = rest.sub(part.groupby(level=1).sum(), fill_value=0)
    return together({"owner": rest, **parts})


def values_by_row(frame: pd.DataFrame) -> pd.DataFrame:
    """Share every agreement out by itself, rounded by itself."""
    rows = entries(frame)
    rest = rows["cents"].copy()
    parts = {}
    for role in OTHERS:
        theirs = of_others(rows, role)
        part = rounded(theirs["cents"], role)
        rest[theirs.index] -= part
        parts[role] = part.groupby(theirs[role]).sum()
    return together({"owner": rest.groupby(rows["owner"]).sum(), **parts})


def value_numbers(found: pd.DataFrame) -> Numbers:
    """Give the cents of every party in each role, and of all."""
    party = whole(found.index)
    order = np.argsort(party)
    columns = {name: found[name].to_numpy()[order] for name in found.columns}
    return {"party": party[order], **columns, "total": total_of(found)["total"]}


def total_of(found: pd.DataFrame) -> Numbers:
    """Give the cents of all: parts are rounded elsewhere."""
    return {"total": np.array(found.to_numpy().sum())}


JOBS = {
    "roles": Route(resolve, role_numbers),
    "roles_in_words": Route(resolve_in_words, role_numbers),
    "counts": Route(count_only, role_numbers),
    "values": Route(values_by_role, value_numbers),
    "values_by_row": Route(values_by_row, total_of),
}
