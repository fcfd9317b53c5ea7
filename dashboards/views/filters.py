"""Filters audit: funnel, layers, thresholds, attacks by hazard; every cell has its trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from bench.stats.proportions import wilson
from bench.types import Finding
from dashboards.catalogue import RunCard
from dashboards.widgets.charts import COLOURS, REAL
from dashboards.widgets.context import pick_run
from dashboards.widgets.findings import (
    findings_of,
    records_of,
    show_all,
    show_measure,
    show_trials,
    table_of,
    warned,
)

AUDIT = "filters"
FUNNEL = ("bypass", "harm_given_passed", "leak_given_harm", "leak")
LAYERS = ("input", "output")


def main() -> None:
    """Draw the page."""
    card = pick_run()
    st.title("Filters audit")
    findings = findings_of(card, AUDIT)
    if not warned(card):
        return
    records = records_of(card, AUDIT)
    _funnel(findings)
    _layers(findings)
    _thresholds(records, findings)
    _heat(card, records)
    _refusal(findings)
    _gaps(findings)
    show_all(card, findings, AUDIT)


def _funnel(findings: Sequence[Finding]) -> None:
    st.header("Funnel of harmful prompts")
    plain = [f for f in findings if f.where.get("attack") == "none"]
    show_measure(plain, FUNNEL, "share, with its interval")
    st.caption(
        "leak = bypass x harm given passed x leak given harm; trials not decided are in none"
    )


def _layers(findings: Sequence[Finding]) -> None:
    st.header("Each layer")
    rows = table_of([f for f in findings if f.measure in {"tpr", "fnr", "fpr"}])
    if rows.empty:
        st.caption("No filter was asked.")
        return
    st.dataframe(rows.drop(columns=["p adjusted", "test", "verdict"]), hide_index=True)
    st.caption(
        "The input filter by the prompts' labels, the output filter by what a judge saw: the two "
        "are not the same question."
    )


def _thresholds(records: Sequence[dict[str, Any]], findings: Sequence[Finding]) -> None:
    st.header("Threshold")
    layer = str(st.segmented_control("Layer", LAYERS, default="input", key="layer") or "input")
    scores, truth, deployed = _scores(records, layer)
    if len(scores) < 2 or truth.all() or not truth.any():
        st.caption("Too few scores of both kinds to move a threshold.")
        return
    st.warning(
        "Exploration: a threshold that is chosen by looking at these numbers is not measured by "
        "them. The audit chooses on dev and reports on test."
    )
    usual = float(deployed if deployed is not None else 0.5)
    at = float(st.slider("Block from this score on", 0.0, 1.0, usual, 0.01, key="threshold"))
    st.dataframe(_rates(scores, truth, at), hide_index=True)
    st.altair_chart(_curves(scores, truth, at), width="stretch")
    areas = [f for f in findings if f.measure in {"roc_auc", "average_precision"}]
    show_measure([f for f in areas if f.where.get("layer") == layer], ("roc_auc",), "ROC area")


def _scores(
    records: Sequence[dict[str, Any]], layer: str
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], float | None]:
    """Scores of a layer with what was true: of the input the label, of the output the judge's."""
    scores, truth, deployed = [], [], None
    for record in records:
        decision = record.get(layer) or {}
        harm = record["label"] if layer == "input" else record["judged"]["judged"]
        if decision.get("score") is None or harm not in {"harmful", "benign"}:
            continue
        if record.get("attack", "none") != "none" and layer == "input":
            continue
        scores.append(float(decision["score"]))
        truth.append(harm == "harmful")
        deployed = decision.get("threshold") if deployed is None else deployed
    return np.array(scores), np.array(truth, dtype=bool), deployed


def _rates(scores: Any, truth: Any, at: float) -> pd.DataFrame:
    rows = []
    for name, members in (("TPR", truth), ("FPR", ~truth)):
        n, k = int(members.sum()), int((scores[members] >= at).sum())
        low, high = wilson(k / n, n)
        rows.append({"rate": name, "value": k / n, "low": low, "high": high, "k": k, "n": n})
    return pd.DataFrame(rows)


def _curves(scores: Any, truth: Any, at: float) -> alt.ConcatChart:
    steps = np.unique(np.concatenate([scores, [0.0, 1.01, at]]))[::-1]
    caught = np.array([(scores[truth] >= s).mean() for s in steps])
    alarms = np.array([(scores[~truth] >= s).mean() for s in steps])
    blocked = np.array([(scores >= s).sum() for s in steps])
    hits = np.array([(scores[truth] >= s).sum() for s in steps])
    table = pd.DataFrame(
        {
            "threshold": steps,
            "TPR": caught,
            "FPR": alarms,
            "precision": np.divide(hits, blocked, out=np.ones(len(steps)), where=blocked > 0),
        }
    )
    here = table[table["threshold"] == at]

    def curve(x: str, y: str) -> alt.LayerChart:
        scale = alt.Scale(domain=[0, 1])
        axes = {"x": alt.X(f"{x}:Q", scale=scale), "y": alt.Y(f"{y}:Q", scale=scale)}
        line = alt.Chart(table).mark_line(interpolate="step-after", color=COLOURS[0], point=True)
        dot = alt.Chart(here).mark_point(filled=True, size=140, color=REAL, shape="diamond")
        layered: alt.LayerChart = (
            line.encode(**axes, order="threshold:Q", tooltip=list(table.columns))
            + dot.encode(**axes)
        ).properties(height=260, width=320)
        return layered

    both: alt.ConcatChart = alt.concat(curve("FPR", "TPR"), curve("TPR", "precision"))
    return both


def _heat(card: RunCard, records: Sequence[dict[str, Any]]) -> None:
    st.header("Attack by hazard")
    harmful = [r for r in records if r["label"] == "harmful"]
    cells = _cells(harmful)
    if cells.empty:
        st.caption("No harmful prompt was asked.")
        return
    chart = (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("hazard:N", title=None),
            y=alt.Y("attack:N", title=None),
            color=alt.Color(
                "passes:Q", scale=alt.Scale(scheme="cividis", domain=[0, 1]), title="bypass"
            ),
            tooltip=["attack", "hazard", "passes", "low", "high", "n", "not decided"],
        )
        .properties(height=alt.Step(26))
    )
    words = chart.mark_text(fontWeight="bold").encode(
        text=alt.Text("passes:Q", format=".2f"),
        color=alt.condition("datum.passes > 0.5", alt.value("black"), alt.value("white")),
    )
    st.altair_chart(chart + words, width="stretch")
    left, right = st.columns(2)
    attack = left.selectbox("Attack", sorted(set(cells["attack"])), key="attack")
    hazard = right.selectbox("Hazard", sorted(set(cells["hazard"])), key="hazard")
    ids = [
        r["trial"]
        for r in harmful
        if r["attack"] == attack and (r.get("hazard") or "none") == hazard
    ]
    show_trials(card, ids, key="cell")


def _cells(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The share that passes the input filter, by attack and hazard; errors are not decided."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record in records:
        decision = (record.get("input") or {}).get("decision", "pass")
        key = (str(record["attack"]), str(record.get("hazard") or "none"))
        groups.setdefault(key, []).append(str(decision))
    rows = []
    for (attack, hazard), decisions in sorted(groups.items()):
        decided = [d for d in decisions if d in {"pass", "block"}]
        if not decided:
            continue
        share = decided.count("pass") / len(decided)
        low, high = wilson(share, len(decided))
        rows.append(
            {
                "attack": attack,
                "hazard": hazard,
                "passes": share,
                "low": low,
                "high": high,
                "n": len(decided),
                "not decided": len(decisions) - len(decided),
            }
        )
    return pd.DataFrame(rows)


def _refusal(findings: Sequence[Finding]) -> None:
    st.header("Over-refusal of benign prompts")
    plain = [f for f in findings if f.where.get("attack", "none") == "none"]
    show_measure(plain, ("over_refusal", "pair_accuracy"), "share, with its interval")


def _gaps(findings: Sequence[Finding]) -> None:
    gaps = [f for f in findings if f.measure in {"fpr_gap", "subgroup_auc", "bpsn", "bnsp"}]
    if gaps:
        st.header("Gaps between groups")
        show_measure(gaps, ("fpr_gap",), "false positive rate, less that of all others")
        st.dataframe(table_of(gaps), hide_index=True)
