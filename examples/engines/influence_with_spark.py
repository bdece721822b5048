"""Spark: reachable sets drawn on workers, and seeds chosen from them, as in one process.

Install: pip install '.[engines]', and a Java that Spark runs on.
Run without -W error: Spark itself warns while it starts.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

import customer_identification as ci


PARTIES, TIES = 5_000, 20_000
SEED = 7
WORKERS = 2

rng = np.random.Generator(np.random.PCG64(SEED))
network = ci.weighted_cascade(
    ci.InfluenceNetwork.from_edges(
        (PARTIES * rng.random(TIES) ** 3).astype(np.int64),  # few influence many
        rng.integers(PARTIES, size=TIES),
        0.1,
        parties=np.arange(PARTIES),
    )
)
print(network)

os.environ["PYSPARK_PYTHON"] = sys.executable  # the workers need this package, too
spark = (
    SparkSession.builder.master(f"local[{WORKERS}]")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)

# One row a block: its number, and the parties that its draws start from.
roots = np.array_split(rng.integers(PARTIES, size=10_000), 4)
blocks = spark.createDataFrame(
    pd.DataFrame({"block": range(len(roots)), "roots": [one.tolist() for one in roots]})
)
shared = spark.sparkContext.broadcast(network)  # sent to each worker once


def draw(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Draw the sets of some blocks, on a worker."""
    for batch in batches:
        for block, starts in zip(batch["block"], batch["roots"], strict=True):
            sets = ci.reachable_sets(shared.value, starts, (SEED, block))
            yield pd.DataFrame(
                {"block": [block], "start": [sets.start], "members": [sets.members]}
            )


drawn = blocks.mapInPandas(draw, "block long, start array<long>, members array<int>")
there = ci.ReachableSets.joined(
    [
        ci.ReachableSets(
            n_parties=len(network),
            roots=roots[row.block].astype(np.int32),
            start=np.array(row.start, np.int64),
            members=np.array(row.members, np.int32),
        )
        for row in sorted(drawn.collect())  # by block
    ]
)
here = ci.ReachableSets.joined(
    [ci.reachable_sets(network, one, (SEED, at)) for at, one in enumerate(roots)]
)
print(there)
print(
    "the sets are those drawn in one process:",
    all(
        np.array_equal(getattr(there, name), getattr(here, name))
        for name in ("roots", "start", "members")
    ),
)


def on_spark(work: Callable[[Any], Any], blocks: Iterable[Any]) -> Iterable[Any]:
    """Hand blocks to workers, as the builtin map hands them to this process.

    The work holds the network, which is sent once for each part of the blocks.
    """
    found: list[Any] = (
        spark.sparkContext.parallelize(list(blocks), WORKERS).map(work).collect()
    )
    return found


chosen = ci.maximize_influence(network, k=5, rng=SEED, mapper=on_spark)
print(chosen.certificate)
alone = ci.maximize_influence(network, k=5, rng=SEED)
same = (chosen.seeds, chosen.certificate) == (alone.seeds, alone.certificate)
print("the seeds are those chosen in one process:", same)

spark.stop()
