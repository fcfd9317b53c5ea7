"""Contact sheets: one for each kind, with the prompts beside them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from generator.sheets import write_sheets


def test_each_kind_has_its_sheet_and_its_prompts(tmp_path) -> None:
    seen: list[str] = []

    def make(prompts, seeds):
        seen.extend(prompts)
        assert len(set(seeds)) == len(prompts) == 4
        return np.full((4, 16, 24, 40, 3), 200, np.uint8)

    write_sheets(make, tmp_path, n=4, seed=1, kinds=["pair", "word"])
    for kind in ("pair", "word"):
        with Image.open(tmp_path / f"cascade-{kind}.png") as image:
            assert image.size == (2 * 6 * 40 * 3, 2 * 24 * 3)
    lines = (tmp_path / "cascade-prompts.txt").read_text().splitlines()
    assert [line.strip() for line in lines if line.startswith("  ")] == seen
    assert [line for line in lines if not line.startswith(" ")] == [
        "cascade-pair.png",
        "cascade-word.png",
    ]
