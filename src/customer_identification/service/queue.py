"""The queue of open complaints: places, waiting times, and why each stands there."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ById, array_field
from customer_identification.errors import UnknownCustomerError
from customer_identification.frames import Labels, to_frame


__all__ = ["UNCLASSIFIED", "ComplaintQueue", "ComplaintReport", "QueuedComplaint"]

UNCLASSIFIED = "unclassified"  # the class of those whom no classification knows


@frozen(kw_only=True)
class ComplaintReport:
    """What became of every complaint.

    Attributes
    ----------
    read : int
        Complaints given.
    waiting : int
        Those in the queue.
    resolved, later : int
        Those settled by `as_of`, and those received after it.
    unclassified : int
        Those in the queue whose customers have no class.
    set_aside : tuple of (str, int)
        Reason, and complaints that cannot be used for it.
    """

    read: int
    waiting: int
    resolved: int = 0
    later: int = 0
    unclassified: int = 0
    set_aside: tuple[tuple[str, int], ...] = ()

    @property
    def conservation(self) -> str:
        """All complaints accounted for, in one sentence."""
        parts = [f"{self.waiting:,} waiting"]
        if self.unclassified:
            parts[0] += f" ({self.unclassified:,} of customers without a class)"
        named = {"resolved": self.resolved, "received later": self.later}
        parts += [f"{n:,} {name}" for name, n in named.items() if n]
        parts += [f"{n:,} set aside: {why}" for why, n in self.set_aside]
        return f"{self.read:,} complaints: {', '.join(parts)}"

    def __str__(self) -> str:
        return self.conservation


@frozen(kw_only=True)
class QueuedComplaint:
    """One complaint in the queue, and why it stands there; str() is the sentence.

    Attributes
    ----------
    place : int
        From 1.
    complaint_id, customer_id
        Hidden from `repr`.
    label : str
        Class of the customer; ``"unclassified"`` without one.
    received : date
        The day it came in.
    waiting_days : int
        From then to the day of the queue. [days]
    due : date or None
        Last day to settle it within the target of its class.
    ahead_by_class : int
        Complaints that come first for a better class, however short they wait.
    """

    place: int
    complaint_id: int | str = field(repr=False)
    customer_id: int | str = field(repr=False)
    label: str
    received: date
    waiting_days: int
    due: date | None
    is_overdue: bool
    ahead_by_class: int

    @property
    def reason(self) -> str:
        """Why the complaint stands where it does."""
        in_class = self.place - self.ahead_by_class
        text = (
            f"class {self.label}, number {in_class:,} by waiting time "
            f"({self.waiting_days:,} days)"
        )
        if self.ahead_by_class:
            text += f", after {self.ahead_by_class:,} of better classes"
        if self.due is not None:
            text += f"; {'was' if self.is_overdue else 'is'} due on {self.due}"
        return text

    def __str__(self) -> str:
        return f"place {self.place:,}: {self.reason}"


@frozen(kw_only=True)
class ComplaintQueue(ById):
    """Open complaints in the order to settle them; made by :func:`order_complaints`.

    Attributes
    ----------
    complaint_ids, customer_ids : ndarray, shape (n_complaints,)
        First come first.
    codes : ndarray of int8, shape (n_complaints,)
        Positions of the customers' classes in `labels`.
    labels : tuple of str
        The classes, best first; then ``"unclassified"``.
    received : ndarray of datetime64[D], shape (n_complaints,)
        The day each came in.
    due : ndarray of datetime64[D], shape (n_complaints,), or None
        Last day within the target of the class; NaT where it has none.
    as_of : date
        The day it speaks of.
    report : ComplaintReport
        What became of every complaint.
    """

    complaint_ids: NDArray[Any] = array_field()
    customer_ids: NDArray[Any] = array_field()
    codes: NDArray[np.int8] = array_field()
    labels: tuple[str, ...]
    received: NDArray[np.datetime64] = array_field()
    due: NDArray[np.datetime64] | None = array_field(default=None)
    as_of: date
    report: ComplaintReport
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.complaint_ids.size)

    @property
    def ids(self) -> NDArray[Any]:
        """Those of the complaints, first come first."""
        return self.complaint_ids

    def __repr__(self) -> str:
        return f"ComplaintQueue({len(self):,} complaints, as of {self.as_of})"

    def __str__(self) -> str:
        return self.report.conservation

    @property
    def waiting_days(self) -> NDArray[np.int64]:
        """Days from when each came in to the day of the queue."""
        return (np.datetime64(self.as_of, "D") - self.received).astype(np.int64)

    @property
    def overdue(self) -> NDArray[np.bool_]:
        """Which ones are past their due day; none without a target."""
        if self.due is None:
            return np.zeros(len(self), dtype=np.bool_)
        return self.due < np.datetime64(self.as_of, "D")  # never where NaT

    def counts(self) -> dict[str, int]:
        """Give the number of complaints of each class."""
        counted = np.bincount(self.codes, minlength=len(self.labels))
        return dict(zip(self.labels, counted.tolist(), strict=True))

    def __getitem__(self, complaint_id: int | str) -> QueuedComplaint:
        """Say where a complaint stands, and why.

        Raises
        ------
        UnknownCustomerError
            If no open complaint has that id.
        """
        at = np.empty(0, np.intp)
        if complaint_id in self:
            at = np.flatnonzero(self.complaint_ids == complaint_id)
        if not at.size:
            raise UnknownCustomerError(
                f"no complaint of these {len(self):,} has that id",
                code="unknown_complaint",
            )
        place = int(at[0])
        due = None if self.due is None else self.due[place].item()
        return QueuedComplaint(
            place=place + 1,
            complaint_id=complaint_id,
            customer_id=self.customer_ids.tolist()[place],
            label=self.labels[int(self.codes[place])],
            received=self.received[place].item(),
            waiting_days=int(self.waiting_days[place]),
            due=due,
            is_overdue=bool(self.overdue[place]),
            ahead_by_class=int(np.searchsorted(self.codes, self.codes[place])),
        )

    def to_frame(self) -> Any:
        """Give one row a complaint in order, as the kind of frame the host gave."""
        columns: dict[str, Any] = {
            "place": np.arange(1, len(self) + 1),
            "complaint_id": self.complaint_ids,
            "customer_id": self.customer_ids,
            "class": Labels(codes=self.codes, words=self.labels),
            "received": self.received,
            "waiting_days": self.waiting_days,
        }
        if self.due is not None:
            columns |= {"due": self.due, "overdue": self.overdue}
        return to_frame(columns, self.kind)
