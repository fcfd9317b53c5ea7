"""The hook that every written video passes: a watermark in its frames, a signature on its file.

A :class:`Mark` is called twice: with the frames before they are encoded, and with the file after it
was written. :func:`write_marked` is the one place that writes: it encodes into a folder of its own,
has the mark sign the file there, and only then gives it its name, so that no file of that name is
ever without its signature. A guard with a mark has put it into its frames already; writers then
call `write_marked` with `marked=True`.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from generator.world.palette import Array

Frames = Iterable[Array]
"""uint8 (T, H, W, 3), or frames (H, W, 3) one by one where no watermark needs them together."""

Encode = Callable[[Path, Frames, float], object]
"""Writes frames at a frame rate to a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a video comes from. It holds a hash of the prompt, never its text."""

    model: str
    prompt_sha256: str
    seed: int
    guard: str = ""
    suppressed: bool = False


class Mark(Protocol):
    """Marks and signs videos. Both methods must be deterministic, or say in `version` if not."""

    @property
    def name(self) -> str:
        """What it is called in records."""

    @property
    def version(self) -> str:
        """Changes whenever marked frames or signatures change."""

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames with the mark in them: uint8, same shape; the input stays as it is."""

    def sign(self, path: Path, origin: Origin) -> Mapping[str, str] | None:
        """Sign the written file in place or by files beside it; what was done, or None."""


class NoMark:
    """Marks nothing and signs nothing."""

    name, version = "none", "1"

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames as they are."""
        del origin
        return frames_THWC

    def sign(self, path: Path, origin: Origin) -> Mapping[str, str] | None:
        """Nothing."""
        del path, origin
        return None


NO_MARK = NoMark()


class Sidecar:
    """The smallest real mark: `NAME.mp4.json` beside the file, with its sha256 and its origin.

    It proves nothing against someone who can write files; it shows how a mark is made.
    """

    name, version = "sidecar", "1"

    def mark_frames(self, frames_THWC: Array, origin: Origin) -> Array:
        """The frames as they are: a sidecar has no watermark."""
        del origin
        return frames_THWC

    def sign(self, path: Path, origin: Origin) -> Mapping[str, str] | None:
        """Write the sidecar; returns its sha256 of the video."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        note = {"format": 1, "ai_generated": True, "sha256": digest, **asdict(origin)}
        text = json.dumps(note, indent=2, sort_keys=True) + "\n"
        path.with_name(f"{path.name}.json").write_text(text, encoding="utf-8")
        return {"sha256": digest}


def verify_sidecar(path: Path) -> Mapping[str, object] | None:
    """What a video's sidecar says, when it fits the file; None when there is none or it does not.

    Raises:
        FileNotFoundError: when the video is not there.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    beside = path.with_name(f"{path.name}.json")
    try:
        note = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    fits = isinstance(note, dict) and note.get("sha256") == digest
    return note if fits else None


def write_marked(
    path: Path,
    frames: Frames,
    fps: float,
    origin: Origin,
    *,
    encode: Encode,
    mark: Mark = NO_MARK,
    marked: bool = False,
) -> Mapping[str, str]:
    """Mark, encode, sign, and give the file its name; what the mark says it did.

    `encode` writes the file. `marked` says that the frames bear the mark already.

    Raises:
        ValueError: when the mark changed the frames' shape or type.
        OSError: when the disk refuses; nothing of that name is left behind then.
    """
    if not marked and mark.name != NO_MARK.name:
        frames = marked_frames(mark, np.stack(list(frames)), origin)
    done = write_signed(
        path, lambda draft: encode(draft, frames, fps), lambda draft: mark.sign(draft, origin)
    )
    return {"mark": mark.name, "version": mark.version, **(done or {})}


def write_signed(
    path: Path,
    write: Callable[[Path], object],
    sign: Callable[[Path], Mapping[str, str] | None],
) -> Mapping[str, str] | None:
    """Write and sign in a folder of its own, then give file and what lies beside it their names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        write(draft)
        done = sign(draft)
        for beside in sorted(Path(folder).iterdir()):
            if beside != draft:
                beside.replace(path.with_name(beside.name))
        draft.replace(path)
    return done


def marked_frames(mark: Mark, frames_THWC: Array, origin: Origin) -> Array:
    """The frames with the mark in them.

    Raises:
        ValueError: when the mark changed their shape or type.
    """
    seen = mark.mark_frames(frames_THWC, origin)
    if seen.shape != frames_THWC.shape or seen.dtype != frames_THWC.dtype:
        raise ValueError(
            f"the mark {mark.name} changed the frames; seen: {seen.shape} {seen.dtype}; "
            f"legal: {frames_THWC.shape} {frames_THWC.dtype}"
        )
    return seen


def sha256_text(text: str) -> str:
    """Hex sha256 of a text in UTF-8; lone surrogates count too."""
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
