"""Service policies: classes and roles become treatment and level, first match wins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import blocks, same_array
from customer_identification.classify.base import Classification
from customer_identification.errors import InvalidInputError
from customer_identification.options import an_instance
from customer_identification.service.lines import (
    CREDIT_SERVICE_LINES,
    DEFAULT_SERVICE_LEVELS,
    DEFAULT_SERVICE_LINES,
    ROLE_SERVICE_LINES,
    ServiceLine,
    check_lines,
)
from customer_identification.service.plan import ServicePlan, roles_of


__all__ = ["RoleHolder", "ServicePolicy"]

_WORDS = (np.uint8, np.uint16, np.uint32, np.uint64)


class RoleHolder(Protocol):
    """Who has which role; any object of this shape will do."""

    def holds(self, customer_ids: NDArray[Any], role: str, /) -> NDArray[np.bool_]:
        """Tell which of some customers have a role."""
        ...


def _lines(values: object) -> tuple[ServiceLine, ...]:
    if not isinstance(values, (tuple, list)):
        raise InvalidInputError("lines must be a tuple of lines", code="bad_option")
    return tuple(an_instance("a line", one, ServiceLine) for one in values)


def _levels(values: object) -> tuple[str, ...]:
    if (
        not isinstance(values, (tuple, list))
        or not all(isinstance(one, str) and one.strip() for one in values)
        or len(set(values)) != len(values)
    ):
        raise InvalidInputError(
            "levels must be a tuple of different words", code="bad_option"
        )
    return tuple(values)


@frozen(kw_only=True)
class ServicePolicy:
    """A table from classes and roles to treatment and service level.

    The first line whose conditions all hold gives the service; the last line has no
    conditions. The default table reads the rules named loyalty, value and trajectory of
    :class:`IdentificationProgram`; each of its lines tells its source, and the texts
    behind them are named at :data:`DEFAULT_SERVICE_LINES`.

    Attributes
    ----------
    lines : tuple of ServiceLine
        From the top, at most 64.
    levels : tuple of str
        Best first.

    Raises
    ------
    InvalidInputError
        If there are no lines, the last one has conditions, a level is not among
        `levels`, or the lines above take all whom a line could take.

    Notes
    -----
    A table of the host's own may read any rule, such as long-term customers (who get
    discounts in "The benefits of customer classification management law") from
    :class:`TermClassifier`.

    Examples
    --------
    >>> from datetime import date
    >>> term = Classification(
    ...     customer_ids=np.array(["c1", "c2"], dtype=object),
    ...     codes=np.array([0, 1], np.int8),
    ...     labels=("long_term", "temporary", "unknown"),
    ...     as_of=date(2011, 7, 31),
    ... )
    >>> policy = ServicePolicy(
    ...     lines=(
    ...         ServiceLine(
    ...             level="more", treatment="Discount", when={"term": "long_term"}
    ...         ),
    ...         ServiceLine(level="less", treatment="List price"),
    ...     ),
    ...     levels=("more", "less"),
    ... )
    >>> plan = policy.plan({"term": term})
    >>> print(plan["c1"])
    more: Discount (line 1: term is long_term)
    >>> print(plan["c2"])
    less: List price (line 2: no line above holds)
    """

    lines: tuple[ServiceLine, ...] = field(
        default=DEFAULT_SERVICE_LINES, converter=_lines
    )
    levels: tuple[str, ...] = field(default=DEFAULT_SERVICE_LEVELS, converter=_levels)

    def __attrs_post_init__(self) -> None:
        check_lines(self.lines, self.levels)

    def __repr__(self) -> str:
        return f"ServicePolicy({len(self.lines)} lines)"

    def __str__(self) -> str:
        return "\n".join(
            f"{number}. {line}" for number, line in enumerate(self.lines, start=1)
        )

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that lines ask for."""
        return roles_of(self.lines)

    def check_rules(self, labels: Mapping[str, tuple[str, ...] | None]) -> None:
        """Make sure that the rules and classes that lines speak of are there.

        Parameters
        ----------
        labels : mapping of str to tuple of str, or None
            By name of the rule its classes; None where they are not known yet.

        Raises
        ------
        InvalidInputError
            If a line speaks of another rule or class.
        """
        for number, line in enumerate(self.lines, start=1):
            _check_known(number, line, labels)

    @classmethod
    def for_rules(cls, names: Collection[str]) -> ServicePolicy:
        """Give the default table without the lines that read other rules than these.

        Parameters
        ----------
        names : collection of str
            Names of the rules there are; a mapping of classifications will do.

        Examples
        --------
        >>> ServicePolicy.for_rules(["value"])
        ServicePolicy(5 lines)
        """
        if isinstance(names, str) or not isinstance(names, Collection):
            raise InvalidInputError("names must be names of rules", code="bad_option")
        return cls(
            lines=[one for one in DEFAULT_SERVICE_LINES if one.when.keys() <= {*names}]
        )

    @classmethod
    def with_roles(cls, *, credit: bool = False) -> ServicePolicy:
        """Give the default table with lines for competitors, bill payers and agents.

        They stand behind those for key customers and before all others: who buys little,
        and pays for a key customer, is not let go. Plans then need `roles`.

        Parameters
        ----------
        credit : bool
            Whether the lines of :meth:`with_credit` stand before all.

        Examples
        --------
        >>> policy = ServicePolicy.with_roles()
        >>> policy, policy.roles
        (ServicePolicy(15 lines), ('competitor', 'bill_payer', 'agent'))
        """
        key = [one for one in DEFAULT_SERVICE_LINES if one.level == "key"]
        rest = [one for one in DEFAULT_SERVICE_LINES if one.level != "key"]
        first = CREDIT_SERVICE_LINES if credit else ()
        return cls(lines=(*first, *key, *ROLE_SERVICE_LINES, *rest))

    @classmethod
    def with_credit(cls) -> ServicePolicy:
        """Give the default table with lines for customers who do not pay, before all.

        Plans then need classes by the name of credit, one of which is poor.

        Examples
        --------
        >>> ServicePolicy.with_credit()
        ServicePolicy(14 lines)
        """
        return cls(lines=(*CREDIT_SERVICE_LINES, *DEFAULT_SERVICE_LINES))

    def plan(
        self, classes: Mapping[str, Classification], *, roles: RoleHolder | None = None
    ) -> ServicePlan:
        """Give every customer a service.

        Parameters
        ----------
        classes : mapping of str to Classification
            By name of the rule, of the same customers and day; all rules that lines
            speak of, at least one.
        roles : object with ``holds(customer_ids, role)``, optional
            Who has which role; needed where lines speak of roles.

        Returns
        -------
        ServicePlan

        Raises
        ------
        InvalidInputError
            If a line speaks of a rule or class that is not there, or of roles where
            these are not given; classifications are of different customers or days.
        """
        first = _check_classes(classes)
        self.check_rules({name: one.labels for name, one in classes.items()})
        read = {name: classes[name] for line in self.lines for name in line.when}
        held = self._held(first.customer_ids, roles)
        return ServicePlan(
            customer_ids=first.customer_ids,
            codes=_first_lines(self.lines, read, held, len(first)),
            lines=self.lines,
            levels=self.levels,
            as_of=first.as_of,
            classes=read,
            roles=held,
            kind=first.kind,
        )

    def _held(
        self, customer_ids: NDArray[Any], roles: RoleHolder | None
    ) -> NDArray[np.bool_] | None:
        """Ask who has the roles of the lines."""
        names = roles_of(self.lines)
        if not names:
            return None
        if not callable(getattr(roles, "holds", None)):
            raise InvalidInputError(
                f"roles must be an object with holds(customer_ids, role), since lines "
                f"speak of {', '.join(names)}",
                code="missing_roles",
            )
        held = np.zeros((customer_ids.size, len(names)), dtype=np.bool_)
        for at, name in enumerate(names):
            answer: Any = roles.holds(customer_ids, name)  # type: ignore[union-attr]
            is_array = isinstance(answer, np.ndarray) and answer.dtype == np.bool_
            if not is_array or answer.shape != customer_ids.shape:
                raise InvalidInputError(
                    "holds(customer_ids, role) must give one bool a customer",
                    code="bad_roles",
                )
            held[:, at] = answer
        return held


def _check_classes(classes: object) -> Classification:
    """Give the first of some classifications, if they speak of the same customers."""
    an_instance("classes", classes, Mapping)
    every = [
        an_instance(f"classes[{name!r}]", one, Classification)
        for name, one in classes.items()  # type: ignore[attr-defined]
    ]
    if not every:
        raise InvalidInputError(
            "there must be at least one classification", code="bad_option"
        )
    first: Classification = every[0]
    if not all(same_array(one.customer_ids, first.customer_ids) for one in every):
        raise InvalidInputError(
            "all classifications must be of the same customers", code="other_customers"
        )
    if any(one.as_of != first.as_of for one in every):
        raise InvalidInputError(
            "all classifications must speak of the same day", code="bad_dates"
        )
    return first


def _check_known(
    number: int, line: ServiceLine, known: Mapping[str, tuple[str, ...] | None]
) -> None:
    for name, labels in line.when.items():
        if name not in known:
            raise InvalidInputError(
                f"line {number} speaks of the rule {name}, but there are only "
                f"{', '.join(known)} (ServicePolicy.for_rules leaves such lines out of "
                "the default table)",
                code="unknown_rule",
            )
        there = known[name]
        strange = [one for one in labels if there is not None and one not in there]
        if strange:
            raise InvalidInputError(
                f"line {number} must speak of classes that the rule {name} has: "
                f"{', '.join(there or ())}; {', '.join(strange)} is none",
                code="unknown_class",
            )


def _first_lines(
    lines: tuple[ServiceLine, ...],
    classes: Mapping[str, Classification],
    held: NDArray[np.bool_] | None,
    n_customers: int,
) -> NDArray[np.int8]:
    """Give the position of the first line that holds of each customer.

    Each class stands for a word with one bit for every line that it does not rule out;
    what is left in the words of all classes of a customer, ands of a few numbers, are
    the lines that hold.
    """
    word = next(one for one in _WORDS if np.iinfo(one).bits >= len(lines))
    tables = [
        (one.codes, np.array([_bits(lines, name, label) for label in one.labels], word))
        for name, one in classes.items()
    ]
    roles = roles_of(lines)
    free = word(sum(1 << at for at, line in enumerate(lines) if not line.roles))
    by_role = [
        word(sum(1 << at for at, line in enumerate(lines) if role in line.roles))
        for role in roles
    ]
    found = np.empty(n_customers, dtype=np.int8)
    for rows in blocks(n_customers):
        left = np.full(rows.stop - rows.start, free)
        if held is not None:
            for at, bits in enumerate(by_role):
                left |= np.where(held[rows, at], bits, word(0))
        for codes, table in tables:
            left &= table.take(codes[rows])
        found[rows] = np.bitwise_count(~left & (left - word(1)))  # below the lowest bit
    return found


def _bits(lines: tuple[ServiceLine, ...], name: str, label: str) -> int:
    return sum(
        1 << at
        for at, line in enumerate(lines)
        if name not in line.when or label in line.when[name]
    )
