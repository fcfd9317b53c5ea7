"""`prescreen verify`: what is checked, the exit codes, and folders that are no run."""

import json

import pytest

from bench.cli.main import run
from bench.runs import GENERATION, JOURNAL, MANIFEST, REPORT, SOURCES, SUMMARY
from support.folders import make_folder

pytestmark = pytest.mark.usefixtures("private_cache")


@pytest.fixture
def finished(tmp_path, capsys):
    videos = make_folder(tmp_path / "videos", 2)
    arguments = ["score", str(videos), "-m", "temporal_flicker", "--resamples", "200"]
    assert run([*arguments, "--run", str(tmp_path / "run"), "--workers", "1"]) == 0
    capsys.readouterr()
    return tmp_path / "run"


def checks(path, capsys, code):
    assert run(["verify", str(path), "--json"]) == code
    record = json.loads(capsys.readouterr().out)
    assert record["ok"] == (code == 0)
    return {check["name"]: (check["ok"], check["detail"]) for check in record["checks"]}


def test_a_sound_run(finished, capsys):
    held = checks(finished, capsys, 0)
    assert held["numbers"] == (True, "computed again: the same bytes")
    assert held["4-features"] == (True, "2 videos as journalled")
    assert held["videos"] == (True, "2 have their hash")
    assert run(["verify", str(finished)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(held)
    assert all(line.startswith("ok   ") for line in lines)


def test_a_run_is_verified_without_its_videos(finished, tmp_path, capsys):
    for path in (tmp_path / "videos").iterdir():
        path.unlink()
    assert checks(finished, capsys, 0)["videos"] == (
        True,
        "0 have their hash, 2 are no longer there",
    )


def test_a_run_may_be_moved(finished, tmp_path, capsys):
    finished.rename(tmp_path / "elsewhere")
    checks(tmp_path / "elsewhere", capsys, 0)


def test_a_video_changed_since_is_named(finished, tmp_path, capsys):
    (tmp_path / "videos" / "clip01.mp4").write_bytes(b"other")
    ok, detail = checks(finished, capsys, 1)["videos"]
    assert (ok, detail) == (False, "changed since they were scored: clip01.mp4")


@pytest.mark.parametrize("name", [GENERATION, SUMMARY, REPORT, MANIFEST])
def test_a_changed_file_is_named(finished, capsys, name):
    path = finished / name
    path.write_bytes(path.read_bytes().replace(b"0", b"1"))
    ok, detail = checks(finished, capsys, 1)[name]
    assert not ok
    assert "was changed" in detail
    assert run(["verify", str(finished)]) == 1
    assert f"BAD  {name}: was changed" in capsys.readouterr().out


def test_a_removed_feature_is_named(finished, capsys):
    feature = sorted(finished.glob("4-features/*/flow*.safetensors"))[0]
    feature.unlink()
    ok, detail = checks(finished, capsys, 1)["4-features"]
    assert not ok
    assert detail.startswith(f"changed: {feature.parent.name[:12]}/flow")


def test_numbers_that_another_code_made_say_so(finished, capsys, monkeypatch):
    from bench import verification

    monkeypatch.setattr(verification, "_differ", lambda a, b: a.name == SUMMARY)
    real = verification.environment()
    monkeypatch.setattr(verification, "environment", lambda: {**real, "numpy": "9.9"})
    _, detail = checks(finished, capsys, 1)["numbers"]
    assert detail == (
        f"differ: summary.json; the environment changed too: numpy {real['numpy']} -> 9.9"
    )


def test_a_broken_chain_and_an_unfinished_run_are_told(finished, capsys):
    journal = finished / JOURNAL
    whole = journal.read_bytes()
    journal.write_bytes(whole.replace(b'"plan"', b'"plaN"'))
    assert "chain breaks at line 1" in checks(finished, capsys, 1)["journal"][1]
    journal.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert "the run is not finished" in checks(finished, capsys, 1)["journal"][1]


def test_a_damaged_list_of_sources_is_one_line(finished, capsys):
    (finished / SOURCES).write_bytes(b"{")
    assert run(["verify", str(finished)]) == 3
    assert "is not JSON" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["none", "videos"])
def test_what_is_no_run_exits_64(tmp_path, capsys, name):
    (tmp_path / "videos").mkdir()
    assert run(["verify", str(tmp_path / name)]) == 64
    captured = capsys.readouterr().err
    assert "is not a finished run folder: it has no manifest.json" in captured
    assert captured.count("\n") == 1
