"""`prescreen ls`: what is listed, without an import, and the words it takes."""

import json

import pytest

from bench import registry
from bench.cli.main import run


def test_kinds_are_counted(capsys):
    assert run(["ls"]) == 0
    lines = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert lines["metrics"] == str(len(registry.names("metric")))
    assert set(lines) == {f"{kind}s" for kind in registry.kinds()}


@pytest.mark.parametrize("word", ["metric", "metrics", "METRICS"])
def test_a_kind_is_listed_with_its_first_lines(capsys, word):
    assert run(["ls", word]) == 0
    shown = capsys.readouterr().out
    for name in registry.names("metric"):
        assert f"{name} " in shown
        assert registry.summary("metric", name) in shown


def test_the_list_as_json(capsys):
    assert run(["ls", "commands", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert [record["name"] for record in records] == registry.names("command")
    assert run(["ls", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["commands"] == len(records)


def pretend(monkeypatch, kind, names):
    real = registry.names
    monkeypatch.setattr(registry, "names", lambda k: names if k == kind else real(k))


def test_a_kind_with_nothing_installed_says_so(capsys, monkeypatch):
    pretend(monkeypatch, "audit", [])
    assert run(["ls", "audits"]) == 0
    assert capsys.readouterr().out == "no audits installed\n"


def test_an_unknown_kind_names_the_nearest(capsys):
    assert run(["ls", "metriks"]) == 64
    assert "did you mean metrics?" in capsys.readouterr().err


def test_names_of_foreign_plug_ins_cannot_steer_the_terminal(capsys, monkeypatch):
    pretend(monkeypatch, "metric", ["evil\x1b[2J"])
    assert run(["ls", "metrics"]) == 0
    assert "\x1b" not in capsys.readouterr().out
