"""Roles, service and privacy as the front door shows them."""

import json
import pickle
import random
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from datasets import complete_journey_200
from tables import KINDS, arrow_of, frames_of, tables


few = settings(derandomize=True, max_examples=12, deadline=None)

NEW_YEAR, TODAY = date(2011, 1, 1), date(2011, 8, 31)
NAMES = ci.Pseudonyms(bytes(range(32)))

# What customers buy, by month of 2011. Every id says SECRET, and so does every paper.
AMOUNTS: dict[str, dict[int, int]] = {
    "SECRET-a": dict.fromkeys(range(1, 9), 200),
    "SECRET-b": dict.fromkeys(range(1, 9), 80),
    "SECRET-c": dict.fromkeys(range(1, 9), 10),
    "SECRET-k": dict.fromkeys(range(1, 9), 60),
    "SECRET-t": {1: 5000},
}
SALES = [
    ci.Transaction(
        customer_id=one,
        date=date(2011, month, 5),
        amount=amount,
        order_id=f"SECRET-order-{one}-{month}",
        category="wine",
    )
    for one, by_month in AMOUNTS.items()
    for month, amount in by_month.items()
]


def role(party: str, kind: str = "agent", **said: Any) -> ci.Role:
    where = {} if "agreement_id" in said else {"scope": "north"}
    return ci.Role(party_id=party, kind=kind, **{"since": NEW_YEAR, **where, **said})


STATED = [
    role("SECRET-agent"),  # who never bought
    role("SECRET-over", until=date(2011, 6, 30)),
    role("SECRET-later", since=date(2011, 9, 1)),
    role("SECRET-k", "bill_payer", agreement_id="SECRET-phones", towards="SECRET-user"),
    role("SECRET-k", "beneficiary", agreement_id="SECRET-phones"),
    role("SECRET-b", "reseller", until=date(2011, 6, 30)),
]
BOOK = ci.assign_roles(statements=STATED)

POLICY = ci.ServicePolicy(
    lines=(
        ci.ServiceLine(
            level="gold", treatment="Own contact", roles=("agent", "bill_payer")
        ),
        ci.ServiceLine(level="low", treatment="Letters", when={"value": "apart"}),
        ci.ServiceLine(level="gold", treatment="Visits", when={"value": "A"}),
        ci.ServiceLine(level="silver", treatment="Calls", when={"value": "B"}),
        ci.ServiceLine(level="low", treatment="Help line"),
    ),
    levels=("gold", "silver", "low"),
)
# Temporary customers are set apart; the limits of value are given, not learnt.
PROGRAM = ci.IdentificationProgram(
    classifiers={
        "term": ci.TermClassifier(min_days=60),
        "value": ci.ABCClassifier(thresholds=(1000, 500)),
    },
    set_apart=("term", "temporary"),
    service=POLICY,
)
# Read off the tables above by hand.
SERVICE = {
    "SECRET-a": ("gold", "Visits", 3),
    "SECRET-b": ("silver", "Calls", 4),
    "SECRET-c": ("low", "Help line", 5),
    "SECRET-k": ("gold", "Own contact", 1),
    "SECRET-t": ("low", "Letters", 2),
}


def summary_of(sales: Any = SALES, day: date = TODAY, **keywords: Any) -> ci.Summary:
    keywords = {"since": NEW_YEAR, **keywords}
    return ci.summarize(
        [one for one in sales if one.date <= day], as_of=day, **keywords
    )


SUMMARY = summary_of()
IDENTIFIER = PROGRAM.fit(SUMMARY)
FOUND = IDENTIFIER.identify(SUMMARY, roles=BOOK)


def services(found: ci.Identification) -> dict[Any, tuple[str, str, int]]:
    """Give level, treatment and line of every customer, one by one."""
    assert found.service is not None
    told = {one: found.profile(one).service for one in found.summary.customer_ids}
    return {
        one: (given.level, given.treatment, given.line)
        for one, given in told.items()
        if given is not None
    }


# --- roles ------------------------------------------------------------------------------


def test_a_profile_has_the_roles_in_force_on_the_day_of_the_summary() -> None:
    profile = FOUND.profile("SECRET-k")
    assert profile.roles == BOOK.roles_of("SECRET-k", as_of=TODAY)
    assert [str(one.kind) for one in profile.roles] == ["beneficiary", "bill_payer"]
    assert FOUND.profile("SECRET-b").roles == ()  # it was a reseller till June
    spring = summary_of(day=date(2011, 5, 31))
    found = IDENTIFIER.identify(spring, roles=BOOK)
    assert [one.kind for one in found.profile("SECRET-b").roles] == ["reseller"]
    assert found.roles is not None
    assert found.roles.to_frame().equals(BOOK.at("2011-05-31").to_frame())
    assert "SECRET-later" not in found.roles.ids


def test_an_explanation_ends_with_roles_and_service() -> None:
    *verdicts, roles, service = FOUND.explain("SECRET-k").splitlines()
    assert [line.split(":")[0] for line in verdicts] == ["term", "value"]
    assert roles == (
        "roles: beneficiary since 2011-01-01 (stated); bill_payer since 2011-01-01 "
        "(stated)"
    )
    assert service == "service: gold: Own contact (line 1: role bill_payer)"
    assert not any("roles:" in line for line in FOUND.explain("SECRET-a").splitlines())


def test_a_party_that_never_bought_is_known_by_its_roles_alone() -> None:
    profile = FOUND.profile("SECRET-agent")
    assert profile.as_of == TODAY
    assert (profile.numbers, profile.verdicts, profile.service) == ({}, {}, None)
    assert [one.kind for one in profile.roles] == ["agent"]
    assert FOUND.explain("SECRET-agent") == "roles: agent since 2011-01-01 (stated)"
    assert "SECRET-agent" not in FOUND
    assert "SECRET-agent" in FOUND.ids.tolist()
    assert len(FOUND) == len(FOUND.to_frame()) == len(AMOUNTS)
    assert list(FOUND) == sorted(AMOUNTS)


@pytest.mark.parametrize(
    "one", ["SECRET-nobody", "SECRET-over", "SECRET-later", "SECRET-user", 7, None]
)
def test_who_has_neither_bought_nor_a_role_today_is_unknown(one: Any) -> None:
    assert one not in FOUND
    for ask in (FOUND.profile, FOUND.explain):
        with pytest.raises(ci.UnknownCustomerError) as caught:
            ask(one)
        assert "SECRET" not in str(caught.value)


def test_a_number_and_its_text_are_two_parties() -> None:
    book = ci.assign_roles(statements=[role("7")])
    sales = [ci.Transaction(customer_id="8", date=TODAY, amount=5)]
    found = ci.identify(sales, as_of=TODAY, roles=book)
    assert len(found.profile("7").roles) == 1
    for one in (7, 8):
        with pytest.raises(ci.UnknownCustomerError):
            found.profile(one)


def test_customers_and_parties_with_a_role_today_are_all_the_ids() -> None:
    expected = sorted([*AMOUNTS, "SECRET-agent", "SECRET-user"])
    assert FOUND.ids.tolist() == expected
    without = IDENTIFIER_WITHOUT_ROLES.identify(SUMMARY)
    assert without.ids.tolist() == sorted(AMOUNTS)


def test_a_frame_has_a_column_for_each_kind_of_role_that_somebody_has() -> None:
    frame = FOUND.to_frame().set_index("customer_id")
    assert [name for name in frame if name.startswith("is_")] == [
        "is_agent",
        "is_beneficiary",
        "is_bill_payer",
    ]
    for name in ("is_bill_payer", "is_beneficiary"):
        assert frame.index[frame[name]].tolist() == ["SECRET-k"]
    assert not frame["is_agent"].any()  # the agent has never bought
    spring = IDENTIFIER.identify(summary_of(day=date(2011, 5, 31)), roles=BOOK)
    assert spring.to_frame()["is_reseller"].sum() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_roles_and_service_come_back_in_the_hosts_own_kind_of_frame(kind: str) -> None:
    rows = [
        {"customer_id": "c1", "date": date(2011, 1, 5), "amount": 100_000},
        {"customer_id": "c2", "date": date(2011, 5, 5), "amount": 100},
    ]
    found = ci.identify(
        frames_of(rows)[kind],
        as_of=TODAY,
        program=evolve(PROGRAM, set_apart=None, service=WITHOUT_APART),
        roles=ci.assign_roles(statements=[role("c2")]),
    )
    frame = nw.from_native(found.to_frame(), eager_only=True)
    assert frame["is_agent"].to_list() == [False, True]
    assert frame["service_level"].to_list() == ["gold", "gold"]
    assert frame["treatment"].to_list() == ["Visits", "Own contact"]


def test_roles_of_nobody_change_nothing_but_that_they_are_there() -> None:
    nothing = ci.assign_roles([])
    found = IDENTIFIER_WITHOUT_ROLES.identify(SUMMARY, roles=nothing)
    plain = IDENTIFIER_WITHOUT_ROLES.identify(SUMMARY)
    assert plain.roles is None
    assert found.roles == nothing
    assert found.to_frame().equals(plain.to_frame())
    assert found.classes == plain.classes
    assert found.ids.tolist() == plain.ids.tolist()


def test_the_one_line_door_takes_roles_too() -> None:
    found = ci.identify(SALES, as_of=TODAY, since=NEW_YEAR, program=PROGRAM, roles=BOOK)
    assert found == FOUND


def test_only_a_book_of_roles_of_the_same_kind_of_ids_is_taken() -> None:
    with pytest.raises(ci.InvalidInputError, match="roles must be of class RoleBook"):
        IDENTIFIER.identify(SUMMARY, roles=STATED)  # type: ignore[arg-type]
    numbers = ci.assign_roles(
        statements=[ci.Role(party_id=7, kind="agent", scope="north", since=NEW_YEAR)]
    )
    for identifier in (IDENTIFIER, IDENTIFIER_WITHOUT_ROLES):
        with pytest.raises(ci.InvalidInputError, match="must be text on both sides"):
            identifier.identify(SUMMARY, roles=numbers)


# --- service ----------------------------------------------------------------------------


def test_everybody_gets_the_first_line_that_holds() -> None:
    assert services(FOUND) == SERVICE
    assert FOUND.service is not None
    assert FOUND.service.counts() == {"gold": 2, "silver": 1, "low": 2}


def test_a_role_of_one_day_gives_its_service_on_that_day() -> None:
    book = ci.assign_roles(statements=[role("SECRET-c", until=date(2011, 6, 30))])
    spring = IDENTIFIER.identify(summary_of(day=date(2011, 5, 31)), roles=book)
    autumn = IDENTIFIER.identify(SUMMARY, roles=book)
    assert services(spring)["SECRET-c"] == ("gold", "Own contact", 1)
    assert services(autumn)["SECRET-c"] == ("low", "Help line", 5)


def test_the_plan_the_frame_the_labels_and_the_columns_say_the_same() -> None:
    assert FOUND.service is not None
    frame = FOUND.to_frame().set_index("customer_id")
    plan = FOUND.service.to_frame().set_index("customer_id")
    expected = pd.DataFrame.from_dict(SERVICE, orient="index")
    for table, names in (
        (frame, ["service_level", "treatment"]),
        (plan, ["level", "treatment", "line"]),
    ):
        for at, name in enumerate(names):
            assert table[name].tolist() == expected[at].tolist()
    labels = FOUND.labels()
    assert tuple(labels) == IDENTIFIER.columns
    assert IDENTIFIER.columns == (
        "term_class",
        "value_class",
        "service_level",
        "treatment",
    )
    level = labels["service_level"]
    assert [level.words[code] for code in level.codes] == expected[0].tolist()


def test_without_a_policy_there_is_no_service() -> None:
    identifier = evolve(IDENTIFIER, service=None)
    found = identifier.identify(SUMMARY, roles=BOOK)
    assert found.service is None
    assert found.profile("SECRET-a").service is None
    assert "service" not in found.explain("SECRET-a")
    assert identifier.columns == tuple(found.labels()) == ("term_class", "value_class")


def test_who_is_set_apart_gets_the_line_for_those_apart() -> None:
    found = IDENTIFIER_WITHOUT_ROLES.identify(SUMMARY)
    assert found.classes["value"].label_of("SECRET-t") == "apart"
    assert str(found.profile("SECRET-t").service) == (
        "low: Letters (line 1: value is apart)"
    )


def test_all_whom_the_default_program_sets_apart_are_kept_apart_in_service() -> None:
    data = complete_journey_200()
    found = ci.identify(
        data.frame,
        program=ci.IdentificationProgram(service=ci.ServicePolicy()),
        **data.call,
    )
    assert found.service is not None
    apart = found.classes["loyalty"].where("transactional")
    assert 0 < apart.sum() < len(found)
    assert np.array_equal(found.service.codes == 0, apart)
    assert found.service.where("minimal")[apart].all()


def test_a_class_by_hand_brings_its_service() -> None:
    by_hand = ci.Override(
        customer_id="SECRET-c",
        label="A",
        reason="strategic",
        since=NEW_YEAR,
        until=TODAY,
    )
    found = IDENTIFIER.identify(SUMMARY, roles=BOOK, overrides={"value": [by_hand]})
    assert services(found) == SERVICE | {"SECRET-c": ("gold", "Visits", 3)}


def test_who_is_set_apart_by_hand_is_served_so() -> None:
    by_hand = ci.Override(
        customer_id="SECRET-a",
        label="temporary",
        reason="is moving",
        since=NEW_YEAR,
        until=TODAY,
    )
    found = IDENTIFIER.identify(SUMMARY, roles=BOOK, overrides={"term": [by_hand]})
    assert services(found) == SERVICE | {"SECRET-a": ("low", "Letters", 2)}


def test_a_class_that_is_held_holds_its_service() -> None:
    # 510 in June is B; 480 in July is within a tenth of the limit of 500.
    sales = [
        ci.Transaction(customer_id="one", date=date(2011, month, 5), amount=amount)
        for month, amount in ((1, 100), (6, 410), (7, -30))
    ]
    identifier = evolve(IDENTIFIER_WITHOUT_ROLES, set_apart=None, service=WITHOUT_APART)
    identifier = evolve(identifier, stability=ci.StabilityPolicy(hysteresis=0.1))
    before = identifier.identify(
        summary_of(sales, date(2011, 6, 30)), roles=ci.assign_roles([])
    )
    july = summary_of(sales, date(2011, 7, 31))
    assert services(before)["one"][0] == "silver"
    for previous in (before, before.classes):
        held = identifier.identify(july, roles=ci.assign_roles([]), previous=previous)
        assert services(held)["one"][0] == "silver"
    anew = identifier.identify(july, roles=ci.assign_roles([]))
    assert services(anew)["one"][0] == "low"


def test_lines_that_ask_for_roles_need_them() -> None:
    with pytest.raises(ci.InvalidInputError, match="speak of agent, bill_payer") as no:
        IDENTIFIER.identify(SUMMARY)
    assert no.value.code == "missing_roles"


def test_a_role_that_nobody_has_serves_nobody() -> None:
    found = evolve(IDENTIFIER, service=SERVES_RESELLERS).identify(SUMMARY, roles=BOOK)
    assert found.service is not None
    assert found.service.counts() == {"gold": 0, "low": 5}


def test_lines_must_speak_of_rules_and_classes_of_the_program() -> None:
    for service, must in (
        (ci.ServicePolicy(), "line 1 speaks of the rule loyalty, but there are only"),
        (_one_line(when={"value": "D"}), "D is none"),
    ):
        with pytest.raises(ci.InvalidInputError, match=must):
            evolve(IDENTIFIER, service=service)
    with pytest.raises(ci.InvalidInputError, match="line 1 speaks of the rule"):
        evolve(PROGRAM, service=ci.ServicePolicy())
    for wrong in (5, ci.ServicePolicy, "key"):
        for make in (PROGRAM, IDENTIFIER):
            with pytest.raises(ci.InvalidInputError, match="service must be of class"):
                evolve(make, service=wrong)


def _one_line(**said: Any) -> ci.ServicePolicy:
    return ci.ServicePolicy(
        lines=(
            ci.ServiceLine(level="gold", treatment="Visits", **said),
            ci.ServiceLine(level="low", treatment="Help line"),
        ),
        levels=("gold", "low"),
    )


SERVES_RESELLERS = _one_line(roles="reseller")
WITHOUT_APART = evolve(POLICY, lines=[*POLICY.lines[:1], *POLICY.lines[2:]])
IDENTIFIER_WITHOUT_ROLES = evolve(
    IDENTIFIER, service=evolve(POLICY, lines=POLICY.lines[1:])
)


def test_nobody_gets_no_service() -> None:
    nobody = summary_of([])
    found = IDENTIFIER.identify(nobody, roles=BOOK)
    assert found.service is not None
    assert found.service.counts() == {"gold": 0, "silver": 0, "low": 0}
    assert found.to_frame().empty
    assert len(found.profile("SECRET-agent").roles) == 1


# --- kept and read again ----------------------------------------------------------------


@pytest.mark.parametrize(
    "service",
    [POLICY, SERVES_RESELLERS, ci.ServicePolicy.for_rules(["value"]), None],
    ids=["with roles", "own roles", "default", "none"],
)
def test_a_program_and_its_identifier_with_service_are_plain_data(service: Any) -> None:
    for thing in (
        evolve(PROGRAM, service=service),
        evolve(IDENTIFIER, service=service),
    ):
        for again in (
            ci.from_dict(json.loads(json.dumps(ci.to_dict(thing), allow_nan=False))),
            pickle.loads(pickle.dumps(thing)),  # noqa: S301  # our own
        ):
            assert again == thing
            assert hash(again) == hash(thing)
            assert again.service == service


def test_an_identifier_read_again_gives_the_same_service() -> None:
    kept = ci.from_dict(json.loads(json.dumps(ci.to_dict(IDENTIFIER))))
    assert kept.identify(SUMMARY, roles=BOOK) == FOUND


def test_what_was_kept_before_there_was_service_is_still_read() -> None:
    for thing in (PROGRAM, IDENTIFIER):
        data = ci.to_dict(thing)
        del data["service"]
        again = ci.from_dict(data)
        assert again == evolve(thing, service=None)


def test_json_with_a_table_that_cannot_be_is_refused() -> None:
    data = json.loads(json.dumps(ci.to_dict(IDENTIFIER)))
    data["service"]["levels"] = ["gold", "silver"]
    with pytest.raises(ci.SerializationError, match="level"):
        ci.from_dict(data)


def test_identifiers_with_other_service_differ() -> None:
    assert evolve(IDENTIFIER, service=None) != IDENTIFIER
    assert evolve(IDENTIFIER, service=SERVES_RESELLERS) != IDENTIFIER
    assert evolve(PROGRAM, service=None) != PROGRAM


def test_an_identification_is_pickled_with_roles_and_service() -> None:
    again = pickle.loads(pickle.dumps(FOUND))  # noqa: S301  # our own
    assert again == FOUND
    assert services(again) == SERVICE
    assert again.explain("SECRET-k") == FOUND.explain("SECRET-k")


def test_short_forms_tell_counts_and_nobody() -> None:
    profile = FOUND.profile("SECRET-k")
    for thing in (FOUND, FOUND.service, FOUND.roles, profile, *profile.roles):
        assert "SECRET" not in repr(thing)
    assert "SECRET" not in str(profile)
    assert repr(FOUND) == "Identification(5 customers by term, value, as of 2011-08-31)"


# --- order and number do not matter -----------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_sales_and_of_what_is_stated_does_not_matter(seed: int) -> None:
    shuffled = random.Random(seed)  # noqa: S311 - no secret
    sales, stated = list(SALES), list(STATED)
    shuffled.shuffle(sales)
    shuffled.shuffle(stated)
    book = ci.assign_roles(statements=stated)
    assert PROGRAM.fit(summary_of(sales)) == IDENTIFIER
    assert IDENTIFIER.identify(summary_of(sales), roles=book) == FOUND


@few
@given(tables(least=1), st.randoms(use_true_random=False))
def test_one_customer_alone_and_any_order_of_rows_give_the_same_service(
    rows: Any, chance: Any
) -> None:
    program = ci.IdentificationProgram(
        classifiers={
            "loyalty": ci.LoyaltyClassifier(min_purchase_days=2),
            "value": ci.ABCClassifier(),
            "trajectory": ci.ValueTrajectoryClassifier(min_periods=2),
        },
        service=ci.ServicePolicy(),
    )
    day = {"as_of": TODAY, "on_bad_rows": "report"}
    summary = ci.summarize(arrow_of(rows), **day)
    identifier = program.fit(summary)
    found = identifier.identify(summary)
    mixed = chance.sample(rows, len(rows))
    assert identifier.identify(ci.summarize(arrow_of(mixed), **day)) == found
    for at, one in enumerate(summary.customer_ids.tolist()):
        alone = identifier.identify(summary.take([at]))
        assert alone.profile(one).service == found.profile(one).service


# --- in engines -------------------------------------------------------------------------


def lazy_of(sales: Any = SALES) -> pl.LazyFrame:
    return pl.LazyFrame(
        {
            "customer_id": [one.customer_id for one in sales],
            "date": [one.date for one in sales],
            "amount": [float(one.amount) for one in sales],
        }
    )


def test_an_engine_gives_level_and_treatment_beside_the_classes() -> None:
    with ci.summarize_in_engine(lazy_of(), as_of=TODAY, since=NEW_YEAR) as held:
        identifier = evolve(PROGRAM, service=IDENTIFIER_WITHOUT_ROLES.service).fit(held)
        frame = held.identify(identifier).collect().sort("customer_id")
    assert identifier == IDENTIFIER_WITHOUT_ROLES
    found = identifier.identify(SUMMARY)
    here = found.to_frame().set_index("customer_id")
    assert tuple(frame.columns) == ("customer_id", *identifier.columns)
    assert frame["customer_id"].to_list() == here.index.tolist()
    for name in identifier.columns:
        assert frame[name].to_list() == here[name].tolist()
    assert {*frame["service_level"]} == {"gold", "silver", "low"}


def test_batches_have_level_and_treatment_wherever_they_are_classified() -> None:
    with ci.summarize_in_engine(lazy_of(), as_of=TODAY, since=NEW_YEAR) as held:
        function = IDENTIFIER_WITHOUT_ROLES.on_batches(held.layout)
        frame = held.frame.collect().to_arrow()
    again = pickle.loads(pickle.dumps(function))  # noqa: S301  # our own
    assert again == function
    here = IDENTIFIER_WITHOUT_ROLES.identify(SUMMARY).to_frame()
    for at in range(frame.num_rows):
        (batch,) = frame.slice(at, 1).combine_chunks().to_batches()
        classes = again(batch)
        assert classes.schema == function.schema
        assert classes.schema.names == ["customer_id", *function.identifier.columns]
        assert {field.type for field in classes.schema} == {pa.string()}
        (row,) = classes.to_pylist()
        (wanted,) = here[here["customer_id"] == row["customer_id"]].to_dict("records")
        assert row == {name: wanted[name] for name in row}


def test_lines_that_ask_for_roles_cannot_be_read_in_an_engine() -> None:
    with ci.summarize_in_engine(lazy_of(), as_of=TODAY, since=NEW_YEAR) as held:
        for ask in (
            lambda: IDENTIFIER.on_batches(held.layout),
            lambda: held.identify(IDENTIFIER).collect(),
        ):
            with pytest.raises(ci.InvalidInputError, match="roles") as no:
                ask()
            assert no.value.code == "missing_roles"


def test_a_year_of_a_grocer_gets_the_same_service_in_an_engine() -> None:
    data = complete_journey_200()
    program = ci.IdentificationProgram(service=ci.ServicePolicy())
    found = ci.identify(data.frame, program=program, **data.call)
    with ci.summarize_in_engine(pl.from_pandas(data.frame).lazy(), **data.call) as held:
        frame = held.identify(program.fit(held)).collect().sort("customer_id")
    here = found.to_frame()
    for name in ("customer_id", "service_level", "treatment"):
        assert frame[name].to_list() == here[name].tolist()


# --- pseudonyms -------------------------------------------------------------------------

MERGEABLE = IDENTIFIER.identify(summary_of(mergeable=True), roles=BOOK)
HIDDEN = ci.pseudonymize(MERGEABLE, NAMES)


def test_everybody_keeps_numbers_classes_roles_and_service_under_a_pseudonym() -> None:
    assert HIDDEN.ids.tolist() == sorted(map(NAMES.of, MERGEABLE.ids.tolist()))
    for one in (*AMOUNTS, "SECRET-agent"):
        before, after = MERGEABLE.profile(one), HIDDEN.profile(NAMES.of(one))
        assert after.customer_id == NAMES.of(one)
        assert str(after.numbers) == str(before.numbers)  # some are nan
        assert after.service == before.service
        assert {name: str(said) for name, said in after.verdicts.items()} == {
            name: str(said) for name, said in before.verdicts.items()
        }
        assert str(after) == str(before)
        assert [said.kind for said in after.roles] == [
            said.kind for said in before.roles
        ]
    assert HIDDEN.counts() == MERGEABLE.counts()
    (_, payer) = HIDDEN.profile(NAMES.of("SECRET-k")).roles
    assert payer.towards == NAMES.of("SECRET-user")
    assert payer.agreement_id == NAMES.of("SECRET-phones")


def test_no_id_is_left_in_any_form() -> None:
    assert HIDDEN.summary.history is not None
    assert b"SECRET-order" in pickle.dumps(MERGEABLE)
    ids = [NAMES.of(one) for one in (*AMOUNTS, "SECRET-agent")]
    forms = [
        repr(HIDDEN),
        str(HIDDEN),
        HIDDEN.to_frame().to_csv(),
        HIDDEN.summary.to_state_frame().to_csv(),
        HIDDEN.roles.to_frame().to_csv(),
        HIDDEN.service.to_frame().to_csv(),
        *(one.to_frame().to_csv() for one in HIDDEN.classes.values()),
        *(HIDDEN.explain(one) for one in ids),
    ]
    assert not any("SECRET" in form for form in forms)
    assert b"SECRET" not in pickle.dumps(HIDDEN)


def test_pseudonyms_twice_are_pseudonyms_once() -> None:
    assert ci.pseudonymize(HIDDEN, NAMES) == HIDDEN


def test_what_is_identified_under_pseudonyms_is_what_was_found_under_pseudonyms() -> (
    None
):
    summary = ci.pseudonymize(MERGEABLE.summary, NAMES)
    found = IDENTIFIER.identify(summary, roles=ci.pseudonymize(BOOK, NAMES))
    assert PROGRAM.fit(summary) == IDENTIFIER
    assert found == HIDDEN


def test_months_under_pseudonyms_are_compared_as_those_under_ids() -> None:
    march = date(2011, 3, 31)
    before = IDENTIFIER.identify(summary_of(day=march, mergeable=True), roles=BOOK)
    plain = MERGEABLE.compare(before)
    hidden = HIDDEN.compare(ci.pseudonymize(before, NAMES))
    assert str(hidden) == str(plain)
    for name in ("term", "value"):
        own, others = plain[name], hidden[name]
        assert (own.before != own.after).any()
        moves = zip(own.customer_ids, own.before, own.after, strict=True)
        assert {(NAMES.of(one), *move) for one, *move in moves} == {
            *zip(others.customer_ids, others.before, others.after, strict=True)
        }
    other = ci.pseudonymize(before, ci.Pseudonyms(bytes(range(1, 33))))
    assert HIDDEN.compare(other)["value"].entered.size == len(HIDDEN)


def test_last_months_classes_hold_under_pseudonyms_too() -> None:
    march = date(2011, 3, 31)
    before = IDENTIFIER.identify(summary_of(day=march), roles=BOOK)
    plain = IDENTIFIER.identify(SUMMARY, roles=BOOK, previous=before)
    hidden = IDENTIFIER.identify(
        ci.pseudonymize(SUMMARY, NAMES),
        roles=ci.pseudonymize(BOOK, NAMES),
        previous=ci.pseudonymize(before, NAMES),
    )
    assert hidden == ci.pseudonymize(plain, NAMES)
    since = {one: plain.classes["value"][one].since for one in AMOUNTS}
    assert len({*since.values()}) == 2  # some have moved since March
    for one, day in since.items():
        assert hidden.classes["value"][NAMES.of(one)].since == day


def test_new_ids_may_be_numbers_and_stand_in_their_own_order() -> None:
    new = np.arange(FOUND.ids.size)[::-1] * 10
    found = FOUND.renamed(new)
    name_of = dict(zip(FOUND.ids.tolist(), new.tolist(), strict=True))
    assert found.ids.tolist() == sorted(new)
    assert services(found) == {name_of[one]: SERVICE[one] for one in AMOUNTS}
    frame = found.to_frame().set_index("customer_id")
    assert frame["is_bill_payer"].sum() == 1
    assert frame.loc[name_of["SECRET-k"], "is_bill_payer"]
    back = np.array(FOUND.ids.tolist()[::-1], dtype=object)
    assert found.renamed(back) == FOUND


def test_without_roles_and_service_only_customers_get_new_ids() -> None:
    plain = evolve(IDENTIFIER, service=None).identify(SUMMARY)
    found = plain.renamed(np.array([9, 8, 7, 6, 5]))
    assert (found.roles, found.service) == (None, None)
    assert found.ids.tolist() == [5, 6, 7, 8, 9]
    assert found.classes["value"].label_of(5) == "apart"


@pytest.mark.parametrize("new", [[1, 2], [1, 1, 2, 3, 4, 5, 6], "one"])
def test_new_ids_must_be_as_many_and_all_different(new: Any) -> None:
    with pytest.raises(ci.InvalidInputError):
        FOUND.renamed(new)


def test_papers_get_other_ids_and_parties_keep_theirs() -> None:
    asked: list[list[Any]] = []

    def new_of(ids: list[Any]) -> list[Any]:
        asked.append(ids)
        return [f"paper {one}" for one in ids]

    found = MERGEABLE.reworded(new_of)
    assert sorted(asked, key=len) == [
        ["SECRET-phones"],
        sorted(one.order_id for one in SALES),
    ]
    assert services(found) == SERVICE
    assert found.ids.tolist() == MERGEABLE.ids.tolist()
    assert found.roles is not None
    assert found.roles.agreement_ids.tolist() == ["paper SECRET-phones"]
    plain = evolve(IDENTIFIER, service=None).identify(SUMMARY)
    assert plain.reworded(new_of) == plain
    assert len(asked) == 2


def test_nobody_is_erased_from_what_was_found_among_others() -> None:
    with pytest.raises(ci.InvalidInputError, match="made anew"):
        ci.erase(FOUND, "SECRET-a")
    sales = ci.erase(SALES, "SECRET-a").thing
    book = ci.erase(BOOK, "SECRET-a").thing
    found = IDENTIFIER.identify(summary_of(sales), roles=book)
    assert services(found) == {k: v for k, v in SERVICE.items() if k != "SECRET-a"}
    assert b"SECRET-a" not in pickle.dumps(found).replace(b"SECRET-agent", b"")
