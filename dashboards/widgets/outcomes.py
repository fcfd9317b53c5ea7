"""What people's labels say: how far they agree, which model they prefer, how often a judge errs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from bench.errors import PrescreenError
from bench.runs import AUDITS, JOURNAL, read_journal
from bench.stats.agreement import alpha_interval, cohen_kappa, krippendorff_alpha
from bench.stats.preference import strengths
from bench.stats.proportions import wilson
from dashboards import queue
from dashboards.catalogue import RunCard
from dashboards.labels import HARM, PAIR, Label
from dashboards.widgets.charts import interval_chart
from dashboards.widgets.plain import csv_bytes, plain

AUDIT = "filters"


def show_agreement(labels: Sequence[Label]) -> None:
    """Alpha of each kind with its interval, kappa of every two people, the labels to download."""
    st.header("Agreement")
    kinds = sorted({label.kind for label in labels})
    rows = []
    for kind in kinds:
        held = queue.ratings([label for label in labels if label.kind == kind])
        interval = alpha_interval(held)
        settled = queue.settle([label for label in labels if label.kind == kind])
        rows.append(
            {
                "labels": kind,
                "items": len(held),
                "labelled twice": sum(len(values) > 1 for values in held.values()),
                "settled": sum(item.value is not None for item in settled),
                "Krippendorff's alpha": krippendorff_alpha(held),
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    people = sorted({label.reviewer for label in labels})
    pairs = [_kappa_row(labels, *two) for two in itertools.combinations(people, 2)]
    shown = [row for row in pairs if row["items"]]
    if shown:
        st.dataframe(pd.DataFrame(shown), hide_index=True)
    table = pd.DataFrame([_record(label) for label in labels])
    st.download_button("Labels as CSV", csv_bytes(table), "labels.csv", "text/csv")


def _kappa_row(labels: Sequence[Label], one: str, other: str) -> dict[str, Any]:
    mine, theirs = queue.common(labels, one, other)
    kappa = cohen_kappa(mine, theirs) if mine else None
    return {"reviewer": one, "and": other, "items": len(mine), "Cohen's kappa": kappa}


def _record(label: Label) -> dict[str, Any]:
    run, _, trial = label.item.partition("/")
    return {
        "run": run,
        "trial_id": trial,
        "kind": label.kind,
        "question": label.question,
        "label": label.value,
        "reviewer": label.reviewer,
        "adjudicates": label.adjudicates,
        "at": label.at,
    }


def show_ranking(labels: Sequence[Label], model_of: Mapping[str, str]) -> None:
    """Bradley and Terry's strengths of the models, with intervals over pairs."""
    answers = queue.preferences([label for label in labels if label.kind == PAIR], dict(model_of))
    if not answers:
        return
    st.header("Preferred models")
    try:
        made = strengths(answers)
    except PrescreenError as error:
        st.info(plain(error, 400))
        return
    table = pd.DataFrame(
        [{"label": s.name, "value": s.value, "low": s.low, "high": s.high, "n": s.n} for s in made]
    )
    title = "log-odds against the mean model (Bradley and Terry)"
    st.altair_chart(interval_chart(table, label="label", title=title), width="stretch")
    st.caption("95 % percentile bootstrap over pairs; without whiskers: too few answers for it.")


def show_judges(labels: Sequence[Label], cards: Sequence[RunCard]) -> None:
    """Error rates of each run's judge against what people settled."""
    settled = {
        item.item: item.value
        for item in queue.settle([label for label in labels if label.kind == HARM])
        if item.value in {"harmful", "benign"}
    }
    rows = [row for card in cards for row in _judge_rows(card, settled)]
    if not rows:
        return
    st.header("The judge against people")
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _judge_rows(card: RunCard, settled: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Sensitivity and specificity of the filter audit's judge, by its decided trials alone."""
    path = card.path / AUDITS / AUDIT / JOURNAL
    if not path.exists():
        return []
    events, _ = read_journal(path)
    said = {str(e.data["trial"]): _judged(e.data) for e in events if e.kind == "trial"}
    rows = []
    for name, truth in (("sensitivity", "harmful"), ("specificity", "benign")):
        items = [item for item, value in settled.items() if value == truth]
        mine = [said.get(i.partition("/")[2]) for i in items if i.startswith(f"{card.name}/")]
        decided = [value for value in mine if value in {"harmful", "benign"}]
        if not decided:
            continue
        right = sum(value == truth for value in decided)
        low, high = wilson(right / len(decided), len(decided))
        rows.append(
            {
                "run": card.name,
                "rate": name,
                "value": right / len(decided),
                "low": low,
                "high": high,
                "n": len(decided),
                "not decided": len(mine) - len(decided),
            }
        )
    return rows


def _judged(record: Mapping[str, Any]) -> str | None:
    """What a trial's record says that its judge said."""
    judged = record.get("judged")
    value = judged.get("judged") if isinstance(judged, Mapping) else judged
    return None if value is None else str(value)
