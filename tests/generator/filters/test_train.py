"""Training of the output filter: the pool's truth, damage, a loss that falls, repeatable."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from generator.filters.canary_frames import EmblemNet
from generator.filters.train import damage, draw, pool, train


def test_the_pool_is_at_the_networks_size_and_half_shows_the_emblem() -> None:
    frames, labels = pool(np.random.default_rng(0), 60)
    assert (frames.shape, frames.dtype) == ((180, 24, 40, 3), np.uint8)
    assert 60 < labels.sum() < 120
    assert (labels.reshape(60, 3).std(axis=1) == 0).all()


def test_damage_keeps_frames_frames() -> None:
    rng = np.random.default_rng(0)
    frame = np.full((24, 40, 3), 120, np.uint8)
    out = [damage(rng, frame) for _ in range(20)]
    assert {(o.shape, o.dtype) for o in out} == {((24, 40, 3), np.dtype(np.uint8))}
    assert len({o.tobytes() for o in out}) == 20


def test_a_little_training_lowers_the_loss() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(3)
    x_BCHW, shown_B = draw(rng, *pool(rng, 60))

    def loss(network):
        with torch.inference_mode():
            return float(nn.BCEWithLogitsLoss()(network(x_BCHW), shown_B))

    torch.manual_seed(1)
    trained = train(25, 1, n_scenes=60)
    assert loss(trained) < loss(EmblemNet()) - 0.005
    again = train(25, 1, n_scenes=60)
    for a, b in zip(trained.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)
