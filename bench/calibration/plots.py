"""One picture a certificate: the mean value at each strength, a small panel a ladder."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from bench.certificates import Certificate, Row, Verdict
from bench.errors import Unavailable

COLUMNS = 6
DPI = 60
PALETTE = 16
_COLOURS = ("#1f5fa8", "#c2571a", "#3d7d3d", "#7a4a9a")
_SHADES = {
    Verdict.PASS: "#e9f4e9",
    Verdict.FAIL: "#f9e1e1",
    Verdict.UNEXPECTED: "#fdf3d8",
    Verdict.NOT_ENOUGH: "#ececec",
    Verdict.BLIND: "#ffffff",
}
_WORST_FIRST = (
    Verdict.FAIL,
    Verdict.NOT_ENOUGH,
    Verdict.UNEXPECTED,
    Verdict.PASS,
    Verdict.BLIND,
)
"""A panel with several rows takes the shade of the first of these that it has."""


def plot(certificate: Certificate) -> bytes:
    """A PNG: a panel a column and ladder, a line a set of clips, the interval of the change.

    Raises:
        Unavailable: when matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Unavailable(
            "matplotlib is not installed", then="pip install 'prescreen[calibration]'"
        ) from error
    panels = _panels(certificate)
    n_rows = max(1, -(-len(panels) // COLUMNS))
    figure = Figure(figsize=(11, 0.6 + 1.55 * n_rows), dpi=DPI, layout="constrained")
    canvas: Any = FigureCanvasAgg(figure)
    figure.suptitle(f"{certificate.spec}: {certificate.verdict}", fontsize=11)
    axes = figure.subplots(n_rows, COLUMNS, squeeze=False).ravel()
    names = [used.name for used in certificate.clips]
    for axis, rows in zip(axes, panels, strict=False):
        _draw(axis, rows, names)
    for axis in axes[len(panels) :]:
        axis.axis("off")
    if panels and len(names) > 1:
        axes[0].legend(fontsize=6, frameon=False)
    canvas.draw()
    return _small_png(canvas.buffer_rgba())


def _small_png(picture: Any) -> bytes:
    """A drawing as a PNG of few colours, which is a quarter as large and looks the same."""
    from PIL import Image

    sink = io.BytesIO()
    plain = Image.fromarray(np.asarray(picture)).convert("RGB")
    plain.quantize(PALETTE, dither=Image.Dither.NONE).save(sink, format="png", optimize=True)
    return sink.getvalue()


def _panels(certificate: Certificate) -> list[list[Row]]:
    """The rows of one column and ladder together."""
    panels: dict[tuple[str, str], list[Row]] = {}
    for row in certificate.rows:
        if row.effects:
            panels.setdefault((row.column, row.ladder), []).append(row)
    return list(panels.values())


def _draw(axis: Any, rows: list[Row], names: list[str]) -> None:
    first = rows[0]
    verdicts = {row.verdict for row in rows}
    axis.set_facecolor(_SHADES[next(v for v in _WORST_FIRST if v in verdicts)])
    for row in rows:
        colour = _COLOURS[names.index(row.clips) % len(_COLOURS)]
        start = row.effects[0].mean
        strengths = [effect.strength for effect in row.effects]
        axis.plot(
            strengths,
            [effect.mean for effect in row.effects],
            color=colour,
            marker="o",
            markersize=2.5,
            linewidth=1.2,
            label=row.clips,
        )
        lows = [start + (e.change if e.low is None else e.low) for e in row.effects]
        highs = [start + (e.change if e.high is None else e.high) for e in row.effects]
        axis.fill_between(strengths, lows, highs, color=colour, alpha=0.2, linewidth=0)
    words = ", ".join(sorted(verdicts))
    axis.set_title(f"{first.ladder}\n{first.column}: {words}", fontsize=7)
    axis.tick_params(labelsize=6)
    axis.set_xticks(range(6))
    axis.margins(y=0.15)
