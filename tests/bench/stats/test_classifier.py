"""Shares corrected for a classifier's errors: published vectors, and truth found again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.classifier import invert_confusion, lang_reiczigel, rogan_gladen, saerens_em

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
