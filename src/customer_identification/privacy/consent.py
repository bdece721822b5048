"""How much of what is known may be read for a purpose, and why the rest may not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from customer_identification.errors import InvalidInputError
from customer_identification.models import (
    READING_RULES,
    Customer,
    ReadingRule,
    check_asked,
)


__all__ = ["READING_RULES", "ConsentReport", "ReadingRule", "consent_report"]


@frozen(kw_only=True)
class ConsentReport:
    """What may be read of what is known; nothing is withheld uncounted.

    Attributes
    ----------
    customers, attributes : int
        How many were looked at.
    readable, withheld : tuple of (str, int)
        Attributes by the line of `READING_RULES` that held; lines that held for none
        are left out.
    later : int
        Attributes that were observed only after the day.
    """

    customers: int
    attributes: int
    readable: tuple[tuple[str, int], ...]
    withheld: tuple[tuple[str, int], ...]
    later: int

    @property
    def conservation(self) -> str:
        """All attributes accounted for, in one sentence."""
        parts = [f"{n:,} read: {why}" for why, n in self.readable]
        parts += [f"{n:,} withheld: {why}" for why, n in self.withheld]
        parts += [f"{self.later:,} observed later"] * bool(self.later)
        return f"{self.attributes:,} attributes: {', '.join(parts) or 'none'}"

    def __str__(self) -> str:
        return self.conservation


def consent_report(
    customers: object,
    *,
    purpose: str | None,
    as_of: dt.date | None,
) -> ConsentReport:
    """Count what :meth:`Customer.known` gives for a purpose on a day, and what it keeps.

    Parameters
    ----------
    customers : iterable of Customer
        In any order.
    purpose : str or None
        What the attributes are to be read for.
    as_of : date or None
        On which day; attributes observed later count as such.

    Returns
    -------
    ConsentReport
        No customers give an empty one.

    Raises
    ------
    InvalidInputError
        If an item is no Customer, `purpose` is blank, or `as_of` not a date.

    Examples
    --------
    >>> from customer_identification import Attribute
    >>> from customer_identification.models import Consent
    >>> day = dt.date(2011, 3, 1)
    >>> age = Attribute(
    ...     kind="demographics",
    ...     name="age",
    ...     value=41,
    ...     observed_on=day,
    ...     source="survey",
    ...     consent=Consent(purposes=["service"], given_on=day),
    ... )
    >>> customer = Customer(customer_id=7, kind="person", attributes=[age])
    >>> print(consent_report([customer], purpose="marketing", as_of=day))
    1 attributes: 1 withheld: another purpose
    """
    check_asked(purpose, as_of)
    if not isinstance(customers, Iterable):
        raise InvalidInputError(
            "customers must be a list of them, not one",
            code="not_a_list",
            column="customers",
        )
    given = list(customers)
    wrong = [i for i, one in enumerate(given) if not isinstance(one, Customer)]
    if wrong:
        raise InvalidInputError(
            f"customers must be Customer objects; {len(wrong):,} of {len(given):,} are "
            f"not, first at position {wrong[0]}",
            code="bad_item",
            column="customers",
            positions=wrong[:5],
        )
    known = [one for customer in given for one in customer.attributes]
    seen = [one for one in known if as_of is None or one.observed_on <= as_of]
    found = Counter(one.reading_rule(purpose, as_of).why for one in seen)
    lines = [(line, found[line.why]) for line in READING_RULES if found[line.why]]
    return ConsentReport(
        customers=len(given),
        attributes=len(known),
        readable=tuple((line.why, n) for line, n in lines if line.readable),
        withheld=tuple((line.why, n) for line, n in lines if not line.readable),
        later=len(known) - len(seen),
    )
