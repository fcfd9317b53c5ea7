"""Overview: every run with its state and verdict, one number across runs with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from bench.runs import SUMMARY, file_sha256
from dashboards import tables
from dashboards.catalogue import RunCard, State, finished
from dashboards.widgets.charts import interval_chart
from dashboards.widgets.context import all_runs, show_state
from dashboards.widgets.plain import csv_bytes, plain

NO_GATE = "not gated"
USUAL = "attribute_accuracy.overall"


def main() -> None:
    """Draw the page."""
    st.title("Overview")
    cards = all_runs()
    if not cards:
        st.info(
            "There are no runs in this folder yet. "
            "Next: prescreen run --suite smoke --model cascade --out FOLDER"
        )
        return
    _counts(cards)
    _table(cards)
    for card in cards:
        if card.state is not State.FINISHED:
            show_state(card)
    done = finished(cards)
    if done:
        _across(done)


def _counts(cards: Sequence[RunCard]) -> None:
    gates = [card.gate for card in finished(cards)]
    boxes = st.columns(5)
    boxes[0].metric("Runs", len(cards))
    for box, verdict in zip(boxes[1:4], ("PASS", "FAIL", "INCONCLUSIVE"), strict=True):
        box.metric(verdict, gates.count(verdict))
    boxes[4].metric("Not gated", gates.count(""))


def _table(cards: Sequence[RunCard]) -> None:
    table = pd.DataFrame([_row(card) for card in cards])
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config={
            "done": st.column_config.ProgressColumn("videos", format="percent"),
            "changed": st.column_config.DatetimeColumn("changed", format="YYYY-MM-DD HH:mm"),
        },
    )
    st.download_button("Table as CSV", csv_bytes(table), "runs.csv", "text/csv")


def _row(card: RunCard) -> dict[str, Any]:
    return {
        "run": card.name,
        "state": str(card.state),
        "gate": card.gate or NO_GATE,
        "suite": card.suite,
        "model": card.model,
        "done": card.n_done / card.n_asked if card.n_asked else None,
        "asked": card.n_asked,
        **{f"n {name}": n for name, n in sorted(card.outcomes.items())},
        "changed": pd.Timestamp(card.changed_s, unit="s"),
    }


def _across(cards: Sequence[RunCard]) -> None:
    st.header("One number across runs")
    table = _headlines(tuple((c.name, str(c.path), file_sha256(c.path / SUMMARY)) for c in cards))
    main_rows = table[(table["source"] == "candidate") & table["is_main"]]
    names = sorted({f"{row.metric}.{row.column}" for row in main_rows.itertuples()})
    models = sorted({card.model for card in cards})
    left, right = st.columns(2)
    usual = names.index(USUAL) if USUAL in names else 0
    name = left.selectbox("Number", names, index=usual)
    chosen = right.multiselect("Models", models, placeholder="all models")
    metric, _, column = str(name).partition(".")
    kept = [card for card in reversed(cards) if not chosen or card.model in chosen]
    rows = main_rows[(main_rows["metric"] == metric) & (main_rows["column"] == column)]
    rows = rows.set_index("run").reindex([card.name for card in kept]).reset_index()
    rows["label"] = [f"{card.name[:6]} {card.model}"[:60] for card in kept]
    rows = rows[rows["value"].notna()]
    if rows.empty:
        st.info("None of these runs has this number.")
        return
    unit = rows["unit"].iloc[0]
    st.caption(f"Oldest first. 95 % intervals unless a run says otherwise. {plain(unit)}")
    chart = interval_chart(rows.drop(columns="source"), label="label", title=f"{name} ({unit})")
    st.altair_chart(chart, width="stretch")
    st.caption(
        "Runs on other suites, references or codecs do not compare: prescreen compare checks that."
    )
    spread = tables.spread_table([card.path for card in kept], metric, column)
    if not spread.empty:
        st.caption(f"How the videos spread, from {_n_rows(kept)} rows of scores")
        st.dataframe(spread, hide_index=True, width="stretch")


def _n_rows(cards: Sequence[RunCard]) -> str:
    return f"{tables.count_rows([card.path for card in cards]):,}"


@st.cache_data(max_entries=8, show_spinner=False)
def _headlines(runs: tuple[tuple[str, str, str], ...]) -> pd.DataFrame:
    """Of all runs; the third of each is the sha256 of its summary, for the cache alone."""
    return tables.headline_table((name, Path(path)) for name, path, _ in runs)
