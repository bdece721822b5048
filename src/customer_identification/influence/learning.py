"""Strengths learnt from who did the same as others, and soon after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, array_field, run_starts
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    names_of,
    read_codes,
    read_days,
    read_ids,
    read_table,
    to_zone,
)
from customer_identification.influence.network import InfluenceNetwork
from customer_identification.influence.strengths import structure_of
from customer_identification.options import whole


if TYPE_CHECKING:
    import networkx as nx


__all__ = ["MODELS", "learn_strength"]

# The static models of Goyal, Bonchi & Lakshmanan 2010, section 4.2.
MODELS = ("bernoulli", "jaccard", "bernoulli_credit", "jaccard_credit")

_COLUMNS = ("party_id", "action", "date")
# Pairs of a tie and an action that are looked at together, some 100 MB; our choice.
_AT_ONCE = 2_000_000

Ints = NDArray[np.int64]
Places = NDArray[np.intp]


def learn_strength(
    network: InfluenceNetwork | nx.Graph[Any],
    actions: object,
    *,
    columns: Mapping[str, str | None] | None = None,
    window: int | None = None,
    model: str = "bernoulli",
    tz: object = None,
) -> InfluenceNetwork:
    """Learn the strength of every tie from a log of who did what and when.

    A party u follows v in an action that both did, if v did it on an earlier day.
    For the tie from v to u, with A_v the number of actions of v, A_v2u that of actions
    in which u followed v, and A_v|u that of actions that at least one of them did:

    - ``"bernoulli"``: A_v2u / A_v, how often v was followed;
    - ``"jaccard"``: A_v2u / A_v|u, which also counts what u did without v;
    - ``"bernoulli_credit"`` and ``"jaccard_credit"``: the same, but an action counts
      as 1 / (number of those tied to u whom u followed in it) instead of as 1.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
        Only who is tied to whom is read; edges need no strength.
    actions : frame
        pandas, Polars or PyArrow; a row says that `party_id` did `action` on `date`:
        bought a product, joined, answered a campaign. If a party did the same more
        than once, the first day counts. Parties without a place in the network are
        left out.
    columns : mapping of str to str or None, optional
        Our names to the host's; ``{"action": None}`` where all rows speak of one
        action.
    window : int, optional
        Who did the same longer ago than this is not followed any more, at least 1;
        without it a party is followed for ever. [days]
    model : {"bernoulli", "jaccard", "bernoulli_credit", "jaccard_credit"}
        How counts become a strength.
    tz : str or ZoneInfo, optional
        Whose days are meant where dates are stamps with a zone.

    Returns
    -------
    network : InfluenceNetwork
        The same parties and ties. A strength is 0 where the source did nothing, and
        where there are no rows. Evidence stays.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    InvalidInputError
        If a row lacks its party, action or date, ids are of another kind than those
        of the network, or an option is none of the above.

    Notes
    -----
    Actions of one day follow no order, so that neither follows the other. Other than
    in the paper, a tie counts for actions before it was known, as the network has no
    day for it, and there is one window for all ties, where the paper's section 4.4 has
    one for each. A few actions tell little: one that was followed makes a strength of
    1 by the first model.

    References
    ----------
    Goyal, Bonchi & Lakshmanan 2010, Learning Influence Probabilities in Social
    Networks, WSDM, section 4.2 (static models).

    Examples
    --------
    >>> import networkx as nx
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "party_id": ["ann", "bob", "ann"],
    ...         "action": ["loan", "loan", "card"],
    ...         "date": pd.to_datetime(["2011-01-03", "2011-01-09", "2011-02-01"]),
    ...     }
    ... )
    >>> learnt = learn_strength(nx.DiGraph([("ann", "bob")]), log)
    >>> learnt.strength("ann", "bob")  # one of ann's two actions was followed
    0.5
    """
    if model not in MODELS:
        raise InvalidInputError(
            f"model must be one of {', '.join(MODELS)}", code="unknown_model"
        )
    days = None if window is None else whole("window", window, 1)
    ties = structure_of(network)
    done = _read_actions(
        actions,
        names_of(columns, _COLUMNS, needed=["party_id", "date"]),
        ties,
        to_zone(tz),
    )
    log = _Log(source=ties.out.own, target=ties.out.others, done=done, window=days)
    followed, both, led_by = log.counts()
    actions_of = np.diff(done.start)
    trials = actions_of[log.source]
    if model.startswith("jaccard"):
        trials = trials + actions_of[log.target] - both
    hits = log.credits(led_by) if model.endswith("_credit") else followed
    strength = np.zeros(ties.n_ties)
    np.divide(hits, trials, out=strength, where=trials > 0)
    return ties.with_strength(strength)


@frozen(kw_only=True)
class _Done:
    """Who did what: each action of a party once, by party and then by action.

    Attributes
    ----------
    start : ndarray of int, shape (n_parties + 1,)
        Rows of party i are those from ``start[i]`` up to ``start[i + 1]``.
    key : ndarray of int64
        ``party * n_actions + action`` of every row, rising.
    day : ndarray of int32
        The first day. [days since 1970-01-01]
    n_actions : int
        Distinct actions.
    """

    start: Ints = array_field()
    key: Ints = array_field()
    day: NDArray[np.int32] = array_field()
    n_actions: int


@frozen(kw_only=True)
class _Log:
    """Ties beside what the parties at their ends did."""

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    done: _Done
    window: int | None

    def counts(self) -> tuple[Ints, Ints, Ints]:
        """Count what was followed and what both did, by tie; and the led, by row."""
        followed, both = np.zeros((2, self.source.size), dtype=np.int64)
        led_by = np.zeros(self.done.key.size, dtype=np.int64)
        for tie, first, second in self._shared():
            is_led = self._led(first, second)
            np.add.at(both, tie, 1)
            np.add.at(followed, tie[is_led], 1)
            np.add.at(led_by, second[is_led], 1)
        return followed, both, led_by

    def credits(self, led_by: Ints) -> NDArray[np.float64]:
        """Add up for every tie its shares in the actions that were followed."""
        sums = np.zeros(self.source.size)
        most = int(led_by.max(initial=0)) + 1
        for tie, first, second in self._shared():
            is_led = self._led(first, second)
            # By share, so that the order of actions changes no last digit.
            terms = np.sort(tie[is_led] * most + led_by[second[is_led]])
            np.add.at(sums, terms // most, 1 / (terms % most))
        return sums

    def _led(self, first: Places, second: Places) -> NDArray[np.bool_]:
        """Tell of two rows of the same action whether the second follows the first."""
        lag = self.done.day[second] - self.done.day[first]
        return (lag > 0) if self.window is None else (lag > 0) & (lag <= self.window)

    def _shared(self) -> Iterator[tuple[Places, Places, Places]]:
        """Give in blocks each tie with an action of both: its place, and their rows.

        The actions of the side that did less are looked up on the other side.
        """
        done, n = self.done, self.done.n_actions
        actions_of = np.diff(done.start)
        by_source = actions_of[self.source] <= actions_of[self.target]
        less = np.where(by_source, self.source, self.target)
        more = np.where(by_source, self.target, self.source)
        sizes = actions_of[less]
        for begin, end in _cut(sizes):
            size, own = sizes[begin:end], less[begin:end]
            rows = np.repeat(done.start[own] - (np.cumsum(size) - size), size)
            rows += np.arange(rows.size)
            tie = np.repeat(np.arange(begin, end), size)
            key = more[tie] * np.int64(n) + done.key[rows] % n
            found = np.minimum(np.searchsorted(done.key, key), done.key.size - 1)
            is_shared = done.key[found] == key
            tie, rows, found = tie[is_shared], rows[is_shared], found[is_shared]
            is_own = by_source[tie]
            yield tie, np.where(is_own, rows, found), np.where(is_own, found, rows)


def _cut(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Cut ties into runs of at most `_AT_ONCE` pairs, or of a single tie.

    Examples
    --------
    >>> list(_cut(np.array([1_000_000, 900_000, 5_000_000, 0, 7])))
    [(0, 2), (2, 3), (3, 5)]
    """
    ends = np.cumsum(sizes)
    begin = before = 0
    while begin < sizes.size:
        fit = int(np.searchsorted(ends, before + _AT_ONCE, side="right"))
        end = max(fit, begin + 1)
        yield begin, end
        begin, before = end, int(ends[end - 1])


# --- reading ------------------------------------------------------------------------


def _read_actions(
    actions: object,
    names: Mapping[str, str | None],
    network: InfluenceNetwork,
    tz: Any,
) -> _Done:
    """Read the first day of every action of the parties of a network."""
    table = read_table(actions, names, required=_COLUMNS)
    given, n_rows = table.columns, table.n_rows
    party = read_ids(given["party_id"], "party_id")
    action, n_actions = np.zeros(n_rows, dtype=np.int32), 1
    if "action" in given:
        coded = read_codes(given["action"], "action")
        action, n_actions = coded.codes, max(coded.size, 1)
    day, no_day = read_days(given["date"], "date", tz)
    _refuse_missing("party_id", party.codes < 0)
    _refuse_missing("action", action < 0)
    if no_day is not None:
        _refuse_missing("date", no_day)
    at, is_known = align(party.unique, network.ids)
    kept = is_known[party.codes]
    key = at[party.codes[kept]] * np.int64(n_actions) + action[kept]
    day = day[kept]
    order = np.lexsort((day, key))
    key, day = key[order], day[order]
    is_first = run_starts(key)
    key = key[is_first]
    edges = np.arange(len(network) + 1) * np.int64(n_actions)
    return _Done(
        start=np.searchsorted(key, edges),
        key=key,
        day=day[is_first],
        n_actions=n_actions,
    )


def _refuse_missing(name: str, is_missing: NDArray[np.bool_]) -> None:
    rows = np.flatnonzero(is_missing)
    if rows.size:
        raise InvalidInputError(
            f"every row must have {name}; {rows.size:,} of {is_missing.size:,} have "
            f"none, first at row {rows[0]}",
            code="missing_value",
            column=name,
            positions=rows[:5],
        )
