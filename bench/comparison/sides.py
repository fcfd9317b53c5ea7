"""The two runs of a comparison: what they hold, how their videos pair, where their keys differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.runs import (
    JOURNAL,
    MANIFEST,
    PROMPTS,
    SUMMARY,
    is_ended,
    read_journal,
    read_json,
    read_jsonl,
)
from bench.scoring import read_scores

BY_SEED = "paired by prompt and seed"
BY_PROMPT = "paired by prompt"
UNPAIRED = "unpaired (Welch)"
_ENOUGH = 0.5
"""The share of the smaller run's videos (or prompts) that must have a partner to pair by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A finished run: its folder, manifest, headlines, prompts by id, and the rows of its scores.

    Rows are those of candidate videos; a video's reference twin is no part of a comparison.
    """

    root: Path
    manifest: Mapping[str, Any]
    headlines: Mapping[tuple[str, str], Mapping[str, Any]]
    prompts: Mapping[str, Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, root: Path) -> Side:
        """Read a run folder.

        Raises:
            UsageError: when the folder holds no finished run.
            RunDamaged: when its journal's chain is broken.
        """
        manifest, summary = read_json(root / MANIFEST), read_json(root / SUMMARY)
        events, _ = read_journal(root / JOURNAL)
        if not is_ended(events):
            raise UsageError(
                f"the run {root} is not finished", then="run the same command again to finish it"
            )
        return cls(
            root=root,
            manifest=manifest,
            headlines={
                (h["metric"], h["column"]): h
                for h in summary["headlines"]
                if h["source"] == "candidate" and h["subset"] == "kept"
            },
            prompts={record["id"]: record for record in read_jsonl(root / PROMPTS)},
            rows=[row for row in read_scores(root) if row["source"] == "candidate"],
        )

    def videos(self) -> list[tuple[str | None, int | None]]:
        """Prompt and seed of each video that was asked for."""
        held = {row["trial_id"]: (row["prompt_id"], row["seed"]) for row in self.rows}
        return list(held.values())

    def category(self, prompt_id: str) -> str:
        """The category of a prompt, empty where it has none."""
        return str(self.prompts.get(prompt_id, {}).get("category", ""))


def design_of(a: Side, b: Side) -> str:
    """How the videos of two runs pair: by prompt and seed, by prompt, or not at all."""
    ours, theirs = a.videos(), b.videos()
    whole = all(prompt is not None and seed is not None for prompt, seed in (*ours, *theirs))
    unique = len(set(ours)) == len(ours) and len(set(theirs)) == len(theirs)
    if whole and unique and _overlap(set(ours), set(theirs)):
        return BY_SEED
    prompts = [{prompt for prompt, _ in side if prompt is not None} for side in (ours, theirs)]
    return BY_PROMPT if _overlap(*prompts) else UNPAIRED


def _overlap(ours: set[Any], theirs: set[Any]) -> bool:
    smaller = min(len(ours), len(theirs))
    return smaller > 0 and len(ours & theirs) >= _ENOUGH * smaller


def key_differences(a: Any, b: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two comparability keys differ, each with both values."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for name in sorted({*a, *b}):
            yield from key_differences(a.get(name), b.get(name), f"{where}.{name}".lstrip("."))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from key_differences(one, other, f"{where}[{i}]")
    elif a != b:
        yield where, a, b
