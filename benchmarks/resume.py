"""Going on with a run that was killed when nine tenths of its videos were read.

The run is as long as runs that are worth resuming: a tenth of the work is left in any case, and the
start of a program that loads torch, about 5 s, is more than another twentieth of a run of a minute.
"""

from __future__ import annotations

import math
import subprocess
import time
from pathlib import Path

import psutil

from bench.runs import JOURNAL, SUMMARY
from benchmarks._clips import clips
from benchmarks._program import environment, fresh_cache, score, score_command
from benchmarks._result import BenchmarkFailed, Result, Setting

LIMIT = 15.0
KILLED_AT = 0.9


def run(setting: Setting) -> tuple[Result, ...]:
    """The usual metrics of 256 clips against 256, once whole and once killed and resumed."""
    n = setting.size(256, 10)
    real, fake = clips(setting, "real", n), clips(setting, "fake", n)
    whole, parted = setting.folder("runs") / "whole", setting.folder("runs") / "parted"
    first = score(fake, whole, fresh_cache(setting, "whole"), "--reference", real)
    cache = fresh_cache(setting, "parted")
    command = score_command(fake, parted, "--reference", real)
    n_read = _kill_when_read(command, environment(cache), parted, math.ceil(KILLED_AT * 2 * n))
    rest = score(fake, parted, cache, "--reference", real)
    if (whole / SUMMARY).read_bytes() != (parted / SUMMARY).read_bytes():
        raise BenchmarkFailed("the resumed run does not end with the bytes of the whole one")
    return (
        Result(
            name="resume",
            figure=100 * rest.seconds / first.seconds,
            limit=LIMIT,
            unit="% of the whole",
            sense="at most",
            details={
                "whole_s": first.seconds,
                "resume_s": rest.seconds,
                "cpu_s": {"whole": first.cpu_s, "resume": rest.cpu_s},
                "read_when_killed": n_read,
                "videos": 2 * n,
            },
        ),
    )


def _kill_when_read(
    command: list[str | Path], env: dict[str, str], folder: Path, n_wanted: int
) -> int:
    """Start the command, kill it when its journal says so many videos, wait for its workers."""
    quiet = subprocess.DEVNULL
    with psutil.Popen(command, env=env, stdout=quiet, stderr=quiet) as program:
        while (n_read := _n_read(folder)) < n_wanted:
            if program.poll() is not None:
                raise BenchmarkFailed(f"it ended after {n_read} videos, before it was killed")
            time.sleep(0.02)
        workers = program.children(recursive=True)
        program.kill()
        program.wait()
    _, alive = psutil.wait_procs(workers, timeout=30)
    if alive:
        raise BenchmarkFailed(f"{len(alive)} workers outlived the killed process")
    return n_read


def _n_read(folder: Path) -> int:
    journal = folder / JOURNAL
    return journal.read_bytes().count(b'"kind":"reading"') if journal.exists() else 0
