"""Pictures of segments and groups: where customers lie, and what sets groups apart."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from customer_identification.classify.groups.result import CustomerGroups
from customer_identification.classify.segment.rfm import RFMScores
from customer_identification.options import an_instance
from customer_identification.plots.canvas import GREY, axes, counted, percent


__all__ = ["plot_groups", "plot_rfm"]


_FAR = 3.0  # spreads from all others that have the full shade; our choice


def plot_rfm(scores: RFMScores, *, ax: Axes | None = None) -> Axes:
    """Draw how many customers have which scores for recency and frequency, as a map.

    Below each number stands the mean score for money.

    Parameters
    ----------
    scores : RFMScores
        By :meth:`RFMRule.score`.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("scores", scores, RFMScores)
    names = ("recency", "frequency", "monetary")
    all_scores = np.array([getattr(scores, name) for name in names], np.int64)
    known = (all_scores > 0).all(axis=0)
    recency, frequency, money = all_scores[:, known]
    width, height = (int(one.max(initial=1)) for one in (recency, frequency))
    cells = (frequency - 1) * width + recency - 1
    counts = np.bincount(cells, minlength=width * height).reshape(height, width)
    totals = np.bincount(cells, weights=money, minlength=width * height)
    means = totals.reshape(height, width) / np.maximum(counts, 1)
    ax = axes(ax, width=2.4 + width, height=1.6 + 0.7 * height)
    ax.imshow(
        counts,
        cmap="Blues",
        vmin=0,
        vmax=max(1.15 * counts.max(), 1),
        aspect="auto",
        origin="lower",
    )
    for i, j in zip(*np.nonzero(counts), strict=True):
        ax.annotate(
            f"{counts[i, j]:,}\nM {means[i, j]:.1f}",
            (j, i),
            ha="center",
            va="center",
            fontsize="small",
            color="white" if counts[i, j] > 0.7 * counts.max() else "black",
        )
    ax.set_xticks(range(width), [str(one + 1) for one in range(width)])
    ax.set_yticks(range(height), [str(one + 1) for one in range(height)])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("recency score")
    ax.set_ylabel("frequency score")
    unknown = int((~known).sum())
    ax.set_title(
        f"{counted(len(scores), 'customer')} as of {scores.as_of}"
        + (f", {unknown:,} unknown" if unknown else ""),
        loc="left",
        fontsize="medium",
    )
    return ax


def plot_groups(groups: CustomerGroups, *, ax: Axes | None = None) -> Axes:
    """Draw what sets every group apart: by attribute how far it lies from all.

    The number is the middle of the group in the units of the data; the shade is the
    difference to all customers, in spreads: blue above, red below.

    Parameters
    ----------
    groups : CustomerGroups
        By :func:`group_customers`.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("groups", groups, CustomerGroups)
    table = groups.describe()
    n = len(groups.centres)
    names = table["attribute"].tolist()[: len(table) // n]
    differences = table["difference"].to_numpy().reshape(n, len(names))
    centres = table["centre"].to_numpy().reshape(n, len(names))
    every = table["all"].to_numpy()[: len(names)]
    ax = axes(ax, width=2.8 + 1.05 * len(names), height=2.3 + 0.6 * n)
    most = min(max(float(np.abs(differences).max()), 1e-9), _FAR)
    ax.imshow(
        differences, cmap="RdBu", vmin=-1.3 * most, vmax=1.3 * most, aspect="auto"
    )
    for i, j in np.ndindex(differences.shape):
        ax.annotate(
            _say(centres[i, j]),
            (j, i),
            ha="center",
            va="center",
            fontsize="small",
            color="white" if abs(differences[i, j]) > 0.8 * most else "black",
        )
    for j, value in enumerate(every):
        ax.annotate(
            _say(value), (j, n), ha="center", va="center", fontsize="small", color=GREY
        )
    counts = groups.counts()
    labels = [
        f"{label}\n{counts[label]:,} ({percent(counts[label] / len(groups))})"
        for label in groups.classes.labels[:n]
    ]
    ax.set_yticks(range(n + 1), [*labels, "all"])
    ax.set_xticks(
        range(len(names)),
        [one.replace("_", " ") for one in names],
        rotation=30,
        ha="left",
        rotation_mode="anchor",
    )
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    told = "blue: more than all, red: less"
    if groups.stability is not None:
        told += f"\n{groups.stability}"
    ax.text(
        0, -0.05, told, transform=ax.transAxes, va="top", color=GREY, fontsize="small"
    )
    ax.set_title(
        f"{counted(len(groups), 'customer')} in {counted(n, 'group')}",
        loc="left",
        fontsize="medium",
    )
    return ax


def _say(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
