import datetime
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from bench.gates.gate import gate
from bench.gates.policy import parse_policy
from bench.runs import GATE, read_json, write_json
from dashboards.catalogue import find_runs, finished

POLICY = """
name = "release"

[[line]]
coverage = "{kind}"
counted = true
max = 0.1
"""


def page():
    from dashboards.views import gate

    gate.main()


@pytest.fixture
def card(runs_root, tmp_path, monkeypatch):
    source = finished(find_runs(runs_root))[0].path
    shutil.copytree(source, tmp_path / source.name)
    monkeypatch.setenv("PRESCREEN_RUNS_ROOT", str(tmp_path))
    return find_runs(tmp_path)[0]


def opened():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def decide(card, kind):
    policy = parse_policy(POLICY.format(kind=kind))
    return gate(card.path, policy, today=datetime.date(2026, 11, 1))


def test_a_run_that_was_not_gated_says_what_to_do(card):
    app = opened()
    assert "prescreen policy init" in app.code[0].value


@pytest.mark.parametrize(("kind", "verdict"), [("error", "PASS"), ("vetoed", "FAIL")])
def test_the_verdict_and_each_line_are_shown(card, kind, verdict):
    assert decide(card, kind)["verdict"] == verdict
    app = opened()
    box = app.success if verdict == "PASS" else app.error
    assert box[0].value.startswith(verdict)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["verdict"] == verdict
    assert row["limit"] == 0.1
    assert finished(find_runs(card.path.parent))[0].gate == verdict


def test_a_run_that_changed_since_is_named(card):
    decide(card, "error")
    record = read_json(card.path / GATE)
    write_json(card.path / GATE, {**record, "journal_head": "0" * 64})
    assert any("changed since" in error.value for error in opened().error)
