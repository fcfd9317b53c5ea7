"""Score clips of a real film and damaged copies: which metric sees which damage."""

from __future__ import annotations

from pathlib import Path

import click

from bench.errors import EXIT_FAIL, EXIT_OK


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the four run folders go.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. [default: one a core]")
def command(out: Path, workers: int | None) -> int:
    """Fetch a film, cut and damage clips, score them, print what each metric saw.

    The first run takes minutes, a second one seconds. Exit code 1 when a metric did not see a
    damage that it must see.
    """
    from bench.cli._demo_table import demo_lines
    from bench.demo import run, set_differences, table
    from bench.runs import REPORT

    results = run(out, lambda line: click.echo(f"== {line}"), workers=workers)
    lines, seen = demo_lines(table(results, set_differences(results)))
    for line in lines:
        click.echo(line)
    for name, result in results.items():
        click.echo(f"report  {name:<10} {result.path / REPORT}")
    return EXIT_OK if seen else EXIT_FAIL
