"""`prescreen suites lint`: what is printed, as lines and as JSON, and the exit codes."""

import json

import pytest

from bench.cli.main import run

GOOD = [
    {"id": "ball", "text": "a red ball rolls", "category": "motion", "lang": "en"},
    {"id": "cat", "text": "a cat sits on a chair", "category": "motion", "lang": "en"},
]


def suite(tmp_path, rows, name="mine.jsonl"):
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_a_sound_suite(tmp_path, capsys):
    assert run(["suites", "lint", suite(tmp_path, GOOD), "--strict"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mine.jsonl: 2 prompts, 0 errors, 0 warnings"
    assert lines[1].startswith("sha256 ")


def test_errors_fail_and_warnings_only_when_strict(tmp_path, capsys):
    warned = suite(tmp_path, [*GOOD, {"id": "Dog", "text": "a dog", "category": "motion"}])
    assert run(["suites", "lint", warned]) == 0
    assert run(["suites", "lint", warned, "--strict"]) == 1
    wrong = suite(tmp_path, [*GOOD, {**GOOD[0], "id": "twin"}])
    capsys.readouterr()
    assert run(["suites", "lint", wrong]) == 1
    assert "duplicate          twin  the same text as ball" in capsys.readouterr().out


def test_json_holds_every_problem(tmp_path, capsys):
    many = [{"id": f"P{i}", "text": f"text number {i} of {i * i}"} for i in range(30)]
    path = suite(tmp_path, many)
    assert run(["suites", "lint", path, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["n_prompts"] == 30
    assert record["n_warnings"] == len(record["problems"])
    assert run(["suites", "lint", path]) == 0
    assert "... and 20 more; --json lists all" in capsys.readouterr().out


def test_ids_cannot_steer_the_terminal(tmp_path, capsys):
    path = suite(tmp_path, [{"id": "a\x1b[2J", "text": "x\x07y"}])
    assert run(["suites", "lint", path]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.jsonl", "{", "line 1: bad JSON"),
        ("a.jsonl", '{"id": "a"}', "no text of a prompt"),
        ("a.csv", "id,texd\na,b\n", "a column that prompts do not have"),
        ("a.txt", "", "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_exits_64(tmp_path, capsys, name, text, message):
    (tmp_path / name).write_text(text)
    assert run(["suites", "lint", str(tmp_path / name)]) == 64
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_an_unknown_suite_exits_64(capsys):
    assert run(["suites", "lint", "nothing"]) == 64
    assert "no suite of this name" in capsys.readouterr().err
