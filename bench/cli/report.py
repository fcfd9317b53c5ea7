"""Write a run's report again: one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Write the HTML page of RUN from what the run folder holds, and print where it is."""
    from bench.reports.html import write_html

    click.echo(write_html(run))
