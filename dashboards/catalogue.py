"""The runs below a folder: what each was asked, how far it came, what is wrong with it.

Nothing here draws. A run that is empty, being written, half finished or broken is an entry with a
state and a line that says so; no run folder, whatever is in it, raises.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.errors import PrescreenError, UsageError, printable
from bench.runs import END, GATE, JOURNAL, MANIFEST, SUMMARY, VIDEOS, read_json
from bench.types import Outcome

FRESH_S = 120.0
"""A run whose journal changed so many seconds ago, and has no end, is being written."""


class State(StrEnum):
    """How far a run came."""

    FINISHED = "finished"
    RUNNING = "running"
    UNFINISHED = "half finished"
    BROKEN = "broken"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCard:
    """One run folder at a glance. `name` is its path below the root; `changed_s` is a Unix time.

    `model`, `suite` and what counts videos are empty where the folder does not tell.
    """

    name: str
    path: Path
    state: State
    detail: str = ""
    model: str = ""
    suite: str = ""
    n_asked: int = 0
    n_done: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    gate: str = ""
    changed_s: float = 0.0


def find_runs(root: Path, now_s: float | None = None) -> list[RunCard]:
    """Every run folder below `root`, the latest first.

    Args:
        root: the folder that holds run folders; a run folder itself is a list of one.
        now_s: Unix time to judge by whether a run is being written; by default the clock's.

    Raises:
        UsageError: when there is no such folder.
    """
    if not root.is_dir():
        raise UsageError("no folder of runs here", seen=root, then="prescreen dashboard RUNS_ROOT")
    now = time.time() if now_s is None else now_s
    if (root / MANIFEST).exists():
        return [_card(root, root.name, now)]
    folders = [path for path in sorted(root.iterdir()) if _may_be_run(path)]
    cards = [_card(path, path.name, now) for path in folders]
    return sorted(cards, key=lambda card: (-card.changed_s, card.name))


def _may_be_run(path: Path) -> bool:
    if path.name.startswith(".") or path.is_symlink() or not path.is_dir():
        return False
    ours = any((path / name).exists() for name in (MANIFEST, JOURNAL, ".lock"))
    return ours or not any(path.iterdir())


def _card(path: Path, name: str, now_s: float) -> RunCard:
    changed_s = _changed(path)
    try:
        if not (path / MANIFEST).exists():
            detail = "nothing was written yet; next: run its command again, or remove the folder"
            return RunCard(
                name=name, path=path, state=State.EMPTY, detail=detail, changed_s=changed_s
            )
        manifest = read_json(path / MANIFEST)
        return _known(path, name, manifest, changed_s, now_s)
    except (PrescreenError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        detail = f"{printable(error, 200)}; next: prescreen verify {printable(name)}"
        return RunCard(name=name, path=path, state=State.BROKEN, detail=detail, changed_s=changed_s)


def _known(
    path: Path, name: str, manifest: Mapping[str, Any], changed_s: float, now_s: float
) -> RunCard:
    asked = int(manifest["ledger"].get("candidate", {}).get("n_videos", 0))
    ended = _ended(path / JOURNAL)
    outcomes: dict[str, int] = {}
    if (path / SUMMARY).exists():
        outcomes = dict(read_json(path / SUMMARY)["outcomes"].get("candidate", {}))
    done = sum(outcomes.values()) or len(list((path / VIDEOS).glob("*.json")))
    if ended and outcomes:
        state, detail = State.FINISHED, ""
    elif ended:
        state, detail = State.BROKEN, f"the journal has its end and {SUMMARY} is not there"
    elif now_s - changed_s < FRESH_S:
        state, detail = State.RUNNING, f"{done} of {asked} videos are there"
    else:
        state = State.UNFINISHED
        detail = f"{done} of {asked} videos are there; next: run its command again"
    return RunCard(
        name=name,
        path=path,
        state=state,
        detail=detail,
        model=_model(manifest),
        suite=_suite(str(manifest["inputs"]["suite"])),
        n_asked=asked,
        n_done=done,
        outcomes=outcomes,
        gate=_gate(path / GATE),
        changed_s=changed_s,
    )


def _model(manifest: Mapping[str, Any]) -> str:
    request = manifest["request"]
    return str(request.get("model") or request.get("videos") or "videos that existed")


def _gate(path: Path) -> str:
    return str(read_json(path).get("verdict", "")) if path.exists() else ""


def _changed(path: Path) -> float:
    files = [path / JOURNAL, path / MANIFEST, path]
    return next((file.stat().st_mtime for file in files if file.exists()), 0.0)


def _ended(journal: Path) -> bool:
    """Whether a journal's last whole line is its end; `prescreen verify` checks the chain."""
    if not journal.exists():
        return False
    with journal.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 4096))
        last = file.read().rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return bool(json.loads(last).get("kind") == END)
    except ValueError:
        return False


@functools.cache
def _suite_names() -> dict[str, str]:
    """Hash of each suite that ships -> its name."""
    from bench import registry
    from bench.suites.base import load_suite

    return {load_suite(name).sha256: name for name in registry.names("suite")}


def _suite(sha256: str) -> str:
    return _suite_names().get(sha256, sha256[:12])


def below(root: Path, path: Path) -> Path:
    """`path`, which must lie below `root` once links are followed.

    Raises:
        UsageError: when it does not: what a run folder names may lie anywhere, and is not shown.
    """
    real = path.resolve()
    if not real.is_relative_to(root.resolve()):
        raise UsageError(
            "this file lies outside of the folder of runs", seen=path.name, legal=root.name
        )
    return real


def n_ok(card: RunCard) -> int:
    """Videos that ended well."""
    return int(card.outcomes.get(Outcome.OK, 0))


def finished(cards: Sequence[RunCard]) -> list[RunCard]:
    """Those whose numbers can be shown."""
    return [card for card in cards if card.state is State.FINISHED]
