"""Lines of evidence, and the one strength that those of a pair are fused into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, check_each, run_starts, union
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    to_date,
    to_day,
    to_zone,
)
from customer_identification.models import RelationshipKind
from customer_identification.options import number


__all__ = [
    "KINDS",
    "LAST_DAY",
    "MUTUAL_KINDS",
    "RELIABILITY",
    "Evidence",
    "EvidenceReport",
    "EvidenceTable",
    "Fusion",
    "Lines",
    "any_of",
    "check_share",
    "fuse",
    "kinds_of",
    "reliability_of",
]

KINDS = tuple(RelationshipKind)
LAST_DAY = dt.date.max.toordinal() - dt.date(1970, 1, 1).toordinal()

# How far one line of a kind can be relied on to carry a decision over. All of them are
# our choice: who pays or decides for others sways them most, family and friends next,
# acquaintance and shared investors least.
RELIABILITY: Mapping[RelationshipKind, float] = {
    RelationshipKind.REFERRAL: 0.30,
    RelationshipKind.PURCHASE_ON_BEHALF: 0.50,
    RelationshipKind.PAYER_OF: 0.80,
    RelationshipKind.AGENT_OF: 0.50,
    RelationshipKind.FAMILY: 0.30,
    RelationshipKind.FRIEND: 0.20,
    RelationshipKind.CO_WORKER: 0.10,
    RelationshipKind.HOUSEHOLD: 0.50,
    RelationshipKind.SUPPLIER: 0.10,
    RelationshipKind.CUSTOMER: 0.10,
    RelationshipKind.INTERMEDIARY: 0.20,
    RelationshipKind.PARTNER: 0.20,
    RelationshipKind.PROFESSIONAL_ASSOCIATION: 0.05,
    RelationshipKind.SHARED_INVESTOR: 0.05,
    RelationshipKind.EMPLOYMENT: 0.30,
}

# Kinds that tie both sides alike, for `mutual=`.
MUTUAL_KINDS = (
    RelationshipKind.FAMILY,
    RelationshipKind.FRIEND,
    RelationshipKind.CO_WORKER,
    RelationshipKind.HOUSEHOLD,
    RelationshipKind.PARTNER,
    RelationshipKind.PROFESSIONAL_ASSOCIATION,
    RelationshipKind.SHARED_INVESTOR,
)

_DISTINCT = ("kind", "source", "date")


def check_share(name: str, values: NDArray[np.float64]) -> None:
    """Make sure that all numbers lie between 0 and 1.

    Raises
    ------
    InvalidInputError
        If one does not, or is nan.
    """
    is_share = (values >= 0) & (values <= 1)
    check_each(name, is_share, "be a number from 0 to 1", code="out_of_range")


def any_of(
    chances: NDArray[np.float64], start: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Give the chance that at least one of each run of independent chances holds.

    The noisy-or, 1 - prod(1 - p) (Pearl 1988, Probabilistic Reasoning in Intelligent
    Systems, section 4.3.2); a single chance is given back to the last digit.

    Examples
    --------
    >>> any_of(np.array([0.3, 0.5, 0.5]), np.array([0, 1]))
    array([0.3 , 0.75])
    """
    if not start.size:
        return np.empty(0)
    fused = 1 - np.multiply.reduceat(1 - chances, start)
    is_single = np.diff(start, append=chances.size) == 1
    fused[is_single] = chances[start[is_single]]
    return fused


@frozen(kw_only=True)
class Evidence:
    """One line of what speaks for a tie.

    Attributes
    ----------
    kind
        How the two are tied.
    date
        From when the tie is known.
    source
        Who or what told it; hidden from `repr`.
    strength
        What the line alone makes of the tie, as of the network's day.
    until
        Last day of the tie; None while it lasts.
    counted
        Whether it entered the strength of the pair; False where it only repeats a
        stronger line.
    """

    kind: RelationshipKind = field(converter=RelationshipKind)
    date: dt.date
    source: str = field(repr=False)
    strength: float
    until: dt.date | None = None
    counted: bool = True


@frozen(kw_only=True)
class EvidenceReport:
    """What became of every line of evidence.

    Attributes
    ----------
    read : int
        Lines given.
    set_aside : tuple of (str, int)
        Reason, and lines that cannot be used for it.
    identical : int
        Lines that say just what another one says, of the same day: time stamps are read
        as days.
    later, ended : int
        Lines that begin after `as_of`, and whose tie was over by then.
    used : int
        The others: they stand behind the strengths.
    """

    read: int
    set_aside: tuple[tuple[str, int], ...] = ()
    identical: int = 0
    later: int = 0
    ended: int = 0
    used: int = 0

    def with_read(self, more: EvidenceReport) -> EvidenceReport:
        """Add lines read later; what counts of them is yet to be told."""
        aside = dict(self.set_aside)
        for why, n in more.set_aside:
            aside[why] = aside.get(why, 0) + n
        return EvidenceReport(
            read=self.read + more.read, set_aside=tuple(sorted(aside.items()))
        )

    @property
    def conservation(self) -> str:
        """All lines accounted for, in one sentence."""
        parts = [f"{self.used:,} used"]
        named = ("identical", "later", "ended")
        parts += [f"{n:,} {name}" for name in named if (n := getattr(self, name))]
        parts += [f"{n:,} set aside: {why}" for why, n in self.set_aside]
        return f"{self.read:,} lines: {', '.join(parts)}"

    def __str__(self) -> str:
        return self.conservation


def kinds_of(values: Any) -> tuple[RelationshipKind, ...]:
    """Give one kind, or several, once each.

    Raises
    ------
    InvalidInputError
        If one is none of ours.
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = (values,)
    return tuple(sorted({RelationshipKind(one) for one in values}))


def _half_life(days: Any) -> float | None:
    # A second, as days; below that ages overflow and nothing is left of any line.
    return None if days is None else number("half_life", days, 1 / 86_400)


def reliability_of(values: object) -> tuple[float, ...]:
    """Give the reliability of every kind, ours where the host has none."""
    given = {} if values is None else values
    if not isinstance(given, Mapping):
        raise InvalidInputError(
            "reliability must be a mapping of kinds to numbers", code="bad_option"
        )
    own = {
        RelationshipKind(kind): number("reliability", one, 0, 1)
        for kind, one in given.items()
    }
    return tuple(own.get(kind, RELIABILITY[kind]) for kind in KINDS)


def _distinct(values: Sequence[str]) -> tuple[str, ...]:
    names = tuple(values) if isinstance(values, (tuple, list)) else ("",)
    if not all(isinstance(name, str) and name in _DISTINCT for name in names):
        raise InvalidInputError(
            f"distinct must be some of {', '.join(_DISTINCT)}", code="bad_option"
        )
    return names


@frozen(kw_only=True)
class Fusion:
    """How lines of evidence become one strength; options of `influence_network`."""

    as_of: dt.date
    reliability: tuple[float, ...]
    half_life: float | None = field(default=None, converter=_half_life)
    distinct: tuple[str, ...] = field(default=_DISTINCT, converter=_distinct)
    mutual: tuple[RelationshipKind, ...] = field(default=(), converter=kinds_of)
    tz: Any = None

    def at(self, as_of: object, tz: object) -> Fusion:
        """Give the same as of another day."""
        zone = self.tz if tz is None else to_zone(tz)
        day = self.as_of if as_of is None else to_date(to_day(as_of, "as_of", zone))
        return evolve(self, as_of=day, tz=zone)

    def chance(self, lines: Lines) -> NDArray[np.float64]:
        """Give what each line alone makes of its tie, as of the day."""
        by_kind = np.array(self.reliability)[lines.kind]
        chance = np.where(np.isnan(lines.given), by_kind, lines.given)
        if self.half_life is None:
            return chance
        age = to_day(self.as_of, "as_of") - lines.day
        return chance * 0.5 ** (np.maximum(age, 0) / self.half_life)


@frozen(kw_only=True, repr=False)
class Lines:
    """Lines of evidence as columns, sorted and distinct.

    Attributes
    ----------
    left, right : ndarray of int32
        Positions of who influences and who is influenced.
    kind : ndarray of int8
        Place among the kinds.
    day, until : ndarray of int32
        First and last day of the tie. [days since 1970-01-01]
    origin : ndarray of int32
        Place among `origins`, the sources.
    given : ndarray of float
        A strength that the line states itself; nan where the kind says it.
    origins : ndarray of object
        Names of the sources, sorted.
    """

    left: NDArray[np.int32] = array_field()
    right: NDArray[np.int32] = array_field()
    kind: NDArray[np.int8] = array_field()
    day: NDArray[np.int32] = array_field()
    until: NDArray[np.int32] = array_field()
    origin: NDArray[np.int32] = array_field()
    given: NDArray[np.float64] = array_field()
    origins: NDArray[Any] = array_field()

    def __len__(self) -> int:
        return int(self.left.size)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Give the columns by name, but for the names of sources."""
        names = ("left", "right", "kind", "origin", "day", "until", "given")
        return {name: getattr(self, name) for name in names}

    def order(self) -> NDArray[np.intp]:
        """Give the order in which lines are kept."""
        return np.lexsort(tuple(self.columns().values())[::-1])

    def take(self, rows: Any) -> Lines:
        """Give some lines, in the order asked for."""
        return evolve(
            self, **{name: values[rows] for name, values in self.columns().items()}
        )

    def sorted_distinct(self) -> Lines:
        """Put the lines in order, and leave out those that say the same."""
        ordered = self.take(self.order())
        is_new = np.zeros(len(self), dtype=np.bool_)
        is_new[:1] = True
        for name, values in ordered.columns().items():
            differs = values[1:] != values[:-1]
            if name == "given":  # nan says the same as nan
                differs &= ~(np.isnan(values[1:]) & np.isnan(values[:-1]))
            is_new[1:] |= differs
        return ordered.take(is_new)

    def between(self, places: NDArray[np.int32]) -> tuple[Lines, NDArray[np.intp]]:
        """Give the lines of parties in other places, in order, and which they were.

        Lines of those whose place is -1 are left out, and sources that told only them.
        """
        moved = self.moved(places)
        kept = np.flatnonzero((moved.left >= 0) & (moved.right >= 0))
        lines = moved.take(kept)
        if kept.size < len(self):
            lines = lines.with_used_origins()
        order = lines.order()
        return lines.take(order), kept[order]

    def with_used_origins(self) -> Lines:
        """Leave out sources of no line."""
        used, origin = np.unique(self.origin, return_inverse=True)
        return evolve(self, origin=origin.astype(np.int32), origins=self.origins[used])

    def moved(self, places: NDArray[np.int32]) -> Lines:
        """Give the same lines between other positions."""
        return evolve(self, left=places[self.left], right=places[self.right])

    def joined(self, more: Lines) -> Lines:
        """Add lines between positions of the same parties."""
        origins, own, others = union(self.origins, more.origins)
        first = evolve(self, origin=own[self.origin], origins=origins)
        second = evolve(more, origin=others[more.origin])
        both = {
            name: np.concatenate([values, second.columns()[name]])
            for name, values in first.columns().items()
        }
        return evolve(first, **both).sorted_distinct()


@frozen(kw_only=True, repr=False)
class EvidenceTable:
    """Lines of evidence, and which of them stand behind which tie.

    Attributes
    ----------
    lines : Lines
        All that were given, whether they count as of the day or not.
    fusion : Fusion or None
        How they were fused; None where strengths came with a graph.
    report : EvidenceReport
        What became of every line.
    start : ndarray of int, shape (n_ties + 1,)
        Lines of tie i are ``line[start[i]:start[i + 1]]``, strongest first.
    line : ndarray of int32
        Places among `lines`.
    chance : ndarray of float
        What each of these lines alone makes of the tie.
    counted : ndarray of bool
        Whether it is no mere repeat.
    """

    lines: Lines
    fusion: Fusion | None
    report: EvidenceReport
    start: NDArray[np.int64] = array_field()
    line: NDArray[np.int32] = array_field()
    chance: NDArray[np.float64] = array_field()
    counted: NDArray[np.bool_] = array_field()

    def of_tie(self, tie: int) -> tuple[Evidence, ...]:
        """Give the lines of a tie, strongest first."""
        lines = self.lines
        return tuple(
            Evidence(
                kind=KINDS[lines.kind[row]],
                date=to_date(int(lines.day[row])),
                source=lines.origins[lines.origin[row]],
                strength=float(self.chance[at]),
                until=None
                if lines.until[row] == LAST_DAY
                else to_date(int(lines.until[row])),
                counted=bool(self.counted[at]),
            )
            for at in range(self.start[tie], self.start[tie + 1])
            for row in (self.line[at],)
        )

    def of_ties(
        self, ties: NDArray[np.intp], places: NDArray[np.int32]
    ) -> EvidenceTable | None:
        """Keep the lines of some ties, whose parties have other places.

        For strengths that are not fused anew.

        Parameters
        ----------
        ties : ndarray of int, shape (n_kept,)
            Ties in their new order.
        places : ndarray of int32, shape (n_parties,)
            The new place of each party; -1 for those who are left out.

        Returns
        -------
        table : EvidenceTable or None
            None if these ties came with a graph, and no line of it is left.
        """
        count = np.diff(self.start)[ties]
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(count)])
        tie = np.repeat(np.arange(ties.size), count)
        at = np.arange(tie.size) + (self.start[ties] - start[:-1])[tie]
        if (self.lines.left == self.lines.right).any():  # they came with a graph
            lines = self.lines.take(self.line[at]).with_used_origins()
            report = EvidenceReport(read=at.size, used=at.size)
            row = np.arange(at.size, dtype=np.int32)
            if not at.size:
                return None
        else:
            lines, rows = self.lines.between(places)
            report = self._report_of(rows)
            new_row = np.full(len(self.lines), -1, dtype=np.int32)
            new_row[rows] = np.arange(rows.size)
            row = new_row[self.line[at]]
            order = np.lexsort((row, -self.chance[at], tie))  # strongest first
            at, row = at[order], row[order]
        return evolve(
            self,
            lines=lines,
            report=report,
            start=start,
            line=row,
            chance=self.chance[at],
            counted=self.counted[at],
        )

    def _report_of(self, rows: NDArray[np.intp]) -> EvidenceReport:
        """Account for some of the lines only; the latest are those after the day."""
        gone = np.ones(len(self.lines), dtype=np.bool_)
        gone[rows] = False
        used, later = np.zeros((2, gone.size), dtype=np.bool_)
        used[self.line] = True
        by_day = np.argsort(self.lines.day, kind="stable")
        later[by_day[gone.size - self.report.later :]] = True

        def less(n: int, mask: NDArray[np.bool_]) -> int:
            return n - int(np.count_nonzero(gone & mask))

        return evolve(
            self.report,
            read=less(self.report.read, gone),
            used=less(self.report.used, used),
            later=less(self.report.later, later),
            ended=less(self.report.ended, ~used & ~later),
        )

    def kinds_of_ties(self) -> NDArray[np.int32]:
        """Give the kinds of every tie as bits, the first kind being 1."""
        bits = np.left_shift(1, self.lines.kind[self.line].astype(np.int32))
        has_lines = np.diff(self.start) > 0
        kinds = np.zeros(has_lines.size, dtype=np.int32)
        if bits.size:
            kinds[has_lines] = np.bitwise_or.reduceat(bits, self.start[:-1][has_lines])
        return kinds

    @classmethod
    def of_objects(
        cls, ties: NDArray[np.intp], lines: Sequence[Evidence], n_ties: int
    ) -> EvidenceTable:
        """Make a table of objects that came with the edges of a graph.

        Parameters
        ----------
        ties : ndarray of int, shape (n_lines,)
            The tie of each line, rising.
        lines : sequence of Evidence
            Strongest first within a tie.
        n_ties : int
            Of the network.
        """
        words = sorted({one.source for one in lines})
        place = {word: at for at, word in enumerate(words)}
        origins = np.empty(len(words), dtype=object)
        origins[:] = words
        table = Lines(
            left=np.zeros(len(lines), np.int32),
            right=np.zeros(len(lines), np.int32),
            kind=np.array([KINDS.index(one.kind) for one in lines], np.int8),
            day=np.array([to_day(one.date, "date") for one in lines], np.int32),
            until=np.array(
                [
                    LAST_DAY if one.until is None else to_day(one.until, "until")
                    for one in lines
                ],
                np.int32,
            ),
            origin=np.array([place[one.source] for one in lines], np.int32),
            given=np.array([one.strength for one in lines]),
            origins=origins,
        )
        return cls(
            lines=table,
            fusion=None,
            report=EvidenceReport(read=len(lines), used=len(lines)),
            start=np.searchsorted(ties, np.arange(n_ties + 1)),
            line=np.arange(len(lines), dtype=np.int32),
            chance=table.given,
            counted=np.array([one.counted for one in lines], np.bool_),
        )


Fused = tuple[NDArray[np.int64], NDArray[np.float64], EvidenceTable]


def fuse(lines: Lines, fusion: Fusion, report: EvidenceReport, n_parties: int) -> Fused:
    """Fuse lines as of a day.

    Returns
    -------
    pair : ndarray of int64
        ``left * n_parties + right`` of every tie, rising.
    strength : ndarray of float
        Of every tie.
    table : EvidenceTable
        The lines behind them.
    """
    row, report = _in_force(lines, fusion, report)
    row, left, right = _directed(lines, fusion, row)
    chance = fusion.chance(lines)[row]
    pair = left.astype(np.int64) * n_parties + right
    columns: dict[str, NDArray[Any]] = {
        "kind": lines.kind,
        "source": lines.origin,
        "date": lines.day,
    }
    same = [columns[name][row] for name in fusion.distinct]
    order = np.lexsort((row, -chance, *same, pair))
    starts_pair = run_starts(pair[order])
    counted = run_starts(*(values[order] for values in (pair, *same)))
    which = np.cumsum(starts_pair) - 1
    own = which[counted]
    strength = any_of(chance[order][counted], np.flatnonzero(run_starts(own)))
    shown = np.lexsort((row[order], -chance[order], which))  # strongest first
    order, counted = order[shown], counted[shown]
    return (
        pair[order][starts_pair],
        strength,
        EvidenceTable(
            lines=lines,
            fusion=fusion,
            report=report,
            start=np.append(np.flatnonzero(starts_pair), row.size),
            line=row[order].astype(np.int32),
            chance=chance[order],
            counted=counted,
        ),
    )


def _in_force(
    lines: Lines, fusion: Fusion, report: EvidenceReport
) -> tuple[NDArray[np.intp], EvidenceReport]:
    """Give the places of the lines that count as of the day, and account for all."""
    day = to_day(fusion.as_of, "as_of")
    later = lines.day > day
    ended = ~later & (lines.until < day)
    row = np.flatnonzero(~later & ~ended)
    return row, evolve(
        report,
        identical=report.read - sum(n for _, n in report.set_aside) - len(lines),
        later=int(np.count_nonzero(later)),
        ended=int(np.count_nonzero(ended)),
        used=row.size,
    )


def _directed(
    lines: Lines, fusion: Fusion, row: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.int32]]:
    """Give lines with both their ends; those of mutual kinds once each way."""
    left, right = lines.left[row], lines.right[row]
    if not fusion.mutual:
        return row, left, right
    is_mutual = np.array([kind in fusion.mutual for kind in KINDS])
    back = is_mutual[lines.kind[row]]
    return (
        np.append(row, row[back]),
        np.append(left, right[back]),
        np.append(right, left[back]),
    )
