"""The feature cache: one small file per (video, extractor key), shared by all runs.

Files are safetensors named by the video's sha256 below a folder named by the extractor's key,
written atomically, so that any number of processes may write at once: they write the same bytes.
Each file carries a digest of its arrays; a file that does not match is thrown away and made
again. Reading touches a file's time stamp, and pruning removes the files that were not read for
the longest time.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.errors import UsageError
from bench.home import cache_home, write_atomic
from bench.types import Arrays

DEFAULT_LIMIT = "5GB"
DRAFT_S = 24 * 3600.0
"""So old is a file that no living process is still writing."""
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "B": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cached file: extractor key, video, size, and when it was last read (Unix seconds)."""

    key: str
    sha256: str
    path: Path
    size_bytes: int
    used_s: float


def parse_size(text: str) -> int:
    """A size such as `500MB` or `5GB` in bytes."""
    upper = text.strip().upper()
    for unit, factor in _UNITS.items():
        if upper.endswith(unit):
            try:
                size = float(upper.removesuffix(unit)) * factor
            except ValueError:
                break
            if size >= 0:
                return int(size)
            break
    raise UsageError("a size cannot be read", seen=text, legal="a number with B, KB, MB, GB or TB")


def arrays_digest(arrays: Arrays) -> str:
    """Hash of names, types, shapes and bytes of the arrays: equal arrays, equal digest."""
    hasher = hashlib.blake2b(digest_size=16)
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        hasher.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        hasher.update(array.tobytes())
    return hasher.hexdigest()


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Write arrays as safetensors with their digest in the header; equal arrays, equal bytes."""
    from safetensors.numpy import save

    # order="C": ascontiguousarray would turn a scalar into a vector
    plain = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    write_atomic(path, save(plain, metadata={"digest": arrays_digest(plain)}))


def load_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays in a file, or None when it is not there or does not match its digest."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            digest = (file.metadata() or {}).get("digest")
    except (FileNotFoundError, SafetensorError):
        return None
    return arrays if digest == arrays_digest(arrays) else None


class FeatureCache:
    """The cache below `root` (default: the user's cache folder), kept under `limit_bytes`."""

    def __init__(self, root: Path | None = None, limit_bytes: int | None = None) -> None:
        self.root = root or cache_home() / "features"
        named = os.environ.get("PRESCREEN_CACHE_LIMIT", DEFAULT_LIMIT)
        self.limit_bytes = parse_size(named) if limit_bytes is None else limit_bytes

    def path(self, sha256: str, key: str) -> Path:
        """Where the features of a video lie, whether or not they are there."""
        return self.root / key / sha256[:2] / f"{sha256}.safetensors"

    def get(self, sha256: str, key: str) -> dict[str, np.ndarray] | None:
        """The features of a video, or None. A damaged file is removed and counts as absent."""
        path = self.path(sha256, key)
        arrays = load_arrays(path)
        if arrays is None:
            path.unlink(missing_ok=True)
            return None
        # a pruner may have removed the file meanwhile, or the cache may be read-only: what was
        # read is whole
        with suppress(OSError):
            os.utime(path)
        return arrays

    def put(self, sha256: str, key: str, arrays: Arrays) -> None:
        """Keep the features of a video."""
        save_arrays(self.path(sha256, key), arrays)

    def entries(self) -> Iterator[Entry]:
        """Every file in the cache."""
        for path in sorted(self.root.glob("*/*/*.safetensors")):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue  # another process pruned it since the listing
            yield Entry(
                key=path.parts[-3],
                sha256=path.stem,
                path=path,
                size_bytes=stat.st_size,
                used_s=stat.st_mtime,
            )

    def prune(self, limit_bytes: int | None = None) -> list[Entry]:
        """Remove the longest unread files until the rest fit; returns what was removed."""
        from filelock import FileLock

        limit = self.limit_bytes if limit_bytes is None else limit_bytes
        self.root.mkdir(parents=True, exist_ok=True)
        removed = []
        with FileLock(self.root / ".prune.lock"):
            self._remove_drafts()
            entries = sorted(self.entries(), key=lambda entry: (entry.used_s, entry.path))
            excess = sum(entry.size_bytes for entry in entries) - limit
            for entry in entries:
                if excess <= 0:
                    break
                entry.path.unlink(missing_ok=True)
                excess -= entry.size_bytes
                removed.append(entry)
        return removed

    def _remove_drafts(self) -> None:
        """Remove what processes were writing when they were killed, a day ago or longer."""
        for draft in self.root.glob("*/*/.*.tmp"):
            with suppress(FileNotFoundError):
                if time.time() - draft.stat().st_mtime > DRAFT_S:
                    draft.unlink()
