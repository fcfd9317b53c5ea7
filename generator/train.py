"""Trains one stage of a preset: `python -m generator.train --preset imagen-video --stage base`.

Everything that a step draws comes from (seed, step), and a checkpoint holds networks, averages,
optimisers, step and seed: a run that is killed and started again ends with the same bits. One
thread, one process. `--stage text` trains the text adapter, which all other stages need first.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from generator import presets
from generator.checkpoints import CHECKPOINT, load_checkpoint, save_checkpoint
from generator.data import Source
from generator.diffusion import add_noise, edge_loss_per_frame, loss_per_frame
from generator.examples import make_example
from generator.kin import TEXT, own_tensors, text_path
from generator.optim import Average, Muon, split_parameters
from generator.stages import Phase, Preset, StageConfig
from generator.store import fill, load_weights, save_weights
from generator.unet import UNetConfig, VideoUNet, channels_last

WARM_UP_STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """What a run may choose. `bf16` halves the time where the processor has it."""

    seed: int = 0
    bf16: bool = False
    average_decay: float = 0.995
    clip_norm: float = 1.0
    checkpoint_s: float = 180.0


def place_of(phases: tuple[Phase, ...], step: int) -> tuple[Phase, int]:
    """The phase of a step and the step's number in it; past the end, the last phase goes on."""
    for phase in phases:
        if step < phase.steps:
            return phase, step
        step -= phase.steps
    return phases[-1], phases[-1].steps - 1


def rate_of(phases: tuple[Phase, ...], step: int) -> float:
    """Learning rate: linear warm-up, then level, then down over a decaying phase's last quarter."""
    phase, local = place_of(phases, step)
    rate = phase.learning_rate * min(1.0, (step + 1) / WARM_UP_STEPS)
    if phase.decay:
        rate *= min(1.0, (phase.steps - local) / (0.25 * phase.steps))
    return rate


def middle_taken(
    tensors: Mapping[str, Tensor], blocks: tuple[int, ...] | None
) -> dict[str, Tensor]:
    """A network's weights with these of its middle blocks only, counted anew; `None` takes all."""
    if blocks is None:
        return dict(tensors)
    taken = {name: value for name, value in tensors.items() if not name.startswith("middle.")}
    for new, old in enumerate(blocks):
        head = f"middle.{old}."
        taken |= {
            f"middle.{new}.{name.removeprefix(head)}": value
            for name, value in tensors.items()
            if name.startswith(head)
        }
    return taken


class Trainer:
    """One stage in training. `sources` gives the source of a curriculum level."""

    def __init__(
        self,
        stage: StageConfig,
        sources: Callable[[int], Source],
        options: TrainingOptions,
    ) -> None:
        torch.manual_seed(options.seed)
        self.stage, self.sources, self.options = stage, sources, options
        self.network = channels_last(VideoUNet(stage.network))
        if stage.trains == "temporal":
            for name, parameter in self.network.named_parameters():
                parameter.requires_grad_("temporal" in name)
        muon, adam = split_parameters(self.network)
        self.muon = Muon(muon, lr=0.0, low_precision=options.bf16)
        self.adam = torch.optim.AdamW(adam, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)
        self.average = Average(self.network, options.average_decay)
        self.step = 0
        self.log: list[dict[str, float]] = []

    def grow(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over another stage's weights; what is new stays the identity.

        Raises:
            BadWeights: when anything but temporal layers is new, or left over.
        """
        own = self.network.state_dict()
        taken = middle_taken(tensors, self.stage.grown_middle)
        taken = {name: v for name, v in taken.items() if name in own or "temporal" not in name}
        new = {name: value for name, value in own.items() if "temporal" in name}
        fill(self.network, {**new, **taken}, f"what {self.stage.name} grows from")
        self.average.load(dict(self.network.named_parameters()))

    @property
    def n_steps(self) -> int:
        """Steps of all phases."""
        return sum(phase.steps for phase in self.stage.phases)

    def train_step(self) -> float:
        """One step; returns its loss."""
        phase, _ = place_of(self.stage.phases, self.step)
        loss = self.loss(phase)
        for optimiser in (self.muon, self.adam):
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(
            self.network.parameters(), self.options.clip_norm, error_if_nonfinite=True
        )
        rate = rate_of(self.stage.phases, self.step)
        for optimiser, factor in ((self.muon, 2.0), (self.adam, 1.0)):
            for group in optimiser.param_groups:
                group["lr"] = factor * rate
            optimiser.step()
        self.average.update(self.network, self.step)
        value = float(loss.detach())
        self.log.append(
            {
                "step": float(self.step),
                "loss": value,
                "rate": rate,
                "grad_norm": float(norm),
                "frames": float(phase.n_frames),
                "level": float(phase.level),
            }
        )
        self.step += 1
        return value

    def loss(self, phase: Phase) -> Tensor:
        """The loss of the present step's batch."""
        seeds = np.random.SeedSequence([self.options.seed, self.step]).generate_state(2)
        rng = np.random.default_rng(int(seeds[0]))
        generator = torch.Generator().manual_seed(int(seeds[1]))
        example = make_example(self.stage, phase, self.sources(phase.level), rng, generator)
        shape = list(example.x_NTCHW.shape)
        if self.stage.shared_noise:
            shape[1] = 1
        noise = torch.randn(shape, generator=generator).expand_as(example.x_NTCHW)
        z = add_noise(example.x_NTCHW, noise, example.log_snr_NT)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bf16):
            x_hat = self.network(z, example.log_snr_NT, example.condition)
        x_hat = x_hat.float()
        loss = loss_per_frame(x_hat, example.x_NTCHW, example.log_snr_NT).mean()
        if phase.edge_weight:
            loss = loss + phase.edge_weight * edge_loss_per_frame(x_hat, example.x_NTCHW).mean()
        return loss

    def state(self) -> dict[str, Any]:
        """All that a run needs to go on."""
        return {
            "stage": self.stage.name,
            "network_config": asdict(self.stage.network),
            "seed": self.options.seed,
            "bf16": self.options.bf16,
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.values,
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "log": self.log,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same stage, network, seed and precision.

        Raises:
            ValueError: when the checkpoint is of another run.
        """
        own = self.state()
        # what a config has learned to say since then was at its default
        known = {**asdict(UNetConfig()), **state["network_config"]}
        state = {**state, "network_config": known}
        for key in ("stage", "network_config", "seed", "bf16"):
            if own[key] != state[key]:
                raise ValueError(
                    f"the checkpoint is of another run: {key}; seen: {state[key]!r}; "
                    f"legal: {own[key]!r}; next: another --out folder"
                )
        self.network.load_state_dict(state["network"])
        self.average.load(state["average"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.step, self.log = state["step"], list(state["log"])


def export(trainer: Trainer, path: Path, about: dict[str, str]) -> str:
    """Write the averaged network as float16 safetensors; returns the sha256.

    Of a stage that trains its temporal layers only, these; the rest is where it was grown from.
    """
    facts = {"stage": trainer.stage.name, "step": str(trainer.step), **about}
    return save_weights(path, own_tensors(trainer.stage, trainer.average.values), facts)


def run(trainer: Trainer, folder: Path, *, max_steps: int | None = None) -> None:
    """Train to the end of the phases (or `max_steps`), saving as it goes and when terminated."""
    end = trainer.n_steps if max_steps is None else min(max_steps, trainer.n_steps)
    saved = begun = time.monotonic()
    first = trainer.step
    asked_to_stop: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    while trainer.step < end and not asked_to_stop:
        phase, local = place_of(trainer.stage.phases, trainer.step)
        trainer.train_step()
        now = time.monotonic()
        if trainer.step % 50 == 0:
            recent = np.mean([row["loss"] for row in trainer.log[-50:]])
            pace = (now - begun) / (trainer.step - first)
            _say(
                f"step {trainer.step}/{end} T={phase.n_frames} level={phase.level} "
                f"loss {recent:.4f} {pace:.2f} s/step"
            )
        last = local == phase.steps - 1
        if last or now - saved > trainer.options.checkpoint_s:
            save_checkpoint(trainer, folder)
            saved = now
    save_checkpoint(trainer, folder)
    signal.signal(signal.SIGTERM, before)


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)  # noqa: T201  a command's output


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m generator.train", description=__doc__)
    parser.add_argument("--preset", default="imagen-video", choices=presets.names())
    parser.add_argument("--stage", help="text, or a stage of the preset")
    parser.add_argument("--out", type=Path, default=Path("runs/train"))
    parser.add_argument("--weights", type=Path, help="folder of the preset's weights")
    parser.add_argument(
        "--data",
        action="append",
        metavar="SOURCE=WEIGHT",
        help="world=W, or a folder or tar of clips with captions =W; may be given several times",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bf16", action="store_true", help="train in bfloat16")
    parser.add_argument("--max-steps", type=int)
    parser.add_argument(
        "--export", action="store_true", help="only export the checkpoint's average"
    )
    parser.add_argument("--index", action="store_true", help="only pin the weights' files anew")
    return parser


def main(argv: list[str] | None = None) -> None:
    """The command. What goes wrong is one line; exit status 64 says that the asking was wrong."""
    parser = _arguments()
    given = parser.parse_args(argv)
    torch.set_num_threads(1)
    try:
        _command(given)
    except OSError as error:
        about = f": {error.filename}" if error.filename else ""
        _leave(f"{error.strerror or error}{about}; the last whole checkpoint stays", 74)
    except (ValueError, FloatingPointError) as error:
        _leave(str(error), 64)


def _leave(line: str, status: int) -> NoReturn:
    sys.stderr.write(f"generator.train: {line}\n")
    raise SystemExit(status)


def _command(given: argparse.Namespace) -> None:
    from generator.cascade import write_index
    from generator.train_text import train_text

    preset = presets.load(given.preset)
    weights = given.weights or Path(__file__).parent / "weights" / preset.name
    if given.index:
        write_index(weights, preset)
        return
    if given.stage == TEXT:
        if preset.text_from is not None:
            raise ValueError(f"{preset.name} shares the text adapter of {preset.text_from}")
        _say(str(train_text(preset, weights / f"{TEXT}.safetensors")))
        return
    if given.stage is None:
        raise ValueError(f"which stage? legal: text, {', '.join(s.name for s in preset.stages)}")
    trainer = _trainer(given, preset, weights)
    folder = given.out / preset.name / trainer.stage.name
    gone_on = load_checkpoint(trainer, folder)
    if given.export:
        if not gone_on:
            raise ValueError(f"nothing to export: {folder / CHECKPOINT} is not there")
        about = {"preset": preset.name}
        _say(export(trainer, weights / f"{trainer.stage.name}.safetensors", about))
        write_index(weights, preset)
        return
    if gone_on:
        _say(f"going on from step {trainer.step}")
    elif trainer.stage.grown_from is not None:
        kin, name = trainer.stage.grown_from
        trainer.grow(load_weights(weights.parent / kin / f"{name}.safetensors").tensors)
    run(trainer, folder, max_steps=given.max_steps)


def _trainer(given: argparse.Namespace, preset: Preset, weights: Path) -> Trainer:
    """The stage in training, before its checkpoint is read."""
    from generator.sources import SourceBook

    stage = preset.stage(given.stage)
    if stage.kin_whole and stage.grown_from is not None:
        raise ValueError(
            f"{preset.name}'s {stage.name} is {' '.join(stage.grown_from)} as it is; train that"
        )
    text = text_path(weights, preset)
    sources = SourceBook(preset, text, given.out / "pools", given.seed, given.data)
    return Trainer(stage, sources, TrainingOptions(seed=given.seed, bf16=given.bf16))


if __name__ == "__main__":
    main()
