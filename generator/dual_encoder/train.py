"""Trains the reference dual encoder and ships it: `python -m generator.dual_encoder.train`.

Each step sees fresh frames of the world, each with its own caption and with a caption that is wrong
in one thing (a hard negative, as in NegCLIP). The loss is CLIP's: of all captions of the batch, the
wrong ones too, a frame must pick its own, and of all frames a caption must. Everything that a step
draws comes from (seed, step), and a run that was stopped goes on where it was.

Source: Radford et al. 2021 (arXiv 2103.00020); hard negatives: Yuksekgonul et al. 2023
(arXiv 2210.01936).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator.checkpoints import load_checkpoint, save_checkpoint
from generator.dual_encoder.network import (
    MEAN,
    SIDE_PX,
    STD,
    embed_captions,
    embed_images,
    learn_merges,
    make_model,
    make_tokenizer,
    save_checkpoint_folder,
    token_ids,
)
from generator.dual_encoder.pairs import draw_pairs
from generator.world.caption import captions
from generator.world.palette import Array
from generator.world.sampling import sample_truth

FOLDER = Path(__file__).parent.parent / "weights" / "phantom-clip"
CORPUS = 8000
"""Captions that the tokenizer's merges are learned from."""

_LARGEST_LOG_SCALE = math.log(100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run may choose."""

    seed: int = 0
    steps: int = 1900
    batch: int = 192
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 100
    noise: float = 10.0
    """Largest deviation of the noise on a third of the frames, in levels of 255."""
    checkpoint_s: float = 120.0


def rate_of(options: Options, step: int) -> float:
    """Learning rate: linear warm-up, then half a cosine down to nothing."""
    if step < options.warm_up:
        return options.learning_rate * (step + 1) / options.warm_up
    share = (step - options.warm_up) / max(1, options.steps - options.warm_up)
    return options.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))


def prepare(frames: Sequence[Array]) -> Tensor:
    """The model's input (N, C, H, W) of frames of several sizes, nearly as Pillow resizes them."""
    parts = []
    for frames_NHWC in frames:
        x = torch.from_numpy(frames_NHWC).permute(0, 3, 1, 2).float()
        parts.append(
            torch.nn.functional.interpolate(
                x, (SIDE_PX, SIDE_PX), mode="bicubic", antialias=True
            ).clamp(0, 255)
        )
    mean, std = torch.tensor(MEAN).view(3, 1, 1), torch.tensor(STD).view(3, 1, 1)
    return (torch.cat(parts) / 255 - mean) / std


def contrast(images_ND: Tensor, texts_MD: Tensor, log_scale: Tensor) -> Tensor:
    """CLIP's loss; the first N of the texts belong to the images, the others to none."""
    n = len(images_ND)
    logits_NM = log_scale.exp() * images_ND @ texts_MD.T
    own_N = torch.arange(n)
    return 0.5 * (
        torch.nn.functional.cross_entropy(logits_NM, own_N)
        + torch.nn.functional.cross_entropy(logits_NM[:, :n].T, own_N)
    )


class Trainer:
    """The dual encoder in training."""

    def __init__(self, options: Options) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        rng = np.random.default_rng([options.seed, 0])
        truths = [sample_truth(rng) for _ in range(CORPUS)]
        self.tokenizer = make_tokenizer(learn_merges(captions(truths, range(CORPUS))))
        self.model = make_model(self.tokenizer)
        plain = [p for p in self.model.parameters() if p.ndim < 2]
        matrices = [p for p in self.model.parameters() if p.ndim >= 2]
        groups = [
            {"params": matrices, "weight_decay": options.weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98))
        self.step = 0
        self.log: list[dict[str, float]] = []

    def train_step(self) -> float:
        """One step; returns its loss."""
        rng = np.random.default_rng([self.options.seed, 1, self.step])
        pairs = draw_pairs(self.options.batch, rng)
        x = prepare(pairs.frames)
        sigma = (
            self.options.noise / 255 / STD[0] * rng.random(len(x)) * (rng.random(len(x)) < 1 / 3)
        )
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        noise = torch.randn(x.shape, generator=generator)
        x = x + noise * torch.from_numpy(sigma).float()[:, None, None, None]
        ids = token_ids(self.tokenizer, pairs.right + pairs.wrong)
        self.model.train()
        loss = contrast(
            embed_images(self.model, x), embed_captions(self.model, ids), self.model.logit_scale
        )
        self._descend(loss)
        value = float(loss.detach())
        self.log.append({"step": float(self.step), "loss": value})
        self.step += 1
        return value

    def _descend(self, loss: Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, error_if_nonfinite=True)
        for group in self.optimiser.param_groups:
            group["lr"] = rate_of(self.options, self.step)
        self.optimiser.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(max=_LARGEST_LOG_SCALE)

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""
        return {
            "seed": self.options.seed,
            "step": self.step,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "log": self.log,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same seed.

        Raises:
            ValueError: when the checkpoint is of another run.
        """
        if state["seed"] != self.options.seed:
            raise ValueError(
                f"the checkpoint is of another run: seed; seen: {state['seed']}; "
                f"legal: {self.options.seed}; next: another --out folder"
            )
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.log = state["step"], list(state["log"])


def run(trainer: Trainer, folder: Path) -> None:
    """Train to the last step, saving as it goes."""
    if load_checkpoint(trainer, folder):
        _say(f"going on from step {trainer.step}")
    saved = time.monotonic()
    while trainer.step < trainer.options.steps:
        trainer.train_step()
        if trainer.step % 50 == 0:
            recent = np.mean([row["loss"] for row in trainer.log[-50:]])
            _say(f"step {trainer.step}/{trainer.options.steps} loss {recent:.4f}")
        if time.monotonic() - saved > trainer.options.checkpoint_s:
            save_checkpoint(trainer, folder)
            saved = time.monotonic()
    save_checkpoint(trainer, folder)


def _say(line: str) -> None:
    cpu_min = time.process_time() / 60
    print(f"{time.strftime('%H:%M:%S')} {cpu_min:.1f} CPU-min {line}", flush=True)  # noqa: T201


def main(argv: list[str] | None = None) -> None:
    """The command."""
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m generator.dual_encoder.train")
    parser.add_argument("--out", type=Path, default=Path("runs/train/phantom-clip"))
    parser.add_argument("--weights", type=Path, default=FOLDER, help="folder to ship to")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--batch", type=int, default=usual.batch)
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    trainer = Trainer(Options(seed=given.seed, steps=given.steps, batch=given.batch))
    run(trainer, given.out)
    save_checkpoint_folder(given.weights, trainer.model, trainer.tokenizer)


if __name__ == "__main__":
    main()
