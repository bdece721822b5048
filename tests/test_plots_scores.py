"""Pictures of scores, needs, credit and groups: what is drawn, by data and words."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from scipy.stats import binomtest

import customer_identification as ci
from customer_identification import plots
from customer_identification.plots.canvas import BLUE, GREY, ORANGE, RED, SKY


mpl.use("Agg")

TODAY = date(2011, 8, 31)


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def title(ax: Axes) -> str:
    """Give the title, after the picture was really made, without a warning."""
    ax.figure.canvas.draw()
    return ax.get_title(loc="left")


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def ticks(labels: Any) -> list[str]:
    return [label.get_text() for label in labels]


def bars(ax: Axes) -> list[tuple[float, float]]:
    """Give where each bar begins, and how long it is."""
    (group,) = ax.containers
    return [(bar.get_x(), bar.get_width()) for bar in group]  # type: ignore[union-attr]


def colours(shapes: Any) -> list[Any]:
    return [to_rgba(one.get_facecolor()) for one in shapes]


def dots(ax: Axes) -> list[list[float]]:
    """Give the places of all points, in the order they were drawn."""
    return [
        place
        for one in ax.collections
        if not isinstance(one, LineCollection)
        for place in np.asarray(one.get_offsets()).tolist()
    ]


# --- calibration ------------------------------------------------------------------------

# By hand: of the two with chance 0.2 one came true, of the four with 0.8 three.
TOLD = ci.assess([0, 1, 1, 1, 1, 0], [0.2] * 2 + [0.8] * 4, n_bins=2)


def test_a_bin_stands_at_the_chance_told_and_the_share_that_came_true() -> None:
    ax = plots.plot_calibration(TOLD)
    assert title(ax).startswith(
        "calibration error 0.133, slope"
    )  # (2 * 0.3 + 4 * 0.05) / 6
    assert dots(ax) == pytest.approx(np.array([[0.2, 0.5], [0.8, 0.75]]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("chance told", "share that came true")
    assert all(one.endswith(" %") for one in ticks(ax.get_xticklabels()))


def test_larger_bins_are_larger_points() -> None:
    (points,) = [
        one
        for one in plots.plot_calibration(TOLD).collections
        if not isinstance(one, LineCollection)
    ]
    few, many = points.get_sizes()
    assert few < many


def test_the_bar_of_a_bin_is_its_interval() -> None:
    ax = plots.plot_calibration(TOLD)
    (drawn,) = [one for one in ax.collections if isinstance(one, LineCollection)]
    ends = [segment[:, 1].tolist() for segment in drawn.get_segments()]
    for (low, high), (good, n) in zip(ends, [(1, 2), (3, 4)], strict=True):
        theirs = binomtest(good, n).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx(tuple(theirs))


def test_the_title_says_how_well_they_rank() -> None:
    # By hand: of 4 good and 2 bad ones, 3 are above the lower bad one, and 4 tie.
    said = title(plots.plot_calibration(TOLD)).splitlines()[1]
    assert said.startswith("area under the curve 0.625 (")


def test_points_stand_on_the_line_where_chances_come_true() -> None:
    ax = plots.plot_calibration(ci.assess([1, 0], [0.5, 0.5]))
    assert dots(ax) == [[0.5, 0.5]]
    (line,) = ax.lines
    assert (
        np.asarray(line.get_xdata()).tolist() == np.asarray(line.get_ydata()).tolist()
    )


@pytest.mark.parametrize("told", [TOLD, ci.assess([1, 0, 1, 0], [1, 0, 1, 0.0])])
def test_every_bin_and_bar_is_within_the_picture(told: ci.Assessment) -> None:
    ax = plots.plot_calibration(told)
    title(ax)
    low, high = ax.get_xlim()
    assert low <= min(told.chance.min(), told.share_low.min())
    assert high >= max(told.chance.max(), told.share_high.max())
    assert ax.get_ylim() == (low, high)
    assert (low, high) == (max(low, 0), min(high, 1))


# --- scorecards and points ----------------------------------------------------------------

# Spans: staff 40, branch 50 (words of neither group have 0), region 5.
CARD = ci.Scorecard(
    attributes=[
        ci.NumberPoints(name="staff", limits=[10, 50], points=[-10, 5, 30], unknown=1),
        ci.WordPoints(
            name="branch", words=[["trade"], ["craft", "farming"]], points=[-20, 30]
        ),
        ci.WordPoints(name="region", words=[["north"]], points=[5]),
    ],
    base=500,
)
LEADS = ci.attribute_table(
    pd.DataFrame(
        {
            "customer_id": [4711, 4712, 4713],
            "staff": [12, None, 60],
            "branch": ["trade", "craft", "other"],
            "region": ["north", "south", None],
        }
    )
)
SCORES = CARD.score(LEADS)


def test_points_are_drawn_by_bin_the_widest_attribute_first() -> None:
    ax = plots.plot_scorecard(CARD)
    assert title(ax) == "base 500 points; 3 attributes"
    assert ticks(ax.get_yticklabels()) == [
        "branch trade",
        "branch craft or farming",
        "",
        "staff below 10",
        "staff 10 to below 50",
        "staff at least 50",
        "staff not known",
        "",
        "region north",
    ]
    lengths = [length for _, length in bars(ax)]
    assert lengths == [-20, 30, 0, -10, 5, 30, 1, 0, 5]  # unknown ones if they have any
    assert ax.yaxis_inverted()  # the first is on top
    assert ax.get_xlabel() == "points"


def test_points_below_0_are_red() -> None:
    drawn = colours(plots.plot_scorecard(CARD).patches)
    assert drawn[:2] == [to_rgba(RED), to_rgba(BLUE)]


def test_only_the_widest_are_drawn_and_the_title_counts_the_rest() -> None:
    ax = plots.plot_scorecard(CARD, most=1)
    assert title(ax).endswith(", 2 more not shown")
    assert ticks(ax.get_yticklabels()) == ["branch trade", "branch craft or farming"]


def test_long_groups_of_words_are_cut() -> None:
    many = [f"word number {n}" for n in range(9)]
    card = ci.Scorecard(
        attributes=[ci.WordPoints(name="branch", words=[many], points=[1])]
    )
    (said,) = ticks(plots.plot_scorecard(card).get_yticklabels())
    assert said == "branch word number 0 or word number 1 or wo…"


def test_a_card_without_attributes_is_drawn_empty() -> None:
    card = ci.Scorecard(attributes=[], base=7)
    ax = plots.plot_scorecard(card)
    assert title(ax).startswith("base 7 points; 0 attributes")
    assert not ax.patches
    ax = plots.plot_points(card.score(LEADS), 4711)
    assert title(ax) == "base 7.0, score 7.0"
    assert not ax.patches


@pytest.mark.parametrize("most", [0, -1, 1.5, "all", None])
def test_at_least_one_attribute_is_asked_for(most: Any) -> None:
    with pytest.raises(ci.InvalidInputError, match="most must be"):
        plots.plot_scorecard(CARD, most=most)


@pytest.mark.parametrize(
    ("who", "steps", "said"),
    [
        (
            4711,
            [-20, 5, 5],
            ["branch trade", "staff 10 to below 50", "region north"],
        ),
        (
            4712,
            [30, 1, 0],
            ["branch craft or farming", "staff not known", "region any other"],
        ),
        (
            4713,
            [30, 0, 0],
            ["staff at least 50", "branch any other", "region not known"],
        ),
    ],
)
def test_points_begin_where_those_before_end_and_end_at_the_score(
    who: int, steps: list[float], said: list[str]
) -> None:
    ax = plots.plot_points(SCORES, who)
    assert ticks(ax.get_yticklabels()) == said
    starts = [500, 500 + steps[0], 500 + steps[0] + steps[1]]
    expected = np.array(list(zip(starts, steps, strict=True)))
    assert np.array(bars(ax)) == pytest.approx(expected)
    assert title(ax) == f"base 500.0, score {500 + sum(steps):.1f}"
    assert words(ax) == [f"{step:+.1f}" for step in steps]
    assert ax.yaxis_inverted()
    assert colours(ax.patches)[0] == to_rgba(BLUE if steps[0] > 0 else RED)


def test_base_and_score_are_marked() -> None:
    marks = [line.get_xdata()[0] for line in plots.plot_points(SCORES, 4713).lines]
    assert {500, 530} <= {float(one) for one in marks}


@pytest.mark.parametrize("who", [1, "4711", None])
def test_points_of_an_unknown_party_are_refused(who: Any) -> None:
    with pytest.raises(ci.UnknownCustomerError):
        plots.plot_points(SCORES, who)


# --- needs --------------------------------------------------------------------------------


def said(one: int, topic: str, **figures: float) -> ci.Observation:
    return ci.Observation(
        customer_id=one, topic=topic, channel="survey_mail", date=TODAY, **figures
    )


# Delivery matters 1 and is met by 1/4, price matters 1/2 and is met by 3/4; of the colour
# one customer speaks.
OBSERVED = [
    *(said(4711 + n, "delivery", importance=1, satisfaction=0.25) for n in range(20)),
    *(said(4711 + n, "price", importance=0.5, satisfaction=0.75) for n in range(20)),
    said(4711, "colour", importance=1, satisfaction=0),
]
NEEDS = ci.rank_needs(
    OBSERVED,
    as_of=TODAY,
    rng=1,
    groups={4711 + n: "north" if n else "south" for n in range(20)},
)


def test_needs_stand_at_their_importance_and_satisfaction() -> None:
    ax = plots.plot_needs(NEEDS)
    assert title(ax).startswith("needs as of 2011-08-31")
    assert "1 more without enough evidence" in title(ax)
    assert dots(ax) == pytest.approx(np.array([[1, 0.25], [0.5, 0.75]]))
    named = {text.get_text(): text.xy for text in ax.texts if hasattr(text, "xy")}
    assert named["delivery"] == pytest.approx((1, 0.25))
    assert named["price"] == pytest.approx((0.5, 0.75))
    assert "colour" not in named
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("importance", "satisfaction")


def test_lines_join_needs_of_equal_opportunity() -> None:
    lines = plots.plot_needs(NEEDS).lines
    assert len(lines) >= 2
    for line in lines:
        x, y = (np.asarray(one, float) for one in (line.get_xdata(), line.get_ydata()))
        between = np.linspace(0, 1, 5)
        x, y = (one[0] + between * (one[-1] - one[0]) for one in (x, y))
        found = ci.opportunity(x, y)
        assert found == pytest.approx(np.full(5, found[0]))


def test_a_line_is_named_by_its_opportunity() -> None:
    ax = plots.plot_needs(NEEDS)
    assert title(ax).endswith("; grey: equal opportunity")
    low, bottom = ax.get_xlim()[0], ax.get_ylim()[0]
    named = {
        text.get_text(): text.xy for text in ax.texts if text.get_text()[0] in "01"
    }
    assert len(named) >= 3
    for level, (x, y) in named.items():
        assert (y, x > low) == (bottom, True)
        assert ci.opportunity([x], [y]) == pytest.approx([float(level)])


def test_a_group_has_its_own_needs() -> None:
    ax = plots.plot_needs(NEEDS, group="north")
    assert title(ax).startswith("needs of north as of 2011-08-31")
    assert len(dots(ax)) == 2
    ax = plots.plot_needs(NEEDS, group="south")  # one customer is not enough
    assert "3 more without enough evidence" in title(ax)
    assert dots(ax) == []


def test_needs_with_evidence_alone_count_no_others() -> None:
    found = ci.rank_needs(OBSERVED[:20], as_of=TODAY, rng=1)
    ax = plots.plot_needs(found)
    assert "evidence" not in title(ax)
    assert dots(ax) == [[1, 0.25]]
    low, high = ax.get_ylim()
    assert low < 0.25 < high


def test_no_needs_are_drawn_empty() -> None:
    ax = plots.plot_needs(ci.rank_needs([], as_of=TODAY, rng=1))
    assert title(ax).startswith("needs as of 2011-08-31")
    assert dots(ax) == []


# --- Kano ---------------------------------------------------------------------------------


def answered(topic: str, has: str, lacks: str, *people: int) -> list[ci.KanoAnswer]:
    return [
        ci.KanoAnswer(customer_id=one, topic=topic, functional=has, dysfunctional=lacks)
        for one in people
    ]


# Tracking: 3 one-dimensional, 1 attractive; payment: 4 must-be; wrapping: 3 attractive and
# 1 indifferent; news: 3 indifferent, 1 must-be. By hand, (A + O) and (O + M) of 4.
ANSWERS = [
    *answered("tracking", "like", "dislike", 4711, 4712, 4713),
    *answered("tracking", "like", "neutral", 4714),
    *answered("payment", "must_be", "dislike", 4711, 4712, 4713, 4714),
    *answered("wrapping", "like", "neutral", 4711, 4712, 4713),
    *answered("wrapping", "neutral", "neutral", 4714),
    *answered("news", "neutral", "neutral", 4711, 4712, 4713),
    *answered("news", "neutral", "dislike", 4714),
]
PLACES = {
    "tracking": (0.75, 1),
    "payment": (1, 0),
    "wrapping": (0, 0.75),
    "news": (0.25, 0),
}
KANO = ci.kano(ANSWERS, groups={4711: "north", 4714: "south"})


def test_topics_stand_at_what_they_satisfy_and_dissatisfy() -> None:
    ax = plots.plot_kano(KANO)
    assert title(ax) == "4 topics by what they mean to those asked"
    named = {text.get_text(): text.xy for text in ax.texts}
    assert named == PLACES
    assert sorted(map(tuple, dots(ax))) == sorted(PLACES.values())
    assert ax.get_xlabel() == "dissatisfies if it is not there"
    assert ax.get_ylabel() == "satisfies if it is there"


def test_the_colour_of_a_topic_is_its_category() -> None:
    ax = plots.plot_kano(KANO)
    drawn = {
        tuple(np.asarray(one.get_offsets())[0].tolist()): to_rgba(
            one.get_facecolor()[0]
        )
        for one in ax.collections
    }
    assert drawn == {
        PLACES["tracking"]: to_rgba(BLUE),
        PLACES["payment"]: to_rgba(RED),
        PLACES["wrapping"]: to_rgba(SKY),
        PLACES["news"]: to_rgba(GREY),
    }
    legend = ax.get_legend()
    assert legend is not None
    assert sorted(ticks(legend.get_texts())) == [
        "attractive",
        "indifferent",
        "must-be",
        "one-dimensional",
    ]


def test_a_category_of_two_topics_is_named_once() -> None:
    again = answered("payment again", "must_be", "dislike", 4711)
    legend = plots.plot_kano(ci.kano([*ANSWERS, *again])).get_legend()
    assert legend is not None
    assert ticks(legend.get_texts()).count("must-be") == 1


def test_a_group_has_its_own_categories() -> None:
    ax = plots.plot_kano(KANO, group="south")
    assert title(ax) == "4 topics by what they mean to those asked of south"
    named = {text.get_text(): text.xy for text in ax.texts}
    assert named["tracking"] == (0, 1)
    assert named["news"] == (1, 0)


def test_no_answers_are_drawn_empty() -> None:
    ax = plots.plot_kano(ci.kano([]))
    assert title(ax) == "0 topics by what they mean to those asked"
    assert ax.get_legend() is None
    assert dots(ax) == []


def test_topics_with_contradictions_alone_are_counted_and_not_drawn() -> None:
    contrary = answered("price", "like", "like", 4711)
    ax = plots.plot_kano(ci.kano([*ANSWERS, *contrary]))
    assert title(ax) == "5 topics by what they mean to those asked; 1 without a place"
    assert sorted(words(ax)) == sorted(PLACES)
    ax = plots.plot_kano(ci.kano(contrary))
    assert title(ax) == "1 topic by what they mean to those asked; 1 without a place"
    assert ax.get_legend() is None
    assert dots(ax) == []


def test_names_stay_within_the_picture() -> None:
    ax = plots.plot_kano(KANO)
    title(ax)
    frame: Any = ax.get_window_extent()
    for text in ax.texts:
        assert frame.x0 <= text.get_window_extent().x0
        assert text.get_window_extent().x1 <= frame.x1


@pytest.mark.parametrize("group", ["east", "", None])
@pytest.mark.parametrize(
    ("draw", "found"), [(plots.plot_needs, NEEDS), (plots.plot_kano, KANO)]
)
def test_an_unknown_group_is_refused(draw: Any, found: Any, group: Any) -> None:
    with pytest.raises(ci.InvalidInputError, match="group must be one of"):
        draw(found, group=group)


# --- ageing -------------------------------------------------------------------------------


def owed(*rows: tuple[date, float], **terms: Any) -> ci.Ageing:
    invoices = [
        ci.Invoice(
            invoice_id=n,
            customer_id=4711,
            issued=date(2011, 1, 3),
            due=due,
            amount=amount,
        )
        for n, (due, amount) in enumerate(rows)
    ]
    return ci.ageing(invoices, as_of=TODAY, **terms)


# On 31 August: 600 not due, 250 one day late, 100 and 50 more than 90 days.
OWED = owed(
    (date(2011, 9, 1), 600),
    (date(2011, 8, 30), 250),
    (date(2011, 2, 1), 100),
    (date(2011, 2, 2), 50),
)


def heights(ax: Axes) -> list[float]:
    return [bar.get_height() for bar in ax.patches]  # type: ignore[attr-defined]


def test_what_is_open_is_drawn_by_age() -> None:
    ax = plots.plot_ageing(OWED)
    assert title(ax) == "1,000 open as of 2011-08-31, by days past due"
    assert heights(ax) == [600, 250, 0, 0, 150]
    assert ticks(ax.get_xticklabels()) == [
        "not due",
        "due 1-30",
        "due 31-60",
        "due 61-90",
        "due over 90",
    ]
    assert words(ax) == ["60 %\n1 invoice", "25 %\n1 invoice", "15 %\n2 invoices"]
    assert ax.get_ylabel() == "open"


def test_the_later_the_redder() -> None:
    assert colours(plots.plot_ageing(OWED).patches) == [
        to_rgba(one) for one in (BLUE, SKY, SKY, ORANGE, RED)
    ]


def test_two_buckets_of_age_are_three_bars() -> None:
    ax = plots.plot_ageing(owed((date(2011, 8, 1), 9.5), bucket_days=(10,)))
    title(ax)
    assert ticks(ax.get_xticklabels()) == ["not due", "due 1-10", "due over 10"]
    assert heights(ax) == [0, 0, 9.5]


def test_money_is_drawn_in_major_units() -> None:
    ax = plots.plot_ageing(owed((date(2011, 9, 1), 1.234), minor_units=3))
    assert heights(ax)[0] == pytest.approx(1.234)


def test_nothing_open_has_bars_of_no_height() -> None:
    ax = plots.plot_ageing(owed())
    assert title(ax).startswith("0 open as of 2011-08-31")
    assert heights(ax) == [0] * 5
    assert words(ax) == []
    assert ax.get_ylim()[0] == 0


# --- RFM scores and groups ----------------------------------------------------------------


def map_of(ax: Axes) -> Any:
    (image,) = ax.images
    return np.asarray(image.get_array())


def scores_of(*digits: tuple[int, int, int]) -> ci.RFMScores:
    columns = np.array(digits, np.int8).reshape(-1, 3).T
    return ci.RFMScores(
        customer_ids=np.arange(4711, 4711 + len(digits)),
        recency=columns[0],
        frequency=columns[1],
        monetary=columns[2],
        as_of=TODAY,
    )


def test_customers_are_counted_by_recency_and_frequency() -> None:
    scores = scores_of((5, 5, 5), (5, 5, 4), (5, 1, 3), (1, 2, 1), (0, 2, 1), (5, 5, 0))
    ax = plots.plot_rfm(scores)
    assert title(ax) == "6 customers as of 2011-08-31, 2 unknown"
    expected = np.zeros((5, 5))
    expected[4, 4], expected[0, 4], expected[1, 0] = 2, 1, 1
    assert map_of(ax).tolist() == expected.tolist()
    cells = {text.xy: text.get_text() for text in ax.texts}
    assert cells == {(4, 4): "2\nM 4.5", (4, 0): "1\nM 3.0", (0, 1): "1\nM 1.0"}
    assert ticks(ax.get_xticklabels()) == ["1", "2", "3", "4", "5"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("recency score", "frequency score")
    low, high = ax.get_ylim()
    assert low < high  # the best scores are at the top right


def test_the_map_goes_up_to_the_highest_scores_that_occur() -> None:
    assert map_of(plots.plot_rfm(scores_of((3, 2, 1), (1, 1, 9)))).shape == (2, 3)
    ax = plots.plot_rfm(scores_of((9, 2, 1), (1, 7, 1)))
    assert "unknown" not in title(ax)
    assert map_of(ax).shape == (7, 9)
    assert map_of(ax)[1, 8] == map_of(ax)[6, 0] == 1


def test_words_on_dark_cells_are_white() -> None:
    ax = plots.plot_rfm(scores_of(*[(5, 5, 5)] * 9, (1, 1, 1)))
    colour = {text.xy: text.get_color() for text in ax.texts}
    assert colour == {(4, 4): "white", (0, 0): "black"}


@pytest.mark.parametrize("digits", [[], [(0, 0, 0)], [(5, 5, 0), (0, 1, 1)]])
def test_unknown_scores_leave_the_map_empty(digits: Any) -> None:
    ax = plots.plot_rfm(scores_of(*digits))
    assert title(ax).startswith(f"{len(digits)} customer")
    assert not map_of(ax).any()
    assert words(ax) == []


def test_the_map_of_scores_counts_as_the_scores_do() -> None:
    sales = [
        ci.Transaction(
            customer_id=4711 + n, date=date(2011, 8, 1 + n % 28), amount=n * n + 1
        )
        for n in range(90)
    ]
    summary = ci.summarize(sales, as_of=TODAY)
    scores = ci.RFMScorer().fit(summary).score(summary)
    drawn = map_of(plots.plot_rfm(scores))
    for digits, n in scores.counts().items():
        if digits != "unknown":
            assert drawn[int(digits[1]) - 1, int(digits[0]) - 1] >= n
    assert drawn.sum() == len(scores)


BOUGHT = pd.DataFrame(
    {
        "customer_id": range(4711, 4719),
        "orders": [1, 2, 1, 2, 30, 32, 31, None],
        "basket_size": [5.0, 6, 7, 5, 90, 95, 80, 85],
    }
)


def grouped(frame: pd.DataFrame, n: int | None = 2, **more: Any) -> ci.CustomerGroups:
    table = ci.attribute_table(frame)
    more = {"n_resamples": 0, **more}
    return ci.group_customers(table, n, as_of=TODAY, rng=7, **more)


def test_groups_are_drawn_by_how_far_they_lie_from_all() -> None:
    ax = plots.plot_groups(grouped(BOUGHT))
    title(ax)
    # By hand, of the seven who are known: mean, and quartiles apart / 1.349.
    known = BOUGHT.iloc[:7, 1:].to_numpy(float)
    spread = np.subtract(*np.quantile(known, (0.75, 0.25), axis=0)) / 1.349
    apart = (np.array([known[:4].mean(0), known[4:].mean(0)]) - known.mean(0)) / spread
    assert map_of(ax)[:2] == pytest.approx(apart)
    cells = {text.xy: text.get_text() for text in ax.texts if hasattr(text, "xy")}
    assert cells[0, 0] == "1.5"
    assert cells[1, 0] == "5.75"
    assert cells[0, 1] == "31"
    assert cells[1, 1] == "88.3"
    assert cells[0, 2] == f"{known[:, 0].mean():.3g}"
    assert cells[1, 2] == f"{known[:, 1].mean():.3g}"
    assert ticks(ax.get_xticklabels()) == ["orders", "basket size"]
    assert ticks(ax.get_yticklabels()) == [
        "group 1\n4 (50 %)",
        "group 2\n3 (38 %)",
        "all",
    ]
    assert title(ax) == "8 customers in 2 groups"


def test_how_stable_groups_are_stands_below() -> None:
    groups = grouped(BOUGHT, n_resamples=3)
    assert groups.stability is not None
    told = words(plots.plot_groups(groups))[-1]
    assert told == f"blue: more than all, red: less\n{groups.stability}"
    assert words(plots.plot_groups(grouped(BOUGHT)))[-1] == told.splitlines()[0]


def test_one_group_is_all_customers() -> None:
    ax = plots.plot_groups(grouped(BOUGHT, 1))
    assert title(ax) == "8 customers in 1 group"
    assert map_of(ax)[0] == pytest.approx([0, 0])


def test_large_numbers_are_written_in_full() -> None:
    ax = plots.plot_groups(grouped(BOUGHT.assign(orders=BOUGHT["orders"] * 1000)))
    assert "31,000" in words(ax)


def test_words_are_shares_of_the_group() -> None:
    frame = pd.DataFrame(
        {"customer_id": range(11), "branch": ["craft"] * 6 + ["trade"] * 5}
    )
    ax = plots.plot_groups(grouped(frame))
    title(ax)
    assert ticks(ax.get_xticklabels()) == ["branch craft", "branch trade"]
    cells = {text.xy: text.get_text() for text in ax.texts if hasattr(text, "xy")}
    assert (cells[0, 0], cells[1, 0]) == ("1", "0")
    assert (cells[0, 1], cells[1, 1]) == ("0", "1")


def test_a_word_and_a_number_of_one_name_both_have_a_column() -> None:
    frame = pd.DataFrame(
        {"customer_id": range(10), "a": [*"xyxyxyxyxy"], "a x": range(10)}
    )
    ax = plots.plot_groups(grouped(frame))
    title(ax)
    assert ticks(ax.get_xticklabels()) == ["a x", "a y", "a x"]


def test_blue_is_more_and_red_is_less() -> None:
    ax = plots.plot_groups(grouped(BOUGHT))
    (image,) = ax.images
    (few, _), (many, _) = map_of(ax)[:2]
    red, _, blue, _ = image.to_rgba(np.array([[few]]))[0, 0]
    assert red > blue
    red, _, blue, _ = image.to_rgba(np.array([[many]]))[0, 0]
    assert blue > red


# --- the same for all of them -------------------------------------------------------------

DRAWN: dict[Callable[..., Axes], Any] = {
    plots.plot_calibration: TOLD,
    plots.plot_scorecard: CARD,
    plots.plot_needs: NEEDS,
    plots.plot_kano: KANO,
    plots.plot_ageing: OWED,
    plots.plot_rfm: scores_of((5, 4, 3)),
    plots.plot_groups: grouped(BOUGHT),
}
ALL = [
    *((draw, (found,)) for draw, found in DRAWN.items()),
    (plots.plot_points, (SCORES, 4711)),
]
NAMES = [draw.__name__ for draw, _ in ALL]


@pytest.mark.parametrize(("draw", "what"), ALL, ids=NAMES)
def test_what_is_drawn_goes_where_it_was_asked_to(draw: Any, what: Any) -> None:
    _, (above, below) = plt.subplots(2, layout="constrained")
    above.plot([1, 2], [3, 4])
    assert draw(*what, ax=below) is below
    title(below)
    assert len(above.lines) == 1
    assert above.get_title(loc="left") == ""
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(("draw", "what"), ALL, ids=NAMES)
@pytest.mark.parametrize("strange", [None, 5, "x", {}, [1.0]])
def test_what_is_none_of_ours_is_refused(draw: Any, what: Any, strange: Any) -> None:
    with pytest.raises(ci.InvalidInputError) as error:
        draw(strange, *what[1:])
    assert error.value.code == "bad_option"
    assert plt.get_fignums() == []  # nothing was begun


@pytest.mark.parametrize(("draw", "what"), ALL, ids=NAMES)
def test_nobody_is_named(draw: Any, what: Any) -> None:
    ax = draw(*what)
    everything = [
        title(ax),
        *words(ax),
        *ticks(ax.get_xticklabels()),
        *ticks(ax.get_yticklabels()),
    ]
    assert not [one for one in everything if re.search(r"47[1-3]\d", one)]
