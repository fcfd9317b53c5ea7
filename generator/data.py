"""Training data: clips with captions, the same for the same seed and step.

A source makes the batch of any step from (seed, step) alone, so that a resumed run sees what an
unbroken one would have seen. The world's captions are encoded once into a pool; places, phases
and instants are drawn anew each time. A user's own clips come from :mod:`generator.shards`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from generator.adapter import TextCondition
from generator.world.caption import caption
from generator.world.grammar import Scene, Truth
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Clips:
    """A batch: frames uint8 (N, T, H, W, 3), their instants 0..1 (N, T), rows of captions (N,)."""

    frames_NTHWC: Array
    time_NT: Array
    rows_N: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipShape:
    """What a stage asks of a source.

    Without `span`, instants are random, one in each of `n_frames` strata. With it, frames are even
    and cover that share of the clip: all of it from instant 0 on, or a window anywhere.
    """

    n_clips: int
    n_frames: int
    height_px: int
    width_px: int
    span: float | None = None


class Source(Protocol):
    """Where clips come from. `condition` holds the text of every row."""

    condition: TextCondition

    def batch(self, shape: ClipShape, rng: np.random.Generator) -> Clips:
        """A batch; all its randomness comes from `rng`."""
        ...


def pixels(frames_NTHWC: Array) -> Tensor:
    """uint8 (N, T, H, W, 3) to float32 (N, T, 3, H, W) in -1..1."""
    x = torch.from_numpy(np.ascontiguousarray(frames_NTHWC)).permute(0, 1, 4, 2, 3)
    return x.float() / 127.5 - 1


def to_frames(x_NTCHW: Tensor) -> Array:
    """Float -1..1 (N, T, 3, H, W) to uint8 (N, T, H, W, 3)."""
    scaled = (x_NTCHW.float().clamp(-1, 1) + 1) * 127.5
    frames: Array = scaled.round().to(torch.uint8).permute(0, 1, 3, 4, 2).contiguous().numpy()
    return frames


def draw_times(n_clips: int, n_frames: int, span: float | None, rng: np.random.Generator) -> Array:
    """Instants (N, T), 0..1 and rising; :class:`ClipShape` explains `span`."""
    if span is None:
        return np.asarray((np.arange(n_frames) + rng.random((n_clips, n_frames))) / n_frames)
    start = rng.random((n_clips, 1)) * (1 - span)
    return np.asarray(start + span * np.arange(n_frames) / n_frames)


Wanted = tuple[int, int] | tuple[int, int, str]
"""A curriculum level, how many truths, and perhaps of which kind only."""


def draw_truths(wanted: Sequence[Wanted], seed: int) -> tuple[list[Truth], list[str]]:
    """Truths that training may show, and captions of them, from one seed."""
    rng = np.random.default_rng([seed, 1])
    truths = [
        sample_truth(rng, level=level, kind=kind[0] if kind else None)
        for level, n, *kind in wanted
        for _ in range(n)
    ]
    seeds = rng.integers(2**31, size=len(truths)).tolist()
    return truths, [caption(truth, s) for truth, s in zip(truths, seeds, strict=True)]


class WorldSource:
    """Scenes of the phantom world; one row for each truth of a pool."""

    def __init__(self, truths: Sequence[Truth], condition: TextCondition) -> None:
        if len(truths) != len(condition.vector_NP):
            raise ValueError(
                f"one condition for each truth; seen: {len(condition.vector_NP)} for {len(truths)}"
            )
        self.truths = list(truths)
        self.condition = condition

    def batch(self, shape: ClipShape, rng: np.random.Generator) -> Clips:
        """Scenes of random rows, with new jitter, at random or even instants."""
        rows = rng.integers(len(self.truths), size=shape.n_clips)
        scenes = [Scene(truth=self.truths[row], jitter=sample_jitter(rng)) for row in rows]
        time = draw_times(shape.n_clips, shape.n_frames, shape.span, rng)
        frames = render_batch(scenes, shape.height_px, shape.width_px, time * DURATION_S)
        return Clips(frames_NTHWC=frames, time_NT=time, rows_N=rows)


class Mixture:
    """Several sources with weights; each batch comes from one of them."""

    def __init__(self, sources: Sequence[Source], weights: Sequence[float]) -> None:
        if len(sources) != len(weights) or not sources or min(weights) < 0 or not sum(weights):
            raise ValueError(
                f"one weight of 0 or more for each source, not all 0; seen: {len(sources)} "
                f"sources, weights {list(weights)}"
            )
        self.sources = list(sources)
        self.weights = np.array(weights, dtype=float) / sum(weights)
        self._first = np.cumsum([0, *(len(s.condition.vector_NP) for s in sources)])
        self.condition = TextCondition(
            vector_NP=torch.cat([s.condition.vector_NP for s in sources]),
            slots_NSD=torch.cat([s.condition.slots_NSD for s in sources]),
        )

    def batch(self, shape: ClipShape, rng: np.random.Generator) -> Clips:
        """A batch of one source, drawn by weight; rows count through all sources."""
        i = int(rng.choice(len(self.sources), p=self.weights))
        clips = self.sources[i].batch(shape, rng)
        return Clips(
            frames_NTHWC=clips.frames_NTHWC,
            time_NT=clips.time_NT,
            rows_N=clips.rows_N + self._first[i],
        )


def pack(clips: Clips, n_frames: int) -> Clips:
    """Single images packed as the frames of clips; instants and rows then differ by frame.

    `rows_N` becomes (N, T).
    """
    n = len(clips.frames_NTHWC) // n_frames
    if n * n_frames != len(clips.frames_NTHWC) or clips.frames_NTHWC.shape[1] != 1:
        raise ValueError(
            f"single images in a multiple of {n_frames}; seen: {clips.frames_NTHWC.shape[:2]}"
        )
    return Clips(
        frames_NTHWC=clips.frames_NTHWC.reshape(n, n_frames, *clips.frames_NTHWC.shape[2:]),
        time_NT=clips.time_NT.reshape(n, n_frames),
        rows_N=clips.rows_N.reshape(n, n_frames),
    )
