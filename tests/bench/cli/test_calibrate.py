"""prescreen calibrate: what it prints, its JSON, its exit codes, its errors."""

import json

import pytest

from bench.calibration import clips
from bench.cli.main import run

SEES, RANDOM = (f"support.planted_metrics:{name}" for name in ("SeesBlur", "Random"))
LADDERS = ["--ladder", "gaussian_blur", "--ladder", "reverse"]


@pytest.fixture
def out(monkeypatch, tmp_path):
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "cache"))
    for name, value in {"HEIGHT_PX": 16, "WIDTH_PX": 24, "N_FRAMES": 4}.items():
        monkeypatch.setattr(clips, name, value)
    return tmp_path / "certificates"


def calibrate(out, *arguments):
    clips = [] if "--clips" in arguments else ["--clips", "phantom"]
    return run(["calibrate", "--out", str(out), *clips, *arguments])


def test_a_metric_that_shows_what_it_declares_exits_0(out, capsys, tmp_path):
    pages = tmp_path / "pages"
    assert calibrate(out, "-m", SEES, *LADDERS, "--pages", str(pages)) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"pass        {SEES}\n")
    assert "value gaussian_blur (phantom)" in printed
    assert f"certificates in {out}" in printed
    assert len(list(out.iterdir())) == 1
    assert {p.suffix for p in pages.iterdir()} == {".md", ".png"}


def test_one_that_does_not_exits_1_and_json_holds_it_all(out, capsys):
    assert calibrate(out, "-m", RANDOM, "-l", "gaussian_blur", "--json") == 1
    record = json.loads(capsys.readouterr().out)
    (made,) = record["certificates"]
    assert made["verdict"] == "fail"
    assert made["rows"][0]["ladder"] == "gaussian_blur"
    assert record["folder"] == str(out)


def test_too_few_clips_exit_2(out, capsys):
    assert calibrate(out, "-m", SEES, *LADDERS, "--n", "3") == 2
    assert "3 clips have a value at every strength; 16 are needed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["-m", "sharpnes"], "no metric of this name; did you mean sharpness?"),
        (["-m", SEES, "-l", "blur"], "no such ladder of damage; seen: blur; legal: gaussian_blur"),
        (["-m", SEES, "--clips", "nowhere"], "no such clips; seen: nowhere; legal: phantom, real"),
        (["-m", SEES, "--n", "1"], "too few clips to compare; seen: 1"),
        (["--strength", "3"], "No such option"),
    ],
)
def test_a_wrong_command_exits_64_with_one_line(out, capsys, arguments, line):
    assert calibrate(out, *arguments) == 64
    printed = capsys.readouterr().err
    assert line in printed
    assert printed.count("\n") == 1


def test_weights_that_are_not_here_exit_3(out, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert calibrate(out, "-m", "frame_consistency") == 3
    assert "prescreen weights fetch clip-vit-b-32" in capsys.readouterr().err
