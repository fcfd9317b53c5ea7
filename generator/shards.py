"""A team's own clips as training data: WebDataset shards or a folder, with captions beside them.

A sample is one video (mp4, webm, mkv, mov, avi) or image (png, jpg, jpeg, webp) and its caption:
`KEY.txt`, or `KEY.json` with a "caption". In a tar the parts of a sample share the name up to the
first dot after the last slash (WebDataset's rule); in a folder, a file and its caption share the
stem. Samples without one of both are counted and left out; a source with none left is refused.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from generator.adapter import TextCondition
from generator.data import Clips, ClipShape, draw_times
from generator.world.palette import Array

VIDEOS = ("mp4", "webm", "mkv", "mov", "avi")
IMAGES = ("png", "jpg", "jpeg", "webp")
MOST_FRAMES = 1200
"""A longer video is read up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Where one clip lies: bytes `start` to `start + size` of `path`, and its caption."""

    path: Path
    start: int
    size: int
    suffix: str
    caption: str

    def read(self) -> bytes:
        """The clip's bytes."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    path: Path
    start: int
    size: int

    def text(self) -> str:
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size).decode("utf-8", errors="replace")


def find_samples(source: Path) -> tuple[list[Sample], int]:
    """Samples of a tar, of a folder of tars, or of a folder of files; and how many are not whole.

    Raises:
        ValueError: when nothing there can be used.
    """
    shards = [source] if source.suffix == ".tar" else sorted(source.glob("*.tar"))
    groups: dict[tuple[str, str], dict[str, _Part]] = defaultdict(dict)
    for place, name, part in _tar_parts(shards) if shards else _file_parts(source):
        key, _, suffix = PurePosixPath(name).name.partition(".")
        groups[place, str(PurePosixPath(name).parent / key)][suffix.lower()] = part
    samples = [s for key in sorted(groups) for s in _samples_of(groups[key])]
    if not samples:
        raise ValueError(
            f"no clip with a caption in {source}; seen: {len(groups)} names; legal: tar shards, "
            f"or files ({', '.join(VIDEOS + IMAGES)}) with KEY.txt or KEY.json beside them"
        )
    return samples, len(groups) - len(samples)


def _tar_parts(shards: Sequence[Path]) -> Iterator[tuple[str, str, _Part]]:
    for shard in shards:
        try:
            with tarfile.open(shard) as tar:
                for member in tar:
                    if member.isfile():
                        part = _Part(path=shard, start=member.offset_data, size=member.size)
                        yield str(shard), member.name, part
        except tarfile.TarError as error:
            raise ValueError(f"the shard {shard} is not a whole tar: {error}") from error


def _file_parts(folder: Path) -> Iterator[tuple[str, str, _Part]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            part = _Part(path=path, start=0, size=path.stat().st_size)
            yield str(folder), path.relative_to(folder).as_posix(), part


def _samples_of(parts: Mapping[str, _Part]) -> Iterator[Sample]:
    """At most one sample: the first clip of a group that has a caption."""
    caption = _caption(parts)
    suffix = next((s for s in VIDEOS + IMAGES if s in parts), None)
    if caption and suffix is not None:
        part = parts[suffix]
        yield Sample(
            path=part.path, start=part.start, size=part.size, suffix=suffix, caption=caption
        )


def _caption(parts: Mapping[str, _Part]) -> str:
    if "txt" in parts:
        return parts["txt"].text().strip()
    if "json" not in parts:
        return ""
    try:
        found = json.loads(parts["json"].text())
    except ValueError:
        return ""
    caption = found.get("caption", "") if isinstance(found, dict) else ""
    return caption.strip() if isinstance(caption, str) else ""


class ShardSource:
    """Clips of :func:`find_samples`, cut to the stage's shape. Images stand still."""

    def __init__(self, source: Path, encode: Callable[[Sequence[str]], TextCondition]) -> None:
        self.samples, self.n_left_out = find_samples(source)
        self.condition = encode([sample.caption for sample in self.samples])

    def batch(self, shape: ClipShape, rng: np.random.Generator) -> Clips:
        """Random samples; frames at random or even instants of each clip."""
        rows = rng.integers(len(self.samples), size=shape.n_clips)
        time = draw_times(shape.n_clips, shape.n_frames, shape.span, rng)
        frames = [
            fitted(_pick(decode(self.samples[row]), t), shape.height_px, shape.width_px)
            for row, t in zip(rows, time, strict=True)
        ]
        return Clips(frames_NTHWC=np.stack(frames), time_NT=time, rows_N=rows)


def decode(sample: Sample) -> Array:
    """All frames, uint8 (T, H, W, 3).

    Raises:
        ValueError: when it is not a picture or video that can be read.
    """
    try:
        frames = _decode(sample.read(), sample.suffix)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the {sample.suffix} in {sample.path}: {error}") from error
    if not len(frames):
        raise ValueError(f"the {sample.suffix} in {sample.path} has no frames")
    return frames


def _decode(data: bytes, suffix: str) -> Array:
    if suffix in IMAGES:
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[None]
    import av

    frames = []
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == MOST_FRAMES:
                break
    return np.stack(frames) if frames else np.empty((0, 1, 1, 3), np.uint8)


def _pick(frames_THWC: Array, time_T: Array) -> Array:
    """The frames that show at shares 0..1 of the clip."""
    picked: Array = frames_THWC[
        np.minimum((time_T * len(frames_THWC)).astype(int), len(frames_THWC) - 1)
    ]
    return picked


def fitted(frames_THWC: Array, height_px: int, width_px: int) -> Array:
    """The middle of the frames in the wanted ratio, resized by area."""
    import cv2

    height, width = frames_THWC.shape[1:3]
    scale = min(height / height_px, width / width_px)
    cut = (max(1, round(height_px * scale)), max(1, round(width_px * scale)))
    top, left = (height - cut[0]) // 2, (width - cut[1]) // 2
    middle = frames_THWC[:, top : top + cut[0], left : left + cut[1]]
    way = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.stack(
        [cv2.resize(frame, (width_px, height_px), interpolation=way) for frame in middle]
    )
