"""Adjusted p-values against McDonald's example, scipy, and their own order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bench.errors import UsageError
from bench.stats.multiplicity import (
    ADJUSTMENTS,
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    rejected,
)

MCDONALD = [
    *(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269),
    *(0.275, 0.34, 0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986),
]
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_a_p_on_its_threshold_is_rejected():
    adjusted = benjamini_hochberg(MCDONALD)
    assert adjusted[:6] == pytest.approx([0.025, 0.1, 0.21, 0.21, 0.21, 0.25])
    assert rejected(adjusted, 0.25).sum() == 6
    assert rejected(holm(MCDONALD), 0.05).sum() == 1


@given(p_values)
def test_both_discovery_rates_are_scipys(p):
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert benjamini_yekutieli(p) == pytest.approx(stats.false_discovery_control(p, method="by"))


def test_holm_by_hand():
    # 0.01 * 3, then 0.03 * 2, then max(0.06, 0.04 * 1)
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@given(p_values, st.randoms())
def test_adjusting_keeps_order_and_lowers_nothing(p, random):
    order = list(range(len(p)))
    random.shuffle(order)
    for adjust in ADJUSTMENTS.values():
        adjusted = adjust(p)
        assert (adjusted >= np.array(p)).all()
        assert (adjusted <= 1).all()
        assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
        assert adjust([p[i] for i in order]) == pytest.approx(adjusted[order])


def test_what_is_no_p_is_refused():
    with pytest.raises(UsageError, match="these are no p-values"):
        holm([0.5, 1.5])
    with pytest.raises(UsageError, match="these are no p-values"):
        benjamini_hochberg([float("nan")])
