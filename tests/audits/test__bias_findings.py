"""Findings: corrected over their family, judged by what the data could have shown."""

import pytest

from audits._bias_findings import corrected, counted, judged, made, within
from bench.types import FindingVerdict, Interval, Outcome, Significance
from support.bias import SETTING, row

COUNTS = {"n": 10, "n_unknown": 0, "n_error": 0, "n_clusters": 5}


def finding(name, p=None, value=0.1, **more):
    test = None if p is None else Significance(name="t", p=p)
    return made(
        name, {"b": 2, "a": 1}, value, SETTING, unit="share", counts=COUNTS, test=test, **more
    )


def test_a_finding_has_its_address_key_and_bounds():
    one = finding("share", k=4)
    assert one.id == "bias.share[a=1,b=2]"
    assert one.key == SETTING.key
    assert one.bounds == (0.4, 0.4)
    open_ = made(
        "share",
        {},
        0.4,
        SETTING,
        unit="share",
        counts={**COUNTS, "n_unknown": 6, "n_error": 4},
        k=4,
    )
    assert open_.bounds == (0.2, 0.7)
    assert "10 of 20 videos are undecided" in open_.notes[0]


def test_p_values_are_adjusted_over_those_that_were_tested():
    family = corrected([finding("a", 0.01), finding("b"), finding("c", 0.04), finding("d", 0.03)])
    assert [f.test and f.test.p_adjusted for f in family] == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.04),
        pytest.approx(0.04),
    ]
    assert family[0].test.n_tests == 3
    assert family[0].test.correction == "Benjamini-Hochberg"
    assert corrected([finding("a")]) == [finding("a")]


def test_verdicts():
    (flagged,) = corrected([finding("a", 0.05)])
    (other,) = corrected([finding("a", 0.051)])
    assert judged(flagged, SETTING, is_clear=True).verdict is FindingVerdict.FLAGGED
    assert judged(other, SETTING, is_clear=True).verdict is FindingVerdict.CLEAR
    assert judged(other, SETTING, is_clear=False).verdict is FindingVerdict.UNDECIDED
    (empty,) = corrected([finding("a", 0.001, value=None)])
    assert judged(empty, SETTING, is_clear=True).verdict is FindingVerdict.UNDECIDED


def test_counts_keep_errors_and_unknowns_apart():
    rows = [
        row("a", prompt="p"),
        row("b", prompt="q"),
        row("c", outcome=Outcome.ERROR),
        row("d", outcome=Outcome.SUPPRESSED),
    ]
    assert counted(rows, rows[:2]) == {"n": 2, "n_unknown": 1, "n_error": 1, "n_clusters": 2}


def test_within_a_margin():
    span = Interval(low=-0.1, high=0.05, confidence=0.95, method="m")
    assert within(span, 0.1)
    assert not within(span, 0.09)
    assert not within(None, 1)
