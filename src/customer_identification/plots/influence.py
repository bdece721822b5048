"""Pictures of the chain of influence, of what it is worth, and of whom to treat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from customer_identification.errors import InvalidInputError
from customer_identification.influence.chain import influenced_by, influencers_of
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.influence.parties import PartyValues
from customer_identification.influence.paths import Link
from customer_identification.influence.seeds import Seeds
from customer_identification.options import whole
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


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["plot_chain", "plot_network_value", "plot_seeds"]


# --- the chain ------------------------------------------------------------------------


@frozen
class _Side:
    """The strongest paths on one side of a party, laid out in columns of hops."""

    links: list[Link]
    direction: int  # -1: influencers, to the left; 1: influenced, to the right

    def places(self) -> dict[Any, tuple[float, float]]:
        """Give every party on a path its place; near ones first, close to their parent."""
        at: dict[Any, tuple[float, float]] = {}
        tree = self._tree()
        for hop in sorted({hop for hop, _, _ in tree}):
            column = [
                (at.get(parent, (0, 0.0))[1], party)
                for its_hop, party, parent in tree
                if its_hop == hop
            ]
            self._spread(at, hop, column)
        return at

    def _spread(
        self,
        at: dict[Any, tuple[float, float]],
        hop: int,
        column: list[tuple[float, Any]],
    ) -> None:
        column.sort(key=lambda one: -one[0])
        heights = (len(column) - 1) / 2 - np.arange(len(column))
        for (_, party), height in zip(column, heights.tolist(), strict=True):
            at[party] = (self.direction * hop, height)

    def _tree(self) -> list[tuple[int, Any, Any]]:
        """List hop, party and the party before it, once each."""
        found: dict[Any, tuple[int, Any]] = {}
        for link in self.links:
            path = link.path if self.direction > 0 else link.path[::-1]
            for hop in range(1, len(path)):
                found.setdefault(path[hop], (hop, path[hop - 1]))
        return [(hop, party, parent) for party, (hop, parent) in found.items()]

    def ties(self) -> dict[tuple[Any, Any], float]:
        """Give the strength of every tie that is drawn."""
        return {
            pair: strength
            for link in self.links
            for pair, strength in zip(
                zip(link.path, link.path[1:], strict=False), link.strengths, strict=True
            )
        }


def plot_chain(  # noqa: PLR0913 - what to draw, how much of it, and where
    network: InfluenceNetwork | nx.Graph[Any],
    party_id: int | str,
    *,
    most: int = 12,
    min_strength: float = 0.01,
    max_hops: int = 3,
    named: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw who influences a party (left) and whom it influences (right).

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    party_id : int or str
    most : int
        Parties on either side, the strongest.
    min_strength, max_hops
        As for :func:`influencers_of`.
    named : bool
        Whether ids are written; what is personal is not drawn unasked.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    UnknownCustomerError
        If nobody here has that id.
    InvalidInputError
        If an option is out of range.
    """
    network, most = as_network(network), whole("most", most, 1)
    limits: dict[str, Any] = {"min_strength": min_strength, "max_hops": max_hops}
    chains = {
        -1: influencers_of(network, party_id, **limits),
        1: influenced_by(network, party_id, **limits),
    }
    sides = [_Side(chain.top(most), side) for side, chain in chains.items()]
    tallest = max(
        (abs(y) for side in sides for _, y in side.places().values()), default=0
    )
    ax = axes(ax, 9.0, 1.8 + 0.8 * tallest)
    for side in sides:
        _draw_side(ax, side, party_id, named=named)
    ax.scatter([0], [0], s=420, color=ORANGE, zorder=3)
    if named:
        ax.annotate(str(party_id), (0, 0), ha="center", va="center", fontsize="small")
    _name_columns(ax, sides)
    left, right = (len(chains[side]) for side in (-1, 1))
    tidy(ax, f"Influenced by {left:,} (left), influences {right:,} (right)")
    return ax


def _draw_side(ax: Axes, side: _Side, party_id: Any, *, named: bool) -> None:
    at = {**side.places(), party_id: (0.0, 0.0)}
    for (one, other), strength in side.ties().items():
        ax.annotate(
            "",
            xy=at[other],
            xytext=at[one],
            arrowprops={
                "arrowstyle": "-|>",
                "color": GREY,
                "linewidth": 0.6 + 3 * strength,
                "shrinkA": 9,
                "shrinkB": 9,
            },
        )
    for link in side.links:
        x, y = at[link.party_id]
        ax.scatter([x], [y], s=60 + 340 * link.strength, color=BLUE, zorder=3)
        name = f"{link.party_id}  " if named else ""
        ax.annotate(
            f"{name}{percent(link.strength)}",
            (x, y),
            xytext=(10 * side.direction, 5),
            textcoords="offset points",
            ha="left" if side.direction > 0 else "right",
            fontsize="small",
        )


def _name_columns(ax: Axes, sides: list[_Side]) -> None:
    hops = {int(x) for side in sides for x, _ in side.places().values()} | {0}
    ax.xaxis.set_major_locator(FixedLocator(sorted(hops)))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{abs(x):.0f} ties" if abs(x) > 1 else _near(x))
    )
    ax.set_yticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.margins(x=0.2, y=0.22)


def _near(x: float) -> str:
    return "1 tie" if x else "the party"


# --- worth ----------------------------------------------------------------------------


def plot_network_value(
    worth: PartyValues, *, most: int = 20, named: bool = False, ax: Axes | None = None
) -> Axes:
    """Draw the parties with the largest value including influence, own value apart.

    Parameters
    ----------
    worth : PartyValues
        As from :func:`network_value` or :func:`attributed_value`.
    most : int
        Parties to draw.
    named : bool
        Whether ids are written; what is personal is not drawn unasked.
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    InvalidInputError
        If own values are not known, or there are no parties.
    """
    order = np.argsort(-worth.value, kind="stable")[: whole("most", most, 1)]
    if worth.own is None or not order.size:
        raise InvalidInputError(
            "there must be parties, with own values beside those with influence",
            code="no_own_value",
        )
    ax = axes(ax, height=1.2 + 0.28 * order.size)
    own, value = worth.own[order], worth.value[order]
    places = np.arange(order.size)
    ax.barh(places, value, height=0.7, color=SKY, label="with influence")
    ax.barh(places, own, height=0.35, color=BLUE, label="own")
    if worth.low is not None and worth.high is not None:
        ends = np.abs([value - worth.low[order], worth.high[order] - value])
        ax.errorbar(value, places, xerr=ends, fmt="none", color=GREY, capsize=2)
    names = worth.ids[order].tolist() if named else (places + 1).tolist()
    ax.set_yticks(places, [str(name) for name in names])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_formatter(MONEY)
    ax.set_xlabel("value")
    ax.legend(frameon=False, loc="lower right")
    tidy(ax, f"The {order.size:,} parties worth most with those they influence")
    return ax


# --- whom to treat --------------------------------------------------------------------


def plot_seeds(seeds: Seeds, *, ax: Axes | None = None) -> Axes:
    """Draw how far the first one, two, three … seeds reach, and what is certain of it.

    Parameters
    ----------
    seeds : Seeds
    ax : Axes, optional
        Where to draw.

    Raises
    ------
    InvalidInputError
        If there are no seeds.
    """
    if not len(seeds):
        raise InvalidInputError("there must be seeds to draw", code="no_seeds")
    ax = axes(ax)
    places = np.arange(1, len(seeds) + 1)
    ax.bar(places, seeds.gains, width=0.8, color=SKY, label="gain of each")
    ax.plot(places, seeds.cumulative, color=BLUE, marker=".", label="all so far")
    bound = seeds.certificate
    title = f"{len(seeds):,} seeds reach {seeds.spread:,.6g}"
    if bound is not None:
        ax.errorbar(
            places[-1:],
            seeds.cumulative[-1:],
            yerr=np.abs(
                [[seeds.spread - bound.lower], [max(bound.upper - seeds.spread, 0)]]
            ),
            fmt="none",
            color=ORANGE,
            capsize=4,
            label="at least, and the best possible",
        )
        title += f", at least {percent(bound.guarantee)} of the best possible"
    ax.set_xlabel("seeds, in the order of choice")
    ax.set_ylabel("expected spread")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(MONEY)
    ax.legend(frameon=False, loc="upper left")
    tidy(ax, title)
    return ax
