"""`prescreen cache`: what is shown, what is removed, and what sizes are understood."""

import json

import numpy as np
import pytest

from bench.cli.main import run
from bench.features.cache import FeatureCache

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def filled():
    cache = FeatureCache()
    for i in range(3):
        cache.put(f"{i:064x}", "flow-1-abc", {"x": np.zeros(1000)})
    cache.put("f" * 64, "clip-1-def", {"x": np.zeros(10)})
    return cache


def test_an_empty_cache(capsys):
    assert run(["cache", "ls"]) == 0
    assert "0 files, 0.0 MB" in capsys.readouterr().out
    assert run(["cache", "prune"]) == 0
    assert capsys.readouterr().out == "removed 0 files, 0.0 MB\n"


def test_files_and_bytes_are_counted_by_extractor(filled, capsys):
    assert run(["cache", "ls"]) == 0
    shown = capsys.readouterr().out
    assert "flow-1-abc  3 files" in shown
    assert "clip-1-def  1 files" in shown
    assert run(["cache", "ls", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["keys"]["flow-1-abc"]["files"] == 3
    assert record["keys"]["flow-1-abc"]["bytes"] >= 3 * 8000
    assert record["root"] == str(filled.root)


def test_prune_keeps_what_fits(filled, capsys):
    assert run(["cache", "prune", "--limit", "10KB"]) == 0
    assert "removed 2 files, 0.0 MB" in capsys.readouterr().out
    assert sum(entry.size_bytes for entry in filled.entries()) <= 10_000


def test_the_limit_comes_from_the_environment(filled, monkeypatch, capsys):
    monkeypatch.setenv("PRESCREEN_CACHE_LIMIT", "0B")
    assert run(["cache", "prune"]) == 0
    assert list(filled.entries()) == []


@pytest.mark.parametrize("size", ["", "many", "-3MB", "3 XB"])
def test_a_size_that_is_none_is_refused(capsys, size):
    assert run(["cache", "prune", "--limit", size]) == 64
    assert "a size cannot be read" in capsys.readouterr().err
