"""What is wrong with a table of segments, told before it is used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.classify.segment.rfm import RFM
from customer_identification.classify.segment.table import (
    Limits,
    Segment,
    bad_option,
    is_limit,
    is_words,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, to_frame
from customer_identification.options import whole


__all__ = ["Domain", "FaultKind", "SegmentFault", "SegmentReport", "check_segments"]

_MOST_SEGMENTS = 100  # so that their places fit in int8; our choice
_MOST_CELLS = 1 << 21  # of the grid that is looked through; our choice

FaultKind = Literal["unreachable", "shadowed", "overlapping", "gap"]
_KINDS: tuple[FaultKind, ...] = ("unreachable", "shadowed", "overlapping", "gap")
Domain = range | Sequence[float | str | None]
Cells = NDArray[np.bool_]


# --- what is found ----------------------------------------------------------------------


@frozen(kw_only=True)
class SegmentFault:
    """One thing that is odd about a table of segments.

    Attributes
    ----------
    kind : {"unreachable", "shadowed", "overlapping", "gap"}
        Takes nobody; loses some of its cells to lines above; shares cells with another;
        or cells that no segment takes.
    segment : int or None
        Its place in the table, from 0; None for a gap.
    others : tuple of int
        Places of those that take its cells, or share them.
    cells : int
        How many cells it is about.
    example : mapping of str to str
        One of them; empty where there is none.
    text : str
        The fault in words.
    is_rest : bool
        Whether it is the last segment, without conditions.
    """

    kind: FaultKind
    segment: int | None
    others: tuple[int, ...]
    cells: int
    example: Mapping[str, str] = field(hash=False)
    text: str = field(repr=False)
    is_rest: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@frozen(kw_only=True, repr=False)
class SegmentReport:
    """What a table of segments takes, cell by cell, and what is odd about it.

    Attributes
    ----------
    names : tuple of str
        Of the segments, from the top.
    axes : mapping of str to tuple of str
        By measure the pieces into which the limits cut it: scores, words, or numbers at
        and between the limits.
    taken_by : ndarray of int16, one axis a measure
        Place of the segment that takes each cell; -1 for none.
    faults : tuple of SegmentFault
        Unreachable segments first, then shadowed ones, overlaps and the gap.
    """

    names: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]] = field(hash=False)
    taken_by: NDArray[np.int16] = array_field()
    faults: tuple[SegmentFault, ...]

    def __repr__(self) -> str:
        return f"SegmentReport({len(self.names)} segments, {len(self.faults)} faults)"

    def __str__(self) -> str:
        head = f"{len(self.names)} segments on {self.taken_by.size:,} cells"
        return "\n".join([head, *(f"- {one}" for one in self.faults)])

    def __len__(self) -> int:
        return len(self.faults)

    @property
    def is_usable(self) -> bool:
        """Whether every cell is taken, and every segment takes one.

        A last segment without conditions, to catch the rest, need not take any.
        """
        return not self._wrong

    @property
    def _wrong(self) -> list[SegmentFault]:
        lost = [one for one in self.of("unreachable") if not one.is_rest]
        return [*lost, *self.of("gap")]

    def of(self, kind: FaultKind) -> tuple[SegmentFault, ...]:
        """Give the faults of one kind."""
        if kind not in _KINDS:
            raise bad_option(f"kind must be one of {', '.join(_KINDS)}")
        return tuple(one for one in self.faults if one.kind == kind)

    def cells(self, segment: int | None) -> tuple[dict[str, str], ...]:
        """Give the cells that a segment takes, by its place; None for the gap."""
        at = (
            -1 if segment is None else whole("segment", segment, 0, len(self.names) - 1)
        )
        places = np.argwhere(self.taken_by == at)
        return tuple(_cell(self.axes, tuple(place)) for place in places.tolist())

    def check(self) -> None:
        """Refuse a table that cannot be used.

        Raises
        ------
        InvalidInputError
            If a segment is unreachable, or a cell is taken by none. Overlaps are
            allowed: the first that matches wins.
        """
        if told := self._wrong:
            raise InvalidInputError(
                "every segment must take somebody and everybody must have one, by a "
                f"last segment without conditions if need be; {told[0].text}"
                + (f" (and {len(told) - 1} more)" if len(told) > 1 else ""),
                code="bad_segments",
            )

    def to_frame(self) -> Any:
        """Give one row a fault: kind, segment, others, cells, example and text."""
        names = [
            "" if one.segment is None else self.names[one.segment]
            for one in self.faults
        ]
        others = [", ".join(self.names[at] for at in one.others) for one in self.faults]
        columns: dict[str, Any] = {
            "kind": Labels(
                codes=np.array([_KINDS.index(one.kind) for one in self.faults], int),
                words=_KINDS,
            ),
            "segment": np.array(names, dtype=object),
            "others": np.array(others, dtype=object),
            "cells": np.array([one.cells for one in self.faults], dtype=np.int64),
            "text": np.array([one.text for one in self.faults], dtype=object),
        }
        return to_frame(columns, "pandas")


def _cell(axes: Mapping[str, tuple[str, ...]], place: Sequence[int]) -> dict[str, str]:
    return {
        name: pieces[at] for (name, pieces), at in zip(axes.items(), place, strict=True)
    }


# --- looking through the grid --------------------------------------------------------


def check_segments(
    segments: Sequence[Segment],
    n_bins: int = 5,
    *,
    domains: Mapping[str, Domain] | None = None,
) -> SegmentReport:
    """Look through every cell for what a table of segments takes and leaves.

    Parameters
    ----------
    segments : sequence of Segment
        From the top; the first that matches wins.
    n_bins : int
        How many scores there are of recency, frequency and monetary value.
    domains : mapping of str to range, (lowest, highest) or words, optional
        What other measures can be: whole numbers by a range, any numbers between two
        (None for no limit), or words.

    Returns
    -------
    SegmentReport
        Exact: limits cut every measure into pieces on which no segment changes, and every
        combination of pieces is looked at. A last segment without conditions is meant to
        overlap all others, so that is no fault.

    Raises
    ------
    InvalidInputError
        If there are no segments or more than 100, one asks for a measure that is not
        there, or for words of a number or numbers of a word, or there are too many cells.

    Examples
    --------
    >>> report = check_segments(
    ...     [
    ...         Segment(name="good", when={"monetary": (3, 5)}),
    ...         Segment(name="best", when={"monetary": (5, 5), "recency": (5, 5)}),
    ...         Segment(name="poor", when={"monetary": (1, 1)}),
    ...     ]
    ... )
    >>> print(report)
    3 segments on 125 cells
    - unreachable: segment 2 (best) takes nobody: those above (good) take its 5 cells, such as recency 5, frequency 1, monetary 5
    - overlapping: segments 1 (good) and 2 (best) share 5 cells, such as recency 5, frequency 1, monetary 5
    - gap: no segment takes 25 of 125 cells, such as recency 1, frequency 1, monetary 2
    """
    if domains is None:
        domains = dict.fromkeys(RFM, range(1, whole("n_bins", n_bins, 2, 9) + 1))
    _check_table(segments, domains)
    axes = [_axis(name, one, segments) for name, one in domains.items()]
    shape = tuple(len(axis.pieces) for axis in axes)
    if math.prod(shape) > _MOST_CELLS:
        raise InvalidInputError(
            f"the limits must cut the measures into {_MOST_CELLS:,} cells at most; these "
            f"make {math.prod(shape):,}",
            code="too_many_cells",
        )
    boxes = [_box(one, axes, shape) for one in segments]
    taken_by = np.full(shape, -1, dtype=np.int16)
    for at in reversed(range(len(boxes))):
        taken_by[boxes[at]] = at
    names = {axis.name: axis.pieces for axis in axes}
    return SegmentReport(
        names=tuple(one.name for one in segments),
        axes=names,
        taken_by=taken_by,
        faults=_Search(segments, boxes, taken_by, names).faults(),
    )


def _check_table(segments: Sequence[Segment], domains: Mapping[str, Domain]) -> None:
    if not 1 <= len(segments) <= _MOST_SEGMENTS:
        raise InvalidInputError(
            f"a table must have from 1 to {_MOST_SEGMENTS} segments; this one has "
            f"{len(segments)}",
            code="bad_table",
        )
    for at, one in enumerate(segments, start=1):
        if not isinstance(one, Segment):
            raise InvalidInputError(
                f"every segment must be a Segment; number {at} is not", code="bad_table"
            )
        for name, limits in one.when.items():
            if name not in domains:
                raise InvalidInputError(
                    f"a segment must ask for {', '.join(domains)}; number {at} asks for "
                    f"{name}",
                    code="unknown_measure",
                )
            if is_words(limits) != _of_words(domains[name]):
                raise InvalidInputError(
                    f"a segment must ask for words of words and numbers of numbers; "
                    f"number {at} does not of {name}",
                    code="wrong_type",
                )


def _of_words(domain: Domain) -> bool:
    return not isinstance(domain, range) and any(isinstance(x, str) for x in domain)


@frozen
class _Axis:
    """One measure, cut into pieces on which no segment changes."""

    name: str
    pieces: tuple[str, ...]
    samples: tuple[Any, ...]  # a value in each piece

    def within(self, limits: Limits) -> Cells:
        if is_words(limits):
            return np.array([one in limits for one in self.samples])
        low = -math.inf if limits[0] is None else limits[0]
        high = math.inf if limits[1] is None else limits[1]
        return np.array([low <= one <= high for one in self.samples])


def _axis(name: str, domain: Domain, segments: Sequence[Segment]) -> _Axis:
    if isinstance(domain, range) or _of_words(domain):
        if not 1 <= len(domain) <= _MOST_CELLS:
            raise bad_option(f"{name} must have from 1 to {_MOST_CELLS:,} values")
        values = tuple(domain)
        return _Axis(name, tuple(str(one) for one in values), values)
    low, high = _ends(name, domain)
    bottom = -math.inf if low is None else float(low)
    top = math.inf if high is None else float(high)
    asked = {end for one in segments for end in one.when.get(name, ())}
    ends = {float(end) for end in (*asked, low, high) if end is not None}
    return _Axis(
        name, *_cut(sorted(e for e in ends if bottom <= e <= top), bottom, top)
    )


def _ends(name: str, domain: Domain) -> Sequence[float | None]:
    if len(domain) != 2 or not all(is_limit(one) for one in domain):
        raise bad_option(
            f"what {name} can be must be a range, (lowest, highest), or words"
        )
    return domain  # type: ignore[return-value]


def _cut(
    ends: Sequence[float], bottom: float, top: float
) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Cut numbers at some ends: each end, and what lies between, below and above."""
    if not ends:
        return ("any",), (0.0,)
    found: list[tuple[str, float]] = []
    if bottom < ends[0]:
        found.append((f"below {ends[0]:g}", math.nextafter(ends[0], -math.inf)))
    for at, end in enumerate(ends):
        found.append((f"{end:g}", end))
        if at + 1 < len(ends) and math.nextafter(end, math.inf) < ends[at + 1]:
            between = f"between {end:g} and {ends[at + 1]:g}"
            found.append((between, math.nextafter(end, math.inf)))
    if ends[-1] < top:
        found.append((f"above {ends[-1]:g}", math.nextafter(ends[-1], math.inf)))
    return tuple(text for text, _ in found), tuple(one for _, one in found)


def _box(segment: Segment, axes: Sequence[_Axis], shape: tuple[int, ...]) -> Cells:
    """Tell which cells a segment asks for."""
    box = np.ones(shape, dtype=np.bool_)
    for at, axis in enumerate(axes):
        if axis.name in segment.when:
            within = axis.within(segment.when[axis.name])
            box &= within.reshape([-1 if i == at else 1 for i in range(len(axes))])
    return box


def _count(n: int) -> str:
    return f"{n:,} {'cell' if n == 1 else 'cells'}"


@frozen
class _Search:
    """The boxes of a table, held against one another."""

    segments: Sequence[Segment]
    boxes: Sequence[Cells]
    taken_by: NDArray[np.int16]
    axes: Mapping[str, tuple[str, ...]]

    def faults(self) -> tuple[SegmentFault, ...]:
        last = len(self.segments) - 1
        meant = last if not self.segments[-1].when else None  # to overlap all others
        found = [self._reach(at, at == meant) for at in range(last + 1)]
        found += [
            self._overlap(above, below)
            for below in range(last + 1)
            for above in range(below)
            if below != meant
        ]
        found.append(self._gap())
        faults = [one for one in found if one is not None]
        return tuple(sorted(faults, key=lambda one: _KINDS.index(one.kind)))

    def _reach(self, at: int, is_rest: bool) -> SegmentFault | None:  # noqa: FBT001
        box = self.boxes[at]
        lost = box & (self.taken_by != at)
        n, n_lost = int(np.count_nonzero(box)), int(np.count_nonzero(lost))
        others = tuple(np.unique(self.taken_by[lost]).tolist())
        names = ", ".join(dict.fromkeys(self.segments[one].name for one in others))
        head = f"segment {at + 1} ({self.segments[at].name})"
        if not n:
            text = f"{head} takes nobody: it asks for what cannot be"
        elif n == n_lost:
            text = f"{head} takes nobody: those above ({names}) take its {_count(n)}"
        elif n_lost and not is_rest:
            text = (
                f"{head} loses {n_lost:,} of its {_count(n)} to those above ({names})"
            )
        else:
            return None
        kind: FaultKind = "unreachable" if n == n_lost else "shadowed"
        return self._fault(kind, at, others, lost, text)

    def _overlap(self, above: int, below: int) -> SegmentFault | None:
        both = self.boxes[above] & self.boxes[below]
        if not both.any():
            return None
        first, second = (
            f"{at + 1} ({self.segments[at].name})" for at in (above, below)
        )
        text = f"segments {first} and {second} share {_count(both.sum())}"
        return self._fault("overlapping", below, (above,), both, text)

    def _gap(self) -> SegmentFault | None:
        left = self.taken_by < 0
        if not left.any():
            return None
        text = f"no segment takes {left.sum():,} of {left.size:,} cells"
        return self._fault("gap", None, (), left, text)

    def _fault(
        self,
        kind: FaultKind,
        at: int | None,
        others: tuple[int, ...],
        cells: Cells,
        text: str,
    ) -> SegmentFault:
        places = np.flatnonzero(cells)
        example: dict[str, str] = {}
        if places.size:
            place = np.unravel_index(places[0], cells.shape)
            example = _cell(self.axes, [int(one) for one in place])
            cell = ", ".join(f"{name} {piece}" for name, piece in example.items())
            text = f"{text}, such as {cell}"
        return SegmentFault(
            kind=kind,
            segment=at,
            others=others,
            cells=int(places.size),
            example=example,
            text=text,
            is_rest=at == len(self.segments) - 1 and not self.segments[at].when,
        )
