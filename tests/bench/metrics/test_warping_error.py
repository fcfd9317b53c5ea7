"""Warping error: by hand, against loops, properties, order under damage, witnesses, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_flow

from bench.errors import TooFewFrames, UsageError, VideoError
from bench.features import _optical_flow as optical
from bench.metrics.warping_error import WarpingError, pair_errors, warping_error
from bench.registry import build
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still
from support.motion import brightening, scene, scored, shuffled, stuttering


def numbers(frames_THWC):
    return {name: v.value for name, v in WarpingError().score(scored(frames_THWC)).items()}


def test_brightening_grey_by_hand():
    values = WarpingError().score(scored(brightening(frames=4, step=10)))
    assert values["warping_error"].value == pytest.approx((10 / 255) ** 2, rel=1e-6)
    assert values["warping_error"].value == pytest.approx(0.0015379, abs=1e-7)
    assert values["warping_error"].series == pytest.approx([(10 / 255) ** 2] * 3, rel=1e-5)
    assert values["occluded"].value == 0
    assert values["occluded"].series.tolist() == [0, 0, 0]


def test_the_mean_is_over_pairs_and_channels():
    """A step of 10 in red alone, then one of 20: a third of the squares, mean of the two."""
    frames = np.full((3, 24, 32, 3), 100, np.uint8)
    frames[1:, ..., 0] += 10
    frames[2, ..., 0] += 20
    expected = [(10 / 255) ** 2 / 3, (20 / 255) ** 2 / 3]
    values = WarpingError().score(scored(frames))
    assert values["warping_error"].series == pytest.approx(expected, rel=1e-5)
    assert warping_error(frames) == pytest.approx(np.mean(expected), rel=1e-6)


@pytest.mark.parametrize("seed", range(2))
def test_it_agrees_with_loops_along_the_same_flow(seed):
    frames = noisy(scene(3, 40, 56, speed=3.0), 5, seed)
    greys = [optical.grey(frame) for frame in frames]
    errors, hidden_shares = [], []
    for t in range(2):
        there, back = (optical.estimate(greys[i], greys[j]) for i, j in ((t, t + 1), (t + 1, t)))
        hidden = slow_flow.occlusion(there, back)
        errors.append(slow_flow.residuals(frames[t], frames[t + 1], there, hidden)[0])
        hidden_shares.append(hidden.mean())
    found = numbers(frames)
    assert found["warping_error"] == pytest.approx(np.mean(errors), rel=1e-4)
    assert found["occluded"] == pytest.approx(np.mean(hidden_shares), abs=1e-12)
    assert 0.01 < found["occluded"] < 0.9


@given(seed=st.integers(0, 9999), n=st.integers(2, 4), levels=st.integers(1, 256))
@settings(deadline=None, max_examples=15)
def test_it_lies_in_its_range_for_any_frames(seed, n, levels):
    frames = np.random.default_rng(seed).integers(0, levels, (n, 16, 20, 3)).astype(np.uint8)
    found = numbers(frames)
    assert 0 <= found["warping_error"] <= 1
    assert 0 <= found["occluded"] <= 1
    twice = np.concatenate([frames, frames[-1:]])
    assert numbers(twice)["warping_error"] == pytest.approx(
        found["warping_error"] * (n - 1) / n, rel=1e-9, abs=1e-15
    )


@pytest.mark.parametrize("kind", ["luma_flicker", "noise"])
def test_it_gets_worse_as_damage_grows(kind):
    frames = scene(6)
    made = [frames] + [corrupt(frames, kind, s, np.random.default_rng(1)) for s in (1, 2, 3, 4)]
    values = [warping_error(clip) for clip in made]
    assert values == sorted(values)
    assert values[-1] > 50 * values[0]


def test_motion_that_can_be_followed_costs_little():
    still_error, slow, fast = (warping_error(moving(5, dx=dx)) for dx in (0.5, 1.0, 3.0))
    assert max(still_error, slow, fast) < 3e-4
    frames = moving(5, dx=3.0)
    plain = np.mean(np.diff(frames.astype(float) / 255, axis=0) ** 2)
    assert fast < 0.05 * plain


def test_frames_out_of_order_hide_more():
    frames = scene(10, speed=4.0)
    assert numbers(shuffled(frames))["occluded"] > numbers(frames)["occluded"] + 0.05


def test_witness_frozen_black_and_repeated_clips_are_rewarded():
    assert warping_error(still(4)) == 0
    assert warping_error(np.zeros_like(still(4))) == 0
    assert warping_error(stuttering(scene(8), 2)) < warping_error(scene(8))
    rng = np.random.default_rng(0)
    damaged = noisy(scene(5), 10)
    assert warping_error(corrupt(damaged, "h264", 3, rng)) < warping_error(damaged)


def test_the_array_is_read_as_it_is_named():
    assert pair_errors({"squared_error": np.array([1, 2])}).tolist() == [1.0, 2.0]


def test_one_frame_and_tiny_frames_are_refused():
    with pytest.raises(TooFewFrames, match=r"optical flow needs two frames; seen: 1"):
        warping_error(moving(1))
    with pytest.raises(VideoError, match=r"too small for optical flow; seen: 40x8 px"):
        warping_error(moving(2, 8, 40))
    with pytest.raises(UsageError, match="these are not frames; seen: float64"):
        warping_error(moving(2) / 255)


def test_it_conforms_at_any_size_and_sampling():
    metric = build("metric", "warping_error:frames=uniform:4,side=32")
    assert metric.needs == ("flow:frames=uniform:4,side=32",)
    clip = clip_of(moving(6), needs=metric.needs)
    check_metric(metric, clip)
    assert metric.score(clip)["warping_error"].value != warping_error(moving(6))
