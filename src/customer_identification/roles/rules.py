"""Which evidence makes a party what: a table of rules, the first that matches wins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.errors import InvalidInputError
from customer_identification.models import RoleKind


__all__ = [
    "DEFAULT_ROLE_RULES",
    "PLACES",
    "SOURCES",
    "RoleRule",
    "case_of",
    "check_rules",
    "deciding_rule",
]

SOURCES = ("statement", "agreement", "transaction", "list")
PLACES = ("stated", "owner", "agent", "beneficiary", "payer", "listed")
_WHOSE = ("anybody", "the owner", "another")
_OTHERS = ("agent", "beneficiary", "payer")
_MOST = 127  # as many as the labels of a frame can tell apart


def _one_of(words: Sequence[str]) -> Any:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in words:
            raise InvalidInputError(
                f"{attribute.name} must be one of {', '.join(words)}", code="bad_rule"
            )

    return check


def _check_text(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInputError(
            f"{attribute.name} must be text that is not blank", code="bad_rule"
        )


def _check_role(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        _check_text(_, attribute, value)


def _check_scopes(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    is_text = isinstance(value, tuple) and all(
        isinstance(one, str) and one.strip() for one in value
    )
    if not is_text:
        raise InvalidInputError(
            f"{attribute.name} must be a tuple of text that is not blank",
            code="bad_rule",
        )


def _as_word(value: Any) -> Any:
    return str(value) if isinstance(value, RoleKind) else value


@frozen(kw_only=True)
class RoleRule:
    """One line of the table: what a party is that stands in some place.

    Attributes
    ----------
    name : str
        What the answer names.
    source : {"statement", "agreement", "transaction", "list"}
        Where the evidence is from; a list is one of known parties.
    place : {"stated", "owner", "agent", "beneficiary", "payer", "listed"}
        Where the party stands in it; the customer of a transaction is its owner.
    whose : {"anybody", "the owner", "another"}
        Whether the party is the owner of it too; where no owner is named, it is another.
    scopes : tuple of str
        Only in these scopes; in any, if empty.
    gives : str or None
        The role, one of ours or a word of the host's own; None where it makes no role of
        its own. A stated party has the role that is stated, whatever this says.
    """

    name: str = field(validator=_check_text)
    source: str = field(validator=_one_of(SOURCES))
    place: str = field(validator=_one_of(PLACES))
    whose: str = field(default="anybody", validator=_one_of(_WHOSE))
    scopes: tuple[str, ...] = field(default=(), validator=_check_scopes)
    gives: str | None = field(default=None, converter=_as_word, validator=_check_role)

    def __attrs_post_init__(self) -> None:
        if (self.source == "statement" and self.place != "stated") or (
            (self.source == "list") != (self.place == "listed")
        ):
            raise InvalidInputError(
                "a statement speaks of the stated place, and a list of the listed one",
                code="bad_rule",
            )
        if self.whose != "anybody" and self.place not in _OTHERS:
            raise InvalidInputError(
                f"only {', '.join(_OTHERS)} may be the owner too, or another",
                code="bad_rule",
            )
        if self.source == "transaction" and self.place == "stated":
            raise InvalidInputError("transactions state no roles", code="bad_rule")

    def __str__(self) -> str:
        whose = "" if self.whose == "anybody" else f" who is {self.whose}"
        within = f" in {', '.join(self.scopes)}" if self.scopes else ""
        gives = "as stated" if self.place == "stated" else self.gives or "no role"
        an = "an" if self.source == "agreement" else "a"
        where = f"{self.place} of {an} {self.source}"
        return f"{self.name}: {where}{whose}{within}: {gives}"

    def covers(self, source: str, place: str, *, is_owner: bool) -> bool:
        """Tell whether it speaks of a party in some place, whatever the scope."""
        whose = {"anybody", "the owner" if is_owner else "another"}
        return (self.source, self.place) == (source, place) and self.whose in whose


def _rule(
    source: str, place: str, whose: str, gives: str | None, name: str
) -> RoleRule:
    return RoleRule(name=name, source=source, place=place, whose=whose, gives=gives)


# "5 More Customers To Identify In CRM" has the five roles; that who pays for, or uses,
# what is their own has no further role by it is our choice.
DEFAULT_ROLE_RULES: tuple[RoleRule, ...] = (
    _rule("statement", "stated", "anybody", None, "stated"),
    _rule("agreement", "stated", "anybody", None, "stated in the agreement"),
    _rule("agreement", "owner", "anybody", "owner", "owns an agreement"),
    _rule("agreement", "agent", "anybody", "agent", "agent of an agreement"),
    _rule("agreement", "payer", "the owner", None, "pays for their own agreement"),
    _rule(
        "agreement", "payer", "another", "bill_payer", "pays for another's agreement"
    ),
    _rule("agreement", "beneficiary", "the owner", None, "uses their own agreement"),
    _rule(
        "agreement", "beneficiary", "another", "beneficiary", "uses another's agreement"
    ),
    _rule("transaction", "owner", "anybody", "owner", "bought"),
    _rule("transaction", "agent", "anybody", "agent", "a purchase went through them"),
    _rule("transaction", "payer", "the owner", None, "paid for their own purchase"),
    _rule(
        "transaction", "payer", "another", "bill_payer", "paid for another's purchase"
    ),
    _rule("transaction", "beneficiary", "the owner", None, "uses what they bought"),
    _rule(
        "transaction",
        "beneficiary",
        "another",
        "beneficiary",
        "uses what another bought",
    ),
    _rule("list", "listed", "anybody", "prospect", "known, and has bought nothing yet"),
)


def _cases() -> list[tuple[str, str, bool]]:
    return list(product(SOURCES, PLACES, (False, True)))


def check_rules(rules: object) -> tuple[RoleRule, ...]:
    """Make sure that every line of a table can match, and names are told apart.

    Raises
    ------
    InvalidInputError
        If there is no line, two have one name, or one stands below lines that take all
        it could match.

    Examples
    --------
    >>> check_rules([])
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: rules must be at least one RoleRule
    """
    lines = tuple(rules) if isinstance(rules, (list, tuple)) else ()
    if not lines or any(not isinstance(line, RoleRule) for line in lines):
        raise InvalidInputError("rules must be at least one RoleRule", code="bad_rules")
    if len(lines) > _MOST:
        raise InvalidInputError(
            f"there must be at most {_MOST} rules; got {len(lines)}", code="bad_rules"
        )
    if len({line.name for line in lines}) < len(lines):
        raise InvalidInputError(
            "every rule must have a name of its own", code="bad_rules"
        )
    for at, line in enumerate(lines):
        reached = [
            case for case in _cases() if line.covers(*case[:2], is_owner=case[2])
        ]
        if all(_is_taken(line, case, lines[:at]) for case in reached):
            raise InvalidInputError(
                f"every rule must be able to match; line {at + 1} of {len(lines)} stands "
                "below others that take all it could",
                code="shadowed",
                positions=[at],
            )
    return lines


def _is_taken(
    line: RoleRule, case: tuple[str, str, bool], above: Sequence[RoleRule]
) -> bool:
    """Tell whether lines above leave a line nothing of one case."""
    left = set(line.scopes)
    for other in above:
        if other.covers(*case[:2], is_owner=case[2]):
            if not other.scopes:
                return True
            left -= set(other.scopes)
    return bool(line.scopes) and not left


def case_of(source: str, place: str, is_owner: Any) -> Any:
    """Give the number of a case: where the evidence is from, and who it speaks of."""
    at = SOURCES.index(source) * len(PLACES) + PLACES.index(place)
    return 2 * at + np.asarray(is_owner, dtype=np.int16)


def deciding_rule(
    rules: Sequence[RoleRule], scopes: Sequence[str]
) -> NDArray[np.int16]:
    """Give the first rule that matches, for every case and scope.

    Parameters
    ----------
    rules : sequence of RoleRule
        From the top.
    scopes : sequence of str
        Those that the evidence names.

    Returns
    -------
    rule : ndarray of int16, shape (n_cases, n_scopes + 1)
        Position in `rules`, -1 where none matches; the last column is of evidence that
        names no scope.

    Examples
    --------
    >>> table = deciding_rule(DEFAULT_ROLE_RULES, [])
    >>> DEFAULT_ROLE_RULES[table[case_of("agreement", "payer", False), -1]].gives
    'bill_payer'
    """
    cases = _cases()
    table: NDArray[np.int16] = np.full((len(cases), len(scopes) + 1), -1, np.int16)
    for at in reversed(range(len(rules))):
        rule = rules[at]
        rows = np.array(
            [rule.covers(*case[:2], is_owner=case[2]) for case in cases], np.bool_
        )
        within = [not rule.scopes or scope in rule.scopes for scope in scopes]
        columns = np.array([*within, not rule.scopes], np.bool_)
        table[np.ix_(rows, columns)] = at
    return table
