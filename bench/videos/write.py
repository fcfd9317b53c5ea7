"""Writes frames as a lossless master, which is scored, and as a preview, which people look at.

Both are H.264 in mp4 and need no ffmpeg program. One encoder thread: x264's bytes depend on the
number of threads, and the same frames must give the same file on every machine. (They still depend
on the x264 in the installed PyAV, which the run's manifest names.)
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from bench.errors import NoFrames, UsageError
from bench.home import storage_error
from bench.videos.colour import EXACT, U8

MASTER = "libx264rgb crf=0 preset=ultrafast threads=1"
PREVIEW = "libx264 yuv420p bt709 crf=18 preset=veryfast mbtree=0 threads=1"
REPEATABLE = {"mbtree": "0"}
"""x264's macroblock tree gives other bytes from one call to the next at some sizes (98x132)."""
_BT709 = 1  # the same number for matrix, primaries and transfer curve
_MUXER = {"movflags": "+faststart", "fflags": "+bitexact"}


def exact_fps(fps: float | Fraction) -> Fraction:
    """A frame rate as the fraction that a file holds: 23.976 becomes 2997/125.

    Raises:
        UsageError: when it is not a rate that a video can have.
    """
    try:
        exact = Fraction(fps).limit_denominator(1001)
    except (ValueError, OverflowError):
        exact = Fraction(0)
    if not 0 < exact <= 1000:
        raise UsageError("not a frame rate", seen=fps, legal="above 0, at most 1000 a second")
    return exact


def write_master(path: Path, frames: Iterable[U8], fps: float | Fraction) -> None:
    """Write (H, W, 3) uint8 RGB frames without loss; the file is there whole or not at all.

    Raises:
        NoFrames: when there is no frame.
        UsageError: when a frame is of another shape or type than the first, or the rate is none.
        StorageError: when the disk refuses.
    """
    _write(Path(path), frames, exact_fps(fps), master=True)


def write_preview(path: Path, frames: Iterable[U8], fps: float | Fraction) -> None:
    """Write what every browser plays: 4:2:0, BT.709. An odd last row or column is repeated.

    Raises:
        NoFrames, UsageError, StorageError: as :func:`write_master`.
    """
    _write(Path(path), frames, exact_fps(fps), master=False)


def _write(path: Path, frames: Iterable[U8], fps: Fraction, *, master: bool) -> None:
    checked = _checked(frames)
    first = next(checked, None)
    if first is None:
        raise NoFrames("there is no frame to write", seen=path.name)
    with _whole_or_not(path) as temporary:
        container = av.open(str(temporary), "w", format="mp4", container_options=_MUXER)
        with container:
            stream = _stream(container, first, fps, master=master)
            reformatter = VideoReformatter()
            for index, frame_HWC in enumerate(_chain(first, checked)):
                frame = _picture(frame_HWC, reformatter, master=master)
                frame.pts, frame.time_base = index, 1 / fps
                container.mux(stream.encode(frame))
            container.mux(stream.encode())


def _chain(first: U8, rest: Iterator[U8]) -> Iterator[U8]:
    yield first
    yield from rest


def _checked(frames: Iterable[U8]) -> Iterator[U8]:
    shape: tuple[int, ...] | None = None
    for index, frame_HWC in enumerate(frames):
        shape = shape or frame_HWC.shape
        flat = frame_HWC.ndim != 3 or frame_HWC.shape[-1] != 3 or not frame_HWC.size
        if flat or frame_HWC.shape != shape or frame_HWC.dtype != np.uint8:
            raise UsageError(
                "a frame cannot be written",
                seen=f"frame {index}: shape {frame_HWC.shape}, {frame_HWC.dtype}",
                legal="(height, width, 3) uint8 RGB, all of one size",
            )
        yield np.ascontiguousarray(frame_HWC)


def _stream(container: Any, first_HWC: U8, fps: Fraction, *, master: bool) -> Any:
    height, width, _ = first_HWC.shape
    if master:
        stream = container.add_stream(
            "libx264rgb", rate=fps, options={"crf": "0", "preset": "ultrafast"}
        )
        stream.pix_fmt = "rgb24"
    else:
        options = {"crf": "18", "preset": "veryfast", **REPEATABLE}
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.pix_fmt = "yuv420p"
        height, width = height + height % 2, width + width % 2
        mark_bt709(stream.codec_context)
    stream.height, stream.width = height, width
    stream.codec_context.thread_count = 1
    return stream


def _picture(frame_HWC: U8, reformatter: VideoReformatter, *, master: bool) -> Any:
    if master:
        return av.VideoFrame.from_ndarray(frame_HWC, format="rgb24")
    return as_yuv420(frame_HWC, reformatter)


def as_yuv420(frame_HWC: U8, reformatter: VideoReformatter) -> Any:
    """An RGB frame as yuv420p BT.709 for the encoder; an odd last row or column is repeated."""
    height, width, _ = frame_HWC.shape
    even_HWC = cv2.copyMakeBorder(frame_HWC, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return reformatter.reformat(
        av.VideoFrame.from_ndarray(even_HWC, format="rgb24"),
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=EXACT,
        threads=1,
    )


def mark_bt709(encoder: Any) -> None:
    """Write the colours of :func:`as_yuv420` into the stream, so that every player shows them."""
    encoder.colorspace = encoder.color_primaries = encoder.color_trc = _BT709
    encoder.color_range = ColorRange.MPEG


@contextmanager
def _whole_or_not(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place at the end, or leaves no trace."""
    temporary = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise storage_error(error, path) from error
