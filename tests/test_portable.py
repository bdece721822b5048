"""Plain data and back: exact, strict, the same bytes on every run."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from itertools import count
from math import copysign, inf, isnan, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Literal, Optional, Protocol, TypeVar
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from customer_identification import models, portable
from customer_identification.errors import InvalidInputError, SerializationError
from customer_identification.models import (
    Agreement,
    Attribute,
    Customer,
    Invoice,
    Observation,
    Relationship,
    Role,
    RoleKind,
    Transaction,
)
from customer_identification.portable import from_dict, to_dict


BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2011, 3, 1)
LATER = dt.date(2011, 9, 1)


def there(obj: Any) -> str:
    """Write it strictly, as the bytes a host would keep."""
    return json.dumps(to_dict(obj), allow_nan=False, ensure_ascii=False)


def back(obj: Any, *types: type) -> Any:
    """Write and read; the second writing must give the same bytes."""
    text = there(obj)
    again = from_dict(json.loads(text), types=types)
    assert there(again) == text
    assert type(again) is type(obj)
    return again


def refused(data: Any, must: str, *types: type, code: str | None = None) -> None:
    with pytest.raises(SerializationError) as caught:
        from_dict(data, types=types)
    error = caught.value
    assert str(error) == must
    assert error.__cause__ is None
    assert error.__context__ is None
    assert code in (None, error.code)


def unwritable(obj: Any, must: str) -> None:
    with pytest.raises(SerializationError) as caught:
        to_dict(obj)
    assert str(caught.value) == must
    assert caught.value.__context__ is None


def parts(obj: Any) -> list[tuple[type, Any]]:
    """List every value with its type, since 1 == 1.0 == True."""
    if attrs.has(type(obj)):
        obj = tuple(getattr(obj, item.name) for item in attrs.fields(type(obj)))
    if isinstance(obj, Mapping):
        obj = tuple(obj.items())
    if isinstance(obj, tuple | list):
        return [pair for item in obj for pair in parts(item)]
    return [(type(obj), str(obj))]


# --- our own classes ------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
ids = st.integers(-(2**63), 2**63 - 1) | texts
days = st.dates(dt.date(1999, 1, 1), dt.date(2020, 1, 1))
later = st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1))
numbers = (
    st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
)
zones: Any = (
    st.none()
    | st.sampled_from([dt.UTC, BERLIN, ZoneInfo("America/New_York")])
    | st.integers(-86399, 86399).map(lambda s: dt.timezone(dt.timedelta(seconds=s)))
)
stamps = st.datetimes(
    timezones=zones,
    min_value=dt.datetime(1950, 1, 1),  # noqa: DTZ001
    max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
)
shares = st.none() | st.floats(0, 1) | st.integers(0, 1)
consents = st.builds(
    models.Consent,
    purposes=st.lists(texts, min_size=1, max_size=3),
    given_on=days,
    until=later,
)
attributes = st.builds(
    Attribute,
    kind=st.sampled_from(models.AttributeKind),
    name=texts,
    value=st.none() | st.booleans() | numbers | st.text() | days | stamps,
    observed_on=days,
    source=texts,
    personal=st.booleans(),
    consent=st.none() | consents,
)


def role_of(pair: list[Any], *, is_towards: bool, **rest: Any) -> Role:
    """Give a role of one of two parties, which may be towards the other."""
    return Role(party_id=pair[0], towards=pair[1] if is_towards else None, **rest)


roles = st.builds(
    role_of,
    st.lists(ids, min_size=2, max_size=2, unique=True),
    is_towards=st.booleans(),
    kind=st.sampled_from(RoleKind) | texts.filter(models.is_role_word),
    scope=st.none() | texts,
    since=days,
    until=later,
)
MODELS = {
    models.Complaint: st.builds(
        models.Complaint,
        complaint_id=ids,
        customer_id=ids,
        received=days,
        topic=st.none() | texts,
        resolved=later,
        text=st.none() | texts,
    ),
    models.Consent: consents,
    Attribute: attributes,
    Role: roles,
    Customer: st.builds(
        Customer,
        customer_id=ids,
        kind=st.sampled_from(models.PartyKind),
        name=st.none() | texts,
        attributes=st.lists(attributes, max_size=3),
    ),
    Agreement: st.builds(
        Agreement,
        agreement_id=ids,
        roles=st.lists(roles, max_size=3),
        opened=days,
        closed=later,
    ),
    Transaction: st.builds(
        Transaction,
        customer_id=st.none() | ids,
        date=days | stamps,
        amount=st.none() | numbers,
        profit=st.none() | numbers,
        order_id=st.none() | ids,
        discount=st.none() | st.booleans() | numbers,
        category=st.none() | texts,
        agent_id=st.none() | ids,
    ),
    Relationship: st.builds(
        Relationship,
        source_id=st.integers(0, 9),
        target_id=texts,
        kind=st.sampled_from(models.RelationshipKind),
        date=days,
        source=texts,
        strength=shares,
        until=later,
    ),
    Observation: st.builds(
        Observation,
        customer_id=st.none() | ids,
        topic=texts,
        channel=st.sampled_from(models.ObservationChannel),
        date=days,
        importance=shares,
        sentiment=shares,
        text=st.none() | texts,
    ),
    Invoice: st.builds(
        Invoice,
        invoice_id=ids,
        customer_id=ids,
        issued=days,
        due=later.filter(bool),
        amount=numbers,
        paid_on=days,
        paid_amount=st.none() | numbers,
        disputed=st.booleans(),
    ),
}


@pytest.mark.parametrize("kind", MODELS)
def test_every_model_comes_back_exactly(kind: Any) -> None:
    @settings(max_examples=50, derandomize=True, deadline=None, database=None)
    @given(MODELS[kind])
    def check(obj: Any) -> None:
        again = back(obj)
        assert again == obj
        assert hash(again) == hash(obj)
        assert parts(again) == parts(obj)

    check()


SALES = [
    Transaction(customer_id=one, date=dt.date(2011, month, 5), amount=one * month)
    for month in range(1, 9)
    for one in (1, 2, 3)
]
SUMMARY = ci.summarize(SALES, as_of="2011-08-31")
CLASSIFIERS = {
    "value": ci.ABCClassifier(thresholds=(50.5, 20, 1)),
    "computed": ci.ABCClassifier(computed=True),
    "type": ci.TermClassifier(min_days=30),
    "loyalty": ci.LoyaltyClassifier(limit=0.25),
    "attitude": ci.AttitudeLoyaltyClassifier(),
    "trajectory": ci.ValueTrajectoryClassifier(),
}
PROGRAM = ci.IdentificationProgram(
    classifiers=CLASSIFIERS, stability=ci.StabilityPolicy(min_dwell=30)
)
OVERRIDE = ci.Override(customer_id=1, label="A", reason="x", since=DAY, until=LATER)


@pytest.mark.parametrize("obj", [PROGRAM, PROGRAM.fit(SUMMARY), OVERRIDE], ids=type)
def test_programs_and_rules_come_back_exactly(obj: Any) -> None:
    again = back(obj)
    assert again == obj
    assert parts(again) == parts(obj)


def test_an_identifier_from_json_identifies_as_before() -> None:
    identifier = PROGRAM.fit(SUMMARY)
    again = back(identifier)
    assert again.order == tuple(CLASSIFIERS)
    assert again.identify(SUMMARY).counts() == identifier.identify(SUMMARY).counts()


def test_every_class_has_a_name_of_its_own() -> None:
    assert {getattr(models, name) for name in models.__all__} <= set(portable._TYPES)
    assert len({kind.__name__ for kind in portable._TYPES}) == len(portable._TYPES)


RICH = Agreement(
    agreement_id="a-1",
    roles=[
        Role(party_id=7, kind="owner", since=DAY),
        Role(party_id="x", kind="guarantor", since=DAY, until=LATER, towards=7),
    ],
    opened=DAY,
)


def test_the_plain_data_are_as_promised() -> None:
    data = to_dict(RICH)
    head = {"type": "Agreement", "version": 1, "agreement_id": "a-1"}
    tail = {"roles": data["roles"], "opened": "2011-03-01", "closed": None}
    assert data == head | tail
    assert list(data) == [*head, *tail]
    assert data["roles"][0]["kind"] == {"type": "RoleKind", "value": "owner"}
    assert data["roles"][1] == {
        "type": "Role",
        "party_id": "x",
        "kind": "guarantor",
        "agreement_id": None,
        "scope": None,
        "since": "2011-03-01",
        "until": "2011-09-01",
        "towards": 7,
    }


def test_a_key_with_a_default_may_be_missing() -> None:
    head = {"type": "Role", "version": 1}
    data = head | {"party_id": 7, "kind": "x", "since": "2011-03-01"}
    assert from_dict(data) == Role(party_id=7, kind="x", since=DAY)


def test_reading_changes_nothing_of_what_is_given() -> None:
    data = to_dict(RICH)
    before = json.dumps(data)
    from_dict(data)
    assert json.dumps(data) == before


def test_cattrs_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, customer_identification; assert 'cattrs' not in sys.modules"
    source = str(Path(portable.__file__).parents[1])
    subprocess.run(  # noqa: S603  # our own code
        [sys.executable, "-c", code], env={"PYTHONPATH": source}, check=True
    )


# --- the host's own classes -----------------------------------------------------------


class Rule(Protocol):
    @property
    def labels(self) -> tuple[str, ...]: ...

    def classify(self, summary: object) -> object: ...


class Color(Enum):
    RED = 1
    BLUE = "blue"


class Size(StrEnum):
    BIG = "big"


class Odd(Enum):
    LIST = (1, 2)


@frozen(kw_only=True, slots=False)
class CutRule:
    cuts: tuple[float, ...]
    labels: tuple[str, ...]
    inner: Rule | None = None
    total: float = field(init=False)

    @total.default
    def _sum(self) -> float:
        return sum(self.cuts)

    def classify(self, summary: object) -> object:
        return summary


@frozen(kw_only=True)
class NoRule:
    labels: tuple[str, ...] = ()


def _view(rules: Mapping[str, Rule]) -> Mapping[str, Rule]:
    return MappingProxyType(dict(rules))


@frozen(kw_only=True)
class Book:
    rules: Mapping[str, Rule] = field(converter=_view)


@frozen
class Base:
    _a: int = 1


@frozen
class Child(Base):
    b: int = 2


@frozen
class Tree:
    name: str
    branches: tuple["Tree", ...] = ()
    beside: Optional["Tree"] = None


LEAF: Any = {"type": "Tree", "name": "b", "branches": [], "beside": None}
INNER = CutRule(cuts=(0.8, 0.95, 1), labels=("A", "B"))
OUTER = CutRule(cuts=(inf, -1.0), labels=(), inner=INNER)


def test_a_hosts_rule_is_read_by_the_type_named_in_the_data() -> None:
    book = Book(rules={"value": INNER, "mine": OUTER})
    data = to_dict(book)
    assert list(data["rules"]) == ["value", "mine"]
    assert data["rules"]["mine"]["inner"]["type"] == "CutRule"
    assert list(data["rules"]["value"]) == ["type", "cuts", "labels", "inner"]
    again = back(book, Book, CutRule)
    assert again == book
    assert parts(again) == parts(book)
    identifier = ci.Identifier(rules={"mine": OUTER}, order=("mine",))
    assert back(identifier, CutRule) == identifier


def test_a_protocol_is_not_filled_by_another_class() -> None:
    must = "Book.rules must be of type collections.abc.Mapping["
    must += f"str, {Rule.__module__}.Rule]"
    wrong: Any = NoRule()
    unwritable(Book(rules={"value": wrong}), must)
    data = to_dict(Book(rules={}))
    data["rules"]["value"] = {"type": "NoRule", "labels": []}
    refused(data, must, Book, NoRule)
    data["rules"]["value"] = {"type": "PartyKind", "value": "person"}
    refused(data, must, Book)


def test_an_unknown_type_inside_is_refused() -> None:
    must = "must name a known type; the host's own go into types="
    data = to_dict(Book(rules={"mine": OUTER}))
    refused(data, f"Book.rules[0] {must}", Book, code="unknown_type")
    data["rules"]["mine"]["type"] = ["CutRule"]
    refused(data, f"Book.rules[0] {must}", Book, CutRule)


def holder(annotation: Any, **kwargs: Any) -> type:
    """Make a class with one field of that annotation."""
    return attrs.make_class(
        "Holder", {"x": attrs.field(type=annotation, **kwargs)}, frozen=True
    )


EXACT: list[tuple[Any, Any, Any]] = [
    (bool, True, True),
    (int, 2**70, 2**70),
    (float, 1.0, 1.0),
    (float, 1, 1),
    (float, inf, {"type": "float", "value": "inf"}),
    (float | None, -inf, {"type": "float", "value": "-inf"}),
    (str, "", ""),
    (Decimal, Decimal("1.50"), "1.50"),
    (Decimal, Decimal("-0E+7"), "-0E+7"),
    (Decimal | None, Decimal("Infinity"), "Infinity"),
    (Decimal | None, None, None),
    (dt.date, DAY, "2011-03-01"),
    (dt.datetime, dt.datetime(2011, 3, 1, 9, 0, 0, 5), "2011-03-01T09:00:00.000005"),  # noqa: DTZ001
    (
        dt.datetime,
        dt.datetime(2011, 7, 1, tzinfo=BERLIN),
        "2011-07-01T00:00:00+02:00[Europe/Berlin]",
    ),
    (dt.datetime, dt.datetime(2011, 7, 1, tzinfo=dt.UTC), "2011-07-01T00:00:00+00:00"),
    (dt.date | dt.datetime, DAY, {"type": "date", "value": "2011-03-01"}),
    (
        dt.date | dt.datetime | None,
        dt.datetime(2011, 3, 1),  # noqa: DTZ001
        {"type": "datetime", "value": "2011-03-01T00:00:00"},
    ),
    (int | str, 1, 1),
    (int | str, "1", "1"),
    (int | bool, True, True),
    (int | float | bool | None, 1.0, 1.0),
    (int | float | bool | None, None, None),
    (float | str, nan, {"type": "float", "value": "nan"}),
    (float | Decimal, Decimal(1), {"type": "Decimal", "value": "1"}),
    (Color, Color.RED, 1),
    (Color | None, Color.BLUE, "blue"),
    (Size | str, Size.BIG, {"type": "Size", "value": "big"}),
    (Size | str, "big", "big"),
    (Literal["a", 1, True] | None, True, True),
    (Literal["auto"] | float, "auto", "auto"),
    (tuple[int, ...], (1, 2), [1, 2]),
    (tuple[int, str], (1, "a"), [1, "a"]),
    (tuple[()], (), []),
    (float | tuple[float, ...], (0.5,), [0.5]),
    (Mapping[str, int], {"b": 1, "a": 2}, {"b": 1, "a": 2}),
    (dict[str, int], {"type": 1}, {"type": "dict", "value": {"type": 1}}),
    (Base | int, Base(5), {"type": "Base", "_a": 5}),
    (Base | None, None, None),
    (
        Tree,
        Tree("a", (Tree("b"),)),
        {"type": "Tree", "name": "a", "branches": [LEAF], "beside": None},
    ),
    (Any, (1, (DAY,)), [1, [{"type": "date", "value": "2011-03-01"}]]),
    (object, Base(1), {"type": "Base", "_a": 1}),
]


@pytest.mark.parametrize(("annotation", "value", "plain"), EXACT, ids=map(str, count()))
def test_a_value_comes_back_as_its_annotation_says(
    annotation: Any, value: Any, plain: Any
) -> None:
    kind = holder(annotation)
    data = to_dict(kind(value))
    assert data == {"type": "Holder", "version": 1, "x": plain}
    assert parts(data["x"]) == parts(plain)
    again = back(kind(value), kind, Base, Color, Size, Tree).x
    assert type(again) is type(value)
    assert again == value or isnan(value)
    assert parts(again) == parts(value)


def test_a_field_without_annotation_holds_anything() -> None:
    kind = attrs.make_class("Holder", ["x"], frozen=True)
    assert back(kind((DAY, 1)), kind).x == (DAY, 1)


def test_a_negative_zero_keeps_its_sign() -> None:
    kind = holder(float)
    assert copysign(1, back(kind(-0.0), kind).x) == -1


def test_an_hour_that_comes_twice_or_never_keeps_its_fold() -> None:
    kind = holder(dt.datetime)
    for hour in (dt.datetime(2011, 10, 30, 2, 30), dt.datetime(2011, 3, 27, 2, 30)):  # noqa: DTZ001
        for fold in (0, 1):
            stamp = hour.replace(tzinfo=BERLIN, fold=fold)
            again = back(kind(stamp), kind).x
            assert again == stamp
            assert (again.utcoffset(), again.fold) == (stamp.utcoffset(), fold)
            assert again.tzinfo is BERLIN


def test_what_numpy_and_pandas_have_exactly_becomes_plain() -> None:
    for annotation, value, plain in (
        (float, np.float64(0.5), 0.5),
        (Any, np.float64("nan"), {"type": "float", "value": "nan"}),
        (int | str, np.str_("a"), "a"),
        (dt.datetime, pd.Timestamp("2011-03-01 09:00"), "2011-03-01T09:00:00"),
    ):
        found = to_dict(holder(annotation)(value))["x"]
        assert parts(found) == parts(plain)


@pytest.mark.parametrize(
    ("annotation", "value", "must"),
    [
        (int, True, "be of type int"),
        (int, np.int64(1), "be of type int"),
        (float, Decimal(1), "be of type float"),
        (float, np.float32(1), "be of type float"),
        (bool, 1, "be of type bool"),
        (str, None, "be of type str"),
        (str, Size.BIG, "be of type str"),
        (dt.date, dt.datetime(2011, 1, 1), "be of type date"),  # noqa: DTZ001
        (dt.datetime, pd.Timestamp(1), "be a datetime of whole microseconds"),
        (
            dt.datetime,
            pd.Timestamp("2011-03-01", tz="dateutil/Europe/Berlin"),
            "have a zone of zoneinfo.ZoneInfo or a fixed offset",
        ),
        (int | str, 1.0, "be of type int | str"),
        (Odd, Odd.LIST, "be an Enum of text or int values"),
        (Literal["a"], "b", "be of type typing.Literal['a']"),
        (Literal[1], True, "be of type typing.Literal[1]"),
        (tuple[int, ...], [1], "be of type tuple[int, ...]"),
        (tuple[int, int], (1,), "be of type tuple[int, int]"),
        (dict[str, int], [], "be of type dict[str, int]"),
        (dict[str, int], {1: 1}, "have keys of text"),
        (Base, Child(), "be of type Base"),
        (list, [1], "have a plain form"),
        (Any, np.array([1.0]), "have a plain form"),
        (Any, np.int64(1), "have a plain form"),
        (Any, b"1", "have a plain form"),
        (Any, {1}, "have a plain form"),
    ],
    ids=map(str, count()),
)
def test_what_cannot_come_back_is_not_written(
    annotation: Any, value: Any, must: str
) -> None:
    unwritable(holder(annotation)(value), f"Holder.x must {must}")


AS_WRITTEN = "be a datetime, in the form it is written"


def test_where_it_went_wrong_is_told_but_not_what() -> None:
    kind = holder(Mapping[str, tuple[Base, ...]])
    wrong: Any = "7"
    obj = kind({"secret": (Base(1), Base(wrong))})
    unwritable(obj, "Holder.x[0][1]._a must be of type int")
    data = to_dict(kind({"secret": (Base(1), Base(2))}))
    data["x"]["secret"][1]["_a"] = "7"
    refused(data, "Holder.x[0][1]._a must be of type int", kind, Base)


@pytest.mark.parametrize(
    ("annotation", "plain", "must"),
    [
        (bool, "false", "be of type bool"),
        (bool, 0, "be of type bool"),
        (int, True, "be of type int"),
        (int, 1.0, "be of type int"),
        (int, 1.5, "be of type int"),
        (int, "1", "be of type int"),
        (float, True, "be of type float"),
        (float, "nan", "be of type float"),
        (float, nan, "be plain data"),
        (
            float,
            {"type": "float", "value": "1.0"},
            "be a float, in the form it is written",
        ),
        (
            float,
            {"type": "float", "value": "nan", "x": 1},
            "have the keys type and value, and no other",
        ),
        (str, 1, "be of type str"),
        (Decimal, 1.5, "be of type Decimal"),
        (Decimal, 1, "be a Decimal, in the form it is written"),
        (Decimal, " 1.5", "be a Decimal, in the form it is written"),
        (Decimal, "Zuse", "be a Decimal, in the form it is written"),
        (dt.date, "20110301", "be a date, in the form it is written"),
        (dt.date, None, "be of type date"),
        (dt.datetime, "2011-03-01", AS_WRITTEN),
        (dt.datetime, 1, AS_WRITTEN),
        (dt.datetime, {"type": "datetime", "value": [1]}, AS_WRITTEN),
        (dt.datetime, {"type": "datetime", "value": None}, AS_WRITTEN),
        (
            float,
            {"type": "float", "value": []},
            AS_WRITTEN.replace("datetime", "float"),
        ),
        (dt.datetime, "2011-07-01T00:00:00+05:00[Europe/Berlin]", AS_WRITTEN),
        (dt.datetime, "2011-07-01T00:00:00+02:00[../../etc/passwd]", AS_WRITTEN),
        (dt.datetime, "2011-07-01T00:00:00+02:00[Nowhere/Town]", AS_WRITTEN),
        (int | str, None, "be of type int | str"),
        (int | str, 1.5, "be of type int | str"),
        (dt.date | str, {"type": "Decimal", "value": "1"}, None),
        (Color, True, "be of type Color"),
        (Color, "red", "be one of: 1, blue"),
        (Size | str, {"type": "Size", "value": "small"}, "be one of: big"),
        (Size | str, {"type": "Size", "value": ["big"]}, "be one of: big"),
        (Literal["a", 1], True, None),
        (tuple[int, ...], "12", "be of type tuple[int, ...]"),
        (tuple[int, int], [1], "be of type tuple[int, int]"),
        (dict[str, int], [["a", 1]], "be of type dict[str, int]"),
        (dict[str, int], {1: 1}, "have keys of text"),
        (dict[str, int], {"type": "dict", "value": 1}, "have keys of text"),
        (Base, [1], "be of type Base"),
        (Base, {"type": "Base", "_a": 1, "Zuse": 2}, "have no keys but _a"),
        (Base, {"type": "Tree", "name": "x"}, "be of type Base"),
        (Tree, {"type": "Tree", "branches": []}, "have the key name"),
        (Any, (1,), "be plain data"),
    ],
    ids=map(str, count()),
)
def test_data_that_nobody_wrote_are_refused(
    annotation: Any, plain: Any, must: str | None
) -> None:
    data = {"type": "Holder", "version": 1, "x": plain}
    must = must or f"be of type {annotation}"
    refused(data, f"Holder.x must {must}", holder(annotation), Base, Tree, Size)


def test_the_head_must_be_right() -> None:
    data = to_dict(RICH)
    for version in (0, 2, True, "1", None, 1.0):
        must = "Agreement must have the version 1"
        refused(data | {"version": version}, must, code="unknown_version")
    del data["version"]
    refused(data, "Agreement must have the version 1")
    must = "data must name a known type; the host's own go into types="
    bad: list[Any] = [None, [], "Agreement", {}, {"type": "Zuse"}, {"type": ["Role"]}]
    for other in bad:
        refused(other, must, code="unknown_type")
    for other in ({"type": "PartyKind", "value": "person"}, {"type": "dict"}):
        refused(other, f"{other['type']} must be an object of an attrs class")


def test_unknown_and_missing_keys_are_refused() -> None:
    data = to_dict(Role(party_id=7, kind="owner", since=DAY))
    names = ", ".join(it.name for it in attrs.fields(Role))
    must = f"Role must have no keys but {names}"
    refused(data | {"Ada Zuse": 1}, must, code="unknown_key")
    del data["since"]
    refused(data, "Role must have the key since", code="missing_key")


def test_what_a_class_refuses_is_told_without_the_value() -> None:
    data = to_dict(RICH)
    data["roles"][1]["until"] = "2011-02-01"
    refused(
        data,
        "Agreement.roles[1] must be a valid Role: until must not be before since",
        code="refused",
    )
    kind = holder(int, validator=attrs.validators.gt(5))
    data = {"type": "Holder", "version": 1, "x": 3}
    refused(data, "Holder must be a valid Holder; its class refuses these fields", kind)


T = TypeVar("T")


@frozen
class Box(Generic[T]):
    item: int


@pytest.mark.parametrize("name", ["type", "version", "cl", "converter"])
def test_a_few_names_of_fields_are_reserved(name: str) -> None:
    kind = attrs.make_class("Holder", {name: attrs.field(type=int)})
    must = "be of no generic class nor have fields ['cl', 'converter', 'type', "
    unwritable(kind(1), f"Holder must {must}'version']")
    unwritable(Box(1), f"Box must {must}'version']")


@pytest.mark.parametrize("name", ["Customer", "Decimal"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    kind = attrs.make_class(name, {"x": attrs.field(type=int)})
    unwritable(kind(1), f"{name} must not be of another class named {name}")
    with pytest.raises(InvalidInputError, match="with names of their own"):
        from_dict({}, types=[kind])


def test_types_are_classes_that_can_be_kept() -> None:
    others: list[Any] = [int, "Base", Base(1), Optional[Base]]  # noqa: UP045
    for bad in others:
        with pytest.raises(InvalidInputError, match="attrs or Enum classes"):
            from_dict({}, types=[bad])
    assert from_dict(to_dict(RICH), types=[Role, Base, Base]) == RICH


def test_only_objects_of_attrs_classes_are_written() -> None:
    for bad in (None, 1, {"a": 1}, [RICH], RoleKind.OWNER, np.array([1.0]), Base):
        unwritable(bad, f"{type(bad).__name__} must be an object of an attrs class")
