"""What comes in: parties, their roles, dealings, ties, words and bills."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum, auto
from math import isfinite
from operator import index
from typing import Any

import attrs
from attrs import field, frozen
from attrs.validators import optional

from customer_identification.errors import InvalidInputError


__all__ = [
    "Agreement",
    "Attribute",
    "AttributeKind",
    "Complaint",
    "Consent",
    "Customer",
    "Invoice",
    "Observation",
    "ObservationChannel",
    "PartyKind",
    "Relationship",
    "RelationshipKind",
    "Role",
    "RoleKind",
    "Transaction",
]


class _Word(StrEnum):
    """Words of one list; any other word is refused, and not repeated."""

    @classmethod
    def _missing_(cls, value: object) -> None:
        del value
        raise InvalidInputError(
            f"{cls.__name__} must be one of: {', '.join(cls)}", code="unknown_word"
        )


class PartyKind(_Word):
    """What a party is.

    Examples
    --------
    >>> PartyKind("household")
    <PartyKind.HOUSEHOLD: 'household'>
    """

    PERSON = auto()
    ORGANIZATION = auto()
    HOUSEHOLD = auto()
    GROUP = auto()


class RoleKind(_Word):
    """What a party is in an agreement: "5 More Customers To Identify In CRM".

    The five of that text (its "customer" is the owner here), and the prospect, the
    potential customer of "What Is the Customer Identification Program?".
    """

    OWNER = auto()
    AGENT = auto()
    BENEFICIARY = auto()
    BILL_PAYER = auto()
    COMPETITOR = auto()
    PROSPECT = auto()


class RelationshipKind(_Word):
    """How one party is tied to another.

    The chain of influence and its sources in "CRM: Identifying Customers & Their
    Characteristics"; payer and agent are from "5 More Customers To Identify In CRM".
    """

    REFERRAL = auto()
    PURCHASE_ON_BEHALF = auto()
    PAYER_OF = auto()
    AGENT_OF = auto()
    FAMILY = auto()
    FRIEND = auto()
    CO_WORKER = auto()
    HOUSEHOLD = auto()
    SUPPLIER = auto()
    CUSTOMER = auto()
    INTERMEDIARY = auto()
    PARTNER = auto()
    PROFESSIONAL_ASSOCIATION = auto()
    SHARED_INVESTOR = auto()
    EMPLOYMENT = auto()


class ObservationChannel(_Word):
    """Where something was learnt.

    The eight ways of "What Is the Customer Identification Program?" to find needs; the
    split into inside and outside, and the outside ones but the competitor's offer, are
    from "客户识别:客户关系管理的关键步骤".

    Examples
    --------
    >>> ObservationChannel("survey_web").inside
    True
    >>> ObservationChannel.SOCIAL_MEDIA.inside
    False
    """

    SURVEY_MAIL = auto()
    SURVEY_PHONE = auto()
    SURVEY_WEB = auto()
    SUGGESTION_BOX = auto()
    MEETING = auto()
    REPRESENTATIVE = auto()
    INTEREST_GROUP = auto()
    DATABASE_ANALYSIS = auto()
    MARKET_RESEARCH = auto()
    SOCIAL_MEDIA = auto()
    PUBLIC_RECORDS = auto()
    THIRD_PARTY = auto()
    COMPETITOR_OFFER = auto()

    @property
    def inside(self) -> bool:
        """Whether the host's own means found it."""
        return self not in _OUTSIDE


_OUTSIDE = frozenset(
    {
        ObservationChannel.SOCIAL_MEDIA,
        ObservationChannel.PUBLIC_RECORDS,
        ObservationChannel.THIRD_PARTY,
        ObservationChannel.COMPETITOR_OFFER,
    }
)


class AttributeKind(_Word):
    """What is known of a customer beside the purchases, which are transactions.

    The kinds of customer data in "CRM: Identifying Customers & Their Characteristics":
    the first three are its traditional sources, the others its additional ones.
    """

    CREDIT_HISTORY = auto()
    DEMOGRAPHICS = auto()
    CHANNELS = auto()
    PERSONALITY_TYPE = auto()
    PREFERRED_CONTACT = auto()
    VIEWS_OF_US = auto()
    VIEWS_OF_COMPETITORS = auto()
    PREFERENCES = auto()
    EXPECTATIONS = auto()
    SPECIAL_REQUIREMENTS = auto()
    INFLUENCES = auto()


def _refusal(name: str, must: str, code: str) -> InvalidInputError:
    return InvalidInputError(f"{name} must {must}", code=code, column=name)


def _as_id(value: int | str) -> int | str:
    """Read an integer of any make as an int; what is none is left to the check."""
    if type(value) is str or type(value) is int or isinstance(value, bool):
        return value
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        return value


def _as_id_or_none(value: int | str | None) -> int | str | None:
    return None if value is None else _as_id(value)


def _as_role(value: RoleKind | str) -> RoleKind | str:
    """Read one of our words as the role it names; other text stays text."""
    if not isinstance(value, str):
        return value
    check_role_word(value)
    return RoleKind(value) if value in _WORDS_OF_ROLES else value


_WORDS_OF_ROLES = frozenset(RoleKind)
_LETTERS_OF_ROLES = frozenset(word.replace("_", "") for word in RoleKind)


def is_role_word(word: str) -> bool:
    """Tell whether a role is one of ours as we write it, or really the host's own.

    Examples
    --------
    >>> (
    ...     is_role_word("disponent"),
    ...     is_role_word("bill_payer"),
    ...     is_role_word("Bill payer"),
    ... )
    (True, True, False)
    """
    letters = "".join(filter(str.isalpha, word)).lower()
    return word in _WORDS_OF_ROLES or letters not in _LETTERS_OF_ROLES


def check_role_word(word: str) -> None:
    """Make sure that a role of the host's own is none of ours, written otherwise.

    Raises
    ------
    InvalidInputError
        If it differs from one of our words only by capitals, blanks or hyphens.
    """
    if not is_role_word(word):
        raise InvalidInputError(
            f"a role must be written as one of {', '.join(RoleKind)}, or be another word",
            code="unknown_word",
            column="kind",
        )


def _as_tuple(values: object) -> tuple[Any, ...]:
    """Read what can be listed as a tuple; what cannot is left to the check."""
    return tuple(values) if isinstance(values, Iterable) else (values,)


def _check_id(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, str):
        if value and not value.isspace():
            return
    elif isinstance(value, int) and not isinstance(value, bool):
        if -(2**63) <= value < 2**63:
            return
        raise _refusal(attribute.name, "fit into 64 bits", "out_of_range")
    raise _refusal(attribute.name, "be an int or text that is not blank", "bad_id")


# attrs' own `optional` costs a call more, and a host makes a million transactions.
def _check_id_or_none(
    self: object, attribute: "attrs.Attribute[Any]", value: object
) -> None:
    if value is not None:
        _check_id(self, attribute, value)


def _check_text(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, str) or not value or value.isspace():
        raise _refusal(attribute.name, "be text that is not blank", "bad_text")


def _check_text_or_none(
    self: object, attribute: "attrs.Attribute[Any]", value: object
) -> None:
    if value is not None:
        _check_text(self, attribute, value)


def _check_bool(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, bool):
        raise _refusal(attribute.name, "be True or False", "bad_bool")


def _check_day(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise _refusal(attribute.name, "be a date, without a time of day", "bad_date")


def _check_moment(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    # pandas' NaT calls itself a datetime, but does not equal itself.
    if not isinstance(value, dt.date) or value != value:  # noqa: PLR0124
        raise _refusal(attribute.name, "be a date or a datetime", "bad_date")


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _check_number(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if _is_number(value):
        return
    if isinstance(value, (float, Decimal)):
        raise _refusal(attribute.name, "be finite", "not_finite")
    raise _refusal(attribute.name, "be an int, a float or a Decimal", "bad_number")


def _check_number_or_none(
    self: object, attribute: "attrs.Attribute[Any]", value: object
) -> None:
    if value is not None:
        _check_number(self, attribute, value)


def _check_discount_or_none(
    self: object, attribute: "attrs.Attribute[Any]", value: object
) -> None:
    if value is not None and not isinstance(value, bool):
        _check_number(self, attribute, value)


def _check_value(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if value is None or _is_number(value) or isinstance(value, (bool, str)):
        return
    if isinstance(value, (float, Decimal)):
        raise _refusal(attribute.name, "be finite", "not_finite")
    _check_moment(_, attribute, value)


def _check_share(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not _is_number(value) or not 0 <= value <= 1:  # type: ignore[operator]
        raise _refusal(attribute.name, "be a number from 0 to 1", "out_of_range")


def _check_leaning(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not _is_number(value) or not -1 <= value <= 1:  # type: ignore[operator]
        raise _refusal(attribute.name, "be a number from -1 to 1", "out_of_range")


def _check_order(
    first: str, start: dt.date | None, last: str, end: dt.date | None
) -> None:
    if start is not None and end is not None and end < start:
        raise _refusal(last, f"not be before {first}", "end_before_start")


def _count(values: tuple[object, ...]) -> str:
    return str(len(values))


def _as_purposes(values: object) -> object:
    """Sort a list of purposes, each once; what is none is left to the check."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        return values
    given = tuple(values)
    is_text = all(isinstance(one, str) for one in given)
    return tuple(sorted({str(one) for one in given})) if is_text else given


def _check_purposes(
    _: object, attribute: "attrs.Attribute[Any]", value: object
) -> None:
    if not isinstance(value, tuple):
        raise _refusal(attribute.name, "be a list of text, not one", "not_a_list")
    if not value:
        raise _refusal(attribute.name, "name at least one", "no_purpose")
    for one in value:
        _check_text(_, attribute, one)


def check_asked(purpose: object, as_of: object) -> None:
    """Make sure that a reader names text and a date, or None."""
    if isinstance(as_of, dt.datetime) or not isinstance(as_of, dt.date | None):
        raise _refusal("as_of", "be a date, without a time of day", "bad_date")
    if purpose is not None and (not isinstance(purpose, str) or not purpose.strip()):
        raise _refusal("purpose", "be text that is not blank", "bad_text")


@frozen(kw_only=True)
class Consent:
    """For what a customer allows something to be read, and from when to when.

    Answers the care for privacy asked by "客户识别:客户关系管理的关键步骤"; that consent
    is given for specific purposes is Regulation (EU) 2016/679, article 6 (1) (a).

    Attributes
    ----------
    purposes
        For what, in words of the host's own; at least one. Kept sorted, each once;
        `repr` shows how many.
    given_on, until
        First and last day; no `until` while it lasts. Who takes consent back sets
        `until`.

    Examples
    --------
    >>> import datetime as dt
    >>> Consent(purposes=["service", "marketing"], given_on=dt.date(2011, 1, 1))
    Consent(purposes=2, given_on=datetime.date(2011, 1, 1), until=None)
    """

    purposes: tuple[str, ...] = field(
        converter=_as_purposes, validator=_check_purposes, repr=_count
    )
    given_on: dt.date = field(validator=_check_day)
    until: dt.date | None = field(default=None, validator=optional(_check_day))

    def __attrs_post_init__(self) -> None:
        _check_order("given_on", self.given_on, "until", self.until)


@frozen(kw_only=True)
class ReadingRule:
    """One line of `READING_RULES`: when it holds, and whether one may read then.

    Attributes
    ----------
    why
        Name of the line.
    readable
        Whether the attribute may be read.
    says
        The condition in words.
    holds
        The condition, of a consent, a purpose and a day.
    """

    why: str
    readable: bool
    says: str
    holds: Callable[[Any, Any, Any], bool] = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.why}: {'read' if self.readable else 'withheld'} where {self.says}"
        )


# Whether an attribute may be read: the first line that holds. Without a record nothing
# says that there is a limit, and with one all is withheld that it does not cover. Our
# choice, after "purpose limitation" in Regulation (EU) 2016/679, article 5 (1) (b).
READING_RULES = (
    ReadingRule(
        why="no limit recorded",
        readable=True,
        says="no consent is recorded",
        holds=lambda consent, _, __: consent is None,
    ),
    ReadingRule(
        why="no purpose named",
        readable=False,
        says="the reader names no purpose",
        holds=lambda _, purpose, __: purpose is None,
    ),
    ReadingRule(
        why="another purpose",
        readable=False,
        says="the consent is for other purposes",
        holds=lambda consent, purpose, _: purpose not in consent.purposes,
    ),
    ReadingRule(
        why="not yet given",
        readable=False,
        says="the consent begins after as_of",
        holds=lambda consent, _, as_of: bool(as_of and as_of < consent.given_on),
    ),
    ReadingRule(
        why="ended",
        readable=False,
        says="the consent ended before as_of, or has an end and no as_of is named",
        holds=lambda consent, _, as_of: bool(
            consent.until and (as_of is None or consent.until < as_of)
        ),
    ),
    ReadingRule(
        why="consented",
        readable=True,
        says="none of these holds",
        holds=lambda *_: True,
    ),
)


def _check_consent(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, Consent):
        raise _refusal(attribute.name, "be a Consent or None", "bad_item")


@frozen(kw_only=True, repr=False)
class Attribute:
    """One thing known of a customer, with its day and its source.

    Answers "Gather Customer Data" in "CRM: Identifying Customers & Their
    Characteristics", and the care for privacy asked by "客户识别:客户关系管理的关键步骤":
    what is personal is never shown by `repr`.

    Attributes
    ----------
    kind
        What sort of knowledge it is.
    name
        Which one of that sort, such as "occupation".
    value
        Text, a finite number, a bool, a date or datetime, or None where it is known
        that nobody knows.
    observed_on
        The day from which it was known.
    source
        Who or what told it.
    personal
        Whether `repr` must hide value and source.
    consent
        For what it may be read; None where no limit was recorded. `repr` shows that
        there is one.

    Examples
    --------
    >>> import datetime as dt
    >>> age = Attribute(
    ...     kind="demographics",
    ...     name="age",
    ...     value=41,
    ...     observed_on=dt.date(2011, 3, 1),
    ...     source="survey",
    ... )
    >>> age
    Attribute(kind='demographics', name='age', observed_on=2011-03-01, personal)
    """

    kind: AttributeKind = field(converter=AttributeKind)
    name: str = field(validator=_check_text)
    value: str | int | float | bool | Decimal | dt.date | dt.datetime | None = field(
        validator=_check_value
    )
    observed_on: dt.date = field(validator=_check_day)
    source: str = field(validator=_check_text)
    personal: bool = field(default=True, validator=_check_bool)
    consent: Consent | None = field(default=None, validator=optional(_check_consent))

    def reading_rule(
        self, purpose: str | None = None, as_of: dt.date | None = None
    ) -> ReadingRule:
        """Give the first of `READING_RULES` that holds: whether to read, and why.

        Parameters
        ----------
        purpose : str, optional
            What the reader wants it for.
        as_of : date, optional
            The day on which it is read.

        Raises
        ------
        InvalidInputError
            If `purpose` is blank or no text, or `as_of` not a date.
        """
        check_asked(purpose, as_of)
        return next(
            line for line in READING_RULES if line.holds(self.consent, purpose, as_of)
        )

    def is_open(self, purpose: str | None = None, as_of: dt.date | None = None) -> bool:
        """Tell whether it may be read for a purpose on a day, by `READING_RULES`.

        Parameters
        ----------
        purpose, as_of
            As for :meth:`reading_rule`, which tells why.

        Examples
        --------
        >>> import datetime as dt
        >>> age = Attribute(
        ...     kind="demographics",
        ...     name="age",
        ...     value=41,
        ...     observed_on=dt.date(2011, 3, 1),
        ...     source="survey",
        ...     consent=Consent(purposes=["service"], given_on=dt.date(2011, 3, 1)),
        ... )
        >>> age.is_open("service", dt.date(2011, 4, 1)), age.is_open("marketing")
        (True, False)
        >>> age.reading_rule("marketing").why
        'another purpose'
        """
        return self.reading_rule(purpose, as_of).readable

    def __repr__(self) -> str:
        tail = (
            "personal"
            if self.personal
            else f"value={self.value!r}, source={self.source!r}"
        )
        if self.consent is not None:
            tail += ", consent"
        return (
            f"Attribute(kind={str(self.kind)!r}, name={self.name!r}, "
            f"observed_on={self.observed_on}, {tail})"
        )


def _as_attributes(values: Iterable[Attribute]) -> tuple[Attribute, ...]:
    return _as_tuple(values)


def _check_attributes(
    _: object, attribute: "attrs.Attribute[Any]", value: tuple[object, ...]
) -> None:
    if not all(isinstance(item, Attribute) for item in value):
        raise _refusal(attribute.name, "be Attribute objects", "bad_item")


@frozen(kw_only=True)
class Customer:
    """A party we deal with or may deal with.

    Answers "create a list of all customers" in "CRM: Identifying Customers & Their
    Characteristics", and the database of customers, kept private, in
    "客户识别:客户关系管理的关键步骤".

    Attributes
    ----------
    customer_id
        An int of 64 bits, or text; hidden from `repr`.
    kind
        Person, organization, household or group.
    name
        Hidden from `repr`.
    attributes
        What is known; `repr` shows how many.

    Examples
    --------
    >>> import datetime as dt
    >>> def phone(day):
    ...     return Attribute(
    ...         kind="preferred_contact",
    ...         name="mode",
    ...         value=f"phone {day}",
    ...         observed_on=dt.date(2011, 3, day),
    ...         source="call",
    ...     )
    >>> customer = Customer(
    ...     customer_id=12347, kind="person", attributes=[phone(1), phone(9)]
    ... )
    >>> customer
    Customer(kind=<PartyKind.PERSON: 'person'>, attributes=2)
    >>> customer.attribute("preferred_contact").value
    'phone 9'
    >>> customer.attribute("preferred_contact", as_of=dt.date(2011, 3, 8)).value
    'phone 1'
    """

    customer_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    kind: PartyKind = field(converter=PartyKind)
    name: str | None = field(default=None, validator=_check_text_or_none, repr=False)
    attributes: tuple[Attribute, ...] = field(
        default=(), converter=_as_attributes, validator=_check_attributes, repr=_count
    )

    def attribute(
        self,
        kind: AttributeKind | str,
        name: str | None = None,
        as_of: dt.date | None = None,
        purpose: str | None = None,
    ) -> Attribute | None:
        """Find the newest attribute of a kind that may be read.

        Parameters
        ----------
        kind : AttributeKind or str
            What sort of knowledge.
        name : str, optional
            Which one of that sort; any of them if not given.
        as_of : date, optional
            Only what was known by the end of that day; no limit if not given.
        purpose : str, optional
            What it is read for; without it, whatever has a consent is withheld.

        Returns
        -------
        attribute : Attribute or None
            None where nothing is known that may be read. Of several on one day, the
            last one listed.

        Raises
        ------
        InvalidInputError
            If `kind` is not one of our words, `as_of` not a date, or `purpose` blank.
        """
        found = [
            item
            for item in self.known(kind, as_of=as_of, purpose=purpose)
            if name is None or item.name == name
        ]
        return found[-1] if found else None

    def known(
        self,
        kind: AttributeKind | str,
        as_of: dt.date | None = None,
        purpose: str | None = None,
    ) -> tuple[Attribute, ...]:
        """List what is known of one kind and may be read.

        Parameters
        ----------
        kind : AttributeKind or str
            What sort of knowledge.
        as_of : date, optional
            Only what was known by the end of that day; no limit if not given. Consent
            must hold on it.
        purpose : str, optional
            What it is read for; without it, whatever has a consent is withheld.

        Returns
        -------
        attributes : tuple of Attribute
            Oldest first; those of one day as listed. Empty where nothing is known that
            may be read; ``consent_report`` counts what is withheld.

        Raises
        ------
        InvalidInputError
            If `kind` is not one of our words, `as_of` not a date, or `purpose` blank.
        """
        wanted = AttributeKind(kind)
        check_asked(purpose, as_of)
        found = (
            item
            for item in self.attributes
            if item.kind is wanted
            and (as_of is None or item.observed_on <= as_of)
            and item.is_open(purpose, as_of)
        )
        return tuple(sorted(found, key=lambda item: item.observed_on))


@frozen(kw_only=True)
class Role:
    """What a party is, in which agreement or scope, from when to when.

    Answers "5 More Customers To Identify In CRM": agent, beneficiary, bill payer,
    owner and competitor; one party may play several, each its own `Role`.

    Attributes
    ----------
    party_id
        Who plays it; hidden from `repr`.
    kind
        One of `RoleKind`, or a word of the host's own.
    agreement_id
        In which agreement; hidden from `repr`.
    scope
        In what else, such as a line of products.
    since, until
        First and last day; no `until` while it lasts.
    towards
        Towards whom, such as an agent's principal, and so another party; hidden from
        `repr`.

    Examples
    --------
    >>> import datetime as dt
    >>> role = Role(party_id="p-1", kind="bill_payer", since=dt.date(2011, 1, 1))
    >>> role.kind
    <RoleKind.BILL_PAYER: 'bill_payer'>
    """

    party_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    kind: RoleKind | str = field(converter=_as_role, validator=_check_text)
    agreement_id: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )
    scope: str | None = field(default=None, validator=_check_text_or_none)
    since: dt.date = field(validator=_check_day)
    until: dt.date | None = field(default=None, validator=optional(_check_day))
    towards: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )

    def __attrs_post_init__(self) -> None:
        _check_order("since", self.since, "until", self.until)
        if self.towards == self.party_id:
            raise _refusal("towards", "not be party_id", "self_role")


def _as_roles(values: Iterable[Role]) -> tuple[Role, ...]:
    return _as_tuple(values)


def _check_roles(
    _: object, attribute: "attrs.Attribute[Any]", value: tuple[object, ...]
) -> None:
    if not all(isinstance(item, Role) for item in value):
        raise _refusal(attribute.name, "be Role objects", "bad_item")


@frozen(kw_only=True)
class Agreement:
    """A contract, account or policy, and who plays which role in it.

    Answers "5 More Customers To Identify In CRM": who owns it, who pays, who uses it
    and through whom it was bought need not be the same party.

    Attributes
    ----------
    agreement_id
        An int of 64 bits, or text; hidden from `repr`.
    roles
        Those that name an agreement must name this one; `repr` shows how many.
    opened, closed
        First and last day; no `closed` while it lasts.

    Examples
    --------
    >>> import datetime as dt
    >>> owner = Role(party_id=7, kind="owner", since=dt.date(2011, 1, 1))
    >>> Agreement(agreement_id="a-1", roles=[owner], opened=dt.date(2011, 1, 1))
    Agreement(roles=1, opened=datetime.date(2011, 1, 1), closed=None)
    """

    agreement_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    roles: tuple[Role, ...] = field(
        default=(), converter=_as_roles, validator=_check_roles, repr=_count
    )
    opened: dt.date = field(validator=_check_day)
    closed: dt.date | None = field(default=None, validator=optional(_check_day))

    def __attrs_post_init__(self) -> None:
        _check_order("opened", self.opened, "closed", self.closed)
        here = (None, self.agreement_id)
        if any(role.agreement_id not in here for role in self.roles):
            raise _refusal("roles", "not name another agreement", "other_agreement")


@frozen(kw_only=True)
class Transaction:
    """One purchase, line of a purchase, or refund.

    Answers the purchase records of "What Is the Customer Identification Program?" and
    the purchasing history and the purchases on behalf of others of "CRM: Identifying
    Customers & Their Characteristics"; payer, beneficiary and agent are those of
    "5 More Customers To Identify In CRM".

    Attributes
    ----------
    customer_id
        Who bought; None where that is not known yet. Ids are hidden from `repr`.
    date
        A date, or a datetime with or without a zone.
    amount
        What was paid, below 0 for a refund; None where unknown. Hidden from `repr`, as
        all money. [money]
    profit
        What was earned by it. [money]
    order_id
        Lines of one order are one purchase.
    discount
        Money off or a rate, already taken off `amount`, or whether there was any.
    category, channel
        What kind of goods, and bought which way.
    payer_id, beneficiary_id, agent_id
        Who paid, who uses it, and through whom, where that is another party.

    Examples
    --------
    >>> import datetime as dt
    >>> Transaction(customer_id=7, date=dt.date(2011, 12, 1), amount=12.5)
    Transaction(date=datetime.date(2011, 12, 1), category=None, channel=None)
    >>> Transaction(customer_id=7, date=dt.date(2011, 12, 1), amount=float("nan"))
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: amount must be finite
    """

    customer_id: int | str | None = field(
        converter=_as_id_or_none, validator=_check_id_or_none, repr=False
    )
    date: dt.date | dt.datetime = field(validator=_check_moment)
    amount: int | float | Decimal | None = field(
        validator=_check_number_or_none, repr=False
    )
    profit: int | float | Decimal | None = field(
        default=None, validator=_check_number_or_none, repr=False
    )
    order_id: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )
    discount: int | float | Decimal | bool | None = field(
        default=None, validator=_check_discount_or_none, repr=False
    )
    category: str | None = field(default=None, validator=_check_text_or_none)
    channel: str | None = field(default=None, validator=_check_text_or_none)
    payer_id: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )
    beneficiary_id: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )
    agent_id: int | str | None = field(
        default=None,
        converter=_as_id_or_none,
        validator=_check_id_or_none,
        repr=False,
    )


@frozen(kw_only=True)
class Relationship:
    """One party's tie to another, as one source tells it.

    Answers "Identify Chain of Influence" in "CRM: Identifying Customers & Their
    Characteristics".

    Attributes
    ----------
    source_id, target_id
        Who influences, and who is influenced: two parties; hidden from `repr`.
    kind
        How they are tied.
    date
        The day from which the tie is known.
    source
        Who or what told it; hidden from `repr`.
    strength
        Chance that the decision of the one carries over to the other, 0 to 1.
    until
        Last day of the tie; None while it lasts.

    Examples
    --------
    >>> import datetime as dt
    >>> day = dt.date(2011, 1, 1)
    >>> tie = Relationship(
    ...     source_id=1, target_id=2, kind="referral", date=day, source="form"
    ... )
    >>> tie.kind
    <RelationshipKind.REFERRAL: 'referral'>
    """

    source_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    target_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    kind: RelationshipKind = field(converter=RelationshipKind)
    date: dt.date = field(validator=_check_day)
    source: str = field(validator=_check_text, repr=False)
    strength: float | None = field(default=None, validator=optional(_check_share))
    until: dt.date | None = field(default=None, validator=optional(_check_day))

    def __attrs_post_init__(self) -> None:
        _check_order("date", self.date, "until", self.until)
        if self.source_id == self.target_id:
            raise _refusal("target_id", "not be source_id", "self_relationship")


@frozen(kw_only=True)
class Observation:
    """What somebody said or did that tells of a need.

    Answers "Identify customer needs" in "What Is the Customer Identification
    Program?", and the methods from inside and outside in
    "客户识别:客户关系管理的关键步骤".

    Attributes
    ----------
    customer_id
        Whose need; None where nobody is named, as in a suggestion box or a
        competitor's offer. Hidden from `repr`.
    topic
        What it is about.
    channel
        Where it was learnt.
    date
        The day it was said or seen.
    importance
        0 (none) to 1 (as much as can be).
    satisfaction
        0 (none) to 1 (full).
    sentiment
        -1 (against) to 1 (in favour).
    text
        Their words; hidden from `repr`.

    Examples
    --------
    >>> import datetime as dt
    >>> Observation(
    ...     customer_id=7,
    ...     topic="delivery",
    ...     channel="survey_web",
    ...     date=dt.date(2011, 5, 2),
    ...     satisfaction=3,
    ... )
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: satisfaction must be a number
    from 0 to 1
    """

    customer_id: int | str | None = field(
        converter=_as_id_or_none, validator=_check_id_or_none, repr=False
    )
    topic: str = field(validator=_check_text)
    channel: ObservationChannel = field(converter=ObservationChannel)
    date: dt.date = field(validator=_check_day)
    importance: float | None = field(default=None, validator=optional(_check_share))
    satisfaction: float | None = field(default=None, validator=optional(_check_share))
    sentiment: float | None = field(default=None, validator=optional(_check_leaning))
    text: str | None = field(default=None, validator=_check_text_or_none, repr=False)


@frozen(kw_only=True)
class Invoice:
    """A bill: what is owed by when, and what was paid.

    Answers the customer's credit and the risk of arrears in "The benefits of customer
    classification management law", and the credit history of "CRM: Identifying
    Customers & Their Characteristics".

    Attributes
    ----------
    invoice_id, customer_id
        Hidden from `repr`.
    issued, due
        `due` is not before `issued`.
    amount
        What is owed, below 0 for a credit note; hidden from `repr`. [money]
    paid_on
        Day of the last payment, which may be before `issued`; None if there was none.
    paid_amount
        What was paid by then, not without `paid_on`; None there means all of it.
        Hidden from `repr`. [money]
    disputed
        Whether the customer contests it.

    Examples
    --------
    >>> import datetime as dt
    >>> Invoice(
    ...     invoice_id=1,
    ...     customer_id=7,
    ...     amount=100,
    ...     issued=dt.date(2011, 2, 1),
    ...     due=dt.date(2011, 1, 1),
    ... )
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: due must not be before issued
    """

    invoice_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    customer_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    issued: dt.date = field(validator=_check_day)
    due: dt.date = field(validator=_check_day)
    amount: int | float | Decimal = field(validator=_check_number, repr=False)
    paid_on: dt.date | None = field(default=None, validator=optional(_check_day))
    paid_amount: int | float | Decimal | None = field(
        default=None, validator=_check_number_or_none, repr=False
    )
    disputed: bool = field(default=False, validator=_check_bool)

    def __attrs_post_init__(self) -> None:
        _check_order("issued", self.issued, "due", self.due)
        if self.paid_on is None and self.paid_amount is not None:
            raise _refusal("paid_amount", "not be given without paid_on", "no_paid_on")


@frozen(kw_only=True)
class Complaint:
    """What a customer complains of, since when, and whether it is settled.

    Answers "priority should be given to the complaints of Class A customers" in "The
    benefits of customer classification management law".

    Attributes
    ----------
    complaint_id, customer_id
        Hidden from `repr`.
    received
        The day it came in.
    topic
        What it is about.
    resolved
        The day it was settled; None while it is open.
    text
        Their words; hidden from `repr`.

    Examples
    --------
    >>> import datetime as dt
    >>> Complaint(complaint_id=1, customer_id=7, received=dt.date(2011, 5, 2))
    Complaint(received=datetime.date(2011, 5, 2), topic=None, resolved=None)
    """

    complaint_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    customer_id: int | str = field(converter=_as_id, validator=_check_id, repr=False)
    received: dt.date = field(validator=_check_day)
    topic: str | None = field(default=None, validator=_check_text_or_none)
    resolved: dt.date | None = field(default=None, validator=optional(_check_day))
    text: str | None = field(default=None, validator=_check_text_or_none, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_order("received", self.received, "resolved", self.resolved)
