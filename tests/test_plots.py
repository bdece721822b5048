"""What is drawn, by the data and the words on the axes."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes

import customer_identification as ci
from customer_identification import plots
from datasets import cdnow_sample, complete_journey_200


mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def words(ax: Axes) -> list[str]:
    """All text on the axes but the tick labels."""
    return [
        ax.get_title(loc="left"),
        ax.get_xlabel(),
        ax.get_ylabel(),
        *(text.get_text() for text in ax.texts),
    ]


def ticks(labels: Any) -> list[str]:
    return [label.get_text() for label in labels]


def patches(ax: Axes) -> list[Any]:
    return list(ax.patches)


def sold(*rows: Any, as_of: str = "2011-08-31", **keywords: Any) -> ci.Summary:
    """Summarize (customer, day, amount) or (customer, day, amount, profit) rows."""
    return ci.summarize(
        [
            ci.Transaction(
                customer_id=row[0],
                date=date.fromisoformat(row[1]),
                amount=row[2],
                profit=row[3] if len(row) > 3 else None,
            )
            for row in rows
        ],
        as_of=as_of,
        **keywords,
    )


FEW = sold(
    (1, "2011-06-01", 60),
    (2, "2011-07-01", 30),
    (3, "2011-08-01", 10),
    (4, "2011-08-02", -5),
)


# --- Lorenz curve -------------------------------------------------------------------


def test_the_curve_runs_through_the_cumulative_shares_of_those_with_value() -> None:
    ax = plots.plot_lorenz(FEW)
    curve, equality, _ = ax.lines
    assert curve.get_xdata() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve.get_ydata() == pytest.approx([0, 0.6, 0.9, 1])
    assert equality.get_ydata() == pytest.approx([0, 1])
    assert "share of the 3 customers with value, largest first" in words(ax)
    assert "share of the value of 100.00" in words(ax)


def test_the_title_says_what_the_top_5_percent_of_cdnow_hold() -> None:
    data = cdnow_sample()
    ax = plots.plot_lorenz(ci.summarize(data.frame, **data.call))
    assert (
        words(ax)[0]
        == "5 % of those with value hold 36 % of the value, as of 1998-06-30"
    )
    mark = ax.lines[2]
    assert mark.get_xdata() == pytest.approx([118 / 2349])
    assert mark.get_ydata() == pytest.approx([0.3607], abs=5e-5)


def test_another_share_than_5_percent_can_be_told() -> None:
    assert words(plots.plot_lorenz(FEW, top=0.5))[0].startswith(
        "50 % of those with value hold 90 %"
    )


def test_the_classes_of_a_rule_are_marked_with_size_and_share() -> None:
    rule = ci.ABCClassifier(thresholds=(50, 20)).fit(FEW)
    ax = plots.plot_lorenz(FEW, rule)
    assert words(ax)[-3:] == ["A\n1\n60 %", "B\n1\n30 %", "C\n1\n10 %"]


def test_a_rule_without_limits_marks_one_class() -> None:
    rule = ci.ABCClassifier().fit(sold((1, "2011-06-01", -1)))
    assert words(plots.plot_lorenz(FEW, rule))[-1] == "A\n3\n100 %"


@pytest.mark.parametrize(
    ("summary", "keywords", "must"),
    [
        (sold((1, "2011-06-01", -1)), {}, "at least one customer must have a value"),
        (sold((1, "2011-06-01", 1), columns={"amount": None}), {}, "at least one"),
        (FEW, {"top": 0}, "top must be above 0"),
        (FEW, {"top": 1.1}, "top must be above 0"),
    ],
)
def test_a_curve_of_nothing_is_refused(summary: Any, keywords: Any, must: Any) -> None:
    with pytest.raises(ci.InvalidInputError, match=must):
        plots.plot_lorenz(summary, **keywords)


def test_a_rule_of_other_money_is_refused() -> None:
    rule = ci.ABCClassifier().fit(sold((1, "2011-06-01", 5), minor_units=0))
    with pytest.raises(ci.InvalidInputError, match="minor_units=0"):
        plots.plot_lorenz(FEW, rule)


def test_what_is_drawn_goes_where_it_was_asked_to() -> None:
    _, ax = plt.subplots()
    assert plots.plot_lorenz(FEW, ax=ax) is ax


# --- classes ------------------------------------------------------------------------


def bars(ax: Axes) -> dict[str, list[float]]:
    groups: Any = ax.containers
    return {
        str(group.get_label()): [bar.get_width() for bar in group] for group in groups
    }


def test_classes_show_customers_beside_value() -> None:
    classes = ci.ABCClassifier(thresholds=(50, 20)).fit(FEW).classify(FEW)
    ax = plots.plot_classes(classes)
    assert ticks(ax.get_yticklabels()) == ["A", "B", "C", "none"]
    assert bars(ax)["customers"] == pytest.approx([0.25] * 4)
    assert bars(ax)["value"] == pytest.approx([0.6, 0.3, 0.1, -0.05])
    assert words(ax)[0] == "4 customers by class, as of 2011-08-31"
    assert words(ax)[3:] == ["1", "1", "1", "1", "60.00", "30.00", "10.00", "-5.00"]


def test_classes_of_an_identification_know_the_value_for_any_rule() -> None:
    data = complete_journey_200()
    found = ci.identify(data.frame, **data.call)
    ax = plots.plot_classes(found, "loyalty")
    assert words(ax)[0] == "200 customers by loyalty class, as of 2017-12-31"
    assert ticks(ax.get_yticklabels()) == ["relational", "transactional", "unknown"]
    counts = np.array(list(found.counts()["loyalty"].values()))
    assert bars(ax)["customers"] == pytest.approx(counts / 200)
    assert sum(bars(ax)["value"]) == pytest.approx(1)


def test_classes_without_value_show_customers_only() -> None:
    classes = ci.TermClassifier().classify(FEW)
    assert list(bars(plots.plot_classes(classes))) == ["customers"]


def test_classes_of_nobody_are_drawn_empty() -> None:
    nobody = FEW.take(np.zeros(4, dtype=bool))
    ax = plots.plot_classes(ci.ABCClassifier().fit(FEW).classify(nobody))
    assert words(ax)[0] == "0 customers by class, as of 2011-08-31"
    assert ticks(ax.get_yticklabels()) == []


def test_an_unknown_rule_is_refused() -> None:
    found = ci.IdentificationProgram().fit(FEW).identify(FEW)
    with pytest.raises(ci.InvalidInputError, match="by must be one of loyalty, value"):
        plots.plot_classes(found, "mine")


# --- subsidy ------------------------------------------------------------------------


def test_with_profit_who_pays_is_drawn_to_the_right() -> None:
    rows = [
        (one, f"2011-{month:02}-05", 100, profit)
        for month in range(1, 7)
        for one, profit in [(1, 30), (2, -10)]
    ]
    summary = sold(*rows)
    classes = ci.ABCClassifier().fit(summary).classify(summary)
    found = ci.Identification(summary=summary, classes={"value": classes})
    ax = plots.plot_subsidy(found.subsidy("value"))
    assert [bar.get_width() for bar in patches(ax)] == pytest.approx([120, -120])
    assert ticks(ax.get_yticklabels()) == ["A", "none"]
    assert words(ax)[0].endswith("(left), as of 2011-08-31")
    assert words(ax)[3:] == ["+120 (margin 30 %)", "-120 (margin -10.0 %)"]


def test_without_profit_shares_are_drawn_and_the_title_says_why() -> None:
    data = complete_journey_200()
    subsidy = ci.identify(data.frame, **data.call).subsidy()
    ax = plots.plot_subsidy(subsidy)
    assert words(ax)[0] == "Who pays for whom is unknown (no profit), as of 2017-12-31"
    drawn = bars(ax)
    assert list(drawn) == ["of the customers", "of the value", "bought at a discount"]
    assert drawn["bought at a discount"] == pytest.approx(subsidy.discount_share)


def test_without_profit_and_discount_two_shares_are_left() -> None:
    found = ci.IdentificationProgram().fit(FEW).identify(FEW)
    ax = plots.plot_subsidy(found.subsidy())
    assert list(bars(ax)) == ["of the customers", "of the value"]


def test_shares_of_nothing_are_unknown() -> None:
    nothing = sold((1, "2011-06-01", 0))
    found = ci.IdentificationProgram().fit(nothing).identify(nothing)
    assert "unknown" in words(plots.plot_subsidy(found.subsidy()))


# --- migration ----------------------------------------------------------------------


def test_moves_are_counted_in_a_map_with_the_stayers_framed() -> None:
    rule = ci.ABCClassifier(thresholds=(50, 20)).fit(FEW)
    later = sold(
        (1, "2011-06-01", 60),
        (2, "2011-07-01", 70),
        (5, "2011-09-01", 25),
        as_of="2011-09-30",
    )
    ax = plots.plot_migration(ci.migrate(rule.classify(FEW), rule.classify(later)))
    assert ticks(ax.get_yticklabels()) == [
        "A  1",
        "B  1",
        "C  1",
        "none  1",
        "absent  1",
    ]
    assert ticks(ax.get_xticklabels()) == ["A\n2", "B\n1", "absent\n2"]
    assert words(ax)[:3] == [
        "1 of 2 customers moved, 1 entered, 2 left",
        "class on 2011-09-30",
        "class on 2011-08-31",
    ]
    (image,) = ax.images
    assert np.asarray(image.get_array()).tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [0, 0, 1],
        [0, 0, 1],
        [0, 1, 0],
    ]
    frames = [patch.get_xy() for patch in patches(ax)]
    assert frames == [(-0.5, -0.5), (0.5, 0.5)]
    numbers = [text for text in words(ax)[3:] if text.isdigit()]
    assert numbers == ["1"] * 5


# --- one customer -------------------------------------------------------------------


def test_a_customer_is_drawn_by_period_with_the_theil_sen_line() -> None:
    summary = sold(
        (1, "2011-04-01", 1),
        *(
            (2, f"2011-0{month}-05", amount)
            for month, amount in [(5, 10), (6, 20), (7, 30), (8, 100)]
        ),
    )
    ax = plots.plot_customer(summary, 2)
    assert [bar.get_height() for bar in patches(ax)] == [10, 20, 30, 100]
    line = ax.lines[-1]
    # The month of the first purchase is drawn, but is not in the trend.
    slope = np.median([10, 70, 40])
    assert np.diff(np.asarray(line.get_ydata())) == pytest.approx([slope] * 2)
    assert words(ax)[0] == (
        "Value by complete month, as of 2011-08-31\n"
        "+40.00 a month (Theil-Sen), Mann-Kendall z 1.04"
    )
    assert ticks(ax.get_xticklabels()) == ["2011-05", "2011-06", "2011-07", "2011-08"]


def test_the_title_names_the_customer_only_when_asked() -> None:
    assert (
        "4711" not in words(plots.plot_customer(sold((4711, "2011-08-01", 1)), 4711))[0]
    )
    ax = plots.plot_customer(sold((4711, "2011-08-01", 1)), 4711, show_id=True)
    assert words(ax)[0].startswith("4711: value by complete month")


def test_one_period_makes_no_line() -> None:
    ax = plots.plot_customer(FEW, 3)
    assert words(ax)[0].endswith("too few complete periods for a trend")
    assert len(ax.lines) == 1


def test_who_never_bought_has_no_period_of_their_own() -> None:
    ax = plots.plot_customer(FEW, 4)
    assert words(ax)[0].endswith("too few complete periods for a trend")
    assert not ax.patches


def test_who_first_bought_in_the_period_still_open_has_no_period_yet() -> None:
    summary = sold((1, "2011-06-01", 60), (2, "2011-08-02", 30), as_of="2011-08-30")
    assert not plots.plot_customer(summary, 2).patches


def test_weeks_are_named_by_their_first_day() -> None:
    weekly = sold(*((1, f"2011-08-{day:02}", 5) for day in (1, 9, 16)), period="week")
    ax = plots.plot_customer(weekly, 1)
    assert ticks(ax.get_xticklabels())[0] == "2011-08-01"
    assert ax.get_xlabel() == "week beginning"


def test_a_customer_without_periods_is_refused() -> None:
    with pytest.raises(ci.InvalidInputError, match="no values by period"):
        plots.plot_customer(sold((1, "2011-08-01", 1), period=None), 1)


def test_an_unknown_customer_is_refused() -> None:
    with pytest.raises(ci.UnknownCustomerError):
        plots.plot_customer(FEW, 99)
