"""Peak memory of scoring few clips and of scoring many."""

from __future__ import annotations

from benchmarks._clips import clips
from benchmarks._program import Finished, environment, fresh_cache, score_command, watched
from benchmarks._result import Result, Setting

LIMIT = 10.0


def run(setting: Setting) -> tuple[Result, ...]:
    """The usual metrics of 32 and of 512 clips, each against the same 32."""
    few, many = setting.size(32, 4), setting.size(512, 16)
    peaks = {n: _peak(setting, n, n_real=few) for n in (few, many)}
    small, large = (peaks[n].peak_bytes for n in (few, many))
    return (
        Result(
            name="memory",
            figure=100 * abs(large - small) / small,
            limit=LIMIT,
            unit="% between them",
            sense="at most",
            details={
                "clips": [few, many],
                "peak_mb": [round(small / 1e6), round(large / 1e6)],
                "seconds": [peaks[n].seconds for n in (few, many)],
            },
        ),
    )


def _peak(setting: Setting, n: int, *, n_real: int) -> Finished:
    real, fake = clips(setting, "real", n_real), clips(setting, "fake", n)
    folder = setting.folder("runs") / f"memory-{n}"
    command = score_command(fake, folder, "--reference", real)
    cache = fresh_cache(setting, f"memory-{n}")
    return watched(command, environment(cache), folder)
