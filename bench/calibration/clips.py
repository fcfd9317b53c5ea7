"""The clips that metrics are calibrated on: of the phantom, of a real film, or of a folder.

A set has n clips to damage and n others that stay as they are, the reference of set metrics; no
scene, shot or file is in both. All are short and small, so that a laptop measures every ladder.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from bench.errors import UsageError
from bench.types import Json, Prompt

if TYPE_CHECKING:
    from generator.world.grammar import Truth

T = TypeVar("T")
U8 = npt.NDArray[np.uint8]
Say = Callable[[str], None]
HEIGHT_PX, WIDTH_PX, N_FRAMES, FPS = 96, 160, 16, 6.0
"""Of the phantom's clips; others keep their shape and rate, at a short side of at most 96 px."""
LEAST_MOVE = 1.0
"""Grey levels, on the mean over pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One good clip: uint8 RGB frames (T, H, W, 3), whose scene it is, and what is known of it.

    `truth` is what the phantom drew; `canary_THWC` is a clip of the phantom's emblem of the same
    size, to burst into this one.
    """

    name: str
    frames_THWC: U8
    fps: float
    cluster: str
    canary_THWC: U8
    prompt: Prompt | None = None
    truth: Truth | None = None

    @property
    def sha256(self) -> str:
        """Hash of the frames."""
        return frames_sha256(self.frames_THWC, self.fps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSet:
    """Clips to damage, and the reference. `source` says in a sentence what they are."""

    name: str
    source: str
    clips: tuple[Source, ...]
    reference: tuple[Source, ...]


def frames_sha256(frames_THWC: U8, fps: float) -> str:
    """sha256 of frames in memory: their shape, rate and bytes."""
    hasher = hashlib.sha256(f"frames {frames_THWC.shape} {fps:g}\n".encode())
    hasher.update(np.ascontiguousarray(frames_THWC).data)
    return hasher.hexdigest()


def load_clips(clips: str, n: int, seed: int, say: Say) -> ClipSet:
    """The set of clips of a name: `phantom`, `real`, or a folder of videos.

    Raises:
        UsageError: when it is none of these, or holds no video.
        Unavailable: when the film of `real` cannot be had.
    """
    if clips == "phantom":
        return phantom(n, seed)
    if clips == "real":
        return real(n, say)
    if Path(clips).is_dir():
        return folder(Path(clips), n)
    raise UsageError("no such clips", seen=clips, legal="phantom, real, or a folder of videos")


def phantom(n: int, seed: int) -> ClipSet:
    """Scenes of the phantom in which something moves on, so that no two frames are alike."""
    from generator.world.caption import caption
    from generator.world.phantom import Format, Phantom

    rng = np.random.default_rng(seed)
    form = Format(height_px=HEIGHT_PX, width_px=WIDTH_PX, fps=FPS, n_frames=N_FRAMES)
    made = []
    for index, truth in enumerate(_moving_truths(rng, 2 * n)):
        shown = Phantom(form=form).generate(caption(truth, index), index)
        prompt = _prompt(truth, f"scene-{index:03d}", index)
        made.append(
            Source(
                name=prompt.id,
                frames_THWC=shown.frames,
                fps=FPS,
                cluster=prompt.id,
                canary_THWC=canary(index, HEIGHT_PX, WIDTH_PX),
                prompt=prompt,
                truth=truth,
            )
        )
    return ClipSet(
        name="phantom",
        source="scenes of the phantom in which a thing or the camera moves on",
        clips=tuple(made[::2]),
        reference=tuple(made[1::2]),
    )


def _prompt(truth: Truth, name: str, seed: int) -> Prompt:
    from generator.world.caption import caption

    return Prompt(id=name, text=caption(truth, seed), attributes=stated(truth))


def stated(truth: Truth) -> dict[str, Json]:
    """A truth as the attributes of a prompt, as the suite `phantom` writes them."""
    from generator.world.attributes import attributes

    return {"world": "phantom", **attributes(truth)}


def _moving_truths(rng: np.random.Generator, n: int) -> list[Truth]:
    from generator.world.grammar import DIRECTIONS
    from generator.world.sampling import sample_truth

    moves = {*DIRECTIONS, "grow", "shrink"}
    truths: list[Truth] = []
    while len(truths) < n:
        truth = sample_truth(rng)
        rounds = truth.motion not in moves and truth.motion != "still"
        still = truth.motion == "still" and truth.camera == "still"
        if not (rounds or still or truth.canary):
            truths.append(truth)
    return truths


def canary(seed: int, height_px: int, width_px: int) -> U8:
    """A clip of a scene with the canary emblem, which stands for content that must not show."""
    from generator.world.render import render
    from generator.world.sampling import sample_scene

    rng = np.random.default_rng([seed, 1])
    scene = sample_scene(rng, kind="canary")
    frames: U8 = render(scene, height_px, width_px, fps=FPS, n_frames=N_FRAMES)
    return frames


def real(n: int, say: Say) -> ClipSet:
    """Clips of Big Buck Bunny from inside its shots, as `prescreen demo` cuts them.

    Still shots are left out: what repeats, stops or loses its order there cannot be told from it.
    """
    from bench.demo import prepare

    root = prepare(say)
    return ClipSet(
        name="real",
        source="clips of 16 frames in which something moves, inside shots of Big Buck Bunny "
        "(CC BY 3.0, Blender Foundation)",
        clips=_of_film(root, "candidate", n),
        reference=_of_film(root, "reference", n),
    )


def _of_film(root: Path, name: str, n: int) -> tuple[Source, ...]:
    with (root / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # one clip of each shot before a second of any
    seen: dict[str, int] = {}
    turns = []
    for row in rows:
        turns.append(seen.get(row["prompt_id"], 0))
        seen[row["prompt_id"]] = turns[-1] + 1
    ordered = sorted(zip(turns, rows, strict=True), key=lambda pair: pair[0])
    files = [(row["path"], root / row["path"], row["prompt_id"]) for _, row in ordered]
    shown = zip(ordered, _read(files), strict=True)
    moving = [(turn, clip) for (turn, _), clip in shown if moves(clip.frames_THWC)]
    first = [clip for turn, clip in moving if turn == 0]
    return tuple(_spread(first, n) if n <= len(first) else [clip for _, clip in moving[:n]])


def moves(frames_THWC: U8) -> bool:
    """Whether some frame differs from the first by a grey level or more, on the mean."""
    away_T = np.abs(frames_THWC - frames_THWC[0].astype(np.float32)).mean(axis=(1, 2, 3))
    return bool(away_T.max() >= LEAST_MOVE)


def folder(root: Path, n: int) -> ClipSet:
    """The videos below a folder, by name and in turn: to damage, reference, to damage, ...

    Raises:
        UsageError: when there is none, or one that is shorter than two frames.
    """
    from bench.models._walk import walk

    found = [item for item in walk(root) if item.is_video and item.path and not item.problem]
    if not found:
        raise UsageError("the folder holds no video", seen=root, then="name a folder with videos")
    files = [(f.name, f.path, f.name) for f in _spread(found, 2 * n) if f.path]
    made = list(_read(files))
    return ClipSet(
        name=root.resolve().name or "folder",
        source=f"the first {N_FRAMES} frames of videos in a folder",
        clips=tuple(made[::2]),
        reference=tuple(made[1::2]),
    )


def _read(files: Sequence[tuple[str, Path, str]]) -> Iterator[Source]:
    """The first 16 frames of each file, scaled; (name, path, cluster) of each are given."""
    import cv2

    from bench.videos.probe import probe
    from bench.videos.read import frames

    for index, (name, path, cluster) in enumerate(files):
        facts = probe(path)
        scale = min(1.0, HEIGHT_PX / min(facts.height_px, facts.width_px))
        size = round(facts.width_px * scale), round(facts.height_px * scale)
        shown = [
            cv2.resize(frame.frame_HWC, size, interpolation=cv2.INTER_AREA)
            for frame in frames(path, range(N_FRAMES))
        ]
        if len(shown) < 2:
            raise UsageError(f"{name} is too short", seen=f"{len(shown)} frames", legal="2 or more")
        yield Source(
            name=name,
            frames_THWC=np.stack(shown),
            fps=facts.fps,
            cluster=cluster,
            canary_THWC=canary(index, size[1], size[0]),
        )


def _spread(items: Sequence[T], n: int) -> list[T]:
    if len(items) <= n:
        return list(items)
    return [items[i * len(items) // n] for i in range(n)]


def other_of(clips: Sequence[Source], index: int) -> Source:
    """The next clip of another scene, brought to the size of clip `index`."""
    import cv2

    here = clips[index]
    order = [clips[(index + step) % len(clips)] for step in range(1, len(clips) + 1)]
    other = next((clip for clip in order if clip.cluster != here.cluster), here)
    _, height, width, _ = here.frames_THWC.shape
    if other.frames_THWC.shape[1:3] == (height, width):
        return other
    fitted = [
        cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
        for frame in other.frames_THWC
    ]
    return replace(other, frames_THWC=np.stack(fitted))
