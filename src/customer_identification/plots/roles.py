"""Pictures of roles: who is what besides, and whose the value is."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from customer_identification.options import an_instance, whole
from customer_identification.plots.canvas import (
    BLUE,
    GREY,
    MONEY,
    ORANGE,
    SKY,
    axes,
    percent,
    tidy,
)
from customer_identification.roles.book import RoleBook
from customer_identification.roles.values import RoleValues


__all__ = ["plot_role_values", "plot_roles"]

_COLOURS = (BLUE, ORANGE, SKY, GREY)


def plot_roles(book: RoleBook, *, ax: Axes | None = None) -> Axes:
    """Draw how many parties have which two roles, as a map.

    The diagonal has all who have a role; beside it stand those of the row who have the
    role of the column too, and the shade is their share of the row. Roles that nobody
    has are left out.

    Parameters
    ----------
    book : RoleBook
        Of one day, by :meth:`RoleBook.at`, or of all there ever were.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("book", book, RoleBook)
    kinds = [kind for kind, n in book.counts().items() if n]
    ids = book.parties()
    held = np.array([book.holds(ids, kind) for kind in kinds], np.int64).reshape(
        len(kinds), ids.size
    )
    both = held @ held.T
    shares = both / np.maximum(np.diag(both)[:, None], 1)
    width = max(6.5, 2.6 + 0.95 * len(kinds))  # as wide as the words below
    ax = axes(ax, width=width, height=1.9 + 0.5 * len(kinds))
    if kinds:
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for i, j in zip(*np.nonzero(both), strict=True):
        ax.annotate(
            f"{both[i, j]:,}" if i == j else f"{both[i, j]:,}\n{percent(shares[i, j])}",
            (j, i),
            ha="center",
            va="center",
            fontsize="small",
            color="white" if shares[i, j] > 0.55 else "black",
        )
    names = [kind.replace("_", " ") for kind in kinds]
    ax.set_xticks(range(len(kinds)), names)
    ax.set_yticks(range(len(kinds)), names)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.text(
        0,
        -0.03,
        "beside the diagonal: who has the role of the column too; shade: share of the row",
        transform=ax.transAxes,
        va="top",
        color=GREY,
        fontsize="small",
    )
    several = book.with_several().size
    ax.set_title(
        f"{ids.size:,} parties, {several:,} with several roles",
        loc="left",
        fontsize="medium",
    )
    return ax


def plot_role_values(
    values: RoleValues, *, most: int = 12, ax: Axes | None = None
) -> Axes:
    """Draw the parties of most value, and in which roles they have it.

    Nobody is named: a bar is a rank. Below them stands what all parties have in each
    role.

    Parameters
    ----------
    values : RoleValues
    most : int
        How many parties, at least 1.
    ax : Axes, optional
        Where to draw.
    """
    an_instance("values", values, RoleValues)
    total = values.total_minor if values.total_minor > 0 else np.nan
    order = np.argsort(-values.minor.sum(axis=1), kind="stable")[
        : whole("most", most, 1)
    ]
    ax = axes(ax, height=1.8 + 0.28 * order.size)
    rows = values.minor[order] / 10**values.minor_units
    left = np.zeros(order.size)
    for at, kind in enumerate(values.kinds):
        share = values.minor[:, at].sum() / total
        label = f"{kind.replace('_', ' ')} ({percent(share)} of all)"
        ax.barh(
            np.arange(order.size),
            rows[:, at],
            left=left,
            color=_COLOURS[at],
            label=label,
        )
        left = left + rows[:, at]
    ax.set_yticks(range(order.size), [str(rank + 1) for rank in range(order.size)])
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(MONEY)
    ax.set_xlabel("value")
    ax.set_ylabel("rank by value")
    ax.legend(
        frameon=False,
        fontsize="small",
        ncols=2,
        loc="upper left",
        bbox_to_anchor=(0, -0.16),
    )
    held = float(values.minor[order].sum() / total)
    tidy(
        ax,
        f"{order.size:,} of {len(values):,} parties hold {percent(held)} of the value, "
        f"as of {values.as_of}",
    )
    return ax
