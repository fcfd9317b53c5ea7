import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bench.errors import NoFrames, NotAVideo
from bench.videos import shots
from bench.videos.shots import colour_histogram, cuts, histogram_distance, shot_bounds
from bench.videos.write import write_master, write_preview
from support.clips import moving, noisy, still, texture

FRAMES = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.just(3)),
    elements=st.integers(0, 255),
)


def plain(*colour, size=(8, 8)):
    return np.full((*size, 3), colour, np.uint8)


def bounds(tmp_path, clip, writer=write_master):
    path = tmp_path / "film.mp4"
    writer(path, iter(clip), 24)
    return [(shot.start, shot.stop) for shot in shot_bounds(path)]


def toned(clip, low, high):
    """The clip's levels between `low` and `high`, so that scenes differ in colour."""
    return (low + clip.astype(float) * (high - low) / 255).round().astype(np.uint8)


# --- the distance


def test_distances_worked_out_by_hand():
    black, white = plain(0, 0, 0), plain(255, 255, 255)
    assert histogram_distance(black, black) == 0
    assert histogram_distance(black, white) == 1
    assert histogram_distance(black, plain(255, 0, 0)) == pytest.approx(1 / 3)
    half = black.copy()
    half[:4] = 255
    assert histogram_distance(black, half) == pytest.approx(0.5)
    # a level is 256/255/16 of the way from knot to knot
    assert histogram_distance(black, plain(5, 5, 5)) == pytest.approx(5 * 256 / 255 / 16)
    assert histogram_distance(plain(100, 0, 0), plain(101, 0, 0)) == pytest.approx(256 / 255 / 48)


def test_a_histogram_worked_out_by_hand():
    frame = np.array([[[0, 255, 8]], [[0, 255, 0]]], np.uint8)
    made = colour_histogram(frame)
    share = 8 * 256 / 255 / 16
    assert made.shape == (3, 17)
    assert made[0].tolist() == [1, *[0] * 16]
    assert made[1].tolist() == pytest.approx([*[0] * 16, 1])
    assert made[2, :2].tolist() == pytest.approx([1 - share / 2, share / 2])


@given(a=FRAMES, b=FRAMES, c=FRAMES)
def test_it_is_a_distance_between_nought_and_one(a, b, c):
    ab = histogram_distance(a, b)
    assert 0 <= ab <= 1 + 1e-12
    assert ab == histogram_distance(b, a)
    assert histogram_distance(a, a) == 0
    assert ab <= histogram_distance(a, c) + histogram_distance(c, b) + 1e-12


@given(frame=FRAMES, seed=st.integers(0, 99))
def test_where_pixels_stand_does_not_matter(frame, seed):
    pixels = np.random.default_rng(seed).permutation(frame.reshape(-1, 3))
    assert histogram_distance(frame, pixels.reshape(frame.shape)) == 0


@given(frame=FRAMES)
def test_size_does_not_matter(frame):
    twice = frame.repeat(2, axis=0).repeat(3, axis=1)
    assert histogram_distance(frame, twice) == pytest.approx(0, abs=1e-12)


@given(level=st.integers(0, 250), step=st.integers(1, 5))
def test_a_small_change_of_light_never_leaps(level, step):
    found = histogram_distance(plain(*[level] * 3), plain(*[level + step] * 3))
    assert found <= step * 256 / 255 / 16 + 1e-9


# --- cuts among distances


def cut_at(*distances):
    return cuts(np.array(distances, np.float64)).tolist()


def test_a_leap_among_small_steps_is_a_cut():
    assert cut_at(0.01, 0.02, 0.5, 0.01, 0.02) == [2]
    assert cut_at(0.5, 0.01) == [0]
    assert cut_at(0.0, 0.0, 0.13) == [2]
    assert cut_at(1.0) == [0]
    assert cut_at() == []


def test_a_small_leap_is_none_and_neither_is_a_leap_among_leaps():
    assert cut_at(0.0, shots.CUT_DISTANCE, 0.0) == []
    assert cut_at(0.2, 0.2, 0.55, 0.2, 0.2) == []
    assert cut_at(0.2, 0.2, 0.65, 0.2, 0.2) == [2]


def test_a_flash_is_no_cut_and_four_frames_are_a_shot():
    for length in (1, 2, 3):
        assert cut_at(0, 0, 0, 0.6, *[0] * (length - 1), 0.6, 0, 0, 0) == []
    assert cut_at(0, 0, 0, 0.6, 0, 0, 0, 0.6, 0, 0, 0) == [3, 7]


@settings(max_examples=50)
@given(
    distance=hnp.arrays(np.float64, st.integers(0, 40), elements=st.floats(0, 1)),
)
def test_cuts_are_far_apart_and_the_same_backwards(distance):
    found = cuts(distance)
    assert (np.diff(found) > shots.NEAR).all()
    assert (len(distance) - 1 - cuts(distance[::-1])[::-1]).tolist() == found.tolist()


# --- shots of films


def film():
    """Three scenes of 12, 20 and 8 frames."""
    parts = (
        toned(moving(12, seed=1), 0, 120),
        toned(moving(20, seed=2, dx=-3), 90, 255),
        toned(moving(8, seed=3), 40, 160),
    )
    return np.concatenate(parts)


@pytest.mark.parametrize("writer", [write_master, write_preview])
def test_hard_cuts_are_found_to_the_frame(tmp_path, writer):
    assert bounds(tmp_path, film(), writer) == [(0, 12), (12, 32), (32, 40)]


def test_noise_makes_no_cuts_and_hides_none(tmp_path):
    assert bounds(tmp_path, noisy(film(), 12)) == [(0, 12), (12, 32), (32, 40)]


@pytest.mark.parametrize("speed", [1, 4, 10])
def test_a_pan_is_one_shot(tmp_path, speed):
    assert bounds(tmp_path, moving(40, dx=speed, dy=0)) == [(0, 40)]


def test_a_pan_over_all_colours_is_one_shot(tmp_path):
    wide = np.hstack(
        [toned(texture(64, 160, seed=1), 0, 90), toned(texture(64, 160, seed=2), 160, 255)]
    )
    clip = np.stack([wide[:, 4 * t : 4 * t + 80] for t in range(60)])
    assert histogram_distance(clip[0], clip[-1]) > 0.9
    assert bounds(tmp_path, clip) == [(0, 60)]


def test_a_fade_is_one_shot(tmp_path):
    clip = still(30) * np.linspace(1, 0, 30)[:, None, None, None]
    assert bounds(tmp_path, clip.astype(np.uint8)) == [(0, 30)]


def test_a_flash_is_one_shot(tmp_path):
    clip = moving(20)
    clip[9] = 255
    assert bounds(tmp_path, clip) == [(0, 20)]


@pytest.mark.parametrize("step", [1, 2])
def test_a_jerk_in_a_still_picture_is_no_cut(tmp_path, step):
    clip = np.concatenate([still(8), still(8) // 2 * 2 + step])
    assert 0 < histogram_distance(clip[7], clip[8]) < shots.CUT_DISTANCE
    assert bounds(tmp_path, clip) == [(0, 16)]


def test_a_still_picture_and_a_single_frame_are_one_shot(tmp_path):
    assert bounds(tmp_path, still(9)) == [(0, 9)]
    assert bounds(tmp_path, still(1)) == [(0, 1)]


def test_large_frames_are_shrunk_and_cut_the_same(tmp_path):
    large = film().repeat(5, axis=1).repeat(5, axis=2)
    assert bounds(tmp_path, large) == [(0, 12), (12, 32), (32, 40)]


@pytest.mark.parametrize("kind", ["damaged", "cut_mkv", "folder", "resized", "gif", "ten_bit"])
def test_shots_are_all_frames_that_decode(odd, kind):
    found = shot_bounds(odd(kind))
    ends = [shot.stop for shot in found]
    assert [shot.start for shot in found] == [0, *ends[:-1]]
    n_frames = {"damaged": 21, "cut_mkv": 12, "folder": 12, "resized": 8, "gif": 8, "ten_bit": 3}
    assert ends[-1] == n_frames[kind]


def test_what_is_no_film_is_an_error(odd):
    with pytest.raises(NotAVideo, match="cannot be opened"):
        shot_bounds(odd("text"))
    with pytest.raises(NoFrames, match=r"no frame can be decoded; seen: no_frames\.mp4"):
        shot_bounds(odd("no_frames"))
