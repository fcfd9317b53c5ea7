"""FVD from two folders of files to the number, against cd-fvd 0.1.1 with the same weights.

Both do the same: 16 frames of each clip, cd-fvd's crop, I3D logits, covariances divided by n. Both
start as programs with nothing read before. Prescreen also writes its run folder, its interval and
its report in that time. The numbers differ by the decoders' rounding of colours, so cd-fvd is also
given the pixels that Prescreen decoded, for a few clips: then they must be equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.videos.read import decode_all
from benchmarks import _cdfvd
from benchmarks._clips import clips
from benchmarks._program import Finished, fresh_cache, score, timed
from benchmarks._result import BenchmarkFailed, Result, Setting

LIMIT = 2.0
METRIC = "fvd_crop:ddof=0"
TOLERANCE = 1e-4
"""Relative, on the same pixels: two networks in float32, and two ways to the same root."""


def run(setting: Setting) -> tuple[Result, ...]:
    """Best of two rounds, in turn."""
    n, rounds = setting.size(64, 8), setting.size(2, 1)
    real, fake = clips(setting, "real", n), clips(setting, "fake", n)
    checkpoint = setting.root / "i3d_pretrained_400.pt"
    _cdfvd.write_checkpoint(checkpoint)
    _cdfvd.python()  # made before the clock starts
    same_pixels = _same_pixels(setting, checkpoint)
    theirs: list[Finished] = []
    ours: list[Finished] = []
    for index in range(rounds):
        theirs.append(timed(_cdfvd.command(real, fake, checkpoint), _cdfvd.environment()))
        ours.append(_ours(setting, f"fvd-{index}", real, fake))
    slow, fast = (min(runs, key=lambda run: run.seconds) for runs in (theirs, ours))
    details = {
        "clips": [n, n],
        "cdfvd": _cdfvd.answer(slow.output),
        "prescreen_fvd": _number(fast),
        "cdfvd_s": [run.seconds for run in theirs],
        "prescreen_s": [run.seconds for run in ours],
        "cpu_s": {"cdfvd": slow.cpu_s, "prescreen": fast.cpu_s},
        "same_pixels": same_pixels,
    }
    return (
        Result(
            name="fvd_end_to_end",
            figure=slow.seconds / fast.seconds,
            limit=LIMIT,
            unit="times as fast",
            sense="at least",
            details=details,
        ),
    )


def _ours(setting: Setting, name: str, real: Path, fake: Path) -> Finished:
    run, cache = setting.folder("runs") / name, fresh_cache(setting, name)
    return score(fake, run, cache, "--reference", real, "-m", METRIC)


def _number(finished: Finished) -> float:
    headlines: list[Mapping[str, Any]] = finished.summary()["headlines"]
    values = {h["value"] for h in headlines if h["metric"].startswith("fvd_crop")}
    if len(values) != 1:
        raise BenchmarkFailed(f"Prescreen gave no single FVD: {sorted(map(str, values))}")
    return float(values.pop())


def _same_pixels(setting: Setting, checkpoint: Path) -> dict[str, float]:
    """Both numbers of eight clips a side that were decoded once, by Prescreen."""
    real, fake = clips(setting, "real", 8), clips(setting, "fake", 8)
    files = []
    for folder in (real, fake):
        pixels_NTHWC = np.stack([decode_all(path) for path in sorted(folder.glob("*.mp4"))])
        files.append(setting.root / f"{folder.name}.npy")
        np.save(files[-1], pixels_NTHWC)
    command = _cdfvd.command(files[0], files[1], checkpoint)
    theirs = _cdfvd.answer(timed(command, _cdfvd.environment()).output)["fvd"]
    ours = _number(_ours(setting, "fvd-pixels", real, fake))
    if abs(theirs - ours) > TOLERANCE * ours:
        raise BenchmarkFailed(f"on the same pixels cd-fvd says {theirs}, Prescreen {ours}")
    return {"cdfvd": theirs, "prescreen": ours}
