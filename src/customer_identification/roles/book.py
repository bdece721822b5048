"""Every party's roles, as of any day, each with the rule and the rows it follows from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    align,
    array_field,
    check_same_kind,
    distinct,
    position_of,
    run_starts,
    union,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Labels,
    read_new_ids,
    to_date,
    to_day,
    to_frame,
)
from customer_identification.models import RoleKind, check_role_word
from customer_identification.options import an_instance
from customer_identification.privacy.fields import an_id
from customer_identification.roles.assigned import AssignedRole, RoleReport
from customer_identification.roles.rules import RoleRule
from customer_identification.roles.spells import (
    FIRST_DAY,
    LAST_DAY,
    Spells,
    before_buying,
    objects_of,
    taken,
)


__all__ = ["RoleBook", "trimmed"]

# Whoever buys or pays is no prospect any more; a beneficiary still is. Our choice.
BUYERS = (RoleKind.OWNER, RoleKind.BILL_PAYER)
_SEVERAL = 2
_MOST_KINDS = 63  # one bit each


@frozen(kw_only=True, repr=False)
class RoleBook:
    """Who is what in which agreement or scope, towards whom, from when to when, and why.

    Made by :func:`assign_roles`.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct: all parties with a role, or towards whom one is.
    kinds : tuple of str
        The roles: ours, then the host's own in order.
    agreement_ids : ndarray of int or object
        Sorted and distinct.
    scopes : tuple of str
        Sorted.
    rules : tuple of RoleRule
        The table that gave the roles.
    told : Spells
        All spells that the evidence tells; prospects not yet ended by what they bought.
    report : RoleReport
        What became of every row.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import assign_roles
    >>> phones = pd.DataFrame(
    ...     {
    ...         "agreement_id": ["phones", "lines"],
    ...         "owner_id": ["firm", "boss"],
    ...         "payer_id": ["boss", "boss"],
    ...         "opened": pd.to_datetime(["2011-01-01", "2011-03-01"]),
    ...     }
    ... )
    >>> book = assign_roles(phones)
    >>> book
    RoleBook(3 roles of 2 parties)
    >>> for role in book.roles_of("boss"):
    ...     print(role)
    owner in an agreement since 2011-03-01 (owns an agreement; 1 row)
    bill_payer in an agreement towards another since 2011-01-01 (pays for another's agreement; 1 row)
    >>> book.at("2011-02-01").counts()["owner"]
    1
    """

    ids: NDArray[Any] = array_field()
    kinds: tuple[str, ...]
    agreement_ids: NDArray[Any] = array_field()
    scopes: tuple[str, ...]
    rules: tuple[RoleRule, ...]
    told: Spells
    report: RoleReport = field(eq=False)
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return len(self.spells)

    def __repr__(self) -> str:
        return f"RoleBook({len(self):,} roles of {self.parties().size:,} parties)"

    @cached_property
    def spells(self) -> Spells:
        """Every role as arrays, in the order of the parties."""
        buyers = [self.kinds.index(one) for one in BUYERS]
        prospect = self.kinds.index(RoleKind.PROSPECT)
        return before_buying(self.told, prospect, buyers, self.ids.size)

    # as of a day

    def at(self, as_of: object) -> RoleBook:
        """Give the roles in force on a day, both ends of a spell included.

        All parties stay known. Which roles they are does not depend on what is known of later days; the last day
        of a spell, and its rows, do.

        Parameters
        ----------
        as_of : day
        """
        day = to_day(as_of, "as_of")
        spells = self.spells
        now = (spells.since <= day) & (spells.until >= day)
        return evolve(self, told=spells.only(now))

    # one party

    def roles_of(
        self, party_id: int | str, as_of: object = None
    ) -> tuple[AssignedRole, ...]:
        """Give the roles of a party, with the rules they follow from.

        Parameters
        ----------
        party_id : int or str
        as_of : day, optional
            Only those in force on that day; all there ever were if not given.

        Returns
        -------
        roles : tuple of AssignedRole
            By kind, then agreement, scope and whom they are towards; empty for a party
            that only others' roles are towards.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.ids, party_id)
        spells = self.spells
        begin, end = np.searchsorted(spells.party, [at, at + 1])
        rows = np.arange(begin, end)
        if as_of is not None:
            day = to_day(as_of, "as_of")
            rows = rows[(spells.since[rows] <= day) & (spells.until[rows] >= day)]
        return tuple(self._role(row) for row in rows.tolist())

    def _role(self, row: int) -> AssignedRole:
        spells, kind = self.spells, self.kinds[self.spells.kind[row]]
        agreement, towards = int(spells.agreement[row]), int(spells.towards[row])
        scope, rule = int(spells.scope[row]), self.rules[spells.rule[row]]
        since, until = int(spells.since[row]), int(spells.until[row])
        return AssignedRole(
            party_id=_at(self.ids, int(spells.party[row])),
            kind=RoleKind(kind) if kind in set(RoleKind) else kind,
            agreement_id=_at(self.agreement_ids, agreement),
            scope=None if scope < 0 else self.scopes[scope],
            towards=_at(self.ids, towards),
            since=None if since == FIRST_DAY else to_date(since),
            until=None if until == LAST_DAY else to_date(until),
            rule=rule.name,
            source=rule.source,
            rows=int(spells.rows[row]),
        )

    def explain(self, party_id: int | str, as_of: object = None) -> str:
        """Say in words what a party is to us and why, one line a role.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        roles = self.roles_of(party_id, as_of)
        return "\n".join(map(str, roles)) or "no role of their own"

    # all parties

    def kind_at(self, kind: RoleKind | str) -> int:
        """Give the position of a role among `kinds`; -1 for one that nobody has.

        Raises
        ------
        InvalidInputError
            If it is no text, or one of ours but for the way it is written.
        """
        if not isinstance(kind, str):
            raise InvalidInputError("a role must be text", code="unknown_role")
        check_role_word(kind)
        return self.kinds.index(kind) if kind in self.kinds else -1

    def parties(self, kind: RoleKind | str | None = None) -> NDArray[Any]:
        """Give the ids of all who have a role, or one kind of role, in order.

        Raises
        ------
        InvalidInputError
            If the kind is ours but for the way it is written.
        """
        party = self.spells.party
        if kind is not None:
            party = party[self.spells.kind == self.kind_at(kind)]
        ids: NDArray[Any] = self.ids[party[run_starts(party)]]
        return ids

    def holds(self, party_ids: NDArray[Any], kind: RoleKind | str) -> NDArray[np.bool_]:
        """Tell which of some sorted ids have a kind of role; of no kind, nobody.

        Raises
        ------
        InvalidInputError
            If the kind is ours but for the way it is written, ids are text here and
            whole numbers there, or they are no array.
        """
        an_instance("party_ids", party_ids, np.ndarray)
        check_same_kind(party_ids, self.ids, "party ids")
        return align(party_ids, self.parties(kind))[1]

    def __contains__(self, party_id: object) -> bool:
        try:
            position_of(self.ids, party_id)
        except KeyError:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """Give the number of parties in each kind of role."""
        spells = self.spells
        first = run_starts(spells.party, spells.kind)
        counted = np.bincount(spells.kind[first], minlength=len(self.kinds))
        return dict(zip(self.kinds, counted.tolist(), strict=True))

    def combinations(self) -> dict[tuple[str, ...], int]:
        """Give the number of parties with just these roles, the most frequent first.

        Returns
        -------
        counts : dict of tuple of str to int
            Each party is counted once, so that the counts add up to all parties with a
            role. Equal counts in the order of `kinds`.
        """
        masks, counted = np.unique(self._masks(), return_counts=True)
        found = [
            (tuple(self._kinds_in(mask)), int(n))
            for mask, n in zip(masks.tolist(), counted.tolist(), strict=True)
        ]
        return dict(sorted(found, key=lambda one: (-one[1], self._places(one[0]))))

    def with_several(self) -> NDArray[Any]:
        """Give the ids of parties with more than one kind of role, in order."""
        several = np.bitwise_count(self._masks()) >= _SEVERAL
        ids: NDArray[Any] = self.parties()[several]
        return ids

    def _masks(self) -> NDArray[np.uint64]:
        """Give the kinds of each party with a role as bits."""
        spells = self.spells
        if not len(spells):
            return np.empty(0, dtype=np.uint64)
        bits = np.uint64(1) << spells.kind.astype(np.uint64)
        starts = np.flatnonzero(run_starts(spells.party))
        return np.bitwise_or.reduceat(bits, starts)

    def _kinds_in(self, mask: int) -> list[str]:
        return [kind for at, kind in enumerate(self.kinds) if mask >> at & 1]

    def _places(self, kinds: Sequence[str]) -> list[int]:
        return [self.kinds.index(kind) for kind in kinds]

    def to_frame(self) -> Any:
        """Give one row a role, in the order of the parties, as the host's kind of frame.

        Returns
        -------
        frame : of the host's kind
            `party_id`, `role`, `agreement_id`, `scope`, `towards`, `since`, `until`
            (null where the data have no start, and while it lasts), `rule`, `source`
            and `rows`.
        """
        spells = self.spells
        names = tuple(rule.name for rule in self.rules)
        sources = tuple(dict.fromkeys(rule.source for rule in self.rules))
        source_of = [sources.index(rule.source) for rule in self.rules]
        columns: dict[str, Any] = {
            "party_id": self.ids[spells.party],
            "role": Labels(codes=spells.kind.astype(np.int8), words=self.kinds),
            "agreement_id": taken(self.agreement_ids, spells.agreement),
            "scope": taken(objects_of(self.scopes), spells.scope),
            "towards": taken(self.ids, spells.towards),
            "since": _dates(spells.since, FIRST_DAY),
            "until": _dates(spells.until, LAST_DAY),
            "rule": Labels(codes=spells.rule.astype(np.int8), words=names),
            "source": Labels(
                codes=np.array(source_of, dtype=np.int8)[spells.rule], words=sources
            ),
            "rows": spells.rows,
        }
        return to_frame(columns, self.kind)

    # changed

    def merge(self, later: RoleBook) -> RoleBook:
        """Add roles read from other rows; as if all had been read at once.

        But nothing is looked for that shows in all rows only: agreements that overlap.

        Raises
        ------
        InvalidInputError
            If the rules are others, or ids are text here and whole numbers there.
        """
        an_instance("later", later, RoleBook)
        if later.rules != self.rules:
            raise InvalidInputError(
                "both books must be of the same rules", code="other_rules"
            )
        ids, own, more = union(self.ids, later.ids)
        agreements, own_in, more_in = union(self.agreement_ids, later.agreement_ids)
        kinds = kinds_with([*self.kinds, *later.kinds])
        scopes = tuple(sorted({*self.scopes, *later.scopes}))
        parts = [
            book.told.recoded(
                party=party,
                towards=party,
                agreement=agreement,
                kind=np.array([kinds.index(one) for one in book.kinds]),
                scope=np.array([scopes.index(one) for one in book.scopes], np.int64),
            )
            for book, party, agreement in ((self, own, own_in), (later, more, more_in))
        ]
        return compact(
            evolve(
                self,
                ids=ids,
                kinds=kinds,
                agreement_ids=agreements,
                scopes=scopes,
                told=Spells.joined(parts),
                report=self.report.merge(later.report),
            )
        )

    def without_party(self, party_id: int | str) -> RoleBook:
        """Leave out a party: the book that would be, had nobody ever heard of them.

        Their roles go, and others' towards them: those of transactions are gone with
        these, those in an agreement or scope stay, towards nobody. A party who is not
        here changes nothing. The report stays that of all rows read.

        Raises
        ------
        InvalidInputError
            If it is no id, or text where ids here are whole numbers, or the other way.
        """
        one = an_id(party_id)
        own = np.array([one], dtype=object if isinstance(one, str) else np.int64)
        check_same_kind(own, self.ids, "party ids")
        (at,), (is_here,) = align(own, self.ids)
        if not is_here:
            return self
        told = self.told
        is_towards = told.towards == at
        is_nowhere = (told.agreement < 0) & (told.scope < 0)
        dealt = np.array([rule.source == "transaction" for rule in self.rules])
        gone = (told.party == at) | (is_towards & (is_nowhere | dealt[told.rule]))
        left = evolve(told, towards=np.where(is_towards, np.int32(-1), told.towards))
        return compact(evolve(self, told=left.only(~gone)))

    def renamed(self, new_ids: NDArray[Any]) -> RoleBook:
        """Give every party a new id, as :func:`pseudonymize` does.

        Parameters
        ----------
        new_ids : ndarray of int or object, shape (n_parties,)
            Of the parties in the order of `ids`, all different.

        Raises
        ------
        InvalidInputError
            If they are not as many, or not all different.
        """
        read = read_new_ids(new_ids, self.ids.size)
        told = self.told.recoded(party=read.codes, towards=read.codes)
        return compact(evolve(self, ids=read.unique, told=told))

    def reworded(self, new_of: Callable[[list[Any]], list[Any]]) -> RoleBook:
        """Give the agreements other ids.

        Parameters
        ----------
        new_of : callable
            Gives as many new ids, all distinct, for a list of distinct ones.

        Raises
        ------
        InvalidInputError
            If new ids are not as many, not all distinct, or one is missing or no id.
        """
        size = self.agreement_ids.size
        new = read_new_ids(new_of(self.agreement_ids.tolist()), size)
        told = self.told.recoded(agreement=new.codes)
        return compact(evolve(self, agreement_ids=new.unique, told=told))


def kinds_with(words: Sequence[str]) -> tuple[str, ...]:
    """Give our roles, then those of the host's own in order.

    Raises
    ------
    InvalidInputError
        If there are too many, or one is ours but for the way it is written.
    """
    own = sorted({str(word) for word in words} - set(RoleKind))
    for word in own:
        check_role_word(word)
    if len(own) + len(RoleKind) > _MOST_KINDS:
        raise InvalidInputError(
            f"there must be at most {_MOST_KINDS} kinds of role; got "
            f"{len(own) + len(RoleKind)}",
            code="too_many_roles",
        )
    return (*map(str, RoleKind), *own)


def compact(book: RoleBook) -> RoleBook:
    """Merge the spells, and leave out what none of them speaks of."""
    return trimmed(evolve(book, told=book.told.merged()))


def trimmed(book: RoleBook) -> RoleBook:
    """Leave out parties, agreements, scopes and kinds that no spell speaks of."""
    told = book.told
    ids, party = _used(book.ids, told.party, told.towards)
    agreements, agreement = _used(book.agreement_ids, told.agreement)
    scopes, scope = _used(objects_of(book.scopes), told.scope)
    kinds = kinds_with([book.kinds[at] for at in distinct(told.kind).tolist()])
    kind = np.array(
        [kinds.index(one) if one in kinds else -1 for one in book.kinds], np.int16
    )
    return evolve(
        book,
        ids=ids,
        kinds=kinds,
        agreement_ids=agreements,
        scopes=tuple(scopes.tolist()),
        told=told.recoded(
            party=party, towards=party, agreement=agreement, scope=scope, kind=kind
        ),
    )


def _used(
    values: NDArray[Any], *codes: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Leave out values that no code names, and give the new place of the others."""
    is_named = np.zeros(values.size + 1, dtype=np.bool_)
    for one in codes:
        is_named[one] = True
    is_named = is_named[:-1]
    places = np.cumsum(is_named, dtype=np.int32) - np.int32(1)
    if not is_named.any():  # no ids are of no kind
        return np.empty(0, dtype=np.int64), places
    return values[is_named], places


def _at(ids: NDArray[Any], place: int) -> Any:
    """Give one id as a plain int or text; None for nobody."""
    return None if place < 0 else ids[place : place + 1].tolist()[0]


def _dates(days: NDArray[np.int32], without: int) -> NDArray[np.datetime64]:
    dates = days.astype("datetime64[D]")
    dates[days == without] = np.datetime64("NaT")
    return dates
