"""Frames that stay in their engine: it aggregates, and one row a customer comes back.

Polars lazy frames, DuckDB relations, Spark frames, Ibis tables and Dask frames are
asked, by expressions that all of them compute alike, for what eager frames are read
for. Nothing here is imported before such a frame comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from customer_identification.engines.counted import Counted
from customer_identification.terms import Progress, Terms


if TYPE_CHECKING:
    from customer_identification.engines.held import EngineSummary


__all__ = ["Counted", "EngineSummary", "count_rows", "hold_rows"]


def count_rows(frame: Any, terms: Terms) -> Counted:
    """Have an engine add up rows by customer and block."""
    from customer_identification.engines import cells

    return cells.count_rows(frame, terms)


def hold_rows(frame: Any, terms: Terms, progress: Progress | None) -> EngineSummary:
    """Have an engine make one row a customer, and keep it."""
    from customer_identification.engines import held

    return held.hold_rows(frame, terms, progress)


def __getattr__(name: str) -> Any:
    if name == "EngineSummary":  # whose module loads narwhals
        from customer_identification.engines.held import EngineSummary

        return EngineSummary
    raise AttributeError(name)
