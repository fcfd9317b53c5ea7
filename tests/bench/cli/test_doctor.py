"""`prescreen doctor`: what is missing for what, and when it says that nothing can run."""

import json
from dataclasses import replace

import pytest

from bench import plan, weights
from bench.cli.main import run


@pytest.fixture
def bare(private_cache, monkeypatch, tmp_path):
    """A machine with packages and no weights."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    assets = {name: replace(asset, installed="") for name, asset in weights.assets().items()}
    monkeypatch.setattr(weights, "assets", lambda: assets)
    return private_cache


def findings(capsys):
    return {record["name"]: record for record in json.loads(capsys.readouterr().out)}


def test_missing_weights_are_no_failure_and_name_their_command(bare, capsys):
    assert run(["doctor", "--json"]) == 0
    held = findings(capsys)
    assert held["numpy"]["level"] == "ok"
    assert held["cache"]["level"] == "ok"
    for name, asset in weights.assets().items():
        assert held[name]["level"] == "missing"
        assert asset.purpose in held[name]["detail"]
        assert f"prescreen weights fetch {name}" in held[name]["detail"]
    assert list(bare.iterdir()) == []


def test_the_lines_for_people(bare, capsys):
    assert run(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok       cores") for line in lines)
    assert any(line.startswith("missing  clip-vit-b-32") for line in lines)


def test_a_missing_package_is_bad_unless_it_is_optional(bare, capsys, monkeypatch):
    versions = {"av": "not installed", "transformers": "not installed", "numpy": "2"}
    monkeypatch.setattr(plan, "environment", lambda: versions)
    assert run(["doctor", "--json"]) == 3
    held = findings(capsys)
    assert held["av"]["level"] == "bad"
    assert "pip install prescreen" in held["av"]["detail"]
    assert held["transformers"]["level"] == "missing"


def test_a_cache_that_cannot_be_written_is_bad(bare, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "file" / "cache"))
    assert run(["doctor", "--json"]) == 3
    assert findings(capsys)["cache"]["level"] == "bad"


def test_little_room_is_said(bare, capsys, monkeypatch):
    monkeypatch.setattr("bench.cli.doctor.FREE_BYTES", 10**18)
    assert run(["doctor", "--json"]) == 0
    assert findings(capsys)["cache"]["level"] == "missing"
