"""prescreen calibrate --audit: what it prints, its JSON, its page, its exit codes."""

import json

import pytest

from bench.cli.main import run

WHERE = "support.planted_audits"


@pytest.mark.parametrize(("audit", "code"), [("Honest", 0), ("Wrong", 1), ("Rough", 2)])
def test_the_exit_code_is_the_verdicts(capsys, audit, code):
    assert run(["calibrate", "--audit", f"{WHERE}:{audit}"]) == code
    assert "200 simulated audits" in capsys.readouterr().out


def test_json_and_page(capsys, tmp_path):
    arguments = ["--simulations", "50", "--pages", str(tmp_path), "--json"]
    assert run(["calibrate", "-a", f"{WHERE}:Honest", *arguments]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["verdict"] == "pass"
    assert record["checks"][0]["n"] == 50
    assert (tmp_path / "honest-calibration.md").exists()


def test_ladders_and_unknown_audits_are_refused(capsys):
    assert run(["calibrate", "-a", "bias", "-m", "sharpness"]) == 64
    assert "audits have no ladders" in capsys.readouterr().err
    assert run(["calibrate", "-a", "bais"]) == 64
    assert "did you mean bias" in capsys.readouterr().err
