"""Training: the loss falls, a clip is learned by heart, a killed run ends with the same bits."""

from __future__ import annotations

import errno
import os
import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from pyarrow import parquet

from generator import presets, sources
from generator.adapter import TextAdapter
from generator.cascade import Cascade
from generator.checkpoints import CHECKPOINT, load_checkpoint, save_checkpoint
from generator.stages import Phase
from generator.store import load_weights, save_weights
from generator.train import (
    Trainer,
    TrainingOptions,
    export,
    main,
    place_of,
    rate_of,
    run,
)
from support.generator import phases, tiny_preset, tiny_stage, world


def trainer(seed: int = 0, **changes: object) -> Trainer:
    changes.setdefault("phases", phases())
    source = world()
    return Trainer(tiny_stage(**changes), lambda level: source, TrainingOptions(seed=seed))


def bits(made: Trainer) -> dict[str, bytes]:
    state = made.network.state_dict() | {f"ema {k}": v for k, v in made.average.values.items()}
    return {name: value.numpy().tobytes() for name, value in state.items()}


def test_the_loss_falls() -> None:
    made = trainer(phases=phases(steps=60, n_packs=1, learning_rate=4e-3))
    losses = [made.train_step() for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:5])


def test_one_clip_is_learned_by_heart() -> None:
    source = world(n=1)
    one = source.batch  # the same clip at every step

    class Frozen:
        condition = source.condition

        def batch(self, shape, rng):
            return one(shape, np.random.default_rng(0))

    stage = tiny_stage(phases=phases(steps=150, n_clips=3, span=1.0, learning_rate=5e-3))
    made = Trainer(stage, lambda level: Frozen(), TrainingOptions())
    losses = [made.train_step() for _ in range(150)]
    assert np.mean(losses[-10:]) < 0.06 * np.mean(losses[:5])


def test_a_killed_run_ends_with_the_same_bits(tmp_path) -> None:
    whole = trainer()
    run(whole, tmp_path / "whole", max_steps=6)
    first = trainer()
    run(first, tmp_path / "killed", max_steps=3)
    first.train_step()  # done, but lost: the checkpoint is older
    second = trainer()
    assert load_checkpoint(second, tmp_path / "killed")
    assert second.step == 3
    run(second, tmp_path / "killed", max_steps=6)
    assert bits(whole) == bits(second)
    assert whole.log == second.log


def test_another_seed_gives_another_run() -> None:
    a, b = trainer(0), trainer(1)
    assert a.train_step() != b.train_step()


def test_a_checkpoint_of_another_run_is_refused(tmp_path) -> None:
    save_checkpoint(trainer(0), tmp_path)
    with pytest.raises(ValueError, match=r"of another run: seed; seen: 0; legal: 1; next: another"):
        load_checkpoint(trainer(1), tmp_path)
    other = trainer()
    other.stage = replace(other.stage, network=replace(other.stage.network, heads=4))
    with pytest.raises(ValueError, match="of another run: network_config"):
        load_checkpoint(other, tmp_path)
    assert not load_checkpoint(trainer(), tmp_path / "nowhere")


def test_a_run_leaves_table_plot_and_checkpoint(tmp_path) -> None:
    made = trainer()
    run(made, tmp_path, max_steps=4)
    table = parquet.read_table(tmp_path / "losses.parquet").to_pydict()
    assert table["step"] == [0, 1, 2, 3]
    assert table["loss"] == [row["loss"] for row in made.log]
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [CHECKPOINT, "losses.parquet", "losses.png"]
    )


def test_export_writes_the_average_in_half_precision(tmp_path) -> None:
    made = trainer()
    made.train_step()
    sha256 = export(made, tmp_path / "base.safetensors", {"preset": "imagen-video"})
    weights = load_weights(tmp_path / "base.safetensors", sha256=sha256)
    assert weights.about["stage"] == "base"
    assert weights.about["step"] == "1"
    for name, value in made.average.values.items():
        assert torch.equal(weights.tensors[name], value.half().float())


def test_phases_follow_each_other_and_the_rate_warms_up_and_decays() -> None:
    plan = (
        Phase(level=1, n_frames=1, n_clips=1, steps=100, learning_rate=1.0),
        Phase(level=2, n_frames=4, n_clips=1, steps=100, learning_rate=2.0, decay=True),
    )
    assert [place_of(plan, s)[0].level for s in (0, 99, 100, 199, 500)] == [1, 1, 2, 2, 2]
    assert place_of(plan, 130)[1] == 30
    assert rate_of(plan, 0) == pytest.approx(1 / 60)
    assert rate_of(plan, 80) == 1
    assert rate_of(plan, 150) == 2
    assert rate_of(plan, 190) == pytest.approx(2 * 10 / 25)
    assert rate_of(plan, 199) == pytest.approx(2 / 25)


def test_the_command_trains_resumes_and_exports(tmp_path, monkeypatch, capsys) -> None:
    source = world()
    small = replace(tiny_preset(), stages=(tiny_stage(phases=phases(steps=4)),))
    monkeypatch.setattr(presets, "load", lambda name: small)
    monkeypatch.setattr(sources, "SourceBook", lambda *given: lambda level: source)
    given = ["--stage", "base", "--out", str(tmp_path), "--weights", str(tmp_path / "weights")]
    main([*given, "--max-steps", "2"])
    main(given)
    assert "going on from step 2" in capsys.readouterr().out
    torch.manual_seed(0)
    save_weights(
        tmp_path / "weights" / "text.safetensors", TextAdapter(small.adapter).state_dict(), {}
    )
    main([*given, "--export"])
    cascade = Cascade.from_pretrained(tmp_path / "weights")
    state = torch.load(tmp_path / "imagen-video" / "base" / CHECKPOINT, weights_only=True)
    assert state["step"] == 4
    for name, value in cascade.stages["base"].network.state_dict().items():
        assert torch.equal(value, state["average"][name].half().float())


def refused(capsys, *given: str) -> tuple[int, str]:
    """The exit status and the only line that the command leaves."""
    with pytest.raises(SystemExit) as left:
        main(list(given))
    line, rest = capsys.readouterr().err.split("\n", 1)
    assert not rest
    return left.value.code, line


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["--stage", "sr9"], "has no such stage; seen: 'sr9'; legal: base, tsr1"),
        ([], "which stage\\? legal: text, base"),
        (["--preset", "imagen", "--stage", "text"], "imagen shares the text adapter of"),
        (["--preset", "make-a-video", "--stage", "ssr1"], "ssr1 is imagen ssr1 as it is; train"),
        (["--stage", "base", "--data", "world"], "data is SOURCE=WEIGHT, weight above 0; seen"),
    ],
)
def test_the_command_refuses_in_one_line(given, line, capsys) -> None:
    status, seen = refused(capsys, *given)
    assert status == 64
    assert re.search(line, seen), seen


def test_nothing_to_export_and_a_broken_checkpoint_are_said(tmp_path, capsys) -> None:
    asked = ["--preset", "imagen", "--stage", "ssr2", "--out", str(tmp_path)]
    asked += ["--weights", str(tmp_path / "weights")]
    status, line = refused(capsys, *asked, "--export")
    assert (status, "nothing to export" in line) == (64, True)
    path = tmp_path / "imagen" / "ssr2" / CHECKPOINT
    path.parent.mkdir(parents=True)
    for broken in (b"", b"not a checkpoint", pickle.dumps({"a": 1}, 2)):
        path.write_bytes(broken)
        status, line = refused(capsys, *asked)
        assert status == 64
        assert "is not whole" in line
        assert "next: restore it, or take it away" in line


def test_a_full_disk_leaves_the_old_checkpoint_and_one_line(tmp_path, monkeypatch, capsys) -> None:
    source = world()
    small = replace(tiny_preset(), stages=(tiny_stage(phases=phases(steps=4)),))
    monkeypatch.setattr(presets, "load", lambda name: small)
    monkeypatch.setattr(sources, "SourceBook", lambda *given: lambda level: source)
    given = ["--stage", "base", "--out", str(tmp_path)]
    main([*given, "--max-steps", "2"])
    path = tmp_path / "imagen-video" / "base" / CHECKPOINT
    whole = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    capsys.readouterr()
    status, line = refused(capsys, *given)
    assert status == 74
    assert "No space left on device" in line
    assert path.read_bytes() == whole
    assert not list(path.parent.glob("*.tmp"))
