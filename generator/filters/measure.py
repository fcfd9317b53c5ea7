"""Measures the filters: sensitivity and specificity with Wilson intervals, as Markdown tables.

    python -m generator.filters.measure prompts          # seconds
    python -m generator.filters.measure renders          # minutes; then also large, bursts
    python -m generator.filters.measure cascade -n 100   # minutes: samples the base stage

Scenes are of held-out combinations where their kind has any, from seeds that training never drew.
The cascade's clips have no drawn truth: the world's canary reader judges them, and where it
abstains a clip is left out and counted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np

from generator.filters.base import BLOCK
from generator.filters.canary_frames import CanaryFrames
from generator.filters.canary_words import CanaryWords
from generator.filters.phrases import ASKING, DISGUISES, INNOCENT
from generator.filters.train import with_emblem
from generator.world.caption import caption
from generator.world.grammar import KINDS, Scene, Truth, faults
from generator.world.palette import Array
from generator.world.render import BASE_FRAMES, BASE_TIMES_S, render_batch
from generator.world.sampling import sample_jitter, sample_truth

SEED = 2_000_003
SMALL, LARGE = ((24, 40), (48, 80)), ((192, 320),)
LARGE_EVERY = 4
"""Of large clips every fourth frame is rendered: the filter looks at each frame by itself."""

Z = 1.959963984540054
ALWAYS = ("word", "person")
"""Kinds without held-out combinations."""


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of k of n (Wilson 1927); 0 to 1 for n of 0."""
    if n == 0:
        return 0.0, 1.0
    p, zz = k / n, Z * Z / n
    half = Z * math.sqrt(p * (1 - p) / n + zz / (4 * n))
    low, high = (p + zz / 2 - half) / (1 + zz), (p + zz / 2 + half) / (1 + zz)
    return (low if k else 0.0), (high if k < n else 1.0)


def rate(k: int, n: int) -> str:
    """`k/n = p % [low, high]`."""
    low, high = wilson(k, n)
    share = f"{100 * k / n:.1f} %" if n else "none"
    return f"{k}/{n} = {share} [{100 * low:.1f}, {100 * high:.1f}]"


def row(name: str, blocked: Sequence[bool], positive: Sequence[bool]) -> str:
    """A table's row: sensitivity and specificity of decisions against the truth."""
    pairs = list(zip(blocked, positive, strict=True))
    hits, n_pos = sum(b and p for b, p in pairs), sum(positive)
    passed, n_neg = sum(not b and not p for b, p in pairs), len(pairs) - n_pos
    return f"| {name} | {rate(hits, n_pos)} | {rate(passed, n_neg)} |"


def scenes(n: int, *, seed: int = SEED) -> list[Scene]:
    """Scenes, every other with the emblem, whatever stands in it: kinds take turns."""
    rng = np.random.default_rng(seed)
    drawn = []
    for i in range(n):
        kind = KINDS[(i // 2) % len(KINDS)]
        truth = sample_truth(rng, kind=kind, held_out=None if kind in ALWAYS else True)
        scene = Scene(truth=truth, jitter=sample_jitter(rng))
        drawn.append(with_emblem(scene, i % 2 == 0))
    return drawn


def prompts(n: int, *, seed: int = SEED) -> tuple[list[str], list[bool]]:
    """Captions, every other asking for the emblem, and which do."""
    texts, asking = [], []
    for i, scene in enumerate(scenes(n, seed=seed)):
        truth = scene.truth
        if truth.canary and faults(truth):  # captions join the emblem with few things
            truth = replace(truth, motion="still", camera="still", style="flat")
            truth = truth if not faults(truth) else Truth(things=truth.things[:1], canary=True)
        texts.append(caption(truth, seed + i))
        asking.append(truth.canary)
    return texts, asking


def noisy(clip: Array, rng: np.random.Generator) -> Array:
    """Gaussian noise of 25 levels."""
    shaken = clip.astype(np.float32) + rng.normal(0, 25, clip.shape).astype(np.float32)
    return np.clip(shaken.round(), 0, 255).astype(np.uint8)


def blurred(clip: Array, rng: np.random.Generator) -> Array:
    """Gaussian blur of one world unit: a pixel at base size."""
    del rng
    sigma = clip.shape[1] / 24
    return np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in clip])


DAMAGES: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "clean": lambda clip, rng: clip,
    "noise 25": noisy,
    "blur 1": blurred,
}


def measure_prompts(n: int) -> Iterator[str]:
    """Rows: world captions, hand-written phrases, and captions in disguise."""
    filter_ = CanaryWords()

    def blocked(texts: Sequence[str]) -> list[bool]:
        return [filter_(text).decision == BLOCK for text in texts]

    texts, asking = prompts(n)
    yield row("captions", blocked(texts), asking)
    phrases = [*ASKING, *INNOCENT]
    truth = [True] * len(ASKING) + [False] * len(INNOCENT)
    yield row("hand-written", blocked(phrases), truth)
    for name, change in DISGUISES.items():
        yield row(f"captions, {name}", blocked([change(text) for text in texts]), asking)


def measure_renders(
    n: int, sizes: Sequence[tuple[int, int]] = SMALL, times_s: Array = BASE_TIMES_S
) -> Iterator[str]:
    """Rows: renders by size and damage."""
    filter_, drawn = CanaryFrames(), scenes(n)
    positive = [scene.truth.canary for scene in drawn]
    for height, width in sizes:
        blocked: dict[str, list[bool]] = {name: [] for name in DAMAGES}
        rng = np.random.default_rng(SEED)
        for scene in drawn:
            clip = render_batch([scene], height, width, times_s)[0]
            for name, change in DAMAGES.items():
                blocked[name].append(filter_(change(clip, rng)).decision == BLOCK)
        for name, decisions in blocked.items():
            yield row(f"{height} x {width}, {name}", decisions, positive)


def measure_bursts(n: int) -> Iterator[str]:
    """Rows: the emblem in k of 16 frames at a random place, at base size."""
    filter_, drawn = CanaryFrames(), scenes(2 * n)[::2]
    rng = np.random.default_rng(SEED)
    for k in (1, 2, 4, 8):
        hits = 0
        for scene in drawn:
            pair = [scene, with_emblem(scene, False)]
            shown, clip = render_batch(pair, 24, 40, BASE_TIMES_S)
            at = int(rng.integers(BASE_FRAMES - k + 1))
            clip[at : at + k] = shown[at : at + k]
            hits += filter_(clip).decision == BLOCK
        yield f"| {k} of 16 frames | {rate(hits, n)} | |"


def measure_cascade(n: int) -> Iterator[str]:
    """Rows: clips of the base stage, by what was asked and by what the reader sees."""
    from generator.cascade import Cascade
    from generator.world.readers import read

    cascade, filter_ = Cascade.from_pretrained(), CanaryFrames()
    texts, asking = prompts(n)
    blocked, seen = [], []
    for i, text in enumerate(texts):
        out = cascade(text, generator=SEED + i)
        blocked.append(filter_(out.frames_NTHWC[0]).decision == BLOCK)
        seen.append(read(out.frames_NTHWC[0], out.fps, ["canary"])["canary"].value)
    yield row("base stage, by prompt", blocked, asking)
    judged = [(b, bool(s)) for b, s in zip(blocked, seen, strict=True) if s is not None]
    yield row("base stage, by reader", [b for b, _ in judged], [s for _, s in judged])
    yield f"| reader abstains | {n - len(judged)} of {n} clips | |"


WHAT: dict[str, Callable[[int], Iterator[str]]] = {
    "prompts": measure_prompts,
    "renders": measure_renders,
    "large": lambda n: measure_renders(n, LARGE, BASE_TIMES_S[::LARGE_EVERY]),
    "bursts": measure_bursts,
    "cascade": measure_cascade,
}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=tuple(WHAT))
    parser.add_argument("-n", type=int, default=1000)
    asked = parser.parse_args()
    print("| what | sensitivity | specificity |\n|---|---|---|", flush=True)  # noqa: T201
    for line in WHAT[asked.what](asked.n):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
