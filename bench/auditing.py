"""Puts an audit to a finished run: asks what costs once, chains it, and derives the findings.

From Python, what `prescreen audit` does is::

    from bench.auditing import audit

    done = audit(Path("runs/ID"), "filters", {"judge": "canary"})
    done.findings       # a tuple of bench.types.Finding

Below the run lies `6-audits/<audit>/journal.jsonl`, a hash chain of its own that begins with what
was asked of which run, holds one event a trial and ends with the hash of `findings.jsonl`. The
run's own files are never touched. An audit that was killed goes on, a finished one is not made
again, and one with other options, code or run is made anew. Audits are found by name: nothing here
imports one.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from bench import registry
from bench.errors import PrescreenError, RunDamaged, RunLocked, UsageError, printable
from bench.findings import OF_ONE_AUDIT, finding_of, findings_bytes, union_bytes, write_findings
from bench.home import storage_error, write_atomic
from bench.runs import (
    AUDITS,
    END,
    FINDINGS,
    JOURNAL,
    MANIFEST,
    Event,
    chain,
    file_sha256,
    is_ended,
    read_journal,
    read_json,
    read_jsonl,
)
from bench.types import Finding, Json, canonical_json
from bench.view import RunView

FIRST, TRIAL, FILE = "audit", "trial", "file"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
Notify = Callable[[int, str], None]


class Auditor(Protocol):
    """What is asked of an audit; `audits.base.Audit` has it all."""

    name: str
    version: str

    def settings(self) -> Mapping[str, Json]:
        """Everything that the records follow from beside the run."""

    def trials(self, view: Any) -> Iterator[Mapping[str, Json]]:
        """One record a trial."""

    def findings(self, records: Sequence[Mapping[str, Json]], setting: Any) -> list[Finding]:
        """The findings that follow from the records."""

    def lines(self, findings: Sequence[Finding]) -> Iterator[str]:
        """The findings for a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One audit as it is asked for; everything here is chained as the journal's first event."""

    plugin: str
    options: Mapping[str, str]
    confidence: float = 0.95
    n_resamples: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        if not 0.5 <= self.confidence < 1:
            raise UsageError(
                "the confidence is impossible", seen=self.confidence, legal="0.5 to 0.999"
            )
        if self.n_resamples < 100:
            raise UsageError("too few resamples", seen=self.n_resamples, legal="100 or more")

    def build(self) -> Auditor:
        """The audit with its options.

        Raises:
            UsageError: when there is none of this name, or it refuses its options.
        """
        spec = registry.Spec(name=self.plugin, options=self.options)
        auditor: Auditor = registry.build("audit", spec)
        if not _NAME.fullmatch(getattr(auditor, "name", "")):
            raise UsageError(
                f"{self.plugin} is not an audit",
                seen=type(auditor).__name__,
                legal="a subclass of audits.base.Audit with a name such as my_audit",
            )
        return auditor

    def setting(self, auditor: Auditor, manifest: Mapping[str, Any]) -> Any:
        """How the numbers are made, with their comparability key."""
        base = importlib.import_module(f"{registry.ROOMS['audit']}.base")
        key: dict[str, Json] = {
            "audit": auditor.name,
            "version": auditor.version,
            "settings": dict(auditor.settings()),
            "suite": manifest["inputs"]["suite"],
        }
        return base.Setting(
            confidence=self.confidence, n_resamples=self.n_resamples, seed=self.seed, key=key
        )

    def event(self, auditor: Auditor, run: str) -> dict[str, Json]:
        """The journal's first event: another one means another audit."""
        return {
            "name": auditor.name,
            "version": auditor.version,
            "plugin": self.plugin,
            "options": dict(self.options),
            "settings": dict(auditor.settings()),
            "confidence": self.confidence,
            "n_resamples": self.n_resamples,
            "seed": self.seed,
            "environment": environment(self.plugin),
            "run": run,
        }

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Asked:
        """What a journal's first event says was asked."""
        names = ("plugin", "options", "confidence", "n_resamples", "seed")
        return cls(**{name: event[name] for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A finished audit: its folder, its findings, whether they were there already."""

    name: str
    path: Path
    findings: tuple[Finding, ...]
    reused: bool
    lines: tuple[str, ...]


def environment(plugin: str) -> dict[str, Json]:
    """What can change an audit's records and numbers: libraries, and the code of the rooms."""
    from bench.plan import code_digest

    found = importlib.import_module(registry.ROOMS["audit"])
    return {
        "code": code_digest(),
        "audits": registry.code_of(Path(str(found.__file__)).parent),
        "plug_in": registry.fingerprint("audit", plugin),
        "numpy": metadata.version("numpy"),
        "scipy": metadata.version("scipy"),
    }


def audit(
    root: Path,
    name: str,
    options: Mapping[str, str] | None = None,
    *,
    afresh: bool = False,
    notify: Notify = lambda total, name: None,
    **setting: Any,
) -> Audited:
    """Put one audit to the run in `root`.

    Args:
        root: folder of a finished run.
        name: an audit's name, or `package.module:Attribute`.
        options: of the audit, as text.
        afresh: ask everything again, even where the answer is there.
        notify: told of each trial that is done.
        setting: `confidence`, `n_resamples`, `seed`.

    Raises:
        UsageError: when the run is not finished, there is no such audit, it refuses its options,
            or the run lacks what the audit needs.
        RunDamaged: when the run's journal, or the audit's own, does not hold.
    """
    asked = Asked(plugin=name, options=options or {}, **setting)
    auditor = asked.build()
    view = RunView.of(root, finished_hash(root))
    first = asked.event(auditor, view.run_hash)
    folder = root / AUDITS / auditor.name
    with locked(folder):
        reused = not afresh and _is_finished(folder, first)
        if not reused:
            _make(folder, auditor, asked, view, first, afresh=afresh, notify=notify)
            with locked(root / AUDITS):
                write_atomic(root / FINDINGS, union_bytes(root))
        findings = tuple(finding_of(record) for record in read_jsonl(folder / OF_ONE_AUDIT))
    return Audited(
        name=auditor.name,
        path=folder,
        findings=findings,
        reused=reused,
        lines=tuple(auditor.lines(findings)),
    )


def finished_hash(root: Path) -> str:
    """The hash of the last event of a finished run.

    Raises:
        UsageError: when there is no run, or it is not finished.
    """
    read_json(root / MANIFEST)
    events, _ = read_journal(root / JOURNAL)
    if not is_ended(events):
        raise UsageError(
            f"the run {root} is not finished, and an audit counts every trial",
            seen=f"{len(events)} events in its journal, no end",
            then="run the same prescreen run or prescreen score command again",
        )
    return events[-1].hash


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder while an audit writes it.

    Raises:
        RunLocked: when another process goes on writing it.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        lock.acquire(timeout=10)
    except Timeout as error:
        raise RunLocked(
            f"another process is writing {folder}", then="wait for it to end"
        ) from error
    except OSError as error:
        raise storage_error(error, folder) from error
    try:
        yield
    finally:
        lock.release()


def _is_finished(folder: Path, first: Mapping[str, Json]) -> bool:
    """Whether the folder holds just the answer to this question, whole."""
    try:
        events, _ = read_journal(folder / JOURNAL)
    except RunDamaged:
        return False
    if not is_ended(events) or dict(events[0].data) != dict(first):
        return False
    path = folder / OF_ONE_AUDIT
    return path.exists() and file_sha256(path) == events[-2].data.get("sha256")


def _make(
    folder: Path,
    auditor: Auditor,
    asked: Asked,
    view: RunView,
    first: Mapping[str, Json],
    *,
    afresh: bool,
    notify: Notify,
) -> None:
    journal = _Journal(folder / JOURNAL, first, afresh=afresh)
    records: list[Mapping[str, Json]] = []
    try:
        view.held = journal.held()
        known = {trial.id for trial in view.trials}
        for record in auditor.trials(view):
            plain = checked_record(record, known)
            journal.record(TRIAL, plain)
            records.append(plain)
            notify(len(view.trials), str(plain["trial"]))
        findings = auditor.findings(records, asked.setting(auditor, view.manifest))
        write_findings(folder / OF_ONE_AUDIT, findings)
        journal.record(FILE, {"name": OF_ONE_AUDIT, "sha256": file_sha256(folder / OF_ONE_AUDIT)})
        journal.record(END, {})
    finally:
        journal.close()


def checked_record(record: Mapping[str, Json], known: Collection[str]) -> dict[str, Any]:
    """A record as the journal keeps it: JSON, of one of the trials `known`.

    Raises:
        ValueError: when the audit is at fault.
    """
    plain: dict[str, Any] = json.loads(canonical_json(dict(record)))
    if plain.get("trial") not in known:
        raise ValueError(f"the audit spoke of a trial that is not there: {plain.get('trial')!r}")
    return plain


class _Journal:
    """An audit's journal, open for writing: what an earlier process left is replayed."""

    def __init__(self, path: Path, first: Mapping[str, Json], *, afresh: bool) -> None:
        self.path = path
        start = chain(0, FIRST, first, "0" * 64)
        try:
            events, sound = read_journal(path)
        except RunDamaged:
            events, sound = [], 0
        # a finished one is here only because its findings are not as they were
        whole = is_ended(events)
        if afresh or whole or not events or events[0].hash != start.hash:
            events, sound = [], 0
        self._events: list[Event] = events
        self._position = 0
        try:
            self._file = path.open("ab")
            self._file.truncate(sound)
        except OSError as error:
            raise storage_error(error, path) from error
        self.record(FIRST, first)

    def held(self) -> dict[str, Mapping[str, Json]]:
        """The records that an earlier process left, by trial."""
        return {str(e.data["trial"]): e.data for e in self._events if e.kind == TRIAL}

    def record(self, kind: str, data: Mapping[str, Json]) -> None:
        """Append an event, or find it already there.

        Raises:
            RunDamaged: when the journal says otherwise at this place.
        """
        prev = self._events[self._position - 1].hash if self._position else "0" * 64
        event = chain(self._position, kind, data, prev)
        if self._position == len(self._events):
            try:
                self._file.write(event.line())
                self._file.flush()
            except OSError as error:
                raise storage_error(error, self.path) from error
            self._events.append(event)
        elif self._events[self._position].hash != event.hash:
            raise RunDamaged(
                f"the audit does not repeat: event {self._position} of {self.path} differs",
                then="the same command with --afresh asks everything again",
            )
        self._position += 1

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def audit_problems(root: Path) -> Iterator[tuple[str, str]]:
    """Each audit of a run with what is wrong with it, empty where all holds; then the union."""
    folders = sorted(path.parent for path in (root / AUDITS).glob(f"*/{JOURNAL}"))
    for folder in folders:
        try:
            problem = _problem(root, folder)
        except PrescreenError as error:
            problem = printable(error, 400)
        except Exception as error:  # noqa: BLE001 - a plug-in may fail on old records in any way
            problem = printable(f"the audit failed with {type(error).__name__}: {error}", 400)
        yield f"{AUDITS}/{folder.name}", problem
    held = root / FINDINGS
    if folders or held.exists():
        same = held.exists() and held.read_bytes() == union_bytes(root)
        yield FINDINGS, "" if same else "does not hold the findings of the run's audits"


def _problem(root: Path, folder: Path) -> str:
    events, _ = read_journal(folder / JOURNAL)
    if not is_ended(events):
        return f"is not finished; next: prescreen audit {folder.name} {root}"
    first: Mapping[str, Any] = events[0].data
    if first["run"] != finished_hash(root):
        return f"was made of another state of the run; next: prescreen audit {folder.name} {root}"
    path = folder / OF_ONE_AUDIT
    if not path.exists() or file_sha256(path) != events[-2].data.get("sha256"):
        return f"{OF_ONE_AUDIT} was changed or removed"
    asked = Asked.of(first)
    auditor = asked.build()
    records = [event.data for event in events if event.kind == TRIAL]
    setting = asked.setting(auditor, read_json(root / MANIFEST))
    again = findings_bytes(auditor.findings(records, setting))
    if again == path.read_bytes():
        return ""
    now, held = environment(asked.plugin), first["environment"]
    changed = [f"{k} {held.get(k)} -> {now[k]}" for k in now if held.get(k) != now[k]]
    return "its findings do not follow from its journal" + (
        f"; the environment changed too: {', '.join(changed)}" if changed else ""
    )
