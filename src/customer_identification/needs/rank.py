"""Needs ranked from what is asked, heard and read: one call from observations to order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from customer_identification.arrays import align
from customer_identification.frames import to_date, to_day, to_zone
from customer_identification.needs.evaluation import chosen, evaluate
from customer_identification.needs.figures import BASES, Figures
from customer_identification.needs.groups import read_groups
from customer_identification.needs.observations import (
    read_customers,
    read_observations,
)
from customer_identification.needs.policy import NeedsPolicy
from customer_identification.needs.ranking import NeedRanking
from customer_identification.needs.scales import opportunity
from customer_identification.needs.voices import Voices, voices_of
from customer_identification.options import an_instance, generator


__all__ = ["rank_needs"]

Floats = NDArray[np.float64]


def rank_needs(  # noqa: PLR0913 - each says one thing about one question
    observations: object,
    *,
    as_of: object,
    rng: np.random.Generator | int,
    groups: Any = None,
    customers: Any = None,
    overall: str | None = None,
    policy: NeedsPolicy | None = None,
    columns: Mapping[str, str | None] | None = None,
    tz: object = None,
    on_bad_rows: Literal["raise", "report"] = "raise",
) -> NeedRanking:
    """Rank needs by how much they matter and how little they are met.

    "We must understand their needs and find out how to meet them" ("What Is the
    Customer Identification Program?"). Opportunity is ``I + max(I - S, 0)`` (Ulwick
    2002, "Turn Customer Input into Innovation", Harvard Business Review 80 (1), 91-97),
    of importance I and satisfaction S from 0 to 1. What tells them is said for each
    topic, and never mixed; the first of these with enough evidence counts:

    ========  =================================  ====================================
    basis     importance                         satisfaction
    ========  =================================  ====================================
    stated    mean of what respondents stated    mean of what respondents stated
    derived   strength of the tie between the    the same
              satisfaction with the topic and
              that with the whole
    mentions  share of those who bring anything  mean sentiment, moved from -1...1 to
              up who bring this up               0...1
    none      nothing tells                      mean, if there is enough of it
    ========  =================================  ====================================

    Parameters
    ----------
    observations : frame or iterable of Observation
        topic, channel and date, and at least one of importance and satisfaction (0 to
        1, see :func:`rescale`) and sentiment (-1 to 1); customer_id where somebody is
        named. Rows of nobody are a respondent each. A row without any number, or with
        a sentiment, is a mention.
    as_of : date, datetime or text
        The day from which evidence ages; what is later is set aside, and counted.
    rng : numpy.random.Generator or int
        For the samples of respondents; a whole number is a seed.
    groups : mapping of id to str, or Classification, optional
        By customer the group, such as a class or segment.
    customers : ids, optional
        Whose own rankings to give: a column, array or list. All who are named, if not
        given.
    overall : str, optional
        The topic that is satisfaction with the whole; with it importance can be
        derived. It is not ranked.
    policy : NeedsPolicy, optional
        How evidence is weighed, and how much is enough.
    columns : mapping of str to str or None, optional
        Our names to yours; None where the data have no such column.
    tz : zoneinfo.ZoneInfo or str, optional
        Whose days are meant, for stamps with a time zone.
    on_bad_rows : {"raise", "report"}
        Whether rows that cannot be used are an error, or are set aside and counted.

    Returns
    -------
    NeedRanking
        Topics without enough evidence are there, last, and say so. Equal opportunities
        go by topic.

    Raises
    ------
    BadRowsError
        If a row cannot be used, unless that is to be reported.
    InvalidInputError
        If there is no number column, `overall` is no topic, ids are text here and
        numbers there, or an option is out of range.

    Notes
    -----
    Derived importance is the weighted correlation with the satisfaction with the whole
    (Gustafsson & Johnson 2004, "Determining attribute importance in a service
    satisfaction model", Journal of Service Research 7, 124-141, compare it with others)
    as a share of the largest one, so that the strongest topic has importance 1 (our
    choice). It is the default as it needs pairs only, and few respondents rate all
    topics. ``derived_by="relative_weights"`` takes the root of Johnson's relative
    weights instead: :func:`~customer_identification.needs.drivers.relative_weights`.
    A tie below 0 counts as 0; `driver` keeps the sign. As no topic can be stronger than
    the strongest, the interval of that one lies below it.

    A respondent has one voice per topic: the weighted mean of the answers, with the
    weight of the best one. Intervals are percentiles over samples of respondents.

    Examples
    --------
    >>> import datetime as dt
    >>> from customer_identification import Observation
    >>> found = rank_needs(
    ...     [
    ...         Observation(
    ...             customer_id=one,
    ...             topic=topic,
    ...             channel="survey_mail",
    ...             date=dt.date(2011, 7, 1),
    ...             importance=importance,
    ...             satisfaction=satisfaction,
    ...         )
    ...         for one in range(12)
    ...         for topic, importance, satisfaction in [
    ...             ("delivery", 0.75, 0.25 * (one % 3)),
    ...             ("price", 1.0, 1.0),
    ...         ]
    ...     ],
    ...     as_of="2011-07-31",
    ...     rng=7,
    ... )
    >>> found
    NeedRanking(2 topics, 0 groups, 12 customers, as of 2011-07-31)
    >>> print(found.overall[0])
    delivery: opportunity 1.25 (1.12 to 1.35), importance 0.75, satisfaction 0.25; 12
    respondents, importance as stated
    >>> print(found[3][0])
    delivery: opportunity 1.50, importance 0.75, satisfaction 0.00; 1 respondent,
    importance as stated
    """
    policy = an_instance("policy", policy, NeedsPolicy, or_none=True) or NeedsPolicy()
    dice = generator(rng)
    today = to_day(as_of, "as_of", to_zone(tz))
    rows = read_observations(
        observations, today=today, columns=columns, tz=tz, on_bad_rows=on_bad_rows
    )
    voices, topics = voices_of(rows, policy, today, overall)
    group, labels = read_groups(groups, rows.ids)
    figures, draws = _each_group(voices, group, len(labels), policy, dice)
    ids = rows.ids if customers is None else read_customers(customers)
    who, lines = _each_customer(voices, rows.ids, figures, policy)
    who, lines = _kept(who, lines, rows.ids, ids)
    return NeedRanking(
        customer_ids=ids,
        topics=topics,
        groups=labels,
        as_of=to_date(today),
        figures=figures,
        draws=draws,
        who=who,
        lines=lines,
        confidence=policy.confidence,
        report=rows.report,
        kind=rows.kind,
    )


def _each_group(
    voices: Voices,
    group: NDArray[np.int64],
    n_groups: int,
    policy: NeedsPolicy,
    dice: np.random.Generator,
) -> tuple[Figures, NDArray[Any]]:
    """Evaluate everybody, and then every group."""
    number = np.full(voices.n_respondents, -1)
    number[: group.size] = group  # nobody comes after all who are named
    parts = [evaluate(voices, policy, dice)]
    parts += [
        evaluate(voices.of(number == one), policy, dice) for one in range(n_groups)
    ]
    figures = Figures.joined([one for one, _ in parts])
    return figures, np.stack([draws for _, draws in parts], axis=2)


def _each_customer(
    voices: Voices, ids: NDArray[Any], figures: Figures, policy: NeedsPolicy
) -> tuple[NDArray[np.int64], Figures]:
    """Give what every customer said, as figures; the largest opportunity first."""
    rows = np.flatnonzero(voices.who < ids.size)
    who, topic = voices.who[rows], voices.topic[rows]
    own = {
        name: getattr(voices, name)[rows]
        for name in ("importance", "satisfaction", "sentiment", "mention_weight")
    }
    weights = {
        name: getattr(voices, f"{name}_weight")[rows]
        for name in ("importance", "satisfaction", "sentiment")
    }
    matters, met = (
        own[name]
        if policy.high_from is None
        else np.where(np.isnan(own[name]), np.nan, own[name] >= policy.high_from - 1e-9)
        for name in ("importance", "satisfaction")
    )
    everybody = _derived_of_everybody(figures, voices.n_topics)[topic]
    unasked = np.bincount(who, own["mention_weight"], minlength=ids.size)[who]
    share = np.divide(
        own["mention_weight"],
        unasked,
        out=np.full(rows.size, np.nan),
        where=unasked > 0,
    )
    nothing = np.full(rows.size, np.nan)
    importance = np.array([matters, everybody, share, nothing])
    satisfaction = np.array([met, met, (own["sentiment"] + 1) / 2, met])
    weight = np.array(
        [
            np.minimum(weights["importance"], weights["satisfaction"]),
            np.where(np.isnan(everybody), 0, weights["satisfaction"]),
            weights["sentiment"],
            weights["satisfaction"],
        ]
    )
    least = max(policy.min_weight, np.finfo(float).tiny)
    basis = chosen(weight[:3] > 0, weight[:3] >= least)
    alone = (basis == BASES.index("none")) & (weights["importance"] > 0)
    basis[alone] = BASES.index("stated")  # though nobody knows how content they are
    weight[0, alone] = weights["importance"][alone]
    is_enough = weight >= least
    at = np.arange(rows.size)
    shown = is_enough[basis, at]
    i = np.where(shown, importance[basis, at], np.nan)
    s = np.where(shown, satisfaction[basis, at], np.nan)
    found = Figures(
        topic=topic,
        importance=i,
        satisfaction=s,
        opportunity=opportunity(i, s),
        effective=weight[basis, at],
        sentiment=own["sentiment"],
        basis=basis,
    )
    order = np.lexsort((topic, -found.opportunity, who))
    return who[order], found.take(order)


def _derived_of_everybody(figures: Figures, n_topics: int) -> Floats:
    """Give the importance derived for everybody; nan where it was stated."""
    first = np.arange(n_topics)
    is_derived = figures.basis[first] == BASES.index("derived")
    return np.where(is_derived, figures.importance[first], np.nan)


def _kept(
    who: NDArray[np.int64], lines: Figures, among: NDArray[Any], ids: NDArray[Any]
) -> tuple[NDArray[np.int64], Figures]:
    """Keep the lines of some ids, with their places among these."""
    at, is_there = align(among, ids)
    rows = np.flatnonzero(is_there[who])
    return at[who[rows]].astype(np.int64), lines.take(rows)
