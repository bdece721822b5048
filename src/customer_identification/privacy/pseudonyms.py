"""Keyed names for ids, the same wherever the id stands: objects, frames, graphs."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import attrs

from customer_identification.errors import InvalidInputError
from customer_identification.frames import replace_ids
from customer_identification.models import Agreement
from customer_identification.privacy.fields import (
    Fields,
    Renamable,
    Rewordable,
    an_id,
    fields_of,
    ids_of,
    is_graph,
)
from customer_identification.privacy.redaction import redact


__all__ = ["Pseudonyms", "pseudonymize"]

# "Keys of less than L bytes is strongly discouraged": RFC 2104, section 3; L is 32
# bytes for SHA-256.
_KEY_BYTES = 32
_DIFFERENT_BYTES = 8  # 32 random ones have fewer once in 10**36; our choice
_DIGEST_BYTES = 16  # 128 bits: RFC 2104, section 5, truncates to no less than half
_CHECK_BYTES = 4  # with the digest 160 bits, which are 32 letters without padding
_PREFIX = "p-"
_LENGTH = len(_PREFIX) + (_DIGEST_BYTES + _CHECK_BYTES) * 8 // 5


class Pseudonyms:
    r"""Gives every id a name that only the holder of the key can compute.

    A pseudonym is ``"p-"`` and 32 lower-case letters and digits: the base32 (RFC 4648)
    of `digest` and `check`, where::

        digest = HMAC - SHA - 256(key, b"id:" + kind + b":" + id)[:16]
        check = HMAC - SHA - 256(key, b"check:" + digest)[:4]

    `kind` is ``b"int"`` or ``b"text"``, and `id` the decimal digits of a whole number
    or the UTF-8 of text, as it stands: 1 and "1" are two, and so are "Ann" and "ann".
    By `check` a pseudonym of the same key is known and left alone, so that giving
    pseudonyms again changes nothing. A text that was made without the key passes for
    one with a chance of 2**-32.

    Two of n ids share a pseudonym with a chance below n**2 / 2**129: less than 2 in
    10**21 for a billion.

    Parameters
    ----------
    key : bytes
        At least 32, from a good source of randomness such as ``secrets.token_bytes``,
        and kept by the host. It is never shown, pickled, copied or written as JSON; who
        has it can find out whose a pseudonym is by trying all ids, and without it
        nobody can make the same pseudonyms again.

    Raises
    ------
    InvalidInputError
        If the key is no bytes, too short, or a few bytes again and again.

    Examples
    --------
    >>> key = bytes(range(32))  # a host's is random, and secret
    >>> pseudonyms = Pseudonyms(key)
    >>> pseudonyms
    Pseudonyms(key hidden)
    >>> pseudonyms.of(1)
    'p-skcgvmeme7rlhbpy6ac5fg2wepjz5wzp'
    >>> pseudonyms.of(pseudonyms.of(1)) == pseudonyms.of(1) != pseudonyms.of("1")
    True

    With the standard library alone:

    >>> import base64, hashlib, hmac
    >>> digest = hmac.new(key, b"id:int:1", hashlib.sha256).digest()[:16]
    >>> check = hmac.new(key, b"check:" + digest, hashlib.sha256).digest()[:4]
    >>> "p-" + base64.b32encode(digest + check).decode().lower() == pseudonyms.of(1)
    True
    """

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        if not isinstance(key, bytes):
            raise _bad_key("be of class bytes", "bad_key")
        if len(key) < _KEY_BYTES:
            raise _bad_key(f"have at least {_KEY_BYTES} bytes", "short_key")
        if len(set(key)) < _DIFFERENT_BYTES:
            raise _bad_key(f"have {_DIFFERENT_BYTES} different bytes", "weak_key")
        self._keyed = _keyed(key)

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pseudonyms):
            return NotImplemented
        own, others = self._keyed, other._keyed
        return hmac.compare_digest(_digest(own, b"equal"), _digest(others, b"equal"))

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        del protocol
        raise InvalidInputError(
            "pseudonyms cannot be copied or pickled: their key stays with the host",
            code="secret",
        )

    def of(self, party_id: int | str) -> str:
        """Give the pseudonym of an id; a pseudonym of this key is its own.

        Raises
        ------
        InvalidInputError
            If it is no whole number of 64 bits, and no text, or blank text.
        """
        plain = an_id(party_id)
        if isinstance(plain, str) and self.knows(plain):
            return plain
        digest = _digest(self._keyed, _message(plain))[:_DIGEST_BYTES]
        return _PREFIX + b32encode(digest + self._check(digest)).decode().lower()

    def knows(self, text: object) -> bool:
        """Tell whether a text is a pseudonym made with this key.

        Examples
        --------
        >>> Pseudonyms(bytes(range(32))).knows("ann")
        False
        """
        if not isinstance(text, str) or len(text) != _LENGTH:
            return False
        letters = text.removeprefix(_PREFIX)
        try:
            both = b32decode(letters.upper())
        except ValueError:
            return False
        digest, check = both[:_DIGEST_BYTES], both[_DIGEST_BYTES:]
        is_written_so = letters.islower() and text.startswith(_PREFIX)
        return hmac.compare_digest(check, self._check(digest)) and is_written_so

    def of_all(self, ids: Iterable[int | str]) -> list[str]:
        """Give the pseudonyms of distinct ids, in their order.

        Raises
        ------
        InvalidInputError
            If they are one text, or two of them get one pseudonym: an id is there
            beside its own pseudonym, or two ids collide.

        Examples
        --------
        >>> len(Pseudonyms(bytes(range(32))).of_all([1, 2, "1"]))
        3
        """
        names = [self.of(one) for one in _listed("ids", ids)]
        _check_distinct(names)
        return names

    def _check(self, digest: bytes) -> bytes:
        return _digest(self._keyed, b"check:" + digest)[:_CHECK_BYTES]


def _bad_key(must: str, code: str) -> InvalidInputError:
    return InvalidInputError(f"key must {must}", code=code, column="key")


def _keyed(key: bytes) -> hmac.HMAC:
    """Take in a key of any length, as RFC 2104 has it."""
    return hmac.new(key, digestmod="sha256")


def _digest(keyed: hmac.HMAC, message: bytes) -> bytes:
    """Give the HMAC-SHA-256 of a message."""
    one = keyed.copy()
    one.update(message)
    return one.digest()


def _message(party_id: int | str) -> bytes:
    if isinstance(party_id, int):
        return b"id:int:%d" % party_id
    try:
        return b"id:text:" + party_id.encode()
    except UnicodeEncodeError:
        pass
    raise InvalidInputError(
        "an id must be text that can be written as UTF-8", code="not_an_id"
    )


def _check_distinct(names: list[str]) -> None:
    if twice := len(names) - len(set(names)):
        raise InvalidInputError(
            f"ids must get pseudonyms that differ; {twice:,} of {len(names):,} do not: "
            "ids and their own pseudonyms are mixed, or two ids collide",
            code="same_pseudonym",
        )


def pseudonymize(
    thing: Any,
    pseudonyms: Pseudonyms,
    *,
    columns: Iterable[str] | None = None,
    keep_attributes: Iterable[str] = (),
) -> Any:
    """Put pseudonyms in the place of all ids; the same id gets the same everywhere.

    ==============  ==================================================================
    frame           in the `columns` named; null and blank are null. All other columns,
                    and an index, stay as they are
    our objects     in every field with an id, those of orders, invoices, complaints and
                    agreements included; names, texts and personal values go, as
                    :func:`redact` has it, and sources of relationships get pseudonyms.
                    Scopes, topics, categories and channels stay: name nobody there
    list or tuple   in each of the objects
    networkx graph  nodes; edges keep their attributes, but the sources of our evidence
                    get pseudonyms. Attributes of nodes and of the graph go
    what has        networks, summaries, classifications, books of roles, and what else
    ``renamed``     has sorted `ids` or `customer_ids`; sources and orders inside get
                    pseudonyms where it has ``reworded``. Reasons of overrides stay
    ==============  ==================================================================

    Ids are hashed, not what they stand for: an order 7 and a party 7 get one pseudonym.

    Parameters
    ----------
    thing : object
        One of the above; never changed.
    pseudonyms : Pseudonyms
        With the host's key.
    columns : iterable of str, optional
        The columns of a frame that hold ids; needed for a frame, and for nothing else.
    keep_attributes : iterable of str
        Attributes of a graph's nodes that are not personal.

    Returns
    -------
    object
        Of the same kind; doing it again changes nothing. What is sorted by id, and a
        graph, is in the order of the pseudonyms, so that the order tells nothing.

    Raises
    ------
    InvalidInputError
        If it is none of these, an id is no id, or an id stands beside its own
        pseudonym where all must differ.
    MissingColumnError
        If a frame has no such column.

    Examples
    --------
    >>> import pandas as pd
    >>> from customer_identification import Transaction
    >>> pseudonyms = Pseudonyms(bytes(range(32)))
    >>> frame = pd.DataFrame({"customer": [7, 7], "amount": [1.5, 2.5]})
    >>> frame = pseudonymize(frame, pseudonyms, columns=["customer"])
    >>> set(frame["customer"]) == {pseudonyms.of(7)}
    True
    """
    if not isinstance(pseudonyms, Pseudonyms):
        raise InvalidInputError(
            "pseudonyms must be of class Pseudonyms", code="bad_option"
        )
    if columns is not None:
        names = _names("columns", columns)
        if not names:
            raise InvalidInputError(
                "columns must name at least one", code="bad_option", column="columns"
            )
        return replace_ids(thing, names, pseudonyms.of_all)
    kept = _names("keep_attributes", keep_attributes)
    if fields_of(thing) is not None or isinstance(thing, (list, tuple)):
        return _of_objects(thing, _remembering(pseudonyms))
    if is_graph(thing):
        return _of_graph(thing, pseudonyms, kept)
    if isinstance(thing, Renamable) and not isinstance(thing, type):
        if isinstance(thing, Rewordable):
            thing = thing.reworded(pseudonyms.of_all)
        return thing.renamed(pseudonyms.of_all(ids_of(thing)))
    raise InvalidInputError(
        "it must be an object that came in, a list of them, a networkx graph or have "
        "the method renamed; a frame needs columns=, and other results are made anew "
        "from data with pseudonyms",
        code="not_ours",
    )


def _listed(option: str, values: Any) -> list[Any]:
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidInputError(
            f"{option} must be a list, not one", code="not_a_list", column=option
        )
    return list(values)


def _names(option: str, values: Any) -> list[str]:
    names = _listed(option, values)
    if not all(isinstance(name, str) for name in names):
        raise InvalidInputError(
            f"{option} must be a list of names", code="bad_option", column=option
        )
    return names


def _remembering(pseudonyms: Pseudonyms) -> Callable[[Any], str]:
    """Compute each pseudonym once."""
    known: dict[tuple[type, Any], str] = {}

    def of(party_id: int | str) -> str:
        key = (type(party_id), party_id)
        if key not in known:
            known[key] = pseudonyms.of(party_id)
        return known[key]

    return of


def _of_objects(thing: Any, of: Callable[[Any], str]) -> Any:
    if isinstance(thing, (list, tuple)):
        renamed = [_of_objects(one, of) for one in thing]
        return renamed if isinstance(thing, list) else tuple(renamed)
    redacted = redact(thing)  # which refuses what is not ours
    said = fields_of(thing) or Fields()
    given = {name: getattr(thing, name) for name in (*said.ids, *said.source)}
    changes = {name: of(one) for name, one in given.items() if one is not None}
    if isinstance(thing, Agreement):
        changes["roles"] = _of_objects(thing.roles, of)
    return attrs.evolve(redacted, **changes)


def _of_graph(graph: Any, pseudonyms: Pseudonyms, kept: list[str]) -> Any:
    nodes = list(graph)
    name_of = dict(zip(nodes, pseudonyms.of_all(nodes), strict=True))
    of_source = _remembering(pseudonyms)
    new = graph.__class__()
    data = graph.nodes(data=True)
    new.add_nodes_from(
        sorted(
            (
                (name_of[one], {name: said[name] for name in kept if name in said})
                for one, said in data
            ),
            key=lambda node: node[0],
        )
    )
    keys = {"keys": True} if graph.is_multigraph() else {}
    edges = [
        (name_of[one], name_of[other], *key, _without_sources(said, of_source))
        for one, other, *key, said in graph.edges(data=True, **keys)
    ]
    new.add_edges_from(sorted(edges, key=lambda edge: edge[:2]))
    return new


def _without_sources(said: dict[str, Any], of: Callable[[Any], str]) -> dict[str, Any]:
    """Give the attributes of an edge with pseudonyms of those who told evidence."""
    lines = said.get("evidence")
    if not isinstance(lines, tuple):
        return dict(said)
    told = [
        attrs.evolve(one, source=of(one.source))
        if attrs.has(type(one)) and isinstance(getattr(one, "source", None), str)
        else one
        for one in lines
    ]
    return said | {"evidence": tuple(told)}
