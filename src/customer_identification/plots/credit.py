"""Pictures of credit: what is owed, by how long it is past due."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.axes import Axes

from customer_identification.invoices.ageing import Ageing
from customer_identification.options import an_instance
from customer_identification.plots.canvas import (
    BLUE,
    MONEY,
    ORANGE,
    RED,
    SKY,
    axes,
    counted,
    percent,
    tidy,
)


__all__ = ["plot_ageing"]


def plot_ageing(ageing: Ageing, *, ax: Axes | None = None) -> Axes:
    """Draw what is open by how long it is past due.

    Parameters
    ----------
    ageing : Ageing
        By :func:`ageing`.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("ageing", ageing, Ageing)
    ax = axes(ax)
    amounts = ageing.amounts / 10**ageing.minor_units
    n = len(ageing)
    late = [SKY, ORANGE, RED]
    colours = [BLUE, *(late[min(2, 3 * at // max(n - 1, 1))] for at in range(n - 1))]
    bars = ax.bar(np.arange(n), amounts, color=colours)
    for bar, invoices, share in zip(
        bars, ageing.invoices.tolist(), ageing.shares.tolist(), strict=True
    ):
        if not invoices:
            continue
        ax.annotate(
            f"{percent(share)}\n{counted(invoices, 'invoice')}",
            (bar.get_x() + bar.get_width() / 2, bar.get_height()),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize="small",
        )
    names = [re.sub(r"(\d)_(\d)", r"\1-\2", one) for one in ageing.names]
    ax.set_xticks(range(n), [one.replace("_", " ") for one in names])
    ax.yaxis.set_major_formatter(MONEY)
    ax.set_ylabel("open")
    ax.margins(y=0.18)
    ax.set_ylim(bottom=0, top=None if ageing.open else 1)
    tidy(
        ax,
        f"{ageing.open / 10**ageing.minor_units:,.0f} open as of {ageing.as_of}, by days "
        "past due",
    )
    return ax
