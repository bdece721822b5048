"""Recipes of the documentation: joins in a database, and sets drawn block by block."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

import customer_identification as ci
from influence.networks import refused


EXAMPLES = Path(__file__).parents[2] / "examples"
PARTIES = 30
CHAINS = [0.0, 0.1, 0.5, 0.9, 1.0]  # where nothing goes around in circles
CIRCLES = [0.0, 0.1, 0.3, 0.6]


def dice(seed):
    return np.random.Generator(np.random.PCG64(seed))


@pytest.fixture(scope="module")
def recipe():
    """Give the example as a module."""
    path = Path("/tmp/team/_m.py")
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn_ties(seed, strengths, *, acyclic):
    """Draw ties, half of the parties without any; a pair comes once."""
    rng = dice(seed)
    pairs = rng.integers(PARTIES // 2, size=(60, 2))
    if acyclic:
        pairs = np.sort(pairs, axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    strength = rng.choice(strengths, len(pairs))
    return pd.DataFrame(
        {"source": pairs[:, 0], "target": pairs[:, 1], "strength": strength}
    )


def in_duckdb(recipe, ties, values, **options):
    """Give network values by the recipe, in the order of parties."""
    own = pd.DataFrame({"party": np.arange(len(values)), "value": values})
    with duckdb.connect() as database:
        database.from_df(ties).create("ties")
        database.from_df(own).create("own")
        worth = recipe.network_value(database, **options).order("party").df()
    assert worth["party"].tolist() == own["party"].tolist()
    return worth["value"].to_numpy()


def in_arrays(ties, values):
    """Give network values by the library."""
    network = ci.InfluenceNetwork.from_edges(
        ties["source"], ties["target"], ties["strength"], parties=np.arange(len(values))
    )
    return ci.network_value(network, np.asarray(values, dtype=float)).value


# --- network value by joins ----------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("strengths", "acyclic"), [(CIRCLES, False), (CHAINS, True)], ids=["round", "down"]
)
def test_joins_in_duckdb_give_the_network_value(recipe, seed, strengths, acyclic):
    ties = drawn_ties(seed, strengths, acyclic=acyclic)
    values = dice(seed).normal(100, 80, PARTIES).round(2)  # some of them losses
    found = in_duckdb(recipe, ties, values)
    np.testing.assert_allclose(found, in_arrays(ties, values), rtol=1e-9, atol=1e-7)


def test_a_sure_tie_passes_all_value_back_and_ties_of_no_strength_none(recipe):
    ties = pd.DataFrame(
        {"source": [0, 1, 0], "target": [1, 2, 3], "strength": [1.0, 1.0, 0.0]}
    )
    found = in_duckdb(recipe, ties, [1.0, 10.0, 100.0, 1000.0])
    assert found.tolist() == [111.0, 110.0, 100.0, 1000.0]


def test_without_ties_everybody_is_worth_the_own_value(recipe):
    ties = drawn_ties(0, CIRCLES, acyclic=False).iloc[:0]
    assert in_duckdb(recipe, ties, [5.0, -3.0]).tolist() == [5.0, -3.0]


def test_sure_ties_in_a_circle_never_settle_and_that_is_told(recipe):
    ties = pd.DataFrame({"source": [0, 1], "target": [1, 0], "strength": [1.0, 1.0]})
    with pytest.raises(ValueError, match="after 20 passes"):
        in_duckdb(recipe, ties, [1.0, 1.0], most_passes=20)
    refused(lambda: in_arrays(ties, [1.0, 1.0]), "no_self_reliance")


# --- sets drawn block by block -------------------------------------------------------


@pytest.mark.parametrize("model", ["ic", "lt"])
@pytest.mark.parametrize("seed", range(2))
def test_blocks_drawn_in_any_order_join_to_those_drawn_one_by_one(seed, model):
    ties = drawn_ties(seed, CIRCLES, acyclic=False)
    network = ci.weighted_cascade(
        ci.InfluenceNetwork.from_edges(
            ties["source"], ties["target"], ties["strength"], parties=np.arange(PARTIES)
        )
    )
    blocks = np.split(dice(seed).integers(PARTIES, size=300), [7, 7, 150])
    backwards = [
        ci.reachable_sets(network, roots, (seed, block), model=model)
        for block, roots in reversed(list(enumerate(blocks)))
    ]
    sets = ci.ReachableSets.joined(backwards[::-1])
    begin = 0
    for block, roots in enumerate(blocks):
        alone = ci.reachable_sets(network, roots, (seed, block), model=model)
        end = begin + len(roots)
        first, last = sets.start[[begin, end]]
        assert sets.roots[begin:end].tolist() == roots.tolist()
        assert (sets.start[begin : end + 1] - first).tolist() == alone.start.tolist()
        assert sets.members[first:last].tolist() == alone.members.tolist()
        begin = end
    assert begin == len(sets) == 300


def test_seeds_do_not_depend_on_who_draws_the_sets():
    ties = drawn_ties(1, CIRCLES, acyclic=False)
    network = ci.InfluenceNetwork.from_edges(
        ties["source"], ties["target"], ties["strength"]
    )
    handed_out = []

    def elsewhere(function, blocks):
        blocks = list(blocks)
        handed_out.append(len(blocks))
        return [function(block) for block in reversed(blocks)][::-1]

    here = ci.maximize_influence(network, k=3, rng=7)
    there = ci.maximize_influence(network, k=3, rng=7, mapper=elsewhere)
    assert sum(handed_out) > 2
    assert (there.seeds, there.certificate) == (here.seeds, here.certificate)
    assert there.gains.tolist() == here.gains.tolist()
