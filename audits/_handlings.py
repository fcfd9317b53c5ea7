"""What happens to a video on its way to a viewer: nine handlings, each file to file.

Each is done once to the published file. `rescale`, `crop` and `trim` are written without loss, so
that they show what they do alone; `screen` is all at once, as when somebody films a screen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.videos.probe import probe
from bench.videos.read import decode_all
from bench.videos.write import REPEATABLE, as_yuv420, mark_bt709, write_master

U8 = npt.NDArray[np.uint8]
Handle = Callable[[Path, Path], None]

AS_IS = "as_is"
MAX_BYTES = 1 << 28
"""Of a video's decoded frames; a larger one is an error, said as one."""


def _as_is(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _metadata_strip(source: Path, target: Path) -> None:
    """Boxes that hold metadata become free space of the same length; nothing else moves."""
    held = bytearray(source.read_bytes())
    for start, length, kind in top_boxes(bytes(held)):
        if kind in (b"uuid", b"udta", b"meta"):
            held[start + 4 : start + 8] = b"free"
            held[start + 8 : start + length] = bytes(length - 8)
    target.write_bytes(held)


def top_boxes(held: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Start, length and kind of each box at the top of an MP4 file.

    Raises:
        ValueError: when the bytes are not a chain of boxes.
    """
    at = 0
    while at < len(held):
        length, kind = int.from_bytes(held[at : at + 4], "big"), held[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(held[at + 8 : at + 16], "big")
        elif length == 0:
            length = len(held) - at
        if length < 8 or at + length > len(held):
            raise ValueError(f"not an MP4 file: a box of {length} bytes at {at}")
        yield at, length, kind
        at += length


def _remux(source: Path, target: Path) -> None:
    """The packets as they are in a new file, as a download or an upload does it."""
    import av

    with av.open(str(source)) as old, av.open(str(target), "w", format="mp4") as new:
        stream: Any = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)


def _encode(source: Path, target: Path, *, crf: int) -> None:
    write_lossy(target, _frames(source), probe(source).fps, crf)


def _rescale(source: Path, target: Path) -> None:
    frames_THWC = _frames(source)
    write_master(target, resized(frames_THWC, 0.75), probe(source).fps)


def _crop(source: Path, target: Path) -> None:
    frames_THWC = _frames(source)
    _, height, width, _ = frames_THWC.shape
    y, x = height // 20, width // 20
    write_master(target, frames_THWC[:, y : height - y, x : width - x], probe(source).fps)


def _trim(source: Path, target: Path) -> None:
    frames_THWC = _frames(source)
    write_master(target, frames_THWC[len(frames_THWC) // 2 :], probe(source).fps)


def _screen(source: Path, target: Path) -> None:
    shown_THWC = resized(_frames(source), 1.5).astype(np.float64) * 0.94 + 8
    noise_THWC = np.random.default_rng(0).normal(0, 2, shown_THWC.shape)
    seen_THWC = np.clip(np.rint(shown_THWC + noise_THWC), 0, 255).astype(np.uint8)
    write_lossy(target, seen_THWC, probe(source).fps, 28)


def _frames(source: Path) -> U8:
    return decode_all(source, limit_bytes=MAX_BYTES)


def resized(frames_THWC: U8, factor: float) -> U8:
    """Frames of another size: area means when smaller, cubic when larger."""
    import cv2

    _, height, width, _ = frames_THWC.shape
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.stack([cv2.resize(f, size, interpolation=how) for f in frames_THWC]).astype(np.uint8)


def write_lossy(path: Path, frames_THWC: U8, fps: float, crf: int) -> None:
    """H.264 as it is published, 4:2:0, at a quality; an odd last row or column is repeated."""
    import av
    from av.video.reformatter import VideoReformatter

    _, height, width, _ = frames_THWC.shape
    rate = Fraction(fps).limit_denominator(1001)
    with av.open(str(path), "w", format="mp4") as container:
        options = {"crf": str(crf), "preset": "veryfast", **REPEATABLE}
        stream: Any = container.add_stream("libx264", rate=rate, options=options)
        stream.pix_fmt = "yuv420p"
        stream.height, stream.width = height + height % 2, width + width % 2
        stream.codec_context.thread_count = 1
        mark_bt709(stream.codec_context)
        reformatter = VideoReformatter()
        for index, frame_HWC in enumerate(frames_THWC):
            frame = as_yuv420(frame_HWC, reformatter)
            frame.pts, frame.time_base = index, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


HANDLINGS: Mapping[str, Handle] = {
    AS_IS: _as_is,
    "remux": _remux,
    "metadata_strip": _metadata_strip,
    "crf23": partial(_encode, crf=23),
    "crf30": partial(_encode, crf=30),
    "rescale": _rescale,
    "crop": _crop,
    "trim": _trim,
    "screen": _screen,
}
"""`rescale` to 75 %; `crop` of 5 % at each side; `trim` to the second half; `screen`: 150 %, less
contrast, noise of 2 grey levels, CRF 28."""
