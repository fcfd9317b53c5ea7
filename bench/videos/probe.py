"""What a video file says of itself: size, rate, length, codec; only its first frame is decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.errors import NoFrames
from bench.types import Probe
from bench.videos.colour import clockwise_deg, has_alpha
from bench.videos.container import FOLDER_FPS, IMAGE_FORMATS, Source, images, opened

_MATROSKA_CLOCK = re.compile(r"(\d{1,6}):(\d\d):(\d\d(?:\.\d{1,12})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """What going through the packets shows: the first frame and the time of every packet."""

    first: Any
    times_s: npt.NDArray[np.float64]
    n_packets: int

    @property
    def span_s(self) -> float:
        return float(self.times_s[-1] - self.times_s[0]) if self.times_s.size else 0.0

    @property
    def longest_gap_s(self) -> float:
        return float(np.diff(self.times_s).max()) if self.times_s.size > 1 else 0.0


def probe(path: Path) -> Probe:
    """Read a video's properties. All packets are gone through (hashing a file costs as much).

    A folder of images is a video of :data:`bench.videos.container.FOLDER_FPS` (24) frames a second.
    `n_frames` is the larger of what the index announces and of what is there; where the file has no
    index and its header promises more seconds than there are, the missing frames are counted in. A
    rate that the packets' times contradict by more than half a frame is replaced by the measured
    average (variable frame rates); `fps` is 0 where nothing tells.

    Raises:
        NotAVideo: when there is no such file, or no video in it.
        NoFrames: when not one frame decodes.
    """
    path = Path(path)
    if path.is_dir():
        files = images(path)
        with opened(files[0], IMAGE_FORMATS) as source:
            return _describe(source, _count(source, path.name), len(files), FOLDER_FPS)
    with opened(path) as source:
        count = _count(source, path.name)
        fps = _fps(source.stream, count)
        n_frames = _announced(source, count, fps)
        if source.container.format.name == "gif" and not _ends_with(path, b";"):
            n_frames += 1  # a GIF announces nothing, but a whole one ends with this byte
        return _describe(source, count, n_frames, fps)


def _count(source: Source, name: str) -> _Count:
    first, times, n_packets = None, [], 0
    for packet in source.packets():
        if first is None:
            first = next(iter(source.decode(packet)), None)
        if packet.size and not packet.is_discard:
            n_packets += 1
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None:
                times.append(float(stamp * packet.time_base))
    if first is None:
        raise NoFrames("no frame can be decoded", seen=f"{name}: {n_packets} packets")
    return _Count(first=first, times_s=np.sort(np.array(times)), n_packets=n_packets)


def _fps(stream: Any, count: _Count) -> float:
    stated = float(stream.average_rate or 0)
    if count.span_s <= 0:
        return stated
    n_steps = len(count.times_s) - 1
    agrees = stated > 0 and abs(count.span_s * stated - n_steps) <= 0.5
    return stated if agrees else n_steps / count.span_s


def _announced(source: Source, count: _Count, fps: float) -> int:
    stream = source.stream
    if stream.frames:
        hidden = sum(entry.is_discard for entry in stream.index_entries)
        return int(max(stream.frames - hidden, count.n_packets))
    if not count.times_s.size:
        return count.n_packets
    last_s = max(count.span_s, float(count.times_s[-1]))
    # The last frame may stay as long as any before it; less than half a usual step is rounding.
    last_stays_s = max(count.longest_gap_s, 1 / fps if fps > 0 else 0.0)
    missing = (_promised_s(source) - last_s - last_stays_s) * fps
    return count.n_packets + (round(missing) if missing > 0.5 else 0)


def _promised_s(source: Source) -> float:
    """When the video ends by the header; 0 where the header tells nothing of the video alone."""
    stream, container = source.stream, source.container
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if tag := _MATROSKA_CLOCK.fullmatch(stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = tag.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    alone = len(container.streams) == 1
    return (container.duration or 0) / 1e6 if alone else 0.0


def _ends_with(path: Path, byte: bytes) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() == byte


def _describe(source: Source, count: _Count, n_frames: int, fps: float) -> Probe:
    frame = count.first
    rotation = clockwise_deg(frame)
    height, width = frame.height, frame.width
    if rotation in {90, 270}:
        height, width = width, height
    return Probe(
        height_px=height,
        width_px=width,
        n_frames=n_frames,
        fps=fps,
        duration_s=n_frames / fps if fps > 0 else 0.0,
        codec=source.stream.codec_context.codec.canonical_name,
        pixel_format=frame.format.name,
        rotation_deg=rotation,
        has_audio=bool(source.container.streams.audio),
        has_alpha=has_alpha(frame.format),
    )
