"""Small worlds of parties who buy, pay, use and stand between, and their replay.

A world is four lists of dicts, as a host may have them in frames or objects. Beside them
stands the oracle: who was what on a day, told row by row with nothing but dicts, dates
and the lines of the table of rules.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import strategies as st

from customer_identification import (
    DEFAULT_ROLE_RULES,
    Customer,
    Role,
    RoleBook,
    RoleRule,
    Transaction,
    assign_roles,
)
from tables import KINDS


__all__ = [
    "AGREEMENT_IDS",
    "DAYS",
    "KINDS",
    "OURS",
    "PARTY_IDS",
    "Line",
    "World",
    "book_of",
    "erased",
    "frames_of_world",
    "keys_in",
    "lines_of",
    "objects_of_world",
    "renamed_world",
    "replay",
    "rule_for",
    "shuffled",
    "spells_of",
    "spread_over",
    "table_of",
    "tables_of_rules",
    "worlds",
]

World = dict[str, list[dict[str, Any]]]

FIRST = date(2011, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(-1, 19)]
PARTY_IDS = {"text": ["c1", "c10", "c2", "ž", "Z"], "int": [3, 20, -4, 100, 0]}
AGREEMENT_IDS = {"text": ["p-1", "p-10", "p-2"], "int": [7, -7, 70]}
SCOPES = ["lines", "phones"]
OURS = ("owner", "agent", "beneficiary", "bill_payer", "competitor", "prospect")
OWN = ("chooser", "Ärztin")
BUYERS = ("owner", "bill_payer")
WHO = {
    "agreements": ("owner_id", "agent_id", "beneficiary_id", "payer_id"),
    "transactions": ("customer_id", "agent_id", "beneficiary_id", "payer_id"),
    "statements": ("party_id", "towards"),
    "parties": ("customer_id",),
}
COLUMNS = {
    "agreements": (
        "agreement_id",
        *WHO["agreements"],
        "scope",
        "opened",
        "closed",
    ),
    "transactions": (*WHO["transactions"], "date", "category"),
    "statements": (
        "party_id",
        "kind",
        "agreement_id",
        "scope",
        "since",
        "until",
        "towards",
    ),
    "parties": ("customer_id", "since"),
}
_DATES = {"opened", "closed", "date", "since", "until"}
_TEXT = {"kind", "scope", "category"}


# --- random worlds -------------------------------------------------------------------


def _maybe(one: Any) -> Any:
    return st.none() | one


_DAY = st.integers(0, 15).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def _agreements(draw: Any, who: Any, ids: Sequence[Any]) -> list[dict[str, Any]]:
    """Draw agreements; one may close and open again, in other hands."""
    rows = []
    for agreement_id in ids[: draw(st.integers(0, 3))]:
        opened = draw(_DAY)
        for _ in range(draw(st.integers(1, 2))):
            closed = _end(draw, opened)
            row = {"agreement_id": agreement_id, "opened": opened, "closed": closed}
            row |= {name: draw(_maybe(who)) for name in WHO["agreements"]}
            row["scope"] = draw(_maybe(st.sampled_from(SCOPES)))
            if any(row[name] is not None for name in WHO["agreements"]):
                rows.append(row)
            if closed is None:
                break
            opened = closed + timedelta(days=draw(st.integers(1, 4)))
    return rows


def _end(draw: Any, start: date) -> date | None:
    days = draw(_maybe(st.integers(0, 6)))
    return None if days is None else start + timedelta(days=days)


@st.composite
def _statements(draw: Any, who: Any, ids: Sequence[Any]) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(0, 5))):
        since = draw(_DAY)
        row = {
            "party_id": draw(who),
            "kind": draw(st.sampled_from([*OURS, "competitor", *OWN])),
            "agreement_id": draw(_maybe(st.sampled_from(ids))),
            "scope": draw(_maybe(st.sampled_from(SCOPES))),
            "since": since,
            "until": _end(draw, since),
            "towards": draw(_maybe(who)),
        }
        if row["towards"] == row["party_id"]:
            row["towards"] = None
        if row["kind"] in OURS[:4] and row["agreement_id"] is row["scope"] is None:
            row["scope"] = SCOPES[0]
        rows.append(row)
    return rows


@st.composite
def worlds(draw: Any, *, ids: str | None = None) -> World:
    """Draw agreements, transactions, statements and a list of parties."""
    kind = ids or draw(st.sampled_from(["text", "int"]))
    who = st.sampled_from(PARTY_IDS[kind])
    agreement_ids = AGREEMENT_IDS[draw(st.sampled_from(["text", "int"]))]
    transaction = st.fixed_dictionaries(
        {
            "customer_id": who,
            "date": _DAY,
            "category": _maybe(st.sampled_from(SCOPES)),
            "agent_id": _maybe(who),
            "beneficiary_id": _maybe(who),
            "payer_id": _maybe(who),
        }
    )
    listed = st.fixed_dictionaries({"customer_id": who, "since": _DAY})
    return {
        "agreements": draw(_agreements(who, agreement_ids)),
        "transactions": draw(st.lists(transaction, max_size=6)),
        "statements": draw(_statements(who, agreement_ids)),
        "parties": draw(st.lists(listed, max_size=4)),
    }


_CASES = [
    ("statement", "stated", "anybody"),
    ("agreement", "stated", "anybody"),
    *(
        (source, place, whose)
        for source in ("agreement", "transaction")
        for place in ("agent", "beneficiary", "payer")
        for whose in ("anybody", "the owner", "another")
    ),
    ("agreement", "owner", "anybody"),
    ("transaction", "owner", "anybody"),
    ("list", "listed", "anybody"),
]


@st.composite
def tables_of_rules(draw: Any, most: int = 9) -> list[RoleRule]:
    """Draw lines in any order; some may stand below others that take all they could."""
    cases = draw(st.lists(st.sampled_from(_CASES), min_size=1, max_size=most))
    gives = st.sampled_from([*OURS, *OWN, None])
    scopes = st.sampled_from([(), (), ("lines",), ("phones",), ("phones", "lines")])
    return [
        RoleRule(
            name=f"line {at}",
            source=source,
            place=place,
            whose=whose,
            scopes=draw(scopes),
            gives=draw(gives),
        )
        for at, (source, place, whose) in enumerate(cases)
    ]


# --- a world in every form -----------------------------------------------------------


def table_of(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Give one list of a world as an Arrow table, its columns in their own types."""
    columns = {}
    for column in COLUMNS[name]:
        values: list[Any] = [row[column] for row in rows]
        if column in _DATES:  # at noon
            values = [day and datetime.combine(day, time(12)) for day in values]
        is_text = column in _TEXT or any(isinstance(one, str) for one in values)
        kind = pa.string() if is_text else pa.int64()
        columns[column] = pa.array(
            values, type=pa.timestamp("us") if column in _DATES else kind
        )
    return pa.table(columns)


def frames_of_world(world: World, kind: str = "pyarrow") -> dict[str, Any]:
    """Give a world as one kind of frame."""
    return {name: KINDS[kind](table_of(name, rows)) for name, rows in world.items()}


def objects_of_world(world: World) -> dict[str, Any]:
    """Give all but the agreements as objects; parties have no day there."""
    return {
        "transactions": [Transaction(amount=1, **row) for row in world["transactions"]],
        "statements": [Role(**row) for row in world["statements"]],
        "parties": [
            Customer(customer_id=row["customer_id"], kind="person")
            for row in world["parties"]
        ],
    }


def book_of(world: World, kind: str = "pyarrow", **options: Any) -> RoleBook:
    """Assign the roles of a world given as one kind of frame."""
    return assign_roles(**frames_of_world(world, kind), **options)


def shuffled(world: World, seed: int) -> World:
    """Give the rows of every table in another order."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    return {name: dice.sample(rows, len(rows)) for name, rows in world.items()}


def spread_over(world: World, n: int, seed: int) -> list[World]:
    """Deal the rows of every table out to several worlds."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    parts: list[World] = [{name: [] for name in world} for _ in range(n)]
    for name, rows in world.items():
        for row in rows:
            parts[dice.randrange(n)][name].append(row)
    return parts


def erased(world: World, party: Any) -> World:
    """Give the data as they were had nobody ever heard of a party."""
    agreements = [
        {
            name: None if name in WHO["agreements"] and one == party else one
            for name, one in row.items()
        }
        for row in world["agreements"]
    ]
    transactions = [
        {
            name: None if name in WHO["transactions"] and one == party else one
            for name, one in row.items()
        }
        for row in world["transactions"]
        if row["customer_id"] != party
    ]
    statements = [
        {**row, "towards": None if row["towards"] == party else row["towards"]}
        for row in world["statements"]
        if row["party_id"] != party
        and (
            row["towards"] != party
            or row["agreement_id"] is not None
            or row["scope"] is not None
        )
    ]
    return {
        "agreements": [
            row
            for row in agreements
            if any(row[name] is not None for name in WHO["agreements"])
        ],
        "transactions": transactions,
        "statements": statements,
        "parties": [row for row in world["parties"] if row["customer_id"] != party],
    }


def renamed_world(world: World, new: Mapping[Any, Any]) -> World:
    """Put other ids in the place of those of the parties."""
    return {
        name: [
            {
                column: new[one] if column in WHO[name] and one is not None else one
                for column, one in row.items()
            }
            for row in rows
        ]
        for name, rows in world.items()
    }


# --- the oracle ----------------------------------------------------------------------


class Line(NamedTuple):
    """What one row tells of one party, or a spell of several such rows."""

    party: Any
    kind: str
    agreement: Any
    scope: str | None
    towards: Any
    rule: str
    since: date
    until: date
    rows: int = 1


def rule_for(
    rules: Iterable[RoleRule],
    source: str,
    place: str,
    *,
    is_owner: bool,
    scope: str | None,
) -> RoleRule | None:
    """Read the table from the top, and give the first line that matches."""
    for rule in rules:
        if (rule.source, rule.place) != (source, place):
            continue
        if rule.whose == "the owner" and not is_owner:
            continue
        if rule.whose == "another" and is_owner:
            continue
        if not rule.scopes or scope in rule.scopes:
            return rule
    return None


def _told(world: World, lapse_days: int | None) -> Iterator[dict[str, Any]]:
    """Give every party of every row: where they stand in it, and when."""
    for row in world["agreements"]:
        for name in WHO["agreements"]:
            if row[name] is not None:
                yield {
                    "source": "agreement",
                    "place": name.removesuffix("_id"),
                    "party": row[name],
                    "owner": row["owner_id"],
                    "agreement": row["agreement_id"],
                    "scope": row["scope"],
                    "since": row["opened"],
                    "until": row["closed"] or date.max,
                }
    for row in world["transactions"]:
        places = {"customer_id": "owner"}
        for name in WHO["transactions"]:
            if row[name] is not None:
                yield {
                    "source": "transaction",
                    "place": places.get(name, name.removesuffix("_id")),
                    "party": row[name],
                    "owner": row["customer_id"],
                    "scope": row["category"],
                    "since": row["date"],
                    "until": date.max
                    if lapse_days is None
                    else row["date"] + timedelta(days=lapse_days),
                }
    for row in world["statements"]:
        yield {
            "source": "statement",
            "place": "stated",
            "party": row["party_id"],
            "towards": row["towards"],
            "stated": row["kind"],
            "agreement": row["agreement_id"],
            "scope": row["scope"],
            "since": row["since"],
            "until": row["until"] or date.max,
        }
    for row in world["parties"]:
        yield {
            "source": "list",
            "place": "listed",
            "party": row["customer_id"],
            "since": row["since"],
            "until": date.max,
        }


def lines_of(
    world: World,
    rules: Sequence[RoleRule] = DEFAULT_ROLE_RULES,
    lapse_days: int | None = None,
) -> list[Line]:
    """Give every party of every row the role of the first rule that matches."""
    lines = []
    for told in _told(world, lapse_days):
        owner, scope = told.get("owner"), told.get("scope")
        rule = rule_for(
            rules,
            told["source"],
            told["place"],
            is_owner=owner is not None and owner == told["party"],
            scope=scope,
        )
        kind = None if rule is None else told.get("stated", rule.gives)
        if rule is None or kind is None:
            continue
        towards = told.get("towards", None if owner == told["party"] else owner)
        lines.append(
            Line(
                told["party"],
                kind,
                told.get("agreement"),
                scope,
                towards,
                rule.name,
                told["since"],
                told["until"],
            )
        )
    return lines


Key = tuple[Any, ...]


def replay(lines: Sequence[Line], day: date) -> set[Key]:
    """Tell who is what on a day, from what was known by then."""
    known = [line for line in lines if line.since <= day]
    bought = {line.party for line in known if line.kind in BUYERS}
    return {
        line[:6]
        for line in known
        if day <= line.until and (line.kind != "prospect" or line.party not in bought)
    }


def spells_of(lines: Sequence[Line]) -> list[Line]:
    """Make one of those lines that meet or overlap; prospects end before they buy."""
    groups: dict[Key, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line[:6]].append(line)
    spells = []
    for key, group in groups.items():
        current: list[Any] = []
        for line in sorted(group, key=lambda one: one.since):
            if current and (
                current[1] == date.max or line.since <= current[1] + timedelta(days=1)
            ):
                current[1] = max(current[1], line.until)
                current[2] += 1
            else:
                current = [line.since, line.until, 1]
                spells.append((key, current))
    first: dict[Any, date] = {}
    for line in lines:
        if line.kind in BUYERS:
            first[line.party] = min(line.since, first.get(line.party, date.max))
    found = []
    for key, (since, until, rows) in spells:
        spell = Line(*key, since, until, rows)
        if spell.kind == "prospect" and spell.party in first:
            last = first[spell.party] - timedelta(days=1)
            spell = spell._replace(until=min(until, last))
        if spell.since <= spell.until:
            found.append(spell)
    return found


def keys_in(book: RoleBook) -> set[Key]:
    """Give who is what in a book: party, kind, agreement, scope, towards and rule."""
    return {
        (
            role.party_id,
            str(role.kind),
            role.agreement_id,
            role.scope,
            role.towards,
            role.rule,
        )
        for party in book.ids.tolist()
        for role in book.roles_of(party)
    }
