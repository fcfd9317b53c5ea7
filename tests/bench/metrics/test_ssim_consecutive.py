"""SSIM of consecutive frames: by hand, against loops, its properties, its order, its refusals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_measures

from bench.errors import TooFewFrames
from bench.features.pixels import pixel_features
from bench.metrics.ssim_consecutive import SsimConsecutive, pair_similarities, ssim_consecutive
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still, texture


def plain(*levels, height=16, width=20):
    return np.stack([np.full((height, width, 3), level, np.uint8) for level in levels])


def scored(frames_THWC):
    metric = SsimConsecutive()
    return metric.score(clip_of(frames_THWC, needs=metric.needs))


def test_plain_grey_frames_by_hand():
    assert ssim_consecutive(plain(100, 150)) == pytest.approx(0.923092, abs=1e-5)
    c1 = (0.01 * 255) ** 2
    expected = [(2 * a * b + c1) / (a * a + b * b + c1) for a, b in [(100, 150), (150, 30)]]
    values = scored(plain(100, 150, 30))
    assert values["ssim"].series.tolist() == pytest.approx(expected, abs=1e-5)
    assert values["ssim"].value == pytest.approx(np.mean(expected), abs=1e-5)
    assert values["lowest"].value == pytest.approx(min(expected), abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_loops_over_windows(seed):
    # grey frames: their luma is their level, whichever way it is rounded
    grey_THW = noisy(moving(3, 17, 15, seed=seed), 12, seed)[..., 0]
    expected = [slow_measures.ssim(a, b) for a, b in pairwise(grey_THW)]
    found = pair_similarities(pixel_features(np.repeat(grey_THW[..., None], 3, axis=-1)))
    assert found.tolist() == pytest.approx(expected, abs=2e-5)


@given(seed=st.integers(0, 9999), n=st.integers(2, 5))
@settings(deadline=None, max_examples=20)
def test_it_lies_in_its_range_and_does_not_know_the_direction_of_time(seed, n):
    frames = np.random.default_rng(seed).integers(0, 256, (n, 13, 16, 3)).astype(np.uint8)
    there, back = pixel_features(frames), pixel_features(frames[::-1])
    values_P = pair_similarities(there)
    assert values_P.shape == (n - 1,)
    assert ((values_P >= -1) & (values_P <= 1)).all()
    assert values_P == pytest.approx(pair_similarities(back)[::-1], abs=1e-6)


@pytest.mark.parametrize("kind", ["noise", "luma_flicker", "spatial_jitter"])
def test_it_falls_as_damage_grows(kind):
    frames = moving(8, 64, 80, 0.5, 0.25)
    values = [ssim_consecutive(frames)]
    values += [
        ssim_consecutive(corrupt(frames, kind, s, np.random.default_rng(3))) for s in (1, 3, 5)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[-1] > 0.2


def test_witness_a_frozen_and_a_black_clip_are_perfect():
    assert ssim_consecutive(still(4)) == 1.0
    assert ssim_consecutive(plain(0, 0, 0)) == 1.0
    assert ssim_consecutive(moving(4)) < 0.99


def test_rounding_does_not_lead_out_of_the_range():
    values_P = pair_similarities({"index": np.arange(4), "ssim": np.array([1 + 4e-8, 0.5, np.nan])})
    assert values_P[:2].tolist() == [1.0, 0.5]
    assert math.isnan(values_P[2])


def test_colour_is_not_seen():
    """Red 100 and green 51 have one luma, 30."""
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    frames[0, ..., 0], frames[1, ..., 1] = 100, 51
    assert ssim_consecutive(frames) == 1.0


def test_one_frame_has_no_next():
    with pytest.raises(TooFewFrames, match=r"compared with the next, so two are needed; seen: 1"):
        ssim_consecutive(texture(20, 20)[None])


def test_a_video_smaller_than_the_window_has_a_reason_and_no_number():
    values = scored(moving(3, 10, 40))
    assert math.isnan(values["ssim"].value)
    assert values["lowest"].reason == "SSIM needs 11 px a side; the video is 40x10 px"


def test_it_conforms_at_any_sampling():
    metric = SsimConsecutive(frames="uniform:3")
    assert metric.needs == ("pixels:frames=uniform:3",)
    clip = clip_of(moving(9), needs=metric.needs)
    check_metric(metric, clip)
    assert len(metric.score(clip)["ssim"].series) == 2
