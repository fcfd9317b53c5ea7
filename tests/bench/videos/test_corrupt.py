import itertools
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import TooFewFrames, UsageError
from bench.videos.corrupt import KINDS, STRENGTHS, Damage, corrupt, reverse, shuffle
from support.clips import moving, still

CLIP = moving(24, 48, 64)
OTHER = moving(24, 48, 64, seed=9, dx=-1)
SAME_LENGTH = [kind for kind in KINDS if kind != "frame_drop"]
ORDERS = ["frame_drop", "frame_duplicate", "freeze", "shuffle", "reverse", "loop", "static"]
SEEDS = range(5)


def damaged(kind, strength, seed=0, clip=CLIP, other=OTHER):
    return corrupt(clip, kind, strength, np.random.default_rng(seed), other)


def distance(a, b):
    return float(np.abs(a.astype(int) - b).mean())


def shown(kind, strength, seed=0, n_frames=24):
    """Which frames of a clip are shown: each frame holds its own number."""
    number_T111 = np.arange(n_frames, dtype=np.uint8)[:, None, None, None]
    clip = number_T111 * np.ones((1, 4, 4, 3), np.uint8)
    return damaged(kind, strength, seed, clip, clip + 100)[:, 0, 0, 0].tolist()


# --- every kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_clip_is_a_new_clip_and_the_good_one_is_untouched(kind):
    clip, other = CLIP.copy(), OTHER.copy()
    for strength in STRENGTHS:
        made = damaged(kind, strength, clip=clip, other=other)
        assert made.dtype == np.uint8
        assert made.flags.c_contiguous
        assert made.shape[1:] == CLIP.shape[1:]
        assert len(made) == len(CLIP) or kind == "frame_drop"
        assert not np.shares_memory(made, clip)
    assert (clip == CLIP).all()
    assert (other == OTHER).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_generator_gives_the_same_bytes(kind):
    for strength in (1, 5):
        assert damaged(kind, strength, 7).tobytes() == damaged(kind, strength, 7).tobytes()


CHANCY = {"noise", "colour_shift", "luma_flicker", "frame_drop", "frame_duplicate", "shuffle",
          "reverse", "spatial_jitter", "black", "unsafe_burst"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_another_generator_gives_other_damage_where_there_is_chance(kind):
    made = {damaged(kind, 2, seed).tobytes() for seed in range(6)}
    assert (len(made) > 1) == (kind in CHANCY)


@pytest.mark.parametrize("kind", [kind for kind in SAME_LENGTH if kind != "static"])
def test_damage_grows_with_strength(kind):
    mean = np.zeros(5)
    for seed in SEEDS:
        gaps = [distance(damaged(kind, strength, seed), CLIP) for strength in STRENGTHS]
        assert min(gaps) > 0, seed
        mean += np.array(gaps) / len(SEEDS)
    assert (np.diff(mean) > 0).all(), mean


NESTED = ["gaussian_blur", "noise", "jpeg", "h264", "colour_shift", "luma_flicker", "freeze",
          "spatial_jitter", "splice"]  # fmt: skip


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("seed", SEEDS)
def test_for_one_generator_each_strength_is_worse_than_the_one_before(kind, seed):
    gaps = [distance(damaged(kind, strength, seed), CLIP) for strength in STRENGTHS]
    assert (np.diff(gaps) > 0).all(), gaps


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_frames", [2, 3])
def test_short_clips_are_damaged_too(kind, n_frames):
    for strength in STRENGTHS:
        made = damaged(kind, strength, clip=CLIP[:n_frames], other=OTHER[:1])
        if kind == "frame_drop":
            assert 1 <= len(made) < n_frames
        else:
            assert len(made) == n_frames
            assert distance(made, CLIP[:n_frames]) > 0 or kind == "luma_flicker"


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    strength=st.sampled_from(STRENGTHS),
    n_frames=st.integers(2, 7),
    height=st.integers(1, 33),
    width=st.integers(1, 33),
    seed=st.integers(0, 999),
)
def test_any_size_of_clip_can_be_damaged(kind, strength, n_frames, height, width, seed):
    rng = np.random.default_rng(seed)
    clip, other = rng.integers(0, 256, (2, n_frames, height, width, 3), np.uint8)
    made = corrupt(clip, kind, strength, rng, other)
    assert made.shape[1:] == clip.shape[1:]
    assert 1 <= len(made) <= n_frames


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    n_frames=st.integers(2, 7),
    side=st.integers(1, 33),
    seed=st.integers(0, 999),
)
def test_strength_0_is_the_clip_itself_in_a_copy(kind, n_frames, side, seed):
    rng = np.random.default_rng(seed)
    clip, other = rng.integers(0, 256, (2, n_frames, side, side + 1, 3), np.uint8)
    made = corrupt(clip, kind, 0, rng, other)
    assert made.tobytes() == clip.tobytes()
    assert made.shape == clip.shape
    assert not np.shares_memory(made, clip)


# --- damage to pixels


def test_blur_is_what_opencv_makes_of_the_sigma_in_the_table():
    expected = cv2.GaussianBlur(CLIP[3], (0, 0), 2, borderType=cv2.BORDER_REFLECT)
    assert (damaged("gaussian_blur", 3)[3] == expected).all()


@pytest.mark.parametrize(("strength", "sigma"), [(1, 4), (2, 8), (3, 16)])
def test_noise_has_the_sigma_of_the_table_and_no_pattern(strength, sigma):
    grey = np.full((8, 48, 64, 3), 128, np.uint8)
    made = damaged("noise", strength, clip=grey).astype(float) - 128
    assert made.std() == pytest.approx(sigma, rel=0.02)
    assert abs(made.mean()) < 0.2
    assert abs(np.corrcoef(made[0].ravel(), made[1].ravel())[0, 1]) < 0.05


def test_h264_keeps_the_picture_and_its_colours_at_low_strength():
    made = damaged("h264", 1)
    quality_db = 10 * math.log10(255**2 / ((made.astype(float) - CLIP) ** 2).mean())
    assert quality_db > 25
    assert np.abs(made.mean(axis=(0, 1, 2)) - CLIP.mean(axis=(0, 1, 2))).max() < 1


@pytest.mark.parametrize("strength", STRENGTHS)
def test_h264_gives_the_same_bytes_at_sizes_where_macroblock_trees_do_not(strength):
    clip = moving(16, 49, 70)
    assert len({damaged("h264", strength, clip=clip).tobytes() for _ in range(4)}) == 1


def test_a_colour_shift_is_one_for_all_and_leaves_the_mean_of_grey():
    grey = np.full((2, 4, 4, 3), 128, np.uint8)
    for strength, shift in zip(STRENGTHS, KINDS["colour_shift"].levels, strict=True):
        moved = damaged("colour_shift", strength, clip=grey).astype(int) - 128
        assert (moved == moved[0, 0, 0]).all()
        assert np.abs(moved[0, 0, 0]).max() == shift
        assert abs(moved[0, 0, 0].sum()) <= 1


def test_flicker_changes_whole_frames_by_one_step_each():
    grey = np.full((24, 4, 4, 3), 128, np.uint8)
    moved = damaged("luma_flicker", 3, clip=grey).astype(int) - 128
    assert (moved == moved[:, :1, :1, :1]).all()
    assert len(set(moved[:, 0, 0, 0].tolist())) > 12
    assert moved[:, 0, 0, 0].std() == pytest.approx(12, rel=0.4)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_jitter_moves_whole_frames_by_whole_pixels(strength):
    reach = int(KINDS["spatial_jitter"].levels[strength - 1])
    clip = still(6, 80, 90)
    core = slice(2 * reach, 80 - 2 * reach), slice(2 * reach, 90 - 2 * reach)
    for frame in damaged("spatial_jitter", strength, clip=clip):
        moves = [
            (dy, dx)
            for dy in range(-reach, reach + 1)
            for dx in range(-reach, reach + 1)
            if (np.roll(clip[0], (dy, dx), (0, 1))[core] == frame[core]).all()
        ]
        assert len(moves) == 1


def test_black_is_a_run_of_frames_and_all_of_them_at_strength_5():
    for strength, share in zip(STRENGTHS, (0.2, 0.4, 0.6, 0.8, 1.0), strict=True):
        dark = [not frame.any() for frame in damaged("black", strength, seed=strength)]
        assert sum(dark) == round(24 * share)
        start = dark.index(True)
        assert all(dark[start : start + sum(dark)])


# --- damage to the order


@pytest.mark.parametrize("kind", ORDERS)
def test_orders_show_frames_of_the_clip_only(kind):
    for strength in STRENGTHS:
        assert set(shown(kind, strength)) <= set(range(24))


@pytest.mark.parametrize("seed", SEEDS)
def test_dropped_frames_are_dropped_at_every_greater_strength(seed):
    kept = [shown("frame_drop", strength, seed) for strength in STRENGTHS]
    assert [len(k) for k in kept] == [22, 19, 16, 12, 7]
    for weaker, stronger in itertools.pairwise(kept):
        assert stronger == sorted(stronger)
        assert stronger[0] == 0
        assert set(stronger) < set(weaker)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_duplicate_is_the_last_frame_that_was_kept(seed):
    for strength, share in zip(STRENGTHS, (0.1, 0.2, 0.35, 0.5, 0.7), strict=True):
        frames = shown("frame_duplicate", strength, seed)
        repeats = [t for t in range(1, 24) if frames[t] == frames[t - 1]]
        assert len(repeats) == round(24 * share)
        assert all(frames[t] == t for t in range(24) if t not in repeats)


def test_freeze_loop_reverse_and_static_by_hand():
    assert shown("freeze", 1, n_frames=10) == [0, 1, 2, 3, 4, 5, 6, 7, 7, 7]
    assert shown("freeze", 5, n_frames=10) == [0] * 10
    assert shown("loop", 3, n_frames=10) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert shown("loop", 5, n_frames=10) == [0, 1] * 5
    assert shown("reverse", 5, n_frames=10) == list(range(9, -1, -1))
    assert all(shown("static", strength, n_frames=10) == [0] * 10 for strength in STRENGTHS)


@given(seed=st.integers(0, 10**6), n_frames=st.integers(2, 40), share=st.floats(0, 1))
def test_reverse_turns_one_run_around(seed, n_frames, share):
    order = reverse(n_frames, share, np.random.default_rng(seed))
    wrong = np.flatnonzero(order != np.arange(n_frames))
    run = slice(wrong[0], wrong[-1] + 1)
    assert order[run].tolist() == list(range(wrong[-1], wrong[0] - 1, -1))
    assert len(wrong) <= max(2, round(share * n_frames))


@given(seed=st.integers(0, 10**6), n_frames=st.integers(2, 40), reach=st.floats(0, 3))
def test_shuffle_is_never_the_order_that_was(seed, n_frames, reach):
    order = shuffle(n_frames, reach, np.random.default_rng(seed))
    assert sorted(order.tolist()) == list(range(n_frames))
    assert order.tolist() != list(range(n_frames))


def test_shuffled_frames_stray_further_with_strength_and_anywhere_at_the_last():
    stray = [
        np.mean([np.abs(np.subtract(shown("shuffle", s, seed), range(24))) for seed in range(40)])
        for s in STRENGTHS
    ]
    assert (np.diff(stray) > 0).all()
    assert stray[-1] == pytest.approx(24 / 3, rel=0.1)  # of two random places in 24
    firsts = {shown("shuffle", 5, seed)[0] for seed in range(200)}
    assert firsts == set(range(24))


# --- frames of another clip


def test_a_splice_cuts_once_and_stays():
    assert shown("splice", 2, n_frames=10) == [*range(8), 100, 101]
    assert shown("splice", 5, n_frames=10) == [*range(5), 100, 101, 102, 103, 104]


def test_a_burst_comes_and_goes_and_is_as_long_as_the_table_says():
    for seed in SEEDS:
        for strength, n_other in zip(STRENGTHS, (1, 2, 4, 8, 16), strict=True):
            frames = shown("unsafe_burst", strength, seed)
            inside = [t for t, frame in enumerate(frames) if frame >= 100]
            assert inside == list(range(inside[0], inside[0] + n_other))
            assert [frames[t] for t in inside] == [100 + i for i in range(n_other)]
            assert all(frames[t] == t for t in range(24) if t not in inside)


def test_a_burst_is_never_the_whole_clip():
    assert all(min(shown("unsafe_burst", 5, seed, n_frames=2)) < 100 for seed in SEEDS)


def test_another_clip_that_is_too_short_starts_again():
    made = damaged("splice", 5, clip=CLIP, other=OTHER[:5])
    assert (made[12:22] == np.tile(OTHER[:5], (2, 1, 1, 1))).all()
    assert (made[22:] == OTHER[:2]).all()


# --- errors


def test_a_kind_that_is_none_lists_them_all():
    with pytest.raises(UsageError, match="no such kind of damage; seen: blur; legal: ") as caught:
        damaged("blur", 1)
    assert all(kind in str(caught.value) for kind in KINDS)


@pytest.mark.parametrize("strength", [6, -1, 2.5, "3", float("nan")])
def test_a_strength_that_is_none_lists_those_there_are(strength):
    with pytest.raises(UsageError, match=f"seen: {strength}; legal: 0, 1, 2, 3, 4, 5"):
        damaged("noise", strength)


@pytest.mark.parametrize("clip", [CLIP[0], CLIP[..., :1], CLIP[:0], CLIP.astype(np.float32)])
def test_what_is_no_clip_is_shown(clip):
    with pytest.raises(UsageError, match=r"frames_THWC is not a clip; seen: shape .* uint8 RGB"):
        damaged("noise", 1, clip=clip)


@pytest.mark.parametrize("kind", ["splice", "unsafe_burst"])
def test_another_clip_must_be_given_and_fit(kind):
    with pytest.raises(UsageError, match=f"{kind} needs another clip; .* legal: other_THWC=clip"):
        corrupt(CLIP, kind, 1, np.random.default_rng(0))
    with pytest.raises(UsageError, match="another size; seen: 62x48; legal: 64x48"):
        damaged(kind, 1, other=OTHER[:, :, 2:])
    with pytest.raises(UsageError, match="other_THWC is not a clip"):
        damaged(kind, 1, other=OTHER[:0])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].min_frames == 2])
def test_one_frame_is_too_few_for_damage_to_the_order(kind):
    with pytest.raises(TooFewFrames, match=f"{kind} needs 2 frames; seen: 1 frames"):
        damaged(kind, 1, clip=CLIP[:1])


def test_the_table_is_complete():
    for kind, damage in KINDS.items():
        assert isinstance(damage, Damage)
        assert len(damage.levels) == len(STRENGTHS), kind
        assert damage.unit, kind
        assert 20 < len(damage.summary) <= 100, kind
        rising = np.diff(damage.levels)
        assert (rising > 0).all() or (rising < 0).all() or kind == "static", kind
