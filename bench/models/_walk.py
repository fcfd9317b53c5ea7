"""Lists the files below a folder, in one order on every file system, and never leaves the folder.

Hidden files are passed over. A symbolic link to a file is followed where its target lies below the
folder. A link to a folder is followed only if that holds nothing but images; the videos of any
other are listed where they really are, and so no loop of links can arise.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath

from bench.models.base import IMAGE_SUFFIXES, VIDEO_SUFFIXES

LEAVES = "symbolic link leaves the folder"
DANGLING = "symbolic link leads nowhere"
MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry below the folder. `path` is set where it is a video that may be opened."""

    name: str
    is_video: bool
    path: Path | None = None
    problem: str = ""


def walk(root: Path, depth: int | None = None) -> list[Found]:
    """Every file and every folder of images below `root`, at most `depth` levels deep, by name.

    Raises:
        OSError: when `root` itself cannot be read.
    """
    root = Path(os.path.realpath(root))
    found: list[Found] = []
    folders: list[tuple[str, ...]] = [()]
    while folders:
        parts = folders.pop()
        try:
            entries = os.listdir(root.joinpath(*parts))
        except OSError as error:
            if not parts:
                raise
            problem = f"the folder cannot be read: {error.strerror}"
            found.append(_video(root, parts, problem))
            continue
        for entry in entries:
            item = _look(root, (*parts, entry))
            if item is not None:
                found.append(item)
            elif depth is None or len(parts) + 1 < depth:
                folders.append((*parts, entry))
            else:
                found.append(_other((*parts, entry)))
    return sorted(found, key=lambda item: item.name)


def problem_of(path: Path, root: Path) -> str:
    """Why a video at `path` below `root` may not or cannot be opened; empty where it can.

    Nothing outside `root` is looked at but to find where links lead.
    """
    if not os.path.lexists(path):
        return MISSING
    if not inside(path, root):
        return LEAVES
    try:
        mode = path.stat().st_mode
    except OSError:
        return DANGLING
    if stat.S_ISDIR(mode):
        return _images_problem(path, root)
    if not stat.S_ISREG(mode):
        return "not a regular file"
    return "" if os.access(path, os.R_OK) else "permission denied"


def inside(path: Path, root: Path) -> bool:
    """Whether `path`, with every link on the way followed, lies below `root`."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def only_images(folder: Path) -> bool:
    """Whether a folder holds images and nothing else, hidden files aside: one video, as frames."""
    try:
        names = [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError:
        return False
    return bool(names) and all(
        _suffix(name) in IMAGE_SUFFIXES and not os.path.isdir(folder / name) for name in names
    )


def _look(root: Path, parts: tuple[str, ...]) -> Found | None:
    """What the entry is; None for a folder into which the walk must go."""
    path = root.joinpath(*parts)
    if parts[-1].startswith("."):
        return _other(parts)
    is_link = os.path.islink(path)
    has_suffix = _suffix(parts[-1]) in VIDEO_SUFFIXES
    if is_link and not inside(path, root):
        return _video(root, parts, LEAVES) if has_suffix or os.path.isdir(path) else _other(parts)
    if os.path.isdir(path):
        if only_images(path):
            return _video(root, parts, _images_problem(path, root))
        return _other(parts) if is_link else None
    return _video(root, parts, problem_of(path, root)) if has_suffix else _other(parts)


def _images_problem(folder: Path, root: Path) -> str:
    if not os.access(folder, os.R_OK | os.X_OK):
        return "permission denied"
    if not only_images(folder):
        return "a folder that holds more than images"
    for name in sorted(os.listdir(folder)):
        image = folder / name
        if name.startswith("."):
            continue
        if os.path.islink(image) and not inside(image, root):
            return f"{LEAVES} (an image in it)"
        if not os.path.isfile(image):
            return "an image in it is not a regular file"
    return ""


def _video(root: Path, parts: tuple[str, ...], problem: str) -> Found:
    if not _is_utf8("/".join(parts)):
        problem = problem or "the name is not UTF-8"
    path = None if problem else root.joinpath(*parts)
    return Found(name=_name(parts), is_video=True, path=path, problem=problem)


def _other(parts: tuple[str, ...]) -> Found:
    return Found(name=_name(parts), is_video=False)


def _name(parts: tuple[str, ...]) -> str:
    # Bytes that are not UTF-8 come as lone surrogates, which no journal or table can hold.
    return "/".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in name)


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()
