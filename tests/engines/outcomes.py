"""What summarize makes of a frame, and in what two such results differ."""

import re
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from attrs import fields

from customer_identification import CustomerIdentificationError, Summary, summarize


__all__ = [
    "AS_OF",
    "DAY",
    "OF_OTHERS",
    "SECRET",
    "differences",
    "error_of",
    "outcome",
    "rows",
    "zoned",
]

AS_OF = date(2011, 5, 10)
DAY = date(2011, 2, 3)
SECRET = "jane.doe@example.com"  # noqa: S105 - what no message may repeat

# Third parties' own warnings of what is to come; nothing that we could mend.
OF_OTHERS = [
    pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning:pyspark"),
]


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


def rows(n: int = 3, **columns: Any) -> pa.Table:
    """Give rows of three customers; columns replace or add to them."""
    given = {
        "customer_id": pa.array([1 + i % 3 for i in range(n)], pa.int64()),
        "date": pa.array([DAY] * n, pa.date32()),
        "amount": pa.array([1.0] * n),
    }
    return pa.table({**given, **columns})


def error_of(frame: Any, **options: Any) -> CustomerIdentificationError:
    with pytest.raises(CustomerIdentificationError) as caught:
        summarize(frame, **{"as_of": AS_OF, **options})
    return caught.value


def zoned() -> pa.Table:
    stamps = [datetime(2011, 4, 1, 2), datetime(2011, 4, 1, 5), None]  # noqa: DTZ001
    return rows(date=pa.array(stamps, pa.timestamp("us", "UTC")))
