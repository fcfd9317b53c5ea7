"""The slope of shares on reference shares: against an own optimiser, by hand, and its refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bench.errors import UsageError
from bench.stats.regression import logit, logit_slope

K, N, X = [5, 10, 20, 30], [40, 40, 40, 40], [-1.0, -0.2, 0.3, 1.0]


def test_the_estimate_is_that_of_a_search_for_the_likeliest_line():
    def loss(beta):
        eta = beta[0] + beta[1] * np.array(X)
        return float((np.array(N) * np.logaddexp(0, eta) - np.array(K) * eta).sum())

    found = optimize.minimize(loss, [0.0, 0.0], method="BFGS", options={"gtol": 1e-9})
    made = logit_slope(K, N, X)
    assert (made.intercept, made.slope) == pytest.approx(tuple(found.x), abs=1e-5)
    assert made.standard_error == pytest.approx(np.sqrt(found.hess_inv[1, 1]), rel=0.02)
    assert made.dispersion == 1.0


def test_two_by_two_is_the_log_odds_ratio():
    made = logit_slope([10, 10, 30], [40, 40, 40], [0, 0, 1])
    assert made.slope == pytest.approx(np.log((30 / 10) / (10 / 30)))
    assert made.standard_error == pytest.approx(np.sqrt(1 / 20 + 1 / 60 + 1 / 30 + 1 / 10))
    assert made.df == 1


def test_spread_beyond_the_binomial_widens_the_interval():
    even = logit_slope([10, 20, 20, 30], [40] * 4, [-1, 0, 0, 1])
    wild = logit_slope([10, 8, 32, 30], [40] * 4, [-1, 0, 0, 1])
    assert wild.slope == pytest.approx(even.slope, abs=1e-6)
    assert wild.dispersion > 5
    assert wild.standard_error > 2 * even.standard_error
    assert wild.p(0) > even.p(0)


def test_interval_and_test_agree():
    made = logit_slope(K, N, X)
    low, high = made.interval(0.9)
    assert made.p(low) == pytest.approx(0.1)
    assert made.p(high) == pytest.approx(0.1)
    assert made.p(made.slope) == pytest.approx(1.0)


@settings(max_examples=25)
@given(st.floats(-1, 1), st.floats(-1.5, 1.5))
def test_shares_on_a_line_give_the_line_back(intercept, slope):
    x = np.array([-1.5, -0.5, 0.4, 1.2])
    n = 10**9
    k = np.round(n / (1 + np.exp(-(intercept + slope * x)))).astype(int)
    made = logit_slope(list(k), [n] * 4, list(x))
    assert (made.intercept, made.slope) == pytest.approx((intercept, slope), abs=1e-5)


@pytest.mark.parametrize("k", [[0, 0, 10], [0, 0, 0], [10, 10, 10], [10, 0, 0]])
def test_counts_that_a_line_parts_fully_are_refused(k):
    with pytest.raises(UsageError, match="fix no slope"):
        logit_slope(k, [10, 10, 10], [-1, 0, 1])


def test_what_has_no_slope_is_refused():
    with pytest.raises(UsageError, match="three groups that differ"):
        logit_slope([1, 2], [9, 9], [0, 1])
    with pytest.raises(UsageError, match="three groups that differ"):
        logit_slope([1, 2, 3], [9, 9, 9], [1, 1, 1])
    with pytest.raises(UsageError, match="no such count"):
        logit_slope([10, 2, 3], [9, 9, 9], [0, 1, 2])


def test_logit_by_hand():
    assert logit(0.5) == 0
    assert logit(0.8) == pytest.approx(np.log(4))
    with pytest.raises(UsageError):
        logit(1.0)
