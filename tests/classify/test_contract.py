"""Every strategy of the library keeps the contract, and each promise is really asked."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve, field, frozen

import datasets
from customer_identification import (
    ABCClassifier,
    ABCRule,
    AttitudeLoyaltyClassifier,
    Classification,
    Condition,
    InvalidInputError,
    Line,
    LoyaltyClassifier,
    LoyaltyWeights,
    Measure,
    Reason,
    Summary,
    TermClassifier,
    Transaction,
    ValueTrajectoryClassifier,
    Verdict,
    classify_by,
    measure_of,
    summarize,
)
from customer_identification.testing import check_classifier


# --- a strategy of the host's own -----------------------------------------------------


@frozen
class BasketRule:
    """Customers whose average purchase is large."""

    large: float

    @property
    def labels(self) -> tuple[str, ...]:
        return ("large", "small", "unknown")

    def classify(self, summary: Summary) -> Classification:
        value = measure_of(summary, "value", "money")
        basket = np.full(len(summary), np.nan)
        np.divide(
            value.values, summary.purchases, out=basket, where=summary.purchases > 0
        )
        lines = (
            Line("large", (Condition("basket", ">=", self.large),), sticky=True),
            Line("small", (Condition("basket", "<", self.large),), sticky=True),
            Line("unknown", (), ("basket",)),
        )
        measures = {"basket": evolve(value, values=basket)}
        return classify_by(summary, lines, measures, labels=self.labels, ordered=True)


@frozen
class BasketClassifier:
    share: float = 0.8

    def fit(self, summary: Summary) -> BasketRule:
        baskets = BasketRule(0).classify(summary).measures["basket"].values
        known = baskets[~np.isnan(baskets)]
        return BasketRule(float(np.quantile(known, self.share)) if known.size else 0.0)


# --- everything keeps the contract ----------------------------------------------------


def mixed() -> Summary:
    """Give customers of every kind: rising, falling, late, new, refunded, worth nothing."""
    sales = []
    for one in range(60):
        for month in range(one % 11, 12 - (one % 5 == 0) * 4):
            steps = month * (one % 7 - 3) * 5
            amount = max(0, one**2 % 97 * 3 + steps)
            day = date(2011, month + 1, 1 + (one * 7 + month * (one % 4)) % 28)
            common: dict[str, Any] = {
                "customer_id": one,
                "date": day,
                "order_id": one * 100 + month,
            }
            words: dict[str, Any] = {
                "category": ("food", "toys", "tools")[(one + month) % 3],
                "channel": ("web", "shop")[one % 2],
            }
            off = amount // 10 if one % 3 and month % 3 else 0
            sales.append(Transaction(**common, **words, amount=amount, discount=off))
            if one % 9 == 4:
                back = {**common, "date": day + timedelta(days=1)}
                sales.append(Transaction(**back, amount=-amount - (one % 2)))
    sales += [
        Transaction(customer_id=one, date=date(2011, 3, 5), amount=amount)
        for one, amount in [(100, 0), (101, -5), (102, 1), (103, 25_000)]
    ]
    summary = summarize(sales, as_of="2011-12-31")
    assert summary.value is not None
    sway = summary.customer_ids * 37 % 101 * 10_000
    summary = evolve(summary, network_value=summary.value + sway)
    return summary.with_attitudes({one: (one % 5 - 2) / 2 for one in range(0, 60, 2)})


def more_sway(summary: Summary, position: int) -> Summary:
    """Let a customer influence others who are worth a thousand more."""
    if summary.network_value is None:
        return summary
    value = summary.network_value.copy()
    value[position] += 100_000
    return evolve(summary, network_value=value)


def full_price(summary: Summary, position: int) -> Summary:
    """Let a customer buy half as much at a discount."""
    if summary.discounted is None:
        return summary
    discounted = summary.discounted.copy()
    discounted[position] //= 2
    return evolve(summary, discounted=discounted)


def earlier(summary: Summary, position: int) -> Summary:
    """Let a customer have bought three months before, too."""
    if summary.first_purchase is None:
        return summary
    first = summary.first_purchase.copy()
    first[position] -= np.timedelta64(90, "D")
    return evolve(summary, first_purchase=first)


ALL: dict[str, tuple[Any, Any]] = {
    "by value": (ABCClassifier(), None),
    "by value, five classes": (
        ABCClassifier(value_shares=(0.2, 0.4, 0.6, 0.8), classes=tuple("VWXYZ")),
        None,
    ),
    "by value including influence": (
        ABCClassifier(measure="network_value"),
        more_sway,
    ),
    "by customers": (ABCClassifier(customer_shares=(0.05, 0.20)), None),
    "by thresholds": (ABCClassifier(thresholds=(1_000, 100)), None),
    "by computed limits": (ABCClassifier(computed=True), None),
    "trajectory": (ValueTrajectoryClassifier(), None),
    "trajectory, seasonal": (
        ValueTrajectoryClassifier(seasonal=True, min_slope=0.01, min_periods=3),
        None,
    ),
    "loyalty": (LoyaltyClassifier(), full_price),
    "loyalty by price alone": (
        LoyaltyClassifier(
            weights=LoyaltyWeights(price=1, regularity=0, pace=0, breadth=0, tenure=0),
            limit=0.7,
        ),
        full_price,
    ),
    "loyalty by value": (LoyaltyClassifier(min_purchase_days=1), None),
    "term": (TermClassifier(), earlier),
    "attitude": (AttitudeLoyaltyClassifier(), None),
    "a host's own": (BasketClassifier(), None),
}


@pytest.mark.parametrize("name", ALL)
def test_every_strategy_keeps_the_contract(name: str) -> None:
    classifier, reward = ALL[name]
    check_classifier(classifier, mixed(), reward=reward)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("source", ["complete_journey_200", "cdnow_sample"])
def test_every_strategy_keeps_the_contract_on_real_data(name: str, source: str) -> None:
    classifier, reward = ALL[name]
    check_classifier(classifier, real(source), reward=reward)


def real(name: str) -> Summary:
    data = getattr(datasets, name)()
    return summarize(data.frame, **data.call)


def test_the_mixed_customers_are_of_many_classes() -> None:
    summary = mixed()
    given = {
        name: {
            label
            for label, n in classifier.fit(summary).classify(summary).counts().items()
            if n
        }
        for name, (classifier, _) in ALL.items()
    }
    assert given["by value"] == {"A", "B", "C", "none"}
    assert given["trajectory"] >= {"retain", "rising", "stable", "review", "dormant"}
    assert given["loyalty"] == {"relational", "transactional", "unknown"}
    assert given["term"] == {"long_term", "temporary", "unknown"}
    kinds = {"true", "latent", "spurious", "none", "unknown"}
    assert given["attitude"] == kinds
    assert given["a host's own"] == {"large", "small", "unknown"}


def test_one_customer_is_enough_and_none_is_not() -> None:
    summary = mixed()
    check_classifier(ABCClassifier(), summary.take(slice(0, 1)))
    with pytest.raises(InvalidInputError, match="must have a customer"):
        check_classifier(ABCClassifier(), summary.take(slice(0, 0)))


# --- each promise is asked: strategies that break one ---------------------------------


@frozen
class Broken:
    """ABC classes by share of value, spoilt by `spoil`; a rule of its own to learn."""

    inner: ABCRule

    @property
    def labels(self) -> tuple[str, ...]:
        return self.inner.labels

    def classify(self, summary: Summary) -> Classification:
        return self.spoil(self.inner.classify(summary), summary)

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        raise NotImplementedError

    @classmethod
    def fit(cls, summary: Summary) -> Any:
        return cls(ABCClassifier().fit(summary))


def with_codes(classes: Classification, codes: Any, **changed: Any) -> Classification:
    return evolve(classes, codes=np.asarray(codes, dtype=np.int8), **changed)


def known(summary: Summary) -> Any:
    return np.zeros(len(summary)) if summary.value is None else summary.value


@frozen
class OnlyOneIsBest(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        codes = np.ones(len(summary), dtype=np.int8)
        codes[np.argmax(known(summary))] = 0
        return with_codes(classes, codes)


@frozen
class FirstRowIsTheMeasure(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return with_codes(classes, known(summary) < known(summary)[0])


@frozen
class FirstRowIsLearnt(Broken):
    first: float = 0

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes

    @classmethod
    def fit(cls, summary: Summary) -> Any:
        return cls(ABCClassifier().fit(summary), float(known(summary)[0]))


@frozen
class AboveTheMean(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return with_codes(classes, known(summary) < known(summary).mean())


@frozen
class UpsideDown(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        limit = self.inner.limits[0].value
        return with_codes(classes, known(summary) > limit)


@frozen
class FewestPurchasesAreBest(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        purchases = measure_of(summary, "purchases", "count")
        return with_codes(
            classes,
            summary.purchases > 1,
            measures={"purchases": purchases, **classes.measures},
        )


@frozen
class NothingIsUnknown(Broken):
    @property
    def labels(self) -> tuple[str, ...]:
        return ("A", "B", "C", "none", "rest")

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return evolve(classes, labels=self.labels)


@frozen
class CannotDoWithoutValue(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return with_codes(classes, summary.value * 0 + classes.codes)  # type: ignore[operator]


@frozen
class SilentZero(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        zero = Measure(np.nan_to_num(classes.measures["value"].values), "money")
        if summary.value is None:
            classes = with_codes(classes, np.full(len(summary), 3))
        return evolve(classes, measures={"value": zero})


@frozen
class SilentClass(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        is_unknown = classes.codes == self.labels.index("unknown")
        return with_codes(classes, np.where(is_unknown, 3, classes.codes))


@frozen
class SilentOtherMeasure(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        made_up = {"score": Measure(np.zeros(len(summary)))}
        if summary.value is None:
            classes = with_codes(classes, np.full(len(summary), 3))
        return evolve(classes, measures={**classes.measures, **made_up})


@frozen
class CannotDoWithoutCustomers(Broken):
    @classmethod
    def fit(cls, summary: Summary) -> Any:
        known(summary).max()
        return cls(ABCClassifier().fit(summary))

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen
class ForgetsALimit(Broken):
    extra: int = field(default=0, init=False)

    @classmethod
    def fit(cls, summary: Summary) -> Any:
        rule = cls(ABCClassifier().fit(summary))
        object.__setattr__(rule, "extra", 5)  # not by __init__, so not in JSON either
        return rule

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen
class HoldsAnArray(Broken):
    numbers: Any = field(factory=lambda: np.array([1]), eq=False)

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen(eq=False)
class NeverEqual(Broken):
    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen
class CannotHash(Broken):
    names: dict[str, int] = field(factory=dict)

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen(unsafe_hash=False, eq=True)
class HashesByIdentity(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes

    def __hash__(self) -> int:
        return id(self)


@frozen
class WithoutReasons(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        bare = tuple(Line(line.label, ()) for line in classes.lines[-1:])
        return evolve(classes, lines=bare)


@frozen(kw_only=True)
class HalfAReason(Classification):
    def __getitem__(self, customer_id: int | str) -> Verdict:
        verdict = super().__getitem__(customer_id)
        reason: Reason = evolve(verdict.reasons[0], relation=">=", limit=None)
        return evolve(verdict, reasons=(reason,))


@frozen
class HalfReasons(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return HalfAReason(
            customer_ids=classes.customer_ids,
            codes=classes.codes,
            labels=classes.labels,
            as_of=classes.as_of,
            lines=classes.lines,
            measures=classes.measures,
        )


@frozen
class LeavesOneOut(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return self.inner.classify(summary.take(slice(1, None)))


@frozen
class NamesNoClass(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return with_codes(classes, np.full(len(summary), 77))


@frozen
class RefusesLessByAsserting(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        if summary.value is None:
            raise AssertionError("ours alone")
        return classes


@frozen
class RefusesNobodyByAsserting(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        if not len(summary):
            raise AssertionError("ours alone")
        return classes


BROKEN = [
    (RefusesLessByAsserting, "ours alone"),
    (RefusesNobodyByAsserting, "ours alone"),
    (OnlyOneIsBest, "equal customers must get equal classes"),
    (FirstRowIsTheMeasure, "order of rows and the ids must not matter to a rule"),
    (FirstRowIsLearnt, "order of rows and the ids must not matter to what is learnt"),
    (AboveTheMean, "a customer alone must get the same verdict as among all"),
    (UpsideDown, "more value must never give a worse class; A became B"),
    (FewestPurchasesAreBest, "the best customer must not be below the best class"),
    (NothingIsUnknown, "one of the labels must be for what is unknown"),
    (CannotDoWithoutValue, "unknown class, not TypeError where a summary has no value"),
    (SilentZero, "what is unknown must stay nan; value became a number"),
    (SilentClass, "what is unknown must give an unknown class; got none"),
    (SilentOtherMeasure, "what is unknown must give an unknown class; got none"),
    (CannotDoWithoutCustomers, "no customers must give no classes, not ValueError"),
    (ForgetsALimit, "a rule must survive JSON and classify as before"),
    (HoldsAnArray, "a rule must survive JSON: "),
    (NeverEqual, "NeverEqual must compare equal to its copy"),
    (CannotHash, "CannotHash must hash: "),
    (HashesByIdentity, "HashesByIdentity must hash as its copy does"),
    (WithoutReasons, "every verdict must carry its reasons"),
    (HalfReasons, "with a relation also limit and margin; one of"),
    (LeavesOneOut, "every customer must get one class"),
    (NamesNoClass, "every class must be one of the labels"),
]


@pytest.mark.parametrize(
    ("broken", "sentence"), BROKEN, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_broken_promise_is_named(broken: Any, sentence: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_classifier(broken, mixed())
    assert sentence in str(caught.value)


def test_a_rule_that_nobody_can_find_does_not_pickle() -> None:
    @frozen
    class Local(Broken):
        def spoil(self, classes: Classification, summary: Summary) -> Classification:
            return classes

    with pytest.raises(AssertionError, match="Local must pickle"):
        check_classifier(Local, mixed())


@frozen
class Unhashable(Broken):
    __hash__ = None  # type: ignore[assignment]

    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return classes


@frozen
class WithoutMeasures(Broken):
    def spoil(self, classes: Classification, summary: Summary) -> Classification:
        return evolve(classes, lines=(), measures={})


def test_what_says_it_cannot_hash_need_not() -> None:
    with pytest.raises(TypeError):
        hash(Unhashable.fit(mixed()))
    check_classifier(Unhashable, mixed())


def test_data_without_value_can_be_checked_too() -> None:
    without = evolve(
        mixed(),
        value=None,
        amount=None,
        period_values=None,
        discounted=None,
        discount_known=None,
    )
    check_classifier(ABCClassifier(), without)
    check_classifier(LoyaltyClassifier(), without)
    with pytest.raises(AssertionError, match="must carry its reasons"):
        check_classifier(WithoutMeasures, without)


def test_promises_are_asked_under_python_o_too() -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_contract import UpsideDown, check_classifier, mixed\n"
        "try:\n"
        "    check_classifier(UpsideDown, mixed())\n"
        "except AssertionError as error:\n"
        "    print(error)\n"
    )
    here = Path(__file__).parent
    paths = [str(here), str(here.parent), str(here.parents[1] / "src")]
    found = subprocess.run(  # noqa: S603  our own script
        [sys.executable, "-O", "-c", script, *paths],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "more value must never give a worse class" in found.stdout


def test_a_reward_that_is_not_followed_is_found_out() -> None:
    def less(summary: Summary, position: int) -> Summary:
        assert position == 0
        assert summary.value is not None
        return evolve(summary, value=summary.value // 2)

    with pytest.raises(AssertionError, match="never give a worse class"):
        check_classifier(ABCClassifier(), mixed(), reward=less)
    check_classifier(ValueTrajectoryClassifier(), mixed(), reward=less)
