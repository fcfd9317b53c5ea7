"""Loss tables and plots."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from pyarrow import parquet

from generator.curves import plot, smooth, write_curves


def test_the_table_holds_every_row(tmp_path) -> None:
    write_curves(tmp_path, [{"step": float(i), "loss": 1 / (i + 1)} for i in range(5)])
    assert parquet.read_table(tmp_path / "losses.parquet")["loss"].to_pylist() == [
        1,
        1 / 2,
        1 / 3,
        1 / 4,
        1 / 5,
    ]


def test_no_rows_leave_no_files(tmp_path) -> None:
    write_curves(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_smoothing_takes_medians_of_neighbours() -> None:
    assert smooth([1, 1, 50, 2, 2, 2], 2).tolist() == [1, 2]
    assert len(smooth(list(range(1000)))) == 400


def test_a_falling_loss_is_drawn_falling() -> None:
    image = np.asarray(Image.open(io.BytesIO(plot([10.0**-i for i in range(9)]))))
    ink = (image == (0, 0, 128)).all(axis=2)
    columns = np.flatnonzero(ink.any(axis=0))
    heights = [np.flatnonzero(ink[:, x]).mean() for x in (columns[5], columns[-5])]
    assert heights[0] + 100 < heights[1]
