"""Scores: bins that keep equal customers together, and the published ones of R's rfm."""

import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from customer_identification import (
    InvalidInputError,
    Summary,
    UnknownCustomerError,
    from_dict,
    to_dict,
)
from customer_identification.classify.segment.rfm import (
    RFM,
    RFMRule,
    RFMScorer,
    RFMScores,
)
from segment.customers import summary_of


PUBLISHED = json.loads((Path(__file__).parent / "rfm_package.json").read_text())


def published() -> Summary:
    """Give the customers of the R package's vignette, from its printed table."""
    return summary_of(PUBLISHED["recency"], PUBLISHED["orders"], PUBLISHED["amount"])


def digits(scores: RFMScores) -> list[int]:
    together = [scores.recency.astype(int), scores.frequency, scores.monetary]
    return (together[0] * 100 + together[1] * 10 + together[2]).tolist()


def r_limits(values: Any) -> tuple[float, ...]:
    """Cut as `bins` in R/utils.R of the package: quantile() of type 7, plus 1."""
    cut = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="linear") + 1
    return tuple(cut.tolist())


# --- published -------------------------------------------------------------------------


def test_what_was_read_off_the_vignette_adds_up_as_the_package_s_own_tests_do() -> None:
    checks = PUBLISHED["checks"]
    score = np.array(PUBLISHED["score"])
    best = (score // 100 >= 4) & (score // 10 % 10 >= 4) & (score % 10 >= 4)
    assert sum(PUBLISHED["orders"]) == checks["orders"]
    assert best.sum() == checks["champions"]
    assert np.array(PUBLISHED["orders"])[best].sum() == checks["champions_orders"]
    assert np.array(PUBLISHED["amount"])[best].sum() == checks["champions_amount"]


def test_the_thresholds_of_the_r_package_give_its_published_scores() -> None:
    names = dict(zip(RFM, ("recency", "orders", "amount"), strict=True))
    limits = {ours: r_limits(PUBLISHED[theirs]) for ours, theirs in names.items()}
    rule = RFMScorer(**limits).fit(published())
    assert digits(rule.score(published())) == PUBLISHED["score"]


def test_its_custom_thresholds_give_them_too() -> None:
    # tests/testthat/test-rfm-table.R; the same cuts, rounded to whole numbers.
    rule = RFMScorer(
        recency=(115, 181, 298, 482),
        frequency=(4, 5, 6, 8),
        monetary=(256, 382, 507, 666),
    ).fit(published())
    assert digits(rule.score(published())) == PUBLISHED["score"]


def test_our_own_fifths_differ_in_the_three_customers_next_to_an_interpolated_cut() -> (
    None
):
    scores = RFMScorer().fit(published()).score(published())
    differ = np.flatnonzero(np.array(digits(scores)) != PUBLISHED["score"])
    near = [
        min(
            abs(PUBLISHED[theirs][at] - limit)
            for theirs in ("recency", "amount")
            for limit in r_limits(PUBLISHED[theirs])
        )
        for at in differ
    ]
    assert len(differ) == 3
    assert max(near) < 1


# --- by hand -----------------------------------------------------------------------------


def test_ten_different_customers_make_two_of_each_score() -> None:
    some = summary_of(range(10), range(1, 11), range(10, 110, 10))
    rule = RFMScorer().fit(some)
    scores = rule.score(some)
    assert scores.recency.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores.frequency.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert scores.monetary.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert rule.recency == (2, 4, 6, 8)
    assert rule.limits("frequency") == (3, 5, 7, 9)
    assert rule.limits("monetary") == (2001, 4001, 6001, 8001)
    assert rule.effective_bins == scores.effective_bins() == dict.fromkeys(RFM, 5)


def test_ties_leave_fewer_bins_and_that_is_told() -> None:
    some = summary_of([5] * 10, [1] * 7 + [2, 3, 9], [100] * 10)
    rule = RFMScorer().fit(some)
    scores = rule.score(some)
    assert scores.frequency.tolist() == [1] * 7 + [4, 5, 5]
    assert rule.effective_bins == {"recency": 1, "frequency": 3, "monetary": 1}
    assert scores.recency.tolist() == [5] * 10  # as recently as anybody
    assert scores.monetary.tolist() == [1] * 10


def test_nested_bins_are_cut_within_those_before() -> None:
    recency = [1] * 4 + [9] * 4
    frequency = [1, 1, 2, 2, 5, 5, 6, 6]
    value = [1, 2, 3, 4, 50, 60, 70, 80]
    some = summary_of(recency, frequency, value)
    scorer = RFMScorer(recency=2, frequency=2, monetary=2, nested=True)
    rule = scorer.fit(some)
    scores = rule.score(some)
    assert scores.recency.tolist() == [2] * 4 + [1] * 4
    assert scores.frequency.tolist() == [1, 1, 2, 2] * 2
    assert scores.monetary.tolist() == [1, 2] * 4
    assert rule.limits("frequency", (2, 1)) == (2,)
    assert rule.limits("frequency", (1, 1)) == (6,)
    assert rule.limits("monetary", (1, 2)) == (7001,)
    by_itself = RFMScorer(recency=2, frequency=2, monetary=2).fit(some).score(some)
    assert by_itself.frequency.tolist() == [1] * 4 + [2] * 4


def test_where_nobody_was_to_learn_from_a_nested_score_is_unknown() -> None:
    learnt = summary_of([1, 9], [1, 5], [10, 20])
    rule = RFMScorer(recency=2, frequency=2, monetary=2, nested=True).fit(learnt)
    later = rule.score(summary_of([1], [9], [10]))
    assert str(later[0]) == "22?"
    assert later.counts() == {"unknown": 1}


def test_own_limits_are_in_the_host_s_money() -> None:
    scorer = RFMScorer(monetary=(Decimal("9.99"), 20))
    rule = scorer.fit(summary_of([1], [1], [10]))
    assert rule.limits("monetary") == (999, 2000)
    assert scorer.n_bins == (5, 5, 3)


# --- unknown -------------------------------------------------------------------------------


def test_who_bought_nothing_has_no_score_and_moves_no_limit() -> None:
    some = summary_of([1, 2, None], [1, 2, 0], [10, 20, 0])
    rule = RFMScorer(recency=2, frequency=2, monetary=2).fit(some)
    scores = rule.score(some)
    assert str(scores[2]) == "???"
    assert scores[2].recency is None
    assert rule == RFMScorer(recency=2, frequency=2, monetary=2).fit(
        summary_of([1, 2], [1, 2], [10, 20])
    )
    assert scores.counts() == {"122": 1, "211": 1, "unknown": 1}


def test_without_amounts_only_the_monetary_score_is_unknown() -> None:
    some = summary_of([1, 2], [1, 2], None)
    scores = RFMScorer(recency=2, frequency=2, monetary=2).fit(some).score(some)
    assert [str(scores[one]) for one in scores] == ["21?", "12?"]


def test_nobody_teaches_nothing() -> None:
    nobody = summary_of([], [], [])
    rule = RFMScorer().fit(nobody)
    assert rule.effective_bins == dict.fromkeys(RFM, 0)
    assert len(rule.score(nobody)) == 0
    assert str(rule.score(summary_of([1], [1], [1]))[0]) == "???"


# --- the result ------------------------------------------------------------------------------


def test_scores_are_asked_for_by_id_and_come_as_a_frame() -> None:
    some = summary_of([1, 9, None], [5, 1, 0], [50, 10, 0], ids=["b", "a", "c"])
    scores = RFMScorer(recency=2, frequency=2, monetary=2).fit(some).score(some)
    assert list(scores) == ["a", "b", "c"]
    assert "a" in scores
    assert 1 not in scores
    assert str(scores["b"]) == "222"
    assert repr(scores) == "RFMScores(3 customers, as of 2011-12-31)"
    frame = scores.to_frame()
    assert frame["rfm"].astype(object).tolist()[:2] == ["111", "222"]
    assert frame["recency_score"].isna().tolist() == [False, False, True]
    assert frame["frequency_score"].tolist()[:2] == [1, 2]
    with pytest.raises(UnknownCustomerError):
        scores["z"]


def test_scores_are_renamed_pickled_and_compared() -> None:
    some = summary_of([1, 9], [5, 1], [50, 10])
    scores = RFMScorer(recency=2, frequency=2, monetary=2).fit(some).score(some)
    new = scores.renamed(["z", "a"])
    assert [str(new[one]) for one in ("z", "a")] == ["222", "111"]
    assert pickle.loads(pickle.dumps(scores)) == scores  # noqa: S301
    assert new != scores


def test_a_frame_of_polars_gives_scores_in_polars() -> None:
    from customer_identification import summarize  # noqa: PLC0415

    frame = pl.DataFrame({"customer_id": [1], "date": ["2011-01-01"], "amount": [5.0]})
    frame = frame.with_columns(pl.col("date").str.to_date())
    some = summarize(frame, as_of="2011-12-31")
    assert isinstance(RFMScorer().fit(some).score(some).to_frame(), pl.DataFrame)


# --- refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"recency": 1},
        {"frequency": 10},
        {"monetary": 2.5},
        {"monetary": True},
        {"recency": (5, 5)},
        {"recency": (9, 5)},
        {"recency": ()},
        {"frequency": tuple(range(9))},
        {"frequency": (1, float("nan"))},
        {"frequency": "12"},
        {"monetary": ("1", "2")},
        {"nested": 1},
    ],
)
def test_bins_that_cannot_be_are_refused(options: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        RFMScorer(**options)
    assert caught.value.code == "bad_option"


def test_money_in_other_units_is_refused() -> None:
    some = summary_of([1], [1], [1])
    rule = RFMRule(
        recency=(1,),
        frequency=((1,),),
        monetary=((1,),),
        n_bins=(2, 2, 2),
        minor_units=0,
    )
    with pytest.raises(InvalidInputError) as caught:
        rule.score(some)
    assert caught.value.code == "minor_units"


@pytest.mark.parametrize(
    "act", [RFMScorer().fit, RFMScorer().fit(summary_of([], [], [])).score]
)
def test_only_a_summary_is_scored(act: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        act([1, 2])
    assert caught.value.code == "bad_option"


# --- promises ----------------------------------------------------------------------------------


customers = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 6), st.integers(-5, 40)),
    min_size=1,
    max_size=25,
)
n_bins = st.integers(2, 9)


def scored(rows: Any, **options: Any) -> tuple[RFMRule, RFMScores]:
    some = summary_of(*zip(*rows, strict=True))
    rule = RFMScorer(**options).fit(some)
    return rule, rule.score(some)


def oracle(values: NDArray[Any], n: int) -> NDArray[Any]:
    """Count the quantiles below each value, by numpy's own inverted distribution."""
    places = np.arange(1, n) / n
    cut = np.quantile(values, places, method="inverted_cdf")
    return 1 + (np.asarray(values)[:, None] > cut).sum(axis=1)


@settings(max_examples=40, deadline=None)
@given(rows=customers, n=st.sampled_from([2, 4, 5, 8]))
def test_a_score_counts_the_quantiles_that_a_customer_exceeds(
    rows: Any, n: int
) -> None:
    _, scores = scored(rows, recency=n, frequency=n, monetary=n)
    recency, frequency, value = (np.array(one) for one in zip(*rows, strict=True))
    assert scores.recency.tolist() == (n + 1 - oracle(recency, n)).tolist()
    assert scores.frequency.tolist() == oracle(frequency, n).tolist()
    assert scores.monetary.tolist() == oracle(value, n).tolist()


@settings(max_examples=40, deadline=None)
@given(rows=customers, n=n_bins, nested=st.booleans())
def test_equal_customers_share_a_bin_and_the_effective_bins_are_those_that_occur(
    rows: Any, n: int, *, nested: bool
) -> None:
    rule, scores = scored(
        rows + rows, recency=n, frequency=n, monetary=n, nested=nested
    )
    found = digits(scores)
    assert found[: len(rows)] == found[len(rows) :]
    occur = [{one // 10**place % 10 for one in found} for place in (2, 1, 0)]
    assert rule.n_effective == tuple(map(len, occur))
    assert 0 not in set().union(*occur)


@settings(max_examples=30, deadline=None)
@given(rows=customers, nested=st.booleans(), data=st.data())
def test_the_order_of_customers_does_not_matter(
    rows: Any, data: Any, *, nested: bool
) -> None:
    order = data.draw(st.permutations(range(len(rows))))
    rule, scores = scored(rows, nested=nested)
    again, shuffled = scored([rows[at] for at in order], nested=nested)
    assert again == rule
    assert digits(shuffled) == [digits(scores)[at] for at in order]


@settings(max_examples=40, deadline=None)
@given(rows=customers, more=st.integers(1, 5))
def test_more_never_lowers_a_score(rows: Any, more: int) -> None:
    rule, scores = scored(rows)
    better = [(max(r - more, 0), f + more, v + more) for r, f, v in rows]
    after = rule.score(summary_of(*zip(*better, strict=True)))
    for name in RFM:
        assert (getattr(after, name) >= getattr(scores, name)).all()


# --- rules made by hand, or from JSON ---------------------------------------------------------

BY_HAND = {
    "recency": (5, 9),
    "frequency": ((1, 2),),
    "monetary": ((10, 20),),
    "n_bins": (3, 3, 3),
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"recency": (9, 5)},
        {"recency": (5,)},
        {"recency": (5, 6, 7)},
        {"recency": (5, float("nan"))},
        {"recency": (5, float("inf"))},
        {"recency": ("a", "b")},
        {"recency": "ab"},
        {"recency": 5},
        {"recency": None},
        {"frequency": ()},
        {"frequency": ((1, 2), (1, 2))},
        {"frequency": (1, 2)},
        {"frequency": None},
        {"monetary": ((20, 10),)},
        {"n_bins": (3, 3)},
        {"n_bins": (3, 3, 0)},
        {"n_bins": (3, 3, 10)},
        {"n_bins": (3, 3, 2)},
        {"n_bins": "abc"},
        {"n_bins": None},
        {"n_effective": (1, 2)},
        {"n_effective": (1, 2, -1)},
        {"minor_units": -1},
        {"minor_units": "x"},
        {"nested": True},
    ],
)
def test_rules_that_cannot_be_are_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        RFMRule(**{**BY_HAND, **wrong})
    assert caught.value.code == "bad_option"
    assert RFMRule(**BY_HAND).limits("recency") == (5, 9)


def test_rules_by_hand_may_be_lists_and_lack_what_nobody_taught() -> None:
    rule = RFMRule(recency=[5, 9], frequency=[[1, 2]], monetary=[[]], n_bins=[3, 3, 3])
    assert hash(rule) == hash(
        RFMRule(recency=(5, 9), frequency=((1, 2),), monetary=((),), n_bins=(3, 3, 3))
    )
    scores = rule.score(summary_of([1, 20], [1, 5], [50, 10]))
    assert digits(scores) == [320, 130]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recency", [9, 5]),
        ("recency", [5]),
        ("frequency", []),
        ("monetary", [[20, 10]]),
        ("n_bins", [3, 3, 1]),
        ("minor_units", -1),
        ("nested", True),
    ],
)
def test_rules_from_plain_data_are_checked(name: str, value: Any) -> None:
    data = json.loads(json.dumps(to_dict(RFMRule(**BY_HAND))))
    assert from_dict(data) == RFMRule(**BY_HAND)
    with pytest.raises(InvalidInputError):
        from_dict({**data, name: value})
