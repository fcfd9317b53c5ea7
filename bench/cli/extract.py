"""Read features from videos into a NumPy file, one entry a video."""

from __future__ import annotations

from pathlib import Path

import click

from bench.errors import EXIT_INCOMPLETE, EXIT_OK, UsageError, printable


@click.command()
@click.argument("videos", nargs=-1, required=True)
@click.option(
    "--feature", "-f", required=True, help="Extractor, for instance i3d or i3d:resize=tf1."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="An .npz file."
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes. [default: one a core]")
def command(videos: tuple[str, ...], feature: str, output: Path, workers: int | None) -> int:
    """Write the features of VIDEOS (files, folders, globs or manifests) to an .npz file.

    Arrays are named by video file; an extractor with several gives `FILE/ARRAY` for each.
    Exit code 4 when some videos could not be read: the others are written.
    """
    if output.suffix != ".npz":
        raise UsageError("the output must be a NumPy archive", seen=output, legal="FILE.npz")
    from bench.cli._progress import progress
    from bench.collection import collect, write_npz

    with progress("reading videos") as notify:
        collected = collect(videos, feature, workers=workers, notify=notify)
    write_npz(output, collected.arrays)
    for name, reason in collected.errors.items():
        click.echo(f"error   {printable(name)}: {reason}", err=True)
    click.echo(f"{output}: {collected.n_videos} videos, {len(collected.arrays)} arrays")
    return EXIT_INCOMPLETE if collected.errors else EXIT_OK
