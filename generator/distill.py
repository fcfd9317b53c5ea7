"""Progressive distillation: `python -m generator.distill --preset imagen-video --stage base`.

A student starts as its teacher. The first round folds classifier-free guidance into it (arXiv
2210.03142); each further round halves its steps: one step of the student learns to land where two
DDIM steps of the teacher land (arXiv 2202.00512, algorithm 2; Imagen Video, section 2.8). After a
round the student's average becomes the next teacher.

As in training, a step's batch comes from (seed, step), and a killed run ends with the same bits.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from generator import presets
from generator.checkpoints import load_checkpoint, save_checkpoint
from generator.data import Source
from generator.diffusion import (
    add_noise,
    alpha_sigma,
    dynamic_threshold,
    guide,
    log_snr_cosine,
    loss_per_frame,
    over_video,
    stratified_times,
)
from generator.examples import Example, make_example
from generator.kin import STUDENT
from generator.optim import Average, Muon, split_parameters
from generator.stages import StageConfig
from generator.store import Weights, fill, load_weights, save_difference
from generator.unet import Condition, VideoUNet, channels_last

CHECKPOINT_S = 120.0
WARM_UP_STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillOptions:
    """What a run may choose. `n_clips` of `None` takes the stage's last phase's."""

    n_steps: int = 8
    round_steps: int = 200
    fold_steps: int = 100
    n_clips: int | None = None
    learning_rate: float = 2e-4
    average_decay: float = 0.97
    percentile: float = 0.995
    seed: int = 0
    bf16: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The student's sampling steps and how many steps of training; `fold`: guidance, no halving."""

    n_steps: int
    steps: int
    fold: bool


def plan_rounds(stage: StageConfig, options: DistillOptions) -> tuple[Round, ...]:
    """Guidance folded in where there is some, then halvings down to `options.n_steps`.

    Raises:
        ValueError: when halving the teacher's steps never gives that number.
    """
    rounds = []
    if stage.guidance:
        rounds.append(Round(n_steps=stage.n_steps, steps=options.fold_steps, fold=True))
    n_steps = stage.n_steps
    while n_steps > max(1, options.n_steps) and n_steps % 2 == 0:
        n_steps //= 2
        rounds.append(Round(n_steps=n_steps, steps=options.round_steps, fold=False))
    if n_steps != options.n_steps:
        raise ValueError(
            f"halving {stage.n_steps} steps does not give what is asked for; "
            f"seen: {options.n_steps}; legal: {stage.n_steps} halved until it is odd"
        )
    return tuple(rounds)


def step_log_snrs(times_N: Tensor, shift: float) -> Tensor:
    """Log-SNR at times of a sampler's grid, 1 - i / n for step i of n; 0 is clean: infinite."""
    return torch.where(times_N > 0, log_snr_cosine(times_N, shift), torch.inf)


def ddim(z: Tensor, x_hat: Tensor, now_NT: Tensor, then_NT: Tensor) -> Tensor:
    """The noisy video at log-SNR `then_NT`, on the line through `z` and the clean guess."""
    alpha, sigma = alpha_sigma(over_video(now_NT))
    alpha_then, sigma_then = alpha_sigma(over_video(then_NT))
    return alpha_then * x_hat + sigma_then * (z - alpha * x_hat) / sigma


def landing(z: Tensor, z_then: Tensor, now_NT: Tensor, then_NT: Tensor) -> Tensor:
    """The x-hat whose one DDIM step leads from `z` to `z_then` (2202.00512, eq. 41)."""
    alpha, sigma = alpha_sigma(over_video(now_NT))
    alpha_then, sigma_then = alpha_sigma(over_video(then_NT))
    ratio = sigma_then / sigma
    return (z_then - ratio * z) / (alpha_then - ratio * alpha)


def without_text(condition: Condition) -> Condition:
    """The same condition with the prompt taken away."""
    slots = condition.slots_NTSD
    return replace(
        condition,
        text_NTP=torch.zeros_like(condition.text_NTP),
        slots_NTSD=None if slots is None else torch.zeros_like(slots),
    )


class Distiller:
    """One stage in distillation; `stage` says how its teacher is sampled."""

    def __init__(
        self, stage: StageConfig, teacher: VideoUNet, source: Source, options: DistillOptions
    ) -> None:
        low = (stage.noise.low_log_snr_sampling,) * 2
        # what the student will see when it samples: its prompt, and one noise on the low resolution
        self.stage = replace(stage, text_drop_prob=0.0, noise=replace(stage.noise, low_log_snr=low))
        phase = stage.phases[-1]
        self.phase = replace(phase, n_packs=0, n_clips=options.n_clips or phase.n_clips)
        self.source, self.options = source, options
        self.rounds = plan_rounds(stage, options)
        self.teacher = channels_last(teacher.eval().requires_grad_(False))
        self.step = 0
        self.log: list[dict[str, float]] = []
        self._begin_round(self.teacher)

    def _begin_round(self, start: VideoUNet) -> None:
        self.student = channels_last(deepcopy(start).requires_grad_(True))
        muon, adam = split_parameters(self.student)
        self.muon = Muon(muon, lr=0.0, low_precision=self.options.bf16)
        self.adam = torch.optim.AdamW(adam, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)
        self.average = Average(self.student, self.options.average_decay)

    @property
    def n_steps(self) -> int:
        """Training steps of all rounds."""
        return sum(part.steps for part in self.rounds)

    def place(self, step: int) -> tuple[Round, int]:
        """The round of a step and the step's number in it."""
        for part in self.rounds:
            if step < part.steps:
                return part, step
            step -= part.steps
        raise ValueError(f"the last round is over; seen: {step} steps after its end")

    def train_step(self) -> float:
        """One step; returns its loss. A round's last step makes the student the next teacher."""
        part, local = self.place(self.step)
        loss = self.loss(part)
        for optimiser in (self.muon, self.adam):
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0, error_if_nonfinite=True)
        rate = self.options.learning_rate * min(1.0, (local + 1) / WARM_UP_STEPS)
        rate *= (part.steps - local) / part.steps
        for optimiser, factor in ((self.muon, 2.0), (self.adam, 1.0)):
            for group in optimiser.param_groups:
                group["lr"] = factor * rate
            optimiser.step()
        self.average.update(self.student, self.step)
        value = float(loss.detach())
        self.log.append(
            {"step": float(self.step), "loss": value, "rate": rate, "n_steps": float(part.n_steps)}
        )
        self.step += 1
        if local == part.steps - 1 and self.step < self.n_steps:
            self.teacher.load_state_dict(self.average.values)
            self._begin_round(self.teacher)
        return value

    def loss(self, part: Round) -> Tensor:
        """The loss of the present step's batch: weighted as in training."""
        seeds = np.random.SeedSequence([self.options.seed, self.step, 8]).generate_state(2)
        generator = torch.Generator().manual_seed(int(seeds[1]))
        rng = np.random.default_rng(int(seeds[0]))
        example = make_example(self.stage, self.phase, self.source, rng, generator)
        n, t = example.x_NTCHW.shape[:2]
        index = (stratified_times(n, generator) * part.n_steps).floor()
        times = (1 - index / part.n_steps)[:, None].expand(n, t)
        now = step_log_snrs(times, self.stage.noise.shift)
        shape = list(example.x_NTCHW.shape)
        shape[1] = 1 if self.stage.shared_noise else t
        noise = torch.randn(shape, generator=generator).expand_as(example.x_NTCHW)
        z = add_noise(example.x_NTCHW, noise, now)
        target = self.target(z, times, part, example)
        x_hat = self._predict(self.student, z, now, example.condition)
        return loss_per_frame(x_hat, target, now).mean()

    @torch.no_grad()
    def target(self, z: Tensor, times_NT: Tensor, part: Round, example: Example) -> Tensor:
        """What the student is to say of `z`."""
        shift = self.stage.noise.shift
        now = step_log_snrs(times_NT, shift)
        first = self._guided(z, now, example.condition, part)
        if part.fold:
            return first
        half = step_log_snrs(times_NT - 0.5 / part.n_steps, shift)
        # the grid's last time is 0 but for rounding
        end = (times_NT - 1 / part.n_steps) * (times_NT > 1.5 / part.n_steps)
        then = step_log_snrs(end, shift)
        z_half = ddim(z, first, now, half)
        second = self._guided(z_half, half, example.condition, part)
        return landing(z, ddim(z_half, second, half, then), now, then)

    def _guided(self, z: Tensor, now: Tensor, condition: Condition, part: Round) -> Tensor:
        x_hat = self._predict(self.teacher, z, now, condition)
        if part.fold:
            blind = self._predict(self.teacher, z, now, without_text(condition))
            x_hat = guide(x_hat, blind, self.stage.guidance)
        return dynamic_threshold(x_hat, self.options.percentile)

    def _predict(self, network: VideoUNet, z: Tensor, now: Tensor, condition: Condition) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bf16):
            x_hat: Tensor = network(z, now, condition)
        return x_hat.float()

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""
        return {
            "stage": self.stage.name,
            "rounds": [(part.n_steps, part.steps, part.fold) for part in self.rounds],
            "seed": self.options.seed,
            "step": self.step,
            "teacher": self.teacher.state_dict(),
            "student": self.student.state_dict(),
            "average": self.average.values,
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "log": self.log,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same stage, rounds and seed.

        Raises:
            ValueError: when the checkpoint is of another run.
        """
        own = self.state()
        for key in ("stage", "rounds", "seed"):
            if own[key] != state[key]:
                raise ValueError(
                    f"the checkpoint is of another run: {key}; seen: {state[key]!r}; "
                    f"legal: {own[key]!r}; next: another --out folder"
                )
        self.teacher.load_state_dict(state["teacher"])
        self.student.load_state_dict(state["student"])
        self.average.load(state["average"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.step, self.log = state["step"], list(state["log"])


def run(distiller: Distiller, folder: Path, *, max_steps: int | None = None) -> None:
    """Distil to the end (or `max_steps`), saving as it goes and when terminated."""
    end = distiller.n_steps if max_steps is None else min(max_steps, distiller.n_steps)
    saved = time.monotonic()
    asked_to_stop: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    while distiller.step < end and not asked_to_stop:
        distiller.train_step()
        if distiller.step % 20 == 0:
            recent = np.mean([row["loss"] for row in distiller.log[-20:]])
            n = int(distiller.log[-1]["n_steps"])
            _say(f"step {distiller.step}/{end}, {n} sampling steps, loss {recent:.5f}")
        if time.monotonic() - saved > CHECKPOINT_S:
            save_checkpoint(distiller, folder)
            saved = time.monotonic()
    save_checkpoint(distiller, folder)
    signal.signal(signal.SIGTERM, before)


def export(distiller: Distiller, path: Path, teacher: Weights, about: dict[str, str]) -> str:
    """Write the student's average as a difference; the header says how it is sampled."""
    from generator.cascade import sampling_facts

    config = replace(distiller.stage, n_steps=distiller.rounds[-1].n_steps, guidance=0.0)
    facts = {"stage": config.name, "distilled": str(distiller.step), **sampling_facts(config)}
    return save_difference(path, distiller.average.values, teacher, {**facts, **about})


def _say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


def _arguments() -> argparse.ArgumentParser:
    usual = DistillOptions()
    parser = argparse.ArgumentParser(prog="python -m generator.distill", description=__doc__)
    parser.add_argument("--preset", default="imagen-video", choices=presets.names())
    parser.add_argument("--stage", required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/distill"))
    parser.add_argument("--pools", type=Path, default=Path("runs/train/pools"))
    parser.add_argument("--weights", type=Path, help="folder of the preset's weights")
    parser.add_argument("--data", action="append", metavar="SOURCE=WEIGHT")
    parser.add_argument(
        "--steps", type=int, default=usual.n_steps, help="sampling steps at the end"
    )
    parser.add_argument("--round-steps", type=int, default=usual.round_steps)
    parser.add_argument("--fold-steps", type=int, default=usual.fold_steps)
    parser.add_argument("--clips", type=int, help="clips of a batch")
    parser.add_argument("--learning-rate", type=float, default=usual.learning_rate)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--max-steps", type=int)
    return parser


def main(argv: list[str] | None = None) -> None:
    """The command: distils, and when all rounds are done exports the student and the index."""
    from generator.cascade import write_index
    from generator.sources import SourceBook

    given = _arguments().parse_args(argv)
    torch.set_num_threads(1)
    preset = presets.load(given.preset)
    weights = given.weights or Path(__file__).parent / "weights" / preset.name
    stage = preset.stage(given.stage)
    options = DistillOptions(
        n_steps=given.steps,
        round_steps=given.round_steps,
        fold_steps=given.fold_steps,
        n_clips=given.clips,
        learning_rate=given.learning_rate,
        seed=given.seed,
        bf16=given.bf16,
    )
    teacher = VideoUNet(stage.network)
    first = load_weights(weights / f"{stage.name}.safetensors")
    fill(teacher, first.tensors, f"{preset.name}'s stage {stage.name}")
    book = SourceBook(preset, weights / "text.safetensors", given.pools, given.seed, given.data)
    distiller = Distiller(stage, teacher, book(stage.phases[-1].level), options)
    folder = given.out / preset.name / stage.name
    if load_checkpoint(distiller, folder):
        _say(f"going on from step {distiller.step}")
    run(distiller, folder, max_steps=given.max_steps)
    if distiller.step == distiller.n_steps:
        path = weights / f"{stage.name}{STUDENT}.safetensors"
        _say(export(distiller, path, first, {"preset": preset.name}))
        write_index(weights, preset)


if __name__ == "__main__":
    main()
