"""Plain methods and measures by which super-resolution is judged."""

from __future__ import annotations

import numpy as np
import pytest

from generator.cascade import Cascade
from generator.compare import (
    compare,
    draw_scenes,
    edge_error,
    filled,
    gain,
    judge,
    main,
    motion_error,
    plain,
    psnr_db,
    quality,
    render_pair,
    split_of,
)
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


def test_scenes_are_the_same_again_and_no_split_shows_what_the_other_does() -> None:
    test, tune = (draw_scenes(40, seed=3, split=split, kind=None) for split in ("test", "tune"))
    assert test == draw_scenes(40, seed=3, split="test", kind=None)
    assert test[:10] == draw_scenes(10, seed=3, split="test", kind=None)
    assert test != draw_scenes(40, seed=4, split="test", kind=None)
    shown = [{repr((s.truth.things, s.truth.person)) for s in scenes} for scenes in (test, tune)]
    assert not shown[0] & shown[1]
    assert {split_of(scene.truth) for scene in tune} == {"tune"}
    with pytest.raises(ValueError, match="no such split; seen: 'train'; legal: test, tune"):
        draw_scenes(1, seed=0, split="train", kind=None)


def test_a_gain_is_paired_and_its_interval_holds_the_figure() -> None:
    rng = np.random.default_rng(0)
    hard = rng.uniform(1, 100, 40)  # scenes differ far more than the methods do
    rows = np.stack([hard, hard, hard], axis=1)
    worse = rows * 1.1 + rng.normal(0, 0.01, rows.shape)
    g = gain(rows, worse)
    assert g.psnr_db.value == pytest.approx(10 * np.log10(1.1), abs=0.01)
    assert g.psnr_db.low > 0.4  # an unpaired interval would reach far below 0
    assert g.edge_error.low < g.edge_error.value < g.edge_error.high
    back = gain(worse, rows)
    assert back.edge_error.value == pytest.approx(-g.edge_error.value)
    assert back.edge_error.high < 0


def test_the_intervals_are_those_of_a_bootstrap_by_hand() -> None:
    rng = np.random.default_rng(1)
    rows, other = rng.uniform(1, 2, (30, 3)), rng.uniform(1, 2, (30, 3))
    drawn = rng.integers(30, size=(20_000, 30))
    by_hand = np.quantile((other[drawn, 1] - rows[drawn, 1]).mean(axis=1), [0.025, 0.975])
    g = gain(rows, other).edge_error
    assert [g.low, g.high] == pytest.approx(by_hand, abs=0.03)


def test_a_gain_that_no_scene_changes_is_a_point() -> None:
    rows = np.ones((5, 3))
    g = gain(rows, rows)
    assert (g.motion_error.low, g.motion_error.value, g.motion_error.high) == (0, 0, 0)
    assert str(gain(rows[:1], rows[:1] + 1).edge_error) == "+1.000 [+1.000, +1.000]"


def test_quality_is_of_all_scenes_together() -> None:
    q = quality(np.array([[1.0, 2.0, 4.0], [49.0, 4.0, 0.0]]))
    assert q.psnr_db == pytest.approx(20 * np.log10(255 / 5))
    assert (q.edge_error, q.motion_error) == (3, 2)


@pytest.mark.parametrize(("weights", "stage"), [("imagen-video", "ssr1"), ("imagen", "ssr1")])
def test_a_shipped_stage_is_above_bicubic(weights, stage) -> None:
    rows = compare(Cascade.from_pretrained(weights), stage, n=4, n_frames=1, split="tune")
    assert rows[stage].shape == (4, 3)
    own, bicubic = quality(rows[stage]), quality(rows["bicubic"])
    assert own.psnr_db > bicubic.psnr_db + 1
    assert own.edge_error < bicubic.edge_error


def test_the_command_prints_a_row_for_each_method(capsys) -> None:
    main(["--stage", "ssr1", "-n", "2", "--frames", "2", "--least", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[1] for line in lines[2:]] == ["bilinear", "bicubic", "ssr1"]
    assert all(line.count("|") == 9 for line in lines)
    assert "[" in lines[2]
    assert "[" not in lines[4]
