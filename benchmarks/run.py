"""Runs the benchmarks of this folder, one file each, and says which limits are kept.

    python benchmarks/run.py [--quick] [--only NAME ...]

Results go to benchmarks/results/ and, unless `--quick`, into docs/performance.md. The exit code is
1 when a limit is missed or a benchmark fails. Nothing is written to the user's cache.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.errors import PrescreenError
from benchmarks import _report
from benchmarks._result import BenchmarkFailed, Result, Setting, cores

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "performance.md"
BUSY = 0.5
"""Load a core above which a measurement is not to be trusted; said, and kept with the figures."""
_FAILURES = (BenchmarkFailed, PrescreenError, OSError, RuntimeError, subprocess.SubprocessError)


def names() -> list[str]:
    """The benchmarks that there are: the files of this folder."""
    stems = (path.stem for path in HERE.glob("*.py"))
    return sorted(stem for stem in stems if not stem.startswith("_") and stem != "run")


def load(name: str) -> Callable[[Setting], tuple[Result, ...]]:
    """The function of one benchmark."""
    function: Callable[[Setting], tuple[Result, ...]]
    function = importlib.import_module(f"benchmarks.{name}").run
    return function


def measure(name: str, *, quick: bool) -> _report.Outcome:
    """Run one benchmark in a folder that is removed afterwards; a failure is an outcome too."""
    load_before = os.getloadavg()[0]
    start, results, failure = time.perf_counter(), (), ""
    with tempfile.TemporaryDirectory(prefix="prescreen-bench-") as folder:
        root = Path(folder)
        # also for what a benchmark works out in this process
        os.environ["PRESCREEN_CACHE"] = str(root / "prepared")
        try:
            results = load(name)(Setting(root=root, quick=quick))
        except _FAILURES as error:
            failure = f"{type(error).__name__}: {error}"
    return _report.Outcome(
        benchmark=name,
        results=results,
        failure=failure,
        seconds=time.perf_counter() - start,
        quick=quick,
        load_before=load_before,
    )


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Measure Prescreen against its limits.")
    parser.add_argument("--only", action="append", choices=names(), help="run this one; repeat")
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all?")
    chosen = parser.parse_args(arguments)
    outcomes = []
    for name in chosen.only or names():
        print(f"-- {name}", flush=True)
        if os.getloadavg()[0] > BUSY * cores():
            print(f"   the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be off")
        outcome = measure(name, quick=chosen.quick)
        outcomes.append(outcome)
        _report.save(outcome, RESULTS)
        for line in outcome.lines():
            print(line, flush=True)
    if not chosen.quick:
        PAGE.write_text(_report.page(_report.saved(RESULTS)), encoding="utf-8")
        print(f"written: {PAGE.relative_to(HERE.parent)}")
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
