"""Agreements, transactions, statements and lists of parties as lines of evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import run_starts, union, usable_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Ids,
    Table,
    names_of,
    read_codes,
    read_days,
    read_ids,
    read_numbers,
    read_table,
)
from customer_identification.models import (
    Agreement,
    Role,
    RoleKind,
    Transaction,
    is_role_word,
)
from customer_identification.roles.spells import (
    FIRST_DAY,
    LAST_DAY,
    objects_of,
    order_of,
)


__all__ = [
    "Told",
    "Words",
    "read_agreements",
    "read_list",
    "read_statements",
    "read_transactions",
]

_STATED = ("party_id", "kind", "agreement_id", "scope", "since", "until", "towards")
_AGREED = ("agreement_id", "opened", "closed", "scope")
_PARTIES = ("owner_id", "agent_id", "beneficiary_id", "payer_id")
_DEALT = ("customer_id", "date", "category", "amount")
_LISTED = ("customer_id", "since")

# Roles that mean nothing unless it is said in what; one may be a competitor, or a
# prospect, in everything. Our choice.
_SCOPED = frozenset(
    {RoleKind.OWNER, RoleKind.AGENT, RoleKind.BENEFICIARY, RoleKind.BILL_PAYER}
)
_OVERLAP = "overlapping agreements"
_HINTS = {
    _OVERLAP: "one row an agreement and time; further parties go into statements=; "
}
Mask = NDArray[np.bool_]
Columns = Mapping[str, "str | None"] | None


@frozen(kw_only=True, repr=False)
class Words:
    """Words by row: `codes` point into `words`, which are sorted; -1 is none."""

    codes: NDArray[np.int32]
    words: tuple[str, ...]

    def only(self, rows: Mask) -> Words:
        """Take away the words of the other rows, and those that are left to none."""
        codes = np.where(rows, self.codes, np.int32(-1))
        is_used = np.zeros(len(self.words) + 1, dtype=np.bool_)
        is_used[codes] = True
        place = np.append(np.cumsum(is_used[:-1], dtype=np.int32) - 1, np.int32(-1))
        words = tuple(
            word for word, used in zip(self.words, is_used, strict=False) if used
        )
        return Words(codes=place[codes].astype(np.int32), words=words)


@frozen(kw_only=True, repr=False)
class Told:
    """What one table tells: who stands where, in what, from when to when.

    Attributes
    ----------
    source : str
        Which of the sources of a rule.
    parties : mapping of str to Ids
        By place.
    towards : Ids or None
        Towards whom; the owner where the table names one.
    agreement : Ids or None
    scope, kind : Words or None
        In what; and which role, where that is stated.
    since, until : ndarray of int32
        Days since 1970-01-01.
    used : ndarray of bool
        Which rows can be used.
    set_aside : tuple of (str, int)
        Why the others cannot, and how many.
    frames : str
        The kind of frame that it was.
    """

    source: str
    parties: Mapping[str, Ids]
    towards: Ids | None = None
    agreement: Ids | None = None
    scope: Words | None = None
    kind: Words | None = None
    since: NDArray[np.int32]
    until: NDArray[np.int32]
    used: Mask
    set_aside: tuple[tuple[str, int], ...] = ()
    frames: str = field(default="objects")


def read_statements(
    statements: object, *, columns: Columns, on_bad_rows: str, tz: Any
) -> Told:
    """Read what is said outright: one row, or `Role`, for each role of a party."""
    names = names_of(columns, _STATED, needed=_STATED[:2])
    table = read_table(
        statements, names, required=_STATED[:2], objects=Role, lazy="collected"
    )
    return _told_of_statements(table, "statement", on_bad_rows, tz, {})


def _told_of_statements(
    table: Table, source: str, on_bad_rows: str, tz: Any, more: Mapping[str, Mask]
) -> Told:
    given, n = table.columns, table.n_rows
    party = read_ids(given["party_id"], "party_id")
    kind = _words(given["kind"], "kind")
    agreement = _ids(given, "agreement_id")
    scope = None if "scope" not in given else _words(given["scope"], "scope")
    since, no_since = _days(given, "since", n, FIRST_DAY, tz)
    until, _ = _days(given, "until", n, LAST_DAY, tz)
    towards = _ids(given, "towards")
    nowhere = np.ones(n, dtype=np.bool_)
    for where in (agreement, scope):
        if where is not None:
            nowhere &= where.codes < 0
    strange = np.array([not is_role_word(word) for word in kind.words] + [False])
    is_scoped = np.append([word in _SCOPED for word in kind.words], False)[kind.codes]
    faults: dict[str, Mask | None] = {
        "no party_id": party.codes < 0,
        "no kind": kind.codes < 0,
        "a role of ours, written otherwise": strange[kind.codes],
        "no since": no_since,
        "until before since": until < since,
        "a role towards oneself": None if towards is None else _same(party, towards),
        "a role in no agreement or scope": is_scoped.astype(np.bool_) & nowhere,
        **more,
    }
    used, aside = _usable(faults, n, on_bad_rows, f"{source} of a role")
    return Told(
        source=source,
        parties={"stated": party},
        towards=towards,
        agreement=agreement,
        scope=scope,
        kind=kind.only(used),
        since=since,
        until=until,
        used=used,
        set_aside=aside,
        frames=table.kind,
    )


def read_agreements(
    agreements: object, *, columns: Columns, on_bad_rows: str, tz: Any
) -> Told:
    """Read agreements: a frame with a row each, or `Agreement` objects."""
    names = names_of(columns, (*_AGREED, *_PARTIES), needed=_AGREED[:1])
    if _are_objects(agreements):
        return _told_of_objects(agreements, on_bad_rows)
    table = read_table(
        agreements, names, required=_AGREED[:1], objects=Agreement, lazy="collected"
    )
    given, n = table.columns, table.n_rows
    agreement = read_ids(given["agreement_id"], "agreement_id")
    since, no_since = _days(given, "opened", n, FIRST_DAY, tz)
    until, _ = _days(given, "closed", n, LAST_DAY, tz)
    parties = {
        name.removesuffix("_id"): read_ids(given[name], name)
        for name in _PARTIES
        if name in given
    }
    nobody = np.ones(n, dtype=np.bool_)
    for ids in parties.values():
        nobody &= ids.codes < 0
    faults = {
        "no agreement_id": agreement.codes < 0,
        "no opened": no_since,
        "closed before opened": until < since,
        "nobody is named": nobody,
        _OVERLAP: _overlapping(agreement, since, until),
    }
    used, aside = _usable(faults, n, on_bad_rows, "agreement")
    return Told(
        source="agreement",
        parties=parties,
        towards=parties.get("owner"),
        agreement=agreement,
        scope=None if "scope" not in given else _words(given["scope"], "scope"),
        since=since,
        until=until,
        used=used,
        set_aside=aside,
        frames=table.kind,
    )


def _are_objects(data: object) -> TypeGuard[Iterable[Any]]:
    """Tell a list or a generator from a frame, without asking a frame for anything."""
    is_frame = any(hasattr(type(data), name) for name in ("columns", "schema"))
    is_one = isinstance(data, (str, bytes, Mapping))
    return isinstance(data, Iterable) and not (is_frame or is_one)


def _told_of_objects(agreements: Iterable[Any], on_bad_rows: str) -> Told:
    """Read `Agreement` objects as the roles that are stated in them."""
    given = list(agreements)
    wrong = [at for at, one in enumerate(given) if not isinstance(one, Agreement)]
    if wrong:
        raise InvalidInputError(
            f"every item must be an Agreement; {len(wrong)} of {len(given)} are not, "
            f"first at position {wrong[0]}",
            code="not_a_table",
            positions=wrong[:5],
        )
    rows = [(one, role) for one in given for role in one.roles]
    columns = {
        "party_id": [role.party_id for _, role in rows],
        "kind": [str(role.kind) for _, role in rows],
        "agreement_id": [one.agreement_id for one, _ in rows],
        "scope": [role.scope for _, role in rows],
        "since": [role.since for _, role in rows],
        "until": [role.until or one.closed for one, role in rows],
        "towards": [role.towards for _, role in rows],
    }
    table = Table(
        columns={name: objects_of(values) for name, values in columns.items()},
        n_rows=len(rows),
        kind="objects",
    )
    ids = read_ids(objects_of([one.agreement_id for one in given]), "agreement_id")
    opened, _ = read_days(objects_of([one.opened for one in given]), "opened", None)
    closed, lasting = read_days(
        objects_of([one.closed for one in given]), "closed", None
    )
    if lasting is not None:
        closed[lasting] = LAST_DAY
    overlapping = _overlapping(ids, opened, closed)
    outside = [
        role.since < one.opened
        or (one.closed is not None and (role.until or one.closed) > one.closed)
        for one, role in rows
    ]
    of_role = np.repeat(np.arange(len(given)), [len(one.roles) for one in given])
    more = {
        "a role outside its agreement": np.array(outside, dtype=np.bool_),
        _OVERLAP: overlapping[of_role],
    }
    return _told_of_statements(table, "agreement", on_bad_rows, None, more)


def _overlapping(
    agreement: Ids, since: NDArray[np.int32], until: NDArray[np.int32]
) -> Mask:
    """Tell the rows of agreements of which one row begins before another has ended."""
    if agreement.unique.size == agreement.codes.size:
        return np.zeros(agreement.codes.size, dtype=np.bool_)
    order = order_of([agreement.codes, since - FIRST_DAY, until - FIRST_DAY])
    codes = agreement.codes[order]
    group = np.cumsum(run_starts(codes), dtype=np.int64) << 33
    latest = np.maximum.accumulate(until[order] + group)
    again = np.flatnonzero((since[order] + group)[1:] <= latest[:-1]) + 1
    wrong = np.zeros(agreement.unique.size + 1, dtype=np.bool_)
    wrong[codes[again]] = True
    wrong[-1] = False  # rows without an id are another fault
    return wrong[agreement.codes]


def read_transactions(
    transactions: object,
    *,
    columns: Columns,
    lapse_days: int | None,
    on_bad_rows: str,
    tz: Any,
) -> Told:
    """Read who bought, paid, used and stood between, row by row."""
    names = names_of(columns, (*_DEALT, *_PARTIES[1:]), needed=_DEALT[:2])
    table = read_table(
        transactions, names, required=_DEALT[:2], objects=Transaction, lazy="collected"
    )
    given, n = table.columns, table.n_rows
    parties = {"owner": read_ids(given["customer_id"], "customer_id")}
    for name in _PARTIES[1:]:
        if name in given:
            parties[name.removesuffix("_id")] = read_ids(given[name], name)
    since, no_date = read_days(given["date"], "date", tz)
    until = np.full(n, LAST_DAY, dtype=np.int32)
    if lapse_days is not None:
        until = np.minimum(since.astype(np.int64) + lapse_days, LAST_DAY).astype(
            np.int32
        )
    is_back = None
    if "amount" in given:
        is_back = read_numbers(given["amount"], "amount") < 0
    faults = {
        "no customer_id": parties["owner"].codes < 0,
        "no date": no_date,
        "money back": is_back,
    }
    used, aside = _usable(
        faults, n, on_bad_rows, "transaction", ("no customer_id", "money back")
    )
    return Told(
        source="transaction",
        parties=parties,
        towards=parties["owner"],
        scope=None
        if "category" not in given
        else _words(given["category"], "category"),
        since=since,
        until=until,
        used=used,
        set_aside=aside,
        frames=table.kind,
    )


def read_list(parties: object, *, columns: Columns, on_bad_rows: str, tz: Any) -> Told:
    """Read parties that are known: a frame, `Customer` objects, or plain ids."""
    names = names_of(columns, _LISTED, needed=_LISTED[:1])
    known = list(parties) if _are_objects(parties) else None
    if known is None:
        table = read_table(parties, names, required=_LISTED[:1], lazy="collected")
    else:
        ids = [getattr(one, "customer_id", one) for one in known]
        column = {"customer_id": objects_of(ids)}
        table = Table(columns=column, n_rows=len(ids), kind="objects")
    given, n = table.columns, table.n_rows
    party = read_ids(given["customer_id"], "customer_id")
    since, no_since = _days(given, "since", n, FIRST_DAY, tz)
    faults = {"no customer_id": party.codes < 0, "no since": no_since}
    used, aside = _usable(faults, n, on_bad_rows, "party")
    return Told(
        source="list",
        parties={"listed": party},
        since=since,
        until=np.full(n, LAST_DAY, dtype=np.int32),
        used=used,
        set_aside=aside,
        frames=table.kind,
    )


def _same(ids: Ids, others: Ids) -> Mask:
    """Tell the rows in which two columns name one party."""
    if ids.unique.dtype != others.unique.dtype:
        return np.zeros(ids.codes.size, dtype=np.bool_)
    _, one, other = union(ids.unique, others.unique)
    same: Mask = np.append(one, -1)[ids.codes] == np.append(other, -2)[others.codes]
    return same


def _ids(given: Mapping[str, Any], name: str) -> Ids | None:
    return None if name not in given else read_ids(given[name], name)


def _days(
    given: Mapping[str, Any], name: str, n: int, without: int, tz: Any
) -> tuple[NDArray[np.int32], Mask | None]:
    """Read days; what a missing one stands for, where the column may lack them."""
    if name not in given:
        return np.full(n, without, dtype=np.int32), None
    days, missing = read_days(given[name], name, tz)
    if missing is None:
        return days, None
    return np.where(missing, without, days).astype(np.int32), missing


def _words(column: Any, name: str) -> Words:
    """Read words as text, blank as missing."""
    coded = read_codes(column, name)
    ranks, found = coded.ranks()
    text = [str(word) for word in found.tolist()]
    words = tuple(sorted({word for word in text if word.strip()}))
    place = {word: at for at, word in enumerate(words)}
    at = np.array([place.get(word, -1) for word in text] + [-1], dtype=np.int32)
    of_code = at[np.append(ranks, np.int32(-1))]
    return Words(codes=of_code[coded.codes], words=words)


def _usable(
    faults: Mapping[str, Mask | None],
    n: int,
    on_bad_rows: str,
    what: str,
    harmless: Sequence[str] = (),
) -> tuple[Mask, tuple[tuple[str, int], ...]]:
    """Tell which rows can be used; what sets the others aside names their table."""
    used, aside = usable_rows(
        faults,
        n,
        what=what,
        on_bad_rows=on_bad_rows,
        harmless=harmless,
        hints=_HINTS,
    )
    return used, tuple((f"{what}: {why}", rows) for why, rows in aside)
