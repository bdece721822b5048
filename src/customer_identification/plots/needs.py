"""Pictures of needs: how much they matter against how well they are met, and Kano's."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from customer_identification.needs.groups import EVERYBODY
from customer_identification.needs.kano import Kano
from customer_identification.needs.ranking import NeedRanking
from customer_identification.options import an_instance
from customer_identification.plots.canvas import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SHARE,
    SKY,
    axes,
    counted,
    tidy,
)


__all__ = ["plot_kano", "plot_needs"]

_RIGHT = 0.6  # from here on names stand to the left
_LEVELS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8)
_COLOURS = {
    "A": SKY,
    "O": BLUE,
    "M": RED,
    "I": GREY,
    "R": ORANGE,
    "Q": ORANGE,
}
_WORDS = {
    "A": "attractive",
    "O": "one-dimensional",
    "M": "must-be",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}


def plot_needs(
    ranking: NeedRanking, *, group: str = EVERYBODY, ax: Axes | None = None
) -> Axes:
    """Draw importance against satisfaction; to the lower right needs are not met.

    Lines join needs of equal opportunity. Those without enough evidence are counted
    below and not drawn.

    Parameters
    ----------
    ranking : NeedRanking
        By :func:`rank_needs`.
    group : str
        Whose needs; everybody's if not given.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    InvalidInputError
        If there is no such group.
    """
    an_instance("ranking", ranking, NeedRanking)
    needs = ranking.of(group)
    told = [one for one in needs if one.enough]
    ax = axes(ax, width=7.0, height=5.0)
    x = np.array([one.importance for one in told])
    y = np.array([one.satisfaction for one in told])
    for level in _LEVELS:
        _line_of_equal_opportunity(ax, level)
    ax.scatter(x, y, color=BLUE, zorder=3)
    for one in told:
        ax.annotate(
            one.topic,
            (one.importance, one.satisfaction),
            xytext=(5, 4),
            textcoords="offset points",
            fontsize="small",
        )
    ax.set_xlim(_room(x))
    ax.set_ylim(_room(y))
    for level in _LEVELS:
        _name_line(ax, level)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(SHARE)
    ax.set_xlabel("importance")
    ax.set_ylabel("satisfaction")
    unsure = len(needs) - len(told)
    whose = "" if group == EVERYBODY else f" of {group}"
    tidy(
        ax,
        f"needs{whose} as of {ranking.as_of}"
        + (f"; {unsure} more without enough evidence" if unsure else "")
        + "; grey: equal opportunity",
    )
    return ax


def _room(values: NDArray[np.float64]) -> tuple[float, float]:
    """Give limits of an axis around values from 0 to 1."""
    if not values.size:
        return 0.0, 1.0
    room = max(0.05, 0.15 * float(values.max() - values.min()))
    return max(0.0, float(values.min()) - room), min(1.0, float(values.max()) + room)


def _name_line(ax: Axes, level: float) -> None:
    """Write the opportunity at the lower end of its line, if that is in the picture."""
    bottom = ax.get_ylim()[0]
    importance = (level + bottom) / 2
    low, high = ax.get_xlim()
    if low < importance < min(high, level):
        ax.annotate(
            f"{level:.1f}",
            (importance, bottom),
            xytext=(6, 3),
            textcoords="offset points",
            color=GREY,
            fontsize="x-small",
        )


def _line_of_equal_opportunity(ax: Axes, level: float) -> None:
    """Draw where importance + max(importance - satisfaction, 0) is the same."""
    importance = np.array([level / 2, min(level, 1.0)])
    satisfaction = np.clip(2 * importance - level, 0, 1)
    ax.plot(importance, satisfaction, color=GREY, linewidth=0.6, alpha=0.6)
    if level <= 1:
        ax.plot([level, level], [level, 1], color=GREY, linewidth=0.6, alpha=0.6)


def plot_kano(kano: Kano, *, group: str = EVERYBODY, ax: Axes | None = None) -> Axes:
    """Draw by how much having each topic satisfies, and not having it dissatisfies.

    Parameters
    ----------
    kano : Kano
        By :func:`kano`.
    group : str
        Whose answers; everybody's if not given.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    InvalidInputError
        If there is no such group.
    """
    an_instance("kano", kano, Kano)
    ax = axes(ax, width=6.0, height=5.0)
    topics = kano.of(group)
    placed = [one for one in topics if not math.isnan(one.better)]
    seen: set[str] = set()
    for one in placed:
        label = _WORDS[one.category]
        ax.scatter(
            -one.worse,
            one.better,
            color=_COLOURS[one.category],
            label=None if label in seen else label,
            zorder=3,
        )
        seen.add(label)
        is_right = -one.worse > _RIGHT
        ax.annotate(
            one.topic,
            (-one.worse, one.better),
            xytext=(-5 if is_right else 5, 4),
            textcoords="offset points",
            ha="right" if is_right else "left",
            fontsize="small",
        )
    ax.axhline(0.5, color=GREY, linewidth=0.8)
    ax.axvline(0.5, color=GREY, linewidth=0.8)
    ax.set_xlim(-0.03, 1.08)
    ax.set_ylim(-0.03, 1.05)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(SHARE)
    ax.set_xlabel("dissatisfies if it is not there")
    ax.set_ylabel("satisfies if it is there")
    if seen:
        ax.legend(
            frameon=False,
            fontsize="small",
            loc="upper left",
            bbox_to_anchor=(0, -0.13),
            ncols=3,
        )
    whose = "" if group == EVERYBODY else f" of {group}"
    hidden = len(topics) - len(placed)
    tidy(
        ax,
        f"{counted(len(topics), 'topic')} by what they mean to those asked{whose}"
        + (f"; {hidden} without a place" if hidden else ""),
    )
    return ax
