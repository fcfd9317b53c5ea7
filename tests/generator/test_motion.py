"""Frames moved along the flow: known motions, stillness, what cannot be matched, sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generator.motion import meet


def square(left_px: float, *, size: tuple[int, int] = (48, 80)) -> torch.Tensor:
    """A soft bright square on a grey ground, its left edge at `left_px`: (3, H, W)."""
    columns = torch.arange(size[1])[None] + 0.5
    rows = torch.arange(size[0])[:, None] + 0.5
    across = torch.sigmoid(2 * (columns - left_px)) - torch.sigmoid(2 * (columns - left_px - 18))
    down = torch.sigmoid(2 * (rows - 14)) - torch.sigmoid(2 * (rows - 32))
    return (1.2 * across * down - 0.5).expand(3, -1, -1).contiguous()


def pair(before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    return torch.cat([before, after])[None, None]


def test_a_moving_thing_meets_itself_midway() -> None:
    told, truth = pair(square(20), square(28)), square(24)
    before, after = meet(told)[0, 0].split(3)
    blended = (told[0, 0, :3] + told[0, 0, 3:]) / 2
    moved = (before + after) / 2
    assert (moved - truth).square().mean() < 0.05 * (blended - truth).square().mean()
    for part in (before, after):
        assert (part - truth).abs().mean() < 0.02


def test_a_still_frame_stays_to_the_bit() -> None:
    told = pair(square(20), square(20))
    assert torch.equal(meet(told), told)


def test_each_pair_stands_alone() -> None:
    pairs = torch.stack([pair(square(20), square(28))[0, 0], pair(square(40), square(36))[0, 0]])
    both = meet(pairs[None])
    for i in range(2):
        torch.testing.assert_close(meet(pairs[None, i : i + 1])[0, 0], both[0, i])


def test_what_does_not_match_is_no_worse_than_blending() -> None:
    noise = torch.rand(2, 3, 48, 80, generator=torch.Generator().manual_seed(0)) * 2 - 1
    told = pair(noise[0], noise[1])
    made = meet(told)
    # wherever the two were moved they agree better than before, on the mean over small windows
    apart, apart_before = ((p[0, 0, :3] - p[0, 0, 3:]).abs().mean() for p in (made, told))
    assert apart <= apart_before


@pytest.mark.parametrize("size", [(8, 8), (12, 40)])
def test_frames_too_small_to_search_stay(size) -> None:
    told = torch.rand(1, 2, 6, *size)
    assert torch.equal(meet(told), told)


def test_colours_move_with_their_thing() -> None:
    tint = torch.tensor([1.0, 0.2, -0.6])[:, None, None]
    told = pair(square(20) * tint, square(26) * tint)
    made = meet(told)[0, 0, :3]
    middle = made[:, 20:26, 30:36].mean(dim=(1, 2)).numpy()
    assert np.allclose(middle, 0.7 * tint[:, 0, 0].numpy(), atol=0.05)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.8])
def test_a_thing_meets_itself_at_any_instant(share) -> None:
    told, truth = pair(square(20), square(28)), square(20 + 8 * share)
    before, after = meet(told, [share])[0, 0].split(3)
    blended = torch.lerp(told[0, 0, :3], told[0, 0, 3:], share)
    moved = torch.lerp(before, after, share)
    assert (moved - truth).square().mean() < 0.1 * (blended - truth).square().mean()


def test_the_flow_of_one_pair_serves_all_its_instants() -> None:
    told = pair(square(20), square(28))
    several = meet(told.expand(1, 3, -1, -1, -1), [0.0, 0.25, 0.5])
    assert torch.equal(several[:, :1], told)
    assert torch.equal(several[:, 2:], meet(told))
    assert torch.equal(several[:, 1:2], meet(told, [0.25]))
