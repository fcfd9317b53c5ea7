"""`prescreen plan`: each question has an answer in words and as JSON; bad ones exit 64."""

import json

import numpy as np
import pytest

from bench.cli.main import run
from support.comparable import fake_run


def asked(capsys, *arguments):
    assert run(["plan", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "n"),
    [
        (["--gap", "0.1"], 388),
        (["--gap", "0.1", "--groups", "1"], 194),
        (["--gap", "0.05", "--base", "0.05", "--comparisons", "20"], 828),
        (["--w", "0.3", "--df", "5"], 143),
        (["--shares", "0.6,0.4"], 197),
        (["--shares", "0.6,0.4", "--target", "0.5,0.5"], 197),
        (["--effect", "0.5"], 34),
    ],
)
def test_each_question_has_its_published_size(capsys, arguments, n):
    assert asked(capsys, *arguments)["n_independent"] == n
    assert run(["plan", *arguments]) == 0
    assert f"{n} independent videos a group" in capsys.readouterr().out


def test_costs_are_said(capsys):
    line = ["plan", "--gap", "0.1", "--seeds", "4", "--icc", "0.3", "--se", "0.9", "--sp", "0.95"]
    assert run(line) == 0
    out = capsys.readouterr().out
    assert "design effect 1.9" in out
    assert "a gap of 0.085" in out
    assert "258 prompts x 4 = 1032 videos a group, 2064 in all" in out


def test_a_run_tells_what_it_can_show(capsys, tmp_path):
    values = np.random.default_rng(0).normal(size=(12, 3))
    root = str(fake_run(tmp_path / "run", {"m": values}, seeds=(0, 1, 2)))
    (found,) = asked(capsys, "--run", root)["numbers"]
    assert found["against_limit"] > 0
    assert run(["plan", "--run", root]) == 0
    out = capsys.readouterr().out
    assert "m.x: " in out
    assert "standard error with prompts x seeds of 12 x 3: " in out


@pytest.mark.usefixtures("private_cache")
def test_a_suite_and_a_model_tell_hours_and_disk(capsys):
    line = ["plan", "--suite", "smoke", "--model", "constant", "-m", "sharpness", "--seeds", "2"]
    assert run(line) == 0
    out = capsys.readouterr().out
    assert out.startswith("24 videos: ")
    assert "measured now: a pilot of 3 videos" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "ask one question at a time; seen: none"),
        (["--gap", "0.1", "--effect", "1"], "ask one question at a time; seen: --gap, --effect"),
        (["--gap", "0"], "a difference that is not there"),
        (["--gap", "x"], "not a valid float"),
        (["--shares", "a,b"], "--shares is no list of shares; seen: a,b"),
        (["--shares", "0.5,0.5", "--target", "1"], "shares and target do not fit"),
        (["--suite", "smoke"], "no model was named"),
        (["--run", "nowhere"], "is not a finished run folder"),
        (["--gap", "0.1", "--icc", "2"], "the icc is no share"),
    ],
)
def test_questions_without_sense_exit_64_in_one_line(capsys, arguments, message):
    assert run(["plan", *arguments]) == 64
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
