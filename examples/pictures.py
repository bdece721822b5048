"""Draw what was found, into a folder: python examples/pictures.py pictures."""

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import customer_identification as ci
from customer_identification import plots


mpl.use("Agg")

HERE = Path(__file__).parent

if len(sys.argv) != 2:
    sys.exit("usage: python examples/pictures.py FOLDER")
folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

lines = pd.read_csv(
    HERE / "data" / "online_retail.csv.xz",
    dtype={"InvoiceNo": "str", "StockCode": "str", "CustomerID": "Int64"},
    parse_dates=["InvoiceDate"],
)
lines["Revenue"] = (lines["Quantity"] * lines["UnitPrice"]).round(2)
columns = {
    "customer_id": "CustomerID",
    "date": "InvoiceDate",
    "amount": "Revenue",
    "order_id": "InvoiceNo",
}


def summary_as_of(day: str) -> ci.Summary:
    """Summarize all sales up to a day."""
    return ci.summarize(lines, as_of=day, columns=columns)


before, now = summary_as_of("2011-08-31"), summary_as_of("2011-11-30")
identifier = ci.IdentificationProgram().fit(before)
then, found = identifier.identify(before), identifier.identify(now)
moves = found.compare(then)
largest = found.to_frame().sort_values("value")["customer_id"].iloc[-1].item()

doctors = pd.read_csv(HERE / "data" / "doctors.csv", dtype="Int64")
named = pd.read_csv(HERE / "data" / "doctor_nominations.csv")
named = named[named["named"].isin(doctors["doctor"])].drop_duplicates(
    ["named", "doctor"]
)
network = ci.InfluenceNetwork.from_edges(named["named"], named["doctor"], 0.2)
one_each = dict.fromkeys(network.ids.tolist(), 1)

levels = ci.ServicePolicy().plan(found.classes).as_classes()
visits = ci.share_budget(now, 2_000, classes=levels, minimum={"key": 1})
watched = ci.watch_list(now, found.classes["value"])
unusual = watched.customer_ids[watched.to_frame()["signal"] == "drop"][0].item()

# Who owns, pays for, sold and is insured by 2,000 policies: made up, from a seed.
rng = np.random.Generator(np.random.PCG64(2011))
holder = rng.integers(1_500, size=2_000)
policies = pd.DataFrame(
    {
        "agreement_id": range(2_000),
        "owner_id": holder,
        "payer_id": np.where(holder % 4, holder, 5_000 + holder % 25),
        "beneficiary_id": rng.integers(3_000, size=2_000),
        "agent_id": 9_000 + np.minimum(rng.geometric(0.1, 2_000), 40),
        "opened": pd.Timestamp("2011-01-01"),
        "premium": rng.lognormal(5, 1, 2_000).round(2),
    }
)
book = ci.assign_roles(policies)
ledger = ci.role_ledger(
    policies,
    as_of="2011-11-30",
    columns={"customer_id": "owner_id", "date": "opened", "amount": "premium"},
)

# Whom a bank called, and who took the deposit; a third is held back to check the chances.
called = pd.read_csv(HERE / "data" / "bank_marketing.csv.xz")
called["pdays"] = called["pdays"].where(called["pdays"] >= 0)  # -1: never called before
called["bought"] = called.pop("deposit") == "yes"
called["party"] = range(len(called))
leads = ci.attribute_table(
    called, customer_id="party", outcome="bought", later=["duration"]
)
held = rng.permutation(len(leads)) < len(leads) / 3
card = ci.learn_scorecard(leads.take(~held))

# What 300 customers say of five topics, and 60 of three features: made up.
topics = {"delivery": (4, 1), "price": (3, 2), "returns": (2, 3), "advice": (3, 3)}
said = pd.DataFrame(
    [
        (one, topic, "survey_web", pd.Timestamp("2011-10-15"), matters, content)
        for one in range(300)
        for topic, (high, met) in topics.items()
        for matters, content in [rng.integers([high - 1, met - 1], [high + 1, met + 2])]
    ],
    columns=["customer_id", "topic", "channel", "date", "importance", "satisfaction"],
)
said[["importance", "satisfaction"]] /= 4
feels = [
    ("gift wrapping", "like", "neutral", 35),
    ("gift wrapping", "neutral", "neutral", 25),
    ("parcel tracking", "like", "dislike", 50),
    ("parcel tracking", "neutral", "dislike", 10),
    ("safe payment", "must_be", "dislike", 52),
    ("safe payment", "live_with", "neutral", 8),
    ("newsletter", "dislike", "like", 30),
    ("newsletter", "neutral", "neutral", 30),
]
answers = [
    ci.KanoAnswer(topic=topic, functional=has, dysfunctional=lacks)
    for topic, has, lacks, n in feels
    for _ in range(n)
]

# 400 invoices of 2011, paid a while after their due day: made up.
issued = np.datetime64("2011-01-03") + rng.integers(330, size=400)
due = issued + np.timedelta64(30, "D")
paid = due + rng.gamma(1.2, 30, size=400).astype("timedelta64[D]") - 20
invoices = pd.DataFrame(
    {
        "invoice_id": range(400),
        "customer_id": rng.integers(60, size=400),
        "issued": issued,
        "due": due,
        "amount": rng.lognormal(5, 1, 400).round(2),
        "paid_on": np.maximum(paid, issued),
    }
)
owed = ci.ageing(invoices, as_of="2011-11-30")

# Customers alike by how they buy; groups need scikit-learn (the extra `groups`).
behaviour = ci.attribute_table(now).only(["recency", "purchases", "tenure"])
groups = ci.group_customers(
    behaviour,
    3,
    as_of="2011-11-30",
    rng=7,
    logarithms=["recency", "purchases", "tenure"],
    n_resamples=5,
)

pictures: dict[str, Callable[[], Axes]] = {
    "lorenz": lambda: plots.plot_lorenz(now, ci.ABCClassifier().fit(now)),
    "classes": lambda: plots.plot_classes(found, "value"),
    "trajectories": lambda: plots.plot_classes(found, "trajectory"),
    "moves": lambda: plots.plot_migration(moves["value"]),
    "moves_of_trajectory": lambda: plots.plot_migration(moves["trajectory"]),
    "largest_customer": lambda: plots.plot_customer(now, largest),
    "subsidy": lambda: plots.plot_subsidy(found.subsidy()),
    "chain": lambda: plots.plot_chain(network, 1094, named=True),
    "network_value": lambda: plots.plot_network_value(
        ci.network_value(network, one_each, model="ic", rng=1), named=True
    ),
    "seeds": lambda: plots.plot_seeds(ci.maximize_influence(network, k=10, rng=1)),
    "roles": lambda: plots.plot_roles(book),
    "role_values": lambda: plots.plot_role_values(ledger.by_role()),
    "budget": lambda: plots.plot_budget(visits),
    "pattern": lambda: plots.plot_pattern(now, unusual),
    "calibration": lambda: plots.plot_calibration(card.check(leads.take(held))),
    "scorecard": lambda: plots.plot_scorecard(card, most=6),
    "points": lambda: plots.plot_points(card.score(leads), 5),
    "needs": lambda: plots.plot_needs(ci.rank_needs(said, as_of="2011-11-30", rng=7)),
    "kano": lambda: plots.plot_kano(ci.kano(answers)),
    "ageing": lambda: plots.plot_ageing(owed),
    "rfm": lambda: plots.plot_rfm(ci.RFMScorer().fit(now).score(now)),
    "groups": lambda: plots.plot_groups(groups),
}
for name, draw in pictures.items():
    path = folder / f"{name}.png"
    draw()
    plt.savefig(path, dpi=120)
    plt.close()
    print(path)
