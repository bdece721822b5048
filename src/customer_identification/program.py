"""The front door: from transactions to a reasoned verdict on every customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, field, frozen

from customer_identification.arrays import check_same_kind
from customer_identification.classify.base import (
    APART,
    Classification,
    Classifier,
    Rule,
)
from customer_identification.classify.loyalty import LoyaltyClassifier
from customer_identification.classify.stability import StabilityPolicy, stabilize
from customer_identification.classify.trajectory import ValueTrajectoryClassifier
from customer_identification.classify.value import ABCClassifier
from customer_identification.classify.verdict import Override
from customer_identification.engines.layout import BatchClassifier, Layout
from customer_identification.errors import InvalidInputError
from customer_identification.identification import Identification, named
from customer_identification.needs.ranking import NeedRanking
from customer_identification.options import an_instance, words
from customer_identification.reading import summarize
from customer_identification.roles.book import RoleBook, trimmed
from customer_identification.service.treatment import ServicePolicy
from customer_identification.summary import Summary


if TYPE_CHECKING:
    from customer_identification.engines import EngineSummary


__all__ = [
    "IdentificationProgram",
    "Identifier",
    "identify",
]


def _default_classifiers() -> dict[str, Classifier]:
    return {
        "loyalty": LoyaltyClassifier(),
        "value": ABCClassifier(),
        "trajectory": ValueTrajectoryClassifier(),
    }


def _names(values: Any) -> tuple[str, ...]:
    return words("further", values)


def _check_further(further: tuple[str, ...], rules: Mapping[str, Any]) -> None:
    if any(name in rules for name in further):
        raise InvalidInputError(
            f"further classes must have names of their own, none of {', '.join(rules)}",
            code="bad_option",
        )


# --- the program ------------------------------------------------------------------


@frozen(kw_only=True)
class IdentificationProgram:
    """Which classifiers to fit, and whom to set apart before the others are read.

    By default transactional customers are set apart first, then value and trajectory
    are read among the others.

    Parameters
    ----------
    classifiers : mapping of str to Classifier, optional
        By name, in the order of reading; any object with `fit` will do. By default
        loyalty, value and trajectory.
    set_apart : (str, str) or None
        Name of a classifier, and the class of it whose customers the others leave out.
    stability : StabilityPolicy, optional
        How classes are held from one date to the next.
    service : ServicePolicy, optional
        Which service follows from the classes, and from the roles where it asks for any.
    further : tuple of str
        Names of classes by other data that lines of service may ask for, such as
        credit; :meth:`Identifier.identify` is given them.

    Raises
    ------
    InvalidInputError
        If a classifier has no `fit`, or the one to set apart by is not there.

    Examples
    --------
    >>> from customer_identification import ABCClassifier, IdentificationProgram
    >>> IdentificationProgram(
    ...     classifiers={"value": ABCClassifier(computed=True)}, set_apart=None
    ... )
    IdentificationProgram(value)
    """

    classifiers: Mapping[str, Classifier] = field(
        factory=_default_classifiers, converter=named, hash=False
    )
    set_apart: tuple[str, str] | None = ("loyalty", "transactional")
    stability: StabilityPolicy | None = None
    service: ServicePolicy | None = None
    further: tuple[str, ...] = field(default=(), converter=_names)

    def __attrs_post_init__(self) -> None:
        _check_further(self.further, self.classifiers)
        strange = [
            name
            for name, one in self.classifiers.items()
            if isinstance(one, type) or not callable(getattr(one, "fit", None))
        ]
        if strange:
            raise InvalidInputError(
                f"a classifier must have fit(summary); {', '.join(strange)} has not",
                code="not_a_classifier",
            )
        an_instance("stability", self.stability, StabilityPolicy, or_none=True)
        an_instance("service", self.service, ServicePolicy, or_none=True)
        if self.service is not None:
            self.service.check_rules(dict.fromkeys([*self.classifiers, *self.further]))
        apart: object = self.set_apart
        if apart is not None and not (
            isinstance(apart, tuple)
            and [type(one) for one in apart] == [str, str]
            and apart[0] in self.classifiers
        ):
            raise InvalidInputError(
                "set_apart must be (name of a classifier, class of it), or None",
                code="bad_option",
            )

    def __repr__(self) -> str:
        return f"IdentificationProgram({', '.join(self.classifiers)})"

    def fit(self, summary: Summary | EngineSummary) -> Identifier:
        """Learn the rules: first the one to set apart by, then the others without those.

        Parameters
        ----------
        summary : Summary or EngineSummary
            The population; in an engine it is asked for counts of groups only.
        """
        if self.set_apart is None:
            return self._fitted(summary, {})
        name, label = self.set_apart
        rule = self.classifiers[name].fit(cast(Summary, summary))
        if isinstance(summary, Summary):
            apart = rule.classify(summary).where(label)
            rest = summary.take(~apart) if apart.any() else summary
            return self._fitted(rest, {name: rule})
        by = Identifier(rules={name: rule})
        with summary.without(by, name, label) as others:
            return self._fitted(others, {name: rule})

    def _fitted(
        self, summary: Summary | EngineSummary, rules: Mapping[str, Rule]
    ) -> Identifier:
        """Fit the rules that are not there yet."""
        return Identifier(
            rules={
                name: rules[name]
                if name in rules
                else classifier.fit(cast(Summary, summary))
                for name, classifier in self.classifiers.items()
            },
            set_apart=self.set_apart,
            stability=self.stability,
            service=self.service,
            further=self.further,
        )


@frozen(kw_only=True)
class Identifier:
    """Fitted rules, ready for any summary; small, frozen, and JSON by `to_dict`.

    Attributes
    ----------
    rules : mapping of str to Rule
        By name.
    set_apart : (str, str) or None
        Rule and class whose customers the others leave out.
    stability : StabilityPolicy or None
        How classes are held from one date to the next.
    service : ServicePolicy or None
        Which service follows from them.
    further : tuple of str
        Names of classes by other data that lines of service may ask for.
    order : tuple of str
        Names of the rules in the order of reading; as in `rules` by default.
    """

    rules: Mapping[str, Rule] = field(converter=named, hash=False)
    set_apart: tuple[str, str] | None = None
    stability: StabilityPolicy | None = None
    service: ServicePolicy | None = None
    further: tuple[str, ...] = field(default=(), converter=_names)
    order: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        _check_further(self.further, self.rules)
        order = self.order or tuple(self.rules)
        if sorted(order) != sorted(self.rules):
            raise InvalidInputError(
                "order must name every rule once", code="bad_option"
            )
        object.__setattr__(self, "order", order)
        an_instance("stability", self.stability, StabilityPolicy, or_none=True)
        an_instance("service", self.service, ServicePolicy, or_none=True)
        if self.service is not None:
            further = dict.fromkeys(self.further)
            self.service.check_rules({**further, **self._labels()})

    def __repr__(self) -> str:
        return f"Identifier({', '.join(self.order)})"

    def _labels(self) -> dict[str, tuple[str, ...]]:
        """Give all classes that customers may have, by rule."""
        by = "" if self.set_apart is None else self.set_apart[0]
        more = () if self.set_apart is None else (APART,)
        return {
            name: (*rule.labels, *(() if name == by else more))
            for name, rule in self.rules.items()
        }

    def identify(
        self,
        summary: Summary,
        *,
        previous: Identification | Mapping[str, Classification] | None = None,
        overrides: Mapping[str, Iterable[Override]] | None = None,
        roles: RoleBook | None = None,
        further: Mapping[str, Classification] | None = None,
        needs: NeedRanking | None = None,
    ) -> Identification:
        """Give every customer of a summary their classes.

        Parameters
        ----------
        summary : Summary
            Of a million customers or of one; the verdict is the same. For one that
            stays in its engine see :meth:`EngineSummary.identify`.
        previous : Identification or mapping of str to Classification, optional
            Last time's, to hold classes by the stability policy, or by the default one
            where there is none; from the host's own store by
            :func:`classes_from_frame`.
        overrides : mapping of str to iterable of Override, optional
            Classes set by hand, by name of the rule.
        roles : RoleBook, optional
            What every party is to us; those in force on the summary's day count.
        further : mapping of str to Classification, optional
            Classes by other data than purchases, by name: such as prospect, credit and
            group; of customers and of others.
        needs : NeedRanking, optional
            What customers need, by :func:`rank_needs`.

        Raises
        ------
        InvalidInputError
            If `previous` or an override speaks of a rule or a class that is not there,
            lines of service ask for roles or further classes and there are none, or
            a further class has the name of a rule or speaks of a later day.
        """
        an_instance("summary", summary, Summary)
        an_instance("roles", roles, RoleBook, or_none=True)
        an_instance("needs", needs, NeedRanking, or_none=True)
        overrides, further = overrides or {}, self._checked(further, summary)
        before = previous.classes if isinstance(previous, Identification) else previous
        an_instance("previous", before, Mapping, or_none=True)
        for what, names in (("overrides", overrides), ("previous", before or {})):
            if any(name not in self.rules for name in names):
                raise InvalidInputError(
                    f"{what} must be for one of {', '.join(self.order)}",
                    code="unknown_rule",
                )
        classes = {
            name: self._steady(
                self.rules[name].classify(summary),
                (before or {}).get(name),
                overrides.get(name),
            )
            for name in self.order
        }
        if self.set_apart is not None:
            by, label = self.set_apart
            apart = classes[by].where(label)
            classes = {
                name: one if name == by else one.set_apart(apart)
                for name, one in classes.items()
            }
        book = None if roles is None else trimmed(roles.at(summary.as_of))
        if book is not None:
            check_same_kind(
                summary.customer_ids, book.ids, "ids of customers and roles"
            )
        if needs is not None:
            ids = summary.customer_ids
            check_same_kind(ids, needs.customer_ids, "ids of customers and needs")
            if needs.as_of > summary.as_of:
                raise InvalidInputError(
                    "needs must not speak of a later day than the summary",
                    code="bad_dates",
                )
        plan = None
        if self.service is not None:
            every = {**classes, **_as_read(further, summary)}
            plan = self.service.plan(every, roles=book)
        return Identification(
            summary=summary,
            classes=classes,
            set_apart=self.set_apart,
            roles=book,
            service=plan,
            further=further,
            needs=needs,
        )

    def _checked(self, further: object, summary: Summary) -> dict[str, Classification]:
        """Give the classes by other data, if they can stand beside those of the rules."""
        if further is None:
            return {}
        an_instance("further", further, Mapping)
        found: dict[str, Classification] = dict(further)  # type: ignore[call-overload]
        for name, one in found.items():
            an_instance("further", one, Classification)
            if type(name) is not str or name in self.rules:
                raise InvalidInputError(
                    "further classes must have names of their own, none of "
                    f"{', '.join(self.order)}",
                    code="unknown_rule",
                )
            if one.as_of > summary.as_of:
                raise InvalidInputError(
                    f"further classes must not speak of a later day than the summary; "
                    f"{name} do",
                    code="bad_dates",
                )
            check_same_kind(
                summary.customer_ids, one.customer_ids, f"ids of customers and {name}"
            )
        return found

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that :meth:`Identification.labels` gives."""
        service = () if self.service is None else ("service_level", "treatment")
        return (*(f"{name}_class" for name in self.order), *service)

    def on_batches(self, layout: Layout) -> BatchClassifier:
        """Give the rules as a pure function of Arrow record batches.

        Parameters
        ----------
        layout : Layout
            Of the frame with one row a customer; that of an :class:`EngineSummary`.

        Returns
        -------
        BatchClassifier
            For ``mapInArrow``, ``map_partitions``, ``map_batches`` and Arrow streams.

        Raises
        ------
        InvalidInputError
            If lines of service ask for roles: those are known only where
            :meth:`identify` is given them.
        """
        if self.further:
            raise InvalidInputError(
                "lines of service that ask for further classes need identify(..., "
                "further=) in this process; batches of an engine have none",
                code="missing_further",
            )
        if self.service is not None and self.service.roles:
            raise InvalidInputError(
                "lines of service that ask for roles need identify(..., roles=) in this "
                "process; batches of an engine have no roles",
                code="missing_roles",
            )
        return BatchClassifier(identifier=self, layout=layout)

    def _steady(
        self,
        classes: Classification,
        previous: Classification | None,
        overrides: Iterable[Override] | None,
    ) -> Classification:
        if self.stability is None and previous is None and overrides is None:
            return classes
        return stabilize(
            classes, previous, policy=self.stability, overrides=overrides or ()
        )


def _as_read(
    further: Mapping[str, Classification], summary: Summary
) -> dict[str, Classification]:
    """Give classes by other data as they stand for the customers of a summary."""
    ids, day = summary.customer_ids, summary.as_of
    return {name: evolve(one.covering(ids), as_of=day) for name, one in further.items()}


# --- one line of use ------------------------------------------------------------------


def identify(
    transactions: object,
    *,
    as_of: object,
    program: IdentificationProgram | None = None,
    roles: RoleBook | None = None,
    further: Mapping[str, Classification] | None = None,
    needs: NeedRanking | None = None,
    **keywords: Any,
) -> Identification:
    """Go from transactions to a reasoned verdict on every customer.

    Parameters
    ----------
    transactions : frame or iterable of Transaction
        As for :func:`summarize`.
    as_of : date, datetime or text
        The last day that counts.
    program : IdentificationProgram, optional
        The default sets transactional customers apart, then reads value and trajectory.
    roles : RoleBook, optional
        What every party is to us, by :func:`assign_roles`.
    further : mapping of str to Classification, optional
        Classes by other data than purchases, by name: such as prospect, credit, group.
    needs : NeedRanking, optional
        What customers need, by :func:`rank_needs`.
    **keywords
        As for :func:`summarize`: since, columns, period, minor_units, tz, on_bad_rows.

    Returns
    -------
    Identification

    Raises
    ------
    InvalidInputError
        As :func:`summarize` does.

    Examples
    --------
    >>> from datetime import date
    >>> from customer_identification import Transaction, identify
    >>> found = identify(
    ...     [
    ...         Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
    ...         for month in range(1, 9)
    ...         for one, amount in [("c1", 900), ("c2", 30 * month), ("c3", 9)]
    ...     ],
    ...     as_of="2011-08-31",
    ... )
    >>> found.counts()["value"]
    {'A': 1, 'B': 1, 'C': 1, 'none': 0, 'unknown': 0, 'apart': 0}
    >>> print(found.explain("c2").splitlines()[2])
    trajectory: win_share: value 1,080.00, at least 1,080.00, trend 3.00, at least 1.64, slope 20.0%, above 0.0%; rank 2 of 3 by value; 0.01 less value makes rising; waiting 65 more days without a purchase makes review
    """
    summary = summarize(transactions, as_of=as_of, **keywords)
    an_instance("program", program, IdentificationProgram, or_none=True)
    program = program or IdentificationProgram()
    identifier = program.fit(summary)
    return identifier.identify(summary, roles=roles, further=further, needs=needs)
