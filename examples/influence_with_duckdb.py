"""Network value by joins in DuckDB, for ties that do not fit this process."""

import duckdb
import numpy as np
import pandas as pd

import customer_identification as ci


PARTIES, TIES = 20_000, 100_000

# How much of each party's change those who influence it are credited with: what it does
# not decide by itself, 1 - product(1 - strength), shared in proportion to strength.
CREDITS = """
create or replace temp table credits as
with heard as (
    select source, target, strength::double as strength
    from ties
    where strength > 0 and source <> target
),
listeners as (
    select target, sum(strength) as total, 1 - product(1 - strength) as open_minded
    from heard
    group by target
)
select source, target, strength / total * open_minded as credit
from heard join listeners using (target)
"""
START = """
create or replace temp table worth as select party, value::double as value from own;
create or replace temp table change as from worth where value <> 0
"""
GO_BACK = """
create or replace temp table passed_on as
select source as party, sum(credit * value) as value
from credits join change on target = party
group by source
"""
TAKE_IN = """
update worth set value = worth.value + passed_on.value
from passed_on where worth.party = passed_on.party;
create or replace temp table change as from passed_on where value <> 0
"""


def network_value(
    database: duckdb.DuckDBPyConnection,
    *,
    tolerance: float = 1e-12,
    most_passes: int = 1000,
) -> duckdb.DuckDBPyRelation:
    """Give own value plus that of those influenced, as ci.network_value does (linear).

    Reads two tables: ties(source, target, strength), one row a pair, and own(party,
    value), one row for each party of the ties. Value goes back along the ties, pass by
    pass, until no more than `tolerance` of all value can still be on its way.
    """
    database.execute(CREDITS)
    database.execute(START)
    size = total_of(database, "change")
    slowest = """
        select max(followed)
        from (select sum(credit) as followed from credits group by target)
    """
    shrinks = min(number(database, slowest), 1 - 1e-6)  # at least so, a pass
    for _ in range(most_passes):
        if total_of(database, "change") <= tolerance * size * (1 - shrinks):
            return database.table("worth")
        database.execute(GO_BACK)
        database.execute(TAKE_IN)
    raise ValueError(f"after {most_passes:,} passes value still goes around in circles")


def total_of(database: duckdb.DuckDBPyConnection, table: str) -> float:
    """Add up a table of values, losses counted as gains."""
    return number(database, f"select sum(abs(value)) from {table}")  # noqa: S608


def number(database: duckdb.DuckDBPyConnection, query: str) -> float:
    """Ask for one number; 0 where there are no rows."""
    ((found,),) = database.execute(query).fetchall()
    return float(found or 0)


def make_ties(rng: np.random.Generator) -> pd.DataFrame:
    """Draw ties, most of them from the few parties with the smallest numbers."""
    ties = pd.DataFrame(
        {
            "source": (PARTIES * rng.random(TIES) ** 3).astype(np.int64),
            "target": rng.integers(PARTIES, size=TIES),
        }
    ).drop_duplicates()
    ties = ties[ties["source"] != ties["target"]]
    return ties.assign(strength=rng.uniform(0, 0.3, len(ties)))


def main() -> None:
    """Compare both on one network."""
    rng = np.random.Generator(np.random.PCG64(7))
    ties = make_ties(rng)
    own = pd.DataFrame(
        {"party": np.arange(PARTIES), "value": rng.exponential(100, PARTIES)}
    )
    print(f"{len(ties):,} ties between {PARTIES:,} parties")

    with duckdb.connect() as database:  # a file, where there is much
        database.from_df(ties).create("ties")
        database.from_df(own).create("own")
        found = network_value(database).order("value desc, party").df()
    print(found.head(3).round(2).to_string(index=False))

    network = ci.InfluenceNetwork.from_edges(
        ties["source"], ties["target"], ties["strength"], parties=own["party"]
    )
    here = ci.network_value(network, own["value"].to_numpy())
    there = found.sort_values("party")["value"].to_numpy()
    same = np.allclose(there, here.value, rtol=1e-9)
    print("the same as ci.network_value, to 9 digits:", same)


if __name__ == "__main__":
    main()
