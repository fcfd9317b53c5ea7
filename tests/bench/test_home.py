"""Atomic writes: the old file or the new, and one clear line when the disk refuses."""

import errno
import os
import subprocess
import sys
import textwrap

import pytest

from bench.errors import StorageError
from bench.home import cache_home, storage_error, write_atomic


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path))
    assert cache_home() == tmp_path
    monkeypatch.delenv("PRESCREEN_CACHE")
    assert cache_home().name == "prescreen"


def test_others_may_read_what_was_written(tmp_path):
    mask = os.umask(0o022)
    try:
        write_atomic(tmp_path / "file", b"x")
    finally:
        os.umask(mask)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("place", ["file/below", "n" * 300])
def test_a_place_that_cannot_be_is_refused(tmp_path, place):
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(StorageError, match="choose another folder"):
        write_atomic(tmp_path / place, b"x")


def test_an_error_of_another_kind_stays_what_it_is(tmp_path):
    error = OSError(errno.EIO, "broken")
    assert storage_error(error, tmp_path) is error


def test_a_write_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "deep" / "file.json"
    write_atomic(path, b"one")
    write_atomic(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_refused_write_keeps_the_old_file(monkeypatch, tmp_path, code):
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def refuse(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageError, match=r"choose another.*then run the same command again"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_write_that_the_system_really_refuses(tmp_path):
    # a file-size limit makes the kernel itself refuse, as a full disk does
    code = f"""
        import resource
        from pathlib import Path
        from bench.errors import StorageError
        from bench.home import write_atomic
        path = Path({str(tmp_path / "file")!r})
        write_atomic(path, b"old")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_atomic(path, b"x" * 5000)
        except StorageError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert "File too large" in done.stdout
    assert (tmp_path / "file").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
