"""Plain JSON data and back, exactly: where our forms differ from those of cattrs.

Text, whole numbers, bools and None are as JSON has them, tuples are arrays, mappings are
objects in the order given. All else names its type: ``{"type": "ABCRule", …}`` with its
fields beside, ``{"type": "float", "value": "nan"}``, ``{"type": "Decimal", "value":
"1.50"}``. Only in a field annotated with just a date, a datetime, a Decimal or an Enum
(or None) the value stands alone: ``"2011-12-01T10:00:00+01:00[Europe/Berlin]"``.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import lru_cache, partial
from math import inf, isfinite, nan
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import attrs

from customer_identification import models
from customer_identification.classify import (
    limits,
    loyalty,
    prospect,
    stability,
    trajectory,
)
from customer_identification.classify.caution import Caution
from customer_identification.classify.credit import CreditClassifier, CreditRule
from customer_identification.classify.credit_score import (
    CreditScoreClassifier,
    CreditScoreRule,
)
from customer_identification.classify.groups.rule import GroupAxis, GroupRule
from customer_identification.classify.segment.classifier import (
    SegmentClassifier,
    SegmentRule,
)
from customer_identification.classify.segment.rfm import RFMRule, RFMScorer
from customer_identification.classify.segment.table import Segment
from customer_identification.classify.value import ABCClassifier, ABCRule
from customer_identification.classify.verdict import Override
from customer_identification.errors import InvalidInputError, SerializationError
from customer_identification.needs.answers import KanoAnswer
from customer_identification.needs.policy import NeedsPolicy
from customer_identification.program import IdentificationProgram, Identifier
from customer_identification.roles.rules import RoleRule
from customer_identification.scorecard.card import Scorecard
from customer_identification.scorecard.learn import ScorecardPolicy
from customer_identification.scorecard.points import NumberPoints, WordPoints
from customer_identification.scorecard.scale import ScoreScale
from customer_identification.service.lines import ServiceLine
from customer_identification.service.patterns import WatchPolicy
from customer_identification.service.treatment import ServicePolicy


__all__ = ["from_dict", "to_dict"]

_VERSION = 1
_TYPES: tuple[type, ...] = (
    *(getattr(models, name) for name in models.__all__),
    *(getattr(loyalty, name) for name in loyalty.__all__ if name[0].isupper()),
    ABCClassifier,
    ABCRule,
    IdentificationProgram,
    Identifier,
    Override,
    RoleRule,
    ServiceLine,
    ServicePolicy,
    WatchPolicy,
    *(getattr(prospect, name) for name in prospect.__all__ if name[0].isupper()),
    Caution,
    CreditClassifier,
    CreditRule,
    CreditScoreClassifier,
    CreditScoreRule,
    GroupAxis,
    GroupRule,
    KanoAnswer,
    NeedsPolicy,
    NumberPoints,
    RFMRule,
    RFMScorer,
    ScoreScale,
    Scorecard,
    ScorecardPolicy,
    Segment,
    SegmentClassifier,
    SegmentRule,
    WordPoints,
    limits.Limit,
    stability.StabilityPolicy,
    trajectory.TrajectoryRule,
    trajectory.ValueTrajectoryClassifier,
)
# Keys of our own, and the parameters that cattrs' makers keep for themselves.
_RESERVED = {"type", "version", "cl", "converter"}


def to_dict(obj: object) -> dict[str, Any]:
    """Write an object of an attrs class, ours or the host's, as plain data.

    Raises
    ------
    SerializationError
        If a value has no exact plain form (a numpy array, a zone that is neither a
        fixed offset nor a `zoneinfo.ZoneInfo`, …) or is not what its annotation says.

    Examples
    --------
    >>> from customer_identification import Role
    >>> role = Role(party_id=7, kind="owner", since=dt.date(2011, 12, 1))
    >>> data = to_dict(role)
    >>> data["type"], data["version"], data["since"], data["kind"]
    ('Role', 1, '2011-12-01', {'type': 'RoleKind', 'value': 'owner'})
    >>> from_dict(data) == role
    True
    """
    kind: Any = type(obj)
    try:
        _must(attrs.has(kind), "be an object of an attrs class")
        head = {"type": _tag(kind), "version": _VERSION}
        return head | _converter(())[0].unstructure(obj)  # type: ignore[no-any-return]
    except _MisfitError as misfit:
        error = misfit.told(kind)
    raise error  # out here, so that it holds no other error and its data


def from_dict(data: Mapping[str, Any], types: Iterable[type] = ()) -> Any:
    """Read what `to_dict` wrote, as ``json.loads`` gives it.

    Parameters
    ----------
    data : dict
        Plain data.
    types : iterable of type
        Attrs and Enum classes of the host's own that may be named in the data.

    Raises
    ------
    SerializationError
        If a key is missing or unknown, a value is of the wrong type, or the type or
        version is none that is known; it tells where, but not what was found there.
    InvalidInputError
        If `types` holds anything else, or a name that is taken.
    """
    kind = None
    converter, known = _converter(tuple(types))
    try:
        kind, rest = _named(known, data)
        _must(attrs.has(kind), "be an object of an attrs class")
        version = rest.pop("version", None)
        is_ours = type(version) is int and version == _VERSION
        _must(is_ours, f"have the version {_VERSION}", "unknown_version")
        return converter.structure(rest, kind)
    except _MisfitError as misfit:
        error = misfit.told(kind)
    raise error


class _MisfitError(Exception):
    """What must hold, and (collected on the way out) where it does not."""

    def __init__(self, must: str, code: str = "misfit") -> None:
        super().__init__(must, code)
        self.must, self.code, self.path = must, code, ""

    def told(self, kind: type | None) -> SerializationError:
        root = kind.__name__ if kind else "data"
        return SerializationError(f"{root}{self.path} must {self.must}", code=self.code)


def _must(holds: object, must: str, code: str = "misfit") -> None:
    if not holds:
        raise _MisfitError(must, code)


def _at(step: str, go: Callable[..., Any], *args: object) -> Any:
    try:
        return go(*args)
    except _MisfitError as misfit:
        misfit.path = f"{step}{misfit.path}"
        raise


def _known(types: Iterable[Any] = ()) -> dict[str, Any]:
    """Give the classes that data may name."""
    known = {kind.__name__: kind for kind in (*_TEXTS, dict, *_TYPES)}
    for kind in types:
        is_one = _is_enum(kind) or (isinstance(kind, type) and attrs.has(kind))
        if not is_one or known.setdefault(kind.__name__, kind) is not kind:
            must = "types must be attrs or Enum classes with names of their own"
            raise InvalidInputError(must, code="bad_type", column="types")
    return known


@lru_cache(maxsize=32)
def _converter(types: tuple[type, ...]) -> tuple[Any, dict[str, Any]]:
    """Let cattrs make the functions for attrs classes, with our hooks on the fields."""
    from cattrs import Converter, ForbiddenExtraKeysError, gen  # noqa: PLC0415  # dear

    known = _known(types)
    converter = Converter(forbid_extra_keys=True, detailed_validation=False)
    write = partial(_write_field, partial(_write, converter.unstructure))
    read = partial(_read_field, partial(_read, known, converter.structure))

    def made(make: Any, side: str, go: Callable[..., Any], kind: type) -> Any:
        at = {name: partial(_at, f".{name}", go, hint) for name, hint in _hints(kind)}
        override: Any = gen.override
        hooks = {name: override(**{side: hook}) for name, hook in at.items()}
        return make(kind, converter, **hooks)

    def reader(kind: type) -> Callable[..., Any]:
        make = made(gen.make_dict_structure_fn, "struct_hook", read, kind)
        return partial(_build, make, ForbiddenExtraKeysError)

    writer = partial(made, gen.make_dict_unstructure_fn, "unstruct_hook", write)
    converter.register_unstructure_hook_factory(attrs.has, writer)
    converter.register_structure_hook_factory(attrs.has, reader)
    return converter, known


def _hints(kind: type) -> list[tuple[str, Any]]:
    """List the fields that are kept, with their annotations."""
    names = [one.name for one in attrs.fields(kind) if one.init]
    is_plain = _RESERVED.isdisjoint(names) and not getattr(kind, "__parameters__", ())
    _must(is_plain, f"be of no generic class nor have fields {sorted(_RESERVED)}")
    hints = get_type_hints(kind)
    return [(name, hints.get(name, Any)) for name in names]


def _build(make: Any, extra_keys: type[Exception], data: Any, kind: type) -> object:
    for one in attrs.fields(kind):
        is_there = one.name in data or not one.init or one.default is not attrs.NOTHING
        _must(is_there, f"have the key {one.name}", "missing_key")
    must, code = f"be a valid {kind.__name__}", "refused"
    try:
        return make(data, kind)
    except _MisfitError:
        raise
    except extra_keys:
        names = ", ".join(name for name, _ in _hints(kind))
        must, code = f"have no keys but {names}", "unknown_key"
    except InvalidInputError as error:  # whose texts never repeat a value
        must += f": {error}"
    except Exception:  # noqa: BLE001  # a host's class may raise, and tell, anything
        must += "; its class refuses these fields"
    raise _MisfitError(must, code)


def _write_field(write: Any, hint: Any, value: object) -> Any:
    data = write(_fitting(value, hint))
    return data["value"] if _alone(hint) and value is not None else data


def _read_field(read: Any, hint: Any, data: object, _: object) -> Any:
    kind = _alone(hint)
    is_bare = kind and type(data) in {int, str}
    return _fitting(_parse(kind, data) if is_bare else read(data), hint)


def _fitting(value: object, hint: Any) -> object:
    if _fits(value, hint):
        return value
    says = hint.__name__ if isinstance(hint, type) else str(hint)
    raise _MisfitError(f"be of type {says}")


@lru_cache(maxsize=256)
def _alone(hint: Any) -> Any:
    """Give the class that an annotation names, if its values need not name it again."""
    is_union = get_origin(hint) in {Union, UnionType}
    kind, *more = {*get_args(hint)} - {NoneType} if is_union else {hint}
    is_tagged = _is_enum(kind) or (kind in _TEXTS and kind is not float)
    return kind if is_tagged and not more else None


def _fits(value: Any, hint: Any) -> bool:
    """Tell whether a value is just what an annotation says; 1, 1.0 and True differ."""
    origin, args, kind = get_origin(hint), get_args(hint), _base(value.__class__)
    if origin in {Union, UnionType}:
        return kind in args or any(_fits(value, one) for one in args)
    if origin is Literal:
        return any(type(one) is kind and one == value for one in args)
    if origin is tuple and kind is tuple:
        items = args[:1] * len(value) if args[-1:] == (...,) else args
        return len(value) == len(items) and all(map(_fits, value, items))
    if origin in {dict, Mapping} and isinstance(value, Mapping):
        return all(_fits(one, args[1]) for one in value.values())
    if getattr(hint, "_is_protocol", False):  # `issubclass` knows no fields
        has = {*dir(kind), *(one.name for one in getattr(kind, "__attrs_attrs__", ()))}
        return {name for name in dir(hint) if not name.startswith("_")} <= has
    return hint in {Any, object, kind} or (hint is float and kind is int)


def _write(unstructure: Any, value: Any) -> Any:
    kind, write = _base(value.__class__), partial(_write, unstructure)
    if attrs.has(kind):
        return {"type": _tag(kind), **unstructure(value)}
    if kind is tuple:
        return _each(write, value, list)
    if isinstance(value, Mapping):
        plain = _each(write, value, dict)
        return {"type": "dict", "value": plain} if "type" in plain else plain
    if kind in _NATIVE or (kind is float and isfinite(value)):
        return None if value is None else kind(value)
    _must(kind in _TEXTS or _is_enum(kind), "have a plain form", "not_portable")
    plain = value.value if _is_enum(kind) else _TEXTS[kind][0](value)
    _must(type(plain) in {int, str}, "be an Enum of text or int values", "not_portable")
    return {"type": _tag(kind), "value": plain}


def _read(known: Mapping[str, Any], structure: Any, data: Any) -> Any:
    read = partial(_read, known, structure)
    if type(data) is list:
        return _each(read, data, tuple)
    if type(data) is not dict:
        is_plain = type(data) in _NATIVE or (type(data) is float and isfinite(data))
        _must(is_plain, "be plain data")
        return data
    kind, rest = _named(known, data) if "type" in data else (dict, {"value": data})
    if attrs.has(kind):
        return structure(rest, kind)
    _must(rest.keys() == {"value"}, "have the keys type and value, and no other")
    value = rest["value"]
    return _each(read, value, dict) if kind is dict else _parse(kind, value)


def _each(go: Any, values: Any, make: Any) -> Any:
    """Convert the parts; an error tells their place, since a key may be a name."""
    if make is not dict:
        return make(_at(f"[{i}]", go, one) for i, one in enumerate(values))
    is_one = isinstance(values, Mapping) and {*map(type, values)} <= {str}
    _must(is_one, "have keys of text")
    parts = _each(go, values.values(), list)
    return dict(zip(values, parts, strict=True))


def _named(known: Mapping[str, Any], data: Any) -> tuple[Any, dict[str, Any]]:
    """Find the class that data name, and the rest of them."""
    tag = data.get("type") if isinstance(data, dict) else None
    is_known = isinstance(tag, str) and tag in known
    _must(is_known, "name a known type; the host's own go into types=", "unknown_type")
    return known[str(tag)], {key: one for key, one in data.items() if key != "type"}


@lru_cache(maxsize=256)
def _tag(kind: type) -> str:
    is_free = _known().get(kind.__name__, kind) is kind
    _must(is_free, f"not be of another class named {kind.__name__}", "name_taken")
    return kind.__name__


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


@lru_cache(maxsize=256)
def _base(kind: Any) -> Any:
    """Take numpy's floats and pandas' stamps as the Python values they derive from."""
    bases = () if _is_enum(kind) else kind.__mro__
    return next((one for one in bases if one in _TEXTS or one in _NATIVE), kind)


def _parse(kind: Any, data: object) -> Any:
    """Read what must be exactly as the value is written."""
    if _is_enum(kind):
        same = [one for one in kind if _fits(data, Literal[one.value])]
        _must(same, f"be one of: {', '.join(str(one.value) for one in kind)}")
        return same[0]
    write, parse = _TEXTS[kind]
    try:
        value = parse(str(data))  # what is no text never equals what is written
        is_same = write(value) == data
    except (ArithmeticError, LookupError, OSError, ValueError):
        is_same = False
    _must(is_same, f"be a {kind.__name__}, in the form it is written")
    return value


def _write_stamp(value: dt.datetime) -> str:
    zone, text = value.tzinfo, dt.datetime.isoformat(value)
    name = zone.key if isinstance(zone, ZoneInfo) else None
    is_kept = name or zone is None or type(zone) is dt.timezone
    _must(is_kept, "have a zone of zoneinfo.ZoneInfo or a fixed offset")
    text += f"[{name}]" if name else ""
    _must(_parse_stamp(text) == value, "be a datetime of whole microseconds")
    return text


def _parse_stamp(text: str) -> dt.datetime:
    clock, _, zone = text.partition("[")
    stamp = dt.datetime.fromisoformat(clock)
    local = stamp.replace(tzinfo=ZoneInfo(zone[:-1])) if zone else stamp
    # The offset tells which of an hour that comes twice (or never) is meant.
    return local.replace(fold=int(local.utcoffset() != stamp.utcoffset()))


_NATIVE = {NoneType, bool, int, str}
_TEXTS: dict[type, tuple[Callable[[Any], str], Callable[[Any], Any]]] = {
    Decimal: (str, Decimal),
    dt.date: (dt.date.isoformat, dt.date.fromisoformat),
    dt.datetime: (_write_stamp, _parse_stamp),
    float: (str, {"nan": nan, "inf": inf, "-inf": -inf}.__getitem__),
}
