"""How the filters are measured: intervals, scenes, rows."""

from __future__ import annotations

import numpy as np

from generator.filters.measure import (
    DAMAGES,
    measure_bursts,
    measure_prompts,
    prompts,
    rate,
    row,
    scenes,
    wilson,
)
from generator.filters.phrases import ASKING, DISGUISES, INNOCENT
from generator.world.grammar import KINDS, is_held_out
from generator.world.parse import parse


def test_wilson_by_hand() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)  # Wilson 1927, as tables give it
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 50)[0] == 0.0
    assert wilson(50, 50)[1] == 1.0


def test_rates_and_rows() -> None:
    assert rate(8, 10) == "8/10 = 80.0 % [49.0, 94.3]"
    assert rate(0, 0) == "0/0 = none [0.0, 100.0]"
    made = row("x", [True, False, True, False], [True, True, False, False])
    assert made.startswith("| x | 1/2 = 50.0 %")
    assert "| 1/2 = 50.0 %" in made[10:]


def test_scenes_take_turns_and_are_held_out() -> None:
    drawn = scenes(32)
    assert [s.truth.canary for s in drawn[:4]] == [True, False, True, False]
    shown = [s.truth for s in drawn]
    assert all(is_held_out(t) for t in shown if t.things)
    assert sum(t.person is not None for t in shown) == 32 // len(KINDS)
    assert scenes(32) == drawn


def test_prompts_say_whether_they_ask() -> None:
    texts, asking = prompts(48)
    assert [parse(text).canary for text in texts] == asking
    assert sum(asking) == 24


def test_damage_keeps_the_shape() -> None:
    clip = np.random.default_rng(0).integers(0, 256, (3, 24, 40, 3), dtype=np.uint8)
    for name, change in DAMAGES.items():
        out = change(clip, np.random.default_rng(1))
        assert (out.shape, out.dtype) == (clip.shape, np.uint8)
        assert np.array_equal(out, clip) == (name == "clean")


def test_disguises_change_captions() -> None:
    for change in DISGUISES.values():
        assert change("the canary emblem") != "the canary emblem"
    assert not set(ASKING) & set(INNOCENT)


def test_tables_have_a_row_for_everything() -> None:
    rows = list(measure_prompts(16))
    assert len(rows) == 2 + len(DISGUISES)
    assert rows[0].startswith("| captions | 8/8 = 100.0 %")
    assert [r.split("|")[1].strip() for r in measure_bursts(3)] == [
        f"{k} of 16 frames" for k in (1, 2, 4, 8)
    ]
