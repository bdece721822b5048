"""The nearest changes of an attribute that make another class of a card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable
from customer_identification.classify.base import Classification
from customer_identification.classify.caution import Caution, Edge
from customer_identification.classify.verdict import Change, Reason
from customer_identification.frames import Labels
from customer_identification.scorecard.card import Scorecard, Scores
from customer_identification.scorecard.points import (
    NumberPoints,
    WordPoints,
    say_number,
    say_words,
)


__all__ = ["ScoreAdvice", "ScoredRule", "asked_of"]


class ScoredRule(Protocol):
    """Gives parties classes by a card; any object of this shape will do."""

    @property
    def card(self) -> Scorecard:
        """Where the points come from."""
        ...

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What calls for care."""
        ...

    def classify(self, table: AttributeTable) -> Classification:
        """Give every party a class."""
        ...


@frozen(kw_only=True, repr=False)
class ScoreAdvice:
    """The points behind every class, and the changes of an attribute that would do.

    Attributes
    ----------
    rule : ScoredRule
        What gave the classes.
    table : AttributeTable
        What was known.
    scores : Scores
        What it was worth.
    adds_up : bool
        Whether the points made the class, and not another model.
    """

    rule: ScoredRule
    table: AttributeTable
    scores: Scores
    adds_up: bool = True

    def renamed(self, order: NDArray[np.intp], new_ids: NDArray[Any]) -> ScoreAdvice:
        """Give the advice in another order, under new ids."""
        return evolve(
            self,
            table=evolve(self.table.take(order), customer_ids=new_ids),
            scores=evolve(self.scores.take(order), customer_ids=new_ids),
        )

    def reasons(self, at: int) -> tuple[Reason, ...]:
        """Give base and points, which add up to the score, the most points first.

        No points where another model gave the chance; cautions come last.
        """
        if not self.adds_up:
            return self._cautions(at)
        card = self.rule.card
        found = [
            _reason(one, int(codes[at]))
            for one, codes in zip(card.attributes, self.scores.codes, strict=True)
        ]
        base = Reason(
            "base", card.base, None, None, None, "score", f"base {card.base:.1f} points"
        )
        points = sorted(found, key=lambda one: -abs(one.value))
        return (base, *points, *self._cautions(at))

    def _cautions(self, at: int) -> tuple[Reason, ...]:
        one = self.table.take(slice(at, at + 1))
        return tuple(
            Reason(
                caution.attribute, 1.0, None, None, None, "count", f"caution: {caution}"
            )
            for caution in self.rule.cautions
            if caution.holds(one)[0]
        )

    def changes(self, at: int) -> tuple[Change, ...]:
        """Give for each attribute the least change to each other class it can make.

        Only what is known can change. Where no single change makes a better class, the
        fewest that do it together are given; where another model gives the chances, a
        few that do.
        """
        now = self.rule.classify(self.table.take(slice(at, at + 1)))
        label = now.labels[now.codes[0]]
        moves = _moves(self.rule, self.table.row(at))
        if not moves:
            return ()
        made = self.rule.classify(_changed(self.table, at, [(one,) for one in moves]))
        found: dict[tuple[str, str], _Move] = {}
        for move, code in zip(moves, made.codes.tolist(), strict=True):
            new = made.labels[code]
            best = found.get((new, move.name), move)
            if new not in {label, "unknown"} and move.size <= best.size:
                found[new, move.name] = move
        changes = tuple(_change((move,), new) for (new, _), move in found.items())
        rank = now.labels.index(label)
        if any(made.labels.index(new) < rank for new, _ in found):
            return changes
        n_cautions = int(now.measures["cautions"].values[0])
        sets = _sets(_tried(moves, made), n_cautions)
        return changes + self._together(at, sets, rank)

    def _together(
        self, at: int, sets: Sequence[tuple[_Move, ...]], rank: int
    ) -> tuple[Change, ...]:
        """Give the first set of changes that makes a better class."""
        if not sets:
            return ()
        made = self.rule.classify(_changed(self.table, at, sets))
        for some, code in zip(sets, made.codes.tolist(), strict=True):
            if code < rank:
                return (_change(some, made.labels[code]),)
        return ()


# --- what may change ------------------------------------------------------------------


_OTHER = ""  # a word that no attribute holds, since blank is not known


@frozen
class _Move:
    """One attribute of one party with another value."""

    name: str
    value: float | str
    by: float  # nan for words
    distance: float  # as a share of the larger of both values; 1 for words
    text: str

    @property
    def size(self) -> float:
        return 0.0 if math.isnan(self.by) else abs(self.by)


class _Tried(NamedTuple):
    """A move, the score or chance that it alone would give, and the cautions left."""

    move: _Move
    value: float
    cautions: int


def _tried(moves: Sequence[_Move], made: Classification) -> list[_Tried]:
    values = next(iter(made.measures.values())).values.tolist()
    cautions = made.measures["cautions"].values.tolist()
    return [_Tried(*one) for one in zip(moves, values, cautions, strict=True)]


def _sets(tried: Sequence[_Tried], n_cautions: int) -> list[tuple[_Move, ...]]:
    """Give sets of moves that may do together, the fewest moves first.

    A score is a sum, so of a number of moves those that add most are best: among all;
    among those that call for no more care; and beside those that end all cautions.
    """
    free = [one for one in tried if one.cautions <= n_cautions]
    ending = _best([one for one in free if one.cautions < n_cautions], by_care=True)
    ended = {one.name for one in ending}
    rest = [move for move in _best(free) if move.name not in ended]
    found = [_best(tried)[:n] for n in range(2, len(tried) + 1)]
    found += [_best(free)[:n] for n in range(2, len(free) + 1)]
    if ending:
        found += [[*ending, *rest[:n]] for n in range(len(rest) + 1)]
    sets = dict.fromkeys(tuple(one) for one in found if len(one) > 1)
    return sorted(sets, key=len)


def _best(tried: Sequence[_Tried], *, by_care: bool = False) -> list[_Move]:
    """Give the best move of each attribute, those that add most first."""

    def worth(one: _Tried) -> tuple[int, float]:
        return (-one.cautions if by_care else 0), one.value

    best: dict[str, _Tried] = {}
    for one in tried:
        if one.move.name not in best or worth(one) > worth(best[one.move.name]):
            best[one.move.name] = one
    return [one.move for one in sorted(best.values(), key=lambda one: -one.value)]


def asked_of(rule: ScoredRule) -> list[str]:
    """Give the attributes that card and cautions look at."""
    cautions = [one.attribute for one in rule.cautions]
    return list(dict.fromkeys([*rule.card.names, *cautions]))


def _moves(rule: ScoredRule, row: Mapping[str, float | str | None]) -> list[_Move]:
    """Give for each known attribute the nearest value in every other bin."""
    found: list[_Move] = []
    points = {one.name: one for one in rule.card.attributes}
    for name in asked_of(rule):
        value = row[name]
        cautions = [one for one in rule.cautions if one.attribute == name]
        if isinstance(value, str):
            found += _to_words(name, value, points.get(name), cautions)
        elif value is not None:
            found += _to_numbers(name, value, points.get(name), cautions)
    return found


def _to_numbers(
    name: str,
    value: float,
    points: NumberPoints | WordPoints | None,
    cautions: Sequence[Caution],
) -> list[_Move]:
    limits: tuple[float, ...] = ()
    low, high = -math.inf, math.inf
    if isinstance(points, NumberPoints):
        limits = points.limits
        low, high = points.within or (low, high)
    edges = {Edge(limit, is_upper=True) for limit in limits}
    edges |= {edge for one in cautions for edge in one.edges}
    found = []
    for edge in sorted(edges):
        target, how = edge.nearest(value)
        if not low <= target <= high:
            continue
        by = target - value
        while edge.is_above(value + by) == edge.is_above(value):
            by = math.nextafter(by, math.copysign(math.inf, by))  # was rounded to it
        distance = abs(by) / max(abs(target), abs(value))
        text = f"{name} {how} {say_number(edge.limit)}"
        found.append(_Move(name, target, by, distance, text))
    return found


def _to_words(
    name: str,
    value: str,
    points: NumberPoints | WordPoints | None,
    cautions: Sequence[Caution],
) -> list[_Move]:
    groups = points.words if isinstance(points, WordPoints) else ()
    feared = {word for one in cautions for word in one.words}
    targets: list[str] = []
    named = {word for group in groups for word in group}
    for group in (*groups, tuple(sorted(feared - named))):
        for is_feared in (False, True):
            alike = [one for one in group if (one in feared) == is_feared]
            if alike and value not in alike:
                targets.append(alike[0])
    found = [
        _Move(name, one, math.nan, 1.0, f"{name} {one}")
        for one in dict.fromkeys(targets)
    ]
    if isinstance(points, WordPoints) and (not points.counts or any(points.counts[-1])):
        found.append(_Move(name, _OTHER, math.nan, 1.0, f"{name} any other"))
    elif value in feared and feared.issuperset(targets):
        other = f"{name} other than {say_words(sorted(feared))}"
        found.append(_Move(name, _OTHER, math.nan, 1.0, other))
    return found


def _change(moves: Sequence[_Move], label: str) -> Change:
    names = " and ".join(one.name for one in moves)
    text = " and ".join(one.text for one in moves)
    return Change(
        label,
        names,
        moves[0].by if len(moves) == 1 else math.nan,
        distance=sum(one.distance for one in moves),
        by_events=False,
        text=f"{text} {'makes' if len(moves) == 1 else 'make'} {label}",
    )


def _changed(
    table: AttributeTable, at: int, sets: Sequence[Sequence[_Move]]
) -> AttributeTable:
    """Give one party once for each set of moves, with these made."""
    columns: dict[str, NDArray[np.float64] | Labels] = {}
    for name, one in table.columns.items():
        new = {
            i: move.value
            for i, some in enumerate(sets)
            for move in some
            if move.name == name
        }
        if isinstance(one, Labels):
            words = tuple(dict.fromkeys([*one.words, *map(str, new.values())]))
            codes = np.full(len(sets), one.codes[at], np.int32)
            codes[list(new)] = [words.index(str(word)) for word in new.values()]
            columns[name] = Labels(codes=codes, words=words)
        else:
            values = np.full(len(sets), one[at])
            values[list(new)] = [*new.values()]
            columns[name] = values
    return evolve(
        table, customer_ids=np.arange(len(sets)), columns=columns, outcomes=None
    )


def _reason(one: NumberPoints | WordPoints, code: int) -> Reason:
    points = float(one.all_points[code])
    text = f"{one.text(code)}: {points:+.1f} points"
    return Reason(f"{one.name}_points", points, None, None, None, "score", text)
