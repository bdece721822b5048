"""What comes in is checked at birth, never changes and hides what is personal."""

import ast
import copy
import datetime as dt
import operator
import pickle
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest

import customer_identification.models as m
from customer_identification.errors import InvalidInputError


DAY = dt.date(2011, 3, 1)
LATER = dt.date(2011, 9, 1)
PRIVATE = "Ada Zuse, 5 Elm Row"

ATTRIBUTE = m.Attribute(
    kind="preferences", name="colour", value=PRIVATE, observed_on=DAY, source=PRIVATE
)
ROLE = m.Role(
    party_id=PRIVATE,
    kind="bill_payer",
    agreement_id="secret-9",
    scope="phones",
    since=DAY,
    until=LATER,
    towards=98765,
)
ALL: dict[str, Any] = {
    "attribute": ATTRIBUTE,
    "customer": m.Customer(
        customer_id=98765, kind="person", name=PRIVATE, attributes=[ATTRIBUTE]
    ),
    "role": ROLE,
    "agreement": m.Agreement(
        agreement_id="secret-9", roles=[ROLE], opened=DAY, closed=LATER
    ),
    "transaction": m.Transaction(
        customer_id=98765,
        date=dt.datetime(2011, 3, 1, 10, 30, tzinfo=dt.UTC),
        amount=Decimal("98765.10"),
        profit=98765.5,
        order_id="secret-9",
        discount=True,
        category="toys",
        channel="web",
        payer_id=98765,
        beneficiary_id="secret-9",
        agent_id=98765,
    ),
    "relationship": m.Relationship(
        source_id=98765,
        target_id="secret-9",
        kind="co_worker",
        date=DAY,
        source=PRIVATE,
        strength=0.25,
        until=LATER,
    ),
    "observation": m.Observation(
        customer_id=98765,
        topic="delivery",
        channel="suggestion_box",
        date=DAY,
        importance=1,
        satisfaction=0.5,
        sentiment=-1,
        text=PRIVATE,
    ),
    "invoice": m.Invoice(
        invoice_id="secret-9",
        customer_id=98765,
        issued=DAY,
        due=LATER,
        amount=Decimal("98765.10"),
        paid_on=LATER,
        paid_amount=98765,
        disputed=True,
    ),
}
every_model = pytest.mark.parametrize("model", ALL.values(), ids=ALL)


def refused(model: Any, must: Any, **changes: Any) -> Any:
    with pytest.raises(InvalidInputError) as caught:
        attrs.evolve(model, **changes)
    error = caught.value
    assert str(error).endswith(must)
    assert error.__cause__ is None
    assert not any(repr(value) in str(error) for value in changes.values())
    return error


@every_model
def test_a_repr_shows_no_id_no_name_no_amount_and_no_free_text(model: Any) -> None:
    shown = repr(model)
    assert shown.startswith(type(model).__name__)
    assert "Zuse" not in shown
    assert "98765" not in shown
    assert "secret" not in shown


@every_model
def test_copies_and_pickles_are_equal_and_hash_alike(model: Any) -> None:
    for twin in (
        copy.copy(model),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),  # noqa: S301  # our own bytes
        attrs.evolve(model),
    ):
        assert twin == model
        assert hash(twin) == hash(model)


@every_model
def test_a_model_never_changes(model: Any) -> None:
    name = attrs.fields(type(model))[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(model, name, None)
    with pytest.raises((AttributeError, TypeError)):
        model.other = 1


@every_model
def test_every_model_says_which_text_it_answers(model: Any) -> None:
    titles = (
        "What Is the Customer Identification",
        "CRM: Identifying Customers & Their",
        "客户识别:客户关系管理的关键步骤",
        "The benefits of customer",
        "5 More Customers To Identify In CRM",
    )
    assert any(title in (type(model).__doc__ or "") for title in titles)


def test_what_is_not_personal_is_shown() -> None:
    shown = repr(attrs.evolve(ATTRIBUTE, value="blue", source="form", personal=False))
    assert "value='blue', source='form'" in shown


def test_a_collection_is_shown_by_its_size() -> None:
    assert "attributes=1" in repr(ALL["customer"])
    assert "roles=1" in repr(ALL["agreement"])


@pytest.mark.parametrize("bad", [True, "", " \t", 7.0, None, b"7", ["7"], np.True_])
@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("customer", "customer_id"),
        ("role", "party_id"),
        ("agreement", "agreement_id"),
        ("relationship", "source_id"),
        ("relationship", "target_id"),
        ("invoice", "invoice_id"),
        ("invoice", "customer_id"),
    ],
)
def test_an_id_is_an_int_or_text_that_is_not_blank(
    model: Any, name: Any, bad: Any
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        attrs.evolve(ALL[model], **{name: bad})
    assert str(caught.value) == f"{name} must be an int or text that is not blank"
    assert (caught.value.code, caught.value.column) == ("bad_id", name)


@pytest.mark.parametrize("bad", [True, "", " ", 7.0])
@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("transaction", "customer_id"),
        ("transaction", "order_id"),
        ("transaction", "payer_id"),
        ("transaction", "beneficiary_id"),
        ("transaction", "agent_id"),
        ("observation", "customer_id"),
        ("role", "agreement_id"),
        ("role", "towards"),
    ],
)
def test_an_id_may_be_unknown_but_not_blank(model: Any, name: Any, bad: Any) -> None:
    assert getattr(attrs.evolve(ALL[model], **{name: None}), name) is None
    with pytest.raises(InvalidInputError, match="an int or text that is not blank"):
        attrs.evolve(ALL[model], **{name: bad})


@pytest.mark.parametrize("bad", [2**63, -(2**63) - 1])
def test_an_id_fits_into_64_bits(bad: Any) -> None:
    refused(ALL["customer"], "customer_id must fit into 64 bits", customer_id=bad)
    assert attrs.evolve(ALL["customer"], customer_id=2**63 - 1)


def test_an_integer_of_numpy_is_read_as_an_int() -> None:
    customer = attrs.evolve(ALL["customer"], customer_id=np.int64(7))
    assert type(customer.customer_id) is int
    transaction = attrs.evolve(ALL["transaction"], payer_id=np.uint8(7))
    assert type(transaction.payer_id) is int


@pytest.mark.parametrize(
    ("model", "name"), [("customer", "kind"), ("attribute", "kind")]
)
@pytest.mark.parametrize("bad", ["Zuse", "", None, 1, ["person"]])
def test_an_unknown_word_is_told_the_known_ones(
    model: Any, name: Any, bad: Any
) -> None:
    error = refused(ALL[model], "", **{name: bad})
    assert error.code == "unknown_word"
    kind: Any = type(getattr(ALL[model], name))
    assert str(error) == f"{kind.__name__} must be one of: {', '.join(kind)}"


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (m.PartyKind, 4),
        (m.RoleKind, 6),
        (m.RelationshipKind, 15),
        (m.ObservationChannel, 13),
        (m.AttributeKind, 11),
    ],
)
def test_the_words_are_text(kind: Any, size: Any) -> None:
    assert len(kind) == size
    for word in kind:
        assert kind(str(word)) is word
        assert word == word.name.lower()


def test_four_channels_are_outside() -> None:
    assert [word.value for word in m.ObservationChannel if not word.inside] == [
        "social_media",
        "public_records",
        "third_party",
        "competitor_offer",
    ]


def test_a_role_may_be_a_word_of_the_hosts() -> None:
    assert attrs.evolve(ROLE, kind="agent").kind is m.RoleKind.AGENT
    assert attrs.evolve(ROLE, kind=m.RoleKind.AGENT).kind is m.RoleKind.AGENT
    assert attrs.evolve(ROLE, kind="guarantor").kind == "guarantor"
    words: list[Any] = [" ", None, ["agent"], np.array(["agent", "owner"])]
    for bad in words:
        with pytest.raises(InvalidInputError, match="kind must be text"):
            attrs.evolve(ROLE, kind=bad)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("attribute", "observed_on"),
        ("role", "since"),
        ("role", "until"),
        ("agreement", "opened"),
        ("agreement", "closed"),
        ("relationship", "date"),
        ("relationship", "until"),
        ("observation", "date"),
        ("invoice", "issued"),
        ("invoice", "due"),
        ("invoice", "paid_on"),
    ],
)
@pytest.mark.parametrize(
    "bad",
    ["2011-03-01", 20110301, dt.datetime(2011, 3, 1), pd.NaT],  # noqa: DTZ001
)
def test_a_day_is_a_date(model: Any, name: Any, bad: Any) -> None:
    must = f"{name} must be a date, without a time of day"
    assert refused(ALL[model], must, **{name: bad}).code == "bad_date"


@pytest.mark.parametrize("bad", ["2011-03-01", None, pd.NaT, np.datetime64("2011-03")])
def test_a_transaction_has_a_date_or_a_datetime(bad: Any) -> None:
    refused(ALL["transaction"], "date must be a date or a datetime", date=bad)
    for good in (DAY, dt.datetime(2011, 3, 1, 9), pd.Timestamp("2011-03-01")):  # noqa: DTZ001
        assert attrs.evolve(ALL["transaction"], date=good).date == good


NUMBERS = [
    ("transaction", "amount"),
    ("transaction", "profit"),
    ("transaction", "discount"),
    ("invoice", "amount"),
    ("invoice", "paid_amount"),
]


@pytest.mark.parametrize(("model", "name"), NUMBERS)
@pytest.mark.parametrize(
    "bad",
    [float("nan"), float("inf"), np.float64("-inf"), Decimal("NaN"), Decimal("sNaN")],
)
def test_money_is_finite(model: Any, name: Any, bad: Any) -> None:
    error = refused(ALL[model], f"{name} must be finite", **{name: bad})
    assert error.code == "not_finite"


@pytest.mark.parametrize(("model", "name"), NUMBERS)
@pytest.mark.parametrize("bad", ["12.50", Fraction(1, 3), np.float32(1), [1.0]])
def test_money_is_a_number(model: Any, name: Any, bad: Any) -> None:
    must = f"{name} must be an int, a float or a Decimal"
    assert refused(ALL[model], must, **{name: bad}).code == "bad_number"


def test_only_a_discount_may_be_a_bool() -> None:
    assert attrs.evolve(ALL["transaction"], discount=False).discount is False
    assert attrs.evolve(ALL["transaction"], discount=None).discount is None
    for name in ("amount", "profit"):
        refused(ALL["transaction"], "an int, a float or a Decimal", **{name: True})


def test_an_amount_may_be_unknown_negative_or_huge() -> None:
    for good in (None, -1, 0.0, 10**400, Decimal("1E+400")):
        assert attrs.evolve(ALL["transaction"], amount=good).amount == good


@pytest.mark.parametrize(
    ("model", "name", "low"),
    [
        ("relationship", "strength", 0),
        ("observation", "importance", 0),
        ("observation", "satisfaction", 0),
        ("observation", "sentiment", -1),
    ],
)
def test_a_rating_keeps_to_its_range(model: Any, name: Any, low: Any) -> None:
    must = f"{name} must be a number from {low} to 1"
    for bad in (low - 0.01, 1.01, float("nan"), True, "0.5"):
        assert refused(ALL[model], must, **{name: bad}).code == "out_of_range"
    for good in (None, low, 0.5, 1):
        assert getattr(attrs.evolve(ALL[model], **{name: good}), name) == good


@pytest.mark.parametrize(
    ("model", "name", "optional"),
    [
        ("attribute", "name", False),
        ("attribute", "source", False),
        ("customer", "name", True),
        ("role", "scope", True),
        ("transaction", "category", True),
        ("transaction", "channel", True),
        ("relationship", "source", False),
        ("observation", "topic", False),
        ("observation", "text", True),
    ],
)
def test_text_is_not_blank(model: Any, name: Any, optional: Any) -> None:
    for bad in ("", "\n ", 5, b"x", *(() if optional else (None,))):
        must = f"{name} must be text that is not blank"
        with pytest.raises(InvalidInputError) as caught:
            attrs.evolve(ALL[model], **{name: bad})
        assert str(caught.value) == must
    if optional:
        assert getattr(attrs.evolve(ALL[model], **{name: None}), name) is None


@pytest.mark.parametrize("bad", ["false", 0, None, np.False_])
def test_a_bool_is_a_bool(bad: Any) -> None:
    for model, name in (("attribute", "personal"), ("invoice", "disputed")):
        with pytest.raises(InvalidInputError, match=f"{name} must be True or False"):
            attrs.evolve(ALL[model], **{name: bad})


@pytest.mark.parametrize(
    "good",
    [None, True, 3, 2.5, Decimal(1), "x", "", DAY, dt.datetime(2011, 1, 1)],  # noqa: DTZ001
)
def test_an_attribute_holds_one_plain_value(good: Any) -> None:
    assert attrs.evolve(ATTRIBUTE, value=good).value == good


def test_an_attribute_holds_nothing_else() -> None:
    refused(ATTRIBUTE, "value must be finite", value=float("nan"))
    refused(ATTRIBUTE, "value must be finite", value=Decimal("Infinity"))
    values: list[Any] = [[1], {"a": 1}, b"x", np.int64(3)]
    for bad in values:
        with pytest.raises(InvalidInputError, match="value must be"):
            attrs.evolve(ATTRIBUTE, value=bad)


@pytest.mark.parametrize(
    ("model", "first", "last"),
    [
        ("role", "since", "until"),
        ("agreement", "opened", "closed"),
        ("relationship", "date", "until"),
        ("invoice", "issued", "due"),
    ],
)
def test_nothing_ends_before_it_starts(model: Any, first: Any, last: Any) -> None:
    must = f"{last} must not be before {first}"
    error = refused(ALL[model], must, **{last: DAY - dt.timedelta(days=1)})
    assert (error.code, error.column) == ("end_before_start", last)
    assert attrs.evolve(ALL[model], **{last: DAY})
    if last != "due":
        assert getattr(attrs.evolve(ALL[model], **{last: None}), last) is None


def test_nobody_is_tied_to_themselves() -> None:
    refused(
        ALL["relationship"],
        "not be source_id",
        source_id="secret-9",
        target_id="secret-9",
    )


def test_roles_name_no_other_agreement() -> None:
    refused(ALL["agreement"], "roles must not name another agreement", agreement_id="b")
    scoped = attrs.evolve(ROLE, agreement_id=None)
    assert attrs.evolve(ALL["agreement"], agreement_id="b", roles=[scoped]).roles


@pytest.mark.parametrize("bad", [5, "abc", [None], ["owner"]])
def test_collections_hold_only_their_own_kind(bad: Any) -> None:
    with pytest.raises(InvalidInputError, match="attributes must be Attribute objects"):
        attrs.evolve(ALL["customer"], attributes=bad)
    with pytest.raises(InvalidInputError, match="roles must be Role objects"):
        attrs.evolve(ALL["agreement"], roles=bad)


def test_what_is_paid_was_paid_some_day() -> None:
    refused(ALL["invoice"], "not be given without paid_on", paid_on=None)
    assert attrs.evolve(ALL["invoice"], paid_on=DAY, paid_amount=None)
    assert attrs.evolve(ALL["invoice"], paid_on=DAY - dt.timedelta(days=9))
    assert attrs.evolve(ALL["invoice"], paid_on=None, paid_amount=None)


def known(value: Any, day: Any, name: Any = "colour", kind: Any = "preferences") -> Any:
    return attrs.evolve(
        ATTRIBUTE, value=value, observed_on=dt.date(2011, 1, day), name=name, kind=kind
    )


def test_the_newest_attribute_known_by_a_day_is_found() -> None:
    customer = attrs.evolve(
        ALL["customer"],
        attributes=[
            known("green", 9),
            known("red", 1),
            known("tea", 5, name="drink"),
            known("blue", 9),
            known("often", 3, kind="channels"),
        ],
    )
    values = operator.attrgetter("value")
    assert list(map(values, customer.known("preferences"))) == [
        "red",
        "tea",
        "green",
        "blue",
    ]
    assert len(customer.known(m.AttributeKind.PREFERENCES, dt.date(2011, 1, 5))) == 2
    assert customer.known("influences") == ()
    assert values(customer.attribute("preferences")) == "blue"
    assert values(customer.attribute("preferences", "drink")) == "tea"
    day = dt.date(2011, 1, 4)
    assert values(customer.attribute("preferences", as_of=day)) == "red"
    assert customer.attribute("preferences", "drink", day) is None
    assert customer.attribute("influences") is None


def test_asking_needs_a_known_word_and_a_date() -> None:
    with pytest.raises(InvalidInputError, match="AttributeKind must be one of"):
        ALL["customer"].attribute("colour")
    for bad in ("2011-01-01", dt.datetime(2011, 1, 1)):  # noqa: DTZ001
        with pytest.raises(InvalidInputError, match="as_of must be a date"):
            ALL["customer"].known("preferences", bad)


@pytest.mark.parametrize("name", ["models.py", "portable.py"])
def test_no_check_is_an_assert(name: Any) -> None:
    """They must hold under `python -O` as well."""
    source = Path(m.__file__).with_name(name).read_text(encoding="utf-8")
    assert not [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)
    ]
    assert "__debug__" not in source


def test_nobody_plays_a_role_towards_themselves() -> None:
    for one in (7, "p-7"):
        with pytest.raises(InvalidInputError) as caught:
            m.Role(party_id=one, kind="agent", since=dt.date(2011, 1, 1), towards=one)
        assert caught.value.code == "self_role"
    other = m.Role(party_id=7, kind="agent", since=dt.date(2011, 1, 1), towards="7")
    assert other.towards == "7"
