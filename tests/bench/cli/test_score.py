"""`prescreen score` on bad input: what is printed, what is counted, and the exit codes."""

import json
import os
import resource
import subprocess
import sys

import pytest

from bench import weights
from bench.cli.main import run
from bench.runs import JOURNAL, SUMMARY, Run, read_json
from bench.verification import verify
from bench.videos.write import write_master
from support.clips import moving
from support.folders import make_folder, run_bytes

pytestmark = pytest.mark.usefixtures("private_cache")

PRESCREEN = [sys.executable, "-c", "from bench.cli.main import main; main()"]
QUICK = ["-m", "warping_error", "--resamples", "200", "--workers", "1"]


@pytest.fixture
def videos(tmp_path):
    return make_folder(tmp_path / "videos", 3)


def score(tmp_path, *arguments):
    return run(
        ["score", str(tmp_path / "videos"), *QUICK, "--run", str(tmp_path / "run"), *arguments]
    )


def rows(captured):
    """The printed table by metric column."""
    lines = [line for line in captured.splitlines() if "n=" in line]
    return {line.split()[0]: line for line in lines}


def test_the_table_says_what_was_scored_and_where_it_is(videos, tmp_path, capsys):
    assert score(tmp_path) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0] == "candidate: 3 videos"
    assert lines[1].split("  ")[0] == "metric"
    assert "95 % interval" in lines[1]
    assert rows(captured.out)["warping_error.warping_error"].endswith("n=3")
    assert lines[-2:] == [f"run     {tmp_path}/run", f"report  {tmp_path}/run/7-report/index.html"]
    assert captured.err == "reading videos: 3 of 3\n"
    assert score(tmp_path) == 0
    assert "(unchanged, not computed again)" in capsys.readouterr().out


def test_json_is_one_object_and_nothing_else(videos, tmp_path, capsys):
    assert score(tmp_path, "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    record = json.loads(captured.out)
    assert record["run"] == f"{tmp_path}/run"
    assert record["remarks"] == ["candidate: 3 videos"]
    assert record["problems"] == []
    assert [h["n"] for h in record["headlines"]] == [3] * len(record["headlines"])


def test_odd_names_and_broken_files_cost_only_themselves(videos, tmp_path, capsys):
    for name in ("-rf.mp4", "line\nbreak \x1b[31m.mp4", "кино \u202e✓.mp4", "a..b ;$(x)'\".mp4"):
        write_master(videos / name, iter(moving(6, 32, 48, seed=len(name))), 24)
    (videos / "broken.mp4").write_bytes(b"not a video")
    (videos / "empty.mp4").write_bytes(b"")
    (videos / "out.mp4").symlink_to("/etc/hostname")
    (videos / "clip00.mp4").rename(videos / "one.mp4")
    write_master(videos / "short.mp4", iter(moving(1, 32, 48)), 24)
    assert score(tmp_path) == 4
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert rows(out)["warping_error.warping_error"].endswith("n=7, 4 error")
    errors = [line for line in out.splitlines() if line.startswith("error ")]
    assert [line.split(":")[0].split()[1] for line in errors] == [
        "broken.mp4",
        "empty.mp4",
        "out.mp4",
        "short.mp4",
    ]
    assert "symbolic link leaves the folder" in errors[2]
    assert "[warping_error.warping_error, warping_error.occluded]" in errors[3]
    assert "candidate  8 ok, 3 error" in out
    assert all(check.ok for check in verify(tmp_path / "run"))


def test_the_ledger_of_prompts_is_printed(videos, tmp_path, capsys):
    write_master(videos / "spare.mp4", iter(moving(6, 32, 48, seed=9)), 24)
    (videos / "deep").mkdir()
    os.link(videos / "clip02.mp4", videos / "deep" / "clip02.mp4")
    prompts = tmp_path / "p.jsonl"
    texts = [{"id": f"clip0{i}", "text": f"a texture {i}"} for i in (0, 1, 2, 7)]
    prompts.write_text("".join(json.dumps(text) + "\n" for text in texts))
    assert score(tmp_path, "--prompts", str(prompts)) == 4
    out = capsys.readouterr().out
    assert "prompts: 2 of 4 prompts have videos, 2 missing, 1 video without a prompt, " in out
    assert "2 ambiguous videos (clip02.mp4: deep/clip02.mp4 too answers clip02 with no seed)" in out
    assert "missing   prompt clip07: no video answers this prompt" in out
    assert "no prompt spare.mp4: its name is neither the id nor the text of a prompt" in out
    assert "no prompt deep/clip02.mp4: clip02.mp4 too answers clip02 with no seed" in out
    assert "candidate: 1 videos have the bytes of another one" in out


def test_what_is_no_number_is_an_error_and_never_a_value(videos, tmp_path, capsys):
    write_master(videos / "odd.mp4", iter(moving(5, 32, 48)), 24)
    bad = [f"support.bad_metrics:{name}" for name in ("Nan", "Infinite", "Raising", "Forgetful")]
    assert score(tmp_path, *(x for spec in bad for x in ("-m", spec))) == 4
    out = capsys.readouterr().out
    assert "n=1, 3 error" in rows(out)["nan.x"]
    for name in ("infinite", "raising", "forgetful"):
        assert "n=0, 4 error" in rows(out)[f"{name}.x"]
        assert " – " in rows(out)[f"{name}.x"]
    assert "clip00.mp4 [nan.x]: the metric gave nan and no reason" in out
    assert "[raising.x]: the metric failed with ZeroDivisionError" in out
    assert json.loads((tmp_path / "run" / SUMMARY).read_text())["headlines"]
    assert all(check.ok for check in verify(tmp_path / "run"))


def test_an_extractor_that_fails_costs_the_metrics_that_need_it(videos, tmp_path, capsys):
    write_master(videos / "five.mp4", iter(moving(5, 32, 48)), 24)
    metric = "support.bad_metrics:OnFailing"
    assert score(tmp_path, "-m", metric) == 4
    out = capsys.readouterr().out
    assert "[on_failing.x]: the extractor failed with RuntimeError: no idea\\nwhat to do" in out
    heads = json.loads((tmp_path / "run" / SUMMARY).read_text())["headlines"]
    assert {h["metric"]: h["n"] for h in heads if h["metric"] != "degenerate"} == {
        "on_failing": 3,
        "warping_error": 4,
    }


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HOME", raising=False)


@pytest.mark.usefixtures("no_weights")
def test_without_the_hub_a_metric_named_is_unavailable_with_the_command(videos, tmp_path, capsys):
    assert score(tmp_path, "-m", "frame_consistency") == 4
    captured = capsys.readouterr()
    assert "not computed  frame_consistency: " in captured.out
    assert "next: prescreen weights fetch clip-vit-b-32" in captured.out
    assert "frame_consistency." not in captured.out
    assert "Traceback" not in captured.err


@pytest.mark.usefixtures("no_weights")
def test_when_nothing_can_be_computed_nothing_is_read(videos, tmp_path, capsys):
    arguments = ["score", str(videos), "--run", str(tmp_path / "run"), "-m", "frame_consistency"]
    assert run(arguments) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none of the metrics can be computed; frame_consistency: " in captured.err
    assert "prescreen weights fetch clip-vit-b-32" in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_weights_that_are_not_the_pinned_ones_are_not_used(videos, tmp_path, capsys, monkeypatch):
    name = "i3d-kinetics-400"
    asset = weights.asset(name)
    monkeypatch.setattr(weights.importlib.util, "find_spec", lambda module: None)
    asset.folder.mkdir(parents=True)
    (asset.folder / asset.file_name).write_bytes(b"other weights")
    assert score(tmp_path, "-m", "fvd", "--reference", str(videos)) == 4
    out = capsys.readouterr().out
    assert f"not computed  fvd: the file of {name} is not the pinned one" in out
    assert f"next: prescreen weights fetch {name}" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "there are no videos of this name; seen: none"),
        (["empty"], "there are no videos here"),
        (["videos", "--reference", "none"], "there are no videos of this name"),
        (["videos", "--prompts", "none"], "no suite of this name; seen: none"),
        (["videos", "--prompts", "none.csv"], "cannot read none.csv: No such file"),
        (["list.csv"], "list.csv line 2: a column that looks misspelt; did you mean prompt_id?"),
        (["up.csv"], "up.csv line 2: the path leaves the folder of the manifest"),
        (["twice.csv"], "twice.csv line 3: line 2 lists this video too"),
        (["videos", "-m", "fdv"], "no metric of this name; did you mean fvd?"),
        (["videos", "-m", "fvd:x=1"], "refuses its options"),
        (["videos", "-m", "no_module:Metric"], "cannot load the metric no_module:Metric"),
        (["videos", "-m", "json:JSONDecoder"], "json:JSONDecoder is not a metric"),
        (["videos", "--resamples", "10"], "too few resamples"),
        (["videos", "--confidence", "95"], "the confidence is impossible; seen: 95"),
    ],
)
def test_misuse_exits_64_with_one_line(videos, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.csv").write_text("path,promt_id\nvideos/clip00.mp4,a\n")
    (tmp_path / "up.csv").write_text("path\n../videos/clip00.mp4\n")
    (tmp_path / "twice.csv").write_text("path\nvideos/clip00.mp4\nvideos/clip00.mp4\n")
    assert run(["score", *arguments]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("prescreen: ")
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_another_process_on_the_run_is_refused_or_waited_for(videos, tmp_path, capsys):
    assert score(tmp_path) == 0
    manifest = read_json(tmp_path / "run" / "manifest.json")
    (tmp_path / "run" / SUMMARY).unlink()  # as a run that is not finished
    command = [*PRESCREEN, "score", str(videos), *QUICK, "--run", str(tmp_path / "run")]
    with Run(tmp_path / "run", manifest):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 3
        assert "another process is writing the run" in done.stderr
        assert done.stderr.count("\n") == 1
        waiting = subprocess.Popen([*command, "--wait"], stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(timeout=2)
    out, _ = waiting.communicate(timeout=120)
    assert waiting.returncode == 0
    assert "warping_error.warping_error" in out


def test_a_full_disk_is_one_line_and_the_same_command_completes(videos, tmp_path, capsys):
    """The kernel refuses: no file may grow over some size, which the report does."""
    command = [*PRESCREEN, "score", str(videos), *QUICK, "--run", str(tmp_path / "run")]

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    full = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=small_files
    )
    assert full.returncode == 3
    complaint = full.stderr.splitlines()[-1]
    assert complaint.startswith("prescreen: cannot write ")
    assert "File too large" in complaint
    assert "free space or choose another folder" in complaint
    assert "Traceback" not in full.stderr
    assert not list(tmp_path.rglob("*.tmp"))
    assert score(tmp_path) == 0
    fresh = ["score", str(videos), *QUICK, "--run", str(tmp_path / "fresh")]
    assert run(fresh) == 0
    assert run_bytes(tmp_path / "run") == run_bytes(tmp_path / "fresh")


def test_a_place_where_nothing_can_be_written_is_one_line(videos, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert run(["score", str(videos), *QUICK, "--out", str(tmp_path / "file")]) == 3
    captured = capsys.readouterr()
    assert captured.err.startswith("prescreen: cannot write ")
    assert captured.err.count("\n") == 1


def test_a_damaged_run_is_refused_with_what_to_do(videos, tmp_path, capsys):
    assert score(tmp_path) == 0
    journal = tmp_path / "run" / JOURNAL
    journal.write_bytes(journal.read_bytes().replace(b'"reading"', b'"readinG"', 1))
    capsys.readouterr()
    assert score(tmp_path) == 3
    assert "the journal's chain breaks at line 4" in capsys.readouterr().err
