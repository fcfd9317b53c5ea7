"""How long the overview takes to be drawn in a real browser: 50 runs, 100,000 rows of scores."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from bench.runs import END, GENESIS, JOURNAL, MANIFEST, SCORES, SUMMARY, chain, write_json
from benchmarks._result import BenchmarkFailed, Result, Setting
from dashboards.screenshots import served

N_RUNS, ROWS_A_RUN = 50, 2000
METRICS = tuple(f"metric_{i}" for i in range(10))
WARM_S, COLD_S, MEMORY_MB = 2.0, 5.0, 1000.0
PORT = 8596
DRAWN = "How the videos spread"
"""The last line of the page: its table follows."""


def run(setting: Setting) -> tuple[Result, ...]:
    """A cold draw (the server just started), the median of warm ones, the server's memory."""
    root = setting.folder("runs")
    n_runs = setting.size(N_RUNS, 5)
    for index in range(n_runs):
        _make_run(root / f"{index:012x}-synthetic", index)
    chromium = shutil.which("chromium")
    if chromium is None:
        raise BenchmarkFailed("Chromium is not installed; next: make system")
    from playwright.sync_api import sync_playwright

    with served(root, PORT) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        seconds = [_drawn(page, address) for _ in range(setting.size(6, 2))]
        browser.close()
        memory_mb = _memory_mb()
    details = {"n_runs": n_runs, "n_rows": n_runs * ROWS_A_RUN, "seconds": seconds}
    return (
        _result("cold", seconds[0], COLD_S, "s", details),
        _result("warm", float(np.median(seconds[1:])), WARM_S, "s", details),
        _result("memory", memory_mb, MEMORY_MB, "MB", details),
    )


def _result(
    name: str, figure: float, limit: float, unit: str, details: dict[str, object]
) -> Result:
    return Result(
        name=f"dashboard_overview.{name}",
        figure=figure,
        limit=limit,
        unit=unit,
        sense="at most",
        details=details,
    )


def _drawn(page: Any, address: str) -> float:
    """Seconds from asking for the page until its last table is there."""
    page.goto("about:blank")
    start = time.perf_counter()
    page.goto(address)
    page.get_by_text(DRAWN).wait_for(timeout=60_000)
    page.get_by_test_id("stDataFrame").nth(1).wait_for(timeout=60_000)
    return time.perf_counter() - start


def _memory_mb() -> float:
    """Resident memory of the server."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    servers = [child for child in children if "streamlit" in " ".join(child.cmdline())]
    return max((child.memory_info().rss for child in servers), default=0) / 1e6


def _make_run(path: Path, index: int) -> None:
    """A finished run of made-up numbers, in the form that a real one has."""
    path.mkdir(parents=True)
    rng = np.random.default_rng(index)
    n_videos = ROWS_A_RUN // len(METRICS)
    names = [f"{i:016x}" for i in range(n_videos)]
    rows = {
        "trial_id": names * len(METRICS),
        "source": ["candidate"] * ROWS_A_RUN,
        "name": [f"{name}.mp4" for name in names] * len(METRICS),
        "prompt_id": [f"p{i % 100}" for i in range(n_videos)] * len(METRICS),
        "seed": [0] * ROWS_A_RUN,
        "metric": [metric for metric in METRICS for _ in range(n_videos)],
        "column": ["value"] * ROWS_A_RUN,
        "value": rng.normal(size=ROWS_A_RUN),
        "status": ["ok"] * ROWS_A_RUN,
        "reason": [""] * ROWS_A_RUN,
    }
    pq.write_table(pa.table(rows), path / SCORES)
    manifest = {
        "schema": 1,
        "ledger": {"candidate": {"n_videos": n_videos}},
        "inputs": {"suite": f"{index % 5:064x}"},
        "request": {"model": f"model-{index % 10}", "metrics": list(METRICS)},
    }
    write_json(path / MANIFEST, manifest)
    heads = [_headline(metric, float(rng.normal())) for metric in METRICS]
    outcomes = {"candidate": {"ok": n_videos}, "reference": {}}
    write_json(path / SUMMARY, {"headlines": heads, "outcomes": outcomes, "problems": []})
    (path / JOURNAL).write_bytes(chain(0, END, {}, GENESIS).line())


def _headline(metric: str, value: float) -> dict[str, object]:
    interval = {"low": value - 0.1, "high": value + 0.1, "confidence": 0.95, "method": "none"}
    counts = ("missing", "error", "suppressed", "vetoed", "unavailable")
    return {
        "metric": metric,
        "column": "value",
        "source": "candidate",
        "subset": "kept",
        "value": value,
        "interval": interval,
        "n": 200,
        "n_clusters": 100,
        "cluster": "prompt",
        **{f"n_{name}": 0 for name in counts},
        "unit": "1",
        "higher_is_better": True,
        "is_main": True,
        "notes": [],
        "key": {},
    }
