"""The sweep: all combinations of settings, the base as it was before, a table to be read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from generator import sweep
from generator.adapter import TextAdapter, TextCondition
from generator.cascade import Cascade
from generator.evaluate import draw_prompts
from generator.stage import Stage
from generator.sweep import SHOWN, Setting, main, measure, row, settings
from generator.unet import VideoUNet
from support.generator import tiny_preset


class Deaf(Cascade):
    """A tiny untrained cascade that reads no prompt."""

    def encode(self, prompts):
        n = len(prompts)
        return TextCondition(vector_NP=torch.zeros(n, 256), slots_NSD=torch.zeros(n, 12, 48))


@pytest.fixture
def cascade():
    torch.manual_seed(0)
    preset = tiny_preset()
    base = replace(preset.stages[0], n_frames=4, n_steps=1)
    preset = replace(preset, stages=(base,))
    return Deaf(preset, TextAdapter(preset.adapter), {"base": Stage(base, VideoUNet(base.network))})


def test_settings_are_all_combinations():
    made = list(settings([4, 8], [0.0, 1.0], [None], [0.9], ["ddim", "dpm++"]))
    assert len(made) == len(set(made)) == 8
    assert str(made[0]) == "steps 4, guidance 0, percentile 0.9, ddim"


def test_a_setting_reaches_the_base_and_leaves_it_as_it_was(cascade):
    base = cascade.stages["base"]
    before, seen = base.config, []
    sample = base.sample

    def watch(text, generators, options, **more):
        seen.append((base.config.noise.shift, options.n_steps, options.guidance))
        return sample(text, generators, options, **more)

    base.sample = watch
    asked = draw_prompts(1, 0, ("word",))
    shares = measure(cascade, asked, Setting(n_steps=2, guidance=0.5, shift=-3.5))
    assert seen == [(-3.5, 2, 0.5)]
    assert base.config is before
    assert {"text_colour", "style", "all"} <= set(shares)
    assert all(0 <= share <= 1 for share in shares.values())


def test_a_row_has_a_cell_for_each_attribute():
    line = row(Setting(guidance=1.0), {"colour": 0.5, "all": 0.25})
    assert line.startswith("| guidance 1, percentile 0.995, ddim | 50 | nan |")
    assert line.endswith("| 25 |\n")
    assert line.count("|") == len(SHOWN) + 3


def test_the_command_prints_a_table(cascade, monkeypatch, capsys):
    monkeypatch.setattr(sweep.Cascade, "from_pretrained", lambda *given, **more: cascade)
    main(["-n", "1", "--kinds", "word", "--steps", "1", "--guidance", "0", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("| steps 1, guidance 0, ")
    assert np.isfinite(float(lines[2].split("|")[-2]))
