"""The benchmarks are found, and what they give can be printed, kept and put on a page."""

import ast
import json
import math

import pytest

from benchmarks import _report, run
from benchmarks._result import BenchmarkFailed, Result

FIELDS = {"name": "again", "limit": 50.0, "unit": "times as fast", "sense": "at least"}


def result(figure=60.0, **changes):
    return Result(**{**FIELDS, "figure": figure, "details": {"first_s": 12.345678}, **changes})


def outcome(**changes):
    fields = {
        "benchmark": "again",
        "results": (result(),),
        "failure": "",
        "seconds": 3.0,
        "load_before": 0.1,
    }
    return _report.Outcome(**{**fields, "quick": False, **changes})


def test_every_benchmark_is_listed_and_documented():
    found = run.names()
    assert {"again", "cli_start", "fvd_end_to_end", "i3d_peak"} <= set(found)
    assert {"memory", "one_pass", "resume"} <= set(found)
    for name in found:
        tree = ast.parse((run.HERE / f"{name}.py").read_text())
        assert ast.get_docstring(tree), name
        assert "run" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("figure", "sense", "ok"),
    [
        (50.0, "at least", True),
        (49.9, "at least", False),
        (50.0, "at most", True),
        (50.1, "at most", False),
        (math.nan, "at least", False),
        (math.nan, "at most", False),
    ],
)
def test_a_figure_lies_on_the_right_side_of_its_limit_or_is_missed(figure, sense, ok):
    made = result(figure, sense=sense)
    assert made.ok is ok
    assert made.line().startswith("ok" if ok else "MISSED")
    assert json.loads(json.dumps(made.record(), allow_nan=False))["ok"] is ok


def test_a_line_names_figure_and_limit():
    line = result().line()
    assert "again" in line
    assert "60 times as fast" in line
    assert "(at least 50 times as fast)" in line


def test_an_outcome_is_kept_and_becomes_a_page(tmp_path):
    _report.save(outcome(), tmp_path)
    records = _report.saved(tmp_path)
    assert records[0]["results"][0]["figure"] == 60.0
    assert records[0]["machine"]["cores"] >= 1
    page = _report.page(records)
    assert "| again | 60 times as fast | at least 50 | yes |" in page
    assert "- first_s: 12.35" in page


def test_a_quick_outcome_does_not_reach_the_page(tmp_path):
    _report.save(outcome(quick=True), tmp_path)
    assert _report.saved(tmp_path) == []


def test_a_benchmark_that_fails_says_so_everywhere(tmp_path, monkeypatch):
    def fail(setting):
        raise BenchmarkFailed("the disk went away")

    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path))
    monkeypatch.setattr(run, "load", lambda name: fail)
    failed = run.measure("again", quick=False)
    assert not failed.ok
    assert failed.lines() == ["FAILED  again: BenchmarkFailed: the disk went away"]
    _report.save(failed, tmp_path / "results")
    page = _report.page(_report.saved(tmp_path / "results"))
    assert "| again | failed |" in page
    assert "the disk went away" in page
