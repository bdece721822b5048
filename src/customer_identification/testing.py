"""The contract of a classifier as one call, for a host's own strategies and for ours."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from attrs import evolve, fields, frozen
from numpy.typing import NDArray

from customer_identification.classify.base import Classification, Classifier, Rule
from customer_identification.classify.verdict import Verdict
from customer_identification.errors import InvalidInputError
from customer_identification.portable import from_dict, to_dict
from customer_identification.summary import Summary


__all__ = ["check_classifier"]

Reward = Callable[[Summary, int], Summary]

_MOST = 50  # customers that are looked at one by one; our choice
_STEPS = 4  # times that a customer is rewarded; our choice
_MONEY = (
    "value",
    "amount",
    "profit",
    "period_values",
    "discounted",
    "discount_known",
    "network_value",
)
_DATES = ("first_purchase", "last_purchase", "purchase_days", "squared_gaps")
_REST = ("categories", "channels", "attitude")
_ALWAYS_KNOWN = frozenset({"purchases", "refunds", "refund_value"})


def check_classifier(
    classifier: Classifier, summary: Summary, *, reward: Reward | None = None
) -> None:
    """Check that a strategy keeps the promises on which everything else rests.

    Parameters
    ----------
    classifier : Classifier
        Any object with `fit`.
    summary : Summary
        Customers of every kind the strategy tells apart; the more kinds, the more is
        checked. At most about 50 of them are looked at one by one.
    reward : callable, optional
        ``reward(summary, position)`` gives the summary in which that customer has more
        of what the classes reward. By default value, amount and profit grow, in each
        period too. Only asked where the classes are ordered.

    Raises
    ------
    AssertionError
        If a promise is broken, and which; also under ``python -O``.
    InvalidInputError
        If the summary has no customer.

    Notes
    -----
    The promises: equal customers get equal classes; the order of rows and the ids never
    matter; more of what is rewarded never gives a worse class, and the best customer
    has the best class that is given; a customer alone gets the same verdict as among
    all; what is unknown gives an unknown class; no customers give no classes; rules
    survive JSON, and rules and results pickle, compare and hash; every verdict carries
    its reasons. The best customer is one with the largest value of the first measure.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import ABCClassifier, Transaction, summarize
    >>> sales = [
    ...     Transaction(customer_id=one, date=date(2011, 7, one), amount=one**3)
    ...     for one in range(1, 20)
    ... ]
    >>> summary = summarize(sales, as_of="2011-07-31")
    >>> check_classifier(ABCClassifier(), summary)

    A reward that the classes do not follow is found out:

    >>> from attrs import evolve
    >>> def less(summary, position):
    ...     return evolve(summary, value=summary.value // 2)
    >>> check_classifier(ABCClassifier(), summary, reward=less)
    Traceback (most recent call last):
    AssertionError: more value must never give a worse class; B became C
    """
    if not len(summary):
        raise InvalidInputError("the summary must have a customer", code="no_customers")
    rule = classifier.fit(summary)
    everybody = _classes(rule, summary)
    some = _rows(summary, _chosen(everybody, summary))
    case = _Case(
        classifier=classifier,
        summary=summary,
        rule=rule,
        some=some,
        classes=_classes(rule, some),
        reward=_more_value if reward is None else reward,
    )
    _check_values(case)
    _check_equal_customers(case)
    _check_order_and_ids(case)
    _check_alone(case)
    if case.classes.ordered:
        _check_reward(case)
        _check_best(case)
    _check_unknown(case)
    _check_empty(case)
    _check_json(case)
    _check_reasons(case)


@frozen(kw_only=True)
class _Case:
    """A fitted strategy, and some customers to look at."""

    classifier: Classifier
    summary: Summary
    rule: Rule
    some: Summary
    classes: Classification
    reward: Reward

    @property
    def verdicts(self) -> Iterator[Verdict]:
        return (self.classes[one] for one in self.some.customer_ids.tolist())


def _promise(kept: object, sentence: str) -> None:
    """Raise where a promise is broken; an assert would be silent under -O."""
    if not kept:
        raise AssertionError(sentence)


def _classes(rule: Rule, summary: Summary) -> Classification:
    """Classify, and check that there is one class for each customer."""
    classes = rule.classify(summary)
    _promise(
        np.array_equal(classes.customer_ids, summary.customer_ids)
        and classes.codes.shape == summary.customer_ids.shape
        and classes.as_of == summary.as_of,
        "every customer must get one class, as of the day of the summary",
    )
    _promise(
        classes.labels[: len(rule.labels)] == rule.labels
        and bool(np.isin(classes.codes, np.arange(len(classes.labels))).all()),
        "every class must be one of the labels of the rule",
    )
    return classes


# --- customers to look at -------------------------------------------------------


def _chosen(classes: Classification, summary: Summary) -> NDArray[np.intp]:
    """Choose the extremes, some of each class, and others evenly spaced."""
    chosen = [np.linspace(0, len(summary) - 1, _MOST // 2).astype(np.intp)]
    for values in (_ranking(classes, summary), summary.value):
        if values is not None:
            order = np.argsort(values, kind="stable")  # nan comes last
            known = order[: values.size - np.count_nonzero(np.isnan(values))]
            chosen += [known[:3], known[-3:], order[-1:]]
    chosen += [np.flatnonzero(classes.codes == c)[:2] for c in set(classes.codes)]
    return np.unique(np.concatenate(chosen))


def _ranking(classes: Classification, summary: Summary) -> NDArray[Any] | None:
    first = next(iter(classes.measures.values()), None)
    return summary.value if first is None else first.values


def _rows(summary: Summary, rows: Any, customer_ids: Any = None) -> Summary:
    """Give customers in any order, and more than once if they get new ids."""
    changed = {
        column.name: values[rows]
        for column in fields(Summary)
        if column.metadata.get("rows")
        and (values := getattr(summary, column.name)) is not None
    }
    if customer_ids is not None:
        changed["customer_ids"] = customer_ids
    return evolve(summary, **changed)


def _more_value(summary: Summary, position: int) -> Summary:
    """Let one customer bring about twice as much."""
    changed = {}
    for name in _MONEY:
        values = getattr(summary, name)
        if values is not None:
            least = 1 if name == "value" else 0
            changed[name] = values.copy()
            changed[name][position] += np.clip(np.abs(values[position]), least, 2**40)
    return evolve(summary, **changed)


def _without(summary: Summary, *names: str) -> Summary:
    """Give the summary of data that lack money, or dates."""
    changed: dict[str, Any] = dict.fromkeys(name for name in (*names, "period_values"))
    if "value" in names:
        changed["refund_value"] = np.zeros(len(summary), np.int64)
    if "first_purchase" in names:
        changed["periods"] = summary.periods[:0]
    return evolve(summary, **changed)


# --- the promises ---------------------------------------------------------------


def _check_equal_customers(case: _Case) -> None:
    n = len(case.some)
    twins = _rows(case.some, np.repeat(np.arange(n), 2), np.arange(2 * n))
    codes = _classes(case.rule, twins).codes
    unequal = np.count_nonzero(codes[::2] != codes[1::2])
    _promise(
        unequal == 0,
        f"equal customers must get equal classes; {unequal} pairs of {n} did not",
    )


def _check_order_and_ids(case: _Case) -> None:
    n = len(case.some)
    words = np.array([f"customer {one:03}" for one in range(n)], dtype=object)
    shuffled = np.concatenate([np.arange(1, n, 2), np.arange(0, n, 2)[::-1]])
    for rows, ids in ((np.arange(n)[::-1], np.arange(n)), (shuffled, words)):
        codes = _classes(case.rule, _rows(case.some, rows, ids)).codes
        _promise(
            np.array_equal(codes, case.classes.codes[rows]),
            "the order of rows and the ids must not matter to a rule",
        )
    every = len(case.summary)
    again = _rows(case.summary, np.arange(every)[::-1], np.arange(every))
    _promise(
        case.classifier.fit(again) == case.rule,
        "the order of rows and the ids must not matter to what is learnt",
    )


def _check_alone(case: _Case) -> None:
    for row, among_all in enumerate(case.verdicts):
        alone = _rows(case.some, slice(row, row + 1))
        verdict = _classes(case.rule, alone)[alone.customer_ids[0]]
        _promise(
            verdict == among_all,
            "a customer alone must get the same verdict as among all; "
            f"{among_all.label} became {verdict.label}",
        )


def _check_reward(case: _Case) -> None:
    for row in range(len(case.some)):
        alone = _rows(case.some, slice(row, row + 1))
        before = case.classes.codes[row]
        for _ in range(_STEPS):
            alone = case.reward(alone, 0)
            after = _classes(case.rule, alone).codes[0]
            names = [case.classes.labels[code] for code in (before, after)]
            if any(_is_unknown(name) for name in names):
                break  # what is unknown has no place in the order
            _promise(
                after <= before,
                f"more value must never give a worse class; {' became '.join(names)}",
            )
            before = after


def _check_best(case: _Case) -> None:
    values, codes = _ranking(case.classes, case.some), case.classes.codes
    if values is None:
        return
    unknown = [_is_unknown(label) for label in case.classes.labels]
    known = ~np.array(unknown)[codes] & ~np.isnan(values)
    if known.any():
        best = codes[known & (values == values[known].max())].min()
        given = codes[known].min()
        _promise(
            best == given,
            "the best customer must not be below the best class that is given; got "
            f"{case.classes.labels[best]} where {case.classes.labels[given]} is given",
        )


def _is_unknown(label: str) -> bool:
    return "unknown" in label.lower()


def _check_unknown(case: _Case) -> None:
    _promise(
        any(_is_unknown(label) for label in case.rule.labels),
        "one of the labels must be for what is unknown",
    )
    for names in (_MONEY, _DATES, (*_MONEY, *_DATES, *_REST)):
        dim = _without(case.some, *names)
        try:
            rules = (case.rule, case.classifier.fit(dim))
            found = [_classes(rule, dim) for rule in rules]
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(
                "what is unknown must give an unknown class, not "
                f"{type(error).__name__} where a summary has no {names[0]}"
            ) from error
        for classes in found:
            _check_dim(classes, dim, nothing=_REST[0] in names)


def _check_dim(classes: Classification, dim: Summary, *, nothing: bool) -> None:
    """Check the classes of customers of whom little, or nothing, is known."""
    dark = np.ones(len(dim), dtype=np.bool_)
    for name, measure in classes.measures.items():
        unknown = np.isnan(measure.values)
        dark &= unknown
        _promise(
            unknown.all() or not hasattr(dim, name) or getattr(dim, name) is not None,
            f"what is unknown must stay nan; {name} became a number",
        )
    if nothing and not _ALWAYS_KNOWN & classes.measures.keys():
        dark[:] = True
    for code in np.unique(classes.codes[dark]):
        _promise(
            _is_unknown(classes.labels[code]),
            f"what is unknown must give an unknown class; got {classes.labels[code]}",
        )


def _check_empty(case: _Case) -> None:
    nobody = _rows(case.some, slice(0, 0))
    try:
        rules = (case.rule, case.classifier.fit(nobody))
        sizes = [len(_classes(rule, nobody)) for rule in rules]
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(
            f"no customers must give no classes, not {type(error).__name__}"
        ) from error
    _promise(sizes == [0, 0], "no customers must give no classes")


def _check_json(case: _Case) -> None:
    try:
        text = json.dumps(to_dict(case.rule), allow_nan=False)
        again = from_dict(json.loads(text), types=(type(case.rule),))
    except (InvalidInputError, TypeError, ValueError) as error:
        raise AssertionError(f"a rule must survive JSON: {error}") from error
    _promise(
        again == case.rule and again.classify(case.some) == case.classes,
        "a rule must survive JSON and classify as before",
    )


def _check_values(case: _Case) -> None:
    verdict = next(case.verdicts)
    for thing in (case.rule, case.classes, verdict):
        name = type(thing).__name__
        try:
            again = pickle.loads(pickle.dumps(thing))  # noqa: S301
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise AssertionError(f"{name} must pickle: {error}") from error
        _promise(again == thing, f"{name} must compare equal to its copy")
        if type(thing).__hash__ is not None:
            try:
                same = hash(again) == hash(thing)
            except TypeError as error:
                raise AssertionError(f"{name} must hash: {error}") from error
            _promise(same, f"{name} must hash as its copy does")


def _check_reasons(case: _Case) -> None:
    for verdict in case.verdicts:
        _promise(
            verdict.reasons,
            f"every verdict must carry its reasons; {verdict.label} has none",
        )
        for reason in verdict.reasons:
            limited = reason.relation is None or None not in (
                reason.limit,
                reason.margin,
            )
            complete = bool(reason.measure) and isinstance(reason.value, (int, float))
            _promise(
                complete and limited,
                "every reason must have a measure and a value, and with a relation "
                f"also limit and margin; one of {verdict.label} has not",
            )
