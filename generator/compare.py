"""Super-resolution stages against plain methods: `python -m generator.compare --stage ssr1`.

Held-out scenes are rendered at the stage's own size and at the size that it takes. What the stage
makes of the small or slow video stands beside bilinear and bicubic enlarging, or beside repeating
and blending the frames on both sides. PSNR in dB against the true render (higher is better); the
error of edges (mean absolute difference of gradients) and of motion (mean absolute difference of
the steps from frame to frame), both in levels of 255. PSNR and edges of temporal stages are of the
new frames only. `moved` is what a temporal stage starts from (:mod:`generator.motion`).

Beside each plain method stands how much better the stage is, with a 95 % interval over scenes.
Settings are chosen on `--split tune`; figures are reported on the default split, `test`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.cascade import Cascade
from generator.data import pixels, to_frames
from generator.examples import neighbours
from generator.motion import meet
from generator.stage import SamplingOptions
from generator.stages import StageConfig
from generator.world.caption import captions
from generator.world.grammar import Scene, Truth
from generator.world.palette import Array
from generator.world.render import render_batch
from generator.world.sampling import sample_jitter, sample_truth
from generator.world.tracks import DURATION_S

_EVERY = {"tsr": 2, "fill": 5}
"""Of how many frames a temporal stage is given one."""

FRAMES = {"tsr1": 32, "ssr1": 8, "ssr2": 4, "tsr2": 16, "tsr3": 16, "ssr3": 2}
"""Frames of a scene that are compared when nothing is said: a whole clip where it is small."""


SPLITS = ("test", "tune")
"""Scenes to measure on and scenes to choose settings by; no scene of one is in the other."""

N_RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """How much better than a plain method: above 0 is better in each."""

    psnr_db: Interval
    edge_error: Interval
    motion_error: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How near to the truth a method comes: PSNR in dB, errors in levels of 255."""

    psnr_db: float
    edge_error: float
    motion_error: float


def psnr_db(seen: Array, true: Array) -> float:
    """Peak signal-to-noise ratio of uint8 videos, over all pixels."""
    return _decibels(float(np.mean((seen.astype(np.float64) - true) ** 2)))


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


def draw_scenes(n: int, *, seed: int, split: str, kind: str | None) -> list[Scene]:
    """`n` held-out scenes of one split, the same for the same arguments.

    Which split a scene belongs to is decided by what it shows (:func:`split_of`), so that nothing
    which a setting was tuned on is in the test, whatever `n` and `seed` are.

    Raises:
        ValueError: for another split.
    """
    if split not in SPLITS:
        raise ValueError(f"no such split; seen: {split!r}; legal: {', '.join(SPLITS)}")
    rng = np.random.default_rng([seed, 12, SPLITS.index(split)])
    scenes: list[Scene] = []
    while len(scenes) < n:
        truth = sample_truth(rng, kind=kind, held_out=True)
        if split_of(truth) == split:
            scenes.append(Scene(truth=truth, jitter=sample_jitter(rng)))
    return scenes


def split_of(truth: Truth) -> str:
    """The split of all scenes that show the same things, person or word; about half are "test"."""
    shown = repr((truth.things, truth.person, truth.word, truth.word_colour))
    return SPLITS[hashlib.sha256(shown.encode()).digest()[0] % 2]


def compare(
    cascade: Cascade,
    name: str,
    *,
    n: int = 24,
    n_frames: int | None = None,
    seed: int = 0,
    split: str = "test",
    kind: str | None = None,
    options: SamplingOptions | None = None,
) -> Mapping[str, Array]:
    """What each method reaches on each of `n` scenes: (n, 3) rows as :func:`judge` gives them.

    One scene after another, to save memory. `kind` is of the scenes; `None` mixes all that have
    held-out combinations.
    """
    stage = cascade.preset.stage(name)
    scenes = draw_scenes(n, seed=seed, split=split, kind=kind)
    most = min(FRAMES.get(name, stage.n_frames), stage.n_frames)
    texts = captions([scene.truth for scene in scenes], range(n))
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for i, (scene, text) in enumerate(zip(scenes, texts, strict=True)):
        low, true = render_pair(stage, [scene], n_frames or most)
        made = cascade.enlarge(low, text, stage=name, generator=seed + i, options=options)
        for key, video in {**_plain_whole(low, stage), name: made.frames_NTHWC}.items():
            rows.setdefault(key, []).append(judge(video, true, stage))
    return {key: np.array(each) for key, each in rows.items()}


def quality(rows_N3: Array) -> Quality:
    """Of all scenes together: PSNR of the mean squared error, mean errors."""
    error, edge, motion = (float(mean) for mean in rows_N3.mean(axis=0))
    return Quality(psnr_db=_decibels(error), edge_error=edge, motion_error=motion)


def gain(rows_N3: Array, plain_N3: Array, *, seed: int = 0) -> Gain:
    """How much better a method is than a plain one on the same scenes, with intervals.

    95 %, BCa, :func:`scipy.stats.bootstrap` over scenes: both methods' rows of a scene are drawn
    together.
    """
    return Gain(
        psnr_db=_interval(rows_N3[:, 0], plain_N3[:, 0], _psnr_gain, seed),
        edge_error=_interval(rows_N3[:, 1], plain_N3[:, 1], _error_gain, seed),
        motion_error=_interval(rows_N3[:, 2], plain_N3[:, 2], _error_gain, seed),
    )


def _decibels(error: float) -> float:
    return float(10 * np.log10(255**2 / max(error, 1e-12)))


def _psnr_gain(seen: Array, plain: Array, axis: int = -1) -> Array:
    floor = 1e-12
    ratio = np.maximum(plain.mean(axis=axis), floor) / np.maximum(seen.mean(axis=axis), floor)
    return np.asarray(10 * np.log10(ratio))


def _error_gain(seen: Array, plain: Array, axis: int = -1) -> Array:
    return np.asarray(plain.mean(axis=axis) - seen.mean(axis=axis))


def _interval(
    seen_N: Array, plain_N: Array, statistic: Callable[..., Array], seed: int
) -> Interval:
    value = float(statistic(seen_N, plain_N))
    if len(seen_N) < 2 or np.ptp(seen_N - plain_N) == 0:  # nothing that could be drawn differently
        return Interval(value=value, low=value, high=value)
    from scipy.stats import bootstrap

    drawn = bootstrap(
        (seen_N, plain_N),
        statistic,
        paired=True,
        vectorized=True,
        n_resamples=N_RESAMPLES,
        method="BCa",
        rng=np.random.default_rng([seed, 13]),
    )
    low, high = drawn.confidence_interval
    return Interval(value=value, low=float(low), high=float(high))


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
    parser.add_argument("--kind", default="any", help="of scenes; any: all kinds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--split", default="test", choices=SPLITS)
    parser.add_argument("--least", type=float, help="smallest change to the plain guess, of 255")
    given = parser.parse_args(argv)
    import torch

    torch.set_num_threads(1)
    cascade = Cascade.from_pretrained(given.weights)
    _say("| stage | method | PSNR, dB | edges | motion | stage better by: dB | edges | motion |")
    _say("|---|---|---|---|---|---|---|---|")
    for name in [given.stage] if given.stage else cascade.stages_to("full")[1:]:
        rows = compare(
            cascade,
            name,
            n=given.n,
            n_frames=given.frames,
            seed=given.seed,
            split=given.split,
            kind=None if given.kind == "any" else given.kind,
            options=SamplingOptions(n_steps=given.steps, least_levels=given.least),
        )
        for key, each in rows.items():
            _say(_row(name, key, quality(each), None if key == name else gain(rows[name], each)))


def _row(stage: str, method: str, q: Quality, g: Gain | None) -> str:
    better = ("", "", "") if g is None else (g.psnr_db, g.edge_error, g.motion_error)
    cells = (f"{q.psnr_db:.2f}", f"{q.edge_error:.3f}", f"{q.motion_error:.3f}", *map(str, better))
    return f"| {stage} | {method} | {' | '.join(cells)} |"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
