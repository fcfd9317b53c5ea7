"""Intervals against published vectors, closed forms and their own invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats.bootstrap import METHODS, mean_interval, proportion_interval
from bench.stats.clusters import design_effect
from bench.stats.proportions import wilson

finite = st.floats(-1e3, 1e3)


def test_few_clusters_get_a_t_interval_that_says_so():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    made = mean_interval(values, list("abcd"))
    expected = stats.t.interval(0.95, 3, loc=2.5, scale=values.std(ddof=1) / 2)
    assert (made.low, made.high) == pytest.approx(expected)
    assert "fewer than 10 clusters" in made.method


def test_one_cluster_gives_no_interval():
    assert mean_interval(np.array([1.0, 2.0]), ["a", "a"]) is None


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_of_independent_values_agrees_with_scipy(method):
    values = np.random.default_rng(1).exponential(size=80)
    labels = [str(i) for i in range(80)]
    made = mean_interval(values, labels, n_resamples=20_000, method=method)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(2)
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


def by_hand(values, labels, n_resamples, seed):
    """Bootstrap-t of clusters, one resample at a time, drawn as the vectorised one draws."""
    names = sorted(set(labels))
    held = [values[np.array(labels) == name] for name in names]
    rng = np.random.Generator(np.random.PCG64(seed))
    picks = rng.multinomial(len(names), [1 / len(names)] * len(names), size=n_resamples)

    def error(groups):
        whole = np.concatenate(groups)
        residuals = np.array([(group - whole.mean()).sum() for group in groups])
        return np.sqrt(len(groups) / (len(groups) - 1) * (residuals**2).sum()) / len(whole)

    def t_of(pick):
        groups = [g for g, times in zip(held, pick, strict=True) for _ in range(times)]
        return (np.concatenate(groups).mean() - values.mean()) / error(groups)

    t = np.sort([t_of(pick) for pick in picks])
    low, high = np.quantile(t, [0.025, 0.975], method="closest_observation")
    return values.mean() - high * error(held), values.mean() - low * error(held)


def test_bootstrap_t_of_unequal_clusters_by_hand():
    rng = np.random.default_rng(5)
    labels = [f"{i:02d}" for i in range(14) for _ in range(1 + i % 4)]
    values = rng.lognormal(size=len(labels)) + 1000
    made = mean_interval(values, labels, n_resamples=300, seed=6)
    assert (made.low, made.high) == pytest.approx(by_hand(values, labels, 300, 6), rel=1e-9)
    assert (made.method, made.n_resamples, made.seed) == ("bootstrap-t of clusters", 300, 6)


def test_bootstrap_t_leans_to_the_side_of_the_tail():
    values = np.random.default_rng(8).lognormal(size=40)
    made = mean_interval(values, [str(i) for i in range(40)])
    assert made.high - values.mean() > 1.2 * (values.mean() - made.low)


def test_the_usual_interval_covers_skewed_means_where_the_percentile_does_not():
    rng = np.random.default_rng(4)
    labels = [str(i) for i in range(20)]
    hits = dict.fromkeys(METHODS, 0)
    for _ in range(300):
        values = rng.lognormal(size=20)
        for method in METHODS:
            made = mean_interval(values, labels, n_resamples=400, method=method)
            hits[method] += made.low <= np.exp(0.5) <= made.high
    # 0.92 and 0.85 in benchmarks/coverage.py; three standard deviations of 300 draws are 0.05
    assert hits["bootstrap-t"] / 300 > 0.87
    assert hits["percentile"] / 300 < 0.90
    assert hits["percentile"] < hits["bca"] < hits["bootstrap-t"]


def test_values_that_hardly_ever_differ_get_a_t_interval_that_says_why():
    values = np.zeros(12)
    values[3] = 1.0
    made = mean_interval(values, [f"{i:02d}" for i in range(12)])
    assert made.method == "t interval, 11 df"
    (note,) = made.notes
    assert note.endswith("of 2000 resamples had no spread")


@pytest.mark.parametrize("method", METHODS)
def test_equal_values_have_an_interval_of_no_width(method):
    made = mean_interval(np.full(12, 0.1), [f"{i:02d}" for i in range(12)], method=method)
    assert (made.low, made.high) == pytest.approx((0.1, 0.1), abs=1e-15)


def test_a_method_or_confidence_that_there_is_not_is_refused():
    values, labels = np.arange(12.0), list("abcdefghijkl")
    with pytest.raises(UsageError, match="no such bootstrap; seen: jackknife; legal: bootstrap-t"):
        mean_interval(values, labels, method="jackknife")
    with pytest.raises(UsageError, match="the confidence is impossible; seen: 95"):
        mean_interval(values, labels, confidence=95)


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
