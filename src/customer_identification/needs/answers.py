"""Pairs of Kano's answers as the host has them, counted by topic and group."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any, ClassVar, Literal

import attrs
import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import usable_rows
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Ids,
    names_of,
    read_codes,
    read_ids,
    read_table,
)
from customer_identification.needs.groups import read_groups
from customer_identification.needs.kano import (
    ANSWERS,
    CATEGORIES,
    KANO_TABLE,
    Kano,
    kano_category,
)
from customer_identification.needs.observations import NeedReport, read_topics
from customer_identification.options import bad_rows_policy, number
from customer_identification.privacy.fields import Fields


__all__ = ["KanoAnswer", "kano"]

_NEEDED = ("topic", "functional", "dysfunctional")
_COLUMNS = ("customer_id", *_NEEDED)
_CODES = np.array([["MOAIRQ".index(one) for one in row] for row in KANO_TABLE])


def _check_topic(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    given: object = value
    if not isinstance(given, str) or not given.strip():
        raise InvalidInputError(
            f"{attribute.name} must be text that is not blank",
            code="bad_text",
            column=attribute.name,
        )


@frozen(kw_only=True)
class KanoAnswer:
    """How somebody feels about having something, and about not having it.

    Attributes
    ----------
    customer_id : int, str or None
        Who; None where nobody is named. Hidden from `repr`.
    topic : str
        What it is about.
    functional, dysfunctional : {"like", "must_be", "neutral", "live_with", "dislike"}
        How they feel if it is there, and if it is not.

    Examples
    --------
    >>> answer = KanoAnswer(
    ...     customer_id=7, topic="tracking", functional="like", dysfunctional="neutral"
    ... )
    >>> answer.category
    'A'
    """

    PERSONAL: ClassVar[Fields] = Fields(about=("customer_id",))

    customer_id: int | str | None = field(default=None, repr=False)
    topic: str = field(validator=_check_topic)
    functional: str
    dysfunctional: str

    def __attrs_post_init__(self) -> None:
        kano_category(self.functional, self.dysfunctional)

    @property
    def category(self) -> str:
        """The category of the pair."""
        return kano_category(self.functional, self.dysfunctional)


def kano(
    answers: object,
    *,
    groups: Any = None,
    close: float = 0.0,
    words: Mapping[Any, str] | None = None,
    columns: Mapping[str, str | None] | None = None,
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> Kano:
    """Count pairs of answers by Kano's categories, for everybody and for groups.

    Parameters
    ----------
    answers : frame or iterable of KanoAnswer
        topic, functional and dysfunctional; customer_id where somebody is named.
    groups : mapping of id to str, or Classification, optional
        By customer the group, such as a class or segment.
    close : float
        Share of the answers by which two categories may differ and still be tied; then
        M comes before O, A, I, R and Q. 0 ties equal ones only; some take 0.05.
    words : mapping of value to str, optional
        What the host's answers are of ours, as ``{1: "like", 2: "must_be"}``.
    columns : mapping of str to str or None, optional
        Our names to yours; None where the data have no such column.
    on_bad_rows : {"raise", "report"}
        Whether rows that cannot be used are an error, or are set aside and counted.
        These lack a topic or an answer, or repeat a customer's answer to a topic.

    Returns
    -------
    Kano

    Raises
    ------
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If `words` leads to other words than ours, or groups are not what they must be.

    Examples
    --------
    >>> said = ["like", "like", "must_be", "live_with"]
    >>> found = kano(
    ...     [
    ...         KanoAnswer(topic="on time", functional=one, dysfunctional="dislike")
    ...         for one in said
    ...     ]
    ... )
    >>> found["on time"].counts
    (('M', 2), ('O', 2), ('A', 0), ('I', 0), ('R', 0), ('Q', 0))
    >>> print(found["on time"])
    on time: must-be, though not clearly, better 0.50, worse -1.00; 4 respondents
    """
    bad_rows_policy(on_bad_rows)
    within = number("close", close, 0, 1)
    names = names_of(columns, _COLUMNS, needed=_NEEDED)
    table = read_table(
        answers, names, required=_NEEDED, objects=KanoAnswer, lazy="collected"
    )
    given, n = table.columns, table.n_rows
    ids = Ids(codes=np.full(n, -1, np.int32), unique=np.empty(0, np.int64))
    if "customer_id" in given:
        ids = read_ids(given["customer_id"], "customer_id")
    topic, topics = read_topics(given["topic"])
    has, lacks = (_read_answers(given[name], name, words) for name in _NEEDED[1:])
    used, aside = usable_rows(
        {
            "no topic": topic < 0,
            "no answer": (has == _MISSING) | (lacks == _MISSING),
            "unknown answer": (has == _STRANGE) | (lacks == _STRANGE),
            "customer and topic more than once": _again(
                ids.codes, topic, (topic >= 0) & (has >= 0) & (lacks >= 0)
            ),
        },
        n,
        what="answer",
        on_bad_rows=on_bad_rows,
    )
    topic, who = topic[used], ids.codes[used]
    category = _CODES[has[used], lacks[used]]
    there, topic = np.unique(topic, return_inverse=True)
    group, labels = read_groups(groups, ids.unique)
    whose = np.append(group, -1)[who]
    return Kano(
        topics=tuple(topics[there].tolist()),
        groups=labels,
        tally=_tally(category, topic, whose, (1 + len(labels), there.size)),
        close=within,
        report=NeedReport(
            read=n,
            used=topic.size,
            anonymous=int(np.count_nonzero(who < 0)),
            set_aside=aside,
        ),
        kind=table.kind,
    )


_MISSING, _STRANGE = -1, -2


def _read_answers(
    column: Any, name: str, words: Mapping[Any, str] | None
) -> NDArray[np.int64]:
    """Give answers as places among ours."""
    ours: Any = dict(zip(ANSWERS, ANSWERS, strict=True)) if words is None else words
    if not isinstance(ours, Mapping) or not set(ours.values()) <= set(ANSWERS):
        raise InvalidInputError(
            f"words must map your answers to {', '.join(ANSWERS)}", code="unknown_word"
        )
    coded = read_codes(column, name)
    ranks, found = coded.ranks()
    place = [
        ANSWERS.index(ours[one]) if one in ours else _STRANGE for one in found.tolist()
    ]
    codes = np.append(np.array(place, dtype=np.int64)[ranks], _MISSING)
    return codes[coded.codes]


def _again(
    who: NDArray[np.int32], topic: NDArray[np.int64], is_whole: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which whole rows share customer and topic with another whole row."""
    rows = np.flatnonzero(is_whole & (who >= 0))
    pair = np.column_stack([who[rows], topic[rows]])
    _, place, times = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
    again = np.zeros(who.size, dtype=np.bool_)
    again[rows] = times[place.ravel()] > 1
    return again


def _tally(
    category: NDArray[np.int64],
    topic: NDArray[np.int64],
    group: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.int64]:
    """Count categories for everybody, and for each group."""
    rows = np.flatnonzero(group >= 0)
    whose = np.concatenate([np.zeros(topic.size, np.int64), 1 + group[rows]])
    what = np.concatenate([topic, topic[rows]])
    found = np.concatenate([category, category[rows]])
    every = (*shape, len(CATEGORIES))
    flat = np.ravel_multi_index((whose, what, found), every) if what.size else what
    return np.bincount(flat, minlength=prod(every)).reshape(every)
