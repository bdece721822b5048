"""ABC by own value and by value including influence, side by side."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

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
