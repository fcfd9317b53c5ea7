"""Where Prescreen keeps what it fetched or worked out, and how it writes files: whole or not."""

from __future__ import annotations

import errno
import os
import uuid
from pathlib import Path

import platformdirs

from bench.errors import StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}
_THEN = "run the same command again: it goes on where it stopped"


def cache_home() -> Path:
    """The folder of weights, clips and features: `$PRESCREEN_CACHE`, else the user's cache."""
    named = os.environ.get("PRESCREEN_CACHE")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("prescreen")


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`: a reader or a crash sees the old file or the new, never a part.

    Raises:
        StorageError: when the disk refuses; the old file is untouched and nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # not mkstemp, whose files nobody else may read: a run is made to be shown
        draft = path.with_name(f".{path.name[:40]}.{uuid.uuid4().hex}.tmp")
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise storage_error(error, path) from error


def storage_error(error: OSError, path: Path) -> Exception:
    """The error to raise for a refused write: ours for a full or closed disk, else the same."""
    if error.errno in _FULL:
        then = f"free space or choose another folder, then {_THEN}"
    elif error.errno in _CLOSED:
        then = f"make the folder writable or choose another, then {_THEN}"
    elif error.errno in _NO_FOLDER:
        then = "choose another folder"
    else:
        return error
    return StorageError(f"cannot write {path}: {error.strerror}", then=then)
