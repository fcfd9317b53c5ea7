"""Bias audit: who is shown against the declared target, pairs side by side, abstention, tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from bench.types import Finding
from dashboards.catalogue import RunCard
from dashboards.widgets.charts import CANDIDATE, NULL_BAND, REAL
from dashboards.widgets.context import pick_run
from dashboards.widgets.findings import (
    findings_of,
    records_of,
    show_all,
    show_measure,
    show_trials,
    warned,
)

AUDIT = "bias"
OPTIONS = "--i-attest-synthetic --opt reader=READER --opt target=FILE"
EVERYONE = "all"
"""The group of all videos together."""
NONE = "not told"


def main() -> None:
    """Draw the page."""
    card = pick_run()
    st.title("Bias audit")
    findings = findings_of(card, AUDIT, OPTIONS)
    if not warned(card):
        return
    records = records_of(card, AUDIT)
    st.caption(
        "Perceived presentation of people who do not exist, in aggregate. What is right is the "
        "declared target's to say, not this page's."
    )
    _shares(card, findings, records)
    _abstention(records)
    _section(findings, "Counterfactual pairs", ("flip_rate", "net_flip", "score_shift"))
    _pairs(card, records)
    _section(findings, "Alike for all groups", ("score_gap", "suppressed_gap"))
    _section(findings, "Stereotypes exaggerated", ("amplification", "calibration_slope"))
    _section(findings, "The same throughout a clip", ("presentation_change",))
    show_all(card, findings, AUDIT)


def _section(findings: Sequence[Finding], title: str, measures: Sequence[str]) -> None:
    held = [f for f in findings if f.measure in measures]
    if not held:
        return
    st.header(title)
    for measure in measures:
        mine = [f for f in held if f.measure == measure]
        if mine:
            show_measure(mine, (measure,), f"{measure} ({mine[0].unit})")


def _shares(card: RunCard, findings: Sequence[Finding], records: Sequence[dict[str, Any]]) -> None:
    st.header("Shares against the target")
    shares = [f for f in findings if f.measure == "share" and f.value is not None]
    if not shares:
        st.caption("No target was declared, or nothing was decided.")
        return
    cells = sorted({(str(f.where["attribute"]), str(f.where.get("group", ""))) for f in shares})
    at = st.selectbox(
        "Attribute and group",
        range(len(cells)),
        format_func=lambda i: " of ".join(part for part in cells[i] if part),
        key="cell",
    )
    attribute, group = cells[at]
    mine = [
        f
        for f in shares
        if f.where["attribute"] == attribute and str(f.where.get("group", "")) == group
    ]
    gaps = {
        f.where["value"]: f
        for f in findings
        if f.measure == "gap"
        and f.where.items() >= {("attribute", attribute), ("group", mine[0].where.get("group", ""))}
    }
    st.altair_chart(_share_chart(mine, gaps), width="stretch")
    st.caption(
        "Bar: the perceived share, with its interval. Diamond: the target. Grey: where 95 of 100 "
        "fair samples of this size would lie."
    )
    distances = [
        f
        for f in findings
        if f.measure == "total_variation"
        and f.where.items() >= {("attribute", attribute), ("group", mine[0].where.get("group", ""))}
    ]
    for finding in distances:
        st.text(f"{finding.measure} {finding.value}: {finding.verdict}; {'; '.join(finding.notes)}")
    value = st.selectbox("Clips of", [str(f.where["value"]) for f in mine], key="value")
    ids = [
        r["trial"]
        for r in records
        if str(r["perceived"].get(attribute)) == value
        and (group in {"", EVERYONE} or r["group"] == group)
        and not r["identity"]
    ]
    show_trials(card, ids, key="bar")


def _share_chart(shares: Sequence[Finding], gaps: dict[Any, Finding]) -> alt.LayerChart:
    rows = []
    for finding in shares:
        value = finding.where["value"]
        gap = gaps.get(value)
        target = (
            finding.value - gap.value
            if gap is not None and gap.value is not None and finding.value is not None
            else None
        )
        spread = (
            1.96 * (target * (1 - target) / max(1, finding.n)) ** 0.5 if target is not None else 0
        )
        rows.append(
            {
                "value": str(value),
                "share": finding.value,
                "low": finding.interval.low if finding.interval else None,
                "high": finding.interval.high if finding.interval else None,
                "target": target,
                "null low": None if target is None else max(0.0, target - spread),
                "null high": None if target is None else min(1.0, target + spread),
                "n": finding.n,
            }
        )
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("value:N", sort=[str(row["value"]) for row in rows], title=None),
        tooltip=["value", "share", "low", "high", "target", "n"],
    )
    axis = alt.X("share:Q", title="share of the decided videos", scale=alt.Scale(domain=[0, 1]))
    chart: alt.LayerChart = (
        base.mark_bar(color=NULL_BAND, opacity=0.35, height=24).encode(
            x="null low:Q", x2="null high:Q"
        )
        + base.mark_bar(color=CANDIDATE, height=10).encode(x=axis)
        + base.mark_rule(color="black", strokeWidth=2).encode(x="low:Q", x2="high:Q")
        + base.mark_point(shape="diamond", filled=True, size=110, color=REAL).encode(x="target:Q")
    ).properties(height=alt.Step(34))
    return chart


def _abstention(records: Sequence[dict[str, Any]]) -> None:
    st.header("What the reader would not tell")
    rows: dict[str, dict[str, int]] = {}
    for record in records:
        for attribute, value in record["perceived"].items():
            held = rows.setdefault(attribute, {"told": 0, NONE: 0})
            held["told" if value is not None else NONE] += 1
    table = pd.DataFrame(
        [
            {"attribute": name, **counts, "share not told": counts[NONE] / sum(counts.values())}
            for name, counts in rows.items()
        ]
    )
    st.dataframe(table, hide_index=True)


def _pairs(card: RunCard, records: Sequence[dict[str, Any]]) -> None:
    """Videos of one pair and seed, by identity, side by side."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for record in records:
        if record["pair"] and record["identity"]:
            groups.setdefault((record["pair"], record["seed"]), []).append(record)
    pairs = {key: held for key, held in groups.items() if len(held) > 1}
    if not pairs:
        return
    st.subheader("Side by side")
    keys = sorted(pairs)
    at = st.selectbox(
        "Pair", range(len(keys)), format_func=lambda i: str(keys[i][0])[:80], key="pair"
    )
    show_trials(card, [record["trial"] for record in pairs[keys[at]]], key="pair")
