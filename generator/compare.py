"""Super-resolution stages against plain methods: `python -m generator.compare --stage ssr1`.

Held-out scenes are rendered at the stage's own size and at the size that it takes. What the stage
makes of the small or slow video stands beside bilinear and bicubic enlarging, or beside repeating
and blending the frames on both sides. PSNR in dB against the true render (higher is better); the
error of edges (mean absolute difference of gradients) and of motion (mean absolute difference of
the steps from frame to frame), both in levels of 255. PSNR and edges of temporal stages are of the
new frames only. `moved` is what a temporal stage starts from (:mod:`generator.motion`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.cascade import Cascade
from generator.data import pixels, to_frames
from generator.examples import neighbours
from generator.motion import meet
from generator.stage import SamplingOptions
from generator.stages import StageConfig
from generator.world.caption import captions
from generator.world.grammar import Scene
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S

_EVERY = {"tsr": 2, "fill": 5}
"""Of how many frames a temporal stage is given one."""

FRAMES = {"tsr1": 32, "ssr1": 8, "ssr2": 4, "tsr2": 16, "tsr3": 16, "ssr3": 2}
"""Frames of a scene that are compared when nothing is said: a whole clip where it is small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How near to the truth a method comes: PSNR in dB, errors in levels of 255."""

    psnr_db: float
    edge_error: float
    motion_error: float


def psnr_db(seen: Array, true: Array) -> float:
    """Peak signal-to-noise ratio of uint8 videos, over all pixels."""
    error = float(np.mean((seen.astype(np.float64) - true) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-12)))


def edge_error(seen: Array, true: Array) -> float:
    """Mean absolute difference of gradients across and down, levels of 255."""
    total = 0.0
    for axis in (-3, -2):
        a, b = (np.diff(v.astype(np.float32), axis=axis) for v in (seen, true))
        total += float(np.abs(a - b).mean())
    return total / 2


def motion_error(seen_NTHWC: Array, true_NTHWC: Array) -> float:
    """Mean absolute difference of the steps from frame to frame, levels of 255; 0 for one frame."""
    if seen_NTHWC.shape[1] < 2:
        return 0.0
    a, b = (np.diff(v.astype(np.float32), axis=1) for v in (seen_NTHWC, true_NTHWC))
    return float(np.abs(a - b).mean())


def plain(low_NTHWC: Array, stage: StageConfig) -> dict[str, Array]:
    """What plain methods make of the input: uint8 videos by name."""
    if stage.kind == "tsr":
        after = np.concatenate([low_NTHWC[:, 1:], low_NTHWC[:, -1:]], axis=1)
        blend = (low_NTHWC.astype(np.uint16) + after + 1) // 2
        return {"repeated": low_NTHWC, "blended": blend.astype(np.uint8)}
    import cv2

    size = (stage.width_px, stage.height_px)
    ways = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
    return {
        name: np.stack(
            [[cv2.resize(f, size, interpolation=way) for f in video] for video in low_NTHWC]
        )
        for name, way in ways.items()
    }


def render_pair(stage: StageConfig, scenes: Sequence[Scene], n_frames: int) -> tuple[Array, Array]:
    """Input and true output of a stage: the first `n_frames` of the output."""
    time_s = np.arange(n_frames) / stage.fps
    if time_s[-1] > DURATION_S:
        raise ValueError(f"a clip has {stage.n_frames} frames at most; seen: {n_frames}")
    true = render_batch(scenes, stage.height_px, stage.width_px, time_s)
    if stage.kind in _EVERY:
        return true[:, :: _EVERY[stage.kind]], true
    n, t, height, width, _ = true.shape
    scale = stage.scale
    blocks = true.reshape(n, t, height // scale, scale, width // scale, scale, 3)
    return np.round(blocks.mean(axis=(3, 5), dtype=np.float32)).astype(np.uint8), true


def judge(seen_NTHWC: Array, true_NTHWC: Array, stage: StageConfig) -> tuple[float, float, float]:
    """Squared error, edge error and motion error of one method's video; all frames are given."""
    moved = motion_error(seen_NTHWC, true_NTHWC)
    if stage.kind in _EVERY:
        new = np.arange(true_NTHWC.shape[1]) % _EVERY[stage.kind] > 0
        seen_NTHWC, true_NTHWC = seen_NTHWC[:, new], true_NTHWC[:, new]
    error = float(np.mean((seen_NTHWC.astype(np.float32) - true_NTHWC) ** 2))
    return error, edge_error(seen_NTHWC, true_NTHWC), moved


def compare(
    cascade: Cascade,
    name: str,
    *,
    n: int = 24,
    n_frames: int | None = None,
    seed: int = 0,
    kind: str | None = "thing",
    options: SamplingOptions | None = None,
) -> Mapping[str, Quality]:
    """What each method reaches over `n` held-out scenes, one after another to save memory.

    `kind` is of the scenes; `None` mixes all that have held-out combinations.
    """
    stage = cascade.preset.stage(name)
    rng = np.random.default_rng([seed, 11])
    truths = [sample_truth(rng, kind=kind, held_out=True) for _ in range(n)]
    scenes = [Scene(truth=truth, jitter=sample_jitter(rng)) for truth in truths]
    most = min(FRAMES.get(name, stage.n_frames), stage.n_frames)
    sums: dict[str, list[tuple[float, float, float]]] = {}
    for i, (scene, text) in enumerate(zip(scenes, captions(truths, range(n)), strict=True)):
        low, true = render_pair(stage, [scene], n_frames or most)
        made = cascade.enlarge(low, text, stage=name, generator=seed + i, options=options)
        for key, video in {**_plain_whole(low, stage), name: made.frames_NTHWC}.items():
            sums.setdefault(key, []).append(judge(video, true, stage))
    means = {key: np.mean(rows, axis=0) for key, rows in sums.items()}
    return {
        key: Quality(
            psnr_db=float(10 * np.log10(255**2 / max(error, 1e-12))),
            edge_error=float(edge),
            motion_error=float(motion),
        )
        for key, (error, edge, motion) in means.items()
    }


def _plain_whole(low_NTHWC: Array, stage: StageConfig) -> dict[str, Array]:
    """As :func:`plain`, with the known frames of a temporal stage between the new ones."""
    if stage.kind == "fill":
        return filled(low_NTHWC, stage.scale)
    ways = plain(low_NTHWC, stage)
    if stage.kind != "tsr":
        return ways
    pairs = meet(neighbours(pixels(low_NTHWC)))
    ways["moved"] = to_frames((pairs[:, :, :3] + pairs[:, :, 3:]) / 2)
    n, t = low_NTHWC.shape[:2]
    shape = (n, 2 * t, *low_NTHWC.shape[2:])
    return {key: np.stack([low_NTHWC, new], axis=2).reshape(shape) for key, new in ways.items()}


def filled(low_NTHWC: Array, every: int) -> dict[str, Array]:
    """Frames between known ones: the one before, or a blend of both by their distance."""
    at = np.arange((low_NTHWC.shape[1] - 1) * every + 1)
    before, share = at // every, (at % every / every)[None, :, None, None, None]
    after = np.minimum(before + 1, low_NTHWC.shape[1] - 1)
    blend = (1 - share) * low_NTHWC[:, before] + share * low_NTHWC[:, after]
    return {"repeated": low_NTHWC[:, before], "blended": np.round(blend).astype(np.uint8)}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.compare", description=__doc__)
    parser.add_argument("--weights", default="imagen-video", help="preset, or folder of a cascade")
    parser.add_argument("--stage", help="all but the base when not given")
    parser.add_argument("-n", type=int, default=24, help="scenes")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--kind", default="thing", help="of scenes; any: all kinds")
    given = parser.parse_args(argv)
    import torch

    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights)
    names = [given.stage] if given.stage else cascade.stages_to("full")[1:]
    _say("| stage | method | PSNR, dB | edge error | motion error |\n|---|---|---|---|---|")
    for name in names:
        seen = compare(
            cascade,
            name,
            n=given.n,
            n_frames=given.frames,
            kind=None if given.kind == "any" else given.kind,
            options=SamplingOptions(n_steps=given.steps),
        )
        for key, q in seen.items():
            _say(
                f"| {name} | {key} | {q.psnr_db:.2f} | {q.edge_error:.3f} | {q.motion_error:.3f} |"
            )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
