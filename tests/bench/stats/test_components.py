"""Variance components: the analysis of variance by hand, and planted parts found again."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.stats.components import components


def planted(rng, n_prompts, n_seeds, *, prompt, seed, rest):
    values = rng.normal(size=(n_prompts, 1)) * prompt + rng.normal(size=(1, n_seeds)) * seed
    values = values + rng.normal(size=(n_prompts, n_seeds)) * rest
    prompts = [str(p) for p in range(n_prompts) for _ in range(n_seeds)]
    return values.ravel(), prompts, [s for _ in range(n_prompts) for s in range(n_seeds)]


def test_equal_numbers_are_the_two_way_analysis_of_variance():
    values, prompts, seeds = planted(np.random.default_rng(0), 9, 4, prompt=3, seed=2, rest=1)
    table = values.reshape(9, 4)
    by_prompt, by_seed = table.mean(axis=1), table.mean(axis=0)
    rest = table - by_prompt[:, None] - by_seed + table.mean()
    of_rest = (rest**2).sum() / (8 * 3)
    made = components(values, prompts, seeds)
    assert made.residual == pytest.approx(of_rest)
    assert made.prompt == pytest.approx(by_prompt.var(ddof=1) - of_rest / 4)
    assert made.seed == pytest.approx(by_seed.var(ddof=1) - of_rest / 9)
    assert (made.n_videos, made.n_prompts, made.n_seeds, made.notes) == (36, 9, 4, ())


def test_planted_parts_are_found_where_videos_are_lost():
    rng = np.random.default_rng(1)
    values, prompts, seeds = planted(rng, 300, 40, prompt=2, seed=1, rest=0.5)
    keep = rng.random(len(values)) < 0.6
    held = [(p, s) for p, s, k in zip(prompts, seeds, keep, strict=True) if k]
    made = components(values[keep], *zip(*held, strict=True))
    assert made.prompt == pytest.approx(4, rel=0.25)
    assert made.seed == pytest.approx(1, rel=0.6)
    assert made.residual == pytest.approx(0.25, rel=0.1)
    assert made.icc == pytest.approx(made.prompt / (made.prompt + made.seed + made.residual))


def test_the_error_of_the_mean_is_what_repeating_the_run_shows():
    rng = np.random.default_rng(2)
    kwargs = {"prompt": 1.0, "seed": 0.5, "rest": 1.0}
    means = [planted(rng, 12, 3, **kwargs)[0].mean() for _ in range(4000)]
    expected = math.sqrt(1 / 12 + 0.25 / 3 + 1 / 36)
    assert np.std(means) == pytest.approx(expected, rel=0.05)
    made = components(*planted(rng, 2000, 50, **kwargs))
    assert made.standard_error(12, 3) == pytest.approx(expected, rel=0.1)


def test_seeds_of_their_own_are_part_of_the_rest():
    values, prompts, _ = planted(np.random.default_rng(3), 200, 3, prompt=2, seed=0, rest=1)
    made = components(values, prompts, [None] * 600)
    assert math.isnan(made.seed)
    assert made.prompt == pytest.approx(4, rel=0.35)
    assert made.residual == pytest.approx(1, rel=0.2)
    assert "the seeds' part is in the rest" in made.notes[0]


def test_one_video_a_prompt_tells_nothing_apart():
    values = np.random.default_rng(4).normal(size=30)
    made = components(values, [str(i) for i in range(30)], [0] * 30)
    assert math.isnan(made.prompt)
    assert made.residual == pytest.approx(values.var(ddof=1))
    assert made.icc == 0.0 or math.isnan(made.icc)
    assert "one video a prompt" in made.notes[0]
    assert components(values[:1], ["a"], [0]) is None


def test_a_part_below_0_is_0_and_named():
    values = np.array([1.0, -1.0, 1.0, -1.0])  # prompts' means are equal, more than chance allows
    made = components(values, ["a", "a", "b", "b"], [None] * 4)
    assert made.prompt == 0.0
    assert made.notes[-1] == "came out below 0 and is set to 0: prompt"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 99), st.floats(-100, 100), st.floats(0.1, 50))
def test_shift_changes_nothing_and_scale_goes_squared(seed, shift, scale):
    values, prompts, seeds = planted(np.random.default_rng(seed), 6, 3, prompt=2, seed=1, rest=1)
    made, moved = components(values, prompts, seeds), components(values + shift, prompts, seeds)
    grown = components(values * scale, prompts, seeds)
    for name in ("prompt", "seed", "residual"):
        assert getattr(moved, name) == pytest.approx(getattr(made, name), abs=1e-8)
        assert getattr(grown, name) == pytest.approx(getattr(made, name) * scale**2, abs=1e-8)
