"""From questions to videos: each cost by hand, on top of the published sizes."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.power import n_two_proportions
from bench.stats.sizing import Costs, size_of_effect_w, size_of_fit, size_of_gap, size_of_pairs


def test_without_costs_it_is_the_published_size():
    assert size_of_gap(0.5, 0.1, 2, Costs()).videos == 388
    assert size_of_gap(0.5, 0.1, 1, Costs()).videos_in_all == 194
    assert size_of_gap(0.05, 0.05, 2, Costs(comparisons=20)).videos == 828
    assert size_of_effect_w(0.3, 2, Costs()).videos == 108
    assert size_of_pairs(0.5, Costs()).prompts == 34


def test_seeds_of_a_prompt_cost_their_design_effect():
    made = size_of_gap(0.5, 0.1, 2, Costs(seeds=8, icc=0.5))
    assert made.design_effect == 4.5
    assert made.prompts == math.ceil(388 * 4.5 / 8)
    assert (made.videos, made.videos_in_all) == (made.prompts * 8, made.prompts * 16)


def test_a_judge_that_errs_costs_the_shares_it_would_report():
    made = size_of_gap(0.5, 0.1, 2, Costs(se=0.9, sp=0.95))
    assert made.n_independent == n_two_proportions(0.475, 0.56)
    assert "a gap of 0.085" in made.notes[0]
    # about what the first-order factor says
    assert made.n_independent == pytest.approx(388 / 0.85**2, rel=0.02)
    assert size_of_effect_w(0.3, 2, Costs(se=0.9, sp=0.9)).videos == math.ceil(108 / 0.64)


def test_a_fit_is_cohens_w():
    assert size_of_fit([0.6, 0.4], [0.5, 0.5], Costs()).n_independent == 197
    assert "w = 0.2 with 1 df" in size_of_fit([0.6, 0.4], [0.5, 0.5], Costs()).question


@settings(deadline=None, max_examples=40)
@given(st.floats(0.05, 0.5), st.floats(0.05, 0.4), st.integers(1, 8), st.floats(0, 1))
def test_costs_never_make_it_cheaper(base, gap, seeds, icc):
    plain = size_of_gap(base, gap, 2, Costs())
    dear = size_of_gap(base, gap, 2, Costs(seeds=seeds, icc=icc, comparisons=3))
    assert dear.videos >= plain.videos
    assert dear.videos == dear.prompts * seeds


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Costs(seeds=0), "number of seeds a prompt is impossible; seen: 0"),
        (lambda: Costs(icc=1.2), "the icc is no share"),
        (lambda: Costs(power=1.0), "the power is impossible"),
        (lambda: Costs(se=0.5, sp=0.4), "says nothing of the truth"),
        (lambda: size_of_gap(0.9, 0.2, 2, Costs()), "the base and gap together is no share"),
        (lambda: size_of_gap(0.5, 0.0, 2, Costs()), "a difference that is not there"),
        (lambda: size_of_fit([0.5, 0.5], [1.0, 0.0], Costs()), "a target's share is 0"),
        (lambda: size_of_fit([0.5, 0.4], [0.5, 0.5], Costs()), "the shares do not add up to 1"),
        (lambda: size_of_fit([1.0], [0.5, 0.5], Costs()), "do not fit; seen: 1 and 2 shares"),
        (lambda: size_of_pairs(0.3, Costs(se=0.9)), "no place in a difference of scores"),
    ],
)
def test_questions_without_sense_are_refused(call, message):
    with pytest.raises(UsageError, match=message):
        call()
