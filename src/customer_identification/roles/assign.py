"""From agreements, transactions, statements and lists to every party's roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import union_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Ids, to_zone
from customer_identification.options import bad_rows_policy, whole
from customer_identification.roles.assigned import RoleReport
from customer_identification.roles.book import RoleBook, compact, kinds_with
from customer_identification.roles.rules import (
    DEFAULT_ROLE_RULES,
    RoleRule,
    case_of,
    check_rules,
    deciding_rule,
)
from customer_identification.roles.sources import (
    Told,
    Words,
    read_agreements,
    read_list,
    read_statements,
    read_transactions,
)
from customer_identification.roles.spells import Spells


__all__ = ["assign_roles"]

_TABLES = ("agreements", "transactions", "statements", "parties")


def assign_roles(  # noqa: PLR0913 - one door, every table and option by name
    agreements: object = None,
    *,
    transactions: object = None,
    statements: object = None,
    parties: object = None,
    columns: Mapping[str, Mapping[str, str | None]] | None = None,
    rules: Sequence[RoleRule] = DEFAULT_ROLE_RULES,
    lapse_days: int | None = None,
    on_bad_rows: str = "raise",
    tz: object = None,
) -> RoleBook:
    """Tell who is what: owner, agent, beneficiary, bill payer, competitor, prospect.

    Parameters
    ----------
    agreements : frame or iterable of Agreement, optional
        One row for each and a time: agreement_id, and where you have them owner_id, agent_id,
        beneficiary_id, payer_id, scope, opened and closed (null while it lasts).
        Joint owners, or several beneficiaries, go into statements.
    transactions : frame or iterable of Transaction, optional
        customer_id and date, and where you have them payer_id, beneficiary_id,
        agent_id; category is the scope. Money back, an amount below 0, is no purchase.
    statements : frame or iterable of Role, optional
        What is said outright, competitors first of all: party_id and kind, and where
        you have them agreement_id, scope, since, until and towards. A kind that is none
        of ours is a role of your own.
    parties : frame, iterable of Customer, or list of ids, optional
        All who are known: customer_id, and since where you have it.
    columns : mapping of str to mapping, optional
        By table (``"agreements"``, ``"transactions"``, ``"statements"``,
        ``"parties"``), our column names to yours.
    rules : sequence of RoleRule
        The table, read from the top for every party named in a row.
    lapse_days : int, optional
        How long a transaction speaks for a role; for good if not given. [days]
    on_bad_rows : {"raise", "report"}
        Rows that cannot be used raise, or are set aside and counted. Transactions
        without a customer, and money back, are always set aside and counted.
    tz : str or ZoneInfo, optional
        Whose days are meant where stamps carry a time zone.

    Returns
    -------
    book : RoleBook
        Without any rows it is empty.

    Raises
    ------
    InvalidInputError
        If an option is none of those above, a table of rules is empty or has a line that
        can never match, or ids are whole numbers in one table and text in another.
    BadRowsError
        If rows cannot be used: no party, no day, an end before the start, agreements of
        one id that overlap, a role outside its agreement, or one of ours (but competitor
        and prospect) in no agreement or scope.

    Notes
    -----
    "5 More Customers To Identify In CRM" names the roles, and asks to know that one
    party may have several. A prospect is one until the day before they first buy or
    pay. Spells of one role that meet are one; so the order of rows never matters, and a
    day's roles do not depend on what is read of later days.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Role, Transaction, assign_roles
    >>> book = assign_roles(
    ...     transactions=[
    ...         Transaction(
    ...             customer_id="firm",
    ...             beneficiary_id="clerk",
    ...             date=dt.date(2011, 5, 2),
    ...             amount=90,
    ...         )
    ...     ],
    ...     statements=[
    ...         Role(
    ...             party_id="firm",
    ...             kind="competitor",
    ...             scope="lines",
    ...             since=dt.date(2011, 1, 1),
    ...         )
    ...     ],
    ...     parties=["clerk", "visitor"],
    ... )
    >>> print(book.explain("firm"))
    owner since 2011-05-02 (bought; 1 row)
    competitor in lines since 2011-01-01 (stated; 1 row)
    >>> {role: n for role, n in book.counts().items() if n}
    {'owner': 1, 'beneficiary': 1, 'competitor': 1, 'prospect': 2}
    """
    lines = check_rules(rules)
    named = _by_table(columns)
    lapse = None if lapse_days is None else whole("lapse_days", lapse_days, 0)
    keywords: dict[str, Any] = {
        "on_bad_rows": bad_rows_policy(on_bad_rows),
        "tz": to_zone(tz),
    }
    told = []
    if agreements is not None:
        told.append(
            read_agreements(agreements, columns=named["agreements"], **keywords)
        )
    if transactions is not None:
        told.append(
            read_transactions(
                transactions,
                columns=named["transactions"],
                lapse_days=lapse,
                **keywords,
            )
        )
    if statements is not None:
        told.append(
            read_statements(statements, columns=named["statements"], **keywords)
        )
    if parties is not None:
        told.append(read_list(parties, columns=named["parties"], **keywords))
    return _book_of(told, lines)


def _by_table(columns: object) -> dict[str, Any]:
    given = {} if columns is None else columns
    if not isinstance(given, Mapping) or any(name not in _TABLES for name in given):
        raise InvalidInputError(
            f"columns must map {', '.join(_TABLES)} to names of columns",
            code="bad_option",
        )
    return {name: given.get(name) for name in _TABLES}


def _book_of(told: Sequence[Told], rules: tuple[RoleRule, ...]) -> RoleBook:
    """Code all tables alike, and let the rules decide line by line."""
    ids, party_places = _together(
        [ids for one in told for ids in (*one.parties.values(), one.towards)],
        "party ids",
    )
    agreement_ids, agreement_places = _together(
        [one.agreement for one in told], "agreement ids"
    )
    scopes = tuple(sorted({word for one in told for word in _words(one.scope)}))
    stated = [word for one in told for word in _words(one.kind)]
    kinds = kinds_with([*stated, *(rule.gives for rule in rules if rule.gives)])
    decides = deciding_rule(rules, scopes)
    parts, without_role = [], 0
    for one in told:
        for place in one.parties:
            part = _lines(one, place, (party_places, agreement_places), (scopes, kinds))
            part, without = _decided(part, rules, decides, kinds)
            parts.append(part)
            without_role += without
    report = RoleReport(
        read=sum(one.used.size for one in told),
        used=sum(int(np.count_nonzero(one.used)) for one in told),
        set_aside=tuple(sorted(line for one in told for line in one.set_aside)),
        lines=sum(map(len, parts)) + without_role,
        without_role=without_role,
    )
    return compact(
        RoleBook(
            ids=ids,
            kinds=kinds,
            agreement_ids=agreement_ids,
            scopes=scopes,
            rules=rules,
            told=Spells.joined(parts) if parts else _no_spells(),
            report=report,
            kind=next(
                (one.frames for one in told if one.frames != "objects"), "pandas"
            ),
        )
    )


def _words(words: Words | None) -> tuple[str, ...]:
    return () if words is None else words.words


def _together(
    columns: Sequence[Ids | None], what: str
) -> tuple[NDArray[Any], dict[int, NDArray[np.int32]]]:
    """Give all ids in order, and by column where each of its own went."""
    given = list({id(ids): ids for ids in columns if ids is not None}.values())
    if not given:
        return np.empty(0, dtype=np.int64), {}
    both, places = union_of([ids.unique for ids in given], what)
    return both, {
        id(ids): np.append(place, np.int32(-1))
        for ids, place in zip(given, places, strict=True)
    }


def _lines(
    told: Told,
    place: str,
    places: tuple[Mapping[int, NDArray[np.int32]], Mapping[int, NDArray[np.int32]]],
    words: tuple[tuple[str, ...], tuple[str, ...]],
) -> Spells:
    """Make lines of one place of a table; `rule` still holds the case."""
    ids = told.parties[place]
    rows = np.flatnonzero(told.used & (ids.codes >= 0))
    party = places[0][id(ids)][ids.codes[rows]]
    owner = None if told.towards is None else told.towards.codes[rows]
    towards = (
        np.full(rows.size, -1, np.int32)
        if told.towards is None or owner is None
        else places[0][id(told.towards)][owner]
    )
    is_owner = towards == party if place != "stated" else False
    towards = np.where(towards == party, np.int32(-1), towards)
    return Spells(
        party=party,
        kind=_coded(told.kind, words[1], rows).astype(np.int16),
        agreement=np.full(rows.size, -1, np.int32)
        if told.agreement is None
        else places[1][id(told.agreement)][told.agreement.codes[rows]],
        scope=_coded(told.scope, words[0], rows),
        towards=towards,
        rule=np.broadcast_to(case_of(told.source, place, is_owner), rows.size),
        since=told.since[rows],
        until=told.until[rows],
        rows=np.ones(rows.size, dtype=np.int64),
    )


def _coded(
    words: Words | None, among: Sequence[str], rows: NDArray[np.intp]
) -> NDArray[np.int32]:
    """Give the place of the word of some rows among all words."""
    if words is None:
        return np.full(rows.size, -1, dtype=np.int32)
    place = {word: at for at, word in enumerate(among)}
    at = np.array([*(place[word] for word in words.words), -1], dtype=np.int32)
    coded: NDArray[np.int32] = at[words.codes[rows]]
    return coded


def _decided(
    lines: Spells,
    rules: Sequence[RoleRule],
    decides: NDArray[np.int16],
    kinds: Sequence[str],
) -> tuple[Spells, int]:
    """Give every line the role of the first rule that matches its case and scope."""
    rule = decides[lines.rule, lines.scope]
    given = np.array(
        [kinds.index(one.gives) if one.gives else -1 for one in rules] + [-1], np.int16
    )
    kind = np.where(lines.kind >= 0, lines.kind, given[rule])
    kind[rule < 0] = -1
    used = kind >= 0
    columns = {
        name: getattr(lines, name)[used]
        for name in ("party", "agreement", "scope", "towards", "since", "until", "rows")
    }
    without = int(used.size - np.count_nonzero(used))
    return Spells(kind=kind[used], rule=rule[used], **columns), without


def _no_spells() -> Spells:
    none, short = np.empty(0, np.int32), np.empty(0, np.int16)
    return Spells(
        party=none,
        kind=short,
        agreement=none,
        scope=none,
        towards=none,
        rule=short,
        since=none,
        until=none,
        rows=np.empty(0, np.int64),
    )
