"""Mixtures of the world and own clips, by the words of the command line."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from generator import sources
from generator.adapter import TextCondition
from generator.data import ClipShape, Mixture
from generator.sources import SourceBook, parse_data
from support.generator import world


def test_data_is_parsed() -> None:
    assert parse_data(None) == [("world", 1.0)]
    assert parse_data(["world=3", "a=b/clips=0.5"]) == [("world", 3.0), ("a=b/clips", 0.5)]


@pytest.mark.parametrize("text", ["world", "world=", "=1", "world=x", "world=0", "world=-1"])
def test_other_words_are_refused(text) -> None:
    with pytest.raises(ValueError, match="data is SOURCE=WEIGHT, weight above 0; seen"):
        parse_data([text])


def test_world_and_own_clips_are_mixed(tmp_path, monkeypatch) -> None:
    Image.new("RGB", (40, 24), "red").save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("all red")
    asked = []

    def world_source(preset, adapter, cache, level, seed):
        asked.append(level)
        return world(5, level=level)

    def encode(self, prompts):
        assert prompts == ["all red"]
        return TextCondition(vector_NP=torch.ones(1, 256), slots_NSD=torch.ones(1, 12, 48))

    monkeypatch.setattr(sources, "world_source", world_source)
    monkeypatch.setattr(SourceBook, "_encode", encode)
    book = SourceBook(None, tmp_path / "x", tmp_path, 0, ["world=1", f"{tmp_path}=1"])  # type: ignore[arg-type]
    mixture = book(2)
    assert isinstance(mixture, Mixture)
    assert book(2) is mixture
    shape = ClipShape(n_clips=2, n_frames=1, height_px=24, width_px=40)
    batches = [mixture.batch(shape, np.random.default_rng(i)) for i in range(20)]
    own = [b for b in batches if set(b.rows_N) == {5}]
    assert 4 < len(own) < 16
    assert all((b.frames_NTHWC == (255, 0, 0)).all() for b in own)
    book(3)
    assert asked == [2, 3]
