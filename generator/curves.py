"""Loss curves of a training run: a Parquet table and a small PNG plot."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from generator.store import write_atomic

_WIDTH, _HEIGHT, _MARGIN = 800, 320, 40


def write_curves(folder: Path, log: Sequence[Mapping[str, float]]) -> None:
    """`losses.parquet` and `losses.png` of a log with `step` and `loss` in each row."""
    import pyarrow as pa
    from pyarrow import parquet

    if not log:
        return
    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in log]), buffer)
    write_atomic(folder / "losses.parquet", buffer.getvalue())
    write_atomic(folder / "losses.png", plot([row["loss"] for row in log]))


def smooth(values: Sequence[float], n_points: int = 400) -> np.ndarray:
    """At most `n_points` medians of neighbouring values."""
    parts = np.array_split(np.asarray(values, dtype=float), min(n_points, len(values)))
    return np.array([np.median(part) for part in parts])


def plot(losses: Sequence[float]) -> bytes:
    """A PNG of the loss over steps, logarithmic."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    y = np.log10(np.maximum(smooth(losses), 1e-8))
    low, high = float(y.min()), float(y.max()) + 1e-6
    across = np.linspace(_MARGIN, _WIDTH - 10, len(y))
    down = _HEIGHT - _MARGIN - (y - low) / (high - low) * (_HEIGHT - 2 * _MARGIN)
    draw.rectangle((_MARGIN, _MARGIN, _WIDTH - 10, _HEIGHT - _MARGIN), outline="grey")
    draw.line(list(zip(across.tolist(), down.tolist(), strict=True)), fill="navy", width=2)
    draw.text((4, _MARGIN - 6), f"{10**high:.3g}", fill="black")
    draw.text((4, _HEIGHT - _MARGIN - 6), f"{10**low:.3g}", fill="black")
    draw.text((_MARGIN, _HEIGHT - 24), f"0 .. {len(losses)} steps; loss, log scale", fill="black")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
