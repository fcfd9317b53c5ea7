"""All usual metrics in one pass over the clips, against the same metrics one by one.

Every call starts without features, so each decodes for itself. The limit is on the metrics of one
set of clips. FVD decodes a second set and stands in the details (`with_fvd`): its network is most
of the time and runs once either way, so with it one pass saves less.
"""

from __future__ import annotations

from pathlib import Path

from bench.plan import DEFAULT_METRICS
from benchmarks._clips import clips
from benchmarks._program import Finished, fresh_cache, score
from benchmarks._result import Result, Setting

LIMIT = 4.0


def run(setting: Setting) -> tuple[Result, ...]:
    """Times over 64 clips; together is measured before and after the single ones, and averaged."""
    n = setting.size(64, 8)
    fake, real = clips(setting, "fake", n), clips(setting, "real", n)
    together = _score(setting, "all", fake)
    absent = together.summary()["unavailable"]
    metrics = [metric for metric in DEFAULT_METRICS if metric not in absent]
    alone = {m: _score(setting, m, fake, "-m", m) for m in metrics}
    after = _score(setting, "all-again", fake)
    alone_s, cpu_s = (sum(getattr(f, k) for f in alone.values()) for k in ("seconds", "cpu_s"))
    details: dict[str, object] = {
        "clips": n,
        "together_s": [together.seconds, after.seconds],
        "alone_s": {metric: finished.seconds for metric, finished in alone.items()},
        "cpu_s": {"together": [together.cpu_s, after.cpu_s], "alone": cpu_s},
        "unavailable": absent,
    }
    if not setting.quick:
        details["with_fvd"] = _with_fvd(setting, fake, real, alone_s)
    return (
        Result(
            name="one_pass",
            figure=2 * alone_s / (together.seconds + after.seconds),
            limit=LIMIT,
            unit="times as fast",
            sense="at least",
            details=details,
        ),
    )


def _with_fvd(setting: Setting, fake: Path, real: Path, others_s: float) -> dict[str, float]:
    together = _score(setting, "all-fvd", fake, "--reference", real).seconds
    alone = _score(setting, "fvd", fake, "-m", "fvd", "--reference", real).seconds
    return {
        "together_s": together,
        "fvd_alone_s": alone,
        "times_as_fast": (others_s + alone) / together,
    }


def _score(setting: Setting, name: str, fake: Path, *options: str | Path) -> Finished:
    label = f"one-pass-{name}"
    return score(fake, setting.folder("runs") / label, fresh_cache(setting, label), *options)
