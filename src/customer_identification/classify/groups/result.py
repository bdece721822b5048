"""What groups of customers are like, and how clearly somebody belongs to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, position_of
from customer_identification.classify.base import Classification
from customer_identification.classify.groups.rule import (
    GroupAdvice,
    GroupAxis,
    GroupRule,
)
from customer_identification.classify.groups.stability import GroupStability
from customer_identification.frames import Labels, read_new_ids, to_frame


__all__ = ["CustomerGroups", "GroupMembership"]

Floats = NDArray[np.float64]

_DIGITS = 9  # what scaling there and back may leave lies below
_TOLD = 3  # attributes that say what sets a group apart; our choice


@frozen(kw_only=True)
class GroupMembership:
    """The group of one customer, and how clear that is.

    Attributes
    ----------
    label : str
        The group, `ungrouped` or `unknown`.
    distance : float
        To the centre of the group, in spreads of the attributes; nan without a group.
    next_label : str or None
        Of the other groups the one with the nearest centre.
    next_distance : float
        To that centre; nan without one.
    """

    label: str
    distance: float = field(repr=False, eq=repr)
    next_label: str | None
    next_distance: float = field(repr=False, eq=repr)

    def __str__(self) -> str:
        if np.isnan(self.distance):
            return f"{self.label}"
        text = f"{self.label}: {self.distance:.2f} from its centre"
        if self.next_label is None:
            return text
        return f"{text}, {self.next_distance:.2f} from that of {self.next_label}"


@frozen(kw_only=True, repr=False)
class CustomerGroups:
    """Groups of similar customers, the largest first.

    Attributes
    ----------
    classes : Classification
        The group of everybody; `unknown` where an attribute is.
    axes : tuple of GroupAxis
        The attributes that were used, and how they are scaled.
    centres : ndarray of float, shape (n_groups, n_coordinates)
        Means of the groups, in spreads from the median; see :meth:`describe`.
    middle : ndarray of float, shape (n_coordinates,)
        Mean of all who are in a group.
    distances : ndarray of float, shape (n_customers, n_groups)
        To every centre; nan where an attribute is unknown.
    rule : GroupRule or None
        Gives later customers the nearest group; None where another clusterer than
        k-means has found the groups.
    left_out : tuple of str
        Attributes that are known of nobody.
    stability : GroupStability or None
        How alike they come out again; None where that was not asked for.
    """

    classes: Classification
    axes: tuple[GroupAxis, ...]
    centres: Floats = array_field()
    middle: Floats = array_field()
    distances: Floats = array_field()
    rule: GroupRule | None
    left_out: tuple[str, ...] = ()
    stability: GroupStability | None

    def __len__(self) -> int:
        return len(self.classes)

    def __repr__(self) -> str:
        return f"CustomerGroups({len(self):,} customers, {len(self.centres)} groups)"

    def __iter__(self) -> Iterator[Any]:
        return iter(self.classes)

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self.classes

    @property
    def customer_ids(self) -> NDArray[Any]:
        """Sorted ids."""
        return self.classes.customer_ids

    def __getitem__(self, customer_id: int | str) -> GroupMembership:
        """Say which group a customer belongs to, and how clearly.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        own, other, far = self.advice.membership(at)
        return GroupMembership(
            label=self.classes.label_of(customer_id),
            distance=own,
            next_label=None if other is None else self.classes.labels[other],
            next_distance=far,
        )

    @property
    def advice(self) -> GroupAdvice:
        """How near everybody is to each centre."""
        return GroupAdvice(distances=self.distances, codes=self.classes.codes)

    def counts(self) -> dict[str, int]:
        """Give the number of customers of each group."""
        return self.classes.counts()

    def to_frame(self) -> Any:
        """Give ids, groups and the distance to the own centre as the host's frame."""
        n = len(self.centres)
        codes = self.classes.codes.astype(np.intp)
        own = np.minimum(codes, n - 1)
        far = self.distances[np.arange(len(self)), own]
        columns: dict[str, Any] = {
            "customer_id": self.customer_ids,
            "class": Labels(codes=self.classes.codes, words=self.classes.labels),
            "distance": np.where(codes < n, far, np.nan),
        }
        return to_frame(columns, self.classes.kind)

    def renamed(self, new_ids: object) -> CustomerGroups:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        return evolve(
            self,
            classes=self.classes.renamed(new_ids),
            distances=self.distances[np.argsort(new.codes)],
        )

    # what the groups are like

    def _rows(self) -> list[tuple[int, str, float, float, float]]:
        """List group, attribute, its centre, that of all, and how far apart they are."""
        found = []
        for group, centre in enumerate(self.centres):
            begin = 0
            for axis in self.axes:
                names = axis.columns
                part = slice(begin, begin + len(names))
                begin += len(names)
                own, every = axis.back(centre[part]), axis.back(self.middle[part])
                apart = centre[part] - self.middle[part]
                rows = zip(names, own, every, apart, strict=True)
                found += [(group, *map(_plain, row)) for row in rows]
        return found

    def describe(self) -> Any:
        """Give one row a group and attribute, as a pandas frame.

        Returns
        -------
        frame
            With the columns group, attribute, centre and all (in units of the data; a
            share of customers for a word; where logarithms were taken, back from their
            mean), and difference, in spreads: above 0 where the group has more than all.
        """
        rows = self._rows()
        group, attribute, own, every, apart = zip(*rows, strict=True)
        labels = self.classes.labels
        columns: dict[str, Any] = {
            "group": Labels(codes=np.array(group, np.int32), words=labels),
            "attribute": np.array(attribute, dtype=object),
            "centre": np.array(own),
            "all": np.array(every),
            "difference": np.array(apart),
        }
        return to_frame(columns, "pandas")

    def __str__(self) -> str:
        counts = self.counts()
        lines = [f"{len(self.centres)} groups of {len(self):,} customers"]
        if self.stability is not None:
            lines[0] += f"; {self.stability}"
        for group in range(len(self.centres)):
            label = self.classes.labels[group]
            rows = [row for row in self._rows() if row[0] == group]
            rows.sort(key=lambda row: -abs(row[4]))
            told = ", ".join(
                f"{name} {_short(own)} (all {_short(every)})"
                for _, name, own, every, _ in rows[:_TOLD]
            )
            lines.append(f"- {label} ({counts[label]:,}): {told}")
        lines += [
            f"- {name} ({counts[name]:,})" for name in self.classes.labels[group + 1 :]
        ]
        if self.left_out:
            lines.append(f"- known of nobody: {', '.join(self.left_out)}")
        return "\n".join(lines)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else round(float(value), _DIGITS)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
