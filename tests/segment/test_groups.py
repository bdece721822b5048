"""Groups of similar customers: found again, described, and put to the test."""

import json
import pickle
import sys
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import datasets
from customer_identification import (
    EngineError,
    InvalidInputError,
    MissingColumnError,
    UnknownCustomerError,
    from_dict,
    summarize,
    to_dict,
)
from customer_identification.attributes import AttributeTable, attribute_table
from customer_identification.classify.groups.choice import choose_n_groups
from customer_identification.classify.groups.grouping import group_customers
from customer_identification.classify.groups.rule import GroupAxis, GroupRule
from customer_identification.classify.groups.stability import jaccard


sklearn = pytest.importorskip("sklearn")
from sklearn.cluster import (  # noqa: E402 - where it is installed
    DBSCAN,
    AgglomerativeClustering,
)
from sklearn.metrics import adjusted_rand_score, silhouette_score  # noqa: E402
from sklearn.mixture import GaussianMixture  # noqa: E402


DAY = date(2011, 7, 31)
SPEND = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]


def table_of(**columns: Any) -> AttributeTable:
    n = len(next(iter(columns.values())))
    return attribute_table(pd.DataFrame({"customer_id": range(n), **columns}))


def blobs(sizes: Any = (40, 25, 10), seed: int = 3) -> tuple[AttributeTable, Any]:
    """Draw clouds far apart, and say who belongs to which."""
    rng = np.random.Generator(np.random.PCG64(seed))
    own = np.repeat(np.arange(len(sizes)), sizes)
    x = 10 * own + rng.normal(size=own.size)
    y = 7 * (own == 1) + rng.normal(size=own.size)
    return table_of(x=x, y=y), own


def group(table: Any, n_groups: Any = 3, **keywords: Any) -> Any:
    return group_customers(table, n_groups, **{"as_of": DAY, "rng": 7, **keywords})


def refused(act: Any, *args: Any, **keywords: Any) -> str:
    with pytest.raises(InvalidInputError) as caught:
        act(*args, **keywords)
    return str(caught.value.code)


# --- groups ------------------------------------------------------------------------------


def test_clouds_far_apart_are_found_numbered_by_size_and_stable() -> None:
    table, own = blobs()
    groups = group(table)
    assert groups.classes.codes.tolist() == own.tolist()
    assert groups.counts() == {
        "group 1": 40,
        "group 2": 25,
        "group 3": 10,
        "unknown": 0,
    }
    assert groups.stability.adjusted_rand == 1.0
    assert groups.stability.jaccard == (1.0, 1.0, 1.0)
    assert groups.stability.n_resamples == 20


def test_noise_is_told_from_groups_by_its_stability() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    noise = table_of(x=rng.normal(size=150), y=rng.normal(size=150))
    groups = group(noise, 6, n_resamples=5)
    assert groups.stability.adjusted_rand < 0.7
    assert min(groups.stability.jaccard) < 0.75


def test_equal_seeds_give_equal_groups() -> None:
    table, _ = blobs()
    assert group(table) == group(table)
    dice = np.random.Generator(np.random.PCG64(7))
    assert group(table, rng=dice) == group(table)


def test_one_customer_who_differs_from_very_many_is_a_group() -> None:
    groups = group(table_of(x=[0.0] * 250 + [9.0]), 2, n_resamples=0)
    assert groups.counts() == {"group 1": 250, "group 2": 1, "unknown": 0}


def test_groups_of_one_size_are_numbered_by_their_centres() -> None:
    groups = group(table_of(x=[9.0, 9.1, 1.0, 1.1]), 2)
    assert groups.classes.codes.tolist() == [1, 1, 0, 0]


@settings(max_examples=15, deadline=None)
@given(data=st.data(), scale=st.sampled_from([1, 1000]), shift=st.integers(-9, 9))
def test_neither_the_order_of_rows_nor_the_scale_matters(
    data: Any, scale: float, shift: float
) -> None:
    table, own = blobs((12, 8, 5))
    frame = table.to_frame()
    order = data.draw(st.permutations(range(25)))
    other = attribute_table(frame.iloc[order].assign(x=scale * frame["x"] + shift))
    found = group(other, n_resamples=2)
    assert found.classes.codes.tolist() == own.tolist()
    assert np.allclose(found.centres, group(table, n_resamples=2).centres)


def test_whoever_lacks_an_attribute_is_unknown_and_moves_nobody() -> None:
    table, own = blobs()
    frame = table.to_frame()
    more = pd.DataFrame({"customer_id": [900, 901], "x": [np.nan, 5], "y": [0, np.nan]})
    groups = group(attribute_table(pd.concat([frame, more])))
    assert groups.classes.codes.tolist() == [*own.tolist(), 3, 3]
    assert np.array_equal(groups.centres, group(table).centres)
    assert str(groups[900]) == "unknown"
    assert groups[900].next_label is None


def test_words_count_as_much_as_numbers() -> None:
    table = table_of(
        order_by=["web", "web", "phone", "phone", None] * 4,
        age=[30.0, 31, 30, 31, 30] * 4,
    )
    groups = group(table.only(["order_by"]), 2)
    assert groups.counts() == {"group 1": 8, "group 2": 8, "unknown": 4}
    axis = groups.axes[0]
    assert axis.columns == ("order_by phone", "order_by web")
    points = axis.points(table.take(np.arange(20) % 5 != 4))
    assert points.var(axis=0).sum() == pytest.approx(1)


def test_attributes_that_all_share_are_left_out() -> None:
    groups = group(table_of(x=[1.0, 2, 9, 10], same=[5.0] * 4, word=["a"] * 4), 2)
    assert [one.name for one in groups.axes] == ["x"]


def test_where_most_are_alike_the_standard_deviation_is_the_spread() -> None:
    x = [0.0] * 9 + [10.0]
    groups = group(table_of(x=x), 2)
    assert groups.axes[0].spread == pytest.approx(np.std(x))
    assert groups.axes[0].middle == 0


def test_quartiles_of_a_normal_distribution_make_a_spread_of_one() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    groups = group(table_of(x=rng.normal(50, 4, 4000)), 2, n_resamples=0)
    assert groups.axes[0].spread == pytest.approx(4, rel=0.05)
    assert groups.stability is None
    assert str(groups).startswith("2 groups of 4,000 customers\n")


def test_logarithms_bring_large_amounts_closer() -> None:
    table = table_of(spend=[10.0, 12, 11, 1000, 1100, 900, 90_000])
    assert group(table, 2).counts()["group 2"] == 1
    near = group(table, 2, logarithms=["spend"])
    assert near.counts()["group 1"] == 4
    described = near.describe()
    centre = described.loc[described["group"] == "group 2", "centre"].item()
    assert centre == pytest.approx(np.expm1(np.log1p([10.0, 12, 11]).mean()))


# --- what they are like --------------------------------------------------------------------


def test_what_sets_a_group_apart_comes_first() -> None:
    table, own = blobs()
    groups = group(table)
    frame = groups.describe()
    assert list(frame.columns) == ["group", "attribute", "centre", "all", "difference"]
    x = table.columns["x"]
    told = frame[(frame["group"] == "group 1") & (frame["attribute"] == "x")].iloc[0]
    assert told["centre"] == pytest.approx(x[own == 0].mean())
    assert told["all"] == pytest.approx(x.mean())
    spread = groups.axes[0].spread
    apart = (x[own == 0].mean() - x.mean()) / spread
    assert told["difference"] == pytest.approx(apart)
    lines = str(groups).splitlines()
    assert lines[0].startswith("3 groups of 75 customers; adjusted Rand index 1.00")
    assert lines[1].startswith("- group 1 (40): x ")
    assert lines[4] == "- unknown (0)"


def test_a_customer_s_group_is_told_with_the_next_one() -> None:
    table, _ = blobs()
    groups = group(table)
    one = groups[0]
    far = np.linalg.norm(
        (
            np.array([table.row(0)["x"], table.row(0)["y"]])
            - [a.middle for a in groups.axes]
        )
        / [a.spread for a in groups.axes]
        - groups.centres,
        axis=1,
    )
    assert one.label == "group 1"
    assert one.distance == pytest.approx(far[0])
    assert (one.next_label, one.next_distance) == ("group 2", pytest.approx(far[1]))
    assert str(one).startswith("group 1: ")
    assert str(one).endswith(f"{far[1]:.2f} from that of group 2")
    with pytest.raises(UnknownCustomerError):
        groups[999]
    assert 999 not in groups
    assert 0 in groups


def test_one_group_has_no_next() -> None:
    groups = group(table_of(x=[1.0, 2, 3]), 1)
    assert str(groups[1]) == "group 1: 0.00 from its centre"


def test_groups_are_renamed_pickled_framed_and_say_nothing_of_anybody() -> None:
    table, _ = blobs((3, 2))
    groups = group(table, 2)
    assert repr(groups) == "CustomerGroups(5 customers, 2 groups)"
    assert pickle.loads(pickle.dumps(groups)) == groups  # noqa: S301
    new = groups.renamed(["e", "d", "c", "b", "a"])
    assert list(new) == ["a", "b", "c", "d", "e"]
    assert new["e"] == groups[0]
    assert new["a"] == groups[4]
    frame = groups.to_frame()
    assert frame["class"].astype(str).tolist() == ["group 1"] * 3 + ["group 2"] * 2
    assert frame["distance"].tolist() == [groups[one].distance for one in groups]
    polars = attribute_table(pl.DataFrame(table.to_frame()))
    assert isinstance(group(polars, 2).to_frame(), pl.DataFrame)
    assert groups.customer_ids.tolist() == [0, 1, 2, 3, 4]
    unknown = group(table_of(x=[1.0, None, 2, 3]), 2)
    assert np.isnan(unknown.to_frame()["distance"][1])
    assert pickle.loads(pickle.dumps(unknown[1])) == unknown[1]  # noqa: S301


# --- the rule --------------------------------------------------------------------------------


def test_the_rule_puts_later_customers_into_the_nearest_group() -> None:
    table, own = blobs()
    rule = group(table).rule
    assert rule.classify(table, as_of=DAY).codes.tolist() == own.tolist()
    later = table_of(x=[0.5, 19, None, 10], y=[0.0, 0, 0, 6])
    found = rule.classify(later, as_of="2011-08-31")
    assert [found.label_of(one) for one in found] == [
        "group 1",
        "group 3",
        "unknown",
        "group 2",
    ]
    assert found.as_of == date(2011, 8, 31)


def test_the_rule_survives_json() -> None:
    table = table_of(x=[1.0, 2, 9, 8], word=["a", "a", "b", "b"])
    rule = group(table, 2, logarithms=("x",)).rule
    text = json.dumps(to_dict(rule), allow_nan=False)
    again = from_dict(json.loads(text), types=(GroupRule, GroupAxis))
    assert again == rule
    assert hash(again) == hash(rule)
    assert again.classify(table, as_of=DAY) == rule.classify(table, as_of=DAY)


def test_a_word_never_seen_before_is_unknown() -> None:
    rule = group(table_of(word=["a"] * 6 + ["b"] * 5), 2).rule
    assert rule.axes[0].words == ("a", "b")
    found = rule.classify(table_of(word=["b", "c", None, "a"]), as_of=DAY)
    assert [found.label_of(one) for one in found] == [
        "group 2",
        "unknown",
        "unknown",
        "group 1",
    ]


def test_words_of_few_customers_are_not_named_and_count_as_one() -> None:
    names = ["shop"] * 6 + ["SECRET-anna", "SECRET-ben", "SECRET-eva"]
    groups = group(table_of(word=names), 2)
    (axis,) = groups.rule.axes
    assert (axis.words, axis.others) == (("shop",), True)
    assert axis.columns == ("word shop", "word any other")
    assert groups.counts()["group 2"] == 3
    assert "SECRET" not in f"{groups} {groups.rule!r} {groups.describe()}"
    later = groups.rule.classify(table_of(word=["SECRET-tom", "shop"]), as_of=DAY)
    assert [later.label_of(one) for one in later] == ["group 2", "group 1"]


def test_other_attributes_than_those_learnt_are_refused() -> None:
    rule = group(table_of(x=[1.0, 2, 9, 8]), 2).rule
    with pytest.raises(MissingColumnError):
        rule.classify(table_of(y=[1.0]), as_of=DAY)
    assert refused(rule.classify, table_of(x=["a"]), as_of=DAY) == "wrong_type"
    assert refused(rule.classify, [1], as_of=DAY) == "bad_option"
    words = group(table_of(x=["a"] * 5 + ["b"] * 5), 2).rule
    assert refused(words.classify, table_of(x=[1.0]), as_of=DAY) == "wrong_type"


# --- other clusterers ----------------------------------------------------------------------------


def test_any_clusterer_of_scikit_learn_drops_in() -> None:
    table, own = blobs()
    for clusterer in (AgglomerativeClustering(3), GaussianMixture(3, random_state=0)):
        before = vars(clusterer).copy()
        groups = group(table, None, clusterer=clusterer, n_resamples=5)
        assert groups.classes.codes.tolist() == own.tolist()
        assert groups.rule is None
        assert groups.stability.adjusted_rand > 0.98
        assert vars(clusterer) == before  # it is left as it was


def test_whom_a_clusterer_calls_noise_is_ungrouped() -> None:
    table = table_of(x=[0.0, 0.1, 0.2, 5, 5.1, 99, None])
    groups = group(table, None, clusterer=DBSCAN(eps=0.2, min_samples=2))
    assert groups.counts() == {
        "group 1": 3,
        "group 2": 2,
        "ungrouped": 1,
        "unknown": 1,
    }
    assert str(groups[5]) == "ungrouped"
    assert "- ungrouped (1)" in str(groups)


# --- stability -------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), max_size=15))
def test_jaccard_is_that_of_sets(pairs: Any) -> None:
    one = [a for a, _ in pairs]
    other = [b for _, b in pairs]
    sets = [{i for i, b in enumerate(other) if b == g} for g in range(3)]
    for g, found in enumerate(jaccard(one, other, 3)):
        mine = {i for i, a in enumerate(one) if a == g}
        shares = [len(mine & them) / len(mine | them) for them in sets if mine | them]
        assert np.isnan(found) if not mine else found == pytest.approx(max(shares))


def test_resamples_with_too_few_different_customers_are_not_counted() -> None:
    groups = group(table_of(x=[1.0, 2, 3]), 3, n_resamples=40)
    assert 0 < groups.stability.n_resamples < 40
    lone = group(table_of(x=[float(n) for n in range(9)]), 9, n_resamples=1)
    assert lone.stability.n_resamples == 0
    assert np.isnan(lone.stability.adjusted_rand)
    assert "in 0 resamples" in str(lone)


# --- how many ---------------------------------------------------------------------------------


def test_the_number_of_clouds_is_suggested() -> None:
    table, own = blobs()
    choice = choose_n_groups(table, (2, 3, 4, 5), rng=7, n_resamples=10)
    assert choice.suggested == 3
    frame = choice.to_frame()
    assert frame["n_groups"].tolist() == [2, 3, 4, 5]
    groups = group(table)
    points = np.hstack([axis.points(table) for axis in groups.axes])
    assert choice.silhouette[1] == pytest.approx(silhouette_score(points, own))
    assert choice.adjusted_rand[1] == choice.lowest_jaccard[1] == 1.0


def test_no_number_is_suggested_where_none_comes_out_again() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    noise = table_of(
        x=rng.normal(size=60), y=rng.normal(size=60), z=rng.normal(size=60)
    )
    choice = choose_n_groups(noise, (7, 8), rng=7, n_resamples=5)
    assert choice.suggested is None


def test_of_very_many_only_some_are_compared() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    many = table_of(x=np.repeat([0.0, 9.0], 3000) + rng.normal(size=6000))
    choice = choose_n_groups(many, (2,), rng=7, n_resamples=1)
    assert choice.suggested == 2
    assert choice.silhouette[0] > 0.7


# --- refused ------------------------------------------------------------------------------------


class Odd:
    """A clusterer that gives what it is told to give."""

    def __init__(self, gives: Any) -> None:
        self.gives = gives

    def fit_predict(self, _: Any) -> Any:
        return self.gives


SOME = {"x": [1.0, 2, 3, 4]}


@pytest.mark.parametrize(
    ("columns", "n_groups", "keywords", "code"),
    [
        (SOME, None, {}, "bad_option"),
        (SOME, 2, {"clusterer": DBSCAN()}, "bad_option"),
        (SOME, 0, {}, "bad_option"),
        (SOME, 101, {}, "bad_option"),
        (SOME, 2.0, {}, "bad_option"),
        (SOME, 2, {"n_resamples": -1}, "bad_option"),
        (SOME, 2, {"rng": "dice"}, "bad_rng"),
        (SOME, 2, {"rng": -1}, "bad_rng"),
        (SOME, 2, {"as_of": "soon"}, "not_a_day"),
        (SOME, 5, {}, "too_few"),
        ({"x": [1.0, 1, 2, 2]}, 3, {}, "too_few"),
        ({"x": [1.0, 1]}, 1, {}, "all_alike"),
        ({"x": [1.0, None], "y": [None, 1.0]}, 1, {}, "all_alike"),
        (SOME, 2, {"logarithms": "x"}, "bad_option"),
        (SOME, 2, {"logarithms": [1]}, "bad_option"),
        ({"x": [-1.0, 2]}, 2, {"logarithms": ["x"]}, "out_of_range"),
        ({"x": ["a", "b"]}, 2, {"logarithms": ["x"]}, "wrong_type"),
        (SOME, None, {"clusterer": 5}, "not_a_clusterer"),
        (SOME, None, {"clusterer": DBSCAN}, "not_a_clusterer"),
        (SOME, None, {"clusterer": Odd([0, 1])}, "not_a_clusterer"),
        (SOME, None, {"clusterer": Odd([0.5, 1, 1, 1])}, "not_a_clusterer"),
        (SOME, None, {"clusterer": Odd([-1, -1, -1, -1])}, "no_groups"),
        ({"x": range(101)}, None, {"clusterer": Odd(range(101))}, "too_many_groups"),
    ],
)
def test_what_cannot_be_grouped_is_refused(
    columns: Any, n_groups: Any, keywords: Any, code: str
) -> None:
    assert refused(group, table_of(**columns), n_groups, **keywords) == code


def test_a_number_below_zero_is_pointed_at() -> None:
    with pytest.raises(InvalidInputError) as caught:
        group(table_of(x=[1.0, 2, -3, 4]), 2, logarithms=["x"])
    assert caught.value.column == "x"
    assert list(caught.value.positions) == [2]
    with pytest.raises(MissingColumnError):
        group(table_of(**SOME), 2, logarithms=["y"])
    assert refused(group, [1, 2], 2) == "bad_option"


@pytest.mark.parametrize(
    ("candidates", "keywords", "code"),
    [
        ((), {}, "bad_option"),
        ((1, 2), {}, "bad_option"),
        ((2,), {"n_resamples": 0}, "bad_option"),
        ((5,), {}, "too_few"),
        ((4,), {}, "too_few"),  # nobody would have a neighbour
    ],
)
def test_candidates_that_cannot_be_tried_are_refused(
    candidates: Any, keywords: Any, code: str
) -> None:
    table = table_of(**SOME)
    assert refused(choose_n_groups, table, candidates, rng=1, **keywords) == code


def test_without_scikit_learn_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(
        EngineError, match=r"customer-identification\[groups\]"
    ) as caught:
        group(table_of(**SOME), 2)
    assert caught.value.code == "engine_missing"


# --- real ----------------------------------------------------------------------------------------


def wholesale() -> tuple[AttributeTable, pd.DataFrame]:
    frame = datasets.wholesale_customers().frame
    table = attribute_table(
        frame,
        customer_id="client",
        attributes=[*SPEND, "Channel", "Region"],
        groups={"value": SPEND, "social": ["Channel", "Region"]},
    )
    return table, frame


def test_two_groups_of_wholesale_clients_by_spend_are_hotels_and_shops() -> None:
    """Channel (1 hotels, restaurants, cafés; 2 shops) is not among the attributes."""
    table, frame = wholesale()
    groups = group(table.of("value"), 2, logarithms=SPEND)
    assert sum(groups.counts().values()) == 440
    alike = adjusted_rand_score(frame["Channel"], groups.classes.codes)
    assert alike > 0.5
    assert groups.stability.adjusted_rand > 0.8
    assert min(groups.stability.jaccard) > 0.85
    frame = groups.describe()
    shops = frame[(frame["group"] == "group 2")].set_index("attribute")["difference"]
    assert set(shops.nlargest(3).index) == {"Milk", "Grocery", "Detergents_Paper"}
    assert groups.rule.classify(table, as_of=DAY) == groups.classes


def test_centres_of_wholesale_groups_are_means_counted_by_pandas() -> None:
    table, frame = wholesale()
    groups = group(table.of("value"), 4, n_resamples=0)
    means = frame[SPEND].groupby(groups.classes.codes).mean()
    described = groups.describe()
    found = described["centre"].to_numpy().reshape(4, len(SPEND))
    assert np.allclose(found, means.to_numpy())
    sizes = np.bincount(groups.classes.codes)
    assert (np.diff(sizes) <= 0).all()


def test_a_summary_s_behaviour_makes_groups_too() -> None:
    data = datasets.superstore_sales()
    summary = summarize(data.frame, **data.call)
    table = attribute_table(summary).of("behavioural")
    columns = ["purchases", "recency", "discount_share", "categories"]
    groups = group(table.only(columns), 3, n_resamples=2)
    assert sum(groups.counts().values()) == len(summary)
    assert list(groups) == list(summary.customer_ids)


# --- rules made by hand, or from JSON ---------------------------------------------------------

AXIS = GroupAxis(name="x", middle=0.0, spread=1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"middle": np.nan},
        {"middle": "a"},
        {"middle": None},
        {"spread": np.nan},
        {"spread": -1},
        {"spread": "1"},
        {"name": " "},
        {"name": 7},
        {"words": "ab"},
        {"words": (1,)},
        {"words": None},
    ],
)
def test_axes_that_cannot_be_are_refused(wrong: Any) -> None:
    given_ = {"name": "x", "middle": 0.0, "spread": 1.0, **wrong}
    assert refused(GroupAxis, **given_) == "bad_option"


@pytest.mark.parametrize(
    "wrong",
    [
        {"axes": ()},
        {"axes": None},
        {"axes": ("x",)},
        {"axes": (AXIS, AXIS), "centres": ((1, 2),)},
        {"axes": (GroupAxis(name="x", middle=0.0, spread=0.0),)},
        {"centres": ()},
        {"centres": None},
        {"centres": (1.0, 2.0)},
        {"centres": ((1.0, 2.0),)},
        {"centres": ((),)},
        {"centres": ((np.nan,), (1.0,))},
        {"centres": (("a",),)},
        {"centres": ((1.0,),) * 101},
    ],
)
def test_group_rules_that_cannot_be_are_refused(wrong: Any) -> None:
    given_ = {"axes": (AXIS,), "centres": ((1.0,),), **wrong}
    assert refused(GroupRule, **given_) == "bad_option"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("centres",), [[1.0, 2.0]]),
        (("centres",), []),
        (("centres", 0, 0), None),
        (("axes",), []),
        (("axes", 0, "spread"), 0.0),
        (("axes", 0, "spread"), -1.0),
        (("axes", 0, "name"), ""),
        (("axes", 0, "words"), ["a", "b"]),
    ],
)
def test_group_rules_from_plain_data_are_checked(where: Any, value: Any) -> None:
    data = json.loads(json.dumps(to_dict(GroupRule(axes=(AXIS,), centres=((1.0,),)))))
    inner = data
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    with pytest.raises(InvalidInputError):
        from_dict(data)


def test_a_rule_by_hand_gives_the_nearest_centre() -> None:
    rule = GroupRule(axes=[AXIS], centres=[[0], [10], [10]])
    found = rule.classify(table_of(x=[4.9, 5.1, 5.0, np.nan, -1e9]), as_of=DAY)
    assert [found.label_of(one) for one in found] == [
        "group 1",
        "group 2",
        "group 1",
        "unknown",
        "group 1",
    ]
    assert hash(rule) == hash(GroupRule(axes=(AXIS,), centres=((0.0,), (10,), (10,))))


# --- advice, and what is left out ----------------------------------------------------------------


def test_a_verdict_of_groups_gives_distances_and_no_changes() -> None:
    table, _ = blobs((6, 4, 2))
    groups = group(table)
    for classes in (groups.classes, groups.rule.classify(table, as_of=DAY)):
        for at, one in enumerate(classes):
            verdict = classes[one]
            assert verdict.changes == ()
            own, other = sorted(groups.distances[at])[:2]
            assert [reason.value for reason in verdict.reasons] == pytest.approx(
                [own, other]
            )
            assert f"{own:.2f} from its centre" in str(verdict)
            assert groups[one].next_label in str(verdict)
    lone = group(table_of(x=[1.0, 2, 3]), 1)
    assert len(lone.classes[1].reasons) == 1
    unknown = group(table_of(x=[1.0, None, 2, 3]), 2)
    assert unknown.classes[1].reasons == ()


def test_advice_follows_new_ids() -> None:
    table, _ = blobs((3, 2))
    groups = group(table, 2)
    new = ["e", "d", "c", "b", "a"]
    for classes in (groups.classes, groups.rule.classify(table, as_of=DAY)):
        again = classes.renamed(new)
        for one, name in zip(classes, new, strict=True):
            assert again[name] == classes[one]
    assert groups.renamed(new).advice == groups.classes.renamed(new).advice


def test_attributes_known_of_nobody_are_left_out_and_told() -> None:
    table, own = blobs()
    more = table.to_frame().assign(void=np.nan, blank=None, half=1.0)
    more.loc[0, "half"] = np.nan
    groups = group(attribute_table(more))
    assert groups.left_out == ("void", "blank")
    assert str(groups).splitlines()[-1] == "- known of nobody: void, blank"
    # What is the same for all takes nobody out, and all are grouped as before.
    assert groups.classes.codes.tolist() == own.tolist()
    assert groups.rule.classify(attribute_table(more), as_of=DAY) == groups.classes
    assert group(table).left_out == ()
    logs = group(
        attribute_table(more.assign(x=more["x"].abs())), logarithms=["void", "x"]
    )
    assert [axis.logarithm for axis in logs.axes] == [True, False]
    nobody = table_of(void=[None, None])
    assert refused(group, nobody, 1) == "all_alike"


def test_a_summary_without_discounts_is_grouped_at_the_first_call() -> None:
    from customer_identification import Transaction  # noqa: PLC0415

    summary = summarize(
        [
            Transaction(
                customer_id=one, date=date(2011, 1 + one % 7, 1 + one), amount=one
            )
            for one in range(1, 20)
        ],
        as_of=DAY,
    )
    groups = group(attribute_table(summary), 2)
    assert "discount_share" in groups.left_out


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])
def test_one_party_alone_gets_the_group_it_has_among_all(make: Any) -> None:
    own = {"x": [1.0, 2, 1, 2, 9, 8, 9, 8, 9, None], "w": [*"aaaaabbbbb"]}
    more = {"x": [1.0, None, 9, 9], "w": [None, "a", "strange", "b"]}
    rule = group(attribute_table(make({"customer_id": range(10), **own})), 2).rule
    rows = {name: [*own[name], *more[name]] for name in own}
    ids = list(range(14))
    among = rule.classify(
        attribute_table(make({"customer_id": ids, **rows})), as_of=DAY
    )
    for at in ids:
        one = {"customer_id": [at], **{name: [x[at]] for name, x in rows.items()}}
        alone = rule.classify(attribute_table(make(one)), as_of=DAY)
        assert alone.label_of(at) == among.label_of(at)
        assert alone[at] == among[at]
    empty = make({"customer_id": [], "x": [], "w": []})
    assert len(rule.classify(attribute_table(empty), as_of=DAY)) == 0


def test_advice_by_hand_can_be_put_in_another_order_and_changes_nothing() -> None:
    table, _ = blobs((3, 2))
    advice = group(table, 2).advice
    order = np.array([4, 3, 2, 1, 0])
    turned = advice.renamed(order, np.arange(5))
    for at, other in enumerate(order.tolist()):
        assert turned.reasons(at) == advice.reasons(other)
        assert turned.membership(at) == advice.membership(other)
        assert turned.changes(at) == ()
    assert turned.renamed(order, np.arange(5)) == advice
