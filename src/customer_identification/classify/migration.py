"""Two dates compared: who moved from which class to which, who came and who left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, check_same_kind, same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.summary import Summary


__all__ = ["ABSENT", "Migration", "migrate", "stars_of_tomorrow"]

ABSENT = "absent"


@frozen(kw_only=True)
class Migration:
    """The moves between classes from one date to another.

    Attributes
    ----------
    labels : tuple of str
        The classes of both dates, then ``"absent"``: not a customer (yet, any more).
    since, until : date
        The two dates.
    customer_ids : ndarray, shape (n_customers,)
        Everybody of either date, sorted.
    before, after : ndarray of int8, shape (n_customers,)
        Positions in `labels`.
    value_before, value_after : ndarray of int or None, shape (n_customers,)
        What each was worth; 0 where absent. [minor units]
    minor_units : int
        Decimals of the money.
    """

    labels: tuple[str, ...]
    since: date
    until: date
    customer_ids: NDArray[Any] = array_field()
    before: NDArray[np.int8] = array_field()
    after: NDArray[np.int8] = array_field()
    value_before: NDArray[np.int64] | None = array_field()
    value_after: NDArray[np.int64] | None = array_field()
    minor_units: int = 2
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        moved = int(np.count_nonzero(self.before != self.after))
        return (
            f"Migration({moved:,} of {self.customer_ids.size:,} customers moved, "
            f"{self.since} to {self.until})"
        )

    @property
    def matrix(self) -> NDArray[np.int64]:
        """Customers by class before (rows) and after (columns), both as in `labels`."""
        return self._table(None)

    @property
    def value_matrix(self) -> NDArray[np.int64]:
        """Value at stake by class before and after: what each mover was worth before.

        Who was absent before counts with the value after. [minor units]

        Raises
        ------
        InvalidInputError
            If values are not known.
        """
        return self._table(self._stake())

    def _stake(self) -> NDArray[np.int64]:
        if self.value_before is None or self.value_after is None:
            raise InvalidInputError(
                "values must be known on both dates", code="no_value"
            )
        absent = self.before == len(self.labels) - 1
        return np.where(absent, self.value_after, self.value_before)

    def _table(self, amounts: NDArray[np.int64] | None) -> NDArray[np.int64]:
        n = len(self.labels)
        table = np.zeros(n * n, dtype=np.int64)
        cells = self.before.astype(np.intp) * n + self.after
        np.add.at(table, cells, 1 if amounts is None else amounts)
        return table.reshape(n, n)

    def counts(self) -> dict[str, tuple[int, int, int]]:
        """Give customers before, customers after and the change, by class."""
        matrix = self.matrix
        return {
            label: (int(old), int(new), int(new - old))
            for label, old, new in zip(
                self.labels[:-1], matrix.sum(axis=1), matrix.sum(axis=0), strict=False
            )
        }

    def movers(self, before: str, after: str) -> NDArray[Any]:
        """Give the ids of those who went from one class to another.

        Raises
        ------
        InvalidInputError
            If there is no such class.
        """
        for label in (before, after):
            if label not in self.labels:
                raise InvalidInputError(
                    f"a class must be one of {', '.join(self.labels)}",
                    code="unknown_class",
                )
        return self._ids(
            (self.before == self.labels.index(before))
            & (self.after == self.labels.index(after))
        )

    def _ids(self, rows: NDArray[np.bool_]) -> NDArray[Any]:
        ids: NDArray[Any] = self.customer_ids[rows]
        return ids

    @property
    def entered(self) -> NDArray[Any]:
        """Ids of those who were absent before."""
        return self._ids(self.before == len(self.labels) - 1)

    @property
    def left(self) -> NDArray[Any]:
        """Ids of those who are absent now."""
        return self._ids(self.after == len(self.labels) - 1)

    def to_frame(self) -> Any:
        """Give one row a move that somebody made: from, to, customers, value at stake."""
        matrix = self.matrix
        rows, columns = np.nonzero(matrix)
        names = np.array(self.labels, dtype=object)
        frame = {
            "from": names[rows],
            "to": names[columns],
            "customers": matrix[rows, columns],
        }
        if self.value_before is not None and self.value_after is not None:
            stake = self.value_matrix[rows, columns]
            frame["value_at_stake"] = stake / 10**self.minor_units
        return to_frame(frame, self.kind)


def migrate(
    before: Classification,
    after: Classification,
    *,
    summaries: tuple[Summary, Summary] | None = None,
) -> Migration:
    """Compare two classifications of the same kind.

    Parameters
    ----------
    before, after : Classification
        In order of time.
    summaries : (Summary, Summary), optional
        Those they were made from, for the value at stake.

    Raises
    ------
    InvalidInputError
        If `before` is later, ids are of different kinds, or a summary does not belong
        to its classification.

    Examples
    --------
    >>> from customer_identification import (
    ...     ABCClassifier,
    ...     Transaction,
    ...     migrate,
    ...     summarize,
    ... )
    >>> def month(last, **amounts):
    ...     return summarize(
    ...         [
    ...             Transaction(customer_id=one, date=date(2011, 7, 1), amount=amount)
    ...             for one, amount in amounts.items()
    ...         ],
    ...         as_of=last,
    ...     )
    >>> july, august = (
    ...     month("2011-07-31", c1=900, c2=90),
    ...     month("2011-08-31", c2=600, c3=9),
    ... )
    >>> rule = ABCClassifier(thresholds=(500, 50)).fit(july)
    >>> moves = migrate(rule.classify(july), rule.classify(august))
    >>> moves.counts()["A"], moves.movers("B", "A"), moves.left
    ((1, 1, 0), array(['c2'], dtype=object), array(['c1'], dtype=object))
    """
    if before.as_of > after.as_of:
        raise InvalidInputError("before must not be later than after", code="bad_dates")
    sides = (before.customer_ids, after.customer_ids)
    check_same_kind(*sides)
    if ABSENT in (*before.labels, *after.labels):
        raise InvalidInputError(
            f"no class may be called {ABSENT!r}", code="unknown_class"
        )
    labels = (*dict.fromkeys((*after.labels, *before.labels)), ABSENT)
    ids = np.unique(np.concatenate([one for one in sides if one.size] or [sides[1]]))
    old_summary, new_summary = summaries or (None, None)
    if summaries and summaries[0].minor_units != summaries[1].minor_units:
        raise InvalidInputError(
            "both summaries must have the same minor_units", code="minor_units"
        )
    return Migration(
        labels=labels,
        since=before.as_of,
        until=after.as_of,
        customer_ids=ids,
        before=_codes(before, ids, labels),
        after=_codes(after, ids, labels),
        value_before=_values(old_summary, before, ids),
        value_after=_values(new_summary, after, ids),
        minor_units=2 if new_summary is None else new_summary.minor_units,
        kind=after.kind,
    )


def _codes(
    classes: Classification, ids: NDArray[Any], labels: tuple[str, ...]
) -> NDArray[np.int8]:
    codes = np.full(ids.size, len(labels) - 1, dtype=np.int8)
    code_of = np.array([labels.index(label) for label in classes.labels], dtype=np.int8)
    codes[np.searchsorted(ids, classes.customer_ids)] = code_of[classes.codes]
    return codes


def _values(
    summary: Summary | None, classes: Classification, ids: NDArray[Any]
) -> NDArray[np.int64] | None:
    if summary is None or summary.value is None:
        return None
    if not same_array(summary.customer_ids, classes.customer_ids):
        raise InvalidInputError(
            "a summary must hold the customers of its classification",
            code="other_customers",
        )
    values = np.zeros(ids.size, dtype=np.int64)
    values[np.searchsorted(ids, summary.customer_ids)] = summary.value
    return values


def stars_of_tomorrow(
    values: Classification,
    trajectories: Classification,
    *,
    classes: Sequence[str] = ("B", "C"),
    upwards: Sequence[str] = ("win_share", "rising"),
) -> NDArray[Any]:
    """Give the ids of smaller customers who are on their way up, fastest first.

    Parameters
    ----------
    values, trajectories : Classification
        Of the same customers.
    classes, upwards : sequence of str
        Which classes of each count.

    Raises
    ------
    InvalidInputError
        If the two speak of different customers, or a class is not there.
    """
    if not same_array(values.customer_ids, trajectories.customer_ids):
        raise InvalidInputError(
            "both classifications must be of the same customers", code="other_customers"
        )
    stars = np.flatnonzero(values.where(*classes) & trajectories.where(*upwards))
    if "slope" in trajectories.measures:
        speed = trajectories.measures["slope"].values[stars]
        stars = stars[np.argsort(-speed, kind="stable")]
    return values.customer_ids[stars]
