"""The built-in watermark: its payload is read back where it should be, and nowhere else."""

import numpy as np
import pytest
from scipy.stats import binom

from bench.videos.corrupt import h264, noise
from generator import watermark
from generator.provenance import Origin, marked_frames
from generator.watermark import (
    N_BITS,
    PUBLIC_KEY,
    Watermark,
    embed,
    payload_bits,
    plan,
    psnr_db,
    read_soft,
)
from generator.world.phantom import Dials, Format, generate

ORIGIN = Origin(model="m", prompt_sha256="0", seed=0)


@pytest.fixture(scope="module")
def plain():
    form = Format(height_px=48, width_px=80, fps=6, n_frames=8)
    return generate("a red ball rolls over a meadow", 3, Dials(), form).frames


@pytest.fixture(scope="module")
def marked(plain):
    return embed(plain, payload_bits(), PUBLIC_KEY)


def n_right(frames_THWC, key=PUBLIC_KEY):
    return int(((read_soft(frames_THWC, key) < 0) == payload_bits()).sum())


def test_a_plan_has_orthonormal_carriers_that_leave_brightness_alone():
    chosen = plan(PUBLIC_KEY)
    gram_BB = chosen.carrier_BK @ chosen.carrier_BK.T
    np.testing.assert_allclose(gram_BB, np.eye(N_BITS), atol=1e-12)
    assert not chosen.carrier_BK.reshape(N_BITS, *watermark.BAND)[:, 0, :2].any()
    assert not np.allclose(plan(b"other").shift_B, chosen.shift_B)


def test_the_payload_is_read_back_and_costs_about_what_the_step_says(plain, marked):
    assert n_right(marked) == N_BITS
    # a uniform move of at most half a step in each of 32 directions
    expected_db = 10 * np.log10(255**2 / (N_BITS * watermark.STEP**2 / 12))
    assert abs(psnr_db(plain, marked) - expected_db) < 2


@pytest.mark.parametrize("crf", [23, 30])
def test_it_survives_encoding_at_this_size(marked, crf):
    assert n_right(h264(marked, crf, np.random.default_rng(0), None)) >= 29


def test_one_frame_is_enough_and_noise_of_four_levels_does_no_harm(marked):
    assert n_right(marked[5:6]) == N_BITS
    assert n_right(noise(marked, 4, np.random.default_rng(0), None)) == N_BITS


def test_another_key_and_a_cropped_frame_read_nothing(marked):
    assert n_right(marked, b"another key") < 26
    assert n_right(marked[:, 3:-3, 4:-4]) < 26


def test_over_keys_unmarked_frames_read_like_coins(plain):
    clips = (plain[:1], np.zeros_like(plain[:1]))
    for clip in clips:
        right = [n_right(clip, b"%d" % i) for i in range(300)]
        assert abs(np.mean(right) - 16) < 4 * np.sqrt(8 / 300)
        assert np.var(right) == pytest.approx(8, rel=0.4)
        assert sum(r >= 26 for r in right) <= 3  # chance 2.7e-4 each
    assert binom.sf(25, N_BITS, 0.5) < 1e-3 < binom.sf(24, N_BITS, 0.5)


def test_it_is_a_mark_that_leaves_its_input_alone(plain, marked):
    before = plain.copy()
    mark = Watermark()
    np.testing.assert_array_equal(marked_frames(mark, plain, ORIGIN), marked)
    np.testing.assert_array_equal(plain, before)
    assert mark.sign("video.mp4", ORIGIN) is None


def test_black_and_white_frames_are_marked_too():
    for level in (0, 255):
        frames = np.full((1, 48, 80, 3), level, np.uint8)
        assert n_right(embed(frames, payload_bits(), PUBLIC_KEY)) > 26


def test_what_cannot_be_is_refused(plain):
    with pytest.raises(ValueError, match=r"seen: 12x20 px; legal: 16x24 or more"):
        embed(plain[:, :12, :20], payload_bits(), PUBLIC_KEY)
    with pytest.raises(ValueError, match="no payload of 32 bits; seen: 4294967296"):
        payload_bits(2**32)
    assert psnr_db(plain, plain) == float("inf")
