"""Makes docs/metrics/<stem>.md from each metric's docstring and declared columns.

Run as `python -m bench.reports.metric_pages`; a test checks that the pages are up to date.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path

from bench import registry
from bench.home import write_atomic

FOLDER = Path("docs/metrics")
_WAYS = {True: "higher is better", False: "lower is better", None: "neither way is better"}


def page(name: str) -> str:
    """The Markdown page of one metric."""
    plugin = registry.load("metric", name)
    doc = inspect.cleandoc(inspect.getmodule(plugin).__doc__ or "")
    head, _, body = doc.partition("\n")
    lines = [
        f"# `{name}`",
        "",
        head,
        "",
        *_sections(body.strip()),
        "",
        "## Columns",
        "",
        "| column | unit | range | direction | what |",
        "|---|---|---|---|---|",
    ]
    for column in plugin.columns:
        mark = "" if column.headline else " (not a headline)"
        lines.append(
            f"| `{column.name}`{mark} | {column.unit} | {column.low:g} to {column.high:g} "
            f"| {_WAYS[column.higher_is_better]} | {column.summary} |"
        )
    lines += ["", f"Version {plugin.version}. Made from `bench/metrics/{name}.py`; edit that file."]
    return "\n".join(lines) + "\n"


def _sections(body: str) -> Iterator[str]:
    """The docstring with its headings as Markdown headings and their text unindented."""
    block: list[str] = []
    for line in body.splitlines():
        if (
            line.endswith(":")
            and line[:1].isupper()
            and not line.startswith(" ")
            and len(line) < 30
        ):
            yield from textwrap.dedent("\n".join(block)).strip("\n").splitlines()
            block = []
            yield from ("", f"## {line[:-1]}", "")
        else:
            block.append(line)
    yield from textwrap.dedent("\n".join(block)).strip("\n").splitlines()


def index() -> str:
    """The page that lists all metrics."""
    rows = [f"- [`{n}`]({n}.md): {registry.summary('metric', n)}" for n in registry.names("metric")]
    return "\n".join(["# Metrics", "", *rows]) + "\n"


def write_pages(folder: Path = FOLDER) -> list[Path]:
    """Write every page and the index."""
    pages = {name: page(name) for name in registry.names("metric")}
    pages["README"] = index()
    for name, text in pages.items():
        write_atomic(folder / f"{name}.md", text.encode())
    return [folder / f"{name}.md" for name in pages]


if __name__ == "__main__":
    write_pages()
