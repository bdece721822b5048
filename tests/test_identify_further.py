"""Classes by other data than purchases, and needs, as the front door shows them."""

import json
import pickle
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import customer_identification as ci
from tables import KINDS, frames_of


few = settings(derandomize=True, max_examples=25, deadline=None)

NEW_YEAR, SPRING, TODAY = date(2011, 1, 1), date(2011, 4, 30), date(2011, 8, 31)
NAMES = ci.Pseudonyms(bytes(range(32)))

# What customers buy each month; those of a letter never bought anything at all.
AMOUNTS = {"SECRET-a": 900, "SECRET-b": 300, "SECRET-c": 20, "SECRET-d": 10}
SALES = [
    ci.Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
    for one, amount in AMOUNTS.items()
    for month in range(1, 9)
]
PROGRAM = ci.IdentificationProgram(
    classifiers={"value": ci.ABCClassifier(thresholds=(2000, 1000))}, set_apart=None
)


def summary_of(day: date = TODAY) -> ci.Summary:
    return ci.summarize([one for one in SALES if one.date <= day], as_of=day)


SUMMARY = summary_of()
IDENTIFIER = PROGRAM.fit(SUMMARY)

CARD = ci.Scorecard(
    attributes=[ci.NumberPoints(name="staff", limits=[10, 50], points=[0, 50, 90])]
)
PROSPECTS = ci.ProspectRule(card=CARD, pursue=70, nurture=50)


def prospects(staff: dict[Any, Any], day: date = TODAY) -> ci.Classification:
    """Class parties by how many work there."""
    frame = pd.DataFrame({"customer_id": list(staff), "staff": list(staff.values())})
    return PROSPECTS.classify(ci.attribute_table(frame, as_of=day))


def bill(one: Any, n: int, *, late: int | None) -> ci.Invoice:
    """Give a bill of the 1st of a month, due at its 15th, paid late or not at all."""
    return ci.Invoice(
        invoice_id=f"SECRET-bill-{one}-{n}",
        customer_id=one,
        issued=date(2011, n, 1),
        due=date(2011, n, 15),
        amount=100,
        paid_on=None if late is None else date(2011, n, 15 + late),
    )


BILLS = [
    *(bill("SECRET-a", n, late=None) for n in range(1, 8)),
    *(bill("SECRET-b", n, late=0) for n in range(1, 8)),
    *(bill("SECRET-x", n, late=0) for n in range(1, 8)),  # pays, and never bought
]


def credit_of(day: date = TODAY) -> ci.Classification:
    credit = ci.summarize_credit([one for one in BILLS if one.issued <= day], as_of=day)
    return ci.CreditClassifier().fit(credit).classify(credit)


def needs_of(ids: Any = ("SECRET-a", "SECRET-y"), day: date = TODAY) -> ci.NeedRanking:
    return ci.rank_needs(
        [
            ci.Observation(
                customer_id=one,
                topic=topic,
                channel="survey_web",
                date=date(2011, month, 3),
                importance=important,
                satisfaction=0.3,
            )
            for one in ids
            for topic, important in (("delivery", 0.9), ("price", 0.5))
            for month in range(1, day.month)
        ],
        as_of=day,
        rng=7,
    )


LEADS = prospects({"SECRET-a": 60, "SECRET-z": 60, "SECRET-y": 20, "SECRET-w": None})
FURTHER = {"prospect": LEADS, "credit": credit_of()}
NEEDS = needs_of()
FOUND = IDENTIFIER.identify(SUMMARY, further=FURTHER, needs=NEEDS)


def refused(code: str, match: str | None = None) -> Any:
    def is_right(error: ci.InvalidInputError) -> bool:
        return error.code == code and "SECRET" not in str(error)

    return pytest.raises(ci.InvalidInputError, match=match, check=is_right)


def alike(one: ci.Profile, other: ci.Profile) -> bool:
    """Tell whether all is the same but the id; nan is nan."""
    numbers = [sorted(map(str, each.numbers.items())) for each in (one, other)]
    same = {"customer_id": 0, "numbers": {}}
    return numbers[0] == numbers[1] and evolve(one, **same) == evolve(other, **same)


# --- one by one --------------------------------------------------------------------------------


def test_a_profile_has_the_verdicts_by_all_data_that_speak_of_the_customer() -> None:
    told = {one: list(FOUND.profile(one).verdicts) for one in FOUND}
    assert told == {
        "SECRET-a": ["value", "prospect", "credit"],
        "SECRET-b": ["value", "credit"],
        "SECRET-c": ["value"],
        "SECRET-d": ["value"],
    }
    profile = FOUND.profile("SECRET-a")
    assert profile.verdicts["prospect"] == LEADS["SECRET-a"]
    assert profile.verdicts["credit"] == FURTHER["credit"]["SECRET-a"]
    assert profile.needs == NEEDS["SECRET-a"]
    assert FOUND.profile("SECRET-b").needs == ()


@pytest.mark.parametrize(
    ("one", "verdicts", "n_needs"),
    [
        ("SECRET-z", ["prospect"], 0),
        ("SECRET-y", ["prospect"], 2),
        ("SECRET-w", ["prospect"], 0),
        ("SECRET-x", ["credit"], 0),
    ],
)
def test_a_party_that_never_bought_is_known_by_other_data_alone(
    one: str, verdicts: list[str], n_needs: int
) -> None:
    profile = FOUND.profile(one)
    assert list(profile.verdicts) == verdicts
    assert len(profile.needs) == n_needs
    assert profile.numbers == {}
    assert profile.service is None
    assert profile.as_of == TODAY
    assert one not in FOUND
    assert one in FOUND.ids.tolist()
    lines = FOUND.explain(one).splitlines()
    assert [line.split(": ")[0] for line in lines] == [*verdicts, *["need"] * n_needs]
    assert pickle.loads(pickle.dumps(profile)) == profile  # noqa: S301


def test_who_is_only_in_the_needs_is_known_too() -> None:
    found = IDENTIFIER.identify(SUMMARY, needs=needs_of(["SECRET-v"]))
    profile = found.profile("SECRET-v")
    assert (profile.verdicts, profile.numbers) == ({}, {})
    assert len(profile.needs) == 2
    assert found.ids.tolist() == sorted([*AMOUNTS, "SECRET-v"])


@pytest.mark.parametrize("one", ["SECRET-nobody", "", 7, 0, None, True, 1.5])
def test_nobody_is_nobody(one: Any) -> None:
    for ask in (FOUND.profile, FOUND.explain):
        with pytest.raises(ci.UnknownCustomerError) as caught:
            ask(one)
        assert "SECRET" not in str(caught.value)


def test_an_explanation_gives_class_points_and_what_would_change_it() -> None:
    text = FOUND.explain("SECRET-z")
    assert text.startswith("prospect: pursue: score 90.00, at least 70.00")
    assert "staff at least 50: +90.0 points" in text
    assert "staff below 50 makes nurture" in text
    assert FOUND.explain("SECRET-w").startswith("prospect: unknown: known 0.0%")


# --- all together ------------------------------------------------------------------------------


def test_counts_are_of_all_parties_that_each_class_speaks_of() -> None:
    counts = FOUND.counts()
    assert list(counts) == ["value", "prospect", "credit"]
    assert counts["prospect"] == {
        "pursue": 2,
        "nurture": 1,
        "careful": 0,
        "no": 0,
        "unknown": 1,
    }
    assert sum(counts["value"].values()) == len(FOUND) == 4
    assert sum(counts["credit"].values()) == 3


def test_a_frame_has_a_row_a_customer_and_unknown_where_nothing_is_said() -> None:
    frame = FOUND.to_frame().set_index("customer_id")
    assert frame.index.tolist() == sorted(AMOUNTS)
    assert frame["prospect_class"].tolist() == ["pursue", *["unknown"] * 3]
    assert frame["credit_class"].tolist() == ["poor", "good", "unknown", "unknown"]
    assert frame["first_need"].tolist()[0] == "delivery"
    assert frame["first_need"].isna().tolist() == [False, True, True, True]
    assert tuple(FOUND.labels()) == (
        "value_class",
        "prospect_class",
        "credit_class",
        "first_need",
    )
    for column in FOUND.labels().values():
        assert len(column.codes) == 4


def test_classes_of_other_data_without_unknown_get_it_in_frames() -> None:
    group = ci.Classification(
        customer_ids=LEADS.customer_ids,
        codes=np.array([0, 1, 0, 1], np.int8),
        labels=("one", "two"),
        as_of=TODAY,
    )
    found = IDENTIFIER.identify(SUMMARY, further={"group": group})
    shown = found.to_frame()["group_class"].tolist()
    assert shown == ["one", "unknown", "unknown", "unknown"]
    assert found.counts()["group"] == {"one": 2, "two": 2}
    assert found.profile("SECRET-w").verdicts["group"].label == "two"


@pytest.mark.parametrize("kind", KINDS)
def test_further_classes_come_back_in_the_hosts_own_kind_of_frame(kind: str) -> None:
    rows = [
        {"customer_id": one, "date": date(2011, 1, 5), "amount": 100_000}
        for one in ("c1", "c2")
    ]
    found = ci.identify(
        frames_of(rows)[kind],
        as_of=TODAY,
        program=PROGRAM,
        further={"prospect": prospects({"c2": 60, "c9": 1})},
        needs=needs_of(["c1"]),
    )
    frame = nw.from_native(found.to_frame(), eager_only=True)
    assert [str(one) for one in frame["prospect_class"]] == ["unknown", "pursue"]
    assert frame["first_need"].to_list()[0] == "delivery"
    assert frame["first_need"].is_null().to_list() == [False, True]


def test_all_the_ids_are_those_of_customers_and_of_others() -> None:
    others = ["SECRET-w", "SECRET-x", "SECRET-y", "SECRET-z"]
    assert FOUND.ids.tolist() == sorted([*AMOUNTS, *others])
    assert list(FOUND) == sorted(AMOUNTS)


def test_nothing_further_changes_nothing() -> None:
    plain = IDENTIFIER.identify(SUMMARY)
    assert plain.further == {}
    assert plain.needs is None
    assert IDENTIFIER.identify(SUMMARY, further={}) == plain
    assert IDENTIFIER.identify(SUMMARY, further=None) == plain
    assert FOUND.classes == plain.classes
    assert plain != FOUND
    assert alike(FOUND.profile("SECRET-c"), plain.profile("SECRET-c"))


def test_the_one_line_door_takes_them_too() -> None:
    found = ci.identify(
        SALES, as_of=TODAY, program=PROGRAM, further=FURTHER, needs=NEEDS
    )
    assert found == FOUND


def test_results_pickle() -> None:
    assert pickle.loads(pickle.dumps(FOUND)) == FOUND  # noqa: S301
    assert "SECRET" not in repr(FOUND) + repr(FOUND.profile("SECRET-a"))


def test_nobody_further_and_no_customers_are_fine() -> None:
    nobody = LEADS.advice.table.take(slice(0, 0))
    empty = PROSPECTS.classify(nobody)
    found = IDENTIFIER.identify(SUMMARY, further={"prospect": empty})
    assert found.ids.tolist() == sorted(AMOUNTS)
    assert set(found.to_frame()["prospect_class"]) == {"unknown"}
    assert sum(found.counts()["prospect"].values()) == 0
    assert len(found.renamed([f"p{i}" for i in range(4)]).further["prospect"]) == 0
    none = ci.summarize([], as_of=TODAY)
    alone = IDENTIFIER.identify(none, further=FURTHER, needs=NEEDS)
    assert len(alone) == len(alone.to_frame()) == 0
    assert alone.profile("SECRET-z") == FOUND.profile("SECRET-z")
    assert alone.ids.tolist() == [f"SECRET-{one}" for one in "abwxyz"]


# --- new names ---------------------------------------------------------------------------------


@few
@given(st.permutations(range(8)))
def test_renaming_is_the_same_as_having_had_other_ids(order: list[int]) -> None:
    new = [f"p{i}" for i in order]
    name_of = dict(zip(FOUND.ids.tolist(), new, strict=True))
    again = FOUND.renamed(new)
    assert again.ids.tolist() == sorted(new)
    assert again.counts() == FOUND.counts()
    assert b"SECRET" not in pickle.dumps((again.further, again.needs, again.classes))
    for one, other in name_of.items():
        before, after = FOUND.profile(one), again.profile(other)
        assert after.customer_id == other
        assert alike(after, before)
    rows = again.to_frame().set_index("customer_id")
    for one in FOUND:
        row = FOUND.to_frame().set_index("customer_id").loc[one]
        assert rows.loc[name_of[one], "credit_class"] == row["credit_class"]


@pytest.mark.parametrize("new", [["p"], ["p"] * 8, [None] * 8, list(range(7))])
def test_new_names_that_cannot_be_are_refused(new: Any) -> None:
    with pytest.raises(ci.InvalidInputError):
        FOUND.renamed(new)


def test_pseudonyms_reach_everybody_and_leave_nobody() -> None:
    hidden = ci.pseudonymize(FOUND, NAMES)
    assert b"SECRET" not in pickle.dumps(hidden)
    for one in FOUND.ids.tolist():
        assert alike(hidden.profile(NAMES.of(one)), FOUND.profile(one))
    parts = {name: ci.pseudonymize(one, NAMES) for name, one in FURTHER.items()}
    assert hidden.further == parts
    assert hidden.needs == ci.pseudonymize(NEEDS, NAMES)


# --- service by credit ----------------------------------------------------------------------------

CREDIT_PROGRAM = ci.IdentificationProgram(
    service=ci.ServicePolicy.with_credit(), further=("credit",)
)


def test_who_does_not_pay_is_served_so() -> None:
    identifier = CREDIT_PROGRAM.fit(SUMMARY)
    found = identifier.identify(SUMMARY, further={"credit": FURTHER["credit"]})
    plain = evolve(identifier, service=ci.ServicePolicy(), further=()).identify(SUMMARY)
    poor = FURTHER["credit"].where("poor")
    assert FURTHER["credit"].customer_ids[poor].tolist() == ["SECRET-a"]
    for one in found:
        service = found.profile(one).service
        assert service is not None
        if one != "SECRET-a":
            assert service.treatment == plain.profile(one).service.treatment
    line = str(found.profile("SECRET-a").service)
    assert "credit is poor" in line
    assert "credit is poor" in found.explain("SECRET-a")
    assert found.profile("SECRET-x").service is None  # who never bought has no plan


def test_a_key_customer_who_does_not_pay_gets_another_line_than_the_rest() -> None:
    policy = ci.ServicePolicy.with_credit()
    program = ci.IdentificationProgram(
        classifiers={
            "loyalty": ci.TermClassifier(min_days=1),
            "value": ci.ABCClassifier(thresholds=(2000, 1000)),
        },
        set_apart=None,
        further=("credit",),
        service=ci.ServicePolicy(
            lines=[
                one
                for one in policy.lines
                if not one.when.keys() - {"value", "credit"}
                and "apart" not in one.when.get("value", ())
            ],
            levels=policy.levels,
        ),
    )
    bills = [
        *(bill("SECRET-a", n, late=None) for n in range(1, 8)),
        *(bill("SECRET-c", n, late=None) for n in range(1, 8)),
    ]
    credit = ci.summarize_credit(bills, as_of=TODAY)
    classes = ci.CreditClassifier().fit(credit).classify(credit)
    assert classes.where("poor").all()
    found = program.fit(SUMMARY).identify(SUMMARY, further={"credit": classes})
    key, other = (found.profile(f"SECRET-{one}").service for one in "ac")
    assert key is not None
    assert other is not None
    assert "does not pay" in key.treatment
    assert "in advance" in other.treatment
    assert (key.level, other.level) == ("key", "minimal")


def test_lines_that_ask_for_credit_need_it() -> None:
    with refused("unknown_rule"):
        ci.IdentificationProgram(service=ci.ServicePolicy.with_credit())
    identifier = CREDIT_PROGRAM.fit(SUMMARY)
    for further in (None, {}, {"prospect": LEADS}):
        with refused("unknown_rule", "credit"):
            identifier.identify(SUMMARY, further=further)
    strange = {"credit": LEADS}  # which has no class called poor
    with refused("unknown_class"):
        identifier.identify(SUMMARY, further=strange)


def test_programs_that_ask_for_credit_survive_plain_data() -> None:
    identifier = CREDIT_PROGRAM.fit(SUMMARY)
    for one in (CREDIT_PROGRAM, identifier):
        again = ci.from_dict(json.loads(json.dumps(ci.to_dict(one))))
        assert again == one
        assert again.further == ("credit",)


def test_batches_of_an_engine_have_no_further_classes() -> None:
    identifier = CREDIT_PROGRAM.fit(SUMMARY)
    with refused("missing_further"):
        identifier.on_batches(None)  # type: ignore[arg-type]


def test_credit_of_an_earlier_day_still_gives_its_service() -> None:
    identifier = CREDIT_PROGRAM.fit(SUMMARY)
    found = identifier.identify(
        SUMMARY, further={"credit": credit_of(date(2011, 7, 31))}
    )
    assert found.service is not None
    assert found.service.as_of == TODAY
    assert found.further["credit"].as_of == date(2011, 7, 31)
    assert "credit is poor" in found.explain("SECRET-a")


# --- what changed ---------------------------------------------------------------------------------


def test_what_both_dates_have_is_compared() -> None:
    before = IDENTIFIER.identify(
        summary_of(SPRING),
        further={
            "prospect": prospects({"SECRET-z": 20, "SECRET-q": 60}, SPRING),
            "old": prospects({"SECRET-z": 20}, SPRING),
        },
        needs=needs_of(day=SPRING),
    )
    change = FOUND.compare(before)
    assert list(change.migrations) == ["value", "prospect"]
    moved = change["prospect"]
    assert moved == ci.migrate(before.further["prospect"], LEADS)
    assert moved.entered.tolist() == ["SECRET-a", "SECRET-w", "SECRET-y"]
    assert moved.left.tolist() == ["SECRET-q"]
    assert change.needs == NEEDS.compare(before.needs)
    assert "prospect: pursue" in str(change)
    plain = IDENTIFIER.identify(summary_of(SPRING))
    assert FOUND.compare(plain).needs is None
    assert list(FOUND.compare(plain).migrations) == ["value"]
    assert list(plain.renamed(plain.ids).compare(plain).migrations) == ["value"]


def test_classes_that_were_not_renewed_have_not_moved() -> None:
    before = IDENTIFIER.identify(
        summary_of(SPRING), further={"prospect": prospects({"SECRET-z": 60}, SPRING)}
    )
    after = IDENTIFIER.identify(SUMMARY, further=before.further)
    moved = after.compare(before)["prospect"]
    assert moved.entered.size == moved.left.size == 0


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("further", "code"),
    [
        ({"value": LEADS}, "unknown_rule"),
        ({7: LEADS}, "unknown_rule"),
        ({"prospect": "pursue"}, "bad_option"),
        ({"prospect": None}, "bad_option"),
        ([LEADS], "bad_option"),
        (LEADS, "bad_option"),
        ("prospect", "bad_option"),
        ({"prospect": prospects({"SECRET-z": 1}, date(2011, 9, 1))}, "bad_dates"),
        ({"prospect": prospects({7: 1})}, "not_an_id"),
    ],
)
def test_further_classes_that_cannot_be_are_refused(further: Any, code: str) -> None:
    with refused(code):
        IDENTIFIER.identify(SUMMARY, further=further)


@pytest.mark.parametrize(
    ("needs", "code"),
    [
        ("delivery", "bad_option"),
        ({"SECRET-a": "delivery"}, "bad_option"),
        (needs_of([7]), "not_an_id"),
        (needs_of(day=date(2011, 9, 30)), "bad_dates"),
    ],
)
def test_needs_that_cannot_be_are_refused(needs: Any, code: str) -> None:
    with refused(code):
        IDENTIFIER.identify(SUMMARY, needs=needs)


@pytest.mark.parametrize("further", ["credit", ("value",), (7,), 7, None])
def test_names_of_further_classes_are_checked(further: Any) -> None:
    with pytest.raises(ci.InvalidInputError) as caught:
        evolve(PROGRAM, further=further)
    assert caught.value.code == "bad_option"


def test_names_of_further_classes_may_be_a_list() -> None:
    program = evolve(CREDIT_PROGRAM, further=["credit"])
    assert program == CREDIT_PROGRAM
    assert hash(program) == hash(CREDIT_PROGRAM)


# --- a row for everybody --------------------------------------------------------------------------

BOOK = ci.assign_roles(
    statements=[
        ci.Role(party_id=one, kind=kind, scope="north", since=NEW_YEAR)
        for one, kind in [("SECRET-b", "agent"), ("SECRET-r", "agent")]
    ]
)
FULL = CREDIT_PROGRAM.fit(SUMMARY).identify(
    SUMMARY, further=FURTHER, needs=NEEDS, roles=BOOK
)
OTHERS = [f"SECRET-{one}" for one in "rwxyz"]  # who never bought
KINDS_OF_FRAME = ["pandas", "polars", "pyarrow"]


def rows_of(found: ci.Identification, **more: Any) -> dict[Any, dict[str, Any]]:
    """Give the rows of a frame by id; None is what is null, and nan what is nan."""
    frame = nw.from_native(found.to_frame(**more), eager_only=True)
    nulls = {name: frame[name].is_null().to_list() for name in frame.columns}
    rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.rows()]
    return {
        str(row["customer_id"]): {
            name: None if nulls[name][at] else value for name, value in row.items()
        }
        for at, row in enumerate(rows)
    }


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row without the types of numpy, whose int64 is written otherwise."""
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in row.items()
    }


@pytest.mark.parametrize("kind", KINDS_OF_FRAME)
def test_everybody_has_a_row_and_nobody_is_lost(kind: str) -> None:
    found = evolve(FULL, summary=evolve(SUMMARY, kind=kind))
    rows = rows_of(found, everybody=True)
    assert list(rows) == found.ids.tolist() == sorted([*AMOUNTS, *OTHERS])
    customers = rows_of(found)
    assert list(customers) == sorted(AMOUNTS)
    assert {one: str(plain(rows[one])) for one in customers} == {
        one: str(plain(row)) for one, row in customers.items()
    }


@pytest.mark.parametrize("kind", KINDS_OF_FRAME)
def test_what_follows_from_purchases_is_null_of_who_never_bought(kind: str) -> None:
    found = evolve(FULL, summary=evolve(SUMMARY, kind=kind))
    rows = rows_of(found, everybody=True)
    told = {"customer_id", "prospect_class", "credit_class", "first_need", "is_agent"}
    for one in OTHERS:
        row = rows[one]
        assert {name for name in row if name not in told} == {
            *SUMMARY.columns().keys() - {"customer_id"},
            *(f"{name}_class" for name in FULL.classes),
            "service_level",
            "treatment",
        }
        for name, value in row.items():
            is_nan = isinstance(value, float) and np.isnan(value)
            assert name in told or value is None or is_nan
        for name in ("purchases", "purchase_days", "refunds", "last_purchase"):
            assert row[name] is None
        assert row["is_agent"] is (one == "SECRET-r")
    classes = {one: rows[one]["prospect_class"] for one in OTHERS}
    assert classes == {
        one: FULL.further["prospect"].label_of(one)
        if one in FULL.further["prospect"]
        else "unknown"
        for one in OTHERS
    }
    assert [rows[one]["credit_class"] for one in OTHERS].count("good") == 1
    assert rows["SECRET-y"]["first_need"] == "delivery"
    assert rows["SECRET-z"]["first_need"] is None


def test_numbers_of_customers_stay_whole_beside_those_of_nobody() -> None:
    frame = FULL.to_frame(everybody=True)
    assert str(frame["purchases"].dtype) == "Int64"
    assert frame["purchases"].tolist()[:4] == [8] * 4
    assert frame["purchases"].isna().sum() == len(OTHERS)
    assert frame["first_purchase"].isna().sum() == len(OTHERS)
    arrow = evolve(FULL, summary=evolve(SUMMARY, kind="pyarrow")).to_frame(
        everybody=True
    )
    assert arrow.column("purchases").null_count == len(OTHERS)
    assert arrow.column("first_purchase").null_count == len(OTHERS)


@pytest.mark.parametrize("kind", KINDS_OF_FRAME)
def test_everybody_is_a_frame_where_nobody_bought(kind: str) -> None:
    none = evolve(ci.summarize([], as_of=TODAY), kind=kind)
    found = CREDIT_PROGRAM.fit(SUMMARY).identify(
        none, further=FURTHER, needs=NEEDS, roles=BOOK
    )
    rows = rows_of(found, everybody=True)
    assert list(rows) == found.ids.tolist()
    assert {row["purchases"] for row in rows.values()} == {None}
    assert rows_of(found) == {}
    assert rows["SECRET-z"]["prospect_class"] == "pursue"


def test_everybody_is_all_customers_where_nothing_else_is_known() -> None:
    plain = IDENTIFIER.identify(SUMMARY)
    pd.testing.assert_frame_equal(
        plain.to_frame(everybody=True), plain.to_frame(), check_dtype=False
    )
    numbers = ci.identify(
        [ci.Transaction(customer_id=7, date=TODAY, amount=5)],
        as_of=TODAY,
        program=PROGRAM,
        further={"prospect": prospects({7: 60, 9: 60, -3: 1})},
    )
    shown = numbers.to_frame(everybody=True)
    assert shown["customer_id"].tolist() == [-3, 7, 9]
    assert shown["prospect_class"].tolist() == ["no", "pursue", "pursue"]
    assert shown["purchases"].fillna(0).tolist() == [0, 1, 0]


# --- which day ------------------------------------------------------------------------------------


def test_a_profile_says_what_speaks_of_an_earlier_day() -> None:
    july = date(2011, 7, 31)
    found = IDENTIFIER.identify(
        SUMMARY,
        further={"prospect": LEADS, "credit": credit_of(july)},
        needs=needs_of(day=SPRING),
    )
    both = found.profile("SECRET-a")
    assert both.days == {"credit": july, "needs": SPRING}
    lines = str(both).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "value",
        "prospect",
        "credit (as of 2011-07-31)",
        *["need (as of 2011-04-30)"] * 2,
    ]
    assert found.profile("SECRET-b").days == {"credit": july}
    assert found.profile("SECRET-c").days == {}
    assert found.profile("SECRET-y").days == {"needs": SPRING}
    assert FOUND.profile("SECRET-a").days == {}
    assert both != FOUND.profile("SECRET-a")


def test_a_comparison_in_words_counts_what_changed_in_needs() -> None:
    before = IDENTIFIER.identify(summary_of(SPRING), needs=needs_of(day=SPRING))
    change = FOUND.compare(before)
    assert change.needs is not None
    counts = change.needs.counts()
    assert sum(counts.values()) == 2  # topics
    last = str(change).splitlines()[-1]
    assert last == "needs: " + ", ".join(f"{n} {what}" for what, n in counts.items())
    plain = IDENTIFIER.identify(summary_of(SPRING))
    assert "needs" not in str(FOUND.compare(plain))


def test_lines_of_credit_and_of_roles_go_together_and_credit_comes_first() -> None:
    both = ci.ServicePolicy.with_roles(credit=True)
    roles, credit = ci.ServicePolicy.with_roles(), ci.ServicePolicy.with_credit()
    n = len(both.lines) - len(roles.lines)
    assert n > 0
    assert both.lines[n:] == roles.lines
    assert both.lines[:n] == credit.lines[:n]
    assert credit.lines[n:] == ci.ServicePolicy().lines
    program = ci.IdentificationProgram(service=both, further=("credit",))
    identifier = program.fit(SUMMARY)
    poor = ci.assign_roles(
        statements=[
            ci.Role(party_id=one, kind="agent", scope="north", since=NEW_YEAR)
            for one in ("SECRET-a", "SECRET-b", "SECRET-c")
        ]
    )
    given_ = {"credit": FURTHER["credit"]}
    found = identifier.identify(SUMMARY, further=given_, roles=poor)
    assert "credit is poor" in str(found.profile("SECRET-a").service)
    assert "agent" in str(found.profile("SECRET-c").service)
    assert "agent" not in str(found.profile("SECRET-d").service)
    for more in ({"further": given_}, {"roles": poor}):
        with pytest.raises(ci.InvalidInputError):
            identifier.identify(SUMMARY, **more)
    again = ci.from_dict(json.loads(json.dumps(ci.to_dict(program))))
    assert again == program


def test_results_of_service_are_walked_through_by_those_they_speak_of() -> None:
    visits = ci.share_budget({"SECRET-a": 5, "SECRET-b": 3}, 10)
    watched = ci.watch_list(SUMMARY, FULL.classes["value"])
    keys = ["SECRET-a", "SECRET-b"]
    for one, expected in (
        (FULL.service, sorted(AMOUNTS)),
        (visits, keys),
        (watched, keys),
    ):
        assert one is not None
        assert list(one) == one.ids.tolist() == expected
        assert expected[0] in one
        for nobody in ("SECRET-z", 0, True, None):
            assert nobody not in one
    assert list(NEEDS) == NEEDS.customer_ids.tolist() == ["SECRET-a", "SECRET-y"]
    assert "SECRET-y" in NEEDS
    assert "SECRET-z" not in NEEDS


def test_classes_that_measure_nothing_are_ranked_by_id() -> None:
    plain_ = ci.Classification(
        customer_ids=np.array([1, 2, 3]),
        codes=np.array([1, 0, 1], np.int8),
        labels=("a", "b"),
        as_of=TODAY,
    )
    assert plain_.ranked().tolist() == [1, 2, 3]
    told = FURTHER["credit"].ranked().tolist()
    assert told == sorted(told, key=lambda one: one == "SECRET-a")
    measured = evolve(plain_, measures={"size": FURTHER["credit"].measures["on_time"]})
    sizes = dict(zip([1, 2, 3], measured.measures["size"].values, strict=True))
    assert measured.ranked().tolist() == sorted(sizes, key=lambda one: -sizes[one])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"customer_id": True}, "not_an_id"),
        ({"customer_id": 1.5}, "not_an_id"),
        ({"since": "2011-01-01"}, "bad_dates"),
        ({"until": None}, "bad_dates"),
        ({"until": date(2010, 12, 31)}, "bad_dates"),
        ({"reason": " "}, "no_reason"),
    ],
)
def test_classes_set_by_hand_say_of_whom_and_until_when(wrong: Any, code: str) -> None:
    given_ = {
        "customer_id": "SECRET-a",
        "label": "A",
        "reason": "an old friend",
        "since": NEW_YEAR,
        "until": TODAY,
    }
    with refused(code):
        ci.Override(**{**given_, **wrong})
