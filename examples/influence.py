"""Who influences whom, and what it is worth: 125 doctors and a new drug, 1953 to 1955."""

from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data"
AS_OF = "1955-03-31"  # the end of the 17 months that were studied

doctors = pd.read_csv(DATA / "doctors.csv", dtype="Int64")
named = pd.read_csv(DATA / "doctor_nominations.csv")

# What a customer is worth: the months in which a doctor has prescribed the drug so far.
users = doctors.dropna(subset="first_month")
sales = users.loc[users.index.repeat(18 - users["first_month"]), ["doctor"]]
month = 17 - sales.groupby("doctor").cumcount()
sales["date"] = [pd.Timestamp(1953, 10, 1) + pd.DateOffset(months=n) for n in month]
sales["months"] = 1
summary = ci.summarize(
    sales, as_of=AS_OF, columns={"customer_id": "doctor", "amount": "months"}
)

# What may sway a customer: whom a doctor asks for advice, discusses with or meets.
ties = named[named["named"].isin(doctors["doctor"])].copy()
ties["date"] = pd.Timestamp(AS_OF)  # the day of the interviews is not in the data
ties["kind"] = ties["question"].map(
    {
        "advice": "professional_association",
        "discussion": "co_worker",
        "friend": "friend",
    }
)
network = ci.influence_network(
    ties,
    as_of=AS_OF,
    columns={"source_id": "named", "target_id": "doctor", "source": "question"},
    # A guess of ours: how likely each alone carries a decision over. Where many
    # actions are known, learn_strength learns it.
    reliability={"professional_association": 0.3, "co_worker": 0.2, "friend": 0.1},
    parties=doctors["doctor"],
)

print("WHAT WAS READ")
print(f"{len(doctors)} doctors; {len(users)} prescribe the new drug")
print(f"{len(named)} times one named another doctor, {len(ties)} times one of the 125")
print(f"{network.report}; {network.n_ties} ties, from the named to who named them")


WHO = 1002
chain = ci.influencers_of(network, WHO)
print(f"\nWHO INFLUENCES DOCTOR {WHO}? The strongest 5 of {len(chain)}:")
print("doctor  strength  over                kinds of the first tie")
for link in chain.top(5):
    path = " > ".join(str(one) for one in link.path[:-1])
    print(
        f"{link.party_id:6}  {link.strength:8.0%}  {path:18}  {' + '.join(link.kinds[0])}"
    )
indirect = next(link for link in chain.values() if link.hops > 1)
print(
    f"Evidence that doctor {indirect.path[0]} influences {indirect.path[1]}, named for:"
)
for line in indirect.evidence[0]:
    print(f"  {line.source:12}{line.strength:4.0%}  {line.kind}")


worth = ci.network_value(network, summary, default=0)  # 0: those who do not prescribe
top = worth.top(10)
first = doctors.set_index("doctor")["first_month"]
print("\nWHAT ARE THE TOP TEN WORTH, WITH THOSE THEY INFLUENCE? In months prescribed:")
print("doctor   own  with influence  prescribes since month")
own = worth.to_frame().set_index("party_id")["own"]
for one, value in top:
    print(f"{one:6}  {own[one]:4.0f}  {value:14.1f}  {first[one]:>22}")

program = ci.IdentificationProgram(
    classifiers={
        "own": ci.ABCClassifier(customer_shares=(0.1, 0.4)),
        "with_influence": ci.ABCClassifier(
            customer_shares=(0.1, 0.4), measure="network_value"
        ),
    },
    set_apart=None,
)
both = ci.with_network_value(summary, worth)
found = program.fit(both).identify(both)
classes = found.to_frame()
print("\nABC by own value (rows) and by value with influence (columns):")
print(pd.crosstab(classes["own_class"], classes["with_influence_class"]))
was_key = classes["own_class"] == "A"
is_key = classes["with_influence_class"] == "A"
print("newly A:  ", *classes.loc[is_key & ~was_key, "customer_id"])
print("A no more:", *classes.loc[was_key & ~is_key, "customer_id"])


LEAVES = top[0][0]  # no doctor here is another's agent: the most influential one goes
risk = ci.value_at_risk(network, summary, leaving=[LEAVES], default=0, rng=1)
print(f"\nWHAT IS AT RISK IF DOCTOR {LEAVES} LEAVES? In months prescribed:")
print(f"{risk.own:6.1f}  own")
print(
    f"{risk.dependent:6.1f}  of {len(risk.dependents)} whom nobody else holds: taken to go too"
)
print(f"{risk.soft.value:6.1f}  of others whom these may carry along")
print(f"{risk.total.value:6.1f}  in all, {risk.total.low:.1f} to {risk.total.high:.1f}")

guard = ci.protect(network, summary, leaving=[LEAVES], k=3, default=0, rng=1)
print("\nWHOM TO PROTECT THEN, SO THAT LEAST IS LOST?")
print(f"{guard.before.value:6.1f}  expected loss by chance alone, if nobody is")
left = guard.before.value
for one, saved in zip(guard.protected, guard.gains, strict=True):
    left -= saved
    print(f"{left:6.1f}  with doctor {one} as well")


# Costs are ours, as the data have none: 2 a visit, and 1 more for each class of office
# visits, as busy doctors are hard to get at; the highest, 6, where it is unknown.
cost = dict(zip(doctors["doctor"], 2 + doctors["office_visits"].fillna(6), strict=True))
seeds = ci.maximize_influence(network, budget=50, cost=cost, rng=1)
plan = seeds.to_frame()
print("\nWHOM TO VISIT FIRST WITH ANOTHER NEW DRUG, FOR A BUDGET OF 50?")
print("doctor  cost  adds  doctors reached so far")
for one, gain, reached, price in plan.itertuples(index=False):
    print(f"{one:6}  {price:4.0f}  {gain:4.1f}  {reached:22.1f}")
proof = seeds.certificate
if proof is not None:
    print(
        f"Expected for {seeds.cost:.0f}: {seeds.spread:.1f} doctors, at least "
        f"{proof.lower:.1f}. No other choice for 50 reaches more than\n{proof.upper:.1f}: "
        f"at least {proof.guarantee:.0%} of the best, with confidence "
        f"{proof.confidence:.1%}."
    )
often = ties["named"].value_counts().index[: len(seeds)]
theirs = ci.expected_spread(network, often, rng=1)
print(
    f"The {len(often)} named most often would cost {sum(cost[one] for one in often)} "
    f"and reach {theirs.total.value:.1f}."
)


# Ranked by how many they influence: months prescribed would give the answer away.
ranked = [
    one for one, _ in ci.network_value(network, dict.fromkeys(own.index, 1)).top(12)
]
by_them = ties["named"].isin(ranked) & ~ties["doctor"].isin(ranked)
swayed = ties.loc[by_them, "doctor"].unique()
began = first.fillna(18)  # 18: not by the end of the study


def ahead(months: "pd.Series[int]") -> float:
    """Tell how much earlier those ranked first began than those they influence."""
    return float(months[swayed].mean() - months[ranked].mean())


lead = ahead(began)
by_chance = [
    ahead(began.sample(frac=1, random_state=seed).set_axis(began.index))
    for seed in range(1000)
]
luck = sum(one >= lead for one in by_chance) / 1000
print("\nIS IT SO? DO THE 12 RANKED FIRST PRESCRIBE BEFORE THOSE THEY INFLUENCE?")
print(
    f"On average in month {began[ranked].mean():.1f}, the others {lead:.1f} months later."
)
print(f"Months dealt out at random give such a lead {luck:.0%} of the time.")
