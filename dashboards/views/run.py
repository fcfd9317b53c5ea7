"""Run: one run's numbers with intervals, real videos beside them, coverage, environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from bench.certificates import Verdict, find_certificate
from bench.errors import PrescreenError, printable
from bench.runs import MANIFEST
from bench.stats.bootstrap import mean_interval
from dashboards import tables
from dashboards.catalogue import RunCard
from dashboards.widgets.charts import histogram, interval_chart
from dashboards.widgets.context import json_of, pick_run, prompts_of, scores_of, summary_of
from dashboards.widgets.plain import csv_bytes

NO_CERTIFICATE = "none"


def main() -> None:
    """Draw the page."""
    card = pick_run()
    st.title("Run")
    st.text(f"{card.name}   suite {card.suite}   model {card.model}")
    summary, manifest = summary_of(card), json_of(card.path / MANIFEST)
    _coverage(summary, manifest)
    table = tables.headline_table([(card.name, card.path)])
    if table.empty:
        st.info("This run has no numbers.")
        return
    _numbers(table, manifest, summary)
    _one(card, table)
    with st.expander("Comparability keys"):
        st.json([head["key"] for head in summary["headlines"] if head["is_main"]], expanded=False)
    with st.expander("Environment, request and inputs"):
        st.json({name: manifest[name] for name in ("environment", "request", "inputs")})


def _coverage(summary: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
    st.header("Coverage")
    rows = [
        {"source": source, **counts} for source, counts in summary["outcomes"].items() if counts
    ]
    st.dataframe(pd.DataFrame(rows).fillna(0), hide_index=True)
    for name, reason in manifest["unavailable"].items():
        st.text(f"not computed: {name}: {reason}")
    if summary["problems"]:
        with st.expander(f"{len(summary['problems'])} problems"):
            st.dataframe(pd.DataFrame(summary["problems"]), hide_index=True, width="stretch")


def _numbers(table: pd.DataFrame, manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
    st.header("Numbers")
    every = st.toggle("Also the numbers that only explain others", key="every")
    shown = table if every else table[table["is_main"]]
    specs = tuple(manifest["request"]["metrics"])
    badges = {name.partition(":")[0]: _badge(name) for name in specs}
    shown = shown.assign(calibration=shown["metric"].map(badges).fillna(NO_CERTIFICATE))
    st.dataframe(shown.drop(columns=["run", "is_main"]), hide_index=True, width="stretch")
    st.download_button("Numbers as CSV", csv_bytes(shown), "numbers.csv", "text/csv")
    for note in dict.fromkeys(n for h in summary["headlines"] for n in h["notes"]):
        st.text(f"note: {note}")


@st.cache_data(max_entries=100, show_spinner=False)
def _badge(spec: str) -> str:
    """The verdict of a metric's certificate, as it is installed here."""
    try:
        certificate = find_certificate(spec)
    except PrescreenError:
        return NO_CERTIFICATE
    return NO_CERTIFICATE if certificate is None else str(Verdict(certificate.verdict))


def _one(card: RunCard, table: pd.DataFrame) -> None:
    st.header("One number")
    main_rows = table[table["is_main"]]
    names = list(dict.fromkeys(f"{row.metric}.{row.column}" for row in main_rows.itertuples()))
    name = st.selectbox("Number", names, key="number")
    metric, _, column = str(name).partition(".")
    rows = main_rows[(main_rows["metric"] == metric) & (main_rows["column"] == column)]
    rows = rows[rows["value"].notna()].assign(label=rows["source"])
    if rows.empty:
        st.info("No video has this number.")
        return
    unit = rows["unit"].iloc[0]
    title = f"{name} ({unit})"
    left, right = st.columns(2)
    left.altair_chart(interval_chart(rows, label="label", title=title), width="stretch")
    scores = scores_of(card)
    mine = scores[
        (scores["metric"] == metric) & (scores["column"] == column) & (scores["status"] == "ok")
    ]
    if mine.empty:
        right.caption("A number of the whole set: single videos have none.")
        return
    right.altair_chart(histogram(mine["value"].tolist(), title=title), width="stretch")
    _by_category(card, mine, title)


def _by_category(card: RunCard, scores: pd.DataFrame, title: str) -> None:
    prompts = prompts_of(card)
    categories = [str(prompts.get(p, {}).get("category") or "–") for p in scores["prompt_id"]]
    rows = []
    for category, group in scores.assign(category=categories).groupby("category", sort=True):
        values, clusters = group["value"].to_numpy(), group["prompt_id"].fillna("").tolist()
        made = mean_interval(values, clusters, confidence=0.95, n_resamples=1000, seed=0)
        rows.append(
            {
                "category": printable(category, 40),
                "value": values.mean(),
                "low": made.low if made else None,
                "high": made.high if made else None,
                "n": len(values),
            }
        )
    table = pd.DataFrame(rows)
    st.caption("By category: means with 95 % intervals, clustered by prompt")
    st.altair_chart(interval_chart(table, label="category", title=title), width="stretch")
