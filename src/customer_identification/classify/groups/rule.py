"""Where a customer lies among groups: attributes as coordinates, and nearest centres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.attributes import AttributeTable, numbers_of, words_of
from customer_identification.classify.base import Classification
from customer_identification.classify.verdict import Change, Reason
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels
from customer_identification.options import an_instance, number, words
from customer_identification.scorecard.points import check_name


__all__ = [
    "MOST_GROUPS",
    "GroupAdvice",
    "GroupAxis",
    "GroupRule",
    "axes_of",
    "distances_to",
    "labels_of",
    "nearest",
    "points_of",
]

Floats = NDArray[np.float64]

# The quartiles of a normal distribution are 1.349 standard deviations apart.
_QUARTILES = 1.349
MOST_GROUPS = 100  # so that their places fit in int8; our choice
_FEW = 5  # customers with a word that is not named; our choice


def _is_bool(_: Any, attribute: Any, value: Any) -> None:
    an_instance(attribute.name, value, bool)


def _middle(value: Any) -> float:
    return number("middle", value, -math.inf)


def _spread(value: Any) -> float:
    return number("spread", value, 0)


def _words(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words("words", values)))


@frozen(kw_only=True)
class GroupAxis:
    """How one attribute is turned into coordinates of spread 1.

    Attributes
    ----------
    name : str
        Of the attribute.
    middle : float
        Median of the numbers, or of their logarithms; 0 for words.
    spread : float
        What one unit of distance is. Of numbers, the distance between the quartiles over
        1.349 (a normal distribution's standard deviation), or the standard deviation
        where the quartiles coincide; of words, the square root of the summed variances of
        their indicators. So every attribute weighs about the same; our choice.
    logarithm : bool
        Whether log(1 + x) is taken first.
    words : tuple of str
        For words: one coordinate each, 1/spread for the word that holds.
    others : bool
        Whether all further words share one coordinate behind them: words of fewer than 5
        customers are not named, as they might name somebody.
    """

    name: str = field(validator=check_name)
    middle: float = field(converter=_middle)
    spread: float = field(converter=_spread)
    logarithm: bool = field(default=False, validator=_is_bool)
    words: tuple[str, ...] = field(default=(), converter=_words)
    others: bool = field(default=False, validator=_is_bool)

    @property
    def is_of_words(self) -> bool:
        """Whether the attribute holds words."""
        return bool(self.words) or self.others

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the coordinates."""
        words = (*self.words, *(("any other",) if self.others else ()))
        return tuple(f"{self.name} {word}" for word in words) or (self.name,)

    def points(self, table: AttributeTable) -> Floats:
        """Give the coordinates, shape (n, n_coordinates); nan where unknown.

        Raises
        ------
        MissingColumnError
            If the attribute is not there.
        InvalidInputError
            If it holds words where it held numbers, or a number below 0 whose logarithm
            is asked for.
        """
        column = table.column(self.name)
        if not self.is_of_words:
            numbers = _numbers(numbers_of(column, self.name), self)
            return ((numbers - self.middle) / self.spread)[:, None]
        said = words_of(column, self.name)
        place = {word: at for at, word in enumerate(self.words)}
        new = len(self.words) if self.others else -1  # a word not seen before
        own = np.array([place.get(word, new) for word in said.words] + [-1])
        codes = own[said.codes]
        found = (codes[:, None] == np.arange(len(self.columns))) / self.spread
        found[codes < 0] = np.nan
        return np.asarray(found)

    def back(self, points: Floats) -> Floats:
        """Turn coordinates into units of the data; words into shares of customers."""
        values = points * self.spread + self.middle
        return np.expm1(values) if self.logarithm else values


def _numbers(values: Floats, axis: GroupAxis) -> Floats:
    if not axis.logarithm:
        return values
    low = np.flatnonzero(values < 0)
    if low.size:
        raise InvalidInputError(
            f"{axis.name} must be at least 0 where its logarithm is taken; {low.size:,} of "
            f"{values.size:,} are not, first at position {low[0]}",
            code="out_of_range",
            column=axis.name,
            positions=low[:5],
        )
    return np.log1p(values)


def axes_of(table: AttributeTable, logarithms: Sequence[str]) -> tuple[GroupAxis, ...]:
    """Learn the coordinates of a table, from those of whom all is known.

    Attributes that are the same for everybody are left out: they tell nobody apart.

    Raises
    ------
    InvalidInputError
        If none is left.
    """
    found = []
    for name, column in table.columns.items():
        if isinstance(column, Labels):
            axis = _of_words(name, column)
        else:
            axis = GroupAxis(
                name=name, middle=0.0, spread=1.0, logarithm=name in logarithms
            )
            axis = _scaled(axis, _numbers(column, axis))
        if axis.spread > 0:
            found.append(axis)
    if not found:
        raise InvalidInputError(
            "an attribute must differ between customers of whom all are known; none does",
            code="all_alike",
        )
    return tuple(found)


def _of_words(name: str, column: Labels) -> GroupAxis:
    counts = np.bincount(column.codes, minlength=len(column.words))
    is_own = counts >= _FEW
    shares = np.append(counts[is_own], counts[~is_own].sum()) / max(counts.sum(), 1)
    return GroupAxis(
        name=name,
        middle=0.0,
        spread=float(np.sqrt((shares * (1 - shares)).sum())),
        words=tuple(sorted(np.array(column.words, dtype=object)[is_own].tolist())),
        others=bool(counts[~is_own].any()),
    )


def _scaled(axis: GroupAxis, values: Floats) -> GroupAxis:
    if not values.size:
        return GroupAxis(name=axis.name, middle=0.0, spread=0.0)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    spread = (high - low) / _QUARTILES
    if not spread:  # most are alike
        spread = float(values.std()) if values.min() < values.max() else 0.0
    return GroupAxis(
        name=axis.name, middle=middle, spread=spread, logarithm=axis.logarithm
    )


def points_of(axes: Sequence[GroupAxis], table: AttributeTable) -> Floats:
    """Give all coordinates, shape (n, n_coordinates); nan where one is unknown."""
    return np.hstack([axis.points(table) for axis in axes])


def labels_of(n_groups: int) -> tuple[str, ...]:
    """Name the groups, the largest first."""
    return tuple(f"group {at}" for at in range(1, n_groups + 1))


def distances_to(points: Floats, centres: Floats) -> Floats:
    """Give the distance of each point to each centre, shape (n, n_groups)."""
    found = np.empty((points.shape[0], len(centres)))
    for at, centre in enumerate(centres):
        found[:, at] = np.sqrt(((points - centre) ** 2).sum(axis=1))
    return found


def nearest(points: Floats, centres: Floats) -> NDArray[np.int8]:
    """Give the place of the nearest centre; -1 where a coordinate is unknown.

    Of centres equally near, the first.
    """
    far = distances_to(points, centres)
    unknown = np.isnan(points).any(axis=1)
    return np.where(unknown, -1, far.argmin(axis=1)).astype(np.int8)


@frozen(kw_only=True)
class GroupAdvice:
    """How near everybody is to the own centre, and to the next.

    Attributes
    ----------
    distances : ndarray of float, shape (n_customers, n_groups)
        To every centre, in spreads of the attributes; nan where one is unknown.
    codes : ndarray of int, shape (n_customers,)
        The group of everybody; no less than the number of groups is in none.
    """

    distances: Floats = array_field()
    codes: NDArray[np.int8] = array_field()

    def membership(self, at: int) -> tuple[float, int | None, float]:
        """Give the distance to the own centre, the next group and its distance.

        nan and None for whoever is in no group, or where there is no other.
        """
        far, own = self.distances[at], int(self.codes[at])
        if own >= far.size:
            return math.nan, None, math.nan
        others = [one for one in range(far.size) if one != own]
        if not others:
            return float(far[own]), None, math.nan
        other = min(others, key=lambda one: far[one])
        return float(far[own]), other, float(far[other])

    def reasons(self, at: int) -> tuple[Reason, ...]:
        """Give the distances, in words."""
        own, other, far = self.membership(at)
        if math.isnan(own):
            return ()
        text = f"{own:.2f} from its centre"
        found = [Reason("distance", own, None, None, None, "score", text)]
        if other is not None:
            name = labels_of(other + 1)[-1]
            text = f"{far:.2f} from that of {name}"
            found.append(Reason("next_distance", far, None, None, None, "score", text))
        return tuple(found)

    def changes(self, at: int) -> tuple[Change, ...]:  # noqa: ARG002 - as Advice asks
        """Give none: many attributes together make a group."""
        return ()

    def renamed(
        self,
        order: NDArray[np.intp],
        new_ids: NDArray[Any],  # noqa: ARG002 - as Advice asks
    ) -> GroupAdvice:
        """Give the advice in another order."""
        return GroupAdvice(distances=self.distances[order], codes=self.codes[order])


def _axes(values: Any) -> tuple[GroupAxis, ...]:
    if not isinstance(values, (list, tuple)):
        raise InvalidInputError("axes must be a list of GroupAxis", code="bad_option")
    return tuple(an_instance("an axis", one, GroupAxis) for one in values)


def _centres(values: Any) -> tuple[tuple[float, ...], ...]:
    rows = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(rows, (list, tuple)) or not all(
        isinstance(row, (list, tuple)) for row in rows
    ):
        raise InvalidInputError(
            "centres must be lists of numbers, one a group", code="bad_option"
        )
    return tuple(
        tuple(number("a coordinate", one, -math.inf) for one in row) for row in rows
    )


@frozen(kw_only=True)
class GroupRule:
    """Centres of groups; whoever comes later belongs to the nearest.

    Attributes
    ----------
    axes : tuple of GroupAxis
        The attributes, and how they are scaled.
    centres : tuple of tuple of float
        One row a group, in coordinates.
    """

    axes: tuple[GroupAxis, ...] = field(converter=_axes)
    centres: tuple[tuple[float, ...], ...] = field(converter=_centres)

    def __attrs_post_init__(self) -> None:
        n = sum(len(axis.columns) for axis in self.axes)
        names = {axis.name for axis in self.axes}
        if len(names) < len(self.axes) or not all(axis.spread for axis in self.axes):
            raise InvalidInputError(
                "axes must be of different attributes, with a spread above 0",
                code="bad_option",
            )
        if not n or not self.centres or any(len(one) != n for one in self.centres):
            raise InvalidInputError(
                f"there must be centres, each with a number for all {n} coordinates of "
                "the axes",
                code="bad_option",
            )
        if len(self.centres) > MOST_GROUPS:
            raise InvalidInputError(
                f"there must be at most {MOST_GROUPS} groups", code="bad_option"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The groups, the largest first where they were learnt; then `unknown`."""
        return (*labels_of(len(self.centres)), "unknown")

    def classify(
        self, table: AttributeTable, *, as_of: object = None
    ) -> Classification:
        """Give everybody the group of the nearest centre.

        Parameters
        ----------
        table : AttributeTable
            With the attributes of the rule, and any others.
        as_of : date, datetime or text, optional
            The day the attributes speak of, where the table does not say it.

        Returns
        -------
        Classification
            `unknown` where an attribute is unknown, or a word was never seen before.

        Raises
        ------
        MissingColumnError
            If an attribute is not there.
        InvalidInputError
            If it holds words where it held numbers, or the other way round.
        """
        an_instance("table", table, AttributeTable)
        points, centres = points_of(self.axes, table), np.array(self.centres)
        near = nearest(points, centres)
        codes = np.where(near < 0, len(centres), near).astype(np.int8)
        return Classification(
            customer_ids=table.customer_ids,
            codes=codes,
            labels=self.labels,
            as_of=table.day(as_of),
            advice=GroupAdvice(distances=distances_to(points, centres), codes=codes),
            kind=table.kind,
        )
