"""The Fréchet distance: its two ways agree, shards merge, and its interval holds what it says."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_frechet

from bench.errors import UsageError
from bench.metrics._frechet import (
    Moments,
    difference_interval,
    distance_of_moments,
    frechet_distance,
    frechet_interval,
    influence,
)
from bench.metrics._frechet import _distance_of_rows as distance_of_rows
from support.i3d import golden_logits

SEEDS = st.integers(0, 2**32 - 1)


def two_sets(seed, n=30, m=40, d=6, shift=0.5):
    """Correlated rows of two different Gaussians."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    y = rng.normal(size=(m, d)) @ rng.normal(size=(d, d)) + shift
    return x, y


def labels(n, per=1):
    return [str(i // per) for i in range(n)]


def interval(x, y, *, per=1, **options):
    x_labels, y_labels = labels(len(x), per), labels(len(y), per)
    return frechet_interval(x, y, x_clusters=x_labels, y_clusters=y_labels, **options)


@given(seed=SEEDS, n=st.integers(2, 12), m=st.integers(2, 12), d=st.integers(1, 16))
@settings(max_examples=80, deadline=None)
def test_rows_and_moments_agree(seed, n, m, d):
    x, y = two_sets(seed, n, m, d)
    by_rows, by_moments = (
        distance_of_rows(x, y, 1),
        distance_of_moments(Moments.of(x), Moments.of(y)),
    )
    assert by_moments == pytest.approx(by_rows, rel=1e-9, abs=1e-9 * (x.var() + y.var()) * d)


@pytest.mark.parametrize(("n", "m", "d"), [(600, 500, 40), (41, 900, 40), (64, 64, 400)])
def test_rows_and_moments_agree_at_the_sizes_of_runs(n, m, d):
    x, y = two_sets(3, n, m, d)
    by_moments = distance_of_moments(Moments.of(x), Moments.of(y))
    assert by_moments == pytest.approx(distance_of_rows(x, y, 1), rel=1e-9)
    assert frechet_distance(x, y) == pytest.approx(by_moments, rel=1e-9)


@pytest.mark.parametrize("ddof", [0, 1])
def test_equals_the_references_where_these_are_good(ddof):
    x, y = two_sets(1, n=200, m=150, d=12)
    value = frechet_distance(x, y, ddof)
    assert value == pytest.approx(slow_frechet.by_matrix_root(x, y, ddof), rel=1e-9)
    assert value == pytest.approx(slow_frechet.by_eigenvalues(x, y, ddof), rel=1e-9)


def test_equals_the_references_as_far_as_these_go_on_few_rows():
    a, b = golden_logits()
    value = frechet_distance(a, b)
    assert value == pytest.approx(slow_frechet.by_matrix_root(a, b), rel=2e-5)
    assert value == pytest.approx(slow_frechet.by_eigenvalues(a, b), rel=2e-5)


def test_witness_float32_is_not_enough():
    a, b = golden_logits()
    assert abs(slow_frechet.in_float32(a, b) - frechet_distance(a, b)) > 1e-3


@given(seed=SEEDS, cuts=st.lists(st.integers(1, 29), min_size=1, max_size=4, unique=True))
@settings(max_examples=40, deadline=None)
def test_shards_merge_to_the_whole(seed, cuts):
    x, y = two_sets(seed)
    first, *rest = (Moments.of(shard) for shard in np.split(x, sorted(cuts)))
    for shard in rest:
        first = first.merge(shard)
    merged = distance_of_moments(first, Moments.of(y))
    assert first.n == len(x)
    assert merged == pytest.approx(frechet_distance(x, y), rel=1e-9)


def test_moments_are_those_of_numpy():
    x, _ = two_sets(4)
    moments = Moments.of(x)
    np.testing.assert_allclose(moments.mean(), x.mean(axis=0), rtol=1e-12)
    for ddof in (0, 1):
        expected = np.cov(x, rowvar=False, ddof=ddof)
        np.testing.assert_allclose(moments.covariance(ddof), expected, rtol=1e-10)


def test_inputs_are_left_alone():
    x, y = two_sets(5)
    before = x.copy(), y.copy()
    first = frechet_distance(x, y), interval(x, y)
    assert (frechet_distance(x, y), interval(x, y)) == first
    np.testing.assert_array_equal(before[0], x)
    np.testing.assert_array_equal(before[1], y)


@given(seed=SEEDS, sizes=st.sampled_from([(9, 7, 20), (30, 9, 12), (40, 25, 8)]))
@settings(max_examples=25, deadline=None)
def test_influence_is_the_derivative(seed, sizes):
    """Against a step along each row's weight, with weighted moments and a general matrix root."""
    n, m, d = sizes
    x, y = two_sets(seed, n, m, d)
    step = 1e-4
    i = seed % n

    def at(weight):
        shares = np.full(n, (1 - weight) / n)
        shares[i] += weight
        mean = shares @ x
        rows = np.sqrt(shares * n / (n - 1))[:, None] * (x - mean)
        other = (y - y.mean(axis=0)) / math.sqrt(m - 1)
        nuclear = np.linalg.svd(rows @ other.T, compute_uv=False).sum()
        return ((mean - y.mean(axis=0)) ** 2).sum() + (rows**2).sum() - 2 * nuclear

    moved = influence(x, y)[0][i]
    scale = np.abs(influence(x, y)[0]).max()
    assert (at(step) - at(-step)) / (2 * step) == pytest.approx(moved, rel=1e-3, abs=1e-3 * scale)


@given(seed=SEEDS)
@settings(max_examples=25, deadline=None)
def test_influence_is_symmetric_and_has_mean_zero(seed):
    x, y = two_sets(seed)
    of_x, of_y = influence(x, y)
    swapped = influence(y, x)
    np.testing.assert_allclose(of_x, swapped[1], atol=1e-8 * np.abs(of_x).max())
    np.testing.assert_allclose(of_y, swapped[0], atol=1e-8 * np.abs(of_y).max())
    assert abs(of_x.mean()) < 1e-9 * np.abs(of_x).max()


def test_a_set_against_itself_has_no_influence():
    x, _ = two_sets(6)
    np.testing.assert_allclose(influence(x, x)[0], 0, atol=1e-9)
    assert interval(x, x).high < 1e-6


def test_the_interval_holds_the_value_and_says_how_it_was_made():
    a, b = golden_logits()
    made = interval(a, b)
    assert made.low < frechet_distance(a, b) < made.high
    assert made.low == pytest.approx(198.7, abs=0.1)
    assert made.high == pytest.approx(310.8, abs=0.1)
    assert "infinitesimal jackknife of clusters" in made.method
    assert (made.confidence, made.n_resamples, made.seed) == (0.95, 0, None)
    assert any("the mean of the number at these n and m" in note for note in made.notes)


def test_a_known_interval():
    """Rows 0, 2 against 1, 5: in one dimension the distance is a function of means and spreads."""
    x, y = np.array([[0.0], [2.0], [4.0], [6.0]]), np.array([[1.0], [5.0], [3.0], [4.0]])
    gap, ratio = x.mean() - y.mean(), y.std(ddof=1) / x.std(ddof=1)
    c = 4 / 3
    of_x = 2 * gap * (x - x.mean()) + c * (1 - ratio) * ((x - x.mean()) ** 2 - x.var())
    of_y = -2 * gap * (y - y.mean()) + c * (1 - 1 / ratio) * ((y - y.mean()) ** 2 - y.var())
    np.testing.assert_allclose(influence(x, y)[0], of_x[:, 0], atol=1e-12)
    np.testing.assert_allclose(influence(x, y)[1], of_y[:, 0], atol=1e-12)
    parts = of_x.var(ddof=1) / 4, of_y.var(ddof=1) / 4
    df = sum(parts) ** 2 / sum(part**2 / 3 for part in parts)
    made = interval(x, y, confidence=0.9)
    assert made.method.endswith(f"{df:.0f} df")
    from scipy.stats import t

    half = t.ppf(0.95, df) * math.sqrt(sum(parts))
    assert made.high == pytest.approx(frechet_distance(x, y) + half)


def test_videos_of_one_prompt_widen_the_interval():
    x, y = (np.repeat(rows, 4, axis=0) for rows in two_sets(7))
    alone, together = interval(x, y), interval(x, y, per=4)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


@pytest.mark.parametrize(("shift", "seed"), [(0.0, 11), (0.5, 12)])
def test_the_interval_covers_the_mean_at_this_n(shift, seed):
    """As in the decision's study, smaller: never far too narrow, whatever the distance."""
    rng = np.random.default_rng(seed)
    spread = np.arange(1, 41) ** -0.5

    def draw():
        return rng.normal(size=(16, 40)) * spread + shift * spread, rng.normal(
            size=(16, 40)
        ) * spread

    mean = np.mean([frechet_distance(*draw()) for _ in range(1000)])
    made = [interval(*draw()) for _ in range(300)]
    assert np.mean([one.low <= mean <= one.high for one in made]) > 0.9


def test_witness_a_percentile_bootstrap_misses_the_value():
    a, b = golden_logits()
    rng = np.random.default_rng(0)
    resampled = [
        frechet_distance(a[rng.integers(0, 64, 64)], b[rng.integers(0, 64, 64)]) for _ in range(100)
    ]
    assert min(resampled) > frechet_distance(a, b)


def difference(x, z, y, **options):
    return difference_interval(
        x, z, y, clusters=labels(len(x)), y_clusters=labels(len(y)), **options
    )


def test_a_set_that_was_not_changed_differs_by_nothing():
    x, y = two_sets(1)
    assert difference_interval(x, x, y, clusters=["a"] * 30, y_clusters=labels(40)) is None
    made = difference(x, x.copy(), y)
    assert (made.low, made.high) == (0, 0)


def test_a_paired_difference_holds_the_difference_and_is_narrower_than_either_distance():
    x, y = two_sets(2, n=60, m=60)
    z = x + 0.1 * np.random.default_rng(3).normal(size=x.shape) + 0.2
    made = difference(x, z, y)
    value = frechet_distance(z, y) - frechet_distance(x, y)
    assert (made.low + made.high) / 2 == pytest.approx(value, rel=1e-9)
    alone = interval(x, y)
    assert made.high - made.low < (alone.high - alone.low) / 2
    assert "paired" in made.method


def test_a_paired_difference_covers_the_mean_difference_at_this_n():
    def draw(seed):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(2, 40, 8)) * np.linspace(1, 3, 8)
        z = 1.1 * x + 0.3 * rng.normal(size=x.shape) + 0.2
        return x, z, y

    sets = [draw(seed) for seed in range(400)]
    mean = np.mean([frechet_distance(z, y) - frechet_distance(x, y) for x, z, y in sets])
    made = [difference(*drawn) for drawn in sets[:200]]
    # 200 intervals of 95 %: below 90 % one time in a thousand
    assert np.mean([i.low <= mean <= i.high for i in made]) >= 0.9


def test_one_cluster_gives_no_interval():
    x, y = two_sets(8)
    assert interval(x, y, per=30) is None
    assert frechet_interval(x, y, x_clusters=labels(30), y_clusters=["a"] * 40) is None


def test_two_videos_on_a_side_give_an_interval():
    x, y = two_sets(9, n=2, m=2)
    made = interval(x, y)
    assert 0 <= made.low <= frechet_distance(x, y) <= made.high < math.inf


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((1, 3)), np.zeros((4, 3)), r"candidate's.*seen: shape \(1, 3\).*n >= 2"),
        (np.zeros((4, 3)), np.zeros((1, 3)), r"reference's.*seen: shape \(1, 3\)"),
        (np.zeros((4, 3)), np.zeros((4, 2)), "different lengths; seen: D=3 and D=2"),
        (np.zeros(4), np.zeros((4, 2)), r"seen: shape \(4,\)"),
        (np.zeros((4, 0)), np.zeros((4, 0)), "D >= 1"),
        ([[0.0], [math.nan], [math.inf]], np.zeros((4, 1)), "2 such rows, the first is row 1"),
    ],
)
def test_refuses_what_has_no_distance(x, y, message):
    for refusing in (frechet_distance, influence):
        with pytest.raises(UsageError, match=message):
            refusing(x, y)


def test_refuses_another_ddof():
    with pytest.raises(UsageError, match=r"no such ddof; seen: 2; legal: 1 \(the original\) or 0"):
        frechet_distance(np.zeros((4, 3)), np.zeros((4, 3)), 2)


def test_refuses_moments_of_a_single_row_and_of_other_features():
    one, two = Moments.of([[1.0, 2.0]]), Moments.of([[1.0], [2.0]])
    with pytest.raises(UsageError, match="a covariance needs more rows; seen: 1; legal: 2 or more"):
        distance_of_moments(one, one)
    with pytest.raises(UsageError, match="different lengths"):
        one.merge(two)
    with pytest.raises(UsageError, match="different lengths"):
        distance_of_moments(one, two)
    with pytest.raises(UsageError, match=r"the rows are not a table.*n >= 1"):
        Moments.of(np.zeros((0, 3)))
