"""Contact sheets of imagen and make-a-video: drawn from small cascades, and there in the docs."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from generator import preset_sheets
from generator.adapter import TextAdapter, TextCondition
from generator.cascade import Cascade
from generator.preset_sheets import FOLDER, SHEETS, main
from generator.stage import Stage
from generator.unet import VideoUNet
from support.generator import tiny_preset


def untrained(name: str) -> Cascade:
    preset = tiny_preset(name)
    stages = {s.name: Stage(s, VideoUNet(s.network)) for s in preset.stages}
    cascade = Cascade(preset, TextAdapter(preset.adapter), stages)
    cascade.encode = lambda prompts: TextCondition(  # type: ignore[method-assign]
        vector_NP=torch.zeros(len(prompts), 256), slots_NSD=torch.zeros(len(prompts), 12, 48)
    )
    return cascade


@pytest.mark.parametrize("name", ["imagen-base", "make-a-video-fill"])
def test_a_sheet_is_a_png_with_a_row_for_each(name, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(preset_sheets.Cascade, "from_pretrained", untrained)
    main([name, "--out", str(tmp_path)])
    picture = np.asarray(Image.open(io.BytesIO((tmp_path / f"{name}.png").read_bytes())))
    rows, height = {"imagen-base": (8, 96), "make-a-video-fill": (12, 72)}[name]
    assert picture.shape[0] == rows * (height + 2) - 2


def test_the_sheets_of_the_docs_are_there() -> None:
    for name in SHEETS:
        assert (FOLDER / f"{name}.png").stat().st_size < 1_000_000


def test_a_sheet_that_is_not_known_is_refused(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["imagen-nothing"])
    assert "no such sheet; seen: imagen-nothing; legal: imagen-base" in capsys.readouterr().err
