"""Sample sizes against published tables, simulation, and their own inverses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats.power import (
    attenuation,
    detectable_gap,
    detectable_goodness_of_fit,
    detectable_paired,
    n_goodness_of_fit,
    n_one_proportion,
    n_paired,
    n_two_proportions,
    power_goodness_of_fit,
    power_paired,
    power_two_proportions,
    seen_through,
)


@pytest.mark.parametrize(
    ("p1", "p2", "n", "n_of_20"),
    [
        (0.05, 0.10, 435, 828),
        (0.05, 0.15, 141, 268),
        (0.10, 0.20, 199, 380),
        (0.50, 0.60, 388, 738),
        (0.50, 0.70, 93, 178),
        (0.02, 0.05, 588, 1120),
    ],
)
def test_two_proportions_give_the_published_sizes(p1, p2, n, n_of_20):
    assert n_two_proportions(p1, p2) == n_two_proportions(p2, p1) == n
    assert n_two_proportions(p1, p2, alpha=0.05 / 20) == n_of_20


@pytest.mark.parametrize(
    ("target", "p", "n"),
    [(0.5, 0.6, 194), (0.5, 0.65, 85), (0.5, 0.7, 47), (0.5, 0.8, 20), (0.12, 0.03, 76)],
)
def test_one_proportion_gives_the_published_sizes(target, p, n):
    assert n_one_proportion(target, p) == n


@pytest.mark.parametrize(
    ("w", "df", "n"),
    [(0.3, 1, 88), (0.3, 2, 108), (0.3, 5, 143), (0.3, 9, 174), (0.5, 5, 52), (0.1, 1, 785)],
)
def test_goodness_of_fit_gives_the_published_sizes(w, df, n):
    assert n_goodness_of_fit(w, df) == n


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_pairs_give_cohens_sizes(effect, n):
    assert n_paired(effect) == n
    assert power_paired(effect, n) >= 0.8 > power_paired(effect, n - 1)


def test_power_of_pairs_is_what_simulation_shows():
    x = np.random.default_rng(0).normal(0.5, 1, size=(20_000, 20))
    p = stats.ttest_1samp(x, 0, axis=1).pvalue
    assert np.mean(p <= 0.05) == pytest.approx(power_paired(0.5, 20), abs=0.012)


def test_errors_of_a_classifier_cost_what_the_table_says():
    costs = [attenuation((1 + j) / 2, (1 + j) / 2) for j in (0.9, 0.8, 0.6)]
    assert costs == pytest.approx([1.23, 1.56, 2.78], abs=0.005)
    gap = seen_through(0.6, 0.9, 0.95) - seen_through(0.5, 0.9, 0.95)
    assert gap == pytest.approx(0.1 * 0.85)


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 400), st.sampled_from([0.05, 0.01]), st.sampled_from([0.8, 0.9]))
def test_what_can_be_detected_needs_just_so_many(n, alpha, power):
    effect = detectable_paired(n, alpha=alpha, power=power)
    assert power_paired(effect, n, alpha=alpha) == pytest.approx(power, abs=1e-6)
    assert n_paired(effect * (1 + 1e-6), alpha=alpha, power=power) <= n


@settings(deadline=None, max_examples=25)
@given(st.floats(0.02, 0.7), st.integers(30, 2000))
def test_a_detectable_gap_needs_just_so_many(base, n):
    gap = detectable_gap(base, n)
    if math.isnan(gap):
        assert power_two_proportions(base, 1 - 1e-9, n) < 0.8
        return
    assert n_two_proportions(base, base + gap) in {n, n + 1}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: n_two_proportions(0.5, 0.5), "a difference that is not there"),
        (lambda: n_two_proportions(0.5, 1.5), "the share is no share; seen: 1.5"),
        (lambda: n_one_proportion(0.5, 0.6, power=1.0), "the alpha or power is impossible"),
        (lambda: n_paired(0.0), "the effect is impossible; seen: 0.0"),
        (lambda: detectable_paired(2), "the number of pairs is impossible; seen: 2"),
        (lambda: seen_through(0.5, 0.4, 0.6), "says nothing of the truth"),
        (lambda: n_goodness_of_fit(0.3, 0), "degrees of freedom is impossible"),
    ],
)
def test_what_no_plan_can_answer_is_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()


@pytest.mark.parametrize(("df", "n"), [(1, 88), (2, 108), (5, 143), (9, 174)])
def test_power_of_a_goodness_of_fit_is_the_inverse_of_its_n(df, n):
    assert power_goodness_of_fit(0.3, df, n) >= 0.8 > power_goodness_of_fit(0.3, df, n - 1)
    assert detectable_goodness_of_fit(df, n) == pytest.approx(0.3, abs=0.002)
    assert detectable_goodness_of_fit(df, 4 * n) == pytest.approx(0.15, abs=0.001)


def test_few_units_can_show_no_effect_that_there_is():
    assert detectable_goodness_of_fit(2, 3) > 1
    with pytest.raises(UsageError):
        detectable_goodness_of_fit(2, 0)
