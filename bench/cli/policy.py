"""Start a release policy from a run, or check one: the file that `prescreen gate` applies."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bench.errors import UsageError, printable


@click.group()
def command() -> None:
    """Start a policy from a run (init), or check one (check)."""


@command.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file. [default: standard output]"
)
def init(run: Path, output: Path | None) -> int:
    """Write a commented starter policy with RUN's numbers; its limits are for people to decide.

    A file that is there is not overwritten.
    """
    from bench.gates.starter import starter_policy
    from bench.home import write_atomic

    if output is not None and output.exists():
        raise UsageError(f"{output} is there already", then="give another -o, or remove it")
    text = starter_policy(run)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text.encode())
        click.echo(f"policy  {output}: decide every limit that is marked DECIDE")
    return 0


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the policy as JSON.")
def check(file: Path, as_json: bool) -> int:
    """Read a policy and say what it holds; whether a run has its numbers, the gate says.

    Exit code 0: it can be read; 64: it cannot.
    """
    from bench.gates.policy import RELATIVE, read_policy

    policy = read_policy(file)
    lines = [
        {
            "id": line.id,
            "what": line.what(),
            "rule": line.rule,
            "limit": abs(line.limit) if line.rule in RELATIVE else line.limit,
            "against": line.against,
        }
        for line in policy.lines
    ]
    waivers = [
        {"line": w.line, "waives": w.waives, "owner": w.owner, "expires": w.expires.isoformat()}
        for w in policy.waivers
    ]
    if as_json:
        record = {"name": policy.name, "sha256": policy.sha256, "lines": lines, "waivers": waivers}
        click.echo(json.dumps(record, indent=2, ensure_ascii=False))
        return 0
    click.echo(f"policy  {printable(policy.name)} (sha256 {policy.sha256[:12]})")
    for line in lines:
        against = f" against {line['against']}" if line["against"] else ""
        click.echo(f"line    {printable(line['id'])}: {line['rule']} {line['limit']:g}{against}")
    for waiver in waivers:
        who = printable(f"{waiver['line']} by {waiver['owner']}")
        click.echo(f"waiver  {who} until {waiver['expires']}, of the {waiver['waives']}")
    return 0
