"""Summaries made to measure: recency, number of purchases and value as asked for."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd

from customer_identification import Summary, summarize


__all__ = ["AS_OF", "summary_of"]

AS_OF = date(2011, 12, 31)


def summary_of(
    recency: Sequence[int | None],
    frequency: Sequence[int],
    value: Sequence[int] | None,
    ids: Sequence[object] | None = None,
) -> Summary:
    """Let each customer buy so often, last so long ago, in all for so much money.

    With a recency of None there is only a refund.
    """
    rows = []
    for at, (days, often) in enumerate(zip(recency, frequency, strict=True)):
        one = at if ids is None else ids[at]
        day = AS_OF - timedelta(days=days or 0)
        if days is None:
            rows.append((one, day, f"{at} back", -1))
            continue
        own = None if value is None else value[at]
        rows += [
            (one, day, f"{at} {order}", 0 if order else own) for order in range(often)
        ]
        if own is not None and own < 0:  # bought for nothing, and given money back
            rows[-often] = (one, day, f"{at} 0", 0)
            rows.append((one, day, f"{at} back", own))
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "order_id", "amount"])
    columns = {} if value is not None else {"amount": None}
    return summarize(frame, as_of=AS_OF, columns=columns)
