"""Tests of shares against a target: published vectors, the binomial, and each other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats import multinomial
from bench.stats.multinomial import (
    clustered_test,
    exact,
    expected_total_variation,
    goodness_of_fit,
    jensen_shannon,
    kullback_leibler,
    monte_carlo,
    normalised_entropy,
    pearson,
    total_variation,
    total_variation_test,
    wasserstein,
)

SEEN, TARGET = [30, 14, 6], (0.5, 0.3, 0.2)


def test_the_published_vectors_of_the_tests():
    made = pearson(SEEN, TARGET)
    assert (made.statistic, made.p) == pytest.approx((2.666667, 0.263597), abs=1e-6)
    assert (made.df, made.least_expected) == (2, pytest.approx(10))
    assert exact(SEEN, TARGET) == pytest.approx(0.286910, abs=1e-6)
    assert exact([9, 1, 0], [1 / 3] * 3) == pytest.approx(0.00106691, abs=1e-8)
    assert exact([9, 1], [0.5, 0.5]) == pytest.approx(0.0214844, abs=1e-7)


def test_the_published_vectors_of_the_distances():
    assert total_variation(SEEN, TARGET) == pytest.approx(0.1)
    assert expected_total_variation(50, TARGET) == pytest.approx(0.0766, abs=5e-5)
    assert kullback_leibler(SEEN, TARGET) == pytest.approx(0.0287759, abs=1e-7)
    assert 2 * 50 * kullback_leibler(SEEN, TARGET) == pytest.approx(2.877586, abs=1e-6)
    assert jensen_shannon(SEEN, TARGET) == pytest.approx(0.00750175, abs=1e-8)
    assert normalised_entropy(SEEN) == pytest.approx(0.835015, abs=1e-6)


def test_the_published_vectors_of_chance():
    p, at_95 = total_variation_test(SEEN, TARGET, n_draws=20_000)
    assert p == pytest.approx(0.334, abs=0.012)
    assert at_95 == pytest.approx(0.16, abs=1e-9)
    rng = np.random.default_rng(0)
    drawn = 0.5 * np.abs(rng.multinomial(50, TARGET, size=20_000) / 50 - TARGET).sum(axis=1)
    assert drawn.mean() == pytest.approx(0.0761, abs=0.001)


@pytest.mark.parametrize(
    ("k", "n", "simulated"),
    [
        (2, 8, 0.137),
        (2, 16, 0.098),
        (2, 50, 0.056),
        (2, 100, 0.040),
        (10, 9, 0.387),
        (10, 50, 0.167),
        (10, 100, 0.119),
        (10, 400, 0.059),
    ],
)
def test_the_published_floors_at_parity(k, n, simulated):
    rng = np.random.default_rng(k * n)
    drawn = rng.multinomial(n, [1 / k] * k, size=20_000) / n
    assert 0.5 * np.abs(drawn - 1 / k).sum(axis=1).mean() == pytest.approx(simulated, abs=0.0015)
    assert expected_total_variation(n, [1 / k] * k) == pytest.approx(simulated, rel=0.05)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_two_outcomes_are_the_binomial_test(counts):
    k, n = counts
    ours = exact([k, n - k], [0.3, 0.7])
    assert ours == pytest.approx(stats.binomtest(k, n, 0.3).pvalue, rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 8), min_size=3, max_size=4), st.permutations(range(3)))
def test_order_does_not_matter_and_drawing_comes_near(counts, order):
    if not sum(counts):
        return
    target = np.arange(1, len(counts) + 1) / np.arange(1, len(counts) + 1).sum()
    p = exact(counts, target)
    turned = [*order, *range(3, len(counts))]
    assert exact([counts[i] for i in turned], target[turned]) == pytest.approx(p, rel=1e-9)
    assert monte_carlo(counts, target, n_draws=4000) == pytest.approx(p, abs=0.04)
    assert 0 < p <= 1


def test_the_likeliest_table_is_no_evidence():
    assert exact([5, 3, 2], TARGET) == pytest.approx(1.0)


def test_many_tables_are_drawn_and_it_says_so(monkeypatch):
    assert goodness_of_fit(SEEN, TARGET).method == "exact multinomial"
    monkeypatch.setattr(multinomial, "MOST_TABLES", 100)
    made = goodness_of_fit(SEEN, TARGET, seed=5)
    assert (made.method, made.n_draws, made.seed) == ("Monte Carlo multinomial", 9999, 5)
    assert made.p == pytest.approx(0.28691, abs=0.02)
    with pytest.raises(UsageError, match="too many tables to count; seen: 1326; legal: 100"):
        exact(SEEN, TARGET)


@pytest.mark.parametrize("target", [(0.5, 0.5, 0.0), (0.5, 0.3, 0.3), (0.5, 0.5)])
def test_targets_with_zeros_or_of_another_length_are_refused(target):
    with pytest.raises(UsageError, match=r"no such target|do not fit"):
        exact(SEEN, target)


def test_the_divergence_is_bounded():
    assert jensen_shannon([10, 0], [1e-9, 1 - 1e-9]) == pytest.approx(math.log(2), abs=1e-6)


def test_wasserstein_counts_the_steps_of_a_scale():
    third = (1 / 3, 1 / 3, 1 / 3)
    # all in the first of three: a third moves one step, a third two
    assert wasserstein([9, 0, 0], third) == pytest.approx(1.0)
    assert wasserstein([0, 9, 0], third) == pytest.approx(2 / 3)
    assert total_variation([9, 0, 0], third) == total_variation([0, 9, 0], third)
    assert wasserstein(SEEN, TARGET) == pytest.approx(0.1 + 0.08)
    assert wasserstein(SEEN, TARGET) == pytest.approx(
        stats.wasserstein_distance([0, 1, 2], [0, 1, 2], SEEN, TARGET)
    )


def test_the_clustered_test_is_pearsons_where_there_are_no_clusters():
    targets = np.tile(TARGET, (20_000, 1))
    p = clustered_test(SEEN, targets, n_effective=50)
    assert p == pytest.approx(pearson(SEEN, TARGET).p, abs=0.02)
    # videos that are worth less, an effect that is not sure, a target that is not sure: less proof
    fewer = clustered_test(SEEN, targets, n_effective=25)
    assert fewer > p
    assert clustered_test(SEEN, targets, n_effective=25, df=5) > fewer
    loose = np.random.default_rng(0).dirichlet(40 * np.array(TARGET), size=20_000)
    assert clustered_test(SEEN, loose, n_effective=50) > p + 0.05
    assert clustered_test([50, 0, 0], targets, n_effective=50) == 1 / 20_001


def test_the_clustered_test_refuses_what_fits_no_target():
    with pytest.raises(UsageError, match="do not fit"):
        clustered_test([1, 2], np.tile(TARGET, (10, 1)), n_effective=3)
