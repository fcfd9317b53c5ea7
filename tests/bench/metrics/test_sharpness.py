"""Sharpness: by hand, against loops, its properties, its order under blur, its sizes."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_measures

from bench.metrics.sharpness import HIGHEST, Sharpness, frame_sharpness, sharpness
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still, texture


def grey(image_HW):
    return np.repeat(np.asarray(image_HW, np.uint8)[None, :, :, None], 3, axis=-1)


def checkerboard(level, side=256):
    return grey(level * (np.indices((side, side)).sum(axis=0) % 2))


def scored(frames_THWC):
    metric = Sharpness()
    return metric.score(clip_of(frames_THWC, needs=metric.needs))


def test_a_checkerboard_by_hand():
    assert sharpness(checkerboard(20)) == pytest.approx(6400, rel=1e-6)
    assert sharpness(checkerboard(255)) == pytest.approx(HIGHEST, rel=1e-6)


def test_a_bright_point_by_hand():
    """The Laplacian of one pixel of 100 is -400 there and 100 at its four neighbours."""
    image = np.zeros((256, 300))
    image[40, 50] = 100
    n = image.size
    expected = (400**2 + 4 * 100**2) / n - 0.0**2
    assert sharpness(grey(image)) == pytest.approx(expected, rel=1e-5)


def test_mean_and_lowest_of_the_frames():
    frames = np.concatenate([checkerboard(20), checkerboard(10), checkerboard(0)])
    values = scored(frames)
    assert values["sharpness"].series.tolist() == pytest.approx([6400, 1600, 0], rel=1e-6)
    assert values["sharpness"].value == pytest.approx(8000 / 3, rel=1e-6)
    assert values["lowest"].value == 0


def test_it_agrees_with_loops_over_pixels():
    frame = noisy(texture(256, 260)[None], 9)
    expected = slow_measures.laplacian_variance(slow_measures.luma(frame[0]))
    # OpenCV's luma rounds in 14 bits and may differ by one level here and there
    assert sharpness(frame) == pytest.approx(expected, rel=2e-3)


@given(seed=st.integers(0, 9999), height=st.integers(1, 40), width=st.integers(1, 40))
@settings(deadline=None, max_examples=25)
def test_it_lies_in_its_range_and_knows_no_side(seed, height, width):
    frame = np.random.default_rng(seed).integers(0, 256, (1, height, width, 3)).astype(np.uint8)
    value = sharpness(frame)
    assert 0 <= value <= HIGHEST
    assert sharpness(frame[:, ::-1]) == pytest.approx(value, rel=1e-3, abs=1e-3)
    assert sharpness(255 - frame) == pytest.approx(value, rel=0.05, abs=1.0)


def test_it_falls_as_blur_grows_and_rises_with_noise():
    frames = noisy(moving(3, 128, 160), 10)
    rng = np.random.default_rng(0)
    blurred = [sharpness(corrupt(frames, "gaussian_blur", s, rng)) for s in (1, 2, 3, 4, 5)]
    assert [sharpness(frames), *blurred] == sorted([sharpness(frames), *blurred], reverse=True)
    assert blurred[-1] < 0.05 * sharpness(frames)
    assert sharpness(corrupt(frames, "noise", 3, rng)) > sharpness(frames)


def test_a_large_frame_is_judged_at_the_size_of_a_small_one():
    small = texture(256, 320)
    large = small.repeat(3, axis=0).repeat(3, axis=1)
    assert sharpness(large[None]) == pytest.approx(sharpness(small[None]), rel=1e-3)


def test_a_small_frame_does_not_pass_for_a_sharp_one():
    large = texture(256, 320, scale=3.0)
    small = cv2.resize(large, (80, 64), interpolation=cv2.INTER_AREA)
    assert sharpness(small[None]) < sharpness(large[None])


def test_witness_a_frozen_clip_is_as_sharp_as_its_frame():
    frames = still(4)
    assert sharpness(frames) == pytest.approx(sharpness(frames[:1]), rel=1e-12)


def test_it_conforms_at_any_sampling_and_for_one_frame():
    metric = Sharpness(frames="uniform:2")
    check_metric(metric, clip_of(moving(6), needs=metric.needs))
    check_metric(Sharpness(), clip_of(moving(1), needs=Sharpness().needs))
    assert frame_sharpness({"sharpness": np.array([1, 2])}).dtype == np.float64


def test_a_sampling_that_cannot_be_is_refused():
    with pytest.raises(Exception, match="legal: all, uniform:N"):
        Sharpness(frames="some")
