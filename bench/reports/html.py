"""One self-contained HTML page of a run: numbers with intervals, what is missing, every clip.

It is made from the run folder alone, needs no network, and treats every name and text as untrusted.
Equal runs give equal pages.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.errors import printable
from bench.extraction import Store
from bench.features.base import feature_key
from bench.home import write_atomic
from bench.runs import (
    GENERATION,
    MANIFEST,
    PROMPTS,
    REPORT,
    SUMMARY,
    read_json,
    read_jsonl,
    run_id,
)
from bench.scoring import read_scores
from bench.types import Outcome

MAX_CLIPS = 300
"""So many clips are shown with pictures; those with something wrong come first."""


def write_html(root: Path) -> Path:
    """Write the page of the run folder `root` and return its path."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent)
    engine = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    engine.filters["number"] = _number
    engine.filters["printable"] = printable
    summary = read_json(root / SUMMARY)
    manifest = read_json(root / MANIFEST)
    clips = _clips(root, manifest, summary["problems"])
    page = engine.get_template("page.html.j2").render(
        identity=run_id(manifest),
        manifest=manifest,
        summary=summary,
        outcomes=list(Outcome),
        headlines=_with_bars(summary["headlines"]),
        notes=_notes(summary["headlines"]),
        clips=clips[:MAX_CLIPS],
        n_clips=len(clips),
    )
    path = root / REPORT
    write_atomic(path, page.encode())
    return path


def _number(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.4g}"


def _notes(headlines: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the numbers and their intervals do not say by themselves: metric and note, each once."""
    notes: dict[tuple[str, str], None] = {}
    for headline in headlines:
        of_interval = headline["interval"]["notes"] if headline["interval"] else []
        for note in headline["notes"]:
            notes[headline["metric"], note] = None
        for note in of_interval:
            notes[headline["metric"], f"{headline['column']}, its interval: {note}"] = None
    return list(notes)


def _with_bars(headlines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each headline with the place of its dot and whiskers on a scale shared by its rows, in %."""
    groups: dict[tuple[str, str], list[float]] = {}
    for headline in headlines:
        groups.setdefault((headline["metric"], headline["column"]), []).extend(_ends(headline))
    drawn = []
    for headline in headlines:
        ends = groups[headline["metric"], headline["column"]]
        bar = None
        if headline["value"] is not None:
            low, high = min(ends), max(ends)
            span = (high - low) or 1.0
            here = [4 + 92 * (value - low) / span for value in _ends(headline)]
            bar = {"dot": here[0], "low": min(here), "high": max(here)}
        drawn.append({**headline, "bar": bar})
    return drawn


def _ends(headline: Mapping[str, Any]) -> list[float]:
    if headline["value"] is None:
        return []
    interval = headline["interval"]
    return [headline["value"], *([interval["low"], interval["high"]] if interval else [])]


def _clips(
    root: Path, manifest: Mapping[str, Any], problems: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Every trial with its pictures and numbers; those that went wrong first."""
    prompts = {record["id"]: record for record in read_jsonl(root / PROMPTS)}
    scores: dict[str, list[dict[str, Any]]] = {}
    for row in read_scores(root):
        scores.setdefault(row["trial_id"], []).append(row)
    wrong: dict[str, list[Mapping[str, Any]]] = {}
    for problem in problems:
        wrong.setdefault(problem["trial_id"], []).append(problem)
    clips: list[dict[str, Any]] = []
    for trial in read_jsonl(root / GENERATION):
        prompt = prompts.get(trial["prompt_id"] or "", {})
        rows = scores.get(trial["id"], [])
        clips.append(
            {
                **trial,
                "prompt": prompt.get("text", ""),
                "veiled": bool(prompt.get("hazard")),
                "problems": wrong.get(trial["id"], []),
                "scores": [row for row in rows if row["status"] in {"ok", "vetoed"}],
            }
        )
    clips.sort(key=lambda clip: (not clip["problems"], clip["source"]))
    for clip in clips[:MAX_CLIPS]:
        clip["pictures"] = list(_pictures(root, manifest, clip["sha256"])) if clip["sha256"] else []
    return clips


def _pictures(root: Path, manifest: Mapping[str, Any], sha256: str) -> Iterator[str]:
    """The clip's thumbnails as data addresses."""
    key = feature_key(manifest["features"]["thumbnails"])
    arrays = Store(root=root).arrays(sha256, key)
    if arrays is None:
        return
    ends = np.cumsum(arrays["lengths"])
    data = np.asarray(arrays["jpeg"]).tobytes()
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        coded = base64.b64encode(data[int(start) : int(end)]).decode()
        yield f"data:image/jpeg;base64,{coded}"
