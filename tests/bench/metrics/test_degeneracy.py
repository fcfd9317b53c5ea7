"""The rules behind `degenerate`, on arrays made by hand, against loops, and on orders of frames."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_measures

from bench.metrics import _degeneracy as rules

SEEDS = st.integers(0, 2**32 - 1)


def hashes(*values):
    return np.array(values, np.uint64)


def walk(n=16, d=30, seed=0, step=4.0):
    """Frames that go steadily from one picture to another: (n, d)."""
    rng = np.random.default_rng(seed)
    start, way = rng.normal(120, 40, d), rng.normal(0, step, d)
    return start + way * np.arange(n)[:, None]


def test_black_is_judged_by_the_brightest_fiftieth():
    levels_TQ = np.array([[0, 1, 2, 5, 25], [0, 1, 2, 5, 26], [0, 0, 0, 0, 0], [9, 9, 9, 9, 200]])
    assert rules.black_share(levels_TQ.astype(float)) == 0.5


def test_blank_is_judged_by_the_channel_that_varies_most():
    std_TC = np.array([[4, 4, 4], [0, 0, 4.1], [0, 0, 0], [30, 0, 0.0]])
    assert rules.blank_share(std_TC) == 0.5


def test_exact_repeats_count_whatever_stands_beside():
    assert rules.duplicated_share(hashes(1, 1, 2, 2, 3), np.zeros(4)) == 0.5
    changes_P = np.array([0, 9.0, 0, 9.0])
    assert rules.duplicated_share(hashes(1, 1, 2, 2, 3), changes_P) == 0.5


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ([5, 0.5, 5, 0.5, 5, 0.5, 5, 0.5], 0.5),
        ([0.5, 5, 0.5, 5, 0.5, 5, 0.5, 5], 0.5),
        ([5, 0.5, 0.5, 5, 0.5, 0.5, 5, 5], 0.5),
        ([1.1, 0.5, 1.1, 0.5, 1.1, 0.5, 1.1, 1.1], 0),
        ([5, 1.1, 5, 1.1, 5, 1.1, 5, 1.1], 0),
        ([0.5] * 8, 0),
        ([0.2, 0.2, 0.2, 50, 0.2, 0.2, 0.2, 0.2], 0),
        ([0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 3.0], 0.125),
    ],
    ids=["twos", "from-the-start", "threes", "slow", "lively", "still", "a-jump", "a-start"],
)
def test_near_repeats_stand_between_real_changes(changes, share):
    n = len(changes) + 1
    assert rules.duplicated_share(hashes(*range(n)), np.array(changes, float)) == share


def test_lag_means_agree_with_loops():
    x_TD = np.random.default_rng(1).normal(size=(9, 7))
    expected = [slow_measures.lag_mean(x_TD, lag) for lag in (1, 2, 3, 4)]
    assert rules.lag_means(x_TD, 4) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("period", [2, 3, 5, 8])
def test_a_loop_is_found_with_its_period(period):
    x_TD = walk()[np.arange(16) % period]
    assert rules.loop(hashes(*range(16)), x_TD) == (period, 1.0)
    noise = np.random.default_rng(0).normal(0, 0.3, x_TD.shape)
    found, similarity = rules.loop(hashes(*range(16)), x_TD + noise)
    assert found == period
    assert rules.LOOP_SIMILARITY < similarity < 1


def test_a_walk_and_a_loop_seen_once_are_no_loops():
    assert rules.loop(hashes(*range(16)), walk()) == (0, 0.0)
    assert rules.loop(hashes(*range(16)), walk(step=0)) == (0, 0.0), "what never left is not back"
    assert rules.loop(hashes(*range(16)), walk()[np.arange(16) % 9])[1] < rules.LOOP_SIMILARITY


def test_far_from_the_noise_is_no_loop():
    """Frames come back, but two grey levels off: that is not the same frame."""
    x_TD = walk(step=8)[np.arange(16) % 4] + 2.0 * (np.arange(16) // 4)[:, None]
    assert rules.loop(hashes(*range(16)), x_TD) == (0, 0.0)


def test_running_back_along_the_same_bytes_is_a_loop_without_period():
    there_and_back = [*range(8), *range(7, -1, -1)]
    assert rules.loop(hashes(*there_and_back), walk()[there_and_back]) == (0, 1.0)
    overhang = [2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert rules.loop(hashes(*overhang), walk()[overhang])[1] == 0.0, "a third is not enough"


def test_a_held_picture_does_not_run_back():
    held = [0] * 13 + [1, 2, 3]
    assert rules.loop(hashes(*held), walk()[held])[1] < rules.LOOP_SIMILARITY


def test_order_ratios_by_hand():
    """In a row the shortest way is the straight one; 0 2 1 3 takes 2 + 1 + 2 of 3 steps."""
    line_TD = np.array([[-1.0, 1], [-1, 1.2], [-1, 1.4], [-1, 1.6]]) * 100
    flat = line_TD * 0 + np.array([[0, 0], [0, 0.8], [0, 1.6], [0, 2.4]])
    assert rules.shuffle_ratios(flat)[0] == pytest.approx(1.0)
    detour, _ = rules.shuffle_ratios(flat[[0, 2, 1, 3]])
    assert detour == pytest.approx(5 / 3)
    assert rules.shuffle_ratios(line_TD[[0, 0, 0]]) == (1.0, 0.0), "equal frames have no order"


@given(seed=SEEDS, n=st.integers(8, 14))
@settings(deadline=None, max_examples=15)
def test_order_ratios_agree_with_loops(seed, n):
    x_TD = np.random.default_rng(seed).normal(100, 30, (n, 12))
    assert rules.shuffle_ratios(x_TD) == pytest.approx(slow_measures.order_ratios(x_TD), rel=1e-9)


@given(seed=SEEDS)
@settings(deadline=None, max_examples=25)
def test_order_says_nothing_of_direction_brightness_or_contrast(seed):
    rng = np.random.default_rng(seed)
    x_TD = walk(seed=seed)[rng.permutation(16)]
    found = rules.shuffle_ratios(x_TD)
    assert rules.shuffle_ratios(x_TD[::-1]) == pytest.approx(found, rel=1e-9)
    brightness, contrast = rng.normal(0, 20, (16, 1)), rng.uniform(0.5, 2, (16, 1))
    assert rules.shuffle_ratios(x_TD * contrast + brightness) == pytest.approx(found, rel=1e-6)
    assert found[0] >= 1 - 1e-12
    assert found[1] > 0


def test_a_steady_walk_is_in_order_and_a_mixed_one_is_not():
    assert rules.shuffle_ratios(walk())[0] == pytest.approx(1.0)
    detours = []
    for reach in (0, 2, 5, 16):
        rng = np.random.default_rng(4)
        order = np.argsort(np.arange(16) + reach * rng.uniform(size=16), kind="stable")
        detours.append(rules.shuffle_ratios(walk()[order])[0])
    assert detours == sorted(detours)
    assert detours[-1] > rules.SHUFFLE_DETOUR


def test_noise_around_one_picture_is_not_out_of_order():
    x_TD = walk()[:1] + np.random.default_rng(2).normal(0, 1, (16, 30))
    detour, nearness = rules.shuffle_ratios(x_TD)
    assert nearness > 0.9
    assert detour < 1.3


def test_long_clips_are_put_in_order_window_by_window():
    x_TD = walk(200, step=0.5)
    assert rules.shuffle_ratios(x_TD)[0] == pytest.approx(1.0)
    mixed = x_TD[np.random.default_rng(0).permutation(200)]
    assert rules.shuffle_ratios(mixed)[0] > 5


def test_brightness_share_by_hand():
    """Two cells: both up by 3 is all brightness; one up by 3 moves the mean by 1.5 of rms 2.12."""
    assert rules.brightness_share(np.array([[10.0, 20], [13, 23], [10, 20]])) == pytest.approx(1.0)
    assert rules.brightness_share(np.array([[10.0, 20], [13, 20]])) == pytest.approx(0.5**0.5)
    assert rules.brightness_share(np.array([[10.0, 20], [13, 17]])) == 0.0
    assert rules.brightness_share(np.array([[10.0, 20], [10, 20]])) == 0.0, "nothing changes"


@given(seed=SEEDS)
@settings(deadline=None, max_examples=25)
def test_brightness_share_is_a_share_of_any_clip(seed):
    x_TD = np.random.default_rng(seed).normal(100, 30, (9, 12))
    assert 0 <= rules.brightness_share(x_TD) <= 1
    assert rules.brightness_share(x_TD[::-1]) == pytest.approx(rules.brightness_share(x_TD))
