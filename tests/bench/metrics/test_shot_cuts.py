"""Shot cuts: by hand, against loops over pixels, properties, cuts that must be seen, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import slow_measures

from bench.errors import TooFewFrames
from bench.features.pixels import pixel_features
from bench.metrics.shot_cuts import ShotCuts, pair_distances, shot_cuts
from bench.testing import check_metric, clip_of
from bench.videos.corrupt import corrupt
from support.clips import moving, noisy, still, texture
from support.motion import flickering, scene


def tinted(frames, r, g, b):
    return (frames * np.array([r, g, b])).astype(np.uint8)


def scored(frames_THWC):
    metric = ShotCuts()
    return metric.score(clip_of(frames_THWC, needs=metric.needs))


def test_black_then_white_by_hand():
    frames = np.zeros((5, 12, 16, 3), np.uint8)
    frames[3:] = 255
    values = scored(frames)
    assert values["cuts"].value == shot_cuts(frames) == 1
    assert values["cuts"].series.tolist() == [0, 0, 1, 0]
    assert values["largest"].value == pytest.approx(1.0, rel=1e-12)
    assert values["largest"].series.tolist() == pytest.approx([0, 0, 1, 0])


def test_half_a_channel_by_hand():
    """Half of the pixels lose their red: half of one channel of three."""
    frames = np.zeros((2, 10, 10, 3), np.uint8)
    frames[..., 0] = 255
    frames[1, :5, :, 0] = 0
    assert scored(frames)["largest"].value == pytest.approx(0.5 / 3, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_with_counting_pixels(seed):
    frames = np.stack([texture(20, 24, seed), texture(20, 24, seed + 50), texture(20, 24, seed)])
    expected = [slow_measures.colour_distance(frames[i], frames[i + 1]) for i in range(2)]
    assert pair_distances(pixel_features(frames)) == pytest.approx(expected, abs=1e-6)


@given(seed=st.integers(0, 9999), n=st.integers(2, 4))
@settings(deadline=None, max_examples=25)
def test_it_does_not_know_where_colours_stand_nor_the_direction_of_time(seed, n):
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, rng.integers(2, 257), (n, 9, 12, 3)).astype(np.uint8)
    values = scored(frames)
    assert 0 <= values["largest"].value <= 1 + 1e-12
    assert 0 <= values["cuts"].value <= n - 1
    assert scored(frames[::-1])["largest"].value == values["largest"].value
    elsewhere = frames.reshape(n, -1, 3)[:, rng.permutation(9 * 12)].reshape(frames.shape)
    assert scored(elsewhere)["largest"].value == pytest.approx(values["largest"].value, abs=1e-12)


@pytest.mark.parametrize("speed", [1.0, 6.0])
def test_what_moves_does_not_cut(speed):
    assert shot_cuts(scene(10, speed=speed)) == 0
    assert shot_cuts(flickering(scene(10), 2)) == 0
    assert shot_cuts(noisy(still(6), 20)) == 0


def test_each_splice_is_a_cut():
    here, there = tinted(moving(16), 1, 0.5, 0.2), tinted(moving(16, seed=4), 0.2, 0.5, 1)
    spliced = corrupt(here, "splice", 5, np.random.default_rng(0), there)
    assert shot_cuts(spliced) == 1
    assert shot_cuts(np.concatenate([here[:4], there[:4], here[4:8], there[4:8]])) == 3


def test_witness_a_flash_is_no_cut():
    """In and out stand side by side, and neither is three times as large as the steps near it."""
    flash, there = tinted(moving(12), 1, 0.5, 0.2), tinted(moving(12, seed=4), 0.2, 0.5, 1)
    flash[6] = there[0]
    assert scored(flash)["largest"].value > 0.12
    assert shot_cuts(flash) == 0


@pytest.mark.parametrize("kind", ["spatial_jitter", "luma_flicker"])
def test_many_large_steps_are_no_cuts(kind):
    """A cut is a leap among small steps: until version 2 shaken film was full of cuts."""
    across_W1 = np.linspace(0, 1, 40)[:, None]
    red_to_blue_WC = (1 - across_W1) * [0, 0.5, 1] + across_W1 * [1, 0.2, 0]
    coloured = (scene(16, 32, 40) * red_to_blue_WC).astype(np.uint8)
    shaken = corrupt(coloured, kind, 5, np.random.default_rng(0))
    steps = pair_distances(pixel_features(shaken))
    assert (steps > 0.12).sum() >= 5
    assert shot_cuts(shaken) == 0


def test_the_largest_step_grows_with_flicker():
    frames = moving(8)
    values = [
        scored(corrupt(frames, "luma_flicker", s, np.random.default_rng(2)))["largest"].value
        for s in (1, 2, 3, 4, 5)
    ]
    assert values == sorted(values)
    assert scored(frames)["largest"].value < values[0]


def test_witness_pictures_of_like_colours_cut_unseen():
    one = texture(40, 40, 0)
    other = np.random.default_rng(0).permutation(one.reshape(-1, 3)).reshape(one.shape)
    assert shot_cuts(np.stack([one, one, other])) == 0


def test_one_frame_is_too_few():
    with pytest.raises(TooFewFrames, match=r"a cut lies between frames, so two are needed; seen"):
        shot_cuts(moving(1))


def test_it_conforms_at_any_sampling():
    metric = ShotCuts(frames="fps:8")
    assert metric.needs == ("pixels:frames=fps:8",)
    check_metric(metric, clip_of(moving(9), needs=metric.needs))
