"""Reads a manifest: a CSV or JSONL file that names videos and says which prompts they answer.

Columns: `path`, `file`, `file_name` or `video` (one of them, below the manifest's own folder);
optional `prompt_id` or `id`, `prompt`, `text` or `caption`, `seed`, `category`, `fps`. Hugging
Face's `metadata.jsonl` and `metadata.csv` are manifests. A path that is absolute or climbs by `..`
makes the whole manifest wrong: it is a mistake of its author, and one run of the command shows it.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bench.models._walk import problem_of
from bench.models.base import ListedVideo
from bench.suites.base import (
    FILE_COLUMNS,
    ID_COLUMNS,
    TEXT_COLUMNS,
    Row,
    nfc,
    pick,
    read_rows,
)

SUFFIXES = (".csv", ".jsonl")
COLUMNS = (*FILE_COLUMNS, *ID_COLUMNS, *TEXT_COLUMNS, "seed", "category", "fps")
_LEGAL = "path|file|file_name|video, prompt_id|id, prompt|text|caption, seed, category, fps"
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest says: entries by name, not yet looked for, and columns left unread."""

    entries: dict[str, ListedVideo]
    unread_columns: tuple[str, ...]


def read_manifest(path: Path, below: str = "") -> Manifest:
    """The manifest's entries, their names prefixed with the folder `below` that holds it.

    Raises:
        UsageError: for a bad row, a column that looks misspelt, a path that leaves the manifest's
            folder, or one that is listed twice.
    """
    entries: dict[str, ListedVideo] = {}
    rows: dict[str, Row] = {}
    strange: dict[str, None] = {}
    for row in read_rows(path):
        strange.update(dict.fromkeys(_strange(row)))
        entry = _entry(row, below)
        if (first := rows.setdefault(entry.name, row)) is not row:
            raise row.wrong(
                f"line {first.line} lists this video too",
                seen=entry.name,
                legal="every video once",
                then="remove one of the two lines",
            )
        entries[entry.name] = entry
    return Manifest(entries=entries, unread_columns=tuple(strange))


def locate(entry: ListedVideo, root: Path) -> ListedVideo:
    """The entry with its path, or with the problem that keeps it from being opened."""
    path = root / entry.name
    problem = problem_of(path, root)
    return replace(entry, path=None if problem else path, problem=problem)


def _entry(row: Row, below: str) -> ListedVideo:
    return ListedVideo(
        name=_name(row, below),
        path=None,
        prompt_id=_text(row, ID_COLUMNS, numbers=True),
        prompt_text=_text(row, TEXT_COLUMNS),
        seed=_seed(row),
        category=_text(row, ("category",)) or "",
        fps=_fps(row),
    )


def _name(row: Row, below: str) -> str:
    value = pick(row, FILE_COLUMNS)
    if not isinstance(value, str) or not value or "\0" in value:
        raise row.wrong(
            "no path of a video",
            seen=", ".join(row.values) if value is None else value,
            legal=_LEGAL,
            then="name the column of the paths path",
        )
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(value) or not path.parts:
        raise row.wrong(
            "the path leaves the folder of the manifest",
            seen=value,
            legal="a path below that folder, relative to it, without ..",
            then="move the manifest to a folder above the videos and shorten the paths",
        )
    return str(below / path)


def _text(row: Row, columns: tuple[str, ...], numbers: bool = False) -> str | None:
    value = pick(row, columns)
    if numbers and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        raise row.wrong(f"the column {'|'.join(columns)} is not text", seen=value, legal="text")
    normal = nfc(value)
    return normal if isinstance(normal, str) else None


def _seed(row: Row) -> int | None:
    value = row.values.get("seed")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if not isinstance(value, str) or not _INTEGER.fullmatch(value.strip()):
        raise row.wrong("the seed is not a whole number", seen=value, legal="for instance 7")
    return int(value)


def _fps(row: Row) -> float | None:
    value = row.values.get("fps")
    if value is None:
        return None
    try:
        fps = math.nan if isinstance(value, bool | list | dict) else float(value)
    except (ValueError, OverflowError):
        fps = math.nan
    if not 0 < fps < math.inf:
        raise row.wrong("the frame rate is not a positive number", seen=value, legal="such as 24")
    return fps


def _strange(row: Row) -> list[str]:
    """The columns that mean nothing here; one that is nearly a column of ours is a mistake."""
    strange = [name for name in row.values if name not in COLUMNS]
    for name in strange:
        if near := difflib.get_close_matches(name.lower(), COLUMNS, n=1, cutoff=0.85):
            raise row.wrong(
                f"a column that looks misspelt; did you mean {near[0]}?", seen=name, legal=_LEGAL
            )
    return strange
