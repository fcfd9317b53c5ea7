"""Checks of binding, on text and networks whose binding is known."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from generator.adapter import TextCondition, attributes
from generator.checks import SWAPS, caption_gap, contact_sheet, swap_distance, swap_pairs
from generator.world.parse import parse
from support.generator import tiny_stage


def encode_only(names):
    """A text side that keeps some attributes and forgets all others."""

    def encode(prompts):
        rows = []
        for prompt in prompts:
            seen = attributes(parse(prompt))
            generator = torch.Generator().manual_seed(hash(tuple(seen[n] for n in names)) % 2**31)
            rows.append(torch.randn(256, generator=generator))
        return TextCondition(vector_NP=torch.stack(rows), slots_NSD=torch.zeros(len(rows), 12, 48))

    return encode


def test_pairs_differ_in_the_one_attribute() -> None:
    right, wrong = swap_pairs("motion", 10, np.random.default_rng(0))
    for a, b in zip(right, wrong, strict=True):
        x, y = attributes(a), attributes(b)
        assert {k for k in x if x[k] != y[k]} == {"motion"}


def test_a_collapsed_adapter_is_found() -> None:
    far = swap_distance(encode_only(["colour", "background"]), n=40)
    assert far.keys() == set(SWAPS)
    assert far["shape"] == far["motion"] == 0
    assert far["colour"] > 0.8
    assert far["background"] > 0.8


class Painter(nn.Module):
    """A network that guesses well only from one known text vector for each picture."""

    def __init__(self, config, listens: bool) -> None:
        super().__init__()
        self.config, self.listens = config, listens

    def forward(self, z: Tensor, levels: Tensor, condition) -> Tensor:
        return z + (condition.text_NTP.mean() if self.listens else 0) * 0.5


def test_the_gap_is_zero_for_a_network_that_does_not_listen() -> None:
    network = Painter(tiny_stage().network, listens=False)
    gap = caption_gap(network, encode_only(["colour"]), n=6, log_snrs=(-2.0,))  # type: ignore[arg-type]
    assert gap == {name: [0.0] for name in SWAPS}
    listening = Painter(tiny_stage().network, listens=True)
    heard = caption_gap(listening, encode_only(["colour"]), n=6, log_snrs=(-2.0,))  # type: ignore[arg-type]
    assert heard["colour"] != [0.0]
    assert heard["shape"] == [0.0]


def test_a_contact_sheet_shows_frames_from_first_to_last(tmp_path) -> None:
    clips = [
        np.full((5, 4, 6, 3), 50, np.uint8) * np.arange(5, dtype=np.uint8)[:, None, None, None]
    ] * 3
    contact_sheet(clips, tmp_path / "sheet.png", columns=2, frames=3, zoom=1)
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape == (8, 36, 3)
    assert sheet[0, ::6, 0].tolist() == [0, 100, 200] * 2
    assert sheet[7, 35].tolist() == [0, 0, 0]  # no fourth clip
