"""Every preset: its stages fit each other, train for some steps, and sample."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from generator import presets
from generator.adapter import TextCondition
from generator.diffusion import add_noise
from generator.examples import GIVEN_LOG_SNR, hide, make_example
from generator.stage import SamplingOptions, Stage
from generator.store import BadWeights
from generator.train import Trainer, TrainingOptions
from generator.unet import Condition, VideoUNet, n_parameters
from support.generator import OneBatch, small, world

STAGES = [(name, stage.name) for name in presets.names() for stage in presets.load(name).stages]
LEARNING = [(p, s) for p, s in STAGES if not presets.load(p).stage(s).kin_whole]
MAX_MB = 20


@torch.no_grad()
def exam(trainer: Trainer) -> float:
    """The error of the guess from much noise, on noise that training does not see."""
    phase = trainer.stage.phases[0]
    generator = torch.Generator().manual_seed(99)
    source = trainer.sources(1)
    example = make_example(trainer.stage, phase, source, np.random.default_rng(0), generator)
    levels = torch.full_like(example.log_snr_NT, -4.0)
    noise = torch.randn(example.x_NTCHW.shape, generator=generator)
    guess = trainer.network(add_noise(example.x_NTCHW, noise, levels), levels, example.condition)
    return float((guess - example.x_NTCHW).square().mean())


@pytest.mark.parametrize(("preset", "name"), LEARNING)
def test_every_stage_trains_and_its_loss_falls(preset, name) -> None:
    stage, source = small(preset, name), OneBatch()
    trainer = Trainer(replace(stage, trains="all"), lambda level: source, TrainingOptions())
    before = exam(trainer)
    for _ in range(40):
        trainer.train_step()
    assert exam(trainer) < 0.98 * before


@pytest.mark.parametrize(("preset", "name"), STAGES)
def test_every_stage_samples_its_size(preset, name) -> None:
    config = small(preset, name)
    stage = Stage(config, VideoUNet(config.network))
    text = TextCondition(vector_NP=torch.zeros(1, 256), slots_NSD=torch.zeros(1, 12, 48))
    scale = config.scale if config.kind == "ssr" else 1
    low = torch.zeros(1, 3, 3, config.height_px // scale, config.width_px // scale)
    n_frames = {"base": config.n_frames, "tsr": 6, "ssr": 3, "fill": 2 * config.scale + 1}
    out = stage.sample(
        text,
        [torch.Generator().manual_seed(0)],
        SamplingOptions(),
        low_NTCHW=None if config.kind == "base" else low,
    )
    assert out.shape == (1, n_frames[config.kind], 3, config.height_px, config.width_px)


@pytest.mark.parametrize("name", presets.names())
def test_stages_fit_each_other(name) -> None:
    stages = presets.load(name).stages
    assert stages[0].kind == "base"
    for before, after in pairwise(stages):
        size = (before.height_px, before.width_px)
        scale = after.scale if after.kind == "ssr" else 1
        assert (after.height_px, after.width_px) == (size[0] * scale, size[1] * scale)
        if after.kind == "tsr":
            assert (after.n_frames, after.fps) == (2 * before.n_frames, 2 * before.fps)
        elif after.kind == "ssr":
            assert (after.n_frames, after.fps) == (before.n_frames, before.fps)
    assert len({stage.name for stage in stages}) == len(stages)


def test_imagen_video_has_the_papers_table() -> None:
    table = [
        (s.kind, s.n_frames, s.height_px, s.width_px, s.fps)
        for s in presets.load("imagen-video").stages
    ]
    assert table == [
        ("base", 16, 24, 40, 3),
        ("tsr", 32, 24, 40, 6),
        ("ssr", 32, 48, 80, 6),
        ("ssr", 32, 192, 320, 6),
        ("tsr", 64, 192, 320, 12),
        ("tsr", 128, 192, 320, 24),
        ("ssr", 128, 768, 1280, 24),
    ]


@pytest.mark.parametrize("name", presets.names())
def test_a_presets_weights_fit_the_budget(name) -> None:
    counts = [n_parameters(VideoUNet(stage.network)) for stage in presets.load(name).stages]
    assert 2 * sum(counts) < MAX_MB * 1e6


def test_make_a_video_starts_as_imagen_and_moves_only_in_time() -> None:
    image, video = small("imagen", "base"), small("make-a-video", "base")
    torch.manual_seed(1)
    still = VideoUNet(image.network)
    for parameter in still.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape)
    source = world(4)
    trainer = Trainer(video, lambda level: source, TrainingOptions())
    trainer.grow(still.state_dict())
    example = torch.randn(1, 4, 3, 24, 40)
    condition = Condition(
        text_NTP=torch.ones(1, 4, 256),
        slots_NTSD=torch.ones(1, 4, 12, 48),
        time_NT=torch.rand(1, 4),
    )
    levels = torch.zeros(1, 4)
    with torch.no_grad():
        for network in (trainer.network, still):
            network.eval()
        torch.testing.assert_close(
            trainer.network(example, levels, condition),
            still(example, levels, condition),
            atol=1e-4,
            rtol=1e-4,
        )


def test_only_temporal_layers_train() -> None:
    source = world(4)
    trainer = Trainer(small("make-a-video", "base"), lambda level: source, TrainingOptions())
    for parameter in trainer.network.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape)
    before = {k: v.clone() for k, v in trainer.network.state_dict().items()}
    for _ in range(3):
        trainer.train_step()
    changed = {k for k, v in trainer.network.state_dict().items() if not torch.equal(v, before[k])}
    assert changed
    assert all("temporal" in name for name in changed)
    with pytest.raises(BadWeights, match="not of what base grows from"):
        trainer.grow({})


def test_filling_sees_the_shown_frames_on_both_sides() -> None:
    x = torch.arange(7.0).view(1, 7, 1, 1, 1).expand(1, 7, 3, 1, 1)
    mask = torch.tensor([1.0, 0, 0, 1, 0, 0, 1]).view(1, 7, 1, 1, 1)
    told = hide(x, mask)[0, :, :, 0, 0]
    assert told[:, 0].tolist() == [0, 0, 0, 3, 3, 3, 6]
    assert told[:, 3].tolist() == [3, 3, 3, 6, 6, 6, 6]
    torch.testing.assert_close(told[:, 6], torch.tensor([0, 1 / 3, 2 / 3, 0, 1 / 3, 2 / 3, 0]))
    assert told[:, 7].tolist() == mask.flatten().tolist()


def test_an_untrained_filling_stage_blends() -> None:
    config = small("make-a-video", "fill")
    stage = Stage(config, VideoUNet(config.network))
    text = TextCondition(vector_NP=torch.zeros(1, 256), slots_NSD=torch.zeros(1, 12, 48))
    known = torch.tensor([-0.5, 0.5]).view(1, 2, 1, 1, 1)
    known = known.expand(1, 2, 3, config.height_px, config.width_px)
    out = stage.sample(
        text, [torch.Generator().manual_seed(0)], SamplingOptions(n_steps=1), low_NTCHW=known
    )
    seen = out.mean(dim=(0, 2, 3, 4))
    torch.testing.assert_close(seen, torch.linspace(-0.5, 0.5, 6), atol=0.02, rtol=0)
    assert torch.equal(out[:, [0, 5]], known)


def test_filling_hears_no_caption_and_the_base_does() -> None:
    assert [presets.load("make-a-video").stage(s).deaf for s in ("base", "fill")] == [False, True]
    config = small("make-a-video", "fill")
    network = VideoUNet(config.network)
    for parameter in network.parameters():
        parameter.data += 0.05 * torch.randn(parameter.shape)
    known = torch.rand(1, 2, 3, config.height_px, config.width_px)
    videos = [
        Stage(config, network).sample(
            TextCondition(vector_NP=scale * torch.ones(1, 256), slots_NSD=torch.ones(1, 12, 48)),
            [torch.Generator().manual_seed(0)],
            SamplingOptions(n_steps=1),
            low_NTCHW=known,
        )
        for scale in (0.0, 3.0)
    ]
    assert torch.equal(*videos)


def test_a_base_goes_on_from_a_first_frame() -> None:
    config = small("make-a-video", "base")
    stage = Stage(config, VideoUNet(config.network))
    text = TextCondition(vector_NP=torch.zeros(2, 256), slots_NSD=torch.zeros(2, 12, 48))
    first = torch.rand(2, 3, config.height_px, config.width_px) * 2 - 1
    generators = [torch.Generator().manual_seed(i) for i in range(2)]
    out = stage.sample(text, generators, SamplingOptions(n_steps=2), first_NCHW=first)
    assert torch.equal(out[:, 0], first)
    assert not torch.equal(out[:, 1], first)
    with pytest.raises(ValueError, match=r"first frames do not fit; seen: \(1, 3"):
        stage.sample(text, generators, SamplingOptions(), first_NCHW=first[:1])
    other = small("imagen", "base")
    with pytest.raises(ValueError, match="did not learn to go on from an image"):
        Stage(other, VideoUNet(other.network)).sample(
            text, generators, SamplingOptions(), first_NCHW=first
        )


def test_some_first_frames_are_given_in_training() -> None:
    stage = replace(small("make-a-video", "base"), given_first_prob=0.5)
    phase = replace(stage.phases[0], n_clips=24, n_frames=2)
    example = make_example(
        stage, phase, world(4), np.random.default_rng(0), torch.Generator().manual_seed(0)
    )
    given = example.log_snr_NT[:, 0] == GIVEN_LOG_SNR
    assert 6 <= int(given.sum()) <= 18
    level = example.log_snr_NT
    assert torch.equal(level[~given, 0], level[~given, 1])


def test_imagen_grows_from_the_videos_base_without_one_block() -> None:
    config = presets.load("imagen").stage("base")
    kin = VideoUNet(presets.load("imagen-video").stage("base").network).state_dict()
    trainer = Trainer(config, lambda level: world(4), TrainingOptions())
    trainer.grow(kin)
    own = trainer.network.state_dict()
    for new, old in enumerate(config.grown_middle):
        key = "attention.to_q.weight"
        assert torch.equal(own[f"middle.{new}.{key}"], kin[f"middle.{old}.{key}"])
    assert torch.equal(own["inlet.weight"], kin["inlet.weight"])
