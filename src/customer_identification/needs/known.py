"""Of whom what is known, since when, and in which order to ask for the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ByCustomer, array_field, position_of
from customer_identification.errors import InvalidInputError
from customer_identification.frames import read_new_ids, to_date, to_frame
from customer_identification.needs.observations import NeedReport


__all__ = ["NEVER", "Gap", "KnowledgeCoverage"]

Floats = NDArray[np.float64]

NEVER = np.iinfo(np.int64).min  # the day of what is not known; numpy's NaT


@frozen(kw_only=True)
class Gap:
    """What is not known of many; str() is the sentence.

    Attributes
    ----------
    item : str
        Topic, or kind of attribute.
    lacking : int
        Customers of whom it is not known.
    share : float
        Of all customers the share of whom it is known; nan without customers.
    value_lacking : float
        What those are worth of whom it is not known; nan where no value is known.
    withheld : int
        Of those lacking the ones of whom it is recorded, but may not be read.
    newest : date or None
        When something was last learnt of it.
    """

    item: str
    lacking: int
    share: float
    value_lacking: float
    withheld: int = 0
    newest: date | None = None

    def __str__(self) -> str:
        text = f"{self.item}: not known of {self.lacking:,} ({self.share:.0%} known)"
        if self.withheld:
            text += f", {self.withheld:,} of them withheld"
        if self.newest is not None:
            text += f", newest {self.newest}"
        return text


@frozen(kw_only=True)
class KnowledgeCoverage(ByCustomer):
    """Customers by items, and the day from which each is known; one day each.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted.
    items : tuple of str
        Topics in order, or kinds of attributes as listed.
    newest : ndarray of datetime64[D], shape (n_customers, n_items)
        When it was last learnt; NaT where it never was.
    withheld : ndarray of bool, shape (n_customers, n_items), or None
        What is recorded, but may not be read.
    value : ndarray of float, shape (n_customers,), or None
        What they are worth; nan is unknown.
    as_of : date
        The day it speaks of.
    max_age_days : int or None
        What is older counts as not known. [days]
    report : NeedReport or None
        What became of every observation.
    """

    customer_ids: NDArray[Any] = array_field()
    items: tuple[str, ...]
    newest: NDArray[np.datetime64] = array_field()
    withheld: NDArray[np.bool_] | None = array_field(default=None)
    value: Floats | None = array_field(default=None)
    as_of: date
    max_age_days: int | None = None
    report: NeedReport | None = None
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return (
            f"KnowledgeCoverage({len(self):,} customers, {len(self.items):,} items, "
            f"as of {self.as_of})"
        )

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each item is known of each customer, and not too old."""
        there = ~np.isnat(self.newest)
        if self.max_age_days is None:
            return there
        return there & (self.age_days <= self.max_age_days)

    @property
    def age_days(self) -> Floats:
        """How old what is known is, in days; nan where nothing is."""
        age = (np.datetime64(self.as_of) - self.newest) / np.timedelta64(1, "D")
        return np.asarray(age, dtype=np.float64)

    def __getitem__(self, customer_id: int | str) -> tuple[str, ...]:
        """Give what is not known of a customer, most often lacking first.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        lacks = ~self.known[at]
        return tuple(self.items[i] for i in self._order() if lacks[i])

    def lacking(self, item: str) -> NDArray[Any]:
        """Give the ids of those of whom an item is not known: whom to ask first.

        Those of the largest value come first, then those of unknown value; equal ones
        go by id.

        Raises
        ------
        InvalidInputError
            If there is no such item.
        """
        if item not in self.items:
            raise InvalidInputError(
                f"the item must be one of the {len(self.items):,} asked about",
                code="unknown_topic",
            )
        rows = np.flatnonzero(~self.known[:, self.items.index(item)])
        if self.value is not None:
            rows = rows[np.argsort(-self.value[rows], kind="stable")]
        return np.asarray(self.customer_ids[rows])

    def gaps(self) -> tuple[Gap, ...]:
        """Give all items, in the order in which to ask next.

        The one that is lacking of customers of the largest value comes first; without
        values, that lacking of the most. Equal ones go by `items`.
        """
        lacks = ~self.known
        number = lacks.sum(axis=0)
        worth = self._worth()
        n = len(self)
        newest = np.max(self.newest.view(np.int64), axis=0, initial=NEVER)
        return tuple(
            Gap(
                item=self.items[i],
                lacking=int(number[i]),
                share=1 - number[i].item() / n if n else np.nan,
                value_lacking=np.nan if worth is None else worth[i].item(),
                withheld=0
                if self.withheld is None
                else int((self.withheld & lacks)[:, i].sum()),
                newest=None if newest[i] == NEVER else to_date(int(newest[i])),
            )
            for i in self._order()
        )

    def _worth(self) -> Floats | None:
        if self.value is None:
            return None
        return np.asarray(np.nan_to_num(self.value) @ ~self.known, dtype=np.float64)

    def _order(self) -> list[int]:
        number = np.count_nonzero(~self.known, axis=0)
        worth = self._worth()
        worth = np.zeros(number.size) if worth is None else worth
        order: list[int] = np.lexsort((-number, -worth)).tolist()
        return order

    def to_frame(self) -> Any:
        """Give one row a customer and item, in the kind of frame the host gave."""
        n, m = len(self), len(self.items)
        items = np.array([*self.items, None], dtype=object)[:-1]
        return to_frame(
            {
                "customer_id": np.repeat(self.customer_ids, m),
                "item": np.tile(items, n),
                "known": self.known.ravel(),
                "newest": self.newest.ravel(),
                "age_days": self.age_days.ravel(),
            },
            self.kind,
        )

    def renamed(self, new_ids: object) -> KnowledgeCoverage:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Returns
        -------
        KnowledgeCoverage
            In the order of the new ids.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        order = np.argsort(new.codes)
        columns = {
            name: values[order]
            for name in ("newest", "withheld", "value")
            if (values := getattr(self, name)) is not None
        }
        return evolve(self, customer_ids=new.unique, **columns)
