"""Workers on this machine: order, one decode a video, and what a failure costs."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from bench.engines.local import Local, default_workers
from bench.errors import PrescreenError, StorageError, Unavailable
from bench.features.feed import Job
from bench.videos.read import sha256
from bench.videos.write import write_master
from support.bad_extractors import COUNTING, FAILING
from support.clips import moving


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Six clips of 3 to 8 frames."""
    folder = tmp_path_factory.mktemp("videos")
    for n in range(3, 9):
        write_master(folder / f"{n}.mp4", iter(moving(n, 32, 48, seed=n)), 24)
    return sorted(folder.iterdir())


def jobs(videos, *specs):
    return [Job(path=path, sha256=sha256(path), specs=specs) for path in videos]


def test_the_default_is_a_worker_for_each_core_we_may_use():
    assert default_workers() == len(os.sched_getaffinity(0))
    assert Local().workers == default_workers()
    assert Local(3).workers == 3


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("size", [1, 4])
def test_readings_come_in_the_order_of_the_jobs_and_each_video_once(
    videos, tmp_path, workers, size
):
    log = tmp_path / "log"
    spec = f"{COUNTING}:log={log}"
    todo = jobs(videos, spec)
    shards = [todo[i : i + size] for i in range(0, len(todo), size)]
    readings = list(Local(workers).read(shards, [spec]))
    assert [r.sha256 for r in readings] == [job.sha256 for job in todo]
    assert [int(r.features[spec]["n"]) for r in readings] == [3, 4, 5, 6, 7, 8]
    started = [line.split() for line in log.read_text().splitlines()]
    assert sorted(sha for sha, _ in started) == sorted(job.sha256 for job in todo)
    assert len({pid for _, pid in started}) <= workers
    assert str(os.getpid()) not in {pid for _, pid in started}


def test_no_jobs_start_no_process(monkeypatch):
    monkeypatch.setattr("bench.engines.local.ProcessPoolExecutor", None)
    assert list(Local(2).read([], [COUNTING])) == []


@pytest.mark.parametrize(
    ("how", "error", "problem"),
    [
        ("die", "the worker process died while reading this video", None),
        ("raise", "", "the extractor failed with RuntimeError: no idea\\nwhat to do"),
    ],
)
def test_a_failure_costs_the_video_that_caused_it(videos, how, error, problem):
    spec = f"{FAILING}:frames=5,how={how}"
    todo = jobs(videos, spec)
    readings = list(Local(2).read([todo[:3], todo[3:]], [spec]))
    assert [r.error for r in readings] == ["", "", error, "", "", ""]
    assert [r.problems.get(spec) for r in readings] == [None, None, problem, None, None, None]
    assert [r.sha256 for r in readings] == [job.sha256 for job in todo]
    assert all(
        np.array_equal(r.features[spec]["n"], 3 + i) for i, r in enumerate(readings) if i != 2
    )


def test_what_is_wrong_with_the_machine_is_not_the_fault_of_a_video(videos):
    spec = f"{FAILING}:how=disk"
    with pytest.raises(StorageError, match="the disk is full"):
        list(Local(1).read([jobs(videos, spec)], [spec]))
    spec = "support.bad_extractors:Unbuildable"
    with pytest.raises(Unavailable, match="its weights went away"):
        list(Local(1).read([jobs(videos, spec)], [spec]))


def test_a_death_over_prompts_is_told_in_one_line():
    with pytest.raises(PrescreenError, match=r"died while .*Failing read 2 prompts"):
        Local(1).embed_texts(FAILING, ["a", "b"])


def test_workers_end_with_the_process_that_started_them(videos, tmp_path):
    driver = f"""
        import os, sys
        from pathlib import Path
        from bench.engines.local import Local
        from bench.features.feed import Job

        if __name__ == "__main__":
            sys.path.insert(0, {os.path.join(os.path.dirname(__file__), "..", "..")!r})
            spec = "{COUNTING}:log={tmp_path / "log"}"
            job = Job(path=Path({str(videos[0])!r}), sha256="0" * 64, specs=(spec,))
            next(Local(1).read([[job]], [spec]))
            os.kill(os.getpid(), 9)
    """
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(driver))
    # the pipe ends when the last process that holds it does
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == -9, done.stderr
    worker = int((tmp_path / "log").read_text().split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
