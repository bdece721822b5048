"""Relative weights against a published example, regression, and hand-made matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification.needs.drivers import correlations, relative_weights
from needs.need_worlds import refused


# The 32 cars of R's data set mtcars (Henderson & Velleman 1981, "Building multiple
# regression models interactively", Biometrics 37, 391-411, table 1).
MPG = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2]
MPG += [10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26]
MPG += [30.4, 15.8, 19.7, 15, 21.4]
CYL = [6, 6, 4, 6, 8, 6, 8, 4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4]
CYL += [4, 8, 6, 8, 4]
DISP = [160, 160, 108, 258, 360, 225, 360, 146.7, 140.8, 167.6, 167.6, 275.8, 275.8]
DISP += [275.8, 472, 460, 440, 78.7, 75.7, 71.1, 120.1, 318, 304, 350, 400, 79, 120.3]
DISP += [95.1, 351, 145, 301, 121]
HP = [110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230]
HP += [66, 52, 65, 97, 150, 150, 245, 175, 66, 91, 113, 264, 175, 335, 109]
GEAR = [4, 4, 4, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 4, 4, 4, 3, 3, 3, 3, 3, 4, 5]
GEAR += [5, 5, 5, 5, 4]


def test_relative_weights_are_those_of_the_r_package() -> None:
    # rwa(mtcars, "mpg", c("cyl", "disp", "hp", "gear"), applysigns = TRUE) in the README
    # of the CRAN package rwa, https://martinctc.github.io/rwa/: raw weights and signs.
    shares, signs = relative_weights(np.column_stack([CYL, DISP, HP, GEAR]), MPG)
    published = [0.2284797, 0.2221469, 0.2321744, 0.0963886]
    assert shares == pytest.approx(published, abs=5e-8)
    assert shares.sum() == pytest.approx(0.7791896, abs=5e-8)  # $rsquare there
    assert signs.tolist() == [-1, -1, -1, 1]


RATINGS = st.lists(
    st.tuples(*[st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])] * 4, st.integers(1, 9)),
    min_size=6,
    max_size=25,
)


@settings(max_examples=80, deadline=None)
@given(RATINGS)
def test_relative_weights_share_out_r_squared(rows: list[tuple[float, ...]]) -> None:
    table = np.array(rows)
    x, y, w = table[:, :3], table[:, 3], table[:, 4]
    shares, _ = relative_weights(x, y, w)
    if np.ptp(table[:, :4], axis=0).min() == 0:
        assert np.isnan(shares).all()
        return
    assert (shares >= 0).all()
    z = np.column_stack([np.ones(len(x)), x]) * np.sqrt(w)[:, None]
    target = y * np.sqrt(w)
    fitted = z @ np.linalg.lstsq(z, target, rcond=None)[0]
    mean = np.average(y, weights=w)
    r_squared = 1 - ((target - fitted) ** 2).sum() / (w * (y - mean) ** 2).sum()
    assert shares.sum() == pytest.approx(r_squared, abs=1e-6)
    again, _ = relative_weights(
        np.repeat(x, w.astype(int), axis=0), np.repeat(y, w.astype(int))
    )
    assert shares == pytest.approx(again, abs=1e-6)


def test_uncorrelated_ratings_have_squared_correlations() -> None:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = [0, 1, 3, 4]
    shares, _ = relative_weights(x, y)
    r = [np.corrcoef(x[:, i], y)[0, 1] for i in (0, 1)]
    assert shares == pytest.approx(np.square(r))


def test_ratings_that_are_the_same_share_alike() -> None:
    x = np.array([[0, 0], [1, 1], [2, 2], [3, 3]])
    shares, _ = relative_weights(x, [0, 1, 2, 4])
    assert shares[0] == pytest.approx(shares[1])
    assert shares.sum() == pytest.approx(np.corrcoef(x[:, 0], [0, 1, 2, 4])[0, 1] ** 2)


@settings(max_examples=80, deadline=None)
@given(RATINGS)
def test_weighted_correlations_are_those_of_repeated_pairs(
    rows: list[tuple[float, ...]],
) -> None:
    table = np.array(rows)
    x, y, w = table[:, 0], table[:, 1], table[:, 4]
    found = correlations(
        np.array([w.sum(), w @ x, w @ y, w @ x**2, w @ y**2, w @ (x * y)])
    )
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(found)
        return
    n = w.astype(int)
    wanted = np.corrcoef(np.repeat(x, n), np.repeat(y, n))[0, 1]
    assert found == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("ratings", "overall", "weights", "code"),
    [
        ([1, 2], [1, 2], None, "shape"),
        ([[1], [2]], [1, 2, 3], None, "shape"),
        ([[1], [2]], [1, 2], [1], "shape"),
        ([[1], [np.nan]], [1, 2], None, "not_finite"),
        ([[1], [2]], [1, 2], [1, 0], "out_of_range"),
    ],
)
def test_ratings_that_do_not_fit_are_refused(ratings, overall, weights, code) -> None:
    with refused(code):
        relative_weights(ratings, overall, weights)


def test_no_ratings_have_no_weights() -> None:
    assert np.isnan(relative_weights(np.empty((0, 2)), [])[0]).all()
