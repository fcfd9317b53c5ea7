"""Means: p and bound are inverse, the wrong side is never passed too often, rare values count."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.gates import means
from bench.gates.bounds import Side
from bench.gates.means import Lumpy, Rare, Resampled, Spread, mean_of, surcharge, welch
from bench.stats.bootstrap import t_interval

sides = st.sampled_from(Side)


@pytest.fixture(autouse=True, scope="module")
def _fewer_resamples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(means, "N_RESAMPLES", 999)
        yield


levels = st.floats(0.005, 0.2)


def labels(n, each=1):
    return [f"p{i // each:04d}" for i in range(n)]


def sample(seed, n=24):
    return np.random.default_rng(seed).normal(size=n)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 20), st.sampled_from([6, 24]), levels, st.floats(-0.8, 0.8), sides)
def test_p_is_within_the_level_exactly_where_the_bound_clears(seed, n, alpha, limit, side):
    made = mean_of(sample(seed, n), labels(n))
    p, bound = made.p(limit, side), made.bound(alpha, side)
    if not math.isclose(p, alpha, abs_tol=2e-3):
        assert (p < alpha) == (bound < limit if side is Side.BELOW else bound > limit)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 20), st.sampled_from([6, 24]), st.floats(-1, 1), st.floats(0, 0.5), sides)
def test_a_wider_limit_is_never_harder_to_meet(seed, n, limit, slack, side):
    made = mean_of(sample(seed, n), labels(n))
    wider = limit + slack if side is Side.BELOW else limit - slack
    assert made.p(wider, side) <= made.p(limit, side)
    assert made.p(limit, side) + made.p(limit, side.other) >= 1


def test_below_ten_prompts_it_is_t_and_above_the_studentised_bootstrap():
    few, many = mean_of(sample(1, 9), labels(9)), mean_of(sample(1, 24), labels(24))
    assert isinstance(few, Spread)
    assert isinstance(many, Resampled)
    ends = t_interval(sample(1, 9), labels(9), confidence=0.9)
    flat = Spread(value=few.value, error=few.error, df=8, n=9, n_clusters=9)
    assert flat.bound(0.05, Side.BELOW) == pytest.approx(ends.high)
    assert flat.bound(0.05, Side.ABOVE) == pytest.approx(ends.low)
    assert mean_of(sample(1, 4), ["one"] * 4) is None


def test_prompts_are_the_unit_and_not_their_videos():
    x = np.repeat(sample(3, 12), 8)
    each, whole = mean_of(x, labels(96, 8)), mean_of(x[::8], labels(12))
    assert each.bound(0.05, Side.BELOW) == pytest.approx(whole.bound(0.05, Side.BELOW))


def test_the_long_tail_costs_a_surcharge_on_its_side_only():
    assert surcharge(2.0, 64, Side.BELOW) == 1 + 8 * 4 / 8
    assert surcharge(2.0, 64, Side.ABOVE) == surcharge(-2.0, 64, Side.BELOW) == 1
    assert surcharge(2.0, 6400, Side.BELOW) < 1.5


def test_a_skewed_mean_at_its_limit_seldom_passes():
    rng = np.random.default_rng(0)
    truth = math.exp(0.5)
    draws = [mean_of(rng.lognormal(size=50), labels(50)) for _ in range(150)]
    assert np.mean([made.p(truth, Side.BELOW) <= 0.05 for made in draws]) <= 0.08


def test_where_no_two_videos_differ_the_range_bounds_what_they_hide():
    made = mean_of(np.ones(12), labels(12), low=0, high=1)
    assert isinstance(made, Rare)
    # twelve prompts without a loss: as "no event in n trials"
    assert made.p(0.8, Side.ABOVE) == pytest.approx(0.8**12)
    assert made.bound(0.05, Side.ABOVE) == pytest.approx(0.05 ** (1 / 12))
    assert made.bound(0.05, Side.BELOW) == 1
    assert made.p(1.0, Side.ABOVE) == 1
    assert made.needed(0.8, 0.05, 0.8) == 14
    assert mean_of(np.ones(12), labels(12)).p(0.5, Side.ABOVE) == 1, "without a range, nothing"


def test_where_few_videos_differ_the_better_of_two_at_half_the_level_decides():
    x = np.ones(240)
    x[0] = 0.5
    made = mean_of(x, labels(240), low=0, high=1)
    assert isinstance(made, Lumpy)
    both = (made.rare.p(0.97, Side.ABOVE), made.spread.p(0.97, Side.ABOVE))
    assert made.p(0.97, Side.ABOVE) == 2 * min(both)
    assert made.rare.p(0.97, Side.ABOVE) == pytest.approx(0.97**240 + 240 * 0.03 * 0.97**239)
    assert made.bound(0.05, Side.ABOVE) == max(
        made.rare.bound(0.025, Side.ABOVE), made.spread.bound(0.025, Side.ABOVE)
    )
    assert made.p(0.9, Side.BELOW) > 0.5
    assert "better of two" in made.method


def test_the_n_that_is_told_has_about_the_power_that_is_said():
    rng = np.random.default_rng(0)
    x = np.tile([-1.0, 1.0], 10)
    made = mean_of(x, labels(20))
    n = made.needed(0.4, 0.05, 0.8)
    assert 35 < n < 50
    hits = [
        mean_of(rng.normal(0, x.std(ddof=1), n), labels(n)).p(0.4, Side.BELOW) <= 0.05
        for _ in range(200)
    ]
    assert np.mean(hits) > 0.7
    assert made.needed(0.0, 0.05, 0.8) is None
    assert made.needed(1e-9, 0.05, 0.8) is None


def test_two_independent_sets_are_welchs():
    from scipy.stats import ttest_ind

    x, y = sample(1, 15), 2 * sample(2, 12) + 0.3
    made = welch(x, y)
    theirs = ttest_ind(y, x, equal_var=False, alternative="less")
    assert made.p(0.0, Side.BELOW) == pytest.approx(float(theirs.pvalue))
    assert welch(x, y[:1]) is None
    assert welch(np.ones(3), np.ones(4)) is None
