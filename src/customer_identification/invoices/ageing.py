"""The table of aged receivables: what is open, by how long it is past due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, to_frame
from customer_identification.invoices.credit import summarize_credit
from customer_identification.invoices.summary import CreditSummary, bucket_names
from customer_identification.options import an_instance, number
from customer_identification.report import format_money


__all__ = ["Ageing", "ageing"]

Ints = NDArray[np.int64]


@frozen(kw_only=True, repr=False)
class Ageing:
    """What is open by age; str() is the table.

    Attributes
    ----------
    names : tuple of str
        Of the buckets: not due, then by days past due.
    amounts, invoices : ndarray of int, shape (n_buckets,)
        What is open, and of how many invoices. [minor units]
    credit : int
        Credit notes not used yet and what was paid too much, which no bucket holds.
        [minor units]
    as_of : date
    minor_units : int
    """

    names: tuple[str, ...]
    amounts: Ints = array_field()
    invoices: Ints = array_field()
    credit: int
    as_of: date
    minor_units: int
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        invoices = int(self.invoices.sum())
        return f"Ageing({invoices:,} open invoices, as of {self.as_of})"

    def __str__(self) -> str:
        rows = zip(
            self.names, self.amounts.tolist(), self.invoices.tolist(), strict=True
        )
        lines = [
            f"{name:<14} {format_money(minor, self.minor_units):>16} {n:>8,}"
            for name, minor, n in [
                *rows,
                ("open", self.open, int(self.invoices.sum())),
            ]
        ]
        return "\n".join(lines)

    @property
    def open(self) -> int:
        """What is open in all, in minor units."""
        return int(self.amounts.sum())

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each bucket in what is open; nan where nothing is."""
        if not self.open:
            return np.full(len(self), np.nan)
        return self.amounts / self.open

    def expected_loss(self, rates: Mapping[str, float]) -> float:
        """Give what will not be paid, by the share that is lost of each bucket.

        Parameters
        ----------
        rates : mapping of str to float
            Share that is lost, 0 to 1, of every bucket by name: what the host has seen
            in the past, adjusted for what is to come.

        Returns
        -------
        float
            In major units.

        Raises
        ------
        InvalidInputError
            If a bucket has no rate, a rate no bucket, or a rate lies outside 0 to 1.

        Notes
        -----
        The provision matrix of IFRS 9, paragraph B5.5.35.
        """
        an_instance("rates", rates, Mapping)
        if set(rates) != set(self.names):
            raise InvalidInputError(
                f"rates must be given for just {', '.join(self.names)}",
                code="bad_option",
            )
        each = [number("a rate", rates[name], 0, 1) for name in self.names]
        lost = sum(
            a * rate for a, rate in zip(self.amounts.tolist(), each, strict=True)
        )
        return float(lost / 10**self.minor_units)

    def to_frame(self) -> Any:
        """Give one row a bucket, money in major units."""
        return to_frame(
            {
                "bucket": Labels(
                    codes=np.arange(len(self), dtype=np.int8), words=self.names
                ),
                "open": self.amounts / 10**self.minor_units,
                "share": self.shares,
                "invoices": self.invoices,
            },
            self.kind,
        )


def ageing(invoices: object, **terms: Any) -> Ageing:
    """Part what all customers together owe by how long it is past due.

    Parameters
    ----------
    invoices : CreditSummary, frame or iterable of Invoice
        Some of the customers by :meth:`CreditSummary.take`.
    **terms
        What :func:`summarize_credit` takes; none for a summary, which has its own.

    Raises
    ------
    InvalidInputError
        If a summary comes with terms, or as :func:`summarize_credit` says.

    Examples
    --------
    >>> from customer_identification import Invoice
    >>> owed = ageing(
    ...     [
    ...         Invoice(
    ...             invoice_id=day,
    ...             customer_id="c1",
    ...             issued=date(2011, 5, 1),
    ...             due=date(2011, 5, day),
    ...             amount=10 * day,
    ...         )
    ...         for day in (10, 20, 31)
    ...     ],
    ...     as_of="2011-06-15",
    ... )
    >>> owed.to_frame().head(3)
           bucket   open     share  invoices
    0     not_due    0.0  0.000000         0
    1    due_1_30  510.0  0.836066         2
    2   due_31_60  100.0  0.163934         1
    """
    if not isinstance(invoices, CreditSummary):
        credit = summarize_credit(invoices, **terms)
    elif terms:
        raise InvalidInputError(
            "a CreditSummary has its own terms; give none", code="bad_option"
        )
    else:
        credit = invoices
    return Ageing(
        names=bucket_names(credit.bucket_days),
        amounts=credit.buckets.sum(axis=0),
        invoices=credit.bucket_invoices.sum(axis=0),
        credit=int(credit.credit.sum()),
        as_of=credit.as_of,
        minor_units=credit.minor_units,
        kind=credit.kind,
    )
