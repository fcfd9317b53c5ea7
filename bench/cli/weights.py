"""List, fetch and check the pinned files that Prescreen uses."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from bench import weights
from bench.errors import EXIT_COULD_NOT_RUN, Unavailable, UsageError, WeightsMismatch
from bench.types import Json


@click.group()
def command() -> None:
    """List, fetch and check the pinned files that Prescreen uses."""


@command.command("ls")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def ls(as_json: bool) -> None:
    """Show what there is, where it comes from, and what lies on this machine."""
    records = [_record(name, check=False) for name in weights.assets()]
    if as_json:
        click.echo(json.dumps(records, indent=2))
        return
    for record in records:
        size = f"{weights.asset(str(record['name'])).n_bytes / 1000:,.0f} kB"
        click.echo(f"{record['name']:<24} {record['status']:<9} {size:>12}  {record['purpose']}")
        click.echo(f"{'':<24} {record['source']}; {record['licence']}")


@command.command("fetch")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Fetch every asset.")
def fetch(names: tuple[str, ...], everything: bool) -> None:
    """Download assets by name and check them to the byte; what is here already stays."""
    if everything == bool(names):
        raise UsageError("say what to fetch", legal="names or --all", then="prescreen weights ls")
    chosen = [weights.asset(name).name for name in names] or list(weights.assets())
    for name in chosen:
        click.echo(f"{name}  {weights.fetch(name)}")


@command.command("verify")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def verify(names: tuple[str, ...], as_json: bool) -> int:
    """Read every byte of what is here and compare its hash; exits 3 if anything is wrong.

    Without names, what is not on this machine is listed and is no failure; with names it is one.
    """
    records = [_record(weights.asset(name).name, check=True) for name in names or weights.assets()]
    if as_json:
        click.echo(json.dumps(records, indent=2))
    else:
        for record in records:
            click.echo(f"{record['name']:<24} {record['status']:<9} {record['problem']}".rstrip())
    return EXIT_COULD_NOT_RUN if _failed(records, named=bool(names)) else 0


def _failed(records: Iterable[dict[str, Json]], *, named: bool) -> bool:
    wrong = {"mismatch", "absent"} if named else {"mismatch"}
    return any(record["status"] in wrong for record in records)


def _record(name: str, *, check: bool) -> dict[str, Json]:
    """What `--json` prints of one asset."""
    asset = weights.asset(name)
    status, path, problem = "present", "", ""
    try:
        path = str(weights.verify(name) if check else weights.locate(name))
    except WeightsMismatch as error:
        status, problem = "mismatch", str(error)
    except Unavailable as error:
        status, problem = "absent", str(error)
    return {
        "name": name,
        "kind": asset.kind,
        "status": status,
        "path": path,
        "problem": problem,
        "sha256": asset.sha256,
        "n_bytes": asset.n_bytes,
        "source": f"{asset.source} {asset.package} {asset.version}",
        "licence": asset.licence,
        "purpose": asset.purpose,
    }
