"""Compare: two runs number by number, with intervals, and their videos side by side in step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from bench.comparison.columns import Settings
from bench.comparison.compare import Comparison, Line, compare
from bench.errors import PrescreenError, printable
from bench.extraction import Store
from bench.runs import SUMMARY, file_sha256
from dashboards import media
from dashboards.catalogue import RunCard, finished
from dashboards.widgets.charts import interval_chart
from dashboards.widgets.clips import is_veiled, show_pictures, warn_once
from dashboards.widgets.context import (
    all_runs,
    pick_run,
    prompts_of,
    runs_root,
    sources_of,
    trials_of,
)
from dashboards.widgets.plain import csv_bytes, plain
from dashboards.widgets.players import in_step


def main() -> None:
    """Draw the page."""
    st.title("Compare")
    if len(finished(all_runs())) < 2:
        st.info("Two finished runs are needed. Next: prescreen run with another model or seed.")
        return
    a, b = pick_run("Run A, the baseline", "a"), pick_run("Run B", "b")
    if a.name == b.name:
        st.info("A and B are the same run: choose two in the sidebar.")
        return
    st.text(f"A  {a.name}  {a.model}\nB  {b.name}  {b.model}")
    force = st.toggle("Also numbers that were made differently, marked", key="force")
    try:
        made = _compared(*_key(a), *_key(b), force)
    except PrescreenError as error:
        st.error(plain(error, 600))
        return
    _differences(made)
    _moved(made)
    _players(a, b, made)


def _key(card: RunCard) -> tuple[str, str]:
    return str(card.path), file_sha256(card.path / SUMMARY)


@st.cache_data(max_entries=20, show_spinner="comparing")
def _compared(a: str, sha_a: str, b: str, sha_b: str, force: bool) -> Comparison:
    """The comparison that `prescreen compare` prints, with its own settings."""
    del sha_a, sha_b
    return compare(Path(a), Path(b), settings=Settings(), force=force)


def _differences(made: Comparison) -> None:
    st.header("B less A")
    st.caption(
        f"{made.design}; {made.correction} over {made.family} tests; "
        f"{made.settings.confidence:.0%} intervals"
    )
    table = pd.DataFrame([_row(line) for line in made.lines if line.is_main])
    st.dataframe(table, hide_index=True, width="stretch")
    st.download_button("Differences as CSV", csv_bytes(table), "differences.csv", "text/csv")
    for name, why in made.refused.items():
        st.text(f"not compared: {name}: {why}")
    for side, names in made.only_in.items():
        if names:
            st.text(f"only in {side.upper()}: {', '.join(names)}")
    shown = [line for line in made.lines if line.is_main and line.found.interval]
    names = [f"{line.metric}.{line.column}" for line in shown]
    clearest = min(range(len(shown)), key=lambda i: (shown[i].found.p, i), default=0)
    chosen = st.selectbox("By category", names, index=clearest, key="by-category")
    if chosen is not None:
        _by_category(shown[names.index(chosen)])


def _row(line: Line) -> dict[str, Any]:
    found = line.found
    return {
        "metric": line.metric,
        "column": line.column,
        "A": found.a,
        "B": found.b,
        "B less A": found.difference,
        "low": found.interval.low if found.interval else None,
        "high": found.interval.high if found.interval else None,
        "p": found.p,
        "p adjusted": line.p_adjusted,
        "verdict": line.verdict,
        "effect": found.effect,
        "detectable": found.detectable,
        "pairs": found.n,
        "prompts": found.n_clusters,
        "unit": line.unit,
        "made differently": ", ".join(line.marked),
    }


def _by_category(line: Line) -> None:
    found, interval = line.found, line.found.interval
    rows = [{"label": "all", "value": found.difference, "n": found.n}]
    rows[0] |= {"low": interval.low, "high": interval.high} if interval else {}
    for part in found.categories:
        made = part.interval
        rows.append(
            {
                "label": printable(part.name or "no category", 40),
                "value": part.difference,
                "low": made.low if made else None,
                "high": made.high if made else None,
                "n": part.n,
            }
        )
    title = f"B less A in {line.metric}.{line.column} ({line.unit})"
    st.altair_chart(interval_chart(pd.DataFrame(rows), label="label", title=title), width="stretch")


def _moved(made: Comparison) -> None:
    st.header("Prompts that moved most")
    rows = [
        {
            "number": f"{line.metric}.{line.column}",
            "prompt": part.name,
            "B less A": part.difference,
            "pairs": part.n,
        }
        for line in made.lines
        if line.is_main
        for part in line.found.moved
    ]
    if not rows:
        st.caption("Unpaired runs have no prompts in common.")
        return
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _players(a: RunCard, b: RunCard, made: Comparison) -> None:
    st.header("Side by side")
    pairs = _pairs(a, b)
    if not pairs:
        st.info("The runs have no prompt in common.")
        return
    prompts = prompts_of(a)
    if not warn_once(sum(media.is_guarded(prompts.get(p)) for p, _, _ in pairs)):
        return
    at = st.selectbox(
        "Prompt",
        range(len(pairs)),
        format_func=lambda i: str(prompts.get(pairs[i][0], {}).get("text", pairs[i][0]))[:120],
        key="pair",
    )
    prompt_id, left, right = pairs[at]
    prompt = prompts.get(prompt_id)
    if is_veiled(a, left, prompt) or is_veiled(b, right, prompt):
        for column, card, trial in zip(st.columns(2), (a, b), (left, right), strict=True):
            with column:
                show_pictures(card, trial, prompt, key=f"{card.name}-{trial['id']}")
        return
    if "seed" in made.design and left["seed"] != right["seed"]:
        st.caption("These two have different seeds.")
    _play(a, b, left, right)


def _play(a: RunCard, b: RunCard, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    try:
        paths = [
            media.video_path(runs_root(), card.path, sources_of(card).get(trial["id"]))
            for card, trial in ((a, left), (b, right))
        ]
    except PrescreenError as error:
        st.info(plain(error, 300))
        return
    if paths[0] is None or paths[1] is None:
        st.info("One of the two has no video: see its outcome on the page Videos.")
        return
    in_step(paths[0], paths[1], fps=_fps(a, left))


def _fps(card: RunCard, trial: Mapping[str, Any]) -> float:
    facts = Store(root=card.path).reading(trial["sha256"])["facts"] or {}
    fps = float(facts.get("fps") or 0)
    return fps if math.isfinite(fps) and fps > 0 else 24.0


def _pairs(a: RunCard, b: RunCard) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Prompt and both trials: of the same seed where there is one, else the first of each."""
    mine, other = (_by_prompt(trials_of(card)) for card in (a, b))
    pairs = []
    for prompt_id, trials in mine.items():
        held = other.get(prompt_id, [])
        if not held:
            continue
        seeds = {trial["seed"]: trial for trial in held}
        same = next((t for t in trials if t["seed"] in seeds), None)
        left = same or trials[0]
        pairs.append((prompt_id, left, seeds[same["seed"]] if same else held[0]))
    return pairs


def _by_prompt(trials: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    held: dict[str, list[dict[str, Any]]] = {}
    for trial in trials:
        if trial["source"] == "candidate" and trial["prompt_id"]:
            held.setdefault(trial["prompt_id"], []).append(trial)
    return held
