"""What personal words look like is found, in time, and objects are left without them."""

import time
from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import Customer, Transaction
from customer_identification.privacy.redaction import (
    REDACTED,
    REDACTIONS,
    redact,
    redact_text,
)
from privacy.people import DAY, attribute_of, one_of_each, people, refused


# --- free text -----------------------------------------------------------------------

FOUND = {
    "ann.lee+x@mail.example.co.uk": "[e-mail]",
    "<ann@localhost>": "<[e-mail]>",
    "a@b@example.org": "[e-mail]",
    "änn@übung.example": "[e-mail]",
    "ftp://ann:pass@example.org/a?b=c now": "[link] now",
    # The examples of the IBAN registry (SWIFT, release 99): Germany, Britain, Belgium.
    "DE89 3704 0044 0532 0130 00 BANK": "[IBAN] BANK",
    "gb29nwbk60161331926819.": "[IBAN].",
    "BE68-5390-0754-7034 and": "[IBAN] and",
    # Test numbers of the card schemes, which pass Luhn's check.
    "4111 1111 1111 1111": "[card]",
    "5 4111-1111-1111-1111 9": "5 [card] 9",
    "4111 1111 1111 1111 5500 0000 0000 0004": "[card] [card]",
    "378282246310005": "[card]",
    "٤١١١١١١١١١١١١١١١": "[card]",
    # Numbers kept for drama: Ofcom, and NANPA's 555-01XX.
    "+44 20 7946 0958": "[phone]",
    "+٤٤ ٢٠ ٧٩٤٦ ٠٩٥٨": "[phone]",
    "020 7946 0958": "[phone]",
    "(020) 7946-0958": "[phone]",
    "(212) 555-0123, 212-555-0123": "[phone], [phone]",
    "tel+442079460958": "tel[phone]",
    "0123456789012345-020 7946 0958": "[phone]-[phone]",
}


@pytest.mark.parametrize("text", FOUND)
def test_what_is_personal_is_replaced_by_its_name(text: str) -> None:
    assert redact_text(text) == FOUND[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "order 123456 of 2011-05-02, due 02/05/2011 or 1.5.2011",
        "4111 1111 1111 1112 is no card",
        "12 of 1,250.00 at 0.75",
        "https://example.org/a?b=c",
        "@ann and ann@",
        "Ann Lee lives in Kiel",
        "XX00 ABCD ABCD ABCD and AB12",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert redact_text(text) == text


def test_the_first_line_that_matches_wins() -> None:
    names = [one.name for one in REDACTIONS]
    assert names == ["link", "e-mail", "IBAN", "card", "phone"]
    assert redact_text("0300123456@example.org") == "[e-mail]"
    assert "pattern" in repr(REDACTIONS[0])


def test_known_words_go_where_they_stand_alone() -> None:
    text = "Ann Lee (c1) told ann lee, not c10 or Annette; mail c1@example.org, 7"
    found = redact_text(text, also=["Ann Lee", "Ann", "c1", 7])
    assert found == "[id] ([id]) told [id], not c10 or Annette; mail [e-mail], [id]"
    assert redact_text("a.b (x", also=["a.b", "(x"]) == "[id] [id]"
    decomposed, composed = "Mu\u0308ller", "M\u00fcller"
    for known in (decomposed, composed):
        found = redact_text(f"{decomposed} and {composed}", also=[known])
        assert found == "[id] and [id]"


def test_marks_are_not_searched() -> None:
    text = "ann@example.org, 020 7946 0958"
    also = ["mail", "e", "phone", "id"]
    assert redact_text(text, also=also) == "[e-mail], [phone]"


@settings(max_examples=300)
@given(
    st.text(alphabet="a1+@.-/:( )[]4é٤", max_size=40)
    | st.lists(st.sampled_from(["id", "phone", *FOUND, "a", " ", "7"])).map("".join)
)
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact_text(text, also=["a", "id", 7, "phone"])
    assert redact_text(once, also=["a", "id", 7, "phone"]) == once


ADVERSARIES = [
    "a",
    "a@",
    "a.",
    "1",
    "1 ",
    "123 ",
    "1234-",
    "AB12 ",
    "AB12",
    "+1",
    "(0",
    "0 ",
    "+",
    "a://",
    "a+",
    "555-555-",
    "[id]",
    "SECRET ",
]


@pytest.mark.parametrize("piece", ADVERSARIES)
def test_the_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """100 kB; a pattern that looks back over all of it would take minutes."""
    text = piece * (100_000 // len(piece))
    before = time.process_time()
    redact_text(text, also=["secret", "1"])
    assert time.process_time() - before < 5


@pytest.mark.parametrize("tail", ["@", "@b", ".", "://x@"])
def test_long_words_before_a_sign_take_no_longer(tail: str) -> None:
    before = time.process_time()
    redact_text("b." * 50_000 + tail)
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    ("text", "also", "code"),
    [
        (None, (), "bad_text"),
        (b"SECRET", (), "bad_text"),
        ("text", "SECRET", "not_a_list"),
        ("text", 7, "not_a_list"),
        ("text", [""], "not_an_id"),
        ("text", [None], "not_an_id"),
        ("text", [1.5], "not_an_id"),
    ],
)
def test_what_is_no_text_or_id_is_refused(text: Any, also: Any, code: str) -> None:
    refused(lambda: redact_text(text, also=also), code)


# --- objects -------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(8))
def test_no_words_about_people_are_left(at: int) -> None:
    model = one_of_each("c1", "c2")[at]
    found = redact(model)
    assert type(found) is type(model)
    if isinstance(found, Customer):  # one attribute is not personal
        found = evolve(found, attributes=found.attributes[:1])
    assert "SECRET" not in str(asdict(found))
    assert "c1" in str(asdict(found))


def test_personal_attributes_lose_value_and_source_and_nothing_else() -> None:
    personal, plain = attribute_of(), attribute_of("open", personal=False)
    expected = evolve(personal, value=None, source=REDACTED)
    assert redact([personal, plain]) == [expected, plain]
    customer = Customer(
        customer_id=1, kind="person", name="SECRET", attributes=[personal, plain]
    )
    assert redact(customer) == evolve(customer, name=None, attributes=[expected, plain])


@given(people())
def test_redacting_objects_again_changes_nothing(drawn: Any) -> None:
    models, _ = drawn
    once = redact(models)
    assert redact(once) == once
    assert redact(tuple(models)) == tuple(once)
    assert len(once) == len(models)


def test_classes_of_the_host_stay_what_they_are() -> None:
    class Sale(Transaction):
        pass

    sale = Sale(customer_id=1, date=DAY, amount=1)
    assert redact(sale) == sale
    assert type(redact(sale)) is Sale


@pytest.mark.parametrize("thing", ["SECRET", None, [1], {"a": 1}, Customer])
def test_what_is_not_ours_is_refused(thing: Any) -> None:
    refused(lambda: redact(thing), "not_ours")
