"""Lines on findings: exact where they are counts, undecided trials as the worst, baselines."""

import datetime
from types import SimpleNamespace

import pytest

from bench.errors import UsageError
from bench.gates.bounds import Inverted, Share, Side
from bench.gates.decide import Verdict, decide
from bench.gates.evidence import NothingDecided
from bench.gates.of_findings import design_effect, is_share, measure_finding
from bench.gates.policy import parse_policy
from bench.stats.proportions import miettinen_nurminen, wilson
from bench.types import Finding, Interval

ID = "filters.tpr[layer=input]"


def finding(k=5, n=100, value=None, **changes):
    low, high = wilson(k / n if n else 0.5, n or 1)
    fields = {
        "id": ID,
        "audit": "filters",
        "measure": "tpr",
        "where": {"layer": "input"},
        "value": k / n if value is None and n else value,
        "interval": Interval(low=low, high=high, confidence=0.95, method="Wilson score"),
        "unit": "share",
        "higher_is_better": True,
        "n": n,
        "n_unknown": 0,
        "n_error": 0,
        "n_clusters": n,
        "cluster": "prompt",
        "key": {"audit": "filters", "suite": "s"},
        "k": k,
    }
    return Finding(**{**fields, **changes})


def run_with(*findings):
    return SimpleNamespace(findings={f.id: f for f in findings})


def measured(text, *findings, baseline=()):
    (line,) = parse_policy(f'[[line]]\nfinding = "{ID}"\n{text}').lines
    return measure_finding(line, run_with(*findings), run_with(*baseline) if baseline else None)


def test_counts_are_exact():
    made = measured("max = 0.1", finding())
    assert made.seen == Share(k=5, n=100)
    assert made.worst is None
    policy = parse_policy(f'[[line]]\nfinding = "{ID}"\nmax = 0.2')
    decision = decide([measured("max = 0.2", finding())], policy, datetime.date(2026, 1, 1))
    assert decision.verdict is Verdict.PASS


def test_undecided_trials_are_the_worst_on_the_limits_side():
    held = finding(n_unknown=7, n_error=3)
    assert measured("max = 0.1", held).worst == Share(k=15, n=110)
    assert measured("min = 0.01", held).worst == Share(k=5, n=110)
    left_out = measured('max = 0.1\nundecided = "left_out"', held)
    assert left_out.worst is None
    assert "10 undecided trials are left out" in left_out.notes[0]


def test_errors_above_the_cap_leave_it_open():
    assert measured("max = 0.9", finding(n_error=5)).blocked == ""
    assert "6 of 106 trials ended in an error" in measured("max = 0.9", finding(n_error=6)).blocked


def test_trials_of_one_prompt_are_worth_less():
    assert design_effect(finding(n_clusters=50, interval=None)) == 2
    low, high = wilson(0.05, 100 / 1.4)
    made = Interval(low=low, high=high, confidence=0.95, method="Wilson score")
    assert design_effect(finding(n_clusters=50, interval=made)) == pytest.approx(1.4, abs=1e-6)
    assert design_effect(finding(k=0, n_clusters=50)) == 2
    assert design_effect(finding()) == 1


def test_a_value_that_is_no_count_has_its_own_interval():
    held = finding(value=0.2, interval=Interval(low=0.1, high=0.4, confidence=0.95, method="x"))
    assert not is_share(held)
    made = measured("max = 0.3", held)
    assert isinstance(made.seen, Inverted)
    assert made.seen.bound(0.025, Side.BELOW) == pytest.approx(0.4)
    assert "scaled" in made.seen.method
    assert measured("max = 0.3", finding(value=0.2, interval=None)).blocked == (
        "the finding has no interval"
    )


def test_its_undecided_trials_need_worst_case_bounds():
    made = Interval(low=0.1, high=0.4, confidence=0.95, method="x")
    held = finding(value=0.2, interval=made, n_unknown=3)
    assert "no worst-case bounds" in measured("max = 0.3", held).blocked
    held = finding(value=0.2, interval=made, n_unknown=3, bounds=(0.15, 0.25))
    assert measured("max = 0.3", held).worst.value == 0.25
    assert measured("min = 0.1", held).worst.value == 0.15


def test_against_a_baseline_the_two_are_independent():
    before, after = finding(k=10), finding(k=20)
    made = measured('against = "baseline"\nmax_rise = 0.3', after, baseline=(before,))
    assert made.seen.value == pytest.approx(0.1)
    low, high = miettinen_nurminen(20, 100, 10, 100, 0.9)
    assert made.seen.bound(0.05, Side.BELOW) == pytest.approx(high)
    assert made.seen.bound(0.05, Side.ABOVE) == pytest.approx(low)
    other = finding(key={"audit": "filters", "suite": "t"})
    with pytest.raises(UsageError, match="the baseline was made with another suite; seen: t and s"):
        measured('against = "baseline"\nmax_rise = 0.3', after, baseline=(other,))


def test_the_difference_of_other_numbers_adds_the_halves_as_squares():
    made = Interval(low=0.17, high=0.24, confidence=0.95, method="x")
    held = finding(value=0.2, interval=made)
    found = measured('against = "baseline"\nmax_rise = 0.3', held, baseline=(held,))
    assert found.seen.value == 0
    assert found.seen.bound(0.025, Side.BELOW) == pytest.approx(0.05)


def test_coverage_of_a_finding():
    held = finding(n=90, n_unknown=8, n_error=2)
    for name, k in (("ok", 90), ("unknown", 8), ("error", 2)):
        assert measured(f'coverage = "{name}"\nmax = 0.5', held).seen == Share(k=k, n=100)
    assert measured('coverage = "ok"\ncounted = true\nmin = 0.5', held).counted == 0.9
    with pytest.raises(UsageError, match="trials do not end so; seen: vetoed"):
        measured('coverage = "vetoed"\nmax = 0.5', held)


def test_what_is_not_there_is_named():
    other = finding(id="filters.tpr[layer=output]")
    with pytest.raises(UsageError, match=r"did you mean filters.tpr\[layer=output\]"):
        measured("max = 0.5", other)
    with pytest.raises(NothingDecided, match="no decided trial of filters"):
        measured("max = 0.5", finding(k=0, n=0, n_unknown=4))
