"""What is found: every customer's classes, roles and service, asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, position_of, union_of
from customer_identification.classify.base import APART, Classification
from customer_identification.classify.migration import (
    Migration,
    migrate,
    stars_of_tomorrow,
)
from customer_identification.classify.subsidy import Subsidy, subsidy_of
from customer_identification.classify.verdict import Verdict
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, read_new_ids, to_frame
from customer_identification.needs.change import NeedChanges
from customer_identification.needs.figures import Need
from customer_identification.needs.ranking import NeedRanking
from customer_identification.options import an_instance
from customer_identification.roles.assigned import AssignedRole, in_short
from customer_identification.roles.book import RoleBook
from customer_identification.service.plan import Service, ServicePlan
from customer_identification.summary import Summary


__all__ = ["Comparison", "Identification", "Profile", "named"]

_TOLD = 3  # needs in words; our choice


def _at(values: NDArray[Any], at: NDArray[np.intp]) -> NDArray[Any]:
    """Give values at positions, where there are any at all."""
    return values[at] if values.size else np.zeros(at.size, values.dtype)


def _or_null(
    values: NDArray[Any], at: NDArray[np.intp], is_here: NDArray[np.bool_]
) -> NDArray[Any]:
    """Give numbers and days at positions, and null elsewhere."""
    found = _at(values, at)
    if found.dtype.kind == "f":
        return np.where(is_here, found, np.nan)
    if found.dtype.kind == "M":
        return np.where(is_here, found, np.datetime64("NaT"))
    if found.dtype.kind in "iu":
        return np.ma.masked_array(found, mask=~is_here)
    return found


def named(things: Any) -> dict[str, Any]:
    """Give things by name, at least one.

    Raises
    ------
    InvalidInputError
        If it is no mapping, or an empty one.
    """
    if not isinstance(things, Mapping) or not things:
        raise InvalidInputError(
            "there must be a mapping of names to at least one thing", code="bad_option"
        )
    return dict(things)


@frozen(kw_only=True)
class Profile:
    """All that is known of one customer: the numbers and the verdicts.

    Attributes
    ----------
    customer_id : int or str
        Kept out of repr.
    as_of : date
        The day it speaks of.
    numbers : dict of str to number
        The customer's row of the summary, money in major units.
    verdicts : dict of str to Verdict
        By name of the rule; of a party that never bought those by other data alone.
    roles : tuple of AssignedRole
        In force on that day.
    service : Service or None
        Level and treatment, with the line that gave them.
    needs : tuple of Need
        What the customer said to need, the largest opportunity first.
    days : mapping of str to date
        Of what speaks of an earlier day, by the name of the verdict, or needs.
    """

    customer_id: int | str = field(repr=False)
    as_of: date
    numbers: Mapping[str, Any] = field(repr=False, eq=repr)
    verdicts: Mapping[str, Verdict] = field(repr=False)
    roles: tuple[AssignedRole, ...] = field(default=(), repr=False)
    service: Service | None = field(default=None, repr=False)
    needs: tuple[Need, ...] = field(default=(), repr=False)
    days: Mapping[str, date] = field(factory=dict, repr=False)

    def __str__(self) -> str:
        told = {name: f" (as of {day})" for name, day in self.days.items()}
        lines = [
            f"{name}{told.get(name, '')}: {one}" for name, one in self.verdicts.items()
        ]
        if self.roles:
            lines.append(f"roles: {in_short(self.roles)}")
        if self.service is not None:
            lines.append(f"service: {self.service}")
        since = told.get("needs", "")
        lines += [f"need{since}: {one}" for one in self.needs[:_TOLD]]
        return "\n".join(lines)


@frozen(kw_only=True)
class Identification:
    """The classes of every customer with their reasons, and what follows from them.

    Its length, a walk through it and ``in`` speak of the customers of the summary; of
    parties who never bought too, where there is anything to tell of them, speak `ids`,
    `profile` and `explain`.

    Attributes
    ----------
    summary : Summary
        What they were read from.
    classes : mapping of str to Classification
        By name of the rule.
    set_apart : (str, str) or None
        Rule and class whose customers the others leave out.
    roles : RoleBook or None
        What every party is to us on that day, parties who never bought included.
    service : ServicePlan or None
        Level and treatment of every customer.
    further : mapping of str to Classification
        Classes by other data than purchases, by name: of prospects, of those who are
        billed, of groups. They need not speak of the same parties.
    needs : NeedRanking or None
        What customers need.
    """

    summary: Summary
    classes: Mapping[str, Classification] = field(converter=named, hash=False)
    set_apart: tuple[str, str] | None = None
    roles: RoleBook | None = None
    service: ServicePlan | None = None
    further: Mapping[str, Classification] = field(factory=dict, hash=False)
    needs: NeedRanking | None = None

    def __len__(self) -> int:
        return len(self.summary)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.summary.customer_ids.tolist())

    def __contains__(self, customer_id: object) -> bool:
        try:
            position_of(self.summary.customer_ids, customer_id)
        except KeyError:
            return False
        return True

    def __repr__(self) -> str:
        names = ", ".join(self.classes)
        return f"Identification({len(self):,} customers by {names}, as of {self.summary.as_of})"

    def profile(self, customer_id: int | str) -> Profile:
        """Give all that is known of a customer.

        Of a party that never bought, what roles, other data and observations tell.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        found: dict[str, Any] = {
            "roles": self._roles_of(customer_id),
            "verdicts": {
                name: one[customer_id]
                for name, one in self.further.items()
                if customer_id in one
            },
        }
        if self.needs is not None and customer_id in self.needs:
            found["needs"] = self.needs[customer_id]
        numbers: dict[str, Any] = {}
        if customer_id in self or not any(found.values()):
            numbers = self.summary.row(self.summary.position(customer_id))
            own = {name: one[customer_id] for name, one in self.classes.items()}
            found["verdicts"] = own | found["verdicts"]
            if self.service is not None:
                found["service"] = self.service[customer_id]
        days = {
            name: self.further[name].as_of
            for name in found["verdicts"]
            if name in self.further
        }
        if "needs" in found and self.needs is not None:
            days["needs"] = self.needs.as_of
        today = self.summary.as_of
        return Profile(
            customer_id=customer_id,
            as_of=today,
            numbers=numbers,
            days={name: day for name, day in days.items() if day != today},
            **found,
        )

    def _roles_of(self, party_id: int | str) -> tuple[AssignedRole, ...]:
        try:
            return () if self.roles is None else self.roles.roles_of(party_id)
        except KeyError:
            return ()

    def explain(self, customer_id: int | str) -> str:
        """Say in words which classes a customer has and why, one line a rule.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return str(self.profile(customer_id))

    def counts(self) -> dict[str, dict[str, int]]:
        """Give the number of customers of each class, by rule.

        Classes by other data count all parties that they speak of.
        """
        every = {**self.classes, **self.further}
        return {name: one.counts() for name, one in every.items()}

    def to_frame(self, *, everybody: bool = False) -> Any:
        """Give one row a customer, numbers and classes, as the host's kind of frame.

        The columns of classes have the names of the rules with ``_class`` behind; with
        roles there is one of these for each kind that a party here has, such as
        ``is_agent``; with service there are ``service_level`` and ``treatment``; with
        needs ``first_need``. Classes by other data are `unknown` of customers whom they
        do not speak of.

        Parameters
        ----------
        everybody : bool
            Whether parties who never bought have a row too, in which numbers and what
            follows from purchases are null, or nan.
        """
        numbers, labels = self.summary.columns(), self.labels()
        ids = self.summary.customer_ids
        if everybody:
            ids = self.ids
            at, is_here = align(ids, self.summary.customer_ids)
            numbers = {
                name: _or_null(values, at, is_here) for name, values in numbers.items()
            }
            labels = {
                name: evolve(one, codes=np.where(is_here, _at(one.codes, at), -1))
                for name, one in labels.items()
            }
            labels |= self._beside(ids)
        columns: dict[str, Any] = {**numbers, "customer_id": ids, **labels}
        if self.roles is not None:
            for kind, n in self.roles.counts().items():
                if n:
                    columns[f"is_{kind}"] = self.roles.holds(ids, kind)
        return to_frame(columns, self.summary.kind)

    def labels(self) -> dict[str, Labels]:
        """Give classes of customers, what they need first, and service, as columns."""
        columns = {
            f"{name}_class": Labels(codes=one.codes, words=one.labels)
            for name, one in self.classes.items()
        }
        columns |= self._beside(self.summary.customer_ids)
        return columns if self.service is None else columns | self.service.labels()

    def _beside(self, ids: NDArray[Any]) -> dict[str, Labels]:
        """Give what other data tell of some parties, as columns."""
        columns = {}
        for name, one in self.further.items():
            found = one.covering(ids)
            columns[f"{name}_class"] = Labels(codes=found.codes, words=found.labels)
        if self.needs is not None:
            columns["first_need"] = self.needs.first(ids)
        return columns

    @property
    def ids(self) -> NDArray[Any]:
        """All who are here, sorted: the customers, and parties of whom else is known."""
        parts = [self.summary.customer_ids]
        parts += [one.customer_ids for one in self.further.values()]
        if self.roles is not None:
            parts.append(self.roles.ids)
        if self.needs is not None:
            parts.append(self.needs.customer_ids)
        return union_of(parts)[0] if len(parts) > 1 else parts[0]

    def renamed(self, new_ids: NDArray[Any]) -> Identification:
        """Give everybody a new id, as :func:`pseudonymize` does.

        Parameters
        ----------
        new_ids : ndarray of int or object
            Of all in the order of `ids`, all different.

        Raises
        ------
        InvalidInputError
            If they are not as many, or not all different.
        """
        ids = self.ids
        new = read_new_ids(new_ids, ids.size)
        names = new.unique[new.codes]

        def name_of(own: NDArray[Any]) -> NDArray[Any]:
            named: NDArray[Any] = names[align(own, ids)[0]]
            return named

        own = name_of(self.summary.customer_ids)
        book, needs = self.roles, self.needs
        return evolve(
            self,
            summary=self.summary.renamed(own),
            classes={name: one.renamed(own) for name, one in self.classes.items()},
            roles=None if book is None else book.renamed(name_of(book.ids)),
            service=None if self.service is None else self.service.renamed(own),
            further={
                name: one.renamed(name_of(one.customer_ids))
                for name, one in self.further.items()
            },
            needs=None if needs is None else needs.renamed(name_of(needs.customer_ids)),
        )

    def reworded(self, new_of: Callable[[list[Any]], list[Any]]) -> Identification:
        """Give orders in the history, and agreements, other ids.

        Parameters
        ----------
        new_of : callable
            Gives as many new ids, all distinct, for a list of distinct ones.
        """
        return evolve(
            self,
            summary=self.summary.reworded(new_of),
            roles=None if self.roles is None else self.roles.reworded(new_of),
        )

    def compare(self, previous: Identification) -> Comparison:
        """Tell what changed since an earlier identification by the same rules.

        Classes by other data are compared where both have them, and so are needs.

        Raises
        ------
        InvalidInputError
            If it is later, or has other rules.
        """
        an_instance("previous", previous, Identification)
        if previous.classes.keys() != self.classes.keys():
            raise InvalidInputError(
                "both must have been identified by rules of the same names",
                code="other_rules",
            )
        further = [name for name in self.further if name in previous.further]
        return Comparison(
            migrations={
                **{
                    name: migrate(
                        previous.classes[name],
                        one,
                        summaries=(previous.summary, self.summary),
                    )
                    for name, one in self.classes.items()
                },
                **{
                    name: migrate(previous.further[name], self.further[name])
                    for name in further
                },
            },
            needs=None
            if self.needs is None or previous.needs is None
            else self.needs.compare(previous.needs),
        )

    def stars(self) -> NDArray[Any]:
        """Give the ids of the stars of tomorrow: smaller customers on their way up.

        Smaller are all below the first class of the rule named value.

        Raises
        ------
        InvalidInputError
            If there are no rules named value and trajectory.
        """
        if not {"value", "trajectory"} <= self.classes.keys():
            raise InvalidInputError(
                "stars need rules named 'value' and 'trajectory'", code="other_rules"
            )
        values = self.classes["value"]
        smaller = [
            one for one in values.labels[1:] if one not in {"none", "unknown", APART}
        ]
        return stars_of_tomorrow(values, self.classes["trajectory"], classes=smaller)

    def subsidy(self, by: str = "loyalty") -> Subsidy:
        """Tell how far some classes pay for others, relational for transactional first.

        Parameters
        ----------
        by : str
            Name of the rule whose classes are compared.

        Raises
        ------
        InvalidInputError
            If there is no such rule, or no amounts.
        """
        if by not in self.classes:
            raise InvalidInputError(
                f"by must be one of {', '.join(self.classes)}", code="unknown_rule"
            )
        return subsidy_of(self.summary, self.classes[by])


@frozen(kw_only=True)
class Comparison:
    """What changed between two identifications.

    Attributes
    ----------
    migrations : mapping of str to Migration
        By name of the rule.
    needs : NeedChanges or None
        What customers need more, or less, than before.
    """

    migrations: Mapping[str, Migration] = field(converter=named, hash=False)
    needs: NeedChanges | None = None

    def __getitem__(self, name: str) -> Migration:
        return self.migrations[name]

    def __str__(self) -> str:
        lines = []
        for name, one in self.migrations.items():
            changes = ", ".join(
                f"{label} {after:,} ({change:+,})"
                for label, (_, after, change) in one.counts().items()
            )
            lines.append(
                f"{name}: {changes}; {one.entered.size:,} entered, {one.left.size:,} left"
            )
        if self.needs is not None:
            told = ", ".join(f"{n:,} {what}" for what, n in self.needs.counts().items())
            lines.append(f"needs: {told}")
        return "\n".join(lines)
