"""What summarize makes of a frame, and in what two such results differ."""

import re
from typing import Any

from attrs import fields

from customer_identification import CustomerIdentificationError, Summary, summarize


__all__ = ["differences", "outcome"]


def outcome(frame: Any, options: dict[str, Any]) -> Any:
    """Give the summary, or what is wrong; an engine names no rows, as it has no order."""
    try:
        return summarize(frame, **options)
    except CustomerIdentificationError as error:
        message = re.sub(r",? first at row \d+", "", str(error)).replace(",", "")
        return type(error), error.code, error.column, message


def differences(found: Any, expected: Any) -> dict[str, Any]:
    """Give what differs, by name; nothing where both are the same to the last bit."""
    if isinstance(found, Summary) and isinstance(expected, Summary):
        if found == expected:
            return {}
        return {
            one.name: (getattr(found, one.name), getattr(expected, one.name))
            for one in fields(Summary)
            if str(getattr(found, one.name)) != str(getattr(expected, one.name))
        } or {"types": (found, expected)}
    return {} if found == expected else {"outcome": (found, expected)}
