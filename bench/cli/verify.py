"""Recompute every number of a run from its journal and its files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from bench.errors import EXIT_FAIL, EXIT_OK, printable


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def command(run: Path, as_json: bool) -> int:
    """Check RUN: its hash chain, every file in it, and its numbers, computed again.

    Exit code 0: all holds; 1: something was changed.
    """
    from bench.verification import verify

    checks = verify(run)
    sound = all(check.ok for check in checks)
    if as_json:
        record = {"run": str(run), "ok": sound, "checks": [asdict(check) for check in checks]}
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {printable(check.detail)}")
    return EXIT_OK if sound else EXIT_FAIL
