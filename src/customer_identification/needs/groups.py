"""Groups of respondents, as the host names them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import align
from customer_identification.errors import InvalidInputError
from customer_identification.frames import is_by_id, read_column, read_ids


__all__ = ["EVERYBODY", "group_number", "read_groups"]

EVERYBODY = "everybody"  # what all respondents together are called in frames


def read_groups(
    groups: Any, ids: NDArray[Any]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Give the group of every id, -1 for none, and what the groups are called.

    Parameters
    ----------
    groups : mapping of id to str, or Classification, or None
        Labels of a Classification keep their order; others are sorted.
    ids : ndarray, shape (n,)
        Sorted.

    Raises
    ------
    InvalidInputError
        If it is neither, a label is no text, or an id is there twice.
    """
    if groups is None:
        return np.full(ids.size, -1), ()
    if all(hasattr(groups, one) for one in ("customer_ids", "codes", "labels")):
        among, codes, labels = groups.customer_ids, groups.codes, tuple(groups.labels)
    else:
        among, codes, labels = _of_mapping(groups)
    if EVERYBODY in labels:
        raise InvalidInputError(
            f"no group may be called {EVERYBODY!r}", code="unknown_group"
        )
    at, is_there = align(ids, among)
    group = np.full(ids.size, -1)
    group[is_there] = codes[at[is_there]]
    return group, labels


def _of_mapping(groups: Any) -> tuple[NDArray[Any], NDArray[Any], tuple[str, ...]]:
    if not is_by_id(groups):
        raise InvalidInputError(
            "groups must map ids to labels, or be classes", code="not_a_mapping"
        )
    items = list(groups.items())
    read = read_ids(read_column([key for key, _ in items]), "groups")
    if (read.codes < 0).any() or read.unique.size < len(items):
        raise InvalidInputError(
            "groups must go by ids, each named once", code="not_an_id", column="groups"
        )
    wrong = [
        i
        for i, (_, label) in enumerate(items)
        if not isinstance(label, str) or not label.strip()
    ]
    if wrong:
        raise InvalidInputError(
            f"labels of groups must be text; {len(wrong):,} of {len(items):,} are not, "
            f"first at position {wrong[0]}",
            code="bad_text",
            column="groups",
            positions=wrong[:5],
        )
    labels = sorted({str(label) for _, label in items})
    place = {label: at for at, label in enumerate(labels)}
    codes = np.empty(len(items), dtype=np.int64)
    codes[read.codes] = [place[label] for _, label in items]
    return read.unique, codes, tuple(labels)


def group_number(group: str, groups: tuple[str, ...]) -> int:
    """Give the number of a group: 0 for everybody, then in order.

    Raises
    ------
    InvalidInputError
        If there is no such group.
    """
    names = (EVERYBODY, *groups)
    if group not in names:
        raise InvalidInputError(
            f"a group must be one of {', '.join(names)}", code="unknown_group"
        )
    return names.index(group)
