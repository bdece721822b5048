"""Small random lists of our objects, whose words and names all hold SECRET."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import strategies as st

from customer_identification import (
    Agreement,
    Attribute,
    Customer,
    CustomerIdentificationError,
    Invoice,
    Observation,
    Relationship,
    Role,
    Transaction,
)
from customer_identification.models import Complaint


__all__ = [
    "DAY",
    "INT_IDS",
    "KEY",
    "TEXT_IDS",
    "attribute_of",
    "one_of_each",
    "people",
    "pools",
    "refused",
    "transactions",
]

KEY = bytes(range(32))
DAY = dt.date(2011, 3, 1)
INT_IDS = (3, 20, -4)
TEXT_IDS = ("c1", "c10", "ž")
SAID = "SECRET words"


def refused(call: Any, code: str) -> CustomerIdentificationError:
    """Make sure that a call is refused in our words, which repeat no SECRET."""
    with pytest.raises(CustomerIdentificationError) as caught:
        call()
    assert caught.value.code == code
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def attribute_of(name: str = "age", **changes: Any) -> Attribute:
    return Attribute(
        **{
            "kind": "demographics",
            "name": name,
            "value": SAID,
            "observed_on": DAY,
            "source": SAID,
            **changes,
        }
    )


def pools() -> st.SearchStrategy[tuple[Any, ...]]:
    return st.sampled_from([INT_IDS, TEXT_IDS])


def one_of_each(one: Any, other: Any) -> list[Any]:
    """Give an object of every class that speaks of two parties."""
    role = Role(party_id=one, kind="agent", agreement_id="a1", since=DAY, towards=other)
    return [
        Customer(
            customer_id=one,
            kind="person",
            name=SAID,
            attributes=[attribute_of(), attribute_of("open", personal=False)],
        ),
        role,
        Agreement(agreement_id="a1", roles=[role], opened=DAY),
        Transaction(
            customer_id=one,
            date=DAY,
            amount=10,
            order_id=5,
            payer_id=other,
            beneficiary_id=one,
            agent_id=other,
        ),
        Relationship(
            source_id=one, target_id=other, kind="friend", date=DAY, source=SAID
        ),
        Observation(
            customer_id=one, topic="delivery", channel="meeting", date=DAY, text=SAID
        ),
        Invoice(invoice_id=9, customer_id=one, issued=DAY, due=DAY, amount=1),
        Complaint(complaint_id=8, customer_id=one, received=DAY, text=SAID),
    ]


@st.composite
def transactions(draw: Any, pool: tuple[Any, ...]) -> Transaction:
    maybe = st.none() | st.sampled_from(pool)
    return Transaction(
        customer_id=draw(maybe),
        date=draw(st.dates(DAY, DAY + dt.timedelta(days=90))),
        amount=draw(st.integers(-5, 9)),
        order_id=draw(st.none() | st.sampled_from(["o1", "o2", "o3"])),
        payer_id=draw(maybe),
        beneficiary_id=draw(maybe),
        agent_id=draw(maybe),
    )


@st.composite
def _roles(draw: Any, pool: tuple[Any, ...], *, nested: bool) -> Role:
    party, other = draw(st.permutations(pool))[:2]
    return Role(
        party_id=party,
        kind="owner",
        agreement_id=None if nested else draw(st.sampled_from([None, "a1"])),
        scope=draw(st.sampled_from([None, "phones"])),
        since=DAY,
        towards=draw(st.sampled_from([None, other])),
    )


@st.composite
def _agreements(draw: Any, pool: tuple[Any, ...]) -> Agreement:
    roles = draw(st.lists(_roles(pool, nested=True), max_size=3))
    return Agreement(agreement_id="a1", roles=roles, opened=DAY)


@st.composite
def people(draw: Any) -> tuple[list[Any], Any]:
    """Draw objects of all classes, and the id of somebody who may be among them."""
    pool = draw(pools())
    pair = st.permutations(pool)
    single = st.builds(
        lambda ids, at: one_of_each(*ids[:2])[at],
        pair,
        st.sampled_from([0, 4, 5, 6, 7]),
    )
    one = single | transactions(pool) | _roles(pool, nested=False) | _agreements(pool)
    return draw(st.lists(one, max_size=8)), draw(st.sampled_from(pool))
