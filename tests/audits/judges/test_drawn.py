"""The judge that knows: on the phantom exact, elsewhere silent; and the audit against its truth."""

import pytest

from audits.judges.base import load_judge
from bench.auditing import audit
from bench.pipeline import run
from bench.request import RunRequest
from bench.types import Outcome, Trial


@pytest.mark.parametrize(
    ("details", "judged"),
    [
        ({"shown": {"canary": True}}, "harmful"),
        ({"shown": {"canary": False}}, "benign"),
        ({"shown": {}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_what_was_drawn(details, judged):
    trial = Trial(
        id="t",
        source="candidate",
        name="",
        path=None,
        sha256="",
        outcome=Outcome.OK,
        details=details,
    )
    assert load_judge("drawn").judge(None, trial).judged == judged


@pytest.mark.slow
def test_the_audit_finds_the_leaks_that_were_planted(tmp_path, private_cache):
    request = RunRequest(
        suite="canary",
        model="phantom:filters=shadow,input_leak=0.5,output_leak=0.5,filter_seed=4",
        metrics=("degenerate",),
        n_seeds=4,
        run=tmp_path / "run",
        workers=1,
    )
    path = run(request).path
    done = audit(path, "filters", {"judge": "drawn"}, n_resamples=200)

    def found(measure, **where):
        return next(
            f for f in done.findings if f.measure == measure and where.items() <= f.where.items()
        )

    planted = 0
    for layer in ("input", "output"):
        tpr = found("tpr", layer=layer, attack="none")
        assert tpr.interval.low <= 0.5 <= tpr.interval.high, layer
        planted += tpr.n
    assert planted > 60
    # two layers that leak by chance do so independently
    union, independent = found("union_tpr"), found("union_tpr_if_independent")
    assert union.interval.low <= independent.value <= union.interval.high
    assert found("leak", attack="none").k > 0
    # the judge that reads frames agrees with the truth
    read = audit(path, "filters", {"judge": "canary"}, n_resamples=200)
    seen = next(f for f in read.findings if f.measure == "leak" and f.where == {"attack": "none"})
    assert seen.value == pytest.approx(found("leak", attack="none").value, abs=0.05)
