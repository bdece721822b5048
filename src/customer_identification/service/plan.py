"""Who gets which service, and why: a service table applied to every customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ById, array_field, position_of
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, read_new_ids, to_frame
from customer_identification.service.lines import ServiceLine


__all__ = ["Service", "ServicePlan", "roles_of"]


def roles_of(lines: tuple[ServiceLine, ...]) -> tuple[str, ...]:
    """Name the roles that lines speak of, once each."""
    return tuple(dict.fromkeys(role for line in lines for role in line.roles))


def _named(things: Mapping[str, Classification]) -> dict[str, Classification]:
    return dict(things)


@frozen(kw_only=True)
class Service:
    """The service of one customer, and why; str() is the sentence.

    Attributes
    ----------
    level : str
        How much service.
    treatment : str
        What is done.
    line : int
        Number of the line in the table, from 1.
    conditions : tuple of (str, str)
        Rule and class of the customer, for every rule that the line speaks of.
    roles : tuple of str
        Those of the customer's roles that the line asks for.
    source : str
        Where the line comes from.
    """

    level: str
    treatment: str
    line: int
    conditions: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] = ()
    source: str

    @property
    def reason(self) -> str:
        """The conditions of the line as the customer meets them."""
        met = [f"{name} is {label}" for name, label in self.conditions]
        if self.roles:
            met.append(f"role {', '.join(self.roles)}")
        return " and ".join(met) or "no line above holds"

    def __str__(self) -> str:
        return f"{self.level}: {self.treatment} (line {self.line}: {self.reason})"


@frozen(kw_only=True)
class ServicePlan(ById):
    """The service of every customer; made by :meth:`ServicePolicy.plan`.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted, as in the classifications.
    codes : ndarray of int8, shape (n_customers,)
        Positions in `lines`.
    lines : tuple of ServiceLine
        The table.
    levels : tuple of str
        Best first.
    as_of : date
        The day it speaks of.
    classes : mapping of str to Classification
        Those that the lines speak of.
    roles : ndarray of bool, shape (n_customers, n_roles), or None
        Who has which of the roles that the lines speak of.

    Examples
    --------
    >>> from customer_identification.service.treatment import ServicePolicy
    >>> value = Classification(
    ...     customer_ids=np.array([1, 2, 3]),
    ...     codes=np.array([2, 0, 2], np.int8),
    ...     labels=("A", "B", "C", "none"),
    ...     as_of=date(2011, 7, 31),
    ... )
    >>> plan = ServicePolicy.for_rules(["value"]).plan({"value": value})
    >>> plan, plan.counts(), plan.level_of(2)
    (ServicePlan(3 customers, as of 2011-07-31), {'key': 1, 'major': 0, 'basic': 2,
    'minimal': 0}, 'key')
    """

    customer_ids: NDArray[Any] = array_field()
    codes: NDArray[np.int8] = array_field()
    lines: tuple[ServiceLine, ...]
    levels: tuple[str, ...]
    as_of: date
    classes: Mapping[str, Classification] = field(
        factory=dict, converter=_named, hash=False
    )
    roles: NDArray[np.bool_] | None = array_field(default=None)
    kind: str = field(default="pandas", eq=False)

    @property
    def ids(self) -> NDArray[Any]:
        """Those of the customers."""
        return self.customer_ids

    def __len__(self) -> int:
        return int(self.customer_ids.size)

    def __repr__(self) -> str:
        return f"ServicePlan({len(self):,} customers, as of {self.as_of})"

    def __str__(self) -> str:
        return "\n".join(
            f"{n:,} {'customer' if n == 1 else 'customers'}: {line}"
            for n, line in zip(self.counts_by_line(), self.lines, strict=True)
        )

    def __getitem__(self, customer_id: int | str) -> Service:
        """Say what service a customer gets, and why.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        number = int(self.codes[at])
        line = self.lines[number]
        held: tuple[str, ...] = ()
        if self.roles is not None:
            has = dict(zip(roles_of(self.lines), self.roles[at].tolist(), strict=True))
            held = tuple(role for role in line.roles if has[role])
        labels = {name: self.classes[name] for name in line.when}
        return Service(
            level=line.level,
            treatment=line.treatment,
            line=number + 1,
            conditions=tuple(
                (name, one.labels[one.codes[at]]) for name, one in labels.items()
            ),
            roles=held,
            source=line.source,
        )

    def level_of(self, customer_id: int | str) -> str:
        """Give the service level of a customer, without reasons."""
        at = position_of(self.customer_ids, customer_id)
        return self.lines[int(self.codes[at])].level

    def counts(self) -> dict[str, int]:
        """Give the number of customers of each level."""
        counted = dict.fromkeys(self.levels, 0)
        for line, n in zip(self.lines, self.counts_by_line(), strict=True):
            counted[line.level] += n
        return counted

    def counts_by_line(self) -> tuple[int, ...]:
        """Give the number of customers of each line."""
        return tuple(np.bincount(self.codes, minlength=len(self.lines)).tolist())

    def where(self, *levels: str) -> NDArray[np.bool_]:
        """Tell who has one of these levels.

        Raises
        ------
        InvalidInputError
            If there is no such level.
        """
        if any(level not in self.levels for level in levels):
            raise InvalidInputError(
                f"a level must be one of {', '.join(self.levels)}", code="unknown_level"
            )
        is_one = np.array([line.level in levels for line in self.lines])
        return is_one[self.codes]

    def as_classes(self) -> Classification:
        """Give the levels as classes, best first: to share a budget, say, by level."""
        return Classification(
            customer_ids=self.customer_ids,
            codes=self._positions([line.level for line in self.lines], self.levels),
            labels=self.levels,
            as_of=self.as_of,
            ordered=True,
            kind=self.kind,
        )

    def _positions(self, words: list[str], among: tuple[str, ...]) -> NDArray[np.int8]:
        """Give the place of each customer's word among some, from that of the line."""
        return np.array([among.index(one) for one in words], np.int8)[self.codes]

    def labels(self) -> dict[str, Labels]:
        """Give level and treatment of every customer as columns of words."""
        levels = [line.level for line in self.lines]
        words = [line.treatment for line in self.lines]
        treatments = tuple(dict.fromkeys(words))
        return {
            "service_level": Labels(
                codes=self._positions(levels, self.levels), words=self.levels
            ),
            "treatment": Labels(
                codes=self._positions(words, treatments), words=treatments
            ),
        }

    def to_frame(self) -> Any:
        """Give ids, levels, treatments and numbers of lines as the host's frames."""
        labels = self.labels()
        return to_frame(
            {
                "customer_id": self.customer_ids,
                "level": labels["service_level"],
                "treatment": labels["treatment"],
                "line": self.codes + np.int8(1),
            },
            self.kind,
        )

    def renamed(self, new_ids: NDArray[Any]) -> ServicePlan:
        """Give every customer a new id, as :func:`pseudonymize` does.

        Parameters
        ----------
        new_ids : ndarray of int or object, shape (n_customers,)
            Of the customers in their order, all different.
        """
        new = read_new_ids(new_ids, len(self))
        order = np.argsort(new.codes)
        return evolve(
            self,
            customer_ids=new.unique,
            codes=self.codes[order],
            classes={name: one.renamed(new_ids) for name, one in self.classes.items()},
            roles=None if self.roles is None else self.roles[order],
        )
