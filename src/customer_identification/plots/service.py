"""Pictures of service: whether a budget follows value, and one customer's own pattern."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from customer_identification.errors import InvalidInputError
from customer_identification.options import an_instance
from customer_identification.plots.canvas import (
    BLUE,
    GREY,
    MONEY,
    ORANGE,
    RED,
    SHARE,
    SKY,
    axes,
    tidy,
)
from customer_identification.service.allocation import Allocation
from customer_identification.service.patterns import WatchPolicy, process_limits
from customer_identification.summary import Summary


__all__ = ["plot_budget", "plot_pattern"]

_WIDE = 0.27  # of a bar; three stand side by side


def plot_budget(allocation: Allocation, *, ax: Axes | None = None) -> Axes:
    """Draw each class's share of the customers, of the value and of the budget.

    Above each class stands what a customer gets on average. Where the budget follows
    value, the bars of value and budget are as high as each other; the big pot is where
    those of customers and budget are.

    Parameters
    ----------
    allocation : Allocation
        Shared out by classes.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("allocation", allocation, Allocation)
    shares = [one for one in allocation.shares if one.customers]
    ax = axes(ax, width=2.5 + 1.1 * len(shares))
    columns = (
        ("customers", SKY, [one.customers for one in shares]),
        ("value at stake", BLUE, [one.value for one in shares]),
        ("budget", ORANGE, [one.amount for one in shares]),
    )
    place = np.arange(len(shares))
    tops = np.zeros(len(shares))
    for at, (name, colour, given) in enumerate(columns):
        part = np.array(given, dtype=np.float64)
        part = part / (part.sum() or 1)
        tops = np.maximum(tops, part)
        ax.bar(place + (at - 1) * _WIDE, part, _WIDE * 0.92, color=colour, label=name)
    for at, one in enumerate(shares):
        ax.annotate(
            f"{one.per_customer:,.3g} each",
            (at, tops[at]),
            (0, 3),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize="small",
        )
    ax.set_xticks(place, [f"{one.label}\n{one.customers:,}" for one in shares])
    ax.tick_params(axis="x", length=0)
    ax.margins(y=0.12)
    ax.yaxis.set_major_formatter(SHARE)
    ax.set_ylabel("share of all with value at stake")
    ax.legend(frameon=False, fontsize="small")
    budget = f"{float(allocation.budget):,.15g}"
    tidy(ax, f"a budget of {budget} shared out by value at stake")
    return ax


def plot_pattern(
    summary: Summary,
    customer_id: int | str,
    *,
    policy: WatchPolicy | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one customer's value by period within the limits of their own pattern.

    An XmR chart, as :func:`watch_list` reads it: mean and natural process limits of the
    periods after the first purchase and before the last one; the last one is red where
    it lies outside.

    Parameters
    ----------
    summary : Summary
        By period.
    customer_id : int or str
    policy : WatchPolicy, optional
        The default one if not given.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    UnknownCustomerError
        If nobody here has that id.
    InvalidInputError
        If there are fewer than two complete periods before the last one since the
        customer's first purchase.
    """
    an_instance("summary", summary, Summary)
    an_instance("policy", policy, WatchPolicy, or_none=True)
    at = summary.position(customer_id)
    if summary.period_values is None or summary.first_purchase is None:
        raise InvalidInputError("the summary must have periods", code="no_periods")
    told = summary.periods > summary.first_purchase[at]
    values = summary.period_values[at, told]
    if values.size < 3:
        raise InvalidInputError(
            "a pattern needs at least three complete periods after that of the first "
            f"purchase; there are {values.size}",
            code="too_short",
        )
    limits = (policy or WatchPolicy()).limits
    mean, low, high = (
        float(one[0]) for one in process_limits(values[None, :-1], limits)
    )
    is_out = not low <= values[-1] <= high
    scale = 10**summary.minor_units
    values, mean, low, high = (one / scale for one in (values, mean, low, high))
    days = summary.periods[told].astype("datetime64[D]")
    ax = axes(ax)
    ax.fill_between(days, low, high, color=SKY, alpha=0.25, linewidth=0)
    ax.axhline(mean, color=GREY, linewidth=1)
    ax.plot(days, values, color=BLUE, marker="o", markersize=4)
    ax.plot(days[-1:], values[-1:], "o", color=RED if is_out else BLUE, markersize=8)
    for level, name in ((mean, "own mean"), (low, "low"), (high, "high")):
        ax.annotate(
            name,
            (1, level),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color=GREY,
            fontsize="small",
        )
    ax.yaxis.set_major_formatter(MONEY)
    ax.set_ylabel(f"value by {summary.period}")
    for label in ax.get_xticklabels():
        label.set(rotation=45, ha="right")
    says = "outside" if is_out else "within"
    tidy(ax, f"the last complete {summary.period} is {says} this customer's own limits")
    return ax
