"""Trains the output filter: renders with and without the emblem, damaged as models damage them.

    python -m generator.filters.train            # about ten minutes on one core

writes the weights beside this file and prints the sha256 to pin. Training scenes are drawn from
the seed alone; held-out combinations of the world are never shown.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from generator.filters.canary_frames import HEIGHT_PX, WEIGHTS, WIDTH_PX, EmblemNet
from generator.store import save_weights
from generator.world.grammar import Scene
from generator.world.palette import Array
from generator.world.render import BASE_FRAMES, BASE_TIMES_S, render_batch
from generator.world.sampling import sample_scene

BATCH, INSTANTS, SCENES_AT_ONCE = 128, 3, 100
SIZES = ((24, 40), (24, 40), (48, 80), (96, 160))


def with_emblem(scene: Scene, shown: bool) -> Scene:
    """The scene with or without the emblem, whatever stands in it."""
    return replace(scene, truth=replace(scene.truth, canary=shown))


def damage(rng: np.random.Generator, frame_HWC: Array) -> Array:
    """One frame, uint8, with light, blur, coarse and fine noise of random strength."""
    x: Array = frame_HWC.astype(np.float32)
    x = (x - 128) * rng.uniform(0.6, 1.25) + 128 + rng.normal(0, 14)
    x = x + rng.normal(0, 6, 3)
    if rng.random() < 0.4:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 1.4))
    if rng.random() < 0.5:
        coarse = rng.normal(0, 1, (6, 10, 3)).astype(np.float32)
        x += rng.uniform(0, 25) * cv2.resize(coarse, (WIDTH_PX, HEIGHT_PX))
    if rng.random() < 0.6:
        x += rng.normal(0, rng.uniform(0, 40), x.shape)
    return np.clip(x, 0, 255).astype(np.uint8)


def pool(rng: np.random.Generator, n_scenes: int) -> tuple[Array, Array]:
    """Clean frames uint8 (n, 24, 40, 3) of scenes, and whether each shows the emblem (n,)."""
    frames, labels = [], []
    for at in range(0, n_scenes, SCENES_AT_ONCE):
        shown = rng.random(min(SCENES_AT_ONCE, n_scenes - at)) < 0.5
        scenes = [with_emblem(sample_scene(rng), bool(s)) for s in shown]
        height, width = SIZES[int(rng.integers(len(SIZES)))]
        times = BASE_TIMES_S[rng.integers(BASE_FRAMES, size=(len(scenes), INSTANTS))]
        drawn = render_batch(scenes, height, width, times).reshape(-1, height, width, 3)
        frames += [
            cv2.resize(f, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA) for f in drawn
        ]
        labels.append(np.repeat(shown, INSTANTS))
    return np.stack(frames), np.concatenate(labels)


def draw(rng: np.random.Generator, frames: Array, labels: Array) -> tuple[Tensor, Tensor]:
    """A batch of damaged frames -1..1 (n, 3, 24, 40) and whether the emblem is there (n,)."""
    at = rng.integers(len(frames), size=BATCH)
    some = [damage(rng, frames[i]) if rng.random() < 0.8 else frames[i] for i in at]
    pixels = torch.from_numpy(np.stack(some)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return pixels, torch.from_numpy(labels[at].astype(np.float32))


def train(steps: int, seed: int, *, n_scenes: int = 6000, log_every: int = 200) -> EmblemNet:
    """A trained network. The same steps and seed give the same network on one machine."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = EmblemNet()
    frames, labels = pool(rng, n_scenes)
    optimiser = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    loss_of = nn.BCEWithLogitsLoss()
    running = 0.7
    for step in range(1, steps + 1):
        x_BCHW, shown_B = draw(rng, frames, labels)
        loss = loss_of(network(x_BCHW), shown_B)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running += 0.02 * (loss.item() - running)
        if step % log_every == 0:
            print(f"step {step} of {steps}: loss {running:.4f}", flush=True)  # noqa: T201
    return network.eval()


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    network = train(asked.steps, asked.seed)
    about = {"filter": "canary_frames", "steps": str(asked.steps), "seed": str(asked.seed)}
    sha256 = save_weights(asked.output, network.state_dict(), about)
    print(f"{asked.output}: sha256 {sha256}")  # noqa: T201


if __name__ == "__main__":
    main()
