"""Evidence and bins against plain loops in fractions, and against printed tables."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from customer_identification.scorecard.binning import (
    BinLimits,
    bin_codes,
    bin_numbers,
    bin_words,
    information_value,
    weight_of_evidence,
)


few = settings(max_examples=60)
FREE = BinLimits(200, 0, 0)  # no bin is too small, and none are too alike

# --- printed tables ---------------------------------------------------------------------
# In all of them the weight is ln(share of all good / share of all bad), as it is here.

# MathWorks, Financial Toolbox, reference page of `bininfo`: "Display Bin Information
# Using Default Options", home of 1,200 borrowers of Refaat 2011, "Credit Risk Scorecards".
# https://www.mathworks.com/help/finance/creditscorecard.bininfo.html
HOMES = [[365, 177], [307, 167], [131, 53]]
HOME_WEIGHTS = [0.019329, -0.095564, 0.20049]
HOME_VALUES = [0.0001682, 0.0036638, 0.0059418]

# T. Greif, "R Credit Scoring - WoE & Information Value in woe Package", 23 July 2013
# (R-bloggers): age of the 1,000 borrowers of the German credit data.
AGES = [[110, 80], [74, 27], [172, 85], [108, 24], [236, 84]]
AGE_WEIGHTS = [-0.53, 0.16, -0.14, 0.66, 0.19]
AGE_VALUES = [0.06, 0.00, 0.01, 0.05, 0.01]

# R package InformationValue 1.2.3, printed by WOETable() on 13 cases in a public notebook.
LETTERS = [[2, 2], [3, 1], [3, 2]]
LETTER_WEIGHTS = [-0.47000363, 0.62860866, -0.06453852]
LETTER_VALUES = [0.070500544, 0.110006515, 0.001613463]


@pytest.mark.parametrize(
    ("counts", "weights", "values", "digits", "total"),
    [
        (HOMES, HOME_WEIGHTS, HOME_VALUES, 5e-6, 0.0097738),
        (AGES, AGE_WEIGHTS, AGE_VALUES, 5e-3, 0.13),
        (LETTERS, LETTER_WEIGHTS, LETTER_VALUES, 5e-9, sum(LETTER_VALUES)),
    ],
)
def test_printed_tables_of_evidence_come_out(
    counts: Any, weights: Any, values: Any, digits: float, total: float
) -> None:
    counts = np.array(counts)
    found = weight_of_evidence(counts)
    np.testing.assert_allclose(found, weights, rtol=0, atol=digits)
    shares = counts / counts.sum(axis=0)
    by_bin = (shares[:, 0] - shares[:, 1]) * found
    np.testing.assert_allclose(by_bin, values, rtol=0, atol=digits)
    assert information_value(counts) == pytest.approx(total, abs=2 * digits)


def test_turning_good_and_bad_round_turns_the_evidence_round_and_keeps_its_value() -> (
    None
):
    counts = np.array(AGES)
    turned = counts[:, ::-1]
    np.testing.assert_allclose(
        weight_of_evidence(turned), -weight_of_evidence(counts), atol=1e-15
    )
    assert information_value(turned) == pytest.approx(information_value(counts))


# --- against plain loops -----------------------------------------------------------------

cells = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=6
).filter(lambda one: all(map(sum, zip(*one, strict=True))))


def plain_weights(counts: Any, all_good: int, all_bad: int) -> list[float]:
    found = []
    for good, bad in counts:
        half = Fraction(1, 2) if 0 in {good, bad} else 0
        odds = (good + half) / (Fraction(bad) + half) / Fraction(all_good, all_bad)
        found.append(math.log(odds) if good or bad else 0.0)
    return found


@few
@given(cells)
def test_evidence_and_information_are_those_of_fractions(counts: Any) -> None:
    all_good, all_bad = map(sum, zip(*counts, strict=True))
    expected = plain_weights(counts, all_good, all_bad)
    array = np.array(counts)
    np.testing.assert_allclose(weight_of_evidence(array), expected, atol=1e-12)
    value = sum(
        float(Fraction(good, all_good) - Fraction(bad, all_bad)) * weight
        for (good, bad), weight in zip(counts, expected, strict=True)
    )
    assert information_value(array) == pytest.approx(value, abs=1e-12)
    assert information_value(array) >= -1e-12


def test_evidence_may_be_held_against_the_totals_of_more_bins() -> None:
    found = weight_of_evidence(np.array([[30, 10]]), np.array([40, 40]))
    assert found[0] == pytest.approx(math.log(3))


@few
@given(
    st.lists(st.one_of(st.floats(allow_infinity=False), st.just(-0.0)), max_size=30),
    st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5, unique=True),
)
def test_the_bin_is_how_many_limits_a_value_reaches(
    values: list[float], limits: list[float]
) -> None:
    limits.sort()
    found = bin_codes(np.array(values, float), np.array(limits, float))
    assert found.tolist() == [
        len(limits) + 1 if math.isnan(one) else sum(one >= limit for limit in limits)
        for one in values
    ]


def rows_of(counts: Any) -> tuple[Any, Any]:
    """Give values 0, 1, 2 ... and outcomes with these counts."""
    values, good = [], []
    for value, (n_good, n_bad) in enumerate(counts):
        values += [float(value)] * (n_good + n_bad)
        good += [True] * n_good + [False] * n_bad
    return np.array(values), np.array(good)


def log_likelihood(counts: Any) -> float:
    return sum(
        n * math.log(n / (good + bad)) for good, bad in counts for n in (good, bad) if n
    )


def partitions(n: int) -> Any:
    """Give all ways to cut 0 .. n-1 into runs, as lists of where they end."""
    for inner in itertools.chain.from_iterable(
        itertools.combinations(range(1, n), k) for k in range(n)
    ):
        yield [*inner, n]


def pooled(counts: Any, ends: Any) -> list[tuple[int, int]]:
    starts = [0, *ends[:-1]]
    return [
        tuple(map(sum, zip(*counts[a:b], strict=True)))
        for a, b in zip(starts, ends, strict=True)
    ]


def goes_up(counts: Any, *, strictly: bool = False) -> bool:
    shares = [Fraction(good, good + bad) for good, bad in counts]
    return all(
        a < b or (a == b and not strictly) for a, b in itertools.pairwise(shares)
    )


def evidence_rises(counts: Any) -> bool:
    """Tell whether evidence, with its half cases, never falls."""
    half = [(good, bad, Fraction(0 in {good, bad}, 2)) for good, bad in counts]
    odds = [(good + more) / (bad + more) for good, bad, more in half]
    return all(a <= b for a, b in itertools.pairwise(odds))


full_cells = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(any), min_size=2, max_size=7
).filter(lambda one: all(map(sum, zip(*one, strict=True))))


@few
@given(full_cells, st.sampled_from(["increasing", "decreasing", "auto"]))
def test_no_monotone_pooling_is_more_likely_than_ours(
    counts: Any, direction: Any
) -> None:
    values, good = rows_of(counts)
    limits, found, _ = bin_numbers(values, good, FREE, direction=direction)
    assert found[-1].tolist() == [0, 0]
    ours = found[:-1].tolist()
    mirrored = [(bad, good) for good, bad in ours]
    assert goes_up(ours if direction == "increasing" else mirrored) or (
        direction == "auto" and goes_up(ours)
    )
    ways = {
        "increasing": (counts,),
        "decreasing": ([one[::-1] for one in counts],),
        "auto": (counts, [one[::-1] for one in counts]),
    }[direction]
    every = [
        some
        for way in ways
        for ends in partitions(len(counts))
        if goes_up(some := pooled(way, ends), strictly=True)
    ]
    best = max(map(log_likelihood, every))
    turned = {"increasing": [ours], "decreasing": [mirrored]}
    assert any(map(evidence_rises, turned.get(direction, [ours, mirrored])))
    assert log_likelihood(ours) <= best + 1e-9
    # bins without good or bad ones are drawn to the middle: only these are pooled more
    if all(evidence_rises(one) for one in every if log_likelihood(one) > best - 1e-9):
        assert log_likelihood(ours) == pytest.approx(best, abs=1e-9)
    # each bin holds what its limits say
    codes = bin_codes(values, limits)
    for code, (n_good, n_bad) in enumerate(ours):
        assert int(good[codes == code].sum()) == n_good
        assert int((~good)[codes == code].sum()) == n_bad


def plain_chi2(a: Any, b: Any) -> Fraction:
    """Pearson's chi-squared of two bins, as the sum over four cells."""
    n = [sum(a), sum(b)]
    total = Fraction(0)
    for column in (0, 1):
        of_column = a[column] + b[column]
        for cell, rows in ((a[column], n[0]), (b[column], n[1])):
            expected = Fraction(of_column * rows, sum(n))
            if expected:
                total += (cell - expected) ** 2 / expected
    return total


@few
@given(st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_our_own_chi_squared_is_that_of_scipy(cells: list[int]) -> None:
    a, b = cells[:2], cells[2:]
    expected = chi2_contingency([a, b], correction=False).statistic
    assert float(plain_chi2(a, b)) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def plain_merge(counts: Any, limits: BinLimits) -> list[list[int]]:
    """Merge by the book: too small ones first, then the most alike. Kerber 1992."""
    bins = [[i] for i in range(len(counts))]
    counts = [tuple(one) for one in counts]
    while len(counts) > 1:
        apart = [plain_chi2(a, b) for a, b in itertools.pairwise(counts)]
        small = [sum(one) < limits.min_rows for one in counts]
        pairs = range(len(apart))
        if any(small):
            pairs = [i for i in pairs if small[i] or small[i + 1]]
        elif len(counts) <= limits.n_bins and min(apart) >= limits.min_chi2:
            break
        at = min(pairs, key=lambda i: apart[i])
        counts[at : at + 2] = [
            (counts[at][0] + counts[at + 1][0], counts[at][1] + counts[at + 1][1])
        ]
        bins[at : at + 2] = [bins[at] + bins[at + 1]]
    return bins


some_limits = st.builds(
    BinLimits,
    st.integers(2, 8),
    st.sampled_from([0.0, 1.0, 3.5, 8.0]),
    st.sampled_from([0.0, 0.5, 1.074, 3.84]),
)


@few
@given(full_cells, some_limits)
def test_bins_of_numbers_are_merged_as_by_plain_loops(
    counts: Any, limits: BinLimits
) -> None:
    values, good = rows_of(counts)
    cuts, _, n_fine = bin_numbers(values, good, limits, direction="any")
    expected = plain_merge(counts, limits)
    assert cuts.tolist() == [part[0] for part in expected[1:]]
    assert n_fine == len(counts)


@few
@given(full_cells, some_limits)
def test_words_are_grouped_as_by_plain_loops(counts: Any, limits: BinLimits) -> None:
    groups, others = bin_words(np.array(counts), limits)
    own = [
        i for i, one in enumerate(counts) if sum(one) >= limits.min_rows and any(one)
    ]
    own.sort(key=lambda i: Fraction(counts[i][0], sum(counts[i])))
    merged = plain_merge([counts[i] for i in own], limits) if own else []
    expected = [sorted(own[at] for at in part) for part in merged]
    assert [part.tolist() for part in groups] == expected
    rest = [one for i, one in enumerate(counts) if i not in own]
    assert others.tolist() == [sum(one[k] for one in rest) for k in (0, 1)]


def test_the_default_significance_is_the_limit_of_the_chi_squared_table() -> None:
    from customer_identification import ScorecardPolicy  # noqa: PLC0415

    policy = ScorecardPolicy()
    # Abramowitz & Stegun 1964, table 26.8: P(chi2 with one degree > 1.07420) = 0.30
    assert chi2.isf(policy.significance, 1) == pytest.approx(1.07420, abs=5e-5)


@few
@given(
    st.lists(st.integers(-40, 40), min_size=2, max_size=200),
    st.integers(2, 30),
    st.randoms(use_true_random=False),
)
def test_fine_bins_are_few_full_and_keep_equal_values_together(
    values: list[int], n_fine: int, random: Any
) -> None:
    good = np.array([random.random() < 0.5 for _ in values])
    array = np.array(values, float)
    limits, counts, n_bins = bin_numbers(
        array, good, FREE, direction="any", n_fine=n_fine
    )
    assert limits.size + 1 == n_bins <= n_fine
    assert (np.diff(limits) > 0).all()
    assert (counts[:-1].sum(axis=1) > 0).all()
    if len(set(values)) <= n_fine:  # each value has a bin of its own
        ordered = sorted(set(values))
        ends = zip(ordered, limits.tolist(), ordered[1:], strict=False)
        assert limits.size == len(ordered) - 1
        assert all(low < limit <= high for low, limit, high in ends)
    assert counts.sum() == len(values)


@few
@given(
    st.lists(st.one_of(st.just(math.nan), st.integers(0, 9)), min_size=1, max_size=40),
    st.sampled_from(["auto", "increasing", "decreasing", "any"]),
    some_limits,
    st.randoms(use_true_random=False),
)
def test_everybody_is_counted_in_one_bin_and_the_unknown_in_the_last(
    values: list[float], direction: Any, limits: BinLimits, random: Any
) -> None:
    good = np.array([random.random() < 0.5 for _ in values])
    array = np.array(values, float)
    cuts, counts, _ = bin_numbers(array, good, limits, direction=direction)
    codes = bin_codes(array, cuts)
    for code in range(cuts.size + 2):
        here = codes == code
        assert counts[code].tolist() == [
            int(good[here].sum()),
            int((~good)[here].sum()),
        ]
    assert int(np.isnan(array).sum()) == counts[-1].sum()
