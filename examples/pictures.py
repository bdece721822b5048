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
}
for name, draw in pictures.items():
    path = folder / f"{name}.png"
    draw()
    plt.savefig(path, dpi=120)
    plt.close()
    print(path)
