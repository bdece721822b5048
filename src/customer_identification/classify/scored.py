"""Classes by scorecard: the points behind a class, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.attributes import AttributeTable, numbers_of, words_of
from customer_identification.classify.base import Classification
from customer_identification.classify.table import Line, Measure, decide
from customer_identification.classify.verdict import Change, Reason
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, to_float
from customer_identification.options import an_instance, number, words
from customer_identification.scorecard.binning import Direction
from customer_identification.scorecard.card import Scorecard, Scores
from customer_identification.scorecard.learn import (
    ScorecardPolicy,
    learn_quietly,
    warn_of_suspects,
)
from customer_identification.scorecard.points import (
    NumberPoints,
    WordPoints,
    check_name,
    say_number,
)


__all__ = [
    "Caution",
    "ScoreAdvice",
    "ScoredRule",
    "card_of",
    "cautions_of",
    "check_directions",
    "check_policy",
    "classify_by_card",
    "learn_card",
    "limit_of",
    "names_of",
]


def _words(values: Any) -> tuple[str, ...]:
    return words("words", (values,) if isinstance(values, str) else values)


def _float_or_none(value: Any) -> float | None:
    return None if value is None else number("a limit", value, -math.inf)


@frozen(kw_only=True)
class Caution:
    """What calls for care, however good the score: an attribute and what it says.

    Parameters
    ----------
    attribute : str
        Which attribute.
    at_least, at_most : float, optional
        Numbers within these call for care.
    words : tuple of str
        Words that call for care.
    why : str
        What is to be feared, in words.

    Raises
    ------
    InvalidInputError
        If it has neither numbers nor words, or both, or they can never hold.

    Examples
    --------
    >>> print(Caution(attribute="default", words="yes", why="failed to pay before"))
    default yes: failed to pay before
    """

    attribute: str = field(validator=check_name)
    at_least: float | None = field(default=None, converter=_float_or_none)
    at_most: float | None = field(default=None, converter=_float_or_none)
    words: tuple[str, ...] = field(default=(), converter=_words)
    why: str = field(default="care is needed", validator=check_name)

    def __attrs_post_init__(self) -> None:
        low, high = self.at_least, self.at_most
        has_numbers = low is not None or high is not None
        if has_numbers == bool(self.words):
            raise InvalidInputError(
                "a caution must have at_least or at_most, or else words",
                code="bad_option",
            )
        if low is not None and high is not None and high < low:
            raise InvalidInputError(
                "at_most of a caution must not be below at_least", code="bad_option"
            )

    def __str__(self) -> str:
        return f"{self.attribute} {self.text}: {self.why}"

    @property
    def text(self) -> str:
        """Which values call for care."""
        if self.words:
            return " or ".join(self.words)
        low = "" if self.at_least is None else f"at least {say_number(self.at_least)}"
        high = "" if self.at_most is None else f"at most {say_number(self.at_most)}"
        return " and ".join(part for part in (low, high) if part)

    def holds(self, table: AttributeTable) -> NDArray[np.bool_]:
        """Tell of whom it holds; of nobody whose attribute is not known.

        Raises
        ------
        MissingColumnError
            If the attribute is not there.
        InvalidInputError
            If it holds words where the caution has numbers, or the other way.
        """
        column = table.column(self.attribute)
        if self.words:
            said = words_of(column, self.attribute)
            is_meant = np.array([*(one in self.words for one in said.words), False])
            found: NDArray[np.bool_] = is_meant[said.codes]
            return found
        numbers = numbers_of(column, self.attribute)
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return (numbers >= low) & (numbers <= high)

    @property
    def edges(self) -> tuple[_Edge, ...]:
        """Where a rising number starts or stops to call for care."""
        low = () if self.at_least is None else (_Edge(self.at_least, is_upper=True),)
        high = () if self.at_most is None else (_Edge(self.at_most, is_upper=False),)
        return (*low, *high)


class _Edge(NamedTuple):
    """A limit between two bins, and whether the limit itself is in the upper one."""

    limit: float
    is_upper: bool

    def is_above(self, value: float) -> bool:
        """Tell whether a number is in the upper bin."""
        return value >= self.limit if self.is_upper else value > self.limit

    def nearest(self, value: float) -> tuple[float, str]:
        """Give the nearest number on the other side, and how to say that."""
        up = not self.is_above(value)
        if up == self.is_upper:
            return self.limit, "at least" if up else "at most"
        beyond = math.nextafter(self.limit, math.inf if up else -math.inf)
        return beyond, "above" if up else "below"


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


# --- what classifiers that learn a card share --------------------------------------------


def card_of(value: Any) -> Scorecard:
    """Give a scorecard; a converter of attrs."""
    card: Scorecard = an_instance("card", value, Scorecard)
    return card


def limit_of(value: Any) -> float:
    """Give a score that limits a class, which may be endless; a converter of attrs."""
    limit = to_float(value)
    if limit is None or math.isnan(limit):
        raise InvalidInputError("limits of classes must be numbers", code="bad_option")
    return limit


def cautions_of(values: Any) -> tuple[Caution, ...]:
    """Give cautions as a tuple; a converter of attrs."""
    is_list = isinstance(values, (list, tuple))
    if not is_list or not all(isinstance(one, Caution) for one in values):
        raise InvalidInputError(
            "cautions must be a list of Caution objects", code="bad_option"
        )
    return tuple(values)


def names_of(values: Any) -> tuple[str, ...]:
    """Give names of attributes as a tuple; a converter of attrs."""
    return words("trusted", values)


def check_directions(_: Any, attribute: Any, value: Any) -> None:
    """Make sure that a field holds directions by attribute, or None."""
    an_instance(attribute.name, value, Mapping, or_none=True)


def check_policy(_: Any, attribute: Any, value: Any) -> None:
    """Make sure that a field says how cards are learnt."""
    an_instance(attribute.name, value, ScorecardPolicy)


def learn_card(
    table: AttributeTable,
    directions: Mapping[str, Direction] | None,
    trusted: tuple[str, ...],
    policy: ScorecardPolicy,
) -> Scorecard:
    """Learn a card for a classifier, whose caller gets the warning."""
    card = learn_quietly(table, None, directions, trusted, policy)
    warn_of_suspects(card, policy, stacklevel=4)
    return card


# --- classes by score ---------------------------------------------------------------------


def classify_by_card(
    rule: ScoredRule,
    table: AttributeTable,
    lines: Sequence[Line],
    labels: tuple[str, ...],
    *,
    chance: NDArray[np.float64] | None = None,
) -> Classification:
    """Classify parties by a table of lines on their score; what scored rules end in.

    The measures are score and chance, the one that the lines ask for first; known, the
    share of what the card asks that is known; and cautions, how many there are.

    Parameters
    ----------
    rule : ScoredRule
        Whose card gives the points.
    table : AttributeTable
        With its day.
    lines : sequence of Line
        First match wins; the last has no conditions.
    labels : tuple of str
        Best first.
    chance : ndarray of float, shape (n,), optional
        Of another model; that of the card by default.

    Raises
    ------
    InvalidInputError
        If the table does not say which day it speaks of.
    """
    an_instance("table", table, AttributeTable)
    day = table.day()
    scores = rule.card.score(table)
    own = {
        "score": Measure(scores.score),
        "chance": Measure(scores.chance if chance is None else chance, "share"),
    }
    first = "score" if chance is None else "chance"
    count = np.zeros(len(table), np.int64)
    for one in rule.cautions:
        count += one.holds(table)
    measures = {
        first: own.pop(first),
        **own,
        "known": Measure(scores.known, "share"),
        "cautions": Measure(count, "count"),
    }
    return Classification(
        customer_ids=table.customer_ids,
        codes=decide(lines, labels, measures, len(table)),
        labels=labels,
        as_of=day,
        lines=tuple(lines),
        measures=measures,
        ordered=True,
        advice=ScoreAdvice(
            rule=rule,
            table=evolve(table.only(_asked(rule)), outcomes=None),
            scores=scores,
            adds_up=chance is None,
        ),
        kind=table.kind,
    )


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


def _asked(rule: ScoredRule) -> list[str]:
    """Give the attributes that card and cautions look at."""
    cautions = [one.attribute for one in rule.cautions]
    return list(dict.fromkeys([*rule.card.names, *cautions]))


def _moves(rule: ScoredRule, row: Mapping[str, float | str | None]) -> list[_Move]:
    """Give for each known attribute the nearest value in every other bin."""
    found: list[_Move] = []
    points = {one.name: one for one in rule.card.attributes}
    for name in _asked(rule):
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
    edges = {_Edge(limit, is_upper=True) for limit in limits}
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
        other = f"{name} other than {' or '.join(sorted(feared))}"
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
