"""ABC by own value and by value including influence, side by side."""

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve

import customer_identification as ci
from influence.networks import refused


OWN = {"ann": 1000, "bob": 500, "cat": 300, "dan": 200, "eve": 50}


@pytest.fixture
def summary():
    return ci.summarize(
        [
            ci.Transaction(customer_id=one, date=date(2011, 7, 1), amount=amount)
            for one, amount in OWN.items()
        ],
        as_of="2011-07-31",
    )


@pytest.fixture
def network():
    """Eve sways Ann and Bob; an agent without purchases sways Cat."""
    return ci.InfluenceNetwork.from_edges(
        ["eve", "eve", "agent"], ["ann", "bob", "cat"], [0.5, 0.5, 0.9]
    )


def both(summary):
    program = ci.IdentificationProgram(
        classifiers={
            "value": ci.ABCClassifier(),
            "with influence": ci.ABCClassifier(measure="network_value"),
        },
        set_apart=None,
    )
    identifier = program.fit(summary)
    assert ci.from_dict(ci.to_dict(identifier)) == identifier
    return identifier.identify(summary)


def test_who_sways_the_key_customers_becomes_one(summary, network):
    worth = ci.network_value(network, summary, default=0)
    assert worth["eve"] == 50 + 0.5 * 1000 + 0.5 * 500
    assert worth["agent"] == 0.9 * 300
    found = both(ci.with_network_value(summary, worth))
    own, with_influence = found.classes.values()
    assert (own["eve"].label, with_influence["eve"].label) == ("C", "A")
    assert "network value 800.00" in str(with_influence["eve"])
    frame = found.to_frame().set_index("customer_id")
    assert frame.loc["eve", "network_value"] == 800
    assert frame.loc["eve", "value"] == 50
    assert found.profile("eve").numbers["network_value"] == 800


def test_attributed_value_can_be_classified_as_well_and_is_conserved(summary, network):
    worth = ci.attributed_value(network, summary, default=0, exact=True)
    assert worth.total == pytest.approx(sum(OWN.values()))
    counted = ci.with_network_value(summary, worth).network_value.sum() / 100
    assert counted == pytest.approx(sum(OWN.values()) - worth["agent"], abs=0.03)


def test_without_influence_added_it_is_unknown(summary):
    assert set(both(summary).classes["with influence"].counts()) == {
        "A",
        "B",
        "C",
        "none",
        "unknown",
    }
    assert both(summary).counts()["with influence"]["unknown"] == len(OWN)


def test_it_goes_where_the_customers_go_and_not_into_another_month(summary, network):
    found = ci.with_network_value(
        summary, ci.network_value(network, summary, default=0)
    )
    assert found.take(found.customer_ids == "eve").network_value.tolist() == [80_000]
    assert ci.Summary.from_state_frame(found.to_state_frame()) == found
    later = ci.summarize(
        [ci.Transaction(customer_id="eve", date=date(2011, 8, 3), amount=5)],
        as_of="2011-08-31",
        since="2011-08-01",
        mergeable=True,
    )
    july = ci.summarize(
        [ci.Transaction(customer_id="eve", date=date(2011, 7, 3), amount=5)],
        as_of="2011-07-31",
        mergeable=True,
    )
    worth = ci.PartyValues(ids=july.customer_ids, value=np.array([7.0]))
    assert ci.with_network_value(july, worth).merge(later).network_value is None


def test_every_customer_needs_a_value(summary, network):
    worth = ci.network_value(network, dict.fromkeys(network.ids.tolist(), 1))
    refused(lambda: ci.with_network_value(summary, worth), "missing_value")
    nobody = ci.PartyValues(ids=summary.customer_ids[:0], value=np.empty(0))
    refused(lambda: ci.with_network_value(summary, nobody), "missing_value")
    refused(lambda: ci.with_network_value(summary, OWN), "bad_option")


def test_a_summary_without_amounts_is_worth_nothing_known(network):
    frame = pd.DataFrame({"customer_id": ["eve"], "date": [pd.Timestamp("2011-07-01")]})
    columns = {"amount": None}
    visits = ci.summarize(frame, as_of="2011-07-31", columns=columns)
    refused(lambda: ci.network_value(network, visits, default=0), "missing_column")


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"]
)
def test_frames_come_back_as_the_relationships_came(make):
    ties = {
        "source_id": ["ann", "bob"],
        "target_id": ["bob", "cat"],
        "kind": ["family", "friend"],
        "date": [date(2011, 7, 1)] * 2,
        "source": ["form"] * 2,
    }
    network = ci.influence_network(make(ties), as_of="2011-07-31")
    later = network.merge(make(ties), as_of="2011-08-31").at("2011-07-31")
    own = dict.fromkeys(network.ids.tolist(), 1)
    sampled = {"rng": 1, "min_sets": 100, "max_sets": 100}
    for found in (
        ci.influencers_of(later, "cat"),
        ci.groups_of(network),
        ci.groups_of(network).add_up(ci.network_value(network, own)),
        ci.network_value(network, own),
        ci.attributed_value(network, own, exact=True),
        ci.adoption_probability(network, np.full(3, 0.5)),
        ci.expected_spread(network, ["ann"], exact=True).chance,
        ci.value_at_risk(network, own, leaving=["ann"], rng=1).expected,
        ci.maximize_influence(network, k=1, **sampled),
    ):
        assert type(found.to_frame()) is type(make(ties))


def test_frames_come_back_as_the_summary_came(summary, network):
    summary = evolve(summary, kind="polars")
    worth = ci.network_value(network, summary, default=0)
    assert isinstance(worth.to_frame(), pl.DataFrame)
    again = ci.network_value(network, worth)
    assert isinstance(again.to_frame(), pl.DataFrame)
