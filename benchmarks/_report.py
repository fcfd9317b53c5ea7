"""Keeps outcomes as JSON and makes docs/performance.md of them."""

from __future__ import annotations

import ast
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.home import write_atomic
from bench.plan import environment
from benchmarks._result import Result, cores

HERE = Path(__file__).parent

HEAD = """\
# Performance

Written by `make bench`; do not edit. Limits are ratios of things measured in one run on one
machine, or times that any machine should keep. Each benchmark is one file of `benchmarks/`; their
JSON lies in `benchmarks/results/`. `.venv/bin/python benchmarks/run.py --only NAME` measures one of
them again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one benchmark: results, or why it failed."""

    benchmark: str
    results: tuple[Result, ...]
    failure: str
    seconds: float
    quick: bool
    load_before: float
    """The machine's load average when it began: the benchmark before it, or somebody else."""

    @property
    def ok(self) -> bool:
        """Whether it ran and kept every limit."""
        return bool(self.results) and all(result.ok for result in self.results)

    def lines(self) -> list[str]:
        """The outcome for a terminal."""
        if self.failure:
            return [f"FAILED  {self.benchmark}: {self.failure}"]
        return [result.line() for result in self.results]

    def record(self) -> dict[str, Any]:
        """The outcome as JSON holds it, with the hour and the machine."""
        return {
            "benchmark": self.benchmark,
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "seconds": round(self.seconds, 1),
            "quick": self.quick,
            "load_before": round(self.load_before, 2),
            "failure": self.failure,
            "results": [result.record() for result in self.results],
            "machine": machine(),
            "versions": environment(),
        }


def machine() -> dict[str, Any]:
    """The machine as far as it decides how fast things go."""
    return {
        "processor": processor(),
        "cores": cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def save(outcome: Outcome, folder: Path) -> Path:
    """Write an outcome's JSON; quick ones lie apart, and no page is made of them."""
    path = (folder / "quick" if outcome.quick else folder) / f"{outcome.benchmark}.json"
    text = json.dumps(outcome.record(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomic(path, (text + "\n").encode())
    return path


def saved(folder: Path) -> list[dict[str, Any]]:
    """The records of all benchmarks that were measured at full size and are still there."""
    records = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return [record for record in records if (HERE / f"{record['benchmark']}.py").exists()]


def page(records: Sequence[Mapping[str, Any]]) -> str:
    """docs/performance.md: a table for each machine and set of versions, then the details."""
    parts = [HEAD]
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(_where(record), []).append(record)
    for where, members in groups.items():
        rows = [row for record in members for row in _rows(record)]
        parts.append(
            f"{where}\n\n| measured | figure | limit | kept | date |\n|---|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    parts += [_section(record) for record in records]
    return "\n".join(parts)


def _where(record: Mapping[str, Any]) -> str:
    at, has = record["machine"], dict(record["versions"])
    libraries = ", ".join(f"{name} {has[name]}" for name in ("torch", "av", "numpy", "scipy"))
    return (
        f"{at['processor']}, {at['cores']} cores, {at['memory_gb']} GB, {at['system']}; "
        f"Prescreen {has['prescreen']}, Python {has['python']}, {libraries}."
    )


def _rows(record: Mapping[str, Any]) -> Iterator[str]:
    if record["failure"]:
        yield f"| {record['benchmark']} | failed | | no | {record['date']} |"
    for result in record["results"]:
        kept = "yes" if result["ok"] else "**no**"
        limit = f"{result['sense']} {result['limit']:g}"
        figure = f"{_shown(result['figure'])} {result['unit']}"
        yield f"| {result['name']} | {figure} | {limit} | {kept} | {record['date']} |"


def _section(record: Mapping[str, Any]) -> str:
    source = (HERE / f"{record['benchmark']}.py").read_text(encoding="utf-8")
    described = ast.get_docstring(ast.parse(source)) or ""
    lines = [f"## {record['benchmark']}", "", described, ""]
    if record["failure"]:
        lines += [f"- failed: {' '.join(record['failure'].split())}"]
    details = record["results"][0]["details"] if record["results"] else {}
    lines += [f"- {name}: {_shown(value)}" for name, value in details.items()]
    took = (
        f"- took {record['seconds']:.0f} s; load of the machine before: {record['load_before']:g}"
    )
    return "\n".join([*lines, took, ""])


def _shown(value: Any) -> str:
    """A detail in words: floats to four digits, nested ones in line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_shown(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(inner) for inner in value) or "none"
    return " ".join(str(value).split())
