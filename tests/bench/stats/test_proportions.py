"""Intervals of shares against published vectors, brute force and their own symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats import proportions
from bench.stats.proportions import (
    clopper_pearson_lower,
    clopper_pearson_upper,
    goodman,
    katz,
    manski,
    miettinen_nurminen,
    newcombe,
    ratio_score,
    trials_without_event,
    undecided_is_much,
    wilson,
)

trials = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


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


@pytest.mark.parametrize(("k", "bound"), [(0, 0.058155), (1, 0.091398), (8, 0.270220)])
def test_the_one_sided_bound_gives_the_published_vectors(k, bound):
    assert clopper_pearson_upper(k, 50) == pytest.approx(bound, abs=1e-6)


def test_the_one_sided_bounds_end_where_no_share_can_be():
    assert clopper_pearson_upper(50, 50) == 1.0
    assert clopper_pearson_lower(0, 50) == 0.0
    assert clopper_pearson_lower(50, 50) == pytest.approx(1 - 0.058155, abs=1e-6)


@given(trials, st.sampled_from([0.8, 0.95, 0.99]))
def test_at_the_exact_bound_so_few_events_are_just_that_rare(counts, confidence):
    k, n = counts
    bound = clopper_pearson_upper(k, n, confidence)
    if k < n:
        assert stats.binom.cdf(k, n, bound) == pytest.approx(1 - confidence, abs=1e-9)
    assert clopper_pearson_lower(n - k, n, confidence) == pytest.approx(1 - bound)


@pytest.mark.parametrize(("limit", "n"), [(0.05, 59), (0.01, 299), (0.001, 2995)])
def test_so_many_trials_without_event_hold_a_limit(limit, n):
    assert trials_without_event(limit) == n
    assert clopper_pearson_upper(0, n) <= limit < clopper_pearson_upper(0, n - 1)


def test_differences_give_the_published_vectors():
    assert newcombe(15, 50, 5, 50) == pytest.approx((0.042587, 0.348668), abs=1e-6)
    # Newcombe (1998), table II, example (a), methods 6 and 10
    assert miettinen_nurminen(56, 70, 48, 80) == pytest.approx((0.0528, 0.3382), abs=5e-5)
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_witness_a_vector_that_another_program_gives_is_no_score_interval():
    # statsmodels gives [0.045067, 0.350394] here; at its upper end the score statistic, with the
    # likeliest shares found on a grid, is not 1.96, and it misses Newcombe's published example too
    for end, is_ours in ((0.350394, False), (miettinen_nurminen(15, 50, 5, 50)[1], True)):
        p2 = likeliest(15, 50, 5, 50, end)
        p1 = p2 + end
        variance = (p1 * (1 - p1) + p2 * (1 - p2)) / 50 * 100 / 99
        z = (end - 0.2) / math.sqrt(variance)
        assert (abs(z - 1.959964) < 1e-3) is is_ours


def test_ratios_give_the_published_vectors():
    assert ratio_score(15, 50, 5, 50) == pytest.approx((1.2375, 7.5444), abs=5e-5)
    assert katz(15, 50, 5, 50) == pytest.approx((1.1800, 7.6274), abs=5e-5)


def likeliest(k1, n1, k2, n2, difference):
    """The second share with the highest likelihood given the difference, on a fine grid."""
    p2 = np.linspace(max(0, -difference), min(1, 1 - difference), 200_001)[1:-1]
    p1 = p2 + difference
    logs = k1 * np.log(p1) + (n1 - k1) * np.log1p(-p1) + k2 * np.log(p2)
    return p2[np.argmax(logs + (n2 - k2) * np.log1p(-p2))]


@pytest.mark.parametrize("counts", [(15, 50, 5, 50), (56, 70, 48, 80), (1, 9, 4, 30)])
@pytest.mark.parametrize("difference", [-0.3, -0.05, 0.1, 0.4])
def test_the_cubic_gives_the_likeliest_shares(counts, difference):
    p1, p2 = proportions._constrained_by_difference(*counts, difference)
    assert p2 == pytest.approx(likeliest(*counts, difference), abs=2e-5)
    assert p1 - p2 == pytest.approx(difference)


@settings(deadline=None, max_examples=60)
@given(trials, trials)
def test_a_difference_turned_round_turns_its_interval_round(one, other):
    for interval in (newcombe, miettinen_nurminen):
        low, high = interval(*one, *other)
        gap = one[0] / one[1] - other[0] / other[1]
        assert -1 <= low <= gap + 1e-9
        assert gap - 1e-9 <= high <= 1
        assert interval(*other, *one) == pytest.approx((-high, -low), abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(trials, trials)
def test_a_ratio_lies_in_its_interval_and_turns_round(one, other):
    if one[0] + other[0] == 0:
        with pytest.raises(UsageError, match="undefined"):
            ratio_score(*one, *other)
        return
    low, high = ratio_score(*one, *other)
    back_low, back_high = ratio_score(*other, *one)
    assert (low == 0) == (one[0] == 0)
    assert math.isinf(high) == (other[0] == 0)
    if one[0] and other[0]:
        ratio = (one[0] / one[1]) / (other[0] / other[1])
        assert low <= ratio * (1 + 1e-9)
        assert ratio <= high * (1 + 1e-9)
        assert (1 / back_high, 1 / back_low) == pytest.approx((low, high), rel=1e-5)


def test_goodman_is_wilson_at_a_shared_level():
    made = goodman([30, 14, 6])
    z = stats.norm.ppf(1 - 0.05 / 6)
    assert made[0] == pytest.approx(wilson(0.6, 50, 2 * stats.norm.cdf(z) - 1))
    assert made[0][0] < wilson(0.6, 50)[0]
    with pytest.raises(UsageError, match="no such counts"):
        goodman([0, 0])


def test_unknown_outcomes_widen_a_share_to_what_they_could_be():
    assert manski(3, 90, 10) == pytest.approx((0.03, 0.13))
    assert manski(3, 100, 0) == pytest.approx((0.03, 0.03))
    assert undecided_is_much(90, 10)
    assert not undecided_is_much(95, 5)
    with pytest.raises(UsageError, match="more events than decided trials"):
        manski(5, 4, 10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clopper_pearson_upper(3, 2), "no such count of events; seen: 3 of 2"),
        (lambda: wilson(0.5, 10, 1.0), "the confidence is impossible; seen: 1.0"),
        (lambda: katz(0, 5, 2, 5), "Katz's interval needs events on both sides"),
        (lambda: trials_without_event(0.0), "the limit is impossible"),
    ],
)
def test_impossible_counts_are_refused_in_one_line(call, message):
    with pytest.raises(UsageError, match=message):
        call()
