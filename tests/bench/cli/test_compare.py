"""`prescreen compare` on real small runs: planted damage is seen, other settings are refused."""

import json

import numpy as np
import pytest

from bench.cli.main import run
from bench.videos.write import write_master
from support.clips import moving
from support.comparable import fake_run

pytestmark = pytest.mark.usefixtures("private_cache")
N = 12


def folder(path, *, noise=0.0, frames=12):
    """N clips with a manifest of prompts and seeds; `noise` is planted."""
    rng = np.random.default_rng(1)
    lines = ["path,prompt_id,seed"]
    path.mkdir()
    for i in range(N):
        clip = moving(frames, 48, 64, dx=1.0 + i % 3, dy=0.5, seed=i).astype(np.float64)
        clip += rng.normal(0, noise, size=clip.shape) if noise else 0
        name = f"clip{i:02d}.mp4"
        write_master(path / name, iter(clip.clip(0, 255).astype(np.uint8)), 24)
        lines.append(f"{name},p{i:02d},0")
    (path / "manifest.csv").write_text("\n".join(lines) + "\n")
    rows = [json.dumps({"id": f"p{i:02d}", "text": f"clip {i}"}) for i in range(N)]
    (path.parent / "prompts.jsonl").write_text("\n".join(rows) + "\n")
    return path / "manifest.csv"


def scored(tmp_path, name, *metrics, **changes):
    videos = folder(tmp_path / name, **changes)
    wanted = [word for metric in metrics for word in ("-m", metric)]
    root = tmp_path / f"run-{name}"
    arguments = ["score", str(videos), "--prompts", str(tmp_path / "prompts.jsonl"), *wanted]
    assert run([*arguments, "--run", str(root), "--workers", "1", "--resamples", "200"]) == 0
    return str(root)


def test_planted_damage_is_seen_on_real_clips(tmp_path, capsys):
    a = scored(tmp_path, "a", "temporal_flicker", "sharpness")
    b = scored(tmp_path, "b", "temporal_flicker", "sharpness", noise=12.0)
    capsys.readouterr()
    assert run(["compare", a, b, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["design"] == "paired by prompt and seed"
    lines = {f"{line['metric']}.{line['column']}": line for line in made["lines"]}
    assert lines["temporal_flicker.compensated"]["verdict"] == "worse"
    assert lines["temporal_flicker.compensated"]["n"] == N
    assert run(["compare", a, b]) == 0
    table = capsys.readouterr().out
    assert "95 % interval" in table
    assert "moved     temporal_flicker.compensated: +" in table


def test_refusals_are_one_line_and_exit_64_and_force_marks(tmp_path, capsys):
    values = {"m": np.random.default_rng(2).normal(size=(12, 2))}
    a = str(fake_run(tmp_path / "a", values))
    b = str(fake_run(tmp_path / "b", values, key={"suite": "other"}))
    assert run(["compare", a, b]) == 64
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "must not be compared: suite; seen: s and other" in error
    assert run(["compare", a, b, "--force"]) == 0
    assert "NOT COMPARABLE: suite" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--confidence", "95"], "the confidence is impossible; seen: 95"),
        (["--power", "0"], "the power is impossible"),
        (["--resamples", "10"], "the number of resamples is impossible; seen: 10"),
        (["--permutations", "9"], "the number of permutations is impossible"),
        (["--correction", "none"], "no such correction"),
    ],
)
def test_impossible_settings_exit_64(tmp_path, capsys, option, message):
    assert run(["compare", str(tmp_path), str(tmp_path), *option]) == 64
    assert message in capsys.readouterr().err
