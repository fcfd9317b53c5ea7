"""Every preset's own stages learn: one clip by heart, packs frame by frame, kills without a trace.

That each stage's loss falls stands in `test_presets.py`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from generator import presets
from generator.checkpoints import load_checkpoint
from generator.examples import make_example
from generator.stages import StageConfig
from generator.train import Trainer, TrainingOptions, run
from generator.unet import Condition, VideoUNet
from support.generator import OneBatch, small, world

LEARNING = [
    (name, stage.name)
    for name in presets.names()
    for stage in presets.load(name).stages
    if not stage.kin_whole
]
TEMPORAL = [(p, s) for p, s in LEARNING if presets.load(p).stage(s).network.temporal != "none"]


def short(stage: StageConfig, **changes: object) -> StageConfig:
    """The stage with one phase, changed."""
    return replace(stage, phases=(replace(stage.phases[0], **changes),))


@pytest.mark.parametrize("preset", presets.names())
def test_one_clip_is_learned_by_heart(preset) -> None:
    stage = short(small(preset, "base"), steps=100, learning_rate=8e-3)
    n_frames = min(2, stage.phases[0].n_frames)
    stage = short(stage, n_frames=n_frames, n_clips=2 // n_frames)
    # what make-a-video takes over from imagen is not there, so it learns that too
    stage = replace(stage, trains="all", text_drop_prob=0.0, given_first_prob=0.0)
    source = OneBatch(1)
    trainer = Trainer(stage, lambda level: source, TrainingOptions())
    losses = [trainer.train_step() for _ in range(100)]
    assert np.mean(losses[-20:]) < 0.25 * np.mean(losses[:5])


def one_frame(condition: Condition, i: int, j: int) -> Condition:
    """The condition of frame j of clip i, as a clip of its own."""
    named = ("text_NTP", "slots_NTSD", "time_NT", "low_NTCHW", "low_log_snr_NT")
    parts = {name: getattr(condition, name) for name in named}
    return Condition(
        **{k: None if v is None else v[i : i + 1, j : j + 1] for k, v in parts.items()}
    )


@torch.no_grad()
@pytest.mark.parametrize(("preset", "name"), TEMPORAL)
def test_masked_temporal_layers_make_frames_independent(preset, name) -> None:
    stage = short(small(preset, name), n_clips=1, n_packs=1, n_frames=4)
    torch.manual_seed(0)
    network = VideoUNet(stage.network).eval()
    for parameter in network.parameters():
        parameter += 0.05 * torch.randn(parameter.shape)
    example = make_example(
        stage, stage.phases[0], world(4), np.random.default_rng(0), torch.Generator().manual_seed(0)
    )
    condition = example.condition
    assert condition.packed_N.tolist() == [False, True]
    out = network(example.x_NTCHW, example.log_snr_NT, condition)
    for i in (0, 1):
        alone = network(
            example.x_NTCHW[i : i + 1, 1:2],
            example.log_snr_NT[i : i + 1, 1:2],
            one_frame(condition, i, 1),
        )
        same = torch.allclose(out[i, 1], alone[0, 0], atol=1e-3, rtol=1e-3)
        assert same == (i == 1), f"clip {i}"


@pytest.mark.parametrize(("preset", "name"), LEARNING)
def test_a_killed_run_goes_on_to_the_same_bits(preset, name, tmp_path) -> None:
    stage = small(preset, name)
    stage = short(stage, n_frames=min(2, stage.phases[0].n_frames), n_clips=1)
    source = world(4)

    def trainer() -> Trainer:
        return Trainer(stage, lambda level: source, TrainingOptions())

    whole, killed, resumed = trainer(), trainer(), trainer()
    run(whole, tmp_path / "whole", max_steps=4)
    run(killed, tmp_path / "killed", max_steps=2)
    killed.train_step()  # done, but lost: the checkpoint is older
    assert load_checkpoint(resumed, tmp_path / "killed")
    run(resumed, tmp_path / "killed", max_steps=4)
    assert whole.log == resumed.log
    for name_, value in whole.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name_]), name_
        if name_ in whole.average.values:
            assert torch.equal(whole.average.values[name_], resumed.average.values[name_]), name_
