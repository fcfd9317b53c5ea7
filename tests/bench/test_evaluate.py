"""`bench.evaluate` and runs that make their own videos: same bytes however, every end counted."""

import json
import subprocess
import sys

import pytest

import bench
from bench.errors import UsageError
from bench.runs import GENERATION, SUMMARY, VIDEOS, read_json, read_jsonl
from bench.verification import verify
from support import models
from support.folders import run_bytes
from support.models import MOODY

pytestmark = pytest.mark.usefixtures("private_cache")
QUICK = ("sharpness",)


@pytest.fixture
def suite(tmp_path):
    """Six prompts of the world, with what two of them state."""
    texts = [f"a {colour} ball moves to the left" for colour in ("red", "blue", "green")]
    texts += [f"a {colour} star moves up" for colour in ("red", "blue", "green")]
    rows = [{"id": f"p{i}", "text": text, "category": "x"} for i, text in enumerate(texts)]
    path = tmp_path / "suite.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def evaluate(suite, run, **changes):
    settings = {"model": "phantom", "metrics": QUICK, "resamples": 200, "workers": 1, **changes}
    return bench.evaluate(suite=suite, run=run, **settings)


def test_workers_do_not_change_a_byte_and_a_finished_run_answers(suite, tmp_path, monkeypatch):
    one = evaluate(suite, tmp_path / "one", seeds=2)
    monkeypatch.setenv("PRESCREEN_CACHE", str(tmp_path / "another-cache"))
    two = evaluate(suite, tmp_path / "two", seeds=2, workers=2)
    assert run_bytes(one.path) == run_bytes(two.path)
    assert len(list((one.path / VIDEOS).glob("*.mp4"))) == 12
    assert len(list((one.path / VIDEOS / "previews").glob("*.mp4"))) == 12
    assert not one.reused
    assert evaluate(suite, tmp_path / "one", seeds=2).reused
    trials = read_jsonl(one.path / GENERATION)
    assert [trial["prompt_id"] for trial in trials] == [f"p{i // 2}" for i in range(12)]
    assert len({trial["seed"] for trial in trials}) == 12
    assert one.summary["headlines"][0]["n_clusters"] <= 6


def test_a_moved_run_verifies_and_a_changed_video_does_not(suite, tmp_path):
    result = evaluate(suite, tmp_path / "here")
    moved = tmp_path / "moved"
    result.path.rename(moved)
    assert all(check.ok for check in verify(moved))
    video = next((moved / VIDEOS).glob("*.mp4"))
    video.write_bytes(video.read_bytes()[:-1])
    (videos,) = [check for check in verify(moved) if check.name == "videos"]
    assert not videos.ok
    assert video.name in videos.detail


def test_every_end_is_counted_by_its_name(tmp_path):
    suite = tmp_path / "suite.txt"
    suite.write_text("array\nforbidden fruit\nnothing\nraise\n")
    result = evaluate(str(suite), tmp_path / "run", model=MOODY)
    assert result.summary["outcomes"]["candidate"] == {
        "ok": 1,
        "missing": 1,
        "error": 1,
        "suppressed": 1,
    }
    (sharp,) = [h for h in result.summary["headlines"] if h["column"] == "sharpness"]
    counts = {name: sharp[f"n_{name}"] for name in ("missing", "error", "suppressed")}
    assert (sharp["n"], counts) == (1, {"missing": 1, "error": 1, "suppressed": 1})
    problems = {p["status"]: p["reason"] for p in result.summary["problems"]}
    assert problems["suppressed"] == "the input filter"
    assert result.exit_code == 4
    trials = {t["outcome"]: t for t in read_jsonl(result.path / GENERATION)}
    assert trials["suppressed"]["details"]["filter"]["blocked"] is True
    page = (result.path / "7-report" / "index.html").read_text()
    assert "1 suppressed" in page


def test_a_suppressed_video_alone_is_no_failure(tmp_path):
    suite = tmp_path / "suite.txt"
    suite.write_text("array\nforbidden fruit\n")
    assert evaluate(str(suite), tmp_path / "run", model=MOODY).exit_code == 0


def test_errors_are_asked_again_when_told_to(tmp_path):
    suite, log = tmp_path / "suite.txt", tmp_path / "log"
    suite.write_text("array\nraise\n")
    model = f"{MOODY}:log={log}"
    first = evaluate(str(suite), tmp_path / "run", model=model)
    before = run_bytes(first.path)
    log.write_text("")
    again = evaluate(str(suite), tmp_path / "run", model=model, retry_errors=True)
    assert log.read_text() == "raise\n"
    assert not again.reused
    assert run_bytes(again.path) == before


def test_a_function_is_a_model(suite, tmp_path):
    result = evaluate(suite, tmp_path / "run", model=models.plain)
    model = read_json(result.path / "manifest.json")["inputs"]["model"]
    assert model["function"] == "support.models:plain"
    script = type(models.plain)(models.plain.__code__, {"__name__": "__main__"})
    with pytest.raises(UsageError, match="put it into a module of its own"):
        evaluate(suite, tmp_path / "other", model=script)


def test_another_model_is_another_run(suite, tmp_path):
    first = bench.evaluate(suite=suite, model="constant", metrics=QUICK, out=tmp_path, workers=1)
    other = bench.evaluate(
        suite=suite, model="constant:frames=9", metrics=QUICK, out=tmp_path, workers=1
    )
    assert first.path != other.path
    with pytest.raises(UsageError, match="was started with another"):
        evaluate(suite, first.path, model="phantom")
    with pytest.raises(TypeError):
        bench.evaluate(suite=suite, model="constant", sedes=2)


KILLER = """
import os, random, signal, sys, time
from pathlib import Path

def ask(root, name):
    import bench
    os.environ["PRESCREEN_CACHE"] = str(root / f"cache-{name}")
    bench.evaluate(model="phantom", suite=str(root / "suite.jsonl"), metrics=["sharpness"],
                   resamples=200, workers=1, run=root / name)

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
    rng, killed = random.Random(7), 0
    for turn in range(5):
        # most strike while videos are made: 6 videos are 18 of the files
        killed += kill_at(root, "killed", rng.randint(count(root / "killed"), 24))
    ask(root, "killed")
    print(killed)
"""


def test_kills_leave_a_run_that_completes_to_the_same_bytes(suite, tmp_path):
    script = tmp_path / "killer.py"
    script.write_text(KILLER)
    command = [sys.executable, str(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 4
    assert run_bytes(tmp_path / "killed") == run_bytes(tmp_path / "whole")
    assert (tmp_path / "whole" / SUMMARY).exists()
