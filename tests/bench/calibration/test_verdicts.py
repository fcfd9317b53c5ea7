"""The rule, case by case, and what a certificate makes of its rows."""

import numpy as np
import pytest

from bench.calibration.measure import measure
from bench.calibration.verdicts import RULE, conclude, expected_of, judge
from bench.certificates import Certificate, Row, Verdict
from bench.metrics._expects import Expects

UP = np.arange(6.0)


def of(values_S, n=16, jitter=0.0):
    noise = np.random.default_rng(1).normal(0, jitter, (n, 6)) if jitter else 0.0
    return measure(np.tile(values_S, (n, 1)) + noise, [str(i) for i in range(n)])


def verdict(values_S, expected, tolerance=None, better=False, n=16, jitter=0.0):
    return judge(of(np.asarray(values_S, float), n, jitter), expected, tolerance, better)


def test_a_known_order_passes_in_the_declared_direction_only():
    assert verdict(UP, "rises")[:2] == (Verdict.PASS, True)
    assert verdict(-UP, "falls")[:2] == (Verdict.PASS, True)
    assert verdict(UP, "falls")[:2] == (Verdict.FAIL, False)


def test_chance_fails():
    assert verdict(np.zeros(6), "rises", jitter=1.0)[:2] == (Verdict.FAIL, False)


def test_a_constant_is_blind_and_does_not_meet_what_it_declares():
    assert verdict(np.ones(6), "rises")[:2] == (Verdict.BLIND, False)
    assert verdict(np.ones(6), "blind")[:2] == (Verdict.BLIND, True)


def test_five_clips_are_not_enough_whatever_they_show():
    made = verdict(UP, "rises", n=5)
    assert made[:2] == (Verdict.NOT_ENOUGH, False)
    assert "5 clips" in made[2]
    assert judge(None, "rises", None, True)[0] is Verdict.NOT_ENOUGH


def test_an_interval_that_holds_the_limit_is_not_enough():
    values = np.concatenate([np.tile(UP, (9, 1)), np.tile([1.0, 3, 0, 5, 2, 4], (7, 1))])
    values[9:] = values[9:, ::-1] + 0.0
    found = measure(values, [str(i) for i in range(16)])
    assert found.rho_interval.low < 0.5 < found.rho_interval.high
    made = judge(found, "rises", None, False)
    assert made[0] is Verdict.NOT_ENOUGH
    assert "more clips" in made[2]


def test_an_order_that_turns_back_at_the_last_strength_fails():
    made = verdict([0, 1, 2, 3, 4, 0], "rises")
    assert made[0] is Verdict.FAIL
    turned = verdict([1.0, 2, 3, 4, 5, 1.0], "rises")
    assert turned[0] is Verdict.FAIL


@pytest.mark.parametrize(
    ("moved", "expected"), [(0.05, Verdict.PASS), (0.2, Verdict.FAIL), (-0.2, Verdict.FAIL)]
)
def test_indifference_is_held_to_its_tolerance_at_every_strength(moved, expected):
    assert verdict([1, 1, 1 + moved, 1, 1, 1], "ignores", 0.1)[0] is expected


def test_indifference_that_cannot_be_told_is_not_enough():
    assert verdict(np.zeros(6), "ignores", 0.1, jitter=0.3)[0] is Verdict.NOT_ENOUGH


def test_a_tolerance_of_nothing_forgives_the_rounding_of_a_sum():
    assert verdict(1e3 + np.array([0, 1e-8, 0, 0, 0, 0]), "ignores", 0.0)[0] is Verdict.PASS
    assert verdict(1e3 + np.array([0, 1e-3, 0, 0, 0, 0]), "ignores", 0.0)[0] is Verdict.FAIL


def test_damage_that_nobody_named_and_that_shows_is_unexpected():
    assert verdict(UP, "")[:2] == (Verdict.UNEXPECTED, True)
    assert verdict(np.zeros(6), "", jitter=1.0)[0] is Verdict.BLIND
    assert verdict(UP, "", better=None)[0] is Verdict.UNEXPECTED


def test_blind_to_includes_what_is_rewarded_but_not_what_is_seen():
    rewarded = verdict(UP, "blind", better=True)
    assert rewarded[0] is Verdict.BLIND
    assert "improvement" in rewarded[2]
    assert verdict(UP, "blind", better=False)[0] is Verdict.UNEXPECTED
    assert verdict(UP, "", better=True)[0] is Verdict.UNEXPECTED


def test_what_is_expected_of_a_ladder():
    expects = Expects(column="c", rises=("noise",), ignores={"jpeg": 0.1}, blind=("loop",))
    assert expected_of(expects, "noise") == ("rises", None)
    assert expected_of(expects, "jpeg") == ("ignores", 0.1)
    assert expected_of(expects, "loop") == ("blind", None)
    assert expected_of(expects, "black") == ("", None)
    with pytest.raises(ValueError, match="c expects two things of noise"):
        Expects(column="c", rises=("noise",), blind=("noise",))


def row(ladder, verdict, meets, expected="rises"):
    return Row(
        clips="phantom", column="c", ladder=ladder, unit="", expected=expected, tolerance=None,
        n_clips=16, n_clusters=16, rho=1.0, low=1.0, high=1.0, effects=(), verdict=verdict,
        meets=meets, reason="",
    )  # fmt: skip


TWO = (Expects(column="c", rises=("noise", "jpeg")),)


def concluded(*rows, expects=TWO):
    blank = Certificate(
        metric="m", spec="m", version="1", key={}, rule=RULE, clips=(), rows=rows,
        verdict=Verdict.NOT_ENOUGH, reason="",
    )  # fmt: skip
    return conclude(blank, expects)


def test_a_certificate_passes_when_all_that_is_declared_passes():
    passed = row("noise", Verdict.PASS, True)
    assert concluded(passed, row("jpeg", Verdict.PASS, True)).verdict is Verdict.PASS
    failed = concluded(passed, row("jpeg", Verdict.FAIL, False))
    assert failed.verdict is Verdict.FAIL
    assert "c on jpeg (phantom: fail)" in failed.reason
    few = concluded(passed, row("jpeg", Verdict.NOT_ENOUGH, False))
    assert few.verdict is Verdict.NOT_ENOUGH
    lacking = concluded(passed)
    assert (lacking.verdict, lacking.reason) == (Verdict.NOT_ENOUGH, "not measured: c on jpeg")


def test_a_metric_that_declares_nothing_is_not_certified():
    assert "declares nothing" in concluded(expects=()).reason
