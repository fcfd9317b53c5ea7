"""Puts an audit to simulated runs of a known truth, and says whether it shows that truth.

An audit that can be calibrated has a `simulate(n, seed, notify)` that yields, for every world that
it plants, how often its intervals cover the planted truth and how often it raises a flag, with what
that must be. Audits are found by name: nothing here imports one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench import registry
from bench.errors import UsageError
from bench.extraction import Notify
from bench.home import write_atomic
from bench.stats.proportions import wilson

FEWEST = 20


class Shown(StrEnum):
    """Whether what was seen is what must be; `CHANCE`: not so, but chance at this n allows it."""

    PASS = "pass"  # noqa: S105 - a verdict, no secret
    CHANCE = "within chance"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question of one world: the share seen, `k` of `n`, and where it must lie."""

    world: str
    question: str
    k: float
    n: int
    least: float
    most: float

    @property
    def share(self) -> float:
        """What was seen."""
        return self.k / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share, for the simulations' own chance."""
        return wilson(self.share, self.n)

    @property
    def verdict(self) -> Shown:
        """Whether the share lies where it must."""
        if self.least <= self.share <= self.most:
            return Shown.PASS
        low, high = self.interval
        return Shown.CHANCE if low <= self.most and high >= self.least else Shown.FAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCalibration:
    """All checks of one audit on `n` simulated runs of each world."""

    audit: str
    version: str
    n: int
    seed: int
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Shown:
        """The worst of the checks."""
        held = {check.verdict for check in self.checks}
        return next(v for v in (Shown.FAIL, Shown.CHANCE, Shown.PASS) if v in held)


def calibrate_audit(
    name: str, n: int, seed: int = 0, notify: Notify = lambda total, name: None
) -> AuditCalibration:
    """Simulate `n` runs of every world of an audit.

    Raises:
        UsageError: for an audit that there is not or that plants no worlds, or n below 20.
    """
    if n < FEWEST:
        raise UsageError("too few simulated audits", seen=n, legal=f"{FEWEST} or more; 200 decide")
    audit = registry.load("audit", name)
    simulate: Callable[..., Sequence[Any]] | None = getattr(audit, "simulate", None)
    if simulate is None:
        able = [
            a for a in registry.names("audit") if hasattr(registry.load("audit", a), "simulate")
        ]
        raise UsageError(
            f"the audit {name} plants no worlds to be calibrated on",
            seen=name,
            legal=", ".join(able) or "none of those installed",
        )
    fields = ("world", "question", "k", "n", "least", "most")
    checks = [
        Check(**{field: getattr(tally, field) for field in fields})
        for tally in simulate(n, seed, notify)
    ]
    return AuditCalibration(
        audit=audit.name, version=audit.version, n=n, seed=seed, checks=tuple(checks)
    )


def lines(done: AuditCalibration) -> list[str]:
    """The checks for a terminal, the worst verdict first."""
    made = [f"{done.verdict:<14} {done.audit}  {done.n} simulated audits of each world"]
    for check in done.checks:
        low, high = check.interval
        seen = f"{check.share:.3f} [{low:.3f}, {high:.3f}]"
        rule = f"{check.least:g} to {check.most:g}"
        made.append(f"  {check.verdict:<14} {seen:<22} {rule:<13} {check.world}: {check.question}")
    return made


def page(done: AuditCalibration) -> str:
    """The checks as a Markdown page."""
    rows = []
    for check in done.checks:
        low, high = check.interval
        rows.append(
            f"| {check.world} | {check.question} | {check.share:.3f} [{low:.3f}, {high:.3f}] "
            f"| {check.least:g} to {check.most:g} | {check.n} | {check.verdict} |"
        )
    head = [
        f"# Calibration of the audit `{done.audit}`",
        "",
        f"Version {done.version}, {done.n} simulated audits of every world, seed {done.seed}.",
        f"Made by `prescreen calibrate --audit {done.audit} --simulations {done.n}",
        "--pages docs/audits`.",
        "",
        "| world | question | seen (95 %) | must be | n | verdict |",
        "|---|---|--:|--:|--:|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def write_page(done: AuditCalibration, folder: Path) -> Path:
    """Write the page into a folder as `<audit>-calibration.md`."""
    path = folder / f"{done.audit}-calibration.md"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(path, page(done).encode())
    return path
