"""List what is installed: metrics, features, suites, models, audits, engines, commands."""

from __future__ import annotations

import difflib
import json

import click

from bench import registry
from bench.errors import UsageError, printable


@click.command()
@click.argument("kind", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(kind: str | None, as_json: bool) -> None:
    """List the plug-ins of a KIND, or without one how many of each kind there are.

    Their files are read for the first line of their docstrings; none is imported.
    """
    if kind is None:
        counts = {f"{name}s": len(registry.names(name)) for name in registry.kinds()}
        rows = [(name, str(count)) for name, count in counts.items()]
        record: object = counts
    else:
        known = _kind(kind)
        rows = [(name, registry.summary(known, name)) for name in registry.names(known)]
        record = [{"name": name, "summary": summary} for name, summary in rows]
    if as_json:
        click.echo(json.dumps(record, indent=2))
        return
    width = max((len(printable(name)) for name, _ in rows), default=0)
    for name, text in rows:
        click.echo(f"{printable(name).ljust(width)}  {printable(text)}".rstrip())
    if not rows:
        click.echo(f"no {kind} installed")


def _kind(text: str) -> str:
    """The registry's kind for a word in singular or plural.

    Raises:
        UsageError: with the nearest kind.
    """
    word = text.lower()
    kinds = {form: kind for kind in registry.kinds() for form in (kind, f"{kind}s")}
    if word in kinds:
        return kinds[word]
    near = difflib.get_close_matches(word, kinds, n=1)
    raise UsageError(
        "no such kind of plug-in" + (f"; did you mean {near[0]}?" if near else ""),
        seen=text,
        legal=", ".join(f"{kind}s" for kind in registry.kinds()),
        then="prescreen ls",
    )
