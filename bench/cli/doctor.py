"""Say what this machine has: packages, cores, disk, weights, and what is missing for what."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from bench.errors import EXIT_COULD_NOT_RUN, EXIT_OK, PrescreenError

FREE_BYTES = 2 * 10**9
"""Below this much free space at the cache, a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: `level` is ok, missing (something cannot be computed) or bad."""

    level: str
    name: str
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(as_json: bool) -> int:
    """Say what this machine has and what is missing for what.

    Exit code 0: prescreen can run; 3: something that every run needs is broken.
    """
    findings = [*_packages(), _cores(), *_cache(), *_weights()]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.level:<8} {finding.name:<24} {finding.detail}")
    bad = any(finding.level == "bad" for finding in findings)
    return EXIT_COULD_NOT_RUN if bad else EXIT_OK


def _packages() -> Iterator[Finding]:
    from bench.plan import environment

    for name, version in environment().items():
        if version != "not installed":
            yield Finding(level="ok", name=name, detail=str(version))
        elif name == "transformers":
            detail = "no CLIP metrics; next: pip install 'prescreen[clip]'"
            yield Finding(level="missing", name=name, detail=detail)
        else:
            detail = "not installed; next: pip install prescreen"
            yield Finding(level="bad", name=name, detail=detail)


def _cores() -> Finding:
    from bench.engines.local import default_workers

    return Finding(level="ok", name="cores", detail=f"{default_workers()}: as many workers")


def _cache() -> Iterator[Finding]:
    from bench.home import cache_home, write_atomic

    home = cache_home()
    probe = home / ".doctor"
    try:
        write_atomic(probe, b"written and removed by prescreen doctor")
        probe.unlink()
    except (PrescreenError, OSError) as error:
        yield Finding(level="bad", name="cache", detail=str(error))
        return
    free = shutil.disk_usage(home).free
    level = "ok" if free >= FREE_BYTES else "missing"
    yield Finding(level=level, name="cache", detail=f"{home}, {free / 1e9:.1f} GB free")


def _weights() -> Iterator[Finding]:
    from bench import weights

    for name, asset in weights.assets().items():
        try:
            path = weights.locate(name)
        except PrescreenError as error:
            yield Finding(level="missing", name=name, detail=f"{asset.purpose}: {error}")
        else:
            yield Finding(level="ok", name=name, detail=str(path))
