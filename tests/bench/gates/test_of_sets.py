"""Set metrics by their own interval: absolute on a real small run, and paired with another."""

import datetime

import pytest

from bench.errors import RunDamaged, UsageError
from bench.gates.bounds import Side
from bench.gates.decide import Verdict, decide
from bench.gates.evidence import NothingDecided, read_evidence
from bench.gates.measure import measure
from bench.gates.policy import parse_policy
from bench.pipeline import score
from bench.request import ScoreRequest
from support.folders import make_folder
from support.gated import certify

pytestmark = pytest.mark.slow
METRIC = "support.row_gap:RowGap"
LINE = '[[line]]\nmetric = "row_gap"\n'


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    base = tmp_path_factory.mktemp("sets")
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESCREEN_CACHE", str(base / "cache"))
        for name, seed in (("a", 0), ("b", 50)):
            videos = make_folder(base / name, 6, seed=seed)
            rows = [f"clip{i:02d}.mp4,p{i % 3},{i}" for i in range(6)]
            (videos / "manifest.csv").write_text("\n".join(["path,prompt_id,seed", *rows]) + "\n")
            request = ScoreRequest(
                videos=str(videos / "manifest.csv"),
                reference=str(make_folder(base / "real", 6, seed=9)),
                metrics=(METRIC,),
                run=base / f"run-{name}",
                workers=1,
                n_resamples=100,
            )
            made.append(read_evidence(score(request).path, with_findings=False))
    return made


def measured(text, run, baseline=None):
    return measure(parse_policy(text), run, baseline)[0]


def test_a_distance_has_its_own_interval_at_any_level(roots):
    run = roots[0]
    (head,) = [h for h in run.headlines if h["metric"] == "row_gap"]
    made = measured(LINE + "max = 5", run)
    assert made.value == pytest.approx(head["value"])
    assert made.seen.bound(0.025, Side.BELOW) == pytest.approx(head["interval"]["high"])
    p = made.seen.p(made.seen.bound(0.01, Side.BELOW), Side.BELOW)
    assert p == pytest.approx(0.01, rel=5e-3)
    assert "no certificate" in made.uncertified
    policy = parse_policy(LINE + "max = 5")
    decision = decide([made], policy, datetime.date(2026, 1, 1))
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.lines[0].reason.startswith("not certified")


def test_against_a_baseline_the_twins_are_held(roots):
    made = measured(LINE + 'against = "baseline"\nmax_rise = 1', roots[1], roots[0])
    assert made.details["design"] == "paired by prompt and seed"
    values = [run.headlines[0]["value"] for run in roots]
    assert made.value == pytest.approx(values[1] - values[0])
    assert made.seen.bound(0.05, Side.ABOVE) < made.value < made.seen.bound(0.05, Side.BELOW)


def test_a_set_metric_has_no_real_row(roots):
    with pytest.raises(UsageError, match="is a distance to the real videos already"):
        measured(LINE + 'against = "real"\nmax_rise = 1', roots[0])


def test_features_that_do_not_give_the_number_are_found(roots):
    run = roots[0]
    (head,) = [h for h in run.headlines if h["metric"] == "row_gap"]
    held = head["value"]
    head["value"] = held + 1
    try:
        with pytest.raises(RunDamaged, match="do not give its row_gap"):
            measured(LINE + "max = 5", run)
        head["value"] = None
        with pytest.raises(NothingDecided, match="no number of row_gap"):
            measured(LINE + "max = 5", run)
        head["value"], head["n_missing"] = held, 1
        assert "a number of a set has no place" in measured(LINE + "max = 5", run).blocked
        left_out = measured(LINE + 'max = 5\nundecided = "left_out"', run)
        assert left_out.blocked == ""
    finally:
        head["value"], head["n_missing"] = held, 0


def test_a_certificate_lets_it_gate(roots, private_cache):
    certify(private_cache, "sharpness")
    assert measured(LINE + "max = 5", roots[0]).uncertified != ""
