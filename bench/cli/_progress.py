"""A bar on a terminal, a line now and then elsewhere, nothing with `--json`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from bench.errors import printable
from bench.extraction import Notify

EVERY = 50
"""On a pipe, one line for so many videos."""


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Notify]:
    """A function to call with (number of videos in all, name of the one that is done)."""
    if quiet:
        yield lambda total, name: None
    elif sys.stderr.isatty():
        yield from _bar(title)
    else:
        yield _lines(title)


def _bar(title: str) -> Iterator[Notify]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Name(TextColumn):
        """The video's name as plain text: it is untrusted, so no markup is read in it."""

        def render(self, task: object) -> Text:
            return Text(str(getattr(task, "fields", {}).get("video", "")), overflow="ellipsis")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), Name(""), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(title, total=None, video="")

        def notify(total: int, name: str) -> None:
            bar.update(task, total=total, advance=1, video=printable(name, 40))

        yield notify


def _lines(title: str) -> Notify:
    done = 0

    def notify(total: int, name: str) -> None:
        nonlocal done
        done += 1
        if done % EVERY == 0 or done == total:
            click.echo(f"{title}: {done} of {total}", err=True)

    return notify
