"""Sums and errors by cluster: by hand, and where clusters are single videos."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stats.clusters import (
    cluster_means,
    cluster_sums,
    clustered_standard_error,
    design_effect,
    kish,
    shares_design_effect,
)


def test_clustered_error_of_singletons_is_the_ordinary_standard_error():
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
    expected = values.std(ddof=1) / np.sqrt(5)
    assert clustered_standard_error(values, list("abcde")) == pytest.approx(expected)


def test_clustered_error_by_hand():
    # clusters (0, 2) and (4, 6): mean 3, residual sums -4 and 4, C/(C-1) = 2, so sqrt(2*32)/4 = 2
    values = np.array([0.0, 2.0, 4.0, 6.0])
    assert clustered_standard_error(values, ["a", "a", "b", "b"]) == pytest.approx(2.0)


def test_sums_and_means_come_in_the_labels_order():
    values = np.array([1.0, 5.0, 3.0])
    sums, counts = cluster_sums(values, ["b", "a", "b"])
    assert sums.tolist() == [5.0, 4.0]
    assert counts.tolist() == [1.0, 2.0]
    assert cluster_means(values, ["b", "a", "b"]).tolist() == [5.0, 2.0]


def test_seeds_of_a_prompt_are_worth_less_by_kish():
    assert kish(8, 0.5) == 4.5
    assert round(800 / kish(8, 0.5)) == 178
    assert kish(1, 0.9) == 1


@given(st.integers(2, 6), st.integers(3, 12))
def test_copies_of_a_video_are_worth_nothing(copies, n_prompts):
    values = np.repeat(np.arange(float(n_prompts)), copies)
    labels = [str(i) for i in range(n_prompts) for _ in range(copies)]
    effect = design_effect(values, labels)
    error = clustered_standard_error(values, labels)
    assert error == pytest.approx(np.arange(n_prompts).std(ddof=1) / np.sqrt(n_prompts))
    assert effect == pytest.approx(copies + (copies - 1) / (n_prompts - 1))


def test_the_effect_on_shares_of_two_classes_is_that_of_one_share():
    rng = np.random.default_rng(3)
    prompts = np.repeat([f"p{i}" for i in range(12)], 8)
    values = (rng.random(96) < np.repeat(rng.beta(1, 1, 12), 8)).astype(np.intp)
    shares = shares_design_effect(values, prompts, 2)
    # the variance of one share is taken with n - 1, that of shares with n
    assert shares == pytest.approx(design_effect(values.astype(float), prompts) * 96 / 95)
    assert shares > 2


def test_the_effect_on_shares_is_one_where_prompts_do_not_matter():
    rng = np.random.default_rng(4)
    effects = []
    for _ in range(200):
        codes = rng.choice(3, size=80, p=[0.5, 0.3, 0.2])
        effects.append(shares_design_effect(codes, [f"p{i % 8}" for i in range(80)], 3))
    assert min(effects) == 1.0
    assert np.mean(effects) < 1.25


def test_the_effect_on_shares_where_it_cannot_be_measured():
    codes = np.array([0, 1, 0, 1])
    assert shares_design_effect(codes, ["p"] * 4, 2) == 1.0
    assert shares_design_effect(codes, list("abcd"), 2) == 1.0
    assert shares_design_effect(np.zeros(4, np.intp), list("aabb"), 2) == 2.0
    # videos of a prompt agree fully: four are worth two
    assert shares_design_effect(np.array([0, 0, 1, 1]), list("aabb"), 2) == pytest.approx(4.0)
