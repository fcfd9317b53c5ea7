"""Make the videos of a suite with a model, score them, and write the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--suite", help="Prompts: a suite's name (prescreen ls suites) or a file.")
@click.option("--model", help="The system under test, for instance cascade or cascade:stage=ssr1.")
@click.option(
    "--config", type=click.Path(path_type=Path), help="A TOML file with any of these settings."
)
@click.option("--seeds", type=click.IntRange(min=1), help="Videos a prompt. [default: 1]")
@click.option("--attack", "attacks", multiple=True, help="Add each prompt so disguised; repeat.")
@click.option("--generation-seed", type=int, help="Of the videos' own seeds. [default: 0]")
@click.option("--reference", help="Real videos: folder, glob or manifest. FVD needs them.")
@click.option(
    "--metric",
    "-m",
    "metrics",
    multiple=True,
    help="Metric to compute; repeat. [default: all usual]",
)
@click.option("--confidence", type=float, help="Of the two-sided intervals. [default: 0.95]")
@click.option("--resamples", type=int, help="Of each bootstrap. [default: 1000]")
@click.option("--seed", type=int, help="Of the resampling. [default: 0]")
@click.option("--run", type=click.Path(path_type=Path), help="Run folder to make or go on with.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where run folders go. [default: runs]"
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. [default: one a core]")
@click.option("--wait", is_flag=True, help="Wait when another process is writing the run.")
@click.option("--retry-errors", is_flag=True, help="Make and read again what ended in errors.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(config: Path | None, as_json: bool, **given: Any) -> int:
    """Generate the videos of a SUITE with a MODEL and score them, in one run folder.

    The same command goes on with a run that was stopped, and answers at once when nothing changed.
    What is said on the command line wins over --config. Exit code 0: all made and scored; 4: done,
    but some videos are missing or failed; 3: could not run; 64: the command or an input is wrong. A
    video that the model's own filter held back is listed as suppressed, and is no error.
    """
    from bench.cli._progress import progress
    from bench.cli._result import show
    from bench.config import read_config
    from bench.pipeline import run
    from bench.request import run_request

    settings = {} if config is None else read_config(config)
    settings |= {name: value for name, value in given.items() if value not in (None, (), False)}
    request = run_request(settings)
    with (
        progress("making videos", quiet=as_json) as made,
        progress("reading videos", quiet=as_json) as notify,
    ):
        result = run(request, notify, made)
    return show(result, as_json=as_json)
