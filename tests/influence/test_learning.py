"""Strengths learnt from a log, against hand-worked tables and a count in plain dicts."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.errors import InvalidInputError, MissingColumnError
from customer_identification.influence import learning
from customer_identification.influence.learning import (
    MODELS,
    learn_strength,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from datasets import _read


DAY_0 = date(2011, 1, 1)


def log_of(rows, columns=("party_id", "action", "date")):
    """Give rows of (party, action, days after 1 January 2011) as a frame."""
    parties, actions, days = zip(*rows, strict=True) if rows else ((), (), ())
    dates = [DAY_0 + timedelta(days=day) for day in days]
    return pl.DataFrame(
        dict(zip(columns, (parties, actions, dates), strict=True)),
        schema_overrides={columns[2]: pl.Date},
    )


def strengths(network):
    """Give the strength of every tie by its two ids."""
    return {
        (one, other): data["strength"]
        for one, other, data in network.to_networkx().edges(data=True)
    }


# Who did what, and how many days after 1 January 2011:
#
#        loan  card  fund  home
# ann       0     5     9     -
# bob       4     2     9     -
# eve       6     -    12     3
#
# ann is followed by bob in loan, and by eve in loan and fund; bob by ann in card, and
# by eve in loan and fund. Both of a pair did: ann and bob three, ann and eve two
# (together four), bob and eve two (together four).
LOG = [
    ("ann", "loan", 0),
    ("ann", "card", 5),
    ("ann", "fund", 9),
    ("bob", "loan", 4),
    ("bob", "card", 2),
    ("bob", "fund", 9),
    ("eve", "loan", 6),
    ("eve", "fund", 12),
    ("eve", "home", 3),
]
TIES = nx.DiGraph(
    [("ann", "bob"), ("bob", "ann"), ("ann", "eve"), ("bob", "eve"), ("eve", "ann")]
)
BY_HAND = {
    "bernoulli": {
        ("ann", "bob"): 1 / 3,
        ("bob", "ann"): 1 / 3,
        ("ann", "eve"): 2 / 3,
        ("bob", "eve"): 2 / 3,
        ("eve", "ann"): 0,
    },
    "jaccard": {
        ("ann", "bob"): 1 / 3,
        ("bob", "ann"): 1 / 3,
        ("ann", "eve"): 2 / 4,
        ("bob", "eve"): 2 / 4,
        ("eve", "ann"): 0,
    },
    # eve follows both ann and bob, in loan and in fund: half an action each.
    "bernoulli_credit": {
        ("ann", "bob"): 1 / 3,
        ("bob", "ann"): 1 / 3,
        ("ann", "eve"): (1 / 2 + 1 / 2) / 3,
        ("bob", "eve"): (1 / 2 + 1 / 2) / 3,
        ("eve", "ann"): 0,
    },
    "jaccard_credit": {
        ("ann", "bob"): 1 / 3,
        ("bob", "ann"): 1 / 3,
        ("ann", "eve"): (1 / 2 + 1 / 2) / 4,
        ("bob", "eve"): (1 / 2 + 1 / 2) / 4,
        ("eve", "ann"): 0,
    },
}


@pytest.mark.parametrize("model", MODELS)
def test_a_small_table_is_learnt_as_by_hand(model):
    learnt = learn_strength(TIES, log_of(LOG), model=model)
    assert strengths(learnt) == pytest.approx(BY_HAND[model])


def test_only_those_within_the_window_are_followed():
    learnt = learn_strength(TIES, log_of(LOG), window=3)
    # Of ann's only fund, 3 days before eve's; of bob's loan and fund; bob's card 3
    # days before ann's still counts, ann's loan 4 days before bob's does not.
    assert strengths(learnt) == pytest.approx(
        {
            ("ann", "bob"): 0,
            ("bob", "ann"): 1 / 3,
            ("ann", "eve"): 1 / 3,
            ("bob", "eve"): 2 / 3,
            ("eve", "ann"): 0,
        }
    )


def test_credit_is_shared_only_among_those_within_the_window():
    learnt = learn_strength(TIES, log_of(LOG), window=3, model="bernoulli_credit")
    assert learnt.strength("bob", "eve") == pytest.approx((1 + 1 / 2) / 3)
    assert learnt.strength("ann", "eve") == pytest.approx(1 / 2 / 3)


def test_what_both_did_on_one_day_was_not_followed():
    same_day = log_of([("a", "loan", 1), ("b", "loan", 1)])
    assert learn_strength(nx.Graph([("a", "b")]), same_day).out.strength.sum() == 0


def test_the_first_day_of_a_repeated_action_counts():
    log = log_of([("a", "loan", 5), ("b", "loan", 3), ("a", "loan", 1), ("a", "x", 2)])
    learnt = learn_strength(nx.Graph([("a", "b")]), log)
    assert strengths(learnt) == {("a", "b"): 1 / 2, ("b", "a"): 0}


def test_a_party_that_did_nothing_has_no_strength():
    log = log_of([("b", "loan", 3)])
    for model in MODELS:
        learnt = learn_strength(nx.Graph([("a", "b"), ("a", "c")]), log, model=model)
        assert not learnt.out.strength.any()


def test_parties_that_only_the_log_names_are_left_out():
    more = [*LOG, ("tim", "loan", -5), ("tim", "card", -5)]
    assert learn_strength(TIES, log_of(more)) == learn_strength(TIES, log_of(LOG))


def test_those_without_a_tie_take_no_credit():
    graph = nx.DiGraph([("ann", "eve")])
    graph.add_node("bob")
    learnt = learn_strength(graph, log_of(LOG), model="bernoulli_credit")
    assert learnt.strength("ann", "eve") == pytest.approx(2 / 3)


def test_the_strengths_given_do_not_matter():
    network = InfluenceNetwork.from_edges(["ann", "ann"], ["bob", "eve"], [0.1, 0.9])
    again = learn_strength(network.with_strength([1, 0]), log_of(LOG))
    assert again == learn_strength(network, log_of(LOG))
    assert again.out.strength.tolist() == pytest.approx([1 / 3, 2 / 3])


# --- against a count in plain dicts ---------------------------------------------------


def oracle(ties, rows, window, model):
    """Count by the equations, tie by tie and action by action, in exact fractions."""
    first = {}
    for party, action, day in rows:
        first[party, action] = min(day, first.get((party, action), day))
    done = {p: {a for q, a in first if q == p} for pair in ties for p in pair}

    def leads(v, u, a):
        lag = first[u, a] - first[v, a] if {(v, a), (u, a)} <= first.keys() else 0
        return lag > 0 and (window is None or lag <= window)

    learnt = {}
    for v, u in ties:
        hits = Fraction(0)
        for action in done[v]:
            if leads(v, u, action):
                rivals = sum(leads(w, x, action) for w, x in ties if x == u)
                hits += Fraction(1, rivals) if model.endswith("_credit") else 1
        tried = done[v] | done[u] if model.startswith("jaccard") else done[v]
        learnt[v, u] = float(hits / len(tried)) if tried else 0.0
    return learnt


_PAIRS = st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda p: p[0] != p[1])
_ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from("xyz"), st.integers(0, 6)),
    max_size=40,
)


@given(
    ties=st.sets(_PAIRS, max_size=15),
    rows=_ROWS,
    window=st.none() | st.integers(1, 7),
    model=st.sampled_from(MODELS),
)
def test_strengths_are_those_of_a_plain_count(ties, rows, window, model):
    learnt = learn_strength(nx.DiGraph(ties), log_of(rows), window=window, model=model)
    assert strengths(learnt) == pytest.approx(oracle(ties, rows, window, model))
    assert ((learnt.out.strength >= 0) & (learnt.out.strength <= 1)).all()


@settings(max_examples=40)
@given(ties=st.sets(_PAIRS, min_size=1), rows=_ROWS, data=st.data())
def test_the_order_of_rows_and_edges_changes_no_digit(ties, rows, data):
    mixed = data.draw(st.permutations(rows))
    edges = data.draw(st.permutations(sorted(ties)))
    for model in MODELS:
        assert learn_strength(
            nx.DiGraph(sorted(ties)), log_of(rows), model=model
        ) == learn_strength(nx.DiGraph(edges), log_of(mixed), model=model)


@settings(max_examples=40)
@given(ties=st.sets(_PAIRS, min_size=1), rows=_ROWS)
def test_other_names_of_actions_change_no_digit(ties, rows):
    other = {"x": 3, "y": 1, "z": 2}
    renamed = [(party, other[action], day) for party, action, day in rows]
    for model in MODELS:
        assert learn_strength(
            nx.DiGraph(ties), log_of(rows), model=model
        ) == learn_strength(nx.DiGraph(ties), log_of(renamed), model=model)


def test_unequal_credits_add_up_alike_in_any_order_of_actions():
    # Party 0 leads 99 in thirty actions, in the nth of them together with n - 1 others;
    # 1 + 1/2 + ... + 1/30 differs in the last digit from the sum the other way round.
    graph = nx.DiGraph([(one, 99) for one in range(30)])
    sums = set()
    for names in (range(30), range(29, -1, -1)):
        rows = [
            row
            for n, name in enumerate(names)
            for row in [(99, name, 2), *((one, name, 1) for one in range(n + 1))]
        ]
        learnt = learn_strength(graph, log_of(rows), model="bernoulli_credit")
        sums.add(learnt.strength(0, 99))
    harmonic = sum(Fraction(1, n) for n in range(1, 31))
    assert len(sums) == 1
    assert sums.pop() == pytest.approx(float(harmonic / 30))


def test_small_blocks_give_what_one_large_block_gives(monkeypatch):
    rng = np.random.Generator(np.random.PCG64(5))
    network = InfluenceNetwork.from_edges(
        rng.integers(0, 30, 200), rng.integers(0, 30, 200), 0.5
    )
    rows = zip(
        rng.integers(0, 30, 400).tolist(),
        rng.integers(0, 25, 400).tolist(),
        rng.integers(0, 90, 400).tolist(),
        strict=True,
    )
    log = log_of(list(rows))
    whole = [learn_strength(network, log, model=model) for model in MODELS]
    monkeypatch.setattr(learning, "_AT_ONCE", 3)  # less than one party's actions
    assert [learn_strength(network, log, model=model) for model in MODELS] == whole
    assert whole[-1].out.strength.any()


# --- what may come in -----------------------------------------------------------------


@pytest.mark.parametrize("make", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("model", MODELS)
def test_every_kind_of_frame_is_read_alike(make, model):
    log = log_of(LOG)
    given_as = {
        "pandas": log.to_pandas(),
        "polars": log,
        "pyarrow": pa.table(log.to_arrow()),
    }
    learnt = learn_strength(TIES, given_as[make], model=model)
    assert strengths(learnt) == pytest.approx(BY_HAND[model])


def test_ids_may_be_whole_numbers_and_columns_have_other_names():
    number = {"ann": 30, "bob": 4, "eve": 100}
    rows = [(number[who], what, day) for who, what, day in LOG]
    learnt = learn_strength(
        nx.relabel_nodes(TIES, number),
        log_of(rows, ("customer", "product", "bought")),
        columns={"party_id": "customer", "action": "product", "date": "bought"},
    )
    assert learnt.ids.tolist() == [4, 30, 100]
    assert learnt.strength(30, 100) == pytest.approx(2 / 3)


def test_without_an_action_all_rows_speak_of_one():
    log = log_of([("a", "?", 2), ("b", "?", 5)]).drop("action")
    learnt = learn_strength(nx.Graph([("a", "b")]), log, columns={"action": None})
    assert strengths(learnt) == {("a", "b"): 1, ("b", "a"): 0}


def test_the_zone_says_which_day_a_stamp_is():
    # 23:30 and 0:30 by the clock of UTC are one day in New York and two in UTC.
    log = pd.DataFrame(
        {
            "party_id": ["a", "b"],
            "action": ["loan", "loan"],
            "date": [
                datetime(2011, 1, 1, 23, 30, tzinfo=UTC),
                datetime(2011, 1, 2, 0, 30, tzinfo=UTC),
            ],
        }
    )
    graph = nx.DiGraph([("a", "b")])
    assert learn_strength(graph, log, tz="UTC").strength("a", "b") == 1
    assert learn_strength(graph, log, tz="America/New_York").strength("a", "b") == 0
    with pytest.raises(InvalidInputError, match="tz="):
        learn_strength(graph, log)


@pytest.mark.parametrize("model", MODELS)
def test_nothing_done_and_nobody_tied_give_no_strength(model):
    empty = pd.DataFrame({"party_id": [], "action": [], "date": []})
    for log in (empty, log_of([])):
        assert not learn_strength(TIES, log, model=model).out.strength.any()
    nobody = learn_strength(nx.DiGraph(), log_of(LOG), model=model)
    assert (len(nobody), nobody.n_ties) == (0, 0)
    alone = nx.DiGraph()
    alone.add_node("ann")
    assert learn_strength(alone, log_of(LOG), model=model).n_ties == 0


@pytest.mark.parametrize("name", ["party_id", "action", "date"])
def test_rows_with_a_null_are_refused_by_number(name):
    is_null = pl.int_range(pl.len()).is_in([3, 7])
    log = log_of(LOG).with_columns(pl.when(~is_null).then(pl.col(name)).alias(name))
    with pytest.raises(InvalidInputError, match=f"{name}; 2 of 9 .* row 3") as caught:
        learn_strength(TIES, log)
    assert (caught.value.column, caught.value.positions) == (name, (3, 7))
    assert caught.value.code == "missing_value"


@pytest.mark.parametrize("name", ["party_id", "action", "date"])
def test_every_column_must_be_there(name):
    with pytest.raises(MissingColumnError) as caught:
        learn_strength(TIES, log_of(LOG).drop(name))
    assert caught.value.column == name


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "dynamic"}, "unknown_model"),
        ({"model": None}, "unknown_model"),
        ({"window": 0}, "bad_option"),
        ({"window": 2.5}, "bad_option"),
        ({"window": True}, "bad_option"),
        ({"columns": {"date": None}}, "missing_column"),
        ({"columns": {"party_id": None}}, "missing_column"),
        ({"columns": {"who": "party_id"}}, "unknown_column"),
        ({"columns": "party_id"}, "bad_option"),
        ({"tz": "Nowhere"}, "unknown_time_zone"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, code):
    with pytest.raises(InvalidInputError) as caught:
        learn_strength(TIES, log_of(LOG), **options)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("network", "log", "code"),
    [
        (TIES, LOG, "not_a_table"),
        (TIES, None, "not_a_table"),
        (TIES, log_of(LOG).lazy(), "lazy_frame"),
        (TIES, log_of([(1, "loan", 3)]), "not_an_id"),
        (TIES, log_of(LOG).with_columns(date=pl.lit("2011-01-01")), "wrong_type"),
        ({"ann": "bob"}, log_of(LOG), "not_a_network"),
        (nx.MultiGraph([("a", "b")]), log_of(LOG), "multigraph"),
    ],
)
def test_data_of_other_kinds_are_refused(network, log, code):
    with pytest.raises(InvalidInputError) as caught:
        learn_strength(network, log)
    assert caught.value.code == code


# --- real data ------------------------------------------------------------------------


def medical_innovation():
    """Doctors, whom they name as advisers, friends or partners, and their month."""
    frame = _read("graphs/diffusion_medInnovations.parquet")
    doctors = frame.assign(doctor=frame["city"] * 1000 + frame["id"])
    named = doctors.melt(
        id_vars=["doctor", "city"],
        value_vars=[f"net{kind}_{nth}" for kind in (1, 2, 3) for nth in (1, 2, 3)],
        value_name="other",
    ).dropna()
    named["other"] += named["city"] * 1000
    inside = named[
        named["other"].isin(doctors["doctor"]) & (named["other"] != named["doctor"])
    ]
    network = InfluenceNetwork.from_edges(
        inside["other"].to_numpy(), inside["doctor"].to_numpy(), 1.0
    )
    did = doctors[doctors["toa"] <= 17]  # 18: not within the 17 months of the study
    month = did["toa"].to_numpy().astype("M8[M]").astype("M8[s]")
    return network, pd.DataFrame({"doctor": did["doctor"], "month": month})


@pytest.mark.parametrize("model", MODELS)
def test_doctors_are_led_by_colleagues_as_a_plain_count_says(model):
    network, log = medical_innovation()
    learnt = learn_strength(
        network,
        log,
        columns={"party_id": "doctor", "action": None, "date": "month"},
        model=model,
    )
    days = (log["month"] - log["month"].min()).dt.days
    rows = [
        (int(who), "tetracycline", day)
        for who, day in zip(log["doctor"], days, strict=True)
    ]
    expected = oracle(list(strengths(network)), rows, None, model)
    assert strengths(learnt) == pytest.approx(expected)
    assert 0 < learnt.out.strength.mean() < 1


def test_the_credit_for_a_doctor_adds_up_to_one_adoption():
    network, log = medical_innovation()
    names = {"party_id": "doctor", "action": None, "date": "month"}
    plain = learn_strength(network, log, columns=names)
    shared = learn_strength(network, log, columns=names, model="jaccard_credit")
    was_led = plain.into.added(plain.into.strength) > 0
    sums = shared.into.added(shared.into.strength)
    assert 0 < was_led.mean() < 1
    assert sums == pytest.approx(np.where(was_led, 1.0, 0.0))
