"""Exact bounds by hand; p and bound are each other's inverse; the n that is told is enough."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.gates.bounds import Share, Side, binomial_tail, scaled, share_power, smallest
from bench.stats.proportions import clopper_pearson_lower, clopper_pearson_upper
from bench.types import Interval

counts = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.001, 0.2)
sides = st.sampled_from(Side)


def test_no_event_in_59_trials_shows_a_share_below_five_percent():
    share = Share(k=0, n=59)
    assert share.p(0.05, Side.BELOW) == pytest.approx(0.95**59)
    assert share.p(0.05, Side.BELOW) < 0.05 < Share(k=0, n=58).p(0.05, Side.BELOW)
    assert smallest(0.0, 0.05, 0.05, 0.8) == 59
    assert Share(k=0, n=20).needed(0.05, 0.05, 0.8) == 59


@given(counts, levels)
def test_bounds_are_clopper_and_pearsons(kn, alpha):
    k, n = kn
    share = Share(k=k, n=n)
    upper, lower = share.bound(alpha, Side.BELOW), share.bound(alpha, Side.ABOVE)
    assert upper == pytest.approx(clopper_pearson_upper(k, n, 1 - alpha), abs=1e-12)
    assert lower == pytest.approx(clopper_pearson_lower(k, n, 1 - alpha), abs=1e-12)


@given(counts, levels, st.floats(0.01, 0.99), sides, st.sampled_from([1.0, 1.7, 4.0]))
def test_p_is_within_the_level_exactly_where_the_bound_clears(kn, alpha, limit, side, effect):
    share = Share(k=kn[0], n=kn[1], effect=effect)
    p, bound = share.p(limit, side), share.bound(alpha, side)
    if not math.isclose(p, alpha, rel_tol=1e-6):
        assert (p < alpha) == (bound < limit if side is Side.BELOW else bound > limit)


def test_a_limit_at_the_end_of_the_range_is_never_shown_and_at_once_broken():
    assert Share(k=0, n=1000).p(0.0, Side.BELOW) == 1
    assert Share(k=1, n=1000).p(0.0, Side.ABOVE) == 0
    assert Share(k=1000, n=1000).p(1.0, Side.ABOVE) == 1
    assert Share(k=999, n=1000).p(1.0, Side.BELOW) == 0
    assert Share(k=0, n=10).needed(0.0, 0.05, 0.8) is None


def test_videos_of_one_prompt_are_worth_less():
    values = np.array([0.0, 0.0, 1.0, 1.0] * 10)
    prompts = [f"p{i // 2:02d}" for i in range(40)]
    share = Share.of(values, prompts)
    assert share.effect == pytest.approx(2, abs=0.15)
    assert Share.of(values, [str(i) for i in range(40)]).effect == 1
    assert Share.of(values[:8], prompts[:8]).effect == 2  # few: one vote a prompt
    assert share.bound(0.05, Side.BELOW) > Share(k=20, n=40).bound(0.05, Side.BELOW)
    assert "design effect" in share.method


@pytest.mark.parametrize(("truth", "limit"), [(0.02, 0.1), (0.95, 0.85), (0.3, 0.5)])
def test_the_n_that_is_told_has_the_power_that_is_said(truth, limit):
    n = smallest(truth, limit, 0.05, 0.8)
    side = Side.BELOW if truth < limit else Side.ABOVE
    assert share_power(truth, n, limit, 0.05, side) >= 0.8
    draws = np.random.default_rng(0).binomial(n, truth, size=4000)
    hits = [Share(k=int(k), n=n).p(limit, side) <= 0.05 for k in draws]
    assert np.mean(hits) == pytest.approx(share_power(truth, n, limit, 0.05, side), abs=0.03)


def test_no_number_of_videos_decides_a_share_at_its_limit():
    assert Share(k=5, n=10).needed(0.5, 0.05, 0.8) is None
    assert smallest(0.5, 0.5 + 1e-9, 0.05, 0.8) is None


@given(st.floats(0.5, 3), levels, sides)
def test_an_interval_that_is_scaled_is_a_normals(gap, alpha, side):
    z = 1.959963984540054
    made = scaled(1.0, Interval(low=1 - z, high=1 + z, confidence=0.95, method="m"), 100)
    limit = 1 + gap if side is Side.BELOW else 1 - gap
    p = 0.5 * math.erfc(gap / math.sqrt(2))
    assert made.p(limit, side) == pytest.approx(p, rel=5e-3)
    assert made.p(limit, side.other) == 1
    assert made.bound(p, side) == pytest.approx(limit, abs=1e-6)


def test_an_interval_tells_how_many_more_videos_it_would_take():
    z = 1.959963984540054
    made = scaled(0.0, Interval(low=-z, high=z, confidence=0.95, method="m"), 100)
    # (1.645 + 0.842)^2 = 6.18 standard errors squared
    assert made.needed(1.0, 0.05, 0.8) == 619
    assert made.needed(0.0, 0.05, 0.8) is None


def test_the_tail_takes_effective_counts():
    assert binomial_tail(0.5, 10.5, 0.2, Side.BELOW) < binomial_tail(1.5, 10.5, 0.2, Side.BELOW)
    assert binomial_tail(10.5, 10.5, 0.2, Side.BELOW) == 1
    assert binomial_tail(0, 10.5, 0.2, Side.ABOVE) == 1
