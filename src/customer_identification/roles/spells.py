"""Who held which role from when to when: lines of evidence merged into spells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from customer_identification.arrays import array_field, run_starts


__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "Spells",
    "before_buying",
    "objects_of",
    "order_of",
    "taken",
]

# The days that Python's dates can hold, since 1970-01-01.
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
_KEY = ("party", "kind", "agreement", "scope", "towards", "rule")
_BITS = 63  # of a whole number that is not below 0
Ints = NDArray[np.int32]


def order_of(columns: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """Give the order of rows by several columns of codes, from -1 up to 2**31 - 1.

    As many columns as fit are packed into one number with the row behind, so that
    sorting plain numbers gives the order; equal rows stay in order.

    Examples
    --------
    >>> order_of([np.array([1, 0, 1]), np.array([5, 6, -1])])
    array([1, 2, 0])
    """
    size = columns[0].size
    if not size:
        return np.empty(0, dtype=np.int64)
    place = size.bit_length()
    keys = _packed(columns, _BITS - place)
    order = _sorted_by(keys[0], place)
    if len(keys) > 1 and not run_starts(keys[0][order]).all():
        order = _sorted_by(keys[-1], place)
        for key in reversed(keys[:-1]):
            order = order[_sorted_by(key[order], place)]
    return order


def _packed(columns: Sequence[NDArray[Any]], room: int) -> list[NDArray[np.int64]]:
    """Pack columns into numbers of so many bits, the first column into the highest."""
    keys = [np.zeros(columns[0].size, dtype=np.int64)]
    used = 0
    for values in columns:
        bits = (int(values.max()) + 1).bit_length()
        if used + bits > room:
            keys.append(np.zeros(values.size, dtype=np.int64))
            used = 0
        keys[-1] <<= bits
        keys[-1] += values
        keys[-1] += 1
        used += bits
    return keys


def _sorted_by(key: NDArray[np.int64], place: int) -> NDArray[np.int64]:
    """Sort by a key, with the row in so many bits below it."""
    packed = (key << place) | np.arange(key.size)
    packed.sort()
    packed &= (1 << place) - 1
    return packed


@frozen(kw_only=True, repr=False)
class Spells:
    """Roles as arrays, one entry a spell, in the order of the columns.

    Attributes
    ----------
    party, towards : ndarray of int32
        Positions among the ids; -1 towards nobody.
    kind, rule : ndarray of int16
        Positions among the kinds and the rules.
    agreement, scope : ndarray of int32
        Positions among theirs; -1 without.
    since, until : ndarray of int32
        First and last day, since 1970-01-01; `FIRST_DAY` where the data have no start,
        `LAST_DAY` while it lasts. [days]
    rows : ndarray of int64
        Lines of evidence.
    """

    party: Ints = array_field()
    kind: NDArray[np.int16] = array_field()
    agreement: Ints = array_field()
    scope: Ints = array_field()
    towards: Ints = array_field()
    rule: NDArray[np.int16] = array_field()
    since: Ints = array_field()
    until: Ints = array_field()
    rows: NDArray[np.int64] = array_field()

    def __len__(self) -> int:
        return int(self.party.size)

    def only(self, rows: Any) -> Spells:
        """Keep some, by mask or position."""
        return Spells(**{name: getattr(self, name)[rows] for name in _COLUMNS})

    @classmethod
    def joined(cls, parts: Sequence[Spells]) -> Spells:
        """Put several after one another."""
        return cls(
            **{
                name: np.concatenate([getattr(one, name) for one in parts])
                for name in _COLUMNS
            }
        )

    def merged(self) -> Spells:
        """Put into order, and make one of those of one role that meet or overlap.

        Spells of one party in one role, agreement, scope and rule, towards one other,
        are one if no day lies between them. The result does not depend on the order.
        """
        key = [getattr(self, name) for name in _KEY]
        ordered = self.only(order_of([*key, self.since - FIRST_DAY]))
        if not len(ordered):
            return ordered
        is_new = run_starts(*(getattr(ordered, name) for name in _KEY))
        if is_new.all():
            return ordered
        group = np.cumsum(is_new, dtype=np.int64)
        span = np.int64(2) << 32
        latest = np.maximum.accumulate(ordered.until + group * span) - group * span
        is_new[1:] |= ordered.since[1:] > latest[:-1] + 1
        start = np.flatnonzero(is_new)
        return evolve(
            ordered.only(start),
            until=np.maximum.reduceat(ordered.until, start),
            rows=np.add.reduceat(ordered.rows, start),
        )

    def recoded(self, **new: NDArray[Any]) -> Spells:
        """Put new positions for the old ones of some columns; -1 stays."""
        return evolve(
            self,
            **{
                name: np.append(places, -1).astype(getattr(self, name).dtype)[
                    getattr(self, name)
                ]
                for name, places in new.items()
            },
        )


_COLUMNS = (*_KEY, "since", "until", "rows")


def before_buying(
    spells: Spells, prospect: int, buyers: Sequence[int], n_parties: int
) -> Spells:
    """End every spell as a prospect on the day before the party first buys.

    Parameters
    ----------
    spells : Spells
    prospect : int
        The kind that ends.
    buyers : sequence of int
        The kinds that end it.
    n_parties : int

    Returns
    -------
    spells : Spells
        Without those whose party had bought before they were known.
    """
    is_prospect = spells.kind == prospect
    if not is_prospect.any():
        return spells
    first = np.full(n_parties, LAST_DAY + 1, dtype=np.int64)
    buys = np.isin(spells.kind, buyers)
    np.minimum.at(first, spells.party[buys], spells.since[buys])
    last = np.minimum(spells.until, first[spells.party] - 1)
    until = np.where(is_prospect, last, spells.until).astype(np.int32)
    return evolve(spells, until=until).only(until >= spells.since)


def taken(values: NDArray[Any], codes: NDArray[np.int32]) -> NDArray[Any]:
    """Give the value of every code, null without one."""
    if values.dtype == object:
        return np.append(values, [None])[codes]
    if (codes >= 0).all():
        return values[codes]
    column: NDArray[Any] = np.ma.masked_array(np.append(values, 0)[codes], codes < 0)
    return column


def objects_of(values: Sequence[Any]) -> NDArray[Any]:
    """Give values as an array of objects."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
