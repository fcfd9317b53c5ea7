"""Progressive distillation: where two steps land, rounds, every kind of stage, files."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from generator import distill, presets
from generator.adapter import TextAdapter
from generator.cascade import Cascade, write_index
from generator.checkpoints import load_checkpoint, save_checkpoint
from generator.distill import (
    Distiller,
    DistillOptions,
    ddim,
    landing,
    plan_rounds,
    run,
    step_log_snrs,
)
from generator.samplers import make_sampler
from generator.store import save_weights
from generator.unet import VideoUNet
from support.generator import phases, tiny_preset, tiny_stage, world

OPTIONS = DistillOptions(n_steps=2, round_steps=2, fold_steps=2, n_clips=2, learning_rate=1e-3)


def distiller(name: str = "base", options: DistillOptions = OPTIONS, **changes) -> Distiller:
    changes = {"phases": phases(n_frames=4, span=1.0), "n_steps": 4, **changes}
    stage = tiny_stage(name, **changes)
    torch.manual_seed(0)
    teacher = VideoUNet(stage.network)
    for parameter in teacher.parameters():  # nothing left at zero
        parameter.data += 0.02 * torch.randn(parameter.shape)
    return Distiller(stage, teacher, world(), options)


def test_guidance_is_folded_in_before_steps_are_halved() -> None:
    stage = tiny_stage("base", n_steps=16, guidance=1.0)
    rounds = plan_rounds(stage, replace(OPTIONS, n_steps=4))
    assert [(part.n_steps, part.fold) for part in rounds] == [(16, True), (8, False), (4, False)]
    without = plan_rounds(replace(stage, guidance=0.0), replace(OPTIONS, n_steps=8))
    assert [(part.n_steps, part.fold) for part in without] == [(8, False)]
    with pytest.raises(ValueError, match=r"halving 16 steps does not give .* seen: 5"):
        plan_rounds(stage, replace(OPTIONS, n_steps=5))


@pytest.mark.parametrize("n_steps", [3, 8])
def test_levels_are_those_of_the_sampler(n_steps) -> None:
    times = 1 - torch.arange(n_steps, dtype=torch.float64) / n_steps
    ours = step_log_snrs(times, -2.0)
    assert ours.tolist() == pytest.approx(make_sampler("ddim", n_steps, -2.0).log_snrs, abs=1e-3)
    assert step_log_snrs(torch.zeros(1), -2.0).item() == torch.inf


@pytest.mark.parametrize("then", [1.0, torch.inf])
def test_one_step_from_the_landing_ends_where_it_should(then) -> None:
    generator = torch.Generator().manual_seed(0)
    z, aim = torch.randn(2, 2, 3, 3, 4, 4, generator=generator)
    now, after = torch.full((2, 3), -2.0), torch.full((2, 3), then)
    again = ddim(z, landing(z, aim, now, after), now, after)
    torch.testing.assert_close(again, aim, atol=1e-5, rtol=1e-4)


def test_a_teacher_that_always_says_the_same_is_not_bettered() -> None:
    made = distiller()
    part = made.rounds[-1]
    said = 0.25
    made._predict = lambda network, z, now, condition: torch.full_like(z, said)
    z = torch.randn(2, 4, 3, 24, 40, generator=torch.Generator().manual_seed(0))
    for index in range(part.n_steps):
        times = torch.full((2, 4), 1 - index / part.n_steps)
        target = made.target(z, times, part, type("E", (), {"condition": None})())
        torch.testing.assert_close(target, torch.full_like(z, said), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("name", ["base", "tsr1", "ssr1", "ssr3"])
def test_every_kind_of_stage_is_distilled(name) -> None:
    small = {"height_px": 64, "width_px": 96, "crop_px": None} if name == "ssr3" else {}
    made = distiller(name, replace(OPTIONS, n_steps=2), **small)
    losses = [made.train_step() for _ in range(made.n_steps)]
    assert all(0 < loss < 1 for loss in losses)
    assert made.rounds[-1].n_steps == 2


def test_the_student_comes_to_say_what_guidance_says() -> None:
    options = replace(OPTIONS, n_steps=4, fold_steps=30, learning_rate=1e-3)
    made = distiller(options=options, guidance=20.0)
    first = made.loss(made.rounds[0]).item()
    for _ in range(29):
        made.train_step()
    made.step = 0  # the first batch again
    assert made.loss(made.rounds[0]).item() < 0.8 * first


def test_a_killed_run_ends_with_the_same_bits(tmp_path) -> None:
    unbroken, broken = distiller(), distiller()
    run(unbroken, tmp_path / "a")
    run(broken, tmp_path / "b", max_steps=3)  # in the middle of a round with a new teacher
    save_checkpoint(broken, tmp_path / "b")
    again = distiller()
    assert load_checkpoint(again, tmp_path / "b")
    run(again, tmp_path / "b")
    assert again.step == unbroken.step == 4
    for name, value in unbroken.average.values.items():
        assert torch.equal(value, again.average.values[name]), name
    assert (tmp_path / "b" / "losses.parquet").is_file()


def test_a_checkpoint_of_another_run_is_refused() -> None:
    made = distiller()
    with pytest.raises(ValueError, match="the checkpoint is of another run: rounds"):
        made.load_state({**made.state(), "rounds": []})


def test_the_command_distils_and_the_cascade_takes_the_student(tmp_path, monkeypatch) -> None:
    preset = tiny_preset()
    stage = replace(
        preset.stage("base"), phases=phases(n_frames=2, span=1.0), n_steps=4, guidance=1.0
    )
    preset = replace(preset, stages=(stage,))
    monkeypatch.setattr(presets, "load", lambda name: preset)
    monkeypatch.setattr("generator.sources.world_source", lambda *_: world())
    torch.manual_seed(0)
    save_weights(tmp_path / "text.safetensors", TextAdapter(preset.adapter).state_dict(), {})
    save_weights(tmp_path / "base.safetensors", VideoUNet(stage.network).state_dict(), {})
    write_index(tmp_path, preset)
    given = ["--stage", "base", "--weights", str(tmp_path), "--out", str(tmp_path / "runs")]
    given += ["--steps", "2", "--round-steps", "1", "--fold-steps", "1", "--clips", "2"]
    distill.main([*given, "--max-steps", "1"])
    assert Cascade.from_pretrained(tmp_path).stages["base"].config.n_steps == 4  # not done yet
    distill.main(given)
    config = Cascade.from_pretrained(tmp_path).stages["base"].config
    assert (config.n_steps, config.guidance) == (2, 0.0)
    teacher = Cascade.from_pretrained(tmp_path, variant="teacher").stages["base"].config
    assert (teacher.n_steps, teacher.guidance) == (4, 1.0)
