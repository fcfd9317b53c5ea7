import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.stats.agreement import alpha_interval, cohen_kappa, krippendorff_alpha

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers,
# twelve units, missing data; nominal alpha 0.743
_BY_OBSERVER = (
    "123321412...",
    "12332241 25.3".replace(" ", ""),
    ".33323422 51.".replace(" ", ""),
    "12332441 251.".replace(" ", ""),
)


def units():
    return {
        i: [row[i] for row in _BY_OBSERVER if row[i] != "."] for i in range(len(_BY_OBSERVER[0]))
    }


def test_alpha_is_that_of_the_paper():
    assert krippendorff_alpha(units()) == pytest.approx(0.743, abs=5e-4)


def test_kappa_of_a_table_worked_by_hand():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed 0.7, by chance 0.5
    first = ["y"] * 25 + ["n"] * 25
    second = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


def test_one_label_alone_says_nothing():
    assert math.isnan(cohen_kappa(["a"] * 5, ["a"] * 5))
    assert math.isnan(krippendorff_alpha({1: ["a", "a"], 2: ["a", "a"]}))
    assert math.isnan(krippendorff_alpha({1: ["a"], 2: ["b"]}))


def test_labels_of_other_items_are_refused():
    with pytest.raises(UsageError, match="same items"):
        cohen_kappa(["a"], ["a", "b"])
    with pytest.raises(UsageError, match="same items"):
        cohen_kappa([], [])


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=30))
def test_perfect_agreement_is_one_and_order_is_of_no_matter(labels):
    ratings = {i: [label, label] for i, label in enumerate(labels)}
    if len(set(labels)) > 1:
        assert krippendorff_alpha(ratings) == pytest.approx(1)
        assert cohen_kappa(labels, labels) == pytest.approx(1)
    mixed = {i: [label, labels[-1 - i]] for i, label in enumerate(labels)}
    turned = {i: pair[::-1] for i, pair in reversed(mixed.items())}
    one, other = krippendorff_alpha(mixed), krippendorff_alpha(turned)
    assert one == pytest.approx(other, nan_ok=True)
    assert math.isnan(one) or one <= 1


def test_the_interval_holds_alpha_and_needs_ten_items():
    ratings = {i: ["a", "a"] if i % 4 else ["a", "b"] for i in range(40)}
    ratings |= {i: ["b", "b"] for i in range(40, 60)}
    interval = alpha_interval(ratings)
    assert interval.low < krippendorff_alpha(ratings) < interval.high
    assert alpha_interval(ratings) == interval
    assert alpha_interval({i: ["a", "b"] for i in range(9)}) is None
