"""Decodes a video once, frame by frame, in bounded memory, and tells what was missing of it."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from av.video.reformatter import VideoReformatter

from bench.errors import NoFrames, NotAVideo, UsageError, VideoError
from bench.types import Probe
from bench.videos.colour import U8, to_rgb
from bench.videos.container import FOLDER_FPS, IMAGE_FORMATS, images, opened
from bench.videos.probe import probe as probe_file

DECODER = "pyav"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One decoded frame: `frame_HWC` is uint8 RGB, contiguous, upright, and owns its memory.

    `index` counts the frames that decoded; `time_s` is 0 for the first of them.
    """

    index: int
    time_s: float
    frame_HWC: U8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far a reading got. `n_announced` is the probe's `n_frames`."""

    n_announced: int
    n_decoded: int
    finished: bool

    @property
    def truncated(self) -> bool:
        """Whether the file was read to its end and gave fewer frames than it announces."""
        return self.finished and self.n_decoded < self.n_announced


class Reader:
    """Iterates once over a video's frames; afterwards (or between frames) `reading` says how far.

    ::

        with Reader(path) as reader:
            for frame in reader:
                ...
        reader.reading.truncated

    A cut-off or damaged file gives its good frames and no error. With `wanted`, only those indices
    are converted to RGB and yielded, and decoding stops after the last of them.

    Raises:
        NotAVideo: on opening, when there is no such file, or no video in it.
        NoFrames: on opening, when not one frame decodes.
        VideoError: while iterating, when the picture size changes or a colour space is unknown.
    """

    def __init__(
        self, path: Path, wanted: Iterable[int] | None = None, probe: Probe | None = None
    ) -> None:
        self.path = Path(path)
        self.probe = probe or probe_file(self.path)
        self._wanted = None if wanted is None else frozenset(wanted)
        if self._wanted and min(self._wanted) < 0:
            raise UsageError("a frame index is negative", seen=min(self._wanted), legal="0, 1, ...")
        self._n_decoded = 0
        self._finished = False
        self._frames = self._read()

    @property
    def reading(self) -> Reading:
        """What was announced and what decoded up to now."""
        return Reading(
            n_announced=self.probe.n_frames, n_decoded=self._n_decoded, finished=self._finished
        )

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._frames.close()

    def _read(self) -> Generator[Frame]:
        last = max(self._wanted, default=-1) if self._wanted is not None else None
        reformatter, start_s = VideoReformatter(), 0.0
        with closing(decoded(self.path)) as pairs:
            for index, (time_s, frame) in enumerate(pairs):
                if time_s is None:
                    time_s = index / self.probe.fps if self.probe.fps > 0 else 0.0
                start_s = time_s if index == 0 else start_s
                self._n_decoded = index + 1
                if self._wanted is None or index in self._wanted:
                    frame_HWC = to_rgb(frame, reformatter)
                    self._check_size(index, frame_HWC)
                    yield Frame(index=index, time_s=time_s - start_s, frame_HWC=frame_HWC)
                if last is not None and index >= last:
                    return
        self._finished = True
        if not self._n_decoded:
            raise NoFrames("no frame can be decoded", seen=self.path.name)

    def _check_size(self, index: int, frame_HWC: U8) -> None:
        height, width, _ = frame_HWC.shape
        if (height, width) != (self.probe.height_px, self.probe.width_px):
            raise VideoError(
                "the picture size changes within the video",
                seen=f"{self.path.name}: {width}x{height} at frame {index}",
                legal=f"{self.probe.width_px}x{self.probe.height_px} throughout",
                then="encode the video again at one size",
            )


def frames(path: Path, wanted: Iterable[int] | None = None) -> Iterator[Frame]:
    """The frames of a video (all, or those `wanted`) in order; :class:`Reader` tells more."""
    with Reader(path, wanted) as reader:
        yield from reader


def decode_all(path: Path, limit_bytes: int = 1 << 30) -> U8:
    """A short video whole, as (T, H, W, 3) uint8 RGB.

    Raises:
        UsageError: when that would take more than `limit_bytes`.
    """
    probe = probe_file(Path(path))
    n_bytes = probe.n_frames * probe.height_px * probe.width_px * 3
    if n_bytes > limit_bytes:
        raise UsageError(
            "the video is too large to be held in memory",
            seen=f"{n_bytes:,} bytes",
            legal=f"up to {limit_bytes:,} bytes",
            then="read it frame by frame with bench.videos.read.frames",
        )
    with Reader(path, probe=probe) as reader:
        return np.stack([frame.frame_HWC for frame in reader])


def sha256(path: Path) -> str:
    """Hash of a file's bytes or, for a folder, of its images' names and bytes in their order.

    Raises:
        NotAVideo: when there is no such file, or no image in the folder.
    """
    path = Path(path)
    total = hashlib.sha256()
    if not path.is_dir():
        _hash_file(path, total)
        return total.hexdigest()
    for file in images(path):
        part = hashlib.sha256()
        _hash_file(file, part)
        name = file.name.encode(errors="surrogateescape")
        total.update(hashlib.sha256(name).digest() + part.digest())
    return total.hexdigest()


def _hash_file(path: Path, into: Any) -> None:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                into.update(chunk)
    except OSError as error:
        raise NotAVideo(f"the file cannot be read: {error.strerror}", seen=path.name) from error


def decoded(path: Path) -> Generator[tuple[float | None, Any]]:
    """Times (None where a file has none) and av frames, as the decoder gives them."""
    if path.is_dir():
        yield from _decoded_folder(path)
        return
    with opened(path) as source:
        for packet in source.packets():
            for frame in source.decode(packet):
                yield (None if frame.pts is None else frame.time), frame


def _decoded_folder(folder: Path) -> Generator[tuple[float | None, Any]]:
    for position, file in enumerate(images(folder)):
        try:
            with opened(file, IMAGE_FORMATS) as source:
                found = (frame for packet in source.packets() for frame in source.decode(packet))
                frame = next(found, None)
        except NotAVideo:
            continue  # a broken image is a frame that is missing, and is counted as one
        if frame is not None:
            yield position / FOLDER_FPS, frame
