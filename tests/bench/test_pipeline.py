"""Runs end to end on small real files: repeatable, resumable, honest about what is missing."""

import json
import math
import subprocess
import sys

import pytest

from bench.cli.main import run as prescreen
from bench.errors import RunDamaged, UsageError
from bench.pipeline import score
from bench.plan import ScoreRequest
from bench.runs import JOURNAL, SUMMARY
from bench.scoring import read_scores
from bench.verification import verify
from support.clips import still
from support.folders import LIGHT, make_folder, run_bytes

pytestmark = pytest.mark.usefixtures("private_cache")


def request(tmp_path, **changes):
    settings = {"videos": str(tmp_path / "videos"), "metrics": LIGHT, "run": tmp_path / "run"}
    return ScoreRequest(**{**settings, "n_resamples": 200, **changes})


@pytest.fixture
def videos(tmp_path):
    return make_folder(tmp_path / "videos")


def heads(result, source="candidate"):
    return {
        f"{h['metric']}.{h['column']}": h
        for h in result.summary["headlines"]
        if h["source"] == source and h["subset"] == "kept"
    }


def test_workers_do_not_change_a_byte(videos, tmp_path, monkeypatch):
    one = score(request(tmp_path, run=tmp_path / "one", workers=1))
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "another-cache"))
    two = score(request(tmp_path, run=tmp_path / "two", workers=2))
    assert run_bytes(one.path) == run_bytes(two.path)


def test_the_cache_does_not_change_a_byte(videos, tmp_path):
    cold = score(request(tmp_path, run=tmp_path / "cold"))
    warm = score(request(tmp_path, run=tmp_path / "warm"))
    assert run_bytes(cold.path) == run_bytes(warm.path)


def test_a_finished_run_is_not_computed_again(videos, tmp_path, monkeypatch):
    first = score(request(tmp_path))
    before = run_bytes(first.path)
    monkeypatch.setattr("bench.pipeline.extract", None)
    again = score(request(tmp_path))
    assert again.reused
    assert not first.reused
    assert run_bytes(again.path) == before


def test_a_run_is_named_by_what_it_was_asked(videos, tmp_path):
    first = score(request(tmp_path, run=None, out=tmp_path / "runs"))
    other = score(request(tmp_path, run=None, out=tmp_path / "runs", seed=1))
    again = score(request(tmp_path, run=None, out=tmp_path / "runs"))
    assert first.path != other.path
    assert again.path == first.path
    assert again.reused


def test_a_changed_video_is_another_run(videos, tmp_path):
    first = score(request(tmp_path, run=None, out=tmp_path / "runs"))
    make_folder(videos, 1, seed=50)
    again = score(request(tmp_path, run=None, out=tmp_path / "runs"))
    assert again.path != first.path
    with pytest.raises(UsageError, match=r"another inputs\.candidate"):
        score(request(tmp_path, run=first.path))


def test_each_number_has_its_interval_and_counts(videos, tmp_path):
    result = score(request(tmp_path))
    for key, head in heads(result).items():
        assert head["n"] == 4, key
        assert head["n_clusters"] == 4
        assert head["cluster"] == "video"
        assert head["interval"] is not None, key
        assert head["interval"]["low"] <= head["value"] <= head["interval"]["high"]
        assert head["key"]["metric"] == head["metric"]
        assert head["key"]["features"][0]["version"]
    rows = read_scores(result.path)
    sharp = [
        row["value"]
        for row in rows
        if row["metric"] == "sharpness" and row["column"] == "sharpness"
    ]
    assert heads(result)["sharpness.sharpness"]["value"] == pytest.approx(math.fsum(sharp) / 4)


def test_a_frozen_clip_is_vetoed_and_enters_no_headline(videos, tmp_path):
    from bench.videos.write import write_master

    write_master(videos / "frozen.mp4", iter(still(8, 48, 64)), 24)
    result = score(request(tmp_path))
    rows = {(r["name"], r["metric"], r["column"]): r for r in read_scores(result.path)}
    frozen = rows["frozen.mp4", "warping_error", "warping_error"]
    assert frozen["status"] == "vetoed"
    assert "frozen" in frozen["reason"]
    assert frozen["value"] == pytest.approx(0, abs=1e-6)
    head = heads(result)["warping_error.warping_error"]
    assert (head["n"], head["n_vetoed"]) == (4, 1)
    marked = [h for h in result.summary["headlines"] if h["subset"] == "with vetoed"]
    assert {h["n"] for h in marked} == {5}
    assert heads(result)["degenerate.vetoed"]["value"] == pytest.approx(0.2)


def test_a_black_clip_is_vetoed_whatever_is_asked(videos, tmp_path):
    from bench.videos.write import write_master

    write_master(videos / "black.mp4", iter(0 * still(8, 48, 64)), 24)
    result = score(request(tmp_path, metrics=("temporal_flicker",)))
    head = heads(result)["temporal_flicker.compensated"]
    assert (head["n"], head["n_vetoed"]) == (4, 1)
    assert heads(result)["degenerate.vetoed"]["value"] == pytest.approx(0.2)


def test_a_number_carries_what_it_can_be_compared_by(videos, tmp_path):
    result = score(request(tmp_path, metrics=("sharpness:frames=uniform:4",)))
    key = heads(result)["sharpness.sharpness"]["key"]
    assert key["options"] == {"frames": "uniform:4"}
    assert key["decoder"].startswith("pyav ")
    assert key["codecs"] == ["h264 gbrp"]
    assert key["veto"] == heads(result)["degenerate.vetoed"]["key"]["version"]


def test_a_broken_file_costs_only_itself(videos, tmp_path):
    (videos / "broken.mp4").write_bytes(b"not a video at all")
    result = score(request(tmp_path))
    assert result.exit_code == 4
    head = heads(result)["sharpness.sharpness"]
    assert (head["n"], head["n_error"]) == (4, 1)
    broken = [row for row in read_scores(result.path) if row["name"] == "broken.mp4"]
    assert broken
    assert all(
        row["status"] == "error" and row["reason"] and math.isnan(row["value"]) for row in broken
    )


def test_prompts_without_videos_are_counted_missing(videos, tmp_path):
    prompts = tmp_path / "prompts.jsonl"
    lines = [{"id": f"clip{i:02d}", "text": f"a texture number {i}"} for i in range(6)]
    prompts.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = score(request(tmp_path, prompts=str(prompts)))
    assert result.exit_code == 4
    head = heads(result)["sharpness.sharpness"]
    assert (head["n"], head["n_missing"], head["cluster"]) == (4, 2, "prompt")
    assert result.summary["outcomes"]["candidate"] == {"ok": 4, "missing": 2}
    assert result.summary["ledger"]["candidate"]["n_prompts_missing"] == 2


def test_a_metric_without_its_weights_is_unavailable_and_never_zero(videos, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-hub"))
    result = score(request(tmp_path, metrics=(*LIGHT, "frame_consistency", "fvd")))
    assert "prescreen weights fetch" in result.summary["unavailable"]["frame_consistency"]
    assert "--reference" in result.summary["unavailable"]["fvd"]
    assert not any(
        row["metric"] in {"frame_consistency", "fvd"} for row in read_scores(result.path)
    )


def sound(path):
    """Whether verify believes the run; one too damaged to read is refused, not believed."""
    try:
        return all(check.ok for check in verify(path))
    except (UsageError, RunDamaged):
        return False


def test_verify_finds_one_flipped_byte_anywhere(videos, tmp_path):
    result = score(request(tmp_path))
    assert all(check.ok for check in verify(result.path))
    for name in run_bytes(result.path):
        path = result.path / name
        whole = path.read_bytes()
        flipped = bytearray(whole or b"\n")
        flipped[len(flipped) // 2] ^= 1
        path.write_bytes(bytes(flipped))
        assert not sound(result.path), name
        path.write_bytes(whole)
    assert all(check.ok for check in verify(result.path))


def test_verify_recomputes_what_an_editor_made_consistent(videos, tmp_path):
    from bench.runs import Run, read_json, write_json

    result = score(request(tmp_path))
    summary = read_json(result.path / SUMMARY)
    summary["headlines"][0]["value"] = 0.0
    write_json(result.path / SUMMARY, summary)
    # forge a journal that agrees with the edited file from end to end
    events = [json.loads(line) for line in (result.path / JOURNAL).read_text().splitlines()]
    (result.path / JOURNAL).unlink()
    with Run(result.path, read_json(result.path / "manifest.json")) as run:
        for event in events:
            if event["data"].get("name") == SUMMARY:
                run.record_file(SUMMARY)
            else:
                run.record(event["kind"], event["data"])
    checks = {check.name: check for check in verify(result.path)}
    assert checks["journal"].ok
    assert not checks["numbers"].ok
    assert "summary.json" in checks["numbers"].detail


KILLER = """
import os, random, signal, sys, time
from pathlib import Path

def ask(root, name):
    # imported here, because each worker imports this file again
    from bench.pipeline import score
    from bench.plan import ScoreRequest
    # the cache is the run's own, so that it too is as the last kill left it
    os.environ["PRESCREEN_CACHE"] = str(root / f"cache-{name}")
    videos, metrics = str(root / "videos"), tuple(sys.argv[2:])
    score(ScoreRequest(videos=videos, metrics=metrics, run=root / name, n_resamples=200, workers=1))

def count(folder):
    return sum(len(files) for _, _, files in os.walk(folder))

def kill_at(root, name, n_files):
    child = os.fork()
    if child == 0:
        ask(root, name)
        os._exit(0)
    while count(root / name) < n_files and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.0005)
    try:
        os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    except (ProcessLookupError, ChildProcessError):
        return False

if __name__ == "__main__":
    root = Path(sys.argv[1])
    ask(root, "whole")
    n_whole = count(root / "whole")
    rng, killed = random.Random(20), 0
    for turn in range(20):
        # every fifth kill starts from nothing, the others go on where the last one struck
        name = f"killed-{turn // 5}"
        killed += kill_at(root, name, rng.randint(count(root / name), n_whole - 1))
    for group in range(4):
        ask(root, f"killed-{group}")
    print(killed)
"""


def test_twenty_kills_leave_a_run_that_completes_to_the_same_bytes(videos, tmp_path):
    """Each strikes when a random number of the run's files is there: none comes too late."""
    script = tmp_path / "killer.py"
    script.write_text(KILLER)
    command = [sys.executable, str(script), str(tmp_path), *LIGHT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 16
    whole = run_bytes(tmp_path / "whole")
    for group in range(4):
        assert run_bytes(tmp_path / f"killed-{group}") == whole


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"confidence": 1.5}, "the confidence is impossible"),
        ({"n_resamples": 3}, "too few resamples"),
        ({"metrics": ()}, "no metric was asked for"),
        ({"metrics": ("shapness",)}, "did you mean sharpness"),
        ({"videos": "nowhere"}, "no videos of this name"),
    ],
)
def test_impossible_requests_are_refused_in_one_line(videos, tmp_path, changes, message):
    with pytest.raises(UsageError, match=message):
        score(request(tmp_path, **changes))


def test_the_command_prints_a_table_and_json(videos, tmp_path, capsys):
    arguments = [
        "score",
        str(videos),
        "--run",
        str(tmp_path / "run"),
        "-m",
        "sharpness",
        "--resamples",
        "200",
    ]
    assert prescreen(arguments) == 0
    printed = capsys.readouterr().out
    assert "sharpness.sharpness" in printed
    assert "n=4" in printed
    assert prescreen([*arguments, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["reused"] is True
    assert record["headlines"][0]["metric"] == "sharpness"


def test_usage_errors_exit_64_with_one_line(tmp_path, capsys):
    assert prescreen(["score", str(tmp_path / "none")]) == 64
    captured = capsys.readouterr().err
    assert captured.startswith("prescreen: ")
    assert captured.count("\n") == 1
