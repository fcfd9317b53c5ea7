"""Videos that exist already: a folder, a file, a glob pattern or a manifest of them.

A folder is searched with its sub folders; one that holds nothing but images is one video. A
`metadata.jsonl` or `metadata.csv` (Hugging Face) in the folder, or in a split right below it, says
what its videos answer. Names are untrusted, the order is that of the names' code points, and
nothing outside the root is opened.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from bench.errors import UsageError
from bench.models._manifest import SUFFIXES, locate, read_manifest
from bench.models._match import match_prompts
from bench.models._walk import Found, inside, only_images, problem_of, walk
from bench.models.base import VIDEO_SUFFIXES, Ambiguity, Ledger, ListedVideo, Listing, Pair

__all__ = [
    "Ambiguity",
    "Folder",
    "Ledger",
    "ListedVideo",
    "Listing",
    "Pair",
    "list_videos",
    "match_prompts",
]

_HF_METADATA = frozenset({"metadata.jsonl", "metadata.csv"})
_MAGIC = re.compile(r"[*?[]")
_KINDS = "a folder of videos, a video file, a pattern such as 'out/*.mp4', a CSV or JSONL manifest"


class Folder:
    """The adapter to videos that exist already."""

    name = "folder"
    version = "1"

    def list_videos(self, spec: str) -> Listing:
        """What :func:`list_videos` gives."""
        return list_videos(spec)


def list_videos(spec: str) -> Listing:
    """The videos that `spec` names: a folder, a file, a glob pattern or a manifest.

    Raises:
        UsageError: when there is no such thing, or no video in it, or the manifest is wrong.
    """
    # os.path and not Path's methods, which raise where a name is too long or may not be looked at
    path = Path(os.path.expanduser(spec))
    if spec and "\0" not in spec:
        if os.path.isdir(path):
            return _folder(spec, Path(os.path.realpath(path)))
        if os.path.exists(path):
            return _file(spec, Path(os.path.realpath(path.parent), path.name))
        if _MAGIC.search(str(path)):
            return _pattern(spec, path)
    raise UsageError(
        "there are no videos of this name",
        seen=spec,
        legal=_KINDS,
        then="check the path; put a pattern in quotes, so that the shell leaves it alone",
    )


def _folder(spec: str, root: Path) -> Listing:
    if only_images(root):
        return _single(spec, root)
    found = _walk(spec, root)
    manifests = [item.name for item in found if _is_hf_metadata(item.name)]
    said: dict[str, ListedVideo] = {}
    unread: dict[str, None] = {}
    for name in manifests:
        if not inside(root / name, root):
            raise UsageError(f"{name} is a symbolic link that leaves the folder", seen=spec)
        manifest = read_manifest(root / name, name.rpartition("/")[0])
        if twice := said.keys() & manifest.entries.keys():
            raise UsageError(
                f"{name} lists a video that {' or '.join(manifests)} lists too",
                seen=min(twice),
                then="keep one metadata file for each folder of videos",
            )
        said |= manifest.entries
        unread |= dict.fromkeys(manifest.unread_columns)
    videos = _annotated(found, said, root)
    n_ignored = sum(not item.is_video for item in found) - len(manifests)
    return _listing(spec, root, videos, n_ignored, tuple(unread))


def _file(spec: str, path: Path) -> Listing:
    if path.suffix.lower() in SUFFIXES:
        manifest = read_manifest(path)
        videos = [locate(entry, path.parent) for entry in manifest.entries.values()]
        return _listing(spec, path.parent, videos, 0, manifest.unread_columns)
    if path.suffix.lower() not in VIDEO_SUFFIXES:
        raise UsageError(
            "the file is neither a video nor a manifest, by its suffix",
            seen=path.name,
            legal=" ".join((*SUFFIXES, *sorted(VIDEO_SUFFIXES))),
            then="give its folder, or name the video in a manifest: path, then a line for each",
        )
    return _single(spec, path)


def _single(spec: str, path: Path) -> Listing:
    """A listing of one file or folder of images. It may be a link, for the user named it."""
    target = Path(os.path.realpath(path))
    problem = problem_of(target, target.parent)
    video = ListedVideo(name=path.name, path=None if problem else target, problem=problem)
    return _listing(spec, path.parent, [video], 0)


def _pattern(spec: str, path: Path) -> Listing:
    first = next(i for i, part in enumerate(path.parts) if _MAGIC.search(part))
    root, parts = Path(os.path.realpath(Path(*path.parts[:first]))), path.parts[first:]
    depth = None if "**" in parts else len(parts)
    found = [i for i in _walk(spec, root, depth) if _matches(i.name.split("/"), parts)]
    n_ignored = sum(not item.is_video for item in found)
    return _listing(spec, root, _annotated(found, {}, root), n_ignored)


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path matches a pattern part by part; `**` stands for any number of folders."""
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_matches(names[i:], parts[1:]) for i in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])


def _walk(spec: str, root: Path, depth: int | None = None) -> list[Found]:
    try:
        return walk(root, depth)
    except OSError as error:
        raise UsageError(
            f"the folder {root} cannot be read: {error.strerror}", seen=spec, legal=_KINDS
        ) from error


def _is_hf_metadata(name: str) -> bool:
    parts = name.split("/")
    return len(parts) <= 2 and parts[-1] in _HF_METADATA


def _annotated(
    found: Sequence[Found], said: Mapping[str, ListedVideo], root: Path
) -> list[ListedVideo]:
    """The videos found, with what a manifest says of them; and those that it alone names."""
    videos = [
        replace(
            said.get(item.name, ListedVideo(name=item.name, path=None)),
            path=item.path,
            problem=item.problem,
        )
        for item in found
        if item.is_video
    ]
    listed = {video.name for video in videos}
    return videos + [locate(entry, root) for name, entry in said.items() if name not in listed]


def _listing(
    spec: str,
    root: Path,
    videos: Sequence[ListedVideo],
    n_ignored: int,
    unread_columns: tuple[str, ...] = (),
) -> Listing:
    if not videos:
        raise UsageError(
            "there are no videos here",
            seen=f"{spec} ({n_ignored} other files)",
            legal=f"files ending in {' '.join(sorted(VIDEO_SUFFIXES))}, or folders of images only",
            then="name the folder that holds the videos; it is searched with its sub folders",
        )
    if twice := [name for name, n in Counter(v.name for v in videos).items() if n > 1]:
        # Only names with bytes that are not UTF-8 can come to this: they are shown with escapes.
        raise UsageError(
            "two files have names that read the same", seen=twice[0], then="rename one"
        )
    return Listing(
        spec=spec,
        root=root,
        videos=tuple(sorted(videos, key=lambda video: video.name)),
        n_ignored=n_ignored,
        unread_columns=unread_columns,
    )
