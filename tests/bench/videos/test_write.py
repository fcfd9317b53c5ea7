import subprocess
import sys
import textwrap
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import NoFrames, StorageError, UsageError
from bench.videos.probe import probe
from bench.videos.read import decode_all, frames, sha256
from bench.videos.write import MASTER, PREVIEW, exact_fps, write_master, write_preview
from support.clips import moving, noisy

WRITERS = {"master": write_master, "preview": write_preview}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clip.mp4"


# --- the master is lossless


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    n_frames=st.integers(1, 5),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_any_clip_comes_back_to_the_bit(path, n_frames, height, width, seed):
    clip = np.random.default_rng(seed).integers(0, 256, (n_frames, height, width, 3), np.uint8)
    write_master(path, iter(clip), 24)
    assert (decode_all(path) == clip).all()


def test_a_moving_picture_comes_back_to_the_bit(path):
    clip = noisy(moving(20, 45, 61), 3)
    write_master(path, iter(clip), 30)
    assert (decode_all(path) == clip).all()


def test_views_that_are_not_contiguous_are_written_as_they_look(path):
    clip = moving(3, 40, 40)[:, ::-1, ::2]
    write_master(path, iter(clip), 24)
    assert (decode_all(path) == clip).all()


# --- the preview looks right and plays everywhere


@pytest.mark.parametrize("size", [(48, 64), (47, 63), (1, 1)])
def test_a_preview_is_a_close_copy_whose_odd_sides_are_made_even(path, size):
    clip = moving(6, *size)
    write_preview(path, iter(clip), 24)
    made = decode_all(path)
    assert made.shape[1:3] == tuple(side + side % 2 for side in size)
    gap = made[:, : size[0], : size[1]].astype(int) - clip
    assert np.sqrt((gap**2).mean()) < 12
    luma = np.abs(gap @ np.array([0.2126, 0.7152, 0.0722]))
    assert luma.mean() < 3


def test_a_preview_says_its_colours_and_can_start_before_it_is_loaded(path):
    write_preview(path, iter(moving(4)), 24)
    with av.open(str(path)) as video:
        context = video.streams.video[0].codec_context
        assert context.pix_fmt == "yuv420p"
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)
        assert context.color_range == 1
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_colours_of_a_preview_are_those_of_the_clip(path):
    for colour in ((200, 30, 40), (20, 180, 60), (30, 40, 220), (128, 128, 128)):
        clip = np.full((3, 32, 32, 3), colour, np.uint8)
        write_preview(path, iter(clip), 24)
        assert np.abs(decode_all(path).astype(int) - clip).max() <= 3


# --- the same bytes


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("size", [(48, 64), (98, 132), (50, 70), (180, 320)])
def test_the_same_frames_give_the_same_bytes(path, kind, size):
    # x264 with its macroblock tree does not, at the last three sizes
    clip = moving(16, *size)
    hashes = set()
    for _ in range(6):
        WRITERS[kind](path, iter(clip), 24)
        hashes.add(sha256(path))
    assert len(hashes) == 1


PROGRAM = """
    import sys
    from pathlib import Path
    from bench.videos import write
    from support.clips import moving
    getattr(write, f"write_{sys.argv[1]}")(Path(sys.argv[2]), iter(moving(6, 50, 70)), 24)
"""


@pytest.mark.parametrize("kind", WRITERS)
def test_another_process_writes_the_same_bytes(path, tmp_path, kind):
    other = tmp_path / "elsewhere" / "other name.mp4"
    program = [sys.executable, "-c", textwrap.dedent(PROGRAM), kind, str(other)]
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), "OMP_NUM_THREADS": "2"}
    subprocess.run(program, check=True, env=environment)
    WRITERS[kind](path, iter(moving(6, 50, 70)), 24)
    assert path.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_the_muxer_leaves_no_version_of_itself(path, kind):
    WRITERS[kind](path, iter(moving(3)), 24)
    assert b"Lavf" not in path.read_bytes()


def test_settings_that_bytes_depend_on_are_named():
    assert "crf=0" in MASTER
    assert "mbtree=0" in PREVIEW
    assert "threads=1" in MASTER
    assert "threads=1" in PREVIEW


# --- rates


@pytest.mark.parametrize(
    ("fps", "exact"),
    [
        (24, Fraction(24)),
        (23.976, Fraction(2997, 125)),
        (24000 / 1001, Fraction(24000, 1001)),
        (29.97, Fraction(2997, 100)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (0.5, Fraction(1, 2)),
        (1000, Fraction(1000)),
    ],
)
def test_a_rate_is_the_fraction_that_a_file_holds(fps, exact):
    assert exact_fps(fps) == exact


@pytest.mark.parametrize("fps", [0, -24, float("nan"), float("inf"), 1001, 1e-9])
def test_what_is_no_rate_is_an_error(path, fps):
    with pytest.raises(UsageError, match=r"not a frame rate; .* legal: above 0, at most 1000"):
        write_master(path, iter(moving(2)), fps)
    assert not path.exists()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("fps", [24, 30000 / 1001, 12.5, 60])
def test_a_written_rate_is_read_back(path, kind, fps):
    WRITERS[kind](path, iter(moving(9)), fps)
    assert probe(path).fps == pytest.approx(fps, rel=1e-6)
    assert [f.time_s for f in frames(path)] == pytest.approx([i / fps for i in range(9)], abs=1e-4)


# --- whole or not at all


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_is_left_when_the_frames_stop_coming(path, kind):
    def failing():
        yield from moving(3)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        WRITERS[kind](path, failing(), 24)
    assert list(path.parent.iterdir()) == []


def test_an_old_file_stays_until_the_new_one_is_whole(path):
    write_master(path, iter(moving(2)), 24)
    before = path.read_bytes()
    with pytest.raises(UsageError):
        write_master(path, iter([moving(1)[0], np.zeros((2, 2, 3), np.uint8)]), 24)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("kind", WRITERS)
def test_no_frame_no_file(path, kind):
    with pytest.raises(NoFrames, match=r"there is no frame to write; seen: clip\.mp4"):
        WRITERS[kind](path, iter([]), 24)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        (np.zeros((4, 4), np.uint8), r"frame 1: shape \(4, 4\), uint8"),
        (np.zeros((4, 4, 4), np.uint8), r"frame 1: shape \(4, 4, 4\)"),
        (np.zeros((4, 5, 3), np.uint8), r"frame 1: shape \(4, 5, 3\)"),
        (np.zeros((4, 4, 3), np.float32), r"frame 1: shape \(4, 4, 3\), float32"),
    ],
)
def test_a_frame_that_does_not_fit_is_shown(path, frame, seen):
    with pytest.raises(UsageError, match=f"{seen}.*legal: .*uint8 RGB, all of one size"):
        write_master(path, iter([np.zeros((4, 4, 3), np.uint8), frame]), 24)


def test_an_empty_picture_is_no_frame(path):
    with pytest.raises(UsageError, match=r"frame 0: shape \(0, 4, 3\)"):
        write_master(path, iter([np.zeros((0, 4, 3), np.uint8)]), 24)


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_bytes(b"")
    with pytest.raises(StorageError):
        write_master(blocker / "clip.mp4", iter(moving(2)), 24)


def test_folders_are_made(tmp_path):
    write_preview(tmp_path / "a" / "b" / "clip.mp4", iter(moving(2)), 24)
    assert probe(tmp_path / "a" / "b" / "clip.mp4").n_frames == 2
