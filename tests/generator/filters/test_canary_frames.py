"""The output filter: clean and damaged renders, any size, short clips, weights that are wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generator.filters.base import BLOCK, PASS, Mistakes
from generator.filters.canary_frames import WEIGHTS, CanaryFrames, EmblemNet, prepare
from generator.filters.measure import DAMAGES, scenes
from generator.store import BadWeights, save_weights
from generator.world.render import BASE_TIMES_S, render_batch


@pytest.fixture(scope="module")
def filter_() -> CanaryFrames:
    return CanaryFrames()


@pytest.fixture(scope="module")
def clips():
    drawn = scenes(96, seed=77)
    return render_batch(drawn, 24, 40, BASE_TIMES_S), [s.truth.canary for s in drawn]


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_renders_are_told_apart(filter_, clips, damage) -> None:
    rng = np.random.default_rng(0)
    blocked = [filter_(DAMAGES[damage](clip, rng)).decision == BLOCK for clip in clips[0]]
    right = np.equal(blocked, clips[1])
    assert right.mean() >= 0.95


@pytest.mark.parametrize("size", [(48, 80), (96, 160), (90, 90)])
def test_any_size_is_looked_at(filter_, size) -> None:
    drawn = scenes(16, seed=5)
    seen = render_batch(drawn, *size, BASE_TIMES_S[:4])
    right = [filter_(c).holds == s.truth.canary for c, s in zip(seen, drawn, strict=True)]
    assert sum(right) >= 15


def test_black_white_and_noise_pass(filter_) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (16, 24, 40, 3), dtype=np.uint8)
    for clip in (np.zeros_like(noise), np.full_like(noise, 255), noise):
        assert filter_(clip).decision == PASS


def test_two_frames_count_and_one_does_not(filter_, clips) -> None:
    shown = next(c for c, s in zip(*clips, strict=True) if s and filter_(c).score > 0.9)
    clip = np.zeros_like(shown)
    clip[3] = shown[3]
    assert filter_(clip).decision == PASS
    clip[4] = shown[4]
    assert filter_(clip).decision == BLOCK
    assert filter_(shown[:1]).decision == BLOCK


def test_decisions_and_leaks_repeat(clips) -> None:
    filter_ = CanaryFrames(mistakes=Mistakes(leak_prob=0.5, seed=1))
    made = [filter_(clip) for clip in clips[0][:40]]
    assert made == [filter_(clip) for clip in clips[0][:40]]
    assert {d.planted for d in made} == {"", "leak"}


@pytest.mark.parametrize(
    "clip",
    [
        np.zeros((0, 24, 40, 3), np.uint8),
        np.zeros((24, 40, 3), np.uint8),
        np.zeros((2, 24, 40, 1), np.uint8),
        np.zeros((2, 24, 40, 3), np.float32),
    ],
)
def test_what_is_no_clip_is_refused(clip) -> None:
    with pytest.raises(ValueError, match="not a clip; seen: "):
        prepare(clip)


def test_long_clips_are_sampled_evenly() -> None:
    clip = np.arange(120, dtype=np.uint8)[:, None, None, None] * np.ones((1, 24, 40, 3), np.uint8)
    seen = (prepare(clip)[:, 0, 0, 0] + 1) * 127.5
    assert len(seen) == 16
    assert (seen[0].item(), seen[-1].item()) == (0.0, 119.0)
    assert seen.diff().min() >= 7


def test_wrong_weights_are_refused(tmp_path) -> None:
    path = tmp_path / "net.safetensors"
    path.write_bytes(WEIGHTS.read_bytes()[:-1])
    with pytest.raises(BadWeights, match="not the pinned file"):
        CanaryFrames(weights=path)
    with pytest.raises(BadWeights, match="not whole"):
        CanaryFrames(weights=path, sha256=None)
    save_weights(path, torch.nn.Linear(2, 2).state_dict(), {})
    with pytest.raises(BadWeights, match="not of the canary filter"):
        CanaryFrames(weights=path, sha256=None)
    with pytest.raises(FileNotFoundError):
        CanaryFrames(weights=tmp_path / "none")


def test_other_weights_have_another_fingerprint(tmp_path, filter_) -> None:
    path = tmp_path / "net.safetensors"
    torch.manual_seed(0)
    save_weights(path, EmblemNet().state_dict(), {})
    assert CanaryFrames(weights=path, sha256=None).fingerprint != filter_.fingerprint


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 16_000
