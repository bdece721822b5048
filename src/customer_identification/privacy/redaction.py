"""What personal words look like, and objects and text without them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unicodedata import normalize

from attrs import evolve, field, frozen

from customer_identification.errors import InvalidInputError
from customer_identification.models import Attribute, Customer
from customer_identification.privacy.fields import an_id, fields_of


__all__ = ["REDACTED", "REDACTIONS", "Redaction", "redact", "redact_text"]

REDACTED = "[redacted]"  # in the place of words that must be there

_STAYS = "stays"


# --- free text ----------------------------------------------------------------------


@frozen
class Redaction:
    """One line of `REDACTIONS`: what is replaced by ``[name]``.

    Attributes
    ----------
    name
        What it is called in the text.
    pattern
        How it begins and goes on; takes time in proportion to the text.
    ends
        Where it ends within the match, the longest first; None takes all of it. With no
        end the match stays, as it does where it is of the group ``stays``.
    """

    name: str
    pattern: re.Pattern[str] = field(repr=lambda one: one.pattern)
    ends: Callable[[str], Iterator[int]] | None = field(default=None, repr=False)

    def replace(self, text: str) -> str:
        """Give a text without what this line finds."""
        parts, done, at = [], 0, 0
        while match := self.pattern.search(text, at):
            found = match[0]
            size = len(found) if self.ends is None else next(self.ends(found), 0)
            at = match.start() + max(size, 1)
            if size and match.lastgroup != _STAYS:
                parts += [text[done : match.start()], f"[{self.name}]"]
                done = at
        return "".join([*parts, text[done:]])


def _ends_of_words(found: str, least: int) -> Iterator[tuple[int, int]]:
    """Give the places behind which no letter or digit follows, from the last.

    With each goes the number of letters and digits up to there, at least so many.
    """
    places = [at for at, one in enumerate(found, 1) if one.isalnum()]
    for n in range(len(places), least - 1, -1):
        if not found[places[n - 1] :][:1].isalnum():
            yield n, places[n - 1]


def _ibans(found: str) -> Iterator[int]:
    """Give where an IBAN ends: its number leaves 1 over 97 (ISO 13616-1, ISO 7064)."""
    digits = [str(int(one, 36)) for one in found if one.isalnum()]
    for n, end in _ends_of_words(found, 15):  # Norway's, the shortest
        if int("".join(digits[4:n] + digits[:4])) % 97 == 1:
            yield end


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)  # twice a digit, its digits added up


def _cards(found: str) -> Iterator[int]:
    """Give where a card number ends: its check digit is Luhn's (ISO/IEC 7812-1, B)."""
    digits = [int(one) for one in found if one.isdecimal()]
    for n, end in _ends_of_words(found, 13):  # digits of the shortest in use
        own = digits[:n][::-1]
        checked = sum(own[::2]) + sum(_DOUBLED[one] for one in own[1::2])
        if n <= 19 and checked % 10 == 0:
            yield end


# What is personal in free text, first match wins. Possessive repeats and starts that are
# no middle of a word keep the time in proportion to the text. The patterns are our
# choice: rather a number too many than an address too few.
REDACTIONS = (
    Redaction(
        "link",  # with a name, and often a password, before the host: RFC 3986, 3.2.1
        re.compile(r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]*+://[^\s/@]++@\S*+"),
    ),
    Redaction(
        "e-mail",
        re.compile(r"(?<![\w.+%'-])[\w.+%'-]++(?:@[\w-]++(?:\.[\w-]++)*+)++"),
    ),
    Redaction(
        "IBAN",
        re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z\d]){11,30}(?![^\W_])"),
        _ibans,
    ),
    Redaction(
        "card",
        re.compile(r"(?<![^\W_])\d{3,6}(?:[ -]?\d){7,16}(?![^\W_])"),
        _cards,
    ),
    Redaction(
        "phone",  # at most 15 digits: ITU-T E.164; at least 7, our choice; days stay
        re.compile(
            r"(?<![^\W_])(?P<stays>(?:\d{4}-\d{1,2}-\d{1,2}"
            r"|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d))"
            r"|(?:\+|(?<![^\W_])\(?(?:0|\d{3}\)?[ .-]{1,2}(?=\d{3}[ .-]?\d{4})))"
            r"(?:[ ()./-]{0,2}\d){6,15}(?![^\W_])"
        ),
    ),
)
_KNOWN = "id"
_MARKS = "|".join(
    re.escape(f"[{name}]") for name in (*(one.name for one in REDACTIONS), _KNOWN)
)


def redact_text(text: str, *, also: Iterable[int | str] = ()) -> str:
    """Take out of free text what can be told by its looks.

    Links with a password, e-mail addresses, IBANs, card and phone numbers are replaced
    by their names in brackets, by the lines of `REDACTIONS`.

    **Names of people and places cannot be found**: they look like other words. Days, of
    birth as any other, stay, and so do numbers that could be anything: those without +,
    a leading 0 or the dashes of a phone number. Give what you know as `also`, and take
    free text as personal all the same.

    Parameters
    ----------
    text : str
        Anything; Unicode digits count as digits.
    also : iterable of int or str
        Ids, names or other words to replace by ``[id]``, in capitals or not, where they
        stand alone, however their accents are encoded. A few: the time grows with their
        number.

    Returns
    -------
    str
        Redacting it again changes nothing.

    Raises
    ------
    InvalidInputError
        If `text` is no text, or `also` holds what is no id.

    Examples
    --------
    >>> redact_text(
    ...     "Ann Lee, ann.lee@example.org or +44 20 7946 0958", also=["Ann Lee"]
    ... )
    '[id], [e-mail] or [phone]'
    """
    if not isinstance(text, str):
        raise InvalidInputError("text must be text", code="bad_text", column="text")
    if isinstance(also, (str, bytes)) or not isinstance(also, Iterable):
        raise InvalidInputError(
            "also must be a list of ids, not one", code="not_a_list", column="also"
        )
    given = [str(an_id(one)) for one in also]
    every = {normalize(form, one) for one in given for form in ("NFC", "NFD")}
    words = sorted({*given, *every}, key=lambda one: (-len(one), one))
    text = _by_looks(text)
    if not words:
        return text
    known = "|".join(map(re.escape, words))
    pattern = re.compile(rf"({_MARKS})|(?<!\w)(?:{known})(?!\w)", re.IGNORECASE)
    # Again, since what stands beside a word that went may now stand alone.
    return _by_looks(pattern.sub(lambda match: match[1] or f"[{_KNOWN}]", text))


def _by_looks(text: str) -> str:
    for line in REDACTIONS:
        text = line.replace(text)
    return text


# --- objects ------------------------------------------------------------------------


def redact(thing: Any) -> Any:
    """Take names, free text and personal values out of objects; ids stay.

    ============  ====================================================================
    Customer      the name; of each personal attribute the value, and its source
    Attribute     if personal, the value and its source
    Observation   the text
    Complaint     the text
    Relationship  the source
    ============  ====================================================================

    Text that must be there becomes ``[redacted]``, all else None. Kinds, days, topics,
    amounts and the names of attributes stay, and so do roles, transactions and invoices,
    which have no words about people. For ids see :func:`pseudonymize`.

    Parameters
    ----------
    thing : object of ours, or list or tuple of them
        Never changed.

    Returns
    -------
    object, list or tuple
        As it came, in the same order. Redacting it again changes nothing.

    Raises
    ------
    InvalidInputError
        If it is anything else.

    Examples
    --------
    >>> from customer_identification import Customer
    >>> redact(Customer(customer_id=7, kind="person", name="Ann Lee")).name is None
    True
    """
    if isinstance(thing, (list, tuple)):
        redacted = [redact(one) for one in thing]
        return redacted if isinstance(thing, list) else tuple(redacted)
    said = fields_of(thing)
    if said is None:
        raise InvalidInputError(
            "what is redacted must be an object of ours, or a list of them "
            "(redact_text takes free text)",
            code="not_ours",
        )
    changes: dict[str, Any] = dict.fromkeys(said.words)
    changes |= dict.fromkeys(said.source, REDACTED)
    if isinstance(thing, Attribute) and thing.personal:
        changes |= {"value": None, "source": REDACTED}
    if isinstance(thing, Customer):
        changes["attributes"] = redact(thing.attributes)
    return evolve(thing, **changes)
