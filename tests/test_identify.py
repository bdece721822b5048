"""The front door: the order of the program, one customer alone, months compared."""

import json
import pickle
from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import datasets
from customer_identification import (
    ABCClassifier,
    AttitudeLoyaltyClassifier,
    Classification,
    Condition,
    Identification,
    IdentificationProgram,
    Identifier,
    InvalidInputError,
    Line,
    LoyaltyClassifier,
    Override,
    StabilityPolicy,
    Summary,
    TermClassifier,
    Transaction,
    UnknownCustomerError,
    ValueTrajectoryClassifier,
    classes_from_frame,
    classify_by,
    from_dict,
    identify,
    measure_of,
    stabilize,
    stars_of_tomorrow,
    subsidy_of,
    summarize,
    to_dict,
)
from tables import AS_OF, KINDS, arrow_of, objects_of, tables


few = settings(derandomize=True, max_examples=30, deadline=None)

QUICK = IdentificationProgram(
    classifiers={
        "loyalty": LoyaltyClassifier(min_purchase_days=2),
        "value": ABCClassifier(),
        "computed": ABCClassifier(computed=True),
        "trajectory": ValueTrajectoryClassifier(
            min_periods=2, min_purchase_days=1, seasonal=True
        ),
        "term": TermClassifier(min_days=20),
        "attitude": AttitudeLoyaltyClassifier(),
    }
)


def real(name: str, **keywords: Any) -> Summary:
    data = getattr(datasets, name)()
    return summarize(data.frame, **{**data.call, **keywords})


# --- the order of the program -----------------------------------------------------------


def test_transactional_customers_are_set_apart_before_value_is_read() -> None:
    summary = real("complete_journey_200")
    program = IdentificationProgram(
        classifiers={
            "loyalty": LoyaltyClassifier(limit=0.6),
            "value": ABCClassifier(),
            "trajectory": ValueTrajectoryClassifier(),
        }
    )
    identifier = program.fit(summary)
    loyalty = LoyaltyClassifier(limit=0.6).fit(summary)
    apart = loyalty.classify(summary).where("transactional")
    assert 10 < apart.sum() < 190
    others = summary.take(~apart)
    assert identifier.rules["loyalty"] == loyalty
    assert identifier.rules["value"] == ABCClassifier().fit(others)
    assert identifier.rules["value"] != ABCClassifier().fit(summary)
    assert identifier.rules["trajectory"] == ValueTrajectoryClassifier().fit(others)

    found = identifier.identify(summary)
    for name in ("value", "trajectory"):
        classes = found.classes[name]
        assert np.array_equal(classes.where("apart"), apart)
        alone = identifier.rules[name].classify(summary)
        assert np.array_equal(classes.by_rule, alone.codes)
        assert np.array_equal(classes.codes[~apart], alone.codes[~apart])
    assert "apart" not in found.classes["loyalty"].labels
    one = summary.customer_ids[apart][0].item()
    assert "set apart; the rule would say" in found.explain(one)


def test_without_setting_apart_every_rule_sees_everybody() -> None:
    summary = real("cdnow_sample")
    program = IdentificationProgram(set_apart=None)
    identifier = program.fit(summary)
    assert identifier.rules["value"] == ABCClassifier().fit(summary)
    found = identifier.identify(summary)
    expected = ABCClassifier().fit(summary).classify(summary)
    assert found.classes["value"] == expected


def test_when_nobody_or_everybody_is_apart() -> None:
    summary = real("complete_journey_200")
    for limit, label in ((0.001, "relational"), (0.999, "transactional")):
        program = IdentificationProgram(
            classifiers={
                "loyalty": LoyaltyClassifier(limit=limit, min_purchase_days=1),
                "value": ABCClassifier(),
            }
        )
        found = program.fit(summary).identify(summary)
        assert found.counts()["loyalty"][label] == len(summary)
        apart = found.counts()["value"]["apart"]
        assert apart == (len(summary) if label == "transactional" else 0)


def test_programs_that_cannot_run_are_refused() -> None:
    wrong_options: list[dict[str, Any]] = [
        {"classifiers": {"value": 5}},
        {"classifiers": {"value": ABCClassifier}, "set_apart": None},
        {"classifiers": {"value": ABCClassifier()}},
        {"set_apart": ("nobody", "transactional")},
        {"set_apart": "loyalty"},
        {"classifiers": 5},
        {"classifiers": {}},
        {"stability": 0.1},
    ]
    for options in wrong_options:
        with pytest.raises(InvalidInputError):
            IdentificationProgram(**options)
    wrong = IdentificationProgram(set_apart=("loyalty", "no such class"))
    with pytest.raises(InvalidInputError, match="must be one of"):
        wrong.fit(real("complete_journey_200"))


# --- the fitted identifier ----------------------------------------------------------------


@few
@given(rows=tables(least=1, most=30))
def test_one_customer_alone_has_the_same_verdicts_as_in_the_batch(rows: Any) -> None:
    summary = summarize(objects_of(rows), as_of=AS_OF)
    identifier = QUICK.fit(summary)
    found = identifier.identify(summary)
    for one in summary.customer_ids.tolist():
        own = [row for row in rows if row["customer_id"] == one]
        alone = identifier.identify(summarize(objects_of(own), as_of=AS_OF))
        assert len(alone) == 1
        for name, classes in found.classes.items():
            assert alone.classes[name][one] == classes[one], name


def test_a_customer_without_a_known_category_is_no_narrow_one() -> None:
    wide = [
        Transaction(
            customer_id=one,
            date=date(2011, 1, 1 + day),
            amount=5,
            category=f"kind {day % 3}" if one else None,
        )
        for one in range(5)
        for day in range(6)
    ]
    summary = summarize(wide, as_of="2011-01-31")
    rule = LoyaltyClassifier().fit(summary)
    among = rule.classify(summary)
    alone = rule.classify(
        summarize([row for row in wide if row.customer_id == 0], as_of="2011-01-31")
    )
    assert alone[0] == among[0]


@few
@given(rows=tables(least=1, most=20), data=st.data())
def test_order_of_rows_kind_of_frame_and_names_do_not_matter(
    rows: Any, data: Any
) -> None:
    first = identify(arrow_of(rows), as_of=AS_OF, program=QUICK)
    shuffled = data.draw(st.permutations(rows))
    kind = data.draw(st.sampled_from(list(KINDS)))
    again = identify(KINDS[kind](arrow_of(shuffled)), as_of=AS_OF, program=QUICK)
    assert again == first
    names: dict[Any, Any] = {
        one: f"n{hash_of(one)}" for one in {row["customer_id"] for row in rows} - {None}
    }
    renamed = [{**row, "customer_id": names.get(row["customer_id"])} for row in rows]
    other = identify(arrow_of(renamed), as_of=AS_OF, program=QUICK)
    assert other.counts() == first.counts()
    for old, new in names.items():
        if old in first.classes["value"]:
            assert other.profile(new).verdicts == first.profile(old).verdicts


def hash_of(one: Any) -> int:
    return sum(map(ord, str(one))) * 7919 % 1000


@few
@given(rows=tables(least=1, most=20, optional=()))
def test_the_unit_of_money_changes_no_class(rows: Any) -> None:
    in_dollars = identify(arrow_of(rows), as_of=AS_OF, program=QUICK)
    in_cents = identify(
        arrow_of(rows, scale=1), as_of=AS_OF, program=QUICK, minor_units=0
    )
    for name, classes in in_dollars.classes.items():
        assert np.array_equal(classes.codes, in_cents.classes[name].codes), name


@few
@given(rows=tables(least=1, most=25))
def test_an_identifier_through_json_identifies_identically(rows: Any) -> None:
    summary = summarize(objects_of(rows), as_of=AS_OF)
    program = evolve(QUICK, stability=StabilityPolicy(hysteresis=0.2, min_dwell=9))
    identifier = program.fit(summary)
    text = json.dumps(to_dict(identifier), allow_nan=False)
    again = from_dict(json.loads(text))
    assert again == identifier
    assert again.identify(summary) == identifier.identify(summary)
    assert json.dumps(to_dict(again), allow_nan=False) == text


def test_rules_hold_nobody_and_no_names() -> None:
    sales = [
        Transaction(
            customer_id=f"Müller{one}", date=date(2011, 7, one), amount=7777 * one
        )
        for one in range(1, 20)
    ]
    summary = summarize(sales, as_of="2011-07-31")
    identifier = IdentificationProgram().fit(summary)
    text = json.dumps(to_dict(identifier), ensure_ascii=False)
    shown = [
        text,
        repr(identifier),
        *(f"{rule!r} {rule}" for rule in identifier.rules.values()),
    ]
    blob = pickle.dumps(identifier)
    assert not any("Müller" in one for one in shown)
    assert "Müller".encode() not in blob
    found = identifier.identify(summary)
    assert "Müller" not in repr(found) + repr(found.classes["value"]) + repr(summary)
    profile = found.profile("Müller3")
    assert "Müller" not in repr(profile)
    assert "23331" not in repr(profile)


def test_an_identifier_is_a_value() -> None:
    summary = real("complete_journey_200")
    identifier = IdentificationProgram().fit(summary)
    assert pickle.loads(pickle.dumps(identifier)) == identifier  # noqa: S301
    assert hash(pickle.loads(pickle.dumps(identifier))) == hash(identifier)  # noqa: S301
    assert repr(identifier) == "Identifier(loyalty, value, trajectory)"
    assert repr(IdentificationProgram()) == (
        "IdentificationProgram(loyalty, value, trajectory)"
    )
    found = identifier.identify(summary)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
    assert repr(found) == (
        "Identification(200 customers by loyalty, value, trajectory, as of 2017-12-31)"
    )
    with pytest.raises(InvalidInputError, match="every rule once"):
        Identifier(rules=identifier.rules, order=("value",))


def test_what_a_host_passes_in_can_be_changed_without_effect() -> None:
    classifiers: dict[str, Any] = {"value": ABCClassifier()}
    program = IdentificationProgram(classifiers=classifiers, set_apart=None)
    classifiers["more"] = ABCClassifier()
    assert list(program.classifiers) == ["value"]


# --- what is found ------------------------------------------------------------------------


def test_a_profile_has_the_numbers_and_the_verdicts() -> None:
    summary = real("northwind")
    found = IdentificationProgram().fit(summary).identify(summary)
    profile = found.profile("QUICK")
    assert profile.as_of == date(1998, 5, 6)
    assert profile.numbers["value"] == 110_277.32
    assert profile.numbers["purchases"] == 28
    assert profile.numbers["first_purchase"] == date(1996, 8, 5)
    assert set(profile.verdicts) == {"loyalty", "value", "trajectory"}
    assert profile.verdicts["value"] == found.classes["value"]["QUICK"]
    lines = found.explain("QUICK").splitlines()
    assert [line.split(":")[0] for line in lines] == ["loyalty", "value", "trajectory"]
    with pytest.raises(UnknownCustomerError) as caught:
        found.profile("NOBODY")
    assert "NOBODY" not in str(caught.value)
    with pytest.raises(UnknownCustomerError):
        found.explain(5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_host_gets_its_own_kind_of_frame_back(kind: str) -> None:
    rows = [
        {"customer_id": one, "date": date(2011, 1 + month, 5), "amount": 100 * i}
        for i, one in enumerate(("a", "b", "c"))
        for month in range(4)
    ]
    frame = KINDS[kind](arrow_of(rows))
    shown = identify(frame, as_of=AS_OF).to_frame()
    assert type(shown) is type(frame)
    names = shown.column_names if kind == "pyarrow" else list(shown.columns)
    assert names[0] == "customer_id"
    assert names[-3:] == ["loyalty_class", "value_class", "trajectory_class"]
    assert [str(one) for one in shown["value_class"]] == ["none", "A", "A"]


def test_objects_come_back_as_a_pandas_frame() -> None:
    sales = [Transaction(customer_id=1, date=date(2011, 1, 5), amount=5)]
    assert isinstance(identify(sales, as_of=AS_OF).to_frame(), pd.DataFrame)


def test_nobody_is_identified_as_nobody() -> None:
    found = identify([], as_of=AS_OF)
    assert len(found) == 0
    assert all(sum(counts.values()) == 0 for counts in found.counts().values())
    assert len(found.to_frame()) == 0
    assert found.stars().size == 0
    assert found.compare(found)["value"].matrix.sum() == 0
    assert "0" in str(found.compare(found))
    assert len(found.subsidy().to_frame()) == 3
    assert "unknown" in str(found.subsidy())


def test_stars_are_those_of_value_and_trajectory() -> None:
    summary = real("online_retail")
    found = IdentificationProgram().fit(summary).identify(summary)
    stars = found.stars()
    assert stars.size > 0
    direct = stars_of_tomorrow(found.classes["value"], found.classes["trajectory"])
    assert np.array_equal(stars, direct)
    for one in stars[:20].tolist():
        assert found.classes["value"].label_of(one) in {"B", "C"}
        assert found.classes["trajectory"].label_of(one) in {"win_share", "rising"}
    program = IdentificationProgram(
        classifiers={"value": ABCClassifier()}, set_apart=None
    )
    with pytest.raises(InvalidInputError, match="trajectory"):
        program.fit(summary).identify(summary).stars()


# --- who pays for whom -------------------------------------------------------------------


@few
@given(rows=tables(least=1, most=25, optional=("profit", "discount")))
def test_what_some_classes_receive_others_pay(rows: Any) -> None:
    summary = summarize(objects_of(rows), as_of=AS_OF)
    found = QUICK.fit(summary).identify(summary)
    for by in found.classes:
        subsidy = found.subsidy(by)
        labels = [
            found.classes[by].label_of(one) for one in summary.customer_ids.tolist()
        ]
        for i, label in enumerate(subsidy.labels):
            of = [at for at, one in enumerate(labels) if one == label]
            assert subsidy.customers[i] == len(of)
            for name in ("amount", "value"):
                total = sum(getattr(summary, name)[at].item() for at in of)
                assert getattr(subsidy, name)[i] == total
        amount, value = int(subsidy.amount.sum()), int(subsidy.value.sum())
        if summary.profit is None or amount <= 0:
            assert np.isnan(subsidy.received).all()
            continue
        scale = float(np.abs(subsidy.amount).sum() + np.abs(subsidy.value).sum())
        scale *= 1 + abs(value / amount)
        assert abs(subsidy.received.sum()) <= 1e-12 * scale
        for i in range(len(subsidy.labels)):
            fair = subsidy.amount[i] * value / amount - subsidy.value[i]
            assert abs(subsidy.received[i] - fair) <= 1e-12 * scale
        assert "nan" not in str(subsidy)


def test_without_profit_nobody_is_said_to_pay() -> None:
    summary = real("complete_journey_200")
    subsidy = IdentificationProgram().fit(summary).identify(summary).subsidy()
    assert np.isnan(subsidy.received).all()
    text = str(subsidy)
    assert "relational: " in text
    assert text.endswith("who pays for whom is unknown: the data have no profit")
    assert "nan" not in text
    assert "receives" not in text


def test_a_subsidy_is_between_customers_of_one_summary() -> None:
    summary = real("complete_journey_200")
    classes = ABCClassifier().fit(summary).classify(summary)
    with pytest.raises(InvalidInputError, match="same customers"):
        subsidy_of(summary.take([0]), classes)


def test_who_buys_at_a_loss_is_paid_for_by_the_others() -> None:
    sales = [
        Transaction(
            customer_id=one, date=date(2011, month, 5), amount=100, profit=p, discount=d
        )
        for month in range(1, 9)
        for one, p, d in [("loyal", 30, 0), ("deals", -10, 40)]
    ]
    summary = summarize(sales, as_of="2011-08-31")
    found = (
        IdentificationProgram(
            classifiers={
                "loyalty": LoyaltyClassifier(limit=0.7),
                "value": ABCClassifier(),
            }
        )
        .fit(summary)
        .identify(summary)
    )
    subsidy = found.subsidy()
    by_label = dict(zip(subsidy.labels, subsidy.received.tolist(), strict=True))
    assert by_label["transactional"] == pytest.approx(16_000)
    assert by_label["relational"] == pytest.approx(-16_000)
    margins = dict(zip(subsidy.labels, subsidy.margin.tolist(), strict=True))
    assert margins["transactional"] == -0.1
    shares = dict(zip(subsidy.labels, subsidy.discount_share.tolist(), strict=True))
    assert (shares["transactional"], shares["relational"]) == (1.0, 0.0)
    assert "transactional: 50.0% of the customers" in str(subsidy)
    assert "receives 160.00" in str(subsidy)
    assert "pays 160.00" in str(subsidy)
    assert "nan" not in str(subsidy)
    frame = subsidy.to_frame()
    assert frame["received"].sum() == pytest.approx(0)
    with pytest.raises(InvalidInputError, match="one of loyalty"):
        found.subsidy("nothing")
    without = identify(
        sales, as_of="2011-08-31", columns={"amount": None, "profit": None}
    )
    with pytest.raises(InvalidInputError, match="needs amounts"):
        without.subsidy()


# --- from month to month ------------------------------------------------------------------


def until(day: str, amounts: dict[Any, dict[int, float]]) -> Summary:
    sales = [
        Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
        for one, by_month in amounts.items()
        for month, amount in by_month.items()
    ]
    return summarize(
        [one for one in sales if str(one.date) <= day], as_of=day, since="2011-01-01"
    )


BY_VALUE = IdentificationProgram(
    classifiers={"value": ABCClassifier(thresholds=(1000, 500))},
    set_apart=None,
    stability=StabilityPolicy(hysteresis=0.1),
)
AMOUNTS: dict[Any, dict[int, float]] = {
    "a": {1: 990, 2: 20},
    "b": {1: 990, 2: 200},
    "c": {1: 100},
    "d": {2: 600},
}


def test_classes_are_held_from_one_identification_to_the_next() -> None:
    january, february = until("2011-01-31", AMOUNTS), until("2011-02-28", AMOUNTS)
    identifier = BY_VALUE.fit(january)
    before = identifier.identify(january)
    after = identifier.identify(february, previous=before)
    assert {one: after.classes["value"].label_of(one) for one in "abcd"} == {
        "a": "B",
        "b": "A",
        "c": "C",
        "d": "B",
    }
    assert after.classes["value"]["a"].rule_label == "A"
    assert after.classes["value"]["c"].since == date(2011, 1, 31)
    assert after.classes["value"]["b"].since == date(2011, 2, 28)
    from_store = identifier.identify(february, previous=before.classes)
    assert from_store == after
    fresh = identifier.identify(february)
    assert fresh.classes["value"].label_of("a") == "A"


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("stability", [None, StabilityPolicy(min_dwell=40)])
def test_the_default_program_over_months_from_the_hosts_own_store(
    kind: str, stability: Any
) -> None:
    """Rules from JSON and classes from tables do as well as objects in memory."""

    def read(day: date) -> Summary:
        return evolve(real("complete_journey_200", as_of=day), kind=kind)

    october, november = read(date(2017, 10, 31)), read(date(2017, 11, 30))
    identifier = IdentificationProgram(stability=stability).fit(october)
    kept_rules = json.dumps(to_dict(identifier))
    before = identifier.identify(october)
    held = 0
    for summary in (november, read(date(2017, 12, 31))):
        kept = {name: one.to_frame() for name, one in before.classes.items()}
        rules = from_dict(json.loads(kept_rules))
        previous = {
            name: classes_from_frame(
                table, as_of=before.summary.as_of, labels=rules.rules[name].labels
            )
            for name, table in kept.items()
        }
        assert "apart" in previous["value"].labels
        assert previous["value"].counts() == before.classes["value"].counts()
        now = rules.identify(summary, previous=previous)
        assert now == identifier.identify(summary, previous=before)
        held += (
            now.classes["value"]
            .to_frame()["cause"]
            .to_numpy()
            .tolist()
            .count("hysteresis")
        )
        before = now
    assert held > 0


def test_a_comparison_counts_who_came_and_went() -> None:
    january, february = until("2011-01-31", AMOUNTS), until("2011-02-28", AMOUNTS)
    identifier = BY_VALUE.fit(january)
    before, after = identifier.identify(january), identifier.identify(february)
    comparison = after.compare(before)
    moves = comparison["value"]
    assert moves.entered.tolist() == ["d"]
    assert moves.left.tolist() == []
    assert {label: n for label, (n, _, _) in moves.counts().items()} == before.counts()[
        "value"
    ]
    assert {label: n for label, (_, n, _) in moves.counts().items()} == after.counts()[
        "value"
    ]
    assert str(comparison) == (
        "value: A 2 (+2), B 1 (-1), C 1 (+0), none 0 (+0), unknown 0 (+0); "
        "1 entered, 0 left"
    )
    with pytest.raises(InvalidInputError, match="same names"):
        IdentificationProgram().fit(january).identify(january).compare(before)
    with pytest.raises(InvalidInputError, match="later"):
        before.compare(after)


def by_hand(one: Any, label: str) -> Override:
    return Override(
        customer_id=one,
        label=label,
        reason="strategic",
        since=date(2011, 1, 1),
        until=date(2011, 2, 28),
    )


def test_overrides_are_given_by_rule_with_or_without_stability() -> None:
    january = until("2011-01-31", AMOUNTS)
    for program in (BY_VALUE, evolve(BY_VALUE, stability=None)):
        identifier = program.fit(january)
        found = identifier.identify(january, overrides={"value": [by_hand("c", "A")]})
        assert found.classes["value"].label_of("c") == "A"
        assert "strategic" in found.explain("c")
        with pytest.raises(InvalidInputError, match="one of value"):
            identifier.identify(january, overrides={"loyalty": []})
    held = BY_VALUE.fit(january).identify(january).classes["value"]
    assert held.causes is not None
    loose = evolve(BY_VALUE, stability=None).fit(january)
    before = loose.identify(until("2011-01-31", AMOUNTS))
    february = until("2011-02-28", AMOUNTS)
    assert loose.identify(february).classes["value"].causes is None
    after = loose.identify(february, previous=before).classes["value"]
    alike = stabilize(loose.rules["value"].classify(february), before.classes["value"])
    assert after == alike
    with pytest.raises(InvalidInputError, match="previous must be for one of value"):
        loose.identify(february, previous={"valeu": before.classes["value"]})


def test_who_is_transactional_by_hand_is_set_apart_and_who_is_key_by_hand_is_not() -> (
    None
):
    summary = real("complete_journey_200")
    program = IdentificationProgram()
    identifier = program.fit(summary)
    plain = identifier.identify(summary)
    one, other = summary.customer_ids[plain.classes["loyalty"].where("relational")][
        :2
    ].tolist()
    override = evolve(by_hand(one, "transactional"), until=date(2018, 1, 31))
    key = evolve(by_hand(other, "A"), until=date(2018, 1, 31))
    found = identifier.identify(
        summary,
        overrides={
            "loyalty": [override, evolve(key, label="transactional")],
            "value": [key],
        },
    )
    assert found.classes["value"].label_of(one) == "apart"
    assert found.classes["value"].label_of(other) == "A"
    assert found.classes["trajectory"].label_of(other) == "apart"
    again = identifier.identify(summary, previous=found)
    assert again.classes["value"].label_of(one) == plain.classes["value"].label_of(one)


@few
@given(
    months=st.lists(
        st.lists(
            st.sampled_from([1, 450, 500, 550, 1000, 1100]), min_size=3, max_size=3
        ),
        min_size=2,
        max_size=5,
    )
)
def test_months_chained_by_the_front_door_are_those_chained_by_hand(
    months: Any,
) -> None:
    amounts = {
        one: {month: by_month[one] for month, by_month in enumerate(months, 1)}
        for one in range(3)
    }
    ends = ["2011-01-31", "2011-02-28", "2011-03-31", "2011-04-30", "2011-05-31"]
    identifier = BY_VALUE.fit(until(ends[0], amounts))
    previous: Identification | None = None
    seen: list[Counter[str]] = []
    for end in ends[: len(months)]:
        now = identifier.identify(until(end, amounts), previous=previous)
        if previous is not None:
            moves = now.compare(previous)["value"]
            counts = moves.counts()
            assert {k: v[0] for k, v in counts.items()} == previous.counts()["value"]
            assert {k: v[1] for k, v in counts.items()} == now.counts()["value"]
            moved = moves.before != moves.after
            since = now.classes["value"].since
            assert since is not None
            assert np.array_equal(moved, since == np.datetime64(now.summary.as_of))
        previous = now
        seen.append(Counter(now.counts()["value"]))
    assert all(sum(one.values()) == 3 for one in seen)


# --- a strategy of the host's own ----------------------------------------------------------


@frozen
class OftenRule:
    """Customers who came on many days."""

    days: int

    @property
    def labels(self) -> tuple[str, ...]:
        return ("often", "seldom", "unknown")

    def classify(self, summary: Summary) -> Classification:
        lines = (
            Line("often", (Condition("purchase_days", ">=", self.days),)),
            Line("seldom", (Condition("purchase_days", "<", self.days),)),
            Line("unknown", (), ("purchase_days",)),
        )
        measures = {"purchase_days": measure_of(summary, "purchase_days", "count")}
        return classify_by(summary, lines, measures, labels=self.labels, ordered=True)


@frozen
class OftenClassifier:
    def fit(self, summary: Summary) -> OftenRule:
        days = summary.purchase_days
        return OftenRule(1 if days is None or not days.size else int(np.median(days)))


def test_a_hosts_own_strategy_drops_in() -> None:
    summary = real("northwind")
    program = IdentificationProgram(
        classifiers={"mine": OftenClassifier(), "value": ABCClassifier()},
        set_apart=("mine", "seldom"),
    )
    identifier = program.fit(summary)
    found = identifier.identify(summary)
    assert summary.purchase_days is not None
    seldom = summary.purchase_days < int(np.median(summary.purchase_days))
    assert np.array_equal(found.classes["value"].where("apart"), seldom)
    data = json.loads(json.dumps(to_dict(identifier)))
    again = from_dict(data, types=(OftenRule,))
    assert again == identifier
    assert again.identify(summary) == found
    assert "mine: often: purchase days 28, at least" in found.explain("QUICK")
