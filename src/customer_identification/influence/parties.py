"""Numbers of parties: what hosts say of them, and what is found out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import (
    align,
    array_field,
    check_each,
    position_of,
    same_array,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import is_by_id, read_numbers_by_id, to_frame
from customer_identification.influence.network import InfluenceNetwork, as_network
from customer_identification.options import an_instance, number, whole
from customer_identification.summary import Summary


if TYPE_CHECKING:
    import networkx as nx


__all__ = [
    "PartyValues",
    "Values",
    "read_values",
    "with_network_value",
]

Floats = NDArray[np.float64]

# So that sums of squares of a billion of them are numbers still. Our choice.
_LARGEST = 1e100


@frozen(kw_only=True, repr=False, eq=False)
class PartyValues(Mapping[Any, float]):
    """A number for every party, as a mapping of ids to floats.

    It goes wherever a mapping does: ``networkx.set_node_attributes(graph, values, "v")``
    or ``pandas.Series(values)``; :meth:`to_frame` gives all that is known.

    Attributes
    ----------
    ids : ndarray of int or object, shape (n_parties,)
        Sorted and distinct.
    value : ndarray of float, shape (n_parties,)
        The number itself.
    own : ndarray of float, shape (n_parties,), or None
        What the party is worth alone, where that is part of the number.
    low, high : ndarray of float, shape (n_parties,), or None
        The interval where it was estimated by sampling; None where it is exact.
    confidence : float or None
        Of the intervals, each by itself.
    kind : str
        Of frames made of it.

    Examples
    --------
    >>> worth = PartyValues(ids=np.array([1, 2, 5]), value=np.array([10.0, 30.0, 20.0]))
    >>> worth[5], worth.total, worth.top(2)
    (20.0, 60.0, [(2, 30.0), (5, 20.0)])
    """

    ids: NDArray[Any] = array_field()
    value: Floats = array_field()
    own: Floats | None = array_field(default=None)
    low: Floats | None = array_field(default=None)
    high: Floats | None = array_field(default=None)
    confidence: float | None = None
    kind: str = field(default="pandas")

    def __len__(self) -> int:
        return int(self.ids.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.ids.tolist())

    def __getitem__(self, party_id: int | str) -> float:
        return float(self.value[position_of(self.ids, party_id)])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PartyValues):
            names = ("ids", "value", "own", "low", "high")
            return self.confidence == other.confidence and all(
                same_array(getattr(self, name), getattr(other, name)) for name in names
            )
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PartyValues({len(self):,} parties)"

    @property
    def total(self) -> float:
        """Sum over all parties."""
        return math.fsum(self.value.tolist())

    def interval(self, party_id: int | str) -> tuple[float, float]:
        """Give the interval of one party; twice the number itself where it is exact.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.ids, party_id)
        ends = (self.value if one is None else one for one in (self.low, self.high))
        low, high = (float(one[at]) for one in ends)
        return low, high

    def top(self, n: int) -> list[tuple[Any, float]]:
        """List the parties with the largest numbers; equal ones in the order of ids."""
        order = np.argsort(-self.value, kind="stable")[: whole("n", n, 0)]
        return list(
            zip(self.ids[order].tolist(), self.value[order].tolist(), strict=True)
        )

    def to_frame(self) -> Any:
        """Give one row a party, in the order of ids."""
        columns = {
            "party_id": self.ids,
            "own": self.own,
            "value": self.value,
            "low": self.low,
            "high": self.high,
        }
        return to_frame(
            {name: one for name, one in columns.items() if one is not None}, self.kind
        )


Values = Summary | Mapping[Any, Any] | NDArray[Any]


def read_values(
    network: InfluenceNetwork | nx.Graph[Any],
    value: Any,
    *,
    default: float | None = None,
    name: str = "value",
    only_known: bool = False,
) -> tuple[InfluenceNetwork, Floats]:
    """Read what every party is worth; those whom only `value` names have no ties.

    Parameters
    ----------
    network : InfluenceNetwork or networkx graph
    value : Summary, mapping of id to number, or array in the order of ids
        A summary is read in major units.
    default : float, optional
        Of parties that `value` does not name; without it they are an error.
    name : str
        What to call it in errors.
    only_known : bool
        Whether parties that only `value` names are an error.

    Returns
    -------
    network : InfluenceNetwork
        With the parties that only `value` names.
    values : ndarray of float, shape (n_parties,)

    Raises
    ------
    InvalidInputError
        If a party has no value, or one that is not finite.
    """
    known = as_network(network)
    if isinstance(value, (Summary, PartyValues)) and value.kind != known.kind:
        known = evolve(known, kind=value.kind)
    if default is not None:
        default = number("default", default, -math.inf)
        _check_finite("default", np.array([default]))
    if isinstance(value, np.ndarray):
        if value.shape != (len(known),) or value.dtype.kind not in "fiu":
            raise InvalidInputError(
                f"{name} must have one number for each of the {len(known):,} parties, "
                "in the order of the network's ids",
                code="shape",
                column=name,
            )
        values = value.astype(np.float64)
        _check_finite(name, values)
        return known, values
    ids, given = _pairs(value, name)
    _check_finite(name, given)
    whole = known.with_parties(ids)
    if only_known and (strange := len(whole) - len(known)):
        raise InvalidInputError(
            f"{name} must speak of parties of the network; {strange:,} are none",
            code="unknown_party",
            column=name,
        )
    at, is_named = align(whole.ids, ids)
    if default is None:
        hint = "default= gives them one" * (name == "value")
        check_each(
            name, is_named, "be known of every party", code="missing_value", hint=hint
        )
        default = 0.0
    if not ids.size:
        return whole, np.full(len(whole), float(default))
    return whole, np.where(is_named, given[at], float(default))


def _pairs(value: Any, name: str) -> tuple[NDArray[Any], Floats]:
    """Give sorted ids and their numbers."""
    if isinstance(value, Summary):
        if value.value is None:
            raise InvalidInputError(
                "the summary must have amounts", code="missing_column", column="amount"
            )
        return value.customer_ids, value.value / 10**value.minor_units
    if isinstance(value, PartyValues):
        return value.ids, value.value
    if not is_by_id(value):
        raise InvalidInputError(
            f"{name} must be a mapping of ids to numbers, a Summary, or an array in the "
            "order of the network's ids",
            code="not_a_mapping",
            column=name,
        )
    return read_numbers_by_id(value, name)


def _check_finite(name: str, values: Floats) -> None:
    check_each(name, np.isfinite(values), "be finite", code="not_finite")
    must = f"be at most {_LARGEST:g}"
    check_each(name, np.abs(values) <= _LARGEST, must, code="too_large")


def with_network_value(summary: Summary, worth: PartyValues) -> Summary:
    """Add the value including influence to a summary, to classify by.

    Parameters
    ----------
    summary : Summary
    worth : PartyValues
        Of every customer of the summary, in major units; other parties are left out.
        What :func:`network_value` or :func:`attributed_value` gives.

    Returns
    -------
    summary : Summary
        With `network_value`, rounded to whole minor units.

    Raises
    ------
    InvalidInputError
        If a customer has no value there.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import (
    ...     ABCClassifier,
    ...     Transaction,
    ...     network_value,
    ...     summarize,
    ... )
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, 7, 1), amount=10 * one)
    ...         for one in (1, 2, 3)
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> network = InfluenceNetwork.from_edges([1], [3], [0.5])
    >>> summary = with_network_value(summary, network_value(network, summary))
    >>> summary.network_value.tolist()
    [2500, 2000, 3000]
    >>> both = {
    ...     measure: ABCClassifier(measure=measure).fit(summary).classify(summary)
    ...     for measure in ("value", "network_value")
    ... }
    >>> [(name, one[1].label) for name, one in both.items()]
    [('value', 'B'), ('network_value', 'A')]
    """
    an_instance("summary", summary, Summary)
    an_instance("worth", worth, PartyValues)
    at, is_there = align(summary.customer_ids, worth.ids)
    must = "be known of every customer of the summary"
    check_each("network_value", is_there, must, code="missing_value")
    minor = np.rint(worth.value[at] * 10**summary.minor_units)
    must = "be finite, and below 2**62 minor units"
    check_each("network_value", np.abs(minor) < 2**62, must, code="too_large")
    return evolve(summary, network_value=minor.astype(np.int64))
