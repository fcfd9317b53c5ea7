"""Motion smoothness: by hand, against loops, properties, order under stutter, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_flow

from bench.errors import TooFewFrames
from bench.features import _optical_flow as optical
from bench.metrics.motion_smoothness import MotionSmoothness, acceleration, motion_smoothness
from bench.metrics.temporal_flicker import temporal_flicker
from bench.registry import build
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still
from support.motion import scene, scored, stuttering


def test_a_stutter_by_hand():
    """Steps of 0 and 4 px: a change of velocity of 4 px at every inner frame, at 64 of 256 px."""
    frames = stuttering(moving(10, 64, 80, 2.0, 0.0), 2)
    value = MotionSmoothness().score(scored(frames))["acceleration"]
    assert value.value == pytest.approx(16, abs=0.4)
    assert value.series == pytest.approx([16] * 8, abs=1.0)
    assert motion_smoothness(frames) == value.value


def test_from_the_flow_by_hand():
    flow = {
        "acceleration_px": np.array([1.0, 3.0]),
        "size_px": np.array([128, 512]),
        "index": np.arange(4),
    }
    assert acceleration(flow).tolist() == [2.0, 6.0]


def test_constant_speed_is_smooth_at_any_speed():
    for speed in (0.5, 2.0, 4.0):
        assert motion_smoothness(moving(6, 64, 80, speed, 0.5 * speed)) < 0.4


def test_it_agrees_with_loops_along_the_same_flow():
    frames = noisy(scene(4, 40, 56, speed=2.0), 3)
    greys = [optical.grey(frame) for frame in frames]
    there = [optical.estimate(greys[t], greys[t + 1]) for t in range(3)]
    back = [optical.estimate(greys[t + 1], greys[t]) for t in range(3)]
    expected = []
    for t in (1, 2):
        hidden = slow_flow.occlusion(there[t], back[t])
        hidden |= slow_flow.occlusion(back[t - 1], there[t - 1])
        expected.append(slow_flow.acceleration(there[t], back[t - 1], hidden) * 256 / 40)
    assert motion_smoothness(frames) == pytest.approx(np.mean(expected), rel=1e-4)


@given(seed=st.integers(0, 999), speed=st.floats(0.5, 3))
@settings(deadline=None, max_examples=8)
def test_it_does_not_know_left_from_right_or_up_from_down(seed, speed):
    frames = stuttering(moving(5, 48, 48, speed, 0.5, seed=seed), 2)
    value = motion_smoothness(frames)
    assert value >= 0
    for turned in (frames[:, ::-1], frames[:, :, ::-1], frames.transpose(0, 2, 1, 3)):
        assert motion_smoothness(turned) == pytest.approx(value, rel=0.15, abs=0.4)


def test_it_gets_worse_as_frames_repeat_drop_and_mix():
    frames = scene(16, speed=1.5)
    smooth = motion_smoothness(frames)
    repeated = [motion_smoothness(stuttering(frames, every)) for every in (8, 4, 2)]
    assert [smooth, *repeated] == sorted([smooth, *repeated])
    assert repeated[-1] > 3 * smooth
    for kind in ("frame_drop", "shuffle"):
        assert motion_smoothness(corrupt(frames, kind, 3, np.random.default_rng(0))) > 2 * smooth


def test_a_repeat_is_punished_that_flicker_rewards():
    frames = scene(10)
    repeated = stuttering(frames, 2)
    assert temporal_flicker(repeated) < temporal_flicker(frames)
    assert motion_smoothness(repeated) > 3 * motion_smoothness(frames)


def test_witness_a_frozen_and_a_black_clip_are_perfect():
    assert motion_smoothness(still(4)) == 0
    assert motion_smoothness(np.zeros_like(still(4))) == 0


@pytest.mark.parametrize(
    ("n", "message"),
    [
        (1, r"optical flow needs two frames; seen: 1"),
        (2, r"a change of velocity needs three frames; seen: 2"),
    ],
)
def test_short_clips_are_refused(n, message):
    with pytest.raises(TooFewFrames, match=message):
        motion_smoothness(moving(n))


def test_it_conforms_at_any_size_and_sampling():
    metric = build("metric", "motion_smoothness:frames=uniform:5,side=32")
    assert metric.needs == ("flow:frames=uniform:5,side=32",)
    check_metric(metric, clip_of(moving(8), needs=metric.needs))
