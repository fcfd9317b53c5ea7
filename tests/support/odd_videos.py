"""One small video of every odd kind, made when it is first asked for.

Most show the same thing: a grey that steps from frame to frame (:func:`level`) with a red top left
quarter, so that a test can name each frame and see which way is up.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from support.clips import moving, noisy

Image = npt.NDArray[np.uint8]

HEIGHT, WIDTH = 48, 64
RED = (250, 20, 10)
VFR_MS = (0, 40, 140, 150, 500, 1000)
LOSSLESS = {"qp": "0"}
FASTSTART = {"movflags": "+faststart"}


def level(index: int) -> int:
    """The grey level of frame `index`."""
    return 40 + 10 * (index % 18)


def picture(index: int, height: int = HEIGHT, width: int = WIDTH) -> Image:
    """Frame `index`: grey, with a red top left quarter."""
    image = np.full((height, width, 3), level(index), np.uint8)
    image[: height // 2, : width // 2] = RED
    return image


def pictures(count: int, height: int = HEIGHT, width: int = WIDTH) -> list[Image]:
    return [picture(index, height, width) for index in range(count)]


def flat(pixel_format: str, values: Sequence[int], height: int = 16, width: int = 32) -> Any:
    """An av frame whose planes each hold one value."""
    frame = av.VideoFrame(width, height, pixel_format)
    deep = any(part.bits > 8 for part in frame.format.components)
    for plane, value in zip(frame.planes, values, strict=True):
        np.frombuffer(plane, np.uint16 if deep else np.uint8)[:] = value
    return frame


def encode(
    path: Path,
    images: Iterable[Any],
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    *,
    rate: Fraction | int = 24,
    options: dict[str, str] | None = None,
    muxer: dict[str, str] | None = None,
    pts_ms: Sequence[int] | None = None,
    setup: Callable[[Any], None] | None = None,
    sound: bool = False,
) -> Path:
    """Write images, (H, W, 3) arrays or av frames, with any codec; `setup` adjusts the stream."""
    held = [_frame(image) for image in images]
    with av.open(str(path), "w", container_options=muxer or {}) as out:
        out.metadata["title"] = "untitled"
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.pix_fmt, stream.codec_context.thread_count = pixel_format, 1
        stream.height, stream.width = (held[0].height, held[0].width) if held else (HEIGHT, WIDTH)
        if setup:
            setup(stream)
        if sound:
            _mux_sound(out)
        for index, frame in enumerate(held):
            frame.pts, frame.time_base = index, 1 / Fraction(rate)
            if pts_ms:
                frame.pts, frame.time_base = pts_ms[index], Fraction(1, 1000)
            out.mux(stream.encode(frame))
        if held:
            out.mux(stream.encode())
        else:
            out.start_encoding()
    return path


def _frame(image: Any) -> Any:
    return av.VideoFrame.from_ndarray(image, "rgb24") if isinstance(image, np.ndarray) else image


def _mux_sound(out: Any) -> None:
    stream = out.add_stream("aac", rate=8000, layout="mono")
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 16384), np.float32), "fltp", "mono")
    frame.sample_rate, frame.pts = 8000, 0
    out.mux(stream.encode(frame))
    out.mux(stream.encode())


def _rotation(clockwise_deg: int, *, mirrored: bool = False) -> Callable[[Any], None]:
    return lambda stream: stream.set_display_rotation(-clockwise_deg, hflip=mirrored)


def _tags(matrix: int, value_range: int) -> Callable[[Any], None]:
    def set_tags(stream: Any) -> None:
        stream.codec_context.colorspace = matrix
        stream.codec_context.color_range = value_range

    return set_tags


def _cut(source: str, share: float = 0.6) -> Callable[[OddVideos, Path], Path]:
    def make(odd: OddVideos, path: Path) -> Path:
        whole = odd(source)
        path = path.with_suffix(whole.suffix)
        path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        return path

    return make


def _folder(sizes: Sequence[tuple[int, int]]) -> Callable[[OddVideos, Path], Path]:
    def make(_: OddVideos, path: Path) -> Path:
        path.mkdir()
        for index, (height, width) in enumerate(sizes):
            cv2.imwrite(str(path / f"frame{index}.png"), picture(index, height, width)[..., ::-1])
        return path

    return make


def _written(suffix: str, data: bytes) -> Callable[[OddVideos, Path], Path]:
    def make(_: OddVideos, path: Path) -> Path:
        path = path.with_suffix(suffix)
        path.write_bytes(data)
        return path

    return make


def _encoded(
    suffix: str, images: Callable[[], Iterable[Any]], *args: Any, **kwargs: Any
) -> Callable[[OddVideos, Path], Path]:
    return lambda _, path: encode(path.with_suffix(suffix), images(), *args, **kwargs)


def _sound_only(_: OddVideos, path: Path) -> Path:
    path = path.with_suffix(".m4a")
    with av.open(str(path), "w") as out:
        _mux_sound(out)
    return path


def _cover_art(_: OddVideos, path: Path) -> Path:
    path = path.with_suffix(".mp3")
    with av.open(str(path), "w") as out:
        sound = out.add_stream("libmp3lame", rate=44100, layout="mono")
        cover = out.add_stream("mjpeg", rate=1)
        cover.pix_fmt, cover.height, cover.width = "yuvj420p", HEIGHT, WIDTH
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4608), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 44100, 0
        out.mux(cover.encode(_frame(picture(0)).reformat(format="yuvj420p")))
        out.mux(cover.encode())
        out.mux(sound.encode(frame))
        out.mux(sound.encode())
    return path


def _damaged(odd: OddVideos, path: Path) -> Path:
    """Frames 8 to 10 of a lossless mp4 are overwritten with zeros."""
    data = bytearray(odd("plain").read_bytes())
    with av.open(str(odd("plain"))) as video:
        entries = list(video.streams.video[0].index_entries)
    data[entries[8].pos : entries[11].pos] = bytes(entries[11].pos - entries[8].pos)
    path = path.with_suffix(".mp4")
    path.write_bytes(data)
    return path


def _concealed(_: OddVideos, path: Path) -> Path:
    """The second half of a frame's bytes is noise: the decoder makes up what it cannot read."""
    clip = noisy(moving(24, 96, 128), 4)
    path = encode(path.with_suffix(".mp4"), clip, options={"crf": "23", "bf": "0"})
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as video:
        entry = video.streams.video[0].index_entries[8]
    middle, end = entry.pos + entry.size // 2, entry.pos + entry.size - 4
    data[middle:end] = np.random.default_rng(0).bytes(end - middle)
    path.write_bytes(data)
    return path


def _trimmed(odd: OddVideos, path: Path) -> Path:
    """An edit list hides the first six frames, as trimming on a phone does."""
    data = bytearray(odd("plain").read_bytes())
    at = data.index(b"elst") + 12  # version and flags, entry count, then duration, media time
    duration, media_time = struct.unpack_from(">Ii", data, at)
    with av.open(str(odd("plain"))) as video:
        stream = video.streams.video[0]
        step = round(1 / (stream.average_rate * stream.time_base))
    struct.pack_into(">Ii", data, at, duration * 18 // 24, media_time + 6 * step)
    path = path.with_suffix(".mp4")
    path.write_bytes(data)
    return path


def _resized(_: OddVideos, path: Path) -> Path:
    """Two H.264 streams of different sizes, one after the other."""
    parts = [
        encode(path.with_name(f"part{n}.h264"), pictures(4, 16 * n, 32 * n)).read_bytes()
        for n in (2, 3)
    ]
    path = path.with_suffix(".h264")
    path.write_bytes(b"".join(parts))
    return path


def _latin_title(odd: OddVideos, path: Path) -> Path:
    path = path.with_suffix(".avi")
    data = encode(path, pictures(3), "mpeg4").read_bytes()
    path.write_bytes(data.replace(b"untitled", b"caf\xe9 x\xff\xfe"))
    return path


def _translucent(alpha: int) -> list[Any]:
    rgba = [np.dstack([image, np.full(image.shape[:2], alpha, np.uint8)]) for image in pictures(4)]
    return [av.VideoFrame.from_ndarray(image, "rgba") for image in rgba]


_ULTRAFAST = {"preset": "ultrafast"}
_NO_B = {**LOSSLESS, "bf": "0"}

MAKERS: dict[str, Callable[[OddVideos, Path], Path]] = {
    "plain": _encoded(".mp4", lambda: pictures(24), options=LOSSLESS, muxer=FASTSTART),
    "late_index": _encoded(".mp4", lambda: pictures(24), options=LOSSLESS),
    "fragmented": _encoded(
        ".mp4",
        lambda: pictures(24),
        options={"g": "8"},
        muxer={"movflags": "+frag_keyframe+empty_moov"},
    ),
    "mkv": _encoded(".mkv", lambda: pictures(24), options=LOSSLESS),
    "avi": _encoded(".avi", lambda: pictures(24), "mpeg4"),
    "ts": _encoded(".ts", lambda: pictures(24)),
    "webm": _encoded(".webm", lambda: pictures(8), "libvpx-vp9", options={"lossless": "1"}),
    "gif": _encoded(".gif", lambda: pictures(8), "gif", "rgb8", rate=10),
    "vfr_mkv": _encoded(".mkv", lambda: pictures(6), options=_NO_B, rate=1000, pts_ms=VFR_MS),
    "vfr_mp4": _encoded(".mp4", lambda: pictures(6), options=_NO_B, rate=1000, pts_ms=VFR_MS),
    "rotated_90": _encoded(".mp4", lambda: pictures(3), options=LOSSLESS, setup=_rotation(90)),
    "rotated_180": _encoded(".mp4", lambda: pictures(3), options=LOSSLESS, setup=_rotation(180)),
    "rotated_270": _encoded(".mp4", lambda: pictures(3), options=LOSSLESS, setup=_rotation(270)),
    "mirrored": _encoded(
        ".mp4", lambda: pictures(3), options=LOSSLESS, setup=_rotation(0, mirrored=True)
    ),
    "odd_size": _encoded(".mkv", lambda: pictures(3, 27, 35), "ffv1", "yuv420p"),
    "alpha_ffv1": _encoded(".mkv", lambda: _translucent(128), "ffv1", "bgra"),
    "alpha_qtrle": _encoded(".mov", lambda: _translucent(128), "qtrle", "argb"),
    "alpha_vp9": _encoded(
        ".webm",
        lambda: [flat("yuva420p", (126, 128, 128, 128), HEIGHT, WIDTH) for _ in range(4)],
        "libvpx-vp9",
        "yuva420p",
        options={"lossless": "1"},
    ),
    "ten_bit": _encoded(
        ".mp4",
        lambda: [flat("yuv420p10le", (500, 400, 700)) for _ in range(3)],
        pixel_format="yuv420p10le",
        options=LOSSLESS,
    ),
    "grey": _encoded(".mkv", lambda: [flat("gray", (60 + i,)) for i in range(3)], "ffv1", "gray"),
    "grey_limited": _encoded(
        ".mkv",
        lambda: [flat("gray", (value,)) for value in (16, 126, 235)],
        "ffv1",
        "gray",
        setup=_tags(2, 1),
    ),
    "sound": _encoded(".mp4", lambda: pictures(6), sound=True),
    "sound_only": _sound_only,
    "cover_art": _cover_art,
    "one_frame": _encoded(".mp4", lambda: pictures(1), options=LOSSLESS),
    "one_frame_mkv": _encoded(".mkv", lambda: pictures(1), options=LOSSLESS),
    "no_frames": _encoded(".mp4", list, muxer={"movflags": "+empty_moov"}),
    "no_frames_mkv": _encoded(".mkv", list),
    "cut_mp4": _cut("plain"),
    "cut_mkv": _cut("mkv"),
    "cut_webm": _cut("webm"),
    "cut_avi": _cut("avi"),
    "cut_gif": _cut("gif"),
    "cut_late_index": _cut("late_index"),
    "damaged": _damaged,
    "concealed": _concealed,
    "trimmed": _trimmed,
    "resized": _resized,
    "latin_title": _latin_title,
    "text": _written(".mp4", b"This is not a video.\n" * 50),
    "empty": _written(".mp4", b""),
    "noise": _written(".mp4", np.random.default_rng(0).bytes(20_000)),
    "concat_script": _written(".mp4", b"ffconcat version 1.0\nfile plain.mp4\n"),
    "playlist": _written(".mp4", b"#EXTM3U\n#EXTINF:1,\nplain.mp4\n#EXT-X-ENDLIST\n"),
    "folder": _folder([(HEIGHT, WIDTH)] * 12),
    "folder_mixed": _folder([(HEIGHT, WIDTH), (HEIGHT, WIDTH), (HEIGHT, WIDTH + 2)]),
    "folder_empty": _folder([]),
    "huge": _encoded(
        ".mp4",
        lambda: (flat("yuv420p", (60 + i, 128, 128), 4320, 7680) for i in range(2)),
        options={**LOSSLESS, **_ULTRAFAST},
    ),
    "long": _encoded(
        ".mp4",
        lambda: (flat("yuv420p", (40 + i % 160, 128, 128), 32, 32) for i in range(14_400)),
        options=_ULTRAFAST,
    ),
}
"""Kind -> what makes its file."""


class OddVideos:
    """Makes each kind once, below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}

    def __call__(self, kind: str) -> Path:
        if kind not in self._made:
            self._made[kind] = MAKERS[kind](self, self._folder / kind)
        return self._made[kind]
