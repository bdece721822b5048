"""The front door: from transactions to a reasoned verdict on every customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from attrs import evolve, field, frozen
from numpy.typing import NDArray

from customer_identification.arrays import align, check_same_kind, position_of, union
from customer_identification.classify.base import (
    APART,
    Classification,
    Classifier,
    Rule,
)
from customer_identification.classify.loyalty import LoyaltyClassifier
from customer_identification.classify.migration import (
    Migration,
    migrate,
    stars_of_tomorrow,
)
from customer_identification.classify.stability import StabilityPolicy, stabilize
from customer_identification.classify.subsidy import Subsidy, subsidy_of
from customer_identification.classify.trajectory import ValueTrajectoryClassifier
from customer_identification.classify.value import ABCClassifier
from customer_identification.classify.verdict import Override, Verdict
from customer_identification.engines.layout import BatchClassifier, Layout
from customer_identification.errors import InvalidInputError
from customer_identification.frames import Labels, read_new_ids, to_frame
from customer_identification.options import an_instance
from customer_identification.reading import summarize
from customer_identification.roles.assigned import AssignedRole, in_short
from customer_identification.roles.book import RoleBook, trimmed
from customer_identification.service.plan import Service, ServicePlan
from customer_identification.service.treatment import ServicePolicy
from customer_identification.summary import Summary


if TYPE_CHECKING:
    from customer_identification.engines import EngineSummary


__all__ = [
    "Comparison",
    "Identification",
    "IdentificationProgram",
    "Identifier",
    "Profile",
    "identify",
]


def _default_classifiers() -> dict[str, Classifier]:
    return {
        "loyalty": LoyaltyClassifier(),
        "value": ABCClassifier(),
        "trajectory": ValueTrajectoryClassifier(),
    }


def _named(things: Any) -> dict[str, Any]:
    if not isinstance(things, Mapping) or not things:
        raise InvalidInputError(
            "there must be a mapping of names to at least one thing", code="bad_option"
        )
    return dict(things)


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
        factory=_default_classifiers, converter=_named, hash=False
    )
    set_apart: tuple[str, str] | None = ("loyalty", "transactional")
    stability: StabilityPolicy | None = None
    service: ServicePolicy | None = None

    def __attrs_post_init__(self) -> None:
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
            self.service.check_rules(dict.fromkeys(self.classifiers))
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
    order : tuple of str
        Names of the rules in the order of reading; as in `rules` by default.
    """

    rules: Mapping[str, Rule] = field(converter=_named, hash=False)
    set_apart: tuple[str, str] | None = None
    stability: StabilityPolicy | None = None
    service: ServicePolicy | None = None
    order: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        order = self.order or tuple(self.rules)
        if sorted(order) != sorted(self.rules):
            raise InvalidInputError(
                "order must name every rule once", code="bad_option"
            )
        object.__setattr__(self, "order", order)
        an_instance("stability", self.stability, StabilityPolicy, or_none=True)
        an_instance("service", self.service, ServicePolicy, or_none=True)
        if self.service is not None:
            self.service.check_rules(self._labels())

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

        Raises
        ------
        InvalidInputError
            If `previous` or an override speaks of a rule or a class that is not there,
            or lines of service ask for roles and there are none.
        """
        an_instance("summary", summary, Summary)
        an_instance("roles", roles, RoleBook, or_none=True)
        overrides = overrides or {}
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
        plan = None if self.service is None else self.service.plan(classes, roles=book)
        return Identification(
            summary=summary,
            classes=classes,
            set_apart=self.set_apart,
            roles=book,
            service=plan,
        )

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


# --- what is found ------------------------------------------------------------------


@frozen(kw_only=True)
class Profile:
    """All that is known of one customer: the numbers and the verdicts.

    Attributes
    ----------
    customer_id : int or str
        Kept out of repr.
    as_of : date
        The day it speaks of.
    numbers : dict of str to number
        The customer's row of the summary, money in major units.
    verdicts : dict of str to Verdict
        By name of the rule; none for a party that only has roles.
    roles : tuple of AssignedRole
        In force on that day.
    service : Service or None
        Level and treatment, with the line that gave them.
    """

    customer_id: int | str = field(repr=False)
    as_of: date
    numbers: Mapping[str, Any] = field(repr=False)
    verdicts: Mapping[str, Verdict] = field(repr=False)
    roles: tuple[AssignedRole, ...] = field(default=(), repr=False)
    service: Service | None = field(default=None, repr=False)

    def __str__(self) -> str:
        lines = [f"{name}: {one}" for name, one in self.verdicts.items()]
        if self.roles:
            lines.append(f"roles: {in_short(self.roles)}")
        if self.service is not None:
            lines.append(f"service: {self.service}")
        return "\n".join(lines)


@frozen(kw_only=True)
class Identification:
    """The classes of every customer with their reasons, and what follows from them.

    Attributes
    ----------
    summary : Summary
        What they were read from.
    classes : mapping of str to Classification
        By name of the rule.
    set_apart : (str, str) or None
        Rule and class whose customers the others leave out.
    roles : RoleBook or None
        What every party is to us on that day, parties who never bought included.
    service : ServicePlan or None
        Level and treatment of every customer.
    """

    summary: Summary
    classes: Mapping[str, Classification] = field(converter=_named, hash=False)
    set_apart: tuple[str, str] | None = None
    roles: RoleBook | None = None
    service: ServicePlan | None = None

    def __len__(self) -> int:
        return len(self.summary)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.summary.customer_ids.tolist())

    def __contains__(self, customer_id: object) -> bool:
        try:
            position_of(self.summary.customer_ids, customer_id)
        except KeyError:
            return False
        return True

    def __repr__(self) -> str:
        names = ", ".join(self.classes)
        return f"Identification({len(self):,} customers by {names}, as of {self.summary.as_of})"

    def profile(self, customer_id: int | str) -> Profile:
        """Give the numbers, verdicts, roles and service of a customer.

        Of a party that has roles and never bought, only the roles are known.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        roles = self._roles_of(customer_id)
        if roles and customer_id not in self:
            return Profile(
                customer_id=customer_id,
                as_of=self.summary.as_of,
                numbers={},
                verdicts={},
                roles=roles,
            )
        at = self.summary.position(customer_id)
        return Profile(
            customer_id=customer_id,
            as_of=self.summary.as_of,
            numbers=self.summary.row(at),
            verdicts={name: one[customer_id] for name, one in self.classes.items()},
            roles=roles,
            service=None if self.service is None else self.service[customer_id],
        )

    def _roles_of(self, party_id: int | str) -> tuple[AssignedRole, ...]:
        try:
            return () if self.roles is None else self.roles.roles_of(party_id)
        except KeyError:
            return ()

    def explain(self, customer_id: int | str) -> str:
        """Say in words which classes a customer has and why, one line a rule.

        Raises
        ------
        UnknownCustomerError
            If nobody here has that id.
        """
        return str(self.profile(customer_id))

    def counts(self) -> dict[str, dict[str, int]]:
        """Give the number of customers of each class, by rule."""
        return {name: one.counts() for name, one in self.classes.items()}

    def to_frame(self) -> Any:
        """Give one row a customer, numbers and classes, as the host's kind of frame.

        The columns of classes have the names of the rules with ``_class`` behind; with
        roles there is one of these for each kind that a party here has, such as
        ``is_agent``; with service there are ``service_level`` and ``treatment``.
        """
        columns: dict[str, Any] = {**self.summary.columns(), **self.labels()}
        if self.roles is not None:
            ids = self.summary.customer_ids
            for kind, n in self.roles.counts().items():
                if n:
                    columns[f"is_{kind}"] = self.roles.holds(ids, kind)
        return to_frame(columns, self.summary.kind)

    def labels(self) -> dict[str, Labels]:
        """Give the class of every customer by each rule, and the service, as columns."""
        columns = {
            f"{name}_class": Labels(codes=one.codes, words=one.labels)
            for name, one in self.classes.items()
        }
        return columns if self.service is None else columns | self.service.labels()

    @property
    def ids(self) -> NDArray[Any]:
        """All who are here, sorted: the customers, and parties with roles."""
        ids = self.summary.customer_ids
        return ids if self.roles is None else union(ids, self.roles.ids)[0]

    def renamed(self, new_ids: NDArray[Any]) -> Identification:
        """Give everybody a new id, as :func:`pseudonymize` does.

        Parameters
        ----------
        new_ids : ndarray of int or object
            Of all in the order of `ids`, all different.

        Raises
        ------
        InvalidInputError
            If they are not as many, or not all different.
        """
        new = read_new_ids(new_ids, self.ids.size)
        names = new.unique[new.codes]
        own = names[align(self.summary.customer_ids, self.ids)[0]]
        book = self.roles
        if book is not None:
            book = book.renamed(names[align(book.ids, self.ids)[0]])
        return evolve(
            self,
            summary=self.summary.renamed(own),
            classes={name: one.renamed(own) for name, one in self.classes.items()},
            roles=book,
            service=None if self.service is None else self.service.renamed(own),
        )

    def reworded(self, new_of: Callable[[list[Any]], list[Any]]) -> Identification:
        """Give orders in the history, and agreements, other ids.

        Parameters
        ----------
        new_of : callable
            Gives as many new ids, all distinct, for a list of distinct ones.
        """
        return evolve(
            self,
            summary=self.summary.reworded(new_of),
            roles=None if self.roles is None else self.roles.reworded(new_of),
        )

    def compare(self, previous: Identification) -> Comparison:
        """Tell what changed since an earlier identification by the same rules.

        Raises
        ------
        InvalidInputError
            If it is later, or has other rules.
        """
        an_instance("previous", previous, Identification)
        if previous.classes.keys() != self.classes.keys():
            raise InvalidInputError(
                "both must have been identified by rules of the same names",
                code="other_rules",
            )
        return Comparison(
            migrations={
                name: migrate(
                    previous.classes[name],
                    one,
                    summaries=(previous.summary, self.summary),
                )
                for name, one in self.classes.items()
            }
        )

    def stars(self) -> NDArray[Any]:
        """Give the ids of the stars of tomorrow: smaller customers on their way up.

        Smaller are all below the first class of the rule named value.

        Raises
        ------
        InvalidInputError
            If there are no rules named value and trajectory.
        """
        if not {"value", "trajectory"} <= self.classes.keys():
            raise InvalidInputError(
                "stars need rules named 'value' and 'trajectory'", code="other_rules"
            )
        values = self.classes["value"]
        smaller = [
            one for one in values.labels[1:] if one not in {"none", "unknown", APART}
        ]
        return stars_of_tomorrow(values, self.classes["trajectory"], classes=smaller)

    def subsidy(self, by: str = "loyalty") -> Subsidy:
        """Tell how far some classes pay for others, relational for transactional first.

        Parameters
        ----------
        by : str
            Name of the rule whose classes are compared.

        Raises
        ------
        InvalidInputError
            If there is no such rule, or no amounts.
        """
        if by not in self.classes:
            raise InvalidInputError(
                f"by must be one of {', '.join(self.classes)}", code="unknown_rule"
            )
        return subsidy_of(self.summary, self.classes[by])


@frozen(kw_only=True)
class Comparison:
    """What changed between two identifications.

    Attributes
    ----------
    migrations : mapping of str to Migration
        By name of the rule.
    """

    migrations: Mapping[str, Migration] = field(converter=_named, hash=False)

    def __getitem__(self, name: str) -> Migration:
        return self.migrations[name]

    def __str__(self) -> str:
        lines = []
        for name, one in self.migrations.items():
            changes = ", ".join(
                f"{label} {after:,} ({change:+,})"
                for label, (_, after, change) in one.counts().items()
            )
            lines.append(
                f"{name}: {changes}; {one.entered.size:,} entered, {one.left.size:,} left"
            )
        return "\n".join(lines)


# --- one line of use ------------------------------------------------------------------


def identify(
    transactions: object,
    *,
    as_of: object,
    program: IdentificationProgram | None = None,
    roles: RoleBook | None = None,
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
    return program.fit(summary).identify(summary, roles=roles)
