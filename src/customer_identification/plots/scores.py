"""Pictures of scorecards: the points of every bin, of one party, and calibration."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from customer_identification.options import an_instance, whole
from customer_identification.plots.canvas import (
    BLUE,
    GREY,
    RED,
    SHARE,
    axes,
    counted,
    tidy,
)
from customer_identification.scorecard.assess import Assessment
from customer_identification.scorecard.card import Scorecard, Scores
from customer_identification.scorecard.points import AttributePoints


__all__ = ["plot_calibration", "plot_points", "plot_scorecard"]


def plot_calibration(assessment: Assessment, *, ax: Axes | None = None) -> Axes:
    """Draw the share of good outcomes against the chance that was told, by bin.

    Points on the line came true as told; a bar is the confidence interval of a share,
    and the larger a point, the more parties are in its bin.

    Parameters
    ----------
    assessment : Assessment
        By :func:`assess` or :meth:`Scorecard.check`.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("assessment", assessment, Assessment)
    ax = axes(ax, width=5.5, height=5.0)
    chance, share, rows = assessment.chance, assessment.share, assessment.rows
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    ax.vlines(chance, assessment.share_low, assessment.share_high, color=BLUE)
    ax.scatter(chance, share, s=20 + 100 * rows / rows.max(), color=BLUE, zorder=3)
    high = float(np.nanmax([chance.max(), assessment.share_high.max()]))
    low = float(np.nanmin([chance.min(), assessment.share_low.min()]))
    room = 0.04 * (high - low)
    ax.set_xlim(max(0.0, low - room), min(1.0, high + room))
    ax.set_ylim(max(0.0, low - room), min(1.0, high + room))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(SHARE)
    ax.set_xlabel("chance told")
    ax.set_ylabel("share that came true")
    tidy(
        ax,
        f"calibration error {assessment.calibration_error:.3f}, slope "
        f"{assessment.slope:.2f}\narea under the curve {assessment.area:.3f} "
        f"({assessment.low:.3f} to {assessment.high:.3f})",
    )
    return ax


def plot_scorecard(card: Scorecard, *, most: int = 8, ax: Axes | None = None) -> Axes:
    """Draw the points of every bin, the attributes with the widest span first.

    Parameters
    ----------
    card : Scorecard
        Learnt or made by hand.
    most : int
        How many attributes, at least 1.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("card", card, Scorecard)
    whole("most", most, 1)
    shown = sorted(card.attributes, key=lambda one: -one.span)[:most]
    names: list[str] = []
    points: list[float] = []
    for one in shown:
        bins = [code for code in range(one.all_points.size) if _is_told(one, code)]
        names += [one.text(code) for code in bins] + [""]
        points += [*one.all_points[bins].tolist(), np.nan]
    names, points = names[:-1], points[:-1]
    ax = axes(ax, height=1.2 + 0.24 * len(names))
    heights = np.array(points)
    colours = [BLUE if one >= 0 else RED for one in points]
    ax.barh(np.arange(len(names)), np.nan_to_num(heights), color=colours)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.set_yticks(range(len(names)), [_short(one) for one in names], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.margins(y=0.01)
    ax.set_xlabel("points")
    rest = len(card.attributes) - len(shown)
    tidy(
        ax,
        f"base {card.base:.0f} points; "
        f"{counted(len(shown), 'attribute')}{f', {rest} more not shown' if rest else ''}",
    )
    return ax


def plot_points(
    scores: Scores, customer_id: int | str, *, ax: Axes | None = None
) -> Axes:
    """Draw how the points of one party add up to the score.

    The party is not named.

    Parameters
    ----------
    scores : Scores
        By :meth:`Scorecard.score`.
    customer_id : int or str
        Whose points.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    UnknownCustomerError
        If nobody there has that id.
    """
    an_instance("scores", scores, Scores)
    base, *points = scores.points_of(customer_id).values()
    at = int(np.searchsorted(scores.customer_ids, customer_id))
    texts = [
        one.text(int(codes[at]))
        for one, codes in zip(scores.card.attributes, scores.codes, strict=True)
    ]
    order = np.argsort(-np.abs(points), kind="stable")
    steps = np.array(points, np.float64)[order]
    starts = base + np.concatenate([[0.0], np.cumsum(steps)])
    ax = axes(ax, height=1.4 + 0.28 * (1 + steps.size))
    colours = [BLUE if one >= 0 else RED for one in steps]
    ax.barh(np.arange(steps.size), steps, left=starts[:-1], color=colours)
    ax.axvline(base, color=GREY, linewidth=1, linestyle=":")
    ax.axvline(starts[-1], color=GREY, linewidth=1)
    for row, (left, step) in enumerate(zip(starts, steps, strict=False)):
        ax.annotate(
            f"{step:+.1f}",
            (max(left, left + step), row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    ax.set_yticks(
        range(steps.size), [_short(texts[i]) for i in order], fontsize="small"
    )
    ax.use_sticky_edges = False
    ax.margins(x=0.12)
    ax.invert_yaxis()
    ax.set_xlabel("score")
    tidy(ax, f"base {base:.1f}, score {starts[-1]:.1f}")
    return ax


def _is_told(one: AttributePoints, code: int) -> bool:
    """Tell bins of values from those of unknown and other ones without points."""
    return code < len(one.points) or bool(one.all_points[code])


def _short(text: str, most: int = 44) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
