"""Findings of an audit on a page: a table, dots with intervals, the trials behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from bench.errors import PrescreenError, printable
from bench.findings import read_findings
from bench.runs import AUDITS, FINDINGS, JOURNAL, file_sha256, read_journal
from bench.types import Finding
from dashboards.catalogue import RunCard
from dashboards.media import is_guarded
from dashboards.widgets.charts import interval_chart
from dashboards.widgets.clips import show_pictures, warn_once
from dashboards.widgets.context import prompts_of, trials_of
from dashboards.widgets.plain import csv_bytes, plain

MAX_CLIPS = 24


def findings_of(card: RunCard, audit: str, options: str = "") -> list[Finding]:
    """A run's findings of one audit; where there are none the page ends with the next command."""
    path = card.path / FINDINGS
    try:
        held = _findings(str(card.path), file_sha256(path)) if path.exists() else []
    except PrescreenError as error:
        st.error(plain(error, 400))
        st.stop()
    found = [finding for finding in held if finding.audit == audit]
    if not found:
        st.info("This run was not audited. Next:")
        st.code(f"prescreen audit {audit} {card.path} {options}".rstrip(), language=None)
        st.stop()
    return found


@st.cache_data(max_entries=20, show_spinner=False)
def _findings(path: str, sha256: str) -> list[Finding]:
    del sha256
    return read_findings(Path(path))


def warned(card: RunCard) -> bool:
    """The content warning of a page that shows trials of a run; True once it was accepted."""
    prompts = prompts_of(card)
    return warn_once(sum(is_guarded(prompts.get(t["prompt_id"] or "")) for t in trials_of(card)))


def records_of(card: RunCard, audit: str) -> list[dict[str, Any]]:
    """The audit's records, one a trial, as its journal holds them."""
    path = card.path / AUDITS / audit / JOURNAL
    return _records(str(path), file_sha256(path)) if path.exists() else []


@st.cache_data(max_entries=20, show_spinner=False)
def _records(path: str, sha256: str) -> list[dict[str, Any]]:
    del sha256
    events, _ = read_journal(Path(path))
    return [dict(event.data) for event in events if event.kind == "trial"]


def where_text(finding: Finding) -> str:
    """What a finding is of: `attack leet, layer input`."""
    return ", ".join(f"{name} {value}" for name, value in sorted(finding.where.items()))


def table_of(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as rows, with everything that is needed to read them."""
    return pd.DataFrame([_row(finding) for finding in findings])


def _row(finding: Finding) -> dict[str, Any]:
    interval, test, bounds = finding.interval, finding.test, finding.bounds
    return {
        "measure": finding.measure,
        "of": where_text(finding),
        "value": finding.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "unit": finding.unit,
        "verdict": str(finding.verdict),
        "p adjusted": test.p_adjusted if test else None,
        "test": test.name if test else "",
        "k": finding.k,
        "n": finding.n,
        "unknown": finding.n_unknown,
        "error": finding.n_error,
        "clusters": finding.n_clusters,
        "worst case": f"{bounds[0]:.4g} to {bounds[1]:.4g}" if bounds else "",
        "notes": "; ".join(finding.notes),
        "id": finding.id,
    }


def show_measure(findings: Sequence[Finding], measures: Sequence[str], title: str) -> None:
    """Findings of some measures as dots with intervals, and what was not decided, in words."""
    chosen = [f for f in findings if f.measure in measures]
    rows = [
        {
            "label": printable(f"{f.measure}  {where_text(f)}".strip(), 70),
            "value": f.value,
            "low": f.interval.low if f.interval else None,
            "high": f.interval.high if f.interval else None,
            "n": f.n,
        }
        for f in chosen
        if f.value is not None
    ]
    if rows:
        chart = interval_chart(pd.DataFrame(rows), label="label", title=title)
        st.altair_chart(chart, width="stretch")
    for finding in chosen:
        if finding.value is None:
            st.text(f"{finding.measure} {where_text(finding)}: {'; '.join(finding.notes)}")


def show_all(card: RunCard, findings: Sequence[Finding], key: str) -> None:
    """Every finding in a table; one can be chosen, and its trials are shown below."""
    st.header("All findings")
    only = st.toggle("Only those that matter most", value=True, key=f"{key}-main")
    shown = [f for f in findings if f.is_main or not only]
    table = table_of(shown)
    st.dataframe(table, hide_index=True, width="stretch")
    st.download_button("Findings as CSV", csv_bytes(table), f"{key}.csv", "text/csv")
    proven = [f for f in shown if f.evidence]
    if not proven:
        return
    st.subheader("The trials behind a finding")
    at = st.selectbox(
        "Finding",
        range(len(proven)),
        format_func=lambda i: f"{proven[i].measure} {where_text(proven[i])}"[:120],
        key=f"{key}-finding",
    )
    show_trials(card, proven[at].evidence, key=f"{key}-evidence")


def show_trials(card: RunCard, ids: Sequence[str], *, key: str) -> None:
    """Trials by id: pictures where there are any, prompt, outcome; guarded ones stay blurred."""
    by_id = {trial["id"]: trial for trial in trials_of(card)}
    prompts = prompts_of(card)
    trials = [by_id[i] for i in ids if i in by_id]
    st.caption(
        f"{len(trials)} trials" + (f", the first {MAX_CLIPS}" if len(trials) > MAX_CLIPS else "")
    )
    pairs = [(t, prompts.get(t["prompt_id"] or "")) for t in trials[:MAX_CLIPS]]
    columns = st.columns(4)
    for index, (trial, prompt) in enumerate(pairs):
        with columns[index % 4].container(border=True):
            show_pictures(card, trial, prompt, key=f"{key}-{trial['id']}")
            st.text(str((prompt or {}).get("text", trial["name"]))[:200])
