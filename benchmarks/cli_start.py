"""How long the command line takes to say what it can do, and how much of that is Python."""

from __future__ import annotations

import sys

from benchmarks._program import PRESCREEN, environment, timed
from benchmarks._result import Result, Setting

LIMIT_S = 0.5
ABOVE_PYTHON_S = 0.3
COMMANDS = {"help": ("--help",), "ls": ("ls",)}


def run(setting: Setting) -> tuple[Result, ...]:
    """Best of several starts, bare Python and the commands in turn."""
    env = environment(setting.folder("caches") / "cli-start")
    commands = {"python": (sys.executable, "-c", "pass")}
    commands |= {name: (str(PRESCREEN), *words) for name, words in COMMANDS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(setting.size(15, 3)):
        for name, command in commands.items():
            seconds[name].append(timed(command, env).seconds)
    best = {name: min(times) for name, times in seconds.items()}
    details = {"best_s": best, "n_starts": len(seconds["python"])}
    return tuple(result for name in COMMANDS for result in _results(name, best, details))


def _results(name: str, best: dict[str, float], details: dict[str, object]) -> tuple[Result, ...]:
    return (
        Result(
            name=f"cli_start.{name}",
            figure=best[name],
            limit=LIMIT_S,
            unit="s",
            sense="at most",
            details=details,
        ),
        Result(
            name=f"cli_start.{name}_above_python",
            figure=best[name] - best["python"],
            limit=ABOVE_PYTHON_S,
            unit="s",
            sense="at most",
            details=details,
        ),
    )
