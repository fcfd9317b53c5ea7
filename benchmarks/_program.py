"""Runs the installed `prescreen` as its user would, against a clock, in a cache of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks._result import BenchmarkFailed, Setting

PRESCREEN = Path(sys.executable).parent / "prescreen"
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PREPARE = "from bench.features._i3d_weights import load; load()"
_SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A command that ended well: its times, what it printed, and its peak memory if watched.

    `cpu_s` is the processor time of its whole tree. Where `seconds` is much more than that divided
    by the cores, the program waited: for the disk, for itself, or because the machine was not idle.
    """

    seconds: float
    output: str
    cpu_s: float = 0.0
    peak_bytes: int = 0

    def summary(self) -> dict[str, Any]:
        """What `--json` printed."""
        summary: dict[str, Any] = json.loads(self.output)
        return summary


def fresh_cache(setting: Setting, name: str) -> Path:
    """An empty feature cache, beside which the I3D weights are converted already.

    They are converted once a machine, not once a run, so no run's time holds it.
    """
    prepared = setting.folder("prepared")
    if not (prepared / "weights").exists():
        timed([sys.executable, "-c", _PREPARE], environment(prepared))
    cache = setting.folder("caches") / name
    cache.mkdir()  # fails when it is there: it would not be fresh
    (cache / "weights").symlink_to(prepared / "weights")
    return cache


def environment(cache: Path) -> dict[str, str]:
    """This process's, without limits on threads and with that cache."""
    kept = {k: v for k, v in os.environ.items() if k not in _THREADS}
    return {**kept, "PRESCREEN_CACHE": str(cache)}


def timed(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Finished:
    """Run a command to its end.

    Raises:
        BenchmarkFailed: when its exit code is not 0; the message ends with what it complained of.
    """
    start, cpu_start = time.perf_counter(), _cpu_of_children_s()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    seconds, cpu_s = time.perf_counter() - start, _cpu_of_children_s() - cpu_start
    _check(command, done.returncode, done.stderr)
    return Finished(seconds=seconds, output=done.stdout, cpu_s=cpu_s)


def _cpu_of_children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def score(videos: Path, run: Path, cache: Path, *options: str | Path) -> Finished:
    """`prescreen score --json` into the folder `run`."""
    return timed(score_command(videos, run, *options), environment(cache))


def score_command(videos: Path, run: Path, *options: str | Path) -> list[str | Path]:
    """The command line of :func:`score`."""
    return [PRESCREEN, "score", videos, "--run", run, "--json", *options]


def watched(command: Sequence[str | Path], env: dict[str, str], log: Path) -> Finished:
    """As :func:`timed`, and adds up the peak resident memory of each process of its tree.

    Each process's own peak counts whenever it came, so the sum does not depend on which of them
    happened to be at their peaks together. Memory that processes share counts for each.
    """
    peaks: dict[int, int] = {}
    start = time.perf_counter()
    with (
        log.with_suffix(".out").open("w+") as out,
        log.with_suffix(".err").open("w+") as err,
        psutil.Popen(command, env=env, stdout=out, stderr=err) as program,
    ):
        while program.poll() is None:
            peaks |= {p.pid: _peak_bytes(p, peaks.get(p.pid, 0)) for p in _tree(program)}
            time.sleep(_SAMPLE_S)
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        _check(command, program.returncode, err.read())
        return Finished(seconds=seconds, output=out.read(), peak_bytes=sum(peaks.values()))


def _tree(program: psutil.Process) -> list[psutil.Process]:
    try:
        return [program, *program.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _peak_bytes(process: psutil.Process, before: int) -> int:
    """The peak so far: as the kernel keeps it where it does, else the largest seen."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return before
    # the last value stands: between fork and exec a child shows its parent's peak
    lines = (line.split() for line in status.splitlines() if line.startswith("VmHWM:"))
    return next((int(words[1]) * 1024 for words in lines), before)


def _check(command: Sequence[str | Path], code: int, errors: str) -> None:
    if code != 0:
        words = " ".join(Path(word).name if "/" in str(word) else str(word) for word in command)
        raise BenchmarkFailed(f"`{words[:200]}` ended with {code}: {errors.strip()[-600:]}")
