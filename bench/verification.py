"""Checks a finished run: nothing in it was changed, and its numbers follow from its features."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.auditing import audit_problems
from bench.errors import PrescreenError, RunDamaged
from bench.extraction import READING, Store
from bench.features.cache import arrays_digest
from bench.gates.gate import recheck
from bench.pipeline import write_numbers
from bench.plan import environment
from bench.reports.html import write_html
from bench.resolution import plugins_of
from bench.runs import (
    FEATURES,
    GATE,
    GENERATION,
    JOURNAL,
    MANIFEST,
    PROMPTS,
    REPORT,
    SCORES,
    SERIES,
    SOURCES,
    SUMMARY,
    Event,
    file_sha256,
    is_ended,
    read_journal,
    read_json,
    read_jsonl,
)
from bench.types import Outcome, digest
from bench.videos.read import sha256 as video_sha256
from bench.view import prompt_of, trial_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked: whether it held, and what was seen."""

    name: str
    ok: bool
    detail: str


def verify(root: Path) -> list[Check]:
    """Every check of a run folder; it is sound when all are `ok`.

    Raises:
        UsageError: when the folder holds no run.
    """
    manifest = read_json(root / MANIFEST)
    try:
        events, _ = read_journal(root / JOURNAL)
    except RunDamaged as error:
        return [Check(name="journal", ok=False, detail=str(error))]
    if not is_ended(events):
        detail = "the run is not finished; next: run the same prescreen score command"
        return [Check(name="journal", ok=False, detail=detail)]
    checks = [Check(name="journal", ok=True, detail=f"{len(events)} events follow one another")]
    checks.append(_manifest(manifest, events[0]))
    checks += _files(root, events)
    checks.append(_features(root, events))
    # the rest reads those files, which is of no use once one of them was changed
    if all(check.ok for check in checks):
        checks.append(_videos(root))
        checks.append(_numbers(root, manifest))
        checks += _audits(root)
        checks += _gate(root)
    return checks


def _audits(root: Path) -> Iterator[Check]:
    """Each audit's chain, and its findings made again from it."""
    for name, problem in audit_problems(root):
        detail = problem or "the chain holds, the findings follow from it"
        yield Check(name=name, ok=not problem, detail=detail)


def _gate(root: Path) -> Iterator[Check]:
    """The gate's decision, made again from the policy and the day that stand in it."""
    if (root / GATE).exists():
        ok, detail = recheck(root)
        yield Check(name=GATE, ok=ok, detail=detail)


def _manifest(manifest: Mapping[str, Any], first: Event) -> Check:
    same = first.data.get("manifest") == digest(dict(manifest), 64)
    return Check(name=MANIFEST, ok=same, detail="as planned" if same else "was changed")


def _files(root: Path, events: Sequence[Event]) -> Iterator[Check]:
    for event in events:
        if event.kind == "file":
            path = root / str(event.data["name"])
            held = file_sha256(path) if path.exists() else "nothing"
            same = held == event.data["sha256"]
            detail = "as journalled" if same else f"was changed or removed: {held[:16]}"
            yield Check(name=str(event.data["name"]), ok=same, detail=detail)


def _features(root: Path, events: Sequence[Event]) -> Check:
    store = Store(root=root)
    wrong = [name for event in events for name in _wrong_features(store, event)]
    n = sum(event.kind == "reading" for event in events)
    detail = f"{n} videos as journalled" if not wrong else "changed: " + ", ".join(wrong[:5])
    return Check(name=FEATURES, ok=not wrong, detail=detail)


def _wrong_features(store: Store, event: Event) -> Iterator[str]:
    data: Mapping[str, Any] = event.data
    if event.kind == "reading":
        expected = {name: data[name] for name in ("facts", "problems", "error")}
        try:
            same = store.reading(data["video"]) == expected
        except PrescreenError:
            same = False
        if not same:
            yield f"{data['video'][:12]}/{READING}"
        held = {key: (data["video"], key) for key in data["features"]}
        digests = data["features"]
    elif event.kind == "text":
        held = {data["key"]: (data["text"], data["key"])}
        digests = {data["key"]: data["digest"]}
    else:
        return
    for key, place in held.items():
        arrays = store.arrays(*place)
        if arrays is None or arrays_digest(arrays) != digests[key]:
            yield f"{place[0][:12]}/{key}"


def _videos(root: Path) -> Check:
    """The videos themselves, where they still are."""
    paths = read_json(root / SOURCES)
    changed, checked, absent = [], 0, 0
    for trial in read_jsonl(root / GENERATION):
        path = paths.get(trial["id"])
        if trial["outcome"] != Outcome.OK:
            continue
        if path is None or not (root / path).exists():
            absent += 1
            continue
        checked += 1
        if video_sha256(root / path) != trial["sha256"]:
            changed.append(trial["name"])
    detail = f"{checked} have their hash" + (f", {absent} are no longer there" if absent else "")
    if changed:
        detail = "changed since they were scored: " + ", ".join(changed[:5])
    return Check(name="videos", ok=not changed, detail=detail)


def _numbers(root: Path, manifest: Mapping[str, Any]) -> Check:
    """Scores, series and summary made again from the features, compared byte by byte."""
    trials = [trial_of(record, root, {}) for record in read_jsonl(root / GENERATION)]
    prompts = [prompt_of(record) for record in read_jsonl(root / PROMPTS)]
    with tempfile.TemporaryDirectory() as name:
        again = Path(name)
        (again / FEATURES).symlink_to((root / FEATURES).resolve())
        for needed in (MANIFEST, PROMPTS, GENERATION):
            (again / needed).write_bytes((root / needed).read_bytes())
        write_numbers(again, manifest, trials, prompts, plugins_of(manifest))
        write_html(again)
        differ = [f for f in (SCORES, SERIES, SUMMARY, REPORT) if _differ(root / f, again / f)]
    detail = "computed again: the same bytes"
    if differ:
        detail = f"differ: {', '.join(differ)}{_changed_since(manifest)}"
    return Check(name="numbers", ok=not differ, detail=detail)


def _changed_since(manifest: Mapping[str, Any]) -> str:
    """What of the environment is not as it was, since that alone may change a number."""
    held, now = manifest["environment"], environment()
    changed = [f"{k} {held.get(k)} -> {now[k]}" for k in now if held.get(k) != now[k]]
    return f"; the environment changed too: {', '.join(changed)}" if changed else ""


def _differ(a: Path, b: Path) -> bool:
    return a.read_bytes() != b.read_bytes()
