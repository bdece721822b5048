"""Pictures of roles and service: what is drawn, by the data and words on the axes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

import customer_identification as ci
from customer_identification import plots
from customer_identification.plots.canvas import BLUE, RED
from datasets import complete_journey_200


mpl.use("Agg")

NEW_YEAR, TODAY = date(2011, 1, 1), date(2011, 8, 31)


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


def legend(ax: Axes) -> list[str]:
    made = ax.get_legend()
    assert made is not None
    return ticks(made.get_texts())


# --- who is what besides ----------------------------------------------------------------


def role(party: int, kind: str, **said: Any) -> ci.Role:
    return ci.Role(
        party_id=party, kind=kind, scope="north", **{"since": NEW_YEAR, **said}
    )


# Of 1001 to 1004 all are owners; 1001 and 1002 are agents too, as is 1005 alone.
BOOK = ci.assign_roles(
    statements=[
        *(role(one, "owner") for one in (1001, 1002, 1003, 1004)),
        *(role(one, "agent") for one in (1001, 1002, 1005)),
        role(1003, "tax_adviser", until=date(2011, 6, 30)),
    ]
)


def map_of(ax: Axes) -> Any:
    (image,) = ax.images
    return np.asarray(image.get_array())


def test_roles_are_counted_by_two_with_the_share_of_the_row_as_shade() -> None:
    ax = plots.plot_roles(BOOK)
    assert title(ax) == "5 parties, 3 with several roles"
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert ticks(labels) == ["owner", "agent", "tax adviser"]
    expected = [[1, 2 / 4, 1 / 4], [2 / 3, 1, 0], [1, 0, 1]]
    assert map_of(ax) == pytest.approx(np.array(expected))
    cells = {text.get_position(): text.get_text() for text in ax.texts[:-1]}
    assert cells == {
        (0, 0): "4",
        (1, 0): "2\n50 %",
        (2, 0): "1\n25 %",
        (0, 1): "2\n67 %",
        (1, 1): "3",
        (0, 2): "1\n100 %",
        (2, 2): "1",
    }
    assert words(ax)[-1].startswith("beside the diagonal: who has the role of the")


def test_words_on_dark_cells_are_white() -> None:
    ax = plots.plot_roles(BOOK)
    colours = {text.get_position(): text.get_color() for text in ax.texts[:-1]}
    assert colours[0, 0] == colours[0, 1] == "white"
    assert colours[1, 0] == colours[2, 0] == "black"


def test_a_map_of_one_day_has_the_roles_of_that_day() -> None:
    ax = plots.plot_roles(BOOK.at("2011-12-31"))
    assert title(ax) == "5 parties, 2 with several roles"
    assert ticks(ax.get_yticklabels()) == ["owner", "agent"]


def test_one_kind_of_role_is_one_cell() -> None:
    ax = plots.plot_roles(ci.assign_roles(statements=[role(7, "agent")]))
    assert title(ax).endswith("0 with several roles")
    assert map_of(ax).tolist() == [[1]]
    assert words(ax)[0] == "1"


def test_a_book_of_nobody_is_drawn_empty() -> None:
    ax = plots.plot_roles(ci.assign_roles([]))
    assert title(ax) == "0 parties, 0 with several roles"
    assert not ax.images
    assert ticks(ax.get_yticklabels()) == []


def test_no_party_is_named_on_a_map_of_roles() -> None:
    ax = plots.plot_roles(BOOK)
    assert not any("100" in said for said in words(ax) if "%" not in said)


# --- whose the value is -----------------------------------------------------------------


def sold(customer: int, amount: float, **others: int) -> ci.Transaction:
    return ci.Transaction(customer_id=customer, date=NEW_YEAR, amount=amount, **others)


# 1001 owns 600, of which 1002 pays 400; 1003 owns 400 that went through agent 1004.
LEDGER = ci.role_ledger(
    [sold(1001, 200), sold(1001, 400, payer_id=1002), sold(1003, 400, agent_id=1004)],
    as_of=TODAY,
)
WEIGHTS = {"owner": 0.5, "bill_payer": 0.3, "agent": 0.2}
VALUES = LEDGER.by_role(WEIGHTS)


def bars(ax: Axes) -> list[list[tuple[float, float]]]:
    """Give where the bars of each role begin, and how long they are."""
    groups: Any = ax.containers
    return [[(bar.get_x(), bar.get_width()) for bar in group] for group in groups]


def test_value_is_drawn_by_rank_one_role_after_the_other() -> None:
    # By hand: 1001 has 600 - 120, 1003 400 - 80; 1002 has 120 and 1004 80.
    ax = plots.plot_role_values(VALUES)
    assert title(ax) == "4 of 4 parties hold 100 % of the value, as of 2011-08-31"
    assert ticks(ax.get_yticklabels()) == ["1", "2", "3", "4"]
    owner, payer, beneficiary, agent = bars(ax)
    assert owner == [(0, 480), (0, 320), (0, 0), (0, 0)]
    assert payer == [(480, 0), (320, 0), (0, 120), (0, 0)]
    assert [length for _, length in beneficiary] == [0] * 4
    assert agent[-1] == (0, 80)
    assert legend(ax) == [
        "owner (80 % of all)",
        "bill payer (12 % of all)",
        "beneficiary (0.0 % of all)",
        "agent (8 % of all)",
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("value", "rank by value")
    assert ax.yaxis_inverted()  # the first rank is on top


def test_only_the_largest_are_drawn_and_the_title_tells_their_share() -> None:
    ax = plots.plot_role_values(VALUES, most=1)
    assert title(ax) == "1 of 4 parties hold 48 % of the value, as of 2011-08-31"
    assert [len(group) for group in bars(ax)] == [1] * 4
    assert legend(ax)[1] == "bill payer (12 % of all)"  # still of all


def test_equal_values_stand_in_the_order_of_ids() -> None:
    ledger = ci.role_ledger(
        [sold(2, 10, payer_id=5), sold(1, 10), sold(3, 10)], as_of=TODAY
    )
    owner = bars(plots.plot_role_values(ledger.by_role()))[0]
    assert [length for _, length in owner] == [10, 10, 7, 0]
    whole = bars(plots.plot_role_values(ledger.by_role({"bill_payer": 1})))
    assert [length for _, length in whole[0]] == [10, 10, 0, 0]
    assert [length for _, length in whole[1]] == [0, 0, 10, 0]


@pytest.mark.parametrize(
    "sales", [[], [sold(1, 100), sold(2, -100)], [sold(1, 100), sold(2, -300)]]
)
def test_shares_of_no_value_are_unknown(sales: Any) -> None:
    ax = plots.plot_role_values(ci.role_ledger(sales, as_of=TODAY).by_role())
    n = len(sales)
    assert title(ax) == (
        f"{n} of {n} parties hold unknown of the value, as of 2011-08-31"
    )
    assert legend(ax)[0] == "owner (unknown of all)"


@pytest.mark.parametrize("most", [0, -1, 1.5, "all", None])
def test_at_least_one_party_is_asked_for(most: Any) -> None:
    with pytest.raises(ci.InvalidInputError, match="most must be"):
        plots.plot_role_values(VALUES, most=most)


def test_no_party_is_named_beside_its_value() -> None:
    ax = plots.plot_role_values(VALUES)
    said = [title(ax), *words(ax), *ticks(ax.get_yticklabels()), *legend(ax)]
    assert not any("100" in one.replace("100 %", "") for one in said)


# --- a budget shared out ----------------------------------------------------------------


def classes_of(*codes: int, labels: tuple[str, ...] = ("A", "B", "C")) -> Any:
    return ci.Classification(
        customer_ids=np.arange(len(codes)),
        codes=np.array(codes, np.int8),
        labels=labels,
        as_of=TODAY,
        ordered=True,
    )


def heights(ax: Axes) -> dict[str, list[float]]:
    groups: Any = ax.containers
    return {group.get_label(): [bar.get_height() for bar in group] for group in groups}


def test_each_class_has_its_share_of_customers_value_and_budget() -> None:
    # A: 1 of 4 customers, 80 of 100 at stake; B: 3 of 4, 20 of 100. C has nobody.
    visits = ci.share_budget([80, 10, 5, 5], 20, classes=classes_of(0, 1, 1, 1))
    ax = plots.plot_budget(visits)
    assert title(ax) == "a budget of 20 shared out by value at stake"
    drawn = heights(ax)
    assert list(drawn) == legend(ax) == ["customers", "value at stake", "budget"]
    assert drawn["customers"] == pytest.approx([1 / 4, 3 / 4])
    assert drawn["value at stake"] == pytest.approx([0.8, 0.2])
    assert drawn["budget"] == pytest.approx([0.8, 0.2])
    assert ticks(ax.get_xticklabels()) == ["A\n1", "B\n3"]
    assert words(ax) == ["16 each", "1.33 each"]
    (first, second) = [text.xy for text in ax.texts]  # on the highest bar
    assert (*first, *second) == pytest.approx((0, 0.8, 1, 0.75))
    assert ax.get_ylabel() == "share of all with value at stake"


def test_bars_of_a_class_stand_side_by_side_around_its_name() -> None:
    ax = plots.plot_budget(ci.share_budget({1: 3, 2: 1}, 4))
    (first, second, third) = [bar.get_center()[0] for bar in ax.patches]
    assert second == pytest.approx(0)
    assert first < 0 < third
    assert max(bar.get_width() for bar in ax.patches) < second - first


def test_without_classes_there_is_one_group_of_all() -> None:
    ax = plots.plot_budget(ci.share_budget({1: 3, 2: 1}, 2, unit=0.5))
    assert ticks(ax.get_xticklabels()) == ["all\n2"]
    assert [*heights(ax).values()] == [[1]] * 3
    assert words(ax) == ["1 each"]


def test_who_has_nothing_at_stake_is_in_no_bar() -> None:
    visits = ci.share_budget([6, 0, 4], 10, classes=classes_of(0, 0, 1))
    ax = plots.plot_budget(visits)
    assert ticks(ax.get_xticklabels()) == ["A\n1", "B\n1"]
    assert heights(ax)["customers"] == [0.5, 0.5]


@pytest.mark.parametrize("stake", [{}, {1: 0, 2: 0}])
def test_nothing_at_stake_is_drawn_empty(stake: Any) -> None:
    ax = plots.plot_budget(ci.share_budget(stake, 0))
    assert title(ax) == "a budget of 0 shared out by value at stake"
    assert not ax.patches
    assert legend(ax) == ["customers", "value at stake", "budget"]


def test_no_budget_has_bars_of_no_height() -> None:
    ax = plots.plot_budget(ci.share_budget({1: 3, 2: 1}, 0))
    assert heights(ax)["budget"] == [0]
    assert words(ax) == ["0 each"]


@pytest.mark.parametrize(
    ("budget", "unit", "written"),
    [
        (Decimal("12.50"), Decimal("0.01"), "12.5"),
        (12_345_678_901, 1, "12,345,678,901"),
    ],
)
def test_the_whole_budget_stands_in_the_title(
    budget: Any, unit: Any, written: str
) -> None:
    ax = plots.plot_budget(ci.share_budget({1: 3, 2: 1}, budget, unit=unit))
    assert title(ax) == f"a budget of {written} shared out by value at stake"


# --- one customer's own pattern ---------------------------------------------------------


def pattern(*amounts: float, **keywords: Any) -> ci.Summary:
    """Let customer 4711 buy once in each month of 2011."""
    sales = [
        ci.Transaction(customer_id=4711, date=date(2011, month, 5), amount=amount)
        for month, amount in zip(range(1, 13), amounts, strict=True)
    ]
    return ci.summarize(sales, as_of="2011-12-31", **keywords)


# The first is left out. Wheeler & Chambers' sum by hand: mean 11, mean range 2, so
# that the limits are 11 -/+ 2.66 * 2, which is 5.68 and 16.32.
EVEN = (99, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12)


def test_the_last_period_stands_within_limits_of_those_before() -> None:
    ax = plots.plot_pattern(pattern(*EVEN, 16), 4711)
    assert title(ax) == "the last complete month is within this customer's own limits"
    mean, line, last = ax.lines
    assert mean.get_ydata() == pytest.approx([11, 11])
    assert line.get_ydata() == pytest.approx([*EVEN[1:], 16])
    months = np.asarray(line.get_xdata()).astype("datetime64[M]")
    assert months.tolist() == [date(2011, at, 1) for at in range(2, 13)]
    assert last.get_ydata() == pytest.approx([16])
    assert to_rgba(last.get_color()) == to_rgba(BLUE)
    (band,) = [one for one in ax.collections if isinstance(one, PolyCollection)]
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((5.68, 16.32))
    marks = {text.get_text(): text.xy[1] for text in ax.texts}
    assert marks == pytest.approx({"own mean": 11, "low": 5.68, "high": 16.32})
    assert ax.get_ylabel() == "value by month"


@pytest.mark.parametrize("last", [5, 17])
def test_a_last_period_outside_is_red(last: int) -> None:
    ax = plots.plot_pattern(pattern(*EVEN, last), 4711)
    assert title(ax) == "the last complete month is outside this customer's own limits"
    assert to_rgba(ax.lines[-1].get_color()) == to_rgba(RED)


def test_wider_limits_are_those_of_the_policy() -> None:
    ax = plots.plot_pattern(pattern(*EVEN, 17), 4711, policy=ci.WatchPolicy(limits=3))
    assert "is within" in title(ax)
    assert [text.xy[1] for text in ax.texts] == pytest.approx([11, 5, 17])


@pytest.mark.parametrize("amount", [0.1, 0.3, 1.1, 19.99])
def test_always_the_same_is_no_break(amount: float) -> None:
    summary = pattern(*[amount] * 12)
    assert "is within" in title(plots.plot_pattern(summary, 4711))


def test_the_chart_says_what_the_watch_list_says() -> None:
    data = complete_journey_200()
    summary = ci.summarize(data.frame, **data.call)
    classes = ci.ABCClassifier(thresholds=(2000, 500)).fit(summary).classify(summary)
    watched = ci.watch_list(summary, classes)
    told = {
        one: signal
        for one in watched.watched_ids.tolist()
        for signal in watched[one]
        if signal.signal in {"drop", "surge"}
    }
    assert len(told) >= 3
    calm = [one for one in watched.watched_ids.tolist() if one not in told]
    _, ax = plt.subplots()
    for one in calm[:5]:
        plots.plot_pattern(summary, one, ax=ax)
        assert "is within" in ax.get_title(loc="left")
        ax.clear()
    for one, signal in told.items():
        plots.plot_pattern(summary, one, ax=ax)
        assert "is outside" in ax.get_title(loc="left")
        levels = [text.xy[1] for text in ax.texts]
        assert levels == pytest.approx([signal.usual, signal.low, signal.high])
        assert ax.lines[-1].get_ydata() == pytest.approx([signal.figure])
        ax.clear()


def test_weeks_are_drawn_by_week() -> None:
    sales = [
        ci.Transaction(customer_id=1, date=date(2011, 8, day), amount=day)
        for day in (2, 9, 16, 23, 30)
    ]
    summary = ci.summarize(sales, as_of="2011-08-28", period="week")
    ax = plots.plot_pattern(summary, 1)
    assert title(ax).startswith("the last complete week is")
    assert ax.get_ylabel() == "value by week"
    assert ax.lines[1].get_ydata() == pytest.approx([9, 16, 23])


def test_no_customer_is_named_on_a_pattern() -> None:
    ax = plots.plot_pattern(pattern(*EVEN, 16), 4711)
    title(ax)
    said = [ax.get_xlabel(), ax.get_ylabel(), *words(ax), title(ax)]
    assert not any("4711" in one for one in said)


def test_other_axes_of_the_host_stay_as_they_are() -> None:
    _, (above, below) = plt.subplots(2, layout="constrained")
    above.plot([1, 2], [3, 4])
    above.set_xlabel("of the host")
    assert plots.plot_pattern(pattern(*EVEN, 16), 4711, ax=below) is below
    title(below)
    assert above.get_xlabel() == "of the host"
    labels = above.get_xticklabels()
    assert labels
    assert all(one.get_visible() and not one.get_rotation() for one in labels)


@pytest.mark.parametrize("n_months", [1, 2, 3])
def test_a_pattern_needs_two_periods_and_the_last_one(n_months: int) -> None:
    day = ("2011-01-31", "2011-02-28", "2011-03-31")[n_months - 1]
    sales = [
        ci.Transaction(customer_id=4711, date=date(2011, at, 5), amount=5)
        for at in range(1, n_months + 1)
    ]
    with pytest.raises(ci.InvalidInputError, match=f"are {n_months - 1}$") as caught:
        plots.plot_pattern(ci.summarize(sales, as_of=day), 4711)
    assert caught.value.code == "too_short"
    assert "4711" not in str(caught.value)


def test_three_periods_after_the_first_purchase_are_enough() -> None:
    sales = [
        ci.Transaction(customer_id=1, date=date(2011, at, 5), amount=at * 10)
        for at in range(1, 5)
    ]
    ax = plots.plot_pattern(ci.summarize(sales, as_of="2011-04-30"), 1)
    # Of 20 and 30: mean 25, range 10; 40 is below 25 + 26.6.
    assert [text.xy[1] for text in ax.texts] == pytest.approx([25, -1.6, 51.6])
    assert "is within" in title(ax)


def test_who_only_gave_back_has_no_pattern() -> None:
    with pytest.raises(ci.InvalidInputError, match="there are 0"):
        plots.plot_pattern(pattern(*[-5] * 12), 4711)


def test_an_unknown_customer_has_no_pattern() -> None:
    for one in (4712, "4711"):
        with pytest.raises(ci.UnknownCustomerError):
            plots.plot_pattern(pattern(*EVEN, 16), one)


@pytest.mark.parametrize(
    "keywords", [{"period": None}, {"columns": {"amount": None, "profit": None}}]
)
def test_without_values_by_period_there_is_no_pattern(keywords: Any) -> None:
    with pytest.raises(ci.InvalidInputError, match="must have periods") as caught:
        plots.plot_pattern(pattern(*EVEN, 16, **keywords), 4711)
    assert caught.value.code == "no_periods"


def test_a_policy_must_be_one() -> None:
    with pytest.raises(ci.InvalidInputError, match="policy must be of class"):
        plots.plot_pattern(pattern(*EVEN, 16), 4711, policy=2.66)  # type: ignore[arg-type]


# --- where it is drawn ------------------------------------------------------------------


def test_what_is_drawn_goes_where_it_was_asked_to() -> None:
    visits = ci.share_budget({1: 3, 2: 1}, 4)
    for draw in (
        lambda ax: plots.plot_roles(BOOK, ax=ax),
        lambda ax: plots.plot_role_values(VALUES, ax=ax),
        lambda ax: plots.plot_budget(visits, ax=ax),
        lambda ax: plots.plot_pattern(pattern(*EVEN, 16), 4711, ax=ax),
    ):
        figure, ax = plt.subplots()
        assert draw(ax) is ax
        assert figure.axes == [ax]
        title(ax)
