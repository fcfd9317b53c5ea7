"""From a run's records to a number: missing videos, baselines, real videos, coverage."""

import datetime

import numpy as np
import pytest

from bench.errors import RunDamaged, UsageError
from bench.gates import means
from bench.gates.decide import Verdict, decide
from bench.gates.evidence import NothingDecided, read_evidence
from bench.gates.measure import measure
from bench.gates.policy import parse_policy
from bench.types import Status
from support.gated import certify, gated_run

SHARP, FLICKER = ("sharpness", "sharpness"), ("temporal_flicker", "compensated")
TODAY = datetime.date(2026, 11, 24)
BASE = '[[line]]\nmetric = "sharpness"\nagainst = "baseline"\nmax_drop = 0.5\n'


@pytest.fixture(autouse=True)
def _certified(private_cache, monkeypatch):
    certify(private_cache, "sharpness", "temporal_flicker")
    monkeypatch.setattr(means, "N_RESAMPLES", 1999)


def values(seed=0, n=24, mean=10.0, each=1):
    return np.random.default_rng(seed).normal(mean, 1, size=(n, each))


def measured(text, root, baseline=None):
    policy = parse_policy(text)
    other = read_evidence(baseline, with_findings=False) if baseline else None
    return policy, measure(policy, read_evidence(root, with_findings=False), other)


def decided(text, root, baseline=None):
    policy, rows = measured(text, root, baseline)
    return decide(rows, policy, TODAY)


def test_a_mean_is_the_runs_headline(tmp_path):
    table = values(each=2)
    root = gated_run(tmp_path / "run", {SHARP: table}, seeds=(0, 1))
    _, (made,) = measured('[[line]]\nmetric = "sharpness"\nmin = 9', root)
    assert made.value == pytest.approx(table.mean())
    assert (made.n, made.n_clusters, made.what) == (48, 24, "sharpness.sharpness")
    assert (made.blocked, made.uncertified, made.worst) == ("", "", None)


def test_a_missing_video_counts_as_the_worst_and_never_helps(tmp_path):
    table = values()
    table[0] = 0.2  # one bad video
    text = '[[line]]\nmetric = "sharpness"\nmin = 9.4\nerror_cap = 0.2'
    there = gated_run(tmp_path / "there", {SHARP: table})
    gone = gated_run(tmp_path / "gone", {SHARP: table}, status={(0, 0): Status.MISSING})
    vetoed = gated_run(tmp_path / "vetoed", {SHARP: table}, status={(0, 0): Status.VETOED})
    for root in (there, gone, vetoed):
        assert decided(text, root).verdict is Verdict.INCONCLUSIVE
    left_out = decided(text + '\nundecided = "left_out"', gone)
    assert left_out.verdict is Verdict.PASS
    assert "left out, as the policy says" in left_out.lines[0].measured.notes[0]
    _, (made,) = measured(text, gone)
    assert made.worst.value == pytest.approx(table[1:].sum() / 24)
    assert made.counts["missing"] == 1


def test_a_number_without_a_worst_needs_one_from_the_policy(tmp_path):
    metric = ("motion_smoothness", "acceleration")
    root = gated_run(tmp_path / "run", {metric: values(mean=5)}, status={(0, 0): Status.MISSING})
    text = '[[line]]\nmetric = "motion_smoothness"\nmax = 7\n'
    _, (made,) = measured(text, root)
    assert "1 videos have no number, and it has no worst" in made.blocked
    _, (made,) = measured(text + "undecided = 20", root)
    assert made.blocked == ""
    assert made.worst.value > made.seen.value


def test_errors_above_the_cap_decide_nothing_either_way(tmp_path):
    state = {(i, 0): Status.ERROR for i in range(2)}
    root = gated_run(tmp_path / "run", {SHARP: values()}, status=state)
    for limit in (1, 100):
        decision = decided(f'[[line]]\nmetric = "sharpness"\nmin = {limit}', root)
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert "2 of 24 trials ended in an error, more than the cap of 5 %" in (
            decision.lines[0].reason
        )
    wide = decided('[[line]]\nmetric = "sharpness"\nmin = 1\nerror_cap = 0.1', root)
    assert wide.verdict is Verdict.PASS


def test_what_a_filter_held_back_is_left_out_by_name(tmp_path):
    root = gated_run(tmp_path / "run", {SHARP: values()}, status={(0, 0): Status.SUPPRESSED})
    _, (made,) = measured('[[line]]\nmetric = "sharpness"\nmin = 9', root)
    assert (made.n, made.counts["suppressed"], made.worst) == (23, 1, None)


def test_no_decided_trial_is_no_verdict(tmp_path):
    state = {(i, 0): Status.VETOED for i in range(12)}
    root = gated_run(tmp_path / "run", {SHARP: values(n=12)}, status=state)
    with pytest.raises(NothingDecided, match=r"no decided trial .*; seen: 12 v"):
        measured('[[line]]\nmetric = "sharpness"\nmin = 1', root)
    _, (made,) = measured('[[line]]\nmetric = "sharpness"\nsubset = "with vetoed"\nmin = 1', root)
    assert made.n == 12


def test_one_prompt_alone_tells_nothing(tmp_path):
    root = gated_run(tmp_path / "run", {SHARP: values(n=1)})
    decision = decided('[[line]]\nmetric = "sharpness"\nmin = 1', root)
    assert "too few prompts" in decision.lines[0].reason


def test_a_baseline_is_held_against_pair_by_pair(tmp_path):
    spread = np.arange(24.0)[:, None] * 3 + 5
    before = gated_run(tmp_path / "a", {SHARP: spread + values(1, mean=0) / 10})
    after = gated_run(tmp_path / "b", {SHARP: spread + values(2, mean=0) / 10})
    worse = gated_run(tmp_path / "c", {SHARP: spread + values(3, mean=-1) / 1})
    decision = decided(BASE, after, before)
    assert decision.verdict is Verdict.PASS, "prompts differ by far more than the margin"
    assert decision.lines[0].measured.details["design"] == "paired by prompt and seed"
    assert decided(BASE, worse, before).verdict is Verdict.FAIL
    assert decided(BASE.replace("drop = 0.5", "drop = 1"), worse, before).verdict is (
        Verdict.INCONCLUSIVE
    )


def test_a_video_that_the_run_lacks_counts_against_it_in_a_pair_too(tmp_path):
    table = values()
    before = gated_run(tmp_path / "a", {SHARP: table})
    after = gated_run(tmp_path / "b", {SHARP: table}, status={(0, 0): Status.MISSING})
    _, (made,) = measured(BASE, after, before)
    assert made.seen.value == 0
    assert made.worst.value == pytest.approx(-table[0, 0] / 24)


@pytest.mark.parametrize("change", ["suite", "number"])
def test_a_baseline_that_was_made_differently_is_refused_by_name(tmp_path, change):
    run = gated_run(tmp_path / "a", {SHARP: values()})
    other = gated_run(
        tmp_path / "b",
        {SHARP if change == "suite" else FLICKER: values(mean=0.5) / 9},
        suite="other" if change == "suite" else "s",
    )
    message = "another suite; seen: other and s" if change == "suite" else "has no number sharpness"
    with pytest.raises(UsageError, match=message):
        measured(BASE, run, other)


def test_a_baseline_that_was_changed_is_refused(tmp_path):
    run = gated_run(tmp_path / "a", {SHARP: values()})
    other = gated_run(tmp_path / "b", {SHARP: values()})
    with (other / "summary.json").open("a") as file:
        file.write(" ")
    with pytest.raises(RunDamaged, match=r"summary.json of the run .*b is not as its journal"):
        measured(BASE, run, other)


def test_other_prompts_than_the_baselines_are_two_independent_sets(tmp_path):
    after = gated_run(tmp_path / "b", {SHARP: values(2, n=40)}, seeds=(0,))
    before = gated_run(tmp_path / "a", {SHARP: values(1)}, seeds=(7,))
    _, (made,) = measured(BASE, after, before)
    assert made.details["design"] == "paired by prompt"


def test_the_real_row_is_the_runs_own_reference(tmp_path):
    real = {SHARP: values(5)}
    root = gated_run(tmp_path / "run", {SHARP: values(5) + values(6, mean=0) / 9}, real=real)
    text = '[[line]]\nmetric = "sharpness"\nagainst = "real"\nmax_drop = 0.2'
    decision = decided(text, root)
    assert decision.verdict is Verdict.PASS
    assert decision.lines[0].measured.details["against"].startswith("real videos ")
    assert abs(decision.lines[0].measured.value) < 0.1


def test_coverage_is_a_share_of_all_trials(tmp_path):
    state = {(0, 0): Status.MISSING, (1, 0): Status.VETOED, (2, 0): Status.ERROR}
    state[3, 0] = Status.SUPPRESSED
    root = gated_run(tmp_path / "run", {SHARP: values()}, status=state)
    for name, k in (("ok", 20), ("missing", 1), ("vetoed", 1), ("error", 1), ("suppressed", 1)):
        _, (made,) = measured(f'[[line]]\ncoverage = "{name}"\nmax = 0.5', root)
        assert (made.details["k"], made.n) == (k, 24)
        assert made.value == pytest.approx(k / 24)
    _, (made,) = measured('[[line]]\ncoverage = "ok"\ncounted = true\nmin = 0.5', root)
    assert (made.seen, made.counted) == (None, 20 / 24)
