"""Sums and errors by cluster: by hand, and where clusters are single videos."""

import math

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


ONE = ["all"]


def test_the_effect_on_shares_of_two_classes_is_that_of_one_share():
    rng = np.random.default_rng(3)
    prompts = np.repeat([f"p{i}" for i in range(12)], 8)
    values = (rng.random(96) < np.repeat(rng.beta(1, 1, 12), 8)).astype(np.intp)
    shares, df = shares_design_effect(values, prompts, ONE * 96)
    # the variance of one share is taken with n - 1, that of shares with n
    assert shares == pytest.approx(design_effect(values.astype(float), prompts) * 96 / 95)
    assert shares > 2
    assert df == 11


def test_the_effect_on_shares_is_near_one_where_prompts_do_not_matter():
    rng = np.random.default_rng(4)
    pooled, alone = [], []
    for _ in range(100):
        codes = rng.choice(3, size=480, p=[0.5, 0.3, 0.2])
        prompts, roles = zip(*((f"p{i % 48}", f"r{i % 6}") for i in range(480)), strict=True)
        effect, df = shares_design_effect(codes, prompts, roles)
        assert df == 6 * 7 * 2
        pooled.append(effect)
        alone.append(shares_design_effect(codes[:80], prompts[:8] * 10, ONE * 80)[0])
    assert min(pooled) == min(alone) == 1.0
    # six roles together know better than one that there is nothing to take off
    assert np.mean(pooled) < 1.1 < np.mean(alone) < 1.3


def test_strata_that_differ_are_no_clustering():
    codes = np.repeat([0, 1], 40)
    codes[[3, 17, 44, 61]] = [1, 1, 0, 0]
    prompts, roles = [f"p{i // 10}" for i in range(80)], [f"r{i // 40}" for i in range(80)]
    assert shares_design_effect(codes, prompts, ONE * 80)[0] > 4
    assert shares_design_effect(codes, prompts, roles)[0] < 1.5


def test_the_effect_on_shares_where_it_cannot_be_measured():
    codes = np.array([0, 1, 0, 1])
    assert shares_design_effect(codes, ["p"] * 4, ONE * 4) == (1.0, math.inf)
    assert shares_design_effect(codes, list("abcd"), ONE * 4) == (1.0, math.inf)
    assert shares_design_effect(np.zeros(4, np.intp), list("aabb"), ONE * 4) == (2.0, 1.0)
    # videos of a prompt agree fully: four are worth one, by the little that two prompts tell
    effect, df = shares_design_effect(np.array([0, 0, 1, 1]), list("aabb"), ONE * 4)
    assert (effect, df) == (pytest.approx(4.0), 1)
