"""What every classifier shares: the contract, and the classes of many customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol, runtime_checkable

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import ByCustomer, align, array_field, position_of
from customer_identification.classify.table import Line, Measure, decide, line_of
from customer_identification.classify.verdict import (
    CAUSES,
    Cause,
    Change,
    Override,
    Reason,
    Verdict,
    changes_of,
    reasons_of,
)
from customer_identification.errors import InvalidInputError
from customer_identification.frames import (
    Labels,
    read_days,
    read_ids,
    read_new_ids,
    read_table,
    read_words,
    to_date,
    to_day,
    to_frame,
)
from customer_identification.summary import Summary


__all__ = [
    "APART",
    "Advice",
    "Classification",
    "Classifier",
    "Rule",
    "classes_from_frame",
    "classify_by",
]

APART = "apart"  # the class of those whom another rule sets apart


@runtime_checkable
class Rule(Protocol):
    """Frozen numbers that tell classes apart; any object of this shape will do."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, best first where they are ordered."""
        ...

    def classify(self, summary: Summary) -> Classification:
        """Give every customer of a summary a class."""
        ...


@runtime_checkable
class Classifier(Protocol):
    """Learns a rule; any object of this shape will do."""

    def fit(self, summary: Summary) -> Rule:
        """Learn the rule from a population."""
        ...


class Advice(Protocol):
    """Knows more of each customer than the measures: what else speaks for the class."""

    def reasons(self, at: int) -> tuple[Reason, ...]:
        """Give what counts for one customer, beside the conditions of the line."""
        ...

    def changes(self, at: int) -> tuple[Change, ...]:
        """Give what would change the class of one customer, nearest first."""
        ...

    def renamed(self, order: NDArray[np.intp], new_ids: NDArray[Any]) -> Advice:
        """Give the advice in another order, under new ids."""
        ...


def _named(things: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(things)


@frozen(kw_only=True)
class Classification(ByCustomer):
    """The class of every customer, with all that is needed to say why.

    Attributes
    ----------
    customer_ids : ndarray, shape (n_customers,)
        Sorted, as in the summary.
    codes : ndarray of int8, shape (n_customers,)
        Positions in `labels`.
    labels : tuple of str
        The classes, best first where `ordered`.
    as_of : date
        The day they speak of.
    lines : tuple of Line
        The table that gave them; empty for a rule that works otherwise.
    measures : mapping of str to Measure
        What the lines speak of; the first is the one that ranks.
    ordered : bool
        Whether an earlier label is better.
    rule_codes, steady_codes : ndarray of int8 or None
        What the rule alone says, and what hysteresis and dwell made of it, where
        something later changed it.
    causes : ndarray of int8 or None
        Positions in ``("rule", "hysteresis", "dwell", "override", "apart")``.
    since : ndarray of datetime64[D] or None
        First day in the steady class, where that is followed up.
    overrides : mapping of id to Override
        Those in force.
    advice : Advice or None
        What else speaks for the class, such as the points of a scorecard.

    Examples
    --------
    >>> from customer_identification import Transaction, ABCClassifier, summarize
    >>> summary = summarize(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, 7, 1), amount=amount)
    ...         for one, amount in [(1, 1000), (2, 150), (3, 50), (4, 0)]
    ...     ],
    ...     as_of="2011-07-31",
    ... )
    >>> classes = ABCClassifier().fit(summary).classify(summary)
    >>> classes.counts()
    {'A': 1, 'B': 1, 'C': 1, 'none': 1, 'unknown': 0}
    >>> print(classes[2])
    B: value 150.00, at least 150.00; rank 2 of 4 by value; 850.00 more value by 2011-08-31 makes A; 0.01 less value makes C
    """

    customer_ids: NDArray[Any] = array_field()
    codes: NDArray[np.int8] = array_field()
    labels: tuple[str, ...]
    as_of: date
    lines: tuple[Line, ...] = ()
    measures: Mapping[str, Measure] = field(
        factory=dict, converter=_named, hash=False, repr=False
    )
    ordered: bool = False
    rule_codes: NDArray[np.int8] | None = array_field(default=None)
    steady_codes: NDArray[np.int8] | None = array_field(default=None)
    causes: NDArray[np.int8] | None = array_field(default=None)
    since: NDArray[np.datetime64] | None = array_field(default=None)
    overrides: Mapping[Any, Override] = field(
        factory=dict, converter=_named, hash=False, repr=False
    )
    advice: Advice | None = field(default=None, hash=False, repr=False)
    kind: str = field(default="pandas", eq=False)

    def __repr__(self) -> str:
        return f"Classification({len(self):,} customers, as of {self.as_of})"

    def counts(self) -> dict[str, int]:
        """Give the number of customers of each class."""
        counted = np.bincount(self.codes, minlength=len(self.labels))
        return dict(zip(self.labels, counted.tolist(), strict=True))

    def label_of(self, customer_id: int | str) -> str:
        """Give the class of a customer, without reasons."""
        at = position_of(self.customer_ids, customer_id)
        return self.labels[int(self.codes[at])]

    def where(self, *labels: str) -> NDArray[np.bool_]:
        """Tell who is in one of these classes.

        Raises
        ------
        InvalidInputError
            If there is no such class.
        """
        strange = [label for label in labels if label not in self.labels]
        if strange:
            raise InvalidInputError(
                f"a class must be one of {', '.join(self.labels)}; "
                f"{', '.join(strange)} is not",
                code="unknown_class",
            )
        return np.isin(self.codes, [self.labels.index(label) for label in labels])

    def to_frame(self) -> Any:
        """Give ids, classes and measures as the kind of frame the host gave."""
        columns: dict[str, Any] = {
            "customer_id": self.customer_ids,
            "class": Labels(codes=self.codes, words=self.labels),
        }
        if self.rule_codes is not None:
            columns["rule_class"] = Labels(codes=self.rule_codes, words=self.labels)
        if self.steady_codes is not None:
            columns["steady_class"] = Labels(codes=self.steady_codes, words=self.labels)
        if self.causes is not None:
            columns["cause"] = Labels(codes=self.causes, words=CAUSES)
        if self.since is not None:
            columns["since"] = self.since
        for name, measure in self.measures.items():
            if measure.told:
                is_plain = measure.scale == 1
                values = measure.values
                columns[name] = values if is_plain else values / measure.scale
        return to_frame(columns, self.kind)

    def renamed(self, new_ids: object) -> Classification:
        """Give everybody another id.

        Parameters
        ----------
        new_ids : column, array or list, shape (n_customers,)
            Whole numbers or text, in the order of `customer_ids`.

        Returns
        -------
        Classification
            In the order of the new ids: as if made from a summary with them. Overrides
            are those of the new ids, with their reasons as they were written.

        Raises
        ------
        InvalidInputError
            If they are not as many, not all distinct, or one is missing or no id.
        """
        new = read_new_ids(new_ids, len(self))
        order = np.argsort(new.codes)
        columns = {
            name: values[order]
            for name in ("codes", "rule_codes", "steady_codes", "causes", "since")
            if (values := getattr(self, name)) is not None
        }
        new_id = dict(
            zip(self.customer_ids.tolist(), new.unique[new.codes].tolist(), strict=True)
        )
        return evolve(
            self,
            customer_ids=new.unique,
            measures={
                name: evolve(measure, values=measure.values[order])
                for name, measure in self.measures.items()
            },
            overrides={
                new_id[one]: evolve(override, customer_id=new_id[one])
                for one, override in self.overrides.items()
            },
            advice=self.advice and self.advice.renamed(order, new.unique),
            **columns,
        )

    def covering(self, customer_ids: NDArray[Any]) -> Classification:
        """Give the classes of some customers; who is not here is `unknown`.

        Parameters
        ----------
        customer_ids : ndarray, shape (n,)
            Sorted and distinct.

        Returns
        -------
        Classification
            Classes alone: reasons and measures stay here.

        Raises
        ------
        InvalidInputError
            If ids are text here and whole numbers there.
        """
        at, is_here = align(customer_ids, self.customer_ids)
        labels = self.labels
        if "unknown" not in labels:
            labels = (*labels, "unknown")
        codes = np.full(customer_ids.size, labels.index("unknown"), np.int8)
        codes[is_here] = self.codes[at[is_here]]
        return Classification(
            customer_ids=customer_ids,
            codes=codes,
            labels=labels,
            as_of=self.as_of,
            ordered=self.ordered,
            kind=self.kind,
        )

    @property
    def by_rule(self) -> NDArray[np.int8]:
        """What the rule alone says, as positions in `labels`."""
        return self.codes if self.rule_codes is None else self.rule_codes

    @property
    def steady(self) -> NDArray[np.int8]:
        """What hysteresis and dwell made of the rule's word, before anything else."""
        return self.codes if self.steady_codes is None else self.steady_codes

    def changed_to(
        self, codes: NDArray[np.int8], cause: Cause, rows: NDArray[np.bool_]
    ) -> Classification:
        """Give some customers another class, keeping what the rule says and why."""
        before = np.zeros(len(self), np.int8) if self.causes is None else self.causes
        return evolve(
            self,
            codes=np.where(rows, codes, self.codes).astype(np.int8),
            rule_codes=self.by_rule,
            causes=np.where(rows, np.int8(CAUSES.index(cause)), before),
        )

    def set_apart(self, apart: NDArray[np.bool_], label: str = APART) -> Classification:
        """Give some customers a class of their own, unless theirs was set by hand."""
        if label in self.labels:
            raise InvalidInputError(
                f"no class of a rule may be called {label!r}", code="unknown_class"
            )
        if self.causes is not None:
            apart = apart & (self.causes != CAUSES.index("override"))
        code = np.full(len(self), len(self.labels), np.int8)
        return evolve(
            self.changed_to(code, "apart", apart),
            labels=(*self.labels, label),
            steady_codes=self.steady,
        )

    def ranked(self) -> NDArray[Any]:
        """Give all ids, those with the largest first measure first, unknown ones last.

        Unknown is who has no such measure, or is in the class of that name. Ties are in
        the order of the ids; so is everybody where nothing is measured.
        """
        values = next((one.values for one in self.measures.values()), None)
        if values is None:
            return self.customer_ids
        falling = -values.astype(np.float64)
        if "unknown" in self.labels:
            falling[self.by_rule == self.labels.index("unknown")] = np.nan
        return self.customer_ids[np.argsort(falling, kind="stable")]  # nan last

    # reasons, made for one customer when asked

    def __getitem__(self, customer_id: int | str) -> Verdict:
        """Say why a customer has the class.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        at = position_of(self.customer_ids, customer_id)
        values = {name: one.values[at].item() for name, one in self.measures.items()}
        line = line_of(self.lines, values) if self.lines else None
        since = None if self.since is None else self.since[at].item()
        cause = CAUSES[0 if self.causes is None else int(self.causes[at])]
        rank, tied, of = self._standing(at)
        return Verdict(
            label=self.labels[self.codes[at]],
            reasons=self._reasons(at, line, cause, values),
            changes=()
            if line is None or cause != "rule"
            else self._changes(at, line, values),
            rule_label=self.labels[self.by_rule[at]],
            cause=cause,
            override=self.overrides.get(self.customer_ids[at]),
            since=since,
            ranked_by=next(iter(self.measures), ""),
            rank=rank,
            tied=tied,
            of=of,
        )

    def _reasons(
        self, at: int, line: int | None, cause: Cause, values: dict[str, float]
    ) -> tuple[Reason, ...]:
        known = () if self.advice is None else self.advice.reasons(at)
        if line is None:
            return known
        if cause == "hysteresis":
            kept = self.labels[self.codes[at]]
            line = next(i for i, one in enumerate(self.lines) if one.label == kept)
        return reasons_of(self.lines[line], self.measures, values) + known

    def _changes(
        self, at: int, line: int, values: dict[str, float]
    ) -> tuple[Change, ...]:
        """Give the nearest first; where classes are ordered, better ones before."""
        if self.advice is not None:
            found = self.advice.changes(at)
        else:
            found = changes_of(self.lines, line, self.measures, values, self.as_of)
        now = self.labels.index(self.lines[line].label)

        def place(change: Change) -> tuple[bool, float, float]:
            worse = self.ordered and self.labels.index(change.label or "unknown") > now
            return worse, change.distance, abs(change.by)

        return tuple(sorted(found, key=place))

    def _standing(self, at: int) -> tuple[int | None, int | None, int | None]:
        values = next((m.values for m in self.measures.values()), None)
        unknown = self.labels[self.by_rule[at]] == "unknown"
        if values is None or unknown or values[at] != values[at]:
            return None, None, None
        above = int(np.count_nonzero(values > values[at]))
        tied = int(np.count_nonzero(values == values[at])) - 1
        return above + 1, tied, int(np.count_nonzero(values == values))  # noqa: PLR0124


def classes_from_frame(
    frame: object, *, as_of: object, labels: Sequence[str]
) -> Classification:
    """Read back what :meth:`Classification.to_frame` gave: last time's classes.

    They serve as `previous` for :func:`stabilize`, and for :func:`migrate`. Reasons are
    not read back: measures stay with the summary.

    Parameters
    ----------
    frame : frame
        With the columns customer_id and class, and rule_class, steady_class, cause and
        since where they were kept; in any order of rows.
    as_of : date, datetime or text
        The day the classes speak of.
    labels : sequence of str
        All classes of the rule; ``"apart"`` may stand in the frame besides.

    Raises
    ------
    MissingColumnError
        If customer_id or class is not there.
    InvalidInputError
        If a class is none of the labels, or an id or date is missing or there twice.

    Examples
    --------
    >>> import pandas as pd
    >>> kept = pd.DataFrame({"customer_id": [7, 3], "class": ["B", "A"]})
    >>> classes_from_frame(kept, as_of="2011-07-31", labels=("A", "B")).counts()
    {'A': 1, 'B': 1}
    """
    names = ("customer_id", "class", "rule_class", "steady_class", "cause", "since")
    required = names[:2]
    table = read_table(frame, {name: name for name in names}, required=required)
    ids = read_ids(table.columns["customer_id"], "customer_id")
    order = np.argsort(ids.codes, kind="stable")
    if (ids.codes < 0).any() or ids.unique.size != ids.codes.size:
        raise InvalidInputError(
            "customer_id must be there once for every customer",
            code="not_an_id",
            column="customer_id",
        )
    classes = tuple(dict.fromkeys((*labels, APART)))
    words = {**dict.fromkeys(names[1:4], classes), "cause": CAUSES}
    codes = {
        name: read_words(table.columns[name], name, words[name])[order]
        for name in words
        if name in table.columns
    }
    since = None
    if "since" in table.columns:
        days, missing = read_days(table.columns["since"], "since", None)
        if missing is not None:
            raise InvalidInputError(
                f"since must be there for every customer; {missing.sum():,} of "
                f"{missing.size:,} have none, first at row {missing.argmax()}",
                code="bad_dates",
                column="since",
                positions=np.flatnonzero(missing)[:5],
            )
        since = days[order].astype(np.int64).view("M8[D]")
    return Classification(
        customer_ids=ids.unique,
        codes=codes["class"],
        labels=classes if (codes["class"] >= len(labels)).any() else tuple(labels),
        as_of=to_date(to_day(as_of, "as_of")),
        rule_codes=codes.get("rule_class"),
        steady_codes=codes.get("steady_class"),
        causes=codes.get("cause"),
        since=since,
        kind=table.kind,
    )


def classify_by(
    summary: Summary,
    lines: Sequence[Line],
    measures: Mapping[str, Measure],
    *,
    labels: tuple[str, ...],
    ordered: bool = False,
) -> Classification:
    """Classify the customers of a summary by a table; what most rules end in.

    Parameters
    ----------
    summary : Summary
        Whose customers.
    lines : sequence of Line
        The table, first match wins; the last line has no conditions.
    measures : mapping of str to Measure
        One entry a customer each; the first one ranks.
    labels : tuple of str
        All labels, best first where `ordered`.
    ordered : bool
        Whether an earlier label is better.
    """
    return Classification(
        customer_ids=summary.customer_ids,
        codes=decide(lines, labels, measures, len(summary)),
        labels=labels,
        as_of=summary.as_of,
        lines=tuple(lines),
        measures=measures,
        ordered=ordered,
        kind=summary.kind,
    )
