"""The smallest change to a plain guess."""

from __future__ import annotations

import pytest
import torch

from generator.stage import settle


def test_changes_get_smaller_and_small_ones_go() -> None:
    level = 1 / 127.5
    plain = torch.zeros(1, 1, 3, 1, 5)
    video = plain + level * torch.tensor([-3.0, -0.5, 0.0, 0.9, 2.0])
    settled = settle(video, plain, 1.0)[0, 0, 0, 0] / level
    assert settled.tolist() == pytest.approx([-2, 0, 0, 0, 1], abs=1e-4)


def test_settling_by_nothing_changes_nothing() -> None:
    video, plain = torch.rand(2, 1, 2, 3, 4, 4)
    assert torch.allclose(settle(video, plain, 0.0), video)
