"""The first demonstration: prompts in, videos and a report out, on this machine alone.

The suite `smoke` is made twice: by the reference cascade, and by the rule that it learnt from,
whose videos show what was asked. The cascade's videos are scored with those as the reference;
beside that stands their distance to clips of a real film, where that film can be had.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.demo import prepare
from bench.errors import Unavailable
from bench.pipeline import Result, run, score
from bench.request import RUN_METRICS, RunRequest, ScoreRequest
from bench.runs import VIDEOS

SUITE = "smoke"
MODEL = "cascade"
N_SEEDS = 2
TRUTH_METRICS = ("attribute_accuracy", "degenerate")
SET_METRICS = ("fvd",)
Say = Callable[[str], None]
Row = tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """The runs: of the cascade, of the rule, and against real clips (None: `why_no_real`)."""

    cascade: Result
    phantom: Result
    real: Result | None
    why_no_real: str = ""


def show_case(
    out: Path,
    say: Say,
    *,
    model: str = MODEL,
    metrics: Sequence[str] = RUN_METRICS,
    set_metrics: Sequence[str] = SET_METRICS,
    workers: int | None = None,
) -> Showcase:
    """Make and score everything; what is there already is not made again."""
    say(f"drawing the {SUITE} suite by rule: the phantom, which shows what it is asked")
    phantom = run(_request(out, "phantom", TRUTH_METRICS, workers, None))
    say(f"making it with the model {model} and scoring it against the phantom's videos")
    cascade = run(_request(out, model, metrics, workers, _videos(phantom)))
    try:
        clips = prepare(say)
        say("measuring the distance to clips of a real film")
        real = score(
            ScoreRequest(
                videos=_videos(cascade),
                reference=str(clips / "reference.csv"),
                metrics=tuple(set_metrics),
                out=out,
                workers=workers,
            )
        )
    except Unavailable as error:
        return Showcase(cascade=cascade, phantom=phantom, real=None, why_no_real=str(error))
    return Showcase(cascade=cascade, phantom=phantom, real=real)


def _request(
    out: Path, model: str, metrics: Sequence[str], workers: int | None, reference: str | None
) -> RunRequest:
    return RunRequest(
        suite=SUITE,
        model=model,
        n_seeds=N_SEEDS,
        metrics=tuple(metrics),
        reference=reference,
        out=out,
        workers=workers,
    )


def _videos(result: Result) -> str:
    return str(result.path / VIDEOS / "*.mp4")


def rows(found: Showcase) -> list[Row]:
    """Name, the cascade's number and the phantom's, of each main column that has one."""
    table: list[Row] = []
    asked, drawn = _main(found.cascade, "candidate"), _main(found.cascade, "reference")
    drawn = {**drawn, **_main(found.phantom, "candidate")}
    for key, headline in asked.items():
        if headline["n"]:
            table.append((key, headline, drawn.get(key)))
    if found.real is not None:
        for key, headline in _main(found.real, "candidate").items():
            if key not in asked or key.split(".")[0] in SET_METRICS:
                table.append((f"{key} to real clips", headline, None))
    return table


def _main(result: Result, source: str) -> dict[str, Mapping[str, Any]]:
    return {
        f"{h['metric']}.{h['column']}": h
        for h in result.summary["headlines"]
        if h["is_main"] and h["source"] == source and h["subset"] == "kept"
    }
