"""Look at or shrink the feature cache that all runs share."""

from __future__ import annotations

import json
from collections import Counter

import click


@click.group()
def command() -> None:
    """Look at or shrink the feature cache that all runs share."""


@command.command("ls")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def ls(as_json: bool) -> None:
    """Show what is cached: files and bytes for each extractor key."""
    from bench.features.cache import FeatureCache

    cache = FeatureCache()
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in cache.entries():
        files[entry.key] += 1
        sizes[entry.key] += entry.size_bytes
    if as_json:
        keys = {key: {"files": files[key], "bytes": sizes[key]} for key in sorted(files)}
        record = {"root": str(cache.root), "limit_bytes": cache.limit_bytes, "keys": keys}
        click.echo(json.dumps(record, indent=2))
        return
    click.echo(f"{cache.root}: {sum(files.values())} files, {_mb(sum(sizes.values()))}")
    click.echo(f"limit {_mb(cache.limit_bytes)} (PRESCREEN_CACHE_LIMIT)")
    for key in sorted(files):
        click.echo(f"  {key}  {files[key]} files  {_mb(sizes[key])}")


@command.command("prune")
@click.option("--limit", default=None, help="Keep at most this much, for instance 500MB.")
def prune(limit: str | None) -> None:
    """Remove the features that were not read for the longest time."""
    from bench.features.cache import FeatureCache, parse_size

    cache = FeatureCache()
    removed = cache.prune(None if limit is None else parse_size(limit))
    freed = sum(entry.size_bytes for entry in removed)
    click.echo(f"removed {len(removed)} files, {_mb(freed)}")


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
