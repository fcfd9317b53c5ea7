import hashlib
import shutil
import subprocess
import sys
import textwrap

import av
import cv2
import numpy as np
import pytest
from references import slow_colour

from bench.errors import NoFrames, NotAVideo, UsageError, VideoError
from bench.videos import read
from bench.videos.read import Reader, decode_all, frames, sha256
from bench.videos.write import write_master
from support.clips import moving, noisy
from support.odd_videos import FASTSTART, LOSSLESS, VFR_MS, encode, flat, level, picture, pictures


def levels(found):
    """The grey level of each frame, from its bottom right corner."""
    return [int(frame.frame_HWC[-2, -2, 1]) for frame in found]


# --- frames


@pytest.mark.parametrize("kind", ["plain", "late_index", "mkv", "ts", "fragmented", "webm"])
def test_every_frame_comes_once_in_order_of_display(odd, kind):
    found = list(frames(odd(kind)))
    assert [frame.index for frame in found] == list(range(len(found)))
    assert levels(found) == pytest.approx([level(i) for i in range(len(found))], abs=1)


def test_gif_frames_keep_their_order(odd):
    found = levels(frames(odd("gif")))
    assert len(found) == 8
    assert len(set(found)) > 1


def test_a_folder_of_images_is_read_to_the_bit(odd):
    assert (decode_all(odd("folder")) == np.stack(pictures(12))).all()


def test_an_odd_size_is_read_to_its_last_row_and_column(odd):
    made = decode_all(odd("odd_size"))
    assert made.shape == (3, 27, 35, 3)
    assert np.abs(made[2, -1, -1].astype(int) - level(2)).max() <= 1


def test_edit_lists_hide_what_they_hide(odd):
    assert levels(frames(odd("trimmed"))) == pytest.approx([level(i + 6) for i in range(18)], abs=1)


def test_only_whole_frames_of_a_damaged_file_are_given(odd):
    kept = [i for i in range(24) if not 8 <= i < 11]
    found = list(frames(odd("damaged")))
    assert [frame.time_s for frame in found] == pytest.approx([i / 24 for i in kept])
    assert levels(found)[:8] == pytest.approx([level(i) for i in range(8)], abs=1)


def test_a_frame_that_the_decoder_made_up_in_part_is_left_out(odd):
    with av.open(str(odd("concealed"))) as video:
        assert [frame.is_corrupt for frame in video.decode(video=0)].index(True) == 8
    with Reader(odd("concealed")) as reader:
        times = [frame.time_s for frame in reader]
    assert times == pytest.approx([i / 24 for i in range(24) if i != 8])
    assert reader.reading.truncated


def test_frames_are_writable_contiguous_and_own_their_memory(odd):
    for frame in frames(odd("rotated_90")):
        assert frame.frame_HWC.flags.c_contiguous
        assert frame.frame_HWC.flags.writeable
        assert frame.frame_HWC.dtype == np.uint8
        frame.frame_HWC[:] = 0


def test_another_decoder_sees_the_same_pixels_of_a_lossless_file(tmp_path):
    path = tmp_path / "master.mp4"
    write_master(path, iter(noisy(moving(6, 50, 70), 8)), 24)
    video = cv2.VideoCapture(str(path))
    theirs = [cv2.cvtColor(video.read()[1], cv2.COLOR_BGR2RGB) for _ in range(6)]
    assert not video.read()[0]
    video.release()
    assert (decode_all(path) == np.stack(theirs)).all()


def test_another_decoder_sees_the_same_luma_of_a_lossy_file(tmp_path):
    path = encode(tmp_path / "clip.mp4", moving(6, 48, 64), options={"crf": "12"})
    video = cv2.VideoCapture(str(path))
    theirs = np.stack([cv2.cvtColor(video.read()[1], cv2.COLOR_BGR2RGB) for _ in range(6)])
    video.release()
    # theirs repeats chroma samples and rounds roughly, which leaves luma within some levels
    luma = np.array([0.299, 0.587, 0.114])
    gap = np.abs(decode_all(path) @ luma - theirs @ luma)
    assert gap.mean() < 2
    assert gap.max() < 6


def test_every_pixel_of_a_lossy_file_is_what_the_definition_makes_of_its_planes(tmp_path):
    path = encode(tmp_path / "clip.mp4", moving(4, 48, 64), pixel_format="yuv444p")
    with av.open(str(path)) as video:
        planes = np.stack([frame.to_ndarray() for frame in video.decode(video=0)]).astype(float)
    expected = np.stack(slow_colour.uncut(*np.moveaxis(planes, 1, 0)), axis=-1).clip(0, 255)
    assert np.abs(decode_all(path) - expected).max() <= 1.25


# --- times


@pytest.mark.parametrize("kind", ["vfr_mkv", "vfr_mp4"])
def test_times_of_a_variable_rate_are_those_of_the_file(odd, kind):
    times = [frame.time_s for frame in frames(odd(kind))]
    assert times == pytest.approx([ms / 1000 for ms in VFR_MS])


def test_time_starts_at_nought_wherever_the_file_starts(odd, tmp_path):
    late = encode(
        tmp_path / "late.mkv", pictures(3), options=LOSSLESS, pts_ms=(5000, 5040, 5080), rate=25
    )
    for path in (late, odd("ts"), odd("trimmed")):
        first = next(iter(frames(path)))
        assert (first.index, first.time_s) == (0, 0.0)


# --- some frames only


@pytest.mark.parametrize("kind", ["plain", "webm", "folder", "rotated_90"])
@pytest.mark.parametrize("wanted", [[0], [2], [0, 2], [1, 1, 2], range(1, 3)])
def test_wanted_frames_are_those_of_a_full_reading(odd, kind, wanted):
    full = decode_all(odd(kind))
    found = list(frames(odd(kind), wanted))
    assert [frame.index for frame in found] == sorted(set(wanted))
    assert all((frame.frame_HWC == full[frame.index]).all() for frame in found)


def test_decoding_stops_after_the_last_wanted_frame(odd):
    with Reader(odd("plain"), [3, 7]) as reader:
        assert [frame.index for frame in reader] == [3, 7]
    assert reader.reading.n_decoded == 8
    assert not reader.reading.finished
    assert not reader.reading.truncated


def test_frames_beyond_the_end_are_not_there(odd):
    with Reader(odd("one_frame"), [0, 5]) as reader:
        assert [frame.index for frame in reader] == [0]
    assert reader.reading.finished


def test_a_negative_index_is_an_error(odd):
    with pytest.raises(UsageError, match=r"index is negative; seen: -2; legal: 0, 1, \.\.\."):
        Reader(odd("plain"), [0, -2])


# --- how far it got


def test_a_cut_file_is_truncated_and_a_reading_that_was_left_early_is_not(odd):
    with Reader(odd("cut_mp4")) as reader:
        next(iter(reader))
        assert not reader.reading.truncated
        assert sum(1 for _ in reader) == 11
    assert reader.reading.truncated


def test_leaving_the_reader_closes_it(odd):
    with Reader(odd("plain")) as reader:
        next(iter(reader))
    assert list(reader) == []
    assert reader.reading.n_decoded == 1


# --- errors


@pytest.mark.parametrize("kind", ["text", "empty", "no_frames_mkv", "sound_only"])
def test_opening_what_is_no_video_fails_at_once(odd, kind):
    with pytest.raises(NotAVideo):
        Reader(odd(kind))


def test_no_frame_at_all_is_said_on_opening_and_when_a_stale_probe_hides_it(odd):
    with pytest.raises(NoFrames):
        Reader(odd("no_frames"))
    stale = read.probe_file(odd("plain"))
    with (
        Reader(odd("no_frames"), probe=stale) as reader,
        pytest.raises(NoFrames, match=r"seen: no_frames\.mp4"),
    ):
        list(reader)


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("resized", r"96x48 at frame 4; legal: 64x32"), ("folder_mixed", "66x48 at frame 2")],
)
def test_a_size_that_changes_is_an_error_that_says_where(odd, kind, seen):
    with pytest.raises(VideoError, match=seen):
        list(frames(odd(kind)))


def test_a_video_too_large_for_memory_is_refused_with_a_way_out(odd):
    with pytest.raises(UsageError, match=r"199,065,600 bytes; legal: up to 1,000 .*frame by frame"):
        decode_all(odd("huge"), limit_bytes=1000)


# --- size


def test_8k_frames_are_read_exactly(odd):
    found = list(frames(odd("huge"), [1]))
    assert found[0].frame_HWC.shape == (4320, 7680, 3)
    assert (found[0].frame_HWC == found[0].frame_HWC[0, 0]).all()
    assert found[0].frame_HWC[0, 0].tolist() == [52, 52, 52]  # (61 - 16) * 255 / 219


PEAK = """
    import resource, sys
    from pathlib import Path
    from bench.videos.read import frames, sha256
    from bench.videos.shots import shot_bounds

    def peak_kb():
        if not Path("/proc/self/status").exists():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        # on Linux, ru_maxrss counts what the process that started this one held
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])

    what, path = sys.argv[1], Path(sys.argv[2])
    if what == "frames":
        n = sum(1 for _ in frames(path))
    elif what == "shots":
        n = sum(len(shot) for shot in shot_bounds(path))
    else:
        n = int(sha256(path) != "")
    print(n, peak_kb())
"""


def peak(what, path):
    """Frames counted and peak memory (kB) of a fresh process that reads a file."""
    program = [sys.executable, "-c", textwrap.dedent(PEAK), what, str(path)]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize("what", ["frames", "shots"])
def test_memory_does_not_grow_with_the_length_of_a_video(odd, tmp_path, what):
    images = (flat("yuv420p", (40 + i % 160, 128, 128), 32, 32) for i in range(240))
    short = encode(tmp_path / "short.mp4", images, options={"preset": "ultrafast"})
    n_short, short_kb = peak(what, short)
    n_long, long_kb = peak(what, odd("long"))
    assert (n_short, n_long) == (240, 14_400)
    # held at once, the frames of the long one would be 44 MB
    assert long_kb - short_kb < 12_000


# --- hashes


def test_the_hash_of_a_file_is_that_of_its_bytes(odd):
    assert sha256(odd("plain")) == hashlib.sha256(odd("plain").read_bytes()).hexdigest()


def test_the_hash_of_a_folder_is_of_names_bytes_and_order(odd, tmp_path):
    folder = shutil.copytree(odd("folder"), tmp_path / "elsewhere")
    base = sha256(folder)
    assert base == sha256(odd("folder"))
    (folder / "notes.txt").write_text("not an image")
    assert sha256(folder) == base
    (folder / "frame0.png").rename(folder / "frame00.png")
    assert sha256(folder) != base
    (folder / "frame00.png").rename(folder / "frame0.png")
    cv2.imwrite(str(folder / "frame5.png"), picture(6))
    assert sha256(folder) != base


def test_a_file_that_is_not_there_has_no_hash(tmp_path):
    with pytest.raises(NotAVideo, match=r"cannot be read: No such file .*; seen: gone\.mp4"):
        sha256(tmp_path / "gone.mp4")


def test_reading_twice_gives_the_same_bytes(odd, tmp_path):
    lossy = encode(tmp_path / "clip.mp4", moving(5, 50, 66), options={"crf": "30"}, muxer=FASTSTART)
    assert (decode_all(lossy) == decode_all(lossy)).all()
