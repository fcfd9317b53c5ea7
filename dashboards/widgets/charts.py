"""Charts in one theme: colour-blind-safe, readable in light and dark, with intervals drawn.

Colours are of Okabe and Ito's palette (2008), which people with the common colour deficiencies can
tell apart; shape or place says the same as colour everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
CANDIDATE, REAL = COLOURS[0], COLOURS[1]
NULL_BAND = "#888888"


def interval_chart(
    table: pd.DataFrame, *, label: str, title: str, order: Sequence[str] | None = None
) -> alt.LayerChart:
    """A dot with its interval for each row.

    Args:
        table: columns `value`, `low`, `high`, `n`, `label`'s own and perhaps `source`.
        label: the column that names the rows.
        title: of the axis of values: quantity and unit.
        order: of the rows; by default as they come.
    """
    rows = list(dict.fromkeys(table[label])) if order is None else list(order)
    place = alt.Y(f"{label}:N", sort=rows, title=None, axis=alt.Axis(labelLimit=280))
    base = alt.Chart(table).encode(y=place)
    if "source" in table:
        domain = ["candidate", "reference"]
        scale = alt.Scale(domain=domain, range=[CANDIDATE, REAL])
        base = base.encode(
            color=alt.Color("source:N", scale=scale, title=None),
            yOffset=alt.YOffset("source:N", sort=domain),
        )
    whiskers = base.mark_rule(strokeWidth=2, color=CANDIDATE).encode(
        x=alt.X("low:Q", title=title, scale=alt.Scale(zero=False)), x2="high:Q"
    )
    shown = [name for name in (label, "source", "value", "low", "high", "n") if name in table]
    dots = base.mark_point(filled=True, size=70, color=CANDIDATE).encode(
        x=alt.X("value:Q", scale=alt.Scale(zero=False)), tooltip=shown
    )
    chart: alt.LayerChart = (whiskers + dots).properties(height=alt.Step(28))
    return chart


def histogram(values: Sequence[float], *, title: str) -> alt.Chart:
    """How the numbers of the videos spread."""
    table = pd.DataFrame({"value": list(values)})
    chart: alt.Chart = (
        alt.Chart(table)
        .mark_bar(color=CANDIDATE)
        .encode(
            x=alt.X("value:Q", bin=alt.Bin(maxbins=30), title=title),
            y=alt.Y("count()", title="videos"),
        )
        .properties(height=220)
    )
    return chart


def strip_chart(values: Sequence[float], *, title: str, worst: int) -> alt.LayerChart:
    """A number along a clip, with its worst place marked. Places count from 0."""
    table = pd.DataFrame({"place": range(len(values)), "value": list(values)})
    line = (
        alt.Chart(table)
        .mark_line(color=CANDIDATE, point=True)
        .encode(
            x=alt.X("place:Q", title="frame"),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
            tooltip=["place", "value"],
        )
    )
    mark = (
        alt.Chart(table[table["place"] == worst])
        .mark_point(color=REAL, size=160, shape="diamond", filled=True)
        .encode(x="place:Q", y="value:Q")
    )
    chart: alt.LayerChart = (line + mark).properties(height=140)
    return chart
