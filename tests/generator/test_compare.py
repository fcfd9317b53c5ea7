"""Plain methods and measures by which super-resolution is judged."""

from __future__ import annotations

import numpy as np
import pytest

from generator.compare import edge_error, filled, judge, motion_error, plain, psnr_db, render_pair
from generator.presets import load
from generator.world.grammar import Scene, Thing, Truth

PRESET = load("imagen-video")
SCENE = Scene(
    truth=Truth(things=(Thing(shape="square", colour="red"),), motion="right", background="white")
)


def test_psnr_of_a_known_error() -> None:
    true = np.zeros((2, 4, 4, 3), np.uint8)
    assert psnr_db(true + 5, true) == pytest.approx(20 * np.log10(255 / 5))
    assert psnr_db(true, true) > 150


def test_edge_error_ignores_brightness_and_sees_blur() -> None:
    step = np.zeros((1, 6, 6, 3), np.uint8)
    step[:, :, 3:] = 100
    assert edge_error(step + 7, step) == 0
    soft = step.copy()
    soft[:, :, 3] = 50
    # one edge of 100 becomes two of 50: 50 + 50 wrong in 5 places across, nothing down
    assert edge_error(soft, step) == pytest.approx((50 + 50) / 5 / 2)


def test_motion_error_ignores_what_stands_still_and_sees_flicker() -> None:
    still = np.zeros((1, 4, 2, 2, 3), np.uint8)
    assert motion_error(still + 9, still) == 0
    flicker = still.copy()
    flicker[:, 1::2] = 6
    assert motion_error(flicker, still) == 6
    assert motion_error(flicker[:, :1], still[:, :1]) == 0


def test_known_frames_count_for_motion_only() -> None:
    true = np.zeros((1, 4, 6, 6, 3), np.uint8)
    seen = true.copy()
    seen[:, 1::2] = 4
    error, edge, moved = judge(seen, true, PRESET.stage("tsr1"))
    assert (error, edge, moved) == (16, 0, 4)
    assert judge(seen, true, PRESET.stage("ssr1"))[0] == 8


def test_a_small_video_is_the_mean_of_the_true_one() -> None:
    low, true = render_pair(PRESET.stage("ssr1"), [SCENE], 2)
    assert (low.shape, true.shape) == ((1, 2, 24, 40, 3), (1, 2, 48, 80, 3))
    assert abs(float(low.mean()) - float(true.mean())) < 0.5


def test_a_slow_video_has_every_other_frame() -> None:
    low, true = render_pair(PRESET.stage("tsr1"), [SCENE], 8)
    assert np.array_equal(low, true[:, ::2])
    with pytest.raises(ValueError, match="a clip has 32 frames at most; seen: 40"):
        render_pair(PRESET.stage("tsr1"), [SCENE], 40)


def test_plain_methods_keep_a_plain_picture() -> None:
    grey = np.full((1, 3, 24, 40, 3), 90, np.uint8)
    for stage, shape in (("ssr1", (1, 3, 48, 80, 3)), ("tsr1", (1, 3, 24, 40, 3))):
        for video in plain(grey, PRESET.stage(stage)).values():
            assert video.shape == shape
            assert (video == 90).all()


def test_blending_is_between_its_neighbours() -> None:
    low = np.zeros((1, 2, 24, 40, 3), np.uint8)
    low[:, 1] = 100
    blended = plain(low, PRESET.stage("tsr1"))["blended"]
    assert blended[0, :, 0, 0, 0].tolist() == [50, 100]


def test_filling_is_compared_on_new_frames_with_a_blend_by_distance() -> None:
    stage = load("make-a-video").stage("fill")
    low, true = render_pair(stage, [SCENE], 11)
    assert np.array_equal(low, true[:, ::5])
    low = np.zeros((1, 3, 4, 4, 3), np.uint8)
    low[:, 1:] = 100
    ways = filled(low, 5)
    assert ways["blended"][0, :, 0, 0, 0].tolist() == [0, 20, 40, 60, 80, *[100] * 6]
    assert ways["repeated"][0, :, 0, 0, 0].tolist() == [*[0] * 5, *[100] * 6]
    wrong = np.repeat(low, 5, axis=1)[:, :11].copy()
    wrong[:, ::5] += 7  # shown frames are not judged
    assert judge(wrong, np.repeat(low, 5, axis=1)[:, :11], stage)[:2] == (0, 0)
