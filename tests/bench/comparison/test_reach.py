"""What a run can show: by hand on planted parts, and refusals."""

import math

import numpy as np
import pytest

from bench.comparison.reach import reach_of
from bench.errors import UsageError
from bench.stats.power import power_paired
from support.comparable import fake_run


def planted(n_prompts, n_seeds):
    rng = np.random.default_rng(0)
    prompt, rest = rng.normal(0, 2, (n_prompts, 1)), rng.normal(0, 1, (n_prompts, n_seeds))
    return 10 + prompt + rest


def test_the_parts_and_what_more_would_buy(tmp_path):
    root = fake_run(tmp_path / "run", {"m": planted(150, 4)}, seeds=(0, 1, 2, 3))
    (found,) = reach_of(root)
    assert found.parts.prompt == pytest.approx(4, rel=0.3)
    assert found.parts.residual == pytest.approx(1, rel=0.15)
    now, seeds, prompts, both = found.offers
    assert now.standard_error == pytest.approx(found.standard_error, rel=0.05)
    # the prompts' part is the larger one: more seeds buy little, more prompts a factor of root 2
    assert seeds.standard_error > 0.93 * now.standard_error
    assert prompts.standard_error == pytest.approx(now.standard_error / math.sqrt(2), rel=0.05)
    assert both.standard_error < prompts.standard_error
    assert (prompts.n_prompts, prompts.seeds_per_prompt) == (300, 4)


def test_what_is_detectable_has_the_power_that_is_said(tmp_path):
    root = fake_run(tmp_path / "run", {"m": planted(20, 1)}, seeds=(0,))
    (found,) = reach_of(root, power=0.9)
    effect = found.against_limit / (found.standard_error * math.sqrt(20))
    assert power_paired(effect, 20) == pytest.approx(0.9, abs=1e-6)
    assert math.isnan(found.paired)  # one seed cannot tell prompts from the rest
    assert len(found.offers) == 2


def test_a_run_whose_videos_do_not_differ_promises_nothing(tmp_path):
    (found,) = reach_of(fake_run(tmp_path / "run", {"m": np.ones((12, 2))}))
    assert math.isnan(found.against_limit)
    assert math.isnan(found.paired)


def test_a_run_without_numbers_is_refused(tmp_path):
    root = fake_run(tmp_path / "run", {"m": np.ones((1, 1))}, seeds=(0,))
    with pytest.raises(UsageError, match="has no number of two videos or more"):
        reach_of(root)
