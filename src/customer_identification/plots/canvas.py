"""What all pictures share: axes, colours, and how money and shares are written."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter


__all__ = [
    "BLUE",
    "GREY",
    "MONEY",
    "ORANGE",
    "RED",
    "SHARE",
    "SKY",
    "axes",
    "counted",
    "percent",
    "tidy",
]

BLUE, SKY, ORANGE, RED, GREY = (
    "#0072B2",
    "#56B4E9",
    "#E69F00",
    "#D55E00",
    "#767676",
)
MONEY = FuncFormatter(lambda value, _: f"{value:,.0f}")
SHARE = PercentFormatter(1.0, decimals=0, symbol=" %")


def axes(ax: Axes | None, width: float = 7.0, height: float = 4.5) -> Axes:
    """Give the axes to draw on; new ones where there are none."""
    if ax is not None:
        return ax
    _, new = plt.subplots(figsize=(width, height), layout="constrained")
    return new


def tidy(ax: Axes, title: str) -> None:
    """Put the title to the left, and take away lines that say nothing."""
    ax.set_title(title, loc="left", fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)


def counted(n: int, noun: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> counted(1, "topic"), counted(1200, "topic")
    ('1 topic', '1,200 topics')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"


def percent(share: float) -> str:
    """Write a share in whole per cent, or with a decimal where it is small.

    Examples
    --------
    >>> percent(0.36), percent(0.004), percent(float("nan"))
    ('36 %', '0.4 %', 'unknown')
    """
    if math.isnan(share):
        return "unknown"
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"
