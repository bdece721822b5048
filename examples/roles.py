"""ABC by role next to ABC by owner: who decides about business that others own.

The insurance book is made up here, from a seed: 6,000 policies, of which employers pay
some, agents sold most, and some insure a child of the holder.
"""

import numpy as np
import pandas as pd

import customer_identification as ci


TODAY = "2011-12-31"
N_POLICIES, N_HOLDERS, N_AGENTS, N_EMPLOYERS = 6_000, 4_000, 60, 25
rng = np.random.Generator(np.random.PCG64(2011))


def numbered(word: str, numbers: np.ndarray) -> "pd.Series[str]":
    """Make ids of numbers."""
    return word + "-" + pd.Series(numbers).astype("str")


# A few agents sell most, and a few employers are large.
holder = rng.integers(N_HOLDERS, size=N_POLICIES)
agent = np.minimum(rng.geometric(0.06, N_POLICIES), N_AGENTS)
employer = np.minimum(rng.geometric(0.15, N_HOLDERS), N_EMPLOYERS)[holder]
is_group = rng.random(N_POLICIES) < 0.2  # the holder's employer pays
opened = pd.Timestamp("2005-01-01") + pd.to_timedelta(
    rng.integers(2_500, size=N_POLICIES), unit="D"
)
ended = opened + pd.to_timedelta(rng.integers(30, 6_000, size=N_POLICIES), unit="D")
policies = pd.DataFrame(
    {
        "policy": np.arange(N_POLICIES),
        "holder": numbered("holder", holder),
        "agent": numbered("agent", agent).where(rng.random(N_POLICIES) < 0.8),
        "employer": numbered("employer", employer).where(is_group),
        "insured": numbered("child of", holder).where(rng.random(N_POLICIES) < 0.2),
        "line": rng.choice(["health", "life", "motor"], size=N_POLICIES),
        "opened": opened,
        "closed": ended.where(ended <= pd.Timestamp(TODAY)),
        "profit": rng.lognormal(5, 1, N_POLICIES).round(2),  # of all years so far
    }
)

book = ci.assign_roles(
    policies,
    columns={
        "agreements": {
            "agreement_id": "policy",
            "owner_id": "holder",
            "agent_id": "agent",
            "payer_id": "employer",
            "beneficiary_id": "insured",
            "scope": "line",
        }
    },
)
print("WHO IS WHAT, TODAY AND FIVE YEARS AGO")
print(book)
counts = {day: book.at(day).counts() for day in (TODAY, "2006-12-31")}
print(pd.DataFrame(counts).to_string())

ledger = ci.role_ledger(
    policies,
    as_of=TODAY,
    columns={
        "customer_id": "holder",
        "agent_id": "agent",
        "payer_id": "employer",
        "beneficiary_id": "insured",
        "date": "opened",
        "amount": None,  # the value is the profit
    },
)
by_role = ledger.by_role()
print("\nVALUE BY ROLE")
for role, value in by_role.totals().items():
    print(f"{role:12} weight {ci.DEFAULT_WEIGHTS[role]:.1f} {value:14,.2f}")
print(f"{'together':23} {by_role.total_minor / 100:14,.2f}")
print(ledger.report)

print("\nWHOSE STANDING CHANGES, IF VALUE IS READ BY ROLE")
by_owner = ledger.by_role({"owner": 1})
summaries = (by_owner.summary(), by_role.summary())
before, after = (ci.ABCClassifier().fit(one).classify(one) for one in summaries)
moves = ci.migrate(before, after, summaries=summaries)
print(moves)
print(moves.to_frame().to_string(index=False))

print("\nKEY PARTIES THAT OWN NOTHING")
key = moves.movers("none", "A")
unseen = by_role.to_frame().set_index("party_id").loc[key]
print(unseen.nlargest(5, "value").to_string())

print("\nAGENTS: WHAT THEY BROUGHT, AND WHAT ONLY THEY COULD")
agents = ci.agent_results(ledger, book=book, commission=0.15)
shown = ["agent_id", "clients", "only_here", "agreements", "value", "profit"]
print(agents.to_frame()[shown].head().to_string(index=False))

print("\nEMPLOYERS: WHAT COULD GO WITH THEM")
print(ci.payer_results(ledger).to_frame().iloc[:5, :6].to_string(index=False))
