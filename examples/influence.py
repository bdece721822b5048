"""Who influences whom, and what it is worth: doctors and a new drug, 1953 to 1955."""

from pathlib import Path

import pandas as pd

import customer_identification as ci


DATA = Path(__file__).parent / "data"
AS_OF = "1955-03-31"  # the end of the 17 months that the study looked at

# --- the data ---------------------------------------------------------------------

doctors = pd.read_csv(DATA / "doctors.csv", dtype="Int64")
named = pd.read_csv(DATA / "doctor_nominations.csv")

# A customer's value: the months in which a doctor has been prescribing the drug.
started = doctors.dropna(subset="first_month")
months = started.loc[started.index.repeat(18 - started["first_month"])]
nth = months["first_month"] + months.groupby("doctor").cumcount()
sales = pd.DataFrame(
    {
        "customer_id": months["doctor"],
        "date": pd.Timestamp("1953-10-01") + nth.map(lambda n: pd.DateOffset(months=n)),
        "amount": 1,
    }
)
summary = ci.summarize(sales, as_of=AS_OF)

# A tie: who is named by a doctor may influence that doctor.
inside = named["named"].isin(doctors["doctor"])
ties = named[inside].assign(
    kind=named["question"].map(
        {
            "advice": "professional_association",
            "discussion": "co_worker",
            "friend": "friend",
        }
    ),
    date=pd.Timestamp("1954-12-31"),
)
network = ci.influence_network(
    ties,
    as_of=AS_OF,
    columns={"source_id": "named", "target_id": "doctor", "source": "question"},
    reliability={  # our guess; where many adoptions are known, learn_strength knows more
        "professional_association": 0.3,
        "co_worker": 0.2,
        "friend": 0.1,
    },
    parties=doctors["doctor"],
)
own = dict.fromkeys(network.ids.tolist(), 0.0) | dict(
    zip(started["doctor"], (18 - started["first_month"]).astype(float), strict=True)
)

print("WHAT WAS READ")
print(f"{len(doctors)} doctors, {len(started)} of them prescribe the new drug")
print(f"{len(named)} times a doctor named another, {inside.sum()} times one of these")
print(f"evidence: {network.report}")
print(f"ties: {network.n_ties}, from who is named to who named them")

# --- who are this customer's influencers? -------------------------------------------

WHO = 1002
chain = ci.influencers_of(network, WHO)
print(f"\nWHO INFLUENCES DOCTOR {WHO}? THE STRONGEST 5 OF {len(chain)}")
print("doctor  strength  over                evidence of the first tie")
for link in chain.top(5):
    one, following = link.path[:2]
    lines = network.evidence(one, following)
    print(
        f"{one:6}  {link.strength:8.0%}  {' > '.join(map(str, link.path[:-1])):18}  "
        f"named by {following} for {', '.join(line.source for line in lines)}"
    )
