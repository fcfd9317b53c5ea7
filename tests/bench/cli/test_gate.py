"""`prescreen gate`: its exit codes, its lines, its files, and that bad input never passes."""

import json

import junitparser
import numpy as np
import pytest

from bench.cli.main import run
from bench.runs import GATE, JOURNAL, MANIFEST, SUMMARY, read_json
from support.gated import certify, gated_run, policy_file

SHARP = ("sharpness", "sharpness")
TODAY = ["--today", "2026-11-24"]
LINE = 'metric = "sharpness"\nmin = {}'


@pytest.fixture
def root(private_cache, tmp_path):
    certify(private_cache, "sharpness")
    values = np.random.default_rng(0).normal(10, 1, size=(24, 1))
    return gated_run(tmp_path / "run", {SHARP: values})


def gate(root, policy, *options):
    return run(["gate", str(root), "--policy", str(policy), *TODAY, *options])


@pytest.mark.parametrize(
    ("limit", "code", "verdict"),
    [(8, 0, "PASS"), (12, 1, "FAIL"), (10.05, 2, "INCONCLUSIVE")],
)
def test_the_three_verdicts_have_their_exit_codes(root, tmp_path, capsys, limit, code, verdict):
    policy = policy_file(tmp_path / "p.toml", LINE.format(limit))
    junit = tmp_path / "out" / "gate.xml"
    assert gate(root, policy, "--junit", str(junit)) == code
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("policy        p.toml (sha256 ")
    assert out[1].startswith(f"{verdict:<12}  sharpness")
    assert out[-1].startswith(verdict)
    assert ("videos would decide" in "".join(out)) == (verdict == "INCONCLUSIVE")
    assert read_json(root / GATE)["verdict"] == verdict
    (suite,) = junitparser.JUnitXml.fromfile(str(junit))
    assert (suite.tests, suite.failures, suite.errors) == (1, code == 1, code == 2)


def test_json_is_the_record_that_is_written(root, tmp_path, capsys):
    policy = policy_file(tmp_path / "p.toml", LINE.format(8))
    assert gate(root, policy, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("run") == str(root)
    assert printed == read_json(root / GATE)
    assert printed["today"] == "2026-11-24"
    assert printed["policy"]["text"] == policy.read_text()


def broken(root, how):
    if how == "scores":
        with (root / "5-scores.parquet").open("ab") as file:
            file.write(b" ")
    elif how == "summary":
        text = (root / SUMMARY).read_text().replace('"value": ', '"value": 1', 1)
        (root / SUMMARY).write_text(text)
    elif how == "manifest":
        held = json.loads((root / MANIFEST).read_text())
        (root / MANIFEST).write_text(
            json.dumps({**held, "request": {**held["request"], "seed": 1}})
        )
    elif how == "chain":
        lines = (root / JOURNAL).read_bytes().splitlines(keepends=True)
        (root / JOURNAL).write_bytes(b"".join(lines[:1] + lines[2:]))
    else:
        lines = (root / JOURNAL).read_bytes().splitlines(keepends=True)
        (root / JOURNAL).write_bytes(b"".join(lines[:-1]))


@pytest.mark.parametrize(
    ("how", "code", "message"),
    [
        ("scores", 3, "5-scores.parquet of the run"),
        ("summary", 3, "summary.json of the run"),
        ("manifest", 3, "manifest.json of the run"),
        ("chain", 3, "chain breaks at line 2"),
        ("half", 64, "is not finished"),
    ],
)
def test_a_run_that_is_not_whole_never_passes(root, tmp_path, capsys, how, code, message):
    policy = policy_file(tmp_path / "p.toml", LINE.format(8))
    assert gate(root, policy) == 0
    broken(root, how)
    capsys.readouterr()
    junit = tmp_path / "gate.xml"
    assert gate(root, policy, "--junit", str(junit)) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (root / GATE).exists(), "an earlier PASS does not stay"
    (suite,) = junitparser.JUnitXml.fromfile(str(junit))
    assert suite.errors == 1


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (LINE.format(8).replace("sharpness", "sharpnes"), 64, "did you mean sharpness.sharpness?"),
        (LINE.format(8) + '\ncolumn = "x"', 64, "no such number; "),
        (LINE.format(-3), 64, "no number of sharpness.sharpness can be -3"),
        ('metric = "sharpness"\nlimit = 8', 64, "a limit without direction; seen: limit"),
        ('metric = "sharpness"\nagainst = "baseline"\nmax_drop = 1', 64, "no baseline is given"),
        ('metric = "sharpness"\nagainst = "real"\nmax_drop = 1', 64, "real videos has no number"),
        ('finding = "bias.x"\nmax = 1', 64, "has no such finding; seen: bias.x"),
    ],
)
def test_a_policy_that_does_not_fit_the_run_is_named(root, tmp_path, capsys, line, code, message):
    assert gate(root, policy_file(tmp_path / "p.toml", line)) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_what_is_no_run_or_no_day_is_refused(root, tmp_path, capsys):
    policy = policy_file(tmp_path / "p.toml", LINE.format(8))
    assert gate(tmp_path, policy) == 64
    assert "is not a finished run folder" in capsys.readouterr().err
    assert gate(root, policy, "--today", "soon") == 64
    assert "this is no date; seen: soon" in capsys.readouterr().err
    assert gate(root, tmp_path / "none.toml") == 64


def test_an_expired_waiver_fails_and_a_valid_one_is_printed(root, tmp_path, capsys):
    waiver = (
        '[[waiver]]\nline = "sharpness"\nwaives = "verdict"\nowner = "A. Person"\n'
        'reason = "known"\nexpires = 2026-11-24'
    )
    policy = policy_file(tmp_path / "p.toml", LINE.format(12), 'coverage = "ok"\nmin = 0.5',
                         waiver=waiver)  # fmt: skip
    assert gate(root, policy) == 0
    out = capsys.readouterr().out
    assert "waiver        sharpness (verdict) by A. Person until 2026-11-24: known" in out
    assert "set aside by A. Person" in out
    assert gate(root, policy, "--today", "2026-11-25") == 1
    assert "EXPIRED 2026-11-24" in capsys.readouterr().out
