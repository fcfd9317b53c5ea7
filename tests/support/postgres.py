"""A PostgreSQL server of Debian's package, started for tests in a folder of its own."""

import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name):
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    return shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))


@contextmanager
def postgres(folder):
    """The address of an empty database; skipped by name where there is no server, never in CI."""
    if _program("initdb") is None or _program("postgres") is None:
        reason = "PostgreSQL is not installed; next: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    data, socket_folder = folder / "data", folder
    # the server refuses to run as root: Debian's package makes a user for it
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        for path in (folder, *folder.parents):
            if path.owner() == "root" and path != Path("/") and str(path) != "/tmp":
                path.chmod(path.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    user = ["-U", "reviewer", "--auth=trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*as_user, _program("initdb"), "-D", str(data), *user], cwd="/", **quiet)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {socket_folder}"
    control = [*as_user, _program("pg_ctl"), "-D", str(data), "-w"]
    subprocess.run([*control, "-o", options, "-l", str(folder / "log"), "start"], cwd="/", **quiet)
    try:
        yield f"postgresql+psycopg://reviewer@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd="/", **quiet)
