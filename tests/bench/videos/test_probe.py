import shutil
from fractions import Fraction

import av
import pytest

from bench.errors import NoFrames, NotAVideo
from bench.types import Probe
from bench.videos.probe import probe
from bench.videos.read import Reader
from support.odd_videos import MAKERS, OddVideos, encode, pictures

H264, MPEG4, VP9, FFV1 = (
    ("h264", "yuv420p"),
    ("mpeg4", "yuv420p"),
    ("vp9", "yuv420p"),
    ("ffv1", "yuv420p"),
)
# kind: height, width, frames announced, frames that decode, rate, (codec, pixel format)
KNOWN = {
    "plain": (48, 64, 24, 24, 24, H264),
    "late_index": (48, 64, 24, 24, 24, H264),
    "fragmented": (48, 64, 24, 24, 24, H264),
    "mkv": (48, 64, 24, 24, 24, H264),
    "avi": (48, 64, 24, 24, 24, MPEG4),
    "ts": (48, 64, 24, 24, 24, H264),
    "webm": (48, 64, 8, 8, 24, VP9),
    "gif": (48, 64, 8, 8, 10, ("gif", "bgra")),
    "vfr_mkv": (48, 64, 6, 6, 5, H264),
    "vfr_mp4": (48, 64, 6, 6, 5, H264),
    "rotated_90": (64, 48, 3, 3, 24, H264),
    "rotated_180": (48, 64, 3, 3, 24, H264),
    "rotated_270": (64, 48, 3, 3, 24, H264),
    "mirrored": (48, 64, 3, 3, 24, H264),
    "odd_size": (27, 35, 3, 3, 24, FFV1),
    "alpha_ffv1": (48, 64, 4, 4, 24, ("ffv1", "bgra")),
    "alpha_qtrle": (48, 64, 4, 4, 24, ("qtrle", "argb")),
    "alpha_vp9": (48, 64, 4, 4, 24, ("vp9", "yuva420p")),
    "ten_bit": (16, 32, 3, 3, 24, ("h264", "yuv420p10le")),
    "grey": (16, 32, 3, 3, 24, ("ffv1", "gray")),
    "grey_limited": (16, 32, 3, 3, 24, ("ffv1", "gray")),
    "sound": (48, 64, 6, 6, 24, H264),
    "one_frame": (48, 64, 1, 1, 24, H264),
    "one_frame_mkv": (48, 64, 1, 1, 24, H264),
    "cut_mp4": (48, 64, 24, 12, 24, H264),
    "cut_mkv": (48, 64, 24, 12, 24, H264),
    "cut_webm": (48, 64, 8, 2, 24, VP9),
    "cut_gif": (48, 64, 6, 5, 10, ("gif", "bgra")),
    "damaged": (48, 64, 24, 21, 24, H264),
    "concealed": (96, 128, 24, 23, 24, H264),
    "trimmed": (48, 64, 18, 18, 24, H264),
    "latin_title": (48, 64, 3, 3, 24, MPEG4),
    "folder": (48, 64, 12, 12, 24, ("png", "rgb24")),
    "huge": (4320, 7680, 2, 2, 24, H264),
    "long": (32, 32, 14_400, 14_400, 24, H264),
}
REFUSED = {
    "sound_only": NotAVideo,
    "cover_art": NotAVideo,
    "no_frames": NoFrames,
    "no_frames_mkv": NotAVideo,
    "cut_avi": NotAVideo,
    "cut_late_index": NotAVideo,
    "text": NotAVideo,
    "empty": NotAVideo,
    "noise": NotAVideo,
    "concat_script": NotAVideo,
    "playlist": NotAVideo,
    "folder_empty": NotAVideo,
}
SIZE_CHANGES = {"resized", "folder_mixed"}
TURNED = {"rotated_90": 90, "rotated_180": 180, "rotated_270": 270}
TRANSPARENT = {"alpha_ffv1", "alpha_qtrle", "alpha_vp9", "gif", "cut_gif"}


def test_every_odd_kind_is_covered():
    assert set(KNOWN) | set(REFUSED) | SIZE_CHANGES == set(MAKERS)


@pytest.mark.parametrize("kind", KNOWN)
def test_what_a_file_says_of_itself(odd, kind):
    height, width, n_frames, _, fps, (codec, pixel_format) = KNOWN[kind]
    found = probe(odd(kind))
    assert found == Probe(
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=pytest.approx(fps, rel=1e-9),
        duration_s=pytest.approx(n_frames / fps),
        codec=codec,
        pixel_format=pixel_format,
        rotation_deg=TURNED.get(kind, 0),
        has_audio=kind == "sound",
        has_alpha=kind in TRANSPARENT,
    )


@pytest.mark.parametrize("kind", KNOWN)
def test_the_reader_gives_as_many_frames_as_decode_and_calls_a_lack_truncated(odd, kind):
    _, _, n_frames, n_decoded, _, _ = KNOWN[kind]
    with Reader(odd(kind)) as reader:
        shapes = {frame.frame_HWC.shape for frame in reader}
    assert shapes == {(*KNOWN[kind][:2], 3)}
    assert reader.reading.n_announced == n_frames
    assert reader.reading.n_decoded == n_decoded
    assert reader.reading.truncated == (n_decoded < n_frames)


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_is_refused_by_name(odd, kind):
    with pytest.raises(REFUSED[kind]) as caught:
        probe(odd(kind))
    assert f"seen: {odd(kind).name}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", sorted(SIZE_CHANGES))
def test_a_size_that_changes_later_is_not_seen_yet(odd, kind):
    with av.open(str(next(odd(kind).iterdir()) if odd(kind).is_dir() else odd(kind))) as video:
        height = video.streams.video[0].height
    assert probe(odd(kind)).height_px == height


def test_no_frame_that_decodes_is_not_the_same_as_no_video(odd):
    with pytest.raises(NoFrames, match=r"can be decoded; seen: no_frames\.mp4: 0 packets"):
        probe(odd("no_frames"))


# --- rates


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "25", "60", "15/2"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_constant_rates_are_found_whatever_the_container_rounds(tmp_path, suffix, rate):
    path = encode(tmp_path / f"clip{suffix}", pictures(30), rate=Fraction(rate))
    assert probe(path).fps == pytest.approx(float(Fraction(rate)), rel=2e-3)


def test_a_variable_rate_is_the_average_and_never_what_the_header_says(odd):
    with av.open(str(odd("vfr_mkv"))) as video:
        assert video.streams.video[0].base_rate > 100
    assert probe(odd("vfr_mkv")).fps == probe(odd("vfr_mp4")).fps == 5  # 5 steps in 1 s


def test_the_probe_does_not_depend_on_name_or_place(odd, tmp_path):
    copy = tmp_path / "x"
    shutil.copy(odd("cut_mkv"), copy)
    assert probe(copy) == probe(odd("cut_mkv"))


def test_a_cut_anywhere_never_announces_fewer_frames_than_decode(tmp_path):
    odd = OddVideos(tmp_path)
    for kind in ("mkv", "plain", "ts", "gif"):
        whole = odd(kind).read_bytes()
        for share in (0.5, 0.7, 0.85, 0.95):
            path = tmp_path / f"{kind}-{share}"
            path.write_bytes(whole[: int(len(whole) * share)])
            with Reader(path) as reader:
                n_read = sum(1 for _ in reader)
            assert n_read <= reader.reading.n_announced, (kind, share)
