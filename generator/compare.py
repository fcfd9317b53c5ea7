"""Super-resolution stages against plain methods: `python -m generator.compare --stage ssr1`.

Held-out scenes are rendered at the stage's own size and at the size that it takes. PSNR in dB of
what the stage makes of the small or slow video, of bilinear and bicubic enlarging, or of blending
the frames on both sides, against the true render; higher is better. Also the error of edges (mean
absolute difference of gradients, in levels of 255) and, for temporal stages, of the new frames
only.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from generator.cascade import Cascade
from generator.stage import SamplingOptions
from generator.stages import StageConfig
from generator.world.caption import captions
from generator.world.grammar import Scene
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S


def psnr_db(seen: Array, true: Array) -> float:
    """Peak signal-to-noise ratio of uint8 videos, over all pixels."""
    error = float(np.mean((seen.astype(np.float64) - true) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-12)))


def edge_error(seen: Array, true: Array) -> float:
    """Mean absolute difference of gradients across and down, levels of 255."""
    total = 0.0
    for axis in (-3, -2):
        a, b = (np.diff(v.astype(np.float64), axis=axis) for v in (seen, true))
        total += float(np.abs(a - b).mean())
    return total / 2


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
    if stage.kind == "tsr":
        return true[:, ::2], true
    n, t, height, width, _ = true.shape
    scale = stage.scale
    blocks = true.reshape(n, t, height // scale, scale, width // scale, scale, 3)
    return np.round(blocks.mean(axis=(3, 5))).astype(np.uint8), true


def compare(
    cascade: Cascade,
    name: str,
    *,
    n: int = 16,
    n_frames: int = 32,
    seed: int = 0,
    options: SamplingOptions | None = None,
) -> Mapping[str, tuple[float, float]]:
    """(PSNR, edge error) by method, over `n` held-out scenes of one thing."""
    stage = cascade.preset.stage(name)
    rng = np.random.default_rng([seed, 11])
    truths = [sample_truth(rng, kind="thing", held_out=True) for _ in range(n)]
    scenes = [Scene(truth=truth, jitter=sample_jitter(rng)) for truth in truths]
    low, true = render_pair(stage, scenes, n_frames)
    parts = [
        cascade.enlarge(low[i : i + 1], text, stage=name, generator=seed + i, options=options)
        for i, text in enumerate(captions(truths, range(n)))
    ]
    made = {**plain(low, stage), name: np.concatenate([p.frames_NTHWC for p in parts])}
    if stage.kind == "tsr":
        true, made[name] = true[:, 1::2], made[name][:, 1::2]
    return {key: (psnr_db(video, true), edge_error(video, true)) for key, video in made.items()}


def main(argv: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m generator.compare", description=__doc__)
    parser.add_argument("--weights", default="imagen-video", help="preset, or folder of a cascade")
    parser.add_argument("--stage", required=True)
    parser.add_argument("-n", type=int, default=16, help="scenes")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--steps", type=int)
    given = parser.parse_args(argv)
    import torch

    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights)
    seen = compare(
        cascade,
        given.stage,
        n=given.n,
        n_frames=given.frames,
        options=SamplingOptions(n_steps=given.steps),
    )
    lines = ["| method | PSNR, dB | edge error |", "|---|---|---|"]
    lines += [f"| {name} | {db:.2f} | {edge:.2f} |" for name, (db, edge) in seen.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
