"""Pictures of value, classes, moves between them, and single customers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from customer_identification.aggregate import period_end
from customer_identification.classify.base import Classification
from customer_identification.classify.migration import ABSENT, Migration
from customer_identification.classify.subsidy import Subsidy
from customer_identification.classify.trajectory import history_of, trends
from customer_identification.classify.value import ABCRule
from customer_identification.errors import InvalidInputError
from customer_identification.identification import Identification
from customer_identification.plots.canvas import (
    BLUE,
    GREY,
    MONEY,
    ORANGE,
    RED,
    SHARE,
    SKY,
    axes,
    percent,
    tidy,
)
from customer_identification.report import format_money
from customer_identification.summary import Summary


__all__ = [
    "plot_classes",
    "plot_customer",
    "plot_lorenz",
    "plot_migration",
    "plot_subsidy",
]

# --- how value is spread ------------------------------------------------------------


def plot_lorenz(
    summary: Summary,
    rule: ABCRule | None = None,
    *,
    top: float = 0.05,
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of all value the largest customers hold.

    Parameters
    ----------
    summary : Summary
        Customers with a value of 0 or less are left out; shares are of the others.
    rule : ABCRule, optional
        Whose limits are marked, with customers and share of value of each class.
    top : float
        Share of the customers that the title speaks of, above 0 and at most 1.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    InvalidInputError
        If no customer has a value above 0, `top` is out of range, or the rule counts
        money in other units.
    """
    if summary.value is None or not (summary.value > 0).any():
        raise InvalidInputError(
            "at least one customer must have a value above 0", code="no_value"
        )
    if not 0 < top <= 1:
        raise InvalidInputError("top must be above 0 and at most 1", code="bad_option")
    if rule is not None and rule.minor_units != summary.minor_units:
        raise InvalidInputError(
            f"the summary must have minor_units={rule.minor_units}, as the rule has",
            code="minor_units",
        )
    falling = np.sort(summary.value[summary.value > 0])[::-1]
    held = np.concatenate([[0], np.cumsum(falling)]) / falling.sum()
    people = np.arange(falling.size + 1) / falling.size
    n_top = math.ceil(top * falling.size)

    ax = axes(ax)
    ax.plot(people, held, color=BLUE, linewidth=2)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    ax.annotate("if all were equal", (0.75, 0.73), color=GREY, ha="left", va="top")
    if rule is not None:
        _mark_classes(ax, rule, falling, held)
    ax.plot(people[n_top], held[n_top], "o", color=RED)
    total = format_money(int(falling.sum()), summary.minor_units)
    tidy(
        ax,
        f"{percent(top)} of those with value hold {percent(held[n_top])} of the value, "
        f"as of {summary.as_of}",
    )
    ax.set_xlabel(f"share of the {falling.size:,} customers with value, largest first")
    ax.set_ylabel(f"share of the value of {total}")
    ax.xaxis.set_major_formatter(SHARE)
    ax.yaxis.set_major_formatter(SHARE)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    return ax


def _mark_classes(
    ax: Axes, rule: ABCRule, falling: NDArray[np.int64], held: NDArray[np.float64]
) -> None:
    """Shade each class under the curve, and write its size and share beside it."""
    n = falling.size
    ends = [int(np.count_nonzero(falling >= limit.value)) for limit in rule.limits]
    x = np.arange(n + 1) / n
    starts, ends = [0, *ends], [*ends, n]
    shades = np.linspace(0.45, 0.08, len(starts))
    for name, start, end, shade in zip(
        rule.classes, starts, ends, shades.tolist(), strict=False
    ):
        part = slice(start, end + 1)
        ax.fill_between(x[part], held[part], color=BLUE, alpha=shade, linewidth=0)
        if end < n:
            ax.vlines(end / n, 0, held[end], color=BLUE, linewidth=1)
        ax.annotate(
            f"{name}\n{end - start:,}\n{percent(held[end] - held[start])}",
            ((start + end) / 2 / n, 0.03),
            ha="center",
            va="bottom",
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 2},
        )


# --- classes side by side -----------------------------------------------------------


def plot_classes(
    classes: Classification | Identification,
    by: str = "value",
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw each class's share of the customers beside its share of the value.

    Parameters
    ----------
    classes : Classification or Identification
        A classification alone shows value only if value is one of its measures.
    by : str
        Name of the rule, where an identification is given.
    ax : Axes, optional
        Where to draw.

    Notes
    -----
    Shares of value are of the sum of what is above 0, class by class, so that a class
    that costs money does not push the others over 100 %; the sums written beside the
    bars are what they are.

    Raises
    ------
    InvalidInputError
        If the identification has no rule of that name.
    """
    values, minor_units, kind = None, 2, "class"
    if isinstance(classes, Identification):
        kind = f"{by} class"
        if by not in classes.classes:
            raise InvalidInputError(
                f"by must be one of {', '.join(classes.classes)}", code="unknown_rule"
            )
        values, minor_units = classes.summary.value, classes.summary.minor_units
        classes = classes.classes[by]
    elif "value" in classes.measures:
        measure = classes.measures["value"]
        values, minor_units = measure.values, len(str(measure.scale)) - 1
    counts = np.array(list(classes.counts().values()))
    groups = {"customers": (_shares(counts), [f"{count:,}" for count in counts])}
    if values is not None:
        totals = np.zeros(counts.size, dtype=np.int64)
        np.add.at(totals, classes.codes, values)
        texts = [format_money(total, minor_units) for total in totals.tolist()]
        groups["value"] = (_shares(totals), texts)
    shown = np.flatnonzero(counts)
    ax = axes(ax, height=1.4 + 0.75 * max(shown.size, 1))
    _bars(ax, classes.labels, shown, groups)
    tidy(ax, f"{len(classes):,} customers by {kind}, as of {classes.as_of}")
    return ax


def plot_subsidy(subsidy: Subsidy, *, ax: Axes | None = None) -> Axes:
    """Draw who pays for whom: what each class brings beyond, or short of, the margin of all.

    Without profit that is unknown; the shares of customers, of value, and of what is
    bought at a discount are drawn instead.

    Parameters
    ----------
    subsidy : Subsidy
        As from `Identification.subsidy`.
    ax : Axes, optional
        Where to draw.
    """
    shown = np.flatnonzero(subsidy.customers)
    ax = axes(ax, height=1.4 + 0.75 * max(shown.size, 1))
    if np.isfinite(subsidy.received).any():
        _draw_received(ax, subsidy, shown)
        return ax
    customers, value = _shares(subsidy.customers), _shares(subsidy.value)
    groups = {
        "of the customers": (customers, [percent(one) for one in customers]),
        "of the value": (value, [percent(one) for one in value]),
    }
    if np.isfinite(subsidy.discount_share).any():
        share = subsidy.discount_share
        groups["bought at a discount"] = (share, [percent(one) for one in share])
    _bars(ax, subsidy.labels, shown, groups)
    tidy(ax, f"Who pays for whom is unknown (no profit), as of {subsidy.as_of}")
    return ax


def _draw_received(ax: Axes, subsidy: Subsidy, shown: NDArray[np.intp]) -> None:
    scale = 10**subsidy.minor_units
    for place, at in enumerate(shown):
        money = subsidy.received[at] / scale
        ax.barh(place, -money, color=BLUE if money <= 0 else ORANGE, height=0.6)
        margin = subsidy.margin[at]
        ax.annotate(
            f"{-money:+,.0f} (margin {percent(margin)})",
            (max(-money, 0), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    ax.axvline(0, color="black", linewidth=0.8)
    _label_classes(ax, [subsidy.labels[at] for at in shown])
    ax.xaxis.set_major_formatter(MONEY)
    ax.set_xlabel("value beyond what the margin of all customers would bring")
    ax.margins(x=0.45)
    tidy(ax, f"Who pays (right) and who is paid for (left), as of {subsidy.as_of}")


def _shares(parts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give each part's share of all that is above 0; nan where nothing is."""
    whole = parts[parts > 0].sum()
    return parts / whole if whole else np.full(parts.size, np.nan)


def _bars(
    ax: Axes,
    labels: Sequence[str],
    shown: NDArray[np.intp],
    groups: Mapping[str, tuple[NDArray[np.float64], Sequence[str]]],
) -> None:
    """Draw one bar a class and group, with the text beside it."""
    height = 0.8 / len(groups)
    colours = (SKY, BLUE, ORANGE)
    for i, (name, (shares, texts)) in enumerate(groups.items()):
        places = np.arange(shown.size) + (i - (len(groups) - 1) / 2) * height
        bars = ax.barh(
            places, np.nan_to_num(shares[shown]), height, label=name, color=colours[i]
        )
        ax.bar_label(bars, [texts[at] for at in shown], padding=4, fontsize="small")
    _label_classes(ax, [labels[at] for at in shown])
    ax.xaxis.set_major_formatter(SHARE)
    ax.set_xlabel("share")
    ax.margins(x=0.18)
    if len(groups) > 1:
        ax.legend(frameon=False, loc="best")


def _label_classes(ax: Axes, labels: Sequence[str]) -> None:
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)


# --- two dates ----------------------------------------------------------------------


def plot_migration(migration: Migration, *, ax: Axes | None = None) -> Axes:
    """Draw how many moved from which class to which, as a map.

    Rows are the classes before, columns those after; the shade is the share of the row.
    Who stayed is framed. Classes that nobody was in on either date are left out.

    Parameters
    ----------
    migration : Migration
        As from `migrate` or `Comparison`.
    ax : Axes, optional
        Where to draw.
    """
    matrix = migration.matrix
    rows = np.flatnonzero(matrix.sum(axis=1))
    columns = np.flatnonzero(matrix.sum(axis=0))
    table = matrix[np.ix_(rows, columns)]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    ax = axes(ax, width=2.4 + 0.85 * columns.size, height=1.8 + 0.5 * rows.size)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
    for i, j in zip(*np.nonzero(table), strict=True):
        dark = shares[i, j] > 0.55
        ax.annotate(
            f"{table[i, j]:,}",
            (j, i),
            ha="center",
            va="center",
            color="white" if dark else "black",
        )
    absent = migration.labels.index(ABSENT)
    for i, row in enumerate(rows):
        for j in np.flatnonzero((columns == row) & (row != absent)):
            frame = Rectangle(
                (j - 0.5, i - 0.5), 1, 1, fill=False, color=RED, linewidth=2
            )
            ax.add_patch(frame)
    _name_sides(ax, migration, table, rows, columns)
    return ax


def _name_sides(
    ax: Axes,
    migration: Migration,
    table: NDArray[np.int64],
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
) -> None:
    def names(at: NDArray[np.intp], sums: NDArray[np.int64], gap: str) -> list[str]:
        return [
            f"{migration.labels[i].replace('_', ' ')}{gap}{total:,}"
            for i, total in zip(at, sums, strict=True)
        ]

    ax.set_xticks(range(columns.size), names(columns, table.sum(axis=0), "\n"))
    ax.set_yticks(range(rows.size), names(rows, table.sum(axis=1), "  "))
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(f"class on {migration.until}")
    ax.set_ylabel(f"class on {migration.since}")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.text(
        0,
        -0.03,
        "shade: share of the row; framed: stayed",
        transform=ax.transAxes,
        va="top",
        color=GREY,
        fontsize="small",
    )
    stayed = int(np.count_nonzero(migration.before == migration.after))
    came, went = migration.entered.size, migration.left.size
    both = migration.customer_ids.size - came - went
    ax.set_title(
        f"{both - stayed:,} of {both:,} customers moved, {came:,} "
        f"entered, {went:,} left",
        loc="left",
        fontsize="medium",
    )


# --- one customer -------------------------------------------------------------------


def plot_customer(
    summary: Summary,
    customer_id: int | str,
    *,
    show_id: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw one customer's value by complete period, with the Theil-Sen line.

    Parameters
    ----------
    summary : Summary
        With values by period.
    customer_id : int or str
        Whose value.
    show_id : bool
        Whether the title names the customer.
    ax : Axes, optional
        Where to draw.

    Notes
    -----
    Drawn are the complete periods since that of the first purchase; that one, cut short,
    is not in the trend. The line has the
    slope of Theil (1950) and Sen (1968) and leaves half of the periods above it; z is
    that of the Mann-Kendall test. With fewer than two periods there is no line.

    Raises
    ------
    UnknownCustomerError
        If nobody in the summary has that id.
    InvalidInputError
        If the summary has no values by period.
    """
    at = summary.position(customer_id)
    if summary.period_values is None or summary.first_purchase is None:
        raise InvalidInputError(
            "there are no values by period; summarize with period= and amounts",
            code="no_periods",
        )
    history = history_of(summary)
    known = 0 if history is None else int(np.nan_to_num(history[at]))
    # The period of the first purchase is shown, but not in the trend: it is cut short.
    own = _since_first_purchase(summary, summary.first_purchase[at])
    money = summary.period_values[at, own] / 10**summary.minor_units
    width = 10 if summary.period == "week" else 7  # 2011-12-05, or 2011-12
    starts = [str(day)[:width] for day in summary.periods[own]]

    ax = axes(ax)
    places = np.arange(money.size)
    ax.bar(places, money, color=np.where(money < 0, ORANGE, SKY).tolist(), width=0.8)
    ax.axhline(0, color="black", linewidth=0.8)
    series, when = money[money.size - known :], places[money.size - known :]
    z, slope = (float(one[0]) for one in trends(series[np.newaxis]))
    if math.isnan(slope):
        trend = "too few complete periods for a trend"
    else:
        level = float(np.median(series - slope * when))
        ax.plot(when, level + slope * when, color=RED, linewidth=2)
        trend = f"{slope:+,.2f} a {summary.period} (Theil-Sen), Mann-Kendall z {z:.2f}"
    ticks = places[:: max(math.ceil(money.size / 12), 1)]
    ax.set_xticks(
        ticks, [starts[i] for i in ticks], rotation=45, ha="right", fontsize="small"
    )
    ax.yaxis.set_major_formatter(MONEY)
    ax.set_ylabel("value")
    ax.set_xlabel(f"{summary.period} beginning" if summary.period != "month" else "")
    who = f"{customer_id}: value" if show_id else "Value"
    tidy(ax, f"{who} by complete {summary.period}, as of {summary.as_of}\n{trend}")
    return ax


def _since_first_purchase(summary: Summary, first: np.datetime64) -> slice:
    """Give the periods from that of the first purchase on; none without one."""
    starts = summary.periods
    if np.isnat(first) or (
        starts.size and first >= period_end(starts[-1], summary.period)
    ):
        return slice(starts.size, None)
    return slice(max(int(starts.searchsorted(first, side="right")) - 1, 0), None)
