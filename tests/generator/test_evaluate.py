"""Measuring by readers: a model that draws its prompts does well, one that does not, does not."""

from __future__ import annotations

import numpy as np
import pytest

from generator.evaluate import (
    Asked,
    asked_for,
    draw_prompts,
    evaluate,
    table,
    target_table,
)
from generator.world.grammar import Scene, Thing, Truth, is_held_out
from generator.world.parse import parse
from generator.world.render import BASE_FPS, render_batch


def draw(truths, prompts, seeds):
    return render_batch([Scene(truth=truth) for truth in truths])


def nothing(truths, prompts, seeds):
    return np.full((len(truths), 16, 24, 40, 3), 126, np.uint8)


def test_prompts_say_their_truths_and_some_are_held_out() -> None:
    asked = draw_prompts(8, 0, ["thing", "word"])
    assert len(asked) == 16
    assert [a.held_out for a in asked] == [False, False, False, True] * 2 + [False] * 8
    for one in asked:
        assert parse(one.prompt) == one.truth
        assert is_held_out(one.truth) == one.held_out
    assert asked == draw_prompts(8, 0, ["thing", "word"])
    assert asked != draw_prompts(8, 1, ["thing", "word"])


def test_a_model_that_draws_its_prompts_is_right_and_an_idle_one_is_not() -> None:
    asked = draw_prompts(12, 3, ["thing"])
    good, bad = (evaluate(make, asked, BASE_FPS) for make in (draw, nothing))
    for name in ("colour", "shape", "motion", "background"):
        assert good[name, False].asked == 9
        assert good[name, True].asked == 3
        right = good[name, False].right + good[name, True].right
        assert right >= 11
    assert bad["shape", False].right == 0
    assert bad["shape", False].abstained == 9


def test_the_table_has_a_row_for_each_attribute_with_its_interval() -> None:
    text = table(evaluate(nothing, draw_prompts(4, 0, ["thing"]), BASE_FPS))
    shape = next(line for line in text.splitlines() if "`shape`" in line)
    assert shape == "| `shape` | 3 | 0 % [0, 56] | 100 % | 1 | 0 % [0, 79] |"


def red_disc(held_out: bool, **more: str) -> Asked:
    truth = Truth(things=(Thing(shape="disc", colour="red"),), background="meadow", **more)
    return Asked(truth=truth, prompt="", seed=0, held_out=held_out)


def test_standing_still_where_a_move_is_asked_for_is_a_row_of_its_own() -> None:
    asked = [red_disc(False), red_disc(True), red_disc(True, camera="pan_left")]
    tallies = evaluate(lambda truths, *more: draw([truths[0]] * 3, *more), asked, BASE_FPS)
    row = asked_for("camera")
    assert (tallies["camera", False].right, tallies["camera", True].right) == (1, 1)
    assert (tallies["camera", True].asked, tallies[row, True].asked) == (2, 1)
    assert tallies[row, True].right == 0
    assert (row, False) not in tallies
    assert f"| `{row}` | 0 |  |  | 1 | 0 % [0, 79] |" in table(tallies)
    lines = target_table(tallies).splitlines()
    assert "| `camera` | >= 80 % | 3 | 67 % [21, 94] | 13.3 points short |" in lines
    assert f"| `{row}` |  | 1 | 0 % [0, 79] |  |" in lines
    assert "| `colour` | >= 99 % | 3 | 100 % [44, 100] | yes |" in lines


def test_progress_is_said() -> None:
    lines: list[str] = []
    evaluate(nothing, draw_prompts(9, 0, ["word"]), BASE_FPS, lines.append)
    assert lines == ["8/9", "9/9"]


def test_kinds_without_held_out_combinations_say_so() -> None:
    from generator.world.sampling import sample_truth

    with pytest.raises(ValueError, match="no held-out combinations"):
        sample_truth(np.random.default_rng(0), kind="word", held_out=True)
