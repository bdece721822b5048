"""What is told of roles: each with its reason, and what became of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import field, frozen

from customer_identification.models import RoleKind


__all__ = ["AssignedRole", "RoleReport", "in_short"]


@frozen(kw_only=True)
class RoleReport:
    """What became of every row that roles were read from.

    Attributes
    ----------
    read, used : int
        Rows of all tables.
    set_aside : tuple of (str, int)
        Table and reason, and the rows that cannot be used for it.
    lines : int
        Parties named in the used rows, each place by itself.
    without_role : int
        Lines that no rule gives a role of its own.
    """

    read: int
    used: int
    set_aside: tuple[tuple[str, int], ...]
    lines: int
    without_role: int

    @property
    def conservation(self) -> str:
        """All rows and lines accounted for, in one sentence."""
        aside = "".join(f", {n:,} set aside: {why}" for why, n in self.set_aside)
        return (
            f"{self.read:,} rows: {self.used:,} used{aside}; {self.lines:,} parties "
            f"named in them, {self.without_role:,} without a role of their own"
        )

    def __str__(self) -> str:
        return self.conservation

    def merge(self, later: RoleReport) -> RoleReport:
        """Add what was read later."""
        aside = dict(self.set_aside)
        for why, n in later.set_aside:
            aside[why] = aside.get(why, 0) + n
        return RoleReport(
            read=self.read + later.read,
            used=self.used + later.used,
            set_aside=tuple(sorted(aside.items())),
            lines=self.lines + later.lines,
            without_role=self.without_role + later.without_role,
        )


@frozen(kw_only=True)
class AssignedRole:
    """One role of one party, and why.

    Attributes
    ----------
    party_id, agreement_id, towards : int or str
        Hidden from `repr`; None where there is no agreement, or nobody it is towards.
    kind : RoleKind or str
        The role.
    scope : str or None
        In what.
    since, until : date or None
        First and last day; None where the data have no start, or while it lasts.
    rule : str
        Name of the rule that gave it.
    source : str
        Where the evidence is from.
    rows : int
        How many rows say so.
    """

    party_id: int | str = field(repr=False)
    kind: RoleKind | str
    agreement_id: int | str | None = field(default=None, repr=False)
    scope: str | None = None
    towards: int | str | None = field(default=None, repr=False)
    since: date | None = None
    until: date | None = None
    rule: str
    source: str
    rows: int

    def __str__(self) -> str:
        where = "" if self.agreement_id is None else " in an agreement"
        where += "" if self.scope is None else f" in {self.scope}"
        where += "" if self.towards is None else " towards another"
        begin = "" if self.since is None else f" since {self.since}"
        end = "" if self.until is None else f" until {self.until}"
        rows = f"{self.rows:,} row{'s' * (self.rows != 1)}"
        return f"{self.kind}{where}{begin}{end} ({self.rule}; {rows})"


def in_short(roles: Sequence[AssignedRole]) -> str:
    """Say the roles of one party in a line: each kind, how often, since when and why."""
    said = []
    for kind in dict.fromkeys(role.kind for role in roles):
        same = [role for role in roles if role.kind == kind]
        starts = [role.since for role in same if role.since is not None]
        times = f" in {len(same):,}" if len(same) > 1 else ""
        begin = f" since {min(starts)}" if len(starts) == len(same) else ""
        why = ", ".join(dict.fromkeys(role.rule for role in same))
        said.append(f"{kind}{times}{begin} ({why})")
    return "; ".join(said)
