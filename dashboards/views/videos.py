"""Videos: a grid with filters and search; one video with its player, strips and history."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import streamlit as st

from bench.runs import JOURNAL, SERIES, read_journal
from dashboards.catalogue import RunCard
from dashboards.media import is_guarded
from dashboards.widgets.charts import strip_chart
from dashboards.widgets.clips import show_pictures, show_player, warn_once
from dashboards.widgets.context import pick_run, prompts_of, scores_of, trials_of

PER_PAGE = 12
COLUMNS = 3
ALL = "all"


def main() -> None:
    """Draw the page."""
    card = pick_run()
    st.title("Videos")
    trials = [trial for trial in trials_of(card) if trial["source"] == "candidate"]
    prompts = prompts_of(card)
    if not trials:
        st.info("This run has no videos.")
        return
    n_guarded = sum(is_guarded(prompts.get(trial["prompt_id"] or "")) for trial in trials)
    if not warn_once(n_guarded):
        return
    asked = st.query_params.get("trial")
    one = next((trial for trial in trials if trial["id"] == asked), None)
    if one is not None:
        _one(card, one, prompts.get(one["prompt_id"] or ""))
        return
    kept = _filtered(card, trials, prompts)
    st.caption(f"{len(kept)} of {len(trials)} videos")
    _grid(card, kept, prompts)


def _filtered(
    card: RunCard, trials: Sequence[dict[str, Any]], prompts: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    boxes = st.columns(4)
    search = boxes[0].text_input("Search prompts and names", max_chars=200).casefold().strip()
    categories = sorted({str(p.get("category") or "–") for p in prompts.values()})
    category = boxes[1].selectbox("Category", [ALL, *categories], key="category")
    outcome = boxes[2].selectbox(
        "Outcome", [ALL, *sorted({t["outcome"] for t in trials}), "vetoed"]
    )
    scores = scores_of(card)
    named = scores["metric"] + "." + scores["column"]
    number = boxes[3].selectbox("Range of", ["–", *sorted(set(named))])
    vetoed = set(scores[(named == "degenerate.vetoed") & (scores["value"] == 1)]["trial_id"])
    in_range = _in_range(scores[named == number]) if number != "–" else None
    return [
        trial
        for trial in trials
        if (category in {ALL, str(_of(prompts, trial).get("category") or "–")})
        and (outcome in {ALL, trial["outcome"]} or (outcome == "vetoed" and trial["id"] in vetoed))
        and (in_range is None or trial["id"] in in_range)
        and (
            not search
            or search in f"{_of(prompts, trial).get('text', '')}\n{trial['name']}".casefold()
        )
    ]


def _of(prompts: Mapping[str, dict[str, Any]], trial: Mapping[str, Any]) -> Mapping[str, Any]:
    return prompts.get(trial["prompt_id"] or "", {})


def _in_range(scores: pd.DataFrame) -> set[str]:
    values = scores[scores["value"].notna()]
    low, high = float(values["value"].min()), float(values["value"].max())
    if values.empty or not low < high:
        return set(values["trial_id"])
    chosen = st.slider("From, to", low, high, (low, high))
    inside = values["value"].between(*chosen)
    return set(values[inside]["trial_id"])


def _grid(
    card: RunCard, trials: Sequence[dict[str, Any]], prompts: Mapping[str, dict[str, Any]]
) -> None:
    n_pages = max(1, math.ceil(len(trials) / PER_PAGE))
    page = st.number_input("Page", 1, n_pages, 1) if n_pages > 1 else 1
    start = (int(page) - 1) * PER_PAGE
    columns = st.columns(COLUMNS)
    for index, trial in enumerate(trials[start : start + PER_PAGE]):
        prompt = prompts.get(trial["prompt_id"] or "")
        with columns[index % COLUMNS].container(border=True):
            show_pictures(card, trial, prompt, key=f"grid-{trial['id']}")
            st.text(str((prompt or {}).get("text", trial["name"]))[:300])
            if st.button("Open", key=f"open-{trial['id']}"):
                st.query_params["trial"] = trial["id"]
                st.rerun()


def _one(card: RunCard, trial: dict[str, Any], prompt: dict[str, Any] | None) -> None:
    if st.button("Back to all videos"):
        del st.query_params["trial"]
        st.rerun()
    left, right = st.columns([3, 2])
    with left:
        show_player(card, trial, prompt, key=f"one-{trial['id']}")
        show_pictures(card, trial, prompt, key=f"sheet-{trial['id']}")
        _strips(card, trial)
    with right:
        st.code(str((prompt or {}).get("text", "no prompt")), language=None, wrap_lines=True)
        facts = {name: trial[name] for name in ("id", "outcome", "reason", "seed", "name")}
        st.json({**facts, "prompt": trial["prompt_id"]})
        scores = scores_of(card)
        mine = scores[(scores["trial_id"] == trial["id"]) & (scores["status"] != "unavailable")]
        shown = mine[["metric", "column", "value", "status", "reason"]]
        st.dataframe(shown, hide_index=True, height=300)
        with st.expander("What the model said of it"):
            st.json(trial.get("details", {}))
        with st.expander("Events of the journal"):
            st.json(_events(card, trial))


def _strips(card: RunCard, trial: Mapping[str, Any]) -> None:
    """Numbers along the clip, with the worst place of the chosen one marked."""
    query = 'SELECT metric, "column", "values" FROM read_parquet($path) WHERE trial_id = $id'
    values = {"path": str(card.path / SERIES), "id": trial["id"]}
    with duckdb.connect() as database:
        table = database.execute(query, values).df()
    if table.empty:
        st.caption("No number of this clip is drawn along its frames.")
        return
    names = [f"{row.metric}.{row.column}" for row in table.itertuples()]
    name = st.selectbox("Along the frames", names)
    drawn = np.asarray(table["values"].iloc[names.index(str(name))], dtype=float)
    rising = st.toggle("Low is worst", value=str(name).startswith(("ssim", "sharp")))
    worst = int(np.nanargmin(drawn) if rising else np.nanargmax(drawn))
    st.altair_chart(strip_chart(drawn.tolist(), title=str(name), worst=worst), width="stretch")
    st.caption(f"Worst at frame {worst} of {len(drawn)}: {drawn[worst]:.4g}")


def _events(card: RunCard, trial: Mapping[str, Any]) -> list[dict[str, Any]]:
    events, _ = read_journal(card.path / JOURNAL)
    names = {trial["id"], trial["sha256"], trial["name"].rpartition(".")[0]} - {""}
    mine = [event for event in events if names & {str(v) for v in event.data.values()}]
    return [{"seq": e.seq, "kind": e.kind, "hash": e.hash, "data": dict(e.data)} for e in mine]
