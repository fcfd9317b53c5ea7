"""Training data: the same for a seed, packed rightly, mixed by weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from generator.adapter import TextCondition
from generator.data import (
    ClipShape,
    Mixture,
    WorldSource,
    draw_times,
    draw_truths,
    pack,
    pixels,
    to_frames,
)
from generator.examples import make_example, neighbours, upsample
from generator.presets.imagen_video import PRESET
from generator.stages import Phase
from generator.world.grammar import Scene, is_held_out
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter
from generator.world.tracks import DURATION_S

SHAPE = ClipShape(n_clips=4, n_frames=3, height_px=24, width_px=40)


def world(n: int = 6, seed: int = 0) -> WorldSource:
    truths, _ = draw_truths([(1, n)], seed)
    rows = torch.arange(float(n))
    return WorldSource(
        truths,
        TextCondition(
            vector_NP=rows[:, None].expand(n, 256), slots_NSD=rows[:, None, None].expand(n, 12, 48)
        ),
    )


def test_the_same_seed_gives_the_same_batch() -> None:
    a, b, c = (world().batch(SHAPE, np.random.default_rng(s)) for s in (3, 3, 4))
    assert np.array_equal(a.frames_NTHWC, b.frames_NTHWC)
    assert np.array_equal(a.rows_N, b.rows_N)
    assert not np.array_equal(a.frames_NTHWC, c.frames_NTHWC)


def test_a_batch_shows_its_rows_at_its_instants() -> None:
    source, rng = world(), np.random.default_rng(0)
    clips = source.batch(SHAPE, rng)
    assert clips.frames_NTHWC.shape == (4, 3, 24, 40, 3)
    # draw again what the batch drew: rows, then a jitter for each
    again = np.random.default_rng(0)
    rows = again.integers(len(source.truths), size=4)
    assert np.array_equal(rows, clips.rows_N)
    scenes = [Scene(truth=source.truths[row], jitter=sample_jitter(again)) for row in rows]
    shown = render_batch(scenes, times_s=clips.time_NT * DURATION_S)
    assert np.array_equal(shown, clips.frames_NTHWC)


def test_training_never_shows_held_out_combinations() -> None:
    truths, captions = draw_truths([(5, 200), (3, 50, "pair")], 1)
    assert not any(is_held_out(truth) for truth in truths)
    assert [truth.kind for truth in truths[200:]] == ["pair"] * 50
    assert len(captions) == 250
    assert all(captions)


def test_times_are_even_or_one_in_each_stratum() -> None:
    even = draw_times(2, 4, 1.0, np.random.default_rng(0))
    assert even.tolist() == [[0, 0.25, 0.5, 0.75]] * 2
    loose = draw_times(50, 4, None, np.random.default_rng(0))
    assert np.array_equal((loose * 4).astype(int), np.tile(np.arange(4), (50, 1)))
    assert len(np.unique(loose)) == 200
    window = draw_times(50, 4, 0.25, np.random.default_rng(0))
    assert np.diff(window) == pytest.approx(0.25 / 4)
    assert window.min() < 0.05
    assert 0.9 < window.max() < 1


def test_pixels_and_frames_are_inverse() -> None:
    frames = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16, 1).repeat(3, axis=4)
    x = pixels(frames)
    assert x.shape == (1, 1, 3, 16, 16)
    assert (x.min().item(), x.max().item()) == (-1, 1)
    assert np.array_equal(to_frames(x), frames)
    assert to_frames(x * 9).max() == 255


def test_packs_keep_each_images_own_row_and_instant() -> None:
    images = world().batch(replace(SHAPE, n_clips=6, n_frames=1), np.random.default_rng(0))
    packed = pack(images, 3)
    assert packed.frames_NTHWC.shape == (2, 3, 24, 40, 3)
    assert packed.rows_N.tolist() == images.rows_N.reshape(2, 3).tolist()
    assert np.array_equal(packed.frames_NTHWC[1, 2], images.frames_NTHWC[5, 0])
    with pytest.raises(ValueError, match="single images in a multiple of 4"):
        pack(images, 4)


def test_mixture_draws_by_weight_and_counts_rows_through() -> None:
    mixture = Mixture([world(6), world(4, seed=1)], [1, 3])
    one = ClipShape(n_clips=1, n_frames=1, height_px=6, width_px=10)
    rows = [int(mixture.batch(one, np.random.default_rng(i)).rows_N[0]) for i in range(400)]
    assert np.mean(np.array(rows) >= 6) == pytest.approx(0.75, abs=0.06)
    assert mixture.condition.vector_NP[6:, 0].tolist() == [0, 1, 2, 3]
    assert max(rows) < 10


@pytest.mark.parametrize("weights", [[1], [0, 0], [1, -1], []])
def test_mixture_refuses_weights_that_cannot_be(weights) -> None:
    with pytest.raises(ValueError, match="one weight of 0 or more for each source"):
        Mixture([world(), world()], weights)


def test_a_source_needs_a_condition_for_each_truth() -> None:
    with pytest.raises(ValueError, match="one condition for each truth; seen: 6 for 5"):
        WorldSource(world().truths[:5], world().condition)


def test_a_base_example_joins_videos_and_packs() -> None:
    phase = Phase(level=1, n_frames=4, n_clips=2, steps=1, n_packs=1)
    stage = replace(PRESET.stage("base"), text_drop_prob=0.0)
    example = make_example(
        stage, phase, world(), np.random.default_rng(0), torch.Generator().manual_seed(0)
    )
    assert example.x_NTCHW.shape == (3, 4, 3, 24, 40)
    assert example.condition.packed_N is not None
    assert example.condition.packed_N.tolist() == [False, False, True]
    spread = example.log_snr_NT.std(dim=1)
    assert (spread == 0).tolist() == [True, True, False]
    # a video's frames share their text; a pack's images have their own
    rows = example.condition.text_NTP[:, :, 0]
    assert [len(set(row)) for row in rows.tolist()][:2] == [1, 1]
    assert len(set(rows[2].tolist())) > 1


def test_text_is_dropped_for_whole_clips() -> None:
    phase = Phase(level=1, n_frames=2, n_clips=8, steps=1)
    stage = replace(PRESET.stage("base"), text_drop_prob=1.0)
    example = make_example(
        stage, phase, world(), np.random.default_rng(0), torch.Generator().manual_seed(0)
    )
    assert example.condition.text_NTP.abs().max() == 0
    assert example.condition.slots_NTSD is not None
    assert example.condition.slots_NTSD.abs().max() == 0


def test_neighbours_lie_before_and_after_each_new_frame() -> None:
    known = torch.arange(3.0).view(1, 3, 1, 1, 1).expand(1, 3, 3, 2, 2)
    told = neighbours(known)
    assert told.shape == (1, 3, 6, 2, 2)
    assert told[0, :, 0, 0, 0].tolist() == [0, 1, 2]
    assert told[0, :, 3, 0, 0].tolist() == [1, 2, 2]


def test_upsampling_keeps_a_plain_picture_plain() -> None:
    assert torch.equal(
        upsample(torch.full((1, 2, 3, 4, 5), 0.5), 8, 10), torch.full((1, 2, 3, 8, 10), 0.5)
    )
