"""What every party is worth in each role, adding up to the value of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ById, array_field, position_of, run_starts
from customer_identification.errors import InvalidInputError
from customer_identification.frames import to_frame
from customer_identification.models import RoleKind
from customer_identification.options import number
from customer_identification.report import DataReport
from customer_identification.summary import Summary


__all__ = [
    "DEFAULT_WEIGHTS",
    "SHARING",
    "RoleValues",
    "check_weights",
    "parts_of",
    "sums_at",
]


# The roles that a value can be shared out to.
SHARING = (
    RoleKind.OWNER,
    RoleKind.BILL_PAYER,
    RoleKind.BENEFICIARY,
    RoleKind.AGENT,
)
# Our choice: the owner decides most, the payer can take the business away, and agent
# and beneficiary sway it.
DEFAULT_WEIGHTS: Mapping[str, float] = {
    RoleKind.OWNER: 0.5,
    RoleKind.BILL_PAYER: 0.3,
    RoleKind.BENEFICIARY: 0.1,
    RoleKind.AGENT: 0.1,
}
_FINEST = 10**9  # shares are read to 9 digits, so that products fit into 64 bits
_SUM_OFF = 1e-9  # how far weights may add up to something else than 1; our choice
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@frozen(kw_only=True, repr=False)
class RoleValues(ById):
    """What every party is worth in each role, adding up to the value of all.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct: all who stand in a transaction.
    kinds : tuple of str
        owner, bill_payer, beneficiary, agent.
    minor : ndarray of int, shape (n_parties, 4)
        Value by party and role. [minor units]
    minor_units : int
        Decimals of the money.
    as_of : date
        Last day that counts.
    report : DataReport
        What became of every transaction.
    """

    ids: NDArray[Any] = array_field()
    kinds: tuple[str, ...] = tuple(map(str, SHARING))
    minor: Ints = array_field()
    minor_units: int
    as_of: date
    report: DataReport = field(eq=False)
    kind: str = field(default="pandas", eq=False)

    def __len__(self) -> int:
        return int(self.ids.size)

    def __repr__(self) -> str:
        return f"RoleValues({len(self):,} parties, as of {self.as_of})"

    def __getitem__(self, party_id: int | str) -> dict[str, float]:
        """Give what one party is worth in each role, in money.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        row = self.minor[position_of(self.ids, party_id)] / 10**self.minor_units
        return dict(zip(self.kinds, row.tolist(), strict=True))

    def totals(self) -> dict[str, float]:
        """Give the value by role, of all parties together, in money."""
        sums = self.minor.sum(axis=0) / 10**self.minor_units
        return dict(zip(self.kinds, sums.tolist(), strict=True))

    @property
    def total_minor(self) -> int:
        """The value of all transactions used, in minor units."""
        return int(self.minor.sum())

    def summary(self, kind: RoleKind | str | None = None) -> Summary:
        """Give the value in one role, or in all together, as a summary to classify.

        Parameters
        ----------
        kind : str, optional
            One of `kinds`; all of them together if not given.

        Returns
        -------
        summary : Summary
            One row for everybody in the ledger, 0 where they have no part in it. It
            has value only: no dates, and nothing that is counted by purchases.

        Raises
        ------
        InvalidInputError
            If the kind is none of `kinds`.
        """
        if kind is not None and kind not in self.kinds:
            raise InvalidInputError(
                f"kind must be one of {', '.join(self.kinds)}", code="unknown_role"
            )
        if kind is None:
            return _summary_of(self, self.minor.sum(axis=1))
        minor = self.minor[:, self.kinds.index(kind)]
        rest = ("in other roles", 0, self.total_minor - int(minor.sum()))
        report = evolve(self.report, set_aside=(*self.report.set_aside, rest))
        return _summary_of(evolve(self, report=report), minor)

    def to_frame(self) -> Any:
        """Give one row a party: `party_id`, the value by role, and `value`, in money."""
        scale = 10**self.minor_units
        columns: dict[str, NDArray[Any]] = {"party_id": self.ids}
        for at, name in enumerate(self.kinds):
            columns[name] = self.minor[:, at] / scale
        columns["value"] = self.minor.sum(axis=1) / scale
        return to_frame(columns, self.kind)


_UNKNOWN = (
    "amount",
    "profit",
    "purchase_days",
    "first_purchase",
    "last_purchase",
    "squared_gaps",
    "discounted",
    "discount_known",
    "categories",
    "channels",
    "period_values",
)


def _summary_of(values: RoleValues, minor: Ints) -> Summary:
    """Give a summary that knows values and nothing else."""
    nothing: dict[str, Any] = dict.fromkeys(_UNKNOWN)
    zeros = np.zeros(minor.size, dtype=np.int64)
    return Summary(
        customer_ids=values.ids,
        as_of=values.as_of,
        minor_units=values.minor_units,
        value=minor,
        purchases=zeros,
        refunds=zeros,
        refund_value=zeros,
        periods=np.empty(0, dtype="datetime64[D]"),
        report=values.report,
        kind=values.kind,
        **nothing,
    )


def sums_at(at: NDArray[Any], value: Ints, n: int) -> Ints:
    """Add up values by place.

    Examples
    --------
    >>> sums_at(np.array([2, 0, 2]), np.array([1, 5, 3]), 3)
    array([5, 0, 4])
    """
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, at, value)
    return sums


def parts_of(value: Ints, codes: Codes, weight: Fraction) -> Ints:
    """Give the part of every entry, so that those of each party add up to their share.

    Parameters
    ----------
    value : ndarray of int, shape (n_entries,)
        In the order of `codes`. [minor units]
    codes : ndarray of int32, shape (n_entries,)
        Whose part it is; sorted.
    weight : Fraction

    Returns
    -------
    parts : ndarray of int, shape (n_entries,)
        Each the difference of two rounded sums, and so less than one minor unit off.

    Examples
    --------
    >>> parts_of(np.array([5, 5, 5]), np.array([0, 0, 0]), Fraction(1, 2))
    array([2, 3, 3])
    """
    starts = np.flatnonzero(run_starts(codes))
    total = np.cumsum(value)
    before = np.concatenate([np.zeros(1, np.int64), total])[starts]
    total -= np.repeat(before, np.diff(starts, append=codes.size))
    rounded = _share_of(total, weight)
    parts = np.diff(rounded, prepend=np.int64(0))
    parts[starts] = rounded[starts]
    return parts


def _share_of(value: Ints, weight: Fraction) -> Ints:
    """Multiply by a share, and round half to even; exactly, in whole numbers."""
    below = np.int64(weight.denominator)
    whole, rest = np.divmod(value, below)
    part, left = np.divmod(rest * np.int64(weight.numerator), below)
    share = whole * np.int64(weight.numerator) + part
    share += (2 * left > below) | ((2 * left == below) & (share % 2 == 1))
    return share


def check_weights(weights: Any) -> dict[str, Fraction]:
    """Give the weight of every role, exactly.

    Raises
    ------
    InvalidInputError
        If a role is none of the four, or weights do not add up to 1.
    """
    names = set(map(str, SHARING))
    if not isinstance(weights, Mapping) or any(name not in names for name in weights):
        raise InvalidInputError(
            f"weights must be a mapping of {', '.join(SHARING)} to shares",
            code="bad_option",
        )
    given = {
        str(kind): number("weights", weights.get(kind, 0), 0, 1) for kind in SHARING
    }
    if abs(math.fsum(given.values()) - 1) > _SUM_OFF:
        raise InvalidInputError("weights must add up to 1", code="bad_option")
    return {
        kind: Fraction(str(share)).limit_denominator(_FINEST)
        for kind, share in given.items()
    }
