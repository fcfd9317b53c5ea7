"""Permutation tests: by hand, against scipy, and their level and power under simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats.permutation import paired, unpaired


def labels(n, size=1):
    return [f"{i:03d}" for i in range(n) for _ in range(size)]


def test_few_prompts_are_tried_out_by_hand():
    # sums 3, 1, 1: of 8 signs, those with |sum| >= 5 are + + + and - - -
    made = paired(np.array([3.0, 1.0, 1.0]), labels(3))
    assert (made.p, made.n_permutations, made.seed) == (0.25, 8, None)
    assert made.method == "all 8 sign flips of 3 clusters"


def test_many_prompts_agree_with_scipy():
    x = np.random.default_rng(0).normal(0.3, 1, size=40)
    made = paired(x, labels(40), n_permutations=20_000, seed=1)
    theirs = stats.permutation_test(
        (x,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(2)
    )
    assert made.p == pytest.approx(theirs.pvalue, abs=0.015)
    assert (made.n_permutations, made.seed) == (20_000, 1)


def test_copies_of_a_video_are_no_evidence():
    x = np.random.default_rng(3).normal(0.4, 1, size=20)
    once = paired(x, labels(20), seed=4)
    often = paired(np.repeat(x, 8), labels(20, 8), seed=4)
    assert often.p == once.p


def test_p_is_never_0_and_no_difference_is_no_evidence():
    assert paired(np.full(30, 1.0), labels(30)).p == pytest.approx(1e-4)
    assert paired(np.zeros(30), labels(30)).p == 1.0
    assert unpaired(np.zeros(5), np.zeros(6)).p == 1.0
    assert unpaired(np.zeros(9), np.ones(9)).p < 0.001


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=16), st.floats(0.1, 50))
def test_scale_and_sign_do_not_matter(values, scale):
    x = np.round(np.array(values), 3)
    p = paired(x, labels(len(x)), n_permutations=200).p
    assert 0 < p <= 1
    assert paired(-x, labels(len(x)), n_permutations=200).p == pytest.approx(p)
    assert paired(x * scale, labels(len(x)), n_permutations=200).p == pytest.approx(p)


def test_both_hold_their_level():
    rng = np.random.default_rng(6)
    hits = np.zeros(2)
    for _ in range(400):
        x = rng.lognormal(size=(2, 16, 3)) + rng.normal(size=(1, 16, 1))
        hits[0] += paired((x[0] - x[1]).ravel(), labels(16, 3), n_permutations=199).p <= 0.05
        # the smaller set spreads more: the case in which dealing out plain means fails
        a, b = rng.normal(0, 3, size=8), rng.normal(0, 1, size=24)
        hits[1] += unpaired(a, b, n_permutations=199).p <= 0.05
    # 400 draws at 5 %: 99.9 % within 2 to 9.5 %
    assert ((hits >= 6) & (hits <= 38)).all(), hits


def test_unpaired_sees_what_is_there_and_agrees_with_welch():
    rng = np.random.default_rng(7)
    x, y = rng.normal(0, 1, 40), rng.normal(0.6, 2, 50)
    made = unpaired(x, y, n_permutations=20_000)
    theirs = stats.ttest_ind(x, y, equal_var=False).pvalue
    assert made.p == pytest.approx(theirs, abs=0.01)
    with pytest.raises(UsageError, match="too few clusters to compare; seen: 1 and 50"):
        unpaired(x[:1], y)
