"""What this library does with parties and outcomes."""

from typing import Any

from attrs import frozen
from route import Numbers, Route
from scorecards_table import ATTRIBUTES

from customer_identification import (
    AttributeTable,
    Scorecard,
    attribute_table,
    learn_scorecard,
)


__all__ = ["JOBS"]


@frozen(eq=False)
class Learnt:
    """A card, and the parties it was learnt from."""

    card: Scorecard
    table: AttributeTable


def read(frame: Any) -> AttributeTable:
    """Read the attributes, off the clock."""
    return attribute_table(frame, outcome="paid")


def fit(table: AttributeTable) -> Learnt:
    """Learn a card."""
    return Learnt(learn_scorecard(table, trusted=ATTRIBUTES), table)


def fit_frame(frame: Any) -> Learnt:
    """Read the frame, and learn a card."""
    return fit(read(frame))


def chances(learnt: Learnt) -> Any:
    """Give everybody's chance."""
    return learnt.card.score(learnt.table).chance


def nothing(_: Any) -> Numbers:
    """Compare nothing: chances differ as models do."""
    return {}


JOBS = {
    "fit": Route(fit, nothing, read),
    "fit_frame": Route(fit_frame, nothing),
    "chances": Route(chances, nothing, fit_frame),
}
