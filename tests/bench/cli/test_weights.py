"""`prescreen weights`: what is printed and the exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import weights
from bench.cli.main import run


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any of the assets."""
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    bare = {name: replace(asset, installed="") for name, asset in weights.assets().items()}
    monkeypatch.setattr(weights, "assets", lambda: bare)
    return tmp_path


def test_ls_shows_every_asset_with_its_licence(empty: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["weights", "ls"]) == 0
    shown = capsys.readouterr().out
    for name, asset in weights.assets().items():
        assert name in shown
        assert asset.licence in shown


def test_ls_as_json(empty: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["weights", "ls", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [record["name"] for record in records] == list(weights.assets())
    assert {record["status"] for record in records} == {"absent"}
    assert records[0]["problem"].endswith("prescreen weights fetch i3d-kinetics-400")


def test_verify_fails_for_a_damaged_file(empty: Path, capsys: pytest.CaptureFixture[str]):
    asset = weights.asset("bikes")
    asset.folder.mkdir(parents=True)
    (asset.folder / asset.file_name).write_bytes(b"not the film")
    assert run(["weights", "verify", "--json"]) == 3
    statuses = {r["name"]: r["status"] for r in json.loads(capsys.readouterr().out)}
    assert statuses["bikes"] == "mismatch"
    assert statuses["bbb-film"] == "absent"


def test_verify_of_nothing_passes_unless_it_was_named(empty: Path):
    assert run(["weights", "verify"]) == 0
    assert run(["weights", "verify", "bikes"]) == 3


def test_misuse_exits_64(empty: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["weights", "fetch"]) == 64
    assert "legal: names or --all" in capsys.readouterr().err
    assert run(["weights", "fetch", "nothing"]) == 64
    assert "no asset of this name; seen: nothing" in capsys.readouterr().err
