"""Good, fair and poor credit, and what is unknown; alone, and with value."""

import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import customer_identification as ci
from credit.credit_worlds import DAYS, books, figures, objects_of
from customer_identification import (
    ABCClassifier,
    Classification,
    InvalidInputError,
    Invoice,
    Override,
    StabilityPolicy,
    Transaction,
    stabilize,
    summarize,
)
from customer_identification.classify.credit import (
    CreditClassifier,
    CreditRule,
    combine_with_value,
)
from customer_identification.classify.table import decide
from customer_identification.invoices.credit import summarize_credit
from customer_identification.invoices.summary import CreditSummary


AS_OF = date(2011, 12, 31)
STRICT = CreditClassifier(
    default_days=9, late_days=4, slow_days=3, prompt_days=-1, min_invoices=2
)


def paid(
    days_late: int, *, amount: float = 100, of: Any = "c1", number: int = 0
) -> Any:
    due = AS_OF - timedelta(days=200)
    return Invoice(
        invoice_id=f"{of} paid {number}",
        customer_id=of,
        issued=due - timedelta(days=30),
        due=due,
        amount=amount,
        paid_on=due + timedelta(days=days_late),
    )


def unpaid(days_late: int, *, amount: float = 100, of: Any = "c1") -> Any:
    due = AS_OF - timedelta(days=days_late)
    return Invoice(
        invoice_id=f"{of} open {days_late}",
        customer_id=of,
        issued=due - timedelta(days=30),
        due=due,
        amount=amount,
    )


def prompt(n: int = 3, of: Any = "c1") -> list[Any]:
    return [paid(0, of=of, number=number) for number in range(n)]


def credit_of(*invoices: Any, **terms: Any) -> CreditSummary:
    return summarize_credit(list(invoices), as_of=AS_OF, **terms)


def classes_of(credit: CreditSummary, **options: Any) -> Classification:
    return CreditClassifier(**options).fit(credit).classify(credit)


def level(*invoices: Any, **options: Any) -> str:
    return classes_of(credit_of(*invoices), **options).label_of("c1")


# --- the table -----------------------------------------------------------------------


# Basel (BCBS 128, paragraph 452): default is more than 90 days past due; IFRS 9, 5.5.11:
# the risk has increased significantly with more than 30.
@pytest.mark.parametrize(
    ("days", "label"),
    [(0, "good"), (30, "good"), (31, "fair"), (90, "fair"), (91, "poor")],
)
def test_an_open_invoice_lowers_the_level_the_day_after_its_limit(
    days: int, label: str
) -> None:
    large = [paid(-30, amount=9000, number=n) for n in range(3)]
    assert level(*large, unpaid(days, amount=1)) == label


# The key to Dun & Bradstreet's PAYDEX (dandb.com, glossary): 80, on terms, is a low risk
# of late payment; 50, 30 days beyond terms, still a medium one; 49, 33 days, a high one.
@pytest.mark.parametrize(
    ("days", "label"),
    [(-30, "good"), (0, "good"), (1, "fair"), (30, "fair"), (33, "poor")],
)
def test_the_mean_days_beyond_terms_make_the_risk_that_paydex_says(
    days: int, label: str
) -> None:
    assert level(*(paid(days, number=number) for number in range(3))) == label


def expected(row: dict[str, Any]) -> str:
    """Tell the level in plain words of the documentation."""
    if row["invoices"] == 0:
        return "unknown"
    enough = row["known"] >= STRICT.min_invoices
    if row["past_due"] > STRICT.default_days:
        return "poor"
    if enough and row["beyond_terms"] > STRICT.slow_days:
        return "poor"
    if row["past_due"] > STRICT.late_days:
        return "fair"
    if not enough:
        return "unknown"
    return "good" if row["beyond_terms"] <= STRICT.prompt_days else "fair"


@given(
    rows=books(),
    as_of=st.sampled_from(DAYS),
    disputes=st.sampled_from(["counted", "apart"]),
)
def test_every_level_is_the_one_that_the_figures_give(
    rows: Any, as_of: date, disputes: Any
) -> None:
    credit = summarize_credit(objects_of(rows), as_of=as_of, disputes=disputes)
    classes = STRICT.fit(credit).classify(credit)
    apart = disputes == "apart"
    each = figures(rows, as_of, recent_days=90, apart=apart)
    assert {one: classes.label_of(one) for one in classes} == {
        one: expected(row) for one, row in each.items()
    }


@given(rows=books(), as_of=st.sampled_from(DAYS))
def test_a_customer_alone_gets_the_verdict_that_all_together_give(
    rows: Any, as_of: date
) -> None:
    credit = summarize_credit(objects_of(rows), as_of=as_of)
    rule = STRICT.fit(credit)
    together = rule.classify(credit)
    for at, one in enumerate(credit):
        assert rule.classify(credit.take([at]))[one] == together[one]


@given(
    days=st.lists(st.integers(-40, 60), min_size=1, max_size=5), more=st.integers(0, 9)
)
def test_paying_later_never_gives_a_better_level(days: list[int], more: int) -> None:
    best_first = ("good", "fair", "poor", "unknown")
    sooner = level(*(paid(late, number=n) for n, late in enumerate(days)))
    days[0] += more
    later = level(*(paid(late, number=n) for n, late in enumerate(days)))
    assert best_first.index(later) >= best_first.index(sooner)


def test_a_default_is_one_however_few_the_invoices() -> None:
    assert level(unpaid(91)) == "poor"
    assert level(unpaid(31)) == "fair"
    assert level(unpaid(30)) == "unknown"


def test_a_small_debt_counts_only_from_the_least_amount_on() -> None:
    small = [*prompt(8), unpaid(91, amount=0.5)]
    assert level(*small) == "poor"
    assert level(*small, min_overdue=100) == "fair"  # 0.06 days beyond terms
    assert level(*small, min_overdue=0.5) == "poor"


def test_a_disputed_debt_is_not_held_against_the_customer_where_asked() -> None:
    invoices = [*prompt(), evolve(unpaid(91), disputed=True)]
    assert classes_of(credit_of(*invoices)).label_of("c1") == "poor"
    spared = credit_of(*invoices, disputes="apart")
    assert classes_of(spared).label_of("c1") == "good"


# --- unknown, and reasons ------------------------------------------------------------


def test_never_billed_is_unknown_and_not_always_on_time() -> None:
    credit = credit_of(*prompt()).with_customers(["c0"])
    verdict = classes_of(credit)["c0"]
    assert verdict.label == "unknown"
    assert str(
        verdict
    ) == "unknown: invoices 0, below 1; 1 more invoices makes fair" or (
        str(verdict).startswith("unknown: invoices 0, below 1")
    )


def test_nothing_due_yet_is_unknown_and_says_why() -> None:
    verdict = classes_of(credit_of(unpaid(0)))["c1"]
    assert verdict.label == "unknown"
    assert str(verdict).startswith(
        "unknown: invoices to judge by 0, below 3, invoices 1, open 100.00"
    )


def test_a_verdict_tells_limit_value_and_margin() -> None:
    verdict = classes_of(credit_of(*prompt(), unpaid(100)))["c1"]
    first = verdict.reasons[0]
    assert (first.measure, first.value, first.limit) == ("past_due", 100, 90)
    assert first.margin == 10
    assert str(verdict) == (
        "poor: past due 100 days, above 90 days, on time 75.0%, overdue amount 100.00, "
        "open 100.00; 10 days less past due makes fair"
    )


def test_no_customers_make_no_classes() -> None:
    classes = classes_of(credit_of())
    assert len(classes) == 0
    assert classes.counts() == {"good": 0, "fair": 0, "poor": 0, "unknown": 0}


def test_levels_go_with_the_customers_who_are_renamed() -> None:
    credit = credit_of(*prompt(), unpaid(91, of="c2"))
    renamed = classes_of(credit).renamed(["z", "a"])
    assert renamed == classes_of(credit.renamed(["z", "a"]))
    assert renamed.label_of("a") == "poor"


def test_the_rule_is_plain_data() -> None:
    rule = CreditClassifier(min_overdue=0.5).fit(credit_of())
    kept = ci.to_dict(rule)
    assert ci.from_dict(kept, types=(CreditRule,)) == rule
    assert rule.min_overdue == 50
    assert CreditClassifier(min_overdue=0.125).fit(credit_of()).min_overdue == 13
    assert pickle.loads(pickle.dumps(rule)) == rule  # noqa: S301 - our own
    wanted = CreditClassifier()
    assert ci.from_dict(ci.to_dict(wanted), types=(CreditClassifier,)) == wanted


@pytest.mark.parametrize(
    "options",
    [
        {"default_days": 20},
        {"late_days": -1},
        {"slow_days": -1},
        {"prompt_days": 31},
        {"prompt_days": float("nan")},
        {"min_overdue": -1},
        {"min_invoices": 0},
        {"default_days": 90.5},
    ],
)
def test_limits_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        CreditClassifier(**options)
    assert caught.value.code == "bad_option"


def test_a_rule_takes_a_credit_summary_in_its_own_units_only() -> None:
    rule = CreditClassifier().fit(credit_of())
    with pytest.raises(InvalidInputError) as caught:
        rule.classify(credit_of(minor_units=0))
    assert caught.value.code == "minor_units"
    for wrong in (None, summarize([], as_of=AS_OF)):
        with pytest.raises(InvalidInputError) as caught:
            rule.classify(wrong)
        assert caught.value.code == "bad_option"


# --- with value ----------------------------------------------------------------------


def values(**amounts: float) -> Classification:
    summary = summarize(
        [
            Transaction(customer_id=one, date=AS_OF, amount=amount)
            for one, amount in amounts.items()
        ],
        as_of=AS_OF,
    )
    return ABCClassifier(thresholds=(1000, 100)).fit(summary).classify(summary)


def test_a_key_customer_who_does_not_pay_is_shown_as_such() -> None:
    credit = classes_of(credit_of(*prompt(), unpaid(100, of="c2"), *prompt(of="c3")))
    both = combine_with_value(credit, values(c1=2000, c2=3000, c3=50))
    assert {one: both.label_of(one) for one in both} == {
        "c1": "key_good",
        "c2": "key_poor",
        "c3": "ordinary_good",
    }
    assert both.where("key_poor").tolist() == [False, True, False]
    verdict = both["c2"]
    assert [one.measure for one in verdict.reasons[:2]] == ["value", "past_due"]
    assert str(verdict).startswith(
        "key_poor: value 3,000.00, at least 1,000.00, past due 100 days, above 90 days"
    )


def test_what_one_side_does_not_know_stays_unknown() -> None:
    credit = classes_of(
        credit_of(*prompt(of="c2"), *prompt(of="c3"), unpaid(0, of="c4"))
    )
    both = combine_with_value(credit, values(c1=2000, c2=3000, c4=20))
    assert {one: both.label_of(one) for one in both} == {
        "c1": "key_unknown",
        "c2": "key_good",
        "c3": "unknown_good",
        "c4": "ordinary_unknown",
    }
    assert str(both["c1"]).startswith(
        "key_unknown: value 2,000.00, at least 1,000.00, has credit level 0, below 1"
    )
    assert both["c3"].reasons[0].text == "has value class 0, below 1"
    assert sum(both.counts().values()) == 4


def test_unknown_to_both_is_simply_unknown() -> None:
    credit = classes_of(credit_of().with_customers(["c1"]))
    worth = Classification(
        customer_ids=credit.customer_ids,
        codes=np.array([1], np.int8),
        labels=("A", "unknown"),
        as_of=AS_OF,
    )
    both = combine_with_value(credit, worth)
    assert both.label_of("c1") == "unknown"
    assert both.counts()["key_unknown"] == 0


def test_classes_by_value_have_the_names_given() -> None:
    credit = classes_of(credit_of(*prompt(), *prompt(of="c2")))
    worth = values(c1=2000, c2=200)
    plain = combine_with_value(credit, worth, names={})
    assert plain.label_of("c1") == "A_good"
    merged = combine_with_value(credit, worth, names={"A": "top", "B": "top"})
    assert merged.counts()["top_good"] == 2
    assert merged["c2"].label == "top_good"


@given(rows=books(), amounts=st.lists(st.integers(-50, 2000), max_size=4))
def test_the_pair_of_classes_is_that_of_the_two_tables(
    rows: Any, amounts: list[int]
) -> None:
    ids: list[Any] = ["c1", "c10", "c2", "x"]
    rows = [row for row in rows if isinstance(row["customer_id"], str)]
    credit = summarize_credit(objects_of(rows), as_of=AS_OF)
    levels = STRICT.fit(credit).classify(credit)
    worth = values(**dict(zip(ids, amounts, strict=False)))
    both = combine_with_value(levels, worth)
    assert list(both) == sorted({*levels, *worth})
    names = {"A": "key", "B": "major", "C": "ordinary"}
    for one in both:
        value = worth.label_of(one) if one in worth else "unknown"
        paying = levels.label_of(one) if one in levels else "unknown"
        pair = f"{names.get(value, value)}_{paying}"
        assert both.label_of(one) == pair.replace("unknown_unknown", "unknown")
        assert both[one].label == both.label_of(one)
    by_table = decide(both.lines, both.labels, both.measures, len(both))
    assert np.array_equal(by_table, both.codes)


def test_a_level_set_by_hand_is_kept_with_its_reason() -> None:
    credit = classes_of(credit_of(*prompt(), *prompt(of="c2")))
    by_hand = Override(
        customer_id="c1",
        label="poor",
        reason="in court",
        since=AS_OF,
        until=AS_OF,
    )
    both = combine_with_value(stabilize(credit, overrides=[by_hand]), values(c1=2000))
    assert both["c1"].cause == "override"
    assert str(both["c1"]).startswith(
        "key_poor (set by hand until 2011-12-31: in court; the rule says key_good)"
    )
    assert both.label_of("c2") == "unknown_good"


def test_a_class_by_value_that_is_kept_stays_so_beside_the_level() -> None:
    before, now = values(c1=1010), values(c1=990)
    kept = stabilize(now, evolve(before, as_of=AS_OF - timedelta(days=31)))
    assert kept["c1"].cause == "hysteresis"
    both = combine_with_value(classes_of(credit_of(*prompt())), kept)
    verdict = both["c1"]
    assert (verdict.label, verdict.rule_label) == ("key_good", "major_good")
    assert verdict.cause == "hysteresis"
    assert verdict.reasons[0].margin == -10


def test_who_is_set_apart_by_value_stays_apart() -> None:
    apart = values(c1=2000).set_apart(np.array([True]))
    both = combine_with_value(classes_of(credit_of(*prompt())), apart)
    assert both.label_of("c1") == "apart_good"
    assert both["c1"].rule_label == "key_good"


def bare(labels: tuple[str, ...], **more: Any) -> Classification:
    return Classification(
        **{
            "customer_ids": np.array([1]),
            "codes": np.array([0], np.int8),
            "labels": labels,
            "as_of": AS_OF,
            **more,
        }
    )


def test_rules_of_the_hosts_own_may_lack_a_table_and_unknown() -> None:
    both = combine_with_value(
        bare(("safe", "risky")), bare(("A",), customer_ids=np.array([2]))
    )
    assert [both.label_of(one) for one in both] == ["unknown_safe", "key_unknown"]
    assert both[1].reasons == ()


@pytest.mark.parametrize(
    ("credit", "code"),
    [
        (bare(("good",), as_of=AS_OF - timedelta(days=1)), "bad_dates"),
        (bare(("good",), customer_ids=np.array(["c1"], object)), "not_an_id"),
        (bare(tuple(f"level {n}" for n in range(64))), "bad_option"),
    ],
)
def test_classes_that_do_not_go_together_are_refused(credit: Any, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        combine_with_value(credit, bare(("A", "B")))
    assert caught.value.code == code


def test_two_classifications_by_one_measure_are_refused() -> None:
    worth = values(c1=2000)
    with pytest.raises(InvalidInputError) as caught:
        combine_with_value(worth, worth)
    assert caught.value.code == "duplicate_column"
    with pytest.raises(InvalidInputError) as caught:
        combine_with_value(classes_of(credit_of()), worth, names="key")  # type: ignore[arg-type]
    assert caught.value.code == "bad_option"


def test_a_policy_of_stability_leaves_credit_as_the_rule_says() -> None:
    before = classes_of(credit_of(*prompt(), unpaid(89)))
    now = classes_of(credit_of(*prompt(), unpaid(91)))
    policy = StabilityPolicy(hysteresis=0.5, min_dwell=365)
    assert stabilize(now, before, policy=policy).label_of("c1") == "poor"
