"""The run folder: numbered files that are written whole, and a journal that chains them.

The journal holds one event a line; each carries the hash of the line before it, so that a changed,
dropped or swapped event shows. No event holds the time of day, a worker or a cache hit: a run
that was killed and resumed has the bytes of one that was not, because a resumed run replays its
events against those that are there and goes on where they end. What a person may want to know of
the hour stands in `run.log`, which no number depends on.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from bench.errors import RunDamaged, RunLocked, UsageError
from bench.home import storage_error, write_atomic
from bench.types import Json, Outcome, canonical_json, digest

GENESIS = "0" * 64
MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"
PROMPTS = "1-prompts.jsonl"
GENERATION = "2-generation.jsonl"
VIDEOS = "3-videos"
FEATURES = "4-features"
SCORES = "5-scores.parquet"
SERIES = "5-series.parquet"
AUDITS = "6-audits"
FINDINGS = "6-findings.jsonl"
REPORT = "7-report/index.html"
GATE = "8-gate.json"
SUMMARY = "summary.json"
SOURCES = "sources.json"
END = "end"
"""The kind of the event that closes a journal."""
IDENTITY = ("request", "inputs", "environment", "plug_ins")
"""The fields of a manifest that are known before the weights are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the journal."""

    seq: int
    kind: str
    data: Mapping[str, Json]
    prev: str
    hash: str

    def line(self) -> bytes:
        """The event as it is written."""
        record = {name: getattr(self, name) for name in ("seq", "kind", "data", "prev", "hash")}
        return (canonical_json(record) + "\n").encode()


def chain(seq: int, kind: str, data: Mapping[str, Json], prev: str) -> Event:
    """The event that follows the one whose hash is `prev`."""
    body = canonical_json({"seq": seq, "kind": kind, "data": dict(data), "prev": prev})
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    return Event(seq=seq, kind=kind, data=data, prev=prev, hash=sha256)


def read_journal(path: Path) -> tuple[list[Event], int]:
    """The events of a journal and the length in bytes of its sound part.

    A last line without its newline was being written when the process died: it is left out.

    Raises:
        RunDamaged: when a whole line does not follow from the one before it.
    """
    events: list[Event] = []
    sound = 0
    data = path.read_bytes() if path.exists() else b""
    for line in data.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        prev = events[-1].hash if events else GENESIS
        try:
            record = json.loads(line)
            event = chain(len(events), record["kind"], record["data"], prev)
        except (ValueError, KeyError, TypeError):
            event = None
        if event is None or event.line() != line:
            raise RunDamaged(
                f"the journal's chain breaks at line {len(events) + 1} of {path}",
                then="restore the file, or score the videos again into another run folder",
            )
        events.append(event)
        sound += len(line)
    return events, sound


def is_ended(events: Sequence[Event]) -> bool:
    """Whether a journal's last event is its end: what it is of is finished."""
    return bool(events) and events[-1].kind == END


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write JSON for people and machines: sorted keys, two spaces, one newline at the end."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomic(path, (text + "\n").encode())


def write_jsonl(path: Path, records: Iterator[Mapping[str, Any]]) -> None:
    """Write one canonical JSON object a line."""
    write_atomic(path, b"".join((canonical_json(dict(r)) + "\n").encode() for r in records))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The records of a file that :func:`write_jsonl` wrote.

    Raises:
        RunDamaged: when a line of it is not JSON.
    """
    try:
        return [json.loads(line) for line in path.read_bytes().splitlines()]
    except ValueError as error:
        raise RunDamaged(f"{path} does not hold JSON lines: {error}") from error


def read_json(path: Path) -> Any:
    """Read a JSON file of a run.

    Raises:
        UsageError: when the folder is not a run or the file cannot be read.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise UsageError(
            f"{path.parent} is not a finished run folder: it has no {path.name}",
            then="give the folder that prescreen score printed",
        ) from error
    except ValueError as error:
        raise RunDamaged(f"{path} is not JSON: {error}") from error


def run_id(manifest: Mapping[str, Any]) -> str:
    """The name of a run: equal requests on equal inputs, code and weights have one name.

    Its first part can be told before any weights are looked for.
    """
    identity = {name: manifest[name] for name in IDENTITY}
    return f"{digest(identity, 12)}-{digest(manifest['features'], 6)}"


class Run:
    """A run folder opened for writing: locked, its manifest in place, its journal replayed.

    Used as a context manager; the lock goes with the process, however it ends. With `afresh`, what
    an earlier process wrote for the same request is removed first, and no file of anybody else.
    """

    def __init__(
        self,
        path: Path,
        manifest: Mapping[str, Json],
        *,
        wait: bool = False,
        afresh: bool = False,
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._wait = wait
        self._afresh = afresh
        self._events: list[Event] = []
        self._position = 0
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Lock the folder and read what an earlier process left.

        Raises:
            RunLocked: when another process holds it and `wait` was not asked for.
            UsageError: when the folder holds a run that was asked for differently.
        """
        from filelock import FileLock, Timeout

        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error, self.path) from error
        self._lock = FileLock(self.path / ".lock")
        try:
            self._lock.acquire(timeout=-1 if self._wait else 0)
        except Timeout as error:
            raise RunLocked(
                f"another process is writing the run {self.path}",
                then="wait for it to end, or run the same command with --wait",
            ) from error
        except OSError as error:
            raise storage_error(error, self.path) from error
        try:
            self._adopt()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the journal and let go of the folder."""
        if self._file is not None:
            self._file.close()
        self._lock.release()

    def _adopt(self) -> None:
        # what a killed process was writing; nobody else writes here while the lock is held
        for draft in self.path.rglob(".*.tmp"):
            draft.unlink(missing_ok=True)
        path = self.path / MANIFEST
        if path.exists():
            check_same_request(read_json(path), self.manifest, self.path)
            if self._afresh:
                self._clear()
        else:
            write_json(path, self.manifest)
        journal = self.path / JOURNAL
        self._events, sound = read_journal(journal)
        try:
            self._file = journal.open("ab")
            self._file.truncate(sound)
        except OSError as error:
            raise storage_error(error, journal) from error

    def _clear(self) -> None:
        # a kill in between leaves a run that is not finished: the summary goes first, and the
        # journal before the features that it chains
        names = (SUMMARY, JOURNAL, REPORT, SERIES, SCORES, SOURCES, GENERATION, PROMPTS)
        features = sorted((self.path / FEATURES).glob("[0-9a-f]" * 64 + "/*"))
        ours = [path for path in features if path.suffix in {".json", ".safetensors"}]
        # a video that was made stays; one that failed is asked for again
        records = sorted((self.path / VIDEOS).glob("[0-9a-f]" * 20 + ".json"))
        ours += [path for path in records if read_json(path).get("outcome") == Outcome.ERROR]
        for path in (*(self.path / name for name in names), *ours):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise storage_error(error, path) from error

    def record(self, kind: str, data: Mapping[str, Json]) -> None:
        """Append an event, or find it already there.

        Raises:
            RunDamaged: when the journal says otherwise at this place: the inputs or the code
            changed.
        """
        prev = self._events[self._position - 1].hash if self._position else GENESIS
        event = chain(self._position, kind, data, prev)
        if self._position < len(self._events):
            if self._events[self._position].hash != event.hash:
                raise RunDamaged(
                    f"the run {self.path} does not repeat: event {self._position} ({kind}) differs",
                    then="prescreen verify the run, or score into another folder",
                )
        else:
            self._append(event)
        self._position += 1

    def _append(self, event: Event) -> None:
        file = self._file
        if file is None:
            raise RuntimeError("the run is not open")
        try:
            file.write(event.line())
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            raise storage_error(error, self.path / JOURNAL) from error
        self._events.append(event)

    def record_file(self, name: str) -> None:
        """Chain a finished file of the run to the journal by its sha256."""
        self.record("file", {"name": name, "sha256": file_sha256(self.path / name)})


def check_same_request(held: Mapping[str, Json], asked: Mapping[str, Json], path: Path) -> None:
    """Refuse to go on with a run that was asked for differently, naming the field."""
    if held == asked:
        return
    where, old, new = next(_differences(held, asked))
    raise UsageError(
        f"the run folder {path} was started with another {where}",
        seen=new,
        legal=old,
        then="give another --run folder, or none to let one be named",
    )


def _differences(a: Any, b: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in sorted({*a, *b}):
            yield from _differences(a.get(key), b.get(key), f"{where}.{key}" if where else key)
    elif a != b:
        yield where, a, b
