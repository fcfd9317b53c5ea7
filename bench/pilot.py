"""Hours and disk of a suite with a model, from a pilot: a few of its videos made and scored now.

The first video of each kind pays for what is loaded once, so the others tell what one more costs.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.attacked import attacked
from bench.clearance import check_generable
from bench.errors import UsageError
from bench.pipeline import run
from bench.request import RUN_METRICS, RunRequest
from bench.runs import FEATURES, VIDEOS, write_jsonl
from bench.suites.base import load_suite
from bench.types import Json, Prompt

LEAST = 3
"""Videos of a pilot: one pays for loading, two show how much videos differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run is expected to cost on one worker of this machine.

    Seconds a video are (least, mean, most) of the pilot's videos but its first. `left_out` are the
    metrics that the pilot could not have, and why: set metrics, which need a reference.
    """

    n_videos: int
    n_pilot: int
    once_s: float
    make_s: tuple[float, float, float]
    read_s: tuple[float, float, float]
    videos_bytes: float
    features_bytes: float
    basis: str
    left_out: Mapping[str, str]

    def hours(self) -> tuple[float, float, float]:
        """Least, expected and most hours of the whole run."""
        each = zip(self.make_s, self.read_s, strict=True)
        low, mean, high = ((self.once_s + self.n_videos * (m + r)) / 3600 for m, r in each)
        return low, mean, high

    def disk_bytes(self) -> float:
        """Bytes of the whole run folder's videos and features."""
        return self.n_videos * (self.videos_bytes + self.features_bytes)


def estimate(
    suite: str,
    model: str,
    *,
    n_seeds: int = 1,
    metrics: Sequence[str] = RUN_METRICS,
    n_pilot: int = LEAST,
    attacks: Sequence[str] = (),
) -> Cost:
    """Run a pilot in a folder that is removed, and say what the whole run would cost.

    Raises:
        UsageError: for a pilot of too few videos, or of which too few could be made.
    """
    if n_pilot < LEAST:
        raise UsageError("too few videos for a pilot", seen=n_pilot, legal=f"{LEAST} or more")
    prompts = attacked(load_suite(suite), attacks).prompts
    check_generable(prompts)
    n_videos = len(prompts) * n_seeds
    chosen = prompts[:: max(1, len(prompts) // n_pilot)][:n_pilot]
    made: list[float] = []
    read: list[float] = []
    with tempfile.TemporaryDirectory(prefix="prescreen-pilot-") as name:
        path = Path(name) / "pilot.jsonl"
        write_jsonl(path, (_row(p) for p in chosen))
        request = RunRequest(
            suite=str(path),
            model=model,
            n_seeds=1 if len(chosen) >= n_pilot else -(-n_pilot // len(chosen)),
            # seeds that no run had, so that no feature is in the cache already
            generation_seed=int.from_bytes(os.urandom(4)),
            metrics=tuple(metrics),
            run=Path(name) / "run",
            workers=1,
        )
        start = time.perf_counter()
        result = run(
            request,
            lambda total, video: read.append(time.perf_counter()),
            lambda total, video: made.append(time.perf_counter()),
        )
        end = time.perf_counter()
        n_made = len(list((result.path / VIDEOS).glob("*.mp4")))
        sizes = [_bytes(Path(name) / "run" / part) for part in (VIDEOS, FEATURES)]
    make_s, read_s = _each(made), _each(read)
    return Cost(
        n_videos=n_videos,
        n_pilot=len(made),
        once_s=max(0.0, end - start - len(made) * (make_s[1] + read_s[1])),
        make_s=make_s,
        read_s=read_s,
        videos_bytes=sizes[0] / max(1, n_made),
        features_bytes=sizes[1] / max(1, n_made),
        basis=f"measured now: a pilot of {len(made)} videos on one worker of this machine",
        left_out=dict(result.summary["unavailable"]),
    )


def _row(prompt: Prompt) -> dict[str, Json]:
    row: dict[str, Json] = {"id": prompt.id, "text": prompt.text, "hazard": prompt.hazard}
    return {**row, "attributes": dict(prompt.attributes)}


def _each(times: Sequence[float]) -> tuple[float, float, float]:
    """Least, mean and most seconds between one video and the next."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if not gaps:
        # videos of the same bytes are read once, whatever the suite's size
        return 0.0, 0.0, 0.0
    return min(gaps), sum(gaps) / len(gaps), max(gaps)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
