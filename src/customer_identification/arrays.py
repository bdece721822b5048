"""Arrays in frozen classes: read-only, compared by value, found by sorted id."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import cmp_using, field
from numpy.typing import NDArray

from customer_identification.errors import (
    BadRowsError,
    InvalidInputError,
    UnknownCustomerError,
)


__all__ = [
    "ByCustomer",
    "ById",
    "align",
    "array_field",
    "blocks",
    "check_each",
    "check_same_kind",
    "distinct",
    "frozen_array",
    "position_of",
    "run_starts",
    "same_array",
    "union",
    "union_of",
    "usable_rows",
]


_BLOCK = 1 << 16  # entries at a time, so that they stay in the cache; our choice


class ById:
    """Lets a result that is asked by id be walked through, and asked who is there."""

    __slots__ = ()

    @property
    def ids(self) -> NDArray[Any]:
        """The ids that it knows."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        return iter(self.ids.tolist())

    def __contains__(self, one: object) -> bool:
        is_text = self.ids.dtype == object
        if isinstance(one, str) != is_text or isinstance(one, bool):
            return False
        return bool(np.any(self.ids == one))


class ByCustomer:
    """Lets a result with sorted `customer_ids` be walked through, and asked who is there."""

    __slots__ = ()

    customer_ids: NDArray[Any]

    def __len__(self) -> int:
        return int(self.customer_ids.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.customer_ids.tolist())

    def __contains__(self, customer_id: object) -> bool:
        try:
            position_of(self.customer_ids, customer_id)
        except KeyError:
            return False
        return True


def blocks(size: int, step: int = _BLOCK) -> Iterator[slice]:
    """Cut a long pass into pieces that need little scratch space.

    Examples
    --------
    >>> list(blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    for begin in range(0, size, step):
        yield slice(begin, min(begin + step, size))


def run_starts(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which rows of sorted columns differ from the row before.

    Examples
    --------
    >>> run_starts(np.array([1, 1, 2]), np.array([5, 6, 6]))
    array([ True,  True,  True])
    """
    starts = np.zeros(columns[0].size, dtype=np.bool_)
    starts[:1] = True
    for values in columns:
        starts[1:] |= values[1:] != values[:-1]
    return starts


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Give the distinct values in order, by sorting; numpy hashes, which takes longer.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3]))
    array([1, 3])
    """
    ordered = np.sort(values)
    return ordered[run_starts(ordered)]


def frozen_array(values: Any) -> Any:
    """Give a read-only view, so that a frozen class is frozen to the last cell."""
    if values is None:
        return None
    view = np.asarray(values).view()
    view.flags.writeable = False
    return view


def same_array(one: Any, other: Any) -> bool:
    """Tell whether two arrays, or Nones, hold the same values; nan equals nan."""
    if one is None or other is None:
        return one is other
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fM"))


def array_field(**keywords: Any) -> Any:
    """Declare an array, or None, of a frozen class."""
    keywords = {"repr": False, "hash": False, **keywords}
    return field(converter=frozen_array, eq=cmp_using(eq=same_array), **keywords)


def position_of(customer_ids: NDArray[Any], customer_id: object) -> int:
    """Find a customer among sorted ids.

    Raises
    ------
    UnknownCustomerError
        If nobody there has that id; text and whole numbers never match.
    """
    is_text = customer_ids.dtype == object
    if isinstance(customer_id, str) == is_text and not isinstance(customer_id, bool):
        try:
            at = int(np.searchsorted(customer_ids, customer_id))  # type: ignore[call-overload]
            if at < customer_ids.size and customer_ids[at] == customer_id:
                return at
        except (TypeError, OverflowError):
            pass
    raise UnknownCustomerError(
        f"no customer of these {customer_ids.size:,} has that id "
        f"(ids here are {'text' if is_text else 'whole numbers'})",
        code="unknown_customer",
    )


def check_each(
    name: str, is_right: NDArray[np.bool_], must: str, *, code: str, hint: str = ""
) -> None:
    """Make sure that a condition holds at every position.

    Parameters
    ----------
    name : str
        What the positions speak of.
    is_right : ndarray of bool
        Where the condition holds.
    must : str
        The condition, after "must".
    code : str
        Of the error.
    hint : str
        What the host can do; ends the message.

    Raises
    ------
    InvalidInputError
        If there is a position where it does not hold.

    Examples
    --------
    >>> check_each("cost", np.array([True, False]), "be above 0", code="out_of_range")
    Traceback (most recent call last):
    customer_identification.errors.InvalidInputError: cost must be above 0; this fails
    for 1 of 2, first at position 1
    """
    if is_right.all():
        return
    wrong = np.flatnonzero(~is_right)
    raise InvalidInputError(
        f"{name} must {must}; this fails for {wrong.size:,} of {is_right.size:,}, first "
        f"at position {wrong[0]}{f' ({hint})' * bool(hint)}",
        code=code,
        column=name,
        positions=wrong[:5],
    )


def usable_rows(
    faults: Mapping[str, NDArray[np.bool_] | None],
    size: int,
    *,
    what: str,
    on_bad_rows: str,
    harmless: Sequence[str] = (),
    hints: Mapping[str, str] | None = None,
) -> tuple[NDArray[np.bool_], tuple[tuple[str, int], ...]]:
    """Tell which rows can be used, and count the others by their first fault.

    Parameters
    ----------
    faults : mapping of str to ndarray of bool, or None
        By reason the rows that have it; None for none.
    size : int
        Of the rows.
    what : str
        What a row is.
    on_bad_rows : {"raise", "report"}
    harmless : sequence of str
        Reasons that never raise.
    hints : mapping of str to str, optional
        By reason what the host can do.

    Raises
    ------
    BadRowsError
        If a row cannot be used, and that is to raise.

    Examples
    --------
    >>> late = {"late": np.array([False, True])}
    >>> usable_rows(late, 2, what="bill", on_bad_rows="report")
    (array([ True, False]), (('late', 1),))
    """
    used = np.ones(size, dtype=np.bool_)
    aside = []
    for why, mask in faults.items():
        if mask is None or not (wrong := mask & used).any():
            continue
        used &= ~mask
        rows = np.flatnonzero(wrong)
        aside.append((why, int(rows.size)))
        if on_bad_rows == "raise" and why not in harmless:
            raise BadRowsError(
                f"every {what} must be usable; {rows.size:,} of {size:,} rows: {why}, "
                f"first at row {rows[0]} ({(hints or {}).get(why, '')}"
                'on_bad_rows="report" sets them aside and counts them)',
                code="bad_rows",
                positions=rows[:5],
            )
    return used, tuple(aside)


def check_same_kind(
    ids: NDArray[Any], others: NDArray[Any], what: str = "customer ids"
) -> None:
    """Make sure that ids of two sides can be compared.

    Raises
    ------
    InvalidInputError
        If one side is text and the other whole numbers; no ids go with either.
    """
    if ids.size and others.size and ids.dtype != others.dtype:
        raise InvalidInputError(
            f"{what} must be text on both sides, or numbers on both",
            code="not_an_id",
        )


def align(
    ids: NDArray[np.generic], among: NDArray[np.generic]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find sorted ids among other sorted ids: positions, and who was found.

    Raises
    ------
    InvalidInputError
        If one side is text and the other whole numbers.
    """
    check_same_kind(ids, among)
    if not ids.size or not among.size:
        return np.zeros(ids.size, np.intp), np.zeros(ids.size, np.bool_)
    at = np.minimum(np.searchsorted(among, ids), among.size - 1)
    return at, np.asarray(among[at] == ids, dtype=np.bool_)


def union(
    ids: NDArray[Any], others: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.int32], NDArray[np.int32]]:
    """Give all ids of two sorted sides in order, and where those of each side went.

    Raises
    ------
    InvalidInputError
        If one side is text and the other numbers.

    Examples
    --------
    >>> union(np.array([2, 5]), np.array([1, 5]))
    (array([1, 2, 5]), array([1, 2], dtype=int32), array([0, 2], dtype=int32))
    """
    both, (places, others_places) = union_of([ids, others])
    return both, places, others_places


def union_of(
    parts: Sequence[NDArray[Any]],
    what: str = "customer ids",
) -> tuple[NDArray[Any], list[NDArray[np.int32]]]:
    """Give all ids of sorted parts in order, and where those of each part went.

    Raises
    ------
    InvalidInputError
        If one part is text and another numbers.
    """
    some = next((one for one in parts if one.size), None)
    if some is None:  # ids of no kind at all, unless one says that it has text
        some = next((one for one in parts if one.dtype == object), parts[0])
    for one in parts:
        check_same_kind(some, one, what)
    both = np.concatenate([one for one in parts if one.size] or [some])
    order = np.argsort(both, kind="stable")  # sorted runs are merged in one pass
    both = both[order]
    is_first = np.ones(both.size, dtype=np.bool_)
    np.not_equal(both[1:], both[:-1], out=is_first[1:])
    places = np.empty(both.size, dtype=np.int32)
    places[order] = np.cumsum(is_first, dtype=np.int32) - 1
    ends = np.cumsum([one.size for one in parts])[:-1]
    return both[is_first], np.split(places, ends)
