"""Lines of a service table: which classes and roles get which treatment.

The default table is that of two texts: "The benefits of customer classification
management law" (what key, major and ordinary customers get) and "What Is the Customer
Identification Program?" (whom to set apart, keep, win and let go).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from customer_identification.errors import InvalidInputError


__all__ = [
    "CREDIT_SERVICE_LINES",
    "DEFAULT_SERVICE_LEVELS",
    "DEFAULT_SERVICE_LINES",
    "MOST_LINES",
    "ROLE_SERVICE_LINES",
    "ServiceLine",
    "check_lines",
]

MOST_LINES = 64  # one bit a line, in a word of the machine; our choice

# What a customer is: by rule the classes, and by role whether it is held, that are
# possible. What is not named may be anything.
_Box = Mapping[tuple[str, str], frozenset[Any]]


def _bad(message: str) -> InvalidInputError:
    return InvalidInputError(message, code="bad_option")


def _word(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _bad(f"{name} must be text that is not blank")
    return value


def _words(name: str, values: object) -> tuple[str, ...]:
    if isinstance(values, str):
        values = (values,)
    if not isinstance(values, (tuple, list)):
        raise _bad(f"{name} must be a tuple of words")
    return tuple(dict.fromkeys(_word(name, one) for one in values))


def _roles(values: object) -> tuple[str, ...]:
    return _words("roles", values)


def _when(conditions: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(conditions, Mapping):
        raise _bad("when must map names of rules to classes")
    read = {
        _word("the name of a rule", name): _words("classes", one)
        for name, one in conditions.items()
    }
    if not all(read.values()):
        raise _bad("when must name at least one class of each rule")
    return read


def _check_word(_: Any, attribute: Any, value: Any) -> None:
    _word(attribute.name, value)


@frozen(kw_only=True)
class ServiceLine:
    """One line of a service table: the treatment, and all that must hold for it.

    Attributes
    ----------
    level : str
        How much service.
    treatment : str
        What is done, in words.
    when : mapping of str to tuple of str
        By name of the rule the classes that get it; one of each rule must hold.
    roles : tuple of str
        The customer must have one of these; with none, roles do not matter.
    source : str
        Where the line comes from.

    Raises
    ------
    InvalidInputError
        If a word is blank, or a rule has no classes.

    Examples
    --------
    >>> print(ServiceLine(level="key", treatment="Visits", when={"value": ("A", "B")}))
    key: value A or B: Visits
    """

    level: str = field(validator=_check_word)
    treatment: str = field(validator=_check_word)
    when: Mapping[str, tuple[str, ...]] = field(
        factory=dict, converter=_when, hash=False
    )
    roles: tuple[str, ...] = field(default=(), converter=_roles)
    source: str = field(default="our choice", validator=_check_word)

    def __str__(self) -> str:
        limits = [f"{name} {' or '.join(one)}" for name, one in self.when.items()]
        if self.roles:
            limits.append(f"role {' or '.join(self.roles)}")
        who = " and ".join(limits) or "everybody else"
        return f"{self.level}: {who}: {self.treatment}"

    @property
    def is_free(self) -> bool:
        """Whether the line has no conditions, and so catches everybody."""
        return not self.when and not self.roles

    def boxes(self) -> list[_Box]:
        """Give who it takes as boxes that do not overlap: one for each role."""
        classes = {("class", name): frozenset(one) for name, one in self.when.items()}
        if not self.roles:
            return [classes]
        held, not_held = frozenset([True]), frozenset([False])
        return [
            {
                **classes,
                **{("role", before): not_held for before in self.roles[:at]},
                ("role", role): held,
            }
            for at, role in enumerate(self.roles)
        ]


def check_lines(lines: Sequence[ServiceLine], levels: Sequence[str]) -> None:
    """Make sure that a table catches everybody, and that every line can take somebody.

    Raises
    ------
    InvalidInputError
        If there are no lines, or more than 64; the last one has conditions; a level is
        none of `levels`; or the lines above take all whom a line could take.

    Examples
    --------
    >>> all_alike = ServiceLine(level="basic", treatment="Answer letters")
    >>> check_lines([all_alike, all_alike], ["basic"])
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: every line must be able to take
    somebody; line 2 never does, since the lines above take all of them
    """
    if not lines or len(lines) > MOST_LINES:
        raise InvalidInputError(
            f"a table must have from 1 to {MOST_LINES} lines; this one has {len(lines)}",
            code="bad_table",
        )
    for number, line in enumerate(lines, start=1):
        if line.level not in levels:
            raise InvalidInputError(
                f"every line must give one of the levels {', '.join(levels)}; line "
                f"{number} does not",
                code="unknown_level",
            )
    if not lines[-1].is_free:
        raise InvalidInputError(
            "the last line of a table must have no conditions, to catch everybody else",
            code="bad_table",
        )
    _check_reached(lines)


def _check_reached(lines: Sequence[ServiceLine]) -> None:
    boxes = [line.boxes() for line in lines]
    values = _values(lines)
    for at, own in enumerate(boxes):
        above = [box for others in boxes[:at] for box in others]
        if not any(_is_left(box, above, values) for box in own):
            raise InvalidInputError(
                f"every line must be able to take somebody; line {at + 1} never does, "
                "since the lines above take all of them",
                code="shadowed",
            )


def _values(lines: Sequence[ServiceLine]) -> _Box:
    """Give all that a class or a role may be; None stands for any other class."""
    values: dict[tuple[str, str], frozenset[Any]] = {}
    for line in lines:
        for name, labels in line.when.items():
            known = values.get(("class", name), frozenset([None]))
            values["class", name] = known | frozenset(labels)
        for role in line.roles:
            values["role", role] = frozenset([True, False])
    return values


def _is_left(box: _Box, above: Sequence[_Box], values: _Box) -> bool:
    """Tell whether a box holds a customer whom none of the boxes above takes.

    The part outside one of the boxes above is cut into boxes, and these are held
    against the others; it is the one above that leaves the least choice.
    """
    met = [
        other
        for other in above
        if not any(
            one.isdisjoint(box.get(key, values[key])) for key, one in other.items()
        )
    ]
    if not met:
        return True
    open_to = [
        [key for key, one in other.items() if box.get(key, values[key]) - one]
        for other in met
    ]
    at = min(range(len(met)), key=lambda i: len(open_to[i]))
    rest = dict(box)
    for key in open_to[at]:
        mine = rest.get(key, values[key])
        others = met[:at] + met[at + 1 :]
        if _is_left({**rest, key: mine - met[at][key]}, others, values):
            return True
        rest[key] = mine & met[at][key]
    return False


# --- the default table ----------------------------------------------------------------

DEFAULT_SERVICE_LEVELS = ("key", "major", "basic", "minimal")

_LAW = "The benefits of customer classification management law"
_FIVE = "5 More Customers To Identify In CRM"
_PROGRAM = "What Is the Customer Identification Program?"

# The words are those of the texts; which level goes with them, where a text does not
# name one, is our choice.
DEFAULT_SERVICE_LINES = (
    ServiceLine(
        level="minimal",
        treatment="Keep apart, so that they do not interfere with the sales plan: "
        "offers by price, no visits",
        when={"loyalty": ("transactional",)},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="key",
        treatment="Visit now, representative and supervisor, and find out what is behind "
        "the abnormal trend; fastest service, complaints first",
        when={"value": ("A",), "trajectory": ("review", "dormant")},
        source=_LAW,
    ),
    ServiceLine(
        level="key",
        treatment="Visit regularly, and win what they still buy from competitors; "
        "fastest service, complaints first",
        when={"value": ("A",), "trajectory": ("win_share",)},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="key",
        treatment="Keep: regular visits and greetings by representative and supervisor; "
        "fastest and most considerate service, greatest benefits, complaints first",
        when={"value": ("A",)},
        source=_LAW,
    ),
    ServiceLine(
        level="major",
        treatment="Star of tomorrow: win a larger share of what they buy, towards class A",
        when={"value": ("B",), "trajectory": ("win_share", "rising")},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="major",
        treatment="Find out why value falls, and keep them if it pays",
        when={"value": ("B",), "trajectory": ("review", "dormant")},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="major",
        treatment="Keep in touch, visit from time to time, and encourage them to move up",
        when={"value": ("B",)},
        source=_LAW,
    ),
    ServiceLine(
        level="major",
        treatment="Star of tomorrow: give them the energy that the rest of class C does "
        "without, towards class B and even A",
        when={"value": ("C",), "trajectory": ("win_share", "rising")},
        source=_LAW,
    ),
    ServiceLine(
        level="minimal",
        treatment="Let go after a look at why value falls; cheap service meanwhile",
        when={"value": ("C",), "trajectory": ("review", "dormant")},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="basic",
        treatment="Basic service, convenient and timely; keep in touch, so that they "
        "know that help is there when they need it",
        when={"value": ("C",)},
        source=_LAW,
    ),
    ServiceLine(
        level="minimal",
        treatment="Let go after a look at why they bring nothing; cheap service meanwhile",
        when={"value": ("none",)},
        source=_PROGRAM,
    ),
    ServiceLine(
        level="basic",
        treatment="Basic service, until more is known of them",
    ),
)

# --- the same with roles -----------------------------------------------------------------

# Behind key customers and before all others, whatever they buy themselves: our choice,
# after what the text says of each.
ROLE_SERVICE_LINES = (
    ServiceLine(
        level="basic",
        treatment="Serve as agreed, and watch what they offer: a competitor who is a "
        "customer too",
        roles=("competitor",),
        source=_FIVE,
    ),
    ServiceLine(
        level="major",
        treatment="Look after them: they may take away what they pay for, or buy more; ask "
        "how content those are whom they pay for",
        roles=("bill_payer",),
        source=_FIVE,
    ),
    ServiceLine(
        level="major",
        treatment="Treat them as a customer: tools for their success, and a look at their "
        "clients and whether they pay",
        roles=("agent",),
        source=_FIVE,
    ),
)

# --- the same with credit ------------------------------------------------------------------

# Before all others: "determine the customer's credit level, provide reference opinions for different customers to allocate service resources,
# and prevent risk of arrears". What is done, and at which level, is our choice.
CREDIT_SERVICE_LINES = (
    ServiceLine(
        level="key",
        treatment="A key customer who does not pay: visit, and agree how to settle what is "
        "overdue before anything more is delivered on credit",
        when={"value": ("A",), "credit": ("poor",)},
        source=_LAW,
    ),
    ServiceLine(
        level="minimal",
        treatment="Deliver against payment in advance, until what is overdue is paid",
        when={"credit": ("poor",)},
        source=_LAW,
    ),
)
