"""Tiny networks and worlds for tests of the generator: seconds, not minutes."""

from dataclasses import replace

import numpy as np
import torch

from generator.adapter import TextCondition
from generator.data import Clips, ClipShape, WorldSource, draw_truths
from generator.presets import load
from generator.stages import Phase, Preset, StageConfig

TINY = {
    "channels": (16, 24),
    "n_middle": 1,
    "heads": 2,
    "temporal_blocks": (0,),
    "cond_width": 32,
    "hidden_width": 48,
}


def tiny_stage(name: str = "base", preset: str = "imagen-video", **changes: object) -> StageConfig:
    """A preset's stage with a small network; `changes` replace its fields."""
    stage = load(preset).stage(name)
    return tiny(stage, **changes)


def tiny(stage: StageConfig, **changes: object) -> StageConfig:
    """The stage with a small network of the same kind."""
    wanted = dict(TINY)
    levels = len(stage.network.channels)
    wanted["channels"] = TINY["channels"][:levels]
    if stage.network.middle == "conv":
        wanted["cross_blocks"] = ()
    elif stage.network.cross_blocks:
        wanted["cross_blocks"] = (0,)
    return replace(stage, network=replace(stage.network, **wanted), **changes)


def tiny_preset(name: str = "imagen-video") -> Preset:
    """A preset with small networks in all stages."""
    preset = load(name)
    return replace(preset, stages=tuple(tiny(stage) for stage in preset.stages))


def world(n: int = 8, seed: int = 0, level: int = 1) -> WorldSource:
    """Scenes with made-up text conditions, one of its own for each."""
    truths, _ = draw_truths([(level, n)], seed)
    generator = torch.Generator().manual_seed(seed)
    return WorldSource(
        truths,
        TextCondition(
            vector_NP=torch.randn(n, 256, generator=generator),
            slots_NSD=torch.randn(n, 12, 48, generator=generator),
        ),
    )


def small(preset: str, name: str) -> StageConfig:
    """The stage with a small network, small pictures and short clips with large motion."""
    stage = tiny(load(preset).stage(name))
    grid = max(stage.network.divisor, 4)
    sizes = {} if stage.kind == "base" else {"height_px": 4 * grid, "width_px": 6 * grid}
    kin, like = stage.grown_from or (preset, name)
    own = stage if stage.phases else load(kin).stage(like)
    last = own.phases[-1]
    phase = Phase(
        level=1,
        n_frames=min(last.n_frames, 6),
        n_clips=3,
        steps=40,
        learning_rate=2e-3,
        shift=last.shift,
        image_shift=last.image_shift,
        span=1.0,
    )
    widths = (32,) * len(stage.network.channels)
    network = replace(stage.network, channels=widths)
    return replace(stage, **sizes, network=network, crop_px=None, phases=(phase,), n_steps=2)


class OneBatch:
    """The same clips at every step, however many are asked for."""

    def __init__(self, n: int = 4) -> None:
        self.source = world(n)
        self.condition = self.source.condition

    def batch(self, shape: ClipShape, rng: np.random.Generator) -> Clips:
        """A batch that hangs on nothing but its shape."""
        return self.source.batch(shape, np.random.default_rng(0))


def phases(*, steps: int = 30, n_frames: int = 2, n_clips: int = 4, **more: object) -> tuple:
    """One short phase of training."""
    return (Phase(level=1, n_frames=n_frames, n_clips=n_clips, steps=steps, **more),)
