"""Motion amount: by hand, against sorting, properties, order under speed, refusals."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_flow

from bench.errors import TooFewFrames, UsageError
from bench.features import _optical_flow as optical
from bench.metrics.motion_amount import MotionAmount, motion_amount, speed
from bench.registry import build
from bench.testing import check_metric, clip_of
from support.clips import moving, noisy, still
from support.motion import scene, scored, shuffled


def numbers(frames_THWC, fps=24.0):
    return {n: v.value for n, v in MotionAmount().score(scored(frames_THWC, fps)).items()}


def test_a_slide_by_hand():
    """(3, 4) px a frame are 5 px; 64 of 256 px and 8 fps make 160."""
    frames = moving(5, 64, 80, 3.0, 4.0)
    found = numbers(frames, fps=8.0)
    assert found["mean"] == pytest.approx(160, rel=0.01)
    assert 160 * 1.01 < found["top5"] < 160 * 1.08
    assert motion_amount(frames, fps=8.0) == found["top5"]


def test_from_the_flow_by_hand():
    """Gaps of 1 and 2 frames at 12 fps; 128 px of 256."""
    flow = {
        "top5_px": np.array([3.0, 3.0]),
        "mean_px": np.array([1.0, 4.0]),
        "size_px": np.array([200, 128]),
        "index": np.array([0, 1, 3]),
    }
    assert speed(flow, "top5", 12.0).tolist() == [72.0, 36.0]
    assert speed(flow, "mean", 12.0).tolist() == [24.0, 48.0]


def test_it_agrees_with_sorting_the_same_flow():
    frames = noisy(scene(3, 40, 56, speed=2.0), 3)
    greys = [optical.grey(frame) for frame in frames]
    top, mean = [], []
    for t in range(2):
        lengths = np.hypot(*np.moveaxis(optical.estimate(greys[t], greys[t + 1]), -1, 0))
        top.append(slow_flow.top_mean(lengths, 0.05) * 256 / 40 * 24)
        mean.append(float(lengths.mean()) * 256 / 40 * 24)
    found = numbers(frames)
    assert found["top5"] == pytest.approx(np.mean(top), rel=1e-4)
    assert found["mean"] == pytest.approx(np.mean(mean), rel=1e-4)


@given(seed=st.integers(0, 9999), fps=st.floats(1, 120))
@settings(deadline=None, max_examples=12)
def test_it_is_proportional_to_the_frame_rate(seed, fps):
    frames = np.random.default_rng(seed).integers(0, 256, (3, 16, 24, 3)).astype(np.uint8)
    at_one, at_fps = numbers(frames, 1.0), numbers(frames, fps)
    for name, value in at_fps.items():
        assert value == pytest.approx(at_one[name] * fps, rel=1e-9)
    assert at_one["top5"] >= at_one["mean"] >= 0


def test_it_grows_with_speed_and_with_every_second_frame_left_out():
    values = [motion_amount(moving(5, 96, 128, dx, 0.0), 24.0) for dx in (0.5, 1.0, 2.0, 4.0)]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(8 * values[0], rel=0.2)
    frames = moving(9, 96, 128, 1.0, 0.0)
    assert motion_amount(frames[::2], 12.0) == pytest.approx(motion_amount(frames, 24.0), rel=0.1)


def test_the_size_of_the_video_does_not_matter():
    small = moving(3, 64, 80, 1.0, 0.5)
    large = np.stack([cv2.resize(f, (240, 192), interpolation=cv2.INTER_CUBIC) for f in small])
    assert numbers(large)["mean"] == pytest.approx(numbers(small)["mean"], rel=0.05)


def test_it_has_no_better_end():
    assert [column.higher_is_better for column in MotionAmount.columns] == [None, None]


def test_witness_noise_and_shuffling_read_as_motion_and_stillness_as_none():
    assert motion_amount(still(3), 24.0) == 0
    assert motion_amount(np.zeros_like(still(3)), 24.0) == 0
    assert motion_amount(noisy(still(3), 10), 24.0) > 5
    frames = scene(10)
    assert motion_amount(shuffled(frames), 24.0) > 1.5 * motion_amount(frames, 24.0)


def test_without_a_frame_rate_there_is_a_reason_and_no_number():
    values = MotionAmount().score(scored(moving(3), fps=0.0))
    assert all(math.isnan(value.value) for value in values.values())
    assert {value.reason for value in values.values()} == {"the video states no frame rate"}
    for fps in (0.0, -1.0, math.nan):
        with pytest.raises(UsageError, match=r"speed needs a frame rate; seen: .*; legal: above 0"):
            motion_amount(moving(3), fps)


def test_one_frame_is_too_few():
    with pytest.raises(TooFewFrames, match=r"optical flow needs two frames; seen: 1"):
        motion_amount(moving(1), 24.0)


def test_it_conforms_at_any_size_and_sampling():
    metric = build("metric", "motion_amount:frames=fps:12,side=32")
    assert metric.needs == ("flow:frames=fps:12,side=32",)
    check_metric(metric, clip_of(moving(8), needs=metric.needs))
