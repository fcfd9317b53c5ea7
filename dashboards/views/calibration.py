"""Calibration: which damage each metric was shown to see, with the damaged clips to look at."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from bench import registry
from bench.calibration.clips import load_clips
from bench.calibration.ladders import LADDERS, damaged, ladder_of
from bench.certificates import Certificate, Row, find_certificate
from bench.errors import PrescreenError
from bench.videos.write import write_preview
from dashboards.widgets.charts import COLOURS
from dashboards.widgets.plain import plain

U8 = npt.NDArray[np.uint8]
OVERALL = "verdict"
N_CLIPS = 4
"""Clips of the phantom that can be looked at."""


def main() -> None:
    """Draw the page."""
    st.title("Calibration")
    certificates = _certificates()
    missing = [name for name in registry.names("metric") if name not in certificates]
    if missing:
        st.text(f"no certificate: {', '.join(missing)}; the gate refuses these")
    if not certificates:
        st.info("There are no certificates. Next: prescreen calibrate")
        return
    _matrix(list(certificates.values()))
    name = st.selectbox("Metric", sorted(certificates), key="metric")
    _one(certificates[str(name)])
    _clips()


@st.cache_data(max_entries=1, show_spinner=False, ttl=60)
def _certificates() -> dict[str, Certificate]:
    """Those that hold for the metrics as they are installed here."""
    held = {}
    for name in registry.names("metric"):
        try:
            certificate = find_certificate(name)
        except PrescreenError:
            continue
        if certificate is not None:
            held[name] = certificate
    return held


def _matrix(certificates: Sequence[Certificate]) -> None:
    st.header("Metric by ladder")
    cells: dict[str, dict[str, str]] = {}
    for certificate in certificates:
        line = cells.setdefault(certificate.metric, {OVERALL: str(certificate.verdict)})
        for row in certificate.rows:
            line[row.ladder] = _worse(line.get(row.ladder), str(row.verdict))
    table = pd.DataFrame.from_dict(cells, orient="index").fillna("–")
    table.index.name = "metric"
    st.dataframe(table.style.map(_shade), width="stretch")
    st.caption(
        "A ladder with several columns or sets of clips shows the one that matters most: fail, not "
        "enough clips, unexpected, pass, blind, in this order. –: not measured."
    )


_ORDER = ("fail", "not_enough", "unexpected", "pass", "blind")
_SHADES = {"pass": "#009E7344", "fail": "#D55E0055", "unexpected": "#E69F0044"}


def _worse(held: str | None, verdict: str) -> str:
    known = [v for v in (held, verdict) if v in _ORDER]
    return min(known, key=_ORDER.index) if known else verdict


def _shade(verdict: str) -> str:
    colour = _SHADES.get(verdict)
    return f"background-color: {colour}" if colour else ""


def _one(certificate: Certificate) -> None:
    verdict = f"{certificate.verdict} {certificate.reason}".strip()
    st.text(f"{certificate.spec}, version {certificate.version}: {verdict}")
    ladders = list(dict.fromkeys(row.ladder for row in certificate.rows))
    ladder = st.selectbox("Ladder", ladders, key="ladder")
    rows = [row for row in certificate.rows if row.ladder == ladder]
    table = pd.DataFrame([record for row in rows for record in _effects(row)])
    if not table.empty:
        st.altair_chart(_ladder_chart(table), width="stretch")
    st.dataframe(pd.DataFrame([_summary(row) for row in rows]), hide_index=True, width="stretch")


def _effects(row: Row) -> list[dict[str, object]]:
    return [
        {
            "series": f"{row.column} ({row.clips})",
            "strength": effect.strength,
            "mean": effect.change,
            "low": effect.low,
            "high": effect.high,
        }
        for effect in row.effects
    ]


def _summary(row: Row) -> dict[str, object]:
    return {
        "column": row.column,
        "clips": row.clips,
        "expected": row.expected or "–",
        "rho": row.rho,
        "low": row.low,
        "high": row.high,
        "n": row.n_clips,
        "verdict": str(row.verdict),
        "reason": row.reason,
    }


def _ladder_chart(table: pd.DataFrame) -> alt.FacetChart:
    base = alt.Chart(table).encode(
        x=alt.X("strength:Q", title="strength", axis=alt.Axis(tickCount=5))
    )
    line = base.mark_line(point=True, color=COLOURS[0]).encode(
        y=alt.Y("mean:Q", title="change from the undamaged clip", scale=alt.Scale(zero=False))
    )
    whisker = base.mark_rule(color=COLOURS[0]).encode(y="low:Q", y2="high:Q")
    chart: alt.FacetChart = (
        (line + whisker)
        .properties(height=180, width=260)
        .facet(alt.Facet("series:N", title=None), columns=3)
        .resolve_scale(y="independent")
    )
    return chart


def _clips() -> None:
    st.header("What the damage looks like")
    boxes = st.columns(3)
    ladder = str(boxes[0].selectbox("Damage", [n for n in LADDERS if n != "wrong_caption"]))
    strength = int(boxes[1].slider("Strength", 0, 5, 3))
    index = int(boxes[2].number_input("Clip", 0, N_CLIPS - 1, 0))
    st.text(ladder_of(ladder).summary)
    left, right = st.columns(2)
    for box, level in ((left, 0), (right, strength)):
        box.caption("undamaged" if level == 0 else f"{plain(ladder)} {level}")
        box.video(_film(ladder, level, index), loop=True, muted=True)


@st.cache_data(max_entries=60, show_spinner="drawing")
def _film(ladder: str, strength: int, index: int) -> bytes:
    clips = load_clips("phantom", N_CLIPS, 0, lambda _: None).clips
    clip = damaged(clips, index, ladder, strength, 0)
    return _encoded(clip.frames_THWC, clip.fps)


def _encoded(frames_THWC: U8, fps: float) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        write_preview(path, frames_THWC, fps)
        return path.read_bytes()
