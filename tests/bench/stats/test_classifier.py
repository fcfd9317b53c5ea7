"""Shares corrected for a classifier's errors: published vectors, and truth found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.classifier import (
    invert_confusion,
    lang_reiczigel,
    reported_shares,
    rogan_gladen,
    saerens_em,
    true_shares,
)
from bench.stats.proportions import wilson

MEASURED = {"se": 0.92, "n_se": 100, "sp": 0.95, "n_sp": 100}
CONFUSION = np.array([[0.90, 0.07, 0.03], [0.10, 0.85, 0.05], [0.05, 0.15, 0.80]])


def test_the_published_vectors_of_two_classes():
    made = rogan_gladen(0.30, 200, **MEASURED)
    assert made.share == pytest.approx(0.2873563, abs=1e-7)
    assert made.standard_error == pytest.approx(0.0422640, abs=1e-7)
    assert not made.clipped
    assert lang_reiczigel(0.3, 200, **MEASURED) == pytest.approx((0.200633, 0.371258), abs=1e-6)


def test_the_published_vectors_of_three_classes():
    reported = np.array([0.02, 0.18, 0.80])
    assert invert_confusion(reported, CONFUSION) == pytest.approx([-0.038, 0.039, 0.999], abs=6e-4)
    assert saerens_em(reported, CONFUSION) == pytest.approx([0, 0.026, 0.974], abs=5e-4)


def test_a_share_below_what_errors_alone_give_is_clipped_and_marked():
    made = rogan_gladen(0.01, 200, **MEASURED)
    assert (made.share, made.clipped) == (0.0, True)


@given(st.floats(0, 1))
def test_what_the_classifier_would_report_is_led_back_to_the_truth(share):
    made = rogan_gladen(share * 0.92 + (1 - share) * 0.05, 200, **MEASURED)
    assert made.share == pytest.approx(share, abs=1e-12)
    low, high = lang_reiczigel(share * 0.92 + (1 - share) * 0.05, 5000, **MEASURED)
    assert low - 0.02 <= share <= high + 0.02


def test_em_leads_shares_inside_back_to_the_truth():
    truth = np.array([0.2, 0.5, 0.3])
    assert saerens_em(CONFUSION.T @ truth, CONFUSION) == pytest.approx(truth, abs=1e-8)


def test_useless_classifiers_are_refused():
    with pytest.raises(UsageError, match=r"says nothing of the truth; seen: Se 0\.5 and Sp 0\.5"):
        rogan_gladen(0.3, 200, se=0.5, n_se=9, sp=0.5, n_sp=9)
    flat = np.array([[0.52, 0.48], [0.48, 0.52]])
    with pytest.raises(UsageError, match="the classes are confused too much"):
        invert_confusion(np.array([0.5, 0.5]), flat)
    with pytest.raises(UsageError, match="no such confusion matrix"):
        saerens_em(np.array([0.5, 0.5]), np.eye(2) * 2)


COUNTS = np.array([[90, 7, 3, 0], [8, 85, 5, 2], [5, 15, 70, 10]])
TRUTH = np.array([0.5, 0.3, 0.2])


def test_what_a_reader_reports_is_led_back_though_it_abstains_unevenly():
    reported = reported_shares(TRUTH, COUNTS)
    # by hand: class 3 is reported in .5*.03 + .3*.05 + .2*.70 of all, of which .974 are decided
    assert reported[2] == pytest.approx(0.17 / 0.974)
    counts = np.round(reported * 100_000).astype(int)
    made = true_shares(list(counts), COUNTS, n_effective=100_000, n_resamples=200)
    assert made.shares_K == pytest.approx(TRUTH, abs=1e-4)
    assert (made.low_K < TRUTH).all()
    assert (made.high_K > TRUTH).all()


def test_abstentions_about_all_alike_change_nothing():
    square = np.array([[90, 10], [20, 80]])
    uneven = np.array([[45, 5, 50], [10, 40, 50]])
    one, other = (true_shares([60, 40], c, n_effective=100) for c in (square, uneven))
    assert one.shares_K == pytest.approx(other.shares_K, abs=1e-9)
    # fewer videos of known truth say less
    assert (other.high_K - other.low_K > one.high_K - one.low_K).all()


def test_an_exact_reader_has_wilsons_interval_and_seeds_repeat():
    perfect = np.diag([500, 500, 500])
    made = true_shares([50, 30, 20], perfect, n_effective=100, n_resamples=4000)
    assert made.shares_K == pytest.approx([0.5, 0.3, 0.2], abs=1e-9)
    low, high = wilson(0.5, 100)
    assert (made.low_K[0], made.high_K[0]) == pytest.approx((low, high), abs=0.006)
    again = true_shares([50, 30, 20], perfect, n_effective=100, n_resamples=4000)
    assert (again.low_K == made.low_K).all()
    other = true_shares([50, 30, 20], COUNTS, n_effective=100, seed=1)
    assert (other.low_K != true_shares([50, 30, 20], COUNTS, n_effective=100).low_K).any()


def test_a_class_that_is_never_seen_has_an_interval_all_the_same():
    made = true_shares([60, 40, 0], np.diag([99, 99, 99]), n_effective=100)
    assert made.shares_K[2] == 0
    assert made.low_K[2] == 0
    assert 0.02 < made.high_K[2] < 0.05


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        (np.diag([49, 99]), "too few videos of known truth.*seen: 49"),
        (np.array([[55, 45], [10, 90]]), "guessing about one class; seen: 55 right of 100 decided"),
        (np.array([[70, 30], [35, 65]]), None),
        (np.eye(3, dtype=int) * 99, "no such confusion counts"),
        (np.array([[100, -1], [0, 99]]), "no such confusion counts"),
    ],
)
def test_matrices_that_say_too_little_are_refused(confusion, message):
    if message is None:
        assert true_shares([50, 50], confusion, n_effective=100).shares_K.sum() == pytest.approx(1)
        return
    with pytest.raises(UsageError, match=message):
        true_shares([50, 50], confusion, n_effective=100)


def test_a_matrix_near_one_that_says_nothing_is_refused():
    confused = np.array([[420, 380, 200], [380, 420, 200], [100, 100, 800]])
    with pytest.raises(UsageError, match="the classes are confused too much"):
        true_shares([50, 30, 20], confused, n_effective=100)
