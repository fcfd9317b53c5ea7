"""Measures open_nsfw on pictures that harm nobody: real film, renders, skin tones on flat patches.

    python -m audits.frame_filters._survey    # about five minutes on one core

Everything it sees is benign, so what is measured is how often it blocks for nothing, and whether
skin tone moves its score. Explicit pictures are neither shipped nor fetched: its sensitivity is
not measured here and must not be taken from this.

Material: the shots of Big Buck Bunny and of a street clip (`prescreen weights fetch bbb-film
bikes`); scenes of the phantom world; walking persons of the phantom world, the same scene in each
of the ten Monk tones; flat patches of the Monk tones, and greys of the same luminance beside them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from audits._survey import FOLDER, FRAMES, write_results
from audits.frame_filters.base import parse_plan, parse_rule, shortest_event
from audits.frame_filters.open_nsfw import OpenNsfw
from bench import weights
from bench.stats.bootstrap import mean_interval
from bench.stats.permutation import paired
from bench.stats.proportions import wilson
from bench.videos.read import frames
from bench.videos.shots import shot_bounds
from generator.world.grammar import KINDS, TONES, Scene, Truth
from generator.world.palette import MONK
from generator.world.render import BASE_TIMES_S, render_batch
from generator.world.sampling import sample_jitter, sample_truth

SEED = 3_000_017
THRESHOLDS = (0.2, 0.5, 0.8)
RULES = ("max", "top:2", "run:2")
A_CLIP, SHORTEST_SHOT = 4, 8
HEIGHT, WIDTH = 192, 320
LIGHT, DARK = (1, 2, 3), (8, 9, 10)
LUMA = (0.2126, 0.7152, 0.0722)
PLANS = (("uniform:5", "max"), ("uniform:16", "max"), ("uniform:16", "run:2"), ("stride:6", "max"))
LENGTHS = (16, 48, 120)

U8 = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]
Clips = Iterator[tuple[str, U8]]
Score = Callable[[U8], F64]


def film(asset: str) -> Clips:
    """Evenly spaced frames of each shot of a film, with the shot's name."""
    path = weights.locate(asset)
    shots = [shot for shot in shot_bounds(path) if len(shot) >= SHORTEST_SHOT]
    plan = parse_plan(f"uniform:{A_CLIP}")
    wanted = [[shot[i] for i in plan.indices(len(shot))] for shot in shots]
    held = {at: k for k, picks in enumerate(wanted) for at in picks}
    clips: dict[int, list[U8]] = {}
    for frame in frames(path, held):
        shot_number = held[frame.index]
        clips.setdefault(shot_number, []).append(frame.frame_HWC)
        if len(clips[shot_number]) == len(wanted[shot_number]):
            yield f"{asset} shot {shot_number}", np.stack(clips.pop(shot_number))


def phantom(n: int) -> Clips:
    """Scenes of every kind, without the emblem."""
    rng = np.random.default_rng(SEED)
    for i in range(n):
        truth = replace(sample_truth(rng, kind=KINDS[i % len(KINDS)]), canary=False)
        yield f"scene {i}", rendered(truth, rng)


def rendered(truth: Truth, rng: np.random.Generator) -> U8:
    """Evenly spaced frames of a scene, (4, 192, 320, 3)."""
    scene = Scene(truth=truth, jitter=sample_jitter(rng))
    times = BASE_TIMES_S[list(parse_plan(f"uniform:{A_CLIP}").indices(len(BASE_TIMES_S)))]
    return np.asarray(render_batch([scene], HEIGHT, WIDTH, times)[0], np.uint8)


def patch(rgb: Sequence[float]) -> U8:
    """A flat picture."""
    return np.full((1, 224, 224, 3), np.round(np.asarray(rgb)), np.uint8)


def false_alarms(clips: Clips, score: Score) -> dict[str, Any]:
    """How many clips reach each threshold, by rule; quantiles of their highest frames."""
    held = [(name, score(frames_THWC)) for name, frames_THWC in clips]
    rates: dict[str, dict[str, Any]] = {}
    for rule in RULES:
        values = [parse_rule(rule).score(scores_T) for _, scores_T in held]
        rates[rule] = {f"{t:g}": rate(values, t) for t in THRESHOLDS}
    best = [float(scores_T.max()) for _, scores_T in held]
    quantiles = [float(np.quantile(best, q)) for q in (0.5, 0.9, 1.0)]
    return {"rates": rates, "quantiles": quantiles, "highest": held[int(np.argmax(best))][0]}


def rate(values: Sequence[float], threshold: float) -> dict[str, Any]:
    """How many values reach the threshold, with Wilson's interval."""
    k, n = sum(value >= threshold for value in values), len(values)
    low, high = wilson(k / n, n)
    return {"k": k, "n": n, "low": low, "high": high}


def tones(n: int, score: Score) -> dict[str, Any]:
    """Mean score by Monk tone of persons in the same scenes, and dark minus light by scene."""
    rng = np.random.default_rng(SEED)
    scores_NT = np.zeros((n, len(TONES)))
    for i in range(n):
        truth = sample_truth(rng, kind="person")
        state = rng.bit_generator.state
        for t, tone in enumerate(TONES):
            rng.bit_generator.state = state  # one scene, ten tones
            person = replace(truth.person, tone=tone) if truth.person else None
            scores_NT[i, t] = score(rendered(replace(truth, person=person), rng)).max()
    dark_N = scores_NT[:, [t - 1 for t in DARK]].mean(axis=1)
    light_N = scores_NT[:, [t - 1 for t in LIGHT]].mean(axis=1)
    gap_N, clusters = dark_N - light_N, [str(i) for i in range(n)]
    interval = mean_interval(gap_N, clusters)
    return {
        "n": n,
        "means": scores_NT.mean(axis=0).tolist(),
        "highest": float(scores_NT.max()),
        "gap": float(gap_N.mean()),
        "gap_low": interval.low if interval else None,
        "gap_high": interval.high if interval else None,
        "p": paired(gap_N, clusters).p,
    }


def patches(score: Score) -> list[dict[str, Any]]:
    """Score of a flat patch of each Monk tone, and of a grey of its luminance."""
    rows = []
    for tone, rgb in zip(TONES, MONK, strict=True):
        grey = float(np.dot(LUMA, rgb))
        tone_score, grey_score = (float(score(patch(c))[0]) for c in (rgb, [grey] * 3))
        rows.append({"tone": tone, "rgb": list(rgb), "score": tone_score, "grey": grey_score})
    return rows


def events() -> list[dict[str, Any]]:
    """The shortest event that cannot be missed, by plan, rule and length of the clip."""
    rows = []
    for plan, rule in PLANS:
        picks = {n: parse_plan(plan).indices(n) for n in LENGTHS}
        hits = parse_rule(rule).hits(0.8)
        shortest = {str(n): shortest_event(looked_at, n, hits) for n, looked_at in picks.items()}
        rows.append({"frames": plan, "rule": rule, "shortest": shortest})
    return rows


def measure(n_scenes: int = 40, n_persons: int = 20) -> Mapping[str, Any]:
    """Everything, as JSON."""
    look = OpenNsfw()
    spent = {"frames": 0, "seconds": 0.0}

    def score(frames_THWC: U8) -> F64:
        begun = time.process_time()
        made = look.frame_scores(frames_THWC)
        spent["seconds"] += time.process_time() - begun
        spent["frames"] += len(frames_THWC)
        return made

    materials = {"bbb-film": film("bbb-film"), "bikes": film("bikes"), "phantom": phantom(n_scenes)}
    return {
        "filter": f"{look.name}@{look.version}",
        "false_alarms": {name: false_alarms(clips, score) for name, clips in materials.items()},
        "tones": tones(n_persons, score),
        "patches": patches(score),
        "events": events(),
        "cpu_ms_per_frame": 1000 * spent["seconds"] / spent["frames"],
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=FOLDER / FRAMES)
    asked = parser.parse_args()
    write_results(asked.results, measure())


if __name__ == "__main__":
    main()
