"""Influence on data that nobody here made: each number is counted again without us.

The other side of every check is a dict, a pandas group, a networkx search or a linear
system of scipy, made from the tables themselves.
"""

import functools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

import customer_identification as ci
from datasets import _read as read
from datasets import northwind


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


# --- Enron: messages as evidence ------------------------------------------------------

RELIABLE = {"to": 0.10, "cc": 0.05, "bcc": 0.02}
ENRON_DAY = pd.Timestamp("2001-12-31")
HALF_LIFE = 180
ENRON: dict[str, Any] = {
    "as_of": ENRON_DAY,
    "half_life": HALF_LIFE,
    "on_bad_rows": "report",
}
ENRON_COLUMNS = {
    "columns": {
        "source_id": "source",
        "target_id": "target",
        "date": "Time",
        "source": "Reciptype",
    }
}


@functools.cache
def enron() -> pd.DataFrame:
    """Messages from senders to recipients; the clock of 1979 is no time."""
    messages = read("graphs/enron_messages_directed.parquet")
    known = messages["Time"].dt.year > 1979
    return messages.assign(
        Time=messages["Time"].where(known),
        strength=messages["Reciptype"].map(RELIABLE).astype("float64"),
        kind="co_worker",
    )


@functools.cache
def enron_network() -> ci.InfluenceNetwork:
    return ci.influence_network(enron(), **ENRON_COLUMNS, **ENRON)


def enron_evidence() -> pd.DataFrame:
    """Give usable messages, of equal ones (pair, recipient type, day) one."""
    lines = enron().dropna(subset="Time")
    lines = lines[lines["source"] != lines["target"]]
    lines = lines.assign(day=lines["Time"].dt.normalize())
    return lines.drop_duplicates(["source", "target", "Reciptype", "day"])


def test_every_enron_message_is_used_or_counted():
    messages, distinct = enron(), enron_evidence()
    report = enron_network().report
    no_date = messages["Time"].isna()
    to_itself = (messages["source"] == messages["target"]) & ~no_date
    later = int((distinct["day"] > ENRON_DAY).sum())
    assert report.read == len(messages) == 125_409
    assert dict(report.set_aside) == {
        "no date": no_date.sum(),
        "a party tied to itself": to_itself.sum(),
    }
    assert report.later == later > 0
    assert report.used == len(distinct) - later
    aside = sum(n for _, n in report.set_aside)
    counted = report.used + report.later + report.identical + aside
    assert counted == report.read
    assert str(report).startswith("125,409 lines: ")


def test_enron_strengths_are_those_of_plain_counting():
    fails: dict[tuple[int, int], float] = defaultdict(lambda: 1.0)
    lines = enron_evidence()
    lines = lines[lines["day"] <= ENRON_DAY]
    for source, target, kind, day in zip(
        lines["source"], lines["target"], lines["Reciptype"], lines["day"], strict=True
    ):
        age = (ENRON_DAY - day).days
        fails[source, target] *= 1 - RELIABLE[kind] * 0.5 ** (age / HALF_LIFE)
    network = enron_network()
    ids = network.ids.tolist()
    ours = {
        (ids[one], ids[other]): strength
        for one, other, strength in zip(
            network.out.own.tolist(),
            network.out.others.tolist(),
            network.out.strength.tolist(),
            strict=True,
        )
    }
    assert ours == pytest.approx({pair: 1 - fail for pair, fail in fails.items()})
    assert len(ours) > 2000


def test_enron_merged_by_quarter_is_one_read():
    messages = enron()
    quarter = messages["Time"].dt.to_period("Q").astype("str")
    parts = [part for _, part in messages.groupby(quarter, dropna=False)]
    network = ci.influence_network(parts[0], **ENRON_COLUMNS, **ENRON)
    for part in parts[1:]:
        network = network.merge(part, **ENRON_COLUMNS, on_bad_rows="report")
    assert len(parts) > 10
    assert network == enron_network()
    assert network.report == enron_network().report


def test_who_influences_an_enron_employee_is_what_dijkstra_finds():
    network = enron_network()
    graph = network.to_networkx(evidence=False).reverse()
    for _, _, edge in graph.edges(data=True):
        edge["length"] = -math.log(edge["strength"])
    most = max(graph, key=lambda one: (graph.out_degree(one), -one))
    far = nx.single_source_dijkstra_path_length(graph, most, weight="length")
    expected = {
        one: math.exp(-length)
        for one, length in far.items()
        if one != most and math.exp(-length) >= 0.2
    }
    chain = ci.influencers_of(network, most, min_strength=0.2, max_hops=None)
    assert {one: link.strength for one, link in chain.items()} == pytest.approx(
        expected
    )
    for one, link in chain.items():
        assert (link.path[0], link.path[-1]) == (one, most)
        along = [graph[b][a]["strength"] for a, b in zip(link.path, link.path[1:])]  # noqa: B905
        assert link.strength == pytest.approx(math.prod(along))
    assert any(len(link.path) > 2 for link in chain.values())


def test_enron_strengths_learnt_from_topics_are_those_of_plain_loops():
    lines = enron().dropna(subset="Time")
    first: dict[int, dict[int, pd.Timestamp]] = defaultdict(dict)
    for who, topic, time in zip(
        lines["source"], lines["Topic"], lines["Time"].dt.normalize(), strict=True
    ):
        first[who][topic] = min(first[who].get(topic, time), time)
    network = enron_network()
    ids = network.ids.tolist()
    pairs = [
        (ids[one], ids[other])
        for one, other in zip(
            network.out.own.tolist(), network.out.others.tolist(), strict=True
        )
    ]
    window = pd.Timedelta(days=60)

    def follows(one: int, other: int, topic: int) -> bool:
        before, after = first[one].get(topic), first[other].get(topic)
        if before is None or after is None:
            return False
        return pd.Timedelta(0) < after - before <= window

    heard = defaultdict(list)
    for one, other in pairs:
        heard[other].append(one)
    led: Counter[tuple[int, int]] = Counter()
    for other, those in heard.items():
        for topic in first[other]:
            led[other, topic] = sum(follows(one, other, topic) for one in those)
    plain, credit = [], []
    for one, other in pairs:
        shared = [topic for topic in first[one] if follows(one, other, topic)]
        either = len(first[one].keys() | first[other].keys())
        plain.append(len(shared) / len(first[one]) if first[one] else 0)
        shares = sum(1 / led[other, topic] for topic in shared)
        credit.append(shares / either if either else 0)
    log = {
        "columns": {"party_id": "source", "action": "Topic", "date": "Time"},
        "window": 60,
    }
    ours = ci.learn_strength(network, lines, **log)
    np.testing.assert_allclose(ours.out.strength, plain)
    ours = ci.learn_strength(network, lines, **log, model="jaccard_credit")
    np.testing.assert_allclose(ours.out.strength, credit, atol=1e-15)
    assert 0 < np.mean(plain) < 1


# --- wiki-Vote: whom to treat in a large network --------------------------------------


@functools.cache
def wiki_vote() -> tuple[pd.DataFrame, ci.InfluenceNetwork]:
    votes = read("graphs/wiki_vote_relabelled.parquet")
    plain = ci.InfluenceNetwork.from_edges(votes["source"], votes["target"], 1.0)
    return votes, ci.weighted_cascade(plain)


def cascades(
    graph: Any, chance: Any, seeds: Iterable[int], draws: int, rng: np.random.Generator
) -> list[int]:
    """Play cascades out one party after the other, by the definition."""
    sizes = []
    for _ in range(draws):
        reached = set(seeds)
        waiting = list(reached)
        while waiting:
            others = [one for one in graph[waiting.pop()] if one not in reached]
            luck = rng.random(len(others)).tolist()
            new = [one for one, u in zip(others, luck, strict=True) if u < chance(one)]
            reached.update(new)
            waiting += new
        sizes.append(len(reached))
    return sizes


def mean_and_error(sizes: list[int]) -> tuple[float, float]:
    return float(np.mean(sizes)), float(np.std(sizes, ddof=1) / len(sizes) ** 0.5)


def test_wiki_vote_seeds_reach_more_than_those_with_most_ties():
    votes, network = wiki_vote()
    found = ci.maximize_influence(network, k=10, rng=1)
    graph = nx.from_pandas_edgelist(votes, create_using=nx.DiGraph)
    heard = dict(graph.in_degree())
    by_degree = sorted(graph, key=lambda one: (-graph.out_degree(one), one))[:10]
    ours, our_error = mean_and_error(
        cascades(graph, lambda one: 1 / heard[one], found.seeds, 150, dice())
    )
    theirs, their_error = mean_and_error(
        cascades(graph, lambda one: 1 / heard[one], by_degree, 150, dice(2))
    )
    assert ours - theirs > -3 * math.hypot(our_error, their_error)
    assert abs(ours - found.spread) < 4 * our_error + 0.01 * ours
    assert found.certificate.lower <= ours + 4 * our_error
    assert theirs - 4 * their_error <= found.certificate.upper
    assert found.certificate.guarantee >= 1 - 1 / math.e - 0.1


def test_wiki_vote_network_values_solve_the_linear_system():
    votes, network = wiki_vote()
    n = len(network)
    heard = votes["target"].value_counts()
    d = votes["target"].map(heard).to_numpy(dtype=np.float64)
    reliance = 0.3  # of all, so that voters in circles come to rest
    source, target = votes["source"].to_numpy(), votes["target"].to_numpy()
    assert network.ids.tolist() == list(range(n))
    followed = csr_array(((1 - reliance) / d, (source, target)), shape=(n, n))
    value = dict(enumerate((np.arange(n) % 7 + 1.0).tolist()))
    system = (eye_array(n) - followed).tocsc()
    expected = spsolve(system, np.array(list(value.values())))
    ours = ci.network_value(network, value, self_reliance=reliance)
    np.testing.assert_allclose(ours.value, expected)


# --- ego-Facebook: undirected ---------------------------------------------------------


def test_facebook_spread_is_that_of_a_plain_loop():
    friends = read("graphs/ego_facebook_undirected.parquet")
    graph = nx.from_pandas_edgelist(friends)
    network = ci.uniform_strength(graph, 0.01)
    assert (len(network), network.n_ties) == (4039, 2 * 88_234)
    seeds = sorted(graph, key=lambda one: (-graph.degree(one), one))[:3]
    plain, error = mean_and_error(cascades(graph, lambda _: 0.01, seeds, 100, dice()))
    ours = ci.expected_spread(network, seeds, draws=1000, rng=1)
    width = (ours.total.high - ours.total.low) / 2 / 1.96
    assert abs(ours.total.value - plain) < 4 * math.hypot(error, width)
    assert ours.total.value > 3


# --- Florentine families: wealth passed along marriages -------------------------------


def florentine() -> tuple[Any, dict[str, float]]:
    families = read("graphs/florentine_nodes.parquet")
    marriages = read("graphs/florentine_marriage_undirected.parquet")
    name = families.set_index("node")["name"]
    graph = nx.Graph(
        zip(marriages["source"].map(name), marriages["target"].map(name), strict=True)
    )
    return graph, dict(zip(families["name"], families["wealth"].tolist(), strict=True))


def reach_of(graph: Any, family: str, p: float) -> dict[str, float]:
    """Go through all ways in which marriages pass a decision on or not."""
    names = sorted(graph)
    edges = [(names.index(a), names.index(b)) for a, b in graph.edges]
    world = np.arange(2 ** len(edges), dtype=np.uint32)
    alive = [(world >> at) & 1 for at in range(len(edges))]
    reached = np.full(world.size, 1 << names.index(family), dtype=np.uint32)
    before = None
    while before is None or not np.array_equal(before, reached):
        before = reached.copy()
        for (a, b), on in zip(edges, alive, strict=True):
            either = ((reached >> a) | (reached >> b)) & on
            reached |= (either << a) | (either << b)
    ways = sum(on.astype(np.int64) for on in alive)
    chance = p**ways * (1 - p) ** (len(edges) - ways)
    return {
        name: float(chance @ ((reached >> at) & 1)) for at, name in enumerate(names)
    }


@pytest.mark.parametrize("family", ["Medici", "Ridolfi"])
def test_a_family_is_worth_what_all_ways_of_marriages_say(family):
    graph, wealth = florentine()
    assert graph.number_of_edges() == 20
    p = 0.2
    chance = reach_of(graph, family, p)
    expected = sum(chance[one] * wealth[one] for one in chance)
    network = ci.uniform_strength(graph, p)
    worth = ci.network_value(
        network, wealth, model="ic", samples=40_000, confidence=0.999, rng=1
    )
    low, high = worth.interval(family)
    assert low < expected < high < low + 10
    spread = ci.expected_spread(network, [family], draws=4000, rng=1)
    assert dict(spread.chance) == pytest.approx(chance, abs=0.04)
    assert worth["Pucci"] == wealth["Pucci"]  # married into none of the others
    assert worth.top(2)[0][0] == "Strozzi"
    assert worth.top(2)[1][0] == "Medici"
    gain = {one: worth[one] - wealth[one] for one in wealth}
    assert max(gain, key=gain.__getitem__) == "Ridolfi"  # between these two


def test_what_florence_loses_with_the_medici():
    graph, wealth = florentine()
    p = 0.2
    risk = ci.value_at_risk(
        ci.uniform_strength(graph, p),
        wealth,
        leaving=["Medici"],
        confidence=0.999,
        rng=1,
    )
    gone = {"Medici"}
    while new := {one for one in graph if set(graph[one]) <= gone} - gone:
        gone |= new
    assert set(risk.dependents) == gone - {"Medici"} == {"Acciaiuol"}
    chance = reach_of(graph.subgraph(set(graph) - {"Acciaiuol"}), "Medici", p)
    soft = sum(chance[one] * wealth[one] for one in chance if one != "Medici")
    assert (risk.own, risk.dependent) == (wealth["Medici"], wealth["Acciaiuol"])
    assert risk.soft.low < soft < risk.soft.high
    assert risk.total.value < sum(wealth.values()) / 2


# --- who names whom, and who adopts when ----------------------------------------------


def doctors() -> tuple[dict[int, int], pd.DataFrame]:
    """Month of the first prescription (18: none yet), and who is named by whom."""
    table = read("graphs/diffusion_medInnovations.parquet")
    columns = [
        f"net{question}_{place}" for question in (1, 2, 3) for place in (1, 2, 3)
    ]
    return _named(table, "city", columns)


def women() -> tuple[dict[int, int], pd.DataFrame]:
    """Year of adoption (11: not yet), and who is named for talk of family planning."""
    table = read("graphs/diffusion_kfamily.parquet")
    return _named(table, "village", [f"net2{place}" for place in (1, 2, 3, 4, 5)])


def _named(
    table: pd.DataFrame, place: str, columns: list[str]
) -> tuple[dict[int, int], pd.DataFrame]:
    here = table[place].astype("int64") * 1000
    own = here + table["id"].astype("int64")
    when = dict(zip(own.tolist(), table["toa"].astype("int64").tolist(), strict=True))
    long = pd.concat(
        [
            pd.DataFrame({"named": here + table[column], "by": own})[table[column] > 0]
            for column in columns
        ]
    ).astype("int64")
    long = long[long["named"].isin(when) & (long["named"] != long["by"])]
    return when, long.drop_duplicates().reset_index(drop=True)


def plain_network_value(
    ids: list[int], ties: pd.DataFrame, p: float
) -> dict[int, float]:
    """Solve the linear model densely; each party is worth 1 by itself."""
    n, at = len(ids), {one: i for i, one in enumerate(ids)}
    followed = np.zeros((n, n))
    heard = ties["by"].value_counts()
    for named, by in zip(ties["named"], ties["by"], strict=True):
        k = heard[by]
        followed[at[named], at[by]] = (1 - (1 - p) ** k) / k
    worth = np.linalg.solve(np.eye(n) - followed, np.ones(n))
    return dict(zip(ids, worth.tolist(), strict=True))


def lead(
    when: np.ndarray[Any, Any],
    first: np.ndarray[Any, Any],
    others: np.ndarray[Any, Any],
) -> Any:
    """Tell how much earlier the first adopt than those they influence."""
    return when[..., others].mean(-1) - when[..., first].mean(-1)


@pytest.mark.parametrize(
    ("data", "earlier", "beyond_chance"),
    # Months and years by which the tenth that is ranked first is ahead of those whom it
    # influences. Twelve doctors are too few to tell it from chance; 104 women are not.
    [(doctors, 1.73, False), (women, 1.46, True)],
    ids=["medInnovations", "kfamily"],
)
def test_those_ranked_first_adopt_before_those_they_influence(
    data, earlier, beyond_chance
):
    when, ties = data()
    ids = sorted(when)
    p = 0.1
    plain = plain_network_value(ids, ties, p)
    network = ci.InfluenceNetwork.from_edges(
        ties["named"], ties["by"], p, parties=np.array(ids)
    )
    worth = ci.network_value(network, np.ones(len(ids)))
    assert dict(worth) == pytest.approx(plain)
    top = [one for one, _ in worth.top(len(ids) // 10)]
    ranked = sorted(plain.values(), reverse=True)
    assert min(plain[one] for one in top) == pytest.approx(ranked[len(top) - 1])
    assert ranked[len(top) - 1] > ranked[len(top)] + 1e-6  # no tie decides
    swayed = set(ties.loc[ties["named"].isin(top), "by"]) - set(top)
    first = np.flatnonzero(np.isin(ids, top))
    others = np.flatnonzero(np.isin(ids, sorted(swayed)))
    months = np.array([when[one] for one in ids])
    observed = lead(months, first, others)
    assert observed == pytest.approx(earlier, abs=0.01)
    rng = dice()
    place = np.array(ids) // 1000  # chance: the same times, dealt anew in each place
    dealt = np.tile(months, (999, 1))
    for one in np.unique(place):
        here = np.flatnonzero(place == one)
        dealt[:, here] = rng.permuted(dealt[:, here], axis=1)
    p_value = (1 + np.count_nonzero(lead(dealt, first, others) >= observed)) / 1000
    assert (p_value < 0.05) == beyond_chance


@pytest.mark.parametrize("data", [doctors, women], ids=["medInnovations", "kfamily"])
def test_a_single_adoption_teaches_who_came_after_whom(data):
    when, ties = data()
    network = ci.InfluenceNetwork.from_edges(ties["named"], ties["by"], 0.5)
    log = pd.DataFrame(
        {
            "party_id": list(when),
            "date": pd.Timestamp("1954-01-01")
            + pd.to_timedelta([30 * month for month in when.values()], unit="D"),
        }
    )
    learnt = ci.learn_strength(
        network, log, columns={"action": None}, model="bernoulli_credit"
    )
    ahead: Counter[int] = Counter()
    for named, by in zip(ties["named"], ties["by"], strict=True):
        ahead[by] += when[named] < when[by]
    for named, by in zip(ties["named"], ties["by"], strict=True):
        share = 1 / ahead[by] if when[named] < when[by] else 0
        assert learnt.strength(named, by) == pytest.approx(share)


# --- berka: who pays for whom ---------------------------------------------------------


@functools.cache
def berka() -> tuple[ci.InfluenceNetwork, dict[str, float], pd.DataFrame, pd.DataFrame]:
    """Owners pay for accounts, others act for them; accounts pay beneficiaries.

    What a beneficiary gets by standing orders is its value; all else is worth nothing
    by itself.
    """
    holders, orders = read("berka/disp.parquet"), read("berka/order.parquet")
    opened = read("berka/account.parquet").set_index("account_id")["date"]
    holders = holders.assign(
        who="client/" + holders["client_id"].astype("str"),
        account="account/" + holders["account_id"].astype("str"),
        kind=holders["type"].map({"OWNER": "payer_of", "DISPONENT": "agent_of"}),
        date=holders["account_id"].map(opened),
    )
    orders = orders.assign(
        account="account/" + orders["account_id"].astype("str"),
        to=orders["bank_to"] + "/" + orders["account_to"].astype("str"),
        kind="payer_of",
        date=orders["account_id"].map(opened),
    )
    names = ["left", "right", "kind", "date"]
    ties = pd.concat(
        [
            holders[["who", "account", "kind", "date"]].set_axis(names, axis=1),
            orders[["account", "to", "kind", "date"]].set_axis(names, axis=1),
        ]
    )
    network = ci.influence_network(
        ties.assign(date=pd.to_datetime(ties["date"], format="%Y-%m-%d")),
        as_of="1998-12-31",
        columns={"source_id": "left", "target_id": "right", "source": None},
    )
    value = orders.groupby("to")["amount"].sum().to_dict()
    return network, value, holders, orders


def test_berka_ties_are_counted_to_the_last():
    network, value, holders, orders = berka()
    pairs = {*zip(holders["who"], holders["account"], strict=True)} | {
        *zip(orders["account"], orders["to"], strict=True)
    }
    assert network.n_ties == len(pairs)
    assert network.report.read == len(holders) + len(orders)
    assert network.report.identical == network.report.read - len(pairs)
    assert network.strength("client/3", "account/2") == ci.RELIABILITY["agent_of"]
    assert sum(value.values()) == pytest.approx(orders["amount"].sum())


def test_what_is_at_risk_if_a_payer_of_berka_leaves():
    network, value, holders, orders = berka()
    payers = orders.groupby("to")["account"].nunique()
    users = holders.groupby("account")["who"].nunique()
    of_account = orders.groupby("account")["amount"].sum()
    alone = orders[orders["account"].map(users) == 1]
    largest = alone.groupby("account")["amount"].sum().idxmax()
    owner = holders.loc[holders["account"] == largest, "who"].item()
    mine = orders[orders["account"] == largest]
    assert (payers[mine["to"]] == 1).all()
    risk = ci.value_at_risk(network, value, leaving=[owner], default=0, rng=1)
    assert risk.own == 0
    assert set(risk.dependents) == {largest, *mine["to"]}
    assert risk.dependent == pytest.approx(of_account[largest])
    assert risk.soft.value == 0

    shared = orders[orders["account"].map(users) == 2]
    account = shared.groupby("account")["amount"].sum().idxmax()
    pair = holders[holders["account"] == account].set_index("type")["who"]
    mine = orders[orders["account"] == account].groupby("to")["amount"].sum()
    assert (payers[mine.index] == 1).all()
    chance = ci.RELIABILITY["payer_of"] ** 2  # to the account, and from it
    risk = ci.value_at_risk(
        network, value, leaving=[pair["OWNER"]], default=0, confidence=0.999, rng=1
    )
    assert risk.dependents == ()  # the other user still holds the account
    assert risk.soft.low < chance * mine.sum() < risk.soft.high
    both = ci.value_at_risk(network, value, leaving=list(pair), default=0, rng=1)
    assert both.dependent == pytest.approx(mine.sum())


def test_households_of_berka_are_connected_users():
    _, _, holders, _ = berka()
    owner = holders[holders["type"] == "OWNER"].set_index("account")["who"]
    users = holders[holders["type"] == "DISPONENT"]
    homes = pd.DataFrame(
        {
            "source_id": users["account"].map(owner),
            "target_id": users["who"],
            "kind": "household",
            "date": pd.to_datetime(users["date"], format="%Y-%m-%d"),
            "source": "bank",
        }
    )
    network = ci.influence_network(
        homes, as_of="1998-12-31", parties=holders["who"].drop_duplicates()
    )
    groups = ci.groups_of(network)
    graph = nx.Graph(zip(homes["source_id"], homes["target_id"], strict=True))
    graph.add_nodes_from(holders["who"])
    plain = {frozenset(one) for one in nx.connected_components(graph)}
    table = groups.to_frame().groupby("group_id")["party_id"]
    assert {frozenset(members) for _, members in table} == plain
    assert len(groups) == len(plain) == 4500


# --- northwind: employees as agents ---------------------------------------------------


def test_what_is_at_risk_if_a_northwind_employee_leaves():
    lines = northwind().frame
    value = lines.groupby("customerID")["amount"].sum()
    orders = lines.drop_duplicates("orderID")
    ties = pd.DataFrame(
        {
            "source_id": "employee " + orders["employeeID"].astype("str"),
            "target_id": orders["customerID"],
            "kind": "agent_of",
            "date": orders["orderDate"],
            "source": "orders",
        }
    )
    network = ci.influence_network(ties, as_of="1998-05-06")
    served = ties.groupby("target_id")["source_id"].nunique()
    of_each = ties.drop_duplicates(["source_id", "target_id", "date"])
    days = of_each.groupby(["source_id", "target_id"]).size()
    soft_total = 0.0
    for employee in sorted(ties["source_id"].unique()):
        mine = days[employee]
        only = served[mine.index] == 1
        risk = ci.value_at_risk(
            network,
            value.to_dict(),
            leaving=[employee],
            default=0,
            confidence=0.9999,
            draws=2000,
            rng=1,
        )
        assert set(risk.dependents) == set(mine.index[only])
        assert risk.own == 0
        assert risk.dependent == pytest.approx(value[mine.index[only]].sum())
        chance = 1 - (1 - ci.RELIABILITY["agent_of"]) ** mine[~only]
        expected = (chance * value[chance.index]).sum()
        assert risk.soft.low < expected < risk.soft.high
        soft_total += risk.soft.value
    assert served.eq(1).sum() == 1  # one customer of 89 knows a single employee
    assert soft_total > value.sum()


# --- us_lapse_agent: a channel without names ------------------------------------------


def test_without_names_all_policies_depend_on_one_agent_channel():
    """Lapse data of tied agents name no agent: nothing to tell one from another by."""
    policies = read("us_lapse_agent/us_lapse_agent.parquet")
    assert not [name for name in policies if "id" in name.lower().split(".")]
    ids = "policy " + pd.Series(range(len(policies))).astype("str")
    ties = pd.DataFrame(
        {
            "source_id": "agents",
            "target_id": ids,
            "kind": "agent_of",
            "date": policies["issue.date"],
            "source": "policies",
        }
    )
    network = ci.influence_network(ties, as_of="2009-02-22")
    premium = dict(zip(ids, policies["annual.premium"].tolist(), strict=True))
    assert min(premium.values()) < 0  # standardised in the data
    risk = ci.value_at_risk(
        network, premium, leaving=["agents"], default=0, draws=2, rng=1
    )
    assert len(risk.dependents) == len(policies) == 29_317
    assert risk.dependent == pytest.approx(math.fsum(premium.values()))
    assert risk.soft.value == 0
    before = network.at("1999-12-31")
    issued = int((policies["issue.date"] <= pd.Timestamp("1999-12-31")).sum())
    assert before.n_ties == before.report.used == issued < len(policies)
