"""Pictures of influence: what is drawn is what was found."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from customer_identification import (
    InfluenceNetwork,
    PartyValues,
    UnknownCustomerError,
    attributed_value,
    maximize_influence,
    maximize_spread,
    network_value,
    plots,
)
from influence.networks import refused


mpl.use("Agg")


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


NETWORK = InfluenceNetwork.from_edges(
    ["a", "b", "me", "me", "x", "c"],
    ["b", "me", "x", "y", "z", "me"],
    [0.5, 0.5, 0.25, 1.0, 0.5, 0.75],
)


def texts_of(ax):
    return [one.get_text() for one in ax.texts if one.get_text()]


def test_a_chain_is_drawn_with_its_strengths_but_no_names_unless_asked():
    ax = plots.plot_chain(NETWORK, "me")
    assert sorted(texts_of(ax)) == sorted(
        ["75 %", "50 %", "25 %", "25 %", "100 %", "12 %"]
    )
    assert ax.get_title(loc="left") == "Influenced by 3 (left), influences 3 (right)"
    arrows = [one for one in ax.texts if one.arrow_patch is not None]
    assert len(arrows) == 6
    named = " ".join(texts_of(plots.plot_chain(NETWORK, "me", named=True)))
    assert all(one in named for one in ("a  ", "b  ", "c  ", "me", "x  ", "y  ", "z  "))


def test_influencers_stand_left_by_hops_and_the_influenced_right():
    ax = plots.plot_chain(NETWORK, "me", named=True)
    at = {one.get_text().split()[0]: one.xy[0] for one in ax.texts if one.get_text()}
    assert at == {"a": -2, "b": -1, "c": -1, "me": 0, "x": 1, "y": 1, "z": 2}


def test_only_the_strongest_are_drawn_and_the_title_counts_all():
    fan = InfluenceNetwork.from_edges([0] * 30, range(1, 31), np.linspace(0.1, 0.9, 30))
    ax = plots.plot_chain(fan, 0, most=2)
    assert texts_of(ax) == ["90 %", "87 %"]
    assert "influences 30" in ax.get_title(loc="left")


def test_a_party_on_two_paths_of_other_lengths_is_drawn_once():
    crossed = InfluenceNetwork.from_edges(
        ["me", "x", "me", "p"], ["x", "p", "p", "q"], [0.9, 0.9, 0.5, 0.9]
    )
    ax = plots.plot_chain(crossed, "me", max_hops=2, named=True)
    names = [one.split()[0] for one in texts_of(ax)]
    assert sorted(names) == ["me", "p", "q", "x"]


def test_a_party_alone_is_drawn_alone():
    alone = InfluenceNetwork.from_edges([], [], [], parties=[1])
    ax = plots.plot_chain(alone, 1)
    assert [one.get_text() for one in ax.get_xticklabels()] == ["the party"]


def test_an_unknown_party_has_no_chain():
    with pytest.raises(UnknownCustomerError):
        plots.plot_chain(NETWORK, "nobody")


def test_worth_is_drawn_from_the_largest_with_own_value_apart():
    worth = network_value(NETWORK, dict.fromkeys(NETWORK.ids.tolist(), 10.0))
    ax = plots.plot_network_value(worth, most=3, named=True)
    assert [one.get_text() for one in ax.get_yticklabels()] == [
        one for one, _ in worth.top(3)
    ]
    with_influence, own = ax.containers
    assert [bar.get_width() for bar in with_influence] == [
        value for _, value in worth.top(3)
    ]
    assert [bar.get_width() for bar in own] == [10, 10, 10]


def test_sampled_worth_shows_its_intervals_and_ranks_for_names():
    worth = attributed_value(NETWORK, dict.fromkeys(NETWORK.ids.tolist(), 10.0), rng=1)
    ax = plots.plot_network_value(worth)
    assert len(ax.containers) == 3
    assert [one.get_text() for one in ax.get_yticklabels()] == list("1234567")


def test_seeds_rise_to_their_spread_and_the_title_has_the_guarantee():
    found = maximize_influence(NETWORK, k=3, rng=1)
    ax = plots.plot_seeds(found)
    assert ax.lines[0].get_ydata().tolist() == found.cumulative.tolist()
    assert f"{100 * found.certificate.guarantee:.0f} %" in ax.get_title(loc="left")


def test_seeds_of_a_spread_of_ones_own_have_no_certificate_to_draw():
    ax = plots.plot_seeds(maximize_spread(len, [1, 2, 3], k=2))
    assert ax.get_title(loc="left") == "2 seeds reach 2"


def test_what_is_drawn_goes_where_it_was_asked_to():
    _, ax = plt.subplots()
    assert plots.plot_seeds(maximize_spread(len, [1, 2], k=1), ax=ax) is ax
    assert plots.plot_chain(NETWORK, "me", ax=ax) is ax
    worth = network_value(NETWORK, dict.fromkeys(NETWORK.ids.tolist(), 10.0))
    assert plots.plot_network_value(worth, ax=ax) is ax


def test_nothing_is_not_drawn():
    bare = PartyValues(ids=np.array([1]), value=np.array([2.0]))
    refused(lambda: plots.plot_network_value(bare), "no_own_value")
    nobody = PartyValues(ids=np.array([]), value=np.array([]), own=np.array([]))
    refused(lambda: plots.plot_network_value(nobody), "no_own_value")
    refused(lambda: plots.plot_seeds(maximize_spread(len, [1], budget=0)), "no_seeds")
    refused(lambda: plots.plot_chain(NETWORK, "me", most=0), "bad_option")
