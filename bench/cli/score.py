"""Score videos that exist already, against a reference set and prompts where given."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("videos")
@click.option("--reference", help="Real videos: folder, glob or manifest. FVD needs them.")
@click.option("--prompts", help="Prompts: JSONL, CSV, TXT or a suite's name.")
@click.option(
    "--metric",
    "-m",
    "metrics",
    multiple=True,
    help="Metric to compute; repeat. [default: all usual]",
)
@click.option("--confidence", default=0.95, show_default=True, help="Of the two-sided intervals.")
@click.option("--resamples", default=1000, show_default=True, help="Of each bootstrap.")
@click.option("--seed", default=0, show_default=True, help="Of the resampling.")
@click.option("--run", type=click.Path(path_type=Path), help="Run folder to make or go on with.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Where run folders are made when --run is not given.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. [default: one a core]")
@click.option("--wait", is_flag=True, help="Wait when another process is writing the run.")
@click.option("--retry-errors", is_flag=True, help="Read again a run that is there with errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    videos: str,
    reference: str | None,
    prompts: str | None,
    metrics: tuple[str, ...],
    confidence: float,
    resamples: int,
    seed: int,
    run: Path | None,
    out: Path,
    workers: int | None,
    wait: bool,
    retry_errors: bool,
    as_json: bool,
) -> int:
    """Score VIDEOS (folder, glob or manifest): metrics with intervals, a run folder, a report.

    The same command goes on with a run that was stopped, and answers at once when nothing changed.
    With --retry-errors a run with errors begins afresh, for causes that are gone (memory, a disk).
    Exit code 0: all scored; 4: done, but some videos are missing or unreadable, or a metric named
    with --metric has no number; 3: could not run; 64: the command or an input is wrong.
    """
    from bench.cli._progress import progress
    from bench.cli._result import show
    from bench.pipeline import score
    from bench.plan import DEFAULT_METRICS, ScoreRequest

    request = ScoreRequest(
        videos=videos,
        reference=reference,
        prompts=prompts,
        metrics=metrics or DEFAULT_METRICS,
        confidence=confidence,
        n_resamples=resamples,
        seed=seed,
        run=run,
        out=out,
        workers=workers,
        wait=wait,
        retry_errors=retry_errors,
    )
    with progress("reading videos", quiet=as_json) as notify:
        result = score(request, notify)
    return show(result, as_json=as_json)
