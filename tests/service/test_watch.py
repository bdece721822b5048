"""Watch lists against a loop over customers in fractions; XmR limits of a textbook."""

import datetime as dt
import itertools
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    ABCClassifier,
    Transaction,
    UnknownCustomerError,
    from_dict,
    summarize,
    to_dict,
)
from customer_identification.service.patterns import process_limits
from customer_identification.service.watch import WatchPolicy, watch_list
from datasets import cdnow_sample
from service.makers import AS_OF, classes_of, refused


FEW = settings(max_examples=60, deadline=None)
LABELS = ("A", "B", "C", "unknown")
SIGNALS = ("silent", "drop", "surge", "falling")
FIRST = (2010, 5)  # month 0


def month(number: int) -> dt.date:
    year, at = divmod(FIRST[0] * 12 + FIRST[1] - 1 + number, 12)
    return dt.date(year, at + 1, 5)


def summary_of(by_id: dict[Any, dict[int, int]], **more: Any) -> Any:
    """Summarize amounts by customer and month; 14 complete months till the end."""
    return summarize(
        [
            Transaction(customer_id=one, date=month(number), amount=amount)
            for one, amounts in by_id.items()
            for number, amount in amounts.items()
        ],
        **{"as_of": AS_OF, **more},
    )


# --- limits -----------------------------------------------------------------------------


def test_limits_are_those_of_a_published_chart():
    # NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.2.2, "Individuals
    # Control Charts": flow rates of ten batches, mean 50.81, mean moving range 1.8778,
    # limits 55.8041 and 45.8159 with 3 / 1.128, of which 2.66 is the rounded value.
    rates = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    mean, low, high = process_limits(np.array([rates]), 3 / 1.128)
    assert mean.round(2).tolist() == [50.81]
    assert high.round(4).tolist() == [55.8041]
    assert low.round(4).tolist() == [45.8159]
    _, low, high = process_limits(np.array([rates]))
    assert (high - low).round(3).tolist() == [round(2 * 2.66 * 1.87778, 3)]


# --- all signals against a loop ---------------------------------------------------------


def expected(
    amounts: dict[int, int], policy: WatchPolicy
) -> tuple[dict[str, tuple[Any, ...]], set[str]]:
    """Give the signals of one customer with figures, and what is unknown."""
    found: dict[str, tuple[Any, ...]] = {}
    unknown = set()
    months = sorted(number for number, amount in amounts.items() if amount >= 0)
    days = [month(number) for number in months]
    if len(days) >= policy.min_purchase_days:
        gap = Fraction((days[-1] - days[0]).days, len(days) - 1)
        recency = (AS_OF - days[-1]).days
        if recency >= Fraction(policy.gaps) * gap:
            found["silent"] = (recency, gap)
    else:
        unknown.add("silent")
    series = [
        amounts.get(number, 0) for number in range(months[0] + 1 if months else 15, 15)
    ]
    earlier, last = series[:-1], series[-1:]
    if len(earlier) < policy.min_periods:
        return found, unknown | {"drop or surge"}
    mean = Fraction(sum(earlier), len(earlier))
    steps = [abs(b - a) for a, b in itertools.pairwise(earlier)]
    reach = Fraction(str(policy.limits)) * sum(steps) / len(steps)
    if last[0] < mean - reach:
        found["drop"] = (last[0], mean, mean - reach, mean + reach)
    if last[0] > mean + reach:
        found["surge"] = (last[0], mean, mean - reach, mean + reach)
    return found, unknown


AMOUNTS = st.dictionaries(
    st.integers(0, 14), st.integers(-3, 30) | st.just(20), min_size=1, max_size=15
)
STEADY = st.builds(
    lambda usual, last: {**dict.fromkeys(range(14), usual), 14: last},
    st.integers(1, 30),
    st.integers(-3, 60),
)


@FEW
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), AMOUNTS | STEADY, max_size=6),
    st.lists(st.sampled_from(LABELS), min_size=8, max_size=8),
    st.lists(st.sampled_from([*LABELS, None]), min_size=8, max_size=8),
    st.builds(
        WatchPolicy,
        gaps=st.sampled_from([1.0, 2.0, 3.0]),
        min_purchase_days=st.integers(2, 4),
        min_periods=st.sampled_from([2, 8]),
        limits=st.sampled_from([0.5, 2.66]),
    ),
)
def test_signals_are_those_of_a_loop_over_customers(by_id, now, last_time, policy):
    by_id = {"first": {0: 5}, **by_id}  # so that all months are there
    labels = dict(zip("abcdefgh", now, strict=True)) | {"first": "C"}
    before = {one: x for one, x in zip("abcdefgh", last_time, strict=True) if x}
    summary = summary_of(by_id)
    classes = classes_of({one: labels[one] for one in by_id}, LABELS)
    previous = classes_of(before, LABELS, as_of=dt.date(2011, 6, 30))
    keys = ("A", "B")
    watched = watch_list(summary, classes, keys=keys, policy=policy, previous=previous)
    everyone = [one for one in by_id if labels[one] in keys or before.get(one) in keys]
    assert watched.watched_ids.tolist() == sorted(everyone)
    unknown = dict.fromkeys(("silent", "drop or surge", "falling"), 0)
    order = []
    for one in sorted(everyone):
        found, dark = expected(by_id[one], policy)
        for name in dark:
            unknown[name] += 1
        was, is_now = before.get(one, "unknown"), labels[one]
        if "unknown" in {was, is_now}:
            unknown["falling"] += 1
        elif LABELS.index(is_now) > LABELS.index(was):
            found["falling"] = ()
        signals = watched[one]
        assert [each.signal for each in signals] == [x for x in SIGNALS if x in found]
        for each in signals:
            numbers = [each.figure, each.usual, each.low, each.high]
            wanted = [float(x) for x in found[each.signal]]
            assert numbers[: len(wanted)] == pytest.approx(wanted)
            assert each.value == sum(by_id[one].values())
            assert (each.label, each.before) == (is_now, before.get(one))
            assert str(each).startswith(each.signal)
        order += [(-sum(by_id[one].values()), one, SIGNALS.index(x)) for x in found]
    places = zip(watched.customer_ids.tolist(), watched.signals.tolist(), strict=True)
    assert list(places) == [(one, at) for _, one, at in sorted(order)]
    assert dict(watched.unknown) == unknown
    assert watched.gone == sum(
        one not in by_id and label in keys for one, label in before.items()
    )


# --- what each says ---------------------------------------------------------------------

FLAT = dict.fromkeys(range(15), 100)


def watch(by_id: dict[Any, dict[int, int]], **more: Any) -> Any:
    labels = more.pop("labels", dict.fromkeys(by_id, "A"))
    summary = summary_of(by_id, **more.pop("summary", {}))
    return watch_list(summary, classes_of(labels, LABELS), **more)


def test_each_signal_is_a_sentence_with_its_figures():
    bumpy = {number: 100 + 10 * (number % 2) for number in range(14)}
    watched = watch(
        {
            "quiet": {0: 900, 1: 900, 2: 900},
            "less": {**bumpy, 14: 50},
            "more": {**bumpy, 14: 200},
            "calm": {**bumpy, 14: 100},
            "new": {13: 40},
        }
    )
    assert [str(one) for one in watched["quiet"]] == [
        "silent: no purchase for 391 days, 12.8 times the usual gap of 30.5 days"
    ]
    natural = "the limit of what is natural around the usual 105.38"
    assert [str(one) for one in watched["less"]] == [
        f"drop: value 50.00 in the period from 2011-07-01, below 78.78, {natural}"
    ]
    assert [str(one) for one in watched["more"]] == [
        f"surge: value 200.00 in the period from 2011-07-01, above 131.98, {natural}"
    ]
    assert watched["calm"] == watched["new"] == ()
    assert watched.counts() == {"silent": 1, "drop": 1, "surge": 1, "falling": 0}
    assert str(watched) == (
        "5 key customers: 1 silent, 1 drop, 1 surge; silent unknown of 1; drop or surge "
        "unknown of 1"
    )
    assert repr(watched) == "WatchList(3 signals of 5 key customers, as of 2011-07-31)"
    assert watched.customer_ids.tolist() == ["quiet", "more", "less"]  # by value
    assert "50" not in repr(watched["less"])
    for strange in ("other", 1):
        with pytest.raises(UnknownCustomerError):
            watched[strange]
    assert pickle.loads(pickle.dumps(watched)) == watched  # noqa: S301


def test_who_fell_is_told_though_no_longer_a_key_customer():
    by_id = {"c1": FLAT, "c2": FLAT, "c3": FLAT}
    watched = watch(
        by_id,
        labels={"c1": "B", "c2": "A", "c3": "B"},
        previous=classes_of({"c1": "A", "c2": "B", "c3": "B", "c9": "A"}, LABELS),
    )
    assert [str(one) for one in watched["c1"]] == ["falling: fell from A to B"]
    assert watched["c2"] == ()
    assert "c3" not in watched.watched_ids
    assert watched.gone == 1
    assert str(watched) == "2 key customers: 1 falling; 1 of last time's are gone"


def test_classes_that_are_called_otherwise_now_tell_of_no_fall():
    previous = classes_of({"c1": "gold", "c2": "B"}, ("gold", "B"))
    watched = watch(
        {"c1": FLAT, "c2": FLAT}, labels={"c1": "A", "c2": "C"}, previous=previous
    )
    assert watched.watched_ids.tolist() == ["c1"]
    assert dict(watched.unknown)["falling"] == 1


def test_without_last_time_nothing_is_said_of_falls():
    assert dict(watch({1: FLAT}).unknown) == {"silent": 0, "drop or surge": 0}
    assert str(watch({1: FLAT})) == "1 key customers: calm"


def test_a_list_as_a_frame_is_of_the_hosts_kind():
    by_id = {"c1": {**FLAT, 14: 0, 13: 110}, "c2": FLAT}
    summary = evolve(summary_of(by_id), kind="polars")
    watched = watch_list(
        summary,
        classes_of({"c1": "A", "c2": "B"}, LABELS),
        previous=classes_of({"c1": "A", "c2": "A"}, LABELS),
    )
    frame = watched.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns[:4] == ["customer_id", "signal", "class", "class_before"]
    assert frame.rows()[0][:4] == ("c2", "falling", "B", "A")
    assert frame["signal"].to_list() == ["falling", "drop"]
    assert frame["value"].to_list() == [1500.0, 1410.0]
    assert frame["figure"].to_list()[1] == 0.0
    alone = watch({"c1": {**FLAT, 14: 0}}).to_frame()
    assert alone["class_before"].tolist() == [""]


def test_the_period_of_the_first_purchase_is_no_part_of_the_pattern():
    # With a first month of 5 the limits would be wider, and 90 would be natural.
    steady = {**dict.fromkeys(range(2, 14), 100), 14: 90}
    assert watch({1: {**steady, 1: 5}, 2: FLAT}).counts()["drop"] == 1


def test_after_equal_values_any_change_is_outside():
    found = watch({1: {**FLAT, 14: 101}, 2: {**FLAT, 14: 99}, 3: FLAT})
    assert found.counts() == {"silent": 0, "drop": 1, "surge": 1, "falling": 0}


@pytest.mark.parametrize(
    "columns", [{"date": None}, {"amount": None}, {"date": None, "amount": None}]
)
def test_what_the_data_do_not_have_is_unknown(columns):
    found = watch({1: FLAT, 2: FLAT}, summary={"columns": columns})
    assert len(found) == 0
    told = {"silent": 2 if "date" in columns else 0, "drop or surge": 2}
    assert dict(found.unknown) == told


def test_silence_is_told_without_amounts():
    found = watch({1: {0: 1, 1: 1, 2: 1}}, summary={"columns": {"amount": None}})
    assert found.counts()["silent"] == 1
    assert np.isnan(found.value).all()


def test_nobody_is_watched():
    for by_id, labels in (({}, {}), ({1: FLAT}, {1: "B"})):
        found = watch(by_id, labels=labels)
        assert len(found) == 0
        assert found.to_frame().shape[0] == 0
        assert str(found) == "0 key customers: calm"


def test_a_real_shop_watches_its_key_customers():
    data = cdnow_sample()
    summary = summarize(data.frame, **data.call)
    classes = ABCClassifier().fit(summary).classify(summary)
    found = watch_list(summary, classes)
    assert found.watched_ids.size == classes.counts()["A"]
    told = dict(found.unknown)
    days = summary.purchase_days[classes.where("A")]
    assert told["silent"] == np.count_nonzero(days < 3)
    overdue = summary.overdue[classes.where("A")]
    assert found.counts()["silent"] == np.count_nonzero((overdue >= 3) & (days >= 3))
    assert (np.diff(found.value) <= 0).all()


# --- what is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"summary": None}, "bad_option"),
        ({"classes": None}, "bad_option"),
        ({"classes": classes_of({1: "A"}, LABELS, ordered=False)}, "not_ordered"),
        ({"classes": classes_of({2: "A"}, LABELS)}, "other_customers"),
        ({"classes": classes_of({"1": "A"}, LABELS)}, "other_customers"),
        ({"keys": ("D",)}, "unknown_class"),
        (
            {"classes": classes_of({1: "A"}, LABELS, as_of=dt.date(2011, 6, 30))},
            "bad_dates",
        ),
        ({"keys": "D"}, "unknown_class"),
        ({"keys": ()}, "unknown_class"),
        ({"policy": 3}, "bad_option"),
        ({"previous": {1: "A"}}, "bad_option"),
        ({"previous": classes_of({"1": "A"}, LABELS)}, "not_an_id"),
        (
            {"previous": classes_of({1: "A"}, LABELS, as_of=dt.date(2011, 8, 1))},
            "bad_dates",
        ),
    ],
)
def test_malformed_input_is_refused(more, code):
    call = {"summary": summary_of({1: FLAT}), "classes": classes_of({1: "A"}, LABELS)}
    with refused(code):
        watch_list(**(call | more))


@pytest.mark.parametrize(
    "more",
    [
        {"gaps": 0.5},
        {"gaps": float("nan")},
        {"gaps": "3"},
        {"min_purchase_days": 1},
        {"min_purchase_days": 2.5},
        {"min_periods": 1},
        {"min_periods": None},
        {"limits": -1},
        {"limits": float("inf")},
    ],
)
def test_malformed_policies_are_refused(more):
    with refused("bad_option"):
        WatchPolicy(**more)


def test_a_policy_goes_to_plain_data_and_back():
    for policy in (WatchPolicy(), WatchPolicy(gaps=2, min_periods=12)):
        assert from_dict(to_dict(policy), types=[WatchPolicy]) == policy
        assert hash(pickle.loads(pickle.dumps(policy))) == hash(policy)  # noqa: S301


def test_a_signal_equals_itself_made_twice_and_keys_may_be_one_word():
    by_id = {"quiet": {0: 900, 1: 900, 2: 900}}
    watched = watch(by_id, keys="A")
    assert watched == watch(by_id)
    assert watched["quiet"] == watched["quiet"] != ()
    assert watched["quiet"] != watch({"quiet": {0: 900, 1: 900, 3: 900}})["quiet"]
