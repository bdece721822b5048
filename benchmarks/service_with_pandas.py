"""Services by class and visits shared out, with pandas and with bare numpy."""

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from attrs import frozen
from roles_ours import policy
from roles_tables import BUDGET, LABELS, LEAST, MOST
from route import Numbers, Route


__all__ = ["JOBS"]


@frozen(eq=False)
class Customers:
    """A frame of customers and classes, and the service of every mix of classes."""

    frame: pd.DataFrame
    mixes: pd.DataFrame


def line_of(labels: dict[str, str]) -> int:
    """Read the service table from the top, once for each mix of classes."""
    return next(
        at
        for at, line in enumerate(policy.lines)
        if all(labels[name] in allowed for name, allowed in line.when.items())
    )


def customers(frame: pd.DataFrame, kind: str) -> Customers:
    """Hold classes as words or categories, and write the table out, off the clock."""
    every = [dict(zip(LABELS, one, strict=True)) for one in product(*LABELS.values())]
    lines = [line_of(one) for one in every]
    mixes = pd.DataFrame(every).assign(
        line=np.array(lines) + 1,
        level=[policy.lines[at].level for at in lines],
        treatment=[policy.lines[at].treatment for at in lines],
    )
    dtypes = {
        name: frame[name].dtype if kind == "category" else kind for name in LABELS
    }
    return Customers(frame.astype(dtypes), mixes.astype(dtypes))


def merge(given: Customers) -> tuple[pd.Series, pd.Series]:
    """Look the service up by a join, and count the levels."""
    found = given.frame.merge(given.mixes, on=list(LABELS), how="left")
    return found["line"], found.groupby("level").size()


def select(given: Customers) -> tuple[Any, pd.Series]:
    """Go through the lines one by one, first match wins, and count the levels."""
    frame = given.frame
    is_one = [
        np.logical_and.reduce(
            [frame[name].isin(allowed) for name, allowed in line.when.items()]
        )
        for line in policy.lines[:-1]
    ]
    lines = np.select(is_one, range(1, len(policy.lines)), len(policy.lines))
    levels = np.array([one.level for one in policy.lines], dtype=object)[lines - 1]
    return lines, pd.Series(levels).value_counts()


def plan_numbers(found: Any) -> Numbers:
    """Give the line of every customer, from 1, and the counts of levels."""
    lines, counts = found
    return {
        "line": np.asarray(lines, dtype=np.int64),
        "counts": counts.reindex(list(policy.levels)).to_numpy(),
    }


def lookup_table(frame: pd.DataFrame) -> Any:
    """Give the codes of the classes, and the line of every mix as an array."""
    table = np.array(
        [
            line_of(dict(zip(LABELS, one, strict=True)))
            for one in product(*LABELS.values())
        ],
        dtype=np.int8,
    ).reshape([len(one) for one in LABELS.values()])
    return [frame[name].cat.codes.to_numpy() for name in LABELS], table


def look_up(given: Any) -> tuple[Any, Any]:
    """Look the lines up, and count them: the least there is to do."""
    codes, table = given
    lines = table[tuple(codes)]
    return lines, np.bincount(lines, minlength=len(policy.lines))


def looked_up_numbers(found: Any) -> Numbers:
    """Give the line of every customer, from 1."""
    return {"line": found[0].astype(np.int64) + 1}


def leveled(frame: pd.DataFrame) -> pd.DataFrame:
    """Give stakes and levels, off the clock."""
    lines = look_up(lookup_table(frame))[0]
    of_line = [policy.levels.index(one.level) for one in policy.lines]
    codes = np.array(of_line, dtype=np.int8)[lines]
    level = pd.Categorical.from_codes(codes, list(policy.levels))
    return pd.DataFrame({"stake": frame["stake"], "level": level})


def visits_within(frame: pd.DataFrame) -> pd.Series:
    """Share visits out, cut off at the bounds and rounded: about the budget."""
    stake, level = frame["stake"], frame["level"]
    units = stake * (int(BUDGET * len(frame)) / stake.sum())
    low = level.map(lambda one: LEAST.get(one, 0)).astype(float)
    high = level.map(lambda one: MOST.get(one, np.inf)).astype(float)
    return units.clip(low, high).round().astype("int64")


def visits(frame: pd.DataFrame) -> pd.Series:
    """Share visits out in proportion; what is left goes to the largest remainders."""
    stake, budget = frame["stake"], int(BUDGET * len(frame))
    shares = stake * budget / stake.sum()
    units = shares.astype("int64")
    left = budget - int(units.sum())
    units.loc[(shares - units).nlargest(left).index] += 1
    return units


def visit_numbers(found: pd.Series) -> Numbers:
    """Give the visits of every customer."""
    return {"units": found.to_numpy()}


def nothing(_: Any) -> Numbers:
    """Give no numbers: they add up to another sum."""
    return {}


JOBS = {
    "merge": Route(merge, plan_numbers, partial(customers, kind="str")),
    "merge_categories": Route(merge, plan_numbers, partial(customers, kind="category")),
    "select": Route(select, plan_numbers, partial(customers, kind="str")),
    "select_categories": Route(
        select, plan_numbers, partial(customers, kind="category")
    ),
    "look_up": Route(look_up, looked_up_numbers, lookup_table),
    "visits_within": Route(visits_within, nothing, leveled),
    "visits": Route(visits, visit_numbers, leveled),
}
