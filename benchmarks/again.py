"""Scoring an unchanged run again, against scoring it for the first time."""

from __future__ import annotations

from benchmarks._clips import clips
from benchmarks._program import fresh_cache, score
from benchmarks._result import BenchmarkFailed, Result, Setting

LIMIT = 50.0


def run(setting: Setting) -> tuple[Result, ...]:
    """The usual metrics of 64 clips against 64: first without any feature, then the same again."""
    n = setting.size(64, 8)
    real, fake = clips(setting, "real", n), clips(setting, "fake", n)
    cache, folder = fresh_cache(setting, "again"), setting.folder("runs") / "again"
    first = score(fake, folder, cache, "--reference", real)
    repeats = [score(fake, folder, cache, "--reference", real) for _ in range(3)]
    if not all(repeat.summary()["reused"] for repeat in repeats):
        raise BenchmarkFailed("the unchanged run was computed again")
    best = min(repeat.seconds for repeat in repeats)
    return (
        Result(
            name="again",
            figure=first.seconds / best,
            limit=LIMIT,
            unit="times as fast",
            sense="at least",
            details={
                "clips": [n, n],
                "first_s": first.seconds,
                "again_s": best,
                "cpu_s": {"first": first.cpu_s, "again": min(r.cpu_s for r in repeats)},
            },
        ),
    )
