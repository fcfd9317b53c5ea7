"""All usual metrics in one pass over the clips, against the same metrics one by one."""

from __future__ import annotations

from pathlib import Path

from bench.plan import DEFAULT_METRICS
from benchmarks._clips import clips
from benchmarks._program import Finished, fresh_cache, score
from benchmarks._result import Result, Setting

LIMIT = 4.0


def run(setting: Setting) -> tuple[Result, ...]:
    """Times over 64 clips; every call starts without features, so each decodes for itself.

    The limit is on the metrics of one set. FVD, which decodes a second set, stands in the details:
    its network is most of the time and runs once either way, so it hides what one pass saves.
    """
    n = setting.size(64, 8)
    fake, real = clips(setting, "fake", n), clips(setting, "real", n)
    together = _score(setting, "all", fake)
    absent = together.summary()["unavailable"]
    metrics = [metric for metric in DEFAULT_METRICS if metric not in absent]
    alone = {m: _score(setting, m, fake, "-m", m).seconds for m in metrics}
    details: dict[str, object] = {
        "clips": n,
        "together_s": together.seconds,
        "alone_s": alone,
        "unavailable": absent,
    }
    if not setting.quick:
        details["with_fvd"] = _with_fvd(setting, fake, real, sum(alone.values()))
    return (
        Result(
            name="one_pass",
            figure=sum(alone.values()) / together.seconds,
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
