"""Compare two runs: paired by prompt and seed, with intervals, tests and what they can show."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.errors import EXIT_INCOMPLETE, EXIT_OK


@click.command()
@click.argument("run_a", type=click.Path(path_type=Path))
@click.argument("run_b", type=click.Path(path_type=Path))
@click.option("--confidence", default=0.95, show_default=True, help="Of the intervals and tests.")
@click.option("--power", default=0.8, show_default=True, help="For what the runs can show.")
@click.option("--resamples", default=2000, show_default=True, help="Of each bootstrap.")
@click.option("--permutations", default=9999, show_default=True, help="Of each test.")
@click.option("--seed", default=0, show_default=True, help="Of all that is drawn.")
@click.option(
    "--correction",
    default="holm",
    show_default=True,
    help="Over the main numbers: holm, bh or by.",
)
@click.option("--force", is_flag=True, help="Show numbers that were made differently, marked.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
def command(
    run_a: Path,
    run_b: Path,
    confidence: float,
    power: float,
    resamples: int,
    permutations: int,
    seed: int,
    correction: str,
    force: bool,
    as_json: bool,
) -> int:
    """Compare RUN_B with RUN_A, number by number; a difference is B less A.

    Exit code 0: all that the runs share was compared; 4: some numbers were made differently and
    are refused; 3: a run is damaged; 64: the runs cannot be compared, or the command is wrong.
    """
    from bench.cli._compare_table import comparison_lines, record
    from bench.comparison.columns import Settings
    from bench.comparison.compare import compare
    from bench.stats._checks import known_count, known_level

    known_level("confidence", confidence)
    known_level("power", power)
    known_count("number of resamples", resamples, least=100)
    known_count("number of permutations", permutations, least=99)
    settings = Settings(
        confidence=confidence,
        power=power,
        n_resamples=resamples,
        n_permutations=permutations,
        seed=seed,
    )
    made = compare(run_a, run_b, settings=settings, correction=correction, force=force)
    if as_json:
        whole = {"run_a": str(run_a), "run_b": str(run_b), **record(made)}
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for line in comparison_lines(made):
            click.echo(line)
    return EXIT_INCOMPLETE if made.refused else EXIT_OK
