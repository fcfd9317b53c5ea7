"""Intervals against published vectors, closed forms and their own invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.stats.bootstrap import (
    clustered_standard_error,
    design_effect,
    mean_interval,
    proportion_interval,
    wilson,
)

finite = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 50, 0.0, 0.071348),
        (1, 50, 0.003539, 0.104954),
        (8, 50, 0.083374, 0.285142),
        (3, 10, 0.107791, 0.603222),
        (50, 50, 0.928652, 1.0),
    ],
)
def test_wilson_gives_the_published_vectors(k, n, low, high):
    assert wilson(k / n, n) == pytest.approx((low, high), abs=1e-6)


def test_clustered_error_of_singletons_is_the_ordinary_standard_error():
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    expected = values.std(ddof=1) / np.sqrt(5)
    assert clustered_standard_error(values, list("abcde")) == pytest.approx(expected)


def test_clustered_error_by_hand():
    # clusters (0, 2) and (4, 6): mean 3, residual sums -4 and 4, C/(C-1) = 2, so sqrt(2*32)/4 = 2
    values = np.array([0.0, 2.0, 4.0, 6.0])
    assert clustered_standard_error(values, ["a", "a", "b", "b"]) == pytest.approx(2.0)


def test_few_clusters_get_a_t_interval_that_says_so():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    made = mean_interval(values, list("abcd"))
    expected = stats.t.interval(0.95, 3, loc=2.5, scale=values.std(ddof=1) / 2)
    assert (made.low, made.high) == pytest.approx(expected)
    assert "fewer than 10 clusters" in made.method


def test_one_cluster_gives_no_interval():
    assert mean_interval(np.array([1.0, 2.0]), ["a", "a"]) is None


def test_bootstrap_of_independent_values_agrees_with_scipy():
    values = np.random.default_rng(1).exponential(size=80)
    made = mean_interval(values, [str(i) for i in range(80)], n_resamples=20_000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert made.low == pytest.approx(theirs.low, abs=0.03 * width)
    assert made.high == pytest.approx(theirs.high, abs=0.03 * width)


def test_repeating_each_video_as_another_seed_does_not_narrow_the_interval():
    values = np.random.default_rng(3).normal(size=30)
    labels = [str(i) for i in range(30)]
    once = mean_interval(values, labels, n_resamples=4000)
    often = mean_interval(
        np.repeat(values, 8), [x for x in labels for _ in range(8)], n_resamples=4000
    )
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(finite, min_size=12, max_size=40), finite, st.integers(0, 5))
def test_interval_moves_with_the_data_and_not_with_their_order(values, shift, seed):
    values = np.array(values)
    labels = [f"{i:03d}" for i in range(len(values))]
    made = mean_interval(values, labels, n_resamples=200, seed=seed)
    order = np.random.default_rng(seed).permutation(len(values))
    turned = mean_interval(values[order], [labels[i] for i in order], n_resamples=200, seed=seed)
    moved = mean_interval(values + shift, labels, n_resamples=200, seed=seed)
    scale = np.abs(values).max() + abs(shift) + 1
    assert turned.low == pytest.approx(made.low, abs=1e-9 * scale)
    assert moved.low == pytest.approx(made.low + shift, abs=1e-9 * scale)
    slack = 1e-9 * scale
    assert made.low - slack <= values.mean() <= made.high + slack or np.ptp(values) > 0


def test_percentile_bootstrap_covers_the_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    labels = [str(i) for i in range(40)]
    hits = 0
    for _ in range(300):
        made = mean_interval(rng.normal(size=40), labels, n_resamples=400)
        hits += made.low <= 0 <= made.high
    # binomial 99.9 % band around a true coverage of 0.93 (the percentile's at n = 40)
    assert 0.88 <= hits / 300 <= 0.98


def test_proportion_of_perfectly_correlated_seeds_counts_prompts():
    values = np.array([1.0] * 8 + [0.0] * 72)
    labels = [str(i // 8) for i in range(80)]
    made = proportion_interval(values, labels)
    assert (made.low, made.high) == pytest.approx(wilson(0.1, 80 / design_effect(values, labels)))
    assert design_effect(values, labels) > 5
    assert "design effect" in made.notes[0]


def test_no_events_is_not_certainty():
    made = proportion_interval(np.zeros(50), [str(i) for i in range(50)])
    assert (made.low, made.high) == pytest.approx((0.0, 0.071348), abs=1e-6)
