"""What a benchmark gives and what it is given."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal


class BenchmarkFailed(RuntimeError):
    """A benchmark could not measure what it is there to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure beside its limit. `sense` says on which side of the limit it must lie."""

    name: str
    figure: float
    limit: float
    unit: str
    sense: Literal["at least", "at most"]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the limit is kept; a figure that is not a number keeps none."""
        return self.figure >= self.limit if self.sense == "at least" else self.figure <= self.limit

    def line(self) -> str:
        """The result in one line."""
        verdict = "ok" if self.ok else "MISSED"
        limit = f"{self.sense} {self.limit:g} {self.unit}"
        return f"{verdict:<7} {self.name:<22} {self.figure:8.3g} {self.unit}  ({limit})"

    def record(self) -> dict[str, Any]:
        """The result as JSON holds it; NaN, which JSON does not have, is null."""
        figure = self.figure if self.figure == self.figure else None
        return {**asdict(self), "details": dict(self.details), "figure": figure, "ok": self.ok}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a benchmark may write, and whether small sizes will do."""

    root: Path
    quick: bool = False

    def size(self, full: int, quick: int) -> int:
        """The first number, or with `--quick` the second."""
        return quick if self.quick else full

    def folder(self, name: str) -> Path:
        """A folder of this name below `root`."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
