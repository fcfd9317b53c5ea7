"""`prescreen audit`: what is printed, the exit codes, and the line of each wrong state."""

import json

import pytest

from bench.cli.main import run
from support.audits import BRIGHTNESS
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def finished(tmp_path, capsys):
    videos = make_folder(tmp_path / "videos", 2)
    arguments = ["score", str(videos), "-m", "temporal_flicker", "--resamples", "200"]
    assert run([*arguments, "--run", str(tmp_path / "run"), "--workers", "1"]) == 0
    capsys.readouterr()
    return tmp_path / "run"


def test_the_findings_are_printed_and_verified(finished, capsys):
    assert run(["audit", BRIGHTNESS, str(finished), "--opt", "limit=10"]) == 0
    printed = capsys.readouterr().out
    assert "bright" in printed
    assert "1 [0, 1]" in printed
    assert "2 of 2" in printed
    assert f"audit   {finished}/6-audits/brightness\n" in printed
    assert run(["audit", BRIGHTNESS, str(finished), "--opt", "limit=10"]) == 0
    assert "(unchanged, not asked again)" in capsys.readouterr().out
    assert run(["verify", str(finished)]) == 0
    assert "ok   6-audits/brightness: the chain holds" in capsys.readouterr().out


def test_json_holds_the_findings_as_they_are_kept(finished, capsys):
    assert run(["audit", BRIGHTNESS, str(finished), "--json", "--confidence", "0.9"]) == 0
    record = json.loads(capsys.readouterr().out)
    (kept,) = (finished / "6-findings.jsonl").read_text().splitlines()
    assert record["findings"] == [json.loads(kept)]
    assert record["findings"][0]["interval"]["confidence"] == 0.9


def test_trials_that_ended_in_errors_exit_4(tmp_path, capsys):
    videos = make_folder(tmp_path / "videos", 1)
    (videos / "broken.mp4").write_bytes(b"no video")
    arguments = ["score", str(videos), "-m", "temporal_flicker", "--resamples", "200"]
    run([*arguments, "--run", str(tmp_path / "run"), "--workers", "1"])
    assert run(["audit", BRIGHTNESS, str(tmp_path / "run")]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["filterz"], "no audit of this name"),
        ([BRIGHTNESS, "--opt", "limit"], "an option is not KEY=VALUE"),
        ([BRIGHTNESS, "--opt", "limit=1", "--opt", "limit=2"], "given twice"),
        ([BRIGHTNESS, "--i-attest-synthetic"], "refuses its options"),
    ],
)
def test_a_wrong_command_is_one_line(finished, capsys, arguments, message):
    assert run(["audit", arguments[0], str(finished), *arguments[1:]]) == 64
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
