"""Needs in order: for everybody, for each group, and for each customer."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    ByCustomer,
    align,
    array_field,
    position_of,
    run_starts,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, read_new_ids, to_frame
from customer_identification.needs.change import NeedChanges, changes_between
from customer_identification.needs.figures import BASES, Figures, Need
from customer_identification.needs.groups import EVERYBODY, group_number
from customer_identification.needs.observations import NeedReport
from customer_identification.options import an_instance


__all__ = ["NeedRanking"]

Figure = Literal["importance", "satisfaction", "opportunity"]
_FIGURES: tuple[Figure, ...] = ("importance", "satisfaction", "opportunity")
_UNSURE = "not enough evidence"


@frozen(kw_only=True)
class NeedRanking(ByCustomer):
    """What matters, and is not yet met; made by :func:`rank_needs`.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted.
    topics : tuple of str
        Sorted, without the whole.
    groups : tuple of str
        What the groups are called.
    as_of : date
        The day it speaks of.
    figures : Figures
        For everybody and then for each group one row a topic, in order of topics.
    draws : ndarray of float32, shape (3, n_bootstrap, 1 + n_groups, n_topics)
        Importance, satisfaction and opportunity by sample of respondents.
    who : ndarray of int64, shape (n_lines,)
        Whose line of `lines`, as places in `customer_ids`; sorted.
    lines : Figures
        What single customers said, the largest opportunity of each first.
    confidence : float
        Of intervals.
    report : NeedReport
        What became of every observation.
    """

    customer_ids: NDArray[Any] = array_field()
    topics: tuple[str, ...]
    groups: tuple[str, ...]
    as_of: date
    figures: Figures
    draws: NDArray[np.float32] = array_field()
    who: NDArray[np.int64] = array_field()
    lines: Figures
    confidence: float
    report: NeedReport
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return (
            f"NeedRanking({len(self.topics):,} topics, {len(self.groups):,} groups, "
            f"{len(self):,} customers, as of {self.as_of})"
        )

    def __getitem__(self, customer_id: int | str) -> tuple[Need, ...]:
        """Give the topics that a customer spoke of, the largest opportunity first.

        Topics without enough evidence come last. Importance that the customer did not
        state is that derived for everybody; there are no intervals.

        Raises
        ------
        UnknownCustomerError
            If no customer here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        begin, end = np.searchsorted(self.who, (at, at + 1)).tolist()
        return tuple(self.lines.need_at(row, self.topics) for row in range(begin, end))

    @property
    def overall(self) -> tuple[Need, ...]:
        """The needs of everybody, the largest opportunity first."""
        return self.of(EVERYBODY)

    def of(self, group: str) -> tuple[Need, ...]:
        """Give the needs of a group, the largest opportunity first.

        Raises
        ------
        InvalidInputError
            If there is no such group.
        """
        rows = self._rows_of(group_number(group, self.groups))
        return tuple(self.figures.need_at(row, self.topics) for row in rows.tolist())

    def _rows_of(self, number: int) -> NDArray[np.intp]:
        """Give the rows of a group in order; equal opportunities go by topic."""
        t = len(self.topics)
        chance = self.figures.opportunity[number * t : (number + 1) * t]
        return np.argsort(-chance, kind="stable") + number * t

    def first(self, customer_ids: NDArray[Any]) -> Labels:
        """Give the topic with the largest opportunity of each customer, as a column.

        Null for those who said nothing that is enough to tell.

        Parameters
        ----------
        customer_ids : ndarray, shape (n,)
            Sorted and distinct.
        """
        codes = np.full(len(self), -1, np.int32)
        told = ~np.isnan(self.lines.opportunity)
        who, topic = self.who[told], self.lines.topic[told]
        starts = run_starts(who)
        codes[who[starts]] = topic[starts]
        at, is_here = align(customer_ids, self.customer_ids)
        found = np.full(customer_ids.size, -1, np.int32)
        found[is_here] = codes[at[is_here]]
        return Labels(codes=found, words=self.topics)

    def counts(self) -> dict[str, int]:
        """Give the number of topics by what tells the importance, for everybody."""
        t = len(self.topics)
        is_sure = ~np.isnan(self.figures.opportunity[:t])
        counted = np.bincount(self.figures.basis[:t][is_sure], minlength=len(BASES))
        found = dict(zip(BASES[:-1], counted.tolist(), strict=False))
        return {**found, _UNSURE: int(np.count_nonzero(~is_sure))}

    def to_frame(self) -> Any:
        """Give the needs of everybody and of each group, in the host's kind of frame."""
        t, n = len(self.topics), 1 + len(self.groups)
        order = np.concatenate([self._rows_of(number) for number in range(n)])
        names = np.repeat(_words((EVERYBODY, *self.groups)), t)
        rank = np.tile(np.arange(1, t + 1), n)
        return self._frame({"group": names, "rank": rank}, self.figures.take(order))

    def customers_to_frame(self) -> Any:
        """Give the needs of single customers, in the host's kind of frame."""
        first = np.searchsorted(self.who, self.who)
        head = {
            "customer_id": self.customer_ids[self.who],
            "rank": np.arange(1, self.who.size + 1) - first,
        }
        return self._frame(head, self.lines)

    def _frame(self, head: dict[str, Any], figures: Figures) -> Any:
        columns = figures.columns()
        columns["topic"] = _words(self.topics)[columns["topic"]]
        columns["basis"] = Labels(codes=columns["basis"], words=BASES)  # type: ignore[assignment]
        return to_frame({**head, **columns}, self.kind)

    def without_party(self, party_id: int | str) -> NeedRanking:
        """Give the ranking without what one customer said alone.

        What they said in the figures of everybody and of groups stays, added up with
        what others said: those are to be made anew from observations without them.
        """
        try:
            at = position_of(self.customer_ids, party_id)
        except KeyError:
            return self
        rows = np.flatnonzero(self.who != at)
        who = self.who[rows]
        return evolve(
            self,
            customer_ids=np.delete(self.customer_ids, at),
            who=who - (who > at),
            lines=self.lines.take(rows),
        )

    def renamed(self, new_ids: object) -> NeedRanking:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Returns
        -------
        NeedRanking
            In the order of the new ids, with the same numbers; samples are not drawn
            anew.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        who = new.codes.astype(np.int64)[self.who]
        order = np.argsort(who, kind="stable")
        return evolve(
            self,
            customer_ids=new.unique,
            who=who[order],
            lines=self.lines.take(order),
        )

    def compare(
        self,
        previous: NeedRanking,
        *,
        figure: Figure = "opportunity",
        group: str = EVERYBODY,
    ) -> NeedChanges:
        """Tell what changed since an earlier ranking of other respondents.

        Parameters
        ----------
        previous : NeedRanking
            The earlier one.
        figure : {"opportunity", "importance", "satisfaction"}
            What to compare.
        group : str
            Whose; in both rankings. Everybody if not given.

        Returns
        -------
        NeedChanges
            With the percentiles of differences between samples of the one and of the
            other, as if no respondent were in both. A change is clear if 0 lies outside.
            Each topic is judged by itself: of 20 that stay the same, one looks changed
            at a confidence of 0.95.

        Raises
        ------
        InvalidInputError
            If one of the rankings does not have the group, or `figure` is none of ours.
        """
        an_instance("previous", previous, NeedRanking)
        if figure not in _FIGURES:
            raise InvalidInputError(
                f"figure must be one of {', '.join(_FIGURES)}", code="bad_option"
            )
        return changes_between(
            self._side(figure, group),
            previous._side(figure, group),
            figure=figure,
            confidence=self.confidence,
            kind=self.kind,
        )

    def _side(self, figure: Figure, group: str) -> tuple[Any, ...]:
        number, t = group_number(group, self.groups), len(self.topics)
        rows = slice(number * t, (number + 1) * t)
        return (
            self.topics,
            getattr(self.figures, figure)[rows],
            self.draws[_FIGURES.index(figure), :, number],
            self.figures.basis[rows],
        )


def _words(words: tuple[str, ...]) -> NDArray[Any]:
    """Give text as a column."""
    array = np.empty(len(words), dtype=object)
    array[:] = words
    return array
