"""Make twelve prompts' videos with the reference cascade, score them, write the report."""

from __future__ import annotations

from pathlib import Path

import click

from bench.errors import EXIT_FAIL, EXIT_OK

_OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the run folders go.",
)
_WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), help="Processes. [default: one a core]"
)


@click.group(invoke_without_command=True)
@_OUT
@_WORKERS
@click.pass_context
def command(ctx: click.Context, out: Path, workers: int | None) -> int:
    """Make the smoke suite with the reference cascade and score it, end to end.

    The videos are compared with those that the world's rule draws of the same prompts and, where
    a film of 50 MB can be fetched, with real clips. The first run takes minutes, a second seconds.
    `prescreen demo damage` shows which metric sees which damage.
    """
    if ctx.invoked_subcommand is not None:
        return EXIT_OK
    from bench.cli._demo_table import showcase_lines
    from bench.runs import REPORT
    from bench.showcase import rows, show_case

    found = show_case(out, lambda line: click.echo(f"== {line}"), workers=workers)
    for line in showcase_lines(rows(found)):
        click.echo(line)
    if found.real is None:
        click.echo(f"without real clips: {found.why_no_real}")
    named = {"cascade": found.cascade, "phantom": found.phantom, "real": found.real}
    for name, result in named.items():
        if result is not None:
            click.echo(f"report  {name:<8} {result.path / REPORT}")
    return EXIT_OK


@command.command("damage")
@_OUT
@_WORKERS
def damage(out: Path, workers: int | None) -> int:
    """Score clips of a real film and damaged copies: which metric sees which damage.

    Fetches a film, cuts and damages clips, scores them and prints what each metric saw. The first
    run takes minutes, a second one seconds. Exit code 1 when a metric did not see a damage that it
    must see.
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
