"""Shares behind a reader that errs: corrected, or with how far off they may be."""

import math

import numpy as np
import pytest

from audits._bias_options import Confusion
from audits._correction import (
    Effect,
    as_reported,
    effect_of,
    fit_test,
    n_behind,
    sample_of,
    sensitivity_band,
    shares_of,
)
from bench.errors import UsageError
from bench.stats.proportions import wilson
from support.bias import BANDS, SETTING

ALONE = Effect(size=1.0, df=math.inf)
COUNTS = np.array([[208, 45, 0, 47], [0, 291, 7, 2], [0, 21, 266, 13]])
CONFUSION = Confusion(values=BANDS, counts_KJ=COUNTS)
TARGET = [0.5, 0.3, 0.2]


def sample(counts, effect=ALONE):
    codes = [code for code, n in enumerate(counts) for _ in range(n)]
    return sample_of(codes, len(counts), effect)


def test_without_a_confusion_shares_are_counts_with_wilsons_interval():
    made = shares_of(sample([30, 14, 6]), None, SETTING)
    assert made.values_K == (0.6, 0.28, 0.12)
    assert (made.intervals_K[0].low, made.intervals_K[0].high) == wilson(0.6, 50)
    assert made.notes == ()


def test_with_one_the_truth_comes_back_and_the_interval_is_wider():
    reported = as_reported(TARGET, CONFUSION)
    counts = [round(1000 * share) for share in reported]
    made = shares_of(sample(counts), CONFUSION, SETTING)
    assert made.values_K == pytest.approx(TARGET, abs=0.003)
    # dropping the abstentions would have lost a tenth of those of light tone
    assert counts[0] / sum(counts) < 0.42
    plain = shares_of(sample(counts), None, SETTING)
    for corrected, raw in zip(made.intervals_K, plain.intervals_K, strict=True):
        assert corrected.high - corrected.low > raw.high - raw.low


def test_the_test_against_a_target_knows_what_the_reader_does_to_it():
    counts = [round(400 * share) for share in as_reported(TARGET, CONFUSION)]
    assert fit_test(sample(counts), TARGET, None, SETTING).p < 0.01
    through = fit_test(sample(counts), TARGET, CONFUSION, SETTING)
    assert through.p > 0.5
    assert through.name == "Monte Carlo multinomial through the reader's confusion"
    assert fit_test(sample([380, 10, 10]), TARGET, CONFUSION, SETTING).p < 0.001


def test_a_confusion_that_is_an_estimate_is_worth_videos():
    rough = Confusion(values=BANDS, counts_KJ=COUNTS // 4)
    whole = sample([200, 120, 80])
    assert n_behind(whole, TARGET, None) == 400
    assert n_behind(whole, TARGET, rough) < n_behind(whole, TARGET, CONFUSION) < 400


def test_clusters_take_from_n_and_a_rough_effect_takes_more():
    codes, prompts = [0] * 20 + [1] * 20, ["a"] * 10 + ["b"] * 10 + ["c"] * 10 + ["d"] * 10
    effect = effect_of(codes, prompts, ["all"] * 40)
    assert effect.size > 10
    held = sample_of(codes, 2, effect)
    assert held.n_effective == pytest.approx(40 / effect.size)
    assert held.worth(0.95) < held.n_effective
    assert sample([5, 5]).worth(0.95) == 10
    assert effect_of(codes, ["a"] * 40, ["all"] * 40) == ALONE


def test_the_band_of_a_reader_of_unknown_errors_by_hand():
    # Se = Sp = 0.8: (0.5 - 0.2) / 0.6; the worst corners are Sp = 0.8 alone and Se = 0.8 alone
    low, high = sensitivity_band(0.5)
    assert low == pytest.approx((0.5 + 0.8 - 1) / 0.8)
    assert high == pytest.approx(0.5 / 0.8)
    assert sensitivity_band(0.0) == (0.0, 0.0)
    assert sensitivity_band(1.0) == (1.0, 1.0)


def test_the_distance_that_shares_allow_holds_the_distance_seen_and_the_truth():
    made = shares_of(sample([30, 14, 6]), None, SETTING)
    low, high = made.distance(TARGET, 0.95)
    assert low == 0 < 0.1 < high
    away = shares_of(sample([50, 0, 0]), None, SETTING)
    low, high = away.distance(TARGET, 0.95)
    assert low > 0.35
    assert high == pytest.approx(0.5)
    sure = shares_of(sample([30_000, 14_000, 6_000]), None, SETTING)
    assert sure.distance(TARGET, 0.95) == pytest.approx((0.1, 0.1), abs=0.01)


def test_a_confusion_that_says_too_little_is_refused():
    guess = Confusion(values=BANDS, counts_KJ=np.full((3, 4), 50))
    with pytest.raises(UsageError, match="guessing about one class"):
        shares_of(sample([30, 14, 6]), guess, SETTING)
