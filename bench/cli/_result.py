"""What `score` and `run` print of a finished run."""

from __future__ import annotations

import json

import click

from bench.cli._table import headline_lines
from bench.pipeline import Result
from bench.runs import REPORT


def show(result: Result, *, as_json: bool) -> int:
    """Print a run as a table or as JSON; its exit code."""
    remarks = list(result.plan.remarks)
    if as_json:
        record = {
            "run": str(result.path),
            "reused": result.reused,
            "remarks": remarks,
            **result.summary,
        }
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return result.exit_code
    for line in (*remarks, *headline_lines(result.summary)):
        click.echo(line)
    click.echo(f"run     {result.path}" + ("  (unchanged, not computed again)" * result.reused))
    if result.reused and result.n_errors:
        have, them = ("video has", "it") if result.n_errors == 1 else ("videos have", "them")
        click.echo(f"{result.n_errors} {have} errors; --retry-errors reads {them} again")
    click.echo(f"report  {result.path / REPORT}")
    return result.exit_code
