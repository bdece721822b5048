"""Consent: what is known is read for the purposes it was given for, and no other."""

import datetime as dt
import pickle
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from customer_identification import Customer, from_dict, to_dict
from customer_identification.models import Consent
from customer_identification.privacy.consent import READING_RULES, consent_report
from privacy.people import DAY, attribute_of, refused


LATER = dt.date(2011, 9, 1)
SERVICE = Consent(purposes=["service"], given_on=DAY)
UNTIL = Consent(purposes=["service", "billing"], given_on=DAY, until=LATER)
DAYS = st.none() | st.dates(DAY - dt.timedelta(days=3), DAY + dt.timedelta(days=9))
PURPOSES = st.none() | st.sampled_from(["service", "billing", "marketing"])


@st.composite
def consents(draw: Any) -> Consent | None:
    if draw(st.booleans()):
        return None
    given_on = draw(st.dates(DAY, DAY + dt.timedelta(days=5)))
    until = draw(st.none() | st.dates(given_on, given_on + dt.timedelta(days=4)))
    words = st.sampled_from(["service", "billing", "other"])
    purposes = draw(st.lists(words, min_size=1))
    return Consent(purposes=purposes, given_on=given_on, until=until)


def may_read(consent: Consent | None, purpose: Any, as_of: Any) -> bool:
    """Say it in one breath, as somebody would who never saw the table."""
    if consent is None:
        return True
    from_ = as_of is None or consent.given_on <= as_of
    to = consent.until is None or (as_of is not None and as_of <= consent.until)
    return purpose in consent.purposes and from_ and to


@given(consents(), PURPOSES, DAYS)
def test_only_what_the_consent_covers_is_open(
    consent: Any, purpose: Any, as_of: Any
) -> None:
    attribute = attribute_of(consent=consent)
    assert attribute.is_open(purpose, as_of) == may_read(consent, purpose, as_of)
    line = attribute.reading_rule(purpose, as_of)
    assert line.readable == attribute.is_open(purpose, as_of)
    assert line in READING_RULES


@pytest.mark.parametrize(
    ("consent", "purpose", "as_of", "why"),
    [
        (None, None, None, "no limit recorded"),
        (SERVICE, None, None, "no purpose named"),
        (SERVICE, "marketing", None, "another purpose"),
        (SERVICE, "Service", None, "another purpose"),
        (SERVICE, "service", DAY - dt.timedelta(days=1), "not yet given"),
        (SERVICE, "service", DAY, "consented"),
        (SERVICE, "service", None, "consented"),
        (UNTIL, "billing", LATER, "consented"),
        (UNTIL, "billing", LATER + dt.timedelta(days=1), "ended"),
        (UNTIL, "billing", None, "ended"),
    ],
)
def test_the_first_line_that_holds_says_why(
    consent: Any, purpose: Any, as_of: Any, why: str
) -> None:
    assert attribute_of(consent=consent).reading_rule(purpose, as_of).why == why


def test_every_line_can_be_printed() -> None:
    printed = [str(line) for line in READING_RULES]
    assert printed[0] == "no limit recorded: read where no consent is recorded"
    assert printed[1] == "no purpose named: withheld where the reader names no purpose"
    assert len(set(printed)) == len({line.why for line in READING_RULES}) == 6


# --- those who read ------------------------------------------------------------------


@st.composite
def customers(draw: Any) -> Customer:
    days = st.dates(DAY, DAY + dt.timedelta(days=6))
    drawn = draw(st.lists(st.tuples(consents(), days), max_size=5))
    return Customer(
        customer_id=1,
        kind="person",
        attributes=[
            attribute_of(f"n{at}", consent=consent, observed_on=day)
            for at, (consent, day) in enumerate(drawn)
        ],
    )


@given(st.lists(customers(), max_size=4), PURPOSES, DAYS)
def test_nothing_is_withheld_uncounted(drawn: Any, purpose: Any, as_of: Any) -> None:
    report = consent_report(drawn, purpose=purpose, as_of=as_of)
    known = [one.known("demographics", as_of=as_of, purpose=purpose) for one in drawn]
    assert sum(n for _, n in report.readable) == sum(map(len, known))
    told = sum(n for _, n in report.readable + report.withheld) + report.later
    assert told == report.attributes == sum(len(one.attributes) for one in drawn)
    assert report.customers == len(drawn)
    assert consent_report(drawn[::-1], purpose=purpose, as_of=as_of) == report


def test_the_newest_that_may_be_read_is_found() -> None:
    first = attribute_of(value=1)
    second = attribute_of(value=2, observed_on=LATER, consent=SERVICE)
    customer = Customer(customer_id=1, kind="person", attributes=[second, first])
    assert customer.attribute("demographics", purpose="service") is second
    assert customer.attribute("demographics", purpose="marketing") is first
    assert customer.attribute("demographics") is first
    assert customer.known("demographics", LATER, "service") == (first, second)


def test_a_report_is_one_sentence() -> None:
    attributes = [
        attribute_of("a"),
        attribute_of("b", consent=UNTIL),
        attribute_of("c", observed_on=LATER),
    ]
    customer = Customer(customer_id=1, kind="person", attributes=attributes)
    report = consent_report((customer,), purpose="marketing", as_of=DAY)
    assert str(report) == (
        "3 attributes: 1 read: no limit recorded, 1 withheld: another purpose, "
        "1 observed later"
    )
    assert str(consent_report([], purpose=None, as_of=None)) == "0 attributes: none"


# --- the record ----------------------------------------------------------------------


def test_purposes_are_sorted_and_distinct() -> None:
    one = Consent(purposes=["b", "a", "b"], given_on=DAY)
    assert one.purposes == ("a", "b")
    assert one == Consent(purposes=("a", "b"), given_on=DAY)
    assert hash(one) == hash(Consent(purposes={"b", "a"}, given_on=DAY))


def test_a_repr_tells_of_a_consent_and_not_for_what() -> None:
    consent = Consent(purposes=["SECRET"], given_on=DAY)
    assert "SECRET" not in repr(consent) + repr(attribute_of(consent=consent))
    assert repr(attribute_of(consent=consent)).endswith("personal, consent)")
    assert "consent" not in repr(attribute_of())


def test_a_consent_survives_json_and_pickle() -> None:
    attribute = attribute_of(consent=UNTIL)
    assert from_dict(to_dict(attribute)) == attribute
    assert pickle.loads(pickle.dumps(attribute)) == attribute  # noqa: S301 - our own


def test_json_from_before_there_was_consent_is_read() -> None:
    data = to_dict(attribute_of())
    del data["consent"]
    assert from_dict(data) == attribute_of()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purposes": "SECRET"}, "not_a_list"),
        ({"purposes": 7}, "not_a_list"),
        ({"purposes": []}, "no_purpose"),
        ({"purposes": ["SECRET", " "]}, "bad_text"),
        ({"purposes": ["SECRET", 7]}, "bad_text"),
        ({"given_on": "2011-01-01"}, "bad_date"),
        ({"given_on": None}, "bad_date"),
        ({"until": DAY - dt.timedelta(days=1)}, "end_before_start"),
        ({"until": "SECRET"}, "bad_date"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(changes: Any, code: str) -> None:
    refused(lambda: evolve(SERVICE, **changes), code)


CUSTOMER = Customer(customer_id="SECRET", kind="person", attributes=[attribute_of()])
REFUSED: dict[str, Any] = {
    "no consent": (lambda: attribute_of(consent="SECRET"), "bad_item"),
    "a blank purpose": (lambda: attribute_of().is_open(" "), "bad_text"),
    "a number as purpose": (lambda: attribute_of().is_open(7), "bad_text"),
    "text as day": (lambda: attribute_of().is_open("a", "2011-01-01"), "bad_date"),
    "a time as day": (
        lambda: attribute_of().is_open("a", dt.datetime(2011, 1, 1)),  # noqa: DTZ001
        "bad_date",
    ),
    "a purpose of none": (
        lambda: CUSTOMER.known("demographics", purpose=""),
        "bad_text",
    ),
    "one customer": (
        lambda: consent_report(CUSTOMER, purpose=None, as_of=None),
        "not_a_list",
    ),
    "no customers": (
        lambda: consent_report([CUSTOMER, "SECRET"], purpose=None, as_of=None),
        "bad_item",
    ),
    "a report of no day": (
        lambda: consent_report([CUSTOMER], purpose=None, as_of="2011-01-01"),
        "bad_date",
    ),
}


@pytest.mark.parametrize(("call", "code"), REFUSED.values(), ids=REFUSED)
def test_who_asks_must_say_what_for_and_when(call: Any, code: str) -> None:
    refused(call, code)
