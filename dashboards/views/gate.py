"""Gate: the policy, each line's verdict with its bound, what would make it decide, waivers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from bench.runs import GATE, JOURNAL, read_journal
from dashboards.catalogue import RunCard
from dashboards.widgets.charts import CANDIDATE, REAL
from dashboards.widgets.context import json_of, pick_run
from dashboards.widgets.plain import csv_bytes, plain

_TELL = {"PASS": st.success, "FAIL": st.error}


def main() -> None:
    """Draw the page."""
    card = pick_run()
    st.title("Gate")
    st.text(f"{card.name}   suite {card.suite}   model {card.model}")
    if not (card.path / GATE).exists():
        st.info("This run was not gated. Next:")
        commands = (
            f"prescreen policy init {card.path} -o policy.toml\n"
            f"prescreen gate {card.path} --policy policy.toml"
        )
        st.code(commands, language=None)
        return
    record = json_of(card.path / GATE)
    _verdict(card, record)
    _lines(record["lines"])
    _waivers(record["waivers"])
    with st.expander("Policy"):
        st.code(record["policy"]["text"], language="toml")
    st.caption(f"prescreen verify {plain(card.name)} decides again and compares.")


def _verdict(card: RunCard, record: Mapping[str, Any]) -> None:
    tell = _TELL.get(record["verdict"], st.warning)
    tell(f"{record['verdict']}: {plain(record['reason'], 400)}")
    policy = record["policy"]
    st.text(
        f"policy {policy['name']} ({policy['sha256'][:12]}), decided on {record['today']}; "
        f"alpha {policy['alpha']}, {policy['correction']}"
    )
    events, _ = read_journal(card.path / JOURNAL)
    if events and events[-1].hash != record["journal_head"]:
        st.error("The run changed since it was gated: this verdict is of another run.")


def _lines(lines: Sequence[Mapping[str, Any]]) -> None:
    st.header("Lines")
    table = pd.DataFrame([_row(line) for line in lines])
    st.dataframe(table, hide_index=True, width="stretch")
    st.download_button("Lines as CSV", csv_bytes(table), "gate.csv", "text/csv")
    for line in lines:
        if line["verdict"] == "INCONCLUSIVE":
            needed = line["needed_n"]
            more = f" About {needed} videos would decide." if needed else ""
            st.warning(f"{plain(line['id'])}: {plain(line['reason'], 300)}.{more}")
    drawn = [line for line in lines if line["value"] is not None and line["pass"]]
    if drawn:
        at = st.selectbox(
            "Line", range(len(drawn)), format_func=lambda i: drawn[i]["id"], key="line"
        )
        st.altair_chart(_chart(drawn[at]), width="stretch")
        st.caption(
            "Dot: the value. Line: from the bound that must clear the limit to the one that would "
            "break it. Diamond: the limit."
        )


def _row(line: Mapping[str, Any]) -> dict[str, Any]:
    passing, failing = line["pass"] or {}, line["fail"] or {}
    return {
        "line": line["id"],
        "verdict": line["verdict"],
        "value": line["value"],
        "rule": f"{line['rule']} {line['against']}".strip(),
        "limit": line["limit"],
        "bound to pass": passing.get("bound"),
        "p to pass": passing.get("p_adjusted"),
        "bound to fail": failing.get("bound"),
        "p to fail": failing.get("p_adjusted"),
        "n": line["n"],
        "clusters": line["n_clusters"],
        **{name: count for name, count in line["counts"].items() if count},
        "would decide": line["needed_n"],
        "waived by": line["waived_by"] or "",
        "calibration": line["uncertified"] or "certified",
        "reason": line["reason"],
    }


def _chart(line: Mapping[str, Any]) -> alt.LayerChart:
    ends = sorted((line["pass"]["bound"], (line["fail"] or line["pass"])["bound"]))
    table = pd.DataFrame(
        [{"value": line["value"], "low": ends[0], "high": ends[1], "limit": line["limit"]}]
    )
    axis = alt.X("value:Q", title=line["what"], scale=alt.Scale(zero=False))
    base = alt.Chart(table)
    chart: alt.LayerChart = (
        base.mark_rule(color=CANDIDATE, strokeWidth=3).encode(x="low:Q", x2="high:Q")
        + base.mark_point(color=CANDIDATE, filled=True, size=90).encode(x=axis)
        + base.mark_point(color=REAL, filled=True, size=140, shape="diamond").encode(x="limit:Q")
    ).properties(height=70)
    return chart


def _waivers(waivers: Sequence[Mapping[str, Any]]) -> None:
    if not waivers:
        return
    st.header("Waivers")
    st.dataframe(pd.DataFrame(waivers), hide_index=True, width="stretch")
    for waiver in waivers:
        if waiver["expired"]:
            st.error(f"Expired: {plain(waiver['owner'])}, {plain(waiver['reason'], 200)}")
